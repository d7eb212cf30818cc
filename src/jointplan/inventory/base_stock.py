"""Order-up-to levels of stock that is replenished without a fixed cost, over sample paths of demand.

Unmet demand that is owed: the level is a newsvendor's over lead time and review (Snyder and Shen 2019, section 4.3). Unmet demand that
is lost: the cost of a level has no closed form, but is convex in it (Janakiraman and Roundy 2004), so it is simulated and halved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from jointplan.inventory.paths import demand_until

Array = npt.NDArray[np.float64]

PARTS = 4
"""Steps of a week in which stock is simulated where lead time or review are not whole weeks, or vary."""


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
    service : float
        Chance wanted that stock lasts, where unmet demand is lost: the cheapest policy that reaches it is taken. Where it is owed the cost
        of shortage brings that about by itself, see :func:`jointplan.inventory.newsvendor.shortage_for_service`.
    """

    lead: float
    spread: float
    review: float
    holding: float
    shortage: float
    lost: bool
    service: float = 0.0

    def __post_init__(self) -> None:
        if self.lead < 0 or self.spread < 0 or self.review < 0:
            raise ValueError("lead time, spread and review must not be below 0")
        if not (self.holding > 0 and self.shortage > 0):
            raise ValueError("holding and shortage must cost something")
        if not 0 <= self.service < 1:
            raise ValueError("a service level lies between 0 and 1")

    @property
    def moments(self) -> list[float]:
        """Weeks after an order arrives at which its stock is counted: the ends of the weeks until the next arrives."""
        parts = max(ceil(self.review), 1)
        return [self.review * (part + 1) / parts for part in range(parts)]

    @property
    def reach(self) -> int:
        """Weeks that an order may take, and the review before it."""
        return ceil(self.lead + 3 * self.spread + self.review) + 1

    @property
    def weeks(self) -> int:
        """Weeks of demand that a level needs paths of."""
        return self.reach * 3 if self.lost else self.reach

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
        return _lost_level(paths, terms, int(rng.integers(2**32)))
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


def _lost_level(paths: Array, terms: Replenishment, seed: int) -> StockLevel:
    return cheapest_lost(
        lambda level: simulate_lost(paths, terms, level, seed=seed), most_wanted(paths, terms), terms.service
    )


def cheapest_lost(simulate: Callable[[float], StockLevel], high: float, service: float) -> StockLevel:
    """Return the stock of the least whole number up to ``high`` that keeps a service and beyond which more costs more, by halving."""
    low = -1.0
    while high - low > 1:
        middle = float(np.floor((low + high) / 2))
        here = simulate(middle)
        if here.service >= service and simulate(middle + 1).cost >= here.cost:
            high = middle
        else:
            low = middle
    return simulate(high)


def most_wanted(paths: Array, terms: Replenishment) -> float:
    """Return the most that is wanted in any weeks as many as an order may take with the review before it: no level need be higher."""
    weeks = min(terms.reach, paths.shape[1])
    total = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(paths, axis=1)], axis=1)
    return float(np.ceil((total[:, weeks:] - total[:, : total.shape[1] - weeks]).max()))


def simulate_lost(
    paths: Array,
    terms: Replenishment,
    level: float,
    *,
    point: float | None = None,
    order_cost: float = 0.0,
    seed: int = 0,
) -> StockLevel:
    """Return what an order-up-to level brings where unmet demand is lost, simulated step by step.

    A step is a week where lead time and review are whole weeks that do not vary, else a quarter of one, demand being even within a
    week. Each order draws a lead time of its own, a part of a step standing for its chance of one more, so that the mean is kept; no
    order arrives before the one that was placed before it. Stock watched all the time is reviewed every step. Where
    lead times vary, the stock counted lies an eighth of a week's demand too low at most, whatever the level. The weeks before the first orders
    arrive are not counted.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand of the stock, at least :attr:`Replenishment.weeks` of them.
    terms : Replenishment
        Lead time, review and costs.
    level : float
        Units on hand and on order after an order.
    point : float or None
        At or below it is ordered; None: at every review. With it paths begin evenly spread above it, as positions are in the long run.
    order_cost : float
        Fixed cost of an order.
    seed : int
        Of the lead times drawn: levels of one seed are compared on the same ones.
    """
    whole = terms.spread == 0 and terms.review >= 1 and terms.lead % 1 == 0 and terms.review % 1 == 0
    parts = 1 if whole else PARTS
    review = max(round(terms.review * parts), 1)
    samples, steps = len(paths), paths.shape[1] * parts
    rng = np.random.default_rng(seed)
    # Orders are placed as a week ends; stock is counted as one that takes the mean lead time is about to arrive, and every week before.
    placed, often = parts - 1, min(review, parts)
    phase = placed + round(terms.lead * parts)
    warm = (terms.lead + 3 * terms.spread) * parts + review
    demand = np.ascontiguousarray(paths.T) / parts
    most = level if point is None else point
    stock = level - np.floor((level - most) * np.arange(samples) / samples)
    due, recent, rows = np.zeros(samples), np.zeros(samples), np.arange(samples)
    last = np.zeros(samples, dtype=np.int64)
    way = np.zeros((steps + 1, samples))
    held = missed = wanted = ordered = 0.0
    clean = moments = counted = reviews = 0
    for step in range(steps):
        stock, due = stock + way[step], due - way[step]
        want = demand[step // parts]
        short = np.maximum(want - stock, 0.0)
        stock, recent = np.maximum(stock - want, 0.0), recent + short
        counts = step > warm
        if (step - placed) % review == 0:
            orders = np.where(stock + due <= most, level - stock - due, 0.0)
            lead = terms.lead_times(samples, rng) * parts
            if not whole:
                lead = np.floor(lead + rng.random(samples))
            arrives = np.maximum(step + 1 + lead.astype(np.int64), last)
            last = np.where(orders > 0, arrives, last)
            way[np.minimum(arrives, steps), rows] += orders
            due = due + orders
            if counts:
                ordered, reviews = ordered + float((orders > 0).mean()), reviews + 1
        if counts:
            missed, wanted, counted = missed + float(short.mean()), wanted + float(want.mean()), counted + 1
        if (step - phase) % often == 0:
            if counts:
                held, moments, clean = held + float(stock.mean()), moments + 1, clean + int((recent <= 1e-9).sum())
            recent = np.zeros(samples)
    return StockLevel(
        level=level,
        safety=level - float(demand_until(paths, terms.lead + terms.review).mean()),
        service=clean / (moments * samples) if moments else 1.0,
        fill=1.0 if wanted <= 0 else 1.0 - missed / wanted,
        cost=terms.holding * held / max(moments, 1)
        + (terms.shortage * missed / max(counted, 1) + order_cost * ordered / (max(reviews, 1) * review)) * parts,
    )
