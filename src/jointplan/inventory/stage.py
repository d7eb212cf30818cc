"""The stage of a run: what to keep where, of each product.

Three answers to compare. *separate*: each seller keeps its own stock at the last place before its customers. *pooled*: one stock for
all sellers there, out of the same forecasts, so that what differs is pooling alone. *network*: the pooled demand with stock kept
wherever it is cheapest on the way from the maker, beside *ends*: the same promise kept by the last places alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
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
from jointplan.inventory.protection import safety_parts
from jointplan.inventory.replenishment import Replenishment
from jointplan.inventory.settings import InventorySettings
from jointplan.inventory.tables import (
    WEEKS_A_YEAR,
    Goods,
    Outlook,
    border_costs,
    read_goods,
    read_outlook,
    read_ways,
    stock_on_hand,
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
    """A product, its series, how two of them hang together, the stocks it needs, and the seed of its paths."""

    sku: str
    goods: Goods
    series: Index
    between: float
    stocks: tuple[Stock, ...]
    seed: tuple[int, int]

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
        settings, outlook, dependence.serial, storage_costs(tables, worth, currency), border_costs(tables), {},
        stock_on_hand(tables), protecting,
    )  # fmt: skip
    goods, ways = read_goods(tables, settings), _Ways(read_ways(tables))
    # The series of a product stand together.
    series = np.split(np.arange(len(outlook)), np.flatnonzero(np.diff(group)) + 1)
    selling = [number for number, rows in enumerate(series) if outlook.mean[rows].sum() > 0]

    def product(number: int) -> Product:
        sku = str(skus[number])
        stocks = ways.stocks(goods[sku], series[number], outlook)
        between = float(dependence.between[number])
        return Product(sku, goods[sku], series[number], between, stocks, (seed, zlib.crc32(sku.encode())))

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
            if maker not in self.reached:
                self.reached[maker] = self.ways.from_maker(maker)
            reached = self.reached[maker]
            site = self.ways.last_stock(maker, str(outlook.market[number]), reached)
            found.setdefault(site, (reached[site], maker, []))[2].append(number)
        return tuple(
            Stock(site, way, np.array(numbers), maker) for site, (way, maker, numbers) in sorted(found.items())
        )


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
    held : mapping or None
        Units on hand by product, site and seller; None: not known.
    protecting : bool
        Whether to find what safety stock saves.
    """

    settings: InventorySettings
    outlook: Outlook
    serial: float
    storage: Mapping[str, float]
    border: Mapping[tuple[str, str], float]
    freight: Mapping[tuple[str, str], float]
    held: Mapping[str, Mapping[str, Mapping[str, float]]] | None
    protecting: bool

    def of(self, products: list[Product], freight: UnitFreight) -> tuple[Shop, list[Product]]:
        """Return what some products need of the shop, and them as they stand there."""
        rows = np.concatenate([product.series for product in products])
        begins = np.cumsum([0, *(len(product.series) for product in products)])
        moved = [product.moved(int(begin)) for product, begin in zip(products, begins, strict=False)]
        legs = {(leg.lane, product.sku) for product in products for stock in product.stocks for leg in stock.way}
        held = self.held
        if held is not None:
            held = {product.sku: held[product.sku] for product in products if product.sku in held}
        border = {key: self.border[key] for key in legs if key in self.border}
        carried = {key: freight(*key) for key in legs}
        return replace(self, outlook=self.outlook.pick(rows), border=border, freight=carried, held=held), moved

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
        return rows + self._network(sku, goods, stocks, terms, pooled, between)

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
                | self._now(stock.site, sku, seller, target)
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

    def _now(self, site: str, sku: str, seller: str, target: Target) -> Row:
        """Return what is on hand and what to order now: a seller's own goods, or where stock is pooled everybody's."""
        if self.held is None:
            return {}
        held = self.held.get(sku, {}).get(site, {})
        units = held.get(seller, 0.0) if seller else sum(held.values())
        order = ceil(target.order_up_to - units - 1e-9) if units <= target.reorder_point else 0
        return {"on_hand": units, "order_now": float(max(order, 0))}

    def _row(
        self, scope: str, stock: Stock, sku: str, goods: Goods, target: Target, terms: Replenishment, demand: float,
        series: int, between: float,
    ) -> Row:  # fmt: skip
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
            "safety_stock": target.safety,
            "on_hand": None,
            "order_now": None,
            "service": target.service,
            "fill": target.fill,
            "value": target.safety * self._value(sku, goods, stock.way),
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
                    | self._now(name, sku, "", target)
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
        " get there by the shortest lanes, {weeks} weeks after they are ordered for making.",
        weeks=f"{settings.making_weeks:g}",
    )  # fmt: skip
    return [
        Assumption("dependence of demand", rule, rule_zh, "sales", value=f"{dependence.serial:.3f}"),
        Assumption("place of stock", waits, waits_zh, "sites, lanes, inventory.making_weeks"),
    ]
