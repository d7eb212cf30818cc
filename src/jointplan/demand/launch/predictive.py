r"""What a new product may sell, from the launches it is like and from its own first weeks.

Each course is that of an analogue: its real weeks since launch, and its Bass curve beyond them. Before the first sale an analogue weighs by how
like it is. Once :math:`w` weeks are known with :math:`C` units, against :math:`C_i` of the analogue, what it sells tells more than what it looks like:

.. math::
    \ln w_i \leftarrow \tfrac12 \ln w_i - \tfrac12 \Big(\frac{d_i}{0.5}\Big)^2, \qquad d_i = \ln\frac{C+1}{C_i+1}, \qquad
    \text{scale}_i = \exp\!\Big(\frac{w}{w+1}\,d_i\Big)

No two products sell alike, so each course is scaled once more by a log-normal factor, and weeks are whole units. The constants were chosen on Online
Retail's launches up to November 2010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand.launch.bass import Curves, fit_curves
from jointplan.demand.launch.history import OPENING_WEEKS, Index, Products, lowered

Array = npt.NDArray[np.float64]

SPREAD = 0.5
"""Standard deviation of the logarithm of a product's scale over its analogue's."""

SCALES = np.exp(SPREAD * np.array([-1.59, -0.97, -0.59, -0.28, 0.0, 0.28, 0.59, 0.97, 1.59]))
"""Equally likely scales: the middles of nine slices of a normal distribution."""

FEW = 5.0
"""Units of an analogue from which half of that spread counts."""

UNREAL = 1.0
"""Logarithm of what a course counts for of which no week is real."""

BANDWIDTH = 0.5
ONCE_SOLD = 0.5
"""What likeness still counts for once something is sold."""

LEAST_WEEKS = 4
"""Weeks since launch from which a product is an analogue."""

LEAST_ANALOGUES = 20
"""Launches below which products that were always there stand in."""

LEAST_COUNTING = 5
"""Analogues that count at least."""

STAND_IN = -2.0
"""Logarithm of what such a stand-in counts for."""

LEAST_DISPERSION, MOST_DISPERSION = 0.2, 5.0


@dataclass(frozen=True)
class Analogues:
    """Courses of earlier launches.

    Parameters
    ----------
    rows : array of int
        Products.
    course : array, analogues × weeks
        Units of each week since launch: real ones, and those of the Bass curve beyond.
    real : array of int
        Weeks that are real.
    curves : Curves
        The Bass curves.
    penalty : array
        Logarithm of what each counts for, for being a stand-in.
    dispersion : float
        Variance of weekly units beyond that of counting, over the squared mean.
    """

    rows: Index
    course: Array
    real: Index
    curves: Curves
    penalty: Array
    dispersion: float

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Courses:
    """What may happen to a new product.

    Parameters
    ----------
    ahead : array, courses × weeks
        Units of the weeks to come.
    weight : array of analogues
        Chance that the product goes as each analogue does.
    analogue : array of courses
        The analogue that each course is of.
    p, q, m : floats
        Bass curve to expect: medians over the courses.
    """

    ahead: Array
    weight: Array
    analogue: Index
    p: float
    q: float
    m: float

    def total(self, weeks: int) -> Array:
        """Return the units of the next weeks: courses."""
        units: Array = self.ahead[:, :weeks].sum(axis=1)
        return units


def find_analogues(products: Products, weeks: int, *, most: int | None = None) -> Analogues:
    """Find the launches that were seen, with their courses over some weeks.

    Parameters
    ----------
    products : Products
        All products, up to the day of the forecast.
    weeks : int
        Weeks since launch that a course has to reach.
    most : int or None
        Launches at most, the last ones; None: all.
    """
    rows = products.launched(LEAST_WEEKS)
    if most is not None and len(rows) > most:
        rows = np.sort(rows[np.argsort(products.first[rows], kind="stable")[-most:]])
    paths = products.since_launch(rows, weeks)
    penalty = np.zeros(len(rows))
    if len(rows) < LEAST_ANALOGUES:
        old = np.flatnonzero((products.first < OPENING_WEEKS) & (products.units.sum(axis=1) > 0))
        taken = lowered(products.units[old, max(products.weeks - weeks, 0) :])
        beyond = np.full((len(old), weeks - taken.shape[1]), np.nan)
        paths = np.concatenate([paths, np.concatenate([taken, beyond], axis=1)])
        rows, penalty = np.concatenate([rows, old]), np.concatenate([penalty, np.full(len(old), STAND_IN)])
    curves = fit_curves(paths)
    bass = curves.per_week(weeks)
    known = ~np.isnan(paths)
    return Analogues(
        rows, np.where(known, paths, bass), known.sum(axis=1), curves, penalty, _dispersion(paths, bass, known)
    )


def draw_courses(
    known: Array, near: Array, analogues: Analogues, weeks: int, draws: int, rng: np.random.Generator
) -> Courses:
    """Draw courses of a new product.

    Parameters
    ----------
    known : array of weeks
        Units of its weeks since launch; none before it.
    near : array of analogues
        From :func:`jointplan.demand.launch.analogues.likeness`.
    analogues : Analogues
        At least one other than the product itself.
    weeks : int
        Weeks to draw, from the first that is not known.
    draws : int
        Courses.
    rng : Generator
        Draws them.
    """
    chance, scale = _weighed(known, near, analogues, weeks)
    seen = len(known)
    # Systematic sampling: the same number of courses tells more than independent picks.
    steps = (np.arange(draws) + rng.random()) / draws
    cells = np.repeat(chance, len(SCALES)) / len(SCALES)
    place = np.minimum(np.searchsorted(np.cumsum(cells), steps), len(cells) - 1)
    analogue, slot = np.divmod(place, len(SCALES))
    factor = (scale[:, None] * _scales(analogues, seen, weeks))[analogue, slot]
    rate = analogues.course[analogue, seen : seen + weeks] * factor[:, None]
    smooth = np.arange(seen, seen + weeks) >= analogues.real[analogue][:, None]
    noise = rng.gamma(1.0 / analogues.dispersion, analogues.dispersion, rate.shape)
    smooth_units = rng.poisson(np.minimum(np.where(smooth, rate * noise, 0.0), 1e15))
    # Real weeks bring their own ups and downs; they are only made whole units, as likely up as down.
    ahead = np.where(smooth, smooth_units, np.floor(rate + rng.random(rate.shape))).astype(np.float64)
    if not seen:
        ahead[:, 0] = np.maximum(ahead[:, 0], 1.0)  # the first week is the one in which something is sold
    curves = analogues.curves
    return Courses(
        ahead,
        chance,
        analogue,
        float(np.median(curves.p[analogue])),
        float(np.median(curves.q[analogue])),
        float(np.median(curves.m[analogue] * factor)),
    )


def expected_course(known: Array, near: Array, analogues: Analogues, weeks: int) -> Array:
    """Return the mean of the courses of a new product, without drawing any: units of each week to come; see :func:`draw_courses`."""
    chance, scale = _weighed(known, near, analogues, weeks)
    seen = len(known)
    factor = scale * _scales(analogues, seen, weeks).mean(axis=1)
    course: Array = (chance * factor) @ analogues.course[:, seen : seen + weeks]
    return course


def _weighed(known: Array, near: Array, analogues: Analogues, weeks: int) -> tuple[Array, Array]:
    # The chance that a product goes as each analogue does, and what it then sells of what that did.
    known, seen = lowered(known[None], analogues.course)[0], len(known)
    logarithm = near * (ONCE_SOLD if seen else 1.0) + analogues.penalty
    # A course of which little is real counts for less: what a curve adds is no experience.
    logarithm = logarithm - UNREAL * np.clip(1.0 - (analogues.real - seen) / max(weeks, 1), 0.0, 1.0)
    scale = np.ones(len(analogues))
    if seen:
        apart = np.log(known.sum() + 1.0) - np.log(analogues.course[:, :seen].sum(axis=1) + 1.0)
        # Where nothing sold like it, the nearest are taken rather than none.
        logarithm = logarithm - 0.5 * (apart / max(BANDWIDTH, float(np.abs(apart).min()) / 3.0)) ** 2
        scale = np.exp(seen / (seen + 1.0) * apart)
    return _chances(logarithm), scale


def _scales(analogues: Analogues, seen: int, weeks: int) -> Array:
    # How differently a product may sell from each analogue: analogues × slots. What sold a few units owes them to chance already, and is scaled the less for it.
    sold = analogues.course[:, seen : seen + weeks].sum(axis=1)
    scales: Array = SCALES ** (sold / (sold + FEW))[:, None]
    return scales


def _chances(logarithm: Array) -> Array:
    # Weights in which at least five analogues count, as 1 / Σw² counts them: one that looks the same is still but one case.
    gap = logarithm - logarithm.max()
    least = min(LEAST_COUNTING, int(np.isfinite(gap).sum()))
    low, high, power = 0.0, 1.0, 1.0
    for _ in range(20):
        weight = np.exp(np.where(np.isfinite(gap), power * gap, -np.inf))
        weight /= weight.sum()
        enough = 1.0 / float(weight @ weight) >= 0.999 * least
        if power == 1.0 and enough:
            break
        low, high = (power, high) if enough else (low, power)
        power = (low + high) / 2.0
    return weight


def _dispersion(paths: Array, mean: Array, known: npt.NDArray[np.bool_]) -> float:
    off = np.where(known, (np.nan_to_num(paths) - mean) ** 2 - mean, 0.0).sum(axis=1)
    size = (mean**2 * known).sum(axis=1)
    usual = float(np.median(off / np.maximum(size, 1e-9))) if len(paths) else 1.0
    return float(np.clip(usual, LEAST_DISPERSION, MOST_DISPERSION))
