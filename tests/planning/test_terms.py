"""Members plan together on their own terms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Floats, Ints, Terms
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster

EXACT = SolveOptions(seconds=60, gap=1e-7)
NONE: Ints = np.empty(0, dtype=np.int64)
NOTHING: Floats = np.empty(0)


def cheap_partner() -> ClusterProblem:
    """Return a cluster in which M0 is the present maker of everything, and M1 makes it for far less."""
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=4, tight=9.0)
    dear = problem.route_firm == 0
    return replace(
        problem,
        maker=np.zeros(2, dtype=np.int64),
        route_making=np.where(dear, 30.0, 1.0),
        regular=np.full_like(problem.regular, 60.0),
        overtime=np.zeros_like(problem.overtime),
    )


def planned(problem: ClusterProblem) -> ClusterPlan:
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    assert plan.violations() == []
    prices = PriceBound(build_model(problem, plan.rights, plan.network))
    assert max(prices.round(0.05) for _ in range(100)) <= plan.cost() + 1e-6 * abs(plan.cost())
    return plan


def made_by(plan: ClusterPlan, firm: int) -> float:
    return float(plan.make[plan.problem.route_firm[plan.network.supply_route] == firm].sum())


def recounted(plan: ClusterPlan, problem: ClusterProblem) -> set[str]:
    """Return the rules that a plan made without the problem's terms breaks."""
    return {
        v.rule
        for v in ClusterPlan(
            problem, plan.rights, plan.network, plan.make, plan.ship, plan.serve, plan.unmet
        ).violations()
    }


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 0)])
def test_no_job_moves_to_a_maker_who_is_refused(one: int, other: int) -> None:
    """Whoever of the two makers refuses, what M0 makes now stays with it."""
    free = cheap_partner()
    everything = planned(free)
    assert made_by(everything, 0) == pytest.approx(0.0)
    problem = replace(free, terms=Terms(np.array([one]), np.array([other]), NONE, NOTHING))
    assert made_by(planned(problem), 1) == 0.0
    assert recounted(everything, problem) == {"made by a partner who is refused"}


def test_a_seller_who_refuses_a_maker_is_served_by_its_present_one() -> None:
    """The refusing seller's goods stay with M0, the other's move; goods of the two are kept apart."""
    free = cheap_partner()
    everything = planned(free)
    problem = replace(free, terms=Terms(np.array([2]), np.array([1]), NONE, NOTHING))
    plan = planned(problem)
    mine = problem.series_seller == 2
    assert made_by(plan, 0) == pytest.approx(plan.serve[mine].sum())
    assert made_by(plan, 1) == pytest.approx(plan.serve[~mine].sum())
    assert recounted(everything, problem) == {"made by a partner who is refused"}


def test_a_maker_keeps_hours_for_its_own_products() -> None:
    """With all but a tenth of its hours kept, M1 spends no more than that on what M0 makes now, setups and all; alone nobody notices."""
    free = cheap_partner()
    everything = planned(free)
    problem = replace(free, terms=Terms(NONE, NONE, np.array([1]), np.array([0.9])))
    plan = planned(problem)
    assert 0 < (plan.run_hours + plan.setup_hours)[1].max() <= 0.1 * 60.0 + 1e-6
    assert recounted(everything, problem) == {"hours kept for oneself exceeded"}
    apart = plan_coalition(problem, separate_rights(problem), EXACT)
    assert apart.value == pytest.approx(plan_coalition(free, separate_rights(free), EXACT).value, rel=1e-6)


def test_separate_plans_carry_over_to_members_with_terms() -> None:
    """Each owner's goods keep their number from network to network, whoever else refuses whom."""
    problem = replace(cheap_partner(), terms=Terms(np.array([3, 2]), np.array([1, 0]), NONE, NOTHING))
    apart = plan_coalition(problem, separate_rights(problem), EXACT)
    rights = coalition_rights(problem, frozenset(MEASURES))
    together = build_network(problem, rights)
    assert set(apart.network.commodity_permit.tolist()) == set(together.commodity_permit.tolist())
    plan = plan_coalition(problem, rights, EXACT, separate=apart)
    assert plan.violations() == []
    assert plan.value >= apart.value - 1e-6 * abs(apart.value)


@pytest.mark.parametrize("protector", [0, 2])
def test_a_protected_customer_is_served_by_the_present_maker(protector: int) -> None:
    """Whether its maker or its seller protects a market, what goes there stays with M0; the rest moves to the cheaper M1."""
    free = cheap_partner()
    everything = planned(free)
    market = int(free.series_market[free.series_seller == 2][0])
    problem = replace(
        free, terms=Terms(NONE, NONE, NONE, NOTHING, protector=np.array([protector]), market=np.array([market]))
    )
    plan = planned(problem)
    mine = problem.series_market == market
    if protector == 2:
        mine &= problem.series_seller == 2
    assert made_by(plan, 0) == pytest.approx(plan.serve[mine].sum())
    assert made_by(plan, 1) == pytest.approx(plan.serve[~mine].sum())
    assert recounted(everything, problem) == {"made elsewhere for a protected customer"}
