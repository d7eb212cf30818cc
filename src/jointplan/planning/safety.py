"""Safety stock in the plan: units that are set aside where they wait for more demand than expected.

A stock's safety units are wanted like any demand, once, in the first week in which they can be there, and at a market of its
own: the place where they lie. What is handed over there is not sold. It stays to the end, costs what goods in stock cost, and each
week protects sales: the money a week that the unit saves in expectation is its price. Since it stays in use, it is worth at the
end what making it and bringing it there costs at least; what else is left over is worth its making alone. The units of a target are wanted in a few parts, the ones most likely needed first, so that a plan sets aside what pays. Every plan
and every bound then holds for them as for other demand. Where room is limited, theirs is taken from it beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import pandas as pd

from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints

ROOM_SHARE = 0.5  # of the free room of a place, at most, is set aside


@dataclass(frozen=True)
class Parts:
    """Parts of safety stock that are wanted, one entry each (X,).

    Parameters
    ----------
    node, product, market, seller : (X,)
        Where it lies, of what, for which market and firm.
    week : (X,)
        From when it is wanted.
    units : (X,)
        Units.
    worth : (X,)
        What a unit saves in a week, in expectation.
    """

    node: Ints
    product: Ints
    market: Ints
    seller: Ints
    week: Ints
    units: Floats
    worth: Floats

    def where(self, kept: Bools) -> Parts:
        """Return some of the parts."""
        return Parts(
            self.node[kept], self.product[kept], self.market[kept], self.seller[kept], self.week[kept], self.units[kept],
            self.worth[kept],
        )  # fmt: skip


def wanted_parts(problem: ClusterProblem, rows: pd.DataFrame) -> Parts:
    """Read rows of **protection** of goods that are planned; parts that can be there only after the end are left out."""
    known = [problem.node, problem.sku, problem.market, problem.firm]
    numbers = [dict(zip(names, range(len(names)), strict=True)) for names in known]
    columns = ("site", "sku", "market", "seller")
    found = np.array(
        [[of.get(name, -1) for name in rows[column]] for of, column in zip(numbers, columns, strict=True)],
        dtype=np.int64,
    ).reshape(4, -1)
    week = np.array([ceil(weeks - 1e-9) for weeks in rows["lead_weeks"]], dtype=np.int64)
    node, product, market, seller = found
    parts = Parts(node, product, market, seller, week, rows["units"].to_numpy(float), rows["worth"].to_numpy(float))
    return parts.where((found >= 0).all(axis=0) & (week < problem.weeks) & (parts.units > 0))


def with_safety_stock(problem: ClusterProblem, rows: pd.DataFrame) -> ClusterProblem:
    """Return the problem with the safety stock that is worth more a week than keeping it costs.

    Parameters
    ----------
    problem : ClusterProblem
        The problem without.
    rows : DataFrame
        Rows of the table **protection**: site, sku, market, seller, lead_weeks, units, worth (money a unit and week).
    """
    parts = wanted_parts(problem, rows)
    cost = keeping_cost(problem, parts.product, parts.node)
    parts = _fitting(problem, parts.where(parts.worth > cost))
    if not len(parts.units):
        return problem
    (nodes, markets), at = np.unique(np.stack([parts.node, parts.market]), axis=1, return_inverse=True)
    aside = _with_places(problem, nodes, markets)
    net = parts.worth - keeping_cost(problem, parts.product, parts.node)
    weeks = problem.weeks - parts.week
    value = problem.end_value[parts.product] + problem.way_cost[parts.node, parts.product]
    demand = np.zeros((len(net), problem.weeks))
    demand[np.arange(len(net)), parts.week] = parts.units
    series, entries, credit = len(net), problem.entries, problem.credit
    never = np.full(series, problem.weeks)
    room = np.bincount(parts.node, parts.units * problem.volume[parts.product], len(problem.node))
    return replace(
        aside,
        node_capacity=problem.node_capacity - room,
        series_product=np.append(problem.series_product, parts.product),
        series_market=np.append(problem.series_market, len(problem.market) + at.ravel()),
        series_seller=np.append(problem.series_seller, parts.seller),
        demand=np.concatenate([problem.demand, demand]),
        price=np.append(problem.price, value + weeks * net),
        fee=None if problem.fee is None else np.append(problem.fee, np.zeros(series)),
        late_cost=np.append(problem.late_cost, net),
        goodwill=np.append(problem.goodwill, np.zeros(series)),
        entries=entries and replace(entries, series=np.append(entries.series, np.full(series, -1))),
        credit=credit and replace(credit, receipt_weeks=np.append(credit.receipt_weeks, never)),
    )


def keeping_cost(problem: ClusterProblem, product: Ints, node: Ints) -> Floats:
    """Return what a unit of each product costs that lies at its place for a week: capital and storage."""
    return np.asarray(problem.place_holding[node, product] + problem.node_storage[node] * problem.volume[product])


def aside_place(problem: ClusterProblem) -> Ints:
    """Return the place where what each series wants is set aside, −1 for what is sold; (S,)."""
    place = np.full(len(problem.market), -1)
    lanes = problem.lane_aside
    place[problem.lane_market[lanes]] = problem.lane_origin[lanes]
    return np.asarray(place[problem.series_market])


def protected(problem: ClusterProblem, serve: Floats, owed: Floats) -> Floats:
    """Return what units set aside save in expectation, (S, T): their worth a week, for as long as they are there.

    It is what they are paid for beyond their worth at the end and what keeping them costs; units waited for and given up in
    the end have cost the wait.
    """
    p, place = problem, aside_place(problem)
    kept = np.where(place >= 0, keeping_cost(p, p.series_product, place), 0.0)
    value = p.end_value[p.series_product] + (p.way_cost[place, p.series_product] if len(p.aside) else 0.0)
    paid = np.where(place >= 0, p.price - value, 0.0)
    waited = np.where(place >= 0, p.late_cost, 0.0)
    return np.asarray(
        serve * paid[:, None] + serve.cumsum(axis=1) * kept[:, None] - np.maximum(owed, 0.0) * waited[:, None]
    )


def _fitting(problem: ClusterProblem, parts: Parts) -> Parts:
    """Return the parts for which there is room, the ones worth most for theirs first."""
    free = ROOM_SHARE * (problem.node_capacity - problem.room_needed)
    size = parts.units * problem.volume[parts.product]
    with np.errstate(divide="ignore"):
        order = np.argsort(-parts.worth / problem.volume[parts.product], kind="stable")
    kept = np.zeros(len(size), bool)
    for x in order.tolist():
        kept[x] = size[x] <= free[parts.node[x]]
        free[parts.node[x]] -= size[x] if kept[x] else 0.0
    return parts.where(kept)


def _with_places(problem: ClusterProblem, node: Ints, market: Ints) -> ClusterProblem:
    """Return the problem with a market for goods set aside at each place for a market, on the same terms, a step away."""
    p, new = problem, len(problem.market) + np.arange(len(node))
    certificates, terms = p.certificates, p.terms
    held, of_held = np.nonzero(certificates.market[:, None] == market[None, :])
    bound, of_bound = np.nonzero(terms.market[:, None] == market[None, :])
    nothing = np.zeros((len(node), len(p.sku)))
    names = tuple(f"{p.market[m]} @ {p.node[n]}" for m, n in zip(market, node, strict=True))
    return replace(
        p,
        market=(*p.market, *names),
        aside=new,
        lane=(*p.lane, *names),
        lane_origin=np.append(p.lane_origin, node),
        lane_node=np.append(p.lane_node, np.full(len(node), -1)),
        lane_market=np.append(p.lane_market, new),
        lane_weeks=np.append(p.lane_weeks, np.zeros(len(node), np.int64)),
        lane_mode=(*p.lane_mode, *(["aside"] * len(node))),
        unit_freight=np.concatenate([p.unit_freight, nothing]),
        basis=np.concatenate([p.basis, nothing]),
        basis_by=None if p.basis_by is None else np.pad(p.basis_by, ((0, 0), (0, len(node)), (0, 0))),
        border=None if p.border is None else np.pad(p.border, ((0, 0), (0, len(node)), (0, 0))),
        clearing=None if p.clearing is None else np.pad(p.clearing, ((0, 0), (0, len(node)))),
        certificates=replace(
            certificates,
            route=np.append(certificates.route, certificates.route[held]),
            market=np.append(certificates.market, new[of_held]),
            weeks=np.append(certificates.weeks, certificates.weeks[held]),
        ),
        terms=replace(
            terms,
            protector=np.append(terms.protector, terms.protector[bound]),
            market=np.append(terms.market, new[of_bound]),
        ),
    )
