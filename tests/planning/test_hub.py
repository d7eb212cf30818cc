"""What running the cooperation costs a week: as set, else a share of what is wanted of the sellers of those who plan together."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from jointplan.engine import Tables
from jointplan.planning.reading.index import number_tables
from jointplan.planning.reading.series import hub_cost
from jointplan.planning.settings import HubSettings, PlanSettings

# A sells through two firms for 1000 and 600, B for 400, and C only makes.
FIRMS = [("MA", "A"), ("SA", "A"), ("B", None), ("C", None)]
SOLD = [("MA", 10.0, 100.0), ("SA", 20.0, 30.0), ("B", 100.0, 4.0)]


def weekly(members: tuple[str, ...] | None, hub: HubSettings) -> float:
    tables = Tables(
        {
            "firms": pa.Table.from_pylist([{"firm": firm, "owner": owner} for firm, owner in FIRMS]),
            "products": pa.table({"sku": ["P"], "family": ["f"], "maker": ["C"]}),
            "markets": pa.table({"market": ["X"]}),
        }
    )
    week = pd.Timestamp(date(2026, 1, 5))
    demand = pd.DataFrame(
        [{"week": week, "sku": "P", "market": "X", "seller": s, "quantity": q, "price": p} for s, q, p in SOLD]
    )
    return hub_cost(PlanSettings(hub=hub), demand, number_tables(tables, demand, False), 4, members)


@pytest.mark.parametrize(
    ("members", "cost"),
    [
        (None, 5.0),  # 2000 × .01 / 4
        (("A", "B", "C"), 5.0),
        (("A", "C"), 4.0),
        (("B", "C"), 1.0),
        (("C",), 0.0),
    ],
)
def test_a_share_is_one_of_what_members_sell(members: tuple[str, ...] | None, cost: float) -> None:
    """A hundredth of the sales over four weeks, by hand; all of them where all are members."""
    assert weekly(members, HubSettings(share=0.01)) == pytest.approx(cost)


@pytest.mark.parametrize("members", [None, ("A", "C"), ("C",)])
def test_a_cost_that_is_set_is_the_same_for_any_members(members: tuple[str, ...] | None) -> None:
    assert weekly(members, HubSettings(weekly_cost=7.0)) == 7.0
