"""Settings of the plan; each value that stands in for missing data is shown as an assumption."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class MakingSettings(_Settings):
    """What making costs where the tables do not say it."""

    share: float = Field(0.20, ge=0, le=1)
    """Making cost of one unit, as a share of its value."""
    material_share: float = Field(0.40, ge=0, le=1)
    """Material cost of one unit, as a share of its value."""
    bought_share: float = Field(0.60, ge=0, le=1)
    """Purchase price of a product bought in, as a share of its value."""
    hour_cost: float = Field(30.0, gt=0)
    """Cost of one hour of work, in the currency of the run."""
    major_setup_hours: float = Field(0.5, ge=0)
    """Hours to change to another family, where no capabilities are given."""
    minor_setup_hours: float = Field(0.1, ge=0)
    """Hours to change within a family, where no capabilities are given."""
    overtime_premium: float = Field(0.5, ge=0)
    """What an hour of overtime costs on top, as a share of the hourly cost."""
    transfer_margin: float = Field(0.15, ge=0)
    """Margin of the maker on its cost, where no transfer price is given."""
    other_makers: int = Field(4, ge=0)
    """Firms of other owners that a product is considered for: the cheapest that can make it and have hours in the weeks planned, hours of full workshops at the price of overtime."""
    chains: int = Field(4, ge=0)
    """Ways to divide a product's steps among several firms that are considered: the most promising; 0 for none."""
    step_margin: float = Field(0.10, ge=0)
    """What the maker who has the order pays another firm for a step, on top of what the step costs that firm."""
    peak_weeks: int = Field(52, ge=1)
    """Weeks of history in which a firm's busiest week is looked for, where no capacity is given."""


class FreightSettings(_Settings):
    """What transport costs where no lanes are given."""

    share: float = Field(0.15, ge=0)
    """Freight of a unit as a share of its value, for the typical product; it sets the rate per kg."""
    days: float = Field(10.0, ge=0)
    """Transit days of a parcel."""
    weight: float = Field(0.5, gt=0)
    """Gross weight in kg of a product of the median value, where no product has one; others in proportion."""
    volume: float = Field(0.003, gt=0)
    """Volume in m³ of a product of the median value, where no product has one; others in proportion."""
    move_loading: float = Field(15.0, ge=0)
    """Loading and unloading of a m³ that goes from one firm to the next between two steps, where no lane joins them."""
    move_rate: float = Field(1.0, ge=0)
    """Transport of a m³ for a km between two steps, where no lane joins the firms."""
    move_km: float = Field(20.0, ge=0)
    """Kilometres between two firms of which one has no coordinates."""


class CostSettings(_Settings):
    """Prices of time and of unmet demand."""

    holding_rate: float = Field(0.25, ge=0)
    """Yearly cost of capital tied up in stock, as a share of material and making cost: at a maker and on the way from it its own, where goods of several makers meet that of the cheapest."""
    late_share: float = Field(0.03, ge=0)
    """Cost of being one week late with a unit, as a share of its price."""
    late_weeks: int = Field(4, ge=0, le=26)
    """Weeks a customer waits before the demand is lost."""
    goodwill_share: float = Field(0.10, ge=0)
    """Goodwill lost with a unit that is not delivered, as a share of its price; shown apart, it is no cash."""
    borrowing_rate: float = Field(0.005, ge=0)
    """Weekly cost of money owed beyond a firm's limit, as a share of it: what lenders ask where banks do not lend."""
    unmet_cost: float = Field(0.0, ge=0)
    """The same as money per unit, besides the share: for goods without a price, such as orders that must be served."""


class HubSettings(_Settings):
    """What it costs to run the cooperation."""

    weekly_cost: float | None = Field(None, ge=0)
    """Staff, quality control and systems per week, in the currency of the run; deducted from the joint plan."""
    share: float = Field(0.005, ge=0, le=1)
    """The same as a share of the worth of what is wanted of the members' sellers, where no weekly cost is set."""


class SolveSettings(_Settings):
    """Limits of the computation of one plan."""

    seconds: float = Field(60.0, gt=0)
    """Most seconds for each plan: the separate, the joint, and that of each group or set of measures."""
    gap: float = Field(0.001, ge=0, lt=1)
    """Proven gap, a fraction, at which a plan is good enough."""
    rounds: int = Field(120, ge=1)
    """Most times, for each order, that a part of a large plan is taken out and planned again."""
    nodes: int | None = Field(None, ge=1)
    """Most branch-and-bound nodes; set it, and generous seconds, to get the same plan on every machine."""


class PlanSettings(_Settings):
    """Settings of the three plans."""

    making: MakingSettings = MakingSettings()
    """What making costs where the tables do not say it."""
    freight: FreightSettings = FreightSettings()
    """What transport costs where no lanes are given."""
    costs: CostSettings = CostSettings()
    """Prices of time and of unmet demand."""
    safety_stock: bool = False
    """Whether plans keep the safety stock of the stock targets where it is worth more than it costs; not in weeks that are past."""
    hub: HubSettings = HubSettings()
    """What it costs to run the cooperation."""
    solve: SolveSettings = SolveSettings()
    """Limits of the computation."""
