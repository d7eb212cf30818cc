"""How product heat is measured."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class HeatSettings(BaseModel):
    """How product heat is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    home: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    """Home country, two letters such as CN, whose markets are held against those abroad; unset: the country of most firms' currency, else of the run's."""

    shown_weeks: int = Field(default=13, ge=1, le=104)
    """Past weeks for which heat is kept, so that its course can be seen."""

    origins: int = Field(default=13, ge=1, le=52)
    """Past Mondays from which heat is learned and held against what came after."""

    origin_step: int = Field(default=4, ge=1)
    """Weeks between these Mondays."""

    draws: int = Field(default=199, ge=19, le=9999)
    """Shifted copies of a history that a lead of one side over the other must beat."""
