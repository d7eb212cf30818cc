"""Reorder points and order-up-to levels are the textbook's, and no other policy tried is cheaper."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jointplan.inventory.distributions import DiscreteDemand, NormalDemand
from jointplan.inventory.newsvendor import expected_cost
from jointplan.inventory.reorder import (
    best_order_up_to,
    best_reorder,
    best_reorder_in_units,
    reorder_cost,
    reorder_point_for,
)
from tests.inventory.networks import textbook


def _normal(given: dict[str, Any]) -> tuple[NormalDemand, dict[str, float]]:
    time = given["lead_time"]
    money = {"holding": given["holding_cost"], "shortage": given["stockout_cost"]}
    return NormalDemand(given["demand_mean"] * time, given["demand_sd"] * sqrt(time)), money


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "point", "quantity", "cost"),
    [
        ("example_5_1", 126.8, 328.5, 78.07116250928294),
        ("example_5_1", 100, 250, 87.34647802817499),
        ("problem_5_1", -1.9859, 166.95, 484.2110418415538),
        ("problem_5_1", 100, 250, 830.3219178082192),
    ],
)
def test_cost_of_a_policy(data: Path, name: str, point: float, quantity: float, cost: float) -> None:
    """Snyder and Shen (2019), eq. (5.7): costs that stockpyl's own tests give for policies."""
    given = textbook(data / "bench" / "stockpyl")[name]
    demand, money = _normal(given)
    found = reorder_cost(point, quantity, demand=demand, rate=given["demand_mean"], fixed=given["fixed_cost"], **money)
    assert found == pytest.approx(cost)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "quantity", "point"),
    [
        ("example_5_1", 318, 127.7880348669655),
        ("example_5_1", 750, 99.85377339616528),
        ("problem_5_1", 150, -0.885130303271656),
        ("problem_5_3", 318, 612.1331312304716),
    ],
)
def test_reorder_point_of_a_quantity(data: Path, name: str, quantity: float, point: float) -> None:
    """Reorder points that stockpyl's own tests give for order quantities."""
    demand, money = _normal(textbook(data / "bench" / "stockpyl")[name])
    assert reorder_point_for(quantity, demand=demand, **money) == pytest.approx(point, abs=1e-5)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "approximations"),
    [
        # Expected inventory level, EOQ with backorders, EOQ and safety stock, loss function: (r, Q) of stockpyl's own tests.
        ("example_5_1", [(213.9704, 318.5902), (128.6378, 308.5738), (190.3370, 304.0468), (126.8671, 328.4491)]),
        ("problem_5_1", [(17.9726, 162.1232), (-1.9298, 166.0850), (15.1255, 160.6439), (-1.9859, 166.9502)]),
        ("problem_5_3", [(644.8385, 400.7560), (609.0252, 391.3260), (652.9639, 390.2819), (608.5445, 403.8060)]),
    ],
)
def test_the_best_policy_beats_every_approximation(
    data: Path, name: str, approximations: list[tuple[float, float]]
) -> None:
    """No approximation of the textbook is cheaper than the exact optimum, and the best of them is close to it."""
    given = textbook(data / "bench" / "stockpyl")[name]
    demand, money = _normal(given)
    more = {"rate": given["demand_mean"], "fixed": given["fixed_cost"], **money}
    best = best_reorder(demand, **more)
    assert reorder_cost(best.reorder_point, best.order_quantity, demand=demand, **more) == pytest.approx(best.cost)
    costs = [reorder_cost(r, q, demand=demand, **more) for r, q in approximations]
    assert best.cost <= min(costs) + 1e-6
    assert best.cost == pytest.approx(min(costs), rel=2e-4)


def _position_costs(demand: DiscreteDemand, holding: float, shortage: float, first: int, last: int) -> np.ndarray:
    return np.array([expected_cost(demand, y, holding=holding, shortage=shortage) for y in range(first, last)])


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "point", "quantity", "cost"),
    [("example_5_8", 3, 5, 107.92358063314975), ("problem_5_2", 6, 7, 28.241312842169155)],
)
def test_whole_units(data: Path, name: str, point: int, quantity: int, cost: float) -> None:
    """The exact (r, Q) under Poisson demand of Federgruen and Zheng (1992)."""
    given = textbook(data / "bench" / "stockpyl")[name]
    demand = DiscreteDemand.poisson(given["demand_mean"] * given["lead_time"])
    costs = _position_costs(demand, given["holding_cost"], given["stockout_cost"], -20, 60)
    best = best_reorder_in_units(costs, -20, rate=given["demand_mean"], fixed=given["fixed_cost"])
    assert (best.reorder_point, best.order_quantity) == (point, quantity)
    assert best.cost == pytest.approx(cost)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "point", "top", "cost"),
    [("example_4_7", 4, 10, 8.034111561471644), ("problem_4_31", 2, 7, 223.5748295669688)],
)
def test_textbook_order_up_to(data: Path, name: str, point: int, top: int, cost: float) -> None:
    """The exact (s, S) of the textbook's Poisson instances."""
    given = textbook(data / "bench" / "stockpyl")[name]
    demand = DiscreteDemand.poisson(given["demand_mean"])
    costs = _position_costs(demand, given["holding_cost"], given["stockout_cost"], -20, 80)
    best = best_order_up_to(costs, -20, demand.chances, fixed=given["fixed_cost"])
    assert (best.reorder_point, best.order_up_to) == (point, top)
    assert best.cost == pytest.approx(cost)


@pytest.mark.parametrize(
    ("mean", "point", "top", "cost"),
    [(10, 6, 40, 35.022), (15, 10, 49, 42.698), (20, 14, 62, 49.173), (25, 19, 56, 54.262), (51, 43, 110, 71.611),
     (60, 52, 129, 77.306), (63, 54, 73, 78.287), (75, 67, 86, 79.554)],
)  # fmt: skip
def test_order_up_to_of_zheng_and_federgruen(mean: float, point: int, top: int, cost: float) -> None:
    """Zheng and Federgruen (1991), table: h = 1, p = 9, K = 64, Poisson demand."""
    demand = DiscreteDemand.poisson(mean)
    best = best_order_up_to(_position_costs(demand, 1, 9, -20, 260), -20, demand.chances, fixed=64)
    assert (best.reorder_point, best.order_up_to) == (point, top)
    assert best.cost == pytest.approx(cost, abs=5e-4)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "approximate"), [("example_4_8", (40.1946, 74.2902)), ("problem_4_32", (226.6138, 324.3798))]
)
def test_the_power_approximation_is_no_better(data: Path, name: str, approximate: tuple[float, float]) -> None:
    """Against normal demand in whole units, the exact (s, S) is no dearer than Ehrhardt's power approximation is on drawn demand."""
    given = textbook(data / "bench" / "stockpyl")[name]
    levels = np.arange(int(given["demand_mean"] + 8 * given["demand_sd"]))
    weight = np.exp(-(((levels - given["demand_mean"]) / given["demand_sd"]) ** 2) / 2)
    demand = DiscreteDemand(levels.astype(float), weight / weight.sum())
    costs = _position_costs(demand, given["holding_cost"], given["stockout_cost"], -100, 1200)
    best = best_order_up_to(costs, -100, demand.chances, fixed=given["fixed_cost"])
    s, top = (round(level) for level in approximate)
    rng = np.random.default_rng(3)
    spent, position = 0.0, top
    for d in rng.choice(levels, size=30_000, p=demand.chances):
        spent += costs[position + 100]
        position -= int(d)
        if position <= s:
            spent, position = spent + given["fixed_cost"], top
    assert best.cost <= spent / 30_000 * 1.01


def test_no_demand_and_no_fixed_cost() -> None:
    """A product that never sells is kept at the cheapest level; without a fixed cost one unit is ordered at a time."""
    never = best_order_up_to(np.array([2.0, 1.0, 3.0]), 0, np.array([1.0]), fixed=5)
    assert (never.reorder_point, never.order_up_to) == (0, 1)
    free = best_reorder_in_units(np.array([4.0, 1.0, 2.0, 5.0]), 0, rate=3.0, fixed=0.0)
    assert (free.reorder_point, free.order_quantity) == (0, 1)
