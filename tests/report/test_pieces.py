"""Pieces add up wherever the plan's quantities do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.report.pieces import whole_pieces


def rows(*cells: tuple[int, str, str, float]) -> pd.DataFrame:
    """Return rows of one product: week, seller, lane, quantity."""
    return pd.DataFrame(cells, columns=["week", "seller", "lane", "quantity"]).assign(sku="Q")


def test_what_is_made_is_what_is_handed_over_by_hand() -> None:
    """A lot of 30.5, half a piece up 31, leaves as 8.7, 8.2 and 13.6: 9, 8 and 14; one of 30 as 8.7, 8.2 and 13.1: 9, 8 and 13."""
    for lot, last, pieces in ((30.5, 13.6, [9, 8, 14]), (30.0, 13.1, [9, 8, 13])):
        made = whole_pieces(rows((1, "S", "", lot)), ["sku"], ["seller"])
        sent = rows((1, "S", "sea", 8.7), (2, "S", "sea", 8.2), (3, "S", "sea", last))
        assert whole_pieces(sent, ["sku"], ["seller", "lane"]).tolist() == pieces
        assert made.tolist() == [sum(pieces)]


def test_nobody_gets_less_for_ever() -> None:
    """Two sellers of half a piece a week have one piece in turn, not one seller all of them."""
    weekly = [cell for week in range(6) for cell in ((week, "S", "", 0.5), (week, "U", "", 0.5))]
    found = rows(*weekly).assign(pieces=lambda frame: whole_pieces(frame, ["sku"], ["seller"]))
    assert found.groupby("seller")["pieces"].sum().to_dict() == {"S": 3, "U": 3}
    assert (found.groupby("week")["pieces"].sum() == 1).all()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=80, deadline=None)
def test_running_totals_are_those_of_the_plan_rounded(seed: int) -> None:
    """At every week's end the pieces are the quantities but for half a piece, none is negative, and whole units stay as they are."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 40))
    table = pd.DataFrame(
        {
            "week": rng.integers(0, 6, size),
            "sku": rng.choice(["P", "Q"], size),
            "seller": rng.choice(["S", "U", "V"], size),
            "lane": rng.choice(["air", "sea"], size),
            "quantity": rng.exponential(rng.choice([0.3, 3.0, 30.0]), size),
        },
        index=rng.permutation(size) + 7,
    )
    pieces = whole_pieces(table, ["sku"], ["seller", "lane"])
    assert pieces.index.equals(table.index)
    assert (pieces >= 0).all()
    for _, same in table.assign(pieces=pieces).groupby("sku"):
        running = same.groupby("week")[["pieces", "quantity"]].sum().cumsum()
        assert (running["pieces"] - running["quantity"]).abs().max() <= 0.5 + 1e-3
    counted = table.assign(quantity=np.ceil(table["quantity"]))
    assert whole_pieces(counted, ["sku"], ["seller", "lane"]).tolist() == counted["quantity"].tolist()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_stock_in_pieces_is_never_below_nothing(seed: int) -> None:
    """Where no more has left than was made, no more pieces have left than were made, and all have when all has."""
    rng = np.random.default_rng(seed)
    made = rng.exponential(5.0, 6)
    left = np.diff(
        np.append(np.minimum.accumulate(rng.uniform(0, 1, 5))[::-1] * made.cumsum()[:-1], made.sum()), prepend=0
    )
    left = np.maximum(left, 0.0)
    both = [
        whole_pieces(rows(*((t, "S", "", float(u)) for t, u in enumerate(units))), ["sku"], ["seller"]).cumsum()
        for units in (made, left)
    ]
    assert (both[0] - both[1]).min() >= 0
    assert both[0].iloc[-1] == pytest.approx(both[1].iloc[-1])
