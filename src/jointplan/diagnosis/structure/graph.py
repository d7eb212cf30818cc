"""Compiled loops over a network: breadth-first ways, and random networks that keep every firm's number of ties."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def adjacency(a: Ints, b: Ints, n: int) -> tuple[Ints, Ints]:
    """Return neighbours in compressed form: those of firm i are ``neighbours[starts[i]:starts[i + 1]]``."""
    ends, others = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.argsort(ends, kind="stable")
    starts = np.searchsorted(ends[order], np.arange(n + 1))
    return starts.astype(np.int64), others[order].astype(np.int64)


@njit(nogil=True, cache=True)
def closeness(starts: Ints, neighbours: Ints, sources: Ints) -> Floats:
    """Return for each source the sum of 1/distance to every other firm; ∞ away counts nothing."""
    n = len(starts) - 1
    result = np.zeros(len(sources))
    distance = np.empty(n, np.int64)
    queue = np.empty(n, np.int64)
    for s in range(len(sources)):
        distance[:] = -1
        distance[sources[s]] = 0
        queue[0] = sources[s]
        head, tail = 0, 1
        while head < tail:
            node = queue[head]
            head += 1
            for k in range(starts[node], starts[node + 1]):
                other = neighbours[k]
                if distance[other] < 0:
                    distance[other] = distance[node] + 1
                    result[s] += 1.0 / distance[other]
                    queue[tail] = other
                    tail += 1
    return result


@njit(nogil=True, cache=True)
def _find(table: Ints, key: np.int64) -> np.int64:
    """Return where a key is in an open-addressing table, or −1."""
    mask = len(table) - 1
    place = ((key * np.int64(-7046029254386353131)) >> 20) & mask
    while table[place] != -1:
        if table[place] == key:
            return place
        place = (place + 1) & mask
    return np.int64(-1)


@njit(nogil=True, cache=True)
def _put(table: Ints, key: np.int64) -> None:
    mask = len(table) - 1
    place = ((key * np.int64(-7046029254386353131)) >> 20) & mask
    while table[place] >= 0:
        place = (place + 1) & mask
    table[place] = key


@njit(nogil=True, cache=True)
def _rebuilt(a: Ints, b: Ints, n: int, size: int) -> Ints:
    table = np.full(size, -1, np.int64)
    for e in range(len(a)):
        low, high = min(a[e], b[e]), max(a[e], b[e])
        _put(table, low * n + high)
    return table


@njit(nogil=True, cache=True)
def rewired(
    a: Ints, b: Ints, core: npt.NDArray[np.bool_], draws: int, first: int, between: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw random networks in which every firm keeps its number of ties, and count in each.

    Two ties (i, j) and (k, l) become (i, l) and (k, j), unless that makes a loop or a double tie: the usual chain of
    swaps, whose networks are all equally likely in the long run (Milo and others, arXiv cond-mat/0312028).

    Parameters
    ----------
    a, b : ndarray of int, shape (m,)
        Ends of the ties; each pair once, no loops.
    core : ndarray of bool, shape (n,)
        Firms of the core.
    draws, first, between : int
        Networks to draw, swaps tried before the first, and between two.
    rng : Generator
        Source of chance.

    Returns
    -------
    ndarray of int, shape (draws,)
        Ties within the core.
    ndarray of int, shape (draws,)
        Firms outside the core that are tied to it.
    """
    n, m = len(core), len(a)
    a, b = a.copy(), b.copy()
    size = 4
    while size < 4 * m:
        size *= 2
    table = _rebuilt(a, b, n, size)
    removed = 0
    inside = np.zeros(draws, np.int64)
    tied = np.zeros(draws, np.int64)
    seen = np.zeros(n, np.int64)
    for draw in range(draws):
        for _ in range(first if draw == 0 else between):
            e, f = int(rng.random() * m), int(rng.random() * m)
            i, j, k, l = a[e], b[e], a[f], b[f]  # noqa: E741 - the letters of the text
            if rng.random() < 0.5:
                k, l = l, k  # noqa: E741 - the letters of the text
            if e == f or i == l or k == j:
                continue
            new_one, new_two = min(i, l) * n + max(i, l), min(k, j) * n + max(k, j)
            if new_one == new_two or _find(table, new_one) >= 0 or _find(table, new_two) >= 0:
                continue
            table[_find(table, min(i, j) * n + max(i, j))] = -2
            table[_find(table, min(k, l) * n + max(k, l))] = -2
            _put(table, new_one)
            _put(table, new_two)
            a[e], b[e], a[f], b[f] = i, l, k, j
            removed += 2
            if removed > m:  # tombstones make searches long
                table = _rebuilt(a, b, n, size)
                removed = 0
        for e in range(m):
            if core[a[e]] and core[b[e]]:
                inside[draw] += 1
            elif core[a[e]] != core[b[e]]:
                other = b[e] if core[a[e]] else a[e]
                if seen[other] != draw + 1:
                    seen[other] = draw + 1
                    tied[draw] += 1
    return inside, tied
