"""Forecasts tried on the past: which model to choose, how wide to make its quantiles, how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jointplan.demand import scoring
from jointplan.demand.outlook import Candidate, Expectation, Outlook
from jointplan.demand.spread import Correction

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CHANCES = np.array([0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975])
"""Chances of the quantiles of the **forecasts** table."""

NINE = slice(2, 11)
"""The nine deciles among them, by which forecasts are scored."""

LEAST_TRIALS = 30
"""Trials (a series on a past Monday) that a correction of the quantiles must rest on."""

MOST_TRIALS = 200
"""Series of a class and Monday that a correction is learnt from; more would not change it."""


STRETCHES = tuple(step / 10 for step in range(7, 19))
SHIFTS = tuple(step / 10 for step in (0, -1, 1, -2, 2, -3, 3, -4, 4))
"""Corrections that are tried; of equals the first."""

UNTRIED = Correction(stretch=1.2)
"""Correction where no trial says otherwise: the level itself is uncertain, which the spread of the past leaves out."""


@dataclass(frozen=True)
class Trial:
    """Forecasts from a past Monday beside what was then sold.

    Parameters
    ----------
    outlook : Outlook
        What could be said on that Monday.
    actual : array, series × weeks
        Units sold in the weeks after it.
    scored : array of bool
        Series with enough history on that Monday.
    festive : array of bool, series × weeks, or None
        Weeks that held a holiday; None: none is known.
    early : array of bool, or None
        Series with less history than that, from which only bands of young series are learnt; None: there are none.
    """

    outlook: Outlook
    actual: Array
    scored: Mask
    festive: Mask | None = None
    early: Mask | None = None

    def ordinary(self, rows: Index) -> Array:
        """Return what some series sold in weeks without a holiday, NaN in the others; in all weeks where none is without."""
        actual = self.actual[rows]
        if self.festive is None or self.festive[rows].all():
            return actual
        return np.where(self.festive[rows], np.nan, actual)

    @classmethod
    def of(
        cls, outlook: Outlook, actual: Array, eligible: Mask, least_weeks: int, festive: Mask | None = None
    ) -> Trial:
        """Score those eligible series that are known for ``least_weeks`` and ever changed in them."""
        scored = eligible & (outlook.known >= least_weeks) & ~np.isnan(outlook.naive_absolute)
        early = eligible & (outlook.known > 0) & (outlook.known < least_weeks)
        return cls(outlook, actual, scored, festive, early)


@dataclass(frozen=True)
class Tally:
    """Errors added up over trials; two tallies can be added.

    ``pinball`` is over nine deciles and scaled by the naive error; ``pinball`` and ``rmsse`` are means over trials, ``bias`` is
    over summed demand, ``coverage80`` over weeks; None where nothing was scored.
    """

    series: int = 0
    pinballs: tuple[float, int] = (0.0, 0)
    rmsses: tuple[float, int] = (0.0, 0)
    errors: tuple[float, float] = (0.0, 0.0)
    covered: tuple[float, int] = (0.0, 0)

    def __add__(self, other: Tally) -> Tally:
        def both(name: str) -> tuple[float, int]:
            mine, theirs = getattr(self, name), getattr(other, name)
            return mine[0] + theirs[0], mine[1] + theirs[1]

        return Tally(self.series + other.series, both("pinballs"), both("rmsses"), both("errors"), both("covered"))

    @property
    def pinball(self) -> float | None:
        """Mean pinball loss over the naive error."""
        return _ratio(self.pinballs)

    @property
    def rmsse(self) -> float | None:
        """Root mean squared scaled error."""
        return _ratio(self.rmsses)

    @property
    def bias(self) -> float | None:
        """Summed error over summed demand."""
        return _ratio(self.errors)

    @property
    def coverage80(self) -> float | None:
        """Share of actuals inside the 80 % interval."""
        return _ratio(self.covered)


def relative_losses(trials: Sequence[Trial], ways: Sequence[Candidate], count: int) -> tuple[Array, Array]:
    """Compare the candidates on every trial.

    Returns
    -------
    two arrays, series × candidates
        Mean over past Mondays of a candidate's pinball loss over the mean loss of all candidates there (below 1 is better
        than most), NaN where it was never scored; and the number of Mondays it rests on.
    """
    total, times = np.zeros((count, len(ways))), np.zeros((count, len(ways)))
    for trial in trials:
        rows = np.flatnonzero(trial.scored)
        loss = np.stack([_pinball(trial, place, ways, rows) for place in range(len(ways))], axis=1)
        known = ~np.isnan(loss)
        usual = np.where(known, loss, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        known &= (usual > 0)[:, None]
        total[rows] += np.where(known, loss / np.where(usual > 0, usual, 1.0)[:, None], 0.0)
        times[rows] += known
    return np.where(times > 0, total / np.maximum(times, 1), np.nan), times


def weigh(
    relative: Array, times: Array, kind: Index, levels: Array, plainer: Index, caution: float, sharpness: float
) -> Array:
    """Weigh the candidates of each series.

    A candidate is judged by its own relative losses and, with the weight of ``caution`` past Mondays, by those in the
    class; what was never scored counts as middling. Its weight falls with a power of that: a mean of good forecasts errs less than
    the one that happened to be best (Bates and Granger 1969, *Operational Research Quarterly* 20).

    Parameters
    ----------
    relative, times : arrays, series × candidates
        From :func:`relative_losses`.
    kind : array of int
        Class of each series.
    levels : array, series × candidates
        Levels to forecast with; NaN: without weight.
    plainer : array of int
        For each candidate a plainer one that it must have surpassed to have any weight; -1: none.
    caution : float
        Weight of the class.
    sharpness : float
        The power; 0 gives all the same weight.

    Returns
    -------
    array, series × candidates
        Weights, ≥ 0, of sum 1; the first of equals is the largest.
    """
    own = np.where(np.isnan(relative), 0.0, relative) * times
    classes = int(kind.max(initial=0)) + 1
    usual = np.ones((classes, relative.shape[1]))
    for place in range(relative.shape[1]):
        weight = np.bincount(kind, weights=times[:, place], minlength=classes)
        summed = np.bincount(kind, weights=own[:, place], minlength=classes)
        usual[:, place] = (summed + 1.0) / (weight + 1.0)
    leaning = max(caution, 1e-9)
    judged = (own + leaning * usual[kind]) / (times + leaning)
    weight = np.where(np.isnan(levels), 0.0, np.maximum(judged, 1e-3) ** -sharpness)
    for place, other in enumerate(plainer):
        if other >= 0:
            weight[:, place] *= judged[:, place] < judged[:, other] - 1e-9
    total = weight.sum(axis=1, keepdims=True)
    weights: Array = np.where(total > 0, weight / np.where(total > 0, total, 1.0), 1.0 / weight.shape[1])
    return weights


def learn_corrections(
    trials: Sequence[Trial], chosen: Index, ways: Sequence[Candidate], kind: Index, rng: np.random.Generator
) -> dict[int, Correction]:
    """Learn, for each class, how the spread of the future stood to that of the past.

    A class with few trials takes what all classes together show; where these are few too, the spread is widened by
    :data:`UNTRIED`.
    """
    corrections: dict[int, Correction | None] = {}
    for name in np.unique(kind):
        corrections[int(name)] = _learn(trials, chosen, ways, kind == name, rng)
    everyone = None
    if None in corrections.values():
        everyone = _learn(trials, chosen, ways, np.ones(len(kind), dtype=np.bool_), rng)
    return {name: correction or everyone or UNTRIED for name, correction in corrections.items()}


def _learn(
    trials: Sequence[Trial], chosen: Index, ways: Sequence[Candidate], members: Mask, rng: np.random.Generator
) -> Correction | None:
    samples: list[tuple[Expectation, Array, Array]] = []
    for trial in trials:
        rows = np.flatnonzero(trial.scored & members)
        rows = rows[~np.isnan(trial.outlook.levels[rows, chosen[rows]])]
        if len(rows) > MOST_TRIALS:
            rows = np.sort(rng.choice(rows, MOST_TRIALS, replace=False))
        if len(rows):
            expected = trial.outlook.expect(rows, chosen[rows], ways)
            # What a holiday does to all series at once is put right apart, see fans.py: it widens no ordinary week.
            samples.append((expected, trial.ordinary(rows), trial.outlook.naive_absolute[rows]))
    if sum(len(scale) for _, _, scale in samples) < LEAST_TRIALS:
        return None

    def losses(shift: float, stretch: float) -> list[float]:
        chances = Correction(shift, stretch).chances(CHANCES[NINE])
        return [
            float(np.nansum(scoring.pinball(actual, expected.quantiles(chances), CHANCES[NINE]).mean(axis=1) / scale))
            for expected, actual, scale in samples
        ]

    def loss(shift: float, stretch: float) -> float:
        return sum(losses(shift, stretch))

    # The least pinball loss, sought along one of the two numbers at a time.
    shift = 0.0
    stretch = min(STRETCHES, key=lambda value: loss(shift, value))
    shift = min(SHIFTS, key=lambda value: loss(value, stretch))
    # What all series missed alike on one Monday says little of the next: a shift must have served on each of several.
    pairs = zip(losses(shift, stretch), losses(0.0, stretch), strict=True)
    if len(samples) < 2 or not all(moved < still for moved, still in pairs):
        shift = 0.0
    stretch = min(STRETCHES, key=lambda value: loss(shift, value))
    return Correction(shift, stretch)


def score(
    trials: Sequence[Trial], chosen: Index, ways: Sequence[Candidate], kind: Index, corrections: dict[int, Correction]
) -> Tally:
    """Score a choice of candidates, its quantiles corrected as they will be in the forecast."""
    chances = chances_by_class(kind, corrections)[:, NINE]
    tally = Tally()
    seen = np.zeros(len(chosen), dtype=np.bool_)
    for trial in trials:
        rows = np.flatnonzero(trial.scored)
        rows = rows[~np.isnan(trial.outlook.levels[rows, chosen[rows]])]
        if not len(rows):
            continue
        expected, actual = trial.outlook.expect(rows, chosen[rows], ways), trial.actual[rows]
        path, mean = expected.quantiles(chances[rows]), expected.mean
        loss = scoring.pinball(actual, path, CHANCES[NINE]).mean(axis=1) / trial.outlook.naive_absolute[rows]
        inside = scoring.coverage(actual, path[:, 0], path[:, -1])
        tally += Tally(
            0,
            _summed(loss),
            _summed(scoring.rmsse(actual, mean, trial.outlook.naive_squared[rows])),
            (float(np.nansum(mean - actual)), float(np.nansum(actual))),
            _summed(inside),
        )
        seen[rows] = True
    return replace(tally, series=int(seen.sum()))


def chances_by_class(kind: Index, corrections: dict[int, Correction]) -> Array:
    """Return at which chances each series reads its spread: series × levels."""
    table: Array = np.tile(CHANCES, (int(kind.max(initial=0)) + 1, 1))
    for name, correction in corrections.items():
        table[name] = correction.chances(CHANCES)
    by_series: Array = table[kind]
    return by_series


def _pinball(trial: Trial, place: int, ways: Sequence[Candidate], rows: Index) -> Array:
    # The loss of one candidate, NaN where it has nothing to say.
    loss = np.full(len(rows), np.nan)
    known = ~np.isnan(trial.outlook.levels[rows, place])
    if known.any():
        these = rows[known]
        path = trial.outlook.expect(these, np.full(len(these), place), ways).quantiles(CHANCES[NINE])
        loss[known] = scoring.pinball(trial.actual[these], path, CHANCES[NINE]).mean(axis=1)
    return loss


def _summed(values: Array) -> tuple[float, int]:
    known = values[~np.isnan(values)]
    return float(known.sum()), len(known)


def _ratio(sums: tuple[float, float]) -> float | None:
    return sums[0] / sums[1] if sums[1] > 0 else None
