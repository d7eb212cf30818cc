"""The settings page."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from jointplan.study.reference import settings_page

ROOT = Path(__file__).resolve().parent.parent.parent


class Solve(BaseModel):
    """Limits."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    gap: float = Field(0.01, ge=0, lt=1)
    """Stop when the plan is proven to be this near
    to the best."""


class Local(BaseModel):
    """Settings of a study."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    currency: str | None = None
    """Currency of the run."""
    measures: tuple[Literal["pool", "share"], ...] = ("pool",)
    """Measures switched on."""
    solve: Solve = Solve()
    """How long and how well to solve."""


def test_the_page_is_fresh() -> None:
    """docs/settings.md says what the models say; renew it with `python -m jointplan.study.reference docs/settings.md`."""
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == settings_page()


def test_each_setting_has_a_row_with_its_default_bounds_and_meaning() -> None:
    """What the model says about a setting stands in one row, lines of its docstring joined."""
    page = settings_page(Local)
    assert "| `currency` | unset | a text in quotes | Currency of the run. |" in page
    assert '| `measures` | `["pool"]` | a list of: pool, share | Measures switched on. |' in page
    assert "proven to be this near to the best. |" in page


def test_a_model_in_a_model_has_its_own_section_named_as_in_the_file() -> None:
    """The heading is the TOML table, followed by what the field says of it."""
    section = settings_page(Local).split("## [solve]")[1]
    assert "How long and how well to solve." in section
    assert "| `gap` | `0.01` |" in section
    assert "`currency`" not in section


def test_a_setting_without_a_description_is_refused() -> None:
    """A setting nobody explained cannot reach the page."""

    class Bare(BaseModel):
        seed: int = 7

    with pytest.raises(ValueError, match="seed"):
        settings_page(Bare)
