"""Quantities and their balances: what is made, sent, kept and handed over each week, and what each unit costs."""

from __future__ import annotations

import numpy as np

from jointplan.planning.model.columns import Flows
from jointplan.planning.model.moving import shipping_costs
from jointplan.planning.model.scope import Scope
from jointplan.planning.problem import Floats, Ints
from jointplan.solvers import ModelBuilder
from jointplan.solvers.linear import Term


def add_flows(b: ModelBuilder, scope: Scope, *, make_cost: Floats) -> Flows:
    """Add the columns of all quantities; a unit costs ``make_cost`` (R,) where it is made."""
    p, net, T, leftovers = scope.problem, scope.network, scope.problem.weeks, scope.leftovers
    ship_cost = shipping_costs(p, net) - np.where(scope.arrives < T, 0.0, p.end_value[scope.arc_product][:, None])
    place_product = net.commodity_product[net.place_commodity]
    storage = p.node_storage[net.place_node] * p.volume[place_product]
    stock_cost = _keeping_cost(scope, place_product, p.place_holding[net.place_node, place_product] + storage)
    shelf_sink = np.flatnonzero(net.sink_opening.any(axis=1))
    shelf_product = net.commodity_product[net.sink_commodity[shelf_sink]]
    shelf_cost = _keeping_cost(scope, shelf_product, p.holding[shelf_product])
    series = p.demand.shape
    unit_cost = np.repeat(make_cost[net.supply_route][:, None], T, axis=1)
    return Flows(
        make=_add_quantity(b, scope, "make", unit_cost, scope.most_made, scope.floor),
        ship=_add_quantity(b, scope, "ship", ship_cost, scope.ship_limit),
        serve=_add_quantity(b, scope, "serve", np.broadcast_to(-p.price[:, None], series), scope.waiting),
        unmet=_add_quantity(b, scope, "unmet", np.broadcast_to(p.goodwill[:, None], series), scope.waiting),
        owed=b.columns(series, cost=p.late_cost[:, None], upper=scope.waiting_limit),
        stock=b.columns(stock_cost.shape, cost=stock_cost, upper=np.where(scope.worth_keeping, np.inf, 0.0)),
        shelf=b.columns(shelf_cost.shape, cost=shelf_cost),
        shelf_sink=shelf_sink,
        overtime=b.columns(p.overtime.shape, cost=p.overtime_cost[:, None], upper=p.overtime),
        surplus=b.columns(
            leftovers.most.shape,
            cost=leftovers.worth,
            upper=np.where(leftovers.may_exceed(p, net, scope.floor), np.inf, 0.0),
        ),
    )


def _add_quantity(
    b: ModelBuilder, scope: Scope, name: str, cost: Floats, upper: Floats, floor: float | Floats = 0.0
) -> Ints:
    """Add the columns of a quantity; what is decided is kept, and what outsiders do is held."""
    if scope.frozen is None:
        return b.columns(cost.shape, cost=cost, lower=floor, upper=upper)
    held: Floats = getattr(scope.frozen, name)
    lower, upper = np.where(np.isnan(held), floor, held), np.where(np.isnan(held), upper, held)
    return b.columns(cost.shape, cost=cost, lower=lower, upper=upper)


def _keeping_cost(scope: Scope, product: Ints, weekly: Floats) -> Floats:
    """Return the cost of a unit kept over each week, (products, T); what is left at the end keeps its worth."""
    p = scope.problem
    cost = np.repeat(weekly[:, None], p.weeks, axis=1)
    cost[:, -1] -= p.end_value[product]
    return cost


def _before(columns: Ints) -> Ints:
    """Return the columns of the week before; the first week has none."""
    before = np.full_like(columns, -1)
    before[:, 1:] = columns[:, :-1]
    return before


def stock_balances(b: ModelBuilder, scope: Scope, flows: Flows) -> None:
    """Ensures that stock = stock before + made + arrived − sent."""
    net, T = scope.network, scope.problem.weeks
    row = np.arange(flows.stock.size).reshape(flows.stock.shape)
    at = net.supply_place[:, None] * T + scope.weeks
    leave = net.arc_from[:, None] * T + scope.weeks
    b.rows(
        net.place_opening,
        net.place_opening.ravel(),
        [(row, flows.stock, 1.0), (row, _before(flows.stock), -1.0), (at, flows.make, -1.0), (leave, flows.ship, 1.0),
         scope.arrivals(flows.ship, net.arc_to, -1.0)],
    )  # fmt: skip


def sinks_balance(b: ModelBuilder, scope: Scope, flows: Flows) -> None:
    """Ensures that what reaches a market is handed over there; only what was sent before may wait."""
    net, T = scope.network, scope.problem.weeks
    at = net.series_sink[:, None] * T + scope.weeks
    kept = flows.shelf_sink[:, None] * T + scope.weeks
    before = _before(flows.shelf)
    opening = net.sink_opening.ravel()
    b.rows(
        -opening, -opening,
        [scope.arrivals(flows.ship, net.arc_sink), (at, flows.serve, -1.0), (kept, before, 1.0), (kept, flows.shelf, -1.0)],
    )  # fmt: skip
    row = np.arange(flows.shelf.size).reshape(flows.shelf.shape)
    came = net.sink_opening[flows.shelf_sink].ravel()
    b.rows(np.full(came.size, -np.inf), came, [(row, flows.shelf, 1.0), (row, before, -1.0)])


def leftovers_lose_worth(b: ModelBuilder, scope: Scope, flows: Flows) -> None:
    """Ensures that what is left at the end is worth something only as far as as many weeks more would sell it."""
    net, leftovers = scope.network, scope.leftovers
    pools = np.flatnonzero(flows.surplus >= 0)
    number = np.full(len(leftovers.most), -1)
    number[pools] = np.arange(len(pools))

    def left(commodity: Ints, columns: Ints) -> Term:
        row = number[leftovers.of_commodity[commodity]]
        return np.maximum(row, 0), np.where(row >= 0, columns, -1), -1.0

    under_way = np.where(scope.arrives < scope.problem.weeks, -1, flows.ship)
    b.rows(
        -leftovers.most[pools], np.inf,
        [(number[pools], flows.surplus[pools], 1.0), left(net.place_commodity, flows.stock[:, -1]),
         left(net.sink_commodity[flows.shelf_sink], flows.shelf[:, -1]), *(left(net.arc_commodity, week) for week in under_way.T)],
    )  # fmt: skip


def demand_balances(b: ModelBuilder, scope: Scope, flows: Flows) -> None:
    """Ensures that owed = owed before + wanted − handed over − given up."""
    row = np.arange(flows.owed.size).reshape(flows.owed.shape)
    demand = scope.problem.demand
    b.rows(
        demand,
        demand.ravel(),
        [(row, flows.owed, 1.0), (row, _before(flows.owed), -1.0), (row, flows.serve, 1.0), (row, flows.unmet, 1.0)],
    )
