"""The joint plan: batches, division of labour, stock and shipments."""

from jointplan.planning.approved import frozen_lots
from jointplan.planning.continuing import (
    MATERIALS_LOST,
    MATERIALS_TO_COME,
    begun_lots,
    left_by,
    materials_ordered,
    with_left,
)
from jointplan.planning.plans import NO_QUESTIONS, PlanSet, Questions, make_plans, plan_coalition
from jointplan.planning.reading.defaults import complete_tables
from jointplan.planning.reading.wanted import DemandFactor
from jointplan.planning.settings import PlanSettings

__all__ = [
    "MATERIALS_LOST",
    "MATERIALS_TO_COME",
    "NO_QUESTIONS",
    "DemandFactor",
    "PlanSet",
    "PlanSettings",
    "Questions",
    "begun_lots",
    "complete_tables",
    "frozen_lots",
    "left_by",
    "make_plans",
    "materials_ordered",
    "plan_coalition",
    "with_left",
]
