"""What sales channels keep of a sale, by market, seller and product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from jointplan.engine import Tables
from jointplan.schema import TABLES, Assumption

ANY = ""
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("market", "seller", "sku"),
    ("market", "seller"),
    ("market", "sku"),
    ("market",),
)


@dataclass(frozen=True)
class ChannelFee:
    """Share of the price, and money per unit in the currency of the run."""

    share: float = 0.0
    fixed: float = 0.0


@dataclass(frozen=True)
class ChannelFees:
    """Fees by (market, seller, product), either of the last two empty for any other."""

    known: Mapping[tuple[str, str, str], ChannelFee]

    def of(self, market: str, seller: str | None, sku: str) -> ChannelFee | None:
        """Return the fee of a sale: of the seller's own, else of all sellers' sales; None where nothing is known."""
        tried = [(market, ANY, sku), (market, ANY, ANY)]
        if seller is not None:
            tried = [(market, seller, sku), (market, seller, ANY), *tried]
        return next((self.known[key] for key in tried if key in self.known), None)

    @property
    def charged(self) -> bool:
        """Whether any channel keeps anything."""
        return any(fee != ChannelFee() for fee in self.known.values())


def channel_fees(tables: Tables, worth: Mapping[str, float]) -> ChannelFees:
    """Return what channels keep, weighted by the units sold through each.

    Of each product that a seller sold in a market by its own sales of it; of its other products by all it sold there; of
    sellers new to the market by what others sold there. In a market where nobody has sold yet, channels are used as
    elsewhere, at what they charge there.

    Parameters
    ----------
    tables : Tables
        Checked tables, with **sales** and **fees**.
    worth : mapping
        What one unit of each currency is worth in the currency of the run.
    """
    if "fees" not in tables or not tables["fees"].num_rows:
        return ChannelFees({})
    keys = ["channel", "market", "seller", "sku"]
    sold = tables["sales"].select([*keys, "quantity"]).group_by(keys).aggregate([("quantity", "sum")]).to_pandas()
    sold = sold[sold["quantity_sum"] > 0].rename(columns={"quantity_sum": "units"})
    currency = {row["market"]: row["currency"] or "" for row in tables["markets"].to_pylist()}
    rows = {(row["channel"], row["market"] or ANY): row for row in tables["fees"].to_pylist()}
    known: dict[tuple[str, str, str], ChannelFee] = {}
    for market, code in currency.items():
        there = sold[sold["market"] == market]
        levels = _LEVELS
        if there.empty:  # not sold in yet: nothing is known by product
            there, levels = sold.assign(market=market), _LEVELS[1::2]
        rate = worth.get(code, 1.0)
        found = {
            channel: rows.get((channel, market)) or rows.get((channel, ANY)) for channel in there["channel"].unique()
        }
        share = {channel: fee["share"] if fee else 0.0 for channel, fee in found.items()}
        fixed = {channel: fee["fixed"] * rate if fee else 0.0 for channel, fee in found.items()}
        paid = there.assign(
            share=there["units"] * there["channel"].map(share), fixed=there["units"] * there["channel"].map(fixed)
        )
        for level in levels:
            sums = paid.groupby(list(level), as_index=False)[["units", "share", "fixed"]].sum()
            seller = sums["seller"] if "seller" in level else [ANY] * len(sums)
            sku = sums["sku"] if "sku" in level else [ANY] * len(sums)
            for one, product, units, part, money in zip(
                seller, sku, sums["units"], sums["share"], sums["fixed"], strict=True
            ):
                known[market, one, product] = ChannelFee(part / units, money / units)
    return ChannelFees(known)


def fee_table(fees: ChannelFees) -> pa.Table:
    """Return **channel_fees**."""
    rows = [
        {"market": market, "seller": seller or None, "sku": sku or None, "share": fee.share, "fixed": fee.fixed}
        for (market, seller, sku), fee in fees.known.items()
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["channel_fees"].arrow)


def fee_assumption() -> Assumption:
    """Say how the channels of a sale are weighted."""
    return Assumption(
        item="channel fees",
        rule="Each seller goes on to use its channels as it did: fees are weighted by the units of the product that it sold"
        " through each in that market; else by all it sold there; else by what others sold there; in a new market as elsewhere.",
        rule_zh="各卖家沿用其渠道结构：渠道费按该卖家在该市场经各渠道售出的同款数量加权；无此记录时依次按其在该市场的全部销量、"
        "其他卖家在该市场的销量加权；新市场按其他市场的渠道结构。",
        replaced_by="fees",
    )
