"""Delimited text is read however a spreadsheet wrote it, and what is broken is told with its row."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jointplan.ingest.files import text_files
from jointplan.schema import TABLES
from jointplan.texts import set_language

HEADER = "sku,title,unit_value\n"
TITLES = ["电热水壶 1.7升", "折叠风扇", "Kessel, 1,7 l", 'a "good" pan', "two\nlines"]


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    """Return rows as Python's own writer writes them."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_separator_gives_the_same_rows(cluster: Any, encoding: str, delimiter: str) -> None:
    """Chinese text, quotes, separators and line breaks within values survive; headers may be Chinese."""
    rows = [["产品编码", "产品名称", "单位价值"], *([f"P{n}", title, f"{n}.5"] for n, title in enumerate(TITLES, 1))]
    cluster.write("products", written(rows, delimiter).encode(encoding))
    products = cluster.check().tables["products"]
    assert products["sku"].to_pylist() == ["P1", "P2", "P3", "P4", "P5"]
    assert products["title"].to_pylist() == TITLES
    assert products["unit_value"].to_pylist() == [1.5, 2.5, 3.5, 4.5, 5.5]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(
        st.text(st.characters(codec="gb18030", exclude_characters="\0", exclude_categories=["Cs", "Cc"]), max_size=12),
        min_size=1,
        max_size=6,
    ),
    delimiter=st.sampled_from(text_files.DELIMITERS),
)
def test_what_python_and_pandas_read_is_what_is_read(cluster: Any, titles: list[str], delimiter: str) -> None:
    """Any text in a cell comes back as another reader of CSV reads it, but for blanks around it."""
    rows = [["sku", "title"], *([f"P{n}", title] for n, title in enumerate(titles, 1))]
    path = cluster.write("products", written(rows, delimiter))
    expected = pd.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False)["title"]
    raw = text_files.read_text(cluster.engine, "raw", path, TABLES["products"], "products.csv")
    assert raw.issues == ()
    read = cluster.engine.sql("SELECT title FROM raw ORDER BY _row").column(0).to_pylist()
    blanks = " \t\r\n\u00a0\u3000\ufeff\u200b"
    assert [text or "" for text in read] == [text.strip(blanks) for text in expected]


def test_rows_are_counted_as_a_person_counts_them(cluster: Any) -> None:
    """The header is row 1; blank rows, remarks and values of several lines count as one row each."""
    cluster.write("products", HEADER + 'P1,"one\ntwo",1\n\n# a remark,,\nP2,x,\n,,\nP3,y,-1\n')
    issues = cluster.issues("too_low")
    assert [(issue.row, issue.column, issue.value) for issue in issues] == [(7, "unit_value", "-1")]
    assert cluster.check().tables["products"].num_rows == 3


def test_rows_with_too_few_or_too_many_cells_are_told_and_counted(cluster: Any) -> None:
    """A separator without quotes shifts a row: it is not read, and the rows below it keep their numbers."""
    cluster.write("products", HEADER + "P1,a,1\nP2,b, c,2\nP3\nP4,d,-1\n")
    checked = cluster.check()
    broken = [issue for issue in checked.issues if issue.rule == "wrong_cell_count"]
    assert [(issue.row, issue.value) for issue in broken] == [(3, "P2,b, c,2"), (4, "P3")]
    assert [issue.row for issue in checked.issues if issue.rule == "too_low"] == [5]
    many = HEADER + "P1\n" * 50
    cluster.write("products", many)
    issues = cluster.issues("wrong_cell_count")
    assert len(issues) == 21
    assert "30" in issues[-1].message


def test_rows_of_large_files_keep_their_numbers(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers run on from block to block, broken rows between them or not."""
    monkeypatch.setattr(text_files, "_BLOCK", 4096)
    lines = [f"P{n},t,{n}" for n in range(2, 3002)]
    for n in (100, 700, 701, 2500):
        lines[n - 2] = f"P{n}"
    lines[2900 - 2] = "P2900,t,-5"
    cluster.write("products", HEADER + "\n".join(lines) + "\n")
    checked = cluster.check()
    rows = {issue.rule: [i.row for i in checked.issues if i.rule == issue.rule] for issue in checked.issues}
    assert rows["wrong_cell_count"] == [100, 700, 701, 2500]
    assert rows["too_low"] == [2900]
    products = checked.tables["products"]
    assert products.num_rows == 2996
    assert all(int(sku[1:]) == abs(value) or sku == "P2900" for sku, value in zip(
        products["sku"].to_pylist(), products["unit_value"].to_pylist(), strict=True
    ))  # fmt: skip


def test_a_quote_that_is_never_closed_is_an_error(cluster: Any) -> None:
    """The rest of a file in one cell is not silently one product."""
    cluster.write("products", HEADER + 'P1,a,1\nP2,b,"2\nP3,c,3\nP4,d,4\n')
    assert [issue.row for issue in cluster.issues("unclosed_quote")] == [3]


def test_an_inch_is_no_open_quote(cluster: Any) -> None:
    """A quote within an unquoted value is just a sign."""
    cluster.write("products", HEADER + 'P1,pan 12" steel,1\nP2,"a\nb",2\nP3,c,3\n')
    checked = cluster.check()
    assert checked.errors == ()
    assert checked.tables["products"]["title"].to_pylist() == ['pan 12" steel', "a\nb", "c"]


@pytest.mark.parametrize(
    "content",
    [
        HEADER.encode() + "P1,São Paulo – crème brûlée,1\nP2,Käse Größe,2\n".encode("cp1252"),
        HEADER.encode() + b"P1,\x00\x01\x02,1\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 4,
    ],
    ids=["Western", "binary", "old Excel"],
)
def test_a_wrong_encoding_is_an_error(cluster: Any, content: bytes) -> None:
    """Text that is neither UTF-8 nor Chinese is refused, not misread."""
    cluster.write("products", content)
    errors = cluster.check().errors
    assert [(issue.table, issue.rule) for issue in errors] == [("products", "wrong_encoding")]
    assert "UTF-8" in errors[0].cure


def test_a_title_above_the_header_is_passed_over(cluster: Any) -> None:
    """The header is where the known columns are; rows keep the numbers of the file."""
    cluster.write("products", "Our products 2025,,\n,,\nsku,title,unit_value\nP1,a,1\nP2,b,-2\n")
    assert [issue.row for issue in cluster.issues("too_low")] == [5]


def test_a_header_without_line_end_is_an_empty_table(cluster: Any) -> None:
    """The last line need not end."""
    cluster.write("products", HEADER.strip())
    assert cluster.issues("empty_table")
    cluster.write("products", HEADER + "P1,a,1\nP2,b,2")
    assert cluster.check().tables["products"].num_rows == 2


def test_old_line_ends_are_read(cluster: Any) -> None:
    """Line ends of Windows and of old Macs are line ends."""
    for end in ("\r\n", "\r"):
        cluster.write("products", (HEADER + "P1,a,1\nP2,b,2\n").replace("\n", end))
        assert cluster.check().tables["products"]["sku"].to_pylist() == ["P1", "P2"]


def test_a_column_without_header_may_be_blank_but_not_filled(cluster: Any) -> None:
    """Excel leaves commas at the end of rows; values without a name are an error."""
    cluster.write("products", "sku,unit_value,\nP1,1,\nP2,2,\n")
    assert cluster.check().errors == ()
    cluster.write("products", "sku,unit_value,\nP1,1,\nP2,2,x\n")
    assert [issue.rule for issue in cluster.check().errors] == ["unknown_column"]


@pytest.mark.real
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_real_lines_are_read_as_pandas_reads_them(cluster: Any, data: Path, delimiter: str) -> None:
    """A British wholesaler's descriptions, quotes, commas and all, give what pandas gives."""
    lines = pd.read_parquet(data / "online_retail" / "online_retail_II.parquet").iloc[:60_000]
    stock = lines.drop_duplicates("StockCode")
    frame = pd.DataFrame({"sku": stock["StockCode"].astype(str), "title": stock["Description"].astype(str)})
    path = cluster.workspace.tables / "products.csv"
    frame.to_csv(path, sep=delimiter, index=False)
    expected = pd.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False)
    read = cluster.check().tables["products"]
    assert read["sku"].to_pylist() == expected["sku"].str.strip().tolist()
    assert [title or "" for title in read["title"].to_pylist()] == expected["title"].str.strip().tolist()


def test_a_wrong_encoding_is_told_in_chinese(cluster: Any) -> None:
    """The planner in Shunde reads what to press."""
    cluster.write("products", HEADER.encode() + b"\x00")
    set_language("zh")
    assert "编码" in cluster.issues("wrong_encoding")[0].message
