"""What must be learned or opened before work can be done there is paid for once, where that pays, and not used before."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from jointplan.planning.ledger import ledger_frame
from jointplan.planning.model import build_model, read_plan
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.search import _Search
from jointplan.planning.valuing import effective
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster, with_investments, with_steps
from tests.planning.solved import START

EXACT = SolveOptions(seconds=60, gap=1e-7)


def short_of_hours(seed: int, *, factor: float = 1.0) -> ClusterProblem:
    """Return a cluster whose makers are short of hours; the others could learn, and the third maker is a workshop."""
    p = random_cluster(seed, makers=3, sellers=2, products=2, weeks=4, tight=0.7)
    # The third maker makes nothing today, if another can make it.
    able = {(int(i), int(f)) for i, f in zip(p.route_product, p.route_firm, strict=True)}
    maker = np.array(
        [next((f for f in (0, 1) if (i, f) in able), int(m)) if m == 2 else m for i, m in enumerate(p.maker)]
    )
    p = replace(p, maker=maker, regular=np.maximum(p.regular, 3.0))
    if seed % 3 == 2:
        p = with_steps(p, seed, lag=1)
    rng = np.random.default_rng(seed)
    worth = float(p.demand.sum(axis=1) @ p.price)
    return with_investments(p, factor * rng.uniform(0.005, 0.05, len(p.firm)) * worth, rng.integers(0, 2, len(p.firm)))


def value_without(problem: ClusterProblem, rights: Rights, paid: tuple[int, ...]) -> float:
    """Return what a plan is worth in which these investments are made, and the others never ready."""
    need = problem.investments
    there = np.isin(np.arange(len(need.firm)), paid)
    ready = np.where(there, need.ready, problem.weeks + 9)
    bare = replace(problem, investments=replace(need, cost=0 * need.cost, ready=ready))
    return plan_coalition(bare, rights, EXACT).value - float(need.cost[there].sum())


def check_money(plan: ClusterPlan) -> None:
    """The ledger adds up to the plan's value, and holds what was learned and opened."""
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(plan.value * 100)
    paid = -ledger.loc[ledger["account"] == "investment", "amount"].sum()
    assert paid == pytest.approx(plan.accounts.investment.sum(), abs=0.05)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_best_investments_are_made(seed: int, together: bool) -> None:
    """Against every set of investments, each planned as if there were no others; no bound is below the optimum's value."""
    problem = short_of_hours(seed)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    count = len(problem.investments.firm)
    best = max(
        value_without(problem, rights, some) for size in range(count + 1) for some in combinations(range(count), size)
    )
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.violations() == []
    assert plan.value == pytest.approx(best, rel=1e-5, abs=1e-3)
    prices = PriceBound(build_model(problem, rights, plan.network))
    found = max(prices.round(0.1 * 0.02 ** (n / 200)) for n in range(200))
    assert found <= plan.cost() + 1e-6 * abs(plan.cost())
    check_money(plan)


def test_some_of_these_clusters_invest() -> None:
    """What the enumeration compares is not always nothing; a workshop is opened and a process learned somewhere."""
    kinds = set()
    for seed in range(6):
        problem = short_of_hours(seed)
        plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
        used = plan.network.investment_entry[plan.invested.any(axis=1)]
        kinds |= {bool(problem.investments.process[v]) for v in used}
    assert kinds == {False, True}
