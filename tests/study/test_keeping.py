"""What a run keeps is told in the units of the user's tables."""

from __future__ import annotations

import pyarrow as pa

from jointplan.schema import TABLES
from jointplan.study.keeping import in_their_units


def test_what_goes_beyond_capacity_is_counted_as_the_capacity_is() -> None:
    """Orders beyond what a plant handles are orders; hours of work, and what is no workshop's, stay as they are."""
    capacity = [
        {"firm": "PLANT03", "process": "handling", "hours": 1013.0, "unit": "orders"},
        {"firm": "F1", "process": "moulding", "hours": 40.0},
    ]
    broken = [
        {"plan": "recorded", "rule": "capacity exceeded", "place": place, "amount": 7528.0, "unit": unit}
        for place, unit in (
            ("PLANT03 handling", "hours"),
            ("F1 moulding", "hours"),
            ("HUB", "m³"),
            ("PLANT03 handling", "setups"),
        )
    ]
    tables = [
        pa.Table.from_pylist(rows, schema=TABLES[name].arrow)
        for name, rows in (("violations", broken), ("capacity", capacity))
    ]
    told = in_their_units(*tables)
    assert told["unit"].to_pylist() == ["orders", "hours", "m³", "setups"]
    assert told.drop(["unit"]).equals(tables[0].drop(["unit"]))
