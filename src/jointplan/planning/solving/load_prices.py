"""Prices of loads that go to markets, a price for each order and number of weeks that it comes late.

A container is filled only by waiting for goods, and sails whole for the least of them. One price for all that a load takes would let
every week's goods fill a part of a container, none of them waiting. With a price for each order a load knows how much of it there is
to take, so that an order that comes wholly in a container needs the whole container. Each load is bounded by the best mixture of its
fillings (the convex hull of one load's fillings, by Lagrangian relaxation; it holds the strong forcing constraints of network
design, that nothing takes more of a load than the part of the load that is there, and the rounding of containers).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.model import PlanModel
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.solving.compiled import entry
from jointplan.planning.solving.graph import Array, Graph

TINY = 1e-9


class Tolls(NamedTuple):
    """What orders pay on their last arc by their lateness.

    ``load`` (A,) is the load of an arc among those that are priced so, −1 for none; ``basis`` (A,) what a unit takes of it.
    An order on an arc has the row ``first`` (orders,) + ``slot`` (A,); ``price`` (rows, weeks late) is what a basis unit costs.
    """

    load: Ints
    basis: Floats
    first: Ints
    slot: Ints
    price: Floats


def no_tolls(graph: Graph) -> Tolls:
    """Return tolls of nothing."""
    arcs, orders = len(graph.arcs), len(graph.orders)
    none = np.zeros(orders, np.int64)
    return Tolls(np.full(arcs, -1), np.zeros(arcs), none, np.zeros(arcs, np.int64), np.zeros((0, 0)))


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
    load : (rows,) ndarray
        The load of each order on each arc that takes it there.
    most : (rows, weeks late) ndarray
        What each order may take of it by how late it comes, in basis units or containers; 0 where it cannot.
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
        # The priced arcs of each sink, one after the other; an order has a row for each of its sink's.
        arcs = graph.into[(self.arc[graph.into] >= 0) & (graph.arcs["sink"][graph.into] >= 0)]
        sink = graph.arcs["sink"][arcs]
        count = np.bincount(sink, minlength=len(net.sink_market))
        begin = np.append(0, count.cumsum())[:-1]
        self.slot = np.zeros(len(graph.arcs), np.int64)
        self.slot[arcs] = np.arange(len(arcs)) - begin[sink]
        orders = graph.orders
        rows = count[orders["sink"]]
        self.first = (rows.cumsum() - rows).astype(np.int64)
        order = np.repeat(np.arange(len(orders)), rows)
        arc = arcs[begin[orders["sink"][order]] + np.arange(len(order)) - self.first[order]]
        self.load = self.arc[arc]
        # What may leave in which week: each load's orders stand together, week by week.
        late = np.arange(classes)[None, :]
        arrives = orders["week"][order][:, None] + late
        leaves = arrives - graph.arcs["lag"][arc][:, None]
        can = (arrives <= orders["last"][order][:, None]) & (leaves >= 0)
        takes = orders["units"][order] * self.basis[arc]
        self.most = np.where(can, takes[:, None], 0.0)
        entries = np.flatnonzero(self.most)
        cell = (self.load[:, None] * T + leaves).ravel()[entries]
        by_cell = np.argsort(cell, kind="stable")
        self.entries, self.cell = entries[by_cell], cell[by_cell]
        self.cells = np.searchsorted(self.cell, np.arange(self.total.size + 1))
        lane = loads.lane[self.last]
        boxes = {int(n): float(rate) for n, rate in zip(p.containers.lane, p.containers.rate, strict=True)}
        self.box = np.array([boxes.get(int(n), -1.0) for n in lane])
        bands = [np.flatnonzero(p.bands.lane == n) for n in lane]
        self.bands_of = np.append(0, np.cumsum([len(b) for b in bands])).astype(np.int64)
        tariff = np.concatenate([*bands, np.empty(0, np.int64)]).astype(np.int64)
        self.clearing = p.clearing_on(lane)
        self.bands = np.stack([p.bands.low, p.bands.high, p.bands.rate, p.bands.minimum], axis=1)[tariff]

    def tolls(self, price: Floats) -> Tolls:
        """Return what goods pay at prices (rows, weeks late)."""
        return Tolls(self.arc, self.basis, self.first, self.slot, price)

    def spread(self, rate: Floats) -> Floats:
        """Return the prices (rows, weeks late) of a rate (loads, T) that all pay alike."""
        price = np.zeros(self.most.shape)
        price.ravel()[self.entries] = rate.ravel()[self.cell]
        return price

    def settle(self, price: Floats) -> tuple[float, Floats]:
        """Return the least of charge − price · quantity over these loads, and the quantities that give it."""
        quantity = np.zeros(self.most.size)
        entries = self.entries
        least = _settle(
            price.ravel()[entries], self.most.ravel()[entries], self.cells, self.total, self.clearing, self.box,
            self.bands_of, self.bands, entries, quantity,
        )  # fmt: skip
        return least, quantity.reshape(self.most.shape)

    def worth(self, price: Floats, quantity: Floats) -> Floats:
        """Return what a basis unit of each load pays, (loads, T): the mean of what is carried, or the highest."""
        paid, carried = price.ravel()[self.entries], quantity.ravel()[self.entries]
        highest = np.zeros(self.total.size)
        np.maximum.at(highest, self.cell, paid)
        amount, income = (np.bincount(self.cell, values, len(highest)) for values in (carried, paid * carried))
        mean = np.divide(income, amount, out=highest, where=amount > TINY)
        return np.asarray(mean.reshape(self.total.shape))


@entry
def _settle(
    price: Array, most: Array, cells: Array, total: Array, clearing: Array, box: Array, bands_of: Array, bands: Array,
    entries: Array, quantity: Array,
) -> float:  # fmt: skip
    """Write the best quantity of each load and week at its entry's place; return the sum of charge − price · quantity.

    What pays most is taken first, so that what goods pay is concave in the quantity. Within a band, and for containers between two
    whole numbers, the charge is convex: the best quantity is where goods stop paying what more costs, or at an end.
    """
    found = 0.0
    for x in range(len(total)):
        for t in range(total.shape[1]):
            begin, end = cells[x * total.shape[1] + t], cells[x * total.shape[1] + t + 1]
            order = np.argsort(-price[begin:end])
            least, best = 0.0, 0.0
            if box[x] >= 0:
                at, paid, charge, whole_number = 0.0, 0.0, clearing[x, t], 0.0
                for i in order:
                    i += begin
                    if price[i] <= 0 or at >= total[x, t]:
                        break
                    left = min(most[i], total[x, t] - at)
                    while at + left > whole_number + 1.0 + TINY:
                        part = whole_number + 1.0 - at
                        at, left, paid = whole_number + 1.0, left - part, paid + part * price[i]
                        whole_number, charge = at, charge + box[x]
                        if charge - paid < least:
                            least, best = charge - paid, at
                    at, paid = at + left, paid + left * price[i]
                    if charge + box[x] - paid < least:
                        least, best = charge + box[x] - paid, at
            top = 0.0
            for b in range(bands_of[x], bands_of[x + 1]):
                top = max(top, bands[b, 1])
            for b in range(bands_of[x], bands_of[x + 1]):
                low, high, rate, minimum = bands[b, 0], bands[b, 1], bands[b, 2], bands[b, 3]
                limit = total[x, t] if high >= top else min(total[x, t], high)
                kink = max(low, minimum / rate) if rate > 0 else np.inf
                at, paid = 0.0, 0.0
                for i in order:
                    i += begin
                    if price[i] <= 0 or at >= limit or (at >= kink and price[i] <= rate):
                        break
                    part = min(most[i], limit - at)
                    if at < kink < at + part and price[i] <= rate:
                        part = kink - at
                    at, paid = at + part, paid + part * price[i]
                value = clearing[x, t] + max(minimum, rate * max(at, low)) - paid
                if value < least:
                    least, best = value, at
            found += least
            for i in order:
                if best <= 0:
                    break
                quantity[entries[begin + i]] = min(most[begin + i], best)
                best -= most[begin + i]
    return found
