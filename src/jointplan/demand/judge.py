"""The choice of a model for each series of a panel, by how the models did on past Mondays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jointplan.demand.outlook import (
    LAST_SEASON,
    WEIGHTED,
    Candidate,
    Groundwork,
    Outlook,
    candidates,
    combined,
    look_from,
    plainer_ways,
)
from jointplan.demand.panel import Panel, codes, pairs_of
from jointplan.demand.settings import ForecastSettings
from jointplan.demand.spread import INTERMITTENT_ZEROS, Correction
from jointplan.demand.trials import Tally, Trial, learn_corrections, relative_losses, score, weigh

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.str_]
Mask = npt.NDArray[np.bool_]

ENDED = "Ended"
"""Name of the forecast of what is no longer sold: zero."""

VARIATION = 0.49
"""Squared variation of the weeks with sales above which demand is erratic (Syntetos and Boylan 2005)."""


MONDAYS_OF_MOVING_MODELS = 2
"""Past Mondays, the last ones, on which models that follow a trend are tried: they are slow."""


MOST_MOVED = 2_000
"""Series on each of them that these models are tried on: what they are worth is told by class."""

SEASONS_TO_WEIGH = 2
"""Seasons of history from which the seasonal naive model is weighed."""


BIG = 100_000
"""Series × weeks from which models are worth processes of their own."""


@dataclass(frozen=True)
class Monday:
    """A day from which to look ahead.

    Parameters
    ----------
    cutoff : int
        Weeks of the panel known then.
    panel : Panel
        The series; the same ones, in the same order, on every Monday.
    eligible : array of bool
        Series that would have been forecast in this way then.
    """

    cutoff: int
    panel: Panel
    eligible: Mask


@dataclass(frozen=True)
class Judged:
    """A panel with its trials, the outlook from now, and the candidate chosen for each series.

    Chosen is, for all, the weighted mean of the other candidates; ``leading`` is the one with the largest weight.
    """

    ways: tuple[Candidate, ...]
    trials: tuple[Trial, ...]
    now: Outlook
    kind: Index
    chosen: Index
    leading: Index
    corrections: dict[int, Correction]

    def labels(self) -> Labels:
        """Return the candidate that weighs most in the forecast of each series."""
        names = np.array([way.label for way in self.ways], dtype=np.str_)
        return np.where(self.now.ended, ENDED, names[self.leading])

    @cached_property
    def tallies(self) -> tuple[Tally, ...]:
        """Score of each candidate, as if it had been taken for all series."""
        everyone = np.ones(len(self.chosen), dtype=np.int64)
        return tuple(
            score(self.trials, everyone * place, self.ways, self.kind, self.corrections)
            for place in range(len(self.ways))
        )


def past_mondays(weeks: int, settings: ForecastSettings) -> list[int]:
    """Return how many weeks were known on each Monday that forecasts are tried from, the earliest first."""
    cutoffs = [weeks - step * settings.origin_step for step in range(settings.origins, 0, -1)]
    return [cutoff for cutoff in cutoffs if cutoff > 0]


def apart(cutoffs: Sequence[int], horizons: Sequence[int]) -> list[list[int]]:
    """Return for each past Monday the places of the others that share no week to come with it: what they teach may be judged on it.

    Parameters
    ----------
    cutoffs, horizons : sequences of int
        Weeks known on each Monday, and weeks looked ahead from it.

    Examples
    --------
    >>> apart([26, 39, 52], [26, 26, 13])
    [[2], [], [0]]
    """
    spans = [(cutoff, cutoff + horizon) for cutoff, horizon in zip(cutoffs, horizons, strict=True)]
    return [
        [place for place, (begin, end) in enumerate(spans) if end <= mine_begins or mine_ends <= begin]
        for mine_begins, mine_ends in spans
    ]


def judge(
    mondays: Sequence[Monday],
    weeks: int,
    settings: ForecastSettings,
    rng: np.random.Generator,
    workers: int | None = 1,
) -> Judged:
    """Try all candidates from every Monday but the last, and choose with which to forecast from the last.

    Parameters
    ----------
    mondays : sequence of Monday
        The past ones, and now.
    weeks : int
        Weeks to forecast.
    settings : ForecastSettings
        See there.
    rng : numpy Generator
        For samples of very many series.
    workers : int or None
        Processes that the models of a large panel may be spread over; None: all cores.
    """
    panel = mondays[-1].panel
    product, products = codes(pairs_of(panel.sku, panel.market))
    # Only where a product has several sellers does its total say more than the series; totals of families have no product.
    ways = candidates(settings, products=bool((panel.sku != "").all()) and products < len(product))
    grounds = []
    for place, monday in enumerate(mondays):
        back = len(mondays) - 1 - place
        most = (MOST_MOVED if back <= MONDAYS_OF_MOVING_MODELS else 0) if back else None
        horizon = min(weeks, monday.panel.weeks - monday.cutoff) or weeks
        grounds.append(Groundwork.of(monday.panel, monday.cutoff, horizon, ways, settings, most_moving=most))
    *past, now = look_from(grounds, workers if panel.quantity.size >= BIG else 1)
    trials = [
        Trial.of(
            outlook,
            monday.panel.actual(monday.cutoff, ground.horizon, settings.spike_factor),
            monday.eligible,
            settings.min_history_weeks,
            monday.panel.festive(monday.cutoff, ground.horizon),
        )
        for monday, ground, outlook in zip(mondays[:-1], grounds[:-1], past, strict=True)
    ]
    kind = demand_classes(panel, panel.weeks)
    weighed = [replace(trial, outlook=_weighed(trial.outlook, ways, settings.season)) for trial in trials]
    relative, times = relative_losses(weighed, ways, len(panel))
    levels = _weighed(now, ways, settings.season).levels
    weights = weigh(relative, times, kind, levels, plainer_ways(ways), settings.caution, settings.sharpness)
    leading = weights.argmax(axis=1).astype(np.int64)
    trials = [replace(trial, outlook=_combined(trial.outlook, ways, weights, settings.season)) for trial in trials]
    now = _combined(now, ways, weights, settings.season)
    ways = (*ways, WEIGHTED)
    chosen = np.full(len(panel), len(ways) - 1)
    corrections = learn_corrections(trials, chosen, ways, kind, rng)
    return Judged(ways, tuple(trials), now, kind, chosen, leading, corrections)


def _weighed(outlook: Outlook, ways: Sequence[Candidate], season: int) -> Outlook:
    # The seasonal naive model is told of from one season on, as a reference; one season is too little to weigh it by.
    young = (outlook.known < SEASONS_TO_WEIGH * season) & ~outlook.ended
    naive = np.array([way.season == LAST_SEASON for way in ways])
    return replace(outlook, levels=np.where(young[:, None] & naive, np.nan, outlook.levels))


def _combined(outlook: Outlook, ways: Sequence[Candidate], weights: Array, season: int) -> Outlook:
    made = combined(_weighed(outlook, ways, season), ways, weights)
    return replace(made, levels=np.column_stack([outlook.levels, made.levels[:, -1]]))


def demand_classes(panel: Panel, cutoff: int) -> Index:
    """Return the class of each series after ``cutoff`` weeks: 0 smooth, 1 intermittent, 2 erratic, 3 lumpy (Syntetos and Boylan 2005)."""
    quantity = panel.quantity[:, :cutoff]
    since = np.arange(cutoff) >= panel.first[:, None]
    sold = quantity > 0
    count = np.maximum(sold.sum(axis=1), 1)
    gaps = 1.0 - sold.sum(axis=1) / np.maximum(since.sum(axis=1), 1) > INTERMITTENT_ZEROS
    mean = quantity.sum(axis=1) / count
    variance = (quantity**2).sum(axis=1) / count - mean**2
    kind: Index = gaps.astype(np.int64) + 2 * (variance > VARIATION * mean**2).astype(np.int64)
    return kind
