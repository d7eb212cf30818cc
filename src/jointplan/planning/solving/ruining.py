"""Ruin and recreate: parts of a plan are taken out and planned again, lots take turns, or whole loads change their way. Compiled.

The plan is kept if it is better, or worse by little while the search is young (Schrimpf et al. 2000 for the principle,
Kirkpatrick et al. 1983 for what is kept).
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.solving.compiled import entry, inner, whole
from jointplan.planning.solving.graph import Array, Graph
from jointplan.planning.solving.pieces import HOPS, SMALL, Pieces, Use, add_piece, take_out
from jointplan.planning.solving.reloading import change_back, change_load, no_changes
from jointplan.planning.solving.replanning import Desk, Near, Prices, draw, draw_share, replan_group, shuffled
from jointplan.planning.solving.works import Works

MOST_ORDERS = (
    25  # orders planned again at once: five times as many find less in the same time, and so do 16 in small plans
)
MOST_TURNED = 2000  # orders planned again where lots or families take turns
MOST_PIECES = 4 * MOST_TURNED
CHANGES = 0.15  # share of the rounds in which a whole load changes
TURNS = 0.3  # share of the others in which lots or families take turns
FAMILIES = 0.06  # share of these in which families do: they take six times as long, and less often find something
LONGEST_TURNS = 3  # weeks after the first


@inner
def _pick_made(
    graph: Graph, works: Works, use: Use, pieces: Pieces, group: int, lot: int, first: int, last: int, most: int,
    picked: Array, marks: Array, stamp: int, count: int,
) -> int:  # fmt: skip
    """Pick the orders of a group that have a piece in a lot in these weeks, and those that lack something then; at most so many."""
    for o in range(graph.group_orders[group], graph.group_orders[group + 1]):
        if count == most:
            return count
        if marks[o] == stamp:
            continue
        wanted = use.unmet[o] > SMALL and first <= graph.orders[o].week <= last
        number = pieces.head[o]
        while number >= 0 and not wanted:
            piece = pieces.slots[number]
            here = piece.source >= 0 and graph.supply[piece.source].lot == lot
            wanted = here and first <= piece.week <= last
            number = piece.next
        if wanted:
            marks[o], picked[count] = stamp, o
            count += 1
    return count


@inner
def _pick_sent(
    graph: Graph, works: Works, pieces: Pieces, group: int, load: int, week: int, picked: Array, marks: Array,
    stamp: int, count: int,
) -> int:  # fmt: skip
    """Pick the orders of a group that have a piece in a load in a week."""
    for o in range(graph.group_orders[group], graph.group_orders[group + 1]):
        if count == MOST_ORDERS:
            return count
        if marks[o] == stamp:
            continue
        wanted = False
        number = pieces.head[o]
        while number >= 0 and not wanted:
            for n in range(pieces.slots[number].hops):
                here = works.freight[pieces.way[number, n, 0]].load == load
                wanted = wanted or (here and pieces.way[number, n, 1] == week)
            number = pieces.slots[number].next
        if wanted:
            marks[o], picked[count] = stamp, o
            count += 1
    return count


@inner
def _pick_due(
    graph: Graph, group: int, first: int, last: int, picked: Array, marks: Array, stamp: int, count: int
) -> int:
    """Pick the orders of a group that are due in these weeks."""
    for o in range(graph.group_orders[group], graph.group_orders[group + 1]):
        if count < MOST_ORDERS and marks[o] != stamp and first <= graph.orders[o].week <= last:
            marks[o], picked[count] = stamp, o
            count += 1
    return count


@inner
def _pick(
    graph: Graph, works: Works, use: Use, pieces: Pieces, near: Near, desk: Desk, picked: Array, marks: Array, stamp: int,
    chance: Array,
) -> int:  # fmt: skip
    """Pick orders to plan again: goods of a family, a window of a family, of a workshop or of a load."""
    T = use.hours.shape[1]
    kind, count = draw_share(chance), whole(0)
    loads = len(near.load_groups) - 1 if len(near.groups_of_load) > 0 else 0
    runs, resources = len(works.run_cost), len(works.overtime_cost)
    if loads > 0 and kind < 0.12:
        load, week = draw(chance, loads), draw(chance, T)
        groups = near.load_groups[load + 1] - near.load_groups[load]
        begin = draw(chance, groups) if groups > 0 else 0
        if kind < 0.06:  # a load that is there goes another way
            for i in range(groups):
                group = near.groups_of_load[near.load_groups[load] + (begin + i) % groups]
                count = _pick_sent(graph, works, pieces, group, load, week, picked, marks, stamp, count)
        else:  # a load is filled as if it were paid already
            desk.filled[0], desk.filled[1] = load, week
            for i in range(groups):
                group = near.groups_of_load[near.load_groups[load] + (begin + i) % groups]
                count = _pick_due(graph, group, week, week + 8, picked, marks, stamp, count)
    elif runs > 0 and kind < 0.4:
        run, first = draw(chance, runs), draw(chance, T)
        last = first + draw(chance, 3)
        for i in range(near.run_lots[run], near.run_lots[run + 1]):
            lot, lag = near.lots_of_run[i], near.lags_of_run[i]
            count = _pick_made(
                graph, works, use, pieces, near.lot_group[lot], lot, first + lag, last + lag, whole(MOST_ORDERS), picked, marks,
                stamp, count,
            )  # fmt: skip
    elif resources > 0 and kind < 0.65:
        resource, week = draw(chance, resources), draw(chance, T)
        for i in range(near.resource_lots[resource], near.resource_lots[resource + 1]):
            lot, done = near.lots_of_resource[i], week + near.lags_of_resource[i]
            count = _pick_made(
                graph, works, use, pieces, near.lot_group[lot], lot, done, done, whole(MOST_ORDERS), picked, marks, stamp, count
            )  # fmt: skip
    else:
        some = draw(chance, len(near.order_group))
        group = near.order_group[some]
        if draw(chance, 2) == 0:  # a window of one kind of goods
            first = graph.orders[some].week - draw(chance, 4)
            return _pick_due(graph, group, first, first + 2 + draw(chance, 8), picked, marks, stamp, count)
        count = _pick_due(graph, group, whole(0), T, picked, marks, stamp, count)
        lots = graph.group_lots[group + 1] - graph.group_lots[group]
        for _ in range(draw(chance, 4)):
            if lots == 0:
                break
            some_lot = graph.lots[graph.group_lots[group] + draw(chance, lots)]
            first, behind = works.lot_links[some_lot], works.lot_links[some_lot + 1]
            if behind > first:
                run = works.links[first + (draw(chance, behind - first) if behind > first + 1 else 0)].run
                others = near.run_lots[run + 1] - near.run_lots[run]
                other = near.lots_of_run[near.run_lots[run] + draw(chance, others)]
                count = _pick_due(graph, near.lot_group[other], whole(0), T, picked, marks, stamp, count)
    return count


@inner
def _draw_open(
    starts: Array, members: Array, lags: Array, open_in: Array, resource: int, first: int, last: int, besides: int, chance: Array
) -> int:  # fmt: skip
    """Draw the place of a workshop's member that is open there in these weeks, other than one; −1 if there is none."""
    found, drawn = whole(0), whole(-1)
    for i in range(starts[resource], starts[resource + 1]):
        if i != besides and open_in[members[i], first + lags[i] : last + lags[i] + 1].any():
            found += 1
            if draw(chance, found) == 0:
                drawn = i
    return drawn


@inner
def _draw_bars(chance: Array, weeks: int) -> tuple[int, int]:
    """Leave each week to the one, to the other or to both; return the weeks that each is barred from, a bit for a week."""
    one, other = whole(0), whole(0)
    for t in range(weeks):
        left_to = draw(chance, 5)
        if left_to < 2:
            one |= 1 << t
        elif left_to < 4:
            other |= 1 << t
    return one, other


@inner
def _pick_side(
    graph: Graph, works: Works, use: Use, pieces: Pieces, near: Near, desk: Desk, lots: Array, lags: Array, begin: int, behind: int,
    first: int, last: int, bars: int, picked: Array, marks: Array, stamp: int, count: int,
) -> int:  # fmt: skip
    """Pick the orders that have a piece in some lots in these weeks of a workshop, and bar the lots from some of them."""
    for i in range(begin, behind):
        lot, begins, ends = lots[i], first + lags[i], last + lags[i]
        for t in range(begins, min(ends + 1, desk.barred.shape[1])):
            if (bars >> (t - begins)) & 1:
                desk.barred[lot, t] = desk.round[0]
        count = _pick_made(
            graph, works, use, pieces, near.lot_group[lot], lot, begins, ends, whole(MOST_TURNED), picked, marks, stamp, count
        )  # fmt: skip
    return count


@inner
def _pick_turns(
    graph: Graph, works: Works, use: Use, pieces: Pieces, near: Near, desk: Desk, picked: Array, marks: Array, stamp: int,
    chance: Array,
) -> int:  # fmt: skip
    """Pick what two lots, or two families, make in a workshop in a few weeks, and let them take turns: bar each from some of these.

    Where both fill every week together, neither is ever planned into a week alone: there is no room for it as long as the other
    is there, too. Nothing is picked where there are no two, or more orders than are planned again at once.
    """
    T, resources = use.hours.shape[1], use.hours.shape[0]
    if resources == 0:
        return 0
    resource, first = draw(chance, resources), draw(chance, T)
    last = min(first + 1 + draw(chance, LONGEST_TURNS), T - 1)
    bars = _draw_bars(chance, last - first + 1)
    count = whole(0)
    if draw_share(chance) < FAMILIES:
        at, families, lags = near.resource_runs, near.runs_of_resource, near.lags_of_family
        one = _draw_open(at, families, lags, use.run_lots, resource, first, last, whole(-1), chance)
        other = _draw_open(at, families, lags, use.run_lots, resource, first, last, one, chance)
        if one < 0 or other < 0:
            return 0
        for n in range(2):
            run = families[one if n == 0 else other]
            count = _pick_side(
                graph, works, use, pieces, near, desk, near.lots_of_run, near.lags_of_run, near.run_lots[run],
                near.run_lots[run + 1], first, last, bars[n], picked, marks, stamp, count,
            )  # fmt: skip
    else:
        at, lots, lags = near.resource_lots, near.lots_of_resource, near.lags_of_resource
        one = _draw_open(at, lots, lags, use.lot_pieces, resource, first, last, whole(-1), chance)
        other = _draw_open(at, lots, lags, use.lot_pieces, resource, first, last, one, chance)
        if one < 0 or other < 0:
            return 0
        for n in range(2):
            place = one if n == 0 else other
            count = _pick_side(
                graph, works, use, pieces, near, desk, lots, lags, place, place + 1, first, last, bars[n], picked, marks, stamp,
                count,
            )  # fmt: skip
    return count if count < MOST_TURNED else 0


@inner
def _remember(pieces: Pieces, picked: Array, kept: Array, kept_way: Array) -> int:
    """Copy the pieces of these orders; return their number, −1 if there are too many to be remembered."""
    saved = 0
    for o in picked:
        number = pieces.head[o]
        while number >= 0:
            if saved == MOST_PIECES:
                return -1
            kept[saved] = pieces.slots[number]
            for n in range(HOPS):
                kept_way[saved, n, 0], kept_way[saved, n, 1] = pieces.way[number, n, 0], pieces.way[number, n, 1]
            saved += 1
            number = pieces.slots[number].next
    return saved


@inner
def _put_back(
    graph: Graph, works: Works, use: Use, pieces: Pieces, orders: Array, saved: int, kept: Array, kept_way: Array
) -> None:  # fmt: skip
    """Give orders the pieces again that they had."""
    for o in orders:
        take_out(graph, works, use, pieces, o)
    for i in range(saved):
        piece = kept[i]
        add_piece(
            graph, works, use, pieces, piece.order, piece.source, piece.week, piece.units, piece.cost, piece.hops,
            kept_way[i],
        )  # fmt: skip


@entry
def improve(
    graph: Graph, works: Works, prices: Prices, use: Use, pieces: Pieces, desk: Desk, near: Near, chance: Array,
    rounds: int, temperature: float,
) -> int:  # fmt: skip
    """Take out and plan again, so many times; return how often the plan got better or was let get worse."""
    picked, marks = np.empty(MOST_TURNED, np.int64), np.full(len(near.order_group), -1, np.int64)
    kept = np.empty(MOST_PIECES, pieces.slots.dtype)
    kept_way = np.empty((MOST_PIECES, HOPS, 2), np.int64)
    changed = no_changes(pieces)
    moved = 0
    for _ in range(rounds):
        if draw_share(chance) < CHANGES:
            before = use.total[0]
            count = change_load(graph, works, use, pieces, near, chance, changed)
            worse = use.total[0] - before
            if worse <= 0 or draw_share(chance) < np.exp(-worse / temperature):
                moved += worse != 0
            else:
                change_back(graph, works, use, pieces, changed, count)
            continue
        desk.filled[0], desk.filled[1] = -1, -1
        count = whole(0)
        if draw_share(chance) < TURNS:
            desk.round[0] += 1
            count = _pick_turns(graph, works, use, pieces, near, desk, picked, marks, desk.round[0], chance)
        if count == 0:
            desk.round[0] += 1
            count = _pick(graph, works, use, pieces, near, desk, picked, marks, desk.round[0], chance)
        saved = _remember(pieces, picked[:count], kept, kept_way)
        if saved < 0 or count == 0:
            continue
        before = use.total[0]
        orders = np.sort(picked[:count])
        for o in orders:
            take_out(graph, works, use, pieces, o)
        starts = [0]
        for j in range(1, count):
            if near.order_group[orders[j]] != near.order_group[orders[j - 1]]:
                starts.append(j)
        starts.append(count)
        truth, major = draw_share(chance), 0.2 + 0.8 * draw_share(chance)
        for n in shuffled(chance, len(starts) - 1):
            group = near.order_group[orders[starts[n]]]
            mine = orders[starts[n] : starts[n + 1]]
            replan_group(graph, works, prices, use, pieces, desk, group, mine, truth, major, chance)
        worse = use.total[0] - before
        if worse <= 0 or draw_share(chance) < np.exp(-worse / temperature):
            moved += worse != 0
            continue
        _put_back(graph, works, use, pieces, orders, saved, kept, kept_way)
    desk.round[0] += 1  # nothing stays barred
    return moved
