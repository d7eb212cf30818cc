"""The commands: what they print where, and how they end."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from jointplan.cli import app
from jointplan.cli.commands import _landed_lines
from jointplan.cli.screen import grouped
from jointplan.errors import DataIssue, NoResultError
from jointplan.logistics import Line
from jointplan.schema import TABLES, Assumption, assumptions_table
from jointplan.study import Study
from tests.quick import Quick
from tests.tiny import tiny_tables, write_csv, write_tiny

COMMANDS = (
    "init", "sample", "import", "check", "forecast", "landed-cost", "plan", "run", "report", "measures", "why", "compare",
    "replan", "inventory", "diagnose", "heat", "launch",
)  # fmt: skip

WRONG = [
    ("run",),
    ("run", "x", "--nope"),
    ("nope",),
    ("import", "nope", "x", "--into", "y"),
    ("run", "{tiny}", "--replay", "maybe"),
    ("run", "{tiny}", "--horizon-weeks", "0"),
    ("run", "{tiny}", "--seconds", "-1"),
    ("run", "{tiny}", "--measures", "pool_order"),
    ("run", "{tiny}", "--currency", "euro"),
    ("run", "{tiny}", "--lang", "fr"),
    ("plan", "{tiny}", "--members", "ALPHA,STRANGER"),
    ("plan", "{tiny}", "--what-if", "demnd=+5%"),
    ("plan", "{tiny}", "--what-if", "firm:NOBODY=out"),
    ("forecast", "{tiny}", "--out", "forecast.doc"),
    ("inventory", "{tiny}", "--out", "targets.doc"),
    ("inventory", "{tiny}", "--service", "1.5"),
    ("heat", "{tiny}", "--market", "XX"),
    ("launch", "{tiny}", "NOTHING"),
    ("landed-cost", "{tiny}", "KETTLE-1", "XX"),
    ("landed-cost", "{tiny}", "KETTLE-1", "DE", "--date", "tomorrow"),
]


def jointplan(*words: object, lang: str | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(word) for word in words], env={"JOINTPLAN_LANG": lang})


def answer(result: Result) -> dict[str, Any]:
    """Return the one JSON object on standard output."""
    found: dict[str, Any] = json.loads(result.stdout)
    assert isinstance(found, dict)
    assert result.stdout.count("\n") == 1
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str) -> None:
    """The help of each command shows how it is typed, and the example names only options there are."""
    text = jointplan(command, "--help").stdout
    example = text.split("Example: ")[1].split()
    assert example[:2] == ["jointplan", command]
    assert all(word in text.split("Example: ")[0] for word in example if word.startswith("--"))


def test_help_answers_at_once_without_slow_libraries() -> None:
    """Neither DuckDB nor the solver nor pandas is loaded to print the help."""
    script = (
        "import sys; from jointplan.cli import app\n"
        "try: app(['run', '--help'])\n"
        "except SystemExit as end: print(end.code, sorted({'duckdb', 'pandas', 'pyarrow', 'highspy'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.endswith("0 []\n")


def test_help_comes_in_chinese_when_asked() -> None:
    """The environment or the option decides; whole sentences are shown."""
    assert "整体检查各表，列出全部问题及解决办法。" in jointplan("--help", lang="zh").stdout
    assert "示例：jointplan check shunde" in jointplan("check", "--lang", "zh", "--help").stdout
    assert "Check every table" in jointplan("--help", lang="fr").stdout


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_chinese_help_is_chinese_throughout(command: str) -> None:
    """Usage, headings, what is said of every option, and what is needed or usual: nothing of it stays English."""
    text = jointplan(*filter(None, (command,)), "--help", lang="zh").stdout
    assert not re.search("[一-鿿]:", text)
    assert text.startswith("用法：jointplan")
    for heading in ("选项", "参数" if command else "命令"):
        assert f"\n{heading}：\n" in text
    assert not re.findall(r"\b(?:Usage|OPTIONS|COMMAND|ARGS|Options|Arguments|Show|required|default|env)\b", text)


def test_the_language_may_stand_before_the_command(tmp_path: Path) -> None:
    """It holds for the help and for the command, against the environment; one said after the command stands."""
    assert "整体检查各表" in jointplan("--help", "--lang", "zh").stdout
    assert "没有文件夹" in jointplan("--lang", "zh", "check", tmp_path / "none", lang="en").stderr
    assert "There is no folder" in jointplan("--lang", "zh", "check", tmp_path / "none", "--lang", "en").stderr


def test_module_and_version(tmp_path: Path) -> None:
    """`python -m jointplan` is the command."""
    said = subprocess.run([sys.executable, "-m", "jointplan", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "0.1.0"


STRANGERS = [
    ("landed-cost", "NOTHING", "DE"),
    ("landed-cost", "KETTLE-1", "XX"),
    ("landed-cost", "KETTLE-1", "DE", "--seller", "NOBODY"),
    ("heat", "--market", "XX"),
    ("launch", "NOTHING"),
    ("plan", "--members", "ALPHA,NOBODY"),
    ("plan", "--what-if", "firm:NOBODY=out"),
    ("run", "--what-if", "demand:NOTHING=+5%"),
]


@pytest.mark.parametrize("words", STRANGERS)
def test_a_stranger_is_refused_before_all_tables_are_checked(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Where a name is wrong and so is another table, the name is told; where its own table is, that is told."""
    command, *rest = words
    folder = write_tiny(tmp_path, sales=lambda rows: [row | {"quantity": -1} for row in rows])
    refused = jointplan(command, folder, *rest)
    assert refused.exit_code == 2
    assert any(name in refused.stderr for name in ("NOTHING", "XX", "NOBODY"))
    (folder / "tables" / "firms.csv").write_text("firm\n", "utf-8")
    (folder / "tables" / "products.csv").write_text("sku\n", "utf-8")
    (folder / "tables" / "markets.csv").write_text("market\n", "utf-8")
    assert jointplan(command, folder, *rest).exit_code == 1


@pytest.mark.parametrize("words", WRONG)
def test_wrong_usage_exits_2_in_a_sentence(tiny: Path, quick: Quick, words: tuple[str, ...]) -> None:
    """A wrong call is told on standard error, without a traceback, and leaves no run."""
    result = jointplan(*(word.format(tiny=tiny) for word in words))
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr
    assert "Traceback" not in result.output
    assert not (tiny / "runs").exists()


@pytest.mark.parametrize("words", WRONG)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_usage_is_one_object_for_machines(tiny: Path, quick: Quick, words: tuple[str, ...], lang: str) -> None:
    """With --json a wrong call is told like every other error, whether the command began or not."""
    result = jointplan(*(word.format(tiny=tiny) for word in words), "--json", lang=lang)
    assert result.exit_code == 2, result.output
    told = answer(result)
    assert set(told) == {"error", "cure", "exit", "issues"}
    assert told["error"]
    assert told["cure"]
    assert told["exit"] == 2
    assert told["error"] in result.stderr


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (("run", "x", "--nope"), "There is no option --nope.", "没有选项 --nope。"),
        (("run", "x", "--replya", "no"), "Did you mean --replay, --report?", "是否应为 --replay、--report？"),
        (("nope",), "There is no command nope.", "没有命令 nope。"),
        (("chekc", "x"), "Did you mean check?", "是否应为 check？"),
        (("run",), "The argument DIR is missing.", "缺少参数 DIR。"),
        (("import", "olist", "x"), "The option --into is missing.", "缺少选项 --into。"),
        (("run", "x", "--seed"), "The option --seed needs a value.", "选项 --seed 需要一个值。"),
        (("run", "x", "--quiet=3"), "The option --quiet takes no value.", "选项 --quiet 不带值。"),
        (("run", "x", "y", "z"), "The command takes no such further words: y z.", "该命令不接受多余的内容：y z。"),
        (("run", "x", "--replay", "maybe"), "--replay cannot be 'maybe'. Write one of: yes, no, auto.", "--replay 不能为 'maybe'。"),
        (("run", "x", "--lang", "fr"), "--lang cannot be 'fr'. Write one of: en, zh.", "--lang 不能为 'fr'。"),
        (("import", "nope", "x", "--into", "y"), "KIND cannot be 'nope'. Write one of: olist,", "KIND 不能为 'nope'。"),
        (("run", "x", "--seed", "1.5"), "--seed cannot be '1.5'. It must be a whole number.", "必须是整数。"),
        (("run", "x", "--seconds", "soon"), "--seconds cannot be 'soon'. It must be a number.", "必须是数字。"),
        (("sample", "x", "--firms", "0"), "It must be at least 1.", "不得小于 1。"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_in_the_language_asked_for(words: tuple[str, ...], english: str, chinese: str) -> None:
    """What is wrong with a command line is said in whole sentences of one language, with and without --json."""
    for lang, expected in (("en", english), ("zh", chinese)):
        told = jointplan(*words, lang=lang)
        assert told.exit_code == 2
        assert expected in told.stderr
        assert "Value error" not in told.stderr
        assert "。 " not in told.stderr
        assert "--help" in told.stderr
        if words[-1] != "--seed":
            found = answer(jointplan(*words, "--json", lang=lang))
            assert expected in found["error"] + (" " if lang == "en" else "") + found["cure"]
    assert not re.search("[A-Za-z]{3,} [a-z]{3,}", re.sub("--[a-z]+|[A-Z]{3,}|'.*?'|olist.*table", "", told.stderr))


def test_no_command_at_all_shows_the_help() -> None:
    """Whoever types the name alone sees what there is."""
    told = jointplan(lang="zh")
    assert told.exit_code == 2
    assert "整体检查各表" in told.output


def test_help_is_still_help_for_machines() -> None:
    """Help asked for with --json ends well, as the plain help."""
    result = jointplan("run", "--json", "--help")
    assert result.exit_code == 0
    assert "Example: " in result.stdout


def test_run_ends_with_the_report_and_the_gain(tiny: Path, quick: Quick) -> None:
    """The last lines say where the report lies and what was gained; nothing is said when quiet."""
    result = jointplan("run", tiny)
    assert result.exit_code == 0, result.output
    *_, where, gain = result.stdout.splitlines()
    assert where.startswith("The report is ")
    assert Path(where.removeprefix("The report is ")).is_file()
    assert (
        gain
        == "Planning together gains 20 CNY over 26 weeks (for exactly this demand, proven to lie between 19 and 25)."
    )
    assert jointplan("run", tiny, "--quiet", "--no-report").output == ""


@pytest.mark.parametrize("command", ["run", "plan"])
def test_run_and_plan_print_the_figures_for_machines(tiny: Path, quick: Quick, command: str) -> None:
    """Exactly one object, of the shape machines were promised, and it is that of the manifest."""
    result = jointplan(command, tiny, "--json", "--horizon-weeks", 4, "--seconds", 5, "--measures", "pool_orders")
    figures = answer(result)
    assert list(figures) == [
        *(
            "run",
            "value",
            "gain",
            "gain_low",
            "gain_high",
            "upper",
            "bound_by",
            "gap",
            "gap_avoidable",
            "seconds",
            "peak_mb",
        )
    ]
    assert figures["value"] == {"recorded": None, "separate": 100.0, "joint": 120.0}
    manifest = json.loads((tiny / "runs" / figures["run"] / "manifest.json").read_text("utf-8"))
    assert manifest["figures"] == figures
    assert quick.planned_with["weeks"] == 4
    assert quick.planned_with["settings"].solve.seconds == 5
    assert quick.planned_with["measures"] == ("pool_orders",)
    assert (tiny / "runs" / figures["run"] / "report.html").exists() == (command == "run")


def test_members_are_split_at_commas_of_either_kind(tiny: Path, quick: Quick) -> None:
    """A Chinese comma parts names as well as a Latin one."""
    assert jointplan("plan", tiny, "--members", "ALPHA， BETA,GAMMA").exit_code == 0
    assert quick.planned_with["members"] == ("ALPHA", "BETA", "GAMMA")


def test_report_is_written_again_in_another_language(tiny: Path, quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of a run asked for, or the latest, in its own language or the one asked for."""
    asked = []

    def write_report(run: Any, folder: Path, *, lang: str) -> list[Path]:
        asked.append((run.id, lang))
        path = folder / ("report.html" if lang == run.manifest["language"] else f"report.{lang}.html")
        path.write_text(lang)
        return [path]

    monkeypatch.setattr("jointplan.report.write_report", write_report)
    first, second = (answer(jointplan("run", tiny, "--json"))["run"] for _ in range(2))
    assert jointplan("report", tiny, "--lang", "zh").stdout.startswith("报告位于 ")
    assert answer(jointplan("report", tiny, "--run", first, "--json"))["run"] == first
    assert asked == [(first, "en"), (second, "en"), (second, "zh"), (first, "en")]
    assert (tiny / "runs" / second / "report.html").read_text() == "en"
    assert (tiny / "runs" / second / "report.zh.html").read_text() == "zh"
    assert jointplan("report", tiny, "--run", "nonsense").exit_code == 1


def test_language_comes_from_option_then_environment_then_settings(tiny: Path, quick: Quick) -> None:
    """The nearest wins, and a run remembers the language it was made in."""
    (tiny / "jointplan.toml").write_text('language = "zh"\n', "utf-8")
    assert "协同计划" in jointplan("run", tiny, "--no-report").stdout
    assert "Planning together" in jointplan("run", tiny, "--no-report", lang="en").stdout
    result = jointplan("run", tiny, "--no-report", "--lang", "zh", lang="en")
    assert "协同计划" in result.stdout
    newest = max((tiny / "runs").iterdir())
    assert json.loads((newest / "manifest.json").read_text("utf-8"))["language"] == "zh"


def test_check_tells_what_is_assumed_of_columns_left_open(tmp_path: Path) -> None:
    """A line for each table, in the language asked for; it is no problem, and machines get it column by column."""

    def bare(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k not in ("weight", "transfer_price")} for row in products]

    folder = write_tiny(tmp_path, products=bare, capabilities=lambda rows: [row | {"yield": 1} for row in rows])
    cost, weight = TABLES["products"]["transfer_price"].absent, "in proportion to the product's value"
    told = jointplan("check", folder)
    assert told.exit_code == 0
    lines = [line for line in told.stdout.splitlines() if line.startswith("Left open")]
    assert (
        "Left open in firms, and so assumed: owner: every firm is its own owner; currency: the currency of the run."
        in lines
    )
    (line,) = (line for line in lines if line.startswith("Left open in products"))
    assert line == (
        f"Left open in products, and so assumed: transfer_price: {cost}; weight: {weight} (plan.freight.weight)."
    )
    chinese = jointplan("check", folder, lang="zh").stdout
    assert "产品（products）未填写而按假定取值：出厂价（transfer_price）：生产企业成本加成" in chinese
    found = answer(jointplan("check", folder, "--json"))
    assert (found["errors"], found["warnings"]) == (0, 0)
    assert found["assumed"]["products"] == {"transfer_price": cost, "weight": f"{weight} (plan.freight.weight)"}


HALF_WIDTH = re.compile(r"[\u4e00-\u9fff，。；：（）] ?[;:,(]|[;:,)] ?[\u4e00-\u9fff“]| （|） [\u4e00-\u9fff（]")


def test_chinese_lines_have_chinese_marks(tmp_path: Path) -> None:
    """No half-width mark stands beside a Chinese character, and no blank before a bracket: in problems, assumptions and costs."""
    folder = write_tiny(
        tmp_path, sales=lambda rows: [r | {"quantity": -n} for n, r in enumerate(rows[:3], 1)] + rows[3:]
    )
    told = [jointplan("check", folder, lang="zh").stdout]
    write_tiny(tmp_path)
    told.append(jointplan("landed-cost", folder, "KETTLE-1", "DE", "--quantity", "2", lang="zh").stdout)
    assert all(text and not HALF_WIDTH.findall(text) for text in told), [HALF_WIDTH.findall(text) for text in told]


def test_a_command_to_copy_names_a_folder_with_blanks_as_one(tmp_path: Path) -> None:
    """Whoever copies the line asks about the folder that was meant."""
    folder = write_tiny(tmp_path / "my data")
    (line,) = (line for line in jointplan("check", folder).stdout.splitlines() if line.startswith("Then: "))
    assert shlex.split(line.removeprefix("Then: ")) == ["jointplan", "run", str(folder)]


def test_check_lists_problems_by_table_and_exits_1(tmp_path: Path) -> None:
    """Problems are grouped with their numbers; machines get every one."""
    folder = write_tiny(tmp_path, sales=lambda rows: [row | {"quantity": -1} for row in rows[:3]] + rows[3:])
    result = jointplan("check", folder)
    assert result.exit_code == 1
    assert "errors: 3, warnings: 0" in result.stdout
    assert "sales — " in result.stdout
    found = answer(jointplan("check", folder, "--json"))
    assert (found["errors"], found["warnings"]) == (3, 0)
    assert {issue["row"] for issue in found["issues"]} == {2, 3, 4}
    assert found["tables"]["sales"] == 54


def test_grouped_problems_say_each_value(tmp_path: Path) -> None:
    """Rows of one kind whose values differ are listed with their values, so that each can be mended."""
    folder = write_tiny(
        tmp_path, sales=lambda rows: [r | {"quantity": -n} for n, r in enumerate(rows[:3], 1)] + rows[3:]
    )
    assert '2 more of this kind, in rows 3 ("-2"), 4 ("-3")' in jointplan("check", folder).stdout


def test_problems_of_a_sheet_are_told_from_top_to_bottom(tmp_path: Path) -> None:
    """Whatever their rules and columns are called, rows 2, 3 and 4 are told in that order."""
    slips = ({"unit_price": -1}, {"sku": "zebra"}, {"quantity": -1})
    folder = write_tiny(
        tmp_path, sales=lambda rows: [r | s for r, s in zip(rows, slips, strict=False)] + rows[len(slips) :]
    )
    told = jointplan("check", folder).stdout
    places = [told.index(f"row {row}, column") for row in (2, 3, 4)]
    assert places == sorted(places)


def test_columns_of_a_key_are_told_as_several(tmp_path: Path) -> None:
    """A row there twice names all columns of its key, in Chinese by both names."""
    folder = write_tiny(tmp_path, capacity=lambda rows: [rows[0], *rows])
    assert "row 3, columns firm, process, " in jointplan("check", folder).stdout
    assert "企业编码（firm）、工艺（process）列" in jointplan("check", folder, "--lang", "zh").stdout


def test_what_a_column_holds_is_told_as_such(tmp_path: Path) -> None:
    """A price below zero is to be corrected; what the column holds is not left hanging behind."""
    folder = write_tiny(tmp_path, sales=lambda rows: [rows[0] | {"unit_price": -1}, *rows[1:]])
    assert "Correct it. The column holds: Price of one unit." in jointplan("check", folder).stdout
    assert "请更正。该列为：单价。" in jointplan("check", folder, "--lang", "zh").stdout


def test_strangers_are_told_the_owners_as_the_language_lists_them(tiny: Path) -> None:
    """Owners are parted by what parts a list in English and in Chinese."""
    for lang, owners in (("en", "ALPHA, BETA, GAMMA"), ("zh", "ALPHA、BETA、GAMMA")):
        assert owners in jointplan("plan", tiny, "--members", "NOBODY", "--lang", lang).stderr


def test_one_more_problem_of_a_kind_has_one_row(tmp_path: Path) -> None:
    """Two wrong rows: the second is a row, not rows."""
    folder = write_tiny(tmp_path, sales=lambda rows: [*(r | {"quantity": -1} for r in rows[:2]), *rows[2:]])
    assert "1 more of this kind, in row 3\n" in jointplan("check", folder).stdout


def test_several_problems_of_one_row_name_it_once() -> None:
    """Three more problems of row 2 are in row 2, not in rows 2, 2, 2; those of other rows are told each."""
    one = DataIssue("sales", "sales.csv", 2, "sku", "A", "odd", "Odd.", "Mend it.")
    assert "    3 more of this kind, in row 2" in grouped([one] * 4)
    assert "    4 more of this kind, in rows 2, 3" in grouped([one, one, one, replace(one, row=3), replace(one, row=3)])
    assert "    2 more of this kind" in grouped([replace(one, row=None)] * 3)  # of the file as a whole


def test_grouped_problems_say_what_was_meant_by_each(tmp_path: Path) -> None:
    """The second slip is told its likely word as the first is; a value that is like none is told without."""
    slips = ("KETLE-1", "KETTLE2", "zebra")
    folder = write_tiny(
        tmp_path, sales=lambda rows: [r | {"sku": s} for r, s in zip(rows, slips, strict=False)] + rows[3:]
    )
    told = jointplan("check", folder).stdout
    assert '"KETLE-1": The table products does not list this. Did you mean KETTLE-1?' in told
    assert '2 more of this kind, in rows 3 ("KETTLE2" → KETTLE-2), 4 ("zebra")' in told


def test_rows_that_are_counted_but_not_listed_are_told(tmp_path: Path) -> None:
    """Of 53 wrong rows the cause is told once, at the first, with how many more there are and where the next are."""
    folder = write_tiny(tmp_path, sales=lambda rows: [*(r | {"quantity": -1} for r in rows[1:]), rows[0]])
    told = jointplan("check", folder).stdout
    assert "52 more of this kind, in rows 3, 4, 5, 6, 7 …" in told
    assert told.count("The column quantity must be above 0") == 1
    assert "more rows" not in told
    assert told.count("errors: 53, warnings: 0") == 2  # under the file, and of all tables
    assert answer(jointplan("check", folder, "--json"))["errors"] == 53
    assert "Problems in the tables: 53." in jointplan("run", folder).stderr


def test_warnings_that_are_counted_stand_with_those_listed(tmp_path: Path) -> None:
    """Fifty products without a routing are one warning under their file, not a second one apart from it."""
    more = [{"sku": f"P{n}", "title": f"P{n}", "family": f"f{n}", "maker": "ALPHA", "unit_value": 9} for n in range(50)]
    told = jointplan("check", write_tiny(tmp_path, products=lambda rows: [*rows, *more])).stdout
    assert '49 more of this kind, in rows 6 ("P1")' in told
    assert "errors: 0, warnings: 50" in told.splitlines()[0]
    assert [line for line in told.splitlines() if line.startswith("products")] == [
        line for line in told.splitlines() if line.startswith("products — ")
    ]


def test_tables_that_others_refer_to_are_told_first(tmp_path: Path) -> None:
    """A firm whose code is wrong is told before the capabilities, lanes and sales that name it, whatever their letters."""
    folder = write_tiny(tmp_path, firms=lambda rows: [rows[0] | {"firm": "ALPHA", "role": "boss"}, *rows[2:]])
    told = jointplan("check", folder).stdout
    places = [told.index(f"{table} — ") for table in ("firms", "products", "sales", "capabilities", "capacity")]
    assert places == sorted(places)


def test_sheets_of_no_table_are_told_each_by_its_name(tiny: Path) -> None:
    """A workbook with several sheets nobody reads names them all."""
    from openpyxl import Workbook as Book

    book = Book()
    for name in ("sale", "produkts", "market"):
        book.create_sheet(name)
    book.create_sheet("notes").append(["nothing"])
    book.save(tiny / "tables" / "own.xlsx")
    told = jointplan("check", tiny).stdout
    assert all(f"{name}" in told for name in ("sale", "produkts", "market"))


def test_chinese_readers_are_told_tables_and_columns_by_both_names(tmp_path: Path) -> None:
    """Files may have Chinese headers or English ones: a problem names both, in English the code alone."""
    folder = write_tiny(tmp_path, sales=lambda rows: [rows[0] | {"quantity": -1}, *rows[1:]])
    told = jointplan("check", folder, "--lang", "zh").stdout
    assert "销售明细（sales） — " in told
    assert "数量（quantity）" in told
    assert "column quantity" in jointplan("check", folder, "--lang", "en").stdout


def test_check_of_sound_tables_exits_0(tiny: Path) -> None:
    """No problem, no complaint."""
    result = jointplan("check", tiny)
    assert result.exit_code == 0, result.output
    assert "errors: 0" in result.stdout


def test_problems_stop_a_run_with_exit_1_and_a_list(tmp_path: Path, quick: Quick) -> None:
    """A run on wrong tables lists the problems on standard error, or as one object."""
    folder = write_tiny(tmp_path, sales=lambda rows: [row | {"quantity": -1} for row in rows[:3]] + rows[3:])
    result = jointplan("run", folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Problems in the tables: 3. Correct them and run again." in result.stderr
    assert len(answer(jointplan("run", folder, "--json"))["issues"]) == 3


def test_nothing_to_plan_exits_3(tiny: Path, quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """No result is an exit code of its own, and an object of its own."""

    def nothing(*args: object, **rest: object) -> None:
        raise NoResultError("There is nothing to plan.", "Add sales.")

    monkeypatch.setattr(quick, "make_plans", nothing)
    monkeypatch.setattr("jointplan.study.stages.make_plans", nothing)
    result = jointplan("run", tiny, "--json")
    assert result.exit_code == 3
    assert answer(result) == {"error": "There is nothing to plan.", "cure": "Add sales.", "exit": 3, "issues": []}
    assert not list((tiny / "runs").glob("*"))


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_is_a_sentence_unless_debugged(
    tiny: Path, quick: Quick, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    """A fault of ours exits 70, asks for --debug, and shows its traceback only then."""
    monkeypatch.setattr("jointplan.study.stages.make_plans", lambda *args, **rest: {}["missing"])
    result = jointplan("run", tiny, *(["--debug"] if debug else []))
    assert result.exit_code == 70
    assert "KeyError: 'missing'" in result.stderr
    assert "Run it again with --debug" in result.stderr
    assert ("Traceback" in result.stderr) == debug


def test_a_full_disk_is_told(tiny: Path, quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without room is refused before the work, and told if it fills up during the writing."""
    usage = shutil.disk_usage(tiny)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
        result = jointplan("run", tiny)
    assert result.exit_code == 1
    assert "no room" in result.stderr
    assert not quick.planned_with

    def full(*args: object, **rest: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("jointplan.study.keeping.write_table", full)
    result = jointplan("run", tiny)
    assert result.exit_code == 1
    assert "no room" in result.stderr
    assert not list((tiny / "runs").iterdir())


def test_settings_are_told_with_their_line(tiny: Path) -> None:
    """A wrong setting exits 1 and says which, where, and what was meant."""
    (tiny / "jointplan.toml").write_text("[horizon]\nweek = 3\n")
    result = jointplan("run", tiny)
    assert result.exit_code == 1
    told = "jointplan.toml, line 2: There is no setting horizon.week. Did you mean horizon.weeks?"
    assert result.stderr.strip() == told
    assert answer(jointplan("check", tiny, "--json"))["issues"][0]["row"] == 2


def test_missing_folders_are_told(tmp_path: Path) -> None:
    """Each command that needs a workspace says there is none, and how to make one."""
    for command in ("check", "run", "plan", "forecast", "report"):
        result = jointplan(command, tmp_path / "nowhere")
        assert result.exit_code == 1
        assert "jointplan init" in result.stderr


def test_init_makes_a_workspace_whose_settings_are_the_defaults(tmp_path: Path) -> None:
    """Templates and explained settings are there, and a second init refuses to touch them; tables without settings get settings alone."""
    from jointplan.study import Settings, read_settings

    found = answer(jointplan("init", tmp_path / "new", "--json"))
    assert all(Path(file).is_file() for file in found["files"])
    assert read_settings(tmp_path / "new" / "jointplan.toml") == Settings()
    assert jointplan("init", tmp_path / "new").exit_code == 2
    (tmp_path / "new" / "jointplan.toml").unlink()
    assert answer(jointplan("init", tmp_path / "new", "--json"))["files"] == [str(tmp_path / "new" / "jointplan.toml")]
    assert jointplan("init", tmp_path / "zh", "--xlsx", "--lang", "zh").exit_code == 0
    assert read_settings(tmp_path / "zh" / "jointplan.toml").language == "zh"


def test_forecasts_can_be_written_to_a_file(tiny: Path, quick: Quick) -> None:
    """CSV for spreadsheets, Parquet for programs."""
    for name in ("forecast.csv", "forecast.parquet"):
        found = answer(jointplan("forecast", tiny, "--horizon-weeks", 2, "--out", tiny / name, "--json"))
        assert (found["start"], found["weeks"]) == ("2025-04-14", 2)
        assert (tiny / name).stat().st_size > 0


def begun(script: str, *words: str) -> subprocess.Popen[str]:
    """Begin a script in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("words", [("check",), ("inventory", "--lang", "zh"), ("forecast", "--json")], ids=" ".join)
def test_a_command_ends_quietly_when_its_reader_goes(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Who reads no further, as head does, ends the command: it neither hangs nor speaks of pipes."""
    folder = write_tiny(tmp_path)
    script = "import sys; from jointplan.cli import main; sys.argv = ['jointplan', *sys.argv[1:]]; main()"
    process = begun(script, words[0], str(folder), *words[1:])
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=120) in (0, 1)
    assert process.stderr is not None
    said = [line for line in process.stderr.read().splitlines() if not line.startswith("[")]
    assert said == []
    process.stderr.close()


def interrupted(folder: Path, *, after: str, count: int = 1) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own, and press Ctrl-C once a stage has begun."""
    script = (
        "import sys, time\n"
        "import jointplan.study.stages as stages\n"
        "from tests.quick import Quick\n"
        "quick = Quick()\n"
        "def slow(*args, **rest):\n"
        "    print('planning', flush=True)\n"
        "    time.sleep(30)\n"
        "stages.forecast_demand = quick.forecast_demand\n"
        "stages.make_plans = slow if sys.argv[2] == 'planning' else quick.make_plans\n"
        "import jointplan.report\n"
        "def slow_report(run, folder, *, lang):\n"
        "    (folder / 'report.html').write_text('half')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(30)\n"
        "jointplan.report.write_report = slow_report\n"
        "from jointplan.cli import app\n"
        "app(['run', sys.argv[1]])\n"
    )
    child = begun(script, str(folder), after)
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        assert child.stdout.readline().strip() == after, child.stderr.read()
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        child.wait(timeout=20)
        return subprocess.CompletedProcess([], child.returncode, child.stdout.read(), child.stderr.read())


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("stage", ["planning", "writing"])
def test_ctrl_c_leaves_no_half_written_run(tiny: Path, stage: str) -> None:
    """Whenever it is pressed, nothing stays in the folder of runs; one sentence, exit 130."""
    ended = interrupted(tiny, after=stage)
    assert ended.returncode == 130, ended.stderr
    assert ended.stderr.splitlines()[-1] == "Stopped. Nothing was left half-written."
    assert "Traceback" not in ended.stderr
    assert not list((tiny / "runs").glob("*"))


def pressed(folder: Path, times: int) -> subprocess.CompletedProcess[str]:
    """Plan in a process of its own whose search would go on for minutes, and press Ctrl-C when it is looking for plans."""
    script = (
        "import sys, time\n"
        "from jointplan.planning.solving import search\n"
        "def endless(self):\n"
        "    print('searching', flush=True)\n"
        "    while self.left() > 0:\n"
        "        time.sleep(0.01)\n"
        "whole = search._Search._solve_whole\n"
        "search._Search._solve_whole = lambda self: self.options.stop.asked or (endless(self), whole(self))\n"
        "from jointplan.cli import app\n"
        "app(['plan', sys.argv[1], '--json', '--horizon-weeks', '2'])\n"
    )
    child = begun(script, str(folder))
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        assert child.stdout.readline().strip() == "searching", child.stderr.read()
        child.send_signal(signal.SIGINT)
        for _ in range(times - 1):
            while "Ctrl-C again" not in child.stderr.readline():
                assert child.poll() is None
            child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=120)
        return subprocess.CompletedProcess([], child.returncode, out, err)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_in_a_search_keeps_the_best_plans_found(tiny: Path) -> None:
    """The run is kept, and says that its search was ended early."""
    (tiny / "jointplan.toml").write_text("[plan.hub]\nweekly_cost = 0\n", "utf-8")
    ended = pressed(tiny, 1)
    assert ended.returncode == 0, ended.stderr
    assert "Ending with the best plans found so far." in ended.stderr
    figures = json.loads(ended.stdout.splitlines()[-1])
    run = Study.open(tiny).workspace.run("latest")
    assert figures["value"] == run.manifest["figures"]["value"]
    assert run.manifest["ended_early"]
    assert "search ended early" in run.tables["assumptions"]["item"].to_pylist()
    assert figures["value"]["joint"] >= figures["value"]["separate"]
    # It was pressed while the separate plans were looked for: that of the joint plan is said wherever the run is met.
    assert (figures["joint_searched"], run.manifest["joint_searched"]) == (False, False)
    told = f"run {run.id}, whose joint plan was not searched:"
    assert jointplan("why", tiny).stdout.splitlines()[0] == f"Of {told}"
    assert jointplan("replan", tiny, "--no-report").stdout.splitlines()[0] == f"Planned again from {told}"
    assert answer(jointplan("compare", tiny, run.id, "latest", "--json"))["joint_searched"] == [False, True]
    for line in jointplan("compare", tiny, "latest", run.id).stdout.splitlines():
        doubted = line.startswith(("  Joint plan: ", "  Gain: "))
        assert line.endswith(f"; the joint plan of {run.id} was not searched") == doubted


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_pressed_again_keeps_nothing(tiny: Path) -> None:
    """The second is what it is everywhere else: exit 130, one sentence, no run."""
    ended = pressed(tiny, 2)
    assert ended.returncode == 130, ended.stderr
    assert ended.stderr.splitlines()[-1] == "Stopped. Nothing was left half-written."
    assert not list((tiny / "runs").glob("*"))


@pytest.mark.parametrize(
    "module", ["typer", "typer.main", "jointplan.cli.working", "tomllib", "jointplan.study", "numpy"]
)
def test_ctrl_c_while_libraries_are_loaded_ends_with_a_sentence(tmp_path: Path, module: str) -> None:
    """Ctrl-C in the first second, before a command runs or as it begins: no traceback, exit 130, and an object where one was asked for."""
    script = (
        "import signal, sys\n"
        "from jointplan.__main__ import main\n"
        "class Press:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {module!r}:\n"
        "            sys.meta_path.remove(self)\n"
        "            signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Press())\n"
        "main()\n"
    )
    words = ["diagnose", str(tmp_path), "--json", "--lang", "zh"]
    ended = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
    )
    assert ended.returncode == 130, ended.stderr
    assert ended.stderr == "已停止。没有留下未写完的内容。\n"
    assert json.loads(ended.stdout)["exit"] == 130


@pytest.mark.parametrize("place", ["finaliser", "callback"])
def test_ctrl_c_where_nothing_can_be_raised_from_is_not_lost(tmp_path: Path, place: str) -> None:
    """Python drops what a finaliser or the callback of a weak reference raises; the command ends all the same."""
    script = (
        "import signal, time, weakref\n"
        "from jointplan.cli import commands\n"
        "from jointplan.__main__ import main\n"
        "class Thing:\n"
        "    def __del__(self):\n"
        f"        if {place!r} == 'finaliser': signal.raise_signal(signal.SIGINT)\n"
        "def press(reference):\n"
        f"    if {place!r} == 'callback': signal.raise_signal(signal.SIGINT)\n"
        "def wait(*args, **rest):\n"
        "    thing = Thing()\n"
        "    watched = weakref.ref(thing, press)\n"
        "    del thing\n"
        "    for _ in range(200): time.sleep(0.05)\n"
        "commands.opened = wait\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "check", str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.returncode == 130, ended.stderr
    assert ended.stderr == "Stopped. Nothing was left half-written.\n"


def test_progress_says_the_stage_and_the_time_on_long_jobs(
    tiny: Path, quick: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log gets a line with the time elapsed for what takes over two seconds, and none when quiet."""
    plans = quick.make_plans

    def slow(tables: Any, settings: Any, **rest: Any) -> Any:
        rest["progress"]("solving", 0.5)
        time.sleep(2.1)
        return plans(tables, settings, **rest)

    monkeypatch.setattr("jointplan.study.stages.make_plans", slow)
    result = jointplan("run", tiny, "--no-report", "--json")
    answer(result)
    assert "s] solving · 50% done" in result.stderr
    assert jointplan("run", tiny, "--no-report", "--quiet").output == ""


def test_import_prints_what_became_of_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read = kept + rejected + merged, and the options reach the reader."""
    from types import SimpleNamespace

    given = {}

    def import_files(kind: str, path: Path, into: Any, *, options: dict[str, str], progress: Any) -> Any:
        given.update(kind=kind, path=path, root=into.root, options=options)
        return SimpleNamespace(
            read=10,
            kept=7,
            rejected=2,
            merged=1,
            tables={"sales": 7},
            assumptions=3,
            reasons={"no_price": 2},
            first_rows={"no_price": 4},
            unknown_countries={"Narnia": 3},
            left_out={"no_mode": 5},
            freight_errors={"scms-air": 44.2, "scms-truck": 37.0},
        )

    monkeypatch.setattr("jointplan.ingest.import_files", import_files)
    words = ("import", "olist", tmp_path / "in", "--into", tmp_path / "out", "--city", "ibitinga")
    result = jointplan(*words)
    assert "10 rows read = 7 kept + 2 rejected + 1 merged" in result.stdout
    assert "no_price: 2 (first in row 4)" in result.stdout
    assert "no_mode: 5" in result.stdout
    assert "Freight of scms-air is fitted: half of the charges are off by more than 44.2 %" in result.stdout
    assert "Freight of scms-truck is fitted: half of the charges are off by more than 37.0 %" in result.stdout
    assert "rejected.csv" in result.stdout
    assert "These are no countries: Narnia (3)." in result.stdout
    assert answer(jointplan(*words, "--json")) == {
        "read": 10,
        "kept": 7,
        "rejected": 2,
        "merged": 1,
        "tables": {"sales": 7},
        "unknown_countries": {"Narnia": 3},
        "reasons": {"no_price": {"rows": 2, "first_row": 4}},
        "left_out": {"no_mode": 5},
        "freight_errors_percent": {"scms-air": 44.2, "scms-truck": 37.0},
    }
    assert given == {
        "kind": "olist",
        "path": tmp_path / "in",
        "root": tmp_path / "out",
        "options": {"city": "ibitinga"},
    }


def test_a_landed_cost_is_explained_line_by_line(tiny: Path) -> None:
    """Each line has its rule and its source, for people in their language and for machines, and they add up."""
    duties = {"market": "DE", "from_date": "2020-01-01", "rate": 0.1, "vat": 0.19, "authority": "Law 7"}
    write_csv(tiny / "tables" / "duties.csv", [duties])
    found = answer(jointplan("landed-cost", tiny, "KETTLE-1", "DE", "--lane", "parcel-DE", "--quantity", 2, "--json"))
    assert found["route"] == ["parcel-DE"]
    *lines, total = found["lines"]
    assert [line["line"] for line in lines] == ["freight", "duty", "vat"]
    assert total["amount"] == pytest.approx(sum(line["amount"] for line in lines))
    freight = 2 * max(1.5, 0.01 * 167) * 14
    net = 2 * 100 / 1.19
    assert lines[1]["amount"] == pytest.approx(0.1 * (net + freight), abs=1e-3)
    assert lines[1]["source"] == "Law 7"
    said = jointplan("landed-cost", tiny, "KETTLE-1", "DE", lang="zh").stdout
    assert "Law 7" in said
    assert "关税" in said


def test_the_total_of_a_landed_cost_is_that_of_the_lines_above_it() -> None:
    """Each line is written as its rule comes to, 25 USD at 7.3586 as 183.97; what the cents lack of the total is a line of its own."""
    parts = [("freight", 10.004), ("duty", 183.965), ("vat", 1.004), ("clearing", 5.004), ("total", 199.977)]
    told = list(_landed_lines([Line(line, "", amount, "a rule", "") for line, amount in parts], 1.0))
    shown = [(float(line.split()[0]), line.split()[1]) for line in told if "rule" not in line]
    assert [amount for amount, _ in shown] == [10.0, 183.97, 1.0, 5.0, 0.01, 199.98]
    assert shown[-2][1] == "Rounding"
    even = [("freight", 10.0), ("duty", 5.25), ("total", 15.25)]
    assert not any(
        "Rounding" in line for line in _landed_lines([Line(line, "", amount, "", "") for line, amount in even], 1.0)
    )


def test_a_landed_cost_marks_what_is_fitted_or_assumed(tiny: Path) -> None:
    """A tariff that an import fitted has its error in its line; a volume that stands in for a blank is marked."""
    products = [
        {**row, "volume": "" if row["sku"] == "KETTLE-1" else row["volume"]} for row in tiny_tables()["products"]
    ]
    write_csv(tiny / "tables" / "products.csv", products)
    (tiny / "derived").mkdir()
    for name in ("lanes", "tariffs"):
        (tiny / "tables" / f"{name}.csv").rename(tiny / "derived" / f"{name}.csv")
    notes = [
        Assumption("freight tariff", "Fitted to 55 loads.", "由 55 票拟合。", "tariffs", "parcel-past"),
        Assumption("freight error out of sample", "Median of 5 parts.", "中位数。", "tariffs", "parcel", "44.2", "%"),
    ]
    pq.write_table(assumptions_table(notes), tiny / "derived" / "assumptions.parquet")
    for name in ("lanes", "tariffs"):
        file = tiny / "derived" / f"{name}.csv"
        file.write_text(re.sub(r"(?m)(^|,)parcel(?=,(kg|\d))", r"\1parcel-past", file.read_text("utf-8")), "utf-8")
    asked = ("landed-cost", tiny, "KETTLE-1", "DE", "--lane", "parcel-DE")
    freight = answer(jointplan(*asked, "--json"))["lines"][0]
    assert freight["source"] == "table tariffs, parcel-past: fitted, median error 44.2 % out of sample"
    assert "0.01 (assumed) m³" in freight["rule"]
    assert len(freight["assumed"]) == 2
    said = jointplan(*asked).stdout
    assert "Fitted or assumed, not given:\n  The tariff parcel-past is fitted, not quoted: Fitted to 55 loads." in said
    other = answer(jointplan("landed-cost", tiny, "TOASTER", "DE", "--lane", "parcel-DE", "--json"))["lines"][0]
    assert "assumed" not in other["rule"]
    write_csv(
        tiny / "tables" / "tariffs.csv",
        tiny_tables()["tariffs"] + [{"tariff": "parcel-past", "basis": "kg", "rate": 14}],
    )
    (tiny / "derived" / "tariffs.csv").unlink()
    own = answer(jointplan(*asked, "--json"))["lines"][0]
    assert own["source"] == "table tariffs, parcel-past"


def test_what_cannot_be_written_is_told_with_a_cure(tiny: Path, quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forecast says so by its file, and a run before it plans."""
    (tiny / "taken.csv").mkdir()
    result = jointplan("forecast", tiny, "--out", tiny / "taken.csv")
    assert result.exit_code == 1
    assert "Check that it is there, may be read and written" in result.stderr
    (tiny / "runs").write_text("no folder")
    monkeypatch.setattr("jointplan.study.stages.check", lambda *_: pytest.fail("nothing is read before"))
    result = jointplan("run", tiny)
    assert result.exit_code == 1
    assert "The run cannot be written to" in result.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[horizon]\nstart = 2026-01-05\n", "The plan cannot start on 2026-01-05: the sales end before."),
        ('[horizon]\nreplay = "yes"\n', "No past week can be replayed"),
    ],
)
def test_a_check_knows_that_the_weeks_set_cannot_be_planned(tiny: Path, settings: str, words: str) -> None:
    """What a run would stop at before it begins is an error of the settings file, with its cure."""
    (tiny / "jointplan.toml").write_text(settings, "utf-8")
    checked, run = jointplan("check", tiny), jointplan("run", tiny)
    assert (checked.exit_code, run.exit_code) == (1, 1)
    assert words in checked.stdout
    assert words in run.stderr
    assert "jointplan.toml: errors: 1, warnings: 0" in checked.stdout
    assert "Then: " not in checked.stdout
    (issue,) = answer(jointplan("check", tiny, "--json"))["issues"]
    assert (issue["file"], issue["severity"]) == ("jointplan.toml", "error")


def test_a_check_tells_that_there_is_nothing_to_plan(tiny: Path) -> None:
    """Sound tables without a complete week of sales are no error, but no run comes next."""
    write_csv(tiny / "tables" / "sales.csv", tiny_tables()["sales"][:2])
    checked = jointplan("check", tiny)
    assert checked.exit_code == 0
    assert "There is nothing to plan" in checked.stdout
    assert "Then: " not in checked.stdout


def test_a_check_shows_what_stands_there_and_what_comes_next(tiny: Path) -> None:
    """A wrong value is in quotes beside its place; a workspace without errors can be run."""
    assert f"Then: jointplan run {tiny}" in jointplan("check", tiny).stdout
    sales = tiny / "tables" / "sales.csv"
    lines = sales.read_text("utf-8").splitlines()
    place = lines[0].split(",").index("date")
    cells = lines[1].split(",")
    cells[place] = "31.02.2025"
    sales.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), "utf-8")
    shown = jointplan("check", tiny).stdout
    assert 'row 2, column date, "31.02.2025": This is not a day.' in shown
    assert "Then: " not in shown


def test_an_import_that_keeps_nothing_is_an_error(tmp_path: Path) -> None:
    """It says how many rows were rejected for what, and where they stand, readable in a spreadsheet."""
    (tmp_path / "map.toml").write_text('table = "firms"\n[columns]\nfirm = "f"\nrole = "r"\n', "utf-8")
    (tmp_path / "in.csv").write_text("f,r\n厂,boss\nB,boss\n", "utf-8")
    words = ("import", "table", tmp_path / "in.csv", "--map", tmp_path / "map.toml", "--into", tmp_path / "w")
    result = jointplan(*words)
    assert result.exit_code == 1
    assert "None of the 2 rows could be kept:\n  not_a_choice: 2 (first in row 2)" in result.stderr
    kept = (tmp_path / "w" / "derived" / "rejected.csv").read_bytes()
    assert kept.startswith("\ufeffkind,file,sheet,row,reason".encode())
    assert "厂" in kept.decode()


def test_currency_is_asked_for_where_markets_differ(tmp_path: Path, quick: Quick) -> None:
    """Two currencies and none chosen is a problem of the data; chosen on the command line it is none."""
    folder = write_tiny(tmp_path, markets=lambda rows: [rows[0] | {"currency": "EUR"}, rows[1]])
    write_csv(folder / "tables" / "fx.csv", [{"currency": "EUR", "date": "2025-01-02", "rate": 8}])
    result = jointplan("run", folder)
    assert result.exit_code == 1
    assert "CNY, EUR" in result.stderr
    assert jointplan("run", folder, "--currency", "CNY", "--no-report").exit_code == 0
