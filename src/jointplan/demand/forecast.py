"""Forecasts of every series, from its owner's own rows and from everybody's.

For each basis:

1. Series with enough weeks of sales are forecast themselves; each candidate (``outlook.py``) is tried from past Mondays
   (``trials.py``), and the candidates are weighed by their pinball loss, leaning to what serves the class of the series.
   On the shared basis the total of a product in its market over all sellers is a candidate too. Promotions lift the weeks they
   fall in by what they did to all series (``promoting.py``). Where there are enough series to learn
   from, boosted trees taught from all of them (``learned.py``) are put together with them (``fans.py``); totals of
   families and markets correct the series where that served (``reconcile.py``). New products go by the launches before them,
   too (``launching.py``).
2. Sparser series are added up by family and market, or by family where that is still sparse; the sum is forecast the same way and
   shared down by recent sales.
3. Quantiles are the spread of the series' own past around that mean, corrected by what past forecasts missed, and read where
   they kept their promise on past Mondays.

A task is given the rows of its basis and nothing else: a forecast ``own:<owner>`` cannot know what others sold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jointplan.contracts import Progress, silent
from jointplan.demand.basis import BasisForecast, Task, forecast_basis
from jointplan.demand.judge import BIG
from jointplan.demand.panel import YOUNG, Panel, read_panel
from jointplan.demand.paths import sample_paths, stretches
from jointplan.demand.settings import ForecastSettings
from jointplan.demand.sharing import sharing_gains
from jointplan.demand.totals import add_up, kinds_of
from jointplan.engine import Tables, run_tasks
from jointplan.errors import UsageError
from jointplan.schema import QUANTILES, TABLES
from jointplan.texts import tr

Array = npt.NDArray[np.float64]

SHARED = "shared"

RESULTS = (
    "forecasts",
    "forecast_paths",
    "forecast_totals",
    "accuracy",
    "accuracy_parts",
    "accuracy_series",
    "accuracy_sharing",
)
"""Tables that a forecast gives."""

CELLS_PER_PROCESS = 400_000
"""Series × weeks of history from which a second process is worth its start of some seconds."""

CELLS_PER_BASIS = 5_000
"""Series × weeks that take as long as what any basis takes, however small."""


def forecast_demand(
    tables: Tables,
    settings: ForecastSettings,
    *,
    start: date,
    weeks: int,
    seed: int,
    progress: Progress = silent,
) -> dict[str, pa.Table]:
    """Forecast weekly demand of every product, market and seller that was ever sold before ``start``.

    Parameters
    ----------
    tables : Tables
        **weekly** (week, sku, market, seller, quantity …), and **firms** and **products** for owners and families.
    settings : ForecastSettings
        Models, trials and so on.
    start : date
        Monday of the first week to forecast. Sales from it on are not read; a week before it without a row is a week without a
        sale, so ``start`` should be the Monday after the last complete week.
    weeks : int
        Weeks to forecast.
    seed : int
        The same seed gives the same numbers.
    progress : Progress
        Told how far it is.

    Returns
    -------
    dict
        The tables of :data:`RESULTS`, as the schema declares them; without rows where nothing was sold.
    """
    if start.weekday() != 0 or weeks < 1:
        raise UsageError(
            tr("A forecast cannot start on {start} and run for {weeks} {weeks:week|weeks}.", start=start, weeks=weeks),
            tr("Give a Monday, and at least one week."),
        )
    panel = read_panel(tables, start, weeks)
    if not len(panel):
        return {name: TABLES[name].empty() for name in RESULTS}
    tasks = [
        Task(f"own:{owner}", panel.pick(panel.owner == owner), weeks, seed, settings)
        for owner in np.unique(panel.owner).tolist()
    ]
    if len(tasks) > 1:
        tasks.insert(0, Task(SHARED, panel, weeks, seed, settings, totals=True))
    else:
        tasks = [replace(tasks[0], totals=True)]
    # Bases that are large by themselves are spread over the processes by their chunks, one after the other; the others are a task each.
    least = BIG if len(tasks) > 1 else 0
    large, small = (
        [task for task in tasks if (task.panel.quantity.size >= least) == is_large] for is_large in (True, False)
    )
    spread = (forecast_basis(replace(task, workers=settings.workers)) for task in large)
    each = run_tasks(forecast_basis, small, workers=_workers(small, settings))
    made: dict[str, BasisForecast] = {}
    for task, result in zip([*large, *small], chain(spread, each), strict=True):
        made[task.name] = result
        progress(tr("Forecasting demand"), len(made) / len(tasks))
    panels = {task.name: task.panel for task in tasks} | {SHARED: panel}
    owners = [name for name in made if name != SHARED]
    # Everybody's rows are one owner's own where there is but one.
    made.setdefault(SHARED, made[tasks[0].name])

    names = sorted(made)
    rows = {
        "accuracy": [row for name in names for row in _accuracy(name, made[name])],
        "accuracy_parts": [row for name in names for row in _parts(name, made[name])],
        "accuracy_series": list(_series(panel, made[SHARED])),
        "accuracy_sharing": list(_sharing(panels, made, owners if len(owners) > 1 else [], seed)),
    }
    return {
        "forecasts": pa.concat_tables([_forecasts(name, panels[name], made[name], start) for name in names]),
        "forecast_paths": _paths(panel, made[SHARED], start, settings, seed),
        "forecast_totals": _totals(panel, made[SHARED], start, settings, seed),
        **{name: pa.Table.from_pylist(part, schema=TABLES[name].arrow) for name, part in rows.items()},
    }


def _workers(tasks: list[Task], settings: ForecastSettings) -> int | None:
    cells = sum(task.panel.quantity.size + CELLS_PER_BASIS for task in tasks)
    return settings.workers if settings.workers or cells > CELLS_PER_PROCESS else 1


def _forecasts(basis: str, panel: Panel, made: BasisForecast, start: date) -> pa.Table:
    count, weeks = made.mean.shape
    row = np.repeat(np.arange(count), weeks)
    mondays = pa.array([start + timedelta(weeks=week) for week in range(weeks)], pa.date32())
    columns = {
        "basis": pa.repeat(basis, len(row)),
        "origin": pa.repeat(pa.scalar(start, pa.date32()), len(row)),
        "week": mondays.take(pa.array(np.tile(np.arange(weeks), count))),
        "sku": pa.array(panel.sku.tolist(), pa.string()).take(pa.array(row)),
        "market": pa.array(panel.market.tolist(), pa.string()).take(pa.array(row)),
        "seller": pa.array(panel.seller.tolist(), pa.string()).take(pa.array(row)),
        "mean": made.mean.ravel(),
        **{name: made.quantiles[:, place].ravel() for place, name in enumerate(QUANTILES)},
        "model": pa.array(made.model.tolist(), pa.string()).take(pa.array(row)),
    }
    return pa.table(columns, schema=TABLES["forecasts"].arrow)


def _accuracy(basis: str, made: BasisForecast) -> Iterator[dict[str, object]]:
    for row in made.accuracy:
        yield {
            "basis": basis,
            "level": row.level,
            "model": row.model,
            "series": row.tally.series,
            "chosen": row.chosen,
            "pinball": row.tally.pinball,
            "rmsse": row.tally.rmsse,
            "bias": row.tally.bias,
            "coverage80": row.tally.coverage80,
        }


def _parts(basis: str, made: BasisForecast) -> Iterator[dict[str, object]]:
    for part in made.parts:
        yield {"basis": basis, **asdict(part), "name": part.name or None, "best": made.best or None}


def _series(panel: Panel, made: BasisForecast) -> Iterator[dict[str, object]]:
    for one in made.series:
        yield {
            "sku": str(panel.sku[one.row]),
            "market": str(panel.market[one.row]),
            "seller": str(panel.seller[one.row]),
            "class": one.kind,
            "weeks": one.weeks,
            "pinball": one.pinball,
            "bias": one.bias,
            "against_naive": one.against_naive,
        }


def _sharing(
    panels: dict[str, Panel], made: dict[str, BasisForecast], owners: list[str], seed: int
) -> Iterator[dict[str, object]]:
    losses = {name: _losses(panels[name], made[name]) for name in (SHARED, *owners)}
    own = {name.removeprefix("own:"): losses[name] for name in owners}
    for gain in sharing_gains(own, losses[SHARED], seed):
        yield {
            "owner": gain.owner or None,
            "series": gain.series,
            "own": gain.own,
            "shared": gain.shared,
            "gain": gain.gain,
            "gain_low": gain.low,
            "gain_high": gain.high,
        }


def _losses(panel: Panel, made: BasisForecast) -> dict[tuple[str, str, str], Array]:
    return {
        (str(panel.sku[one.row]), str(panel.market[one.row]), str(panel.seller[one.row])): made.losses[one.row]
        for one in made.series
    }


def _paths(panel: Panel, made: BasisForecast, start: date, settings: ForecastSettings, seed: int) -> pa.Table:
    count, weeks = settings.paths, made.mean.shape[1]
    if not count:
        return TABLES["forecast_paths"].empty()
    known = panel.as_known(panel.weeks, settings.spike_factor).quantity
    rng = np.random.default_rng([seed, count])
    begins = stretches(panel.weeks, weeks, count, rng)
    drawn = sample_paths(made.mean, made.quantiles, known, panel.grain(panel.weeks).whole, begins, rng)
    path, row, week = (place.ravel() for place in np.indices(drawn.shape))
    mondays = pa.array([start + timedelta(weeks=ahead) for ahead in range(weeks)], pa.date32())
    names = {name: pa.array(getattr(panel, name).tolist(), pa.string()) for name in ("sku", "market", "seller")}
    return pa.table(
        {
            "path": pa.array(path + 1, pa.int64()),
            "week": mondays.take(pa.array(week)),
            **{name: column.take(pa.array(row)) for name, column in names.items()},
            "quantity": drawn.ravel(),
        },
        schema=TABLES["forecast_paths"].arrow,
    )


def _totals(panel: Panel, made: BasisForecast, start: date, settings: ForecastSettings, seed: int) -> pa.Table:
    weeks = made.mean.shape[1]
    known = panel.as_known(panel.weeks, settings.spike_factor).quantity
    whole, young = panel.grain(panel.weeks).whole, panel.ages(panel.weeks) < YOUNG
    totals = add_up(made.mean, made.quantiles, known, whole, young, kinds_of(panel), seed)
    totals = totals.widened(made.missed)
    row = np.repeat(np.arange(len(totals.by)), weeks)
    mondays = pa.array([start + timedelta(weeks=week) for week in range(weeks)], pa.date32())
    columns = {
        "by": pa.array(totals.by.tolist(), pa.string()).take(pa.array(row)),
        "name": pa.array([name or None for name in totals.name.tolist()], pa.string()).take(pa.array(row)),
        "week": mondays.take(pa.array(np.tile(np.arange(weeks), len(totals.by)))),
        "mean": totals.mean.ravel(),
        **{name: totals.quantiles[:, place].ravel() for place, name in enumerate(QUANTILES)},
    }
    return pa.table(columns, schema=TABLES["forecast_totals"].arrow)
