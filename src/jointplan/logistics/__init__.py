"""Chargeable weight, duty and tax, export refunds: what it costs to bring a unit to its market."""

from jointplan.logistics.assumed import Assumed
from jointplan.logistics.customs import Charges, DutyRule, charges, customs_value, export_refund
from jointplan.logistics.explain import LandedCost, Line, landed_cost, refuse_strangers
from jointplan.logistics.freight import unit_freight
from jointplan.logistics.rules import built_in_rows
from jointplan.logistics.settings import LogisticsSettings
from jointplan.logistics.stage import Landed, add_landed_costs
from jointplan.logistics.weights import Container, WeightRule, chargeable_weight, containers_needed

__all__ = [
    "Assumed",
    "Charges",
    "Container",
    "DutyRule",
    "Landed",
    "LandedCost",
    "Line",
    "LogisticsSettings",
    "WeightRule",
    "add_landed_costs",
    "built_in_rows",
    "chargeable_weight",
    "charges",
    "containers_needed",
    "customs_value",
    "export_refund",
    "landed_cost",
    "refuse_strangers",
    "unit_freight",
]
