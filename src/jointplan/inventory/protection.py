"""What units of safety stock save, part by part: the cost of shortage times the chance that a unit is needed.

By how much the expected cost of a level falls with the units of a part is read off sample paths at its ends. That cost counts holding,
which a plan counts by itself: it is given back. Where unmet demand is owed, a unit so saves (p + h) times the chance that demand
exceeds the level below it (the newsvendor's marginal unit, Snyder and Shen 2019, section 4.3), and the last unit of the best
level h; where unmet demand is lost, levels are simulated, but for (r, Q) with one order on the way, whose cost is that of a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.inventory.base_stock import LeadDemand
from jointplan.inventory.lost_orders import lost_reorder_costs
from jointplan.inventory.lost_stock import LostStock
from jointplan.inventory.replenishment import Replenishment
from jointplan.inventory.targets import Policy, Target

Array = npt.NDArray[np.float64]

PARTS = 3
"""Parts that safety stock is split into at most."""

BAND = 20
"""Positions between order-up-to level and reorder point that are counted at most."""


@dataclass(frozen=True)
class Part:
    """Units of safety stock, and what each of them saves a week."""

    units: float
    worth: float


def safety_parts(paths: Array, terms: Replenishment, target: Target, rng: np.random.Generator) -> list[Part]:
    """Return the safety stock of a target in parts of whole units, the one needed most likely first.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand of the stock.
    terms : Replenishment
        Lead time, review and costs.
    target : Target
        The target.
    rng : numpy Generator
        For lead times that vary.
    """
    units = int(np.floor(target.safety + 0.5))
    if units <= 0:
        return []
    ends = np.unique(np.rint(np.linspace(0, units, min(PARTS, units) + 1)))
    if terms.lost:
        cost = _lost_costs(paths, terms, target, ends - units, rng)
    else:
        # A stock that is ordered more seldom runs through the positions from its level down to above its reorder point.
        band = np.unique(np.rint(np.linspace(target.reorder_point + 1, target.order_up_to, BAND)))
        demand = LeadDemand.of(paths, terms, rng).counted
        cost = np.array([np.mean([_cost(demand, terms, level - units + end) for level in band]) for end in ends])
    size = np.diff(ends)
    saved = np.maximum(terms.holding - np.diff(cost) / size, 0.0)
    return [Part(float(n), float(worth)) for n, worth in zip(size, saved, strict=True)]


def _lost_costs(paths: Array, terms: Replenishment, target: Target, lower: Array, rng: np.random.Generator) -> Array:
    """Return the expected cost a week, orders apart, of a target moved by some units where unmet demand is lost."""
    point, size = target.reorder_point, target.order_up_to - target.reorder_point
    if target.policy is Policy.REORDER_POINT and size > point:
        return lost_reorder_costs(paths, terms, point + lower, np.array([size]), order_cost=0.0, rng=rng)[:, 0]
    stock = LostStock.of(paths, terms, int(rng.integers(2**32)))
    base = target.policy is Policy.BASE_STOCK
    moved = [stock.at(target.order_up_to + by, point=None if base else point + by) for by in lower]
    return np.array([made.cost for made in moved])


def _cost(demand: Array, terms: Replenishment, level: float) -> float:
    """Return the expected cost a week of a level where unmet demand is owed."""
    over = level - demand
    return float(terms.holding * np.maximum(over, 0.0).mean() + terms.shortage * np.maximum(-over, 0.0).mean())
