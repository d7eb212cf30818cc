"""The map of what is shipped from where to where."""

from __future__ import annotations

from collections import Counter
from typing import Any

from jointplan.report.blocks import Chart
from jointplan.report.geography import Place, framing, land, neighbours, places
from jointplan.report.vega import INK, LAND, LINE, chart_spec, inline, mode_scale, plan_switch
from jointplan.report.view import RunView
from jointplan.report.words import MODES, word
from jointplan.texts import tr

_ROUTES_SHOWN = 400
_LABELS_SHOWN = 16
_NAME_WIDTH, _NAME_HEIGHT = 95, 18  # pixels a name takes
_PHONE, _DESKTOP = 320, 1000  # pixels of the map's width
_LABEL_ROOM = 60  # pixels of the map's width for each label
_ASPECT = 0.42
_RADIUS = 2.5  # degrees on a map of the world within which places are drawn as one


def route_map(view: RunView) -> Chart | None:
    """Return the map, or None where no two places of a shipment are known."""
    where = places(view)
    shipments = view.frame("shipments")
    known = shipments[shipments["origin"].isin(where.keys()) & shipments["destination"].isin(where.keys())]
    ways = known.groupby(["origin", "destination"], as_index=False)["weight"].sum()
    if len(ways) == 0:
        return None
    frame = framing([(where[way.origin], where[way.destination]) for way in ways.itertuples()])
    weights: dict[str, float] = {}
    for end in ("origin", "destination"):
        for code, weight in ways.groupby(end)["weight"].sum().items():
            weights[str(code)] = weights.get(str(code), 0.0) + float(weight)
    drawn = neighbours(weights, where, _RADIUS / frame.zoom)
    known = known.assign(origin=known["origin"].map(drawn), destination=known["destination"].map(drawn))
    known = known[known["origin"] != known["destination"]]
    sums = known.groupby(["plan", "mode", "origin", "destination"], as_index=False).agg(
        weight=("weight", "sum"), cost=("cost", "sum"), loads=("load", "nunique")
    )
    sums = sums.nlargest(_ROUTES_SHOWN, "weight")
    if len(sums) == 0:
        return None
    together = Counter(drawn.values())
    names = {
        code: view.place(code) if n == 1 else tr("{n} {n:firm|firms} and sites", n=view.numbers.count(n))
        for code, n in together.items()
    }
    heaviest = float(sums["weight"].max())
    routes = [_route(view, where, names, row, heaviest) for row in sums.itertuples()]
    ends = sorted({*sums["origin"], *sums["destination"]}, key=lambda code: -weights[code])
    points = [
        {"lat": round(where[code].lat, 2), "lon": round(where[code].lon, 2), "name": names[code], "rank": rank}
        for rank, code in enumerate(ends)
    ]
    spec = chart_spec(
        430,
        usermeta={"aspect": _ASPECT},
        params=[plan_switch(tuple(plan for plan in view.plans if plan in set(sums["plan"])))],
        # At scale 1 the equal-earth map of the whole world is 5.42 wide.
        projection={
            "type": "equalEarth",
            "rotate": [-frame.lon, 0, 0],
            "center": [0, frame.lat],
            "scale": {"expr": f"width / 5.42 * {frame.zoom}"},
        },
        layer=[*_ground(), _route_layer(view, routes), *_point_layers(points, frame.zoom)],
    )
    return Chart(
        "map",
        tr("Shipments on the map"),
        tr("A map of the world with the routes goods take, thicker where more is shipped."),
        spec,
        note=tr("Width: weight shipped. Neighbouring places are drawn as one. Outline: Natural Earth."),
    )


def _ground() -> list[dict[str, Any]]:
    return [
        {"data": {"sphere": True}, "mark": {"type": "geoshape", "fill": "#f5f8f8"}},
        {
            "data": {"graticule": {"step": [30, 30]}},
            "mark": {"type": "geoshape", "filled": False, "stroke": LINE, "strokeWidth": 0.7},
        },
        {
            "data": {"values": [land()]},
            "mark": {"type": "geoshape", "fill": LAND, "stroke": "white", "strokeWidth": 0.5},
        },
    ]


def _route(view: RunView, where: dict[str, Place], names: dict[str, str], row: Any, heaviest: float) -> dict[str, Any]:
    """Return one route as a GeoJSON feature; the projection bends it along the great circle."""
    start, end, numbers = where[row.origin], where[row.destination], view.numbers
    return {
        "type": "Feature",
        "geometry": {
            "type": "LineString",
            "coordinates": [[round(start.lon, 2), round(start.lat, 2)], [round(end.lon, 2), round(end.lat, 2)]],
        },
        "properties": {
            "plan": row.plan,
            "mode": word(MODES, row.mode),
            "width": round((float(row.weight) / heaviest) ** 0.5, 3) if heaviest else 0.0,
            "from": names[row.origin],
            "to": names[row.destination],
            "weight": numbers.count(row.weight) + " kg",
            "loads": numbers.count(row.loads),
            "cost": numbers.money(row.cost),
        },
    }


def _route_layer(view: RunView, routes: list[dict[str, Any]]) -> dict[str, Any]:
    titles = {
        "from": tr("From"),
        "to": tr("To"),
        "mode": tr("Mode"),
        "weight": tr("Weight"),
        "loads": tr("Loads"),
        "cost": tr("Freight"),
    }
    return {
        "data": {"values": routes},
        "transform": [{"filter": "datum.properties.plan == shown"}],
        "mark": {"type": "geoshape", "filled": False, "opacity": 0.72, "strokeCap": "round"},
        "encoding": {
            "strokeWidth": {
                "field": "properties.width",
                "type": "quantitative",
                "scale": {"domain": [0, 1], "range": [0.8, 6.5]},
                "legend": None,
            },
            "stroke": {
                "field": "properties.mode",
                "type": "nominal",
                "scale": mode_scale(set(view.frame("shipments")["mode"])),
                "legend": {"title": None, "symbolType": "stroke", "symbolStrokeWidth": 3},
            },
            "tooltip": [
                {"field": f"properties.{name}", "type": "nominal", "title": title} for name, title in titles.items()
            ],
        },
    }


def _apart(points: list[dict[str, Any]], zoom: float, width: int) -> list[dict[str, Any]]:
    """Return the points whose names keep clear of those of more important ones on a map of a width in pixels."""
    degree = width * zoom / 360
    kept: list[dict[str, Any]] = []
    for point in points:
        if all(
            abs(point["lon"] - other["lon"]) * degree > _NAME_WIDTH
            or abs(point["lat"] - other["lat"]) * degree > _NAME_HEIGHT
            for other in kept
        ):
            kept.append(point)
    return kept


def _point_layers(points: list[dict[str, Any]], zoom: float) -> list[dict[str, Any]]:
    """Return the ends of the routes, and the names of the most important, set off from what lies below."""
    at = {
        "longitude": {"field": "lon", "type": "quantitative"},
        "latitude": {"field": "lat", "type": "quantitative"},
    }
    label = {"type": "text", "dy": -10, "fontSize": 12, "limit": 130}
    on_phones = [point["name"] for point in _apart(points, zoom, _PHONE)]
    shown = [{**point, "phone": point["name"] in on_phones} for point in _apart(points, zoom, _DESKTOP)]
    named = {
        "data": inline(shown[:_LABELS_SHOWN]),
        # A phone has room for a few names only.
        "transform": [{"filter": f"datum.rank < width / {_LABEL_ROOM} && (datum.phone || width > {_PHONE * 2})"}],
        "encoding": {**at, "text": {"field": "name"}},
    }
    return [
        {
            "data": inline(points),
            "mark": {"type": "circle", "color": INK, "opacity": 1, "size": 40, "stroke": "white", "strokeWidth": 1},
            "encoding": {**at, "tooltip": [{"field": "name", "type": "nominal", "title": tr("Place")}]},
        },
        {**named, "mark": {**label, "stroke": "white", "strokeWidth": 3, "opacity": 0.85}},
        {**named, "mark": {**label, "color": INK}},
    ]
