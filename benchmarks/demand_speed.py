"""How long the full pipeline takes on many series, beside AutoETS alone on the same ones.

    python benchmarks/demand_speed.py [--series 30000] [--weeks 104] [--horizon 13] [--full] [--json]

The series are drawn: smooth, erratic, intermittent and lumpy ones, with trends and seasons. AutoETS is timed on a part of the series and scaled up, which
the output says; with ``--full`` it forecasts all of them. Both use the processes of ``--workers``. Beside the seconds stand those of processors, of all
processes together, which another load on the machine changes less; memory is the most that all processes held at once, what they share counted once.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from jointplan.demand import ForecastSettings, forecast_series
from jointplan.demand.arrays import MODELS
from jointplan.engine import run_tasks

PART = 400
CHUNK = 500
Array = npt.NDArray[np.float64]


def draw(series: int, weeks: int, seed: int = 7) -> Array:
    """Draw weekly sales of very different series."""
    rng = np.random.default_rng(seed)
    week = np.arange(weeks)
    level = np.exp(rng.normal(1.5, 1.2, series))
    swing, phase = rng.random(series) * 0.6, rng.random(series) * 2 * np.pi
    trend = np.exp(rng.normal(0, 0.3, series)[:, None] * week / weeks)
    mean = level[:, None] * trend * (1 + swing[:, None] * np.sin(week * 2 * np.pi / 52 + phase[:, None]))
    units = rng.negative_binomial(2, 2 / (2 + mean)).astype(np.float64)
    share = np.where(rng.random(series) < 0.5, 1.0, rng.uniform(0.15, 0.8, series))
    return np.where(rng.random(units.shape) < share[:, None], units, 0.0)


class Meter:
    """Wall-clock seconds, seconds of processors and memory of this process and those it starts."""

    def __enter__(self) -> Self:
        """Begin."""
        self.seconds, self.cpu, self.peak_mb = time.perf_counter(), processors(), 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._over.set()
        self._watch.join()
        self.seconds, self.cpu = time.perf_counter() - self.seconds, processors() - self.cpu

    def _look(self) -> None:
        while not self._over.wait(0.5):
            ids = [os.getpid(), *(process.pid for process in multiprocessing.active_children())]
            self.peak_mb = max(self.peak_mb, sum(memory(one) for one in ids if one) // 1024)


def memory(process: int) -> int:
    """Return the kB a process holds, its part of what it shares (Linux); 0 once it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def processors() -> float:
    """Return the seconds of processors of this process and of those it started that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def automatic_ets(task: tuple[Array, int]) -> int:
    """Forecast a chunk of series with AutoETS and its intervals."""
    from statsforecast.models import AutoETS

    units, horizon = task
    model = AutoETS(season_length=1)
    for row in units:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.forecast(y=row, h=horizon, level=[80])
    return len(units)


def main() -> None:
    """Time both and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=30_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--horizon", type=int, default=13)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--full", action="store_true", help="time AutoETS on all series")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    units = draw(arguments.series, arguments.weeks)
    with Meter() as ours:
        mean, _ = forecast_series(
            units,
            horizon=arguments.horizon,
            settings=ForecastSettings(
                models=MODELS, origin_step=arguments.horizon, trees="always", workers=arguments.workers
            ),
        )
    part = units if arguments.full else units[: min(PART, len(units))]
    automatic_ets((units[:1], arguments.horizon))
    with Meter() as theirs:
        if arguments.full:
            chunks = [(part[begin : begin + CHUNK], arguments.horizon) for begin in range(0, len(part), CHUNK)]
            sum(run_tasks(automatic_ets, chunks, workers=arguments.workers))
        else:
            automatic_ets((part, arguments.horizon))
    scale = len(units) / len(part)
    # One process timed on a part; as many processes as the pipeline may use share the whole evenly at best.
    reference = theirs.seconds * scale / (1 if arguments.full else arguments.workers)
    case: dict[str, Any] = {
        "name": "full pipeline",
        "series": arguments.series,
        "weeks": arguments.weeks,
        "workers": arguments.workers,
        "seconds": round(ours.seconds, 1),
        "cpu_seconds": round(ours.cpu, 1),
        "peak_mb": ours.peak_mb,
        "autoets_seconds": round(reference, 1),
        "autoets_cpu_seconds": round(theirs.cpu * scale, 1),
        "autoets_series_timed": len(part),
        "autoets_scaled": len(part) < len(units),
        "ratio": round(ours.seconds / reference, 3),
        "cpu_ratio": round(ours.cpu / (theirs.cpu * scale), 3),
        "finite": bool(np.isfinite(mean).all()),
    }
    if arguments.json:
        summary = {name: case[name] for name in ("seconds", "cpu_seconds", "peak_mb", "ratio", "cpu_ratio")}
        print(json.dumps({"cases": [case], "summary": summary}))
    else:
        print(*(f"{key}: {value}" for key, value in case.items()), sep="\n")


if __name__ == "__main__":
    main()
