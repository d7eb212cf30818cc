"""The published indices of two systems that develop together. All are descriptive: none tells a cause."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Liao Chongbin (1999), as Chinese work on coupling coordination uses it: upper end, English, Chinese.
BANDS = (
    (0.1, "extreme imbalance"),
    (0.2, "severe imbalance"),
    (0.3, "moderate imbalance"),
    (0.4, "mild imbalance"),
    (0.5, "verge of imbalance"),
    (0.6, "bare coordination"),
    (0.7, "primary coordination"),
    (0.8, "intermediate coordination"),
    (0.9, "good coordination"),
    (1.0, "superior coordination"),
)


def band(degree: float) -> str:
    """Return the named band of a coupling coordination degree.

    >>> band(0.6237)
    'primary coordination'
    """
    return next((name for end, name in BANDS if degree < end), BANDS[-1][1])


def goalpost_scores(values: npt.ArrayLike, low: float, high: float, *, ratio: bool) -> Floats:
    """Return where values lie between fixed goalposts, 0 to 1; ``low`` above ``high`` where less is better.

    With ``ratio``, by ratios (equal growth counts equally, as the Human Development Index does with income), else by
    differences.

    >>> goalpost_scores([50, 100, 200, 400], 50, 200, ratio=True).tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    x = np.asarray(values, float)
    if ratio:
        x, low, high = np.log(np.maximum(x, min(low, high) * 1e-9)), float(np.log(low)), float(np.log(high))
    scores: Floats = np.clip((x - low) / (high - low), 0.0, 1.0)
    return scores


def entropy_weights(scores: npt.ArrayLike) -> Floats:
    """Return w_j = (1 − e_j)/Σ(1 − e) with e_j = −Σ p ln p / ln n and p_ij = x_ij/Σ_i x_ij; rows are periods.

    An indicator that never changes tells nothing and gets no weight; where none changes, all weigh alike.
    """
    x = np.asarray(scores, float)
    n, k = x.shape
    if n < 2:
        return np.full(k, 1 / k)
    total = x.sum(axis=0)
    p = x / np.where(total > 0, total, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(p > 0, p * np.log(p), 0.0).sum(axis=0) / np.log(n)
    spare = np.where(total > 0, np.maximum(1 - entropy, 0.0), 0.0)
    return spare / spare.sum() if spare.sum() > 1e-12 else np.full(k, 1 / k)


def coupling(levels: npt.ArrayLike) -> float:
    """Return C = n (Π U)^{1/n} / Σ U: 1 where all systems stand alike."""
    u = np.asarray(levels, float)
    return float(len(u) * np.prod(u) ** (1 / len(u)) / u.sum()) if u.sum() > 0 else 0.0


def coordination(levels: npt.ArrayLike) -> float:
    """Return D = √(C·T), T the mean of the levels."""
    return float(np.sqrt(coupling(levels) * np.asarray(levels, float).mean()))


def coupling_corrected(levels: npt.ArrayLike) -> float:
    """Return C' of Wang, Kong, Ren, Tian and Dai (J. Natural Resources 36, 2021), which spreads over the whole of 0 to 1.

    C' = √{[1 − Σ_{i>j}|U_i − U_j| / (n(n−1)/2)] · [Π U_i/U_max]^{1/(n−1)}}
    """
    u = np.asarray(levels, float)
    n = len(u)
    if n < 2 or u.max() <= 0:
        return 0.0
    apart = np.abs(u[:, None] - u[None, :])[np.triu_indices(n, 1)].sum() / (n * (n - 1) / 2)
    return float(np.sqrt(max(1 - apart, 0.0) * np.prod(u / u.max()) ** (1 / (n - 1))))


def coordination_corrected(levels: npt.ArrayLike) -> float:
    """Return D' = √(C'·T)."""
    return float(np.sqrt(coupling_corrected(levels) * np.asarray(levels, float).mean()))


def synergy(changes: npt.ArrayLike) -> float:
    """Return the synergy of a composite system, sign(min Δu)·|Π Δu|^{1/k} (Meng and Han 2000): below 0 where one falls."""
    d = np.asarray(changes, float)
    return float(np.sign(d.min()) * np.abs(np.prod(d)) ** (1 / len(d)))
