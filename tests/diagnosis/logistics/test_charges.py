"""A load costs here what the room of logistics says it costs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jointplan.diagnosis.logistics.charges import charge
from jointplan.logistics.freight import read_tariffs
from jointplan.schema import TABLES

BLANK: dict[str, Any] = {column.name: column.default for column in TABLES["tariffs"]}


def bands(basis: str) -> list[dict[str, Any]]:
    one = BLANK | {"tariff": "t", "basis": basis, "rate": 6.0, "minimum": 50.0, "volumetric": 167.0}
    if basis in ("order", "container"):
        return [one]
    return [one | {"from_quantity": 0.0, "to_quantity": 45.0}, one | {"from_quantity": 45.0, "rate": 4.0}]


@given(st.sampled_from(["kg", "m3", "order", "container"]), st.floats(0.1, 50_000), st.floats(0.001, 200))
def test_loads_cost_what_the_plan_counts(basis: str, weight: float, volume: float) -> None:
    """For every basis the charge of a load is that of jointplan.logistics."""
    rows = bands(basis)
    tariff = read_tariffs(rows, {})["t"]
    theirs = tariff.load(weight / 1000, volume / 1000, 1000.0).amount
    assert abs(charge(rows, weight, volume) - theirs) <= 1e-9 * max(theirs, 1.0)
