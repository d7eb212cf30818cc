"""Setups kept over the week's end are told: how many in the section on batches, which in each firm's list."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from jointplan.report import batches, worklist
from jointplan.report.numbers import Numbers
from jointplan.texts import set_language

KEPT = pd.DataFrame(
    {
        "plan": ["separate", "joint", "joint"],
        "week": [date(2025, 3, 3), date(2025, 3, 10), date(2025, 3, 3)],
        "firm": "F01",
        "process": "moulding",
        "sku": "K1",
        "lot": ["S-1", "J-2", None],
        "hours": [1.5, 2.5, 0.0],
        "cost": [100.0, 300.0, 0.0],
    }
)


def view(lang: str) -> Any:
    """Return of a run what the two tables need."""
    return SimpleNamespace(
        numbers=Numbers(lang, "CNY"), plans=("separate", "joint"), product=lambda sku: f"{sku} kettle"
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_setups_spared_are_counted_plan_by_plan(lang: str) -> None:
    """A workshop that stands idle spares nothing; hours and money add up."""
    set_language(lang)
    grid = batches._kept(view(lang), KEPT)
    assert [row[1:3] for row in grid.rows] == [("1", "1.5"), ("1", "2.5")]
    assert "300" in grid.rows[1][3]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_firm_is_told_what_stays_set_up(lang: str) -> None:
    """Week by week, idle weeks without a lot."""
    set_language(lang)
    grid = worklist._kept(view(lang), KEPT[KEPT["plan"] == "joint"])
    assert [row[4] for row in grid.rows] == ["", "J-2"]
    assert grid.rows[0][2:4] == ("K1", "K1 kettle")
