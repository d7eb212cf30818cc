"""Sample paths of demand: what may happen over a lead time, not week by week but as a whole.

Forecasts give quantiles of each week. How the weeks, and the series, hang together is measured on the past (``dependence.py``) and
put in by a Gaussian copula: normal scores that follow an AR(1) process over the weeks and share one correlation between series.
"""

from __future__ import annotations

from math import log

import numpy as np
import numpy.typing as npt

from jointplan.schema import QUANTILES

Array = npt.NDArray[np.float64]

CHANCES = np.array([float(f"0.{name[1:]}") for name in QUANTILES])
"""Chances of the quantiles a forecast gives."""

_GRID = np.concatenate([[0.0], CHANCES])
_TAIL = 1.0 - float(CHANCES[-1])
_HALVINGS = log((1.0 - float(CHANCES[-2])) / _TAIL)


def draw_paths(
    mean: Array, quantiles: Array, *, samples: int, serial: float, between: float, rng: np.random.Generator
) -> Array:
    """Draw weekly demand of some series together.

    Between quantiles demand follows a line; above the highest it is exponential, so far out that the mean of the draws is the
    forecast's mean, but no less than the exponential through the two highest quantiles. Where the draws' mean then lies above the
    forecast's, they are lowered to it in proportion. Held out, weeks of Online Retail and VN2 above the highest quantile lay 1.5 to 4 times as
    far beyond it as the mean alone lets expect, as it left most of them no tail at all; with the second rule VN2 as far as told, Online Retail
    1.6 to 2 times.

    Parameters
    ----------
    mean : array, series × weeks
        Expected demand, units a week.
    quantiles : array, series × weeks × levels
        Quantiles at :data:`CHANCES`, non-decreasing.
    samples : int
        Paths to draw.
    serial : float
        Correlation of one week's score with the next, −1 to 1.
    between : float
        Correlation of the scores of two series in the same week.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    array, series × samples × weeks
        Units, ≥ 0.
    """
    from scipy.special import ndtr

    count, weeks = mean.shape
    chance = ndtr(normal_scores(count, samples, weeks, serial=serial, between=between, rng=rng))
    lowest = np.maximum(2 * quantiles[:, :, :1] - quantiles[:, :, 1:2], 0.0)
    levels = np.concatenate([lowest, quantiles], axis=2)
    body = ((levels[:, :, 1:] + levels[:, :, :-1]) / 2 * np.diff(_GRID)).sum(axis=2)
    beyond = np.maximum((mean - body) / _TAIL - levels[:, :, -1], (levels[:, :, -1] - levels[:, :, -2]) / _HALVINGS)
    place = np.clip(np.searchsorted(_GRID, chance, side="right") - 1, 0, len(_GRID) - 2)
    row, week = np.arange(count)[:, None, None], np.arange(weeks)[None, None, :]
    left, right = levels[row, week, place], levels[row, week, place + 1]
    part = (chance - _GRID[place]) / (_GRID[place + 1] - _GRID[place])
    inside = left + np.minimum(part, 1.0) * (right - left)
    over = np.maximum((chance - _GRID[-1]) / _TAIL, 0.0)
    outside = -np.log1p(-np.minimum(over, 1.0 - 1e-9)) * beyond[:, None, :]
    total = body + _TAIL * (levels[:, :, -1] + beyond)
    scale = np.where(total > mean, mean / np.where(total > 0, total, 1.0), 1.0)
    paths: Array = (inside + outside) * scale[:, None, :]
    return paths


def normal_scores(
    count: int, samples: int, weeks: int, *, serial: float, between: float, rng: np.random.Generator
) -> Array:
    """Draw standard normal scores, AR(1) over weeks and equally correlated between series: series × samples × weeks.

    A correlation below −1/(n − 1) cannot be between n series, and is raised to it.
    """
    scores = rng.standard_normal((count, samples, weeks))
    if count > 1:
        between = min(max(between, -1.0 / (count - 1)), 1.0)
        # Symmetric root of (1 − ρ)·I + ρ·11ᵀ.
        own = (1.0 - between) ** 0.5
        shared = ((1.0 + (count - 1) * between) ** 0.5 - own) / count
        scores = own * scores + shared * scores.sum(axis=0, keepdims=True)
    keep = (1.0 - serial**2) ** 0.5
    for week in range(1, weeks):
        scores[:, :, week] = serial * scores[:, :, week - 1] + keep * scores[:, :, week]
    return scores


def demand_until(paths: Array, time: Array | float) -> Array:
    """Return the demand of each path up to a time in weeks, part of a week counting in proportion.

    Parameters
    ----------
    paths : array, … × samples × weeks
        Demand a week.
    time : float, or array of samples
        Weeks from the start; the last week goes on for what lies beyond the paths.
    """
    weeks = paths.shape[-1]
    total = np.concatenate([np.zeros((*paths.shape[:-1], 1)), np.cumsum(paths, axis=-1)], axis=-1)
    moments = np.broadcast_to(np.asarray(time, dtype=float), paths.shape[:-1])
    whole = np.minimum(np.floor(moments).astype(np.int64), weeks - 1)
    start = np.take_along_axis(total, whole[..., None], axis=-1)[..., 0]
    rate = np.take_along_axis(paths, whole[..., None], axis=-1)[..., 0]
    demand: Array = start + (moments - whole) * rate
    return demand
