"""Plans made of pieces: what the pieces count is what the plan costs, and no rule is broken on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from jointplan.planning.approved import with_approved
from jointplan.planning.granting import granting
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.problem import ClusterProblem, Opening, Spaces
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.graph import build_graph
from jointplan.planning.solving.improving import PieceSearch
from jointplan.planning.solving.tracing import trace
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import solve_model
from tests.planning.cases import one_plant, random_cluster, wagner_whitin


def begun(problem: ClusterProblem, *, together: bool, rounds: int = 40) -> PieceSearch:
    """Return a search that has its first plan."""
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    network = build_network(problem, rights)
    model = build_model(granting(problem, rights, network), rights, network)
    bound = PriceBound(model)
    for number, _ in enumerate(bound.rounds(lambda: 0.0, rounds)):
        if number == rounds:
            break
    search = PieceSearch(model, bound, seed=3)
    search.begin()
    return search


def improved(search: PieceSearch, rounds: int = 300) -> PieceSearch:
    """Return the search after some rounds."""
    for _ in search.rounds(lambda: 0.0, rounds):
        pass
    return search


def varied(seed: int) -> ClusterProblem:
    """Return a random cluster, some with ships by the container, minimum batches, opening goods and decided lots."""
    problem = random_cluster(seed, barge=bool(seed % 2), batch=(20.0, 0.0, 0.0, 90.0, 0.0, 0.0)[seed % 6])
    if seed % 4 == 1:
        lies = Opening(*(np.array([n]) for n in (0, -1, 0, 0, 0)), np.array([15.0]))
        problem = problem.with_opening(lies)
    if seed % 4 == 2:
        route, seller = 0, problem.series_seller[problem.series_product == problem.route_product[0]][0]
        row = {
            "week": pd.Timestamp("2026-01-12"), "firm": problem.firm[problem.route_firm[route]],
            "sku": problem.sku[problem.route_product[route]], "seller": problem.firm[seller], "quantity": 7.0,
        }  # fmt: skip
        problem, _ = with_approved(problem, pd.DataFrame([row]), date(2026, 1, 5))
    return problem


@pytest.mark.parametrize("seed", range(4))
def test_what_fills_a_batch_up_has_its_place_where_it_is_made(seed: int) -> None:
    """At makers with little room of their own, the rests of minimum batches count as what lies there, and no room is exceeded in the end."""
    problem = random_cluster(seed, makers=2, sellers=2, products=4, weeks=5, batch=40.0)
    own = np.arange(len(problem.node)) < len(problem.firm)
    problem = replace(
        problem,
        node_storage=np.where(own, 3.0, problem.node_storage),
        node_handling=np.where(own, 20.0, problem.node_handling),
        node_capacity=np.where(own, 0.05, problem.node_capacity),
    )
    search = improved(begun(problem, together=False), 3000)
    plan = search.plan()
    assert plan.violations() == []
    assert search.cost == pytest.approx(plan.cost(), rel=1e-6)
    assert plan.serve.sum() > 0.3 * problem.demand.sum()


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_pieces_count_what_the_plan_costs_and_keep_every_rule(seed: int, together: bool) -> None:
    """The cost kept piece by piece is the cost that the plan counts from its quantities, and nothing is broken."""
    search = begun(varied(seed), together=together)
    for stage in (search, improved(search)):
        plan = stage.plan()
        assert not plan.violations()
        # What is left over may be worth less in the plan than the least that the pieces reckon with.
        assert plan.cost() >= stage.cost - 1e-6 * abs(stage.cost)
        if not len(plan.problem.opening.units) and not len(plan.problem.approved.units):
            assert plan.cost() == pytest.approx(stage.cost, rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_a_small_plan_is_close_to_the_optimum_that_the_solver_proves(seed: int) -> None:
    """The best of three starts, each a fifth of what the smallest plans get, comes close to what HiGHS proves best, and never below it."""
    search = begun(varied(seed), together=True)
    best = solve_model(search.model.linear, SolveOptions(seconds=60, gap=1e-6)).report
    assert best.objective is not None
    costs = []
    for _ in range(3):
        search.begin()
        costs.append(improved(search, 10_000).plan().cost())
    cost = min(costs)
    assert cost >= best.objective - 1e-6 * abs(best.objective)
    assert cost <= best.objective + 0.02 * abs(best.objective)


def test_the_example_of_wagner_and_whitin_is_solved() -> None:
    """Wagner and Whitin's twelve months (1958) cost 864."""
    assert improved(begun(wagner_whitin(), together=False), 600).plan().cost() == pytest.approx(864)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_a_plan_taken_apart_and_put_together_again_is_the_same(seed: int, together: bool) -> None:
    """Tracing a plan gives pieces that send and hand over the same, and cost no more; they make the same, or use goods from before."""
    search = improved(begun(varied(seed), together=together))
    plan, cost = search.plan(), search.cost
    parts = trace(plan, build_graph(search.model, decided=True))
    served = np.zeros(len(search.graph.orders))
    for part in parts:
        served[part.order] += part.units
    assert served.sum() == pytest.approx(plan.serve.sum())
    search.pieces, search.use = search._nothing()
    search.take(plan)
    # Of orders given up, the oldest count: that can only be cheaper.
    assert search.cost <= cost + 1e-6 * abs(cost)
    again = search.plan()
    for name in ("ship", "serve"):
        np.testing.assert_allclose(getattr(again, name), getattr(plan, name), atol=1e-6)
    assert (again.make <= plan.make + 1e-6).all()
    if search.cost >= cost - 1e-6 * abs(cost):
        np.testing.assert_allclose(again.make, plan.make, atol=1e-6)


@pytest.mark.parametrize("items", [40, 160])
def test_two_families_that_fill_every_week_together_learn_to_take_turns(items: int) -> None:
    """From a plan that sets a workshop up for both families every week, the search gets to the optimum that HiGHS proves: turns."""
    weeks = 5
    family = np.repeat([0, 1], items // 2)
    problem = one_plant(
        np.full((items, weeks), 1.0),
        np.zeros(items),
        np.full(items, 4.0 / items),
        hours=np.full(items, 40.0 / items),
        capacity=np.full(weeks, 60.0),
    )
    # Twenty hours of work and ten of setting up for each family: every week is full.
    problem = replace(
        problem, family=("one", "other"), product_family=family, route_group=family, group_firm=np.zeros(2, np.int64),
        group_family=np.arange(2), group_cost=np.full(2, 100.0), major_group=np.arange(2), major_resource=np.zeros(2, np.int64),
        major_hours=np.full(2, 10.0), late_weeks=1, late_cost=np.full(items, 8.0 / items),
    )  # fmt: skip
    search = begun(problem, together=False)
    both = replace(
        search.plan(), make=problem.demand, ship=problem.demand, serve=problem.demand, unmet=0 * problem.demand
    )
    assert not both.violations()
    assert both.cost() == pytest.approx(2 * weeks * 100)
    best = solve_model(search.model.linear, SolveOptions(seconds=60, gap=1e-6)).report
    assert best.objective is not None
    assert best.objective < 0.8 * both.cost()
    search.pieces, search.use = search._nothing()
    search.take(both)
    search.cold = True
    assert improved(search, 300 * items).plan().cost() == pytest.approx(best.objective, rel=0.02)
    assert not (search.desk.barred == search.desk.round[0]).any()  # what was barred for a round is not barred any more


def test_goods_that_are_only_bought_in_are_planned_without_a_workshop() -> None:
    """Where nothing is worked at there is nothing to take turns at: orders of a week or two at a time cost as little as HiGHS proves."""
    problem = one_plant(np.full((2, 6), 10.0), np.array([30.0, 12.0]), np.ones(2))
    nothing = np.empty(0, np.int64)
    problem = replace(
        problem, resource=(), resource_firm=nothing, regular=np.empty((0, 6)), overtime=np.empty((0, 6)), overtime_cost=np.empty(0),
        use_route=nothing, use_resource=nothing, use_hours=np.empty(0), use_setup=np.empty(0),
    )  # fmt: skip
    search = improved(begun(problem, together=False), 600)
    best = solve_model(search.model.linear, SolveOptions(seconds=60, gap=1e-6)).report
    assert search.plan().cost() == pytest.approx(best.objective)


def test_whole_containers_are_counted_load_by_load() -> None:
    """Where a lane has space for one container, two owners' half containers do not share it."""
    problem = random_cluster(0, markets=2, weeks=5, products=4)
    lanes = problem.containers.lane
    boxes = replace(problem.containers, rate=np.full(len(lanes), 50.0))
    problem = replace(problem, containers=boxes, spaces=Spaces.of_each(lanes, np.ones(len(lanes))))
    assert not improved(begun(problem, together=False)).plan().violations()


def test_steps_on_the_same_resource_share_its_hours() -> None:
    """A route that uses a resource twice needs the hours of both steps."""
    problem = one_plant(
        np.full((1, 4), 10.0), np.array([5.0]), np.array([1.0]), hours=np.ones(1), capacity=np.full(4, 12.0)
    )
    twice = replace(
        problem, use_route=np.zeros(2, np.int64), use_resource=np.zeros(2, np.int64), use_hours=np.ones(2),
        use_setup=np.zeros(2),
    )  # fmt: skip
    plan = improved(begun(twice, together=False)).plan()
    assert not plan.violations()
    assert plan.make.sum() > 0


def test_nothing_ordered_is_a_plan() -> None:
    """Without orders there is nothing to take out, and nothing goes wrong."""
    search = improved(begun(replace(random_cluster(1), demand=random_cluster(1).demand * 0), together=True))
    assert search.plan().make.sum() == 0


def test_goods_from_long_before_and_long_ways_are_found() -> None:
    """An order in week 20 is served from the stock of week 0, as the solver does."""
    demand = np.zeros((1, 26))
    demand[0, 20:] = 5.0
    problem = one_plant(demand, np.array([5.0]), np.array([1.0]), hours=np.ones(1), capacity=np.full(26, 100.0))
    lies = Opening(*(np.array([n]) for n in (0, -1, 0, 0, 0)), np.array([30.0]))
    search = improved(begun(problem.with_opening(lies), together=False))
    best = solve_model(search.model.linear, SolveOptions(seconds=30, gap=1e-7)).report
    assert best.objective is not None
    assert search.plan().cost() == pytest.approx(best.objective, rel=1e-6)


def test_the_same_seed_gives_the_same_plan() -> None:
    """Nothing in the search depends on time or on memory."""
    first, second = (improved(begun(varied(5), together=True)).plan() for _ in range(2))
    np.testing.assert_array_equal(first.make, second.make)
    np.testing.assert_array_equal(first.ship, second.ship)
