"""Pooling saves by the correlation that was measured, and never needs more than separate stocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.inventory.base_stock import best_level
from jointplan.inventory.distributions import NormalDemand
from jointplan.inventory.newsvendor import newsvendor
from jointplan.inventory.paths import normal_scores
from jointplan.inventory.pooling import pooling_factor
from jointplan.inventory.replenishment import Replenishment


def test_the_square_root_holds_only_without_correlation() -> None:
    """√(n + n(n − 1)ρ)/n: a half for four independent stocks, nothing saved where they move as one."""
    equal = np.full(4, 7.0)
    assert pooling_factor(equal, 0.0) == pytest.approx(0.5)
    assert pooling_factor(equal, 1.0) == pytest.approx(1.0)
    assert pooling_factor(equal, 0.5) == pytest.approx((4 + 12 * 0.5) ** 0.5 / 4)
    assert pooling_factor(np.ones(2), -1.0) == 0.0
    assert pooling_factor(np.zeros(3), 0.2) == 1.0


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=6), st.floats(-1, 1), st.floats(0.51, 0.99))
def test_pooled_safety_stock_is_never_more(deviations: list[float], correlation: float, service: float) -> None:
    """For normal demands the pooled safety stock is at most the sum of the separate ones, whatever the correlation."""
    sigma = np.array(deviations)
    factor = pooling_factor(sigma, correlation)
    covariance = np.where(np.eye(len(sigma)) > 0, 1.0, correlation) * np.outer(sigma, sigma)
    assert factor == pytest.approx(max(covariance.sum(), 0) ** 0.5 / sigma.sum(), abs=1e-6)
    assert factor <= 1 + 1e-9
    price = service / (1 - service)
    apart = sum(newsvendor(NormalDemand(0, s), holding=1, shortage=price).level for s in deviations)
    if factor > 0:
        pooled = newsvendor(NormalDemand(0, factor * sigma.sum()), holding=1, shortage=price)
        assert pooled.level <= apart + 1e-6


@given(st.integers(1, 5), st.floats(-0.2, 1), st.floats(1, 30), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_pooled_paths_never_cost_more(count: int, correlation: float, shortage: float, seed: int) -> None:
    """On the same sample paths the best pooled stock costs at most what the best separate ones cost together."""
    rng = np.random.default_rng(seed)
    paths = np.maximum(10 + 4 * normal_scores(count, 200, 6, serial=0.2, between=correlation, rng=rng), 0)
    terms = Replenishment(lead=2.0, spread=0.0, review=1.0, holding=1.0, shortage=shortage, lost=False)
    apart = sum(best_level(part, terms, rng).cost for part in paths)
    assert best_level(paths.sum(axis=0), terms, rng).cost <= apart + 1e-9
