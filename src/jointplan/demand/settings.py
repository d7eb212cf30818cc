"""How demand is forecast."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

ModelName = Literal[
    "SeasonalNaive",
    "HistoricAverage",
    "WindowAverage",
    "SES",
    "SESOptimized",
    "Croston",
    "CrostonSBA",
    "TSB",
    "ADIDA",
    "IMAPA",
    "DynamicTheta",
    "DynamicOptimizedTheta",
    "AutoETS",
]


MOVING: tuple[ModelName, ...] = ("DynamicTheta", "DynamicOptimizedTheta", "AutoETS")
"""Models that follow a trend: they are asked of series that sell in most weeks."""


SPIKE_FACTOR: float = 20
"""Usual weeks above which a week is more likely a single order, or a slip, than what is to be expected again."""


class ForecastSettings(BaseModel):
    """How demand is forecast."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    models: tuple[ModelName, ...] = Field(
        default=(
            "SeasonalNaive",
            "HistoricAverage",
            "WindowAverage",
            "SES",
            "SESOptimized",
            "CrostonSBA",
            "TSB",
            "ADIDA",
        ),
        min_length=1,
    )
    """Models that are tried. SeasonalNaive takes part where a series has two seasons of history (scores are held against it from one on), the Theta models and AutoETS where it sells in most weeks, so another is needed beside them."""

    @field_validator("models")
    @classmethod
    def _some_model_for_short_histories(cls, models: tuple[ModelName, ...]) -> tuple[ModelName, ...]:
        if set(models) == {"SeasonalNaive"}:
            raise ValueError("SeasonalNaive needs another model beside it, for series without two seasons of history")
        if not set(models) - {"SeasonalNaive", *MOVING}:
            raise ValueError("models that follow a trend need another model beside them, for series with gaps")
        if len(set(models)) < len(models):
            raise ValueError("each model can be named once")
        return models

    season: int = Field(default=52, ge=2, le=366)
    """Weeks after which a season comes round again."""

    window: int = Field(default=8, ge=1)
    """Weeks that WindowAverage looks back."""

    origins: int = Field(default=4, ge=0, le=26)
    """Past Mondays from which forecasts are tried and scored, to choose the model of each series."""

    origin_step: int = Field(default=13, ge=1)
    """Weeks between these Mondays; the last one lies this far back."""

    min_nonzero_weeks: int = Field(default=8, ge=1)
    """Weeks with sales a series needs to be forecast by itself; sparser ones are forecast with their family."""

    min_history_weeks: int = Field(default=8, ge=2)
    """Weeks since its first sale a series needs at a past Monday to be scored there."""

    ended_weeks: int = Field(default=52, ge=1)
    """Weeks without a sale after which a product counts as no longer sold: its forecast is zero."""

    spike_factor: float = Field(default=SPIKE_FACTOR, gt=1)
    """A week above this many times the usual week with sales counts as that much, so that one order does not rule the forecast; above twenty times that, it counts as a usual week, as digits must have slipped in."""

    half_life: float = Field(default=26, gt=0)
    """Weeks after which the spread of a past week counts half."""

    share_half_life: float = Field(default=13, gt=0)
    """Weeks after which a past week counts half when a family or product forecast is shared down."""

    caution: float = Field(default=12, ge=0)
    """How far the choice of a series' model leans to what serves its class well: the weight of the class in past Mondays."""

    sharpness: float = Field(default=20, ge=0)
    """How much more a better model weighs in the mean of the models; 0 gives all the same weight."""

    trees: Literal["auto", "always", "never"] = "auto"
    """Whether boosted trees, taught from all series at once, are put together with the models: ``auto`` from a hundred series on, briefly where series and weeks are few, and then only where that served on past Mondays."""

    examples: int = Field(default=60_000, ge=1_000)
    """Most past weeks that the trees are taught from; more are sampled."""

    rounds: int = Field(default=80, ge=10, le=1_000)
    """Trees of each quantile."""

    reconcile: bool = True
    """Whether forecasts of families, of markets and of the whole correct those of the series, of one owner's rows as of everybody's, where that served on past Mondays."""

    paths: int = Field(default=0, ge=0, le=1_000)
    """Courses of demand to draw for the table forecast_paths; 0 draws none."""

    workers: int | None = Field(default=None, ge=1)
    """Processes; blank takes all cores where there is enough work to pay for starting them, else one."""
