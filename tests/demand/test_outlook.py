"""Looking ahead from a Monday."""

from dataclasses import replace

import numpy as np
import pytest

from jointplan.demand.outlook import FAMILY, FLAT, LAST_SEASON, candidates, look_ahead
from jointplan.demand.panel import read_panel
from jointplan.demand.settings import ForecastSettings

SETTINGS = ForecastSettings()


def test_nothing_after_the_monday_is_read(make_tables, make_cluster, start):
    """Changing every sale after the cutoff leaves every number of the outlook as it was."""
    panel = read_panel(make_tables(make_cluster(1, products=10, weeks=110)), start)
    ways = candidates(SETTINGS, products=True)
    before = look_ahead(panel, 80, 13, ways, SETTINGS)
    poisoned = panel.quantity.copy()
    poisoned[:, 80:] = 1e6
    after = look_ahead(replace(panel, quantity=poisoned), 80, 13, ways, SETTINGS)
    assert np.array_equal(before.levels, after.levels, equal_nan=True)
    for season in (FLAT, FAMILY, LAST_SEASON):
        assert np.array_equal(before.seasons[season], after.seasons[season])
        assert np.array_equal(before.spreads[season].shape, after.spreads[season].shape)


def test_the_safest_candidate_comes_first_and_labels_are_unique():
    """Ties go to the combination, and no two candidates share a name."""
    ways = candidates(SETTINGS, products=True)
    assert (ways[0].model, ways[0].level) == ("Combination", "series")
    assert len({way.label for way in ways}) == len(ways)
    assert all(way.level == "series" for way in candidates(SETTINGS, products=False))


def test_product_totals_are_shared_by_recent_sales(make_tables, start):
    """Of a product that one seller takes over from another, the total stays and the shares move."""
    rise, fall = [2.0] * 20 + [8.0] * 20, [8.0] * 20 + [2.0] * 20
    panel = read_panel(make_tables([("a", "m", "s", rise), ("a", "m", "t", fall), ("b", "m", "s", rise)]), start)
    ways = candidates(SETTINGS, products=True)
    levels = look_ahead(panel, panel.weeks, 4, ways, SETTINGS).levels
    place = next(i for i, way in enumerate(ways) if way.label == "product: HistoricAverage")
    assert levels[0, place] > levels[1, place]
    assert levels[:2, place].sum() == pytest.approx(10.0)
    assert np.isnan(levels[2, place])


def test_a_mixed_expectation_takes_each_series_from_its_candidate(make_tables, make_cluster, start):
    """Series forecast with different seasons keep what their own candidate says."""
    panel = read_panel(make_tables(make_cluster(2, products=10, weeks=110)), start)
    ways = candidates(SETTINGS, products=False)
    outlook = look_ahead(panel, panel.weeks, 6, ways, SETTINGS)
    known = ~np.isnan(outlook.levels)
    places = np.array(
        [np.flatnonzero(row)[row_number % known.sum(axis=1)[row_number]] for row_number, row in enumerate(known)]
    )
    rows, chances = np.arange(len(panel)), np.array([0.1, 0.5, 0.9])
    mixed = outlook.expect(rows, places, ways)
    for row in rows:
        alone = outlook.expect(np.array([row]), places[row : row + 1], ways)
        assert np.array_equal(mixed.mean[row], alone.mean[0])
        assert np.array_equal(mixed.quantiles(chances)[row], alone.quantiles(chances)[0])


def test_whole_units_are_forecast_where_whole_units_are_sold(make_tables, start):
    """Quantiles of pieces are pieces; of metres they may be anything."""
    rng = np.random.default_rng(0)
    pieces, metres = rng.poisson(5, 60).astype(float), rng.gamma(2, 3, 60)
    panel = read_panel(make_tables([("a", "m", "s", pieces), ("b", "m", "s", metres)]), start)
    ways = candidates(SETTINGS, products=False)
    outlook = look_ahead(panel, panel.weeks, 6, ways, SETTINGS)
    quantiles = outlook.expect(np.arange(2), np.zeros(2, dtype=np.int64), ways).quantiles(np.array([0.2, 0.8]))
    assert np.array_equal(quantiles[0], np.rint(quantiles[0]))
    assert not np.array_equal(quantiles[1], np.rint(quantiles[1]))
