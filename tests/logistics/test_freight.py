"""Tariffs charge here what the plan charges."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.engine import Tables
from jointplan.logistics import LogisticsSettings, add_landed_costs, landed_cost
from jointplan.logistics.freight import read_tariffs
from jointplan.planning import PlanSettings, complete_tables
from jointplan.planning.loads import Loads
from jointplan.planning.plan import load_charges
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.reading.money import exchange_rates
from jointplan.planning.reading.tables import build_problem
from jointplan.schema import TABLES

START = date(2026, 7, 6)
SIZES = [(0.3, 0.001), (1.0, 0.02), (4.9, 0.01), (30.0, 0.05)]


def tables(tariff: list[dict[str, Any]], mode: str, **more: list[dict[str, Any]]) -> Tables:
    """Return a maker of products of several sizes, and one lane to France."""
    rows: dict[str, list[dict[str, Any]]] = {
        "firms": [{"firm": "M", "role": "both"}],
        "products": [
            {"sku": f"P{n}", "family": "f", "maker": "M", "unit_value": 50.0, "weight": kg, "volume": m3}
            for n, (kg, m3) in enumerate(SIZES)
        ],
        "markets": [{"market": "FR", "country": "FR"}],
        "lanes": [{"lane": "x", "origin": "*", "destination": "FR", "mode": mode, "tariff": "t", "transit_days": 1.0}],
        "tariffs": [
            {
                "tariff": "t",
                "rate": 1.0,
                "minimum": 0.0,
                "from_quantity": 0.0,
                "container_kg": 100.0,
                "container_m3": 1.0,
            }
            | band
            for band in tariff
        ],
    } | more
    made = {name: pa.Table.from_pylist(found, schema=TABLES[name].arrow) for name, found in rows.items()}
    weekly = pa.table({"week": pa.array([], pa.date32())} | {
        name: pa.array([], pa.string()) for name in ("sku", "market", "seller")
    } | {name: pa.array([], pa.float64()) for name in ("quantity", "revenue")})  # fmt: skip
    return Tables({**made, "weekly": weekly})


def problem(given: Tables) -> ClusterProblem:
    completed, _ = complete_tables(given, PlanSettings())
    demand = pd.DataFrame(
        {"week": pd.Timestamp(START), "sku": [f"P{n}" for n in range(len(SIZES))], "market": "FR", "seller": "M",
         "quantity": 1.0, "price": 50.0, "origin": "forecast"}
    )  # fmt: skip
    money = exchange_rates(completed, "EUR", START)
    return build_problem(
        completed,
        PlanSettings(),
        demand,
        money=money,
        start=START,
        weeks=2,
        opening=False,
    )


BANDS = [
    {"basis": "kg", "to_quantity": 2.0, "rate": 9.0, "minimum": 6.0, "volumetric": 200.0},
    {"basis": "kg", "from_quantity": 2.0, "rate": 7.0, "minimum": 6.0, "volumetric": 200.0},
]


@pytest.mark.parametrize("step", [None, 0.5])
def test_parcels(step: float | None) -> None:
    """Each product's parcel costs the same in both rooms, rounded up or not."""
    given = tables([band | {"weight_step": step} for band in BANDS], "parcel")
    tariff = read_tariffs(given["tariffs"].to_pylist(), {})["t"]
    weight, volume = np.array(SIZES).T
    unknown = np.full((len(SIZES), 3), np.nan)
    assert tariff.parcel(weight, volume, unknown) == pytest.approx(problem(given).unit_freight[0])
    if step:
        # 0.3 kg counts as 0.5, 4 kg by volume stay, 4.9 count as 5.
        assert tariff.parcel(weight, volume, unknown).tolist() == [6.0, 28.0, 35.0, 210.0]


INCHES = (11.1, 8.5, 6.2)
POUND = 0.45359237
US_PARCEL = {"basis": "kg", "rate": 1 / POUND, "weight_rule": "us_parcel"}  # 1 a pound


def boxes() -> list[dict[str, Any]]:
    """Return the products, each 4.2 lb in the published box; of P1 the volume alone is known, P2 lies on another side, P3 weighs 7 lb."""
    cm = [2.54 * side for side in INCHES]
    box = {"family": "f", "maker": "M", "unit_value": 50.0, "weight": 4.2 * POUND, "volume": float(np.prod(cm)) / 1e6}
    by_sides = dict(zip(("length", "width", "height"), cm, strict=True))
    turned = dict(zip(("length", "width", "height"), cm[::-1], strict=True))
    more: tuple[dict[str, float], ...] = (by_sides, {}, turned, by_sides | {"weight": 7 * POUND})
    return [box | {"sku": f"P{n}"} | own for n, own in enumerate(more)]


@pytest.mark.parametrize(
    ("mode", "pounds"), [("parcel", [6, 5, 6, 7]), ("air", [584.97 / 139, 584.97 / 139, 584.97 / 139, 7])]
)
def test_a_parcel_counts_by_its_sides(mode: str, pounds: list[float]) -> None:
    """The published 11.1 × 8.5 × 6.2 in count as 6 lb in the plan and in the landed cost; by volume alone 5, in a load 584.97 in³ / 139."""
    given = tables([US_PARCEL], mode, products=boxes())
    filled = given.adding(add_landed_costs(given, LogisticsSettings(), on=START, until=START, worth={}).tables)
    assert problem(filled).basis[0] / POUND == pytest.approx(pounds)
    if mode == "parcel":
        assert problem(filled).unit_freight[0] == pytest.approx(pounds)
    for n, charged in enumerate(pounds):
        found = landed_cost(
            given, LogisticsSettings(), sku=f"P{n}", market="FR", on=START, currency="EUR", worth={}, quantity=3
        )
        freight = next(line for line in found.lines if line.line == "freight")
        assert freight.amount == pytest.approx(3 * charged)
        assert ("28.194 × 21.59 × 15.748 cm each, charged as 2.72155 kg" in freight.rule) == (
            mode == "parcel" and n == 0
        )


def test_a_tariff_may_round_sides_itself() -> None:
    """5.5 × 4.4 × 10 cm to the nearest whole cm are 6 × 4 × 10, up 6 × 5 × 10, else 242 cm³; a rule named besides gives what is blank."""
    box = {
        "sku": "P0",
        "family": "f",
        "maker": "M",
        "unit_value": 5.0,
        "weight": 0.01,
        "length": 5.5,
        "width": 4.4,
        "height": 10.0,
    }
    own = {"basis": "kg", "rate": 1.0, "volumetric": 1000.0}
    for tariff, litres in (
        (own, 0.242),
        (own | {"side_step": 1.0}, 0.3),
        (own | {"side_step": 1.0, "side_rounding": "nearest"}, 0.24),
        (own | {"weight_rule": "air", "weight_step": 0.001}, 0.24),
        (own | {"weight_rule": "air", "weight_step": 0.001, "side_step": 1.0}, 0.3),
    ):
        given = tables([tariff], "parcel", products=[box | {"sku": f"P{n}", "volume": 0.5} for n in range(len(SIZES))])
        filled = given.adding(add_landed_costs(given, LogisticsSettings(), on=START, until=START, worth={}).tables)
        assert problem(filled).unit_freight[0] == pytest.approx(litres)
        freight = landed_cost(
            given, LogisticsSettings(), sku="P0", market="FR", on=START, currency="EUR", worth={}, quantity=1
        ).lines[0]
        assert freight.amount == pytest.approx(litres)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 3), st.floats(0.5, 200), st.sampled_from(["bands", "measure", "container", "order"]))
def test_loads(product: int, quantity: float, kind: str) -> None:
    """A load of any product costs the same in both rooms: by bands, by weight or measure, by whole containers, by the order."""
    tariff = {
        "bands": [
            BANDS[0] | {"minimum": 30.0, "to_quantity": 50.0},
            BANDS[1] | {"from_quantity": 50.0, "minimum": 30.0},
        ],
        "measure": [{"basis": "m3", "rate": 100.0, "minimum": 20.0, "volumetric": 1000.0}],
        "container": [{"basis": "container", "rate": 900.0}],
        "order": [{"basis": "order", "rate": 30.0, "minimum": 40.0}],
    }[kind]
    given = tables(tariff, "sea")
    p = problem(given)
    kg, m3 = SIZES[product]
    here = read_tariffs(given["tariffs"].to_pylist(), {})["t"].load(kg, m3, quantity).amount
    if kind == "container":
        full = max(quantity * kg / p.containers.kg[0], quantity * m3 / p.containers.m3[0])
        assert here == pytest.approx(float(np.ceil(full - 1e-5)) * p.containers.rate[0])
        return
    load = Loads(np.array([0]), np.array([0]), np.array([0]))
    there = load_charges(p, load, np.array([[quantity * p.basis[0, product]]]))
    assert here == pytest.approx(float(there[0, 0]))


def test_the_plan_is_given_what_the_border_takes() -> None:
    """Lanes from every maker carry the border of the lane they come from, product by product."""
    duties = [{"market": "FR", "from_date": date(2026, 1, 1), "base": "fob", "rate": 0.1, "per_item": 0.0, "vat": 0.0,
               "threshold": 0.0, "clearing": 2.0}]  # fmt: skip
    given = tables(BANDS, "parcel", duties=duties)
    assert problem(given).border is None
    landed = add_landed_costs(given, LogisticsSettings(), on=START, until=START, worth={}).tables
    p = problem(given.adding(landed))
    assert p.lane == ("x@M",)
    assert p.border is not None
    assert p.border.tolist() == [[[7.0] * len(SIZES)]]
    assert p.border_since.tolist() == [0]
