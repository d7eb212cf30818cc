"""What it costs to make, to change over and to ship: every figure that decides whether planning together pays.

All of it is invented, near the ranges usual in such clusters; none is taken from a real firm. Money is in CNY.
"""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Process:
    """One process: its usual hourly cost, and what changing over takes.

    Parameters
    ----------
    name : str
        Name of the process.
    hour_cost : float
        Labour and machine, CNY per hour.
    minor_hours, minor_cost : tuple of float
        Least and most of a change within a family, hours and CNY.
    major_hours, major_cost : tuple of float
        The same for a change to another family; zeros where any family follows any other.
    """

    name: str
    hour_cost: float
    minor_hours: Range
    minor_cost: Range
    major_hours: Range = (0.0, 0.0)
    major_cost: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Economics:
    """The constants of one kind of cluster.

    Parameters
    ----------
    processes : tuple of Process
        All processes, in the order of work; those with a major setup are the bottlenecks.
    weekly_units : float
        Median units one seller sells of one product in one market in a week.
    material_share, making_share : float
        Material, and work without changeovers, as shares of the price.
    transfer_share : tuple of float
        What the maker gets, as a share of the price.
    hours_factor, cost_factor, yields : tuple of float
        Least and most of a firm's hours against standard, of its hourly cost against usual, and of its good share.
    overtime : float
        Most overtime as a share of regular hours.
    loads : tuple of (share of makers, least load, most load)
        Load of the bottleneck in the busier half of the weeks under today's practice.
    parcel_minimum : float
        Weight the smallest parcel is charged for, kg.
    air_minimum : tuple of float
        Least charge of an air load to the nearest and to the farthest market.
    lcl_minimum : float
        Volume the smallest sea load is charged for, m³.
    habits : tuple of float
        Shares of parcel, air and less-than-container sea in what sellers do today.
    """

    processes: tuple[Process, ...]
    weekly_units: float
    material_share: float
    making_share: float
    transfer_share: Range
    hours_factor: Range
    cost_factor: Range
    yields: Range
    overtime: float
    loads: tuple[tuple[float, float, float], ...]
    parcel_minimum: float
    air_minimum: Range
    lcl_minimum: float
    habits: tuple[float, float, float]


UNEVEN_LOADS = ((0.15, 0.55, 0.68), (0.65, 0.80, 0.95), (0.20, 0.98, 1.10))

APPLIANCE_ECONOMICS = Economics(
    processes=(
        Process("moulding", 95.0, (0.5, 1.5), (80.0, 180.0), (3.0, 8.0), (300.0, 800.0)),
        Process("coating", 90.0, (0.4, 1.2), (50.0, 120.0), (2.0, 5.0), (150.0, 400.0)),
        Process("assembly", 70.0, (0.3, 0.8), (10.0, 40.0)),
        Process("packing", 55.0, (0.0, 0.0), (0.0, 0.0)),
    ),
    weekly_units=16.0,
    material_share=0.40,
    making_share=0.145,
    transfer_share=(0.63, 0.69),
    hours_factor=(0.85, 1.25),
    cost_factor=(0.92, 1.10),
    yields=(0.95, 0.995),
    overtime=0.20,
    loads=UNEVEN_LOADS,
    parcel_minimum=0.5,
    air_minimum=(600.0, 900.0),
    lcl_minimum=3.0,
    habits=(0.55, 0.45, 0.0),
)

SMALL_GOODS_ECONOMICS = Economics(
    processes=(
        Process("moulding", 70.0, (0.3, 0.8), (15.0, 40.0), (2.0, 4.0), (80.0, 200.0)),
        Process("sewing", 45.0, (0.3, 0.6), (8.0, 20.0), (2.0, 3.0), (30.0, 80.0)),
        Process("printing", 60.0, (0.3, 0.6), (15.0, 50.0)),
    ),
    weekly_units=55.0,
    material_share=0.38,
    making_share=0.15,
    transfer_share=(0.60, 0.66),
    hours_factor=(0.85, 1.25),
    cost_factor=(0.92, 1.10),
    yields=(0.95, 0.995),
    overtime=0.20,
    loads=UNEVEN_LOADS,
    parcel_minimum=0.05,
    air_minimum=(500.0, 800.0),
    lcl_minimum=2.0,
    habits=(0.15, 0.45, 0.40),
)


@dataclass(frozen=True)
class Destination:
    """A market, and what it costs to reach it.

    Parameters
    ----------
    code, currency : str
        Country (ISO 3166), which is also the code of the market, and currency (ISO 4217).
    fx : float
        CNY for one unit of the currency.
    price_level : float
        Price there against the usual price.
    weight : float
        How readily sellers go there, relative.
    season : float
        Strength of the seasons: 1 northern, negative southern, near 0 tropical.
    festival : str
        The sales event that lifts it: ``black_friday`` or ``double_eleven``.
    parcel, air : float
        CNY per chargeable kg of a small parcel, and of a middling air load.
    lcl, fcl : float
        CNY per m³ of a part load, and per 40-foot high-cube container.
    parcel_days, air_days, sea_days : float
        Mean days from door to door; sea from the port.
    """

    code: str
    currency: str
    fx: float
    price_level: float
    weight: float
    season: float
    festival: str
    parcel: float
    air: float
    lcl: float
    fcl: float
    parcel_days: float
    air_days: float
    sea_days: float


HOME = Destination("CN", "CNY", 1.0, 0.80, 0.5, 0.8, "double_eleven", 6.0, 1.6, 0.0, 0.0, 3.0, 3.0, 0.0)

FOREIGN = (
    Destination("US", "USD", 7.12, 1.15, 2.0, 1.0, "black_friday", 50.0, 41.0, 1100.0, 38000.0, 9.0, 7.0, 31.0),
    Destination("DE", "EUR", 8.26, 1.12, 1.4, 1.0, "black_friday", 46.0, 38.0, 980.0, 36000.0, 11.0, 7.0, 38.0),
    Destination("GB", "GBP", 9.58, 1.10, 1.1, 0.9, "black_friday", 45.0, 38.0, 1000.0, 37000.0, 10.0, 7.0, 39.0),
    Destination("JP", "JPY", 0.0472, 1.06, 1.0, 1.0, "double_eleven", 40.0, 33.0, 620.0, 25000.0, 8.0, 6.0, 14.0),
    Destination("AU", "AUD", 4.68, 1.10, 0.9, -0.9, "black_friday", 47.0, 37.0, 900.0, 33000.0, 12.0, 8.0, 28.0),
    Destination("SG", "SGD", 5.53, 1.04, 0.7, 0.1, "double_eleven", 38.0, 32.0, 600.0, 26000.0, 8.0, 6.0, 15.0),
    Destination("MY", "MYR", 1.69, 0.95, 0.8, 0.1, "double_eleven", 38.0, 32.0, 620.0, 26000.0, 9.0, 6.0, 16.0),
    Destination("AE", "AED", 1.94, 1.05, 0.6, 0.3, "double_eleven", 44.0, 36.0, 820.0, 31000.0, 12.0, 8.0, 29.0),
    Destination("FR", "EUR", 8.26, 1.10, 0.9, 1.0, "black_friday", 47.0, 39.0, 1020.0, 37000.0, 11.0, 8.0, 39.0),
    Destination("CA", "CAD", 5.16, 1.12, 0.8, 1.0, "black_friday", 54.0, 44.0, 1180.0, 43000.0, 11.0, 9.0, 35.0),
)

DESTINATIONS = (*FOREIGN, HOME)
# Nobody sells there yet.
NEW = Destination("BR", "BRL", 1.31, 1.12, 0.9, -0.7, "black_friday", 52.0, 43.0, 1150.0, 41000.0, 14.0, 9.0, 42.0)
