"""Totals of products, families, markets and the cluster add up exactly, and are as sure as series that move together are."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from jointplan.demand import ForecastSettings, forecast_demand
from jointplan.demand.totals import Totals, add_up
from jointplan.demand.trials import CHANCES
from jointplan.schema import QUANTILES, TABLES
from tests.demand.clusters import START


def test_totals_are_the_sums_of_the_series(make_tables, make_cluster):
    """At every level the means add up to those of the series, nothing is below zero, quantiles rise, and a series alone keeps its own."""
    families = {f"P{number:03}": f"F{number % 3}" for number in range(12)}
    tables = make_tables(
        [*make_cluster(3, products=12, weeks=70), ("ALONE", "M7", "S0", [5.0, 7.0] * 35)], families=families
    )
    made = forecast_demand(tables, ForecastSettings(models=("SES",), origins=1), start=START, weeks=4, seed=1)
    totals, series = made["forecast_totals"].to_pandas(), made["forecasts"].to_pandas()
    assert made["forecast_totals"].schema == TABLES["forecast_totals"].arrow
    assert not totals.duplicated(["by", "name", "week"]).any()
    series = series[series["basis"] == "shared"]
    series = series.assign(family=series["sku"].map(families).fillna("general"), cluster="")
    keys = {"cluster": "cluster", "market": "market", "family": "family", "product": "sku"}
    for by, key in keys.items():
        sums = series.groupby([key, "week"])["mean"].sum()
        part = totals[totals["by"] == by].fillna({"name": ""}).set_index(["name", "week"])["mean"]
        pd.testing.assert_series_equal(part.sort_index(), sums.sort_index(), check_names=False, rtol=1e-12)
    numbers = totals[list(QUANTILES)].to_numpy()
    assert numbers.min() >= 0
    assert (np.diff(numbers, axis=1) >= 0).all()
    alone = series[series["sku"] == "ALONE"][list(QUANTILES)].to_numpy()
    assert np.array_equal(totals[(totals["by"] == "product") & (totals["name"] == "ALONE")][list(QUANTILES)], alone)


@pytest.mark.parametrize(("together", "spread"), [(True, 16.0), (False, 4.0)])
def test_a_total_is_as_spread_as_its_series_move_together(together, spread):
    """The total of sixteen alike is sixteen times as spread where they rise and fall as one, four times where each goes its way."""
    rng = np.random.default_rng(5)
    history = rng.normal(100.0, 5.0, (1 if together else 16, 300)) * np.ones((16, 1))
    quantiles = np.quantile(rng.normal(100.0, 5.0, 50_000), CHANCES)[None, :, None] * np.ones((16, 1, 3))
    none = np.zeros(16, dtype=bool)
    made = add_up(np.full((16, 3), 100.0), quantiles, history, none, none, {"cluster": np.full(16, "")}, 1)
    assert made.mean == pytest.approx(np.full((1, 3), 1600.0))
    width = (made.quantiles[0, 10] - made.quantiles[0, 2]).mean() / (quantiles[0, 10] - quantiles[0, 2]).mean()
    assert width == pytest.approx(spread, rel=0.15)


def test_totals_are_tried_where_some_series_began_later(make_tables, make_cluster):
    """Series forecast alone that all began after the first Monday, beside sparse ones known longer, make no trouble."""
    late = [
        ("LATE", "M1", "S0", [0.0] * 40 + [6.0, 9.0] * 15),
        ("TOO", "M1", "S0", [0.0] * 45 + [3.0, 1.0] * 12 + [2.0]),
    ]
    sparse = [(f"Q{n}", "M1", "S0", [float(week in (n, 9 + 3 * n, 50 + n)) for week in range(70)]) for n in range(9)]
    made = forecast_demand(
        make_tables([*late, *sparse]), ForecastSettings(models=("SES",)), start=START, weeks=4, seed=1
    )
    totals = made["forecast_totals"].to_pandas()
    assert np.isfinite(totals[list(QUANTILES)].to_numpy()).all()
    assert set(totals["by"]) == {"cluster", "market", "family", "product"}


def totals_of(middle: np.ndarray, spread: np.ndarray) -> Totals:
    """Return totals of one kind with normal bands."""
    count = len(middle)
    quantiles = middle[:, None] + spread[:, None] * norm.ppf(CHANCES)[None, :, None]
    names = np.array([str(number) for number in range(count)])
    every = np.ones(count, dtype=bool)
    return Totals(np.full(count, "market"), names, middle, quantiles, every, ~every)


@pytest.mark.parametrize("truth", [1.0, 2.0])
def test_bands_of_totals_cover_what_they_say_though_few_mondays_tell(truth):
    """Where all totals of a Monday miss alike and by more than the bands say, four Mondays widen bands of 80 % until they hold about that."""
    rng = np.random.default_rng(3)
    middle, spread = np.full((6, 4), 1000.0), np.full((6, 4), 50.0)
    made = totals_of(middle, spread)
    before, after = [], []
    for _ in range(400):
        levels = rng.normal(0.0, truth, 5)
        missed = [made.missed(middle + spread * level) for level in levels[:4]]
        came = 1000.0 + 50.0 * levels[4]
        for one, held in ((made, before), (made.widened(missed), after)):
            held.append(one.quantiles[0, 2, 0] <= came <= one.quantiles[0, 10, 0])
    assert np.mean(before) == pytest.approx(2 * norm.cdf(1.2816 / truth) - 1, abs=0.06)
    assert abs(np.mean(after) - 0.8) < (0.08 if truth == 1.0 else abs(np.mean(before) - 0.8) / 2)


def test_bands_of_series_alone_are_not_widened_twice():
    """A total of one series keeps the band of the series, which is calibrated itself; the others rise, are ≥ 0 and hold the old ones."""
    made = totals_of(np.full((3, 2), 10.0), np.full((3, 2), 8.0))
    made = replace(made, several=np.array([True, False, True]), quantiles=np.maximum(made.quantiles, 0.0))
    wider = made.widened([{("market", False): 1.5}, {("market", False): 2.5}])
    assert np.array_equal(wider.quantiles[1], made.quantiles[1])
    assert (np.diff(wider.quantiles, axis=1) >= 0).all()
    assert wider.quantiles.min() >= 0
    assert (wider.quantiles[0, 0] <= made.quantiles[0, 0]).all()
    assert (wider.quantiles[0, -1] > made.quantiles[0, -1]).all()
    assert np.array_equal(wider.mean, made.mean)


def test_totals_of_young_series_are_judged_by_such_totals():
    """A product whose sellers all began of late is told apart from one that is mostly old, and takes the width of other new products alone."""
    young = np.array([True, True, True, False])
    history = np.random.default_rng(2).poisson(9.0, (4, 60)).astype(float)
    quantiles = np.quantile(history, CHANCES)[None, :, None] * np.ones((4, 1, 2))
    names = {"product": np.array(["new", "new", "mixed", "mixed"])}
    made = add_up(
        np.array([[5.0], [5], [2], [9]]) * np.ones(2), quantiles, history, np.zeros(4, dtype=bool), young, names, 1
    )
    assert made.young.tolist() == [False, True]
    assert set(made.missed(made.mean)) == {("product", False), ("product", True)}
    widths = [
        np.subtract(*made.widened([{("product", True): far}] * 4).quantiles[:, [10, 2], 0].T) for far in (1.0, 9.0)
    ]
    assert widths[0][0] == widths[1][0]
    assert widths[1][1] > 1.5 * widths[0][1]
