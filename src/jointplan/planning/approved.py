"""Lots that are decided already: every plan makes at least these, even beyond the hours there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from jointplan.planning.network import Network
from jointplan.planning.problem import Approved, ClusterProblem, Floats, Ints
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


def floors(problem: ClusterProblem, network: Network) -> Floats:
    """Return the least that each supply makes, (K, T): the lots that are decided."""
    floor = np.zeros((len(network.supply_route), problem.weeks))
    supply = find_supplies(problem, network)
    there = supply >= 0
    np.add.at(floor, (supply[there], problem.approved.week[there]), problem.approved.units[there])
    return floor


def find_supplies(problem: ClusterProblem, network: Network) -> Ints:
    """Return which supply makes each decided lot, its owner's own or one that owners share; −1 for none."""
    if not len(problem.approved.route):
        return np.empty(0, np.int64)
    pooled = len(problem.owner)
    classes = network.commodity_class[network.supply_commodity]
    supply = {(int(r), int(c)): k for k, (r, c) in enumerate(zip(network.supply_route, classes, strict=True))}
    lots = zip(problem.approved.route.tolist(), problem.approved.owner.tolist(), strict=True)
    return np.array([supply.get(lot, supply.get((lot[0], pooled), -1)) for lot in lots], dtype=np.int64)
