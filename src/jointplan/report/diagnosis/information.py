"""The section on information: whose data help whom, how orders swing, and who is cut off."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Chart, Grid, Section
from jointplan.report.diagnosis.findings import answer, finding_grid, topic_findings
from jointplan.report.diagnosis.wording import named
from jointplan.report.vega import ACCENT, INK, SEPARATE, chart_spec, inline
from jointplan.report.view import RunView
from jointplan.report.words import ROLES, word
from jointplan.texts import tr

_FIRMS_DRAWN = 25
_ROWS_SHOWN = 60


def information_section(view: RunView) -> Section | None:
    """Return the section on the flow of information; None where nothing of it was measured."""
    found = topic_findings(view, "information")
    if not found:
        return None
    data, swings = view.frame("diagnosis_data"), view.frame("diagnosis_bullwhip")
    outside = view.frame("diagnosis_outside")
    blocks: list[Block] = []
    if len(data):
        blocks.append(_data(view, data))
    if len(order := view.frame("diagnosis_nodes")):
        blocks.append(_order(view, order))
    if len(swings):
        blocks.append(_bullwhip(view, swings))
    if len(outside):
        cells = tuple((named(view, row.firm), word(ROLES, row.role)) for row in outside.head(_ROWS_SHOWN).itertuples())
        blocks.append(Grid(tr("Firms outside the flow"), (tr("Firm"), tr("Role")), cells, folded=True))
    blocks.append(finding_grid(view, found, tr("What was measured"), folded=True))
    return Section(
        "information",
        tr("Does knowledge flow between firms and e-commerce?"),
        tr("Information"),
        answer(view, found, "worth_of_data", "outside_flow", "spillover_family", "spillover_market"),
        _cards(view, found, data, outside),
        tuple(blocks),
    )


def _cards(view: RunView, found: list[Any], data: pd.DataFrame, outside: pd.DataFrame) -> tuple[Card, ...]:
    numbers = view.numbers
    cards = []
    together = data[data["kind"] == "all"]
    if len(together):
        cards.append(
            Card(tr("Worth of shared data"), numbers.share(together["reduction"].iloc[0]), tr("less forecast loss"))
        )
    for row in found:
        if row["indicator"] == "bullwhip":
            cards.append(Card(tr("Bullwhip"), numbers.number(row["value"], 1), tr("orders against demand, median")))
    cards.append(Card(tr("Outside the flow"), numbers.count(len(outside)), tr("firms")))
    return tuple(cards)


def _named(view: RunView, row: Any) -> str:
    if row.kind == "all":
        return tr("Everybody")
    return tr("{firm} (maker)", firm=named(view, row.node)) if row.kind == "maker" else named(view, row.node)


def _intervals(rows: list[dict[str, Any]], axis: dict[str, Any], zero: float, title: str, spec: str) -> dict[str, Any]:
    """Return points with their intervals, one a row, against a line."""
    y = {
        "field": "name",
        "type": "nominal",
        "sort": {"field": "rank", "op": "min"},
        "axis": {"title": None, "grid": False, "labelLimit": 260},
    }
    x = {"type": "quantitative", "axis": axis, "scale": {"zero": False}}
    tooltip = [
        {"field": "name", "type": "nominal", "title": tr("Firm")},
        {"field": "value", "type": "quantitative", "format": spec, "title": title},
        {"field": "low", "type": "quantitative", "format": spec, "title": tr("From")},
        {"field": "high", "type": "quantitative", "format": spec, "title": tr("To")},
    ]
    return chart_spec(
        {"step": 22},
        layer=[
            {
                "data": inline([{"at": zero}]),
                "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3]},
                "encoding": {"x": {"field": "at", **x}},
            },
            {
                "data": inline(rows),
                "mark": {"type": "rule", "color": SEPARATE, "strokeWidth": 2},
                "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
            },
            {
                "data": inline(rows),
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": ACCENT},
                "encoding": {"y": y, "x": {"field": "value", **x}, "tooltip": tooltip},
            },
        ],
    )


def _data(view: RunView, data: pd.DataFrame) -> Chart:
    """Draw what each node's data take off the others' forecast loss."""
    rows = [
        {"name": _named(view, row), "value": row.reduction, "low": row.low, "high": row.high, "rank": n}
        for n, row in enumerate(data.itertuples())
    ]
    axis = {"title": tr("less forecast loss of the others"), "format": ".0%", "tickCount": 5}
    return Chart(
        "worth_of_data",
        tr("What each node's data are worth to the others"),
        tr(
            "A point a node: how much less the others' forecasts miss with its data, with its 95 % interval; right of zero they help."
        ),
        _intervals(rows, axis, 0.0, tr("Less loss"), ".1%"),
        note=tr(
            "Judged on the last weeks, held out, on a sample of the series. An interval across zero: not distinguishable from no help."
        ),
    )


def _order(view: RunView, order: pd.DataFrame) -> Grid:
    """List the nodes whose data are worth having, the first first."""
    numbers = view.numbers
    cells = tuple(
        (
            numbers.count(row.rank),
            named(view, row.node),
            numbers.share(row.gain),
            f"{numbers.share(row.low)} – {numbers.share(row.high)}",
            numbers.share(row.left),
        )
        for row in order.head(_ROWS_SHOWN).itertuples()
    )
    header = (tr("Rank"), tr("Node"), tr("Takes off the loss"), tr("95 % interval"), tr("Loss left"))
    return Grid(tr("Whose data are worth having, in what order"), header, cells, (0, 2, 3, 4))


def _bullwhip(view: RunView, swings: pd.DataFrame) -> Chart:
    top = swings.sort_values("ratio", ascending=False, kind="stable").drop_duplicates("firm").head(_FIRMS_DRAWN)
    rows = [
        {"name": named(view, row.firm), "value": row.ratio, "low": row.low, "high": row.high, "rank": n}
        for n, row in enumerate(top.itertuples())
    ]
    axis = {"title": tr("orders' swing over demand's"), "tickCount": 5}
    return Chart(
        "bullwhip",
        tr("How much more orders swing than demand"),
        tr(
            "A point a firm: the swing of its orders over that of the demand it follows, with its 95 % interval; right of one it adds swing."
        ),
        _intervals(rows, axis, 1.0, tr("Ratio"), ".2f"),
        note=tr(
            "Batches swing by nature: a firm that makes a month's need at once stands far right even with perfect foresight."
        ),
    )
