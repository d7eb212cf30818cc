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
from jointplan.schema import Assumption

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
    total of any stretch of cells is kept to within one unit. Orders are wanted at their own price; what is forecast beyond
    them, and orders without a price, at today's. Orders that wait for their market to be entered are not among it.

    Returns
    -------
    DataFrame
        week, sku, market, seller, quantity, price, origin; one row a week, series, price and origin with demand.
    """
    forecasts = tables.frame("forecasts", "basis", "week", *SERIES, "mean")
    cells = forecasts[forecasts["basis"] == "shared"].sort_values([*SERIES, "week"], ignore_index=True)
    offset = np.random.default_rng(seed).random()
    running = np.floor(cells["mean"].to_numpy(float).cumsum() + offset)
    cells["quantity"] = np.diff(running, prepend=0.0)
    expected = cells.loc[cells["quantity"] > 0, ["week", *SERIES, "quantity"]].assign(price=np.nan)
    orders = open_orders(tables, money=money, start=start, weeks=weeks)
    return _with_orders(tables, expected, orders[~orders["waiting"]])


def open_orders(tables: Tables, *, money: Money, start: date, weeks: int) -> pd.DataFrame:
    """Return the open orders that are due in the weeks planned; what is overdue is due at once.

    Returns
    -------
    DataFrame
        week, sku, market, seller, quantity; ``price`` in the run's currency, not a number where none is given; ``waiting``, whether
        the market must be entered first: it has an entry cost, and the seller has sold nothing there.
    """
    if "orders" not in tables:
        return pd.DataFrame({"market": [], "quantity": [], "price": [], "waiting": np.zeros(0, bool)})
    orders, first = tables.frame("orders", "due", *SERIES, "quantity", "unit_price"), pd.Timestamp(start)
    day = orders["due"].clip(lower=first)
    orders["week"] = day - pd.to_timedelta(day.dt.weekday, unit="D")
    orders = orders[orders["week"] < first + pd.Timedelta(weeks=weeks)]
    markets = tables.frame("markets", "market", "currency", "entry_cost").set_index("market")
    price = orders["unit_price"].astype(float) * orders["market"].map(markets["currency"].map(money.rate)).astype(float)
    sold = tables.frame("weekly", "market", "seller")
    served = set(zip(sold["market"], sold["seller"], strict=True))
    strange = [key not in served for key in zip(orders["market"], orders["seller"], strict=True)]
    closed = orders["market"].isin(markets.index[markets["entry_cost"].notna()])
    return orders[["week", *SERIES, "quantity"]].assign(price=price, waiting=np.array(strange, dtype=bool) & closed)


def order_assumptions(orders: pd.DataFrame) -> list[Assumption]:
    """Say at what open orders without a price count, and which wait for their market to be entered."""
    assumed = []
    if unpriced := float(orders.loc[orders["price"].isna(), "quantity"].sum()):
        assumed.append(
            Assumption(
                "orders.unit_price",
                "Open orders without a price count at what the series sold for in the last 26 weeks of sales; else the product in that market, or"
                " anywhere; else its usual value.",
                "未填单价的未交订单，按该序列最近 26 周的平均成交价计；否则取该产品在该市场或各市场的均价，再否则取其通常售价。",
                "orders",
                value=f"{unpriced:g}",
                unit="units",
            )
        )
    return assumed + [
        Assumption(
            "orders in new markets",
            "Open orders of sellers who have sold nothing yet in a market with an entry cost wait until it is entered; where a plan does not enter it,"
            " they are lost by nobody.",
            "卖家在有进入费用的市场尚无销售时，其未交订单须等进入该市场后才供应；计划不进入时，不算任何人的损失。",
            "markets.entry_cost",
            subject=str(market),
            value=f"{units:g}",
            unit="units",
        )
        for market, units in orders[orders["waiting"]].groupby("market")["quantity"].sum().items()
    ]


def _with_orders(tables: Tables, expected: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return orders at their own price and what is expected of a week beyond them at its own, today's where it is not a number.

    Orders without a price count as what is expected does.
    """
    cell, columns = ["week", *SERIES], ["quantity", "price", "origin"]
    rest = expected.assign(origin="forecast")
    if len(orders):
        blank = orders["price"].isna()
        taken = orders.assign(quantity=0.0, ordered=orders["quantity"], unpriced=orders["quantity"].where(blank, 0.0))
        rest = pd.concat([frame for frame in (expected, taken.drop(columns="price")) if len(frame)])
        rest = rest.reindex(columns=[*cell, "quantity", "price", "ordered", "unpriced"])
        sums = rest.groupby(cell, as_index=False)[["quantity", "ordered", "unpriced"]].sum()
        rest = sums.merge(rest.groupby(SERIES)["price"].first(), on=SERIES)
        beyond = rest["quantity"] - rest["ordered"]
        rest = rest.assign(
            quantity=beyond.clip(lower=0.0) + rest["unpriced"], origin=np.where(beyond < 0, "orders", "forecast")
        )
        rest = pd.concat(
            [rest[[*cell, *columns]], orders.loc[~blank, [*cell, "quantity", "price"]].assign(origin="orders")]
        )
    rest = rest[rest["quantity"] > 0].reset_index(drop=True)
    rest["price"] = rest["price"].fillna(_prices(tables, rest))
    return rest.groupby([*cell, "price", "origin"], as_index=False, sort=False)["quantity"].sum()


def paid_demand(
    tables: Tables,
    demand: pd.DataFrame,
    *,
    money: Money,
    start: date,
    weeks: int,
    factors: Sequence[DemandFactor] = (),
) -> Offers:
    """Return what could be sold in markets not yet entered, and by campaigns in those that are, and what these cost.

    A series that is sold already waits for no entry; a market without a cost is entered. A campaign adds a share to what is
    wanted, at today's price. Quantities are whole units, their running total cut at whole numbers. ``demand`` is what is wanted
    before any factor: what is multiplied by nothing is still sold today.
    """
    rates = tables.frame("markets", "market", "currency").set_index("market")["currency"].map(money.rate)
    orders = open_orders(tables, money=money, start=start, weeks=weeks)
    offers: list[Offer] = []
    rows: list[pd.DataFrame] = []
    new = _new_markets(tables, demand, orders[orders["waiting"]], rates, start, weeks)
    for offer, wanted in [
        *((offer, scaled_demand(wanted, factors)) for offer, wanted in new),
        *_campaigns(tables, scaled_demand(demand, factors), rates, start),
    ]:
        wanted = wanted[wanted["quantity"] > 0]
        if len(wanted):
            rows.append(wanted.assign(entry=len(offers)))
            offers.append(offer)
    return Offers(tuple(offers), pd.concat(rows, ignore_index=True)) if offers else NO_OFFERS


def _new_markets(
    tables: Tables, demand: pd.DataFrame, orders: pd.DataFrame, rates: pd.Series, start: date, weeks: int
) -> Iterator[tuple[Offer, pd.DataFrame]]:
    """Yield each market that can be entered, with what could be sold there: the larger of its potential and the orders that wait.

    Orders of a new product where its seller sells others wait for nothing, and are taken off its potential.
    """
    costs = tables.frame("markets", "market", "entry_cost").set_index("market")["entry_cost"].dropna()
    sold = tables.frame("weekly", *SERIES)
    known = _keys(demand) & _keys(sold)
    days = pd.Timestamp(start) + pd.to_timedelta(7 * np.arange(weeks), unit="D")
    potentials = tables.frame("potentials").itertuples() if "potentials" in tables else ()
    found = [
        pd.DataFrame(
            {
                "week": days,
                "sku": row.sku,
                "market": row.market,
                "seller": row.seller,
                "quantity": _whole(_grown(np.arange(weeks), row.ramp_weeks) * row.quantity),
                "price": row.unit_price * float(rates[row.market]),
            }
        )
        for row in potentials
        if row.market in costs.index and (row.sku, row.market, row.seller) not in known
    ]
    if not found and orders.empty:
        return
    expected = (
        pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["week", *SERIES, "quantity", "price"])
    )
    cell = ["week", *SERIES]
    today = expected.join(demand.groupby(cell)["quantity"].sum().rename("today"), on=cell)["today"].fillna(0.0)
    expected["quantity"] = (expected["quantity"] - today).clip(lower=0.0)
    wanted = _with_orders(tables, expected, orders).drop(columns="origin")
    for market, rows in wanted.groupby("market"):
        yield Offer(str(market), float(costs[market]) * float(rates[market])), rows


def _keys(frame: pd.DataFrame) -> set[tuple[str, ...]]:
    """Return the series that a frame names."""
    return set(frame[SERIES].drop_duplicates().itertuples(index=False, name=None))


def _campaigns(
    tables: Tables, demand: pd.DataFrame, rates: pd.Series, start: date
) -> Iterator[tuple[Offer, pd.DataFrame]]:
    """Yield each campaign, with what it would sell besides what is wanted."""
    if "campaigns" not in tables:
        return
    family = tables.frame("products", "sku", "family").set_index("sku")["family"]
    sold = demand.groupby([*SERIES, "week"], as_index=False)["quantity"].sum()
    sold["price"] = _prices(tables, sold)
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


def _prices(tables: Tables, demand: pd.DataFrame) -> pd.Series:
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
