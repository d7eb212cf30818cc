"""The heat page says by which index each level is ranked; the small bars of a ranked table are as high as the sales they stand for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from jointplan.report import heat
from jointplan.report.blocks import Grid
from jointplan.report.heat import sparkline
from jointplan.report.numbers import Numbers

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


@pytest.mark.parametrize("scope", ["product", "family", "market_product"])
def test_the_index_that_took_the_default_s_place_is_named_at_its_level(scope: str) -> None:
    """Where growth rate did better in the past of one level, the page says so there, and at the other levels what still is used and why."""
    levels = dict.fromkeys(("product", "family", "market_product"), "expected") | {scope: "growth_rate"}
    grids = [block for block in heat._accuracy(page(levels)) if isinstance(block, Grid)]
    told = dict(zip(levels, (grid.note for grid in grids), strict=True))
    assert told[scope].endswith(
        "Another index did better here than expected growth, and stands in its place: Growth rate."
    )
    for other in levels.keys() - {scope}:
        assert "being best on both figures together; Growth rate did better on the hottest tenth." in told[other]
    for (_, used), grid in zip(levels.items(), grids, strict=True):
        assert [row[0] for row in grid.rows if row[1]] == [heat.word(heat.INDICES, used)]


def test_sparklines_follow_their_values() -> None:
    """The greatest value is the highest bar, nothing is the lowest, and no values give no bars."""
    assert sparkline([0.0, 1.0, 2.0, 7.0]) == "▁▂▃█"
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert sparkline([1e9, 1.0]) == "█▁"
    assert sparkline([]) == ""
