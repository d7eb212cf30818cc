"""Which country is home to the cluster, and from where its sales are known."""

from __future__ import annotations

from jointplan.engine import Tables
from jointplan.schema.countries import countries_of_currency


def home_country(tables: Tables) -> str | None:
    """Return the two-letter code of the cluster's country, or None where nothing tells it.

    It is where its hub or port lies; else the one country whose currency its firms use; else the only country it sells in.
    """
    return _by_place(tables) or _by_sales(tables)


def home_is_where_it_sells(tables: Tables) -> bool:
    """Return whether the cluster's country is only guessed, from the one country it sells in: then nothing can be abroad."""
    return _by_place(tables) is None and _by_sales(tables) is not None


def _by_place(tables: Tables) -> str | None:
    if "sites" in tables:
        sites = tables.frame("sites", "kind", "country")
        near = sites.loc[sites["kind"].isin(("hub", "port")), "country"].dropna()
        if len(near):
            return str(near.mode().iloc[0])
    currencies = tables.frame("firms", "currency")["currency"].dropna()
    if len(currencies):
        countries = countries_of_currency(str(currencies.mode().iloc[0]))
        if len(countries) == 1:
            return countries[0]
    return None


def _by_sales(tables: Tables) -> str | None:
    markets = tables.frame("markets", "country")["country"].dropna().unique()
    return str(markets[0]) if len(markets) == 1 else None


def only_source(tables: Tables) -> str | None:
    """Return the platform all sales were brought from, if it and its channel are one: what is sold elsewhere is not known."""
    import pyarrow.compute as pc

    if "sales" not in tables:
        return None
    sources = pc.unique(tables["sales"]["source"]).to_pylist()
    if len(sources) != 1 or sources[0] in (None, "own") or len(pc.unique(tables["sales"]["channel"])) > 1:
        return None
    return str(sources[0])
