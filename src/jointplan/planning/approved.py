"""Lots that are decided already: every plan makes at least these, even beyond the hours there are.

What they need beyond regular hours and overtime is granted as overtime of its own, paid like any other, and told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from jointplan.planning.network import Network
from jointplan.planning.problem import Approved, ClusterProblem, Floats
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
    hours = _hours(problem, found)
    # A hair more, so that rounding never leaves a lot without its last minute.
    beyond = np.maximum(hours * (1 + 1e-9) - problem.regular - problem.overtime, 0.0)
    return replace(problem, overtime=problem.overtime + beyond, approved=replace(found, beyond=beyond)), left_out


def _hours(problem: ClusterProblem, approved: Approved) -> Floats:
    """Return the hours that these lots need if each owner's are set up for apart; (M, T)."""
    p = problem
    hours = np.zeros(p.regular.shape)
    uses: list[list[int]] = [[] for _ in p.route_product]
    for use, route in enumerate(p.use_route):
        uses[route].append(use)
    runs: set[tuple[int, int, int]] = set()
    for route, owner, week, units in zip(approved.route, approved.owner, approved.week, approved.units, strict=True):
        for use in uses[route]:
            done = int(week - p.use_lag[use])
            if done >= 0:
                hours[p.use_resource[use], done] += units * p.use_hours[use] + p.use_setup[use]
        needed = p.route_needs[0] == route
        for group, lag in zip(p.route_needs[1][needed], p.route_needs[2][needed], strict=True):
            if week >= lag:
                runs.add((int(group), int(owner), int(week - lag)))
    for group, _, week in runs:
        for entry in np.flatnonzero(p.major_group == group):
            hours[p.major_resource[entry], week] += p.major_hours[entry]
    return hours


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
