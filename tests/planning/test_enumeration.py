"""Tiny clusters solved against full enumeration: every yes and no tried, the rest a linear programme of its own.

SciPy solves that by HiGHS too, as it has nothing else: what it finds counts only where its prices prove it (``proven``).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import Certificates, ClusterProblem, Containers, Sites, Spaces
from jointplan.planning.rights import separate_rights
from jointplan.planning.safety import with_safety_stock
from jointplan.planning.solving import search
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant

T = 3


@dataclass(frozen=True)
class Facts:
    """A plant with a minimum batch, a market it reaches by air, or by sea over a warehouse a week away."""

    demand: np.ndarray
    price: float
    goodwill: float
    late: float
    making: float
    setup: float
    hours: float
    setup_hours: float
    batch: float
    regular: float
    overtime: float
    overtime_cost: float
    holding: float
    weight: float
    volume: float
    air: float
    last: float
    box: float
    box_kg: float
    box_m3: float
    space: int
    handling: float
    storage: float
    room: float
    throughput: float
    opening: float
    certified: int
    plant_handling: float = 0.0
    plant_storage: float = 0.0
    plant_room: float = np.inf
    clearing: tuple[float, ...] = (0.0,) * T  # of what comes by sea, by the week it arrives


def draw(seed: int) -> Facts:
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 20, T).astype(float)
    making, weight, volume = rng.uniform(8, 12), rng.uniform(0.5, 2), rng.uniform(0.01, 0.03)
    return Facts(
        demand=demand,
        price=rng.uniform(25, 60),
        goodwill=rng.uniform(0, 8),
        late=rng.uniform(0.5, 3),
        making=making,
        setup=rng.uniform(10, 60),
        hours=0.5,
        setup_hours=rng.uniform(0.5, 2),
        batch=float(rng.choice([0.0, 9.0])),
        regular=rng.uniform(4, 9),
        overtime=rng.uniform(0, 3),
        overtime_cost=rng.uniform(2, 8),
        holding=rng.uniform(0.05, 0.4),
        weight=weight,
        volume=volume,
        air=rng.uniform(8, 25),
        last=rng.uniform(1, 3),
        box=rng.uniform(5, 40),
        box_kg=10 * weight,
        box_m3=rng.uniform(8, 14) * volume,
        space=int(rng.integers(1, 3)),
        handling=rng.uniform(0, 20),
        storage=rng.uniform(0, 20),
        room=rng.uniform(2, 10) * volume,
        throughput=rng.uniform(6, 20) * volume,
        opening=rng.uniform(0, 400),
        certified=int(rng.integers(1, T + 1)),
    )


def as_cluster(f: Facts) -> ClusterProblem:
    one = one_plant(
        f.demand[None, :],
        np.array([f.setup]),
        np.array([f.holding]),
        hours=np.array([f.hours]),
        setup_hours=np.array([f.setup_hours]),
        capacity=np.full(T, f.regular),
    )
    return replace(
        one,
        node=("plant", "warehouse"),
        node_storage=np.array([f.plant_storage, f.storage]),
        node_handling=np.array([f.plant_handling, f.handling]),
        node_capacity=np.array([f.plant_room, f.room]),
        weight=np.array([f.weight]),
        volume=np.array([f.volume]),
        end_value=np.array([f.making]),
        route_making=np.array([f.making]),
        route_batch=np.array([f.batch]),
        overtime=np.full((1, T), f.overtime),
        overtime_cost=np.array([f.overtime_cost]),
        lane=("air", "sea", "last"),
        lane_origin=np.array([0, 0, 1]),
        lane_node=np.array([-1, 1, -1]),
        lane_market=np.array([0, -1, 0]),
        lane_weeks=np.array([0, 1, 0]),
        lane_mode=("parcel", "sea", "parcel"),
        unit_freight=np.array([[f.air], [0.0], [f.last]]),
        basis=np.zeros((3, 1)),
        containers=Containers(np.array([1]), np.array([f.box]), np.array([f.box_kg]), np.array([f.box_m3])),
        price=np.array([f.price]),
        late_cost=np.array([f.late]),
        goodwill=np.array([f.goodwill]),
        late_weeks=1,
        clearing=np.outer(f.clearing, [0.0, 1.0, 0.0]),
        border_since=np.arange(T),
        sites=Sites(np.array([1]), np.array([f.opening]), np.array([f.throughput])),
        spaces=Spaces.of_each(np.array([1]), np.array([float(f.space)])),
        certificates=Certificates(np.array([0]), np.array([0]), np.array([f.certified])),
    )


@dataclass(frozen=True)
class Kept:
    """Safety stock at the plant or the warehouse: wanted from a week on, within a week of it, worth something each week."""

    place: str
    week: int
    units: float
    worth: float


def proven(
    cost: np.ndarray, less: np.ndarray, limit: np.ndarray, equal: np.ndarray, right: np.ndarray, bounds: np.ndarray
) -> float:
    """Return the least cost of a linear programme, infinity where nothing fits, having checked both by arithmetic alone.

    Values that keep all rows show that it costs no more. Prices of the rows, whatever they are, give a cost that nothing falls
    below, since the rest is at the better one of its bounds; prices under which no values can add up show that nothing fits.
    """
    low, high = bounds[:, 0], np.minimum(bounds[:, 1], 1e4)  # nothing that is unlimited comes near it

    def least(cost: np.ndarray, prices: Any) -> float:
        """Return what a cost of x falls below nowhere, by these prices of the rows."""
        of_less, of_equal = np.minimum(prices.ineqlin.marginals, 0.0), prices.eqlin.marginals
        left = cost - less.T @ of_less - equal.T @ of_equal
        return float(of_less @ limit + of_equal @ right + np.minimum(left * low, left * high).sum())

    found = linprog(cost, less, limit, equal, right, bounds)
    if found.status == 2:
        # By how much rows must be missed, and the prices that prove it.
        rows, both = len(less), len(equal)
        missed = linprog(
            np.concatenate([0.0 * cost, np.ones(rows + 2 * both)]),
            np.hstack([less, -np.eye(rows), np.zeros((rows, 2 * both))]), limit,
            np.hstack([equal, np.zeros((both, rows)), -np.eye(both), np.eye(both)]), right,
            [*bounds, *[(0.0, None)] * (rows + 2 * both)],
        )  # fmt: skip
        assert least(0.0 * cost, missed) > 1e-6
        return float("inf")
    assert found.status == 0
    assert (less @ found.x <= limit + 1e-6).all()
    assert equal @ found.x == pytest.approx(right, abs=1e-6)
    assert ((found.x >= low - 1e-6) & (found.x <= high + 1e-6)).all()
    assert least(cost, found) == pytest.approx(cost @ found.x, abs=1e-6)
    return float(cost @ found.x)


def best_of(
    f: Facts, setups: tuple[int, ...], boxes: tuple[int, ...], opened: int, kept: tuple[Kept, ...] = ()
) -> float:
    """Return the least cost with these decisions, infinity where nothing fits; written from the facts alone.

    Safety stock is part of the stock where it lies: that never falls below it.
    """
    safe = tuple(f"safe {k}" for k in range(len(kept)))
    names = ("make", "air", "sea", "last", "plant", "wh", "unmet", "owed", "extra", "dead", *safe)
    column = {(name, t): k * T + t for k, name in enumerate(names) for t in range(T)}
    cost = np.zeros(len(column))
    equal, right, less, limit = [], [], [], []

    def row(**terms: dict[int, float]) -> np.ndarray:
        found = np.zeros(len(column))
        for name, at in terms.items():
            for t, value in at.items():
                if t >= 0:
                    found[column[name, t]] += value
        return found

    for t in range(T):
        for name, unit in (
            ("make", f.making),
            ("air", f.air + f.plant_handling * f.volume - f.price),
            ("last", f.last - f.price),
            ("sea", (f.plant_handling + f.handling) * f.volume + f.holding),
            ("plant", f.holding + f.plant_storage * f.volume),
            ("wh", f.holding + f.storage * f.volume),
            ("unmet", f.goodwill),
            ("owed", f.late),
            ("extra", f.overtime_cost),
        ):
            cost[column[name, t]] += unit
        equal.append(row(plant={t: 1, t - 1: -1}, make={t: -1}, air={t: 1}, sea={t: 1}))
        equal.append(row(wh={t: 1, t - 1: -1}, sea={t - 1: -1}, last={t: 1}))
        equal.append(row(owed={t: 1, t - 1: -1}, air={t: 1}, last={t: 1}, unmet={t: 1}))
        right += [0.0, 0.0, f.demand[t]]
        less.append(row(make={t: f.hours}, extra={t: -1}))
        limit.append(f.regular - f.setup_hours * setups[t])
        less += [row(make={t: -1}), row(sea={t: f.weight}), row(sea={t: f.volume}), row(sea={t - 1: f.volume})]
        limit += [-f.batch * setups[t], f.box_kg * boxes[t], f.box_m3 * boxes[t], f.throughput]
    for t in range(T):
        for place in ("plant", "wh"):
            here = {name: {t: 1.0} for name, part in zip(safe, kept, strict=True) if part.place == place}
            less.append(row(**here, **{place: {t: -1}}))
            limit.append(0.0)
        own = sum(part.units for part in kept if part.place == "wh")
        less.append(row(wh={t: 1}, **{n: {t: -1.0} for n, part in zip(safe, kept, strict=True) if part.place == "wh"}))
        limit.append(f.room / f.volume - own)
        for name, part in zip(safe, kept, strict=True):
            cost[column[name, t]] -= part.worth
            less.append(row(**{name: {t: -1, t - 1: 1}}))
            limit.append(0.0)
            if t == T - 1 and part.place == "wh":
                # It stays in use, so that its way there is not lost.
                full = f.box * max(f.weight / f.box_kg, f.volume / f.box_m3)
                cost[column[name, t]] -= full + (f.plant_handling + f.handling) * f.volume + f.holding
            if t > part.week + 1:
                less.append(row(**{name: {t: 1, t - 1: -1}}))
                limit.append(0.0)
    # What is left is worth what it cost to make, where it lies or under way, but for what three weeks more would not sell.
    for name in ("plant", "wh", "sea"):
        cost[column[name, T - 1]] -= f.making
    cost[column["dead", T - 1]] = f.making
    left: dict[str, dict[int, float]] = {name: {T - 1: 1.0} for name in ("plant", "wh", "sea")}
    less.append(row(dead={T - 1: -1.0}, **left, **{name: {T - 1: -1.0} for name in safe}))
    limit.append(f.demand.sum())
    many = 1e4
    top = {
        "make": [many * y * (t < f.certified) for t, y in enumerate(setups)],
        "sea": [many * opened] * T,
        "last": [many * opened] * T,
        "owed": [*f.demand[:-1], 0.0],
        "extra": [f.overtime] * T,
        "plant": [f.plant_room / f.volume - sum(part.units for part in kept if part.place == "plant")] * T,
    } | {
        name: [part.units * (t >= part.week) for t in range(T)] for name, part in zip(safe, kept, strict=True)
    }  # fmt: skip
    bounds = [(0.0, top.get(name, [many] * T)[t]) for name in names for t in range(T)]
    found = proven(cost, np.array(less), np.array(limit), np.array(equal), np.array(right), np.array(bounds))
    cleared = sum(f.clearing[min(t + 1, T - 1)] for t, number in enumerate(boxes) if number)
    return found + f.setup * sum(setups) + f.box * sum(boxes) + cleared + f.opening * opened


def least_cost(facts: Facts, kept: tuple[Kept, ...] = (), *, last: bool = False) -> float:
    """Return the least cost of all choices of setups, containers and warehouse; containers of the ``last`` week come after the end."""
    weeks = T if last else T - 1
    choices = itertools.product(
        itertools.product((0, 1), repeat=T), itertools.product(range(facts.space + 1), repeat=weeks), (0, 1)
    )
    return min(
        best_of(facts, setups, (*boxes, *[0] * (T - weeks)), opened, kept)
        for setups, boxes, opened in choices
        if opened or not any(boxes)
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_best_of_all_that_are_cleared(seed: int) -> None:
    """Nor where what comes by sea in a week is cleared once, for more in some weeks than in others."""
    clearing = tuple(np.random.default_rng(seed).uniform(0, 60, T))
    facts = replace(draw(seed), clearing=clearing, opening=0.0, last=0.5)
    problem = as_cluster(facts)
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-9))
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least_cost(facts), abs=1e-5)


@pytest.mark.parametrize("seed", range(24))
def test_the_plan_is_the_best_of_all(seed: int) -> None:
    """No choice of setups, containers and warehouse is cheaper than the plan, and one is as cheap."""
    facts = draw(seed)
    problem = as_cluster(facts)
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-9))
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least_cost(facts), abs=1e-5)


@pytest.mark.parametrize("seed", range(12))
def test_what_a_smallest_batch_leaves_is_worth_what_can_be_sold(seed: int) -> None:
    """Some three units are wanted dearly and nine must be made: no choice is cheaper than the plan, and one is as cheap."""
    facts = draw(seed)
    facts = replace(facts, demand=np.minimum(facts.demand, 1.0 + seed % 2), batch=9.0, goodwill=90.0)
    problem = as_cluster(facts)
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-9))
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least_cost(facts), abs=1e-5)
    assert plan.surplus.sum() == pytest.approx(
        max(plan.make.sum() - 2 * facts.demand.sum() + plan.unmet.sum(), 0.0), abs=1e-6
    )


def draw_plant(seed: int) -> Facts:
    """Draw a case whose plant charges for handling and storage and has little room, while more is wanted each week; half of them with a minimum batch."""
    rng, facts = np.random.default_rng([seed, 2]), draw(seed)
    return replace(
        facts,
        demand=np.sort(facts.demand),
        goodwill=facts.goodwill + 20.0,
        batch=9.0 * (seed % 2),
        opening=facts.opening / 10,
        plant_handling=rng.uniform(0, 20),
        plant_storage=rng.uniform(0, 20),
        plant_room=rng.uniform(0, 4) * facts.volume,
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_makers_own_place_costs_and_holds_only_so_much(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No choice is cheaper than the plan of the solver, and one is as cheap; the search for large plans and its bound enclose it."""
    facts = draw_plant(seed)
    problem, least = as_cluster(facts), least_cost(facts, last=True)
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-9))
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least, abs=1e-5)
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=2, gap=1e-6, seed=seed))
    assert found.violations() == []
    assert found.cost() >= least - 1e-5
    assert found.report.bound <= least + 1e-5


def test_the_cases_of_a_makers_own_place_tell_something() -> None:
    """Among them are plans that pay for storage there, and such that would cost less if there were more room."""
    stored = short = 0
    for seed in range(12):
        facts = draw_plant(seed)
        tight, roomy = (
            plan_coalition(as_cluster(f), separate_rights(as_cluster(f)), SolveOptions(seconds=60, gap=1e-9))
            for f in (facts, replace(facts, plant_room=np.inf))
        )
        stored += tight.accounts.storage[tight.network.place_node == 0].sum() > 1e-6
        short += roomy.cost() < tight.cost() - 1e-6
    assert stored > 3
    assert short > 3


def draw_kept(seed: int, facts: Facts) -> tuple[Kept, ...]:
    """Draw safety stock at both places, in two parts each; at the warehouse of a size for which there is room."""
    rng = np.random.default_rng([seed, 1])
    most = {"plant": 12.0, "wh": 0.45 * facts.room / facts.volume}
    return tuple(
        Kept(place, int(rng.integers(0, T)), float(rng.uniform(0, most[place] / 2)), float(rng.uniform(0.5, 14) / part))
        for place in most
        for part in (1, 2)
    )


@pytest.mark.parametrize("seed", range(12))
def test_safety_stock_is_kept_where_it_pays(seed: int) -> None:
    """With safety stock too, no choice is cheaper than the plan, and one is as cheap; its cost is proven, and all of it counted."""
    facts = replace(draw(seed), plant_handling=9.0 * (seed % 3), plant_storage=4.0 * (seed % 2))
    kept = draw_kept(seed, facts)
    rows = pd.DataFrame(
        {
            "site": {"plant": "plant", "wh": "warehouse"}[part.place],
            "sku": "item 0", "market": "market", "seller": "plant",
            "lead_weeks": float(part.week), "units": part.units, "worth": part.worth,
        }
        for part in kept
    )  # fmt: skip
    cost = {
        "plant": facts.holding + facts.plant_storage * facts.volume,
        "wh": facts.holding + facts.storage * facts.volume,
    }
    worthwhile = tuple(part for part in kept if part.worth > cost[part.place])
    problem = with_safety_stock(as_cluster(facts), rows)
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-9))
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(least_cost(facts, worthwhile), abs=1e-5)
    assert plan.report.bound <= plan.cost() + 1e-5


def test_the_cases_of_safety_stock_tell_something() -> None:
    """Among them are plans that keep all, some and none of what is wanted, at both places."""
    found = []
    for seed in range(12):
        facts = draw(seed)
        rows = pd.DataFrame(
            {
                "site": ["plant", "warehouse"], "sku": "item 0", "market": "market", "seller": "plant",
                "lead_weeks": 0.0, "units": [6.0, 0.2 * facts.room / facts.volume], "worth": [4.0, 9.0],
            }
        )  # fmt: skip
        problem = with_safety_stock(as_cluster(facts), rows)
        plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-9))
        aside = problem.series_aside
        found += list(zip(plan.serve[aside].sum(axis=1) / problem.demand[aside].sum(axis=1), strict=True))
    shares = np.array(found).ravel()
    assert (shares > 0.99).sum() > 2
    assert (shares < 0.01).sum() > 2


def test_the_cases_tell_something() -> None:
    """Among them are plans that open the warehouse and such that do not, and those that give up demand."""
    plans = []
    for seed in range(24):
        problem = as_cluster(draw(seed))
        plans.append(plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-9)))
    assert 4 < sum(bool(plan.opened.any()) for plan in plans) < 20
    assert sum(plan.unmet.sum() > 0.5 for plan in plans) > 4
    assert any(plan.load_quantity.max() == plan.problem.spaces.most[0] for plan in plans)
