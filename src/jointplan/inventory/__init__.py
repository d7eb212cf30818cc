"""Stock targets: how much to keep where, for demand that is not known."""

from jointplan.inventory.ordering import StockCosts, StockState, decide_orders, simulate_stock
from jointplan.inventory.settings import InventorySettings
from jointplan.inventory.stage import Stocked, stock_targets

__all__ = [
    "InventorySettings",
    "StockCosts",
    "StockState",
    "Stocked",
    "decide_orders",
    "simulate_stock",
    "stock_targets",
]
