"""The bound by prices is never above the cost of the best plan, and near it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import Certificates, ClusterProblem, Opening
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import Relaxation
from tests.planning.cases import one_plant, random_cluster, wagner_whitin, with_clearing

EXACT = SolveOptions(seconds=60, gap=1e-7)


def bounds(problem: ClusterProblem, *, together: bool, rounds: int = 400) -> list[float]:
    """Return the bound of each round, none of them the best of several."""
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    prices = PriceBound(build_model(problem, rights, build_network(problem, rights)))
    return [prices.round(0.1 * 0.02 ** (n / rounds)) for n in range(rounds)]


def optimum(problem: ClusterProblem, *, together: bool) -> float:
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    return plan_coalition(problem, rights, EXACT).cost()


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_no_round_s_bound_exceeds_the_optimum(seed: int, together: bool) -> None:
    """At any prices on the way, with overtime, late orders, containers, duty and refunds, what loads pay once, minimum batches and goods from before."""
    problem = random_cluster(
        seed,
        makers=2,
        sellers=2,
        products=3,
        weeks=4,
        tight=(0.8, 1.2)[seed % 2],
        barge=seed % 3 == 0,
        batch=seed % 4 * 4,
    )
    if seed % 2:
        hub = len(problem.firm)
        problem = problem.with_opening(
            Opening(
                node=np.array([hub, hub, -1, -1]),
                market=np.array([-1, -1, 0, 0]),
                week=np.array([0, 1, 0, 2]),
                product=np.array([0, 1, 2, 0]),
                owner=problem.firm_owner[problem.series_seller[[0, 1, 2, 0]]],
                units=np.array([9.0, 4.0, 6.0, 5.0]),
            )
        )
    if seed % 3 == 1:  # duty here, refunds there
        border = np.random.default_rng(seed).uniform(-2.0, 5.0, problem.unit_freight.shape)
        problem = with_clearing(replace(problem, border=border[None]), seed)
    best = optimum(problem, together=together)
    found = bounds(problem, together=together)
    close = 1e-6 * abs(best)
    assert max(found) <= best + close
    # Priced goods are bounded with their setups, so the bound is near the linear relaxation's or above it.
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    relaxed = Relaxation(build_model(problem, rights, build_network(problem, rights)).linear, EXACT).solve()
    assert max(found) >= relaxed.report.objective - 0.02 * abs(relaxed.report.objective)


def test_the_example_of_wagner_and_whitin_is_bounded_exactly() -> None:
    """Without capacity there is nothing to price: the ascent alone reaches 864, the optimum published in 1958."""
    assert max(bounds(wagner_whitin(), together=False, rounds=3)) == pytest.approx(864.0, rel=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_no_lot_holds_more_than_a_week_has_hours_for(seed: int) -> None:
    """One product, n·q units wanted at once, q a week after its setup: n setups must be paid, and the bound knows it.

    By arithmetic alone, whatever part of the week a setup takes; without its size a lot would be set up once for all.
    """
    rng = np.random.default_rng(seed)
    lots, units, setup = int(rng.integers(2, 6)), float(rng.integers(5, 40)), float(rng.integers(1, 200))
    demand = np.zeros((1, lots + 2))
    demand[0, -1] = lots * units
    problem = one_plant(
        demand, np.array([setup]), np.zeros(1),
        hours=np.ones(1), setup_hours=np.array([units * rng.uniform(0.1, 1.0)]), capacity=np.zeros(lots + 2),
    )  # fmt: skip
    problem = replace(problem, regular=np.full((1, lots + 2), units) + problem.use_setup[:, None])
    assert max(bounds(problem, together=False, rounds=200)) == pytest.approx(lots * setup, rel=0.01)


@pytest.mark.parametrize(("batch", "cost"), [(10.0, 150.0), (24.0, 180.0), (40.0, 210.0), (90.0, 510.0)])
def test_a_smallest_lot_costs_what_it_leaves(batch: float, cost: float) -> None:
    """Three orders of ten; a unit costs 5, keeping it a week 1, and what is left beyond thirty is lost. By arithmetic alone.

    Lots of ten each week; one of thirty, as a second of 24 would leave more than it spares; one of forty keeps 30, 20 and 10 over the
    weeks; one of ninety 80, 70 and 60, of which 30 are worth what they cost.
    """
    problem = replace(
        one_plant(np.full((1, 3), 10.0), np.zeros(1), np.ones(1)),
        route_making=np.array([5.0]), end_value=np.array([5.0]), route_batch=np.array([batch]),
    )  # fmt: skip
    assert optimum(problem, together=False) == pytest.approx(cost)
    assert max(bounds(problem, together=False)) == pytest.approx(cost, rel=0.025)


def test_stock_may_leave_a_dear_place_for_a_slow_ship() -> None:
    """Goods from before that nobody wants are worth sending where storage costs, and both model and bound allow it."""
    one = one_plant(np.zeros((1, 3)), np.array([50.0]), np.array([1.0]))
    problem = replace(
        one,
        series_product=np.array([0]),
        demand=np.array([[0.0, 0.0, 0.0]]),
        end_value=np.array([100.0]),
        node_storage=np.array([30000.0]),
        lane_weeks=np.array([9]),
    ).with_opening(Opening(*(np.array([x]) for x in (0, -1, 0, 0, 0)), np.array([10.0])))
    rights = separate_rights(problem)
    plan = plan_coalition(problem, rights, EXACT)
    model = build_model(problem, rights, build_network(problem, rights))
    assert plan.report.objective == pytest.approx(plan.cost())
    kept = ClusterPlan(problem, rights, model.network, plan.make, plan.ship * 0, plan.serve, plan.unmet)
    assert plan.value > kept.value
    assert float(model.linear.cost @ values_of(model, plan)) == pytest.approx(plan.cost())
    assert max(bounds(problem, together=False, rounds=5)) <= plan.cost() + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_refunds_on_goods_that_nobody_orders_are_in_the_bound(seed: int) -> None:
    """Where an export refund makes what is left of a minimum batch worth sending, the bound is still below the optimum."""
    rng = np.random.default_rng(seed)
    problem = random_cluster(seed, makers=2, sellers=2, products=3, weeks=4, batch=8.0)
    refund = -rng.uniform(0.15, 0.3, (len(problem.lane), 1)) * problem.end_value[None, :]
    problem = replace(problem, border=(refund * (rng.random((len(problem.lane), 1)) < 0.5))[None])
    best = optimum(problem, together=True)
    assert max(bounds(problem, together=True, rounds=200)) <= best + 1e-6 * abs(best)


@pytest.mark.parametrize("together", [False, True])
def test_goods_from_before_are_bounded_and_shared_where_nobody_may_make_any(together: bool) -> None:
    """Where every maker lacks a certificate from the first week, what is there is sold, its optimum bounded, and its tables told."""
    problem = random_cluster(4, makers=2, sellers=2, products=3, weeks=4)
    routes, markets = len(problem.route_product), len(problem.market)
    route, market = np.repeat(np.arange(routes), markets), np.tile(np.arange(markets), routes)
    problem = replace(problem, certificates=Certificates(route, market, np.zeros(len(route), np.int64)))
    problem = problem.with_opening(
        Opening(
            node=np.array([len(problem.firm)]),
            market=np.array([-1]),
            week=np.array([0]),
            product=problem.series_product[:1],
            owner=problem.firm_owner[problem.series_seller[:1]],
            units=np.array([9.0]),
        )
    )
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    plan = plan_coalition(problem, rights, EXACT)
    assert not len(plan.network.supply_route)
    assert plan.serve.sum() > 0
    assert max(bounds(problem, together=together, rounds=100)) <= plan.cost() + 1e-6 * abs(plan.cost())
    firms = pa.table({"firm_id": list(problem.firm)})
    tables = plan_tables({"joint": plan}, date(2026, 1, 5), firms)
    assert sum(tables["ledger"]["amount"].to_pylist()) == pytest.approx(plan.value, abs=0.02)


@pytest.mark.parametrize("together", [False, True])
def test_goods_that_nobody_can_make_any_more_are_bounded_by_what_there_is(together: bool) -> None:
    """Thirty are wanted at 100 each, ten are there, none can be made: ten are sold, and the bound says so within a hundredth."""
    one = one_plant(np.full((1, 3), 10.0), np.zeros(1), np.zeros(1))
    routes = {name: getattr(one, name)[:0] for name in (
        "route_product", "route_firm", "route_group", "route_making", "route_material", "route_transfer", "route_batch",
        "setup_cost", "use_route", "use_resource", "use_hours", "use_setup",
    )}  # fmt: skip
    problem = replace(one, **routes, price=np.array([100.0]), goodwill=np.zeros(1)).with_opening(
        Opening(*(np.array([x]) for x in (0, -1, 0, 0, 0)), np.array([10.0]))
    )
    assert optimum(problem, together=together) == pytest.approx(-1000.0)
    assert -1000.0 - 10.0 <= max(bounds(problem, together=together)) <= -1000.0 + 1e-6
