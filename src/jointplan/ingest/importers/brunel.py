"""The Brunel network: one day's orders of a network of plants, as they were really served.

The plan counts in weeks and the network in days, so a day of the network is a week of the plan: what a plant handles in a
day is its capacity of a week, and all orders fall into the first. A unit of the plan is an order; orders that no plan can
tell apart are one product: of one plant, service and weight class, with the same plants to choose from, and the same
goods where there is a choice. Nothing is sold for money, so a plan's value is the negative of its cost.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from jointplan.errors import DataError
from jointplan.ingest.importers.brunel_files import COLLECTED, Band, Network, Order, Way, open_network
from jointplan.ingest.importers.imported import Imported, Lines, Request, rejections
from jointplan.schema import TABLES, Assumption
from jointplan.texts import tr

SOURCE = "brunel"
CURRENCY = "USD"
PROCESS = "handling"
STEP = 1.1  # weights of one class lie within this ratio
LIGHTEST = 0.01  # kg; some orders weigh nothing
UNMET = 1e6  # money; more than any order costs to serve

_SETTINGS = """
[horizon]
# A day of the network is a week of the plan. Capacities let all orders be served in {days} of them.
replay = "yes"
start = {start}
extra_weeks = {extra}

[plan.making]
other_makers = {plants}
overtime_premium = 0.0

[plan.costs]
# Orders pay nothing and say no due date: only that each is served counts.
holding_rate = 0.0
late_share = 0.0
late_weeks = {extra}
goodwill_share = 0.0
unmet_cost = {unmet:.1f}

[plan.hub]
weekly_cost = 0.0
"""


@dataclass(frozen=True)
class Kind:
    """Orders that no plan can tell apart: one product of the plan."""

    sku: str
    plant: str
    service: str
    plants: frozenset[str]
    orders: tuple[Order, ...]

    @property
    def units(self) -> float:
        """Units of goods in an order, on average."""
        return sum(order.units for order in self.orders) / len(self.orders)

    @property
    def weight(self) -> float:
        """Weight of an order, kg, on average."""
        return max(sum(order.weight for order in self.orders) / len(self.orders), LIGHTEST)


def read_brunel(request: Request) -> Imported:
    """Read the folder of the network; the option ``rated`` leaves out orders without a rate."""
    network = open_network(request.path)
    unrated = {order.row for order in network.orders if not is_rated(network, order)}
    left = dict(network.unread) | (dict.fromkeys(unrated, "no_rate") if request.options.get("rated") else {})
    orders = [order for order in network.orders if order.row not in left]
    if not orders:
        raise DataError(tr("None of the orders can be read."), tr("Check that the files are the original ones."))
    tariffs = {way: tidy(bands) for way, bands in network.rates.items()}
    kinds = group_orders(network, orders)
    joint, alone = fewest_days(network, orders)
    start = min(order.day for order in orders)
    start -= timedelta(days=start.weekday())
    sku_of = {order.row: kind.sku for kind in kinds for order in kind.orders}
    sales = [
        {
            "source": SOURCE,
            "document": order.order,
            "date": start + _day_of_week(n, len(orders)),
            "sku": sku_of[order.row],
            "market": market(network, order.service),
            "channel": order.service,
            "seller": order.plant,
            "quantity": 1.0,
            "unit_price": 0.0,
            "in_part": 0,
            "in_row": order.row,
        }
        for n, order in enumerate(orders)
    ]
    schema = pa.schema([*TABLES["sales"].arrow, ("in_part", pa.int32()), ("in_row", pa.int64())])
    judged = pa.table(
        {"in_part": pa.array([0] * len(left), pa.int32()), "in_row": list(left), "reason": list(left.values())},
        pa.schema([("in_part", pa.int32()), ("in_row", pa.int64()), ("reason", pa.string())]),
    )
    extra = max(joint, alone) - 1
    return Imported(
        read=len(network.orders) + len(network.unread) + sum(len(part.broken) for part in network.parts),
        lines=(
            Lines(
                "sales",
                pa.Table.from_pylist(sales, schema=schema).drop_columns("occurrence"),
                ("source", "document", "sku", "date", "unit_price", "quantity"),
            ),
        ),
        rejected=rejections(SOURCE, network.parts, judged),
        references=_references(network, kinds),
        currency=CURRENCY,
        derived=_derived(network, kinds, tariffs, sku_of, start),
        assumptions=tuple(_notes(network, orders, kinds, tariffs, unrated, joint, alone)),
        settings=_SETTINGS.format(
            days=joint, start=start, extra=extra, plants=max(len(network.capacity) - 1, 0), unmet=UNMET
        ),
    )


def market(network: Network, service: str) -> str:
    """Return the market of a service: an order keeps its service, whoever carries it."""
    return f"{network.destination}-{service}"


def is_rated(network: Network, order: Order) -> bool:
    """Tell whether the recorded carrier has a rate for an order's port, service and weight, or needs none."""
    bands = network.rates.get((order.carrier, order.port, order.service), ())
    return order.collected or any(band.low <= order.weight < band.high for band in bands)


def tidy(bands: Iterable[Band]) -> tuple[Band, ...]:
    """Return bands without overlaps or holes: the cheapest that holds a weight, else the next heavier one.

    A weight between two bands is declared as heavy as the heavier one begins; above the last band its rate goes on.
    """
    known = sorted(bands, key=lambda band: band.low)
    edges = sorted({0.0, *(band.low for band in known), *(band.high for band in known)})
    found: list[Band] = []
    for low, high in zip(edges, [*edges[1:], math.inf], strict=True):
        middle = low + 0.01 if math.isinf(high) else (low + high) / 2
        holding = [band for band in known if band.low <= middle < band.high]
        later = [band for band in known if band.low >= high]
        if holding:
            best = min(holding, key=lambda band: band.charge(middle))
            piece = Band(low, high, best.rate, best.minimum)
        elif later:
            nearest = min(band.low for band in later)
            charge = min(band.charge(band.low) for band in later if band.low == nearest)
            piece = Band(low, high, 0.0, charge)
        else:
            last = min((band for band in known if band.high == max(b.high for b in known)), key=lambda b: b.charge(low))
            piece = Band(low, high, last.rate, last.minimum)
        if found and (found[-1].rate, found[-1].minimum) == (piece.rate, piece.minimum):
            found[-1] = Band(found[-1].low, high, piece.rate, piece.minimum)
        else:
            found.append(piece)
    return tuple(found)


def freight(tariffs: Mapping[Way, tuple[Band, ...]], order: Order) -> float:
    """Return what the recorded way of an order costs: nothing where it is collected, else by its tidied tariff.

    A carrier without any rate for the port and service costs what the dearest other carrier there does.
    """
    if order.collected:
        return 0.0
    way = (order.carrier, order.port, order.service)
    if way in tariffs:
        return parcel(tariffs[way], order.weight)
    others = [parcel(bands, order.weight) for other, bands in tariffs.items() if other[1:] == way[1:]]
    return max(others, default=0.0)


def parcel(bands: tuple[Band, ...], weight: float) -> float:
    """Return what a parcel of a weight pays by a tidied tariff."""
    band = next(band for band in reversed(bands) if band.low <= weight or band is bands[0])
    return max(band.minimum, band.rate * weight)


def group_orders(network: Network, orders: Iterable[Order]) -> list[Kind]:
    """Return the kinds of orders, in a fixed order."""
    groups: dict[tuple[str, str, tuple[str, ...], int, str], list[Order]] = defaultdict(list)
    for order in orders:
        plants = tuple(sorted(network.eligible(order) | {order.plant}))
        size = 0 if order.collected else round(math.log(max(order.weight, LIGHTEST)) / math.log(STEP))
        goods = order.product if len(plants) > 1 else ""
        groups[order.plant, order.service, plants, size, goods].append(order)
    return [
        Kind(f"ORDER{n:05d}", plant, service, frozenset(plants), tuple(groups[key]))
        for n, key in enumerate(sorted(groups), 1)
        for plant, service, plants, _, _ in [key]
    ]


def fewest_days(network: Network, orders: Iterable[Order]) -> tuple[int, int]:
    """Return the fewest days in which all orders fit capacities: at any eligible plant, and each at its recorded one.

    Orders that only some plants can take must fit these together (Hall 1935): it is enough to look at the sets of plants
    that are unions of those of orders.
    """
    wanted: dict[frozenset[str], int] = defaultdict(int)
    recorded: dict[str, int] = defaultdict(int)
    for order in orders:
        wanted[network.eligible(order) | {order.plant}] += 1
        recorded[order.plant] += 1
    unions: set[frozenset[str]] = set()
    for plants in wanted:
        unions |= {plants | other for other in unions} | {plants}

    def days(count: float, plants: Iterable[str]) -> int:
        daily = sum(network.capacity.get(plant, 0.0) for plant in plants)
        if daily <= 0:
            raise DataError(
                tr(
                    "There is no capacity at {plants} for {n} {n:order|orders}.",
                    plants=tuple(sorted(plants)),
                    n=f"{count:g}",
                ),
                tr("Check that the files are the original ones."),
            )
        return math.ceil(count / daily)

    joint = max(days(sum(n for p, n in wanted.items() if p <= plants), plants) for plants in unions)
    return joint, max(days(count, [plant]) for plant, count in recorded.items())


def _references(network: Network, kinds: list[Kind]) -> dict[str, pa.Table]:
    firms = [
        {"firm": plant, "name": plant, "owner": plant, "role": "both", "currency": CURRENCY}
        for plant in sorted(network.capacity)
    ]
    products = [
        {
            "sku": kind.sku,
            "title": f"{kind.plant} {kind.service} {kind.weight:.3g} kg",
            "family": "orders",
            "maker": kind.plant,
            "unit_value": 0.0,
            "weight": kind.weight,
            "volume": kind.weight / 200,
        }
        for kind in kinds
    ]
    services = sorted({kind.service for kind in kinds})
    markets = [{"market": market(network, service), "currency": CURRENCY} for service in services]
    return {
        name: pa.Table.from_pylist(rows, schema=TABLES[name].arrow)
        for name, rows in (("firms", firms), ("products", products), ("markets", markets))
    }


def _derived(
    network: Network,
    kinds: list[Kind],
    tariffs: Mapping[Way, tuple[Band, ...]],
    sku_of: Mapping[int, str],
    start: date,
) -> dict[str, pa.Table]:
    """Return the tables of the network: what plants can do, how goods leave them, and what was really done."""
    abilities = [
        {
            "firm": plant, "process": PROCESS, "sku": kind.sku, "hours_factor": 1.0,
            "cost_per_hour": network.cost.get(plant, 0.0) * kind.units, "major_setup_hours": 0.0, "major_setup_cost": 0.0,
            "minor_setup_hours": 0.0, "minor_setup_cost": 0.0, "yield": 1.0, "minimum_batch": 0.0,
        }
        for kind in kinds
        for plant in sorted(kind.plants)
    ]  # fmt: skip
    capacity = [
        {"firm": plant, "process": PROCESS, "hours": orders, "overtime_hours": 0.0, "unit": "orders"}
        for plant, orders in sorted(network.capacity.items())
    ]
    ways = set(tariffs)
    recorded_ways = {(o.carrier, o.port, o.service) for kind in kinds for o in kind.orders if not o.collected}
    services = {kind.service for kind in kinds}
    lanes: list[dict[str, object]] = []
    bands: list[dict[str, object]] = []
    for way in sorted(ways | recorded_ways):
        if way[2] not in services:
            continue
        if way not in tariffs:
            found = [other for other in ways if other[1:] == way[1:]]
            pieces = max(
                (tariffs[other] for other in found), key=lambda b: parcel(b, 10.0), default=(Band(0, math.inf, 0, 0),)
            )
        else:
            pieces = tariffs[way]
        bands += [_band_row("-".join(way), piece) for piece in pieces]
    bands.append(_band_row(COLLECTED, Band(0.0, math.inf, 0.0, 0.0)))
    for plant, ports in sorted(network.ports.items()):
        if plant not in network.capacity:
            continue
        for way in sorted(ways | recorded_ways):
            if way[1] in ports and way[2] in services:
                lanes.append(_lane_row(network, plant, "-".join(way), way[0], way[2]))
        if COLLECTED in services:
            lanes.append(_lane_row(network, plant, COLLECTED, "", COLLECTED))
    recorded: list[dict[str, object]] = []
    made: dict[tuple[str, str], int] = defaultdict(int)
    sent: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for kind in kinds:
        for order in kind.orders:
            made[order.plant, kind.sku] += 1
            name = COLLECTED if order.collected else "-".join((order.carrier, order.port, order.service))
            sent[order.plant, kind.sku, f"{order.plant}-{name}", market(network, order.service)] += 1
    for (plant, sku), n in sorted(made.items()):
        recorded.append({"activity": "make", "firm": plant, "sku": sku, "seller": plant, "quantity": float(n)})
    for (plant, sku, lane, place), n in sorted(sent.items()):
        recorded.append(
            {"activity": "ship", "firm": plant, "sku": sku, "seller": plant, "lane": lane, "market": place,
             "quantity": float(n)}
        )  # fmt: skip
    for n, row in enumerate(recorded):
        row["row"] = n + 1
        row["date"] = start + _day_of_week(n, len(recorded))
    tables = {
        "operations": [{"family": "orders", "step": 1, "process": PROCESS, "hours": 1.0}],
        "capabilities": abilities,
        "capacity": capacity,
        "lanes": lanes,
        "tariffs": bands,
        "recorded": recorded,
    }
    return {name: pa.Table.from_pylist(rows, schema=TABLES[name].arrow) for name, rows in tables.items()}


def _day_of_week(n: int, rows: int) -> timedelta:
    """Return the day of a row: a network's day fills a week of the plan, from its Monday to its Sunday."""
    return timedelta(days=n * 6 // max(rows - 1, 1))


def _lane_row(network: Network, plant: str, tariff: str, carrier: str, service: str) -> dict[str, object]:
    return {
        "lane": f"{plant}-{tariff}", "origin": plant, "destination": market(network, service), "mode": "parcel",
        "carrier": carrier or None, "service": service, "tariff": tariff, "transit_days": 0.0, "transit_spread": 0.0,
    }  # fmt: skip


def _band_row(name: str, band: Band) -> dict[str, object]:
    return {
        "tariff": name, "basis": "kg", "from_quantity": band.low, "to_quantity": None if math.isinf(band.high) else band.high,
        "rate": band.rate, "minimum": band.minimum, "volumetric": 0.0,
        "container_kg": TABLES["tariffs"]["container_kg"].default, "container_m3": TABLES["tariffs"]["container_m3"].default,
        "currency": CURRENCY,
    }  # fmt: skip


def _notes(
    network: Network,
    orders: list[Order],
    kinds: list[Kind],
    tariffs: Mapping[Way, tuple[Band, ...]],
    unrated: set[int],
    joint: int,
    alone: int,
) -> Iterable[Assumption]:
    handling = sum(network.cost.get(order.plant, 0.0) * order.units for order in orders)
    paid = {order.row: freight(tariffs, order) for order in orders}
    without = [order for order in orders if order.row in unrated]
    twice = sum(
        sum(band.low <= o.weight < band.high for band in network.rates.get((o.carrier, o.port, o.service), ())) > 1
        for o in orders
    )
    yield Assumption(
        item="period", value="1", unit="day",
        rule="A week of the plan stands for a day of the network. All orders fall into the first; the days under way are left"
        " out, as no order says when it is due.",
        rule_zh="计划的一周代表网络的一天。全部订单归入第一天；订单未注明交期，故不计在途天数。",
        replaced_by="sales.date",
    )  # fmt: skip
    yield Assumption(
        item="days", value=str(joint), unit="days",
        rule=f"Fewest days that fit the capacities with every order at an eligible plant; with each at its recorded plant it takes"
        f" {alone}. Plans are made for the larger number.",
        rule_zh=f"订单可由任一合格工厂完成时，产能允许的最少天数；均在实际工厂时需 {alone} 天。计划取较大者。",
        replaced_by="horizon.extra_weeks",
    )  # fmt: skip
    yield Assumption(
        item="product", value=str(len(kinds)), unit="kinds of orders",
        rule=f"One unit is one order. Orders of one plant, service and weight class (within a ratio of {STEP:g}) that may go to the"
        " same plants are one product, with their mean weight and units.",
        rule_zh=f"一件即一个订单。同一工厂、服务、重量档（比值 {STEP:g} 以内）且可选工厂相同的订单为一个产品，取平均重量与件数。",
        replaced_by="products",
    )  # fmt: skip
    yield Assumption(
        item="collected orders", value=str(sum(order.collected for order in orders)), unit="orders",
        rule=f"Orders of the service {COLLECTED} are collected by the customer and pay no freight.",
        rule_zh=f"服务为 {COLLECTED} 的订单由客户自提，无运费。",
        replaced_by="lanes",
    )  # fmt: skip
    yield Assumption(
        item="orders without a rate", value=str(len(without)), unit="orders",
        rule="No band of the recorded carrier, port and service holds their weight: they are charged as heavy as the next heavier"
        f" band begins, {sum(paid[o.row] for o in without):.2f} {CURRENCY} together.",
        rule_zh="实际承运商、港口、服务的运价档均不含其重量：按下一重量档的起点计费，"
        f"合计 {sum(paid[o.row] for o in without):.2f} {CURRENCY}。",
        replaced_by="tariffs",
    )  # fmt: skip
    yield Assumption(
        item="orders with several rates", value=str(twice), unit="orders",
        rule="More than one band holds their weight, some with different days under way: the cheapest is taken.",
        rule_zh="多个运价档含其重量（部分在途天数不同）：取最便宜者。",
        replaced_by="tariffs",
    )  # fmt: skip
    for subject, some in (("all orders", orders), ("orders with a rate", [o for o in orders if o.row not in unrated])):
        cost = sum(network.cost.get(o.plant, 0.0) * o.units + paid[o.row] for o in some)
        yield Assumption(
            item="recorded cost", subject=subject, value=f"{cost:.2f}", unit=CURRENCY,
            rule=f"Counted order by order at their own weights, {len(some)} orders; handling of all {handling:.2f}.",
            rule_zh=f"按各订单实际重量逐单计算，共 {len(some)} 单；全部处理费 {handling:.2f}。",
            replaced_by="recorded",
        )  # fmt: skip
