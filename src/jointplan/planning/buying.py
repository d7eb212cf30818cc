"""Buying materials: who buys for whom, what an order costs, and the cheapest orders for what is to be made.

A *bin* holds a material for one owner's makers, or for those of all members who buy together; a *purchase* is an offer from
which a bin may be filled. Prices hold for the whole order (all-units breaks).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints, Materials
from jointplan.planning.rights import Rights
from jointplan.planning.weekly import shift, sum_by

NEAR = 1e-9
SMALL = 1e-6  # material units below this are rounding


@dataclass(frozen=True)
class Buying:
    """Who buys what where in one coalition.

    Parameters
    ----------
    bin_material, bin_class : (X,)
        Material of a bin, and the owner it is for; the number of owners for members who buy together.
    purchase_bin, purchase_offer : (Y,)
        Bins and the offers they may be filled from.
    need_supply, need_bin, need_units, need_lag : (N,)
        Material units that a unit made on a supply takes from a bin, and how many weeks before it comes out.
    """

    bin_material: Ints
    bin_class: Ints
    purchase_bin: Ints
    purchase_offer: Ints
    need_supply: Ints
    need_bin: Ints
    need_units: Floats
    need_lag: Ints


def find_buying(problem: ClusterProblem, rights: Rights, supply_route: Ints) -> Buying:
    """Return who buys what where for supplies of these routes, (K,)."""
    p, materials, pooled = problem, problem.materials, len(problem.owner)
    inside = np.append(rights.members, True)
    needs: dict[int, list[int]] = {}
    for n, route in enumerate(materials.need_route.tolist()):
        needs.setdefault(route, []).append(n)
    bins: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, int, float]] = []
    for k, route in enumerate(supply_route.tolist()):
        for n in needs.get(route, ()):
            owner = int(p.firm_owner[p.route_holder[route]])
            buyer = pooled if rights.shares("pool_purchases") and inside[owner] else owner
            number = bins.setdefault((int(materials.need_material[n]), buyer), len(bins))
            rows.append((k, number, float(materials.need_units[n])))
    purchases = [
        (number, j)
        for (material, buyer), number in bins.items()
        for j in np.flatnonzero(materials.offer_material == material).tolist()
        if not materials.offer_new[j] or (rights.shares("substitute_imports") and inside[buyer])
    ]
    pairs = np.array(list(bins), dtype=np.int64).reshape(-1, 2)
    purchased = np.array(purchases, dtype=np.int64).reshape(-1, 2)
    return Buying(
        bin_material=pairs[:, 0],
        bin_class=pairs[:, 1],
        purchase_bin=purchased[:, 0],
        purchase_offer=purchased[:, 1],
        need_supply=np.array([k for k, _, _ in rows], dtype=np.int64),
        need_bin=np.array([x for _, x, _ in rows], dtype=np.int64),
        need_units=np.array([units for _, _, units in rows], dtype=float),
        need_lag=p.route_lag[supply_route[np.array([k for k, _, _ in rows], dtype=np.int64)]],
    )


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
    weeks = problem.materials.offer_weeks[buying.purchase_offer]
    return np.asarray(np.arange(problem.weeks)[None, :] < weeks[:, None])


def first_prices(materials: Materials, buying: Buying) -> Floats:
    """Return the price of the smallest orders of each purchase; (Y,)."""
    first = np.searchsorted(materials.break_offer, np.arange(len(materials.offer_material)))
    return materials.break_price[first[buying.purchase_offer]]


def usual_prices(materials: Materials) -> Floats:
    """Return what a unit of each material costs in small orders from where it is bought today; (U,)."""
    usual = np.full(len(materials.name), np.inf)
    first = np.append(True, materials.break_offer[1:] != materials.break_offer[:-1])[: len(materials.break_offer)]
    offer = materials.break_offer[first]
    present = ~materials.offer_new[offer]
    np.minimum.at(usual, materials.offer_material[offer[present]], materials.break_price[first][present])
    return usual


def order_tiers(problem: ClusterProblem, buying: Buying, ordered: Floats) -> Bools:
    """Return the price that each order of these material units, (Y, T), is paid at; (Z, T), none where no price holds for it."""
    materials, tiers = problem.materials, find_tiers(problem.materials, buying)
    paid = np.zeros((len(tiers.purchase), problem.weeks), bool)
    before = ordered_before(problem, buying)
    for y in range(len(buying.purchase_bin)):
        mine = np.flatnonzero(tiers.purchase == y)
        slack = SMALL * np.maximum(ordered[y], 1.0)
        within = (ordered[y] >= tiers.low[mine, None] - slack) & (ordered[y] <= tiers.high[mine, None] + slack)
        price = np.where(within, tiers.price[mine, None], np.inf)
        price[:, before[y]] = np.inf
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


def cheapest_orders(problem: ClusterProblem, buying: Buying, needed: Floats) -> Floats:
    """Return orders that cover what each bin needs, (X, T), at little cost: material units that come, (Y, T).

    Wagner and Whitin's recursion, with the cheapest offer for each stretch of weeks; exact where every order is used up,
    which minima, multiples and breaks may prevent. What these leave over is used before more is ordered.
    """
    market = _Market(problem, buying)
    orders = np.zeros((len(buying.purchase_bin), problem.weeks))
    for x in np.flatnonzero(needed.max(axis=1, initial=0.0) > SMALL).tolist():
        spare = 0.0
        for begin, span in _stretches(market, x, needed[x]):
            if span > spare + SMALL:
                # What is left over may make a smaller order from another supplier the cheaper one.
                _, size, y = min(market.order(y, begin, span - spare) for y in market.purchases[x])
                orders[y, begin] += size
                spare += size
            spare = max(spare - span, 0.0)
    return orders


class _Market:
    """What suppliers ask for orders of some size in a week."""

    def __init__(self, problem: ClusterProblem, buying: Buying) -> None:
        materials = problem.materials
        self.tiers = find_tiers(materials, buying)
        self.ends = np.searchsorted(self.tiers.purchase, np.arange(len(buying.purchase_bin) + 1)).tolist()
        self.before, self.first = ordered_before(problem, buying), first_prices(materials, buying)
        self.first = np.where(materials.offer_new[buying.purchase_offer], np.inf, self.first)
        self.multiple = materials.offer_multiple[buying.purchase_offer].tolist()
        self.holding = materials.holding[buying.bin_material].tolist()
        self.purchases: list[list[int]] = [[] for _ in buying.bin_material]
        for y, x in enumerate(buying.purchase_bin.tolist()):
            self.purchases[x].append(y)

    def sizes(self, y: int, needed: Floats) -> tuple[Floats, Floats]:
        """Return the charge of the cheapest orders for needs, and their sizes."""
        best, size = np.full(needed.shape, np.inf), np.zeros(needed.shape)
        for z in range(self.ends[y], self.ends[y + 1]):
            order = rounded_up(np.maximum(needed, self.tiers.low[z]), self.multiple[y])
            charge = np.where(order <= self.tiers.high[z] * (1 + NEAR), order * self.tiers.price[z], np.inf)
            best, size = np.where(charge < best, charge, best), np.where(charge < best, order, size)
        return best, size

    def order(self, y: int, week: int, needed: float) -> tuple[float, float, int]:
        """Return charge and size of the cheapest order that comes in a week, and the purchase."""
        if self.before[y, week]:
            return needed * float(self.first[y]), needed, y
        charge, size = self.sizes(y, np.array([needed]))
        return float(charge[0]), float(size[0]), y


def _stretches(market: _Market, x: int, needed: Floats) -> list[tuple[int, float]]:
    """Return the weeks in which a bin is filled, and what is needed until the next."""
    T = len(needed)
    weeks = np.arange(T)
    total, weighted = np.append(0.0, needed.cumsum()), np.append(0.0, (needed * weeks).cumsum())
    # Needs of weeks begin … end, kept from the first of them.
    span = np.maximum(total[None, 1:] - total[:-1, None], 0.0)
    kept = market.holding[x] * (weighted[None, 1:] - weighted[:-1, None] - weeks[:, None] * span)
    best = np.full((T, T), np.inf)
    for y in market.purchases[x]:
        early = market.before[y]
        charge, _ = market.sizes(y, span[~early])
        best[~early] = np.minimum(best[~early], charge)
        if np.isfinite(market.first[y]):
            best[early] = np.minimum(best[early], span[early] * market.first[y])
    stretch = np.where(span > SMALL, best + kept, 0.0)
    cost, begun = np.append(0.0, np.full(T, np.inf)), [0] * T
    for end in range(T):
        through = cost[: end + 1] + stretch[: end + 1, end]
        begun[end] = int(through.argmin())
        cost[end + 1] = through[begun[end]]
    found, end = [], T - 1
    while end >= 0:
        found.append((begun[end], float(span[begun[end], end])))
        end = begun[end] - 1
    return found[::-1]


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
