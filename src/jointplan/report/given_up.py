"""Products of which a plan delivers next to nothing: the answer says so before anybody asks why."""

from __future__ import annotations

from typing import Any

from jointplan.report.view import RunView
from jointplan.texts import argument, tr

NEARLY = 0.9  # share of what is wanted from which a product is told as given up
_MOST = 5  # products named


def given_up(view: RunView) -> list[dict[str, Any]]:
    """Return the products that the joint plan gives up nearly wholly, the most units first.

    Returns
    -------
    list of dict
        sku, unmet and demand, both in units over all weeks planned.
    """
    sums = view.plan("deliveries", "joint").groupby("sku", as_index=False)[["unmet", "demand"]].sum()
    found = sums[(sums["demand"] > 0) & (sums["unmet"] >= NEARLY * sums["demand"])]
    rows: list[dict[str, Any]] = found.sort_values(["unmet", "sku"], ascending=[False, True]).to_dict("records")
    return rows


def given_up_lines(view: RunView, folder: object) -> list[str]:
    """Return which products the joint plan gives up nearly wholly, and how to ask why; nothing where there are none."""
    found = given_up(view)

    def count(units: float) -> str:
        return view.numbers.count(units) if units >= 1 else view.numbers.number(units, 2)

    lines = [
        tr(
            "Joint plan: nearly all of {sku} is given up: {unmet} of {demand} {demand:unit|units} wanted.",
            sku=view.named(row["sku"]),
            unmet=count(row["unmet"]),
            demand=count(row["demand"]),
        )
        if count(row["unmet"]) != count(row["demand"])
        else tr(
            "Joint plan: all of {sku} is given up: {unmet} {unmet:unit|units} wanted.",
            sku=view.named(row["sku"]),
            unmet=count(row["unmet"]),
        )
        for row in found[:_MOST]
    ]
    if len(found) > _MOST:
        lines.append(
            tr(
                "… and {n} {n:more product|more products}, {unmet} {unmet:unit|units}.",
                n=len(found) - _MOST,
                unmet=count(sum(row["unmet"] for row in found[_MOST:])),
            )
        )
    # Without a name `why` is of the latest run that is no what-if and whose joint plan was searched.
    passed_over = view.run.what_ifs or not view.run.joint_searched
    named = f" --run {argument(view.run.folder.name)}" if passed_over else ""
    return [*lines, tr("Why: jointplan why {folder}", folder=argument(folder) + named)] if lines else []
