"""How well past launches were foretold, from what was known then.

Each launch that was seen is foretold when it begins, and after two and four weeks: the units of the following weeks. Beside the courses of
:mod:`jointplan.demand.launch.predictive` stand

``family``         the units that earlier launches of the family sold in the same weeks since launch, as a distribution (all launches where the family has fewer than ten);
``family_mean``    their mean;
``scaled_naive``   the rate so far, times the distribution of what earlier launches then did with theirs;
``rate_so_far``    the rate so far alone.

``given`` is what is given in the end, learnt from what was known by then: before the first sale it goes by the family where that lost less on
launches that were over, and its quantiles are read at the chances they really had (conformal calibration, by the randomised transform). Launches
under way teach it too, by the weeks that they have behind them: what is foretold of 13 weeks would else be judged by launches of months ago.

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

CHECKS = (4, 6, 8, 10)
"""Weeks foretold after which a launch under way is first held against what it sold."""

STEADINESS = 5.0
"""Launches that weigh as much as the belief that a distribution is right as it stands."""

RECENT = 60
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
    sold : array of checks
        What it then sold up to each check of :func:`checks_of`, the last being all weeks foretold; NaN where that is still to come.
    deciles : dict of arrays
        By method, of all weeks foretold.
    fine : dict of arrays, checks × chances
        Quantiles at :data:`FINE` of the courses and the family.
    checks : tuple of int
        Weeks of each check.
    """

    row: int
    age: int
    week: int
    sold: Array
    deciles: dict[str, Array]
    fine: dict[str, Array]
    checks: tuple[int, ...]

    @property
    def units(self) -> float:
        """What it sold in all weeks foretold."""
        return float(self.sold[-1])

    def known(self, when: int) -> int:
        """Return how many of its checks lay behind when so many weeks of the records were known."""
        return sum(self.week + check <= when for check in self.checks)

    def over(self, when: int) -> bool:
        """Tell whether all that was foretold lay behind by then."""
        return self.known(when) == len(self.checks)

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


def checks_of(weeks: int) -> tuple[int, ...]:
    """Return the weeks after which a forecast of so many weeks is held against what was sold."""
    return (*(check for check in CHECKS if check < weeks), weeks)


def learn_given(trials: Sequence[Trial], age: int, when: int) -> Given:
    """Learn from past launches of an age how the next ones are to be given; as the courses stand where few are over.

    Parameters
    ----------
    trials : sequence of Trial
        Past launches; of those under way, only the checks that lay behind are read.
    age : int
        Weeks since launch that are known.
    when : int
        Weeks of the records that are known.
    """
    tried = sorted((trial for trial in trials if trial.age == age), key=lambda trial: (trial.week, trial.row))
    over = [trial for trial in tried if trial.over(when)]
    if len(over) < LEAST_LAUNCHES:
        return Given(COURSES, FINE)
    lost = {method: sum(trial.loss(method) for trial in over) for method in (COURSES, FAMILY)}
    method = FAMILY if age == 0 and lost[FAMILY] < lost[COURSES] else COURSES
    late = [(trial, known - 1) for trial in tried if (known := trial.known(when))][-RECENT:]
    units = np.array([[trial.sold[check]] for trial, check in late])
    quantiles = np.array([trial.fine[method][check] for trial, check in late])
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
    """Foretell past launches, those included that are under way.

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
    soonest = checks_of(weeks)[0]
    rows = products.launched(soonest)
    rows = rows[first[rows] >= since]
    if most is not None and len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    seed = int(rng.integers(2**63))
    cases = []
    for when in sorted({int(first[row]) + age for row in rows for age in AGES}):
        by_age = [(age, rows[first[rows] == when - age]) for age in AGES]
        if when + soonest <= products.weeks and any(len(new) for _, new in by_age):
            cases.append((when, by_age))
    tasks = [
        PastWeeks(products, titles, tuple(cases[begin : begin + PAST_WEEKS]), weeks, draws, seed)
        for begin in range(0, len(cases), PAST_WEEKS)
    ]
    trials = [trial for made in run_tasks(try_weeks, tasks, workers=workers) for trial in made]
    for (when, age), these in _by_week(trials).items():
        known = learn_given(trials, age, when)
        for trial in these:
            trial.deciles[GIVEN] = known.read(trial.fine[known.method][-1], DECILES)
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
    checks = checks_of(weeks)
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
            courses = draw_courses(known, near[place], analogues, weeks, draws, rng)
            deciles[COURSES] = np.quantile(courses.total(weeks), DECILES)
            fine = {COURSES: _checked(courses.ahead, checks), FAMILY: _checked(family[:, age:], checks)}
            sold = np.array(
                [
                    products.units[row, when : when + check].sum() if when + check <= products.weeks else np.nan
                    for check in checks
                ]
            )
            trials.append(Trial(row, age, when, sold, deciles, fine, checks))
    return trials


def _checked(ahead: Array, checks: tuple[int, ...]) -> Array:
    # Quantiles of the units up to each check: checks × chances.
    return np.stack([np.quantile(ahead[:, :check].sum(axis=1), FINE) for check in checks])


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
    """Return how well each method did on launches that are over, by age, with intervals over launches."""
    scores = []
    for age in AGES:
        tried = [trial for trial in trials if trial.age == age and not np.isnan(trial.units)]
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
