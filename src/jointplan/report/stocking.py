"""How much stock to keep where: separate against pooled, and along the network."""

from __future__ import annotations

from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.launches import unplanned_notes
from jointplan.report.numbers import whole
from jointplan.report.vega import ACCENT, SEPARATE, before_and_after, chart_spec, inline, number_axis
from jointplan.report.view import RunView
from jointplan.texts import sentences, tr

_SHOWN = 15
_ROWS_SHOWN = 60


def stocking_section(view: RunView) -> Section | None:
    """Return the section on stock targets; None where there are none."""
    frame = view.frame("targets")
    if not len(frame):
        return None
    separate, pooled, network, ends = (
        frame[frame["scope"] == scope] for scope in ("separate", "pooled", "network", "ends")
    )
    blocks: list[Block] = [_as_of(view, pooled), *unplanned_notes(view)]
    if len(separate) > len(pooled):
        blocks.append(_pooling(view, separate, pooled))
    if len(network):
        blocks.append(_places(view, network, ends))
    blocks += _kept_in_plan(view, separate) or _beside_plan(view, network)
    blocks += [
        _grid(view, pooled, tr("What to keep of each product, pooled"), seller=False),
        _grid(view, separate, tr("What each seller would keep by itself"), seller=True),
    ]
    return Section(
        "stocking",
        tr("How much stock, and where?"),
        tr("Stock"),
        _answer(view, separate, pooled),
        _cards(view, separate, pooled, network, ends),
        tuple(blocks),
    )


def _as_of(view: RunView, pooled: Any) -> Note:
    """Say of which day targets, goods on hand and what to order are; of a replay, that this day has gone by."""
    told = [
        tr(
            "As of {day}, the first day planned: no sale from that day on is read.",
            day=view.numbers.day(view.start),
        )
    ]
    if pooled["on_hand"].notna().any():
        told.append(
            tr(
                "On hand is what the table stock says. It names no day: it is taken to have been counted on that day, which is also the now of what to order."
            )
        )
    if view.replay:
        told.append(
            tr(
                "That day has gone by, as the plan replays past weeks. Targets and orders of today come from jointplan inventory, which takes the same table of stock as counted today: it can be right for one of both days only."
            )
        )
    return Note(sentences(told))


def _answer(view: RunView, separate: Any, pooled: Any) -> str:
    money, day = view.numbers.money, view.numbers.day(view.start)
    before, after = float(separate["cost"].sum()), float(pooled["cost"].sum())
    if len(separate) == len(pooled):
        return tr(
            "As of {day}, holding stock and lacking it costs {cost} a week; no two sellers share a product there.",
            day=day,
            cost=money(after),
        )
    return tr(
        "As of {day}, holding stock and lacking it costs {before} a week if each seller keeps its own, {after} if stock is pooled.",
        day=day,
        before=money(before),
        after=money(after),
    )


def _cards(view: RunView, separate: Any, pooled: Any, network: Any, ends: Any) -> tuple[Card, ...]:
    numbers = view.numbers
    known = pooled["correlation"].dropna()
    before, after = float(separate["cost"].sum()), float(pooled["cost"].sum())
    cards = [
        Card(
            tr("Safety stock, pooled"),
            numbers.short(float(pooled["value"].sum())),
            tr(
                "{value} if each seller keeps its own; as of {day}",
                value=numbers.short(float(separate["value"].sum())),
                day=numbers.day(view.start),
            ),
        ),
        Card(
            tr("Pooling saves"),
            numbers.share(1 - after / before if before > 0 else None),
            tr("of the cost of holding and lacking"),
            tone="gain" if after < before else "",
        ),
        Card(
            tr("Correlation of demand"),
            numbers.number(float(known.mean()) if len(known) else None, 2),
            tr("of two pooled demands, measured on past sales: the lower, the more pooling saves"),
        ),
    ]
    alone, placed = float(ends["cost"].sum()), float(network["cost"].sum())
    if alone > 0:
        cards.append(
            Card(
                tr("Placing saves"),
                numbers.share(1 - placed / alone),
                tr("of the cost of safety stock, against keeping it at the last places alone"),
            )
        )
    return tuple(cards)


def _pooling(view: RunView, separate: Any, pooled: Any) -> Chart:
    """Draw the cost of stock of the products that gain most, separate and pooled."""
    costs = separate.groupby("sku")["cost"].sum().to_frame("before").join(pooled.groupby("sku")["cost"].sum())
    costs = costs.rename(columns={"cost": "after"})
    costs["saved"] = costs["before"] - costs["after"]
    top = costs.nlargest(_SHOWN, "saved")
    names = _names(view, [str(sku) for sku in top.index])
    rows = [
        {"name": names[str(sku)], "before": round(row.before, 2), "after": round(row.after, 2)}
        for sku, row in zip(top.index, top.itertuples(), strict=True)
    ]
    spec = before_and_after(
        rows,
        number_axis(view.lang, tr("cost a week, {currency}", currency=view.numbers.currency)),
        (tr("Product"), tr("Each seller by itself"), tr("Pooled")),
        (SEPARATE, ACCENT),
    )
    note = sentences(
        (
            tr("Grey: each seller by itself. Green: pooled."),
            tr("The first {n} of {all}.", n=_SHOWN, all=view.numbers.count(len(costs))) if len(costs) > _SHOWN else "",
        )
    )
    return Chart(
        "stock-pooling",
        tr("What stock costs where sellers keep their own, and pooled"),
        tr("Two points a product: grey, its expected cost of stock with each seller by itself; green, pooled."),
        spec,
        note=note,
        half=True,
    )


def _names(view: RunView, skus: list[str]) -> dict[str, str]:
    """Return the titles of products, with their code where two share a title."""
    titles = [view.product(sku) for sku in skus]
    return {
        sku: title if titles.count(title) == 1 else f"{sku} {title}" for sku, title in zip(skus, titles, strict=True)
    }


def _places(view: RunView, network: Any, ends: Any) -> Chart:
    """Draw at which places safety stock is kept, along the network and at the last places alone."""
    kinds = {
        str(s): str(k)
        for s, k in zip(view.frame("input_sites")["site"], view.frame("input_sites")["kind"], strict=True)
    }
    names = {
        "hub": tr("Hubs"),
        "port": tr("Ports"),
        "overseas_warehouse": tr("Overseas warehouses"),
        "factory": tr("Makers"),
    }
    order = {kind: n for n, kind in enumerate(("factory", "hub", "port", "overseas_warehouse"))}
    shown = {"network": tr("Cheapest places"), "ends": tr("Last places alone")}
    rows = []
    for scope, part in (("ends", ends), ("network", network)):
        kind = part["site"].map(lambda site: kinds.get(site, "factory"))
        for name, value in part.groupby(kind)["value"].sum().items():
            rows.append(
                {
                    "kind": names[str(name)],
                    "rank": order[str(name)],
                    "value": round(float(value), 2),
                    "scope": shown[scope],
                }
            )
    spec = chart_spec(
        {"step": 18},
        data=inline(rows),
        mark={"type": "bar", "cornerRadiusEnd": 2},
        encoding={
            "y": {
                "field": "kind", "type": "nominal", "sort": {"field": "rank", "op": "min"},
                "axis": {"title": None, "grid": False},
            },
            "yOffset": {"field": "scope", "type": "nominal", "sort": list(shown.values())},
            "x": {
                "field": "value", "type": "quantitative",
                "axis": number_axis(view.lang, tr("safety stock at cost, {currency}", currency=view.numbers.currency)),
            },
            "color": {
                "field": "scope", "type": "nominal", "title": None,
                "scale": {"domain": list(shown.values()), "range": [ACCENT, SEPARATE]},
            },
            "tooltip": [
                {"field": "kind", "type": "nominal", "title": tr("Place")},
                {"field": "scope", "type": "nominal", "title": tr("Plan")},
                {"field": "value", "type": "quantitative", "format": ",.0f", "title": tr("Safety stock")},
            ],
        },
    )  # fmt: skip
    return Chart(
        "stock-places",
        tr("Where safety stock is kept"),
        tr("Bars of safety stock at cost by kind of place: where it is cheapest, and at the last places alone."),
        spec,
        note=tr(
            "Every place promises to serve in time; what it promises later, the next place need not wait for in stock."
        ),
        half=True,
    )


def below_target(view: RunView, network: Any) -> Any:
    """Return the places where the joint plan holds less than their safety stock, the largest lack at cost first.

    The plan makes and ships for mean demand: where it ends weeks below the safety stock, an ordinary week above the mean runs out.

    Returns
    -------
    DataFrame
        ``sku``, ``site``, ``safety_stock``, ``kept`` (units at the ends of weeks, on average), ``weeks`` below, and ``lack`` (mean units
        short of the safety stock at the ends of weeks).
    """
    stock = view.frame("stock_plan")
    stock = stock[stock["plan"] == "joint"]
    held = stock.groupby(["site", "sku", "week"])["quantity"].sum()
    wanted = network[network["safety_stock"] > 0].copy()
    weeks = view.weeks
    ends: dict[tuple[str, str], list[float]] = {}
    for (site, sku, _week), units in held.items():
        ends.setdefault((str(site), str(sku)), []).append(float(units))
    kept, below, lack = [], [], []
    for row in wanted.itertuples():
        # A week without a row is one that ends with nothing there.
        units = ends.get((str(row.site), str(row.sku)), [])
        units = units + [0.0] * max(weeks - len(units), 0)
        short = [max(row.safety_stock - one, 0.0) for one in units]
        kept.append(sum(units) / len(units))
        below.append(sum(one > 0.5 for one in short))
        lack.append(sum(short) / len(short))
    wanted = wanted.assign(kept=kept, weeks=below, lack=lack)
    wanted["worth"] = wanted["lack"] * wanted["value"] / wanted["safety_stock"]
    return wanted[wanted["weeks"] > 0].sort_values(["worth", "sku", "site"], ascending=[False, True, True])


def _beside_plan(view: RunView, network: Any) -> list[Block]:
    """List where the joint plan holds less than the safety stock."""
    if not len(network) or not len(view.frame("stock_plan")):
        return []
    low = below_target(view, network)
    numbers = view.numbers
    cells = tuple(
        (
            view.named(row.sku),
            view.place(row.site),
            numbers.count(row.safety_stock),
            numbers.count(row.kept),
            numbers.count(row.weeks),
            numbers.count(row.lack),
            numbers.short(row.worth),
        )
        for row in low.head(_ROWS_SHOWN).itertuples()
    )
    header = (
        tr("Product"), tr("Place"), tr("Safety stock, units"), tr("The joint plan keeps, on average"), tr("Weeks below"),
        tr("Lacking, on average"), tr("Lacking, at cost"),
    )  # fmt: skip
    note = tr(
        "The joint plan makes and ships for mean demand. In {low} of {all} stocks it ends some week below the safety stock; covering that takes stock worth {worth}, which the plan's value does not count. The setting plan.safety_stock lets plans keep it where it pays.",
        low=numbers.count(len(low)),
        all=numbers.count(int((network["safety_stock"] > 0).sum())),
        worth=numbers.short(float(low["worth"].sum())),
    )
    return [Grid(tr("Where the joint plan is below target"), header, cells, (2, 3, 4, 5, 6), note, folded=True)]


def _kept_in_plan(view: RunView, separate: Any) -> list[Block]:
    """List what safety stock the joint plan keeps against the targets; nothing where plans keep none."""
    kept = view.frame("safety_stock")
    if not len(kept):
        return []
    numbers, key = view.numbers, ["site", "sku", "seller"]
    target = separate.loc[separate["safety_stock"] > 0, [*key, "safety_stock"]]
    joint = target.merge(kept[kept["plan"] == "joint"], on=key, how="left")
    joint = joint.fillna({"wanted": 0.0, "held": 0.0, "worth": 0.0})
    joint["lack"] = joint["safety_stock"] - joint["held"]
    joint = joint.sort_values(["lack", "sku", "site", "seller"], ascending=[False, True, True, True])
    cells = tuple(
        (
            view.named(row.sku),
            view.place(row.site),
            view.firm(row.seller),
            numbers.count(row.safety_stock),
            numbers.count(row.wanted),
            numbers.count(row.held),
            numbers.short(row.worth),
        )
        for row in joint.head(_ROWS_SHOWN).itertuples()
    )
    header = (
        tr("Product"), tr("Place"), tr("Seller"), tr("Safety stock, units"), tr("Worth keeping"), tr("The joint plan keeps"),
        tr("What that saves"),
    )  # fmt: skip
    note = tr(
        "Safety stock is part of the plans. Of {target} {target:unit|units} of target, {wanted} save more a week than keeping them costs. The joint plan keeps {held}, the separate plans {alone}: the others would cost more in setups, overtime, freight or other sales. What is kept saves {worth} in expectation; no money moves, and it is an account of its own.",
        target=numbers.count(float(target["safety_stock"].sum())),
        wanted=numbers.count(float(joint["wanted"].sum())),
        held=numbers.count(float(joint["held"].sum())),
        alone=numbers.count(float(kept.loc[kept["plan"] == "separate", "held"].sum())),
        worth=numbers.short(float(joint["worth"].sum())),
    )
    return [
        Grid(tr("What safety stock the joint plan keeps"), header, cells, (3, 4, 5, 6), note, folded=len(cells) > 12)
    ]


def _grid(view: RunView, rows: Any, title: str, *, seller: bool) -> Grid:
    numbers = view.numbers
    known = "lies" in rows and bool(rows["on_hand"].notna().any())
    first = (tr("Product"), tr("Place"), *((tr("Seller"),) if seller else ()))
    cells = tuple(
        (
            view.named(row.sku),
            view.place(row.site),
            *((view.firm(row.seller),) if seller else ()),
            numbers.number(row.demand),
            numbers.number(row.lead_weeks),
            numbers.count(row.reorder_point),
            numbers.count(row.order_up_to),
            numbers.count(row.safety_stock),
            *(_ordering(view, row) if known else ()),
            numbers.share(row.service, 0),
            numbers.share(row.fill, 0),
            numbers.short(row.value),
            numbers.short(row.cost),
            *((_lying(view, row),) if known else ()),
        )
        for row in rows.sort_values(["cost", "sku", "site"], ascending=[False, True, True])
        .head(_ROWS_SHOWN)
        .itertuples()
    )
    header = (
        *first, tr("Demand a week"), tr("Lead time, weeks"), tr("Reorder point"), tr("Order up to"), tr("Safety stock, units"),
        *((tr("On hand"), tr("On order"), tr("Owed"), tr("Order now")) if known else ()),
        tr("Chance of not running out"), tr("Share of demand served"), tr("Safety stock, at cost"), tr("Cost a week"),
        *((tr("Where what is on order lies"),) if known else ()),
    )  # fmt: skip
    notes = [
        tr(
            "Order when stock on hand and on order is at or below the reorder point. All of them, and the way they were found, are in"
            " the table targets."
        ),
        tr(
            "Chance of not running out: that nothing is missing until the next order can arrive. Share of demand served: of all units wanted, those that stock serves in time."
        ),
    ]
    if known:
        notes.append(
            tr(
                "On order: what lies at places before it, is under way or in decided lots, as far as it is lacking; what several stocks can draw on is shared. Owed: open orders already due."
            )
        )
    none = int((rows["below_demand"] > 0.5).sum()) if "below_demand" in rows else 0
    if none:
        notes.append(
            tr(
                "{n} of {all} keep no safety stock and lie below expected demand: there being short now and then costs less than holding.",
                n=numbers.count(none),
                all=numbers.count(len(rows)),
            )
        )
    bare = int((rows["order_up_to"] < 0.5).sum())
    if bare:
        notes.append(
            tr(
                "{n} of {all} keep nothing, as that costs less: there the chance of not running out is that of nothing being wanted, and nothing is served from stock.",
                n=numbers.count(bare),
                all=numbers.count(len(rows)),
            )
        )
    figures = tuple(range(len(first), len(header) - known))
    return Grid(title, header, cells, figures, sentences(notes) if not seller else "", folded=True)


def _ordering(view: RunView, row: Any) -> tuple[str, ...]:
    """Return what is on hand, on order and owed, and what to order now."""
    count = view.numbers.count
    return (count(row.on_hand), count(_on_order(row)), count(row.owed), count(row.order_now))


def _on_order(row: Any) -> float:
    return float(row.before + row.under_way + row.decided)


def _lying(view: RunView, row: Any) -> str:
    """Return the places of what is on order with their names, in whole units that add up to what is shown as on order."""
    told = [part.rsplit(" ", 1) for part in row.lies.split("; ")] if isinstance(row.lies, str) else []
    units = whole([float(amount) for _, amount in told], _on_order(row))
    shown = zip((place for place, _ in told), units, strict=True)
    return tr("; ").join(f"{view.place(place)} {view.numbers.count(n)}" for place, n in shown if n)
