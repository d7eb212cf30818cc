"""A small cluster with forecasts: two makers, a hub, a port and an overseas warehouse, three sellers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.engine import Tables
from jointplan.inventory.paths import CHANCES
from jointplan.schema import QUANTILES, TABLES

START = date(2026, 1, 5)
WEEKS = 6
HISTORY = 60
Row = dict[str, Any]

# sku, market, seller, weekly mean and spread
SERIES = (
    ("KETTLE", "DE", "S1", 40.0, 12.0),
    ("KETTLE", "DE", "S2", 30.0, 10.0),
    ("KETTLE", "JP", "S1", 20.0, 8.0),
    ("KETTLE", "US", "S3", 25.0, 9.0),
    ("TOASTER", "US", "S3", 10.0, 5.0),
    ("LAMP", "FR", "S2", 4.0, 3.0),
)


def cluster(**changes: Callable[[list[Row]], list[Row]]) -> Tables:
    """Return the tables, some changed."""
    rows: dict[str, list[Row]] = {
        "firms": [{"firm": f, "owner": f"{f} Ltd"} for f in ("M1", "M2", "S1", "S2", "S3")],
        "products": [
            {"sku": "KETTLE", "maker": "M1", "unit_value": 100.0, "transfer_price": 50.0, "weight": 1.0, "volume": 0.01},
            {"sku": "TOASTER", "maker": "M2", "unit_value": 60.0, "weight": 2.0, "volume": 0.02},
            {"sku": "LAMP", "maker": None, "unit_value": None, "weight": None, "volume": None},
        ],
        "sites": [
            {"site": "HUB", "kind": "hub", "storage_cost": 0.5, "opening_cost": 0.0},
            {"site": "PORT", "kind": "port", "storage_cost": 1.0, "opening_cost": 0.0},
            {"site": "WH-DE", "kind": "overseas_warehouse", "storage_cost": 4.0, "opening_cost": 0.0},
            {"site": "WH-US", "kind": "overseas_warehouse", "storage_cost": 4.0, "opening_cost": 9000.0},
        ],
        "lanes": [
            _lane("truck", "*", "HUB", 1),
            _lane("drayage", "HUB", "PORT", 2),
            _lane("ship-de", "PORT", "WH-DE", 28, 3),
            _lane("ship-us", "PORT", "WH-US", 21),
            _lane("last-de", "WH-DE", "DE", 2),
            _lane("last-us", "WH-US", "US", 2),
            _lane("air-jp", "HUB", "JP", 6),
            _lane("air-us", "PORT", "US", 7),
            _lane("parcel-fr", "*", "FR", 9),
        ],
        "weekly": _sales(),
        "forecasts": _forecasts(),
    }  # fmt: skip
    for name, change in changes.items():
        rows[name] = change(rows.get(name, []))
    made = {name: pa.Table.from_pylist(part, TABLES[name].arrow) for name, part in rows.items() if name != "weekly"}
    made["weekly"] = pa.Table.from_pylist(
        rows["weekly"],
        pa.schema(
            [
                ("week", pa.date32()),
                *((n, pa.string()) for n in ("sku", "market", "seller")),
                ("quantity", pa.float64()),
            ]
        ),
    )
    return Tables(made)


def _lane(name: str, origin: str, destination: str, days: float, spread: float = 0.0) -> Row:
    return {"lane": name, "origin": origin, "destination": destination, "transit_days": days, "transit_spread": spread}


def _sales() -> list[Row]:
    rng = np.random.default_rng(5)
    common = rng.normal(0, 1, HISTORY)
    rows = []
    for sku, market, seller, mean, spread in SERIES:
        sold = np.maximum(np.rint(mean + spread * (0.6 * common + 0.8 * rng.normal(0, 1, HISTORY))), 0)
        rows += [
            {
                "week": START - timedelta(weeks=HISTORY - w),
                "sku": sku,
                "market": market,
                "seller": seller,
                "quantity": units,
            }
            for w, units in enumerate(sold.tolist())
        ]
    return rows


def _forecasts() -> list[Row]:
    return [
        {"basis": basis, "origin": START, "week": START + timedelta(weeks=week), "sku": sku, "market": market, "seller": seller,
         "mean": mean, "model": "test",
         **{name: max(mean + spread * NormalDist().inv_cdf(c), 0.0) for name, c in zip(QUANTILES, CHANCES.tolist(), strict=True)}}
        for sku, market, seller, mean, spread in SERIES
        for basis in (f"own:{seller} Ltd", "shared")
        for week in range(WEEKS)
    ]  # fmt: skip
