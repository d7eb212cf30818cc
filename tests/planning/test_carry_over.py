"""Workshops that keep a setup over the week's end, held against machines that are simulated lot by lot."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plan.keeping import best_sequence
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.solvers import SolveOptions, Status
from tests.planning.cases import one_plant, random_cluster, with_carry_over
from tests.planning.test_thousand import draw

EXACT = SolveOptions(seconds=60, gap=1e-9)


def orders(made: list[int], family: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield the orders in which things can be made in a week, each family at one stretch."""
    for order in itertools.permutations(made):
        stretches = [key for key, _ in itertools.groupby(order, key=lambda x: family[x] if family[x] >= 0 else -2 - x)]
        if len(stretches) == len(set(stretches)):
            yield order


def most_saved(made: np.ndarray, family: list[int], saving: np.ndarray, over: np.ndarray) -> float:
    """Return the most that is saved by a machine that goes through every order of every week and keeps its last setup."""
    weeks = [list(orders(np.flatnonzero(column).tolist(), family)) for column in made.T]
    best = 0.0
    for choice in itertools.product(*weeks):
        ready, saved = None, 0.0
        for t, order in enumerate(choice):
            if order and order[0] == ready:
                saved += float(saving[ready, t])
            ready = (order[-1] if order else ready) if over[t] else None
        best = max(best, saved)
    return best


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 4), st.integers(2, 5), st.integers(0, 10**6))
def test_the_sequence_kept_is_the_best_of_all(things: int, weeks: int, seed: int) -> None:
    """The dynamic programme saves as much as the best of all orders of all weeks, and no more."""
    rng = np.random.default_rng(seed)
    made = rng.random((things, weeks)) < (0.6 if things < 4 else 0.45)
    family = rng.integers(-1, 2, things)
    saving = np.where(made, rng.integers(0, 9, (things, weeks)), 0).astype(float)
    over = rng.random(weeks) < 0.8
    keep = best_sequence(made, family, saving, over)
    assert (saving * keep).sum() == most_saved(made, family.tolist(), saving, over)


def workshop(seed: int, *, weeks: int = 3) -> ClusterProblem:
    """Return two or three products of one workshop that is short of hours, with families and overtime or without."""
    rng = np.random.default_rng(seed)
    items = 3 if seed < 2 else 2
    demand = rng.integers(1, 12, (items, weeks)) * (rng.random((items, weeks)) < 0.6).astype(float)
    hours, setup_hours = rng.uniform(0.5, 1.5, items), rng.uniform(0.5, 3, items)
    capacity = np.full(weeks, (hours @ demand).mean() + rng.uniform(0.5, 1.2) * setup_hours.sum())
    one = one_plant(
        demand,
        rng.uniform(5, 60, (items, weeks)),
        rng.uniform(0.2, 3, items),
        hours=hours,
        setup_hours=setup_hours,
        capacity=capacity,
    )
    families = int(rng.integers(1, 3))
    group = rng.integers(0, families, items)
    if seed % 2:
        one = replace(
            one,
            family=tuple(f"family {g}" for g in range(families)),
            product_family=group,
            route_group=group,
            group_firm=np.zeros(families, np.int64),
            group_family=np.arange(families),
            group_cost=rng.uniform(5, 60, families),
            major_group=np.arange(families),
            major_resource=np.zeros(families, np.int64),
            major_hours=rng.uniform(0.5, 2, families),
        )
    one = replace(
        one,
        goodwill=np.full(items, 40.0),
        overtime=np.full((1, weeks), float(rng.choice([0.0, 3.0]))),
        overtime_cost=np.array([rng.uniform(1, 30)]),
    )
    return with_carry_over(one, rng.random((1, weeks)) < 0.85)


def least_cost(p: ClusterProblem) -> float:
    """Return the least cost over all orders of lots in all weeks, quantities by a linear programme written here."""
    assert p.carry_over is not None
    items, weeks, over = len(p.sku), p.weeks, p.carry_over.over[0]
    family = p.route_group.tolist()
    subsets = [s for n in range(items + 1) for s in itertools.combinations(range(items), n)]
    week = [order for subset in subsets for order in orders(list(subset), family)]
    seen: dict[tuple[bytes, bytes], float] = {}
    for choice in itertools.product(week, repeat=weeks):
        cost, hours, ready = 0.0, np.zeros(weeks), None
        for t, order in enumerate(choice):
            at = None if ready is None else family[ready]
            for n, x in enumerate(order):
                kept = n == 0 and x == ready
                if not kept:
                    cost += p.setup_cost[x, t]
                    hours[t] += p.use_setup[x]
                if family[x] >= 0 and not kept and (n == 0 or family[x] != at):
                    cost += p.group_cost[family[x]]
                    hours[t] += p.major_hours[family[x]]
                at = family[x]
            ready = (order[-1] if order else ready) if over[t] else None
        lots = np.array([[x in order for order in choice] for x in range(items)])
        key = lots.tobytes(), hours.tobytes()
        seen[key] = min(seen.get(key, np.inf), cost)
    best = np.inf
    for (lots, hours), cost in sorted(seen.items(), key=lambda entry: entry[1]):
        if cost < best:  # quantities cost nothing less
            best = min(
                best, cost + _quantities(p, np.frombuffer(lots, bool).reshape(items, weeks), np.frombuffer(hours))
            )
    return best


def _quantities(p: ClusterProblem, lots: np.ndarray, setups: np.ndarray) -> float:
    """Return the least cost of making, keeping, giving up and overtime where these lots may be made."""
    items, weeks = lots.shape
    room = p.regular[0] - setups
    if (room + p.overtime[0] < 0).any():
        return float("inf")
    size = items * weeks
    stock = np.tril(np.ones((weeks, weeks)))
    # Columns: made, sold, of each item and week; overtime of each week.
    held = np.kron(p.holding[:, None] * np.eye(items), np.ones(weeks) @ stock).sum(axis=0)
    cost = np.concatenate([held, -held - np.repeat(p.goodwill, weeks), p.overtime_cost[0] * np.ones(weeks)])
    balance = np.hstack([-np.kron(np.eye(items), stock), np.kron(np.eye(items), stock), np.zeros((size, weeks))])
    worked = np.hstack([np.kron(p.use_hours, np.eye(weeks)), np.zeros((weeks, size)), -np.eye(weeks)])
    bounds = (
        [(0.0, 1e4 * lot) for lot in lots.ravel()]
        + [(0.0, wanted) for wanted in p.demand.ravel()]
        + [(0.0, most) for most in p.overtime[0]]
    )
    found = linprog(cost, np.vstack([balance, worked]), np.concatenate([np.zeros(size), room]), bounds=bounds)
    if found.status != 0:
        return float("inf")
    return float(found.fun) + float(p.goodwill @ p.demand.sum(axis=1))


@pytest.mark.parametrize("seed", range(10))
def test_the_plan_is_the_best_of_all_orders(seed: int) -> None:
    """No order of lots in any week is cheaper than the plan, and one is as cheap."""
    p = workshop(seed)
    plan = plan_coalition(p, separate_rights(p), EXACT)
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least_cost(p), abs=0.01)


def test_the_cases_tell_something() -> None:
    """Among them are plans that keep setups, through an idle week or one after another too, and plans that cannot."""
    plans = [plan_coalition(p, separate_rights(p), EXACT) for p in map(workshop, range(12))]
    kept = [plan.kept.sum() for plan in plans]
    assert sum(number > 0 for number in kept) > 5
    assert any((plan.kept[:, 1:-1] & plan.kept[:, 2:]).any() for plan in plans)
    without = [plan_coalition(replace(p, carry_over=None), separate_rights(p), EXACT) for p in map(workshop, range(12))]
    assert sum(plan.value > alone.value + 1 for plan, alone in zip(plans, without, strict=True)) > 5


def check(problem: ClusterProblem, rights: Rights) -> ClusterPlan:
    """Solve a cluster with setups kept and without, hold both against the bound by prices, and return the plan that may keep."""
    rounds = 60
    plan, without = (plan_coalition(p, rights, EXACT) for p in (problem, replace(problem, carry_over=None)))
    assert plan.report.status is Status.OPTIMAL
    assert plan.violations() == []
    close = 1e-6 * max(abs(plan.value), 100.0)
    assert plan.value >= without.value - close
    prices = PriceBound(build_model(problem, rights, build_network(problem, rights)))
    bound = max(prices.round(0.1 * 0.02 ** (n / rounds)) for n in range(rounds))
    assert bound <= plan.cost() + close
    return plan


@pytest.mark.parametrize("seed", range(24))
def test_bounds_hold_and_keeping_never_costs(seed: int) -> None:
    """On clusters with everything a plan knows of, no bound by prices exceeds the optimum, and keeping setups never lowers it."""
    problem, rights = draw(seed)
    check(with_carry_over(problem), rights)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(3))
def test_bounds_hold_hundreds_of_times(hundred: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor on hundreds; and a plan searched as a large one is never better than the optimum, nor its bound worse."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        problem, rights = draw(seed)
        best = check(with_carry_over(problem), rights)
        if seed % 5 == 0:
            searched(best, monkeypatch)


def searched(best: ClusterPlan, monkeypatch: pytest.MonkeyPatch) -> ClusterPlan:
    """Plan as large clusters are planned, and hold plan and bound against the best plan."""
    with monkeypatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        found = plan_coalition(best.problem, best.rights, SolveOptions(seconds=2, gap=1e-4))
    close = 1e-6 * max(abs(best.value), 100.0)
    assert found.violations() == []
    assert found.value <= best.value + close
    assert found.upper is not None
    assert found.upper >= best.value - close
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_a_large_plan_keeps_setups_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan found piece by piece keeps setups, and says that these were bounded apart."""
    problem = with_carry_over(random_cluster(seed, makers=2, sellers=2, products=4, weeks=4))
    found = searched(plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT), monkeypatch)
    assert found.spared.any()
    assert "bounded apart" in found.report.solver
