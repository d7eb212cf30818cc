"""How the cluster is diagnosed."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator

from jointplan.texts import tr


class StructureSettings(BaseModel):
    """How the cluster's structure is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    draws: int = Field(default=200, ge=20, le=5000)
    """Random networks, every firm keeping its number of ties, that the core is held against."""

    most_ties: int = Field(default=50_000, ge=1000)
    """Ties above which fewer random networks are drawn, so that a large cluster takes no longer."""

    backbone: float = Field(default=0.05, gt=0, le=1)
    """Where ties are derived from shared markets and materials: a tie is kept if so strong a one has less than this chance at one of its firms."""

    near_km: float = Field(default=2.0, gt=0)
    """Firms this near each other, at least three of them, make a dense cluster on the map."""


class LockInSettings(BaseModel):
    """How lock-in and dependence are measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    concentrated: float = Field(default=0.25, gt=0, le=1)
    """Herfindahl index above which a distribution counts as highly concentrated, the usual norm."""

    recover_weeks: float = Field(default=8.0, gt=0)
    """Weeks a supplier or firm that fails is out."""

    stock_weeks: float = Field(default=2.0, ge=0)
    """Weeks of use of each material that are on hand, as no table says it."""

    spare_share: float = Field(default=0.2, ge=0)
    """What the other suppliers of a material, or makers of a product, can add, as a share of what they supply now, where capacity is not given."""


class SamenessSettings(BaseModel):
    """How sameness and inertia are measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    alike: float = Field(default=0.6, ge=0.3, lt=1)
    """Likeness, between 0 and 1, from which two products count as alike."""

    same: float = Field(default=0.8, ge=0.3, lt=1)
    """Likeness from which two products are near-identical."""

    attributes: float = Field(default=0.25, ge=0, le=0.8)
    """How much weight, volume, family and customs code count beside the title."""

    bandwidth: float = Field(default=0.3, gt=0)
    """How far off, in distance of likeness, another product still crowds."""

    neighbours: int = Field(default=50, ge=1, le=1000)
    """Products alike that are looked for from each product."""

    draws: int = Field(default=500, ge=100, le=10_000)
    """Random draws behind intervals and chances."""

    firms: int = Field(default=300, ge=2, le=3000)
    """Most firms, by revenue, whose niches are compared."""

    young_weeks: int = Field(default=52, ge=4)
    """Weeks after its launch in which a product counts as young."""

    mapped: int = Field(default=250, ge=10, le=2000)
    """Most products drawn on the map of likeness."""


class InformationSettings(BaseModel):
    """How the flow of information is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    held_weeks: int = Field(default=8, ge=2, le=26)
    """Last weeks of sales that are held out to judge forecasts by."""

    series: int = Field(default=40, ge=2)
    """Most series judged, drawn at random."""

    context: int = Field(default=100, ge=2)
    """Most series forecast together with them."""

    nodes: int = Field(default=4, ge=0)
    """Most sellers, and most making firms, whose data are judged one by one; 0: none."""

    screened: int = Field(default=16, ge=0, le=500)
    """Most sets of nodes tried to find whose data are worth having, and in what order; a forecast each; 0: none."""

    least_gain: float = Field(default=0.0, ge=0, lt=1)
    """Share of the others' forecast loss that a node's data must take off to be worth what sharing costs."""

    draws: int = Field(default=500, ge=100, le=10_000)
    """Random draws behind intervals and chances."""

    neighbours: int = Field(default=5, ge=1, le=50)
    """Nearest firms that count as a firm's neighbours."""

    firms: int = Field(default=2000, ge=10, le=5000)
    """Most firms, drawn at random, among which spillover is tested."""


class LogisticsDiagnosisSettings(BaseModel):
    """How logistics, marketing and quality are measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    frontier: float = Field(default=0.1, gt=0, lt=0.5)
    """Share of the lanes that are cheaper, or quicker, than what counts as the best attainable."""

    draws: int = Field(default=500, ge=100, le=10_000)
    """Random draws behind intervals."""


class CodevelopmentSettings(BaseModel):
    """How the co-development of the cluster and its e-commerce is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    equal_weights: bool = False
    """Give every indicator of a system the same weight; else entropy weights are taken, once for all periods."""

    weights_until: str = ""
    """Entropy weights are of the periods up to this one (2025, 2025-Q4), so that later ones change no degree of the past; blank: of all."""

    weights: dict[str, float] = {}
    """Weights of the indicators of a system by name, each of them, in any unit; the degree by entropy weights is told beside. Without: as above."""

    floor: float = Field(default=0.25, ge=0, lt=1)
    """Fixed goalposts: an indicator scores 0 at this share of its value in the first period (at its inverse where less is better)."""

    ceiling: float = Field(default=4.0, gt=1)
    """And 1 at this multiple of it."""

    goalposts: dict[str, tuple[float, float]] = {}
    """Goalposts of single indicators by name, worst then best; needed where the first value is zero or negative."""

    @field_validator("weights")
    @classmethod
    def _none_below_zero(cls, weights: dict[str, float]) -> dict[str, float]:
        if below := [name for name, weight in weights.items() if not 0 <= weight < float("inf")]:
            raise ValueError(tr("the weight of {name} is not zero or more", name=below[0]))
        return weights

    @field_validator("weights_until")
    @classmethod
    def _a_period(cls, period: str) -> str:
        if period and not re.fullmatch(r"\d{4}(-?Q[1-4])?", period):
            raise ValueError(tr("{period} is no year or quarter, such as 2025 or 2025-Q4", period=period))
        return re.sub(r"(\d)Q", r"\1-Q", period)

    @field_validator("goalposts")
    @classmethod
    def _ends_differ(cls, goalposts: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        if same := [name for name, (worst, best) in goalposts.items() if worst == best]:
            raise ValueError(tr("the goalposts of {name} are the same", name=same[0]))
        return goalposts


class DiagnosisSettings(BaseModel):
    """How it is measured what holds the cluster back."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    with_run: bool = True
    """Diagnose in every run too, not only by the command diagnose."""

    rows: int = Field(default=500, ge=1)
    """Rows behind a finding that are listed of each table, the weightiest first; how many there are in all is told."""

    structure: StructureSettings = StructureSettings()
    """How the cluster's structure is measured."""

    lock_in: LockInSettings = LockInSettings()
    """How lock-in and dependence are measured."""

    sameness: SamenessSettings = SamenessSettings()
    """How sameness and inertia are measured."""

    information: InformationSettings = InformationSettings()
    """How the flow of information is measured."""

    logistics: LogisticsDiagnosisSettings = LogisticsDiagnosisSettings()
    """How logistics, marketing and quality are measured."""

    codevelopment: CodevelopmentSettings = CodevelopmentSettings()
    """How the co-development of the cluster and its e-commerce is measured."""
