"""Order-up-to levels of stock that is replenished without a fixed cost, over sample paths of demand.

Unmet demand that is owed: the level is a newsvendor's over lead time and review (Snyder and Shen 2019, section 4.3). Unmet demand that
is lost: the cost of a level has no closed form, but is convex in it (Janakiraman and Roundy 2004), so it is simulated and halved.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from jointplan.inventory.paths import demand_until

Array = npt.NDArray[np.float64]

_STEPS = 40


@dataclass(frozen=True)
class Replenishment:
    """How a stock is replenished and what it costs.

    Parameters
    ----------
    lead, spread : float
        Weeks from order to arrival: mean and standard deviation.
    review : float
        Weeks between orders; 0: whenever stock falls.
    holding : float
        Of a unit over one week, above 0.
    shortage : float
        Of a unit lost, or of a unit owed over one week; above 0.
    lost : bool
        Whether unmet demand is lost.
    """

    lead: float
    spread: float
    review: float
    holding: float
    shortage: float
    lost: bool

    def __post_init__(self) -> None:
        if self.lead < 0 or self.spread < 0 or self.review < 0:
            raise ValueError("lead time, spread and review must not be below 0")
        if not (self.holding > 0 and self.shortage > 0):
            raise ValueError("holding and shortage must cost something")

    @property
    def moments(self) -> list[float]:
        """Weeks after an order arrives at which its stock is counted: the ends of the weeks until the next arrives."""
        parts = max(ceil(self.review), 1)
        return [self.review * (part + 1) / parts for part in range(parts)]

    @property
    def weeks(self) -> int:
        """Weeks of demand that a level needs paths of."""
        reach = ceil(self.lead + 3 * self.spread + self.review) + 1
        return reach * 3 if self.lost else reach

    def lead_times(self, samples: int, rng: np.random.Generator) -> Array:
        """Draw lead times, normal and not below 0."""
        if self.spread == 0:
            return np.full(samples, self.lead)
        return np.maximum(self.lead + self.spread * rng.standard_normal(samples), 0.0)


@dataclass(frozen=True)
class StockLevel:
    """An order-up-to level and what it brings.

    Parameters
    ----------
    level : float
        Units on hand and on order, less owed.
    safety : float
        Level less expected demand over lead time and review.
    service : float
        Chance that nothing is missed until the next order arrives.
    fill : float
        Share of demand served from stock; where stock is watched all the time, the chance that there is some.
    cost : float
        Expected cost a week.
    """

    level: float
    safety: float
    service: float
    fill: float
    cost: float


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
        return _lost_level(paths, terms)
    demand = until_served(paths, terms, rng)
    draws = np.sort(demand.ravel())
    place = ceil(terms.shortage / (terms.shortage + terms.holding) * len(draws) - 1e-9) - 1
    return level_of(paths, terms, float(np.ceil(draws[max(place, 0)] - 1e-9)), demand)


def until_served(paths: Array, terms: Replenishment, rng: np.random.Generator) -> Array:
    """Return demand from an order until each moment at which its stock is counted: moments × samples."""
    lead = terms.lead_times(len(paths), rng)
    return np.stack([demand_until(paths, lead + moment) for moment in terms.moments])


def level_of(paths: Array, terms: Replenishment, level: float, demand: Array) -> StockLevel:
    """Return what a level brings where unmet demand is owed; ``demand`` is that of :func:`until_served`."""
    missed, held = np.maximum(demand - level, 0.0), np.maximum(level - demand, 0.0)
    before = np.maximum(demand_until(paths, terms.lead) - level, 0.0)
    wanted = float((demand[-1] - demand_until(paths, terms.lead)).mean())
    fresh = float(np.maximum(missed[-1] - before, 0.0).mean())
    service = float((demand[-1] <= level).mean())
    fill = min(max(1.0 - fresh / wanted, 0.0), 1.0) if wanted > 1e-9 else 1.0
    return StockLevel(
        level=level,
        safety=level - float(demand[-1].mean()),
        service=service,
        fill=fill if terms.review > 0 else service,
        cost=float(terms.holding * held.mean() + terms.shortage * missed.mean()),
    )


def _lost_level(paths: Array, terms: Replenishment) -> StockLevel:
    low, high = -1.0, float(np.ceil(demand_until(paths, terms.lead + terms.review).max()))
    for _ in range(_STEPS):
        if high - low <= 1:
            break
        middle = float(np.floor((low + high) / 2))
        if simulate_lost(paths, terms, middle + 1).cost >= simulate_lost(paths, terms, middle).cost:
            high = middle
        else:
            low = middle
    return simulate_lost(paths, terms, high)


def simulate_lost(
    paths: Array, terms: Replenishment, level: float, *, point: float | None = None, order_cost: float = 0.0
) -> StockLevel:
    """Return what an order-up-to level brings where unmet demand is lost, simulated week by week.

    The weeks before the first order arrives are not counted.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand of the stock, at least :attr:`Replenishment.weeks` of them.
    terms : Replenishment
        Lead time and review, both in whole weeks here, and costs.
    level : float
        Units on hand and on order after an order.
    point : float or None
        At or below it is ordered; None: at every review. With it paths begin evenly spread above it, as positions are in the long run.
    order_cost : float
        Fixed cost of an order.
    """
    review, lead = max(round(terms.review), 1), round(terms.lead)
    samples, weeks = paths.shape
    most = level if point is None else point
    stock = level - np.floor((level - most) * np.arange(samples) / samples)
    way = np.zeros((samples, weeks + lead + 1))
    held = missed = wanted = ordered = 0.0
    clean = counted = reviews = 0
    for week in range(weeks):
        stock = stock + way[:, week]
        short = np.maximum(paths[:, week] - stock, 0.0)
        stock = np.maximum(stock - paths[:, week], 0.0)
        if week % review == 0:
            position = stock + way[:, week + 1 :].sum(axis=1)
            orders = np.where(position <= most, level - position, 0.0)
            way[:, week + lead + 1] += orders
            if week > lead + review:
                ordered, reviews = ordered + float((orders > 0).mean()), reviews + 1
        if week > lead + review:
            held, missed = held + float(stock.mean()), missed + float(short.mean())
            wanted += float(paths[:, week].mean())
            clean, counted = clean + int((short <= 1e-9).sum()), counted + samples
    counted_weeks = max(counted // max(samples, 1), 1)
    return StockLevel(
        level=level,
        safety=level - float(demand_until(paths, terms.lead + terms.review).mean()),
        service=clean / counted if counted else 1.0,
        fill=1.0 if wanted <= 0 else 1.0 - missed / wanted,
        cost=(terms.holding * held + terms.shortage * missed) / counted_weeks
        + order_cost * ordered / (max(reviews, 1) * review),
    )
