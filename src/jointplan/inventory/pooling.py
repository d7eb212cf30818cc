"""What pooled stock needs against separate stocks, by how demands hang together.

The square root of n holds for independent and equal demands only: the correlation that was measured decides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def pooling_factor(deviations: Array, correlation: float) -> float:
    """Return the safety stock of normal demands pooled, over that of separate stocks: √(Σσ² + ρ[(Σσ)² − Σσ²])/Σσ.

    For n equal demands that is √(n + n(n − 1)ρ)/n.

    Parameters
    ----------
    deviations : array
        Deviation σ of each demand over lead time and review.
    correlation : float
        Correlation ρ between two of them.

    Returns
    -------
    float
        Between 0 and 1; 1 where nothing varies.

    Examples
    --------
    >>> import numpy as np
    >>> pooling_factor(np.ones(4), 0.0), pooling_factor(np.ones(4), 1.0)
    (0.5, 1.0)
    """
    total = float(deviations.sum())
    if total <= 0:
        return 1.0
    squares = float((deviations**2).sum())
    return float(max(squares + min(correlation, 1.0) * (total**2 - squares), 0.0) ** 0.5 / total)
