"""What sells no longer is named: what has ended, and what is silent for longer than it ever was while it sold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from jointplan.demand.silence import LEAST_SILENCE, silent_series
from jointplan.engine import Tables
from jointplan.schema import QUANTILES, TABLES
from tests.demand.clusters import Series

STEADY = [13.0] * 80


def forecasts(series: list[Series], start: date, ended: tuple[str, ...] = ()) -> pa.Table:
    """Return forecasts of two weeks, nought where a product has ended."""
    rows = [
        {
            "basis": basis, "origin": start, "week": start + timedelta(weeks=n), "sku": sku, "market": market, "seller": seller,
            **dict.fromkeys(("mean", *QUANTILES), 0.0 if sku in ended else 5.0), "model": "Ended" if sku in ended else "Theta",
        }
        for basis in ("shared", "own:S")
        for sku, market, seller, _ in series
        for n in range(2)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, TABLES["forecasts"].arrow)


@pytest.fixture
def named(make_tables: Callable[..., Tables], start: date) -> Callable[..., dict[str, dict[str, Any]]]:
    """Return the rows by product."""

    def rows(units: dict[str, list[float]], ended: tuple[str, ...] = (), **more: pa.Table) -> dict[str, dict[str, Any]]:
        series: list[Series] = [(sku, "M", "S", sold) for sku, sold in units.items()]
        tables = make_tables(series).adding(more)
        found = silent_series(tables, forecasts(series, start, ended), start)
        assert found.schema.equals(TABLES["silences"].arrow)
        return {row["sku"]: row for row in found.to_pylist()}

    return rows


def test_a_steady_seller_long_silent_is_named_with_its_last_sale(named: Any, start: date) -> None:
    """Thirteen a week for 80 weeks and then nothing for 24 is told, with what is still forecast; what sells is not."""
    (row,) = named({"GONE": [*STEADY, *[0.0] * 24], "SELLS": [13.0] * 104}).values()
    assert row == {
        "sku": "GONE", "market": "M", "seller": "S", "last_sale": start - timedelta(weeks=25), "silent": 24, "longest": 0,
        "share": 1.0, "ended": False, "expected": 10.0,
    }  # fmt: skip


def test_what_has_ended_is_named(named: Any, start: date) -> None:
    """What the forecast counts as ended is listed as such, also what sold once only; nothing else sparse is."""
    found = named({"ONCE": [7.0, *[0.0] * 63], "RARE": [3.0, *[0.0] * 12] * 5 + [0.0] * 6, "NOW": STEADY}, ("ONCE",))
    assert {sku: (row["ended"], row["expected"]) for sku, row in found.items()} == {"ONCE": (True, 0.0)}
    assert found["ONCE"]["last_sale"] == start - timedelta(weeks=64)


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ([*STEADY, *[0.0] * (LEAST_SILENCE - 1)], False),
        ([*STEADY, *[0.0] * LEAST_SILENCE], True),
        ([*[9.0] * 20, *[0.0] * 32, *[9.0] * 20, *[0.0] * 32], False),  # a season
        ([*[9.0] * 20, *[0.0] * 32, *[9.0] * 20, *[0.0] * 33], True),
        ([*([4.0, *[0.0] * 9] * 6), *[0.0] * 20], False),  # one week in ten: twenty weeks of nothing are no wonder
    ],
)
def test_silence_is_long_against_the_habit_of_the_series(named: Any, units: list[float], told: bool) -> None:
    """It is held against the longest silence between two sales, and against how often the series sold."""
    assert ("A" in named({"A": units, "SELLS": [1.0] * len(units)})) == told


def test_weeks_in_which_it_could_not_be_bought_are_no_silence(named: Any, start: date) -> None:
    """A product told to be out week after week is not named."""
    weeks = [start - timedelta(weeks=n) for n in range(1, 25)]
    out = pa.Table.from_pylist(
        [{"week": week, "sku": "GONE", "market": "M", "share": 0.0} for week in weeks], TABLES["availability"].arrow
    )
    units = {"GONE": [*STEADY, *[0.0] * 24], "SELLS": [13.0] * 104}
    assert set(named(units)) == {"GONE"}
    assert named(units, availability=out) == {}


def test_what_came_back_to_the_last_unit_is_not_named(named: Any, start: date) -> None:
    """A series without any week of sales has no habit and no last sale: it is passed over without a word on the console."""
    week = start - timedelta(weeks=30)
    keys = {"sku": "BACK", "market": "M", "seller": "S"}
    back = pa.Table.from_pylist([{"week": week, "known": week + timedelta(weeks=1), **keys, "quantity": 5.0}])
    units = {"GONE": [*STEADY, *[0.0] * 24], "BACK": [*[0.0] * 74, 5.0, *[0.0] * 29]}
    assert set(named(units, weekly_returns=back)) == {"GONE"}
