"""Sparse series, forecast with their family."""

import numpy as np
import pytest

from jointplan.demand.basis import is_sparse
from jointplan.demand.families import SHARED_DOWN, judge_families, pool, put_right, try_members
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

    _, trials, _ = try_members(panel, mondays, families, SETTINGS, np.random.default_rng(0))
    assert len(trials) == 1
    # Only the products launched before that Monday could be tried on it.
    assert len(trials[0].actual) == int((panel.first < 30).sum())


def poisson_members(count: int, weeks: int, *, lasting: bool) -> list[tuple[str, str, str, list[float]]]:
    """Draw products launched at any time that go on selling at a steady rate, or sell once or twice and never again."""
    rng = np.random.default_rng(5)
    series = []
    for number in range(count):
        begin = int(rng.integers(0, weeks - 2))
        week = np.arange(weeks)
        rate = np.where(week >= begin, rng.gamma(2.0, 0.03), 0.0) if lasting else np.where(week == begin + 1, 0.4, 0.0)
        sold = rng.poisson(rate).astype(float)
        sold[begin] += 1.0
        series.append((f"P{number:04}", "m", "s", sold.tolist()))
    return series


@pytest.mark.parametrize("lasting", [True, False])
def test_shares_are_put_right_by_what_members_went_on_to_sell(make_tables, start, lasting):
    """Where most products sell once and no more, those known by one sale are forecast the less; the sum then fits what they sell."""
    weeks, horizon = 78, 13
    panel = read_panel(make_tables(poisson_members(600, weeks + horizon, lasting=lasting)), start)
    mondays = [Monday(cutoff, panel, is_sparse(panel, cutoff, SETTINGS)) for cutoff in (39, 52, 65, weeks)]
    families = judge_families(panel, mondays, horizon, SETTINGS, np.random.default_rng(0))
    # The last Monday is a past one, too: what came after it was not learnt from.
    rows = np.flatnonzero(mondays[-1].eligible & (panel.first < weeks))
    known = panel.quantity[rows, :weeks]
    _, _, factors = try_members(panel, mondays, families, SETTINGS, np.random.default_rng(0))
    plain = families.members(panel, mondays[-1], families.judged.now, rows, SETTINGS)
    right = put_right(plain, known, panel.ages(weeks)[rows], factors)
    every = np.zeros(len(rows), dtype=np.int64)
    before, after = (
        outlook.expect(np.arange(len(rows)), every, (SHARED_DOWN,)).mean.sum() for outlook in (plain, right)
    )
    sold = panel.quantity[rows, weeks:].sum()
    assert before > 1.1 * sold
    assert abs(after - sold) < abs(before - sold) / 2
    if not lasting:
        assert (factors[0] < 0.5).all()


def test_one_huge_order_does_not_rule_what_is_learnt(make_tables, start):
    """A week of 10⁹ after a past Monday moves no factor beyond its bounds, and those of products known otherwise hardly."""
    series = poisson_members(300, 60, lasting=True)
    huge = [(*one[:3], [*one[3][:-1], 1e9]) if number == 7 else one for number, one in enumerate(series)]
    factors = []
    for rows in (series, huge):
        panel = read_panel(make_tables(rows), start)
        mondays = [Monday(cutoff, panel, is_sparse(panel, cutoff, SETTINGS)) for cutoff in (34, 47, 60)]
        families = judge_families(panel, mondays, 13, SETTINGS, np.random.default_rng(0))
        factors.append(try_members(panel, mondays, families, SETTINGS, np.random.default_rng(0))[2])
    assert factors[1] == pytest.approx(factors[0], rel=0.5)


def test_factors_are_not_judged_on_weeks_they_were_learnt_from(make_tables, start):
    """Two Mondays that look ahead over the same weeks teach each other nothing; two that do not put each other right."""
    weeks = 78
    panel = read_panel(make_tables(poisson_members(300, weeks, lasting=False)), start)
    for cutoffs, horizon, right in (((39, 52), 26, False), ((39, 52), 13, True)):
        mondays = [Monday(cutoff, panel, is_sparse(panel, cutoff, SETTINGS)) for cutoff in (*cutoffs, weeks)]
        families = judge_families(panel, mondays, horizon, SETTINGS, np.random.default_rng(0))
        rows, trials, factors = try_members(panel, mondays, families, SETTINGS, np.random.default_rng(0))
        assert (factors != 1.0).any()
        for monday, total, trial in zip(mondays, families.judged.trials, trials, strict=False):
            plain = families.members(panel, monday, total.outlook, rows, SETTINGS)
            assert np.array_equal(plain.levels, trial.outlook.levels) != right
