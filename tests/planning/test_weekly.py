"""Moving and adding up rows by week does what loops over single numbers do."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jointplan.planning import weekly
from jointplan.planning.problem import Floats, Ints

ROWS, WEEKS = 3, 5
values = arrays(float, (ROWS, WEEKS), elements=st.integers(-9, 9))
delays = arrays(np.int64, ROWS, elements=st.integers(0, WEEKS + 1))


def test_examples_hold() -> None:
    """The examples in the docstrings are what the functions return."""
    found = doctest.testmod(weekly)
    assert found.attempted > 0
    assert found.failed == 0


@given(values, delays)
def test_what_leaves_arrives_later_and_what_is_due_is_done_before(units: Floats, weeks: Ints) -> None:
    """A number in week t stands in week t + its row's weeks, or t − them; what falls out of the weeks is gone."""
    arrived, done = np.zeros_like(units), np.zeros_like(units)
    for row in range(ROWS):
        for t in range(WEEKS):
            if t + weeks[row] < WEEKS:
                arrived[row, t + weeks[row]] = units[row, t]
            if t - weeks[row] >= 0:
                done[row, t - weeks[row]] = units[row, t]
    assert (weekly.shift(units, weeks) == arrived).all()
    assert (weekly.bring_forward(units, weeks) == done).all()


@given(values, arrays(np.int64, ROWS, elements=st.integers(-1, 3)))
def test_rows_of_one_number_are_added_up(units: Floats, index: Ints) -> None:
    """Each number's rows add up to its total, and rows without a number to none."""
    total = weekly.sum_by(index, units, 4)
    for number in range(4):
        assert total[number].tolist() == [sum(units[index == number, t]) for t in range(WEEKS)]


@given(values, st.integers(0, WEEKS + 1))
def test_the_last_weeks_are_added_up(units: Floats, weeks: int) -> None:
    """The sum of the last weeks is that of each week's numbers since then."""
    total = weekly.trailing_sum(units, weeks)
    for t in range(WEEKS):
        assert total[:, t] == pytest.approx(units[:, max(t + 1 - weeks, 0) : t + 1].sum(axis=1))
