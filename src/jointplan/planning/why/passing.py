"""What keeps goods from passing: the room and the intake of places and the space of lanes that a plan has used up.

A way of goods from where they lie to their market is a path through places and weeks, and what it costs is its freight. Where it
leads through a limit that is used up, a unit takes the room of others, and pays its price as a toll. What limits cost a unit is what
its best way with tolls costs beyond the best without: it pays them, or goes by a dearer way around.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.prices import LimitPrices
from jointplan.planning.problem import Bools, Floats
from jointplan.planning.weekly import shift, sum_by

FULL = 0.999  # share of a limit from which it is used up
# Shares of what a unit is worth:
LEAST = 1e-5  # a toll below is none
STEP = 1e-9  # far below any toll: what a step counts as, for the way with the fewest of those alike
NEAR = 1e-11  # ways that differ by less cost the same


@dataclass(frozen=True)
class Limit:
    """A limit on goods on their way.

    Parameters
    ----------
    cause : str
        ``room`` or ``throughput`` of a place, ``space`` of a lane.
    unit : str
        What is counted: ``m3``, ``kg``, or ``unit`` where a lane counts neither.
    node, lane : int
        Where it is; −1 for none.
    lanes : frozenset of int
        The lanes that share it, ``lane`` the first of them.
    most, price : (T,)
        The limit in each week, and what one more unit of it is worth.
    full : (T,) bool
        Weeks in which it is used up.
    takes : (I,)
        What a unit of each product takes of it.
    """

    cause: str
    unit: str
    node: int
    lane: int
    most: Floats
    price: Floats
    full: Bools
    takes: Floats
    lanes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Passage:
    """The limits of a plan that are used up in some week, and what it takes to pass them.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    prices : LimitPrices or None
        What one more unit of each limit is worth; None: nothing is known.
    rate : (A,)
        Freight of a unit on each arc.
    """

    plan: ClusterPlan
    prices: LimitPrices | None
    rate: Floats

    @cached_property
    def limits(self) -> list[Limit]:
        """Every limit that is used up in some week."""
        return [limit for limit in (*self._rooms(), *self._intakes(), *self._spaces()) if limit.full.any()]

    def _rooms(self) -> Iterator[Limit]:
        p, net = self.plan.problem, self.plan.network
        volume = p.volume[net.commodity_product[net.place_commodity]]
        held = sum_by(net.place_node, np.maximum(self.plan.stock, 0.0) * volume[:, None], len(p.node))
        for n in np.flatnonzero(np.isfinite(p.node_capacity)).tolist():
            most = np.full(p.weeks, p.node_capacity[n])
            price = self._price("room", n)
            yield Limit("room", "m3", n, -1, most, price, held[n] >= FULL * most, p.volume)

    def _intakes(self) -> Iterator[Limit]:
        p, net = self.plan.problem, self.plan.network
        volume = self.plan.ship * p.volume[net.commodity_product[net.arc_commodity]][:, None]
        there = net.arc_to >= 0
        come = shift(volume[there], p.lane_weeks[net.arc_lane[there]])
        reached = sum_by(p.lane_node[net.arc_lane[there]], come, len(p.node))
        for n, limit in zip(p.sites.node.tolist(), p.sites.throughput.tolist(), strict=True):
            if np.isfinite(limit):
                most = np.full(p.weeks, limit)
                yield Limit(
                    "throughput", "m3", n, -1, most, self._price("intake", n), reached[n] >= FULL * most, p.volume
                )

    def _spaces(self) -> Iterator[Limit]:
        p, net = self.plan.problem, self.plan.network
        product = net.commodity_product[net.arc_commodity]
        boxes = {int(lane): c for c, lane in enumerate(p.containers.lane)}
        for number, space in enumerate(p.spaces.most.tolist()):
            lanes = p.spaces.lane[p.spaces.space == number].tolist()
            arcs, lane = np.flatnonzero(np.isin(net.arc_lane, lanes)), lanes[0]
            if lane in boxes:
                whole, box = float(np.floor(space + 1e-9)), boxes[lane]
                ways: tuple[tuple[int, str, Floats, float], ...] = (
                    (0, "kg", p.weight, whole * p.containers.kg[box]),
                    (1, "m3", p.volume, whole * p.containers.m3[box]),
                )
            else:
                ways = ((2, self._counted(lane), p.basis[lane], space),)
            for way, unit, takes, limit in ways:
                used = (self.plan.ship[arcs] * takes[product[arcs]][:, None]).sum(axis=0)
                most = np.full(p.weeks, limit)
                price = self._price("space", way, number)
                yield Limit("space", unit, -1, lane, most, price, used >= FULL * most, takes, frozenset(lanes))

    def _counted(self, lane: int) -> str:
        """Return what a lane counts, by what its units take of it."""
        p = self.plan.problem
        if np.allclose(p.basis[lane], p.volume):
            return "m3"
        return "unit" if np.allclose(p.basis[lane], 1.0) and not np.allclose(p.weight, 1.0) else "kg"

    def _price(self, name: str, *at: int) -> Floats:
        if self.prices is None:
            return np.zeros(self.plan.problem.weeks)
        price: Floats = getattr(self.prices, name)[at]
        return price

    def at_arc(self, arc: int) -> list[tuple[Limit, int]]:
        """Return the limits that goods pass on an arc, with the weeks after they leave."""
        p, net = self.plan.problem, self.plan.network
        lane = int(net.arc_lane[arc])
        node = int(p.lane_node[lane]) if net.arc_to[arc] >= 0 else -1
        lag = int(p.lane_weeks[lane])
        return [
            *((limit, 0) for limit in self.limits if lane in limit.lanes),
            *((limit, lag) for limit in self.limits if limit.cause == "throughput" and limit.node == node),
        ]

    def guards(self, commodity: int) -> bool:
        """Return whether any way of a commodity leads past a limit that is used up."""
        net, p = self.plan.network, self.plan.problem
        lanes = set(net.arc_lane[net.arc_commodity == commodity].tolist())
        nodes = set(net.place_node[net.place_commodity == commodity].tolist())
        nodes |= {n for n in p.lane_node[list(lanes)].tolist() if n >= 0}
        return any(limit.node in nodes or not limit.lanes.isdisjoint(lanes) for limit in self.limits)

    def way(self, sink: int, first: int, last: int, lost: float) -> Way:
        """Return the ways to a sink on which goods arrive in these weeks.

        A limit that is used up but has no price, as lots or loads would have to change for more to be of use, is passed at
        ``lost``, what the unit itself is worth.
        """
        return Way(self, sink, first, last, lost)


class _Step(NamedTuple):
    """A step of goods: the next place (−1: the sink), the weeks it takes, the limits passed with the weeks until then, and its freight."""

    to: int
    lag: int
    passed: list[tuple[Limit, int]]
    rate: float


@dataclass(frozen=True)
class Way:
    """The ways of goods to a sink that cost least, with and without tolls, see :class:`Passage`."""

    passage: Passage
    sink: int
    first: int
    last: int
    lost: float

    @cached_property
    def _worth(self) -> float:
        """What a unit is worth at the sink, or at most costs on a step of its way, if that is more; in money of any kind."""
        p, net = self.passage.plan.problem, self.passage.plan.network
        brought = (p.price + p.goodwill)[net.series_sink == self.sink]
        rates = self.passage.rate[net.arc_commodity == self._commodity]
        return max(float(brought.max(initial=0.0)), float(np.abs(rates).max(initial=0.0))) or 1.0

    @property
    def least(self) -> float:
        """Money below which a toll is none."""
        return LEAST * self._worth

    def _toll(self, passed: list[tuple[Limit, int]], week: int) -> tuple[float, Limit | None, int]:
        """Return the toll of a step that begins in a week, and the limit that takes most of it with its week."""
        total, chief = 0.0, _no_toll()
        product = int(self.passage.plan.network.commodity_product[self._commodity])
        for limit, lag in passed:
            at = week + lag
            if at < len(limit.full) and limit.full[at] and limit.takes[product] > 0:
                toll = float(limit.price[at]) * float(limit.takes[product]) or self.lost
                total += toll
                chief = max(chief, (toll, limit, at), key=lambda found: found[0])
        return total, chief[1], chief[2]

    @property
    def _commodity(self) -> int:
        return int(self.passage.plan.network.sink_commodity[self.sink])

    @cached_property
    def _steps(self) -> dict[int, list[_Step]]:
        """From each place the steps on; a step to itself is keeping."""
        p, net = self.passage.plan.problem, self.passage.plan.network
        found: dict[int, list[_Step]] = {}
        for place in np.flatnonzero(net.place_commodity == self._commodity).tolist():
            node = int(net.place_node[place])
            rooms = [(limit, 0) for limit in self.passage.limits if limit.cause == "room" and limit.node == node]
            found[place] = [_Step(place, 1, rooms, 0.0)]
        for arc in np.flatnonzero(net.arc_commodity == self._commodity).tolist():
            if net.arc_to[arc] >= 0 or net.arc_sink[arc] == self.sink:
                lag = int(p.lane_weeks[net.arc_lane[arc]])
                step = _Step(int(net.arc_to[arc]), lag, self.passage.at_arc(arc), float(self.passage.rate[arc]))
                found[int(net.arc_from[arc])].append(step)
        return found

    def _behind(self, to: int, week: int, least: dict[int, Floats]) -> float:
        """Return what the way from the end of a step costs."""
        if to < 0:
            return 0.0 if self.first <= week <= self.last else np.inf
        return float(least[to][week]) if week < self.passage.plan.problem.weeks else np.inf

    @cached_property
    def _paid(self) -> dict[int, Floats]:
        """The least cost with tolls from each place in each week, infinite where nothing would be in time."""
        return self._least(tolls=True)

    @cached_property
    def _free(self) -> dict[int, Floats]:
        """The least cost if nothing were used up."""
        return self._least(tolls=False)

    def _least(self, *, tolls: bool) -> dict[int, Floats]:
        weeks, each, near = self.passage.plan.problem.weeks, STEP * self._worth, NEAR * self._worth
        least = {place: np.full(weeks, np.inf) for place in self._steps}
        for week in range(weeks - 1, -1, -1):
            changed = True
            while changed:
                changed = False
                for place, steps in self._steps.items():
                    for step in steps:
                        behind = self._behind(step.to, week + step.lag, least)
                        if not np.isfinite(behind):
                            continue
                        cost = step.rate + each + behind
                        cost += self._toll(step.passed, week)[0] if tolls else 0.0
                        if cost < least[place][week] - near:
                            least[place][week], changed = cost, True
        return least

    def costs(self, place: int, *, tolls: bool) -> Floats:
        """Return the least cost of a unit that is at a place in each week, (T,); infinite where it cannot be in time."""
        return (self._paid if tolls else self._free)[place]

    def tolls(self, place: int) -> Floats:
        """Return what limits cost a unit that is at a place in each week, (T,); infinite where it cannot be in time."""
        paid, free = self.costs(place, tolls=True), self.costs(place, tolls=False)
        more = paid - np.where(np.isfinite(free), free, 0.0)
        return np.where(more < self.least, 0.0, more)

    def chief(self, place: int, week: int) -> tuple[Limit, int]:
        """Return the limit with the highest toll on what would be the best way from a place and week, of those alike the first, and the week it is passed in."""
        most = _no_toll()
        while place >= 0:
            options = []
            for step in self._steps[place]:
                cost = step.rate + STEP * self._worth + self._behind(step.to, week + step.lag, self._free)
                options.append((cost, *self._toll(step.passed, week), step.to, step.lag))
            _, toll, limit, at, to, lag = min(options, key=lambda found: found[0])
            if limit is not None and toll > most[0] + (0.0 if most[1] is None else self.least):
                most = toll, limit, at
            place, week = to, week + lag
        if most[1] is None:
            raise ValueError("there is no toll on this way")
        return most[1], most[2]


def _no_toll() -> tuple[float, Limit | None, int]:
    """Return that nothing takes a toll: its amount, the limit and the week."""
    return 0.0, None, -1
