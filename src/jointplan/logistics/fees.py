"""What sales channels keep of a sale, by market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from jointplan.engine import Tables


@dataclass(frozen=True)
class ChannelFee:
    """Share of the price, and money per unit in the currency of the run."""

    share: float = 0.0
    fixed: float = 0.0


def channel_fees(tables: Tables, worth: Mapping[str, float], seller: str | None = None) -> dict[str, ChannelFee]:
    """Return the fee of each market: that of its channels, weighted by the units sold through each.

    Parameters
    ----------
    tables : Tables
        Checked tables, with **sales** and **fees**.
    worth : mapping
        What one unit of each currency is worth in the currency of the run.
    seller : str, optional
        Only the sales of this firm are weighed.
    """
    if "fees" not in tables or not tables["fees"].num_rows:
        return {}
    fees = {(row["channel"], row["market"] or ""): row for row in tables["fees"].to_pylist()}
    currency = {row["market"]: row["currency"] or "" for row in tables["markets"].to_pylist()}
    sales = tables["sales"].select(["channel", "market", "seller", "quantity"])
    keys = ["channel", "market", *(["seller"] if seller else [])]
    sold: pa.Table = sales.group_by(keys).aggregate([("quantity", "sum")])
    total: dict[str, list[float]] = {}
    for row in sold.to_pylist():
        if seller and row["seller"] != seller:
            continue
        market, units = row["market"], max(row["quantity_sum"], 0.0)
        fee = fees.get((row["channel"], market)) or fees.get((row["channel"], ""))
        sums = total.setdefault(market, [0.0, 0.0, 0.0])
        sums[0] += units
        if fee:
            sums[1] += units * fee["share"]
            sums[2] += units * fee["fixed"] * worth.get(currency.get(market, ""), 1.0)
    return {market: ChannelFee(s / units, f / units) for market, (units, s, f) in total.items() if units > 0}
