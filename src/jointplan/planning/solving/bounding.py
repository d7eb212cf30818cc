"""A bound on every plan of a coalition, by prices on what its goods share.

Hours, family setups, loads, materials, lane space, sites to be opened, markets to be entered, their throughput, and goods from before are what keeps the plan
from falling apart into groups of goods. Each is priced; at given prices the groups are bounded one by one (:mod:`jointplan.planning.solving.assignment`), and so
are the loads, runs, sites and hours themselves. The sum bounds the whole plan at any prices that are not negative (Lagrangian
relaxation); ascent finds good ones. What setups kept over the week's end spare is bounded apart, see
:mod:`jointplan.planning.solving.kept_setups`. A group knows nothing of how much fits into a week: that no lot is larger than what
is left of the hours once all is set up is priced, too, else it would set up once for all; so are smallest lots, see
:mod:`jointplan.planning.solving.batch_prices`. Room at places is left out, which can only lower the bound on cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from math import floor
from typing import NamedTuple

import numpy as np

from jointplan.planning.buying import material_costs
from jointplan.planning.model import PlanModel, find_site_arcs, find_space, find_uses, shipping_costs
from jointplan.planning.plan import load_charges
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.solving.assignment import ascend, assign, early_way, find_ways, follow_way, leave
from jointplan.planning.solving.batch_prices import BatchPrices
from jointplan.planning.solving.compiled import entry, inner, whole
from jointplan.planning.solving.graph import Array, Graph, build_graph, starts
from jointplan.planning.solving.kept_setups import KeptSetups
from jointplan.planning.solving.load_prices import LoadPrices, Tolls
from jointplan.planning.solving.material_prices import MaterialPrices
from jointplan.planning.weekly import bring_forward, shift, sum_by

FIRST_STEP, LAST_STEP = 0.3, 0.0005
AGAIN = 0.03  # first step where prices that have settled are moved again
FINENESS = 0.3  # few rounds end with steps of this part of a round: too small ones would leave prices on their way
STEP = 0.01  # of the time, to which it is looked at
NEW = 0.2  # how much of the mean of slopes is new each round
FINE, SLOWING = 0.1, 0.3  # steps below which that is less, and by what power of them
SCARCE = 0.1  # of what orders pay, by which the price of goods moves that nobody can make
LONGEST = 64  # arcs of a way: no way visits so many places


class _Terms(NamedTuple):
    """What things cost at the present prices: goods from before, making a unit, opening a lot, sending, entering a market."""

    early: Floats
    make: Floats
    fixed: Floats
    ship: Floats
    toll: Floats


class _Answer(NamedTuple):
    """What the groups' assignments make, open, send, take from before, serve and load, to be written."""

    made: Floats
    opened: Floats
    sent: Floats
    used: Floats
    served: Floats
    carried: Floats


@inner
def _number_openings(graph: Graph, group: int, fixed: Array, column: Array) -> int:
    """Number the lots and weeks in which something of a group may be made, (lots, T), −1 for the others; return how many."""
    count, first = 0, graph.group_lots[group]
    for n in range(graph.group_lots[group + 1] - first):
        for t in range(fixed.shape[1]):
            column[n, t] = -1
            if fixed[graph.lots[first + n], t] < np.inf:
                column[n, t] = count
                count += 1
    return count


@inner
def _price_orders(
    graph: Graph, tolls: Tolls, terms: _Terms, group: int, column: Array, lot_at: Array, week_at: Array, setup: Array,
    ways: Array, cost: Array, outside: Array, taken: Array,
) -> None:  # fmt: skip
    """Write what each order of a group costs a unit from each opening, and elsewhere."""
    lot_first = graph.group_lots[group]
    lots = graph.group_lots[group + 1] - lot_first
    for n in range(lots):
        for t in range(column.shape[1]):
            if column[n, t] >= 0:
                lot_at[column[n, t]], week_at[column[n, t]] = graph.lots[lot_first + n], t
                setup[column[n, t]] = terms.fixed[graph.lots[lot_first + n], t]
    first = graph.group_orders[group]
    for j in range(len(outside)):
        o = first + j
        c = graph.orders[o].commodity
        places = graph.commodity_places[c + 1] - graph.commodity_places[c]
        find_ways(graph, o, terms.ship, graph.keep, whole(0), tolls, ways[j, :places])
        outside[j], taken[j], price = graph.orders[o].goodwill, -1, graph.orders[o].price - terms.toll[o]
        for i in range(graph.commodity_early[c], graph.commodity_early[c + 1]):
            through = terms.early[i] + early_way(graph, o, i, ways[j]) - price
            if through < outside[j]:
                outside[j], taken[j] = through, i
        for n in range(lots):
            e = graph.lots[lot_first + n]
            for s in range(graph.lot_supplies[e], graph.lot_supplies[e + 1]):
                k = graph.supplies[s]
                if graph.supply[k].commodity != c:
                    continue
                place = graph.supply[k].place
                for t in range(graph.orders[o].last + 1):
                    at = column[n, t]
                    if at >= 0:
                        cost[j, at] = min(cost[j, at], terms.make[k, t] + ways[j, place, t] - price)


@inner
def _write(
    graph: Graph, tolls: Tolls, terms: _Terms, answer: _Answer, order: int, lot: int, week: int, early: int, ways: Array,
    way: Array,
) -> None:  # fmt: skip
    """Write what an order takes, from a lot in a week (a lot of −1 is none), else from goods from before, if from anywhere."""
    wanted = graph.orders[order]
    c, units, t = wanted.commodity, wanted.units, week
    if lot >= 0:
        best, supply = np.inf, -1
        for s in range(graph.lot_supplies[lot], graph.lot_supplies[lot + 1]):
            k = graph.supplies[s]
            if graph.supply[k].commodity == c and terms.make[k, t] + ways[graph.supply[k].place, t] < best:
                best, supply = terms.make[k, t] + ways[graph.supply[k].place, t], k
        answer.made[supply, t] += units
        answer.opened[lot, t] = 1.0
        start = graph.supply[supply].place
    elif early >= 0:
        answer.used[early] += units
        start, t = graph.early[early].place, graph.early[early].week
    else:
        return
    answer.served[order] = units
    if start < 0:
        return
    places = graph.commodity_places[c + 1] - graph.commodity_places[c]
    steps = follow_way(graph, order, start, t, terms.ship, graph.keep, tolls, ways[:places], way)
    for n in range(steps):
        answer.sent[way[n, 0], way[n, 1]] += units
    if steps > 0 and tolls.load[way[steps - 1, 0]] >= 0:
        arc, leaves = way[steps - 1, 0], way[steps - 1, 1]
        late = leaves + graph.arcs[arc].lag - wanted.week
        answer.carried[tolls.first[order] + tolls.slot[arc], late] = units * tolls.basis[arc]


@inner
def _most_places(graph: Graph, group: int) -> int:
    """Return the most places that goods of a group may go through."""
    most = 1
    for o in range(graph.group_orders[group], graph.group_orders[group + 1]):
        c = graph.orders[o].commodity
        most = max(most, graph.commodity_places[c + 1] - graph.commodity_places[c])
    return most


@entry
def _bound_groups(graph: Graph, tolls: Tolls, begin: int, end: int, terms: _Terms, answer: _Answer) -> float:
    """Return the sum of these groups' bounds, and write what their assignments take."""
    weeks = terms.make.shape[1]
    way = np.empty((LONGEST, 2), np.int64)
    total = 0.0
    for g in range(begin, end):
        first = graph.group_orders[g]
        orders = graph.group_orders[g + 1] - first
        if orders == 0:
            continue
        column = np.empty((graph.group_lots[g + 1] - graph.group_lots[g], weeks), np.int64)
        openings = _number_openings(graph, g, terms.fixed, column)
        lot_at, week_at = np.empty(openings, np.int64), np.empty(openings, np.int64)
        setup, cost = np.empty(openings), np.full((orders, openings), np.inf)
        outside, taken = np.empty(orders), np.empty(orders, np.int64)
        ways = np.empty((orders, _most_places(graph, g), weeks))
        _price_orders(graph, tolls, terms, g, column, lot_at, week_at, setup, ways, cost, outside, taken)
        units = graph.orders["units"][first : first + orders].copy()
        worth, slack, chosen = np.empty(orders), np.empty(openings), np.empty(orders, np.int64)
        ascend(cost, units, outside, setup, worth, slack)
        assign(cost, units, outside, setup, worth, slack, chosen)
        for j in range(orders):
            total += worth[j] * units[j]
            lot, week = whole(-1), whole(0)
            if chosen[j] >= 0:
                lot, week = lot_at[chosen[j]], week_at[chosen[j]]
            _write(graph, tolls, terms, answer, first + j, lot, week, taken[j], ways[j], way)
    return total


@dataclass
class _Prices:
    """One family of prices: its values, the scale of a step, and the moments of its ascent."""

    values: Floats
    scale: Floats
    free: bool = False
    floor: Floats | float = 0.0

    def __post_init__(self) -> None:
        self.mean, self.square = np.zeros_like(self.values), np.zeros_like(self.values)
        self.known = np.zeros(2)  # how much of each has been seen

    def step(self, slope: Floats, size: float) -> None:
        """Move along a slope, each price by about ``size`` of its scale (Kingma and Ba 2015); small steps look further back."""
        if size <= 0:
            return
        new = NEW * min(size / FINE, 1.0) ** SLOWING
        self.mean += new * (slope - self.mean)
        self.square += 0.25 * new * (slope**2 - self.square)
        self.known += np.array([new, 0.25 * new]) * (1.0 - self.known)
        mean, square = self.mean / self.known[0], self.square / self.known[1]
        move = np.divide(mean, np.sqrt(square), out=np.zeros_like(mean), where=square > 0)
        # Where hours are scarce their worth is far above what they cost: steps grow with the price.
        self.values = self.values + size * np.maximum(self.scale, np.abs(self.values)) * move
        if not self.free:
            self.values = np.maximum(self.values, self.floor)


def leftover_costs(model: PlanModel, graph: Graph) -> Floats:
    """Return the least cost of a unit from before that stays to the end, or is sent on beyond it, less its worth then.

    Loads are free here: their prices are not negative, so this is never more than it costs.
    """
    p, net, T = model.problem, model.network, model.problem.weeks
    least = graph.early["keep"] * (T - graph.early["week"])
    ship = np.ascontiguousarray(shipping_costs(p, net)[graph.arcs["number"]])
    for c in np.flatnonzero(np.diff(graph.commodity_early)):
        mine = graph.early[graph.commodity_early[c] : graph.commodity_early[c + 1]]
        lying = mine["place"] >= 0
        cost = np.empty((graph.commodity_places[c + 1] - graph.commodity_places[c], T))
        leave(graph, ship, int(c), cost)
        least[graph.commodity_early[c] : graph.commodity_early[c + 1]][lying] = cost[
            mine["place"][lying], mine["week"][lying]
        ]
    commodity = np.repeat(np.arange(len(net.commodity_product)), np.diff(graph.commodity_early))
    return np.asarray(least - p.end_value[net.commodity_product[commodity]])


def leaving_costs(model: PlanModel, graph: Graph) -> Floats:
    """Return the least that a unit costs, making apart, which is made and ordered by nobody, less its worth at the end; (K, T).

    Loads are free here, as for goods from before.
    """
    p, net, T = model.problem, model.network, model.problem.weeks
    ship = np.ascontiguousarray(shipping_costs(p, net)[graph.arcs["number"]])
    by_commodity = np.argsort(net.supply_commodity, kind="stable")
    first = starts(net.supply_commodity[by_commodity], len(net.commodity_product))
    found = np.zeros((len(net.supply_route), T))
    for c in np.flatnonzero(np.diff(first)):
        cost = np.empty((graph.commodity_places[c + 1] - graph.commodity_places[c], T))
        leave(graph, ship, int(c), cost)
        mine = by_commodity[first[c] : first[c + 1]]
        found[mine] = cost[graph.supply["place"][mine]] - p.end_value[net.commodity_product[c]]
    return found


def unordered_worth(model: PlanModel, leaving: Floats) -> float:
    """Return the most (negative: gained) that goods could bring which nobody orders, by export refunds on their way."""
    net = model.network
    least = np.zeros(model.largest.shape)
    np.minimum.at(least, net.supply_lot, model.problem.route_cost[net.supply_route][:, None] + leaving)
    return float((least * model.largest).sum())


class PriceBound:
    """Bounds the cost of every plan of a model.

    Parameters
    ----------
    model : PlanModel
        The model; nothing in it may be held.

    Attributes
    ----------
    workers : int
        Threads among which a round is divided.
    bound : float
        The highest bound on cost so far.
    best_hours : (M, T) ndarray
        The prices of hours that gave it.
    best_loads : (loads, T) ndarray
        The prices of a basis unit, or container, of each load.
    best_materials : (X, T) ndarray
        The prices of a material unit in each bin.
    """

    def __init__(self, model: PlanModel) -> None:
        self.model, self.graph = model, build_graph(model)
        p, net = model.problem, model.network
        T = p.weeks
        self.bound = -np.inf
        self.best_hours = np.zeros(p.regular.shape)
        self.best_loads = np.zeros((len(model.loads.lane), T))
        self.number = 0
        self.workers = 1
        self.shipping = shipping_costs(p, net)
        self.possible = model.columns.lot >= 0
        self.uses = find_uses(p, net)
        self.entries = np.array(
            [(q, v) for q, g in enumerate(net.run_group) for v in np.flatnonzero(p.major_group == g)], dtype=np.int64
        ).reshape(-1, 2)
        hourly = np.median(p.route_making[p.use_route] / np.maximum(p.use_hours, 1e-9)) if len(p.use_route) else 1.0
        hourly = float(hourly) or model.linear.unit
        self.hours = _Prices(np.zeros(p.regular.shape), np.full(p.regular.shape, hourly))
        self.after = _Prices(np.zeros((len(self.entries), T)), np.full((len(self.entries), T), hourly))
        # A family's hours are those its major setup leaves: of regular time and all overtime (``after``), and of regular time
        # and the overtime that is worked (``inside``).
        self.inside = _Prices(np.zeros((len(self.entries), T)), np.full((len(self.entries), T), hourly))
        self.kept_setups = KeptSetups(model, self.entries)
        self.uses_inside = (
            self._inside(self.uses[0], net.supply_lot[self.uses[0][:, 0]]),
            self._inside(self.uses[1], self.uses[1][:, 0]),
        )
        lots = np.bincount(net.link_run, minlength=len(net.run_group))
        major = p.group_cost[net.run_group[net.link_run]][:, None]
        share = major / lots[net.link_run][:, None]
        self.link = _Prices(
            np.repeat(share, T, axis=1), np.repeat(np.where(major > 0, major, model.linear.unit), T, axis=1)
        )
        # What a unit pays for its place in a lot that holds so many; the lot gets as much for each of its places.
        lot_use, most = self.uses[1], model.largest
        worth = np.bincount(lot_use[:, 0], p.use_hours[lot_use[:, 1]], len(net.lot_route)) * hourly
        once = p.setup_cost[net.lot_route] + sum_by(net.link_lot, np.repeat(major, T, axis=1), len(net.lot_route))
        each = np.divide(once, most, out=np.zeros_like(most), where=most > 0)
        self.lot_size = _Prices(np.zeros(most.shape), np.maximum(np.maximum(worth[:, None], each), 1e-9))
        self._describe_loads()
        self._describe_sites()
        self._describe_limits()
        self._describe_entries()
        self._describe_investments()
        self.buyers = MaterialPrices(model)
        self.material = _Prices(self.buyers.first, np.maximum(self.buyers.first, 1e-9), floor=self.buyers.floor)
        self.best_materials = self.buyers.effective(self.material.values)
        most = load_charges(p, model.loads, self.load_most)
        rate = np.divide(most, self.load_most, out=np.zeros_like(most), where=self.load_most > 0)
        self.load = _Prices(rate.copy(), np.maximum(rate, 1e-9))
        aged = self.loads.spread(rate[self.loads.last])
        self.age = _Prices(aged, np.maximum(aged, 1e-9))
        self.leftover = leftover_costs(model, self.graph)
        leaving = leaving_costs(model, self.graph)
        self.unordered = unordered_worth(model, leaving)
        self.batches = BatchPrices(model, self.graph, leaving)
        scale = np.where(
            self.batches.batch > 0, np.maximum(p.end_value[p.route_product[net.lot_route]], 1e-9)[:, None], 0.0
        )
        self.batch = _Prices(np.zeros(scale.shape), scale)
        self.left = _Prices(np.zeros_like(self.batches.worth), self.batches.worth)
        scale = np.maximum(np.maximum(np.abs(self.leftover), self._scarce_worth()), 1e-9)
        self.early = _Prices(-self.leftover, scale, free=True)

    def _scarce_worth(self) -> Floats:
        """Return what a unit from before may come to be worth where nobody can make more of it, 0 for the others.

        What is left of such goods is worth nothing: their price must rise to what orders pay that go without.
        """
        orders, commodities = self.graph.orders, len(self.model.network.commodity_product)
        worth = np.zeros(commodities)
        np.maximum.at(worth, orders["commodity"], orders["price"] + orders["goodwill"])
        worth[self.model.network.supply_commodity[(self.model.columns.make >= 0).any(axis=1)]] = 0.0
        return np.repeat(SCARCE * worth, np.diff(self.graph.commodity_early))

    def _inside(self, uses: Ints, lot: Ints) -> tuple[Ints, Ints]:
        """Return pairs (row, entry): what the use of a row takes of a resource, it takes in a run that changes it over."""
        p, net = self.model.problem, self.model.network
        entry_of: dict[tuple[int, int], list[int]] = {}
        for e, (q, v) in enumerate(self.entries.tolist()):
            entry_of.setdefault((q, int(p.major_resource[v])), []).append(e)
        runs_of: dict[tuple[int, int], list[int]] = {}
        for e, q, lag in zip(net.link_lot.tolist(), net.link_run.tolist(), net.link_lag.tolist(), strict=True):
            runs_of.setdefault((e, lag), []).append(q)
        found = [
            (row, entry)
            for row, (e, u) in enumerate(zip(lot.tolist(), uses[:, 1].tolist(), strict=True))
            for q in runs_of.get((e, int(p.use_lag[u])), ())
            for entry in entry_of.get((q, int(p.use_resource[u])), ())
        ]
        rows, entries = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return rows, entries

    def _describe_loads(self) -> None:
        """Count loads in one quantity each: basis units or containers, by whichever of weight and volume binds more."""
        p, net, loads = self.model.problem, self.model.network, self.model.loads
        product = net.commodity_product[net.arc_commodity]
        basis = p.basis[net.arc_lane, product].copy()
        weight = np.zeros(len(net.commodity_product))
        np.add.at(weight, net.sink_commodity[net.series_sink], p.demand.sum(axis=1))
        weight = weight[net.arc_commodity]
        boxes = {
            int(lane): (p.weight / kg, p.volume / m3)
            for lane, kg, m3 in zip(p.containers.lane, p.containers.kg, p.containers.m3, strict=True)
        }
        for lane in np.unique(loads.lane).tolist():
            arcs = np.flatnonzero(net.arc_lane == lane)
            by_kg, by_m3 = (by[product[arcs]] for by in boxes.get(lane, p.load_basis[:, lane]))
            basis[arcs] = by_kg if weight[arcs] @ by_kg > weight[arcs] @ by_m3 else by_m3
        self.basis = basis
        most = sum_by(loads.of_arc, self.model.ship_limit * basis[:, None], len(loads.lane))
        self.load_most = np.minimum(most, find_space(p)[loads.lane][:, None])
        self.load_clearing = p.clearing_on(loads.lane)
        self.load_bands = [np.flatnonzero(p.bands.lane == lane) for lane in loads.lane]
        rates = {int(lane): float(rate) for lane, rate in zip(p.containers.lane, p.containers.rate, strict=True)}
        self.load_box = np.array([rates.get(int(lane), 0.0) for lane in loads.lane])
        self.is_box = np.array([int(lane) in rates for lane in loads.lane], dtype=bool)
        self.loads = LoadPrices(self.model, self.graph, basis, self.load_most)
        self.shared = np.where(self.loads.last[:, None], 0.0, self.load_most)  # what one price is for

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

    def _describe_entries(self) -> None:
        """Price orders that wait for a market to be entered so that all together pay for it."""
        p, net, orders = self.model.problem, self.model.network, self.graph.orders
        entry = net.series_entry[orders["series"]]
        self.waiting = np.flatnonzero(entry >= 0)
        self.waiting_for = entry[self.waiting]
        self.entry_cost = np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market]
        potential = np.bincount(self.waiting_for, orders["units"][self.waiting], len(self.entry_cost))
        share = (self.entry_cost / np.maximum(potential, 1e-9))[self.waiting_for]
        self.entry = _Prices(share, np.maximum(share, 1e-9))

    def _describe_investments(self) -> None:
        """Price setting up lots that need something learned or opened so that all together pay for it."""
        p, net = self.model.problem, self.model.network
        self.unlock = self.possible[net.unlock_lot]
        self.investment_cost = p.investments.cost[net.investment_entry]
        number = np.bincount(net.unlock_investment, self.unlock.sum(axis=1), len(self.investment_cost))
        share = (self.investment_cost / np.maximum(number, 1.0))[net.unlock_investment]
        values = np.where(self.unlock, share[:, None], 0.0)
        self.investment = _Prices(values, np.maximum(values, 1e-9))
        # Hours that all lots need one and the same investment for are not there without it; −1 for the others.
        needs: list[set[int]] = [set() for _ in net.lot_route]
        for lot, j in zip(net.unlock_lot.tolist(), net.unlock_investment.tolist(), strict=True):
            needs[lot].add(j)
        of_resource: dict[int, set[int]] = {}
        for lot, u in self.uses[1].tolist():
            m = int(p.use_resource[u])
            of_resource[m] = of_resource.get(m, needs[lot]) & needs[lot]
        self.hours_of = np.array([min(of_resource.get(m, ()), default=-1) for m in range(len(p.resource))], np.int64)

    def _describe_limits(self) -> None:
        """Find what limits the flow of a week: space on lanes, in basis units or containers, and throughput, in m³."""
        p, net = self.model.problem, self.model.network
        product = net.commodity_product[net.arc_commodity]
        of_lane, spaces = p.spaces.of_lane(len(p.lane)), len(p.spaces.most)
        boxed = np.isin(np.arange(spaces), of_lane[p.containers.lane])
        throughput = np.flatnonzero(np.isfinite(p.sites.throughput))
        of_node = np.full(len(p.node) + 1, -1)  # the last entry absorbs −1
        of_node[p.sites.node[throughput]] = spaces + np.arange(len(throughput))
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
        """Return the least of charge − price · quantity over loads with one price, and the quantities that give it."""
        p, price, most = self.model.problem, self.load.values, self.shared
        best, quantity = np.zeros_like(most), np.zeros_like(most)

        def offer(load: int, at: Floats, charge: Floats) -> None:
            value = self.load_clearing[load] + charge - price[load] * at
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
        hours, after, inside = self.hours.values, self.after.values, self.inside.values
        resource = p.major_resource[self.entries[:, 1]]
        extra = sum_by(resource, inside, len(p.resource))  # what an hour of overtime is worth more, to runs
        made_use, lot_use = self.uses
        made_inside, lot_inside = self.uses_inside

        def priced(pairs: Ints, within: tuple[Ints, Ints], amount: Floats, size: int) -> Floats:
            """Return what uses of resources cost each row, at the price of hours and of the hours its runs may use."""
            use = pairs[:, 1]
            price = hours[p.use_resource[use]] + sum_by(within[0], (after + inside)[within[1]], len(use))
            return sum_by(pairs[:, 0], amount[use][:, None] * shift(price, p.use_lag[use]), size)

        make = (p.route_making + p.route_material)[net.supply_route][:, None] + priced(
            made_use, made_inside, p.use_hours, len(net.supply_route)
        )
        material = self.buyers.effective(self.material.values)
        make = make + material_costs(net.buying, material, len(make))
        make = make + self.lot_size.values[net.supply_lot]
        make = np.where(self.model.columns.make >= 0, make, np.inf)
        rest, rest_supply = self.batches.rest(make, self.left.values)
        self.batch.values = np.minimum(self.batch.values, rest)
        filled = self.batch.values >= rest  # lots that are filled up to their minimum, at no cost more
        make = make - self.batch.values[net.supply_lot]
        fixed = p.setup_cost[net.lot_route] + priced(lot_use, lot_inside, p.use_setup, len(net.lot_route))
        fixed = fixed + sum_by(net.link_lot, self.link.values, len(fixed))
        fixed = fixed + sum_by(net.unlock_lot, self.investment.values, len(fixed))
        fixed = fixed - self.lot_size.values * self.model.largest + self.batch.values * self.batches.batch
        pays_anyway = self.possible & (fixed < 0)
        total = float(fixed[pays_anyway].sum())
        fixed = np.where(self.possible, np.maximum(fixed, 0.0), np.inf)
        ship = np.ascontiguousarray((self.shipping + self._priced_costs())[g.arcs["number"]])

        made, lot_open = np.zeros(make.shape), np.zeros(fixed.shape)
        sent, used = np.zeros(ship.shape), np.zeros(len(g.early))
        toll, served = np.zeros(len(g.orders)), np.zeros(len(g.orders))
        toll[self.waiting] = self.entry.values
        terms = _Terms(self.early.values, make, fixed, ship, toll)
        tolls = self.loads.tolls(self.age.values)
        parts = self._parts(self.workers) if self.workers > 1 else [(0, len(g.group_orders) - 1)]
        carried = np.zeros(self.age.values.shape)
        answer = _Answer(made, lot_open, sent, used, served, carried)

        def bound(number: int) -> float:
            return float(_bound_groups(g, tolls, *parts[number], terms, answer))

        if len(parts) > 1:
            with ThreadPoolExecutor(len(parts)) as pool:
                total += sum(pool.map(bound, range(len(parts))))
        else:
            total += bound(0)
        lot_open[pays_anyway] = 1.0
        total += self.model.linear.offset + self.unordered
        # Hours: what there is, and overtime where an hour is worth more than it costs.
        over = hours + extra > p.overtime_cost[:, None]
        worth = hours * p.regular + np.where(over, hours + extra - p.overtime_cost[:, None], 0.0) * p.overtime
        total -= float(worth[self.hours_of < 0].sum())
        left_inside = p.regular[resource] - p.major_hours[self.entries[:, 1]][:, None]
        room = left_inside + p.overtime[resource]
        # Runs: opened where the lots that need them pay more than they cost.
        run = np.repeat(p.group_cost[net.run_group][:, None], T, axis=1)
        linked = self.possible[net.link_lot]
        pays = bring_forward(np.where(linked, self.link.values, 0.0), net.link_lag)
        run -= sum_by(net.link_run, pays, len(net.run_group))
        major = hours[resource] * p.major_hours[self.entries[:, 1]][:, None]
        run += sum_by(self.entries[:, 0], major - after * room - inside * left_inside, len(net.run_group))
        run_open = (run < 0) & (self.model.columns.run >= 0)
        total += float(np.where(run_open, run, 0.0).sum())
        charge, quantity = self._settle_loads()
        charge_aged, aged = self.loads.settle(self.age.values)
        total += charge + charge_aged
        paid, ordered = self.buyers.settle(self.material.values)
        total += paid
        # Sites: opened where what goes through pays more than that costs.
        pays = sum_by(self.arc_site, self.site.values * self.site_most, len(self.site_cost)).sum(axis=1)
        opening = self.site_cost - pays
        total += float(np.minimum(opening, 0.0).sum())
        total -= float((self.limit.values * self.limit_most[:, None]).sum())
        # Markets are entered where what waits for them pays more than that costs.
        potential = g.orders["units"][self.waiting]
        entering = self.entry_cost - np.bincount(self.waiting_for, self.entry.values * potential, len(self.entry_cost))
        total += float(np.minimum(entering, 0.0).sum())
        # Learned or opened where the lots that need it pay more than that costs.
        pays = np.where(self.unlock, self.investment.values, 0.0)
        paying = self.investment_cost - sum_by(net.unlock_investment, pays, len(self.investment_cost)).sum(axis=1)
        paying -= sum_by(self.hours_of, worth, len(paying)).sum(axis=1)
        total += float(np.minimum(paying, 0.0).sum())
        there = np.where(self.hours_of >= 0, np.append(paying < 0, True)[self.hours_of], True)[:, None]
        total -= float(self.left.values @ self.batches.most)
        left, early = self.leftover + self.early.values + self.left.values[self.batches.of_early], g.early["units"]
        total += float((np.minimum(left, 0.0) * early - self.early.values * early).sum())
        spared = self.kept_setups.settle(hours, after + inside)
        total -= spared.cost
        if total > self.bound:
            self.bound, self.best_hours, self.best_loads = total, hours, self._load_worth(aged)
            self.best_materials = material

        lacking = np.maximum(self.batches.batch * lot_open - sum_by(net.supply_lot, made, len(lot_open)), 0.0)
        lots, weeks = np.nonzero(filled & (lacking > 0) & (lot_open > 0))
        added = np.zeros(made.shape)
        np.add.at(added, (rest_supply[lots, weeks], weeks), lacking[lots, weeks])
        made += added
        by_make = bring_forward(made[made_use[:, 0]] * p.use_hours[made_use[:, 1]][:, None], p.use_lag[made_use[:, 1]])
        by_lot = bring_forward(lot_open[lot_use[:, 0]] * p.use_setup[lot_use[:, 1]][:, None], p.use_lag[lot_use[:, 1]])
        by_run = run_open[self.entries[:, 0]] * p.major_hours[self.entries[:, 1]][:, None]
        M = len(p.resource)
        busy = sum_by(p.use_resource[made_use[:, 1]], by_make, M) + sum_by(p.use_resource[lot_use[:, 1]], by_lot, M)
        self.hours.step(
            busy + sum_by(resource, by_run, M) - spared.hours - there * (p.regular + over * p.overtime),
            size,
        )
        mine = sum_by(made_inside[1], by_make[made_inside[0]], len(self.entries))
        mine += sum_by(lot_inside[1], by_lot[lot_inside[0]], len(self.entries))
        mine -= spared.after
        opened = run_open[self.entries[:, 0]]
        self.after.step(mine - room * opened, size)
        used_over = (there * over * p.overtime)[resource]
        self.inside.step(mine - left_inside * opened - used_over, size)
        slope = lot_open[net.link_lot] - shift(run_open[net.link_run].astype(float), net.link_lag)
        self.link.step(np.where(linked, slope, 0.0), size)
        slope = sum_by(net.supply_lot, made, len(lot_open)) - self.model.largest * lot_open
        self.lot_size.step(np.where(self.possible, slope, 0.0), size)
        slope = self.batches.batch * lot_open - sum_by(net.supply_lot, made, len(lot_open))
        self.batch.step(np.where(self.possible & (self.batches.batch > 0), slope, 0.0), size)
        resting = sum_by(self.batches.of_supply, added, len(self.batches.most)).sum(axis=1)
        resting += np.bincount(self.batches.of_early, np.where(left < 0, early, 0.0), len(resting))
        self.left.step(np.where(self.batches.worth > 0, resting - self.batches.most, 0.0), size)
        self.left.values = np.minimum(self.left.values, self.batches.worth)
        shipped = np.zeros(sent.shape)
        shipped[g.arcs["number"]] = sent
        loaded = sum_by(self.model.loads.of_arc, shipped * self.basis[:, None], len(self.load_most))
        self.load.step(np.where(self.shared > 0, loaded - quantity, 0.0), size)
        self.age.step(np.where(self.loads.most > 0, carried - aged, 0.0), size)
        through = shipped[self.site_arcs] - (opening < 0)[self.arc_site][:, None] * self.site_most
        self.site.step(through, size)
        self.entry.step(served[self.waiting] - (entering < 0)[self.waiting_for] * potential, size)
        slope = lot_open[net.unlock_lot] - (paying < 0)[net.unlock_investment][:, None]
        self.investment.step(np.where(self.unlock, slope, 0.0), size)
        taken = shift(shipped[self.limit_arcs] * self.limit_amount[:, None], self.limit_lag)
        flow = sum_by(self.arc_limit, taken, len(self.limit_most))
        self.limit.step(flow - self.limit_most[:, None], size)
        self.material.step(self.buyers.drawn(made) - ordered, size)
        self.early.step(used + np.where(left < 0, early, 0.0) - early, size)
        return total

    def _load_worth(self, quantity: Floats) -> Floats:
        """Return the price of each load, (loads, T)."""
        worth = self.load.values.copy()
        worth[self.loads.last] = self.loads.worth(self.age.values, quantity)
        return worth

    def _parts(self, count: int) -> list[tuple[int, int]]:
        """Return ranges of groups with about as many orders each."""
        starts = self.graph.group_orders
        ends = np.searchsorted(starts, np.linspace(0, starts[-1], count + 1)[1:-1])
        borders = [0, *ends.tolist(), len(starts) - 1]
        return list(pairwise(borders))

    def _priced_costs(self) -> Floats:
        """Return what a unit pays on each arc and week for its load, for sites and for space, by their prices; (A, T)."""
        of_arc = self.model.loads.of_arc
        cost = np.zeros((len(of_arc), self.model.problem.weeks))
        loaded = (of_arc >= 0) & ~np.append(self.loads.last, True)[of_arc]
        cost[loaded] = self.load.values[of_arc[loaded]] * self.basis[loaded][:, None]
        cost += sum_by(self.site_arcs, self.site.values, len(cost))
        cost += sum_by(self.limit_arcs, self._limit_prices(), len(cost))
        return cost

    def rounds(self, elapsed: Callable[[], float], rounds: int) -> Iterator[float]:
        """Yield the best bound so far after each round, until the rounds or the time are used up.

        Parameters
        ----------
        elapsed : callable
            The share of its time that has passed.
        rounds : int
            Most rounds.
        """
        yield from self._move(FIRST_STEP, 0, elapsed, rounds)

    def again(self, elapsed: Callable[[], float], rounds: int) -> Iterator[float]:
        """Yield the best bound so far after each of some more rounds, that begin with moderate steps; else as ``rounds``."""
        yield from self._move(AGAIN, self.number, elapsed, rounds)

    def _move(self, first: float, before: int, elapsed: Callable[[], float], rounds: int) -> Iterator[float]:
        begun = elapsed() if before else 0.0

        def passed() -> float:
            # In steps, so that prices that keep ahead of their time are the same on every machine.
            return floor((elapsed() - begun) / max(1.0 - begun, 1e-9) / STEP) * STEP

        while (done := max((self.number - before) / rounds, passed())) < 1.0:
            expected = (self.number - before) / done if done > 0 else rounds
            last = float(np.clip(FINENESS / max(expected, 1.0), LAST_STEP, first))
            self.round(first * (last / first) ** done)
            yield self.bound
