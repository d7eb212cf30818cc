"""The settings page."""

from datetime import date
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from jointplan.study.reference import settings_reference


class Solve(BaseModel):
    """How long and how well to solve."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    gap: float = Field(0.01, ge=0, lt=1)
    """Stop when the plan is proven to be this near to the best."""
    threads: int | None = Field(None, gt=0)
    """Cores to use."""


class Local(BaseModel):
    """Settings of a study."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    currency: str = "CNY"
    """Currency of the run,
    as a three-letter code."""
    start: date | None = None
    """First Monday of the plan."""
    replay: Literal["auto", "yes", "no"] = "auto"
    """Whether to look back."""
    measures: tuple[Literal["pool_orders", "share_capacity"], ...] = ("pool_orders",)
    """Measures switched on."""
    solve: Solve = Solve()


def test_each_setting_has_a_row_with_its_type_bounds_default_and_meaning() -> None:
    """What the model says about a setting stands in one row of the page, lines of its docstring joined."""
    page = settings_reference(Local)
    assert '| `currency` | text | `"CNY"` | Currency of the run, as a three-letter code. |' in page
    assert "| `start` | date | none | First Monday of the plan. |" in page
    assert '| `replay` | `auto` · `yes` · `no` | `"auto"` | Whether to look back. |' in page
    assert "| `measures` | list of: `pool_orders` · `share_capacity` |" in page
    assert "| `threads` | whole number > 0 | none | Cores to use. |" in page


def test_a_model_in_a_model_has_its_own_section_named_as_in_the_file() -> None:
    """The heading is the TOML table, followed by what the model says of itself."""
    page = settings_reference(Local)
    section = page.split("## [solve]")[1]
    assert "How long and how well to solve." in section
    assert "| `gap` | number ≥ 0, < 1 | `0.01` |" in section
    assert "`currency`" not in section


def test_a_setting_without_a_description_is_refused() -> None:
    """A setting nobody explained cannot reach the page."""

    class Bare(BaseModel):
        seed: int = 7

    with pytest.raises(ValueError, match="seed"):
        settings_reference(Bare)
