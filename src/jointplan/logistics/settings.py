"""Settings of logistics."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LogisticsSettings(BaseModel):
    """What goods pay at the border, and which rules are taken where tables are silent."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rules: Literal["none", "built_in"] = "none"
    """Rules of duty, tax and export refund where the tables duties and export_modes are silent: none, or those that come with the program, to be confirmed by your customs broker."""

    origin: str = Field(default="CN", pattern="^[A-Z]{2}$")
    """Country in which the firms of the cluster lie, two letters."""

    export_mode: str = ""
    """Customs supervision mode of lanes that name none, such as 9810; unset: no export refund for them."""

    prices_include_tax: bool = True
    """Whether the prices in sales and products hold the market's VAT, so that the seller pays it out of them; else the buyer pays it on top."""

    insurance: float = Field(default=0.0, ge=0, le=1)
    """Transport insurance as a share of the goods' value; part of the customs value where it is CIF."""

    purchase_share: float = Field(default=0.6, ge=0, le=1)
    """Price paid to the maker as a share of the unit value, where no transfer price is given; export refunds are a share of it."""
