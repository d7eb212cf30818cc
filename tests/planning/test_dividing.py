"""Jobs whose steps several firms do in turn: the right, the model, the search and the books, against answers found elsewhere."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import NO_DIVISION, ClusterProblem, Division, Terms
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.shares import share_links
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.improving import PieceSearch
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant, random_cluster, with_steps
from tests.planning.solved import ledger_frame
from tests.planning.test_results import FIRMS

START = date(2026, 1, 5)
EXACT = SolveOptions(seconds=60, gap=1e-7)
ALL = frozenset(MEASURES)
OTHERS = ALL - {"divide_labour"}


def cluster(seed: int, *, lag: int = 0, batch: float = 0.0, weeks: int = 3) -> ClusterProblem:
    """Return a tiny cluster of three makers, each good at one of two steps."""
    return with_steps(random_cluster(seed, makers=3, sellers=2, products=2, weeks=weeks, batch=batch), seed, lag=lag)


def planned(problem: ClusterProblem, measures: frozenset[str]) -> ClusterPlan:
    return plan_coalition(problem, coalition_rights(problem, measures), EXACT)


def divided(plan: ClusterPlan) -> float:
    """Return the units made by several firms in turn."""
    return float(plan.make[plan.problem.divided[plan.network.supply_route]].sum())


# A case whose best plan follows from the figures by hand and by a linear programme written apart.


def two_shops(demand: np.ndarray, hours: np.ndarray, room: float, move: float, lag: int) -> ClusterProblem:
    """Return two firms that make one product in two steps, without setups; firm 0 has the order and sells.

    ``hours`` (firm, step) a unit; every workshop has ``room`` hours a week at one money an hour. Routes: each firm alone, and
    the first step at firm 0, the second at firm 1 and back at the market at once, or the other way round.
    """
    weeks = len(demand)
    one = one_plant(demand[None, :], np.zeros(1), np.array([0.01]), capacity=np.full(weeks, room))
    chains = [(0, 0), (1, 1), (0, 1), (1, 0)]
    uses = [(r, 2 * f + step, hours[f, step]) for r, chain in enumerate(chains) for step, f in enumerate(chain)]
    step_cost = np.array([h for _, _, h in uses])
    parts = np.arange(4, 8)
    first = parts % 2 == 0
    making = np.bincount([r for r, _, _ in uses], step_cost) + np.array([0.0, 0.0, move, move])
    none = np.empty(0, np.int64)
    return replace(
        one,
        firm=("A", "B"),
        owner=("A", "B"),
        node=("A", "B"),
        firm_owner=np.arange(2),
        resource=("A first", "A second", "B first", "B second"),
        resource_firm=np.repeat(np.arange(2), 2),
        regular=np.full((4, weeks), room),
        overtime=np.zeros((4, weeks)),
        overtime_cost=np.zeros(4),
        node_storage=np.zeros(2),
        node_handling=np.zeros(2),
        node_capacity=np.full(2, np.inf),
        route_product=np.zeros(4, np.int64),
        route_firm=np.array([chain[-1] for chain in chains]),
        route_group=np.full(4, -1),
        route_making=making,
        route_material=np.zeros(4),
        route_transfer=np.zeros(4),
        route_batch=np.zeros(4),
        setup_cost=np.zeros((4, weeks)),
        use_route=np.array([r for r, _, _ in uses]),
        use_resource=np.array([m for _, m, _ in uses]),
        use_hours=step_cost,
        use_setup=np.zeros(8),
        lane=("from A", "from B"),
        lane_origin=np.arange(2),
        lane_node=np.full(2, -1),
        lane_market=np.zeros(2, np.int64),
        lane_weeks=np.zeros(2, np.int64),
        lane_mode=("parcel", "parcel"),
        unit_freight=np.zeros((2, 1)),
        basis=np.zeros((2, 1)),
        price=np.array([50.0]),
        goodwill=np.array([0.0]),
        division=Division(
            parts, np.where(first, 1, 2), np.where(first, lag, 0), step_cost[parts], np.zeros(4),
            np.where(first, move, 0.0), np.zeros(4), none, none, none,
        ),
    )  # fmt: skip


def flow_shop(demand: np.ndarray, hours: np.ndarray, room: float, move: float, lag: int) -> float:
    """Return the best value of two shops, from a linear programme on chains, stock and deliveries alone (scipy)."""
    chains, weeks = [(0, 0), (1, 1), (0, 1), (1, 0)], len(demand)
    made = {key: n for n, key in enumerate(itertools.product(range(4), range(weeks)))}
    stock, sold = 4 * weeks + np.arange(weeks), 5 * weeks + np.arange(weeks)
    cost = np.zeros(6 * weeks)
    for (c, t), n in made.items():
        f, g = chains[c]
        cost[n] = hours[f, 0] + hours[g, 1] + (move if f != g else 0.0)
        if f != g and t < lag:
            cost[n] = 1e6
    cost[stock], cost[sold] = 0.01, -50.0
    use = np.zeros((4 * weeks, 6 * weeks))
    for (c, t), n in made.items():
        for step, firm in enumerate(chains[c]):
            week = t - (lag if chains[c][0] != chains[c][1] and step == 0 else 0)
            if week >= 0:
                use[(2 * firm + step) * weeks + week, n] += hours[firm, step]
    balance = np.zeros((weeks, 6 * weeks))
    for t in range(weeks):
        balance[t, [made[c, t] for c in range(4)]] = 1.0
        balance[t, stock[t]], balance[t, sold[t]] = -1.0, -1.0
        if t:
            balance[t, stock[t - 1]] = 1.0
    bounds = [(0, None)] * (5 * weeks) + [(0, float(d)) for d in demand]
    found = linprog(cost, use, np.full(4 * weeks, room), balance, np.zeros(weeks), bounds)
    assert found.status == 0
    return -float(found.fun)


def test_each_firm_does_what_it_is_good_at() -> None:
    """By hand: ten hours in each workshop, 1 hour for the good step and 2 for the other. Divided, 10 units a week cost 2 each.

    Alone a firm makes 5 a week at 3; the two firms make 10, also at 3: dividing saves 10 less ten moves of 0.25.
    """
    hours = np.array([[1.0, 2.0], [2.0, 1.0]])
    problem = two_shops(np.array([10.0]), hours, 10.0, 0.25, 0)
    alone = plan_coalition(problem, separate_rights(problem), EXACT)
    whole, steps = planned(problem, OTHERS), planned(problem, ALL)
    assert alone.value == pytest.approx(5 * (50 - 3))
    assert whole.value == pytest.approx(10 * (50 - 3))
    assert steps.value == pytest.approx(10 * (50 - 2.25))
    assert planned(problem, frozenset({"divide_labour"})).value == pytest.approx(10 * (50 - 2.25))
    assert divided(steps) == pytest.approx(10.0)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(0, 20), min_size=3, max_size=5),
    st.lists(st.floats(0.3, 3.0), min_size=4, max_size=4),
    st.floats(4.0, 15.0),
    st.floats(0.0, 1.5),
    st.integers(0, 2),
)
def test_two_shops_are_planned_as_a_flow_shop(
    demand: list[int], hours: list[float], room: float, move: float, lag: int
) -> None:
    """For any demand, skill, room, move and weeks under way the plan is the linear programme's, written apart."""
    wanted, skill = np.array(demand, float), np.array(hours).reshape(2, 2)
    problem = two_shops(wanted, skill, room, move, lag)
    plan = planned(problem, ALL)
    assert plan.violations() == []
    assert plan.value == pytest.approx(flow_shop(wanted, skill, room, move, lag), rel=1e-6, abs=1e-6)


# Tiny random clusters, with setups, families, minimum batches and moves that take a week.


@pytest.fixture(
    scope="module",
    params=[0, 2, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 16))],
    ids=lambda seed: f"seed {seed}",
)
def case(request: pytest.FixtureRequest) -> tuple[ClusterProblem, ClusterPlan, ClusterPlan]:
    """Return a problem with its best plans without and with divided labour."""
    seed = request.param
    problem = cluster(seed, lag=seed % 2, batch=seed % 3 * 4.0)
    return problem, planned(problem, OTHERS), planned(problem, ALL)


def test_the_right_never_lowers_the_value(case: tuple[ClusterProblem, ClusterPlan, ClusterPlan]) -> None:
    """With the measure the best plan is at least as good, keeps every rule, and costs what the model says."""
    problem, without, plan = case
    assert plan.violations() == without.violations() == []
    assert divided(without) == 0.0
    assert plan.value >= without.value - 1e-6 * abs(without.value)
    model = build_model(problem, plan.rights, plan.network)
    assert float(model.linear.cost @ values_of(model, plan)) + model.linear.offset == pytest.approx(plan.cost())


def test_some_cases_divide_labour() -> None:
    """The clusters tell something: in most of them steps do move."""
    plans = [planned(cluster(seed, lag=seed % 2, batch=seed % 3 * 4.0), ALL) for seed in (0, 2, 3)]
    assert sum(divided(plan) > 1.0 for plan in plans) >= 2


def test_without_the_measure_nothing_hangs_on_the_divided_routes(
    case: tuple[ClusterProblem, ClusterPlan, ClusterPlan],
) -> None:
    """A problem that never heard of divided routes has the same best plans."""
    problem, without, _ = case
    whole = np.flatnonzero(~problem.divided)
    uses = np.flatnonzero(~problem.divided[problem.use_route])
    kept = np.isin(problem.division.also_route, whole)
    parts = replace(
        NO_DIVISION,
        also_route=problem.division.also_route[kept],
        also_group=problem.division.also_group[kept],
        also_lag=problem.division.also_lag[kept],
    )
    names = ("product", "firm", "group", "making", "material", "transfer", "batch")
    bare = replace(
        problem,
        **{f"route_{name}": getattr(problem, f"route_{name}")[whole] for name in names},
        **{f"use_{name}": getattr(problem, f"use_{name}")[uses] for name in ("route", "resource", "hours", "setup")},
        setup_cost=problem.setup_cost[whole],
        division=parts,
    )
    assert planned(bare, OTHERS).value == pytest.approx(without.value, rel=1e-6)


def test_no_bound_is_below_the_best_plan(case: tuple[ClusterProblem, ClusterPlan, ClusterPlan]) -> None:
    """At any prices on the way, with and without the measure, the bound on cost is not above the optimum."""
    problem, *plans = case
    for plan in plans:
        prices = PriceBound(build_model(problem, plan.rights, build_network(problem, plan.rights)))
        found = [prices.round(0.1 * 0.02 ** (n / 120)) for n in range(120)]
        assert max(found) <= plan.cost() + 1e-6 * abs(plan.cost())


def test_the_search_keeps_every_rule_and_its_own_books(case: tuple[ClusterProblem, ClusterPlan, ClusterPlan]) -> None:
    """The pieces' plan breaks no rule, costs what the search thinks, and is near the best but never better."""
    problem, _, best = case
    model = build_model(problem, best.rights, build_network(problem, best.rights))
    search = PieceSearch(model, PriceBound(model), 1)
    search.begin()
    for _ in search.rounds(lambda: 0.0, 1500):
        pass
    plan = search.plan()
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(search.cost, rel=1e-9, abs=1e-4)
    wanted = float(problem.demand.sum(axis=1) @ problem.price)
    assert best.value - 0.05 * wanted <= plan.value <= best.value + 1e-6 * abs(best.value)
    again = PieceSearch(model, PriceBound(model), 1)
    again.take(best)
    assert again.cost == pytest.approx(min(best.cost(), again.cost), rel=1e-6)


def test_the_books_add_up_to_the_cent(case: tuple[ClusterProblem, ClusterPlan, ClusterPlan]) -> None:
    """The ledger is the plan's value, transfers cancel, each step is booked where it is done and paid for by who has the order."""
    problem, _, plan = case
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(round(plan.value, 2) * 100)
    transfers = ledger[ledger["account"] == "transfer"]
    assert round(transfers["amount"].sum() * 100) == 0
    parts = problem.division
    made = np.zeros(len(problem.route_product))
    np.add.at(made, plan.network.supply_route, plan.make.sum(axis=1))
    for firm in problem.firm[:3]:
        f = problem.firm.index(firm)
        here = problem.resource_firm[problem.use_resource[parts.use]] == f
        steps = made[problem.use_route[parts.use]][here] @ parts.making[here]
        whole = ~problem.divided & (problem.route_firm == f)
        booked = ledger[(ledger["account"] == "making") & (ledger["firm"] == firm)]["amount"].sum()
        assert -booked == pytest.approx(steps + made[whole] @ problem.route_making[whole], abs=0.05)
    between = transfers[transfers["firm"].isin(problem.firm[:3]) & transfers["counterparty"].isin(problem.firm[:3])]
    alone = made[problem.use_route[parts.use]] @ (
        (
            problem.resource_firm[problem.use_resource[parts.use]]
            != problem.maker[problem.route_product[problem.use_route[parts.use]]]
        )
        * parts.making
    )
    assert between.loc[between["amount"] > 0, "amount"].sum() >= 1.1 * alone - 0.05


def test_the_table_of_steps_tells_who_does_what_when(case: tuple[ClusterProblem, ClusterPlan, ClusterPlan]) -> None:
    """Steps have the units of their lots, follow one another from firm to firm, and their hours are in the load of their week."""
    problem, without, plan = case
    tables = {
        name: table.to_pandas()
        for name, table in plan_tables({"separate": without, "joint": plan}, START, FIRMS).items()
    }
    steps, lots, load = (tables[name][tables[name]["plan"] == "joint"] for name in ("steps", "lots", "load"))
    assert tables["steps"]["plan"].eq("joint").all()
    shared = lots[lots["chain"].notna()]
    assert len(steps) == 2 * len(shared)
    for step in (1, 2):
        rows = steps[steps["step"] == step].merge(shared, on=["lot", "sku", "seller"])
        assert np.allclose(rows["quantity_x"], rows["quantity_y"])
        assert (rows["firm"] == [chain.split(" > ")[step - 1] for chain in rows["chain"]]).all()
        late = (rows["week_y"] - rows["week_x"]).map(lambda span: span.days // 7)
        assert (late == (problem.division.lag.max() if step == 1 else 0)).all()
    ends = steps.merge(steps, on=["lot", "sku", "seller"])
    ends = ends[ends["step_x"] + 1 == ends["step_y"]]
    assert (ends["goes_to_x"] == ends["firm_y"]).all()
    assert (ends["comes_from_y"] == ends["firm_x"]).all()
    there = steps.groupby(["week", "firm", "process"])["hours"].sum().reset_index()
    both = there.merge(load, on=["week", "firm", "process"])
    assert len(both) == len(there)
    assert (both["hours"] <= both["run_hours"] + 1e-6).all()


def test_runs_are_shared_out_in_full(case: tuple[ClusterProblem, ClusterPlan, ClusterPlan]) -> None:
    """What the runs of all firms cost is shared over the lots that need them, none left over."""
    _, _, plan = case
    assert share_links(plan, plan.accounts.major).sum() == pytest.approx(plan.accounts.major.sum())


def test_the_separate_plans_divide_only_within_an_owner() -> None:
    """Between owners nothing is divided without the right; firms of one owner divide as they like."""
    for seed in (0, 2):
        problem = cluster(seed, weeks=2)
        alone = plan_coalition(problem, separate_rights(problem), EXACT)
        assert divided(alone) == 0.0
        one = replace(
            problem, owner=("M", "S0", "S1"), firm_owner=np.array([0, 0, 0, 1, 2])
        )  # the makers become one owner's
        together = plan_coalition(one, separate_rights(one), EXACT)
        assert together.violations() == []
        assert together.value >= alone.value - 1e-6 * abs(alone.value)
        # What one of the owner's firms makes for another is no work that moves.
        lots = plan_tables({"separate": together}, START, FIRMS)["lots"].to_pandas()
        maker = dict(zip(one.sku, (one.firm[m] for m in one.maker), strict=True))
        assert (lots["maker"] != lots["sku"].map(maker)).any()
        assert not lots["moved"].any()
        # Its own rights are all it needs: the measure adds nothing to them.
        more = plan_coalition(one, coalition_rights(one, frozenset({"divide_labour"})), EXACT)
        assert more.value == pytest.approx(together.value - one.hub_cost * one.weeks, rel=1e-6)


def test_an_owner_alone_gains_nothing() -> None:
    """g({i}) = 0: a coalition of one has its separate plan."""
    problem = cluster(3)
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    for owner in range(3):
        members = np.arange(len(problem.owner)) == owner
        plan = plan_coalition(problem, coalition_rights(problem, ALL, members), EXACT, separate=separate)
        assert plan.value == pytest.approx(separate.value, rel=1e-6)


def test_steps_stay_among_members() -> None:
    """Outsiders do no step for members, and members none for outsiders, whatever the right."""
    problem = cluster(2)
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    members = np.array([True, True, False, True, True])
    plan = plan_coalition(problem, coalition_rights(problem, ALL, members), EXACT, separate=separate)
    assert plan.violations() == []
    assert plan.value >= separate.value - 1e-6 * abs(separate.value)
    made = plan.make.sum(axis=1) > 1e-6
    assert not problem.route_owners[plan.network.supply_route][made & problem.divided[plan.network.supply_route]][
        :, 2
    ].any()


def test_a_plan_that_divides_without_the_right_is_told() -> None:
    """The same quantities under fewer rights break a rule."""
    plan = planned(cluster(0), ALL)
    assert divided(plan) > 1.0
    fewer = replace(plan, rights=coalition_rights(plan.problem, OTHERS))
    assert "steps divided without the right" in {found.rule for found in fewer.violations()}


def test_who_is_refused_does_no_step() -> None:
    """Where two makers refuse each other, neither does a step of a job in which the other has a part."""
    problem = cluster(0)
    free = planned(problem, ALL)
    assert divided(free) > 1.0
    pairs = np.array(list(itertools.combinations(range(3), 2))).T
    none, nothing = np.empty(0, np.int64), np.empty(0)
    closed = replace(problem, terms=Terms(pairs[0], pairs[1], none, nothing))
    plan = planned(closed, ALL)
    assert plan.violations() == []
    assert divided(plan) == 0.0
    assert plan.value <= free.value
    assert "made by a partner who is refused" in {v.rule for v in replace(free, problem=closed).violations()}


def test_kept_hours_hold_for_steps() -> None:
    """Who keeps all its hours does no step for another's product."""
    problem = cluster(0)
    free = planned(problem, ALL)
    resources = np.arange(len(problem.resource))
    none = np.empty(0, np.int64)
    kept = replace(problem, terms=Terms(none, none, resources, np.ones(len(resources))))
    plan = planned(kept, ALL)
    assert plan.violations() == []
    assert divided(plan) == pytest.approx(0.0, abs=1e-6)
    assert "hours kept for oneself exceeded" in {v.rule for v in replace(free, problem=kept).violations()}


def test_nothing_is_finished_before_its_first_step() -> None:
    """A move of a week: the first week's goods are whole jobs, and a plan that says otherwise breaks a rule."""
    problem = cluster(3, lag=1)
    plan = planned(problem, ALL)
    routes = problem.divided[plan.network.supply_route]
    assert plan.make[routes, 0].sum() == 0.0
    early = plan.make.copy()
    early[np.flatnonzero(routes)[0], 0] = 5.0
    assert "finished before its first step" in {v.rule for v in replace(plan, make=early).violations()}


def test_parts_of_a_divided_route_must_add_up() -> None:
    """A route whose steps do not cost what it costs is refused."""
    problem = cluster(0)
    with pytest.raises(ValueError, match="making cost"):
        replace(problem, division=replace(problem.division, making=problem.division.making + 1.0))
