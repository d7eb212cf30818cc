"""Opening outside files: every cell as text, every row numbered, broken rows kept apart.

Text is the one form that a CSV, a workbook and a Parquet file can all be brought to, so that the same line read from
any of them is the same line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.errors import DataError, UsageError
from jointplan.ingest.files.formulas import UnsavedFormula, unsaved_formulas
from jointplan.ingest.problems import no_result, no_result_cure
from jointplan.texts import tr

WESTERN = ("utf-8-sig", "cp1252")
CHINESE = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class Part:
    """One table of an outside file: the file itself, or one sheet of a workbook.

    Parameters
    ----------
    file, sheet : str
        Name of the file and, in a workbook, of the sheet.
    rows : pa.Table
        The cells as text; blank cells are null, blanks around a value are gone.
    numbers : pa.Array
        Number of each row as a person counts: the header is row 1.
    broken : tuple of (int or None, str)
        Rows with more or fewer cells than the header: their number and their text.
    unsaved : mapping
        Column of a workbook to its formulas that were saved without a result.
    """

    file: str
    sheet: str
    rows: pa.Table
    numbers: pa.Array
    broken: tuple[tuple[int | None, str], ...] = ()
    unsaved: Mapping[str, tuple[UnsavedFormula, ...]] = field(default_factory=dict)

    def lines(self, positions: Sequence[int]) -> list[str]:
        """Return some rows as JSON, blank cells left out."""
        rows = self.rows.take(pa.array(positions, pa.int64())).to_pylist()
        return [json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False) for row in rows]


def open_parts(
    path: Path,
    *,
    encodings: Sequence[str] = WESTERN,
    delimiter: str = "",
    quoted: bool = True,
) -> tuple[Part, ...]:
    """Read a CSV, tab-separated, Parquet or XLSX file.

    Parameters
    ----------
    path : Path
        The file; its ending tells its format.
    encodings : sequence of str
        Tried in turn on text files; the first that fits is taken.
    delimiter : str
        What stands between cells; empty takes the likeliest of comma, semicolon and tab.
    quoted : bool
        Whether a double quote encloses cells; in some platforms' reports it is a plain character.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If it is empty, in another format, or is being written meanwhile.
    """
    if path.is_dir():
        raise UsageError(
            tr("{path} is a folder, and this kind is read from one file.", path=path),
            tr("Name the file in it, and import several one after the other."),
        )
    if not path.is_file():
        raise UsageError(tr("There is no file {path}.", path=path), tr("Check the path."))
    before = path.stat()
    parts: tuple[Part, ...]
    try:
        match path.suffix.lower():
            case ".parquet":
                parts = (_parquet(path),)
            case ".xlsx" | ".xlsm" | ".xls" | ".ods":
                parts = _workbook(path)
            case _:
                parts = (_text(path, encodings, delimiter, quoted),)
    except (pa.ArrowInvalid, OSError, ValueError) as error:
        raise DataError(
            tr("{file} cannot be read: {reason}.", file=path.name, reason=str(error).splitlines()[0].rstrip(".")),
            tr("Open it, save it again as CSV (UTF-8) or XLSX, and import that."),
        ) from error
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(
            tr("{file} was being written while it was read.", file=path.name),
            tr("Wait until the export is finished and import again."),
        )
    parts = tuple(part for part in parts if part.rows.num_rows or part.broken)
    if not parts:
        raise DataError(
            tr("{file} has no rows.", file=path.name), tr("Export it again and check that it is not empty.")
        )
    return parts


def header_key(header: str) -> str:
    """Return a header in the form in which headers are compared: case and separators do not count."""
    return re.sub(r"[\s_\-]+", " ", header).strip().casefold()


def gather(
    parts: Sequence[Part], fields: Mapping[str, Sequence[str]], *, needed: Sequence[str]
) -> tuple[pa.Table, tuple[Part, ...]]:
    """Bring parts under common column names.

    Parameters
    ----------
    parts : sequence of Part
        What was read. Sheets without the needed columns are left out, as long as one part has them.
    fields : mapping
        Common name to the headers it may have in the file, the likeliest first.
    needed : sequence of str
        Common names without which a part cannot be used.

    Returns
    -------
    table : pa.Table
        Columns ``in_part`` (position of the part), ``in_row`` (position in the part) and one text column per field, null
        where the part does not have it.
    used : tuple of Part
        The parts that ``in_part`` counts.

    Raises
    ------
    DataError
        If no part has the needed columns, or a column that is taken holds formulas saved without their results.
    """
    found = []
    for part in parts:
        headers = {header_key(name): name for name in reversed(part.rows.column_names)}
        found.append(
            {
                field: next((headers[header_key(n)] for n in names if header_key(n) in headers), None)
                for field, names in fields.items()
            }
        )
    used = [(part, names) for part, names in zip(parts, found, strict=True) if all(names[field] for field in needed)]
    if not used:
        part, names = max(zip(parts, found, strict=True), key=lambda pair: sum(bool(pair[1][f]) for f in needed))
        raise DataError(
            tr(
                "{file} has no column {missing}.",
                file=part.file,
                missing=tuple(fields[field][0] for field in needed if not names[field]),
            ),
            tr("It has: {columns}. Check that it is the right file.", columns=tuple(part.rows.column_names)),
        )
    for part, names in used:
        _refuse_unsaved(part, {name for name in names.values() if name})
    tables = [
        pa.table(
            {
                "in_part": pa.array([position] * part.rows.num_rows, pa.int32()),
                "in_row": pa.array(range(part.rows.num_rows), pa.int64()),
                **{
                    field: part.rows[name] if name else pa.nulls(part.rows.num_rows, pa.string())
                    for field, name in names.items()
                },
            }
        )
        for position, (part, names) in enumerate(used)
    ]
    return pa.concat_tables(tables), tuple(part for part, _ in used)


def _refuse_unsaved(part: Part, names: Set[str]) -> None:
    """Refuse a part in which columns that are taken hold formulas without a result."""
    for name, formulas in part.unsaved.items():
        if name in names:
            raise DataError(
                tr(
                    "{file}, column {column}: {problem}",
                    file=f"{part.file} [{part.sheet}]",
                    column=name,
                    problem=no_result(formulas[0].cell, len(formulas)),
                ),
                no_result_cure(),
            )


def _part(path: Path, sheet: str, names: Sequence[str], columns: Sequence[Any], **more: Any) -> Part:
    """Trim cells, make blanks null and headers unique."""
    unique: list[str] = []
    for position, name in enumerate(names, start=1):
        name = str(name).strip() or f"column {position}"
        unique.append(name if name not in unique else f"{name} {position}")
    cells = []
    for column in columns:
        trimmed = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
        cells.append(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))
    rows = pa.table(dict(zip(unique, cells, strict=True)))
    more.setdefault("numbers", pa.array(range(2, rows.num_rows + 2), pa.int64()))
    return Part(path.name, sheet, rows, **more)


def _parquet(path: Path) -> Part:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return _part(path, "", table.column_names, [_moments_as_written(column) for column in table.columns])


def _moments_as_written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write whole seconds without the zeros that Arrow adds: ``2010-12-01 08:26:00``."""
    if not pa.types.is_timestamp(column.type):
        return column
    return pc.replace_substring_regex(pc.cast(column, pa.string()), r"\.0+", "")


def _text(path: Path, encodings: Sequence[str], delimiter: str, quoted: bool) -> Part:
    import csv

    import pyarrow.csv as arrow_csv

    content = path.read_bytes()
    text = _decoded(path, content, encodings)
    stream = StringIO(text, newline="")
    first_line = text.split("\n", 1)[0]
    delimiter = delimiter or max(",;\t", key=first_line.count)
    names = next(csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE), [])
    body = text[stream.tell() :]
    if not body.strip():
        return _part(path, "", names, [pa.array([], pa.string()) for _ in names])
    broken: list[tuple[int | None, str]] = []

    def keep(row: Any) -> str:
        broken.append((row.number + 1, row.text))  # the header is row 1
        return "skip"

    quote: Any = '"' if quoted else False
    columns = [str(position) for position in range(len(names))]
    table = arrow_csv.read_csv(
        pa.py_buffer(body.encode()),
        # One thread: only then is a broken row told with its number.
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=columns, block_size=1 << 24),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, quote_char=quote, newlines_in_values=quoted, invalid_row_handler=keep
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
    taken = {number for number, _ in broken}
    numbers = [n for n in range(2, table.num_rows + len(broken) + 2) if n not in taken]
    return _part(path, "", names, table.columns, numbers=pa.array(numbers, pa.int64()), broken=tuple(broken))


def _decoded(path: Path, content: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise UsageError(
                tr("There is no encoding {encoding}.", encoding=encoding),
                tr("Use a name such as utf-8, gb18030 or cp1252."),
            ) from error
    raise DataError(
        tr("{file} is not in the encoding {encodings}.", file=path.name, encodings=" / ".join(encodings)),
        tr("Save it as UTF-8, or name its encoding with the option encoding."),
    )


def _workbook(path: Path) -> tuple[Part, ...]:
    from python_calamine import CalamineError, CalamineWorkbook

    parts = []
    try:
        workbook = CalamineWorkbook.from_path(path)
        for sheet in workbook.sheet_names:
            page = workbook.get_sheet_by_name(sheet)
            rows = page.to_python()  # from the first cell that is filled
            if len(rows) < 2:
                continue
            top, left = page.start
            body = [(n, row) for n, row in enumerate(rows[1:], start=top + 2) if any(cell != "" for cell in row)]
            columns = [pa.array([_cell(row[j]) for _, row in body], pa.string()) for j in range(len(rows[0]))]
            numbers = pa.array([n for n, _ in body], pa.int64())
            part = _part(path, sheet, rows[0], columns, numbers=numbers)
            parts.append(replace(part, unsaved=_unsaved(path, part, top + 1, left)))
    except CalamineError as error:
        raise ValueError(str(error)) from error
    return tuple(parts)


def _unsaved(path: Path, part: Part, header: int, left: int) -> dict[str, tuple[UnsavedFormula, ...]]:
    """Return the formulas without a result below the header of a sheet, by the column they stand in."""
    names = part.rows.column_names
    found: dict[str, list[UnsavedFormula]] = {}
    for formula in unsaved_formulas(path, part.sheet):
        if formula.row > header and 0 <= formula.place - left < len(names):
            found.setdefault(names[formula.place - left], []).append(formula)
    return {name: tuple(formulas) for name, formulas in found.items()}


def _cell(value: Any) -> str:
    """Return a workbook's cell as the text it shows: whole numbers without a point, dates as ISO."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)
