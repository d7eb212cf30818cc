"""Tests of importing Olist files."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.errors import DataError, UsageError
from jointplan.ingest.importers import ImportResult, import_files
from jointplan.ingest.importers.olist import share_out_destinations
from jointplan.store import Workspace


def run(path: Path, root: Path, city: str = "Ibitinga") -> ImportResult:
    return import_files("olist", path, Workspace(root), options={"city": city} if city else {})


def table(root: Path, name: str) -> pa.Table:
    return pq.read_table(root / "tables" / f"{name}-imported.parquet")


def assumed(root: Path, item: str) -> dict[str, str]:
    rows = pq.read_table(root / "derived" / "assumptions.parquet").to_pylist()
    return {row["subject"]: row["value"] for row in rows if row["item"] == item}


# Made up, in the form of the published files.
SELLERS = (
    "seller_id,seller_zip_code_prefix,seller_city,seller_state\ns1aaaaaaaa,14940,ibitinga,SP\ns2,80000,curitiba,PR\n"
)
ITEMS = """order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value
o1,1,p1aaaaaaaa,s1aaaaaaaa,2018-01-10 10:00:00,50.00,12.00
o1,2,p1aaaaaaaa,s1aaaaaaaa,2018-01-10 10:00:00,50.00,12.00
o2,1,p2,s1aaaaaaaa,2018-01-20 10:00:00,30.00,15.00
o3,1,p2,s1aaaaaaaa,2018-01-31 09:00:00,30.00,15.00
o4,1,p2,s1aaaaaaaa,never,30.00,15.00
o5,1,p2,s1aaaaaaaa,2018-01-31 09:00:00,0,15.00
o6,1,p3,s2,2018-01-31 09:00:00,10.00,15.00
"""
ORDERS = """order_id,customer_id,order_status,order_purchase_timestamp,order_delivered_carrier_date,order_delivered_customer_date
o1,c1,delivered,2018-01-04 09:00:00,2018-01-06 09:00:00,2018-01-10 09:00:00
o2,c2,canceled,2018-01-12 09:00:00,,
"""
CUSTOMERS = "customer_id,customer_state\nc1,RJ\nc2,SP\n"
PRODUCTS = """product_id,product_category_name,product_weight_g,product_length_cm,product_height_cm,product_width_cm
p1aaaaaaaa,cama_mesa_banho,1500,40,10,30
p2,cama_mesa_banho,,,,
"""
TRANSLATION = "product_category_name,product_category_name_english\ncama_mesa_banho,bed_bath_table\n"
FILES = {
    "olist_order_items_dataset": ITEMS,
    "olist_sellers_dataset": SELLERS,
    "olist_orders_dataset": ORDERS,
    "olist_customers_dataset": CUSTOMERS,
    "olist_products_dataset": PRODUCTS,
    "product_category_name_translation": TRANSLATION,
}


def write(folder: Path, *left_out: str) -> Path:
    folder.mkdir()
    for stem, text in FILES.items():
        if stem not in left_out:
            (folder / f"{stem}.csv").write_text(text, "utf-8-sig")
    return folder


def test_rules_of_the_small_city(tmp_path: Path) -> None:
    """Each rule shows on a made-up city: dates, destinations, cancellation, maker, weight and rejections."""
    result = run(write(tmp_path / "in"), tmp_path / "w", "IBITINGÁ")
    assert (result.read, result.kept, result.rejected, result.merged) == (6, 4, 2, 0)
    assert result.reasons == {"no_price": 1, "not_a_date": 1}
    sales = table(tmp_path / "w", "sales").to_pylist()
    # The known lags are 6.04 (twice) and 8.04 days: o3 is dated its limit less 6 days.
    assert [(r["document"], r["occurrence"], str(r["date"])) for r in sales] == [
        ("o1", 1, "2018-01-04"),
        ("o1", 2, "2018-01-04"),
        ("o2", 1, "2018-01-12"),
        ("o3", 1, "2018-01-25"),
    ]
    assert [r["market"] for r in sales[:3]] == ["BR-RJ", "BR-RJ", "BR-SP"]
    assert {r["seller"] for r in sales} == {"s1aaaaaa"}
    (returned,) = table(tmp_path / "w", "returns").to_pylist()
    assert (returned["document"], returned["reason"]) == ("o2", "cancelled")
    products = {r["sku"]: r for r in table(tmp_path / "w", "products").to_pylist()}
    assert products["p1aaaaaa"]["family"] == "bed_bath_table"
    assert (products["p1aaaaaa"]["weight"], products["p1aaaaaa"]["volume"]) == (1.5, 0.012)
    assert [products["p1aaaaaa"][side] for side in ("length", "width", "height")] == [40, 30, 10]
    assert (products["p2"]["weight"], products["p2"]["maker"]) == (1.5, "s1aaaaaa")
    assert products["p2"]["length"] is None
    assert assumed(tmp_path / "w", "weight") == {"p2": "1.5"}
    assert assumed(tmp_path / "w", "day of sale") == {"s1aaaaaa": "6"}
    settings = tomllib.loads((tmp_path / "w" / "jointplan.toml").read_text("utf-8"))
    assert settings == {"currency": "BRL", "logistics": {"origin": "BR"}}


@pytest.mark.parametrize("left_out", [stem for stem in FILES if stem != "olist_order_items_dataset"])
def test_any_other_file_may_be_missing(tmp_path: Path, left_out: str) -> None:
    """Only the items are needed; what a missing file would have said stays blank or falls back."""
    folder = write(tmp_path / "in", left_out)
    result = run(folder, tmp_path / "w", "" if left_out == "olist_sellers_dataset" else "ibitinga")
    assert result.read == result.kept + result.rejected
    assert result.kept == (5 if left_out == "olist_sellers_dataset" else 4)
    if left_out in ("olist_customers_dataset", "olist_orders_dataset"):
        assert set(table(tmp_path / "w", "sales")["market"].to_pylist()) == {"BR-unknown"}


def test_a_later_fuller_file_adds_no_line_twice(tmp_path: Path) -> None:
    """When orders become known later, the day may differ, yet the line is the same line."""
    first = run(write(tmp_path / "in", "olist_orders_dataset"), tmp_path / "w")
    second = run(write(tmp_path / "more"), tmp_path / "w")
    assert (first.kept, second.kept, second.merged) == (4, 0, 4)


def test_a_zip_reads_like_its_folder(tmp_path: Path) -> None:
    """The files as they are downloaded, in one zip, are the same lines as unpacked."""
    folder = write(tmp_path / "in")
    shutil.make_archive(str(tmp_path / "archive"), "zip", tmp_path, "in")
    first = run(folder, tmp_path / "w")
    again = run(tmp_path / "archive.zip", tmp_path / "w")
    assert (again.read, again.kept, again.merged) == (first.read, 0, first.kept)
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    with pytest.raises(DataError, match="cannot be read"):
        run(tmp_path / "bad.zip", tmp_path / "w")


def test_wrong_folders_and_cities_are_told(tmp_path: Path) -> None:
    """No items, no sellers file for a city, and a misspelt city each give a cure."""
    with pytest.raises(UsageError, match="no Olist order items"):
        run(tmp_path, tmp_path / "w")
    folder = write(tmp_path / "in")
    with pytest.raises(UsageError, match="Did you mean ibitinga"):
        run(folder, tmp_path / "w", "Ibitingua")
    (folder / "olist_sellers_dataset.csv").unlink()
    with pytest.raises(UsageError, match="olist_sellers_dataset"):
        run(folder, tmp_path / "w")


order = st.tuples(st.sampled_from(["s", "t"]), st.sampled_from(["SP", "RJ", "BA", None, None, None]))


@settings(deadline=None)
@given(st.lists(order, min_size=1, max_size=200))
def test_shared_out_orders_follow_the_known_ones(orders: list[tuple[str, str | None]]) -> None:
    """Known destinations stay, unknown ones go to states that are known, and an order's place does not hang on the order of the rows."""
    items = pa.table(
        {
            "order_id": [str(k) for k in range(len(orders))],
            "seller_id": [seller for seller, _ in orders],
            "destination": pa.array([state for _, state in orders], pa.string()),
        }
    )
    markets = share_out_destinations(items)
    known = {state for _, state in orders if state}
    assert [markets[str(k)] for k, (_, state) in enumerate(orders) if state] == [f"BR-{s}" for _, s in orders if s]
    assert set(markets.values()) <= ({f"BR-{state}" for state in known} or {"BR-unknown"})
    assert share_out_destinations(items.take(list(range(len(orders)))[::-1])) == markets


def test_unknown_destinations_scatter_as_customers_do() -> None:
    """States get a seller's shares to within chance, and their numbers over time vary as those of independent customers: by the binomial law."""
    known = [("s", "SP")] * 300 + [("s", "RJ")] * 100 + [("t", "BA")] * 400
    blocks, size = 400, 50
    items = [*known, *[("s", None)] * (blocks * size)]
    table = pa.table(
        {
            "order_id": [f"order {k}" for k in range(len(items))],
            "seller_id": [seller for seller, _ in items],
            "destination": pa.array([state for _, state in items], pa.string()),
        }
    )
    markets = share_out_destinations(table)
    drawn = np.array([markets[f"order {k}"] for k in range(len(known), len(items))]).reshape(blocks, size)
    for state, own, everyone in (("SP", 300, 300), ("RJ", 100, 100), ("BA", 0, 400)):
        share = (own + 20 * everyone / 800) / 420
        counts = (drawn == f"BR-{state}").sum(axis=1)
        binomial = size * share * (1 - share)
        assert counts.mean() == pytest.approx(size * share, abs=4 * (binomial / blocks) ** 0.5)
        assert 0.7 < counts.var() / binomial < 1.3


@pytest.mark.real
def test_ibitinga(data: Path, tmp_path: Path) -> None:
    """The real cluster: its published counts and sums, every destination a state, and nothing new the second time."""
    result = run(data / "olist", tmp_path / "w")
    sales = table(tmp_path / "w", "sales")
    assert (result.read, result.kept, result.rejected) == (5_468, 5_468, 0)
    assert (result.tables["firms"], result.tables["products"], sales.num_rows) == (39, 1_741, 5_468)
    assert round(pc.sum(sales["unit_price"]).as_py(), 2) == 445_201.59
    rules = pq.read_table(tmp_path / "w" / "derived" / "assumptions.parquet").to_pylist()
    (error,) = [row for row in rules if row["item"] == "parcel tariff error"]
    assert "92728.24 BRL" in error["rule"]
    # Medians of noisy charges: within a tenth, and the whole within a twentieth.
    assert float(error["value"]) < 10
    assert "BR-unknown" not in set(sales["market"].to_pylist())
    assert sum(map(int, assumed(tmp_path / "w", "destination").values())) == 5_468 - 1_579
    lanes = {r["destination"]: r for r in pq.read_table(tmp_path / "w" / "derived" / "lanes.parquet").to_pylist()}
    assert set(lanes) == set(sales["market"].to_pylist())
    assert lanes["BR-SP"]["transit_days"] < lanes["BR-RJ"]["transit_days"] < lanes["BR-BA"]["transit_days"]
    again = run(data / "olist", tmp_path / "w")
    assert (again.kept, again.merged, again.tables) == (0, 5_468, result.tables)


@pytest.mark.real
def test_csv_and_parquet_are_the_same_lines(data: Path, tmp_path: Path) -> None:
    """The files as published (CSV) after the same as Parquet add no line, for another city."""
    folder = tmp_path / "csv"
    folder.mkdir()
    for path in (data / "olist").glob("*.parquet"):
        if "payments" not in path.name:
            csv.write_csv(pq.read_table(path), folder / f"{path.stem}.csv")
    first = run(data / "olist", tmp_path / "w", "Guariba")
    again = run(folder, tmp_path / "w", "guariba")
    assert first.kept > 100
    assert (again.kept, again.merged) == (0, first.kept)
