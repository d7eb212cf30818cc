"""Bands widened by how far what came lay from their middle, where few past Mondays tell of it: those of totals, and of young series.

Weeks and series of a Monday miss together and count as one observation; few Mondays tell a variance badly. The normal scores to come then
follow Student's t, with the scale that the Mondays and as many imagined ones, on which the band was right, show (the predictive distribution of a normal
variable of unknown variance: Gelman et al. 2013, *Bayesian Data Analysis*, chapter 3).

A series that began a few weeks ago has no past from which its spread could be read, and sells on quite differently from how it began: its band is right
only as far as those of series as young on past Mondays were. Where it is known for less than eight weeks, its band is no narrower than that of counts
that come by chance (Poisson) at its mean: that it sold the same in two weeks does not tell that it always will.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc, ndtr, ndtri, stdtrit

from jointplan.demand import scoring
from jointplan.demand.fans import Fan, Tried, between
from jointplan.demand.panel import YOUNG
from jointplan.demand.trials import CHANCES

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

IMAGINED, RIGHT = 4, 1.0
"""Mondays that are counted beside the past ones, and the mean squared normal scores on them: those of bands that were right."""

IMAGINED_YOUNG, TOO_NARROW = 2, 2.0
"""The same of what is young: fewer, as such bands are the less likely to be right as they stand, and twice as much, as it came to be on
Online Retail and in made-up clusters."""

AGES = (5, YOUNG)
"""Weeks since the first sale below which series are told apart."""

LEAST_KNOWN = 8
"""Weeks since the first sale below which a band is no narrower than chance alone makes it."""

_OUTERMOST = 1e-4
_FARTHEST = 4.0
_STEPS = 8
_DRAWS = (np.arange(8) + 0.5) / 8
_EDGES = ndtri(CHANCES[[0, -1]])


def far(actual: Array, quantiles: Array) -> Array:
    """Return how far what came lay from the middle: mean squared normal scores of each series, about 1 where bands are right.

    Parameters
    ----------
    actual : array, series × weeks
        Units sold; NaN where demand could not be seen.
    quantiles : array, series × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`, non-decreasing.

    Returns
    -------
    array
        NaN where no week could be seen.
    """
    start, stop = scoring.chance_below(actual, quantiles, CHANCES)
    chance = start[..., None] + (stop - start)[..., None] * _DRAWS
    score = np.clip(ndtri(chance), *_EDGES)
    # Beyond the outermost quantiles the line between the outer ones is followed.
    for beyond, near, inner in ((1.0, -1, -3), (-1.0, 0, 2)):
        outer, step = quantiles[:, near], np.abs(quantiles[:, near] - quantiles[:, inner])
        over = np.maximum(beyond * (actual - outer), 0.0) / np.where(step > 0, step, np.inf)
        score += (beyond * over * abs(ndtri(CHANCES[near]) - ndtri(CHANCES[inner])))[..., None]
    squares = (np.clip(score, -_FARTHEST, _FARTHEST) ** 2).mean(axis=2)
    seen = ~np.isnan(actual)
    weeks = seen.sum(axis=1)
    mean: Array = np.where(weeks > 0, np.where(seen, squares, 0.0).sum(axis=1) / np.maximum(weeks, 1), np.nan)
    return mean


def widened(quantiles: Array, missed: Sequence[float], *, young: bool) -> Array:
    """Return the quantiles that past Mondays ask for, non-decreasing.

    Parameters
    ----------
    quantiles : array, series × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`.
    missed : sequence of float
        Mean of :func:`far` on each past Monday.
    young : bool
        Whether they are of series that began a few weeks ago.
    """
    imagined, usual = (IMAGINED_YOUNG, TOO_NARROW) if young else (IMAGINED, RIGHT)
    freedom = len(missed) + imagined
    scale = np.sqrt((sum(missed) + imagined * usual) / freedom)
    wanted = np.clip(ndtr(scale * stdtrit(freedom, CHANCES)), _OUTERMOST, 1.0 - _OUTERMOST)
    wide: Array = np.maximum.accumulate(between(CHANCES, quantiles, wanted), axis=1)
    return wide


def least_mean(quantiles: Array) -> Array:
    """Return the least mean of what is not negative and has these quantiles, at :data:`jointplan.demand.trials.CHANCES`: series × weeks."""
    mass = np.diff(np.append(CHANCES, 1.0))
    least: Array = np.einsum("k,ikt->it", mass, np.maximum(quantiles, 0.0))
    return least


def missed_by_age(tried: Sequence[Tried]) -> list[list[float]]:
    """Return how far young series lay from the middle of their bands, for each of :data:`AGES`: a figure for each Monday that had some."""
    missed: list[list[float]] = [[] for _ in AGES]
    for trial in tried:
        if trial.age is None or not (trial.age < YOUNG).any():
            continue
        young = trial.pick(trial.age < YOUNG)
        lay, group = far(young.actual, young.fan.rounded()), np.digitize(trial.age[trial.age < YOUNG], AGES)
        for place, figures in enumerate(missed):
            these = lay[(group == place) & ~np.isnan(lay)]
            if len(these):
                figures.append(float(these.mean()))
    return missed


def widened_by_age(fan: Fan, age: Index, missed: Sequence[Sequence[float]]) -> Fan:
    """Return a fan with the bands of young series that past Mondays ask for, and means that such bands allow.

    Parameters
    ----------
    fan : Fan
        Of some series.
    age : array of int
        Weeks since the first sale of each, from :meth:`jointplan.demand.panel.Panel.ages`.
    missed : sequence of sequences
        From :func:`missed_by_age`.
    """
    quantiles = fan.quantiles.copy()
    group = np.digitize(age, AGES)
    for place, figures in enumerate(missed):
        these = group == place
        if these.any():
            wide = widened(quantiles[these], figures, young=True)
            quantiles[these] += _allowed(fan.mean[these], quantiles[these], wide) * (wide - quantiles[these])
    new = age < LEAST_KNOWN
    if new.any():
        quantiles[new] = as_wide_as_chance(fan.mean[new], quantiles[new])
    return Fan(fan.mean, quantiles, fan.grain)


def as_wide_as_chance(mean: Array, quantiles: Array) -> Array:
    """Return quantiles that lie no nearer to the middle than those of a Poisson count, as far as the mean allows; the median stays.

    Parameters
    ----------
    mean : array, series × weeks
        Units per week.
    quantiles : array, series × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`, non-decreasing.
    """
    counted = poisson_quantiles(mean)
    below, above = (CHANCES < 0.5)[None, :, None], (CHANCES > 0.5)[None, :, None]
    wide = np.where(below, np.minimum(quantiles, counted), np.where(above, np.maximum(quantiles, counted), quantiles))
    made: Array = quantiles + _allowed(mean, quantiles, wide) * (wide - quantiles)
    return made


def poisson_quantiles(mean: Array) -> Array:
    """Return the quantiles of Poisson counts at :data:`jointplan.demand.trials.CHANCES`: series × levels × weeks.

    Examples
    --------
    >>> poisson_quantiles(np.array([[4.0]]))[0, [0, 6, 12], 0].tolist()
    [1.0, 4.0, 8.0]
    """
    levels, chances = mean[:, None, :], CHANCES[None, :, None]
    # From the normal quantile, which lies within two units, to the least count whose chance is reached.
    count: Array = np.maximum(np.floor(levels + np.sqrt(levels) * ndtri(chances)) - 3.0, 0.0)
    for _ in range(_STEPS):
        count += np.where(levels > 0, gammaincc(count + 1.0, levels), 1.0) < chances
    return count


def _allowed(mean: Array, narrow: Array, wide: Array) -> Array:
    # How far of the way from one band to a wider one the mean allows: series × 1 × weeks.
    low, high = least_mean(narrow), least_mean(wide)
    share = np.divide(mean - low, high - low, out=np.ones_like(mean), where=high > np.maximum(low, mean))
    return np.clip(share, 0.0, 1.0)[:, None, :]
