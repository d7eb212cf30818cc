"""The reference page of the tables is never behind the declarations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jointplan.schema import TABLES
from jointplan.schema.reference import reference_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"


def test_the_page_is_what_the_declarations_say() -> None:
    """docs/tables.md is renewed with each change of the schema."""
    assert PAGE.read_text("utf-8") == reference_page(), "run: python -m jointplan.schema.reference docs/tables.md"


def test_the_page_is_written_by_the_command_it_names(tmp_path: Path) -> None:
    """The command in the page writes the page."""
    path = tmp_path / "tables.md"
    subprocess.run([sys.executable, "-m", "jointplan.schema.reference", str(path)], check=True)
    assert path.read_bytes() == PAGE.read_bytes()


def test_the_page_holds_every_column_in_both_languages() -> None:
    """Each table is a section with a row for each of its columns."""
    sections = dict(zip(TABLES, reference_page().split("\n### ")[1:], strict=True))
    for name, table in TABLES.items():
        assert sections[name].startswith(f"{name} {table.zh}\n")
        rows = [line for line in sections[name].splitlines() if line.startswith("| ")][1:]
        assert len(rows) == len(table.columns)
        for row, column in zip(rows, table, strict=True):
            assert column.name in row
            assert column.zh in row
            assert column.meaning_zh in row.replace("\\|", "|")
