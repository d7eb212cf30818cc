"""How long the full pipeline takes on many series, beside AutoETS alone on the same ones.

    python benchmarks/demand_speed.py [--series 30000] [--weeks 104] [--horizon 13] [--full] [--json]

The series are drawn: smooth, erratic, intermittent and lumpy ones, with trends and seasons. AutoETS is timed on a part of the series and scaled up, which
the output says; with ``--full`` it forecasts all of them. Both use the processes of ``--workers``.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
import warnings
from typing import Any

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
    began = time.perf_counter()
    mean, _ = forecast_series(
        units,
        horizon=arguments.horizon,
        settings=ForecastSettings(
            models=MODELS, origin_step=arguments.horizon, trees="always", workers=arguments.workers
        ),
    )
    seconds = time.perf_counter() - began
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = sum(resource.getrusage(one).ru_maxrss for one in who) // 1024
    part = units if arguments.full else units[: min(PART, len(units))]
    automatic_ets((units[:1], arguments.horizon))
    began = time.perf_counter()
    if arguments.full:
        chunks = [(part[begin : begin + CHUNK], arguments.horizon) for begin in range(0, len(part), CHUNK)]
        sum(run_tasks(automatic_ets, chunks, workers=arguments.workers))
        reference = time.perf_counter() - began
    else:
        # One process timed on a part; as many processes as the pipeline may use share the whole evenly at best.
        automatic_ets((part, arguments.horizon))
        reference = (time.perf_counter() - began) * len(units) / len(part) / arguments.workers
    case: dict[str, Any] = {
        "name": "full pipeline",
        "series": arguments.series,
        "weeks": arguments.weeks,
        "workers": arguments.workers,
        "seconds": round(seconds, 1),
        "peak_mb": peak,
        "autoets_seconds": round(reference, 1),
        "autoets_series_timed": len(part),
        "autoets_scaled": len(part) < len(units),
        "ratio": round(seconds / reference, 3),
        "finite": bool(np.isfinite(mean).all()),
    }
    if arguments.json:
        print(json.dumps({"cases": [case], "summary": {"seconds": case["seconds"], "ratio": case["ratio"]}}))
    else:
        print(*(f"{key}: {value}" for key, value in case.items()), sep="\n")


if __name__ == "__main__":
    main()
