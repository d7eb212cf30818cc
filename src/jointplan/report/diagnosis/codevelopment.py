"""The section on co-development: the degree over time, and what holds it down."""

from __future__ import annotations

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.diagnosis.findings import finding_grid, topic_findings
from jointplan.report.diagnosis.wording import sentence
from jointplan.report.vega import ACCENT, SEPARATE, chart_spec, inline
from jointplan.report.view import RunView
from jointplan.texts import tr

_ECOMMERCE = "#c98b2b"
_SEEN = 0.005  # share of what is missing below which no bar is seen


def codevelopment_section(view: RunView) -> Section | None:
    """Return the section on co-development; None where nothing of it was measured."""
    found = topic_findings(view, "codevelopment")
    if not found or not len(view.frame("diagnosis_coordination")):
        return None
    degree = next((row for row in found if row["indicator"] == "coordination"), found[0])
    blocks: tuple[Block, ...] = (
        _over_time(view),
        _obstacles(view),
        _periods(view),
        finding_grid(view, found, tr("What was measured"), folded=True),
        Note(
            tr(
                "The degree describes how high and how alike the two systems stand; it does not say that one moves the other. Goalposts are fixed, so periods can be compared. Unless goalposts are set, the first period stands in their middle, at about 0.71, however well the cluster did: read the change, not the level."
            )
        ),
    )
    return Section(
        "codevelopment",
        tr("Do the cluster and its e-commerce develop together?"),
        tr("Co-development"),
        sentence(view, degree),
        _cards(view),
        blocks,
    )


def _cards(view: RunView) -> tuple[Card, ...]:
    last = view.frame("diagnosis_coordination").iloc[-1]
    number = view.numbers.number
    return (
        Card(tr("Coupling coordination degree"), number(last["degree"], 2), tr(str(last["band"]))),
        Card(tr("Corrected form"), number(last["degree_corrected"], 2), tr("Wang and others, 2021")),
        Card(tr("Cluster"), number(last["cluster"], 2), tr("level, from 0 to 1")),
        Card(tr("E-commerce"), number(last["ecommerce"], 2), tr("level, from 0 to 1")),
    )


def _over_time(view: RunView) -> Chart:
    """Draw the degree and the two levels over time."""
    lines = {
        "degree": (tr("Coupling coordination degree"), ACCENT, [1, 0]),
        "degree_corrected": (tr("Corrected form"), ACCENT, [4, 3]),
        "cluster": (tr("Cluster"), SEPARATE, [1, 0]),
        "ecommerce": (tr("E-commerce"), _ECOMMERCE, [1, 0]),
    }
    frame = view.frame("diagnosis_coordination")
    rows = [
        {"period": row["period"], "line": title, "value": float(row[name])}
        for _, row in frame.iterrows()
        for name, (title, _, _) in lines.items()
    ]
    titles = [title for title, _, _ in lines.values()]
    spec = chart_spec(
        280,
        data=inline(rows),
        mark={"type": "line", "point": True, "strokeWidth": 2.2},
        encoding={
            "x": {"field": "period", "type": "ordinal", "axis": {"title": None, "labelAngle": 0, "grid": False, "labelOverlap": "greedy", "labelSeparation": 12}},
            "y": {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"title": tr("level, from 0 to 1"), "tickCount": 5}},
            "color": {
                "field": "line", "type": "nominal", "legend": {"title": None, "columns": 2, "labelLimit": 320, "symbolType": "stroke"},
                "scale": {"domain": titles, "range": [colour for _, colour, _ in lines.values()]},
            },
            "strokeDash": {
                "field": "line", "type": "nominal", "legend": None,
                "scale": {"domain": titles, "range": [dash for _, _, dash in lines.values()]},
            },
            "tooltip": [
                {"field": "period", "type": "nominal", "title": tr("Period")},
                {"field": "line", "type": "nominal", "title": tr("What")},
                {"field": "value", "type": "quantitative", "format": ".3f", "title": tr("Measured value")},
            ],
        },
    )  # fmt: skip
    return Chart(
        "coordination",
        tr("Coordination over time"),
        tr("Lines over the periods: the degree, its corrected form, and the level of each of the two systems."),
        spec,
    )


def _obstacles(view: RunView) -> Chart:
    """Draw what holds the degree down in the latest period."""
    frame = view.frame("diagnosis_obstacles")
    latest = frame[frame["period"] == frame["period"].iloc[-1]].sort_values("obstacle", ascending=False, kind="stable")
    seen = latest["obstacle"] >= _SEEN
    latest = latest[seen] if seen.any() else latest
    systems = {"cluster": tr("Cluster"), "ecommerce": tr("E-commerce")}
    rows = [
        {
            "indicator": tr(str(r.indicator)), "system": systems[r.system], "obstacle": float(r.obstacle), "score": float(r.score),
            "lift": float(r.lift), "order": n,
        }
        for n, r in enumerate(latest.itertuples())
    ]  # fmt: skip
    spec = chart_spec(
        {"step": 24},
        data=inline(rows),
        mark="bar",
        encoding={
            "y": {"field": "indicator", "type": "nominal", "sort": {"field": "order", "op": "min"}, "axis": {"title": None, "grid": False}},
            "x": {"field": "obstacle", "type": "quantitative", "axis": {"title": tr("share of what is missing"), "format": "%", "tickCount": 5}},
            "color": {
                "field": "system", "type": "nominal", "legend": {"title": None},
                "scale": {"domain": list(systems.values()), "range": [SEPARATE, _ECOMMERCE]},
            },
            "tooltip": [
                {"field": "indicator", "type": "nominal", "title": tr("Indicator")},
                {"field": "score", "type": "quantitative", "format": ".2f", "title": tr("Between its goalposts")},
                {"field": "lift", "type": "quantitative", "format": ".3f", "title": tr("Degree higher at its goalpost by")},
            ],
        },
    )  # fmt: skip
    return Chart(
        "obstacles",
        tr("What holds the degree down in {period}", period=str(latest["period"].iloc[0])),
        tr("A bar for each indicator: its share of what is missing to the goalposts, the largest first."),
        spec,
    )


def _periods(view: RunView) -> Grid:
    number = view.numbers.number
    cells = tuple(
        (
            row["period"],
            number(row["cluster"], 2),
            number(row["ecommerce"], 2),
            number(row["coupling"], 2),
            number(row["degree"], 2),
            number(row["degree_corrected"], 2),
            number(row["synergy"], 3),
            tr(str(row["band"])),
        )
        for _, row in view.frame("diagnosis_coordination").iterrows()
    )
    header = (
        tr("Period"), tr("Cluster"), tr("E-commerce"), tr("Coupling C"), tr("Degree D"), tr("Corrected D"), tr("Synergy"),
        tr("Band"),
    )  # fmt: skip
    return Grid(tr("Period by period"), header, cells, (1, 2, 3, 4, 5, 6), folded=True)
