"""Measures of cohesion agree with published networks, with networkx, and with what they must not change under."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.diagnosis.structure import cohesion
from jointplan.diagnosis.structure.network import Network
from tests.diagnosis.cluster import net_of

edges_of_ten = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] != e[1]), min_size=1, max_size=25
)


def karate() -> Network:
    """Zachary's karate club, 34 members and 78 ties."""
    return net_of(34, list(nx.karate_club_graph().edges))


def test_the_karate_club_has_its_published_modularity() -> None:
    """The best partition of the unweighted karate club has Q = 0.4198 (Agarwal and Kempe, Eur. Phys. J. B 66, 2008)."""
    label, quality = cohesion.communities(karate(), weighted=False, seed=1, trials=20)
    assert quality == pytest.approx(0.4198, abs=5e-5)
    assert label.max() + 1 == 4


@pytest.mark.parametrize("seed", range(6))
def test_modularity_and_cores_are_those_of_networkx(seed: int) -> None:
    """On random graphs with weights, modularity, k-core, bridges, parts and centralisation agree with networkx."""
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(40, 0.06, seed=seed)
    for a, b in graph.edges:
        graph[a][b]["weight"] = float(rng.integers(1, 9))
    net = net_of(40, list(graph.edges), [w for *_, w in graph.edges(data="weight")])
    label = rng.integers(0, 5, 40)
    groups = [set(np.flatnonzero(label == k).tolist()) for k in range(5)]
    assert cohesion.modularity(net, label) == pytest.approx(nx.community.modularity(graph, groups))
    assert cohesion.core_numbers(net).tolist() == [nx.core_number(graph)[i] for i in range(40)]
    crossing = list(nx.bridges(graph))
    assert cohesion.bridges(net).tolist() == [sum(i in edge for edge in crossing) for i in range(40)]
    sizes = sorted((len(c) for c in nx.connected_components(graph)), reverse=True)
    assert np.bincount(cohesion.parts(net)).tolist() == sizes
    near = sum(nx.harmonic_centrality(graph).values())
    assert cohesion.distance_fragmentation(net, 0) == pytest.approx(1 - near / (40 * 39))


def test_fragmentation_of_textbook_graphs() -> None:
    """A star is centralised 1, a ring 0 (Freeman 1979); two triangles leave 9 of 15 pairs apart, DF the same (Borgatti 2006)."""
    star, ring = net_of(6, [(0, i) for i in range(1, 6)]), net_of(6, [(i, (i + 1) % 6) for i in range(6)])
    assert cohesion.centralisation(star.degree) == 1.0
    assert cohesion.centralisation(ring.degree) == 0.0
    triangles = net_of(6, [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)])
    assert cohesion.fragmentation(np.bincount(cohesion.parts(triangles))) == pytest.approx(0.6)
    assert cohesion.distance_fragmentation(triangles, 0) == pytest.approx(0.6)


@settings(max_examples=40, deadline=None)
@given(edges_of_ten)
def test_one_more_firm_without_ties_never_mends_the_cluster(edges: list[tuple[int, int]]) -> None:
    """An isolated firm never lowers fragmentation, nor DF."""
    before, after = net_of(10, edges), net_of(11, edges)
    f = [cohesion.fragmentation(np.bincount(cohesion.parts(net))) for net in (before, after)]
    assert f[1] >= f[0]
    assert cohesion.distance_fragmentation(after, 0) >= cohesion.distance_fragmentation(before, 0) - 1e-12


@settings(max_examples=40, deadline=None)
@given(edges_of_ten, st.permutations(range(10)))
def test_the_order_of_firms_changes_nothing(edges: list[tuple[int, int]], order: list[int]) -> None:
    """Firms under other numbers have the same fragmentation, cores, degrees and distance fragmentation."""
    net, other = net_of(10, edges), net_of(10, [(order[a], order[b]) for a, b in edges])
    assert np.bincount(cohesion.parts(net)).tolist() == np.bincount(cohesion.parts(other)).tolist()
    assert cohesion.core_numbers(net).tolist() == cohesion.core_numbers(other)[order].tolist()
    assert cohesion.centralisation(net.degree) == cohesion.centralisation(other.degree)
    assert cohesion.distance_fragmentation(net, 0) == pytest.approx(cohesion.distance_fragmentation(other, 0))
