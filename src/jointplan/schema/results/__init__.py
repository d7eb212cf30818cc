"""The tables a run writes, a file for each theme. Money is in the currency of the run.

The order here is that of the reference page.
"""

from __future__ import annotations

from jointplan.schema.declare import Table
from jointplan.schema.results.accuracy import ACCURACY, ACCURACY_PARTS, ACCURACY_SERIES, ACCURACY_SHARING
from jointplan.schema.results.basis import ASSUMPTIONS, CARRIED, DEMAND
from jointplan.schema.results.diagnosed import DIAGNOSED, FINDING_ROWS, FINDINGS
from jointplan.schema.results.diagnosed_market import DIAGNOSED_MARKET
from jointplan.schema.results.forecasts import FORECAST_PATHS, FORECAST_TOTALS, FORECASTS, KNOWN_SALES, SILENCES
from jointplan.schema.results.making import (
    BATCHES,
    DRAWN_MATERIALS,
    INVESTMENTS,
    KEPT_MATERIALS,
    KEPT_SETUPS,
    LOAD,
    LOTS,
    PURCHASES,
    STEPS,
)
from jointplan.schema.results.moving import CHANNEL_FEES, DELIVERIES, LANDED_COSTS, SHIPMENTS, STOCK_PLAN
from jointplan.schema.results.newness import NEWNESS
from jointplan.schema.results.reasons import CHANGES, HOUR_WORTH, REASONS
from jointplan.schema.results.stocking import PROTECTION, SAFETY_STOCK, TARGETS
from jointplan.schema.results.worth import GAINS, LEDGER, MEASURE_VALUES, VALUES, VIOLATIONS

RESULTS: tuple[Table, ...] = (
    ASSUMPTIONS, CARRIED,
    FORECASTS, FORECAST_PATHS, FORECAST_TOTALS, KNOWN_SALES, SILENCES,
    ACCURACY, ACCURACY_PARTS, ACCURACY_SERIES, ACCURACY_SHARING,
    LANDED_COSTS, CHANNEL_FEES,
    TARGETS, PROTECTION, SAFETY_STOCK,
    DEMAND, LOTS, STEPS, KEPT_SETUPS, LOAD, STOCK_PLAN, SHIPMENTS, DELIVERIES,
    LEDGER, VALUES, VIOLATIONS, GAINS, MEASURE_VALUES,
    HOUR_WORTH, REASONS, BATCHES, CHANGES, PURCHASES, DRAWN_MATERIALS, KEPT_MATERIALS, INVESTMENTS,
    FINDINGS, FINDING_ROWS, *DIAGNOSED, *DIAGNOSED_MARKET, *NEWNESS,
)  # fmt: skip

__all__ = ["RESULTS"]
