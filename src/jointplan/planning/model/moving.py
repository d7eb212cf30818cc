"""Moving and keeping: room at places, space on lanes, and what units, loads and containers pay on their way."""

from __future__ import annotations

import numpy as np

from jointplan.planning.model.columns import Charges, Flows
from jointplan.planning.model.scope import Scope, find_space
from jointplan.planning.network import Network
from jointplan.planning.problem import ClusterProblem, Floats, Ints
from jointplan.solvers import ModelBuilder


def shipping_costs(problem: ClusterProblem, network: Network) -> Floats:
    """Return what a unit costs that leaves on an arc, the load it joins and what it is worth at the end apart; (A, T)."""
    p, lane = problem, network.arc_lane
    product = network.commodity_product[network.arc_commodity]
    under_way = np.minimum(p.lane_weeks[lane][:, None], p.weeks - np.arange(p.weeks)[None, :])
    handling = p.lane_handling[lane] * p.volume[product]
    holding = p.place_holding[p.lane_origin[lane], product]
    cost: Floats = (p.unit_freight[lane, product] + handling)[:, None] + under_way * holding[:, None]
    cost += p.border_on(lane, product)
    return cost


def rooms_hold(b: ModelBuilder, scope: Scope, flows: Flows) -> Ints:
    """Ensures that no place holds more than its room; returns the rows, (N, T)."""
    p, net = scope.problem, scope.network
    nodes = np.flatnonzero(np.isfinite(p.node_capacity))
    number = np.full(len(p.node), -1)
    number[nodes] = np.arange(len(nodes))
    places = np.flatnonzero(number[net.place_node] >= 0)
    at = number[net.place_node[places]][:, None] * p.weeks + scope.weeks
    volume = p.volume[net.commodity_product[net.place_commodity[places]]]
    room = np.repeat(p.node_capacity[nodes], p.weeks)
    rows = b.rows(np.full(len(room), -np.inf), room, [(at, flows.stock[places], volume[:, None])])
    return _of_all(rows, nodes, len(p.node), p.weeks)


def throughput_holds(b: ModelBuilder, scope: Scope, flows: Flows) -> Ints:
    """Ensures that no more is sent to a place than it takes in a week; returns the rows, (N, T)."""
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    limited = np.flatnonzero(np.isfinite(p.sites.throughput))
    number = np.full(len(p.node) + 1, -1)  # the last entry absorbs −1
    number[p.sites.node[limited]] = np.arange(len(limited))
    row, column, _ = scope.arrivals(flows.ship, number[p.lane_node[net.arc_lane]])
    volume = p.volume[scope.arc_product][:, None]
    limit = np.repeat(p.sites.throughput[limited], T)
    rows = b.rows(np.full(len(limit), -np.inf), limit, [(row, column, volume)])
    return _of_all(rows, p.sites.node[limited], len(p.node), T)


def lanes_have_space(b: ModelBuilder, scope: Scope, flows: Flows) -> Ints:
    """Ensures that no more leaves on lanes than there is space for; containers are counted as if shared by all.

    Returns the rows in kg and in m³ of containers, and in basis units of other lanes, (3, spaces, T).
    """
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    space, product = p.spaces.of_lane(len(p.lane)), scope.arc_product
    boxes = np.flatnonzero(space[p.containers.lane] >= 0)
    boxed, first = np.unique(space[p.containers.lane[boxes]], return_index=True)
    whole, box = np.floor(p.spaces.most[boxed] + 1e-9), boxes[first]
    others = np.setdiff1d(np.arange(len(p.spaces.most)), boxed)
    found = []
    for which, per_unit, limit in (
        (boxed, p.weight[product], whole * p.containers.kg[box]),
        (boxed, p.volume[product], whole * p.containers.m3[box]),
        (others, p.basis[net.arc_lane, product], p.spaces.most[others]),
    ):
        number = np.full(len(p.spaces.most) + 1, -1)  # the last entry absorbs −1
        number[which] = np.arange(len(which))
        of_arc = number[space[net.arc_lane]]
        arcs = np.flatnonzero(of_arc >= 0)
        at = of_arc[arcs][:, None] * T + scope.weeks
        rows = b.rows(
            np.full(len(which) * T, -np.inf), np.repeat(limit, T), [(at, flows.ship[arcs], per_unit[arcs][:, None])]
        )
        found.append(_of_all(rows, which, len(p.spaces.most), T))
    return np.stack(found)


def _of_all(rows: Ints, which: Ints, size: int, weeks: int) -> Ints:
    """Return rows week by week of some places or spaces as an array of all, (size, T); −1 where there is none."""
    found = np.full((size, weeks), -1)
    found[which] = rows.reshape(len(which), weeks)
    return found


def loads_are_charged(b: ModelBuilder, scope: Scope, flows: Flows) -> Charges:
    """Add what loads pay: those charged by bands, then those that fill containers."""
    band, declared, charge, entry, load = _bands_hold(b, scope, flows)
    boxes, sent, boxes_load = _containers_hold(b, scope, flows)
    return Charges(band, declared, charge, entry, load, boxes, sent, boxes_load)


def _bands_hold(b: ModelBuilder, scope: Scope, flows: Flows) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Ensures that a load is declared in one band and pays its rate, at least the minimum, and for being cleared."""
    p, net, T, loads = scope.problem, scope.network, scope.problem.weeks, scope.loads
    basis = p.basis[net.arc_lane, scope.arc_product]
    size = scope.load_sizes(basis)
    entries = [(w, e) for w, lane in enumerate(loads.lane) for e in np.flatnonzero(p.bands.lane == lane)]
    load = np.array([w for w, _ in entries], dtype=np.int64)
    entry = np.array([e for _, e in entries], dtype=np.int64)
    top = p.bands.high[entry] >= np.array([p.bands.high[p.bands.lane == p.bands.lane[e]].max() for e in entry])
    # A load may be declared larger than it is, up to where its band starts.
    largest = np.where(top, np.inf, p.bands.high[entry])
    high = np.minimum(largest[:, None], np.maximum(size[load], p.bands.low[entry][:, None]))
    low, rate, minimum = p.bands.low[entry], p.bands.rate[entry], p.bands.minimum[entry]
    clearing = p.clearing_on(loads.lane[load])
    shape = (len(load), T)
    possible = size[load] > 0
    amount = np.where(possible, np.inf, 0.0)
    band = b.columns(shape, upper=possible, integer=True)
    declared = b.columns(shape, upper=amount)
    charge = b.columns(shape, cost=1.0, upper=amount, money=True)
    row = np.arange(band.size).reshape(shape)
    free = np.full(band.size, -np.inf)
    b.rows(free, 0.0, [(row, declared, 1.0), (row, band, -high)])
    b.rows(np.zeros(band.size), np.inf, [(row, declared, 1.0), (row, band, -low[:, None])])
    b.rows(np.zeros(band.size), np.inf, [(row, charge, 1.0), (row, declared, -rate[:, None]), (row, band, -clearing)])
    b.rows(np.zeros(band.size), np.inf, [(row, charge, 1.0), (row, band, -minimum[:, None] - clearing)])
    carries = np.isin(np.arange(len(loads.lane)), load)
    arcs = np.flatnonzero((loads.of_arc >= 0) & np.append(carries, False)[loads.of_arc])
    at = loads.of_arc[arcs][:, None] * T + scope.weeks
    total = load[:, None] * T + scope.weeks
    count = len(loads.lane) * T
    for by in p.load_basis[: 1 if p.basis_by is None else 2]:
        counted = by[net.arc_lane, scope.arc_product][arcs][:, None]
        b.rows(np.zeros(count), np.inf, [(total, declared, 1.0), (at, flows.ship[arcs], -counted)])
    b.rows(np.full(count, -np.inf), 1.0, [(total, band, 1.0)])
    return band, declared, charge, entry, load


def _containers_hold(b: ModelBuilder, scope: Scope, flows: Flows) -> tuple[Ints, Ints, Ints]:
    """Ensures that a load fits into its containers by weight and by volume, and is cleared if it fills any."""
    p, T, product = scope.problem, scope.problem.weeks, scope.arc_product
    lane_of, of_arc = scope.loads.lane, scope.loads.of_arc
    position = {int(lane): c for c, lane in enumerate(p.containers.lane)}
    loads = np.array([w for w, lane in enumerate(lane_of) if int(lane) in position], dtype=np.int64)
    which = np.array([position[int(lane_of[w])] for w in loads], dtype=np.int64)
    most = np.maximum(
        scope.load_sizes(p.weight[product])[loads] / p.containers.kg[which][:, None],
        scope.load_sizes(p.volume[product])[loads] / p.containers.m3[which][:, None],
    )
    space = np.floor(find_space(p)[lane_of[loads]] + 1e-9)
    upper = np.minimum(np.ceil(most), space[:, None])
    boxes = b.columns(
        (len(loads), T),
        cost=p.containers.rate[which][:, None],
        upper=upper,
        integer=True,
    )
    clearing = p.clearing_on(lane_of[loads])
    sent = b.columns(boxes.shape, cost=clearing, upper=(clearing > 0) & (upper > 0), integer=True)
    draws = p.spaces.of_lane(len(p.lane))[lane_of[loads]]
    shared = np.bincount(draws[draws >= 0], minlength=len(p.spaces.most)) > 1
    sharing = np.flatnonzero(np.append(shared, False)[draws])
    spaces, at_space = np.unique(draws[sharing], return_inverse=True)
    b.rows(
        np.full(len(spaces) * T, -np.inf), np.repeat(np.floor(p.spaces.most[spaces] + 1e-9), T),
        [(at_space[:, None] * T + scope.weeks, boxes[sharing], 1.0)],
    )  # fmt: skip
    number = np.full(len(lane_of) + 1, -1)
    number[loads] = np.arange(len(loads))
    arcs = np.flatnonzero(number[of_arc] >= 0)
    at = number[of_arc[arcs]][:, None] * T + scope.weeks
    row = np.arange(boxes.size).reshape(boxes.shape)
    cleared = sent >= 0
    at_cleared = np.arange(int(cleared.sum()))
    b.rows(
        np.full(len(at_cleared), -np.inf), 0.0,
        [(at_cleared, boxes[cleared], 1.0), (at_cleared, sent[cleared], -upper[cleared])],
    )  # fmt: skip
    for per_unit, per_box in ((p.weight, p.containers.kg), (p.volume, p.containers.m3)):
        b.rows(
            np.zeros(boxes.size), np.inf,
            [(row, boxes, per_box[which][:, None]), (at, flows.ship[arcs], -per_unit[product[arcs]][:, None])],
        )  # fmt: skip
    return boxes, sent, loads
