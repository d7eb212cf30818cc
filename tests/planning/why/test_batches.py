"""A batch is missing for its setup only where all whom it would serve gain less by it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.plans import plan_coalition
from jointplan.planning.rights import separate_rights
from jointplan.planning.why import Explainer
from tests.planning.test_elements import Row, door, read
from tests.planning.why.cases import EXACT, idle, plant, steel, why


def test_a_setup_dearer_than_the_loss_is_the_reason() -> None:
    """A lot costs 50, the ten units of a week 20, and the next ten, kept a week, spare 10 more: nothing is made for the setup's sake."""
    problem = replace(plant(), setup_cost=np.full((1, 2), 50.0), goodwill=np.array([2.0]))
    (line,) = why(problem)
    assert (line.kind, line.cause, line.first, line.last, line.quantity) == ("unmet", "setup", 0, 1, 20.0)
    assert (line.cost, line.usual) == (pytest.approx(50.0), pytest.approx(30.0))


@pytest.mark.parametrize(("setup", "cause"), [(15.0, "gap"), (29.5, "gap"), (30.5, "setup")])
def test_a_batch_that_would_gain_more_than_it_costs_is_not_missing_for_its_setup(setup: float, cause: str) -> None:
    """Nothing is made though a batch for both weeks spares 30: a setup of less does not explain it, what the plan lacks does."""
    (line,) = idle(replace(plant(), setup_cost=np.full((1, 2), setup), goodwill=np.array([2.0])))
    assert (line.kind, line.cause, line.first, line.last) == ("unmet", cause, 0, 1)
    assert (line.cost, line.usual) == (pytest.approx(setup), pytest.approx(30.0))


@pytest.mark.parametrize(("setup", "cause"), [(44.0, "gap"), (46.0, "setup")])
def test_a_queue_is_told_once_and_weighed_as_long_as_it_lasts(setup: float, cause: str) -> None:
    """Ten wait two weeks at 2, five more one week: a batch for the first week spares 50 less 5 for keeping the five.

    Counted week by week it would spare 20, or 30, and seem not to pay.
    """
    one = replace(plant(), demand=np.array([[10.0, 5.0]]), setup_cost=np.full((1, 2), setup), late_weeks=4)
    (line,) = idle(replace(one, late_cost=np.array([2.0])), late=True)
    assert (line.kind, line.cause, line.first, line.last) == ("late", cause, 0, 1)
    assert (line.quantity, line.waited) == (15.0, 25.0)
    assert (line.cost, line.usual) == (pytest.approx(setup), pytest.approx(45.0))


@pytest.mark.parametrize(("setup", "cause"), [(35.0, "gap"), (45.0, "setup")])
def test_a_missing_batch_is_weighed_against_all_lines_that_wait_for_it(setup: float, cause: str) -> None:
    """Two lines of ten lose 20 each in one week: a batch for both pays up to 40, whichever line is told."""
    series = ("series_product", "series_market", "series_seller", "demand", "price", "late_cost", "goodwill")
    one = replace(plant(), demand=np.array([[10.0, 0.0]]), setup_cost=np.full((1, 2), setup), goodwill=np.array([2.0]))
    problem = replace(one, **{name: np.repeat(getattr(one, name), 2, axis=0) for name in series})
    lines = idle(problem)
    assert [(line.cause, line.quantity) for line in lines] == [(cause, 10.0)] * 2
    for line in lines:
        assert (line.cost, line.usual) == (pytest.approx(setup), pytest.approx(40.0))


def test_lines_that_one_batch_could_serve_have_one_number_whatever_week_suits_each() -> None:
    """Goods that are dear to keep are best made in the week in which they are due: two lines, two weeks, one number."""
    series = ("series_product", "series_market", "series_seller", "price", "late_cost", "goodwill")
    one = replace(plant(), setup_cost=np.full((1, 2), 50.0), goodwill=np.array([2.0]), holding=np.array([5.0]))
    problem = replace(
        one,
        demand=np.array([[10.0, 0.0], [0.0, 12.0]]),
        **{name: np.repeat(getattr(one, name), 2, axis=0) for name in series},
    )
    lines = idle(problem)
    assert [(line.cause, line.first, line.binding_first) for line in lines] == [("setup", 0, 0), ("setup", 1, 1)]
    assert lines[0].group == lines[1].group >= 0


def test_a_missing_batch_is_weighed_with_material_for_all_whom_it_would_serve() -> None:
    """Steel is 46, and 30 from twenty units on: a batch for both markets, of ten each, spares 14 a unit, for a setup of 100."""
    wanted: list[Row] = [{"week": 0, "quantity": 10.0, "market": name} for name in ("X", "Y")]
    places: dict[str, list[Row]] = {
        "markets": [{"market": name, "country": "DE"} for name in ("X", "Y")],
        "lanes": [door(), door(lane="other", destination="Y")],
    }
    press = {"firm": "M", "process": "press", "cost_per_hour": 10.0, "major_setup_cost": 100.0}
    lines = idle(read(wanted, 1, capabilities=[press], **places, **steel((0.0, 46.0), (20.0, 30.0))))
    assert [(line.cause, line.quantity) for line in lines] == [("gap", 10.0)] * 2
    for line in lines:
        assert (line.cost, line.usual) == (pytest.approx(100.0), pytest.approx(280.0))


def test_a_plan_proven_best_lacks_no_batch() -> None:
    """A batch counted to gain more than the plan may lack at all takes as much from others: it is not said that one might pay."""
    problem = replace(plant(), setup_cost=np.full((1, 2), 15.0), goodwill=np.array([2.0]))
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    nothing = replace(plan, make=0 * plan.make, ship=0 * plan.ship, serve=0 * plan.serve, unmet=problem.demand)
    proven = replace(nothing, report=replace(plan.report, bound=nothing.cost()))
    (line,) = Explainer(proven, np.zeros(problem.regular.shape)).reasons()
    assert (line.kind, line.cause) == ("unmet", "displaced")
