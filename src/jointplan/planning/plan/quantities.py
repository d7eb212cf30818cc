"""What a plan does: the units made, sent, handed over and bought, and all that follows from them week by week.

Stock, hours, setups, loads and what is late are counted from these alone; no solver's value is taken for granted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointplan.planning.leftovers import Leftovers, find_leftovers
from jointplan.planning.loads import Loads, find_loads
from jointplan.planning.network import Network
from jointplan.planning.plan.keeping import best_kept
from jointplan.planning.plan.ordering import cheapest_orders
from jointplan.planning.problem import LEAST_KEPT, Bools, ClusterProblem, Floats
from jointplan.planning.rights import Rights
from jointplan.planning.weekly import bring_forward, shift, sum_by

TINY = 1e-5  # units below this are rounding of the solver


@dataclass(frozen=True)
class Quantities:
    """What is done in one plan of a cluster.

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
    buy : (Y, T), optional
        Material units that come from each purchase; None: the cheapest orders for what is made.
    keep : (X, T), optional
        Whether a workshop begins a week still set up for what a keeper of the network makes there; None: the setups that are
        best kept.
    """

    problem: ClusterProblem
    rights: Rights
    network: Network
    make: Floats
    ship: Floats
    serve: Floats
    unmet: Floats
    buy: Floats | None = None
    keep: Bools | None = None

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
    def decided(self) -> Floats:
        """Units decided to be made on each supply: for their owner, or for all members where these pool; shape (K, T)."""
        net, lots = self.network, self.problem.approved
        units = np.zeros(self.make.shape)
        owner = net.commodity_class[net.supply_commodity]
        for n, route in enumerate(lots.route.tolist()):
            mine = np.flatnonzero((net.supply_route == route) & (owner == lots.owner[n]))
            pooled = np.flatnonzero((net.supply_route == route) & (owner == len(self.problem.owner)))
            for k in [*mine[-1:], *pooled[-1:]][:1]:
                units[k, lots.week[n]] += lots.units[n]
        return units

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
    def done(self) -> Bools:
        """Whether a keeper's work is done at its workshop in a week; shape (X, T)."""
        p, net = self.problem, self.network
        return bring_forward(self.lots[net.keeper_lot].astype(float), p.use_lag[net.keeper_use]) > 0

    @cached_property
    def holding(self) -> Bools:
        """Whether so much of it is made that the workshop may stay set up for it, or need no setup for it; shape (X, T)."""
        p, net = self.problem, self.network
        made = sum_by(net.supply_lot, self.make, len(net.lot_route))
        return bring_forward(made[net.keeper_lot], p.use_lag[net.keeper_use]) > LEAST_KEPT - 1e-3

    @cached_property
    def kept(self) -> Bools:
        """Whether a workshop begins a week still set up for what a keeper makes there; shape (X, T)."""
        if self.keep is not None:
            return self.keep
        hours = self.run_hours + self.whole_setup_hours
        return best_kept(self.problem, self.network, self.done, self.holding, hours)

    @cached_property
    def spared(self) -> Bools:
        """Whether a keeper's work needs no setup in a week, its workshop being set up for it still; shape (X, T)."""
        return self.kept & self.holding

    @cached_property
    def spared_hours(self) -> Floats:
        """Hours of the setups that are spared; shape (M, T)."""
        p, net = self.problem, self.network
        turn = np.append(p.major_hours, 0.0)[net.keeper_turn]  # the last entry reads −1
        each = self.spared * (p.use_setup[net.keeper_use] + turn)[:, None]
        return sum_by(p.use_resource[net.keeper_use], each, len(p.resource))

    @cached_property
    def setup_hours(self) -> Floats:
        """Hours spent changing over on each resource; shape (M, T)."""
        return self.whole_setup_hours - self.spared_hours

    @cached_property
    def whole_setup_hours(self) -> Floats:
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
    def leftovers(self) -> Leftovers:
        """What goods left at the end are worth."""
        return find_leftovers(self.problem, self.network)

    @cached_property
    def under_way(self) -> Floats:
        """Units on each arc that have not arrived at the end; shape (A,)."""
        arrives = np.arange(self.problem.weeks)[None, :] + self.problem.lane_weeks[self.network.arc_lane][:, None]
        return np.asarray((self.ship * (arrives >= self.problem.weeks)).sum(axis=1))

    @cached_property
    def left(self) -> Floats:
        """Units of each pool of leftovers that are there at the end, safety stock apart; shape (G,)."""
        net, sum_up = self.network, self.leftovers.sum
        kept = sum_up(net.place_commodity, np.maximum(self.stock[:, -1], 0.0))
        shelved = sum_up(net.sink_commodity, np.maximum(self.shelf[:, -1], 0.0))
        return kept + shelved + sum_up(net.arc_commodity, self.under_way)

    @cached_property
    def surplus(self) -> Floats:
        """Units of these that are worth nothing: more than as many weeks again would sell; shape (G,)."""
        return np.maximum(self.left - self.leftovers.most, 0.0)

    @cached_property
    def load_quantity(self) -> Floats:
        """Basis units of each load: the banded quantity, or containers; shape (loads, T)."""
        p, net = self.problem, self.network
        product = net.commodity_product[net.arc_commodity]
        # A load counts what it weighs or what it takes of room, whichever is more for all its goods together.
        quantity = np.maximum(
            *(
                sum_by(self.loads.of_arc, self.ship * by[net.arc_lane, product][:, None], len(self.loads.lane))
                for by in p.load_basis
            )
        )
        kg = sum_by(self.loads.of_arc, self.ship * p.weight[product][:, None], len(self.loads.lane))
        m3 = sum_by(self.loads.of_arc, self.ship * p.volume[product][:, None], len(self.loads.lane))
        for lane, kg_each, m3_each in zip(p.containers.lane, p.containers.kg, p.containers.m3, strict=True):
            rows = self.loads.lane == lane
            quantity[rows] = np.ceil(np.maximum(kg[rows] / kg_each, m3[rows] / m3_each) - TINY)
        return np.where(quantity > 0, quantity, 0.0)

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
    def bin_credited(self) -> Floats:
        """Material units left at the end that are worth something: as many weeks more would use them; shape (X,)."""
        credited: Floats = np.minimum(self.bin_stock[:, -1], self.material_used.sum(axis=1))
        return credited
