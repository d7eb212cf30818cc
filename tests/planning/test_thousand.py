"""A thousand random tiny clusters, with everything a plan knows of: the bound is never below the optimum, nor a plan above it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import Certificates, ClusterProblem, Entries, Opening
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.solvers import SolveOptions, Status
from tests.planning.cases import (
    random_cluster,
    with_clearing,
    with_investments,
    with_mixed_loads,
    with_steps,
    with_warehouse,
)
from tests.planning.purchases import with_credit, with_materials

EXACT = SolveOptions(seconds=60, gap=1e-8)
ROUNDS = 60


def draw(seed: int) -> tuple[ClusterProblem, Rights]:
    """Return a random cluster and a coalition of all or none."""
    rng = np.random.default_rng(seed)
    problem = random_cluster(
        seed,
        makers=int(rng.integers(1, 3)),
        sellers=int(rng.integers(1, 3)),
        products=int(rng.integers(1, 4)),
        markets=int(rng.integers(1, 3)),
        weeks=int(rng.integers(2, 5)),
        tight=float(rng.uniform(0.6, 1.6)),
        barge=bool(rng.random() < 0.3),
        batch=float(rng.choice([0.0, 8.0, 60.0])),
    )
    if rng.random() < 0.5:
        problem = with_warehouse(
            problem,
            cost=float(rng.uniform(0, 2000)),
            throughput=float(rng.choice([0.2, np.inf])),
            boxes=float(rng.choice([1.0, np.inf])),
            kg=float(rng.choice([20.0, np.inf])),
        )
    if seed % 2 == 0:
        problem = with_mixed_loads(problem)
    if rng.random() < 0.5:
        route = np.flatnonzero(rng.random(len(problem.route_product)) < 0.5)
        market = rng.integers(len(problem.market), size=len(route))
        weeks = rng.integers(0, problem.weeks, len(route))
        problem = replace(problem, certificates=Certificates(route, market, weeks))
    if rng.random() < 0.5:
        s = rng.integers(len(problem.demand), size=3)
        place = rng.integers(len(problem.node), size=3)
        waiting = rng.random(3) < 0.3
        problem = problem.with_opening(
            Opening(
                node=np.where(waiting, -1, place),
                market=np.where(waiting, problem.series_market[s], -1),
                week=rng.integers(0, problem.weeks, 3),
                product=problem.series_product[s],
                owner=problem.firm_owner[problem.series_seller[s]],
                units=rng.uniform(0, 20, 3),
            )
        )
    if seed % 3 == 0:
        problem = with_steps(problem, seed, lag=seed % 2)
    if seed % 4 == 1:
        firms, more = len(problem.firm), np.random.default_rng(seed)
        problem = with_investments(problem, more.uniform(0, 1500, firms), more.integers(0, 2, firms))
    if seed % 4 == 3:
        # A part of what is wanted waits for promotion in its market.
        more = np.random.default_rng(seed)
        markets = np.arange(len(problem.market))
        waits = np.where(more.random(len(problem.demand)) < 0.5, problem.series_market, -1)
        offers = Entries(markets, more.uniform(0, 2000, len(markets)), waits, markets >= 0, markets * 0 - 1)
        problem = replace(problem, entries=offers, goodwill=np.where(waits < 0, problem.goodwill, 0.0))
    if seed % 5 == 2:
        problem = with_materials(problem, seed, names=1 + seed % 2, weeks=seed % 3 // 2, on_hand=seed % 4 < 2)
    if seed % 7 == 4:
        more = np.random.default_rng(seed)
        border = more.uniform(-2.0, 5.0, (2, *problem.unit_freight.shape))
        problem = with_credit(
            replace(problem, border=border, border_since=np.arange(2)),
            cash=float(more.uniform(0, 800)),
            limit=200.0,
            rate=0.05,
        )
    if seed % 7 == 5:
        problem = with_clearing(problem, seed)
    if seed % 2:
        # What makers have tied up in their goods differs, and is never below what the cheapest has.
        dearer = np.random.default_rng(seed).uniform(1.0, 3.0, len(problem.route_product))
        problem = replace(problem, route_holding=20 * problem.holding[problem.route_product] * dearer)
    together = coalition_rights(problem, frozenset(MEASURES))
    return problem, together if rng.random() < 0.5 else separate_rights(problem)


def check(seed: int) -> ClusterPlan:
    """Solve a cluster, check that no bound by prices exceeds its cost, and return its plan."""
    problem, rights = draw(seed)
    best = plan_coalition(problem, rights, EXACT)
    assert best.report.status is Status.OPTIMAL, seed
    assert best.violations() == [], seed
    close = 1e-6 * max(abs(best.value), 100.0)
    prices = PriceBound(build_model(problem, rights, build_network(problem, rights)))
    bound = max(prices.round(0.1 * 0.02 ** (n / ROUNDS)) for n in range(ROUNDS))
    assert bound <= best.cost() + close, seed
    return best


@pytest.mark.parametrize("seed", range(30))
def test_bounds_hold(seed: int) -> None:
    """A bound by prices never exceeds the cost of the optimal plan."""
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(10))
def test_bounds_hold_a_thousand_times(hundred: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor on a thousand clusters; and a plan searched as a large one is never better than the optimum, nor its bound worse."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        best = check(seed)
        if seed % 10 == 0:
            with monkeypatch.context() as patch:
                patch.setattr(search, "SMALL", 0)
                found = plan_coalition(best.problem, best.rights, SolveOptions(seconds=2, gap=1e-4))
            close = 1e-6 * max(abs(best.value), 100.0)
            assert found.violations() == [], seed
            assert found.value <= best.value + close, seed
            assert found.upper is not None, seed
            assert found.upper >= best.value - close, seed
