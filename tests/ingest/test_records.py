"""Where the records of sales begin and end, whatever single lines lie far away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.ingest.domain import Cluster, read_records
from jointplan.ingest.domain.records import LONG_SILENCE, Records

FIRST = date(2023, 1, 2)  # a Monday


def sales(days: list[tuple[date, str]]) -> str:
    """Return a file of sales, a line each day and seller."""
    rows = [f"D{n},{day},P1,DE,{seller},3,10" for n, (day, seller) in enumerate(days)]
    return "\n".join(["document,date,sku,market,seller,quantity,unit_price", *rows]) + "\n"


def every(weeks: int, count: int, seller: str = "F2", begin: int = 0) -> list[tuple[date, str]]:
    """Return days every so many weeks, from a week on."""
    return [(FIRST + timedelta(weeks=begin + weeks * n), seller) for n in range(count)]


BUSY = [(day + timedelta(days=d), seller) for day, seller in every(1, 40) for d in (0, 3, 6)]
END = FIRST + timedelta(weeks=39, days=6)


@pytest.fixture
def told(cluster: Any) -> Any:
    """Return the warnings of far lines, and the days that count, of sales."""
    cluster.write("firms", "firm,role\nF1,maker\nF2,seller\nF3,seller\n")

    def check(days: list[tuple[date, str]]) -> tuple[list[tuple[int | None, str, str]], Records]:
        cluster.write("sales", sales(days))
        found = cluster.issues("far_from_other_sales")
        assert {(issue.table, issue.file, issue.column, issue.severity) for issue in found} <= {
            ("sales", "tables/sales.csv", "date", "warning")
        }
        assert all(issue.cure for issue in found)
        return [(issue.row, issue.value, issue.message) for issue in found], cluster.check().records

    return check


def test_a_late_and_an_early_line_are_told_and_left_out(told: Any) -> None:
    """Each is named with its row and day, and how many lines it is of how many; the records end and begin without it."""
    late, early = END + timedelta(weeks=18), FIRST - timedelta(weeks=300)
    found, records = told([*BUSY, (late, "F2"), (early, "F2")])
    assert [row[:2] for row in found] == [(123, str(early)), (122, str(late))]
    assert all("1 of 122 lines" in row[2] and "left out" in row[2] for row in found)
    assert records == Records(FIRST, END)


def test_a_hole_amid_weekly_sales_is_told_with_its_weeks(cluster: Any, told: Any) -> None:
    """Four weeks without any line are named with first and last Monday and the row after them, unless availability speaks of them or they are usual."""
    begin, end = FIRST + timedelta(weeks=20), FIRST + timedelta(weeks=23)
    holed = [(day, seller) for day, seller in BUSY if not begin <= day < end + timedelta(weeks=1)]
    told(holed)
    (issue,) = cluster.issues("hole_in_records")
    assert (issue.row, issue.value, issue.severity) == (62, str(end + timedelta(weeks=1)), "warning")
    assert f"4 weeks before it, from that of {begin} to that of {end}" in issue.message
    assert "availability" in issue.cure
    cluster.write("availability", f"week,sku,market,seller,share\n{begin},P1,,,0\n")
    assert not cluster.issues("hole_in_records")
    cluster.write("availability", "week,sku,market,seller,share\n2022-01-03,P1,,,0\n")
    assert cluster.issues("hole_in_records")
    for usual in (BUSY, every(4, 30), every(1, 12) + every(1, 12, begin=26) + every(1, 12, begin=52)):
        told(usual)
        assert not cluster.issues("hole_in_records")


def test_lines_without_a_long_silence_are_the_end_of_the_records(told: Any) -> None:
    """A holiday of some weeks is no end, whatever is sold after it."""
    assert told([*BUSY, (FIRST + timedelta(weeks=40 + LONG_SILENCE - 1), "F2")]) == ([], Records())
    assert told(BUSY) == ([], Records())


def test_sales_that_begin_again_are_kept(told: Any) -> None:
    """After a long silence as many lines a week as before are no slips, though few yet; it is told that they count."""
    again = [(FIRST + timedelta(weeks=60, days=d), "F2") for d in (0, 3)]
    found, records = told([*BUSY, *again])
    assert records == Records()
    assert [row[0] for row in found] == [122]
    assert "counts and sets the first week to plan" in found[0][2]


def test_a_sparse_seller_keeps_what_it_sold(told: Any) -> None:
    """A line no further from the seller's others than these lie apart counts, also where all else has ended."""
    sparse = every(12, 5, "F3")  # weeks 0, 12, 24, 36, 48
    found, records = told([*BUSY, *sparse])
    assert records == Records()
    assert [row[0] for row in found] == [126]
    assert told([*BUSY, *every(12, 4, "F3"), (FIRST + timedelta(weeks=70), "F3")])[1] == Records(last=END)


def test_sales_of_a_season_are_not_far_from_each_other(told: Any) -> None:
    """Where the records are often silent for as long, the first line of a season is told of by nobody."""
    season = [day for year in range(3) for day in every(1, 8, begin=52 * year) for _ in range(3)]
    assert told([*season, (FIRST + timedelta(weeks=156), "F2")]) == ([], Records())


@given(st.lists(st.integers(1, 30), min_size=2, max_size=30))
def test_nothing_of_a_seller_with_one_line_a_week_is_left_out(engine: Any, apart: list[int]) -> None:
    """Whatever the weeks between single sales, none can be told from a slip: all are kept."""
    days = [FIRST + timedelta(weeks=sum(apart[:n])) for n in range(len(apart) + 1)]
    values = ", ".join(f"(DATE '{day}', 'F2')" for day in days)
    engine.store("far_sales", f"SELECT * FROM (VALUES {values}) AS t(date, seller)")
    assert read_records(Cluster(engine, {"sales": "far_sales"}, {}, date(2100, 1, 1))) == Records()
