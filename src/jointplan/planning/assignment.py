"""Inner loops of the price bound, compiled: cheapest ways to each order, and which lots to open for them.

For given prices the plan falls apart into groups of goods that share lots. In each, *orders* (a series' demand in a week) are
assigned to *openings* (a lot in a week) at the cost of making, keeping and moving a unit; an opened lot costs its setup. That
is the uncapacitated facility location problem; its dual ascent (Erlenkotter 1978) gives a bound that no assignment
undercuts, and complementary slackness an assignment close to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, Any]
TIGHT = 1e-9


@njit(nogil=True, cache=True)
def find_ways(
    sink: int,
    week: int,
    last: int,
    late: float,
    places: int,
    keep: Array,
    starts: Array,
    to: Array,
    to_sink: Array,
    lag: Array,
    ship: Array,
    cost: Array,
) -> None:
    """Write the least cost of bringing a unit from each place and week to an order into ``cost`` (places, T).

    Arcs stand in the order of the place they leave, ``starts`` says where each place's begin.
    """
    cost[:] = np.inf
    for t in range(last, -1, -1):
        for _ in range(places):
            changed = False
            for p in range(places):
                best = cost[p, t]
                if t < last:
                    best = min(best, keep[p] + cost[p, t + 1])
                for a in range(starts[p], starts[p + 1]):
                    arrival = t + lag[a]
                    if arrival > last:
                        continue
                    if to_sink[a] >= 0:
                        if to_sink[a] == sink and arrival >= week:
                            best = min(best, ship[a, t] + late * (arrival - week))
                    else:
                        best = min(best, ship[a, t] + cost[to[a], arrival])
                if best < cost[p, t] - TIGHT:
                    cost[p, t] = best
                    changed = True
            if not changed:
                break


@njit(nogil=True, cache=True)
def follow_way(
    place: int,
    week: int,
    units: float,
    sink: int,
    due: int,
    last: int,
    late: float,
    keep: Array,
    starts: Array,
    to: Array,
    to_sink: Array,
    lag: Array,
    ship: Array,
    cost: Array,
    sent: Array,
) -> None:
    """Add the units to what is sent on the arcs of the cheapest way."""
    p, t = place, week
    while True:
        best, arc = np.inf, -1
        if t < last:
            best = keep[p] + cost[p, t + 1]
        for a in range(starts[p], starts[p + 1]):
            arrival = t + lag[a]
            if arrival > last:
                continue
            if to_sink[a] >= 0:
                if to_sink[a] != sink or arrival < due:
                    continue
                through = ship[a, t] + late * (arrival - due)
            else:
                through = ship[a, t] + cost[to[a], arrival]
            if through < best - TIGHT or (arc < 0 and through <= best):
                best, arc = through, a
        if arc < 0:
            t += 1
            continue
        sent[arc, t] += units
        if to_sink[arc] >= 0:
            return
        p, t = to[arc], t + lag[arc]


@njit(nogil=True, cache=True)
def ascend(cost: Array, units: Array, outside: Array, fixed: Array, worth: Array, slack: Array) -> None:
    """Raise what each order is worth until the openings it pays for can carry no more.

    cost (orders, openings), units and outside (orders,), fixed (openings,); writes worth (orders,), slack (openings,).
    """
    orders, openings = cost.shape
    slack[:] = fixed
    order = np.empty((orders, openings), np.int32)
    reach = np.zeros(orders, np.int32)
    done = np.zeros(orders, np.bool_)
    for j in range(orders):
        order[j] = np.argsort(cost[j])
        worth[j] = min(outside[j], cost[j, order[j, 0]]) if openings else outside[j]
    for _ in range(4 * openings + 4):
        moved = False
        for j in range(orders):
            if done[j]:
                continue
            if worth[j] >= outside[j]:
                done[j] = True
                continue
            while reach[j] < openings and cost[j, order[j, reach[j]]] <= worth[j] + TIGHT:
                reach[j] += 1
            level = outside[j]
            if reach[j] < openings:
                level = min(level, cost[j, order[j, reach[j]]])
            step = level - worth[j]
            for n in range(reach[j]):
                step = min(step, slack[order[j, n]] / units[j])
            if step <= TIGHT:
                done[j] = True
                continue
            worth[j] += step
            for n in range(reach[j]):
                slack[order[j, n]] = max(slack[order[j, n]] - step * units[j], 0.0)
            moved = True
        if not moved:
            return


@njit(nogil=True, cache=True)
def assign(cost: Array, outside: Array, fixed: Array, worth: Array, slack: Array, chosen: Array) -> None:
    """Choose openings that the ascent left without slack, and the cheapest of them, or none (−1), for each order."""
    orders, openings = cost.shape
    opened = np.zeros(openings, np.bool_)
    for j in range(orders):
        best, at = np.inf, -1
        served = False
        for i in range(openings):
            if cost[j, i] <= worth[j] + TIGHT:
                if opened[i]:
                    served = True
                    break
                if slack[i] <= 1e-6 * fixed[i] + TIGHT and cost[j, i] < best:
                    best, at = cost[j, i], i
        if not served and at >= 0 and best < outside[j]:
            opened[at] = True
    for j in range(orders):
        best, at = outside[j], -1
        for i in range(openings):
            if opened[i] and cost[j, i] < best:
                best, at = cost[j, i], i
        chosen[j] = at
