"""Loads settled at prices by lateness take what is best for them: no other filling costs less."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from jointplan.planning.solving.load_prices import _settle

RNG = np.random.default_rng(7)


def charge(quantity: float, clearing: float, box: float, bands: np.ndarray) -> float:
    """Return the charge of a load as the tariffs tell it, and its clearing."""
    if quantity <= 1e-9:
        return 0.0
    if box >= 0:
        return float(clearing + np.ceil(quantity - 1e-9) * box)
    top = bands[:, 1].max()
    return clearing + float(
        min(
            max(minimum, rate * max(quantity, low))
            for low, high, rate, minimum in bands
            if quantity <= high or high >= top
        )
    )


@pytest.mark.parametrize("boxed", [True, False])
def test_no_filling_on_a_grid_is_better(boxed: bool) -> None:
    """Every filling in steps of a quarter is tried: none costs less after what goods pay, and the one found costs what is said."""
    for _ in range(40):
        most = RNG.integers(0, 7, 3) / 4
        price = RNG.uniform(-1, 12, 3).round(2)
        total = float(RNG.integers(1, 17)) / 4
        clearing = float(RNG.integers(0, 3))
        box = round(RNG.uniform(2, 9), 2) if boxed else -1.0
        edge = RNG.integers(1, 6) / 4
        bands = np.empty((0, 4)) if boxed else np.array([[0, edge, 6, 2.5], [edge, np.inf, 4, 2.5]], float)
        quantity = np.zeros(3)
        one, bands_of, entries = np.array([0, 3]), np.array([0, len(bands)]), np.arange(3)
        found = _settle(
            price, most, one, np.array([[total]]), np.array([[clearing]]), np.array([box]), bands_of, bands, entries, quantity
        )  # fmt: skip
        paid = charge(float(quantity.sum()), clearing, box, bands) - float(price @ quantity)
        assert found == pytest.approx(paid)
        assert (quantity >= 0).all()
        assert (quantity <= most + 1e-12).all()
        assert quantity.sum() <= total + 1e-12
        for filling in itertools.product(*(np.arange(0, amount + 0.1, 0.25) for amount in most)):
            if sum(filling) <= total + 1e-9:
                assert found <= charge(sum(filling), clearing, box, bands) - float(price @ np.array(filling)) + 1e-9
