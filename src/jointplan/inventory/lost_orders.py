"""Stock that is ordered at a fixed cost where unmet demand is lost: (r, Q) where it is watched all the time, (s, S) where it is reviewed.

Watched all the time and with at most one order on the way, Q > r, stock begins anew with each order: it then stands at r. A cycle
from order to order serves Q units and loses η(r) = E(D − r)⁺, D the demand over the lead time, and so lasts (Q + η)/λ; when the
order arrives (r − D)⁺ + Q are there, and each unit above r waits 1/λ for the next one sold (Hadley and Whitin 1963, section 4-11).
This is exact for Poisson demand. Hadley and Whitin's own cost leaves out what is lost in the length of a cycle and approximates
holding; both are counted here.

Reviewed, or where the economic lot is so small that several orders would be on the way, orders may overlap: the policy is simulated on the
sample paths, as base stocks are, stock that is watched by quarters of a week. Of both the cheaper in that simulation is taken.

Where a service is wanted, the cheapest policy that reaches it is taken: a cost of shortage alone would not bring it about, as each
order then saves its own cost by losing more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.inventory.base_stock import shortfalls
from jointplan.inventory.lost_stock import LostStock, cheapest_lost
from jointplan.inventory.paths import demand_until
from jointplan.inventory.reorder import ReorderPolicy
from jointplan.inventory.replenishment import Replenishment

Array = npt.NDArray[np.float64]

MOMENTS = 16
"""Moments of the lead time at which its stock is counted."""

POSITIONS = 150
"""Most reorder points and order quantities tried at a time: larger stocks are counted in larger steps, then in single units around the best."""

SIZES = 2.0 ** np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
"""Order sizes tried where orders may overlap, over the economic one; the best is then refined by quarter powers of two."""


@dataclass(frozen=True)
class LostPolicy:
    """A policy under lost sales: order at or below a point, and what it brings.

    Parameters
    ----------
    policy : ReorderPolicy
        When and how much to order, and what that costs a week. A point below 0 never orders.
    service, fill : float
        As :class:`jointplan.inventory.replenishment.StockLevel` counts them.
    """

    policy: ReorderPolicy
    service: float
    fill: float


def lost_reorder_costs(
    paths: Array, terms: Replenishment, points: Array, quantities: Array, *, order_cost: float, rng: np.random.Generator
) -> Array:
    """Return the expected cost a week of (r, Q) under lost sales, watched all the time: points × quantities.

    [K + p·η + h·(A + B)]·λ/(Q + η), A the unit-weeks on hand over the lead time and B those from the arrival until r is reached. Where
    Q ≤ r a second order would be on the way, and the cost is infinite.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand from an order on, as long as the lead time at least.
    terms : Replenishment
        Lead time and costs.
    points, quantities : arrays
        r and Q, whole units.
    order_cost : float
        Fixed cost of an order, K.
    rng : numpy Generator
        For lead times that vary.
    """
    lead = terms.lead_times(len(paths), rng)
    rate = float(paths.mean())
    demand = demand_until(paths, lead)
    between = np.stack([demand_until(paths, lead * (k + 0.5) / MOMENTS) for k in range(MOMENTS)])
    costs = np.empty((len(points), len(quantities)))
    for number, point in enumerate(points):
        waiting = float((np.maximum(point - between, 0.0) * lead).mean())
        left = np.maximum(point - demand, 0.0)
        lost = float(np.maximum(demand - point, 0.0).mean())
        there = left.mean() + quantities
        # Σ j over the units j from r + 1 up to what is there, each held for 1/λ.
        above = ((left**2).mean() + 2 * left.mean() * quantities + quantities**2 + there - point * (point + 1)) / 2
        cycle = (quantities + lost) / rate
        costs[number] = (order_cost + terms.shortage * lost + terms.holding * (waiting + above / rate)) / cycle
    costs[quantities[None, :] <= points[:, None]] = np.inf
    return costs


def best_lost_reorder(paths: Array, terms: Replenishment, *, order_cost: float, rng: np.random.Generator) -> LostPolicy:
    """Return the cheapest policy under lost sales and a fixed cost of orders; where none pays, nothing is kept, unless a service is wanted.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand of the stock.
    terms : Replenishment
        Lead time, review and costs; unmet demand is lost.
    order_cost : float
        Fixed cost of an order, above 0.
    rng : numpy Generator
        For lead times that vary.
    """
    rate = float(paths.mean())
    if rate <= 0:
        return LostPolicy(ReorderPolicy(-1.0, 0.0, 0.0), 1.0, 1.0)
    quiet = float((demand_until(paths, terms.review) <= 0).mean()) if terms.review > 0 else 0.0
    nothing = LostPolicy(ReorderPolicy(-1.0, 0.0, terms.shortage * rate), quiet, 0.0)
    economic = (2 * order_cost * rate / terms.holding) ** 0.5
    stock = LostStock.of(paths, terms, int(rng.integers(2**32)))
    if terms.review > 0:
        best = _overlapping(stock, economic, order_cost)
    else:
        best = _watched(stock, economic, order_cost, int(rng.integers(2**32)))
    return best if terms.service > 0 or best.policy.cost < nothing.policy.cost else nothing


def _watched(stock: LostStock, economic: float, order_cost: float, seed: int) -> LostPolicy:
    alone = _one_under_way(stock.paths, stock.terms, economic, order_cost, seed)
    point, top = alone.policy.reorder_point, alone.policy.order_up_to
    if economic > point:
        return alone
    several = _overlapping(stock, economic, order_cost)
    return alone if stock.at(top, point=point, order_cost=order_cost).cost <= several.policy.cost else several


def _one_under_way(paths: Array, terms: Replenishment, economic: float, order_cost: float, seed: int) -> LostPolicy:
    demand = demand_until(paths, terms.lead_times(len(paths), np.random.default_rng(seed)))
    # What is lost in a cycle counts as part of the fixed cost, so that the best quantity lies above the economic one.
    highest = float(np.ceil(demand.max()))
    most = 2 * economic + 2 * (terms.shortage * demand.mean() * paths.mean() / terms.holding) ** 0.5 + highest + 2
    points, quantities = _grid(0.0, highest), _grid(1.0, most)
    while True:
        costs = lost_reorder_costs(
            paths, terms, points, quantities, order_cost=order_cost, rng=np.random.default_rng(seed)
        )  # fmt: skip
        lost = shortfalls(demand, points)
        fill = quantities / (quantities + lost[:, None])
        costs[fill < terms.service] = np.inf
        row, column = np.unravel_index(int(np.argmin(costs)), costs.shape)
        point, quantity = float(points[row]), float(quantities[column])
        steps = _step(points), _step(quantities)
        if max(steps) == 1.0:
            served = float(fill[row, column])
            return LostPolicy(ReorderPolicy(point, point + quantity, float(costs[row, column])), served, served)
        points, quantities = (
            _grid(max(at - step, low), at + step)
            for at, step, low in ((point, steps[0], 0.0), (quantity, steps[1], 1.0))
        )


def _grid(low: float, high: float) -> Array:
    step = max(np.ceil((high - low) / POSITIONS), 1.0)
    grid: Array = np.arange(low, np.ceil(high) + step, step)
    return grid


def _step(grid: Array) -> float:
    return float(grid[1] - grid[0]) if len(grid) > 1 else 1.0


def _overlapping(stock: LostStock, economic: float, order_cost: float) -> LostPolicy:
    high = stock.most_wanted

    def at(size: float) -> LostPolicy:
        # For each order size the best point, as for base stocks.
        made = cheapest_lost(
            lambda point: stock.at(point + size, point=point, order_cost=order_cost), high, stock.terms.service
        )
        return LostPolicy(ReorderPolicy(made.level - size, made.level, made.cost), made.service, made.fill)

    def cheapest(sizes: Array) -> LostPolicy:
        return min(
            (at(float(size)) for size in np.unique(np.maximum(np.rint(sizes), 1.0))), key=lambda one: one.policy.cost
        )

    best = cheapest(economic * SIZES)
    near = best.policy.order_quantity * 2.0 ** np.array([-0.25, 0.0, 0.25])
    return cheapest(near)
