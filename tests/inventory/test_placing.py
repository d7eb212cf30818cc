"""Safety stock goes where it is cheapest: pooled before the ways part, at the ends where nothing is gained upstream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.inventory.placing import Place, place_stock, safety_stocks


def _places(upstream: float, ends: int, weeks: int = 14) -> list[Place]:
    rng = np.random.default_rng(1)
    demand = np.maximum(rng.normal(100, 30, (ends, 2000, weeks)), 0)
    maker = Place("maker", (), 28, last=False, holding=upstream, service=0.95, demand=demand.sum(axis=0))
    return [
        maker,
        *(Place(f"W{n}", ("maker",), 14, last=True, holding=1.0, service=0.95, demand=demand[n]) for n in range(ends)),
    ]


def test_safety_stock_grows_with_the_root_of_time_where_weeks_are_independent() -> None:
    """Normal independent weeks need z·σ·√t, and days between weeks lie between."""
    stocks = safety_stocks(_places(1.0, 1)[1], 42)
    for week in range(1, 7):
        assert stocks[7 * week] == pytest.approx(1.645 * 30 * week**0.5, rel=0.1)
    assert stocks[0] == 0
    assert (np.diff(stocks) >= 0).all()


def test_stock_moves_upstream_where_it_is_cheap() -> None:
    """Six warehouses served by one maker: with cheap stock at the maker it covers its own time, else the ends do."""
    cheap, ends = place_stock(_places(0.2, 6), 0)
    assert cheap[0].covered == 28
    assert cheap[0].safety > 0
    assert all(placed.covered == 14 for placed in cheap[1:])
    assert ends[0].safety == 0
    assert all(placed.covered == 42 for placed in ends[1:])
    assert sum(p.cost for p in cheap) < 0.8 * sum(p.cost for p in ends)
    dear, last = place_stock(_places(1.0, 1), 0)
    assert sum(p.cost for p in dear) == pytest.approx(sum(p.cost for p in last))


def test_customers_who_wait_save_stock() -> None:
    """A longer promise never costs more, and one as long as the whole way costs nothing."""
    places = _places(0.5, 2)
    costs = [sum(p.cost for p in place_stock(places, days)[0]) for days in (0, 7, 14, 28, 42)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == 0


def test_two_suppliers_of_one_place() -> None:
    """A place that two others supply waits for the slower; two ways to one end are planned by the solver."""
    maker, end = _places(0.2, 1)
    hub = replace(maker, name="hub", suppliers=("maker",), days=3)
    port = replace(maker, name="port", suppliers=("maker",), days=10)
    placed, last = place_stock([maker, hub, port, replace(end, suppliers=("hub", "port"))], 0)
    assert sum(p.cost for p in placed) <= sum(p.cost for p in last) + 1e-9
    assert last[-1].covered == 28 + 10 + 14
