"""The assortment as arrays: the only module of this topic that reads table columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jointplan.diagnosis.sameness.likeness import Goods
from jointplan.diagnosis.sameness.titles import folded
from jointplan.engine import Tables

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

YEAR = 52  # weeks


@dataclass(frozen=True)
class Assortment:
    """Products, whose they are, and what they sell.

    Parameters
    ----------
    sku, title, firm : arrays of str
        ``firm`` is who owns the brand, else who makes it, else who sells most of it; blank where nobody does.
    owner, family : arrays of int
        Owner of that firm and family, numbered from 0.
    family_name : tuple of str
        Name of each family.
    goods : Goods
        What is compared; titles without the product's own code, None where they tell no more than the family.
    price : array
        Money per unit: sold at in the last year, else listed; NaN where unknown.
    revenue : array
        Money in the last year.
    launched : array of int
        Week it was launched in, counted from the first week of sales; its first sale where no day is given.
    sales : DataFrame
        product, week (counted from the first), market, seller, quantity, revenue.
    first : Timestamp
        Monday of the first week of sales.
    weeks : int
        Weeks of sales.
    launch_days : int
        Products whose day of launch is given.
    """

    sku: npt.NDArray[np.object_]
    title: npt.NDArray[np.object_]
    firm: npt.NDArray[np.object_]
    owner: Ints
    family: Ints
    family_name: tuple[str, ...]
    goods: Goods
    price: Floats
    revenue: Floats
    launched: Ints
    sales: pd.DataFrame
    first: pd.Timestamp
    weeks: int
    launch_days: int

    def __len__(self) -> int:
        return len(self.sku)

    @property
    def halves(self) -> tuple[tuple[pd.Timestamp, pd.Timestamp], tuple[pd.Timestamp, pd.Timestamp]]:
        """First day and the day after the last of the earlier and the later half of the last year, or of all weeks if fewer."""
        begin, middle, end = (
            self.first + pd.Timedelta(weeks=week) for week in (max(self.weeks - YEAR, 0), self.middle, self.weeks)
        )
        return (begin, middle), (middle, end)

    @property
    def middle(self) -> int:
        """Week that the later half of the last year begins with, counted from the first."""
        return self.weeks - min(self.weeks, YEAR) // 2

    @property
    def titled(self) -> npt.NDArray[np.bool_]:
        """Which products have a title that tells more than the family."""
        return np.array([title is not None for title in self.goods.title], bool)


def read_assortment(tables: Tables) -> Assortment:
    """Read the tables **products**, **firms** and **weekly**."""
    products = tables.frame("products")
    weekly = tables.frame("weekly", "week", "sku", "market", "seller", "quantity", "revenue")
    place = pd.Index(products["sku"])
    first = weekly["week"].min() if len(weekly) else pd.Timestamp(0)
    sales = pd.DataFrame(
        {
            "product": place.get_indexer(weekly["sku"]),
            "week": (weekly["week"] - first).dt.days // 7 if len(weekly) else 0,
            "market": weekly["market"],
            "seller": weekly["seller"],
            "quantity": weekly["quantity"].astype(float),
            "revenue": weekly["revenue"].astype(float),
        }
    )
    sales = sales[sales["product"] >= 0]
    count = len(products)
    weeks = int(sales["week"].max()) + 1 if len(sales) else 0
    year = sales[sales["week"] >= weeks - YEAR]
    revenue = np.bincount(year["product"], year["revenue"], minlength=count).astype(np.float64)
    units = np.bincount(year["product"], year["quantity"], minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        sold_at = np.where(units > 0, revenue / units, np.nan)
    listed = products["unit_value"].to_numpy(float)
    launched = np.full(count, weeks, np.int64)
    np.minimum.at(launched, sales["product"].to_numpy(), sales["week"].to_numpy(np.int64))
    given = (pd.to_datetime(products["launched"]) - first).dt.days // 7
    launched = np.where(given.notna(), given.fillna(0), launched).astype(np.int64)

    firm = products["brand_owner"].fillna(products["maker"])
    if firm.isna().any():
        by_seller = year.groupby(["product", "seller"], sort=True)["revenue"].sum().reset_index()
        most = by_seller.sort_values("revenue", kind="stable").groupby("product")["seller"].last()
        firm = firm.fillna(pd.Series(most.reindex(range(count)).to_numpy(), index=firm.index))
    firms = tables.frame("firms", "firm", "owner")
    owner_of = dict(zip(firms["firm"], firms["owner"].fillna(firms["firm"]), strict=True))
    firm = firm.fillna("")
    owner, _ = pd.factorize(firm.map(lambda name: owner_of.get(name, name)))
    family, names = pd.factorize(products["family"].fillna(""))
    told = [_told(*row) for row in zip(products["title"], products["sku"], products["family"], strict=True)]
    return Assortment(
        products["sku"].to_numpy(object),
        products["title"].fillna("").to_numpy(object),
        firm.to_numpy(object),
        owner.astype(np.int64),
        family.astype(np.int64),
        tuple(map(str, names)),
        Goods(
            told,
            products["family"].where(products["family"].notna(), None).tolist(),
            products["hs"].where(products["hs"].notna(), None).tolist(),
            products["weight"].to_numpy(float),
            products["volume"].to_numpy(float),
        ),
        np.where(np.isnan(sold_at), listed, sold_at),
        revenue,
        launched,
        sales.reset_index(drop=True),
        first,
        weeks,
        int(given.notna().sum()),
    )


def _told(title: object, sku: str, family: object) -> str | None:
    """Return a title without the product's own code; None where nothing but its family is left."""
    if not isinstance(title, str):
        return None
    words = _without(folded(title).split(), folded(sku).split())
    return " ".join(words) if words and words != folded(family if isinstance(family, str) else "").split() else None


def _without(words: list[str], code: list[str]) -> list[str]:
    """Return words without a code, wherever all of it stands in a row: a word that the code has too may be the name of the goods."""
    for start in range(len(words) - len(code) + 1):
        if code and words[start : start + len(code)] == code:
            return words[:start] + _without(words[start + len(code) :], code)
    return words
