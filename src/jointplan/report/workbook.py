"""The workbook: every result table, a sheet each, and a sheet that explains them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from jointplan.report.diagnosis.wording import help_word, rows_behind
from jointplan.report.spreadsheet import SHEET_ROWS, Spreadsheet
from jointplan.report.view import RunView
from jointplan.report.words import COMPARISONS, INDICATORS, PLANS, STRANDS, TOPICS, UNITS, word
from jointplan.schema import RESULTS, Column, Kind, Table
from jointplan.texts import bracketed, tr

_WIDTH_SAMPLE = 200
_WIDEST = 60
_CODES = {
    "plan": PLANS,
    "topic": TOPICS,
    "indicator": INDICATORS,
    "comparison": COMPARISONS,
    "strand": STRANDS,
}


def write_workbook(view: RunView, path: Path, *, sheet_rows: int = SHEET_ROWS - 1) -> Path:
    """Write all result tables of a run as one workbook, and return where it is.

    Headers stand in the reader's language with their unit; the first sheet gives every name in both languages. A table
    of more than ``sheet_rows`` rows goes on in the next sheet.
    """
    made = [table for table in RESULTS if table.name in view.run.tables]
    with Spreadsheet(path) as book:
        _write_explanation(view, book, made)
        for table in made:
            columns = [column for column in table if column.name in view.run.tables[table.name].column_names]
            content = view.run.tables[table.name].select([column.name for column in columns])
            headings = [heading(view, column) for column in columns]
            widths = [
                _width(column, text, content[column.name]) for column, text in zip(columns, headings, strict=True)
            ]
            for first in range(0, max(content.num_rows, 1), sheet_rows):
                rows = content.slice(first, sheet_rows)
                cells = [
                    _cells(view, table, column, part.to_pylist())
                    for column, part in zip(columns, rows.columns, strict=True)
                ]
                book.add_sheet(sheet_title(view, table), headings, widths, cells)
    return path


def _cells(view: RunView, table: Table, column: Column, values: list[Any]) -> list[Any]:
    """Return the cells of a column, the codes of the findings in the words of a reader of Chinese."""
    if table.name not in ("findings", "finding_rows") or view.lang == "en":
        return values
    said = {
        "measure": lambda text: help_word(view, text),
        "rows": lambda text: rows_behind(view, text),
        "unit": lambda text: word(UNITS, text).format(currency=view.numbers.currency),
    }
    if column.name in _CODES:
        said[column.name] = lambda text: word(_CODES[column.name], text)
    say = said.get(column.name)
    return values if say is None else [value if not value else say(value) for value in values]


def sheet_title(view: RunView, table: Table) -> str:
    """Return the name of a table's sheet in the reader's language."""
    return table.zh if view.lang == "zh" else table.name


def heading(view: RunView, column: Column) -> str:
    """Return the header of a column in the reader's language, with its unit."""
    name = column.zh if view.lang == "zh" else column.label
    return bracketed(name, _unit(view, column)) if column.unit else name


def _unit(view: RunView, column: Column) -> str:
    return word(UNITS, column.unit).format(currency=view.numbers.currency)


def _write_explanation(view: RunView, book: Spreadsheet, made: list[Table]) -> None:
    """Write what each sheet and column holds, with its names in both languages."""
    zh = view.lang == "zh"
    rows: list[tuple[Any, ...]] = []
    for table in made:
        title, count = sheet_title(view, table), view.run.tables[table.name].num_rows
        rows.append((title, None, table.name, table.zh, None, table.meaning_zh if zh else table.meaning, count))
        rows += [
            (title, c.name, c.label, c.zh, _unit(view, c) or None, c.meaning_zh if zh else c.meaning, None)
            for c in table
        ]
    headings = (tr("Sheet"), tr("Column"), "English", "中文", tr("Unit"), tr("Meaning"), tr("Rows"))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headings)
    book.add_sheet(tr("Explanation"), headings, (18, 20, 22, 20, 22, 80, 10), columns)


def _width(column: Column, text: str, values: pa.ChunkedArray) -> int:
    """Return a width that holds most cells; Chinese characters count double."""
    sample = values.slice(0, _WIDTH_SAMPLE).to_pylist() if column.kind.arrow == pa.string() else ["1234567890"]
    texts = [text[:22], *(str(value) for value in sample if value is not None)]
    if column.kind is Kind.BOOLEAN:
        texts = texts[:1]
    return min(_WIDEST, max(sum(2 if ord(letter) > 0x2E80 else 1 for letter in one) for one in texts) + 3)
