"""What making, changing over and moving take and cost, as flat arrays for compiled loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.leftovers import find_leftovers
from jointplan.planning.model import PlanModel, shipping_costs
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.rights import maker_owner
from jointplan.planning.solving.graph import Array, Graph, records, starts
from jointplan.planning.weekly import sum_by

LOT = np.dtype([("route", "i8"), ("lag", "i8")], align=True)
LINK = np.dtype([("run", "i8"), ("lag", "i8")], align=True)
LIMIT = np.dtype([("limit", "i8"), ("amount", "f8"), ("lag", "i8")], align=True)
USE = np.dtype([("resource", "i8"), ("hours", "f8"), ("setup", "f8"), ("lag", "i8"), ("moved", "i8")], align=True)
FREIGHT = np.dtype([("load", "i8"), ("basis", "f8"), ("kg", "f8"), ("m3", "f8")], align=True)
BOX = np.dtype([("rate", "f8"), ("kg", "f8"), ("m3", "f8")], align=True)
BAND = np.dtype([("low", "f8"), ("high", "f8"), ("rate", "f8"), ("minimum", "f8")], align=True)

LOOK_BACK = 10  # weeks before an order is due that its goods are looked for, at least
FAR_ABOVE = 1e4  # what the dearest goods bring, that room beyond what there is costs


class Works(NamedTuple):
    """Supplies, lots, runs, resources and loads by number, arcs and places as in the graph.

    ``route_uses`` and ``run_uses`` say where the uses of each route and run begin, ``load_bands`` where the bands of each load,
    ``lot_links`` where the runs that each lot needs. A use or a run falls ``lag`` weeks before the goods of its lot come out,
    at most a lot's own ``lag``. ``supply_cost`` (K, T) is what a unit costs, with materials at prices that the search may change.
    ``possible`` (K, T) is whether a supply may make anything; ``moved`` uses are for products of
    another owner's making, for which only ``most_moved`` (M, T) hours may be used.
    ``lot_batch`` (E, T) is the least of a lot, ``lot_waste`` (E, T) what a unit costs that is made only to reach it; of what is left, lots and goods from before
    by their pool, no more than ``left_most`` is worth ``left_worth`` at the end; ``clearing`` (loads, T) is what a load pays once; ``box`` has a negative rate where
    a load is charged by bands, ``freight`` counts a container lane's basis in containers, and in ``kg`` and ``m3`` the basis units by weight and by
    volume of loads charged by bands; ``arc_limits`` says where the limits begin that an arc draws on, each an amount of a unit and the weeks after it leaves, at most ``limit_most`` a
    week; ``arc_site`` is the site it leads to that must be opened, at ``site_cost``, first guessed at ``site_rate`` a m³;
    markets to be entered stand behind the sites, ``order_site`` is the one that an order waits for, guessed at by the unit;
    behind these stands what is to be learned or opened, of which ``lot_unlocks`` says where those that each lot needs begin;
    ``reach`` (C,) is how many weeks before an order its goods are looked for; ``place_room`` numbers the places with limited
    room, −1 for the others, ``lot_room`` (E,) those where lots are made, of which a unit takes ``lot_m3``; room beyond what there is costs
    ``overfull`` a m³ and week; ``early_cost`` is what a unit from before costs that is used: the negative of what it costs if it
    stays.
    """

    supply_cost: Floats
    lot: Array
    lot_links: Ints
    links: Array
    lot_cost: Floats
    lot_batch: Floats
    lot_waste: Floats
    lot_pool: Ints
    early_pool: Ints
    left_most: Floats
    left_worth: Floats
    possible: Bools
    route_uses: Ints
    uses: Array
    run_cost: Floats
    run_uses: Ints
    turns: Array
    regular: Floats
    most: Floats
    most_moved: Floats
    overtime_cost: Floats
    ship: Floats
    freight: Array
    box: Array
    clearing: Floats
    load_bands: Ints
    bands: Array
    arc_limits: Ints
    limits: Array
    limit_most: Floats
    arc_site: Ints
    order_site: Ints
    lot_unlocks: Ints
    unlocks: Ints
    site_cost: Floats
    site_rate: Floats
    reach: Ints
    place_room: Ints
    room: Floats
    lot_room: Ints
    lot_m3: Floats
    overfull: float
    commodity_m3: Floats
    early_cost: Floats


def build_works(model: PlanModel, graph: Graph, early_cost: Floats) -> Works:
    """Return the works of a model.

    Parameters
    ----------
    model, graph : PlanModel, Graph
        What is planned.
    early_cost : (X,)
        What a unit from before costs that is used.
    """
    p, net, loads = model.problem, model.network, model.loads
    T = p.weeks
    width, depth = max(len(p.resource), 1), int(p.use_lag.max(initial=0)) + 1
    drawn, of_use = np.unique((p.use_route * width + p.use_resource) * depth + p.use_lag, return_inverse=True)
    drawn_route, drawn_resource = np.divmod(drawn // depth, width)
    uses = records(
        USE,
        resource=drawn_resource,
        hours=np.bincount(of_use, p.use_hours, len(drawn)),
        setup=np.bincount(of_use, p.use_setup, len(drawn)),
        lag=drawn % depth,
        moved=_is_moved(model, drawn_route, drawn_resource),
    )
    lag = np.zeros(len(p.route_product), np.int64)
    np.maximum.at(lag, p.use_route, p.use_lag)
    run, entry = np.nonzero(net.run_group[:, None] == p.major_group[None, :])
    turned, of_turn = np.unique(run * width + p.major_resource[entry], return_inverse=True)
    turns = records(
        USE,
        resource=turned % width,
        hours=np.zeros(len(turned)),
        setup=np.bincount(of_turn, p.major_hours[entry], len(turned)),
        lag=np.zeros(len(turned), np.int64),
        moved=_is_turned_for_others(model, turned // width, turned % width),
    )
    made = p.route_product[net.lot_route]
    left = T - np.arange(T)[None, :]
    making = p.route_cost[net.lot_route]
    maker = p.route_firm[net.lot_route]
    keeping = p.place_holding[maker, made] + p.node_storage[maker] * p.volume[made]
    waste = keeping[:, None] * left + (making - p.end_value[made])[:, None]

    arc_product = net.commodity_product[net.arc_commodity]
    position = {int(lane): n for n, lane in enumerate(p.containers.lane)}
    entries = [(w, b) for w, lane in enumerate(loads.lane) for b in np.flatnonzero(p.bands.lane == lane)]
    load_of = np.array([w for w, _ in entries], dtype=np.int64)
    band = np.array([b for _, b in entries], dtype=np.int64)
    # A load above the last band still pays the last band's rate.
    top = np.array([p.bands.high[b] >= p.bands.high[p.bands.lane == p.bands.lane[b]].max() for b in band], dtype=bool)
    which = np.array([position.get(int(lane), -1) for lane in loads.lane], dtype=np.int64)

    box = records(BOX, rate=np.full(len(which), -1.0), kg=np.ones(len(which)), m3=np.ones(len(which)))
    by_box = which >= 0
    for name in BOX.names or ():
        box[name][by_box] = getattr(p.containers, name)[which[by_box]]
    load = loads.of_arc[graph.arcs["number"]]
    product = arc_product[graph.arcs["number"]]
    lane = net.arc_lane[graph.arcs["number"]]
    basis, (by_weight, by_volume) = p.basis[lane, product], p.load_basis[:, lane, product]
    boxed = (load >= 0) & (box["rate"][load] >= 0) if len(box) else np.zeros(len(load), bool)
    share = np.maximum(p.weight[product] / box["kg"][load], p.volume[product] / box["m3"][load]) if len(box) else basis
    most_moved = np.full(p.regular.shape, np.inf)
    most_moved[p.terms.resource] = p.most_for_others
    arc_limits, limits, limit_most = _limits(model, graph)
    site_rate = _site_rates(model)
    entry = net.series_entry[graph.orders["series"]]
    entry_cost = np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market]
    potential = np.bincount(entry[entry >= 0], graph.orders["units"][entry >= 0], len(entry_cost))
    invested = p.investments.cost[net.investment_entry]
    by_lot = np.argsort(net.unlock_lot, kind="stable")
    leftovers = find_leftovers(p, net)
    early_commodity = np.repeat(np.arange(len(net.commodity_product)), np.diff(graph.commodity_early))
    nodes = np.flatnonzero(np.isfinite(p.node_capacity))
    number = np.full(len(p.node), -1)
    number[nodes] = np.arange(len(nodes))
    return Works(
        # What is there only because it is decided makes no more than that.
        supply_cost=np.repeat(np.where(net.supply_granted, p.route_cost[net.supply_route], np.inf)[:, None], T, axis=1),
        lot=records(LOT, route=net.lot_route, lag=lag[net.lot_route]),
        lot_batch=model.batch,
        lot_links=starts(net.link_lot, len(net.lot_route)),
        links=records(LINK, run=net.link_run, lag=net.link_lag),
        lot_cost=np.ascontiguousarray(p.setup_cost[net.lot_route]).reshape(-1, T),
        lot_waste=waste,
        lot_pool=leftovers.of_commodity[net.supply_commodity[graph.supplies[graph.lot_supplies[:-1]]]],
        early_pool=leftovers.of_commodity[early_commodity],
        left_most=np.where(model.columns.surplus >= 0, leftovers.most, np.inf),
        left_worth=leftovers.worth,
        possible=model.columns.make >= 0,
        route_uses=starts(drawn_route, len(p.route_product)),
        uses=uses,
        run_cost=p.group_cost[net.run_group],
        run_uses=starts(turned // width, len(net.run_group)),
        turns=turns,
        regular=p.regular,
        most=p.regular + p.overtime,
        most_moved=most_moved,
        overtime_cost=p.overtime_cost,
        ship=np.ascontiguousarray(shipping_costs(p, net)[graph.arcs["number"]]).reshape(-1, T),
        freight=records(
            FREIGHT,
            load=load,
            basis=np.where(boxed, share, basis),
            kg=np.where(boxed, p.weight[product], by_weight),
            m3=np.where(boxed, p.volume[product], by_volume),
        ),
        box=box,
        clearing=np.ascontiguousarray(p.clearing_on(loads.lane)),
        load_bands=starts(load_of, len(loads.lane)),
        bands=records(
            BAND,
            low=p.bands.low[band],
            high=np.where(top, np.inf, p.bands.high[band] * (1 + 1e-9)),
            rate=p.bands.rate[band],
            minimum=p.bands.minimum[band],
        ),
        arc_limits=arc_limits,
        limits=limits,
        limit_most=limit_most,
        arc_site=np.append(net.place_site, -1)[net.arc_to[graph.arcs["number"]]],
        order_site=np.where(entry >= 0, len(net.site_entry) + entry, -1),
        lot_unlocks=starts(net.unlock_lot[by_lot], len(net.lot_route)),
        unlocks=len(net.site_entry) + len(entry_cost) + net.unlock_investment[by_lot],
        site_cost=np.concatenate([p.sites.opening_cost[net.site_entry], entry_cost, invested]),
        site_rate=np.concatenate(
            [site_rate, entry_cost / np.maximum(potential, 1e-9), invested / _unlocked_units(model, graph)]
        ),
        reach=_reach(model, graph),
        place_room=number[net.place_node[graph.places]],
        room=np.repeat(p.node_capacity[nodes][:, None], T, axis=1),
        lot_room=number[maker],
        lot_m3=p.volume[made],
        overfull=_overfull(model, graph),
        commodity_m3=p.volume[net.commodity_product],
        early_cost=early_cost,
    )


def _is_moved(model: PlanModel, route: Ints, resource: Ints) -> Bools:
    """Return whether uses of resources by routes are for products of another owner's making."""
    p = model.problem
    home = maker_owner(p)[p.route_product[route]]
    return np.asarray((home >= 0) & (home != p.firm_owner[p.resource_firm[resource]]))


def _is_turned_for_others(model: PlanModel, run: Ints, resource: Ints) -> Bools:
    """Return whether all that a run may make at a resource is of another owner's making."""
    p, net = model.problem, model.network
    own = np.zeros((len(net.run_group), len(p.resource)), dtype=bool)
    route = net.lot_route[net.link_lot]
    for m in np.unique(resource).tolist():
        at = ~_is_moved(model, route, np.full(len(route), m))
        own[net.link_run[at], m] = True
    return np.asarray(~own[run, resource])


def _limits(model: PlanModel, graph: Graph) -> tuple[Ints, Array, Floats]:
    """Return where each arc's limits begin, the limits it draws on, and the most of each in a week.

    Space on a lane is counted in basis units, or, with no amount for a unit, in whole containers; throughput of a site in m³.
    """
    p, net = model.problem, model.network
    number = graph.arcs["number"]
    lane, product = net.arc_lane[number], net.commodity_product[net.arc_commodity[number]]
    found: list[tuple[Ints, Floats, Ints]] = []
    most: list[float] = []

    def add(arcs: Ints, amount: Floats, lag: Ints, limit: float) -> None:
        found.append((arcs, amount, lag))
        most.append(limit)

    box = set(p.containers.lane.tolist())
    drawn = p.spaces.of_lane(len(p.lane))
    for n, space in enumerate(p.spaces.most):
        arcs = np.flatnonzero(drawn[lane] == n)
        at_once = np.zeros(len(arcs), np.int64)
        if not box.isdisjoint(p.spaces.lane[p.spaces.space == n].tolist()):  # whole containers, counted load by load
            add(arcs, np.zeros(len(arcs)), at_once, np.floor(space + 1e-9))
        else:
            add(arcs, p.basis[lane[arcs], product[arcs]], at_once, space)
    for node, throughput in zip(p.sites.node, p.sites.throughput, strict=True):
        if np.isfinite(throughput):
            arcs = np.flatnonzero(p.lane_node[lane] == node)
            add(arcs, p.volume[product[arcs]], p.lane_weeks[lane[arcs]], throughput)
    arc = np.concatenate([a for a, _, _ in found] or [np.empty(0, np.int64)])
    order = np.argsort(arc, kind="stable")
    limits = records(
        LIMIT,
        limit=np.repeat(np.arange(len(found)), [len(a) for a, _, _ in found]),
        amount=np.concatenate([amount for _, amount, _ in found] or [np.empty(0)]),
        lag=np.concatenate([lag for _, _, lag in found] or [np.empty(0, np.int64)]),
    )
    return starts(arc[order], len(number)), limits[order], np.array(most)


def _reach(model: PlanModel, graph: Graph) -> Ints:
    """Return how many weeks before an order is due its goods are looked for: on their way, and some before; (C,)."""
    p, net = model.problem, model.network
    lag, to_market = p.lane_weeks[net.arc_lane], net.arc_sink >= 0
    last, before = np.zeros((2, len(net.commodity_product)), np.int64)
    np.maximum.at(last, net.arc_commodity[to_market], lag[to_market])
    np.maximum.at(before, net.arc_commodity[~to_market], lag[~to_market])
    reach = np.maximum(LOOK_BACK, last + before + LOOK_BACK // 2)
    return np.where(np.diff(graph.commodity_early) > 0, p.weeks, reach)


def _overfull(model: PlanModel, graph: Graph) -> float:
    """Return a price of room beyond what there is that is far above what any goods in it bring."""
    volume = model.problem.volume[model.network.commodity_product[graph.orders["commodity"]]]
    worth = graph.orders["price"] + graph.orders["goodwill"]
    dearest = np.divide(worth, volume, out=np.zeros(len(volume)), where=volume > 0).max(initial=0.0)
    return float(FAR_ABOVE * dearest)


def _unlocked_units(model: PlanModel, graph: Graph) -> Floats:
    """Return the units that are wanted of all that each investment lets be made; (J,)."""
    net = model.network
    wanted = np.bincount(graph.orders["commodity"], graph.orders["units"], len(net.commodity_product))
    units = np.full(len(net.investment_entry), 1e-9)
    for j in range(len(units)):
        lots = net.unlock_lot[net.unlock_investment == j]
        units[j] += wanted[np.unique(net.supply_commodity[np.isin(net.supply_lot, lots)])].sum()
    return units


def _site_rates(model: PlanModel) -> Floats:
    """Return the opening cost of each site for each m³ of all that could go there."""
    p, net = model.problem, model.network
    into = np.append(net.place_site, -1)[net.arc_to]
    volume = p.volume[net.commodity_product[net.arc_commodity]]
    through = sum_by(into, model.ship_limit * volume[:, None], len(net.site_entry)).sum(axis=1)
    return np.asarray(p.sites.opening_cost[net.site_entry] / np.maximum(through, 1e-9))
