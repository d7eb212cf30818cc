"""Courses of demand: what all series may sell week by week, together.

Every course draws from the quantiles of each series and week, so that the courses have the forecast's own spread. Which draw goes to which course is
taken from the past: for each course one stretch of past weeks, the same for all series, lends the ranks of its weeks (the
Schaake shuffle of Clark et al. 2004, *Journal of Hydrometeorology* 5). So series that rose and fell together do so in the courses,
good weeks follow good weeks as they did, and any total over series is the sum of its parts. What sells so rarely that even its highest
quantile is zero would never sell in any course: what the draws lack of the forecast's mean is added to the highest of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jointplan.demand.fans import between
from jointplan.demand.trials import CHANCES

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def stretches(known: int, weeks: int, count: int, rng: np.random.Generator) -> Index:
    """Draw the past week in which each course's stretch begins, of ``known`` past weeks, for ``weeks`` to come."""
    begins: Index = rng.integers(0, max(known - weeks, 0) + 1, count)
    return begins


def sample_paths(
    mean: Array, quantiles: Array, history: Array, whole: Mask, begins: Index, rng: np.random.Generator
) -> Array:
    """Draw courses of demand.

    Parameters
    ----------
    mean : array, series × weeks
        Units per week.
    quantiles : array, series × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`, non-decreasing.
    history : array, series × past weeks
        Units per week.
    whole : array of bool
        Series sold in whole units.
    begins : array of courses
        From :func:`stretches`; series drawn with the same ones move together, also if drawn apart.
    rng : numpy Generator
        For ties.

    Returns
    -------
    array, courses × series × weeks
        Units, ≥ 0.
    """
    series, _, weeks = quantiles.shape
    known, count = history.shape[1], len(begins)
    drawn = between(CHANCES, quantiles, (np.arange(count) + 0.5) / count)
    drawn = np.minimum(drawn, 2.0 * quantiles[:, -1:])
    drawn[whole] = np.rint(drawn[whole])
    lack = np.maximum(count * mean - drawn.sum(axis=1), 0.0)
    beyond = max(round(count * (1.0 - CHANCES[-1])), 1)
    more = np.repeat(lack[:, None] / beyond, beyond, axis=1)
    # In whole units the highest draws get what the lack holds, the last part of a unit by lot.
    units = np.floor(lack[whole] + rng.random(lack[whole].shape))
    more[whole] = np.ceil((units[:, None] - np.arange(beyond)[::-1, None]) / beyond).clip(0.0)
    drawn[:, count - beyond :] += more
    columns = np.minimum(begins[:, None] + np.arange(weeks), known - 1)
    paths = np.zeros((count, series, weeks))
    for week in range(weeks):
        past = history[:, columns[:, week]]
        # Equal weeks of the past, such as those without a sale, are ranked by lot.
        order = np.lexsort((rng.random(past.shape), past), axis=1)
        rank = np.argsort(order, axis=1)
        paths[:, :, week] = np.take_along_axis(drawn[:, :, week], rank, axis=1).T
    return paths
