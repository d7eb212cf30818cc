"""What is wanted: the larger of forecast and open orders, in whole units, at today's price."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.engine import Tables
from jointplan.planning.reading.money import Money
from jointplan.planning.reading.wanted import DemandFactor, coming_demand, scaled_demand

START = date(2026, 1, 5)
KEY = {"sku": "P", "market": "X", "seller": "S"}
MONEY = Money("CNY", {})


def tables(means: list[float], orders: list[dict[str, Any]], sold: list[dict[str, Any]]) -> Tables:
    """Return forecasts of one series by week, open orders, and weeks of sales."""
    text = dict.fromkeys(KEY, pa.string())
    week = START - timedelta(weeks=1)
    rows: dict[str, tuple[list[dict[str, Any]], dict[str, pa.DataType]]] = {
        "forecasts": (
            [KEY | {"basis": "shared", "week": START + timedelta(weeks=t), "mean": m} for t, m in enumerate(means)]
            + [KEY | {"basis": "own:S", "week": START, "mean": 1e6}],
            text | {"basis": pa.string(), "week": pa.date32(), "mean": pa.float64()},
        ),
        "orders": ([KEY | row for row in orders], text | {"due": pa.date32(), "quantity": pa.float64()}),
        "weekly": (
            [KEY | {"week": week} | row for row in sold],
            text | {"week": pa.date32(), "quantity": pa.float64(), "revenue": pa.float64()},
        ),
        "products": (
            [{"sku": "P", "unit_value": 7.0}, {"sku": "Q", "unit_value": 9.0}],
            {"sku": pa.string(), "unit_value": pa.float64()},
        ),
    }
    return Tables({name: pa.Table.from_pylist(found, schema=pa.schema(kinds)) for name, (found, kinds) in rows.items()})


def test_open_orders_consume_their_week_s_forecast() -> None:
    """Of 10 a week: 4 ordered change nothing, 9 + 6 make it 15, what is overdue is due at once, and later orders wait."""
    orders = [
        {"due": START - timedelta(days=30), "quantity": 4.0},
        {"due": START + timedelta(days=7), "quantity": 9.0},
        {"due": START + timedelta(days=13), "quantity": 6.0},
        {"due": START + timedelta(days=21), "quantity": 99.0},
        {"due": START + timedelta(days=2), "quantity": 3.0, "sku": "Q"},
    ]
    demand = coming_demand(tables([10.0] * 3, orders, []), money=MONEY, start=START, weeks=3, seed=0)
    found = {(row.sku, (row.week.date() - START).days // 7): (row.quantity, row.origin) for row in demand.itertuples()}
    assert found == {
        ("P", 0): (10.0, "forecast"),
        ("P", 1): (15.0, "orders"),
        ("P", 2): (10.0, "forecast"),
        ("Q", 0): (3.0, "orders"),
    }
    overdue = coming_demand(tables([1.0], orders[:1], []), money=MONEY, start=START, weeks=1, seed=0)
    assert overdue["quantity"].tolist() == [4.0]


@pytest.mark.parametrize(
    ("sold", "price"),
    [
        ([{"quantity": 2.0, "revenue": 20.0}, {"quantity": 8.0, "revenue": 40.0}], 6.0),
        ([{"quantity": 1.0, "revenue": 30.0, "seller": "T"}, {"quantity": 1.0, "revenue": 99.0, "market": "Y"}], 30.0),
        ([{"quantity": 1.0, "revenue": 99.0, "market": "Y"}], 99.0),
        ([{"quantity": 1.0, "revenue": 20.0}, {"quantity": 1.0, "revenue": 1.0, "week": START - timedelta(weeks=27)}], 20.0),
        ([], 7.0),
    ],
    ids=["its own", "of others in the market", "elsewhere", "not half a year ago", "usual value"],
)  # fmt: skip
def test_the_price_is_that_of_the_last_weeks(sold: list[dict[str, Any]], price: float) -> None:
    """Revenue over units of the series, else of the product in the market, else of the product, else its usual value."""
    demand = coming_demand(tables([5.0], [], sold), money=MONEY, start=START, weeks=1, seed=0)
    assert demand["price"].tolist() == [pytest.approx(price)]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=12), st.integers(0, 1000))
def test_means_are_made_whole_without_losing_any(means: list[float], seed: int) -> None:
    """Each week is its mean rounded down or up, and the total of any weeks is kept to within one unit."""
    demand = coming_demand(tables(means, [], []), money=MONEY, start=START, weeks=len(means), seed=seed)
    whole = np.zeros(len(means))
    whole[[(week.date() - START).days // 7 for week in demand["week"]]] = demand["quantity"]
    assert (whole == whole.round()).all()
    assert (np.abs(whole - means) <= 1 + 1e-9).all()
    running = np.append(0.0, (whole - means).cumsum())
    assert running.max() - running.min() <= 1 + 1e-9


def test_a_factor_keeps_whole_units_and_touches_what_it_names() -> None:
    """A fifth more of 3, 3 and 4 is 12 in whole units; another seller's factor changes nothing."""
    demand = coming_demand(tables([3.0, 3.0, 4.0], [], []), money=MONEY, start=START, weeks=3, seed=0)
    more = scaled_demand(demand, [DemandFactor(1.2, sku="P"), DemandFactor(5.0, seller="T")])["quantity"]
    assert more.sum() == 12
    assert (more == more.round()).all()
    assert scaled_demand(demand, [DemandFactor(0.0)]).empty
