"""Keeping setups over the week's end: setup carry-over in big-bucket lot sizing.

After Sox and Gao (1999), with the carry-over through weeks in which nothing else is made of Suerie and Stadtler (2003), and a
rule of theirs for whole families: a family's setup too is there only as long as no other family is made.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.model.columns import Flows, Kept, Setups
from jointplan.planning.model.scope import Scope
from jointplan.planning.problem import LEAST_KEPT, Floats
from jointplan.planning.weekly import bring_forward
from jointplan.solvers import ModelBuilder


def spared_costs(scope: Scope) -> Floats:
    """Return the money of a keeper's setup, its family's at the workshop included, by the week of the work; (X, T)."""
    p, net = scope.problem, scope.network
    if p.carry_over is None:
        return np.zeros((0, p.weeks))
    route, use, turn = net.lot_route[net.keeper_lot], net.keeper_use, net.keeper_turn
    minor = p.setup_cost[route] * p.carry_over.use_share[use][:, None]
    major = np.append(p.group_cost[p.major_group] * p.carry_over.major_share, 0.0)  # the last entry reads −1
    return np.asarray(bring_forward(minor, p.use_lag[use]) + major[turn][:, None])


def spared_hours(scope: Scope) -> Floats:
    """Return the hours of a keeper's setup, its family's at the workshop included; (X,)."""
    p, net = scope.problem, scope.network
    return np.asarray(p.use_setup[net.keeper_use] + np.append(p.major_hours, 0.0)[net.keeper_turn])


def setups_are_kept(b: ModelBuilder, scope: Scope, flows: Flows, setups: Setups) -> Kept:
    """Ensures that a setup is spared only where its workshop stays set up for it from the week before.

    With ``keep`` whether a workshop is set up for a thing as a week begins, and ``lot`` whether it is made in it: at most one
    is kept; what is kept was made in the week before, a unit at least, or kept into that; it is kept into a week and out of it only where
    ``alone``: where nothing is set up for; and products of one family are only where it is ``pure``: where what is made is of
    a family that was kept.
    """
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    at, lag = p.use_resource[net.keeper_use], p.use_lag[net.keeper_use]
    week = scope.weeks + lag[:, None]
    lot = np.where(week < T, setups.lot[net.keeper_lot[:, None], np.minimum(week, T - 1)], -1)
    over = np.zeros((len(at), T), bool)
    if p.carry_over is not None:
        over[:, 1:] = p.carry_over.over[at, :-1]
    # Kept into a week is only what could have been made before, or was there as the first one began.
    before = p.begins_set_up(net.lot_route[net.keeper_lot], at)
    over[:, 0] = True
    over &= before[:, None] | np.pad(np.logical_or.accumulate(lot >= 0, axis=1), ((0, 0), (1, 0)))[:, :-1]
    held, must = scope.kept_by_outsiders
    keep = b.columns(over.shape, lower=must, upper=np.where(held, must, over), integer=True)
    spare = b.columns(over.shape, cost=-spared_costs(scope), upper=(keep >= 0) & (lot >= 0))
    places = np.unique(at)
    alone, pure = (b.columns((len(places), T), upper=1.0) for _ in range(2))
    if not len(at):
        return Kept(keep, spare, alone, pure)
    place = np.searchsorted(places, at)
    row = np.arange(keep.size).reshape(keep.shape)
    none, there = np.full(keep.size, -np.inf), place[:, None] * T + scope.weeks
    after = np.full_like(keep, -1)
    after[:, :-1] = keep[:, 1:]
    b.rows(np.full(alone.size, -np.inf), 1.0, [(there, keep, 1.0)])
    b.rows(none, 0.0, [(row, after, 1.0), (row, lot, -1.0), (row, keep, -1.0)])
    pairs = [
        (x, k) for x, e in enumerate(net.keeper_lot.tolist()) for k in np.flatnonzero(net.supply_lot == e).tolist()
    ]
    keeper, supply = np.array(pairs, dtype=np.int64).T
    made = np.where(week[keeper] < T, flows.make[supply[:, None], np.minimum(week[keeper], T - 1)], -1)
    b.rows(np.zeros(keep.size), np.inf, [(row[keeper], made, 1.0), (row, keep, LEAST_KEPT), (row, after, -LEAST_KEPT)])
    # A lot opened for less than a unit spares nothing, not even its family's setup.
    b.rows(np.zeros(keep.size), np.inf, [(row[keeper], made, 1.0), (row, spare, -LEAST_KEPT)])
    b.rows(none, 0.0, [(row, spare, 1.0), (row, keep, -1.0)])
    b.rows(none, 0.0, [(row, spare, 1.0), (row, lot, -1.0)])
    b.rows(none, 1.0, [(row, keep, 1.0), (row, after, 1.0), (row, alone[place], -1.0)])
    b.rows(none, 1.0, [(row, alone[place], 1.0), (row, lot, 1.0), (row, spare, -1.0)])
    # The same of whole families: of what shares a run at a workshop.
    shared = np.where(net.keeper_run >= 0, net.keeper_run * len(places) + place, -1 - np.arange(len(at)))
    _, first, family = np.unique(shared, return_index=True, return_inverse=True)
    whole = np.arange(len(first) * T).reshape(-1, T)
    index = family[:, None] * T + scope.weeks
    b.rows(
        np.full(whole.size, -np.inf), 1.0,
        [(index, keep, 1.0), (index, after, 1.0), (whole, pure[place[first]], -1.0)],
    )  # fmt: skip
    members = [np.flatnonzero(family == f) for f in range(len(first))]
    one = np.repeat(np.arange(len(at)), [len(members[f]) for f in family])
    other = np.concatenate([members[f] for f in family])
    b.rows(none, 1.0, [(row, pure[place], 1.0), (row, lot, 1.0), (row[one], keep[other], -1.0)])
    return Kept(keep, spare, alone, pure)
