"""Only what is more than rounding breaks a rule."""

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.rights import separate_rights
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant


def handing_over(units: float, more: float) -> ClusterPlan:
    """Return a plan that hands over so many units of what is wanted, and a little more than is sent."""
    wanted = np.array([[units, units]])
    problem = one_plant(wanted, np.zeros(1), np.ones(1))
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=30, gap=1e-9))
    assert plan.violations() == []
    return replace(plan, serve=plan.serve + more)


@pytest.mark.parametrize(
    ("units", "more", "broken"), [(10.0, 2e-4, False), (10.0, 0.01, True), (1e6, 0.01, False), (1e6, 5.0, True)]
)
def test_a_millionth_of_what_is_handed_over_is_rounding(units: float, more: float, broken: bool) -> None:
    """A hundredth of a unit is too much of ten and nothing of a million; five are too many of either."""
    rules = {violation.rule for violation in handing_over(units, more).violations()}
    assert bool(rules & {"handed over without arriving", "handed over before wanted"}) == broken
