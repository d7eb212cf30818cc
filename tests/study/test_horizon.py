"""Which weeks are planned."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.errors import DataError, NoResultError
from jointplan.study.horizon import Horizon, SoldWeeks, choose_horizon, replayed_from, sold_weeks
from jointplan.study.settings import HorizonSettings

FIRST = date(2024, 1, 1)  # a Monday


def weekly(weeks: int) -> SoldWeeks | None:
    """Return so many weeks covered by sales."""
    return SoldWeeks(FIRST, FIRST + timedelta(weeks=weeks - 1)) if weeks else None


def recorded(begin: date, end: date) -> pa.Table:
    """Return a recorded plan between two days."""
    return pa.table({"date": pa.array([begin, end], pa.date32())})


def test_without_records_the_plan_starts_after_the_last_complete_week() -> None:
    """The first week planned is the one after the last sold."""
    assert choose_horizon(HorizonSettings(weeks=8), weekly(10), None, None) == Horizon(
        FIRST + timedelta(weeks=10), 8, replay=False
    )


@pytest.mark.parametrize(
    ("last_day", "start"),
    [(date(2026, 6, 3), date(2026, 6, 1)), (date(2026, 6, 7), date(2026, 6, 8)), (date(2026, 6, 1), date(2026, 6, 1))],
)
def test_weeks_without_a_sale_are_complete_too(last_day: date, start: date) -> None:
    """What sells every fourth week is planned from the week of its last sale, or the one after where that lies on a Sunday."""
    table = pa.table({"week": pa.array([date(2026, 3, 9), date(2026, 4, 6), date(2026, 5, 4)], pa.date32())})
    found = sold_weeks(table, last_day)
    assert found is not None
    assert found.first == date(2026, 3, 9)
    assert choose_horizon(HorizonSettings(), found, None, None).start == start


def test_without_a_sale_in_a_complete_week_none_is_covered() -> None:
    """Neither no sales at all nor sales in incomplete weeks alone make a week to plan from."""
    table = pa.table({"week": pa.array([], pa.date32())})
    assert sold_weeks(table, date(2026, 6, 3)) is None
    assert sold_weeks(table, None) is None


def test_a_recorded_plan_is_replayed_on_its_last_weeks() -> None:
    """Only weeks covered from Monday to Sunday count, and of those the last ones."""
    table = recorded(FIRST + timedelta(days=1), FIRST + timedelta(weeks=9, days=5))
    assert choose_horizon(HorizonSettings(), weekly(10), table, None) == Horizon(
        FIRST + timedelta(weeks=1), 8, replay=True
    )
    assert choose_horizon(HorizonSettings(weeks=3), weekly(10), table, None) == Horizon(
        FIRST + timedelta(weeks=6), 3, replay=True
    )
    start = FIRST + timedelta(weeks=2)
    assert choose_horizon(HorizonSettings(weeks=3, start=start), weekly(10), table, None) == Horizon(
        start, 3, replay=True
    )
    assert not choose_horizon(HorizonSettings(replay="no"), weekly(10), table, None).replay
    longer = HorizonSettings(weeks=3, extra_weeks=2)
    assert choose_horizon(longer, weekly(10), table, None) == Horizon(FIRST + timedelta(weeks=6), 5, replay=True)


def test_the_first_week_replayed_is_told_without_choosing_it() -> None:
    """It is that of the horizon a run would choose; none where nothing is covered or a replay is not wanted."""
    table = recorded(FIRST + timedelta(days=1), FIRST + timedelta(weeks=9, days=5))
    for settings in (
        HorizonSettings(), HorizonSettings(weeks=3, replay="yes"), HorizonSettings(weeks=3, start=FIRST + timedelta(weeks=2)),
    ):  # fmt: skip
        assert replayed_from(settings, weekly(10), table) == choose_horizon(settings, weekly(10), table, None).start
    assert replayed_from(HorizonSettings(replay="no"), weekly(10), table) is None
    assert replayed_from(HorizonSettings(), weekly(10), None) is None
    assert replayed_from(HorizonSettings(replay="yes"), weekly(10), recorded(FIRST, FIRST)) is None


def test_replay_without_a_covered_week_is_refused_or_left() -> None:
    """Asked for, it is an error with a cure; left to the program, the plan looks ahead."""
    table = recorded(FIRST, FIRST + timedelta(days=5))
    with pytest.raises(DataError, match="No past week can be replayed"):
        choose_horizon(HorizonSettings(replay="yes"), weekly(10), table, None)
    assert not choose_horizon(HorizonSettings(replay="auto"), weekly(10), table, None).replay


def test_a_start_after_the_sales_is_refused_and_one_before_their_end_is_taken() -> None:
    """A plan cannot leave a hole between the sales it knows and its first week."""
    late = HorizonSettings(start=FIRST + timedelta(weeks=11))
    with pytest.raises(DataError, match="2024-03-11"):
        choose_horizon(late, weekly(10), None, None)
    early = FIRST + timedelta(weeks=4)
    assert choose_horizon(HorizonSettings(start=early), weekly(10), None, None).start == early


def test_open_orders_alone_can_be_planned_and_nothing_cannot() -> None:
    """Without sales the plan starts in the week of the first due order; without either there is nothing to plan."""
    orders = pa.table({"due": pa.array([FIRST + timedelta(days=9), FIRST + timedelta(days=30)], pa.date32())})
    assert choose_horizon(HorizonSettings(), weekly(0), None, orders).start == FIRST + timedelta(weeks=1)
    with pytest.raises(NoResultError, match="nothing to plan"):
        choose_horizon(HorizonSettings(), weekly(0), None, orders.slice(0, 0))


@given(st.integers(1, 60), st.integers(-100, 500), st.integers(0, 500), st.integers(1, 30))
def test_replayed_weeks_are_complete_and_no_more_than_asked(weeks: int, begin: int, length: int, most: int) -> None:
    """Whatever days the records cover, every replayed week lies within them and within the sales."""
    first, last = FIRST + timedelta(days=begin), FIRST + timedelta(days=begin + length)
    horizon = choose_horizon(HorizonSettings(weeks=most), weekly(weeks), recorded(first, last), None)
    assert horizon.start.weekday() == 0
    if horizon.replay:
        end = horizon.start + timedelta(weeks=horizon.weeks, days=-1)
        assert first <= horizon.start
        assert end <= last
        assert horizon.start >= FIRST
        assert end < FIRST + timedelta(weeks=weeks)
        assert 1 <= horizon.weeks <= most
