"""Every unit of a product counts for one stock that it can get to, and for none twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.inventory.position import ANYBODY, Supply, Wanting, Where, positions

PLACES = ("HUB", "PORT", "WH")
units = st.integers(0, 200).map(float)
supply = st.builds(
    lambda where, place, seller, amount: Supply(
        where, PLACES[place], seller, amount, frozenset(PLACES[place:])
    ),
    st.sampled_from(Where), st.integers(0, 2), st.sampled_from([ANYBODY, "S1", "S2"]), units,
)  # fmt: skip


@given(st.lists(supply, max_size=8), st.lists(units, min_size=6, max_size=6), st.lists(units, min_size=6, max_size=6))
def test_no_unit_counts_twice_and_no_stock_gets_more_than_it_lacks(
    supplies: list[Supply], levels: list[float], owed: list[float]
) -> None:
    """Shares of goods come to no more than there are, go only where goods can get to and to their owner, and stop at what is lacking."""
    keys = [(place, seller) for place in PLACES for seller in ("S1", "S2")]
    stocks = [Wanting(*key, level, due) for key, level, due in zip(keys, levels, owed, strict=True)]
    found = positions(stocks, supplies)
    used = [min(p.on_hand, s.order_up_to + s.owed) + p.on_order() for p, s in zip(found, stocks, strict=True)]
    assert sum(used) <= sum(goods.units for goods in supplies) + 1e-6
    for number, goods in enumerate(supplies):
        given_out = sum(amount for p in found for shared, amount in p.shares if shared is goods)
        same = sum(other is goods for other in supplies)
        assert given_out <= same * goods.units + 1e-6, number
    for stock, position in zip(stocks, found, strict=True):
        assert position.on_order() <= max(stock.order_up_to + stock.owed - position.on_hand, 0.0) + 1e-6
        for shared, amount in position.shares:
            assert amount > 0
            assert stock.site in shared.reaches
            assert shared.seller in (ANYBODY, stock.seller)


def test_what_a_stock_does_not_need_others_can_draw_on() -> None:
    """A hub with twice what it keeps gives the rest to the warehouse behind it; what is owed there is filled first by nobody else."""
    stocks = [Wanting("HUB", "S1", 30.0, 0.0), Wanting("WH", "S1", 40.0, 5.0)]
    hub = Supply(Where.LYING, "HUB", "S1", 60.0, frozenset({"HUB", "WH"}))
    there, behind = positions(stocks, [hub])
    assert (there.on_hand, there.on_order()) == (60.0, 0.0)
    assert (behind.on_hand, behind.on_order(), behind.units) == (0.0, pytest.approx(30.0), pytest.approx(25.0))


def test_goods_that_fewer_can_use_are_given_out_first() -> None:
    """A shipment to one warehouse fills it, so that the hub's goods are left to the other."""
    stocks = [Wanting("A", None, 50.0, 0.0), Wanting("B", None, 50.0, 0.0)]
    hub = Supply(Where.LYING, "HUB", ANYBODY, 50.0, frozenset({"HUB", "A", "B"}))
    ship = Supply(Where.UNDER_WAY, "A", "S1", 50.0, frozenset({"A"}))
    first, second = positions(stocks, [hub, ship])
    assert (first.on_order(Where.UNDER_WAY), first.on_order(Where.LYING)) == (50.0, 0.0)
    assert second.on_order(Where.LYING) == 50.0
