"""Lots that are decided already: every plan makes at least these, even beyond the hours there are."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.planning.network import Network
from jointplan.planning.problem import Approved, ClusterProblem, Floats, Ints, chain_firms
from jointplan.schema import CHAIN, Assumption

LEAST = 1e-6  # units below this are rounding
NO_CAPABILITY = (
    "The firm cannot make the product by the table capabilities: the lot is left out.",
    "按能力表该企业无法生产该产品：未计入该批次。",
    "capabilities",
)
NO_ROOM = (
    "Lots that are decided, and goods that lie there already, may take more room than there is: all of them are kept.",
    "已决定的批次与已有库存所需空间可能超过该处容量：均予保留。",
    "sites.capacity",
)
NO_CHAIN = (
    "The chain is none of those that the plan knows for the product and that end at this firm: one of its firms cannot do its steps, or"
    " others are cheaper (plan.making.chains). The lot is left out.",
    "该工序链不在计划所考虑的、以该企业收尾的工序链之中：其中有企业不能承担相应工序，或有更省的链（plan.making.chains）。未计入该批次。",
    "approved.chain",
)
DECIDED = Assumption(
    "approved lots",
    "These lots are made in every plan, by each owner for itself too: what planning together gains is that of what is still open.",
    "这些批次在各计划中都照做，各自计划亦然：协同收益只反映尚未决定的部分。",
    "approved",
)
BEFORE = (
    "approved lots of past weeks",
    (
        "These lots fall before the weeks planned and are not planned: what of them is there belongs in the table stock.",
        "这些批次在计划各周之前，不再计划：已有的货物应填入库存表。",
        "approved.week",
    ),
)
AFTER = (
    "approved lots of later weeks",
    (
        "These lots fall after the weeks planned: they are left out.",
        "这些批次在计划各周之后：未计入。",
        "horizon.weeks",
    ),
)


def with_approved(
    problem: ClusterProblem, approved: pd.DataFrame, start: date
) -> tuple[ClusterProblem, list[Assumption]]:
    """Return the problem with the lots of the table **approved**, and what of it had to be left out, or goes beyond the room there is.

    What is decided of a product at a maker in a week is one lot, whoever it is for; one smaller than its maker's minimum batch is kept at
    the minimum.

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
        (problem.firm[f], problem.sku[i], chain_firms(problem.chain_label(r))): r
        for r, (f, i) in enumerate(zip(problem.route_firm, problem.route_product, strict=True))
    }
    lots: dict[tuple[int, int, int], float] = {}
    left_out: list[Assumption] = []
    outside: dict[bool, list[float]] = {False: [], True: []}
    for row in approved.assign(chain=approved.get("chain")).itertuples():
        week = (row.week - pd.Timestamp(start)).days // 7
        if not 0 <= week < problem.weeks:
            outside[week >= problem.weeks].append(float(row.quantity))
            continue
        chain = row.chain if isinstance(row.chain, str) else ""
        ends = not chain or chain.split(CHAIN)[-1] == row.firm
        route = routes.get((row.firm, row.sku, chain_firms(chain))) if ends else None
        if route is None:
            subject, units = f"{row.firm} {row.sku} {row.week:%Y-%m-%d}", f"{row.quantity:g}"
            left_out.append(
                Assumption("approved", *NO_CHAIN, subject=f"{subject} {chain}", value=units, unit="units")
                if chain
                else Assumption("approved", *NO_CAPABILITY, subject=subject, value=units, unit="units")
            )
            continue
        key = route, firms[row.seller], week
        lots[key] = lots.get(key, 0.0) + float(row.quantity)
    left_out += [
        Assumption(name, *said, value=f"{sum(units):g}", unit="units")
        for units, (name, said) in ((outside[False], BEFORE), (outside[True], AFTER))
        if units
    ]
    if not lots:
        return problem, left_out
    routes_of, sellers, weeks = np.array(list(lots), dtype=np.int64).T
    parts = np.array(list(lots.values()))
    _, lot = np.unique(np.stack([routes_of, weeks]), axis=1, return_inverse=True)
    whole = np.bincount(lot, parts)[lot]
    parts *= np.maximum(whole, problem.route_batch[routes_of]) / whole
    owners, hours = problem.firm_owner[sellers], np.zeros(problem.regular.shape)
    known = problem.with_approved(Approved(routes_of, owners, weeks, parts, hours, sellers))
    wider = np.flatnonzero(known.node_capacity > problem.node_capacity)
    left_out += [
        Assumption(
            "room for approved lots", *NO_ROOM, subject=problem.node[n], value=f"{known.node_capacity[n]:g}", unit="m³"
        )
        for n in wider
    ]
    return known, left_out


def frozen_lots(lots: pa.Table, approved: list[dict[str, Any]], start: date, weeks: int) -> list[dict[str, Any]]:
    """Return rows of **approved** that freeze the joint plan's lots of the first weeks, besides what is approved.

    Rows of a lot name the sellers to whom its goods went, which need not be those for whom it was approved: no more of it is frozen
    than was made beyond what is approved, for each seller what it has of the lot beyond what is approved for it.

    Parameters
    ----------
    lots : Table
        Rows of **lots**.
    approved : list of dict
        Rows of **approved**.
    start : date
        Monday of the first week.
    weeks : int
        Number of weeks that are frozen.
    """

    def in_turn(row: dict[str, Any]) -> str | None:
        """Return the chain of a row; one firm for each step is no other lot than the firm's own."""
        return CHAIN.join(chain_firms(row.get("chain") or "")) or None

    told: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    made: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in approved:
        told[row["week"], row["firm"], row["sku"], in_turn(row)][row["seller"]] += row["quantity"]
    for row in lots.to_pylist():
        if row["plan"] == "joint" and start <= row["week"] < start + timedelta(weeks=weeks):
            made[row["week"], row["maker"], row["sku"], in_turn(row)][row["seller"]] += row["quantity"]
    found = []
    for (week, firm, sku, chain), sellers in made.items():
        stands = told[week, firm, sku, chain]
        beyond = sum(sellers.values()) - sum(stands.values())
        more = {seller: units - stands[seller] for seller, units in sellers.items() if units - stands[seller] > LEAST}
        if beyond > LEAST:
            part = beyond / sum(more.values())
            lot = {"week": week, "firm": firm, "sku": sku, "chain": chain, "state": "frozen"}
            found += [lot | {"seller": seller, "quantity": part * units} for seller, units in more.items()]
    return found


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
