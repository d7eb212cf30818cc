"""The section on structure: the network with its core, and the map."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.diagnosis.findings import answer, finding_grid, topic_findings
from jointplan.report.diagnosis.wording import core_told, named
from jointplan.report.numbers import NONE
from jointplan.report.vega import ACCENT, INK, LINE, SEPARATE, chart_spec, inline
from jointplan.report.view import RunView
from jointplan.texts import tr

_TIES_DRAWN = 400
_FIRMS_SHOWN = 30
_MOST_ON_MAP = 1000


def structure_section(view: RunView) -> Section | None:
    """Return the section on how firms are tied to one another; None where nothing of it was measured."""
    found = topic_findings(view, "structure")
    if not found:
        return None
    told = core_told(view)
    firms = view.frame("diagnosis_firms")
    if not told:  # the best-tied firms are no core, and are not named as one
        firms = firms.assign(core=False)
    blocks: list[Block] = []
    if len(firms):
        if view.frame("diagnosis_ties")["derived"].any():
            blocks.append(
                Note(
                    tr(
                        "No ties were reported. They are derived: who makes for whom, who supplies whom, and the strongest of shared "
                        "orders and markets. Firms may well know each other otherwise."
                    ),
                    "warning",
                )
            )
        blocks.append(_network(view, firms, told=told))
        if (chart := _map(view, firms, told=told)) is not None:
            blocks.append(chart)
        blocks.append(_firms(view, firms, told=told))
    blocks.append(finding_grid(view, found, tr("What was measured"), folded=True))
    return Section(
        "structure",
        tr("Is the cluster tied to its core, or scattered?"),
        tr("Structure"),
        answer(view, found, "core"),
        _cards(view, firms, told=told),
        tuple(blocks),
    )


def _cards(view: RunView, firms: pd.DataFrame, *, told: bool) -> tuple[Card, ...]:
    if not len(firms):
        return ()
    count = view.numbers.count
    core = (
        Card(tr("Firms of the core"), count(int(firms["core"].sum())), tr("of {n}", n=count(len(firms))))
        if told
        else Card(tr("Firms of the core"), NONE, tr("no core can be told"))
    )
    return (
        core,
        Card(tr("Parts"), count(firms["part"].max()), tr("not tied to one another")),
        Card(tr("Communities"), count(firms.loc[firms["ties"] > 0, "community"].nunique()), tr("of tied firms")),
    )


def _group(core: bool) -> str:
    return tr("Core") if core else tr("Outside the core")


def _network(view: RunView, firms: pd.DataFrame, *, told: bool) -> Chart:
    """Draw firms where springs between the tied put them, those of the core marked where one can be told."""
    tied = firms[firms["ties"] > 0]  # the others would drift to the rim and press the network together
    drawn = tied.dropna(subset=["x", "y"]).set_index("firm")
    ties = view.frame("diagnosis_ties").head(_TIES_DRAWN)
    lines = [
        {"x": at.x, "y": at.y, "x2": to.x, "y2": to.y}
        for row in ties.itertuples()
        if row.firm_a in drawn.index and row.firm_b in drawn.index
        for at, to in ((drawn.loc[row.firm_a], drawn.loc[row.firm_b]),)
    ]
    points = [
        {
            "x": row.x, "y": row.y, "name": named(view, str(row.Index)), "ties": int(row.ties), "group": _group(row.core),
            "community": int(row.community),
        }
        for row in drawn.itertuples()
    ]  # fmt: skip
    bare = {"axis": None, "scale": {"zero": False, "nice": False, "padding": 12}}
    spec = chart_spec(
        420,
        layer=[
            {
                "data": inline(lines),
                "mark": {"type": "rule", "color": INK, "opacity": 0.13},
                "encoding": {
                    "x": {"field": "x", "type": "quantitative", **bare},
                    "y": {"field": "y", "type": "quantitative", **bare},
                    "x2": {"field": "x2"},
                    "y2": {"field": "y2"},
                },
            },
            {
                "data": inline(points),
                "mark": {"type": "circle", "opacity": 0.9, "stroke": "white", "strokeWidth": 0.7},
                "encoding": {
                    "x": {"field": "x", "type": "quantitative", **bare},
                    "y": {"field": "y", "type": "quantitative", **bare},
                    "size": {"field": "ties", "type": "quantitative", "legend": None, "scale": {"range": [30, 320]}},
                    "color": _core_colour(told=told),
                    "tooltip": [
                        {"field": "name", "type": "nominal", "title": tr("Firm")},
                        {"field": "ties", "type": "quantitative", "title": tr("Ties")},
                        {"field": "community", "type": "quantitative", "title": tr("Community")},
                    ],
                },
            },
        ],
    )
    return Chart(
        "network",
        tr("Firms and their ties"),
        tr("A network of firms: a point each, larger with more ties, those of the core in green; lines are ties.")
        if told
        else tr("A network of firms: a point each, larger with more ties; lines are ties."),
        spec,
        note=tr(
            "Green: core. Size: number of ties. Firms that are tied lie near each other, those without a tie are not drawn; places are not those of the map."
        )
        if told
        else tr(
            "No core can be told, so none is marked. Size: number of ties. Firms that are tied lie near each other, those without a tie are not drawn; places are not those of the map."
        ),
    )


def _core_colour(*, told: bool) -> dict[str, Any]:
    if not told:
        return {"value": SEPARATE}
    return {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": [_group(True), _group(False)], "range": [ACCENT, SEPARATE]},
        "legend": {"title": None},
    }


def _map(view: RunView, firms: pd.DataFrame, *, told: bool) -> Chart | None:
    """Draw firms where they lie, dense clusters by colour."""
    where = view.frame("input_firms").dropna(subset=["lat", "lon"])[["firm", "lat", "lon"]]
    rows = where.merge(firms[["firm", "core", "dense"]], on="firm").head(_MOST_ON_MAP)
    if len(rows) < 3:
        return None
    points = [
        {
            "lat": row.lat, "lon": row.lon, "name": named(view, row.firm), "group": _group(row.core),
            "dense": tr("Dense cluster") if not pd.isna(row.dense) else tr("Apart"),
        }
        for row in rows.itertuples()
    ]  # fmt: skip
    scale = {"zero": False, "nice": False, "padding": 10}
    axis = {"format": ".2f", "tickCount": 4, "gridColor": LINE}
    spec = chart_spec(
        340,
        data=inline(points),
        mark={"type": "point", "filled": True, "size": 75, "opacity": 0.85},
        encoding={
            "x": {"field": "lon", "type": "quantitative", "scale": scale, "axis": axis | {"title": tr("longitude, degrees")}},
            "y": {"field": "lat", "type": "quantitative", "scale": scale, "axis": axis | {"title": tr("latitude, degrees")}},
            "color": _core_colour(told=told),
            "shape": {
                "field": "dense", "type": "nominal", "legend": {"title": None},
                "scale": {"domain": [tr("Dense cluster"), tr("Apart")], "range": ["circle", "cross"]},
            },
            "tooltip": [
                {"field": "name", "type": "nominal", "title": tr("Firm")},
                {"field": "dense", "type": "nominal", "title": tr("On the map")},
            ],
        },
    )  # fmt: skip
    return Chart(
        "firms_map",
        tr("Where firms lie"),
        tr("Firms by longitude and latitude; those of the core in green, those in a dense cluster as circles.")
        if told
        else tr("Firms by longitude and latitude; those in a dense cluster as circles."),
        spec,
    )


def _firms(view: RunView, firms: pd.DataFrame, *, told: bool) -> Grid:
    numbers = view.numbers
    shown = firms.sort_values(["core", "ties"], ascending=False, kind="stable").head(_FIRMS_SHOWN)
    cells = tuple(
        (
            named(view, row.firm),
            *((_group(row.core), numbers.share(row.from_core)) if told else ()),
            numbers.count(row.ties),
            numbers.count(row.coreness),
            numbers.count(row.community),
            numbers.count(row.bridge),
        )
        for row in shown.itertuples()
    )
    of_core = (tr("Place"), tr("Of its business with the core")) if told else ()
    header = (tr("Firm"), *of_core, tr("Ties"), tr("k-core"), tr("Community"), tr("Bridges"))
    return Grid(tr("Firms of most ties"), header, cells, tuple(range(2 if told else 1, len(header))), folded=True)
