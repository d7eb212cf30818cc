"""The commands for working with a plan, one after the other on one workspace."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jointplan.cli.working import _change_lines, _measure_lines, carried_lines, wanted_lines
from jointplan.schema import TABLES
from jointplan.schema.measures import PLAN_MEASURES
from jointplan.texts import set_language
from tests.cli.test_commands import answer, jointplan
from tests.tiny import write_tiny

QUICK = ("--seconds", "1", "--horizon-weeks", "3")


# What the tiny cluster has nothing for: several steps, prices that depend on the order, new suppliers, what is paid for once.
IDLE = (
    "divide_labour", "add_capability", "open_shared_workshop", "license_designs", "pool_purchases", "substitute_imports", "enter_market",
    "joint_promotion", "overseas_warehouse",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with one run in which measures were valued."""
    folder = write_tiny(tmp_path_factory.mktemp("working"))
    (folder / "jointplan.toml").write_text("[diagnosis]\nwith_run = false\n", "utf-8")
    result = jointplan("measures", folder, *QUICK, "--no-report", "--json")
    assert result.exit_code == 0, result.stderr
    found = answer(result)
    rows: list[dict[str, Any]] = found["measures"]
    measures = len(PLAN_MEASURES) - len(IDLE)
    assert [row["question"] for row in rows] == ["alone"] * measures + ["all"] + ["all_but_one"] * measures
    assert all(row["gain_low"] <= row["gain"] + 0.01 <= row["gain_high"] + 0.02 for row in rows)
    names = ("gain", "gain_low", "gain_high")
    assert [row["measure"] for row in found["nothing_to_work_on"]] == list(IDLE)
    assert all(row["needs"].startswith("It takes ") for row in found["nothing_to_work_on"])
    assert [rows[measures][name] for name in names] == pytest.approx([found[name] for name in names], abs=0.011)
    return folder


def test_measures_are_told_in_words(folder: Path) -> None:
    """Each measure has its line with its bounds, a loss or a doubt is called so, and why the searches ended is told."""
    result = jointplan("measures", folder, *QUICK, "--no-report", "--measures", "pool_orders,share_capacity")
    assert result.exit_code == 0, result.stderr
    assert "Pooled orders: " in result.stdout
    assert "proven between" in result.stdout
    assert "Joint plan: " in result.stdout
    assert "after the cost of the hub" in result.stdout
    assert "gains" in result.stdout or "not distinguishable" in result.stdout or "loss" in result.stdout
    assert "Nothing to work on" not in result.stdout


@pytest.mark.parametrize("command", ["measures", "plan"])
def test_measures_with_nothing_to_work_on_are_named_with_what_it_takes(
    folder: Path, command: str, tmp_path: Path
) -> None:
    """Whoever asks for them reads why they change nothing, in both languages; of all measures at once only the values tell."""
    folder = shutil.copytree(folder, tmp_path / "other")
    flags = (*QUICK, "--no-report") if command == "measures" else QUICK
    for lang, told in (
        ("en", ["Nothing to work on:", "  Market entry: It takes a market with an entry_cost in the table markets, "]),
        ("zh", ["以下措施无可作用之处：", "  市场开拓：需要 markets（市场）表中有填写 entry_cost 的市场，"]),
    ):
        result = jointplan(command, folder, *flags, "--measures", "pool_orders,enter_market", "--lang", lang)
        assert result.exit_code == 0, result.stderr
        lines = result.stdout.splitlines()
        place = lines.index(told[0])
        assert lines[place + 1].startswith(told[1])
        assert not [line for line in lines[place + 2 :] if line.startswith("  ")]
    found = answer(jointplan(command, folder, *flags, "--measures", "pool_orders,enter_market", "--json"))
    assert [row["measure"] for row in found["nothing_to_work_on"]] == ["enter_market"]
    if command != "measures":
        assert "Nothing to work on" not in jointplan(command, folder, *flags).stdout


SIZES = {
    "en": "Gains on so few weeks may be more or less than those of all weeks: hold them only against each other.",
    "zh": "这几周的增益可能大于或小于全部周的增益：只宜在它们之间相互比较。",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_loss_of_what_the_hub_costs_is_told_as_that(lang: str) -> None:
    """On too few weeks nothing comes of a pair but the hub's cost: no loss of the measures, and the line below says why."""
    set_language(lang)
    row = {
        "weeks": 3,
        "measures": "pool_orders",
        "against": 0.0,
        "gain_low": None,
        "gain_high": None,
        "verdict": "loss",
    }
    asked = (
        ("all", -5000.0, 4180.0), ("pair_alone", -2090.0, 2090.0), ("pair", -2050.0, 2090.0), ("pair", -2150.0, 0.0),
    )  # fmt: skip
    lines = _measure_lines(
        [row | {"question": question, "value": gain, "gain": gain, "hub_cost": hub} for question, gain, hub in asked]
    )
    hub, loss = {"en": (" (only what the hub costs)", " (a loss)"), "zh": ("（仅为协同运营成本）", "（损失）")}[lang]
    assert [line.endswith(hub) for line in lines if ": -2,090," in line or "：-2,090，" in line] == [True]
    assert sum(line.endswith(loss) for line in lines) == 3
    assert any("2,090" in line and "3" in line and ("few weeks" in line or "周数太少" in line) for line in lines)
    assert not any(" （" in line for line in lines[:6])
    assert any(line.endswith(SIZES[lang]) for line in lines)


def test_a_measure_gains_what_the_values_told_of_both_plans_differ_by() -> None:
    """All together gain what the run is said to gain: plans worth 100.4 and 110.6 are told as 100 and 111."""
    row = {
        "weeks": 3, "question": "all", "measures": "pool_orders", "value": 110.6, "against": 100.4, "gain": 10.2,
        "gain_low": 10.2, "gain_high": 10.2, "verdict": "gain", "hub_cost": 0.0,
    }  # fmt: skip
    assert _measure_lines([row])[1].endswith(": 11, proven between 10 and 11")
    none = row | {"value": 100.4, "gain": 0.0, "gain_low": -0.01, "gain_high": 0.01, "verdict": "not_distinguishable"}
    assert _measure_lines([none])[1].endswith(": 0, proven between 0 and 0")


def test_why_answers_for_the_hub_and_for_a_firm(folder: Path) -> None:
    """Every reason has its sentence; a stranger is refused with the firms there are."""
    hub = answer(jointplan("why", folder, "--json"))
    assert all(reason["sentence"].endswith(".") for reason in hub["reasons"])
    own = answer(jointplan("why", folder, "--firm", "ALPHA", "--json"))
    assert {reason["firm"] for reason in own["reasons"]} <= {"ALPHA"}
    assert jointplan("why", folder, "--lang", "zh").exit_code == 0
    refused = jointplan("why", folder, "--firm", "NOBODY")
    assert refused.exit_code == 2
    assert "ALPHA" in refused.stderr


def test_why_answers_in_the_language_of_the_settings(folder: Path, tmp_path: Path) -> None:
    """As the help of --lang says, the language is that asked for, else that of the settings, whichever the run was made in."""
    chinese = shutil.copytree(folder, tmp_path / "chinese")
    (chinese / "jointplan.toml").write_text('language = "zh"\n', "utf-8")
    in_english, in_chinese = (jointplan("why", folder, "--lang", lang).stdout for lang in ("en", "zh"))
    assert in_english != in_chinese
    assert jointplan("why", chinese).stdout == in_chinese
    assert jointplan("why", chinese, "--lang", "en").stdout == in_english


def test_a_change_is_planned_beside_the_base_and_compared(folder: Path) -> None:
    """The answer holds both values; compare gives the same difference; replan starts from the changed run."""
    made = answer(jointplan("plan", folder, *QUICK, "--what-if", "demand=+40%", "--json"))
    assert made["what_if"] == ["demand=+40%"]
    first, second = made["beside"]["runs"]
    assert second == made["run"]
    found = answer(jointplan("compare", folder, first, second, "--json"))
    assert found["values"] == made["beside"]["values"]
    said = jointplan("compare", folder, first, second)
    assert "Joint plan: " in said.stdout
    assert "Proven gain: " in said.stdout
    assert "What if: – | demand=+40%" in said.stdout
    assert "Measures: " not in said.stdout  # in which they do not differ
    again = answer(jointplan("replan", folder, "--from", second, "--no-report", "--seconds", "1", "--json"))
    assert again["beside"]["runs"] == [second, again["run"]]
    assert again["value"]["joint"] >= made["value"]["joint"] * 0.99


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_beside_itself_is_said_to_be_the_same(folder: Path, lang: str) -> None:
    """Whoever asks for the latest run twice, or names one twice, is told so; of two runs it is not said."""
    runs = sorted(run.name for run in (folder / "runs").iterdir() if not run.name.startswith("."))
    same = {"en": "Both are the same run", "zh": "两者为同一次运行"}[lang]
    for pair, told in ((("latest", "latest"), True), ((runs[0], runs[0]), True), ((runs[0], runs[1]), False)):
        found = jointplan("compare", folder, *pair, "--lang", lang)
        assert found.exit_code == 0
        assert (same in found.stdout) == told


def test_the_latest_run_is_of_things_as_they_are(folder: Path) -> None:
    """After a what-if, why and replan go by the latest run without one, unless it is named, and say by which in words."""
    runs = sorted(run.name for run in (folder / "runs").iterdir() if not run.name.startswith("."))
    changed = folder / "runs" / "29990101-000000"
    shutil.copytree(folder / "runs" / runs[0], changed)
    facts = json.loads((changed / "manifest.json").read_text("utf-8"))
    asked = ["demand=+20%", "lane:air-DE=closed"]
    (changed / "manifest.json").write_text(json.dumps(facts | {"what_if": asked}), "utf-8")
    try:
        plain, named = (jointplan("why", folder, *words) for words in ((), ("--run", changed.name)))
        beside = jointplan("compare", folder, "latest", changed.name)
        chinese = [
            jointplan("compare", folder, "latest", changed.name, "--lang", "zh"),
            jointplan("why", folder, "--run", changed.name, "--lang", "zh"),
        ]
        found = answer(jointplan("why", folder, "--run", changed.name, "--json"))
        latest = answer(jointplan("why", folder, "--json"))
        sides = answer(jointplan("compare", folder, "latest", changed.name, "--json"))
        replan = ("replan", folder, "--seconds", "1", "--no-report")
        again, kept = (jointplan(*replan, *words) for words in ((), ("--from", changed.name)))
        made = answer(jointplan(*replan, "--json"))
    finally:
        shutil.rmtree(changed)
    for told in chinese:
        line = next(line for line in told.stdout.splitlines() if changed.name in line)
        assert "；" in line
        assert "; " not in told.stdout
    assert "假设推演：– | demand=+20%、lane:air-DE=closed" in chinese[0].stdout
    hypothetical = f"run {changed.name} (what if: all demand +20%; lane air-DE closed)"
    assert latest["run"] != changed.name
    assert (latest["what_if"], made["what_if"]) == ([], [])
    assert [of["what_if"] for of in sides["asked"]] == [[], asked]
    assert (found["run"], found["what_if"]) == (changed.name, asked)
    assert plain.stdout.splitlines()[0] == f"Of run {latest['run']}:"
    assert named.stdout.splitlines()[0] == f"Of {hypothetical}:"
    assert f"and {hypothetical}, in CNY:" in beside.stdout.splitlines()[0]
    assert again.stdout.splitlines()[0] == f"Planned again from run {latest['run']}:"
    assert kept.stdout.splitlines()[0] == f"Planned again from {hypothetical}, with its what-ifs:"
    assert made["beside"]["runs"][0] != changed.name


def test_what_is_taken_over_is_told_in_words() -> None:
    """Units of goods of every kind are added up, the rest is counted; what nothing was taken over of is not named."""
    assert carried_lines([]) == []
    kinds = (
        ("stock", 12.0),
        ("under_way", 20.0),
        ("work", 3.0),
        ("material", 70.0),
        ("material", 4.0),
        ("cash", 900.0),
        ("setup", None),
        ("setup", None),
        ("site", 5.0),
    )
    (line,) = carried_lines([{"what": what, "quantity": quantity} for what, quantity in kinds])
    assert ": 35 units on hand, under way or in work; materials of firms: 2; cash of firms: 1;" in line
    assert "; workshops set up: 2; paid for once: 1." in line
    (line,) = carried_lines([{"what": "under_way", "quantity": 20.0}])
    assert ": 20 units on hand, under way or in work. " in line
    set_language("zh")
    assert carried_lines([{"what": "setup", "quantity": None}]) == [
        "  以该计划届时留下的状态开始：已换型车间 1 个。详见假设值。"
    ]


def test_a_replan_may_be_of_other_members(folder: Path) -> None:
    """Who plans together now is said beside who did; whoever owns nothing is refused before anything is planned."""
    replan = ("replan", folder, "--seconds", "1", "--no-report", "--members")
    said = jointplan(*replan, "ALPHA,BETA")
    assert said.exit_code == 0, said.stderr
    assert "  Members: all | ALPHA, BETA" in said.stdout
    assert jointplan(*replan, "ALPHA,STRANGER").exit_code == 2
    made = sorted(run for run in (folder / "runs").iterdir() if not run.name.startswith("."))[-1]
    assert json.loads((made / "manifest.json").read_text("utf-8"))["members"] == ["ALPHA", "BETA"]
    shutil.rmtree(made)


def test_what_is_wanted_otherwise_is_told_in_words() -> None:
    """The sum and the largest five changes are told, the others are a number; no change is said too."""
    assert wanted_lines([]) == ["  The same units are wanted in every week that both plan."]
    row = {"week": date(2026, 4, 6), "sku": "P1", "market": "DE", "seller": "S1"}
    rows = [row | {"first": 10.0 * n, "second": 40.0, "difference": 40.0 - 10 * n} for n in range(7) if n != 4]
    total, first, *others, more = wanted_lines(rows)
    assert total == "  Units wanted in the weeks that both plan: +70, by 6 changes."
    assert first == "    P1 in DE from S1, week of 2026-04-06: 0 before, 40 now"
    assert len(others) == 4
    assert more == "    … and 1 more: all with --json."
    assert wanted_lines(rows[:1])[0] == "  Units wanted in the weeks that both plan: +40, by 1 change."


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_purchases_that_moved_are_told_by_their_materials(lang: str) -> None:
    """Where only materials are bought in another week it is not said that nothing moved; where nothing did, it is said of all three."""
    set_language(lang)
    row = {"what": "purchase", "change": "moved", "quantity": 280.0, "material": "carton"}
    rows = [row, row | {"quantity": 0.4, "material": "steel"}, row | {"change": "added"}]
    schema = TABLES["changes"].arrow
    told = _change_lines(pa.Table.from_pylist(rows, schema))
    assert (
        told
        == {
            "en": ["  Purchases moved: 2 (carton, steel)", "  Purchases added: 1 (carton)"],
            "zh": ["  移动采购：2 项（carton、steel）", "  新增采购：1 项（carton）"],
        }[lang]
    )
    nothing = {"en": ["  No lot, no shipment and no purchase moved."], "zh": ["  批次、发运与采购均无变动。"]}
    assert _change_lines(schema.empty_table()) == nothing[lang]


def test_runs_without_a_week_in_common_do_not_say_that_nothing_moved(folder: Path) -> None:
    """Nothing is known of lots in weeks that only one of the runs plans."""
    first = sorted(run for run in (folder / "runs").iterdir() if not run.name.startswith("."))[0]
    later = first.with_name("29990101-000000")
    shutil.copytree(first, later)
    facts = json.loads((later / "manifest.json").read_text("utf-8"))
    facts["horizon"]["start"] = "2030-01-07"
    (later / "manifest.json").write_text(json.dumps(facts), "utf-8")
    said = jointplan("compare", folder, first.name, later.name)
    shutil.rmtree(later)
    assert said.exit_code == 0, said.stderr
    assert "First week: " in said.stdout
    assert "no week in common" in said.stdout
    assert "moved." not in said.stdout


def test_runs_that_are_not_there_are_refused(folder: Path) -> None:
    """A run's id that is wrong is told with those there are."""
    refused = jointplan("compare", folder, "20000101-000000", "latest")
    assert refused.exit_code == 1
    assert "20000101-000000" in refused.stderr


def test_money_is_written_alike_in_a_whole_answer(folder: Path) -> None:
    """With the code of its currency, whether a bound is told or a gain, in either language: no sign of it stands beside."""
    for lang, bound in (("en", "No plan can be worth more than: "), ("zh", "总效益上界：")):
        told = jointplan("plan", folder, *QUICK, lang=lang).stdout
        (line,) = (line for line in told.splitlines() if line.startswith(bound))
        assert re.search(r"\d CNY", line)
        assert "¥" not in told
    assert "¥" not in jointplan("why", folder).stdout


def test_lots_and_their_units_are_not_read_as_one_number() -> None:
    """Two lots of 452.5 units each: not 2, 905."""
    row = {"what": "lot", "change": "moved", "sku": "P", "seller": "S", "quantity": 452.5}
    table = pa.Table.from_pylist([row, row], TABLES["changes"].arrow)
    assert _change_lines(table) == ["  Lots moved: 2 (905 units)"]
    set_language("zh")
    assert _change_lines(table) == ["  移动批次：2 项（905 件）"]


def test_a_replan_speaks_the_language_of_the_run_it_starts_from(folder: Path, tmp_path: Path) -> None:
    """Of a run in Chinese it is all Chinese, the sentence of the gain and the lines around it; unless another is asked for."""
    folder = shutil.copytree(folder, tmp_path / "chinese")
    facts = min((folder / "runs").glob("[0-9]*/manifest.json"))
    manifest = json.loads(facts.read_text("utf-8"))
    manifest["language"] = manifest["settings"]["language"] = "zh"
    facts.write_text(json.dumps(manifest), "utf-8")
    replan = ("replan", folder, "--from", facts.parent.name, "--seconds", "1", "--no-report")
    told = jointplan(*replan).stdout
    assert re.search("[一-鿿]", told)
    assert not re.findall(r"\b[A-Z]?[a-z]{2,} [a-z]{2,} [a-z]{2,}", told)
    assert not re.search("[一-鿿]", jointplan(*replan, "--lang", "en").stdout)
