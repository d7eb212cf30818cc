"""What one more hour of each workshop is worth, once a plan's lots and loads stand.

With the yes-or-no decisions of a plan held, the model is a linear programme in its quantities. The dual of a capacity row
is what one more hour of that workshop in that week adds to the value of the plan. Where several dual solutions fit, the
one for *more* hours is wanted: every limit is therefore raised by a tiny random amount before solving.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jointplan.planning.model import Frozen, PlanModel, build_model
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, Floats
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import Relaxation

NUDGE = 1e-3  # hours
AMPLE = 100.0  # hours
LEAST_SECONDS = 30.0
LEAST = 1e-4  # money per hour below which a price is rounding


@dataclass(frozen=True)
class HourPrices:
    """What an hour more is worth, (M, T), and the value of the plan with the quantities that belong to it."""

    worth: Floats
    value: float


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
    # A lot's greatest size follows from the hours there are; with ample hours it does not stand in for them.
    ample = replace(plan.problem, regular=2 * plan.problem.regular + AMPLE)
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
    limit = small.rows.upper[rows[there]] - ample.regular[there] + plan.problem.regular[there] + more[there]
    relaxation.set_row_limits(rows[there], np.full(len(limit), -np.inf), limit)
    solution = relaxation.solve()
    if solution.values is None or solution.report.objective is None:
        return None
    worth = np.zeros(rows.shape)
    worth[there] = np.maximum(-relaxation.row_duals()[rows[there]], 0.0)
    return HourPrices(np.where(worth > LEAST, worth, 0.0), -solution.report.objective)


def worth_moving(model: PlanModel, values: Floats) -> Bools:
    """Return the columns that can be other than zero with these lots: what is not made without a lot is held."""
    columns = model.columns
    moving = np.ones(len(values), bool)
    idle = (values[columns.lot][model.network.supply_lot] < 0.5) & (values[columns.make] == 0)
    moving[columns.make[idle & (columns.make >= 0)]] = False
    return moving
