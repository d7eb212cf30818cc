"""Goods take the shortest lanes over open sites, and wait nearest the customer."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.inventory.ways import Leg, Ways

SITES = ("A", "B", "C", "D")


@st.composite
def lanes(draw: st.DrawFn) -> Ways:
    ends = draw(
        st.lists(
            st.tuples(st.sampled_from(("*", "M", *SITES)), st.sampled_from(SITES), st.integers(1, 30)), max_size=12
        )
    )
    legs = tuple(
        Leg(f"L{n}", origin, to, float(days), 0.0) for n, (origin, to, days) in enumerate(ends) if origin != to
    )
    return Ways(legs, dict.fromkeys(SITES, "hub"))


@given(lanes())
@settings(deadline=None)
def test_ways_are_as_short_as_networkx_finds_them(ways: Ways) -> None:
    """The days to every place that can be reached are another library's shortest, and the ways make a tree."""
    graph = nx.DiGraph()
    graph.add_node("M")
    for leg in ways.legs:
        origin = "M" if leg.origin == "*" else leg.origin
        if not graph.has_edge(origin, leg.destination) or graph[origin][leg.destination]["weight"] > leg.days:
            graph.add_edge(origin, leg.destination, weight=leg.days)
    expected = nx.single_source_dijkstra_path_length(graph, "M")
    found = ways.from_maker("M")
    assert {place: sum(leg.days for leg in way) for place, way in found.items()} == expected
    for way in found.values():
        for length in range(1, len(way)):
            assert found[way[length - 1].destination] == way[:length]


def test_the_nearest_kind_of_site_is_chosen() -> None:
    """A warehouse before a port before a hub; of two alike the one with the shorter last leg; what is not reached never."""
    kinds = {"HUB": "hub", "PORT": "port", "W1": "overseas_warehouse", "W2": "overseas_warehouse"}
    legs = tuple(
        Leg(f"{o}-{d}", o, d, days, 0.0)
        for o, d, days in (
            ("HUB", "DE", 1.0),
            ("PORT", "DE", 9.0),
            ("W1", "DE", 3.0),
            ("W2", "DE", 2.0),
            ("HUB", "FR", 4.0),
        )
    )
    ways = Ways(legs, kinds)
    assert ways.last_stock("M", "DE", kinds) == "W2"
    assert ways.last_stock("M", "DE", {"HUB", "PORT", "W1"}) == "W1"
    assert ways.last_stock("M", "DE", {"HUB", "PORT"}) == "PORT"
    assert ways.last_stock("M", "FR", kinds) == "HUB"
    assert ways.last_stock("M", "JP", kinds) == "M"
