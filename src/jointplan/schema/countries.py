"""Where countries lie, and which has a currency for itself."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def countries() -> dict[str, tuple[float, float]]:
    """Return the latitude and longitude of the middle of each country's largest part, by ISO code."""
    with (files("jointplan.schema") / "countries.csv").open(encoding="utf-8") as file:
        return {row["country"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}


@cache
def country_names() -> dict[str, str]:
    """Return the ISO code of each country by its English and its Chinese name, in capitals."""
    from babel import Locale

    return {
        name.upper(): code
        for language in ("en", "zh")
        for code, name in Locale(language).territories.items()
        if code in countries()
    }


@cache
def countries_of_currency(currency: str) -> tuple[str, ...]:
    """Return the countries in which a currency is the only one today."""
    from babel.core import get_global

    found = []
    for country, used in get_global("territory_currencies").items():
        today = [code for code, _, until, tender in used if until is None and tender]
        if today == [currency]:
            found.append(country)
    return tuple(found)
