"""Parquet files: scanned where they lie, never read whole."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.engine import DuckDBEngine, identifier, parquet
from jointplan.ingest.files.cells import is_text
from jointplan.ingest.files.headers import match_headers
from jointplan.ingest.files.raw import RawRows
from jointplan.ingest.problems import UnreadableError, empty_file, shorten
from jointplan.schema import Table
from jointplan.texts import tr

# An import writes this into the metadata of a table in which it has settled the identity of every line: equal lines
# are numbered, lines imported before are merged. A check need not compare all lines with one another again.
SETTLED = {b"jointplan.identity": b"settled"}


def read_parquet(engine: DuckDBEngine, name: str, path: Path, table: Table, file: str) -> RawRows:
    """Make a Parquet file known to the engine."""
    if path.stat().st_size == 0:
        raise empty_file()
    try:
        with pq.ParquetFile(path) as stored_rows:
            schema, rows = stored_rows.schema_arrow, stored_rows.metadata.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableError(
            "broken_file",
            tr("The file is no complete Parquet file: {reason}", reason=shorten(str(error).splitlines()[0])),
            tr("Wait until it is written, or write it again."),
        ) from error
    headers, issues = match_headers(schema.names, 1, table, file)
    stored = {column: schema.field(place).type for column, place in headers.places.items()}
    columns = [
        f"{_cell(schema.names[place], stored[column])} AS {identifier(column)}"
        for column, place in headers.places.items()
    ]
    engine.view(name, f"SELECT {', '.join(['file_row_number + 2 AS _row', *columns])} FROM {parquet(path)}")
    settled = all((schema.metadata or {}).get(key) == value for key, value in SETTLED.items())
    return RawRows(name, rows, stored, tuple(issues), settled, by_hand=False)


def _cell(name: str, stored: pa.DataType) -> str:
    """Return the SQL of a column; text of a machine-written file is not trimmed, but blank text is null."""
    return f"nullif({identifier(name)}, '')" if is_text(stored) else identifier(name)
