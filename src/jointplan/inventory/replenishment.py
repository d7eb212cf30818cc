"""How a stock is replenished, and what an order-up-to level brings."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Replenishment:
    """How a stock is replenished and what it costs.

    Parameters
    ----------
    lead, spread : float
        Weeks from order to arrival: mean and standard deviation.
    review : float
        Weeks between orders; 0: whenever stock falls.
    holding : float
        Of a unit over one week, above 0.
    shortage : float
        Of a unit lost, or of a unit owed over one week; above 0.
    lost : bool
        Whether unmet demand is lost.
    service : float
        Service wanted, as :class:`StockLevel` counts it: the cheapest policy that reaches it is taken. 0: what the cost of shortage brings about.
    """

    lead: float
    spread: float
    review: float
    holding: float
    shortage: float
    lost: bool
    service: float = 0.0

    def __post_init__(self) -> None:
        if self.lead < 0 or self.spread < 0 or self.review < 0:
            raise ValueError("lead time, spread and review must not be below 0")
        if not (self.holding > 0 and self.shortage > 0):
            raise ValueError("holding and shortage must cost something")
        if not 0 <= self.service < 1:
            raise ValueError("a service level lies between 0 and 1")

    @property
    def moments(self) -> list[float]:
        """Weeks after an order arrives at which its stock is counted: the ends of the weeks until the next arrives."""
        parts = max(ceil(self.review), 1)
        return [self.review * (part + 1) / parts for part in range(parts)]

    @property
    def reach(self) -> int:
        """Weeks that an order may take, and the review before it."""
        return ceil(self.lead + 3 * self.spread + self.review) + 1

    @property
    def weeks(self) -> int:
        """Weeks of demand that a level needs paths of."""
        return self.reach * 3 if self.lost else self.reach

    def lead_times(self, samples: int, rng: np.random.Generator) -> Array:
        """Draw lead times, normal and not below 0."""
        if self.spread == 0:
            return np.full(samples, self.lead)
        return np.maximum(self.lead + self.spread * rng.standard_normal(samples), 0.0)


@dataclass(frozen=True)
class StockLevel:
    """An order-up-to level and what it brings.

    Parameters
    ----------
    level : float
        Units on hand and on order, less owed.
    safety : float
        Level less expected demand over lead time and review.
    service : float
        Chance that nothing is missed until the next order can arrive, that is from review to review; where stock is watched all the time,
        that there is some, which is then the share of demand served.
    fill : float
        Share of demand served from stock.
    cost : float
        Expected cost a week.
    """

    level: float
    safety: float
    service: float
    fill: float
    cost: float
