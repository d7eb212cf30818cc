"""Numbers and days are read in every way people write them, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pycountry
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jointplan.engine import DuckDBEngine, identifier
from jointplan.ingest.files import cells
from jointplan.ingest.files.cells import CURRENCY_WORDS, Habits, survey, value
from jointplan.schema import TABLES
from jointplan.schema.countries import country_names

QUICK = settings(max_examples=20, deadline=None)


def parsed(engine: DuckDBEngine, table: str, column: str, cells: list[str]) -> list[Any]:
    """Return what cells of one column of a file read as."""
    engine.register("cells", pa.table({"n": range(len(cells)), column: cells}))
    habits = survey(engine, "cells", TABLES[table], {column: pa.string()})
    sql = value(TABLES[table][column], pa.string(), habits.get(column, Habits()))
    return engine.sql(f"SELECT {sql} AS {identifier(column)} FROM cells ORDER BY n").column(0).to_pylist()


def read(cluster: Any, column: str, values: list[str]) -> tuple[list[Any], set[str]]:
    """Return what a column of products reads as, and the rules its values break."""
    rows = "".join(f'P{n},"{value}"\n' for n, value in enumerate(values))
    cluster.write("products", f"sku,{column}\n{rows}")
    (cluster.workspace.tables / "sales.csv").unlink(missing_ok=True)
    checked = cluster.check()
    rules = {issue.rule for issue in checked.issues if issue.column == column and issue.rule != "product_without_price"}
    return checked.tables["products"][column].to_pylist(), rules


@pytest.mark.parametrize(
    "values",
    [
        ["2024-03-05", "2024-3-6", "2024/3/7"],
        ["2024年3月5日", "2024 年 3 月 6 日", "2024年03月07日"],
        ["20240305", "20240306", "20240307"],
        ["45356", "45357", "45358.75"],
        ["5.3.2024", "06.03.2024", "7.3.24"],
        ["5 Mar 2024", "6-Mar-24", "March 7, 2024"],
        ["2024-03-05 13:45", "2024-03-06T00:00:00Z", "2024-03-07 08:00:00.5"],
    ],
)
def test_days_are_read_in_every_usual_way(cluster: Any, values: list[str]) -> None:
    """Each way of writing three days in March gives these days."""
    expected = [date(2024, 3, 5), date(2024, 3, 6), date(2024, 3, 7)]
    assert read(cluster, "launched", values) == (expected, set())


def test_days_in_three_formats_are_read_and_told(cluster: Any) -> None:
    """Several formats in one column that leave no doubt are a warning that shows them."""
    values, rules = read(cluster, "launched", ["2024-03-05", "2024年3月6日", "45358"])
    assert values == [date(2024, 3, 5), date(2024, 3, 6), date(2024, 3, 7)]
    assert rules == {"mixed_dates"}


@pytest.mark.parametrize(
    ("witness", "expected"), [("13/1/2024", date(2024, 3, 5)), ("1/13/2024", date(2024, 5, 3))], ids=["day", "month"]
)
def test_one_value_tells_day_from_month_for_the_column(cluster: Any, witness: str, expected: date) -> None:
    """5/3/2024 is read by the company it keeps."""
    values, rules = read(cluster, "launched", ["5/3/2024", witness])
    assert values == [expected, date(2024, 1, 13)]
    assert rules == set()


@pytest.mark.parametrize("values", [["5/3/2024", "6/4/2024"], ["5/3/2024", "13/1/2024", "1/13/2024"]])
def test_a_day_that_may_be_a_month_is_an_error(cluster: Any, values: list[str]) -> None:
    """Without a witness, or with two that disagree, nothing is guessed; the cure names the format."""
    days, rules = read(cluster, "launched", values)
    assert days[0] is None
    assert rules == {"ambiguous_date"}
    assert "2024-03-05" in cluster.issues("ambiguous_date")[0].cure


def test_the_same_number_twice_is_no_doubt(cluster: Any) -> None:
    """4/4/2024 is the fourth of April whichever comes first."""
    assert read(cluster, "launched", ["4/4/2024"]) == ([date(2024, 4, 4)], set())


@pytest.mark.parametrize("value", ["2024-02-30", "soon", "2024-13-01", "31/2/2024", "12", "2024年13月1日"])
def test_what_is_no_day_is_an_error(cluster: Any, value: str) -> None:
    """Days that do not exist are not moved to ones that do."""
    values, rules = read(cluster, "launched", [value])
    assert values == [None]
    assert rules == {"not_a_date"}


@QUICK
@given(days=st.lists(st.dates(date(1991, 1, 1), date(2090, 1, 1)), min_size=1, max_size=20), style=st.integers(0, 4))
def test_any_day_survives_being_written(engine: DuckDBEngine, days: list[date], style: int) -> None:
    """Written in any one format, every day is read back."""
    days = [*days, date(2024, 1, 31)]
    write = (
        lambda day: day.isoformat(),
        lambda day: f"{day.year}年{day.month}月{day.day}日",
        lambda day: f"{day.day}/{day.month}/{day.year}",
        lambda day: f"{day.month}/{day.day}/{day.year}",
        lambda day: str((day - date(1899, 12, 30)).days),
    )[style]
    assert parsed(engine, "products", "launched", [write(day) for day in days]) == days


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1234.5", "1,234.50", " 12 ", "１２．５", "¥99.90", "$ 5", "1e3"], [1234.5, 1234.5, 12, 12.5, 99.9, 5, 1000]),
        (["1,5", "1.234,50", "12", "1.234"], [1.5, 1234.5, 12, 1234]),
        (["1,234", "1,234,567"], [1234, 1234567]),
        (["1,234", "0.5"], [1234, 0.5]),
        (["15%", "0.5"], [0.15, 0.5]),
    ],
)
def test_numbers_are_read_in_every_usual_way(cluster: Any, values: list[str], expected: list[float]) -> None:
    """Whether a comma parts decimals or thousands is told by the column."""
    found, rules = read(cluster, "unit_value", values)
    assert found == pytest.approx(expected)
    assert rules == set()


def test_a_comma_nobody_explains_is_an_error(cluster: Any) -> None:
    """1,234 alone may be a thousand or a little more than one."""
    values, rules = read(cluster, "unit_value", ["1,234", "5"])
    assert values == [None, 5]
    assert rules == {"ambiguous_number"}


@pytest.mark.parametrize("column", ["unit_value", "weight"])
def test_a_comma_and_a_point_that_say_nothing_of_each_other_are_both_an_error(cluster: Any, column: str) -> None:
    """Of 1,234 and 1.234 one is a thousand and the other a little more than one; which is which, nobody can tell."""
    values, rules = read(cluster, column, ["1,234", "1.234", "5"])
    assert values == [None, None, 5]
    assert rules == {"ambiguous_number"}
    assert [(issue.row, issue.severity) for issue in cluster.issues("ambiguous_number")] == [(2, "error"), (3, "error")]


def test_decimal_commas_and_points_in_one_column_are_an_error(cluster: Any) -> None:
    """A column that writes decimals in two ways is wrong in one of them: the comma is told, not a unit that is not there."""
    values, rules = read(cluster, "unit_value", ["1,5", "1.234,50", "1.5", "3 kg"])
    assert values == [None, None, 1.5, None]
    assert rules == {"comma_of_decimals", "not_a_number"}
    assert [issue.row for issue in cluster.issues("comma_of_decimals")] == [2, 3]
    assert "point" in cluster.issues("comma_of_decimals")[0].message
    assert "unit" not in cluster.issues("comma_of_decimals")[0].cure
    assert [issue.row for issue in cluster.issues("not_a_number")] == [5]


@pytest.mark.parametrize("value", ["3 kg", "abc", "nan", "inf", "1.2.3", "--5", "1,2,3"])
def test_what_is_no_number_is_an_error(cluster: Any, value: str) -> None:
    """Units and words are not dropped, and there is no infinite price."""
    values, rules = read(cluster, "unit_value", [value])
    assert values == [None]
    assert rules == {"not_a_number"}


def test_a_number_of_thirty_digits_is_an_error(cluster: Any) -> None:
    """No price has thirty digits; a code of thirty digits is kept to the last one."""
    digits = "123456789012345678901234567890"
    assert read(cluster, "unit_value", [digits])[1] == {"number_too_large"}
    assert read(cluster, "title", [digits]) == ([digits], set())


@QUICK
@given(numbers=st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=20))
def test_any_number_survives_being_written(engine: DuckDBEngine, numbers: list[float]) -> None:
    """Numbers as Python writes them are read back to the last bit."""
    assert parsed(engine, "products", "unit_value", [repr(number) for number in numbers]) == numbers


@QUICK
@given(numbers=st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=20))
def test_thousands_separators_do_not_matter(engine: DuckDBEngine, numbers: list[Any]) -> None:
    """With separators in the English or the German way, a price is the same."""
    english = [f"{number:,.2f}" for number in numbers]
    german = [text.translate(str.maketrans(",.", ".,")) for text in english]
    assert parsed(engine, "products", "unit_value", english) == [float(number) for number in numbers]
    assert parsed(engine, "products", "unit_value", german) == [float(number) for number in numbers]


def test_weeks_are_moved_to_their_monday_and_told(cluster: Any) -> None:
    """A week may be given by any of its days or by its number."""
    days = ["2024-03-04", "2024-03-13", "2024-W12", "2024-W1"]
    cluster.write("calendar", "week,share\n" + "".join(f"{day},0.5\n" for day in days))
    checked = cluster.check()
    weeks = checked.tables["calendar"]["week"].to_pylist()
    assert weeks == [date(2024, 3, 4), date(2024, 3, 11), date(2024, 3, 18), date(2024, 1, 1)]
    assert [(issue.rule, issue.row) for issue in checked.issues] == [("not_a_monday", 3)]
    assert all(week.weekday() == 0 for week in weeks)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.dates(date(2000, 1, 1), date(2050, 1, 1)), days=st.integers(1, 30))
def test_every_day_of_a_week_is_that_week(cluster: Any, start: date, days: int) -> None:
    """Weeks run from Monday to Sunday, as Python counts them."""
    given_days = [start + timedelta(days=n) for n in range(days)]
    rows = "".join(f"r{n},{day},0.5\n" for n, day in enumerate(given_days))
    cluster.write("calendar", "region,week,share\n" + rows)
    weeks = cluster.check().tables["calendar"]["week"].to_pylist()
    assert weeks == [day - timedelta(days=day.weekday()) for day in given_days]


WRITTEN = {
    "launched": st.one_of(
        st.dates(date(1, 1, 1), date(9999, 12, 31)).map(str),
        st.sampled_from(
            ["2024-3-5", "2024-02-30", "5/3/2024", "20240305", "45356", "infinity", "10000-01-01", "0044-03-15 (BC)"]
        ),
        st.text("0123456789-/. ", min_size=1, max_size=11),
    ),
    "unit_value": st.one_of(
        st.floats().map(repr),
        st.integers().map(str),
        st.sampled_from(
            ["1.234", "12.345 ", "-7.250", "0.125", "1,234", "1,5", "7%", "１２", "1_000", "5.", ".5", "1e400"]
        ),
        st.text("0123456789.,+-% e", min_size=1, max_size=8),
    ),
}


@pytest.mark.parametrize("column", sorted(WRITTEN))
@settings(max_examples=60, deadline=None)
@given(drawn=st.data())
def test_what_is_read_at_once_is_what_a_closer_look_reads(engine: DuckDBEngine, column: str, drawn: Any) -> None:
    """Whatever stands in a column, how it is written and what its cells mean do not depend on the way they are read."""
    written = drawn.draw(st.lists(WRITTEN[column], min_size=1, max_size=4))
    declared = TABLES["products"][column]
    engine.register("cells", pa.table({"n": range(len(written)), column: written}))
    habits = survey(engine, "cells", TABLES["products"], {column: pa.string()})[column]
    close = cells._counted(engine, "cells", {column: cells._signs(declared)})[column]
    decided = cells._dates(close) if column == "launched" else cells._numbers(declared, close, chinese=False)
    assert replace(habits, plain=False) == decided
    at_once, closely = (value(declared, pa.string(), h) for h in (habits, decided))
    assert engine.rows(f"SELECT {at_once} AS v FROM cells ORDER BY n") == engine.rows(
        f"SELECT {closely} AS v FROM cells ORDER BY n"
    )


@pytest.mark.parametrize(
    ("column", "known"),
    [
        ("currency", {currency.alpha_3: currency.alpha_3 for currency in pycountry.currencies} | CURRENCY_WORDS),
        ("country", dict(country_names()) | {country.alpha_2: country.alpha_2 for country in pycountry.countries}),
    ],
)
def test_every_word_for_a_currency_or_a_country_is_its_code(
    engine: DuckDBEngine, column: str, known: dict[str, str]
) -> None:
    """Each of hundreds of words is looked up, and what stands between two of them is none."""
    first, second, *_ = known
    assert parsed(engine, "markets", column, list(known)) == list(known.values())
    assert parsed(engine, "markets", column, [f"{first}\n{second}", "", "?"]) == [None] * 3
