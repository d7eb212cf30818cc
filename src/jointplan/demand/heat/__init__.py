"""Product heat: what is likely to grow in the next eight weeks, and which side of the border leads."""

from jointplan.demand.heat.settings import HeatSettings
from jointplan.demand.heat.stage import measure_heat

__all__ = ["HeatSettings", "measure_heat"]
