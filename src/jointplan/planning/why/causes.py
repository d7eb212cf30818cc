"""Why a line is late or given up: what makes the cheapest way dear in which it could have been served in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from jointplan.planning.why.cheapest import Option, Supplies, find_cheapest, find_supplies
from jointplan.planning.why.figures import Figures
from jointplan.planning.why.line import Line
from jointplan.planning.why.nobody import why_no_way, why_nobody
from jointplan.planning.why.passing import Limit
from jointplan.planning.why.reason import Reason, spread
from jointplan.planning.why.stretches import stretch

LEAST_SHARE = 0.5  # of what a line has left for hours and setups: less does not explain why it is not served


def why_unserved(figures: Figures, undone: Mapping[str, Sequence[str]], line: Line) -> Reason:
    """Find the cheapest way in which the units of a line could have been there in time, and what makes it dear."""
    p, net = figures.plan.problem, figures.plan.network
    supplies = find_supplies(figures, line)
    if not len(supplies.number):
        return why_nobody(undone, line)
    if not np.isfinite(supplies.lead).any():
        return why_no_way(figures.plan, line, net.supply_place[supplies.number])
    if not np.isfinite(supplies.ready + supplies.lead).any():
        return line.reason("no_maker")
    if (supplies.latest < supplies.ready).all():
        return _why_too_late(figures, undone, line, supplies)
    option, barred = find_cheapest(figures, line, supplies)
    if option is not None:
        return _why_dear(figures, line, supplies, option)
    if barred < 0:
        return line.reason("no_maker")
    return line.reason(
        "certificate",
        maker=int(p.route_firm[net.supply_route[barred]]),
        binding_first=int(net.supply_weeks[barred]),
        binding_last=p.weeks - 1,
    )


def _why_too_late(figures: Figures, undone: Mapping[str, Sequence[str]], line: Line, supplies: Supplies) -> Reason:
    """Tell the weeks that making and the way take, where no plan could have been in time."""
    p, net = figures.plan.problem, figures.plan.network
    n = int(np.argmin(supplies.ready + supplies.lead))
    # What waits a week or more beyond what no plan could spare it has another cause than the way.
    soonest = int(supplies.ready[n] + supplies.lead[n])
    beyond = line.waited - line.units * (soonest - line.week)
    if line.kind == "late" and beyond >= line.units and soonest < p.weeks:
        cause = why_unserved(figures, undone, replace(line, week=soonest, waited=beyond))  # as if due no sooner
        return replace(cause, first=line.week, last=line.week, waited=line.waited)
    begun = {"binding_first": int(supplies.ready[n])} if supplies.ready[n] else {}
    maker = int(p.route_firm[net.supply_route[supplies.number[n]]])
    return line.reason("lead_time", worth=float(supplies.lead[n]), maker=maker, **begun)


def _why_dear(figures: Figures, line: Line, supplies: Supplies, option: Option) -> Reason:
    """Tell what makes an option dear: limits on the way, hours, a lot that is not there, making or freight."""
    p, net, week = figures.plan.problem, figures.plan.network, option.week
    route, lot = int(net.supply_route[option.supply]), int(net.supply_lot[option.supply])
    maker, late, lost = int(p.route_firm[route]), line.kind == "late", line.lost
    if not late and option.bare > lost:
        return line.reason("not_worth", cost=option.bare, maker=maker)
    # What hours and setups may take before the line is not worth it; less than a part of that explains nothing.
    margin = lost if late else lost - option.bare
    rent, opening, toll = option.rent, option.opening, option.toll
    if option.way is not None and toll > 0 and toll >= max(rent, opening, LEAST_SHARE * margin):
        return _why_full(line, *option.way.chief(int(net.supply_place[option.supply]), week), margin)
    if rent >= max(opening, LEAST_SHARE * margin) and rent > 0:
        return _why_hours(figures, line, route, week, rent)
    later, of_maker = figures.making.later_cost(supplies.number, week)
    premium = float(figures.making.cost(option.supply, line.together)[week]) - later if late else 0.0
    if premium > lost:  # not even a batch that costs nothing would be worth it
        return _why_dearer(figures, line, option, premium, of_maker)
    # In time it goes by ways that may be dearer than those that are not.
    freight = figures.carriage.freight(int(net.series_sink[line.series]))[net.supply_place[option.supply]]
    more = float(freight[min(max(line.week - week, 0), p.weeks)] - freight[-1])
    dearer = late and np.isfinite(more) and more > lost
    if opening > 0 and (opening >= LEAST_SHARE * margin or not dearer):
        return line.reason(
            "setup", cost=opening * line.together, binding_first=week, binding_last=week, maker=maker, batch=lot
        )
    if premium > 0 and premium >= (more if dearer else LEAST_SHARE * lost):
        return _why_dearer(figures, line, option, premium, of_maker)
    if dearer:
        return line.reason("freight", maker=maker, cost=more)
    # Where waiting costs next to nothing no price tells what is short.
    full = figures.hours.booked(route, option.ready, option.latest)
    if full is not None:
        binding, (first, last) = full
        return line.reason(
            "capacity", binding=binding, binding_first=first, binding_last=last, maker=int(p.resource_firm[binding])
        )
    return line.reason("waits_free" if late and lost <= line.nothing else "freight", maker=maker)


def _why_dearer(figures: Figures, line: Line, option: Option, premium: float, of_maker: float) -> Reason:
    """Tell whether its maker or one of its materials makes a unit dearer in time than later, when ``of_maker`` of its cost tells the maker."""
    p = figures.plan.problem
    route = int(figures.plan.network.supply_route[option.supply])
    maker = int(p.route_firm[route])
    if float(p.route_cost[route]) - of_maker >= LEAST_SHARE * premium:
        return line.reason("other_maker", maker=maker, cost=premium)
    material = figures.making.dearest_material(option.supply, line.together, option.week)
    return line.reason("material", maker=maker, cost=premium, material=material)


def _why_hours(figures: Figures, line: Line, route: int, week: int, rent: float) -> Reason:
    """Tell the workshop of a route whose hours take most from others for goods that come out in a week."""
    p, hours = figures.plan.problem, figures.hours
    uses = np.flatnonzero(p.use_route == route)
    use = int(uses[np.argmax(p.use_hours[uses] * hours.worth_of_use[uses, week])])
    binding, then = int(p.use_resource[use]), max(week - int(p.use_lag[use]), 0)
    first, last = hours.around(binding, then)
    # Of several firms that do the steps in turn, the one whose workshop binds.
    return line.reason(
        "overtime" if hours.left[binding, then] else "capacity", binding=binding, binding_first=first, binding_last=last,
        cost=rent, maker=int(p.resource_firm[binding]), **spread(hours.worth[binding, first : last + 1]),
    )  # fmt: skip


def _why_full(line: Line, limit: Limit, week: int, margin: float) -> Reason:
    """Tell a limit on the way that is used up; where it has no price, what the line itself would bring a unit of it at most."""
    first, last = stretch(limit.full, week)
    price, needed = limit.price[first : last + 1], float(limit.takes[line.product])
    return line.reason(
        limit.cause, place=limit.node, lane=limit.lane, unit=limit.unit, limit=float(limit.most[week]), needed=needed,
        binding_first=first, binding_last=last,
        **(spread(price) if price.any() else {"cost": margin / needed}),
    )  # fmt: skip
