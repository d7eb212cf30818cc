"""Rows are grouped, added up and paired as data frames do it."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from jointplan.planning import rows as module
from jointplan.planning.rows import added_up, alike, cells, met, paired, ranks, stacked, taken

TABLES = st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 2), st.integers(-50, 50)), max_size=30)


@given(TABLES, st.booleans())
def test_amounts_of_a_key_add_up_as_in_pandas(table: list[tuple[int, int, int]], sort: bool) -> None:
    """One row a key, by key or in the order met; sums of whole numbers stay whole, the rest is of the first row."""
    a, b, units = np.array(table, dtype=np.int64).reshape(-1, 3).T
    rows = {"a": a, "b": b, "units": units, "money": units / 4, "row": np.arange(len(table))}
    groups = alike(a, b)
    found = added_up(rows, *(groups if sort else met(*groups)), ["units", "money"])
    grouped = pd.DataFrame(rows).groupby(["a", "b"], as_index=False, sort=sort)
    expected = grouped.agg({"units": "sum", "money": "sum", "row": "first"})
    pd.testing.assert_frame_equal(pd.DataFrame(found)[list(expected)], expected, check_dtype=len(table) > 0)


@given(st.lists(st.integers(0, 5), max_size=20), st.lists(st.integers(0, 5), max_size=20))
def test_keys_are_paired_as_a_join_does(keys: list[int], whose: list[int]) -> None:
    """Every key meets all entries equal to it, in their order; what meets none is left out."""
    left = pd.DataFrame({"key": np.array(keys, dtype=np.int64), "left": np.arange(len(keys))})
    right = pd.DataFrame({"key": np.array(sorted(whose), dtype=np.int64), "right": np.arange(len(whose))})
    expected = left.merge(right, on="key").sort_values(["left", "right"])
    for found, name in zip(paired(np.array(keys, int), np.array(sorted(whose), int)), ("left", "right"), strict=True):
        assert found.tolist() == expected[name].tolist()


@given(st.lists(st.sampled_from(["b", "a", "乙", "甲", "B"])))
def test_names_have_their_place_in_the_alphabet(names: list[str]) -> None:
    """The same names have the same place, and places follow the names."""
    places = ranks(names)
    assert all(
        (p < q) == (m < n) for p, m in zip(places, names, strict=True) for q, n in zip(places, names, strict=True)
    )


def test_cells_above_a_limit_become_rows() -> None:
    """Only cells in which the first array is far enough from zero are there, with what the others have in the same place."""
    found = cells(above=1.0, units=np.array([[0.5, -2.0], [3.0, 1.0]]), cost=np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert {name: values.tolist() for name, values in found.items()} == {
        "row": [0, 1], "week": [1, 0], "units": [-2.0, 3.0], "cost": [2.0, 3.0],
    }  # fmt: skip


def test_parts_are_taken_and_stacked() -> None:
    """What was taken apart is whole again when one part is put below the other."""
    rows = {"a": np.arange(4), "b": np.array(list("wxyz"), dtype=object)}
    again = stacked([taken(rows, slice(0, 1)), taken(rows, np.array([1])), taken(rows, rows["a"] > 1)])
    assert {name: values.tolist() for name, values in again.items()} == {"a": [0, 1, 2, 3], "b": list("wxyz")}


def test_the_examples_are_true() -> None:
    """The arithmetic in the docstrings."""
    found = doctest.testmod(module)
    assert found.attempted >= 4
    assert found.failed == 0
