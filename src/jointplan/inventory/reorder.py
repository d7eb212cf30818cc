"""Stock that is ordered at a fixed cost: (r, Q) where it is watched all the time, (s, S) where it is reviewed.

Both rest on the newsvendor cost C(y) of lead-time demand at an inventory position y. The best (r, Q) costs c where the area
between c and C is the fixed cost a week: Kλ = ∫ (c − C(y)) dy over C(y) ≤ c (Zheng 1992); in whole units positions are taken in
from the cheapest on until the next costs more than the average (Federgruen and Zheng 1992).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.inventory.distributions import NormalDemand
from jointplan.inventory.newsvendor import expected_cost

Array = npt.NDArray[np.float64]

_HALVINGS = 200


@dataclass(frozen=True)
class ReorderPolicy:
    """Order when the position (on hand and on order, less owed) falls to ``reorder_point``, up to ``order_up_to``.

    Parameters
    ----------
    reorder_point, order_up_to : float
        Units; under (r, Q) their difference is always ordered.
    cost : float
        Expected cost a period, money: fixed cost, holding and shortage.
    """

    reorder_point: float
    order_up_to: float
    cost: float

    @property
    def order_quantity(self) -> float:
        """Units ordered at a time, at least."""
        return self.order_up_to - self.reorder_point


def reorder_cost(
    reorder_point: float,
    quantity: float,
    *,
    demand: NormalDemand,
    rate: float,
    holding: float,
    shortage: float,
    fixed: float,
) -> float:
    """Return the exact expected cost of (r, Q), [Kλ + ∫ C(y) dy from r to r + Q]/Q, for normal lead-time demand.

    Parameters
    ----------
    reorder_point, quantity : float
        r and Q, units.
    demand : NormalDemand
        Over the lead time.
    rate : float
        Demand λ a period.
    holding, shortage : float
        Of a unit and period.
    fixed : float
        Of an order, K.
    """
    low, high = reorder_point, reorder_point + quantity
    held = holding / 2 * ((high - demand.mean) ** 2 - (low - demand.mean) ** 2)
    owed = (holding + shortage) * (demand.second_shortfall(low) - demand.second_shortfall(high))
    return (fixed * rate + held + owed) / quantity


def reorder_point_for(quantity: float, *, demand: NormalDemand, holding: float, shortage: float) -> float:
    """Return the best r for a given Q: C(r) = C(r + Q)."""

    def rises(r: float) -> bool:
        return expected_cost(demand, r, holding=holding, shortage=shortage) < expected_cost(
            demand, r + quantity, holding=holding, shortage=shortage
        )

    best = demand.quantile(shortage / (shortage + holding))
    return _first(rises, best - quantity, best)


def best_reorder(demand: NormalDemand, *, rate: float, holding: float, shortage: float, fixed: float) -> ReorderPolicy:
    """Return the best (r, Q) under backorders, for normal lead-time demand and a fixed cost above 0."""
    best = demand.quantile(shortage / (shortage + holding))

    def bounds(level: float) -> tuple[float, float]:
        # Positions as cheap as the level: C lies above h·(y − μ) and above p·(μ − y), so they lie within these.
        low = _first(lambda y: _cost(y) <= level, demand.mean - level / shortage, best)
        high = _first(lambda y: _cost(y) > level, best, demand.mean + level / holding)
        return low, high

    def _cost(y: float) -> float:
        return expected_cost(demand, y, holding=holding, shortage=shortage)

    def dear(level: float) -> bool:
        low, high = bounds(level)
        quantity = high - low
        return (
            quantity > 0
            and reorder_cost(low, quantity, demand=demand, rate=rate, holding=holding, shortage=shortage, fixed=fixed)
            <= level
        )

    least = _cost(best)
    most = least + (2 * fixed * rate * holding) ** 0.5 + fixed * rate
    while not dear(most):
        most *= 2
    cost = _first(dear, least, most)
    low, high = bounds(cost)
    return ReorderPolicy(low, high, cost)


def best_reorder_in_units(costs: Array, first: int, *, rate: float, fixed: float) -> ReorderPolicy:
    """Return the best (r, Q) in whole units from the cost of each position.

    Parameters
    ----------
    costs : array
        C(y) of positions ``first``, ``first + 1`` and so on: convex.
    first : int
        The first position.
    rate, fixed : float
        Demand a period, and cost of an order.
    """
    at = int(np.argmin(costs))
    low = high = at
    total = fixed * rate + float(costs[at])
    while True:
        left = float(costs[low - 1]) if low > 0 else np.inf
        right = float(costs[high + 1]) if high + 1 < len(costs) else np.inf
        if min(left, right) >= total / (high - low + 1):
            break
        total += min(left, right)
        low, high = (low - 1, high) if left <= right else (low, high + 1)
    return ReorderPolicy(first + low - 1, first + high, total / (high - low + 1))


def best_order_up_to(costs: Array, first: int, chances: Array, *, fixed: float) -> ReorderPolicy:
    """Return the best (s, S) under periodic review, by the algorithm of Zheng and Federgruen (1991).

    Parameters
    ----------
    costs : array
        C(y) of positions ``first``, ``first + 1`` and so on after ordering, over lead time and review.
    first : int
        The first position.
    chances : array
        Chance that demand between two reviews is 0, 1, 2 … units.
    fixed : float
        Cost of an order.
    """
    if float(chances[0]) >= 1:
        place = int(np.argmin(costs))
        return ReorderPolicy(first + place - 1, first + place, float(costs[place]))
    renewals = _renewals(chances, len(costs))
    reviews = np.cumsum(renewals)

    def average(s: int, top: int) -> float:
        span = top - s
        return float((fixed + renewals[:span] @ costs[top - np.arange(span)]) / reviews[span - 1])

    top = int(np.argmin(costs))
    s = top - 1
    # To wait longer pays as long as the next position down costs less than the average; the costs given may end before.
    while s >= 0 and average(s, top) > costs[s]:
        s -= 1
    best = average(s, top)
    for candidate in range(top + 1, len(costs)):
        if costs[candidate] > best:
            break
        if average(s, candidate) < best:
            top = candidate
            while average(s, top) <= costs[s + 1]:
                s += 1
            best = average(s, top)
    return ReorderPolicy(first + s, first + top, best)


def position_shares(chances: Array, count: int) -> Array:
    """Return the share of reviews after which the position of (s, S) stands 0, 1 … ``count`` − 1 units below S, in the long run.

    Parameters
    ----------
    chances : array
        Chance that demand between two reviews is 0, 1, 2 … units.
    count : int
        S − s.
    """
    if float(chances[0]) >= 1:
        return np.concatenate([[1.0], np.zeros(count - 1)])
    renewals = _renewals(chances, count)
    shares: Array = renewals / renewals.sum()
    return shares


def _renewals(chances: Array, count: int) -> Array:
    """Return the expected number of reviews at which demand so far is exactly 0, 1, 2 … units."""
    renewals = np.zeros(count)
    keep = 1.0 / (1.0 - float(chances[0]))
    renewals[0] = keep
    for j in range(1, count):
        part = chances[1 : j + 1]
        renewals[j] = keep * float(part @ renewals[j - len(part) : j][::-1])
    return renewals


def _first(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return where a condition that does not hold at ``low`` begins to hold, by halving."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
