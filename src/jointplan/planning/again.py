"""Planning again: the lots of an earlier plan, with the quantities that the demand of today asks for."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from jointplan.planning.approved import floors
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.prices import worth_moving
from jointplan.planning.problem import Bools, ClusterProblem
from jointplan.planning.rights import Rights
from jointplan.planning.translating import read_plan
from jointplan.planning.weekly import bring_forward, sum_by
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import Relaxation


def plan_again(
    problem: ClusterProblem, rights: Rights, lots: pa.Table, start: date, options: SolveOptions
) -> ClusterPlan | None:
    """Return the best quantities for the lots of an earlier joint plan; None where they cannot be kept.

    Lots of weeks gone by, and of makers or products that are no longer planned, are left out. Loads are let go: they are
    counted whole when the plan is costed.

    Parameters
    ----------
    problem, rights : ClusterProblem, Rights
        What is planned now.
    lots : Table
        The table **lots** of the earlier run.
    start : date
        Monday of the first week now.
    options : SolveOptions
        Limits of the linear programme.
    """
    network = build_network(problem, rights)
    model = build_model(problem, rights, network)
    open_ = open_lots(problem, network.lot_route, network.lot_class, lots, start)
    open_ |= sum_by(network.supply_lot, floors(problem, network), len(network.lot_route)) > 0
    linear, columns = model.linear, model.columns
    values = np.zeros(len(linear.cost))
    held = np.zeros(len(linear.cost), bool)
    runs = np.zeros(columns.run.shape, bool)
    needed = bring_forward(open_[network.link_lot].astype(float), network.link_lag) > 0
    np.logical_or.at(runs, network.link_run, needed)
    for block, chosen in ((columns.lot, open_), (columns.run, runs)):
        there = block >= 0
        values[block[there]] = chosen[there]
        held[block[there]] = True
    small, _ = linear.restricted(~held & worth_moving(model, values), values)
    solution = Relaxation(small, options).solve()
    if solution.values is None:
        return None
    values[~held & worth_moving(model, values)] = solution.values
    plan = read_plan(model, values)
    return None if plan.violations() else plan


def open_lots(
    problem: ClusterProblem, lot_route: np.ndarray, lot_class: np.ndarray, lots: pa.Table, start: date
) -> Bools:
    """Return which lots of the problem, (E, T), an earlier table **lots** has in its joint plan."""
    firms = {name: n for n, name in enumerate(problem.firm)}
    routes = {
        (problem.firm[f], problem.sku[i], problem.chain_label(r)): r
        for r, (f, i) in enumerate(zip(problem.route_firm, problem.route_product, strict=True))
    }
    number = {(int(r), int(c)): e for e, (r, c) in enumerate(zip(lot_route, lot_class, strict=True))}
    pooled = len(problem.owner)
    open_ = np.zeros((len(lot_route), problem.weeks), bool)
    for row in lots.to_pylist():
        week = (row["week"] - start).days // 7
        # Runs of earlier versions do not say who did which step: then one firm did all.
        route, seller = routes.get((row["maker"], row["sku"], row.get("chain") or "")), firms.get(row["seller"])
        if row["plan"] != "joint" or route is None or seller is None or not 0 <= week < problem.weeks:
            continue
        for holder in (pooled, int(problem.firm_owner[seller])):
            if (route, holder) in number:
                open_[number[route, holder], week] = True
                break
    return open_
