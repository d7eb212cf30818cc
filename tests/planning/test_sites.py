"""Sites that must be opened, and lanes and sites that take only so much."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Containers, Opening, Sites, Spaces
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving import improving, search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.improving import PieceSearch
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions, Status
from tests.planning.cases import facility_location, network_design, one_week, random_cluster, with_warehouse
from tests.planning.solved import START, ledger_frame

EXACT = SolveOptions(seconds=60, gap=1e-7)


def cluster(seed: int) -> ClusterProblem:
    """Return a tiny cluster whose warehouse is cheap or dear, roomy or not, and whose lanes are short of space or not."""
    return with_warehouse(
        random_cluster(seed, makers=2, sellers=2, products=2, weeks=4),
        cost=(300.0, 2500.0)[seed % 2],
        throughput=(0.15, np.inf)[seed % 3 == 0],
        boxes=(1.0, np.inf)[seed % 4 == 3],
        kg=(15.0, np.inf)[seed % 5 == 4],
    )


def rights_of(problem: ClusterProblem, together: bool) -> Rights:
    return coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_plan_counts_what_the_model_minimises(seed: int, together: bool) -> None:
    """The plan's own count of an optimal plan is the model's objective, it keeps every rule, and no price bound exceeds it."""
    problem = cluster(seed)
    rights = rights_of(problem, together)
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.report.status is Status.OPTIMAL
    assert plan.violations() == []
    model = build_model(problem, rights, plan.network)
    objective = float(model.linear.cost @ values_of(model, plan)) + model.linear.offset
    assert objective == pytest.approx(plan.cost(), rel=1e-7)
    assert plan.report.bound == pytest.approx(plan.cost(), rel=1e-6)
    prices = PriceBound(model)
    found = [prices.round(0.1 * 0.02 ** (n / 300)) for n in range(300)]
    assert max(found) <= plan.cost() + 1e-6 * abs(plan.cost())


def test_warehouses_are_opened_where_they_pay_and_only_there() -> None:
    """A cheap warehouse is opened, a dear one is not, and a plan with it closed costs as if it were not there."""
    base = random_cluster(0, makers=2, sellers=2, products=2, weeks=6)
    rights = rights_of(base, True)
    without = plan_coalition(base, rights, EXACT).value
    cheap = plan_coalition(with_warehouse(base, cost=1.0), rights, EXACT)
    assert cheap.opened.sum() == 1
    assert cheap.accounts.opening.sum() == 1.0
    assert cheap.value > without
    dear = plan_coalition(with_warehouse(base, cost=1e7), rights, EXACT)
    assert not dear.opened.any()
    assert dear.value == pytest.approx(without, rel=1e-6)


def test_a_site_where_goods_lie_is_open_already() -> None:
    """Goods in stock at a warehouse are sold from there without paying for its opening."""
    base = with_warehouse(random_cluster(0, makers=2, sellers=2, products=2, weeks=4), cost=1e7)
    place, owner = len(base.node) - 1, int(base.firm_owner[base.series_seller[0]])
    stock = Opening(*(np.array([x]) for x in (place, -1, 0, int(base.series_product[0]), owner)), np.array([9.0]))
    plan = plan_coalition(base.with_opening(stock), rights_of(base, False), EXACT)
    assert plan.accounts.opening.sum() == 0.0
    assert plan.ship[plan.network.place_node[plan.network.arc_from] == place].sum() > 0


def two_owners() -> ClusterProblem:
    """Return two sellers whose goods reach their markets only through one warehouse that costs 100 to open."""
    one = one_week(
        nodes=("plant", "a", "b", "warehouse"),
        maker=np.array([0, 0]),
        lane_origin=np.array([0, 3, 3]),
        lane_node=np.array([3, -1, -1]),
        lane_market=np.array([-1, 0, 1]),
        unit_freight=np.zeros((3, 2)),
        series_product=np.array([0, 1]),
        demand=np.array([30.0, 10.0]),
        sites=Sites(np.array([3]), np.array([100.0]), np.array([40.0])),
    )
    return replace(one, firm=one.node[:3], owner=one.node[:3], firm_owner=np.arange(3), series_seller=np.array([1, 2]))


def test_who_ships_together_opens_together() -> None:
    """Apart each seller opens the warehouse for itself; together they open it once, and share its cost by m³-weeks."""
    problem = two_owners()
    apart = plan_coalition(problem, separate_rights(problem), EXACT)
    assert apart.cost() == pytest.approx(200.0)
    rights = coalition_rights(problem, frozenset({"consolidate_freight"}))
    together = plan_coalition(problem, rights, EXACT, separate=apart)
    assert together.cost() == pytest.approx(100.0)
    ledger = ledger_frame(together, "joint", START)
    opening = ledger[ledger["account"] == "opening"].groupby("firm")["amount"].sum()
    assert opening.to_dict() == pytest.approx({"a": -75.0, "b": -25.0})


def test_a_warehouse_overseas_is_opened_together_by_a_right_of_its_own() -> None:
    """Consolidated freight alone opens it once for each seller; the right to it alone opens it once for both."""
    base = two_owners()
    problem = replace(base, sites=replace(base.sites, overseas=base.sites.node))
    for measure, cost in (("consolidate_freight", 200.0), ("overseas_warehouse", 100.0)):
        plan = plan_coalition(problem, coalition_rights(problem, frozenset({measure})), EXACT)
        assert plan.cost() == pytest.approx(cost)
        assert plan.violations() == []
    others = coalition_rights(problem, frozenset(MEASURES) - {"overseas_warehouse"})
    assert "shared without the right" in {violation.rule for violation in replace(plan, rights=others).violations()}


def test_what_exceeds_throughput_or_space_is_listed() -> None:
    """Forty m³ through a site that takes 25, in two containers on a lane with space for one, break one rule each."""
    problem = two_owners()
    plan = plan_coalition(problem, rights_of(problem, True), EXACT)
    short = replace(
        problem,
        sites=replace(problem.sites, throughput=np.array([25.0])),
        containers=Containers(np.array([0]), np.array([1.0]), np.array([30.0]), np.array([30.0])),
        spaces=Spaces.of_each(np.array([0]), np.array([1.0])),
    )
    network = build_network(short, plan.rights)
    recounted = ClusterPlan(short, plan.rights, network, plan.make, plan.ship, plan.serve, plan.unmet)
    assert {(v.rule, v.place, v.amount) for v in recounted.violations()} == {
        ("throughput exceeded", "warehouse", 15.0),
        ("lane space exceeded", "lane 0", 1.0),
    }


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))])
def test_the_search_for_large_plans_opens_sites_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Searched as a large plan, a small one keeps every rule, and the optimum lies between its value and its bound."""
    problem = cluster(seed)
    rights = rights_of(problem, True)
    optimum = plan_coalition(problem, rights, EXACT).value
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, rights, SolveOptions(seconds=10, gap=1e-4, rounds=20))
    assert found.violations() == []
    assert found.upper is not None
    close = 1e-6 * abs(optimum)
    assert optimum - 0.15 * abs(optimum) <= found.value <= optimum + close
    assert found.upper >= optimum - close


@pytest.mark.parametrize("seed", [0, 1])
def test_a_site_is_closed_only_if_the_same_chances_do_better_without(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first plan is the better of two that differ in nothing but whether the site may be opened."""
    problem = cluster(seed)
    model = build_model(problem, rights_of(problem, True), build_network(problem, rights_of(problem, True)))
    bound = PriceBound(model)
    for _ in zip(range(40), bound.rounds(lambda: 0.0, 40), strict=False):
        pass

    def first(tried: int, *, closed: int = -1) -> PieceSearch:
        monkeypatch.setattr(improving, "MOST_SITES", tried)
        begun = PieceSearch(model, bound, seed=seed)
        if closed >= 0:
            begun.site_prices[0][closed] = begun.site_prices[1][closed] = np.inf
        begun.begin()
        return begun

    opened = first(0)
    used = np.flatnonzero(opened.use.sites)
    assert len(used)
    costs = [opened.cost, first(0, closed=int(used[0])).cost]
    assert first(1).cost == pytest.approx(min(costs))


def leave_closed(begun: PieceSearch) -> None:
    """Leave all sites closed, as a first plan that did better without them does, and make a plan so."""
    begun.works.site_cost[:] = begun.works.site_rate[:] = np.inf
    begun._construct(lambda: 0.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_site_that_one_start_left_closed_is_opened_by_the_next(seed: int) -> None:
    """HiGHS proves that the warehouse is worth opening: closed, no plan comes near that; begun again, or from that plan, it is opened."""
    problem = with_warehouse(random_cluster(seed, makers=2, sellers=2, products=2, weeks=4), cost=800.0)
    rights = rights_of(problem, True)
    best = plan_coalition(problem, rights, EXACT)
    assert best.report.status is Status.OPTIMAL
    assert best.opened.any()
    model = build_model(problem, rights, best.network)
    bound = PriceBound(model)
    for _ in zip(range(40), bound.rounds(lambda: 0.0, 40), strict=False):
        pass
    begun = PieceSearch(model, bound, seed=seed)
    leave_closed(begun)
    for _ in begun.rounds(lambda: 0.0, 1000):
        pass
    assert not begun.use.sites.any()
    without = begun.cost
    begun.take(best)
    assert begun.use.sites.any()
    assert begun.cost == pytest.approx(best.cost(), rel=1e-6)
    assert np.isfinite(begun.works.site_cost[begun.use.sites > 0]).all()
    leave_closed(begun)
    begun.begin()
    for _ in begun.rounds(lambda: 0.0, 1000):
        pass
    assert begun.use.sites.any()
    assert best.cost() - 1e-6 * abs(best.cost()) <= begun.cost <= best.cost() + 0.01 * abs(best.cost())
    assert begun.cost < without - 0.01 * abs(without)


def test_a_worse_plan_opens_nothing_again() -> None:
    """A site that is left closed stays so where a plan that uses it is not better than the one there is."""
    problem = with_warehouse(random_cluster(0, makers=2, sellers=2, products=2, weeks=4), cost=800.0)
    rights = rights_of(problem, True)
    model = build_model(problem, rights, build_network(problem, rights))
    begun = PieceSearch(model, PriceBound(model), seed=0)
    begun.begin()
    assert begun.use.sites.any()
    used = begun.plan()
    leave_closed(begun)
    begun.use.total[0] = -1e9
    begun.take(used)
    assert np.isinf(begun.works.site_cost).all()
    assert not begun.use.sites.any()


def test_the_search_ends_with_the_site_open_whatever_its_first_start_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of three starts leaves the warehouse closed: the plan that is returned has it open, near the proven optimum."""
    problem = with_warehouse(random_cluster(1, makers=2, sellers=2, products=2, weeks=4), cost=800.0)
    rights = rights_of(problem, True)
    best = plan_coalition(problem, rights, EXACT)
    begin, starts = PieceSearch.begin, []

    def unlucky(begun: PieceSearch, elapsed: Callable[[], float] = lambda: 0.0) -> None:
        begin(begun, elapsed)
        starts.append(begun)
        if len(starts) == 1:
            leave_closed(begun)

    monkeypatch.setattr(PieceSearch, "begin", unlucky)
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, rights, SolveOptions(seconds=30, gap=1e-5, rounds=2))
    assert len(starts) > 1
    assert found.opened.any()
    assert best.value - 0.01 * abs(best.value) <= found.value <= best.value + 1e-6 * abs(best.value)


@pytest.mark.real
@pytest.mark.parametrize("name", [f"cap{n}" for n in (41, 42, 43, 44, 51, 64, 72, 82, 91, 94)])
def test_or_library_warehouses(data: Path, name: str) -> None:
    """Beasley's capacitated warehouse location problems are solved to their published optima, and proven."""
    lines = (data / "bench/facility_location/optimal.txt").read_text().splitlines()
    optimum = float(dict(line.split() for line in lines[1:])[name])
    problem = facility_location(data / f"bench/facility_location/{name}.txt")
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-8))
    assert plan.report.status is Status.OPTIMAL
    assert plan.cost() == pytest.approx(optimum, abs=1e-2)
    assert plan.violations() == []


@pytest.mark.real
@pytest.mark.parametrize("name", ["r01.1", "r02.1", "r04.1", "r05.1", "r07.1"])
def test_canad_networks(data: Path, name: str) -> None:
    """Canad's fixed-charge network design problems are solved to their proven optima."""
    optimum = json.loads((data / "bench/network_design/optimal.json").read_text())[name]
    problem = network_design(data / f"bench/network_design/{name}.dow")
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-6))
    assert plan.cost() == pytest.approx(optimum)
    assert plan.report.bound == pytest.approx(optimum, rel=1e-5)
    assert plan.violations() == []
