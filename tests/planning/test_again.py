"""Planning again from an earlier plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from jointplan.planning.again import open_lots, plan_again
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import held_by_outsiders, plan_coalition
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.schema import TABLES
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster
from tests.planning.purchases import with_materials

EXACT = SolveOptions(seconds=60, gap=1e-6)
START = date(2026, 1, 5)


def joint_plan(seed: int) -> ClusterPlan:
    problem = random_cluster(seed, makers=2, sellers=2, products=2, weeks=4)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    return plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=base)


def written(plan: ClusterPlan) -> dict[str, pa.Table]:
    """Return the tables that a run with this joint plan keeps."""
    firms = [{"firm": f, "owner": f, "role": "both"} for f in plan.problem.firm]
    table = pa.Table.from_pylist(firms, schema=TABLES["firms"].arrow)
    return plan_tables({"separate": plan, "joint": plan}, START, table)


@pytest.fixture(scope="module")
def before() -> ClusterPlan:
    return joint_plan(1)


@pytest.fixture(scope="module")
def lots(before: ClusterPlan) -> pa.Table:
    return written(before)["lots"]


def test_the_same_lots_are_opened(before: ClusterPlan, lots: pa.Table) -> None:
    """A plan written as a table and read again has the lots it had; a week later, those of the weeks left."""
    p, net = before.problem, before.network
    assert (open_lots(p, before.rights, net, lots, START) == before.lots).all()
    later = open_lots(p, before.rights, net, lots, START + timedelta(weeks=1))
    assert (later[:, :-1] == before.lots[:, 1:]).all()
    assert not later[:, -1].any()


def test_with_changed_orders_the_lots_stand_and_no_rule_is_broken(before: ClusterPlan, lots: pa.Table) -> None:
    """A fifth more is wanted: the quantities follow within the lots there are, at a value below the new optimum."""
    problem = replace(before.problem, demand=np.round(before.problem.demand * 1.2))
    again = plan_again(problem, before.rights, {"lots": lots}, START, EXACT)
    assert again is not None
    assert again.violations() == []
    assert not (again.lots & ~before.lots).any()
    best = plan_coalition(
        problem, before.rights, EXACT, separate=plan_coalition(problem, separate_rights(problem), EXACT), start=again
    )
    assert again.value <= best.value + 1e-4 * abs(best.value)


def test_with_nothing_changed_nothing_is_lost() -> None:
    """What a run wrote, read again, is worth what it was; its lots alone are not, as loads are then filled by halves."""
    worse = 0
    for seed in (1, 2, 3):
        plan = joint_plan(seed)
        tables = written(plan)
        again = plan_again(plan.problem, plan.rights, tables, START, EXACT)
        assert again is not None
        assert again.violations() == []
        assert again.value >= plan.value - 1e-6 * abs(plan.value)
        by_lots = plan_again(plan.problem, plan.rights, {"lots": tables["lots"]}, START, EXACT)
        worse += by_lots is None or by_lots.value < plan.value - 1e-4 * abs(plan.value)
    assert worse


def with_orders(seed: int) -> ClusterPlan:
    """Return a joint plan whose materials come in multiples and at prices by quantity."""
    problem = with_materials(random_cluster(seed, makers=2, sellers=2, products=2, weeks=4), seed)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    return plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=base)


@pytest.mark.parametrize("seed", range(4))
def test_a_withdrawn_order_costs_at_most_what_it_brought(seed: int) -> None:
    """The rest of the plan stands, materials in whole multiples: what is lost is the order's price, as its goods are made no more."""
    plan = with_orders(seed)
    series, week = np.unravel_index(int(plan.problem.demand.argmax()), plan.problem.demand.shape)
    demand = plan.problem.demand.copy()
    brought = float(plan.problem.price[series] * demand[series, week])
    demand[series, week] = 0.0
    again = plan_again(replace(plan.problem, demand=demand), plan.rights, written(plan), START, EXACT)
    assert again is not None
    assert again.violations() == []
    assert again.value >= plan.value - brought - 1e-6 * abs(plan.value)


@pytest.mark.parametrize("seed", range(4))
def test_where_only_the_lots_are_known_materials_are_ordered_anew(seed: int) -> None:
    """Half an order or half a multiple is what a linear programme makes of materials: the plan made of it orders whole ones."""
    plan = with_orders(seed)
    again = plan_again(plan.problem, plan.rights, {"lots": written(plan)["lots"]}, START, EXACT)
    assert again is not None
    assert again.violations() == []


def coalition_plan(seed: int, outsiders: set[int]) -> tuple[ClusterPlan, ClusterPlan]:
    """Return separate plans, and the proven best plan of all owners but some."""
    problem = with_materials(random_cluster(seed, makers=2, sellers=2, products=2, weeks=4, tight=2.0), seed)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    inside = np.array([n not in outsiders for n in range(len(problem.owner))])
    rights = coalition_rights(problem, frozenset(MEASURES), inside)
    return base, plan_coalition(problem, rights, EXACT, separate=base)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("outsiders", [{3}, {1, 2}])
def test_a_coalition_goes_on_from_its_plan_and_outsiders_from_theirs(seed: int, outsiders: set[int]) -> None:
    """With nothing changed a coalition's plan is worth no less, and what outsiders do is what they do in the separate plans."""
    base, plan = coalition_plan(seed, outsiders)
    frozen = held_by_outsiders(plan.problem, plan.rights, plan.network, base)
    assert frozen is not None
    assert not np.isnan(frozen.make).all()
    again = plan_again(plan.problem, plan.rights, written(plan), START, EXACT, frozen)
    assert again is not None
    assert again.violations() == []
    assert again.value == pytest.approx(plan.value, rel=1e-5)  # HiGHS proved that there is no better one
    for quantity, held in (
        (again.make, frozen.make),
        (again.ship, frozen.ship),
        (again.serve, frozen.serve),
        (again.bought, frozen.buy),
    ):
        theirs = ~np.isnan(held)
        assert quantity[theirs] == pytest.approx(held[theirs], abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_who_leaves_does_as_alone_and_the_others_go_on(seed: int) -> None:
    """From a plan of all, planned again without one seller: a plan for the others that breaks no rule and beats no proven optimum."""
    _, whole = coalition_plan(seed, set())
    base, best = coalition_plan(seed, {3})
    frozen = held_by_outsiders(best.problem, best.rights, best.network, base)
    again = plan_again(best.problem, best.rights, written(whole), START, EXACT, frozen)
    assert again is not None
    assert again.violations() == []
    assert again.value <= best.value + 1e-5 * abs(best.value)
    alone = best.problem.firm_owner[best.problem.series_seller] == 3
    assert again.serve[alone] == pytest.approx(base.serve[alone], abs=1e-5)
