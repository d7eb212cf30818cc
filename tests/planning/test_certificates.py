"""Nobody makes for a market that they may not serve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import Certificates, ClusterProblem, Opening
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions, Status
from tests.planning.cases import random_cluster

EXACT = SolveOptions(seconds=60, gap=1e-7)
FORBIDDEN = "delivered without a certificate"


def certified(problem: ClusterProblem, seed: int, share: float = 0.4) -> ClusterProblem:
    """Return the problem with certificates missing, or running out, for a share of all routes in the first market."""
    rng = np.random.default_rng(seed)
    route = np.flatnonzero(rng.random(len(problem.route_product)) < share)
    weeks = np.where(rng.random(len(route)) < 0.5, 0, rng.integers(1, problem.weeks, len(route)))
    return replace(problem, certificates=Certificates(route, route * 0, weeks))


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_plan_delivers_without_a_certificate(seed: int, together: bool) -> None:
    """An optimal plan keeps every rule, costs at least what it would without certificates, and no price bound exceeds it."""
    free = random_cluster(seed, makers=2, sellers=2, products=2, markets=2, weeks=4)
    if seed % 2:
        hub, s = len(free.firm), free.series_seller
        free = free.with_opening(
            Opening(
                node=np.array([hub, -1]),
                market=np.array([-1, 0]),
                week=np.array([0, 1]),
                product=free.series_product[:2],
                owner=free.firm_owner[s[:2]],
                units=np.array([9.0, 4.0]),
            )
        )
    problem = certified(free, seed)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.report.status is Status.OPTIMAL
    assert plan.violations() == []
    assert plan.value <= plan_coalition(free, rights, EXACT).value + 1e-6 * abs(plan.value)
    model = build_model(problem, rights, plan.network)
    assert model.linear.cost @ values_of(model, plan) + model.linear.offset == pytest.approx(plan.cost(), rel=1e-7)
    prices = PriceBound(model)
    assert max(prices.round(0.1 * 0.02 ** (n / 200)) for n in range(200)) <= plan.cost() + 1e-6 * abs(plan.cost())


def two_makers() -> ClusterProblem:
    """Return a cluster in which two makers can make everything, for two markets, and one of them is far cheaper."""
    problem = random_cluster(1, makers=2, sellers=1, products=2, markets=2, weeks=4, tight=9.0)
    dear = problem.route_firm == 0
    return replace(
        problem,
        maker=np.zeros(2, dtype=np.int64),
        route_making=np.where(dear, 30.0, 1.0),
        regular=np.full_like(problem.regular, 200.0),
    )


def test_pooling_moves_no_job_to_a_maker_who_may_not_serve_the_market() -> None:
    """Everything moves to the cheap maker, but for the market it holds no certificate for what is sold stays."""
    free = two_makers()
    cheap = np.flatnonzero(free.route_firm == 1)
    assert set(free.route_product[cheap]) == {0, 1}
    rights = coalition_rights(free, frozenset(MEASURES))
    made = plan_coalition(free, rights, EXACT)
    assert made.make[free.route_firm[made.network.supply_route] == 0].sum() == pytest.approx(0.0)
    problem = replace(free, certificates=Certificates(cheap, cheap * 0, cheap * 0))
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.violations() == []
    net = plan.network
    stays = plan.make[free.route_firm[net.supply_route] == 0].sum()
    assert stays == pytest.approx(plan.serve[problem.series_market == 0].sum())
    assert stays > 0
    # The same plan without the rule breaks it, and the plan says so from the tables' facts.
    recounted = ClusterPlan(problem, rights, made.network, made.make, made.ship, made.serve, made.unmet)
    broken = [v for v in recounted.violations() if v.rule == FORBIDDEN]
    assert sum(v.amount for v in broken) == pytest.approx(made.serve[problem.series_market == 0].sum())


def test_what_nobody_may_make_for_a_market_is_given_up_there() -> None:
    """Demand in a market for which no maker of a product is certified is unmet, and breaks no rule."""
    free = two_makers()
    routes = np.flatnonzero(free.route_product == 0)
    problem = replace(free, certificates=Certificates(routes, routes * 0, routes * 0))
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    barred = (problem.series_product == 0) & (problem.series_market == 0)
    assert plan.violations() == []
    assert plan.serve[barred].sum() == 0.0
    assert plan.unmet[barred].sum() == pytest.approx(problem.demand[barred].sum())
    assert plan.serve[~barred].sum() > 0


def test_a_certificate_counts_in_the_week_of_making() -> None:
    """With a certificate for two weeks, all that a market ever gets is made in these."""
    free = two_makers()
    routes = np.arange(len(free.route_product))
    problem = replace(free, certificates=Certificates(routes, routes * 0, routes * 0 + 2))
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    net = plan.network
    to_first = np.isin(net.supply_commodity, net.sink_commodity[net.sink_market == 0])
    assert plan.violations() == []
    assert plan.make[to_first, :2].sum() == pytest.approx(plan.serve[problem.series_market == 0].sum())
    assert plan.make[to_first, 2:].sum() == 0.0


@pytest.mark.parametrize("seed", range(2))
def test_the_joint_plan_starts_from_the_separate_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carried over, the separate plans keep their value, so that the joint plan found is never worse."""
    problem = certified(random_cluster(seed, makers=2, sellers=2, products=3, markets=2, weeks=4), seed)
    apart = plan_coalition(problem, separate_rights(problem), EXACT)
    monkeypatch.setattr(search, "SMALL", 0)
    rights = coalition_rights(problem, frozenset(MEASURES))
    joint = plan_coalition(problem, rights, SolveOptions(seconds=3, gap=1e-4), separate=apart)
    assert joint.violations() == []
    assert joint.value >= apart.value - 1e-6 * abs(apart.value)
