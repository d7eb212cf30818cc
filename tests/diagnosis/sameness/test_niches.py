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
    assert overlap_against_chance(corner, corner.sum(axis=0) + 1e-9, draws=200, seed=1).p_value < 0.01
    p_values = [
        overlap_against_chance(rng.dirichlet(np.full(20, 0.2), 8), np.ones(20), draws=100, seed=seed).p_value
        for seed in range(40)
    ]
    assert 0.3 < np.mean(p_values) < 0.7


def test_overlap_that_large_niches_explain_is_told() -> None:
    """Firms that go where demand is overlap as much as niches dealt by size let them; in niches of one size both ways of dealing are the same."""
    rng = np.random.default_rng(3)
    size = np.array([1000.0, 200.0, 50.0, *np.ones(27)])
    # Each firm earns .7, .2 and .1 in three niches that customers, most of whom are in the first, choose for it.
    shares = np.zeros((12, 30))
    for firm in shares:
        firm[rng.choice(30, 3, replace=False, p=size / size.sum())] = 0.7, 0.2, 0.1
    found = overlap_against_chance(shares, size, draws=300, seed=1)
    assert found.p_value < 0.01
    assert found.null < 0.15 < 0.4 < found.sized
    assert found.mean == pytest.approx(found.sized, abs=0.15)
    level = overlap_against_chance(shares, np.ones(30), draws=300, seed=1)
    assert level.sized == pytest.approx(level.null, abs=0.01)
