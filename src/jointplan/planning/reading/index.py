"""The numbers that firms, owners, products, places and markets have in the problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import Ints


def text(value: Any) -> str:
    """Return a cell's text; a blank cell gives none."""
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Index:
    """Who and what is planned, each with its number.

    Parameters
    ----------
    firms, products, sites : DataFrame
        Rows of the tables, products only those that are planned; a row's place is its number.
    firm_of, sku_of, node_of, market_of : dict of str to int
        Numbers of firms, products, places (firms first, then sites that are no firm) and markets.
    owners, families : tuple of str
        Names, in the order of their numbers.
    firm_owner : (F,) ndarray of int
        Owner of each firm.
    maker : (I,) ndarray of int
        Firm that makes each product today; −1 where it is bought in.
    """

    firms: pd.DataFrame
    products: pd.DataFrame
    sites: pd.DataFrame
    firm_of: dict[str, int]
    sku_of: dict[str, int]
    node_of: dict[str, int]
    market_of: dict[str, int]
    owners: tuple[str, ...]
    families: tuple[str, ...]
    firm_owner: Ints
    maker: Ints

    def family(self, product: int) -> str:
        """Return the name of a product's family."""
        return text(self.products["family"].iloc[product])

    def firm(self, number: int) -> str:
        """Return the name of a firm."""
        return str(self.firms["firm"].iloc[number])


def number_tables(tables: Tables, demand: pd.DataFrame, opening: bool) -> Index:
    """Number what the tables name.

    Parameters
    ----------
    tables : Tables
        Completed tables.
    demand : DataFrame
        What is wanted, and what could be.
    opening : bool
        Whether the **stock** table is what lies there at the start.
    """
    firms, products = tables.frame("firms"), tables.frame("products")
    sites = tables.frame("sites") if "sites" in tables else pd.DataFrame(columns=["site"])
    firm_of = {f: n for n, f in enumerate(firms["firm"])}
    owner_names = [text(o) or f for o, f in zip(firms["owner"], firms["firm"], strict=True)]
    owners = tuple(dict.fromkeys(owner_names))
    products = products[products["sku"].isin(_planned_skus(tables, demand, opening))].reset_index(drop=True)
    return Index(
        firms=firms,
        products=products,
        sites=sites,
        firm_of=firm_of,
        sku_of={s: n for n, s in enumerate(products["sku"])},
        node_of=firm_of | {s: len(firm_of) + n for n, s in enumerate(s for s in sites["site"] if s not in firm_of)},
        market_of={m: n for n, m in enumerate(tables.frame("markets")["market"])},
        owners=owners,
        families=tuple(dict.fromkeys(text(f) for f in products["family"])),
        firm_owner=np.array([owners.index(o) for o in owner_names], dtype=np.int64),
        maker=np.array([firm_of.get(text(m), -1) for m in products["maker"]], dtype=np.int64),
    )


def _planned_skus(tables: Tables, demand: pd.DataFrame, opening: bool) -> set[str]:
    skus = set(demand["sku"])
    if "recorded" in tables:
        skus |= set(tables.frame("recorded", "sku")["sku"])
    if "approved" in tables:
        skus |= set(tables.frame("approved", "sku")["sku"])
    if opening and "stock" in tables:
        skus |= set(tables.frame("stock", "sku")["sku"])
    return skus
