"""Buying materials: what is there before it is used, at prices that hold for whole orders."""

from __future__ import annotations

import numpy as np

from jointplan.planning.buying import (
    Tiers,
    find_tiers,
    first_prices,
    largest_orders,
    order_tiers,
    ordered_before,
    ordered_within,
)
from jointplan.planning.model.columns import Flows, Orders
from jointplan.planning.model.scope import Scope
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.weekly import bring_forward, sum_by
from jointplan.solvers import ModelBuilder


def order_prices(scope: Scope, tiers: Tiers) -> Floats:
    """Return what a material unit costs that comes in a week at each price of a purchase; (Z, T).

    What was ordered before the first week comes at the first price, however much it is.
    """
    p, buying = scope.problem, scope.network.buying
    before = ordered_before(p, buying)[tiers.purchase]
    return np.where(before, first_prices(p.materials, buying)[tiers.purchase][:, None], tiers.price[:, None])


def materials_are_bought(b: ModelBuilder, scope: Scope, flows: Flows) -> Orders:
    """Ensures that materials are there before they are used, and that orders are such as suppliers accept."""
    p, buying, T = scope.problem, scope.network.buying, scope.problem.weeks
    materials, tiers = p.materials, find_tiers(p.materials, buying)
    needed = scope.most_needed
    most = largest_orders(materials, buying, tiers, needed)
    offer = buying.purchase_offer[tiers.purchase]
    before = ordered_before(p, buying)[tiers.purchase]
    first = np.ones(len(offer), bool)
    first[1:] = tiers.purchase[1:] != tiers.purchase[:-1]
    at_once = before & (first & ~materials.offer_new[offer])[:, None]
    held, ordered, least_kept = _orders_held(scope, tiers)
    in_plan = ordered_within(p, buying)[tiers.purchase] & (most > 0) & ~held
    most = np.where(at_once, needed[buying.purchase_bin[tiers.purchase]], most)
    most_bought = np.where(held, ordered, np.where(at_once | in_plan, most, 0.0))
    buy = b.columns(most.shape, cost=order_prices(scope, tiers), lower=np.where(held, ordered, 0.0), upper=most_bought)
    prices = np.bincount(tiers.purchase, minlength=len(buying.purchase_bin))
    choose = (prices[tiers.purchase] > 1) | (tiers.low > 0)
    tier = b.columns(most.shape, upper=in_plan & choose[:, None], integer=True)
    multiple = materials.offer_multiple[buying.purchase_offer]
    orders = sum_by(tiers.purchase, np.where(in_plan, most, 0.0), len(multiple))
    counts = np.divide(orders, multiple[:, None], out=np.zeros_like(orders), where=(multiple > 0)[:, None])
    count = b.columns(counts.shape, upper=np.ceil(counts - 1e-9), integer=True)
    holding = np.repeat(materials.holding[buying.bin_material][:, None], T, axis=1)
    kept = b.columns(holding.shape, cost=holding, lower=least_kept)
    row = np.arange(kept.size).reshape(kept.shape)
    earlier = np.full_like(kept, -1)
    earlier[:, 1:] = kept[:, :-1]
    bins = buying.purchase_bin[tiers.purchase]
    taken = scope.weeks - buying.need_lag[:, None]  # when the first step begins
    made = np.where(taken >= 0, flows.make[buying.need_supply], -1)
    b.rows(
        np.zeros(kept.size), 0.0,
        [(row, kept, 1.0), (row, earlier, -1.0), (bins[:, None] * T + scope.weeks, buy, -1.0),
         (buying.need_bin[:, None] * T + np.maximum(taken, 0), made, buying.need_units[:, None])],
    )  # fmt: skip
    cell = np.arange(buy.size).reshape(buy.shape)
    chosen = np.where(tier >= 0, buy, -1)
    b.rows(np.full(buy.size, -np.inf), 0.0, [(cell, chosen, 1.0), (cell, tier, -most)])
    b.rows(np.zeros(buy.size), np.inf, [(cell, chosen, 1.0), (cell, tier, -tiers.low[:, None])])
    at = tiers.purchase[:, None] * T + scope.weeks
    b.rows(np.full(count.size, -np.inf), 1.0, [(at, tier, 1.0)])
    whole = np.where(in_plan & (multiple > 0)[tiers.purchase][:, None], buy, -1)
    b.rows(
        np.zeros(count.size), 0.0,
        [(at, whole, 1.0), (np.arange(count.size).reshape(count.shape), count, -multiple[:, None])],
    )  # fmt: skip
    credited = _leftovers_are_credited(b, scope, kept[:, -1], made, least_kept[:, -1])
    return Orders(buy, tier, count, kept, credited)


def _leftovers_are_credited(b: ModelBuilder, scope: Scope, left: Ints, made: Ints, least: Floats) -> Ints:
    """Ensures that material left at the end is worth its price only as far as as many weeks more would use it; (X,).

    Else plans would buy for years where a price break asks for more than is needed.
    """
    materials, buying = scope.problem.materials, scope.network.buying
    credited = b.columns(left.shape, cost=-materials.least[buying.bin_material], lower=least)
    row = np.arange(len(left))
    b.rows(np.full(len(left), -np.inf), 0.0, [(row, credited, 1.0), (row, left, -1.0)])
    used = (buying.need_bin[:, None], made, -buying.need_units[:, None])
    b.rows(np.full(len(left), -np.inf), 0.0, [(row, credited, 1.0), used])
    return credited


def _orders_held(scope: Scope, tiers: Tiers) -> tuple[Bools, Floats, Floats]:
    """Return which orders outsiders keep, and their size at the price that holds for each, (Z, T); and the least in bins, (X, T).

    Their orders come as they were found, so that what these leave in a bin may be short by rounding.
    """
    p, buying, frozen = scope.problem, scope.network.buying, scope.frozen
    shape, least = (len(tiers.purchase), p.weeks), np.zeros((len(buying.bin_material), p.weeks))
    if frozen is None:
        return np.zeros(shape, bool), np.zeros(shape), least
    orders = np.nan_to_num(frozen.buy)
    paid = order_tiers(p, buying, orders)
    held = ~np.isnan(frozen.buy)
    used = np.nan_to_num(frozen.make)[buying.need_supply] * buying.need_units[:, None]
    left = sum_by(buying.purchase_bin, orders, len(least)) - sum_by(
        buying.need_bin, bring_forward(used, buying.need_lag), len(least)
    )
    theirs = sum_by(buying.purchase_bin, held.astype(float), len(least)) > 0
    least = np.where(theirs, np.minimum(left.cumsum(axis=1), 0.0), 0.0)
    return held[tiers.purchase], np.where(paid, orders[tiers.purchase], 0.0), least
