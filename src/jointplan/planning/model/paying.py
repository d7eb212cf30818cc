"""Paying: what comes into and goes out of each purse, and what is borrowed where it runs short."""

from __future__ import annotations

import numpy as np

from jointplan.planning.buying import find_tiers
from jointplan.planning.model.buying import order_prices
from jointplan.planning.model.cash import cash_effects
from jointplan.planning.model.columns import Charges, Flows, Kept, Money, Orders, Setups, Unlocked
from jointplan.planning.model.scope import Scope
from jointplan.solvers import ModelBuilder
from jointplan.solvers.linear import Term


def money_is_counted(
    b: ModelBuilder,
    scope: Scope,
    flows: Flows,
    setups: Setups,
    kept: Kept,
    charges: Charges,
    unlocked: Unlocked,
    orders: Orders,
) -> Money:
    """Ensures that what a purse has less what it owes follows from what comes in and goes out."""
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    purses, credit = net.purses, p.credit
    shape = len(purses.holder), T
    ample = b.columns(shape, money=True)
    short = b.columns(shape, cost=0.0 if credit is None else credit.rate, money=True)
    if credit is None or not len(purses.holder):
        return Money(ample, short)
    row = np.arange(ample.size).reshape(shape)
    before, owed_before = np.full_like(ample, -1), np.full_like(short, -1)
    before[:, 1:], owed_before[:, 1:] = ample[:, :-1], short[:, :-1]
    terms: list[Term] = [(row, ample, 1.0), (row, short, -1.0), (row, before, -1.0), (row, owed_before, 1.0)]
    tiers = find_tiers(p.materials, net.buying)
    price = order_prices(scope, tiers)
    rate = dict(zip(p.containers.lane.tolist(), p.containers.rate.tolist(), strict=True))
    box_rate = np.array([rate[int(lane)] for lane in scope.loads.lane[charges.boxes_load]])
    clearing = p.clearing_on(scope.loads.lane[charges.boxes_load])
    columns = {
        "make": flows.make, "ship": flows.ship, "serve": flows.serve, "lots": setups.lot, "runs": setups.run, "spared": kept.spare,
        "overtime": flows.overtime, "stock": flows.stock, "owed": flows.owed,
    }  # fmt: skip
    for effect in cash_effects(p, net, scope.loads.shipper):
        if effect.of == "loads":
            purse = effect.purse[charges.band_load][:, None]
            terms.append((purse * T + scope.weeks, np.where(purse >= 0, charges.charge, -1), 1.0))
            purse = effect.purse[charges.boxes_load][:, None]
            terms.append((purse * T + scope.weeks, np.where(purse >= 0, charges.boxes, -1), box_rate[:, None]))
            terms.append((purse * T + scope.weeks, np.where(purse >= 0, charges.sent, -1), clearing))
        elif effect.of == "purchases":
            purse = effect.purse[tiers.purchase][:, None]
            paid = -effect.amount[tiers.purchase]
            terms.append((purse * T + scope.weeks, np.where(purse >= 0, orders.buy, -1), price * paid))
        else:
            week = scope.weeks[None, :] + effect.delay[:, None]
            hit = (effect.purse >= 0)[:, None] & (week < T)
            at = np.where(hit, effect.purse[:, None] * T + week, 0)
            terms.append((at, np.where(hit, columns[effect.of], -1), -effect.amount))
    entry_cost = np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market]
    for column, holder, cost in (
        (unlocked.open, net.site_class, p.sites.opening_cost[net.site_entry]),
        (unlocked.enter, net.entry_class, entry_cost),
        (unlocked.invest, net.investment_class, p.investments.cost[net.investment_entry]),
    ):
        purse = purses.of_class[holder]
        terms.append((np.maximum(purse, 0) * T, np.where(purse >= 0, column, -1), cost))
    due = purses.due.copy()
    due[:, 0] += purses.ready
    b.rows(due.ravel(), due.ravel(), terms)
    return Money(ample, short)
