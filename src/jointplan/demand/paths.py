"""Courses of demand: what all series may sell week by week, together.

Every course draws from the quantiles of each series and week, so that the courses have the forecast's own spread. Which draw goes to which course is
taken from the past: for each course one stretch of past weeks, the same for all series, lends the ranks of its weeks (the
Schaake shuffle of Clark et al. 2004, *Journal of Hydrometeorology* 5). So series that rose and fell together do so in the courses,
good weeks follow good weeks as they did, and any total over series is the sum of its parts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jointplan.demand.fans import between
from jointplan.demand.trials import CHANCES

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def sample_paths(quantiles: Array, history: Array, whole: Mask, count: int, rng: np.random.Generator) -> Array:
    """Draw courses of demand.

    Parameters
    ----------
    quantiles : array, series × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`, non-decreasing.
    history : array, series × past weeks
        Units per week.
    whole : array of bool
        Series sold in whole units.
    count : int
        Courses.
    rng : numpy Generator
        For the stretches of the past, and for ties.

    Returns
    -------
    array, courses × series × weeks
        Units, ≥ 0.
    """
    series, _, weeks = quantiles.shape
    known = history.shape[1]
    drawn = between(CHANCES, quantiles, (np.arange(count) + 0.5) / count)
    drawn = np.minimum(drawn, 2.0 * quantiles[:, -1:])
    drawn[whole] = np.rint(drawn[whole])
    begins = rng.integers(0, max(known - weeks, 0) + 1, count)
    columns = np.minimum(begins[:, None] + np.arange(weeks), known - 1)
    paths = np.zeros((count, series, weeks))
    for week in range(weeks):
        past = history[:, columns[:, week]]
        # Equal weeks of the past, such as those without a sale, are ranked by lot.
        order = np.lexsort((rng.random(past.shape), past), axis=1)
        rank = np.argsort(order, axis=1)
        paths[:, :, week] = np.take_along_axis(drawn[:, :, week], rank, axis=1).T
    return paths
