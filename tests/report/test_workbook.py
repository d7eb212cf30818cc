"""The workbook, read back by two other libraries."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine

from jointplan.report.spreadsheet import Spreadsheet
from jointplan.report.view import RunView
from jointplan.report.workbook import write_workbook
from jointplan.schema import RESULTS
from jointplan.store import StoredRun


def same(cell: Any, value: Any) -> bool:
    if value is None or value == "":
        return cell in (None, "")
    if isinstance(value, date):
        return bool((cell.date() if isinstance(cell, datetime) else cell) == value)
    return bool(cell == value)


def test_workbook_reads_back_equal(tmp_path: Path, run: StoredRun, lang: str) -> None:
    """Calamine and openpyxl read every result table back cell by cell as the run has it."""
    view = RunView(run, lang)
    with view.speaking():
        path = write_workbook(view, tmp_path / "report.xlsx")
    calamine = python_calamine.load_workbook(str(path))
    excel = openpyxl.load_workbook(path, read_only=True)
    tables = [table for table in RESULTS if table.name in run.tables]
    titles = [table.zh if lang == "zh" else table.name for table in tables]
    assert calamine.sheet_names[1:] == titles == excel.sheetnames[1:]
    for table, title in zip(tables, titles, strict=True):
        want = list(zip(*(column.to_pylist() for column in run.tables[table.name].columns), strict=True))
        for rows in (
            calamine.get_sheet_by_name(title).to_python(skip_empty_area=False),
            [[cell.value for cell in row] for row in excel[title].iter_rows()],
        ):
            headings = [column.zh if lang == "zh" else column.label for column in table]
            assert all(str(name).startswith(heading) for name, heading in zip(rows[0], headings, strict=True))
            assert len(rows) == len(want) + 1
            for row, values in zip(rows[1:], want, strict=True):
                cells = [*row, *[None] * (len(values) - len(row))]
                assert all(same(cell, value) for cell, value in zip(cells, values, strict=True)), (title, row, values)


def test_sheets_are_ready_to_read(tmp_path: Path, run: StoredRun) -> None:
    """Headers are frozen and filtered and name their unit; columns are as wide as what they hold; all is explained."""
    view = RunView(run, "zh")
    with view.speaking():
        path = write_workbook(view, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["发运"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:O{sheet.max_row}"
    assert sheet.column_dimensions["D"].width > 20
    assert sheet["L1"].value == "重量（kg）"
    assert sheet["A1"].font.bold
    assert sheet["B2"].is_date
    explained = {(row[2].value, row[3].value) for row in book.worksheets[0].iter_rows(min_row=2)}
    assert ("lots", "批次") in explained
    assert ("Setup hours", "换型工时") in explained


def test_long_tables_go_on_in_the_next_sheet(tmp_path: Path, run: StoredRun) -> None:
    """A table longer than a sheet loses no row."""
    view = RunView(run, "en")
    write_workbook(view, tmp_path / "report.xlsx", sheet_rows=100)
    book = python_calamine.load_workbook(str(tmp_path / "report.xlsx"))
    rows = sum(
        len(book.get_sheet_by_name(name).to_python()) - 1
        for name in book.sheet_names
        if name == "lots" or name.startswith("lots (")
    )
    assert rows == run.tables["lots"].num_rows > 100


@pytest.mark.parametrize(
    "text", ["=1+1", "http://x", 'a<b>&"c"', " space ", "line\nbreak", "顺德", "\x00bell\x07", "x" * 40_000]
)
def test_texts_stay_texts(tmp_path: Path, text: str) -> None:
    """Text is never taken for a formula or a link, and what a cell cannot hold is cut off, not fatal."""
    with Spreadsheet(tmp_path / "t.xlsx") as book:
        book.add_sheet("a", ["h"], [10], [[text]])
    cell = openpyxl.load_workbook(tmp_path / "t.xlsx")["a"]["A2"]
    assert cell.data_type in ("s", "inlineStr")
    assert cell.value == text.replace("\x00", "").replace("\x07", "")[:32_767]


def test_values_keep_their_type(tmp_path: Path) -> None:
    """Numbers, dates and truth values come back as such; infinite and missing ones stay blank."""
    values = [1, 2.5, -1e-9, 1e15, True, False, date(2025, 3, 3), None, float("nan"), float("inf")]
    with Spreadsheet(tmp_path / "t.xlsx") as book:
        book.add_sheet("a", ["h"] * len(values), [10] * len(values), [[value] for value in values])
    row = [cell.value for cell in openpyxl.load_workbook(tmp_path / "t.xlsx")["a"][2]]
    assert row == [1, 2.5, -1e-9, 1e15, True, False, datetime(2025, 3, 3), None, None, None]


def test_sheet_titles_are_legal_and_different(tmp_path: Path) -> None:
    """Titles that Excel forbids are mended, and equal ones told apart whatever their case."""
    with Spreadsheet(tmp_path / "t.xlsx") as book:
        for title in ("a/b:c", "A B C", "x" * 50, "x" * 50, ""):
            book.add_sheet(title, ["h"], [10], [[1]])
    names = openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    assert len({name.lower() for name in names}) == 5
    assert all(0 < len(name) <= 31 for name in names)
