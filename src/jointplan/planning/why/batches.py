"""Batches that are missing, each weighed against what all gain whom it would serve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jointplan.planning.network import ROUNDING
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.why.figures import Figures
from jointplan.planning.why.reason import Reason


def weigh(figures: Figures, group: int, lines: dict[int, list[Reason]]) -> None:
    """Set what a missing batch costs against what all gain whom it would serve, and tell it once to all of them.

    One that would gain more than it costs is one that the search has not found, or not for lack of setups. Of batches that
    are missing week after week, the one that would gain most serves whom it reaches in time.

    Parameters
    ----------
    figures : Figures
        Of the plan.
    group : int
        Number of the series that one lot can serve, see ``Waiting.group``.
    lines : dict of int to list of Reason
        The reasons of these series, week by week; those that tell a missing batch are put right.
    """
    missing = [(s, n) for s, line in lines.items() for n, reason in enumerate(line) if reason.batch >= 0]
    gains: dict[tuple[int, int], float] = {}
    while missing:
        for s, n in missing:
            key = lines[s][n].batch, lines[s][n].binding_first
            if key not in gains:
                gains[key] = _gain(figures, group, *key)

        def net(reason: Reason) -> float:
            return gains[reason.batch, reason.binding_first] - (reason.cost or 0.0)

        best = max((lines[s][n] for s, n in missing), key=net)
        gain, week = gains[best.batch, best.binding_first], best.binding_first
        told = [
            (s, n) for s, n in missing
            if lines[s][n] is best or week + _reach(figures, best.batch, s) <= lines[s][n].first
        ]  # fmt: skip
        # More than the plan may lack to the best one it cannot gain: then it would take as much from others.
        cause = "setup" if net(best) <= 0 else "gap" if net(best) <= _lacking(figures.plan) else "displaced"
        for s, n in told:
            lines[s][n] = replace(
                lines[s][n], cause=cause, batch=best.batch, group=group, maker=best.maker,
                cost=best.cost, usual=gain, binding_first=week, binding_last=week,
            )  # fmt: skip
        missing = [one for one in missing if one not in told]


def _lacking(plan: ClusterPlan) -> float:
    """Return by how much a plan may be below the best one; infinite where nothing is proven."""
    upper, value = plan.upper, plan.value
    return np.inf if upper is None else upper - value + ROUNDING * max(abs(value), 1.0)


def _gain(figures: Figures, group: int, lot: int, week: int) -> float:
    """Return what all gain at most by a batch that is not there, its setup not counted.

    Each unit that it could bring in time spares the weeks that it waits, and one that is given up what is lost with it,
    less its hours at their price and the weeks that it would be kept.
    """
    p, net, waiting = figures.plan.problem, figures.plan.network, figures.waiting
    route = int(net.lot_route[lot])
    rent = float(figures.hours.rent[route, week])
    served = np.flatnonzero(waiting.group == group)
    together, total = float(waiting.unmet[served].sum()), 0.0
    for s in served.tolist():
        lead = _reach(figures, lot, s)
        if week + lead >= p.weeks:
            continue  # no unit would be there before the plan ends
        early = np.arange(p.weeks) - lead - week  # weeks that it would be kept, of units due in each week
        kept = rent + p.place_holding[p.route_firm[route], p.route_product[route]] * np.maximum(early, 0.0)
        kept_late, kept_unmet = (kept + _tolls(figures, lot, s, week, kind) for kind in ("late", "unmet"))
        left = waiting.left[s]
        # Units due in a week and delivered in a later one; what is left at the end waits till the end.
        gone = left - np.concatenate([left[:, 1:], np.zeros((p.weeks, 1))], axis=1)
        weeks = np.arange(p.weeks) - np.arange(p.weeks)[:, None] + 1
        spared = np.maximum(p.late_cost[s] * weeks - kept_late[:, None], 0.0)
        total += float((np.triu(gone) * spared)[early >= 0].sum())
        supplies = _supplies(figures.plan, lot, s)
        freight = float(figures.carriage.freight(int(net.series_sink[s]))[net.supply_place[supplies], -1].min())
        lateness = p.late_cost[s] * np.maximum(-early, 0.0)
        making = figures.making.cost(int(supplies[0]), together)[week]
        worth = np.maximum(p.price[s] + p.goodwill[s] - making - freight - kept_unmet - lateness, 0.0)
        total += float((waiting.unmet[s] * worth)[early >= -p.late_weeks].sum())
    return total


def _tolls(figures: Figures, lot: int, s: int, week: int, kind: str) -> Floats:
    """Return what a unit of a lot that comes out in a week pays at limits that are used up, by the week it is due; (T,)."""
    p, net, waiting = figures.plan.problem, figures.plan.network, figures.waiting
    wanted = waiting.unmet[s] if kind == "unmet" else waiting.left[s].sum(axis=1)
    lost = float(p.price[s] + p.goodwill[s] if kind == "unmet" else p.late_cost[s] * p.weeks)
    tolls = np.zeros(p.weeks)
    places = np.unique(net.supply_place[_supplies(figures.plan, lot, s)])
    for t in np.flatnonzero(wanted > TINY).tolist():
        way = figures.way(s, t, kind, lost)
        if way is not None:
            tolls[t] = min(float(way.tolls(int(place))[week]) for place in places)
    return tolls


def _supplies(plan: ClusterPlan, lot: int, s: int) -> Ints:
    """Return the supplies of a lot that can serve a series."""
    net = plan.network
    return np.flatnonzero((net.supply_lot == lot) & (net.supply_commodity == net.sink_commodity[net.series_sink[s]]))


def _reach(figures: Figures, lot: int, s: int) -> float:
    """Return the least weeks from a lot to a series; infinite where no way leads there."""
    places = figures.plan.network.supply_place[_supplies(figures.plan, lot, s)]
    return float(figures.carriage.lead(int(figures.plan.network.series_sink[s]))[places].min(initial=np.inf))
