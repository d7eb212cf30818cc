"""The tables a user brings, a file for each theme. Money is in the currency named by the row, else in the currency of the run.

The order here is that of the templates and of the reference page.
"""

from __future__ import annotations

from jointplan.schema.declare import Table
from jointplan.schema.inputs.cluster import FIRMS, MARKETS, PRODUCTS
from jointplan.schema.inputs.cooperation import DESIGNS, MEASURES, POLICIES, TERMS
from jointplan.schema.inputs.decided import APPROVED, RECORDED
from jointplan.schema.inputs.demand import (
    AVAILABILITY,
    CAMPAIGNS,
    ORDERS,
    POTENTIALS,
    PROMOTIONS,
    RETURNS,
    SALES,
    SIGNALS,
    STOCK_COUNTS,
)
from jointplan.schema.inputs.logistics import LANES, SITES, TARIFFS
from jointplan.schema.inputs.money import CREDIT, FEES, FX
from jointplan.schema.inputs.production import CALENDAR, CAPABILITIES, CAPACITY, OPERATIONS
from jointplan.schema.inputs.rules import CERTIFICATES, CONTAINERS, DUTIES, EXPORT_MODES, WEIGHT_RULES
from jointplan.schema.inputs.supply import MATERIAL_STOCK, MATERIALS, SOURCES, STOCK
from jointplan.schema.inputs.surroundings import INDICATORS, TIES, TRADE

INPUTS: tuple[Table, ...] = (
    FIRMS, PRODUCTS, MARKETS,
    SALES, RETURNS, ORDERS, POTENTIALS, CAMPAIGNS, AVAILABILITY, STOCK_COUNTS, SIGNALS,
    OPERATIONS, CAPABILITIES, CAPACITY, CALENDAR,
    MATERIALS, SOURCES, MATERIAL_STOCK, STOCK,
    SITES, LANES, TARIFFS, WEIGHT_RULES, CONTAINERS, DUTIES, EXPORT_MODES, CERTIFICATES,
    FX, FEES, CREDIT,
    PROMOTIONS, TIES, TRADE, INDICATORS,
    DESIGNS, TERMS, POLICIES, MEASURES,
    RECORDED, APPROVED,
)  # fmt: skip

__all__ = ["INPUTS"]
