"""What a unit of safety stock saves is its cost of shortage times the chance that it is needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from jointplan.inventory.lost_stock import LostStock
from jointplan.inventory.protection import PARTS, safety_parts
from jointplan.inventory.replenishment import Replenishment
from jointplan.inventory.targets import Policy, choose_target
from tests.inventory.test_lost_orders import FINE, MEAN, counted_cost, poisson_weeks


def weeks_of_demand(seed: int, samples: int = 20_000, weeks: int = 12) -> np.ndarray:
    return np.maximum(np.random.default_rng(seed).normal(50, 8, (samples, weeks)), 0.0)


def test_owed_units_are_worth_the_newsvendor_s_margin() -> None:
    """METHODS G's N(50, σ = 8) over one week, h = .18, p = .70: a unit saves (p + h)·P(D > level)."""
    terms = Replenishment(lead=0.0, spread=0.0, review=1.0, holding=0.18, shortage=0.70, lost=False)
    paths = weeks_of_demand(1)
    target = choose_target(paths, terms, order_cost=0.0, rng=np.random.default_rng(0))
    parts = safety_parts(paths, terms, target, np.random.default_rng(0))
    assert target.order_up_to == pytest.approx(56.6, abs=1)
    assert sum(part.units for part in parts) == round(target.safety)
    low = target.order_up_to - round(target.safety)
    for part in parts:
        levels = np.linspace(low, low + part.units, 200)
        assert part.worth == pytest.approx(0.88 * norm.sf(levels, 50, 8).mean(), rel=0.03)
        low += part.units
    assert [part.worth for part in parts] == sorted((part.worth for part in parts), reverse=True)
    assert parts[-1].worth > 0.18  # the last part is worth keeping as a whole


def test_lost_units_account_for_what_the_level_saves() -> None:
    """The parts together save what the target costs less than the level without safety stock does, holding counted."""
    terms = Replenishment(lead=2.0, spread=0.0, review=1.0, holding=0.1, shortage=5.0, lost=True)
    paths = weeks_of_demand(2, samples=500, weeks=terms.weeks)
    target = choose_target(paths, terms, order_cost=0.0, rng=np.random.default_rng(0))
    parts = safety_parts(paths, terms, target, np.random.default_rng(0))
    assert len(parts) == PARTS
    assert all(part.worth >= 0 for part in parts)
    assert parts[0].worth > parts[-1].worth
    low = LostStock.of(paths, terms).at(target.order_up_to - round(target.safety)).cost
    saved = sum(part.units * (part.worth - terms.holding) for part in parts)
    assert saved == pytest.approx(low - target.cost)


def test_orders_that_cost_something_need_less_safety() -> None:
    """A stock that is ordered seldom runs low seldom: a unit of its safety stock saves less than at a base stock of that level."""
    terms = Replenishment(lead=1.0, spread=0.0, review=1.0, holding=0.1, shortage=2.0, lost=False)
    paths = weeks_of_demand(3, samples=2_000)
    target = choose_target(paths, terms, order_cost=60.0, rng=np.random.default_rng(0))
    parts = safety_parts(paths, terms, target, np.random.default_rng(0))
    base = choose_target(paths, terms, order_cost=0.0, rng=np.random.default_rng(0))
    plain = safety_parts(paths, terms, base, np.random.default_rng(0))
    assert target.order_up_to > target.reorder_point + 1
    assert parts == [] or parts[0].worth < plain[0].worth


def test_watched_units_save_what_is_counted_customer_by_customer() -> None:
    """Of (r, Q) under lost sales the parts together save what a simulation customer by customer counts without the safety stock."""
    terms = replace(FINE, shortage=60.0)
    paths = poisson_weeks(5, 20_000, 20, MEAN / 10)
    target = choose_target(paths, terms, order_cost=40.0, rng=np.random.default_rng(1))
    parts = safety_parts(paths, terms, target, np.random.default_rng(1))
    units, size = sum(part.units for part in parts), int(target.order_up_to - target.reorder_point)
    assert target.policy is Policy.REORDER_POINT
    assert size > target.reorder_point
    with_it, without = (
        counted_cost(int(target.reorder_point - less), size, 2.0, 200_000, 6, shortage=60.0, fixed=0.0)
        for less in (0, units)
    )
    saved = 10 * sum(part.units * (part.worth - terms.holding) for part in parts)
    assert saved == pytest.approx(without - with_it, rel=0.05)


def test_no_safety_no_parts() -> None:
    """Where a level below expected demand is cheapest there is nothing to protect."""
    terms = Replenishment(lead=0.0, spread=0.0, review=1.0, holding=2.0, shortage=0.5, lost=False)
    paths = weeks_of_demand(4, samples=2_000)
    target = choose_target(paths, terms, order_cost=0.0, rng=np.random.default_rng(0))
    assert target.safety < 0
    assert safety_parts(paths, terms, target, np.random.default_rng(0)) == []
