"""The core is the best there is, and is called one only where chance would not make it."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from jointplan.diagnosis.settings import StructureSettings
from jointplan.diagnosis.structure import measure_structure
from jointplan.diagnosis.structure.core import chance, core_of, misfit, random_networks
from tests.diagnosis.cluster import net_of, small


@pytest.mark.parametrize("seed", range(12))
def test_no_other_core_fits_better(seed: int) -> None:
    """On graphs of nine firms, Lip's core (arXiv 1102.5511) is as good as the best of all 512."""
    graph = nx.gnp_random_graph(9, 0.15 + 0.07 * seed, seed=seed)
    net = net_of(9, list(graph.edges))
    best = min(
        misfit(net, np.isin(np.arange(9), members)) for size in range(10) for members in combinations(range(9), size)
    )
    assert misfit(net, core_of(net.degree)) == best


def test_random_networks_keep_degrees_and_are_uniform() -> None:
    """Of the three matchings of four firms in pairs, swaps give each a third; the counts say in which core pairs fall."""
    net = net_of(4, [(0, 1), (2, 3)])
    null = random_networks(net, np.array([True, True, False, False]), 3000, 5)
    assert set(null.inside) == {0, 1}
    assert null.inside.mean() == pytest.approx(1 / 3, abs=0.04)
    assert (null.tied[null.inside == 1] == 0).all()
    assert (null.tied[null.inside == 0] == 2).all()


def test_the_expected_ties_inside_agree_with_networkx() -> None:
    """The mean over random networks is that of networkx' own double edge swaps."""
    graph = nx.barabasi_albert_graph(40, 3, seed=2)
    net = net_of(40, list(graph.edges))
    core = core_of(net.degree)
    mine = random_networks(net, core, 400, 1).inside.mean()
    members, theirs = set(np.flatnonzero(core)), []
    for seed in range(60):
        other = graph.copy()
        nx.double_edge_swap(other, nswap=300, max_tries=10**5, seed=seed)
        theirs.append(other.subgraph(members).number_of_edges())
    assert mine == pytest.approx(np.mean(theirs), abs=4 * np.std(theirs) / np.sqrt(60))


def test_hubs_are_no_core_and_a_planted_core_is() -> None:
    """A network by degrees alone does not pass; two groups of well-tied firms that avoid each other are told."""
    by_chance = nx.configuration_model([12] * 8 + [3] * 60, seed=4)
    graph = nx.Graph(by_chance)
    graph.remove_edges_from(nx.selfloop_edges(graph))
    net = net_of(68, list(graph.edges))
    core = core_of(net.degree)
    inside = int((core[net.a] & core[net.b]).sum())
    null = random_networks(net, core, 200, 1).inside
    assert chance(inside, null, above=True) > 0.02
    planted = list(combinations(range(10), 2)) + [(i, 10 + (i * 5 + k) % 50) for i in range(10) for k in range(5)]
    planted += [(10 + k, 10 + (k + s) % 50) for k in range(50) for s in (1, 7, 13, 20)]
    net = net_of(60, planted)
    core = core_of(net.degree)
    inside = int((core[net.a] & core[net.b]).sum())
    assert inside == 45
    assert chance(inside, random_networks(net, core, 200, 1).inside, above=True) < 0.01


def test_few_draws_can_still_tell_a_core() -> None:
    """With more ties than ``most_ties`` there are twenty draws at least: a planted core of sixty firms is told, at a chance of 1/21."""
    rng = np.random.default_rng(5)
    outer = {tuple(sorted(pair)) for pair in rng.integers(60, 1060, (10_000, 2)).tolist() if pair[0] != pair[1]}
    ties = [
        {"firm_a": f"F{a}", "firm_b": f"F{b}", "kind": "supply", "value": 1.0}
        for a, b in (*combinations(range(60), 2), *sorted(outer))
    ]
    firms = [{"firm": f"F{n}", "role": "maker"} for n in range(1060)]
    settings = StructureSettings(draws=200, most_ties=1000)
    assert len(ties) > settings.most_ties * 10
    made = measure_structure(small(firms=firms, products=[], weekly=[], ties=ties), settings, currency="CNY", seed=7)
    (core,) = [finding for finding in made.findings if finding.indicator == "core"]
    assert core.value == 59 * 58 / 2  # with the sixtieth it fits no better
    assert core.p_value == pytest.approx(1 / 21)
    assert "it is a real core" in core.sentence
