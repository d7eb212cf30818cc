"""Young products, age and novelty are counted as defined."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.diagnosis.sameness.likeness import Likeness
from jointplan.diagnosis.sameness.newness import novelty, young_share


def test_young_share_and_age_by_hand() -> None:
    """Revenue in the weeks after a launch is young; ages are weighted by revenue."""
    revenue = np.array([[5.0, 5.0, 5.0], [0.0, 10.0, 20.0]])
    share, age = young_share(revenue, np.array([-100, 1]), first=1, last=2, young=2)
    assert share == pytest.approx(30 / 40)
    assert age == pytest.approx((5 * 101 + 5 * 102 + 0 + 20 * 1) / 40)
    assert np.isnan(young_share(np.zeros((2, 3)), np.array([0, 0]), first=0, last=2, young=2)).all()


def test_novelty_looks_at_earlier_products_only() -> None:
    """A copy launched later is not new, its original is; products of the same week are no models of each other."""
    pairs = Likeness(np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.7]), 4)
    np.testing.assert_allclose(novelty(pairs, np.array([0, 5, 5, 9])), [1.0, 0.1, 1.0, 1.0])
