"""Quantiles from what past weeks were like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.demand.spread import BORROWED_WEEKS, GRID, Correction, past_spread

FOREVER = 1e12


def test_quantiles_of_equal_weeks_are_hazens():
    """With no week weighing more, the quantiles are those numpy calls Hazen's."""
    history = np.random.default_rng(1).gamma(2, 5, (1, 80))
    spread = past_spread(history, np.array([0]), FOREVER)
    ours = spread.quantiles(history.mean(axis=1), GRID)
    # A single series lends its shape to itself, so nothing is changed by borrowing.
    assert ours[0] == pytest.approx(np.quantile(history[0], GRID, method="hazen"))


def test_weeks_before_the_first_sale_do_not_count():
    """A product launched late has the spread of the weeks since."""
    weeks = np.random.default_rng(2).gamma(2, 5, 40)
    late = past_spread(np.concatenate([np.zeros(30), weeks])[None], np.array([30]), FOREVER)
    alone = past_spread(weeks[None], np.array([0]), FOREVER)
    assert late.shape == pytest.approx(alone.shape)
    assert late.usual == pytest.approx(alone.usual)


def test_recent_weeks_weigh_more():
    """After a change of level the usual week is nearer to the new one."""
    history = np.concatenate([np.full(52, 10.0), np.full(26, 20.0)])[None]
    assert past_spread(history, np.array([0]), 26).usual[0] > past_spread(history, np.array([0]), FOREVER).usual[0] > 10


def test_steady_demand_scales_and_intermittent_demand_gets_rarer():
    """When the level halves, steady weeks halve; intermittent ones keep their size and come half as often."""
    steady = np.tile([8.0, 10.0, 12.0], 30)[None]
    spread = past_spread(steady, np.array([0]), FOREVER)
    assert spread.quantiles(np.array([5.0]), np.array([0.5]))[0, 0] == pytest.approx(5.0)

    lumpy = np.tile([0.0, 0.0, 10.0, 10.0], 25)[None]
    spread = past_spread(lumpy, np.array([0]), FOREVER)
    chances = np.array([0.4, 0.6, 0.7, 0.8, 0.9])
    assert spread.quantiles(np.array([5.0]), chances)[0].round(6).tolist() == [0, 10, 10, 10, 10]
    assert spread.quantiles(np.array([2.5]), chances)[0].round(6).tolist() == [0, 0, 0, 10, 10]


def test_short_histories_borrow_shape():
    """A series of one week takes over the others' spread instead of being certain."""
    rng = np.random.default_rng(4)
    history = np.zeros((20, 60))
    history[:-1] = rng.gamma(3, 4, (19, 60))
    history[-1, -1] = 10.0
    first = np.where(np.arange(20) < 19, 0, 59)
    spread = past_spread(history, first, FOREVER)
    low, high = spread.quantiles(spread.usual, np.array([0.1, 0.9]))[-1]
    assert low < 7 < 13 < high
    assert BORROWED_WEEKS > 1


def test_correction_widens_and_shifts():
    """A stretch above 1 moves chances outward, a shift above 0 upward; none leaves them alone."""
    wanted = np.array([0.1, 0.5, 0.9])
    assert Correction().chances(wanted) == pytest.approx(wanted)
    wide = Correction(stretch=1.3).chances(wanted)
    assert wide[0] < 0.1
    assert wide[1] == pytest.approx(0.5)
    assert wide[2] > 0.9
    assert (Correction(shift=0.2).chances(wanted) > wanted).all()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([0.0, 0.0, 1.0, 3.0, 50.0]), min_size=6, max_size=6), min_size=1, max_size=5),
    st.floats(0, 100),
)
def test_quantiles_are_ordered_and_not_negative(rows, level):
    """Whatever was sold and whatever the level, quantiles never fall and never go below zero."""
    history = np.array(rows)
    first = np.where((history > 0).any(axis=1), (history > 0).argmax(axis=1), 6)
    quantiles = past_spread(history, first, 26).quantiles(np.full(len(history), level), GRID)
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=1) >= -1e-9).all()
