"""How good forecasts are on five real collections, beside the single models of statsforecast.

    python benchmarks/demand.py --data DIR [--case NAME] [--series N] [--origins N] [--defaults] [--json]

Cases: Online Retail (product × country, weekly), spare parts (a manufacturer's by week, car parts by month), VN2 sales (shop ×
product, weeks out of stock unknown) and Olist's categories by week. From each of the last disjoint origins the next periods are
forecast, from what came before alone, by Jointplan and by every single model. Of each case the mean pinball loss over nine deciles
and the RMSSE, both scaled by the naive error of the history; the ratio to the best single model **chosen in hindsight**; the ratio to
the seasonal naive model; and the share of what came in the 80 % band, by the randomised transform and as it stands.

Series that sold in at least eight periods before the first origin and are long enough for the references' intervals take part, at most ``--series``
of them, drawn at random. Where demand was unknown the references are given the history with those periods filled in, since they cannot
leave them open. Models without intervals of their own are given statsforecast's conformal ones.

With ``--defaults`` Jointplan forecasts with the settings of a run: fewer models, past Mondays thirteen periods apart, trees taught briefly where series and
weeks are few. Without it, with those of ``forecast_series``: all models, past Mondays a horizon apart, trees taught at length (``--trees``).
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from demand_data import COLLECTIONS, Collection
from jointplan.demand import ForecastSettings, forecast_series, scoring
from jointplan.demand.arrays import MODELS
from jointplan.demand.history import fill_unseen
from jointplan.demand.trials import CHANCES, NINE

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

LEAST_SOLD = 8
LEVELS = [20, 40, 60, 80]


def taking_part(collection: Collection, origins: int, most: int, seed: int) -> Index:
    """Return the series that are forecast."""
    known = collection.values[:, : collection.values.shape[1] - origins * collection.horizon]
    first = np.where((known > 0).any(axis=1), (known > 0).argmax(axis=1), known.shape[1])
    enough = ((known > 0).sum(axis=1) >= LEAST_SOLD) & (known.shape[1] - first >= 3 * collection.horizon + 2)
    rows = np.flatnonzero(enough)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    return rows


def single_models(history: Array, first: Index, horizon: int, season: int) -> dict[str, tuple[Array, Array]]:
    """Return mean and deciles of every single model of statsforecast."""
    from statsforecast import StatsForecast, models
    from statsforecast.utils import ConformalIntervals

    learnt = ConformalIntervals(n_windows=2, h=horizon)
    chosen: list[Any] = [
        models.SeasonalNaive(season),
        models.HistoricAverage(),
        models.WindowAverage(8, prediction_intervals=learnt),
        models.SimpleExponentialSmoothingOptimized(prediction_intervals=learnt),
        models.CrostonSBA(prediction_intervals=learnt),
        models.TSB(0.2, 0.1, prediction_intervals=learnt),
        models.ADIDA(prediction_intervals=learnt),
        models.IMAPA(prediction_intervals=learnt),
        # Exponential smoothing with a season is made for seasons of 24 periods at most.
        models.AutoETS(season_length=season if season <= 24 else 1),
        models.DynamicOptimizedTheta(season_length=season if season <= 24 else 1),
    ]
    long = pd.concat(
        pd.DataFrame({"unique_id": row, "ds": np.arange(len(units) - begin), "y": units[begin:]})
        for row, (units, begin) in enumerate(zip(history, first, strict=True))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = StatsForecast(chosen, freq=1, n_jobs=1).forecast(df=long, h=horizon, level=LEVELS)
    made = made.sort_values(["unique_id", "ds"])
    shape = (len(history), horizon)
    results = {}
    for model in chosen:
        name = str(model.alias)
        columns = [f"{name}-lo-{level}" for level in reversed(LEVELS)], [f"{name}-hi-{level}" for level in LEVELS]
        mean = made[name].to_numpy(dtype=float).reshape(shape)
        deciles = np.stack(
            [made[column].to_numpy(dtype=float).reshape(shape) for column in (*columns[0], name, *columns[1])], axis=1
        )
        # A season of history short, the seasonal naive model repeats the last value.
        last = history[:, -1:] + np.zeros(shape)
        mean = np.where(np.isnan(mean), last, mean)
        deciles = np.where(np.isnan(deciles), mean[:, None], deciles)
        results[name] = np.maximum(mean, 0.0), np.sort(np.maximum(deciles, 0.0), axis=1)
    return results


def run(collection: Collection, *, series: int, origins: int, settings: ForecastSettings) -> dict[str, Any]:
    """Forecast one collection from each origin and score everybody."""
    rows = taking_part(collection, origins, series, seed=0)
    values, horizon = collection.values[rows], collection.horizon
    pinball: dict[str, list[Array]] = {}
    rmsse: dict[str, list[Array]] = {}
    held, inside, weeks = 0.0, 0.0, 0
    sums = [0.0, 0.0]
    seconds = {"jointplan": 0.0, "references": 0.0}
    for origin in range(origins, 0, -1):
        cutoff = values.shape[1] - origin * horizon
        past, actual = values[:, :cutoff], values[:, cutoff : cutoff + horizon]
        known = fill_unseen(np.nan_to_num(past), np.isnan(past))
        first = (known > 0).argmax(axis=1)
        absolute, squared = scoring.naive_errors(known, first)
        began = time.perf_counter()
        mean, quantiles = forecast_series(
            past,
            horizon=horizon,
            season=collection.season,
            settings=settings,
            sku=collection.sku[rows],
            market=collection.market[rows],
            family=collection.family[rows],
            begin=collection.begin,
            country=None if collection.country is None else collection.country[rows],
        )
        seconds["jointplan"] += time.perf_counter() - began
        began = time.perf_counter()
        made = single_models(known, first, horizon, collection.season)
        seconds["references"] += time.perf_counter() - began
        for name, (middle, deciles) in {"jointplan": (mean, quantiles[:, NINE]), **made}.items():
            loss = scoring.pinball(actual, deciles, CHANCES[NINE]).mean(axis=1)
            pinball.setdefault(name, []).append(loss / absolute)
            rmsse.setdefault(name, []).append(scoring.rmsse(actual, middle, squared))
        seen = int((~np.isnan(actual)).sum())
        held += scoring.pit_coverage(actual, quantiles, CHANCES) * seen
        band = np.where(np.isnan(actual), np.nan, (quantiles[:, 2] <= actual) & (actual <= quantiles[:, 10]))
        inside += float(np.nansum(band))
        weeks += seen
        sums[0] += float(np.nansum(mean - actual))
        sums[1] += float(np.nansum(actual))
    losses = {name: float(np.nanmean(np.concatenate(parts))) for name, parts in pinball.items()}
    errors = {name: float(np.nanmean(np.concatenate(parts))) for name, parts in rmsse.items()}
    singles = [name for name in losses if name != "jointplan"]
    best, best_rmsse = min(singles, key=losses.__getitem__), min(singles, key=errors.__getitem__)
    return {
        "name": collection.name,
        "series": len(rows),
        "origins": origins,
        "horizon": horizon,
        "pinball": round(losses["jointplan"], 4),
        "rmsse": round(errors["jointplan"], 4),
        "bias": round(sums[0] / sums[1], 3),
        "coverage80": round(held / weeks, 3),
        "coverage80_raw": round(inside / weeks, 3),
        "best_single": best,
        "pinball_ratio": round(losses["jointplan"] / losses[best], 4),
        "best_single_by_rmsse": best_rmsse,
        "best_single_rmsse": round(errors[best_rmsse], 4),
        "rmsse_ratio": round(errors["jointplan"] / errors[best_rmsse], 4),
        "seasonal_naive_ratio": round(losses["jointplan"] / losses["SeasonalNaive"], 4),
        "seasonal_naive_rmsse": round(errors["SeasonalNaive"], 4),
        "seasonal_naive_rmsse_ratio": round(errors["jointplan"] / errors["SeasonalNaive"], 4),
        "singles": {name: [round(losses[name], 4), round(errors[name], 4)] for name in singles},
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
    }


def main() -> None:
    """Run the cases asked for and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("JOINTPLAN_DATA"), help="folder of the collections")
    parser.add_argument("--case", choices=tuple(COLLECTIONS), action="append")
    parser.add_argument("--series", type=int, default=300, help="most series of a case")
    parser.add_argument("--origins", type=int, default=2)
    parser.add_argument("--trees", choices=("auto", "always", "never"), default="always")
    parser.add_argument("--defaults", action="store_true", help="forecast with the settings of a run")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    if not arguments.data:
        parser.error("name the folder of the collections with --data")
    cases = []
    for name in arguments.case or COLLECTIONS:
        collection = COLLECTIONS[name](arguments.data)
        settings = ForecastSettings(models=MODELS, origin_step=collection.horizon, trees=arguments.trees, workers=1)
        if arguments.defaults:
            settings = ForecastSettings(workers=1)
        case = run(collection, series=arguments.series, origins=arguments.origins, settings=settings)
        cases.append(case)
        if not arguments.json:
            print(*(f"{key}: {value}" for key, value in case.items()), sep="\n", end="\n\n", flush=True)
    summary = {
        "better_than_best_single": sum(case["pinball_ratio"] < 1 for case in cases),
        "better_than_best_single_in_rmsse": sum(case["rmsse_ratio"] < 1 for case in cases),
        "better_than_seasonal_naive": sum(case["seasonal_naive_ratio"] <= 1 for case in cases),
        "better_than_seasonal_naive_in_rmsse": sum(case["seasonal_naive_rmsse_ratio"] <= 1 for case in cases),
        "coverage_within_77_83": sum(0.77 <= case["coverage80"] <= 0.83 for case in cases),
        "cases": len(cases),
    }
    print(json.dumps({"cases": cases, "summary": summary}) if arguments.json else summary)


if __name__ == "__main__":
    main()
