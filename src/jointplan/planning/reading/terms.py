"""Who may do what: certificates of markets, designs, and the terms on which owners are members."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import Certificates, Designs, Terms
from jointplan.planning.reading.index import Index, text
from jointplan.planning.reading.routes import Routes
from jointplan.planning.reading.series import Series


def read_certificates(
    tables: Tables,
    index: Index,
    routes: Routes,
    start: date,
    weeks: int,
) -> Certificates:
    """Return what may be made for a market only for so long.

    A market that the table names is served by the firms and products it names there: a row with both speaks for that firm's
    making of that product. A certificate covers the weeks that end before it expires; of several the longest counts. Of
    several firms that do the steps in turn each needs one.
    """
    held: dict[str, dict[tuple[str, str], int]] = {}
    if "certificates" in tables:
        table = tables.frame("certificates")
        days = (pd.to_datetime(table["expiry"]) - pd.Timestamp(start)).dt.days + 1
        covered = (days // 7).clip(0, weeks).fillna(weeks).astype(int)
        for firm, sku, market, last in zip(table["firm"], table["sku"], table["market"], covered, strict=True):
            known, key = held.setdefault(market, {}), (text(firm), text(sku))
            known[key] = max(known.get(key, 0), int(last))
    names, sku_of = index.firms["firm"].to_numpy(), index.products["sku"].to_numpy()[routes.product]
    makers = [{name} for name in names[routes.firm]]
    for r, m in zip(routes.use_route[routes.division.use], routes.use_resource[routes.division.use], strict=True):
        makers[r].add(names[routes.resources[m][0]])

    def covered_weeks(rows: dict[tuple[str, str], int], firms: set[str], sku: str) -> int:
        return min(max(rows.get(key, 0) for key in ((firm, sku), (firm, ""), ("", sku))) for firm in firms)

    found = [
        (r, index.market_of[market], covers)
        for market, rows in sorted(held.items())
        for r, (firms_there, sku) in enumerate(zip(makers, sku_of, strict=True))
        if (covers := covered_weeks(rows, firms_there, sku)) < weeks
    ]
    route, at, first_weeks = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return Certificates(route, at, first_weeks)


def read_designs(tables: Tables, index: Index, series: Series) -> Designs:
    """Return whose design each product is, and the royalty on a unit: a share of the mean price at which it is wanted.

    A design binds wherever it is registered, since a lot may go to any market; of several rows of a product the largest
    share counts.
    """
    owner: dict[int, int] = {}
    share: dict[int, float] = {}
    if "designs" in tables:
        table = tables.frame("designs")
        for sku, firm, part in zip(table["sku"], table["owner"], table["royalty"].fillna(0.0), strict=True):
            i = index.sku_of.get(text(sku), -1)
            if i >= 0:
                owner[i] = index.firm_of[firm]
                share[i] = max(share.get(i, 0.0), float(part))
    product = np.array(sorted(owner), dtype=np.int64)
    wanted = series.demand.sum(axis=1)
    units, worth = (
        np.bincount(series.product, amount, len(index.products))[product] for amount in (wanted, wanted * series.price)
    )
    price = np.divide(worth, units, out=np.zeros(len(product)), where=units > 0)
    parts = np.array([share[i] for i in product.tolist()], dtype=float)
    return Designs(product, np.array([owner[i] for i in product.tolist()], dtype=np.int64), parts * price)


def read_terms(
    tables: Tables,
    index: Index,
    resources: list[tuple[int, str]],
) -> Terms:
    """Return whom owners refuse, what part of their regular hours they keep, and whose customers they protect.

    Of several rows the largest part counts.
    """
    firm_owner = index.firm_owner
    known = {firm: int(firm_owner[f]) for firm, f in index.firm_of.items()}
    known |= {name: o for o, name in enumerate(index.owners)}
    refused: list[tuple[int, int]] = []
    kept: dict[int, float] = {}
    protected: list[tuple[int, int]] = []
    if "terms" in tables:
        for name, term, partner, market, process, share in zip(
            *(tables.frame("terms")[c] for c in ("owner", "term", "partner", "market", "process", "share")), strict=True
        ):
            owner = known[name]
            if term == "refuse" and text(partner):
                refused.append((owner, known[partner]))
            elif term == "protect":
                protected += [(owner, m) for label, m in index.market_of.items() if text(market) in ("", label)]
            elif term == "keep_hours":
                for m, (firm, label) in enumerate(resources):
                    if firm_owner[firm] == owner and text(process) in ("", label):
                        kept[m] = max(kept.get(m, 0.0), float(share))
    one, other = np.array(refused, dtype=np.int64).reshape(-1, 2).T
    protector, market = np.array(protected, dtype=np.int64).reshape(-1, 2).T
    hours = np.array(list(kept), dtype=np.int64), np.array(list(kept.values()), dtype=float)
    return Terms(one, other, *hours, protector, market)
