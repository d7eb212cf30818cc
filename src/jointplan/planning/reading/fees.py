"""What channels keep of a sale of each demand series."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jointplan.engine import Tables
from jointplan.planning.problem import Floats
from jointplan.planning.reading.series import Series


def read_fees(tables: Tables, series: Series) -> Floats | None:
    """Return what channels keep of a unit, (S,); None where they keep nothing."""
    if "channel_fees" not in tables:
        return None
    kept = channels_keep(tables)
    paid = np.zeros(len(series.keys))
    for s, (sku, market, seller, _) in enumerate(series.keys):
        share, fixed = kept(sku, market, seller)
        paid[s] = share * series.price[s] + fixed
    return paid


def channels_keep(tables: Tables) -> Callable[[str, str, str], tuple[float, float]]:
    """Return a function of product, market and seller: the share of the price, and the amount of a unit, that channels keep.

    By the row of **channel_fees** that names the seller and the product, else the seller, else the product, else neither.
    """
    if "channel_fees" not in tables:
        return lambda sku, market, seller: (0.0, 0.0)
    rows = tables.frame("channel_fees", "market", "seller", "sku", "share", "fixed").fillna({"seller": "", "sku": ""})
    known = {
        (market, seller, sku): (share, fixed)
        for market, seller, sku, share, fixed in rows.itertuples(index=False, name=None)
    }

    def kept(sku: str, market: str, seller: str) -> tuple[float, float]:
        tried = ((market, seller, sku), (market, seller, ""), (market, "", sku), (market, "", ""))
        return next((known[key] for key in tried if key in known), (0.0, 0.0))

    return kept
