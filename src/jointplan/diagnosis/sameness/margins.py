"""What is left of prices over the cost of making, in the earlier and the later half of the last year.

Only products whose cost is known and that sold in both halves count, so that the change is not one of the assortment. Tables tell hourly costs, prices of
material and transfer prices of today alone: what moves is the price, and, where it is recorded, who makes. Where costs rose meanwhile margins fell more than
is told. Freight, duty and fees are the seller's and are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.diagnosis.chance import ratio_interval
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.logistics.promotion import routing_costs, transfer_prices
from jointplan.diagnosis.materials import makers_of
from jointplan.diagnosis.sameness.assortment import YEAR, Assortment
from jointplan.engine import Tables
from jointplan.texts import both

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Margins:
    """Revenue and cost of the products judged, by half of the last year.

    Parameters
    ----------
    revenue, cost : arrays, 2 × products
        Money in the earlier and in the later half; 0 for products that are not judged.
    group, owner : arrays of int
        Group of near-identical goods (−1: none) and owner of each product.
    covered : float
        Share of the year's revenue that is judged.
    """

    revenue: Floats
    cost: Floats
    group: Ints
    owner: Ints
    covered: float

    def over(self, groups: Ints | None = None) -> tuple[float, float] | None:
        """Return the margin of the earlier and the later half, over some groups or all products; None where nothing is judged."""
        kept = np.ones(len(self.group), bool) if groups is None else np.isin(self.group, groups)
        revenue, cost = self.revenue[:, kept].sum(axis=1), self.cost[:, kept].sum(axis=1)
        if not (revenue > 0).all():
            return None
        before, after = 1.0 - cost / revenue
        return float(before), float(after)

    def by_group(self, half: int, count: int) -> Floats:
        """Return the margin of each group in a half; NaN where nothing of it is judged."""
        inside = self.group >= 0
        revenue, cost = (
            np.bincount(self.group[inside], part[half, inside], minlength=count) for part in (self.revenue, self.cost)
        )
        return np.asarray(np.where(revenue > 0, 1.0 - cost / np.where(revenue > 0, revenue, 1.0), np.nan))


def making_costs(tables: Tables, goods: Assortment, currency: str) -> Floats:
    """Return the cost of making a unit in each half of the last year, 2 × products; NaN where it is not known.

    It is by routing where that tells the costs of the makers of both halves, else the transfer price, so that no change is one of the way it is counted.
    """
    by_routing = [routing_costs(tables, currency, makers_of(tables, half)) for half in goods.halves]
    known, paid = by_routing[0].keys() & by_routing[1].keys(), transfer_prices(tables)
    return np.array(
        [[costs[sku] if sku in known else paid.get(sku, np.nan) for sku in goods.sku] for costs in by_routing], float
    )


def margins_of(goods: Assortment, cost: Floats, group: Ints) -> Margins:
    """Add up revenue and cost (2 × products, a unit) of what sold in both halves of the last year and whose cost is known."""
    sales = goods.sales[goods.sales["week"] >= goods.weeks - YEAR]
    later = (sales["week"] >= goods.middle).to_numpy()
    product = sales["product"].to_numpy(np.int64)
    units, revenue = np.zeros((2, len(goods))), np.zeros((2, len(goods)))
    for half, kept in enumerate((~later, later)):
        units[half] = np.bincount(product[kept], sales["quantity"].to_numpy(float)[kept], minlength=len(goods))
        revenue[half] = np.bincount(product[kept], sales["revenue"].to_numpy(float)[kept], minlength=len(goods))
    judged = np.isfinite(cost).all(axis=0) & (units > 0).all(axis=0) & (revenue > 0).all(axis=0)
    total = float(revenue.sum())
    covered = float(revenue[:, judged].sum()) / total if total > 0 else 0.0
    # The units of the later half in both: a margin per unit sold today, not moved by what sold more.
    price = revenue / np.where(units > 0, units, 1.0)
    weighed = np.where(judged, price * units[1], 0.0)
    spent = np.where(judged, cost, 0.0) * units[1]
    return Margins(weighed, spent, group, goods.owner, covered)


def margin_finding(margins: Margins, *, draws: int, seed: int) -> Finding:
    """Say what the margin over making cost was in the last half year, against the half before."""
    told = margins.over()
    if told is None:
        return unmeasured(
            "sameness", "margin", "production",
            "Whether margins fall needs products whose cost of making is known (operations with capabilities, or transfer prices) and that sold in both halves "
            "of the last year; there are none.",
            "operations, capabilities, products.transfer_price: 0",
        )  # fmt: skip
    before, after = told
    low, high = None, None
    if len(np.unique(margins.owner[margins.revenue[1] > 0])) > 1:  # owners drawn anew would always be the same one
        low, high = ratio_interval(
            margins.revenue[1] - margins.cost[1], margins.revenue[1], margins.owner, draws=draws, seed=seed
        )
    products = int((margins.revenue[1] > 0).sum())
    said = both(
        "Of what goods sell for, {after:.1%} is left over the cost of making in the last half year, against {before:.1%} in the half before at the same units. "
        "This counts the {products} {products:product|products} whose cost is known ({covered:.0%} of revenue), at the makers each half had and the hourly costs, "
        "material and transfer prices of today.",
        after=after, before=before, products=products, covered=margins.covered,
    )  # fmt: skip
    fall = before - after
    return Finding(
        "sameness", "margin", "production", *said, f"weekly, cost of making: {products} products", "", after, "share", "past", before,
        low, high, severity=float(np.clip(5 * fall, 0, 1)), measure="differentiate" if fall > 0.01 else "",
    )  # fmt: skip
