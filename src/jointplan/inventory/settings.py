"""Settings of inventory."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class InventorySettings(BaseModel):
    """What stock costs, what its lack costs, and how often it is ordered."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    holding_rate: float = Field(0.25, gt=0)
    """Yearly cost of a unit in stock, as a share of its cost; storage fees of sites come on top."""

    cost_share: float = Field(0.6, gt=0, le=1)
    """Cost of a unit as a share of its value, where no transfer price is given."""

    unmet: Literal["owed", "lost"] = "owed"
    """What becomes of demand that stock does not cover: it is owed and served late, or lost."""

    late_share: float = Field(0.03, gt=0)
    """Cost of owing a unit for one week, as a share of its price."""

    lost_share: float = Field(0.4, gt=0)
    """Cost of losing the sale of a unit, margin and goodwill, as a share of its price."""

    service: float | None = Field(None, ge=0.5, lt=1)
    """Chance that stock covers demand until the next order can arrive; where it is watched all the time, the share of demand it serves. Set, it stands in place of the cost of shortage."""

    review_weeks: float = Field(1.0, ge=0, le=26)
    """Weeks between orders; 0: stock is watched all the time."""

    making_weeks: float = Field(1.0, ge=0, le=52)
    """Weeks from an order until the maker hands it over."""

    order_cost: float = Field(0.0, ge=0)
    """Fixed cost of an order, in the currency of the run; 0: orders are made at every review. Setups of makers are weighed by the plan."""

    promise_days: int = Field(0, ge=0, le=90)
    """Days customers wait for goods to leave the last stock, where stock is placed along the network."""

    samples: int = Field(400, ge=50, le=20_000)
    """Sample paths of demand drawn for each product."""
