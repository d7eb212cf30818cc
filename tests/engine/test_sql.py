"""Whatever is written into SQL comes out of it unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.engine import DuckDBEngine, identifier, literal

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.dates(date(1000, 1, 1), date(9999, 12, 31)),
    TEXT,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


@given(value=VALUES, name=TEXT.filter(lambda text: text.strip()))
def test_values_and_names_survive(engine: DuckDBEngine, value: object, name: str) -> None:
    """A value written as a literal under a quoted name is read back as it was."""
    found = engine.sql(f"SELECT {literal(value)} AS {identifier(name)}")
    assert found.column_names == [name]
    assert found.column(0)[0].as_py() == (pytest.approx(value) if isinstance(value, float) else value)
