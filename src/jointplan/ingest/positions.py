"""Positions that cannot be meant: far from the country a row belongs to, and near it once written otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import asin, cos, radians, sin, sqrt
from typing import Any, Literal

from jointplan.schema.countries import countries

Slip = Literal["exchanged", "lon_sign", "lat_sign", "signs", "far"]

_EARTH_KM = 6371.0
_FAR_KM = 2_500.0
"""Beyond it a position is looked at: even a large country's edge is hardly as far from its middle unless a slip brings it much nearer."""
_ELSEWHERE_KM = 6_000.0
"""Beyond it a position is in another part of the world, though no slip explains it."""


def kilometres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the great circle between two places given in degrees.

    >>> round(kilometres((0.0, 0.0), (0.0, 180.0)))
    20015
    """
    (a, b), (c, d) = (tuple(map(radians, place)) for place in (here, there))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(half, 1.0)))


def slip_of(lat: float, lon: float, country: str) -> Slip | None:
    """Return how a position seems to be miswritten, given its country; None where it may be meant.

    >>> slip_of(-48.8, -21.7, "BR"), slip_of(-21.7, 48.8, "BR"), slip_of(-21.7, -48.8, "BR")
    ('exchanged', 'lon_sign', None)
    """
    middle = countries().get(country)
    if middle is None:
        return None
    away = kilometres((lat, lon), middle)
    if away <= _FAR_KM:
        return None
    ways: list[tuple[Slip, float, float]] = [
        ("exchanged", lon, lat), ("lon_sign", lat, -lon), ("lat_sign", -lat, lon), ("signs", -lat, -lon)
    ]  # fmt: skip
    nearest, way = min((kilometres((y, x), middle), name) for name, y, x in ways if abs(y) <= 90)
    if nearest < away / 3 and nearest <= _FAR_KM:
        return way
    return "far" if away > _ELSEWHERE_KM else None


def slips(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[Slip, str], list[Mapping[str, Any]]]:
    """Return the rows (with ``lat``, ``lon`` and ``country``) that seem miswritten, by how and by country."""
    found: dict[tuple[Slip, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["country"] and (slip := slip_of(row["lat"], row["lon"], row["country"])) is not None:
            found.setdefault((slip, row["country"]), []).append(row)
    return found
