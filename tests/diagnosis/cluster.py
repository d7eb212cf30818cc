"""Small clusters as tables, for the tests of the diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.structure.network import Network, network_from
from jointplan.engine import Tables
from jointplan.schema import TABLES

MONDAY = date(2024, 1, 1)
WEEKLY = pa.schema(
    [
        ("week", pa.date32()),
        ("sku", pa.string()),
        ("market", pa.string()),
        ("seller", pa.string()),
        ("quantity", pa.float64()),
        ("revenue", pa.float64()),
    ]
)
Row = dict[str, Any]
SALE: Row = {
    "document": "1", "date": MONDAY, "sku": "P0", "market": "CN", "seller": "S0", "quantity": 1.0, "unit_price": 1.0,
}  # fmt: skip


def tables_of(**rows: Sequence[Row]) -> Tables:
    """Return tables by name; columns left out are blank, or have the default of the schema."""
    found = {}
    for name, content in rows.items():
        if name == "weekly":
            found[name] = pa.Table.from_pylist(list(content), WEEKLY)
            continue
        table = TABLES[name]
        blank = {column.name: column.default for column in table}
        found[name] = pa.Table.from_pylist([blank | row for row in content], table.arrow)
    return Tables(found)


def small(**changes: Sequence[Row] | None) -> Tables:
    """Return a cluster of four makers and two sellers with 80 weeks of sales; a table changed to None is left out."""
    firms = [
        {"firm": f"M{n}", "role": "maker", "lat": 22.8 + n / 100, "lon": 113.2 + (n % 2) / 100, "currency": "CNY"}
        for n in range(4)
    ]
    firms += [
        {"firm": f"S{n}", "role": "seller", "lat": 22.9, "lon": 113.3 + n / 100, "currency": "CNY"} for n in range(2)
    ]
    products = [
        {"sku": f"P{n}", "family": "kettle", "maker": f"M{n % 4}", "unit_value": 20.0 + n, "transfer_price": 10.0 + n}
        for n in range(8)
    ]
    rng = np.random.default_rng(3)
    weekly = [
        {
            "week": MONDAY + timedelta(weeks=week),
            "sku": f"P{n}",
            "market": market,
            "seller": f"S{n % 2}",
            "quantity": float(q := rng.integers(5, 15)),
            "revenue": float(q * (20 + n)),
        }
        for week in range(80)
        for n in range(8)
        for market in ("CN", "DE")
    ]
    content: dict[str, Sequence[Row] | None] = {
        "firms": firms,
        "products": products,
        "markets": [{"market": m, "country": m, "currency": "CNY"} for m in ("CN", "DE")],
        "weekly": weekly,
        **changes,
    }
    return tables_of(**{name: rows for name, rows in content.items() if rows is not None})


def net_of(n: int, edges: Sequence[tuple[int, int]], weights: Sequence[float] | None = None) -> Network:
    """Return a network of n firms F0 … and the ties between them."""
    firms = tuple(f"F{i}" for i in range(n))
    a, b = ([f"F{edge[end]}" for edge in edges] for end in (0, 1))
    return network_from(
        firms, pd.Series(a, dtype=str), pd.Series(b, dtype=str), pd.Series(weights or [1.0] * len(edges))
    )
