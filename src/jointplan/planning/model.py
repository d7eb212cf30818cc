"""The plan as a mixed-integer model: one function per family of constraints."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jointplan.planning.approved import floors
from jointplan.planning.buying import Tiers, find_tiers, first_prices, largest_orders, order_tiers, ordered_before
from jointplan.planning.cash import cash_effects
from jointplan.planning.network import Network
from jointplan.planning.plan import ClusterPlan, Loads, bring_forward, find_loads, shift, sum_by
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights, maker_owner
from jointplan.solvers import LinearModel, ModelBuilder
from jointplan.solvers.linear import Term


@dataclass(frozen=True)
class Columns:
    """Column numbers of the model's variables; −1, which reads zero, where one is of no use.

    make (K, T), ship (A, T), serve, unmet, owed (S, T), stock (P, T), lot (E, T), run (Q, T), overtime (M, T);
    shelf (sinks with opening goods, T), what of these still waits there, and the sink of each;
    open (W,): whether a site is opened;
    enter (V,): whether a market is entered; invest (J,): whether something is learned or opened;
    ample, short (H, T): what is left in a purse, and what is borrowed beyond its limit;
    buy (Z, T): material units that come at each price of a purchase, with ``tiers``; tier (Z, T): whether the order is of
    that price; count (Y, T): multiples of an order; kept (X, T): material in bins;
    band, declared, charge (bands of loads, T): whether a load is in the band, the quantity declared, what it pays, with
    the entry of the problem's bands and the load each belongs to; boxes (container loads, T) and the load of each.
    """

    make: Ints
    ship: Ints
    serve: Ints
    unmet: Ints
    owed: Ints
    stock: Ints
    lot: Ints
    run: Ints
    overtime: Ints
    shelf: Ints
    shelf_sink: Ints
    band: Ints
    declared: Ints
    charge: Ints
    band_entry: Ints
    band_load: Ints
    boxes: Ints
    boxes_load: Ints
    open: Ints
    enter: Ints
    invest: Ints
    buy: Ints
    tier: Ints
    count: Ints
    kept: Ints
    ample: Ints
    short: Ints


@dataclass(frozen=True)
class PlanModel:
    """A model, and how to read a plan from its columns.

    ``capacity`` (M, T) are the row numbers of the hours; ``ship_limit`` (A, T) is the most that could be of use on an arc
    in a week; ``floor`` (K, T) is what is decided to be made; ``largest`` (E, T) bounds each lot.
    """

    problem: ClusterProblem
    rights: Rights
    network: Network
    loads: Loads
    columns: Columns
    linear: LinearModel
    capacity: Ints
    ship_limit: Floats
    floor: Floats
    largest: Floats


@dataclass(frozen=True)
class Frozen:
    """Quantities that must stay as they are; nan leaves one free. Shapes as in the plan."""

    make: Floats
    ship: Floats
    serve: Floats
    unmet: Floats
    buy: Floats


def build_model(problem: ClusterProblem, rights: Rights, network: Network, frozen: Frozen | None = None) -> PlanModel:
    """Build the model of a coalition's plan.

    Parameters
    ----------
    problem, rights, network : ClusterProblem, Rights, Network
        What is planned.
    frozen : Frozen, optional
        What outsiders do, kept as in their separate plans.
    """
    return _Builder(problem, rights, network, frozen).build()


@dataclass(frozen=True)
class FlowModel:
    """The plan without its fixed charges: quantities, hours and unit costs alone.

    Parameters
    ----------
    linear : LinearModel
        The linear model.
    make, ship, serve, unmet : ndarray of int
        Column numbers, shapes as in the plan.
    capacity : (M, T) ndarray of int
        Row numbers of the hours; −1 where nothing uses them.
    """

    linear: LinearModel
    make: Ints
    ship: Ints
    serve: Ints
    unmet: Ints
    capacity: Ints


def build_flows(problem: ClusterProblem, rights: Rights, network: Network, frozen: Frozen | None = None) -> FlowModel:
    """Build the model of a coalition's quantities; setups and loads are left to whoever prices them."""
    return _Builder(problem, rights, network, frozen).build_flows()


def find_uses(problem: ClusterProblem, network: Network) -> tuple[Ints, Ints]:
    """Return pairs (supply, use) and (lot, use) of the resources they draw on."""
    of_route: list[list[int]] = [[] for _ in problem.route_product]
    for use, route in enumerate(problem.use_route):
        of_route[route].append(use)

    def pairs(routes: Ints) -> Ints:
        found = [(k, u) for k, r in enumerate(routes) for u in of_route[r]]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    return pairs(network.supply_route), pairs(network.lot_route)


def shipping_costs(problem: ClusterProblem, network: Network) -> Floats:
    """Return what a unit costs that leaves on an arc, the load it joins and what it is worth at the end apart; (A, T)."""
    p, lane = problem, network.arc_lane
    product = network.commodity_product[network.arc_commodity]
    under_way = np.minimum(p.lane_weeks[lane][:, None], p.weeks - np.arange(p.weeks)[None, :])
    to_node = np.where(network.arc_to >= 0, p.lane_node[lane], -1)
    handling = np.where(to_node >= 0, p.node_handling[to_node], 0.0) * p.volume[product]
    cost: Floats = (p.unit_charge[lane, product] + handling)[:, None] + under_way * p.holding[product][:, None]
    return cost


def find_space(problem: ClusterProblem) -> Floats:
    """Return the most that leaves on each lane in a week, containers or basis units; (L,)."""
    space = np.full(len(problem.lane), np.inf)
    space[problem.spaces.lane] = problem.spaces.most
    return space


def find_site_arcs(network: Network) -> tuple[Ints, Ints]:
    """Return pairs (arc, site): the arcs that end at a site to be opened, or begin there."""
    site = np.append(network.place_site, -1)  # the last entry reads −1
    arcs = np.tile(np.arange(len(network.arc_lane)), 2)
    ends = np.concatenate([site[network.arc_to], site[network.arc_from]])
    return arcs[ends >= 0], ends[ends >= 0]


class _Builder:
    def __init__(self, problem: ClusterProblem, rights: Rights, network: Network, frozen: Frozen | None) -> None:
        self.p, self.net, self.rights, self.frozen = problem, network, rights, frozen
        self.b = ModelBuilder()
        self.weeks = np.arange(problem.weeks)
        self.buys = True

    def build(self) -> PlanModel:
        p, net, b, T = self.p, self.net, self.b, self.p.weeks
        self._add_flows()
        lot_cost = p.setup_cost[net.lot_route] if len(net.lot_route) else np.zeros((0, T))
        possible = self.largest > 0
        self.lot = b.columns(lot_cost.shape, cost=lot_cost, upper=possible, integer=self._needs_setup()[:, None])
        self.run = b.columns(
            (len(net.run_group), T),
            cost=p.group_cost[net.run_group][:, None],
            upper=sum_by(
                net.link_run, bring_forward(possible[net.link_lot].astype(float), net.link_lag), len(net.run_group)
            )
            > 0,
            integer=True,
        )
        hours = self._capacity_holds(setups=True)
        self._lots_need_setups()
        self._lots_need_runs()
        self._minimum_batches_hold()
        band = self._loads_are_charged()
        boxes = self._containers_hold()
        opened = self._sites_are_opened()
        entered = self._markets_are_entered()
        invested = self._work_is_unlocked()
        materials = self._materials_are_bought()
        purses = self._money_is_counted(band[2], band[4], boxes, materials[0], opened, entered, invested)
        hub = p.hub_cost * T if self.rights.cooperative else 0.0
        columns = Columns(
            self.make, self.ship, self.serve, self.unmet, self.owed, self.stock, self.lot, self.run, self.overtime,
            self.shelf, self.shelf_sink, *band, *boxes, opened, entered, invested, *materials, *purses,
        )  # fmt: skip
        return PlanModel(
            p,
            self.rights,
            net,
            self.loads,
            columns,
            b.build(offset=hub),
            hours,
            self.ship_limit,
            self.floor,
            self.largest,
        )

    def _needs_setup(self) -> Bools:
        """Return which lots cost money or hours to set up, or have a minimum; the others need no yes or no."""
        p, net = self.p, self.net
        needs = (p.setup_cost > 0).any(axis=1) | (p.route_batch > 0)
        needs[p.use_route[p.use_setup > 0]] = True
        return needs[net.lot_route] | np.isin(np.arange(len(net.lot_route)), net.link_lot)

    def build_flows(self) -> FlowModel:
        self.buys = False
        self._add_flows()
        rows = self._capacity_holds(setups=False)
        return FlowModel(self.b.build(), self.make, self.ship, self.serve, self.unmet, rows)

    def _add_flows(self) -> None:
        """Add quantities, their balances and the room there is."""
        p, net, b, T = self.p, self.net, self.b, self.p.weeks
        product = net.commodity_product[net.arc_commodity]
        self.arrives = self.weeks[None, :] + p.lane_weeks[net.arc_lane][:, None]
        ship_cost = shipping_costs(p, net) - np.where(self.arrives < T, 0.0, p.end_value[product][:, None])
        self.ship_limit = self._useful_shipments()

        route = net.supply_route
        # Materials are bought at prices of their own; where only quantities are asked for, at the least.
        make_cost = (p.route_making + p.route_material if self.buys else p.route_cost)[route][:, None]
        place_product = net.commodity_product[net.place_commodity]
        storage = p.node_storage[net.place_node] * p.volume[place_product]
        stock_cost = self._keeping_cost(place_product, storage)
        self.shelf_sink = np.flatnonzero(net.sink_opening.any(axis=1))
        shelf_cost = self._keeping_cost(net.commodity_product[net.sink_commodity[self.shelf_sink]])

        series = p.demand.shape
        self.floor = floors(p, net)
        self.largest = self._largest_lots()
        permitted = net.supply_granted[:, None] & (self.weeks[None, :] < net.supply_weeks[:, None])
        makes = np.where((self.largest[net.supply_lot] > 0) & permitted, np.inf, self.floor)
        waiting = _trailing_sum(p.demand, p.late_weeks + 1)
        self.make = self._quantities("make", np.repeat(make_cost, T, axis=1), makes, self.floor)
        self.ship = self._quantities("ship", ship_cost, self.ship_limit)
        self.serve = self._quantities("serve", np.broadcast_to(-p.price[:, None], series), waiting)
        self.unmet = self._quantities("unmet", np.broadcast_to(p.goodwill[:, None], series), waiting)
        self.owed = b.columns(p.demand.shape, cost=p.late_cost[:, None], upper=self._waiting_limit())
        self.stock = b.columns(stock_cost.shape, cost=stock_cost, upper=np.where(self._worth_keeping(), np.inf, 0.0))
        self.shelf = b.columns(shelf_cost.shape, cost=shelf_cost)
        self.overtime = b.columns(p.overtime.shape, cost=p.overtime_cost[:, None], upper=p.overtime)
        self._stock_balances()
        self._sinks_balance()
        self._demand_balances()
        self._rooms_hold()
        self._kept_hours_hold()
        self._throughput_holds()
        self._lanes_have_space()

    def _quantities(self, name: str, cost: Floats, upper: float | Floats, floor: float | Floats = 0.0) -> Ints:
        """Add the columns of a quantity; what is decided is kept, and what outsiders do is held."""
        if self.frozen is None:
            return self.b.columns(cost.shape, cost=cost, lower=floor, upper=upper)
        held: Floats = getattr(self.frozen, name)
        lower, upper = np.where(np.isnan(held), floor, held), np.where(np.isnan(held), upper, held)
        return self.b.columns(cost.shape, cost=cost, lower=lower, upper=upper)

    def _keeping_cost(self, product: Ints, storage: float | Floats = 0.0) -> Floats:
        """Return the cost of a unit kept over each week, (products, T); what is left at the end keeps its worth."""
        p = self.p
        cost = np.repeat((p.holding[product] + storage)[:, None], p.weeks, axis=1)
        cost[:, -1] -= p.end_value[product]
        return cost

    def _waiting_limit(self) -> Floats:
        """Ensures that nothing is owed longer than customers wait, and nothing at the end."""
        limit = _trailing_sum(self.p.demand, self.p.late_weeks)
        limit[:, -1] = 0.0
        return limit

    def _arrivals(self, target: Ints, sign: float = 1.0) -> Term:
        """Return the (row, column, 1) of arrivals at a target, rows numbered target × week."""
        T = self.p.weeks
        hit = (target >= 0)[:, None] & (self.arrives < T)
        row = np.where(hit, target[:, None] * T + self.arrives, 0)
        return row, np.where(hit, self.ship, -1), sign

    def _stock_balances(self) -> None:
        """Ensures that stock = stock before + made + arrived − sent."""
        net, T = self.net, self.p.weeks
        row = np.arange(self.stock.size).reshape(self.stock.shape)
        before = np.full_like(self.stock, -1)
        before[:, 1:] = self.stock[:, :-1]
        at = net.supply_place[:, None] * T + self.weeks
        leave = net.arc_from[:, None] * T + self.weeks
        self.b.rows(
            net.place_opening,
            net.place_opening.ravel(),
            [(row, self.stock, 1.0), (row, before, -1.0), (at, self.make, -1.0), (leave, self.ship, 1.0),
             self._arrivals(net.arc_to, -1.0)],
        )  # fmt: skip

    def _sinks_balance(self) -> None:
        """Ensures that what reaches a market is handed over there; only what was sent before may wait."""
        net, T = self.net, self.p.weeks
        at = net.series_sink[:, None] * T + self.weeks
        kept = self.shelf_sink[:, None] * T + self.weeks
        before = np.full_like(self.shelf, -1)
        before[:, 1:] = self.shelf[:, :-1]
        opening = net.sink_opening.ravel()
        self.b.rows(
            -opening, -opening,
            [self._arrivals(net.arc_sink), (at, self.serve, -1.0), (kept, before, 1.0), (kept, self.shelf, -1.0)],
        )  # fmt: skip
        row = np.arange(self.shelf.size).reshape(self.shelf.shape)
        came = net.sink_opening[self.shelf_sink].ravel()
        self.b.rows(np.full(came.size, -np.inf), came, [(row, self.shelf, 1.0), (row, before, -1.0)])

    def _demand_balances(self) -> None:
        """Ensures that owed = owed before + wanted − handed over − given up."""
        row = np.arange(self.owed.size).reshape(self.owed.shape)
        before = np.full_like(self.owed, -1)
        before[:, 1:] = self.owed[:, :-1]
        self.b.rows(
            self.p.demand,
            self.p.demand.ravel(),
            [(row, self.owed, 1.0), (row, before, -1.0), (row, self.serve, 1.0), (row, self.unmet, 1.0)],
        )

    def _capacity_holds(self, *, setups: bool) -> Ints:
        """Ensures that run, setup and changeover hours fit into regular and overtime hours."""
        p, net, T = self.p, self.net, self.p.weeks
        made, lots = find_uses(p, net)
        majors: list[list[int]] = [[] for _ in p.group_firm]
        for entry, group in enumerate(p.major_group):
            majors[group].append(entry)
        runs = np.array([(q, v) for q, g in enumerate(net.run_group) for v in majors[g]], dtype=np.int64).reshape(-1, 2)

        def term(columns: Ints, pair: Ints, resource: Ints, hours: Floats, lag: Ints) -> tuple[Ints, Ints, Floats]:
            week = self.weeks - lag[pair[:, 1]][:, None]
            done = np.where(week >= 0, columns[pair[:, 0]], -1)
            return resource[pair[:, 1]][:, None] * T + np.maximum(week, 0), done, hours[pair[:, 1]][:, None]

        row = np.arange(self.overtime.size).reshape(self.overtime.shape)
        terms: list[Term] = [term(self.make, made, p.use_resource, p.use_hours, p.use_lag), (row, self.overtime, -1.0)]
        if setups:
            terms.append(term(self.lot, lots, p.use_resource, p.use_setup, p.use_lag))
            terms.append(term(self.run, runs, p.major_resource, p.major_hours, np.zeros_like(p.major_group)))
        return self.b.rows(np.full(p.regular.size, -np.inf), p.regular.ravel(), terms).reshape(row.shape)

    def _useful_shipments(self) -> Floats:
        """Return the most that could be of use on an arc in a week; (A, T).

        On its last leg a unit serves demand due when it arrives or owed by then; before, any demand it can still reach
        in time. More could be sent, but it would serve nobody and never pay; opening stock alone may be worth moving, or
        sending beyond the last week, out of a place where storage costs.
        """
        p, net, T = self.p, self.net, self.p.weeks
        sink_demand = np.zeros((len(net.sink_market), T))
        np.add.at(sink_demand, net.series_sink, p.demand)
        reach = _trailing_sum(sink_demand, p.late_weeks + 1)
        still = self._still_wanted()
        limit = np.zeros(self.arrives.shape)
        weeks = p.lane_weeks[net.arc_lane]
        for a, (sink, delay) in enumerate(zip(net.arc_sink, weeks, strict=True)):
            if delay < T:
                wanted = reach[sink] if sink >= 0 else still[net.arc_commodity[a]]
                limit[a, : T - delay] = wanted[delay:]
        held = np.zeros(len(net.commodity_product))
        np.add.at(held, net.place_commodity, net.place_opening.sum(axis=1))
        inner = (net.arc_to >= 0)[:, None] | (self.arrives >= T)
        limit = np.where(inner, limit + held[net.arc_commodity][:, None], limit)
        return np.minimum(limit, self._fitting_units()[:, None])

    def _fitting_units(self) -> Floats:
        """Return the most of a commodity that an arc's lane has space for in a week; (A,)."""
        p, net = self.p, self.net
        product = net.commodity_product[net.arc_commodity]
        space = find_space(p)[net.arc_lane]
        with np.errstate(divide="ignore", invalid="ignore"):
            fits = space / p.basis[net.arc_lane, product]
            for lane, kg, m3 in zip(p.containers.lane, p.containers.kg, p.containers.m3, strict=True):
                arcs = net.arc_lane == lane
                room = np.minimum(kg / p.weight[product[arcs]], m3 / p.volume[product[arcs]])
                fits[arcs] = np.floor(space[arcs] + 1e-9) * room
        return np.where(np.isnan(fits), np.inf, fits)

    def _still_wanted(self) -> Floats:
        """Return each commodity's demand that something made or sent in week t could still serve; (C, T)."""
        p, net = self.p, self.net
        wanted = np.zeros((len(net.commodity_product), p.weeks))
        np.add.at(wanted, net.sink_commodity[net.series_sink], p.demand)
        total: Floats = (
            wanted.sum(axis=1, keepdims=True) - wanted.cumsum(axis=1) + _trailing_sum(wanted, p.late_weeks + 1)
        )
        return total

    def _nearest(self) -> Ints:
        """Return the fewest weeks in which a commodity reaches a market, T where it reaches none; (C,)."""
        p, net = self.p, self.net
        nearest = np.full(len(net.commodity_product), p.weeks)
        to_market = net.arc_sink >= 0
        np.minimum.at(nearest, net.arc_commodity[to_market], p.lane_weeks[net.arc_lane[to_market]])
        return nearest

    def _worth_keeping(self) -> Bools:
        """Return where units kept at the end of a week can be of use later, or cannot be got rid of; (P, T)."""
        p, net, T = self.p, self.net, self.p.weeks
        commodities = len(net.commodity_product)
        useful = np.zeros((commodities, T), bool)
        still = self._still_wanted() > 0
        for c, delay in enumerate(self._nearest() + 1):
            if delay < T:
                useful[c, : T - delay] = still[c, delay:]
        # Opening stock, what is left of a minimum batch or was decided, and what outsiders do may lie to the end.
        lasting = np.zeros(commodities, bool)
        lasting[net.place_commodity[net.place_opening.any(axis=1)]] = True
        lasting[net.supply_commodity[p.route_batch[net.supply_route] > 0]] = True
        lasting[net.supply_commodity[self.floor.any(axis=1)]] = True
        useful[lasting | (self.frozen is not None)] = True
        return useful[net.place_commodity]

    def _largest_lots(self) -> Floats:
        """Return a bound on each lot: what its resources could make in the week, and what could still be sold; (E, T)."""
        p, net, T = self.p, self.net, self.p.weeks
        limit = np.full((len(p.route_product), T), np.inf)
        hours = (p.regular + p.overtime)[p.use_resource] - p.use_setup[:, None]
        busy = p.use_hours > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            fits = np.where(busy[:, None], np.maximum(hours, 0.0) / p.use_hours[:, None], np.inf)
        # A step that would fall before the first week cannot be done, nor one that is not learned yet.
        np.minimum.at(limit, p.use_route, shift(fits, p.use_lag))
        limit[self.weeks[None, :] < p.route_first[:, None]] = 0.0
        nearest = self._nearest()
        still = self._still_wanted()
        per_lot = np.zeros((len(net.lot_route), T))
        for lot, c, weeks in zip(net.supply_lot, net.supply_commodity, net.supply_weeks, strict=True):
            if nearest[c] < T:
                last = min(T - nearest[c], weeks)
                per_lot[lot, :last] += still[c, nearest[c] : nearest[c] + last]
        largest: Floats = np.minimum(per_lot, limit[net.lot_route])
        # A maker's minimum batch may exceed what is wanted, if anything is.
        batch = np.minimum(p.route_batch[net.lot_route][:, None], limit[net.lot_route])
        largest = np.where(largest > 0, np.maximum(largest, batch), 0.0)
        given = self.floor if self.frozen is None else np.maximum(self.floor, np.nan_to_num(self.frozen.make))
        return np.maximum(largest, sum_by(net.supply_lot, given, len(net.lot_route)))

    def _lots_need_setups(self) -> None:
        """Ensures that nothing is made in a week without its lot's setup."""
        T = self.p.weeks
        row = np.arange(self.lot.size).reshape(self.lot.shape)
        at = self.net.supply_lot[:, None] * T + self.weeks
        self.b.rows(np.full(self.lot.size, -np.inf), 0.0, [(at, self.make, 1.0), (row, self.lot, -self.largest)])

    def _lots_need_runs(self) -> None:
        """Ensures that no lot is set up outside the runs of its family."""
        net, T = self.net, self.p.weeks
        row = np.arange(len(net.link_lot) * T).reshape(len(net.link_lot), T)
        week = self.weeks - net.link_lag[:, None]
        lot = np.where(week >= 0, self.lot[net.link_lot], -1)
        run = np.where(week >= 0, self.run[net.link_run[:, None], np.maximum(week, 0)], -1)
        self.b.rows(np.full(row.size, -np.inf), 0.0, [(row, lot, 1.0), (row, run, -1.0)])

    def _minimum_batches_hold(self) -> None:
        """Ensures that a lot is at least its maker's minimum batch."""
        batch = self.p.route_batch[self.net.lot_route] if len(self.net.lot_route) else np.zeros(0)
        lots = np.flatnonzero(batch > 0)
        number = np.full(len(batch), -1)
        number[lots] = np.arange(len(lots))
        supplies = np.flatnonzero(number[self.net.supply_lot] >= 0) if len(lots) else np.empty(0, np.int64)
        row = np.arange(len(lots) * self.p.weeks).reshape(len(lots), self.p.weeks)
        at = number[self.net.supply_lot[supplies]][:, None] * self.p.weeks + self.weeks
        self.b.rows(
            np.zeros(row.size), np.inf, [(at, self.make[supplies], 1.0), (row, self.lot[lots], -batch[lots][:, None])]
        )

    def _rooms_hold(self) -> None:
        """Ensures that no place holds more than its room."""
        p, net = self.p, self.net
        nodes = np.flatnonzero(np.isfinite(p.node_capacity))
        number = np.full(len(p.node), -1)
        number[nodes] = np.arange(len(nodes))
        places = np.flatnonzero(number[net.place_node] >= 0)
        at = number[net.place_node[places]][:, None] * p.weeks + self.weeks
        volume = p.volume[net.commodity_product[net.place_commodity[places]]]
        room = np.repeat(p.node_capacity[nodes], p.weeks)
        self.b.rows(np.full(len(room), -np.inf), room, [(at, self.stock[places], volume[:, None])])

    def _kept_hours_hold(self) -> None:
        """Ensures that products of other owners' making take no more than the regular hours a maker does not keep."""
        p, net, T = self.p, self.net, self.p.weeks
        kept, share = p.terms.resource, p.terms.share
        if not len(kept):
            return
        number = np.full(len(p.resource), -1)
        number[kept] = np.arange(len(kept))
        pairs, _ = find_uses(p, net)
        route = net.supply_route[pairs[:, 0]]
        home = maker_owner(p)[p.route_product[route]]
        resource = p.use_resource[pairs[:, 1]]
        moved = (home >= 0) & (home != p.firm_owner[p.resource_firm[resource]]) & (number[resource] >= 0)
        supply, use = pairs[moved].T
        week = self.weeks - p.use_lag[use][:, None]
        at = number[p.use_resource[use]][:, None] * T + np.maximum(week, 0)
        made = np.where(week >= 0, self.make[supply], -1)
        limit = (1 - share)[:, None] * p.regular[kept]
        self.b.rows(np.full(limit.size, -np.inf), limit.ravel(), [(at, made, p.use_hours[use][:, None])])

    def _throughput_holds(self) -> None:
        """Ensures that no more is sent to a place than it takes in a week."""
        p, net, T = self.p, self.net, self.p.weeks
        limited = np.flatnonzero(np.isfinite(p.sites.throughput))
        number = np.full(len(p.node) + 1, -1)  # the last entry absorbs −1
        number[p.sites.node[limited]] = np.arange(len(limited))
        row, column, _ = self._arrivals(number[p.lane_node[net.arc_lane]])
        volume = p.volume[net.commodity_product[net.arc_commodity]][:, None]
        limit = np.repeat(p.sites.throughput[limited], T)
        self.b.rows(np.full(len(limit), -np.inf), limit, [(row, column, volume)])

    def _lanes_have_space(self) -> None:
        """Ensures that no more leaves on a lane than there is space for; containers are counted as if shared by all."""
        p, net, T = self.p, self.net, self.p.weeks
        space = find_space(p)
        boxed = np.isin(np.arange(len(p.lane)), p.containers.lane)
        product = net.commodity_product[net.arc_commodity]
        lanes = p.containers.lane[np.isfinite(space[p.containers.lane])]
        box = np.isin(p.containers.lane, lanes)
        whole = np.floor(space[lanes] + 1e-9)
        others = np.flatnonzero(np.isfinite(space) & ~boxed)
        for which, per_unit, limit in (
            (lanes, p.weight[product], whole * p.containers.kg[box]),
            (lanes, p.volume[product], whole * p.containers.m3[box]),
            (others, p.basis[net.arc_lane, product], space[others]),
        ):
            number = np.full(len(p.lane), -1)
            number[which] = np.arange(len(which))
            arcs = np.flatnonzero(number[net.arc_lane] >= 0)
            at = number[net.arc_lane[arcs]][:, None] * T + self.weeks
            self.b.rows(
                np.full(len(which) * T, -np.inf), np.repeat(limit, T), [(at, self.ship[arcs], per_unit[arcs][:, None])]
            )

    def _sites_are_opened(self) -> Ints:
        """Ensures that nothing goes to or leaves a site that is not opened, however little it is."""
        p, net, T = self.p, self.net, self.p.weeks
        cost = p.sites.opening_cost[net.site_entry]
        opened = self.b.columns(cost.shape, cost=cost, upper=1.0, integer=True)
        arcs, site = find_site_arcs(net)
        limit = self.ship_limit if self.frozen is None else np.maximum(self.ship_limit, np.nan_to_num(self.frozen.ship))
        arc, week = np.nonzero(self.ship[arcs] >= 0)
        row = np.arange(len(arc))
        self.b.rows(
            np.full(len(row), -np.inf), 0.0,
            [(row, self.ship[arcs[arc], week], 1.0), (row, opened[site[arc]], -limit[arcs[arc], week])],
        )  # fmt: skip
        # Summed up, this is tighter than one by one where throughput is short.
        limited = np.flatnonzero(np.isfinite(p.sites.throughput[net.site_entry]))
        number = np.full(len(cost) + 1, -1)  # the last entry absorbs −1
        number[limited] = np.arange(len(limited))
        at, column, _ = self._arrivals(number[np.append(net.place_site, -1)[net.arc_to]])
        volume = p.volume[net.commodity_product[net.arc_commodity]][:, None]
        most = np.repeat(p.sites.throughput[net.site_entry[limited]], T)
        self.b.rows(
            np.full(len(most), -np.inf), 0.0,
            [(at, column, volume), (np.arange(len(most)), np.repeat(opened[limited], T), -most)],
        )  # fmt: skip
        return opened

    def _load_sizes(self, per_unit: Floats) -> Floats:
        """Return a bound on each load's quantity in each week; (loads, T)."""
        limit = self.ship_limit
        if self.frozen is not None:
            limit = np.maximum(limit, np.nan_to_num(self.frozen.ship))
        return sum_by(self.loads.of_arc, limit * per_unit[:, None], len(self.loads.lane))

    def _loads_are_charged(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """Ensures that a load is declared in one band and pays its rate, at least the minimum."""
        p, net, T = self.p, self.net, self.p.weeks
        self.loads = find_loads(p, net)
        product = net.commodity_product[net.arc_commodity]
        basis = p.basis[net.arc_lane, product]
        size = self._load_sizes(basis)
        entries = [(w, e) for w, lane in enumerate(self.loads.lane) for e in np.flatnonzero(p.bands.lane == lane)]
        load = np.array([w for w, _ in entries], dtype=np.int64)
        entry = np.array([e for _, e in entries], dtype=np.int64)
        top = p.bands.high[entry] >= np.array([p.bands.high[p.bands.lane == p.bands.lane[e]].max() for e in entry])
        # A load may be declared larger than it is, up to where its band starts.
        largest = np.where(top, np.inf, p.bands.high[entry])
        high = np.minimum(largest[:, None], np.maximum(size[load], p.bands.low[entry][:, None]))
        low, rate, minimum = p.bands.low[entry], p.bands.rate[entry], p.bands.minimum[entry]
        shape = (len(load), T)
        possible = size[load] > 0
        amount = np.where(possible, np.inf, 0.0)
        band = self.b.columns(shape, upper=possible, integer=True)
        declared = self.b.columns(shape, upper=amount)
        charge = self.b.columns(shape, cost=1.0, upper=amount)
        row = np.arange(band.size).reshape(shape)
        free = np.full(band.size, -np.inf)
        self.b.rows(free, 0.0, [(row, declared, 1.0), (row, band, -high)])
        self.b.rows(np.zeros(band.size), np.inf, [(row, declared, 1.0), (row, band, -low[:, None])])
        self.b.rows(np.zeros(band.size), np.inf, [(row, charge, 1.0), (row, declared, -rate[:, None])])
        self.b.rows(np.zeros(band.size), np.inf, [(row, charge, 1.0), (row, band, -minimum[:, None])])
        carries = np.isin(np.arange(len(self.loads.lane)), load)
        arcs = np.flatnonzero((self.loads.of_arc >= 0) & np.append(carries, False)[self.loads.of_arc])
        at = self.loads.of_arc[arcs][:, None] * T + self.weeks
        total = load[:, None] * T + self.weeks
        count = len(self.loads.lane) * T
        self.b.rows(np.zeros(count), np.inf, [(total, declared, 1.0), (at, self.ship[arcs], -basis[arcs][:, None])])
        self.b.rows(np.full(count, -np.inf), 1.0, [(total, band, 1.0)])
        return band, declared, charge, entry, load

    def _markets_are_entered(self) -> Ints:
        """Ensures that nothing is handed over in a market that had to be entered and was not."""
        p, net, T = self.p, self.net, self.p.weeks
        cost = np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market]
        entered = self.b.columns(cost.shape, cost=cost, upper=1.0, integer=True)
        waiting = np.flatnonzero(net.series_entry >= 0)
        most = _trailing_sum(p.demand, p.late_weeks + 1)[waiting]
        row = np.arange(most.size).reshape(len(waiting), T)
        self.b.rows(
            np.full(row.size, -np.inf), 0.0,
            [(row, self.serve[waiting], 1.0), (row, np.repeat(entered[net.series_entry[waiting]][:, None], T, axis=1), -most)],
        )  # fmt: skip
        return entered

    def _work_is_unlocked(self) -> Ints:
        """Ensures that no lot is set up that needs what is neither learned nor opened."""
        p, net = self.p, self.net
        cost = p.investments.cost[net.investment_entry]
        invested = self.b.columns(cost.shape, cost=cost, upper=1.0, integer=True)
        lot = self.lot[net.unlock_lot]
        row = np.arange(lot.size).reshape(lot.shape)
        paid = np.where(lot >= 0, invested[net.unlock_investment][:, None], -1)
        self.b.rows(np.full(row.size, -np.inf), 0.0, [(row, lot, 1.0), (row, np.broadcast_to(paid, row.shape), -1.0)])
        return invested

    def _materials_are_bought(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Ensures that materials are there before they are used, and that orders are such as suppliers accept."""
        p, buying, b, T = self.p, self.net.buying, self.b, self.p.weeks
        materials, tiers = p.materials, find_tiers(p.materials, buying)
        needed = self._most_needed()
        most = largest_orders(materials, buying, tiers, needed)
        offer = buying.purchase_offer[tiers.purchase]
        before = ordered_before(p, buying)[tiers.purchase]
        first = np.ones(len(offer), bool)
        first[1:] = tiers.purchase[1:] != tiers.purchase[:-1]
        at_once = before & (first & ~materials.offer_new[offer])[:, None]
        held, ordered, least_kept = self._orders_held(tiers)
        in_plan = ~before & (most > 0) & ~held
        # What was ordered before comes at the first price, however much it is.
        most = np.where(at_once, needed[buying.purchase_bin[tiers.purchase]], most)
        price = np.where(before, first_prices(materials, buying)[tiers.purchase][:, None], tiers.price[:, None])
        self.order_price = price
        most_bought = np.where(held, ordered, np.where(at_once | in_plan, most, 0.0))
        buy = b.columns(most.shape, cost=price, lower=np.where(held, ordered, 0.0), upper=most_bought)
        prices = np.bincount(tiers.purchase, minlength=len(buying.purchase_bin))
        choose = (prices[tiers.purchase] > 1) | (tiers.low > 0)
        tier = b.columns(most.shape, upper=in_plan & choose[:, None], integer=True)
        multiple = materials.offer_multiple[buying.purchase_offer]
        orders = sum_by(tiers.purchase, np.where(in_plan, most, 0.0), len(multiple))
        counts = np.divide(orders, multiple[:, None], out=np.zeros_like(orders), where=(multiple > 0)[:, None])
        count = b.columns(counts.shape, upper=np.ceil(counts - 1e-9), integer=True)
        holding = np.repeat(materials.holding[buying.bin_material][:, None], T, axis=1)
        holding[:, -1] -= materials.least[buying.bin_material]
        kept = b.columns(holding.shape, cost=holding, lower=least_kept)
        row = np.arange(kept.size).reshape(kept.shape)
        earlier = np.full_like(kept, -1)
        earlier[:, 1:] = kept[:, :-1]
        bins = buying.purchase_bin[tiers.purchase]
        taken = self.weeks - buying.need_lag[:, None]  # when the first step begins
        made = np.where(taken >= 0, self.make[buying.need_supply], -1)
        b.rows(
            np.zeros(kept.size), 0.0,
            [(row, kept, 1.0), (row, earlier, -1.0), (bins[:, None] * T + self.weeks, buy, -1.0),
             (buying.need_bin[:, None] * T + np.maximum(taken, 0), made, buying.need_units[:, None])],
        )  # fmt: skip
        cell = np.arange(buy.size).reshape(buy.shape)
        chosen = np.where(tier >= 0, buy, -1)
        b.rows(np.full(buy.size, -np.inf), 0.0, [(cell, chosen, 1.0), (cell, tier, -most)])
        b.rows(np.zeros(buy.size), np.inf, [(cell, chosen, 1.0), (cell, tier, -tiers.low[:, None])])
        at = tiers.purchase[:, None] * T + self.weeks
        b.rows(np.full(count.size, -np.inf), 1.0, [(at, tier, 1.0)])
        whole = np.where(in_plan & (multiple > 0)[tiers.purchase][:, None], buy, -1)
        b.rows(
            np.zeros(count.size), 0.0,
            [(at, whole, 1.0), (np.arange(count.size).reshape(count.shape), count, -multiple[:, None])],
        )  # fmt: skip
        return buy, tier, count, kept

    def _orders_held(self, tiers: Tiers) -> tuple[Bools, Floats, Floats]:
        """Return which orders outsiders keep, and their size at the price that holds for each, (Z, T); and the least in bins, (X, T).

        Their orders come as they were found, so that what these leave in a bin may be short by rounding.
        """
        p, buying = self.p, self.net.buying
        shape, least = (len(tiers.purchase), p.weeks), np.zeros((len(buying.bin_material), p.weeks))
        if self.frozen is None:
            return np.zeros(shape, bool), np.zeros(shape), least
        orders = np.nan_to_num(self.frozen.buy)
        paid = order_tiers(p, buying, orders)
        held = ~np.isnan(self.frozen.buy)
        used = np.nan_to_num(self.frozen.make)[buying.need_supply] * buying.need_units[:, None]
        left = sum_by(buying.purchase_bin, orders, len(least)) - sum_by(
            buying.need_bin, bring_forward(used, buying.need_lag), len(least)
        )
        theirs = sum_by(buying.purchase_bin, held.astype(float), len(least)) > 0
        least = np.where(theirs, np.minimum(left.cumsum(axis=1), 0.0), 0.0)
        return held[tiers.purchase], np.where(paid, orders[tiers.purchase], 0.0), least

    def _money_is_counted(
        self, charge: Ints, charge_load: Ints, boxes: tuple[Ints, Ints], buy: Ints, opened: Ints, entered: Ints,
        invested: Ints,
    ) -> tuple[Ints, Ints]:  # fmt: skip
        """Ensures that what a purse has less what it owes follows from what comes in and goes out."""
        p, net, b, T = self.p, self.net, self.b, self.p.weeks
        purses, credit = net.purses, p.credit
        shape = len(purses.holder), T
        ample = b.columns(shape)
        short = b.columns(shape, cost=0.0 if credit is None else credit.rate)
        if credit is None or not len(purses.holder):
            return ample, short
        row = np.arange(ample.size).reshape(shape)
        before, owed_before = np.full_like(ample, -1), np.full_like(short, -1)
        before[:, 1:], owed_before[:, 1:] = ample[:, :-1], short[:, :-1]
        terms: list[Term] = [(row, ample, 1.0), (row, short, -1.0), (row, before, -1.0), (row, owed_before, 1.0)]
        tiers = find_tiers(p.materials, net.buying)
        rate = dict(zip(p.containers.lane.tolist(), p.containers.rate.tolist(), strict=True))
        box_rate = np.array([rate[int(lane)] for lane in self.loads.lane[boxes[1]]])
        columns = {
            "make": self.make, "ship": self.ship, "serve": self.serve, "lots": self.lot, "runs": self.run,
            "overtime": self.overtime, "stock": self.stock, "owed": self.owed,
        }  # fmt: skip
        for effect in cash_effects(p, net, self.loads.shipper):
            if effect.of == "loads":
                at = effect.purse[charge_load][:, None] * T + self.weeks
                terms.append((at, np.where(effect.purse[charge_load][:, None] >= 0, charge, -1), 1.0))
                at = effect.purse[boxes[1]][:, None] * T + self.weeks
                terms.append((at, np.where(effect.purse[boxes[1]][:, None] >= 0, boxes[0], -1), box_rate[:, None]))
            elif effect.of == "purchases":
                purse = effect.purse[tiers.purchase][:, None]
                terms.append((purse * T + self.weeks, np.where(purse >= 0, buy, -1), self.order_price))
            else:
                week = self.weeks[None, :] + effect.delay[:, None]
                hit = (effect.purse >= 0)[:, None] & (week < T)
                at = np.where(hit, effect.purse[:, None] * T + week, 0)
                terms.append((at, np.where(hit, columns[effect.of], -1), -effect.amount))
        for column, purse, cost in (
            (opened, purses.of_class[net.site_class], p.sites.opening_cost[net.site_entry]),
            (
                entered,
                purses.of_class[net.entry_class],
                np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market],
            ),
            (invested, purses.of_class[net.investment_class], p.investments.cost[net.investment_entry]),
        ):
            terms.append((np.maximum(purse, 0) * T, np.where(purse >= 0, column, -1), cost))
        due = purses.due.copy()
        due[:, 0] += purses.ready
        b.rows(due.ravel(), due.ravel(), terms)
        return ample, short

    def _most_needed(self) -> Floats:
        """Return the most of each bin's material that could be of use from a week on; (X, T)."""
        p, net, buying = self.p, self.net, self.net.buying
        commodities = len(net.commodity_product)
        wanted = self._still_wanted()
        beyond = sum_by(net.supply_commodity, self.floor, commodities)
        if self.frozen is not None:
            beyond += sum_by(net.supply_commodity, np.nan_to_num(self.frozen.make), commodities)
        # A minimum batch may leave a rest in every week.
        batch = np.zeros((commodities, p.weeks))
        np.add.at(batch, net.supply_commodity, np.repeat(p.route_batch[net.supply_route][:, None], p.weeks, axis=1))
        later = (beyond + batch)[:, ::-1].cumsum(axis=1)[:, ::-1]
        units = np.zeros((len(buying.bin_material), commodities))
        np.maximum.at(units, (buying.need_bin, net.supply_commodity[buying.need_supply]), buying.need_units)
        needed: Floats = units @ (wanted + later)
        return needed

    def _containers_hold(self) -> tuple[Ints, Ints]:
        """Ensures that a load fits into its containers by weight and by volume."""
        p, net, T = self.p, self.net, self.p.weeks
        position = {int(lane): c for c, lane in enumerate(p.containers.lane)}
        loads = np.array([w for w, lane in enumerate(self.loads.lane) if int(lane) in position], dtype=np.int64)
        which = np.array([position[int(self.loads.lane[w])] for w in loads], dtype=np.int64)
        product = net.commodity_product[net.arc_commodity]
        most = np.maximum(
            self._load_sizes(p.weight[product])[loads] / p.containers.kg[which][:, None],
            self._load_sizes(p.volume[product])[loads] / p.containers.m3[which][:, None],
        )
        space = np.floor(find_space(p)[self.loads.lane[loads]] + 1e-9)
        boxes = self.b.columns(
            (len(loads), T),
            cost=p.containers.rate[which][:, None],
            upper=np.minimum(np.ceil(most), space[:, None]),
            integer=True,
        )
        sharing = np.flatnonzero(np.bincount(self.loads.lane[loads], minlength=len(p.lane))[self.loads.lane[loads]] > 1)
        sharing = sharing[np.isfinite(space[sharing])]
        lanes, at_lane = np.unique(self.loads.lane[loads[sharing]], return_inverse=True)
        most_boxes = np.zeros(len(lanes))
        most_boxes[at_lane] = space[sharing]
        self.b.rows(
            np.full(len(lanes) * T, -np.inf), np.repeat(most_boxes, T),
            [(at_lane[:, None] * T + self.weeks, boxes[sharing], 1.0)],
        )  # fmt: skip
        number = np.full(len(self.loads.lane) + 1, -1)
        number[loads] = np.arange(len(loads))
        arcs = np.flatnonzero(number[self.loads.of_arc] >= 0)
        at = number[self.loads.of_arc[arcs]][:, None] * T + self.weeks
        row = np.arange(boxes.size).reshape(boxes.shape)
        for per_unit, per_box in ((p.weight, p.containers.kg), (p.volume, p.containers.m3)):
            self.b.rows(
                np.zeros(boxes.size), np.inf,
                [(row, boxes, per_box[which][:, None]), (at, self.ship[arcs], -per_unit[product[arcs]][:, None])],
            )  # fmt: skip
        return boxes, loads


def _trailing_sum(values: Floats, weeks: int) -> Floats:
    """Return the sum of the last ``weeks`` columns, this one included."""
    total = values.cumsum(axis=1)
    before = np.zeros_like(total)
    if weeks < values.shape[1]:
        before[:, weeks:] = total[:, : values.shape[1] - weeks]
    return np.asarray(total - before)


def values_of(model: PlanModel, plan: ClusterPlan) -> Floats:
    """Return the columns' values of a plan of the same network."""
    columns, bands = model.columns, model.problem.bands
    values = np.zeros(len(model.linear.cost))
    values[columns.make], values[columns.ship] = plan.make, plan.ship
    values[columns.serve], values[columns.unmet], values[columns.owed] = plan.serve, plan.unmet, plan.owed
    values[columns.stock] = plan.stock
    values[columns.shelf] = plan.shelf[columns.shelf_sink]
    values[columns.lot], values[columns.run] = plan.lots, plan.runs
    values[columns.overtime] = np.minimum(plan.overtime_hours, model.problem.overtime)
    values[columns.open] = plan.opened.any(axis=1)
    values[columns.enter] = plan.entered.any(axis=1)
    values[columns.invest] = plan.invested.any(axis=1)
    materials, buying = model.problem.materials, model.network.buying
    paid = order_tiers(model.problem, buying, plan.bought)
    values[columns.buy] = np.where(paid, plan.bought[find_tiers(materials, buying).purchase], 0.0)
    values[columns.tier] = paid
    multiple = materials.offer_multiple[buying.purchase_offer][:, None]
    values[columns.count] = np.round(np.divide(plan.bought, multiple, out=0 * plan.bought, where=multiple > 0))
    values[columns.kept] = np.maximum(plan.bin_stock, 0.0)
    values[columns.ample], values[columns.short] = (
        np.maximum(plan.purse_balance, 0.0),
        np.maximum(-plan.purse_balance, 0.0),
    )
    quantity, cost = plan.load_quantity, plan.load_cost
    values[columns.boxes] = quantity[columns.boxes_load]
    settled = np.zeros(quantity.shape, bool)
    for row, (entry, load) in enumerate(zip(columns.band_entry, columns.band_load, strict=True)):
        declared = np.maximum(quantity[load], bands.low[entry])
        charge = np.maximum(bands.minimum[entry], bands.rate[entry] * declared)
        here = (quantity[load] > 0) & ~settled[load] & (charge <= cost[load] + 1e-6)
        here &= quantity[load] <= bands.high[entry] * (1 + 1e-9)
        settled[load] |= here
        values[columns.band[row]] = here
        values[columns.declared[row]] = np.where(here, declared, 0.0)
        values[columns.charge[row]] = np.where(here, charge, 0.0)
    values[-1] = 0.0
    return values


def idle_plan(model: PlanModel) -> ClusterPlan:
    """Return the plan that makes what is decided, no more, and sends nothing."""
    p, net = model.problem, model.network
    nothing = np.zeros(p.demand.shape)
    return ClusterPlan(p, model.rights, net, floors(p, net), np.zeros(model.columns.ship.shape), nothing, p.demand)


def carry_over(plan: ClusterPlan, rights: Rights, network: Network) -> ClusterPlan:
    """Return a plan written in the network of owners who may share more than the plan's own did.

    Orders of materials go with it; those that members now place together are made anew where that is cheaper.
    """
    old = plan.network
    pooled = len(plan.problem.owner)

    def keys(net: Network) -> list[tuple[int, int, int]]:
        return list(
            zip(
                net.commodity_product.tolist(), net.commodity_class.tolist(), net.commodity_permit.tolist(), strict=True
            )
        )

    known = {key: n for n, key in enumerate(keys(network))}
    commodity = np.array([known.get((i, c, way), known.get((i, pooled, way), -1)) for i, c, way in keys(old)])
    supply = {
        (int(c), int(r)): k for k, (c, r) in enumerate(zip(network.supply_commodity, network.supply_route, strict=True))
    }
    arc = {
        (int(c), int(lane)): a for a, (c, lane) in enumerate(zip(network.arc_commodity, network.arc_lane, strict=True))
    }
    make = np.zeros((len(network.supply_route), plan.problem.weeks))
    ship = np.zeros((len(network.arc_lane), plan.problem.weeks))
    for k, (c, r) in enumerate(zip(old.supply_commodity, old.supply_route, strict=True)):
        make[supply[int(commodity[c]), int(r)]] += plan.make[k]
    for a, (c, lane) in enumerate(zip(old.arc_commodity, old.arc_lane, strict=True)):
        if plan.ship[a].any():
            ship[arc[int(commodity[c]), int(lane)]] += plan.ship[a]
    orders = _orders_carried(plan, network)
    kept = ClusterPlan(plan.problem, rights, network, make, ship, plan.serve, plan.unmet, buy=orders)
    together = network.buying.bin_class[network.buying.purchase_bin] == pooled
    if not together.any():
        return kept
    anew = np.where(together[:, None], replace(kept, buy=None).bought, orders)
    return max(kept, replace(kept, buy=anew), key=lambda found: found.value)


def _orders_carried(plan: ClusterPlan, network: Network) -> Floats:
    """Return a plan's orders, (Y, T), at the same suppliers in another network; orders placed together now are added up."""
    old, new, pooled = plan.network.buying, network.buying, len(plan.problem.owner)
    number = {
        (int(new.bin_material[x]), int(new.bin_class[x]), int(j)): y
        for y, (x, j) in enumerate(zip(new.purchase_bin, new.purchase_offer, strict=True))
    }
    orders = np.zeros((len(new.purchase_bin), plan.problem.weeks))
    for y, (x, j) in enumerate(zip(old.purchase_bin, old.purchase_offer, strict=True)):
        if plan.bought[y].any():
            material, buyer = int(old.bin_material[x]), int(old.bin_class[x])
            at = number.get((material, buyer, int(j)))
            orders[number[material, pooled, int(j)] if at is None else at] += plan.bought[y]
    return orders


def read_plan(model: PlanModel, values: Floats) -> ClusterPlan:
    """Return the plan that the columns' values stand for."""
    columns = model.columns

    def take(indices: Ints) -> Floats:
        found = np.maximum(values[indices], 0.0)
        nearest = np.round(found)
        return np.where(np.abs(found - nearest) < 1e-6 * np.maximum(nearest, 1.0), nearest, found)

    buying = model.network.buying
    tiers = find_tiers(model.problem.materials, buying)
    return ClusterPlan(
        model.problem, model.rights, model.network,
        make=take(columns.make), ship=take(columns.ship), serve=take(columns.serve), unmet=take(columns.unmet),
        buy=sum_by(tiers.purchase, take(columns.buy), len(buying.purchase_bin)),
    )  # fmt: skip
