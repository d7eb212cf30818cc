"""A first plan by slope scaling: fixed charges become unit prices, corrected after each solution.

A setup or a load that carried ``q`` units at a charge ``c`` is priced at ``c/q`` a unit in the next linear programme, so that
thin lots and thin loads grow dear and thick ones cheap, until production and freight gather where they pay (Crainic,
Gendron and Hernu 2004, for network design). Every few rounds the lots found are opened for good, their setup hours taken
off the capacity, and the quantities planned once more: that gives a plan which keeps every rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from jointplan.planning.approved import floors
from jointplan.planning.model import FlowModel
from jointplan.planning.network import Network
from jointplan.planning.plan import TINY, ClusterPlan, load_charges
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights
from jointplan.planning.weekly import bring_forward, shift, sum_by
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import Relaxation

BATCH_ROUNDS = 4  # times the lots are mended that fall short of their minimum
COVER = 3.0  # weeks of demand that a lot is first guessed to cover


class SlopeScaling:
    """Slope scaling of one coalition's plan.

    Parameters
    ----------
    problem, rights, network, flows : ClusterProblem, Rights, Network, FlowModel
        What is planned.
    ship_limit : (A, T)
        The most that is of use on an arc in a week.
    options : SolveOptions
        Seed and threads of the linear programmes.
    """

    def __init__(
        self,
        problem: ClusterProblem,
        rights: Rights,
        network: Network,
        flows: FlowModel,
        ship_limit: Floats,
        options: SolveOptions,
    ) -> None:
        self.p, self.rights, self.net, self.flows = problem, rights, network, flows
        self.linear = flows.linear
        self.relaxation = Relaxation(flows.linear, options)
        empty = self._plan(np.zeros(len(self.linear.cost)))
        self.loads = empty.loads
        self.basis = self._basis()
        self.floor = floors(problem, network)
        self.decided = sum_by(network.supply_lot, self.floor, len(network.lot_route)) > 0
        nothing = np.zeros(problem.demand.shape)
        self.needed = ClusterPlan(
            problem, rights, network, self.floor, np.zeros(flows.ship.shape), nothing, nothing
        ).run_hours
        self.reserved = 0.1 * problem.regular
        demand = np.zeros(len(network.commodity_product))
        np.add.at(demand, network.sink_commodity[network.series_sink], problem.demand.mean(axis=1))
        guess = np.zeros((len(network.lot_route), 1))
        np.add.at(guess[:, 0], network.supply_lot, demand[network.supply_commodity])
        guess = np.repeat(np.maximum(guess * COVER, 1.0), problem.weeks, axis=1)
        cost = problem.group_cost[network.run_group[network.link_run]]
        major = np.bincount(network.link_lot, cost, len(network.lot_route))
        self.lot_slope = (problem.setup_cost[network.lot_route] + 0.5 * major[:, None]) / guess
        usual = sum_by(self.loads.of_arc, ship_limit * self.basis[:, None], len(self.loads.lane))
        usual = np.repeat(np.maximum(usual.mean(axis=1, keepdims=True), 1e-6), problem.weeks, axis=1)
        self.load_slope = load_charges(problem, self.loads, usual) / usual

        p, net = problem, network
        self.into = np.append(net.place_site, -1)[net.arc_to]
        self.volume = np.maximum(p.volume[net.commodity_product[net.arc_commodity]], 1e-9)
        self.site_slope = p.sites.opening_cost[net.site_entry] / np.maximum(self._through(ship_limit), 1e-9)
        # What is learned or opened is first taken to be used for all that its lots could be of use for.
        self.investment_cost = p.investments.cost[net.investment_entry]
        self.investment_slope = self.investment_cost / np.maximum(self._worked(guess), 1e-9)

    def _through(self, ship: Floats) -> Floats:
        """Return the m³ that go to each site to be opened; (W,)."""
        weeks = sum_by(self.into, ship * self.volume[:, None], len(self.net.site_entry))
        return np.asarray(weeks.sum(axis=1))

    def _worked(self, made: Floats) -> Floats:
        """Return the units of lots, (E, T), that need each investment; (J,)."""
        net = self.net
        units = made.sum(axis=1)[net.unlock_lot]
        return np.bincount(net.unlock_investment, units, len(net.investment_entry)).astype(float)

    def _basis(self) -> Floats:
        """Return basis units, or containers, per unit on each arc; (A,)."""
        p, net = self.p, self.net
        product = net.commodity_product[net.arc_commodity]
        basis = p.basis[net.arc_lane, product].copy()
        for lane, kg, m3 in zip(p.containers.lane, p.containers.kg, p.containers.m3, strict=True):
            arcs = net.arc_lane == lane
            basis[arcs] = np.maximum(p.weight[product[arcs]] / kg, p.volume[product[arcs]] / m3)
        return basis

    def _plan(self, values: Floats) -> ClusterPlan:
        flows = self.flows
        make, ship, serve, unmet = (
            np.where(np.abs(values[c]) < 1e-7, 0.0, np.maximum(values[c], 0.0))
            for c in (flows.make, flows.ship, flows.serve, flows.unmet)
        )
        return ClusterPlan(self.p, self.rights, self.net, make, ship, serve, unmet)

    def _price(self) -> None:
        """Put the slopes in force."""
        flows, net = self.flows, self.net
        unlocking = np.bincount(net.unlock_lot, self.investment_slope[net.unlock_investment], len(net.lot_route))
        make = self.linear.cost[flows.make] + (self.lot_slope + unlocking[:, None])[net.supply_lot]
        loaded = self.loads.of_arc >= 0
        extra = np.zeros(flows.ship.shape)
        extra[loaded] = self.load_slope[self.loads.of_arc[loaded]] * self.basis[loaded][:, None]
        opening = self.into >= 0
        extra[opening] += (self.site_slope[self.into[opening]] * self.volume[opening])[:, None]
        ship = self.linear.cost[flows.ship] + extra
        self._set_costs(flows.make, make)
        self._set_costs(flows.ship, ship)

    def _set_costs(self, columns: Ints, costs: Floats) -> None:
        there = columns >= 0
        self.relaxation.set_costs(columns[there], costs[there])

    def _reserve(self, hours: Floats) -> None:
        """Take hours off the capacity."""
        limit = self.p.regular - hours
        # Overtime can make up for what regular hours lack, up to what there is.
        self._set_hours(np.maximum(limit, -self.p.overtime))

    def _set_hours(self, limit: Floats) -> None:
        rows = self.flows.capacity
        there = rows >= 0
        # What is decided fits at least.
        limit = np.maximum(limit, self.needed - self.p.overtime)
        self.relaxation.set_row_limits(rows[there], np.full(int(there.sum()), -np.inf), limit[there])

    def rounds(self, going: Callable[[], bool], *, repair_every: int = 4) -> Iterator[ClusterPlan]:
        """Yield plans that keep every rule, until told to stop."""
        step = 0
        while going():
            self._price()
            self._reserve(self.reserved)
            solution = self.relaxation.solve()
            if solution.values is None:
                return
            plan = self._plan(solution.values)
            rows = self.flows.capacity
            prices = np.where(rows >= 0, np.maximum(-self.relaxation.row_duals()[rows], 0.0), 0.0)
            self._correct(plan, prices)
            step += 1
            if step % repair_every == 0:
                repaired = self._repaired(plan)
                if repaired is not None:
                    yield repaired

    def _correct(self, plan: ClusterPlan, prices: Floats) -> None:
        """Set the slopes to what the solution would have paid."""
        p, net = self.p, self.net
        made = sum_by(net.supply_lot, plan.make, len(net.lot_route))
        fixed = self._setup_prices(plan, prices)
        used = made > 1e-3
        self.lot_slope = np.where(used, fixed / np.maximum(made, 0.5), self.lot_slope)
        quantity = sum_by(self.loads.of_arc, plan.ship * self.basis[:, None], len(self.loads.lane))
        moving = quantity > 1e-6
        self.load_slope = np.where(
            moving, load_charges(p, self.loads, quantity) / np.maximum(quantity, 1e-6), self.load_slope
        )
        # Prices so high that nothing ever returns would freeze the first mistakes.
        self.load_slope = np.where(moving, self.load_slope, self.load_slope * 0.97)
        self.lot_slope = np.where(used, self.lot_slope, self.lot_slope * 0.97)
        through = self._through(plan.ship)
        cost = p.sites.opening_cost[net.site_entry]
        used = through > 1e-6
        self.site_slope = np.where(used, cost / np.maximum(through, 1e-6), self.site_slope * 0.97)
        worked = self._worked(made)
        paid = self.investment_cost / np.maximum(worked, 1e-6)
        self.investment_slope = np.where(worked > 1e-6, paid, self.investment_slope * 0.97)
        self.reserved = 0.5 * self.reserved + 0.5 * np.minimum(plan.setup_hours, 0.7 * (p.regular + p.overtime))

    def _setup_prices(self, plan: ClusterPlan, prices: Floats) -> Floats:
        """Return what a lot's setup costs, its hours at the price of the workshop, its run shared among its lots; (E, T)."""
        p, net = self.p, self.net
        hours = shift(prices[p.use_resource], p.use_lag) * p.use_setup[:, None]
        minor = sum_by(p.use_route, hours, len(p.route_product)) + p.setup_cost
        major = sum_by(p.major_group, prices[p.major_resource] * p.major_hours[:, None], len(p.group_firm))
        major = major + p.group_cost[:, None]
        there = bring_forward(plan.lots[net.link_lot].astype(float), net.link_lag)
        each = major[net.run_group] / np.maximum(sum_by(net.link_run, there, len(net.run_group)), 1.0)
        share = shift(each[net.link_run], net.link_lag)
        return np.asarray(minor[net.lot_route] + sum_by(net.link_lot, share, len(net.lot_route)))

    def _repaired(self, plan: ClusterPlan) -> ClusterPlan | None:
        """Open the plan's lots for good, drop those for which there are no hours, and plan the quantities again."""
        p, net, flows = self.p, self.net, self.flows
        open_ = plan.lots & (sum_by(net.supply_lot, plan.make, len(net.lot_route)) > 0.5) | self.decided
        hours = self._fitting(open_, plan)
        if hours is None:
            return None
        open_, setup_hours = hours
        self._set_costs(flows.make, self.linear.cost[flows.make])
        self._set_hours(p.regular - setup_hours)
        there = flows.make >= 0
        columns, lots = flows.make[there], net.supply_lot
        batch = np.where(self.decided, 0.0, p.route_batch[net.lot_route][:, None])
        alone = np.bincount(lots, minlength=len(net.lot_route))[:, None] == 1
        least = np.zeros(open_.shape)
        found = None
        for _ in range(BATCH_ROUNDS):
            low = self.linear.lower[flows.make]
            lower = np.where(open_[lots], np.maximum(low, least[lots]), low)
            upper = np.where(open_[lots], self.linear.upper[flows.make], self.linear.lower[flows.make])
            self.relaxation.set_bounds(columns, lower[there], upper[there])
            solution = self.relaxation.solve()
            if solution.values is None:
                break
            candidate = self._plan(solution.values)
            made = sum_by(lots, candidate.make, len(net.lot_route))
            short = (made > TINY) & (made < batch - 1e-6)
            if not short.any():
                found = candidate
                break
            # Lots near their minimum are filled up to it, the others given up.
            fill = short & alone & (made >= 0.5 * batch)
            least = np.where(fill, batch, least)
            open_ = open_ & ~(short & ~fill)
        self.relaxation.set_bounds(columns, self.linear.lower[columns], self.linear.upper[columns])
        return found

    def _fitting(self, open_: Bools, plan: ClusterPlan) -> tuple[Bools, Floats] | None:
        """Drop the smallest lots where setups alone would fill a workshop's week; return the lots and their hours."""
        p, net = self.p, self.net
        open_ = open_.copy()
        made = sum_by(net.supply_lot, plan.make, len(net.lot_route))
        room = p.regular + p.overtime
        for _ in range(50):
            trial = ClusterPlan(
                p, self.rights, net, np.where(open_[net.supply_lot], 1.0, 0.0), plan.ship, plan.serve, plan.unmet
            )
            hours = trial.setup_hours
            over = ((hours > 0.9 * room) | (hours + self.needed > room + TINY)) & (hours > 0)
            spare = open_ & ~self.decided
            over &= self._drawn_on(spare)
            if not over.any():
                return open_, hours
            touched = np.zeros((len(p.route_product), p.weeks), bool)
            np.logical_or.at(touched, p.use_route, shift(over[p.use_resource].astype(float), p.use_lag) > 0)
            candidates = spare & touched[net.lot_route]
            if not candidates.any():
                return None
            for t in np.flatnonzero(candidates.any(axis=0)):
                lots = np.flatnonzero(candidates[:, t])
                drop = lots[np.argsort(made[lots, t], kind="stable")[: max(1, len(lots) // 10)]]
                open_[drop, t] = False
        return None

    def _drawn_on(self, lots: Bools) -> Bools:
        """Return where any of some lots, (E, T), draws on a resource; (M, T)."""
        p = self.p
        routes = sum_by(self.net.lot_route, lots.astype(float), len(p.route_product))
        return sum_by(p.use_resource, bring_forward(routes[p.use_route], p.use_lag), len(p.resource)) > 0
