"""When the boosted trees are asked, and what they are taught on each Monday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand.judge import BIG, Monday
from jointplan.demand.learned import LEAST_SERIES, Learned, Teaching, learn
from jointplan.demand.panel import Panel, codes, pairs_of
from jointplan.demand.settings import ForecastSettings
from jointplan.engine import run_tasks

LEAST_CELLS = 250_000
"""Series × weeks below which the trees are taught briefly unless the settings say otherwise: else they take longer than all the rest."""

FEW_EXAMPLES, FEW_ROUNDS = 12_000, 30
"""Examples and trees of each quantile where they are taught briefly, at most."""

LESSONS = 2
"""Past Mondays, the last ones, on which the trees are tried."""


@dataclass(frozen=True)
class Lesson:
    """What the trees are taught on one Monday, and how far they must look ahead from it."""

    teaching: Teaching
    horizon: int
    settings: ForecastSettings
    seed: tuple[int, ...]


def wanted(panel: Panel, settings: ForecastSettings) -> bool:
    """Tell whether the trees are asked."""
    if settings.trees == "auto":
        return len(panel) >= LEAST_SERIES
    return settings.trees == "always"


def is_small(panel: Panel, settings: ForecastSettings) -> bool:
    """Tell whether the trees are taught briefly."""
    return settings.trees == "auto" and panel.quantity.size < LEAST_CELLS


def teach(
    mondays: Sequence[Monday], weeks: int, settings: ForecastSettings, seed: tuple[int, ...], workers: int | None
) -> tuple[list[Learned | None], Learned | None]:
    """Teach the trees on the last past Mondays and now, each time from what was known then.

    Returns
    -------
    list, Learned or None
        What they said on each past Monday, None where they were not asked; and what they say now.
    """
    if is_small(mondays[-1].panel, settings):
        few = {"examples": min(settings.examples, FEW_EXAMPLES), "rounds": min(settings.rounds, FEW_ROUNDS)}
        settings = settings.model_copy(update=few)
    lessons = []
    for monday in mondays[max(len(mondays) - 1 - LESSONS, 0) :]:
        left = monday.panel.weeks - monday.cutoff
        horizon = min(weeks, left) if left else weeks
        lessons.append(Lesson(_teaching(monday, horizon), horizon, settings, (*seed, monday.cutoff)))
    if mondays[-1].panel.quantity.size < BIG:
        workers = 1
    said = list(run_tasks(taught, lessons, workers=workers))
    past: list[Learned | None] = [None] * (len(mondays) - len(said))
    return [*past, *said[:-1]], said[-1]


def taught(lesson: Lesson) -> Learned | None:
    """Give one lesson."""
    return learn(
        lesson.teaching,
        lesson.horizon,
        season=lesson.settings.season,
        examples=lesson.settings.examples,
        rounds=lesson.settings.rounds,
        rng=np.random.default_rng(lesson.seed),
    )


def _teaching(monday: Monday, horizon: int) -> Teaching:
    panel, cutoff = monday.panel, monday.cutoff
    seen: npt.NDArray[np.bool_] = np.ones((len(panel), cutoff), dtype=np.bool_)
    if panel.unseen is not None:
        seen = ~panel.unseen[:, :cutoff]
    return Teaching(
        history=np.ascontiguousarray(panel.quantity[:, :cutoff]),
        seen=seen,
        first=np.minimum(panel.first, cutoff),
        family=codes(panel.family)[0],
        market=codes(panel.market)[0],
        product=codes(pairs_of(panel.sku, panel.market))[0],
        seller=codes(panel.seller)[0],
        price=None if panel.price is None else panel.price[:, :cutoff],
        promoted=None if panel.promoted is None else panel.promoted[:, : cutoff + horizon],
        holidays=None if panel.holidays is None else panel.holidays[:, : cutoff + horizon],
        attributes=panel.attributes,
    )
