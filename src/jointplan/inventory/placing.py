"""Where on the way to its customers the safety stock of one product is best kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from jointplan.inventory.guaranteed import ServiceNetwork, ServicePlan, stock_at_the_end
from jointplan.inventory.guaranteed_network import plan_service
from jointplan.inventory.paths import demand_until

Array = npt.NDArray[np.float64]

DAYS = 7


@dataclass(frozen=True)
class Place:
    """A place where a product can be kept.

    Parameters
    ----------
    name : str
        Firm or site.
    suppliers : tuple of str
        Places it is supplied from; empty where the product is made.
    days : int
        Days it takes to make the product, or to bring it from the suppliers, and the days between orders at a last place.
    last : bool
        Whether customers are served from it.
    holding : float
        Cost of a unit over one week.
    service : float
        Chance with which its stock covers demand.
    demand : array, samples × weeks
        Demand of all customers served through it.
    """

    name: str
    suppliers: tuple[str, ...]
    days: int
    last: bool
    holding: float
    service: float
    demand: Array


@dataclass(frozen=True)
class Placed:
    """Safety stock of one place.

    Parameters
    ----------
    place : Place
        Where.
    covered : int
        Days of demand its stock covers.
    promise : int
        Days within which it serves.
    safety : float
        Units above expected demand of those days.
    """

    place: Place
    covered: int
    promise: int
    safety: float

    @property
    def cost(self) -> float:
        """Cost of its safety stock over one week."""
        return self.place.holding * self.safety


def place_stock(places: Sequence[Place], promise_days: int) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    """Return the cheapest safety stocks of a product, and those that keep the same promise at the last places alone.

    Parameters
    ----------
    places : sequence of Place
        All places; their suppliers are among them.
    promise_days : int
        Days customers wait.
    """
    number = {place.name: k for k, place in enumerate(places)}
    arcs = tuple((number[name], k) for k, place in enumerate(places) for name in place.suppliers)
    times = np.array([place.days for place in places], dtype=np.int64)
    none = np.zeros(len(places), dtype=np.int64)
    most = np.zeros(int(times.sum()) + 1)
    promised = np.array([promise_days if place.last else -1 for place in places], dtype=np.int64)
    names = tuple(place.name for place in places)
    longest = ServiceNetwork(names, arcs, times, (most,) * len(places), none, promised).longest
    safety = [safety_stocks(place, int(top)) for place, top in zip(places, longest, strict=True)]
    costs = tuple(place.holding * units for place, units in zip(places, safety, strict=True))
    network = ServiceNetwork(names, arcs, times, costs, none, promised)

    def placed(plan: ServicePlan) -> tuple[Placed, ...]:
        net = plan.net_times(network)
        return tuple(
            Placed(place, int(net[k]), int(plan.service[k]), float(safety[k][net[k]])) for k, place in enumerate(places)
        )

    return placed(plan_service(network)), placed(stock_at_the_end(network))


def safety_stocks(place: Place, longest: int) -> Array:
    """Return the units above expected demand that cover 0, 1 … ``longest`` days of it with the place's chance.

    Read off the sample paths week by week, between weeks by a line; a longer time never needs less.
    """
    weeks = np.arange(ceil(longest / DAYS) + 1)
    above = []
    for week in weeks.tolist():
        demand = demand_until(place.demand, float(week))
        above.append(float(np.quantile(demand, place.service, method="inverted_cdf") - demand.mean()))
    days = np.interp(np.arange(longest + 1), weeks * DAYS, np.maximum(above, 0.0))
    units: Array = np.maximum.accumulate(days)
    return units
