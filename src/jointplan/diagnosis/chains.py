"""Sums along all chains of deliveries, however long: what the inverse of Leontief or Ghosh would give, without inverting."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
ROUNDS = 1000
CLOSE = 1e-11


def along_chains(shares: Any, start: npt.ArrayLike) -> Floats | None:
    """Return x = start + shares · x, the sum Σ_k shares^k · start.

    Each round goes one delivery further; the rest shrinks as long as something leaves each circle of deliveries. None where
    it does not within a thousand rounds: then the rows do not balance.

    Parameters
    ----------
    shares : sparse or dense matrix, shape (n, n)
        What of each row goes on to each column.
    start : array_like, shape (n,)
        What each adds itself.

    Examples
    --------
    >>> import numpy as np
    >>> along_chains(np.array([[0.5]]), [1.0]).round(6).tolist()
    [2.0]
    """
    step = np.asarray(start, float)
    total = step.copy()
    for _ in range(ROUNDS):
        step = shares @ step
        total += step
        size = np.abs(step).max(initial=0.0)
        if not np.isfinite(size):
            return None
        if size <= CLOSE * max(np.abs(total).max(initial=0.0), 1e-300):
            return total
    return None
