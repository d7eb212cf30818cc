"""A bound on every plan of a coalition, by prices on what its goods share.

Hours, family setups, loads, lane space, sites to be opened, their throughput, and goods from before are what keeps the plan
from falling apart into groups of goods. Each is priced; at given prices the groups are bounded one by one (:mod:`jointplan.planning.assignment`), and so
are the loads, runs, sites and hours themselves. The sum bounds the whole plan at any prices that are not negative (Lagrangian
relaxation); ascent finds good ones. Room at places, minimum batches and the greatest size of a lot are left out, which can
only lower the bound on cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numba import njit

from jointplan.planning.assignment import Array, ascend, assign, find_ways, follow_way
from jointplan.planning.model import PlanModel, find_site_arcs, find_space, find_uses
from jointplan.planning.plan import load_charges, shift, sum_by
from jointplan.planning.problem import Floats, Ints

FIRST_STEP, LAST_STEP = 0.10, 0.002


@dataclass(frozen=True)
class _Graph:
    """Who can be served from where: flat arrays in the order of groups and commodities.

    Orders stand in the order of their group; places in the order of their commodity, numbered within it; arcs in the order
    of the place they leave, numbered from the first arc of their commodity.
    """

    group_orders: Ints
    group_lots: Ints
    lots: Ints
    order_commodity: Ints
    order_sink: Ints
    order_week: Ints
    order_last: Ints
    order_units: Floats
    order_late: Floats
    order_price: Floats
    order_goodwill: Floats
    commodity_places: Ints
    keep: Floats
    place_arcs: Ints
    arcs: Ints
    arc_to: Ints
    arc_sink: Ints
    arc_lag: Ints
    lot_supplies: Ints
    supplies: Ints
    supply_commodity: Ints
    supply_place: Ints
    commodity_openings: Ints
    openings: Ints
    opening_place: Ints
    opening_sink: Ints
    opening_week: Ints
    opening_keep: Floats


def _starts(sorted_index: Ints, size: int) -> Ints:
    return np.searchsorted(sorted_index, np.arange(size + 1)).astype(np.int64)


def _group_of(lot: Ints, commodity: Ints, lots: int, commodities: int) -> tuple[Ints, Ints]:
    """Return the group of each lot and commodity: what shares lots stands together."""
    parent = np.arange(lots + commodities)

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = int(parent[x])
        return x

    for e, c in zip(lot, commodity, strict=True):
        parent[root(int(e))] = root(lots + int(c))
    roots = np.array([root(x) for x in range(lots + commodities)])
    _, number = np.unique(roots, return_inverse=True)
    return number[:lots].astype(np.int64), number[lots:].astype(np.int64)


def _graph(model: PlanModel) -> _Graph:
    p, net = model.problem, model.network
    commodities, lots = len(net.commodity_product), len(net.lot_route)
    lot_group, commodity_group = _group_of(net.supply_lot, net.supply_commodity, lots, commodities)
    groups = int(commodity_group.max(initial=-1)) + 1
    groups = max(groups, int(lot_group.max(initial=-1)) + 1)

    series, week = np.nonzero(p.demand)
    commodity = net.sink_commodity[net.series_sink[series]]
    order = np.argsort(commodity_group[commodity], kind="stable")
    series, week, commodity = series[order], week[order], commodity[order]

    places = np.argsort(net.place_commodity, kind="stable")
    commodity_places = _starts(net.place_commodity[places], commodities)
    local = np.empty(len(places), np.int64)
    local[places] = np.arange(len(places)) - commodity_places[net.place_commodity[places]]
    position = np.empty(len(places), np.int64)
    position[places] = np.arange(len(places))
    arcs = np.argsort(position[net.arc_from], kind="stable")
    place_product = net.commodity_product[net.place_commodity[places]]
    keep = p.holding[place_product] + p.node_storage[net.place_node[places]] * p.volume[place_product]

    by_lot = np.argsort(net.supply_lot, kind="stable")
    lot_order = np.argsort(lot_group, kind="stable")

    at_place = np.argwhere(net.place_opening > 0)
    at_sink = np.argwhere(net.sink_opening > 0)
    opening_commodity = np.append(net.place_commodity[at_place[:, 0]], net.sink_commodity[at_sink[:, 0]])
    opening_place = np.append(local[at_place[:, 0]], np.full(len(at_sink), -1))
    opening_sink = np.append(np.full(len(at_place), -1), at_sink[:, 0])
    storage = p.node_storage[net.place_node[at_place[:, 0]]]
    product = net.commodity_product[opening_commodity]
    opening_keep = p.holding[product] + np.append(storage, np.zeros(len(at_sink))) * p.volume[product]
    by_commodity = np.argsort(opening_commodity, kind="stable")
    return _Graph(
        group_orders=_starts(commodity_group[commodity], groups),
        group_lots=_starts(lot_group[lot_order], groups),
        lots=lot_order.astype(np.int64),
        order_commodity=commodity,
        order_sink=net.series_sink[series],
        order_week=week,
        order_last=np.minimum(week + p.late_weeks, p.weeks - 1),
        order_units=p.demand[series, week],
        order_late=p.late_cost[series],
        order_price=p.price[series],
        order_goodwill=p.goodwill[series],
        commodity_places=commodity_places,
        keep=keep,
        place_arcs=_starts(position[net.arc_from[arcs]], len(places)),
        arcs=arcs.astype(np.int64),
        arc_to=np.where(net.arc_to[arcs] >= 0, local[np.maximum(net.arc_to[arcs], 0)], -1),
        arc_sink=net.arc_sink[arcs],
        arc_lag=p.lane_weeks[net.arc_lane[arcs]],
        lot_supplies=_starts(net.supply_lot[by_lot], lots),
        supplies=by_lot.astype(np.int64),
        supply_commodity=net.supply_commodity,
        supply_place=local[net.supply_place],
        commodity_openings=_starts(opening_commodity[by_commodity], commodities),
        openings=by_commodity.astype(np.int64),
        opening_place=opening_place,
        opening_sink=opening_sink,
        opening_week=np.append(at_place[:, 1], at_sink[:, 1]),
        opening_keep=opening_keep,
    )


@njit(nogil=True, cache=True)
def _bound_groups(
    weeks: int,
    group_orders: Array, group_lots: Array, lots: Array,
    order_commodity: Array, order_sink: Array, order_week: Array, order_last: Array, order_units: Array,
    order_late: Array, order_price: Array, order_goodwill: Array,
    commodity_places: Array, keep: Array, place_arcs: Array, arc_to: Array, arc_sink: Array, arc_lag: Array,
    lot_supplies: Array, supplies: Array, supply_commodity: Array, supply_place: Array,
    commodity_openings: Array, openings: Array, opening_place: Array, opening_sink: Array, opening_week: Array,
    opening_keep: Array, opening_price: Array,
    make: Array, fixed: Array, ship: Array,
    made: Array, lot_open: Array, sent: Array, used: Array,
) -> float:  # fmt: skip
    """Return the sum of the groups' bounds; write what their assignments make, open, send and take from before."""
    total = 0.0
    for g in range(len(group_orders) - 1):
        first, behind = group_orders[g], group_orders[g + 1]
        orders = behind - first
        if orders == 0:
            continue
        lot_first, lot_count = group_lots[g], group_lots[g + 1] - group_lots[g]
        openings_count = 0
        column = np.full((lot_count, weeks), -1, np.int64)
        for n in range(lot_count):
            for t in range(weeks):
                if fixed[lots[lot_first + n], t] < np.inf:
                    column[n, t] = openings_count
                    openings_count += 1
        cost = np.full((orders, openings_count), np.inf)
        setup = np.empty(openings_count)
        for n in range(lot_count):
            for t in range(weeks):
                if column[n, t] >= 0:
                    setup[column[n, t]] = fixed[lots[lot_first + n], t]
        outside = np.empty(orders)
        taken = np.full(orders, -1, np.int64)
        most = 1
        for j in range(orders):
            c = order_commodity[first + j]
            most = max(most, commodity_places[c + 1] - commodity_places[c])
        ways = np.empty((orders, most, weeks))
        for j in range(orders):
            o = first + j
            c = order_commodity[o]
            begin = commodity_places[c]
            places = commodity_places[c + 1] - begin
            find_ways(
                order_sink[o], order_week[o], order_last[o], order_late[o], places, keep[begin : begin + places],
                place_arcs[begin : begin + places + 1], arc_to, arc_sink, arc_lag, ship, ways[j, :places],
            )  # fmt: skip
            outside[j] = order_goodwill[o]
            for n in range(commodity_openings[c], commodity_openings[c + 1]):
                i = openings[n]
                if opening_place[i] >= 0:
                    way = ways[j, opening_place[i], opening_week[i]]
                else:
                    arrival = max(opening_week[i], order_week[o])
                    if opening_sink[i] != order_sink[o] or arrival > order_last[o]:
                        continue
                    way = opening_keep[i] * (arrival - opening_week[i]) + order_late[o] * (arrival - order_week[o])
                if opening_price[i] + way - order_price[o] < outside[j]:
                    outside[j] = opening_price[i] + way - order_price[o]
                    taken[j] = i
            for n in range(lot_count):
                e = lots[lot_first + n]
                for s in range(lot_supplies[e], lot_supplies[e + 1]):
                    k = supplies[s]
                    if supply_commodity[k] != c:
                        continue
                    for t in range(order_last[o] + 1):
                        at = column[n, t]
                        if at >= 0:
                            through = make[k, t] + ways[j, supply_place[k], t] - order_price[o]
                            cost[j, at] = min(cost[j, at], through)
        units = order_units[first:behind]
        worth, slack = np.empty(orders), np.empty(openings_count)
        ascend(cost, units, outside, setup, worth, slack)
        for j in range(orders):
            total += worth[j] * units[j]
        chosen = np.empty(orders, np.int64)
        assign(cost, outside, setup, worth, slack, chosen)
        lot_at = np.empty(openings_count, np.int64)
        week_at = np.empty(openings_count, np.int64)
        for n in range(lot_count):
            for t in range(weeks):
                if column[n, t] >= 0:
                    lot_at[column[n, t]], week_at[column[n, t]] = lots[lot_first + n], t
        for j in range(orders):
            o = first + j
            c = order_commodity[o]
            begin = commodity_places[c]
            places = commodity_places[c + 1] - begin
            if chosen[j] >= 0:
                e, t = lot_at[chosen[j]], week_at[chosen[j]]
                best, supply = np.inf, -1
                for s in range(lot_supplies[e], lot_supplies[e + 1]):
                    k = supplies[s]
                    if supply_commodity[k] == c and make[k, t] + ways[j, supply_place[k], t] < best:
                        best, supply = make[k, t] + ways[j, supply_place[k], t], k
                made[supply, t] += units[j]
                lot_open[e, t] = 1.0
                start = supply_place[supply]
            elif taken[j] >= 0:
                used[taken[j]] += units[j]
                if opening_place[taken[j]] < 0:
                    continue
                start, t = opening_place[taken[j]], opening_week[taken[j]]
            else:
                continue
            follow_way(
                start, t, units[j], order_sink[o], order_week[o], order_last[o], order_late[o],
                keep[begin : begin + places], place_arcs[begin : begin + places + 1], arc_to, arc_sink, arc_lag, ship,
                ways[j, :places], sent,
            )  # fmt: skip
    return total


@dataclass
class _Prices:
    """One family of prices: its values, the scale of a step, and the moments of its ascent."""

    values: Floats
    scale: Floats
    free: bool = False

    def __post_init__(self) -> None:
        self.mean = np.zeros_like(self.values)
        self.square = np.zeros_like(self.values)

    def step(self, slope: Floats, size: float, number: int) -> None:
        """Move along a slope, each price by about ``size`` of its scale (Kingma and Ba 2015)."""
        self.mean = 0.8 * self.mean + 0.2 * slope
        self.square = 0.95 * self.square + 0.05 * slope**2
        mean = self.mean / (1 - 0.8**number)
        square = self.square / (1 - 0.95**number)
        move = np.divide(mean, np.sqrt(square), out=np.zeros_like(mean), where=square > 0)
        # Where hours are scarce their worth is far above what they cost: steps grow with the price.
        self.values = self.values + size * np.maximum(self.scale, np.abs(self.values)) * move
        if not self.free:
            self.values = np.maximum(self.values, 0.0)


class PriceBound:
    """Bounds the cost of every plan of a model.

    Parameters
    ----------
    model : PlanModel
        The model; nothing in it may be held.

    Attributes
    ----------
    bound : float
        The highest bound on cost so far.
    best_hours : (M, T) ndarray
        The prices of hours that gave it.
    made, sent : (K, T), (A, T) ndarray of bool
        Where the assignments of any round made or sent something: where good plans are to be looked for.
    """

    def __init__(self, model: PlanModel) -> None:
        self.model, self.graph = model, _graph(model)
        p, net = model.problem, model.network
        T = p.weeks
        self.bound = -np.inf
        self.best_hours = np.zeros(p.regular.shape)
        self.number = 0
        self.made = np.zeros((len(net.supply_route), T), bool)
        self.sent = np.zeros((len(net.arc_lane), T), bool)
        self.possible = model.columns.lot >= 0
        self.uses = find_uses(p, net)
        self.entries = np.array(
            [(q, v) for q, g in enumerate(net.run_group) for v in np.flatnonzero(p.major_group == g)], dtype=np.int64
        ).reshape(-1, 2)
        hourly = np.median(p.route_making[p.use_route] / np.maximum(p.use_hours, 1e-9)) if len(p.use_route) else 1.0
        hourly = max(float(hourly), 1.0)
        self.hours = _Prices(np.zeros(p.regular.shape), np.full(p.regular.shape, hourly))
        self.after = _Prices(np.zeros((len(self.entries), T)), np.full((len(self.entries), T), hourly))
        inside = net.lot_run >= 0
        lots = np.bincount(net.lot_run[inside], minlength=len(net.run_group))
        major = np.zeros((len(net.lot_route), 1))
        group = net.run_group[net.lot_run[inside]]
        major[inside, 0] = p.group_cost[group]
        share = major.copy()
        share[inside, 0] /= np.maximum(lots[net.lot_run[inside]], 1)
        self.link = _Prices(np.repeat(share, T, axis=1), np.repeat(np.maximum(major, 1.0) * inside[:, None], T, axis=1))
        self._describe_loads()
        self._describe_sites()
        self._describe_limits()
        most = load_charges(p, model.loads, self.load_most)
        rate = np.divide(most, self.load_most, out=np.zeros_like(most), where=self.load_most > 0)
        self.load = _Prices(rate.copy(), np.maximum(rate, 1e-9))
        end = p.end_value[net.commodity_product]
        at_place, at_sink = net.place_opening > 0, net.sink_opening > 0
        self.opening_units = np.append(net.place_opening[at_place], net.sink_opening[at_sink])
        commodity = np.append(net.place_commodity[np.nonzero(at_place)[0]], net.sink_commodity[np.nonzero(at_sink)[0]])
        self.leftover = self._leaving(commodity) - end[commodity]
        self.opening = _Prices(-self.leftover, np.maximum(end[commodity], 1e-9), free=True)

    def _leaving(self, commodity: Ints) -> Floats:
        """Return the least cost of a unit from before that stays to the end, or is sent on beyond it.

        Loads and sites are free here: their prices are not negative, so this is never more than it costs.
        """
        g, T = self.graph, self.model.problem.weeks
        least = g.opening_keep * (T - g.opening_week)
        ship = self._ship_costs(priced=False)[g.arcs]
        for i in np.flatnonzero(g.opening_place >= 0):
            begin, end = g.commodity_places[commodity[i]], g.commodity_places[commodity[i] + 1]
            cost = np.full((end - begin, T + 1), np.inf)
            cost[:, T] = 0.0
            for t in range(T - 1, g.opening_week[i] - 1, -1):
                cost[:, t] = g.keep[begin:end] + cost[:, t + 1]
                for _ in range(end - begin):
                    for place in range(begin, end):
                        for a in range(g.place_arcs[place], g.place_arcs[place + 1]):
                            arrival = t + g.arc_lag[a]
                            onward = 0.0 if arrival >= T else cost[g.arc_to[a], arrival] if g.arc_to[a] >= 0 else np.inf
                            cost[place - begin, t] = min(cost[place - begin, t], ship[a, t] + onward)
            least[i] = cost[g.opening_place[i], g.opening_week[i]]
        return least

    def _describe_loads(self) -> None:
        """Count loads in one quantity each: basis units, or containers by whichever of weight and volume binds more."""
        p, net, loads = self.model.problem, self.model.network, self.model.loads
        product = net.commodity_product[net.arc_commodity]
        basis = p.basis[net.arc_lane, product].copy()
        weight = np.zeros(len(net.commodity_product))
        np.add.at(weight, net.sink_commodity[net.series_sink], p.demand.sum(axis=1))
        weight = weight[net.arc_commodity]
        for lane, kg, m3 in zip(p.containers.lane, p.containers.kg, p.containers.m3, strict=True):
            arcs = np.flatnonzero(net.arc_lane == lane)
            by_kg, by_m3 = p.weight[product[arcs]] / kg, p.volume[product[arcs]] / m3
            basis[arcs] = by_kg if weight[arcs] @ by_kg > weight[arcs] @ by_m3 else by_m3
        self.basis = basis
        most = sum_by(loads.of_arc, self.model.ship_limit * basis[:, None], len(loads.lane))
        self.load_most = np.minimum(most, find_space(p)[loads.lane][:, None])
        self.load_bands = [np.flatnonzero(p.bands.lane == lane) for lane in loads.lane]
        boxes = {int(lane): float(rate) for lane, rate in zip(p.containers.lane, p.containers.rate, strict=True)}
        self.load_box = np.array([boxes.get(int(lane), 0.0) for lane in loads.lane])
        self.is_box = np.array([int(lane) in boxes for lane in loads.lane], dtype=bool)

    def _describe_sites(self) -> None:
        """Price going to and leaving a site so that all that could pays for its opening."""
        p, net, T = self.model.problem, self.model.network, self.model.problem.weeks
        self.site_arcs, self.arc_site = find_site_arcs(net)
        self.site_cost = p.sites.opening_cost[net.site_entry]
        self.site_most = self.model.ship_limit[self.site_arcs]
        total = sum_by(self.arc_site, self.site_most, len(self.site_cost)).sum(axis=1)
        share = np.divide(self.site_cost, total, out=np.zeros_like(total), where=total > 0)
        values = np.repeat(share[self.arc_site][:, None], T, axis=1)
        self.site = _Prices(values, np.maximum(values, 1e-9))

    def _describe_limits(self) -> None:
        """Find what limits the flow of a week: space on lanes, in basis units or containers, and throughput, in m³."""
        p, net = self.model.problem, self.model.network
        product = net.commodity_product[net.arc_commodity]
        boxed = np.isin(p.spaces.lane, p.containers.lane)
        throughput = np.flatnonzero(np.isfinite(p.sites.throughput))
        of_lane, of_node = np.full(len(p.lane), -1), np.full(len(p.node) + 1, -1)  # the last entry absorbs −1
        of_lane[p.spaces.lane] = np.arange(len(p.spaces.lane))
        of_node[p.sites.node[throughput]] = len(p.spaces.lane) + np.arange(len(throughput))
        into = of_node[p.lane_node[net.arc_lane]]
        leaves, enters = np.flatnonzero(of_lane[net.arc_lane] >= 0), np.flatnonzero(into >= 0)
        self.limit_arcs = np.append(leaves, enters)
        self.arc_limit = np.append(of_lane[net.arc_lane[leaves]], into[enters])
        self.limit_amount = np.append(self.basis[leaves], p.volume[product[enters]])
        self.limit_lag = np.append(leaves * 0, p.lane_weeks[net.arc_lane[enters]])
        space = np.where(boxed, np.floor(p.spaces.most + 1e-9), p.spaces.most)
        self.limit_most = np.append(space, p.sites.throughput[throughput])
        # A unit's worth shared over what it takes up: prices start at nothing, and move by a part of this.
        amount = np.bincount(self.arc_limit, self.limit_amount, len(self.limit_most)).astype(float)
        arcs = np.bincount(self.arc_limit, minlength=len(self.limit_most))
        worth = 0.1 * float((p.price + p.goodwill).mean()) if len(p.price) else 1.0
        scale = np.divide(worth * arcs, amount, out=np.full(len(arcs), 1.0), where=amount > 0)
        shape = (len(self.limit_most), p.weeks)
        self.limit = _Prices(np.zeros(shape), np.repeat(scale[:, None], p.weeks, axis=1))

    def _limit_prices(self) -> Floats:
        """Return what a unit pays for space and throughput on each arc of ``limit_arcs``, by the week it leaves."""
        T = self.model.problem.weeks
        week = np.arange(T)[None, :] + self.limit_lag[:, None]
        price = self.limit.values[self.arc_limit[:, None], np.minimum(week, T - 1)]
        return np.where(week < T, price * self.limit_amount[:, None], 0.0)

    def _settle_loads(self) -> tuple[float, Floats]:
        """Return the least of charge − price · quantity over all loads, and the quantities that give it."""
        p, price, most = self.model.problem, self.load.values, self.load_most
        best, quantity = np.zeros_like(most), np.zeros_like(most)

        def offer(load: int, at: Floats, charge: Floats) -> None:
            value = charge - price[load] * at
            better = (value < best[load]) & (most[load] > 0)
            best[load], quantity[load] = np.where(better, value, best[load]), np.where(better, at, quantity[load])

        for w, bands in enumerate(self.load_bands):
            if self.is_box[w]:
                for at in (most[w], np.floor(most[w])):
                    offer(w, at, np.ceil(at - 1e-9) * self.load_box[w])
                continue
            top = p.bands.high[bands].max(initial=-np.inf)
            for b in bands:
                rate, least, low, high = p.bands.rate[b], p.bands.minimum[b], p.bands.low[b], p.bands.high[b]
                end = most[w] if high >= top else np.minimum(most[w], high)
                kink = max(low, least / rate) if rate > 0 else np.inf
                for at in (end, np.minimum(end, kink)):
                    offer(w, at, np.maximum(least, rate * np.maximum(at, low)))
        return float(best.sum()), quantity

    def round(self, size: float) -> float:
        """Bound at the present prices, then move them; return the bound on cost."""
        p, net, g, T = self.model.problem, self.model.network, self.graph, self.model.problem.weeks
        self.number += 1
        hours, after = self.hours.values, self.after.values
        on_run = np.zeros((len(net.run_group), len(p.resource), T)) if len(self.entries) else None
        if on_run is not None:
            np.add.at(on_run, (self.entries[:, 0], p.major_resource[self.entries[:, 1]]), after)
        lot_of = net.lot_run

        def priced(rows: Ints, run: Ints, use: Ints, amount: Floats, size: int) -> Floats:
            """Return what uses of resources cost each row, at the price of hours and of the hours its run may use."""
            price = hours[p.use_resource[use]].copy()
            if on_run is not None:
                inside = run >= 0
                price[inside] += on_run[run[inside], p.use_resource[use[inside]]]
            return sum_by(rows, amount[use][:, None] * price, size)

        made_use, lot_use = self.uses
        make = (p.route_making + p.route_material)[net.supply_route][:, None] + priced(
            made_use[:, 0], lot_of[net.supply_lot[made_use[:, 0]]], made_use[:, 1], p.use_hours, len(net.supply_route)
        )
        make = np.where(self.model.columns.make >= 0, make, np.inf)
        fixed = p.setup_cost[net.lot_route] + priced(
            lot_use[:, 0], lot_of[lot_use[:, 0]], lot_use[:, 1], p.use_setup, len(net.lot_route)
        )
        fixed = fixed + np.where((lot_of >= 0)[:, None], self.link.values, 0.0)
        fixed = np.where(self.possible, fixed, np.inf)
        ship = self._ship_costs()[g.arcs]

        made, lot_open = np.zeros(make.shape), np.zeros(fixed.shape)
        sent, used = np.zeros(ship.shape), np.zeros(len(self.opening_units))
        total = _bound_groups(
            T, g.group_orders, g.group_lots, g.lots, g.order_commodity, g.order_sink, g.order_week, g.order_last,
            g.order_units, g.order_late, g.order_price, g.order_goodwill, g.commodity_places, g.keep, g.place_arcs,
            g.arc_to, g.arc_sink, g.arc_lag, g.lot_supplies, g.supplies, g.supply_commodity, g.supply_place,
            g.commodity_openings, g.openings, g.opening_place, g.opening_sink, g.opening_week, g.opening_keep,
            self.opening.values, make, fixed, ship, made, lot_open, sent, used,
        )  # fmt: skip
        total += self.model.linear.offset
        # Hours: what there is, and overtime where an hour is worth more than it costs.
        over = hours > p.overtime_cost[:, None]
        total -= float((hours * p.regular).sum())
        total -= float((np.where(over, hours - p.overtime_cost[:, None], 0.0) * p.overtime).sum())
        room = (p.regular + p.overtime)[p.major_resource[self.entries[:, 1]]] - p.major_hours[self.entries[:, 1]][
            :, None
        ]
        # Runs: opened where the lots that need them pay more than they cost.
        run = np.repeat(p.group_cost[net.run_group][:, None], T, axis=1)
        run -= sum_by(lot_of, np.where(self.possible, self.link.values, 0.0), len(net.run_group))
        major = hours[p.major_resource[self.entries[:, 1]]] * p.major_hours[self.entries[:, 1]][:, None]
        run += sum_by(self.entries[:, 0], major - after * room, len(net.run_group))
        run_open = (run < 0) & (self.model.columns.run >= 0)
        total += float(np.where(run_open, run, 0.0).sum())
        charge, quantity = self._settle_loads()
        total += charge
        # Sites: opened where what goes through pays more than that costs.
        pays = sum_by(self.arc_site, self.site.values * self.site_most, len(self.site_cost)).sum(axis=1)
        opening = self.site_cost - pays
        total += float(np.minimum(opening, 0.0).sum())
        total -= float((self.limit.values * self.limit_most[:, None]).sum())
        left = self.leftover + self.opening.values
        total += float((np.minimum(left, 0.0) * self.opening_units - self.opening.values * self.opening_units).sum())
        if total > self.bound:
            self.bound, self.best_hours = total, hours

        by_make = made[made_use[:, 0]] * p.use_hours[made_use[:, 1]][:, None]
        by_lot = lot_open[lot_use[:, 0]] * p.use_setup[lot_use[:, 1]][:, None]
        by_run = run_open[self.entries[:, 0]] * p.major_hours[self.entries[:, 1]][:, None]
        M = len(p.resource)
        busy = sum_by(p.use_resource[made_use[:, 1]], by_make, M) + sum_by(p.use_resource[lot_use[:, 1]], by_lot, M)
        self.hours.step(
            busy + sum_by(p.major_resource[self.entries[:, 1]], by_run, M) - p.regular - over * p.overtime,
            size,
            self.number,
        )
        if on_run is not None:
            mine = np.zeros_like(on_run)
            for use, rows, run_of in ((made_use, by_make, lot_of[net.supply_lot[made_use[:, 0]]]),
                                      (lot_use, by_lot, lot_of[lot_use[:, 0]])):  # fmt: skip
                inside = run_of >= 0
                np.add.at(mine, (run_of[inside], p.use_resource[use[inside, 1]]), rows[inside])
            mine = mine[self.entries[:, 0], p.major_resource[self.entries[:, 1]]]
            self.after.step(mine - room * run_open[self.entries[:, 0]], size, self.number)
            inside = lot_of >= 0
            slope = np.zeros(lot_open.shape)
            slope[inside] = lot_open[inside] - run_open[lot_of[inside]]
            self.link.step(np.where(self.possible, slope, 0.0), size, self.number)
        shipped = np.zeros(sent.shape)
        shipped[g.arcs] = sent
        self.made |= made > 0
        self.sent |= shipped > 0
        loaded = sum_by(self.model.loads.of_arc, shipped * self.basis[:, None], len(self.load_most))
        self.load.step(np.where(self.load_most > 0, loaded - quantity, 0.0), size, self.number)
        through = shipped[self.site_arcs] - (opening < 0)[self.arc_site][:, None] * self.site_most
        self.site.step(through, size, self.number)
        taken = shift(shipped[self.limit_arcs] * self.limit_amount[:, None], self.limit_lag)
        flow = sum_by(self.arc_limit, taken, len(self.limit_most))
        self.limit.step(flow - self.limit_most[:, None], size, self.number)
        self.opening.step(used + np.where(left < 0, self.opening_units, 0.0) - self.opening_units, size, self.number)
        return total

    def _ship_costs(self, *, priced: bool = True) -> Floats:
        """Return what a unit costs on each arc and week, the prices of load and sites included if ``priced``; (A, T)."""
        p, net = self.model.problem, self.model.network
        product = net.commodity_product[net.arc_commodity]
        lag = p.lane_weeks[net.arc_lane]
        transit = np.minimum(lag[:, None], p.weeks - np.arange(p.weeks)[None, :])
        to_node = np.where(net.arc_to >= 0, p.lane_node[net.arc_lane], -1)
        handling = np.where(to_node >= 0, p.node_handling[to_node], 0.0) * p.volume[product]
        cost = (p.unit_freight[net.arc_lane, product] + handling)[:, None] + transit * p.holding[product][:, None]
        of_arc = self.model.loads.of_arc
        if priced:
            loaded = of_arc >= 0
            cost[loaded] += self.load.values[of_arc[loaded]] * self.basis[loaded][:, None]
            np.add.at(cost, self.site_arcs, self.site.values)
            np.add.at(cost, self.limit_arcs, self._limit_prices())
        return np.ascontiguousarray(cost)

    def rounds(self, elapsed: Callable[[], float], rounds: int) -> Iterator[float]:
        """Yield the best bound so far after each round, until the rounds or the time are used up.

        Parameters
        ----------
        elapsed : callable
            The share of its time that has passed.
        rounds : int
            Most rounds.
        """
        while (done := max(self.number / rounds, elapsed())) < 1.0:
            self.round(FIRST_STEP * (LAST_STEP / FIRST_STEP) ** done)
            yield self.bound
