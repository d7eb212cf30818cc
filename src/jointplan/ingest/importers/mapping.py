"""The column-mapping file of an import of kind ``table``: which column of an outside file goes where."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from jointplan.errors import UsageError
from jointplan.schema import INPUTS, TABLES, Column, Kind, Table
from jointplan.texts import tr

# Lines of these tables may bring along rows of the tables they refer to.
LINE_TABLES = ("sales", "returns", "orders")
REFERENCES = ("products", "markets", "firms")


@dataclass(frozen=True)
class ColumnMapping:
    """How an outside file becomes rows of a table.

    Targets are columns of the table, or ``products.title`` and the like for what lines say of their product, market or
    seller.

    Parameters
    ----------
    table : str
        Table the rows go to.
    columns : dict
        Target to header in the file.
    constants : dict
        Target to one value that holds for every row.
    factors : dict
        Target to what its number is multiplied by, such as 0.001 from grams to kg.
    line_totals : tuple of str
        Targets whose number is for the whole line; it is divided by the quantity.
    date_format : str
        How dates are written, as in Python's strptime; empty means 2025-03-31.
    decimal, thousands : str
        Decimal point and thousands separator.
    delimiter, encoding, sheet : str
        Of a text file or workbook; empty means what fits, and every sheet that has the columns.
    """

    table: str
    columns: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    line_totals: tuple[str, ...] = ()
    date_format: str = ""
    decimal: str = "."
    thousands: str = ""
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""

    @property
    def schema(self) -> Table:
        """The declaration of the table."""
        return TABLES[self.table]

    def targets(self) -> Iterator[tuple[str, Column]]:
        """Yield every target that is mapped, with the column it stands for."""
        for target in (*self.columns, *self.constants):
            column = _column(self.table, target)
            assert column is not None
            yield target, column


def read_mapping(path: Path) -> ColumnMapping:
    """Read a column mapping.

    Raises
    ------
    UsageError
        If it is missing, no TOML, or names what does not exist; all faults are told at once.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            tr("The column mapping {path} cannot be read: {reason}.", path=path, reason=error),
            tr("docs/import.md shows an example."),
        ) from error
    faults = list(_faults(content))
    if faults:
        raise UsageError(
            tr("The column mapping {path} is wrong: {faults}.", path=path.name, faults=tr("; ").join(faults)),
            tr("docs/import.md shows an example."),
        )
    for name in ("columns", "constants", "factors"):
        content[name] = dict(_flat(content.get(name, {})))
    content["constants"] = {target: str(value) for target, value in content["constants"].items()}
    content["line_totals"] = tuple(content.get("line_totals", ()))
    return ColumnMapping(**content)


def _flat(entries: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``products.title`` for what TOML nests as ``{products: {title: …}}``."""
    for name, value in entries.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _column(table: str, target: str) -> Column | None:
    """Return the column a target names, if there is one."""
    where, _, name = target.rpartition(".")
    if where and (table not in LINE_TABLES or where not in REFERENCES):
        return None
    declared = TABLES[where or table]
    return declared[name] if name in declared.names else None


def _faults(content: dict[str, Any]) -> Iterator[str]:
    """Say everything that is wrong with a mapping."""
    known = {f.name: f for f in fields(ColumnMapping)}
    for name in content:
        if name not in known:
            yield tr("{name} is not known", name=name)
    for name in ("date_format", "decimal", "thousands", "delimiter", "encoding", "sheet"):
        if not isinstance(content.get(name, ""), str):
            yield tr("{name} must be a text", name=name)
    table = content.get("table")
    if table not in {declared.name for declared in INPUTS}:
        yield tr("table must name an input table, not {table}", table=table)
        return
    groups = {name: content.get(name, {}) for name in ("columns", "constants", "factors")}
    for name, group in groups.items():
        if not isinstance(group, dict):
            yield tr("[{name}] must be a section", name=name)
            return
    flat = {name: dict(_flat(group)) for name, group in groups.items()}
    totals = content.get("line_totals", [])
    if not isinstance(totals, list):
        yield tr("{name} must be a list", name="line_totals")
        return
    for target in (*flat["columns"], *flat["constants"], *flat["factors"], *totals):
        column = _column(str(table), str(target))
        if column is None or target == "occurrence":
            yield tr("{table} has no column {column} to map", table=table, column=target)
        elif target in (*flat["factors"], *totals) and column.kind is not Kind.NUMBER:
            yield tr("{column} is no number", column=target)
    for target in flat["columns"].keys() & flat["constants"].keys():
        yield tr("{column} is given twice", column=target)
    for target, header in flat["columns"].items():
        if not isinstance(header, str):
            yield tr("{name} must be a text", name=target)
    for target, factor in flat["factors"].items():
        if not isinstance(factor, int | float) or isinstance(factor, bool):
            yield tr("the factor of {column} must be a number", column=target)
    given = flat["columns"].keys() | flat["constants"].keys()
    if totals and "quantity" not in given:
        yield tr("line totals need the column {column}", column="quantity")
    for column in TABLES[str(table)]:
        if column.required and column.name not in given:
            yield tr("the needed column {column} is not given", column=column.name)
