"""What products, families, markets and the whole cluster may sell: totals of the series, with quantiles of their own.

The mean of a total is the sum of the means. Its quantiles are not the sums of quantiles, which no two series reach together: they are
read from courses in which series move together as they did (:mod:`jointplan.demand.paths`), added up.

All series may be missed alike, which no course tells: past Mondays do. On each, totals are added up as now, and one notes how far they came to
lie from the middle, in normal scores. Weeks and totals of a Monday miss together and count as one observation; few Mondays tell a
variance badly. The scores to come then follow Student's t, with the scale that the Mondays and as many imagined ones, on which the band was right, show
(the predictive distribution of a normal variable of unknown variance: Gelman et al. 2013, *Bayesian Data Analysis*, chapter 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import ndtr, ndtri, stdtrit

from jointplan.demand import scoring
from jointplan.demand.fans import between
from jointplan.demand.panel import Panel
from jointplan.demand.paths import sample_paths, stretches
from jointplan.demand.trials import CHANCES

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

COURSES = 200
"""Courses that quantiles are read from."""

CHUNK = 500
"""Series drawn at a time, for memory's sake."""

IMAGINED = 4
"""Mondays, on which the band was right, that are counted beside the past ones."""

_OUTERMOST = 1e-4
_FARTHEST = 4.0
_DRAWS = (np.arange(8) + 0.5) / 8
_EDGES = ndtri(CHANCES[[0, -1]])


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
    several : array of bool
        Totals of more than one series.
    """

    by: Names
    name: Names
    mean: Array
    quantiles: Array
    several: Mask

    def missed(self, actual: Array) -> dict[str, float]:
        """Return how far totals of each kind came to lie from the middle: mean squared normal scores, 1 where bands are right.

        Parameters
        ----------
        actual : array, totals × weeks
            Units sold.
        """
        start, stop = scoring.chance_below(actual, self.quantiles, CHANCES)
        chance = start[..., None] + (stop - start)[..., None] * _DRAWS
        score = np.clip(ndtri(chance), *_EDGES)
        # Beyond the outermost quantiles the line between the outer ones is followed.
        for beyond, near, inner in ((1.0, -1, -3), (-1.0, 0, 2)):
            outer, step = self.quantiles[:, near], np.abs(self.quantiles[:, near] - self.quantiles[:, inner])
            over = np.maximum(beyond * (actual - outer), 0.0) / np.where(step > 0, step, np.inf)
            score += (beyond * over * abs(ndtri(CHANCES[near]) - ndtri(CHANCES[inner])))[..., None]
        far = (np.clip(score, -_FARTHEST, _FARTHEST) ** 2).mean(axis=(1, 2))
        kinds = np.unique(self.by[self.several]).tolist()
        return {kind: float(far[self.several & (self.by == kind)].mean()) for kind in kinds}

    def widened(self, missed: Sequence[Mapping[str, float]]) -> Totals:
        """Return the totals with the bands that past Mondays ask for.

        Parameters
        ----------
        missed : sequence of mappings
            From :meth:`missed`, one for each past Monday.
        """
        quantiles = self.quantiles.copy()
        for kind in np.unique(self.by[self.several]).tolist():
            known = [one[kind] for one in missed if kind in one]
            freedom = len(known) + IMAGINED
            scale = np.sqrt((sum(known) + IMAGINED) / freedom)
            wanted = np.clip(ndtr(scale * stdtrit(freedom, CHANCES)), _OUTERMOST, 1.0 - _OUTERMOST)
            these = self.several & (self.by == kind)
            quantiles[these] = np.maximum.accumulate(between(CHANCES, self.quantiles[these], wanted), axis=1)
        return replace(self, quantiles=quantiles)


def kinds_of(panel: Panel) -> dict[str, Names]:
    """Return, by kind of total, which one each series belongs to."""
    everything = np.full(len(panel), "")
    return {"cluster": everything, "market": panel.market, "family": panel.family, "product": panel.sku}


def sums_of(kinds: Mapping[str, Names]) -> tuple[Names, Names, sparse.csr_array]:
    """Return kind and name of each total, and which series are part of it: totals × series."""
    by: list[str] = []
    name: list[str] = []
    members = []
    for kind, groups in kinds.items():
        names, place = np.unique(groups, return_inverse=True)
        by += [kind] * len(names)
        name += names.tolist()
        members.append(sparse.csr_array((np.ones(len(groups)), (place, np.arange(len(groups))))))
    return np.array(by, dtype=np.str_), np.array(name, dtype=np.str_), sparse.csr_array(sparse.vstack(members))


def add_up(mean: Array, quantiles: Array, history: Array, whole: Mask, kinds: Mapping[str, Names], seed: int) -> Totals:
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
    by, name, sums = sums_of(kinds)
    several = np.flatnonzero(np.diff(sums.indptr) > 1)
    weeks = mean.shape[1]
    begins = stretches(history.shape[1], weeks, COURSES, np.random.default_rng([seed, COURSES]))
    courses = np.zeros((len(several), COURSES * weeks), dtype=np.float32)
    for begin in range(0, len(mean), CHUNK):
        part = slice(begin, begin + CHUNK)
        rng = np.random.default_rng([seed, COURSES, begin])
        drawn = sample_paths(mean[part], quantiles[part], history[part], whole[part], begins, rng)
        flat = drawn.transpose(1, 0, 2).reshape(drawn.shape[1], -1)
        courses += sums[several][:, part] @ flat
    made = np.zeros((len(by), len(CHANCES), weeks))
    alone = np.flatnonzero(np.diff(sums.indptr) == 1)
    made[alone] = quantiles[sums.indices[sums.indptr[alone]]]
    read = np.quantile(courses.reshape(len(several), COURSES, weeks), CHANCES, axis=1)
    made[several] = read.transpose(1, 0, 2)
    return Totals(by, name, np.asarray(sums @ mean), made, np.diff(sums.indptr) > 1)
