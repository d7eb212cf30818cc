"""The demand that every plan is made for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jointplan.engine import Tables
from jointplan.planning.problem import Floats
from jointplan.planning.reading.money import Money
from jointplan.planning.reading.offers import NO_OFFERS, Offer, Offers

SERIES = ["sku", "market", "seller"]
PRICE_WEEKS = 26  # weeks of sales from which today's price is taken


@dataclass(frozen=True)
class DemandFactor:
    """What demand is multiplied by; of one product, market or seller, or of all where these are None."""

    factor: float
    sku: str | None = None
    market: str | None = None
    seller: str | None = None


def scaled_demand(demand: pd.DataFrame, factors: Sequence[DemandFactor]) -> pd.DataFrame:
    """Return the demand multiplied by factors, in whole units again where it was in whole units before.

    The running total of what is multiplied is cut at whole numbers, so that it is kept to within one unit.
    """
    for factor in factors:
        touched = pd.Series(True, index=demand.index)
        for column in SERIES:
            wanted = getattr(factor, column)
            if wanted is not None:
                touched &= demand[column] == wanted
        before = demand.loc[touched, "quantity"].to_numpy(float)
        after = before * factor.factor
        if factor.factor != 1.0 and (before == np.round(before)).all():
            after = np.diff(np.floor(after.cumsum() + 0.5), prepend=0.0)
        demand = demand.assign(quantity=demand["quantity"].astype(float))
        demand.loc[touched, "quantity"] = after
        demand = demand[demand["quantity"] > 0]
    return demand.reset_index(drop=True)


def sold_demand(tables: Tables, *, start: date, weeks: int) -> pd.DataFrame:
    """Return what was really sold in the weeks planned, as the demand of a replay.

    Returns
    -------
    DataFrame
        week, sku, market, seller, quantity, price, origin; one row a week and series with demand.
    """
    weekly = tables.frame("weekly", "week", *SERIES, "quantity", "revenue")
    day = pd.Timestamp(start)
    inside = weekly[
        (weekly["week"] >= day) & (weekly["week"] < day + pd.Timedelta(weeks=weeks)) & (weekly["quantity"] > 0)
    ]
    return inside.assign(price=inside["revenue"] / inside["quantity"], origin="sales").drop(columns="revenue")


def coming_demand(tables: Tables, *, money: Money, start: date, weeks: int, seed: int) -> pd.DataFrame:
    """Return the demand of the weeks ahead: the larger of the mean forecast and the open orders due.

    Means are made whole by systematic sampling: over all cells in a fixed order the running total is cut at whole
    numbers from one random offset, so that every cell is its mean rounded down or up, is its mean on average, and the
    total of any stretch of cells is kept to within one unit.

    Returns
    -------
    DataFrame
        week, sku, market, seller, quantity, price, origin; one row a week and series with demand.
    """
    forecasts = tables.frame("forecasts", "basis", "week", *SERIES, "mean")
    cells = forecasts[forecasts["basis"] == "shared"].sort_values([*SERIES, "week"], ignore_index=True)
    offset = np.random.default_rng(seed).random()
    running = np.floor(cells["mean"].to_numpy(float).cumsum() + offset)
    cells["quantity"] = np.diff(running, prepend=0.0)
    cells["origin"] = "forecast"
    demand = cells[["week", *SERIES, "quantity", "origin"]]
    if "orders" in tables:
        orders = _due(tables.frame("orders"), pd.Timestamp(start), weeks)
        demand = demand.merge(orders, on=["week", *SERIES], how="outer")
        ordered = demand["ordered"].fillna(0.0) > demand["quantity"].fillna(0.0)
        demand["quantity"] = demand[["quantity", "ordered"]].max(axis=1)
        demand["origin"] = np.where(ordered, "orders", "forecast")
        demand = demand.drop(columns="ordered")
    demand = demand[demand["quantity"] > 0].reset_index(drop=True)
    demand["price"] = _prices(tables, demand, money)
    return demand


def paid_demand(tables: Tables, demand: pd.DataFrame, *, money: Money, start: date, weeks: int) -> Offers:
    """Return what could be sold in markets not yet entered, and by campaigns in those that are, and what these cost.

    A series that is wanted already waits for no entry; a market without a cost is entered. A campaign adds a share to what is
    wanted. Quantities are whole units, their running total cut at whole numbers.
    """
    rates = tables.frame("markets", "market", "currency").set_index("market")["currency"].map(money.rate)
    offers: list[Offer] = []
    rows: list[pd.DataFrame] = []
    for offer, wanted in [
        *_potentials(tables, demand, rates, start, weeks),
        *_campaigns(tables, demand, rates, start),
    ]:
        wanted = wanted[wanted["quantity"] > 0]
        if len(wanted):
            rows.append(wanted.assign(entry=len(offers)))
            offers.append(offer)
    return Offers(tuple(offers), pd.concat(rows, ignore_index=True)) if offers else NO_OFFERS


def _potentials(
    tables: Tables, demand: pd.DataFrame, rates: pd.Series, start: date, weeks: int
) -> Iterator[tuple[Offer, pd.DataFrame]]:
    """Yield each market that can be entered, with what could be sold there."""
    if "potentials" not in tables:
        return
    costs = tables.frame("markets", "market", "entry_cost").set_index("market")["entry_cost"].dropna()
    rows = tables.frame("potentials")
    known = set(zip(*(demand[column] for column in SERIES), strict=True))
    new = [key not in known for key in zip(*(rows[column] for column in SERIES), strict=True)]
    days = pd.Timestamp(start) + pd.to_timedelta(7 * np.arange(weeks), unit="D")
    for market, wanted in rows[np.array(new, dtype=bool) & rows["market"].isin(costs.index)].groupby("market"):
        rate, name = float(rates[market]), str(market)
        found = [
            pd.DataFrame(
                {
                    "week": days,
                    "sku": row.sku,
                    "market": name,
                    "seller": row.seller,
                    "quantity": _whole(_grown(np.arange(weeks), row.ramp_weeks) * row.quantity),
                    "price": row.unit_price * rate,
                }
            )
            for row in wanted.itertuples()
        ]
        yield Offer(name, float(costs[market]) * rate), pd.concat(found, ignore_index=True)


def _campaigns(
    tables: Tables, demand: pd.DataFrame, rates: pd.Series, start: date
) -> Iterator[tuple[Offer, pd.DataFrame]]:
    """Yield each campaign, with what it would sell besides what is wanted."""
    if "campaigns" not in tables:
        return
    family = tables.frame("products", "sku", "family").set_index("sku")["family"]
    sold = demand[["week", *SERIES, "quantity", "price"]].sort_values([*SERIES, "week"], ignore_index=True)
    number = (sold["week"] - pd.Timestamp(start)).dt.days.to_numpy() // 7
    for row in tables.frame("campaigns").itertuples():
        alone = row.family if isinstance(row.family, str) else ""
        meant = sold["market"].eq(row.market) & (sold["sku"].map(family).eq(alone) | (alone == ""))
        more = sold["quantity"].to_numpy(float) * row.uplift * _grown(number, row.ramp_weeks)
        offer = Offer(row.market, row.cost * float(rates[row.market]), promotion=True, family=alone)
        yield offer, sold[meant].assign(quantity=_whole(more[meant.to_numpy()]))


def _grown(week: NDArray[np.int64], ramp_weeks: float) -> Floats:
    """Return the share of what is reached in the end that there is in each week."""
    return np.minimum((week + 1) / max(ramp_weeks, 1.0), 1.0)


def _whole(quantity: Floats) -> Floats:
    """Return whole units whose running total is that of the quantities, rounded."""
    return np.diff(np.floor(quantity.cumsum() + 0.5), prepend=0.0)


def _due(orders: pd.DataFrame, start: pd.Timestamp, weeks: int) -> pd.DataFrame:
    """Return open orders by the week they are due; what is overdue is due at once."""
    day = orders["due"].where(orders["due"] >= start, start)
    orders = orders.assign(week=day - pd.to_timedelta(day.dt.weekday, unit="D"))
    orders = orders[orders["week"] < start + pd.Timedelta(weeks=weeks)]
    return orders.groupby(["week", *SERIES], as_index=False)["quantity"].sum().rename(columns={"quantity": "ordered"})


def _prices(tables: Tables, demand: pd.DataFrame, money: Money) -> pd.Series:
    """Return the mean price of the last weeks of the series, else of the product, else its usual value."""
    weekly = tables.frame("weekly", "week", *SERIES, "quantity", "revenue")
    if len(weekly):
        weekly = weekly[weekly["week"] > weekly["week"].max() - pd.Timedelta(weeks=PRICE_WEEKS)]
    price = pd.Series(np.nan, index=demand.index)
    for keys in (SERIES, ["sku", "market"], ["sku"]):
        sums = weekly.groupby(keys)[["revenue", "quantity"]].sum()
        known = (sums["revenue"] / sums["quantity"]).rename("known")
        price = price.fillna(demand[keys].join(known, on=keys)["known"])
    products = tables.frame("products", "sku", "unit_value")
    return price.fillna(demand["sku"].map(products.set_index("sku")["unit_value"])).fillna(0.0)
