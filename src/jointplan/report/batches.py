"""Small orders into large batches: sizes before and after, setups saved, and the waiting that this imposes."""

from __future__ import annotations

from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Section
from jointplan.report.numbers import apart
from jointplan.report.vega import PLAN_COLOURS, before_and_after, number_axis
from jointplan.report.view import RunView
from jointplan.report.words import PLANS, word
from jointplan.texts import sentences, tr

_SHOWN = 20
_ROWS_SHOWN = 40


def batches_section(view: RunView) -> Section | None:
    """Return the section on pooled orders; None where there is nothing to tell."""
    frame = view.frame("batches")
    families = frame[frame["by"] == "family"].sort_values("orders", ascending=False, kind="stable")
    if not len(families) or "lots_pooled" not in frame:  # an earlier version counts orders instead
        return None
    total = families[
        [
            "orders",
            "lots_pooled",
            "lots_separate",
            "lots_joint",
            "setup_hours_separate",
            "setup_hours_joint",
            "unsold_separate",
            "unsold_joint",
            "earlier",
            "later",
        ]
    ].sum()
    blocks: list[Block] = [
        _picture(view, families),
        _grid(view, families, "family", tr("Family by family"), folded=False),
    ]
    for by, title in (("firm", tr("Batches by making firm")), ("seller", tr("Batches by seller"))):
        rows = frame[frame["by"] == by].sort_values("orders", ascending=False, kind="stable")
        if len(rows):
            blocks.append(_grid(view, rows, by, title, folded=True))
    kept = view.frame("kept_setups")
    if len(kept):
        blocks.append(_kept(view, kept))
    return Section(
        "batches",
        tr("How do small orders become large batches?"),
        tr("Batches"),
        _answer(view, total),
        _cards(view, total),
        tuple(blocks),
    )


def _kept(view: RunView, kept: Any) -> Grid:
    """Show how many setups workshops keep over the week's end, plan by plan, and what that spares."""
    numbers = view.numbers
    spared = kept[kept["lot"].notna()]
    rows = tuple(
        (
            word(PLANS, plan),
            numbers.count(len(of_plan)),
            numbers.number(of_plan["hours"].sum()),
            numbers.money(of_plan["cost"].sum()),
        )
        for plan in view.plans
        for of_plan in (spared[spared["plan"] == plan],)
    )
    return Grid(
        tr("Setups kept over the week's end"),
        (tr("Plan"), tr("Setups spared"), tr("Hours spared"), tr("Money spared")),
        rows,
        (1, 2, 3),
        tr(
            "A workshop that stays set up begins the next week with what it made last, without a setup. The hours above are less "
            "these."
        ),
    )


def _answer(view: RunView, total: Any) -> str:
    count = view.numbers.count
    said = tr(
        "{before} {before:lot becomes|lots become} {after}; {pooled} of these {pooled:holds|hold} goods of several sellers.",
        pooled=count(total["lots_pooled"]),
        before=count(total["lots_separate"]),
        after=count(total["lots_joint"]),
    )
    if round(total["unsold_separate"]) == round(total["unsold_joint"]) == 0:
        return said
    return sentences(
        [
            said,
            tr(
                "Smallest lots leave {before} {before:unit|units} unsold in separate plans and {after} in the joint plan: more than as many weeks "
                "again would sell, which counts as lost.",
                before=count(total["unsold_separate"]),
                after=count(total["unsold_joint"]),
            ),
        ]
    )


def _cards(view: RunView, total: Any) -> tuple[Card, ...]:
    numbers = view.numbers
    share = total["lots_pooled"] / total["lots_joint"] if total["lots_joint"] else None
    return (
        Card(tr("Lots for several sellers"), numbers.share(share), tr("of all lots in the joint plan")),
        Card(
            tr("Setup hours saved"),
            numbers.count(apart(total["setup_hours_separate"], total["setup_hours_joint"])),
            tr(
                "{before} {before:hour becomes|hours become} {after}",
                before=numbers.count(total["setup_hours_separate"]),
                after=numbers.count(total["setup_hours_joint"]),
            ),
        ),
        Card(
            tr("Goods wait longer for delivery")
            if round(total["earlier"]) >= 0
            else tr("Goods wait less for delivery"),
            numbers.count(abs(total["earlier"])),
            tr("unit-weeks between making and delivery, the same units in both plans"),
        ),
        Card(
            tr("Customers wait longer") if round(total["later"]) >= 0 else tr("Customers wait less"),
            numbers.count(abs(total["later"])),
            tr("unit-weeks late, beside separate plans"),
        ),
    )


def _picture(view: RunView, families: Any) -> Chart:
    """Draw the mean lot of each family before and after."""
    rows = [
        {"name": row.family, "before": row.size_separate, "after": row.size_joint}
        for row in families.head(_SHOWN).itertuples()
    ]
    spec = before_and_after(
        rows,
        number_axis(view.lang, tr("units in a lot, on average")),
        (tr("Family"), word(PLANS, "separate"), word(PLANS, "joint")),
        (PLAN_COLOURS["separate"], PLAN_COLOURS["joint"]),
    )
    return Chart(
        "pooling",
        tr("The average lot of each family, before and after"),
        tr("Two points a family: grey, units in a lot in separate plans; green, in the joint plan."),
        spec,
        note=tr("Grey: separate plans. Green: joint plan."),
    )


def _signed(view: RunView, value: float) -> str:
    """Write a difference of unit-weeks with its sign."""
    text = view.numbers.count(value)
    return f"+{text}" if value >= 0.5 else text


def _grid(view: RunView, rows: Any, by: str, title: str, *, folded: bool) -> Grid:
    numbers = view.numbers
    first = (tr("Family"),) if by == "family" else (tr("Family"), tr("Firm"))
    cells = tuple(
        (
            row.family,
            *(() if by == "family" else (view.firm(row.firm),)),
            numbers.count(row.orders),
            numbers.count(row.lots_separate),
            numbers.count(row.lots_joint),
            numbers.count(row.lots_pooled),
            numbers.count(row.size_separate),
            numbers.count(row.size_joint),
            numbers.number(row.setup_hours_separate - row.setup_hours_joint),
            _signed(view, row.earlier),
            _signed(view, row.later),
        )
        for row in rows.head(_ROWS_SHOWN).itertuples()
    )
    header = (
        *first, tr("Orders"), tr("Lots, separate"), tr("Lots, joint"), tr("For several sellers"), tr("Lot size, separate"),
        tr("Lot size, joint"), tr("Setup hours saved"), tr("Goods wait longer (+) or less (−), unit-weeks"),
        tr("Customers wait longer (+) or less (−), unit-weeks"),
    )  # fmt: skip
    notes = {
        "family": tr(
            "An order is what one seller is delivered of a product in a market in a week. Units have no names: the earliest made "
            "count as the earliest delivered. How long goods wait is told of units made in both plans, with the maker of the joint one; "
            "– where there are none."
        ),
        "firm": tr(
            "An order made at several firms counts with each of them, so that these rows may add up to more orders than there are."
        ),
        "seller": tr(
            "A lot that serves several sellers stands with each of them, so that these rows may add up to more lots than are made."
        ),
    }
    return Grid(title, header, cells, tuple(range(len(first), len(header))), notes[by], folded)
