"""Choosing models and learning how wide quantiles must be."""

import numpy as np
import pytest

from jointplan.demand.outlook import candidates, look_ahead
from jointplan.demand.panel import read_panel
from jointplan.demand.settings import ForecastSettings
from jointplan.demand.spread import Correction
from jointplan.demand.trials import UNTRIED, Tally, Trial, learn_corrections, relative_losses, score, weigh

SETTINGS = ForecastSettings()
WAYS = candidates(SETTINGS, products=False)


def trial_of(make_tables, start, seed, scale):
    rng = np.random.default_rng(seed)
    series = [(f"P{i:02}", "m", "s", rng.gamma(9, 3, 60).tolist()) for i in range(40)]
    panel = read_panel(make_tables(series), start)
    outlook = look_ahead(panel, 60, 20, WAYS, SETTINGS)
    mean = panel.quantity.mean(axis=1, keepdims=True)
    actual = np.maximum(mean + scale * (rng.gamma(9, 3, (40, 20)) - 27.0), 0.0)
    return Trial.of(outlook, actual, np.ones(40, dtype=bool), 8)


NONE_PLAINER = np.full(3, -1)


def test_weights_follow_the_series_own_losses_unless_cautious():
    """What did well for a series weighs most; with enough caution what did well for its class does."""
    relative = np.array([[0.5, 1.5]] + [[1.2, 0.8]] * 9)
    times, kind, levels = np.full((10, 2), 4.0), np.zeros(10, dtype=np.int64), np.ones((10, 2))
    own = weigh(relative, times, kind, levels, NONE_PLAINER[:2], 0.0, 4.0)
    assert own.argmax(axis=1).tolist() == [0] + [1] * 9
    assert own[1, 1] == pytest.approx(1.2**4 / (1.2**4 + 0.8**4))
    leaning = weigh(relative, times, kind, levels, NONE_PLAINER[:2], 1000.0, 4.0)
    assert leaning.argmax(axis=1).tolist() == [1] * 10
    alike = weigh(relative, times, kind, levels, NONE_PLAINER[:2], 4.0, 0.0)
    assert alike == pytest.approx(0.5)


def test_what_cannot_forecast_or_proved_nothing_has_no_weight():
    """A candidate without a level weighs nothing, and so does one that did not surpass the plainer one it refines."""
    nothing = np.full((2, 3), np.nan)
    levels = np.array([[1.0, 1.0, 1.0], [np.nan, 1.0, 1.0]])
    kind = np.zeros(2, dtype=np.int64)
    weights = weigh(nothing, np.zeros((2, 3)), kind, levels, NONE_PLAINER, 4.0, 4.0)
    assert weights == pytest.approx(np.array([[1 / 3, 1 / 3, 1 / 3], [0, 0.5, 0.5]]))
    unproven = weigh(nothing, np.zeros((2, 3)), kind, levels, np.array([-1, -1, 1]), 4.0, 4.0)
    assert unproven == pytest.approx(np.array([[0.5, 0.5, 0], [0, 1, 0]]))


def test_corrections_follow_how_the_future_was_spread(make_tables, start):
    """Where the future spreads twice as far as the past quantiles widen, where half as far they narrow, where alike they stay."""
    stretch = []
    for scale in (0.5, 1.0, 2.0):
        trial = trial_of(make_tables, start, 1, scale)
        kind, chosen = np.zeros(40, dtype=np.int64), np.zeros(40, dtype=np.int64)
        stretch.append(learn_corrections([trial], chosen, WAYS, kind, np.random.default_rng(0))[0].stretch)
    assert stretch[0] < 0.9
    assert 0.9 <= stretch[1] <= 1.2
    assert stretch[2] > 1.3


def test_few_trials_widen_by_a_fixed_amount(make_tables, start):
    """A class tried less than thirty times learns from all; where all are few it is widened."""
    trial = trial_of(make_tables, start, 2, 1.0)
    rng = np.random.default_rng(0)
    chosen = np.zeros(40, dtype=np.int64)
    mixed = learn_corrections([trial], chosen, WAYS, np.array([0] * 39 + [1]), rng)
    assert mixed[1] != UNTRIED
    few = Trial(trial.outlook, trial.actual, np.arange(40) < 5)
    assert learn_corrections([few], chosen, WAYS, np.zeros(40, dtype=np.int64), rng) == {0: UNTRIED}


def test_scores_of_a_forecast_with_nothing_to_learn_are_nominal(make_tables, start):
    """Where the future is drawn as the past was, 80 % of it falls into the 80 % interval and the level is right."""
    trial = trial_of(make_tables, start, 3, 1.0)
    zeros = np.zeros(40, dtype=np.int64)
    tally = score([trial], zeros, WAYS, zeros, {0: Correction()})
    assert tally.series == 40
    assert 0.75 < tally.coverage80 < 0.85
    assert abs(tally.bias) < 0.05
    assert 0.5 < tally.rmsse < 1.0


def test_tallies_add_up_and_empty_ones_say_nothing():
    """Two tallies together are the mean weighted by trials."""
    one, two = Tally(1, (2.0, 1), (1.0, 1), (1.0, 10.0), (0.5, 1)), Tally(3, (3.0, 3), (2.0, 1), (0.0, 10.0), (2.5, 3))
    both = one + two
    assert (both.series, both.pinball, both.rmsse, both.bias, both.coverage80) == (4, 1.25, 1.5, 0.05, 0.75)
    assert (Tally().pinball, Tally().bias) == (None, None)


def test_relative_losses_compare_with_the_usual_candidate(make_tables, start):
    """On average over candidates a relative loss is 1."""
    trial = trial_of(make_tables, start, 4, 1.0)
    relative, times = relative_losses([trial], WAYS, 40)
    assert np.allclose(np.nanmean(relative, axis=1), 1.0)
    assert (times[:, 0] == 1).all()
