"""Settings, the order of stages, and a run from tables to results."""

from jointplan.study.settings import MEASURES, Settings
from jointplan.study.settings_file import read_settings, settings_template
from jointplan.study.study import Forecast, Run, Study, open_workspace

__all__ = [
    "MEASURES",
    "Forecast",
    "Run",
    "Settings",
    "Study",
    "open_workspace",
    "read_settings",
    "settings_template",
]
