"""Goods made before the first week are there when they are due, once, for every plan alike."""

import dataclasses
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.problem import ClusterProblem, Opening
from jointplan.planning.reading.recorded import recorded_opening, recorded_plan
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.translating import idle_plan, read_plan, values_of
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import solve_model
from tests.planning.cases import one_plant
from tests.planning.solved import START, ledger_frame, small_cluster, solved
from tests.planning.test_recorded import written_out


def opening(rows):
    """Return goods from rows (node, market, week, product, owner, units)."""
    *whole, units = np.array(rows, dtype=float).T
    return Opening(*(column.astype(np.int64) for column in whole), units)


def best(problem: ClusterProblem, *, joint: bool = False):
    """Return the best plan, solved as a whole."""
    rights = coalition_rights(problem, frozenset(MEASURES)) if joint else separate_rights(problem)
    model = build_model(problem, rights, build_network(problem, rights))
    solution = solve_model(model.linear, SolveOptions(seconds=60, gap=1e-9, threads=1))
    return model, read_plan(model, solution.values), solution.report.objective


def lot_sizes(demand, setup, holding):
    """Return the cost of the best lots by the recursion of Wagner and Whitin (1958)."""
    cost = [0.0]
    for last in range(len(demand)):
        ways = []
        for first in range(last + 1):
            held = sum(holding * (t - first) * demand[t] for t in range(first, last + 1))
            needed = setup if demand[first : last + 1].any() else 0.0
            ways.append(cost[first] + needed + held)
        cost.append(min(ways))
    return cost[-1]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=3, max_size=6),
    st.lists(st.integers(0, 60), min_size=6, max_size=6),
    st.booleans(),
)
def test_goods_to_come_leave_the_lot_sizes_of_what_is_still_wanted(demand, coming, at_market):
    """With goods at the plant or on the way, the best lots are those of the demand that these do not meet."""
    weeks = len(demand)
    rows = [
        (-1 if at_market else 0, 0 if at_market else -1, t, 0, 0, units)
        for t, units in enumerate(coming[:weeks])
        if units
    ]
    problem = one_plant(np.array([demand]), np.array([50.0]), np.array([1.0]))
    problem = problem.with_opening(opening(rows)) if rows else problem
    left, kept, net = 0.0, 0.0, []
    for t, wanted in enumerate(demand):
        left += coming[t]
        net.append(max(wanted - left, 0.0))
        left = max(left - wanted, 0.0)
        kept += left
    _, plan, _ = best(problem)
    assert plan.cost() == pytest.approx(lot_sizes(np.array(net), 50.0, 1.0) + kept, abs=1e-3)
    assert plan.violations() == []


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_plan_with_goods_under_way_is_costed_as_the_solver_does(seed, joint):
    """Goods in the hub, on the way to it, at the market and on the way there: cost, values and ledger agree."""
    problem = small_cluster(seed)
    hub, owner = 4, int(problem.firm_owner[problem.series_seller[0]])
    rows = [(hub, -1, 0, 0, owner, 7), (hub, -1, 1, 0, owner, 2), (-1, 0, 0, 0, owner, 6), (-1, 0, 2, 0, owner, 3)]
    model, plan, objective = best(problem.with_opening(opening(rows)), joint=joint)
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(objective, rel=1e-6)
    values = values_of(model, plan)
    assert float(model.linear.cost @ values) + model.linear.offset == pytest.approx(objective, rel=1e-6)
    ledger = ledger_frame(plan, "joint" if joint else "separate", START)
    assert ledger["amount"].sum() == pytest.approx(round(plan.value, 2), abs=1e-6)
    # Having more can only help: what is not wanted is kept and credited at cost, but costs its capital.
    _, without, _ = best(dataclasses.replace(problem, holding=problem.holding * 0), joint=joint)
    _, more, _ = best(
        dataclasses.replace(problem.with_opening(opening(rows)), holding=problem.holding * 0), joint=joint
    )
    assert more.value >= without.value - 1e-3


def test_doing_nothing_is_a_plan_even_in_a_hub_that_begins_overfull():
    """Goods beyond a place's room are there all the same; the plan that leaves them there breaks no rule."""
    problem = small_cluster(1)
    hub = 4
    assert np.isfinite(problem.node_capacity[hub])
    units = 2 * problem.node_capacity[hub] / problem.volume[0]
    problem = problem.with_opening(opening([(hub, -1, 0, 0, 2, units), (-1, 0, 1, 0, 2, 5)]))
    rights = separate_rights(problem)
    plan = idle_plan(build_model(problem, rights, build_network(problem, rights)))
    assert plan.violations() == []
    assert plan.shelf[:, -1].sum() == pytest.approx(5)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([1, 2, 3]), st.integers(0, 3))
def test_a_record_cut_in_two_goes_on_where_it_stopped(seed, cut):
    """The later weeks of a record, opened by what the earlier ones left, have the stocks of the whole record."""
    whole = solved(seed, "separate")
    problem, rows = dataclasses.replace(whole.problem.with_opening(opening(np.zeros((0, 6))))), written_out(whole)
    whole = recorded_plan(problem, rows, START)
    start = START + timedelta(weeks=cut)
    weeks = problem.weeks - cut
    later = dataclasses.replace(
        problem,
        weeks=weeks,
        demand=problem.demand[:, cut:],
        setup_cost=problem.setup_cost[:, cut:],
        regular=problem.regular[:, cut:],
        overtime=problem.overtime[:, cut:],
    )
    sold = pd.DataFrame(
        [
            (pd.Timestamp(START) + pd.Timedelta(weeks=t), problem.sku[i], problem.market[m], problem.firm[f], units)
            for s, (i, m, f) in enumerate(
                zip(problem.series_product, problem.series_market, problem.series_seller, strict=True)
            )
            for t, units in enumerate(whole.serve[s])
            if units
        ],
        columns=["week", "sku", "market", "seller", "quantity"],
    )
    goods = recorded_opening(later, rows, sold, start)
    part = recorded_plan(later.with_opening(goods), rows, start)

    def levels(plan, values, kind, places):
        net = plan.network
        commodity = net.place_commodity if kind == "node" else net.sink_commodity
        found = {
            (int(net.commodity_product[c]), int(net.commodity_class[c]), int(place)): row
            for c, place, row in zip(commodity, places, values, strict=True)
        }
        return {key: row for key, row in found.items() if (np.abs(row) > 1e-4).any()}

    # Goods that the whole record sent without having them are nothing, not less, when the weeks begin.
    sound = {
        key for key, row in levels(whole, whole.stock, "node", whole.network.place_node).items() if (row > -1e-4).all()
    }
    all_along = levels(whole, whole.stock[:, cut:], "node", whole.network.place_node)
    afterwards = levels(part, part.stock, "node", part.network.place_node)
    for key in sound & set(all_along):
        assert np.allclose(all_along[key], afterwards[key], atol=1e-3)
    reached = whole.arrived[:, cut:].sum() + (whole.shelf[:, cut - 1].sum() if cut else 0.0)
    assert part.arrived.sum() + part.network.sink_opening.sum() == pytest.approx(reached, abs=1e-3)


def test_what_was_sold_before_the_weeks_is_not_there_any_more():
    """Of ten units that arrived, four were sold before the first week; six wait, and a sale too many leaves none."""
    problem = solved(1, "separate").problem
    s = int(np.flatnonzero(problem.series_product == 0)[0])
    seller = problem.firm[problem.series_seller[s]]
    lane = next(n for n, name in enumerate(problem.lane) if name == f"parcel {problem.maker[0]} 0")
    start = START + timedelta(weeks=8)
    rows = pd.DataFrame(
        {
            "activity": ["ship"],
            "date": [pd.Timestamp(START)],
            "firm": [problem.node[problem.lane_origin[lane]]],
            "sku": ["P0"],
            "seller": [seller],
            "lane": [problem.lane[lane]],
            "market": [problem.market[0]],
            "quantity": [10.0],
        }
    )

    def waiting(sold):
        weekly = pd.DataFrame(
            {
                "week": [pd.Timestamp(START) + pd.Timedelta(weeks=4)],
                "sku": ["P0"],
                "market": [problem.market[0]],
                "seller": [seller],
                "quantity": [sold],
            }
        )
        goods = recorded_opening(problem, rows, weekly, start)
        return goods.units[goods.market == 0].tolist()

    assert waiting(4.0) == [6.0]
    assert waiting(12.0) == []


def test_what_was_made_is_there_though_nobody_can_make_more():
    """Ten made the week before the first by the plant, of which a part has left it since: the same goods, with a route or without."""
    known = one_plant(np.full((1, 3), 10.0), np.zeros(1), np.ones(1))
    routes = {name: getattr(known, name)[:0] for name in (
        "route_product", "route_firm", "route_group", "route_making", "route_material", "route_transfer", "route_batch",
        "setup_cost", "use_route", "use_resource", "use_hours", "use_setup",
    )}  # fmt: skip
    day = pd.Timestamp(START) - pd.Timedelta(days=7)
    rows = pd.DataFrame(
        [(day, "make", "plant", "item 0", "plant", "", "", 10.0), (day, "ship", "plant", "item 0", "plant", "door", "market", 4.0)],
        columns=["date", "activity", "firm", "sku", "seller", "lane", "market", "quantity"],
    )  # fmt: skip
    sold = pd.DataFrame([], columns=["week", "sku", "market", "seller", "quantity"])
    for problem in (known, dataclasses.replace(known, **routes)):
        goods = recorded_opening(problem, rows, sold, START)
        assert list(zip(goods.node.tolist(), goods.market.tolist(), goods.units.tolist(), strict=True)) == [
            (-1, 0, 4.0), (0, -1, 6.0),
        ]  # fmt: skip
