"""What must be learned or opened before work can be done there is paid for once, where that pays, and not used before."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from jointplan.planning.model import build_flows, build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.results import _investments
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.search import _Search
from jointplan.planning.solving.slopes import SlopeScaling
from jointplan.planning.translating import read_plan
from jointplan.planning.valuing import effective
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster, with_investments, with_steps
from tests.planning.solved import START, ledger_frame

EXACT = SolveOptions(seconds=60, gap=1e-7)


def short_of_hours(seed: int) -> ClusterProblem:
    """Return a cluster whose makers are short of hours; the others could learn, and the third maker is a workshop.

    In every other cluster the first two makers have one owner, who can do without the others' rights.
    """
    p = random_cluster(seed, makers=3, sellers=2, products=3, weeks=3, tight=0.6)
    # The third maker makes nothing today, if another can make it.
    able = {(int(i), int(f)) for i, f in zip(p.route_product, p.route_firm, strict=True)}
    home = [next((f for f in (0, 1) if (i, f) in able), int(m)) if m == 2 else int(m) for i, m in enumerate(p.maker)]
    p = replace(p, maker=np.array(home), regular=np.maximum(p.regular, 3.0))
    if seed % 2:
        p = replace(p, owner=("M", "M2", "S0", "S1"), firm_owner=np.array([0, 0, 1, 2, 3]))
    if seed % 3 == 2:
        p = with_steps(p, seed, lag=1)
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.001, 0.01, len(p.firm)) * np.where(np.arange(len(p.firm)) == 2, 5.0, 1.0)
    return with_investments(p, share * float(p.demand.sum(axis=1) @ p.price), rng.integers(0, 2, len(p.firm)))


def value_without(problem: ClusterProblem, rights: Rights, paid: tuple[int, ...]) -> float:
    """Return what a plan is worth in which these investments are made, and the others never ready."""
    need = problem.investments
    there = np.isin(np.arange(len(need.firm)), paid)
    ready = np.where(there, need.ready, problem.weeks + 9)
    bare = replace(problem, investments=replace(need, cost=0 * need.cost, ready=ready))
    return plan_coalition(bare, rights, EXACT).value - float(need.cost[there].sum())


def check_money(plan: ClusterPlan) -> None:
    """The ledger adds up to the plan's value, and holds what was learned and opened, as the table of it does."""
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(plan.value * 100)
    paid = -ledger.loc[ledger["account"] == "investment", "amount"].sum()
    assert paid == pytest.approx(plan.accounts.investment.sum(), abs=0.05)
    listed = _investments(plan, "joint", START)
    assert listed["cost"].sum() == pytest.approx(paid, abs=0.05)
    assert set(listed["measure"]) <= {"add_capability", "open_shared_workshop"}


@pytest.mark.parametrize(("seed", "together"), [(5, False), (5, True), (9, True)])
def test_the_best_investments_are_made(seed: int, together: bool) -> None:
    """Against every set of investments, each planned as if there were no others; no bound is below the optimum's value."""
    problem = short_of_hours(seed)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    count = len(problem.investments.firm)
    best = max(
        value_without(problem, rights, some) for size in range(count + 1) for some in combinations(range(count), size)
    )
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.violations() == []
    assert plan.value == pytest.approx(best, rel=1e-5, abs=1e-3)
    prices = PriceBound(build_model(problem, rights, plan.network))
    found = max(prices.round(0.1 * 0.02 ** (n / 100)) for n in range(100))
    assert found <= plan.cost() + 1e-6 * abs(plan.cost())
    check_money(plan)


def test_a_cluster_that_learns_and_opens() -> None:
    """What the enumeration compares is not nothing: a process is learned and a workshop opened, each by its right alone."""
    problem = short_of_hours(9)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    used = plan.network.investment_entry[plan.invested.any(axis=1)]
    assert {problem.investments.measures[v] for v in used} == {"add_capability", "open_shared_workshop"}
    assert {"add_capability", "open_shared_workshop"} <= set(effective(problem, MEASURES))
    for measure, other in (("add_capability", "open_shared_workshop"), ("open_shared_workshop", "add_capability")):
        network = build_network(problem, coalition_rights(problem, frozenset({measure})))
        pooled = network.investment_class == len(problem.owner)
        assert {problem.investments.measures[v] for v in network.investment_entry[pooled]} == {measure}
        # Without the right to open it, nobody works in a workshop, and nobody learns for others.
        moved = problem.route_owners[network.supply_route] & ~problem.neutral
        assert (other == "open_shared_workshop") == (
            not problem.neutral[problem.firm_owner[problem.route_firm[network.supply_route]]].any()
        )
        assert moved.any()


def test_what_is_used_early_or_without_the_right_is_listed() -> None:
    """A plan that works in a workshop before it is ready, or for members who share no such right, breaks these rules."""
    problem = short_of_hours(4)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    assert plan.invested.any()
    need = problem.investments
    later = replace(problem, investments=replace(need, ready=need.ready + problem.weeks))
    bare = coalition_rights(problem, frozenset(MEASURES) - {"open_shared_workshop", "add_capability"})
    for changed, rule in (
        (replace(plan, problem=later), "made before it is learned or opened"),
        (replace(plan, rights=bare), "shared without the right"),
        (replace(plan, rights=bare), "whole jobs made by others than today's maker"),
    ):
        assert rule in {violation.rule for violation in changed.violations()}


@pytest.mark.parametrize("factor", [0.1, 100.0])
def test_the_pieces_invest_where_it_pays_and_nowhere_else(factor: float) -> None:
    """The compiled search opens and learns where that is cheap, nothing where it is dear, and keeps every rule."""
    problem = short_of_hours(4)
    need = problem.investments
    problem = replace(problem, investments=replace(need, cost=need.cost * factor))
    rights = coalition_rights(problem, frozenset(MEASURES))
    model = build_model(problem, rights, build_network(problem, rights))
    search = _Search(
        model, SolveOptions(seconds=20, gap=1e-4, rounds=40), None, None, lambda message, share=None: None, ""
    )
    search._search_pieces()
    plan = read_plan(model, search.best)
    assert plan.violations() == []
    assert plan.invested.any() == (factor < 1)
    best = plan_coalition(problem, rights, EXACT)
    assert plan.cost() == pytest.approx(best.cost(), rel=0.1, abs=1.0)


def test_overtime_at_a_shared_workshop_is_paid_by_who_has_the_orders() -> None:
    """Each lot bears the overtime of its weeks there by its hours, setups included; the workshop, which is nobody's, bears none."""
    problem = short_of_hours(5)
    p = problem = replace(problem, regular=np.zeros_like(problem.regular))  # every hour is overtime
    net = build_network(problem, coalition_rights(problem, frozenset(MEASURES)))
    rng = np.random.default_rng(0)
    make = rng.integers(0, 9, (len(net.supply_route), p.weeks)) * 1.0
    nothing = np.zeros(p.demand.shape)
    rights = coalition_rights(problem, frozenset(MEASURES))
    plan = ClusterPlan(problem, rights, net, make, np.zeros((len(net.arc_lane), p.weeks)), nothing, nothing)
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(plan.value * 100)
    overtime = ledger[ledger["account"] == "overtime"]
    shops = np.flatnonzero(p.neutral[p.firm_owner])
    assert len(shops) == 1
    assert p.firm[shops[0]] not in set(overtime["firm"])
    expected = {
        name: float((p.overtime_cost[:, None] * plan.overtime_hours)[p.resource_firm == f].sum())
        for f, name in enumerate(p.firm)
        if f not in shops
    }
    lots = np.zeros((len(net.lot_route), p.weeks))
    np.add.at(lots, net.supply_lot, make)
    for u in np.flatnonzero(np.isin(p.resource_firm[p.use_resource], shops)):
        rate = float(p.overtime_cost[p.use_resource[u]])
        for e in np.flatnonzero(net.lot_route == p.use_route[u]):
            for units in lots[e, p.use_lag[u] :]:
                hours = units * p.use_hours[u] + (units > 0) * p.use_setup[u]
                expected[p.firm[p.maker[p.route_product[p.use_route[u]]]]] += rate * float(hours)
    booked = {name: -float(overtime.loc[overtime["firm"] == name, "amount"].sum()) for name in expected}
    changeovers = (
        plan.runs.sum(axis=1)
        @ np.bincount(
            p.major_group,
            p.major_hours * p.overtime_cost[p.major_resource] * np.isin(p.resource_firm[p.major_resource], shops),
            len(p.group_firm),
        )[net.run_group]
    )
    assert sum(booked.values()) == pytest.approx(sum(expected.values()) + changeovers, abs=0.5)
    makers = [name for name in expected if expected[name] > 0]
    assert len(makers) > 1
    for name in makers:  # who has an order at the workshop pays at least its own hours there
        assert expected[name] - 0.1 <= booked[name] <= expected[name] + changeovers + 0.1


def test_slopes_know_what_investments_cost() -> None:
    """The first plan of slope scaling uses what is to be learned or opened where it is nearly free, not where it costs a fortune."""
    used = []
    for factor in (1e-6, 1e3):
        p = short_of_hours(5)
        problem = replace(p, investments=replace(p.investments, cost=p.investments.cost * factor))
        rights = coalition_rights(problem, frozenset(MEASURES))
        network = build_network(problem, rights)
        limit = build_model(problem, rights, network).ship_limit
        slopes = SlopeScaling(problem, rights, network, build_flows(problem, rights, network), limit, EXACT)
        used.append(bool(next(slopes.rounds(lambda: True)).invested.any()))
    assert used == [True, False]
