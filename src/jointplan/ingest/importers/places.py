"""Places of sale: from the labels and currencies of a source to markets with an ISO country and one currency each."""

from __future__ import annotations

import gettext
from collections import Counter
from collections.abc import Mapping
from functools import cache

import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.schema import TABLES

_NAMES = pa.schema([("place", pa.string()), ("currency", pa.string()), ("market", pa.string())])

# Labels met in files that ISO 3166 does not know, or knows as something longer.
_ALIASES = {
    "eire": "IE",
    "rsa": "ZA",
    "uk": "GB",
    "korea": "KR",
    "russia": "RU",
    "turkey": "TR",
    "macau": "MO",
    "uae": "AE",
    "holland": "NL",
    "congo, drc": "CD",
    "swaziland": "SZ",
}
# Languages besides English in which names of countries are known.
_LANGUAGES = ("de", "fr", "es", "it", "pt", "zh_CN")


@cache
def country_code(label: str) -> str | None:
    """Return the ISO 3166 two-letter code of a country's name or code, or None where it is no single country.

    Examples
    --------
    >>> country_code("EIRE"), country_code("United Kingdom"), country_code("Channel Islands")
    ('IE', 'GB', None)
    >>> country_code("Österreich"), country_code("Espagne"), country_code("德国")
    ('AT', 'ES', 'DE')
    """
    import pycountry

    name = label.strip()
    if name.casefold() in _ALIASES:
        return _ALIASES[name.casefold()]
    try:
        found: str = pycountry.countries.lookup(name).alpha_2
    except LookupError:
        return _foreign_names().get(name.casefold())
    return found


@cache
def _foreign_names() -> dict[str, str]:
    """Return the codes of countries by their names in other languages; a name of several countries is none."""
    import pycountry

    codes: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        names = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language])
        for country in pycountry.countries:
            for english in {country.name, getattr(country, "common_name", country.name)}:
                codes.setdefault(names.gettext(english).casefold(), set()).add(country.alpha_2)
    return {name: found.pop() for name, found in codes.items() if len(found) == 1}


def name_markets(
    sold: Mapping[tuple[str, str], int], there: pa.Table, *, coded: bool = True
) -> tuple[dict[tuple[str, str], str], pa.Table]:
    """Give every place and currency its market: one currency per market.

    A place is named by its ISO code where it has one. The currency in which most of its lines are invoiced (or that an
    earlier import found) has the bare name; sales there in another currency are a market of their own, ``DE-USD``.

    Parameters
    ----------
    sold : mapping
        (label of the place, currency) to the number of lines.
    there : pa.Table
        Markets of earlier imports.
    coded : bool
        Whether a country's name gives way to its ISO code; a user's own codes of markets stay as they are.

    Returns
    -------
    names : dict
        (label, currency) to market.
    markets : pa.Table
        The markets they make.
    """

    def name(label: str) -> str:
        return (country_code(label) if coded else None) or label

    main = {row["market"]: row["currency"] for row in there.to_pylist() if row["currency"]}
    for (label, currency), _ in sorted(sold.items(), key=lambda item: (-item[1], item[0])):
        main.setdefault(name(label), currency)
    names, rows = {}, {}
    for label, currency in sorted(sold):
        place = name(label)
        market = place if main[place] == currency else f"{place}-{currency}"
        names[label, currency] = market
        rows[market] = {"market": market, "country": country_code(label), "currency": currency}
    return names, pa.Table.from_pylist(list(rows.values()), schema=TABLES["markets"].arrow)


def register_markets(engine: DuckDBEngine, lines: str, there: pa.Table, *, coded: bool = True) -> tuple[pa.Table, str]:
    """Make ``market_names`` (place, currency, market) known for a table of lines.

    Parameters
    ----------
    engine : DuckDBEngine
        Where ``lines`` is known.
    lines : str
        Table with columns ``place`` and ``currency``.
    there : pa.Table
        Markets of earlier imports.
    coded : bool
        As for :func:`name_markets`.

    Returns
    -------
    markets : pa.Table
        The markets the lines were sold in.
    currency : str
        Currency of most lines; empty where there are none.
    """
    sold = engine.sql(f"select place, currency, count(*) as n from {lines} group by all").to_pylist()
    counts = Counter({(row["place"], row["currency"]): row["n"] for row in sold})
    names, markets = name_markets(counts, there, coded=coded)
    keys = sorted(names)
    columns = [[place for place, _ in keys], [currency for _, currency in keys], [names[key] for key in keys]]
    engine.register("market_names", pa.table([pa.array(c, pa.string()) for c in columns], _NAMES))
    totals: Counter[str] = Counter()
    for (_, currency), n in counts.items():
        totals[currency] += n
    return markets, min(totals, key=lambda currency: (-totals[currency], currency)) if totals else ""
