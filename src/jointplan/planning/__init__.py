"""The joint plan: batches, division of labour, stock and shipments."""

from jointplan.planning.defaults import complete_tables
from jointplan.planning.plans import PlanSet, make_plans, plan_coalition
from jointplan.planning.settings import PlanSettings

__all__ = ["PlanSet", "PlanSettings", "complete_tables", "make_plans", "plan_coalition"]
