"""Weekly series: complete weeks, and nothing lost without being counted."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jointplan.demand import dropped_lines, weekly_sales
from jointplan.engine import DuckDBEngine

SCHEMA = pa.schema(
    [
        ("date", pa.date32()),
        ("sku", pa.string()),
        ("market", pa.string()),
        ("seller", pa.string()),
        ("quantity", pa.float64()),
        ("unit_price", pa.float64()),
    ]
)


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(memory_limit="500MB", threads=1) as engine:
        yield engine


def weekly_and_dropped(engine: DuckDBEngine, folder: Path, lines: list[dict[str, object]]) -> tuple[pd.DataFrame, int]:
    path = folder / "sales.parquet"
    pq.write_table(pa.Table.from_pylist(lines, schema=SCHEMA), path)
    sales = engine.scan_parquet("sales", path)
    weekly = engine.arrow(weekly_sales(sales)).to_pandas()
    dropped = engine.arrow(dropped_lines(sales))
    return weekly.sort_values(["week", "sku", "market", "seller"], ignore_index=True), dropped.as_py()


def line(day: date, quantity: float = 1.0, price: float = 2.0) -> dict[str, object]:
    return {"date": day, "sku": "a", "market": "m", "seller": "s", "quantity": quantity, "unit_price": price}


def test_partial_first_and_last_weeks_are_left_out_and_counted(engine, tmp_path):
    """A week that sales only began or ended in is dropped; its lines are counted."""
    tuesday, monday, sunday, next_tuesday = date(2024, 1, 2), date(2024, 1, 8), date(2024, 1, 14), date(2024, 1, 16)
    weekly, dropped = weekly_and_dropped(
        engine, tmp_path, [line(day, 3) for day in (tuesday, monday, sunday, next_tuesday)]
    )
    assert weekly.to_dict("records") == [
        {"week": monday, "sku": "a", "market": "m", "seller": "s", "quantity": 6.0, "revenue": 12.0, "lines": 2}
    ]
    assert dropped == 2


def test_weeks_that_begin_on_monday_and_end_on_sunday_are_kept(engine, tmp_path):
    """Where the first day is a Monday and the last a Sunday nothing is dropped."""
    weekly, dropped = weekly_and_dropped(engine, tmp_path, [line(date(2024, 1, 1)), line(date(2024, 1, 14))])
    assert weekly["week"].tolist() == [date(2024, 1, 1), date(2024, 1, 8)]
    assert dropped == 0


def test_no_sales_make_no_weeks(engine, tmp_path):
    """Without sales there are no weeks and nothing to drop."""
    weekly, dropped = weekly_and_dropped(engine, tmp_path, [])
    assert weekly.empty
    assert dropped == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            lambda day, sku, quantity: line(date(2023, 12, 20) + timedelta(days=day), quantity) | {"sku": sku},
            st.integers(0, 60),
            st.sampled_from("abc"),
            st.integers(1, 9).map(float),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_weekly_sums_agree_with_pandas(engine, tmp_path, lines):
    """Every week between the partial ones holds what pandas adds up, and no line is lost."""
    weekly, dropped = weekly_and_dropped(engine, tmp_path, lines)
    frame = pd.DataFrame(lines)
    frame["week"] = pd.to_datetime(frame["date"]).dt.to_period("W-SUN").dt.start_time.dt.date
    first, last = frame["date"].min(), frame["date"].max()
    complete = frame[(frame["week"] >= first) & (frame["week"] + timedelta(days=6) <= last)]
    expected = complete.groupby(["week", "sku"])["quantity"].sum()
    assert weekly.set_index(["week", "sku"])["quantity"].to_dict() == expected.to_dict()
    assert int(weekly["lines"].sum()) + dropped == len(lines)
