"""Forecasts of new products, with the first batch, the week that tells, and the rule for a repeat or a stop."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jointplan.contracts import Progress, silent
from jointplan.demand.launch.analogues import Titles, likeness
from jointplan.demand.launch.history import Index, Products
from jointplan.demand.launch.predictive import Analogues, draw_courses, find_analogues
from jointplan.demand.launch.settings import LaunchSettings
from jointplan.demand.launch.tables import (
    Economics,
    accuracy_rows,
    as_table,
    economics,
    launch_row,
    launches_ahead,
    new_products,
    read_products,
    rule_rows,
    undated,
)
from jointplan.demand.launch.testing import (
    agreeing,
    batch_profit,
    best_batch,
    first_sales_rules,
    no_rules,
    telling_week,
)
from jointplan.demand.launch.trials import (
    AGES,
    FAMILY,
    LEAST_LAUNCHES,
    Given,
    learn_given,
    score_launches,
    try_launches,
)
from jointplan.engine import Tables, run_tasks
from jointplan.texts import tr

Array = npt.NDArray[np.float64]

MOST_TRIED = 150
"""Past launches tried: enough for a figure, little enough to wait for."""

TRIAL_DRAWS = 300
RESAMPLES = 199

PRODUCTS = 25
"""New products of a task."""

BIG = 600_000
"""Products × weeks from which a second process is worth its start."""


class Advice(Enum):
    """What to do about a new product."""

    TEST = "test"
    WAIT = "wait"
    REPEAT = "repeat"
    STOP = "stop"


@dataclass(frozen=True)
class Newcomers:
    """New products to foresee, with what it takes.

    Parameters
    ----------
    products : Products
        Those that are new and those that were launched before.
    titles : Titles
        Of the same.
    rows : array of int
        The new ones to foresee.
    money : tuple of Economics
        Of each of them.
    ahead : tuple of date or None
        Day of launch of each, where it lies ahead.
    analogues : Analogues
        Courses of earlier launches.
    given : mapping
        What is given of products by weeks since launch, see :func:`learn_given`.
    settings : LaunchSettings
        See there.
    seed : int
        See :func:`foresee_launches`.
    """

    products: Products
    titles: Titles
    rows: Index
    money: tuple[Economics, ...]
    ahead: tuple[date | None, ...]
    analogues: Analogues
    given: Mapping[int, Given]
    settings: LaunchSettings
    seed: int

    def chunks(self, size: int) -> Iterator[Newcomers]:
        """Yield the new products, some at a time."""
        for begin in range(0, len(self.rows), size):
            part = slice(begin, begin + size)
            yield replace(self, rows=self.rows[part], money=self.money[part], ahead=self.ahead[part])


def foresee_launches(
    tables: Tables,
    settings: LaunchSettings,
    *,
    start: date,
    seed: int,
    only: str | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> dict[str, pa.Table]:
    """Foresee what new products will sell, and advise how to test and scale them.

    New is what was first sold in the last weeks before ``start``, or was never sold though its day of launch is not long ago.

    Parameters
    ----------
    tables : Tables
        **weekly** and **products**; **capabilities** for setup costs and minimum batches where there are.
    settings : LaunchSettings
        See there.
    start : date
        Monday after the last week known; nothing from it on is read.
    seed : int
        The same seed gives the same numbers for a product, whatever others there are.
    only : str or None
        The one product to foresee; also one that never sold and has no day of launch. None: all new ones.
    workers : int or None
        Processes; None takes all cores where there is enough work to pay for starting them, else one.
    progress : Progress
        Told how far it is.

    Returns
    -------
    dict
        ``launches``, ``launch_rules``, ``launch_accuracy`` and ``launch_basis``, as the schema declares them.
    """
    products = read_products(tables, start)
    everyone = new_products(tables, products, start, settings, only)
    new = everyone if only is None else everyone[products.sku[everyone] == only]
    rng = np.random.default_rng([seed, 1])
    seen = products.launched(1)
    part = products.pick(seen)
    titles = Titles.of(part.title.tolist())
    if workers is None and products.units.size < BIG:
        workers = 1
    trials = []
    if len(seen):
        trials = try_launches(part, titles, settings.cover_weeks, TRIAL_DRAWS, rng, most=MOST_TRIED, workers=workers)
    given = {age: learn_given(trials, age, products.weeks) for age in AGES}
    launches: list[dict[str, object]] = []
    rules: list[dict[str, object]] = []
    analogues = find_analogues(products, 2 * settings.new_weeks + settings.cover_weeks)
    if len(new) and len(analogues):
        used = np.union1d(np.union1d(everyone, analogues.rows), products.launched(settings.cover_weeks))
        part = products.pick(used)
        newcomers = Newcomers(
            part,
            Titles.of(part.title.tolist()),
            np.searchsorted(used, new),
            tuple(economics(tables, products, row, settings) for row in new.tolist()),
            launches_ahead(tables, products, new, start),
            replace(analogues, rows=np.searchsorted(used, analogues.rows)),
            given,
            settings,
            seed,
        )
        chunks = list(newcomers.chunks(PRODUCTS))
        for done, made in enumerate(run_tasks(foresee_some, chunks, workers=workers)):
            launches += made[0]
            rules += made[1]
            progress(tr("Foreseeing launches"), (done + 1) / (len(chunks) + 1))
    basis: dict[str, object] = {
        "launches": int((analogues.penalty == 0).sum()),
        "over": len(products.launched(settings.cover_weeks)),
        "needed": LEAST_LAUNCHES,
        "stand_ins": int((analogues.penalty < 0).sum()),
        "tried": len({trial.row for trial in trials if not np.isnan(trial.units)}),
        "undated": len(undated(tables, products)),
    }
    return {
        "launches": as_table("launches", launches),
        "launch_rules": as_table("launch_rules", rules),
        "launch_accuracy": as_table("launch_accuracy", accuracy_rows(score_launches(trials, RESAMPLES, rng))),
        "launch_basis": as_table("launch_basis", [basis]),
    }


def foresee_some(part: Newcomers) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Foresee some new products: rows of **launches** and **launch_rules**."""
    launches: list[dict[str, object]] = []
    rules: list[dict[str, object]] = []
    near = likeness(part.products, part.titles, part.rows, part.analogues.rows)
    for row, like, money, ahead in zip(part.rows.tolist(), near, part.money, part.ahead, strict=True):
        if np.isfinite(like).any():
            made = _foresee(part, row, like, money, ahead)
            launches.append(made[0])
            rules += made[1]
    return launches, rules


def _foresee(
    part: Newcomers, row: int, near: Array, money: Economics, ahead: date | None
) -> tuple[dict[str, object], list[dict[str, object]]]:
    products, analogues, settings = part.products, part.analogues, part.settings
    rng = np.random.default_rng([part.seed, zlib.crc32(products.sku[row].encode())])
    known = products.units[row, products.first[row] :]
    courses = draw_courses(known, near, analogues, settings.cover_weeks, settings.paths, rng)
    # The youngest age tried that is not younger than the product stands for it.
    how = part.given[next((age for age in AGES if age >= len(known)), AGES[-1])]
    family = how.method == FAMILY
    total = how.redrawn(_family_draws(products, row, settings) if family else courses.total(settings.cover_weeks))
    weighed = max(best_batch(total, money.short, money.left) or 1.0, money.minimum)
    setup = money.setup if money.price is not None else 0.0
    profit = batch_profit(total, weighed, money.short, money.left, setup)
    pays = profit > 0
    usual = settings.hurdle_share * _usual_launch(products, row, settings.cover_weeks, total)
    hurdle = max(money.hurdle, usual, 1.0)
    chance = float((total >= hurdle).mean())
    test_weeks = settings.new_weeks
    over = products.launched(settings.cover_weeks)
    if (over != row).sum() >= LEAST_LAUNCHES:
        # What first sales decide is told from the launch on, as if none were known yet.
        whole = draw_courses(np.zeros(0), near, analogues, test_weeks + settings.cover_weeks, settings.paths, rng)
        rules = first_sales_rules(
            whole.ahead, whole.analogue, hurdle, settings.cover_weeks, test_weeks, settings.certainty
        )
        advice = _advice(chance, settings.certainty)
    else:
        rules, advice = no_rules(test_weeks), Advice.WAIT
    # Before the first sale there is nothing to repeat: it is tried, unless what it goes by, or the least batch, says that it is not
    # worth it. Later what was made may still sell and tell more.
    if not len(known) and advice is not Advice.STOP:
        advice = Advice.TEST if pays else Advice.STOP
    if advice is Advice.REPEAT and not pays:
        advice = Advice.WAIT
    decided = advice in (Advice.REPEAT, Advice.STOP)
    rules = agreeing(rules, len(known), float(known.sum()), repeat=advice is Advice.REPEAT, stop=advice is Advice.STOP)
    made = launch_row(
        products,
        row,
        analogues,
        courses,
        total,
        money,
        settings,
        family=family,
        batch=weighed if pays and advice is not Advice.STOP else 0.0,
        weighed=weighed,
        profit=profit,
        launched=ahead,
        hurdle=hurdle,
        chance=chance,
        telling=len(known) if decided else telling_week(rules, settings.certainty, len(known)),
        advice=advice.value,
    )
    return made, rule_rows(str(products.sku[row]), rules)


def _family_draws(products: Products, row: int, settings: LaunchSettings) -> Array:
    # What earlier launches sold in as many weeks from their first sale on, each as often as it takes to fill the draws.
    totals = _launch_totals(products, row, settings.cover_weeks, LEAST_LAUNCHES)
    return np.resize(totals, max(settings.paths, len(totals)))


def _advice(chance: float, certainty: float) -> Advice:
    if chance >= certainty:
        return Advice.REPEAT
    return Advice.STOP if chance <= 1.0 - certainty else Advice.WAIT


def _usual_launch(products: Products, row: int, weeks: int, expected: Array) -> float:
    # What earlier launches sold in the middle in as many weeks: those of the family where there are five, else all, else what is expected.
    totals = _launch_totals(products, row, weeks, 5)
    return float(np.median(totals if len(totals) else expected))


def _launch_totals(products: Products, row: int, weeks: int, least: int) -> Array:
    # Units in the weeks since their first sale of launches that are over: those of the family where there are enough, else all.
    over: Index = products.launched(weeks)
    kin = over[products.family[over] == products.family[row]]
    totals: Array = products.since_launch(kin if len(kin) >= least else over, weeks).sum(axis=1)
    return totals
