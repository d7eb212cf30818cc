"""What a tariff charges for a parcel or a load, as the plan counts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jointplan.contracts import UnitFreight
from jointplan.logistics.weights import Container, box_volume, containers_needed, rounded_up

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Charge:
    """What one load is charged, and what for.

    Parameters
    ----------
    by_rate, minimum : float
        What the rate of its band comes to, and the least charge there: the larger is charged.
    units : float
        Basis units it is charged for, or containers.
    otherwise : float, optional
        What it would be charged in the band it lies in; None: it is charged there. Declared to be larger it may pay less.
    """

    by_rate: float
    minimum: float
    units: float
    otherwise: float | None = None

    @property
    def amount(self) -> float:
        """What is charged."""
        return max(self.by_rate, self.minimum)


@dataclass(frozen=True)
class Tariff:
    """The bands of one tariff, money in the currency of the run.

    Parameters
    ----------
    name, basis : str
        Its name, and what is counted: ``kg``, ``m3``, ``order`` or ``container``.
    low, high, rate, minimum : tuple of float
        By band: where it starts and ends, money per basis unit, least charge.
    volumetric, step : float
        Kilograms one m³ counts as, and to whose multiples a parcel is rounded up; 0: neither.
    side_step : float
        Centimetres to whose multiples each side of a parcel is rounded; 0: not rounded.
    side_rounding : str
        ``up`` or ``nearest``.
    box : Container
        What one container takes.
    """

    name: str
    basis: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    rate: tuple[float, ...]
    minimum: tuple[float, ...]
    volumetric: float
    step: float
    side_step: float
    side_rounding: str
    box: Container

    @property
    def end(self) -> float:
        """Where the last band ends; what is more is charged at its rate."""
        return max(self.high) if self.basis in ("kg", "m3") else np.inf

    def counted(self, weight: Floats, volume: Floats) -> Floats:
        """Return the basis units of goods of a weight (kg) and volume (m³)."""
        match self.basis:
            case "kg":
                return np.maximum(weight, volume * self.volumetric)
            case "m3":
                return np.maximum(volume, weight / self.volumetric) if self.volumetric else volume
        return np.ones_like(weight)

    def counted_parcel(self, weight: Floats, volume: Floats, sides: Floats) -> Floats:
        """Return the basis units of parcels of one unit; by weight they count by their sides (cm, the last axis) where these are known."""
        if self.basis != "kg":
            return self.counted(weight, volume)
        boxed = box_volume(sides, self.side_step, self.side_rounding) / 1e6
        return rounded_up(self.counted(weight, np.where(np.isnan(boxed), volume, boxed)), self.step)

    def parcel(self, weight: Floats, volume: Floats, sides: Floats) -> Floats:
        """Return the charge of parcels of one unit: the rate of their band, at least its minimum."""
        return np.maximum(*self.parcel_parts(self.counted_parcel(weight, volume, sides)))

    def parcel_parts(self, counted: Floats) -> tuple[Floats, Floats]:
        """Return what the rate of their band comes to for parcels of so many basis units, and its minimum."""
        band = np.maximum(np.searchsorted(self.low, counted, side="right") - 1, 0)
        return np.array(self.rate)[band] * counted, np.array(self.minimum)[band]

    def load(self, weight: float, volume: float, quantity: float, sku: str = "") -> Charge:
        """Return the charge of a load of some units; it may be declared in any band that ends above it."""
        if self.basis == "container":
            boxes = containers_needed(self.box, weight, volume, quantity, sku=sku)
            return Charge(self.rate[0] * boxes, 0.0, boxes)
        if self.basis == "order":
            return Charge(self.rate[0], self.minimum[0], 1.0)
        total = quantity * float(self.counted(np.array(weight), np.array(volume)))
        last = len(self.low) - 1
        charges = [
            Charge(rate * max(total, low), minimum, max(total, low))
            for n, (low, rate, minimum) in enumerate(zip(self.low, self.rate, self.minimum, strict=True))
            if total <= self.high[n] or n == last
        ]
        # Where one band ends and the next begins it lies in both.
        own = min([charge for charge in charges if charge.units <= total] or charges[:1], key=attrgetter("amount"))
        best = min(charges, key=attrgetter("amount"))
        return own if own.amount <= best.amount else replace(best, otherwise=own.amount)

    def share_of_load(self, weight: Floats, volume: Floats) -> Floats:
        """Return what a unit bears of a large load: the rate of the last band, or its share of a full container."""
        if self.basis == "container":
            return self.rate[0] * np.maximum(weight / self.box.kg, volume / self.box.m3)
        if self.basis == "order":
            return np.zeros_like(weight)
        return self.rate[-1] * self.counted(weight, volume)


def read_tariffs(rows: Sequence[Mapping[str, Any]], worth: Mapping[str, float]) -> dict[str, Tariff]:
    """Return the tariffs of the table **tariffs**, by name."""
    bands: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["tariff"], row["from_quantity"])):
        bands.setdefault(row["tariff"], []).append(row)
    found = {}
    for name, band in bands.items():
        first = band[0]
        rate = worth.get(first["currency"] or "", 1.0)
        found[name] = Tariff(
            name=name,
            basis=first["basis"],
            low=tuple(row["from_quantity"] for row in band),
            high=tuple(np.inf if row["to_quantity"] is None else row["to_quantity"] for row in band),
            rate=tuple(row["rate"] * rate for row in band),
            minimum=tuple(row["minimum"] * rate for row in band),
            volumetric=first["volumetric"] or 0.0,
            step=first["weight_step"] or 0.0,
            side_step=first["side_step"] or 0.0,
            side_rounding=first["side_rounding"] or "up",
            box=Container(first["container"] or name, first["container_kg"], first["container_m3"]),
        )
    return found


def unit_freight(tables: Mapping[str, pa.Table], worth: Mapping[str, float]) -> UnitFreight:
    """Return what a unit of a product bears of a large load on each lane; a product without weight or volume bears none of it.

    Parameters
    ----------
    tables : mapping
        Completed tables, with **lanes**, **tariffs** and **products**.
    worth : mapping
        What one unit of each currency is worth in the currency of the run.
    """
    tariffs = read_tariffs(tables["tariffs"].to_pylist(), worth)
    charged = {row["lane"]: tariffs[row["tariff"]] for row in tables["lanes"].to_pylist()}
    size = {row["sku"]: (row["weight"] or 0.0, row["volume"] or 0.0) for row in tables["products"].to_pylist()}

    def freight(lane: str, sku: str) -> float:
        weight, volume = (np.array(amount) for amount in size[sku])
        return float(charged[lane].share_of_load(weight, volume))

    return freight
