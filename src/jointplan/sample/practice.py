"""What the cluster does today: every seller orders for itself, every order is a lot of its own.

Capacities are set so that this practice loads the makers as the economics say; the last weeks of it are the
**recorded** plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.sample.cluster import Cluster
from jointplan.sample.demand_history import HOME_MARKET, DemandHistory
from jointplan.sample.economics import DESTINATIONS
from jointplan.sample.network import HUB_ROAD, PORT_ROAD, shares_of_capacity
from jointplan.sample.tables import pick, stream, table

Array = np.ndarray[Any, Any]

RECORDED_WEEKS = 26
AVERAGED_WEEKS = 8
RAMP_WEEKS = 6
PARCEL, AIR, SEA = range(3)
DECIDED = 5  # lots that are decided already


@dataclass(frozen=True)
class Practice:
    """Today's capacities, and what was made in the recorded weeks.

    Parameters
    ----------
    hours, overtime : array (makers, processes)
        Weekly capacity; 0 where the firm cannot do the process.
    first : int
        The recorded weeks start at this place of the history.
    habit : array of int (series)
        PARCEL, AIR or SEA.
    made : array of int (series, recorded weeks)
        Units made for each series, all series of a pair in one lot.
    """

    hours: Array
    overtime: Array
    first: int
    habit: Array
    made: Array


def simulate_practice(cluster: Cluster, demand: DemandHistory, seed: int) -> Practice:
    """Let the sellers order, set the capacities, and make the lots of the last weeks within them.

    The recorded weeks start with nothing in stock or on order, as the plans they are compared with do.
    """
    rng = stream(seed, "practice")
    weeks = demand.quantity.shape[1]
    habit = _habits(cluster, demand, rng)
    lead = _lead_weeks(habit, demand.market)
    every = rng.integers(1, 3, len(demand.pair_sku))

    first = max(weeks - RECORDED_WEEKS, 1)
    orders = _orders(demand, first, lead, every, rng)
    lots = _describe_lots(cluster, demand)
    hours, overtime = _capacities(cluster, _wanted_hours(lots, demand, orders, len(cluster.abilities.yields)), rng)
    made = _make(lots, demand.pair, orders, hours, overtime, demand.weeks[first:], rng)
    return Practice(hours, overtime, first, habit, made)


def _habits(cluster: Cluster, demand: DemandHistory, rng: np.random.Generator) -> Array:
    """Return how each seller ships to each market; at home there is no sea."""
    shape = (len(cluster.firms), len(DESTINATIONS))
    habit = rng.choice(3, shape, p=cluster.industry.economics.habits)
    habit[:, HOME_MARKET] = np.minimum(habit[:, HOME_MARKET], AIR)
    result: Array = habit[demand.seller, demand.market]
    return result


def _lead_weeks(habit: Array, market: Array) -> Array:
    """Return whole weeks from making to the market, rounded as the plans round them."""
    days = np.array([[to.parcel_days, to.air_days, to.sea_days] for to in DESTINATIONS])[market, habit]
    result: Array = np.floor(days / 7 + 0.5).astype(int)
    return result


def _orders(demand: DemandHistory, first: int, lead: Array, every: Array, rng: np.random.Generator) -> Array:
    """Return what each series orders in the weeks from ``first``, starting from nothing.

    A seller looks at each product every week or two, and orders up to its own moving average over the time until it
    looks again and the goods arrive; it builds this cover up over the first weeks.
    """
    quantity = demand.quantity
    weeks = quantity.shape[1]
    past = np.concatenate([np.zeros((len(quantity), 1)), np.cumsum(quantity, axis=1)], axis=1)
    phase = rng.integers(0, 2, len(every))
    orders = np.zeros((len(quantity), weeks - first), int)
    position = np.zeros(len(quantity))
    for number, week in enumerate(range(first, weeks)):
        average = (past[:, week] - past[:, max(0, week - AVERAGED_WEEKS)]) / min(week, AVERAGED_WEEKS)
        cover = every[demand.pair] + (lead + 1) * min(1.0, number / RAMP_WEEKS)
        expected = average * cover * rng.uniform(0.85, 1.2, len(average))
        looks = (week + phase) % every == 0
        wanted = np.where(looks[demand.pair] | (number == 0), np.round(expected - position).clip(0), 0)
        orders[:, number] = wanted
        position += wanted - quantity[:, week]
    return orders


@dataclass(frozen=True)
class _Lots:
    """What one lot of each pair takes.

    Parameters
    ----------
    maker, run : array of int (pairs)
        Who makes it, and the run it belongs to: one family, made at one maker for one owner of sellers.
    unit, minor, major : array (pairs, processes)
        Hours of a good unit, of the lot's own setup, and of the change to its family, once for each run.
    """

    maker: Array
    run: Array
    unit: Array
    minor: Array
    major: Array

    def needed(self, units: Array) -> Array:
        """Return the hours of lots of these units without changes of family, pairs × processes."""
        result: Array = units[:, None] * self.unit + (units > 0)[:, None] * self.minor
        return result

    def openings(self, pairs: Array) -> Array:
        """Return, out of these pairs, the first of each run."""
        _, first = np.unique(self.run[pairs], return_index=True)
        result: Array = pairs[first]
        return result


def _describe_lots(cluster: Cluster, demand: DemandHistory) -> _Lots:
    sku, abilities = demand.pair_sku, cluster.abilities
    maker = cluster.products.maker[sku]
    standard = cluster.unit_hours[sku]
    used = standard > 0
    # A process works on everything that later ones will spoil.
    good = np.cumprod(np.where(used, abilities.yields[maker], 1.0)[:, ::-1], axis=1)[:, ::-1]
    owners = {name: number for number, name in enumerate(dict.fromkeys(cluster.owners))}
    owner = np.array([owners[name] for name in cluster.owners])[demand.pair_seller]
    run = (maker * len(cluster.families) + cluster.products.family[sku]) * len(owners) + owner
    return _Lots(
        maker,
        run,
        standard * abilities.hours_factor[maker] / good,
        used * abilities.minor_hours[maker],
        used * abilities.major_hours[maker],
    )


def _wanted_hours(lots: _Lots, demand: DemandHistory, orders: Array, makers: int) -> Array:
    """Return the hours each maker would need to make every order in its week, makers × processes × weeks."""
    hours = np.zeros((makers, lots.unit.shape[1], orders.shape[1]))
    for week in range(orders.shape[1]):
        units = np.bincount(demand.pair, orders[:, week], len(lots.maker))
        np.add.at(hours[:, :, week], lots.maker, lots.needed(units))
        opening = lots.openings(np.flatnonzero(units))
        np.add.at(hours[:, :, week], lots.maker[opening], lots.major[opening])
    return hours


def _capacities(cluster: Cluster, wanted: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return regular and overtime hours that give each maker its drawn load in the busier half of the weeks."""
    economics = cluster.industry.economics
    makers, processes = wanted.shape[:2]
    order = np.sort(wanted, axis=2)
    busier = order[:, :, order.shape[2] // 2 :].mean(2)
    shares, low, high = np.array(economics.loads).T
    # Every size of cluster has the same mix of slack, busy and overloaded makers.
    place = (rng.permutation(makers) + 0.5) / makers
    group = np.searchsorted(np.cumsum(shares), place).clip(max=len(shares) - 1)
    load = rng.uniform(low[group], high[group])[:, None]
    bottleneck = np.array([process.major_hours[1] > 0 for process in economics.processes])
    load = load * np.where(bottleneck, rng.uniform(0.9, 1.0, wanted.shape[:2]), rng.uniform(0.72, 0.92, (makers, 1)))
    able = np.zeros((makers, processes), bool)
    for maker in cluster.makers:
        able[maker] = cluster.family_hours[cluster.capable[maker]].any(0)
    for number, shop in enumerate(cluster.specialists):
        names = cluster.industry.specialists
        able[shop, cluster.processes.index(names[number % len(names)])] = True
    # Who makes nothing today is as large as the others on average.
    active = busier > 0
    usual = busier.sum(0) / active.sum(0).clip(1)
    hours = np.where(active, busier, usual) / load
    hours = np.where(able, np.ceil(hours).clip(8), 0)
    return hours, np.round(hours * economics.overtime)


def _make(
    lots: _Lots, pair: Array, orders: Array, hours: Array, overtime: Array, weeks: Array, rng: np.random.Generator
) -> Array:
    """Return what is made per series and week: lots first come first served, the next one waits if it does not fit.

    Makers differ in how far past the permitted overtime they go to finish a lot, and one lot is always made in a week
    that is not wholly a holiday.
    """
    pairs = len(lots.maker)
    strain = 1 + rng.choice([0.0, 0.05], (len(hours), 1), p=[0.7, 0.3])
    shares = shares_of_capacity()
    waiting = np.zeros(len(orders), int)
    since = np.zeros(pairs, int)
    made = np.zeros_like(orders)
    for week, monday in enumerate(weeks.tolist()):
        since[np.bincount(pair, waiting, pairs) == 0] = week
        waiting += orders[:, week]
        share = shares.get(monday, 1.0)
        units = np.bincount(pair, waiting, pairs)
        queue = np.flatnonzero(units)
        if not share or not len(queue):
            continue
        # A maker works through a week's orders run by run, the longest waiting run first.
        queue = queue[np.lexsort((lots.run[queue], since[queue], lots.maker[queue]))]
        needed = lots.needed(units)
        opening = lots.openings(queue)
        needed[opening] += lots.major[opening]
        needed, maker = needed[queue], lots.maker[queue]
        starts = np.flatnonzero(np.diff(maker, prepend=-1))
        total = np.cumsum(needed, axis=0)
        before = np.repeat(total[starts] - needed[starts], np.diff(starts, append=len(queue)), axis=0)
        fits = (total - before <= ((hours + overtime) * share * strain)[maker] + 1e-9).all(1)
        fits[starts] = True
        done = np.zeros(pairs, bool)
        done[queue[fits]] = True
        made[:, week] = np.where(done[pair], waiting, 0)
        waiting -= made[:, week]
    return made


def capacity_table(cluster: Cluster, demand: DemandHistory, practice: Practice) -> pa.Table:
    """Return **capacity**: a row for every week, and rows for weeks ahead in which seasonal workers come, holidays taken off."""
    maker, process = np.nonzero(practice.hours)
    season = _peak_season(cluster, demand, practice)
    place, ahead = np.nonzero(season[maker] > 1)
    row = np.concatenate([np.arange(len(maker)), place])
    times = np.concatenate([np.ones(len(maker)), season[maker[place], ahead]])
    coming = demand.weeks[-1] + 7 * (ahead + 1)
    week = np.concatenate([np.full(len(maker), np.datetime64("NaT", "D")), coming])
    holidays = shares_of_capacity()
    share = np.concatenate([np.ones(len(maker)), [holidays.get(day, 1.0) for day in coming.tolist()]])
    maker, process = maker[row], process[row]
    return table(
        "capacity",
        firm=pick(cluster.firms, maker),
        process=pick(cluster.processes, process),
        week=week,
        hours=np.round(np.round(practice.hours[maker, process] * times) * share, 2),
        overtime_hours=np.round(np.round(practice.overtime[maker, process] * times) * share, 2),
    )


def _peak_season(cluster: Cluster, demand: DemandHistory, practice: Practice) -> Array:
    """Return the staff of the coming half year against today's, makers × weeks, as last year's demand asks for.

    At most half as many hours again; 1 where the season brings little, or where no year of history is there.
    """
    makers, weeks = len(practice.hours), demand.quantity.shape[1]
    ahead = np.ones((makers, RECORDED_WEEKS))
    if weeks < 56:
        return ahead
    hours = demand.mean * cluster.unit_hours[demand.sku].sum(1)[:, None]
    load = np.zeros((makers, weeks))
    np.add.at(load, cluster.products.maker[demand.sku], hours)
    today = load[:, practice.first :].mean(1)
    total = np.cumsum(np.pad(load, ((0, 0), (3, 2)), mode="edge"), axis=1)
    smooth = (total[:, 5:] - total[:, :-5])[:, weeks - 52 : weeks - 52 + RECORDED_WEEKS] / 5
    busy = today > 0
    times = np.floor(smooth[busy] / today[busy, None] * 10).clip(10, 15) / 10
    ahead[busy] = np.where(times > 1.15, times, 1.0)
    return ahead


def stock_table(cluster: Cluster, demand: DemandHistory, seed: int) -> pa.Table:
    """Return **stock**: a few days' sales of one pair in eight, at its maker or in the hub."""
    rng = stream(seed, "stock")
    pairs = len(demand.pair_sku)
    weekly = np.bincount(demand.pair, demand.quantity[:, -AVERAGED_WEEKS:].mean(1), pairs)
    chosen = np.flatnonzero((rng.random(pairs) < 0.125) & (weekly >= 2))
    chosen = chosen if len(chosen) else np.array([weekly.argmax()])
    hub = rng.random(len(chosen)) < 0.5
    places = [*cluster.firms, cluster.industry.hub.code]
    return table(
        "stock",
        site=pick(places, np.where(hub, len(cluster.firms), cluster.products.maker[demand.pair_sku[chosen]])),
        sku=pick(cluster.products.skus, demand.pair_sku[chosen]),
        seller=pick(cluster.firms, demand.pair_seller[chosen]),
        quantity=np.ceil(weekly[chosen] * rng.uniform(0.1, 0.5, len(chosen))),
    )


def recorded_table(cluster: Cluster, demand: DemandHistory, practice: Practice, seed: int) -> pa.Table:
    """Return **recorded**: a row per lot made, and a row per leg of every shipment.

    Parcels leave the maker; air loads go through the hub, sea loads through hub and port, in the week they were made.
    """
    rng = stream(seed, "recorded")
    series, week = np.nonzero(practice.made)
    units = practice.made[series, week]
    pair = demand.pair[series]
    monday = demand.weeks[practice.first :]

    # A lot is all a pair had made in a week; made by Thursday, so that its goods can leave by Saturday.
    key = pair * len(monday) + week
    lots, first, lot = np.unique(key, return_index=True, return_inverse=True)
    day = rng.integers(0, 4, len(lots))
    quantity = np.bincount(lot, units)
    maker = cluster.products.maker[demand.pair_sku[pair]]
    hub, port = len(cluster.firms), len(cluster.firms) + 1
    places = [*cluster.firms, cluster.industry.hub.code, cluster.industry.port.code]
    lanes = [HUB_ROAD, PORT_ROAD, *(f"{way}-{to.code}" for way in ("PARCEL", "AIR", "LCL") for to in DESTINATIONS)]
    lanes[lanes.index("AIR-CN")] = "ROAD-CN"
    habit, market = practice.habit[series], demand.market[series]
    through_hub, by_sea = habit != PARCEL, habit == SEA
    away = day[lot] + rng.integers(0, 2, len(series))

    def leg(rows: Array, left: Array, lane: Array, to: Array, later: Array) -> tuple[Array, ...]:
        return (pair[rows], week[rows], away[rows] + later, left, lane, to, units[rows])

    def same(value: int, rows: Array) -> Array:
        return np.full(len(rows), value)

    collected, trucked, delivered = np.flatnonzero(through_hub), np.flatnonzero(by_sea), np.arange(len(series))
    legs = [
        leg(collected, maker[collected], same(0, collected), same(-1, collected), same(0, collected)),
        leg(trucked, same(hub, trucked), same(1, trucked), same(-1, trucked), same(1, trucked)),
        leg(
            delivered,
            np.select([by_sea, through_hub], [port, hub], maker),
            2 + habit * len(DESTINATIONS) + market,
            market,
            np.where(by_sea, 2, through_hub),
        ),
    ]
    made = (pair[first], week[first], day, maker[first], same(-1, lots), same(-1, lots), quantity)
    columns = [np.concatenate(parts) for parts in zip(made, *legs, strict=True)]
    shipped = np.repeat([0, 1, 1, 1], [len(lots), *(len(part[0]) for part in legs)])
    of, in_week, on_day, left, lane, to, amount = columns
    date = monday[in_week] + on_day.astype("timedelta64[D]")
    order = np.lexsort((to, lane, left, of, shipped, date))
    return table(
        "recorded",
        row=np.arange(1, len(order) + 1),
        activity=pick(("make", "ship"), shipped[order]),
        date=date[order],
        firm=pick(places, left[order]),
        sku=pick(cluster.products.skus, demand.pair_sku[of[order]]),
        seller=pick(cluster.firms, demand.pair_seller[of[order]]),
        lane=pick(lanes, lane[order]),
        market=pick([place.code for place in DESTINATIONS], to[order]),
        quantity=amount[order].astype(float),
    )


def approved_table(cluster: Cluster, demand: DemandHistory) -> pa.Table:
    """Return **approved**: the first lots of the week after the last, one each for a few makers, the first begun."""
    maker = cluster.products.maker[demand.pair_sku]
    made = np.flatnonzero(maker >= 0)
    chosen = made[np.sort(np.unique(maker[made], return_index=True)[1])][:DECIDED]
    sold = np.bincount(demand.pair, demand.quantity[:, -1], len(maker))
    return table(
        "approved",
        week=np.repeat(demand.weeks[-1] + np.timedelta64(7, "D"), len(chosen)),
        firm=pick(cluster.firms, maker[chosen]),
        sku=pick(cluster.products.skus, demand.pair_sku[chosen]),
        seller=pick(cluster.firms, demand.pair_seller[chosen]),
        quantity=np.maximum(sold[chosen], 1.0),
        state=pick(("frozen", "approved"), np.minimum(np.arange(len(chosen)), 1)),
    )
