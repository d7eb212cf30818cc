"""What to make where and when."""

from __future__ import annotations

import math
from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.investing import paid_once
from jointplan.report.numbers import apart
from jointplan.report.opening import opening_note
from jointplan.report.vega import INK, chart_spec, inline, number_axis, plan_scale, plan_switch, week_axis
from jointplan.report.view import RunView
from jointplan.report.words import PLANS, word
from jointplan.texts import sentences, tr

_FAMILIES_SHOWN = 12
_FIRMS_SHOWN = 40
_LOTS_SHOWN = 40
_MOVES_SHOWN = 15


def making_section(view: RunView) -> Section:
    """Return the section on lots, setups and load."""
    batches = _batches(view)
    return Section(
        "making",
        tr("What to make, where and when?"),
        tr("Making"),
        _answer(view, batches),
        tuple(_cards(view, batches)),
        tuple(_blocks(view, batches)),
    )


def _batches(view: RunView) -> Any:
    """Return one row for each lot: plan, lot, family, units and setup hours."""
    lots = view.frame("lots")
    batches = lots[lots["quantity"] > 0].groupby(["plan", "lot", "family"], as_index=False)
    return batches.agg(quantity=("quantity", "sum"), setup_hours=("setup_hours", "sum"))


def _of(batches: Any, plan: str) -> tuple[int, float, float]:
    """Return the number of lots, their mean size and the setup hours of a plan."""
    rows = batches[batches["plan"] == plan]
    return len(rows), float(rows["quantity"].mean()) if len(rows) else 0.0, float(rows["setup_hours"].sum())


def _answer(view: RunView, batches: Any) -> str:
    numbers = view.numbers
    (before, small, idle), (after, large, left) = _of(batches, "separate"), _of(batches, "joint")
    if not after:
        return tr("Nothing is made in these weeks.")
    if left < 0.97 * idle:
        told = tr(
            "The joint plan spends {left} {left:hour|hours} on changing over instead of {idle}; it makes {after} {after:lot|lots} instead of {before}, of "
            "{large} {large:unit|units} on average instead of {small}.",
            left=numbers.count(left),
            idle=numbers.count(idle),
            after=numbers.count(after),
            before=numbers.count(before),
            large=numbers.count(large),
            small=numbers.count(small),
        )
        return sentences((told, _of_families(view)))
    return tr(
        "The joint plan makes {after} {after:lot|lots} of {large} {large:unit|units} on average; separate plans would make {before}.",
        after=numbers.count(after),
        large=numbers.count(large),
        before=numbers.count(before),
    )


def _of_families(view: RunView) -> str:
    """Return how setup hours divide into those for families and for products; nothing where a run of an earlier version does not tell."""
    batches = view.frame("batches")
    if "family_hours_joint" not in batches:
        return ""
    hours = batches[batches["by"] == "family"].sum(numeric_only=True)
    count = view.numbers.count
    return tr(
        "Of these hours, setups take for whole families {left} {left:hour|hours} instead of {idle}, for single products {rest} instead of {other}.",
        left=count(hours["family_hours_joint"]),
        idle=count(hours["family_hours_separate"]),
        rest=count(apart(hours["setup_hours_joint"], hours["family_hours_joint"])),
        other=count(apart(hours["setup_hours_separate"], hours["family_hours_separate"])),
    )


def _cards(view: RunView, batches: Any) -> list[Card]:
    numbers = view.numbers
    (before, small, idle), (after, large, left) = _of(batches, "separate"), _of(batches, "joint")
    if not after:
        return []
    joint = view.plan("lots", "joint")
    moved = float(joint.loc[joint["moved"].eq(True), "quantity"].sum()) / max(float(joint["quantity"].sum()), 1e-9)
    hours = {plan: float(view.plan("load", plan)["overtime_hours"].sum()) for plan in ("separate", "joint")}
    instead = tr("separate plans: {value}")
    return [
        Card(tr("Lots"), numbers.count(after), instead.format(value=numbers.count(before))),
        Card(tr("Units in a lot, on average"), numbers.count(large), instead.format(value=numbers.count(small))),
        Card(tr("Setup hours"), numbers.count(left), instead.format(value=numbers.count(idle))),
        Card(
            tr("Overtime hours"), numbers.count(hours["joint"]), instead.format(value=numbers.count(hours["separate"]))
        ),
        Card(tr("Made by another owner than today"), numbers.share(moved), tr("of all units in the joint plan")),
    ]


def _blocks(view: RunView, batches: Any) -> list[Block]:
    before = opening_note(view)
    blocks: list[Block] = [Note(before)] if before else []
    idle = _without_work(view)
    if idle:
        blocks.append(
            Note(
                tr(
                    "Firms that work in the separate plans and have no work in the joint plan: {names}.",
                    names=tuple(idle),
                )
            )
        )
    if len(view.frame("load")):
        blocks.append(
            Note(
                tr(
                    "The last weeks look empty because nothing is made for demand beyond them: what they could make for later is not planned."
                )
            )
        )
    if len(batches):
        blocks.append(_batch_chart(view, batches))
    if len(view.frame("load")):
        blocks.append(_load_chart(view))
    if len(view.plan("lots", "joint")):
        blocks.append(_next_lots(view))
    blocks += [grid for grid in (_moves(view), _divided(view), _royalties(view)) if grid.rows]
    blocks += paid_once(view, ("add_capability", "open_shared_workshop"))
    return blocks


def _without_work(view: RunView) -> list[str]:
    """Return the firms that make something in the separate plans and nothing in the joint plan."""
    separate, joint = (set(view.plan("lots", plan)["maker"]) for plan in ("separate", "joint"))
    if "steps" in view.run.tables:
        joint |= set(view.plan("steps", "joint")["firm"])
    return [view.firm(code) for code in sorted(separate - joint)]


def _batch_chart(view: RunView, batches: Any) -> Chart:
    """Return the spread of batch sizes, family by family, before and after."""
    largest = batches.groupby("family")["quantity"].sum().nlargest(_FAMILIES_SHOWN).index
    rows: list[dict[str, Any]] = []
    for (family, plan), group in batches[batches["family"].isin(largest)].groupby(["family", "plan"]):
        q10, q25, q50, q75, q90 = (float(group["quantity"].quantile(q)) for q in (0.1, 0.25, 0.5, 0.75, 0.9))
        rows.append(
            {
                "family": str(family),
                "plan": word(PLANS, str(plan)),
                "rank": list(largest).index(family),
                "q10": q10,
                "q25": q25,
                "q50": q50,
                "q75": q75,
                "q90": q90,
                "lots": len(group),
                "hours": round(float(group["setup_hours"].sum()), 1),
            }
        )
    low, high = min(row["q10"] for row in rows), max(row["q90"] for row in rows)
    wide = high > 50 * max(low, 1e-9)
    scale: dict[str, Any] = {"type": "log", "nice": False} if wide else {"zero": True}
    # A logarithmic axis labels every digit unless told where to stop.
    decades = range(math.floor(math.log10(max(low, 1e-9))), math.ceil(math.log10(high)) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)] if wide else []

    def x(field: str) -> dict[str, Any]:
        title = tr("units in a lot (logarithmic)") if ticks else tr("units in a lot")
        axis = number_axis(view.lang, title, **({"values": ticks} if ticks else {}))
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}

    names = [word(PLANS, plan) for plan in view.plans]
    spec = chart_spec(
        {"step": 15},
        data=inline(rows),
        encoding={
            "y": {
                "field": "family",
                "type": "nominal",
                "sort": {"field": "rank", "op": "min"},
                "axis": {"title": None, "grid": False},
                "scale": {"paddingInner": 0.35},
            },
            "yOffset": {"field": "plan", "type": "nominal", "sort": names},
            "color": {"field": "plan", "type": "nominal", "scale": plan_scale(view.plans), "legend": {"title": None}},
            "tooltip": [
                {"field": "family", "type": "nominal", "title": tr("Family")},
                {"field": "plan", "type": "nominal", "title": tr("Plan")},
                {"field": "lots", "type": "quantitative", "format": ",", "title": tr("Lots")},
                {"field": "q50", "type": "quantitative", "format": ",.0f", "title": tr("Middle lot, units")},
                {"field": "q10", "type": "quantitative", "format": ",.0f", "title": tr("One in ten is below")},
                {"field": "q90", "type": "quantitative", "format": ",.0f", "title": tr("One in ten is above")},
                {"field": "hours", "type": "quantitative", "format": ",.0f", "title": tr("Setup hours")},
            ],
        },
        layer=[
            {"mark": {"type": "rule", "strokeWidth": 1.5}, "encoding": {"x": x("q10"), "x2": {"field": "q90"}}},
            {
                "mark": {"type": "bar", "height": 9, "cornerRadius": 2},
                "encoding": {"x": x("q25"), "x2": {"field": "q75"}},
            },
            {
                "mark": {"type": "tick", "thickness": 2, "size": 11, "color": INK},
                "encoding": {"x": x("q50"), "color": {"value": INK}},
            },
        ],
    )
    return Chart(
        "batches",
        tr("Batch sizes before and after, by family"),
        tr("For each product family, how large the lots are in each plan."),
        spec,
        note=sentences(
            (
                tr(
                    "Mark: the middle lot. Bar: the middle half of all lots. Line: all but the largest and smallest tenth."
                ),
                tr("The {n} families with most units are shown.", n=_FAMILIES_SHOWN)
                if batches["family"].nunique() > _FAMILIES_SHOWN
                else "",
            )
        ),
    )


def _load_chart(view: RunView) -> Chart:
    """Return the load of each firm's busiest process, week by week."""
    load = view.frame("load").copy()
    load["used"] = load["run_hours"] + load["setup_hours"]
    firms = load.groupby("firm")["used"].sum().nlargest(_FIRMS_SHOWN).index
    load = load[load["firm"].isin(firms)]
    # A process without any hours that is used all the same has no load in per cent; it shows as twice its capacity.
    load["load"] = (load["used"] / load["regular_hours"].where(load["regular_hours"] > 0)).fillna(
        (load["used"] > 0) * 2.0
    )
    busiest = load.sort_values("load").drop_duplicates(["plan", "week", "firm"], keep="last")
    bands = _bands(view)
    rows = [
        {
            "plan": row.plan,
            "week": row.week.isoformat(),
            "firm": f"{row.firm}\t{view.firm(row.firm)}",
            "name": view.firm(row.firm),
            "process": row.process,
            "load": round(float(row.load), 3),
            "band": _band(bands, float(row.load)),
            "used": round(float(row.used), 1),
            "hours": round(float(row.regular_hours), 1),
        }
        for row in busiest.itertuples()
    ]
    plans = tuple(plan for plan in view.plans if plan in set(busiest["plan"]))
    order = [f"{firm}\t{view.firm(firm)}" for firm in firms]
    spec = chart_spec(
        {"step": 20 if len(order) <= 25 else 16},
        data=inline(rows),
        params=[plan_switch(plans)],
        transform=[{"filter": "datum.plan == shown"}],
        mark={"type": "rect", "stroke": "white", "strokeWidth": 1},
        encoding={
            "x": {"field": "week", "type": "ordinal", "axis": week_axis(view.lang)},
            "y": {
                "field": "firm",
                "type": "nominal",
                "sort": order,
                "axis": {"title": None, "grid": False, "labelExpr": "split(datum.label, '\\t')[1]"},
            },
            "color": {
                "field": "band",
                "type": "ordinal",
                "scale": {"domain": [name for _, name, _ in bands], "range": [colour for _, _, colour in bands]},
                "legend": {"title": tr("hours used of regular hours"), "symbolSize": 150, "symbolStrokeWidth": 0},
            },
            "tooltip": [
                {"field": "name", "type": "nominal", "title": tr("Firm")},
                {"field": "week", "type": "nominal", "title": tr("Week")},
                {"field": "process", "type": "nominal", "title": tr("Busiest process")},
                {"field": "load", "type": "quantitative", "format": ".0%", "title": tr("Load")},
                {"field": "used", "type": "quantitative", "format": ",.1f", "title": tr("Hours used")},
                {"field": "hours", "type": "quantitative", "format": ",.1f", "title": tr("Regular hours")},
            ],
        },
    )
    total = view.frame("load")["firm"].nunique()
    return Chart(
        "load",
        tr("Load of each firm, week by week"),
        tr("A heat map: a row for each firm, a column for each week, darker where more of its hours are used."),
        spec,
        note=sentences(
            (
                tr("The busiest process of each firm. Orange and red are above 100 %: overtime."),
                tr("The {n} firms with most hours are shown.", n=_FIRMS_SHOWN) if total > _FIRMS_SHOWN else "",
            )
        ),
        least_width=560,
    )


def _bands(view: RunView) -> list[tuple[float, str, str]]:
    """Return the bands of load with their upper end, name and colour, which jumps where overtime begins."""
    percent = view.numbers.share
    ends = (0.25, 0.5, 0.75, 1.0, 1.25)
    names = [f"{percent(low, 0)}–{percent(high, 0)}" for low, high in zip((0.0, *ends), ends, strict=False)]
    return [
        (0.0, tr("idle"), "#f1f3f2"),
        *zip(ends, names, ("#dcebea", "#a9d0d1", "#5fa6a9", "#0b6b72", "#e08a5b"), strict=True),
        (math.inf, tr("over {share}", share=percent(ends[-1], 0)), "#a93c22"),
    ]


def _band(bands: list[tuple[float, str, str]], load: float) -> str:
    """Return the name of the band a load lies in; a load of exactly 100 % needs no overtime."""
    return next(name for high, name, _ in bands if load <= high + 1e-6)


def _next_lots(view: RunView) -> Grid:
    """Return the joint plan's first lots; the rest is in the work lists and the workbook."""
    numbers = view.numbers
    lots = view.plan("lots", "joint").groupby(["week", "maker", "sku", "lot"], as_index=False)
    lots = lots.agg(
        quantity=("quantity", "sum"),
        hours=("hours", "sum"),
        setup=("setup_hours", "sum"),
        sellers=("seller", "nunique"),
    ).sort_values(["week", "quantity"], ascending=[True, False])
    rows = tuple(
        (
            numbers.day(row.week),
            view.firm(row.maker),
            view.product(row.sku),
            numbers.count(row.quantity),
            numbers.count(row.sellers),
            numbers.number(row.hours),
            numbers.number(row.setup),
        )
        for row in lots.head(_LOTS_SHOWN).itertuples()
    )
    return Grid(
        tr("The first lots of the joint plan"),
        (tr("Week"), tr("Maker"), tr("Product"), tr("Units"), tr("Sellers served"), tr("Run hours"), tr("Setup hours")),
        rows,
        (3, 4, 5, 6),
        tr(
            "{shown} of {all} {all:lot|lots}. All of them are in the workbook, sheet “{sheet}”, and in each firm's work list.",
            shown=numbers.count(len(rows)),
            all=numbers.count(len(lots)),
            sheet=tr("lots"),
        ),
        folded=True,
    )


def _divided(view: RunView) -> Grid:
    """Return the steps that firms of another owner do than that of the present maker, largest first."""
    if "steps" not in view.run.tables:
        return Grid("", (), ())
    numbers = view.numbers
    steps = view.plan("steps", "joint")
    products = view.frame("input_products").set_index("sku")[["family", "maker"]]
    steps = steps.join(products, on="sku")
    # A job wholly in a shared workshop is no single step.
    divided = steps.groupby("lot")["firm"].transform("nunique") > 1
    firms = view.frame("input_firms").set_index("firm", drop=False)
    owner = firms["owner"].fillna(firms["firm"])
    elsewhere = steps["firm"].map(owner) != steps["maker"].map(owner)
    steps = steps[divided & elsewhere].fillna({"family": ""})
    sums = steps.groupby(["process", "family", "maker", "firm"], as_index=False).agg(
        products=("sku", "nunique"), quantity=("quantity", "sum"), hours=("hours", "sum")
    )
    rows = tuple(
        (
            str(row.process),
            str(row.family),
            view.firm(str(row.maker)),
            view.firm(row.firm),
            numbers.count(row.products),
            numbers.count(row.quantity),
            numbers.number(row.hours),
        )
        for row in sums.nlargest(_MOVES_SHOWN, "hours").itertuples()
    )
    return Grid(
        tr("Single steps that another owner does"),
        (
            tr("Process"),
            tr("Family"),
            tr("Made today by"),
            tr("Step done by"),
            tr("Products"),
            tr("Units"),
            tr("Run hours"),
        ),
        rows,
        (4, 5, 6),
        sentences(
            (
                tr("The other steps of these jobs are done elsewhere; each firm's work list names its steps."),
                tr("The {n} largest moves.", n=_MOVES_SHOWN) if len(sums) > _MOVES_SHOWN else "",
            )
        ),
        folded=len(rows) > 8,
    )


def _moves(view: RunView) -> Grid:
    """Return what firms of another owner make than today, largest first."""
    numbers = view.numbers
    lots = view.plan("lots", "joint")
    lots = lots[lots["moved"].eq(True)].copy()
    products = view.frame("input_products").set_index("sku")["maker"]
    lots["today"] = lots["sku"].map(products)
    sums = lots.groupby(["family", "today", "maker"], as_index=False).agg(
        quantity=("quantity", "sum"), hours=("hours", "sum")
    )
    rows = tuple(
        (
            str(row.family),
            view.firm(str(row.today)),
            view.firm(row.maker),
            numbers.count(row.quantity),
            numbers.number(row.hours),
        )
        for row in sums.nlargest(_MOVES_SHOWN, "quantity").itertuples()
    )
    shared = "steps" in view.run.tables and len(view.plan("steps", "joint"))
    notes = [tr("The {n} largest moves.", n=_MOVES_SHOWN)] if len(sums) > _MOVES_SHOWN else []
    if shared:
        notes.append(
            tr(
                "Where several firms do the steps, the last of them is named, with the hours of all steps; who does which stands below."
            )
        )
    return Grid(
        tr("Work that moves to another owner"),
        (tr("Family"), tr("Made today by"), tr("Made in the joint plan by"), tr("Units"), tr("Run hours")),
        rows,
        (3, 4),
        sentences(notes),
        folded=len(rows) > 8,
    )


def _royalties(view: RunView) -> Grid:
    """Return what is paid for licences to make by others' designs in the joint plan, largest first."""
    ledger = view.plan("ledger", "joint")
    paid = ledger[(ledger["account"] == "royalty") & (ledger["amount"] > 0)]
    sums = paid.groupby(["sku", "counterparty", "firm"], as_index=False)["amount"].sum()
    rows = tuple(
        (view.product(row.sku), view.firm(row.counterparty), view.firm(row.firm), view.numbers.money(row.amount))
        for row in sums.sort_values("amount", ascending=False, kind="stable").itertuples()
    )
    return Grid(
        tr("Royalties for designs"),
        (tr("Product"), tr("Who pays"), tr("Who owns the design"), tr("Royalty")),
        rows,
        (3,),
        folded=len(rows) > 8,
    )
