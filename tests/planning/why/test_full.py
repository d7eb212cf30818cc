"""What is full is told with what more of it is worth, by stretches of weeks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.planning.cases import one_plant
from tests.planning.why.cases import plant, why


def test_a_full_workshop_is_the_reason_for_what_it_cannot_make() -> None:
    """Eight hours a week for ten units: the workshop is full in both weeks, and two units are lost in each."""
    full, *unmet = why(plant(capacity=np.array([8.0, 8.0])))
    assert (full.kind, full.first, full.last) == ("full", 0, 1)
    assert full.worth == pytest.approx(1e5)
    (line,) = unmet
    assert (line.kind, line.cause, line.first, line.last) == ("unmet", "capacity", 0, 1)
    assert line.quantity == pytest.approx(4.0)
    assert line.worth == pytest.approx(1e5)
    assert (line.binding, line.binding_first, line.binding_last) == (0, 0, 1)


def test_a_workshop_with_overtime_left_is_not_said_to_be_full() -> None:
    """Eight regular hours and four of overtime at 3 an hour for ten units: two hours of overtime are left in both weeks.

    Where overtime costs more than the unit brings, that and no full workshop is why two units are lost.
    """
    problem = replace(
        plant(capacity=np.array([8.0, 8.0])), overtime=np.full((1, 2), 4.0), overtime_cost=np.array([3.0])
    )
    (full,) = why(problem)
    assert (full.kind, full.cause, full.first, full.last) == ("full", "overtime", 0, 1)
    assert full.worth == pytest.approx(3.0)
    full, line = why(replace(problem, goodwill=np.array([2.5])))
    assert (full.kind, full.cause, line.kind, line.cause) == ("full", "overtime", "unmet", "overtime")
    assert line.worth == pytest.approx(2.5)


def test_weeks_that_differ_keep_the_least_and_the_most_that_an_hour_is_worth() -> None:
    """Eight hours a week for ten units: of a product whose loss is 2 in the first week, of one whose loss is 3 in the second."""
    two = np.array([[10.0, 0.0], [0.0, 10.0]])
    hours, dear = np.ones(2), np.full(2, 100.0)  # nothing is kept from week to week
    problem = one_plant(two, 0 * hours, dear, hours=hours, capacity=np.array([8.0, 8.0]))
    full, *lines = why(replace(problem, goodwill=np.array([2.0, 3.0])))
    assert (full.first, full.last) == (0, 1)
    assert (full.worth_low, full.worth, full.worth_high) == pytest.approx((2.0, 2.5, 3.0))
    for line in lines:
        assert (line.cause, line.worth_low, line.worth_high) == ("capacity", pytest.approx(2.0), pytest.approx(3.0))
