"""How demand for new products is foretold."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class LaunchSettings(BaseModel):
    """How demand for new products is foretold, and how their first batch is tested."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    new_weeks: int = Field(default=8, ge=1, le=26)
    """Weeks since its first sale in which a product counts as new."""

    cover_weeks: int = Field(default=13, ge=2, le=52)
    """Weeks a first batch has to last, and over which a repeat is judged."""

    cost_share: float = Field(default=0.6, gt=0, lt=1)
    """Cost of a unit as a share of its price, where the product has no transfer price."""

    salvage: float = Field(default=0.5, ge=0, lt=1)
    """Share of its cost that a unit left over still brings."""

    hurdle_share: float = Field(default=0.5, gt=0, le=10)
    """A product is worth repeating if it sells this share of what the middle one of earlier launches sold, and what pays for another setup and fills a minimum batch."""

    certainty: float = Field(default=0.8, gt=0.5, lt=1)
    """Chance of being right from which first sales decide for a repeat or a stop, and share of launches they must decide for a week to tell."""

    paths: int = Field(default=2000, ge=200, le=100_000)
    """Courses drawn for each new product."""
