"""Information and spillover: whose data help whom, how orders swing, whether starts spread, and who is cut off."""

from jointplan.diagnosis.information.measure import measure_information, measure_orders

__all__ = ["measure_information", "measure_orders"]
