"""How well past launches were foretold, from what was known then.

Each launch that was seen is foretold when it begins, and after two and four weeks: the units of the following weeks. Beside the courses of
:mod:`jointplan.demand.launch.predictive` stand

``family``         the units that earlier launches of the family sold in the same weeks since launch, as a distribution (all launches where the family has fewer than ten);
``family_mean``    their mean;
``scaled_naive``   the rate so far, times the distribution of what earlier launches then did with theirs;
``rate_so_far``    the rate so far alone.

``given`` is what is given in the end, learnt from launches that were over by then: before the first sale it goes by the family where that lost
less, and its quantiles are read at the chances they really had (conformal calibration, by the randomised transform).

The loss is the pinball loss of nine deciles of ln(1 + units): a product ten times as large counts as much as a small one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand import scoring
from jointplan.demand.launch.analogues import Titles, likeness
from jointplan.demand.launch.history import Index, Products
from jointplan.demand.launch.predictive import draw_courses, find_analogues
from jointplan.engine import run_tasks

Array = npt.NDArray[np.float64]

DECILES = np.arange(1, 10) / 10.0
AGES = (0, 2, 4)
COURSES, FAMILY, FAMILY_MEAN, SCALED_NAIVE, RATE_SO_FAR = (
    "courses",
    "family",
    "family_mean",
    "scaled_naive",
    "rate_so_far",
)
GIVEN = "given"
METHODS = (GIVEN, COURSES, FAMILY, FAMILY_MEAN, SCALED_NAIVE, RATE_SO_FAR)
FINE = np.arange(1, 40) / 40.0
"""Chances at which a distribution is kept."""

STEADINESS = 20.0
"""Launches that weigh as much as the belief that a distribution is right as it stands."""

RECENT = 80
"""Launches, the last ones, that a calibration rests on: launches of long ago were otherwise."""

BELIEF_IN_PLACE = 0.5
"""Share of what past launches say of the place of a distribution, not only of its width, that is believed."""

LEAST_LAUNCHES = 10
"""Earlier launches that must be over for a launch to be tried, or for a family to speak for itself."""

PAST_WEEKS = 8
"""Past weeks of a task: its products are sent but once."""


@dataclass(frozen=True)
class Trial:
    """A past launch foretold.

    Parameters
    ----------
    row, age, week : int
        Product, weeks since launch that were known, and the week of the records it was foretold in.
    units : float
        What it then sold.
    deciles : dict of arrays
        By method.
    fine : dict of arrays
        Quantiles at :data:`FINE` of the courses and the family.
    """

    row: int
    age: int
    week: int
    units: float
    deciles: dict[str, Array]
    fine: dict[str, Array]

    def loss(self, method: str, *, logarithm: bool = True) -> float:
        """Return the pinball loss, of ln(1 + units) or of units."""
        actual, deciles = self.units, self.deciles[method]
        if logarithm:
            actual, deciles = float(np.log1p(actual)), np.log1p(deciles)
        error = actual - deciles
        return float(np.maximum(DECILES * error, (DECILES - 1.0) * error).mean())

    def inside(self, method: str) -> bool:
        """Tell whether the units fell between the first and the last decile."""
        return bool(self.deciles[method][0] <= self.units <= self.deciles[method][-1])

    def held(self, method: str) -> float:
        """Return the chance that they did by the randomised transform, which few units do not flatter."""
        start, stop = scoring.chance_below(np.array([self.units]), self.deciles[method][:, None], DECILES)
        return float(scoring.overlap(start, stop, 0.8)[0])


@dataclass(frozen=True)
class Given:
    """How launches of an age are given.

    Parameters
    ----------
    method : str
        ``courses``, or ``family`` where that lost less before the first sale.
    real : array
        Chance that each quantile at :data:`FINE` really had.
    """

    method: str
    real: Array

    def read(self, quantile_at: Array, wanted: Array) -> Array:
        """Return quantiles at the wanted chances of a distribution with quantiles at :data:`FINE`."""
        chances = np.interp(wanted, np.r_[0.0, self.real, 1.0], np.r_[0.0, FINE, 1.0])
        units: Array = np.interp(chances, FINE, quantile_at)
        return units

    def redrawn(self, units: Array) -> Array:
        """Return equally likely draws, as many as those given, that are as spread as launches really were."""
        chances = (np.arange(len(units)) + 0.5) / len(units)
        read = np.interp(chances, np.r_[0.0, self.real, 1.0], np.r_[0.0, FINE, 1.0])
        drawn: Array = np.quantile(units, read, method="inverted_cdf")
        return drawn


def learn_given(trials: Sequence[Trial], age: int) -> Given:
    """Learn from past launches of an age how the next ones are to be given; as the courses stand where there are few."""
    tried = sorted((trial for trial in trials if trial.age == age), key=lambda trial: (trial.week, trial.row))
    if len(tried) < LEAST_LAUNCHES:
        return Given(COURSES, FINE)
    lost = {method: sum(trial.loss(method) for trial in tried) for method in (COURSES, FAMILY)}
    method = FAMILY if age == 0 and lost[FAMILY] < lost[COURSES] else COURSES
    late = tried[-RECENT:]
    units, quantiles = np.array([[trial.units] for trial in late]), np.array([trial.fine[method] for trial in late])
    start, stop = (chance[:, 0] for chance in scoring.chance_below(units, quantiles[:, :, None], FINE))
    below = np.clip((FINE[:, None] - start) / np.maximum(stop - start, 1e-6), 0.0, 1.0).sum(axis=1)
    real = (below + STEADINESS * FINE) / (len(late) + STEADINESS)
    width = (real + 1.0 - real[::-1]) / 2.0
    return Given(method, np.maximum.accumulate(width + BELIEF_IN_PLACE * (real - width)))


@dataclass(frozen=True)
class PastWeeks:
    """Past weeks in which launches are foretold.

    Parameters
    ----------
    products : Products
        All products up to today.
    titles : Titles
        Of the same.
    cases : tuple
        Of each week: which it is, and by weeks since launch the products of that age.
    weeks, draws : int
        Weeks foretold, and courses of each launch.
    seed : int
        Of the courses; every week draws by a seed of its own.
    """

    products: Products
    titles: Titles
    cases: tuple[tuple[int, list[tuple[int, Index]]], ...]
    weeks: int
    draws: int
    seed: int


@dataclass(frozen=True)
class LaunchScore:
    """How well a method foretold launches of an age.

    Parameters
    ----------
    age : int
        Weeks since launch that were known.
    method : str
        Name.
    launches : int
        Launches tried.
    pinball, pinball_units : float
        Mean loss of ln(1 + units), and of units.
    ratio, low, high : float
        Loss of what is given over this one's, with its 95 % interval over launches.
    coverage80, coverage80_raw : float
        Share inside the first and last decile, by the randomised transform and as it stands.
    """

    age: int
    method: str
    launches: int
    pinball: float
    pinball_units: float
    ratio: float
    low: float
    high: float
    coverage80: float
    coverage80_raw: float


def try_launches(
    products: Products,
    titles: Titles,
    weeks: int,
    draws: int,
    rng: np.random.Generator,
    *,
    most: int | None = None,
    since: int = 0,
    workers: int | None = 1,
) -> list[Trial]:
    """Foretell past launches.

    Parameters
    ----------
    products : Products
        All products up to today.
    titles : Titles
        Of the same.
    weeks : int
        Weeks foretold.
    draws : int
        Courses of each.
    rng : Generator
        Draws them.
    most : int or None
        Launches to try at most, at random.
    since : int
        First week of the records in which a launch is tried.
    workers : int or None
        Processes; None: all cores.
    """
    first = products.first
    rows = products.launched(weeks)
    rows = rows[first[rows] >= since]
    if most is not None and len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    seed = int(rng.integers(2**63))
    cases = []
    for when in sorted({int(first[row]) + age for row in rows for age in AGES}):
        by_age = [(age, rows[first[rows] == when - age]) for age in AGES]
        if when + weeks <= products.weeks and any(len(new) for _, new in by_age):
            cases.append((when, by_age))
    tasks = [
        PastWeeks(products, titles, tuple(cases[begin : begin + PAST_WEEKS]), weeks, draws, seed)
        for begin in range(0, len(cases), PAST_WEEKS)
    ]
    trials = [trial for made in run_tasks(try_weeks, tasks, workers=workers) for trial in made]
    for (when, age), these in _by_week(trials).items():
        known = learn_given([trial for trial in trials if trial.week + weeks <= when], age)
        for trial in these:
            trial.deciles[GIVEN] = known.read(trial.fine[known.method], DECILES)
    return trials


def _by_week(trials: Sequence[Trial]) -> dict[tuple[int, int], list[Trial]]:
    found: dict[tuple[int, int], list[Trial]] = {}
    for trial in trials:
        found.setdefault((trial.week, trial.age), []).append(trial)
    return found


def try_weeks(past: PastWeeks) -> list[Trial]:
    """Foretell the launches of some past weeks."""
    return [trial for when, cases in past.cases for trial in _try_week(past, when, cases)]


def _try_week(past: PastWeeks, when: int, cases: list[tuple[int, Index]]) -> list[Trial]:
    products, titles, weeks, draws = past.products, past.titles, past.weeks, past.draws
    rng = np.random.default_rng([past.seed, when])
    then = products.until(when)
    if len(then.launched(weeks)) < LEAST_LAUNCHES:
        return []
    analogues = find_analogues(then, max(AGES) + weeks)
    trials = []
    for age, new in cases:
        over = then.launched(age + weeks)
        if len(over) < LEAST_LAUNCHES or not len(new):
            continue
        paths = then.since_launch(over, age + weeks)
        near = likeness(products, titles, new, analogues.rows)
        for place, row in enumerate(new.tolist()):
            known = products.units[row, when - age : when]
            kin = products.family[over] == products.family[row]
            family = paths[kin] if kin.sum() >= LEAST_LAUNCHES else paths
            deciles = _plain(family, paths, known, weeks)
            total = draw_courses(known, near[place], analogues, weeks, draws, rng).total(weeks)
            deciles[COURSES] = np.quantile(total, DECILES)
            fine = {COURSES: np.quantile(total, FINE), FAMILY: np.quantile(family[:, age:].sum(axis=1), FINE)}
            units = float(products.units[row, when : when + weeks].sum())
            trials.append(Trial(row, age, when, units, deciles, fine))
    return trials


def _plain(family: Array, everyone: Array, known: Array, weeks: int) -> dict[str, Array]:
    age = len(known)
    total = family[:, age:].sum(axis=1)
    plain = {FAMILY: np.quantile(total, DECILES), FAMILY_MEAN: np.full(len(DECILES), total.mean())}
    if age:
        rate = float(known.mean()) * weeks
        before = everyone[:, :age].mean(axis=1) * weeks
        ratio = np.quantile((everyone[:, age:].sum(axis=1) + 1.0) / (before + 1.0), DECILES)
        plain[SCALED_NAIVE] = np.maximum((rate + 1.0) * ratio - 1.0, 0.0)
        plain[RATE_SO_FAR] = np.full(len(DECILES), rate)
    return plain


def score_launches(trials: list[Trial], draws: int, rng: np.random.Generator) -> list[LaunchScore]:
    """Return how well each method did, by age, with intervals over launches."""
    scores = []
    for age in AGES:
        tried = [trial for trial in trials if trial.age == age]
        if len(tried) < 2:
            continue
        ours = np.array([trial.loss(GIVEN) for trial in tried])
        picks = rng.integers(0, len(tried), (draws, len(tried)))
        for method in METHODS:
            if method not in tried[0].deciles:
                continue
            loss = np.array([trial.loss(method) for trial in tried])
            ratios = ours[picks].sum(axis=1) / np.maximum(loss[picks].sum(axis=1), 1e-12)
            low, high = np.quantile(ratios, [0.025, 0.975])
            scores.append(
                LaunchScore(
                    age=age,
                    method=method,
                    launches=len(tried),
                    pinball=float(loss.mean()),
                    pinball_units=float(np.mean([trial.loss(method, logarithm=False) for trial in tried])),
                    ratio=float(ours.sum() / max(loss.sum(), 1e-12)),
                    low=float(low),
                    high=float(high),
                    coverage80=float(np.mean([trial.held(method) for trial in tried])),
                    coverage80_raw=float(np.mean([trial.inside(method) for trial in tried])),
                )
            )
    return scores
