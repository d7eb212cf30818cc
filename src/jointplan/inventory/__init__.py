"""Stock targets: how much to keep where, for demand that is not known."""

from jointplan.inventory.base_stock import best_level
from jointplan.inventory.distributions import DiscreteDemand, LognormalDemand, NormalDemand
from jointplan.inventory.guaranteed import ServiceNetwork, ServicePlan
from jointplan.inventory.guaranteed_network import plan_service
from jointplan.inventory.newsvendor import Newsvendor, newsvendor
from jointplan.inventory.ordering import StockCosts, StockState, decide_orders, simulate_stock
from jointplan.inventory.reorder import (
    ReorderPolicy,
    best_order_up_to,
    best_reorder,
    best_reorder_in_units,
    reorder_cost,
    reorder_point_for,
)
from jointplan.inventory.replenishment import Replenishment, StockLevel
from jointplan.inventory.settings import InventorySettings
from jointplan.inventory.stage import Stocked, stock_targets

__all__ = [
    "DiscreteDemand",
    "InventorySettings",
    "LognormalDemand",
    "Newsvendor",
    "NormalDemand",
    "ReorderPolicy",
    "Replenishment",
    "ServiceNetwork",
    "ServicePlan",
    "StockCosts",
    "StockLevel",
    "StockState",
    "Stocked",
    "best_level",
    "best_order_up_to",
    "best_reorder",
    "best_reorder_in_units",
    "decide_orders",
    "newsvendor",
    "plan_service",
    "reorder_cost",
    "reorder_point_for",
    "simulate_stock",
    "stock_targets",
]
