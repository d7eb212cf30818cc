"""Weekly rows as a matrix."""

from datetime import timedelta

import numpy as np
import pytest

from jointplan.demand.panel import Panel, read_panel
from jointplan.engine import Tables


def test_weeks_stand_in_their_columns_and_gaps_are_zero(make_tables, start):
    """The last column is the week before the start, the first that of the first sale."""
    panel = read_panel(make_tables([("b", "m", "s", [0, 5, 0, 7, 0]), ("a", "m", "s", [3])]), start)
    assert panel.sku.tolist() == ["a", "b"]
    assert panel.quantity.tolist() == [[0, 0, 0, 3], [5, 0, 7, 0]]
    assert panel.first.tolist() == [3, 0]


def test_sales_from_the_start_on_are_not_read(make_tables, start):
    """What is sold later changes nothing, and what only sells later is not there."""
    known = make_tables([("a", "m", "s", [1, 2, 3])])
    later = make_tables([("a", "m", "s", [1, 2, 3, 99, 99]), ("z", "m", "s", [5])], end=start + timedelta(weeks=2))
    assert read_panel(later, start).quantity.tolist() == read_panel(known, start).quantity.tolist()


def test_order_of_rows_does_not_matter_and_equal_keys_add_up(make_tables, start):
    """Rows may come in any order, and twice for a week."""
    tables = make_tables([("a", "m", "s", [1, 2, 3]), ("a", "m", "t", [4, 5, 6])])
    weekly = tables["weekly"]
    shuffled = Tables({**tables, "weekly": weekly.take([5, 0, 3, 1, 4, 2, 0])})
    expected = read_panel(tables, start).quantity.copy()
    expected[0, 0] += 1
    assert read_panel(shuffled, start).quantity.tolist() == expected.tolist()


def test_blank_owners_and_families_have_their_defaults(make_tables, start):
    """A seller without an owner belongs to itself, a product without a family to `general`."""
    tables = make_tables([("a", "m", "s", [1]), ("b", "m", "t", [1])], owners={"s": "Li"}, families={"b": "lamps"})
    panel = read_panel(tables, start)
    assert panel.owner.tolist() == ["Li", "t"]
    assert panel.family.tolist() == ["general", "lamps"]


def test_picked_series_begin_with_their_own_first_week(make_tables, start):
    """Rows of others leave no trace in a picked panel, not even empty weeks."""
    panel = read_panel(make_tables([("a", "m", "s", [1] * 9), ("b", "m", "t", [4, 0, 6])]), start)
    assert panel.pick(panel.seller == "t").quantity.tolist() == [[4, 0, 6]]


def test_mismatched_arrays_are_refused():
    """A panel whose names and series differ in number is not made."""
    names = np.array(["a"])
    with pytest.raises(ValueError, match="series × weeks"):
        Panel(names, names, names, names, names, np.zeros((2, 3)))
    with pytest.raises(ValueError, match="needs its sku"):
        Panel(names, names[:0], names, names, names, np.zeros((1, 3)))
