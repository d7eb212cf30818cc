"""A coalition's goods as flat arrays: who can be served from where, for compiled loops over groups of goods."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jointplan.planning.model import Frozen, PlanModel
from jointplan.planning.problem import Floats, Ints

Array = np.ndarray[Any, Any]

ORDER = np.dtype(
    [("series", "i8"), ("week", "i8"), ("last", "i8"), ("commodity", "i8"), ("sink", "i8")]
    + [(name, "f8") for name in ("units", "price", "late", "goodwill")],
    align=True,
)
ARC = np.dtype([(name, "i8") for name in ("number", "place", "to", "sink", "lag")], align=True)
SUPPLY = np.dtype([(name, "i8") for name in ("commodity", "place", "lot")], align=True)
EARLY = np.dtype(
    [("place", "i8"), ("sink", "i8"), ("week", "i8"), ("units", "f8"), ("keep", "f8"), ("supply", "i8")], align=True
)


class Graph(NamedTuple):
    """Who can be served from where, as records in flat arrays; ``x_ys`` says where the ys of each x begin.

    Orders stand in the order of their group; places in the order of their commodity, numbered within it; arcs in the order
    of the place they leave, those to sinks last (from ``place_last``), with the network's ``number``; ``into`` are the arcs into each sink;
    ``places`` are the network's places in their order. ``lots`` are the lots of each group, ``supplies`` the supplies of each lot,
    ``early`` the goods made before the first week, by commodity.

    ``orders``: units wanted of a commodity in a series and week, until when they may come, what they pay, cost a week late,
    and cost if given up. ``keep`` (P, T): what a unit costs that lies at a place over a week. ``early``
    goods come to a place, or wait at a sink at a cost ``keep`` a week; ``supply`` is where they are made if that is decided.
    """

    group_orders: Ints
    orders: Array
    group_lots: Ints
    lots: Ints
    commodity_places: Ints
    places: Ints
    keep: Floats
    place_arcs: Ints
    place_last: Ints
    arcs: Array
    sink_arcs: Ints
    into: Ints
    lot_supplies: Ints
    supplies: Ints
    supply: Array
    commodity_early: Ints
    early: Array


def starts(sorted_index: Ints, size: int) -> Ints:
    """Return where each number begins in a sorted index, and the end."""
    return np.searchsorted(sorted_index, np.arange(size + 1)).astype(np.int64)


def _group_of(lot: Ints, commodity: Ints, lots: int, commodities: int) -> tuple[Ints, Ints]:
    """Return the group of each lot and commodity: what shares lots stands together."""
    parent = np.arange(lots + commodities)

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = int(parent[x])
        return x

    for e, c in zip(lot, commodity, strict=True):
        parent[root(int(e))] = root(lots + int(c))
    roots = np.array([root(x) for x in range(lots + commodities)])
    _, number = np.unique(roots, return_inverse=True)
    return number[:lots].astype(np.int64), number[lots:].astype(np.int64)


def build_graph(model: PlanModel, *, decided: bool = False, frozen: Frozen | None = None) -> Graph:
    """Return the graph of a model.

    Parameters
    ----------
    model : PlanModel
        What is planned.
    decided : bool
        Whether lots that are decided count as goods from before, after the opening goods of their commodity.
    frozen : Frozen, optional
        What outsiders do: nobody is served from their goods, and what members buy from them or make with them is decided.
    """
    p, net = model.problem, model.network
    commodities, lots = len(net.commodity_product), len(net.lot_route)
    lot_group, commodity_group = _group_of(net.supply_lot, net.supply_commodity, lots, commodities)
    groups = int(commodity_group.max(initial=-1)) + 1
    groups = max(groups, int(lot_group.max(initial=-1)) + 1)

    theirs = np.zeros(commodities, bool) if frozen is None else frozen.goods
    series, week = np.nonzero(np.where(theirs[net.sink_commodity[net.series_sink]][:, None], 0.0, p.demand))
    commodity = net.sink_commodity[net.series_sink[series]]
    order = np.argsort(commodity_group[commodity], kind="stable")
    series, week, commodity = series[order], week[order], commodity[order]

    places = np.lexsort((_levels(model), net.place_commodity))
    commodity_places = starts(net.place_commodity[places], commodities)
    local = np.empty(len(places), np.int64)
    local[places] = np.arange(len(places)) - commodity_places[net.place_commodity[places]]
    position = np.empty(len(places), np.int64)
    position[places] = np.arange(len(places))
    arcs = np.lexsort((net.arc_sink, position[net.arc_from]))
    place_arcs = starts(position[net.arc_from[arcs]], len(places))
    inner = np.append(0, np.cumsum(net.arc_sink[arcs] < 0))
    into = np.argsort(net.arc_sink[arcs], kind="stable")
    place_product = net.commodity_product[net.place_commodity[places]]
    holding = p.place_holding[net.place_node, net.commodity_product[net.place_commodity]]
    keep = holding[places] + p.node_storage[net.place_node[places]] * p.volume[place_product]

    by_lot = np.argsort(net.supply_lot, kind="stable")
    lot_order = np.argsort(lot_group, kind="stable")

    floor = model.floor if frozen is None else np.where(np.isnan(frozen.make), model.floor, frozen.make)
    at_place = np.argwhere((net.place_opening > 0) & ~theirs[net.place_commodity][:, None])
    at_sink = np.argwhere((net.sink_opening > 0) & ~theirs[net.sink_commodity][:, None])
    lots_made = np.argwhere((floor > 0) & ~theirs[net.supply_commodity][:, None] & decided)
    early_place = np.append(at_place[:, 0], net.supply_place[lots_made[:, 0]])
    early_commodity = np.concatenate([net.place_commodity[early_place], net.sink_commodity[at_sink[:, 0]]])
    early = records(
        EARLY,
        place=np.append(local[early_place], np.full(len(at_sink), -1)),
        sink=np.append(np.full(len(early_place), -1), at_sink[:, 0]),
        week=np.concatenate([at_place[:, 1], lots_made[:, 1], at_sink[:, 1]]),
        units=np.concatenate(
            [net.place_opening[tuple(at_place.T)], floor[tuple(lots_made.T)], net.sink_opening[tuple(at_sink.T)]]
        ),
        keep=np.append(holding[early_place], p.holding[net.commodity_product[net.sink_commodity[at_sink[:, 0]]]]),
        supply=np.concatenate([np.full(len(at_place), -1), lots_made[:, 0], np.full(len(at_sink), -1)]),
    )
    by_commodity = np.argsort(early_commodity, kind="stable")
    return Graph(
        group_orders=starts(commodity_group[commodity], groups),
        orders=records(
            ORDER,
            series=series,
            week=week,
            last=np.minimum(week + p.late_weeks, p.weeks - 1),
            commodity=commodity,
            sink=net.series_sink[series],
            units=p.demand[series, week],
            price=p.price[series],
            late=p.late_cost[series],
            goodwill=p.goodwill[series],
        ),
        group_lots=starts(lot_group[lot_order], groups),
        lots=lot_order.astype(np.int64),
        commodity_places=commodity_places,
        places=places.astype(np.int64),
        keep=np.repeat(keep[:, None], p.weeks, axis=1),
        place_arcs=place_arcs,
        place_last=place_arcs[:-1] + inner[place_arcs[1:]] - inner[place_arcs[:-1]],
        arcs=records(
            ARC,
            number=arcs,
            place=local[net.arc_from[arcs]],
            to=np.where(net.arc_to[arcs] >= 0, local[np.maximum(net.arc_to[arcs], 0)], -1),
            sink=net.arc_sink[arcs],
            lag=p.lane_weeks[net.arc_lane[arcs]],
        ),
        sink_arcs=starts(net.arc_sink[arcs][into], len(net.sink_commodity)),
        into=into,
        lot_supplies=starts(net.supply_lot[by_lot], lots),
        supplies=by_lot.astype(np.int64),
        supply=records(SUPPLY, commodity=net.supply_commodity, place=local[net.supply_place], lot=net.supply_lot),
        commodity_early=starts(early_commodity[by_commodity], commodities),
        early=early[by_commodity],
    )


def _levels(model: PlanModel) -> Ints:
    """Return how many lanes of the same week lie between a place and the last: places downstream come first; (P,)."""
    p, net = model.problem, model.network
    level = np.zeros(len(net.place_node), np.int64)
    at_once = (net.arc_to >= 0) & (p.lane_weeks[net.arc_lane] == 0)
    for _ in range(len(p.node)):
        before = level.copy()
        np.maximum.at(level, net.arc_from[at_once], before[net.arc_to[at_once]] + 1)
        if (level == before).all():
            break
    return level


def records(kind: np.dtype[np.void], **fields: Array) -> Array:
    """Return records of these fields."""
    records = np.zeros(len(next(iter(fields.values()))), kind)
    for name, values in fields.items():
        records[name] = values
    return records
