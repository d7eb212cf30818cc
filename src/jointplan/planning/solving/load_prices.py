"""Prices of loads that go to markets, a price for each number of weeks that goods come late.

A container is filled only by waiting for goods. One price for all that a load takes would let every week's goods fill a
part of a container, none of them waiting. With a price for each lateness a load knows how much there is to take that comes in time,
how much a week late, and so on, and is bounded by the best mixture (the convex hull of one load's fillings, by Lagrangian
relaxation; the forcing constraints of network design in another form).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.model import PlanModel
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.solving.compiled import entry, inner
from jointplan.planning.solving.graph import Array, Graph

TINY = 1e-9


class Tolls(NamedTuple):
    """What goods pay on their last arc by their lateness.

    ``load`` (A,) is the load of an arc among those that are priced so, −1 for none; ``basis`` (A,) what a unit takes of it;
    ``price`` (loads, T, weeks late) what that costs, by the week it leaves.
    """

    load: Ints
    basis: Floats
    price: Floats


def no_tolls(graph: Graph) -> Tolls:
    """Return tolls of nothing."""
    arcs = len(graph.arcs)
    return Tolls(np.full(arcs, -1), np.zeros(arcs), np.zeros((0, 0, 0)))


class LoadPrices:
    """The loads of which all goods are handed over where they arrive.

    Parameters
    ----------
    model, graph : PlanModel, Graph
        What is planned.
    basis : (A,) ndarray
        Basis units, or containers, of a unit on each of the network's arcs.
    most : (loads, T) ndarray
        The most that a load can take.

    Attributes
    ----------
    last : (loads,) bool ndarray
        Which of the model's loads these are.
    most : (X, T, weeks late) ndarray
        The most there is to take by how late it comes, for each of these loads.
    """

    def __init__(self, model: PlanModel, graph: Graph, basis: Floats, most: Floats) -> None:
        p, net, loads = model.problem, model.network, model.loads
        T, classes = p.weeks, p.late_weeks + 1
        self.last = np.ones(len(loads.lane), bool)
        self.last[loads.of_arc[(loads.of_arc >= 0) & (net.arc_sink < 0)]] = False
        number = np.append(np.where(self.last, self.last.cumsum() - 1, -1), -1)[loads.of_arc]
        self.arc = number[graph.arcs["number"]]
        self.basis = np.ascontiguousarray(basis[graph.arcs["number"]])
        self.total = most[self.last]
        # What is wanted by week, of which lateness takes its part.
        wanted = np.zeros((len(net.sink_market), T))
        np.add.at(wanted, (graph.orders["sink"], graph.orders["week"]), graph.orders["units"])
        volume = np.zeros((int(self.last.sum()), T))
        mine = np.flatnonzero(number >= 0)
        np.add.at(volume, number[mine], wanted[net.arc_sink[mine]] * basis[mine][:, None])
        lane = loads.lane[self.last]
        self.most = np.zeros((len(lane), T, classes))
        for x, weeks in enumerate(p.lane_weeks[lane]):
            for late in range(classes):
                leaves = np.arange(max(late - weeks, 0), T - weeks)
                self.most[x, leaves, late] = volume[x, leaves + weeks - late]
        boxes = {int(n): float(rate) for n, rate in zip(p.containers.lane, p.containers.rate, strict=True)}
        self.box = np.array([boxes.get(int(n), -1.0) for n in lane])
        bands = [np.flatnonzero(p.bands.lane == n) for n in lane]
        self.first = np.append(0, np.cumsum([len(b) for b in bands])).astype(np.int64)
        entries = np.concatenate([*bands, np.empty(0, np.int64)]).astype(np.int64)
        self.bands = np.stack([p.bands.low, p.bands.high, p.bands.rate, p.bands.minimum], axis=1)[entries]

    def tolls(self, price: Floats) -> Tolls:
        """Return what goods pay at prices (X, T, weeks late)."""
        return Tolls(self.arc, self.basis, price)

    def settle(self, price: Floats) -> tuple[float, Floats]:
        """Return the least of charge − price · quantity over these loads, and the quantities that give it."""
        quantity = np.zeros_like(self.most)
        return _settle(price, self.most, self.total, self.box, self.first, self.bands, quantity), quantity


@inner
def _worth(price: Array, most: Array, order: Array, quantity: float) -> float:
    """Return what goods of a quantity pay at most."""
    paid, left = 0.0, quantity
    for i in order:
        if price[i] <= 0 or left <= 0:
            break
        take = min(most[i], left)
        paid += take * price[i]
        left -= take
    return paid


@entry
def _settle(price: Array, most: Array, total: Array, box: Array, first: Array, bands: Array, quantity: Array) -> float:
    loads, weeks, classes = price.shape
    found = 0.0
    for x in range(loads):
        for t in range(weeks):
            order = np.argsort(-price[x, t])
            # What is there to take, and the quantities where what goods pay changes.
            reach, steps = 0.0, 0
            step = np.empty(classes)
            for i in order:
                if price[x, t, i] <= 0:
                    break
                if most[x, t, i] > 0 and reach < total[x, t]:
                    reach = min(reach + most[x, t, i], total[x, t])
                    step[steps] = reach
                    steps += 1
            if steps == 0:
                continue
            least, best = 0.0, 0.0
            if box[x] >= 0:
                for n in range(steps + int(np.floor(reach)) + 1):
                    at = step[n] if n < steps else float(n - steps)
                    value = np.ceil(at - TINY) * box[x] - _worth(price[x, t], most[x, t], order, at)
                    if value < least:
                        least, best = value, at
            top = 0.0
            for b in range(first[x], first[x + 1]):
                top = max(top, bands[b, 1])
            for b in range(first[x], first[x + 1]):
                low, high, rate, minimum = bands[b, 0], bands[b, 1], bands[b, 2], bands[b, 3]
                end = reach if high >= top else min(reach, high)
                for n in range(steps + 2):
                    if n < steps:
                        at = min(step[n], end)
                    elif n == steps:
                        at = end
                    else:
                        at = min(end, max(low, minimum / rate)) if rate > 0 else end
                    value = max(minimum, rate * max(at, low)) - _worth(price[x, t], most[x, t], order, at)
                    if value < least:
                        least, best = value, at
            found += least
            for i in order:
                if price[x, t, i] <= 0 or best <= 0:
                    break
                quantity[x, t, i] = min(most[x, t, i], best)
                best -= quantity[x, t, i]
    return found
