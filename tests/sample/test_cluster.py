"""Tests of who makes what, read back from the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def able(read) -> dict[str, set[str]]:
    """Firms with a capability for every process of a family's routing."""
    operations, capabilities = read("operations"), read("capabilities")
    result = {}
    for family, steps in operations[operations["family"].notna()].groupby("family")["process"]:
        fits = capabilities[capabilities["family"].isna() | (capabilities["family"] == family)]
        result[family] = set.intersection(*(set(fits.loc[fits["process"] == step, "firm"]) for step in steps))
    return result


def test_every_product_has_a_maker_and_rivals(read, able) -> None:
    """The present maker can do the whole routing, and so can at least one other; specialist shops cannot."""
    products, capabilities = read("products"), read("capabilities")
    assert all(maker in able[family] for maker, family in zip(products["maker"], products["family"], strict=True))
    assert min(map(len, able.values())) >= 2
    assert 3 <= np.mean([len(firms) for firms in able.values()]) <= 7
    shops = {firm for firm, rows in capabilities.groupby("firm") if len(rows) == 1}
    assert len(shops) >= 3
    assert not shops & set.union(*able.values())


def test_routings_have_two_to_four_operations(read) -> None:
    """Appliances go through two to four processes, some of them with major setups."""
    operations, capabilities = read("operations"), read("capabilities")
    steps = operations.groupby(["sku", "family"], dropna=False)["process"].nunique()
    assert set(steps) == {2, 3, 4}
    major = capabilities.groupby("process")["major_setup_hours"].max()
    assert major["moulding"] > 2
    assert major["packing"] == 0
    assert capabilities["yield"].between(0.95, 0.995).all()


def test_ownership_is_mixed(read) -> None:
    """Sellers have about ten owners; some owners hold several makers, some a maker and a seller."""
    firms = read("firms")
    kinds = firms.groupby("owner")["role"].agg(list)
    assert 8 <= firms.loc[firms["role"] == "seller", "owner"].nunique() <= 11
    assert any(roles.count("maker") >= 2 for roles in kinds)
    assert any({"maker", "seller"} <= set(roles) for roles in kinds)
    assert (firms["role"].value_counts()[["supplier", "carrier", "both"]] >= 1).all()


def test_names_are_used_once(read) -> None:
    """No two firms have one name."""
    assert read("firms")["name"].is_unique


def test_prices_leave_a_margin(read) -> None:
    """Material and work take the shares of the price they are meant to, computed from the tables alone."""
    products, sources, fx = read("products"), read("sources"), read("fx")
    rate = fx.groupby("currency")["rate"].last().to_dict() | {"CNY": 1.0}
    first = sources[sources["from_quantity"] == 0]
    cheapest = (first["cost"] * first["currency"].map(rate)).groupby(first["material"]).min()
    bill = read("materials")
    bill["cost"] = bill["quantity"] * bill["material"].map(cheapest)
    own, shared = bill.groupby("sku")["cost"].sum(), bill.groupby("family")["cost"].sum()
    share = products["sku"].map(own).fillna(products["family"].map(shared)) / products["unit_value"]
    assert share.between(0.33, 0.48).all()

    capabilities, operations = read("capabilities"), read("operations")
    cost = capabilities.groupby("process")["cost_per_hour"].mean()
    work = (operations["hours"] * operations["process"].map(cost)).groupby(operations["family"]).sum()
    price = products.groupby("family")["unit_value"].mean()
    assert (work / price).dropna().between(0.10, 0.20).all()
    assert (products["transfer_price"] < products["unit_value"]).all()


def test_products_are_of_the_size_they_should_be(read) -> None:
    """Small appliances: 60 to 750 CNY, 0.8 to 4 kg, 0.006 to 0.03 m³."""
    products = read("products")
    assert products["unit_value"].between(60, 750).all()
    assert products["weight"].between(0.8, 4).all()
    assert products["volume"].between(0.006, 0.03).all()


def test_imported_parts_come_from_three_countries(read) -> None:
    """Some materials come only from abroad, and every source has price breaks that fall."""
    sources = read("sources")
    assert {"JP", "DE", "KR"} <= set(sources["origin"])
    origins = sources.groupby("material")["origin"].agg(set)
    assert any("CN" not in places for places in origins)
    for _, rows in sources.sort_values("from_quantity").groupby(["material", "supplier"]):
        assert len(rows) == 3
        assert rows["cost"].is_monotonic_decreasing


def test_a_larger_cluster_is_built_alike(tmp_path) -> None:
    """With ten times the products the makers per family, sellers per product and line shares stay the same."""
    from jointplan.sample import write_sample

    shapes = []
    for name, times in (("small", 1), ("large", 6)):
        write_sample(tmp_path / name, firms=20 * times, sellers=8 * times, products=75 * times, weeks=30, seed=11)
        tables = tmp_path / name / "tables"
        capabilities = pd.read_csv(tables / "capabilities.csv")
        sales = pd.read_csv(tables / "sales.csv") if (tables / "sales.csv").exists() else None
        sales = pd.read_parquet(tables / "sales.parquet") if sales is None else sales
        series = sales.groupby(["sku", "market", "seller"]).ngroups / (75 * times)
        makers = capabilities[capabilities["process"] == "moulding"].groupby("family")["firm"].nunique().mean()
        shapes.append((series, makers, sales.groupby("sku")["seller"].nunique().mean()))
    assert np.allclose(*shapes, rtol=0.25)
