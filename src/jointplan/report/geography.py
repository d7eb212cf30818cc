"""Where firms, sites and markets lie, and the map they are drawn on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jointplan.report.view import RunView
from jointplan.schema.countries import countries

FloatArray = npt.NDArray[np.float64]
_WORLD = 1.5  # less zoom than this is not worth losing the rest of the world for
_CLOSEST = 14.0  # the outline is too coarse to be looked at from nearer
_ASSETS = files("jointplan.report") / "assets"


@dataclass(frozen=True)
class Place:
    """A point on the map, in degrees."""

    name: str
    lat: float
    lon: float


@cache
def land() -> dict[str, Any]:
    """Return the land of the world as one GeoJSON feature (Natural Earth 1:110m, public domain)."""
    outline: dict[str, Any] = json.loads((_ASSETS / "land.json").read_text("utf-8"))
    return outline


def places(view: RunView) -> dict[str, Place]:
    """Return where each firm, site and market of the run lies, as far as that is known.

    Firms without a position are put in the middle of those that have one, and markets in the middle of their country.
    """
    found: dict[str, Place] = {}
    firms = view.frame("input_firms")
    middle = firms[["lat", "lon"]].mean()
    for row in firms.itertuples():
        lat, lon = (row.lat, row.lon) if not pd.isna(row.lat) and not pd.isna(row.lon) else (middle.lat, middle.lon)
        if not pd.isna(lat):
            found[row.firm] = Place(view.firm(row.firm), float(lat), float(lon))
    for table, key in (("input_markets", "market"), ("input_sites", "site")):
        for row in view.frame(table).itertuples():
            code = getattr(row, key)
            at = (getattr(row, "lat", None), getattr(row, "lon", None))
            if pd.isna(at[0]) or pd.isna(at[1]):
                at = countries().get(str(row.country), (None, None))
            if at[0] is not None and at[1] is not None:
                # A firm's own place is where the firm is.
                found.setdefault(code, Place(view.firm(code), float(at[0]), float(at[1])))
    return found


@dataclass(frozen=True)
class Framing:
    """What part of the world a map shows: its centre, and how far it zooms in (1: the whole world)."""

    lon: float
    lat: float
    zoom: float


def great_circle(start: Place, end: Place, steps: int = 24) -> FloatArray:
    """Return points on the shortest way between two places as latitudes and longitudes in degrees, a row each."""
    ends = np.radians([[start.lat, start.lon], [end.lat, end.lon]])
    lat, lon = ends[:, 0], ends[:, 1]
    a, b = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    angle = float(np.arccos(np.clip(a @ b, -1.0, 1.0)))
    share = np.linspace(0.0, 1.0, steps)[:, None]
    if np.sin(angle) < 1e-9:
        way = np.where(share < 0.5, a, b)
    else:
        way = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    points: FloatArray = np.degrees(
        np.stack([np.arcsin(np.clip(way[:, 2], -1, 1)), np.arctan2(way[:, 1], way[:, 0])], axis=1)
    )
    return points


def framing(routes: Sequence[tuple[Place, Place]]) -> Framing:
    """Return how to show routes whole: the map is cut where the fewest run, and zooms in where all are in one region.

    From Foshan the ways to Los Angeles and to Santos both stay whole only if the map is cut between the two.

    >>> foshan = Place("Foshan", 22.8, 113.3)
    >>> framing([(foshan, Place("Los Angeles", 34.0, -118.2)), (foshan, Place("Santos", -24.0, -46.3))]).lon
    100.0
    """
    ways = [great_circle(start, end) for start, end in routes]
    ends = np.array([place.lon for route in routes for place in route])

    def harm(cut: int) -> tuple[int, float]:
        """Return how many ways a cut runs through, then how near it comes to a place."""
        return sum(_jumps(way[:, 1], cut) for way in ways), -float(np.abs((ends - cut + 180) % 360 - 180).min())

    cut = min(range(-180, 180, 10), key=harm)
    east = np.concatenate([(way[:, 1] - cut) % 360 for way in ways])
    lat = np.concatenate([way[:, 0] for way in ways])
    width, height = float(np.ptp(east)), float(np.ptp(lat))
    zoom = min(360 / (width * 1.2 + 8), 0.86 * 180 / (height * 1.3 + 6), _CLOSEST)
    if zoom < _WORLD:
        return Framing(float((cut + 360) % 360 - 180), 10.0, 1.0)
    middle = cut + (east.max() + east.min()) / 2
    return Framing(
        round(float((middle + 180) % 360 - 180), 1), round(float(lat.max() + lat.min()) / 2, 1), round(float(zoom), 2)
    )


def _jumps(lons: FloatArray, cut: float) -> int:
    """Return how often a way runs across the edge of a map cut at a longitude."""
    return int((np.abs(np.diff((lons - cut) % 360)) > 180).sum())


def neighbours(weights: Mapping[str, float], where: Mapping[str, Place], radius: float) -> dict[str, str]:
    """Return for each place the heaviest place within ``radius`` degrees of it, which stands for it on the map."""
    centres: list[str] = []
    result: dict[str, str] = {}
    for code in sorted(weights, key=lambda code: (-weights[code], code)):
        place = where[code]
        near = (
            centre
            for centre in centres
            if abs(where[centre].lat - place.lat) < radius
            and abs((where[centre].lon - place.lon + 180) % 360 - 180) < radius
        )
        result[code] = next(near, code)
        if result[code] == code:
            centres.append(code)
    return result
