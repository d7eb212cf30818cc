"""Intervals and chances that several topics use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NORMAL = 1.959963984540054  # 97.5 % of the standard normal distribution lie below


def share_interval(hits: float, count: float) -> tuple[float, float]:
    """Return the 95 % interval of Wilson (1927, *JASA* 22) of a share.

    Of the mean of values between 0 and 1, ``hits`` their sum, it is wide enough too: none varies more than shares do.

    Examples
    --------
    >>> [round(end, 4) for end in share_interval(10, 100)]
    [0.0552, 0.1744]
    """
    if count <= 0:
        return 0.0, 1.0
    share, square = hits / count, NORMAL**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = NORMAL / (1 + square / count) * float(np.sqrt(share * (1 - share) / count + square / (4 * count**2)))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def ratio_interval(above: Floats, below: Floats, cluster: Ints, *, draws: int, seed: int) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of ``sum(above) / sum(below)``, whole clusters drawn together.

    Parameters
    ----------
    above, below : arrays
        Parts of the ratio.
    cluster : array of int
        What belongs together, such as the products of a firm, numbered from 0.
    draws : int
        Draws.
    seed : int
        The same seed gives the same interval.
    """
    count = int(cluster.max(initial=0)) + 1
    upper = np.bincount(cluster, above, minlength=count)
    lower = np.bincount(cluster, below, minlength=count)
    rng = np.random.default_rng(seed)
    ratios = []
    for _ in range(draws):
        picked = rng.integers(0, count, count)
        total = lower[picked].sum()
        if total > 0:
            ratios.append(upper[picked].sum() / total)
    low, high = np.quantile(ratios, (0.025, 0.975)) if ratios else (float("nan"), float("nan"))
    return float(low), float(high)


def shares_differ(hits: float, count: float, other_hits: float, other_count: float) -> float:
    """Return the chance, one-sided, of so much higher a share than the other if both were one (pooled z-test)."""
    from scipy.special import ndtr

    pooled = (hits + other_hits) / (count + other_count)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / count + 1 / other_count))
    if spread == 0:
        return 1.0
    return float(ndtr(-(hits / count - other_hits / other_count) / spread))


def holm(p_values: Sequence[float]) -> Floats:
    """Return chances that count how many were looked at (Holm 1979, *Scandinavian Journal of Statistics* 6).

    Examples
    --------
    >>> [round(float(p), 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    found = np.empty(len(p))
    found[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return found
