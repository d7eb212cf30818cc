"""What each purse has week by week, counted from the money of the plan: no equation of the model is asked.

Owing beyond the limit is not forbidden, since a plan must always exist; it is borrowed dearly.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.plan.accounts import Accounts
from jointplan.planning.plan.quantities import Quantities
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.weekly import shift


def purse_balances(plan: Quantities, money: Accounts) -> Floats:
    """Return what each purse has at the end of each week and could still borrow, negative where it is short; shape (H, T).

    Sales come in when channels pay. What is opened, entered and learned is paid before the first week. The cost of capital, of
    work that waits between firms too, goodwill, and what is left at the end are no cash; the hub is paid by whoever runs it.
    """
    p, net, purses = plan.problem, plan.network, plan.network.purses
    flow = purses.due.copy()
    if p.credit is None or not len(purses.holder):
        return flow
    flow[:, 0] += purses.ready

    def pay(purse: Ints, amount: Floats) -> None:
        known = purse >= 0
        np.add.at(flow, purse[known], amount[known])

    def of_firm(firm: Ints) -> Ints:
        return purses.of_class[p.firm_owner[firm]]

    seller, sold = of_firm(p.series_seller), plan.serve * p.price[:, None]
    pay(seller, shift(sold, p.credit.receipt_weeks) - money.late)

    route = net.supply_route
    maker, buyer = of_firm(p.route_holder[route]), purses.of_class[net.commodity_class[net.supply_commodity]]
    waiting = np.bincount(p.use_route[p.division.use], p.division.waiting, len(p.route_product))[route]
    pay(maker, plan.make * waiting[:, None] - money.making - money.material)
    traded = np.where(((p.maker[p.route_product[route]] >= 0) & (maker != buyer))[:, None], money.transfer, 0.0)
    pay(maker, traded)
    pay(buyer, -traded)

    pay(of_firm(p.route_firm[net.lot_route]), -money.minor)
    pay(of_firm(p.group_firm[net.run_group]), -money.major)
    pay(of_firm(p.resource_firm), -money.overtime)
    pay(purses.of_class[net.arc_class], -money.unit_freight - money.border - money.handling)
    pay(purses.of_class[plan.loads.shipper], -money.load - money.clearing)
    on_hand = (p.materials.offer_firm >= 0)[net.buying.purchase_offer]
    pay(
        purses.of_class[net.buying.bin_class[net.buying.purchase_bin]], np.where(on_hand[:, None], 0.0, -money.purchase)
    )
    # Room for safety stock is part of what keeping it is worth, see ``protection``.
    volume = p.volume[net.commodity_product[net.place_commodity]]
    storage = np.maximum(plan.stock, 0.0) * (p.node_storage[net.place_node] * volume)[:, None]
    pay(purses.of_class[net.commodity_class[net.place_commodity]], -storage)

    for holder, once in (
        (net.site_class, money.opening),
        (net.entry_class, money.entry),
        (net.investment_class, money.investment),
    ):
        first = np.zeros(once.shape)
        first[:, 0] = -once.sum(axis=1)
        pay(purses.of_class[holder], first)
    total: Floats = flow.cumsum(axis=1)
    return total
