"""What is known beside sales: returns in the week of their sale, stockouts as unknown, prices and promotions of their time."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.demand import forecast_demand, weekly_returns
from jointplan.demand.basis import is_sparse
from jointplan.demand.known import product_attributes, relative_prices, worth_of_units
from jointplan.demand.outlook import candidates, look_ahead
from jointplan.demand.panel import read_panel
from jointplan.demand.settings import ForecastSettings
from jointplan.engine import DuckDBEngine, Tables
from tests.demand.clusters import START, tables_of

KEYS = {"sku": ["x"], "market": ["m"], "seller": ["s"]}


def lines(days, documents, units):
    count = len(days)
    return pa.table(
        {"document": documents, "date": pa.array(days, pa.date32()), **{key: value * count for key, value in KEYS.items()}, "quantity": units}
    )  # fmt: skip


def test_returns_belong_to_the_sale_they_undo():
    """A return goes to the sale its document names, else to the last sale before it; without one it is left out."""
    sales = lines([date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 21)], ["a", "b", "c"], [5.0, 6.0, 7.0])
    returns = lines(
        [date(2026, 1, 20), date(2026, 1, 14), date(2026, 1, 21), date(2026, 1, 1)],
        ["a", "r2", "r3", "r4"],
        [1.0, 2.0, 3.0, 9.0],
    )
    with DuckDBEngine() as engine:
        expression = weekly_returns(engine.register("s", sales), engine.register("r", returns))
        rows = engine.arrow(expression).to_pylist()
    made = sorted((row["week"], row["known"], row["quantity"]) for row in rows)
    assert made == [
        (date(2026, 1, 5), date(2026, 1, 19), 1.0),
        (date(2026, 1, 12), date(2026, 1, 12), 2.0),
        (date(2026, 1, 19), date(2026, 1, 19), 3.0),
    ]


def test_returns_are_taken_off_only_once_they_are_known():
    """What came back before the start lowers the week of its sale; what came back later changes nothing."""
    tables = tables_of([("x", "m", "s", [10.0, 10.0, 10.0])])
    rows = {"week": [START - timedelta(weeks=2)] * 2, "known": [START - timedelta(weeks=1), START + timedelta(weeks=1)]}
    back = pd.DataFrame({**rows, "sku": "x", "market": "m", "seller": "s", "quantity": [4.0, 3.0]})
    panel = read_panel(tables.adding({"weekly_returns": pa.Table.from_pandas(back)}), START)
    assert panel.quantity.tolist() == [[10.0, 6.0, 10.0]]


def test_what_came_back_later_was_not_known_on_a_past_monday():
    """Whatever came back after a past Monday, all that is said from that Monday on stays as it was; what is finally known nets it."""
    rng = np.random.default_rng(3)
    units = rng.poisson(20.0, (12, 60)).astype(float)
    tables = tables_of([(f"x{row:02}", "m", "s", units[row].tolist()) for row in range(12)])
    cutoff, looks = 40, []
    for later in (0.0, 5.0, 1e6):
        rows = [
            {"week": START - timedelta(weeks=60 - week), "known": START - timedelta(weeks=60 - known), "sku": f"x{row:02}", "quantity": much}
            for row in range(12)
            for week, known, much in ((20, 22, 3.0), (35, 39, 2.0), (36, 44, later), (38, 50, later))
            if much
        ]  # fmt: skip
        back = pd.DataFrame(rows).assign(market="m", seller="s")
        panel = read_panel(tables.adding({"weekly_returns": pa.Table.from_pandas(back, preserve_index=False)}), START)
        assert panel.quantity[:, 36].tolist() == np.maximum(units[:, 36] - later, 0.0).tolist()
        then = panel.as_known(cutoff, 20).pick(np.arange(12))
        assert then.quantity[:, 35].tolist() == (units[:, 35] - 2.0).tolist()
        settings = ForecastSettings(models=("HistoricAverage", "SES"), season=12)
        made = look_ahead(then, cutoff, 4, candidates(settings, products=False), settings)
        looks.append((then.quantity[:, :cutoff], made.levels, made.naive_squared, is_sparse(then, cutoff, settings)))
    for other in looks[1:]:
        assert all(np.array_equal(one, two) for one, two in zip(looks[0], other, strict=True))


def test_weeks_not_to_be_had_are_unseen_and_raise_the_forecast():
    """A row of availability without market and seller speaks of all; such weeks do not pull the forecast down."""
    units = np.where(np.arange(60) % 3 == 0, 0.0, 12.0)
    tables = tables_of([("x", "m", "s", units), ("x", "n", "s", units), ("y", "m", "s", [5.0] * 60)])
    gone = [START - timedelta(weeks=60 - week) for week in range(60) if week % 3 == 0]
    rows = pd.DataFrame({"week": gone, "sku": "x", "market": None, "seller": None, "share": 0.2})
    schema = pa.schema([("week", pa.date32()), *((key, pa.string()) for key in KEYS), ("share", pa.float64())])
    told = tables.adding({"availability": pa.Table.from_pandas(rows, schema)})
    panel = read_panel(told, START)
    assert panel.unseen is not None
    assert panel.unseen[:2].any()
    assert not panel.unseen[2].any()
    means = []
    for world in (tables, told):
        made = forecast_demand(world, ForecastSettings(), start=START, weeks=4, seed=1)["forecasts"].to_pandas()
        means.append(made[(made["basis"] == "shared") & (made["sku"] == "x")]["mean"].mean())
    assert means[1] == pytest.approx(12.0, rel=0.05)
    assert means[0] < 10.0


def test_prices_are_read_against_those_before_them():
    """A price is told over the mean of prices so far and carried on over weeks without sales; later prices do not matter."""
    quantity, revenue = np.array([[2.0, 0.0, 1.0, 3.0]]), np.array([[20.0, 0.0, 5.0, 30.0]])
    made = relative_prices(quantity, revenue)
    assert made is not None
    assert made[0, :3].tolist() == pytest.approx([1.0, 1.0, 5 / (25 / 3)])
    revenue[0, 3] = 900.0
    assert relative_prices(quantity, revenue)[0, :3].tolist() == made[0, :3].tolist()
    assert relative_prices(np.ones((2, 3)), np.full((2, 3), 4.0)) is None


def test_what_a_unit_is_worth_is_its_mean_price() -> None:
    """Revenue over the units that brought it, that of all where a series brought none; without any revenue nothing is known."""
    quantity, revenue = np.array([[2.0, 2.0], [5.0, 1.0], [3.0, 0.0]]), np.array([[20.0, 40.0], [5.0, 0.0], [0.0, 0.0]])
    assert worth_of_units(quantity, revenue) == pytest.approx([15.0, 1.0, 65.0 / 9.0])
    assert worth_of_units(quantity, np.zeros((3, 2))) is None
    tables = tables_of([("x", "m", "s", [1.0, 2.0]), ("y", "m", "s", [3.0, 0.0])])
    assert read_panel(tables, START).worth == pytest.approx([2.0, 2.0])
    assert read_panel(tables, START).pick(np.array([1])).worth == pytest.approx([2.0])


def test_attributes_are_those_that_tell_products_apart():
    """Price, weight, volume and maker as numbers, what is not known as such; what is the same for all, or a table without them, tells nothing."""
    rows = {
        "sku": ["a", "b", "c"],
        "unit_value": [10.0, 100.0, None],
        "weight": [2.0, 2.0, 2.0],
        "volume": [0.0, 0.1, 0.2],
        "maker": ["F2", None, "F1"],
    }
    made = product_attributes(Tables({"products": pa.table(rows)}), ["c", "a", "b", "a", "x"])
    log, unknown = np.log, np.nan
    a, b, c = [log(10.0), unknown, 1.0], [log(100.0), log(0.1), unknown], [unknown, log(0.2), 0.0]
    assert made == pytest.approx(np.array([c, a, b, a, [unknown] * 3]), nan_ok=True)
    assert product_attributes(Tables({"products": pa.table({"sku": ["a", "b"]})}), ["a", "b"]) is None
    assert product_attributes(Tables({}), ["a"]) is None


def test_planned_promotions_lift_the_weeks_they_fall_in():
    """Where promotions tripled sales, a planned one lifts the forecast of its week; one without spend, or told for others, does not."""
    rng = np.random.default_rng(7)
    weeks, ahead = 60, 4
    on = rng.random((120, weeks)) < 0.15
    units = rng.poisson(np.where(on, 36.0, 12.0)).astype(float)
    names = [f"x{row:03}" for row in range(120)]
    tables = tables_of([(name, "m", "s", row.tolist()) for name, row in zip(names, units, strict=True)])
    past = [(week - weeks, names[row], 5.0) for row, week in zip(*np.nonzero(on), strict=True)]
    coming = [(1, name, 5.0) for name in names[:40]] + [(1, name, 0.0) for name in names[40:80]]
    rows = pd.DataFrame([*past, *coming], columns=["week", "sku", "spend"])
    rows["date"] = [START + timedelta(weeks=week, days=2) for week in rows.pop("week")]
    told = tables.adding(
        {"promotions": pa.Table.from_pandas(rows.assign(market="m", seller="s"), preserve_index=False)}
    )
    panel = read_panel(told, START, ahead)
    assert panel.promoted is not None
    assert panel.promoted[:, :weeks].tolist() == on.tolist()
    assert panel.promoted[:, weeks:].sum(axis=0).tolist() == [0, 40, 0, 0]
    settings = ForecastSettings(models=("HistoricAverage",), trees="always", origins=2, examples=10_000, rounds=60)
    made = forecast_demand(told, settings, start=START, weeks=ahead, seed=1)["forecasts"].to_pandas()
    made = made[made["basis"] == "shared"].sort_values(["sku", "week"])
    mean = made["mean"].to_numpy().reshape(120, ahead)
    assert mean[:40, 1].mean() > 1.5 * mean[:40, [0, 2, 3]].mean()
    assert mean[40:, 1].mean() == pytest.approx(mean[40:, [0, 2, 3]].mean(), rel=0.1)
