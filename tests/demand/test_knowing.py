"""What had sold before a past Monday is told from what began to sell after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jointplan.demand.knowing import known_sales
from jointplan.engine import Tables
from tests.demand.clusters import START


def test_shares_are_of_what_had_sold_before_each_monday(make_tables: Callable[..., Tables]) -> None:
    """Of 26 weeks forecast thirteen weeks at a time, a series counts from the Monday after its first sale, in its market and by its seller alone."""
    old, new = [3.0] * 39, [0.0] * 30 + [9.0] * 9
    tables = make_tables([("A", "M", "S", old), ("A", "N", "S", new), ("B", "M", "S", [0.0] * 20 + [6.0] * 19)])
    rows = known_sales(tables["weekly"], START, 13).to_pylist()
    assert [(START - row["origin"]).days // 7 for row in rows] == [26, 13]
    assert [(row["sold"], row["known"]) for row in rows] == [(39.0 + 36.0, 39.0), (39.0 + 81.0 + 78.0, 39.0 + 78.0)]
    assert [row["share"] for row in rows] == pytest.approx([39 / 75, 117 / 198])


def test_short_records_and_what_comes_later_tell_nothing(make_tables: Callable[..., Tables]) -> None:
    """Records shorter than twice the weeks forecast give no row, and sales from the first week forecast on are not read."""
    weekly = make_tables([("A", "M", "S", [3.0] * 25)])["weekly"]
    assert known_sales(weekly, START, 13).num_rows == 0
    assert known_sales(weekly.slice(0, 0), START, 13).num_rows == 0
    twice = make_tables([("A", "M", "S", [3.0] * 39), ("B", "M", "S", [0.0] * 38 + [5.0])])["weekly"]
    before = make_tables([("A", "M", "S", [3.0] * 38)], end=START.fromordinal(START.toordinal() - 7))["weekly"]
    earlier = START.fromordinal(START.toordinal() - 7)
    assert known_sales(twice, earlier, 13).equals(known_sales(before, earlier, 13))
