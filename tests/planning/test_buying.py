"""Materials are bought as cheaply as suppliers allow, and what members gain by buying together is proven."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.planning.carrying import carry_over
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plan.ordering import cheapest_orders, order_charges
from jointplan.planning.plan.purses import purse_balances
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Materials
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.shares import material_parts
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.search import _Search
from jointplan.planning.translating import read_plan, values_of
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant, random_cluster
from tests.planning.purchases import with_credit, with_materials, with_on_hand
from tests.planning.solved import START, ledger_frame

EXACT = SolveOptions(seconds=60, gap=1e-7)
T = 3


def workshop(seed: int) -> ClusterProblem:
    """Return a plant that makes one product from one material: by the unit with a minimum and a break, or in packs of three."""
    rng = np.random.default_rng(seed)
    price = float(rng.integers(10, 14))
    cheap, pack = price - float(rng.integers(1, 4)), price - float(rng.integers(0, 4))
    return replace(
        one_plant(rng.integers(0, 5, (1, T)).astype(float), np.zeros(1), np.full(1, 9.0)),
        materials=Materials(
            name=("steel",),
            holding=np.array([float(rng.uniform(0.05, 1.5))]),
            least=np.array([min(cheap, pack)]),
            need_route=np.array([0]),
            need_material=np.array([0]),
            need_units=np.array([1.0]),
            supplier=("mill", "packs"),
            origin=("CN", "DE"),
            offer_material=np.array([0, 0]),
            offer_weeks=rng.integers(0, 2, 2),
            offer_new=np.array([False, False]),
            offer_firm=np.array([-1, -1]),
            offer_minimum=np.array([2.0, 0.0]),
            offer_multiple=np.array([0.0, 3.0]),
            break_offer=np.array([0, 0, 1]),
            break_low=np.array([0.0, 6.0, 0.0]),
            break_high=np.array([6.0, np.inf, np.inf]),
            break_price=np.array([price, cheap, pack]),
        ),
    )


def enumerated(problem: ClusterProblem) -> float:
    """Return the least cost of all orders of whole units, by trying each."""
    m, demand = problem.materials, problem.demand[0]
    most = int(demand.sum()) + 6
    by_unit = np.arange(most + 1.0)
    # At the break itself either price may be had.
    paid = (
        np.where(by_unit < 6, m.break_price[0], np.where(by_unit > 6, m.break_price[1], m.break_price[:2].min()))
        * by_unit
    )
    mill = [(q, c) for q, c in zip(by_unit, paid, strict=True) if q == 0 or q >= 2]
    packs = [(q, q * m.break_price[2]) for q in by_unit if q % 3 == 0]
    # What was ordered before comes in any quantity, at the first price.
    earlier = [[(q, q * m.break_price[first]) for q in by_unit] for first in (0, 2)]
    by_week = []
    # What is on hand is there in its week, as far as it goes.
    there: list[list[tuple[float, float]]] = [[(0.0, 0.0)] for _ in range(T)]
    for j in range(2, len(m.offer_material)):
        there[m.offer_weeks[j]] = [(q, q * m.break_price[j + 1]) for q in range(int(m.break_high[j + 1]) + 1)]
    for t in range(T):
        here = [earlier[j] if t < m.offer_weeks[j] else kinds for j, kinds in enumerate((mill, packs))]
        ways = product(*here, there[t])
        by_week.append(np.array([(a + b + e, c + d + f) for (a, c), (b, d), (e, f) in ways]))
    best = np.inf
    first, second, third = (week for week in by_week)
    for q0, c0 in first:
        left0 = q0 - demand[0]
        if left0 < 0 or c0 >= best + 50:
            continue
        left1 = left0 + second[:, 0] - demand[1]
        cost1 = c0 + left0 * m.holding[0] + second[:, 1]
        ok = left1 >= 0
        left2 = left1[ok][:, None] + third[:, 0][None, :] - demand[2]
        cost = (
            cost1[ok][:, None]
            + left1[ok][:, None] * m.holding[0]
            + third[:, 1]
            + left2 * m.holding[0]
            - np.minimum(left2, demand.sum()) * m.least[0]
        )
        best = min(best, float(np.where(left2 >= 0, cost, np.inf).min(initial=np.inf)))
    return best


@pytest.mark.parametrize("seed", range(20))
def test_a_workshop_s_purchases_are_the_best_of_all(seed: int) -> None:
    """Minimum orders, breaks, packs and lead times, against every order tried; the recursion comes close, and never below."""
    problem = workshop(seed)
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert plan.violations() == []
    best = enumerated(problem)
    assert plan.cost() == pytest.approx(best, abs=1e-4)
    quick = replace(plan, buy=None)
    assert quick.violations() == []
    assert best - 1e-6 <= quick.cost() <= 1.5 * best + 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_what_is_on_hand_is_taken_as_far_as_it_pays(seed: int) -> None:
    """With material on hand as well, against every way to order and to take of it: never more than there is, never before it is there."""
    bare, rng = workshop(seed), np.random.default_rng(seed)
    units, week = int(rng.integers(1, 7)), int(rng.integers(0, T))
    problem = with_on_hand(bare, [(0, 0, week, units)])
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert plan.violations() == []
    best = enumerated(problem)
    assert plan.cost() == pytest.approx(best, abs=1e-4)
    assert best <= enumerated(bare) + 1e-9
    quick = replace(plan, buy=None)
    assert quick.violations() == []
    assert best - 1e-6 <= quick.cost() <= 1.5 * max(best, 10.0) + 1e-6
    too_much = plan.bought.copy()
    too_much[2, week] += units + 1
    assert "order the supplier does not accept" in {v.rule for v in replace(plan, buy=too_much).violations()}
    elsewhen = plan.bought.copy()
    elsewhen[2] = np.roll(elsewhen[2], 1)
    if plan.bought[2].any():
        assert "order the supplier does not accept" in {v.rule for v in replace(plan, buy=elsewhen).violations()}


def test_material_on_hand_is_worth_what_it_is_without_a_use() -> None:
    """Ten are wanted in week 2 at a price of 10: who has four buys six and pays nobody; the four count at 8 less their keeping.

    A unit taken saves 10 and costs 8 − 3 · 0.1 + 2 · 0.1 at the end of its two weeks in the store: 7.9. So 4 · 2.1 are gained.
    """
    one = workshop(0)
    bare = replace(
        one,
        demand=np.array([[0.0, 0.0, 10.0]]),
        regular=np.full_like(one.regular, 1e4),
        price=np.full(1, 100.0),
        materials=replace(
            one.materials, holding=np.array([0.1]), least=np.array([8.0]), offer_weeks=np.zeros(2, np.int64),
            offer_minimum=np.zeros(2), offer_multiple=np.zeros(2), break_low=np.array([0.0, 1000.0, 0.0]),
            break_high=np.array([1000.0, np.inf, np.inf]), break_price=np.array([10.0, 8.0, 11.0]),
        ),
    )  # fmt: skip
    problem = with_on_hand(bare, [(0, 0, 0, 4.0)])
    before, plan = (plan_coalition(p, separate_rights(p), EXACT) for p in (bare, problem))
    assert plan.bought.sum(axis=1) == pytest.approx([6.0, 0.0, 4.0])
    assert plan.value - before.value == pytest.approx(4 * 2.1)


@pytest.mark.parametrize("seed", range(12))
def test_prices_out_of_order_are_paid_as_they_stand(seed: int) -> None:
    """Where a larger order costs more a unit, orders stay small or pay it, against every order tried: no price is taken for another."""
    one = workshop(seed)
    prices = one.materials.break_price
    problem = replace(one, materials=replace(one.materials, break_price=prices[[1, 0, 2]]))
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert plan.violations() == []
    best = enumerated(problem)
    assert plan.cost() == pytest.approx(best, abs=1e-4)
    quick = replace(plan, buy=None)
    assert quick.violations() == []
    assert quick.cost() >= best - 1e-6


@pytest.mark.parametrize(("wanted", "ordered"), [(12.0, 12.0), (600.0, 1000.0)])
def test_nobody_buys_for_years_to_reach_a_price_break(wanted: float, ordered: float) -> None:
    """What is left at the end is worth something as far as as many weeks more would use it, whatever a break asks for.

    Twelve units cost 120; a thousand at 8 would leave 988, of which twelve count: 8000 − 96. Six hundred cost 6000; a thousand
    at 8, of which all 400 left count, cost 4800, and their keeping 40.
    """
    one = workshop(0)
    problem = replace(
        one,
        demand=np.array([[0.0, 0.0, wanted]]),
        regular=np.full_like(one.regular, 1e4),
        price=np.full(1, 100.0),
        materials=replace(
            one.materials,
            holding=np.array([0.1]),
            least=np.array([8.0]),
            offer_weeks=np.zeros(2, np.int64),
            offer_minimum=np.zeros(2),
            break_low=np.array([0.0, 1000.0, 0.0]),
            break_high=np.array([1000.0, np.inf, np.inf]),
            break_price=np.array([10.0, 8.0, 11.0]),
        ),
    )
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert plan.violations() == []
    assert plan.serve.sum() == pytest.approx(wanted)
    assert plan.bought.sum() == pytest.approx(ordered)
    model = build_model(problem, separate_rights(problem), plan.network)
    assert model.linear.cost @ values_of(model, plan) + model.linear.offset == pytest.approx(plan.cost())


@given(seed=st.integers(0, 10_000), weeks=st.integers(0, 3), on_hand=st.booleans())
@settings(max_examples=60, deadline=None)
def test_orders_cover_what_is_needed_and_are_accepted(seed: int, weeks: int, on_hand: bool) -> None:
    """Whatever is needed is there in time, in orders that suppliers take, at no less than the least price; on hand there is no more than there is."""
    cluster = random_cluster(3, makers=2, sellers=2, products=3, weeks=4)
    problem = with_materials(cluster, seed, weeks=weeks, on_hand=on_hand)
    buying = build_network(problem, separate_rights(problem)).buying
    needed = np.random.default_rng(seed).uniform(0, 30, (len(buying.bin_material), 4))
    needed *= np.random.default_rng(seed + 1).random(needed.shape) < 0.6
    orders = cheapest_orders(problem, buying, needed)
    came = np.zeros(needed.shape)
    np.add.at(came, buying.purchase_bin, orders)
    assert (came.cumsum(axis=1) >= needed.cumsum(axis=1) - 1e-4).all()
    charge = order_charges(problem, buying, orders)
    assert np.isfinite(charge).all()
    least = problem.materials.least[buying.bin_material][buying.purchase_bin]
    theirs = problem.materials.offer_firm[buying.purchase_offer] < 0
    assert (charge >= least[:, None] * orders * (1 - 1e-9) - 1e-9)[theirs].all()


def rights_of(problem: ClusterProblem, together: bool) -> Rights:
    return coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_no_round_s_bound_exceeds_the_optimum(seed: int, together: bool) -> None:
    """At any prices on the way, with minima, breaks, multiples, lead times and new suppliers; materials hardly loosen it."""
    bare = random_cluster(seed, makers=2, sellers=2, products=3, weeks=4, tight=(0.8, 1.2)[seed % 2])
    gaps = []
    for problem in (bare, with_materials(bare, seed, weeks=seed % 3, on_hand=True)):
        rights = rights_of(problem, together)
        best = plan_coalition(problem, rights, EXACT).cost()
        prices = PriceBound(build_model(problem, rights, build_network(problem, rights)))
        found = max(prices.round(0.1 * 0.02 ** (n / 300)) for n in range(300))
        assert found <= best + 1e-6 * abs(best)
        gaps.append(best - found)
    material = 0.02 * with_materials(bare, seed).demand.sum() * 10
    assert gaps[1] <= 1.25 * gaps[0] + material


@pytest.mark.parametrize("seed", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_the_pieces_plan_keeps_every_rule_and_counts_as_the_model(seed: int) -> None:
    """The compiled search, forced on a small cluster, ends not far from the optimum; model and plan agree on its cost."""
    cluster = random_cluster(seed, makers=3, sellers=2, products=4, weeks=5)
    problem = with_materials(cluster, seed, weeks=1, on_hand=True)
    rights = rights_of(problem, True)
    model = build_model(problem, rights, build_network(problem, rights))
    options = SolveOptions(seconds=120, gap=1e-4, rounds=40)
    search = _Search(model, options, None, None, lambda message, share=None: None, "")
    search._search_pieces()
    assert read_plan(model, search.best).violations() == []
    best = plan_coalition(problem, rights, EXACT)
    assert search.cost >= best.cost() - 1e-4 * abs(best.cost())
    assert search.cost <= best.cost() + 0.1 * abs(best.cost())  # as without materials: whole containers are lumpy here
    assert search.bound <= best.cost() + 1e-6 * abs(best.cost())
    values = values_of(model, best)
    assert model.linear.cost @ values + model.linear.offset == pytest.approx(best.cost(), rel=1e-9)


@pytest.mark.parametrize("seed", range(2))
def test_more_rights_never_cost_and_new_suppliers_need_theirs(seed: int) -> None:
    """Buying together and qualifying suppliers each lower the cost or leave it; nobody buys at a new supplier without, or takes what another has."""
    problem = with_materials(random_cluster(seed, makers=2, sellers=2, products=3, weeks=4), seed, on_hand=True)
    costs = {}
    for measures in ((), ("pool_purchases",), ("substitute_imports",), ("pool_purchases", "substitute_imports")):
        plan = plan_coalition(problem, coalition_rights(problem, frozenset(measures)), EXACT)
        assert plan.violations() == []
        costs[measures] = plan.cost()
        offers = plan.network.buying.purchase_offer[plan.bought.any(axis=1)]
        assert "substitute_imports" in measures or not problem.materials.offer_new[offers].any()
        had = problem.materials.offer_firm[offers]
        buyer = plan.network.buying.bin_class[plan.network.buying.purchase_bin[plan.bought.any(axis=1)]]
        assert "pool_purchases" in measures or (problem.firm_owner[had] == buyer)[had >= 0].all()
    close = 1e-6 * abs(costs[()])
    both = costs["pool_purchases", "substitute_imports"]
    for one in (("pool_purchases",), ("substitute_imports",)):
        assert both <= costs[one] + close <= costs[()] + 2 * close
    assert both < costs[()] - 1.0  # the new supplier is a tenth cheaper
    broken = replace(plan, rights=separate_rights(problem))
    assert {v.rule for v in broken.violations()} >= {"shared without the right"}


def test_a_plan_that_uses_what_has_not_come_says_so() -> None:
    """Orders taken out of a plan leave materials short; a tenth of an order is none that the supplier accepts."""
    problem = with_materials(random_cluster(1, makers=2, sellers=2, products=3, weeks=4), 1)
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=10, gap=1e-3))
    assert plan.violations() == []
    without = replace(plan, buy=0.0 * plan.bought)
    assert {v.rule for v in without.violations()} == {"material used before it has come"}
    small = replace(plan, buy=0.1 * plan.bought)
    assert {"order the supplier does not accept", "order that is no multiple"} & {v.rule for v in small.violations()}


def test_outsiders_orders_stay_as_in_the_separate_plans() -> None:
    """Two makers buy together: the third's orders keep quantity and price, even poor ones; what was ordered is where the search starts."""
    weeks = 1  # that suppliers take
    cluster = random_cluster(2, makers=3, sellers=2, products=3, weeks=3)
    problem = with_materials(cluster, 2, weeks=weeks, on_hand=True)
    base = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=10, gap=1e-3))
    # Everything is ordered at once from who takes any quantity: no good plan orders so.
    buying, early = base.network.buying, np.zeros(base.bought.shape)
    for x, used in enumerate(base.material_used.sum(axis=1)):
        y = np.flatnonzero(buying.purchase_bin == x)[0]
        early[y, weeks] = max(used, 1.5 * float(problem.materials.offer_minimum[buying.purchase_offer[y]]))
        early[y, 0] += base.material_used[x, :weeks].sum()
    base = replace(base, buy=early)
    assert base.violations() == []
    members = np.array([True, True, False, True, True])
    for measures in (frozenset(MEASURES), frozenset(MEASURES) - {"pool_purchases"}):
        rights = coalition_rights(problem, measures, members)
        start = carry_over(base, rights, build_network(problem, rights))
        assert start.violations() == []
        assert start.value >= base.value - 1e-6
        plan = plan_coalition(problem, rights, SolveOptions(seconds=10, gap=1e-2), separate=base)
        assert plan.violations() == []
        assert plan.value > base.value  # members' orders are theirs to better
        now, was = (
            {
                (int(p.network.buying.bin_material[x]), int(j)): (p.bought[y], p.paid_orders[y])
                for y, (x, j) in enumerate(
                    zip(p.network.buying.purchase_bin, p.network.buying.purchase_offer, strict=True)
                )
                if p.network.buying.bin_class[x] == 2 and p.bought[y].any()
            }
            for p in (plan, base)
        )
        assert now.keys() == was.keys() != set()
        for key, (units, paid) in was.items():
            assert np.allclose(now[key][0], units)
            assert np.allclose(now[key][1], paid)


@pytest.mark.parametrize("together", [False, True])
def test_the_ledger_and_the_table_of_purchases_add_up(together: bool) -> None:
    """Materials are booked to who uses them, to the cent; the parts of an order add up to it; what was on hand is no order and no cash."""
    problem = with_materials(random_cluster(2, makers=3, sellers=2, products=4, weeks=4), 2, on_hand=True)
    plan: ClusterPlan = plan_coalition(problem, rights_of(problem, together), SolveOptions(seconds=10, gap=1e-3))
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(plan.value * 100)
    material = -ledger.loc[ledger["account"] == "material", "amount"].sum()
    assert material == pytest.approx(
        plan.accounts.purchase.sum() + plan.accounts.material.sum(), abs=0.01 * len(ledger)
    )
    firms = pa.table(
        {"firm": list(problem.firm), "owner": [problem.owner[o] for o in problem.firm_owner], "role": ["both"] * 5}
    )
    tables = plan_tables({"joint": plan}, START, firms)
    rows = tables["purchases"].to_pandas()
    assert len(rows) > 0
    theirs = problem.materials.offer_firm[plan.network.buying.purchase_offer] < 0
    assert rows["cost"].sum() == pytest.approx(plan.accounts.purchase[theirs].sum())
    on_hand = tables["drawn_materials"].to_pandas()
    assert len(on_hand) > 0
    assert on_hand["quantity"].sum() == pytest.approx(plan.bought[~theirs].sum())
    not_cash = ledger[(ledger["account"] == "material") & ~ledger["is_cash"]]
    assert -not_cash.groupby("firm")["amount"].sum().to_numpy() == pytest.approx(
        on_hand.groupby("holder")["worth"].sum().to_numpy(), abs=0.1
    )
    assert (on_hand["holder"] == on_hand["firm"]).all() == (not together)
    orders = rows.groupby(["week", "material", "supplier", "together", "order_quantity"])["quantity"].sum()
    assert np.allclose(orders.to_numpy(), orders.index.get_level_values("order_quantity"))
    assert rows["together"].all() == together


def two_buyers() -> ClusterPlan:
    """Return a plan of makers who buy together: M0 makes 30 in week 1, M1 10 in week 1 and 20 in week 2; 50 and 30 kg come."""
    p = random_cluster(5, makers=2, sellers=1, products=2, weeks=4)
    p = replace(with_materials(p, 5, names=1), maker=np.array([0, 1]))
    route = np.array([int(np.flatnonzero((p.route_product == i) & (p.route_firm == i))[0]) for i in (0, 1)])
    needs = replace(p.materials, need_route=route, need_material=route * 0, need_units=np.ones(2))
    p = replace(p, materials=needs)
    rights = coalition_rights(p, frozenset({"pool_purchases"}))
    net = build_network(p, rights)
    make, buy = np.zeros((len(net.supply_route), 4)), np.zeros((len(net.buying.purchase_bin), 4))
    make[np.flatnonzero(net.supply_route == route[0])[0]] = [0, 30, 0, 0]
    make[np.flatnonzero(net.supply_route == route[1])[0]] = [0, 10, 20, 0]
    buy[0] = [50, 0, 30, 0]
    return ClusterPlan(p, rights, net, make, np.zeros((len(net.arc_lane), 4)), p.demand * 0, p.demand, buy)


def test_each_maker_of_a_shared_order_has_what_it_uses_of_it() -> None:
    """Of 50 kg M0 uses 30 and M1 10, then M1 the last 10; of the next 30 M1 uses 10, and 20 are left, half each one's."""
    plan = two_buyers()
    firms = pa.table({"firm": ["M0", "M1", "S0"], "owner": ["M0", "M1", "S0"], "role": ["maker", "maker", "seller"]})
    tables = plan_tables({"joint": plan}, START, firms)
    bought = tables["purchases"].to_pandas().sort_values(["week", "firm"])
    assert bought["firm"].tolist() == ["M0", "M1"] * 2
    assert bought["quantity"].tolist() == pytest.approx([30, 20, 10, 20])
    assert bought["cost"].tolist() == pytest.approx((bought["quantity"] * bought["unit_price"]).tolist())
    ledger = tables["ledger"].to_pandas()
    paid = -ledger[(ledger["account"] == "material")].groupby("firm")["amount"].sum()
    own = plan.accounts.material.sum(axis=1)
    maker = plan.problem.route_firm[plan.network.supply_route]
    for n, firm in enumerate(("M0", "M1")):
        cost = bought.loc[bought["firm"] == firm, "cost"].sum() + own[maker == n].sum()
        assert paid[firm] == pytest.approx(cost, abs=0.05)


def test_who_uses_what_another_has_pays_its_worth() -> None:
    """M0 has 60 kg, worth 5 each less four weeks' keeping: M1 uses half of them and pays M0 for these; what M0 gives away it has no more."""
    plan = two_buyers()
    materials = replace(plan.problem.materials, holding=np.array([0.25]), least=np.array([5.0]))
    problem = with_on_hand(replace(plan.problem, materials=materials), [(0, 0, 0, 60.0)])
    network = build_network(problem, plan.rights)
    buy = np.zeros((len(network.buying.purchase_bin), 4))
    buy[-1, 0] = 60.0
    plan = replace(plan, problem=problem, network=network, buy=buy)
    assert "order the supplier does not accept" not in {v.rule for v in plan.violations()}
    firms = pa.table({"firm": ["M0", "M1", "S0"], "owner": ["M0", "M1", "S0"], "role": ["maker", "maker", "seller"]})
    tables = plan_tables({"joint": plan}, START, firms)
    drawn = tables["drawn_materials"].to_pandas().set_index("firm")
    assert drawn["holder"].tolist() == ["M0", "M0"]
    assert drawn["quantity"].to_dict() == pytest.approx({"M0": 30.0, "M1": 30.0})
    assert drawn["worth"].to_dict() == pytest.approx({"M0": 120.0, "M1": 120.0})  # 5 − 4 · 0.25 each
    assert tables["purchases"].num_rows == 0
    ledger = ledger_frame(plan, "joint", START)
    booked = ledger[(ledger["account"] == "material") & ~ledger["is_cash"]]
    assert booked.groupby("firm")["amount"].sum().to_dict() == pytest.approx({"M0": -240.0})
    paid = ledger[(ledger["account"] == "transfer") & (ledger["firm"] == "M0") & (ledger["counterparty"] == "M1")]
    assert paid["amount"].sum() == pytest.approx(120.0)
    kept = tables["kept_materials"].to_pandas()
    assert kept.groupby("week")["quantity"].sum().tolist() == pytest.approx([60.0, 20.0])


def test_each_takes_its_own_first_and_others_one_after_another() -> None:
    """M0 and M1 need 30 each and have 20 and 60: each takes its own, and M0 the 10 it lacks of M1's; 20 of a supplier's are for nobody's use yet.

    Where M1 has none and S0 has 50, M0 takes its 20 and 10 of S0's, and M1 thirty of these: nobody takes in proportion to all that is needed.
    """

    def drawn(
        rows: list[tuple[int, int, int, float]], takes: list[float] | None = None
    ) -> dict[tuple[str, str], float]:
        plan = two_buyers()
        problem = with_on_hand(plan.problem, rows)
        network = build_network(problem, plan.rights)
        buy = np.zeros((len(network.buying.purchase_bin), 4))
        for y, j in enumerate(network.buying.purchase_offer.tolist()):
            first = j - (len(problem.materials.offer_material) - len(rows))
            buy[y, 0] = (takes or [row[3] for row in rows])[first] if first >= 0 else 0.0
        plan = replace(plan, problem=problem, network=network, buy=buy)
        firms = pa.table(
            {"firm": ["M0", "M1", "S0"], "owner": ["M0", "M1", "S0"], "role": ["maker", "maker", "seller"]}
        )
        found = plan_tables({"joint": plan}, START, firms)["drawn_materials"].to_pylist()
        return {(row["holder"], row["firm"]): row["quantity"] for row in found}

    own = drawn([(0, 0, 0, 20.0), (1, 0, 0, 60.0)])
    assert own["M0", "M0"] == pytest.approx(20.0)
    assert ("M0", "M1") not in own
    assert own["M1", "M0"] == pytest.approx(60.0 - own["M1", "M1"])
    # Whose the plan took is all one: where S0 has 60 and the plan takes them all, M0's own 30 go to M0 before any of these.
    swapped = drawn([(2, 0, 0, 60.0), (0, 0, 0, 30.0)], [60.0, 0.0])
    assert swapped == pytest.approx({("M0", "M0"): 30.0, ("S0", "M1"): 30.0})
    lent = drawn([(0, 0, 0, 20.0), (2, 0, 0, 40.0)])
    assert lent == pytest.approx({("M0", "M0"): 20.0, ("S0", "M0"): 10.0, ("S0", "M1"): 30.0})


def test_the_purse_pays_what_is_ordered_and_not_what_is_on_hand() -> None:
    """With all of its material on hand an owner's purse ends fuller by what it does not order, its value by what that costs more than it is worth."""
    one = replace(
        workshop(0), demand=np.array([[5.0, 0.0, 0.0]]), regular=np.full_like(workshop(0).regular, 1e4),
        price=np.full(1, 100.0),
    )  # fmt: skip
    bare = with_credit(one, cash=1e4)
    problem = with_on_hand(bare, [(0, 0, 0, 5.0)])
    before, plan = (plan_coalition(p, separate_rights(p), EXACT) for p in (bare, problem))
    assert plan.bought[2].sum() == pytest.approx(5.0)
    spent = before.accounts.purchase.sum()
    assert (purse_balances(plan, plan.accounts) - purse_balances(before, before.accounts))[:, -1] == pytest.approx(
        spent
    )
    assert plan.accounts.purchase.sum() < spent


def test_material_that_waits_is_whose_who_uses_it_next() -> None:
    """At the end of week 0 30 of 50 kg are M0's; the 10 kg after week 1 are M1's; the 20 kg left at the end are half each one's."""
    plan = two_buyers()
    kept, firm = material_parts(plan).kept, plan.problem.route_holder[plan.network.supply_route]
    mine = firm[plan.network.buying.need_supply] == 0
    assert kept[mine].sum(axis=0) == pytest.approx([0.6, 0.0, 0.5, 0.5])
    assert kept.sum(axis=0) == pytest.approx(np.ones(4))
