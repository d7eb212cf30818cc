"""Sample paths keep to the forecast week by week, and hang together as they are told to."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.inventory.dependence import measure_dependence, residuals
from jointplan.inventory.paths import CHANCES, demand_until, draw_paths, normal_scores


def _normal_forecast(
    count: int, weeks: int, mean: float = 100.0, spread: float = 20.0
) -> tuple[np.ndarray, np.ndarray]:
    levels = np.array([mean + spread * NormalDist().inv_cdf(chance) for chance in CHANCES])
    return np.full((count, weeks), mean), np.broadcast_to(levels, (count, weeks, len(CHANCES)))


def test_paths_have_the_quantiles_and_the_mean_of_the_forecast() -> None:
    """Each week's draws have the forecast's quantiles and its mean."""
    mean, quantiles = _normal_forecast(1, 3)
    paths = draw_paths(mean, quantiles, samples=40_000, serial=0.4, between=0.0, rng=np.random.default_rng(1))
    assert np.quantile(paths[0], CHANCES[2:-2], axis=0) == pytest.approx(
        np.repeat(quantiles[0, :1, 2:-2].T, 3, axis=1), rel=0.02
    )
    assert paths.mean(axis=(0, 1)) == pytest.approx([100.0] * 3, rel=0.01)


def test_what_quantiles_do_not_show_is_in_the_tail() -> None:
    """A product that sells once in a hundred weeks has quantiles of zero: its paths still sell its mean."""
    paths = draw_paths(
        np.full((1, 2), 0.05), np.zeros((1, 2, len(CHANCES))), samples=200_000, serial=0.0, between=0.0,
        rng=np.random.default_rng(2),
    )  # fmt: skip
    assert (paths == 0).mean() == pytest.approx(0.975, abs=0.002)
    assert paths.mean() == pytest.approx(0.05, rel=0.05)


def test_the_tail_is_no_shorter_than_the_outer_quantiles_let_expect() -> None:
    """Where the forecast's mean leaves nothing for the tail, draws still go beyond the highest quantile, as the exponential through the two highest does."""
    quantiles = np.array([[[0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0]]])
    paths = draw_paths(
        np.array([[2.0]]), quantiles, samples=400_000, serial=0.0, between=0.0, rng=np.random.default_rng(5)
    )
    assert paths.mean() == pytest.approx(2.0, rel=0.01)
    outer = np.quantile(paths, [0.95, 0.975, 0.9875])
    assert outer[2] - outer[1] == pytest.approx(outer[1] - outer[0], rel=0.05)
    assert (paths[paths > outer[1]] - outer[1]).mean() == pytest.approx((outer[1] - outer[0]) / np.log(2), rel=0.05)


def test_scores_follow_the_correlations_given() -> None:
    """Scores are standard normal, AR(1) over weeks, equally correlated between series, also below zero."""
    for between in (0.6, 0.0, -0.3, -0.9):
        scores = normal_scores(3, 40_000, 4, serial=0.5, between=between, rng=np.random.default_rng(3))
        assert scores.std() == pytest.approx(1.0, abs=0.02)
        found = np.corrcoef(scores[:, :, 3])
        assert found[0, 1] == pytest.approx(max(between, -0.5), abs=0.02)
        assert np.corrcoef(scores[0, :, 1], scores[0, :, 3])[0, 1] == pytest.approx(0.25, abs=0.02)


def test_weeks_are_not_taken_as_independent() -> None:
    """Over a lead time of four weeks the deviation is the AR(1) process's, not the root of four."""
    mean, quantiles = _normal_forecast(1, 4)
    rng = np.random.default_rng(4)
    paths = draw_paths(mean, quantiles, samples=60_000, serial=0.5, between=0.0, rng=rng)
    lags = sum(2 * (4 - lag) * 0.5**lag for lag in (1, 2, 3))
    assert demand_until(paths[0], 4.0).std() == pytest.approx(20 * (4 + lags) ** 0.5, rel=0.03)


def test_demand_until_counts_parts_of_weeks() -> None:
    """Time runs in proportion inside a week, and goes on at the last week's rate."""
    paths = np.array([[10.0, 20.0, 30.0]])
    assert demand_until(paths, 1.5)[0] == 20.0
    assert demand_until(paths, 0.0)[0] == 0.0
    assert demand_until(paths, 4.0)[0] == 90.0


@given(
    st.integers(1, 3),
    st.lists(st.floats(0, 1e6), min_size=len(CHANCES), max_size=len(CHANCES)),
    st.floats(0, 1e7),
    st.floats(-0.5, 0.9),
)
@settings(max_examples=40, deadline=None)
def test_any_forecast_gives_finite_demand(count: int, levels: list[float], mean: float, serial: float) -> None:
    """Whatever quantiles and mean a forecast has, demand drawn is finite, not below zero, and not above the mean on average."""
    quantiles = np.broadcast_to(np.sort(levels), (count, 2, len(CHANCES)))
    paths = draw_paths(
        np.full((count, 2), mean), quantiles, samples=60, serial=serial, between=0.3, rng=np.random.default_rng(5)
    )
    assert np.isfinite(paths).all()
    assert (paths >= 0).all()


def test_dependence_is_found_as_it_was_put_in() -> None:
    """Series drawn with known correlations give them back, group by group."""
    rng = np.random.default_rng(6)
    first = normal_scores(4, 1, 104, serial=0.3, between=0.7, rng=rng)[:, 0]
    second = normal_scores(4, 1, 104, serial=0.3, between=0.0, rng=rng)[:, 0]
    history = np.maximum(50 + 10 * np.concatenate([first, second]), 0)
    found = measure_dependence(history, np.zeros(8, dtype=np.int64), np.array([0] * 4 + [1] * 4))
    assert found.between[0] == pytest.approx(0.65, abs=0.15)
    assert found.between[1] == pytest.approx(0.08, abs=0.15)
    assert found.serial == pytest.approx(0.3, abs=0.12)


def test_independent_weeks_are_found_independent() -> None:
    """Poisson sales without any tie show none, but for what their common mean of thirteen weeks puts in."""
    history = np.random.default_rng(7).poisson(6, (40, 104)).astype(float)
    found = measure_dependence(history, np.zeros(40, dtype=np.int64), np.arange(40) // 4)
    assert abs(found.serial) < 0.05
    assert abs(found.overall) < 0.05


@pytest.mark.parametrize("weeks", [0, 1, 5, 14])
def test_short_and_silent_histories_show_nothing(weeks: int) -> None:
    """Without enough weeks, or without sales, no residual is known and no dependence claimed."""
    silent = np.zeros((3, weeks))
    assert not np.isfinite(residuals(silent, np.full(3, weeks))).any()
    found = measure_dependence(silent, np.full(3, weeks), np.zeros(3, dtype=np.int64))
    assert (found.serial, found.overall) == (0.0, 0.0)
