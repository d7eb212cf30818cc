"""A market that is not yet entered is entered where that pays, once for all who enter it together."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from jointplan.planning.ledger import ledger_frame
from jointplan.planning.model import build_model, read_plan
from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Entries
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.search import _Search
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster
from tests.planning.solved import START

EXACT = SolveOptions(seconds=60, gap=1e-7)


def two_new_markets(seed: int) -> ClusterProblem:
    """Return a cluster of two markets, neither of which is entered; entering costs about what each brings one seller."""
    p = random_cluster(seed, makers=2, sellers=2, products=3, weeks=4, tight=2.0)
    cost = np.random.default_rng(seed).uniform(0.1, 0.6, 2) * (p.demand.sum(axis=1) @ p.price) / 4
    return replace(
        p,
        goodwill=0 * p.goodwill,
        entries=Entries(np.array([0, 1]), cost, p.series_market.copy(), np.zeros(2, bool), np.full(2, -1)),
    )


def value_of_entering(problem: ClusterProblem, rights: Rights, entered: set[tuple[int, int]]) -> float:
    """Return what a plan is worth in which these (market, class) are entered, and the others not there at all."""
    p, pooled = problem, len(problem.owner)
    assert p.entries is not None
    together = rights.shares("enter_market")
    entry_class = np.where(together, pooled, p.firm_owner[p.series_seller])
    inside = np.array([(int(m), int(c)) in entered for m, c in zip(p.series_market, entry_class, strict=True)])
    without = replace(p, entries=None, demand=np.where(inside[:, None], p.demand, 0.0))
    return plan_coalition(without, rights, EXACT).value - sum(p.entries.cost[m] for m, _ in entered)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_best_markets_are_entered(seed: int, together: bool) -> None:
    """Against every set of entries, each planned as if there were no others; no bound is below the optimum's value."""
    problem = two_new_markets(seed)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    network = build_network(problem, rights)
    entries = list(zip(network.entry_market.tolist(), network.entry_class.tolist(), strict=True))
    assert len(entries) == len(set(problem.series_market.tolist())) or not together
    best = max(
        value_of_entering(problem, rights, set(some))
        for size in range(len(entries) + 1)
        for some in combinations(entries, size)
    )
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.violations() == []
    assert plan.value == pytest.approx(best, rel=1e-5, abs=1e-3)
    prices = PriceBound(build_model(problem, rights, network))
    found = max(prices.round(0.1 * 0.02 ** (n / 200)) for n in range(200))
    assert found <= plan.cost() + 1e-6 * abs(plan.cost())
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(plan.value * 100)
    paid = -ledger.loc[ledger["account"] == "entry", "amount"].sum()
    assert paid == pytest.approx(plan.accounts.entry.sum(), abs=0.05)


@pytest.mark.parametrize("factor", [0.1, 100.0])
def test_the_pieces_enter_where_it_pays_and_nowhere_else(factor: float) -> None:
    """The compiled search enters both markets where that is cheap, and none where it is dear, and keeps every rule."""
    problem = two_new_markets(1)
    assert problem.entries is not None
    problem = replace(problem, entries=replace(problem.entries, cost=problem.entries.cost * factor))
    rights = coalition_rights(problem, frozenset(MEASURES))
    model = build_model(problem, rights, build_network(problem, rights))
    search = _Search(
        model, SolveOptions(seconds=20, gap=1e-4, rounds=40), None, None, lambda message, share=None: None, ""
    )
    search._search_pieces()
    plan = read_plan(model, search.best)
    assert plan.violations() == []
    assert plan.entered.any(axis=1).all() == (factor < 1)
    best = plan_coalition(problem, rights, EXACT)
    assert best.entered.any() == (factor < 1)
    assert plan.cost() == pytest.approx(best.cost(), rel=0.1, abs=1.0)
