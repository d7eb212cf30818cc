"""Ties where none were told: who makes for whom and who supplies whom as they are, and the backbone of what firms share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.materials import material_use, years
from jointplan.diagnosis.money import worth_of
from jointplan.diagnosis.structure.network import Network, disparity, network_from
from jointplan.engine import Tables

LARGEST_GROUP = 200  # firms that share one thing; what more firms share ties nobody to anybody
WAYS = {
    "recorded/products": "who makes for whom",
    "sources": "who supplies whom",
    "products.maker": "shared buyers",
    "sales.document": "shared orders",
    "weekly": "shared markets",
    "materials": "shared materials",
}  # in which ties are derived
NO_GROUPS = pd.DataFrame(
    {"group": pd.Series(dtype=int), "firm": pd.Series(dtype=str), "weight": pd.Series(dtype=float)}
)
NO_TIES = pd.DataFrame({"a": pd.Series(dtype=str), "b": pd.Series(dtype=str), "weight": pd.Series(dtype=float)})


def derived_network(tables: Tables, firms: tuple[str, ...], backbone: float, currency: str) -> Network:
    """Derive ties: flows between makers, sellers and suppliers as they are; shared buyers, orders and materials by their backbone.

    Parameters
    ----------
    tables : Tables
        ``products``, ``weekly``; ``recorded``, ``sales``, ``materials``, ``sources``, ``fx`` where given.
    firms : tuple of str
        The nodes.
    backbone : float
        Level of the disparity filter on what is shared.
    currency : str
        Currency of the run.
    """
    worth = worth_of(tables, currency)
    value, assumed = _unit_values(tables)
    made, supplied = _makers_to_sellers(tables, value), _suppliers_to_makers(tables, worth, currency)
    makers, orders, materials = _by_buyer(made), _orders(tables, worth, currency), _by_material(supplied)
    groups = {"products.maker": makers, "sales.document": orders, "weekly": _markets(tables), "materials": materials}
    supplies = supplied.groupby(["a", "b"], as_index=False)["weight"].sum()
    flows = {"recorded/products": made, "sources": supplies}
    shared = {name: _shared(rows, firms, backbone) for name, rows in groups.items()}
    parts = {name: rows for name, rows in (*flows.items(), *shared.items()) if len(rows)}
    rows = pd.concat(list(parts.values())) if parts else NO_TIES
    making = "recorded" if _recorded(tables) else "weekly, products.maker"
    read = {"recorded/products": making, "products.maker": making, "materials": "materials, sources"}
    told = [f"{WAYS[name]} ({read.get(name, name)}): {len(rows)}" for name, rows in parts.items()]
    source = "derived from " + "; ".join(told) if told else "ties: 0"
    net = network_from(firms, rows["a"], rows["b"], rows["weight"], derived=True, source=source)
    notes = (*assumed, *_unknown_currency(tables, worth, currency), *_crowds(groups))
    return Network(net.firms, net.a, net.b, net.weight, True, source, notes)


def _unit_values(tables: Tables) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return what a unit of each product is worth, and what had to be assumed.

    Where it is not given it is the median of the product's family, else of all products; where none is given all are units.
    """
    products = tables.frame("products", "sku", "family", "unit_value").set_index("sku")
    given = products["unit_value"]
    if not _recorded(tables):
        return given, ()  # what was sold has its revenue
    missing = int(given.isna().sum())
    if not missing:
        return given, ()
    if missing == len(given):
        note = unmeasured(
            "structure", "missing_unit_values", "data",
            "No product has a unit value: ties between makers and sellers are weighed by units, not money. Fill in products.unit_value.",
            f"products.unit_value: 0 of {len(given)}",
        )  # fmt: skip
        return given.fillna(1.0), (note,)
    filled = given.fillna(given.groupby(products["family"]).transform("median")).fillna(given.median())
    note = unmeasured(
        "structure", "missing_unit_values", "data",
        "{n} of {all} {all:product|products} {n:has|have} no unit value: ties between makers and sellers count them at the median of their family, or of all products. "
        "Fill in products.unit_value.",
        f"products.unit_value: {len(given) - missing} of {len(given)}", n=missing, all=len(given),
    )  # fmt: skip
    return filled, (note,)


def _recorded(tables: Tables) -> bool:
    """Return whether it is recorded who made what for whom."""
    return "recorded" in tables and bool((tables["recorded"]["activity"].to_pandas() == "make").any())


def _makers_to_sellers(tables: Tables, value: pd.Series) -> pd.DataFrame:
    """Return what each maker makes for each seller in a year: as recorded, at unit values; else the revenue of its products."""
    made = pd.DataFrame()
    if "recorded" in tables:
        made = tables.frame("recorded", "activity", "date", "firm", "sku", "seller", "quantity")
        made = made[made["activity"] == "make"].rename(columns={"firm": "a", "seller": "b"})
    if len(made):
        made["weight"] = made["quantity"] * made["sku"].map(value) / years(made["date"])
    else:
        made = tables.frame("weekly", "week", "sku", "seller", "revenue")
        made = made.merge(tables.frame("products", "sku", "maker").dropna(), on="sku")
        made["weight"] = made["revenue"] / years(made["week"])
        made = made.rename(columns={"maker": "a", "seller": "b"})
    return made.groupby(["a", "b"], as_index=False)["weight"].sum()


def _suppliers_to_makers(tables: Tables, worth: dict[str, float], currency: str) -> pd.DataFrame:
    """Return material, supplier a, maker b and weight: the maker's use of a material in money, shared alike by its suppliers."""
    if not {"materials", "sources"} <= set(tables):
        return NO_TIES.assign(material=pd.Series(dtype=str))
    use = material_use(tables)
    offers = tables.frame("sources", "material", "supplier", "cost", "currency")
    offers["cost"] *= offers["currency"].fillna(currency).map(worth).fillna(1.0)
    offers = offers.groupby(["material", "supplier"], as_index=False)["cost"].min()
    offers["suppliers"] = offers.groupby("material")["supplier"].transform("count")
    rows = use.merge(offers, on="material")
    rows["weight"] = rows["quantity"] * rows["cost"] / rows["suppliers"]
    return rows.rename(columns={"supplier": "a", "maker": "b"})[["material", "a", "b", "weight"]]


def _by_buyer(made: pd.DataFrame) -> pd.DataFrame:
    """Return the makers that make for each seller: the buyer they share."""
    rows = made[made["a"] != made["b"]]
    return rows.assign(group=rows.groupby("b", sort=False).ngroup()).rename(columns={"a": "firm"})[
        ["group", "firm", "weight"]
    ]


def _by_material(supplied: pd.DataFrame) -> pd.DataFrame:
    """Return the makers that use each material, and for how much."""
    rows = supplied.groupby(["material", "b"], as_index=False, sort=False)["weight"].sum()
    rows["group"] = rows.groupby("material", sort=False).ngroup()
    return rows.rename(columns={"b": "firm"})[["group", "firm", "weight"]]


def _market_worth(tables: Tables, worth: dict[str, float], currency: str) -> pd.Series:
    """Return what one unit of each market's currency is worth; NaN where no rate tells it."""
    markets = tables.frame("markets", "market", "currency").set_index("market")["currency"]
    return markets.fillna(currency).map(worth)


def _orders(tables: Tables, worth: dict[str, float], currency: str) -> pd.DataFrame:
    """Return who shares an order, and for how much: documents with lines of several sellers, each line in its market's currency."""
    if "sales" not in tables:
        return NO_GROUPS
    # Millions of lines stay in Arrow; few orders are shared.
    order = ["source", "document"]
    sales = tables["sales"].select([*order, "market", "seller", "quantity", "unit_price"])
    sellers = sales.group_by(order).aggregate([("seller", "count_distinct")])
    several = sellers.filter(pc.greater(sellers["seller_count_distinct"], 1)).select(order)
    if not several.num_rows:
        return NO_GROUPS
    lines = sales.join(several, order, join_type="inner").to_pandas()
    lines["group"] = lines.groupby(order, sort=False).ngroup()
    rate = lines["market"].map(_market_worth(tables, worth, currency)).fillna(1.0)
    span = years(pd.to_datetime(tables["sales"]["date"].to_pandas()))
    lines["weight"] = lines["quantity"] * lines["unit_price"] * rate / span
    rows = lines.groupby(["group", "seller"], as_index=False, sort=False)["weight"].sum()
    return rows.rename(columns={"seller": "firm"})


def _markets(tables: Tables) -> pd.DataFrame:
    """Return who sells goods of one family to one market: the final buyers they share, as far as sales tell."""
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
        return NO_TIES
    net = network_from(firms, pairs["firm_x"], pairs["firm_y"], pairs["weight"])
    kept = disparity(net) < level
    names = np.array(firms, dtype=object)
    return pd.DataFrame({"a": names[net.a[kept]], "b": names[net.b[kept]], "weight": net.weight[kept]})


def _crowds(groups: dict[str, pd.DataFrame]) -> Iterator[Finding]:
    """Say which groups are so large that to share them ties nobody to anybody."""
    for name, rows in groups.items():
        size = rows.groupby("group")["firm"].count()
        large = size[size > LARGEST_GROUP]
        if len(large):
            yield unmeasured(
                "structure", "groups_left_out", "data",
                "{n} of {all} groups of firms that share something ({name}) have more than {most} {most:firm|firms}, the largest {largest}: sharing it ties none of them.",
                f"{name}: {len(large)} of {len(size)}", n=len(large), all=len(size), name=name, most=LARGEST_GROUP, largest=int(large.max()),
            )  # fmt: skip


def _unknown_currency(tables: Tables, worth: dict[str, float], currency: str) -> Iterator[Finding]:
    """Say which currencies have no rate and count as they are."""
    used = set()
    if "sales" in tables:
        used |= set(tables.frame("markets", "currency")["currency"].dropna())
    if {"materials", "sources"} <= set(tables):
        used |= set(tables.frame("sources", "currency")["currency"].dropna())
    if unknown := sorted(used - set(worth)):
        yield unmeasured(
            "structure", "currencies_without_rate", "data",
            "Derived ties count amounts in {names} as if they were {currency}, as no rate is given. Fill in the table fx.",
            "fx: " + ", ".join(unknown), names=tuple(unknown), currency=currency,
        )  # fmt: skip
