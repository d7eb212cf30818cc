"""Workshops, places and lanes that are full, by stretches of weeks, and what more of them is worth."""

from __future__ import annotations

from collections.abc import Iterator

from jointplan.planning.plan import TINY
from jointplan.planning.why.figures import Figures
from jointplan.planning.why.hours import FULL
from jointplan.planning.why.reason import Reason, spread
from jointplan.planning.why.stretches import stretches


def full_workshops(figures: Figures) -> Iterator[Reason]:
    """Explain the workshops that have no hour left, or none but overtime that is worth it."""
    p, hours = figures.plan.problem, figures.hours
    regular = hours.left & (hours.used >= FULL * p.regular) & (hours.worth > 0)
    full = [("capacity", *found) for found in stretches(~hours.left & (hours.used > TINY))]
    for cause, m, t in [*full, *(("overtime", *found) for found in stretches(regular))]:
        weeks = slice(t[0], t[1] + 1)
        yield Reason(
            "full", cause, int(p.resource_firm[m]), *t, resource=m, quantity=float(hours.used[m, weeks].sum()),
            binding=m, binding_first=t[0], binding_last=t[1], maker=int(p.resource_firm[m]),
            **spread(hours.worth[m, weeks]),
        )  # fmt: skip


def full_places(figures: Figures) -> Iterator[Reason]:
    """Explain the places and lanes that take no more."""
    for limit in figures.passage.limits:
        for _, (first, last) in stretches(limit.full[None]):
            weeks = slice(first, last + 1)
            yield Reason(
                "full", limit.cause, -1, first, last, place=limit.node, lane=limit.lane, unit=limit.unit,
                quantity=float(limit.most[weeks].sum()), limit=float(limit.most[first]), binding_first=first,
                binding_last=last, **spread(limit.price[weeks]),
            )  # fmt: skip
