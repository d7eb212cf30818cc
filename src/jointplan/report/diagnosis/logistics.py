"""The section on logistics, marketing and quality: lanes against the frontier, promotion against making, returns by maker."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jointplan.report.blocks import Block, Card, Chart, Grid, Section
from jointplan.report.diagnosis.findings import answer, finding_grid, topic_findings
from jointplan.report.diagnosis.wording import measured, named
from jointplan.report.vega import ACCENT, INK, SEPARATE, chart_spec, inline, mode_scale
from jointplan.report.view import RunView
from jointplan.report.words import MODES, word
from jointplan.texts import tr

_ROWS_SHOWN = 40
_MAKERS_DRAWN = 25


def logistics_section(view: RunView) -> Section | None:
    """Return the section on logistics, marketing and quality; None where nothing of it was measured."""
    found = topic_findings(view, "logistics")
    if not found:
        return None
    lanes, quality, promotion = (view.frame(f"diagnosis_{name}") for name in ("lanes", "quality", "promotion"))
    blocks: list[Block] = []
    judged = lanes.dropna(subset=["best_price"])
    judged = judged[(judged["price"] > 0) & (judged["best_price"] > 0)]
    if len(judged):
        blocks += [_frontier(view, judged), _lanes(view, lanes)]
    returned = quality.dropna(subset=["rate"])
    if len(returned):
        blocks.append(_returns(view, returned))
    if len(quality):
        blocks.append(_quality(view, quality))
    if len(promotion):
        blocks.append(_promotion(view, promotion))
    blocks.append(finding_grid(view, found, tr("What was measured"), folded=True))
    return Section(
        "logistics",
        tr("Are logistics dear and slow, promotion dear, and goods good?"),
        tr("Logistics and quality"),
        answer(view, found, "lane_price", "lane_days", "promotion_to_production", "return_rate"),
        _cards(view, found, lanes),
        tuple(blocks),
    )


def _cards(view: RunView, found: list[Any], lanes: pd.DataFrame) -> tuple[Card, ...]:
    numbers = view.numbers
    cards = []
    by = {row["indicator"]: row for row in found}
    if "lane_price" in by:
        stake = float(lanes["stake"].sum())
        note = tr("{money} a year above it", money=numbers.money(stake)) if stake > 0 else ""
        cards.append(Card(tr("Freight over the best attainable"), measured(view, by["lane_price"]), note))
    if "lane_days" in by:
        stake = float(lanes["days_stake"].sum())
        note = tr("{money} a year for the capital tied up meanwhile", money=numbers.money(stake)) if stake > 0 else ""
        cards.append(Card(tr("Days over the best attainable"), measured(view, by["lane_days"]), note))
    for name, title in (
        ("promotion_to_production", tr("Promotion over production")),
        ("return_rate", tr("Units returned")),
    ):
        if name in by:
            cards.append(Card(title, numbers.share(by[name]["value"])))
    return tuple(cards)


def _frontier(view: RunView, judged: pd.DataFrame) -> Chart:
    """Draw each lane's price against the best attainable; on the line they are the same."""
    points = [
        {
            "lane": row.lane,
            "best": row.best_price,
            "price": row.price,
            "mode": word(MODES, row.mode),
            "days": row.days,
            "moved": 0.0 if pd.isna(row.moved) else row.moved,
        }
        for row in judged.itertuples()
    ]
    both_prices = np.concatenate([judged["price"], judged["best_price"]])
    ends = [{"at": float(both_prices.min())}, {"at": float(both_prices.max())}]
    scale = {"type": "log", "nice": False, "padding": 12}
    x = {
        "title": tr("best attainable, {currency} per kg", currency=view.numbers.currency),
        "tickCount": 5,
        "format": "~r",
    }
    y = {"title": tr("charged, {currency} per kg", currency=view.numbers.currency), "tickCount": 5, "format": "~r"}
    spec = chart_spec(
        340,
        layer=[
            {
                "data": inline(ends),
                "mark": {"type": "line", "color": INK, "strokeDash": [3, 3]},
                "encoding": {
                    "x": {"field": "at", "type": "quantitative", "scale": scale, "axis": x},
                    "y": {"field": "at", "type": "quantitative", "scale": scale, "axis": y},
                },
            },
            {
                "data": inline(points),
                "mark": {"type": "circle", "opacity": 0.85, "stroke": "white", "strokeWidth": 0.6},
                "encoding": {
                    "x": {"field": "best", "type": "quantitative", "scale": scale, "axis": x},
                    "y": {"field": "price", "type": "quantitative", "scale": scale, "axis": y},
                    "size": {"field": "moved", "type": "quantitative", "legend": None, "scale": {"range": [50, 450]}},
                    "color": {
                        "field": "mode",
                        "type": "nominal",
                        "scale": mode_scale(set(judged["mode"])),
                        "legend": {"title": None},
                    },
                    "tooltip": [
                        {"field": "lane", "type": "nominal", "title": tr("Lane")},
                        {"field": "price", "type": "quantitative", "format": ",.2f", "title": tr("Charged, per kg")},
                        {"field": "best", "type": "quantitative", "format": ",.2f", "title": tr("Best attainable")},
                        {"field": "days", "type": "quantitative", "format": ".0f", "title": tr("Days")},
                        {"field": "moved", "type": "quantitative", "format": ",.0f", "title": tr("kg a year")},
                    ],
                },
            },
        ],
    )
    return Chart(
        "frontier",
        tr("Lanes against the best attainable"),
        tr(
            "A point a lane: what a kilogram is charged against the best attainable for its load, distance and mode; above the line it is dearer."
        ),
        spec,
        note=tr(
            "Each point is one lane: on the dashed line it costs the best attainable, the farther above it, the dearer. The figure above is one for all lanes, each counted by what moves on it (size of the point). Both axes are logarithmic."
        ),
    )


def _lanes(view: RunView, lanes: pd.DataFrame) -> Grid:
    numbers = view.numbers
    ratio = (lanes["price"] / lanes["best_price"]).fillna(0.0)
    stake = lanes["stake"].fillna(0.0) + lanes["days_stake"].fillna(0.0)
    order = pd.DataFrame({"stake": stake, "ratio": ratio}).sort_values(
        ["stake", "ratio"], ascending=False, kind="stable"
    )
    cells = tuple(
        (
            row.lane,
            word(MODES, row.mode),
            numbers.number(row.load),
            numbers.count(row.distance),
            numbers.number(row.price, 2),
            numbers.number(row.best_price, 2),
            numbers.number(row.days),
            numbers.number(row.best_days),
            numbers.money(row.stake),
            numbers.money(row.days_stake),
        )
        for row in lanes.loc[order.index[:_ROWS_SHOWN]].itertuples()
    )
    header = (
        tr("Lane"), tr("Mode"), tr("Load, kg"), tr("Distance, km"), tr("Charged, per kg"), tr("Best attainable"), tr("Days"),
        tr("Best days"), tr("At stake a year"), tr("The same for days"),
    )  # fmt: skip
    note = tr("Days are those of a leg, not of a journey over several lanes.")
    return Grid(tr("Lanes, most at stake first"), header, cells, tuple(range(2, 10)), note, folded=True)


def _returns(view: RunView, returned: pd.DataFrame) -> Chart:
    top = returned.sort_values(["rate", "sold"], ascending=False, kind="stable").head(_MAKERS_DRAWN)
    rows: list[dict[str, Any]] = [
        {
            "maker": named(view, row.maker),
            "rate": row.rate,
            "low": row.low,
            "high": row.high,
            "sold": row.sold,
            "rank": n,
        }
        for n, row in enumerate(top.itertuples())
    ]
    y = {
        "field": "maker",
        "type": "nominal",
        "sort": {"field": "rank", "op": "min"},
        "axis": {"title": None, "grid": False},
    }
    axis = {"title": tr("share of units returned"), "format": ".1~%", "tickCount": 5}
    x = {"type": "quantitative", "axis": axis}
    tooltip = [
        {"field": "maker", "type": "nominal", "title": tr("Maker")},
        {"field": "rate", "type": "quantitative", "format": ".2%", "title": tr("Returned")},
        {"field": "sold", "type": "quantitative", "format": ",.0f", "title": tr("Units sold")},
    ]
    spec = chart_spec(
        {"step": 20},
        data=inline(rows),
        encoding={"y": y},
        layer=[
            {
                "mark": {"type": "rule", "color": SEPARATE, "strokeWidth": 2},
                "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": ACCENT},
                "encoding": {"x": {"field": "rate", **x}, "tooltip": tooltip},
            },
        ],
    )
    return Chart(
        "returns",
        tr("Units returned by maker"),
        tr("A point a maker: the share of its units that came back, with its 95 % interval."),
        spec,
    )


def _quality(view: RunView, quality: pd.DataFrame) -> Grid:
    numbers = view.numbers
    rows = quality.sort_values(["rate", "sold"], ascending=False, kind="stable").head(_ROWS_SHOWN)
    cells = tuple(
        (
            named(view, row.maker),
            numbers.count(row.sold),
            numbers.share(row.rate),
            numbers.share(row.rate_home),
            numbers.share(row.rate_abroad),
            numbers.share(row.yield_),
            numbers.money(row.uncertified_home),
            numbers.money(row.uncertified_abroad),
        )
        for row in rows[list(quality.columns)].rename(columns={"yield": "yield_"}).itertuples()
    )
    header = (
        tr("Maker"), tr("Units sold"), tr("Returned"), tr("At home"), tr("Abroad"), tr("Yield"),
        tr("Revenue without certificate at home"), tr("The same abroad"),
    )  # fmt: skip
    return Grid(tr("Quality by maker"), header, cells, tuple(range(1, 8)), folded=True)


def _promotion(view: RunView, promotion: pd.DataFrame) -> Grid:
    numbers = view.numbers
    rows = promotion.sort_values("spend", ascending=False, kind="stable").head(_ROWS_SHOWN)
    cells = tuple(
        (
            named(view, row.seller),
            numbers.money(row.spend),
            numbers.money(row.production),
            numbers.money(row.revenue),
            numbers.share(row.ratio),
        )
        for row in rows.itertuples()
    )
    header = (tr("Seller"), tr("Promotion"), tr("Production"), tr("Revenue"), tr("Promotion over production"))
    return Grid(tr("Promotion against production"), header, cells, (1, 2, 3, 4), folded=True)
