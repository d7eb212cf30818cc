"""Why the plan is as it is: full workshops, and lines that are late, unmet or dear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Section
from jointplan.report.reasons import KINDS, Explained, explained, kind_titles
from jointplan.report.vega import ACCENT, chart_spec, inline, week_axis
from jointplan.report.view import RunView
from jointplan.texts import tr

_SHOWN = 30
_SHOPS_SHOWN = 25


def why_section(view: RunView) -> Section | None:
    """Return the section that says what binds; None where a run does not tell."""
    if "reasons" not in view.run.tables:
        return None
    found = explained(view)
    by_kind = {kind: [item for item in found if item.kind == kind] for kind in KINDS}
    blocks: list[Block] = []
    if len(view.frame("hour_worth")):
        blocks.append(_worth_chart(view))
    titles = kind_titles()
    blocks += [_grid(titles[kind], rows, folded=kind != "full") for kind, rows in by_kind.items() if rows]
    return Section(
        "why", tr("Why is the plan as it is?"), tr("Why"), _answer(by_kind), _cards(view, by_kind), tuple(blocks)
    )


def _answer(by_kind: dict[str, list[Explained]]) -> str:
    full, unserved = by_kind["full"], by_kind["unmet"] + by_kind["late"]
    worthy = [item for item in full if item.row["worth"]]
    if worthy:
        return worthy[0].sentence
    if unserved:
        return unserved[0].sentence
    return tr("No workshop is full and no line is late, unmet or dear for want of anything.")


def _cards(view: RunView, by_kind: dict[str, list[Explained]]) -> tuple[Card, ...]:
    count = view.numbers.count
    shops = [
        {(i.row["firm"], i.row["process"]) for i in by_kind["full"] if i.row["cause"] == cause}
        for cause in ("capacity", "overtime")
    ]
    return (
        Card(
            tr("Full workshops"),
            count(len(shops[0])),
            tr("{n} more have only overtime left in some week", n=count(len(shops[1] - shops[0]))),
        ),
        Card(tr("Lines not delivered"), count(_lines(by_kind["unmet"])), _units(view, by_kind["unmet"])),
        Card(tr("Lines late"), count(_lines(by_kind["late"])), _units(view, by_kind["late"])),
        Card(tr("Lines dear"), count(len(by_kind["dear"])), tr("a quarter above the median of their product")),
    )


def _lines(found: list[Explained]) -> int:
    """Return of how many lines, a seller's product for a market, something is told."""
    return len({(row["firm"], row["sku"], row["market"]) for item in found for row in item.rows})


def _units(view: RunView, found: list[Explained]) -> str:
    """Return what a line is and how many units are told of."""
    return tr(
        "of a seller's products in its markets; {units} {units:unit|units}",
        units=view.numbers.count(sum(row["quantity"] for item in found for row in item.rows)),
    )


def _grid(title: str, rows: list[Explained], *, folded: bool) -> Grid:
    more = len(rows) - _SHOWN
    note = tr("The weightiest {n}; all are in the workbook.", n=_SHOWN) if more > 0 else ""
    return Grid(title, (tr("Reason"),), tuple((item.sentence,) for item in rows[:_SHOWN]), (), note, folded)


def _worth_chart(view: RunView) -> Chart:
    """Return what an hour more is worth, workshop by workshop and week by week."""
    frame = view.plan("hour_worth", "joint")
    names = {(f, p): f"{p} · {view.firm(f)}" for f, p in zip(frame["firm"], frame["process"], strict=True)}
    shops = frame.groupby(["firm", "process"])["worth"].sum().nlargest(_SHOPS_SHOWN).index
    order = [names[shop] for shop in shops]
    rows: list[dict[str, Any]] = [
        {
            "shop": names[row.firm, row.process],
            "week": row.week.isoformat(),
            "worth": round(float(row.worth), 2),
            "text": view.numbers.money(row.worth),
        }
        for row in frame.itertuples()
        if (row.firm, row.process) in set(shops)
    ]
    weeks = [(view.start + timedelta(weeks=n)).isoformat() for n in range(view.weeks)]
    spec = chart_spec(
        {"step": 20},
        data=inline(rows),
        mark={"type": "rect", "cornerRadius": 2},
        encoding={
            "x": {"field": "week", "type": "ordinal", "axis": week_axis(view.lang), "scale": {"domain": weeks}},
            "y": {
                "field": "shop",
                "type": "nominal",
                "sort": order,
                "axis": {"title": None, "grid": False, "labelLimit": 260},
            },
            "color": {
                "field": "worth",
                "type": "quantitative",
                "scale": {"range": ["#dcebec", ACCENT]},
                "legend": {"title": tr("{currency} for one more hour", currency=view.numbers.currency)},
            },
            "tooltip": [
                {"field": "shop", "type": "nominal", "title": tr("Workshop")},
                {"field": "week", "type": "nominal", "title": tr("Week")},
                {"field": "text", "type": "nominal", "title": tr("One more hour")},
            ],
        },
    )
    return Chart(
        "hour_worth",
        tr("What one more hour is worth"),
        tr("Workshops by week; the darker, the more one more hour would add to the value of the joint plan."),
        spec,
        note=tr("With lots and loads as planned. Where nothing is shown, one more hour would add nothing."),
        least_width=520,
    )
