"""Stock whose unmet demand is lost, simulated step by step over sample paths of demand.

A step is a week where lead time and review are whole weeks that do not vary, else a quarter of one, demand being even within a
week. Each order draws a lead time of its own, a part of a step standing for its chance of one more, so that the mean is kept; no
order arrives before the one that was placed before it. Stock watched all the time is reviewed every step. Where lead times vary, the stock
counted lies an eighth of a week's demand too low at most, whatever the level. The weeks before the first orders arrive are not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from numba import njit

from jointplan.inventory.paths import demand_until
from jointplan.inventory.replenishment import Replenishment, StockLevel

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PARTS = 4
"""Steps of a week in which stock is simulated where lead time or review are not whole weeks, or vary."""

_CLEAN = 1e-9


@dataclass(frozen=True)
class LostStock:
    """A stock and the demand and lead times it is tried on: levels of one stock are compared on the same ones.

    Parameters
    ----------
    paths : array, samples × weeks
        Demand of the stock, at least :attr:`Replenishment.weeks` of them.
    terms : Replenishment
        Lead time, review and costs.
    parts : int
        Steps of a week.
    lead : array of int, reviews × samples
        Steps that an order takes.
    """

    paths: Array
    terms: Replenishment
    parts: int
    lead: Index

    @classmethod
    def of(cls, paths: Array, terms: Replenishment, seed: int = 0) -> LostStock:
        """Draw the lead times of its orders."""
        whole = terms.spread == 0 and terms.review >= 1 and terms.lead % 1 == 0 and terms.review % 1 == 0
        parts = 1 if whole else PARTS
        review = max(round(terms.review * parts), 1)
        rng = np.random.default_rng(seed)
        lead = np.empty((paths.shape[1] * parts // review + 1, len(paths)), dtype=np.int64)
        for drawn in lead:
            steps = terms.lead_times(len(paths), rng) * parts
            drawn[:] = steps if whole else np.floor(steps + rng.random(len(paths)))
        return cls(paths, terms, parts, lead)

    @property
    def most_wanted(self) -> float:
        """The most that is wanted in any weeks as many as an order may take with the review before it: no level need be higher."""
        weeks = min(self.terms.reach, self.paths.shape[1])
        total = np.concatenate([np.zeros((len(self.paths), 1)), np.cumsum(self.paths, axis=1)], axis=1)
        return float(np.ceil((total[:, weeks:] - total[:, : total.shape[1] - weeks]).max()))

    @cached_property
    def _expected(self) -> float:
        # Demand over lead time and review.
        return float(demand_until(self.paths, self.terms.lead + self.terms.review).mean())

    def at(self, level: float, *, point: float | None = None, order_cost: float = 0.0) -> StockLevel:
        """Return what an order-up-to level brings.

        Parameters
        ----------
        level : float
            Units on hand and on order after an order.
        point : float or None
            At or below it is ordered; None: at every review. With it paths begin evenly spread above it, as positions are in the long run.
        order_cost : float
            Fixed cost of an order.
        """
        terms, parts = self.terms, self.parts
        review = max(round(terms.review * parts), 1)
        step = np.arange(self.paths.shape[1] * parts)
        counts = step > (terms.lead + 3 * terms.spread) * parts + review
        # Orders are placed as a week ends. Stock is counted as one that takes the mean lead time is about to arrive, and every week before;
        # service from review to review.
        after = step - (parts - 1)
        phase = after - round(terms.lead * parts)
        places, moment, cycle = after % review == 0, phase % min(review, parts) == 0, phase % review == 0
        held, missed, wanted, ordered, clean = _simulate(
            self.paths, self.lead, level, level if point is None else point, parts, counts, places, moment, cycle
        ) / len(self.paths)  # fmt: skip
        moments, cycles, placed = ((counts & marked).sum() for marked in (moment, cycle, places))
        fill = 1.0 if wanted <= 0 else 1.0 - missed / wanted
        weekly = parts / max(counts.sum(), 1)
        return StockLevel(
            level=level,
            safety=level - self._expected,
            service=float(fill if terms.review == 0 else clean / max(cycles, 1)),
            fill=float(fill),
            cost=float(
                terms.holding * held / max(moments, 1)
                + terms.shortage * missed * weekly
                + order_cost * ordered * parts / (max(placed, 1) * review)
            ),
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


@njit(nogil=True, cache=True)
def _simulate(
    paths: Array, lead: Index, level: float, point: float, parts: int, counts: Mask, places: Mask, moment: Mask, cycle: Mask
) -> Array:  # fmt: skip
    """Return units held at the moments counted, lost and wanted, orders, and reviews without loss, each summed over the paths."""
    samples, weeks = paths.shape
    steps = weeks * parts
    totals = np.zeros(5)
    way = np.zeros(steps + 1)
    for sample in range(samples):
        way[:] = 0.0
        stock = level - np.floor((level - point) * sample / samples)
        due = recent = 0.0
        last = placed = 0
        for week in range(weeks):
            want = paths[sample, week] / parts
            for step in range(week * parts, (week + 1) * parts):
                stock += way[step]
                due -= way[step]
                short = max(want - stock, 0.0)
                stock = max(stock - want, 0.0)
                recent += short
                if places[step]:
                    order = level - stock - due
                    if stock + due <= point and order > 0:
                        last = max(step + 1 + lead[placed, sample], last)
                        way[min(last, steps)] += order
                        due += order
                        totals[3] += counts[step]
                    placed += 1
                if counts[step]:
                    totals[1] += short
                    totals[2] += want
                    if moment[step]:
                        totals[0] += stock
                if cycle[step]:
                    totals[4] += counts[step] and recent <= _CLEAN
                    recent = 0.0
    return totals
