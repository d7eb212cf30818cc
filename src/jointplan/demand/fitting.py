"""Models fitted to very many series: chunks of series as tasks of the engine.

Every model here knows one series at a time, so that neither the size of the chunks nor the processes they run on change a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jointplan.demand.models import forecast_levels, forecast_paths
from jointplan.demand.settings import ForecastSettings, ModelName
from jointplan.engine import run_tasks

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

CHUNK = 1_000
"""Series of a task: seconds of work, against milliseconds of sending it."""


@dataclass(frozen=True)
class Fit:
    """Series to be forecast alike.

    Parameters
    ----------
    model : str or None
        A model that says a path; None: the levels of all flat models.
    history : array, series × weeks
        Units per week.
    first : array of int
        Column in which each series begins.
    horizon : int
        Weeks to forecast.
    settings : ForecastSettings
        See there.
    """

    model: ModelName | None
    history: Array
    first: Index
    horizon: int
    settings: ForecastSettings

    def chunks(self, size: int) -> Iterator[Fit]:
        """Yield the series in chunks; at least one chunk, if an empty one."""
        for begin in range(0, max(len(self.first), 1), size):
            part = slice(begin, begin + size)
            yield replace(self, history=self.history[part], first=self.first[part])


def fit(one: Fit) -> Array:
    """Forecast the series: series × flat models, or series × weeks."""
    histories = [row[begin:] for row, begin in zip(one.history, one.first, strict=True)]
    if one.model is None:
        return forecast_levels(histories, one.settings)
    return forecast_paths(one.model, histories, one.horizon, one.settings)


def fit_all(fits: Sequence[Fit], *, workers: int | None = 1, size: int = CHUNK) -> list[Array]:
    """Fit everything, in chunks over processes.

    Parameters
    ----------
    fits : sequence of Fit
        What to forecast.
    workers : int or None
        Processes; None: all cores.
    size : int
        Series of a chunk.
    """
    chunks = [list(one.chunks(size)) for one in fits]
    # All are taken, so that the processes end in peace.
    made = iter(list(run_tasks(fit, [chunk for parts in chunks for chunk in parts], workers=workers)))
    return [np.concatenate([next(made) for _ in parts]) for parts in chunks]
