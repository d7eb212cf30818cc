"""For whom: what each side and each firm has in each plan."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.numbers import whole
from jointplan.report.vega import ACCENT, LOSS, chart_spec, inline, number_axis, plan_scale
from jointplan.report.view import HUB, RunView
from jointplan.report.words import PLANS, SIDES, word
from jointplan.study import Run
from jointplan.texts import sentences, tr

_FIRMS_SHOWN = 40


def parties_section(view: RunView) -> Section:
    """Return the section on who gains, before any settlement among members."""
    gains = view.frame("gains")
    # What is shown of firms adds up to what is shown of their sides, and all of it to the gain that is told.
    gains = gains.assign(shown=whole(gains["change"].tolist(), Run(view.run).whole_gain.found))
    members = gains[gains["side"] != HUB]
    return Section(
        "parties",
        tr("Who gains?"),
        tr("For whom"),
        _answer(view, members),
        tuple(_cards(view, gains)),
        tuple(_blocks(view, gains, members)),
    )


def _answer(view: RunView, members: Any) -> str:
    changes = members["shown"]
    up, down = int((changes > 0).sum()), int((changes < 0).sum())
    if len(members) == 0:
        return tr("No firm has anything to gain or lose here.")
    if view.manifest["verdict"] == "one_owner":
        return tr("All firms that take part belong to one owner, so there is nothing to share out.")
    if up == 0 and down == 0:
        return tr("No firm's result differs between the separate plans and the joint plan.")
    won, lost = changes[changes > 0].sum(), changes[changes < 0].sum()
    if down == 0:
        return tr(
            "Every firm whose result changes ({up}) is better off, by {won} together.",
            up=up,
            won=view.numbers.money(won),
        )
    return tr(
        "Before any settlement among members, the result rises for {up} {up:firm|firms}, by {won} in all, and falls for "
        "{down}, by {lost} in all; those who win must compensate the others for everyone to agree.",
        up=up,
        won=view.numbers.money(won),
        down=down,
        lost=view.numbers.money(-lost),
    )


def _cards(view: RunView, gains: Any) -> list[Card]:
    """Return one card for each side, the hub apart; their amounts add up to the gain."""
    cards = []
    firms = gains["side"].value_counts()
    sides = [side for side in SIDES if side in firms]
    for side in sides:
        shown = int(gains.loc[gains["side"] == side, "shown"].sum())
        cards.append(
            Card(
                word(SIDES, side),
                view.numbers.money(shown, signed=True),
                tr("firms: {n}; joint − separate", n=view.numbers.count(firms[side]))
                if side != HUB
                else tr("its own cost, borne before any fee from members"),
                "gain" if shown > 0 else "loss" if shown < 0 else "",
            )
        )
    goodwill = _goodwill(view)
    if goodwill:
        change = sum(parts.get("joint", 0.0) - parts.get("separate", 0.0) for parts in goodwill.values())
        cards.append(
            Card(
                tr("Of all this, not cash"),
                view.numbers.money(change, signed=True),
                tr("change in goodwill of lost sales and in what stock is worth; no money moves"),
            )
        )
    return cards


def _goodwill(view: RunView) -> dict[str, dict[str, float]]:
    """Return the amounts that are no cash, by firm and plan."""
    ledger = view.frame("ledger")
    rows = ledger[ledger["is_cash"].eq(False)]
    result: dict[str, dict[str, float]] = {}
    for (firm, plan), amount in rows.groupby(["firm", "plan"])["amount"].sum().items():
        result.setdefault(str(firm), {})[str(plan)] = float(amount)
    return result


def _blocks(view: RunView, gains: Any, members: Any) -> list[Block]:
    if len(members) == 0:
        return []
    unsure = view.manifest["verdict"] == "not_distinguishable" and not Run(view.run).whole_gain.nothing
    unproven = tr("That the plans differ at all is not proven; the amounts below are those of the plans as found.")
    return [
        *([Note(unproven, "warning")] if unsure else []),
        Note(
            tr(
                "Amounts are before any settlement among members: where a plan moves work from one firm to another, "
                "the money follows the work. How to share the gain so that everyone is better off is a separate step."
            )
        ),
        *([_firm_chart(view, members)] if (members["shown"] != 0).any() else []),
        _side_chart(view, members),
        _table(view, gains),
    ]


def _firm_chart(view: RunView, members: Any) -> Chart:
    numbers = view.numbers
    changed = members[members["shown"] != 0]
    order = changed.reindex(changed["change"].abs().sort_values(ascending=False).index).head(_FIRMS_SHOWN)
    order = order.sort_values("change", ascending=False)
    rows = [
        {
            # The code keeps firms of one name apart; the axis shows the name alone.
            "firm": f"{row.firm}\t{view.firm(row.firm)}",
            "name": view.firm(row.firm),
            "side": word(SIDES, row.side),
            "change": round(float(row.change), 2),
            "text": numbers.money(row.shown, signed=True),
        }
        for row in order.itertuples()
    ]
    spec = chart_spec(
        {"step": 22},
        data=inline(rows),
        layer=[
            {
                "mark": {"type": "bar", "height": 13, "cornerRadiusEnd": 2},
                "encoding": {
                    "x": {
                        "field": "change",
                        "type": "quantitative",
                        "axis": number_axis(view.lang, tr("joint − separate, {currency}", currency=numbers.currency)),
                    },
                    "color": {
                        "condition": {"test": "datum.change < 0", "value": LOSS},
                        "value": ACCENT,
                    },
                },
            },
        ],
        encoding={
            "y": {
                "field": "firm",
                "type": "nominal",
                "sort": None,
                "axis": {"title": None, "grid": False, "labelExpr": "split(datum.label, '\\t')[1]"},
            },
            "tooltip": [
                {"field": "name", "type": "nominal", "title": tr("Firm")},
                {"field": "side", "type": "nominal", "title": tr("Side")},
                {"field": "text", "type": "nominal", "title": tr("joint − separate")},
            ],
        },
    )
    hidden, same = len(changed) - len(rows), len(members) - len(changed)
    return Chart(
        "firms",
        tr("Change for each firm"),
        tr("How much better or worse off each firm is under the joint plan than under separate plans."),
        spec,
        note=sentences(
            (
                tr(
                    "The {shown} largest changes; those of {hidden} {hidden:more firm|more firms} are in the table below.",
                    shown=len(rows),
                    hidden=hidden,
                )
                if hidden > 0
                else "",
                tr(
                    "For {same} {same:firm|firms} in the table nothing changes.",
                    same=same,
                )
                if same > 0
                else "",
            )
        ),
        half=True,
    )


def _side_chart(view: RunView, members: Any) -> Chart:
    numbers = view.numbers
    rows = [
        {
            "side": word(SIDES, side),
            "plan": word(PLANS, plan),
            "value": round(float(group[plan].sum()), 2),
            "text": numbers.money(group[plan].sum()),
        }
        for side, group in members.groupby("side", sort=False)
        for plan in view.plans
        if group[plan].notna().any()
    ]
    names = [word(PLANS, plan) for plan in view.plans]
    spec = chart_spec(
        {"step": 26},
        data=inline(rows),
        mark={"type": "bar", "cornerRadiusEnd": 2},
        encoding={
            "x": {
                "field": "value",
                "type": "quantitative",
                "axis": number_axis(view.lang, tr("result, {currency}", currency=numbers.currency)),
            },
            "y": {"field": "side", "type": "nominal", "sort": None, "axis": {"title": None, "grid": False}},
            "yOffset": {"field": "plan", "type": "nominal", "sort": names},
            "color": {
                "field": "plan",
                "type": "nominal",
                "scale": plan_scale(view.plans),
                "legend": {"title": None},
            },
            "tooltip": [
                {"field": "side", "type": "nominal", "title": tr("Side")},
                {"field": "plan", "type": "nominal", "title": tr("Plan")},
                {"field": "text", "type": "nominal", "title": tr("Result")},
            ],
        },
    )
    return Chart(
        "sides",
        tr("Result of each side, plan by plan"),
        tr("What makers and sellers earn in each plan."),
        spec,
        half=True,
    )


def _table(view: RunView, gains: Any) -> Grid:
    numbers, goodwill = view.numbers, _goodwill(view)
    recorded = "recorded" in view.plans
    rows = []
    for row in gains.sort_values("change", ascending=False).itertuples():
        parts = goodwill.get(row.firm, {})
        rows.append(
            (
                view.firm(row.firm) if row.side != HUB else word(SIDES, HUB),
                "" if pd.isna(row.owner) else view.firm(row.owner),
                word(SIDES, row.side),
                *((numbers.money(row.recorded),) if recorded else ()),
                numbers.money(row.separate),
                numbers.money(round(row.separate) + row.shown),
                numbers.money(row.shown, signed=True),
                numbers.money(parts.get("joint", 0.0) - parts.get("separate", 0.0), signed=True),
            )
        )
    header = (
        tr("Firm"),
        tr("Owner"),
        tr("Side"),
        *((tr("As recorded"),) if recorded else ()),
        tr("Separate plans"),
        tr("Joint plan"),
        tr("Change"),
        tr("of which not cash"),
    )
    return Grid(tr("Every firm"), header, tuple(rows), tuple(range(3, len(header))), folded=len(rows) > 12)
