"""The network is that of the ties, or a derived one that says so."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.diagnosis.structure.network import disparity, network_of
from tests.diagnosis.cluster import MONDAY, net_of, small


def test_ties_of_the_latest_year_count_in_both_directions() -> None:
    """Kinds and directions of a pair add up, older years, strangers and ties with oneself are left out."""
    ties = [
        {"firm_a": "M0", "firm_b": "S0", "kind": "supply", "year": 2024, "value": 5.0},
        {"firm_a": "S0", "firm_b": "M0", "kind": "finance", "year": 2024, "value": 2.0},
        {"firm_a": "M0", "firm_b": "S1", "kind": "supply", "year": 2023, "value": 9.0},
        {"firm_a": "M1", "firm_b": "M1", "kind": "supply", "year": 2024, "value": 9.0},
    ]
    net = network_of(small(ties=ties), 0.05)
    assert not net.derived
    assert [(net.firms[a], net.firms[b], w) for a, b, w in zip(net.a, net.b, net.weight, strict=True)] == [
        ("M0", "S0", 7.0)
    ]


def test_without_ties_makers_are_tied_to_those_they_make_for() -> None:
    """P0 and P4 of M0 are sold by S0: that is a tie of their revenue in a year, and the network is marked as derived."""
    tables = small()
    net = network_of(tables, 0.05)
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
    net = network_of(small(firms=firms, sales=sales, weekly=weekly, products=products), 0.05)
    assert [(net.firms[a], net.firms[b], w) for a, b, w in zip(net.a, net.b, net.weight, strict=True)] == [
        ("S0", "S1", 105.0 * 52)  # all on one day, which counts as a week
    ]
