"""Planning orders again in what the others leave of hours, loads and room. Compiled.

Orders of one group (goods that share lots) are planned together: dual ascent chooses which lots to open, at the prices of hours
and loads that the bound has found, mixed with what an hour or a load really adds; then the orders are put in one by one as far
as there is room, the rest wherever it is cheapest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.problem import Floats, Ints
from jointplan.planning.solving.assignment import ascend, assign, early_way, find_ways, follow_way
from jointplan.planning.solving.compiled import allocating, entry, inner, whole
from jointplan.planning.solving.graph import Array, Graph
from jointplan.planning.solving.load_prices import Tolls
from jointplan.planning.solving.pieces import (
    SMALL,
    Pieces,
    Use,
    add_piece,
    charge_more,
    fits,
    has_space,
)
from jointplan.planning.solving.works import Works

MOST_SOURCES = 12  # pieces that one order may be cut into
NOISE = 0.4  # by how much setups are taken for dearer or cheaper at random


class Prices(NamedTuple):
    """What an hour (M, T), and a basis unit or container of a load (W, T), are taken to be worth."""

    hours: Floats
    loads: Floats


class Near(NamedTuple):
    """What belongs together, each a list of starts and a list of members.

    ``lags`` are the weeks from a lot's work in a run, or at a resource, until it is done; a family has its runs in the very weeks
    of its workshop: 0.
    """

    order_group: Ints
    lot_group: Ints
    run_lots: Ints
    lots_of_run: Ints
    lags_of_run: Ints
    resource_lots: Ints
    lots_of_resource: Ints
    lags_of_resource: Ints
    resource_runs: Ints
    runs_of_resource: Ints
    lags_of_family: Ints
    load_groups: Ints
    groups_of_load: Ints


class Openings(NamedTuple):
    """Lots and weeks in which a group's goods may be made, with what that costs once (``setup``) and for each unit."""

    lot: Ints
    week: Ints
    setup: Floats
    each: Floats


class Desk(NamedTuple):
    """Room to work in, so that nothing is allocated in the loops.

    Arc costs (A, T), keeping costs (P, T), tolls of nothing, a way, and the load and week that are to be filled, −1 for none.
    Lots are barred from the weeks where ``barred`` (E, T) is the number of the present round, ``round`` (1,).
    """

    ship: Floats
    keep: Floats
    tolls: Tolls
    way: Ints
    filled: Ints
    barred: Ints
    round: Ints


@inner
def draw(chance: Array, below: int) -> int:
    """Draw a number from 0 to below − 1; ``chance`` (1,) uint64 is the generator's state (xorshift*, Vigna 2016)."""
    x = chance[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    chance[0] = x
    return int((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % below


@inner
def draw_share(chance: Array) -> float:
    """Draw a number from 0 to 1."""
    return draw(chance, 1 << 30) / (1 << 30)


@entry
def shuffled(chance: Array, size: int) -> Array:
    """Return the numbers below ``size`` in random order."""
    numbers = np.arange(size)
    for i in range(size - 1, 0, -1):
        j = draw(chance, i + 1)
        numbers[i], numbers[j] = numbers[j], numbers[i]
    return numbers


@inner
def _price_ways(
    graph: Graph,
    works: Works,
    prices: Prices,
    use: Use,
    desk: Desk,
    commodity: int,
    earliest: int,
    last: int,
    units: float,
    truth: float,
    order: int,
) -> None:
    """Write what these units would pay each on the arcs and places of their goods: ``truth`` of it as it really is.

    Of the arcs to markets, only those in the weeks that matter to ``order``; −1 for all.
    """
    m3 = units * works.commodity_m3[commodity]
    for p in range(graph.commodity_places[commodity], graph.commodity_places[commodity + 1]):
        room = works.place_room[p]
        for t in range(earliest, last + 1):
            full = room >= 0 and use.room[room, t] + m3 > works.room[room, t] + SMALL
            desk.keep[p, t] = np.inf if full else graph.keep[p, t]
        for a in range(graph.place_arcs[p], graph.place_arcs[p + 1]):
            first, behind = earliest, last + 1
            if order >= 0 and graph.arcs[a].sink >= 0:
                if graph.arcs[a].sink != graph.orders[order].sink:
                    continue
                first, behind = max(graph.orders[order].week - graph.arcs[a].lag, earliest), behind - graph.arcs[a].lag
            freight, site = works.freight[a], works.arc_site[a]
            load, basis = freight.load, freight.basis
            limited = works.arc_limits[a + 1] > works.arc_limits[a]
            opening = 0.0
            if site >= 0 and use.sites[site] == 0:
                opening = works.site_rate[site] * works.commodity_m3[commodity]
            for t in range(first, behind):
                if limited and not has_space(works, use, a, t, units):
                    desk.ship[a, t] = np.inf
                    continue
                price = works.ship[a, t] + opening
                if load >= 0 and not (load == desk.filled[0] and t == desk.filled[1]):
                    price += (1 - truth) * prices.loads[load, t] * basis
                    if truth > 0:
                        price += truth * charge_more(works, use, a, t, units) / units
                desk.ship[a, t] = price


@inner
def _hour(works: Works, prices: Prices, use: Use, resource: int, week: int, truth: float) -> float:
    """Return what an hour is taken to cost."""
    real = works.overtime_cost[resource] if use.hours[resource, week] >= works.regular[resource, week] - SMALL else 0.0
    price: float = truth * real + (1 - truth) * prices.hours[resource, week]
    return price


@inner
def _opening(
    works: Works, prices: Prices, use: Use, lot: int, week: int, truth: float, major: float
) -> tuple[float, float]:
    """Return what a lot is taken to cost, once and for each unit; a new run counts for a share ``major`` of its cost."""
    route = works.lot[lot].route
    once, each = 0.0, 0.0
    is_open = use.lot_pieces[lot, week] > 0
    for u in range(works.route_uses[route], works.route_uses[route + 1]):
        hour = _hour(works, prices, use, works.uses[u].resource, week - works.uses[u].lag, truth)
        each += hour * works.uses[u].hours
        if not is_open:
            once += hour * works.uses[u].setup
    if not is_open:
        once += works.lot_cost[lot, week]
        for n in range(works.lot_unlocks[lot], works.lot_unlocks[lot + 1]):
            if use.sites[works.unlocks[n]] == 0:
                each += works.site_rate[works.unlocks[n]]
        for n in range(works.lot_links[lot], works.lot_links[lot + 1]):
            run, done = works.links[n].run, week - works.links[n].lag
            if use.run_lots[run, done] == 0:
                turn = works.run_cost[run]
                for v in range(works.run_uses[run], works.run_uses[run + 1]):
                    turn += works.turns[v].setup * _hour(works, prices, use, works.turns[v].resource, done, truth)
                once += major * turn
    return once, each


@inner
def _toll(works: Works, use: Use, order: int) -> float:
    """Return what a unit of an order is guessed to pay for a market that is not yet entered."""
    site = works.order_site[order]
    toll: float = works.site_rate[site] if site >= 0 and use.sites[site] == 0 else 0.0
    return toll


@inner
def _rest(graph: Graph, works: Works, use: Use, source: int, week: int, units: float) -> float:
    """Return how many of these units an open lot makes anyway, to reach its minimum."""
    lot = graph.supply[source].lot
    if use.lot_pieces[lot, week] == 0:
        return 0.0
    rest: float = min(units, max(works.lot_batch[lot, week] - use.lot_units[lot, week], 0.0))
    return rest


@entry
def put_on_way(
    graph: Graph, works: Works, use: Use, pieces: Pieces, order: int, source: int, week: int, units: float, hops: int,
    way: Array,
) -> bool:  # fmt: skip
    """Put units of an order on a way from a source, if there is room on it."""
    wanted = graph.orders[order]
    first = graph.commodity_places[wanted.commodity]
    cost, arrival = -wanted.price, week
    if source >= 0:
        cost += works.supply_cost[source, week]
        place = graph.supply[source].place
    else:
        cost += works.early_cost[-1 - source]
        place = graph.early[-1 - source].place
    if place < 0:
        arrival = max(week, wanted.week)
        cost += graph.early[-1 - source].keep * (arrival - week)
    m3 = units * works.commodity_m3[wanted.commodity]
    lying = m3 if source < 0 else _rest(graph, works, use, source, week, units) * works.commodity_m3[wanted.commodity]
    for n in range(hops):
        arc, leaves = way[n, 0], way[n, 1]
        room = works.place_room[first + place]
        more = m3 - lying if n == 0 else m3  # what lies there anyway has its room already
        for t in range(arrival, leaves):
            cost += graph.keep[first + place, t]
            if room >= 0 and more > SMALL and use.room[room, t] + more > works.room[room, t] + SMALL:
                return False
        if not has_space(works, use, arc, leaves, units):
            return False
        cost += works.ship[arc, leaves]
        arrival = leaves + graph.arcs[arc].lag
        place = graph.arcs[arc].to
    if arrival < wanted.week or arrival > wanted.last:
        return False
    cost += wanted.late * (arrival - wanted.week)
    return add_piece(graph, works, use, pieces, order, source, week, units, cost, hops, way)


@inner
def _put(
    graph: Graph, works: Works, use: Use, pieces: Pieces, desk: Desk, ways: Array, order: int, source: int, week: int,
    units: float,
) -> bool:  # fmt: skip
    """Put units of an order on the cheapest way from a source, if there is one with room."""
    place = graph.supply[source].place if source >= 0 else graph.early[-1 - source].place
    hops = 0
    if place >= 0:
        hops = follow_way(graph, order, place, week, desk.ship, desk.keep, desk.tolls, ways, desk.way)
    if hops < 0:
        return False
    return put_on_way(graph, works, use, pieces, order, source, week, units, hops, desk.way)


@inner
def _cheapest_early(graph: Graph, works: Works, use: Use, ways: Array, order: int) -> tuple[float, int]:
    """Return the cost of a unit, before its price, from the goods made before, and which; −1 if there are none."""
    commodity = graph.orders[order].commodity
    least, found = np.inf, -1
    for i in range(graph.commodity_early[commodity], graph.commodity_early[commodity + 1]):
        if use.early[i] > SMALL:
            cost = works.early_cost[i] + early_way(graph, order, i, ways)
            if cost < least:
                least, found = cost, i
    return least, found


@inner
def _put_anywhere(
    graph: Graph, works: Works, prices: Prices, use: Use, pieces: Pieces, desk: Desk, openings: Openings, count: int,
    order: int, truth: float, ways: Array, tried: Array,
) -> None:  # fmt: skip
    """Put what an order still lacks wherever it is cheapest, in as many pieces as it takes, or leave it if nothing pays.

    Loads are priced once, as they are: what the first pieces add to them changes little for the others. Made is only in the group's
    first ``count`` openings: what had no room when the group was taken in hand has none now. ``tried`` is room for the sources
    tried.
    """
    wanted = graph.orders[order]
    earliest = max(wanted.week - works.reach[wanted.commodity], 0)
    spoilt = False  # goods from before that cannot be brought
    times = 0
    units = use.unmet[order]
    _price_ways(graph, works, prices, use, desk, wanted.commodity, earliest, wanted.last, units, 1.0, order)
    find_ways(graph, order, desk.ship, desk.keep, earliest, desk.tolls, ways)
    while times < MOST_SOURCES and use.unmet[order] > SMALL:
        units = use.unmet[order]
        early_cost, early = _cheapest_early(graph, works, use, ways, order)
        least = wanted.goodwill + wanted.price - _toll(works, use, order)
        source, week, amount = whole(0), whole(-1), units
        if early_cost < least and not spoilt:
            least, source, week = early_cost, -1 - early, graph.early[early].week
            amount = min(units, use.early[early])
        for n in range(count):
            lot, t = openings.lot[n], openings.week[n]
            if t < earliest or t > wanted.last:
                continue
            for s in range(graph.lot_supplies[lot], graph.lot_supplies[lot + 1]):
                supply = graph.supplies[s]
                if graph.supply[supply].commodity != wanted.commodity or not works.possible[supply, t]:
                    continue
                plain = works.supply_cost[supply, t] + ways[graph.supply[supply].place, t]
                known = plain >= least
                for i in range(times):
                    known = known or (tried[i, 0] == supply and tried[i, 1] == t)
                room = -1.0 if known else fits(works, use, lot, t)
                if room <= SMALL:
                    continue
                take = min(units, room)
                once, each = _opening(works, prices, use, lot, t, truth, 1.0)
                if plain + each + once / take < least:
                    least, source, week, amount = plain + each + once / take, supply, t, take
        if week < 0:
            return
        tried[times, 0], tried[times, 1] = source, week
        times += 1
        if not _put(graph, works, use, pieces, desk, ways, order, source, week, amount):
            spoilt = spoilt or source < 0


@inner
def _list_openings(
    graph: Graph, works: Works, prices: Prices, use: Use, desk: Desk, group: int, earliest: int, last: int, truth: float,
    major: float, chance: Array, openings: Openings,
) -> int:  # fmt: skip
    """List the lots and weeks of a group that have hours left, with what opening them is taken to cost; return their number."""
    found = 0
    for n in range(graph.group_lots[group], graph.group_lots[group + 1]):
        lot = graph.lots[n]
        for t in range(earliest, last + 1):
            if desk.barred[lot, t] != desk.round[0] and fits(works, use, lot, t) > SMALL:
                once, openings.each[found] = _opening(works, prices, use, lot, t, truth, major)
                openings.setup[found] = once * (1 - NOISE / 2 + NOISE * draw_share(chance))
                openings.lot[found], openings.week[found] = lot, t
                found += 1
    return found


@inner
def _price_orders(
    graph: Graph, works: Works, prices: Prices, use: Use, desk: Desk, orders: Array, earliest: int, last: int,
    truth: float, openings: Openings, opened: int, ways: Array, cost: Array, outside: Array, units: Array,
) -> None:  # fmt: skip
    """Write what each order costs a unit from each opening, and what it costs elsewhere, with its ways."""
    count = len(orders)
    mean = 0.0
    for o in orders:
        mean += graph.orders[o].units / count
    for j in range(count):
        wanted = graph.orders[orders[j]]
        if j == 0 or wanted.commodity != graph.orders[orders[j - 1]].commodity:
            _price_ways(graph, works, prices, use, desk, wanted.commodity, earliest, last, mean, truth, whole(-1))
        first = max(wanted.week - works.reach[wanted.commodity], 0)
        find_ways(graph, orders[j], desk.ship, desk.keep, first, desk.tolls, ways[j])
        early_cost, _ = _cheapest_early(graph, works, use, ways[j], orders[j])
        price = wanted.price - _toll(works, use, orders[j])
        units[j], outside[j] = wanted.units, min(wanted.goodwill, early_cost - price)
        for n in range(opened):
            lot, t = openings.lot[n], openings.week[n]
            if t < first or t > wanted.last:
                continue
            for s in range(graph.lot_supplies[lot], graph.lot_supplies[lot + 1]):
                supply = graph.supplies[s]
                if graph.supply[supply].commodity == wanted.commodity and works.possible[supply, t]:
                    way = ways[j, graph.supply[supply].place, t]
                    cost[j, n] = min(cost[j, n], works.supply_cost[supply, t] + openings.each[n] + way - price)


@inner
def _put_chosen(
    graph: Graph, works: Works, use: Use, pieces: Pieces, desk: Desk, order: int, lot: int, week: int, ways: Array
) -> None:  # fmt: skip
    """Put what an order wants, as far as there is room, into the opening chosen for it."""
    wanted = graph.orders[order]
    take = min(wanted.units, fits(works, use, lot, week))
    if take <= SMALL:
        return
    least, source = np.inf, whole(-1)
    for s in range(graph.lot_supplies[lot], graph.lot_supplies[lot + 1]):
        supply = graph.supplies[s]
        if graph.supply[supply].commodity == wanted.commodity and works.possible[supply, week]:
            plain = works.supply_cost[supply, week] + ways[graph.supply[supply].place, week]
            if plain < least:
                least, source = plain, supply
    if source >= 0:
        _put(graph, works, use, pieces, desk, ways, order, source, week, take)


@inner
def _reach_of(graph: Graph, works: Works, orders: Array, weeks: int) -> tuple[int, int, int]:
    """Return the first and the last week in which goods for these orders may be made, and the most places of any of them."""
    earliest, last, places = weeks, whole(0), 1
    for o in orders:
        wanted = graph.orders[o]
        earliest, last = min(earliest, wanted.week - works.reach[wanted.commodity]), max(last, wanted.last)
        places = max(places, graph.commodity_places[wanted.commodity + 1] - graph.commodity_places[wanted.commodity])
    return max(earliest, whole(0)), last, places


@allocating
def replan_group(
    graph: Graph, works: Works, prices: Prices, use: Use, pieces: Pieces, desk: Desk, group: int, orders: Array,
    truth: float, major: float, chance: Array,
) -> None:  # fmt: skip
    """Plan orders of one group that have no pieces."""
    count, T = len(orders), use.hours.shape[1]
    earliest, last, places = _reach_of(graph, works, orders, T)
    lots = graph.group_lots[group + 1] - graph.group_lots[group]
    most = lots * (last + 1 - earliest)
    openings = Openings(np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most), np.empty(most))
    found = _list_openings(graph, works, prices, use, desk, group, earliest, last, truth, major, chance, openings)
    ways = np.empty((count, places, T))
    cost = np.full((count, found), np.inf)
    outside, units = np.empty(count), np.empty(count)
    _price_orders(
        graph, works, prices, use, desk, orders, earliest, last, truth, openings, found, ways, cost, outside, units
    )
    worth, slack, chosen = np.empty(count), np.empty(found), np.empty(count, np.int64)
    ascend(cost, units, outside, openings.setup[:found], worth, slack)
    assign(cost, units, outside, openings.setup[:found], worth, slack, chosen)
    turns = shuffled(chance, count)
    for j in turns:
        if chosen[j] >= 0:
            lot, week = openings.lot[chosen[j]], openings.week[chosen[j]]
            _put_chosen(graph, works, use, pieces, desk, orders[j], lot, week, ways[j])
    tried = np.empty((MOST_SOURCES, 2), np.int64)
    for j in turns:
        if use.unmet[orders[j]] > SMALL:
            _put_anywhere(graph, works, prices, use, pieces, desk, openings, found, orders[j], truth, ways[j], tried)


@entry
def construct(
    graph: Graph, works: Works, prices: Prices, use: Use, pieces: Pieces, desk: Desk, groups: Array, chance: Array,
    truth: float, major: float,
) -> None:  # fmt: skip
    """Plan groups that have no pieces, one after the other."""
    for group in groups:
        first, behind = graph.group_orders[group], graph.group_orders[group + 1]
        if behind > first:
            orders = np.arange(first, behind)
            replan_group(graph, works, prices, use, pieces, desk, group, orders, truth, major, chance)
