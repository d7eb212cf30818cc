"""Tests of naming markets."""

from __future__ import annotations

import pytest

from jointplan.ingest.importers.brazil import CAPITALS, kilometres
from jointplan.ingest.importers.places import country_code, name_markets
from jointplan.schema import TABLES

NONE = TABLES["markets"].empty()


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("USA", "US"),
        ("Korea", "KR"),
        ("Czech Republic", "CZ"),
        ("Hong Kong", "HK"),
        ("United Arab Emirates", "AE"),
        ("de", "DE"),
        ("Channel Islands", None),
        ("European Community", None),
        ("West Indies", None),
        ("Unspecified", None),
    ],
)
def test_labels_of_countries(label: str, code: str | None) -> None:
    """A label that is a country has its ISO code, one that is none or several has none."""
    assert country_code(label) == code


def test_a_second_currency_makes_a_second_market() -> None:
    """The currency of most lines has the bare name, another is a market of its own."""
    names, markets = name_markets({("DE", "EUR"): 5, ("Germany", "EUR"): 1, ("DE", "USD"): 2, ("x", "EUR"): 1}, NONE)
    assert names == {("DE", "EUR"): "DE", ("Germany", "EUR"): "DE", ("DE", "USD"): "DE-USD", ("x", "EUR"): "x"}
    assert {row["market"]: (row["country"], row["currency"]) for row in markets.to_pylist()} == {
        "DE": ("DE", "EUR"),
        "DE-USD": ("DE", "USD"),
        "x": (None, "EUR"),
    }


def test_the_currency_of_an_earlier_import_keeps_the_name() -> None:
    """A market that is there keeps its currency, however the lines of a later file are spread."""
    _, there = name_markets({("DE", "USD"): 1}, NONE)
    names, _ = name_markets({("DE", "EUR"): 9, ("DE", "USD"): 1}, there)
    assert names == {("DE", "EUR"): "DE-EUR", ("DE", "USD"): "DE"}


def test_distances_of_capitals() -> None:
    """Great-circle distances agree with published ones: São Paulo to Rio 361 km, to Brasília 873 km, to Manaus 2,690 km."""
    for state, published in (("RJ", 361), ("DF", 873), ("AM", 2690)):
        assert kilometres(CAPITALS["SP"], CAPITALS[state]) == pytest.approx(published, rel=0.01)
    assert len(CAPITALS) == 27


def test_countries_are_known_in_other_languages() -> None:
    """What shops of the markets write, in German, French, Spanish, Italian, Portuguese and Chinese."""
    names = ("Deutschland", "Österreich", "Frankreich", "Holland", "Allemagne", "España", "Italia", "Brasil", "法国")
    assert [country_code(name) for name in names] == ["DE", "AT", "FR", "NL", "DE", "ES", "IT", "BR", "FR"]
    assert country_code("Unspecified") is None
