"""Why a plan is as it is: the constraint behind every full workshop and every late, unmet or dear line, with its price.

A line that is late or given up could have been served in time by some way: made by one of its makers in some week, early
enough to arrive. Each such way is costed at what it would take from others, with hours at their price
(:mod:`jointplan.planning.prices`) and with the setup of a lot that is not there; the dearest part of the cheapest way is
the reason. What is told is codes and figures, which the report puts into words.

Who waits is served in turn. Every late unit is told once, in the week in which it was due, with the weeks that it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from jointplan.planning.attributing import Attribution, attribute_goods
from jointplan.planning.buying import SMALL, material_costs, orders_alone, paid_prices
from jointplan.planning.network import ROUNDING, lanes_between
from jointplan.planning.passing import Limit, Passage, Way
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.prices import LimitPrices
from jointplan.planning.problem import SUPPLY, Bools, Floats, Ints
from jointplan.planning.shares import arc_freight, lot_quantity, share_runs
from jointplan.planning.weekly import shift, sum_by

FULL = 0.999  # share of all hours there are from which a workshop is full
DEAR = 1.25  # times the median unit cost of its product from which a line is dear
LEAST_LATE = 0.5  # units below which a week of a line is not worth a word
LEAST_TOGETHER = 1.0  # units from which such weeks are told, all together
FREE = 1e-7  # share of what a unit is worth that counts as nothing
LEAST_SHARE = 0.5  # of what a line has left for hours and setups: less does not explain why it is not served


@dataclass(frozen=True)
class Barrier:
    """What keeps a firm from making a product for a line.

    Parameters
    ----------
    firm : int
        Who could make it.
    cause : str
        ``certificate``: it has none for the market; ``refused``: two owners take no jobs of each other; ``protected``: customers
        whose jobs stay with their maker; ``apart``: what members share does not cover it.
    one, other : int
        The owners who refuse each other; −1 for none.
    """

    firm: int
    cause: str
    one: int = -1
    other: int = -1


@dataclass(frozen=True)
class Reason:
    """One explanation, in numbers of the problem; −1 where it has no such part.

    Parameters
    ----------
    kind : str
        ``full``, ``late``, ``unmet`` or ``dear``.
    cause : str
        What binds, see the table **reasons**.
    firm : int
        Whose line or workshop it is.
    first, last : int
        Weeks it is about; of late units, those in which they were due.
    product, market, resource : int
        What it is about.
    quantity : float
        Units late, unmet or dear; hours used of a full workshop.
    waited : float
        Unit-weeks that late units wait beyond the weeks in which they were due.
    binding : int
        The resource that binds.
    binding_first, binding_last : int
        Weeks in which it binds.
    place : int
        The place whose room or throughput binds.
    unit : str
        Of what one more is told, and what is limited: ``m3``, ``kg`` or ``unit``; nothing where it is hours.
    limit, needed : float or None
        How much there is in a week, and how much a unit of the product takes.
    barriers : tuple of Barrier
        Who could make it, and what keeps each from it.
    step : str
        The process that nobody can do.
    material : str
        The material that nobody supplies.
    maker : int
        Firm that makes, or would make, it.
    lane : int
        Lane it goes by.
    batch : int
        The lot that is missing, of the plan's network.
    group : int
        Lines that one missing batch could serve, whatever its week and maker, have one number.
    worth : float or None
        What one more hour, or one unit more, is worth, on average over the weeks.
    worth_low, worth_high : float or None
        The least and the most that it is worth in any of these weeks.
    cost, usual : float or None
        Cost per unit, and what is usual; what the line costs, and what its cure would. Of a missing batch, what it costs
        and what all lines that it would serve gain by it.
    """

    kind: str
    cause: str
    firm: int
    first: int
    last: int
    product: int = -1
    market: int = -1
    resource: int = -1
    quantity: float = 0.0
    waited: float = 0.0
    binding: int = -1
    binding_first: int = -1
    binding_last: int = -1
    place: int = -1
    unit: str = ""
    limit: float | None = None
    needed: float | None = None
    barriers: tuple[Barrier, ...] = ()
    step: str = ""
    material: str = ""
    maker: int = -1
    lane: int = -1
    batch: int = -1
    group: int = -1
    worth: float | None = None
    worth_low: float | None = None
    worth_high: float | None = None
    cost: float | None = None
    usual: float | None = None


@dataclass(frozen=True)
class Explainer:
    """Explains one plan.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    worth : (M, T)
        What an hour more is worth.
    prices : LimitPrices, optional
        What more room, throughput and space are worth; None: nothing is known.
    undone : mapping of str to str
        Of products that nobody can make, by SKU, the process that nobody can do.
    """

    plan: ClusterPlan
    worth: Floats
    prices: LimitPrices | None = None
    undone: Mapping[str, str] = field(default_factory=dict)
    _ways: dict[int, Floats] = field(default_factory=dict, repr=False)
    _freights: dict[int, Floats] = field(default_factory=dict, repr=False)
    _tolls: dict[tuple[int, int, int, float], Way] = field(default_factory=dict, repr=False)

    def reasons(self) -> list[Reason]:
        """Return every explanation, full workshops first."""
        return [
            *self.full_workshops(),
            *self.full_places(),
            *self.unserved("unmet"),
            *self.unserved("late"),
            *self.dear_lots(),
            *self.dear_loads(),
        ]

    def full_workshops(self) -> Iterator[Reason]:
        """Explain the workshops that have no hour left, or none but overtime that is worth it, by stretches of weeks."""
        p = self.plan.problem
        used = self._used
        regular = self._hours_left & (used >= FULL * p.regular) & (self.worth > 0)
        full = [("capacity", *found) for found in self._stretches(~self._hours_left & (used > TINY))]
        for cause, m, t in [*full, *(("overtime", *found) for found in self._stretches(regular))]:
            weeks = slice(t[0], t[1] + 1)
            yield Reason(
                "full", cause, int(p.resource_firm[m]), *t, resource=m, quantity=float(used[m, weeks].sum()),
                binding=m, binding_first=t[0], binding_last=t[1], maker=int(p.resource_firm[m]),
                **_spread(self.worth[m, weeks]),
            )  # fmt: skip

    def full_places(self) -> Iterator[Reason]:
        """Explain the places and lanes that take no more, by stretches of weeks."""
        for limit in self._passage.limits:
            for _, (first, last) in self._stretches(limit.full[None]):
                weeks = slice(first, last + 1)
                yield Reason(
                    "full", limit.cause, -1, first, last, place=limit.node, lane=limit.lane, unit=limit.unit,
                    quantity=float(limit.most[weeks].sum()), limit=float(limit.most[first]), binding_first=first,
                    binding_last=last, **_spread(limit.price[weeks]),
                )  # fmt: skip

    @cached_property
    def _passage(self) -> Passage:
        """What limits goods on their way."""
        return Passage(self.plan, self.prices, self._rate)

    def _way(self, s: int, t: int, kind: str, lost: float) -> Way | None:
        """Return the ways of units of a series due in a week that would be in time; None where nothing on them is used up."""
        p, sink = self.plan.problem, int(self.plan.network.series_sink[s])
        if not self._passage.guards(int(self.plan.network.sink_commodity[sink])):
            return None
        # What is given up might have come as late as customers wait.
        last = min(t + p.late_weeks, p.weeks - 1) if kind == "unmet" else t
        key = sink, t, last, round(lost, 6)
        if key not in self._tolls:
            self._tolls[key] = self._passage.way(sink, t, last, lost)
        return self._tolls[key]

    @cached_property
    def _used(self) -> Floats:
        """Hours used of each resource and week; (M, T)."""
        return self.plan.run_hours + self.plan.setup_hours

    @cached_property
    def _hours_left(self) -> np.ndarray:
        """Whether there are hours left; where an hour has a price all the same, they are overtime; (M, T)."""
        p = self.plan.problem
        return np.asarray(self._used < FULL * (p.regular + p.overtime))

    def unserved(self, kind: str) -> Iterator[Reason]:
        """Explain what is late or given up, line by line; weeks with one cause are told together."""
        # Of each series and week: the units that were due then and are late, or given up, and the weeks that they wait.
        units = self._unmet if kind == "unmet" else np.diagonal(self._waiting, axis1=1, axis2=2)
        waited = self._waiting.sum(axis=2) if kind == "late" else np.zeros_like(units)
        groups = int(self._sharing.max(initial=-1)) + 1
        # A batch that is missing serves, with those of a week, all who come after them.
        together = sum_by(self._sharing, units, groups)[:, ::-1].cumsum(axis=1)[:, ::-1]
        found = {
            int(s): lines
            for s in np.flatnonzero((units > TINY).any(axis=1))
            if (
                lines := [
                    self._why_together(kind, int(s), weeks, units[s], waited[s], together) for weeks in _told(units[s])
                ]
            )
        }
        for group in np.unique(self._sharing[list(found)]):
            self._weigh(group, {s: line for s, line in found.items() if self._sharing[s] == group})
        for line in found.values():
            yield from _joined(line)

    def _why_together(self, kind: str, s: int, weeks: Ints, units: Floats, waited: Floats, together: Floats) -> Reason:
        """Explain some weeks of a series as one: the week of the most units stands for them."""
        t = int(weeks[units[weeks].argmax()])
        reason = self._why_unserved(
            kind, s, t, float(units[weeks].sum()), float(waited[weeks].sum()), float(together[self._sharing[s], t])
        )
        return replace(reason, first=int(weeks[0]), last=int(weeks[-1]))

    def _weigh(self, group: int, lines: dict[int, list[Reason]]) -> None:
        """Set what a missing batch costs against what all gain whom it would serve, and tell it once to all of them.

        One that would gain more than it costs is one that the search has not found, or not for lack of setups. Of batches that
        are missing week after week, the one that would gain most serves whom it reaches in time.
        """
        missing = [(s, n) for s, line in lines.items() for n, reason in enumerate(line) if reason.batch >= 0]
        gains: dict[tuple[int, int], float] = {}
        while missing:
            for s, n in missing:
                key = lines[s][n].batch, lines[s][n].binding_first
                if key not in gains:
                    gains[key] = self._gain(group, *key)

            def net(reason: Reason) -> float:
                return gains[reason.batch, reason.binding_first] - (reason.cost or 0.0)

            best = max((lines[s][n] for s, n in missing), key=net)
            gain, week = gains[best.batch, best.binding_first], best.binding_first
            told = [
                (s, n) for s, n in missing
                if lines[s][n] is best or week + self._reach(best.batch, s) <= lines[s][n].first
            ]  # fmt: skip
            for s, n in told:
                # More than the plan may lack to the best one it cannot gain: then it would take as much from others.
                cause = "setup" if net(best) <= 0 else "gap" if net(best) <= self._lacking else "displaced"
                lines[s][n] = replace(
                    lines[s][n], cause=cause, batch=best.batch, group=int(group), maker=best.maker,
                    cost=best.cost, usual=gain, binding_first=week, binding_last=week,
                )  # fmt: skip
            missing = [one for one in missing if one not in told]

    @cached_property
    def _lacking(self) -> float:
        """By how much the plan may be below the best one; infinite where nothing is proven."""
        upper, value = self.plan.upper, self.plan.value
        return np.inf if upper is None else upper - value + ROUNDING * max(abs(value), 1.0)

    def _gain(self, group: int, lot: int, week: int) -> float:
        """Return what all gain at most by a batch that is not there, its setup not counted.

        Each unit that it could bring in time spares the weeks that it waits, and one that is given up what is lost with it,
        less its hours at their price and the weeks that it would be kept.
        """
        p, net = self.plan.problem, self.plan.network
        route = int(net.lot_route[lot])
        rent = float(self._rent[route, week])
        served = np.flatnonzero(self._sharing == group)
        together, total = float(self._unmet[served].sum()), 0.0
        for s in served:
            lead = self._reach(lot, int(s))
            if week + lead >= p.weeks:
                continue  # no unit would be there before the plan ends
            early = np.arange(p.weeks) - lead - week  # weeks that it would be kept, of units due in each week
            kept = rent + p.place_holding[p.route_firm[route], p.route_product[route]] * np.maximum(early, 0.0)
            kept_late, kept_unmet = (kept + self._passing(lot, int(s), week, kind) for kind in ("late", "unmet"))
            left = self._waiting[s]
            # Units due in a week and delivered in a later one; what is left at the end waits till the end.
            gone = left - np.concatenate([left[:, 1:], np.zeros((p.weeks, 1))], axis=1)
            weeks = np.arange(p.weeks) - np.arange(p.weeks)[:, None] + 1
            spared = np.maximum(p.late_cost[s] * weeks - kept_late[:, None], 0.0)
            total += float((np.triu(gone) * spared)[early >= 0].sum())
            places = net.supply_place[self._supplies(lot, int(s))]
            carriage = float(self._carriage(int(net.series_sink[s]))[places, -1].min())
            lateness = p.late_cost[s] * np.maximum(-early, 0.0)
            making = self._making(int(self._supplies(lot, int(s))[0]), together)[week]
            worth = np.maximum(p.price[s] + p.goodwill[s] - making - carriage - kept_unmet - lateness, 0.0)
            total += float((self._unmet[s] * worth)[early >= -p.late_weeks].sum())
        return total

    def _passing(self, lot: int, s: int, week: int, kind: str) -> Floats:
        """Return what a unit of a lot that comes out in a week pays at limits that are used up, by the week it is due; (T,)."""
        p, net = self.plan.problem, self.plan.network
        wanted = self._unmet[s] if kind == "unmet" else self._waiting[s].sum(axis=1)
        lost = float(p.price[s] + p.goodwill[s] if kind == "unmet" else p.late_cost[s] * p.weeks)
        tolls = np.zeros(p.weeks)
        places = np.unique(net.supply_place[self._supplies(lot, s)])
        for t in np.flatnonzero(wanted > TINY).tolist():
            way = self._way(s, t, kind, lost)
            if way is not None:
                tolls[t] = min(float(way.tolls(int(place))[week]) for place in places)
        return tolls

    def _supplies(self, lot: int, s: int) -> Ints:
        """Return the supplies of a lot that can serve a series."""
        net = self.plan.network
        return np.flatnonzero(
            (net.supply_lot == lot) & (net.supply_commodity == net.sink_commodity[net.series_sink[s]])
        )

    def _reach(self, lot: int, s: int) -> float:
        """Return the least weeks from a lot to a series; infinite where no way leads there."""
        places = self.plan.network.supply_place[self._supplies(lot, s)]
        return float(self._lead(int(self.plan.network.series_sink[s]))[places].min(initial=np.inf))

    @cached_property
    def _nobody(self) -> np.ndarray:
        """Whether a series is nobody's order: it waits for an entry, or is to be set aside; (S,)."""
        return np.asarray((self.plan.network.series_entry >= 0) | self.plan.problem.series_aside)

    @cached_property
    def _unmet(self) -> Floats:
        """Units given up, of orders; (S, T)."""
        return np.where(self._nobody[:, None], 0.0, self.plan.unmet)

    @cached_property
    def _waiting(self) -> Floats:
        """Units due in a week that still wait at the end of a week, served in turn; (S, T due, T)."""
        p, plan = self.plan.problem, self.plan
        due, gone = p.demand.cumsum(axis=1), (plan.serve + plan.unmet).cumsum(axis=1)
        left = np.clip(due[:, :, None] - gone[:, None, :], 0.0, p.demand[:, :, None])
        return np.where(self._nobody[:, None, None], 0.0, np.triu(left))

    def dear_lots(self) -> Iterator[Reason]:
        """Explain lots whose unit cost is well above the median of their product."""
        p, plan, net = self.plan.problem, self.plan, self.plan.network
        units = lot_quantity(plan)
        route = net.lot_route
        if not units.any():
            return
        base = np.repeat(p.route_cost[route][:, None], p.weeks, axis=1)
        setup = plan.accounts.minor + share_runs(plan, plan.accounts.major)
        bought = _per_unit(sum_by(net.supply_lot, plan.make * self._materials_paid, len(route)), units)
        parts = np.stack([base, _per_unit(setup, units), self._overtime_per_unit(), bought])
        names = ("other_maker", "small_lot", "overtime", "material")
        for e, t, cost, usual, most in _dear(p.route_product[route], units, parts):
            maker, cause = int(p.route_firm[route[e]]), names[most]
            if cause == "other_maker" and not self._made_cheaper(e, t):
                cause = "only_maker"
            yield Reason(
                "dear", cause, maker, t, t, product=int(p.route_product[route[e]]), maker=maker,
                quantity=float(units[e, t]), cost=cost, usual=usual,
            )  # fmt: skip

    def _made_cheaper(self, lot: int, week: int) -> bool:
        """Return whether anyone who may make all that is in a lot of a week would do so for less."""
        p, net = self.plan.problem, self.plan.network
        inside = np.unique(net.supply_commodity[(net.supply_lot == lot) & (self.plan.make[:, week] > TINY)])
        cheaper = net.supply_granted & (net.supply_weeks > week)
        cheaper &= p.route_cost[net.supply_route] < p.route_cost[net.lot_route[lot]] * (1 - ROUNDING)
        return bool(np.isin(inside, net.supply_commodity[cheaper]).all())

    def dear_loads(self) -> Iterator[Reason]:
        """Explain shipments to a market whose freight a unit is well above the median of their product there."""
        p, plan, net = self.plan.problem, self.plan, self.plan.network
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
            cause, limit = self._why_dear_load(int(last[n]), int(last[(same if len(same) else here)[0]]), t)
            for seller, part in self._whose(int(last[n]), t):
                yield Reason(
                    "dear", cause, seller, t, t,
                    product=int(line[n] // len(p.market)), market=int(net.sink_market[sink[n]]),
                    quantity=float(units[n, t]) * part, cost=cost, usual=usual, **({"lane": int(lane[n])} | limit),
                )  # fmt: skip

    def _why_dear_load(self, arc: int, usual: int, week: int) -> tuple[str, dict[str, Any]]:
        """Return why goods go by an arc and not by the usual one in a week, and the figures of the limit that binds."""
        p, net = self.plan.problem, self.plan.network
        lane = int(net.arc_lane[usual])
        if lane == net.arc_lane[arc]:
            return "small_load", {}
        found = self._kept_off(arc, week)
        if found is not None:
            limit, at = found
            first, last = _stretch(limit.full, at)
            price = limit.price[first : last + 1]
            return limit.cause, {
                "place": limit.node, "lane": limit.lane, "unit": limit.unit, "limit": float(limit.most[at]),
                "needed": float(limit.takes[net.commodity_product[net.arc_commodity[arc]]]),
                "binding_first": first, "binding_last": last,
            } | (_spread(price) if price.any() else {})  # fmt: skip
        leave = week + int(p.lane_weeks[net.arc_lane[arc]] - p.lane_weeks[lane])
        if leave < 0 or self._weeks_by(usual) > self._weeks_by(arc):
            return "mode", {}
        charged = lane in p.containers.lane or lane in p.bands.lane
        return ("too_small" if charged else "way"), {}

    def _kept_off(self, arc: int, week: int) -> tuple[Limit, int] | None:
        """Return the limit that keeps goods that leave by an arc in a week from better ways, whenever made, and its week."""
        p, net = self.plan.problem, self.plan.network
        commodity, sink = net.arc_commodity[arc], int(net.arc_sink[arc])
        arrives = week + int(p.lane_weeks[net.arc_lane[arc]])
        if arrives >= p.weeks or not self._passage.guards(int(commodity)):
            return None
        series = net.series_sink == sink
        way = self._passage.way(sink, arrives, arrives, float((p.price + p.goodwill)[series].max(initial=0.0)))
        supplies = np.flatnonzero(net.supply_commodity == commodity)
        if not len(supplies):
            return None
        early = np.arange(p.weeks) < self._ready[net.supply_route[supplies]][:, None]
        paid, free = (
            np.where(early, np.inf, [way.costs(int(place), tolls=tolls) for place in net.supply_place[supplies]])
            for tolls in (True, False)
        )
        if not np.isfinite(free.min()) or paid.min() - free.min() < way.least:
            return None
        n, begun = (int(found[0]) for found in np.nonzero(free == free.min()))
        return way.chief(int(net.supply_place[supplies[n]]), begun)

    def _weeks_by(self, arc: int) -> float:
        """Return the least weeks that goods take to their market by an arc, from where they are made or lay at first."""
        p, net = self.plan.problem, self.plan.network
        commodity = net.arc_commodity[arc]
        weeks = np.full(len(net.place_node), np.inf)
        weeks[net.supply_place[net.supply_commodity == commodity]] = 0.0
        weeks[net.place_opening.any(axis=1)] = 0.0
        legs = np.flatnonzero((net.arc_commodity == commodity) & (net.arc_to >= 0))
        lag = p.lane_weeks[net.arc_lane[legs]]
        for _ in range(len(legs)):
            before = weeks.copy()
            np.minimum.at(weeks, net.arc_to[legs], before[net.arc_from[legs]] + lag)
            if (weeks == before).all():
                break
        return float(weeks[net.arc_from[arc]] + p.lane_weeks[net.arc_lane[arc]])

    @cached_property
    def _goods(self) -> Attribution:
        """Whose goods are where."""
        return attribute_goods(self.plan)

    def _whose(self, arc: int, week: int) -> Iterator[tuple[int, float]]:
        """Yield for whom goods are that leave by an arc to a market in a week, with the part of each."""
        sink = self.plan.network.arc_sink[arc]
        sellers = np.unique(self.plan.problem.series_seller[self.plan.network.series_sink == sink])
        if len(sellers) == 1:
            yield int(sellers[0]), 1.0
            return
        parts = self._goods.sent({"row": np.array([arc]), "week": np.array([week]), "part": np.ones(1)})
        yield from zip(parts["firm"].tolist(), parts["part"].tolist(), strict=True)

    def _stretches(self, there: Floats | np.ndarray) -> Iterator[tuple[int, tuple[int, int]]]:
        """Yield the row, first and last week of each stretch of weeks that are true."""
        for row in np.flatnonzero(there.any(axis=1)):
            edges = np.diff(np.concatenate([[0], there[row].astype(int), [0]]))
            for first, behind in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
                yield int(row), (int(first), int(behind) - 1)

    def _overtime_per_unit(self) -> Floats:
        """Return the overtime that a unit of each lot bears, shared by hours; (E, T)."""
        p, plan, net = self.plan.problem, self.plan, self.plan.network
        hours = plan.run_hours + plan.setup_hours
        rate = np.divide(plan.accounts.overtime, hours, out=np.zeros_like(hours), where=hours > TINY)
        per_use = shift(rate[p.use_resource], p.use_lag) * p.use_hours[:, None]
        per_route = sum_by(p.use_route, per_use, len(p.route_product))
        return per_route[net.lot_route]

    @cached_property
    def _rent(self) -> Floats:
        """What a unit made on each route takes from others in hours at their price; (R, T)."""
        p = self.plan.problem
        return sum_by(p.use_route, self._worth_of_use * p.use_hours[:, None], len(p.route_product))

    @cached_property
    def _shut(self) -> Floats:
        """Infinite where a workshop of a route has no hour at all for goods that come out in a week, else 0; (R, T)."""
        p = self.plan.problem
        none = (
            shift((p.regular + p.overtime <= 0)[p.use_resource].astype(float), p.use_lag) * (p.use_hours > 0)[:, None]
        )
        return np.where(sum_by(p.use_route, none, len(p.route_product)) > 0, np.inf, 0.0)

    @cached_property
    def _worth_of_use(self) -> Floats:
        """What an hour is worth that a use takes, by the week the goods come out; (U, T)."""
        p = self.plan.problem
        return shift(self.worth[p.use_resource], p.use_lag)

    @cached_property
    def _opening_cost(self) -> Floats:
        """What it takes to open each lot that is not there, its hours at their price; (E, T)."""
        p, plan, net = self.plan.problem, self.plan, self.plan.network
        minor = p.setup_cost + sum_by(p.use_route, self._worth_of_use * p.use_setup[:, None], len(p.route_product))
        total = np.where(plan.lots, 0.0, minor[net.lot_route])
        major = p.group_cost[:, None] + sum_by(
            p.major_group, self.worth[p.major_resource] * p.major_hours[:, None], len(p.group_firm)
        )
        # What is not learned or opened would have to be.
        unpaid = np.where(plan.invested.any(axis=1), 0.0, p.investments.cost[net.investment_entry])
        total += np.bincount(net.unlock_lot, unpaid[net.unlock_investment], len(total))[:, None]
        missing = np.where(plan.runs, 0.0, major[net.run_group])
        return np.asarray(total + sum_by(net.link_lot, shift(missing[net.link_run], net.link_lag), len(total)))

    @cached_property
    def _ready(self) -> Floats:
        """The first week in which goods of each route can come out, infinite where its workshops have no hours in any; (R,).

        Before, its steps must be done in turn, and what they need be learned or opened.
        """
        p = self.plan.problem
        first = np.maximum(p.route_first, p.route_lag)
        there = (self._shut == 0) & (np.arange(p.weeks) >= first[:, None])
        never = np.where(first >= p.weeks, first, np.inf)
        return np.where(there.any(axis=1), there.argmax(axis=1), never)

    def _lead(self, sink: int) -> Floats:
        """Return the least weeks from each place to a sink; infinite where no way leads there."""
        if sink not in self._ways:
            p, net = self.plan.problem, self.plan.network
            weeks = np.full(len(net.place_node), np.inf)
            arcs = np.flatnonzero(net.arc_commodity == net.sink_commodity[sink])
            lag = p.lane_weeks[net.arc_lane[arcs]].astype(float)
            changed = True
            while changed:
                behind = np.where(
                    net.arc_sink[arcs] == sink,
                    0.0,
                    np.where(net.arc_to[arcs] >= 0, weeks[np.maximum(net.arc_to[arcs], 0)], np.inf),
                )
                better = weeks.copy()
                np.minimum.at(better, net.arc_from[arcs], lag + behind)
                changed = bool((better < weeks).any())
                weeks = better
            self._ways[sink] = weeks
        return self._ways[sink]

    def _carriage(self, sink: int) -> Floats:
        """Return the least freight of a unit from each place to a sink in at most so many weeks; (P, T + 1).

        Whole loads are counted at their best rate; the last column is of ways of any length.
        """
        if sink not in self._freights:
            p, net = self.plan.problem, self.plan.network
            arcs = np.flatnonzero(net.arc_commodity == net.sink_commodity[sink])
            arcs = arcs[(net.arc_to[arcs] >= 0) | (net.arc_sink[arcs] == sink)]
            lag, to, ends = p.lane_weeks[net.arc_lane[arcs]], np.maximum(net.arc_to[arcs], 0), net.arc_to[arcs] < 0
            cost = np.full((len(net.place_node), p.weeks + 1), np.inf)
            for weeks in range(p.weeks + 1):
                left = np.where(weeks == p.weeks, p.weeks, weeks - lag)
                usable = left >= 0
                changed = True
                while changed:
                    onward = np.where(ends, 0.0, cost[to, np.maximum(left, 0)])
                    better = cost[:, weeks].copy()
                    np.minimum.at(better, net.arc_from[arcs][usable], (self._rate[arcs] + onward)[usable])
                    changed = bool((better < cost[:, weeks] - 1e-9).any())
                    cost[:, weeks] = np.minimum(cost[:, weeks], better)
            self._freights[sink] = cost
        return self._freights[sink]

    @cached_property
    def _rate(self) -> Floats:
        """Freight and handling of a unit on each arc, whole loads at their best rate; (A,)."""
        p, net = self.plan.problem, self.plan.network
        product = net.commodity_product[net.arc_commodity]
        rate = p.unit_freight[net.arc_lane, product].copy()
        best = np.full(len(p.lane), np.inf)
        np.minimum.at(best, p.bands.lane, p.bands.rate)
        best = np.where(np.isfinite(best), best, 0.0)
        rate += best[net.arc_lane] * p.basis[net.arc_lane, product]
        for lane, box, kg, m3 in zip(
            p.containers.lane, p.containers.rate, p.containers.kg, p.containers.m3, strict=True
        ):
            arcs = net.arc_lane == lane
            rate[arcs] += box * np.maximum(p.weight[product[arcs]] / kg, p.volume[product[arcs]] / m3)
        return np.asarray(rate + p.lane_handling[net.arc_lane] * p.volume[product])

    @cached_property
    def _sharing(self) -> Ints:
        """Return a number for each series, (S,), alike where a lot can serve both."""
        p, net = self.plan.problem, self.plan.network
        owners = len(p.owner) + 1
        lot_class = net.commodity_class.copy()
        lot_class[net.supply_commodity] = net.lot_class[net.supply_lot]
        key = p.series_product * owners + lot_class[net.sink_commodity[net.series_sink]]
        return np.asarray(np.unique(key, return_inverse=True)[1])

    def _why_unserved(self, kind: str, s: int, t: int, units: float, waited: float, together: float) -> Reason:
        """Find the cheapest way in which these units could have been there in time, and what makes it dear.

        A lot that is not there would serve all who wait for the product, and those who come after them, ``together`` units.
        """
        p, net = self.plan.problem, self.plan.network
        sink = int(net.series_sink[s])
        seller, product, market = int(p.series_seller[s]), int(p.series_product[s]), int(p.series_market[s])
        lost = float(p.price[s] + p.goodwill[s]) if kind == "unmet" else float(p.late_cost[s]) * waited / units

        def reason(cause: str, **more: float | int) -> Reason:
            return Reason(
                kind, cause, seller, t, t, product=product, market=market, quantity=units, waited=waited,
                **({"usual": lost} | more),  # type: ignore[arg-type]  # numbers of the right kind
            )  # fmt: skip

        supplies = np.flatnonzero(net.supply_commodity == net.sink_commodity[sink])
        lead = self._lead(sink)[net.supply_place[supplies]]
        if not len(supplies):
            return self._why_nobody(reason, s)
        if not np.isfinite(lead).any():
            return self._why_no_way(reason, net.supply_place[supplies], product, market)
        ready = self._ready[net.supply_route[supplies]]
        if not np.isfinite(ready + lead).any():
            return reason("no_maker")
        # What is given up might have come as late as customers wait, within the weeks planned.
        due = t if kind == "late" else min(t + p.late_weeks, p.weeks - 1)
        latest = due - lead
        if (latest < ready).all():
            n = int(np.argmin(ready + lead))
            route = int(net.supply_route[supplies[n]])
            # What waits a week or more beyond what no plan could spare it has another cause than the way.
            soonest = int(ready[n] + lead[n])
            beyond = waited - units * (soonest - t)
            if kind == "late" and beyond >= units and soonest < p.weeks:
                return replace(
                    self._why_unserved(kind, s, soonest, units, beyond, together), first=t, last=t, waited=waited
                )
            begun = int(ready[n])
            return reason(
                "lead_time", worth=float(lead[n]), maker=int(p.route_firm[route]), **({"binding_first": begun} if begun else {})
            )  # fmt: skip
        way = self._way(s, t, kind, lost)
        # Of weeks that cost the same the last, in which nothing need be kept.
        alike = FREE * float(p.price[s] + p.goodwill[s])
        cost, at, free, barred = np.inf, (-1, -1), np.inf, -1
        for n, supply in enumerate(supplies):
            if latest[n] < ready[n]:
                continue
            behind = int(latest[n]) + 1
            early = t - lead[n] - np.arange(behind)  # weeks that it would be kept, or be late, if made in each
            route, lot = int(net.supply_route[supply]), int(net.supply_lot[supply])
            whole = (
                self._making(int(supply), together)[:behind] + self._rent[route, :behind]
                + self._opening_cost[lot, :behind] / together
                + p.place_holding[p.route_firm[route], product] * np.maximum(early, 0.0)
                + p.late_cost[s] * np.maximum(-early, 0.0) + self._shut[route, :behind]
            )  # fmt: skip
            if kind == "unmet":
                whole += self._carriage(sink)[net.supply_place[supply], due - np.arange(behind)]
            if way is not None:
                whole = whole + way.tolls(int(net.supply_place[supply]))[:behind]
            whole[: int(ready[n])] = np.inf
            certified = int(net.supply_weeks[supply])
            if whole.min() < free:
                free, barred = float(whole.min()), int(supply)
            whole[certified:] = np.inf
            best = int(np.flatnonzero(whole <= whole.min() + alike)[-1])
            if whole[best] < cost:
                cost, at = float(whole[best]), (n, best)
        if not np.isfinite(cost):
            if not np.isfinite(free):
                return reason("no_maker")
            first = int(net.supply_weeks[barred])
            return reason(
                "certificate",
                maker=int(p.route_firm[net.supply_route[barred]]),
                binding_first=first,
                binding_last=p.weeks - 1,
            )
        n, week = at
        k = int(supplies[n])
        route, lot = int(net.supply_route[k]), int(net.supply_lot[k])
        maker = int(p.route_firm[route])
        rent, opening = float(self._rent[route, week]), float(self._opening_cost[lot, week]) / together
        carriage = self._carriage(sink)[net.supply_place[k]]
        toll = 0.0 if way is None else float(way.tolls(int(net.supply_place[k]))[week])
        bare = cost - rent - opening - toll
        if kind == "unmet" and bare > lost:
            return reason("not_worth", cost=bare, maker=maker)
        # What hours and setups may take before the line is not worth it; less than a part of that explains nothing.
        margin = lost - bare if kind == "unmet" else lost
        if way is not None and toll > 0 and toll >= max(rent, opening, LEAST_SHARE * margin):
            return self._why_full(reason, *way.chief(int(net.supply_place[k]), week), product, margin)
        if rent >= max(opening, LEAST_SHARE * margin) and rent > 0:
            uses = np.flatnonzero(p.use_route == route)
            use = int(uses[np.argmax(p.use_hours[uses] * self._worth_of_use[uses, week])])
            binding = int(p.use_resource[use])
            then = max(week - int(p.use_lag[use]), 0)
            first, last = self._around(binding, then)
            # Of several firms that do the steps in turn, the one whose workshop binds.
            return reason(
                "overtime" if self._hours_left[binding, then] else "capacity", binding=binding, binding_first=first, binding_last=last, cost=rent,
                maker=int(p.resource_firm[binding]), **_spread(self.worth[binding, first : last + 1]),
            )  # fmt: skip
        later, of_maker = self._later_cost(supplies, week)
        premium = float(self._making(k, together)[week]) - later if kind == "late" else 0.0
        dearer_by = "other_maker" if float(p.route_cost[route]) - of_maker >= LEAST_SHARE * premium else "material"
        if premium > lost:  # not even a batch that costs nothing would be worth it
            return reason(dearer_by, maker=maker, cost=premium)
        # In time it goes by ways that may be dearer than those that are not.
        more = float(carriage[min(max(t - week, 0), p.weeks)] - carriage[-1])
        dearer = kind == "late" and np.isfinite(more) and more > lost
        if opening > 0 and (opening >= LEAST_SHARE * margin or not dearer):
            return reason(
                "setup", cost=opening * together, binding_first=week, binding_last=week, maker=maker, batch=lot
            )  # fmt: skip
        if premium > 0 and premium >= (more if dearer else LEAST_SHARE * lost):
            return reason(dearer_by, maker=maker, cost=premium)
        if dearer:
            return reason("freight", maker=maker, cost=more)
        # Where waiting costs next to nothing no price tells what is short.
        full = self._booked(route, int(ready[n]), int(latest[n]))
        if full is not None:
            binding, (first, last) = full
            return reason(
                "capacity", binding=binding, binding_first=first, binding_last=last, maker=int(p.resource_firm[binding])
            )
        if kind == "late" and lost <= alike:
            return reason("waits_free", maker=maker)
        return reason("freight", maker=maker)

    def _booked(self, route: int, first: int, last: int) -> tuple[int, tuple[int, int]] | None:
        """Return a workshop of a route that has no hours left for goods that come out in any of these weeks, and since and till when."""
        p = self.plan.problem
        for use in np.flatnonzero((p.use_route == route) & (p.use_hours > 0)).tolist():
            m, lag = int(p.use_resource[use]), int(p.use_lag[use])
            if not self._hours_left[m, first - lag : last - lag + 1].any():
                return m, _stretch(~self._hours_left[m], last - lag)
        return None

    def _why_full(self, reason: Callable[..., Reason], limit: Limit, week: int, product: int, margin: float) -> Reason:
        """Tell a limit on the way that is used up; where it has no price, what the line itself would bring a unit of it at most."""
        first, last = _stretch(limit.full, week)
        price, needed = limit.price[first : last + 1], float(limit.takes[product])
        return reason(
            limit.cause, place=limit.node, lane=limit.lane, unit=limit.unit, limit=float(limit.most[week]), needed=needed,
            binding_first=first, binding_last=last,
            **(_spread(price) if price.any() else {"cost": margin / needed}),
        )  # fmt: skip

    def _why_nobody(self, reason: Callable[..., Reason], s: int) -> Reason:
        """Tell why nobody makes what a line wants: a step that nobody can do, or what keeps each who could from it."""
        p = self.plan.problem
        product, market = int(p.series_product[s]), int(p.series_market[s])
        if process := self.undone.get(p.sku[product]):
            if process.startswith(SUPPLY):
                return reason("no_source", material=process.removeprefix(SUPPLY))
            return reason("no_process", step=process)
        barriers = self._barriers(product, market, int(p.firm_owner[p.series_seller[s]]))
        return reason("barred" if barriers else "no_maker", barriers=barriers)

    def _barriers(self, product: int, market: int, owner: int) -> tuple[Barrier, ...]:
        """Return what keeps each firm that could make a product as a whole from it; of those that only could in turn, where none could alone."""
        p = self.plan.problem
        home = int(p.firm_owner[p.maker[product]]) if p.maker[product] >= 0 else owner
        refused = p.terms.refused(len(p.owner))
        protected = p.terms.protected(len(p.owner), len(p.market))
        routes = np.flatnonzero(p.route_product == product)
        whole = routes[~p.divided[routes]]
        limits = p.certificates
        without = set(limits.route[(limits.market == market) & (limits.weeks == 0)].tolist())
        found: dict[int, Barrier] = {}
        for r in (whole if len(whole) else routes).tolist():
            firm, makers = int(p.route_firm[r]), np.flatnonzero(p.route_owners[r]).tolist()
            pairs = [
                (one, other) for one in dict.fromkeys((owner, home, *makers)) for other in makers
                if refused[one, other] and other != home
            ]  # fmt: skip
            if r in without:
                found[firm] = Barrier(firm, "certificate")
            elif pairs:
                found[firm] = Barrier(firm, "refused", *pairs[0])
            elif makers != [home] and (protected[owner, market] or protected[home, market]):
                found[firm] = Barrier(firm, "protected")
            else:
                found[firm] = Barrier(firm, "apart")
        # The present maker first.
        return tuple(sorted(found.values(), key=lambda barrier: (barrier.firm != p.maker[product], barrier.firm)))

    def _why_no_way(self, reason: Callable[..., Reason], places: Ints, product: int, market: int) -> Reason:
        """Tell why no way leads from where goods are made to their market: no lane, or none whose container takes a unit."""
        p, net = self.plan.problem, self.plan.network
        box = p.containers
        small = [
            (lane, unit, float(takes[product]), float(most[c]))
            for c, lane in enumerate(box.lane.tolist())
            for unit, takes, most in (("m3", p.volume, box.m3), ("kg", p.weight, box.kg))
            if takes[product] > most[c] * (1 + ROUNDING)
        ]
        start = {int(node) for node in net.place_node[places]}
        ways = lanes_between(p, start, {market})
        for lane, unit, needed, limit in small:
            if lane in ways:
                return reason("container", lane=lane, unit=unit, needed=needed, limit=limit)
        return reason("no_way")

    def _later_cost(self, supplies: Ints, week: int) -> tuple[float, float]:
        """Return the least cost of making a unit that the plan makes after a week, and how much of it its maker tells; infinite where it makes none."""
        bare = self.plan.problem.route_cost[self.plan.network.supply_route[supplies]]
        cost = np.where(self.plan.make[supplies] > TINY, bare[:, None] + self._materials_paid[supplies], np.inf)
        least = cost[:, week + 1 :].min(axis=1, initial=np.inf)
        return float(least.min()), float(bare[least.argmin()])

    @cached_property
    def _prices_paid(self) -> Floats:
        """What a material unit of each bin costs in each week by the orders of the plan, infinite where none has come; (X, T).

        One more costs what suppliers ask, where a bin is filled from what a firm has on hand and from them.
        """
        plan, buying, p = self.plan, self.plan.network.buying, self.plan.problem
        sold = (p.materials.offer_firm < 0)[buying.purchase_offer]
        supplied = sum_by(buying.purchase_bin[sold], plan.bought[sold], len(buying.bin_material)).sum(axis=1) > SMALL
        counted = sold | ~supplied[buying.purchase_bin]
        never = np.full((len(buying.bin_material), p.weeks), np.inf)
        return paid_prices(p, buying, np.where(counted[:, None], plan.bought, 0.0), never)

    @cached_property
    def _materials_paid(self) -> Floats:
        """What materials of a unit on each supply cost in each week beyond their least prices; none where nothing has come; (K, T)."""
        buying, net = self.plan.network.buying, self.plan.network
        least = self.plan.problem.materials.least[buying.bin_material][:, None]
        more = np.where(np.isfinite(self._prices_paid), self._prices_paid - least, 0.0)
        return material_costs(buying, more, len(net.supply_route))

    def _making(self, supply: int, units: float) -> Floats:
        """Return what a unit made on a supply costs to make by the week it comes out, (T,), its materials at what the plan pays.

        So many units may also be made of an order of their own, where that is cheaper or the plan has ordered none till then.
        """
        p, net = self.plan.problem, self.plan.network
        buying, cost = net.buying, np.full(p.weeks, p.route_cost[net.supply_route[supply]])
        for n in self._needs.get(supply, ()):
            number, lag = int(buying.need_bin[n]), int(buying.need_lag[n])
            each = float(buying.need_units[n])
            price = np.minimum(self._prices_paid[number], self._order_alone(number, units * each))
            more = np.where(np.isfinite(price), price - p.materials.least[buying.bin_material[number]], 0.0)
            cost[lag:] += each * more[: p.weeks - lag]
        return cost

    @cached_property
    def _order_alone(self) -> Callable[[int, float], Floats]:
        """What materials cost in an order of their own."""
        return orders_alone(self.plan.problem, self.plan.network.buying)

    @cached_property
    def _needs(self) -> dict[int, list[int]]:
        """The materials that each supply takes, by their numbers among the needs."""
        found: dict[int, list[int]] = {}
        for n, supply in enumerate(self.plan.network.buying.need_supply.tolist()):
            found.setdefault(supply, []).append(n)
        return found

    def _around(self, resource: int, week: int) -> tuple[int, int]:
        """Return the stretch of weeks around one in which hours of a resource have a price, for the same cause."""
        priced = (self.worth[resource] > 0) & (self._hours_left[resource] == self._hours_left[resource, week])
        return _stretch(priced, week)


def _stretch(there: Bools, week: int) -> tuple[int, int]:
    """Return the first and last of the weeks around one that are all true."""
    first = last = week
    while first > 0 and there[first - 1]:
        first -= 1
    while last + 1 < len(there) and there[last + 1]:
        last += 1
    return first, last


def _spread(worth: Floats) -> dict[str, Any]:
    """Return what an hour is worth over weeks: on average, at least and at most."""
    return {"worth": float(worth.mean()), "worth_low": float(worth.min()), "worth_high": float(worth.max())}


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


def _told(units: Floats) -> Iterator[Ints]:
    """Yield the weeks of a line, (T,), that are told together: one that is worth a word alone, the others where they add up to one."""
    large = units >= LEAST_LATE
    yield from np.flatnonzero(large)[:, None]
    small = np.flatnonzero(~large & (units > TINY))
    if units[small].sum() >= LEAST_TOGETHER:
        yield small


def _joined(found: Sequence[Reason]) -> Iterator[Reason]:
    """Tell as one what has one cause in weeks that follow one another."""
    stretch: list[Reason] = []
    for reason in [*found, None]:
        if reason is not None and stretch and reason.first == stretch[-1].last + 1 and _alike(reason, stretch[-1]):
            stretch.append(reason)
            continue
        if stretch:
            yield _stretched(stretch)
        stretch = [] if reason is None else [reason]


def _alike(one: Reason, other: Reason) -> bool:
    if one.batch != other.batch or (one.batch >= 0 and one.binding_first != other.binding_first):
        return False
    if (one.place, one.lane, one.unit, one.barriers) != (other.place, other.lane, other.unit, other.barriers):
        return False
    return (one.cause, one.binding, one.maker) == (other.cause, other.binding, other.maker)


def _stretched(stretch: Sequence[Reason]) -> Reason:
    firsts, lasts = [r.binding_first for r in stretch], [r.binding_last for r in stretch]

    def mean(values: list[float | None]) -> float | None:
        """Return the mean over units."""
        known = [(value, r.quantity) for value, r in zip(values, stretch, strict=True) if value is not None]
        return (
            float(np.average([value for value, _ in known], weights=[units for _, units in known])) if known else None
        )

    low, high = ([x for r in stretch if (x := getattr(r, name)) is not None] for name in ("worth_low", "worth_high"))
    return replace(
        stretch[0], last=stretch[-1].last, quantity=sum(r.quantity for r in stretch), waited=sum(r.waited for r in stretch),
        binding_first=min(firsts), binding_last=max(lasts),
        worth_low=min(low, default=None), worth_high=max(high, default=None),
        worth=mean([r.worth for r in stretch]), cost=mean([r.cost for r in stretch]), usual=mean([r.usual for r in stretch]),
    )  # fmt: skip
