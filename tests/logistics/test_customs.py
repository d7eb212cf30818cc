"""Duty, tax and refund of consignments, by published cases and by what must always hold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.engine import Tables
from jointplan.errors import DataError
from jointplan.logistics import DutyRule, charges, customs_value, export_refund
from jointplan.logistics.customs import ExportMode
from jointplan.logistics.rules import Rules, rules_on
from jointplan.schema import TABLES

WORTH = {"EUR": 1.0, "GBP": 1.0, "USD": 1.0, "CNY": 1.0}
MARKETS = ("FR", "DE", "GB", "US", "JP")
money = st.floats(0, 1e5)


def tables(**rows: list[dict[str, object]]) -> Tables:
    markets = [{"market": m, "country": m} for m in MARKETS]
    return Tables(
        {
            name: pa.Table.from_pylist(found, schema=TABLES[name].arrow)
            for name, found in {"markets": markets, **rows}.items()
        }
    )


def shipped(on: date) -> Rules:
    return rules_on(on, tables(), WORTH, built_in=True)


def test_two_tariff_items_to_france() -> None:
    """From July 2026 two HS codes in a parcel add 2 × 3 = 6 EUR of duty and 1.20 of French VAT on it: 7.20."""
    before, after = (shipped(day).duty("FR", "6402", "CN") for day in (date(2026, 6, 30), date(2026, 7, 1)))
    assert before is not None
    assert after is not None
    goods = 100.0
    old, new = charges(before, goods, items=2), charges(after, goods, items=2)
    assert float(new.per_item) == 6.0
    assert float(new.vat - old.vat) == pytest.approx(1.20)
    assert float(new.total - old.total) == pytest.approx(7.20)


def test_threshold_of_the_union_is_for_small_consignments() -> None:
    """Above 150 EUR the fixed charge is not due; the rate is, and the package does not claim to know it."""
    rule = shipped(date(2026, 7, 1)).duty("DE", "", "CN")
    assert rule is not None
    paid = charges(rule, np.array([150.0, 150.01]))
    assert paid.per_item.tolist() == [3.0, 0.0]
    assert paid.known.tolist() == [True, False]


@pytest.mark.parametrize(
    ("day", "origin", "threshold"),
    [
        (date(2025, 5, 1), "CN", 800.0),
        (date(2025, 5, 2), "CN", 0.0),
        (date(2025, 8, 28), "VN", 800.0),
        (date(2025, 8, 29), "VN", 0.0),
    ],
)
def test_the_american_exemption_ends_by_origin(day: date, origin: str, threshold: float) -> None:
    """USD 800 were free until 2025-08-28, for goods of China until 2025-05-01."""
    rule = shipped(day).duty("US", "", origin)
    assert rule is not None
    assert rule.threshold == threshold
    assert rule.base == "fob"


def test_the_british_relief_has_an_end() -> None:
    """135 GBP are free of duty until March 2029 at the latest; afterwards the package knows no rule."""
    rule = shipped(date(2029, 3, 31)).duty("GB", "", "CN")
    assert rule is not None
    assert (rule.threshold, rule.vat, rule.base) == (135.0, 0.20, "cif")
    assert shipped(date(2029, 4, 1)).duty("GB", "", "CN") is None


def test_every_rule_has_its_source() -> None:
    """No row of the package is without a source, and each says that it must be confirmed."""
    for day in (date(2025, 1, 1), date(2026, 7, 1)):
        rules = shipped(day)
        sources = [r.authority for found in rules.duties.values() for r in found]
        sources += [mode.authority for mode in rules.modes.values()]
        assert all("to be confirmed by your customs broker" in source for source in sources)
        assert all(r.authority for r in (*rules.weights.values(), *rules.containers.values()))


def test_the_users_table_stands_for_the_whole_market() -> None:
    """A market with a row of the user's is ruled by the user's rows alone, the others by the package."""
    own = [{"market": "FR", "from_date": date(2020, 1, 1), "base": "cif", "rate": 0.1, "per_item": 0.0, "vat": 0.2,
            "threshold": 0.0, "clearing": 5.0}]  # fmt: skip
    rules = rules_on(date(2026, 7, 1), tables(duties=own), WORTH, built_in=True)
    french, german = rules.duty("FR", "", "CN"), rules.duty("DE", "", "CN")
    assert french is not None
    assert german is not None
    assert (french.rate, french.per_item, french.clearing) == (0.1, 0.0, 5.0)
    assert german.per_item == 3.0
    assert rules_on(date(2026, 7, 1), tables(), WORTH, built_in=False).duties == {}


def test_the_longest_code_and_the_named_origin_win() -> None:
    """A row for the product's own code beats one for its chapter, one for its origin beats one for any."""

    def row(hs: str | None, origin: str | None, rate: float) -> dict[str, object]:
        return {"market": "FR", "hs": hs, "origin": origin, "from_date": date(2020, 1, 1), "base": "cif", "rate": rate}

    own = [row(None, None, 0.01), row("64", None, 0.02), row("6402.99", None, 0.03), row("64", "CN", 0.04)]
    rules = rules_on(date(2026, 7, 1), tables(duties=own), WORTH, built_in=False)
    found = [rules.duty("FR", *key) for key in (("9503", "CN"), ("6403", "VN"), ("640299", "CN"), ("6403", "CN"))]
    assert [rule.rate for rule in found if rule] == [0.01, 0.02, 0.03, 0.04]


def test_a_currency_without_a_rate_is_told() -> None:
    """A rule of the package in euros needs the rate of the euro."""
    with pytest.raises(DataError, match="EUR") as error:
        rules_on(date(2026, 7, 1), tables(), {"CNY": 1.0}, built_in=True)
    assert "fx" in error.value.cure


def test_bases_of_the_customs_value() -> None:
    """CIF counts freight and insurance, FOB does not."""
    assert float(customs_value("cif", 100, 20, 2)) == 122
    assert float(customs_value("fob", 100, 20, 2)) == 100


@given(
    money,
    money,
    st.floats(0, 0.5),
    st.floats(0, 0.3),
    st.floats(0, 1000),
    st.floats(0, 10),
    st.sampled_from(["cif", "fob"]),
)
def test_above_the_threshold_more_value_never_pays_less(
    goods: float, more: float, rate: float, vat: float, threshold: float, fixed: float, base: str
) -> None:
    """Above the threshold every charge grows with the value."""
    rule = DutyRule(base=base, rate=rate, vat=vat, threshold=threshold, per_item=fixed)
    low = charges(rule, threshold + 1 + goods, freight=10)
    high = charges(rule, threshold + 1 + goods + more, freight=10)
    assert float(high.duty) >= float(low.duty)
    assert float(high.total) >= float(low.total) - 1e-9


@given(money, money, st.floats(0, 0.5), st.floats(0, 0.3))
def test_cif_never_pays_less_than_fob(goods: float, freight: float, rate: float, vat: float) -> None:
    """Freight in the base can only add."""
    cif, fob = (charges(DutyRule(base=base, rate=rate, vat=vat), goods, freight=freight) for base in ("cif", "fob"))
    assert float(cif.total) >= float(fob.total)


@given(st.floats(0.01, 20), st.floats(0, 1000), st.just(0.0) | st.floats(0.01, 1000))
def test_amounts_follow_the_currency(worth: float, goods: float, threshold: float) -> None:
    """Counted in another currency a consignment pays the same."""
    rule = DutyRule(rate=0.1, per_item=3, vat=0.2, threshold=threshold, clearing=1, currency="EUR")
    if abs(goods - threshold) > 1e-6:
        here = charges(rule, goods).total
        assert float(charges(rule.in_currency(worth), goods * worth).total) == pytest.approx(float(here) * worth)


def test_refund_of_the_tax_in_the_price() -> None:
    """113 paid with 13 % VAT hold 13 of tax; market procurement refunds none of it."""
    modes = shipped(date(2026, 7, 1)).modes
    assert float(export_refund(modes["0110"], 113.0)) == pytest.approx(13.0)
    assert float(export_refund(modes["1039"], 113.0)) == 0.0
    assert modes["1039"].value_limit == 150_000
    assert set(modes) == {"0110", "9610", "9710", "9810", "1039"}
    assert float(export_refund(ExportMode("x", refund=0.5), 113.0)) == pytest.approx(6.5)
