"""Columns into tables of the schema, and random numbers that do not disturb one another."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.schema import TABLES


def table(name: str, /, **columns: Any) -> pa.Table:
    """Return an input table of the schema from its columns; columns not given stay blank.

    A single value is repeated; NaN, NaT and None become blanks.
    """
    schema = TABLES[name].arrow
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"{name} has no column {sorted(unknown)}")
    rows = max(len(column) for column in columns.values() if not _single(column))
    return pa.table(
        [_column(columns.get(field.name), rows, field.type) for field in schema],
        schema=schema,
    )


def records(name: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Return an input table from rows written out; ``columns`` names their columns, separated by spaces."""
    names = columns.split()
    return table(name, **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def codes(prefix: str, count: int) -> list[str]:
    """Return numbered codes wide enough to sort as text."""
    width = max(3, len(str(count)))
    return [f"{prefix}{number:0{width}d}" for number in range(1, count + 1)]


def pick(values: Sequence[str], index: np.ndarray[Any, Any]) -> pa.Array:
    """Return the texts at these places; negative places are blank."""
    places = pa.array(index, pa.int64(), mask=index < 0)
    return pa.array(values, pa.string()).take(places)


def stream(seed: int, theme: str) -> np.random.Generator:
    """Return the random numbers of one theme: drawing more for one theme leaves the others as they are."""
    return np.random.default_rng([seed, zlib.crc32(theme.encode())])


def _single(column: Any) -> bool:
    return column is None or isinstance(column, str) or np.ndim(column) == 0


def _column(column: Any, rows: int, kind: pa.DataType) -> pa.Array:
    if _single(column):
        return pa.repeat(pa.scalar(column, kind), rows)
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return column.cast(kind)
    return pa.array(column, kind, from_pandas=True)
