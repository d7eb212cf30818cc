"""The heat page says by which index each level is ranked; the small bars of a ranked table are as high as the sales they stand for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from jointplan.report import heat
from jointplan.report.blocks import Chart, Grid, Note
from jointplan.report.heat import sparkline
from jointplan.report.numbers import Numbers
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun, write_table
from tests.report.clusters import Cluster, build

FIGURES = {
    "expected": (0.09, 0.29),
    "rank_mean": (0.12, 0.21),
    "growth_rate": (0.13, 0.13),
    "last_period": (0.04, 0.18),
    "as_chosen": (0.12, 0.21),
}


def page(chosen: dict[str, str]) -> Any:
    """Return a view of a run of which only how well heat told growth is known."""
    rows = [
        {
            "scope": scope, "index": index, "chosen": index == used, "mondays": 5, "precision": precision, "spearman": rank,
            **{f"{name}_{end}": 0.0 for name in ("precision", "spearman", "spearman_gain") for end in ("low", "high")},
            "spearman_gain": 0.0,
        }
        for scope, used in chosen.items()
        for index, (precision, rank) in FIGURES.items()
    ]  # fmt: skip
    return SimpleNamespace(frame=lambda name: pd.DataFrame(rows), numbers=Numbers("en", "CNY"))


@pytest.mark.parametrize("scope", ["product", "family", "market_product", "market_family"])
def test_the_index_that_took_the_default_s_place_is_named_at_its_level(scope: str) -> None:
    """Where growth rate did better in the past of one level, the page says so there, and at the other levels what still is used and why."""
    levels = dict.fromkeys(("product", "family", "market_product", "market_family"), "expected") | {
        scope: "growth_rate"
    }
    grids = [block for block in heat._accuracy(page(levels)) if isinstance(block, Grid)]
    told = dict(zip(levels, (grid.note for grid in grids), strict=True))
    assert told[scope].endswith(
        "Another index did better here than expected growth, and stands in its place: Growth rate."
    )
    for other in levels.keys() - {scope}:
        assert "being best on both figures together; Growth rate did better on the hottest tenth." in told[other]
    for (_, used), grid in zip(levels.items(), grids, strict=True):
        assert [row[0] for row in grid.rows if row[1]] == [heat.word(heat.INDICES, used)]


def _rows(scope: str, market: str, scores: dict[str, float], week: date, **others: Any) -> list[dict[str, Any]]:
    """Return rows of **heat** of families in one market, or over all."""
    return [
        {
            "basis": "shared", "scope": scope, "market": market, "sku": "", "family": family, "week": week, "index": "expected",
            "score": score, "units": 10.0, "level": 10.0 * score, "growth": 0.1, "acceleration": 0.0, "momentum": 0.5,
            "phase": "steady", "expected": 0.1, "rank_mean": score,
        } | others
        for family, score in scores.items()
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_families_stand_by_heat_in_each_market(tmp_path: Path, lang: str) -> None:
    """The page draws the last week's heat of every family in every market, the hottest family first, in both languages; it says where a product is too young."""
    now, then = date(2026, 1, 5), date(2025, 12, 29)
    build(tmp_path)
    rows = [
        *_rows("family", "", {"fans": 0.75, "kettles": 0.25}, now),
        *_rows("market_family", "DE", {"fans": 0.75, "kettles": 0.25}, now),
        *_rows("market_family", "US", {"kettles": 0.5}, now, phase="early", growth=None, momentum=None, acceleration=None),
        *_rows("market_family", "US", {"fans": 0.9}, then),
        *_rows("product", "", {"fans": 0.75}, now, sku="P1"),
        *_rows("product", "", {"kettles": 0.25}, now, sku="P2", phase="early", momentum=None),
    ]  # fmt: skip
    write_table(tmp_path, "heat", pa.Table.from_pylist(rows, TABLES["heat"].arrow))
    view = RunView(StoredRun(tmp_path), lang)
    with view.speaking():
        section = heat.heat_section(view)
        early = heat.word(heat.PHASES, "early")
    assert section is not None
    charts = {block.name: block for block in section.blocks if isinstance(block, Chart)}
    drawn = charts["heat-families"].spec["data"]["values"]
    cells = {(cell["family"].split("\t")[1], cell["market"].split("\t")[1]): cell["score"] for cell in drawn}
    names = {code: view.market(code) for code in ("DE", "US")}
    assert cells == {("fans", names["DE"]): 0.75, ("kettles", names["DE"]): 0.25, ("kettles", names["US"]): 0.5}
    assert min(drawn, key=lambda cell: cell["family"])["family"].endswith("fans")
    assert {cell["phase"] for cell in drawn if cell["market"].endswith(names["US"])} == {early}
    assert len(charts["phases"].spec["data"]["values"]) == 1
    assert "1" in charts["phases"].note
    if lang == "zh":
        assert "产品族" in charts["heat-families"].title
        assert early == "尚难判断"


def test_families_never_tried_are_told_as_such(tmp_path: Path) -> None:
    """Two families without a growth to expect stand with a dash, with the reason, and with the word that this was never tried."""
    now = date(2026, 1, 5)
    build(tmp_path)
    rows = [
        *_rows("family", "", {"fans": 0.75, "kettles": 0.25}, now, expected=None),
        *_rows("product", "", {"fans": 0.75}, now, sku="P1"),
    ]
    write_table(tmp_path, "heat", pa.Table.from_pylist(rows, TABLES["heat"].arrow))
    write_table(tmp_path, "heat_accuracy", TABLES["heat_accuracy"].empty())
    view = RunView(StoredRun(tmp_path), "en")
    section = heat.heat_section(view)
    assert section is not None
    products, families = [block for block in section.blocks if isinstance(block, Grid)][:2]
    assert [row[2] for row in families.rows] == ["–", "–"]
    assert "how far it can be trusted is not known" in families.note
    assert heat.growth_unknown() in families.note
    assert heat.growth_unknown() not in products.note
    assert [row[3] for row in products.rows] == ["+10%"]


@pytest.mark.parametrize("replay", [False, True])
def test_the_week_of_heat_is_told(tmp_path: Path, replay: bool) -> None:
    """Answer and cards name the week; of a replay the page says that it is heat of then, and where that of today is."""
    build(tmp_path, Cluster(replay=replay))
    rows = _rows("product", "", {"fans": 0.75}, date(2026, 1, 5), sku="P1")
    write_table(tmp_path, "heat", pa.Table.from_pylist(rows, TABLES["heat"].arrow))
    view = RunView(StoredRun(tmp_path), "en")
    section = heat.heat_section(view)
    assert section is not None
    assert "Jan 5, 2026" in section.answer
    assert {card.note for card in section.cards[:2]} == {"products, in the week of Jan 5, 2026"}
    notes = [block.text for block in section.blocks[:1] if isinstance(block, Note)]
    assert len(notes) == replay
    assert all(view.numbers.day(view.start) in note for note in notes)


def test_sparklines_follow_their_values() -> None:
    """The greatest value is the highest bar, nothing is the lowest, and no values give no bars."""
    assert sparkline([0.0, 1.0, 2.0, 7.0]) == "▁▂▃█"
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert sparkline([1e9, 1.0]) == "█▁"
    assert sparkline([]) == ""
