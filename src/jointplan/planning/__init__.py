"""The joint plan: batches, division of labour, stock and shipments."""

from jointplan.planning.defaults import complete_tables
from jointplan.planning.plans import NO_QUESTIONS, PlanSet, Questions, make_plans, plan_coalition
from jointplan.planning.settings import PlanSettings
from jointplan.planning.wanted import DemandFactor

__all__ = [
    "NO_QUESTIONS",
    "DemandFactor",
    "PlanSet",
    "PlanSettings",
    "Questions",
    "complete_tables",
    "make_plans",
    "plan_coalition",
]
