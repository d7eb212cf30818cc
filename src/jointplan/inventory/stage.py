"""The stage of a run: what to keep where, of each product.

Three answers to compare. *separate*: each seller keeps its own stock at the last place before its customers. *pooled*: one stock for
all sellers there, out of the same forecasts, so that what differs is pooling alone. *network*: the pooled demand with stock kept
wherever it is cheapest on the way from the maker, beside *ends*: the same promise kept by the last places alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jointplan.contracts import Progress, UnitFreight, silent
from jointplan.engine import Tables, run_tasks
from jointplan.inventory.dependence import Dependence, measure_dependence
from jointplan.inventory.newsvendor import shortage_for_service
from jointplan.inventory.paths import demand_until, draw_paths
from jointplan.inventory.placing import DAYS, Place, place_stock
from jointplan.inventory.pooling import pooling_factor
from jointplan.inventory.position import Position, Supply, Wanting, Where, positions
from jointplan.inventory.protection import safety_parts
from jointplan.inventory.replenishment import Replenishment
from jointplan.inventory.settings import InventorySettings
from jointplan.inventory.tables import (
    WEEKS_A_YEAR,
    Goods,
    Outlook,
    border_costs,
    read_goods,
    read_known,
    read_outlook,
    read_ways,
    storage_costs,
    targets_table,
)
from jointplan.inventory.targets import Policy, Target, choose_target
from jointplan.inventory.ways import Leg, Ways
from jointplan.schema import TABLES, Assumption
from jointplan.texts import both, tr

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Row = dict[str, Any]

CHUNK = 50
"""Products of a task: seconds of work, against milliseconds of sending it."""

MANY = 500
"""Products from which starting processes pays where nothing is said of them."""


@dataclass(frozen=True)
class Stocked:
    """What the stage found: the table **targets**, **protection** where asked for, and what was assumed."""

    tables: dict[str, pa.Table]
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class Stock:
    """One stock of a product: its place, the way goods take there from their maker, and the series it serves."""

    site: str
    way: tuple[Leg, ...]
    series: Index
    maker: str


@dataclass(frozen=True)
class Product:
    """A product, its series, how two of them hang together, the stocks it needs, and the seed of its paths.

    Beside these its goods, None where that is not known, and the units of each series that are owed.
    """

    sku: str
    goods: Goods
    series: Index
    between: float
    stocks: tuple[Stock, ...]
    seed: tuple[int, int]
    supplies: tuple[Supply, ...] | None
    owed: Array

    def moved(self, begin: int) -> Product:
        """Return it with its series counted from ``begin`` on, in the order in which they stand here."""
        stocks = tuple(
            replace(stock, series=begin + np.searchsorted(self.series, stock.series)) for stock in self.stocks
        )
        return replace(self, series=begin + np.arange(len(self.series)), stocks=stocks)


def stock_targets(
    tables: Tables,
    settings: InventorySettings,
    *,
    start: date,
    seed: int,
    currency: str,
    worth: Mapping[str, float],
    freight: UnitFreight,
    protecting: bool = False,
    workers: int | None = 1,
    size: int = CHUNK,
    progress: Progress = silent,
) -> Stocked:
    """Work out stock targets of every product that is forecast to sell, in chunks of products as tasks of the engine.

    Parameters
    ----------
    tables : Tables
        Completed tables, with **forecasts** and **weekly**.
    settings : InventorySettings
        What stock and its lack cost.
    start : date
        Monday of the first week planned: sales before it show how demand hangs together.
    seed : int
        The same seed gives the same numbers.
    currency : str
        Currency of the run.
    worth : mapping
        What one unit of each currency is worth in it.
    freight : UnitFreight
        What a unit bears of the freight on a lane: goods further on have cost more.
    protecting : bool
        Whether to find too what each part of sellers' own safety stock saves: the table **protection**.
    workers : int or None
        Processes; None takes all cores where there are so many products that starting them pays, else one.
    size : int
        Products of a task; every product draws from a seed of its own, so that it changes no number.
    progress : Progress
        Told how far it is.
    """
    outlook = read_outlook(tables, start)
    if not len(outlook):
        return Stocked({"targets": TABLES["targets"].empty()})
    skus, group = np.unique(outlook.sku, return_inverse=True)
    dependence = measure_dependence(outlook.history, outlook.first, group.astype(np.int64))
    shop = Shop(
        settings, outlook, dependence.serial, storage_costs(tables, worth, currency), border_costs(tables), {}, protecting,
    )  # fmt: skip
    known = read_known(tables, start, settings.making_weeks + settings.review_weeks)
    goods, ways = read_goods(tables, settings), _Ways(read_ways(tables))
    # The series of a product stand together.
    series = np.split(np.arange(len(outlook)), np.flatnonzero(np.diff(group)) + 1)
    selling = [number for number, rows in enumerate(series) if outlook.mean[rows].sum() > 0]

    def product(number: int) -> Product:
        sku = str(skus[number])
        stocks = ways.stocks(goods[sku], series[number], outlook)
        between = float(dependence.between[number])
        rows = series[number]
        late = known.owed.get(sku, {}) if known else {}
        owed = [late.get((str(outlook.market[row]), str(outlook.seller[row])), 0.0) for row in rows.tolist()]
        supplies = None if known is None else ways.supplies(stocks, known.there.get(sku, {}))
        return Product(
            sku, goods[sku], rows, between, stocks, (seed, zlib.crc32(sku.encode())), supplies, np.array(owed)
        )  # fmt: skip

    begins = range(0, len(selling), size)
    chunks = (shop.of([product(number) for number in selling[begin : begin + size]], freight) for begin in begins)
    if workers is None and len(selling) < MANY:
        workers = 1
    rows: list[Row] = []
    parts: list[Row] = []
    for done, (found, saved) in enumerate(run_tasks(work_out, chunks, workers=workers), 1):
        rows += found
        parts += saved
        progress(tr("Working out stock targets"), done / len(begins))
    made = {"targets": targets_table(rows)}
    if protecting:
        made["protection"] = pa.Table.from_pylist(parts, schema=TABLES["protection"].arrow)
    return Stocked(made, tuple(_assumed(dependence, settings)))


def work_out(chunk: tuple[Shop, list[Product]]) -> tuple[list[Row], list[Row]]:
    """Return the rows of **targets** of some products, and those of **protection** where asked for."""
    shop, products = chunk
    rows: list[Row] = []
    parts: list[Row] = []
    for product in products:
        rows += shop.product(product, np.random.default_rng(product.seed), parts)
    return rows, parts


@dataclass(frozen=True)
class _Ways:
    """The ways from makers to the last places, each maker's found once."""

    ways: Ways
    reached: dict[str, dict[str, tuple[Leg, ...]]] = field(default_factory=dict)

    def stocks(self, goods: Goods, series: Index, outlook: Outlook) -> tuple[Stock, ...]:
        """Return the stocks of a product; one that nobody makes waits at its seller."""
        found: dict[str, tuple[tuple[Leg, ...], str, list[int]]] = {}
        for number in series.tolist():
            maker = goods.maker or str(outlook.seller[number])
            reached = self._from(maker)
            site = self.ways.last_stock(maker, str(outlook.market[number]), reached)
            found.setdefault(site, (reached[site], maker, []))[2].append(number)
        return tuple(
            Stock(site, way, np.array(numbers), maker) for site, (way, maker, numbers) in sorted(found.items())
        )

    def supplies(
        self, stocks: Sequence[Stock], there: Mapping[tuple[Where, str, str], float]
    ) -> tuple[Supply, ...]:  # fmt: skip
        """Return the goods of a product with the stocks that they can get to; of another maker they go the ways of theirs."""
        sites = {stock.site for stock in stocks} | {name for stock in stocks for name in _names_of(stock)}
        return tuple(
            Supply(where, place, seller, units, frozenset(sites.intersection(self._reached_by(where, place))))
            for (where, place, seller), units in sorted(there.items(), key=lambda one: (one[0][0].value, *one[0][1:]))
        )

    def _reached_by(self, where: Where, place: str) -> Iterable[str]:
        # What is under way to a site that is not open goes no further.
        return (place,) if where is Where.UNDER_WAY and place not in self.ways.kinds else self._from(place)

    def _from(self, place: str) -> dict[str, tuple[Leg, ...]]:
        if place not in self.reached:
            self.reached[place] = self.ways.from_maker(place)
        return self.reached[place]


@dataclass(frozen=True)
class Shop:
    """What the products of a task share.

    Parameters
    ----------
    settings : InventorySettings
        What stock and its lack cost.
    outlook : Outlook
        Their series.
    serial : float
        Correlation of one week's demand with the next.
    storage : mapping
        Money a m³ and week, by site.
    border, freight : mappings
        Money a unit, by lane and product.
    protecting : bool
        Whether to find what safety stock saves.
    """

    settings: InventorySettings
    outlook: Outlook
    serial: float
    storage: Mapping[str, float]
    border: Mapping[tuple[str, str], float]
    freight: Mapping[tuple[str, str], float]
    protecting: bool

    def of(self, products: list[Product], freight: UnitFreight) -> tuple[Shop, list[Product]]:
        """Return what some products need of the shop, and them as they stand there."""
        rows = np.concatenate([product.series for product in products])
        begins = np.cumsum([0, *(len(product.series) for product in products)])
        moved = [product.moved(int(begin)) for product, begin in zip(products, begins, strict=False)]
        legs = {(leg.lane, product.sku) for product in products for stock in product.stocks for leg in stock.way}
        border = {key: self.border[key] for key in legs if key in self.border}
        carried = {key: freight(*key) for key in legs}
        return replace(self, outlook=self.outlook.pick(rows), border=border, freight=carried), moved

    def product(self, product: Product, rng: np.random.Generator, parts: list[Row]) -> list[Row]:
        """Return the targets of one product; what its sellers' safety stock saves is added to ``parts``, where asked for."""
        sku, goods, series, between, stocks = (
            product.sku, product.goods, product.series, product.between, product.stocks,
        )  # fmt: skip
        terms = {stock.site: self._terms(sku, goods, stock) for stock in stocks}
        weeks = max(max(t.weeks for t in terms.values()), ceil(self._longest(stocks)) + 1)
        paths = self._paths(series, weeks, between, rng)
        rows: list[Row] = []
        for stock in stocks:
            drawn = paths[np.searchsorted(series, stock.series)]
            rows += self._last_place(sku, goods, stock, terms[stock.site], drawn, between, rng, parts)
        pooled = {stock.site: paths[np.searchsorted(series, stock.series)].sum(axis=0) for stock in stocks}
        rows += self._network(sku, goods, stocks, terms, pooled, between)
        return rows if product.supplies is None else self._ordering(rows, product, product.supplies)

    def _ordering(self, rows: list[Row], product: Product, supplies: Sequence[Supply]) -> list[Row]:
        """Return targets with what is there of the product, what is on order and owed, and what to order now.

        Each seller and pooled stocks go by echelon positions. Places along the network call for goods from the place before, so
        that they go by what is theirs alone: on hand, and under way to them.
        """
        outlook, late = self.outlook, product.owed
        made: list[Row] = []
        for scope in ("separate", "pooled", "network", "ends"):
            part = [row for row in rows if row["scope"] == scope]
            stocks = []
            for row in part:
                served = [stock.series for stock in product.stocks if stock.site == row["site"]]
                mine = np.concatenate(served) if served else np.zeros(0, dtype=np.int64)
                if row["seller"]:
                    mine = mine[outlook.seller[mine] == row["seller"]]
                owed = float(late[np.searchsorted(product.series, mine)].sum())
                stocks.append(Wanting(row["site"], row["seller"], row["order_up_to"], owed))
            near = supplies
            if scope in ("network", "ends"):
                near = [replace(one, reaches=one.reaches & {one.place}) for one in supplies]
            made += [row | _now(row, position) for row, position in zip(part, positions(stocks, near), strict=True)]
        return made

    def _longest(self, stocks: Sequence[Stock]) -> float:
        days = max(sum(leg.days for leg in stock.way) for stock in stocks)
        return self.settings.making_weeks + self.settings.review_weeks + days / DAYS

    def _value(self, sku: str, goods: Goods, way: tuple[Leg, ...]) -> float:
        """Return what a unit has cost once it is there: made, carried, and duty and tax paid on the way."""
        paid = (self.freight[leg.lane, sku] + max(self.border.get((leg.lane, sku), 0.0), 0.0) for leg in way)
        return goods.cost + sum(paid)

    def _holding(self, sku: str, goods: Goods, site: str, way: tuple[Leg, ...]) -> float:
        capital = self.settings.holding_rate / WEEKS_A_YEAR * self._value(sku, goods, way)
        return capital + self.storage.get(site, 0.0) * goods.volume

    def _terms(self, sku: str, goods: Goods, stock: Stock) -> Replenishment:
        settings = self.settings
        holding = self._holding(sku, goods, stock.site, stock.way)
        lost = settings.unmet == "lost"
        share = settings.lost_share if lost else settings.late_share
        shortage = share * goods.price if settings.service is None else shortage_for_service(settings.service, holding)
        return Replenishment(
            lead=settings.making_weeks + sum(leg.days for leg in stock.way) / DAYS,
            spread=sum(leg.spread**2 for leg in stock.way) ** 0.5 / DAYS,
            review=settings.review_weeks,
            holding=holding,
            shortage=shortage,
            lost=lost,
            service=settings.service or 0.0,
        )

    def _paths(self, series: Index, weeks: int, between: float, rng: np.random.Generator) -> Array:
        """Draw weeks of demand; beyond the weeks forecast the last ones go on."""
        mean, quantiles = self.outlook.mean[series], self.outlook.quantiles[series]
        week = np.minimum(np.arange(weeks), mean.shape[1] - 1)
        return draw_paths(
            mean[:, week], quantiles[:, week], samples=self.settings.samples, serial=self.serial,
            between=between, rng=rng,
        )  # fmt: skip

    def _last_place(
        self, sku: str, goods: Goods, stock: Stock, terms: Replenishment, paths: Array, between: float,
        rng: np.random.Generator, parts: list[Row],
    ) -> list[Row]:  # fmt: skip
        """Return the targets at one last place: of each seller, and pooled."""
        sellers = self.outlook.seller[stock.series]
        names = np.unique(sellers).tolist()
        chosen = [("separate", name, np.flatnonzero(sellers == name)) for name in names]
        over = [demand_until(paths[members].sum(axis=0), terms.lead + terms.review).std() for _, _, members in chosen]
        factor = pooling_factor(np.array(over), between) if len(names) > 1 else None
        chosen.append(("pooled", "", np.arange(len(sellers))))
        rows = []
        seed = int(rng.integers(2**32))
        for scope, seller, members in chosen:
            demand = paths[members].sum(axis=0)
            target = choose_target(demand, terms, order_cost=self.settings.order_cost, rng=np.random.default_rng(seed))
            markets = np.unique(self.outlook.market[stock.series[members]])
            rows.append(
                self._row(scope, stock, sku, goods, target, terms, float(demand.mean()), len(members), between)
                | {"seller": seller or None, "market": str(markets[0]) if len(markets) == 1 else None}
                | {"pooling_factor": None if seller else factor}
            )
            if seller and self.protecting:
                # Of several markets its terms are those of the one that wants most.
                most = stock.series[members[np.argmax(self.outlook.mean[stock.series[members]].sum(axis=1))]]
                found = safety_parts(demand, terms, target, np.random.default_rng(seed))
                parts += [
                    {
                        "site": stock.site, "sku": sku, "market": str(self.outlook.market[most]), "seller": seller,
                        "part": number, "lead_weeks": terms.lead, "units": part.units, "worth": part.worth,
                    }
                    for number, part in enumerate(found, 1)
                ]  # fmt: skip
        return rows

    def _row(
        self, scope: str, stock: Stock, sku: str, goods: Goods, target: Target, terms: Replenishment, demand: float,
        series: int, between: float,
    ) -> Row:  # fmt: skip
        # A target below the mean keeps no safety stock; it plans to be short, and is told so instead of as stock of less than nothing.
        safety = max(target.safety, 0.0)
        return {
            "scope": scope,
            "site": stock.site,
            "sku": sku,
            "market": None,
            "seller": None,
            "policy": target.policy.value,
            "series": series,
            "correlation": between if series > 1 else None,
            "pooling_factor": None,
            "demand": demand,
            "lead_weeks": terms.lead,
            "review_weeks": terms.review,
            "promise_weeks": 0.0,
            "reorder_point": target.reorder_point,
            "order_up_to": target.order_up_to,
            "safety_stock": safety,
            "below_demand": max(-target.safety, 0.0),
            "on_hand": None,
            "before": None,
            "under_way": None,
            "decided": None,
            "lies": None,
            "owed": None,
            "order_now": None,
            "service": target.service,
            "fill": target.fill,
            "value": safety * self._value(sku, goods, stock.way),
            "cost": target.cost,
        }

    def _network(
        self, sku: str, goods: Goods, stocks: Sequence[Stock], terms: Mapping[str, Replenishment],
        pooled: Mapping[str, Array], between: float,
    ) -> list[Row]:  # fmt: skip
        """Return where to keep the pooled safety stock along the way, and the same with the last places alone."""
        ways = self._passed(stocks)
        served = {name: [stock for stock in stocks if name in _names_of(stock)] for name in ways}
        places = [self._place(sku, goods, name, way, served[name], terms, pooled) for name, way in ways.items()]
        rows = []
        for scope, found in zip(("network", "ends"), place_stock(places, self.settings.promise_days), strict=True):
            for placed in found:
                name, demand = placed.place.name, float(placed.place.demand.mean())
                level = demand * placed.covered / DAYS + placed.safety
                service = placed.place.service
                target = Target(
                    Policy.GUARANTEED_SERVICE, level, level, placed.safety, service, service, placed.cost
                )  # fmt: skip
                review = self.settings.review_weeks if placed.place.last else 0.0
                shown = replace(
                    terms[served[name][0].site], lead=max(placed.covered / DAYS - review, 0.0), review=review
                )
                series = np.concatenate([stock.series for stock in served[name]])
                at = Stock(name, ways[name], series, served[name][0].maker)
                rows.append(
                    self._row(scope, at, sku, goods, target, shown, demand, len(series), between)
                    | {"promise_weeks": placed.promise / DAYS}
                )
        return rows

    def _passed(self, stocks: Sequence[Stock]) -> dict[str, tuple[Leg, ...]]:
        """Return the places that goods pass, the first ones first, and the way to each."""
        ways: dict[str, tuple[Leg, ...]] = {}
        for stock in stocks:
            for name, way in zip(_names_of(stock), _prefixes(stock.way), strict=True):
                ways.setdefault(name, way)
        return ways

    def _place(
        self, sku: str, goods: Goods, name: str, way: tuple[Leg, ...], served: list[Stock],
        terms: Mapping[str, Replenishment], pooled: Mapping[str, Array],
    ) -> Place:  # fmt: skip
        settings = self.settings
        last = name in terms
        days = ceil(way[-1].days) if way else ceil(settings.making_weeks * DAYS)
        before = _names_of(Stock(name, way, served[0].series, served[0].maker))[:-1]
        chances = [
            terms[stock.site].shortage / (terms[stock.site].shortage + terms[stock.site].holding) for stock in served
        ]
        return Place(
            name=name,
            suppliers=before[-1:],
            days=days + (ceil(settings.review_weeks * DAYS) if last else 0),
            last=last,
            holding=self._holding(sku, goods, name, way),
            service=min(max(chances), 1.0 - 2.0 / settings.samples),
            demand=np.sum([pooled[stock.site] for stock in served], axis=0),
        )


def _now(target: Row, position: Position) -> Row:
    """Return what of a stock is where, and what to order now: up to the level, if its position is at or below the reorder point."""
    lacks = target["order_up_to"] - position.units
    order = ceil(lacks - 1e-9) if position.units <= target["reorder_point"] + 1e-9 else 0
    places: dict[str, float] = {}
    for supply, units in position.shares:
        places[supply.place] = places.get(supply.place, 0.0) + units
    told = sorted(places.items(), key=lambda one: (-one[1], one[0]))
    return {
        "on_hand": position.on_hand,
        "before": position.on_order(Where.LYING),
        "under_way": position.on_order(Where.UNDER_WAY),
        "decided": position.on_order(Where.DECIDED),
        "lies": "; ".join(f"{place} {round(units, 2):.12g}" for place, units in told) or None,
        "owed": position.owed,
        "order_now": float(max(order, 0)),
    }


def _names_of(stock: Stock) -> tuple[str, ...]:
    """Return the places on the way to a stock, its maker first."""
    return (stock.maker, *(leg.destination for leg in stock.way))


def _prefixes(way: tuple[Leg, ...]) -> list[tuple[Leg, ...]]:
    return [way[:length] for length in range(len(way) + 1)]


def _assumed(dependence: Dependence, settings: InventorySettings) -> list[Assumption]:
    rule, rule_zh = both(
        "Demand over a lead time is drawn as paths whose weeks are correlated by {serial}, as measured on how sales of the last"
        " 104 weeks missed the mean of the 13 weeks before; two series of a product by {between} on average.",
        serial=f"{dependence.serial:.2f}", between=f"{dependence.overall:.2f}",
    )  # fmt: skip
    waits, waits_zh = both(
        "Goods wait at the open site nearest the customer: an overseas warehouse, else a port, else a hub, else their maker; they"
        " get there by the shortest lanes, {weeks:g} {weeks:week|weeks} after they are ordered for making.",
        weeks=settings.making_weeks,
    )  # fmt: skip
    return [
        Assumption("dependence of demand", rule, rule_zh, "sales", value=f"{dependence.serial:.3f}"),
        Assumption("place of stock", waits, waits_zh, "sites, lanes, inventory.making_weeks"),
    ]
