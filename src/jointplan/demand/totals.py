"""What products, families, markets and the whole cluster may sell: totals of the series, with quantiles of their own.

The mean of a total is the sum of the means. Its quantiles are not the sums of quantiles, which no two series reach together: they are
read from courses in which series move together as they did (:mod:`jointplan.demand.paths`), added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from jointplan.demand.paths import sample_paths, stretches
from jointplan.demand.trials import CHANCES

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

COURSES = 200
"""Courses that quantiles are read from."""

CHUNK = 500
"""Series drawn at a time, for memory's sake."""


@dataclass(frozen=True)
class Totals:
    """Forecasts of totals.

    Parameters
    ----------
    by, name : arrays of str
        Of what kind each total is, and of which one; a blank name where there is but one.
    mean : array, totals × weeks
        Sums of the series' means.
    quantiles : array, totals × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`, non-decreasing.
    """

    by: Names
    name: Names
    mean: Array
    quantiles: Array


def add_up(mean: Array, quantiles: Array, history: Array, whole: Mask, kinds: dict[str, Names], seed: int) -> Totals:
    """Add the forecasts of series up.

    Parameters
    ----------
    mean : array, series × weeks
        Units per week.
    quantiles : array, series × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`.
    history : array, series × past weeks
        Units per week.
    whole : array of bool
        Series sold in whole units.
    kinds : dict of arrays
        By kind of total, which one each series belongs to.
    seed : int
        Of the courses.
    """
    by: list[str] = []
    name: list[str] = []
    members = []
    for kind, groups in kinds.items():
        names, place = np.unique(groups, return_inverse=True)
        by += [kind] * len(names)
        name += names.tolist()
        members.append(sparse.csr_array((np.ones(len(groups)), (place, np.arange(len(groups))))))
    sums = sparse.csr_array(sparse.vstack(members))
    several = np.flatnonzero(np.diff(sums.indptr) > 1)
    weeks = mean.shape[1]
    begins = stretches(history.shape[1], weeks, COURSES, np.random.default_rng([seed, COURSES]))
    courses = np.zeros((len(several), COURSES * weeks), dtype=np.float32)
    for begin in range(0, len(mean), CHUNK):
        part = slice(begin, begin + CHUNK)
        rng = np.random.default_rng([seed, COURSES, begin])
        drawn = sample_paths(quantiles[part], history[part], whole[part], begins, rng)
        flat = drawn.transpose(1, 0, 2).reshape(drawn.shape[1], -1)
        courses += sums[several][:, part] @ flat
    made = np.zeros((len(by), len(CHANCES), weeks))
    alone = np.flatnonzero(np.diff(sums.indptr) == 1)
    made[alone] = quantiles[sums.indices[sums.indptr[alone]]]
    read = np.quantile(courses.reshape(len(several), COURSES, weeks), CHANCES, axis=1)
    made[several] = read.transpose(1, 0, 2)
    return Totals(np.array(by, dtype=np.str_), np.array(name, dtype=np.str_), np.asarray(sums @ mean), made)
