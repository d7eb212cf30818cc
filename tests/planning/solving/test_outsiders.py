"""Coalitions whose outsiders keep what they do, searched as large plans: held against what HiGHS proves of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jointplan.contracts import silent
from jointplan.planning.approved import floors, with_approved
from jointplan.planning.carrying import carry_over
from jointplan.planning.granting import granting
from jointplan.planning.model import Frozen, PlanModel, build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import held_by_outsiders, plan_coalition
from jointplan.planning.problem import ClusterProblem, Containers, Opening
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.cuts import SetupCuts
from jointplan.planning.solving.improving import PieceSearch
from jointplan.planning.translating import values_of
from jointplan.planning.weekly import sum_by
from jointplan.solvers import SolveOptions, Status
from jointplan.solvers.highs import Relaxation, Solution, solve_model
from tests.planning.cases import random_cluster, with_carry_over, with_clearing, with_warehouse
from tests.planning.purchases import with_credit, with_materials

EXACT = SolveOptions(seconds=60, gap=1e-7)


def cluster(seed: int) -> ClusterProblem:
    """Return a random cluster that buys materials, sends by air and by the container, and has more of some seeds.

    That is a slow way to the hub, minimum batches, a warehouse to be opened, loads that pay once, a decided lot, kept setups, or little money.
    """
    problem = random_cluster(
        seed, makers=2, sellers=2, products=3, weeks=4, barge=seed % 2 == 1, batch=(0.0, 0.0, 12.0, 40.0)[seed % 4]
    )
    problem = with_materials(problem, seed, names=1 + seed % 2, weeks=seed % 3 // 2)
    if seed % 3 == 1:
        problem = with_warehouse(problem, cost=300.0, boxes=2.0)
    if seed % 3 == 2:
        problem = with_clearing(problem, seed)
    if seed % 4 < 2:
        row = {
            "week": pd.Timestamp("2026-01-12"), "firm": problem.firm[problem.route_firm[0]],
            "sku": problem.sku[problem.route_product[0]],
            "seller": problem.firm[problem.series_seller[problem.series_product == problem.route_product[0]][0]],
            "quantity": 7.0,
        }  # fmt: skip
        problem, _ = with_approved(problem, pd.DataFrame([row]), date(2026, 1, 5))
    if seed % 5 == 3:
        problem = with_carry_over(problem)
    if seed % 5 == 4:
        problem = with_credit(problem, cash=300.0, limit=100.0, rate=0.05)
    return problem


def coalition(problem: ClusterProblem, seed: int) -> Rights:
    """Return all rights of two or three of the four owners, where another makes or sells something."""
    busy = {*problem.maker.tolist(), *problem.series_seller.tolist()}
    choices = ((0, 2), (1, 3), (0, 1, 2), (0, 2, 3), (1, 2, 3), (0, 1, 3))
    some = next(c for n in range(len(choices)) if busy - {*(c := choices[(seed + n) % len(choices)])})
    members = np.isin(np.arange(len(problem.owner)), some)
    return coalition_rights(problem, frozenset(MEASURES), members)


def separate_of(problem: ClusterProblem, seed: int, monkeypatch: pytest.MonkeyPatch) -> ClusterPlan:
    """Return separate plans, the best there are or, of every second seed, such as the search finds in little time."""
    if seed % 2 == 0:
        return plan_coalition(problem, separate_rights(problem), EXACT)
    with monkeypatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        return plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=3, gap=0.02, rounds=2))


def held_quantities(plan: ClusterPlan, frozen: Frozen) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield what a plan does where outsiders are held, and what they are held to."""
    for name, done in (
        ("make", plan.make), ("ship", plan.ship), ("serve", plan.serve), ("unmet", plan.unmet), ("buy", plan.bought),
        ("keep", plan.kept),
    ):  # fmt: skip
        held = getattr(frozen, name)
        theirs = ~np.isnan(held)
        yield done[theirs].astype(float), held[theirs]


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_the_optimum_lies_between_plan_and_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outsiders do what they did, no rule is broken, the plan is no better than the proven optimum and its bound no worse."""
    problem = cluster(seed)
    rights = coalition(problem, seed)
    base = separate_of(problem, seed, monkeypatch)
    assert base.violations() == []
    best = plan_coalition(problem, rights, EXACT, separate=base)
    assert best.report.status is Status.OPTIMAL
    assert best.violations() == []
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, rights, SolveOptions(seconds=10, gap=1e-4, seed=seed, rounds=20), separate=base)
    assert found.violations() == []
    frozen = held_by_outsiders(found.problem, rights, found.network, base)
    assert frozen is not None
    moved = 0.0
    for done, held in held_quantities(found, frozen):
        assert done == pytest.approx(held, abs=1e-5)
        moved += held.sum()
    assert moved > 0
    assert (found.make >= floors(problem, found.network) - 1e-6).all()
    close = 1e-6 * max(abs(best.value), 100.0)
    assert found.value <= best.value + close
    # Pieces know of no kept setups: what these are worth is found after the search.
    short = 0.002 if problem.carry_over is None else 0.01
    assert found.value >= best.value - short * best.accounts.revenue.sum()
    assert found.value >= carry_over(base, rights, found.network).value - close
    assert found.upper is not None
    assert found.upper >= best.value - close


@pytest.mark.parametrize("seed", range(6))
def test_pieces_reckon_with_what_outsiders_take(seed: int) -> None:
    """Hours, loads and room that outsiders take count as in the whole plan, whose cost changes by what the pieces' does."""
    problem = random_cluster(seed, makers=2, sellers=2, products=4, weeks=4, barge=seed % 2 == 1)
    if seed % 3 == 0:
        problem = with_warehouse(problem, cost=300.0, boxes=2.0)
    own = np.arange(len(problem.node)) < len(problem.firm)
    problem = replace(problem, node_capacity=np.where(own, 0.4, problem.node_capacity))
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    model, frozen = modelled(base, coalition(problem, seed))
    search = PieceSearch(model, PriceBound(model), seed, frozen)
    before = search.use
    search.begin()
    differences = []
    for limit in (1, 2000):
        for _ in search.rounds(lambda: 0.0, limit):
            pass
        plan = search.plan()
        assert plan.violations() == []
        differences.append(plan.cost() - search.cost)
        assert search.use.hours == pytest.approx(plan.run_hours + plan.whole_setup_hours, abs=1e-6)
        assert search.use.loads["charge"] == pytest.approx(plan.load_cost, abs=1e-6)
    theirs = frozen.goods[plan.network.supply_commodity]
    assert plan.make[theirs] == pytest.approx(frozen.make[theirs])
    assert (before.hours > 0).any()
    assert differences[0] == pytest.approx(differences[1], abs=1e-6 * abs(search.cost))


def test_a_plan_known_beside_outsiders_has_the_hours_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decided lot for members' stock is set up for apart from what a member makes alone there: hours are granted for both, and told."""
    problem = cluster(28)
    rights = coalition(problem, 28)
    base = separate_of(problem, 28, monkeypatch)
    network = build_network(problem, rights)
    carried = carry_over(base, rights, network)
    without = replace(carried, problem=granting(problem, rights, network))
    assert [broken.rule for broken in without.violations()] == ["capacity exceeded"]
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, rights, SolveOptions(seconds=10, gap=1e-4, rounds=2), separate=base)
    assert found.violations() == []
    needed = carried.run_hours + carried.setup_hours - problem.regular - problem.overtime
    assert found.problem.approved.beyond == pytest.approx(np.maximum(needed, 0.0), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_goods_from_before_take_room_once(seed: int) -> None:
    """What lies at a maker's as the plan begins takes its room, members' goods and outsiders' alike, and no more."""
    problem = random_cluster(seed, makers=2, sellers=2, products=4, weeks=4)
    number = np.arange(len(problem.series_product))
    before = Opening(
        node=problem.maker[problem.series_product], market=0 * number - 1, week=number % 2, product=problem.series_product,
        owner=problem.firm_owner[problem.series_seller], units=3.0 + number,
    )  # fmt: skip
    own = np.arange(len(problem.node)) < len(problem.firm)
    problem = replace(problem, opening=before, node_capacity=np.where(own, 2.0, problem.node_capacity))
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    model, frozen = modelled(base, coalition(problem, seed))
    search = PieceSearch(model, PriceBound(model), seed, frozen)
    for look in (lambda: None, search.begin):
        look()
        plan, net = search.plan(), model.network
        m3 = plan.stock * problem.volume[net.commodity_product[net.place_commodity]][:, None]
        held = sum_by(net.place_node, m3, len(problem.node))[np.isfinite(problem.node_capacity)]
        assert search.use.room == pytest.approx(held, abs=1e-6)
    assert net.place_opening[~frozen.goods[net.place_commodity]].any()
    assert net.place_opening[frozen.goods[net.place_commodity]].any()


def test_a_held_lot_that_rounding_left_below_its_least_stays_as_it_is() -> None:
    """What an outsider makes a hair below the smallest batch is neither made up nor refused."""
    problem = random_cluster(3, makers=2, sellers=2, products=3, weeks=4, batch=40.0)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    net = base.network
    batch = problem.route_batch[net.supply_route][:, None]
    base = replace(base, make=np.where(base.make == batch, base.make - 1e-7, base.make))
    assert base.violations() == []
    model, frozen = modelled(base, coalition(problem, 3))
    theirs = ~np.isnan(frozen.make)
    assert (theirs & (frozen.make > 0) & (frozen.make < problem.route_batch[model.network.supply_route][:, None])).any()
    search = PieceSearch(model, PriceBound(model), 3, frozen)
    search.begin()
    plan = search.plan()
    assert np.array_equal(plan.make[theirs], frozen.make[theirs])
    assert plan.violations() == []


def test_members_of_whom_nobody_wants_anything_are_planned_beside_outsiders_who_open_a_warehouse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two makers that plan together for sellers outside change nothing, and nothing breaks."""
    problem = with_warehouse(random_cluster(2, makers=2, sellers=2, products=3, weeks=4), cost=1.0)
    cheap = problem.unit_freight.copy()
    cheap[[problem.lane.index("line"), *(n for n, name in enumerate(problem.lane) if name.startswith("last"))]] = 0.0
    problem = replace(problem, unit_freight=cheap)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    assert base.opened.any()
    makers = np.isin(np.arange(len(problem.owner)), np.unique(problem.firm_owner[problem.maker]))
    rights = coalition_rights(problem, frozenset(MEASURES), makers)
    assert rights.cooperative
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, rights, SolveOptions(seconds=10, gap=1e-4, rounds=2), separate=base)
    assert found.violations() == []
    assert found.serve == pytest.approx(base.serve)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("proven", [True, False])
def test_whether_parts_are_planned_again_does_not_depend_on_the_clock(
    proven: bool, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts are tried where pieces find better and where they cannot, though the other thread should have proven the plan best by then."""
    problem = cluster(5)
    rights = coalition(problem, 5)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    best = plan_coalition(problem, rights, EXACT, separate=base)
    tried = []

    def proves(thread: search._Tightening) -> None:
        if proven:
            thread.search.bound = thread.search.cost

    monkeypatch.setattr(search, "SMALL", 0)
    monkeypatch.setattr(search._Tightening, "run", proves)
    monkeypatch.setattr(search._Search, "_replan_parts", lambda looking: tried.append(looking.name))
    start = best if known else None
    plan_coalition(problem, rights, SolveOptions(gap=1e-7, rounds=2), separate=base, start=start, name="parts")
    assert tried == ["parts"]


def test_what_is_told_on_the_way_is_what_whole_plans_are_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """No value is told that is above what is found in the end, though pieces leave out what outsiders pay."""
    problem = cluster(0)
    problem = replace(
        problem, price=problem.price * np.where(problem.series_seller == problem.series_seller[0], 1.0, 0.3)
    )
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    told = []
    tell = search._Search._tell

    def noted(looking: search._Search, cost: float | None = None, bound: float | None = None) -> None:
        told.append(looking.cost if cost is None else min(cost, looking.cost))
        tell(looking, cost, bound)

    monkeypatch.setattr(search, "SMALL", 0)
    monkeypatch.setattr(search._Search, "_tell", noted)
    options = SolveOptions(seconds=10, gap=1e-4, rounds=2)
    found = plan_coalition(problem, coalition(problem, 0), options, separate=base)
    assert told
    assert min(told) >= found.cost() - 1e-6 * abs(found.cost())


def test_cuts_are_not_begun_once_the_search_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is told to stop before it has a relaxation solves none, however long that might take."""
    problem = cluster(1)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    model, frozen = modelled(base, coalition(problem, 1))
    start = replace(carry_over(base, model.rights, model.network), problem=model.problem)
    thread = search._Tightening(search._Search(model, SolveOptions(), start, frozen, silent, ""), None)
    solved = []
    monkeypatch.setattr(Relaxation, "solve", lambda relaxation: solved.append(relaxation))
    thread.stopping = True
    thread._cut()
    assert solved == []


def modelled(base: ClusterPlan, rights: Rights) -> tuple[PlanModel, Frozen]:
    """Return the model of a coalition, and what its outsiders are held to."""
    network = build_network(base.problem, rights)
    problem = granting(base.problem, rights, network)
    frozen = held_by_outsiders(problem, rights, network, base)
    assert frozen is not None
    return build_model(problem, rights, network, frozen), frozen


def hoarding(base: ClusterPlan, outsider: int) -> ClusterPlan:
    """Return a plan in which a seller also has twice what could be of use sent to the warehouse overseas, where it stays.

    The way there is now charged by the container, into one of which this fits.
    """
    p, net = base.problem, base.network
    supply = np.flatnonzero(net.commodity_class[net.supply_commodity] == outsider)[0]
    maker, line = p.route_firm[net.supply_route[supply]], p.lane.index("line")
    lanes = [p.lane.index(f"road {maker}"), p.lane.index("road port"), line]
    way = np.isin(net.arc_lane, lanes) & (net.arc_commodity == net.supply_commodity[supply])
    make, ship = base.make.copy(), base.ship.copy()
    extra = 2.0 * build_model(p, base.rights, net).ship_limit[way].max()
    make[supply, 0] += extra
    ship[way, 0] += extra
    load = (net.arc_lane == line) & (net.arc_class == outsider)
    m3 = 1.01 * float(ship[load, 0] @ p.volume[net.commodity_product[net.arc_commodity[load]]])
    boxes = p.containers
    containers = Containers(
        np.append(boxes.lane, line),
        np.append(boxes.rate, 20_000.0),
        np.append(boxes.kg, 9000.0),
        np.append(boxes.m3, m3),
    )
    return replace(base, problem=replace(p, containers=containers), make=make, ship=ship)


@pytest.fixture(scope="module")
def hoarded() -> tuple[ClusterPlan, Rights]:
    """Return separate plans in which a seller has sent to the warehouse what it will never sell, and the rights of the others."""
    bare = random_cluster(2, makers=2, sellers=2, products=2, weeks=3, tight=20.0)
    problem = with_warehouse(bare, cost=50.0)
    base = hoarding(plan_coalition(problem, separate_rights(problem), EXACT), 3)
    assert base.violations() == []
    return base, coalition_rights(problem, frozenset(MEASURES), np.array([True, True, True, False]))


def test_no_cut_removes_what_an_outsider_has_sent(hoarded: tuple[ClusterPlan, Rights]) -> None:
    """A seller that has sent more than could be of use fills one container with it: no inequality asks for three."""
    base, rights = hoarded
    best = plan_coalition(base.problem, rights, EXACT, separate=base)
    assert best.report.status is Status.OPTIMAL
    model, frozen = modelled(base, rights)
    assert (np.nan_to_num(frozen.ship) > 1.5 * model.ship_limit)[model.loads.of_arc >= 0].any()
    values = values_of(model, best)
    relaxation, cuts = Relaxation(model.linear, EXACT), SetupCuts(model)
    seen = 0
    for _ in range(4):
        solution = relaxation.solve().values
        assert solution is not None
        for rows in (cuts.violated(solution), cuts.violated_loads(solution)):
            if rows is None:
                continue
            row = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
            activity = np.bincount(row, rows.coefficients * values[rows.columns], len(rows))
            assert (activity <= rows.upper + 1e-4 * (1 + np.abs(activity))).all()
            relaxation.add_rows(rows)
            seen += len(rows)
    assert seen


def test_what_an_outsider_has_sent_leaves_the_bound_a_bound(
    hoarded: tuple[ClusterPlan, Rights], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a held shipment exceeds what could be of use, the search still proves more than the plain relaxation does, and nothing false."""
    base, rights = hoarded
    best = plan_coalition(base.problem, rights, EXACT, separate=base)
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(base.problem, rights, SolveOptions(seconds=10, gap=1e-4, rounds=4), separate=base)
    assert found.violations() == []
    close = 1e-6 * abs(best.value)
    assert found.value <= best.value + close
    assert found.upper is not None
    assert found.upper >= best.value - close
    plain = Relaxation(modelled(base, rights)[0].linear, EXACT).solve().report.objective
    assert plain is not None
    assert found.upper < -plain - close


@pytest.mark.parametrize("seed", [5, pytest.param(2, marks=pytest.mark.slow)])
def test_the_plan_is_the_same_however_fast_the_bound_is_raised(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One seed gives one plan, whether the other thread proves it near the optimum at once, or never proves anything."""
    problem = cluster(seed)
    rights = coalition(problem, seed)
    base = separate_of(problem, seed, monkeypatch)
    monkeypatch.setattr(search, "SMALL", 0)
    plans = []
    for tightens in (True, False, True):
        with monkeypatch.context() as patch:
            if not tightens:
                patch.setattr(search._Tightening, "run", lambda thread: None)
            options = SolveOptions(gap=0.3, rounds=3, seed=seed)
            plans.append(plan_coalition(problem, rights, options, separate=base))
    for other in plans[1:]:
        for name in ("make", "ship", "serve", "unmet", "bought"):
            assert np.array_equal(getattr(plans[0], name), getattr(other, name)), name


@pytest.mark.parametrize("rounds", [1, 2])
def test_rounds_and_nodes_limit_what_is_planned_again(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten goods at a time, all goods are planned again as often as there are rounds, each time with as many nodes as were asked for."""
    asked = []

    def noted(model: Any, options: SolveOptions, **more: Any) -> Solution:
        asked.append(options.nodes)
        return solve_model(model, options, **more)

    problem = cluster(1)
    base, rights = plan_coalition(problem, separate_rights(problem), EXACT), coalition(problem, 1)
    model, frozen = modelled(base, rights)
    start = replace(carry_over(base, rights, model.network), problem=model.problem)
    looking = search._Search(model, SolveOptions(rounds=rounds, nodes=7), start, frozen, silent, "")
    monkeypatch.setattr(search, "solve_model", noted)
    looking._improve()
    assert asked == [7] * ceil(rounds * len(model.network.commodity_product) / 10)
