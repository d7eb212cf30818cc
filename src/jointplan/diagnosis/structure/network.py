"""Who is tied to whom: the network of the table ties, or one derived from makers, materials, orders and markets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from jointplan.diagnosis.materials import material_use, years
from jointplan.engine import Tables

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LARGEST_GROUP = 200  # firms that share one thing; what more firms share ties nobody to anybody


@dataclass(frozen=True)
class Network:
    """Firms and the ties between them, undirected, each pair once, none with itself.

    Parameters
    ----------
    firms : tuple of str
        The nodes.
    a, b : ndarray of int, shape (m,)
        Ends of each tie as positions in ``firms``; a < b.
    weight : ndarray, shape (m,)
        Money a year; where derived, money that flows or is shared.
    derived : bool
        Whether the ties were derived from other tables.
    source : str
        The rows behind it, for people.
    """

    firms: tuple[str, ...]
    a: Ints
    b: Ints
    weight: Floats
    derived: bool = False
    source: str = ""

    @property
    def degree(self) -> Ints:
        """Number of ties of each firm; shape (n,)."""
        return np.bincount(np.concatenate([self.a, self.b]), minlength=len(self.firms))

    @property
    def strength(self) -> Floats:
        """Weight of the ties of each firm; shape (n,)."""
        both = np.concatenate([self.weight, self.weight])
        return np.asarray(np.bincount(np.concatenate([self.a, self.b]), both, len(self.firms)), float)


def network_of(tables: Tables, backbone: float) -> Network:
    """Return the network of the ties of the latest year, or else a derived one.

    Parameters
    ----------
    tables : Tables
        ``firms``, and ``ties`` or what they can be derived from.
    backbone : float
        Level of the disparity filter on shared orders and markets.
    """
    firms = tuple(tables["firms"]["firm"].to_pylist())
    if "ties" in tables and tables["ties"].num_rows:
        frame = tables.frame("ties", "firm_a", "firm_b", "year", "value")
        if frame["year"].notna().any():
            frame = frame[frame["year"].isna() | (frame["year"] == frame["year"].max())]
        return network_from(
            _tied(tables, frame), frame["firm_a"], frame["firm_b"], frame["value"], source=f"ties: {len(frame)}"
        )
    return _derived(tables, firms, backbone)


def _tied(tables: Tables, ties: pd.DataFrame) -> tuple[str, ...]:
    """Return the firms of the network: all but carriers without ties, whose business with the others is in lanes."""
    rows = tables.frame("firms", "firm", "role")
    named = rows["firm"].isin(ties["firm_a"]) | rows["firm"].isin(ties["firm_b"])
    return tuple(rows.loc[named | (rows["role"] != "carrier"), "firm"])


def network_from(
    firms: tuple[str, ...],
    a: pd.Series,
    b: pd.Series,
    weight: pd.Series,
    *,
    derived: bool = False,
    source: str = "",
) -> Network:
    """Return the network of directed rows: both directions and all kinds added up, ties of a firm with itself dropped."""
    index = pd.Index(firms)
    first, second = index.get_indexer(pd.Index(a)), index.get_indexer(pd.Index(b))
    value = np.asarray(weight, float)
    used = (first >= 0) & (second >= 0) & (first != second) & (value > 0)
    low, high = np.minimum(first, second)[used], np.maximum(first, second)[used]
    code, inverse = np.unique(low.astype(np.int64) * len(firms) + high, return_inverse=True)
    total = np.asarray(np.bincount(inverse, value[used], len(code)), float)
    width = max(len(firms), 1)
    return Network(firms, code // width, code % width, total, derived, source)


def _derived(tables: Tables, firms: tuple[str, ...], backbone: float) -> Network:
    """Derive ties: who makes for whom and who supplies whom as they are, shared orders and markets by their backbone."""
    flows = [_makers_to_sellers(tables), _suppliers_to_makers(tables)]
    said = [name for name, part in zip(("recorded/products", "sources"), flows, strict=True) if len(part)]
    shared = [_shared(part, firms, backbone) for part in (_orders(tables), _markets(tables)) if len(part)]
    parts = [part for part in (*flows, *shared) if len(part)]
    said += ["sales"] if any(len(part) for part in shared) else []
    rows = pd.concat(parts) if parts else pd.DataFrame({"a": [], "b": [], "weight": []})
    source = "derived: " + ", ".join(said) if said else "derived: 0"
    return network_from(firms, rows["a"], rows["b"], rows["weight"], derived=True, source=source)


def _makers_to_sellers(tables: Tables) -> pd.DataFrame:
    """Return what each maker makes for each seller in a year, in money of the products' value."""
    products = tables.frame("products", "sku", "maker", "unit_value")
    if "recorded" in tables:
        made = tables.frame("recorded", "activity", "date", "firm", "sku", "seller", "quantity")
        made = made[made["activity"] == "make"].merge(products[["sku", "unit_value"]], on="sku")
        made["weight"] = made["quantity"] * made["unit_value"].fillna(1.0) / years(made["date"])
        made = made.rename(columns={"firm": "a"})
    else:
        made = tables.frame("weekly", "week", "sku", "seller", "revenue").merge(products, on="sku")
        made["revenue"] /= years(made["week"])
        made = made.rename(columns={"maker": "a", "revenue": "weight"}).dropna(subset=["a"])
    return made.rename(columns={"seller": "b"}).groupby(["a", "b"], as_index=False)["weight"].sum()


def _suppliers_to_makers(tables: Tables) -> pd.DataFrame:
    """Return what each supplier can sell each maker: the maker's use of a material, shared by its suppliers."""
    if not {"materials", "sources"} <= set(tables):
        return pd.DataFrame({"a": [], "b": [], "weight": []})
    use = material_use(tables)
    offers = tables.frame("sources", "material", "supplier", "cost")
    offers = offers.groupby(["material", "supplier"], as_index=False)["cost"].min()
    offers["suppliers"] = offers.groupby("material")["supplier"].transform("count")
    rows = use.merge(offers, on="material")
    rows["weight"] = rows["quantity"] * rows["cost"] / rows["suppliers"]
    rows = rows.rename(columns={"supplier": "a", "maker": "b"})
    return rows.groupby(["a", "b"], as_index=False)["weight"].sum()


def _orders(tables: Tables) -> pd.DataFrame:
    """Return who shares an order: documents with lines of several sellers."""
    if "sales" not in tables:
        return pd.DataFrame({"firm": []})
    # Millions of lines stay in Arrow; few orders are shared.
    sales, order = (
        tables["sales"].select(["source", "document", "seller", "quantity", "unit_price"]),
        ["source", "document"],
    )
    sellers = sales.group_by(order).aggregate([("seller", "count_distinct")])
    several = sellers.filter(pc.greater(sellers["seller_count_distinct"], 1)).select(order)
    if not several.num_rows:
        return pd.DataFrame({"firm": []})
    lines = sales.join(several, order, join_type="inner").to_pandas()
    lines["group"] = lines.groupby(order, sort=False).ngroup()
    lines["weight"] = (
        lines["quantity"] * lines["unit_price"] / years(pd.to_datetime(tables["sales"]["date"].to_pandas()))
    )
    rows = lines.groupby(["group", "seller"], as_index=False, sort=False)["weight"].sum()
    return rows.rename(columns={"seller": "firm"})


def _markets(tables: Tables) -> pd.DataFrame:
    """Return who sells goods of one family to one market: the buyers they share, as far as sales tell."""
    sold = tables.frame("weekly", "week", "sku", "market", "seller", "revenue")
    sold["revenue"] /= years(sold["week"])
    sold = sold.merge(tables.frame("products", "sku", "family"), on="sku")
    sold["group"] = sold.groupby(["market", "family"], sort=False).ngroup()
    rows = sold.groupby(["group", "seller"], as_index=False, sort=False)["revenue"].sum()
    return rows.rename(columns={"seller": "firm", "revenue": "weight"})


def _shared(rows: pd.DataFrame, firms: tuple[str, ...], level: float) -> pd.DataFrame:
    """Return ties between firms that share groups, each weighted by the smaller part, and only their backbone."""
    size = rows.groupby("group")["firm"].transform("count")
    rows = rows[(size > 1) & (size <= LARGEST_GROUP)]
    pairs = rows.merge(rows, on="group")
    pairs = pairs[pairs["firm_x"] < pairs["firm_y"]]
    pairs["weight"] = np.minimum(pairs["weight_x"], pairs["weight_y"])
    if not len(pairs):
        return pd.DataFrame({"a": [], "b": [], "weight": []})
    net = network_from(firms, pairs["firm_x"], pairs["firm_y"], pairs["weight"])
    kept = disparity(net) < level
    names = np.array(firms, dtype=object)
    return pd.DataFrame({"a": names[net.a[kept]], "b": names[net.b[kept]], "weight": net.weight[kept]})


def disparity(net: Network) -> Floats:
    """Return for each tie the chance of so strong a one at random, the smaller of its two ends; shape (m,).

    At a firm with k ties and strength s, a tie of weight w has α = (1 − w/s)^(k−1) if its strength were spread at random
    (Serrano, Boguñá and Vespignani, PNAS 106, 2009, equation 2). A firm with one tie has no say (α = 1).
    """
    degree, strength = net.degree, net.strength

    def at(end: Ints) -> Floats:
        share = np.clip(net.weight / strength[end], 0.0, 1.0)
        alpha: Floats = np.where(degree[end] > 1, (1.0 - share) ** (degree[end] - 1), 1.0)
        return alpha

    return np.minimum(at(net.a), at(net.b))
