"""What one more hour is worth."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.prices import HourPrices, hour_prices
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant, random_cluster

EXACT = SolveOptions(seconds=60, gap=1e-6)
STEP = 1e-3  # hours


@pytest.fixture(scope="module", params=[0, 2])
def plan(request: pytest.FixtureRequest) -> ClusterPlan:
    problem = random_cluster(request.param, makers=2, sellers=2, products=2, weeks=4, tight=0.7)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    return plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=base)


def priced(plan: ClusterPlan, more: np.ndarray | None = None) -> HourPrices:
    found = hour_prices(plan, EXACT, more=more)
    assert found is not None
    return found


def test_a_price_is_the_difference_an_hour_makes(plan: ClusterPlan) -> None:
    """Each workshop's price is what a little more of its time adds to the value, divided by that time."""
    prices = priced(plan).worth
    assert (prices > 0).any()
    nothing = np.zeros(prices.shape)
    base = priced(plan, nothing).value
    assert base == pytest.approx(plan.value, rel=1e-6)
    for m, t in np.ndindex(*prices.shape):
        more = nothing.copy()
        more[m, t] = STEP
        assert (priced(plan, more).value - base) / STEP == pytest.approx(prices[m, t], abs=0.05, rel=1e-3)


def test_hours_nobody_needs_are_worth_nothing() -> None:
    """Where capacity is ample no hour has a price."""
    problem = one_plant(np.array([[5.0, 5.0]]), np.array([10.0]), np.array([1.0]), hours=np.array([1.0]))
    assert not priced(plan_coalition(problem, separate_rights(problem), EXACT)).worth.any()


def test_a_full_week_is_worth_what_it_keeps_from_being_lost() -> None:
    """One unit an hour, ten wanted, eight hours: an hour more saves one unit's loss, 100,000."""
    problem = one_plant(
        np.array([[10.0]]), np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), capacity=np.array([8.0])
    )
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    assert priced(plan).worth[0, 0] == pytest.approx(1e5)
