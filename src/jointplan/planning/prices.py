"""What one more hour of each workshop is worth, and one more m³ or kg of each place and lane, once a plan's lots and loads stand.

With the yes-or-no decisions of a plan held, the model is a linear programme in its quantities. The dual of a capacity row
is what one more hour of that workshop in that week adds to the value of the plan; that of a row of room, throughput or
space, what one more unit of it does. Where several dual solutions fit, the one for *more* is wanted: every limit is
therefore raised by a tiny random amount before solving.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jointplan.planning.model import Frozen, PlanModel, build_model
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, ClusterProblem, Floats
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import Relaxation

NUDGE = 1e-3  # hours
NUDGE_SHARE = 1e-5  # of a place's or lane's limit
AMPLE = 100.0  # hours
LEAST_SECONDS = 60.0  # for the prices of hours; the default sample takes half of that on a busy machine
LEAST = 1e-4  # units of money per hour below which a price is rounding


@dataclass(frozen=True)
class LimitPrices:
    """What one more unit is worth of what limits goods on their way.

    ``room`` and ``intake`` (N, T) are money per m³ that a place holds or takes in, ``space`` (3, spaces, T) money per kg and per m³
    of containers, and per basis unit where lanes do not charge by the container.
    """

    room: Floats
    intake: Floats
    space: Floats


@dataclass(frozen=True)
class HourPrices:
    """What an hour more is worth, (M, T), the value of the plan with the quantities that belong to it, and what other limits are worth."""

    worth: Floats
    value: float
    limits: LimitPrices


def hour_prices(
    plan: ClusterPlan, options: SolveOptions, *, frozen: Frozen | None = None, more: Floats | None = None
) -> HourPrices | None:
    """Price the hours of a plan; None if its quantities cannot be planned again within the limits.

    Parameters
    ----------
    plan : ClusterPlan
        A plan that keeps every rule.
    options : SolveOptions
        Limits of the linear programme.
    frozen : Frozen, optional
        What outsiders do.
    more : (M, T), optional
        Hours added to the regular ones; a tiny random amount by default.
    """
    # A lot's greatest size follows from the hours there are, and a load's from its lane's space; where both are ample these
    # do not stand in for them.
    p = plan.problem
    spaces = replace(p.spaces, most=2 * p.spaces.most + AMPLE)
    ample = replace(p, regular=2 * p.regular + AMPLE, spaces=spaces)
    model = build_model(ample, plan.rights, plan.network, frozen)
    values = values_of(model, plan)
    free = ~model.linear.integer & worth_moving(model, values)
    small, number = model.linear.restricted(free, values)
    rows = number[model.capacity]
    there = rows >= 0
    if more is None:
        more = NUDGE * np.random.default_rng(options.seed).uniform(0.5, 1.5, rows.shape)
    seconds = None if options.seconds is None else max(LEAST_SECONDS, 0.5 * options.seconds)
    relaxation = Relaxation(small, replace(options, seconds=seconds))
    limit = small.rows.upper[rows[there]] - ample.regular[there] + p.regular[there] + more[there]
    relaxation.set_row_limits(rows[there], np.full(len(limit), -np.inf), limit)
    limits = [np.append(number, -1)[found] for found in (model.limits.room, model.limits.intake, model.limits.space)]
    beyond = [np.zeros(1), np.zeros(1), (_space_limits(ample) - _space_limits(p))[:, :, None]]
    for found, extra in zip(limits, beyond, strict=True):
        own = found[found >= 0]
        raised = NUDGE_SHARE * np.random.default_rng(options.seed).uniform(0.5, 1.5, len(own))
        limit = small.rows.upper[own] - np.broadcast_to(extra, found.shape)[found >= 0]
        relaxation.set_row_limits(own, np.full(len(own), -np.inf), limit + raised * np.abs(limit))
    solution = relaxation.solve()
    if solution.values is None or solution.report.objective is None:
        return None
    duals = np.append(np.maximum(-relaxation.row_duals(), 0.0), 0.0)  # the last entry is of rows that are not there
    duals[duals <= LEAST * small.unit] = 0.0
    prices = LimitPrices(*(duals[np.where(found >= 0, found, -1)] for found in limits))
    return HourPrices(duals[np.where(there, rows, -1)], -solution.report.objective, prices)


def _space_limits(problem: ClusterProblem) -> Floats:
    """Return each space in kg and m³ of whole containers, 0 where there are none, and in basis units; (3, spaces)."""
    boxes, most = problem.containers, problem.spaces.most
    limits = np.zeros((3, len(most)))
    space = problem.spaces.of_lane(len(problem.lane))[boxes.lane]
    there = space >= 0
    whole = np.floor(most[space[there]] + 1e-9)
    limits[0, space[there]], limits[1, space[there]] = whole * boxes.kg[there], whole * boxes.m3[there]
    limits[2] = most
    return limits


def worth_moving(model: PlanModel, values: Floats) -> Bools:
    """Return the columns that can be other than zero with these lots: what is not made without a lot is held."""
    columns = model.columns
    moving = np.ones(len(values), bool)
    idle = (values[columns.lot][model.network.supply_lot] < 0.5) & (values[columns.make] == 0)
    moving[columns.make[idle & (columns.make >= 0)]] = False
    return moving
