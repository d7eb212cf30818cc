"""A plan's flows in place of the recorded ones, so that the same diagnosis is made before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import some

_WEEKLY = ("week", "sku", "market", "seller", "quantity", "revenue")


def has_flows(made: Mapping[str, pa.Table]) -> bool:
    """Return whether the tables of a run tell what its plans make, ship and deliver."""
    needed = ("lots", "shipments", "deliveries", "demand")
    return all(name in made for name in needed) and bool(pc.sum(made["deliveries"]["delivered"]).as_py())


def with_flows(tables: Tables, made: Mapping[str, pa.Table], plan: str) -> Tables:
    """Return tables in which a plan's flows stand for what was sold, made and shipped.

    ``weekly`` becomes what the plan delivers, at the prices of its demand; ``recorded`` what it makes and ships. Three tables say what no table brought
    does: ``bought``, what it buys of materials whose price depends on the order; ``loads``, what goes together; ``wanted``, the demand that it follows;
    and ``unpriced``, what it delivers without a price. ``sales``, ``orders``, ``returns``, ``promotions`` and ``ties``, which tell of the past, are left out,
    so that ties are derived from the plan.

    Parameters
    ----------
    tables : Tables
        The checked tables, with ``weekly``.
    made : mapping
        Tables of a run: ``lots``, ``shipments``, ``deliveries``, ``demand``, and ``purchases`` where there are any.
    plan : str
        ``separate`` or ``joint``.
    """
    past = {"sales", "orders", "returns", "promotions", "ties", "indicators"}
    kept = {name: tables[name] for name in tables if name not in past}
    kept["weekly"], kept["unpriced"] = _delivered(made, tables["products"], plan)
    kept["recorded"] = _recorded(made, plan)
    kept["loads"] = _of(made, "shipments", plan)
    kept["wanted"] = _wanted(made, plan)
    if "purchases" in made:
        kept["bought"] = _of(made, "purchases", plan)
    return Tables(kept)


def _of(made: Mapping[str, pa.Table], name: str, plan: str) -> pa.Table:
    table = made[name]
    return table.filter(pc.equal(table["plan"], plan))


def unpriced(tables: Tables) -> list[Finding]:
    """Say what a plan delivers that its demand has no price of, and at what it is counted."""
    if "unpriced" not in tables or not tables["unpriced"].num_rows:
        return []
    rows = tables.frame("unpriced", "sku", "quantity", "valued")
    without = sorted(rows.loc[~rows["valued"], "sku"].unique())
    return [
        unmeasured(
            "lock_in", "unpriced_deliveries", "data",
            "The demand of the plan has no price of {units} units it delivers ({products} products): they count at the product's other prices or its unit "
            "value, and {without} products without either at nothing ({names}). Fill in products.unit_value.",
            f"deliveries: {len(rows)}", units=f"{rows['quantity'].sum():,.0f}", products=rows["sku"].nunique(),
            without=len(without), names=some(without) or "–",
        )
    ]  # fmt: skip


def _delivered(made: Mapping[str, pa.Table], products: pa.Table, plan: str) -> tuple[pa.Table, pa.Table]:
    """Return deliveries as weekly sales, and those of them that the demand has no price of.

    The price is the mean of the demand of that product, market and seller; else of that product; else its unit value.
    """
    key = ["sku", "market", "seller"]
    demand = made["demand"].select([*key, "quantity", "price"]).to_pandas()
    demand["revenue"] = demand["quantity"] * demand["price"]

    def mean_price(by: list[str]) -> pd.Series:
        known = demand.groupby(by, sort=False)[["quantity", "revenue"]].sum()
        return known["revenue"] / known["quantity"].where(known["quantity"] > 0)

    rows = _of(made, "deliveries", plan).select(["week", *key, "delivered"]).to_pandas()
    rows = rows[rows["delivered"] > 0].rename(columns={"delivered": "quantity"})
    own = rows.merge(mean_price(key).rename("price").reset_index(), on=key, how="left")["price"].to_numpy()
    listed = products.select(["sku", "unit_value"]).to_pandas().set_index("sku")["unit_value"]
    other = rows["sku"].map(mean_price(["sku"])).fillna(rows["sku"].map(listed)).to_numpy(float)
    missing = np.isnan(own)
    price = np.where(missing, other, own)
    rows = rows.assign(revenue=rows["quantity"] * np.nan_to_num(price), valued=~np.isnan(price))
    lacking = rows.loc[missing, ["week", *key, "quantity", "valued"]]
    return (
        pa.Table.from_pandas(rows[list(_WEEKLY)], preserve_index=False),
        pa.Table.from_pandas(lacking, preserve_index=False),
    )


def _wanted(made: Mapping[str, pa.Table], plan: str) -> pa.Table:
    """Return the demand that the plan was made for, week by week."""
    rows = _of(made, "deliveries", plan).select(["week", "sku", "market", "seller", "demand"])
    return rows.rename_columns(["week", "sku", "market", "seller", "quantity"])


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
