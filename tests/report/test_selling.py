"""The page of forecasts says what they leave out: what has not sold yet, and what sold too late to be counted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jointplan.report.blocks import Note
from jointplan.report.selling import selling_section
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun, write_table
from tests.report.clusters import build


def notes(folder: Path, known: list[tuple[float, float]], lately: list[str], lang: str = "en") -> list[Note]:
    """Return the notes of the page of a run whose past Mondays sold, and knew of, so many units."""
    build(folder)
    rows: list[dict[str, Any]] = [
        {"origin": date(2025, 1, 6 + 7 * place), "weeks": 8, "sold": sold, "known": told, "share": told / sold}
        for place, (sold, told) in enumerate(known)
    ]
    write_table(folder, "known_sales", pa.Table.from_pylist(rows, TABLES["known_sales"].arrow))
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["dropped"]["products"] = lately
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        return [block for block in selling_section(view).blocks if isinstance(block, Note)]


@pytest.mark.parametrize(
    ("known", "tone"), [([(50.0, 46.0), (40.0, 40.0)], ""), ([(50.0, 11.0), (40.0, 38.0)], "warning")]
)
def test_the_page_says_how_much_was_sold_by_what_had_sold_before(
    tmp_path: Path, known: list[tuple[float, float]], tone: str
) -> None:
    """The least and the largest share on past Mondays are told; where the least is below nine tenths it is a warning, and says what follows."""
    (note,) = notes(tmp_path, known, [])
    shares = sorted(told / sold for sold, told in known)
    assert f"{shares[0]:.0%}–{shares[1]:.0%}" in note.text
    assert "8 weeks after past Mondays (2)" in note.text
    assert note.tone == tone
    assert ("may well sell more than is forecast" in note.text) == (tone == "warning")


@pytest.mark.parametrize(("lang", "said"), [("en", "incomplete last week alone"), ("zh", "仅在不完整的最后一周有销售")])
def test_the_page_names_what_sold_in_the_incomplete_last_week_alone(tmp_path: Path, lang: str, said: str) -> None:
    """Such products have no forecast and are named; where there are none, and nothing is known of past Mondays, nothing is said."""
    (note,) = notes(tmp_path / "some", [], ["FRESH-1", "FRESH-2"], lang)
    assert said in note.text
    assert "FRESH-1" in note.text
    assert "FRESH-2" in note.text
    assert notes(tmp_path / "none", [], [], lang) == []
