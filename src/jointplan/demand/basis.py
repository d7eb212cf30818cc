"""One basis of forecasts: every series of a panel, from the rows of that panel alone."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from jointplan.demand.accuracy import (
    CLASSES,
    Part,
    Scored,
    SeriesScore,
    losses_by_monday,
    parts,
    series_scores,
    tally,
    untold,
)
from jointplan.demand.families import SHARED_DOWN, judge_families, put_right, try_members
from jointplan.demand.fans import Calibration, Fan, Tried, learn_blend, learn_calibration, read_anew
from jointplan.demand.judge import ENDED, Judged, Monday, apart, demand_classes, judge, past_mondays
from jointplan.demand.launching import launched_units, with_launches
from jointplan.demand.learned import Learned
from jointplan.demand.levelling import levelled_by_age, levels_by_age
from jointplan.demand.models import SEASONAL_NAIVE
from jointplan.demand.outlook import COMBINATION, FLAT, LAST_SEASON, Candidate, Expectation, candidates, look_ahead
from jointplan.demand.panel import YOUNG, Panel
from jointplan.demand.promoting import lifted, lifts
from jointplan.demand.reconcile import corrections_by_totals
from jointplan.demand.scoring import naive_errors
from jointplan.demand.settings import ForecastSettings
from jointplan.demand.teaching import is_small, teach, wanted
from jointplan.demand.totals import Kind, add_up, kinds_of, sums_of
from jointplan.demand.trials import CHANCES, NINE, UNTRIED, Tally, Trial, chances_by_class, learn_corrections, score
from jointplan.demand.widening import missed_by_age, widened_by_age

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Learnt = TypeVar("Learnt")
Labels = npt.NDArray[np.str_]
Mask = npt.NDArray[np.bool_]

WITH_TREES = " + LightGBM"
"""What is added to the name of a model that the trees are put together with."""

SPARSE = CLASSES.index("sparse")

CHOSEN = "chosen"
"""Name, in the accuracy table, of the forecasts as they are given."""


@dataclass(frozen=True)
class Task:
    """What to forecast.

    Parameters
    ----------
    name : str
        ``own:<owner>`` or ``shared``.
    panel : Panel
        The only sales that may be used.
    weeks : int
        Weeks to come.
    seed : int
        For the samples taken from very many series.
    settings : ForecastSettings
        See there.
    workers : int or None
        Processes that this task may start; None: all cores.
    totals : bool
        Whether to try bands of totals on past Mondays.
    """

    name: str
    panel: Panel
    weeks: int
    seed: int
    settings: ForecastSettings
    workers: int | None = 1
    totals: bool = False

    @property
    def seeds(self) -> tuple[int, int]:
        """Seed of the basis: it depends on its name, not on which other bases there are."""
        return self.seed, zlib.crc32(self.name.encode())


@dataclass(frozen=True)
class Accuracy:
    """One row of the **accuracy** table, the basis apart."""

    level: str
    model: str
    chosen: int
    tally: Tally


@dataclass(frozen=True)
class BasisForecast:
    """Forecasts of all series of a panel.

    Parameters
    ----------
    mean : array, series × weeks
        Units per week.
    quantiles : array, series × levels × weeks
        Units per week.
    model : array of str
        How each series was forecast.
    accuracy : tuple of Accuracy
        Errors on past Mondays; the row ``chosen`` is of the forecasts as they are given.
    best : str
        The single model that would have done best for all series alike; blank where none was tried.
    parts : tuple of Part
        Errors of the forecasts as they are given, by class, age, market and weeks ahead.
    series : tuple of SeriesScore
        The same by series, worst first.
    kind : array of int
        Class of each series, a place in :data:`jointplan.demand.accuracy.CLASSES`.
    losses : array, series × past Mondays × 2
        See :func:`jointplan.demand.accuracy.losses_by_monday`.
    missed : tuple of dicts
        How far totals lay from the middle of their bands on each past Monday, see :meth:`jointplan.demand.totals.Totals.missed`.
    """

    mean: Array
    quantiles: Array
    model: Labels
    accuracy: tuple[Accuracy, ...]
    best: str
    parts: tuple[Part, ...]
    series: tuple[SeriesScore, ...]
    kind: Index
    losses: Array
    missed: tuple[dict[Kind, float], ...]


@dataclass(frozen=True)
class _Made:
    """Some series of a basis, forecast in one way."""

    fan: Fan
    model: Labels
    accuracy: tuple[Accuracy, ...]
    scored: tuple[Scored, ...]
    tried: tuple[Tried, ...]
    kind: Index
    best: str = ""


def forecast_basis(task: Task) -> BasisForecast:
    """Forecast all series of a task."""
    panel = task.panel
    rng = np.random.default_rng(task.seeds)
    mean = np.zeros((len(panel), task.weeks))
    quantiles = np.zeros((len(panel), len(CHANCES), task.weeks))
    model = np.full(len(panel), ENDED, dtype="U80")
    kind = np.full(len(panel), SPARSE)
    accuracy: list[Accuracy] = []
    scored: list[Scored] = []
    mondays: list[list[Scored]] = []
    tried: list[tuple[Tried, ...]] = []
    best = ""
    sparse = is_sparse(panel, panel.weeks, task.settings)
    launched = [
        launched_units(
            panel.as_known(cutoff, task.settings.spike_factor),
            cutoff,
            min(task.weeks, panel.weeks - cutoff) or task.weeks,
        )
        for cutoff in _cutoffs(panel, task)
    ]
    for pooled in (False, True):
        rows = np.flatnonzero(sparse == pooled)
        if len(rows):
            made = (
                _forecast_pooled(rows, task, launched, rng, best)
                if pooled
                else _forecast_alone(rows, task, launched, rng)
            )
            mean[rows], quantiles[rows], model[rows] = made.fan.mean, made.fan.rounded(), made.model
            kind[rows] = made.kind
            accuracy += made.accuracy
            scored += made.scored
            # Series that began later were tried on fewer Mondays, the last ones.
            mondays += [[] for _ in range(len(made.scored) - len(mondays))]
            for place, one in enumerate(reversed(made.scored)):
                mondays[place].append(one)
            tried.append(made.tried)
            best = best or made.best
    accuracy.append(Accuracy("series", CHOSEN, len(panel), tally(scored)))
    told = tuple(parts(scored, panel.market, panel.worth))
    if not told and (never_changed := _unchanging(task)):
        told = (untold(never_changed),)
    return BasisForecast(
        mean,
        quantiles,
        model,
        tuple(accuracy),
        best,
        told,
        tuple(series_scores(scored, kind)),
        kind,
        losses_by_monday(mondays, len(panel)),
        _missed_totals(task, tried) if task.totals else (),
    )


def _unchanging(task: Task) -> int:
    """Count the series known for long enough on the last of the past Mondays whose sales had never changed by then."""
    *past, _now = _cutoffs(task.panel, task)
    if not past:
        return 0
    cutoff = past[-1]
    then = task.panel.as_known(cutoff, task.settings.spike_factor)
    changed, _ = naive_errors(then.quantity[:, :cutoff], then.first)
    return int((np.isnan(changed) & (cutoff - then.first >= task.settings.min_history_weeks)).sum())


def _missed_totals(task: Task, tried: Sequence[tuple[Tried, ...]]) -> tuple[dict[Kind, float], ...]:
    """Return how far totals of the series tried lay from the middle of their bands on each past Monday."""
    missed = []
    for back, cutoff in enumerate(reversed(past_mondays(task.panel.weeks, task.settings)), 1):
        # Series that began later were tried on fewer Mondays, the last ones.
        fans = [one[-back] for one in tried if len(one) >= back]
        if not fans:
            continue
        rows = np.concatenate([one.rows for one in fans])
        if not len(rows):
            continue
        then = task.panel.as_known(cutoff, task.settings.spike_factor)
        kinds = {kind: names[rows] for kind, names in kinds_of(then).items()}
        mean = np.concatenate([one.fan.mean for one in fans])
        quantiles = np.concatenate([one.fan.rounded() for one in fans])
        known = then.quantity[rows, :cutoff]
        later = np.nan_to_num(then.actual(cutoff, mean.shape[1], task.settings.spike_factor)[rows])
        whole, young = then.grain(cutoff).whole[rows], then.ages(cutoff)[rows] < YOUNG
        totals = add_up(mean, quantiles, known, whole, young, kinds, task.seed)
        missed.append(totals.missed(sums_of(kinds)[2] @ later))
    return tuple(missed)


def is_sparse(panel: Panel, cutoff: int, settings: ForecastSettings) -> Mask:
    """Tell which series had sold in too few weeks by then to be forecast by themselves."""
    sparse: Mask = (panel.quantity[:, :cutoff] > 0).sum(axis=1) < settings.min_nonzero_weeks
    return sparse


def _forecast_alone(rows: Index, task: Task, launched: Sequence[Array], rng: np.random.Generator) -> _Made:
    panel, settings = task.panel.pick(rows), task.settings
    # A series still sparse on a past Monday is not tried there: that it was to sell on was not known then.
    mondays = [
        Monday(cutoff, then, ~is_sparse(then, cutoff, settings))
        for cutoff, then in (
            (cutoff, panel.as_known(cutoff, settings.spike_factor)) for cutoff in _cutoffs(panel, task)
        )
    ]
    judged = judge(mondays, task.weeks, settings, rng, task.workers)
    chances = chances_by_class(judged.kind, judged.corrections)
    tried = [
        _tried(trial, monday.panel.ages(monday.cutoff), judged.chosen, judged.ways, chances)
        for trial, monday in zip(judged.trials, mondays[:-1], strict=True)
    ]
    fan = _fan(judged.now.expect(np.arange(len(rows)), judged.chosen, judged.ways), chances)
    labels = judged.labels()
    promoted = lifts(mondays, task.weeks)
    if promoted is not None:
        past = [factor[trial.rows] for factor, trial in zip(promoted, tried, strict=False)]
        fan, tried = lifted(fan, tried, promoted[-1], past)
    if wanted(panel, settings):
        said, now = teach(mondays, task.weeks, settings, task.seeds, task.workers)
        if now is not None:
            blend = learn_blend(tried, said, judged.kind, proven=is_small(panel, settings))
            alive = ~judged.now.ended
            inner, middle = blend.quantile[judged.kind] * alive, blend.mean[judged.kind] * alive
            fan = fan.mixed(now, inner, middle)
            tried = [
                trial if trees is None else _mixed(trial, trees, inner, middle)
                for trial, trees in zip(tried, said, strict=True)
            ]
            labels = np.where(inner + middle > 0, np.char.add(labels, WITH_TREES), labels)
    factors = None
    if settings.reconcile:
        factors = corrections_by_totals(judged, mondays, task.weeks, settings, rng)
    if factors is not None:
        fan = fan.scaled(factors[1])
        tried = [
            replace(trial, fan=trial.fan.scaled(factor[trial.rows]))
            for trial, factor in zip(tried, factors[0], strict=True)
        ]
    fan, tried = with_launches(fan, tried, launched[-1][rows], _launches(launched, tried, rows))
    table = learn_calibration(tried, judged.kind)
    fan = fan.calibrated(table, judged.kind, panel.festive(panel.weeks, task.weeks))
    age, tried = panel.ages(panel.weeks), [_calibrated(trial, table, judged.kind) for trial in tried]
    cutoffs = [monday.cutoff for monday in mondays[:-1]]
    # Sparse series are put right in their level with their families.
    fan, tried = _by_age(fan, age, tried, cutoffs, levels_by_age, levelled_by_age)
    fan, tried = _by_age(fan, age, tried, cutoffs, missed_by_age, widened_by_age)
    single = _best_single(judged)
    scored = [
        Scored.of(
            _of_basis(one, rows),
            demand_classes(monday.panel, monday.cutoff)[one.rows],
            monday.panel.last_week(monday.cutoff, settings.spike_factor)[one.rows],
            *(_reference(trial, place, one.rows, judged.ways, chances) for place in (_seasonal_naive(judged), single)),
        )
        for one, trial, monday in zip(tried, judged.trials, mondays[:-1], strict=True)
    ]
    return _Made(
        fan,
        labels,
        _candidates(judged, None),
        tuple(scored),
        tuple(_of_basis(one, rows) for one in tried),
        judged.kind,
        "" if single is None else judged.ways[single].label,
    )


def _forecast_pooled(rows: Index, task: Task, launched: Sequence[Array], rng: np.random.Generator, best: str) -> _Made:
    panel, settings = task.panel, task.settings
    mondays = [
        Monday(cutoff, then, is_sparse(then, cutoff, settings))
        for cutoff, then in (
            (cutoff, panel.as_known(cutoff, settings.spike_factor)) for cutoff in _cutoffs(panel, task)
        )
    ]
    families = judge_families(panel, mondays, task.weeks, settings, rng)
    sample, trials, factors = try_members(panel, mondays, families, settings, rng)
    now = families.members(panel, mondays[-1], families.judged.now, rows, settings)
    now = put_right(now, mondays[-1].panel.quantity[rows], panel.ages(panel.weeks)[rows], factors)

    ways, alike = (SHARED_DOWN,), np.zeros(len(sample), dtype=np.int64)
    corrections = learn_corrections(trials, alike, ways, alike, rng)
    chances = chances_by_class(alike, corrections)
    tried = [
        _tried(trial, monday.panel.ages(monday.cutoff)[sample], alike, ways, chances)
        for trial, monday in zip(trials, mondays[:-1], strict=True)
    ]
    everyone = np.zeros(len(rows), dtype=np.int64)
    expected = now.expect(np.arange(len(rows)), everyone, ways)
    fan = _fan(expected, chances_by_class(everyone, corrections))
    promoted = lifts(mondays, task.weeks)
    if promoted is not None:
        past = [factor[sample[trial.rows]] for factor, trial in zip(promoted, tried, strict=False)]
        fan, tried = lifted(fan, tried, promoted[-1][rows], past)
    fan, tried = with_launches(fan, tried, launched[-1][rows], _launches(launched, tried, sample))
    table = learn_calibration(_told(tried, trials), alike)
    ahead = panel.festive(panel.weeks, task.weeks)
    fan = read_anew(fan, expected, corrections.get(0, UNTRIED), table, None if ahead is None else ahead[rows])
    calibrated = [
        replace(one, fan=read_anew(one.fan, said, corrections.get(0, UNTRIED), table, one.festive))
        for one, said in (
            (one, trial.outlook.expect(one.rows, alike[one.rows], ways))
            for one, trial in zip(tried, trials, strict=True)
        )
    ]
    cutoffs = [monday.cutoff for monday in mondays[:-1]]
    fan, tried = _by_age(fan, panel.ages(panel.weeks)[rows], calibrated, cutoffs, missed_by_age, widened_by_age)
    labels = np.char.add(f"{SHARED_DOWN.level}: ", families.judged.labels())[families.group[rows]]
    down = Accuracy(
        "series", SHARED_DOWN.model, int((~now.ended).sum()), score(trials, alike, ways, alike, corrections)
    )
    references, best = _references(sample, mondays, task, rng, best)
    return _Made(
        fan,
        np.where(now.ended, ENDED, labels),
        (*_candidates(families.judged, SHARED_DOWN.level), down),
        tuple(
            Scored.of(
                _of_basis(one, sample),
                np.full(len(one.rows), SPARSE),
                monday.panel.last_week(monday.cutoff, settings.spike_factor)[sample[one.rows]],
                *(said[one.rows] for said in reference),
            )
            for one, reference, monday in zip(_told(tried, trials), references, mondays[:-1], strict=True)
        ),
        tuple(_of_basis(one, sample) for one in tried),
        np.full(len(rows), SPARSE),
        best,
    )


def _references(
    rows: Index, mondays: Sequence[Monday], task: Task, rng: np.random.Generator, best: str
) -> tuple[list[tuple[Array, Array]], str]:
    """Return what the seasonal naive model and the best single model say of sparse series by themselves.

    Returns
    -------
    list of two arrays, str
        For each past Monday the deciles of both, rows × levels × weeks, NaN where one says nothing; and the best single model: ``best``, or where
        that is blank the one with the least loss on them.
    """
    settings, panel = task.settings, task.panel
    if best:
        settings = settings.model_copy(update={"models": (best, SEASONAL_NAIVE)})
    ways = tuple(way for way in candidates(settings, products=False) if way.season in (FLAT, LAST_SEASON))
    tried: list[Trial] = []
    for monday in mondays[:-1]:
        picked = monday.panel.pick(rows)
        cutoff = monday.cutoff - (panel.weeks - picked.weeks)
        if cutoff > 0 and len(rows):
            horizon = min(task.weeks, panel.weeks - monday.cutoff)
            outlook = look_ahead(picked, cutoff, horizon, ways, settings)
            least = settings.min_history_weeks
            tried.append(
                Trial.of(outlook, picked.actual(cutoff, horizon, settings.spike_factor), monday.eligible[rows], least)
            )
    alike = np.zeros(len(rows), dtype=np.int64)
    single = {place: way.label for place, way in enumerate(ways) if way.season == FLAT and way.model != COMBINATION}
    losses = {place: score(tried, alike + place, ways, alike, {}).pinball for place in single}
    known = {place: loss for place, loss in losses.items() if loss is not None}
    chosen = min(known, key=lambda place: known[place]) if known else None
    corrections = learn_corrections(tried, alike + (chosen or 0), ways, alike, rng)
    chances = chances_by_class(alike, corrections)
    naive = next((place for place, way in enumerate(ways) if way.season == LAST_SEASON), None)
    said = []
    for back, monday in enumerate(reversed(mondays[:-1]), 1):
        horizon = min(task.weeks, panel.weeks - monday.cutoff)
        blank = np.full((len(rows), len(CHANCES[NINE]), horizon), np.nan)
        trial = tried[-back] if back <= len(tried) else None
        both = (
            None if trial is None else _reference(trial, place, np.arange(len(rows)), ways, chances)
            for place in (naive, chosen)
        )
        naive_said, best_said = (blank if one is None else one for one in both)
        said.append((naive_said, best_said))
    return said[::-1], best or ("" if chosen is None else single[chosen])


def _cutoffs(panel: Panel, task: Task) -> list[int]:
    return [*past_mondays(panel.weeks, task.settings), panel.weeks]


def _candidates(judged: Judged, level: str | None) -> tuple[Accuracy, ...]:
    taken = np.bincount(judged.chosen[~judged.now.ended], minlength=len(judged.ways))
    return tuple(
        Accuracy(level or way.level, way.model_and_season, int(taken[place]), judged.tallies[place])
        for place, way in enumerate(judged.ways)
    )


def _fan(expected: Expectation, chances: Array) -> Fan:
    return Fan(expected.mean, expected.quantiles(chances, settled=False), expected.grain)


def _tried(trial: Trial, ages: Index, chosen: Index, ways: Sequence[Candidate], chances: Array) -> Tried:
    rows = np.flatnonzero(trial.scored if trial.early is None else trial.scored | trial.early)
    rows = rows[~np.isnan(trial.outlook.levels[rows, chosen[rows]])]
    outlook = trial.outlook
    fan = _fan(outlook.expect(rows, chosen[rows], ways), chances[rows])
    festive = None if trial.festive is None else trial.festive[rows]
    return Tried(
        rows, fan, trial.actual[rows], outlook.naive_absolute[rows], outlook.naive_squared[rows], festive, ages[rows]
    )


def _told(tried: Sequence[Tried], trials: Sequence[Trial]) -> list[Tried]:
    # Those with enough history to be scored.
    return [one.pick(trial.scored[one.rows]) for one, trial in zip(tried, trials, strict=True)]


def _launches(launched: Sequence[Array], tried: Sequence[Tried], sample: Index) -> list[Array]:
    # Of the series tried on past Mondays; series that began later were tried on fewer, the last ones.
    past = launched[len(launched) - 1 - len(tried) : -1]
    return [units[sample[trial.rows]] for trial, units in zip(tried, past, strict=True)]


def _by_age(
    fan: Fan,
    age: Index,
    tried: Sequence[Tried],
    cutoffs: Sequence[int],
    learn: Callable[[Sequence[Tried]], Learnt],
    apply: Callable[[Fan, Index, Learnt], Fan],
) -> tuple[Fan, list[Tried]]:
    # Young series, now and on past Mondays, as what became of such series asks for: on those by what Mondays with none of their weeks taught.
    others = apart(cutoffs, [trial.actual.shape[1] for trial in tried])
    past = [
        trial
        if trial.age is None
        else replace(trial, fan=apply(trial.fan, trial.age, learn([tried[place] for place in places])))
        for trial, places in zip(tried, others, strict=True)
    ]
    return apply(fan, age, learn(tried)), past


def _calibrated(trial: Tried, table: Calibration, kind: Index) -> Tried:
    return replace(trial, fan=trial.fan.calibrated(table, kind[trial.rows], trial.festive))


def _mixed(trial: Tried, trees: Learned, inner: Array, middle: Array) -> Tried:
    here = Learned(trees.mean[trial.rows], trees.quantiles[trial.rows])
    return replace(trial, fan=trial.fan.mixed(here, inner[trial.rows], middle[trial.rows]))


def _of_basis(tried: Tried, rows: Index) -> Tried:
    return replace(tried, rows=rows[tried.rows])


def _reference(trial: Trial, place: int | None, rows: Index, ways: Sequence[Candidate], chances: Array) -> Array | None:
    # The deciles of one candidate for some series, NaN where it says nothing.
    if place is None:
        return None
    known = ~np.isnan(trial.outlook.levels[rows, place])
    deciles = np.full((len(rows), len(CHANCES[NINE]), trial.actual.shape[1]), np.nan)
    these = rows[known]
    if len(these):
        expected = trial.outlook.expect(these, np.full(len(these), place), ways)
        deciles[known] = expected.quantiles(chances[these][:, NINE])
    return deciles


def _seasonal_naive(judged: Judged) -> int | None:
    return next((place for place, way in enumerate(judged.ways) if way.season == LAST_SEASON), None)


def _best_single(judged: Judged) -> int | None:
    # The plain model that, taken for all series alike, had the least loss.
    losses = {
        place: judged.tallies[place].pinball
        for place, way in enumerate(judged.ways)
        if way.level == "series" and way.season == FLAT and way.model != COMBINATION
    }
    known = {place: loss for place, loss in losses.items() if loss is not None}
    return min(known, key=lambda place: known[place]) if known else None
