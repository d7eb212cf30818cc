"""The newsvendor finds the textbook's levels and costs, for every kind of demand."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from jointplan.inventory.distributions import Demand, DiscreteDemand, LognormalDemand, NormalDemand
from jointplan.inventory.newsvendor import expected_cost, newsvendor, shortage_for_service
from tests.inventory.networks import textbook


def test_the_example_of_snyder_and_shen() -> None:
    """Snyder and Shen (2019), example 4.3: S* = 56.604 at a cost of 1.99761."""
    best = newsvendor(NormalDemand(50, 8), holding=0.18, shortage=0.70)
    assert best.level == pytest.approx(56.60395592743389)
    assert best.cost == pytest.approx(1.9976051931766445)


def _demand(given: dict[str, Any]) -> Demand:
    if "mu" in given:
        return LognormalDemand(given["mu"], given["sigma"])
    if "demand_pmf" in given:
        levels = sorted(given["demand_pmf"], key=float)
        return DiscreteDemand(np.array(levels, dtype=float), np.array([given["demand_pmf"][level] for level in levels]))
    if "demand_sd" in given:
        time = given.get("lead_time", 0) + 1
        return NormalDemand(given["demand_mean"] * time, given["demand_sd"] * sqrt(time))
    return DiscreteDemand.poisson(given["demand_mean"])


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "level", "cost"),
    [
        ("example_4_1", 56.60395592743389, 1.9976051931766445),
        ("example_4_3", 56.60395592743389, 1.9976051931766445),
        ("problem_4_1", 922.7214038234755, 2718.196781782411),
        ("example_4_4", 264.7668943741548, 4.466781004149578),
        ("example_4_7", 8, 3.570106945770946),  # without its fixed cost
        ("problem_4_7b", 5, 1225000),
        ("problem_4_8a", 19, 786.0884409351115),
        ("problem_4_8b", 295.6266448071368, 29.44254358213529),
    ],
)
def test_textbook_instances(data: Path, name: str, level: float, cost: float) -> None:
    """Levels and costs that stockpyl's own tests give for the textbook's instances."""
    given = textbook(data / "bench" / "stockpyl")[name]
    best = newsvendor(_demand(given), holding=given["holding_cost"], shortage=given["stockout_cost"])
    assert best.level == pytest.approx(level)
    assert best.cost == pytest.approx(cost)


@pytest.mark.real
@pytest.mark.parametrize(("name", "profit"), [("example_4_2", 33.002394806823354), ("problem_4_3b", None)])
def test_profit_instances(data: Path, name: str, profit: float | None) -> None:
    """Price, purchase and salvage are costs of having and of lacking: the profit is the margin of demand less the cost."""
    given = textbook(data / "bench" / "stockpyl")[name]
    margin, over = given["revenue"] - given["purchase_cost"], given["purchase_cost"] - given["salvage_value"]
    demand = NormalDemand(given["demand_mean"], given["demand_sd"])
    best = newsvendor(demand, holding=over, shortage=margin)
    if profit is not None:
        assert margin * demand.mean - best.cost == pytest.approx(profit)
    draws = np.random.default_rng(1).normal(demand.mean, demand.deviation, 200_000)
    sold = np.minimum(draws, best.level)
    earned = (given["revenue"] * sold + given["salvage_value"] * (best.level - sold)).mean()
    assert earned - given["purchase_cost"] * best.level == pytest.approx(margin * demand.mean - best.cost, rel=0.01)


@pytest.mark.parametrize(
    ("demand", "other"),
    [
        (NormalDemand(50, 8), stats.norm(50, 8)),
        (LognormalDemand(2, 0.5), stats.lognorm(0.5, 0, np.exp(2))),
        (DiscreteDemand.poisson(7.5), stats.poisson(7.5)),
    ],
)
@pytest.mark.parametrize("chance", [0.05, 0.5, 0.83, 0.99])
def test_quantiles_and_shortfalls_are_those_of_scipy(demand: Demand, other: Any, chance: float) -> None:
    """Quantile and shortfall agree with another library's, the shortfall by its integral."""
    level = demand.quantile(chance)
    assert level == pytest.approx(other.ppf(chance))
    points = np.linspace(level, other.ppf(1 - 1e-12) + 1, 20001)
    assert demand.shortfall(level) == pytest.approx(np.trapezoid(other.sf(points), points), rel=1e-3, abs=1e-6) or (
        isinstance(demand, DiscreteDemand)
        and demand.shortfall(level) == pytest.approx(float(other.sf(np.arange(level, level + 200)).sum()))
    )


def test_demand_that_cannot_be_is_refused() -> None:
    """No spread, chances that do not add up and costs of nothing are refused."""
    with pytest.raises(ValueError, match="deviation"):
        NormalDemand(5, 0)
    with pytest.raises(ValueError, match="add up"):
        DiscreteDemand(np.array([1.0, 2.0]), np.array([0.5, 0.4]))
    with pytest.raises(ValueError, match="cost something"):
        newsvendor(NormalDemand(5, 1), holding=0, shortage=1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        shortage_for_service(1.0, 1.0)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.floats(0.1, 5), st.floats(0.1, 20), st.floats(1, 5))
def test_dearer_shortage_never_lowers_the_level(draws: list[int], holding: float, shortage: float, more: float) -> None:
    """A higher shortage cost asks for no less stock, and the level is the cheapest of all whole ones."""
    demand = DiscreteDemand.draws(np.array(draws, dtype=float))
    low = newsvendor(demand, holding=holding, shortage=shortage)
    assert newsvendor(demand, holding=holding, shortage=shortage * more).level >= low.level
    every = [expected_cost(demand, y, holding=holding, shortage=shortage) for y in range(42)]
    assert low.cost == pytest.approx(min(every))


@given(st.floats(0.01, 0.99), st.floats(0.01, 10))
def test_a_service_level_is_a_shortage_cost(service: float, holding: float) -> None:
    """The shortage cost that stands for a service level gives it back."""
    best = newsvendor(NormalDemand(10, 3), holding=holding, shortage=shortage_for_service(service, holding))
    assert best.service == pytest.approx(service)
