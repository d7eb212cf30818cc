"""Excel workbooks, through calamine."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.errors import DataIssue
from jointplan.ingest.files.formulas import UnsavedFormula, unsaved_formulas
from jointplan.ingest.files.headers import SEARCHED, Headers, header_row, match_headers
from jointplan.ingest.files.raw import RawRows, nameless_filled, row_schema, trimmed_rows
from jointplan.ingest.problems import NO_RESULT, UnreadableError, empty_file, no_result, no_result_cure, shorten
from jointplan.schema import Table
from jointplan.texts import tr

_BATCH = 50_000


def _open(path: Path) -> Any:
    """Open a workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    if path.stat().st_size == 0:
        raise empty_file()
    try:
        return CalamineWorkbook.from_path(str(path))
    except PermissionError as error:
        raise UnreadableError(
            "locked_file",
            tr("The workbook cannot be opened: another program holds it."),
            tr("Close it in Excel and check again."),
        ) from error
    except (CalamineError, OSError) as error:
        raise _broken(error) from error


def _broken(error: Exception) -> UnreadableError:
    return UnreadableError(
        "broken_file",
        tr("The workbook cannot be opened ({reason}).", reason=shorten(error)),
        tr(
            "If it is being written, wait; else open it in Excel, remove any password, and save it as an Excel workbook (.xlsx)."
        ),
    )


def sheet_names(path: Path) -> tuple[list[str], set[str]]:
    """Return the names of the sheets of a workbook, and which of them are hidden."""
    from python_calamine import SheetVisibleEnum

    book = _open(path)
    names: list[str] = list(book.sheet_names)
    hidden = {sheet.name for sheet in book.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible}
    book.close()
    return names, hidden


def filled_sheets(path: Path) -> list[str]:
    """Return the names of the sheets of a workbook that hold anything."""
    book = _open(path)
    names = [name for name in book.sheet_names if book.get_sheet_by_name(name).height]
    book.close()
    return names


def read_sheet(engine: DuckDBEngine, name: str, path: Path, sheet: str, table: Table, file: str) -> RawRows:
    """Read one sheet onto the engine, every cell as text.

    A sheet holds at most a million rows, so they may go through Python.
    """
    from python_calamine import CalamineError

    book = _open(path)
    try:
        rows = iter(book.get_sheet_by_name(sheet).iter_rows())
    except CalamineError as error:
        raise _broken(error) from error
    start = [[cell_text(cell) for cell in row] for row in itertools.islice(rows, SEARCHED)]
    header = header_row(start, table)
    headers, issues = match_headers(start[header] if start else [], header + 1, table, file)
    schema = row_schema(headers)
    filled: set[int] = set()
    rest = itertools.chain(start[header + 1 :], ([cell_text(cell) for cell in row] for row in rows))
    spooled = engine.spool(name, schema, trimmed_rows(_batches(rest, headers, schema, filled), headers))
    book.close()
    issues += nameless_filled(sorted(filled), headers, table.name, file)
    issues += _unsaved(unsaved_formulas(path, sheet), headers, table, file)
    return RawRows(name, spooled, dict.fromkeys(headers.places, pa.string()), tuple(issues), chinese=headers.chinese)


def _unsaved(formulas: Iterator[UnsavedFormula], headers: Headers, table: Table, file: str) -> list[DataIssue]:
    """Report columns of the table, and cells of its header, whose formulas have no saved result."""
    found: dict[str, list[UnsavedFormula]] = {}
    columns = {place: name for name, place in headers.places.items()}
    for formula in formulas:
        if formula.row == headers.row or (formula.row > headers.row and formula.place in columns):
            found.setdefault(columns.get(formula.place, ""), []).append(formula)
    return [
        DataIssue(
            table.name,
            file,
            formulas[0].row,
            name,
            shorten(formulas[0].text),
            NO_RESULT,
            no_result(formulas[0].cell, len(formulas)),
            no_result_cure(),
        )
        for name, formulas in found.items()
    ]


def _batches(
    rows: Iterator[list[str]], headers: Headers, schema: pa.Schema, filled: set[int]
) -> Iterator[pa.RecordBatch]:
    """Yield rows as Arrow batches, noting which columns without a header hold something."""
    number = headers.row
    while batch := list(itertools.islice(rows, _BATCH)):
        numbers = range(number + 1, number + len(batch) + 1)
        number += len(batch)
        filled.update(place for place in headers.nameless if any(row[place].strip() for row in batch))
        columns = [[row[place] for row in batch] for place in headers.places.values()]
        yield pa.record_batch([pa.array(numbers, pa.int64()), *(pa.array(c, pa.string()) for c in columns)], schema)


def cell_text(value: object) -> str:
    """Return the value of a cell as a person would type it.

    >>> cell_text(3.0), cell_text(0.1), cell_text(dt.datetime(2024, 3, 5)), cell_text(True)
    ('3', '0.1', '2024-03-05', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
