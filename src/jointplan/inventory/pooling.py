"""What pooled stock needs against separate stocks, by how demands hang together.

The square root of n holds for independent and equal demands only: the correlation that was measured decides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def pooling_factor(count: int, correlation: float) -> float:
    """Return the safety stock of n equal stocks pooled, over that of n separate ones: √(n + n(n − 1)ρ)/n.

    Parameters
    ----------
    count : int
        Stocks n, at least 1.
    correlation : float
        Between two demands; what cannot be between n of them is raised to −1/(n − 1).

    Examples
    --------
    >>> pooling_factor(4, 0.0), pooling_factor(4, 1.0)
    (0.5, 1.0)
    """
    if count < 1:
        raise ValueError("there must be something to pool")
    return float(max(count + count * (count - 1) * min(correlation, 1.0), 0.0) ** 0.5 / count)


def pooled_deviation(deviations: Array, correlation: float) -> float:
    """Return the deviation of the sum of demands, each two equally correlated: √(Σσ² + ρ[(Σσ)² − Σσ²])."""
    squares = float((deviations**2).sum())
    return float(max(squares + min(correlation, 1.0) * (float(deviations.sum()) ** 2 - squares), 0.0) ** 0.5)
