"""What sold: who sells which product where, and how much in each week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from jointplan.sample.cluster import FADING, INTERMITTENT, NEW, Cluster
from jointplan.sample.economics import DESTINATIONS
from jointplan.sample.tables import stream

Array = np.ndarray[Any, Any]

HOME_MARKET = len(DESTINATIONS) - 1
CHANNELS = ("marketplace", "own site", "social shop", "wholesale")
# Innovation and imitation per week: sales of a new product peak after some 19 weeks.
BASS_P, BASS_Q = 0.01, 0.12
PEAK_DAY = {"summer": 196, "winter": 15, "gift": 340, "even": 0}
SWING = {"summer": 0.6, "winter": 0.5, "gift": 0.3, "even": 0.06}


@dataclass(frozen=True)
class DemandHistory:
    """The series product × market × seller, and their weeks.

    Parameters
    ----------
    weeks : array of datetime64[D]
        Mondays.
    sku, market, seller : array of int (series)
        Places in the cluster's products, in DESTINATIONS and in the cluster's firms.
    pair : array of int (series)
        Number of the seller and product, the same in all markets.
    pair_sku, pair_seller : array of int (pairs)
        Product and seller of each pair.
    channel : array of int (series)
        Place in CHANNELS.
    price : array (series)
        Usual price in the currency of the market.
    mean : array (series, weeks)
        Units expected.
    quantity : array of int (series, weeks)
        Units sold.
    promoted : array (pairs, weeks)
        Lift of a promotion, 0 where there is none.
    """

    weeks: Array
    sku: Array
    market: Array
    seller: Array
    pair: Array
    pair_sku: Array
    pair_seller: Array
    channel: Array
    price: Array
    mean: Array
    quantity: Array
    promoted: Array


def make_demand(cluster: Cluster, weeks: Array, seed: int) -> DemandHistory:
    """Draw who sells what where, and what sold in each week.

    Units are negative binomial around a mean that is level × season × life × sales events × weather of the product ×
    promotion. Intermittent series sell in few weeks, then more.
    """
    rng = stream(seed, "demand")
    sku, market, seller = (
        np.array(column) for column in zip(*_assortment(cluster, stream(seed, "assortment")), strict=True)
    )
    firms = len(cluster.firms)
    pairs, pair = np.unique(sku * firms + seller, return_inverse=True)
    pair_sku, pair_seller = pairs // firms, pairs % firms
    series = len(sku)

    weight = np.array([to.weight for to in DESTINATIONS])
    popularity = rng.lognormal(0, 0.35, len(cluster.products.skus))
    reach = rng.lognormal(0, 0.25, firms)
    level = popularity[sku] * reach[seller] * np.sqrt(weight[market]) * rng.lognormal(0, 0.25, series)
    level *= cluster.industry.economics.weekly_units / np.median(level)
    level = level.clip(0.35 * np.median(level), 3.5 * np.median(level))

    promoted = np.where(rng.random((len(pairs), len(weeks))) < 0.03, rng.uniform(0.5, 1.5, (len(pairs), len(weeks))), 0)
    life = _lives(cluster, len(weeks), rng)
    promoted *= life[pair_sku] > 0
    mean = level[:, None] * _seasons(cluster, weeks)[cluster.products.family[sku], market] * life[sku]
    mean *= _events(weeks)[market] * _weather(len(cluster.products.skus), len(weeks), rng)[sku] * (1 + promoted[pair])

    sparse = cluster.products.life[sku] == INTERMITTENT
    chance = np.where(sparse, rng.uniform(0.2, 0.45, series), 1.0)[:, None]
    # Intermittent products sell about half of what others do, in a few larger orders.
    mean[sparse] *= 0.5
    size = mean / chance
    shape = rng.uniform(4, 12, series)[:, None]
    sold = rng.negative_binomial(shape, shape / (shape + size))
    quantity = np.where(rng.random(mean.shape) < chance, sold, 0)
    # The history has a first and a last week, whatever the dice say.
    old = int(np.argmax(cluster.products.age[sku] > len(weeks)))
    quantity[old, [0, -1]] = quantity[old, [0, -1]].clip(1)

    levels = np.array([to.price_level / to.fx for to in DESTINATIONS])[market]
    price = cluster.products.price[sku] * levels * rng.uniform(0.95, 1.06, series)
    habit = rng.choice(len(CHANNELS), (firms, len(DESTINATIONS)), p=[0.5, 0.2, 0.2, 0.1])
    return DemandHistory(
        weeks, sku, market, seller, pair, pair_sku, pair_seller, habit[seller, market],
        round_price(price, market), mean, quantity, promoted,
    )  # fmt: skip


def round_price(price: Array, market: Array) -> Array:
    """Round to the smallest coin: whole yen, cents elsewhere."""
    whole = np.array([to.currency == "JPY" for to in DESTINATIONS])[market]
    return np.where(whole, np.round(price).clip(1), np.round(price, 2).clip(0.01))


def bass_sales(week: Array, p: float = BASS_P, q: float = BASS_Q) -> Array:
    """Return the adoption rate of Bass (1969) in a week after launch, its peak taken as 1.

    Parameters
    ----------
    week : array
        Time since launch, t; 0 before it.
    p, q : float
        Innovation and imitation per unit of time.

    Notes
    -----
    f(t) = (p+q)²/p · e^{−(p+q)t} / (1 + (q/p) e^{−(p+q)t})², with its peak (p+q)²/(4q) at t* = ln(q/p)/(p+q).

    Examples
    --------
    >>> round(float(bass_sales(np.array(19.1))), 3)
    1.0
    """
    decay = np.exp(-(p + q) * np.maximum(week, 0))
    rate = (p + q) ** 2 / p * decay / (1 + q / p * decay) ** 2
    result: Array = np.where(np.asarray(week) < 0, 0.0, rate / ((p + q) ** 2 / (4 * q)))
    return result


def _assortment(cluster: Cluster, rng: np.random.Generator) -> Iterator[tuple[int, int, int]]:
    """Yield product, market and seller of each series: two or three sellers per product, two to four markets each."""
    weight = np.array([to.weight for to in DESTINATIONS])
    sellers = np.array(cluster.sellers)
    # Sellers differ in size, in the families they carry and in the markets they know.
    size = rng.lognormal(0, 0.3, len(sellers))
    taste = rng.lognormal(0, 0.6, (len(cluster.lines), len(sellers))) * size
    for sku, (family, maker) in enumerate(zip(cluster.products.family, cluster.products.maker, strict=True)):
        markets = rng.choice(len(weight), rng.choice([2, 3, 4], p=[0.35, 0.4, 0.25]), False, weight / weight.sum())
        count = min(len(sellers), rng.choice([2, 3], p=[0.55, 0.45]))
        chosen = rng.choice(len(sellers), count, replace=False, p=taste[family] / taste[family].sum())
        serves = rng.random((count, len(markets))) < 0.42
        serves[np.arange(count), rng.integers(0, len(markets), count)] = True
        for row, place in zip(*np.nonzero(serves), strict=True):
            yield sku, int(markets[place]), int(sellers[chosen[row]])
        if cluster.home_sellers[maker]:
            yield sku, HOME_MARKET, int(maker)


def _seasons(cluster: Cluster, weeks: Array) -> Array:
    """Return the season, families × markets × weeks, about 1 on average."""
    day = (weeks - weeks.astype("datetime64[Y]").astype("datetime64[D]")).astype(int)
    strength = np.array([to.season for to in DESTINATIONS])
    wave = np.array([np.cos(2 * np.pi * (day - PEAK_DAY[line.season]) / 365.25) for line in cluster.lines])
    swing = np.array([SWING[line.season] for line in cluster.lines])
    gift = np.array([line.season == "gift" for line in cluster.lines])
    # Christmas falls on the same day everywhere.
    amplitude = swing[:, None] * np.where(gift[:, None], np.abs(strength).clip(0.4), strength)
    result: Array = 1 + amplitude[:, :, None] * wave[:, None, :]
    return result


def _lives(cluster: Cluster, weeks: int, rng: np.random.Generator) -> Array:
    """Return the course of life of each product, products × weeks."""
    count = len(cluster.products.skus)
    week = np.arange(weeks)
    since_launch = week - (weeks - cluster.products.age)[:, None]
    growth = np.exp(rng.normal(0.02, 0.1, (count, 1)) * (week - weeks / 2) / 52)
    # After its peak a new product keeps most of its sales.
    peak = np.log(BASS_Q / BASS_P) / (BASS_P + BASS_Q)
    rising = bass_sales(since_launch + 0.5)
    launch = np.where(since_launch > peak, rising.clip(0.7), rising)
    turning = weeks - rng.integers(5, max(6, min(50, weeks)), (count, 1))
    fade = 1 / (1 + np.exp((week - turning) / 6))
    life = cluster.products.life[:, None]
    result: Array = np.select([life == NEW, life == FADING], [launch, fade], growth)
    return result


def _events(weeks: Array) -> Array:
    """Return the lift of sales events, markets × weeks."""
    lift = np.ones((len(DESTINATIONS), len(weeks)))
    for column, monday in enumerate(weeks.tolist()):
        for row, to in enumerate(DESTINATIONS):
            for day, times in _event_days(monday.year)[to.festival]:
                if monday <= day < monday + timedelta(days=7):
                    lift[row, column] = times
    return lift


def _event_days(year: int) -> dict[str, tuple[tuple[date, float], ...]]:
    first = date(year, 11, 1)
    thanksgiving = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return {
        "black_friday": ((thanksgiving + timedelta(days=1), 1.7), (date(year, 7, 15), 1.3)),
        "double_eleven": ((date(year, 11, 11), 1.7), (date(year, 6, 18), 1.3)),
    }


def _weather(products: int, weeks: int, rng: np.random.Generator) -> Array:
    """Return what moves all sellers of a product alike: a slow random walk about 1, products × weeks."""
    shocks = rng.normal(0, 0.07, (products, weeks))
    state = np.zeros((products, weeks))
    state[:, 0] = shocks[:, 0]
    for week in range(1, weeks):
        state[:, week] = 0.8 * state[:, week - 1] + shocks[:, week]
    result: Array = np.exp(state)
    return result
