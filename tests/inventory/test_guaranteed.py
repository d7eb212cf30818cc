"""Guaranteed service finds the published optima, and the two methods agree on whatever tree they are given."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.inventory.guaranteed import ServiceNetwork, stock_at_the_end
from jointplan.inventory.guaranteed_network import plan_network, plan_service
from jointplan.inventory.guaranteed_tree import plan_tree
from tests.inventory.networks import network, published, textbook, textbook_network


def test_the_tree_of_snyder_and_shen() -> None:
    """Example 6.5 of Snyder and Shen (2019): stages 1 and 3 promise 0, at a cost of 8.277917."""
    tree = network(
        ["1", "3", "2", "4"], [(0, 1), (1, 2), (1, 3)], [2, 1, 1, 1], [1, 2, 3, 3], [sqrt(2), sqrt(2), 1, 1], 1,
        {0: 1}, {2: 0, 3: 1},
    )  # fmt: skip
    for plan in (plan_tree(tree), plan_network(tree)):
        assert plan.service[:2].tolist() == [0, 0]
        assert plan.cost(tree) == pytest.approx(2 * sqrt(2) + sqrt(6) + 3, abs=1e-9)
        assert plan.violations(tree) == []


@pytest.mark.real
@pytest.mark.parametrize(("name", "rate"), [("bulldozer", 0.30), ("battery", 0.25)])
def test_published_networks(data: Path, name: str, rate: float) -> None:
    """Bulldozer and battery (Graves and Willems 2000 and Humair and Willems 2006): no dearer than published, stage by stage."""
    problem, solution = published(data / "bench" / "guaranteed_service", name, rate)
    plan = plan_service(problem)
    best = sum(stage["cost"] for stage in solution.values())
    assert plan.cost(problem) == pytest.approx(best, rel=2e-4)  # published in whole money, stage by stage
    assert plan.violations(problem) == []
    theirs = type(plan)(np.array([solution[stage]["s"] for stage in problem.names]))
    assert plan.cost(problem) <= theirs.cost(problem) + 1e-6


TEXTBOOK = [
    ("example_6_3", {}, 2 * sqrt(2)),
    ("problem_6_7", {}, 160 * sqrt(5)),
    ("problem_6_8", {}, 1378.31),
    ("problem_6_9", {}, 15.649530249501),
    ("problem_6_9", {1: 0, 2: 7}, 13.121240238718),
    ("problem_6_9", {1: 21, 2: 5}, 10.5811190103555),
    ("example_6_5", {}, 2 * sqrt(2) + sqrt(6) + 3),
    ("figure_6_14", {}, 18.8240044725922),
    ("figure_6_14", {10: 5}, 12.4686888061037),
    ("figure_6_14", {10: 8}, 3.25788236403285),
    ("figure_6_14", {10: 12}, 0.232617430735335),
]
"""Networks of Snyder and Shen (2019) and the costs that stockpyl's own tests give for them."""


@pytest.mark.real
@pytest.mark.parametrize(("name", "promised", "cost"), TEXTBOOK)
def test_textbook_networks(data: Path, name: str, promised: dict[int, int], cost: float) -> None:
    """The serial systems and trees of the textbook come out at its costs, by either method."""
    problem, _ = textbook_network(textbook(data / "bench" / "stockpyl")[name], promised)
    plan = plan_tree(problem)
    assert plan.cost(problem) == pytest.approx(cost, rel=1e-5)
    assert plan_network(problem).cost(problem) == pytest.approx(cost, rel=1e-4)
    assert plan.violations(problem) == []
    assert stock_at_the_end(problem).cost(problem) >= plan.cost(problem) - 1e-9


@st.composite
def trees(draw: st.DrawFn) -> ServiceNetwork:
    n = draw(st.integers(1, 6))
    arcs = []
    for k in range(1, n):
        other = draw(st.integers(0, k - 1))
        arcs.append((other, k) if draw(st.booleans()) else (k, other))
    times = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    holding = draw(st.lists(st.floats(0.1, 5), min_size=n, max_size=n))
    sold = {j for _, j in arcs} - {i for i, _ in arcs} or {0}
    promised = {k: draw(st.integers(0, 2)) for k in sold}
    return network(
        [str(k) for k in range(n)], arcs, times, holding, [1.0] * n, 1.0, {0: draw(st.integers(0, 2))}, promised
    )


@given(trees())
@settings(max_examples=25, deadline=None)
def test_dynamic_programme_and_solver_agree(tree: ServiceNetwork) -> None:
    """Two methods that share no code find the same cost, and both plans keep their promises."""
    exact, solved = plan_tree(tree), plan_network(tree)
    assert exact.cost(tree) == pytest.approx(solved.cost(tree), rel=1e-4, abs=1e-6)
    assert exact.violations(tree) == [] == solved.violations(tree)


def test_a_network_with_two_ways() -> None:
    """A diamond is no tree: the solver plans it no dearer than any whole service times, all of which are tried."""
    diamond = network(
        ["source", "left", "right", "end"], [(0, 1), (0, 2), (1, 3), (2, 3)], [3, 2, 1, 1], [1, 1.5, 2, 4],
        [2, 1, 1, 1.5], 1.0, {}, {3: 0},
    )  # fmt: skip
    assert not diamond.is_tree
    with pytest.raises(ValueError, match="two ways"):
        plan_tree(diamond)
    plan = plan_service(diamond)
    every = [type(plan)(np.array([a, b, c, 0])) for a in range(4) for b in range(6) for c in range(5)]
    least = min(p.cost(diamond) for p in every if not p.violations(diamond))
    assert plan.cost(diamond) == pytest.approx(least, rel=1e-6)
    assert plan.violations(diamond) == []


def test_circles_and_short_tables_are_refused() -> None:
    """A circle of supply, an arc to nowhere and a table that ends too soon are said, not planned."""
    with pytest.raises(ValueError, match="circle"):
        network(["a", "b"], [(0, 1), (1, 0)], [1, 1], [1, 1], [1, 1], 1, {}, {})
    with pytest.raises(ValueError, match="arcs"):
        network(["a"], [(0, 1)], [1], [1], [1], 1, {}, {})
    with pytest.raises(ValueError, match="needs its cost up to 4"):
        ServiceNetwork(("a",), (), np.array([4]), (np.zeros(3),), np.array([0]), np.array([0]))
