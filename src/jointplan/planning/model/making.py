"""Making: hours, setups of lots and runs of families, minimum batches, and hours that makers keep for themselves."""

from __future__ import annotations

import numpy as np

from jointplan.planning.model.columns import Flows, Kept, Setups
from jointplan.planning.model.keeping import spared_hours
from jointplan.planning.model.scope import Scope
from jointplan.planning.model.uses import find_uses
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.rights import maker_owner
from jointplan.planning.weekly import bring_forward, sum_by
from jointplan.solvers import ModelBuilder
from jointplan.solvers.linear import Term


def add_setups(b: ModelBuilder, scope: Scope) -> Setups:
    """Add the columns of what is set up."""
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    lot_cost = p.setup_cost[net.lot_route] if len(net.lot_route) else np.zeros((0, T))
    possible = scope.largest > 0
    needed = bring_forward(possible[net.link_lot].astype(float), net.link_lag)
    return Setups(
        lot=b.columns(lot_cost.shape, cost=lot_cost, upper=possible, integer=_needs_setup(scope)[:, None]),
        run=b.columns(
            (len(net.run_group), T),
            cost=p.group_cost[net.run_group][:, None],
            upper=sum_by(net.link_run, needed, len(net.run_group)) > 0,
            integer=_needs_run(scope)[:, None],
        ),
    )


def _needs_setup(scope: Scope) -> Bools:
    """Return which lots cost money or hours to set up, have a minimum or hinder kept setups; the others need no yes or no."""
    p, net = scope.problem, scope.network
    needs = (p.setup_cost > 0).any(axis=1) | (p.route_batch > 0)
    needs[p.use_route[p.use_setup > 0]] = True
    bound = np.append(net.link_lot[_needs_run(scope)[net.link_run]], net.keeper_lot)
    return needs[net.lot_route] | np.isin(np.arange(len(net.lot_route)), bound)


def _needs_run(scope: Scope) -> Bools:
    """Return which runs cost money or hours, or hinder kept setups; the others need no yes or no."""
    p, net = scope.problem, scope.network
    needs = (p.group_cost > 0) | (p.carry_over is not None)
    needs[p.major_group[p.major_hours > 0]] = True
    return np.asarray(needs[net.run_group])


def capacity_holds(b: ModelBuilder, scope: Scope, flows: Flows, setups: Setups | None, kept: Kept | None) -> Ints:
    """Ensures that run, setup and changeover hours, less those spared, fit into regular and overtime hours; returns the rows, (M, T)."""
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    made, lots = find_uses(p, net)
    majors: list[list[int]] = [[] for _ in p.group_firm]
    for entry, group in enumerate(p.major_group):
        majors[group].append(entry)
    runs = np.array([(q, v) for q, g in enumerate(net.run_group) for v in majors[g]], dtype=np.int64).reshape(-1, 2)

    def term(columns: Ints, pair: Ints, resource: Ints, hours: Floats, lag: Ints) -> tuple[Ints, Ints, Floats]:
        week = scope.weeks - lag[pair[:, 1]][:, None]
        done = np.where(week >= 0, columns[pair[:, 0]], -1)
        return resource[pair[:, 1]][:, None] * T + np.maximum(week, 0), done, hours[pair[:, 1]][:, None]

    row = np.arange(flows.overtime.size).reshape(flows.overtime.shape)
    terms: list[Term] = [term(flows.make, made, p.use_resource, p.use_hours, p.use_lag), (row, flows.overtime, -1.0)]
    if setups is not None:
        terms.append(term(setups.lot, lots, p.use_resource, p.use_setup, p.use_lag))
        terms.append(term(setups.run, runs, p.major_resource, p.major_hours, np.zeros_like(p.major_group)))
    if kept is not None:
        at = p.use_resource[net.keeper_use][:, None] * T + scope.weeks
        terms.append((at, kept.spare, -spared_hours(scope)[:, None]))
    return b.rows(np.full(p.regular.size, -np.inf), p.regular.ravel(), terms).reshape(row.shape)


def lots_need_setups(b: ModelBuilder, scope: Scope, flows: Flows, setups: Setups) -> None:
    """Ensures that nothing is made in a week without its lot's setup."""
    lot = setups.lot
    row = np.arange(lot.size).reshape(lot.shape)
    at = scope.network.supply_lot[:, None] * scope.problem.weeks + scope.weeks
    b.rows(np.full(lot.size, -np.inf), 0.0, [(at, flows.make, 1.0), (row, lot, -scope.largest)])


def lots_need_runs(b: ModelBuilder, scope: Scope, setups: Setups) -> None:
    """Ensures that no lot is set up outside the runs of its family."""
    net, T = scope.network, scope.problem.weeks
    row = np.arange(len(net.link_lot) * T).reshape(len(net.link_lot), T)
    week = scope.weeks - net.link_lag[:, None]
    lot = np.where(week >= 0, setups.lot[net.link_lot], -1)
    run = np.where(week >= 0, setups.run[net.link_run[:, None], np.maximum(week, 0)], -1)
    b.rows(np.full(row.size, -np.inf), 0.0, [(row, lot, 1.0), (row, run, -1.0)])


def minimum_batches_hold(b: ModelBuilder, scope: Scope, flows: Flows, setups: Setups) -> None:
    """Ensures that a lot is at least its maker's minimum batch."""
    p, net = scope.problem, scope.network
    lots = np.flatnonzero(scope.batch.any(axis=1))
    number = np.full(len(scope.batch), -1)
    number[lots] = np.arange(len(lots))
    supplies = np.flatnonzero(number[net.supply_lot] >= 0) if len(lots) else np.empty(0, np.int64)
    row = np.arange(len(lots) * p.weeks).reshape(len(lots), p.weeks)
    at = number[net.supply_lot[supplies]][:, None] * p.weeks + scope.weeks
    b.rows(np.zeros(row.size), np.inf, [(at, flows.make[supplies], 1.0), (row, setups.lot[lots], -scope.batch[lots])])


def kept_hours_hold(b: ModelBuilder, scope: Scope, flows: Flows, setups: Setups | None) -> None:
    """Ensures that products of other owners' making, with their setups, take no more than the regular hours a maker does not keep.

    A family's changeover is theirs where the run may make nothing else. Without ``setups`` only what is made counts.
    """
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    kept = p.terms.resource
    if not len(kept):
        return
    number = np.full(len(p.resource), -1)
    number[kept] = np.arange(len(kept))
    of_supply, of_lot = find_uses(p, net)

    def for_others(route: Ints, resource: Ints) -> Bools:
        home = maker_owner(p)[p.route_product[route]]
        return np.asarray((home >= 0) & (home != p.firm_owner[p.resource_firm[resource]]))

    def taken(pairs: Ints, route: Ints, columns: Ints, hours: Floats) -> Term:
        moved = for_others(route[pairs[:, 0]], p.use_resource[pairs[:, 1]]) & (number[p.use_resource[pairs[:, 1]]] >= 0)
        row, use = pairs[moved].T
        week = scope.weeks - p.use_lag[use][:, None]
        at = number[p.use_resource[use]][:, None] * T + np.maximum(week, 0)
        return at, np.where(week >= 0, columns[row], -1), hours[use][:, None]

    terms = [taken(of_supply, net.supply_route, flows.make, p.use_hours)]
    if setups is not None:
        turned = np.flatnonzero(number[p.major_resource] >= 0)
        turns = [(q, v) for q, g in enumerate(net.run_group) for v in turned[p.major_group[turned] == g]]
        run, turn = np.array(turns, dtype=np.int64).reshape(-1, 2).T
        resource = p.major_resource[turn]
        linked = net.link_run[:, None] == run[None, :]
        theirs = for_others(net.lot_route[net.link_lot][:, None], resource[None, :])
        alone = np.logical_and.reduce(theirs | ~linked, axis=0)
        at = number[resource[alone]][:, None] * T + scope.weeks
        terms.append(taken(of_lot, net.lot_route, setups.lot, p.use_setup))
        terms.append((at, setups.run[run[alone]], p.major_hours[turn[alone]][:, None]))
    limit = p.most_for_others
    b.rows(np.full(limit.size, -np.inf), limit.ravel(), terms)
