"""Workbooks are read as people keep them: several sheets, titles, notes, dates as dates."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from jointplan.ingest.files.workbooks import cell_text

SHEETS: dict[str, list[list[Any]]] = {
    "企业": [["企业编码", "角色"], ["F1", "生产企业"], ["F2", "卖家"]],
    "products": [["Our products"], [], ["sku", "maker", "unit_value", "launched"], ["001", "F1", 10, dt.date(2024, 1, 2)]],
    "市场": [["市场编码", "国家"], ["DE", "de"]],
    "销售明细": [
        ["单号", "日期", "产品编码", "市场编码", "卖家", "数量", "单价"],
        ["A1", dt.datetime(2024, 3, 5, 14, 30), "001", "DE", "F2", 3, 9.99],
        ["A2", 45356, "001", "DE", "F2", 1, "1,200.50"],
        ["A3", "2024年3月6日", "001", "DE", "F2", 2, 10],
    ],
}  # fmt: skip


def write_book(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """Write a workbook with dates as Excel keeps them."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)


@pytest.fixture
def emptied(cluster: Any) -> Any:
    for path in cluster.workspace.tables.iterdir():
        path.unlink()
    return cluster


def test_sheets_are_tables_under_either_name(emptied: Any) -> None:
    """One workbook holds the cluster; text keeps its zeros, numbers and days are what they look like."""
    write_book(emptied.workspace.tables / "顺德.xlsx", SHEETS)
    checked = emptied.check()
    assert checked.errors == ()
    assert {issue.rule for issue in checked.warnings} == {"mixed_dates"}
    assert checked.tables["firms"]["role"].to_pylist() == ["maker", "seller"]
    assert checked.tables["products"]["sku"].to_pylist() == ["001"]
    assert checked.tables["products"]["launched"].to_pylist() == [dt.date(2024, 1, 2)]
    assert checked.tables["markets"]["country"].to_pylist() == ["DE"]
    sales = checked.tables["sales"]
    assert sales["date"].to_pylist() == [dt.date(2024, 3, 5), dt.date(2024, 3, 5), dt.date(2024, 3, 6)]
    assert sales["unit_price"].to_pylist() == [9.99, 1200.5, 10]


def test_a_problem_is_told_with_its_sheet_and_row(emptied: Any) -> None:
    """Rows count from the top of the sheet, a title above the header included."""
    rows = [*SHEETS["products"], ["002", "F9", 10, None]]
    write_book(emptied.workspace.tables / "book.xlsx", {**SHEETS, "products": rows})
    issue = emptied.issues("unknown_reference")[0]
    assert (issue.file, issue.row, issue.value) == ("tables/book.xlsx [products]", 5, "F9")


def test_a_workbook_named_for_a_table_needs_no_named_sheet(cluster: Any) -> None:
    """sales.xlsx with Sheet1 is sales."""
    (cluster.workspace.tables / "firms.csv").unlink()
    write_book(
        cluster.workspace.tables / "firms.xlsx", {"Sheet1": [["firm", "role"], ["F1", "maker"], ["F2", "seller"]]}
    )
    assert cluster.check().issues == ()


def test_other_sheets_are_left_alone_unless_misspelt(cluster: Any) -> None:
    """A note is a note; a sheet that nearly has a table's name is told."""
    write_book(
        cluster.workspace.tables / "book.xlsx",
        {"capacity": [["firm", "process", "hours"], ["F1", "x", 40]], "Notes": [["hello"]], "capabilites": [["firm"]]},
    )
    issues = cluster.issues("unknown_sheet")
    assert [(issue.value, issue.severity) for issue in issues] == [("capabilites", "warning")]
    assert "capabilities" in issues[0].cure


@pytest.mark.parametrize(("content", "rule"), [(b"", "empty_file"), (b"PK\x03\x04 no zip", "broken_file")])
def test_a_broken_workbook_is_an_error(cluster: Any, content: bytes, rule: str) -> None:
    """What Excel could not open either is told with a cure."""
    (cluster.workspace.tables / "products.csv").unlink()
    cluster.write("products.xlsx", content)
    checked = cluster.check()
    assert [(issue.table, issue.rule) for issue in checked.issues] == [("products", rule)]


def test_a_workbook_cut_short_is_an_error(cluster: Any) -> None:
    """Half a workbook, as a copy in progress leaves it, is not read."""
    path = cluster.workspace.tables / "book.xlsx"
    write_book(path, SHEETS)
    path.write_bytes(path.read_bytes()[:-200])
    assert cluster.issues("broken_file")


def test_lock_files_of_office_programs_are_no_tables(cluster: Any) -> None:
    """An open workbook has a shadow beside it."""
    cluster.write("~$sales.xlsx", b"\x05Planner")
    cluster.write(".~lock.sales.csv#", b"Planner")
    assert cluster.check().issues == ()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("", ""), (True, "true"), (12.0, "12"), (0.1, "0.1"), (1e20, "1e+20"), (dt.date(2024, 3, 5), "2024-03-05"),
        (dt.datetime(2024, 3, 5, 10, 30), "2024-03-05 10:30:00"), ("001", "001"),
    ],
)  # fmt: skip
def test_a_cell_reads_as_a_person_would_type_it(cell: object, text: str) -> None:
    """Numbers without a fraction have no point, days no hour."""
    assert cell_text(cell) == text
