"""Which country is home to the cluster, and from where its sales are known."""

from __future__ import annotations

from jointplan.engine import Tables
from jointplan.schema.countries import countries_of_currency


def home_country(tables: Tables) -> str | None:
    """Return the two-letter code of the cluster's country, or None where nothing tells it.

    It is where its hub or port lies; else the one country whose currency its firms use; else the only country it sells in.
    """
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
