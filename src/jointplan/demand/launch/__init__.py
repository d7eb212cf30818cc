"""New products: what they may sell, how much to make first, and when first sales tell whether to go on."""

from jointplan.demand.launch.settings import LaunchSettings
from jointplan.demand.launch.stage import foresee_launches

__all__ = ["LaunchSettings", "foresee_launches"]
