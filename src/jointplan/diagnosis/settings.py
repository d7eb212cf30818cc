"""How the cluster is diagnosed."""

from __future__ import annotations

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


class CodevelopmentSettings(BaseModel):
    """How the co-development of the cluster and its e-commerce is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    equal_weights: bool = False
    """Give every indicator of a system the same weight; else entropy weights are taken, once over all periods."""

    floor: float = Field(default=0.25, ge=0, lt=1)
    """Fixed goalposts: an indicator scores 0 at this share of its value in the first period (at its inverse where less is better)."""

    ceiling: float = Field(default=4.0, gt=1)
    """And 1 at this multiple of it."""

    goalposts: dict[str, tuple[float, float]] = {}
    """Goalposts of single indicators by name, worst then best; needed where the first value is zero or negative."""

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

    structure: StructureSettings = StructureSettings()
    """How the cluster's structure is measured."""

    lock_in: LockInSettings = LockInSettings()
    """How lock-in and dependence are measured."""

    codevelopment: CodevelopmentSettings = CodevelopmentSettings()
    """How the co-development of the cluster and its e-commerce is measured."""
