"""From rows as they stand to rows as the schema wants them: typed, with defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from jointplan.engine import DuckDBEngine, identifier, literal
from jointplan.ingest.files.cells import WEEK, Habits, text, value
from jointplan.ingest.files.raw import RawRows
from jointplan.schema import Column, Kind, Table

_SQL_TYPES = {Kind.INTEGER: "BIGINT", Kind.NUMBER: "DOUBLE", Kind.DATE: "DATE", Kind.BOOLEAN: "BOOLEAN"}


def type_rows(
    engine: DuckDBEngine, name: str, table: Table, raws: Sequence[tuple[RawRows, Mapping[str, Habits]]], *, held: bool
) -> None:
    """Name the relation of all rows of a table, typed.

    Besides each column ``c`` it has ``c~``, the text that stands in the file, ``c?``, whether anything does, and
    ``week^``, the day given for a week; besides these ``_file``, the number of the source, and ``_row``. If ``held``, it
    is computed once and kept, else whenever it is looked at.
    """
    parts = []
    for number, (raw, habits) in enumerate(raws):
        columns = [f"{number} AS _file", "_row"]
        for column in table:
            columns += _columns(table, column, raw.stored, habits.get(column.name, Habits()))
        parts.append(f"SELECT {', '.join(columns)} FROM {identifier(raw.relation)}")
    (engine.store if held else engine.view)(name, " UNION ALL ".join(parts))


def _columns(table: Table, column: Column, stored: Mapping[str, pa.DataType], habits: Habits) -> list[str]:
    """Return the SQL of a column and of what the checks need to know of it."""
    kind = _SQL_TYPES.get(column.kind, "VARCHAR")
    name, shown, given = (identifier(column.name + suffix) for suffix in ("", "~", "?"))
    default = _default(table, column, stored)
    if column.name not in stored:
        found = [f"CAST({default} AS {kind}) AS {name}", f"CAST(NULL AS VARCHAR) AS {shown}", f"false AS {given}"]
        return [*found, f"CAST(NULL AS DATE) AS {identifier(WEEK + '^')}"] if column.name == WEEK else found
    read = value(column, stored[column.name], habits)
    filled = f"CASE WHEN {name} IS NULL THEN {default} ELSE {read} END" if default != "NULL" else read
    days = [f"CAST({read} AS DATE) AS {identifier(WEEK + '^')}"] if column.name == WEEK else []
    if column.name == WEEK:
        filled = f"date_trunc('week', {filled})"
    return [
        f"CAST({filled} AS {kind}) AS {name}",
        f"{text(column, stored[column.name])} AS {shown}",
        f"{name} IS NOT NULL AS {given}",
        *days,
    ]


def _default(table: Table, column: Column, stored: Mapping[str, pa.DataType]) -> str:
    """Return the SQL of what a blank cell means."""
    if not column.default_from:
        return literal(column.default)
    other = column.default_from
    return text(table[other], stored[other]) if other in stored else "NULL"
