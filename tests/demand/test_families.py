"""Sparse series, forecast with their family."""

import numpy as np
import pytest

from jointplan.demand.families import SHARED_DOWN, judge_families, pool, try_members
from jointplan.demand.judge import Monday
from jointplan.demand.panel import read_panel
from jointplan.demand.settings import ForecastSettings

SETTINGS = ForecastSettings()


def test_families_are_pooled_by_market_only_where_they_sell_enough_there(make_tables, start):
    """A family with many weeks of sales in one market and few in others makes one group there and one of the rest."""
    weeks = np.eye(20)
    series = [(f"P{i:02}", "big", "s", weeks[i].tolist()) for i in range(20)]
    series += [("P00", "small", "s", weeks[3].tolist()), ("P01", "tiny", "s", weeks[5].tolist())]
    panel = read_panel(make_tables(series), start)
    group, totals = pool(panel, np.ones(len(panel), dtype=bool), 8)
    assert totals.market.tolist() == ["", "big"]
    assert totals.quantity.sum(axis=1).tolist() == [2, 20]
    assert np.array_equal(group, (panel.market == "big").astype(int))


def test_members_share_their_familys_forecast(make_tables, make_cluster, start):
    """What the members are forecast to sell adds up to what their family is, and who sold more of late gets more."""
    series = [(f"P{i:02}", "m", "s", [0.0] * (i + 20) + [1.0 + i] + [0.0] * (35 - i)) for i in range(30)]
    panel = read_panel(make_tables(series), start)
    sparse = np.ones(len(panel), dtype=bool)
    mondays = [Monday(30, panel, sparse), Monday(panel.weeks, panel, sparse)]
    families = judge_families(panel, mondays, 4, SETTINGS, np.random.default_rng(0))
    rows = np.arange(len(panel))
    outlook = families.members(panel, mondays[-1], families.judged.now, rows, SETTINGS)
    total = families.judged.now.expect(np.array([0]), families.judged.chosen, families.judged.ways)
    members = outlook.expect(rows, np.zeros(len(panel), dtype=np.int64), (SHARED_DOWN,))
    assert members.mean.sum(axis=0) == pytest.approx(total.mean[0])
    assert members.level[-1] > members.level[5] > 0

    _, trials = try_members(panel, mondays, families, SETTINGS, np.random.default_rng(0))
    assert len(trials) == 1
    # Only the products launched before that Monday could be tried on it.
    assert len(trials[0].actual) == int((panel.first < 30).sum())
