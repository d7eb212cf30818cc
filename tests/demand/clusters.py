"""Small worlds of sales."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.engine import Tables

START = date(2026, 1, 5)

Series = tuple[str, str, str, Sequence[float]]


def tables_of(
    series: Sequence[Series],
    *,
    owners: dict[str, str] | None = None,
    families: dict[str, str] | None = None,
    end: date = START,
) -> Tables:
    """Make the tables of some series (sku, market, seller, units of the weeks up to ``end``); weeks of 0 have no row."""
    rows = [
        {
            "week": end - timedelta(weeks=len(units) - place),
            "sku": sku,
            "market": market,
            "seller": seller,
            "quantity": float(quantity),
            "revenue": 2.0 * quantity,
            "lines": 1,
        }
        for sku, market, seller, units in series
        for place, quantity in enumerate(units)
        if quantity
    ]
    weekly = pa.schema(
        [
            ("week", pa.date32()),
            ("sku", pa.string()),
            ("market", pa.string()),
            ("seller", pa.string()),
            ("quantity", pa.float64()),
            ("revenue", pa.float64()),
            ("lines", pa.int64()),
        ]
    )
    sellers, skus = sorted({row[2] for row in series}), sorted({row[0] for row in series})
    return Tables(
        {
            "weekly": pa.Table.from_pylist(rows, schema=weekly),
            "firms": pa.table(
                {
                    "firm": pa.array(sellers, pa.string()),
                    "owner": pa.array([(owners or {}).get(s) for s in sellers], pa.string()),
                }
            ),
            "products": pa.table(
                {
                    "sku": pa.array(skus, pa.string()),
                    "family": pa.array([(families or {}).get(s) for s in skus], pa.string()),
                }
            ),
        }
    )


def random_cluster(seed: int, *, products: int, weeks: int, sellers: int = 3, markets: int = 2) -> list[Series]:
    """Draw a cluster whose products are smooth, lumpy, sparse, new or ended, each sold by some sellers in some markets."""
    rng = np.random.default_rng(seed)
    series = []
    for product in range(products):
        size = np.exp(rng.normal(1.5, 1.0))
        kind = product % 5
        for market in range(markets):
            for seller in rng.choice(sellers, size=int(rng.integers(1, sellers + 1)), replace=False):
                mean = size * np.exp(rng.normal(0, 0.5)) * (1 + 0.5 * np.sin(np.arange(weeks) * 2 * np.pi / 52))
                units = rng.negative_binomial(2, 2 / (2 + mean)).astype(float)
                if kind == 1:
                    units *= rng.random(weeks) < 0.3
                if kind == 2:
                    units *= rng.random(weeks) < 0.04
                if kind == 3:
                    units[: weeks - int(rng.integers(1, max(weeks // 3, 2)))] = 0
                if kind == 4:
                    units[weeks // 2 :] = 0
                series.append((f"P{product:03}", f"M{market}", f"S{seller}", units.tolist()))
    return series


def sent_away(task: Callable[[Any], Any], chunks: Iterable[Any], *, workers: int | None = None) -> Iterator[Any]:
    """Run tasks as on other processes: each chunk and result is written out and read back."""
    for chunk in chunks:
        yield pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(task))(pickle.loads(pickle.dumps(chunk)))))
