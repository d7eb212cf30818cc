"""The page of new products says what its figures rest on and what they leave out."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from jointplan.report.blocks import Chart, Grid, Note, Section
from jointplan.report.launches import launches_section
from jointplan.report.stocking import stocking_section
from jointplan.report.view import RunView
from jointplan.schema import QUANTILES, TABLES
from jointplan.store import StoredRun, write_table
from tests.report.clusters import build

BASIS = {"launches": 12, "over": 12, "needed": 10, "stand_ins": 0, "tried": 12, "undated": 0}


def launch(sku: str, **others: Any) -> dict[str, Any]:
    """Return a row of **launches**."""
    return {
        "sku": sku, "family": "fans", "weeks": 0, "sold": 0.0, "method": "courses", "analogues": "", "p": 0.1, "q": 0.1,
        "m": 100.0, "peak_week": 1.0, "horizon": 13, "mean": 60.0, **dict.fromkeys(QUANTILES, 60.0), "ratio": 0.7,
        "batch": 80.0, "hurdle": 20.0, "chance": 0.9, "telling_week": 2, "advice": "test",
    } | others  # fmt: skip


def page(folder: Path, lang: str, rows: list[dict[str, Any]], **basis: int) -> tuple[RunView, Section | None]:
    """Return the section of a run with such launches."""
    build(folder)
    write_table(folder, "launches", pa.Table.from_pylist(rows, TABLES["launches"].arrow))
    write_table(folder, "launch_basis", pa.Table.from_pylist([BASIS | basis], TABLES["launch_basis"].arrow))
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        return view, launches_section(view)


def notes(section: Section | None) -> str:
    assert section is not None
    return "\n".join(block.text for block in section.blocks if isinstance(block, Note))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_products_without_sales_or_day_are_counted(tmp_path: Path, lang: str) -> None:
    """How many do not count as new stands on the page, also where nothing is new; without any there is no such note and no section."""
    for launches in ([launch("NEW")], []):
        _, section = page(tmp_path, lang, launches, undated=1234)
        assert "1,234" in notes(section)
    assert page(tmp_path, lang, [])[1] is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_it_rests_on(tmp_path: Path, lang: str) -> None:
    """With few launches the page warns, counts launches and stand-ins, marks those that stand in, and draws no rules; with enough that were tried nothing warns."""
    new = launch("NEW", analogues="A 60%, B 40%", stand_ins="B", telling_week=None)
    _, section = page(tmp_path, lang, [new], launches=1, over=1, stand_ins=57, tried=0)
    assert section is not None
    warning = next(block for block in section.blocks if isinstance(block, Note) and block.tone == "warning")
    assert {"1", "57", "10"} <= set(re.findall(r"\d+", warning.text))
    assert ("never tried" if lang == "en" else "从未") in warning.text
    listed = next(block for block in section.blocks if isinstance(block, Grid)).rows[0]
    assert listed[8] == ("A 60%, B (standing in) 40%" if lang == "en" else "A 60%、B（替代）40%")
    assert listed[6] == ("too few launches to tell" if lang == "en" else "以往新品太少")
    assert not any(isinstance(block, Chart) and block.name == "firstsales" for block in section.blocks)
    _, section = page(tmp_path, lang, [new])
    assert section is not None
    assert not any(isinstance(block, Note) and block.tone == "warning" for block in section.blocks)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_not_sold_yet_is_named_where_plans_leave_it_out(tmp_path: Path, lang: str) -> None:
    """The pages of launches and of stock name new products of which there is neither forecast nor target, and no others."""
    view, section = page(tmp_path, lang, [launch("NEW"), launch("SOLD", weeks=3, sold=9.0)])
    with view.speaking():
        stock = stocking_section(view)
    for told in (notes(section), notes(stock)):
        assert "NEW" in told
        assert "SOLD" not in told
    known = view.frame("targets")["sku"].iloc[0]
    view, section = page(tmp_path, lang, [launch(known)])
    with view.speaking():
        assert known not in notes(section) + notes(stocking_section(view))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_replay_does_not_say_that_what_it_makes_is_left_out(tmp_path: Path, lang: str) -> None:
    """Where the weeks planned are over, new products that sold in them are said to be planned; those that did not stay left out."""
    view, _ = page(tmp_path, lang, [launch("NEW"), launch("IDLE")])
    row = {
        "week": view.start, "sku": "NEW", "market": "US", "seller": "S1", "quantity": 104.0, "price": 9.0, "origin": "sales"
    }  # fmt: skip
    view._frames["demand"] = pd.DataFrame([row])
    with view.speaking():
        for section in (launches_section(view), stocking_section(view)):
            left_out, met = (
                [block.text for block in section.blocks if isinstance(block, Note) and words in block.text]  # type: ignore[union-attr]  # both are there
                for words in (("no demand", "replays") if lang == "en" else ("不预期其需求", "回放"))
            )
            assert ["IDLE" in text and "NEW" not in text for text in left_out] == [True]
            assert ["NEW" in text and "IDLE" not in text for text in met] == [True]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_batch_says_for_how_many_weeks(tmp_path: Path, lang: str) -> None:
    """Whoever reads a batch reads the weeks it is for, in the card, the chart and the list, and that stock is not taken off it."""
    _, section = page(tmp_path, lang, [launch("NEW", horizon=11)])
    assert section is not None
    grid = next(block for block in section.blocks if isinstance(block, Grid))
    assert grid.header[4] == ("Batch for 11 weeks" if lang == "en" else "11 周批量")
    assert ("on hand" if lang == "en" else "现有库存") in grid.note
    assert "11" in section.cards[1].note
    chart = next(block for block in section.blocks if isinstance(block, Chart))
    assert grid.header[4] in {row["title"] for row in chart.spec["encoding"]["tooltip"]}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_batch_that_would_lose_and_a_launch_ahead_are_told(tmp_path: Path, lang: str) -> None:
    """Beside a batch of nothing stands how many units would lose how much; a launch after the run's first day has its day, others none."""
    lost = launch("LOST", weighed=5000.0, profit=-4321.0, batch=0.0, price=100.0, advice="stop")
    later = launch("LATER", weighed=80.0, profit=90.0, launched=date(2031, 3, 4))
    view, section = page(tmp_path, lang, [lost, later])
    assert section is not None
    grid = next(block for block in section.blocks if isinstance(block, Grid))
    cells = {re.split(r" |（", row[0])[0]: row for row in grid.rows}
    assert "5,000" in cells["LOST"][4]
    assert "4,321" in cells["LOST"][4]
    assert cells["LATER"][4] == "80"
    assert "2031" in cells["LATER"][0]
    assert "2031" not in cells["LOST"][0]
    with view.speaking():
        day = view.numbers.day(date(2031, 3, 4))
        assert (f"LATER ({day})" if lang == "en" else f"LATER（{day}）") in notes(section)


def test_runs_that_do_not_tell_what_stands_in_are_shown(tmp_path: Path) -> None:
    """A run kept before there was a column of stand-ins, and a table of what launches rest on, has its page all the same."""
    build(tmp_path)
    row = launch("NEW", analogues="A 60%, B 40%")
    kept = pa.Table.from_pylist([row], TABLES["launches"].arrow).drop_columns(
        ["stand_ins", "launched", "weighed", "profit"]
    )
    write_table(tmp_path, "launches", kept)
    section = launches_section(RunView(StoredRun(tmp_path), "en"))
    assert section is not None
    assert next(block for block in section.blocks if isinstance(block, Grid)).rows[0][8] == "A 60%, B 40%"


def test_what_plans_expect_stands_beside_what_launches_let_expect(tmp_path: Path) -> None:
    """A product that is sold already has its shared forecast of the weeks of the batch in the list; one that is not has none."""
    view, _ = page(tmp_path, "en", [launch("NEW", weeks=3, sold=9.0, horizon=2), launch("WAITS", horizon=2)])
    blank = dict.fromkeys(QUANTILES, 0.0) | {
        "market": "DE",
        "seller": "ALPHA",
        "model": "SES",
        "origin": date(2025, 4, 14),
    }
    rows = [
        blank | {"basis": basis, "week": date(2025, 4, 14) + timedelta(weeks=week), "sku": "NEW", "mean": units}
        for basis, units in (("shared", 20.0), ("own:ALPHA", 500.0))
        for week in range(4)
    ]
    write_table(tmp_path, "forecasts", pa.Table.from_pylist(rows, TABLES["forecasts"].arrow))
    view = RunView(StoredRun(tmp_path), "en")
    with view.speaking():
        section = launches_section(view)
    assert section is not None
    (grid,) = (block for block in section.blocks if isinstance(block, Grid) and "In the forecast" in block.header)
    place = grid.header.index("In the forecast")
    assert {row[0].split(" (")[0]: row[place] for row in grid.rows} == {"NEW": "40", "WAITS": "–"}
