"""A plan: what is made, sent and handed over each week. It counts its own cost and names the rules it breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from jointplan.planning.approved import floors
from jointplan.planning.buying import cheapest_orders, order_charges, ordered_before
from jointplan.planning.cash import balances, paid_at_once
from jointplan.planning.network import Network
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights, maker_owner
from jointplan.planning.safety import protected
from jointplan.solvers import SolveReport, Status

TINY = 1e-5  # units below this are rounding of the solver
COMPUTED = SolveReport(Status.UNKNOWN, None, None, 0.0, "none")


@dataclass(frozen=True)
class Violation:
    """A rule that a plan breaks: where, when (week number or None) and by how much."""

    rule: str
    place: str
    week: int | None
    amount: float
    unit: str


@dataclass(frozen=True)
class Accounts:
    """The money of a plan, costs positive, each array in the finest detail the ledger needs.

    Shapes: revenue, late, goodwill, protection (S, T); making, material, transfer (K, T); minor (E, T); major (Q, T); overtime
    (M, T); unit_freight, border, handling (A, T); load (loads, T); storage, holding (P, T); transit_holding (A, T);
    shelf_holding (D, T); opening (W, T); entry (V, T); investment (J, T); purchase (Y, T); bin_holding (X, T); interest (H, T); end_stock (P,); end_transit (A,);
    end_shelf (D,); end_bin (X,); hub (T,).
    """

    revenue: Floats
    making: Floats
    material: Floats
    transfer: Floats
    minor: Floats
    major: Floats
    overtime: Floats
    unit_freight: Floats
    border: Floats
    load: Floats
    handling: Floats
    storage: Floats
    holding: Floats
    transit_holding: Floats
    shelf_holding: Floats
    late: Floats
    goodwill: Floats
    protection: Floats
    opening: Floats
    entry: Floats
    investment: Floats
    purchase: Floats
    bin_holding: Floats
    interest: Floats
    end_stock: Floats
    end_transit: Floats
    end_shelf: Floats
    end_bin: Floats
    hub: Floats

    @property
    def value(self) -> float:
        """Revenue, end stock and what safety stock protects, less every cost; transfers cancel out."""
        costs = (
            self.making, self.material, self.minor, self.major, self.overtime, self.unit_freight, self.border, self.load,
            self.handling, self.storage, self.holding, self.transit_holding, self.shelf_holding, self.late,
            self.goodwill, self.opening, self.entry, self.investment, self.purchase, self.bin_holding, self.interest, self.hub,
        )  # fmt: skip
        gained = float(self.revenue.sum()) + float(self.protection.sum()) + self.credit
        return gained - sum(float(cost.sum()) for cost in costs)

    @property
    def credit(self) -> float:
        """What goods and materials left over and under way at the end are worth."""
        return float(self.end_stock.sum() + self.end_transit.sum() + self.end_shelf.sum() + self.end_bin.sum())


@dataclass(frozen=True)
class Loads:
    """Which arcs share one load: the shippers of one class on one lane that charges whole loads.

    ``of_arc`` (A,) is the load of an arc, −1 where each unit pays for itself.
    """

    lane: Ints
    shipper: Ints
    of_arc: Ints


def find_loads(problem: ClusterProblem, network: Network) -> Loads:
    """Return the loads of a network."""
    whole = np.zeros(len(problem.lane), bool)
    whole[problem.bands.lane] = True
    whole[problem.containers.lane] = True
    width = len(problem.owner) + 1
    code = np.where(whole[network.arc_lane], network.arc_lane * width + network.arc_class, -1)
    codes, inverse = np.unique(np.append(code, -1), return_inverse=True)
    return Loads(codes[1:] // width, codes[1:] % width, inverse[:-1] - 1)


def load_charges(problem: ClusterProblem, loads: Loads, quantity: Floats) -> Floats:
    """Return the charge of loads of these quantities, basis units or containers; (loads, T)."""
    bands, containers = problem.bands, problem.containers
    cost = np.zeros_like(quantity)
    for index, lane in enumerate(loads.lane):
        container = np.flatnonzero(containers.lane == lane)
        if len(container):
            cost[index] = np.ceil(quantity[index] - TINY) * containers.rate[container[0]]
            continue
        entries = np.flatnonzero(bands.lane == lane)
        low, high = bands.low[entries, None], bands.high[entries, None]
        rate, minimum = bands.rate[entries, None], bands.minimum[entries, None]
        charge = np.maximum(minimum, rate * np.maximum(quantity[index], low))
        top = high >= high.max()  # a load above the last band still pays the last band's rate
        cost[index] = np.where((quantity[index] <= high * (1 + 1e-9)) | top, charge, np.inf).min(axis=0)
    return np.where(quantity > TINY, cost, 0.0)


def shift(values: Floats, weeks: Ints) -> Floats:
    """Return what leaves in week t as what arrives in week t + weeks, row by row; later arrivals fall out."""
    arrived = np.zeros_like(values)
    for delay in np.unique(weeks):
        rows = weeks == delay
        if delay < values.shape[1]:
            arrived[rows, delay:] = values[rows, : values.shape[1] - delay]
    return arrived


def bring_forward(values: Floats, weeks: Ints) -> Floats:
    """Return what is to be done ``weeks`` before week t as what is done in a week, row by row; what is earlier falls out."""
    done = np.zeros_like(values)
    for lag in np.unique(weeks):
        rows = weeks == lag
        if lag < values.shape[1]:
            done[rows, : values.shape[1] - lag] = values[rows, lag:]
    return done


def sum_by(index: Ints, values: Floats, size: int) -> Floats:
    """Add up rows that have the same index; rows with index −1 are left out."""
    total = np.zeros((size, values.shape[1]))
    np.add.at(total, index[index >= 0], values[index >= 0])
    return total


@dataclass(frozen=True)
class ClusterPlan:
    """One plan of a cluster.

    Parameters
    ----------
    problem, rights, network : ClusterProblem, Rights, Network
        What it is a plan of.
    make : (K, T)
        Good units made on each supply.
    ship : (A, T)
        Units that leave on each arc.
    serve, unmet : (S, T)
        Units handed over to, and given up for, each demand series.
    report : SolveReport
        Status, bound and runtime; objective and bound are *costs* (the negative of value).
    buy : (Y, T), optional
        Material units that come from each purchase; None: the cheapest orders for what is made.
    notes : tuple of Violation
        Rules broken that the arrays cannot show, such as a recorded lot at a firm that is not capable.
    """

    problem: ClusterProblem
    rights: Rights
    network: Network
    make: Floats
    ship: Floats
    serve: Floats
    unmet: Floats
    report: SolveReport = COMPUTED
    buy: Floats | None = None
    notes: tuple[Violation, ...] = field(default=())

    @property
    def value(self) -> float:
        """What the plan is worth, counted from the plan itself."""
        return self.accounts.value

    @property
    def upper(self) -> float | None:
        """A value that no plan with these rights exceeds, or None."""
        return None if self.report.bound is None else max(-self.report.bound, self.value)

    def cost(self) -> float:
        """Return the negative of the value, for comparison with the solver's objective."""
        return -self.value

    @cached_property
    def loads(self) -> Loads:
        """The loads of the network."""
        return find_loads(self.problem, self.network)

    @cached_property
    def lots(self) -> Bools:
        """Whether a lot is made in a week; shape (E, T)."""
        net = self.network
        return sum_by(net.supply_lot, self.make, len(net.lot_route)) > TINY

    @cached_property
    def runs(self) -> Bools:
        """Whether a family is set up for in a week; shape (Q, T)."""
        net = self.network
        needed = bring_forward(self.lots[net.link_lot].astype(float), net.link_lag)
        return sum_by(net.link_run, needed, len(net.run_group)) > 0

    @cached_property
    def run_hours(self) -> Floats:
        """Hours spent making on each resource; shape (M, T)."""
        p, net = self.problem, self.network
        made = sum_by(net.supply_route, self.make, len(p.route_product))
        hours = bring_forward(made[p.use_route] * p.use_hours[:, None], p.use_lag)
        return sum_by(p.use_resource, hours, len(p.resource))

    @cached_property
    def setup_hours(self) -> Floats:
        """Hours spent changing over on each resource; shape (M, T)."""
        p, net = self.problem, self.network
        minor = sum_by(net.lot_route, self.lots.astype(float), len(p.route_product))
        major = sum_by(net.run_group, self.runs.astype(float), len(p.group_firm))
        hours = bring_forward(minor[p.use_route] * p.use_setup[:, None], p.use_lag)
        return sum_by(p.use_resource, hours, len(p.resource)) + sum_by(
            p.major_resource, major[p.major_group] * p.major_hours[:, None], len(p.resource)
        )

    @cached_property
    def overtime_hours(self) -> Floats:
        """Hours above the regular ones; shape (M, T)."""
        return np.maximum(self.run_hours + self.setup_hours - self.problem.regular, 0.0)

    @cached_property
    def stock(self) -> Floats:
        """Units at each place at the end of each week; shape (P, T)."""
        net = self.network
        places = len(net.place_node)
        arrived = shift(self.ship, self.problem.lane_weeks[net.arc_lane])
        change = (
            sum_by(net.supply_place, self.make, places)
            + sum_by(net.arc_to, arrived, places)
            - sum_by(net.arc_from, self.ship, places)
        )
        total: Floats = (net.place_opening + change).cumsum(axis=1)
        return total

    @cached_property
    def set_aside(self) -> Floats:
        """Units of safety stock at each place at the end of each week, besides the stock there; shape (P, T)."""
        net = self.network
        place = np.where(self.problem.lane_aside[net.arc_lane], net.arc_from, -1)
        return sum_by(place, self.ship, len(net.place_node)).cumsum(axis=1)

    @cached_property
    def opened(self) -> Bools:
        """Whether a site is used for the first time, which opens it; shape (W, T)."""
        net = self.network
        site = np.append(net.place_site, -1)  # the last entry reads −1
        present, moving, sites = (
            (self.stock > TINY).astype(float),
            (self.ship > TINY).astype(float),
            len(net.site_entry),
        )
        uses = sum_by(net.place_site, present, sites)
        uses += sum_by(site[net.arc_from], moving, sites) + sum_by(site[net.arc_to], moving, sites)
        used = uses > 0
        return np.asarray(used & (used.cumsum(axis=1) == 1))

    @cached_property
    def entered(self) -> Bools:
        """Whether a market is served for the first time that had to be entered; shape (V, T)."""
        net = self.network
        served = sum_by(net.series_entry, (self.serve > TINY).astype(float), len(net.entry_market)) > 0
        return np.asarray(served & (served.cumsum(axis=1) == 1))

    @cached_property
    def invested(self) -> Bools:
        """Whether something is used for the first time that had to be learned or opened; shape (J, T)."""
        net = self.network
        used = sum_by(net.unlock_investment, self.lots[net.unlock_lot].astype(float), len(net.investment_entry)) > 0
        return np.asarray(used & (used.cumsum(axis=1) == 1))

    def _entry_costs(self) -> Floats:
        entries = self.problem.entries
        return np.zeros(0) if entries is None else entries.cost[self.network.entry_market]

    @cached_property
    def arrived(self) -> Floats:
        """Units sent in these weeks that reach each sink; shape (D, T)."""
        net = self.network
        arrived = shift(self.ship, self.problem.lane_weeks[net.arc_lane])
        return sum_by(net.arc_sink, arrived, len(net.sink_market))

    @cached_property
    def handed(self) -> Floats:
        """Units handed over at each sink; shape (D, T)."""
        return sum_by(self.network.series_sink, self.serve, len(self.network.sink_market))

    @cached_property
    def shelf(self) -> Floats:
        """Units that have reached each sink and wait for orders at the end of each week; shape (D, T)."""
        total: Floats = (self.network.sink_opening + self.arrived - self.handed).cumsum(axis=1)
        return total

    @cached_property
    def owed(self) -> Floats:
        """Units late at the end of each week; shape (S, T)."""
        return (self.problem.demand - self.serve - self.unmet).cumsum(axis=1)

    @cached_property
    def load_quantity(self) -> Floats:
        """Basis units of each load: the banded quantity, or containers; shape (loads, T)."""
        p, net = self.problem, self.network
        product = net.commodity_product[net.arc_commodity]
        quantity = sum_by(self.loads.of_arc, self.ship * p.basis[net.arc_lane, product][:, None], len(self.loads.lane))
        kg = sum_by(self.loads.of_arc, self.ship * p.weight[product][:, None], len(self.loads.lane))
        m3 = sum_by(self.loads.of_arc, self.ship * p.volume[product][:, None], len(self.loads.lane))
        for lane, kg_each, m3_each in zip(p.containers.lane, p.containers.kg, p.containers.m3, strict=True):
            rows = self.loads.lane == lane
            quantity[rows] = np.ceil(np.maximum(kg[rows] / kg_each, m3[rows] / m3_each) - TINY)
        return np.where(quantity > 0, quantity, 0.0)

    @cached_property
    def load_cost(self) -> Floats:
        """Charge of each load; shape (loads, T)."""
        return load_charges(self.problem, self.loads, self.load_quantity)

    @cached_property
    def material_used(self) -> Floats:
        """Material units taken from each bin; shape (X, T)."""
        buying = self.network.buying
        taken = bring_forward(self.make[buying.need_supply] * buying.need_units[:, None], buying.need_lag)
        return sum_by(buying.need_bin, taken, len(buying.bin_material))

    @cached_property
    def bought(self) -> Floats:
        """Material units that come from each purchase; shape (Y, T)."""
        if self.buy is not None:
            return self.buy
        return cheapest_orders(self.problem, self.network.buying, self.material_used)

    @cached_property
    def bin_stock(self) -> Floats:
        """Material units in each bin at the end of each week; shape (X, T)."""
        buying = self.network.buying
        came = sum_by(buying.purchase_bin, self.bought, len(buying.bin_material))
        total: Floats = (came - self.material_used).cumsum(axis=1)
        return total

    @cached_property
    def accounts(self) -> Accounts:
        """The money of the plan."""
        p, net = self.problem, self.network
        product = net.commodity_product[net.arc_commodity]
        lane_weeks = p.lane_weeks[net.arc_lane]
        weeks = np.arange(p.weeks)
        under_way = np.minimum(lane_weeks[:, None], p.weeks - weeks[None, :])
        arriving = weeks[None, :] + lane_weeks[:, None] < p.weeks
        to_node = np.where(net.arc_to >= 0, p.lane_node[net.arc_lane], -1)
        handling = np.where(to_node >= 0, p.node_handling[to_node], 0.0) * p.volume[product]
        on_hand = np.maximum(self.stock, 0.0) + self.set_aside
        sold = ~p.series_aside[:, None]
        place_product = net.commodity_product[net.place_commodity]
        sink_product = net.commodity_product[net.sink_commodity]
        start_cost = p.setup_cost[net.lot_route] if len(net.lot_route) else np.zeros((0, p.weeks))
        return Accounts(
            revenue=self.serve * p.price[:, None] * sold,
            making=self.make * p.route_making[net.supply_route][:, None],
            material=self.make * p.route_material[net.supply_route][:, None],
            transfer=self.make * p.route_transfer[net.supply_route][:, None],
            minor=self.lots * start_cost,
            major=self.runs * p.group_cost[net.run_group][:, None],
            overtime=self.overtime_hours * p.overtime_cost[:, None],
            unit_freight=self.ship * p.unit_freight[net.arc_lane, product][:, None],
            border=np.zeros_like(self.ship)
            if p.border is None
            else self.ship * p.border[net.arc_lane, product][:, None],
            load=self.load_cost,
            handling=self.ship * handling[:, None],
            storage=on_hand * (p.node_storage[net.place_node] * p.volume[place_product])[:, None],
            holding=on_hand * p.holding[place_product][:, None],
            transit_holding=self.ship * under_way * p.holding[product][:, None],
            shelf_holding=np.maximum(self.shelf, 0.0) * p.holding[sink_product][:, None],
            late=np.maximum(self.owed, 0.0) * p.late_cost[:, None] * sold,
            goodwill=self.unmet * p.goodwill[:, None],
            protection=protected(p, self.serve, self.owed),
            opening=self.opened * p.sites.opening_cost[net.site_entry][:, None],
            entry=self.entered * self._entry_costs()[:, None],
            investment=self.invested * p.investments.cost[net.investment_entry][:, None],
            purchase=self.paid_orders,
            interest=np.maximum(-self.purse_balance, 0.0) * (0.0 if p.credit is None else p.credit.rate),
            bin_holding=np.maximum(self.bin_stock, 0.0) * p.materials.holding[net.buying.bin_material][:, None],
            # What left without ever having been made is charged at what making it costs.
            end_stock=(self.stock + self.set_aside)[:, -1] * p.end_value[place_product]
            + self.set_aside[:, -1] * (p.way_cost[net.place_node, place_product] if len(p.aside) else 0.0),
            end_transit=(self.ship * ~arriving).sum(axis=1) * p.end_value[product],
            end_shelf=self.shelf[:, -1] * p.end_value[sink_product],
            end_bin=self.bin_stock[:, -1] * p.materials.least[net.buying.bin_material],
            hub=np.full(p.weeks, p.hub_cost if self.rights.cooperative else 0.0),
        )

    @cached_property
    def purse_balance(self) -> Floats:
        """What each purse has at the end of each week and could still borrow, negative where it is short; shape (H, T)."""
        p, net = self.problem, self.network
        quantities = {
            "make": self.make, "ship": self.ship, "serve": self.serve, "lots": self.lots, "runs": self.runs,
            "overtime": self.overtime_hours, "stock": np.maximum(self.stock, 0.0), "owed": np.maximum(self.owed, 0.0),
            "loads": self.load_cost, "purchases": self.paid_orders,
        }  # fmt: skip
        first = paid_at_once(p, net, self.opened, self.entered, self.invested)
        return balances(p, net, self.loads.shipper, quantities, first)

    @cached_property
    def paid_orders(self) -> Floats:
        """What each order costs; one that no supplier accepts is paid at the dearest price there is; shape (Y, T)."""
        p, buying = self.problem, self.network.buying
        charge = order_charges(p, buying, self.bought)
        dearest = np.zeros(len(p.materials.offer_material))
        np.maximum.at(dearest, p.materials.break_offer, p.materials.break_price)
        return np.where(np.isfinite(charge), charge, dearest[buying.purchase_offer][:, None] * self.bought)

    def violations(self) -> list[Violation]:
        """Return every rule the plan breaks."""
        return [
            *self.notes,
            *self._nothing_is_negative(),
            *self._rights_are_kept(),
            *self._stock_is_not_negative(),
            *self._sinks_balance(),
            *self._demand_is_followed(),
            *self._capacity_is_kept(),
            *self._minimum_batches_are_kept(),
            *self._steps_begin_in_time(),
            *self._work_is_unlocked(),
            *self._room_is_kept(),
            *self._decided_lots_are_kept(),
            *self._throughput_is_kept(),
            *self._space_is_kept(),
            *self._certificates_hold(),
            *self._terms_are_kept(),
            *self._materials_are_there(),
            *self._orders_are_accepted(),
        ]

    def strains(self) -> list[Violation]:
        """Return where lots that were decided take more hours than there are; these are paid as overtime."""
        excess = self.overtime_hours - (self.problem.overtime - self.problem.approved.beyond)
        excess = np.where(self.problem.approved.beyond > 0, excess, 0.0)
        return self._found(
            "decided lots beyond the hours there are", excess, list(self.problem.resource), "hours", 1e-3
        )

    def _found(self, rule: str, excess: Floats, names: list[str], unit: str, slack: float = 1e-4) -> list[Violation]:
        rows, weeks = np.nonzero(excess > slack)
        return [Violation(rule, names[r], int(t), float(excess[r, t]), unit) for r, t in zip(rows, weeks, strict=True)]

    def _place_names(self) -> list[str]:
        p, net = self.problem, self.network
        return [
            f"{p.node[n]} {p.sku[net.commodity_product[c]]}"
            for c, n in zip(net.place_commodity, net.place_node, strict=True)
        ]

    def _nothing_is_negative(self) -> list[Violation]:
        """Ensures that no quantity runs backwards."""
        p, net = self.problem, self.network
        supplies = [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in net.supply_route]
        arcs = [
            f"{p.lane[lane]} {p.sku[net.commodity_product[c]]}"
            for lane, c in zip(net.arc_lane, net.arc_commodity, strict=True)
        ]
        series = self._series_names()
        return [
            found
            for quantity, names in (
                (self.make, supplies),
                (self.ship, arcs),
                (self.serve, series),
                (self.unmet, series),
            )
            for found in self._found("quantity below zero", -quantity, names, "units", 1e-3)
        ]

    def _rights_are_kept(self) -> list[Violation]:
        """Ensures that lots and loads are shared only by members who may share them."""
        p, net, pooled = self.problem, self.network, len(self.problem.owner)
        lots = [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in net.lot_route]
        loads = [p.lane[lane] for lane in self.loads.lane]
        entries, none = p.entries, np.zeros(len(net.entry_market), bool)
        markets = [] if entries is None else [p.market[entries.market[e]] for e in net.entry_market]
        promoted = none if entries is None else entries.promotion[net.entry_market]
        sites = [p.node[p.sites.node[w]] for w in net.site_entry]
        abroad = np.isin(p.sites.node, p.sites.overseas)[net.site_entry]
        shops = [p.firm[p.investments.firm[v]] for v in net.investment_entry]
        learned = np.array([bool(p.investments.process[v]) for v in net.investment_entry], dtype=bool)
        by_all = net.investment_class == pooled
        orders, new = self._order_names(), p.materials.offer_new[net.buying.purchase_offer]
        ordered = (self.bought > TINY).astype(float)
        together = net.buying.bin_class[net.buying.purchase_bin] == pooled
        shared = [
            ("enter_market", (net.entry_class == pooled) & ~promoted, self.entered.astype(float), markets, "markets"),
            ("joint_promotion", (net.entry_class == pooled) & promoted, self.entered.astype(float), markets, "markets"),
            ("overseas_warehouse", (net.site_class == pooled) & abroad, self.opened.astype(float), sites, "sites"),
            ("consolidate_freight", (net.site_class == pooled) & ~abroad, self.opened.astype(float), sites, "sites"),
            ("add_capability", by_all & learned, self.invested.astype(float), shops, "processes"),
            ("open_shared_workshop", by_all & ~learned, self.invested.astype(float), shops, "workshops"),
            ("pool_purchases", together, ordered, orders, "orders"),
            ("substitute_imports", new, ordered, orders, "orders"),
            ("pool_orders", net.lot_class == pooled, self.lots.astype(float), lots, "lots"),
            (
                "consolidate_freight",
                self.loads.shipper == pooled,
                (self.load_quantity > TINY).astype(float),
                loads,
                "loads",
            ),
        ]
        return [
            found
            for measure, common, there, names, unit in shared
            if not self.rights.shares(measure)
            for found in self._found("shared without the right", there * common[:, None], names, unit)
        ] + self._labour_is_divided_by_members()

    def _labour_is_divided_by_members(self) -> list[Violation]:
        """Ensures that steps of a job are done by several owners only where these are members who divide labour.

        Firms that learned for it, and workshops that were opened, take steps by the right to do so.
        """
        p, net, need = self.problem, self.network, self.problem.investments
        owners = p.route_owners[net.supply_route]
        home = p.maker[net.commodity_product[net.supply_commodity]]
        outside = ~self.rights.members & ~p.neutral
        allowed = ~(owners & outside).any(axis=1) & (home >= 0) & ~outside[p.firm_owner[home]]
        others = owners & (np.arange(len(p.owner))[None, :] != p.firm_owner[home][:, None])
        unlocked, barred = np.zeros((2, *p.route_owners.shape), bool)
        for route, v in zip(need.route.tolist(), need.need.tolist(), strict=True):
            owner = p.firm_owner[need.firm[v]]
            unlocked[route, owner] = True
            barred[route, owner] |= not self.rights.shares(need.measures[v])
        plain = (others & ~unlocked[net.supply_route]).any(axis=1) & (owners.sum(axis=1) > 1)
        several = (owners.sum(axis=1) > 1) | (others & unlocked[net.supply_route]).any(axis=1)
        without = (plain & (not self.rights.shares("divide_labour"))) | (others & barred[net.supply_route]).any(axis=1)
        breaks = several & (~allowed | without)
        names = [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in net.supply_route]
        free = self.make - floors(p, net)
        return self._found("steps divided without the right", free * breaks[:, None], names, "units")

    def _steps_begin_in_time(self) -> list[Violation]:
        """Ensures that goods of several firms do not come out before their first step can have been done."""
        p, net = self.problem, self.network
        before = np.zeros(len(p.route_product), np.int64)
        np.maximum.at(before, p.use_route, p.use_lag)
        early = np.arange(p.weeks)[None, :] < before[net.supply_route][:, None]
        names = [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in net.supply_route]
        return self._found("finished before its first step", self.make * early, names, "units")

    def _work_is_unlocked(self) -> list[Violation]:
        """Ensures that nothing comes out that needs what is not learned or opened yet."""
        p, net = self.problem, self.network
        early = np.arange(p.weeks)[None, :] < p.route_first[net.supply_route][:, None]
        names = [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in net.supply_route]
        free = self.make - floors(p, net)
        return self._found("made before it is learned or opened", free * early, names, "units")

    def _stock_is_not_negative(self) -> list[Violation]:
        """Ensures that nothing leaves a place before it is there."""
        return self._found("stock below zero", -self.stock, self._place_names(), "units", 1e-3)

    def _sinks_balance(self) -> list[Violation]:
        """Ensures that what is sent reaches its market when it is wanted; only what was sent before may wait there."""
        p, net = self.problem, self.network
        names = [
            f"{p.market[m]} {p.sku[net.commodity_product[c]]}"
            for c, m in zip(net.sink_commodity, net.sink_market, strict=True)
        ]
        surplus = self.arrived - self.handed
        return self._found("arrived before it was wanted", surplus, names, "units", 1e-3) + self._found(
            "handed over without arriving", -self.shelf, names, "units", 1e-3
        )

    def _series_names(self) -> list[str]:
        p = self.problem
        return [
            f"{p.sku[i]} {p.market[m]} {p.firm[f]}"
            for i, m, f in zip(p.series_product, p.series_market, p.series_seller, strict=True)
        ]

    def _demand_is_followed(self) -> list[Violation]:
        """Ensures that nothing is handed over before it is wanted, and nothing is owed longer than customers wait."""
        p = self.problem
        window = _trailing(p.demand, p.late_weeks)
        window[:, -1] = 0.0
        return self._found("handed over before wanted", -self.owed, self._series_names(), "units", 1e-3) + self._found(
            "later than customers wait", self.owed - window, self._series_names(), "units", 1e-3
        )

    def _capacity_is_kept(self) -> list[Violation]:
        """Ensures that no resource works longer than its regular and overtime hours."""
        excess = self.run_hours + self.setup_hours - self.problem.regular - self.problem.overtime
        return self._found("capacity exceeded", excess, list(self.problem.resource), "hours", 1e-3)

    def _minimum_batches_are_kept(self) -> list[Violation]:
        """Ensures that no lot is smaller than its maker accepts."""
        p, net = self.problem, self.network
        made = sum_by(net.supply_lot, self.make, len(net.lot_route))
        short = np.where(self.lots, p.route_batch[net.lot_route][:, None] - made, 0.0)
        names = [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in net.lot_route]
        return self._found("lot below the minimum batch", short, names, "units", 1e-3)

    def _room_is_kept(self) -> list[Violation]:
        """Ensures that no place holds more than its room."""
        p, net = self.problem, self.network
        volume = p.volume[net.commodity_product[net.place_commodity]]
        held = sum_by(net.place_node, np.maximum(self.stock, 0.0) * volume[:, None], len(p.node))
        return self._found("room exceeded", held - p.node_capacity[:, None], list(p.node), "m³", 1e-3)

    def _decided_lots_are_kept(self) -> list[Violation]:
        """Ensures that lots that were decided are made in full."""
        p, net = self.problem, self.network
        if not len(p.approved.route):
            return []
        names = [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in net.supply_route]
        return self._found("decided lot not kept", floors(p, net) - self.make, names, "units", 1e-3)

    def _throughput_is_kept(self) -> list[Violation]:
        """Ensures that no more is sent to a place than it takes in a week."""
        p, net = self.problem, self.network
        volume = self.ship * p.volume[net.commodity_product[net.arc_commodity]][:, None]
        reached = sum_by(p.lane_node[net.arc_lane], shift(volume, p.lane_weeks[net.arc_lane]), len(p.node))
        excess = reached[p.sites.node] - p.sites.throughput[:, None]
        return self._found("throughput exceeded", excess, [p.node[n] for n in p.sites.node], "m³", 1e-3)

    def _certificates_hold(self) -> list[Violation]:
        """Ensures that no more is handed over at markets than was made by firms that may serve them, or before."""
        p, net = self.problem, self.network
        limits = {
            (int(r), int(m)): int(w)
            for r, m, w in zip(p.certificates.route, p.certificates.market, p.certificates.weeks, strict=True)
        }
        named = set(p.certificates.market.tolist())
        before = sum_by(net.place_commodity, net.place_opening, len(net.commodity_product))
        before += sum_by(net.sink_commodity, net.sink_opening, len(net.commodity_product))
        handed: dict[tuple[int, tuple[int, ...]], Floats] = {}
        for d in np.flatnonzero(np.isin(net.sink_market, sorted(named))):
            c, market = int(net.sink_commodity[d]), int(net.sink_market[d])
            supplies = np.flatnonzero(net.supply_commodity == c)
            weeks = tuple(limits.get((int(r), market), p.weeks) for r in net.supply_route[supplies])
            handed[c, weeks] = handed.get((c, weeks), 0.0) + self.handed[d]
        names, excess = [], []
        for (c, weeks), units in handed.items():
            supplies = np.flatnonzero(net.supply_commodity == c)
            allowed = np.arange(p.weeks)[None, :] < np.array(weeks, dtype=np.int64)[:, None]
            certified = np.where(allowed, self.make[supplies], 0.0).sum(axis=0) + before[c]
            missing = np.maximum.accumulate(np.maximum((units - certified).cumsum(), 0.0))
            names.append(p.sku[net.commodity_product[c]])
            excess.append(np.diff(missing, prepend=0.0))
        found = np.array(excess).reshape(len(names), p.weeks)
        return self._found("delivered without a certificate", found, names, "units", 1e-3)

    def _terms_are_kept(self) -> list[Violation]:
        """Ensures that no job moves to a partner who is refused, and that makers keep the hours they keep for themselves."""
        p, net = self.problem, self.network
        product, firm = p.route_product[net.supply_route], p.route_firm[net.supply_route]
        home = maker_owner(p)[product]
        others = p.route_owners[net.supply_route] & (np.arange(len(p.owner))[None, :] != home[:, None])
        refused = p.terms.refused(len(p.owner))
        sold = np.zeros((len(net.commodity_product), len(p.owner)), bool)
        sold[net.sink_commodity[net.series_sink], p.firm_owner[p.series_seller]] = True
        # A partner may be refused by the present maker, by a seller, or by a partner that does another step.
        against = refused[home]
        if len(p.terms.one):
            against = against | (others @ refused[:-1]) | (sold[net.supply_commodity] @ refused[:-1])
        breaks = (home >= 0) & (others & against).any(axis=1)
        kept_back = p.terms.protected(len(p.owner), len(p.market))
        for_market = kept_back[p.firm_owner[p.series_seller], p.series_market]
        for_market |= kept_back[maker_owner(p)[p.series_product], p.series_market]
        guarded = np.zeros(len(net.commodity_product), bool)
        guarded[net.sink_commodity[net.series_sink[for_market]]] = True
        elsewhere = (home >= 0) & others.any(axis=1) & guarded[net.supply_commodity]
        names = [f"{p.firm[f]} {p.sku[i]}" for f, i in zip(firm, product, strict=True)]
        found = self._found("made by a partner who is refused", self.make * breaks[:, None], names, "units")
        found += self._found("made elsewhere for a protected customer", self.make * elsewhere[:, None], names, "units")
        made = sum_by(net.supply_route, self.make, len(p.route_product))
        present = p.maker[p.route_product[p.use_route]]
        owner = p.firm_owner[p.resource_firm[p.use_resource]]
        for_others = made[p.use_route] * ((present >= 0) & (p.firm_owner[present] != owner))[:, None]
        hours = sum_by(
            p.use_resource, bring_forward(for_others * p.use_hours[:, None], p.use_lag), len(p.resource)
        )  # fmt: skip
        kept, share = p.terms.resource, p.terms.share[:, None]
        excess = hours[kept] - (1 - share) * p.regular[kept]
        return found + self._found(
            "hours kept for oneself exceeded", excess, [p.resource[m] for m in kept], "hours", 1e-3
        )

    def _order_names(self) -> list[str]:
        materials, buying = self.problem.materials, self.network.buying
        return [f"{materials.name[materials.offer_material[j]]} {materials.supplier[j]}" for j in buying.purchase_offer]

    def _materials_are_there(self) -> list[Violation]:
        """Ensures that no material is used before it has come."""
        names = [self.problem.materials.name[u] for u in self.network.buying.bin_material]
        slack = 1e-6 * float(self.material_used.max(initial=0.0)) + 1e-3
        return self._found("material used before it has come", -self.bin_stock, names, "material units", slack)

    def _orders_are_accepted(self) -> list[Violation]:
        """Ensures that orders reach the supplier's smallest, are whole multiples, and are not older than the plan where new."""
        p, buying = self.problem, self.network.buying
        offer, names = p.materials.offer_material[buying.purchase_offer], self._order_names()
        if not len(offer):
            return []
        refused = ~np.isfinite(order_charges(p, buying, self.bought))
        multiple = p.materials.offer_multiple[buying.purchase_offer][:, None]
        in_plan = ~ordered_before(p, buying)
        times = np.divide(self.bought, multiple, out=np.zeros_like(self.bought), where=(multiple > 0) & in_plan)
        odd = np.abs(times - np.round(times))
        too_early = p.materials.offer_new[buying.purchase_offer][:, None] & ~in_plan
        return [
            *self._found(
                "order the supplier does not accept", np.where(refused, self.bought, 0.0), names, "material units"
            ),
            *self._found("order that is no multiple", odd, names, "multiples", 1e-3),
            *self._found(
                "ordered before the plan begins", np.where(too_early, self.bought, 0.0), names, "material units"
            ),
        ]

    def _space_is_kept(self) -> list[Violation]:
        """Ensures that no more leaves on a lane than there is space for."""
        p, net = self.problem, self.network
        counted = p.basis[net.arc_lane, net.commodity_product[net.arc_commodity]]
        quantity = sum_by(net.arc_lane, self.ship * counted[:, None], len(p.lane))
        boxes = sum_by(self.loads.lane, self.load_quantity, len(p.lane))
        quantity[p.containers.lane] = boxes[p.containers.lane]
        excess = quantity[p.spaces.lane] - p.spaces.most[:, None]
        return self._found("lane space exceeded", excess, [p.lane[n] for n in p.spaces.lane], "basis units", 1e-3)


def _trailing(values: Floats, weeks: int) -> Floats:
    """Return the sum of the last ``weeks`` columns, this one included; zero weeks give zero."""
    total = values.cumsum(axis=1)
    before = np.zeros_like(total)
    if weeks < values.shape[1]:
        before[:, weeks:] = total[:, : values.shape[1] - weeks]
    return np.asarray(total - before)
