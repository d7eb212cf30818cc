"""The joint plan: batches, division of labour, stock and shipments."""

from jointplan.planning.plans import NO_QUESTIONS, PlanSet, Questions, make_plans, plan_coalition
from jointplan.planning.reading.defaults import complete_tables
from jointplan.planning.reading.wanted import DemandFactor
from jointplan.planning.settings import PlanSettings

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
