"""What decided lots need beyond the hours there are: kept, paid as overtime, and told first."""

from __future__ import annotations

import pandas as pd

from jointplan.report.view import RunView
from jointplan.report.words import PLANS, word
from jointplan.texts import sentences, tr

STRAIN = "decided lots beyond the hours there are"
_MOST = 5  # workshop-weeks named


def strain_lines(view: RunView) -> list[str]:
    """Return for each plan in which workshops and weeks decided lots need more hours than there are; nothing where none do."""
    found = view.frame("violations")
    cure = _cure(view)
    lines = []
    for plan, rows in found[found["rule"] == STRAIN].groupby("plan", sort=False):
        rows = rows.sort_values("amount", ascending=False)
        named = [
            tr(
                "{hours} h in {place} in the week of {week}",
                hours=view.numbers.number(row.amount),
                place=row.place,
                week=view.numbers.day(row.week),
            )
            for row in rows.head(_MOST).itertuples()
        ]
        told = tr(
            "{plan}: decided lots need {hours} {hours:hour|hours} more than there are, most of them {places}. They are kept, and these "
            "hours are paid as overtime.",
            plan=word(PLANS, plan),
            hours=view.numbers.number(rows["amount"].sum()),
            places=tuple(named),
        )
        lines.append(sentences((told, *cure)))
    return lines


def _cure(view: RunView) -> list[str]:
    """Return whose the lots are that need these hours, and what to do."""
    frozen = view.manifest.get("frozen")
    if not frozen or not frozen["lots"]:
        return [tr("Move lots in the table approved, or raise the hours in capacity.")]
    said = tr("Frozen from the joint plan of run {run}: {n} {n:lot|lots}.", run=frozen["run"], n=frozen["lots"])
    if any(file["table"] == "approved" for file in view.manifest["inputs"]):
        return [
            said,
            tr("Freeze fewer weeks (--freeze-weeks), move lots in the table approved, or raise the hours in capacity."),
        ]
    return [said, tr("Freeze fewer weeks (--freeze-weeks), or raise the hours in capacity.")]


def broken_rules(view: RunView, plan: str) -> pd.DataFrame:
    """Return the rules that a plan breaks, rows of **violations**; hours that decided lots need are paid, and break none."""
    found = view.plan("violations", plan)
    return found[found["rule"] != STRAIN]
