"""The settings of a study. The docstring under each field is its documentation."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from jointplan.demand import ForecastSettings, HeatSettings, LaunchSettings
from jointplan.diagnosis import DiagnosisSettings
from jointplan.inventory import InventorySettings
from jointplan.logistics import LogisticsSettings
from jointplan.planning import PlanSettings
from jointplan.texts import tr

# The same names as jointplan.schema.measures declares: only literals can be listed as choices.
Measure = Literal[
    "pool_orders",
    "share_capacity",
    "divide_labour",
    "add_capability",
    "open_shared_workshop",
    "license_designs",
    "pool_purchases",
    "substitute_imports",
    "enter_market",
    "joint_promotion",
    "consolidate_freight",
    "overseas_warehouse",
]
MEASURES: tuple[Measure, ...] = (
    "pool_orders",
    "share_capacity",
    "divide_labour",
    "add_capability",
    "open_shared_workshop",
    "license_designs",
    "pool_purchases",
    "substitute_imports",
    "enter_market",
    "joint_promotion",
    "consolidate_freight",
    "overseas_warehouse",
)


class HorizonSettings(BaseModel):
    """Which weeks are planned."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    weeks: int = Field(default=26, ge=1, le=104)
    """Weeks planned ahead, or at most replayed."""

    start: date | None = None
    """Monday of the first week planned; unset: the Monday after the last complete week of sales, without lines far after all others, or the first week replayed."""

    replay: Literal["auto", "yes", "no"] = "auto"
    """Plan past weeks on their real sales, so that the recorded plan faces the same orders as the others: auto does so where the table recorded is given."""

    extra_weeks: int = Field(default=0, ge=0, le=52)
    """Weeks added after those replayed, without new orders, in which what is owed can still be served."""

    @field_validator("start")
    @classmethod
    def _starts_on_monday(cls, value: date | None) -> date | None:
        if value is not None and value.weekday():
            monday = value - timedelta(days=value.weekday())
            raise ValueError(tr("weeks start on Monday; the Monday of that week is {monday}", monday=monday))
        return value


class Settings(BaseModel):
    """Everything that can be set in jointplan.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = ""
    """Name of the cluster, shown on the report; unset: the name of the folder."""

    synthetic: bool = False
    """Whether the tables were made up, as those of the sample are; the report then says so."""

    language: Literal["en", "zh"] = "en"
    """Language of messages and report."""

    currency: str | None = None
    """Currency of the run, three letters such as CNY; unset: the one all markets share."""

    seed: int = Field(default=7, ge=0, lt=2**32)
    """Seed of everything random: the same tables, settings and seed give the same forecasts."""

    measures: tuple[Measure, ...] = MEASURES
    """What the members do together in the joint plan."""

    horizon: HorizonSettings = HorizonSettings()
    """Which weeks are planned."""

    diagnosis: DiagnosisSettings = DiagnosisSettings()
    """How it is measured what holds the cluster back."""

    forecast: ForecastSettings = ForecastSettings()
    """How demand is forecast."""

    heat: HeatSettings = HeatSettings()
    """How product heat is measured."""

    launch: LaunchSettings = LaunchSettings()
    """How demand for new products is foretold, and how their first batch is tested."""

    logistics: LogisticsSettings = LogisticsSettings()
    """What goods pay at the border, and which rules are taken where tables are silent."""

    inventory: InventorySettings = InventorySettings()
    """What stock costs, what its lack costs, and how often it is ordered."""

    plan: PlanSettings = PlanSettings()
    """What is assumed where tables are silent, and how long the solver may take."""

    @field_validator("currency")
    @classmethod
    def _is_a_currency(cls, value: str | None) -> str | None:
        if value is None:
            return None
        import pycountry

        code = value.strip().upper()
        if pycountry.currencies.get(alpha_3=code) is None:
            raise ValueError(
                tr("use the three-letter ISO code, such as CNY, USD or EUR")
                if code not in ("RMB", "CNH")
                else tr("the ISO code of renminbi is CNY")
            )
        return code

    @field_validator("measures")
    @classmethod
    def _names_each_measure_once(cls, value: tuple[Measure, ...]) -> tuple[Measure, ...]:
        return tuple(dict.fromkeys(value))
