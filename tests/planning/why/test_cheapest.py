"""What a line would cost is what the cheapest of the ways costs that would be in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.planning.test_elements import door, read, week
from tests.planning.why.cases import plant, why


def test_a_unit_is_costed_by_the_ways_that_would_be_in_time() -> None:
    """A ship at 1 takes nine weeks, a parcel at 60 none: a unit costs 5 and 60, of the 50 that it brings."""
    ways = [door(lane="ship", mode="sea", transit_days=63.0), door(tariff="express")]
    rates = [{"tariff": name, "basis": "kg", "rate": rate} for name, rate in (("post", 1.0), ("express", 60.0))]
    (line,) = why(read({0: 10}, 2, lanes=ways, tariffs=rates))
    assert (line.kind, line.cause) == ("unmet", "not_worth")
    assert (line.cost, line.usual) == (pytest.approx(65.0), pytest.approx(50.0))


def test_a_unit_that_costs_more_than_it_brings_is_not_made() -> None:
    """Material of 5 for a unit whose loss is 2."""
    problem = replace(plant(), route_material=np.array([5.0]), goodwill=np.array([2.0]))
    (line,) = why(problem)
    assert (line.cause, line.cost, line.usual) == ("not_worth", 5.0, 2.0)


def test_what_may_come_late_is_not_said_to_have_no_maker() -> None:
    """M rests in the first week, in which ten are due; customers wait a week, for 51 of the 50 that a unit brings.

    Late, a unit costs 5 to make, 1 to send and 51 of patience: that is why it is given up.
    """
    hours = [{"firm": "M", "process": "press", "week": week(t), "hours": 100.0 * t} for t in range(2)]
    (line,) = why(read({0: 10}, 2, {"late_share": 1.02, "late_weeks": 1}, capacity=hours))
    assert (line.kind, line.cause) == ("unmet", "not_worth")
    assert (line.cost, line.usual) == (pytest.approx(57.0), pytest.approx(50.0))


def test_a_certificate_that_runs_out_is_the_reason() -> None:
    """M works in the third week alone; its certificate covers the two before."""
    hours = [{"firm": "M", "process": "press", "week": week(t), "hours": 100.0 * (t == 2)} for t in range(3)]
    held = [{"firm": "M", "sku": "P", "market": "X", "expiry": week(2)}]
    (line,) = why(read({2: 10}, 3, capacity=hours, certificates=held))
    assert (line.cause, line.binding_first, line.binding_last) == ("certificate", 2, 2)
