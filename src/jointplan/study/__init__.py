"""Settings, the order of stages, and a run from tables to results."""

from jointplan.study.answers import Forecast, Newness, StockTargets
from jointplan.study.compare import Comparison, compare_runs
from jointplan.study.opening import open_workspace
from jointplan.study.run import Run
from jointplan.study.settings import MEASURES, Settings
from jointplan.study.settings_file import read_settings, settings_template
from jointplan.study.study import Study

__all__ = [
    "MEASURES",
    "Comparison",
    "Forecast",
    "Newness",
    "Run",
    "Settings",
    "StockTargets",
    "Study",
    "compare_runs",
    "open_workspace",
    "read_settings",
    "settings_template",
]
