"""What goods cost to keep: where they are made what making them there ties up, where makers' goods meet the cheapest's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.solvers import SolveOptions, Status
from tests.planning.cases import one_plant, random_cluster

EXACT = SolveOptions(seconds=60, gap=1e-9)
CLOSE = 1e-6


def two_makers(dear: float) -> ClusterProblem:
    """Return two plants of one owner, each with a door to the market: 10 units are wanted in the last of two weeks.

    They can only be made in the first week. A unit costs 1 to make at A and 4 at B; at A it costs 5 to keep for a week, at B ``dear``.
    """
    one = one_plant(np.array([[0.0, 10.0]]), np.array([0.0]), np.array([3.0]), hours=np.array([1.0]))
    return replace(
        one,
        firm=("A", "B"),
        owner=("A",),
        firm_owner=np.zeros(2, np.int64),
        node=("A", "B"),
        node_storage=np.zeros(2),
        node_handling=np.zeros(2),
        node_capacity=np.full(2, np.inf),
        resource=("A work", "B work"),
        resource_firm=np.arange(2),
        regular=np.array([[6.0, 0.0], [20.0, 0.0]]),
        overtime=np.zeros((2, 2)),
        overtime_cost=np.zeros(2),
        route_product=np.zeros(2, np.int64),
        route_firm=np.arange(2),
        route_group=np.full(2, -1),
        route_making=np.array([1.0, 4.0]),
        route_material=np.zeros(2),
        route_transfer=np.zeros(2),
        route_batch=np.zeros(2),
        route_holding=np.array([5.0, dear]),
        setup_cost=np.zeros((2, 2)),
        use_route=np.arange(2),
        use_resource=np.arange(2),
        use_hours=np.ones(2),
        use_setup=np.zeros(2),
        lane=("door A", "door B"),
        lane_origin=np.arange(2),
        lane_node=np.full(2, -1),
        lane_market=np.zeros(2, np.int64),
        lane_weeks=np.zeros(2, np.int64),
        lane_mode=("parcel", "parcel"),
        unit_freight=np.zeros((2, 1)),
        basis=np.zeros((2, 1)),
        price=np.array([100.0]),
    )


@pytest.mark.parametrize("small", [search.SMALL, 0])
@pytest.mark.parametrize(
    ("dear", "at_a", "cost"), [(1.5, 0, 10 * (4 + 1.5)), (2.5, 6, 6 * (1 + 5) + 4 * (4 + 2.5)), (0.0, 0, 40.0)]
)
def test_goods_are_kept_where_keeping_them_is_worth_it(
    dear: float, at_a: int, cost: float, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: a unit of A costs 1 + 5, of B 4 + ``dear``, and A has six hours; the solver and the search find it, and its bound holds."""
    monkeypatch.setattr(search, "SMALL", small)
    problem = two_makers(dear)
    plan = plan_coalition(problem, separate_rights(problem), replace(EXACT, seconds=4.0 if small == 0 else 60.0))
    assert plan.make[plan.network.supply_route == 0].sum() == pytest.approx(at_a, abs=1e-4)
    assert plan.value == pytest.approx(1000 - cost, abs=1e-3)
    assert plan.accounts.holding.sum() == pytest.approx(at_a * 5 + (10 - at_a) * dear, abs=1e-3)
    assert plan.upper is not None
    assert plan.upper >= plan.value - CLOSE


def own(seed: int) -> ClusterProblem:
    """Return a random cluster with a barge, in which keeping is dear, and dearest where making is."""
    problem = random_cluster(seed, makers=2, sellers=2, products=2, weeks=4, barge=True)
    return replace(problem, holding=problem.holding * 40, route_holding=problem.route_cost * np.array(40 * 0.25 / 52))


def counted(plan: ClusterPlan) -> float:
    """Return what keeping costs in a plan, unit by unit and week by week."""
    p, net = plan.problem, plan.network
    assert p.route_holding is not None
    total = 0.0

    def rate(node: int, i: int) -> float:
        own = [h for h, f, j in zip(p.route_holding, p.route_firm, p.route_product, strict=True) if (f, j) == (node, i)]
        return float(min(own)) if own else float(p.holding[i])

    for place, node in enumerate(net.place_node):
        total += rate(node, net.commodity_product[net.place_commodity[place]]) * plan.stock[place].sum()
    for arc, lane in enumerate(net.arc_lane):
        each = rate(p.lane_origin[lane], net.commodity_product[net.arc_commodity[arc]])
        for week in range(p.weeks):
            total += each * plan.ship[arc, week] * min(p.lane_weeks[lane], p.weeks - week)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_the_model_and_the_count_agree(seed: int) -> None:
    """HiGHS's objective for the whole model is the plan's cost, whose part for keeping is that of a count unit by unit."""
    problem = own(seed)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    assert plan.report.status is Status.OPTIMAL
    assert plan.report.objective == pytest.approx(plan.cost(), rel=CLOSE)
    assert plan.report.bound == pytest.approx(plan.cost(), rel=CLOSE)
    kept = plan.accounts.holding.sum() + plan.accounts.transit_holding.sum()
    assert kept == pytest.approx(counted(plan), rel=CLOSE)


@pytest.mark.parametrize("seed", range(2))
def test_the_search_stays_between_the_optimum_and_its_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Searched as a large one, a plan is worth no more than the optimum, near it, and its bound no less."""
    problem = own(seed)
    rights = coalition_rights(problem, frozenset(MEASURES))
    best = plan_coalition(problem, rights, EXACT)
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, rights, SolveOptions(seconds=5, gap=1e-4))
    assert found.upper is not None
    assert 0.95 * best.value <= found.value <= best.value * (1 + CLOSE) <= found.upper * (1 + 2 * CLOSE)
