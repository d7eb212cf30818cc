"""Whole loads change their way: what is counted stays right, what is refused leaves no trace, and containers get filled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jointplan.planning.solving.compiled import entry
from jointplan.planning.solving.improving import PieceSearch
from jointplan.planning.solving.reloading import change_back, change_load, no_changes
from tests.planning.cases import random_cluster
from tests.planning.solving.test_improving import begun, varied


@entry
def _change(graph: Any, works: Any, use: Any, pieces: Any, near: Any, chance: Any, back: bool) -> int:
    """Change loads until something changed, and back again if asked; return how many pieces changed."""
    changed = no_changes(pieces)
    for _ in range(50):
        count = change_load(graph, works, use, pieces, near, chance, changed)
        if count > 0:
            if back:
                change_back(graph, works, use, pieces, changed, count)
            return int(count)
    return 0


@entry
def _settle(graph: Any, works: Any, use: Any, pieces: Any, near: Any, chance: Any, tries: int) -> None:
    """Keep the changes that make the plan cheaper."""
    changed = no_changes(pieces)
    for _ in range(tries):
        before = use.total[0]
        count = change_load(graph, works, use, pieces, near, chance, changed)
        if use.total[0] > before:
            change_back(graph, works, use, pieces, changed, count)


def parts(search: PieceSearch) -> tuple[Any, ...]:
    """Return what the compiled functions work on."""
    return search.graph, search.works, search.use, search.pieces, search.near, search.chance


@pytest.mark.parametrize("seed", [2, 4, 7, 8, 10, 11, 13, 14])
def test_a_change_taken_back_leaves_no_trace(seed: int) -> None:
    """Hours, loads, room, limits and cost are what they were before."""
    search = begun(varied(seed), together=True)
    before = [np.array(array.tolist()) for array in search.use]
    changed = sum(_change(*parts(search), True) for _ in range(20))
    assert changed > 0
    for name, was, array in zip(search.use._fields, before, search.use, strict=True):
        np.testing.assert_allclose(np.array(array.tolist()), was, atol=1e-6, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("seed", range(12))
def test_changes_are_counted_and_keep_every_rule(seed: int) -> None:
    """After changes good and bad, the plan breaks nothing and costs what the pieces count."""
    search = begun(varied(seed), together=True)
    for _ in range(20):
        _change(*parts(search), False)
    plan = search.plan()
    assert not plan.violations()
    if not len(plan.problem.opening.units) and not len(plan.problem.approved.units):
        assert plan.cost() == pytest.approx(search.cost, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_goods_gather_in_containers(seed: int) -> None:
    """Where ships take as long as planes but were not to be had at first, changes alone fill containers that pay."""
    problem = random_cluster(seed, markets=2, weeks=6, products=4)
    by_sea = np.array(problem.lane_mode) == "sea"
    hub = problem.node.index("HUB")
    problem = replace(
        problem,
        lane_weeks=np.where(by_sea, 1, problem.lane_weeks),
        lane_origin=np.where(by_sea, hub, problem.lane_origin),
    )
    search = begun(problem, together=True)
    boxes = np.flatnonzero(search.works.box["rate"] >= 0)
    ship = search.works.ship.copy()
    search.works.ship[np.isin(search.works.freight["load"], boxes)] = np.inf
    search.begin()
    assert not search.use.loads["basis"][boxes].any()
    search.works.ship[:] = ship
    alone = search.cost
    _settle(*parts(search), 3000)
    assert (search.use.loads["basis"][boxes] > 0.01).any()
    assert search.cost < alone
    assert search.plan().cost() == pytest.approx(search.cost)
