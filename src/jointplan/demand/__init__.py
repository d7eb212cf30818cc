"""Probabilistic forecasts of demand and their accuracy, product heat, and new products."""

from jointplan.demand.arrays import forecast_series
from jointplan.demand.censoring import weekly_demand
from jointplan.demand.forecast import forecast_demand
from jointplan.demand.heat import HeatSettings, measure_heat
from jointplan.demand.knowing import known_sales
from jointplan.demand.launch import LaunchSettings, foresee_launches
from jointplan.demand.series import dropped_lines, weekly_returns, weekly_sales
from jointplan.demand.settings import ForecastSettings
from jointplan.demand.silence import silent_series

__all__ = [
    "ForecastSettings",
    "HeatSettings",
    "LaunchSettings",
    "dropped_lines",
    "forecast_demand",
    "forecast_series",
    "foresee_launches",
    "known_sales",
    "measure_heat",
    "silent_series",
    "weekly_demand",
    "weekly_returns",
    "weekly_sales",
]
