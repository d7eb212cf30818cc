"""Forecasts of plain arrays of series, for those who have no tables."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from jointplan.demand.basis import Task, forecast_basis
from jointplan.demand.holidays import known_weeks
from jointplan.demand.panel import Panel
from jointplan.demand.settings import ForecastSettings, ModelName
from jointplan.errors import UsageError
from jointplan.texts import tr

Array = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]


MODELS: tuple[ModelName, ...] = (
    "SeasonalNaive",
    "HistoricAverage",
    "WindowAverage",
    "SES",
    "SESOptimized",
    "CrostonSBA",
    "TSB",
    "ADIDA",
    "IMAPA",
    "DynamicOptimizedTheta",
)
"""Models that are tried unless the settings say otherwise: accuracy before speed."""


def forecast_series(
    values: Array,
    *,
    horizon: int,
    season: int = 52,
    seed: int = 0,
    settings: ForecastSettings | None = None,
    sku: Names | None = None,
    market: Names | None = None,
    family: Names | None = None,
    begin: date | None = None,
    country: Names | None = None,
) -> tuple[Array, Array]:
    """Forecast series that end together, as every run forecasts.

    Parameters
    ----------
    values : array, series × periods
        Units; NaN where demand is not known, such as out of stock or before the series began. Below 0 counts as 0.
    horizon : int
        Periods to forecast.
    season : int
        Periods after which a season comes round again.
    seed : int
        The same seed gives the same numbers.
    settings : ForecastSettings or None
        None: the usual ones, with past forecasts tried a horizon apart and the trees asked. The season is that of the argument.
    sku, market, family : arrays of str or None
        What each series is, where it is known; series of one family and market lend each other their season and shape.
    begin : date or None
        Monday of the first period, where periods are weeks: holidays are then known.
    country : array of str or None
        Country of each series, two letters, whose holidays count.

    Returns
    -------
    mean : array, series × horizon
        Units per period; 0 for a series that never sold.
    quantiles : array, series × 13 × horizon
        At the chances of :data:`jointplan.demand.trials.CHANCES`, non-decreasing.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or horizon < 1 or season < 2:
        raise UsageError(
            tr(
                "Series of shape {shape} cannot be forecast for {horizon} periods.",
                shape=str(values.shape),
                horizon=horizon,
            ),
            tr("Give an array of series × periods, at least one period to forecast and a season of at least two."),
        )
    if np.isinf(values).any():
        raise UsageError(
            tr("Series {n} holds an infinite number.", n=int(np.flatnonzero(np.isinf(values).any(axis=1))[0])),
            tr("Leave unknown periods as NaN."),
        )
    count, periods = values.shape
    if not count or not periods:
        return np.zeros((count, horizon)), np.zeros((count, 13, horizon))
    if settings is None:
        settings = ForecastSettings(models=MODELS, origin_step=horizon, trees="always")
    settings = settings.model_copy(update={"season": season, "ended_weeks": max(settings.ended_weeks, season)})
    blank = np.full(count, "", dtype=np.str_)
    numbered = np.array([str(number) for number in range(count)], dtype=np.str_)
    unseen = np.isnan(values)
    panel = Panel(
        numbered if sku is None else sku,
        blank if market is None else market,
        blank,
        np.full(count, "general", dtype=np.str_) if family is None else family,
        blank,
        np.maximum(np.nan_to_num(values), 0.0),
        unseen if unseen.any() else None,
        holidays=None if begin is None or country is None else known_weeks(country.tolist(), begin, periods + horizon),
    )
    made = forecast_basis(Task("series", panel, horizon, seed, settings, settings.workers))
    return made.mean, made.quantiles
