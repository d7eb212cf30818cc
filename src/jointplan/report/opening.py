"""Goods that were there before the first week: what is made of what is wanted reads wrong without them."""

from __future__ import annotations

from datetime import timedelta

from jointplan.report.view import RunView
from jointplan.texts import tr

_LEAST = 0.5  # units: less is the solver's rounding


def opening_note(view: RunView) -> str:
    """Return how what is wanted, made, delivered and left fits with what was there before; nothing where nothing was."""
    last = view.start + timedelta(weeks=view.weeks - 1)
    made = float(view.plan("lots", "joint")["quantity"].sum())
    lines, stock, sent = (view.plan(name, "joint") for name in ("deliveries", "stock_plan", "shipments"))
    wanted, delivered = float(lines["demand"].sum()), float(lines["delivered"].sum())
    left = float(
        stock.loc[stock["week"] == last, "quantity"].sum() + sent.loc[sent["arrives"] > last, "quantity"].sum()
    )
    # Nothing is lost on the way: what is delivered or left and was not made was there before.
    before = delivered + left - made
    if before < _LEAST:
        return ""
    count = view.numbers.count
    values = {
        "wanted": count(wanted), "made": count(made), "before": count(before), "delivered": count(delivered), "left": count(left),
    }  # fmt: skip
    known, carried = view.frame("assumptions"), view.frame("carried")
    if ((known["item"] == "stock") & (known["replaced_by"] == "recorded")).any():
        return tr(
            "{wanted} {wanted:unit is|units are} wanted and {made} {made:is|are} made in these weeks: {before} {before:was|were} there or under way before, as the rows of "
            "recorded up to the first week leave them. {delivered} {delivered:is|are} delivered, {left} {left:is|are} left or under way at the end.",
            **values,
        )
    if carried["what"].isin(("stock", "under_way", "work")).any():
        return tr(
            "{wanted} {wanted:unit is|units are} wanted and {made} {made:is|are} made in these weeks: {before} {before:was|were} there before, taken over from the earlier "
            "plan, on hand or under way. {delivered} {delivered:is|are} delivered, {left} {left:is|are} left or under way at the end.",
            **values,
        )
    return tr(
        "{wanted} {wanted:unit is|units are} wanted and {made} {made:is|are} made in these weeks: {before} {before:was|were} there or under way before, by the table stock. "
        "{delivered} {delivered:is|are} delivered, {left} {left:is|are} left or under way at the end.",
        **values,
    )
