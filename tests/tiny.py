"""A valid workspace as small as they come: three factories, one process, six weeks of sales."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]
FIRST_MONDAY = date(2025, 3, 3)
WEEKS = 6


def tiny_tables() -> dict[str, list[Row]]:
    """Return its tables as rows; the plan after them starts on 2025-04-14."""
    makers = ("ALPHA", "BETA", "GAMMA")
    skus = {"KETTLE-1": "ALPHA", "KETTLE-2": "BETA", "TOASTER": "GAMMA"}
    sales = [
        {
            "source": "shop",
            "document": f"D{week}-{number}-{day}",
            "date": FIRST_MONDAY + timedelta(weeks=week, days=day),
            "sku": sku,
            "market": "DE" if day else "FR",
            "channel": "shop",
            "seller": maker,
            "quantity": 10 + 3 * number + (week * 7 + day) % 5,
            "unit_price": 100 + 10 * number,
        }
        for week in range(WEEKS)
        for number, (sku, maker) in enumerate(skus.items())
        for day in (0, 2, 6)
    ]
    return {
        "firms": [{"firm": m, "name": m.title(), "role": "both", "lat": 22.8, "lon": 113.2} for m in makers],
        "products": [
            {
                "sku": sku,
                "title": sku.title(),
                "family": sku.split("-")[0].lower(),
                "maker": maker,
                "unit_value": 100,
                "weight": 1.5,
                "volume": 0.01,
            }
            for sku, maker in skus.items()
        ],
        "markets": [
            {"market": "DE", "country": "DE", "currency": "CNY"},
            {"market": "FR", "country": "FR", "currency": "CNY"},
        ],
        "sales": sales,
        "operations": [
            {"family": family, "step": 1, "process": "assembly", "hours": 0.25} for family in ("kettle", "toaster")
        ],
        "capabilities": [
            {
                "firm": m,
                "process": "assembly",
                "cost_per_hour": 60,
                "major_setup_hours": 2,
                "major_setup_cost": 200,
                "minor_setup_hours": 0.5,
                "minor_setup_cost": 50,
            }
            for m in makers
        ],
        "capacity": [{"firm": m, "process": "assembly", "hours": 40, "overtime_hours": 8} for m in makers],
        "sites": [{"site": "HUB", "kind": "hub", "country": "CN", "handling_cost": 5, "storage_cost": 1}],
        "lanes": [
            {
                "lane": "truck",
                "origin": "*",
                "destination": "HUB",
                "mode": "road",
                "tariff": "truck",
                "transit_days": 1,
            },
            *(
                {
                    "lane": f"{mode}-{market}",
                    "origin": origin,
                    "destination": market,
                    "mode": mode,
                    "tariff": mode,
                    "transit_days": days,
                }
                for market in ("DE", "FR")
                for mode, origin, days in (("parcel", "*", 6), ("air", "HUB", 7))
            ),
        ],
        "tariffs": [
            {"tariff": "truck", "basis": "m3", "rate": 60, "minimum": 50},
            {"tariff": "parcel", "basis": "kg", "rate": 14, "volumetric": 167},
            {"tariff": "air", "basis": "kg", "rate": 6, "minimum": 600, "volumetric": 167},
        ],
    }


def write_tiny(folder: Path, **changes: Callable[[list[Row]], list[Row] | None] | None) -> Path:
    """Write the workspace, some of its tables changed; a table changed to None is left out."""
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    for name, rows in tiny_tables().items():
        if name in changes:
            change = changes[name]
            if change is None:
                continue
            rows = change(rows) or rows
        write_csv(tables / f"{name}.csv", rows)
    return folder


def write_csv(file: Path, rows: list[Row]) -> None:
    """Write rows as a CSV file with the columns of them all."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)
