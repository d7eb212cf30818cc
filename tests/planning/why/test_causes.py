"""Why a line is late or given up, in cases whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.plans import plan_coalition
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.why import Explainer
from tests.planning.cases import one_plant
from tests.planning.test_dividing import two_shops
from tests.planning.test_elements import door, read, week
from tests.planning.why.cases import EXACT, plant, why


def test_what_cannot_arrive_in_time_is_no_fault_of_a_workshop() -> None:
    """A lane of one week: what is wanted in the first week cannot be there."""
    (line,) = why(replace(plant(), lane_weeks=np.array([1])))
    assert (line.kind, line.cause, line.first, line.last, line.worth) == ("unmet", "lead_time", 0, 0, 1.0)


@pytest.mark.parametrize("patience", [0, 4])
def test_what_could_arrive_only_after_the_plan_ends_is_given_up_for_its_way(patience: int) -> None:
    """A lane of three weeks, two weeks planned: no batch and no hour would bring anything, however long customers wait."""
    (line,) = why(replace(plant(), lane_weeks=np.array([3]), late_weeks=patience, late_cost=np.array([1.0])))
    assert (line.kind, line.cause, line.first, line.last, line.quantity) == ("unmet", "lead_time", 0, 1, 20.0)
    assert (line.worth, line.binding_first) == (3.0, -1)


@pytest.mark.parametrize(("lead", "lane"), [(1, 0), (1, 1), (9, 0)])
def test_what_must_be_learned_first_is_the_reason_for_what_is_due_before(lead: int, lane: int) -> None:
    """Pressing is learned in one week or nine: what is due in the first of two weeks planned cannot be made, or sent, before."""
    learned = {"firm": "M", "process": "press", "cost_per_hour": 10.0, "learn_cost": 1.0, "ready_weeks": float(lead)}
    (line,) = why(read({0: 10}, 2, lanes=[door(transit_days=7.0 * lane)], capabilities=[learned]))
    assert (line.kind, line.cause, line.first, line.quantity) == ("unmet", "lead_time", 0, 10.0)
    assert (line.binding_first, line.worth) == (lead, lane)


def test_steps_that_take_weeks_from_firm_to_firm_are_the_reason_for_what_is_due_before() -> None:
    """A can do the first step alone and B the second, a week later: what is due in the first week cannot be made, that in the second is."""
    problem = two_shops(np.array([10.0, 5.0]), np.ones((2, 2)), 20.0, 0.25, 1)
    problem = replace(problem, regular=problem.regular * np.array([1.0, 0.0, 0.0, 1.0])[:, None])
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    (line,) = Explainer(plan, np.zeros(problem.regular.shape)).reasons()
    assert (line.kind, line.cause, line.first, line.quantity) == ("unmet", "lead_time", 0, 10.0)
    assert (line.binding_first, line.worth) == (1, 0.0)


def test_what_waits_longer_than_its_way_has_another_cause() -> None:
    """A lane of a week makes what is due at once a week late; a workshop of ten hours a week makes half of twenty another week late, for want of hours."""
    wanted = np.array([[20.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    one = one_plant(wanted, np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), capacity=np.full(6, 20.0))
    problem = replace(one, lane_weeks=np.array([1]), late_cost=np.array([2.0]), late_weeks=9)
    (line,) = (line for line in why(problem) if line.kind == "late")
    assert (line.kind, line.cause, line.first, line.quantity, line.waited) == ("late", "lead_time", 0, 20.0, 20.0)
    (line,) = (line for line in why(replace(problem, regular=np.full((1, 6), 5.0))) if line.kind == "late")
    assert (line.kind, line.cause, line.first, line.quantity, line.waited) == ("late", "capacity", 0, 20.0, 50.0)


@pytest.mark.parametrize("dear", [True, False])
def test_who_could_make_it_in_time_may_be_dearer_than_the_delay(dear: bool) -> None:
    """N makes at 1 from the second week on, M at 5, or at 1.5, from the first; a week's delay of a unit costs 1, and parcels cost the same in any week."""
    problem = read(
        {0: 10},
        2,
        {"late_share": 0.02, "late_weeks": 2, "goodwill_share": 1.0},
        firms=[{"firm": f, "role": "both", "owner": "O"} for f in ("M", "N")],
        capabilities=[
            {"firm": f, "process": "press", "cost_per_hour": c} for f, c in (("M", 10.0 if dear else 3.0), ("N", 2.0))
        ],
        capacity=[
            {"firm": "M", "process": "press", "hours": 100.0},
            *({"firm": "N", "process": "press", "week": week(t), "hours": 100.0 * t} for t in range(2)),
        ],
    )
    lines = [line for line in why(problem) if line.kind == "late"]
    if not dear:
        assert lines == []
        return
    (line,) = lines
    assert (line.cause, line.maker, line.quantity, line.waited) == ("other_maker", problem.firm.index("M"), 10.0, 10.0)
    assert (line.cost, line.usual) == (pytest.approx(4.0), pytest.approx(1.0))


def test_a_maker_dearer_than_the_delay_is_the_reason_whatever_its_setup() -> None:
    """N makes at 1 from the second week on, M at 5 and a setup of 5 from the first: ten wait a week at 1, and even a free batch would cost them 4 each."""
    problem = read(
        {0: 10},
        2,
        {"late_share": 0.02, "late_weeks": 2, "goodwill_share": 1.0},
        firms=[{"firm": f, "role": "both", "owner": "O"} for f in ("M", "N")],
        capabilities=[
            {"firm": "M", "process": "press", "cost_per_hour": 10.0, "major_setup_cost": 5.0},
            {"firm": "N", "process": "press", "cost_per_hour": 2.0},
        ],
        capacity=[
            {"firm": "M", "process": "press", "hours": 100.0},
            *({"firm": "N", "process": "press", "week": week(t), "hours": 100.0 * t} for t in range(2)),
        ],
    )
    (line,) = (line for line in why(problem) if line.kind == "late")
    assert (line.cause, line.cost, line.usual) == ("other_maker", pytest.approx(4.0), pytest.approx(1.0))


def test_waiting_for_a_cheaper_way_is_told_with_what_it_spares() -> None:
    """Made in the first week alone, a unit waits a week for the ship at 1, as the parcel at 9 costs more than the 3 lost; borders count."""
    problem = plant()
    slow = replace(
        problem,
        demand=np.array([[10.0, 0.0]]),
        lane=("parcel", "ship"),
        lane_origin=np.array([0, 0]),
        lane_node=np.array([-1, -1]),
        lane_market=np.array([0, 0]),
        lane_weeks=np.array([0, 1]),
        lane_mode=("parcel", "sea"),
        unit_freight=np.array([[9.0], [1.0]]),
        basis=np.zeros((2, 1)),
        late_weeks=1,
        late_cost=np.array([3.0]),
    )
    (line,) = why(slow)
    assert (line.kind, line.cause, line.first) == ("late", "freight", 0)
    assert (line.cost, line.usual) == (pytest.approx(8.0), pytest.approx(3.0))
    # Each parcel is cleared at the border for 4, a unit by ship for 1.
    (line,) = why(replace(slow, border=np.array([[[4.0], [1.0]]])))
    assert (line.cause, line.cost, line.usual) == ("freight", pytest.approx(11.0), pytest.approx(3.0))


def test_what_waits_free_of_charge_for_a_full_workshop_is_not_told_dear_ways() -> None:
    """Eight hours for ten units, and twelve the week after: two wait, which costs nothing, so that no hour has a price."""
    problem = plant(capacity=np.array([8.0, 12.0]))
    late = [line for line in why(replace(problem, late_weeks=1, late_cost=np.zeros(1))) if line.kind == "late"]
    assert [(line.cause, line.first, line.quantity) for line in late] == [("capacity", 0, pytest.approx(2.0))]
    assert (late[0].binding, late[0].binding_first, late[0].binding_last, late[0].worth) == (0, 0, 1, None)


def test_what_waits_free_of_charge_for_nothing_is_told_so() -> None:
    """There are hours and a way in time; five of ten delivered a week later all the same wait because that costs nothing."""
    problem = replace(plant(capacity=np.array([30.0, 30.0])), late_weeks=1, late_cost=np.zeros(1))
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    later = np.array([[5.0, 15.0]])
    plan = replace(plan, make=later, ship=later, serve=later)
    assert not plan.violations()
    causes = {line.cause for line in Explainer(plan, np.zeros((1, 2))).reasons() if line.kind == "late"}
    assert causes == {"waits_free"}
