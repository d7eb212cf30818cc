"""Tests of importing any file by a column mapping."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jointplan.errors import DataError, UsageError
from jointplan.ingest.importers import ImportResult, import_files
from jointplan.ingest.importers.mapping import read_mapping
from jointplan.store import Workspace

SALES = """
table = "sales"
date_format = "%d.%m.%Y"
decimal = ","
thousands = "."
line_totals = ["unit_price"]

[columns]
document = "Beleg"
date = "Datum"
sku = "Artikel"
market = "Land"
quantity = "Menge"
unit_price = "Betrag"
products.title = "Bezeichnung"
products.weight = "Gramm"
markets.country = "Land"
markets.currency = "Währung"

[constants]
source = "erp"
seller = "F01"
firms.role = "both"
firms.name = "Muster GmbH"

[factors]
products.weight = 0.001
"""
HEADER = "Beleg;Datum;Artikel;Bezeichnung;Land;Menge;Betrag;Währung;Gramm\n"


def run(tmp_path: Path, mapping: str, content: str, encoding: str = "utf-8") -> ImportResult:
    (tmp_path / "map.toml").write_text(mapping, "utf-8")
    (tmp_path / "in.csv").write_text(content, encoding)
    options = {"mapping": str(tmp_path / "map.toml")}
    return import_files("table", tmp_path / "in.csv", Workspace(tmp_path / "w"), options=options)


def table(tmp_path: Path, name: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(tmp_path / "w" / "tables" / f"{name}-imported.parquet").to_pylist()
    return rows


def test_sales_with_decimal_commas_and_their_own_dates(tmp_path: Path) -> None:
    """Numbers and dates are read as the mapping says; products, markets and the seller come along."""
    content = HEADER + (
        "1;31.03.2025;A1;Kanne;Germany;1.000;€ 2.500,50;EUR;1.250\n"
        "1;2025-03-31;A1;;Germany;2;5,00;EUR;\n"
        "2;01.04.2025;A2;Topf;Germany;1;7;USD;800\n"
        "3;01.04.2025;A2;Topf;EIRE;1;7;EUR;800\n"
        "4;31.02.2025;A2;Topf;EIRE;1;7;EUR;800\n"
        "5;01.04.2025;A2;Topf;EIRE;0;7;EUR;800\n"
        "6;01.04.2025;A2;Topf;EIRE;1;7;Euro;800\n"
        "7;01.04.2025;;Topf;EIRE;1;7;EUR;800\n"
        "8;01.04.2025;A2;Topf;EIRE;1e400;7;EUR;800\n"
        "9;01.04.2025\n"
    )
    result = run(tmp_path, SALES, content)
    assert (result.read, result.kept, result.rejected) == (10, 4, 6)
    assert result.reasons == {
        "not_a_number": 1,
        "broken_row": 1,
        "missing_value": 1,
        "not_a_code": 1,
        "not_a_date": 1,
        "out_of_bounds": 1,
    }
    sales = table(tmp_path, "sales")
    assert [(r["document"], str(r["date"]), r["quantity"], r["unit_price"], r["market"]) for r in sales] == [
        ("1", "2025-03-31", 1000.0, 2.5005, "Germany"),
        ("1", "2025-03-31", 2.0, 2.5, "Germany"),
        ("2", "2025-04-01", 1.0, 7.0, "Germany-USD"),
        ("3", "2025-04-01", 1.0, 7.0, "EIRE"),
    ]
    products = {r["sku"]: (r["title"], r["weight"], r["family"]) for r in table(tmp_path, "products")}
    assert products == {"A1": ("Kanne", 1.25, "general"), "A2": ("Topf", 0.8, "general")}
    markets = {r["market"]: (r["country"], r["currency"]) for r in table(tmp_path, "markets")}
    assert markets == {"Germany": ("DE", "EUR"), "Germany-USD": ("DE", "USD"), "EIRE": ("IE", "EUR")}
    (firm,) = table(tmp_path, "firms")
    assert (firm["firm"], firm["name"], firm["role"]) == ("F01", "Muster GmbH", "both")
    again = run(tmp_path, SALES, content)
    assert (again.kept, again.merged, again.rejected) == (0, 4, 6)


def test_a_table_with_a_key_takes_the_newest_row(tmp_path: Path) -> None:
    """Capacity imported again with a new figure replaces the old; a key given twice differently is told."""
    mapping = 'table = "capacity"\n[columns]\nfirm = "企业"\nprocess = "工艺"\nhours = "工时"\n'
    first = run(tmp_path, mapping, "企业,工艺,工时\nA,注塑,40\nA,注塑,40\nB,注塑,30\nB,注塑,31\n", "gb18030")
    assert (first.read, first.kept, first.merged, first.reasons) == (4, 2, 1, {"duplicate_key": 1})
    second = run(tmp_path, mapping, "企业,工艺,工时\nA,注塑,48\nB,注塑,30\n")
    assert (second.kept, second.merged) == (1, 1)
    assert {(r["firm"], r["hours"], r["overtime_hours"]) for r in table(tmp_path, "capacity")} == {
        ("A", 48.0, 0.0),
        ("B", 30.0, 0.0),
    }


def test_choices_booleans_and_whole_numbers(tmp_path: Path) -> None:
    """A value that is no choice, and a fraction where a whole number is due, are rejected."""
    mapping = 'table = "firms"\n[columns]\nfirm = "f"\nrole = "r"\nlat = "lat"\n'
    result = run(tmp_path, mapping, "f,r,lat\nA,maker,22.8\nB,boss,22\nC,seller,122\n")
    assert result.reasons == {"not_a_choice": 1, "out_of_bounds": 1}
    mapping = 'table = "operations"\n[columns]\nfamily = "f"\nstep = "s"\nprocess = "p"\nhours = "h"\n'
    result = run(tmp_path, mapping, "f,s,p,h\nx,1,cut,0.5\nx,1.5,sew,0.5\n")
    assert (result.kept, result.reasons) == (1, {"not_a_number": 1})


def test_a_sheet_is_chosen_and_must_be_there(tmp_path: Path) -> None:
    """A mapping that names a sheet the file does not have is told so."""
    mapping = 'table = "firms"\nsheet = "Werke"\n[columns]\nfirm = "f"\nrole = "r"\n'
    with pytest.raises(DataError, match="no sheet Werke"):
        run(tmp_path, mapping, "f,r\nA,maker\n")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("table = [", "cannot be read"),
        ('table = "forecasts"', "must name an input table"),
        ('table = "firms"\ncolour = "red"\n[columns]\nfirm = "f"\nrole = "r"', "colour is not known"),
        ('table = "firms"\n[columns]\nfirm = "f"', "needed column role is not given"),
        ('table = "firms"\n[columns]\nfirm = "f"\nrole = "r"\nsize = "s"', "no column size"),
        ('table = "firms"\n[columns]\nfirm = "f"\nrole = "r"\nproducts.title = "s"', "no column products.title"),
        ('table = "firms"\n[columns]\nfirm = "f"\nrole = "r"\n[constants]\nrole = "maker"', "given twice"),
        ('table = "firms"\n[columns]\nfirm = "f"\nrole = "r"\n[factors]\nfirm = 2', "firm is no number"),
        ('table = "firms"\ndecimal = 5\n[columns]\nfirm = "f"\nrole = "r"', "decimal must be a text"),
    ],
)
def test_faults_of_a_mapping_are_told(tmp_path: Path, mapping: str, said: str) -> None:
    """Every fault of a mapping is told in words, with where to look."""
    (tmp_path / "map.toml").write_text(mapping)
    with pytest.raises(UsageError, match=said) as error:
        read_mapping(tmp_path / "map.toml")
    assert "docs/import.md" in error.value.cure


GARMENTS = """
table = "sales"
line_totals = ["unit_price"]
[columns]
document = "cust"
date = "date"
sku = "sku"
market = "cust"
quantity = "pcs"
unit_price = "gross"
products.family = "style"
[constants]
seller = "MAKER"
firms.role = "both"
markets.currency = "INR"
"""


@pytest.mark.real
def test_a_real_makers_export_lines(data: Path, tmp_path: Path) -> None:
    """A garment maker's real export file comes in by a mapping: all its lines are kept or have a reason."""
    path = data / "garment_exports" / "international_sales.parquet"
    (tmp_path / "map.toml").write_text(GARMENTS)
    options = {"mapping": str(tmp_path / "map.toml")}
    result = import_files("table", path, Workspace(tmp_path / "w"), options=options)
    source = pq.read_table(path)
    assert result.read == source.num_rows == result.kept + result.rejected
    assert result.rejected == result.reasons["missing_value"] == source["sku"].null_count
    assert result.tables["products"] == len(set(source["sku"].to_pylist()) - {None})


def test_names_that_are_no_countries_are_counted(tmp_path: Path) -> None:
    """They are told with their number; the lines are kept."""
    mapping = 'table = "markets"\n[columns]\nmarket = "m"\ncountry = "c"\n'
    result = run(tmp_path, mapping, "m,c\nA,Narnia\nB,Narnia\nC,Deutschland\n")
    assert (result.kept, result.unknown_countries) == (3, {"Narnia": 2})
