"""A plan as pieces: each part of an order with the lot it is made in and the way it takes. Compiled.

Adding or taking out a piece changes the plan's cost by what its hours, setup, run and loads cost at that moment, so that the
cost of the whole is always known. Hours, room and what there is from before are never exceeded.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.solving.compiled import entry, inner, whole
from jointplan.planning.solving.graph import Array, Graph
from jointplan.planning.solving.works import Works

HOPS = 6  # most arcs of a way
SMALL = 1e-7  # units or hours below this are rounding


PIECE = np.dtype(
    [
        ("order", "i8"),
        ("source", "i8"),
        ("week", "i8"),
        ("hops", "i8"),
        ("next", "i8"),
        ("units", "f8"),
        ("cost", "f8"),
    ],
    align=True,
)
LOAD = np.dtype([("basis", "f8"), ("kg", "f8"), ("m3", "f8"), ("charge", "f8")], align=True)


class Pieces(NamedTuple):
    """Pieces in slots; ``free`` is a stack of empty slots, ``left`` (1,) their number.

    ``source`` is a supply, or −1 − n for goods from before number n; ``way`` (slots, HOPS, 2) holds the arcs and the weeks they
    are taken; ``cost`` of a unit is the part that depends on nothing else. ``head`` (O,) is the first piece of each order.
    """

    slots: Array
    way: Ints
    head: Ints
    free: Ints
    left: Ints


class Use(NamedTuple):
    """What the pieces take together.

    Units and pieces of lots, open lots of runs, hours and those of them for other owners' products, loads, limits, pieces
    through sites to be opened, room, goods from before, units left of each pool of goods.
    ``unmet`` (O,) are the units of each order without a piece; ``total`` (1,) is the plan's cost.
    """

    lot_units: Floats
    lot_pieces: Ints
    run_lots: Ints
    hours: Floats
    loads: Array
    moved: Floats
    limits: Floats
    sites: Ints
    room: Floats
    early: Floats
    left: Floats
    unmet: Floats
    total: Floats


def no_pieces(graph: Graph, works: Works) -> tuple[Pieces, Use]:
    """Return the plan without pieces, its cost that of giving up every order."""
    orders, T = len(graph.orders), works.regular.shape[1]
    slots = 4 * orders + 1000
    pieces = Pieces(
        slots=np.full(slots, np.array((-1, 0, 0, 0, -1, 0.0, 0.0), PIECE)),
        way=np.zeros((slots, HOPS, 2), np.int64),
        head=np.full(orders, -1),
        free=np.arange(slots)[::-1].copy(),
        left=np.array([slots]),
    )
    room = np.zeros(works.room.shape)
    commodity = np.repeat(np.arange(len(works.commodity_m3)), np.diff(graph.commodity_early))
    for c, good in zip(commodity, graph.early, strict=True):
        if good["place"] >= 0:
            place = works.place_room[graph.commodity_places[c] + good["place"]]
            if place >= 0:
                room[place, good["week"] :] += good["units"] * works.commodity_m3[c]
    use = Use(
        lot_units=np.zeros(works.lot_cost.shape),
        lot_pieces=np.zeros(works.lot_cost.shape, np.int64),
        run_lots=np.zeros((len(works.run_cost), T), np.int64),
        hours=np.zeros(works.regular.shape),
        loads=np.zeros((len(works.box), T), LOAD),
        moved=np.zeros(works.regular.shape),
        limits=np.zeros((len(works.limit_most), T)),
        sites=np.zeros(len(works.site_cost), np.int64),
        room=room,
        early=graph.early["units"].copy(),
        left=np.bincount(works.early_pool, graph.early["units"], len(works.left_most)).astype(float, copy=False),
        unmet=graph.orders["units"].copy(),
        total=np.array([float(graph.orders["units"] @ graph.orders["goodwill"])]),
    )
    use.total[0] -= float(graph.early["units"] @ works.early_cost)
    use.total[0] += float(np.maximum(use.left - works.left_most, 0.0) @ works.left_worth)
    return pieces, use


def keep_decided(graph: Graph, works: Works, use: Use, making: Floats) -> None:
    """Set up and make the lots that are decided; ``making`` (K, T) is the cost of a unit."""
    for good in graph.early[graph.early["supply"] >= 0]:
        supply, week, units = int(good["supply"]), int(good["week"]), float(good["units"])
        use.total[0] += units * making[supply, week]
        make(works, use, int(graph.supply["lot"][supply]), week, units, 1)


def keep_outside(graph: Graph, works: Works, use: Use, plan: ClusterPlan) -> None:
    """Let outsiders make, send and keep what they do in a plan of their goods alone; what that costs is not counted here."""
    net, cost = plan.network, use.total.copy()
    for supply, week in np.argwhere(plan.make > 0).tolist():
        make(works, use, int(net.supply_lot[supply]), week, float(plan.make[supply, week]), 1)
    ship = plan.ship[graph.arcs["number"]]
    for arc, week in np.argwhere(ship > 0).tolist():
        send(works, use, arc, week, float(ship[arc, week]))
    for place in np.flatnonzero(works.place_room >= 0):
        commodity = net.place_commodity[graph.places[place]]
        use.room[works.place_room[place]] += plan.stock[graph.places[place]] * works.commodity_m3[commodity]
    use.total[:] = cost


@inner
def charge_more(works: Works, use: Use, arc: int, week: int, units: float) -> float:
    """Return what sending these units (negative: fewer) on an arc adds to the charge of its load."""
    freight = works.freight[arc]
    now, box = use.loads[freight.load, week], works.box[freight.load]
    kg, m3 = now.kg + units * freight.kg, now.m3 + units * freight.m3
    charge = 0.0
    if box.rate >= 0:
        boxes = np.ceil(max(kg / box.kg, m3 / box.m3) - 1e-5)
        if boxes > 0:
            charge = works.clearing[freight.load, week] + boxes * box.rate
    else:
        basis = max(kg, m3)
        if basis > 1e-5:
            charge = np.inf
            for b in range(works.load_bands[freight.load], works.load_bands[freight.load + 1]):
                band = works.bands[b]
                if basis <= band.high:
                    charge = min(charge, max(band.minimum, band.rate * max(basis, band.low)))
            charge += works.clearing[freight.load, week]
    more: float = charge - now.charge
    return more


@inner
def _taken(works: Works, use: Use, arc: int, week: int, units: float, amount: float) -> float:
    """Return what units on an arc take of a limit: an amount each, or the containers that their load needs more."""
    if amount > 0:
        return units * amount
    load, freight = works.freight[arc].load, works.freight[arc]
    if load < 0 or works.box[load].rate < 0:
        return 0.0
    now, box = use.loads[load, week], works.box[load]
    before = np.ceil(max(now.kg / box.kg, now.m3 / box.m3) - 1e-5)
    kg, m3 = now.kg + units * freight.kg, now.m3 + units * freight.m3
    after = np.ceil(max(kg / box.kg, m3 / box.m3) - 1e-5)
    boxes: float = max(after, 0.0) - max(before, 0.0)
    return boxes


@inner
def _work(works: Works, use: Use, resource: int, week: int, hours: float) -> None:
    """Add hours, and what overtime they cost."""
    before = max(use.hours[resource, week] - works.regular[resource, week], 0.0)
    use.hours[resource, week] += hours
    after = max(use.hours[resource, week] - works.regular[resource, week], 0.0)
    use.total[0] += (after - before) * works.overtime_cost[resource]


@inner
def _use_site(works: Works, use: Use, site: int, sign: int) -> None:
    """Count a piece that uses a site or an entered market, or a lot that uses an investment, or one that does no longer; −1 is none."""
    if site >= 0:
        was_open = use.sites[site] > 0
        use.sites[site] += sign
        if (use.sites[site] > 0) != was_open:
            use.total[0] += sign * works.site_cost[site]


@inner
def _leave(works: Works, use: Use, pool: int, units: float) -> None:
    """Leave units of a pool to the end, or take them out; what is more than is worth something loses its worth."""
    before = max(use.left[pool] - works.left_most[pool], 0.0)
    use.left[pool] += units
    after = max(use.left[pool] - works.left_most[pool], 0.0)
    use.total[0] += (after - before) * works.left_worth[pool]


@inner
def _fill(works: Works, use: Use, room: int, week: int, m3: float) -> None:
    """Take room of a place for a week, or give it back; more than there is costs far more than it brings."""
    most = works.room[room, week] + 2 * SMALL
    before = max(use.room[room, week] - most, 0.0)
    use.room[room, week] += m3
    after = max(use.room[room, week] - most, 0.0)
    use.total[0] += (after - before) * works.overfull


@entry
def make(works: Works, use: Use, number: int, week: int, units: float, pieces: int) -> None:
    """Add units to a lot, or take them out; set it up or give it up with its first or last piece."""
    lot = works.lot[number]
    was_open = use.lot_pieces[number, week] > 0
    before = max(use.lot_units[number, week], works.lot_batch[number, week]) if was_open else 0.0
    use.lot_pieces[number, week] += pieces
    use.lot_units[number, week] += units
    is_open = use.lot_pieces[number, week] > 0
    if not is_open:
        use.lot_units[number, week] = 0.0
    after = max(use.lot_units[number, week], works.lot_batch[number, week]) if is_open else 0.0
    if after - before != units:
        use.total[0] += (after - before - units) * works.lot_waste[number, week]
        _leave(works, use, works.lot_pool[number], after - before - units)
        if works.lot_room[number] >= 0:
            for w in range(week, use.room.shape[1]):
                _fill(works, use, works.lot_room[number], w, (after - before - units) * works.lot_m3[number])
    turn = int(is_open) - int(was_open)
    for u in range(works.route_uses[lot.route], works.route_uses[lot.route + 1]):
        use_of = works.uses[u]
        done = week - use_of.lag
        _work(works, use, use_of.resource, done, (after - before) * use_of.hours + turn * use_of.setup)
        if use_of.moved:
            use.moved[use_of.resource, done] += (after - before) * use_of.hours + turn * use_of.setup
    if turn == 0:
        return
    use.total[0] += turn * works.lot_cost[number, week]
    for n in range(works.lot_unlocks[number], works.lot_unlocks[number + 1]):
        _use_site(works, use, works.unlocks[n], turn)
    for n in range(works.lot_links[number], works.lot_links[number + 1]):
        run, done = works.links[n].run, week - works.links[n].lag
        had = use.run_lots[run, done] > 0
        use.run_lots[run, done] += turn
        change = int(use.run_lots[run, done] > 0) - int(had)
        if change != 0:
            use.total[0] += change * works.run_cost[run]
            for v in range(works.run_uses[run], works.run_uses[run + 1]):
                turned = works.turns[v]
                _work(works, use, turned.resource, done, change * turned.setup)
                if turned.moved:
                    use.moved[turned.resource, done] += change * turned.setup


@entry
def send(works: Works, use: Use, arc: int, week: int, units: float) -> None:
    """Send units on an arc."""
    _send(works, use, arc, week, units, whole(1))


@inner
def _send(works: Works, use: Use, arc: int, week: int, units: float, sign: int) -> None:
    """Send units on an arc (1), or do so no longer (−1): what they take of its limits, its load and the site it leads to."""
    for i in range(works.arc_limits[arc], works.arc_limits[arc + 1]):
        limit = works.limits[i]
        if week + limit.lag < use.limits.shape[1]:
            use.limits[limit.limit, week + limit.lag] += _taken(works, use, arc, week, units, limit.amount)
    freight = works.freight[arc]
    if freight.load >= 0:
        more = charge_more(works, use, arc, week, units)
        load = use.loads[freight.load, week]
        load.charge += more
        load.basis += units * freight.basis
        load.kg += units * freight.kg
        load.m3 += units * freight.m3
        use.total[0] += more
    _use_site(works, use, works.arc_site[arc], sign)


@inner
def _count(graph: Graph, works: Works, use: Use, pieces: Pieces, number: int, sign: int) -> None:
    """Count a piece in (1), or out (−1): its lot, its loads and the room on its way."""
    piece = pieces.slots[number]
    wanted = graph.orders[piece.order]
    units = sign * piece.units
    use.total[0] += units * (piece.cost - wanted.goodwill)
    use.unmet[piece.order] -= units
    m3, first = units * works.commodity_m3[wanted.commodity], graph.commodity_places[wanted.commodity]
    _use_site(works, use, works.order_site[piece.order], sign)
    if piece.source >= 0:
        make(works, use, graph.supply[piece.source].lot, piece.week, units, sign)
        place = graph.supply[piece.source].place
    else:
        use.early[-1 - piece.source] -= units
        _leave(works, use, works.early_pool[-1 - piece.source], -units)
        place = graph.early[-1 - piece.source].place
    t = piece.week
    for n in range(piece.hops):
        arc, leaves = pieces.way[number, n, 0], pieces.way[number, n, 1]
        room = works.place_room[first + place]
        if room >= 0 and piece.source < 0 and n == 0:
            # Goods from before lie there anyway, until they leave.
            for w in range(leaves, use.room.shape[1]):
                _fill(works, use, room, w, -m3)
        elif room >= 0:
            for w in range(t, leaves):
                _fill(works, use, room, w, m3)
        _send(works, use, arc, leaves, units, sign)
        place, t = graph.arcs[arc].to, leaves + graph.arcs[arc].lag


@inner
def add_piece(
    graph: Graph, works: Works, use: Use, pieces: Pieces,
    order: int, source: int, week: int, units: float, cost: float, hops: int, way: Array,
) -> bool:  # fmt: skip
    """Add a piece; return whether there was a slot for it."""
    if pieces.left[0] == 0:
        return False
    pieces.left[0] -= 1
    number = pieces.free[pieces.left[0]]
    piece = pieces.slots[number]
    piece.order, piece.source, piece.week = order, source, week
    piece.units, piece.cost, piece.hops = units, cost, hops
    for n in range(hops):
        pieces.way[number, n, 0], pieces.way[number, n, 1] = way[n, 0], way[n, 1]
    piece.next, pieces.head[order] = pieces.head[order], number
    _count(graph, works, use, pieces, number, whole(1))
    return True


@inner
def _free(graph: Graph, works: Works, use: Use, pieces: Pieces, number: int) -> int:
    """Count a piece out and free its slot; return the next piece of its order."""
    _count(graph, works, use, pieces, number, whole(-1))
    pieces.slots[number].order = -1
    pieces.free[pieces.left[0]] = number
    pieces.left[0] += 1
    following: int = pieces.slots[number].next
    return following


@inner
def take_out(graph: Graph, works: Works, use: Use, pieces: Pieces, order: int) -> None:
    """Take out every piece of an order."""
    number = pieces.head[order]
    while number >= 0:
        number = _free(graph, works, use, pieces, number)
    pieces.head[order] = -1
    use.unmet[order] = graph.orders[order].units


@inner
def take_piece_out(graph: Graph, works: Works, use: Use, pieces: Pieces, number: int) -> None:
    """Take out one piece; the next that is added takes its slot."""
    order = pieces.slots[number].order
    before, at = whole(-1), pieces.head[order]
    while at != number:
        before, at = at, pieces.slots[at].next
    following = _free(graph, works, use, pieces, number)
    if before < 0:
        pieces.head[order] = following
    else:
        pieces.slots[before].next = following


@inner
def has_space(works: Works, use: Use, arc: int, week: int, units: float) -> bool:
    """Return whether units can leave on an arc within its limits."""
    for i in range(works.arc_limits[arc], works.arc_limits[arc + 1]):
        limit = works.limits[i]
        if week + limit.lag < use.limits.shape[1]:
            more = _taken(works, use, arc, week, units, limit.amount)
            if use.limits[limit.limit, week + limit.lag] + more > works.limit_most[limit.limit] + SMALL:
                return False
    return True


@inner
def fits(works: Works, use: Use, number: int, week: int) -> float:
    """Return the units for which there are hours in a lot, set up for it if it is not; −1 if not even for that."""
    lot = works.lot[number]
    if week < lot.lag:
        return -1.0
    is_open = use.lot_pieces[number, week] > 0
    first, behind = works.lot_links[number], works.lot_links[number + 1]
    for n in range(first, behind):
        run, done = works.links[n].run, week - works.links[n].lag
        if use.run_lots[run, done] == 0:
            for v in range(works.run_uses[run], works.run_uses[run + 1]):
                turn = works.turns[v]
                if works.most[turn.resource, done] - use.hours[turn.resource, done] < turn.setup:
                    return -1.0
    least: float = np.inf
    for u in range(works.route_uses[lot.route], works.route_uses[lot.route + 1]):
        use_of = works.uses[u]
        done = week - use_of.lag
        free = works.most[use_of.resource, done] - use.hours[use_of.resource, done]
        if use_of.moved:
            # Where no product of the maker's own makes the family's changeover its own, it is for others, too.
            free = min(free, works.most_moved[use_of.resource, done] - use.moved[use_of.resource, done])
        if not is_open:
            free -= use_of.setup
        for n in range(first, behind):
            run = works.links[n].run
            if works.links[n].lag == use_of.lag and use.run_lots[run, done] == 0:
                for v in range(works.run_uses[run], works.run_uses[run + 1]):
                    if works.turns[v].resource == use_of.resource:
                        free -= works.turns[v].setup
        if free < -SMALL:
            return -1.0
        if use_of.hours > 0:
            least = min(least, max(free, 0.0) / use_of.hours)
    if is_open:
        least += max(works.lot_batch[number, week] - use.lot_units[number, week], 0.0)
        return least
    if least < works.lot_batch[number, week]:
        return -1.0
    return least
