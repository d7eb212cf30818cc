"""Loads of several products: what they weigh and what room they take, whichever is more for all of them together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster, with_mixed_loads
from tests.planning.solved import assert_bound_and_search_agree
from tests.planning.test_elements import Row, base, best, door, read

EXACT = SolveOptions(seconds=60, gap=1e-7)
PRODUCTS: list[Row] = [
    base()["products"][0] | {"sku": "DENSE", "weight": 100.0, "volume": 0.2, "unit_value": 9e3},
    base()["products"][0] | {"sku": "BULKY", "weight": 100.0, "volume": 1.5, "unit_value": 9e3},
]
WANTED: list[Row] = [{"week": 0, "sku": sku, "quantity": 1.0, "price": 9e3} for sku in ("DENSE", "BULKY")]


@pytest.mark.parametrize("minimum", [0.0, 50.0])
def test_dense_goods_fill_what_bulky_ones_leave(minimum: float) -> None:
    """100 kg in .2 m³ and 100 kg in 1.5 m³ by air at 167 kg a m³: 1.7 m³ count 283.9 kg, where each by itself would count 100 and 250.5."""
    tariff = {"tariff": "post", "basis": "kg", "rate": 2.0, "minimum": minimum, "volumetric": 167.0}
    problem = read(WANTED, 1, products=PRODUCTS, lanes=[door(mode="air")], tariffs=[tariff])
    plan = best(problem)
    assert plan.load_quantity.sum() == pytest.approx(283.9)
    assert plan.load_cost.sum() == pytest.approx(2 * 283.9)
    apart = [best(read([row], 1, products=PRODUCTS, lanes=[door(mode="air")], tariffs=[tariff])) for row in WANTED]
    assert [alone.value for alone in apart] == pytest.approx([9e3 - 5 - 200, 9e3 - 5 - 501])
    assert plan.value == pytest.approx(2 * 9e3 - 10 - 567.8)


def test_a_cubic_metre_of_sea_freight_is_a_tonne_at_most() -> None:
    """1,500 kg in .5 m³ and 100 kg in 1.5 m³ at 1,000 kg a m³: 2 m³ count, not the 3 that each by itself would."""
    products = [PRODUCTS[0] | {"weight": 1500.0, "volume": 0.5}, PRODUCTS[1]]
    tariff = {"tariff": "post", "basis": "m3", "rate": 60.0, "volumetric": 1000.0}
    plan = best(read(WANTED, 1, products=products, lanes=[door(mode="sea")], tariffs=[tariff]))
    assert plan.load_quantity.sum() == pytest.approx(2.0)
    assert plan.value == pytest.approx(2 * 9e3 - 10 - 120)


def test_other_lanes_may_charge_by_the_container_by_the_order_and_by_parcel() -> None:
    """Beside a lane by air on which dense and bulky goods are mixed, all others count as they did: two boxes, one order."""
    ways = {
        "fly": {"basis": "kg", "rate": 900.0, "volumetric": 167.0}, "box": {"basis": "container", "rate": 10.0, "container_kg": 150.0, "container_m3": 9.0},
        "post": {"basis": "kg", "rate": 900.0, "volumetric": 167.0}, "truck": {"basis": "order", "rate": 700.0},
    }  # fmt: skip
    modes = {"fly": "air", "box": "sea", "post": "parcel", "truck": "road"}
    lanes = [door(lane=name, tariff=name, mode=modes[name]) for name in ways]
    tariffs = [{"tariff": name} | terms for name, terms in ways.items()]
    plan = best(read(WANTED, 1, products=PRODUCTS, lanes=lanes, tariffs=tariffs))
    assert plan.value == pytest.approx(2 * 9e3 - 10 - 20)


def test_one_price_from_some_weight_on_is_a_price_for_all() -> None:
    """A tariff of one row has no other band: what weighs less than it begins with pays for what it weighs, mixed or not."""
    tariff = {"tariff": "post", "basis": "kg", "from_quantity": 450.0, "rate": 2.0, "volumetric": 167.0}
    plan = best(read(WANTED, 1, products=PRODUCTS, lanes=[door(mode="air")], tariffs=[tariff]))
    assert plan.load_cost.sum() == pytest.approx(2 * 283.9)


def test_parcels_are_charged_one_by_one() -> None:
    """By parcel each of them counts by itself: 100 and 250.5 kg."""
    tariff = {"tariff": "post", "basis": "kg", "rate": 2.0, "volumetric": 167.0}
    plan = best(read(WANTED, 1, products=PRODUCTS, tariffs=[tariff]))
    assert plan.value == pytest.approx(2 * 9e3 - 10 - 2 * 350.5)


def test_goods_of_one_kind_need_no_second_count() -> None:
    """Where all goods are bulky, or all are dense, loads count them one by one: the model is as without a rule for mixed loads."""
    tariff = {"tariff": "post", "basis": "kg", "rate": 2.0, "minimum": 50.0, "volumetric": 1000.0}
    assert read(WANTED, 1, products=PRODUCTS, lanes=[door(mode="air")], tariffs=[tariff]).basis_by is None


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))])
def test_the_bound_holds_and_the_search_counts_as_the_model(seed: int, together: bool) -> None:
    """No price's bound exceeds what HiGHS proves the optimum; the compiled search's plan is none better and costs what its model says."""
    problem = with_mixed_loads(random_cluster(seed, makers=2, sellers=2, products=4, weeks=4))
    assert problem.basis_by is not None
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    optimum = plan_coalition(problem, rights, EXACT)
    assert optimum.violations() == []
    model = build_model(problem, rights, build_network(problem, rights))
    values = values_of(model, optimum)
    assert model.linear.cost @ values + model.linear.offset == pytest.approx(optimum.cost(), rel=1e-9)
    apart = replace(optimum, problem=replace(problem, basis_by=None))
    assert apart.cost() >= optimum.cost() - 1e-9
    assert_bound_and_search_agree(model, optimum)


def test_a_mixed_load_is_where_it_pays() -> None:
    """Over random clusters the best plans send some loads that count less than their goods one by one."""
    less = 0.0
    for seed in range(4):
        problem = with_mixed_loads(random_cluster(seed, makers=2, sellers=2, products=4, weeks=4))
        plan = plan_coalition(
            problem, coalition_rights(problem, frozenset(MEASURES)), SolveOptions(seconds=20, gap=1e-3)
        )
        one_by_one = replace(plan, problem=replace(problem, basis_by=None)).load_quantity
        less += float(np.maximum(one_by_one - plan.load_quantity, 0.0).sum())
    assert less > 1.0
