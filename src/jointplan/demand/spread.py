"""How far a week may lie from the forecast: quantiles from what the weeks before were like.

The past weeks of a series, the recent ones weighing more, give the shape of its demand: how often nothing is sold, how
large a large week is. A model gives the level. Demand of a steady series is the shape scaled to the level; that of an
intermittent one whose level falls is sold as much at a time but more rarely, so the chance of nothing grows instead.
Series with little history borrow shape from the others. How much wider or narrower than that the future turns out is
learnt from past forecasts (:class:`Correction`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

GRID = np.concatenate([[0.001, 0.005, 0.01, 0.025], np.arange(0.05, 0.951, 0.025), [0.975, 0.99, 0.995, 0.999]])
"""Chances at which a shape is held."""

INTERMITTENT_ZEROS = 1.0 - 1.0 / 1.32
"""Share of weeks without sales above which demand is intermittent (Syntetos and Boylan 2005: an interval of 1.32)."""

BORROWED_WEEKS = 6.0
"""Weight of the others' shape, in weeks of own history."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Correction:
    """A straight line between normal scores: which chance of the shape stands for a wanted chance.

    Parameters
    ----------
    shift : float
        Above 0, demand turns out higher than the shape says.
    stretch : float
        Above 1, demand turns out more spread than the shape says.
    """

    shift: float = 0.0
    stretch: float = 1.0

    def chances(self, wanted: Array) -> Array:
        """Return the chances of the shape for wanted chances, within the grid."""
        moved = [_NORMAL.cdf(self.shift + self.stretch * _NORMAL.inv_cdf(chance)) for chance in wanted]
        chances: Array = np.clip(np.array(moved), GRID[0], GRID[-1])
        return chances


@dataclass(frozen=True)
class Spread:
    """The shapes of many series.

    Parameters
    ----------
    shape : array, series × grid
        Quantiles over the usual week, at :data:`GRID`; non-decreasing.
    usual : array
        Weighted mean of the past weeks, units; 1 where nothing was sold.
    intermittent : array of bool
        Whether demand comes with gaps.
    """

    shape: Array
    usual: Array
    intermittent: Mask

    def pick(self, rows: Index) -> Spread:
        """Return the shapes of some of the series."""
        return Spread(self.shape[rows], self.usual[rows], self.intermittent[rows])

    @classmethod
    def mix(cls, spreads: Sequence[Spread], which: Index) -> Spread:
        """Return, for each series, its row of one of several spreads."""
        return cls(
            np.choose(which[:, None], [spread.shape for spread in spreads]),
            np.choose(which, [spread.usual for spread in spreads]),
            np.choose(which, [spread.intermittent for spread in spreads]),
        )

    def quantiles(self, level: Array, chances: Array) -> Array:
        """Return the quantiles of a week with a given level.

        Parameters
        ----------
        level : array
            Mean of each series, units per week, ≥ 0.
        chances : array, of levels or series × levels
            Chances of the quantiles.

        Returns
        -------
        array, series × levels
            Units per week.
        """
        ratio = (level / self.usual)[:, None]
        rarer = self.intermittent[:, None] & (ratio < 1.0)
        kept = np.where(rarer, np.maximum(ratio, 1e-12), 1.0)
        inner = (chances - (1.0 - kept)) / kept
        right = np.clip(np.searchsorted(GRID, inner), 1, len(GRID) - 1)
        part = np.clip((inner - GRID[right - 1]) / (GRID[right] - GRID[right - 1]), 0.0, 1.0)
        rows = np.arange(len(level))[:, None]
        value = self.shape[rows, right - 1] * (1.0 - part) + self.shape[rows, right] * part
        sold: Array = np.where(inner > 0.0, value, 0.0) * self.usual[:, None] * np.where(rarer, 1.0, ratio)
        return sold


def past_spread(history: Array, first: Index, half_life: float, lends: Mask | None = None) -> Spread:
    """Return the spread of past weeks.

    Parameters
    ----------
    history : array, series × weeks
        Units per week.
    first : array of int
        Column in which each series begins; weeks before it do not count.
    half_life : float
        Weeks after which a week counts half.
    lends : array of bool or None
        Series whose shape the others may borrow; None: all.
    """
    _count, weeks = history.shape
    weight = np.where(np.arange(weeks) >= first[:, None], 0.5 ** (np.arange(weeks)[::-1] / half_life), 0.0)
    total = weight.sum(axis=1)
    divisor = np.where(total > 0, total, 1.0)
    mean = (history * weight).sum(axis=1) / divisor
    zeros = (weight * (history <= 0)).sum(axis=1) / divisor
    usual = np.where(mean > 0, mean, 1.0)
    intermittent = zeros > INTERMITTENT_ZEROS

    shape = _weighted_quantiles(history, weight, divisor) / usual[:, None]
    # Series that sold nothing have no shape; everybody else's average stands in, and lends itself to short histories.
    shape_known = mean > 0
    for kind in (intermittent, ~intermittent):
        lenders, weights = kind & shape_known, total * shape_known
        if lends is not None and (lenders & lends).any():
            lenders &= lends
        lent = (shape * weights[:, None])[lenders].sum(axis=0) / max(weights[lenders].sum(), 1e-12)
        if not lenders.any():
            lent = np.ones(len(GRID))
        own = (total * shape_known)[:, None]
        shape = np.where(kind[:, None], (own * shape + BORROWED_WEEKS * lent) / (own + BORROWED_WEEKS), shape)
    return Spread(np.maximum.accumulate(shape, axis=1), usual, intermittent)


def _weighted_quantiles(values: Array, weight: Array, total: Array) -> Array:
    # Each value stands in the middle of its weight (Hazen); between values the quantile follows a line.
    count, _weeks = values.shape
    order = np.argsort(np.where(weight > 0, values, np.inf), axis=1, kind="stable")
    ranked, mass = np.take_along_axis(values, order, axis=1), np.take_along_axis(weight, order, axis=1)
    middle = (np.cumsum(mass, axis=1) - mass / 2.0) / total[:, None]
    last = np.maximum((mass > 0).sum(axis=1) - 1, 0)
    rows = np.arange(count)
    result = np.zeros((count, len(GRID)))
    for place, chance in enumerate(GRID):
        right = np.minimum((middle < chance).sum(axis=1), last)
        left = np.maximum(right - 1, 0)
        gap = middle[rows, right] - middle[rows, left]
        part = np.clip((chance - middle[rows, left]) / np.where(gap > 0, gap, 1.0), 0.0, 1.0)
        result[:, place] = ranked[rows, left] * (1.0 - part) + ranked[rows, right] * part
    return result
