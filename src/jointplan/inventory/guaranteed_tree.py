"""Guaranteed service on trees, exactly: the dynamic programme of Graves and Willems (2000, with the erratum of 2003)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jointplan.inventory.guaranteed import ServiceNetwork, ServicePlan, without_idle_waits

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


def plan_tree(network: ServiceNetwork) -> ServicePlan:
    """Return the cheapest service times of a network without circles, whatever the direction of its arcs.

    Each stage k, in an order in which at most one neighbour stands later, is given the cost of the part of the tree before it as
    a function of what it shares with that neighbour: of its service time S where the neighbour is a customer, of its inbound time
    SI where it is a supplier. O(stages × time²).
    """
    if not network.is_tree:
        raise ValueError("two ways lead between two stages: plan it as a general network")
    order, later = _leaves_first(network)
    programme = _Programme(network, later)
    for k in order:
        programme.visit(k)
    return ServicePlan(without_idle_waits(network, programme.trace(order)))


def _leaves_first(network: ServiceNetwork) -> tuple[list[int], list[int]]:
    """Return the stages, leaves first, and each one's only neighbour that stands later (−1: none)."""
    n = len(network.names)
    near = [set(network.suppliers[k]) | set(network.customers[k]) for k in range(n)]
    order: list[int] = []
    later = [-1] * n
    ready = [k for k in range(n) if len(near[k]) <= 1]
    done = [False] * n
    for k in ready:
        if done[k]:
            continue
        done[k] = True
        order.append(k)
        if near[k]:
            other = near[k].pop()
            later[k] = other
            near[other].discard(k)
            if len(near[other]) <= 1:
                ready.append(other)
    return order, later


class _Programme:
    """Tables of the programme: value of each stage's part of the tree, and the choices that lead to it."""

    def __init__(self, network: ServiceNetwork, later: list[int]) -> None:
        self.network = network
        self.later = later
        n = len(network.names)
        self.value: list[Array] = [np.empty(0)] * n
        self.best: list[Index] = [np.empty(0, dtype=np.int64)] * n
        self.low: list[tuple[Array, Index]] = [(np.empty(0), np.empty(0, dtype=np.int64))] * n

    def visit(self, k: int) -> None:
        """Fill in the value of stage k from the stages before it."""
        net = self.network
        reach, limit = int(net.longest[k] - net.times[k]), net.limit(k)
        s, si = np.arange(limit + 1)[:, None], np.arange(reach + 1)[None, :]
        tau = si + int(net.times[k]) - s
        total = np.where(tau >= 0, net.costs[k][np.clip(tau, 0, len(net.costs[k]) - 1)], np.inf)
        total = np.where(si >= int(net.inbound[k]), total, np.inf)
        for i in net.suppliers[k]:
            if i != self.later[k]:
                total = total + self._up_to(i, reach)[None, :]
        for j in net.customers[k]:
            if j != self.later[k]:
                total = total + self._from(j, limit)[:, None]
        up = self.later[k] in net.suppliers[k] if self.later[k] >= 0 else False
        axis = 0 if up else 1
        self.value[k], self.best[k] = total.min(axis=axis), total.argmin(axis=axis)

    def _up_to(self, i: int, reach: int) -> Array:
        # A supplier before k may serve sooner than k counts on: the least value over S ≤ SI.
        value = self.value[i]
        least = np.minimum.accumulate(value)
        new = np.where(value <= least, np.arange(len(value)), 0)
        self.low[i] = (least, np.maximum.accumulate(new))
        return least[np.minimum(np.arange(reach + 1), len(value) - 1)]

    def _from(self, j: int, limit: int) -> Array:
        # A customer before k may count on a longer time than k's: the least value over SI ≥ S.
        value = self.value[j][::-1]
        least = np.minimum.accumulate(value)
        new = np.where(value <= least, np.arange(len(value)), 0)
        place = len(value) - 1 - np.maximum.accumulate(new)[::-1]
        self.low[j] = (least[::-1], place)
        return self.low[j][0][: limit + 1]

    def trace(self, order: list[int]) -> Index:
        """Return the service time of every stage, from the last one back."""
        net = self.network
        service = np.zeros(len(order), dtype=np.int64)
        inbound = np.zeros(len(order), dtype=np.int64)
        for k in reversed(order):
            other = self.later[k]
            if other < 0:
                # The value is a function of S where no neighbour is later.
                service[k] = int(self.value[k].argmin())
                inbound[k] = int(self.best[k][service[k]])
            elif other in net.suppliers[k]:
                inbound[k] = int(self.low[k][1][service[other]])
                service[k] = int(self.best[k][inbound[k]])
            else:
                place = min(int(inbound[other]), len(self.value[k]) - 1)
                service[k] = int(self.low[k][1][place])
                inbound[k] = int(self.best[k][service[k]])
        return service
