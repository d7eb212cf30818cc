"""The models, from statsforecast: the only module that knows that library.

Most models are flat: they say one level for every week to come, so a forecast is a level times a season (see
``seasons.py``). The seasonal naive one and those that follow a trend say a path. The library is slow to load and is loaded when first used.

References
----------
Croston (1972), *Operational Research Quarterly* 23; Syntetos and Boylan (2005), *IJF* 21 (SBA); Syntetos, Boylan and Croston (2005), *JORS* 56 (which of the two);
Teunter, Syntetos and Babai (2011), *EJOR* 214 (TSB); Nikolopoulos et al. (2011), *JORS* 62 (ADIDA); Petropoulos and Kourentzes
(2015), *JORS* 66 (IMAPA); Fiorucci et al. (2016), *IJF* 32 (dynamic Theta); Hyndman et al. (2002), *IJF* 18 (automatic ETS);
Hyndman and Athanasopoulos, *Forecasting: Principles and Practice* (the others).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from jointplan.demand.settings import MOVING, ForecastSettings, ModelName

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SEASONAL_NAIVE: ModelName = "SeasonalNaive"

LEAST_WEEKS_TO_MOVE = 13
"""Weeks of history from which a trend may be followed."""

LEAST_SOLD_TO_MOVE = 0.75
"""Share of the late weeks in which a series must have sold for its trend to be followed."""


def flat_models(settings: ForecastSettings) -> tuple[ModelName, ...]:
    """Return the models of the settings that forecast one level for all weeks."""
    return tuple(name for name in settings.models if name != SEASONAL_NAIVE and name not in MOVING)


def moving_models(settings: ForecastSettings) -> tuple[ModelName, ...]:
    """Return the models of the settings that follow a trend."""
    return tuple(name for name in settings.models if name in MOVING)


def forecast_levels(histories: Sequence[Array], settings: ForecastSettings) -> Array:
    """Forecast the level of each history with each flat model.

    Parameters
    ----------
    histories : sequence of arrays
        Units per week of each series, from its first week to the last known one.
    settings : ForecastSettings
        Which models, and the window of WindowAverage.

    Returns
    -------
    array, series × models
        Units per week, ≥ 0; of CrostonSBA without its correction for a series that sells in every week, as Syntetos, Boylan and Croston (2005) ask
        Croston itself of such. The mean of a history too short for the model; NaN for one without any week.
    """
    models = [_model(name, settings) for name in flat_models(settings)]
    levels = np.full((len(histories), len(models)), np.nan)
    # What the correction of SBA is for, the wait between sales, is not there where something is sold in every week.
    plain = [_model("Croston" if name == "CrostonSBA" else name, settings) for name in flat_models(settings)]
    for row, history in zip(levels, histories, strict=True):
        if len(history):
            asked = plain if (history > 0).all() else models
            row[:] = [model.forecast(y=history, h=1)["mean"][0] for model in asked]
            row[np.isnan(row)] = history.mean()
    clipped: Array = np.maximum(levels, 0.0)
    return clipped


def says_path(name: ModelName, history: Array, first: Index, settings: ForecastSettings) -> Mask:
    """Tell of which series a model that says a path is asked.

    The seasonal naive model needs a season; one that follows a trend, series that are not short, sell in most weeks of late and
    ever changed.

    Parameters
    ----------
    name : str
        The model.
    history : array, series × weeks
        Units per week.
    first : array of int
        Column in which each series begins.
    settings : ForecastSettings
        See there.
    """
    weeks = history.shape[1]
    age = weeks - first
    if name == SEASONAL_NAIVE:
        seasons: Mask = age >= settings.season
        return seasons
    since = np.arange(weeks) >= first[:, None]
    late = since[:, -2 * LEAST_WEEKS_TO_MOVE :]
    sold = ((history[:, -2 * LEAST_WEEKS_TO_MOVE :] > 0) & late).sum(axis=1)
    highest = np.max(history, axis=1, where=since, initial=-np.inf)
    lowest = np.min(history, axis=1, where=since, initial=np.inf)
    enough = sold >= LEAST_SOLD_TO_MOVE * np.maximum(late.sum(axis=1), 1)
    moving: Mask = (age >= LEAST_WEEKS_TO_MOVE) & enough & (highest > lowest)
    return moving


def forecast_paths(name: ModelName, histories: Sequence[Array], horizon: int, settings: ForecastSettings) -> Array:
    """Forecast histories that a model which says a path is asked of.

    Returns
    -------
    array, series × weeks
        Units per week, ≥ 0.
    """
    model = _model(name, settings)
    paths = np.zeros((len(histories), horizon))
    for row, history in zip(paths, histories, strict=True):
        row[:] = np.maximum(model.forecast(y=history, h=horizon)["mean"], 0.0)
    return paths


def _model(name: ModelName, settings: ForecastSettings) -> Any:
    from statsforecast import models

    match name:
        case "SeasonalNaive":
            return models.SeasonalNaive(settings.season)
        case "HistoricAverage":
            return models.HistoricAverage()
        case "WindowAverage":
            return models.WindowAverage(settings.window)
        case "SES":
            return models.SimpleExponentialSmoothing(alpha=0.1)
        case "SESOptimized":
            return models.SimpleExponentialSmoothingOptimized()
        case "Croston":
            return models.CrostonClassic()
        case "CrostonSBA":
            return models.CrostonSBA()
        case "TSB":
            return models.TSB(alpha_d=0.2, alpha_p=0.1)
        case "ADIDA":
            return models.ADIDA()
        case "IMAPA":
            return models.IMAPA()
        case "DynamicTheta":
            return models.DynamicTheta(1)
        case "DynamicOptimizedTheta":
            return models.DynamicOptimizedTheta(1)
        case "AutoETS":
            return models.AutoETS(1)
