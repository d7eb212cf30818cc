"""What to order now: the quantity whose last unit costs as much to hold as it saves in shortage, over sample paths.

An order decided now arrives after the lead time; what it meets there is simulated from stock on hand, goods due and sample paths of
demand, unmet demand being lost or owed. The order need only serve until the next one can arrive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_STEPS = 60


@dataclass(frozen=True)
class StockState:
    """Stock of some items when orders are decided.

    Parameters
    ----------
    on_hand : array
        Units there, at the end of the period; below 0: owed.
    due : array, items × periods
        Units that arrive at the start of each of the next periods; an order decided now arrives at the start of the one after.
    """

    on_hand: Array
    due: Array

    def __post_init__(self) -> None:
        if self.due.ndim != 2 or len(self.due) != len(self.on_hand):
            raise ValueError("every item needs its units due")


@dataclass(frozen=True)
class StockCosts:
    """What stock and its lack cost.

    Parameters
    ----------
    holding : float
        Of a unit over one period, above 0.
    shortage : float
        Of a unit lost, or of a unit owed over one period; above 0.
    lost : bool
        Whether unmet demand is lost; else it is owed.
    """

    holding: float
    shortage: float
    lost: bool = True

    def __post_init__(self) -> None:
        if not (self.holding > 0 and self.shortage > 0):
            raise ValueError("holding and shortage must cost something")


def decide_orders(state: StockState, paths: Array, costs: StockCosts) -> Array:
    """Return whole units to order of each item.

    Parameters
    ----------
    state : StockState
        What is there and due.
    paths : array, items × samples × periods
        Demand of the periods to come: those in which goods are due, and then those that the order must serve before the next one
        can arrive (one, where orders are decided every period).
    costs : StockCosts
        Prices of stock and of its lack.
    """
    lead = state.due.shape[1]
    if paths.ndim != 3 or len(paths) != len(state.on_hand) or paths.shape[2] <= lead:
        raise ValueError("every item needs paths longer than the goods due reach")
    stock = np.broadcast_to(state.on_hand[:, None], paths.shape[:2])
    for period in range(lead):
        stock = stock + state.due[:, period, None] - paths[:, :, period]
        if costs.lost:
            stock = np.maximum(stock, 0.0)
    # Units the order lacks to serve through each of its periods.
    needed = np.cumsum(paths[:, :, lead:], axis=2) - stock[:, :, None]

    low, high = np.full(len(paths), -1.0), np.maximum(np.ceil(needed.max(axis=(1, 2))), 0.0)
    for _ in range(_STEPS):
        between = high - low > 1.0  # items that are found already stay as they are
        if not between.any():
            break
        middle = np.floor((low + high) / 2)
        enough = _next_unit_costs(needed, middle, costs) >= 0
        high, low = np.where(between & enough, middle, high), np.where(between & ~enough, middle, low)
    orders: Array = high
    return orders


def _next_unit_costs(needed: Array, quantity: Array, costs: StockCosts) -> Array:
    """Return what one more unit adds to the expected cost: held in the periods it is not needed, saving where it is."""
    idle = (needed <= quantity[:, None, None]).mean(axis=1)
    missed = 1.0 - idle
    saved = missed[:, -1] if costs.lost else missed.sum(axis=1)
    added: Array = costs.holding * idle.sum(axis=1) - costs.shortage * saved
    return added


def simulate_stock(
    state: StockState, orders: Array, demand: Array, costs: StockCosts
) -> tuple[StockState, Array, Array]:
    """Pass one period: goods arrive, demand is served, orders go on their way.

    Parameters
    ----------
    state : StockState
        At the end of the period before.
    orders : array
        Units ordered then.
    demand : array
        Units wanted in the period.
    costs : StockCosts
        Whether unmet demand is lost.

    Returns
    -------
    StockState
        At the end of the period.
    held, missed : arrays
        Units held over its end, and units lost in it or owed at its end.
    """
    way = np.concatenate([state.due, orders[:, None]], axis=1)
    stock = state.on_hand + way[:, 0] - demand
    held, missed = np.maximum(stock, 0.0), np.maximum(-stock, 0.0)
    return StockState(held if costs.lost else stock, way[:, 1:]), held, missed
