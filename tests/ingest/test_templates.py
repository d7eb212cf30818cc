"""Blank templates say what belongs where, and filled ones are read back as they were filled."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from jointplan.engine import DuckDBEngine
from jointplan.ingest import check_workspace, write_templates
from jointplan.ingest.templates import explanation
from jointplan.schema import INPUTS, TABLES, Column, Kind
from jointplan.schema.words import CHOICES_ZH, example
from jointplan.store import Workspace
from jointplan.texts import LANGUAGES, catalogue, language

# One row for every input table, such that every code stands where it is listed.
CODES = {
    "firm": "F001", "maker": "F001", "seller": "F011", "brand_owner": "F011", "firm_a": "F001", "firm_b": "F011",
    "owner": "F001", "sku": "P0001", "market": "DE", "site": "HUB1", "lane": "L01", "tariff": "T01", "material": "PP",
    "destination": "DE", "currency": "CNY", "measure": "pool_orders", "prerequisite": "pool_orders",
}  # fmt: skip


def filled(column: Column) -> str:
    """Return a cell for the column."""
    if column.name == "origin" and column.kind is Kind.TEXT:
        return "F001"
    return CODES.get(column.name, example(column))


def fill_rows(name: str) -> list[dict[str, str]]:
    """Return the rows a planner fills into a template."""
    row = {column.name: filled(column) for column in TABLES[name]}
    if name == "firms":
        return [row, {**row, "firm": "F011", "role": "seller", "owner": "F011"}]
    if name == "tariffs":
        row |= {"from_quantity": "0", "to_quantity": ""}
    if name in ("operations", "materials"):
        row["sku"] = "P0001"
    return [row]


def assert_read_back(workspace: Workspace) -> None:
    """Check the workspace and compare every cell with what was filled in."""
    with DuckDBEngine(threads=1) as engine:
        checked = check_workspace(workspace, engine, currency="CNY")
    assert checked.errors == ()
    assert set(checked.tables) == {table.name for table in INPUTS}
    for table in INPUTS:
        rows = checked.tables[table.name].to_pylist()
        for row, given in zip(rows, fill_rows(table.name), strict=True):
            for column in table:
                text, value = given[column.name], row[column.name]
                if pa.types.is_floating(column.kind.arrow) or pa.types.is_integer(column.kind.arrow):
                    assert value == (float(text) if text else None), (table.name, column.name)
                elif pa.types.is_boolean(column.kind.arrow):
                    assert value is (text == "yes"), (table.name, column.name)
                else:
                    assert str(value) == text, (table.name, column.name)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filled_csv_template_is_read_back_unchanged(tmp_path: Path, lang: str) -> None:
    """Rows below the explanation come back, in either language, and the explanation does not."""
    workspace = Workspace(tmp_path)
    paths = write_templates(workspace.tables, lang=lang)
    assert len(paths) == len(INPUTS)
    for path, table in zip(paths, INPUTS, strict=True):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(row.values()) for row in fill_rows(table.name)])
    assert_read_back(workspace)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filled_workbook_is_read_back_unchanged(tmp_path: Path, lang: str) -> None:
    """Cells written by another program, choices in the language of the sheet, come back as they were."""
    workspace = Workspace(tmp_path)
    (path,) = write_templates(workspace.tables, xlsx=True, lang=lang)
    book = openpyxl.load_workbook(path)
    for table in INPUTS:
        sheet = book[table.zh if lang == "zh" else table.name]
        for n, row in enumerate(fill_rows(table.name), 2):
            for place, column in enumerate(table, 1):
                text = row[column.name]
                cell: Any = CHOICES_ZH[text] if lang == "zh" and column.choices else text
                numeric = column.kind in (Kind.NUMBER, Kind.INTEGER) and text
                sheet.cell(n, place, float(text) if numeric else cell or None)
    book.save(path)
    assert_read_back(workspace)


@pytest.mark.parametrize("xlsx", [False, True])
def test_blank_templates_miss_only_the_needed_tables(tmp_path: Path, xlsx: bool) -> None:
    """A template nobody filled in is no problem where the table is optional."""
    workspace = Workspace(tmp_path)
    write_templates(workspace.tables, xlsx=xlsx)
    with DuckDBEngine(threads=1) as engine:
        checked = check_workspace(workspace, engine, currency="CNY")
    assert [(issue.table, issue.rule) for issue in checked.issues] == [
        (table.name, "empty_table") for table in INPUTS if table.needed
    ]


def test_filled_files_are_never_overwritten(tmp_path: Path) -> None:
    """Writing templates again leaves what is there and adds what is not."""
    (tmp_path / "sales.csv").write_text("mine")
    written = write_templates(tmp_path)
    assert len(written) == len(INPUTS) - 1
    assert (tmp_path / "sales.csv").read_text() == "mine"
    assert write_templates(tmp_path) == []


def test_the_workbook_explains_and_offers_what_may_be_picked(tmp_path: Path) -> None:
    """The first sheet lists every table; headers bear comments; choices and codes are picked from lists."""
    (path,) = write_templates(tmp_path, xlsx=True, lang="zh")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["说明", *(table.zh for table in INPUTS)]
    guide = {cell.value for row in book["说明"].iter_rows() for cell in row}
    assert guide >= {table.zh for table in INPUTS}
    assert guide >= {table.absent_zh for table in INPUTS if table.absent_zh}
    products = book["产品"]
    assert [cell.value for cell in products[1]] == [column.zh for column in TABLES["products"]]
    assert "公斤" in products["I1"].comment.text
    lists = {str(rule.sqref).split("2")[0]: rule.formula1 for rule in products.data_validations.dataValidation}
    assert lists["F"].startswith("'企业'!$A$2:$A$")
    roles = {rule.formula1 for rule in book["企业"].data_validations.dataValidation}
    assert roles == {'"生产企业,卖家,兼营,供应商,承运商,共享车间"'}
    assert products["A2"].number_format == "@" or products.column_dimensions["A"].number_format == "@"


def test_the_language_in_force_is_left_as_it_was(tmp_path: Path) -> None:
    """Templates in Chinese do not make the program speak Chinese."""
    write_templates(tmp_path, lang="zh")
    assert language() == "en"
    with pytest.raises(ValueError, match="en, zh"):
        write_templates(tmp_path, lang="fr")


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_every_column_is_explained(table: Any) -> None:
    """Each explanation gives the meaning and an example; every unit has a Chinese word."""
    for column in table:
        assert example(column) in explanation(column)
        assert not column.unit or column.unit in catalogue("zh")
