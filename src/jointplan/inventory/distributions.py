"""Distributions of demand: what a newsvendor and a reorder point need to know of them.

Each gives its ``mean``, a ``quantile`` (the least level that covers demand with a chance) and its ``shortfall`` E[(D − y)⁺],
the expected demand above a level.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, inf, log, pi, sqrt
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Demand(Protocol):
    """Demand over some time, in units."""

    @property
    def mean(self) -> float:
        """Expected demand."""

    def quantile(self, chance: float) -> float:
        """Return the least level that covers demand with the chance."""

    def shortfall(self, level: float) -> float:
        """Return the expected demand above the level."""


@dataclass(frozen=True)
class NormalDemand:
    """Normal demand.

    Parameters
    ----------
    mean, deviation : float
        Units; the deviation above 0.
    """

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        if not self.deviation > 0:
            raise ValueError("the deviation must be above 0")

    def quantile(self, chance: float) -> float:
        """Return the level that covers demand with the chance."""
        from scipy.special import ndtri

        return self.mean + self.deviation * float(ndtri(chance))

    def shortfall(self, level: float) -> float:
        """Return σ·[φ(z) − z·(1 − Φ(z))], z = (y − μ)/σ: the loss function of the normal distribution."""
        z = (level - self.mean) / self.deviation
        return self.deviation * (_density(z) - z * _above(z))

    def second_shortfall(self, level: float) -> float:
        """Return the integral of the shortfall from the level up: σ²/2·[(z² + 1)(1 − Φ(z)) − z·φ(z)]."""
        z = (level - self.mean) / self.deviation
        return self.deviation**2 / 2 * ((z * z + 1) * _above(z) - z * _density(z))


@dataclass(frozen=True)
class LognormalDemand:
    """Demand whose logarithm is normal, with this mean and deviation."""

    log_mean: float
    log_deviation: float

    @property
    def mean(self) -> float:
        """Expected demand."""
        return exp(self.log_mean + self.log_deviation**2 / 2)

    def quantile(self, chance: float) -> float:
        """Return the level that covers demand with the chance."""
        from scipy.special import ndtri

        return exp(self.log_mean + self.log_deviation * float(ndtri(chance)))

    def shortfall(self, level: float) -> float:
        """Return the expected demand above the level."""
        if level <= 0:
            return self.mean - level
        z = (log(level) - self.log_mean) / self.log_deviation
        return self.mean * _above(z - self.log_deviation) - level * _above(z)


@dataclass(frozen=True)
class DiscreteDemand:
    """Demand that takes some levels, each with its chance: a table, or draws of a forecast.

    Parameters
    ----------
    levels : array
        Units, ascending.
    chances : array
        Of each level; they add up to 1.
    """

    levels: Array
    chances: Array

    def __post_init__(self) -> None:
        if self.levels.shape != self.chances.shape or not len(self.levels):
            raise ValueError("every level needs its chance")
        if (np.diff(self.levels) < 0).any() or abs(float(self.chances.sum()) - 1.0) > 1e-6:
            raise ValueError("levels must ascend and chances add up to 1")

    @classmethod
    def poisson(cls, mean: float) -> DiscreteDemand:
        """Return Poisson demand, up to where less than 10⁻¹⁵ lies above."""
        from scipy.special import gammaln

        levels = np.arange(int(mean + 12 * sqrt(mean) + 30), dtype=float)
        chances = np.exp(levels * log(mean) - mean - gammaln(levels + 1)) if mean > 0 else (levels == 0).astype(float)
        return cls(levels, chances / chances.sum())

    @classmethod
    def draws(cls, values: Array) -> DiscreteDemand:
        """Return the distribution of equally likely draws."""
        levels, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
        return cls(levels, counts / counts.sum())

    @property
    def mean(self) -> float:
        """Expected demand."""
        return float(self.levels @ self.chances)

    def quantile(self, chance: float) -> float:
        """Return the least level that covers demand with the chance."""
        place = int(np.searchsorted(np.cumsum(self.chances), chance - 1e-12))
        return float(self.levels[min(place, len(self.levels) - 1)])

    def shortfall(self, level: float) -> float:
        """Return the expected demand above the level."""
        return float(np.maximum(self.levels - level, 0.0) @ self.chances)


def _density(z: float) -> float:
    return exp(-z * z / 2) / sqrt(2 * pi) if abs(z) < inf else 0.0


def _above(z: float) -> float:
    return (1 - erf(z / sqrt(2))) / 2
