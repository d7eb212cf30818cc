"""Materials in the bound by prices: what a unit in a bin is worth, and what orders would then be placed.

Each unit used is bought in one of the weeks before, or the same, and kept meanwhile: at a price on what each order brings,
that is the cheapest of those weeks and offers. The orders themselves are settled one by one: the least of what an order costs
less what it brings. Both together bound the cost of materials at any prices that are not below what leftovers are worth.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.buying import find_tiers, first_prices, ordered_before
from jointplan.planning.model import PlanModel
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.weekly import bring_forward, sum_by


class MaterialPrices:
    """Prices on material units that orders bring, (Y, T).

    Attributes
    ----------
    first : (Y, T)
        Prices to begin with: what large orders cost.
    floor : (Y, T)
        The least they may be: what a unit left over at the end is worth, less its keeping.
    """

    def __init__(self, model: PlanModel) -> None:
        p, buying = model.problem, model.network.buying
        self.buying, self.weeks = buying, p.weeks
        self.tiers = find_tiers(p.materials, buying)
        purchases, T = len(buying.purchase_bin), p.weeks
        columns, upper = model.columns.buy, model.linear.upper
        self.most = np.where(columns >= 0, upper[columns], 0.0)
        before = ordered_before(p, buying)[self.tiers.purchase]
        price = first_prices(p.materials, buying)[self.tiers.purchase][:, None]
        self.price = np.where(before, price, self.tiers.price[:, None])
        self.low = np.where(before, 0.0, self.tiers.low[:, None])
        rank = np.arange(len(self.tiers.purchase)) - np.searchsorted(self.tiers.purchase, self.tiers.purchase)
        self.ranks = [np.flatnonzero(rank == n) for n in range(int(rank.max(initial=-1)) + 1)]
        self.open = sum_by(self.tiers.purchase, self.most, purchases) > 0
        self.holding = p.materials.holding[buying.bin_material]
        least = np.full((purchases, T), np.inf)
        np.minimum.at(least, self.tiers.purchase, np.where(self.most > 0, self.price, np.inf))
        kept = self.holding[buying.purchase_bin][:, None] * (T - np.arange(T))[None, :]
        worth = p.materials.least[buying.bin_material][buying.purchase_bin][:, None]
        self.floor = np.maximum(worth - kept, 0.0)
        self.first = np.maximum(np.where(np.isfinite(least), least, 0.0), self.floor)
        self._from: Ints = np.zeros((0, 0), np.int64)

    def effective(self, price: Floats) -> Floats:
        """Return what a unit in each bin costs in each week, bought then or before; (X, T), infinite where none can come."""
        bins = len(self.buying.bin_material)
        found, self._from = np.full((bins, self.weeks), np.inf), np.full((bins, self.weeks), -1)
        last, source = np.full(bins, np.inf), np.full(bins, -1)
        for t in range(self.weeks):
            last = last + self.holding
            now = np.where(self.open[:, t], price[:, t], np.inf)
            order = np.argsort(now, kind="stable")[::-1]  # of several, the cheapest is written last
            best, which = np.full(bins, np.inf), np.full(bins, -1)
            best[self.buying.purchase_bin[order]], which[self.buying.purchase_bin[order]] = now[order], order
            newer = best < last
            last = np.where(newer, best, last)
            source = np.where(newer, which * self.weeks + t, source)
            found[:, t], self._from[:, t] = last, source
        return found

    def settle(self, price: Floats) -> tuple[float, Floats]:
        """Return the least of charge − price · quantity over all orders, and the quantities that give it; (Y, T)."""
        purchases = len(self.buying.purchase_bin)
        best, ordered = np.zeros((purchases, self.weeks)), np.zeros((purchases, self.weeks))
        for tiers in self.ranks:  # of each purchase one at a time
            at = self.tiers.purchase[tiers]
            for quantity in (np.minimum(self.low[tiers], self.most[tiers]), self.most[tiers]):
                value = (self.price[tiers] - price[at]) * quantity
                better = (value < best[at]) & (self.most[tiers] > 0)
                best[at] = np.where(better, value, best[at])
                ordered[at] = np.where(better, quantity, ordered[at])
        return float(best.sum()), ordered

    def drawn(self, made: Floats) -> Floats:
        """Return the units taken from each order for what is made, (K, T), by the prices of the last call of ``effective``."""
        purchases, buying = len(self.buying.purchase_bin), self.buying
        taken = bring_forward(made[buying.need_supply] * buying.need_units[:, None], buying.need_lag)
        used = sum_by(buying.need_bin, taken, len(buying.bin_material))
        there = self._from >= 0
        drawn = np.bincount(self._from[there], used[there], purchases * self.weeks)
        return drawn.astype(float, copy=False).reshape(purchases, self.weeks)
