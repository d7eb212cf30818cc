r"""The Bass curve of a new product: those who try it, and those who follow.

With innovation :math:`p`, imitation :math:`q` and all units that will be sold :math:`m`:

.. math::
    F(t) = \frac{1-e^{-(p+q)t}}{1+(q/p)\,e^{-(p+q)t}}, \qquad t^* = \frac{\ln(q/p)}{p+q}, \qquad
    \text{peak} = \frac{m\,(p+q)^2}{4q}

References
----------
Bass (1969), A new product growth for model consumer durables, *Management Science* 15: room air conditioners, p .010399, q .41861, m 16,895 thousand:
the peak is 1.86 million a year after 8.6 years. Srinivasan and Mason (1986), *Marketing Science* 5 (nonlinear least squares on
:math:`m\,(F(t)-F(t-1))`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

INNOVATION = np.geomspace(0.002, 1.5, 15)
IMITATION = np.concatenate([[1e-4], np.geomspace(0.01, 0.8, 9)])
"""Weekly values that are tried for short noisy histories: from everlasting to over in a week."""

USUAL_INNOVATION, USUAL_IMITATION = 0.02, 0.05
"""Weekly values histories are drawn to before any is known: half of the buyers in seven months."""

PRIOR_SPREAD = 1.0
"""Standard deviation of the logarithms of p and q among products."""

LEAST_SPREAD = 0.4


@dataclass(frozen=True)
class Bass:
    """A Bass curve.

    Parameters
    ----------
    p, q : float
        Innovation and imitation per period.
    m : float
        All units that will be sold.

    Examples
    --------
    >>> conditioners = Bass(0.010399, 0.41861, 16895.0)
    >>> round(conditioners.peak_time, 2), round(conditioners.peak)
    (8.61, 1857)
    """

    p: float
    q: float
    m: float

    @property
    def peak_time(self) -> float:
        """Periods after launch at which most is sold; 0 where sales only fall."""
        return float(max(np.log(self.q / self.p) / (self.p + self.q), 0.0))

    @property
    def peak(self) -> float:
        """Units per period at the peak."""
        if self.q <= self.p:
            return self.m * self.p
        return self.m * (self.p + self.q) ** 2 / (4.0 * self.q)

    def sold(self, time: Array) -> Array:
        """Return the units sold up to each time since launch."""
        units: Array = self.m * shares_sold(time, np.array([self.p]), np.array([self.q]))[0]
        return units

    def per_period(self, periods: int) -> Array:
        """Return the units of each period since launch."""
        units: Array = np.diff(self.sold(np.arange(periods + 1.0)))
        return units


def shares_sold(time: Array, p: Array, q: Array) -> Array:
    """Return the share of all units sold up to each time: curves × times.

    Parameters
    ----------
    time : array
        Periods since launch.
    p, q : arrays of curves
        Innovation and imitation per period.
    """
    gone = np.exp(-(p + q)[:, None] * time)
    share: Array = (1.0 - gone) / (1.0 + (q / p)[:, None] * gone)
    return share


def fit_bass(sales: Array) -> Bass:
    """Fit a Bass curve to the sales of each period since launch by nonlinear least squares.

    Parameters
    ----------
    sales : array of periods
        Units, at least four periods with some sale.

    Examples
    --------
    >>> found = fit_bass(Bass(0.010399, 0.41861, 16895.0).per_period(16))
    >>> round(found.p, 5), round(found.q, 4), round(found.m)
    (0.0104, 0.4186, 16895)
    """
    if len(sales) < 4 or not sales.sum() > 0:
        raise ValueError("a Bass curve needs four periods of sales")
    from scipy.optimize import least_squares

    size = float(sales.sum())

    def curve(values: Array) -> Array:
        p, q, m = np.exp(values)
        units: Array = size * m * np.diff(shares_sold(np.arange(len(sales) + 1.0), np.array([p]), np.array([q]))[0])
        return units

    starts = [np.log([p, q, 1.3]) for p in (0.003, 0.03) for q in (0.05, 0.4)]
    limits = ([np.log(1e-6), np.log(1e-6), np.log(0.5)], [0.0, np.log(3.0), np.log(1e3)])
    tried = [least_squares(lambda v: (curve(v) - sales) / size, start, bounds=limits, xtol=1e-12) for start in starts]
    p, q, m = np.exp(min(tried, key=lambda fit: fit.cost).x)
    return Bass(float(p), float(q), float(m * size))


@dataclass(frozen=True)
class Curves:
    """Bass curves of many launches, each fitted to few and noisy weeks.

    Parameters
    ----------
    p, q, m : arrays of launches
        See :class:`Bass`; per week.
    """

    p: Array
    q: Array
    m: Array

    def per_week(self, weeks: int) -> Array:
        """Return the units of each week since launch: launches × weeks."""
        units: Array = self.m[:, None] * np.diff(shares_sold(np.arange(weeks + 1.0), self.p, self.q), axis=1)
        return units


def fit_curves(paths: Array) -> Curves:
    """Fit Bass curves to many launches at once, each drawn to what is usual among all (empirical Bayes, MAP).

    Every pair of p and q on a grid is tried; for each, m is the one that sells what was sold. The likelihood is quasi-Poisson, divided by the
    dispersion of the launch, so that one large order does not rule the curve. The prior on ln p and ln q is normal: first a wide one, then the
    mean and spread of what the first found.

    Parameters
    ----------
    paths : array, launches × weeks
        Units of each week since launch; NaN where not known yet.
    """
    p, q = (grid.ravel() for grid in np.meshgrid(INNOVATION, IMITATION, indexing="ij"))
    shape = np.diff(shares_sold(np.arange(paths.shape[1] + 1.0), p, q), axis=1)
    known = ~np.isnan(paths)
    units = np.where(known, paths, 0.0)
    total, weeks = units.sum(axis=1), known.sum(axis=1)
    reached = np.maximum(known @ shape.T, 1e-9)
    m = np.maximum(total[:, None], 0.1) / reached
    mean = np.maximum(total / np.maximum(weeks, 1), 0.1)
    dispersion = np.maximum(((units - mean[:, None]) ** 2 * known).sum(axis=1) / np.maximum(weeks - 1, 1) / mean, 1.0)
    likelihood = (
        units @ np.log(np.maximum(shape, 1e-12)).T + total[:, None] * np.log(m) - total[:, None]
    ) / dispersion[:, None]
    place = np.array([np.log(USUAL_INNOVATION), np.log(USUAL_IMITATION)])
    spread = np.full(2, PRIOR_SPREAD)
    chosen = np.zeros(len(paths), dtype=np.int64)
    for _ in range(3):
        prior = -0.5 * (((np.log(p) - place[0]) / spread[0]) ** 2 + ((np.log(q) - place[1]) / spread[1]) ** 2)
        chosen = (likelihood + prior).argmax(axis=1)
        old = weeks >= 8
        if old.sum() < 10:
            break
        found = np.stack([np.log(p[chosen[old]]), np.log(q[chosen[old]])])
        place, spread = np.median(found, axis=1), np.clip(found.std(axis=1), LEAST_SPREAD, PRIOR_SPREAD)
    return Curves(p[chosen], q[chosen], m[np.arange(len(paths)), chosen])
