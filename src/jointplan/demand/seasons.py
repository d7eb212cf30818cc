"""The season of a family, read from everything its members sold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# A family must have sold in half the weeks of a season before its ups and downs mean anything.
LEAST_SHARE_OF_WEEKS = 0.5
SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
LOWEST, HIGHEST = 0.1, 10.0


def season_profiles(quantity: Array, first: Index, group: Index, groups: int, season: int) -> tuple[Array, Mask]:
    """Return how each group's weeks stand to its usual week, for one season.

    Of each past season only the series count that were sold before it began and still were in its last quarter, lest the
    growth of a family by launches pass for a season. The season's total is divided by its mean; the seasons are averaged, smoothed
    over five weeks, and drawn towards 1: by half where one season is known, by a third where two are.

    Parameters
    ----------
    quantity : array, series × weeks
        Units per week, ending with the last known week.
    first : array of int
        Column of each series' first sale.
    group : array of int
        Group of each series.
    groups : int
        How many groups there are.
    season : int
        Weeks of a season.

    Returns
    -------
    array, groups × season
        Index of the weeks that follow: column 0 is the week after the last known one and, a season earlier, the
        first week of the last season. Mean 1.
    array of bool
        Whether anything is known of the group's season; the index is 1 throughout where not.
    """
    weeks = quantity.shape[1]
    count, ratio = np.zeros(groups), np.zeros((groups, season))
    for begin in range(weeks % season, weeks, season):
        block = quantity[:, begin : begin + season]
        lasting = (first <= begin) & (block[:, -(season // 4 or 1) :] > 0).any(axis=1)
        total = group_totals(block * lasting[:, None], group, groups)
        known = (total > 0).mean(axis=1) >= LEAST_SHARE_OF_WEEKS
        usual = np.where(known, total.mean(axis=1), 1.0)
        ratio += np.where(known[:, None], total / usual[:, None], 0.0)
        count += known
    mean = ratio / np.maximum(count, 1.0)[:, None]
    reach = len(SMOOTHING) // 2
    smooth = np.zeros_like(mean)
    for weight, shift in zip(SMOOTHING, range(-reach, reach + 1), strict=True):
        smooth += weight * np.roll(mean, shift, axis=1)
    trust = (count / (count + 1.0))[:, None]
    profile = np.clip(1.0 + trust * (smooth - 1.0), LOWEST, HIGHEST)
    profile /= profile.mean(axis=1, keepdims=True)
    found: Mask = count > 0
    return np.where(found[:, None], profile, 1.0), found


def group_totals(quantity: Array, group: Index, groups: int) -> Array:
    """Add up series by group: groups × weeks."""
    weeks = quantity.shape[1]
    cell = (group[:, None] * weeks + np.arange(weeks)).ravel()
    totals = np.bincount(cell, weights=quantity.ravel(), minlength=groups * weeks).astype(np.float64)
    return totals.reshape(groups, weeks)


def across_time(profile: Array, history: int, horizon: int) -> tuple[Array, Array]:
    """Return the index of each week of a history and of the weeks that follow it.

    Parameters
    ----------
    profile : array, groups × season
        From :func:`season_profiles`.
    history, horizon : int
        Weeks known, weeks to come.
    """
    season = profile.shape[1]
    return profile[:, np.arange(-history, 0) % season], profile[:, np.arange(horizon) % season]
