"""The cheapest way in which a line that is late or given up could have been served in time, and what a unit costs by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem import Floats, Ints
from jointplan.planning.why.figures import Figures
from jointplan.planning.why.line import Line
from jointplan.planning.why.passing import Way


@dataclass(frozen=True)
class Supplies:
    """The supplies of what a line wants.

    Parameters
    ----------
    number : (N,)
        Which they are, of the plan's network.
    lead : (N,)
        The least weeks from each to the line's market; infinite where no way leads there.
    ready, latest : (N,)
        The first week in which goods of each can come out, and the last in which they would be in time.
    """

    number: Ints
    lead: Floats
    ready: Floats
    latest: Floats


@dataclass(frozen=True)
class Option:
    """A way to serve a line in time: its units made on a supply in a week.

    Parameters
    ----------
    supply, week : int
        Where and when they would be made.
    ready, latest : int
        The first week in which goods of the supply can come out, and the last in which they would be in time.
    way : Way or None
        The ways to the market; None where nothing on them is used up.
    cost : float
        What a unit costs in all, with what it takes from others.
    rent, opening, toll : float
        Its hours at their price, its part of opening a lot that is not there, and what it pays at limits that are used up.
    """

    supply: int
    week: int
    ready: int
    latest: int
    way: Way | None
    cost: float
    rent: float
    opening: float
    toll: float

    @property
    def bare(self) -> float:
        """What a unit costs where hours, lots and limits take nothing."""
        return self.cost - self.rent - self.opening - self.toll


def find_supplies(figures: Figures, line: Line) -> Supplies:
    """Return the supplies of what a line wants."""
    net = figures.plan.network
    sink = int(net.series_sink[line.series])
    number = np.flatnonzero(net.supply_commodity == net.sink_commodity[sink])
    lead = figures.carriage.lead(sink)[net.supply_place[number]]
    return Supplies(number, lead, figures.hours.ready[net.supply_route[number]], line.last - lead)


def find_cheapest(figures: Figures, line: Line, supplies: Supplies) -> tuple[Option | None, int]:
    """Return the cheapest option, None where there is none, and the supply that would be best if none needed a certificate, or −1."""
    net = figures.plan.network
    way = figures.way(line.series, line.week, line.kind, line.lost)
    cost, at, free, barred = np.inf, (-1, -1), np.inf, -1
    for n, supply in enumerate(supplies.number.tolist()):
        if supplies.latest[n] < supplies.ready[n]:
            continue
        whole = _costs(figures, line, supplies, n, way)
        if whole.min() < free:
            free, barred = float(whole.min()), supply
        whole[int(net.supply_weeks[supply]) :] = np.inf
        # Of weeks that cost the same the last, in which nothing need be kept.
        best = int(np.flatnonzero(whole <= whole.min() + line.nothing)[-1])
        if whole[best] < cost:
            cost, at = float(whole[best]), (n, best)
    if not np.isfinite(cost):
        return None, barred
    n, week = at
    supply = int(supplies.number[n])
    option = Option(
        supply, week, int(supplies.ready[n]), int(supplies.latest[n]), way, cost,
        rent=float(figures.hours.rent[net.supply_route[supply], week]),
        opening=float(figures.making.opening_cost[net.supply_lot[supply], week]) / line.together,
        toll=0.0 if way is None else float(way.tolls(int(net.supply_place[supply]))[week]),
    )  # fmt: skip
    return option, barred


def _costs(figures: Figures, line: Line, supplies: Supplies, n: int, way: Way | None) -> Floats:
    """Return what a unit costs that is made on a supply in each week until the last that is in time; infinite before it can be made."""
    p, net, hours, making = figures.plan.problem, figures.plan.network, figures.hours, figures.making
    supply, s, behind = int(supplies.number[n]), line.series, int(supplies.latest[n]) + 1
    route, lot, place = int(net.supply_route[supply]), int(net.supply_lot[supply]), int(net.supply_place[supply])
    early = line.week - supplies.lead[n] - np.arange(behind)  # weeks that it would be kept, or be late, if made in each
    whole: Floats = (
        making.cost(supply, line.together)[:behind] + hours.rent[route, :behind]
        + making.opening_cost[lot, :behind] / line.together
        + p.place_holding[p.route_firm[route], line.product] * np.maximum(early, 0.0)
        + p.late_cost[s] * np.maximum(-early, 0.0) + hours.shut[route, :behind]
    )  # fmt: skip
    if line.kind == "unmet":
        whole += figures.carriage.freight(int(net.series_sink[s]))[place, line.last - np.arange(behind)]
    if way is not None:
        whole = whole + way.tolls(place)[:behind]
    whole[: int(supplies.ready[n])] = np.inf
    return whole
