"""A plan's flows in place of the recorded ones, so that the same diagnosis is made before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.engine import Tables
from jointplan.schema import TABLES

_WEEKLY = ("week", "sku", "market", "seller", "quantity", "revenue")


def has_flows(made: Mapping[str, pa.Table]) -> bool:
    """Return whether the tables of a run tell what its plans make, ship and deliver."""
    needed = ("lots", "shipments", "deliveries", "demand")
    return all(name in made for name in needed) and bool(pc.sum(made["deliveries"]["delivered"]).as_py())


def with_flows(tables: Tables, made: Mapping[str, pa.Table], plan: str) -> Tables:
    """Return tables in which a plan's flows stand for what was sold, made and shipped.

    ``weekly`` becomes what the plan delivers, at the prices of its demand; ``recorded`` what it makes and ships; ``bought`` what it buys of materials whose
    price depends on the order; ``sales``,
    ``orders``, ``returns`` and ``ties``, which tell of the past, are left out, so that ties are derived from the plan.

    Parameters
    ----------
    tables : Tables
        The checked tables, with ``weekly``.
    made : mapping
        Tables of a run: ``lots``, ``shipments``, ``deliveries``, ``demand``, and ``purchases`` where there are any.
    plan : str
        ``separate`` or ``joint``.
    """
    past = {"sales", "orders", "returns", "ties", "indicators"}
    kept = {name: tables[name] for name in tables if name not in past}
    kept["weekly"] = _delivered(made, plan)
    kept["recorded"] = _recorded(made, plan)
    if "purchases" in made:
        kept["bought"] = _of(made, "purchases", plan)
    return Tables(kept)


def _of(made: Mapping[str, pa.Table], name: str, plan: str) -> pa.Table:
    table = made[name]
    return table.filter(pc.equal(table["plan"], plan))


def _delivered(made: Mapping[str, pa.Table], plan: str) -> pa.Table:
    """Return deliveries as weekly sales, at the mean price of the demand of that product, market and seller."""
    key = ["sku", "market", "seller"]
    demand = made["demand"].select([*key, "quantity", "price"]).to_pandas()
    demand["revenue"] = demand["quantity"] * demand["price"]
    known = demand.groupby(key, sort=False)[["quantity", "revenue"]].sum()
    price = (known["revenue"] / known["quantity"].where(known["quantity"] > 0)).rename("price").reset_index()
    rows = _of(made, "deliveries", plan).select(["week", *key, "delivered"]).to_pandas()
    rows = rows[rows["delivered"] > 0].merge(price, on=key, how="left")
    rows = rows.assign(quantity=rows["delivered"], revenue=rows["delivered"] * rows["price"].fillna(0.0))
    return pa.Table.from_pandas(rows[list(_WEEKLY)], preserve_index=False)


def _recorded(made: Mapping[str, pa.Table], plan: str) -> pa.Table:
    rows: list[dict[str, Any]] = [
        {"activity": "make", "date": r["week"], "firm": r["maker"], "sku": r["sku"], "seller": r["seller"],
         "quantity": r["quantity"]}
        for r in _of(made, "lots", plan).to_pylist()
    ]  # fmt: skip
    rows += [
        {"activity": "ship", "date": r["week"], "firm": r["origin"], "sku": r["sku"], "seller": r["seller"],
         "lane": r["lane"], "quantity": r["quantity"]}
        for r in _of(made, "shipments", plan).to_pylist()
    ]  # fmt: skip
    schema = TABLES["recorded"].arrow
    numbered = [{**dict.fromkeys(schema.names), **row, "row": n} for n, row in enumerate(rows, start=1)]
    return pa.Table.from_pylist(numbered, schema=schema)
