"""The network is that of the ties, or a derived one that says so."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.diagnosis.structure.network import disparity
from jointplan.diagnosis.structure.ties import network_of
from jointplan.engine import Tables
from tests.diagnosis.cluster import MONDAY, Row, net_of, small


def test_ties_of_the_latest_year_count_in_both_directions() -> None:
    """Kinds and directions of a pair add up, older years, strangers and ties with oneself are left out."""
    ties = [
        {"firm_a": "M0", "firm_b": "S0", "kind": "supply", "year": 2024, "value": 5.0},
        {"firm_a": "S0", "firm_b": "M0", "kind": "finance", "year": 2024, "value": 2.0},
        {"firm_a": "M0", "firm_b": "S1", "kind": "supply", "year": 2023, "value": 9.0},
        {"firm_a": "M1", "firm_b": "M1", "kind": "supply", "year": 2024, "value": 9.0},
    ]
    net = network_of(small(ties=ties), 0.05, currency="CNY")
    assert not net.derived
    assert [(net.firms[a], net.firms[b], w) for a, b, w in zip(net.a, net.b, net.weight, strict=True)] == [
        ("M0", "S0", 7.0)
    ]


def test_without_ties_makers_are_tied_to_those_they_make_for() -> None:
    """P0 and P4 of M0 are sold by S0: that is a tie of their revenue in a year, and the network is marked as derived."""
    tables = small()
    net = network_of(tables, 0.05, currency="CNY")
    weekly = tables.frame("weekly")
    revenue = weekly.loc[weekly["sku"].isin(["P0", "P4"]), "revenue"].sum()
    found = {(net.firms[a], net.firms[b]): w for a, b, w in zip(net.a, net.b, net.weight, strict=True)}
    assert net.derived
    assert net.source.startswith("derived")
    assert found["M0", "S0"] == pytest.approx(revenue / (80 * 7 / 364))
    assert ("M0", "M1") not in found


def test_the_backbone_is_the_formula() -> None:
    """α = (1 − w/s)^(k−1), the smaller of both ends (Serrano and others 2009): a strong tie among many stands out."""
    net = net_of(6, [(0, i) for i in range(1, 6)] + [(1, 2)], [10.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    alpha = disparity(net)
    assert alpha[0] == pytest.approx(min((1 - 10 / 14) ** 4, 1 - 10 / 11))
    assert np.argmin(alpha) == 0
    assert disparity(net_of(2, [(0, 1)])).tolist() == [1.0]


def test_shared_orders_tie_sellers_as_far_as_they_stand_out() -> None:
    """Of five sellers, two stand in the same twenty orders and each once with others: that tie is the backbone."""
    firms = [{"firm": f"S{n}", "role": "seller"} for n in range(5)]
    pairs = [("S0", "S1")] * 20 + [(f"S{a}", f"S{b}") for a in range(5) for b in range(a)]
    sales = [
        {
            "document": f"D{n}",
            "date": MONDAY,
            "sku": "P0",
            "market": "DE",
            "seller": seller,
            "quantity": 1.0,
            "unit_price": 5.0,
        }
        for n, pair in enumerate(pairs)
        for seller in pair
    ]
    weekly = [
        {"week": MONDAY, "sku": f"P{n}", "market": f"X{n}", "seller": f"S{n}", "quantity": 1.0, "revenue": 5.0}
        for n in range(5)
    ]
    products = [{"sku": f"P{n}", "family": "kettle"} for n in range(5)]
    net = network_of(small(firms=firms, sales=sales, weekly=weekly, products=products), 0.05, currency="CNY")
    assert [(net.firms[a], net.firms[b], w) for a, b, w in zip(net.a, net.b, net.weight, strict=True)] == [
        ("S0", "S1", 105.0 * 52)  # all on one day, which counts as a week
    ]


def tied(tables: Tables) -> dict[tuple[str, str], float]:
    """Return the weight of each derived tie by its two firms."""
    net = network_of(tables, 0.9, currency="CNY")
    assert net.derived
    return {(net.firms[a], net.firms[b]): w for a, b, w in zip(net.a, net.b, net.weight, strict=True)}


def making(**sku: str) -> list[Row]:
    """Return a week's recorded lots of ten units for S0, by product and maker."""
    return [
        {"row": n, "activity": "make", "date": MONDAY, "firm": maker, "sku": name, "seller": "S0", "quantity": 10.0}
        for n, (name, maker) in enumerate(sku.items(), start=1)
    ]


def test_where_only_shipments_are_recorded_makers_are_those_of_the_products() -> None:
    """A table of shipments says nothing of making: ties between makers and sellers are those without it."""
    shipped = [row | {"activity": "ship"} for row in making(P0="M0")]
    assert tied(small(recorded=shipped))["M0", "S0"] == pytest.approx(tied(small())["M0", "S0"])


def test_a_product_without_a_value_counts_at_the_median_of_its_family() -> None:
    """P0 and P4 of 20 and 40 and P1 without a value: M1's ten units of P1 count at 30 each, and the finding says so."""
    products = [
        {
            "sku": f"P{n}",
            "family": "kettle" if n in (0, 1, 4) else "fan",
            "unit_value": {0: 20.0, 4: 40.0}.get(n, 500.0),
        }
        for n in range(8)
    ]
    products[1]["unit_value"] = None
    tables = small(products=products, recorded=making(P0="M0", P1="M1"))
    assert tied(tables)["M1", "S0"] == pytest.approx(10 * 30 * 52)
    (note,) = network_of(tables, 0.05, currency="CNY").notes
    assert "1 of 8 products has no unit value" in note.sentence
    units = small(products=[row | {"unit_value": None} for row in products], recorded=making(P0="M0", P1="M1"))
    assert tied(units)["M1", "S0"] == pytest.approx(10 * 52)
    assert "by units" in network_of(units, 0.05, currency="CNY").notes[0].sentence


def test_orders_are_added_in_one_currency() -> None:
    """S0 and S1 share an order in euros, S0 and S2 one of as many yuan: at 8 yuan a euro the first tie weighs eight times as much."""
    firms = [{"firm": f"S{n}", "role": "seller"} for n in range(3)]
    markets = [
        {"market": "CN", "country": "CN", "currency": "CNY"},
        {"market": "DE", "country": "DE", "currency": "EUR"},
    ]
    sales = [
        {"document": f"D{market}", "date": MONDAY, "sku": "P0", "market": market, "seller": seller, "quantity": 1.0, "unit_price": 5.0}
        for market, pair in (("DE", ("S0", "S1")), ("CN", ("S0", "S2")))
        for seller in pair
    ]  # fmt: skip
    weekly = [{"week": MONDAY, "sku": "P0", "market": "CN", "seller": "S0", "quantity": 1.0, "revenue": 5.0}]
    bare = {
        "firms": firms,
        "products": [{"sku": "P0", "family": "kettle"}],
        "weekly": weekly,
        "markets": markets,
        "sales": sales,
    }
    found = tied(small(**bare, fx=[{"currency": "EUR", "date": MONDAY, "rate": 8.0}]))
    assert found["S0", "S1"] == pytest.approx(8 * 5 * 52)
    told = network_of(small(**bare), 0.05, currency="CNY").notes
    assert "EUR" in told[0].sentence


def test_makers_are_tied_by_the_materials_and_the_buyers_they_share() -> None:
    """M0 and M1 use the same resin, and M0 and M2 make for the same seller: each is a tie of the smaller part."""
    firms = [{"firm": f"M{n}", "role": "maker"} for n in range(4)] + [
        {"firm": f"S{n}", "role": "seller"} for n in range(4)
    ]
    products = [{"sku": f"P{n}", "family": f"F{n}", "maker": f"M{n}"} for n in range(4)]
    weekly = [
        {"week": MONDAY, "sku": f"P{n}", "market": f"X{n}", "seller": seller, "quantity": 10.0, "revenue": 100.0 + n}
        for n, sellers in enumerate((("S0", "S3"), ("S1",), ("S0",), ("S3",)))
        for seller in sellers
    ]
    materials = [
        {"sku": f"P{n}", "material": m, "quantity": 1.0}
        for n, m in ((0, "resin"), (1, "resin"), (0, "wire"), (3, "wire"))
    ]
    sources = [{"material": m, "supplier": f"U-{m}", "cost": 2.0} for m in ("resin", "wire")]
    found = tied(small(firms=firms, products=products, weekly=weekly, materials=materials, sources=sources))
    assert found["M0", "M1"] == pytest.approx(10 * 2 * 52)
    assert found["M0", "M2"] == pytest.approx(100 * 52)


def test_what_very_many_share_ties_nobody_and_is_told() -> None:
    """A market that 201 sellers share ties none of them; the reason says how many groups and how large."""
    firms = [{"firm": f"S{n:03}", "role": "seller"} for n in range(201)]
    weekly = [
        {"week": MONDAY, "sku": "P0", "market": "DE", "seller": row["firm"], "quantity": 1.0, "revenue": 5.0}
        for row in firms
    ]
    net = network_of(small(firms=firms, products=[{"sku": "P0", "family": "k"}], weekly=weekly), 0.05, currency="CNY")
    assert not len(net.a)
    (note,) = net.notes
    assert "the largest 201" in note.sentence
