"""Problems are put so that the cure is near."""

from __future__ import annotations

import re

import pytest

from jointplan.ingest.files.headers import header_row, match_headers
from jointplan.ingest.problems import closest, shorten
from jointplan.ingest.sources import table_of
from jointplan.schema import INPUTS, TABLES, Table
from jointplan.texts import set_language


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("quantiy", ["quantity", "unit_price"], "quantity"),
        ("Ｆ００１", ["F001", "F002"], "F001"),
        ("7", ["007", "070"], "007"),
        ("zebra", ["quantity", "unit_price"], None),
        ("x", [], None),
        ("PARCEL-AU", ["PARCEL-US", "AIR-AU"], None),
        ("PARCL-AU", ["PARCEL-US", "PARCEL-AU"], "PARCEL-AU"),
        ("KETLE-1", ["KETTLE-2", "KETTLE-1"], "KETTLE-1"),
        ("PARCEL-AU", ["PARCEL-US", "PARCELS-AU"], "PARCELS-AU"),
    ],
)
def test_the_nearest_word_is_found_if_it_is_near(word: str, candidates: list[str], meant: str | None) -> None:
    """A slip is recognised; something else entirely is not forced, nor is a lane to another country."""
    assert closest(word, candidates) == meant


def test_values_are_shown_in_at_most_eighty_signs() -> None:
    """Short values are whole, long ones end in an ellipsis."""
    assert shorten(None) == ""
    assert shorten("x" * 80) == "x" * 80
    assert shorten("x" * 81) == "x" * 79 + "…"


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_files_are_known_by_either_name_and_with_an_addition(table: object) -> None:
    """The table's English and Chinese names name it, alone or with a year."""
    for word in (table.name, table.zh):
        for name in (word, word.upper(), f"{word}-2024", f"{word}_a", f" {word} 2025 "):
            assert table_of(name) is table


@pytest.mark.parametrize("name", ["stockings", "mysales", "salesman", "", "2024"])
def test_names_that_only_look_alike_are_no_tables(name: str) -> None:
    """A name must begin with the table's and end there or at a separator."""
    assert table_of(name) is None


def test_the_header_is_the_row_that_knows_most_columns() -> None:
    """Titles above it are passed over; a table without known columns begins at its first filled row."""
    sales = TABLES["sales"]
    assert header_row([["Sales 2024"], [""], ["date", "sku", "x"]], sales) == 2
    assert header_row([[""], ["a", "b"], ["c", "d"]], sales) == 1
    headers, issues = match_headers(["日期", "SKU *", "Unit price (USD)"], 3, sales, "f.csv")
    assert headers.places == {"date": 0, "sku": 1, "unit_price": 2}
    assert {issue.column for issue in issues} == {"document", "market", "seller", "quantity"}


@pytest.mark.parametrize(
    ("table", "written", "meant"),
    [
        ("sales", "商品", "产品编码"),
        ("sales", "商品编号", "产品编码"),
        ("sales", "件数", "数量"),
        ("sales", "销售日期", "日期"),
        ("sales", "订单编号", "单号"),
        ("sales", "店铺", "卖家"),
        ("products", "重量", "单件重量"),
        ("products", "厂家", "生产企业"),
        ("markets", "货币", "币种"),
        ("orders", "交期", "交货日期"),
        ("sales", "qty", "quantity"),
        ("sales", "Product", "sku"),
        ("sales", "quantiy", "quantity"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_headers_of_other_programs_are_told_our_name_in_their_language(
    table: str, written: str, meant: str, lang: str
) -> None:
    """Whatever language the reader is told in, a Chinese header is answered by a Chinese one that may stand there."""
    set_language(lang)
    _, issues = match_headers([written], 1, TABLES[table], "f.csv")
    (issue,) = (issue for issue in issues if issue.rule == "unknown_column")
    assert re.search(r"(Did you mean |是否应为 ?)(\S+?)[?？]", issue.cure)[2] == meant  # type: ignore[index]  # no match fails the test as well


@pytest.mark.parametrize("written", ["天气", "备注", "weather", "码"])
def test_headers_of_something_else_are_not_guessed(written: str) -> None:
    """Where no column is meant, none is named."""
    _, issues = match_headers([written], 1, TABLES["sales"], "f.csv")
    (issue,) = (issue for issue in issues if issue.rule == "unknown_column")
    assert "Did you mean" not in issue.cure


def test_a_taken_column_is_not_suggested() -> None:
    """Beside 产品编码, 商品 cannot mean it again."""
    _, issues = match_headers(["产品编码", "商品"], 1, TABLES["sales"], "f.csv")
    (issue,) = (issue for issue in issues if issue.rule == "unknown_column")
    assert "Did you mean" not in issue.cure


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_the_word_code_may_be_left_out_of_a_chinese_header(table: Table) -> None:
    """市场 heads 市场编码; no two columns of a table can be headed by one word."""
    words = [column.zh.removesuffix("编码") for column in table]
    headers, _ = match_headers(words, 1, table, "f.csv")
    assert headers.places == {column.name: place for place, column in enumerate(table)}
