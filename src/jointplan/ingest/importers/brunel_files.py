"""Opening the files of the Brunel supply chain network: orders, plants, ports, capacities, costs and freight rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jointplan.errors import DataError, UsageError
from jointplan.ingest.files.opening import Part, gather, open_parts
from jointplan.texts import tr

GRAIN = 1e-6  # kg: a band holds its last weight
COLLECTED = "CRF"  # service of orders that the customer collects

# Name of each file without its ending, and its columns.
_FILES = {
    "orders": (
        "OrderList",
        {
            "order": "Order ID", "date": "Order Date", "port": "Origin Port", "carrier": "Carrier", "service": "Service Level",
            "customer": "Customer", "product": "Product ID", "plant": "Plant Code", "destination": "Destination Port",
            "units": "Unit quantity", "weight": "Weight",
        },
    ),
    "rates": (
        "FreightRates",
        {
            "carrier": "Carrier", "port": "orig_port_cd", "low": "minm_wgh_qty", "high": "max_wgh_qty", "service": "svc_cd",
            "minimum": "minimum cost", "rate": "rate",
        },
    ),
    "ports": ("PlantPorts", {"plant": "Plant Code", "port": "Port"}),
    "abilities": ("ProductsPerPlant", {"plant": "Plant Code", "product": "Product ID"}),
    "tied": ("VmiCustomers", {"plant": "Plant Code", "customer": "Customers"}),
    "capacities": ("WhCapacities", {"plant": "Plant ID", "orders": "Daily Capacity"}),
    "costs": ("WhCosts", {"plant": "WH", "cost": "Cost/unit"}),
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """One order, as it was served: where it stands in the file, what it is, and who served it by which way."""

    row: int
    order: str
    day: date
    port: str
    carrier: str
    service: str
    customer: str
    product: str
    plant: str
    units: float
    weight: float

    @property
    def collected(self) -> bool:
        """Whether the customer collects it, so that it pays no freight."""
        return self.service == COLLECTED


@dataclass(frozen=True)
class Band:
    """A rate: weights from ``low`` to below ``high`` kg cost ``rate`` a kg, at least ``minimum``."""

    low: float
    high: float
    rate: float
    minimum: float

    def charge(self, weight: float) -> float:
        """Return what a parcel pays that is declared in this band, as heavy as it is or as the band begins."""
        return max(self.minimum, self.rate * max(weight, self.low))


Way = tuple[str, str, str]  # carrier, port, service


@dataclass(frozen=True)
class Network:
    """The network.

    Parameters
    ----------
    parts : tuple of Part
        What was read of the orders.
    orders : tuple of Order
        Orders that can be read.
    unread : dict of int to str
        Row of each other order, and the reason.
    destination : str
        Port that all orders go to.
    rates : dict
        Bands of each carrier, port and service.
    ports, able, tied : dict
        Ports of each plant, products it can handle, and the customers it alone serves (absent: all).
    capacity, cost : dict
        Orders a day and money per unit of each plant.
    """

    parts: tuple[Part, ...]
    orders: tuple[Order, ...]
    unread: Mapping[int, str]
    destination: str
    rates: Mapping[Way, tuple[Band, ...]]
    ports: Mapping[str, tuple[str, ...]]
    able: Mapping[str, frozenset[str]]
    tied: Mapping[str, frozenset[str]]
    capacity: Mapping[str, float]
    cost: Mapping[str, float]

    def eligible(self, order: Order) -> frozenset[str]:
        """Return the plants that can handle the product and serve the customer."""
        return frozenset(
            plant
            for plant in self.capacity
            if order.product in self.able.get(plant, ())
            and (plant not in self.tied or order.customer in self.tied[plant])
        )


def open_network(path: Path) -> Network:
    """Read the folder.

    Raises
    ------
    UsageError
        If a file is missing.
    DataError
        If a number of plants or rates cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    found: dict[str, list[dict[str, str | None]]] = {}
    parts: tuple[Part, ...] = ()
    for name, (stem, columns) in _FILES.items():
        file = next((f for f in (folder / f"{stem}.csv", folder / f"{stem}.parquet") if f.exists()), None)
        if file is None:
            raise UsageError(
                tr("There is no {file} in {folder}.", file=f"{stem}.csv", folder=folder),
                tr("Name the folder that holds the files of the network."),
            )
        table, opened = gather(
            open_parts(file, delimiter=","), {k: (v,) for k, v in columns.items()}, needed=tuple(columns)
        )
        found[name] = table.to_pylist()
        parts = opened if name == "orders" else parts
    orders, unread = _orders(found["orders"])
    rates: dict[Way, list[Band]] = {}
    for n, row in enumerate(found["rates"], 2):
        low, high, rate, minimum = (_number(row[c], "FreightRates", n) for c in ("low", "high", "rate", "minimum"))
        way = (row["carrier"] or "", row["port"] or "", row["service"] or "")
        rates.setdefault(way, []).append(Band(low, high + GRAIN, rate, minimum))
    return Network(
        parts=parts,
        orders=tuple(orders),
        unread=unread,
        destination=next((row["destination"] or "" for row in found["orders"]), ""),
        rates={way: tuple(sorted(bands, key=lambda b: (b.low, b.high))) for way, bands in sorted(rates.items())},
        ports={plant: tuple(sorted(ports)) for plant, ports in _sets(found["ports"], "plant", "port").items()},
        able=_sets(found["abilities"], "plant", "product"),
        tied=_sets(found["tied"], "plant", "customer"),
        capacity=_numbers(found["capacities"], "plant", "orders", "WhCapacities"),
        cost=_numbers(found["costs"], "plant", "cost", "WhCosts"),
    )


def _sets(rows: Sequence[Mapping[str, str | None]], key: str, value: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if row[key] and row[value]:
            found.setdefault(row[key] or "", set()).add(row[value] or "")
    return {name: frozenset(values) for name, values in found.items()}


def _numbers(rows: Sequence[Mapping[str, str | None]], key: str, value: str, file: str) -> dict[str, float]:
    return {row[key] or "": _number(row[value], file, n) for n, row in enumerate(rows, 2) if row[key]}


def _number(text: str | None, file: str, row: int) -> float:
    """Return a number; money is written as $1,234.50."""
    try:
        return float((text or "").replace("$", "").replace(",", ""))
    except ValueError as error:
        raise DataError(
            tr("{file}, row {row}: {text} is no number.", file=file, row=row, text=repr(text)),
            tr("Check that the files are the original ones."),
        ) from error


def _orders(rows: Sequence[Mapping[str, str | None]]) -> tuple[list[Order], dict[int, str]]:
    orders: list[Order] = []
    unread: dict[int, str] = {}
    names = ("order", "port", "carrier", "service", "customer", "product", "plant")
    for n, row in enumerate(rows):
        if not all(row[c] for c in (*names, "date", "units", "weight")):
            unread[n] = "missing_value"
            continue
        day = _day(row["date"] or "")
        try:
            units, weight = (float((row[c] or "").replace(",", "")) for c in ("units", "weight"))
        except ValueError:
            unread[n] = "not_a_number"
            continue
        if day is None:
            unread[n] = "not_a_date"
        elif units <= 0 or weight < 0:
            unread[n] = "negative_quantity"
        else:
            named = {c: row[c] or "" for c in names}
            orders.append(Order(row=n, day=day, units=units, weight=weight, **named))
    return orders, unread


def _day(text: str) -> date | None:
    for form in ("%m/%d/%y", "%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.split(" ")[0], form).date()
        except ValueError:
            continue
    return None
