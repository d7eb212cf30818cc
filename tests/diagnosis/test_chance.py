"""Intervals are those of the literature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from jointplan.diagnosis.chance import mean_interval, ratio_interval, share_interval, shares_differ


def test_share_interval_is_that_of_wilson() -> None:
    """As scipy's binomtest computes it, also at the ends."""
    for hits, count in ((10, 100), (0, 8), (8, 8), (1, 3)):
        theirs = stats.binomtest(hits, count).proportion_ci(method="wilson")
        assert share_interval(hits, count) == pytest.approx((theirs.low, theirs.high))
    assert share_interval(0, 0) == (0.0, 1.0)


def test_mean_interval_is_that_of_student() -> None:
    """As scipy's t distribution gives it."""
    values = np.array([1.0, 4.0, 2.0, 8.0])
    theirs = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert mean_interval(values) == pytest.approx(theirs)


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
