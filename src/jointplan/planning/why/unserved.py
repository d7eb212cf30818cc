"""What is late or given up, line by line. Who waits is served in turn.

Every late unit is told once, in the week in which it was due, with the weeks that it waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from jointplan.planning.plan import TINY
from jointplan.planning.problem import Ints
from jointplan.planning.weekly import sum_by
from jointplan.planning.why.batches import weigh
from jointplan.planning.why.causes import why_unserved
from jointplan.planning.why.figures import Figures
from jointplan.planning.why.joining import joined, told
from jointplan.planning.why.line import Line
from jointplan.planning.why.reason import Reason


def unserved(figures: Figures, undone: Mapping[str, Sequence[str]], kind: str) -> Iterator[Reason]:
    """Explain what is late or given up, line by line; weeks with one cause are told together.

    Parameters
    ----------
    figures : Figures
        Of the plan.
    undone : mapping of str to sequence of str
        Of products that nobody can make, by SKU, the processes that nobody can do.
    kind : str
        ``late`` or ``unmet``.
    """
    waiting = figures.waiting
    # Of each series and week: the units that were due then and are late, or given up, and the weeks that they wait.
    units = waiting.unmet if kind == "unmet" else np.diagonal(waiting.left, axis1=1, axis2=2)
    waited = waiting.left.sum(axis=2) if kind == "late" else np.zeros_like(units)
    groups = int(waiting.group.max(initial=-1)) + 1
    # A batch that is missing serves, with those of a week, all who come after them.
    together = sum_by(waiting.group, units, groups)[:, ::-1].cumsum(axis=1)[:, ::-1]

    def line(s: int, weeks: Ints) -> Line:
        """Return some weeks of a series as one line: the week of the most units stands for them."""
        t = int(weeks[units[s, weeks].argmax()])
        late, waits = float(units[s, weeks].sum()), float(waited[s, weeks].sum())
        return Line(figures.plan.problem, kind, s, t, late, waits, float(together[waiting.group[s], t]))

    found: dict[int, list[Reason]] = {}
    for s in np.flatnonzero((units > TINY).any(axis=1)).tolist():
        for weeks in told(units[s]):
            reason = why_unserved(figures, undone, line(s, weeks))
            found.setdefault(s, []).append(replace(reason, first=int(weeks[0]), last=int(weeks[-1])))
    for group in np.unique(waiting.group[list(found)]).tolist():
        weigh(figures, group, {s: reasons for s, reasons in found.items() if waiting.group[s] == group})
    for reasons in found.values():
        yield from joined(reasons)
