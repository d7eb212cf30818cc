"""Cash: what a unit of each quantity of the model brings into and takes out of each purse, and when.

Owing beyond the limit is not forbidden, since a plan must always exist; it is borrowed dearly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jointplan.planning.network import Network
from jointplan.planning.problem import ClusterProblem, Floats, Ints
from jointplan.planning.weekly import bring_forward


@dataclass(frozen=True)
class Effect:
    """What a unit of some quantity, (N, T), brings into (negative: takes out of) the purse of its row, weeks later.

    ``of`` names the quantity as in the plan: make, ship, serve, lots, runs, spared, overtime, stock, owed; loads and
    purchases are money already.
    """

    of: str
    purse: Ints
    amount: Floats
    delay: Ints


def cash_effects(problem: ClusterProblem, network: Network, shipper: Ints) -> Iterator[Effect]:
    """Yield every effect on purses; ``shipper`` (loads,) is whose load each is.

    The cost of capital, of work that waits between firms too, goodwill, and what is left at the end are no cash; the hub is
    paid by whoever runs it.
    """
    p, net, of_class = problem, network, network.purses.of_class
    if not len(net.purses.holder):
        return
    product = net.commodity_product[net.arc_commodity]
    handling = p.lane_handling[net.arc_lane] * p.volume[product]
    paid = (p.unit_freight[net.arc_lane, product] + handling)[:, None] + p.border_on(net.arc_lane, product)
    route = net.supply_route
    maker = of_class[p.firm_owner[p.route_holder[route]]]
    buyer = of_class[net.commodity_class[net.supply_commodity]]
    traded = np.where((p.maker[p.route_product[route]] >= 0) & (maker != buyer), p.route_transfer[route], 0.0)
    seller = of_class[p.firm_owner[p.series_seller]]
    lot = of_class[p.firm_owner[p.route_firm[net.lot_route]]]
    run = of_class[p.firm_owner[p.group_firm[net.run_group]]]
    place_volume = p.volume[net.commodity_product[net.place_commodity]]
    later = np.zeros(len(seller), np.int64) if p.credit is None else p.credit.receipt_weeks

    waiting = np.bincount(p.use_route[p.division.use], p.division.waiting, len(p.route_product))

    def effect(of: str, purse: Ints, amount: Floats, delay: Ints | None = None) -> Effect:
        whole = np.broadcast_to(amount if amount.ndim == 2 else amount[:, None], (len(purse), p.weeks))
        return Effect(of, purse, whole, np.zeros(len(purse), np.int64) if delay is None else delay)

    yield effect("serve", seller, p.price, later)
    yield effect("make", maker, -(p.route_making - waiting + p.route_material)[route] + traded)
    yield effect("make", buyer, -traded)
    yield effect("lots", lot, -p.setup_cost[net.lot_route].reshape(len(lot), p.weeks))
    yield effect("runs", run, -p.group_cost[net.run_group])
    if p.carry_over is not None:
        use, turn = net.keeper_use, net.keeper_turn
        minor = p.setup_cost[net.lot_route[net.keeper_lot]] * p.carry_over.use_share[use][:, None]
        major = np.append(p.group_cost[p.major_group] * p.carry_over.major_share, 0.0)[turn]  # the last entry reads −1
        yield effect("spared", lot[net.keeper_lot], bring_forward(minor, p.use_lag[use]), p.use_lag[use])
        yield effect("spared", of_class[p.firm_owner[p.resource_firm[p.use_resource[use]]]], major)
    yield effect("overtime", of_class[p.firm_owner[p.resource_firm]], -p.overtime_cost)
    yield effect("ship", of_class[net.arc_class], -paid)
    yield effect(
        "stock", of_class[net.commodity_class[net.place_commodity]], -p.node_storage[net.place_node] * place_volume
    )
    yield effect("owed", seller, -np.where(p.series_aside, 0.0, p.late_cost))
    yield effect("loads", of_class[shipper], -np.ones(len(shipper)))
    bought = p.materials.offer_firm[net.buying.purchase_offer] < 0  # what is on hand is paid for
    yield effect("purchases", of_class[net.buying.bin_class[net.buying.purchase_bin]], -bought.astype(float))
