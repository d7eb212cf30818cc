"""Which goods serve which order: a plan's flows taken apart into pieces, first in, first out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.solving.graph import Graph

Step = tuple[int, int]  # an arc of the graph, and the week it is taken


@dataclass(frozen=True)
class Traced:
    """Part of an order: ``source`` is a supply or −1 − n for goods from before number n, ``week`` when they are made."""

    order: int
    source: int
    week: int
    units: float
    way: tuple[Step, ...]


@dataclass
class _Goods:
    source: int
    week: int
    units: float
    way: tuple[Step, ...]


class _Queue(deque[_Goods]):
    """Goods in the order in which they came; at a market, those on a way go before those that waited there from before."""

    def __init__(self, *, market: bool = False) -> None:
        super().__init__()
        self.market = market

    def add(self, goods: _Goods) -> None:
        """Put goods in their place."""
        if self.market and goods.way:
            self.appendleft(goods)
        else:
            self.append(goods)

    def take(self, units: float) -> list[_Goods]:
        """Take out up to so many units."""
        taken = []
        while units > TINY and self:
            goods = self[0]
            if goods.units <= units + TINY:
                self.popleft()
                part = goods
            else:
                part = _Goods(goods.source, goods.week, units, goods.way)
                goods.units -= units
            units -= part.units
            taken.append(part)
        return taken


def trace(plan: ClusterPlan, graph: Graph) -> list[Traced]:
    """Return the parts of every order that the plan serves.

    Parameters
    ----------
    plan : ClusterPlan
        A plan that keeps every rule.
    graph : Graph
        The graph of its network.
    """
    p, net, T = plan.problem, plan.network, plan.problem.weeks
    places = len(graph.places)
    place_of = np.empty(places, np.int64)
    place_of[graph.places] = np.arange(places)
    first = np.repeat(graph.commodity_places[:-1], np.diff(graph.commodity_places))
    at_place = [_Queue() for _ in range(places)]
    at_sink = [_Queue(market=True) for _ in range(len(net.sink_market))]
    coming: list[list[tuple[_Queue, _Goods]]] = [[] for _ in range(T)]

    begin = np.repeat(graph.commodity_places[:-1], np.diff(graph.commodity_early))
    for i, (good, start) in enumerate(zip(graph.early, begin, strict=True)):
        queue = at_place[start + good["place"]] if good["place"] >= 0 else at_sink[good["sink"]]
        coming[good["week"]].append((queue, _Goods(-1 - i, int(good["week"]), float(good["units"]), ())))
    made = plan.make.copy()
    decided = graph.early[graph.early["supply"] >= 0]
    np.subtract.at(made, (decided["supply"], decided["week"]), decided["units"])
    for k, t in np.argwhere(made > TINY).tolist():
        goods = _Goods(k, t, float(made[k, t]), ())
        coming[t].append((at_place[place_of[net.supply_place[k]]], goods))

    ship = plan.ship[graph.arcs["number"]]
    # Places downstream have the lower numbers within their commodity: what passes through in one week goes down.
    leaving: list[list[tuple[int, int]]] = [[] for _ in range(T)]
    origin = np.repeat(np.arange(places), np.diff(graph.place_arcs))
    for a, t in np.argwhere(ship > TINY).tolist():
        leaving[t].append((-int(origin[a]), a))
    number = {(int(o["series"]), int(o["week"])): n for n, o in enumerate(graph.orders)}
    mine = np.isin(np.arange(len(p.series_product)), graph.orders["series"])
    owed: list[deque[list[float]]] = [deque() for _ in range(len(p.series_product))]
    found: list[Traced] = []
    for t in range(T):
        for queue, goods in coming[t]:
            queue.add(goods)
        for place, a in sorted(leaving[t]):
            _, _, to, sink, lag = graph.arcs[a]
            for goods in at_place[-place].take(float(ship[a, t])):
                goods.way = (*goods.way, (a, t))
                queue = at_place[first[-place] + to] if to >= 0 else at_sink[sink]
                if lag == 0:
                    queue.add(goods)
                elif t + lag < T:
                    coming[t + lag].append((queue, goods))
        for s in np.flatnonzero(p.demand[:, t]).tolist():
            owed[s].append([t, float(p.demand[s, t])])
        for s in np.flatnonzero(mine & ((plan.serve[:, t] > TINY) | (plan.unmet[:, t] > TINY))).tolist():
            _drop(owed[s], float(plan.unmet[s, t]))
            for goods in at_sink[net.series_sink[s]].take(float(plan.serve[s, t])):
                for week, units in _drop(owed[s], goods.units):
                    found.append(Traced(number[s, week], goods.source, goods.week, units, goods.way))
    return found


def _drop(owed: deque[list[float]], units: float) -> list[tuple[int, float]]:
    """Take units off the oldest orders; return from which weeks."""
    taken = []
    while units > TINY and owed:
        week, left = owed[0]
        part = min(left, units)
        units -= part
        owed[0][1] -= part
        if owed[0][1] <= TINY:
            owed.popleft()
        taken.append((int(week), part))
    return taken
