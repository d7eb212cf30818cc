"""Contagion that was simulated is found, and where there is none a false alarm comes as often as it should."""

from __future__ import annotations

import numpy as np

from jointplan.diagnosis.information.spillover import measure_spillover, nearest_firms

FIRMS, FIELDS, PERIODS = 80, 4, 8


def started(rng: np.random.Generator, near: np.ndarray, contagion: float) -> np.ndarray:
    """Simulate starts: each period a firm starts by a base chance, and by ``contagion`` times its neighbours' share."""
    first = np.where(rng.random((FIRMS, FIELDS)) < 0.08, 0, PERIODS)
    for period in range(1, PERIODS):
        exposure = (first[near] < period).mean(axis=1)
        begins = (first == PERIODS) & (rng.random((FIRMS, FIELDS)) < 0.03 + contagion * exposure)
        first[begins] = period
    return first


def alarms(contagion: float, runs: int) -> float:
    found = 0
    for run in range(runs):
        rng = np.random.default_rng(run)
        near = nearest_firms(22 + rng.random(FIRMS), 113 + rng.random(FIRMS), 5)
        made = measure_spillover(started(rng, near, contagion), near, periods=PERIODS, draws=99, seed=run)
        assert made is not None
        found += made.p_value <= 0.05
    return found / runs


def test_power_on_contagion() -> None:
    """Where neighbours' starts raise the chance, the test says so nearly always."""
    assert alarms(0.35, 25) >= 0.9


def test_size_without_contagion() -> None:
    """Where they do not, one in twenty clusters raises an alarm: of 200, at most 18 (chance of more: 1 %)."""
    assert alarms(0.0, 200) <= 18 / 200


def test_neighbours_are_the_nearest_and_never_oneself() -> None:
    """On a line the nearest are those beside it; firms at one address are each other's neighbours."""
    near = nearest_firms(np.full(6, 22.0), 113 + np.arange(6) / 10, 2)
    assert sorted(near[0].tolist()) == [1, 2]
    assert sorted(near[3].tolist()) == [2, 4]
    one_place = nearest_firms(np.full(9, 22.0), np.full(9, 113.0), 4)
    assert all(firm not in row for firm, row in enumerate(one_place.tolist()))


def test_nothing_to_judge() -> None:
    """Without a start after the first period there is no test."""
    near = nearest_firms(np.arange(5.0), np.arange(5.0), 2)
    assert measure_spillover(np.zeros((5, 2), int), near, periods=4, draws=19, seed=1) is None
    assert measure_spillover(np.full((5, 2), 4), near, periods=4, draws=19, seed=1) is None
