"""The columns that stock targets are made from: the only module of this room that reads and writes tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.engine import Tables
from jointplan.inventory.placing import DAYS
from jointplan.inventory.position import ANYBODY, Where
from jointplan.inventory.settings import InventorySettings
from jointplan.inventory.ways import KINDS, Leg, Ways
from jointplan.schema import QUANTILES, TABLES

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]

KEYS = ["sku", "market", "seller"]
OWN = "own:"
WEEKS_A_YEAR = 52.0
HISTORY_WEEKS = 104


@dataclass(frozen=True)
class Outlook:
    """Series with their forecasts, each made from its owner's own rows, in the order of (sku, market, seller).

    Parameters
    ----------
    sku, market, seller : arrays of str
        What each series is.
    mean : array, series × weeks
        Expected demand, units a week.
    quantiles : array, series × weeks × levels
        Their quantiles.
    history : array, series × weeks
        Units sold in the weeks before, the last 104 at most.
    """

    sku: Names
    market: Names
    seller: Names
    mean: Array
    quantiles: Array
    history: Array

    def __len__(self) -> int:
        return len(self.sku)

    def pick(self, rows: Index) -> Outlook:
        """Return some of the series."""
        return Outlook(*(getattr(self, part.name)[rows] for part in fields(self)))

    @cached_property
    def first(self) -> Index:
        """Column of each series' first sale in the history; its length where there is none."""
        sold = self.history > 0
        first: Index = np.where(sold.any(axis=1), sold.argmax(axis=1), self.history.shape[1])
        return first


@dataclass(frozen=True)
class Goods:
    """A product: who makes it, what a unit costs and sells for, and its volume in m³."""

    maker: str
    cost: float
    price: float
    volume: float


def read_outlook(tables: Tables, start: date) -> Outlook:
    """Read the forecasts made from owners' own rows, and the sales of the same series before ``start``."""
    forecasts = tables["forecasts"]
    forecasts = forecasts.filter(pc.starts_with(forecasts["basis"], OWN))
    forecasts = forecasts.sort_by([(name, "ascending") for name in (*KEYS, "week")])
    count = forecasts.group_by(KEYS).aggregate([]).num_rows
    weeks = len(forecasts) // count if count else 0
    series = forecasts.take(np.arange(count) * weeks)
    names = {key: np.array(series[key].to_pylist(), dtype=np.str_) for key in KEYS}
    levels = np.stack([forecasts[name].to_numpy() for name in QUANTILES], axis=1)

    weekly = tables["weekly"]
    days = (start - date(1970, 1, 1)).days
    ago = (days - weekly["week"].cast(pa.int32()).to_numpy().astype(np.int64) + 6) // 7
    known = _places(weekly, names)
    back = int(min(ago.max(initial=1), HISTORY_WEEKS))
    used = (known >= 0) & (ago >= 1) & (ago <= back)
    history = np.zeros((count, back))
    units = np.maximum(weekly["quantity"].cast(pa.float64()).to_numpy(), 0.0)
    np.add.at(history, (known[used], back - ago[used]), units[used])
    return Outlook(
        names["sku"], names["market"], names["seller"],
        forecasts["mean"].to_numpy().reshape(count, weeks),
        levels.reshape(count, weeks, len(QUANTILES)),
        history,
    )  # fmt: skip


def _places(rows: pa.Table, names: Mapping[str, Names]) -> Index:
    """Return which series each row is of, -1: none; the names are told apart once each, not row by row."""
    wanted = np.zeros(len(next(iter(names.values()))), dtype=np.int64)
    found = np.zeros(len(rows), dtype=np.int64)
    for key, values in names.items():
        distinct, place = np.unique(values, return_inverse=True)
        number = {str(name): code for code, name in enumerate(distinct)}
        told = pc.dictionary_encode(rows[key].combine_chunks())
        codes = np.array([number.get(name, -1) for name in told.dictionary.to_pylist()], dtype=np.int64)
        code = codes[told.indices.to_numpy()] if len(codes) else np.full(len(rows), -1)
        found = np.where((found < 0) | (code < 0), -1, found * len(distinct) + code)
        wanted = wanted * len(distinct) + place
    order = np.argsort(wanted)
    at = np.minimum(np.searchsorted(wanted[order], found), max(len(order) - 1, 0))
    hit = (found >= 0) & (wanted[order][at] == found) if len(order) else np.zeros(len(rows), dtype=np.bool_)
    places: Index = np.where(hit, order[at] if len(order) else 0, -1)
    return places


def read_goods(tables: Tables, settings: InventorySettings) -> dict[str, Goods]:
    """Read who makes each product and what a unit costs; a product without a value counts as worth 1."""
    rows = tables["products"].to_pylist()
    found = {}
    for row in rows:
        price = float(row["unit_value"] or 0.0) or float(row["transfer_price"] or 0.0) or 1.0
        cost = float(row["transfer_price"] or 0.0) or settings.cost_share * price
        found[row["sku"]] = Goods(row["maker"] or "", cost, price, float(row["volume"] or 0.0))
    return found


def read_ways(tables: Tables) -> Ways:
    """Read the lanes, and the sites that are open: those without an opening cost, or with goods in stock; no firm's own place."""
    stocked = set(tables["stock"]["site"].to_pylist()) if "stock" in tables else set()
    sites = tables["sites"].to_pylist() if "sites" in tables else []
    kinds = {
        row["site"]: row["kind"]
        for row in sites
        if row["kind"] in KINDS and (not row["opening_cost"] or row["site"] in stocked)
    }
    lanes = tables["lanes"].to_pylist() if "lanes" in tables else []
    legs = tuple(
        Leg(
            row["lane"],
            row["origin"],
            row["destination"],
            float(row["transit_days"]),
            float(row["transit_spread"] or 0.0),
        )
        for row in lanes
    )
    return Ways(legs, kinds)


@dataclass(frozen=True)
class Known:
    """Units of each product by where they are, place and seller, and those owed by market and seller."""

    there: Mapping[str, Mapping[tuple[Where, str, str], float]]
    owed: Mapping[str, Mapping[tuple[str, str], float]]


def read_known(tables: Tables, start: date, within: float) -> Known | None:
    """Read where goods are on the day ``start``; None where there is no table of stock.

    Parameters
    ----------
    tables : Tables
        **stock**; **recorded**, whose shipments to a site are under way until their lane's transit is over; **approved**; **orders**, of which
        those that were due before are owed.
    start : date
        Monday of the first week planned.
    within : float
        Weeks from now in which a decided lot must be made to count: an order of now would come before a later one.
    """
    if "stock" not in tables:
        return None
    there: dict[str, dict[tuple[Where, str, str], float]] = {}
    owed: dict[str, dict[tuple[str, str], float]] = {}

    def add(where: Where, place: str, row: Mapping[str, Any]) -> None:
        units, key = there.setdefault(row["sku"], {}), (where, place, row["seller"] or ANYBODY)
        units[key] = units.get(key, 0.0) + float(row["quantity"])

    elsewhere = set(tables["markets"]["market"].to_pylist()) if "markets" in tables else set()
    for row in tables["stock"].to_pylist():
        if row["arrives"] is None:
            add(Where.LYING, row["site"], row)
        elif row["site"] not in elsewhere:
            add(Where.UNDER_WAY, row["site"], row)
    lanes = {row["lane"]: row for row in tables["lanes"].to_pylist()} if "lanes" in tables else {}
    places = tables["sites"].to_pylist() if "sites" in tables else []
    sites = {row["site"] for row in places if row["kind"] in KINDS}
    for row in _left_of_late(tables, start, max((lane["transit_days"] for lane in lanes.values()), default=0.0)):
        lane = lanes.get(row["lane"])
        if lane and lane["destination"] in sites and row["date"] + timedelta(days=lane["transit_days"]) >= start:
            add(Where.UNDER_WAY, lane["destination"], row)
    for row in tables["approved"].to_pylist() if "approved" in tables else []:
        if 0 <= (row["week"] - start).days < within * DAYS:
            add(Where.DECIDED, row["firm"], row)
    for row in tables["orders"].to_pylist() if "orders" in tables else []:
        if row["due"] < start:
            due, key = owed.setdefault(row["sku"], {}), (row["market"], row["seller"])
            due[key] = due.get(key, 0.0) + float(row["quantity"])
    return Known(there, owed)


def _left_of_late(tables: Tables, start: date, days: float) -> list[dict[str, Any]]:
    """Return shipments recorded in the days before ``start``: what left earlier has come on any lane."""
    if "recorded" not in tables:
        return []
    rows = tables["recorded"]
    day = rows["date"].cast(pa.date32())
    first = pa.scalar(start - timedelta(days=ceil(days)), pa.date32())
    late = pc.and_(pc.less(day, pa.scalar(start, pa.date32())), pc.greater_equal(day, first))
    shipped: list[dict[str, Any]] = rows.filter(pc.and_(late, pc.equal(rows["activity"], "ship"))).to_pylist()
    return shipped


def storage_costs(tables: Tables, worth: Mapping[str, float], currency: str) -> dict[str, float]:
    """Return what one m³ costs in each site over a week, in the currency of the run."""
    rows = tables["sites"].to_pylist() if "sites" in tables else []
    return {
        row["site"]: float(row["storage_cost"] or 0.0) * worth.get(row["currency"] or currency, 1.0) for row in rows
    }


def border_costs(tables: Tables) -> dict[tuple[str, str], float]:
    """Return what a unit pays at the border on each lane, by (lane, sku), by the rules of the first week, where that was worked out."""
    if "landed_costs" not in tables:
        return {}
    rows = tables["landed_costs"]
    rows = rows.filter(pc.equal(rows["week"], pc.min(rows["week"])))
    keys = zip(rows["lane"].to_pylist(), rows["sku"].to_pylist(), strict=True)
    return dict(zip(keys, rows["border"].to_pylist(), strict=True))


def targets_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Return the table **targets**."""
    return pa.Table.from_pylist(rows, schema=TABLES["targets"].arrow)
