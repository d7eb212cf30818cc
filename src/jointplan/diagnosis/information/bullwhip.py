r"""Whether orders swing more than the demand they follow.

The ratio compares coefficients of variation, :math:`\frac{\operatorname{Var} q / \bar q^2}{\operatorname{Var} d / \bar d^2}`, so that orders and demand that do not
add up to the same within the weeks seen can be held against each other. A firm that orders up to a level forecast by the mean of the last :math:`p`
weeks, and waits :math:`L`, has at independent demand a ratio of :math:`1 + 2L/p + 2L^2/p^2`.

References
----------
Chen, Drezner, Ryan and Simchi-Levi (2000), *Management Science* 46 (the formula); Fransoo and Wouters (2000), *Supply Chain Management* 5 (the ratio);
Künsch (1989), *Annals of Statistics* 17 (the block bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BLOCK = 4  # weeks drawn together, so that what follows each other stays together


@dataclass(frozen=True)
class Amplification:
    """How much more orders swing than demand.

    Parameters
    ----------
    ratio : float
        Above 1: they swing more.
    low, high : float
        95 % interval.
    p_value : float
        Chance of so high a ratio if orders swung as demand does, one-sided, by the bootstrap.
    weeks : int
        Weeks seen.
    """

    ratio: float
    low: float
    high: float
    p_value: float
    weeks: int


def bullwhip_ratio(orders: Floats, demand: Floats) -> Floats:
    """Return the ratio along the last axis, weeks; NaN where demand does not vary or nothing is ordered.

    Examples
    --------
    >>> float(bullwhip_ratio(np.array([0.0, 20.0, 0.0, 20.0]), np.array([8.0, 12.0, 8.0, 12.0])))
    25.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (orders.var(axis=-1) / orders.mean(axis=-1) ** 2) / (demand.var(axis=-1) / demand.mean(axis=-1) ** 2)
    return np.asarray(np.where(np.isfinite(ratio), ratio, np.nan))


def order_up_to_norm(lead: float, window: float) -> float:
    """Return the ratio of an order-up-to rule with a moving average at independent demand.

    Parameters
    ----------
    lead : float
        L, weeks from an order to its arrival, the review week included.
    window : float
        p, weeks averaged.

    Examples
    --------
    >>> [round(order_up_to_norm(lead, window), 2) for window, lead in ((5, 1), (10, 1), (5, 3))]
    [1.48, 1.22, 2.92]
    """
    return 1.0 + 2.0 * lead / window + 2.0 * (lead / window) ** 2


def measure_amplification(orders: Floats, demand: Floats, *, draws: int, seed: int) -> Amplification | None:
    """Measure the ratio of one firm with its interval; None where demand or orders do not vary or are none.

    Parameters
    ----------
    orders, demand : arrays of the same weeks
        Units per week.
    draws : int
        Bootstrap draws.
    seed : int
        The same seed gives the same interval.
    """
    ratio = float(bullwhip_ratio(orders, demand))
    if not ratio > 0:
        return None
    weeks = len(orders)
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, max(weeks - BLOCK, 0) + 1, size=(draws, -(-weeks // BLOCK)))
    drawn = (starts[:, :, None] + np.arange(min(BLOCK, weeks))).reshape(draws, -1)[:, :weeks]
    ratios = bullwhip_ratio(orders[drawn], demand[drawn])
    ratios = ratios[np.isfinite(ratios)]
    if len(ratios) < draws // 2:
        return None
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Amplification(ratio, float(low), float(high), (1 + int((ratios <= 1.0).sum())) / (len(ratios) + 1), weeks)
