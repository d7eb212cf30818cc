"""Tests of importing Shopify order exports."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq

from jointplan.ingest.importers import ImportResult, import_files
from jointplan.store import Workspace

# Made up, in the form of the export: what concerns the order stands in its first row only.
ORDER = ("Name", "Financial Status", "Currency", "Created at", "Shipping Country", "Cancelled at", "Refunded Amount")
ITEM = (
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem discount",
)


def order(name: str, *items: tuple[str, ...], **said: str) -> list[dict[str, str]]:
    first = {
        "Name": name,
        "Financial Status": "paid",
        "Currency": "USD",
        "Created at": "2025-03-01 23:15:33 -0400",
        "Shipping Country": "US",
        "Cancelled at": "",
        "Refunded Amount": "0.00",
    } | {key.replace("_", " ").capitalize() if key != "country" else "Shipping Country": v for key, v in said.items()}
    if "Financial status" in first:
        first["Financial Status"] = first.pop("Financial status")
    if "Refunded amount" in first:
        first["Refunded Amount"] = first.pop("Refunded amount")
    return [
        {**(first if k == 0 else {"Name": name}), **dict(zip(ITEM, item, strict=True))} for k, item in enumerate(items)
    ]


def run(tmp_path: Path, *orders: list[dict[str, str]], seller: str = "F09") -> ImportResult:
    path = tmp_path / "orders_export_1.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, (*ORDER, *ITEM), restval="")
        writer.writeheader()
        writer.writerows(row for rows in orders for row in rows)
    return import_files("shopify-orders", path, Workspace(tmp_path / "w"), options={"seller": seller})


KETTLE = ("2", "Kettle, red", "30.00", "KET-R", "true", "6.00")
CUP = ("1", "Cup", "5.00", "", "true", "0.00")


def test_orders_of_an_export(tmp_path: Path) -> None:
    """Following rows take the order's day, currency and country; discounts lower the unit price."""
    result = run(
        tmp_path,
        order("#1001", KETTLE, CUP),
        order("#1002", KETTLE, country="", currency="CAD"),
        order("#1003", KETTLE, cancelled_at="2025-03-02 10:00:00 -0400", financial_status="refunded"),
        order("#1004", KETTLE, financial_status="voided"),
        order("#1005", KETTLE, CUP, financial_status="refunded", refunded_amount="59.00"),
        order("#1006", KETTLE, financial_status="partially_refunded", refunded_amount="10.00"),
        order("#1007", ("1", "Gift card", "50", "GC", "false", "0")),
        order("#1008", ("1", "Gift", "5", "G", "true", "5")),
        order("#1009", ("x", "Cup", "5", "", "true", "0")),
    )
    assert (result.read, result.kept, result.rejected) == (11, 6, 5)
    assert result.reasons == {"cancelled": 1, "no_price": 1, "not_a_number": 1, "not_goods": 1, "not_paid": 1}
    sales = pq.read_table(tmp_path / "w" / "tables" / "sales-imported.parquet").to_pylist()
    assert [(r["document"], r["sku"], r["market"], r["unit_price"], str(r["date"])) for r in sales[:3]] == [
        ("#1001", "KET-R", "US", 27.0, "2025-03-01"),
        ("#1001", "Cup", "US", 5.0, "2025-03-01"),
        ("#1002", "KET-R", "unknown", 27.0, "2025-03-01"),
    ]
    returns = pq.read_table(tmp_path / "w" / "tables" / "returns-imported.parquet").to_pylist()
    assert [(r["document"], r["sku"], r["quantity"]) for r in returns] == [
        ("#1005", "KET-R", 2.0),
        ("#1005", "Cup", 1.0),
    ]
    notes = pq.read_table(tmp_path / "w" / "derived" / "assumptions.parquet").to_pylist()
    assert {n["item"]: n["value"] for n in notes} == {
        "unit value": "2",
        "partial refunds": "10.00",
        "product code": "1",
    }


def test_two_shops_with_the_same_order_names(tmp_path: Path) -> None:
    """Every shop counts from #1001: the same line of another seller is another sale."""
    run(tmp_path, order("#1001", CUP))
    assert run(tmp_path, order("#1001", CUP), seller="F10").kept == 1
    assert run(tmp_path, order("#1001", CUP), seller="F10").merged == 1
