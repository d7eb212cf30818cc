"""Weeks of a line with one cause are told once, and small ones only where they add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.planning.cases import one_plant
from tests.planning.why.cases import why


@pytest.mark.parametrize(("weeks", "told"), [(2, []), (3, [(0, 2, 1.2)])])
def test_weeks_with_less_than_half_a_unit_are_told_together_where_they_add_up(
    weeks: int, told: list[tuple[int, int, float]]
) -> None:
    """Of ten wanted a week .4 cannot be made: nothing to speak of in two weeks, in three more than a unit, for want of hours."""
    problem = one_plant(
        np.full((1, weeks), 10.0), np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), capacity=np.full(weeks, 9.6)
    )
    lines = [line for line in why(problem) if line.kind == "unmet"]
    assert [(line.first, line.last, pytest.approx(line.quantity)) for line in lines] == told
    assert all((line.cause, line.worth) == ("capacity", pytest.approx(1e5)) for line in lines)


def test_small_delays_of_a_line_are_told_as_one() -> None:
    """Ten can be made of 10.4 and 9.6 in turn: .4 of every other week waits a week, of three such weeks that is told once."""
    problem = one_plant(
        np.array([[10.4, 9.6, 10.4, 9.6, 10.4, 9.6]]), np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), capacity=np.full(6, 10.0)
    )  # fmt: skip
    (line,) = (line for line in why(replace(problem, late_weeks=2, late_cost=np.array([2.0]))) if line.kind == "late")
    assert (line.cause, line.first, line.last) == ("capacity", 0, 4)
    assert (line.quantity, line.waited) == pytest.approx((1.2, 1.2))
