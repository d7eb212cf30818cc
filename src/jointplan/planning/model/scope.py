"""What is modelled, and the most of each quantity that could be of use: what could be of none gets no column.

These limits cut off no plan that is worth making. What outsiders do is held, however much it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointplan.planning.approved import floors
from jointplan.planning.leftovers import Leftovers, find_leftovers
from jointplan.planning.loads import Loads, find_loads
from jointplan.planning.model.uses import find_uses, setup_hours
from jointplan.planning.network import Network
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints
from jointplan.planning.weekly import shift, sum_by, trailing_sum
from jointplan.solvers.linear import Term


@dataclass(frozen=True)
class Frozen:
    """Quantities that must stay as they are; nan leaves one free. Shapes as in the plan; ``goods`` (C,) are outsiders'."""

    make: Floats
    ship: Floats
    serve: Floats
    unmet: Floats
    buy: Floats
    keep: Floats
    goods: Bools


def find_space(problem: ClusterProblem) -> Floats:
    """Return the most that could leave on each lane in a week if it had its space to itself, containers or basis units; (L,)."""
    return np.append(problem.spaces.most, np.inf)[problem.spaces.of_lane(len(problem.lane))]


@dataclass(frozen=True)
class Scope:
    """What is modelled.

    Parameters
    ----------
    problem, network : ClusterProblem, Network
        What is planned.
    frozen : Frozen or None
        What outsiders do.
    """

    problem: ClusterProblem
    network: Network
    frozen: Frozen | None

    @cached_property
    def weeks(self) -> Ints:
        """The weeks' numbers; (T,)."""
        return np.arange(self.problem.weeks)

    @cached_property
    def loads(self) -> Loads:
        """The loads of the network."""
        return find_loads(self.problem, self.network)

    @cached_property
    def leftovers(self) -> Leftovers:
        """What goods left at the end are worth."""
        return find_leftovers(self.problem, self.network)

    @cached_property
    def arc_product(self) -> Ints:
        """The product that moves on each arc; (A,)."""
        return self.network.commodity_product[self.network.arc_commodity]

    @cached_property
    def arrives(self) -> Ints:
        """The week in which what leaves on an arc is there; (A, T)."""
        return np.asarray(self.weeks[None, :] + self.problem.lane_weeks[self.network.arc_lane][:, None])

    def arrivals(self, ship: Ints, target: Ints, sign: float = 1.0) -> Term:
        """Return the (row, column, sign) of arrivals at a target of each arc, rows numbered target × week; −1 is no target."""
        T = self.problem.weeks
        hit = (target >= 0)[:, None] & (self.arrives < T)
        row = np.where(hit, target[:, None] * T + self.arrives, 0)
        return row, np.where(hit, ship, -1), sign

    @cached_property
    def floor(self) -> Floats:
        """What is decided to be made; (K, T)."""
        return floors(self.problem, self.network)

    @cached_property
    def batch(self) -> Floats:
        """The least units of each lot, 0 where it may be of any size: others may have parts of what is decided; (E, T)."""
        lots = self.network.lot_route
        decided = sum_by(self.network.supply_lot, self.floor, len(lots)) > 0
        return np.where(decided, 0.0, self.problem.route_batch[lots][:, None])

    @cached_property
    def still_wanted(self) -> Floats:
        """Each commodity's demand that something made or sent in week t could still serve; (C, T)."""
        p, net = self.problem, self.network
        wanted = np.zeros((len(net.commodity_product), p.weeks))
        np.add.at(wanted, net.sink_commodity[net.series_sink], p.demand)
        total: Floats = (
            wanted.sum(axis=1, keepdims=True) - wanted.cumsum(axis=1) + trailing_sum(wanted, p.late_weeks + 1)
        )
        return total

    @cached_property
    def nearest(self) -> Ints:
        """The fewest weeks in which a commodity reaches a market, T where it reaches none; (C,)."""
        p, net = self.problem, self.network
        nearest = np.full(len(net.commodity_product), p.weeks)
        to_market = net.arc_sink >= 0
        np.minimum.at(nearest, net.arc_commodity[to_market], p.lane_weeks[net.arc_lane[to_market]])
        return nearest

    @cached_property
    def waiting(self) -> Floats:
        """The most of each series that can be handed over or given up in a week: what is wanted then or still owed; (S, T)."""
        return trailing_sum(self.problem.demand, self.problem.late_weeks + 1)

    @cached_property
    def waiting_limit(self) -> Floats:
        """Ensures that nothing is owed longer than customers wait, and nothing at the end; (S, T)."""
        limit = trailing_sum(self.problem.demand, self.problem.late_weeks)
        limit[:, -1] = 0.0
        return limit

    @cached_property
    def ship_limit(self) -> Floats:
        """The most that could be of use on an arc in a week; (A, T).

        On its last leg a unit serves demand due when it arrives or owed by then; before, any demand it can still reach
        in time. More could be sent, but it would serve nobody and never pay; opening stock alone may be worth moving, or
        sending beyond the last week, out of a place where storage costs, and so may what smallest and decided lots leave at
        a maker whose room costs or is short.
        """
        p, net, T = self.problem, self.network, self.problem.weeks
        sink_demand = np.zeros((len(net.sink_market), T))
        np.add.at(sink_demand, net.series_sink, p.demand)
        reach = trailing_sum(sink_demand, p.late_weeks + 1)
        limit = np.zeros(self.arrives.shape)
        weeks = p.lane_weeks[net.arc_lane]
        for a, (sink, delay) in enumerate(zip(net.arc_sink, weeks, strict=True)):
            if delay < T:
                wanted = reach[sink] if sink >= 0 else self.still_wanted[net.arc_commodity[a]]
                limit[a, : T - delay] = wanted[delay:]
        held = np.zeros(len(net.commodity_product))
        np.add.at(held, net.place_commodity, net.place_opening.sum(axis=1))
        maker = p.route_firm[net.supply_route]
        dear = (p.node_storage[maker] > 0) | np.isfinite(p.node_capacity[maker])
        rests = p.route_batch[net.supply_route] * T + self.floor.sum(axis=1)
        np.add.at(held, net.supply_commodity, np.where(dear, rests, 0.0))
        inner = (net.arc_to >= 0)[:, None] | (self.arrives >= T)
        limit = np.where(inner, limit + held[net.arc_commodity][:, None], limit)
        return np.minimum(limit, self._fitting_units()[:, None])

    def _fitting_units(self) -> Floats:
        """Return the most of a commodity that an arc's lane has space for in a week; (A,)."""
        p, net, product = self.problem, self.network, self.arc_product
        space = find_space(p)[net.arc_lane]
        with np.errstate(divide="ignore", invalid="ignore"):
            fits = space / p.basis[net.arc_lane, product]
            for lane, kg, m3 in zip(p.containers.lane, p.containers.kg, p.containers.m3, strict=True):
                arcs = net.arc_lane == lane
                room = np.minimum(kg / p.weight[product[arcs]], m3 / p.volume[product[arcs]])
                fits[arcs] = np.floor(space[arcs] + 1e-9) * room
        return np.where(np.isnan(fits), np.inf, fits)

    @cached_property
    def most_sent(self) -> Floats:
        """The most that leaves on an arc in a week, outsiders' goods too; (A, T)."""
        if self.frozen is None:
            return self.ship_limit
        return np.maximum(self.ship_limit, np.nan_to_num(self.frozen.ship))

    def load_sizes(self, per_unit: Floats) -> Floats:
        """Return a bound on each load's quantity in each week, (loads, T), where a unit on an arc counts ``per_unit`` (A,)."""
        return sum_by(self.loads.of_arc, self.most_sent * per_unit[:, None], len(self.loads.lane))

    @cached_property
    def worth_keeping(self) -> Bools:
        """Where units kept at the end of a week can be of use later, or cannot be got rid of; (P, T)."""
        p, net, T = self.problem, self.network, self.problem.weeks
        commodities = len(net.commodity_product)
        useful = np.zeros((commodities, T), bool)
        still = self.still_wanted > 0
        for c, delay in enumerate(self.nearest + 1):
            if delay < T:
                useful[c, : T - delay] = still[c, delay:]
        # Opening stock, what is left of a minimum batch or was decided, and what outsiders do may lie to the end.
        lasting = np.zeros(commodities, bool)
        lasting[net.place_commodity[net.place_opening.any(axis=1)]] = True
        lasting[net.supply_commodity[p.route_batch[net.supply_route] > 0]] = True
        lasting[net.supply_commodity[self.floor.any(axis=1)]] = True
        useful[lasting | (self.frozen is not None)] = True
        return useful[net.place_commodity]

    @cached_property
    def fits(self) -> Floats:
        """What the resources of each lot could make once all is set up; (E, T)."""
        p, net, T = self.problem, self.network, self.problem.weeks
        limit = np.full((len(net.lot_route), T), np.inf)
        set_up = np.ones(p.regular.shape, bool)
        if p.carry_over is not None:  # else a week may begin with the setup kept
            set_up[:, 1:] = ~p.carry_over.over[:, :-1]
            if p.carry_over.first is not None:
                set_up[:, 0] = p.carry_over.first < 0
        _, uses = find_uses(p, net)
        lot, use = uses.T
        at = p.use_resource[use]
        hours = (p.regular + p.overtime)[at] - setup_hours(p, net, uses)[:, None] * set_up[at]
        busy = p.use_hours[use] > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            units = np.where(busy[:, None], np.maximum(hours, 0.0) / p.use_hours[use][:, None], np.inf)
        # A step that would fall before the first week cannot be done, nor one that is not learned yet.
        np.minimum.at(limit, lot, shift(units, p.use_lag[use]))
        limit[self.weeks[None, :] < p.route_first[net.lot_route][:, None]] = 0.0
        return limit

    @cached_property
    def largest(self) -> Floats:
        """A bound on each lot: what fits into its week, and what could still be sold; (E, T)."""
        p, net, T = self.problem, self.network, self.problem.weeks
        per_lot = np.zeros((len(net.lot_route), T))
        for lot, c, weeks in zip(net.supply_lot, net.supply_commodity, net.supply_weeks, strict=True):
            if self.nearest[c] < T:
                last = min(T - self.nearest[c], weeks)
                per_lot[lot, :last] += self.still_wanted[c, self.nearest[c] : self.nearest[c] + last]
        largest: Floats = np.minimum(per_lot, self.fits)
        # A maker's minimum batch may exceed what is wanted, if anything is.
        batch = np.minimum(p.route_batch[net.lot_route][:, None], self.fits)
        largest = np.where(largest > 0, np.maximum(largest, batch), 0.0)
        given = self.floor if self.frozen is None else np.maximum(self.floor, np.nan_to_num(self.frozen.make))
        return np.maximum(largest, sum_by(net.supply_lot, given, len(net.lot_route)))

    @cached_property
    def kept_by_outsiders(self) -> tuple[Bools, Floats]:
        """What outsiders' workshops are set up for as weeks begin: where that is held, and what at, 0 where it is not; (X, T)."""
        shape = len(self.network.keeper_lot), self.problem.weeks
        if self.frozen is None:
            return np.zeros(shape, bool), np.zeros(shape)
        return ~np.isnan(self.frozen.keep), np.nan_to_num(self.frozen.keep)

    @cached_property
    def most_made(self) -> Floats:
        """What a supply could make, where it may: all there is to its lot, or what is decided; (K, T)."""
        net = self.network
        permitted = net.supply_granted[:, None] & (self.weeks[None, :] < net.supply_weeks[:, None])
        return np.where((self.largest[net.supply_lot] > 0) & permitted, np.inf, self.floor)

    @cached_property
    def most_needed(self) -> Floats:
        """The most of each bin's material that could be of use from a week on; (X, T)."""
        p, net, buying = self.problem, self.network, self.network.buying
        commodities = len(net.commodity_product)
        beyond = sum_by(net.supply_commodity, self.floor, commodities)
        if self.frozen is not None:
            beyond += sum_by(net.supply_commodity, np.nan_to_num(self.frozen.make), commodities)
        # A minimum batch may leave a rest in every week.
        batch = np.zeros((commodities, p.weeks))
        np.add.at(batch, net.supply_commodity, np.repeat(p.route_batch[net.supply_route][:, None], p.weeks, axis=1))
        later = (beyond + batch)[:, ::-1].cumsum(axis=1)[:, ::-1]
        units = np.zeros((len(buying.bin_material), commodities))
        np.maximum.at(units, (buying.need_bin, net.supply_commodity[buying.need_supply]), buying.need_units)
        needed: Floats = units @ (self.still_wanted + later)
        return needed
