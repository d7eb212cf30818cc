"""Why the search of each plan ended: proven, stopped, out of seconds, or done with its rounds."""

from __future__ import annotations

from typing import Any

from jointplan.report.numbers import Numbers, apart, known
from jointplan.report.view import RunView
from jointplan.report.words import PLANS, RELAXATIONS, STATUSES, word
from jointplan.texts import listed, tr

_NEARLY = 0.97  # share of its seconds from which a search ended by them: it keeps some for what comes last
_ROUNDING = 1e-9  # share of its value by which a plan may miss its bound in figures alone
_SMALL = 0.001  # a smaller gap has a digit more: else an unproven plan would be told to have none


def ending(view: RunView, row: Any) -> str:
    """Return the code of why a plan's search ended: ``optimal``, ``stopped``, ``seconds``, ``rounds`` or ``unknown``.

    Parameters
    ----------
    view : RunView
        The run, whose settings say what the limits were.
    row : row of the table **values**
        The plan.
    """
    if row.status != "feasible":
        return str(row.status)
    solving = _solving(view)
    # A plan that keeps every rule may be found to be good enough after its search: by the bound on a larger coalition's plan.
    if not row.violations and known(row.gap) and row.gap <= max(solving.get("gap", 0.0), _ROUNDING):
        return "optimal"
    limit = solving.get("seconds")
    if limit is not None and row.seconds >= _NEARLY * limit:
        return "seconds"
    return "stopped" if view.manifest.get("ended_early") else "rounds"


def ending_lines(view: RunView) -> list[str]:
    """Return for each plan that was searched how far it may be off, why its search ended, and what to change for more."""
    numbers, limit = view.numbers, _solving(view).get("seconds")
    longer = {"seconds": "--seconds", "rounds": "plan.solve.rounds"}
    lines = []
    for row in view.frame("values").itertuples():
        if row.plan == "recorded":
            continue
        why = ending(view, row)
        values = {
            "plan": word(PLANS, row.plan),
            "gap": numbers.share(row.gap, 1 if row.gap >= _SMALL else 2),
            "why": word(STATUSES, why),
            "taken": _taken(numbers, row.seconds, limit),
            "setting": longer.get(why),
        }
        lines.append(
            tr("{plan}: gap {gap}, {why} after {taken}; for more, raise {setting}", **values)
            if why in longer
            else tr("{plan}: gap {gap}, {why} after {taken}", **values)
        )
    return lines


def _taken(numbers: Numbers, seconds: float, limit: float | None) -> str:
    """Return how long a search took of what it may take, and how much of that it finished what was begun when its time was up."""
    more = 0 if limit is None else apart(seconds, limit)
    if more > 0:
        return tr(
            "{seconds} s, {more} of them beyond the limit of {limit}, to finish what was begun",
            seconds=numbers.count(seconds),
            more=numbers.count(more),
            limit=numbers.count(limit),
        )
    return tr("{seconds} s of {limit}", seconds=numbers.count(seconds), limit=numbers.count(limit))


def bound_lines(view: RunView) -> list[str]:
    """Return what no plan of each kind can exceed, and which relaxation proves it; nothing where a run does not tell."""
    told = [
        tr(
            "{plan} {upper} ({how})",
            plan=word(PLANS, row.plan).lower(),  # within a sentence
            upper=view.numbers.money(row.upper),
            how=relaxations(row),
        )
        for row in view.frame("values").itertuples()
        if relaxations(row)
    ]
    return [tr("No plan can be worth more than: {bounds}.", bounds=tr("; ").join(told))] if told else []


def relaxations(row: Any) -> str:
    """Return in words which relaxations the bound of a row of **values** rests on; nothing where it does not tell."""
    codes = getattr(row, "bound_by", None)
    return listed(word(RELAXATIONS, code) for code in codes.split(", ")) if isinstance(codes, str) else ""


def _solving(view: RunView) -> dict[str, Any]:
    """Return the settings of the search; empty where an older run keeps none."""
    solving: dict[str, Any] = view.manifest["settings"].get("plan", {}).get("solve", {})
    return solving
