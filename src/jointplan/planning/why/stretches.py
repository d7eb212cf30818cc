"""Weeks that follow one another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jointplan.planning.problem import Bools


def stretch(there: Bools, week: int) -> tuple[int, int]:
    """Return the first and last of the weeks around one that are all true."""
    first = last = week
    while first > 0 and there[first - 1]:
        first -= 1
    while last + 1 < len(there) and there[last + 1]:
        last += 1
    return first, last


def stretches(there: Bools) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the row, first and last week of each stretch of weeks that are true."""
    for row in np.flatnonzero(there.any(axis=1)):
        edges = np.diff(np.concatenate([[0], there[row].astype(int), [0]]))
        for first, behind in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
            yield int(row), (int(first), int(behind) - 1)
