"""Hedonic residuals are those of least squares with dummies, and only planted price wars are flagged."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.diagnosis.sameness.prices import hedonic_prices, spreads, trend_of


def test_residuals_are_those_of_regression_with_dummies() -> None:
    """Taking family means out is the same as a dummy a family (Frisch-Waugh-Lovell)."""
    rng = np.random.default_rng(1)
    family = rng.integers(0, 4, 200)
    quality = rng.normal(size=(200, 2))
    price = np.exp(2 + family + quality @ [0.5, -0.3] + rng.normal(0, 0.1, 200))
    dummies = np.column_stack([np.eye(4)[family], quality])
    logs = np.log(price)
    residual = logs - dummies @ np.linalg.lstsq(dummies, logs, rcond=None)[0]
    found = hedonic_prices(price, family, quality)
    np.testing.assert_allclose(found.residual, residual, atol=1e-9)
    assert found.explained == pytest.approx(1 - residual.var() / logs.var())
    assert found.variables == 2


def test_unknown_prices_and_constants_are_left_out() -> None:
    """A product without price has no residual; one price everywhere leaves nothing."""
    found = hedonic_prices(np.array([5.0, np.nan, 0.0, 5.0]), np.zeros(4, int), np.full((4, 1), np.nan))
    np.testing.assert_allclose(found.residual, [0, np.nan, np.nan, 0])
    nothing = hedonic_prices(np.full(3, np.nan), np.zeros(3, int), np.zeros((3, 0)))
    assert np.isnan(nothing.residual).all()


def test_a_planted_close_group_stands_out_and_a_random_one_does_not() -> None:
    """A group whose residuals hardly differ has a small chance; over random groups chances are spread evenly."""
    rng = np.random.default_rng(2)
    residual = rng.normal(0, 0.3, 300)
    group = np.repeat(np.arange(50), 6)
    residual[group == 0] = 0.01 * rng.normal(size=6)
    found = spreads(residual, group, np.zeros(300, int), draws=400, least=3, seed=4)
    assert found.p_value[0] < 0.01
    others = found.p_value[1:]
    assert 0.35 < others.mean() < 0.65
    assert (others < 0.05).mean() < 0.15
    few = spreads(residual[:2], np.zeros(2, int), np.zeros(2, int), draws=100, least=3, seed=4)
    assert np.isnan(few.spread).all()


def test_falling_prices_are_told_from_wavering_ones() -> None:
    """A fall common to all series is one; changes that cancel out, or a single series, are none."""
    earlier = np.array([10.0, 20.0, 30.0, 10.0, 20.0, 30.0, 10.0])
    later = np.array([9.0, 18.2, 26.9, 11.0, 18.0, 30.5, 5.0])
    found = trend_of(np.log(later / earlier), np.array([0, 0, 0, 1, 1, 1, 2]), 3)
    assert found.falling().tolist() == [True, False, False]
    assert found.change[0] == pytest.approx(np.log([0.9, 0.91, 26.9 / 30]).mean())
    assert np.isnan(found.change[2])
