"""What the plans pay for once: what it is, who pays, from when it is used."""

from __future__ import annotations

from collections.abc import Collection

from jointplan.report.blocks import Block, Grid
from jointplan.report.measures import measure_names
from jointplan.report.view import RunView
from jointplan.report.words import PLANS, word
from jointplan.schema.measures import BY_NAME
from jointplan.texts import sentences, tr


def paid_once(view: RunView, measures: Collection[str]) -> list[Block]:
    """Return a grid of what the plans pay for once by these measures; nothing where they pay for none of it."""
    paid = view.frame("investments")
    paid = paid[paid["measure"].isin(measures)]
    if not len(paid):
        return []
    numbers = view.numbers
    rows = tuple(
        (
            word(PLANS, row.plan),
            measure_names(row.measure),
            _place(view, row.measure, row.place),
            row.subject if isinstance(row.subject, str) else "–",
            tr("the members together") if row.owner == "pooled" else row.owner,
            numbers.day(row.week),
            numbers.money(row.cost),
        )
        for row in paid.itertuples()
    )
    sensitive = any(BY_NAME[measure].sensitive for measure in paid["measure"])
    note = sentences(
        (
            tr("What members pay for together is paid once, and shared by what each makes or sells with it."),
            tr("Entering markets together may touch competition law among rivals: have it checked.")
            if sensitive
            else "",
        )
    )
    return [
        Grid(
            tr("What is paid for once"),
            (tr("Plan"), tr("Measure"), tr("Where"), tr("What"), tr("Who pays"), tr("First used"), tr("Cost")),
            rows,
            (6,),
            note,
        )
    ]


def _place(view: RunView, measure: str, place: str) -> str:
    """Return what people call a market, firm or site."""
    if measure in ("enter_market", "joint_promotion"):
        return view.market(place)
    return view.place(place)
