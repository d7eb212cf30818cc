"""Inner loops of the price bound, compiled: cheapest ways to each order, and which lots to open for them.

For given prices the plan falls apart into groups of goods that share lots. In each, *orders* (a series' demand in a week) are
assigned to *openings* (a lot in a week) at the cost of making, keeping and moving a unit; an opened lot costs its setup. That
is the uncapacitated facility location problem; its dual ascent (Erlenkotter 1978) gives a bound that no assignment
undercuts, and complementary slackness an assignment close to it.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.solving.compiled import allocating, entry, inner, whole
from jointplan.planning.solving.graph import Array, Graph
from jointplan.planning.solving.load_prices import Tolls

TIGHT = 1e-9
FIRST_FEW = 8  # openings an order looks at first, the cheapest; twice as many each time it needs more


@inner
def _toll(tolls: Tolls, order: int, arc: int, late: int) -> float:
    if tolls.load[arc] < 0:
        return 0.0
    toll: float = tolls.price[tolls.first[order] + tolls.slot[arc], late] * tolls.basis[arc]
    return toll


@inner
def find_ways(
    graph: Graph, order: int, ship: Array, keep: Array, earliest: int, tolls: Tolls, cost: Array
) -> None:  # fmt: skip
    """Write the least cost of bringing a unit from each place and week to an order into ``cost`` (places, T).

    ``ship`` (A, T) is what a unit costs on each arc, ``keep`` (P, T) what it costs to lie at a place over a week, ``tolls``
    what the order pays on its last arc by how late it comes; weeks before the earliest are left at infinity.
    """
    wanted = graph.orders[order]
    commodity, sink, week, last, late = wanted.commodity, wanted.sink, wanted.week, wanted.last, wanted.late
    first = graph.commodity_places[commodity]
    places = graph.commodity_places[commodity + 1] - first
    for p in range(places):
        for t in range(cost.shape[1]):
            cost[p, t] = np.inf
    for i in range(graph.sink_arcs[sink], graph.sink_arcs[sink + 1]):
        a = graph.into[i]
        p, lag = graph.arcs[a].place, graph.arcs[a].lag
        for t in range(max(week - lag, earliest), last - lag + 1):
            waits = t + lag - week
            cost[p, t] = min(cost[p, t], ship[a, t] + late * waits + _toll(tolls, order, a, waits))
    for t in range(last, earliest - 1, -1):
        for _ in range(places):
            again = False
            for p in range(places):
                best = cost[p, t]
                if t < last:
                    best = min(best, keep[first + p, t] + cost[p, t + 1])
                for a in range(graph.place_arcs[first + p], graph.place_last[first + p]):
                    to, arrival = graph.arcs[a].to, t + graph.arcs[a].lag
                    if arrival <= last:
                        best = min(best, ship[a, t] + cost[to, arrival])
                        # Places downstream come first, so that once is enough unless goods can go back in the same week.
                        again = again or (arrival == t and to > p)
                cost[p, t] = best
            if not again:
                break


@inner
def follow_way(
    graph: Graph, order: int, place: int, week: int, ship: Array, keep: Array, tolls: Tolls, cost: Array, way: Array
) -> int:
    """Write the arcs of the cheapest way and the weeks they are taken into ``way`` (…, 2); return their number, −1 if there is none."""
    wanted = graph.orders[order]
    commodity, sink, due, last, late = wanted.commodity, wanted.sink, wanted.week, wanted.last, wanted.late
    first = graph.commodity_places[commodity]
    p, t, taken = place, week, 0
    while True:
        best, arc = np.inf, -1
        if t < last:
            best = keep[first + p, t] + cost[p, t + 1]
        for a in range(graph.place_arcs[first + p], graph.place_arcs[first + p + 1]):
            arrival = t + graph.arcs[a].lag
            if arrival > last:
                continue
            if graph.arcs[a].sink >= 0:
                if graph.arcs[a].sink != sink or arrival < due:
                    continue
                through = ship[a, t] + late * (arrival - due) + _toll(tolls, order, a, arrival - due)
            else:
                through = ship[a, t] + cost[graph.arcs[a].to, arrival]
            if through < best - TIGHT or (arc < 0 and through <= best):
                best, arc = through, a
        if arc < 0 and t < last:
            t += 1
            continue
        if arc < 0 or taken == len(way):
            return -1
        way[taken, 0], way[taken, 1] = arc, t
        taken += 1
        if graph.arcs[arc].sink >= 0:
            return taken
        p, t = graph.arcs[arc].to, t + graph.arcs[arc].lag


@inner
def early_way(graph: Graph, order: int, early: int, ways: Array) -> float:
    """Return what it costs to bring a unit made before the first week to an order; infinite where it does not get there."""
    good, wanted = graph.early[early], graph.orders[order]
    if good.place >= 0:
        cost: float = ways[good.place, good.week]
        return cost
    arrival = max(good.week, wanted.week)
    if good.sink != wanted.sink or arrival > wanted.last:
        return np.inf
    waiting: float = good.keep * (arrival - good.week) + wanted.late * (arrival - wanted.week)
    return waiting


@entry
def leave(graph: Graph, ship: Array, commodity: int, cost: Array) -> None:
    """Write the least cost of a unit that stays to the end from each place and week, or is sent on beyond it.

    ``cost`` is (places, T).
    """
    begin, T = graph.commodity_places[commodity], cost.shape[1]
    places = graph.commodity_places[commodity + 1] - begin
    for t in range(T - 1, -1, -1):
        for p in range(places):
            cost[p, t] = graph.keep[begin + p, t] + (cost[p, t + 1] if t + 1 < T else 0.0)
        for _ in range(places):
            changed = False
            for p in range(places):
                for a in range(graph.place_arcs[begin + p], graph.place_arcs[begin + p + 1]):
                    arc = graph.arcs[a]
                    if t + arc.lag < T and arc.to < 0:
                        continue
                    onward = ship[a, t] + (cost[arc.to, t + arc.lag] if t + arc.lag < T else 0.0)
                    if onward < cost[p, t] - TIGHT:
                        cost[p, t] = onward
                        changed = True
            if not changed:
                break


@inner
def _find_next(cost: Array, below: float, order: Array, known: int, wanted: int) -> int:
    """Write the places of the next costs below a limit behind those known, in rising order; return how many are known then.

    At most ``wanted`` are added: few orders ever look further than their cheapest few.
    """
    last, at = -np.inf, -1
    if known > 0:
        at = order[known - 1]
        last = cost[at]
    size = known
    for i in range(len(cost)):
        value = cost[i]
        if value >= below or value < last or (value == last and i <= at):
            continue
        k = size
        if size < known + wanted:
            size += 1
        elif value < cost[order[size - 1]]:
            k = size - 1
        else:
            continue
        while k > known and cost[order[k - 1]] > value:
            order[k] = order[k - 1]
            k -= 1
        order[k] = i
    return size


@allocating
def ascend(cost: Array, units: Array, outside: Array, fixed: Array, worth: Array, slack: Array) -> None:
    """Raise what each order is worth until the openings it pays for can carry no more.

    cost (orders, openings), units and outside (orders,), fixed (openings,); writes worth (orders,), slack (openings,).
    """
    orders, openings = cost.shape
    for i in range(openings):
        slack[i] = fixed[i]
    order = np.empty((orders, openings), np.int32)
    reach, some = np.zeros(orders, np.int64), np.empty(orders, np.int64)
    asked = np.full(orders, min(FIRST_FEW, openings))
    done = np.zeros(orders, np.bool_)
    for j in range(orders):
        # What costs as much as going without is never needed.
        some[j] = _find_next(cost[j], outside[j], order[j], whole(0), asked[j])
        worth[j] = cost[j, order[j, 0]] if some[j] > 0 else outside[j]
    for _ in range(4 * openings + 4):
        moved = False
        for j in range(orders):
            if done[j]:
                continue
            if worth[j] >= outside[j]:
                done[j] = True
                continue
            while True:
                while reach[j] < some[j] and cost[j, order[j, reach[j]]] <= worth[j] + TIGHT:
                    reach[j] += 1
                if reach[j] < some[j] or some[j] < asked[j] or asked[j] == openings:
                    break
                asked[j] = min(2 * asked[j], openings)
                some[j] = _find_next(cost[j], outside[j], order[j], some[j], asked[j] - some[j])
            level = outside[j]
            if reach[j] < some[j]:
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


@allocating
def assign(cost: Array, units: Array, outside: Array, fixed: Array, worth: Array, slack: Array, chosen: Array) -> None:
    """Choose openings that the ascent left without slack, and the cheapest of them, or none (−1), for each order.

    Openings that cost more than they save are given up again, the dearest first.
    """
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
    saved = np.empty(openings)
    for _ in range(openings + 1):
        for i in range(openings):
            saved[i] = 0.0
        for j in range(orders):
            best, second, at = outside[j], outside[j], -1
            for i in range(openings):
                if opened[i] and cost[j, i] < best:
                    best, second, at = cost[j, i], best, i
                elif opened[i] and cost[j, i] < second:
                    second = cost[j, i]
            chosen[j] = at
            if at >= 0:
                saved[at] += (second - best) * units[j]
        worst, least = -1, -TIGHT
        for i in range(openings):
            if opened[i] and saved[i] - fixed[i] < least:
                worst, least = i, saved[i] - fixed[i]
        if worst < 0:
            return
        opened[worst] = False
