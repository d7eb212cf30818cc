"""How far demand hangs together over weeks and between series, measured on what simple forecasts missed in the past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

WINDOW = 13
"""Weeks whose mean is the forecast of the next, for residuals."""

LEAST_WEEKS = 8
"""Weeks with residuals a series needs to be counted."""

SHRINK_WEEKS = 26.0
"""Weight, in weeks, of what all series show when a group's own correlation is judged."""

_LOW, _HIGH = -0.5, 0.95


@dataclass(frozen=True)
class Dependence:
    """What was measured.

    Parameters
    ----------
    serial : float
        Correlation of a week's residual with the next, over all series.
    between : array
        Mean correlation of two series in the same week, per group; that of all where a group has one series.
    overall : float
        The same over all groups.
    """

    serial: float
    between: Array
    overall: float


def residuals(history: Array, first: Index) -> Array:
    """Return by how much each week missed the mean of the 13 before it, over the series' own spread; NaN where unknown.

    Parameters
    ----------
    history : array, series × weeks
        Units a week, the last column the last known week.
    first : array of int
        Column of each series' first sale.
    """
    count, weeks = history.shape
    total = np.concatenate([np.zeros((count, 1)), np.cumsum(history, axis=1)], axis=1)
    missed = np.full((count, weeks), np.nan)
    if weeks > WINDOW:
        missed[:, WINDOW:] = history[:, WINDOW:] - (total[:, WINDOW:-1] - total[:, : -WINDOW - 1]) / WINDOW
    missed[np.arange(weeks)[None, :] < first[:, None] + WINDOW] = np.nan
    known = np.isfinite(missed)
    spread = np.sqrt(np.where(known, missed, 0.0).__pow__(2).sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    enough = (known.sum(axis=1) >= LEAST_WEEKS) & (spread > 0)
    scaled: Array = np.where(enough[:, None], missed / np.where(spread > 0, spread, 1.0)[:, None], np.nan)
    return scaled


def measure_dependence(history: Array, first: Index, group: Index) -> Dependence:
    """Measure how residuals hang together.

    The mean correlation of n series of spread 1 is read off their sum: Var(Σz) = n + n(n − 1)ρ. A group's own value counts with
    the weeks it is known for against 26 of the value over all groups.

    Parameters
    ----------
    history, first
        As for :func:`residuals`.
    group : array of int
        Group of each series, numbered from 0: those whose stock may be pooled.
    """
    scores = residuals(history, first)
    known = np.isfinite(scores)
    values = np.where(known, scores, 0.0)
    both = known[:, 1:] & known[:, :-1]
    pairs = int(both.sum())
    serial = float((values[:, 1:] * values[:, :-1])[both].sum() / pairs) if pairs else 0.0

    groups = int(group.max(initial=-1)) + 1
    total, square, number = (np.zeros((groups, history.shape[1])) for _ in range(3))
    np.add.at(total, group, values)
    np.add.at(square, group, values**2)
    np.add.at(number, group, known.astype(float))
    crossed = total**2 - square  # Σ over pairs i ≠ j of z_i·z_j
    counted = number * (number - 1)
    weeks = (counted > 0).sum(axis=1)
    over = float(counted.sum())
    overall = float(crossed.sum() / over) if over else 0.0
    own = np.where(counted.sum(axis=1) > 0, crossed.sum(axis=1) / np.maximum(counted.sum(axis=1), 1.0), overall)
    between = np.clip((weeks * own + SHRINK_WEEKS * overall) / (weeks + SHRINK_WEEKS), -1.0, 1.0)
    return Dependence(min(max(serial, _LOW), _HIGH), between, min(max(overall, -1.0), 1.0))
