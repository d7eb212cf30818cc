"""The bullwhip ratio agrees with the published formula on simulated orders, and is not found where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.diagnosis.information.bullwhip import bullwhip_ratio, measure_amplification, order_up_to_norm

CASES = ((5, 1, 1.48), (10, 1, 1.22), (5, 3, 2.92))


def orders_up_to(demand: np.ndarray, window: int, lead: int) -> np.ndarray:
    """Order up to lead times the mean of the last ``window`` weeks, each week what was sold and the change of that level."""
    weeks = len(demand)
    mean = np.array([demand[t - window : t].mean() for t in range(window, weeks + 1)])
    level = lead * mean
    orders: np.ndarray = np.diff(level) + demand[window:]
    return orders


@pytest.mark.parametrize(("window", "lead", "published"), CASES)
def test_formula_and_simulation(window: int, lead: int, published: float) -> None:
    """1 + 2L/p + 2L²/p² (Chen, Drezner, Ryan and Simchi-Levi 2000) is what simulated orders at independent demand show."""
    assert order_up_to_norm(lead, window) == pytest.approx(published, abs=0.005)
    demand = np.random.default_rng(7).normal(100, 10, 60_000)
    orders = orders_up_to(demand, window, lead)
    assert bullwhip_ratio(orders, demand[window:]) == pytest.approx(published, rel=0.03)


def test_interval_covers_the_truth_and_no_swing_is_not_found() -> None:
    """Intervals of 104 weeks hold the formula's ratio nearly always; orders that follow demand are not said to swing more."""
    rng = np.random.default_rng(3)
    held = found = 0
    for seed in range(60):
        demand = rng.normal(100, 10, 109)
        swinging = measure_amplification(orders_up_to(demand, 5, 3), demand[5:], draws=200, seed=seed)
        assert swinging is not None
        held += swinging.low <= 2.92 <= swinging.high
        other = measure_amplification(rng.normal(100, 10, 104), demand[5:], draws=200, seed=seed)
        assert other is not None
        found += other.p_value < 0.05
    assert held >= 50
    assert found <= 9


def test_what_does_not_vary_has_no_ratio() -> None:
    """Constant demand, or no orders, has no ratio rather than an endless one."""
    assert measure_amplification(np.ones(30), np.ones(30), draws=100, seed=1) is None
    assert measure_amplification(np.zeros(30), np.arange(30.0), draws=100, seed=1) is None
