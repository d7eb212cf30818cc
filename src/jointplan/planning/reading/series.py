"""Demand series: what is wanted of a product in a market from a seller, week by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from jointplan.planning.problem import Floats, Ints
from jointplan.planning.reading.index import Index
from jointplan.planning.reading.offers import KEY
from jointplan.planning.settings import PlanSettings


@dataclass(frozen=True)
class Series:
    """Demand series.

    Parameters
    ----------
    keys : list of tuple
        Product, market, seller and the number of the offer that each waits for, −1 where it waits for none.
    product, market, seller : (S,) ndarray of int
        Their numbers.
    price : (S,) ndarray
        Price of a unit, in the run's currency.
    demand : (S, T) ndarray
        Units wanted.
    """

    keys: list[tuple[str, str, str, int]]
    product: Ints
    market: Ints
    seller: Ints
    price: Floats
    demand: Floats

    def weekly_units(self, products: int) -> Floats:
        """Return what is wanted of each product in a week; what may never be wanted does not fill workshops."""
        units = np.zeros(products)
        there = np.array([entry < 0 for *_, entry in self.keys], dtype=bool)
        np.add.at(units, self.product, np.where(there, self.demand.mean(axis=1), 0.0))
        return units

    def consignments(self, products: int) -> Floats:
        """Return how many units of each product go at a time from one firm to the next: what is wanted in a week in which any is.

        At least one. What may never be wanted counts only where nothing else is.
        """
        units = np.zeros(products)
        waits = np.array([entry >= 0 for *_, entry in self.keys], dtype=bool)
        for which in (waits, ~waits):
            wanted = np.zeros((products, self.demand.shape[1]))
            np.add.at(wanted, self.product[which], self.demand[which])
            weeks = (wanted > 0).sum(axis=1)
            units = np.where(weeks > 0, wanted.sum(axis=1) / np.maximum(weeks, 1), units)
        return np.maximum(units, 1.0)

    @cached_property
    def sellers(self) -> dict[int, set[int]]:
        """The firms that sell each product."""
        found: dict[int, set[int]] = {}
        for product, seller in zip(self.product.tolist(), self.seller.tolist(), strict=True):
            found.setdefault(product, set()).add(seller)
        return found


def read_series(demand: pd.DataFrame, index: Index, start: date, weeks: int) -> Series:
    """Gather demand by product, market, seller and offer, and by price: what is ordered for more or less is a series of its own.

    Sales of past weeks have a price every week; their series has the mean.
    """
    groups = demand.groupby([*KEY, demand["price"].where(demand["origin"] != "sales", 0.0).rename("apart")], sort=True)
    keys = [key for *key, _ in groups.groups]
    price = np.array([float(np.average(g["price"], weights=g["quantity"])) for _, g in groups]) if keys else np.zeros(0)
    wanted = np.zeros((len(keys), weeks))
    week = ((demand["week"] - pd.Timestamp(start)).dt.days // 7).to_numpy()
    np.add.at(wanted, (groups.ngroup().to_numpy(), week), demand["quantity"].to_numpy(float))
    return Series(
        keys,
        np.array([index.sku_of[sku] for sku, *_ in keys], dtype=np.int64),
        np.array([index.market_of[market] for _, market, *_ in keys], dtype=np.int64),
        np.array([index.firm_of[seller] for _, _, seller, _ in keys], dtype=np.int64),
        price,
        wanted,
    )


def hub_cost(
    settings: PlanSettings, demand: pd.DataFrame, index: Index, weeks: int, members: Sequence[str] | None
) -> float:
    """Return what the cooperation of some owners, or of all, costs a week: as set, else a share of what they sell."""
    if settings.hub.weekly_cost is not None:
        return settings.hub.weekly_cost
    if members is not None:
        # What the others sell stays as it is in their separate plans: nobody is needed to run it.
        owner = dict(zip(index.firms["firm"], (index.owners[o] for o in index.firm_owner), strict=True))
        demand = demand[demand["seller"].map(owner).isin(members)]
    return settings.hub.share * float(demand["quantity"] @ demand["price"]) / weeks
