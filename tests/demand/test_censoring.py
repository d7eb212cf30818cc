"""Weeks in which goods had run out are no proof of low demand, for whoever reads weekly sales."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.demand import HeatSettings, LaunchSettings, foresee_launches, measure_heat, weekly_demand
from jointplan.engine import Tables
from tests.demand.clusters import START, tables_of

AVAILABILITY = pa.schema(
    [("week", pa.date32()), *((key, pa.string()) for key in ("sku", "market", "seller")), ("share", pa.float64())]
)


def out_of_stock(tables: Tables, sku: str, weeks: list[int]) -> Tables:
    """Tell that a product could not be had so many weeks before the start."""
    rows = [{"week": START - timedelta(weeks=back), "sku": sku, "share": 0.0} for back in weeks]
    return tables.adding({"availability": pa.Table.from_pylist(rows, schema=AVAILABILITY)})


def by_week(table: pa.Table, sku: str) -> dict[date, float]:
    frame = table.to_pandas()
    units: dict[date, float] = frame[frame["sku"] == sku].groupby("week")["quantity"].sum().to_dict()
    return units


def test_a_week_out_of_stock_counts_as_the_weeks_before_it() -> None:
    """It is filled up to the usual, never below what was sold, not before the first sale, and nothing else is touched."""
    told = out_of_stock(
        tables_of([("x", "m", "s", [0, 0, 8, 8, 8, 0, 3, 20, 8, 0]), ("y", "m", "s", [5.0] * 10)]),
        "x",
        [1, 3, 4, 5, 10],
    )
    made = by_week(weekly_demand(told, START), "x")
    assert [made.get(START - timedelta(weeks=back), 0.0) for back in range(10, 0, -1)] == pytest.approx(
        [0, 0, 8, 8, 8, 8, 8, 20, 8, 8]
    )
    assert by_week(weekly_demand(told, START), "y") == by_week(told["weekly"], "y")
    untold = tables_of([("x", "m", "s", [8.0, 0.0, 8.0])])
    assert by_week(weekly_demand(untold, START), "x") == by_week(untold["weekly"], "x")


def test_what_is_put_in_a_week_knows_nothing_of_later_ones() -> None:
    """Whatever is sold, comes back or runs out later, the weeks before stay as they were told."""
    then, told = START - timedelta(weeks=4), []
    for later in (1.0, 1e6):
        tables = out_of_stock(tables_of([("x", "m", "s", [6.0] * 8 + [0.0] * 3 + [later] * 4)]), "x", [7, 6, 5, 2])
        back = pd.DataFrame(
            {"week": [START - timedelta(weeks=9)], "known": [START - timedelta(weeks=1)], "quantity": [later]}
        ).assign(sku="x", market="m", seller="s")
        tables = tables.adding({"weekly_returns": pa.Table.from_pandas(back, preserve_index=False)})
        before = {week: units for week, units in by_week(weekly_demand(tables, START), "x").items() if week < then}
        assert before == by_week(weekly_demand(tables, then), "x")
        told.append(before)
    assert told[0] == told[1]
    assert list(told[0].values()) == pytest.approx([6.0] * 11)


def test_what_has_run_out_is_not_fading() -> None:
    """Of two products that sold alike, the one that is told to have run out keeps its level and its phase; untold it cools down."""
    rng = np.random.default_rng(3)
    others = [(f"p{number:02}", "m", "s", rng.poisson(20.0, 60).astype(float).tolist()) for number in range(30)]
    sold = [20.0] * 56 + [0.0] * 4
    tables = tables_of([*others, ("x", "m", "s", sold)]).adding(
        {"markets": pa.table({"market": ["m"], "country": ["DE"]})}
    )
    heat = {}
    for told, world in ((False, tables), (True, out_of_stock(tables, "x", [1, 2, 3, 4]))):
        made = measure_heat(
            world, HeatSettings(origins=2, shown_weeks=1, draws=19), start=START, currency="CNY", seed=1
        )
        frame = made["heat"].to_pandas()
        heat[told] = frame[(frame["scope"] == "product") & (frame["sku"] == "x")].iloc[0]
    assert heat[False]["phase"] == "fading"
    assert heat[False]["level"] < 12
    assert heat[True]["phase"] == "steady"
    assert heat[True]["level"] == pytest.approx(20, rel=0.05)


def test_a_launch_that_sold_out_is_no_flop(make_tables: Callable[..., Tables]) -> None:
    """A product that sold well for two weeks and then ran out is expected to sell as others that did so, not as those that stopped."""
    rng = np.random.default_rng(5)
    series = []
    for number in range(40):
        begin, rate = 10 + number, 30.0 if number % 2 else 3.0
        units = np.where(np.arange(70) >= begin, rng.poisson(rate, 70), 0).astype(float)
        units[begin] = max(units[begin], 1.0)
        series.append((f"p{number:02}", "m", "s", units))
    series.append(("x", "m", "s", [*[0.0] * 64, 31.0, 29.0, *[0.0] * 4]))
    tables = make_tables(series)
    mean = {}
    for told, world in ((False, tables), (True, out_of_stock(tables, "x", [1, 2, 3, 4]))):
        made = foresee_launches(world, LaunchSettings(paths=400), start=START, seed=1, only="x")["launches"].to_pylist()
        mean[told] = made[0]["mean"]
    assert mean[True] == pytest.approx(30 * 13, rel=0.25)
    assert mean[False] < 0.8 * mean[True]
