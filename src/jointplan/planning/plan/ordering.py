"""What a plan's orders of materials cost, and the cheapest orders for what it makes.

Suppliers' terms are read here from the problem itself; the model reads them on its own. Prices hold for the whole order
(all-units breaks). What comes sooner than a supplier needs was ordered before the first week as part of larger orders: any
quantity comes, at the offer's first price; new offers had no orders before. What a firm has on hand is there in one week only,
and no more of it than there is.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.bins import Buying
from jointplan.planning.problem import ClusterProblem, Floats, Materials

NEAR = 1e-9
SMALL = 1e-6  # material units below this are rounding


def price_breaks(materials: Materials, offer: int) -> list[tuple[float, float, float]]:
    """Return the least and largest order and the price of each break of an offer that its smallest order reaches."""
    smallest = float(materials.offer_minimum[offer])
    found = [
        (float(materials.break_low[b]), float(materials.break_high[b]), float(materials.break_price[b]))
        for b in np.flatnonzero(materials.break_offer == offer).tolist()
    ]
    return [(max(low, smallest), high, price) for low, high, price in found if high >= smallest]


def first_price(materials: Materials, offer: int) -> float:
    """Return the price of the smallest orders of an offer."""
    breaks = np.flatnonzero(materials.break_offer == offer)
    return float(materials.break_price[breaks[materials.break_low[breaks].argmin()]])


def unit_price(materials: Materials, offer: int, week: int, units: float) -> float:
    """Return what a material unit costs in an order of this size that comes in a week; infinite where it is not accepted."""
    if materials.offer_firm[offer] >= 0 and week != materials.offer_weeks[offer]:
        return np.inf
    if week < materials.offer_weeks[offer]:
        return np.inf if materials.offer_new[offer] else first_price(materials, offer)
    slack = SMALL * max(units, 1.0)
    fitting = [p for low, high, p in price_breaks(materials, offer) if low - slack <= units <= high + slack]
    return min(fitting, default=np.inf)


def order_charges(problem: ClusterProblem, buying: Buying, ordered: Floats) -> Floats:
    """Return what orders of these material units cost, (Y, T); infinite where no supplier accepts the order."""
    charge = np.zeros(ordered.shape)
    for y, week in np.argwhere(ordered > SMALL).tolist():
        units = float(ordered[y, week])
        charge[y, week] = units * unit_price(problem.materials, int(buying.purchase_offer[y]), week, units)
    return charge


def cheapest_orders(problem: ClusterProblem, buying: Buying, needed: Floats) -> Floats:
    """Return orders that cover what each bin needs, (X, T), at little cost: material units that come, (Y, T).

    What is on hand is used first. Then Wagner and Whitin's recursion, with the cheapest offer for each stretch of weeks; exact
    where every order is used up, which minima, multiples and breaks may prevent. What these leave over is used before more is ordered.
    """
    market = _Market(problem, buying)
    orders = np.zeros((len(buying.purchase_bin), problem.weeks))
    for x in np.flatnonzero(needed.max(axis=1, initial=0.0) > SMALL).tolist():
        spare, missing = 0.0, needed[x].copy()
        for y in market.on_hand[x]:
            week, units = market.weeks[y], market.breaks[y][0][1]
            later = missing[week:]
            used = np.clip(units - (later.cumsum() - later), 0.0, later)
            orders[y, week] = used.sum()
            missing[week:] -= used
        for begin, span in _stretches(market, x, missing):
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
        materials, offers = problem.materials, buying.purchase_offer.tolist()
        self.breaks = [price_breaks(materials, j) for j in offers]
        self.weeks = materials.offer_weeks[buying.purchase_offer]
        self.first = [np.inf if materials.offer_new[j] else first_price(materials, j) for j in offers]
        self.multiple = materials.offer_multiple[buying.purchase_offer].tolist()
        self.holding = materials.holding[buying.bin_material].tolist()
        self.purchases: list[list[int]] = [[] for _ in buying.bin_material]
        self.on_hand: list[list[int]] = [[] for _ in buying.bin_material]
        for y, (x, j) in enumerate(zip(buying.purchase_bin.tolist(), offers, strict=True)):
            (self.purchases if materials.offer_firm[j] < 0 else self.on_hand)[x].append(y)

    def sizes(self, y: int, needed: Floats) -> tuple[Floats, Floats]:
        """Return the charge of the cheapest orders for needs, and their sizes."""
        best, size = np.full(needed.shape, np.inf), np.zeros(needed.shape)
        for low, high, price in self.breaks[y]:
            order = np.maximum(needed, low)
            if self.multiple[y] > 0:
                order = np.ceil(order / self.multiple[y] - NEAR) * self.multiple[y]
            charge = np.where(order <= high * (1 + NEAR), order * price, np.inf)
            best, size = np.where(charge < best, charge, best), np.where(charge < best, order, size)
        return best, size

    def order(self, y: int, week: int, needed: float) -> tuple[float, float, int]:
        """Return charge and size of the cheapest order that comes in a week, and the purchase."""
        if week < self.weeks[y]:
            return needed * self.first[y], needed, y
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
        early = weeks < market.weeks[y]
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
