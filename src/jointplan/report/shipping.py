"""What ships how."""

from __future__ import annotations

from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.investing import paid_once
from jointplan.report.routes import route_map
from jointplan.report.vega import chart_spec, inline, mode_scale, number_axis
from jointplan.report.view import RunView
from jointplan.report.words import MODES, PLANS, word
from jointplan.texts import tr

_LANES_SHOWN = 20
_DAYS_A_WEEK = 7


def shipping_section(view: RunView) -> Section:
    """Return the section on loads, modes, routes and time under way."""
    return Section(
        "shipping",
        tr("What ships how?"),
        tr("Shipping"),
        _answer(view),
        tuple(_cards(view)),
        (*_blocks(view), *paid_once(view, ("consolidate_freight", "overseas_warehouse"))),
    )


def _freight(view: RunView, plan: str) -> tuple[float, int, float]:
    """Return freight, number of loads and kilograms sent to markets by a plan."""
    rows = view.plan("shipments", plan)
    final = rows[rows["destination"].isin(view.frame("input_markets")["market"])]
    return float(rows["cost"].sum()), int(rows["load"].nunique()), float(final["weight"].sum())


def _answer(view: RunView) -> str:
    numbers = view.numbers
    (before, many, _), (after, few, _) = _freight(view, "separate"), _freight(view, "joint")
    if not few:
        return tr("Nothing ships in these weeks.")
    same = abs(after - before) < 0.001 * max(before, 1.0)
    if few == many and abs(after - before) < 0.01 * max(before, 1.0):
        return tr(
            "Goods travel in {few} loads in either plan, for {after} of freight.",
            few=numbers.count(few),
            after=numbers.money(after),
        )
    if same:
        return tr(
            "Goods travel in {few} loads instead of {many}, for the same freight of {after}.",
            few=numbers.count(few),
            many=numbers.count(many),
            after=numbers.money(after),
        )
    if after <= before:
        return tr(
            "Goods travel in {few} loads instead of {many}, and freight falls from {before} to {after}.",
            few=numbers.count(few),
            many=numbers.count(many),
            before=numbers.money(before),
            after=numbers.money(after),
        )
    return tr(
        "Goods travel in {few} loads instead of {many}; freight rises from {before} to {after}, "
        "which the plan accepts for what it gains elsewhere.",
        few=numbers.count(few),
        many=numbers.count(many),
        before=numbers.money(before),
        after=numbers.money(after),
    )


def _between_firms(view: RunView) -> Note | None:
    """Say what carrying work between firms that do a job in turn costs: freight in the ledger, but no shipment to a market."""
    ledger = view.frame("ledger")
    booked = -ledger[ledger["account"] == "freight"].groupby("plan")["amount"].sum()
    moved = {plan: float(booked.get(plan, 0.0)) - _freight(view, plan)[0] for plan in ("separate", "joint")}
    if max(moved.values()) < 1:
        return None
    return Note(
        tr(
            "Besides, work is carried between firms that do a job in turn: {separate} in separate plans, {joint} in the joint plan. "
            "The account Freight holds it too.",
            separate=view.numbers.money(moved["separate"]),
            joint=view.numbers.money(moved["joint"]),
        )
    )


def _late(view: RunView, plan: str) -> tuple[float | None, float | None]:
    """Return the shares of demand late at the end of its week, and never met."""
    rows = view.plan("deliveries", plan)
    demand = float(rows["demand"].sum())
    return (None, None) if demand <= 0 else (float(rows["late"].sum()) / demand, float(rows["unmet"].sum()) / demand)


def _cards(view: RunView) -> list[Card]:
    numbers = view.numbers
    (before, many, heavy), (after, few, weight) = _freight(view, "separate"), _freight(view, "joint")
    if not few:
        return []
    instead = tr("separate plans: {value}")
    unmet, unmet_before = _late(view, "joint")[1], _late(view, "separate")[1]
    return [
        Card(tr("Freight"), numbers.money(after), instead.format(value=numbers.money(before))),
        Card(tr("Loads"), numbers.count(few), instead.format(value=numbers.count(many))),
        Card(
            tr("Freight for a kilogram sent to markets"),
            numbers.cents(after / weight if weight else None),
            instead.format(value=numbers.cents(before / heavy if heavy else None)),
        ),
        Card(tr("Demand not met"), numbers.share(unmet, 2), instead.format(value=numbers.share(unmet_before, 2))),
    ]


def _blocks(view: RunView) -> list[Block]:
    if len(view.frame("shipments")) == 0:
        return []
    blocks: list[Block] = [route_map(view) or Note(tr("No map: the places of firms and markets are not known."))]
    blocks += [
        _freight_chart(view),
        _transit_chart(view),
        _lanes(view),
    ]
    if (note := _between_firms(view)) is not None:
        blocks.append(note)
    return blocks


def _freight_chart(view: RunView) -> Chart:
    """Return what each mode costs in each plan."""
    sums = view.frame("shipments").groupby(["plan", "mode"], as_index=False)["cost"].sum()
    rows = [
        {
            "plan": word(PLANS, row.plan),
            "mode": word(MODES, row.mode),
            "value": round(float(row.cost), 2),
            "text": view.numbers.money(row.cost),
        }
        for row in sums.itertuples()
    ]
    return Chart(
        "freight",
        tr("Freight by mode, plan by plan"),
        tr("What each way of shipping costs in each plan."),
        _stacked(view, rows, tr("freight, {currency}", currency=view.numbers.currency)),
        half=True,
    )


def _transit_chart(view: RunView) -> Chart:
    """Return how long a delivered unit has been under way, over all legs of its way."""
    shipments = view.frame("shipments").copy()
    shipments["unit_weeks"] = shipments["quantity"] * [
        (arrives - week).days / _DAYS_A_WEEK
        for arrives, week in zip(shipments["arrives"], shipments["week"], strict=True)
    ]
    delivered = view.frame("deliveries").groupby("plan")["delivered"].sum()
    sums = shipments.groupby(["plan", "mode"], as_index=False)["unit_weeks"].sum()
    rows = [
        {
            "plan": word(PLANS, row.plan),
            "mode": word(MODES, row.mode),
            "value": round(float(row.unit_weeks) / float(delivered[row.plan]), 3),
            "text": tr("{n} {n:week|weeks}", n=view.numbers.number(row.unit_weeks / float(delivered[row.plan]), 2)),
        }
        for row in sums.itertuples()
        if delivered.get(row.plan, 0.0) > 0
    ]
    return Chart(
        "transit",
        tr("Time under way for a delivered unit"),
        tr("How many weeks a unit travels on average, by mode, in each plan."),
        _stacked(view, rows, tr("weeks")),
        note=tr("All legs of the way together, weighted by units."),
        half=True,
    )


def _stacked(view: RunView, rows: list[dict[str, Any]], axis: str) -> dict[str, Any]:
    """Return bars, one for each plan, stacked by mode."""
    return chart_spec(
        {"step": 34},
        data=inline(rows),
        mark={"type": "bar", "height": 18},
        encoding={
            "y": {
                "field": "plan",
                "type": "nominal",
                "sort": [word(PLANS, plan) for plan in view.plans],
                "axis": {"title": None, "grid": False},
            },
            "x": {"field": "value", "type": "quantitative", "stack": "zero", "axis": number_axis(view.lang, axis)},
            "color": {
                "field": "mode",
                "type": "nominal",
                "scale": mode_scale(set(view.frame("shipments")["mode"])),
                "legend": {"title": None},
            },
            "tooltip": [
                {"field": "plan", "type": "nominal", "title": tr("Plan")},
                {"field": "mode", "type": "nominal", "title": tr("Mode")},
                {"field": "text", "type": "nominal", "title": axis},
            ],
        },
    )


def _lanes(view: RunView) -> Grid:
    """Return the lanes that carry most of the joint plan."""
    numbers = view.numbers
    keys = ["lane", "mode", "origin", "destination"]
    sums = (
        view.plan("shipments", "joint")
        .groupby(keys, as_index=False)
        .agg(
            loads=("load", "nunique"),
            weight=("weight", "sum"),
            volume=("volume", "sum"),
            containers=("containers", "sum"),
            cost=("cost", "sum"),
        )
    )
    rows = tuple(
        (
            view.place(row.origin),
            view.place(row.destination),
            word(MODES, row.mode),
            numbers.count(row.loads),
            numbers.count(row.weight),
            numbers.number(row.volume),
            numbers.number(row.containers),
            numbers.money(row.cost),
        )
        for row in sums.nlargest(_LANES_SHOWN, "cost").itertuples()
    )
    return Grid(
        tr("Lanes of the joint plan"),
        (
            tr("From"),
            tr("To"),
            tr("Mode"),
            tr("Loads"),
            tr("Weight, kg"),
            tr("Volume, m³"),
            tr("Containers"),
            tr("Freight"),
        ),
        rows,
        (3, 4, 5, 6, 7),
        tr("The {n} dearest lanes.", n=_LANES_SHOWN) if len(sums) > _LANES_SHOWN else "",
        folded=True,
    )
