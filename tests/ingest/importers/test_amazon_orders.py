"""Tests of importing Amazon order reports."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jointplan.errors import UsageError
from jointplan.ingest.importers import ImportResult, import_files
from jointplan.store import Workspace

HEADER = (
    "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\t"
    "sales-channel\torder-channel\tship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\t"
    "item-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\tgift-wrap-tax\titem-promotion-discount\t"
    "ship-promotion-discount\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids"
)


def line(
    order: str,
    sku: str = "KET-1",
    *,
    status: str = "Shipped",
    item: str = "Shipped",
    channel: str = "Amazon.de",
    quantity: str = "1",
    currency: str = "EUR",
    price: str = "20.00",
    country: str = "DE",
    date: str = "2025-03-02T23:30:00+00:00",
    title: str = 'Kettle 1.7 L 9"',
) -> str:
    """Make up a line in the form of the report."""
    cells = [order, "", date, date, status, "Amazon", channel, "", "Expedited", title, sku, "B0", item, quantity]
    return "\t".join([*cells, currency, price, "3.19", "0", "0", "", "", "", "", "Ulm", "", "89073", country, ""])


def run(tmp_path: Path, lines: list[str], name: str = "report.txt") -> ImportResult:
    (tmp_path / name).write_text("\n".join([HEADER, *lines]) + "\n", "cp1252")
    return import_files("amazon-orders", tmp_path / name, Workspace(tmp_path / "w"), options={"seller": "F07"})


def test_lines_of_a_report(tmp_path: Path) -> None:
    """Prices are per line, days are as written, and every line without a sale has its reason."""
    lines = [
        line("1", quantity="3", price="60.00"),
        line("2", channel="Amazon.fr", country="", title="Bouilloire rouge é"),
        line("3", currency="USD", price="25"),
        line("4", status="Cancelled", item="Cancelled", quantity="0", price=""),
        line("5", item="Cancelled"),
        line("6", status="Pending", item="Unshipped", price="", currency=""),
        line("7", channel="Non-Amazon", price="", currency=""),
        line("8", price="cheap"),
        line("9", date="2.3.25"),
        line("10", sku=""),
        line("11", date="14-07-2025T18:53:56+00:00", channel="Amazon.es", country="ES"),
    ]
    result = run(tmp_path, lines)
    assert (result.read, result.kept, result.rejected, result.merged) == (11, 4, 7, 0)
    assert result.reasons == {
        "cancelled": 2,
        "missing_value": 1,
        "no_price": 1,
        "not_a_date": 1,
        "not_a_number": 1,
        "other_channel": 1,
    }
    sales = pq.read_table(tmp_path / "w" / "tables" / "sales-imported.parquet").to_pylist()
    assert [(r["document"], r["market"], r["quantity"], r["unit_price"], str(r["date"])) for r in sales] == [
        ("1", "DE", 3.0, 20.0, "2025-03-02"),
        ("2", "FR", 1.0, 20.0, "2025-03-02"),
        ("3", "DE-USD", 1.0, 25.0, "2025-03-02"),
        ("11", "ES", 1.0, 20.0, "2025-07-14"),
    ]
    assert {r["seller"] for r in sales} == {"F07"}
    (product,) = pq.read_table(tmp_path / "w" / "tables" / "products-imported.parquet").to_pylist()
    # In euros, the currency of most lines; a dollar price is no price in the workspace's currency.
    assert (product["title"], product["unit_value"]) == ('Kettle 1.7 L 9"', 20.0)


def test_overlapping_reports_and_equal_lines(tmp_path: Path) -> None:
    """Two equal lines of an order are two sales; the next report that repeats them adds only what is new."""
    run(tmp_path, [line("1"), line("1"), line("2")])
    result = run(tmp_path, [line("1"), line("1"), line("3")], "next.txt")
    assert (result.read, result.kept, result.merged, result.tables["sales"]) == (3, 1, 2, 4)


def test_the_seller_must_be_named(tmp_path: Path) -> None:
    """A report does not say whose it is."""
    (tmp_path / "r.txt").write_text(HEADER + "\n" + line("1") + "\n")
    with pytest.raises(UsageError, match="option --seller is missing"):
        import_files("amazon-orders", tmp_path / "r.txt", Workspace(tmp_path / "w"), options={})
