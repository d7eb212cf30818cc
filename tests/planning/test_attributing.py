"""Goods held in common are those sellers' whose customers they come to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.planning.attributing import attribute_goods
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bands, ClusterProblem, Containers, Opening
from jointplan.planning.rights import Rights, coalition_rights, separate_rights
from jointplan.planning.rows import Rows, cells
from jointplan.planning.translating import read_plan
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import solve_model
from tests.planning.cases import NONE, NOTHING, random_cluster
from tests.planning.solved import START, ledger_frame

POOLED = frozenset({"pool_orders", "consolidate_freight"})
S0, S1 = 1, 2  # firms behind the only maker


def two_markets(seed: int = 1) -> ClusterProblem:
    """Return one maker of one product; S0 sells in X0 alone, S1 in X1 alone, ten a week."""
    p = random_cluster(seed, makers=1, sellers=2, products=1, markets=2)
    own = p.series_seller - 1 == p.series_market
    return replace(p, demand=np.where(own[:, None], 10.0, 0.0) + np.zeros(p.demand.shape))


def by_hand(
    problem: ClusterProblem,
    make: dict[int, float],
    ship: dict[tuple[str, int], float],
    serve: dict[tuple[int, int], float],
) -> ClusterPlan:
    """Return a pooled plan of these units: made by week, sent by lane and week, handed over by seller and week."""
    rights = coalition_rights(problem, POOLED)
    net = build_network(problem, rights)
    made, sent = np.zeros((1, problem.weeks)), np.zeros((len(net.arc_lane), problem.weeks))
    handed = np.zeros(problem.demand.shape)
    for t, units in make.items():
        made[0, t] = units
    for (lane, t), units in ship.items():
        sent[net.arc_lane == problem.lane.index(lane), t] = units
    for (seller, t), units in serve.items():
        own = (problem.series_seller == seller) & (problem.series_market == seller - 1)
        handed[own, t] = units
    return ClusterPlan(problem, rights, net, made, sent, handed, np.zeros_like(handed))


def whose(found: Rows, week: int, row: int | None = None) -> dict[int, float]:
    """Return the units of each seller in the cells of a week, of one row or of all."""
    mine = (found["week"] == week) & (True if row is None else found["row"] == row)
    return {int(f): float(u) for f, u in zip(found["firm"][mine], found["units"][mine], strict=True)}


def test_goods_are_followed_back_from_the_markets_by_hand() -> None:
    """30 made in week 0: 10 to X0 and 12 by the hub to X1 at once, of 8 kept 6 to X0 and 2 to X1 a week later: 16 and 14."""
    p = two_markets()
    plan = by_hand(
        p,
        {0: 30},
        {("parcel 0 0", 0): 10, ("road 0", 0): 12, ("air 1", 0): 12, ("parcel 0 0", 1): 6, ("parcel 0 1", 1): 2},
        {(S0, 1): 10, (S1, 1): 12, (S0, 2): 6, (S1, 2): 2},
    )
    goods, net = attribute_goods(plan), plan.network
    assert whose(goods.made(cells(units=plan.make)), 0) == pytest.approx({S0: 16, S1: 14})
    sent = goods.sent(cells(units=plan.ship))
    arc = {p.lane[lane]: a for a, lane in enumerate(net.arc_lane.tolist())}
    assert whose(sent, 0, arc["parcel 0 0"]) == {S0: 10}
    assert whose(sent, 0, arc["road 0"]) == whose(sent, 0, arc["air 1"]) == {S1: 12}
    assert whose(sent, 1, arc["parcel 0 1"]) == {S1: 2}
    (maker,) = np.flatnonzero(net.place_node == 0)
    assert whose(goods.kept(cells(units=plan.stock)), 0, maker) == pytest.approx({S0: 6, S1: 2})
    # Of 8 that lie there and 30 + 8 that lie there or leave, the maker's place is S0's for 6 + 16.
    passed = goods.passed({"row": np.array([maker]), "week": np.array([3]), "units": np.array([38.0])})
    assert whose(passed, 3) == pytest.approx({S0: 22, S1: 16})


def test_what_is_left_is_shared_by_those_it_can_still_serve() -> None:
    """What is under way to X1 beyond the end is S1's; what lies at the maker's is shared by what both are handed over."""
    p = two_markets()
    plan = by_hand(
        p,
        {0: 30, 3: 9},
        {("parcel 0 0", 0): 20, ("parcel 0 1", 0): 10, ("parcel 0 1", 3): 3},
        {(S0, 1): 20, (S1, 1): 10},
    )
    goods = attribute_goods(plan)
    # 6 of the 9 are left: 4 S0's and 2 S1's, who has 3 under way besides.
    assert whose(goods.made(cells(units=plan.make)), 3) == pytest.approx({S0: 4, S1: 5})
    assert whose(goods.sent(cells(units=plan.ship)), 3) == {S1: 3}
    assert whose(goods.kept(cells(units=np.maximum(plan.stock, 0))), 3) == pytest.approx({S0: 4, S1: 2})


def test_goods_that_circle_within_a_week_are_followed_too() -> None:
    """Of 10 made, 4 go to X0 at once; 11 go to the hub, of which 5 come back and 6 go to X1: 4 and 6 of what is made."""
    p = two_markets()
    hub = p.node.index("HUB")
    p = replace(
        p,
        lane=(*p.lane, "back"),
        lane_origin=np.append(p.lane_origin, hub),
        lane_node=np.append(p.lane_node, 0),
        lane_market=np.append(p.lane_market, -1),
        lane_weeks=np.append(p.lane_weeks, 0),
        lane_mode=(*p.lane_mode, "road"),
        unit_freight=np.vstack([p.unit_freight, [[1.0]]]),
        basis=np.vstack([p.basis, [[0.0]]]),
    )
    plan = by_hand(
        p,
        {0: 10},
        {("parcel 0 0", 0): 4, ("road 0", 0): 11, ("back", 0): 5, ("air 1", 0): 6},
        {(S0, 1): 4, (S1, 1): 6},
    )
    goods = attribute_goods(plan)
    assert whose(goods.made(cells(units=plan.make)), 0) == pytest.approx({S0: 4, S1: 6})
    road = int(np.flatnonzero(plan.network.arc_lane == p.lane.index("road 0"))[0])
    assert whose(goods.sent(cells(units=plan.ship)), 0, road) == pytest.approx({S0: 2, S1: 9})


def with_stock(problem: ClusterProblem, *had: tuple[int, int, float]) -> ClusterProblem:
    """Return the problem with goods at their makers' from before the first week: product, selling firm and units."""
    product, owner, units = (np.array(column) for column in zip(*had, strict=True))
    zero = product * 0
    return replace(
        problem, opening=Opening(problem.maker[product], zero - 1, zero, product, owner, units.astype(float))
    )


def test_who_sells_what_another_had_pays_for_it_as_for_what_is_made() -> None:
    """S0 had 8 and 2 are made; 4 of the 10 go to S0's market and 6 to S1's, who owes S0 for 4.8 and the maker for 1.2."""
    p = with_stock(two_markets(), (0, S0, 8))
    plan = by_hand(p, {0: 2}, {("parcel 0 0", 0): 4, ("parcel 0 1", 0): 6}, {(S0, 1): 4, (S1, 1): 6})
    ledger = ledger_frame(plan, "joint", START)
    paid = ledger[ledger["account"] == "transfer"].set_index(["firm", "counterparty"])["amount"]
    each = float(p.route_transfer[0])
    # Of the 2 made S0 has .8 and S1 1.2, of the 8 from before S0 3.2 and S1 4.8.
    assert paid["S0", "S1"] == -paid["S1", "S0"] == pytest.approx(4.8 * each, abs=0.01)
    assert paid["M0", "S0"] == pytest.approx(0.8 * each, abs=0.01)
    assert paid["M0", "S1"] == pytest.approx(1.2 * each, abs=0.01)


def test_what_nobody_takes_of_a_seller_s_stock_stays_its_own() -> None:
    """S0 had 30 and is handed over 5, S1 had none and is handed over 10: the 15 left are S0's, and so is what they are worth."""
    p = with_stock(two_markets(), (0, S0, 30))
    plan = by_hand(p, {}, {("parcel 0 0", 0): 5, ("parcel 0 1", 0): 10}, {(S0, 1): 5, (S1, 1): 10})
    ledger = ledger_frame(plan, "joint", START)
    worth = ledger[ledger["account"] == "end_stock"].set_index("firm")["amount"].to_dict()
    assert worth == pytest.approx({"S0": 15 * p.end_value[0]}, abs=0.01)


def linear(seed: int) -> ClusterProblem:
    """Return a random cluster in which every unit costs the same wherever it goes with others: no setups, loads or limits."""
    p = random_cluster(seed, makers=2, sellers=2, products=3, markets=2)
    rng = np.random.default_rng(seed)
    by_load = np.isin(p.lane_mode, ["air", "sea"])[:, None]
    p = replace(
        p,
        setup_cost=p.setup_cost * 0,
        use_setup=p.use_setup * 0,
        group_cost=p.group_cost * 0,
        major_hours=p.major_hours * 0,
        regular=p.regular * 100,
        node_capacity=np.full(len(p.node), np.inf),
        unit_freight=np.where(by_load, rng.uniform(5, 60, p.unit_freight.shape), p.unit_freight),
        basis=p.basis * 0,
        bands=Bands(NONE, NOTHING, NOTHING, NOTHING, NOTHING),
        containers=Containers(NONE, NOTHING, NOTHING, NOTHING),
        border=rng.uniform(0, 9, (1, *p.unit_freight.shape)),
        goodwill=p.price * 5,  # nothing is given up
        # A seller sells some products in one market only.
        demand=p.demand * (rng.random((len(p.demand), 1)) < 0.7),
    )  # fmt: skip
    # What sellers have already they need at once.
    first = [
        (int(i), int(f), rng.uniform(0, units))
        for i, f, units in zip(p.series_product, p.series_seller, p.demand[:, 0], strict=True)
    ]
    return with_stock(p, *first)


def optimal(problem: ClusterProblem, rights: Rights) -> ClusterPlan:
    model = build_model(problem, rights, build_network(problem, rights))
    solution = solve_model(model.linear, SolveOptions(seconds=20, gap=1e-9))
    assert solution.values is not None
    return read_plan(model, solution.values)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_where_pooling_changes_nothing_nobody_s_money_changes(seed: int) -> None:
    """Without setups, loads and limits the joint plan is the separate plans, and so is each firm's money, account by account."""
    problem = linear(seed)
    money = {}
    for name, rights in (("separate", separate_rights(problem)), ("joint", coalition_rights(problem, POOLED))):
        ledger = ledger_frame(optimal(problem, rights), name, START)
        money[name] = ledger.groupby(["firm", "account"])["amount"].sum().to_dict()
    assert set(money["joint"]) == set(money["separate"])
    for key, amount in money["joint"].items():
        assert amount == pytest.approx(money["separate"][key], abs=0.2), key


@given(seed=st.integers(0, 10_000), dense=st.floats(0.05, 1.0))
@settings(max_examples=60, deadline=None)
def test_shares_add_up_to_what_there_is_whatever_is_planned(seed: int, dense: float) -> None:
    """Whatever quantities: nothing is lost or made up, and lanes into a market carry only goods of those who sell there."""
    p = random_cluster(seed, makers=2, sellers=3, products=3, markets=3)
    rng = np.random.default_rng(seed)
    p = replace(p, demand=p.demand * (rng.random((len(p.demand), 1)) < 0.6))
    rights = coalition_rights(p, POOLED | {"share_capacity"})
    net = build_network(p, rights)

    def some(rows: int) -> np.ndarray:
        return np.asarray(rng.uniform(0, 20, (rows, p.weeks)) * (rng.random((rows, p.weeks)) < dense))

    wanted = p.demand.any(axis=1)
    serve = some(len(p.demand)) * wanted[:, None]
    plan = ClusterPlan(p, rights, net, some(len(net.supply_route)), some(len(net.arc_lane)), serve, serve * 0)
    goods = attribute_goods(plan)
    sums = np.stack([np.bincount(goods.node, column) for column in goods.mix.T])
    assert np.abs(sums[:, np.unique(goods.node)] - 1).max() < 1e-9
    stock = np.maximum(plan.stock, 0.0)
    for split, units in ((goods.made, plan.make), (goods.sent, plan.ship), (goods.kept, stock), (goods.passed, stock)):
        found, total = split(cells(units=units)), np.zeros(units.shape)
        np.add.at(total, (found["row"], found["week"]), found["units"])
        assert np.abs(total - units).max(initial=0.0) < 1e-9
    sent = goods.sent(cells(units=plan.ship))
    market = p.lane_market[net.arc_lane[sent["row"]]]
    sells = set(zip(p.series_product[wanted], p.series_market[wanted], p.series_seller[wanted], strict=True))
    for product, m, firm in zip(
        net.commodity_product[net.arc_commodity[sent["row"]]], market, sent["firm"], strict=True
    ):
        sold_here = any((product, m, f) in sells for f in p.series_seller)
        assert m < 0 or not sold_here or (product, m, firm) in sells
