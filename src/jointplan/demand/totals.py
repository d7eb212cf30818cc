"""What products, families, markets and the whole cluster may sell: totals of the series, with quantiles of their own.

The mean of a total is the sum of the means. Its quantiles are not the sums of quantiles, which no two series reach together: they are
read from courses in which series move together as they did (:mod:`jointplan.demand.paths`), added up.

All series may be missed alike, which no course tells: past Mondays do. On each, totals are added up as now, and one notes how far they came to
lie from the middle (:mod:`jointplan.demand.widening`). The series of a new product are missed alike more than others: totals that are mostly of young
series are judged by such totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from jointplan.demand.panel import Panel
from jointplan.demand.paths import sample_paths, stretches
from jointplan.demand.trials import CHANCES
from jointplan.demand.widening import far, widened

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

COURSES = 200
"""Courses that quantiles are read from."""

CHUNK = 500
"""Series drawn at a time, for memory's sake."""

Kind = tuple[str, bool]
"""Kind of a total, and whether it is mostly of young series."""


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
    young : array of bool
        Totals of which more than half is of young series.
    """

    by: Names
    name: Names
    mean: Array
    quantiles: Array
    several: Mask
    young: Mask

    def missed(self, actual: Array) -> dict[Kind, float]:
        """Return how far totals of each kind came to lie from the middle: mean squared normal scores, 1 where bands are right.

        Parameters
        ----------
        actual : array, totals × weeks
            Units sold.
        """
        lay = far(actual, self.quantiles)
        return {kind: float(lay[these].mean()) for kind, these in self._kinds()}

    def widened(self, missed: Sequence[Mapping[Kind, float]]) -> Totals:
        """Return the totals with the bands that past Mondays ask for.

        Parameters
        ----------
        missed : sequence of mappings
            From :meth:`missed`, one for each past Monday.
        """
        quantiles = self.quantiles.copy()
        for kind, these in self._kinds():
            known = [one[kind] for one in missed if kind in one]
            quantiles[these] = widened(quantiles[these], known, young=kind[1])
        return replace(self, quantiles=quantiles)

    def _kinds(self) -> Iterator[tuple[Kind, Mask]]:
        for name in np.unique(self.by).tolist():
            for young in (False, True):
                these = self.several & (self.by == name) & (self.young == young)
                if these.any():
                    yield (name, young), these


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


def add_up(
    mean: Array, quantiles: Array, history: Array, whole: Mask, young: Mask, kinds: Mapping[str, Names], seed: int
) -> Totals:
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
    young : array of bool
        Series that began a few weeks ago.
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
    total = np.asarray(sums @ mean)
    of_young = np.asarray(sums @ (mean * young[:, None])).sum(axis=1)
    return Totals(by, name, total, made, np.diff(sums.indptr) > 1, of_young > total.sum(axis=1) / 2.0)
