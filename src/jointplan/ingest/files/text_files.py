"""CSV and other delimited text: UTF-8 with or without BOM, UTF-16, GB18030; comma, semicolon, tab, bar."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from jointplan.engine import DuckDBEngine
from jointplan.errors import DataIssue
from jointplan.ingest.files.headers import SEARCHED, Headers, header_row, match_headers, recognised
from jointplan.ingest.files.raw import RawRows, nameless_filled, row_schema, trimmed_rows
from jointplan.ingest.problems import LISTED, UnreadableError, and_more, empty_file, shorten
from jointplan.schema import Table
from jointplan.texts import tr

DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 20
_BLOCK = 8 << 20
# Of Chinese text in GB18030 nearly all signs are in its core, GB 2312; of Western text misread as GB18030, few.
_CORE_SHARE = 0.6


@dataclass(frozen=True)
class Dialect:
    """How a text file is written."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    row: int
    lines: int
    odd_quotes: bool


def read_text(engine: DuckDBEngine, name: str, path: Path, table: Table, file: str) -> RawRows:
    """Read a delimited text file onto the engine, every cell as text.

    Raises
    ------
    UnreadableError
        If the file is empty, in an unknown encoding, or broken.
    """
    dialect = _sniff(path, table)
    headers, issues = match_headers(dialect.header, dialect.row, table, file)
    body = _Body(path, dialect, headers)
    schema = row_schema(headers)
    try:
        rows = engine.spool(name, schema, trimmed_rows(body.batches(schema), headers))
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise UnreadableError(
            "broken_file",
            tr("The file cannot be read: {reason}", reason=shorten(str(error).splitlines()[0])),
            tr("Open it in Excel and save it again as CSV UTF-8."),
        ) from error
    issues += body.issues(table.name, file)
    issues += nameless_filled(sorted(body.nameless_filled), headers, table.name, file)
    return RawRows(name, rows, dict.fromkeys(headers.places, pa.string()), tuple(issues), chinese=headers.chinese)


@dataclass
class _Body:
    """The rows below the header, read once from top to bottom."""

    path: Path
    dialect: Dialect
    headers: Headers
    broken: list[tuple[int, int, str]] = field(default_factory=list)
    broken_count: int = 0
    nameless_filled: set[int] = field(default_factory=set)
    last: tuple[int, str] = (0, "")
    _skipped: list[int] = field(default_factory=list)

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield the rows found, numbered as in the file."""
        width = len(self.dialect.header)
        if not width:
            return
        names = [f"c{place}" for place in range(width)]
        try:
            reader = pc.open_csv(
                self.path,
                # One thread: only then are broken rows reported with their number.
                pc.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK,
                    column_names=names,
                    skip_rows=self.dialect.lines,
                    encoding="utf8" if self.dialect.encoding == "utf-8-sig" else self.dialect.encoding,
                ),
                pc.ParseOptions(
                    delimiter=self.dialect.delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=self._skip,
                ),
                pc.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
                ),
            )
        except pa.ArrowInvalid as error:
            if "Could not skip initial" in str(error) or "Empty CSV" in str(error):
                return
            raise
        position = 0
        for batch in reader:
            numbers, position = self._numbers(position, batch.num_rows)
            for place in self.headers.nameless:
                if batch.column(place).null_count < batch.num_rows:
                    self.nameless_filled.add(place)
            if batch.num_rows:
                cells = [batch.column(place)[-1].as_py() or "" for place in range(width)]
                self.last = (int(numbers[-1]), next((cell for cell in cells if "\n" in cell), ""))
            columns = [batch.column(place) for place in self.headers.places.values()]
            yield pa.record_batch([pa.array(numbers), *columns], schema=schema)

    def _skip(self, row: pc.InvalidRow) -> str:
        """Note a row with too few or too many cells, and go on without it."""
        number = row.number - self.dialect.lines
        self._skipped.append(number)
        cells = row.text.strip(self.dialect.delimiter + " \r\n")
        if not cells:
            return "skip"
        self.broken_count += 1
        if len(self.broken) < LISTED:
            self.broken.append((self.headers.row + number, row.actual_columns, row.text))
        return "skip"

    def _numbers(self, position: int, rows: int) -> tuple[np.ndarray, int]:
        """Return the row numbers of the next rows, stepping over the broken ones."""
        # Broken rows up to here are already known: a batch is handed over only when it is parsed.
        numbers = np.arange(position + 1, position + rows + len(self._skipped) + 1)
        numbers = numbers[~np.isin(numbers, np.array(self._skipped, dtype=np.int64))][:rows]
        end = int(numbers[-1]) if rows else position
        self._skipped = [number for number in self._skipped if number > end]
        return self.headers.row + numbers, end

    def issues(self, table: str, file: str) -> list[DataIssue]:
        """Return the problems met on the way."""
        width = len(self.dialect.header)
        rule, cure = "wrong_cell_count", _complete()
        found = []
        for number, cells, text in self.broken:
            message = tr("The row has {found} {found:cell|cells}, the header has {wanted}.", found=cells, wanted=width)
            found.append(DataIssue(table, file, number, "", shorten(text), rule, message, cure))
        if self.broken_count > len(self.broken):
            more = self.broken_count - len(self.broken)
            found.append(DataIssue(table, file, None, "", "", rule, and_more(more), cure, rows=more))
        if self.dialect.odd_quotes and self.last[1]:
            found.append(
                DataIssue(
                    table,
                    file,
                    self.last[0],
                    "",
                    shorten(self.last[1]),
                    "unclosed_quote",
                    tr("A double quote is opened and never closed: the rest of the file stands in one cell."),
                    tr("Close the quote; write a quote inside a value twice."),
                )
            )
        return found


def _sniff(path: Path, table: Table) -> Dialect:
    """Find out how a text file is written."""
    encoding, odd_quotes = _encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        start = stream.read(_CHUNK)
    if not start.strip():
        raise empty_file()
    candidates = []
    for delimiter in DELIMITERS:
        rows, lines = _first_rows(start, delimiter)
        header = header_row(rows, table)
        candidates.append((recognised(rows[header], table), len(rows[header]), delimiter, rows[header], header, lines))
    # The separator under which most columns are known; among equals the one that makes most of them.
    _, _, delimiter, cells, header, lines = max(candidates, key=lambda c: (c[0], c[1]))
    return Dialect(encoding, delimiter, tuple(cells), header + 1, lines[header], odd_quotes)


def _first_rows(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the first rows, and at which line of the file each ends."""
    rows, lines = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            rows.append(cells or [""])
            lines.append(reader.line_num)
            if len(rows) == SEARCHED:
                break
    except csv.Error:
        # A cell without end: the rows before it are enough to know the header.
        pass
    return rows or [[""]], lines or [1]


def _encoding(path: Path) -> tuple[str, bool]:
    """Return the encoding of a file, and whether its double quotes are odd in number."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: tuple[str, ...] = ("utf-16",)
    else:
        candidates = ("utf-8-sig", "gb18030")
    # The encoding that came furthest is the likeliest to be meant.
    furthest = 0
    for encoding in candidates:
        try:
            quotes, core, signs = _decode(path, encoding)
        except _UndecodableError as problem:
            furthest = max(furthest, problem.place)
            continue
        if encoding != "gb18030" or core >= _CORE_SHARE * signs:
            return encoding, quotes % 2 == 1
    raise _wrong_encoding(path, furthest)


class _UndecodableError(Exception):
    """A byte, counted from the start of the file, that an encoding does not know."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def _decode(path: Path, encoding: str) -> tuple[int, int, int]:
    """Decode a whole file; count its double quotes, its signs of GB 2312 and its signs beyond ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    quotes = core = signs = done = 0
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            done += len(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise _UndecodableError(done - len(error.object) + error.start) from error
            if "\0" in text:
                raise _wrong_encoding(path, done - len(chunk) + chunk.find(b"\0"))
            quotes += text.count('"')
            if encoding == "gb18030" and not text.isascii():
                beyond = "".join(sign for sign in text if sign > "\x7f")
                signs += len(beyond)
                core += len(beyond.encode("gb2312", "ignore")) // 2
            if not chunk:
                return quotes, core, signs


def _complete() -> str:
    return tr("Put text that holds the separator or a line break in double quotes, or complete the row.")


def _wrong_encoding(path: Path, place: int) -> UnreadableError:
    """Return the problem of a file with a byte that cannot be read, with its row where single bytes end rows."""
    with path.open("rb") as stream:
        before = stream.read(place)
    # Line breaks in quotes end no row.
    outside = b"".join(before.split(b'"')[::2])
    wide = before.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return UnreadableError(
        "wrong_encoding",
        tr("The file is written neither in UTF-8 nor in GB18030."),
        tr("In Excel: Save as, CSV UTF-8. In WPS or a text editor: save with the encoding UTF-8."),
        None if wide else 1 + (outside.count(b"\n") or outside.count(b"\r")),
    )
