"""The models, called as the forecasts call them."""

import numpy as np
import pytest

from jointplan.demand.models import SEASONAL_NAIVE, flat_models, forecast_levels, forecast_paths, says_path
from jointplan.demand.settings import ForecastSettings

# Hyndman and Athanasopoulos, Forecasting: Principles and Practice (2nd ed.), 12.2: monthly sales of lubricant C.
LUBRICANT = np.array(
    [0, 2, 0, 1, 0, 11, 0, 0, 0, 0, 2, 0, 6, 3, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 1, 0, 1, 0, 0.0]
)


def level(name: str, history: np.ndarray) -> float:
    return float(forecast_levels([history], ForecastSettings(models=(name,)))[0, 0])


def test_croston_forecasts_lubricant_as_published():
    """Croston's method with α = 0.1 says 0.985 a month for product C of the textbook."""
    assert level("Croston", LUBRICANT) == pytest.approx(0.985, abs=5e-4)


def test_croston_sba_forecasts_lubricant_as_published():
    """The correction of Syntetos and Boylan lowers it to 0.9354."""
    assert level("CrostonSBA", LUBRICANT) == pytest.approx(0.9354, abs=5e-5)


def test_nothing_is_taken_off_what_sells_in_every_week():
    """Constant sales are forecast as they are by every model; with a single gap the correction of Syntetos and Boylan is taken off."""
    settings = ForecastSettings(models=(*flat_models(ForecastSettings()), "Croston", "IMAPA"))
    assert forecast_levels([np.full(104, 40.0)], settings)[0] == pytest.approx(40.0)
    gap = np.where(np.arange(104) == 50, 0.0, 40.0)
    assert level("CrostonSBA", gap) == pytest.approx(0.95 * level("Croston", gap))


def test_simple_models_do_what_their_names_say():
    """Average, window average and smoothing agree with their formulas."""
    history = np.array([4.0, 8.0, 6.0, 2.0])
    assert level("HistoricAverage", history) == pytest.approx(5.0)
    settings = ForecastSettings(models=("WindowAverage",), window=2)
    assert forecast_levels([history], settings)[0, 0] == pytest.approx(4.0)
    smoothed = 4.0
    for value in history[1:]:
        smoothed += 0.1 * (value - smoothed)
    assert level("SES", history) == pytest.approx(smoothed)


def test_tsb_decays_when_nothing_is_sold():
    """The level of a product that stopped selling falls week by week, while Croston's stays."""
    sold = np.array([5.0] * 20)
    levels = [level("TSB", np.concatenate([sold, np.zeros(silent)])) for silent in (0, 10, 30)]
    assert levels[0] == pytest.approx(5.0)
    assert levels[0] > levels[1] > levels[2]
    assert levels[2] == pytest.approx(5.0 * 0.9**30)
    assert level("CrostonSBA", np.concatenate([sold, np.zeros(30)])) == pytest.approx(0.95 * 5.0)


def test_seasonal_naive_repeats_the_last_season_where_one_is_known():
    """With a season of history the last one comes again; with less there is no forecast."""
    settings = ForecastSettings(season=4)
    history = np.arange(9.0)
    assert forecast_paths(SEASONAL_NAIVE, [history], 6, settings)[0].tolist() == [5, 6, 7, 8, 5, 6]
    asked = says_path(SEASONAL_NAIVE, np.tile(history, (3, 1)), np.array([0, 5, 6]), settings)
    assert asked.tolist() == [True, True, False]


def test_a_trend_is_followed_where_there_may_be_one():
    """A model that follows a trend is asked of series long enough that sell in most weeks of late and ever changed."""
    wave = 5.0 + np.arange(40) % 7
    rare = np.where(np.arange(40) % 3 > 0, wave, 0.0)
    late = np.where(np.arange(40) < 20, 0.0, wave)
    history = np.stack([wave, rare, np.full(40, 5.0), late, late])
    asked = says_path("DynamicTheta", history, np.array([0, 0, 0, 20, 30]), ForecastSettings())
    assert asked.tolist() == [True, False, False, True, False]


@pytest.mark.parametrize("history", [np.zeros(0), np.array([3.0]), np.zeros(5), np.array([0, 0, 1e9])])
def test_awkward_histories_give_levels_or_nothing(history):
    """One, only zero or huge sales give a finite level ≥ 0; no week gives none; nothing is an error."""
    settings = ForecastSettings()
    levels = forecast_levels([history], settings)
    assert levels.shape == (1, len(flat_models(settings)))
    assert (np.isfinite(levels) & (levels >= 0)).all() if len(history) else np.isnan(levels).all()
