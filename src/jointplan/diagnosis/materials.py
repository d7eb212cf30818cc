"""What goes into what: the bill of materials, followed through part-made goods to what is bought."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.errors import DataError, DataIssue
from jointplan.texts import tr


def bought_in(tables: Tables) -> pd.DataFrame:
    """Return sku, material and quantity: what is bought for one unit of each product.

    A material that is itself a product with materials is followed further. A product's own rows stand for those of its
    family.

    Raises
    ------
    DataError
        If something goes into itself; the cycle is named.
    """
    direct = direct_materials(tables)
    parts = set(direct["sku"])
    found = []
    level = direct
    while len(level):
        inner = level["material"].isin(parts)
        found.append(level[~inner])
        level = level[inner].merge(direct, left_on="material", right_on="sku", suffixes=("", "_in"))
        level = level.assign(quantity=level["quantity"] * level["quantity_in"], material=level["material_in"])
        level = level.groupby(["sku", "material"], as_index=False)["quantity"].sum()
    return pd.concat(found).groupby(["sku", "material"], as_index=False)["quantity"].sum()


def direct_materials(tables: Tables) -> pd.DataFrame:
    """Return sku, material and quantity: what goes straight into one unit of each product, its own rows for those of its family.

    Raises
    ------
    DataError
        If something goes into itself; the cycle is named.
    """
    products = tables.frame("products", "sku", "family")
    rows = tables.frame("materials", "sku", "family", "material", "quantity")
    own = rows[rows["sku"].notna()][["sku", "material", "quantity"]]
    general = rows[rows["sku"].isna()].drop(columns="sku").merge(products, on="family")
    general = general[~general["sku"].isin(own["sku"])][["sku", "material", "quantity"]]
    direct = pd.concat([own, general]).groupby(["sku", "material"], as_index=False)["quantity"].sum()
    _refuse_cycles(direct)
    return direct


def material_use(tables: Tables) -> pd.DataFrame:
    """Return maker, material and quantity: what each maker uses a year for what was sold or, where known, made."""
    made = made_units(tables).merge(bought_in(tables), on="sku", suffixes=("_made", ""))
    made["quantity"] = made["quantity"] * made["quantity_made"]
    return made.groupby(["maker", "material"], as_index=False)["quantity"].sum()


def made_units(tables: Tables) -> pd.DataFrame:
    """Return maker, sku and quantity a year: as recorded, else what was sold, at each product's present maker."""
    rows = made_rows(tables)
    made = rows.groupby(["maker", "sku"], as_index=False)["quantity"].sum()
    made["quantity"] /= years(rows["week"])
    return made


def made_rows(tables: Tables) -> pd.DataFrame:
    """Return maker, sku, week (or day) and quantity: as recorded, else what was sold, at each product's present maker."""
    rows = _made(tables)
    return _sold_by_makers(tables) if rows is None else rows


def made_by_quarter(tables: Tables) -> pd.DataFrame:
    """Return quarter, maker, sku and quantity: as recorded where every quarter of sales is, else what was sold, at each product's present maker.

    One basis for all quarters, so that they compare.
    """
    sold = _sold_by_makers(tables)
    rows = _made(tables)
    if rows is None or not set(quarters(sold["week"])) <= set(quarters(rows["week"])):
        rows = sold
    rows = rows.assign(quarter=quarters(rows["week"]))
    return rows.groupby(["quarter", "maker", "sku"], as_index=False)["quantity"].sum()


def _made(tables: Tables) -> pd.DataFrame | None:
    """Return maker, sku, week (the day it was made) and quantity as recorded; None where nothing is."""
    if "recorded" not in tables:
        return None
    rows = tables.frame("recorded", "activity", "date", "firm", "sku", "quantity")
    rows = rows[rows["activity"] == "make"].rename(columns={"firm": "maker", "date": "week"})
    return rows if len(rows) else None


def _sold_by_makers(tables: Tables) -> pd.DataFrame:
    rows = tables.frame("weekly", "week", "sku", "quantity")
    return rows.merge(tables.frame("products", "sku", "maker"), on="sku").dropna(subset=["maker"])


def quarters(days: pd.Series) -> pd.Series:
    """Return the quarter of each day, such as 2025-Q1; of no days, whatever their type, none."""
    days = pd.to_datetime(days)
    return days.dt.year.astype(str) + "-Q" + days.dt.quarter.astype(str)


def makers_of(tables: Tables, days: tuple[pd.Timestamp, pd.Timestamp] | None = None) -> pd.DataFrame:
    """Return sku, maker and part: who makes each product, and what part of it, as recorded.

    A product of which nothing is recorded in the days is made by its makers of the last year, and if nothing is recorded of it
    then either, by its present maker, if one is named.

    Parameters
    ----------
    tables : Tables
        ``products``, and ``recorded`` where given.
    days : tuple of Timestamp or None
        First day, and the day after the last; None: the last year that is recorded.
    """
    present = tables.frame("products", "sku", "maker").dropna(subset=["maker"]).assign(part=1.0)
    if "recorded" not in tables:
        return present
    rows = tables.frame("recorded", "activity", "date", "firm", "sku", "quantity")
    rows = rows[(rows["activity"] == "make") & (rows["quantity"] > 0)].rename(columns={"firm": "maker"})
    if days is None:
        rows = rows[rows["date"] > rows["date"].max() - pd.Timedelta(weeks=52)]
    else:
        rows, present = rows[(rows["date"] >= days[0]) & (rows["date"] < days[1])], makers_of(tables)
    made = rows.groupby(["sku", "maker"], as_index=False)["quantity"].sum()
    made["part"] = made["quantity"] / made.groupby("sku")["quantity"].transform("sum")
    rest = present[~present["sku"].isin(made["sku"])]
    return pd.concat([made[["sku", "maker", "part"]], rest], ignore_index=True)


def by_maker(rows: pd.DataFrame, makers: pd.DataFrame, *amounts: str) -> pd.DataFrame:
    """Return rows of products with their makers, the amounts dealt to these by their parts; what nobody makes is left out."""
    dealt = rows.merge(makers, on="sku")
    dealt[list(amounts)] = dealt[list(amounts)].mul(dealt["part"], axis=0)
    return dealt.drop(columns="part")


def years(weeks: pd.Series) -> float:
    """Return how many years the weeks of a table span, at least one week of one."""
    if not len(weeks):
        return 1.0
    return max((float((weeks.max() - weeks.min()) / np.timedelta64(1, "D")) + 7) / 364, 1 / 52)


def _refuse_cycles(direct: pd.DataFrame) -> None:
    """Ensures that nothing goes into itself, directly or through others."""
    import rustworkx as rx

    names = pd.Index(pd.unique(pd.concat([direct["sku"], direct["material"]])))
    graph = rx.PyDiGraph()
    graph.add_nodes_from(list(names))
    ends = zip(names.get_indexer(direct["sku"]), names.get_indexer(direct["material"]), strict=True)
    graph.add_edges_from_no_data([(int(a), int(b)) for a, b in ends])
    loops = direct.loc[direct["sku"] == direct["material"], "sku"]
    cycle = [str(loops.iloc[0])] if len(loops) else [str(names[a]) for a, _ in rx.digraph_find_cycle(graph)]
    if not cycle:
        return
    written = " → ".join([*cycle, cycle[0]])
    message = tr("The bill of materials goes round in a circle: {cycle}.", cycle=written)
    cure = tr("Remove the row that closes the circle from the table materials.")
    issue = DataIssue("materials", "", None, "material", written[:80], "circular_materials", message, cure)
    raise DataError(message, cure, [issue])
