"""The SCMS delivery history: what becomes of its lines, and how good the fitted freight is."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jointplan.errors import DataError
from jointplan.ingest.importers import ImportResult, import_files
from jointplan.store import Workspace

FILE = "scms/SCMS_Delivery_History_Dataset.parquet"
HEADER = [
    "ID",
    "PO / SO #",
    "ASN/DN #",
    "Country",
    "Shipment Mode",
    "Scheduled Delivery Date",
    "Delivered to Client Date",
    "Product Group",
    "Sub Classification",
    "Item Description",
    "Line Item Quantity",
    "Pack Price",
    "Manufacturing Site",
    "Weight (Kilograms)",
    "Freight Cost (USD)",
]


def line(number: int, **changes: str) -> list[str]:
    """Return a line of the file: 100 packs of test kits to Vietnam, 50 kg by air."""
    cells = dict.fromkeys(HEADER, "") | {
        "ID": str(number), "PO / SO #": f"SCMS-{number}", "ASN/DN #": f"ASN-{number}", "Country": "Vietnam",
        "Shipment Mode": "Air", "Scheduled Delivery Date": "2-Jun-06", "Delivered to Client Date": "6-Jun-06",
        "Product Group": "HRDT", "Sub Classification": "HIV test", "Item Description": "Kit", "Line Item Quantity": "100",
        "Pack Price": "29", "Manufacturing Site": "Works A", "Weight (Kilograms)": "50", "Freight Cost (USD)": "500",
    }  # fmt: skip
    return list((cells | changes).values())


def run(path: Path, into: Path) -> ImportResult:
    return import_files("scms", path, Workspace(into), options={})


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    return list(pq.read_table(next(folder.glob(f"*/{name}*.parquet"))).to_pylist())


def write(folder: Path, *lines: list[str]) -> Path:
    path = folder / "scms.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *lines])
    return path


def test_a_line_becomes_a_sale_of_its_maker(tmp_path: Path) -> None:
    """The delivery is the sale, the manufacturing site the maker, and a pack weighs the shipment over its packs."""
    result = run(write(tmp_path, line(1), line(2, Country="Congo, DRC")), tmp_path / "w")
    assert (result.read, result.kept, result.rejected) == (2, 2, 0)
    sale = rows(tmp_path / "w", "sales")[0]
    assert (sale["document"], str(sale["date"]), sale["sku"], sale["market"], sale["quantity"], sale["unit_price"]) == (
        "SCMS-1", "2006-06-06", "Kit", "VN", 100.0, 29.0,
    )  # fmt: skip
    (product,) = rows(tmp_path / "w", "products")
    assert (product["maker"], product["weight"], product["family"]) == ("Works A", 0.5, "HRDT HIV test")
    assert {row["destination"] for row in rows(tmp_path / "w", "lanes")} == {"VN", "CD"}
    rules = {row["item"]: str(row["rule"]) for row in rows(tmp_path / "w", "assumptions")}
    assert "(1 load)" in rules["freight tariff"]
    assert "(1 shipment)" in rules["transit spread"]


def test_what_was_delivered_is_recorded_with_its_real_maker(tmp_path: Path) -> None:
    """Each delivery was made at its own site, not at the item's usual one, and left as long before as its mode takes; imports add up."""
    lines = [
        line(1), line(2, **{"Line Item Quantity": "30"}), line(3, **{"Manufacturing Site": "Works B", "Line Item Quantity": "7"}),
        line(4, **{"Shipment Mode": "N/A"}), line(5, **{"Manufacturing Site": ""}),
    ]  # fmt: skip
    run(write(tmp_path, *lines), tmp_path / "w")
    assert {row["maker"] for row in rows(tmp_path / "w", "products")} == {"Works A"}
    assert {row["channel"] for row in rows(tmp_path / "w", "sales")} == {None}
    columns = ("activity", "date", "firm", "seller", "lane", "market", "quantity")
    done = [tuple(str(row[c]) for c in columns) for row in rows(tmp_path / "w", "recorded")]
    air, ended = ("SCMS", "scms-air-VN", "VN"), ("SCMS", "None", "None")
    assert done == [
        ("make", "2006-05-27", "Works A", *ended, "130.0"), ("make", "2006-05-27", "Works B", *ended, "7.0"),
        ("make", "2006-06-06", "Works A", *ended, "100.0"),
        ("ship", "2006-05-27", "Works A", *air, "130.0"), ("ship", "2006-05-27", "Works B", *air, "7.0"),
    ]  # fmt: skip
    run(write(tmp_path, *lines[:3], line(6, **{"Delivered to Client Date": "7-Jun-06"})), tmp_path / "w")
    again = rows(tmp_path / "w", "recorded")
    assert [row["row"] for row in again] == list(range(1, 8))
    assert sum(float(str(row["quantity"])) for row in again if row["activity"] == "make") == 130 + 7 + 100 + 100


def test_lines_of_no_use_for_freight_are_kept_and_told_apart(tmp_path: Path) -> None:
    """They are sales; the file of rejected lines holds them under a kind of their own, with the reason."""
    unfit = {
        "in_other_line": {"Weight (Kilograms)": "See ASN-1 (ID#:1)", "Freight Cost (USD)": "See ASN-1 (ID#:1)"},
        "freight_included": {"Freight Cost (USD)": "Freight Included in Commodity Cost"},
        "freight_separate": {"Freight Cost (USD)": "Invoiced Separately"},
        "weight_separate": {"Weight (Kilograms)": "Weight Captured Separately"},
        "no_mode": {"Shipment Mode": "N/A"},
    }
    lines = [line(1), *(line(n, **changes) for n, changes in enumerate(unfit.values(), 2))]
    result = run(write(tmp_path, *lines, line(9, **{"Pack Price": "0"})), tmp_path / "w")
    assert (result.read, result.kept, result.rejected) == (7, 6, 1)
    assert result.reasons == {"no_price": 1}
    assert result.left_out == dict.fromkeys(unfit, 1)
    kept = {(row["kind"], row["reason"]): row for row in rows(tmp_path / "w", "rejected")}
    assert set(kept) == {("scms", "no_price"), *(("scms freight", reason) for reason in unfit)}
    assert all(row["explanation"] for row in kept.values())
    assert run(write(tmp_path, *lines), tmp_path / "w").merged == 6


def test_the_error_of_each_fit_is_handed_back(tmp_path: Path) -> None:
    """By mode, as among the assumptions: every charge as foretold is no error; of a mode seen too seldom nothing is told."""
    lines = [line(n) for n in range(20)] + [line(20, **{"Shipment Mode": "Truck"})]
    assert run(write(tmp_path, *lines), tmp_path / "w").freight_errors == {"scms-air": 0.0}


def test_a_file_without_the_columns_is_told(tmp_path: Path) -> None:
    """Another file is not taken for the history."""
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError):
        run(path, tmp_path / "w")


@pytest.mark.real
def test_the_published_history(data: Path, tmp_path: Path) -> None:
    """All 6,514 lines are accounted for; those with text for weight or freight are as many as a plain count finds."""
    result = run(data / FILE, tmp_path)
    assert (result.read, result.kept, result.rejected) == (6514, 6512, 2)
    plain = pq.read_table(
        data / FILE, columns=["Weight (Kilograms)", "Freight Cost (USD)", "Shipment Mode"]
    ).to_pylist()
    see = sum(str(row["Weight (Kilograms)"]).startswith("See") for row in plain)
    included = sum(row["Freight Cost (USD)"] == "Freight Included in Commodity Cost" for row in plain)
    assert result.left_out["in_other_line"] == see
    assert result.left_out["freight_included"] == included
    made = [row for row in rows(tmp_path, "recorded") if row["activity"] == "make"]
    sites = {
        row["Manufacturing Site"] for row in pq.read_table(data / FILE, columns=["Manufacturing Site"]).to_pylist()
    }
    assert {row["firm"] for row in made} == sites - {None}
    fitted = result.kept - sum(result.left_out.values())
    errors = {
        (row["item"], row["subject"]): row
        for row in rows(tmp_path, "assumptions")
        if "out of sample" in str(row["item"])
    }
    charges = [row for (item, _), row in errors.items() if item == "freight error out of sample"]
    assert sum(int(str(row["rule"]).split(" observed charges")[0].split()[-1]) for row in charges) == fitted
    assert result.freight_errors == {str(row["subject"]): float(str(row["value"])) for row in charges}
    assert {subject for _, subject in errors} == {"scms-air", "scms-charter", "scms-truck", "scms-ocean"}
    assert all(0 < float(str(row["value"])) < 50 for row in charges)
