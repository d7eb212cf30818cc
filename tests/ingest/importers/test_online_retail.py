"""Tests of importing the Online Retail data sets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from jointplan.errors import DataError
from jointplan.ingest.importers import ImportResult, import_files
from jointplan.store import Workspace

UCI_1 = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
UCI_2 = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")

# Made up, in the form of the published files.
ROWS = [
    ("536365", "85123A", "WHITE HEART", "6", "12/1/2010 8:26", "2.55", "17850", "United Kingdom"),
    ("536365", "85123a", "WHITE HEART", "6", "12/1/2010 8:26", "2.55", "17850", "United Kingdom"),
    ("536370", "22728", "ALARM CLOCK", "24", "12/13/2010 8:45", "3.75", "12583", "EIRE"),
    ("536371", "22728", "", "1", "12/13/2010 8:45", "4.25", "", "Channel Islands"),
    ("C536379", "22728", "ALARM CLOCK", "-4", "12/14/2010 9:41", "3.75", "14527", "EIRE"),
    ("C536379", "D", "Discount", "-1", "12/14/2010 9:41", "27.5", "14527", "United Kingdom"),
    ("C536380", "22728", "ALARM CLOCK", "4", "12/14/2010 9:41", "3.75", "14527", "EIRE"),
    ("536380", "POST", "POSTAGE", "1", "12/14/2010 9:41", "18", "14527", "France"),
    ("536381", "DCGS0058", "MISO", "1", "12/14/2010 9:41", "2", "", "United Kingdom"),
    ("536382", "22728", "damaged", "-10", "12/14/2010 9:41", "0", "", "United Kingdom"),
    ("536383", "22728", "ALARM CLOCK", "3", "12/14/2010 9:41", "0", "", "United Kingdom"),
    ("536384", "22728", "ALARM CLOCK", "many", "12/14/2010 9:41", "1", "", "United Kingdom"),
    ("536385", "22728", "ALARM CLOCK", "1", "soon", "1", "", "United Kingdom"),
    ("536386", "", "ALARM CLOCK", "1", "12/14/2010 9:41", "1", "", "United Kingdom"),
]
REASONS = {
    "fee_cancellation": 1,
    "fee_code": 1,
    "missing_value": 1,
    "negative_quantity": 1,
    "no_price": 1,
    "not_a_date": 1,
    "not_a_number": 1,
    "positive_cancellation": 1,
    "unlisted_code": 1,
}


def write_csv(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    path.write_text("\n".join([",".join(header), *(",".join(row) for row in rows)]) + "\n", "utf-8")
    return path


def run(path: Path, root: Path) -> ImportResult:
    return import_files("online-retail", path, Workspace(root), options={})


def table(root: Path, name: str) -> pa.Table:
    return pq.read_table(root / "tables" / f"{name}-imported.parquet")


@pytest.mark.parametrize("header", [UCI_1, UCI_2])
def test_either_edition_is_judged_alike(tmp_path: Path, header: tuple[str, ...]) -> None:
    """Sales, returns and every reason of rejection come out the same under both sets of column names."""
    result = run(write_csv(tmp_path / "a.csv", header, ROWS), tmp_path / "w")
    assert (result.read, result.kept, result.rejected, result.merged) == (14, 5, 9, 0)
    assert result.reasons == REASONS
    sales = table(tmp_path / "w", "sales").to_pylist()
    assert [(r["sku"], r["occurrence"], r["market"], str(r["date"])) for r in sales] == [
        ("85123A", 1, "GB", "2010-12-01"),
        ("85123A", 2, "GB", "2010-12-01"),
        ("22728", 1, "IE", "2010-12-13"),
        ("22728", 1, "Channel Islands", "2010-12-13"),
    ]
    (returned,) = table(tmp_path / "w", "returns").to_pylist()
    assert (returned["quantity"], returned["unit_price"], returned["reason"]) == (4.0, 3.75, "cancelled")
    products = {r["sku"]: r for r in table(tmp_path / "w", "products").to_pylist()}
    clock = products["22728"]
    assert (clock["title"], clock["family"], clock["unit_value"], clock["maker"]) == ("ALARM CLOCK", "227", 4.0, None)


def test_formats_and_editions_of_one_content_merge(tmp_path: Path) -> None:
    """The same lines as CSV under one set of names and as two overlapping sheets under the other are the same lines."""
    run(write_csv(tmp_path / "a.csv", UCI_1, ROWS), tmp_path / "w")
    before = {p.name: p.read_bytes() for p in (tmp_path / "w" / "tables").iterdir()}
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        for name, rows in (("Year 2009-2010", ROWS[:3]), ("Year 2010-2011", ROWS[2:])):
            sheet = book.add_worksheet(name)
            for k, row in enumerate([UCI_2, *rows]):
                for j, cell in enumerate(row):
                    if k and j in (3, 5, 6) and cell.replace(".", "").lstrip("-").isdigit():
                        sheet.write_number(k, j, float(cell))
                    else:
                        sheet.write_string(k, j, cell)
    result = run(tmp_path / "b.xlsx", tmp_path / "w")
    assert (result.read, result.kept, result.rejected, result.merged) == (15, 0, 9, 6)
    assert {p.name: p.read_bytes() for p in (tmp_path / "w" / "tables").iterdir()} == before
    # Rejected lines are kept as they stand in the file, so those of either edition are there, and once only.
    run(tmp_path / "b.xlsx", tmp_path / "w")
    assert pq.read_table(tmp_path / "w" / "derived" / "rejected.parquet").num_rows == 18


def test_dates_with_the_day_first_are_recognised(tmp_path: Path) -> None:
    """Where months first fits fewer lines than days first, days first is meant."""
    rows = [
        ("1", "22728", "x", "1", "03/04/2010 8:26", "1", "", "Japan"),
        ("2", "22728", "x", "1", "25/04/2010 8:26", "1", "", "Japan"),
    ]
    run(write_csv(tmp_path / "a.csv", UCI_1, rows), tmp_path / "w")
    assert [str(d) for d in table(tmp_path / "w", "sales")["date"].to_pylist()] == ["2010-04-03", "2010-04-25"]


def test_only_cancellations_give_no_sales(tmp_path: Path) -> None:
    """A file of cancellations alone is read: returns, and no sales."""
    result = run(write_csv(tmp_path / "a.csv", UCI_1, ROWS[4:5]), tmp_path / "w")
    assert (result.kept, result.tables["returns"], result.tables.get("sales", 0)) == (1, 1, 0)


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A file without the columns is refused, with the columns it lacks and those it has."""
    with pytest.raises(DataError, match=r"no column StockCode.*It has: Invoice, Amount"):
        run(write_csv(tmp_path / "a.csv", ("Invoice", "Amount"), [("1", "2")]), tmp_path / "w")


@pytest.mark.real
def test_the_published_figures(data: Path, tmp_path: Path) -> None:
    """The real file gives the published counts and sum, all 43 labels, and nothing new the second time."""
    path = data / "online_retail" / "online_retail_II.parquet"
    result = run(path, tmp_path / "w")
    assert result.read == 823_643 == result.kept + result.rejected
    sales = table(tmp_path / "w", "sales")
    assert result.tables["sales"] == sales.num_rows == 798_702
    assert round(pc.sum(pc.multiply(sales["quantity"], sales["unit_price"])).as_py(), 2) == 15_489_417.44
    assert result.tables["returns"] + result.reasons["fee_cancellation"] == 15_724
    markets = {r["market"]: r["country"] for r in table(tmp_path / "w", "markets").to_pylist()}
    assert len(markets) == 43
    assert [m for m, country in markets.items() if country is None] == [
        "Channel Islands",
        "European Community",
        "Unspecified",
        "West Indies",
    ]
    assert {markets[code] for code in ("IE", "ZA", "US", "KR", "CZ")} == {"IE", "ZA", "US", "KR", "CZ"}
    sizes = Counter(table(tmp_path / "w", "products")["family"].to_pylist())
    assert max(sizes.values()) < 200
    assert sum(n for n in sizes.values() if n >= 20) > 0.9 * sizes.total()
    again = run(path, tmp_path / "w")
    assert (again.kept, again.merged, again.rejected) == (0, result.kept, result.rejected)
    assert again.tables == result.tables
