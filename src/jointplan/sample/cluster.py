"""The firms and products of the synthetic cluster, and what each firm can do at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.errors import UsageError
from jointplan.sample.industry import Industry, ProductLine
from jointplan.sample.tables import codes, pick, stream, table
from jointplan.texts import tr

Array = np.ndarray[Any, Any]

STEADY, INTERMITTENT, NEW, FADING = range(4)
FIRST_WORD = "晟岚屿沐澜骞珺翊昀璟淼皓筠祺堃霁"
SECOND_WORD = "河野舟禾川石桐岩帆谷麓溪"
MARK = "（合成示例）"


@dataclass(frozen=True)
class Abilities:
    """What work costs at each maker, all arrays makers × processes.

    Parameters
    ----------
    hours_factor : array
        Hours against standard.
    hour_cost : array
        CNY per hour.
    yields : array
        Good share of what is made.
    minor_hours, minor_cost, major_hours, major_cost : array
        Changeovers within a family and to another one, hours and CNY.
    """

    hours_factor: Array
    hour_cost: Array
    yields: Array
    minor_hours: Array
    minor_cost: Array
    major_hours: Array
    major_cost: Array


@dataclass(frozen=True)
class Products:
    """The products, all arrays one entry per product.

    Parameters
    ----------
    skus : list of str
        Product codes.
    family, maker, brand_owner : array of int
        Places of the family, of the present maker and of the owner of the mark.
    price, transfer_price : array
        Usual selling price and what the maker gets, CNY.
    weight, volume : array
        kg and m³ of a unit.
    premium : array of bool
        Products with a routing and a bill of materials of their own.
    life : array of int
        STEADY, INTERMITTENT, NEW or FADING.
    age : array of int
        Weeks since launch at the end of the history.
    style : array of int
        Place in the industry's styles.
    """

    skus: list[str]
    family: Array
    maker: Array
    brand_owner: Array
    price: Array
    transfer_price: Array
    weight: Array
    volume: Array
    premium: Array
    life: Array
    age: Array
    style: Array


@dataclass(frozen=True)
class Cluster:
    """Who is in the cluster and what they make.

    Firms stand in the order makers, specialist shops, suppliers, carrier, sellers. The rows of ``abilities`` are the
    makers and, after them, the specialist shops.

    Parameters
    ----------
    industry : Industry
        The kind of cluster.
    firms, names, owners, roles : list of str
        One entry per firm.
    positions : array (firms, 2)
        Latitude and longitude.
    makers, specialists, suppliers, sellers : range
        Places of these firms in ``firms``.
    home_sellers : array of bool (makers)
        Makers that sell their own products in the home market.
    lines : list of ProductLine
        One entry per family; large clusters have several families of one kind.
    families : list of str
        Codes of the families.
    capable : array of bool (makers, families)
        Which families a maker can make entirely.
    abilities : Abilities
        What work costs at each maker.
    products : Products
        The products.
    """

    industry: Industry
    firms: list[str]
    names: list[str]
    owners: list[str]
    roles: list[str]
    positions: Array
    makers: range
    specialists: range
    suppliers: range
    sellers: range
    home_sellers: Array
    lines: list[ProductLine]
    families: list[str]
    capable: Array
    abilities: Abilities
    products: Products

    @property
    def processes(self) -> list[str]:
        """Names of the processes, in the order of work."""
        return [process.name for process in self.industry.economics.processes]

    @cached_property
    def family_hours(self) -> Array:
        """Standard hours of one unit, families × processes; 0 where the routing leaves the process out."""
        economics = self.industry.economics
        hours = np.zeros((len(self.lines), len(economics.processes)))
        for row, line in enumerate(self.lines):
            shares = np.array([dict(line.work).get(name, 0.0) for name in self.processes])
            cost = shares @ np.array([process.hour_cost for process in economics.processes])
            hours[row] = np.round(shares * economics.making_share * np.mean(line.price) / cost, 4)
        return hours

    @cached_property
    def unit_hours(self) -> Array:
        """Standard hours of one unit, products × processes."""
        hours = self.family_hours[self.products.family]
        usual = np.array([np.mean(line.price) for line in self.lines])
        ratio = self.products.price / usual[self.products.family]
        return np.where(self.products.premium[:, None], np.round(hours * ratio[:, None], 4), hours)


def make_cluster(industry: Industry, *, firms: int, sellers: int, products: int, weeks: int, seed: int) -> Cluster:
    """Draw the firms, their abilities and the products.

    Parameters
    ----------
    industry : Industry
        The kind of cluster.
    firms : int
        Firms on the making side: makers, specialist shops, suppliers and a carrier.
    sellers : int
        Cross-border sellers, besides.
    products : int
        Products.
    weeks : int
        Weeks of history; newly launched products are launched within it.
    seed : int
        Seed of the random numbers.

    Raises
    ------
    UsageError
        If a number is too small for a cluster.
    """
    for name, value, least in (("firms", firms, 2), ("sellers", sellers, 1), ("products", products, 1)):
        if value < least:
            raise UsageError(
                tr("A sample cluster needs at least {least} {what}, not {value}.", least=least, what=name, value=value),
                tr("Give a larger number."),
            )
    carriers = int(firms >= 8)
    suppliers = round(0.1 * firms) if firms >= 6 else 0
    shops = round(0.1 * firms) if firms >= 8 else 0
    makers = firms - carriers - suppliers - shops
    rng = stream(seed, "firms")

    family_count = min(max(2, round(products / 12)), max(1, round(makers / 2.6)))
    lines = [industry.lines[number % len(industry.lines)] for number in range(family_count)]
    capable = _draw_capable(makers, family_count, rng)
    home = np.arange(makers) % 12 == 5
    positions = np.round(
        np.array([industry.lat, industry.lon]) + rng.normal(0, [0.06, 0.07], (firms + sellers, 2)).clip(-0.2, 0.2), 5
    )
    owners, names = _name_firms(industry, makers, shops, suppliers, carriers, sellers, rng)
    return Cluster(
        industry=industry,
        firms=[
            *codes("M", makers),
            *codes("W", shops),
            *codes("P", suppliers),
            *codes("C", carriers),
            *codes("S", sellers),
        ],
        names=names,
        owners=owners,
        roles=[
            *("both" if sells else "maker" for sells in home),
            *["maker"] * shops,
            *["supplier"] * suppliers,
            *["carrier"] * carriers,
            *["seller"] * sellers,
        ],
        positions=positions,
        makers=range(makers),
        specialists=range(makers, makers + shops),
        suppliers=range(makers + shops, makers + shops + suppliers),
        sellers=range(firms, firms + sellers),
        home_sellers=home,
        lines=lines,
        families=[
            line.code if number < len(industry.lines) else f"{line.code}-{number // len(industry.lines) + 1}"
            for number, line in enumerate(lines)
        ],
        capable=capable,
        abilities=_draw_abilities(industry, makers, shops, seed),
        products=_draw_products(industry, lines, capable, sellers, firms, products, weeks, seed),
    )


def _draw_capable(makers: int, families: int, rng: np.random.Generator) -> Array:
    """Give each maker one to three families, and each family at least two makers."""
    capable = np.zeros((makers, families), bool)
    order = rng.permutation(makers)
    capable[order, np.arange(makers) % families] = True
    wanted = np.minimum(rng.choice([1, 2, 3], makers, p=[0.25, 0.5, 0.25]), families)
    for maker in range(makers):
        free = np.flatnonzero(~capable[maker])
        extra = wanted[maker] - 1
        if extra > 0:
            capable[maker, rng.choice(free, extra, replace=False)] = True
    for family in np.flatnonzero(capable.sum(0) < 2):
        capable[rng.choice(np.flatnonzero(~capable[:, family])), family] = True
    return capable


def _name_firms(
    industry: Industry, makers: int, shops: int, suppliers: int, carriers: int, sellers: int, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Return the owners and the names; some owners hold two or three firms, or a maker and a seller."""
    total = makers + shops + suppliers + carriers + sellers
    pairs = [first + second for second in SECOND_WORD for first in FIRST_WORD]
    longer = [first + second for first in pairs for second in SECOND_WORD]
    words = [(pairs if total <= len(pairs) else longer)[place] for place in rng.permutation(max(total, len(pairs)))]
    words = words[:total]
    owners = list(words)
    for maker in range(9, makers, 10):
        owners[maker] = owners[maker - 1]
        if maker + 1 < makers and maker % 30 == 9:
            owners[maker + 1] = owners[maker - 1]
    first_seller = total - sellers
    for number in range(sellers):
        if number % 6 == 5:
            owners[first_seller + number] = owners[first_seller + number - 1]
        elif number % 5 == 1:
            owners[first_seller + number] = owners[(3 * number) % makers]
    trades = [
        *[industry.trade_word + "制造厂"] * makers,
        *["加工厂"] * shops,
        *["物料供应行"] * suppliers,
        *["国际物流公司"] * carriers,
        *["跨境电商公司"] * sellers,
    ]
    names = [f"{word}{trade}{MARK}" for word, trade in zip(words, trades, strict=True)]
    return [f"{owner} (synthetic)" for owner in owners], names


def _draw_abilities(industry: Industry, makers: int, shops: int, seed: int) -> Abilities:
    """Return hours factors, costs, yields and changeovers, each firms × processes: makers, then specialist shops.

    A shop that does one thing all day is as quick as the quickest makers, at their usual cost.
    """
    rng = stream(seed, "abilities")
    economics = industry.economics
    shape = (makers + shops, len(economics.processes))

    def between(name: str) -> Array:
        low, high = np.array([getattr(process, name) for process in economics.processes]).T
        return np.round(rng.uniform(low, high, shape), 2)

    skill = rng.uniform(*economics.hours_factor, (makers + shops, 1))
    skill[makers:] = economics.hours_factor[0]
    costs = np.array([process.hour_cost for process in economics.processes])
    return Abilities(
        hours_factor=np.round((skill * rng.uniform(0.95, 1.05, shape)).clip(*economics.hours_factor), 3),
        hour_cost=np.round(costs * rng.uniform(*economics.cost_factor, shape), 1),
        yields=np.round(rng.uniform(*economics.yields, shape), 3),
        minor_hours=between("minor_hours"),
        minor_cost=np.round(between("minor_cost")),
        major_hours=between("major_hours"),
        major_cost=np.round(between("major_cost")),
    )


def _draw_products(
    industry: Industry,
    lines: list[ProductLine],
    capable: Array,
    sellers: int,
    firms: int,
    products: int,
    weeks: int,
    seed: int,
) -> Products:
    """Draw the products: each has one present maker, out of those capable of its family."""
    rng = stream(seed, "products")
    makers = len(capable)
    size = rng.lognormal(0, 0.5, makers)
    maker = np.concatenate([rng.permutation(makers), rng.choice(makers, products, p=size / size.sum())])[:products]
    choice = rng.random((products, len(lines))) * capable[maker]
    # The family with the highest draw among those its maker can make.
    family = choice.argmax(1)
    order = np.lexsort((maker, family))
    maker, family = maker[order], family[order]

    def ranged(name: str, place: Array) -> Array:
        low, high = np.array([getattr(line, name) for line in lines])[family].T
        result: Array = low + (high - low) * place
        return result

    bulk = rng.random(products)
    premium = rng.random(products) < 0.1
    price = ranged("price", 0.6 * bulk + 0.4 * rng.random(products)) * np.where(premium, 1.25, 1.0)
    price = np.round(price, 1)
    life = rng.choice([STEADY, INTERMITTENT, NEW, FADING], products, p=[0.62, 0.15, 0.15, 0.08])
    # Something is sold from the first week on.
    if (life == NEW).all():
        life[0] = STEADY
    recent = rng.integers(4, max(6, min(50, weeks - 4)), products)
    prefix = [lines[number].prefix for number in family]
    numbers = codes("", products)
    economics = industry.economics
    branded_by_maker = rng.random(products) < 0.4
    return Products(
        skus=[start + number for start, number in zip(prefix, numbers, strict=True)],
        family=family,
        maker=maker,
        price=price,
        weight=np.round(ranged("weight", bulk), 3),
        volume=np.round(ranged("volume", bulk), 5),
        premium=premium,
        life=life,
        age=np.where(life == NEW, recent, weeks + rng.integers(4, 200, products)),
        style=rng.integers(0, len(industry.styles), products),
        transfer_price=np.round(price * rng.uniform(*economics.transfer_share, products), 1),
        brand_owner=np.where(branded_by_maker, maker, firms + rng.integers(0, sellers, products)),
    )


def firm_table(cluster: Cluster) -> pa.Table:
    """Return **firms**."""
    return table(
        "firms",
        firm=cluster.firms,
        name=cluster.names,
        owner=cluster.owners,
        role=cluster.roles,
        lat=cluster.positions[:, 0],
        lon=cluster.positions[:, 1],
        region=cluster.industry.region,
        currency="CNY",
    )


def product_table(cluster: Cluster, last_week: np.datetime64) -> pa.Table:
    """Return **products**."""
    lines = [cluster.lines[number] for number in cluster.products.family]
    styles = [cluster.industry.styles[number] for number in cluster.products.style]
    return table(
        "products",
        sku=cluster.products.skus,
        title=[
            f"{line.title} {english} {line.title_zh}（{chinese}）"
            for line, (english, chinese) in zip(lines, styles, strict=True)
        ],
        family=pick(cluster.families, cluster.products.family),
        hs=[line.hs for line in lines],
        brand_owner=pick(cluster.firms, cluster.products.brand_owner),
        maker=pick(cluster.firms, cluster.products.maker),
        unit_value=cluster.products.price,
        transfer_price=cluster.products.transfer_price,
        weight=cluster.products.weight,
        volume=cluster.products.volume,
        launched=last_week - (cluster.products.age * 7 - 7).astype("timedelta64[D]"),
    )
