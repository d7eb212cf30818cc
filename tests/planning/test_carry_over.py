"""Workshops that keep a setup over the week's end, held against machines that are simulated lot by lot."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from jointplan.planning.carrying import carry_over
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plan.keeping import best_sequence
from jointplan.planning.plan.violations import setups_stay
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Opening
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.shares import share_overtime
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions, Status
from tests.planning.cases import one_plant, random_cluster, wagner_whitin, with_carry_over, with_steps
from tests.planning.purchases import with_credit
from tests.planning.solved import START
from tests.planning.test_chains import read
from tests.planning.test_thousand import draw
from tests.tiny import Row, write_tiny

EXACT = SolveOptions(seconds=60, gap=1e-9)


def orders(made: list[int], family: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield the orders in which things can be made in a week, each family at one stretch."""
    for order in itertools.permutations(made):
        stretches = [key for key, _ in itertools.groupby(order, key=lambda x: family[x] if family[x] >= 0 else -2 - x)]
        if len(stretches) == len(set(stretches)):
            yield order


def most_saved(
    made: np.ndarray, family: list[int], saving: np.ndarray, over: np.ndarray, first: int | None = None
) -> float:
    """Return the most that is saved by a machine that goes through every order of every week and keeps its last setup.

    ``first`` is what it is set up for as the first week begins.
    """
    weeks = [list(orders(np.flatnonzero(column).tolist(), family)) for column in made.T]
    best = 0.0
    for choice in itertools.product(*weeks):
        ready, saved = first, 0.0
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
    keep = best_sequence(made, made, family, saving, over)
    assert (saving * keep).sum() == most_saved(made, family.tolist(), saving, over)
    ready = int(rng.integers(things))
    keep = best_sequence(made, made, family, saving, over, np.arange(things) == ready)
    assert (saving * keep).sum() == most_saved(made, family.tolist(), saving, over, ready)


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


def begun(problem: ClusterProblem, product: int) -> ClusterProblem:
    """Return a cluster whose first workshop is set up for a product as the first week begins."""
    assert problem.carry_over is not None
    first = np.full(len(problem.resource), -1)
    first[0] = product
    return replace(problem, carry_over=replace(problem.carry_over, first=first))


def least_cost(p: ClusterProblem) -> float:
    """Return the least cost over all orders of lots in all weeks, quantities by a linear programme written here.

    A lot whose setup is kept after it, or that needs none, has a unit at least.
    """
    assert p.carry_over is not None
    items, weeks, over = len(p.sku), p.weeks, p.carry_over.over[0]
    family = p.route_group.tolist()
    subsets = [s for n in range(items + 1) for s in itertools.combinations(range(items), n)]
    week = [order for subset in subsets for order in orders(list(subset), family)]
    seen: dict[tuple[bytes, bytes, bytes], float] = {}
    for choice in itertools.product(week, repeat=weeks):
        cost, hours, least = 0.0, np.zeros(weeks), np.zeros((items, weeks))
        ready = None if p.carry_over.first is None else int(p.carry_over.first[0])
        since = -1
        for t, order in enumerate(choice):
            at = None if ready is None else family[ready]
            for n, x in enumerate(order):
                kept = n == 0 and x == ready
                if kept:
                    least[x, [t, since] if since >= 0 else t] = 1.0
                if not kept:
                    cost += p.setup_cost[x, t]
                    hours[t] += p.use_setup[x]
                if family[x] >= 0 and not kept and (n == 0 or family[x] != at):
                    cost += p.group_cost[family[x]]
                    hours[t] += p.major_hours[family[x]]
                at = family[x]
            ready, since = (order[-1] if order else ready) if over[t] else None, t if order else since
        lots = np.array([[x in order for order in choice] for x in range(items)])
        key = lots.tobytes(), hours.tobytes(), least.tobytes()
        seen[key] = min(seen.get(key, np.inf), cost)
    best = np.inf
    for (lots, hours, least), cost in sorted(seen.items(), key=lambda entry: entry[1]):
        if cost < best:  # quantities cost nothing less
            most = 1e4 * np.frombuffer(lots, bool).astype(float)
            best = min(best, cost + _quantities(p, np.frombuffer(least), most, np.frombuffer(hours)))
    return best


def _quantities(p: ClusterProblem, least: np.ndarray, most: np.ndarray, setups: np.ndarray) -> float:
    """Return the least cost of making, keeping, giving up and overtime where lots of these sizes may be made."""
    items, weeks = p.demand.shape
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
        list(zip(least.tolist(), most.tolist(), strict=True))
        + [(0.0, wanted) for wanted in p.demand.ravel()]
        + [(0.0, most) for most in p.overtime[0]]
    )
    found = linprog(cost, np.vstack([balance, worked]), np.concatenate([np.zeros(size), room]), bounds=bounds)
    if found.status != 0:
        return float("inf")
    return float(found.fun) + float(p.goodwill @ p.demand.sum(axis=1))


@cache
def planned(seed: int) -> ClusterPlan:
    """Return the plan of a workshop; those of ten are looked at twice."""
    problem = workshop(seed)
    return plan_coalition(problem, separate_rights(problem), EXACT)


@pytest.mark.parametrize("seed", range(10))
def test_the_plan_is_the_best_of_all_orders(seed: int) -> None:
    """No order of lots in any week is cheaper than the plan, and one is as cheap."""
    plan = planned(seed)
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least_cost(workshop(seed)), abs=0.01)


@pytest.mark.parametrize("seed", range(2, 10))
def test_a_workshop_that_begins_set_up_needs_no_setup_for_that(seed: int) -> None:
    """Begun set up for one product, the plan is the cheapest of all orders, and breaks a rule of a workshop begun set up for none."""
    problem = begun(workshop(seed), seed % 2)
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least_cost(problem), abs=0.01)
    assert replace(plan, keep=None).cost() == pytest.approx(plan.cost(), abs=0.01)
    assert plan.cost() <= planned(seed).cost() + 1e-6
    plain = rules(replace(plan, problem=workshop(seed)))
    assert (("setup kept where none stays", 0) in plain) == bool(plan.kept[:, 0].any())


@pytest.mark.parametrize("seed", range(2, 10))
def test_a_plan_that_is_cut_and_gone_on_with_is_as_good(seed: int) -> None:
    """What an optimal plan costs in its first week, and the optimum of the weeks left from where it then stands, are its cost (Bellman)."""
    whole, p = planned(seed), workshop(seed)
    assert p.carry_over is not None
    money, lies = whole.accounts, np.flatnonzero(whole.stock[:, 0] > 1e-6)
    spent = sum(
        getattr(money, name)[:, 0].sum() for name in ("minor", "major", "overtime", "storage", "holding", "goodwill")
    )
    product = whole.network.commodity_product[whole.network.place_commodity[lies]]
    left = Opening(lies * 0, lies * 0 - 1, lies * 0, product, lies * 0, whole.stock[lies, 0])
    rest = replace(
        p, weeks=2, setup_cost=p.setup_cost[:, 1:], regular=p.regular[:, 1:], overtime=p.overtime[:, 1:],
        demand=p.demand[:, 1:], carry_over=replace(p.carry_over, over=p.carry_over.over[:, 1:]),
    ).with_opening(left)  # fmt: skip
    kept = p.route_product[whole.network.lot_route[whole.network.keeper_lot[whole.kept[:, 1]]]]
    rest = begun(rest, int(kept[0]) if len(kept) else -1)
    again = plan_coalition(rest, separate_rights(rest), EXACT)
    assert spent + again.cost() == pytest.approx(whole.cost(), abs=0.01)


def test_what_is_begun_set_up_for_is_of_use() -> None:
    """Among these are plans that begin with the setup they find, and some that are worth more by it."""
    cases = [(begun(workshop(seed), seed % 2), planned(seed)) for seed in range(2, 10)]
    plans = [plan_coalition(problem, separate_rights(problem), EXACT) for problem, _ in cases]
    assert sum(bool(plan.kept[:, 0].any()) for plan in plans) > 2
    assert sum(plan.value > without.value + 1 for plan, (_, without) in zip(plans, cases, strict=True)) > 2


@pytest.mark.parametrize("seed", range(6))
def test_bounds_hold_where_workshops_begin_set_up(seed: int) -> None:
    """On clusters with everything a plan knows of, neither the bound by prices nor the plan is better than the optimum."""
    problem, rights = draw(seed)
    check(begun(with_carry_over(problem), int(problem.route_product[seed % len(problem.route_product)])), rights)


def test_the_cases_tell_something() -> None:
    """Among them are plans that keep setups, through an idle week or one after another too, and plans that cannot."""
    plans = [planned(seed) for seed in range(12)]
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


@pytest.mark.parametrize("seed", range(10))
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


@pytest.mark.parametrize("seed", [2])
def test_a_large_plan_keeps_setups_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan found piece by piece keeps setups, and says that these were bounded apart."""
    problem = with_carry_over(random_cluster(seed, makers=2, sellers=2, products=4, weeks=4))
    found = searched(plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT), monkeypatch)
    assert found.spared.any()
    assert "bounded apart" in found.report.solver


def two_things(keep: list[list[int]], make: list[list[float]], *, family: bool = False) -> ClusterPlan:
    """Return a plan of two products, or of two of one family and one of another, that says what is kept into each week."""
    made = np.array(make)
    items, weeks = made.shape
    one = one_plant(made, np.full(items, 10.0), np.ones(items), hours=np.ones(items), setup_hours=np.ones(items))
    if family:
        group = np.array([0, 0, 1])
        one = replace(
            one,
            family=("first", "second"),
            product_family=group,
            route_group=group,
            group_firm=np.zeros(2, np.int64),
            group_family=np.arange(2),
            group_cost=np.array([30.0, 30.0]),
            major_group=np.arange(2),
            major_resource=np.zeros(2, np.int64),
            major_hours=np.array([2.0, 2.0]),
        )
    over = np.array([[True] * (weeks - 1) + [False]])
    problem = with_carry_over(one, over)
    rights = separate_rights(problem)
    network = build_network(problem, rights)
    return ClusterPlan(problem, rights, network, made, made, made, made * 0, keep=np.array(keep, bool))


def rules(plan: ClusterPlan) -> set[tuple[str, int | None]]:
    """Return the rules a plan breaks, and when."""
    return {(found.rule, found.week) for found in plan.violations()}


def test_what_is_kept_is_spared() -> None:
    """Of two products made in two weeks one keeps its setup: three setups of money and hours are paid, not four."""
    plan = two_things([[0, 1], [0, 0]], [[4.0, 4.0], [4.0, 4.0]])
    assert rules(plan) == set()
    assert plan.accounts.minor.sum() == 30
    assert plan.setup_hours.tolist() == [[2.0, 1.0]]
    assert replace(plan, keep=None).value == plan.value


def test_a_family_s_setup_is_spared_with_its_product_s() -> None:
    """The setup of a product that is kept spares its family's too; the other product of the family pays for its own alone."""
    plan = two_things([[0, 1], [0, 0], [0, 0]], [[4.0, 4.0], [0.0, 4.0], [0.0, 0.0]], family=True)
    assert rules(plan) == set()
    assert (plan.accounts.minor.sum(), plan.accounts.major.sum()) == (20, 30)
    assert plan.setup_hours.tolist() == [[3.0, 1.0]]


@pytest.mark.parametrize(("size", "spared"), [(0.0001, 0), (0.9, 0), (1.0, 1), (4.0, 1)])
def test_a_lot_of_less_than_a_unit_keeps_no_setup(size: float, spared: int) -> None:
    """Of what is set up for and hardly made nothing is spared, neither after it nor before it; to claim it breaks a rule."""
    before = two_things([[0, 1], [0, 0]], [[size, 4.0], [4.0, 0.0]])
    after = two_things([[0, 1], [0, 0]], [[4.0, size], [4.0, 0.0]])
    assert rules(before) == (set() if spared else {("setup kept of what was not made", 1)})
    assert rules(after) == set()
    assert replace(before, keep=None).spared.sum() == spared
    assert after.spared.sum() == replace(after, keep=None).spared.sum() == spared
    through = two_things([[0, 1, 1], [0, 0, 0]], [[4.0, size, 4.0], [0.0, 0.0, 0.0]])
    assert rules(through) == (set() if spared else {("setup kept while another was made", 2)})


@pytest.mark.parametrize(("hours", "majors"), [(10.5, 2), (11.0, 1)])
def test_no_crumb_is_made_to_carry_a_family_on(hours: float, majors: int) -> None:
    """By hand: A's 10 fill the first week, B's 10 the second; only where an hour is left for one B is the family kept for B."""
    demand = np.array([[10.0, 0.0], [0.0, 10.0]])
    one = one_plant(
        demand, np.zeros((2, 2)), np.ones(2), hours=np.ones(2), setup_hours=np.zeros(2), capacity=np.full(2, hours)
    )
    one = replace(
        one,
        goodwill=np.full(2, 500.0),
        group_cost=np.full(1, 100.0),
        route_group=np.zeros(2, np.int64),
        group_firm=np.zeros(1, np.int64),
        group_family=np.zeros(1, np.int64),
        major_group=np.zeros(1, np.int64),
        major_resource=np.zeros(1, np.int64),
        major_hours=np.zeros(1),
    )
    problem = with_carry_over(one)
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert plan.accounts.major.sum() == pytest.approx(100.0 * majors)
    assert plan.make[plan.make > 0].min() >= 1 - 1e-6
    assert plan.violations() == []


def test_a_workshop_that_stands_idle_stays_set_up() -> None:
    """What is kept into an idle week may be kept out of it."""
    plan = two_things([[0, 1, 1], [0, 0, 0]], [[4.0, 0.0, 4.0], [0.0, 0.0, 0.0]])
    assert rules(plan) == set()
    assert plan.accounts.minor.sum() == 10


@pytest.mark.parametrize(
    ("keep", "make", "rule"),
    [
        ([[1, 0], [0, 0]], [[4.0, 4.0], [4.0, 4.0]], ("setup kept where none stays", 0)),
        ([[0, 1], [0, 1]], [[4.0, 4.0], [4.0, 4.0]], ("more setups kept than one", 1)),
        ([[0, 1], [0, 0]], [[0.0, 4.0], [4.0, 4.0]], ("setup kept of what was not made", 1)),
        ([[0, 1, 1], [0, 0, 0]], [[4.0, 4.0, 4.0], [0.0, 4.0, 0.0]], ("setup kept while another was made", 2)),
        ([[0, 1, 1], [0, 0, 0]], [[4.0, 0.0, 4.0], [0.0, 4.0, 0.0]], ("setup kept while another was made", 2)),
    ],
)
def test_a_setup_that_cannot_be_kept_is_told(
    keep: list[list[int]], make: list[list[float]], rule: tuple[str, int]
) -> None:
    """Each rule is told, with its week, where it alone is broken."""
    found = rules(two_things(keep, make))
    assert rule in found
    assert len(found) == 1 + (rule[1] == 0)  # nothing was made before the first week either


def test_a_family_cannot_be_kept_around_another() -> None:
    """A workshop that begins and ends a week with products of one family cannot make another family between them."""
    keep = [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    make = [[4.0, 4.0, 0.0], [0.0, 4.0, 4.0], [0.0, 4.0, 0.0]]
    assert rules(two_things(keep, make, family=True)) == {("family's setup kept while another was made", 2)}
    make[2] = [0.0, 0.0, 0.0]
    assert rules(two_things(keep, make, family=True)) == set()


@pytest.fixture(scope="module", params=[0, 1])
def together(request: pytest.FixtureRequest) -> tuple[ClusterPlan, ClusterPlan]:
    """Return separate and joint plans of makers who may divide their steps, with a week between two firms or none."""
    base = random_cluster(3, makers=2, sellers=2, products=2, weeks=3)
    problem = with_carry_over(with_steps(base, 3, lag=request.param))
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    joint = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=separate)
    for plan in (separate, joint):
        assert plan.report.objective == pytest.approx(plan.cost())
        assert plan.spared.any()
    return separate, joint


def test_books_and_tables_count_what_is_spared(together: tuple[ClusterPlan, ClusterPlan]) -> None:
    """The ledger adds up to the value, its setups to the plan's; lots take the hours of workshops; every setup kept has a row."""
    separate, joint = together
    firms = pa.table({"firm": list(joint.problem.firm), "owner": [None] * 4, "role": ["both"] * 4})
    tables = plan_tables({"separate": separate, "joint": joint}, START, firms)
    for name, plan in (("separate", separate), ("joint", joint)):
        frames = {table: tables[table].to_pandas() for table in ("ledger", "kept_setups", "lots", "load")}
        rows = {table: frame[frame["plan"] == name] for table, frame in frames.items()}
        ledger, kept = rows["ledger"], rows["kept_setups"]
        assert round(ledger["amount"].sum(), 2) == round(plan.value, 2)
        setups = -ledger.loc[ledger["account"] == "setup", "amount"].sum()
        assert setups == pytest.approx(plan.accounts.minor.sum() + plan.accounts.major.sum(), abs=0.005 * len(ledger))
        assert rows["lots"]["setup_hours"].sum() == pytest.approx(plan.setup_hours.sum())
        assert rows["load"]["setup_hours"].sum() == pytest.approx(plan.setup_hours.sum())
        assert len(kept) == plan.kept.sum()
        assert kept["hours"].sum() == pytest.approx(plan.spared_hours.sum())
        assert set(kept["lot"].dropna()) <= set(rows["lots"]["lot"])
        whole = replace(plan, keep=np.zeros_like(plan.kept))
        assert kept["cost"].sum() == pytest.approx(
            whole.accounts.minor.sum()
            + whole.accounts.major.sum()
            - plan.accounts.minor.sum()
            - plan.accounts.major.sum()
        )
    overtime = replace(joint.problem, regular=joint.problem.regular * 0.3)
    shared = share_overtime(replace(joint, problem=overtime), replace(joint, problem=overtime).accounts.overtime)
    assert shared.sum() == pytest.approx(replace(joint, problem=overtime).accounts.overtime.sum())


def test_outsiders_keep_what_they_kept() -> None:
    """Who is outside a coalition has the same lots and setups as in its separate plan; the members lose nothing by it."""
    problem = with_carry_over(random_cluster(5, makers=3, sellers=2, products=4, weeks=3))
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    members = np.isin(np.arange(len(problem.owner)), [0, 1, 3])
    rights = coalition_rights(problem, frozenset(MEASURES), members)
    plan = plan_coalition(problem, rights, EXACT, separate=separate)
    assert plan.violations() == []
    assert plan.value >= separate.value - 1e-4 * abs(separate.value)
    before, net = carry_over(separate, rights, plan.network), plan.network
    theirs = np.isin(net.lot_class[net.keeper_lot], np.flatnonzero(~members))
    assert theirs.any()
    assert (plan.kept[theirs] == before.kept[theirs]).all()


def test_workshops_keep_where_the_table_says_so(tmp_path: Path) -> None:
    """A row of a week stands before that of every week; a blank is no; without any yes there is nothing of it in the problem."""

    def capacity(rows: list[Row]) -> list[Row]:
        alpha, beta, *others = rows
        holiday = alpha | {"week": "2025-03-17", "setup_carry_over": "no"}
        return [
            alpha | {"setup_carry_over": "yes"},
            holiday,
            beta | {"week": "2025-03-24", "setup_carry_over": "是"},
            *others,
        ]

    problem = read(write_tiny(tmp_path / "some", capacity=capacity))
    assert problem.carry_over is not None
    kept = dict(zip(problem.resource, problem.carry_over.over.tolist(), strict=True))
    assert kept["ALPHA assembly"] == [True, False, True, True]
    assert kept["BETA assembly"] == [False, False, True, False]
    assert kept["GAMMA assembly"] == [False] * 4
    routes = np.bincount(problem.use_route, problem.carry_over.use_share)
    assert routes[problem.maker[problem.route_product] >= 0] == pytest.approx(1.0)
    assert np.bincount(problem.major_group, problem.carry_over.major_share) == pytest.approx(1.0)
    assert read(write_tiny(tmp_path / "none")).carry_over is None


def test_one_product_alone_is_set_up_for_once() -> None:
    """The example of Wagner and Whitin (1958), 864 with a setup in every lot, costs its first setup alone, 85."""
    assert plan_coalition(
        with_carry_over(wagner_whitin()), separate_rights(wagner_whitin()), EXACT
    ).cost() == pytest.approx(85)


def test_money_that_is_spared_stays_in_the_purse() -> None:
    """Where money is short the model counts as the plan does, and less is borrowed than if every setup were paid."""
    base = with_steps(random_cluster(1, makers=2, sellers=2, products=2, weeks=3), 1, lag=1)
    problem = with_carry_over(with_credit(base, cash=300.0, rate=0.05))
    rights = coalition_rights(problem, frozenset(MEASURES))
    plan = plan_coalition(problem, rights, EXACT)
    model = build_model(problem, rights, plan.network)
    assert model.linear.cost @ values_of(model, plan) + model.linear.offset == pytest.approx(plan.cost(), rel=1e-9)
    assert plan.spared.any()
    assert plan.accounts.interest.sum() < replace(plan, keep=np.zeros_like(plan.kept)).accounts.interest.sum()


@pytest.mark.parametrize("seed", range(3))
def test_no_other_setups_are_better_kept(seed: int) -> None:
    """Of all ways to keep setups with the lots of a plan, overtime counted, none is better than the one a plan finds itself."""
    p = workshop(seed + 2)
    made = plan_coalition(replace(p, carry_over=None), separate_rights(p), EXACT).make
    plan = ClusterPlan(p, separate_rights(p), build_network(p, separate_rights(p)), made, made, made, p.demand - made)
    best = -np.inf
    for cells in itertools.product((False, True), repeat=plan.kept[:, 1:].size):
        keep = np.pad(np.array(cells).reshape(len(plan.kept), -1), ((0, 0), (1, 0)))
        kept = replace(plan, keep=keep)
        if not setups_stay(kept):
            best = max(best, kept.value)
    assert plan.value == pytest.approx(best)
