"""A firm that is out: what is gone with it, and what can no longer be made for want of what it supplied."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.engine import Tables
from jointplan.planning.problem import SUPPLY
from jointplan.schema import CHAIN, Assumption

LOST_SOURCE = "materials without a source left"
_NAMED = (("firms", "firm"), ("sources", "supplier"), ("lanes", "carrier"))  # suppliers and carriers need be no members
_GONE = {
    "capabilities": ("firm",),
    "stock": ("site", "seller"),
    "material_stock": ("firm",),
    "sources": ("supplier",),
    "lanes": ("carrier",),
    "approved": ("firm", "seller", "chain"),
}  # columns, in any of which a firm takes a row with it
_SELLERS = ("weekly", "orders", "potentials")  # tables that say who sells


def who_is_there(tables: Tables) -> set[str]:
    """Return all who make, sell, supply or carry, by the name that stands in the tables."""
    found = {name for table, column in _NAMED if table in tables for name in tables[table][column].to_pylist()}
    return found - {None, ""}


def sellers(tables: Tables) -> set[str]:
    """Return the firms that have sold anything, have orders, or could sell in a new market."""
    return {firm for name in _SELLERS if name in tables for firm in pc.unique(tables[name]["seller"]).to_pylist()}


def without_firm(firm: str, tables: Tables) -> tuple[dict[str, pa.Table], tuple[Assumption, ...]]:
    """Return the tables that are other without a firm, and what is told of them.

    What it makes, has in stock, has of materials and supplies is gone, and so are the lanes that it serves, the lots decided at it or for it, its cash
    and its credit. Products of which a material has no source left cannot be made.
    """
    changed: dict[str, pa.Table] = {}
    for name, columns in _GONE.items():
        if name in tables:
            rows = tables[name].select(columns).to_pylist()
            kept = [not any(firm in (cell or "").split(CHAIN) for cell in row.values()) for row in rows]
            if not all(kept):
                changed[name] = tables[name].filter(pa.array(kept, pa.bool_()))
    if "credit" in tables and firm in tables["credit"]["firm"].to_pylist():
        changed["credit"] = _without_money(firm, tables)
    if "sources" in changed and "materials" in tables:
        before, after = (set(table["material"].to_pylist()) for table in (tables["sources"], changed["sources"]))
        needing = {name: products for name in sorted(before - after) if (products := _made_of(name, tables))}
        if needing:
            changed["operations"] = _with_steps_of_nobody(needing, tables["operations"])
        now = tables.adding(changed)
        there = _on_hand(now["material_stock"]) if "material_stock" in now else set()
        return changed, tuple(_told(name, len(products), on_hand=name in there) for name, products in needing.items())
    return changed, ()


def _without_money(firm: str, tables: Tables) -> pa.Table:
    """Return **credit** without what a firm has and may owe.

    Where its owner has other firms, the row stays at nothing: without it, the owner would not be short of money at all.
    """
    owners = {row["firm"]: row["owner"] or row["firm"] for row in tables["firms"].to_pylist()}
    alone = Counter(owners.values())[owners[firm]] == 1
    rows: list[dict[str, Any]] = [
        row | {"cash": 0.0, "limit": 0.0} if row["firm"] == firm else row
        for row in tables["credit"].to_pylist()
        if not (alone and row["firm"] == firm)
    ]
    return pa.Table.from_pylist(rows, schema=tables["credit"].schema)


def _made_of(material: str, tables: Tables) -> list[str]:
    """Return the products that a material goes into, by their own bill or else their family's."""
    rows = tables["materials"].to_pylist()
    own = {row["sku"] for row in rows if row["sku"]}
    takes = {(row["sku"], None) if row["sku"] else (None, row["family"]) for row in rows if row["material"] == material}
    return [
        row["sku"]
        for row in tables["products"].to_pylist()
        if row["maker"] and ((row["sku"], None) if row["sku"] in own else (None, row["family"])) in takes
    ]


def _with_steps_of_nobody(needing: dict[str, list[str]], operations: pa.Table) -> pa.Table:
    """Return **operations** in which products take steps that no firm can do: to have each material that nobody supplies."""
    lost: dict[str, list[str]] = {}
    for name, products in needing.items():
        for sku in products:
            lost.setdefault(sku, []).append(name)
    kept = [row for row in operations.to_pylist() if row["sku"] not in lost or row["process"].startswith(SUPPLY)]
    steps = Counter(row["sku"] for row in kept if row["sku"] in lost)  # of materials that another firm took with it
    kept += [
        {"sku": sku, "step": step, "process": SUPPLY + name, "hours": 0.0}
        for sku, names in lost.items()
        for step, name in enumerate(names, steps[sku] + 1)
    ]
    return pa.Table.from_pylist(kept, schema=operations.schema)


def _on_hand(stock: pa.Table) -> set[str]:
    """Return the materials of which firms have any."""
    return {row["material"] for row in stock.to_pylist() if row["quantity"] > 0}


def _told(material: str, products: int, *, on_hand: bool) -> Assumption:
    if on_hand:
        return Assumption(
            LOST_SOURCE,
            "The what-if takes its last source away: products it goes into count as not made. Firms have some of it: "
            "what could still be made of that is not counted.",
            "假设推演去掉了其最后一个货源：用到它的产品按无法生产计。企业尚有该物料，用其还能生产的部分未计入。",
            "sources",
            subject=material,
            value=str(products),
            unit="products",
        )
    return Assumption(
        LOST_SOURCE,
        "The what-if takes its last source away: products it goes into cannot be made.",
        "假设推演去掉了其最后一个货源：用到它的产品无法生产。",
        "sources",
        subject=material,
        value=str(products),
        unit="products",
    )
