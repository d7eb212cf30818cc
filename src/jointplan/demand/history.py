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


BEYOND_BELIEF = 20.0
"""Times the highest believed week above which one is taken for a slip of the pen."""

LEAST_SHARE_SOLD = 0.75
"""Share of weeks in which a series must have sold for its level to be followed from week to week."""

LEAST_WEEKS_OF_LEVEL = 8
"""Weeks since its first sale from which a series has a level."""

LEAST_SHARE_SEEN = 0.5
"""Share of the weeks without a sale that must have been seen for their silence to tell of an end."""


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
    capped: Array = np.minimum(history, factor * usual_weeks(history, family)[:, None])
    return capped


def usual_weeks(history: Array, family: Index) -> Array:
    """Return the usual week with sales of each series, as :func:`cap_spikes` knows it; infinite where nothing tells of it."""
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
    return np.where(count >= LEAST_WEEKS_FOR_SPIKES, median, usual[family])


def believed(history: Array, family: Index, factor: float) -> Array:
    """Return the weeks with slips of the pen as usual ones: that something was sold is believed, how much is not.

    A slip lies above :data:`BEYOND_BELIEF` times what :func:`cap_spikes` would lower it to; what lies below stays as it is.

    Parameters
    ----------
    history, family, factor
        As for :func:`cap_spikes`.
    """
    usual = usual_weeks(history, family)[:, None]
    slips = history > BEYOND_BELIEF * factor * usual
    return np.where(slips, usual, history) if slips.any() else history


def beyond_belief(units: Array, lowered: Array) -> Mask:
    """Tell which weeks lie far above what spikes are lowered to: slips of the pen rather than large orders.

    Parameters
    ----------
    units, lowered : arrays, series × weeks
        As they were sold, and from :func:`cap_spikes`.
    """
    slips: Mask = np.greater(units, BEYOND_BELIEF * lowered)
    return slips


def fill_unseen(quantity: Array, unseen: Mask, half_life: float = 4.0, *, later: bool = True) -> Array:
    """Put what demand may have been in the weeks in which it could not be seen, as when goods had run out.

    Each such week counts as the mean of the weeks since the first unit that were seen, near ones weighing more, but at least as what
    was sold in it. Weeks before the first unit stay as they are.

    Parameters
    ----------
    quantity : array, series × weeks
        Units per week.
    unseen : array of bool, series × weeks
        Weeks whose demand is not known.
    half_life : float
        Weeks of distance after which a week counts half.
    later : bool
        Whether the weeks after it count, too; without them each week is as it could be told by its end.
    """
    rows = np.flatnonzero(unseen.any(axis=1))
    if not len(rows):
        return quantity
    values, hidden = quantity[rows], unseen[rows]
    begun = np.logical_or.accumulate(values > 0, axis=1)
    weeks, fade = values.shape[1], 0.5 ** (1.0 / half_life)
    weighed, weight = np.zeros_like(values), np.zeros_like(values)
    # Forwards and backwards in time, each week hands on a faded sum of those behind it.
    for step in (range(weeks), range(weeks - 1, -1, -1)) if later else (range(weeks),):
        total, mass = np.zeros(len(rows)), np.zeros(len(rows))
        for week in step:
            weighed[:, week] += total
            weight[:, week] += mass
            seen = begun[:, week] & ~hidden[:, week]
            total = fade * (total + np.where(seen, values[:, week], 0.0))
            mass = fade * (mass + seen)
    usual = np.where(weight > 0, weighed / np.where(weight > 0, weight, 1.0), 0.0)
    filled = quantity.copy()
    filled[rows] = np.where(hidden & begun, np.maximum(values, usual), values)
    return filled


def about_level(history: Array, first: Index, alpha: float = 0.2) -> Array:
    """Return each week as it would have been at the last level of its series, for series that sell in most weeks.

    A week's surprise is what it was over the level of the weeks before it (exponential smoothing), so that growth does not pass for
    uncertainty. Series with gaps stay as they are: their level is too little known.

    Parameters
    ----------
    history : array, series × weeks
        Units per week.
    first : array of int
        Column in which each series begins.
    alpha : float
        Weight of the last week in the level.
    """
    weeks = history.shape[1]
    since = np.arange(weeks) >= first[:, None]
    dense = ((history > 0) & since).sum(axis=1) >= LEAST_SHARE_SOLD * np.maximum(since.sum(axis=1), 1)
    dense &= weeks - first >= LEAST_WEEKS_OF_LEVEL
    rows = np.flatnonzero(dense)
    if not len(rows):
        return history
    values, begin = history[rows], first[rows]
    running = np.cumsum(values, axis=1)
    start = running[np.arange(len(rows)), begin + LEAST_WEEKS_OF_LEVEL // 2 - 1] / (LEAST_WEEKS_OF_LEVEL // 2)
    level, before = start, np.ones_like(values)
    for week in range(weeks):
        before[:, week] = level
        level = np.where(week >= begin, level + alpha * (values[:, week] - level), level)
    usual = np.maximum(before, 0.1 * np.maximum(values.mean(axis=1), 1e-9)[:, None])
    moved = history.copy()
    moved[rows] = values / usual * np.maximum(level, 1e-9)[:, None]
    return moved


def no_longer_sold(history: Array, settings: ForecastSettings, supposed: Mask | None = None) -> Mask:
    """Tell which series sold nothing for so long that they have ended.

    Parameters
    ----------
    history : array, series × weeks
        Units per week.
    settings : ForecastSettings
        With the weeks after which a silent series has ended.
    supposed : array of bool, series × weeks, or None
        Weeks that sold nothing and whose units are what may have been wanted: no sales, but where they are more than
        half of those weeks, no proof of an end either.
    """
    begin = max(history.shape[1] - settings.ended_weeks, 0)
    sold = history[:, begin:] > 0
    if supposed is None:
        silent: Mask = ~np.logical_or.reduce(sold, axis=1)
        return silent
    unknown = supposed[:, begin:]
    # Unknown weeks that hold nothing, as nothing was sold before them either, prove nothing and hinder nothing.
    ended: Mask = ~np.logical_or.reduce(sold & ~unknown, axis=1)
    proven: Mask = (unknown & sold).sum(axis=1) <= (1.0 - LEAST_SHARE_SEEN) * sold.shape[1]
    return np.logical_and(ended, proven)


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
