"""Fans of quantiles: the choice among models and the trees put together, and held to what past forecasts missed.

Two forecasts of a series are put together quantile by quantile (Vincent averaging), with a weight that each class of series
learns from past Mondays, leaning to even weights: few Mondays tell weights badly, as all series err alike on each, and on past ones trees had
less to learn from. What the fan then still promises wrongly is put right by conformal calibration: on past Mondays one
counts how often what came fell below each quantile, and reads the quantiles at the chances that would have been right.

References
----------
Lichtendahl, Grushka-Cockayne and Winkler (2013), *Management Science* 59 (averaging quantiles); Vovk et al. (2018), *Machine
Learning* 108 (conformal predictive distributions); Smith and Wallis (2009), *Oxford Bulletin of Economics and Statistics* 71 (even weights); Czado, Gneiting and Held (2009), *Biometrics* 65 (randomised transform for counts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from jointplan.demand import scoring
from jointplan.demand.learned import LEVELS, Learned
from jointplan.demand.outlook import Expectation
from jointplan.demand.panel import Grain
from jointplan.demand.spread import GRID, Correction
from jointplan.demand.trials import CHANCES, NINE

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weights of the trees that are tried; of equals the first."""

BELIEF = 40.0
"""Trials of a class that weigh as much as what all classes together show."""

EVEN = 0.5
"""Weight of the trees where past Mondays tell nothing of it."""

MONDAYS_FOR_WEIGHT = 4.0
"""Past Mondays at which half of what they say of the weight of the trees is believed, against even weights."""

STEADINESS = 300.0
"""Weeks on past Mondays that weigh as much as the belief that the fan is right as it stands."""

MONDAYS_FOR_PLACE = 4.0
"""Past Mondays at which half of what they say of the place of a fan, not only of its width, is believed."""

LEAST_WEEKS = 60
"""Weeks on past Mondays below which a fan is left as it is."""

_NORMAL = NormalDist()
_FINE = np.linspace(0.0, 1.0, 201)
_OUTERMOST = 0.995


@dataclass(frozen=True)
class Fan:
    """What some series may sell.

    Parameters
    ----------
    mean : array, series × weeks
        Units per week.
    quantiles : array, series × levels × weeks
        At :data:`jointplan.demand.trials.CHANCES`, units per week, not rounded.
    grain : Grain
        In what amounts the series are sold.
    """

    mean: Array
    quantiles: Array
    grain: Grain

    def pick(self, rows: Index | Mask) -> Fan:
        """Return the fan of some of the series."""
        return Fan(self.mean[rows], self.quantiles[rows], self.grain.pick(rows))

    def rounded(self) -> Array:
        """Return the quantiles in amounts as the series are sold, non-decreasing."""
        ordered: Array = np.maximum.accumulate(self.grain.settle(np.maximum(self.quantiles, 0.0)), axis=1)
        return ordered

    def mixed(self, other: Learned, quantile_weight: Array, mean_weight: Array) -> Fan:
        """Return this fan put together with what the trees say, each series with its weights of the trees."""
        learned = between(LEVELS, other.quantiles, CHANCES)
        weight = quantile_weight[:, None, None]
        mean = (1.0 - mean_weight[:, None]) * self.mean + mean_weight[:, None] * other.mean
        return Fan(mean, (1.0 - weight) * self.quantiles + weight * learned, self.grain)

    def scaled(self, factor: Array) -> Fan:
        """Return the fan times a factor of each series and week."""
        return Fan(self.mean * factor, self.quantiles * factor[:, None, :], self.grain)

    def calibrated(self, tables: Calibration, kind: Index, festive: Mask | None) -> Fan:
        """Return the fan as past Mondays say it must be read: weeks with a holiday as such weeks, the others as others."""
        usual = self.read_at(tables.ordinary[kind])
        if festive is None or not festive.any():
            return usual
        unusual = self.read_at(tables.festive[kind])
        return Fan(self.mean, np.where(festive[:, None, :], unusual.quantiles, usual.quantiles), self.grain)

    def read_at(self, chances: Array) -> Fan:
        """Return the fan with its quantiles read at other chances, series × levels."""
        score = _scores(CHANCES)
        wanted = _scores(np.clip(chances, 1.0 - _OUTERMOST, _OUTERMOST))
        right = np.clip(np.searchsorted(score, wanted), 1, len(score) - 1)
        part = (wanted - score[right - 1]) / (score[right] - score[right - 1])
        low = np.take_along_axis(self.quantiles, (right - 1)[:, :, None], axis=1)
        high = np.take_along_axis(self.quantiles, right[:, :, None], axis=1)
        moved = np.maximum(low + part[:, :, None] * (high - low), 0.0)
        return Fan(self.mean, moved, self.grain)


@dataclass(frozen=True)
class Tried:
    """A fan from a past Monday beside what then came.

    Parameters
    ----------
    rows : array of int
        Series.
    fan : Fan
        As it would have been given.
    actual : array, series × weeks
        Units sold; NaN where demand could not be seen.
    absolute, squared : arrays
        Naive errors of each series up to that Monday.
    festive : array of bool, series × weeks, or None
        Weeks that held a holiday; None: none is known.
    age : array of int, or None
        Weeks since the first sale, from :meth:`jointplan.demand.panel.Panel.ages`; None: all are old.
    """

    rows: Index
    fan: Fan
    actual: Array
    absolute: Array
    squared: Array
    festive: Mask | None = None
    age: Index | None = None

    def pick(self, these: Mask) -> Tried:
        """Return some of the series."""
        return Tried(
            self.rows[these],
            self.fan.pick(these),
            self.actual[these],
            self.absolute[these],
            self.squared[these],
            None if self.festive is None else self.festive[these],
            None if self.age is None else self.age[these],
        )


@dataclass(frozen=True)
class Calibration:
    """At which chances quantiles must be read in weeks without and with a holiday: classes × levels each."""

    ordinary: Array
    festive: Array


@dataclass(frozen=True)
class Blend:
    """Weights of the trees by class: in the quantiles, and in the mean."""

    quantile: Array
    mean: Array


def between(levels: Array, quantiles: Array, wanted: Array) -> Array:
    """Return quantiles at other chances, on lines between normal scores: series × wanted × weeks."""
    known, asked = _scores(levels), _scores(wanted)
    right = np.clip(np.searchsorted(known, asked), 1, len(known) - 1)
    part = ((asked - known[right - 1]) / (known[right] - known[right - 1]))[None, :, None]
    moved: Array = quantiles[:, right - 1] * (1.0 - part) + quantiles[:, right] * part
    return np.maximum(moved, 0.0)


def read_anew(
    fan: Fan, expected: Expectation, correction: Correction, tables: Calibration, festive: Mask | None
) -> Fan:
    """Return a fan of one class as past Mondays say it must be read, read from the spread of past weeks again.

    Where a sale comes less than once in forty weeks the highest quantile of a fan is zero, which tells nothing of what lies above it:
    read further out, such a fan would stay at zero.

    Parameters
    ----------
    fan : Fan
        Made of ``expected``; maybe scaled since, week by week.
    expected : Expectation
        What the series may sell, with the spread of their past.
    correction : Correction
        With which the spread was read.
    tables : Calibration
        Of a single class.
    festive : array of bool, series × weeks, or None
        Weeks that hold a holiday; None: none is known.
    """
    factor = np.divide(fan.mean, expected.mean, out=np.ones_like(fan.mean), where=expected.mean > 0)[:, None, :]

    def read(chances: Array) -> Array:
        read_at = correction.chances(np.clip(chances, GRID[0], GRID[-1]))
        quantiles: Array = expected.quantiles(read_at, settled=False) * factor
        return quantiles

    quantiles = read(tables.ordinary[0])
    if festive is not None and festive.any():
        quantiles = np.where(festive[:, None, :], read(tables.festive[0]), quantiles)
    return Fan(fan.mean, quantiles, fan.grain)


def learn_blend(
    tried: Sequence[Tried], learned: Sequence[Learned | None], kind: Index, *, proven: bool = False
) -> Blend:
    """Learn how much weight the trees deserve in each class of series.

    Parameters
    ----------
    tried : sequence of Tried
        Fans of the chosen models, one for each past Monday.
    learned : sequence of Learned or None
        What the trees taught up to that Monday said of all series; None: they were not asked.
    kind : array of int
        Class of each series.
    proven : bool
        Whether trees that past Mondays would rather not have heard have no weight, instead of less.
    """
    classes = int(kind.max(initial=0)) + 1
    loss, square = np.zeros((classes, len(WEIGHTS))), np.zeros((classes, len(WEIGHTS)))
    count, mondays = np.zeros(classes), 0
    for trial, trees in zip(tried, learned, strict=True):
        if trees is None or not len(trial.rows):
            continue
        mondays += 1
        here = Learned(trees.mean[trial.rows], trees.quantiles[trial.rows])
        group = kind[trial.rows]
        count += np.bincount(group, minlength=classes)
        for place, weight in enumerate(WEIGHTS):
            same = np.full(len(trial.rows), weight)
            mixed = trial.fan.mixed(here, same, same)
            pinball = scoring.pinball(trial.actual, mixed.rounded()[:, NINE], CHANCES[NINE]).mean(axis=1)
            error = scoring.rmsse(trial.actual, mixed.mean, trial.squared)
            loss[:, place] += np.bincount(group, np.nan_to_num(pinball / trial.absolute), classes)
            square[:, place] += np.bincount(group, np.nan_to_num(error), classes)
    if not count.sum():
        return Blend(np.zeros(classes), np.zeros(classes))

    def best(total: Array) -> Array:
        leaning = total + BELIEF * total.sum(axis=0) / count.sum()
        told, shown = mondays / (mondays + MONDAYS_FOR_WEIGHT), np.array(WEIGHTS)[leaning.argmin(axis=1)]
        weights: Array = told * shown + (1.0 - told) * EVEN
        return np.where(shown > 0, weights, 0.0) if proven else weights

    return Blend(best(loss), best(square))


def learn_calibration(tried: Sequence[Tried], kind: Index) -> Calibration:
    """Return at which chances the quantiles of each class must be read to keep their promise.

    The share of weeks on past Mondays in which what came lay below a quantile, by the randomised transform, is the chance that
    quantile really has. A holiday moves all series at once, and what it did says nothing of an ordinary week: either kind of week is
    judged by itself, festive ones, which are few, leaning to all weeks together. Where one kind was never tried it is read as the other.
    """
    classes = int(kind.max(initial=0)) + 1
    counts = [_Counts.of(trial, kind[trial.rows], classes) for trial in tried]
    table = np.tile(CHANCES, (classes, 1))
    weeks = sum((count.weeks.sum() for count in counts), 0.0)
    if weeks < LEAST_WEEKS:
        return Calibration(table, table)
    everything = _Counts.together(counts)
    overall = (everything.below.sum(axis=(0, 1)) + STEADINESS * _FINE) / (weeks + STEADINESS)
    tables = []
    for festive in (0, 1):
        which = [festive] if everything.weeks[festive].any() else [1 - festive]
        of_kind, below = everything.weeks[which].sum(axis=0), everything.below[which].sum(axis=0)
        usual = overall
        if of_kind.sum() < weeks:
            usual = (below.sum(axis=0) + STEADINESS * overall) / (of_kind.sum() + STEADINESS)
        made = table.copy()
        for name in range(classes):
            real = (below[name] + STEADINESS * usual) / (of_kind[name] + STEADINESS)
            # How wide it should be is believed; where it should lie the more, the more Mondays say so: what all series missed alike on
            # one Monday says little of the next, and one holiday lifts what another lowers.
            mondays = 0 if which == [1] else sum(bool(count.weeks[which, name].any()) for count in counts)
            width = (real + 1.0 - real[::-1]) / 2.0
            real = width + mondays / (mondays + MONDAYS_FOR_PLACE) * (real - width)
            made[name] = np.interp(CHANCES, np.maximum.accumulate(real), _FINE)
        tables.append(made)
    return Calibration(*tables)


@dataclass(frozen=True)
class _Counts:
    """Weeks of each kind and class, and how many of them lay below each chance: kinds × classes (× chances)."""

    weeks: Array
    below: Array

    @classmethod
    def together(cls, counts: Sequence[_Counts]) -> _Counts:
        """Add counts up."""
        return cls(np.sum([one.weeks for one in counts], axis=0), np.sum([one.below for one in counts], axis=0))

    @classmethod
    def of(cls, trial: Tried, kind: Index, classes: int) -> _Counts:
        """Count one trial."""
        weeks, below = np.zeros((2, classes)), np.zeros((2, classes, len(_FINE)))
        start, stop = scoring.chance_below(trial.actual, trial.fan.rounded(), CHANCES)
        known = ~np.isnan(trial.actual)
        festive = np.zeros_like(known) if trial.festive is None else trial.festive
        for name in np.unique(kind):
            for which in (0, 1):
                these = (kind == name)[:, None] & known & (festive == bool(which))
                if these.any():
                    weeks[which, name] = these.sum()
                    below[which, name] = _ramps(start[these], stop[these])
        return cls(weeks, below)


def _ramps(low: Array, high: Array) -> Array:
    # The sum over weeks of a ramp from 0 at the chance below to 1 at the chance up to what came.
    order, ends = np.sort(low), np.sort(high)
    width = np.maximum(high - low, 1e-6)
    below = np.zeros(len(_FINE))
    for place, chance in enumerate(_FINE):
        whole = np.searchsorted(ends, chance, side="right")
        if np.searchsorted(order, chance, side="left") > whole:
            below[place] = np.clip((chance - low) / width, 0.0, 1.0).sum()
        else:
            below[place] = whole
    return below


def _scores(chances: Array) -> Array:
    unique, place = np.unique(chances, return_inverse=True)
    scores: Array = np.array([_NORMAL.inv_cdf(chance) for chance in unique])[place.reshape(chances.shape)]
    return scores
