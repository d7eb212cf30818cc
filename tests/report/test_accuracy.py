"""The tables on accuracy say what the run's tables say, worst first, and nothing where nothing was scored."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jointplan.report.accuracy import accuracy_blocks
from jointplan.report.blocks import Grid
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun
from tests.report.clusters import build

PART = {
    "basis": "shared", "series": 40, "weeks": 900, "pinball": 0.312, "rmsse": 0.787, "wrmsse": 0.82, "vn1": 0.53, "bias": -0.024,
    "coverage80": 0.79, "coverage80_raw": 0.83, "against_last": 0.47, "against_naive": 0.75, "against_best": 0.94, "best": "SESOptimized",
}  # fmt: skip
PARTS = [
    {"by": "market", "name": "DE"},
    {"by": "ahead", "name": "1–4", "rmsse": 0.5},
    {"by": "class", "name": "sparse", "against_naive": None},
    {"by": "all", "name": None},
    {"by": "all", "name": None, "basis": "own:o1", "series": 7},
]


def blocks_of(folder: Path, lang: str = "en", **rows: list[dict[str, Any]]) -> list[Grid]:
    """Return the blocks of a run with some tables on accuracy."""
    build(folder)
    for name in ("silences", "accuracy_parts", "accuracy_series", "accuracy_sharing"):
        table = pa.Table.from_pylist(rows.get(name, []), schema=TABLES[name].arrow)
        pq.write_table(table, folder / "tables" / f"{name}.parquet")
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        made = accuracy_blocks(view)
    assert all(isinstance(block, Grid) for block in made)
    return [block for block in made if isinstance(block, Grid)]


def test_nothing_scored_nothing_said(tmp_path: Path) -> None:
    """Without rows there are no blocks."""
    assert blocks_of(tmp_path) == []


@pytest.mark.parametrize(("lang", "sparse"), [("en", "sparse"), ("zh", "稀疏")])
def test_parts_are_those_of_everybodys_rows_the_whole_first(tmp_path: Path, lang: str, sparse: str) -> None:
    """The whole comes first, then classes, weeks ahead and markets; what is not known is a dash, and the best single model is named."""
    (grid,) = blocks_of(tmp_path, lang, accuracy_parts=[PART | part for part in PARTS])
    assert len(grid.rows) == 4
    assert all(len(row) == len(grid.header) for row in grid.rows)
    whole, kind, ahead, _ = grid.rows
    assert whole[2:9] == ("40", "0.312", "0.787", "0.82", "0.53", *whole[7:9])
    assert "2.4" in whole[7]
    assert whole[8].startswith("79")
    assert whole[9:] == ("0.47", "0.75", "0.94")
    assert sparse in kind[1].lower()
    assert kind[10] not in ("0.75", "nan")
    assert "1–4" in ahead[1]
    assert ahead[4] == "0.5"
    assert "SESOptimized" in str(grid.note)


def test_the_worst_series_come_first_and_not_all(tmp_path: Path) -> None:
    """Of twenty series the fifteen of largest loss stand there, the largest first."""
    rows = [
        {"sku": f"S{n:02}", "market": "DE", "seller": "x", "class": "lumpy", "weeks": 13, "pinball": (n * 7 % 20) / 10, "bias": 0.5, "against_naive": None}
        for n in range(20)
    ]  # fmt: skip
    (grid,) = blocks_of(tmp_path, accuracy_series=rows)
    assert [row[5] for row in grid.rows] == [f"{loss / 10:g}" for loss in range(19, 4, -1)]
    assert "15" in str(grid.note)
    assert "20" in str(grid.note)


def test_what_sharing_gave_stands_with_its_interval(tmp_path: Path) -> None:
    """All owners together bear no owner's name; the gain stands beside both ends of its interval, with their signs."""
    gain = {"series": 30, "own": 0.33, "shared": 0.32, "gain": 0.03, "gain_low": -0.01, "gain_high": 0.07}
    (grid,) = blocks_of(tmp_path, accuracy_sharing=[gain | {"owner": None}, gain | {"owner": "Li"}])
    both, one = grid.rows
    assert (both[0], one[0]) == ("All", "Li")
    assert both[1:4] == ("30", "0.33", "0.32")
    assert both[4] == "+3%"
    assert both[5].replace("−", "-") == "-1% … +7%"


@pytest.mark.parametrize(("lang", "ended", "open_"), [("en", "ended", "still forecast"), ("zh", "已停售", "仍在预测")])
def test_what_sells_no_longer_stands_with_its_last_sale(tmp_path: Path, lang: str, ended: str, open_: str) -> None:
    """What is still forecast comes first, the most first, then what has ended; the note counts both."""
    row = {"market": "DE", "seller": "x", "silent": 24, "longest": 2, "share": 0.9, "last_sale": date(2031, 3, 3)}
    rows = [
        {**row, "sku": "OVER", "ended": True, "expected": 0.0, "last_sale": date(2029, 1, 1)},
        {**row, "sku": "LITTLE", "ended": False, "expected": 7.0},
        {**row, "sku": "MUCH", "ended": False, "expected": 1234.0},
    ]
    (grid,) = blocks_of(tmp_path, lang, silences=rows)
    assert [cells[0] for cells in grid.rows] == ["MUCH", "LITTLE", "OVER"]
    assert [cells[7] for cells in grid.rows] == [open_, open_, ended]
    assert [cells[8] for cells in grid.rows] == ["1,234", "7", "0"]
    assert ["2031" in cells[3] for cells in grid.rows] == [True, True, False]
    assert all(len(cells) == len(grid.header) for cells in grid.rows)
    assert "forecast.ended_weeks" in str(grid.note)
