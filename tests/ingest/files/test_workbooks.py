"""Workbooks are read as people keep them: several sheets, titles, notes, dates as dates."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from jointplan.ingest.files.formulas import unsaved_formulas
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


def test_the_first_sheet_that_holds_anything_is_the_table_and_the_others_are_told(cluster: Any) -> None:
    """firms.xlsx begins with an empty sheet and ends with another that is filled: the one between is read."""
    (cluster.workspace.tables / "firms.csv").unlink()
    firms = [["firm", "role"], ["F1", "maker"], ["F2", "seller"]]
    write_book(cluster.workspace.tables / "firms.xlsx", {"Sheet1": [], "Sheet2": firms, "Sheet3": [], "2023": firms})
    (issue,) = cluster.check().issues
    assert (issue.rule, issue.value, issue.severity) == ("unknown_sheet", "2023", "warning")


def test_chinese_sheets_are_told_which_table_their_name_holds(emptied: Any) -> None:
    """产品表 and 销售 are no tables, and no slip of the pen either: the table in, or around, the name is told."""
    sheets = {
        {"产品": "产品表", "销售明细": "销售", "products": "产品表"}.get(name, name): rows
        for name, rows in SHEETS.items()
    }
    write_book(emptied.workspace.tables / "顺德.xlsx", {**sheets, "#旧产品": [["x"]], "天气": [["晴"]]})
    assert {i.value: i.guess for i in emptied.issues("unknown_sheet")} == {"产品表": "产品", "销售": "销售明细"}


def test_a_hidden_sheet_is_read_and_told(emptied: Any) -> None:
    """What nobody sees may be an old copy."""
    path = emptied.workspace.tables / "顺德.xlsx"
    write_book(path, SHEETS)
    book = openpyxl.load_workbook(path)
    book["市场"].sheet_state = "hidden"
    book.save(path)
    (issue,) = emptied.issues("hidden_sheet")
    assert (issue.table, issue.file, issue.severity) == ("markets", "tables/顺德.xlsx [市场]", "warning")
    assert emptied.check().tables["markets"].num_rows == 1


def test_a_sheet_kept_by_hand_is_read_as_it_was_meant(emptied: Any) -> None:
    """A merged title, thousands as text, days as text and as dates, and blank rows below: nothing is asked about."""
    path = emptied.workspace.tables / "顺德.xlsx"
    write_book(path, SHEETS)
    book = openpyxl.load_workbook(path)
    del book["销售明细"]
    sheet = book.create_sheet("销售明细")
    for row in (
        ["2026年3月销售台账"], [],
        ["单号", "日期", "产品", "市场", "卖家", "数量", "单价"],
        ["A1", "2026年3月1日", "001", "DE", "F2", "1,200", "3,500"],
        ["A2", "2026年3月2日", "001", "DE", "F2", "12,500", 10],
        [], ["", "", "", "", "", "", ""],
    ):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A1:G1")
    book.save(path)
    checked = emptied.check()
    assert [issue for issue in checked.issues if issue.table == "sales"] == []
    assert checked.tables["sales"]["quantity"].to_pylist() == [1200, 12500]
    assert checked.tables["sales"]["unit_price"].to_pylist() == [3500, 10]
    assert checked.tables["sales"]["date"].to_pylist() == [dt.date(2026, 3, 1), dt.date(2026, 3, 2)]


def test_a_row_of_totals_is_told_as_one(emptied: Any) -> None:
    """The sum below a table is no row of it, and the first thing said of it is that."""
    rows = [*SHEETS["销售明细"], ["合计", None, None, None, None, 6, None]]
    write_book(emptied.workspace.tables / "顺德.xlsx", {**SHEETS, "销售明细": rows})
    (issue,) = emptied.issues("total_row")
    assert (issue.table, issue.row, issue.column, issue.value) == ("sales", 5, "document", "合计")
    rows[-1][0] = "# 合计"
    write_book(emptied.workspace.tables / "顺德.xlsx", {**SHEETS, "销售明细": rows})
    assert emptied.check().errors == ()


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


def test_a_formula_without_its_result_is_an_error(cluster: Any) -> None:
    """What a program wrote as a formula has no value until a spreadsheet saves it: told once a column, never read as blank."""
    (cluster.workspace.tables / "sales.csv").unlink()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Sales of 2024"])
    sheet.append(["document", "date", "sku", "market", "seller", "quantity", "unit_price", "# remark"])
    for row in range(3, 6):
        sheet.append(["A", dt.date(2024, 3, row), "P1", "DE", "F2", f"=1+{row}", 10, "=1+1"])
    book.save(cluster.workspace.tables / "sales.xlsx")
    checked = cluster.check()
    assert [(i.rule, i.file, i.row, i.column, i.value) for i in checked.errors] == [
        ("formula_without_result", "tables/sales.xlsx [Sheet]", 3, "quantity", "=1+3")
    ]
    assert "3 formulas" in checked.errors[0].message
    assert "F3" in checked.errors[0].message


@pytest.mark.parametrize("saved", ["result", "blank text"])
def test_a_formula_with_its_result_is_its_result(cluster: Any, saved: str) -> None:
    """Formulas that a spreadsheet saved read as what they gave, a blank text among them."""
    (cluster.workspace.tables / "firms.csv").unlink()
    path = cluster.workspace.tables / "firms.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("firms")
        sheet.write_row(0, 0, ["firm", "role", "name"])
        sheet.write_row(1, 0, ["F1", "maker"])
        sheet.write_row(2, 0, ["F2", "seller"])
        sheet.write_formula("C2", '=A2&" Ltd"', None, "F1 Ltd" if saved == "result" else "?")
    if saved == "blank text":  # as Excel writes it
        with_member(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v>?</v>", b"<v></v>"))
    checked = cluster.check()
    assert checked.issues == ()
    assert checked.tables["firms"]["name"].to_pylist()[0] == ("F1 Ltd" if saved == "result" else None)


def with_member(path: Path, member: str, change: Callable[[bytes], bytes]) -> None:
    """Write a workbook anew with one of its files changed."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files[member] != change(files[member])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, member: change(files[member])}.items():
            archive.writestr(name, content)


def test_formulas_are_found_however_the_workbook_is_written(tmp_path: Path) -> None:
    """Cells without a reference of their own, prefixed names and repeated formulas are other programs' ways of writing."""
    book = openpyxl.Workbook()
    book.active.append(["=1", 2, "=3"])
    book.create_sheet("second").append(["a", "=A1"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    found = [(f.cell, f.text) for f in unsaved_formulas(path, "Sheet")]
    assert found == [("A1", "=1"), ("C1", "=3")]
    assert [(f.cell, f.text) for f in unsaved_formulas(path, "second")] == [("B1", "=A1")]
    sheet = "xl/worksheets/sheet1.xml"
    with_member(path, sheet, lambda xml: re.sub(rb' r="\w+"', b"", xml))
    assert [(f.cell, f.text) for f in unsaved_formulas(path, "Sheet")] == found
    with_member(path, sheet, lambda xml: re.sub(rb"<(/?)([a-z])", rb"<\1x:\2", xml).replace(b' xmlns="', b' xmlns:x="'))
    assert [(f.cell, f.text) for f in unsaved_formulas(path, "Sheet")] == found


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
