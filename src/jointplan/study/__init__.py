"""Settings, the order of stages, and a run from tables to results."""

from jointplan.study.compare import Comparison, compare_runs
from jointplan.study.run import Run
from jointplan.study.settings import MEASURES, Settings
from jointplan.study.settings_file import read_settings, settings_template
from jointplan.study.study import Forecast, Newness, StockTargets, Study, open_workspace

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
