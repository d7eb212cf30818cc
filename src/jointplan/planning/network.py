"""What a coalition's goods are and where they can go, derived from its rights.

A *commodity* is a product held for one owner, or for the pooled members. It is made on *supplies* (commodity × route),
grouped into *lots* (which share a minor setup) and *runs* (lots of one family, which share a major setup); it lies at
*places* (commodity × node), travels on *arcs* (commodity × lane) and ends in *sinks* (commodity × market).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem import ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights, maker_owner


@dataclass(frozen=True)
class Network:
    """The network of one coalition; classes are owner numbers, or ``len(problem.owner)`` for the pooled members.

    Parameters
    ----------
    commodity_product, commodity_class : (C,)
        Product and class of a commodity.
    supply_commodity, supply_route, supply_lot : (K,)
        Where a commodity can be made, and the lot it belongs to.
    lot_route, lot_class, lot_run : (E,)
        Lots; ``lot_run`` is −1 where the route has no family group.
    run_group, run_class : (Q,)
        Runs of a family.
    place_commodity, place_node : (P,)
        Where stock can lie.
    place_site : (P,)
        The site to be opened before goods lie there, −1 where none need be.
    site_entry, site_class : (W,)
        Sites to be opened: the entry of the problem's ``sites``, and who opens it for its goods.
    place_opening : (P, T)
        Units made before the first week that come to a place: in week 0 what lies there, later what was under way.
    arc_commodity, arc_lane, arc_class, arc_from, arc_to, arc_sink : (A,)
        Moves; ``arc_class`` is whose load it joins, ``arc_to`` a place or −1, ``arc_sink`` a sink or −1.
    supply_place : (K,)
        The place a supply fills.
    sink_commodity, sink_market : (D,)
        Where goods are handed over.
    sink_opening : (D, T)
        Units sent before the first week that come to a sink.
    series_sink : (S,)
        Sink that serves a demand series.
    """

    commodity_product: Ints
    commodity_class: Ints
    supply_commodity: Ints
    supply_route: Ints
    supply_lot: Ints
    supply_place: Ints
    lot_route: Ints
    lot_class: Ints
    lot_run: Ints
    run_group: Ints
    run_class: Ints
    place_commodity: Ints
    place_node: Ints
    place_site: Ints
    site_entry: Ints
    site_class: Ints
    place_opening: Floats
    arc_commodity: Ints
    arc_lane: Ints
    arc_class: Ints
    arc_from: Ints
    arc_to: Ints
    arc_sink: Ints
    sink_commodity: Ints
    sink_market: Ints
    sink_opening: Floats
    series_sink: Ints


class _Numbering(dict[tuple[int, ...], int]):
    """Gives each new key the next number."""

    def of(self, *key: int) -> int:
        return self.setdefault(key, len(self))

    def column(self, position: int) -> Ints:
        return np.array([key[position] for key in self], dtype=np.int64)


def build_network(
    problem: ClusterProblem,
    rights: Rights,
    *,
    made: Iterable[tuple[int, int]] = (),
    sent: Iterable[tuple[int, int, int]] = (),
) -> Network:
    """Derive a network.

    Parameters
    ----------
    problem : ClusterProblem
        The cluster.
    rights : Rights
        Who shares what.
    made : iterable of (owner, route)
        Supplies to include although the rights would not give them: what was recorded.
    sent : iterable of (owner, product, lane)
        Arcs to include likewise.
    """
    made, sent = sorted(set(made)), sorted(set(sent))
    pooled = len(problem.owner)
    home = maker_owner(problem)
    series_owner = problem.firm_owner[problem.series_seller]
    inside = np.append(rights.members, False)  # owner −1 (nobody) is no member

    def pools(owner: int, product: int, measure: str) -> bool:
        return bool(rights.shares(measure) and inside[owner] and inside[home[product]])

    def class_of(owner: int, product: int) -> int:
        both = pools(owner, product, "pool_orders") and pools(owner, product, "consolidate_freight")
        return pooled if both else owner

    commodities = _Numbering()
    pairs = {(int(o), int(i)) for o, i in zip(series_owner, problem.series_product, strict=True)}
    pairs |= {(o, int(problem.route_product[r])) for o, r in made} | {(o, i) for o, i, _ in sent}
    pairs |= {(int(o), int(i)) for o, i in zip(problem.opening.owner, problem.opening.product, strict=True)}
    owners_of: dict[int, list[int]] = {}
    for owner, product in sorted(pairs, key=lambda pair: (pair[1], pair[0])):
        owners_of.setdefault(commodities.of(product, class_of(owner, product)), []).append(owner)

    routes_of: dict[int, list[int]] = {}
    for r, i in enumerate(problem.route_product):
        routes_of.setdefault(int(i), []).append(r)
    recorded_routes: dict[int, set[int]] = {}
    for owner, r in made:
        product = int(problem.route_product[r])
        recorded_routes.setdefault(commodities.of(product, class_of(owner, product)), set()).add(r)

    def freight_class(commodity: int) -> int:
        owner = owners_of[commodity][0]
        return pooled if rights.shares("consolidate_freight") and inside[owner] else owner

    supplies, lots, runs = _Numbering(), _Numbering(), _Numbering()
    for (product, _), commodity in commodities.items():
        owner = owners_of[commodity][0]
        shared = rights.shares("share_capacity") and inside[owner] and inside[home[product]]
        for r in routes_of.get(product, ()):
            firm_owner = int(problem.firm_owner[problem.route_firm[r]])
            own = firm_owner == (home[product] if home[product] >= 0 else owner)
            if own or (shared and inside[firm_owner]) or r in recorded_routes.get(commodity, ()):
                lot_class = pooled if pools(owner, product, "pool_orders") else owner
                group = int(problem.route_group[r])
                run = runs.of(group, lot_class) if group >= 0 else -1
                supplies.of(commodity, r, lots.of(r, lot_class, run))

    arcs, places, sinks = _Numbering(), _Numbering(), _Numbering()
    wanted: dict[int, set[int]] = {}
    series_commodity = [
        commodities.of(int(i), class_of(int(o), int(i)))
        for o, i in zip(series_owner, problem.series_product, strict=True)
    ]
    for s, commodity in enumerate(series_commodity):
        wanted.setdefault(commodity, set()).add(int(problem.series_market[s]))
    early = problem.opening
    early_commodity = [
        commodities.of(int(i), class_of(int(o), int(i))) for i, o in zip(early.product, early.owner, strict=True)
    ]
    stocked: dict[int, set[int]] = {}
    for commodity, node in zip(early_commodity, early.node.tolist(), strict=True):
        if node >= 0:
            stocked.setdefault(commodity, set()).add(node)
    recorded_lanes: dict[int, set[int]] = {}
    for owner, product, lane in sent:
        recorded_lanes.setdefault(commodities.of(product, class_of(owner, product)), set()).add(lane)
    sources: dict[int, set[int]] = {}
    for commodity, r, _ in supplies:
        sources.setdefault(commodity, set()).add(int(problem.route_firm[r]))

    for commodity in commodities.values():
        start = sources.get(commodity, set()) | stocked.get(commodity, set())
        usable = _lanes_between(problem, start, wanted.get(commodity, set()))
        for lane in sorted(usable | recorded_lanes.get(commodity, set())):
            origin = places.of(commodity, int(problem.lane_origin[lane]))
            node, market = int(problem.lane_node[lane]), int(problem.lane_market[lane])
            destination = places.of(commodity, node) if node >= 0 else -1
            sink = sinks.of(commodity, market) if market >= 0 else -1
            arcs.of(commodity, lane, freight_class(commodity), origin, destination, sink)
        for node in sorted(start):
            places.of(commodity, node)
        for market in sorted(wanted.get(commodity, ())):
            sinks.of(commodity, market)
    place_opening, sink_opening = [], []
    for commodity, node, market, week, units in zip(
        early_commodity, early.node.tolist(), early.market.tolist(), early.week.tolist(), early.units, strict=True
    ):
        if node >= 0:
            place_opening.append((places.of(commodity, node), week, units))
        else:
            sink_opening.append((sinks.of(commodity, market), week, units))

    # Who ships together opens together.
    sites = _Numbering()
    to_open = {int(problem.sites.node[w]): int(w) for w in np.flatnonzero(problem.closed)}
    place_site = [sites.of(to_open[n], freight_class(c)) if n in to_open else -1 for c, n in places]

    return Network(
        commodity_product=commodities.column(0),
        commodity_class=commodities.column(1),
        supply_commodity=supplies.column(0),
        supply_route=supplies.column(1),
        supply_lot=supplies.column(2),
        supply_place=np.array([places.of(c, int(problem.route_firm[r])) for c, r, _ in supplies], dtype=np.int64),
        lot_route=lots.column(0),
        lot_class=lots.column(1),
        lot_run=lots.column(2),
        run_group=runs.column(0),
        run_class=runs.column(1),
        place_commodity=places.column(0),
        place_node=places.column(1),
        place_site=np.array(place_site, dtype=np.int64),
        site_entry=sites.column(0),
        site_class=sites.column(1),
        place_opening=_by_week(place_opening, len(places), problem.weeks),
        arc_commodity=arcs.column(0),
        arc_lane=arcs.column(1),
        arc_class=arcs.column(2),
        arc_from=arcs.column(3),
        arc_to=arcs.column(4),
        arc_sink=arcs.column(5),
        sink_commodity=sinks.column(0),
        sink_market=sinks.column(1),
        sink_opening=_by_week(sink_opening, len(sinks), problem.weeks),
        series_sink=np.array(
            [sinks.of(c, int(m)) for c, m in zip(series_commodity, problem.series_market, strict=True)], dtype=np.int64
        ),
    )


def _by_week(entries: list[tuple[int, int, float]], size: int, weeks: int) -> Floats:
    """Return (row, week, units) entries as an array (size, weeks)."""
    total = np.zeros((size, weeks))
    for row, week, units in entries:
        total[row, week] += units
    return total


def _lanes_between(problem: ClusterProblem, start: set[int], markets: set[int]) -> set[int]:
    """Return the lanes on some way from a starting place to a market that wants the goods."""
    reached = np.zeros(len(problem.node) + 1, bool)  # the last entry absorbs −1
    reached[sorted(start)] = True
    leads = np.isin(problem.lane_market, sorted(markets)) if markets else np.zeros(len(problem.lane), bool)
    while True:
        onward = problem.lane_node[reached[problem.lane_origin] & (problem.lane_node >= 0)]
        if reached[onward].all():
            break
        reached[onward] = True
    while True:
        useful = np.zeros(len(problem.node) + 1, bool)
        useful[problem.lane_origin[leads]] = True
        more = (problem.lane_node >= 0) & useful[problem.lane_node] & ~leads
        if not more.any():
            break
        leads |= more
    return set(np.flatnonzero(leads & reached[problem.lane_origin]).tolist())
