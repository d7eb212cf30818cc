"""Lots that are decided already: every plan makes at least these, even beyond the hours there are.

What they need beyond regular hours and overtime is granted as overtime of its own, paid like any other, and told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from jointplan.planning.network import Network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Approved, ClusterProblem, Floats
from jointplan.planning.rights import Rights
from jointplan.schema import Assumption


def with_approved(
    problem: ClusterProblem, approved: pd.DataFrame, start: date
) -> tuple[ClusterProblem, list[Assumption]]:
    """Return the problem with the lots of the table **approved**, and what of it had to be left out.

    A lot smaller than its maker's minimum batch is kept at the minimum.

    Parameters
    ----------
    problem : ClusterProblem
        The problem.
    approved : DataFrame
        Rows of **approved**: week, firm, sku, seller, chain, quantity, state.
    start : date
        Monday of the first week.
    """
    firms = {name: n for n, name in enumerate(problem.firm)}
    routes = {
        (problem.firm[f], problem.sku[i], problem.chain_label(r)): r
        for r, (f, i) in enumerate(zip(problem.route_firm, problem.route_product, strict=True))
    }
    lots: dict[tuple[int, int, int], float] = {}
    left_out: list[Assumption] = []
    for row in approved.assign(chain=approved.get("chain")).itertuples():
        week = (row.week - pd.Timestamp(start)).days // 7
        if not 0 <= week < problem.weeks:
            continue
        chain = row.chain if isinstance(row.chain, str) else ""
        route = routes.get((row.firm, row.sku, chain))
        if route is None:
            left_out.append(
                Assumption(
                    "approved",
                    "The firm cannot make the product by the table capabilities: the lot is left out.",
                    "按能力表该企业无法生产该产品：未计入该批次。",
                    "capabilities",
                    subject=f"{row.firm} {row.sku} {row.week:%Y-%m-%d}",
                    value=f"{row.quantity:g}",
                    unit="units",
                )
            )
            continue
        key = route, int(problem.firm_owner[firms[row.seller]]), week
        lots[key] = lots.get(key, 0.0) + float(row.quantity)
    if not lots:
        return problem, left_out
    keys = np.array(list(lots), dtype=np.int64)
    units = np.maximum(np.array(list(lots.values())), problem.route_batch[keys[:, 0]])
    found = Approved(keys[:, 0], keys[:, 1], keys[:, 2], units, np.zeros(problem.regular.shape))
    return replace(problem, approved=found), left_out


def granting(problem: ClusterProblem, rights: Rights, network: Network) -> ClusterProblem:
    """Return the problem with the hours that its decided lots need beyond those there are, for those who plan with these rights.

    Lots of owners who share are set up for once, so that they need fewer.
    """
    if not len(problem.approved.route):
        return problem
    nothing = np.zeros((len(network.arc_lane), problem.weeks))
    decided = ClusterPlan(
        problem, rights, network, floors(problem, network), nothing, np.zeros(problem.demand.shape), problem.demand
    )
    usual = problem.overtime - problem.approved.beyond
    # A hair more, so that rounding never leaves a lot without its last minute.
    hours = (decided.run_hours + decided.whole_setup_hours) * (1 + 1e-9)
    beyond = np.maximum(hours - problem.regular - usual, 0.0)
    return replace(problem, overtime=usual + beyond, approved=replace(problem.approved, beyond=beyond))


def floors(problem: ClusterProblem, network: Network) -> Floats:
    """Return the least that each supply makes, (K, T): the lots that are decided."""
    floor = np.zeros((len(network.supply_route), problem.weeks))
    if not len(problem.approved.route):
        return floor
    pooled = len(problem.owner)
    classes = network.commodity_class[network.supply_commodity]
    supply = {(int(r), int(c)): k for k, (r, c) in enumerate(zip(network.supply_route, classes, strict=True))}
    lots = problem.approved
    for route, owner, week, units in zip(lots.route, lots.owner, lots.week, lots.units, strict=True):
        k = supply.get((int(route), int(owner)), supply.get((int(route), pooled)))
        if k is not None:
            floor[k, week] += units
    return floor
