"""Probabilistic forecasts of demand and their accuracy."""

from jointplan.demand.arrays import forecast_series
from jointplan.demand.forecast import forecast_demand
from jointplan.demand.series import dropped_lines, weekly_returns, weekly_sales
from jointplan.demand.settings import ForecastSettings

__all__ = ["ForecastSettings", "dropped_lines", "forecast_demand", "forecast_series", "weekly_returns", "weekly_sales"]
