"""The page of new products says what its figures rest on and what they leave out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jointplan.report.blocks import Note, Section
from jointplan.report.launches import launches_section
from jointplan.report.view import RunView
from jointplan.schema import QUANTILES, TABLES
from jointplan.store import StoredRun, write_table
from tests.report.clusters import build

BASIS = {"launches": 12, "over": 12, "stand_ins": 0, "tried": 12, "undated": 0}


def launch(sku: str, **others: Any) -> dict[str, Any]:
    """Return a row of **launches**."""
    return {
        "sku": sku, "family": "fans", "weeks": 0, "sold": 0.0, "method": "courses", "analogues": "", "p": 0.1, "q": 0.1,
        "m": 100.0, "peak_week": 1.0, "horizon": 13, "mean": 60.0, **dict.fromkeys(QUANTILES, 60.0), "ratio": 0.7,
        "batch": 80.0, "hurdle": 20.0, "chance": 0.9, "telling_week": 2, "advice": "test",
    } | others  # fmt: skip


def page(folder: Path, lang: str, launches: list[dict[str, Any]], **basis: int) -> tuple[RunView, Section | None]:
    """Return the section of a run with such launches."""
    build(folder)
    write_table(folder, "launches", pa.Table.from_pylist(launches, TABLES["launches"].arrow))
    write_table(folder, "launch_basis", pa.Table.from_pylist([BASIS | basis], TABLES["launch_basis"].arrow))
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        return view, launches_section(view)


def notes(section: Section | None) -> str:
    assert section is not None
    return "\n".join(block.text for block in section.blocks if isinstance(block, Note))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_products_without_sales_or_day_are_counted(tmp_path: Path, lang: str) -> None:
    """How many do not count as new stands on the page, also where nothing is new; without any there is no such note and no section."""
    for launches in ([launch("NEW")], []):
        _, section = page(tmp_path, lang, launches, undated=1234)
        assert "1,234" in notes(section)
    assert page(tmp_path, lang, [])[1] is None
