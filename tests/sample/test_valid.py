"""Every row of every table against its declaration, by plain Python and nothing of ours but the declarations."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pycountry
import pytest

from jointplan import Study
from jointplan.sample import write_sample
from jointplan.schema import INPUTS as ALL_INPUTS
from jointplan.schema import AllOrNone, Column, Kind, NoOverlap, OneOf, Ordered, Table

Row = dict[str, Any]
INPUTS = [
    table for table in ALL_INPUTS if table.name not in ("campaigns", "material_stock")
]  # left to who plans one, or counts


def rows_of(folder: Path, table: Table) -> list[dict[str, str]]:
    path = folder / "tables" / f"{table.name}.csv"
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    rows = pq.read_table(path.with_suffix(".parquet")).to_pylist()
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def value_of(column: Column, text: str) -> Any:
    """Return the value of a cell; raise where it breaks the declaration."""
    if text == "":
        assert not column.required, "is required"
        return column.default
    if column.kind is Kind.INTEGER:
        return bounded(column, int(text))
    if column.kind is Kind.NUMBER:
        number = float(text)
        assert math.isfinite(number)
        return bounded(column, number)
    if column.kind is Kind.DATE:
        return date.fromisoformat(text)
    if column.kind is Kind.BOOLEAN:
        assert text in ("true", "false")
        return text == "true"
    if column.kind is Kind.CURRENCY:
        assert pycountry.currencies.get(alpha_3=text)
    if column.kind is Kind.COUNTRY:
        assert pycountry.countries.get(alpha_2=text)
    assert text == text.strip()
    assert not column.choices or text in column.choices
    return text


def bounded(column: Column, number: float) -> float:
    assert column.low is None or number >= column.low
    assert column.high is None or number <= column.high
    assert column.above is None or number > column.above
    return number


def breaches(folder: Path) -> tuple[list[str], dict[str, list[Row]]]:
    """Return everything that is wrong in a folder, and its rows."""
    found: list[str] = []
    tables: dict[str, list[Row]] = {}
    for table in INPUTS:
        tables[table.name] = []
        known: dict[tuple[str, str], Any] = {}  # what a text means does not depend on its row
        for number, cells in enumerate(rows_of(folder, table), 2):
            row: Row = {}
            if set(cells) != set(table.names):
                found.append(f"{table.name}: columns {sorted(cells)}")
            for column in table:
                text = cells[column.name]
                try:
                    if (column.name, text) not in known:
                        known[column.name, text] = value_of(column, text)
                    row[column.name] = known[column.name, text]
                except (AssertionError, ValueError) as error:
                    found.append(f"{table.name}:{number} {column.name}={text!r} {error}")
            tables[table.name].append(row)
    for table in INPUTS:
        rows = tables[table.name]
        keys = [tuple(row.get(name) for name in table.key) for row in rows]
        if len(set(keys)) < len(keys):
            found.append(f"{table.name}: {len(keys) - len(set(keys))} keys twice")
        for column in table:
            if column.references:
                known = {row[name] for place in column.references for table_, name in [place.split(".")]
                         for row in tables[table_]} | {None, "", column.wildcard}  # fmt: skip
                strange = {row.get(column.name) for row in rows} - known
                if strange:
                    found.append(f"{table.name}.{column.name}: unknown {sorted(map(str, strange))[:5]}")
        for rule in table.rules:
            found += [f"{table.name}: {rule} {row}" for row in broken(rule, rows)]
    return found, tables


def broken(rule: Any, rows: list[Row]) -> list[Row]:
    if isinstance(rule, OneOf):
        return [row for row in rows if all(row[name] in (None, "") for name in rule.columns)]
    if isinstance(rule, AllOrNone):
        blank = [[row[name] in (None, "") for name in rule.columns] for row in rows]
        return [row for row, cells in zip(rows, blank, strict=True) if any(cells) and not all(cells)]
    if isinstance(rule, Ordered):
        full = [row for row in rows if row[rule.low] is not None and row[rule.high] is not None]
        return [r for r in full if r[rule.low] > r[rule.high] or (rule.strict and r[rule.low] == r[rule.high])]
    assert isinstance(rule, NoOverlap)
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in rule.group)].append(row)
    bad = []
    for group in groups.values():
        group.sort(key=lambda row: row[rule.low])
        bad += [b for a, b in pairwise(group) if (a[rule.high] or math.inf) > b[rule.low]]
    return bad


def test_every_row_of_the_default_sample_is_valid(folder: Path) -> None:
    """Every input table is there, filled, and keeps every rule of its declaration."""
    found, tables = breaches(folder)
    assert found == []
    assert [name for name, rows in tables.items() if not rows] == []


@pytest.mark.parametrize(
    ("kind", "firms", "sellers", "products", "weeks"),
    [
        ("appliances", 2, 1, 1, 12),
        ("appliances", 5, 1, 1, 12),
        ("appliances", 6, 2, 3, 20),
        ("appliances", 9, 30, 5, 30),
        ("appliances", 90, 3, 20, 60),
        ("small-goods", 2, 1, 1, 12),
        ("small-goods", 25, 8, 200, 40),
    ],
)
def test_every_size_is_valid(tmp_path: Path, kind: str, firms: int, sellers: int, products: int, weeks: int) -> None:
    """The smallest and the most lopsided clusters keep every rule too, with the numbers asked for; a check has nothing to warn of."""
    rows = write_sample(tmp_path, kind=kind, firms=firms, sellers=sellers, products=products, weeks=weeks, seed=1)
    found, tables = breaches(tmp_path)
    assert found == []
    assert {name: len(table) for name, table in tables.items()} == rows
    assert min(rows.values()) > 0
    assert rows["firms"] == firms + sellers
    assert rows["products"] == products
    assert [issue.message for issue in Study.open(tmp_path).check().issues] == []


def test_the_check_itself_can_fail(tmp_path: Path) -> None:
    """A negative quantity, an unknown product and a double key are found."""
    write_sample(tmp_path, firms=6, sellers=2, products=3, weeks=20)
    place = tmp_path / "tables"
    stock = (place / "stock.csv").read_text("utf-8-sig").splitlines()
    cells = stock[1].split(",")
    stock += [stock[1], ",".join([cells[0], '"no such"', cells[2], "-3", ""])]
    (place / "stock.csv").write_text("\n".join(stock) + "\n", "utf-8")
    found, _ = breaches(tmp_path)
    assert len(found) == 3
