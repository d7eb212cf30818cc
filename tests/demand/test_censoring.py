"""Weeks in which goods had run out are no proof of low demand, for whoever reads weekly sales."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.demand import (
    ForecastSettings,
    HeatSettings,
    LaunchSettings,
    forecast_demand,
    foresee_launches,
    measure_heat,
    weekly_demand,
)
from jointplan.demand.panel import read_panel
from jointplan.engine import Tables
from tests.demand.clusters import START, tables_of

AVAILABILITY = pa.schema(
    [("week", pa.date32()), *((key, pa.string()) for key in ("sku", "market", "seller")), ("share", pa.float64())]
)

COUNTS = pa.schema(
    [
        ("date", pa.date32()),
        *((key, pa.string()) for key in ("site", "sku", "market", "seller")),
        ("quantity", pa.float64()),
    ]
)


def counted(tables: Tables, *rows: tuple[int, str, float], sku: str = "x", **place: str) -> Tables:
    """Add counts of so many days before the start, at a site, of so many units."""
    made = [
        {"date": START - timedelta(days=back), "site": site, "sku": sku, "quantity": units, **place}
        for back, site, units in rows
    ]
    known = [tables["stock_counts"]] if "stock_counts" in tables else []
    return tables.adding({"stock_counts": pa.concat_tables([*known, pa.Table.from_pylist(made, schema=COUNTS)])})


def unseen_weeks(tables: Tables, start: date = START) -> list[list[int]]:
    """Return, series by series, how many weeks before the start those lie whose demand could not be seen."""
    panel = read_panel(tables, start)
    if panel.unseen is None:
        return [[] for _ in range(len(panel))]
    return [[panel.weeks - int(column) for column in np.flatnonzero(row)] for row in panel.unseen]


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


def test_counts_of_stock_tell_the_same_as_flags() -> None:
    """A simulated stock that runs out is told by weekly counts as by flags: the same weeks, the same forecast, nearer to what was wanted."""
    rng = np.random.default_rng(11)
    wanted, units, out, rows, stock = rng.poisson(20.0, 80), [], [], [], 150.0
    for week, want in enumerate(wanted):
        if week % 8 == 0:
            stock = 130.0
        sold = min(stock, float(want))
        stock -= sold
        units.append(sold)
        rows.append(((80 - week) * 7 - 6, "shop", stock))
        if stock == 0:
            out.append(80 - week)
    plain = tables_of([("x", "m", "s", units), ("y", "m", "s", [5.0] * 80)])
    flagged, counts = out_of_stock(plain, "x", out), counted(plain, *rows)
    assert len(out) > 8
    assert unseen_weeks(counts) == unseen_weeks(flagged) == [out, []]
    mean = []
    for world in (plain, flagged, counts):
        made = forecast_demand(world, ForecastSettings(), start=START, weeks=4, seed=1)["forecasts"]
        mean.append([row["mean"] for row in made.to_pylist() if row["sku"] == "x" and row["basis"] == "shared"])
    assert mean[1] == mean[2]
    assert np.mean(mean[2]) == pytest.approx(20.0, rel=0.15)
    assert np.mean(mean[0]) < 0.9 * np.mean(mean[2])
    told, flags = (by_week(weekly_demand(world, START), "x") for world in (counts, flagged))
    assert told == flags


@pytest.mark.parametrize(
    ("rows", "units", "weeks"),
    [
        # A week with a count of nothing, whatever else was counted in it.
        ([(30, "a", 5.0), (20, "a", 0.0), (17, "a", 9.0)], [3.0] * 8, [3]),
        # Goods at another place serve, too; once both are bare, nothing does.
        ([(30, "a", 5.0), (30, "b", 5.0), (20, "a", 0.0), (10, "b", 0.0), (9, "a", 0.0), (4, "b", 1.0)], [3.0] * 8, [2]),
        # Out until the next count.
        ([(40, "a", 5.0), (34, "a", 0.0), (13, "a", 0.0), (6, "a", 2.0)], [3.0, 3.0, 3.0, 0, 0, 0, 0, 3.0], [5, 4, 3, 2]),
        # Or until something is sold.
        ([(40, "a", 5.0), (34, "a", 0.0)], [3.0, 3.0, 3.0, 0, 0, 2.0, 0, 0], [5, 4]),
        # A sale in the week of the count may have come after it, unless that was the week's last day.
        ([(40, "a", 5.0), (35, "a", 0.0)], [3.0, 3.0, 3.0, 3.0, 0, 0, 0, 2.0], [5]),
        ([(40, "a", 5.0), (29, "a", 0.0)], [3.0, 3.0, 3.0, 3.0, 0, 0, 0, 2.0], [5, 4, 3, 2]),
        # Made to order: never was anything there.
        ([(34, "a", 0.0), (20, "a", 0.0)], [3.0] * 8, []),
        # Not kept before it came.
        ([(34, "a", 0.0), (20, "a", 7.0), (6, "a", 0.0)], [3.0] * 8, [1]),
        # Counts of the first week planned and after are not known yet.
        ([(34, "a", 5.0), (0, "a", 0.0), (-7, "a", 0.0)], [3.0] * 8, []),
        # What was counted before the first week known stands until then.
        ([(90, "a", 5.0), (80, "a", 0.0), (34, "a", 5.0)], [3.0] * 8, []),
    ],
)  # fmt: skip
def test_when_counts_say_that_goods_had_run_out(
    rows: list[tuple[int, str, float]], units: list[float], weeks: list[int]
) -> None:
    """A week is out of stock where its counts, or the last one before it with no sale since, left nothing in all places."""
    assert unseen_weeks(counted(tables_of([("x", "m", "s", units)]), *rows)) == [weeks]


def test_one_count_of_nothing_does_not_carry_for_ever() -> None:
    """Thirteen weeks after the last count silence tells of demand again, also where that count came before the weeks known."""
    tables = tables_of([("x", "m", "s", [9.0] * 10 + [0.0] * 30)])
    begin = 30 * 7
    assert unseen_weeks(counted(tables, (280, "a", 5.0), (begin, "a", 0.0))) == [list(range(30, 16, -1))]
    again = counted(tables, (280, "a", 5.0), (begin, "a", 0.0), (begin - 35, "a", 0.0))
    assert unseen_weeks(again) == [list(range(30, 11, -1))]
    early = tables_of([("x", "m", "s", [0.0] * 39 + [1.0]), ("y", "m", "s", [1.0] * 40)])
    assert unseen_weeks(counted(early, (330, "a", 5.0), (44 * 7, "a", 0.0))) == [list(range(40, 30, -1)), []]


def test_what_ended_out_of_stock_has_ended() -> None:
    """After one count of nothing a year's silence is an end; weeks told every time as not to be had prove none, nor does a sale among them."""
    settings = ForecastSettings(models=("HistoricAverage", "SES"), trees="never", origins=1)
    plain = tables_of([("x", "m", "s", [10.0] * 40 + [0.0] * 60), ("y", "m", "s", [5.0, 6.0] * 50)])

    def mean(tables: Tables) -> list[float]:
        made = forecast_demand(tables, settings, start=START, weeks=2, seed=1)["forecasts"].to_pylist()
        return [row["mean"] for row in made if row["sku"] == "x" and row["basis"] == "shared"]

    assert mean(counted(plain, (700, "a", 100.0), (420, "a", 0.0))) == mean(plain) == [0.0, 0.0]
    assert mean(out_of_stock(plain, "x", list(range(1, 61)))) == pytest.approx([10.0, 10.0], rel=0.05)
    assert mean(out_of_stock(plain, "x", list(range(40, 61)))) == [0.0, 0.0]
    some = tables_of([("x", "m", "s", [10.0] * 40 + [0.0] * 10 + [4.0] + [0.0] * 49), ("y", "m", "s", [5.0, 6.0] * 50)])
    assert mean(out_of_stock(some, "x", [50]))[0] > 0


def test_counts_are_heard_for_whom_they_speak() -> None:
    """From the first count that names a market on, those that name none are not heard; another seller's or product's is not heard; flags overrule counts."""
    series = [
        ("x", "m", "s", [3.0] * 8),
        ("x", "n", "s", [3.0] * 8),
        ("x", "n", "t", [3.0] * 8),
        ("y", "n", "t", [3.0] * 8),
    ]
    tables = counted(tables_of(series), (40, "hub", 50.0), (6, "hub", 0.0))
    assert unseen_weeks(tables) == [[1], [1], [1], []]
    tables = counted(tables, (40, "abroad", 5.0), (20, "abroad", 0.0), (12, "abroad", 3.0), market="n")
    assert unseen_weeks(tables) == [[1], [3], [3], []]
    tables = counted(tables, (20, "own", 4.0), market="n", seller="t")
    assert unseen_weeks(tables) == [[1], [3], [], []]
    flags = {"week": [START - timedelta(weeks=3)], "sku": ["x"], "share": [1.0]}
    told = tables.adding({"availability": pa.Table.from_pylist(pa.table(flags).to_pylist(), schema=AVAILABILITY)})
    assert unseen_weeks(told) == [[1], [], [], []]


def test_later_counts_change_nothing_that_was_told_before() -> None:
    """Whatever is counted after a past Monday, the weeks before it stay as they were."""
    rng = np.random.default_rng(2)
    for _ in range(40):
        units = np.where(rng.random(30) < 0.6, 4.0, 0.0).tolist()
        rows = {int(day): float(rng.integers(0, 3)) for day in rng.integers(-9, 210, 25)}
        tables = counted(tables_of([("x", "m", "s", [4.0, *units])]), *((day, "a", left) for day, left in rows.items()))
        if rng.random() < 0.5:
            named = ((int(day), "b", float(rng.integers(0, 2))) for day in set(rng.integers(-9, 210, 4).tolist()))
            tables = counted(tables, *named, market="m")
        weeks = unseen_weeks(tables)[0]
        then = START - timedelta(weeks=10)
        assert [week - 10 for week in weeks if week > 10] == unseen_weeks(tables, then)[0]
