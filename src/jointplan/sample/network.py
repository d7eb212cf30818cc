"""Markets, sites, lanes with their tariffs, exchange rates, and the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.sample.economics import DESTINATIONS, FOREIGN, HOME, NEW, Destination
from jointplan.sample.industry import OVERSEAS, Industry, Site
from jointplan.sample.tables import records, stream

# New Year's days of the lunar calendar.
SPRING_FESTIVALS = (date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6))
# Workers leave some days before the feast and come back well after the public holiday.
LEAVE, RETURN = timedelta(days=3), timedelta(days=10)

HUB_ROAD, PORT_ROAD = "ROAD-HUB", "ROAD-PORT"

LANE_COLUMNS = "lane origin destination mode carrier service tariff transit_days transit_spread"


def market_table(entry_cost: float) -> pa.Table:
    """Return **markets**; the new one costs this much to enter, in CNY."""
    rows = [(to.code, to.code, to.currency, None) for to in DESTINATIONS]
    new = (NEW.code, NEW.code, NEW.currency, round(entry_cost / NEW.fx, -2))
    return records("markets", "market country currency entry_cost", [*rows, new])


def site_table(industry: Industry) -> pa.Table:
    """Return **sites**: one hub, one port, two overseas warehouses of which one is open already."""

    def row(site: Site) -> tuple[object, ...]:
        capacity = 400.0 if site.kind == "overseas_warehouse" else None
        return (
            *(site.code, site.name, site.kind, site.lat, site.lon, site.country),
            *(float(site.storage), float(site.handling), capacity, float(site.opening), "CNY"),
        )

    return records(
        "sites",
        "site name kind lat lon country storage_cost handling_cost capacity opening_cost currency",
        [row(site) for site in (industry.hub, industry.port, *OVERSEAS)],
    )


def lane_table(industry: Industry, carrier: str) -> pa.Table:
    """Return **lanes**."""
    hub, port = industry.hub.code, industry.port.code
    rows: list[tuple[object, ...]] = [
        (HUB_ROAD, "*", hub, "road", carrier, "collection", HUB_ROAD, 1.0, 0.3),
        (PORT_ROAD, hub, port, "road", carrier, "trucking", PORT_ROAD, 1.0, 0.3),
        ("PARCEL-CN", "*", "CN", "parcel", carrier, "standard", "PARCEL-CN", HOME.parcel_days, 1.0),
        ("ROAD-CN", hub, "CN", "road", carrier, "less than truck", "ROAD-CN", HOME.air_days, 1.0),
    ]
    for to in (*FOREIGN, NEW):
        rows += [
            (f"PARCEL-{to.code}", "*", to.code, "parcel", carrier, "express line", f"PARCEL-{to.code}",
             to.parcel_days, 2.0),
            (f"AIR-{to.code}", hub, to.code, "air", carrier, "consolidated", f"AIR-{to.code}", to.air_days, 1.5),
            (f"LCL-{to.code}", port, to.code, "sea", carrier, "LCL", f"LCL-{to.code}", to.sea_days, 4.0),
            (f"FCL-{to.code}", port, to.code, "sea", carrier, "FCL 40HC", f"FCL-{to.code}", to.sea_days - 2, 3.0),
        ]  # fmt: skip
    for site in OVERSEAS:
        for service in ("LCL", "FCL"):
            days = _destination(site.country).sea_days - (3 if service == "FCL" else 1)
            lane = f"{service}-{site.code}"
            label = "FCL 40HC" if service == "FCL" else "LCL"
            rows.append((lane, port, site.code, "sea", carrier, label, f"{service}-{site.country}", days, 4.0))
        for market, days in _served(site):
            lane = f"LAST-{site.code}-{market}"
            rows.append((lane, site.code, market, "parcel", carrier, "last mile", lane, days, 1.0))
    return records("lanes", LANE_COLUMNS, rows)


def _destination(code: str) -> Destination:
    return next(to for to in DESTINATIONS if to.code == code)


def _served(site: Site) -> tuple[tuple[str, float], ...]:
    """Return the markets an overseas warehouse serves, and the days it takes."""
    return (("US", 3.0), ("CA", 5.0)) if site.country == "US" else (("DE", 3.0), ("FR", 4.0), ("GB", 5.0))


def tariff_table(industry: Industry) -> pa.Table:
    """Return **tariffs**."""
    economics = industry.economics
    dearest = max(to.air for to in FOREIGN)
    cheapest = min(to.air for to in FOREIGN)
    rows: list[tuple[object, ...]] = []

    def add(tariff: str, basis: str, bands: list[tuple[float, float | None, float]], least: float, cube: float) -> None:
        rows.extend((tariff, basis, *band, round(least, 1), cube, 26000.0, 65.0, "CNY") for band in bands)

    add(HUB_ROAD, "m3", [(0.0, 5.0, 70.0), (5.0, None, 55.0)], 60.0, 0.0)
    add(PORT_ROAD, "m3", [(0.0, 20.0, 75.0), (20.0, None, 50.0)], 300.0, 0.0)
    add("ROAD-CN", "kg", [(0.0, 300.0, 1.6), (300.0, None, 1.2)], 60.0, 250.0)
    home = HOME.parcel * economics.parcel_minimum
    add("PARCEL-CN", "kg", [(0.0, 3.0, HOME.parcel), (3.0, None, 4.5)], home, 125.0)
    for to in (*FOREIGN, NEW):
        add(
            f"PARCEL-{to.code}",
            "kg",
            [(0.0, 2.0, to.parcel), (2.0, 10.0, round(to.parcel * 0.95, 1)), (10.0, None, round(to.parcel * 0.9, 1))],
            to.parcel * economics.parcel_minimum,
            125.0,
        )
        far = (to.air - cheapest) / (dearest - cheapest)
        low, high = economics.air_minimum
        add(
            f"AIR-{to.code}",
            "kg",
            [
                (0.0, 100.0, to.air),
                (100.0, 300.0, round(to.air * 0.94, 1)),
                (300.0, 1000.0, round(to.air * 0.89, 1)),
                (1000.0, None, round(to.air * 0.85, 1)),
            ],
            low + (high - low) * far,
            167.0,
        )
        add(f"LCL-{to.code}", "m3", [(0.0, 10.0, to.lcl), (10.0, None, round(to.lcl * 0.92))],
            to.lcl * economics.lcl_minimum, 0.0)  # fmt: skip
        add(f"FCL-{to.code}", "container", [(0.0, None, to.fcl)], to.fcl, 0.0)
    for site in OVERSEAS:
        for market, days in _served(site):
            rate = 11.0 + 1.5 * days
            add(f"LAST-{site.code}-{market}", "kg", [(0.0, None, rate)], rate * economics.parcel_minimum, 125.0)
    return records(
        "tariffs",
        "tariff basis from_quantity to_quantity rate minimum volumetric container_kg container_m3 currency",
        rows,
    )


def fx_table(weeks: np.ndarray[Any, Any], seed: int) -> pa.Table:
    """Return **fx**: a rate per currency and month over the history, wandering to the rates of the economics."""
    rng = stream(seed, "fx")
    months = np.unique(weeks.astype("datetime64[M]")).astype("datetime64[D]").tolist()
    currencies = {to.currency: to.fx for to in (*FOREIGN, NEW)}
    rows: list[tuple[object, ...]] = []
    for currency, rate in currencies.items():
        walk = np.exp(np.cumsum(rng.normal(0, 0.006, len(months)))[::-1])
        levels = rate * walk / walk[-1]
        rows.extend((currency, day, float(f"{level:.5g}")) for day, level in zip(months, levels, strict=True))
    return records("fx", "currency date rate", rows)


def shares_of_capacity() -> dict[date, float]:
    """Return the share of capacity in weeks (by their Monday) that holidays shorten, 2023 to 2027.

    Spring Festival shuts the factories from three days before the feast to ten days after; weeks have six working
    days. The National Day week counts half, the week of Labour Day four fifths.
    """
    shares: dict[date, float] = {}
    for feast in SPRING_FESTIVALS:
        monday = feast - LEAVE - timedelta(days=(feast - LEAVE).weekday())
        while monday <= feast + RETURN:
            days = [monday + timedelta(days=number) for number in range(6)]
            worked = sum(not feast - LEAVE <= day <= feast + RETURN for day in days)
            if worked < 6:
                shares[monday] = round(worked / 6, 2)
            monday += timedelta(days=7)
    for year in range(2023, 2028):
        for day, share in ((date(year, 10, 4), 0.5), (date(year, 5, 1), 0.8)):
            shares[day - timedelta(days=day.weekday())] = share
    return dict(sorted(shares.items()))


def calendar_table(industry: Industry) -> pa.Table:
    """Return **calendar**."""
    return records(
        "calendar",
        "region week share",
        [(industry.region, week, share) for week, share in shares_of_capacity().items()],
    )
