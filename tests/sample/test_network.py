"""Tests of the calendar and of how goods can go."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from jointplan.sample.network import shares_of_capacity

# Spring Festival holidays by the notices of the State Council General Office: 2022-16, 2023-7, 2024-12, 2025-7.
PUBLIC_HOLIDAYS = [
    (date(2023, 1, 21), date(2023, 1, 27)),
    (date(2024, 2, 10), date(2024, 2, 17)),
    (date(2025, 1, 28), date(2025, 2, 4)),
    (date(2026, 2, 15), date(2026, 2, 23)),
]


@pytest.mark.parametrize(("first", "last"), PUBLIC_HOLIDAYS)
def test_factories_rest_on_public_holidays(first: date, last: date) -> None:
    """No week loses fewer working days than the published Spring Festival holiday takes from it."""
    shares = shares_of_capacity()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for monday in {day - timedelta(days=day.weekday()) for day in days}:
        lost = sum(monday <= day < monday + timedelta(days=6) for day in days)
        assert shares.get(monday, 1.0) <= 1 - lost / 6 + 0.01
    around = [share for monday, share in shares.items() if abs((monday - first).days) < 21]
    assert min(around) == 0.0


def test_national_day_halves_its_week() -> None:
    """The week with most of 1 to 7 October counts half in every year."""
    shares = shares_of_capacity()
    for monday in (date(2023, 10, 2), date(2024, 9, 30), date(2025, 9, 29), date(2026, 9, 28), date(2027, 10, 4)):
        assert shares[monday] == 0.5
    assert all(monday.weekday() == 0 and 0 <= share <= 1 for monday, share in shares.items())


def test_every_market_is_reached(read) -> None:
    """Every market has a way from every maker, and every foreign one parcel, air, part and full sea loads."""
    lanes, markets = read("lanes"), read("markets")
    reached = lanes.groupby("destination")["service"].agg(set)
    for market in markets["market"]:
        services = reached[market]
        assert len(services) >= (2 if market == "CN" else 4)
    assert (lanes["destination"] == "HUB").any()
    assert {"HUB", "PORT"} <= set(lanes["origin"])
    assert 8 <= len(markets) - 1 <= 12


def test_a_parcel_is_fast_and_dear(read) -> None:
    """Per kg a parcel costs more than air, and air more than sea, to every foreign market."""
    tariffs = read("tariffs").groupby("tariff").first()
    dense = 200.0  # kg per m³, heavier than the appliances are
    for market in set(read("markets")["market"]) - {"CN"}:
        parcel, air, sea = (tariffs.loc[f"{way}-{market}", "rate"] for way in ("PARCEL", "AIR", "LCL"))
        assert parcel > air > sea / dense


def test_rates_are_known_before_the_plan(read) -> None:
    """Every foreign currency has a rate in the month before the plan starts."""
    fx = read("fx")
    latest = pd.to_datetime(fx["date"]).groupby(fx["currency"]).max()
    assert (latest >= pd.Timestamp("2026-06-01")).all()
    assert (latest <= pd.Timestamp("2026-06-29")).all()
    assert set(latest.index) == set(read("markets")["currency"]) - {"CNY"}
