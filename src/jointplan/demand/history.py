"""What a history says before any model is asked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jointplan.demand.settings import ForecastSettings

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LEAST_WEEKS_FOR_SPIKES = 4
"""Weeks with sales from which a series has a usual week of its own."""


def cap_spikes(history: Array, family: Index, factor: float) -> Array:
    """Lower weeks above ``factor`` times the usual week with sales to that much.

    The usual week of a series is the median of its weeks with sales, or that of its family where it has less than four.

    Parameters
    ----------
    history : array, series × weeks
        Units per week.
    family : array of int
        Family of each series, numbered from 0.
    factor : float
        Above 1.
    """
    sold = history > 0
    count = sold.sum(axis=1)
    ranked = np.sort(np.where(sold, history, np.inf), axis=1)
    median = ranked[np.arange(len(history)), np.maximum((count - 1) // 2, 0)]
    rows, columns = np.nonzero(sold)
    values = history[rows, columns]
    order = np.lexsort((values, family[rows]))
    sizes = np.bincount(family[rows], minlength=int(family.max(initial=0)) + 1)
    ends = np.cumsum(sizes)
    middle = ends - sizes + (sizes - 1) // 2
    usual = np.full(len(sizes), np.inf)
    usual[sizes >= LEAST_WEEKS_FOR_SPIKES] = values[order][middle[sizes >= LEAST_WEEKS_FOR_SPIKES]]
    limit = factor * np.where(count >= LEAST_WEEKS_FOR_SPIKES, median, usual[family])
    capped: Array = np.minimum(history, limit[:, None])
    return capped


def no_longer_sold(history: Array, settings: ForecastSettings) -> Mask:
    """Tell which series sold nothing for so long that they have ended."""
    sold = history[:, max(history.shape[1] - settings.ended_weeks, 0) :] > 0
    silent: Mask = ~np.logical_or.reduce(sold, axis=1)
    return silent


def recent_rates(history: Array, first: Index, half_life: float) -> Array:
    """Return units per week since the first sale, recent weeks weighing more.

    One more week is counted than there is, because a series that began last week has by its nature sold in every week
    there was.
    """
    weeks = history.shape[1]
    weight = 0.5 ** (np.arange(weeks)[::-1] / half_life)
    since = np.where(np.arange(weeks) >= first[:, None], weight, 0.0)
    rates: Array = (history * weight).sum(axis=1) / (since.sum(axis=1) + 1.0)
    return rates
