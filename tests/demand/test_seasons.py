"""The season of a family."""

import numpy as np
import pytest

from jointplan.demand.seasons import across_time, season_profiles

ONE = np.zeros(1, dtype=np.int64)


def test_a_repeated_season_is_found_and_drawn_towards_one():
    """After two seasons, two thirds of a smooth swing are believed, at the right weeks."""
    swing = 0.5 * np.sin(np.arange(104) * 2 * np.pi / 52)
    profile, found = season_profiles((100 * (1 + swing))[None], ONE, ONE, 1, 52)
    assert found.all()
    assert profile.mean() == pytest.approx(1)
    assert profile[0] == pytest.approx(1 + 2 / 3 * swing[:52], abs=0.01)


def test_less_than_a_season_tells_nothing():
    """Without a full season the index is 1."""
    profile, found = season_profiles(np.random.default_rng(0).gamma(2, 5, (1, 51)), ONE, ONE, 1, 52)
    assert not found.any()
    assert (profile == 1).all()


def test_launches_are_not_taken_for_a_season():
    """A family that grows because products join it all year shows no rising season."""
    history = np.full((40, 104), 10.0)
    first = np.concatenate([np.zeros(10, dtype=np.int64), np.linspace(2, 100, 30).astype(np.int64)])
    history[np.arange(104) < first[:, None]] = 0
    profile, _ = season_profiles(history, first, np.zeros(40, dtype=np.int64), 1, 52)
    assert profile == pytest.approx(np.ones((1, 52)))


def test_families_that_hardly_sell_have_no_season():
    """A sale now and then is no season."""
    history = np.zeros((1, 104))
    history[0, ::6] = 5.0
    assert not season_profiles(history, ONE, ONE, 1, 52)[1].any()


def test_index_meets_the_calendar_on_both_sides_of_now():
    """The index of the first week to come is that of the week a season ago."""
    profile = np.arange(1.0, 5.0)[None]
    past, ahead = across_time(profile, 6, 5)
    assert past[0].tolist() == [3, 4, 1, 2, 3, 4]
    assert ahead[0].tolist() == [1, 2, 3, 4, 1]
