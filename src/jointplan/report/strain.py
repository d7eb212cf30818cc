"""What decided lots need beyond the hours there are: kept, paid as overtime, and told first."""

from __future__ import annotations

import pandas as pd

from jointplan.report.view import RunView
from jointplan.report.words import PLANS, word
from jointplan.texts import tr

STRAIN = "decided lots beyond the hours there are"
_MOST = 5  # workshop-weeks named


def strain_lines(view: RunView) -> list[str]:
    """Return for each plan in which workshops and weeks decided lots need more hours than there are; nothing where none do."""
    found = view.frame("violations")
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
        lines.append(
            tr(
                "{plan}: decided lots need {hours} {hours:hour|hours} more than there are, most of them {places}. They are kept, and these "
                "hours are paid as overtime; move lots in the table approved, or raise the hours in capacity.",
                plan=word(PLANS, plan),
                hours=view.numbers.number(rows["amount"].sum()),
                places=tuple(named),
            )
        )
    return lines


def broken_rules(view: RunView, plan: str) -> pd.DataFrame:
    """Return the rules that a plan breaks, rows of **violations**; hours that decided lots need are paid, and break none."""
    found = view.plan("violations", plan)
    return found[found["rule"] != STRAIN]
