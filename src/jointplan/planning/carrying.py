"""Carrying a plan over to other rights: the same work, written in the network of owners who share more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jointplan.planning.network import Network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plan.violations import setups_stay
from jointplan.planning.problem import Bools, Floats
from jointplan.planning.rights import Rights


def carry_over(plan: ClusterPlan, rights: Rights, network: Network) -> ClusterPlan:
    """Return a plan written in the network of owners who may share more than the plan's own did.

    Orders of materials go with it; those that members now place together are made anew where that is cheaper.
    """
    old = plan.network
    pooled = len(plan.problem.owner)

    def keys(net: Network) -> list[tuple[int, int, int]]:
        return list(
            zip(
                net.commodity_product.tolist(), net.commodity_class.tolist(), net.commodity_permit.tolist(), strict=True
            )
        )

    known = {key: n for n, key in enumerate(keys(network))}
    commodity = np.array([known.get((i, c, way), known.get((i, pooled, way), -1)) for i, c, way in keys(old)])
    supply = {
        (int(c), int(r)): k for k, (c, r) in enumerate(zip(network.supply_commodity, network.supply_route, strict=True))
    }
    arc = {
        (int(c), int(lane)): a for a, (c, lane) in enumerate(zip(network.arc_commodity, network.arc_lane, strict=True))
    }
    make = np.zeros((len(network.supply_route), plan.problem.weeks))
    ship = np.zeros((len(network.arc_lane), plan.problem.weeks))
    for k, (c, r) in enumerate(zip(old.supply_commodity, old.supply_route, strict=True)):
        make[supply[int(commodity[c]), int(r)]] += plan.make[k]
    for a, (c, lane) in enumerate(zip(old.arc_commodity, old.arc_lane, strict=True)):
        if plan.ship[a].any():
            ship[arc[int(commodity[c]), int(lane)]] += plan.ship[a]
    orders = _orders_carried(plan, network)
    kept = ClusterPlan(
        plan.problem,
        rights,
        network,
        make,
        ship,
        plan.serve,
        plan.unmet,
        buy=orders,
        keep=_setups_carried(plan, network),
    )
    if setups_stay(kept):  # families that were apart may be one now
        kept = replace(kept, keep=None)
    together = network.buying.bin_class[network.buying.purchase_bin] == pooled
    if not together.any():
        return kept
    anew = np.where(together[:, None], replace(kept, buy=None).bought, orders)
    return max(kept, replace(kept, buy=anew), key=lambda found: found.value)


def _setups_carried(plan: ClusterPlan, network: Network) -> Bools:
    """Return what setups a plan keeps, (X, T), in another network; of lots that are one now, what was kept of any."""
    old, pooled = plan.network, len(plan.problem.owner)
    number = {
        (int(network.lot_class[e]), int(u)): x
        for x, (e, u) in enumerate(zip(network.keeper_lot, network.keeper_use, strict=True))
    }
    keep = np.zeros((len(network.keeper_lot), plan.problem.weeks), bool)
    for x, (e, u) in enumerate(zip(old.keeper_lot, old.keeper_use, strict=True)):
        if plan.kept[x].any():
            at = number.get((int(old.lot_class[e]), int(u)))
            keep[number[pooled, int(u)] if at is None else at] |= plan.kept[x]
    return keep


def _orders_carried(plan: ClusterPlan, network: Network) -> Floats:
    """Return a plan's orders, (Y, T), at the same suppliers in another network; orders placed together now are added up."""
    old, new, pooled = plan.network.buying, network.buying, len(plan.problem.owner)
    number = {
        (int(new.bin_material[x]), int(new.bin_class[x]), int(j)): y
        for y, (x, j) in enumerate(zip(new.purchase_bin, new.purchase_offer, strict=True))
    }
    orders = np.zeros((len(new.purchase_bin), plan.problem.weeks))
    for y, (x, j) in enumerate(zip(old.purchase_bin, old.purchase_offer, strict=True)):
        if plan.bought[y].any():
            material, buyer = int(old.bin_material[x]), int(old.bin_class[x])
            at = number.get((material, buyer, int(j)))
            orders[number[material, pooled, int(j)] if at is None else at] += plan.bought[y]
    return orders
