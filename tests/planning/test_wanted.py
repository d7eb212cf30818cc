"""What is wanted: the larger of forecast and open orders, in whole units, orders at their own price and the rest at today's."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan import Study
from jointplan.contracts import silent
from jointplan.engine import DuckDBEngine, Tables
from jointplan.planning.reading.defaults import complete_tables
from jointplan.planning.reading.money import Money
from jointplan.planning.reading.prepared import prepare
from jointplan.planning.reading.tables import build_problem
from jointplan.planning.reading.wanted import (
    DemandFactor,
    coming_demand,
    open_orders,
    order_assumptions,
    paid_demand,
    scaled_demand,
)
from jointplan.planning.settings import PlanSettings
from jointplan.study.stages import Stopwatch, add_up, check
from tests.tiny import write_csv, write_tiny

START = date(2026, 1, 5)
KEY = {"sku": "P", "market": "X", "seller": "S"}
MONEY = Money("CNY", {"EUR": 8.0})


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
        "orders": (
            [KEY | row for row in orders],
            text | {"due": pa.date32(), "quantity": pa.float64(), "unit_price": pa.float64()},
        ),
        "markets": (
            [{"market": "X"}, {"market": "NEW", "currency": "EUR", "entry_cost": 50.0}],
            {"market": pa.string(), "currency": pa.string(), "entry_cost": pa.float64()},
        ),
        "potentials": (
            [KEY | {"market": "NEW", "quantity": 4.0, "unit_price": 8.0, "ramp_weeks": 2.0}],
            text | {"quantity": pa.float64(), "unit_price": pa.float64(), "ramp_weeks": pa.float64()},
        ),
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


def test_orders_are_wanted_at_their_own_price_and_the_rest_at_today_s() -> None:
    """Forecasts of 10 a week that sell at 6; by hand, two prices, no price, more than forecast, and a foreign market's money."""
    orders: list[dict[str, Any]] = [
        {"due": START, "quantity": 3.0, "unit_price": 30.0},
        {"due": START + timedelta(days=6), "quantity": 1.0, "unit_price": 30.0},
        {"due": START + timedelta(days=1), "quantity": 2.0, "unit_price": 1.0},
        {"due": START + timedelta(days=2), "quantity": 1.0},
        {"due": START + timedelta(days=8), "quantity": 9.0, "unit_price": 20.0},
        {"due": START + timedelta(days=9), "quantity": 5.0},
        {"due": START + timedelta(days=14), "quantity": 12.0, "unit_price": 5.0},
        {"due": START + timedelta(days=14), "quantity": 2.0, "unit_price": 5.0, "market": "NEW"},
    ]
    sold: list[dict[str, Any]] = [
        {"quantity": 10.0, "revenue": 60.0},
        {"quantity": 1.0, "revenue": 9.0, "market": "NEW"},
    ]
    found = tables([10.0] * 4, orders, sold)
    demand = coming_demand(found, money=MONEY, start=START, weeks=4, seed=0)
    rows = {
        ((row.week.date() - START).days // 7, row.market, row.price, row.origin, row.quantity)
        for row in demand.itertuples()
    }
    assert rows == {
        (0, "X", 30.0, "orders", 4.0), (0, "X", 1.0, "orders", 2.0), (0, "X", 6.0, "forecast", 4.0),
        (1, "X", 20.0, "orders", 9.0), (1, "X", 6.0, "orders", 5.0),
        (2, "X", 5.0, "orders", 12.0), (2, "NEW", 40.0, "orders", 2.0),
        (3, "X", 6.0, "forecast", 10.0),
    }  # fmt: skip
    assert len(demand) == len(rows)
    told = order_assumptions(open_orders(found, money=MONEY, start=START, weeks=4))
    assert [(row.item, row.value) for row in told] == [("orders.unit_price", "6")]


def test_orders_of_a_market_not_entered_wait_with_its_potential() -> None:
    """By hand: 2 a week, then 4, could be sold at 8 EUR; of 1 ordered at 5 EUR and 6 without a price the rest stays and waits."""
    orders: list[dict[str, Any]] = [
        {"due": START, "quantity": 1.0, "unit_price": 5.0, "market": "NEW"},
        {"due": START + timedelta(days=7), "quantity": 6.0, "market": "NEW"},
        {"due": START + timedelta(days=7), "quantity": 3.0, "unit_price": 9.0, "market": "NEW", "sku": "Q"},
    ]
    found = tables([10.0] * 3, orders, [{"quantity": 10.0, "revenue": 60.0}])
    demand = coming_demand(found, money=MONEY, start=START, weeks=3, seed=0)
    assert set(demand["market"]) == {"X"}
    offers = paid_demand(found, demand, money=MONEY, start=START, weeks=3)
    assert [(offer.market, offer.cost) for offer in offers.offers] == [("NEW", 400.0)]
    rows = {((row.week.date() - START).days // 7, row.sku, row.price, row.quantity) for row in offers.rows.itertuples()}
    assert rows == {
        (0, "P", 40.0, 1.0),
        (0, "P", 64.0, 1.0),
        (1, "P", 64.0, 6.0),
        (2, "P", 64.0, 4.0),
        (1, "Q", 72.0, 3.0),
    }
    told = order_assumptions(open_orders(found, money=MONEY, start=START, weeks=3))
    assert [(row.item, row.subject, row.value) for row in told] == [
        ("orders.unit_price", "", "6"),
        ("orders in new markets", "NEW", "10"),
    ]


def test_a_new_product_s_order_where_its_seller_sells_waits_for_nothing() -> None:
    """The seller of P sells Q in NEW today: orders of P there are demand, and what could be sold beyond them waits, at its own price.

    By hand: of 2, then 4 that could be sold at 64, 3 and 1 are ordered: 3 in all in the first week, 4 in the second and third.
    """
    orders: list[dict[str, Any]] = [
        {"due": START, "quantity": 2.0, "unit_price": 5.0, "market": "NEW"},
        {"due": START, "quantity": 1.0, "unit_price": 9.0, "market": "NEW"},
        {"due": START + timedelta(days=7), "quantity": 1.0, "unit_price": 9.0, "market": "NEW"},
    ]
    found = tables([10.0] * 3, orders, [{"quantity": 1.0, "revenue": 9.0, "market": "NEW", "sku": "Q"}])
    demand = coming_demand(found, money=MONEY, start=START, weeks=3, seed=0)
    offers = paid_demand(found, demand, money=MONEY, start=START, weeks=3)
    today, waits = (
        sorted(((row.week.date() - START).days // 7, row.price, row.quantity) for row in rows.itertuples())
        for rows in (demand[demand["market"] == "NEW"], offers.rows)
    )
    assert today == [(0, 40.0, 2.0), (0, 72.0, 1.0), (1, 72.0, 1.0)]
    assert waits == [(1, 64.0, 3.0), (2, 64.0, 4.0)]


@pytest.mark.parametrize(
    ("factor", "rows"),
    [
        (DemandFactor(2.0), [(0, 40.0, 4.0), (1, 40.0, 4.0), (1, 64.0, 4.0)]),
        (DemandFactor(0.5, market="NEW"), [(0, 40.0, 1.0), (1, 40.0, 1.0), (1, 64.0, 1.0)]),
        (DemandFactor(0.0, seller="S"), []),
        (DemandFactor(0.0, seller="T"), [(0, 40.0, 2.0), (1, 40.0, 2.0), (1, 64.0, 2.0)]),
    ],
    ids=["all twice", "half of the market", "its seller is out", "another is out"],
)
def test_what_waits_for_its_market_is_multiplied_as_demand_is(
    factor: DemandFactor, rows: list[tuple[int, float, float]]
) -> None:
    """By hand: of 2 that could be sold at 64, then 4, 2 each are ordered at 40: 2 at 40, then 2 at 40 and 2 at 64, times the factor."""
    orders: list[dict[str, Any]] = [
        {"due": START, "quantity": 2.0, "unit_price": 5.0, "market": "NEW"},
        {"due": START + timedelta(days=7), "quantity": 2.0, "unit_price": 5.0, "market": "NEW"},
    ]
    found = tables([10.0] * 2, orders, [{"quantity": 10.0, "revenue": 60.0}])
    demand = coming_demand(found, money=MONEY, start=START, weeks=2, seed=0)
    offers = paid_demand(found, demand, money=MONEY, start=START, weeks=2, factors=[factor])
    waits = [((row.week.date() - START).days // 7, row.price, row.quantity) for row in offers.rows.itertuples()]
    assert sorted(waits) == rows
    assert len(offers.offers) == (1 if rows else 0)


def test_who_is_out_delivers_no_order_that_waits(tmp_path: Path) -> None:
    """A problem made for ALPHA's order of 5 in a market not entered has 5, 10 or none of them with its what-if."""
    folder = write_tiny(
        tmp_path, markets=lambda rows: [*rows, {"market": "NEW", "country": "DE", "currency": "CNY", "entry_cost": 9}]
    )
    order = {"order": "O1", "due": "2025-04-15", "sku": "KETTLE-1", "market": "NEW", "seller": "ALPHA", "quantity": 5}
    write_csv(folder / "tables" / "orders.csv", [order])
    start = date(2025, 4, 14)
    forecasts = pa.table(
        {"basis": ["shared"], "week": pa.array([start], pa.date32()), "sku": ["TOASTER"], "market": ["DE"]}
        | {"seller": ["GAMMA"], "mean": [3.0]}
    )
    with DuckDBEngine() as engine:
        study, watch = Study.open(folder), Stopwatch(silent)
        found = add_up(check(study.workspace, study.settings, engine, watch), study.settings, engine, watch).tables
    for factor, waits in (
        (DemandFactor(1.0), [5.0]),
        (DemandFactor(2.0), [10.0]),
        (DemandFactor(0.0, seller="ALPHA"), []),
    ):
        made = prepare(
            found.adding({"forecasts": forecasts}), PlanSettings(),
            currency="CNY", start=start, weeks=2, replay=False, factors=[factor],
        )  # fmt: skip
        entries = made.problem.entries
        units = [] if entries is None else made.problem.demand[entries.series >= 0].sum(axis=1).tolist()
        assert units == waits


def test_what_is_sold_today_is_not_new_where_demand_is_multiplied_by_nothing() -> None:
    """P is sold in NEW and ordered there: without its demand nothing of it waits for an entry."""
    order = {"due": START, "quantity": 1.0, "unit_price": 5.0, "market": "NEW"}
    found = tables([10.0], [order], [{"quantity": 1.0, "revenue": 9.0, "market": "NEW"}])
    demand = coming_demand(found, money=MONEY, start=START, weeks=1, seed=0)
    assert demand.loc[demand["market"] == "NEW", "quantity"].tolist() == [1.0]
    without = [DemandFactor(0.0, market="NEW"), DemandFactor(2.0)]
    assert not paid_demand(found, demand, money=MONEY, start=START, weeks=1, factors=without).offers


def test_a_campaign_adds_its_share_to_demand_as_multiplied() -> None:
    """A fifth of 10 is 2 and of twice as much 4: the factor counts once."""
    campaign = {"market": "X", "cost": 1.0, "uplift": 0.2, "ramp_weeks": 0.0}
    found = tables([10.0], [], [{"quantity": 10.0, "revenue": 60.0}])
    products = pa.Table.from_pylist([{"sku": "P", "family": "f", "unit_value": 7.0}])
    campaigns = pa.Table.from_pylist(
        [campaign],
        pa.schema(
            [
                ("market", pa.string()),
                ("family", pa.string()),
                ("cost", pa.float64()),
                ("uplift", pa.float64()),
                ("ramp_weeks", pa.float64()),
            ]
        ),
    )
    found = found.adding({"products": products, "campaigns": campaigns})
    demand = coming_demand(found, money=MONEY, start=START, weeks=1, seed=0)
    for factor, more in ((1.0, 2.0), (2.0, 4.0)):
        rows = paid_demand(found, demand, money=MONEY, start=START, weeks=1, factors=[DemandFactor(factor)]).rows
        assert rows.loc[rows["market"] == "X", "quantity"].tolist() == [more]


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


def test_what_is_ordered_at_another_price_is_a_series_of_its_own(tmp_path: Path) -> None:
    """By hand: 5 and 4 at 100, 2 at 300 and 3 at 1 are three series; sales of past weeks, whose price moves, are one with their mean."""
    rows = [
        (0, 5.0, 100.0, "forecast"), (1, 4.0, 100.0, "orders"), (0, 2.0, 300.0, "orders"), (1, 3.0, 1.0, "orders"),
    ]  # fmt: skip
    demand = pd.DataFrame(
        [
            {"week": pd.Timestamp(START) + pd.Timedelta(weeks=t), "sku": "KETTLE-1", "market": "DE", "seller": "ALPHA"}
            | {"quantity": units, "price": price, "origin": origin}
            for t, units, price, origin in rows
        ]
    )
    folder = write_tiny(tmp_path)
    with DuckDBEngine() as engine:
        study, watch = Study.open(folder), Stopwatch(silent)
        found = add_up(check(study.workspace, study.settings, engine, watch), study.settings, engine, watch).tables
    completed, _ = complete_tables(found, PlanSettings())
    terms: dict[str, Any] = {"money": MONEY, "start": START, "weeks": 2, "opening": False}
    problem = build_problem(completed, PlanSettings(), demand, **terms)
    assert problem.price.tolist() == [1.0, 100.0, 300.0]
    assert problem.demand.tolist() == [[0.0, 3.0], [5.0, 4.0], [2.0, 0.0]]
    problem = build_problem(completed, PlanSettings(), demand.assign(origin="sales"), **terms)
    assert problem.price.tolist() == [pytest.approx((900 + 600 + 3) / 14)]
    assert problem.demand.tolist() == [[7.0, 7.0]]


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
