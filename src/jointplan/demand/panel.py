"""Weekly series as one matrix: the only module of this room that reads table columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.demand import known
from jointplan.demand.history import believed, beyond_belief, cap_spikes, fill_unseen
from jointplan.demand.holidays import known_weeks
from jointplan.engine import Tables

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

YOUNG = 13
"""Weeks since its first sale below which a series is young."""


@dataclass(frozen=True)
class Grain:
    """In what amounts series are sold.

    Parameters
    ----------
    whole : array of bool
        Series sold in whole units.
    least : array
        Smallest amount above zero that each series ever sold in a week, units.
    """

    whole: Mask
    least: Array

    def pick(self, rows: Index | Mask) -> Grain:
        """Return the grain of some of the series."""
        return Grain(self.whole[rows], self.least[rows])

    def settle(self, path: Array) -> Array:
        """Return amounts, series × levels × weeks, as they can be sold: whole, or at zero where nearer to that than to the least."""
        whole = self.whole[:, None, None]
        settled: Array = np.where(whole, np.rint(path), np.where(path < self.least[:, None, None] / 2.0, 0.0, path))
        return settled


@dataclass(frozen=True)
class Panel:
    """Series side by side, ending together.

    Parameters
    ----------
    sku, market, seller, family, owner : arrays of str
        What each series is; ``seller`` and so on may be blank for totals.
    quantity : array, series × weeks
        Units sold in each week; the last column is the last known week. Weeks without a sale are 0.
    unseen : array of bool, series × weeks, or None
        Weeks in which demand could not be seen, such as those out of stock; None: there are none.
    price : array, series × weeks, or None
        Price of a unit over the usual one of the series, the last known price carried on; None: not known.
    promoted : array, series × (weeks and those to come), or None
        Share of promotion of each week, as it was or is planned; None: none is known.
    holidays : array of int, series × (weeks and those to come), or None
        Codes of :func:`jointplan.demand.holidays.known_weeks`; None: none is known.
    returned : Returned or None
        What came back and is taken off ``quantity`` already; None: nothing did.
    attributes : array, series × attributes, or None
        What each product is, as numbers, NaN where not known; None: nothing is known.
    worth : array, or None
        Money that a unit of each series brought on average, in the currency of the run, that of all where a series brought none; None: not known.
    supposed : array of bool, series × weeks, or None
        Unseen weeks that sold nothing and hold what may have been wanted, see :meth:`as_known`; None: there are none.
    before : int
        Weeks of the records before the first column, in which none of the series sold.
    """

    sku: Names
    market: Names
    seller: Names
    family: Names
    owner: Names
    quantity: Array
    unseen: Mask | None = None
    price: Array | None = None
    promoted: Array | None = None
    holidays: Index | None = None
    returned: known.Returned | None = None
    attributes: Array | None = None
    worth: Array | None = None
    supposed: Mask | None = None
    before: int = 0

    def __post_init__(self) -> None:
        shape = (len(self.sku),)
        if any(getattr(self, name).shape != shape for name in ("market", "seller", "family", "owner")):
            raise ValueError("every series needs its sku, market, seller, family and owner")
        if self.quantity.ndim != 2 or self.quantity.shape[0] != shape[0]:
            raise ValueError("quantity must be series × weeks")
        if self.unseen is not None and self.unseen.shape != self.quantity.shape:
            raise ValueError("unseen must be series × weeks")

    def __len__(self) -> int:
        return len(self.sku)

    @property
    def weeks(self) -> int:
        """Weeks of history."""
        return int(self.quantity.shape[1])

    @cached_property
    def first(self) -> Index:
        """Column of each series' first sale; the number of weeks where it has none."""
        sold = self.quantity > 0
        return np.where(sold.any(axis=1), sold.argmax(axis=1), self.weeks)

    def ages(self, cutoff: int) -> Index:
        """Return the weeks since each series' first sale after ``cutoff`` weeks.

        What sold in the first :data:`YOUNG` weeks of the records may be older and is not young, unless the records themselves are.
        """
        age = np.maximum(cutoff - self.first, 0)
        old = (self.first + self.before < YOUNG) & (cutoff + self.before >= YOUNG)
        return np.where(old, np.maximum(age, YOUNG), age)

    def pick(self, rows: npt.NDArray[np.bool_] | Index) -> Panel:
        """Return some of the series, from the first week in which one of them was sold."""
        quantity = self.quantity[rows]
        sold = (quantity > 0).any(axis=0)
        begin = int(sold.argmax()) if sold.any() else max(quantity.shape[1] - 1, 0)

        def part(values: Any) -> Any:
            return None if values is None else np.ascontiguousarray(values[rows][:, begin:])

        return Panel(
            self.sku[rows],
            self.market[rows],
            self.seller[rows],
            self.family[rows],
            self.owner[rows],
            np.ascontiguousarray(quantity[:, begin:]),
            part(self.unseen),
            part(self.price),
            part(self.promoted),
            part(self.holidays),
            None if self.returned is None else self.returned.pick(np.arange(len(self))[rows], begin),
            None if self.attributes is None else self.attributes[rows],
            None if self.worth is None else self.worth[rows],
            part(self.supposed),
            self.before + begin,
        )

    def as_known(self, cutoff: int, spike_factor: float) -> Panel:
        """Return the panel as it looked after ``cutoff`` weeks: what came back later still counts as sold in the weeks before.

        Slips of the pen count as usual weeks, and demand is put where it could not be seen, weeks before ``cutoff`` from weeks before it
        alone. Weeks from it on stay as they turned out.
        """
        quantity, supposed = self.quantity, self.supposed
        if self.returned is not None:
            quantity = quantity + self.returned.later(cutoff, quantity.shape)
        told = believed(quantity[:, :cutoff], codes(self.family)[0], spike_factor)
        if (told != quantity[:, :cutoff]).any():
            quantity = np.concatenate([told, quantity[:, cutoff:]], axis=1)
        if self.unseen is not None:
            filled = fill_unseen(quantity, self.unseen).copy()
            filled[:, :cutoff] = fill_unseen(quantity[:, :cutoff], self.unseen[:, :cutoff])
            quantity, supposed = filled, self.unseen & ~(quantity > 0)
        return self if quantity is self.quantity else replace(self, quantity=quantity, supposed=supposed)

    def grain(self, cutoff: int) -> Grain:
        """Return in what amounts the series were sold in the first ``cutoff`` weeks."""
        sold = self.quantity[:, :cutoff]
        even = sold == np.rint(sold)
        if self.unseen is not None:
            even |= self.unseen[:, :cutoff]
        least = np.where(sold > 0, sold, np.inf).min(axis=1, initial=np.inf)
        return Grain(even.all(axis=1), np.where(np.isfinite(least), least, 0.0))

    def actual(self, cutoff: int, horizon: int, spike_factor: float) -> Array:
        """Return the units of the weeks from ``cutoff`` on, spikes lowered: series × weeks; NaN where demand could not be seen, or not be believed."""
        week = slice(cutoff, cutoff + horizon)
        lowered = cap_spikes(self.quantity, codes(self.family)[0], spike_factor)[:, week]
        unknown = beyond_belief(self.quantity[:, week], lowered)
        if self.unseen is not None:
            unknown |= self.unseen[:, week]
        return np.where(unknown, np.nan, lowered)

    def last_week(self, cutoff: int, spike_factor: float) -> Array:
        """Return the units of the week before ``cutoff``, spikes lowered by what was known then."""
        lowered: Array = cap_spikes(self.quantity[:, :cutoff], codes(self.family)[0], spike_factor)[:, -1]
        return lowered

    def festive(self, cutoff: int, horizon: int) -> Mask | None:
        """Return which of the weeks from ``cutoff`` on hold a holiday: series × weeks; None where none is known."""
        if self.holidays is None:
            return None
        festive: Mask = self.holidays[:, cutoff : cutoff + horizon] > 0
        return festive


def read_panel(tables: Tables, start: date, ahead: int = 0) -> Panel:
    """Make the panel of all weeks before ``start`` from the tables **weekly**, **products** and **firms**.

    What came back (**weekly_returns**) is taken off the week of its sale, as far as it was known before ``start``; weeks
    in which a product was not to be had (**availability**, **stock_counts**) are unseen. Promotions and holidays are read for ``ahead`` weeks to come, too.

    Series are in the order of (sku, market, seller), whatever the order of the rows. A product without a family belongs
    to ``general``; a seller without an owner belongs to itself.
    """
    weekly = tables["weekly"]
    weekly = weekly.filter(pc.less(weekly["week"], pa.scalar(start, pa.date32())))
    keys = [_coded(weekly[name]) for name in ("sku", "market", "seller")]
    code = np.zeros(weekly.num_rows, dtype=np.int64)
    for names, codes in keys:
        code = code * max(len(names), 1) + codes
    series, row = np.unique(code, return_inverse=True)
    parts: list[Names] = []
    for names, _ in reversed(keys):
        series, part = np.divmod(series, max(len(names), 1))
        parts.insert(0, names[part])
    sku, market, seller = parts

    # date32 counts days; the last column is the week before `start`, so that silence up to then is known as silence.
    days = weekly["week"].cast(pa.int32()).to_numpy().astype(np.int64)
    end = (start - date(1970, 1, 1)).days
    weeks = int((end - days.min()) // 7) if len(days) else 0
    column = weeks - (end - days + 6) // 7
    cell = row * weeks + column
    units = np.maximum(weekly["quantity"].cast(pa.float64()).to_numpy(), 0.0)
    shape = len(sku), weeks
    total = np.bincount(cell, weights=units, minlength=len(sku) * weeks).astype(np.float64).reshape(shape)
    price = worth = None
    if "revenue" in weekly.column_names:
        earned = np.nan_to_num(weekly["revenue"].cast(pa.float64()).to_numpy(zero_copy_only=False))
        money = np.bincount(cell, weights=earned, minlength=len(sku) * weeks).astype(np.float64).reshape(shape)
        price = known.relative_prices(total, money)
        worth = known.worth_of_units(total, money)
    named = pd.DataFrame({"sku": sku, "market": market, "seller": seller})
    unseen = known.unavailable(tables, named, total, start)
    back = known.returned_units(tables, named, weeks, start)
    if back is not None:
        back = back.within(total)
        np.subtract.at(total, (back.row, back.week), back.units)

    countries = _lookup(tables, "markets", "market", "country")
    owners = _lookup(tables, "firms", "firm", "owner")
    families = _lookup(tables, "products", "sku", "family")
    return Panel(
        sku,
        market,
        seller,
        np.array([families.get(name) or "general" for name in sku], dtype=np.str_),
        np.array([owners.get(name) or name for name in seller], dtype=np.str_),
        total,
        unseen,
        price,
        known.promotions(tables, named, weeks, ahead, start),
        known_weeks(
            [countries.get(name) or "" for name in market],
            start - timedelta(weeks=weeks),
            weeks + ahead,
            known.shut_weeks(tables, weeks, ahead, start),
        ),
        back,
        known.product_attributes(tables, sku.tolist()),
        worth,
    )


def codes(names: Names) -> tuple[Index, int]:
    """Return the place of each name in alphabetical order, from 0, and how many names there are."""
    unique, code = np.unique(names, return_inverse=True)
    return code.astype(np.int64), len(unique)


def pairs_of(left: Names, right: Names) -> Names:
    """Join two names into one that no other two give."""
    pairs: Names = np.char.add(np.char.add(left, "\n"), right)
    return pairs


def _coded(column: pa.ChunkedArray) -> tuple[Names, Index]:
    # The names in alphabetical order, and each row's place among them.
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    names, place = np.unique(np.array(encoded.dictionary.to_pylist(), dtype=np.str_), return_inverse=True)
    return names, place[encoded.indices.to_numpy()] if len(names) else np.zeros(0, dtype=np.int64)


def _lookup(tables: Tables, table: str, key: str, value: str) -> dict[str, str | None]:
    if table not in tables:
        return {}
    rows = tables[table]
    return dict(zip(rows[key].to_pylist(), rows[value].to_pylist(), strict=True))
