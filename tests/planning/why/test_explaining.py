"""All that a plan lacks is explained, and alike in any currency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.prices import LimitPrices, hour_prices
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.why import Explainer
from tests.planning.cases import random_cluster
from tests.planning.test_elements import door, read
from tests.planning.test_game import in_other_money
from tests.planning.why.cases import EXACT, plant, through


@pytest.mark.parametrize("seed", [0, 1])
def test_every_late_and_unmet_unit_has_a_reason(seed: int) -> None:
    """What the plan gives up or is late with is what is explained, each unit once, and every full workshop is told."""
    problem = random_cluster(seed, makers=2, sellers=2, products=2, weeks=4, tight=0.7)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=base)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    reasons = Explainer(plan, prices.worth).reasons()
    unmet = sum(reason.quantity for reason in reasons if reason.kind == "unmet")
    assert unmet == pytest.approx(plan.unmet[plan.unmet >= 0.5].sum())
    late = [reason for reason in reasons if reason.kind == "late"]
    # Who waits is served in turn: those late in a week who were not late before were due in it.
    due = np.minimum(plan.owed, problem.demand)
    assert sum(reason.quantity for reason in late) == pytest.approx(due[due >= 0.5].sum())
    assert sum(reason.waited for reason in late) == pytest.approx(plan.owed.sum(), abs=due[due < 0.5].sum() * 4 + 1e-6)
    used = plan.run_hours + plan.setup_hours
    full_rows = [r for r in reasons if r.kind == "full" and r.cause == "capacity"]
    full = used >= 0.999 * (problem.regular + problem.overtime)
    assert sum(r.last - r.first + 1 for r in full_rows) == int(full.sum())


@pytest.mark.parametrize("rate", [1e-9, 1e-5, 1e9])
@pytest.mark.parametrize("case", ["throughput", "room", "space", "waits free", "random"])
def test_reasons_are_the_same_in_any_currency(case: str, rate: float) -> None:
    """What binds is what bound, and what it is worth is the same amount of money."""
    problem = {
        "throughput": lambda: read({0: 10}, 1, **through(throughput=0.06)),
        "room": lambda: read({1: 10}, 2, **through(throughput=0.06, capacity=0.02)),
        "space": lambda: read({0: 10}, 1, lanes=[door(space=6.0)]),
        "waits free": lambda: replace(plant(capacity=np.array([30.0, 30.0])), late_weeks=1, late_cost=np.array([2e-6])),
        "random": lambda: random_cluster(0, makers=2, sellers=2, products=2, weeks=4, tight=0.7),
    }[case]()
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    if case == "waits free":
        later = np.array([[5.0, 15.0]])
        plan = replace(plan, make=later, ship=later, serve=later)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    found = Explainer(plan, prices.worth, prices.limits).reasons()
    exchanged = in_other_money(problem, rate)
    same = replace(plan, problem=exchanged, network=build_network(exchanged, plan.rights))
    limits = LimitPrices(*(rate * getattr(prices.limits, name) for name in ("room", "intake", "space")))
    told = Explainer(same, rate * prices.worth, limits).reasons()
    assert found
    assert [(one.kind, one.cause, one.first, one.last) for one in told] == [
        (one.kind, one.cause, one.first, one.last) for one in found
    ]
    for one, other in zip(told, found, strict=True):
        assert one.cost == (None if other.cost is None else pytest.approx(rate * other.cost))
