"""What making, changing over and moving take and cost, as flat arrays for compiled loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.graph import Array, Graph, records, starts
from jointplan.planning.model import PlanModel, shipping_costs
from jointplan.planning.problem import Bools, Floats, Ints

LOT = np.dtype([("route", "i8"), ("run", "i8"), ("batch", "f8")], align=True)
USE = np.dtype([("resource", "i8"), ("hours", "f8"), ("setup", "f8")], align=True)
FREIGHT = np.dtype([("load", "i8"), ("basis", "f8"), ("kg", "f8"), ("m3", "f8")], align=True)
BOX = np.dtype([("rate", "f8"), ("kg", "f8"), ("m3", "f8")], align=True)
BAND = np.dtype([("low", "f8"), ("high", "f8"), ("rate", "f8"), ("minimum", "f8")], align=True)


class Works(NamedTuple):
    """Supplies, lots, runs, resources and loads by number, arcs and places as in the graph.

    ``route_uses`` and ``run_uses`` say where the uses of each route and run begin, ``load_bands`` where the bands of each load.
    ``lot_waste`` (E, T) is what a unit costs that is made only to reach the minimum batch; ``box`` has a negative rate where
    a load is charged by bands, ``freight`` counts a container lane's basis in containers; ``place_room`` numbers the places
    with limited room, −1 for the others; ``early_cost`` is what a unit from before costs that is used: the negative of what it
    costs if it stays.
    """

    supply_cost: Floats
    lot: Array
    lot_cost: Floats
    lot_waste: Floats
    lot_possible: Bools
    route_uses: Ints
    uses: Array
    run_cost: Floats
    run_uses: Ints
    turns: Array
    regular: Floats
    most: Floats
    overtime_cost: Floats
    ship: Floats
    freight: Array
    box: Array
    load_bands: Ints
    bands: Array
    place_room: Ints
    room: Floats
    commodity_m3: Floats
    early_cost: Floats


def build_works(model: PlanModel, graph: Graph, early_cost: Floats) -> Works:
    """Return the works of a model.

    Parameters
    ----------
    model, graph : PlanModel, Graph
        What is planned.
    early_cost : (X,)
        What a unit from before costs that is used.
    """
    p, net, loads = model.problem, model.network, model.loads
    T = p.weeks
    by_route = np.argsort(p.use_route, kind="stable")
    runs = np.array(
        [(q, v) for q, g in enumerate(net.run_group) for v in np.flatnonzero(p.major_group == g)], dtype=np.int64
    ).reshape(-1, 2)
    made = p.route_product[net.lot_route]
    left = T - np.arange(T)[None, :]
    making = (p.route_making + p.route_material)[net.lot_route]
    waste = p.holding[made][:, None] * left + (making - p.end_value[made])[:, None]

    arc_product = net.commodity_product[net.arc_commodity]
    position = {int(lane): n for n, lane in enumerate(p.containers.lane)}
    entries = [(w, b) for w, lane in enumerate(loads.lane) for b in np.flatnonzero(p.bands.lane == lane)]
    load_of = np.array([w for w, _ in entries], dtype=np.int64)
    band = np.array([b for _, b in entries], dtype=np.int64)
    # A load above the last band still pays the last band's rate.
    top = np.array([p.bands.high[b] >= p.bands.high[p.bands.lane == p.bands.lane[b]].max() for b in band], dtype=bool)
    which = np.array([position.get(int(lane), -1) for lane in loads.lane], dtype=np.int64)

    box = records(BOX, rate=np.full(len(which), -1.0), kg=np.ones(len(which)), m3=np.ones(len(which)))
    by_box = which >= 0
    for name in BOX.names or ():
        box[name][by_box] = getattr(p.containers, name)[which[by_box]]
    load = loads.of_arc[graph.arcs["number"]]
    product = arc_product[graph.arcs["number"]]
    basis = p.basis[net.arc_lane[graph.arcs["number"]], product]
    boxed = (load >= 0) & (box["rate"][load] >= 0) if len(box) else np.zeros(len(load), bool)
    share = np.maximum(p.weight[product] / box["kg"][load], p.volume[product] / box["m3"][load]) if len(box) else basis
    nodes = np.flatnonzero(np.isfinite(p.node_capacity))
    number = np.full(len(p.node), -1)
    number[nodes] = np.arange(len(nodes))
    return Works(
        # What is there only because it is decided makes no more than that.
        supply_cost=np.where(net.supply_granted, (p.route_making + p.route_material)[net.supply_route], np.inf),
        lot=records(LOT, route=net.lot_route, run=net.lot_run, batch=p.route_batch[net.lot_route]),
        lot_cost=np.ascontiguousarray(p.setup_cost[net.lot_route]).reshape(-1, T),
        lot_waste=waste,
        lot_possible=model.columns.lot >= 0,
        route_uses=starts(p.use_route[by_route], len(p.route_product)),
        uses=records(USE, resource=p.use_resource[by_route], hours=p.use_hours[by_route], setup=p.use_setup[by_route]),
        run_cost=p.group_cost[net.run_group],
        run_uses=starts(runs[:, 0], len(net.run_group)),
        turns=records(
            USE, resource=p.major_resource[runs[:, 1]], hours=np.zeros(len(runs)), setup=p.major_hours[runs[:, 1]]
        ),
        regular=p.regular,
        most=p.regular + p.overtime,
        overtime_cost=p.overtime_cost,
        ship=np.ascontiguousarray(shipping_costs(p, net)[graph.arcs["number"]]).reshape(-1, T),
        freight=records(
            FREIGHT, load=load, basis=np.where(boxed, share, basis), kg=p.weight[product], m3=p.volume[product]
        ),
        box=box,
        load_bands=starts(load_of, len(loads.lane)),
        bands=records(
            BAND,
            low=p.bands.low[band],
            high=np.where(top, np.inf, p.bands.high[band] * (1 + 1e-9)),
            rate=p.bands.rate[band],
            minimum=p.bands.minimum[band],
        ),
        place_room=number[net.place_node[graph.places]],
        room=np.repeat(p.node_capacity[nodes][:, None], T, axis=1),
        commodity_m3=p.volume[net.commodity_product],
        early_cost=early_cost,
    )
