r"""Ways to rank products by heat: two plain ones to beat, the mean of ranks, and the growth to expect.

``last_period``  units of the last week.
``growth_rate``  growth of the smoothed level over the last four weeks; none where a product is too young to have any.
``rank_mean``    mean percentile rank within category of level, growth and acceleration.
``expected``     growth to expect of the next eight weeks over the last eight: a ridge regression on the features of
                 :mod:`jointplan.demand.heat.reading`, learned from past Mondays whose eight weeks were over.

Growth largely reverts: what has just risen falls back, what sold less than it used to recovers. ``expected`` knows, the others do not.
The regression is drawn towards :data:`PRIOR_WEIGHTS` rather than to nothing,
:math:`b = (X^\top W X + \lambda I)^{-1} (X^\top W y + \lambda b_0)`, so that a small cluster has a sensible index from the first day.
How much one product's growth differs from another's is not taken from elsewhere: without a past Monday there is an order, but no growth to expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand.heat.reading import FEATURES, Reading

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LAST_PERIOD, GROWTH_RATE, RANK_MEAN, EXPECTED = "last_period", "growth_rate", "rank_mean", "expected"
INDICES = (EXPECTED, RANK_MEAN, GROWTH_RATE, LAST_PERIOD)
"""All indices, the default first."""

AS_CHOSEN = "as_chosen"
"""The index that was the best one so far, on each past Monday the one of then."""

PRIOR_ROWS = 50.0
"""Series on past Mondays that the prior weights are worth."""

MEMORY = 26.0
"""Weeks after which a past Monday counts half."""

PRIOR_WEIGHTS: dict[str, float] = {
    "level": -0.08,
    "growth": -0.07,
    "reversion": 0.18,
    "recent": -0.16,
    "active": 0.03,
    "steady": -0.05,
    "spike": -0.15,
    "age": 0.06,
    "last_week": 0.17,
    "last_month": 0.16,
    "signals": 0.10,
}
"""Learned without a prior from Online Retail up to November 2010 and from Olist up to September 2017, the mean of both; neither has
signals, whose weight is a guess that a few Mondays outweigh. What is reported of these data is of later Mondays."""


@dataclass(frozen=True)
class Lesson:
    """What one past Monday teaches: its reading, the growth that followed, and how many weeks ago that growth was known."""

    reading: Reading
    grown: Array
    age: int


@dataclass(frozen=True)
class Weights:
    """A learned index.

    Parameters
    ----------
    weight : array
        Standard deviations of growth that one standard deviation of each feature brings.
    spread : float or None
        Standard deviation of growth among series, as a logarithm; None where no past Monday tells it.
    """

    weight: Array
    spread: float | None

    def order(self, reading: Reading) -> Array:
        """Return the growth to expect in standard deviations: what is hotter than what."""
        order: Array = reading.features @ self.weight
        return order

    def expected(self, reading: Reading) -> Array:
        """Return the growth to expect beyond that of the typical product of the market, as a logarithm.

        It is not a number where nothing tells how much growth differs, or a market has too few series for a typical one.
        """
        spread = np.nan if self.spread is None else self.spread
        growth: Array = np.where(reading.compared, spread * self.order(reading), np.nan)
        return growth


def learn(lessons: Sequence[Lesson]) -> Weights:
    """Learn the weights of features from past Mondays; without any, the prior ones stand."""
    prior = np.array([PRIOR_WEIGHTS.get(name, 0.0) for name in FEATURES])
    products = PRIOR_ROWS * np.eye(len(FEATURES))
    moments = PRIOR_ROWS * prior
    spreads, certainty = [], []
    for lesson in lessons:
        compared = lesson.reading.compared
        if not compared.any():
            continue
        weight = 0.5 ** (lesson.age / MEMORY)
        target, spread = _standard(lesson.grown[compared], lesson.reading.group[compared])
        x = lesson.reading.features[compared]
        products += weight * x.T @ x
        moments += weight * x.T @ target
        spreads.append(spread)
        certainty.append(weight * len(target))
    weight_of: Array = np.linalg.solve(products, moments).astype(np.float64)
    return Weights(weight_of, float(np.average(spreads, weights=certainty)) if spreads else None)


def scores(reading: Reading, weights: Weights) -> dict[str, Array]:
    """Return every index of a reading; more is hotter, and only the order within a market counts."""
    return {
        EXPECTED: weights.order(reading),
        RANK_MEAN: reading.rank_mean,
        GROWTH_RATE: np.nan_to_num(reading.growth),
        LAST_PERIOD: reading.last,
    }


def sellers_first(values: Array, idle: Mask) -> Array:
    """Return an index with what sold nothing of late, and is only looked at, behind all that sells."""
    if not len(values):
        return values
    behind: Array = np.where(idle, values - (values.max() - values.min()) - 1.0, values)
    return behind


def _standard(grown: Array, group: Index) -> tuple[Array, float]:
    # Growth beyond the mean of the market, by its spread.
    mean = np.bincount(group, grown) / np.maximum(np.bincount(group), 1)
    off = grown - mean[group]
    spread = float(off.std())
    return off / (spread if spread > 1e-9 else 1.0), spread
