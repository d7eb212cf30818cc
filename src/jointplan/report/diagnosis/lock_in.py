"""The section on lock-in: effective numbers, where output ends, and what the cluster depends on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Chart, Grid, Section
from jointplan.report.diagnosis.findings import answer, finding_grid, topic_findings
from jointplan.report.diagnosis.wording import measured, named, written
from jointplan.report.vega import ACCENT, INK, LOSS, RECORDED, SEPARATE, chart_spec, inline, labelled_scale, number_axis
from jointplan.report.view import RunView
from jointplan.report.words import CHANNELS, DIMENSIONS, word
from jointplan.texts import tr

_NODES_SHOWN = 15
_NAMED = 4  # shares of a dimension drawn by themselves; the others as one


def lock_in_section(view: RunView) -> Section | None:
    """Return the section on lock-in and dependence; None where nothing of it was measured."""
    found = topic_findings(view, "lock_in")
    if not found:
        return None
    blocks: list[Block] = []
    if len(view.frame("diagnosis_shares")):
        blocks.append(_shares(view))
    if len(view.frame("diagnosis_outlets")):
        blocks.append(_outlets(view))
    if len(view.frame("diagnosis_dependence")):
        blocks.append(_dependence(view))
    blocks.append(finding_grid(view, found, tr("What was measured"), folded=True))
    return Section(
        "lock_in",
        tr("On how few does the cluster depend?"),
        tr("Dependence"),
        answer(
            view,
            found,
            "market_concentration",
            "channel_concentration",
            "buyer_concentration",
            "supplier_concentration",
            "material_concentration",
            "origin_concentration",
            "risk_exposure",
        ),
        _cards(view, found),
        tuple(blocks),
    )


def _cards(view: RunView, found: list[Any]) -> tuple[Card, ...]:
    by = {row["indicator"]: row for row in found}
    wanted = (
        ("ends_abroad", tr("Output that ends abroad")),
        ("import_content", tr("Imported in the value of sales")),
        ("risk_exposure", tr("Sales lost with the worst failure")),
    )
    return tuple(
        Card(title, measured(view, by[name]), named(view, str(by[name]["subject"] or "")))
        for name, title in wanted
        if name in by
    )


def _name(view: RunView, dimension: str, name: str) -> str:
    if dimension == "market":
        return view.market(name)
    if dimension in ("buyer", "supplier"):
        return named(view, name)
    return word(CHANNELS, name) if dimension == "channel" else name


def _shares(view: RunView) -> Chart:
    """Draw the shares of each dimension as one bar, with its effective number beside it."""
    frame = view.frame("diagnosis_shares")
    rows, numbers = [], []
    for dimension, part in frame.groupby("dimension", sort=False):
        label = word(DIMENSIONS, str(dimension))
        effective = 1 / float((part["share"] ** 2).sum())
        numbers.append({"dimension": label, "text": tr("effective number {n}", n=view.numbers.number(effective))})
        for row in part.sort_values("rank").itertuples():
            key = min(row.rank, _NAMED + 1)
            rows.append(
                {
                    "dimension": label, "order": key, "share": float(row.share),
                    "name": _name(view, str(dimension), row.name) if key <= _NAMED else tr("Others"),
                }
            )  # fmt: skip
    y = {"field": "dimension", "type": "nominal", "sort": None, "axis": {"title": None, "grid": False}}
    spec = chart_spec(
        {"step": 34},
        layer=[
            {
                "data": inline(rows),
                "mark": {"type": "bar", "stroke": "white"},
                "encoding": {
                    "y": y,
                    "x": {
                        "field": "share", "type": "quantitative", "aggregate": "sum", "stack": "zero",
                        "axis": {"title": None, "format": "%", "values": [0, 0.2, 0.4, 0.6, 0.8, 1]}, "scale": {"domain": [0, 1.3]},
                    },
                    "order": {"field": "order", "type": "quantitative"},
                    "color": {
                        "field": "order", "type": "ordinal", "legend": None,
                        "scale": {"range": [ACCENT, "#4f9ba0", "#93c4c7", "#c4dfe0", RECORDED]},
                    },
                    "tooltip": [
                        {"field": "name", "type": "nominal", "title": tr("Name")},
                        {"field": "share", "type": "quantitative", "aggregate": "sum", "format": ".0%", "title": tr("Share")},
                    ],
                },
            },
            {
                "data": inline(numbers),
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {"y": y, "x": {"datum": 1}, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    )  # fmt: skip
    header = (tr("What"), tr("Name"), tr("Amount"), tr("Share"))
    cells = tuple(
        (
            word(DIMENSIONS, r.dimension),
            _name(view, r.dimension, r.name),
            view.numbers.money(r.amount),
            view.numbers.share(r.share),
        )
        for r in frame[frame["rank"] <= 2 * _NAMED].itertuples()
    )
    return Chart(
        "effective",
        tr("How business spreads, and how many equal ones that is worth"),
        tr(
            "One bar for each of markets, channels, buyers, suppliers, materials and origins, cut into shares, the largest first."
        ),
        spec,
        note=tr(
            "Dark green: the largest, then the next three; grey: all others. Behind each bar its effective number."
        ),
        grid=Grid(tr("How business spreads"), header, cells, (2, 3)),
    )


def _outlets(view: RunView) -> Chart:
    """Draw where output ends, quarter by quarter."""
    frame = view.frame("diagnosis_outlets")
    words = {"cluster": tr("In the cluster"), "home": tr("At home"), "abroad": tr("Abroad")}
    colours = dict(zip(words, (RECORDED, SEPARATE, ACCENT), strict=True))
    shown = [outlet for outlet in words if (frame["outlet"] == outlet).any()]
    rows = [
        {"period": r.period, "outlet": words[r.outlet], "amount": float(r.amount), "share": float(r.share)}
        for r in frame.itertuples()
    ]
    spec = chart_spec(
        240,
        data=inline(rows),
        mark="bar",
        encoding={
            "x": {"field": "period", "type": "ordinal", "axis": {"title": None, "labelAngle": 0, "grid": False, "labelOverlap": "greedy"}},
            "y": {"field": "amount", "type": "quantitative", "axis": number_axis(view.lang, tr("amount, {currency}", currency=view.numbers.currency))},
            "color": {
                "field": "outlet", "type": "nominal", "legend": {"title": None},
                "scale": {"domain": [words[o] for o in shown], "range": [colours[o] for o in shown]},
            },
            "tooltip": [
                {"field": "period", "type": "nominal", "title": tr("Period")},
                {"field": "outlet", "type": "nominal", "title": tr("Where it ends")},
                {"field": "share", "type": "quantitative", "format": ".0%", "title": tr("Share")},
            ],
        },
    )  # fmt: skip
    return Chart(
        "outlets",
        tr("Where output ends"),
        tr("Sales of each quarter at home and abroad, and what members supply to each other where that is known."),
        spec,
        note=tr("The first and the last quarter may be cut short."),
    )


def _dependence(view: RunView) -> Chart:
    """Draw the nodes whose failure costs most, with the weeks before the first loss."""
    frame = view.frame("diagnosis_dependence").head(_NODES_SHOWN)
    frame = frame[frame["loss"] > 0] if (frame["loss"] > 0).any() else frame
    kinds = {"supplier": tr("Supplier"), "maker": tr("Making firm")}
    rows = [
        {
            "node": named(view, r.node), "kind": kinds[r.kind], "loss": float(r.loss), "order": n,
            "weeks": tr("never") if pd.isna(r.weeks_to_survive) else written(view, r.weeks_to_survive, "weeks"),
        }
        for n, r in enumerate(frame.itertuples())
    ]  # fmt: skip
    y = {
        "field": "node",
        "type": "nominal",
        "sort": {"field": "order", "op": "min"},
        "axis": {"title": None, "grid": False},
    }
    x = {
        "field": "loss",
        "type": "quantitative",
        "axis": number_axis(view.lang, tr("sales lost, {currency}", currency=view.numbers.currency)),
        "scale": labelled_scale(0.0, float(frame["loss"].max())),
    }
    used = [kinds[kind] for kind in kinds if kind in set(frame["kind"])]
    spec = chart_spec(
        {"step": 24},
        data=inline(rows),
        encoding={"y": y, "x": x},
        layer=[
            {
                "mark": "bar",
                "encoding": {
                    "color": {
                        "field": "kind", "type": "nominal", "legend": {"title": None},
                        "scale": {"domain": used, "range": [{kinds["supplier"]: LOSS, kinds["maker"]: INK}[kind] for kind in used]},
                    },
                    "tooltip": [
                        {"field": "node", "type": "nominal", "title": tr("Who fails")},
                        {"field": "loss", "type": "quantitative", "format": ",.0f", "title": tr("Sales lost")},
                        {"field": "weeks", "type": "nominal", "title": tr("Weeks before the first loss")},
                    ],
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {"text": {"field": "weeks", "type": "nominal"}},
            },
        ],
    )  # fmt: skip
    return Chart(
        "dependence",
        tr("What the failure of one would cost, all others helping"),
        tr(
            "A bar for each supplier or making firm: sales lost while it is out; behind it the weeks before the first loss."
        ),
        spec,
        note=tr("Behind each bar: weeks before the first loss."),
    )
