"""Intervals are those of the literature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from jointplan.diagnosis.chance import ratio_interval, share_interval, shares_differ


def test_share_interval_is_that_of_wilson() -> None:
    """As scipy's binomtest computes it, also at the ends."""
    for hits, count in ((10, 100), (0, 8), (8, 8), (1, 3)):
        theirs = stats.binomtest(hits, count).proportion_ci(method="wilson")
        assert share_interval(hits, count) == pytest.approx((theirs.low, theirs.high))
    assert share_interval(0, 0) == (0.0, 1.0)


def test_share_interval_holds_means_of_bounded_values() -> None:
    """Of means of values in 0 … 1 that crowd near an end it holds at least 95 in a hundred, and never leaves 0 … 1."""
    rng = np.random.default_rng(1)
    for a, b in ((0.3, 3.0), (2.0, 20.0), (5.0, 0.5)):
        drawn = rng.beta(a, b, (2000, 15))
        ends = np.array([share_interval(row.sum(), len(row)) for row in drawn])
        held = (ends[:, 0] <= a / (a + b)) & (a / (a + b) <= ends[:, 1])
        assert held.mean() >= 0.95
        assert ends.min() >= 0
        assert ends.max() <= 1


def test_shares_differ_agrees_with_the_chi_square_test() -> None:
    """The one-sided chance is half that of the chi-square test without correction."""
    theirs = stats.chi2_contingency([[30, 70], [20, 130]], correction=False).pvalue / 2
    assert shares_differ(30, 100, 20, 150) == pytest.approx(theirs)
    assert shares_differ(0, 10, 0, 10) == 1.0


def test_ratio_interval_draws_whole_clusters() -> None:
    """One cluster has no spread; clusters that differ widen the interval around the ratio."""
    ones = np.ones(6)
    assert ratio_interval(ones, ones * 2, np.zeros(6, int), draws=50, seed=1) == (0.5, 0.5)
    low, high = ratio_interval(np.array([1.0, 0, 1, 0]), np.ones(4), np.arange(4), draws=200, seed=1)
    assert low < 0.5 < high
    assert np.isnan(ratio_interval(np.zeros(2), np.zeros(2), np.arange(2), draws=10, seed=1)).all()
