"""Ways for goods: lanes with what they charge, what is paid at borders, and moving work from one firm to another."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import Bands, Containers, Floats, Ints, Spaces
from jointplan.planning.reading.chains import distance
from jointplan.planning.reading.index import Index
from jointplan.planning.reading.money import WEEKS_PER_YEAR, Money
from jointplan.planning.reading.series import Series
from jointplan.planning.settings import FreightSettings, PlanSettings


@dataclass(frozen=True)
class Lanes:
    """Lanes with what they charge; fields as in the problem."""

    names: list[str]
    origin: Ints
    node: Ints
    market: Ints
    weeks: Ints
    mode: list[str]
    unit_freight: Floats
    basis: Floats
    basis_by: Floats | None
    bands: Bands
    containers: Containers
    spaces: Spaces


def goods_lanes(tables: Tables, index: Index, origins: list[int], money: Money) -> Lanes:
    """Read the lanes of finished goods, which go to sites and markets; between firms go the goods of jobs they do in turn."""
    rows = tables.frame("lanes")
    rows = rows[~rows["destination"].isin(index.firm_of)]
    paid = _landed_costs(tables)
    return _read_lanes(tables, rows, index, origins, money, set(paid.loc[paid["clearing"] > 0, "lane"]))


def _read_lanes(
    tables: Tables, rows: pd.DataFrame, index: Index, origins: list[int], money: Money, cleared: Set[str] = frozenset()
) -> Lanes:
    """Return these rows of **lanes** with their charges; a lane from every maker becomes one lane each, all on its one space.

    Those ``cleared`` charge whole loads, whatever their tariff.
    """
    tariffs: dict[str, list[Any]] = {}
    for row in tables.frame("tariffs").sort_values(["tariff", "from_quantity"]).itertuples():
        tariffs.setdefault(row.tariff, []).append(row)
    names, node_of = list(index.node_of), index.node_of
    lane_rows: list[tuple[str, int, Any]] = []
    for row in rows.itertuples():
        if row.origin == "*":
            lane_rows += [(f"{row.lane}@{names[f]}", f, row) for f in origins]
        elif row.origin in node_of:
            lane_rows.append((row.lane, node_of[row.origin], row))
    charges = _charge([row for _, _, row in lane_rows], tariffs, index.products, money, cleared)
    days = np.array([row.transit_days for _, _, row in lane_rows], dtype=float)
    limited = [n for n, (_, _, row) in enumerate(lane_rows) if not np.isnan(row.space)]
    most = {lane_rows[n][2].lane: float(lane_rows[n][2].space) for n in limited}
    number = {lane: n for n, lane in enumerate(most)}
    ends = [row.destination for _, _, row in lane_rows]
    return Lanes(
        [name for name, _, _ in lane_rows],
        np.array([origin for _, origin, _ in lane_rows], dtype=np.int64),
        np.array([node_of.get(end, -1) for end in ends], dtype=np.int64),
        np.array([index.market_of.get(end, -1) if end not in node_of else -1 for end in ends], dtype=np.int64),
        np.floor(days / 7 + 0.5).astype(np.int64),
        [row.mode for _, _, row in lane_rows],
        *charges,
        Spaces(
            np.array(limited, dtype=np.int64),
            np.array([number[lane_rows[n][2].lane] for n in limited], dtype=np.int64),
            np.array(list(most.values())),
        ),
    )


def _charge(
    rows: list[Any], tariffs: dict[str, list[Any]], products: pd.DataFrame, money: Money, cleared: Set[str]
) -> tuple[Floats, Floats, Floats | None, Bands, Containers]:
    """Return what a unit pays and counts on each lane, (L, I), by weight and by volume where that matters, and what whole loads pay."""
    weight, volume = products["weight"].to_numpy(float), products["volume"].to_numpy(float)
    unit = np.zeros((len(rows), len(weight)))
    basis = np.zeros_like(unit)
    basis_by = np.zeros((2, *unit.shape))
    bands: list[tuple[int, float, float, float, float]] = []
    boxes: list[tuple[int, float, float, float]] = []
    for n, row in enumerate(rows):
        charges = tariffs[row.tariff]
        first = charges[0]
        rate = money.rate(first.currency)
        volumetric = 0.0 if np.isnan(first.volumetric) else first.volumetric
        size = _parcel_size(first, products) if row.mode == "parcel" and first.basis == "kg" else volume
        by = _measures(first.basis, weight, size, volumetric)
        counted = np.maximum(*by)
        # Dense goods fill up what bulky ones leave: then a load counts less than its goods would one by one.
        mixed = row.mode != "parcel" and bool((by[0] > by[1]).any() and (by[1] > by[0]).any())
        if first.basis == "container":
            boxes.append((n, first.rate * rate, first.container_kg, first.container_m3))
        elif row.mode == "parcel":
            step = first.weight_step
            if first.basis == "kg" and step > 0:  # not so where it is blank
                counted = np.ceil(counted / step * (1 - 1e-9)) * step
            unit[n], basis[n] = _parcel_charge(charges, counted) * rate, counted
        elif first.basis == "order":
            bands.append((n, 0.0, np.inf, 0.0, max(first.rate, first.minimum) * rate))
            basis[n] = counted
        elif len(charges) == 1 and first.minimum == 0 and not mixed and row.lane not in cleared:
            unit[n], basis[n] = counted * first.rate * rate, counted
        else:
            basis[n] = counted
            for band in charges:
                low = band.from_quantity if len(charges) > 1 else 0.0
                high = np.inf if np.isnan(band.to_quantity) else band.to_quantity
                bands.append((n, low, high, band.rate * rate, band.minimum * rate))
        basis_by[:, n] = by if mixed and first.basis in ("kg", "m3") else basis[n]
    band_columns = np.array(bands, dtype=float).reshape(-1, 5)
    box_columns = np.array(boxes, dtype=float).reshape(-1, 4)
    return (
        unit,
        basis,
        None if (basis_by[0] == basis_by[1]).all() else basis_by,
        Bands(band_columns[:, 0].astype(np.int64), *band_columns[:, 1:].T),
        Containers(box_columns[:, 0].astype(np.int64), *box_columns[:, 1:].T),
    )


def _measures(basis: str, weight: Floats, volume: Floats, volumetric: float) -> tuple[Floats, Floats]:
    """Return what units count in a load by weight and by volume, (I,) each: the load counts the larger of both sums."""
    if basis == "kg":
        return weight, volume * volumetric
    if basis == "m3":
        return weight / volumetric if volumetric else np.zeros_like(weight), volume
    return np.ones_like(weight), np.ones_like(weight)


def _parcel_size(tariff: Any, products: pd.DataFrame) -> Floats:
    """Return the m³ that a parcel of one unit counts as, (I,): by its sides, rounded as the tariff says, where they are known."""
    sides = products[["length", "width", "height"]].to_numpy(float)
    if (step := tariff.side_step) > 0:  # not so where it is blank
        multiples = sides / step
        sides = step * (
            np.floor(multiples + 0.5) if tariff.side_rounding == "nearest" else np.ceil(multiples * (1 - 1e-9))
        )
    size = sides.prod(axis=1) / 1e6
    return np.asarray(np.where(np.isnan(size), products["volume"].to_numpy(float), size))


def _parcel_charge(charges: list[Any], counted: Floats) -> Floats:
    """Return the charge of a parcel of one unit: its band's rate, at least the band's minimum."""
    cost = np.full_like(counted, np.nan)
    for band in charges:
        inside = counted >= band.from_quantity
        cost[inside] = np.maximum(band.rate * counted[inside], band.minimum)
    first = charges[0]
    return np.where(np.isnan(cost), np.maximum(first.rate * counted, first.minimum), cost)


def _landed_costs(tables: Tables) -> pd.DataFrame:
    """Return what units and loads pay at borders; no rows where nothing is counted."""
    columns = ("lane", "sku", "week", "border", "clearing")
    return tables.frame("landed_costs", *columns) if "landed_costs" in tables else pd.DataFrame(columns=columns)


def border_costs(
    tables: Tables, lanes: list[str], skus: tuple[str, ...], start: date
) -> tuple[Floats | None, Floats | None, Ints]:
    """Return what is paid at the border on each lane in each stretch of weeks with the same rules, and their first weeks.

    Returns
    -------
    array (K, L, I) or None
        What a unit pays; None where nothing is counted.
    array (K, L) or None
        What a load pays once: the most that any of the goods it may hold asks for; None where none pays anything.
    array (K,)
        First weeks.
    """
    since = np.zeros(1, dtype=np.int64)
    if "landed_costs" not in tables:
        return None, None, since
    paid = _landed_costs(tables)
    paid = paid[paid["sku"].isin(skus)]
    if not len(paid):
        return np.zeros((1, len(lanes), len(skus))), None, since
    known = paid.pivot(index=["week", "lane"], columns="sku", values="border").reindex(columns=list(skus))
    once = paid.groupby(["week", "lane"])["clearing"].max()
    weeks = known.index.get_level_values("week").unique().sort_values()
    named = set(tables.frame("lanes", "lane")["lane"])
    # A lane from every maker is named after its origin too.
    rows = [name.rpartition("@")[0] if name not in named else name for name in lanes]
    border, clearing = (
        np.stack([found.loc[week].reindex(rows).fillna(0.0).to_numpy(float) for week in weeks])
        for found in (known, once)
    )
    return (
        border,
        clearing if clearing.any() else None,
        ((pd.to_datetime(weeks) - pd.Timestamp(start)).days // 7).to_numpy(np.int64),
    )


@dataclass(frozen=True)
class Moves:
    """What it costs to move the work on a unit from one firm to another, and the whole weeks it takes.

    A unit bears its part of a usual consignment by the lane's whole tariff. Of several lanes between the two it goes on the one that
    costs it least, the capital tied up on the way counted in; of equally cheap ones on the quickest. Where there is none, or none
    whose containers hold the product, it goes by internal transport at the settings' rates.

    Parameters
    ----------
    lanes : dict of (int, int) to list of (int, int)
        The lanes from one firm to another: weeks and number.
    charge : (L, I) ndarray
        What a unit pays on each lane; infinite where no container holds it.
    capital : (I,) ndarray
        What the capital tied up in a unit costs a week.
    places : list of (float, float)
        Latitude and longitude of each firm.
    volume : (I,) ndarray
        m³ of a unit.
    settings : FreightSettings
        The rates of internal transport.
    """

    lanes: dict[tuple[int, int], list[tuple[int, int]]]
    charge: Floats
    capital: Floats
    places: list[tuple[float, float]]
    volume: Floats
    settings: FreightSettings

    def between(self, one: int, other: int, product: int) -> tuple[float, int]:
        """Return the cost of a unit of a product and the weeks."""
        ways = [
            (float(self.charge[lane, product] + weeks * self.capital[product]), weeks, lane)
            for weeks, lane in self.lanes.get((one, other), ())
        ]
        least, weeks, lane = min(ways, default=(np.inf, 0, -1))
        if least < np.inf:
            return float(self.charge[lane, product]), weeks
        ends = self.places[one], self.places[other]
        km = distance(*ends) if not np.isnan(ends).any() else self.settings.move_km
        return float(self.volume[product]) * (self.settings.move_loading + self.settings.move_rate * km), 0


def read_moves(tables: Tables, settings: PlanSettings, index: Index, series: Series, money: Money) -> Moves:
    """Read the lanes between firms, and what units pay there."""
    rows, firms, products = tables.frame("lanes"), index.firm_of, index.products
    rows = rows[rows["destination"].isin(firms) & rows["origin"].isin(["*", *firms])]
    lanes = _read_lanes(tables, rows, index, list(firms.values()), money)
    charge = _consignment_charge(lanes, products, series.consignments(len(products)))
    known: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for n, ends in enumerate(zip(lanes.origin.tolist(), lanes.node.tolist(), strict=True)):
        known.setdefault(ends, []).append((int(lanes.weeks[n]), n))
    capital = products["unit_value"].to_numpy(float) * settings.costs.holding_rate / WEEKS_PER_YEAR
    places = list(zip(index.firms["lat"].astype(float), index.firms["lon"].astype(float), strict=True))
    return Moves(known, charge, capital, places, products["volume"].to_numpy(float), settings.freight)


def _consignment_charge(lanes: Lanes, products: pd.DataFrame, units: Floats) -> Floats:
    """Return what a unit pays on each lane in a consignment of so many ``units`` (I,) of its product, (L, I).

    Infinite where no container holds it.
    """
    weight, volume = products["weight"].to_numpy(float), products["volume"].to_numpy(float)
    bands, boxes = lanes.bands, lanes.containers
    whole = np.zeros(lanes.basis.shape)
    low, high, rate, minimum = (column[:, None] for column in (bands.low, bands.high, bands.rate, bands.minimum))
    last = np.zeros(len(whole))
    np.maximum.at(last, bands.lane, bands.high)
    load = lanes.basis[bands.lane] * units
    # A load may be declared in any band that ends above it; what is more than the last one holds pays its rate.
    fits = (load <= high * (1 + 1e-9)) | (high >= last[bands.lane][:, None])
    whole[bands.lane] = np.inf
    np.minimum.at(whole, bands.lane, np.where(fits, np.maximum(minimum, rate * np.maximum(load, low)), np.inf))
    # Goods fill part of a container, by weight or by volume.
    part = np.maximum(weight / boxes.kg[:, None], volume / boxes.m3[:, None])
    whole[boxes.lane] = np.where(part <= 1 + 1e-9, boxes.rate[:, None] * np.ceil(part * units - 1e-9), np.inf)
    charge: Floats = lanes.unit_freight + whole / units
    return charge
