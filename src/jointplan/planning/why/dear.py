"""Lots and loads whose units cost well above the median of those they are compared with, and which cost makes them dear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jointplan.planning.network import ROUNDING
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.shares import arc_freight, lot_quantity, share_runs
from jointplan.planning.weekly import sum_by
from jointplan.planning.why.figures import Figures
from jointplan.planning.why.passing import Limit
from jointplan.planning.why.reason import Reason, spread
from jointplan.planning.why.stretches import stretch

DEAR = 1.25  # times the median unit cost of its product from which a line is dear


def dear_lots(figures: Figures) -> Iterator[Reason]:
    """Explain lots whose unit cost is well above the median of their product."""
    plan, p, net = figures.plan, figures.plan.problem, figures.plan.network
    units = lot_quantity(plan)
    route = net.lot_route
    if not units.any():
        return
    base = np.repeat(p.route_cost[route][:, None], p.weeks, axis=1)
    setup = plan.accounts.minor + share_runs(plan, plan.accounts.major)
    bought = _per_unit(sum_by(net.supply_lot, plan.make * figures.making.materials_paid, len(route)), units)
    parts = np.stack([base, _per_unit(setup, units), figures.hours.overtime[route], bought])
    names = ("other_maker", "small_lot", "overtime", "material")
    for e, t, cost, usual, most in _dear(p.route_product[route], units, parts):
        maker, cause = int(p.route_firm[route[e]]), names[most]
        if cause == "other_maker" and not _made_cheaper(plan, e, t):
            cause = "only_maker"
        yield Reason(
            "dear", cause, maker, t, t, product=int(p.route_product[route[e]]), maker=maker,
            quantity=float(units[e, t]), cost=cost, usual=usual,
        )  # fmt: skip


def _made_cheaper(plan: ClusterPlan, lot: int, week: int) -> bool:
    """Return whether anyone who may make all that is in a lot of a week would do so for less."""
    p, net = plan.problem, plan.network
    inside = np.unique(net.supply_commodity[(net.supply_lot == lot) & (plan.make[:, week] > TINY)])
    cheaper = net.supply_granted & (net.supply_weeks > week)
    cheaper &= p.route_cost[net.supply_route] < p.route_cost[net.lot_route[lot]] * (1 - ROUNDING)
    return bool(np.isin(inside, net.supply_commodity[cheaper]).all())


def dear_loads(figures: Figures) -> Iterator[Reason]:
    """Explain shipments to a market whose freight a unit is well above the median of their product there."""
    plan, p, net = figures.plan, figures.plan.problem, figures.plan.network
    last = np.flatnonzero(net.arc_sink >= 0)
    if not len(last):
        return
    units = plan.ship[last]
    freight = _per_unit(arc_freight(plan)[last], units)
    sink = net.arc_sink[last]
    line = net.commodity_product[net.arc_commodity[last]] * len(p.market) + net.sink_market[sink]
    lane = net.arc_lane[last]
    for n, t, cost, usual, _ in _dear(line, units, freight[None]):
        # What is not dear goes by the usual lane.
        ours = (line == line[n])[:, None] & (units > TINY) & (freight <= DEAR * usual)
        usually = np.bincount(lane, np.where(ours, units, 0.0).sum(axis=1)).argmax()
        here = np.flatnonzero(ours.any(axis=1) & (lane == usually))
        same = here[net.arc_commodity[last[here]] == net.arc_commodity[last[n]]]
        cause, limit = _why_dear_load(figures, int(last[n]), int(last[(same if len(same) else here)[0]]), t)
        for seller, part in _whose(figures, int(last[n]), t):
            yield Reason(
                "dear", cause, seller, t, t,
                product=int(line[n] // len(p.market)), market=int(net.sink_market[sink[n]]),
                quantity=float(units[n, t]) * part, cost=cost, usual=usual, **({"lane": int(lane[n])} | limit),
            )  # fmt: skip


def _why_dear_load(figures: Figures, arc: int, usual: int, week: int) -> tuple[str, dict[str, Any]]:
    """Return why goods go by an arc and not by the usual one in a week, and the figures of the limit that binds."""
    p, net = figures.plan.problem, figures.plan.network
    lane = int(net.arc_lane[usual])
    if lane == net.arc_lane[arc]:
        return "small_load", {}
    found = _kept_off(figures, arc, week)
    if found is not None:
        limit, at = found
        first, last = stretch(limit.full, at)
        price = limit.price[first : last + 1]
        return limit.cause, {
            "place": limit.node, "lane": limit.lane, "unit": limit.unit, "limit": float(limit.most[at]),
            "needed": float(limit.takes[net.commodity_product[net.arc_commodity[arc]]]),
            "binding_first": first, "binding_last": last,
        } | (spread(price) if price.any() else {})  # fmt: skip
    leave = week + int(p.lane_weeks[net.arc_lane[arc]] - p.lane_weeks[lane])
    if leave < 0 or figures.carriage.weeks_by(usual) > figures.carriage.weeks_by(arc):
        return "mode", {}
    charged = lane in p.containers.lane or lane in p.bands.lane
    return ("too_small" if charged else "way"), {}


def _kept_off(figures: Figures, arc: int, week: int) -> tuple[Limit, int] | None:
    """Return the limit that keeps goods that leave by an arc in a week from better ways, whenever made, and its week."""
    p, net = figures.plan.problem, figures.plan.network
    commodity, sink = net.arc_commodity[arc], int(net.arc_sink[arc])
    arrives = week + int(p.lane_weeks[net.arc_lane[arc]])
    if arrives >= p.weeks or not figures.passage.guards(int(commodity)):
        return None
    series = net.series_sink == sink
    way = figures.passage.way(sink, arrives, arrives, float((p.price + p.goodwill)[series].max(initial=0.0)))
    supplies = np.flatnonzero(net.supply_commodity == commodity)
    if not len(supplies):
        return None
    early = np.arange(p.weeks) < figures.hours.ready[net.supply_route[supplies]][:, None]
    paid, free = (
        np.where(early, np.inf, [way.costs(int(place), tolls=tolls) for place in net.supply_place[supplies]])
        for tolls in (True, False)
    )
    if not np.isfinite(free.min()) or paid.min() - free.min() < way.least:
        return None
    n, begun = (int(found[0]) for found in np.nonzero(free == free.min()))
    return way.chief(int(net.supply_place[supplies[n]]), begun)


def _whose(figures: Figures, arc: int, week: int) -> Iterator[tuple[int, float]]:
    """Yield for whom goods are that leave by an arc to a market in a week, with the part of each."""
    p, net = figures.plan.problem, figures.plan.network
    sellers = np.unique(p.series_seller[net.series_sink == net.arc_sink[arc]])
    if len(sellers) == 1:
        yield int(sellers[0]), 1.0
        return
    parts = figures.goods.sent({"row": np.array([arc]), "week": np.array([week]), "part": np.ones(1)})
    yield from zip(parts["firm"].tolist(), parts["part"].tolist(), strict=True)


def _per_unit(amount: Floats, units: Floats) -> Floats:
    return np.divide(amount, units, out=np.zeros_like(amount), where=units > TINY)


def _dear(line: Ints, units: Floats, parts: Floats) -> Iterator[tuple[int, int, float, float, int]]:
    """Yield row, week, unit cost, usual unit cost and the part most above its own median, of cells that are dear.

    ``line`` (N,) says which rows are compared, ``parts`` (P, N, T) add up to the unit cost. Medians count units.
    """
    cost = parts.sum(axis=0)
    for one in np.unique(line):
        rows = np.flatnonzero(line == one)
        there = units[rows] > TINY
        if there.sum() < 2:
            continue
        usual = _median(cost[rows][there], units[rows][there])
        usual_parts = [_median(part[rows][there], units[rows][there]) for part in parts]
        for n, t in zip(*np.nonzero(there & (cost[rows] > DEAR * usual)), strict=True):
            above = [part[rows[n], t] - level for part, level in zip(parts, usual_parts, strict=True)]
            yield int(rows[n]), int(t), float(cost[rows[n], t]), usual, int(np.argmax(above))


def _median(values: Floats, weights: Floats) -> float:
    """Return the value below which half the weight lies."""
    order = np.argsort(values, kind="stable")
    half = np.searchsorted(weights[order].cumsum(), weights.sum() / 2)
    return float(values[order][min(int(half), len(values) - 1)])
