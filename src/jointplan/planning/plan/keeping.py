"""Which setups are best kept over the week's end, given what is made each week.

A workshop ends a week set up for one thing that it made last, and begins the next one set up for it (setup carry-over in
big-bucket lot sizing: Sox and Gao 1999; Suerie and Stadtler 2003). What is kept into a week can be kept out of it only if
nothing else is made there meanwhile, and a family kept into a week leaves it again, by another of its products, only if no
other family is made: else it is set up for again. A workshop that stands idle stays as it is.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.network import Network
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints

NOTHING = -1  # the state of a workshop that is set up for nothing that is of use
FIRST, LAST = 1e6, 1e-9  # hours beyond those there are count before any money, other hours after it


def spared_money(problem: ClusterProblem, network: Network) -> tuple[Floats, Floats]:
    """Return what a setup that is kept into a week spares: its minor setup and its share of the family's; each (X, T)."""
    p, net = problem, network
    if p.carry_over is None:
        return np.zeros((0, p.weeks)), np.zeros((0, p.weeks))
    week = np.minimum(np.arange(p.weeks)[None, :] + p.use_lag[net.keeper_use][:, None], p.weeks - 1)
    minor = p.setup_cost[net.lot_route[net.keeper_lot][:, None], week] * p.carry_over.use_share[net.keeper_use][:, None]
    major = np.zeros(len(net.keeper_run))
    turns = net.keeper_turn >= 0
    turn = net.keeper_turn[turns]
    major[turns] = p.group_cost[p.major_group[turn]] * p.carry_over.major_share[turn]
    return minor, np.repeat(major[:, None], p.weeks, axis=1)


def best_kept(problem: ClusterProblem, network: Network, done: Bools, holding: Bools, hours: Floats) -> Bools:
    """Return which setups are best kept into each week, (X, T): what spares most money, overtime included.

    At most one setup is kept into a week at a workshop, so that what it spares does not hang on the others; of each workshop
    the best sequence follows by dynamic programming over the weeks.

    Parameters
    ----------
    problem, network : ClusterProblem, Network
        What is planned.
    done : (X, T) bool
        Whether a keeper's work is done in a week.
    holding : (X, T) bool
        Whether it is enough to keep its setup, or to be spared it.
    hours : (M, T)
        Hours worked if every setup is made.
    """
    p, net = problem, network
    keep = np.zeros(done.shape, bool)
    if p.carry_over is None:
        return keep
    at = p.use_resource[net.keeper_use]
    each = (p.use_setup[net.keeper_use] + np.append(p.major_hours, 0.0)[net.keeper_turn])[:, None]
    over = np.minimum(each, np.maximum(hours - p.regular, 0.0)[at])
    beyond = np.minimum(each, np.maximum(hours - p.regular - p.overtime, 0.0)[at])
    money = sum(spared_money(p, net)) + over * p.overtime_cost[at][:, None]
    usual = float(money.max(initial=0.0)) or 1.0
    first = p.begins_set_up(net.lot_route[net.keeper_lot], at)
    saving = np.where(holding, money + usual * (FIRST * beyond + LAST * each), 0.0)
    for m in np.unique(at):
        here = np.flatnonzero(at == m)
        keep[here] = best_sequence(
            done[here], holding[here], net.keeper_run[here], saving[here], p.carry_over.over[m], first[here]
        )
    return keep


def best_sequence(
    done: Bools, holding: Bools, run: Ints, saving: Floats, over: Bools, first: Bools | None = None
) -> Bools:
    """Return what one workshop is best kept set up for from week to week; (n, T).

    Parameters
    ----------
    done : (n, T) bool
        Whether a thing is made in a week.
    holding : (n, T) bool
        Whether so much of it is made that its setup can be kept.
    run : (n,)
        The family run each belongs to, −1 for none.
    saving : (n, T)
        What is saved where a thing is made that the workshop is set up for still.
    over : (T,) bool
        Whether the setup is kept over the end of a week.
    first : (n,) bool, optional
        Whether it is set up for a thing as the first week begins; None: for nothing.

    Examples
    --------
    Of two things made in both weeks one is kept, the dearer:

    >>> both = np.ones((2, 2), bool)
    >>> best_sequence(both, both, np.array([-1, -1]), np.array([[0.0, 5.0], [0.0, 7.0]]), np.ones(2, bool)).astype(int)
    array([[0, 0],
           [0, 1]])
    """
    weeks = done.shape[1]
    best, came_from = {NOTHING: 0.0}, []
    for x in () if first is None else np.flatnonzero(first).tolist():
        best[x] = float(saving[x, 0])
    for t in range(weeks - 1):
        made = np.flatnonzero(done[:, t]).tolist()
        found, before = {NOTHING: max(best.values())}, {NOTHING: max(best, key=best.__getitem__)}
        for x, value in best.items() if over[t] else ():
            for y in np.flatnonzero(holding[:, t]).tolist() if made else [x]:
                if y != NOTHING and _may_follow(x, y, made, run) and value + saving[y, t + 1] > found.get(y, -np.inf):
                    found[y], before[y] = value + float(saving[y, t + 1]), x
        best = found
        came_from.append(before)
    keep = np.zeros(done.shape, bool)
    state = max(best, key=best.__getitem__)
    for t in range(weeks - 1, -1, -1):
        if state != NOTHING:
            keep[state, t] = True
        if t:
            state = came_from[t - 1][state]
    return keep


def _may_follow(x: int, y: int, made: list[int], run: Ints) -> bool:
    """Return whether a workshop set up for one thing as a week begins may be left set up for another, or for the same."""
    if x == NOTHING:
        return True
    if x == y:
        return set(made) <= {x}
    return run[x] < 0 or run[x] != run[y] or all(run[other] == run[x] for other in made)
