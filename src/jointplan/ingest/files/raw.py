"""What every reader of files gives: the rows as they stand, on the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.errors import DataIssue
from jointplan.ingest.files.headers import Headers
from jointplan.texts import tr

# What people and spreadsheets leave around a value: blanks of all widths, marks without width.
BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b"
# A row whose first cell begins so is a remark: the templates explain their columns in one.
REMARK = "# "


@dataclass(frozen=True)
class RawRows:
    """The rows of one source, unparsed.

    Parameters
    ----------
    relation : str
        Name on the engine of a relation with the columns found, under their schema names, and ``_row``: the row of
        the file as a person counts it. Text is trimmed and blank text is null.
    rows : int
        How many they are.
    stored : dict of str to pyarrow.DataType
        Type in which each column found is stored.
    issues : tuple of DataIssue
        Problems of the file itself: header, broken rows.
    settled : bool
        Whether an import has settled that no two rows are the same.
    by_hand : bool
        Whether a spreadsheet may have written the file, and may have changed what was typed.
    chinese : bool
        Whether its headers are Chinese: there, a comma never parts decimals.
    """

    relation: str
    rows: int
    stored: dict[str, pa.DataType]
    issues: tuple[DataIssue, ...]
    settled: bool = False
    by_hand: bool = True
    chinese: bool = False


def row_schema(headers: Headers) -> pa.Schema:
    """Return the Arrow schema in which text rows are spooled."""
    return pa.schema([("_row", pa.int64()), *((name, pa.string()) for name in headers.places)])


def trimmed_rows(batches: Iterable[pa.RecordBatch], headers: Headers) -> Iterator[pa.RecordBatch]:
    """Yield text rows without blank rows and remarks, every cell trimmed and blank text null."""
    columns = sorted(headers.places, key=lambda column: headers.places[column])
    for batch in batches:
        cells = {name: _trimmed(batch[name]) for name in columns}
        kept = pa.array(np.zeros(batch.num_rows, dtype=bool))
        for cell in cells.values():
            kept = pc.or_(kept, pc.is_valid(cell))
        if columns:
            remark = pc.starts_with(cells[columns[0]], REMARK)
            kept = pc.and_not(kept, pc.fill_null(remark, False))
        rows = [batch["_row"], *(cells[name] for name in headers.places)]
        yield pa.record_batch(rows, schema=row_schema(headers)).filter(kept)


def _trimmed(cells: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim(cells, characters=BLANKS)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def nameless_filled(places: Sequence[int], headers: Headers, table: str, file: str) -> list[DataIssue]:
    """Report columns that have values but no header."""
    return [
        DataIssue(
            table,
            file,
            headers.row,
            "",
            "",
            "unknown_column",
            tr("Column {place} has values but no header.", place=place + 1),
            tr("Give it the name of a column of the table, or remove it."),
        )
        for place in places
    ]
