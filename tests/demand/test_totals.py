"""Totals of products, families, markets and the cluster add up exactly, and are as sure as series that move together are."""

import numpy as np
import pandas as pd
import pytest

from jointplan.demand import ForecastSettings, forecast_demand
from jointplan.demand.totals import add_up
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
    made = add_up(
        np.full((16, 3), 100.0), quantiles, history, np.zeros(16, dtype=bool), {"cluster": np.full(16, "")}, 1
    )
    assert made.mean == pytest.approx(np.full((1, 3), 1600.0))
    width = (made.quantiles[0, 10] - made.quantiles[0, 2]).mean() / (quantiles[0, 10] - quantiles[0, 2]).mean()
    assert width == pytest.approx(spread, rel=0.15)
