"""Spikes, ends and recent sales."""

import numpy as np
import pytest

from jointplan.demand.history import believed, beyond_belief, cap_spikes, no_longer_sold, recent_rates
from jointplan.demand.settings import ForecastSettings


def test_a_spike_is_lowered_to_many_usual_weeks():
    """One week of a billion counts as twenty usual ones; ordinary weeks stay."""
    history = np.array([[0, 4, 6, 5, 1e9, 0, 3.0]])
    assert cap_spikes(history, np.array([0]), 20).tolist() == [[0, 4, 6, 5, 100, 0, 3]]


def test_short_series_are_measured_by_their_family():
    """A single sale of a billion is a spike beside a family that sells tens, and is none where nobody sells more."""
    history = np.array([[10, 12, 8, 9, 11.0], [0, 0, 0, 0, 1e9]])
    assert cap_spikes(history, np.array([0, 0]), 20)[1, 4] == 200
    assert cap_spikes(history, np.array([0, 1]), 20)[1, 4] == 1e9


def test_a_slip_of_the_pen_counts_as_a_usual_week():
    """What lies above twenty times twenty usual weeks counts as one; a large order, and one that nothing tells of, stay as they are."""
    history = np.array([[0, 4, 6, 5, 1e9, 0, 3.0], [0, 4, 6, 5, 1900, 0, 3.0], [0, 0, 0, 0, 1e9, 0, 0.0]])
    told = believed(history, np.array([0, 0, 1]), 20)
    assert told[0].tolist() == [0, 4, 6, 5, 5, 0, 3]
    assert told[1:].tolist() == history[1:].tolist()
    assert beyond_belief(history, cap_spikes(history, np.array([0, 0, 1]), 20))[:, 4].tolist() == [True, False, False]


def test_a_product_ends_after_a_year_of_silence():
    """51 weeks without a sale are a pause, 52 the end."""
    settings = ForecastSettings()
    history = np.zeros((2, 80))
    history[0, 80 - 52] = history[1, 80 - 53] = 1
    assert no_longer_sold(history, settings).tolist() == [False, True]


def test_recent_rates_forget_and_do_not_trust_a_single_week():
    """Old sales fade; a product launched last week is not taken to sell so for ever."""
    history = np.array([[10.0, 0, 0, 0], [0, 0, 0, 10.0]])
    old, new = recent_rates(history, np.array([0, 3]), 2.0)
    assert new == pytest.approx(5.0)
    assert old == pytest.approx(10 * 0.5**1.5 / (sum(0.5 ** (age / 2) for age in range(4)) + 1))
