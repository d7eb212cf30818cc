"""Chargeable weight is what carriers publish, and containers hold what they hold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.engine import Tables
from jointplan.errors import DataError
from jointplan.logistics import Container, WeightRule, chargeable_weight, containers_needed
from jointplan.logistics.rules import rules_on

SHIPPED = rules_on(date(2026, 7, 1), Tables({}), {}, built_in=False)
positive = st.floats(0.01, 500)


def test_american_parcels_are_rounded_side_by_side() -> None:
    """The published example: 11.1 × 8.5 × 6.2 in counts as 12 × 9 × 7 = 756 in³, and is billed as 6 lb."""
    rule = SHIPPED.weights["us_parcel"]
    assert chargeable_weight(rule, 4.2, sides=[11.1, 8.5, 6.2]) == 6
    assert chargeable_weight(rule, 7.0, sides=[11.1, 8.5, 6.2]) == 7
    assert (
        chargeable_weight(rule, 1.0, sides=[11.1, 8.1, 4.1]) == 4
    )  # 540 / 139 = 3.88, as another carrier's page has it


def test_american_rule_begins_on_its_day() -> None:
    """The rounding of sides is in force from 2025-08-18 on."""
    assert "us_parcel" not in rules_on(date(2025, 8, 17), Tables({}), {}, built_in=False).weights
    assert "us_parcel" in rules_on(date(2025, 8, 18), Tables({}), {}, built_in=False).weights


@pytest.mark.parametrize(("rule", "expected"), [("express", 12.0), ("air", 10.0)])
def test_divisors_of_express_and_air(rule: str, expected: float) -> None:
    """A box of 50 × 40 × 30 cm, 60,000 cm³, counts as 12 kg by express and 10 kg by air."""
    assert chargeable_weight(SHIPPED.weights[rule], 3.0, sides=[50, 40, 30]) == expected


def test_groupage_charges_the_larger_of_tonnes_and_cubic_metres() -> None:
    """1,500 kg in 2 m³ counts as 2, 2,500 kg in 2 m³ as 2.5."""
    assert chargeable_weight(SHIPPED.weights["lcl"], [1.5, 2.5], volume=2.0).tolist() == [2.0, 2.5]


def test_kilograms_per_cubic_metre_follow_from_the_divisor() -> None:
    """5000 cm³/kg is 200 kg/m³, 6000 is 166.7, a freight ton is 1000, 139 in³/lb is 199.1."""
    found = {name: SHIPPED.weights[name].kg_per_m3 for name in ("express", "air", "lcl", "us_parcel")}
    assert found == pytest.approx({"express": 200, "air": 1000 / 6, "lcl": 1000, "us_parcel": 199.13}, rel=1e-4)


@given(positive, positive, positive, positive, st.sampled_from(sorted(SHIPPED.weights)))
def test_never_below_weight_or_volume(weight: float, a: float, b: float, c: float, name: str) -> None:
    """What is charged is at least the weight and at least the volumetric weight of the unrounded sides by volume."""
    rule = SHIPPED.weights[name]
    charged = float(chargeable_weight(rule, weight, volume=a * b * c))
    assert charged >= weight * (1 - 1e-8)
    assert charged >= a * b * c / rule.divisor * (1 - 1e-8)
    assert charged <= max(weight, a * b * c / rule.divisor) + rule.weight_step * (1 + 1e-6)


@given(st.lists(positive, min_size=3, max_size=3), positive)
def test_order_of_sides_does_not_matter(sides: list[float], weight: float) -> None:
    """A box turned over weighs the same."""
    rule = SHIPPED.weights["us_parcel"]
    assert chargeable_weight(rule, weight, sides=sides) == chargeable_weight(rule, weight, sides=sides[::-1])


def test_many_parcels_at_once() -> None:
    """Arrays of parcels give arrays of weights."""
    sides = np.array([[50, 40, 30], [10, 10, 10]])
    assert chargeable_weight(SHIPPED.weights["express"], np.array([3.0, 1.0]), sides=sides).tolist() == [12.0, 1.0]


def test_needs_sides_or_volume() -> None:
    """Neither or both is a mistake of the caller."""
    with pytest.raises(ValueError, match="either"):
        chargeable_weight(WeightRule("x", 1.0), 1.0)


def test_containers_fill_by_weight_or_volume() -> None:
    """300 boxes of 0.5 m³ fill three 40HC (76 m³ hold 152); iron fills by weight."""
    box = SHIPPED.containers["40HC"]
    assert containers_needed(box, 20, 0.5, 152) == 1
    assert containers_needed(box, 20, 0.5, 153) == 2
    assert containers_needed(box, 1000, 0.1, 27) == 2
    assert containers_needed(box, 20, 0.5, 0) == 0


def test_a_container_smaller_than_the_product_is_told() -> None:
    """A unit that no container holds is an error that names both."""
    with pytest.raises(DataError, match=r"20GP.*SILO"):
        containers_needed(Container("20GP", 28180, 33), 500, 40, 1, sku="SILO")
