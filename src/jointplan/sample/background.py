"""Tables about the cluster's surroundings: rules, fees, money, ties, trade, indicators, designs, terms, policies, measures."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.sample.cluster import Cluster
from jointplan.sample.demand_history import CHANNELS, DemandHistory
from jointplan.sample.economics import DESTINATIONS, FOREIGN
from jointplan.sample.tables import codes, pick, records, stream, table

Array = np.ndarray[Any, Any]

MARKETS = [to.code for to in DESTINATIONS]
NOTE = "; simplified, check before use"
EU_RELIEF = "Reg. (EC) 1186/2009: no duty up to EUR 150" + NOTE
EU_FIXED = "Reg. (EU) 2026/382: EUR 3 per tariff item on consignments up to EUR 150" + NOTE
MARKS = {
    "US": "UL", "CA": "CSA", "DE": "CE", "FR": "CE", "GB": "UKCA", "JP": "PSE", "AU": "RCM", "SG": "SAFETY Mark",
    "MY": "SIRIM", "AE": "ECAS", "CN": "CCC",
}  # fmt: skip


def duty_table() -> pa.Table:
    """Return **duties**: a few simplified rows per market, each with the rule it comes from."""
    day = date
    rows: list[tuple[object, ...]] = [
        ("US", day(2016, 3, 10), day(2025, 8, 28), "fob", 0.027, 0.0, 0.0, 800.0, "USD",
         "19 U.S.C. 1321: no duty up to USD 800" + NOTE),
        ("US", day(2025, 8, 29), None, "fob", 0.027, 0.0, 0.0, 0.0, "USD",
         "USD 800 exemption suspended from 2025-08-29" + NOTE),
        ("GB", day(2021, 1, 1), day(2029, 3, 31), "cif", 0.02, 0.0, 0.2, 135.0, "GBP",
         "GBP 135 relief, to end by March 2029" + NOTE),
        ("JP", day(2019, 10, 1), None, "cif", 0.0, 0.0, 0.1, 10000.0, "JPY", "No duty on these goods, consumption tax 10 %" + NOTE),
        ("AU", day(2018, 7, 1), None, "fob", 0.05, 0.0, 0.1, 1000.0, "AUD", "Duty 5 % above AUD 1,000, GST 10 %" + NOTE),
        ("SG", day(2024, 1, 1), None, "cif", 0.0, 0.0, 0.09, 400.0, "SGD", "No duty on these goods, GST 9 %" + NOTE),
        ("MY", day(2024, 1, 1), None, "cif", 0.05, 0.0, 0.1, 500.0, "MYR", "Duty 5 % above MYR 500, sales tax 10 %" + NOTE),
        ("AE", day(2023, 1, 1), None, "cif", 0.05, 0.0, 0.05, 300.0, "AED", "Customs duty 5 %, VAT 5 %" + NOTE),
        ("CA", day(2020, 7, 1), None, "fob", 0.06, 0.0, 0.05, 20.0, "CAD", "Duty 6 % above CAD 20, GST 5 %" + NOTE),
    ]  # fmt: skip
    for market, vat in (("DE", 0.19), ("FR", 0.20)):
        rows += [
            (market, day(2021, 7, 1), day(2026, 6, 30), "cif", 0.027, 0.0, vat, 150.0, "EUR", EU_RELIEF),
            (market, day(2026, 7, 1), day(2028, 6, 30), "cif", 0.027, 3.0, vat, 150.0, "EUR", EU_FIXED),
        ]
    return records("duties", "market from_date to_date base rate per_item vat threshold currency authority", rows)


def export_mode_table() -> pa.Table:
    """Return **export_modes**."""
    return records(
        "export_modes",
        "code from_date refund currency authority",
        [
            ("0110", date(2019, 4, 1), 1.0, "CNY", "MOF, STA and GACC Announcement 2019 No. 39 (general trade)" + NOTE),
            ("9610", date(2014, 2, 10), 0.0, "CNY", "GACC Announcement 2014 No. 12 (exempt, not refunded)" + NOTE),
            ("1210", date(2014, 8, 1), 1.0, "CNY", "GACC Announcement 2014 No. 57 (bonded)" + NOTE),
            ("9710", date(2020, 7, 1), 1.0, "CNY", "GACC Announcement 2020 No. 75 (direct B2B export)" + NOTE),
            ("9810", date(2020, 7, 1), 1.0, "CNY", "GACC Announcement 2020 No. 75 (to overseas warehouse)" + NOTE),
        ],
    )


def weight_rule_table() -> pa.Table:
    """Return **weight_rules**: the usual divisors; the sample's tariffs name none of them."""
    return records(
        "weight_rules",
        "rule from_date divisor length_unit weight_unit weight_step authority",
        [
            ("express", date(2013, 1, 1), 5000.0, "cm", "kg", 0.5, "Usual in international express" + NOTE),
            ("air", date(2013, 1, 1), 6000.0, "cm", "kg", 0.5, "IATA TACT Rules 3.9" + NOTE),
        ],
    )


def container_table() -> pa.Table:
    """Return **containers**: the type the sample ships in, as its tariffs count it."""
    return records(
        "containers",
        "container from_date kg m3 authority",
        [("40HC", date(2005, 1, 1), 26000.0, 65.0, "What mixed cartons fill of 76 m³" + NOTE)],
    )


def certificate_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **certificates**: the safety mark of every product in every market where it is sold."""
    rng = stream(seed, "certificates")
    pairs = np.unique(demand.sku * len(MARKETS) + demand.market)
    market = pairs % len(MARKETS)
    return table(
        "certificates",
        sku=pick(cluster.products.skus, pairs // len(MARKETS)),
        market=pick(MARKETS, market),
        certificate=pick([MARKS[code] for code in MARKETS], market),
        expiry=demand.weeks[-1] + rng.integers(300, 1500, len(pairs)),
    )


def fee_table() -> pa.Table:
    """Return **fees**: a row per channel, and one for the dearer marketplace of the United States."""
    shares = (0.10, 0.03, 0.06, 0.0)
    days = (14.0, 3.0, 15.0, 30.0)
    rows = [(channel, None, share, 0.0, wait) for channel, share, wait in zip(CHANNELS, shares, days, strict=True)]
    return records("fees", "channel market share fixed settle_days", [*rows, (CHANNELS[0], "US", 0.12, 0.2, 14.0)])


def credit_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **credit**: cash and limits of makers and sellers, in weeks of their turnover."""
    rng = stream(seed, "credit")
    turnover = np.zeros(len(cluster.firms))
    weekly = demand.quantity[:, -26:].mean(1) * cluster.products.price[demand.sku]
    np.add.at(turnover, demand.seller, weekly)
    np.add.at(turnover, cluster.products.maker[demand.sku], weekly * 0.65)
    firms = np.array([*cluster.makers, *cluster.specialists, *cluster.sellers])
    turnover = turnover[firms].clip(20_000)
    return table(
        "credit",
        firm=pick(cluster.firms, firms),
        cash=np.round(turnover * rng.uniform(1.0, 4.0, len(firms)), -3),
        limit=np.round(turnover * rng.uniform(1.0, 6.0, len(firms)), -3),
    )


def tie_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **ties** of the last year: makers to sellers as sold, suppliers and shops to makers, and know-how."""
    rng = stream(seed, "ties")
    year = demand.weeks[-1].item().year - 1
    firms = len(cluster.firms)
    sold = demand.quantity[:, -52:].sum(1) * cluster.products.transfer_price[demand.sku]
    key = cluster.products.maker[demand.sku] * firms + demand.seller
    between, place = np.unique(key, return_inverse=True)
    value = np.bincount(place, sold)
    maker, seller = between // firms, between % firms
    rows = [
        (cluster.firms[a], cluster.firms[b], "supply", year, round(float(v), -2))
        for a, b, v in zip(maker, seller, value, strict=True)
        if a != b and v > 0
    ]
    for kind, others, chance, low, high in (
        ("supply", cluster.suppliers, 0.5, 1e5, 2e6),
        ("subcontract", cluster.specialists, 0.25, 2e4, 4e5),
        ("knowledge", cluster.makers, 2 / max(4, len(cluster.makers)), 1e3, 5e4),
    ):
        for a in others:
            for b in cluster.makers:
                if a != b and rng.random() < chance:
                    rows.append((cluster.firms[a], cluster.firms[b], kind, year, round(rng.uniform(low, high), -2)))
    if not rows:
        rows.append((cluster.firms[0], cluster.firms[cluster.sellers[0]], "supply", year, 0.0))
    return records("ties", "firm_a firm_b kind year value", rows)


def trade_table(cluster: Cluster, last_year: int, seed: int) -> pa.Table:
    """Return **trade**: invented exports of three years by exporter and product class, in CNY."""
    rng = stream(seed, "trade")
    classes = list(dict.fromkeys(line.hs[:4] for line in cluster.industry.lines))
    level = rng.lognormal(22, 0.6, (7, len(classes)))
    level[0] *= 3
    rows = [
        (country, product, year, round(float(level[i, j] * 1.04 ** (year - last_year) * rng.uniform(0.95, 1.05)), -6))
        for i, country in enumerate(("CN", "DE", "TR", "VN", "PL", "KR", "MX"))
        for j, product in enumerate(classes)
        for year in range(last_year - 2, last_year + 1)
    ]
    return records("trade", "country product year value", rows)


def indicator_table(last_year: int, seed: int) -> pa.Table:
    """Return **indicators**: five years of both systems, invented."""
    rng = stream(seed, "indicators")
    rows = []
    for system, indicator, start, growth, direction in (
        ("cluster", "output value, CNY bn", 8.2, 0.05, "positive"),
        ("cluster", "patents per firm", 1.4, 0.04, "positive"),
        ("cluster", "share of returns", 0.041, -0.05, "negative"),
        ("cluster", "share of automated lines", 0.22, 0.1, "positive"),
        ("ecommerce", "cross-border sales, CNY bn", 1.9, 0.16, "positive"),
        ("ecommerce", "active sellers", 310.0, 0.09, "positive"),
        ("ecommerce", "logistics share of price", 0.24, -0.02, "negative"),
        ("ecommerce", "own-brand share of sales", 0.18, 0.08, "positive"),
    ):
        for number, year in enumerate(range(last_year - 4, last_year + 1)):
            value = start * (1 + growth) ** number * rng.uniform(0.97, 1.03)
            rows.append((system, indicator, str(year), float(f"{value:.4g}"), direction))
    return records("indicators", "system indicator period value direction", rows)


def design_table(cluster: Cluster, weeks: Array, seed: int) -> pa.Table:
    """Return **designs**: original designs of about one product in ten, registered in one market each."""
    rng = stream(seed, "designs")
    chosen = np.flatnonzero(rng.random(len(cluster.products.skus)) < 0.1)
    chosen = chosen if len(chosen) else np.array([0])
    design = codes("D", len(chosen))
    return table(
        "designs",
        design=design,
        owner=pick(cluster.firms, cluster.products.brand_owner[chosen]),
        sku=pick(cluster.products.skus, chosen),
        created=weeks[-1] - cluster.products.age[chosen] * 7 - rng.integers(60, 400, len(chosen)),
        registration=[f"SYN-{code}" if number % 3 else None for number, code in enumerate(design)],
        market=pick(MARKETS, rng.integers(0, len(FOREIGN) + 1, len(chosen))),
        royalty=np.round(rng.uniform(0.01, 0.05, len(chosen)), 3),
    )


def term_table(cluster: Cluster) -> pa.Table:
    """Return **terms**: one maker keeps a tenth of its hours for its own products."""
    rows = [(cluster.owners[place], "keep_hours", None, None, 0.1) for place in cluster.makers[:1]]
    return records("terms", "owner term partner process share", rows)


def policy_table(cluster: Cluster) -> pa.Table:
    """Return **policies**: the hub sees a seller's sales, the other members only totals."""
    rows = []
    for owner in dict.fromkeys(cluster.owners[place] for place in cluster.sellers):
        rows += [(owner, "sales", "hub", "rows"), (owner, "sales", "members", "aggregate")]
    return records("policies", "owner table audience level", rows)


def measure_table() -> pa.Table:
    """Return **measures**."""
    return records(
        "measures",
        "measure cost weeks prerequisite",
        [
            ("share_demand_data", 60_000.0, 6.0, None),
            ("pool_orders", 40_000.0, 4.0, None),
            ("share_capacity", 80_000.0, 8.0, "pool_orders"),
            ("divide_labour", 120_000.0, 12.0, "share_capacity"),
            ("pool_purchases", 30_000.0, 4.0, None),
            ("substitute_imports", 150_000.0, 20.0, "pool_purchases"),
            ("consolidate_freight", 50_000.0, 4.0, None),
            ("overseas_warehouse", 60_000.0, 10.0, "consolidate_freight"),
            ("net_settlement", 40_000.0, 8.0, "pool_orders"),
        ],
    )
