"""What a tariff charges for a load, as the plan counts it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def charge(bands: Sequence[Mapping[str, Any]], weight: float, volume: float, *, worth: float = 1.0) -> float:
    """Return what one load costs.

    Parameters
    ----------
    bands : sequence of rows
        The bands of one tariff, by ``from_quantity``.
    weight, volume : float
        kg and m³ of the load.
    worth : float
        What one unit of the tariff's currency is worth.

    Examples
    --------
    >>> bands = [{"basis": "kg", "from_quantity": 0.0, "to_quantity": 45.0, "rate": 6.0, "minimum": 50.0, "volumetric": 167.0},
    ...          {"basis": "kg", "from_quantity": 45.0, "to_quantity": None, "rate": 4.0, "minimum": 50.0, "volumetric": 167.0}]
    >>> charge(bands, 40.0, 0.1)  # cheaper declared as 45 kg
    180.0
    """
    first = bands[0]
    volumetric = first.get("volumetric") or 0.0
    match first["basis"]:
        case "order":
            return max(float(first["rate"]), float(first["minimum"] or 0.0)) * worth
        case "container":
            boxes = max(
                weight / (first.get("container_kg") or math.inf), volume / (first.get("container_m3") or math.inf)
            )
            return float(first["rate"]) * max(math.ceil(boxes), 1) * worth
        case "m3":
            counted = max(volume, weight / volumetric) if volumetric else volume
        case _:
            counted = max(weight, volume * volumetric)
    offers = [
        max(float(band["minimum"] or 0.0), float(band["rate"]) * max(counted, float(band["from_quantity"] or 0.0)))
        for band in bands
        if band["to_quantity"] is None or counted <= band["to_quantity"]
    ]
    last = bands[-1]
    return worth * (min(offers) if offers else max(float(last["minimum"] or 0.0), float(last["rate"]) * counted))


def cheapest_rate(bands: Sequence[Mapping[str, Any]], density: float, *, worth: float = 1.0) -> float:
    """Return what a kilogram costs at least by a tariff, whatever the load; infinite where it is charged by the order.

    Parameters
    ----------
    bands : sequence of rows
        The bands of one tariff.
    density : float
        kg per m³ of the goods.
    worth : float
        What one unit of the tariff's currency is worth.

    Examples
    --------
    >>> cheapest_rate([{"basis": "kg", "rate": 6.0, "volumetric": 167.0}, {"basis": "kg", "rate": 4.0, "volumetric": 167.0}], 83.5)
    8.0
    """
    first = bands[0]
    volumetric = first.get("volumetric") or 0.0
    rate = min(float(band["rate"]) for band in bands) * worth
    match first["basis"]:
        case "order":
            return math.inf
        case "container":
            boxes = max(
                1 / (first.get("container_kg") or math.inf), 1 / density / (first.get("container_m3") or math.inf)
            )
            return rate * boxes if boxes else math.inf
        case "m3":
            return rate * max(1 / density, 1 / volumetric if volumetric else 0.0)
        case _:
            return rate * max(1.0, volumetric / density)
