"""One basis of forecasts: every series of a panel, from the rows of that panel alone."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand.families import SHARED_DOWN, judge_families, try_members
from jointplan.demand.judge import ENDED, Judged, Monday, judge, past_mondays
from jointplan.demand.panel import Panel
from jointplan.demand.settings import ForecastSettings
from jointplan.demand.trials import CHANCES, Tally, chances_by_class, learn_corrections, score

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.str_]
Mask = npt.NDArray[np.bool_]

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
    """

    name: str
    panel: Panel
    weeks: int
    seed: int
    settings: ForecastSettings


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
    """

    mean: Array
    quantiles: Array
    model: Labels
    accuracy: tuple[Accuracy, ...]


def forecast_basis(task: Task) -> BasisForecast:
    """Forecast all series of a task."""
    panel = task.panel
    # The seed of a basis depends on its name, not on which other bases there are.
    rng = np.random.default_rng([task.seed, zlib.crc32(task.name.encode())])
    mean = np.zeros((len(panel), task.weeks))
    quantiles = np.zeros((len(panel), len(CHANCES), task.weeks))
    model = np.full(len(panel), ENDED, dtype="U80")
    accuracy: list[Accuracy] = []
    given = Tally()
    sparse = is_sparse(panel, panel.weeks, task.settings)
    for rows, forecast in ((np.flatnonzero(~sparse), _forecast_alone), (np.flatnonzero(sparse), _forecast_pooled)):
        if len(rows):
            part, tally = forecast(rows, task, rng)
            mean[rows], quantiles[rows], model[rows] = part.mean, part.quantiles, part.model
            accuracy += part.accuracy
            given += tally
    accuracy.append(Accuracy("series", CHOSEN, len(panel), given))
    return BasisForecast(mean, np.maximum.accumulate(quantiles, axis=1), model, tuple(accuracy))


def is_sparse(panel: Panel, cutoff: int, settings: ForecastSettings) -> Mask:
    """Tell which series had sold in too few weeks by then to be forecast by themselves."""
    sparse: Mask = (panel.quantity[:, :cutoff] > 0).sum(axis=1) < settings.min_nonzero_weeks
    return sparse


def _forecast_alone(rows: Index, task: Task, rng: np.random.Generator) -> tuple[BasisForecast, Tally]:
    panel = task.panel.pick(rows)
    # A series still sparse on a past Monday is not tried there: that it was to sell on was not known then.
    mondays = [Monday(cutoff, panel, ~is_sparse(panel, cutoff, task.settings)) for cutoff in _cutoffs(panel, task)]
    judged = judge(mondays, task.weeks, task.settings, rng)
    expected = judged.now.expect(np.arange(len(rows)), judged.chosen, judged.ways)
    quantiles = expected.quantiles(chances_by_class(judged.kind, judged.corrections))
    return BasisForecast(expected.mean, quantiles, judged.labels(), _candidates(judged, None)), judged.tally()


def _forecast_pooled(rows: Index, task: Task, rng: np.random.Generator) -> tuple[BasisForecast, Tally]:
    panel, settings = task.panel, task.settings
    mondays = [Monday(cutoff, panel, is_sparse(panel, cutoff, settings)) for cutoff in _cutoffs(panel, task)]
    families = judge_families(panel, mondays, task.weeks, settings, rng)
    now = families.members(panel, mondays[-1], families.judged.now, rows, settings)
    trials = try_members(panel, mondays, families, settings, rng)

    ways, tried = (SHARED_DOWN,), np.zeros(len(trials[0].scored) if trials else 0, dtype=np.int64)
    corrections = learn_corrections(trials, tried, ways, tried, rng)
    tally = score(trials, tried, ways, tried, corrections)
    everyone = np.zeros(len(rows), dtype=np.int64)
    expected = now.expect(np.arange(len(rows)), everyone, ways)
    labels = np.char.add(f"{SHARED_DOWN.level}: ", families.judged.labels())[families.group[rows]]
    down = Accuracy("series", SHARED_DOWN.model, int((~now.ended).sum()), tally)
    forecast = BasisForecast(
        expected.mean,
        expected.quantiles(chances_by_class(everyone, corrections)),
        np.where(now.ended, ENDED, labels),
        (*_candidates(families.judged, SHARED_DOWN.level), down),
    )
    return forecast, tally


def _cutoffs(panel: Panel, task: Task) -> list[int]:
    return [*past_mondays(panel.weeks, task.settings), panel.weeks]


def _candidates(judged: Judged, level: str | None) -> tuple[Accuracy, ...]:
    taken = np.bincount(judged.chosen[~judged.now.ended], minlength=len(judged.ways))
    return tuple(
        Accuracy(level or way.level, way.model_and_season, int(taken[place]), judged.tally(place))
        for place, way in enumerate(judged.ways)
    )
