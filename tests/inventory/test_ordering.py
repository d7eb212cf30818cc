"""Orders are the quantity at which one more unit costs as much as it saves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.inventory import StockCosts, StockState, decide_orders, simulate_stock


def _cost(quantity: float, hand: float, due: np.ndarray, paths: np.ndarray, costs: StockCosts) -> float:
    """Cost of an order by plain simulation of each path, from its arrival on."""
    lead = len(due)
    total = 0.0
    for path in paths:
        stock = hand
        for period, wanted in enumerate(path):
            stock += due[period] if period < lead else (quantity if period == lead else 0.0)
            missed = max(wanted - stock, 0.0)
            stock = max(stock - wanted, 0.0) if costs.lost else stock - wanted
            if period >= lead:
                total += costs.holding * max(stock, 0.0) + costs.shortage * missed
    return total / len(paths)


@given(
    st.integers(0, 8), st.lists(st.integers(0, 5), min_size=0, max_size=2), st.integers(0, 10_000), st.booleans(),
    st.floats(0.2, 8), st.integers(1, 3),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_no_other_quantity_is_cheaper(
    hand: int, due: list[int], seed: int, lost: bool, shortage: float, served: int
) -> None:
    """The order is the cheapest of all quantities, each costed by plain simulation of every path."""
    rng = np.random.default_rng(seed)
    paths = rng.poisson(2.0, (30, len(due) + served)).astype(float)
    costs = StockCosts(1.0, shortage, lost=lost)
    state = StockState(np.array([float(hand)]), np.array([due], dtype=float))
    order = decide_orders(state, paths[None], costs)[0]
    every = [_cost(q, hand, np.array(due, dtype=float), paths, costs) for q in range(40)]
    assert _cost(order, hand, np.array(due, dtype=float), paths, costs) == pytest.approx(min(every))


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(1, 4))
@settings(deadline=None)
def test_dearer_shortage_never_orders_less(seed: int, shortage: float, more: float) -> None:
    """A higher shortage cost never lowers an order, and more stock on hand never raises it."""
    rng = np.random.default_rng(seed)
    paths = rng.poisson(3.0, (4, 50, 3)).astype(float)
    state = StockState(rng.integers(0, 6, 4).astype(float), rng.integers(0, 4, (4, 2)).astype(float))
    order = decide_orders(state, paths, StockCosts(1.0, shortage))
    assert (decide_orders(state, paths, StockCosts(1.0, shortage * more)) >= order).all()
    assert (decide_orders(StockState(state.on_hand + 1, state.due), paths, StockCosts(1.0, shortage)) <= order).all()


def test_lost_sales_ask_for_less_than_sales_that_are_owed() -> None:
    """What is lost before the order arrives need not be served by it."""
    paths = np.full((1, 10, 3), 5.0)
    state = StockState(np.array([2.0]), np.array([[0.0, 0.0]]))
    assert decide_orders(state, paths, StockCosts(1.0, 9.0))[0] == 5
    assert decide_orders(state, paths, StockCosts(1.0, 9.0, lost=False))[0] == 13


def test_a_period_passes_as_the_challenge_says() -> None:
    """Goods due arrive first, demand is served, what is missing is lost, and the order goes to the end of the way."""
    state = StockState(np.array([3.0, 0.0]), np.array([[2.0, 1.0], [0.0, 4.0]]))
    after, held, missed = simulate_stock(state, np.array([7.0, 8.0]), np.array([4.0, 2.0]), StockCosts(0.2, 1.0))
    assert after.on_hand.tolist() == [1.0, 0.0]
    assert after.due.tolist() == [[1.0, 7.0], [4.0, 8.0]]
    assert (held.tolist(), missed.tolist()) == ([1.0, 0.0], [0.0, 2.0])
    owed, _, _ = simulate_stock(state, np.zeros(2), np.array([4.0, 2.0]), StockCosts(0.2, 1.0, lost=False))
    assert owed.on_hand.tolist() == [1.0, -2.0]


def test_states_that_do_not_fit_are_refused() -> None:
    """Items without goods due, paths too short, and costs of nothing are refused."""
    with pytest.raises(ValueError, match="units due"):
        StockState(np.zeros(2), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="longer than"):
        decide_orders(StockState(np.zeros(1), np.zeros((1, 2))), np.zeros((1, 5, 2)), StockCosts(1, 1))
    with pytest.raises(ValueError, match="cost something"):
        StockCosts(0.0, 1.0)
