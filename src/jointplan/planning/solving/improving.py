"""Improving a plan piece by piece, in rounds that can be stopped at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from math import floor

import numpy as np
from numpy.typing import NDArray

from jointplan.planning.buying import material_costs, paid_prices
from jointplan.planning.model import Frozen, PlanModel
from jointplan.planning.network import Network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.solving.bounding import PriceBound, leftover_costs
from jointplan.planning.solving.graph import build_graph
from jointplan.planning.solving.load_prices import no_tolls
from jointplan.planning.solving.pieces import HOPS, SMALL, Pieces, Use, keep_decided, keep_outside, no_pieces
from jointplan.planning.solving.replanning import Desk, Near, Prices, construct, put_on_way, shuffled
from jointplan.planning.solving.ruining import improve
from jointplan.planning.solving.tracing import trace
from jointplan.planning.solving.works import Works, build_works
from jointplan.planning.weekly import sum_by

FIRST_PLANS = 4
TRUTH, MAJOR = 0.0, 0.7  # how first plans look at loads, and at new runs
MOST_SITES = 8  # sites tried without
TRIAL = 200  # rounds of improving before plans with and without a site are compared
BEGUN = 0.4  # share of the time after which no other first plan is made
FORGET = 0.98  # what the price of a load keeps that nothing used
HOT, COLD = 2.0, 0.03  # how much worse a step may be at first, in usual charges, and what is left of that at the end
QUENCH = 0.1  # share of the search over which it freezes in the end
STEP = 0.01  # of the time, to which it is looked at
WHILE = 50  # rounds between two looks at the time


def is_compiled() -> bool:
    """Tell whether the search has been compiled, or read as compiled before, by this program already."""
    return bool(getattr(construct, "signatures", True))  # where nothing is compiled it is a plain function


class PieceSearch:
    """Plans made of pieces, improved by ruin and recreate.

    Parameters
    ----------
    model : PlanModel
        What is planned.
    bound : PriceBound
        Prices of the same model.
    seed : int
        Seed of the random choices.
    frozen : Frozen, optional
        What outsiders do: only orders of members are planned, around it.

    Attributes
    ----------
    cold : bool
        Whether the plan is good already and only to be improved: no step may go wrong by much, so that little moves.
    """

    def __init__(self, model: PlanModel, bound: PriceBound, seed: int, frozen: Frozen | None = None) -> None:
        self.model, self.graph = model, build_graph(model, decided=True, frozen=frozen)
        self.works = build_works(model, self.graph, -leftover_costs(model, self.graph))
        self.outside = None if frozen is None else _outside(model, frozen)
        if frozen is not None:
            self.works = _holding(self.works, model.network, frozen)
        self.bare = no_pieces(self.graph, self.works)[1]
        if self.outside is not None:
            keep_outside(self.graph, self.works, self.bare, self.outside)
        self.site_prices = self.works.site_cost.copy(), self.works.site_rate.copy()
        self.unit_cost = np.zeros(self.works.supply_cost.shape)
        self.chance = np.array([2 * seed + 1], dtype=np.uint64)
        T = model.problem.weeks
        self.near = self._near()
        self.desk = Desk(
            np.zeros((len(self.graph.arcs), T)),
            np.zeros((len(self.graph.keep), T)),
            no_tolls(self.graph),
            np.zeros((HOPS, 2), np.int64),
            np.full(2, -1),
            np.full(self.works.lot_cost.shape, -1),
            np.zeros(1, np.int64),
        )
        self.number, self.cold = 0, False
        self.set_prices(bound)

    def set_prices(self, bound: PriceBound) -> None:
        """Take the prices that gave the best bound so far."""
        self.prices = Prices(bound.best_hours.copy(), bound.best_loads.copy())
        self.material_prices = bound.best_materials
        self._price_materials(bound.best_materials)
        self.pieces, self.use = self._nothing()

    def _price_materials(self, price: Floats) -> None:
        """Let a unit cost what its materials do at these prices, (X, T)."""
        p, net = self.model.problem, self.model.network
        self.unit_cost[:] = (p.route_making + p.route_material)[net.supply_route][:, None]
        self.unit_cost += material_costs(net.buying, price, len(net.supply_route))
        self.works.supply_cost[net.supply_granted] = self.unit_cost[net.supply_granted]

    def _near(self) -> Near:
        graph, works, net = self.graph, self.works, self.model.network
        groups = len(graph.group_orders) - 1
        order_group = np.repeat(np.arange(groups), np.diff(graph.group_orders))
        lot_group = np.empty(len(graph.lots), np.int64)
        lot_group[graph.lots] = np.repeat(np.arange(groups), np.diff(graph.group_lots))
        # Where a route is worked at, and how long before it is done: its first step at each of its resources.
        steps = [
            {int(use["resource"]): int(use["lag"]) for use in works.uses[a:b][::-1]}
            for a, b in pairwise(works.route_uses.tolist())
        ]
        worked = [(m, lot, lag) for lot, r in enumerate(works.lot["route"]) for m, lag in sorted(steps[r].items())]
        at, lots, lags = np.array(worked, np.int64).reshape(-1, 3).T
        turning = np.repeat(np.arange(len(works.run_cost)), np.diff(works.run_uses))
        commodity_group = np.full(len(net.commodity_product), -1)
        commodity_group[graph.orders["commodity"]] = order_group
        arc_group = commodity_group[net.arc_commodity[graph.arcs["number"]]]
        load = works.freight["load"]
        loaded = (load >= 0) & (arc_group >= 0)
        shared = np.unique(np.stack([load[loaded], arc_group[loaded]], axis=1), axis=0).reshape(-1, 2)
        return Near(
            order_group,
            lot_group,
            *_lists(len(works.run_cost), net.link_run, net.link_lot, net.link_lag),
            *_lists(len(works.overtime_cost), at, lots, lags),
            *_lists(len(works.overtime_cost), works.turns["resource"], turning, np.zeros_like(turning)),
            *_lists(len(works.box), shared[:, 0], shared[:, 1]),
        )

    @property
    def cost(self) -> float:
        """The plan's cost, as far as the pieces know."""
        return float(self.use.total[0]) + self.model.linear.offset

    def compile(self) -> None:
        """Compile what the search runs, where that was not done before."""
        self._plan_groups(np.empty(0, np.int64))
        self._improve(0, 1.0)

    def _plan_groups(self, groups: Ints) -> None:
        construct(
            self.graph, self.works, self.prices, self.use, self.pieces, self.desk, groups, self.chance, TRUTH, MAJOR
        )

    def _improve(self, rounds: int, temperature: float) -> None:
        improve(
            self.graph, self.works, self.prices, self.use, self.pieces, self.desk, self.near, self.chance, rounds,
            temperature,
        )  # fmt: skip

    def _nothing(self) -> tuple[Pieces, Use]:
        """Return the plan that makes what is decided, and no more."""
        pieces, _ = no_pieces(self.graph, self.works)
        use = Use._make(part.copy() for part in self.bare)
        keep_decided(self.graph, self.works, use, self.unit_cost)
        return pieces, use

    def begin(self, elapsed: Callable[[], float] = lambda: 0.0) -> None:
        """Make a first plan, whatever was found before; each site to be opened is left closed if that is better, while there is time.

        Both ways are tried with the same random choices and improved for as many rounds, so that neither wins by luck. What an
        earlier first plan left closed is tried anew.
        """
        self.number = 0
        self._let_open()
        chance = self.chance.copy()
        self._try(chance, elapsed)
        cost, anyway = self.works.site_cost, self._nothing()[1].sites > 0
        for site in np.flatnonzero((self.use.sites > 0) & ~anyway)[:MOST_SITES]:
            if elapsed() > BEGUN:
                return
            kept, price = (self.pieces, self.use), cost[site]
            cost[site], self.works.site_rate[site] = np.inf, np.inf
            self._try(chance, elapsed)
            if self.use.total[0] >= kept[1].total[0]:
                self.pieces, self.use = kept
                cost[site] = price
                self.works.site_rate[site] = 0.0

    def _let_open(self) -> None:
        """Let every site be opened for what that costs."""
        self.works.site_cost[:], self.works.site_rate[:] = self.site_prices

    def _try(self, chance: NDArray[np.uint64], elapsed: Callable[[], float]) -> None:
        """Make a plan and, where there are sites to be tried without, improve it a little, from a given state of chance."""
        self.chance[:] = chance
        self._construct(elapsed)
        tried = self.use.sites.any() or np.isinf(self.works.site_cost).any()
        if tried and len(self.graph.orders):  # outsiders may use sites where members have no orders
            self._improve(TRIAL, COLD * HOT * self._usual_charge())

    def _construct(self, elapsed: Callable[[], float]) -> None:
        """Make plans, each at what loads of the one before paid for a unit (slope scaling), and keep the last."""
        bound_loads = self.prices.loads.copy()
        for _ in range(FIRST_PLANS if len(bound_loads) else 1):
            self.pieces, self.use = self._nothing()
            self.desk.filled[:] = -1
            self._plan_groups(shuffled(self.chance, len(self.graph.group_orders) - 1))
            basis, charge = self.use.loads["basis"], self.use.loads["charge"]
            kept = np.maximum(bound_loads, FORGET * self.prices.loads)
            paid = np.divide(charge, basis, out=kept, where=basis > SMALL)
            self.prices.loads[:] = paid
            if elapsed() > BEGUN:
                break
        self.prices.loads[:] = bound_loads

    def take(self, plan: ClusterPlan) -> None:
        """Go on from a plan of the same network, if it is better; materials then cost what this plan pays for them.

        Pieces know of no setups that are kept over the week's end: a plan that has no hours without them is left. Sites that this
        search left closed are opened where the plan uses them.
        """
        hours = plan.run_hours + plan.whole_setup_hours
        if plan.spared.any() and (hours > plan.problem.regular + plan.problem.overtime + SMALL).any():
            return
        buying = self.model.network.buying
        if len(buying.bin_material):
            self.use.total[0] = np.inf  # counted at other prices
            self._price_materials(paid_prices(plan.problem, buying, plan.bought, self.material_prices))
        works = self.works
        closed = works.site_cost.copy(), works.site_rate.copy()
        self._let_open()
        pieces, use = self._nothing()
        way = np.zeros((HOPS, 2), np.int64)
        for part in trace(plan, self.graph):
            if len(part.way) <= HOPS:
                way[: len(part.way)] = np.array(part.way, np.int64).reshape(-1, 2)
                put_on_way(
                    self.graph, works, use, pieces, part.order, part.source, part.week, part.units, len(part.way),
                    way,
                )  # fmt: skip
        used = np.zeros(len(use.sites), bool)
        if use.total[0] < self.use.total[0]:
            self.pieces, self.use, used = pieces, use, use.sites > 0
        for known, before in zip((works.site_cost, works.site_rate), closed, strict=True):
            known[~used] = before[~used]

    def rounds(self, elapsed: Callable[[], float], limit: int, until: float = 1.0) -> Iterator[float]:
        """Yield the plan's cost after each while of improving, until the rounds or the time are used up.

        Parameters
        ----------
        elapsed : callable
            The share of its time that has passed.
        limit : int
            Most rounds.
        until : float
            The share of both at which to stop.
        """
        first = HOT * self._usual_charge()
        # In steps, so that a search that keeps ahead of its time is the same on every machine.
        while len(self.graph.orders) and (done := max(self.number / limit, floor(elapsed() / STEP) * STEP)) < until:
            self.number += WHILE
            done = min(max(self.number / limit, done), 1.0)
            cooled = COLD if self.cold else COLD**done
            self._improve(WHILE, first * cooled * min(1.0, (1.0 - done) / QUENCH))
            yield self.cost

    def _usual_charge(self) -> float:
        """Return what a setup or a load usually costs: the size of a step that may go wrong."""
        lots = self.works.lot_cost[self.model.columns.lot >= 0]
        runs = self.works.run_cost
        usual = (float(lots.mean()) if lots.size else 0.0) + (float(runs.mean()) if runs.size else 0.0)
        return max(usual, 1e-6 * abs(self.cost), 1e-9)

    def plan(self) -> ClusterPlan:
        """Return the plan that the pieces make."""
        p, net, graph, works = self.model.problem, self.model.network, self.graph, self.works
        T = p.weeks
        make, ship = np.zeros((len(net.supply_route), T)), np.zeros((len(net.arc_lane), T))
        serve, unmet = np.zeros(p.demand.shape), np.zeros(p.demand.shape)
        number = np.flatnonzero(self.pieces.slots["order"] >= 0)
        piece = self.pieces.slots[number]
        order, units, made = graph.orders[piece["order"]], piece["units"], piece["source"] >= 0
        decided = graph.early[graph.early["supply"] >= 0]
        np.add.at(make, (piece["source"][made], piece["week"][made]), units[made])
        arrival = np.maximum(piece["week"], order["week"])
        for n in range(self.pieces.way.shape[1]):
            goes = piece["hops"] > n
            arc, leaves = self.pieces.way[number[goes], n].T
            np.add.at(ship, (graph.arcs["number"][arc], leaves), units[goes])
            arrival[goes] = leaves + graph.arcs["lag"][arc]
        np.add.at(serve, (order["series"], arrival), units)
        np.add.at(unmet, (graph.orders["series"], graph.orders["week"]), np.maximum(self.use.unmet, 0.0))
        np.add.at(make, (decided["supply"], decided["week"]), decided["units"])
        if self.outside is not None:
            make, ship = make + self.outside.make, ship + self.outside.ship
            serve, unmet = serve + self.outside.serve, unmet + self.outside.unmet
        # What lots lack to their minimum is made on their first supply that may.
        lots, weeks = np.nonzero((self.use.lot_pieces > 0) & (self.use.lot_units < works.lot_batch))
        for lot, week in zip(lots.tolist(), weeks.tolist(), strict=True):
            mine = graph.supplies[graph.lot_supplies[lot] : graph.lot_supplies[lot + 1]]
            able = mine[works.possible[mine, week]]
            make[able[0], week] += works.lot_batch[lot, week] - self.use.lot_units[lot, week]
        return ClusterPlan(p, self.model.rights, net, make, ship, serve, unmet)


def _holding(works: Works, network: Network, frozen: Frozen) -> Works:
    """Return works in which nothing is added to what is held, not even what rounding left below the least of a lot."""
    held = ~np.isnan(frozen.make)
    lots = sum_by(network.supply_lot, held.astype(float), len(network.lot_route)) > 0
    return works._replace(possible=works.possible & ~held, lot_batch=np.where(lots, 0.0, works.lot_batch))


def _outside(model: PlanModel, frozen: Frozen) -> ClusterPlan:
    """Return what outsiders do with their own goods, nobody else having or doing anything."""
    net, goods = model.network, frozen.goods

    def theirs(quantity: Floats, commodity: Ints) -> Floats:
        return np.where(goods[commodity][:, None], quantity, 0.0)

    sold = net.sink_commodity[net.series_sink]
    return ClusterPlan(
        model.problem, model.rights,
        replace(net, place_opening=theirs(net.place_opening, net.place_commodity)),
        theirs(frozen.make, net.supply_commodity), theirs(frozen.ship, net.arc_commodity),
        theirs(frozen.serve, sold), theirs(frozen.unmet, sold),
    )  # fmt: skip


def _lists(size: int, owner: Ints, *members: Ints) -> tuple[Ints, ...]:
    """Return the members of each owner as starts and members, and what is told of these in the same order."""
    order = np.argsort(owner, kind="stable")
    return np.searchsorted(owner[order], np.arange(size + 1)).astype(np.int64), *(member[order] for member in members)
