"""Order-up-to levels of stock that is replenished without a fixed cost, over sample paths of demand.

Unmet demand that is owed: the level is a newsvendor's over lead time and review (Snyder and Shen 2019, section 4.3). Unmet demand that
is lost: the cost of a level has no closed form, but is convex in it (Janakiraman and Roundy 2004), so it is simulated and halved.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from jointplan.inventory.lost_stock import LostStock, cheapest_lost
from jointplan.inventory.paths import demand_until
from jointplan.inventory.replenishment import Replenishment, StockLevel

Array = npt.NDArray[np.float64]


def best_level(paths: Array, terms: Replenishment, rng: np.random.Generator) -> StockLevel:
    """Return the cheapest order-up-to level, in whole units.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand of the stock, at least :attr:`Replenishment.weeks` of them.
    terms : Replenishment
        Lead time, review and costs.
    rng : numpy Generator
        For lead times that vary.
    """
    if terms.lost:
        stock = LostStock.of(paths, terms, int(rng.integers(2**32)))
        return cheapest_lost(stock.at, stock.most_wanted, terms.service)
    demand = LeadDemand.of(paths, terms, rng)
    # A service wanted is one until the next order arrives; costs are those of every moment.
    draws = np.sort(demand.last if terms.service else demand.counted.ravel())
    chance = terms.service or terms.shortage / (terms.shortage + terms.holding)
    place = ceil(chance * len(draws) - 1e-9) - 1
    # Rounding up from a hair below nothing gives minus zero.
    return level_of(terms, float(np.ceil(draws[max(place, 0)] - 1e-9)) + 0.0, demand)


@dataclass(frozen=True)
class LeadDemand:
    """Demand from an order on.

    Parameters
    ----------
    arrival : array of samples
        Until the order arrives.
    counted : array, moments × samples
        Until each moment at which its stock is counted, the last one as the next order arrives.
    """

    arrival: Array
    counted: Array

    @classmethod
    def of(cls, paths: Array, terms: Replenishment, rng: np.random.Generator) -> LeadDemand:
        """Read it off sample paths, each with a lead time of its own."""
        lead = terms.lead_times(len(paths), rng)
        return cls(
            demand_until(paths, lead), np.stack([demand_until(paths, lead + moment) for moment in terms.moments])
        )

    @property
    def last(self) -> Array:
        """Demand until the next order arrives."""
        last: Array = self.counted[-1]
        return last

    def served(self, levels: Array, shares: Array) -> tuple[float, float]:
        """Return service and fill where a stock is owed and begins, after reviews, at some levels in some shares of them."""
        service = float(shares @ chances_below(self.last, levels))
        wanted = float((self.last - self.arrival).mean())
        if wanted <= 1e-9:
            return service, service
        fresh = float(shares @ (shortfalls(self.last, levels) - shortfalls(self.arrival, levels)))
        return service, min(max(1.0 - fresh / wanted, 0.0), 1.0)


def shortfalls(demand: Array, levels: Array) -> Array:
    """Return the expected demand above each level."""
    draws = np.sort(demand.ravel())
    above = np.concatenate([np.cumsum(draws[::-1])[::-1], [0.0]])
    place = np.searchsorted(draws, levels, side="right")
    short: Array = (above[place] - levels * (len(draws) - place)) / len(draws)
    return short


def chances_below(demand: Array, levels: Array) -> Array:
    """Return the chance that demand does not exceed each level."""
    chance: Array = np.searchsorted(np.sort(demand.ravel()), levels, side="right") / demand.size
    return chance


def level_of(terms: Replenishment, level: float, demand: LeadDemand) -> StockLevel:
    """Return what a level brings where unmet demand is owed."""
    missed, held = np.maximum(demand.counted - level, 0.0), np.maximum(level - demand.counted, 0.0)
    service, fill = demand.served(np.array([level]), np.ones(1))
    return StockLevel(
        level=level,
        safety=level - float(demand.last.mean()),
        service=service,
        fill=fill,
        cost=float(terms.holding * held.mean() + terms.shortage * missed.mean()),
    )
