"""Niche overlap gives the published example and stands out only where niches are shared."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.diagnosis.sameness.niches import overlap_against_chance, pianka, schoener


def test_worked_example() -> None:
    """P (.5, .3, .2) and q (.2, .3, .5): Schoener .7, Pianka .7632 (Pianka 1973; Schoener 1968)."""
    shares = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
    assert pianka(shares)[0, 1] == pytest.approx(0.7632, abs=5e-5)
    assert schoener(shares)[0, 1] == pytest.approx(0.7)
    np.testing.assert_allclose(np.diag(pianka(shares)), 1.0)
    np.testing.assert_allclose(np.diag(schoener(shares)), 1.0)


def test_shared_niches_stand_out_and_random_ones_do_not() -> None:
    """Firms in one corner overlap more than chance; firms with shares at random do not."""
    rng = np.random.default_rng(1)
    corner = np.zeros((8, 20))
    corner[:, :3] = rng.dirichlet(np.ones(3), 8)
    assert overlap_against_chance(corner, draws=200, seed=1).p_value < 0.01
    p_values = [
        overlap_against_chance(rng.dirichlet(np.full(20, 0.2), 8), draws=100, seed=seed).p_value for seed in range(40)
    ]
    assert 0.3 < np.mean(p_values) < 0.7
