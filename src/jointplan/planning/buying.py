"""What suppliers ask, as the model and the search see it: prices that an order reaches, and what materials cost a unit made.

Prices hold for the whole order (all-units breaks). What a firm has on hand is taken in the one week in which it is there. A plan
counts its orders on its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np

from jointplan.planning.bins import Buying
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints, Materials
from jointplan.planning.weekly import shift, sum_by

NEAR = 1e-9
SMALL = 1e-6  # material units below this are rounding


@dataclass(frozen=True)
class Tiers:
    """Prices of purchases, one entry per price break that an order can reach: from ``low`` to ``high``, (Z,)."""

    purchase: Ints
    low: Floats
    high: Floats
    price: Floats


def find_tiers(materials: Materials, buying: Buying) -> Tiers:
    """Return the prices of each purchase; breaks below the smallest order are left out."""
    found = [
        (y, max(float(materials.break_low[b]), float(materials.offer_minimum[j])), float(materials.break_high[b]),
         float(materials.break_price[b]))
        for y, j in enumerate(buying.purchase_offer.tolist())
        for b in np.flatnonzero(materials.break_offer == j)
        if materials.break_high[b] >= materials.offer_minimum[j]
    ]  # fmt: skip
    return Tiers(
        np.array([y for y, _, _, _ in found], dtype=np.int64),
        np.array([low for _, low, _, _ in found]),
        np.array([high for _, _, high, _ in found]),
        np.array([price for _, _, _, price in found]),
    )


def rounded_up(quantity: Floats, multiple: float) -> Floats:
    """Return the least multiples that are not below quantities; quantities where there is no multiple."""
    return np.ceil(quantity / multiple - NEAR) * multiple if multiple > 0 else quantity


def ordered_before(problem: ClusterProblem, buying: Buying) -> Bools:
    """Return in which weeks a purchase comes that was ordered before the first; (Y, T).

    It was part of larger orders: any quantity comes, at the offer's first price. New offers had no orders before.
    """
    materials = problem.materials
    weeks = np.where(materials.offer_firm < 0, materials.offer_weeks, 0)[buying.purchase_offer]
    return np.asarray(np.arange(problem.weeks)[None, :] < weeks[:, None])


def ordered_within(problem: ClusterProblem, buying: Buying) -> Bools:
    """Return in which weeks a purchase comes that the plan itself orders, or takes from what a firm has on hand; (Y, T)."""
    materials = problem.materials
    first, week = materials.offer_weeks[buying.purchase_offer][:, None], np.arange(problem.weeks)[None, :]
    once = (materials.offer_firm >= 0)[buying.purchase_offer][:, None]
    return np.asarray(np.where(once, week == first, week >= first))


def first_prices(materials: Materials, buying: Buying) -> Floats:
    """Return the price of the smallest orders of each purchase; (Y,)."""
    first = np.searchsorted(materials.break_offer, np.arange(len(materials.offer_material)))
    return materials.break_price[first[buying.purchase_offer]]


def usual_prices(materials: Materials) -> Floats:
    """Return what a unit of each material costs in small orders from where it is bought today; (U,)."""
    usual = np.full(len(materials.name), np.inf)
    first = np.append(True, materials.break_offer[1:] != materials.break_offer[:-1])[: len(materials.break_offer)]
    offer = materials.break_offer[first]
    present = ~materials.offer_new[offer] & (materials.offer_firm[offer] < 0)
    np.minimum.at(usual, materials.offer_material[offer[present]], materials.break_price[first][present])
    return usual


def order_tiers(problem: ClusterProblem, buying: Buying, ordered: Floats) -> Bools:
    """Return the price that each order of these material units, (Y, T), is paid at; (Z, T), none where no price holds for it."""
    materials, tiers = problem.materials, find_tiers(problem.materials, buying)
    paid = np.zeros((len(tiers.purchase), problem.weeks), bool)
    before, within_plan = ordered_before(problem, buying), ordered_within(problem, buying)
    for y in range(len(buying.purchase_bin)):
        mine = np.flatnonzero(tiers.purchase == y)
        slack = SMALL * np.maximum(ordered[y], 1.0)
        within = (ordered[y] >= tiers.low[mine, None] - slack) & (ordered[y] <= tiers.high[mine, None] + slack)
        price = np.where(within, tiers.price[mine, None], np.inf)
        price[:, ~within_plan[y]] = np.inf
        if not materials.offer_new[buying.purchase_offer[y]]:
            price[0, before[y]] = 0.0
        there = (ordered[y] > SMALL) & np.isfinite(price.min(axis=0, initial=np.inf))
        paid[mine[price.argmin(axis=0)[there]], np.flatnonzero(there)] = True
    return paid


def order_charges(problem: ClusterProblem, buying: Buying, ordered: Floats) -> Floats:
    """Return what orders of these material units cost, (Y, T); infinite where no supplier accepts the order."""
    tiers, paid = find_tiers(problem.materials, buying), order_tiers(problem, buying, ordered)
    first = first_prices(problem.materials, buying)[tiers.purchase][:, None]
    price = np.where(ordered_before(problem, buying)[tiers.purchase], first, tiers.price[:, None])
    each, accepted = np.zeros(ordered.shape), np.zeros(ordered.shape)
    np.add.at(each, tiers.purchase, np.where(paid, price, 0.0))
    np.add.at(accepted, tiers.purchase, paid)
    return np.where(ordered > SMALL, np.where(accepted > 0, each, np.inf), 0.0) * np.maximum(ordered, SMALL)


def largest_orders(materials: Materials, buying: Buying, tiers: Tiers, needed: Floats) -> Floats:
    """Return the largest order at each price that could be of use, where ``needed`` (X, T) is from a week on; (Z, T)."""
    most = np.maximum(needed[buying.purchase_bin[tiers.purchase]], tiers.low[:, None])
    for z, y in enumerate(tiers.purchase):
        most[z] = rounded_up(most[z], float(materials.offer_multiple[buying.purchase_offer[y]]))
    useful = needed[buying.purchase_bin[tiers.purchase]] > SMALL
    return np.where(useful, np.minimum(most, tiers.high[:, None]), 0.0)


def orders_alone(problem: ClusterProblem, buying: Buying) -> Callable[[int, float], Floats]:
    """Return what tells what a material unit of a bin costs that comes in each week, where so many are ordered at once from who asks least; (T,).

    What must be ordered beyond them is paid for as well. Infinite where no supplier sells that many.
    """
    materials, tiers = problem.materials, find_tiers(problem.materials, buying)
    offer = buying.purchase_offer[tiers.purchase]
    supplied = materials.offer_firm[offer] < 0
    earlier = np.where(materials.offer_new[offer], np.inf, first_prices(materials, buying)[tiers.purchase])
    asked = zip(
        tiers.low.tolist(), (tiers.high + SMALL).tolist(), tiers.price.tolist(), materials.offer_multiple[offer].tolist(),
        materials.offer_weeks[offer].tolist(), earlier.tolist(), strict=True,
    )  # fmt: skip
    of_bin: dict[int, list[tuple[float, float, float, float, int, float]]] = {}
    for number, sold, kind in zip(buying.purchase_bin[tiers.purchase].tolist(), supplied.tolist(), asked, strict=True):
        if sold:
            of_bin.setdefault(number, []).append(kind)

    @cache
    def price(number: int, units: float) -> Floats:
        least, wanted = np.full(problem.weeks, np.inf), max(units, SMALL)
        for low, high, each, multiple, lead, first in of_bin.get(number, ()):
            order = max(wanted, low)
            if multiple > 0:
                order = ceil(order / multiple - NEAR) * multiple
            least[:lead] = np.minimum(least[:lead], first)  # part of larger orders of before
            if order <= high:
                least[lead:] = np.minimum(least[lead:], each * order / wanted)
        return least

    return price


def material_costs(buying: Buying, price: Floats, supplies: int) -> Floats:
    """Return what the materials of a unit cost on each supply at prices of each bin's, (X, T); (K, T)."""
    each = buying.need_units[:, None] * price[buying.need_bin]
    return sum_by(buying.need_supply, shift(each, buying.need_lag), supplies)


def paid_prices(problem: ClusterProblem, buying: Buying, ordered: Floats, price: Floats) -> Floats:
    """Return what a material unit of each bin cost in each week with its keeping; where nothing came yet, ``price``; (X, T)."""
    charge = order_charges(problem, buying, ordered)
    each = np.divide(charge, ordered, out=np.full(ordered.shape, np.inf), where=(ordered > SMALL) & np.isfinite(charge))
    came = np.full(price.shape, np.inf)
    np.minimum.at(came, buying.purchase_bin, each)
    holding, paid = problem.materials.holding[buying.bin_material], price.copy()
    last = np.full(len(price), np.inf)
    for t in range(problem.weeks):
        last = np.where(np.isfinite(came[:, t]), came[:, t], last + holding)
        paid[:, t] = np.where(np.isfinite(last), last, price[:, t])
    return paid
