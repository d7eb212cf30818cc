"""Who is short of money, and when sales are paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import Credit
from jointplan.planning.reading.fees import channels_keep
from jointplan.planning.reading.index import Index, text
from jointplan.planning.reading.money import Money
from jointplan.planning.settings import PlanSettings


def read_credit(
    tables: Tables,
    settings: PlanSettings,
    index: Index,
    keys: list[tuple[str, str, str, int]],
    money: Money,
    start: date,
    weeks: int,
) -> Credit | None:
    """Return who is short of money; an owner has what its firms have together, if all of them say what they have.

    A sale is paid for after the days its seller's channels take in that market, weighted by what was sold through each; what was sold
    before the first week and is not yet paid for comes in then, less what channels keep.
    """
    if "credit" not in tables or not tables["credit"].num_rows:
        return None
    rows, firm_of, firm_owner = tables.frame("credit"), index.firm_of, index.firm_owner
    said = np.isin(list(firm_of), rows["firm"])
    silent = np.bincount(firm_owner[~said], minlength=int(firm_owner.max()) + 1) > 0
    rows = rows[[not silent[firm_owner[firm_of[firm]]] for firm in rows["firm"]]]
    if rows.empty:
        return None
    rate = rows["firm"].map(index.firms.set_index("firm")["currency"]).map(money.rate)
    owner = np.array([firm_owner[firm_of[firm]] for firm in rows["firm"]], dtype=np.int64)
    owners = np.unique(owner)
    waits = receipt_weeks(tables)
    due = np.zeros((len(owners), weeks))
    for seller, comes, amount in receipts(tables, start):
        if 0 <= comes < weeks:
            due[owners == firm_owner[firm_of[seller]], comes] += amount
    return Credit(
        owner=owners,
        cash=np.bincount(np.searchsorted(owners, owner), (rows["cash"] * rate).to_numpy(float), len(owners)).astype(
            float
        ),
        limit=np.bincount(np.searchsorted(owners, owner), (rows["limit"] * rate).to_numpy(float), len(owners)).astype(
            float
        ),
        due=due,
        rate=settings.costs.borrowing_rate,
        receipt_weeks=np.array([waits(market, seller) for _, market, seller, _ in keys], dtype=np.int64),
    )


def receipts(tables: Tables, start: date) -> Iterator[tuple[str, int, float]]:
    """Yield what sales before the first week bring: their seller, the week in which that is paid, and how much, less what channels keep."""
    waits, kept = receipt_weeks(tables), channels_keep(tables)
    weekly = tables.frame("weekly", "week", "sku", "market", "seller", "quantity", "revenue")
    age = (pd.Timestamp(start) - weekly.pop("week")).dt.days.to_numpy() // 7
    for weeks_ago, (sku, market, seller, units, revenue) in zip(
        age, weekly.itertuples(index=False, name=None), strict=True
    ):
        if weeks_ago > 0:
            share, fixed = kept(sku, market, seller)
            yield seller, waits(market, seller) - int(weeks_ago), revenue * (1.0 - share) - fixed * units


def receipt_weeks(tables: Tables) -> Callable[[str, str], int]:
    """Return a function of market and seller: after how many weeks such sales are paid for.

    Where a seller has not sold in a market yet, as others were paid there; where nobody has, as the seller was elsewhere, or
    as all were.
    """
    if "fees" not in tables or "sales" not in tables:
        return lambda market, seller: 0
    fees = tables.frame("fees")
    days = {
        (channel, text(market)): float(wait)
        for channel, market, wait in zip(fees["channel"], fees["market"], fees["settle_days"], strict=True)
    }
    sold = tables["sales"].group_by(["channel", "market", "seller"]).aggregate([("quantity", "sum")]).to_pandas()
    sold["days"] = [
        days.get((channel, market), days.get((channel, ""), 0.0))
        for channel, market in zip(sold["channel"], sold["market"], strict=True)
    ]
    sold["weighted"] = sold["days"] * sold["quantity_sum"]
    known: dict[tuple[str, str], float] = {}
    sold["all"] = ""
    for columns in (["market", "seller"], ["market", "all"], ["all", "seller"], ["all", "all"]):
        sums = sold.groupby(columns if columns != ["all", "all"] else ["all"])[["weighted", "quantity_sum"]].sum()
        for key, wait in (sums["weighted"] / sums["quantity_sum"]).items():
            known[key if isinstance(key, tuple) else ("", "")] = float(wait)

    def weeks(market: str, seller: str) -> int:
        tried = ((market, seller), (market, ""), ("", seller), ("", ""))
        return int(next((known[key] for key in tried if key in known), 0.0) / 7 + 0.5)

    return weeks
