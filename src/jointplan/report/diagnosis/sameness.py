"""The section on sameness: the map of likeness, prices of like goods, and how young the assortment is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Chart, Grid, Section
from jointplan.report.diagnosis.findings import answer, finding_grid, topic_findings
from jointplan.report.diagnosis.wording import named
from jointplan.report.vega import ACCENT, INK, LOSS, SEPARATE, chart_spec, inline
from jointplan.report.view import RunView
from jointplan.texts import tr

_GROUPS_DRAWN = 20
_ROWS_SHOWN = 30
_LETTERS = 40  # of a title


def sameness_section(view: RunView) -> Section | None:
    """Return the section on goods alike; None where nothing of it was measured."""
    found = topic_findings(view, "sameness")
    if not found:
        return None
    products, groups = view.frame("diagnosis_products"), view.frame("diagnosis_groups")
    blocks: list[Block] = []
    drawn = products.dropna(subset=["x", "y"])
    if len(drawn):
        blocks.append(_map(view, drawn))
    priced = groups.dropna(subset=["spread"])
    if len(priced):
        blocks.append(_spread(priced))
    if len(groups):
        blocks.append(_groups(view, groups))
    if len(overlap := view.frame("diagnosis_overlap")):
        blocks.append(_overlap(view, overlap))
    if len(newness := view.frame("diagnosis_newness")) > 1:
        blocks.append(_newness(newness))
    blocks.append(finding_grid(view, found, tr("What was measured"), folded=True))
    return Section(
        "sameness",
        tr("Do firms sell the same goods, and is anything new?"),
        tr("Sameness"),
        answer(view, found, "near_identical_share"),
        _cards(view, products, groups),
        tuple(blocks),
    )


def _cards(view: RunView, products: pd.DataFrame, groups: pd.DataFrame) -> tuple[Card, ...]:
    if not len(products):
        return ()
    count = view.numbers.count
    return (
        Card(
            tr("Products with a rival"),
            count(int((products["rivals"] > 0).sum())),
            tr("of {n} {n:product|products}", n=count(len(products))),
        ),
        Card(tr("Groups of near-identical goods"), count(len(groups))),
        Card(
            tr("Price wars"), count(int(groups["price_war"].sum())), tr("groups with close prices and falling margins")
        ),
    )


def _kind(rivals: int) -> str:
    return tr("Has a near-identical rival") if rivals > 0 else tr("Has none")


def _map(view: RunView, drawn: pd.DataFrame) -> Chart:
    """Draw products so that like ones lie near each other."""
    points = [
        {
            "x": row.x,
            "y": row.y,
            "title": str(row.title or row.sku)[:_LETTERS],
            "firm": named(view, row.firm) if isinstance(row.firm, str) else "",
            "revenue": row.revenue,
            "rivals": int(row.rivals),
            "kind": _kind(row.rivals),
        }
        for row in drawn.itertuples()
    ]
    bare = {"axis": None, "scale": {"zero": False, "nice": False, "padding": 12}}
    spec = chart_spec(
        380,
        data=inline(points),
        mark={"type": "circle", "opacity": 0.75, "stroke": "white", "strokeWidth": 0.6},
        encoding={
            "x": {"field": "x", "type": "quantitative", **bare},
            "y": {"field": "y", "type": "quantitative", **bare},
            "size": {"field": "revenue", "type": "quantitative", "legend": None, "scale": {"range": [25, 420]}},
            "color": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": [_kind(1), _kind(0)], "range": [LOSS, SEPARATE]},
                "legend": {"title": None},
            },
            "tooltip": [
                {"field": "title", "type": "nominal", "title": tr("Product")},
                {"field": "firm", "type": "nominal", "title": tr("Firm")},
                {"field": "revenue", "type": "quantitative", "format": ",.0f", "title": tr("Revenue")},
                {"field": "rivals", "type": "quantitative", "title": tr("Near-identical rivals")},
            ],
        },
    )
    return Chart(
        "likeness",
        tr("Products by likeness"),
        tr(
            "A point a product, larger with more revenue; like products lie near each other, those with a near-identical rival in red."
        ),
        spec,
        note=tr("Only nearness means something, not the directions. Products without any like one are not drawn."),
    )


def _spread(priced: pd.DataFrame) -> Chart:
    """Draw the price spread of each group against that of as many goods at random."""
    rows: list[dict[str, Any]] = [
        {
            "group": f"{row.group}. {row.example[:_LETTERS]}",
            "spread": row.spread,
            "usual": row.usual_spread,
            "rank": n,
            "products": int(row.products),
        }
        for n, row in enumerate(
            priced.sort_values("revenue", ascending=False, kind="stable").head(_GROUPS_DRAWN).itertuples()
        )
    ]
    y = {
        "field": "group",
        "type": "nominal",
        "sort": {"field": "rank", "op": "min"},
        "axis": {"title": None, "grid": False, "labelLimit": 300},
    }
    axis = {"title": tr("spread of prices, what quality explains taken out"), "format": ".0%", "tickCount": 5}

    def point(field: str, colour: str) -> dict[str, Any]:
        return {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": colour},
            "encoding": {
                "x": {"field": field, "type": "quantitative", "axis": axis},
                "tooltip": [
                    {"field": "group", "type": "nominal", "title": tr("Group")},
                    {"field": "products", "type": "quantitative", "title": tr("Products")},
                    {"field": "spread", "type": "quantitative", "format": ".1%", "title": tr("Spread")},
                    {"field": "usual", "type": "quantitative", "format": ".1%", "title": tr("At random")},
                ],
            },
        }

    rule = {
        "mark": {"type": "rule", "color": INK, "opacity": 0.35},
        "encoding": {"x": {"field": "spread", "type": "quantitative", "axis": axis}, "x2": {"field": "usual"}},
    }
    return Chart(
        "price_spread",
        tr("How close prices of like goods lie"),
        tr(
            "Two points a group of near-identical goods: red, the spread of its prices; grey, of as many goods of its families at random."
        ),
        chart_spec(
            {"step": 22},
            data=inline(rows),
            encoding={"y": y},
            layer=[rule, point("usual", SEPARATE), point("spread", LOSS)],
        ),
        note=tr(
            "Red: near-identical goods. Grey: as many goods at random. Red far left of grey: firms can ask nothing but the same price."
        ),
    )


def _groups(view: RunView, groups: pd.DataFrame) -> Grid:
    numbers = view.numbers
    judged = {"margin": tr("margins"), "price": tr("prices (costs not known)")}
    cells = tuple(
        (
            str(row.group),
            row.example[:_LETTERS],
            numbers.count(row.products),
            numbers.count(row.owners),
            numbers.money(row.revenue),
            numbers.share(row.similarity),
            numbers.share(row.spread),
            numbers.share(row.price_change, signed=True),
            numbers.share(row.margin_change, signed=True),
            judged.get(row.judged_by, ""),
            tr("yes") if row.price_war else "",
        )
        for row in groups.head(_ROWS_SHOWN).itertuples()
    )
    header = (
        tr("Group"), tr("Such as"), tr("Products"), tr("Owners"), tr("Revenue"), tr("Likeness"), tr("Spread"),
        tr("Price, half a year"), tr("Margin, half a year"), tr("Judged by"), tr("Price war"),
    )  # fmt: skip
    return Grid(tr("Groups of near-identical goods"), header, cells, (2, 3, 4, 5, 6, 7, 8), folded=True)


def _overlap(view: RunView, overlap: pd.DataFrame) -> Grid:
    numbers = view.numbers
    cells = tuple(
        (named(view, row.firm_a), named(view, row.firm_b), numbers.share(row.pianka), numbers.share(row.schoener))
        for row in overlap.head(_ROWS_SHOWN).itertuples()
    )
    header = (tr("Firm"), tr("Firm"), tr("Overlap (Pianka)"), tr("Overlap (Schoener)"))
    return Grid(tr("Firms that share most of their niches"), header, cells, (2, 3), folded=True)


def _newness(newness: pd.DataFrame) -> Chart:
    rows = [{"ago": -int(row.weeks_ago), "share": row.young_share, "age": row.age} for row in newness.itertuples()]
    spec = chart_spec(
        200,
        data=inline(rows),
        mark={"type": "line", "point": {"color": ACCENT}, "color": ACCENT},
        encoding={
            "x": {
                "field": "ago",
                "type": "quantitative",
                "axis": {
                    "title": tr("weeks before the last"),
                    "grid": False,
                    "labelExpr": "format(abs(datum.value), 'd')",
                },
            },
            "y": {
                "field": "share",
                "type": "quantitative",
                "scale": {"zero": True},
                "axis": {"title": tr("share of revenue"), "format": ".0%", "tickCount": 4},
            },
            "tooltip": [
                {"field": "share", "type": "quantitative", "format": ".1%", "title": tr("Young products")},
                {"field": "age", "type": "quantitative", "format": ".0f", "title": tr("Mean age, weeks")},
            ],
        },
    )
    return Chart(
        "newness",
        tr("Share of revenue from young products"),
        tr("A line: the share of revenue from young products, thirteen weeks at a time."),
        spec,
    )
