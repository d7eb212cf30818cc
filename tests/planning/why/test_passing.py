"""A place or a lane that takes no more is the reason for what does not pass it."""

from __future__ import annotations

import pytest

from tests.planning.test_elements import door, read, value
from tests.planning.why.cases import through, two_ways, why


def test_a_place_that_takes_in_no_more_is_the_reason() -> None:
    """Six of ten units pass the hub: a unit more, a hundredth of a m³, earns 50 less 5 for making and 2 for its way."""
    problem = read({0: 10}, 1, **through(throughput=0.06))
    full, line = why(problem)
    assert (full.kind, full.cause, problem.node[full.place]) == ("full", "throughput", "HUB")
    assert (line.kind, line.cause, line.quantity, line.place) == ("unmet", "throughput", pytest.approx(4.0), full.place)
    assert (line.unit, line.limit, line.needed) == ("m3", 0.06, 0.01)
    assert (line.binding_first, line.binding_last) == (0, 0)
    more = value(read({0: 10}, 1, **through(throughput=0.07))) - value(problem)
    assert line.worth == pytest.approx(more / 0.01) == pytest.approx(4300.0)


def test_a_place_without_room_is_the_reason() -> None:
    """Ten are wanted in the second week, six pass the hub in a week and two find room there overnight: two are given up for want of either."""
    problem = read({1: 10}, 2, **through(throughput=0.06, capacity=0.02))
    *full, line = why(problem)
    assert {(one.cause, one.first, one.last) for one in full} == {("room", 0, 0), ("throughput", 1, 1)}
    assert all(one.worth == pytest.approx(4300.0) for one in full)
    assert (line.quantity, line.worth) == (pytest.approx(2.0), pytest.approx(4300.0))
    assert line.cause in ("room", "throughput")


def test_a_lane_without_space_is_the_reason() -> None:
    """Six kilograms of ten leave on the only lane; a kilogram more earns 44."""
    full, line = why(read({0: 10}, 1, lanes=[door(space=6.0)]))
    assert (full.kind, full.cause, full.unit, full.worth) == ("full", "space", "kg", pytest.approx(44.0))
    assert (line.cause, line.lane, line.limit, line.worth) == ("space", full.lane, 6.0, pytest.approx(44.0))


@pytest.mark.parametrize("cause", ["unmet", "late"])
def test_a_full_lane_is_the_reason_though_a_dearer_one_has_space(cause: str) -> None:
    """Six of ten go by ship; by plane a unit costs 80, more than the 50 that it brings, or than the week of waiting at 1: more space is what lacks."""
    patience = {"late_share": 0.02, "late_weeks": 1, "goodwill_share": 1.0} if cause == "late" else None
    problem = read({0: 10}, 2, patience, **two_ways(120.0, space=6.0))
    (line,) = (line for line in why(problem) if line.kind == cause)
    assert (line.cause, problem.lane[line.lane].partition("@")[0]) == ("space", "SEA")
    assert (line.quantity, line.worth) == (pytest.approx(4.0), pytest.approx(44.0 if cause == "unmet" else 1.0))
