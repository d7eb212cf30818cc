"""What products are sold for in each market: what is declared at its border, and what channels keep a share of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jointplan.engine import Tables
from jointplan.texts import tr

Floats = NDArray[np.float64]
WEEKS = 26  # weeks of sales from which today's price is taken, as in the plan


@dataclass(frozen=True)
class SellingPrices:
    """Prices of units in the currency of the run; those most to the point come first.

    Parameters
    ----------
    own, market, expected, anywhere : mapping
        Mean prices of the last weeks of sales by product, market and seller, and by product and market; what **potentials** expect;
        and mean prices in all markets, by product.
    usual : mapping
        What **products** give, by product.
    """

    own: Mapping[tuple[str, str, str], float]
    market: Mapping[tuple[str, str], float]
    expected: Mapping[tuple[str, str], float]
    anywhere: Mapping[str, float]
    usual: Mapping[str, float]

    def of(self, sku: str, market: str, seller: str | None = None) -> tuple[float, str]:
        """Return the price of a product in a market, of one seller or of all, and where it is from, in words."""
        if seller is not None and (sku, market, seller) in self.own:
            said = tr(
                "mean price of {seller} in {market}, last {n} {n:week|weeks} of sales",
                seller=seller,
                market=market,
                n=WEEKS,
            )
            return self.own[sku, market, seller], said
        if (sku, market) in self.market:
            said = tr("mean price in {market}, last {n} {n:week|weeks} of sales", market=market, n=WEEKS)
            return self.market[sku, market], said
        if (sku, market) in self.expected:
            return self.expected[sku, market], tr("price expected in {market}, table potentials", market=market)
        if sku in self.anywhere:
            return self.anywhere[sku], tr("mean price in all markets, last {n} {n:week|weeks} of sales", n=WEEKS)
        return self.usual[sku], tr("column unit_value of products, as nothing was sold")

    @cached_property
    def skus(self) -> tuple[str, ...]:
        """The products."""
        return tuple(self.usual)

    def in_market(self, market: str) -> Floats:
        """Return the price of every product in a market, of all sellers."""
        return np.array([self.of(sku, market)[0] for sku in self.skus])


def read_prices(tables: Tables, worth: Mapping[str, float]) -> SellingPrices:
    """Return the prices of completed tables; ``weekly`` has sales by week, revenue in the currency of the run."""
    products = tables["products"].select(["sku", "unit_value"]).to_pylist()
    currency = {row["market"]: row["currency"] or "" for row in tables["markets"].to_pylist()}
    own = market = anywhere = pd.Series(dtype=float)
    if "weekly" in tables and tables["weekly"].num_rows:
        weekly = tables.frame("weekly", "week", "sku", "market", "seller", "quantity", "revenue")
        weekly = weekly[weekly["week"] > weekly["week"].max() - pd.Timedelta(weeks=WEEKS)]
        own, market, anywhere = (
            _mean(weekly, keys, "revenue") for keys in (["sku", "market", "seller"], ["sku", "market"], ["sku"])
        )
    expected = pd.Series(dtype=float)
    if "potentials" in tables and tables["potentials"].num_rows:
        rows = tables.frame("potentials", "sku", "market", "quantity", "unit_price")
        rate = rows["market"].map(lambda name: worth.get(currency.get(name, ""), 1.0))
        rows["revenue"] = rows["quantity"] * rows["unit_price"] * rate
        expected = _mean(rows, ["sku", "market"], "revenue")
    return SellingPrices(
        own.to_dict(), market.to_dict(), expected.to_dict(), anywhere.to_dict(),
        {row["sku"]: row["unit_value"] or 0.0 for row in products},
    )  # fmt: skip


def _mean(rows: pd.DataFrame, keys: list[str], money: str) -> pd.Series:
    """Return money over quantity by keys, where anything was sold."""
    sums = rows.groupby(keys[0] if len(keys) == 1 else keys)[[money, "quantity"]].sum()
    sums = sums[(sums["quantity"] > 0) & (sums[money] > 0)]
    return sums[money] / sums["quantity"]
