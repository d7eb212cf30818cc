"""The policy of one stock: a base stock, or reorder points where an order has a fixed cost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ceil

import numpy as np
import numpy.typing as npt

from jointplan.inventory.base_stock import LeadDemand, best_level, chances_below, shortfalls
from jointplan.inventory.lost_orders import best_lost_reorder
from jointplan.inventory.paths import demand_until
from jointplan.inventory.reorder import best_order_up_to, best_reorder_in_units, position_shares
from jointplan.inventory.replenishment import Replenishment

Array = npt.NDArray[np.float64]

POSITIONS = 400
"""Most positions tried for a reorder point; larger stocks are counted in larger steps."""


class Policy(Enum):
    """How a stock is ordered."""

    BASE_STOCK = "base_stock"
    ORDER_UP_TO = "order_up_to"
    REORDER_POINT = "reorder_point"
    GUARANTEED_SERVICE = "guaranteed_service"


@dataclass(frozen=True)
class Target:
    """What to keep of one stock.

    Parameters
    ----------
    policy : Policy
        How it is ordered.
    reorder_point, order_up_to : float
        Units on hand and on order: at or below the one, order up to the other.
    safety : float
        Units above expected demand over lead time and review.
    service : float
        Chance that nothing is missed until the next order can arrive; where stock is watched all the time, that there is some.
    fill : float
        Share of demand served from stock.
    cost : float
        Expected cost a week: holding, shortage and orders.
    """

    policy: Policy
    reorder_point: float
    order_up_to: float
    safety: float
    service: float
    fill: float
    cost: float


def choose_target(paths: Array, terms: Replenishment, *, order_cost: float, rng: np.random.Generator) -> Target:
    """Return the cheapest target of a stock.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand of the stock.
    terms : Replenishment
        Lead time, review and costs.
    order_cost : float
        Fixed cost of an order.
    rng : numpy Generator
        For lead times that vary.
    """
    if order_cost > 0:
        found = _lost_with_fixed_cost if terms.lost else _with_fixed_cost
        return found(paths, terms, order_cost, rng)
    best = best_level(paths, terms, rng)
    point = max(best.level - 1.0, 0.0)
    return Target(Policy.BASE_STOCK, point, best.level, best.safety, best.service, best.fill, best.cost)


def _with_fixed_cost(paths: Array, terms: Replenishment, order_cost: float, rng: np.random.Generator) -> Target:
    demand = LeadDemand.of(paths, terms, rng)
    rate = float(paths.mean())
    # An order of economic size, three times over, and all of lead-time demand: no best policy lies beyond.
    most = float(demand.counted.max()) + 3 * (2 * order_cost * rate / terms.holding) ** 0.5 + 2
    step = max(ceil(most / POSITIONS), 1)
    positions = np.arange(-1, ceil(most / step) + 2)
    costs = _position_costs(demand, positions * float(step), terms)
    if terms.review > 0:
        chances = _chances(paths, terms.review, step)
        best = best_order_up_to(costs, -1, chances, fixed=order_cost / terms.review)
        policy, shares = Policy.ORDER_UP_TO, position_shares(chances, int(best.order_quantity))
    else:
        best = best_reorder_in_units(costs, -1, rate=rate / step, fixed=order_cost)
        size = int(best.order_quantity)
        policy, shares = Policy.REORDER_POINT, np.full(size, 1.0 / size)
    point, top = best.reorder_point * step, best.order_up_to * step
    levels, lift = top - step * np.arange(len(shares), dtype=np.float64), 0.0
    # The cheapest policy of a cost of shortage may fall short of the service wanted by a unit or two.
    while demand.served(levels + lift, shares)[0] < terms.service:
        lift += step
    service, fill = demand.served(levels + lift, shares)
    dearer = _position_costs(demand, levels + lift, terms) - _position_costs(demand, levels, terms)
    safety = point + lift - float(demand.last.mean())
    return Target(policy, point + lift, top + lift, safety, service, fill, best.cost + float(shares @ dearer))


def _lost_with_fixed_cost(paths: Array, terms: Replenishment, order_cost: float, rng: np.random.Generator) -> Target:
    best = best_lost_reorder(paths, terms, order_cost=order_cost, rng=rng)
    point, top = best.policy.reorder_point, best.policy.order_up_to
    policy = Policy.ORDER_UP_TO if terms.review > 0 else Policy.REORDER_POINT
    safety = point - float(demand_until(paths, terms.lead + terms.review).mean())
    return Target(policy, point, top, safety, best.service, best.fill, best.policy.cost)


def _position_costs(demand: LeadDemand, positions: Array, terms: Replenishment) -> Array:
    """Return the expected cost a week of each position after ordering.

    Where a service is wanted, what is missed is counted as the next order arrives, at the price that makes the base stock of that service the cheapest.
    """
    counted = demand.counted
    missed, price = shortfalls(counted, positions), terms.shortage
    costs: Array = terms.holding * (positions - counted.mean() + missed)
    if terms.service:
        base = np.quantile(demand.last, [terms.service], method="inverted_cdf")
        price = terms.holding * float(chances_below(counted, base)[0]) / (1.0 - terms.service)
        missed = shortfalls(demand.last, positions)
    costs += price * missed
    return costs


def _chances(paths: Array, review: float, step: int) -> Array:
    """Return the chance that demand between two reviews is 0, 1, 2 … steps."""
    parts = [
        demand_until(paths, (k + 1) * review) - demand_until(paths, k * review) for k in range(_reviews(paths, review))
    ]
    counts = np.bincount(np.rint(np.concatenate(parts) / step).astype(np.int64))
    chances: Array = counts / counts.sum()
    return chances


def _reviews(paths: Array, review: float) -> int:
    return max(int(paths.shape[1] / review), 1)
