"""What sharing data is worth: how much less forecasts err when they are made from everybody's rows.

The same series, on the same past Mondays, were forecast from their owner's own rows and from everybody's. The gain is the share of the
loss that sharing takes away; its interval is drawn by resampling series and Mondays, both losses together: all series err alike on a Monday, so that
series alone would tell it too narrow (the pigeonhole bootstrap of Owen 2007, *Annals of Applied Statistics* 1; Efron and Tibshirani 1993, *An Introduction to the
Bootstrap*).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Key = tuple[str, str, str]

DRAWS = 2000
"""Resamples of the interval."""


@dataclass(frozen=True)
class SharingGain:
    """Losses of the same series on both bases, and the share of it that sharing takes away with its 95 % interval.

    Losses are means over series and Mondays of the mean loss a week, as those of :class:`jointplan.demand.accuracy.Part` are.
    """

    owner: str
    series: int
    own: float
    shared: float
    gain: float
    low: float
    high: float


def sharing_gains(own: Mapping[str, Mapping[Key, Array]], shared: Mapping[Key, Array], seed: int) -> list[SharingGain]:
    """Compare the losses of series on both bases, all together first (owner blank), then by owner.

    Parameters
    ----------
    own : mapping
        Of each owner, the losses of each of its series from its own rows, past Mondays × 2: see
        :func:`jointplan.demand.accuracy.losses_by_monday`. Mondays that one basis alone has, the earliest, do not count.
    shared : mapping
        The losses of each series from everybody's rows.
    seed : int
        Of the resampling.
    """
    gains: list[SharingGain] = []
    pairs = {
        owner: [(losses, shared[key]) for key, losses in series.items() if key in shared]
        for owner, series in sorted(own.items())
    }
    everyone = [pair for of_owner in pairs.values() for pair in of_owner]
    most = min((len(losses) for pair in everyone for losses in pair), default=0)
    for owner, of_owner in [("", everyone), *pairs.items()]:
        if not of_owner or not most:
            continue
        both = np.array([[losses[:most] for losses in pair] for pair in of_owner]).reshape(-1, 2, most, 2)
        told: Mask = np.logical_and.reduce(both[..., 1] > 0, axis=1)
        both = np.where(told[:, None, :, None], both, 0.0)
        both = both[np.logical_or.reduce(told, axis=1)]
        if len(both) and both[:, 0, :, 0].sum() > 0:
            gains.append(_gain(owner, both, np.random.default_rng([seed, len(gains)])))
    return gains


def _gain(owner: str, both: Array, rng: np.random.Generator) -> SharingGain:
    count, _, mondays, _ = both.shape
    mine, theirs = _means(both, np.ones(mondays), np.ones(count))
    drawn = []
    for _ in range(DRAWS):
        days, series = (rng.multinomial(many, np.full(many, 1.0 / many)) for many in (mondays, count))
        own, shared = _means(both, days.astype(np.float64), series.astype(np.float64))
        if own > 0:
            drawn.append(1.0 - shared / own)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return SharingGain(owner, count, float(mine), float(theirs), float(1.0 - theirs / mine), float(low), float(high))


def _means(both: Array, days: Array, series: Array) -> Array:
    # The mean over series and Mondays of their mean loss a week, as accuracy as a whole is told, by both bases, each Monday and series
    # taken so many times.
    weeks = both[..., 1]
    each = np.where(weeks > 0, both[..., 0] / np.where(weeks > 0, weeks, 1.0), 0.0)
    taken = np.outer(series, days) * (weeks > 0).all(axis=1)
    means: Array = np.einsum("sbm,sm->b", each, taken) / max(float(taken.sum()), 1.0)
    return means
