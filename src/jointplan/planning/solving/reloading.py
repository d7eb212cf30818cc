"""Whole loads that go another way, or a week earlier or later. Compiled.

A container pays only when it is filled, by goods of dozens of orders that until then each went cheaply beside it; orders that are planned
again few at a time never get there. Here the lots stay as they are: the pieces of a load, all of them or as many as fill the
containers of another, change to it together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.problem import Ints
from jointplan.planning.solving.compiled import allocating, inner, whole
from jointplan.planning.solving.graph import Array, Graph
from jointplan.planning.solving.pieces import HOPS, SMALL, Pieces, Use, add_piece, take_piece_out
from jointplan.planning.solving.replanning import Near, draw, put_on_way
from jointplan.planning.solving.works import Works

MOST_CHANGED = 5000  # pieces that change at once
DRAWS = 20  # loads drawn until one is found that carries something


class Changed(NamedTuple):
    """Pieces as they were before they changed, with their slots and their ways."""

    slot: Ints
    piece: Array
    way: Ints


@allocating
def no_changes(pieces: Pieces) -> Changed:
    """Return room for pieces that change."""
    return Changed(
        np.empty(MOST_CHANGED, np.int64),
        np.empty(MOST_CHANGED, pieces.slots.dtype),
        np.empty((MOST_CHANGED, HOPS, 2), np.int64),
    )


@inner
def _hop_on(works: Works, pieces: Pieces, slot: int, load: int, week: int) -> int:
    """Return which hop of a piece is in a load, −1 for none."""
    for n in range(pieces.slots[slot].hops):
        if pieces.way[slot, n, 1] == week and works.freight[pieces.way[slot, n, 0]].load == load:
            return n
    return -1


@inner
def _arc_beside(graph: Graph, works: Works, commodity: int, arc: int, load: int) -> int:
    """Return the arc in a load from the same place to the same, −1 if there is none; an arc in the load itself is its own."""
    if works.freight[arc].load == load:
        return arc
    place = graph.commodity_places[commodity] + graph.arcs[arc].place
    for a in range(graph.place_arcs[place], graph.place_arcs[place + 1]):
        same = graph.arcs[a].to == graph.arcs[arc].to and graph.arcs[a].sink == graph.arcs[arc].sink
        if same and works.freight[a].load == load:
            return a
    return -1


@inner
def _draw_beside(graph: Graph, works: Works, commodity: int, arc: int, chance: Array) -> int:
    """Draw the load, −1 for none, of an arc from the same place to the same."""
    place = graph.commodity_places[commodity] + graph.arcs[arc].place
    found = whole(0)
    load: int = works.freight[arc].load
    for a in range(graph.place_arcs[place], graph.place_arcs[place + 1]):
        if graph.arcs[a].to == graph.arcs[arc].to and graph.arcs[a].sink == graph.arcs[arc].sink:
            found += 1
            if draw(chance, found) == 0:
                load = works.freight[a].load
    return load


@inner
def _change(
    graph: Graph, works: Works, use: Use, pieces: Pieces, slot: int, hop: int, arc: int, week: int, changed: Changed, count: int
) -> int:  # fmt: skip
    """Send a piece on another arc or in another week on one hop of its way, if that can be; return how many changed by now."""
    piece, way = changed.piece[count], changed.way[count]
    changed.slot[count], changed.piece[count] = slot, pieces.slots[slot]
    for n in range(HOPS):
        way[n, 0], way[n, 1] = pieces.way[slot, n, 0], pieces.way[slot, n, 1]
    there = piece.week if hop == 0 else way[hop - 1, 1] + graph.arcs[way[hop - 1, 0]].lag
    arrival = week + graph.arcs[arc].lag
    if week < there or (hop + 1 < piece.hops and arrival > way[hop + 1, 1]):
        return count
    take_piece_out(graph, works, use, pieces, slot)
    was = way[hop, 0], way[hop, 1]
    way[hop, 0], way[hop, 1] = arc, week
    put = put_on_way(
        graph, works, use, pieces, piece.order, piece.source, piece.week, piece.units, piece.hops, way
    )  # fmt: skip
    way[hop, 0], way[hop, 1] = was
    if put:
        return count + 1
    add_piece(
        graph, works, use, pieces, piece.order, piece.source, piece.week, piece.units, piece.cost, piece.hops, way
    )
    return count


@inner
def change_load(
    graph: Graph, works: Works, use: Use, pieces: Pieces, near: Near, chance: Array, changed: Changed
) -> int:  # fmt: skip
    """Send the goods of a load by another, or a week earlier or later; return how many pieces changed."""
    loads, T = len(near.load_groups) - 1, use.loads.shape[1]
    load, week = whole(-1), whole(0)
    for _ in range(DRAWS):
        if loads > 0 and len(near.groups_of_load) > 0 and load < 0:
            drawn, week = draw(chance, loads), draw(chance, T)
            mine = near.load_groups[drawn + 1] > near.load_groups[drawn]  # else of outsiders
            load = drawn if mine and use.loads[drawn, week].basis > SMALL else -1
    if load < 0:
        return 0
    groups = near.load_groups[load + 1] - near.load_groups[load]
    begin, later = draw(chance, groups), week + (draw(chance, 3) - 1) * draw(chance, 2)
    filling, target, most, count = draw(chance, 2) == 0, whole(-2), np.inf, whole(0)
    if later < 0 or later >= T:
        return 0
    for i in range(groups):
        group = near.groups_of_load[near.load_groups[load] + (begin + i) % groups]
        for o in range(graph.group_orders[group], graph.group_orders[group + 1]):
            commodity, slot = graph.orders[o].commodity, pieces.head[o]
            while slot >= 0:
                following = pieces.slots[slot].next
                hop = _hop_on(works, pieces, slot, load, week)
                if hop >= 0 and target == -2:
                    target = _draw_beside(graph, works, commodity, pieces.way[slot, hop, 0], chance)
                    if target == load and later == week:
                        return 0
                    if filling and target >= 0 and works.box[target].rate >= 0:
                        now, box = use.loads[target, later], works.box[target]
                        most = np.floor(max(now.kg / box.kg, now.m3 / box.m3) + SMALL) + 1.0
                if hop >= 0:
                    arc = _arc_beside(graph, works, commodity, pieces.way[slot, hop, 0], target)
                    if arc >= 0 and _within(works, use, arc, later, pieces.slots[slot].units, most):
                        count = _change(graph, works, use, pieces, slot, hop, arc, later, changed, count)
                    if count == MOST_CHANGED:
                        return count
                slot = following
    return count


@inner
def _within(works: Works, use: Use, arc: int, week: int, units: float, most: float) -> bool:
    """Return whether units more in a load of containers fill no more than so many."""
    if most == np.inf:
        return True
    freight = works.freight[arc]
    now, box = use.loads[freight.load, week], works.box[freight.load]
    filled: float = max((now.kg + units * freight.kg) / box.kg, (now.m3 + units * freight.m3) / box.m3)
    return filled <= most + SMALL


@inner
def change_back(graph: Graph, works: Works, use: Use, pieces: Pieces, changed: Changed, count: int) -> None:
    """Give pieces the ways again that they had."""
    for i in range(count - 1, -1, -1):
        piece = changed.piece[i]
        take_piece_out(graph, works, use, pieces, changed.slot[i])
        add_piece(
            graph, works, use, pieces, piece.order, piece.source, piece.week, piece.units, piece.cost, piece.hops,
            changed.way[i],
        )  # fmt: skip
