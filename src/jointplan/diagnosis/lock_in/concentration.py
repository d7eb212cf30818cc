"""How few something rests on: Herfindahl index, effective number, and what correlation takes away from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEAST_PERIODS = 12  # from fewer a correlation is not told


def herfindahl(amounts: npt.ArrayLike) -> float:
    """Return Σ s² of the shares s.

    >>> herfindahl([50, 30, 20])
    0.38
    """
    amounts = np.asarray(amounts, float)
    return round(float(((amounts / amounts.sum()) ** 2).sum()), 15)


def effective_number(shares: npt.ArrayLike, correlation: npt.ArrayLike | None = None) -> float:
    """Return 1 / (s' R s): how many equal, independent ones would be as concentrated.

    Without a correlation matrix R it is 1/HHI; where all move as one it is 1, however many they are.

    >>> effective_number([0.5, 0.5])
    2.0
    >>> effective_number([0.5, 0.5], [[1, 1], [1, 1]])
    1.0
    """
    s = np.asarray(shares, float)
    r = np.eye(len(s)) if correlation is None else np.asarray(correlation, float)
    return float(1 / max(s @ r @ s, 1e-12))


def correlations(amounts: npt.ArrayLike) -> Floats | None:
    """Return how the changes from period to period go together; rows are periods, columns markets.

    Changes, not levels: two markets that both grow are not for that reason one risk. None for too few periods. A column that
    never changes goes with nothing.
    """
    x = np.asarray(amounts, float)
    if len(x) < LEAST_PERIODS:
        return None
    change = np.diff(x, axis=0)
    spread = change.std(axis=0)
    z = np.where(spread > 0, (change - change.mean(axis=0)) / np.where(spread > 0, spread, 1.0), 0.0)
    r: Floats = z.T @ z / len(change)
    np.fill_diagonal(r, 1.0)
    return r


def herfindahl_interval(amounts: npt.ArrayLike, seed: int, draws: int = 400) -> tuple[float, float] | None:
    """Return the 95 % interval of the index, periods drawn anew with replacement; None for too few periods.

    Draws lie above the index on average, as shares that vary concentrate; that much is taken off (Efron and Tibshirani 1993, *An
    Introduction to the Bootstrap*, chapter 10).
    """
    x = np.asarray(amounts, float)
    if len(x) < LEAST_PERIODS:
        return None
    rng = np.random.default_rng(seed)
    drawn = x[rng.integers(0, len(x), (draws, len(x)))].sum(axis=1)
    drawn = drawn[drawn.sum(axis=1) > 0]
    if not len(drawn):
        return None
    shares = drawn / drawn.sum(axis=1, keepdims=True)
    index = (shares**2).sum(axis=1)
    low, high = np.quantile(index + (herfindahl(x.sum(axis=0)) - index.mean()), [0.025, 0.975])
    return max(float(low), 1 / x.shape[1]), min(float(high), 1.0)


def concentration_severity(index: float, norm: float) -> float:
    """Return how bad a Herfindahl index is: 0.3 at the norm, 1 where everything rests on one; hardly anything below it."""
    if index < norm:
        return 0.09 * index / norm
    return 0.3 + 0.7 * (index - norm) / (1 - norm)
