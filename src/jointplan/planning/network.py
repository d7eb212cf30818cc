"""What a coalition's goods are and where they can go, derived from its rights.

A *commodity* is a product held for one owner, or for the pooled members, and for markets that the same makers may serve: goods
that may not go to a market never mix with those that may, nor those of owners who refuse a maker with those of others. It is made on *supplies* (commodity × route),
grouped into *lots* (which share a minor setup) and *runs* (lots of one family, which share a major setup); it lies at
*places* (commodity × node), travels on *arcs* (commodity × lane) and ends in *sinks* (commodity × market).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from jointplan.planning.bins import Buying, find_buying
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints
from jointplan.planning.purses import Purses, find_purses
from jointplan.planning.rights import Rights, maker_owner

ROUNDING = 1e-9  # part of a limit by which figures in decimals may exceed it


@dataclass(frozen=True)
class Network:
    """The network of one coalition; classes are owner numbers, or ``len(problem.owner)`` for the pooled members.

    Parameters
    ----------
    commodity_product, commodity_class, commodity_permit : (C,)
        Product and class of a commodity, and which makers may serve its markets: a number alike in every network of the
        problem, 0 where all may.
    supply_commodity, supply_route, supply_lot : (K,)
        Where a commodity can be made, and the lot it belongs to.
    lot_route, lot_class : (E,)
        Lots.
    link_lot, link_run, link_lag : (B,)
        Which runs a lot needs, and how many weeks before its goods come out; by lot.
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
    supply_weeks : (K,)
        The first weeks in which it may be made there for the commodity's markets.
    supply_place : (K,)
        The place a supply fills.
    supply_granted : (K,) bool
        Whether the rights give it; else it is there for what was recorded or is decided alone.
    sink_commodity, sink_market : (D,)
        Where goods are handed over.
    sink_opening : (D, T)
        Units sent before the first week that come to a sink.
    series_sink : (S,)
        Sink that serves a demand series.
    buying : Buying
        Who buys which materials where.
    entry_market, entry_class (V,), series_entry (S,)
        Markets to be entered or promoted in, by their number in ``entries``, and who does; the one a series waits for, −1 for
        none.
    investment_entry, investment_class (J,)
        What is to be learned or opened, by its number in ``investments``, and who pays for it.
    unlock_lot, unlock_investment (L,)
        Which of these a lot needs.
    purses : Purses
        Whose money may run short.
    keeper_lot, keeper_use (X,)
        What workshops that stay set up over a week's end make there: lots, each with the use of the workshop.
    keeper_run, keeper_turn (X,)
        The run that the lot needs there, and the entry of the problem's major setups; −1 where it needs none.
    """

    commodity_product: Ints
    commodity_class: Ints
    commodity_permit: Ints
    supply_commodity: Ints
    supply_route: Ints
    supply_lot: Ints
    supply_weeks: Ints
    supply_place: Ints
    supply_granted: Bools
    lot_route: Ints
    lot_class: Ints
    link_lot: Ints
    link_run: Ints
    link_lag: Ints
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
    buying: Buying
    entry_market: Ints
    entry_class: Ints
    series_entry: Ints
    investment_entry: Ints
    investment_class: Ints
    unlock_lot: Ints
    unlock_investment: Ints
    purses: Purses
    keeper_lot: Ints
    keeper_use: Ints
    keeper_run: Ints
    keeper_turn: Ints


class _Numbering(dict[tuple[int, ...], int]):
    """Gives each new key the next number."""

    def of(self, *key: int) -> int:
        return self.setdefault(key, len(self))

    def column(self, position: int) -> Ints:
        return np.array([key[position] for key in self], dtype=np.int64)


class _Permits:
    """Numbers the ways in which certificates and refusals let routes make for an owner's market: 0 where all may, always."""

    def __init__(self, problem: ClusterProblem) -> None:
        self._certified: dict[tuple[int, int], dict[int, int]] = {}
        limits = problem.certificates
        for r, m, weeks in zip(limits.route.tolist(), limits.market.tolist(), limits.weeks.tolist(), strict=True):
            self._certified.setdefault((int(problem.route_product[r]), m), {})[r] = weeks
        self._horizon = problem.weeks
        self._ways: list[dict[int, int]] = [{}]
        self._known: dict[tuple[tuple[int, int], ...], int] = {(): 0}
        self._number: dict[tuple[int, int, int], int] = {}
        # What a job's present maker does itself is not moved.
        home = maker_owner(problem)[problem.route_product]
        moved = problem.route_owners & (np.arange(len(problem.owner))[None, :] != home[:, None])
        refused = problem.terms.refused(len(problem.owner))
        self._barred: dict[tuple[int, int], list[int]] = {}
        for owner in np.flatnonzero(refused.any(axis=1)):
            for r in np.flatnonzero((moved & refused[owner]).any(axis=1)).tolist():
                self._barred.setdefault((int(owner), int(problem.route_product[r])), []).append(r)
        self._home = maker_owner(problem)
        self._protected = problem.terms.protected(len(problem.owner), len(problem.market))
        self._moves: dict[int, list[int]] = {}
        for r in np.flatnonzero((home >= 0) & moved.any(axis=1)).tolist() if self._protected.any() else ():
            self._moves.setdefault(int(problem.route_product[r]), []).append(r)

    def of(self, product: int, market: int, owner: int) -> int:
        """Return the number for a product in a market, sold by an owner."""
        key = product, market, owner
        if key not in self._number:
            barred = dict.fromkeys(self._barred.get((owner, product), ()), 0)
            if self._protected[owner, market] or self._protected[self._home[product], market]:
                barred |= dict.fromkeys(self._moves.get(product, ()), 0)
            way = self._certified.get((product, market), {}) | barred
            number = self._known.setdefault(tuple(sorted(way.items())), len(self._ways))
            if number == len(self._ways):
                self._ways.append(way)
            self._number[key] = number
        return self._number[key]

    def weeks(self, permit: int, route: int) -> int:
        """Return the number of first weeks in which a route may make for markets of this kind."""
        return self._ways[permit].get(route, self._horizon)


def _early_goods(problem: ClusterProblem, permits: _Permits, series_permit: list[int]) -> list[tuple[int, int, float]]:
    """Return goods made before the first week as (entry, permit, share).

    They may be sold wherever they can be brought. What lies at a place for markets of several kinds is shared among these
    by what they want already.
    """
    early = problem.opening
    wanted: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
    owner = problem.firm_owner[problem.series_seller]
    already = np.where(problem.series_entry < 0, problem.demand.sum(axis=1), 0.0)
    for s, units in enumerate(already):
        key = int(owner[s]), int(problem.series_product[s])
        wanted.setdefault(key, []).append((series_permit[s], int(problem.series_market[s]), float(units)))
    found: list[tuple[int, int, float]] = []
    reach: dict[int, set[int]] = {}
    for x, (o, i, node, market) in enumerate(
        zip(early.owner.tolist(), early.product.tolist(), early.node.tolist(), early.market.tolist(), strict=True)
    ):
        orders = wanted.get((o, i), [])
        kinds = {permit for permit, _, _ in orders}
        if node < 0:
            found.append((x, permits.of(i, market, o), 1.0))
        elif len(kinds) < 2:
            found.append((x, min(kinds, default=0), 1.0))
        else:
            markets = {m for _, m, _ in orders}
            if node not in reach:
                reach[node] = _markets_from(problem, node)
            weight = dict.fromkeys(sorted(kinds), 0.0)
            for permit, m, units in orders:
                weight[permit] += units if m in reach[node] or not markets & reach[node] else 0.0
            total = sum(weight.values())
            found += [(x, permit, part / total) for permit, part in weight.items() if part > 0]
            if not total:
                found.append((x, min(kinds), 1.0))
    return found


def _markets_from(problem: ClusterProblem, node: int) -> set[int]:
    """Return the markets that goods at a place can reach."""
    lanes = sorted(lanes_between(problem, {node}, set(range(len(problem.market)))))
    return {int(m) for m in problem.lane_market[lanes] if m >= 0}


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
    decided = zip(problem.approved.owner.tolist(), problem.approved.route.tolist(), strict=True)
    made, sent = sorted({*made, *decided}), sorted(set(sent))
    pooled = len(problem.owner)
    home = maker_owner(problem)
    series_owner = problem.firm_owner[problem.series_seller]
    inside = np.append(rights.members, False)  # owner −1 (nobody) is no member

    def pools(owner: int, product: int, measure: str) -> bool:
        return bool(rights.shares(measure) and inside[owner] and inside[home[product]])

    # Goods that members hold together could only lie in warehouses that they open together.
    abroad = np.isin(problem.sites.node, problem.sites.overseas)
    holding = ["pool_orders", "consolidate_freight"] + ["overseas_warehouse"] * bool((abroad & problem.closed).any())

    def class_of(owner: int, product: int) -> int:
        return pooled if all(pools(owner, product, measure) for measure in holding) else owner

    commodities, permits = _Numbering(), _Permits(problem)
    refused = problem.terms.refused(pooled)
    series_permit = [
        permits.of(int(i), int(m), int(o))
        for i, m, o in zip(problem.series_product, problem.series_market, series_owner, strict=True)
    ]
    early, early_shares = problem.opening, _early_goods(problem, permits, series_permit)
    known = {(int(o), int(i), c) for o, i, c in zip(series_owner, problem.series_product, series_permit, strict=True)}
    known |= {(o, int(problem.route_product[r]), 0) for o, r in made} | {(o, i, 0) for o, i, _ in sent}
    known |= {(int(early.owner[x]), int(early.product[x]), c) for x, c, _ in early_shares}
    owners_of: dict[int, list[int]] = {}
    for owner, product, permit in sorted(known, key=lambda key: (key[1], key[0], key[2])):
        owners_of.setdefault(commodities.of(product, class_of(owner, product), permit), []).append(owner)

    routes_of: dict[int, list[int]] = {}
    for r, i in enumerate(problem.route_product):
        routes_of.setdefault(int(i), []).append(r)
    makers_of = [np.flatnonzero(owners) for owners in problem.route_owners]
    groups_of: dict[int, list[tuple[int, int]]] = {}
    for r, group, lag in zip(*(column.tolist() for column in problem.route_needs), strict=True):
        groups_of.setdefault(r, []).append((group, lag))
    recorded_routes: dict[int, set[int]] = {}
    for owner, r in made:
        product = int(problem.route_product[r])
        recorded_routes.setdefault(commodities.of(product, class_of(owner, product), 0), set()).add(r)

    def freight_class(commodity: int) -> int:
        owner = owners_of[commodity][0]
        return pooled if rights.shares("consolidate_freight") and inside[owner] else owner

    needs, ready_for = problem.investments, [*inside[:-1] | problem.neutral]
    needs_of: dict[int, list[int]] = {}
    for r, v in zip(needs.route.tolist(), needs.need.tolist(), strict=True):
        needs_of.setdefault(r, []).append(v)
    invests = problem.firm_owner[needs.firm].tolist()
    licensor = np.append(problem.firm_owner[problem.designs.firm], -1)[problem.route_design].tolist()

    def rights_for(r: int, home: int) -> list[str]:
        """Return what members must share to let a route work for an owner; nothing where it is this owner's own."""
        partners = {int(owner) for owner in makers_of[r]} - {home}
        licence = {"license_designs"} if licensor[r] >= 0 else set()
        new = {v for v in needs_of.get(r, ()) if invests[v] in partners}
        found = {needs.measures[v] for v in new} | licence
        if partners - {invests[v] for v in new}:
            # Whole jobs move by one right, single steps by another.
            found.add("share_capacity" if len(makers_of[r]) == 1 else "divide_labour")
        return sorted(found)

    supplies, lots, runs, links = _Numbering(), _Numbering(), _Numbering(), _Numbering()
    investments, unlocks = _Numbering(), _Numbering()
    granted: list[bool] = []
    for (product, _, permit), commodity in commodities.items():
        owner = owners_of[commodity][0]
        for r in routes_of.get(product, ()):
            if permits.weeks(permit, r) == 0:
                continue
            makers = makers_of[r]
            mine = int(home[product]) if home[product] >= 0 else owner
            own, asked = makers.tolist() == [mine], rights_for(r, mine)
            moves = bool(asked) and all(pools(owner, product, measure) for measure in asked)
            if moves and not own:  # who hands on goods must not refuse each other either
                partners = [home[product], *makers, *([licensor[r]] if licensor[r] >= 0 else [])]
                moves = all(ready_for[o] for o in partners[1:]) and not refused[np.ix_(partners, makers)].any()
            right = bool(own or moves)
            if right or r in recorded_routes.get(commodity, ()):
                granted.append(right)
                lot_class = pooled if pools(owner, product, "pool_orders") else owner
                lot = lots.of(r, lot_class)
                supplies.of(commodity, r, lot)
                for group, lag in groups_of.get(r, ()):
                    links.of(lot, runs.of(group, lot_class), lag)
                for v in needs_of.get(r, ()):
                    together = rights.shares(needs.measures[v]) and ready_for[invests[v]]
                    unlocks.of(lot, investments.of(v, pooled if together else invests[v]))

    arcs, places, sinks = _Numbering(), _Numbering(), _Numbering()
    wanted: dict[int, set[int]] = {}
    series_commodity = [
        commodities.of(int(i), class_of(int(o), int(i)), c)
        for o, i, c in zip(series_owner, problem.series_product, series_permit, strict=True)
    ]
    for s, commodity in enumerate(series_commodity):
        wanted.setdefault(commodity, set()).add(int(problem.series_market[s]))
    early_commodity = [
        commodities.of(int(early.product[x]), class_of(int(early.owner[x]), int(early.product[x])), c)
        for x, c, _ in early_shares
    ]
    stocked: dict[int, set[int]] = {}
    for commodity, (x, _, _) in zip(early_commodity, early_shares, strict=True):
        if early.node[x] >= 0:
            stocked.setdefault(commodity, set()).add(int(early.node[x]))
    recorded_lanes: dict[int, set[int]] = {}
    for owner, product, lane in sent:
        recorded_lanes.setdefault(commodities.of(product, class_of(owner, product), 0), set()).add(lane)
    sources: dict[int, set[int]] = {}
    for commodity, r, _ in supplies:
        sources.setdefault(commodity, set()).add(int(problem.route_firm[r]))

    small = np.zeros((len(problem.lane), len(problem.sku)), bool)  # lanes whose container cannot hold a unit
    box = problem.containers
    small[box.lane] = (problem.weight > box.kg[:, None] * (1 + ROUNDING)) | (
        problem.volume > box.m3[:, None] * (1 + ROUNDING)
    )
    for (product, _, _), commodity in commodities.items():
        start = sources.get(commodity, set()) | stocked.get(commodity, set())
        usable = lanes_between(problem, start, wanted.get(commodity, set()), ~small[:, product])
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
    for commodity, (x, _, share) in zip(early_commodity, early_shares, strict=True):
        node, week, units = int(early.node[x]), int(early.week[x]), share * float(early.units[x])
        if node >= 0:
            place_opening.append((places.of(commodity, node), week, units))
        else:
            sink_opening.append((sinks.of(commodity, int(early.market[x])), week, units))

    # Who ships together opens together; warehouses overseas are a matter of their own.
    sites = _Numbering()
    to_open = {int(problem.sites.node[w]): int(w) for w in np.flatnonzero(problem.closed)}

    def opens(site: int, commodity: int) -> int:
        owner = owners_of[commodity][0]
        together = rights.shares("overseas_warehouse") and inside[owner]
        return (pooled if together else owner) if abroad[site] else freight_class(commodity)

    place_site = [sites.of(to_open[n], opens(to_open[n], c)) if n in to_open else -1 for c, n in places]

    entries = _Numbering()

    def enters(entry: int, owner: int) -> int:
        promotion = problem.entries is not None and problem.entries.promotion[entry]
        measure = "joint_promotion" if promotion else "enter_market"
        return pooled if rights.shares(measure) and inside[owner] else owner

    series_entry = [
        entries.of(e, enters(e, int(o))) if e >= 0 else -1
        for e, o in zip(problem.series_entry.tolist(), series_owner, strict=True)
    ]
    commodity_permit, supply_route = commodities.column(2), supplies.column(1)
    keepers = _find_keepers(problem, lots.column(0), runs.column(0), list(links))
    return Network(
        commodity_product=commodities.column(0),
        commodity_class=commodities.column(1),
        commodity_permit=commodity_permit,
        supply_commodity=supplies.column(0),
        supply_route=supply_route,
        supply_lot=supplies.column(2),
        supply_weeks=np.array([permits.weeks(int(commodity_permit[c]), r) for c, r, _ in supplies], dtype=np.int64),
        supply_place=np.array([places.of(c, int(problem.route_firm[r])) for c, r, _ in supplies], dtype=np.int64),
        supply_granted=np.array(granted, dtype=bool),
        lot_route=lots.column(0),
        lot_class=lots.column(1),
        link_lot=links.column(0),
        link_run=links.column(1),
        link_lag=links.column(2),
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
        buying=find_buying(problem, rights, supply_route),
        entry_market=entries.column(0),
        entry_class=entries.column(1),
        series_entry=np.array(series_entry, dtype=np.int64),
        investment_entry=investments.column(0),
        investment_class=investments.column(1),
        unlock_lot=unlocks.column(0),
        unlock_investment=unlocks.column(1),
        purses=find_purses(problem, rights),
        keeper_lot=keepers[0],
        keeper_use=keepers[1],
        keeper_run=keepers[2],
        keeper_turn=keepers[3],
    )


def _find_keepers(
    problem: ClusterProblem, lot_route: Ints, run_group: Ints, links: list[tuple[int, ...]]
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the lots and uses of workshops that stay set up, with the run of each there and its major setup."""
    found: list[tuple[int, int, int, int]] = []
    if problem.carry_over is not None:
        majors = zip(problem.major_group.tolist(), problem.major_resource.tolist(), strict=True)
        turn_of = {major: v for v, major in enumerate(majors)}
        runs_of: dict[tuple[int, int], list[int]] = {}
        for e, q, lag in links:
            runs_of.setdefault((e, lag), []).append(q)
        uses_of: dict[int, list[int]] = {}
        begins = problem.begins_set_up(problem.use_route, problem.use_resource)
        stays = np.asarray(problem.carry_over.over.any(axis=1))[problem.use_resource] | begins
        for u in range(len(problem.use_resource)):
            if stays[u]:
                uses_of.setdefault(int(problem.use_route[u]), []).append(u)
        for e, r in enumerate(lot_route.tolist()):
            for u in uses_of.get(r, ()):
                m, runs = int(problem.use_resource[u]), runs_of.get((e, int(problem.use_lag[u])), ())
                turns = [(q, turn_of.get((int(run_group[q]), m), -1)) for q in runs]
                found.append((e, u, *next((turn for turn in turns if turn[1] >= 0), (-1, -1))))
    columns = np.array(found, dtype=np.int64).reshape(-1, 4)
    return columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3]


def _by_week(entries: list[tuple[int, int, float]], size: int, weeks: int) -> Floats:
    """Return (row, week, units) entries as an array (size, weeks)."""
    total = np.zeros((size, weeks))
    for row, week, units in entries:
        total[row, week] += units
    return total


def lanes_between(problem: ClusterProblem, start: set[int], markets: set[int], fit: Bools | None = None) -> set[int]:
    """Return the lanes, of those that fit, on some way from a starting place to a market that wants the goods."""
    fit = np.ones(len(problem.lane), bool) if fit is None else fit
    reached = np.zeros(len(problem.node) + 1, bool)  # the last entry absorbs −1
    reached[sorted(start)] = True
    leads = fit & np.isin(problem.lane_market, sorted(markets)) if markets else np.zeros(len(problem.lane), bool)
    while True:
        onward = problem.lane_node[fit & reached[problem.lane_origin] & (problem.lane_node >= 0)]
        if reached[onward].all():
            break
        reached[onward] = True
    while True:
        useful = np.zeros(len(problem.node) + 1, bool)
        useful[problem.lane_origin[leads]] = True
        more = fit & (problem.lane_node >= 0) & useful[problem.lane_node] & ~leads
        if not more.any():
            break
        leads |= more
    return set(np.flatnonzero(leads & reached[problem.lane_origin]).tolist())
