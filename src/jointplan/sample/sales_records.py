"""The lines behind the weekly sales: invoices, returns, open orders, promotions and signals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.sample.cluster import Cluster
from jointplan.sample.demand_history import CHANNELS, DemandHistory, round_price
from jointplan.sample.economics import DESTINATIONS, NEW
from jointplan.sample.tables import codes, pick, records, stream, table

Array = np.ndarray[Any, Any]

SOURCE = "synthetic"
MARKETS = [to.code for to in DESTINATIONS]
POTENTIAL_PRODUCTS = 4  # that a seller could sell in the new market
MOST_LINES = 4
REASONS = ("arrived late", "damaged in transit", "does not work", "changed mind", "not as described")


def sales_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **sales**: the units of a week stand on one to four lines on different days.

    A document is what a seller invoiced in a market on a day.
    """
    rng = stream(seed, "lines")
    series, week = np.nonzero(demand.quantity)
    units = demand.quantity[series, week]
    lines = 1 + np.minimum(rng.binomial(MOST_LINES - 1, 0.4, len(units)), units - 1)
    place = np.arange(MOST_LINES)
    open_line = place < lines[:, None]
    # Each line holds one unit at least; the rest falls on the lines at random.
    split = open_line + rng.multinomial(units - lines, open_line / lines[:, None])
    # Strides of 1 to 3 round a week of seven days never meet within four lines.
    day = (rng.integers(0, 7, (len(units), 1)) + place * rng.integers(1, 4, (len(units), 1))) % 7
    # Only weeks between the first and the last line count as complete: the first starts on its Monday, the last ends
    # on its Sunday.
    first, last = (int(np.flatnonzero(week == wanted)[0]) for wanted in (0, len(demand.weeks) - 1))
    day[[first, last], 0] = 0, 6
    lines[[first, last]] = 1
    split[[first, last]] = 0
    split[[first, last], 0] = units[[first, last]]

    row, column = np.nonzero(split)
    series, week = series[row], week[row]
    discount = np.where(demand.promoted[demand.pair[series], week] > 0, 0.88, 1.0)
    date = demand.weeks[week] + day[row, column].astype("timedelta64[D]")
    order = np.lexsort((demand.sku[series], demand.market[series], demand.seller[series], date))
    series, date = series[order], date[order]
    seller, market = pick(cluster.firms, demand.seller[series]), pick(MARKETS, demand.market[series])
    return table(
        "sales",
        source=SOURCE,
        document=_documents(seller, market, date),
        occurrence=1,
        date=date,
        sku=pick(cluster.products.skus, demand.sku[series]),
        market=market,
        channel=pick(CHANNELS, demand.channel[series]),
        seller=seller,
        quantity=split[row, column][order].astype(float),
        unit_price=round_price(demand.price[series] * discount[order], demand.market[series]),
    )


def _documents(seller: pa.Array, market: pa.Array, date: Array) -> pa.Array:
    day = pa.array(date, pa.date32()).dictionary_encode()
    written = pa.array([value.strftime("%Y%m%d") for value in day.dictionary.to_pylist()])
    return pc.binary_join_element_wise(seller, market, written.take(day.indices), "-")


def return_table(sales: pa.Table, seed: int) -> pa.Table:
    """Return **returns**: about three lines in a hundred come back, in whole or in part, within a month."""
    rng = stream(seed, "returns")
    last = np.datetime64(pc.max(sales["date"]).as_py(), "D")
    dates = sales["date"].to_numpy().astype("datetime64[D]")
    delay = rng.integers(7, 31, sales.num_rows)
    back = (rng.random(sales.num_rows) < 0.03) & (dates + delay <= last)
    if not back.any():
        back[0] = True
        delay[0] = 0
    lines = sales.filter(pa.array(back))
    sold = lines["quantity"].to_numpy()
    return table(
        "returns",
        source=SOURCE,
        document=codes("R", lines.num_rows),
        occurrence=1,
        date=dates[back] + delay[back],
        **{name: lines[name] for name in ("sku", "market", "seller", "unit_price")},
        quantity=np.ceil(sold * rng.uniform(0.05, 1.0, lines.num_rows) ** 2),
        reason=pick(REASONS, rng.integers(0, len(REASONS), lines.num_rows)),
    )


def order_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **orders**: placed in the last three weeks, due within the next four."""
    rng = stream(seed, "orders")
    recent = demand.quantity[:, -8:].mean(1)
    chosen = np.flatnonzero((rng.random(len(recent)) < 0.25) & (recent >= 1))
    chosen = chosen if len(chosen) else np.array([recent.argmax()])
    after = demand.weeks[-1] + 7
    return table(
        "orders",
        order=codes("O", len(chosen)),
        line=1,
        date=after - rng.integers(1, 22, len(chosen)),
        due=after + rng.integers(0, 28, len(chosen)),
        sku=pick(cluster.products.skus, demand.sku[chosen]),
        market=pick(MARKETS, demand.market[chosen]),
        seller=pick(cluster.firms, demand.seller[chosen]),
        quantity=1.0 + rng.poisson(0.8 * recent[chosen]),
        unit_price=demand.price[chosen],
    )


def availability_table(cluster: Cluster, demand: DemandHistory) -> pa.Table:
    """Return **availability**: the last four weeks of the first series, in which it could always be bought."""
    count = min(4, len(demand.weeks))
    return table(
        "availability",
        week=demand.weeks[-count:],
        sku=pick(cluster.products.skus, np.repeat(demand.sku[:1], count)),
        market=pick(MARKETS, np.repeat(demand.market[:1], count)),
        seller=pick(cluster.firms, np.repeat(demand.seller[:1], count)),
        share=1.0,
    )


def stock_count_table(cluster: Cluster, demand: DemandHistory) -> pa.Table:
    """Return **stock_counts**: the last four Sundays of the first series, its goods at their maker never less than a week's sales."""
    count = min(4, len(demand.weeks))
    return table(
        "stock_counts",
        date=demand.weeks[-count:] + 6,
        site=pick(cluster.firms, np.repeat(cluster.products.maker[demand.sku[:1]], count)),
        sku=pick(cluster.products.skus, np.repeat(demand.sku[:1], count)),
        market=pick(MARKETS, np.repeat(demand.market[:1], count)),
        seller=pick(cluster.firms, np.repeat(demand.seller[:1], count)),
        quantity=1.0 + demand.quantity[0, -count:],
    )


def promotion_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **promotions**: a row per market and week in which a seller promoted a product."""
    rng = stream(seed, "promotions")
    series, week = np.nonzero(demand.promoted[demand.pair])
    if not len(series):
        series, week = np.array([0]), np.array([0])
    revenue = demand.price[series] * demand.mean[series, week]
    impressions = np.round(rng.lognormal(3.5, 0.3, len(series)) * (20 + demand.mean[series, week] * 20))
    return table(
        "promotions",
        date=demand.weeks[week],
        seller=pick(cluster.firms, demand.seller[series]),
        sku=pick(cluster.products.skus, demand.sku[series]),
        market=pick(MARKETS, demand.market[series]),
        spend=np.round(revenue * rng.uniform(0.04, 0.12, len(series)), 2),
        impressions=impressions,
        clicks=np.floor(impressions * rng.uniform(0.005, 0.03, len(series))),
    )


def potential_table(cluster: Cluster, demand: DemandHistory) -> tuple[pa.Table, float]:
    """Return **potentials** of the new market, and what entering it costs, in CNY.

    Each seller could sell its best products there, some of what it sells elsewhere; entering costs more than one of them would
    earn there in half a year, and less than all would.
    """
    firms = len(cluster.firms)
    recent = demand.quantity[:, -26:].mean(axis=1)
    pairs, place = np.unique(demand.seller * len(cluster.products.skus) + demand.sku, return_inverse=True)
    units = np.bincount(place, recent)
    seller, sku = np.divmod(pairs, len(cluster.products.skus))
    rows: list[tuple[object, ...]] = []
    worth = np.zeros(firms)
    for firm in np.unique(seller):
        mine = np.flatnonzero(seller == firm)
        for best in mine[np.argsort(-units[mine], kind="stable")[:POTENTIAL_PRODUCTS]]:
            price, weekly = cluster.products.price[sku[best]] * NEW.price_level, max(round(0.25 * units[best]), 1)
            worth[firm] += price * weekly
            rows.append(
                (
                    cluster.products.skus[sku[best]],
                    NEW.code,
                    cluster.firms[firm],
                    float(weekly),
                    round(price / NEW.fx, 2),
                    8.0,
                )
            )
    earned = 0.25 * 26 * worth[worth > 0]
    cost = float(np.sqrt(earned.max() * earned.sum()))
    return records("potentials", "sku market seller quantity unit_price ramp_weeks", rows), cost


def signal_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **signals** of the last half year, counted on the Monday of each week.

    Views and carts run about a week ahead of what sells; searches and reviews are known per product alone.
    """
    rng = stream(seed, "signals")
    weeks = min(26, len(demand.weeks))
    markets, products = len(MARKETS), len(cluster.products.skus)
    ahead = np.concatenate([demand.mean[:, 1:], demand.mean[:, -1:]], axis=1)[:, -weeks:]
    place, where = np.unique(demand.sku * markets + demand.market, return_inverse=True)
    interest = np.zeros((len(place), weeks))
    np.add.at(interest, where, ahead)
    total = np.zeros((products, weeks))
    np.add.at(total, place // markets, interest)
    parts = []
    for kind, level, sku, market, rate in (
        ("views", interest, place // markets, place % markets, 45.0),
        ("carts", interest, place // markets, place % markets, 4.0),
        ("searches", total, np.arange(products), np.full(products, -1), 12.0),
        ("reviews", total, np.arange(products), np.full(products, -1), 0.06),
    ):
        counted = rng.poisson(level * rate * rng.lognormal(0, 0.15, level.shape))
        row, week = np.nonzero(counted)
        parts.append(
            table(
                "signals",
                date=demand.weeks[-weeks:][week],
                sku=pick(cluster.products.skus, sku[row]),
                market=pick(MARKETS, market[row]),
                platform=SOURCE,
                kind=kind,
                value=counted[row, week].astype(float),
            )
        )
    return pa.concat_tables(parts)
