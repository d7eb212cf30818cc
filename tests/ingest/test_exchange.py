"""Exchange rates that leave their course by a factor of about ten are asked about; those that follow it are not."""

from __future__ import annotations

from typing import Any

import pytest

COURSE = [7.42, 7.43, 7.41, 7.19, 7.18]


def leaps(cluster: Any, rates: list[float]) -> list[tuple[int | None, str]]:
    """Return row and value of the rates that are asked about, beside a second currency on its course."""
    rows = [f"USD,2024-{month:02}-01,{rate}" for month, rate in enumerate(rates, 1)]
    cluster.write("fx", "\n".join(["currency,date,rate", *rows, "JPY,2024-01-01,0.05", "JPY,2024-02-01,0.051"]))
    return [(issue.row, issue.value) for issue in cluster.issues("rate_off_course")]


@pytest.mark.parametrize("month", range(5))
@pytest.mark.parametrize("factor", [100, 10, 0.1, 0.01])
def test_one_rate_off_its_course_is_the_one_that_is_named(cluster: Any, month: int, factor: float) -> None:
    """Wherever it stands, the first and the last among them, and whichever way."""
    rates = [round(rate * factor, 4) if n == month else rate for n, rate in enumerate(COURSE)]
    assert leaps(cluster, rates) == [(month + 2, f"{rates[month]}")]


def test_the_rates_and_the_cure_are_told(cluster: Any) -> None:
    """Place, both rates with their days, what the column holds, and that a new unit of money is no slip."""
    leaps(cluster, [*COURSE, 712])
    (issue,) = cluster.issues("rate_off_course")
    assert (issue.severity, issue.table, issue.column) == ("warning", "fx", "rate")
    assert issue.file.endswith("fx.csv")
    assert "712 on 2024-06-01" in issue.message
    assert "7.18 on 2024-05-01" in issue.message
    assert "one USD" in issue.cure
    assert "unit was changed" in issue.cure


@pytest.mark.parametrize(
    ("rates", "rows"),
    [
        (COURSE, []),
        ([1, 3, 9, 27, 81, 243], []),  # money that melts, month by month
        ([1, 7.9, 1], []),
        ([7, 700, 7, 700, 7], [3, 5]),
        ([7, 7.1, 700, 710, 720], [4]),  # as of one day all are of a hundred: told once
        ([7, 700], [3]),
        ([712], []),
    ],
)
def test_a_course_is_told_from_leaps(cluster: Any, rates: list[float], rows: list[int]) -> None:
    assert [row for row, _ in leaps(cluster, rates)] == rows


@pytest.mark.parametrize(
    ("rates", "rows"),
    [
        (
            {2010: 1.7, 2015: 0.7, 2020: 0.11, 2024: 0.009},
            [],
        ),  # twelve times less in four years, as money does that melts
        ({2010: 7.1, 2012: 700}, [3]),
        ({2010: 7.1, 9999: 700}, []),
    ],
)
def test_rates_years_apart_may_have_moved_more(cluster: Any, rates: dict[int, float], rows: list[int]) -> None:
    """What took years is no leap, unless it is more than money moves in them."""
    lines = [f"ARS,{year}-01-01,{rate}" for year, rate in rates.items()]
    cluster.write("fx", "\n".join(["currency,date,rate", *lines]))
    assert [issue.row for issue in cluster.issues("rate_off_course")] == rows
