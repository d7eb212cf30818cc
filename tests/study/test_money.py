"""The currency of a run."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from jointplan.errors import DataError
from jointplan.schema import TABLES
from jointplan.study.money import rates, revenue_in_run_currency

START = date(2025, 4, 14)


def fx(*rows: tuple[str, date, float]) -> pa.Table:
    """Return a table of rates."""
    return pa.Table.from_pylist([{"currency": c, "date": d, "rate": r} for c, d, r in rows], schema=TABLES["fx"].arrow)


def test_the_latest_rate_up_to_the_start_counts() -> None:
    """Later rates are not known yet when the plan is made; one is used, with a warning, only for want of another."""
    table = fx(
        ("USD", date(2025, 4, 13), 7.2),
        ("USD", date(2025, 1, 1), 7.0),
        ("USD", date(2025, 4, 15), 7.9),
        ("GBP", date(2025, 6, 1), 9.3),
        ("GBP", date(2025, 5, 1), 9.1),
    )
    worth, warnings = rates(table, "CNY", START)
    assert worth == {"USD": 7.2, "GBP": 9.1, "CNY": 1.0}
    assert [(w.rule, w.severity) for w in warnings] == [("rate_after_start", "warning")]
    assert rates(None, "CNY", START) == ({"CNY": 1.0}, [])


def test_revenue_is_converted_by_the_currency_of_each_market() -> None:
    """A market without a currency counts in that of the run; one without a rate is an error."""
    weekly = pa.table({"market": ["US", "CN", "XX", "US"], "revenue": [10.0, 10.0, 10.0, 1.0], "lines": [1, 1, 1, 1]})
    markets = pa.table({"market": ["CN", "US", "XX"], "currency": ["CNY", "USD", None]})
    converted = revenue_in_run_currency(weekly, markets, {"USD": 7.2, "CNY": 1.0}, "CNY")
    assert converted["revenue"].to_pylist() == pytest.approx([72.0, 10.0, 10.0, 7.2])
    assert converted.column_names == weekly.column_names
    with pytest.raises(DataError, match="no rate for USD"):
        revenue_in_run_currency(weekly, markets, {"CNY": 1.0}, "CNY")
