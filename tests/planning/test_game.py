"""What cooperation may and may not do, on tiny clusters solved to optimality."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import Certificates, ClusterProblem, Entries
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.improving import PieceSearch
from jointplan.planning.valuing import effective
from jointplan.solvers import SolveOptions, Status
from tests.planning.cases import one_plant, random_cluster, with_clearing, with_investments, with_steps, with_warehouse
from tests.planning.purchases import with_credit, with_materials

EXACT = SolveOptions(seconds=60, gap=1e-7)
CLOSE = 1e-4


def joint(
    problem: ClusterProblem, measures: frozenset[str], members: tuple[int, ...], base: ClusterPlan
) -> ClusterPlan:
    inside = np.isin(np.arange(len(problem.owner)), members)
    plan = plan_coalition(problem, coalition_rights(problem, measures, inside), EXACT, separate=base)
    assert plan.report.status is Status.OPTIMAL
    assert plan.violations() == []
    return plan


def with_terms(problem: ClusterProblem) -> ClusterProblem:
    """Add a warehouse to be opened, lanes short of space, and a maker without a certificate for the market."""
    problem = with_warehouse(problem, cost=400.0, throughput=0.3, boxes=1.0, kg=60.0)
    barred = np.flatnonzero((problem.route_firm == 0) & (problem.maker[problem.route_product] != 0))
    return replace(problem, certificates=Certificates(barred, barred * 0, barred * 0))


@pytest.fixture(scope="module", params=["1", "2", "2 with terms"])
def separate(request: pytest.FixtureRequest) -> ClusterPlan:
    problem = random_cluster(int(request.param[0]), makers=2, sellers=2, products=2, weeks=3)
    if "terms" in request.param:
        problem = with_terms(problem)
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert plan.report.status is Status.OPTIMAL
    assert plan.violations() == []
    return plan


def test_no_owner_alone_gains(separate: ClusterPlan) -> None:
    """g({i}) = 0: an owner that plans with nobody can do no better than in the separate plans."""
    for owner in range(len(separate.problem.owner)):
        alone = joint(separate.problem, frozenset(MEASURES), (owner,), separate)
        assert alone.value == pytest.approx(separate.value, rel=CLOSE)


def test_a_member_never_lowers_the_gain(separate: ClusterPlan) -> None:
    """Every coalition is worth at least what it was without any one of its members."""
    owners = range(len(separate.problem.owner))
    value = {(): separate.value}
    for size in range(1, len(owners) + 1):
        for members in combinations(owners, size):
            value[members] = joint(separate.problem, frozenset(MEASURES), members, separate).value
            for left_out in members:
                smaller = tuple(m for m in members if m != left_out)
                assert value[members] >= value[smaller] - CLOSE * abs(separate.value)


def test_a_measure_never_lowers_the_value(separate: ClusterPlan) -> None:
    """Any set of measures is worth at least what each of its subsets is."""
    everybody = tuple(range(len(separate.problem.owner)))
    value: dict[frozenset[str], float] = {frozenset(): separate.value}
    measured = effective(separate.problem, MEASURES)
    for size in range(1, len(measured) + 1):
        for chosen in combinations(measured, size):
            measures = frozenset(chosen)
            value[measures] = joint(separate.problem, measures, everybody, separate).value
            for measure in chosen:
                assert value[measures] >= value[measures - {measure}] - CLOSE * abs(separate.value)


MONEY = (
    "holding", "end_value", "route_making", "route_material", "route_transfer", "setup_cost", "group_cost",
    "overtime_cost", "node_storage", "node_handling", "unit_freight", "price", "late_cost", "goodwill",
)  # fmt: skip


def in_other_money(problem: ClusterProblem, rate: float) -> ClusterProblem:
    """Return the problem in a currency of which one unit of the old is worth ``rate``."""
    p = problem

    def worth(part: Any, *names: str) -> Any:
        """Return a part of the problem with these amounts in the other currency."""
        return None if part is None else replace(part, **{name: getattr(part, name) * rate for name in names})

    return replace(
        p,
        **{name: getattr(p, name) * rate for name in MONEY},
        route_holding=None if p.route_holding is None else p.route_holding * rate,
        border=None if p.border is None else p.border * rate,
        clearing=None if p.clearing is None else p.clearing * rate,
        fee=None if p.fee is None else p.fee * rate,
        hub_cost=p.hub_cost * rate,
        bands=worth(p.bands, "rate", "minimum"),
        containers=worth(p.containers, "rate"),
        sites=worth(p.sites, "opening_cost"),
        materials=worth(p.materials, "holding", "least", "break_price"),
        credit=worth(p.credit, "cash", "limit", "due"),
        entries=worth(p.entries, "cost"),
        investments=worth(p.investments, "cost"),
        division=worth(p.division, "making", "setup", "move", "waiting"),
        designs=worth(p.designs, "royalty"),
    )


@pytest.mark.parametrize("rate", [1e-9, 0.125, 8.0, 1e9, 1e12])
def test_another_currency_scales_the_plan(separate: ClusterPlan, rate: float) -> None:
    """The value of the best plan is the same amount of money in any currency, and so is what a given plan is worth."""
    problem = in_other_money(separate.problem, rate)
    again = plan_coalition(problem, separate_rights(problem), EXACT)
    assert again.value == pytest.approx(separate.value * rate, rel=CLOSE)
    assert again.report is not None
    assert again.report.bound is not None
    assert -again.report.bound >= separate.value * rate * (1 - 1e-9)
    assert replace(separate, problem=problem).value == pytest.approx(separate.value * rate, rel=1e-9)
    everybody = tuple(range(len(problem.owner)))
    together = joint(separate.problem, frozenset(MEASURES), everybody, separate)
    assert joint(problem, frozenset(MEASURES), everybody, again).value == pytest.approx(
        together.value * rate, rel=CLOSE
    )


def test_a_lot_made_for_two_owners_saves_one_setup() -> None:
    """Two sellers of one maker's product, one week: separate plans set up twice, the joint plan once, and gain a setup."""
    one = one_plant(np.array([[10.0]]), np.array([70.0]), np.array([1.0]))
    problem = replace(
        one,
        firm=("plant", "a", "b"),
        owner=("plant", "a", "b"),
        firm_owner=np.arange(3),
        node=("plant", "a", "b"),
        node_storage=np.zeros(3),
        node_handling=np.zeros(3),
        node_capacity=np.full(3, np.inf),
        series_product=np.array([0, 0]),
        series_market=np.array([0, 0]),
        series_seller=np.array([1, 2]),
        demand=np.array([[10.0], [20.0]]),
        price=np.zeros(2),
        late_cost=np.zeros(2),
        goodwill=np.full(2, 1e5),
    )
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    assert base.cost() == pytest.approx(140.0)
    rights = coalition_rights(problem, frozenset({"pool_orders"}))
    assert plan_coalition(problem, rights, EXACT, separate=base).value - base.value == pytest.approx(70.0)
    # The maker must be among them: it is its setup.
    without = coalition_rights(problem, frozenset({"pool_orders"}), np.array([False, True, True]))
    assert plan_coalition(problem, without, EXACT, separate=base).value == pytest.approx(base.value)


def test_the_hub_is_paid_by_the_joint_plan() -> None:
    """The hub's cost is taken from the joint plan, once a week, and from no other."""
    problem = random_cluster(3, makers=2, sellers=2, products=2, weeks=3)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    rights = coalition_rights(problem, frozenset(MEASURES))
    free = plan_coalition(problem, rights, EXACT, separate=base)
    dear = replace(problem, hub_cost=10.0)
    again = plan_coalition(dear, separate_rights(dear), EXACT)
    assert again.value == pytest.approx(base.value, rel=CLOSE)
    paid = plan_coalition(dear, rights, EXACT, separate=again)
    assert paid.value == pytest.approx(free.value - 10.0 * problem.weeks, rel=CLOSE)


def test_whole_jobs_move_among_members_by_the_right_to_share_capacity_alone() -> None:
    """Five units at another maker's break no such rule for members who share capacity, and are told under any other rights.

    Nobody solves anything here: the units are put down by hand, for a seller, at a firm that is not the product's maker.
    """
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=3)
    sharing = coalition_rights(problem, frozenset({"share_capacity"}))
    network = build_network(problem, sharing)
    product = network.commodity_product[network.supply_commodity]
    firm = problem.route_firm[network.supply_route]
    k = int(np.flatnonzero(firm != problem.maker[product])[0])
    make = np.zeros((len(firm), problem.weeks))
    make[k, 1] = 5.0
    nothing = np.zeros(problem.demand.shape)
    plan = ClusterPlan(
        problem, sharing, network, make, np.zeros((len(network.arc_lane), problem.weeks)), nothing, problem.demand
    )
    taking_part = {
        int(firm[k]),
        int(problem.maker[product[k]]),
        int(network.commodity_class[network.supply_commodity[k]]),
    }
    assert len(taking_part) == 3  # every firm is its own owner here

    def told(measures: set[str], left_out: int | None = None) -> list[tuple[str, int | None, float]]:
        inside = np.arange(len(problem.owner)) != left_out
        found = replace(plan, rights=coalition_rights(problem, frozenset(measures), inside)).violations()
        return [(v.place, v.week, v.amount) for v in found if v.rule == "whole jobs made by others than today's maker"]

    moved = [(f"{problem.firm[firm[k]]} {problem.sku[product[k]]}", 1, 5.0)]
    assert told({"share_capacity"}) == []
    assert told(set(MEASURES) - {"share_capacity"}) == moved
    assert told(set()) == moved
    for owner in range(len(problem.owner)):
        assert told(set(MEASURES), owner) == (moved if owner in taking_part else [])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_plan_that_shares_capacity_breaks_a_rule_without_the_right(seed: int) -> None:
    """Where workshops are too small the best plan moves whole jobs: as much of them as the rule tells without the right."""
    problem = random_cluster(seed, makers=2, sellers=2, products=2, weeks=3, tight=0.5)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    everybody = tuple(range(len(problem.owner)))
    plan = joint(problem, frozenset(MEASURES), everybody, base)
    product = plan.network.commodity_product[plan.network.supply_commodity]
    moved = plan.make[problem.route_firm[plan.network.supply_route] != problem.maker[product]].sum()
    assert moved > 1.0
    fewer = replace(plan, rights=coalition_rights(problem, frozenset(MEASURES) - {"share_capacity"})).violations()
    told = sum(v.amount for v in fewer if v.rule == "whole jobs made by others than today's maker")
    assert told == pytest.approx(moved, abs=0.01)


def rich(seed: int) -> ClusterProblem:
    """Return a cluster with all that costs money: materials, steps, credit, duty, fees, a hub, and a warehouse, a market and work to be paid for once."""
    problem = random_cluster(seed, makers=2, sellers=2, products=2, weeks=3, batch=6.0)
    problem = with_steps(with_warehouse(problem, cost=300.0), seed, chains=1)
    firms, markets, rng = len(problem.firm), np.arange(len(problem.market)), np.random.default_rng(seed)
    problem = with_investments(with_clearing(problem, seed), rng.uniform(50, 300, firms), np.zeros(firms, np.int64))
    series = np.arange(len(problem.demand))
    return replace(
        with_credit(with_materials(problem, seed, names=1), cash=200.0, limit=100.0, rate=0.05),
        border=rng.uniform(-2.0, 5.0, (2, *problem.unit_freight.shape)),
        fee=0.1 * problem.price,
        hub_cost=5.0,
        entries=Entries(markets, 80.0 + 0.0 * markets, np.where(series % 2, problem.series_market, -1), markets < 0, markets * 0 - 1),
        goodwill=np.where(series % 2, 0.0, problem.goodwill),
    )  # fmt: skip


@pytest.fixture(scope="module", params=[0, 1])
def richest(request: pytest.FixtureRequest) -> ClusterPlan:
    problem = rich(request.param)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    assert plan.report.status is Status.OPTIMAL
    assert plan.violations() == []
    return plan


def test_all_that_costs_money_is_paid(richest: ClusterPlan) -> None:
    """The cases tell something: each plan buys materials, pays duty and interest, and pays once for something."""
    paid = richest.accounts
    assert (
        min(abs(a).sum() for a in (paid.purchase, paid.border, paid.clearing, paid.interest, paid.minor, paid.major))
        > 0
    )
    assert sum(float(a.sum()) for a in (paid.opening, paid.entry, paid.investment)) > 0


@pytest.mark.parametrize("rate", [1e-9, 0.125, 1e4, 1e9])
def test_all_that_costs_money_scales_with_the_currency(richest: ClusterPlan, rate: float) -> None:
    """Materials, credit, duty and what is paid once too: the best plan's value is the same amount of money, and so is a given plan's."""
    problem = in_other_money(richest.problem, rate)
    same = replace(richest, problem=problem, network=build_network(problem, richest.rights))
    assert same.value == pytest.approx(richest.value * rate, rel=1e-9)
    again = plan_coalition(problem, richest.rights, EXACT)
    assert again.violations() == []
    assert again.value == pytest.approx(richest.value * rate, rel=CLOSE)
    assert again.upper is not None
    assert again.upper >= richest.value * rate * (1 - 1e-9)


@pytest.mark.parametrize("rate", [2.0**-20, 1.0, 2.0**14, 2.0**40])
def test_a_searched_plan_is_as_good_in_any_currency(
    richest: ClusterPlan, rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searched as a large plan, with its rounds limited, it is within two per cent of the optimum in any currency, and its bound is one."""
    monkeypatch.setattr(search, "SMALL", 0)
    problem, best = in_other_money(richest.problem, rate), richest.value * rate
    found = plan_coalition(problem, richest.rights, SolveOptions(seconds=60, gap=1e-4, rounds=10))
    assert found.violations() == []
    close = 1e-6 * abs(best)
    assert best - 0.02 * abs(best) <= found.value <= best + close
    assert found.upper is not None
    assert found.upper >= best - close


@pytest.mark.parametrize("rate", [2.0**-20, 2.0**14, 2.0**40])
def test_the_compiled_search_finds_the_same_plan_in_any_currency(richest: ClusterPlan, rate: float) -> None:
    """In a currency worth a power of two, which rounds alike, the same rounds find the same lots and shipments."""
    plans = []
    for problem in (richest.problem, in_other_money(richest.problem, rate)):
        model = build_model(problem, richest.rights, build_network(problem, richest.rights))
        prices = PriceBound(model)
        for _ in zip(range(40), prices.rounds(lambda: 0.0, 40), strict=False):
            pass
        pieces = PieceSearch(model, prices, seed=1)
        pieces.begin()
        for _ in pieces.rounds(lambda: 0.0, 1000):
            pass
        plans.append(pieces.plan())
    assert np.array_equal(plans[0].make, plans[1].make)
    assert np.array_equal(plans[0].ship, plans[1].ship)
    assert plans[1].value == pytest.approx(plans[0].value * rate, rel=1e-9)
