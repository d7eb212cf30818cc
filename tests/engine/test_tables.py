"""Tables are read-only and may hold what is not computed yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pytest

from jointplan.engine import Tables


class Counted(Mapping[str, pa.Table]):
    """Tables that note which of them were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> pa.Table:
        if name not in ("a", "b"):
            raise KeyError(name)
        self.asked.append(name)
        return pa.table({"x": [1, 2], "y": ["p", "q"]})

    def __iter__(self) -> Iterator[str]:
        return iter(("a", "b"))

    def __contains__(self, name: object) -> bool:
        return name in ("a", "b")

    def __len__(self) -> int:
        return 2


def test_tables_are_looked_up_only_when_asked_for() -> None:
    """Adding, counting and looking for names compute nothing."""
    source = Counted()
    tables = Tables(source).adding({"b": pa.table({"x": [9]}), "c": pa.table({"x": [3]})})
    assert sorted(tables) == ["a", "b", "c"]
    assert "a" in tables
    assert "z" not in tables
    assert source.asked == []
    assert tables["b"].to_pylist() == [{"x": 9}]
    assert tables["a"].num_rows == 2
    assert source.asked == ["a"]


def test_a_frame_holds_just_the_columns_asked_for() -> None:
    """A stage is given the columns it names, in its order."""
    frame = Tables({"a": pa.table({"x": [1], "y": ["p"], "z": [2.0]})}).frame("a", "z", "x")
    assert list(frame.columns) == ["z", "x"]


def test_an_absent_table_is_a_key_error() -> None:
    """An optional table that is not there is not silently empty."""
    with pytest.raises(KeyError):
        Tables({})["sales"]
