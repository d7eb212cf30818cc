"""Writes an Office Open XML workbook (ECMA-376), nothing but what a table needs.

A run has millions of cells, and general writers take about 20 µs for each. Cells here are written a column at a time,
which is some ten times as fast, and straight into the archive, so memory does not grow with the sheet.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

SHEET_ROWS = 1_048_576
_TITLE_LENGTH = 31
_CELL_LENGTH = 32_767
_CHUNK = 5_000
_EPOCH = date(1899, 12, 30).toordinal()
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_TITLE = re.compile(r"[\[\]:*?/\\]")
_HEADER, _DATE = 1, 2
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE6F1F1"/><bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass
class Spreadsheet:
    """A workbook being written; use it in a ``with`` statement."""

    path: Path
    titles: list[str] = field(default_factory=list)

    def __enter__(self) -> Spreadsheet:
        self._archive = ZipFile(self.path, "w", ZIP_DEFLATED, compresslevel=3)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._archive.close()

    def add_sheet(
        self, title: str, headings: Sequence[str], widths: Sequence[int], columns: Sequence[Sequence[Any]]
    ) -> None:
        """Add a sheet with a frozen, filtered header.

        Parameters
        ----------
        title : str
            Its name; shortened and made different from those before where need be.
        headings, widths : sequence
            Header and width in characters of each column.
        columns : sequence of sequences
            The cells of each column: text, numbers, dates, truth values, or None for a blank cell.
        """
        self.titles.append(self._free_title(title))
        last = _letters(len(headings) - 1)
        rows = max((len(column) for column in columns), default=0)
        if rows >= SHEET_ROWS:
            raise ValueError(f"a sheet holds {SHEET_ROWS - 1} rows below its header, not {rows}")
        with self._archive.open(f"xl/worksheets/sheet{len(self.titles)}.xml", "w", force_zip64=True) as file:
            widths_xml = "".join(
                f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1)
            )
            header = "".join(f'<c r="{_letters(n)}1" s="{_HEADER}"{_text(text)}' for n, text in enumerate(headings))
            head = (
                f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{last}{rows + 1}"/>'
                '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
                'state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
                f'<cols>{widths_xml}</cols><sheetData><row r="1" ht="32" customHeight="1">{header}</row>'
            )
            file.write(head.encode())
            for chunk in _row_chunks(columns, rows):
                file.write(chunk.encode())
            file.write(f'</sheetData><autoFilter ref="A1:{last}{rows + 1}"/></worksheet>'.encode())

    def _free_title(self, title: str) -> str:
        title = _NOT_TITLE.sub(" ", title).strip("' ")[:_TITLE_LENGTH] or "-"
        taken = {one.lower() for one in self.titles}
        candidate, serial = title, 2
        while candidate.lower() in taken:
            end = f" ({serial})"
            candidate, serial = title[: _TITLE_LENGTH - len(end)] + end, serial + 1
        return candidate

    def _finish(self) -> None:
        numbers = range(1, len(self.titles) + 1)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
                for n in numbers
            )
            + "</Types>",
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews><sheets>'
            + "".join(
                f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="rId{n}"/>'
                for n, title in zip(numbers, self.titles, strict=True)
            )
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n in numbers
            )
            + f'<Relationship Id="rId{len(self.titles) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        }
        for name, content in parts.items():
            self._archive.writestr(name, _XML + content)
        self._archive.writestr("xl/styles.xml", _STYLES)


def _letters(position: int) -> str:
    """Return the name of a column counted from 0.

    >>> _letters(0), _letters(25), _letters(26), _letters(701), _letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def _text(text: str) -> str:
    """Return the rest of a text cell after its place and style."""
    clean = escape(_NOT_XML.sub("", text[:_CELL_LENGTH]))
    return f' t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'


def _row_chunks(columns: Sequence[Sequence[Any]], rows: int) -> Iterator[str]:
    """Give the rows as XML, a few thousand at a time."""
    known: dict[str, str] = {}
    for first in range(0, rows, _CHUNK):
        last = min(first + _CHUNK, rows)
        cells = [
            _column(_letters(position), column[first:last], first + 2, known) for position, column in enumerate(columns)
        ]
        lines = zip(range(first + 2, last + 2), zip(*cells, strict=True), strict=True)
        yield "".join(f'<row r="{number}">{"".join(line)}</row>' for number, line in lines)


def _column(letters: str, values: Sequence[Any], row: int, known: dict[str, str]) -> list[str]:
    """Return the cells of a column from ``row`` on; ``known`` holds texts written before, for most of them recur."""
    cells = []
    for number, value in enumerate(values, row):
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            cells.append("")
        elif isinstance(value, str):
            rest = known.get(value)
            if rest is None:
                rest = known[value] = _text(value)
            cells.append(f'<c r="{letters}{number}"{rest}')
        elif isinstance(value, bool):
            cells.append(f'<c r="{letters}{number}" t="b"><v>{value:d}</v></c>')
        elif isinstance(value, date):
            cells.append(f'<c r="{letters}{number}" s="{_DATE}"><v>{value.toordinal() - _EPOCH}</v></c>')
        else:
            cells.append(f'<c r="{letters}{number}"><v>{value!r}</v></c>')
    return cells
