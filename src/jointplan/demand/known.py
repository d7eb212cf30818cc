"""What is known of weeks beside what was sold in them: what came back, what was not to be had, prices and promotions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from jointplan.demand.holidays import LEAST_SHARE
from jointplan.engine import Tables

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

KEYS = ("sku", "market", "seller")

LEAST_ON_HAND = 1e-6
"""Units that a count must find for goods to be there; less is rounding."""

PAIRS_AT_A_TIME = 200_000
"""Pairs of a series and a count that speaks of it which are held at a time."""

CARRY_WEEKS = 13
"""Weeks after a count that found nothing for which goods are taken to be out still; silence beyond them tells of demand again."""


@dataclass(frozen=True)
class Returned:
    """Units that came back: one entry for each series, week of the sale and week in which it was known.

    Parameters
    ----------
    row, week, known : arrays of int
        Series, column of the sale, and column of the week in which it came back.
    units : array
        Units, above 0.
    """

    row: Index
    week: Index
    known: Index
    units: Array

    def later(self, cutoff: int, shape: tuple[int, ...]) -> Array:
        """Return what came back from ``cutoff`` on of sales before it, by the week of the sale: series × weeks."""
        these = (self.week < cutoff) & (self.known >= cutoff)
        back = np.zeros(shape)
        np.add.at(back, (self.row[these], self.week[these]), self.units[these])
        return back

    def within(self, sold: Array) -> Returned:
        """Return the entries cut so that no more comes back of a week than was sold in it, the earlier ones first."""
        order = np.lexsort((self.known, self.week, self.row))
        row, week, units = self.row[order], self.week[order], self.units[order]
        cell = row * sold.shape[1] + week
        begins = np.r_[True, cell[1:] != cell[:-1]] if len(cell) else np.zeros(0, dtype=np.bool_)
        before = np.cumsum(units) - units
        before = before - before[np.maximum.accumulate(np.where(begins, np.arange(len(cell)), 0))]
        return Returned(row, week, self.known[order], np.clip(sold[row, week] - before, 0.0, units))

    def pick(self, rows: Index, begin: int) -> Returned:
        """Return the entries of some series, from a column on."""
        place = np.full(int(max(self.row.max(initial=-1), rows.max(initial=-1))) + 1, -1)
        place[rows] = np.arange(len(rows))
        kept = (place[self.row] >= 0) & (self.week >= begin)
        return Returned(place[self.row[kept]], self.week[kept] - begin, self.known[kept] - begin, self.units[kept])


def returned_units(tables: Tables, series: pd.DataFrame, weeks: int, start: date) -> Returned | None:
    """Return what came back before ``start``; None where nothing did.

    Parameters
    ----------
    tables : Tables
        With **weekly_returns** where anything came back.
    series : DataFrame
        ``sku``, ``market`` and ``seller`` of each series.
    weeks : int
        Weeks of history, ending before ``start``.
    start : date
        Monday of the first week to forecast.
    """
    if "weekly_returns" not in tables:
        return None
    frame = tables.frame("weekly_returns")
    frame = frame[pd.to_datetime(frame["known"]) < pd.Timestamp(start)]
    place, rows = _matches(series, frame)
    column = _columns(frame["week"], weeks, start)[rows]
    known = _columns(frame["known"], weeks, start)[rows]
    inside = (column >= 0) & (column < weeks)
    units = frame["quantity"].to_numpy(dtype=np.float64)[rows][inside]
    return Returned(place[inside], column[inside], known[inside], units) if inside.any() else None


def tells_of_stockouts(tables: Tables) -> bool:
    """Tell whether any table may say that a product was not to be had."""
    return "availability" in tables or "stock_counts" in tables


def unavailable(tables: Tables, series: pd.DataFrame, sold: Array, start: date) -> Mask | None:
    """Return the weeks in which a series could not be bought throughout: series × weeks; None where there are none.

    Parameters
    ----------
    tables : Tables
        With **availability** or **stock_counts** where they are known; of a week of which **availability** speaks it alone is heard.
    series, start
        As in :func:`returned_units`.
    sold : array, series × weeks
        Units sold, the last week ending before ``start``.
    """
    unseen: Mask = np.zeros(sold.shape, dtype=np.bool_)
    if "stock_counts" in tables:
        unseen |= _counted_out(tables, series, sold, start)
    if "availability" in tables:
        frame = tables.frame("availability", "week", *KEYS, "share")
        place, rows = _matches(series, frame)
        column = _columns(frame["week"], sold.shape[1], start)[rows]
        inside = (column >= 0) & (column < sold.shape[1])
        short = inside & (frame["share"].to_numpy(dtype=np.float64)[rows] < 1.0)
        unseen[place[inside], column[inside]] = False
        unseen[place[short], column[short]] = True
    return unseen if unseen.any() else None


def _counted_out(tables: Tables, series: pd.DataFrame, sold: Array, start: date) -> Mask:
    """Return the weeks in which stock had run out, by its counts: series × weeks; some products at a time, as each count speaks of many series."""
    frame = tables.frame("stock_counts", "date", "site", *KEYS, "quantity")
    frame = frame[pd.to_datetime(frame["date"]) < pd.Timestamp(start)]
    products = pd.Index(series["sku"].unique())
    rows, lines = products.get_indexer(series["sku"]), products.get_indexer(frame["sku"])
    pairs = np.bincount(rows, minlength=len(products)) * np.bincount(lines[lines >= 0], minlength=len(products))
    part = np.cumsum(pairs) // PAIRS_AT_A_TIME
    row_order, line_order = np.argsort(part[rows], kind="stable"), np.flatnonzero(lines >= 0)
    line_order = line_order[np.argsort(part[lines[line_order]], kind="stable")]
    out: Mask = np.zeros(sold.shape, dtype=np.bool_)
    for number in np.unique(part[pairs > 0]):
        these = row_order[slice(*np.searchsorted(part[rows[row_order]], [number, number + 1]))]
        counts = line_order[slice(*np.searchsorted(part[lines[line_order]], [number, number + 1]))]
        out[these] = _run_out(
            series.iloc[these].reset_index(drop=True), frame.iloc[counts].reset_index(drop=True), sold[these], start
        )
    return out


def _run_out(series: pd.DataFrame, frame: pd.DataFrame, sold: Array, start: date) -> Mask:
    """Return the weeks in which stock had run out, by the counts of the places that serve each series: series × weeks.

    On a day with a count, what a series could be served from is the last count of each of its places; from the first count that
    names its market on, those that name none are not heard. Counts before the first that found something say that the product was not kept yet. What
    had run out stays out until a count or a sale shows otherwise, for :data:`CARRY_WEEKS` at most, so that no week is told by what came
    after it. Sales of a week are not told by the day: one in the week of the count may have come after it, and so ends the stockout
    with that week, unless the count was on its last day.
    """
    weeks = sold.shape[1]
    row, line = _matches(series, frame)
    named = (frame["market"].notna() & (frame["market"] != "")).to_numpy()[line]
    counts = frame.iloc[line].assign(row=row, named=named).reset_index(drop=True)
    counts["place"] = counts.groupby(["site", "market", "seller"], dropna=False).ngroup()
    since = counts["row"].map(counts[counts["named"]].groupby("row")["date"].min())
    counts = counts[counts["named"] | since.isna() | (counts["date"] < since)]
    gone = counts[~counts["named"]].drop_duplicates(["row", "place"])
    gone = gone.assign(date=since.loc[gone.index], quantity=0.0).dropna(subset="date")
    counts = pd.concat([counts, gone], ignore_index=True)
    counts = counts.sort_values(["row", "place", "date"], kind="stable")
    # Each count as a change of its place: their sum so far is what lies in all places.
    counts["change"] = counts["quantity"] - counts.groupby(["row", "place"])["quantity"].shift(fill_value=0.0)
    days = counts.groupby(["row", "date"], as_index=False)["change"].sum()
    on_hand = days.groupby("row")["change"].cumsum()
    days["empty"] = on_hand < LEAST_ON_HAND
    days = days[on_hand.groupby(days["row"]).cummax() >= LEAST_ON_HAND]
    days["column"] = _columns(days["date"], weeks, start)
    # The last week all of whose sales came before the count.
    days["before"] = _columns(days["date"] + pd.Timedelta(days=1), weeks, start) - 1
    opening = days[days["column"] < 0].groupby("row")[["column", "empty"]].last()
    days = days[days["column"] >= 0]
    out: Mask = np.zeros(sold.shape, dtype=np.bool_)
    np.logical_or.at(out, (days["row"].to_numpy(), days["column"].to_numpy()), days["empty"].to_numpy())
    last = days.groupby(["row", "column"], as_index=False)[["empty", "before"]].last()
    counted: Mask = np.zeros(sold.shape, dtype=np.bool_)
    counted[last["row"], last["column"]] = True
    # Of each week with a count: whether its last one found nothing, and the last week with sales known to be before that.
    week = np.broadcast_to(np.arange(weeks), sold.shape)
    empty, before = out.copy(), week.copy()
    empty[last["row"], last["column"]] = last["empty"]
    before[last["row"], last["column"]] = last["before"]
    latest = np.maximum.accumulate(np.where(counted, week, -1), axis=1)
    row, place = np.arange(len(sold))[:, None], np.maximum(latest, 0)
    first, bare = np.full(len(sold), -1), np.zeros(len(sold), dtype=np.bool_)
    first[opening.index], bare[opening.index] = opening["column"], opening["empty"]
    when = np.where(latest >= 0, latest, first[:, None])
    carried = np.where(latest >= 0, empty[row, place], bare[:, None]) & (week - when <= CARRY_WEEKS)
    sale = np.maximum.accumulate(np.where(sold > 0, week, -1), axis=1)
    return np.where(counted, out, carried & (sale <= np.where(latest >= 0, before[row, place], -1)))


def promotions(tables: Tables, series: pd.DataFrame, weeks: int, ahead: int, start: date) -> Array | None:
    """Return 1 for weeks with a promotion, past or planned, else 0: series × (weeks and those ahead); None where none is known."""
    if "promotions" not in tables:
        return None
    frame = tables.frame("promotions", "date", *KEYS, "spend")
    frame = frame[frame["spend"] > 0]
    place, rows = _matches(series, frame)
    column = _columns(frame["date"], weeks, start)[rows]
    inside = (column >= 0) & (column < weeks + ahead)
    if not inside.any():
        return None
    promoted = np.zeros((len(series), weeks + ahead))
    promoted[place[inside], column[inside]] = 1.0
    return promoted


def product_attributes(tables: Tables, sku: Sequence[str]) -> Array | None:
    """Return what the table **products** says of each product as numbers: series × attributes; None where it tells none from the others.

    Logarithms of usual price, weight and volume, and the number of the maker in alphabetical order; NaN where not known.
    """
    if "products" not in tables:
        return None
    names = [name for name in ("unit_value", "weight", "volume") if name in tables["products"].column_names]
    frame = tables.frame("products").set_index("sku").reindex(sku)
    made = [np.log(frame[name].astype(float).where(frame[name] > 0)).to_numpy() for name in names]
    if "maker" in frame:
        place = pd.Categorical(frame["maker"].where(frame["maker"] != "")).codes
        made.append(np.where(place >= 0, place, np.nan).astype(np.float64))
    told = [values for values in made if len(np.unique(values[~np.isnan(values)])) > 1]
    return np.stack(told, axis=1) if told else None


def shut_weeks(tables: Tables, weeks: int, ahead: int, start: date) -> Index | None:
    """Return 1 for weeks in which the cluster's own **calendar** leaves much less capacity than usual, past or planned; None without it."""
    if "calendar" not in tables:
        return None
    frame = tables.frame("calendar", "week", "share").groupby("week")["share"].mean()
    frame = frame[frame < LEAST_SHARE]
    column = _columns(frame.index.to_series(), weeks, start)
    shut = np.zeros(weeks + ahead, dtype=np.int64)
    shut[column[(column >= 0) & (column < weeks + ahead)]] = 1
    return shut


def relative_prices(quantity: Array, revenue: Array) -> Array | None:
    """Return the price of each week over the usual one of the series, the last known carried on; None where no price ever changed.

    Parameters
    ----------
    quantity, revenue : arrays, series × weeks
        Units sold and what they brought.
    """
    price = np.where((quantity > 0) & (revenue > 0), revenue / np.where(quantity > 0, quantity, 1.0), np.nan)
    week = np.where(np.isnan(price), -1, np.arange(price.shape[1]))
    latest = np.maximum.accumulate(week, axis=1)
    rows = np.arange(len(price))[:, None]
    carried = np.where(latest >= 0, price[rows, np.maximum(latest, 0)], np.nan)
    # Over the mean of the prices so far, so that no later price is known before its time.
    known = ~np.isnan(carried)
    usual = np.cumsum(np.where(known, carried, 0.0), axis=1) / np.maximum(np.cumsum(known, axis=1), 1)
    relative: Array = np.where(known, carried / np.where(usual > 0, usual, 1.0), 1.0)
    return None if np.allclose(relative, 1.0, atol=1e-6) else relative


def worth_of_units(quantity: Array, revenue: Array) -> Array | None:
    """Return what a unit of each series brought on average, that of all where it brought none; None where none brought anything.

    Parameters
    ----------
    quantity, revenue : arrays, series × weeks
        Units sold and what they brought.
    """
    units, money = np.where(revenue > 0, quantity, 0.0).sum(axis=1), np.maximum(revenue, 0.0).sum(axis=1)
    if not units.any():
        return None
    told = (units > 0) & (money > 0)
    worth: Array = np.where(told, money / np.where(told, units, 1.0), money.sum() / units.sum())
    return worth


def _columns(days: pd.Series, weeks: int, start: date) -> Index:
    distance = (pd.to_datetime(days) - pd.Timestamp(start)).dt.days.to_numpy()
    column: Index = weeks + np.floor_divide(distance, 7)
    return column


def _matches(series: pd.DataFrame, frame: pd.DataFrame) -> tuple[Index, Index]:
    # Pairs of a series and a row of the table that speaks of it; a blank in the row speaks of all.
    numbered = series.assign(place=np.arange(len(series)))
    rows = frame[[key for key in KEYS if key in frame]].reset_index(drop=True)
    blank = rows.isna() | (rows == "")
    places, lines = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for pattern, group in rows.groupby([blank[key] for key in rows], sort=True):
        given = [key for key, empty in zip(rows, pattern, strict=True) if not empty]
        asked = group[given].assign(line=group.index)
        joined = numbered.merge(asked, on=given) if given else numbered.merge(asked, how="cross")
        places.append(joined["place"].to_numpy())
        lines.append(joined["line"].to_numpy())
    return np.concatenate(places), np.concatenate(lines)
