"""Places: storing, handling and room, what must be opened first, and what lies there already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import NO_OPENING, Floats, Opening, Sites
from jointplan.planning.reading.index import Index, text
from jointplan.planning.reading.money import Money


@dataclass(frozen=True)
class Places:
    """Places, firms first; fields as in the problem."""

    storage: Floats
    handling: Floats
    capacity: Floats
    sites: Sites


def read_places(index: Index, money: Money) -> Places:
    """Read what **sites** says of sites and of firms' own places.

    Where it says nothing, a firm stores and handles for nothing, and has room for all. Its own place is open, and nothing arrives there.
    """
    sites, firms = index.sites, len(index.firm_of)
    node = np.array([index.node_of[s] for s in sites["site"]], dtype=np.int64)
    rate = np.array([money.rate(c) for c in sites["currency"]]) if len(sites) else np.zeros(0)

    def per_node(column: str, blank: float, rate: Floats | float = 1.0) -> Floats:
        values = sites[column].to_numpy(float) if len(sites) else np.zeros(0)
        found = np.full(len(index.node_of), blank)
        found[node] = np.where(np.isnan(values), blank, values * rate)
        return found

    opening_cost, throughput = per_node("opening_cost", 0.0, rate), per_node("throughput", np.inf)
    opening_cost[:firms], throughput[:firms] = 0.0, np.inf
    special = np.flatnonzero((opening_cost > 0) | np.isfinite(throughput))
    overseas = node[(sites["kind"] == "overseas_warehouse").to_numpy()] if len(sites) else node
    return Places(
        storage=per_node("storage_cost", 0.0, rate),
        handling=per_node("handling_cost", 0.0, rate),
        capacity=per_node("capacity", np.inf),
        sites=Sites(special, opening_cost[special], throughput[special], overseas),
    )


def read_stock(
    tables: Tables,
    demand: pd.DataFrame,
    index: Index,
    start: date,
    weeks: int,
) -> Opening:
    """Return the goods in stock and those under way that arrive in the weeks planned.

    Those of nobody go to the product's largest seller, or its maker where none sells it.
    """
    if "stock" not in tables:
        return NO_OPENING
    sold = demand.groupby(["sku", "seller"])["quantity"].sum().reset_index().sort_values("quantity")
    makers = tables.frame("products", "sku", "maker").dropna()
    largest = dict(zip(makers["sku"], makers["maker"], strict=True)) | dict(
        zip(sold["sku"], sold["seller"], strict=True)
    )
    found = []
    for row in tables.frame("stock").itertuples():
        holder = text(row.seller) or largest.get(row.sku)
        week = 0 if pd.isna(row.arrives) else max((row.arrives - pd.Timestamp(start)).days // 7, 0)
        if holder and row.quantity > 0 and week < weeks:
            node = index.node_of.get(row.site, -1)
            market = index.market_of[row.site] if node < 0 else -1
            found.append((node, market, week, index.sku_of[row.sku], index.firm_of[holder], float(row.quantity)))
    rows = np.array(found, dtype=float).reshape(-1, 6)
    nodes, markets, arrival, product, firm = rows[:, :5].T.astype(np.int64)
    return Opening(nodes, markets, arrival, product, index.firm_owner[firm], rows[:, 5], firm)


def makers_with_stock(index: Index, stock: Opening) -> set[int]:
    """Return the makers where goods lie, whether they can still make anything or not: lanes from every maker leave there too."""
    makers = index.firms["role"].isin(("maker", "both")).to_numpy()
    return {int(node) for node in stock.node if 0 <= node < len(makers) and makers[node]}
