"""Tests of opening outside files."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from jointplan.errors import DataError, UsageError
from jointplan.ingest.files import opening
from jointplan.ingest.files.opening import CHINESE, gather, open_parts


def test_one_content_reads_alike_in_every_format(tmp_path: Path) -> None:
    """A number, a moment, a blank and a text are the same text whether they come as CSV, XLSX or Parquet."""
    (tmp_path / "a.csv").write_text('no,price,day,"what, then"\n536365,2.55,2010-12-01 08:26:00,  box \n7,,,\n')
    pq.write_table(
        pa.table(
            {
                "no": [536365, 7],
                "price": [2.55, None],
                "day": pa.array([datetime(2010, 12, 1, 8, 26), None], pa.timestamp("s")),
                "what, then": ["box", ""],
            }
        ),
        tmp_path / "a.parquet",
    )
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("data")
        sheet.write_row(0, 0, ["no", "price", "day", "what, then"])
        sheet.write_number(1, 0, 536365)
        sheet.write_number(1, 1, 2.55)
        sheet.write_datetime(1, 2, datetime(2010, 12, 1, 8, 26), book.add_format({"num_format": "d mmm yyyy"}))
        sheet.write_string(1, 3, " box ")
        sheet.write_number(3, 0, 7)
        book.add_worksheet("empty")
    read = {suffix: open_parts(tmp_path / f"a{suffix}") for suffix in (".csv", ".parquet", ".xlsx")}
    rows = {suffix: parts[0].rows.to_pylist() for suffix, parts in read.items()}
    expected = [
        {"no": "536365", "price": "2.55", "day": "2010-12-01 08:26:00", "what, then": "box"},
        {"no": "7", "price": None, "day": None, "what, then": None},
    ]
    assert rows[".csv"] == rows[".xlsx"] == expected
    assert rows[".parquet"] == expected
    assert len(read[".xlsx"]) == 1
    # A blank row of a sheet is skipped, and the rows after it keep the numbers a person sees.
    assert read[".xlsx"][0].numbers.to_pylist() == [2, 4]


def test_formulas_without_results_stop_only_who_needs_them(tmp_path: Path) -> None:
    """A column that is taken must have its values; what stands in others does not matter. Rows keep their numbers."""
    book = openpyxl.Workbook()
    for row in ([], [], [None, "sku", "quantity", "total"], [None, "P1", 3, "=C4*2"], [None, "P2", 4, "=C5*2"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    parts = open_parts(tmp_path / "a.xlsx")
    assert parts[0].numbers.to_pylist() == [4, 5]
    table, _ = gather(parts, {"sku": ("sku",), "quantity": ("quantity",)}, needed=("sku",))
    assert table["quantity"].to_pylist() == ["3", "4"]
    with pytest.raises(DataError, match=r"a\.xlsx \[Sheet\], column total: 2 formulas .* D4"):
        gather(parts, {"sku": ("sku",), "total": ("total",)}, needed=("sku",))


@pytest.mark.parametrize(("encoding", "tried"), [("utf-8-sig", CHINESE), ("gb18030", CHINESE), ("utf-16", ("utf-16",))])
def test_encodings(tmp_path: Path, encoding: str, tried: tuple[str, ...]) -> None:
    """Chinese text is read in UTF-8 with a byte-order mark, in GB18030, and in an encoding that is named."""
    (tmp_path / "a.csv").write_bytes("产品;数量\n电热水壶;3\n".encode(encoding))
    assert open_parts(tmp_path / "a.csv", encodings=tried)[0].rows.to_pylist() == [{"产品": "电热水壶", "数量": "3"}]


def test_western_bytes_are_not_taken_for_chinese(tmp_path: Path) -> None:
    """A file of a Western platform that is not UTF-8 is read in Windows-1252."""
    (tmp_path / "a.txt").write_bytes("café\tprice\nçedille\t£5\n".encode("cp1252"))
    assert open_parts(tmp_path / "a.txt")[0].rows.to_pylist() == [{"café": "çedille", "price": "£5"}]


def test_broken_rows_are_kept_apart_and_numbers_hold(tmp_path: Path) -> None:
    """Rows with too few or too many cells are told with their number, and the others keep theirs."""
    (tmp_path / "a.csv").write_text('a,b\n1,2\n3\n"x\ny",4\n5,6,7\n8,9\n')
    part = open_parts(tmp_path / "a.csv")[0]
    assert part.rows.to_pylist() == [{"a": "1", "b": "2"}, {"a": "x\ny", "b": "4"}, {"a": "8", "b": "9"}]
    assert part.numbers.to_pylist() == [2, 4, 6]
    assert part.broken == ((3, "3"), (5, "5,6,7"))


def test_unquoted_reports_keep_their_inches(tmp_path: Path) -> None:
    """Where a report does not quote, a double quote is a character like any other."""
    (tmp_path / "a.txt").write_text('sku\tproduct-name\nA\t12" pan\nB\t"best"\n')
    part = open_parts(tmp_path / "a.txt", delimiter="\t", quoted=False)[0]
    assert part.rows["product-name"].to_pylist() == ['12" pan', '"best"']


@pytest.mark.parametrize("content", [b"", b"\n", b"a,b\n", b"a,b"])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    """A file without rows is an error with a cure, whether it has a header or not."""
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match="no rows"):
        open_parts(tmp_path / "a.csv")


def test_unreadable_files_say_so(tmp_path: Path) -> None:
    """A missing file is wrong usage; a file that is not what its ending says, or in no encoding, is bad data."""
    with pytest.raises(UsageError, match="no file"):
        open_parts(tmp_path / "none.csv")
    for name in ("a.parquet", "a.xlsx"):
        (tmp_path / name).write_bytes(b"no such thing")
        with pytest.raises(DataError, match="cannot be read"):
            open_parts(tmp_path / name)
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xff\xfe\xfd,1\n")
    with pytest.raises(DataError, match="encoding"):
        open_parts(tmp_path / "a.csv", encodings=("utf-8-sig",))
    with pytest.raises(UsageError, match="no encoding klingon"):
        open_parts(tmp_path / "a.csv", encodings=("klingon",))


def test_a_file_that_is_being_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes while it is read is refused: half an export is no data."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")

    def grow(*args: object) -> str:
        with path.open("a") as file:
            file.write("3,4\n")
        os.utime(path, (1, 1))
        return "a,b\n1,2\n"

    monkeypatch.setattr(opening, "_decoded", grow)
    with pytest.raises(DataError, match="being written"):
        open_parts(path)


def test_gather_finds_columns_by_any_of_their_names(tmp_path: Path) -> None:
    """Headers are met whatever their capitals and separators; a missing needed one is named with what there is."""
    (tmp_path / "a.csv").write_text("customer id,Unit_Price\n1,2\n")
    parts = open_parts(tmp_path / "a.csv")
    table, used = gather(
        parts, {"who": ("CustomerID", "Customer ID"), "price": ("unit-price",), "x": ("x",)}, needed=("who",)
    )
    assert table.to_pylist() == [{"in_part": 0, "in_row": 0, "who": "1", "price": "2", "x": None}]
    assert used == parts
    with pytest.raises(DataError, match=r"no column sku.*customer id, Unit_Price"):
        gather(parts, {"sku": ("sku",)}, needed=("sku",))


def test_a_folder_is_told_from_a_missing_file(tmp_path: Path) -> None:
    """A folder where a file is read is called a folder; only what is not there is missing."""
    with pytest.raises(UsageError, match="is a folder"):
        open_parts(tmp_path)
    with pytest.raises(UsageError, match="There is no file"):
        open_parts(tmp_path / "absent.csv")
