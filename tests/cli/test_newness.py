"""Heat and launches answer in one object, in sentences of both languages, and say what is wrong with its cure."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jointplan.cli import app
from jointplan.cli.newness import _basis_line, _lead_line, _like, _percentile, _rule_line, _trial_lines
from jointplan.texts import set_language, tr
from tests.tiny import FIRST_MONDAY, WEEKS, write_tiny


def jointplan(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("newness") / "tiny")


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_heat_is_one_object(folder: Path) -> None:
    """The ranking is by score, of products or of families, with what it was judged by."""
    found = answer(jointplan("heat", folder, "--json"))
    assert {"start", "scope", "index", "ranked", "accuracy", "leads", "seconds"} <= set(found)
    scores = [row["score"] for row in found["ranked"]]
    assert scores
    assert scores == sorted(scores, reverse=True)
    assert answer(jointplan("heat", folder, "--families", "--json"))["scope"] == "family"


def test_heat_is_told_in_both_languages(folder: Path) -> None:
    """The same ranking in English and in Chinese words."""
    assert "the hottest first of" in jointplan("heat", folder).stdout
    assert "由高到低" in jointplan("heat", folder, "--lang", "zh").stdout


def trial(index: str, precision: float, spearman: float, *, chosen: bool = False) -> dict[str, Any]:
    return {
        "index": index, "chosen": chosen, "precision": precision, "spearman": spearman, "spearman_low": 0.0, "spearman_high": 0.5,
    }  # fmt: skip


def test_heat_says_which_index_was_better_on_what() -> None:
    """Where growth rate ordered growth better than the index used, the command says so beside the figures, as the page does."""
    lines = _trial_lines([trial("expected", 0.3, 0.04, chosen=True), trial("growth_rate", 0.1, 0.07)])
    assert lines[0].startswith("→ expected growth: 30%")
    assert lines[-1] == (
        "Expected growth is used, being best on both figures together; Growth rate did better on the rank correlation."
    )
    lines = _trial_lines([trial("expected", 0.1, 0.04), trial("growth_rate", 0.3, 0.07, chosen=True)])
    assert lines[-1].endswith("stands in its place: Growth rate.")
    assert len(_trial_lines([trial("expected", 0.3, 0.07, chosen=True), trial("growth_rate", 0.1, 0.04)])) == 2


def test_heat_says_what_was_never_tried_nor_learnt(folder: Path) -> None:
    """Two families, too few to try, are told as untried and their growth to expect is a dash, not a figure out of nothing."""
    found = answer(jointplan("heat", folder, "--families", "--json"))
    assert len(found["ranked"]) == 2
    assert found["accuracy"] == []
    assert [row["expected"] for row in found["ranked"]] == [None, None]
    said = jointplan("heat", folder, "--families").stdout
    assert "how far it can be trusted is not known" in said
    assert "No growth to expect is told" in said
    assert said.count("–") >= 2
    assert "可信程度未知" in jointplan("heat", folder, "--families", "--lang", "zh").stdout


def test_the_hottest_of_many_is_not_hotter_than_all() -> None:
    """Heat is told to a tenth of a percent, rounded down, so that not even the first of thousands is told as 100 %."""
    assert [_percentile(score).strip() for score in (0.9999, 0.9994, 0.9981, 0.5, 0.0)] == [
        "99.9%", "99.9%", "99.8%", "50.0%", "0.0%",
    ]  # fmt: skip


def test_launches_are_one_object(folder: Path) -> None:
    """Launches, their rules and past accuracy come together, also where no product is new."""
    found = answer(jointplan("launch", folder, "--json"))
    assert {"start", "launches", "rules", "accuracy", "seconds"} <= set(found)
    assert "No product is new" in jointplan("launch", folder).stdout or found["launches"]


def test_what_is_not_there_is_told_with_its_cure(folder: Path) -> None:
    """A market without sales and a product that is unknown or not new are refused with what to do."""
    for words, cure in (
        (("heat", folder, "--market", "XX"), "table markets"),
        (("launch", folder, "NOTHING"), "table products"),
    ):
        result = jointplan(*words)
        assert result.exit_code == 2
        assert cure in result.output


def test_a_batch_that_loses_and_a_launch_ahead_are_told(tmp_path: Path) -> None:
    """A minimum batch that would lose on average is named with its loss, and a launch weeks ahead with its day, in both languages."""
    start = FIRST_MONDAY + timedelta(weeks=WEEKS)
    day = start + timedelta(days=245)
    folder = write_tiny(
        tmp_path,
        products=lambda rows: [*rows, {**rows[0], "sku": "KETTLE-9", "title": "Kettle-9", "launched": day}],
        capabilities=lambda rows: [{**row, "minimum_batch": 500_000} for row in rows],
    )
    (row,) = answer(jointplan("launch", folder, "KETTLE-9", "--json"))["launches"]
    assert (row["launched"], row["batch"], row["weighed"], row["advice"]) == (str(day), 0.0, 500_000.0, "stop")
    told = jointplan("launch", folder, "KETTLE-9").stdout
    assert f"To be launched on {day}, 245 days after {start}" in " ".join(told.split())
    assert (
        f"No batch: 500,000 units, the best that minimum batch and setup leave, would lose {-row['profit']:,.0f}"
        in (" ".join(told.split()))
    )
    chinese = jointplan("launch", folder, "KETTLE-9", "--lang", "zh").stdout
    assert f"{day} 上市" in chinese
    assert "不安排批量" in chinese


def test_launches_say_what_they_rest_on(folder: Path) -> None:
    """Few launches, none of them tried, are told with those that stand in; enough that were tried are told without a caution."""
    few = _basis_line({"launches": 1, "over": 1, "needed": 10, "stand_ins": 57, "tried": 0, "undated": 0})
    assert "rests on: 1, of which 1 " in few
    assert ": 57." in few
    assert "never tried" in few
    assert "Below 10" in few
    enough = _basis_line({"launches": 30, "over": 22, "needed": 10, "stand_ins": 0, "tried": 12, "undated": 0})
    assert "never" not in enough
    assert "Below" not in enough
    assert _like({"analogues": "A 60%, B 40%", "stand_ins": "B"}) == ("A 60%", "B (standing in) 40%")
    assert answer(jointplan("launch", folder, "--json"))["basis"]["needed"] == 10


@pytest.mark.parametrize("leader", ["home", "abroad"])
def test_a_lead_of_one_week_is_told_of_one_week(leader: str) -> None:
    """One is a week, more are weeks."""
    row = {"family": "fans", "leader": leader, "gain": 0.1}
    assert "by 1 week, which saves 10%" in _lead_line(row | {"lag": 1})
    assert "by 3 weeks, which" in _lead_line(row | {"lag": 3})


def test_chinese_sentences_have_chinese_marks_and_no_blanks_between_them() -> None:
    """Neither a blank after a full stop or beside a full-width bracket, nor an ASCII comma between what is listed."""
    set_language("zh")
    try:
        basis = _basis_line({"launches": 1, "over": 1, "needed": 10, "stand_ins": 57, "tried": 0, "undated": 0})
        like = tr("Like: {analogues}.", analogues=_like({"analogues": "A 60%, B 40%", "stand_ins": "B"}))
        rule = _rule_line({"stop_below": 3.0, "repeat_above": 9.0, "week": 4})
    finally:
        set_language("en")
    assert "。 " not in basis
    assert basis.count("。") >= 3
    assert like == "类比：A 60%、B（替代）40%。"
    assert "、" in rule
    assert "," not in rule


@pytest.mark.parametrize("command", ["launch", "heat", "forecast"])
def test_what_sold_in_the_incomplete_last_week_alone_is_named(tmp_path: Path, command: str) -> None:
    """Its sales wait for the week's Sunday: the product is named, and one that sold before is not."""
    folder = write_tiny(tmp_path / "tiny")
    products, sales = folder / "tables" / "products.csv", folder / "tables" / "sales.csv"
    told = jointplan(command, folder).stdout
    assert "incomplete last week" not in told
    first, *rest = products.read_text().splitlines()
    like = rest[0].split(",")
    sku = first.split(",").index("sku")
    code = like[sku]
    products.write_text("\n".join([first, *rest, ",".join([*like[:sku], "FRESH-1", *like[sku + 1 :]])]) + "\n")
    head, *lines = sales.read_text().splitlines()
    columns = head.split(",")
    made = []
    for name in (code, "FRESH-1"):
        cells = dict(zip(columns, lines[0].split(","), strict=True))
        cells |= {"sku": name, "date": str(FIRST_MONDAY + timedelta(weeks=WEEKS, days=2)), "document": f"NEW-{name}"}
        made.append(",".join(cells[column] for column in columns))
    sales.write_text("\n".join([head, *lines, *made]) + "\n")
    told = jointplan(command, folder).stdout
    assert (
        "Sold in the incomplete last week alone, whose sales are left out until its Sunday is there: FRESH-1." in told
    )
