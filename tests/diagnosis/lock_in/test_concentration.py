"""Concentration is what it says, whatever the order and the scale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import econcomplex
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.lock_in import measure_lock_in
from jointplan.diagnosis.lock_in.concentration import (
    concentration_severity,
    correlations,
    effective_number,
    herfindahl,
    herfindahl_interval,
)
from jointplan.diagnosis.lock_in.spread import Spread, _together
from jointplan.diagnosis.settings import LockInSettings
from tests.diagnosis.cluster import MONDAY, SALE, small

amounts = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12)


@given(amounts, st.randoms())
def test_order_and_scale_change_nothing(values: list[float], random: object) -> None:
    """A permutation, or all amounts doubled, keeps the index; each taken twice halves it."""
    index = herfindahl(values)
    assert herfindahl(sorted(values)) == pytest.approx(index)
    assert herfindahl([2 * v for v in values]) == pytest.approx(index)
    assert herfindahl([*values, *values]) == pytest.approx(index / 2)
    assert 1 / len(values) - 1e-9 <= index <= 1 + 1e-9


def test_the_index_is_that_of_econcomplex() -> None:
    """On a table of places and goods, row by row."""
    rng = np.random.default_rng(1)
    matrix = pd.DataFrame(rng.random((5, 7)), list("ABCDE"))
    theirs = econcomplex.hhi(matrix, normalize=False)
    found = np.array([herfindahl(row) for row in matrix.to_numpy()])
    scale = 10_000.0 if float(theirs.max()) > 1 else 1.0
    np.testing.assert_allclose(found, np.asarray(theirs) / scale, rtol=1e-9)


def test_markets_that_move_as_one_are_one() -> None:
    """Copies of one series count once, independent ones by their shares, and growth alone is no correlation."""
    rng = np.random.default_rng(2)
    one, other = rng.random(60), rng.random(60)
    alike = correlations(np.column_stack([one, 2 * one]))
    assert alike is not None
    assert effective_number([1 / 3, 2 / 3], alike) == pytest.approx(1.0)
    apart = correlations(np.column_stack([one + np.arange(60), other + 2 * np.arange(60)]))
    assert apart is not None
    assert abs(apart[0, 1]) < 0.35
    assert correlations(np.ones((5, 2))) is None
    still = correlations(np.ones((20, 2)))
    assert still is not None
    assert still.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_the_interval_holds_the_index() -> None:
    """Weeks drawn anew give an interval around the index, the same for the same seed; too few weeks give none."""
    rng = np.random.default_rng(3)
    weeks = rng.gamma(2, size=(52, 4)) * [4, 3, 2, 1]
    low, high = herfindahl_interval(weeks, seed=1) or (0.0, 0.0)
    assert low < herfindahl(weeks.sum(axis=0)) < high
    assert herfindahl_interval(weeks, seed=1) == (low, high)
    assert herfindahl_interval(weeks[:5], seed=1) is None
    alike = np.full((13, 2), 3.0)
    assert herfindahl_interval(alike, seed=1) == pytest.approx((0.5, 0.5))


def test_the_interval_is_that_of_the_year_that_is_told() -> None:
    """Markets that were one for the first year and are two alike in the second: the effective number is 2, and so are both ends of its interval."""
    weekly = [
        {"week": MONDAY + timedelta(weeks=w), "sku": "P0", "market": m, "seller": "S0", "quantity": q, "revenue": q}
        for w in range(104)
        for m, q in (("CN", 1.0), ("DE", 0.01 if w < 52 else 1.0))
    ]
    found = {f.indicator: f for f in measure_lock_in(small(weekly=weekly), LockInSettings(), seed=7).findings}
    finding = found["market_concentration"]
    assert (finding.value, finding.low, finding.high) == pytest.approx((2.0, 2.0, 2.0))


def test_every_concentration_has_an_interval() -> None:
    """In a year of sales each dimension has one that holds its value; where each month is like the others both ends are the value."""
    materials = [{"sku": f"P{n}", "material": "ab"[n % 2], "quantity": 1.0} for n in range(8)]
    sources = [{"material": m, "supplier": f"U{m}", "origin": o, "cost": 1.0} for m, o in (("a", "CN"), ("b", "JP"))]
    products = small()["products"].to_pylist()

    def measured(weekly: list[dict[str, Any]]) -> dict[str, Finding]:
        sales = [
            SALE | {"row": n, "document": str(n), "source": "own", "date": row["week"], "sku": row["sku"],
                    "market": row["market"], "channel": f"c{int(row['sku'][1]) // 3}", "quantity": row["quantity"]}
            for n, row in enumerate(weekly)
        ]  # fmt: skip
        tables = small(materials=materials, sources=sources, products=products, weekly=weekly, sales=sales)
        return {f.indicator: f for f in measure_lock_in(tables, LockInSettings(), seed=7).findings}

    rng = np.random.default_rng(9)
    drawn = [
        row | {"quantity": float(q), "revenue": float(q)}
        for row in small()["weekly"].to_pylist()
        if (q := rng.gamma(2.0))
    ]
    alike = [row | {"quantity": 1.0 + int(row["sku"][1]), "revenue": 1.0 + int(row["sku"][1])} for row in drawn]
    moving, still = measured(drawn), measured(alike)
    for name in ("market", "channel", "buyer", "supplier", "material", "origin"):
        finding = moving[f"{name}_concentration"]
        assert finding.low is not None, name
        assert finding.low < finding.value < finding.high, name
        finding = still[f"{name}_concentration"]
        assert (finding.low, finding.high) == pytest.approx((finding.value, finding.value)), name


def test_buyers_are_those_of_the_last_year_that_is_recorded() -> None:
    """All was made for S0 in the first year and for S1 in the last: today there is one buyer, S1."""
    made = [
        {"row": n, "activity": "make", "date": MONDAY + timedelta(weeks=w), "firm": "M0", "sku": "P0", "seller": s, "quantity": 5.0}
        for n, (w, s) in enumerate([(0, "S0"), (60, "S1"), (70, "S1")], 1)
    ]  # fmt: skip
    finding = next(
        f for f in measure_lock_in(small(recorded=made), LockInSettings(), seed=7).findings if f.indicator == "buyer_concentration"
    )  # fmt: skip
    assert finding.value == 1.0
    assert "S1" in finding.sentence
    assert finding.rows == "recorded: 2"


def test_severity_rises_and_is_small_below_the_norm() -> None:
    """The norm begins at 0.3; one market alone is 1."""
    levels = [concentration_severity(x, 0.25) for x in (0.05, 0.2, 0.25, 0.5, 1.0)]
    assert levels == sorted(levels)
    assert levels[1] < 0.1 < levels[2]
    assert levels[-1] == pytest.approx(1.0)


def test_concentration_is_told_once_as_the_effective_number() -> None:
    """Of three suppliers at 2 : 1 : 1 the index is 3/8: the value is 8/3 of 4, as the sentence says, and severity is that of the index."""
    materials = [{"family": "kettle", "material": m, "quantity": q} for m, q in (("a", 2.0), ("b", 1.0), ("c", 1.0))]
    sources = [{"material": m, "supplier": f"U{m}", "origin": "CN", "cost": 1.0} for m in "abc"]
    made = measure_lock_in(small(materials=materials, sources=sources), LockInSettings(), seed=7)
    found = {finding.indicator: finding for finding in made.findings}
    supplier = found["supplier_concentration"]
    assert supplier.value == pytest.approx(8 / 3)
    assert supplier.reference == 4.0
    assert "worth 2.7 equal ones" in supplier.sentence
    assert supplier.severity == pytest.approx(concentration_severity(3 / 8, 0.25))
    market = found["market_concentration"]
    assert market.low is not None
    assert market.high is not None
    assert market.value is not None
    assert 1 <= market.low <= market.value <= market.high <= 2


def test_a_norm_that_so_few_cannot_reach_says_so() -> None:
    """Three markets alike are three equal ones, fewer than the four of the norm; of four alike nothing needs to be said."""
    for count in (3, 4):
        markets = [{"market": f"C{n}", "currency": "CNY"} for n in range(count)]
        weekly = [
            {
                "week": MONDAY + timedelta(weeks=w),
                "sku": "P0",
                "market": f"C{n}",
                "seller": "S0",
                "quantity": 1.0,
                "revenue": 1.0,
            }
            for w in range(60)
            for n in range(count)
        ]
        made = measure_lock_in(small(markets=markets, weekly=weekly), LockInSettings(), seed=7)
        (found,) = [f for f in made.findings if f.indicator == "market_concentration"]
        assert (found.value, found.reference) == pytest.approx((count, 4.0))
        assert ("3 are fewer than the 4 equal ones of the norm" in found.sentence) == (count == 3)


def test_severity_of_markets_that_move_together_has_no_cliff() -> None:
    """From a correlation of .1 to .3 it rises to the whole of what is lost: five markets that move a little more alike are a little worse."""
    rng = np.random.default_rng(5)
    common, own = rng.normal(size=(400, 1)), rng.normal(size=(400, 5))
    names = list("abcde")
    found = []
    for rho in np.arange(0.0, 0.6, 0.01):
        moves = np.sqrt(rho) * common + np.sqrt(1 - rho) * own
        periods = pd.DataFrame(np.exp(3 + 0.02 * moves.cumsum(axis=0)), columns=names)
        found.append(_together(Spread(pd.Series(1.0, names), "weekly", periods)))
    severity = [finding.severity for finding in found]
    assert max(abs(np.diff(severity))) < 0.06
    assert severity[0] == 0.0
    assert severity[-1] == pytest.approx(1 - found[-1].value / found[-1].reference)


@pytest.mark.parametrize(
    ("change", "indicator", "cure"),
    [
        ({"weekly": []}, "market", "without sales"),
        ({"revenue": 0.0}, "market", "sales.unit_price"),
        ({"worth": None}, "buyer", "products.transfer_price"),
    ],
)
def test_a_missing_price_is_named_and_no_other_table(change: dict[str, Any], indicator: str, cure: str) -> None:
    """No sales, sales without a price, and lots whose worth nobody knows each have their own reason and cure."""
    tables: dict[str, Any] = {}
    if "weekly" in change:
        tables["weekly"] = []
    if "revenue" in change:
        tables["weekly"] = [row | {"revenue": 0.0} for row in small()["weekly"].to_pylist()]
    if "worth" in change:
        tables["products"] = [{"sku": f"P{n}", "family": "kettle", "maker": f"M{n % 4}"} for n in range(8)]
        tables["recorded"] = [
            {"row": n + 1, "activity": "make", "date": MONDAY + timedelta(weeks=n), "firm": "M0", "sku": "P0", "seller": f"S{n % 2}", "quantity": 5.0}
            for n in range(60)
        ]  # fmt: skip
    found = {f.indicator: f for f in measure_lock_in(small(**tables), LockInSettings(), seed=7).findings}
    finding = found[f"{indicator}_concentration"]
    assert finding.value is None
    assert cure in finding.sentence
    assert "materials" not in finding.sentence


def test_channels_of_the_sample_have_their_chinese_names() -> None:
    """No English word stands in the Chinese sentence, whether one channel is told or several."""
    for channels in (("marketplace",), ("marketplace", "marketplace", "own site")):
        sales = [
            SALE | {"row": n, "document": str(n), "channel": name, "source": "own"} for n, name in enumerate(channels)
        ]
        weekly = [row for row in small()["weekly"].to_pylist() if row["week"] == MONDAY]
        found = measure_lock_in(small(sales=sales, weekly=weekly), LockInSettings(), seed=7).findings
        (finding,) = [f for f in found if f.indicator == "channel_concentration"]
        assert "marketplace" in finding.sentence
        assert "电商平台" in finding.sentence_zh
        assert "marketplace" not in finding.sentence_zh


def test_one_origin_at_home_is_named() -> None:
    """All material from home: the country is named, and it is no dependence."""
    materials = [{"family": "kettle", "material": "steel", "quantity": 1.0}]
    sources = [{"material": "steel", "supplier": "U", "origin": "CN", "cost": 1.0}]
    found = measure_lock_in(small(materials=materials, sources=sources), LockInSettings(), seed=7).findings
    (finding,) = [f for f in found if f.indicator == "origin_concentration"]
    assert finding.sentence == "All material comes from one country, CN."
    assert (finding.low, finding.high) == (None, None)
    assert finding.severity == 0.0
