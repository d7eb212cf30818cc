"""Tests of keeping what was imported."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.engine import DuckDBEngine
from jointplan.ingest.importers.imported import Lines
from jointplan.ingest.importers.keeping import add_lines, add_references, replace_rows
from jointplan.schema import TABLES

SALES = TABLES["sales"].arrow
IDENTITY = ("source", "document", "sku", "date", "unit_price", "quantity")


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(threads=1) as engine:
        yield engine


# What one file or sheet says: few distinct lines, so that equal ones are common.
line = st.tuples(st.sampled_from("AB"), st.sampled_from("xy"), st.sampled_from([0.1, 2.0]))
part = st.lists(line, max_size=6)
file = st.lists(part, min_size=1, max_size=3)


def lines_of(parts: list[list[tuple[str, str, float]]]) -> Lines:
    rows = [
        {
            "source": "s",
            "document": document,
            "date": date(2025, 3, 3),
            "sku": sku,
            "market": "DE",
            "seller": "F",
            "quantity": 1.0,
            "unit_price": price,
            "in_part": p,
            "in_row": r,
        }
        for p, lines in enumerate(parts)
        for r, (document, sku, price) in enumerate(lines)
    ]
    schema = pa.schema([*SALES, ("in_part", pa.int32()), ("in_row", pa.int64())])
    return Lines("sales", pa.Table.from_pylist(rows, schema=schema), IDENTITY)


def counted(table: pa.Table) -> Counter[tuple[str, str, float]]:
    return Counter(zip(*(table[c].to_pylist() for c in ("document", "sku", "unit_price")), strict=True))


@settings(max_examples=40, deadline=None)
@given(st.lists(file, min_size=1, max_size=3))
def test_lines_add_up_to_the_largest_count_any_part_shows(engine, files) -> None:
    """Whatever files come in whatever parts, the workspace holds each line as often as the part that shows it most."""
    there = SALES.empty_table()
    expected: Counter[tuple[str, str, float]] = Counter()
    for parts in files:
        lines = lines_of(parts)
        kept = add_lines(engine, lines, there)
        assert kept.added + kept.merged == lines.rows.num_rows
        assert kept.table.num_rows == there.num_rows + kept.added
        there = kept.table
        for part in parts:
            expected |= Counter(part)  # the larger count of each
    assert counted(there) == expected
    keys = list(zip(*(there[c].to_pylist() for c in TABLES["sales"].key), strict=True))
    assert len(keys) == len(set(keys))


@settings(max_examples=25, deadline=None)
@given(file)
def test_a_file_met_again_changes_nothing(engine, parts) -> None:
    """Importing the same file twice merges every line of the second time and leaves the table as it was."""
    first = add_lines(engine, lines_of(parts), SALES.empty_table())
    again = add_lines(engine, lines_of(parts), first.table)
    assert (again.added, again.merged) == (0, sum(map(len, parts)))
    assert again.table.equals(first.table)


def test_the_newest_row_of_a_key_holds(engine) -> None:
    """A table that has each key once takes the newest row, and an equal one is merged; blank keys are equal."""
    schema = TABLES["capacity"].arrow
    there = pa.Table.from_pylist(
        [
            {"firm": "A", "process": "p", "hours": 40.0, "overtime_hours": 0.0},
            {"firm": "B", "process": "p", "hours": 30.0, "overtime_hours": 0.0},
        ],
        schema=schema,
    )
    rows = [("A", 45.0, 0), ("B", 30.0, 1), ("C", 1.0, 2), ("C", 2.0, 3)]
    new = pa.table(
        {
            "firm": [r[0] for r in rows],
            "process": ["p"] * 4,
            "hours": [r[1] for r in rows],
            "overtime_hours": [0.0] * 4,
            "in_part": [0] * 4,
            "in_row": [r[2] for r in rows],
        }
    )
    kept = add_lines(engine, Lines("capacity", new, ("firm", "process", "week")), there)
    assert dict(zip(kept.table["firm"].to_pylist(), kept.table["hours"].to_pylist(), strict=True)) == {
        "A": 45.0,
        "B": 30.0,
        "C": 2.0,
    }
    assert (kept.added, kept.merged) == (2, 2)


def test_references_stay_and_are_filled() -> None:
    """A product that is there keeps what it says, its blanks are filled, and the user's own products are left out."""
    schema = TABLES["products"].arrow
    there = pa.Table.from_pylist([{"sku": "a", "title": "old", "family": "f"}], schema=schema)
    new = pa.Table.from_pylist(
        [{"sku": "a", "title": "new", "weight": 2.0}, {"sku": "b", "title": "b"}, {"sku": "mine"}], schema=schema
    )
    rows = add_references(new, there, {("mine",)}, ("sku",)).to_pylist()
    assert [(r["sku"], r["title"], r["weight"]) for r in rows] == [("a", "old", 2.0), ("b", "b", None)]


def test_derived_rows_replace_those_of_their_key() -> None:
    """A derived row takes the place of that of the same key, and others stay."""
    schema = pa.schema([("k", pa.string()), ("v", pa.int64())])
    there = pa.table({"k": ["a", "a", "b"], "v": [1, 2, 3]}, schema)
    new = pa.table({"k": ["a"], "v": [9]}, schema)
    assert replace_rows(new, there, ("k",)).to_pylist() == [{"k": "b", "v": 3}, {"k": "a", "v": 9}]
