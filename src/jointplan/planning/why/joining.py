"""Weeks of a line that are told together: small ones from the start, and those that turn out to have one cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from jointplan.planning.plan import TINY
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.why.reason import Reason

LEAST_LATE = 0.5  # units below which a week of a line is not worth a word
LEAST_TOGETHER = 1.0  # units from which such weeks are told, all together


def told(units: Floats) -> Iterator[Ints]:
    """Yield the weeks of a line, (T,), that are told together: one that is worth a word alone, the others where they add up to one."""
    large = units >= LEAST_LATE
    yield from np.flatnonzero(large)[:, None]
    small = np.flatnonzero(~large & (units > TINY))
    if units[small].sum() >= LEAST_TOGETHER:
        yield small


def joined(found: Sequence[Reason]) -> Iterator[Reason]:
    """Tell as one what has one cause in weeks that follow one another."""
    stretch: list[Reason] = []
    for reason in [*found, None]:
        if reason is not None and stretch and reason.first == stretch[-1].last + 1 and _alike(reason, stretch[-1]):
            stretch.append(reason)
            continue
        if stretch:
            yield _stretched(stretch)
        stretch = [] if reason is None else [reason]


def _alike(one: Reason, other: Reason) -> bool:
    if one.batch != other.batch or (one.batch >= 0 and one.binding_first != other.binding_first):
        return False
    if (one.place, one.lane, one.unit, one.barriers) != (other.place, other.lane, other.unit, other.barriers):
        return False
    return (one.cause, one.binding, one.maker) == (other.cause, other.binding, other.maker)


def _stretched(stretch: Sequence[Reason]) -> Reason:
    firsts, lasts = [r.binding_first for r in stretch], [r.binding_last for r in stretch]

    def mean(values: list[float | None]) -> float | None:
        """Return the mean over units."""
        known = [(value, r.quantity) for value, r in zip(values, stretch, strict=True) if value is not None]
        return (
            float(np.average([value for value, _ in known], weights=[units for _, units in known])) if known else None
        )

    low, high = ([x for r in stretch if (x := getattr(r, name)) is not None] for name in ("worth_low", "worth_high"))
    return replace(
        stretch[0], last=stretch[-1].last, quantity=sum(r.quantity for r in stretch), waited=sum(r.waited for r in stretch),
        binding_first=min(firsts), binding_last=max(lasts),
        worth_low=min(low, default=None), worth_high=max(high, default=None),
        worth=mean([r.worth for r in stretch]), cost=mean([r.cost for r in stretch]), usual=mean([r.usual for r in stretch]),
    )  # fmt: skip
