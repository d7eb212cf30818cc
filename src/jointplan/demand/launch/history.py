"""Products and the weeks since each was first sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand.history import LEAST_WEEKS_FOR_SPIKES, beyond_belief
from jointplan.demand.settings import SPIKE_FACTOR

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]

OPENING_WEEKS = 8
"""Weeks at the start of the records in which a first sale may be of an old product."""


@dataclass(frozen=True)
class Products:
    """Products with their attributes and weekly sales over all markets.

    Parameters
    ----------
    sku, family, title, maker : arrays of str
        Attributes; blank where not known.
    price, weight : arrays
        Usual selling price and kg of a unit; NaN where not known.
    units : array, products × weeks
        Units sold in each week before the day of the forecast.
    """

    sku: Names
    family: Names
    title: Names
    maker: Names
    price: Array
    weight: Array
    units: Array

    def __post_init__(self) -> None:
        if any(len(getattr(self, name)) != len(self.sku) for name in self.__dataclass_fields__):
            raise ValueError("every product needs its attributes and its row of units")

    def __len__(self) -> int:
        return len(self.sku)

    @property
    def weeks(self) -> int:
        """Weeks of records."""
        return int(self.units.shape[1])

    @property
    def first(self) -> Index:
        """Column of the first sale; the number of weeks where there is none."""
        sold = self.units > 0
        if not self.weeks:
            return np.zeros(len(self), dtype=np.int64)
        return np.where(sold.any(axis=1), sold.argmax(axis=1), self.weeks)

    def until(self, week: int) -> Products:
        """Return what was known when only the first ``week`` weeks were."""
        return Products(self.sku, self.family, self.title, self.maker, self.price, self.weight, self.units[:, :week])

    def pick(self, rows: Index) -> Products:
        """Return some of the products."""
        return Products(
            self.sku[rows],
            self.family[rows],
            self.title[rows],
            self.maker[rows],
            self.price[rows],
            self.weight[rows],
            self.units[rows],
        )

    def launched(self, least_weeks: int) -> Index:
        """Return the products whose launch was seen, at least so many weeks ago."""
        first = self.first
        return np.flatnonzero((first >= OPENING_WEEKS) & (first <= self.weeks - least_weeks))

    def since_launch(self, rows: Index, weeks: int) -> Array:
        """Return the units of each week since the launch of some products, spikes lowered: NaN where the week is still to come."""
        if not len(rows):
            return np.zeros((0, weeks))
        column = self.first[rows][:, None] + np.arange(weeks)
        known = column < self.weeks
        taken = np.take_along_axis(self.units[rows], np.minimum(column, max(self.weeks - 1, 0)), axis=1)
        return lowered(np.where(known, taken, np.nan))


HIGH = 0.95
"""Share of the weeks with sales of others below which lies the week that a product with few of its own is measured by."""


def lowered(paths: Array, others: Array | None = None) -> Array:
    """Lower weeks above twenty times the usual one to that much, so that one order does not rule what launches are expected to sell.

    Slips of the pen, told as in :func:`jointplan.demand.history.beyond_belief`, count as a usual week. The usual week is the median of the product's weeks with sales, or a high one of others where it has less than four.

    Parameters
    ----------
    paths : array, products × weeks
        Units, NaN where not known.
    others : array or None
        Units of the products that a new one is measured by; None: those of ``paths`` themselves.
    """
    sold = np.where(paths > 0, paths, np.nan)
    count = (~np.isnan(sold)).sum(axis=1)
    among = paths if others is None else others
    among = among[among > 0]
    usual = np.full(len(paths), np.quantile(among, HIGH) if len(among) >= LEAST_WEEKS_FOR_SPIKES else np.inf)
    enough = count >= LEAST_WEEKS_FOR_SPIKES
    usual[enough] = np.nanmedian(sold[enough], axis=1) if enough.any() else 0.0
    capped = np.minimum(paths, SPIKE_FACTOR * usual[:, None])
    return np.where(beyond_belief(paths, capped), usual[:, None], capped)
