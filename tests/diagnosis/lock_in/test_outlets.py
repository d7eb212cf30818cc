"""Where output ends, and what of it was imported."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.lock_in.outlets import import_content, imported, outlets, supplied_by_members
from jointplan.diagnosis.lock_in.spread import spreads
from jointplan.engine import Tables
from tests.diagnosis.cluster import MONDAY, SALE, small, tables_of


def inside(tables: Tables) -> Finding:
    (finding,) = [finding for finding in outlets(tables).findings if finding.indicator == "ends_inside"]
    return finding


def test_miller_and_blair() -> None:
    """Of Z = [150 500; 200 100], x = (1000, 2000): L = [1.2541 .3300; .2640 1.1221], and f = (600, 1500) needs (1247.5, 1841.6).

    Miller and Blair, Input–Output Analysis, 2nd edition 2009, section 2.3: with the imports of one sector alone, content is a
    row of L times its coefficient, and with f it is its part of the new output.
    """
    flows, x = np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0])
    first, second = import_content(flows, [1000.0, 0.0], x), import_content(flows, [0.0, 2000.0], x)
    assert first is not None
    assert second is not None
    np.testing.assert_allclose([first, second], [[1.2541, 0.3300], [0.2640, 1.1221]], atol=5e-5)
    f = np.array([600.0, 1500.0])
    np.testing.assert_allclose([first @ f, second @ f], [1247.5, 1841.6], atol=0.05)


def test_goods_sold_at_home_and_abroad() -> None:
    """Half of sales end in the country whose currency the firms use; the shares of each quarter add up to one."""
    found = outlets(small())
    finding, _ = found.findings
    weekly = small().frame("weekly")
    last = weekly[weekly["week"] > weekly["week"].max() - np.timedelta64(364, "D")]
    abroad = last.loc[last["market"] == "DE", "revenue"].sum() / last["revenue"].sum()
    assert finding.value == pytest.approx(abroad)
    assert found.table is not None
    shares: dict[str, float] = {}
    for row in found.table.to_pylist():
        shares[row["period"]] = shares.get(row["period"], 0.0) + row["share"]
    assert list(shares.values()) == pytest.approx([1.0] * len(shares))


def test_where_no_sale_abroad_could_be_seen_none_is_missed() -> None:
    """A home that is guessed from the only country of sale, and a platform that sells at home alone, have a reason; own sales at home are 0 %."""
    at_home = [row | {"market": "CN"} for row in small()["weekly"].to_pylist()]
    markets = [{"market": "CN", "country": "CN", "currency": "CNY"}]
    firms = [row | {"currency": None} for row in small()["firms"].to_pylist()]
    finding, _ = outlets(small(weekly=at_home, markets=markets, firms=firms)).findings
    assert finding.value is None
    assert "only because all sales are there" in finding.sentence
    finding, _ = outlets(small(weekly=at_home, sales=[SALE | {"source": "olist"}])).findings
    assert finding.value is None
    assert "brought from olist" in finding.sentence
    plan = small(weekly=at_home, markets=markets)
    finding, _ = outlets(plan.adding({"wanted": plan["weekly"]})).findings
    assert finding.value is None
    assert "a plan that knows no market but those in CN" in finding.sentence
    for own in (small(weekly=at_home), small(weekly=at_home, sales=[SALE | {"source": "own"}])):
        finding, _ = outlets(own).findings
        assert (finding.value, finding.severity) == (0.0, 0.8)


def test_sales_at_home_alone_are_no_complaint_where_no_market_abroad_is_named() -> None:
    """One firm that sells where it is: 0 % ends abroad, and nothing tells whether that is all there is, so it is not ranked."""
    firms = [{"firm": "M0", "role": "both", "currency": "CNY"}]
    weekly = [row | {"market": "CN", "seller": "M0"} for row in small()["weekly"].to_pylist() if row["sku"] == "P0"]
    markets = [{"market": "CN", "country": "CN", "currency": "CNY"}]
    finding, _ = outlets(small(firms=firms, weekly=weekly, markets=markets)).findings
    assert (finding.value, finding.severity) == (0.0, None)
    assert "no market outside CN" in finding.sentence


def test_a_cluster_without_a_country_says_so() -> None:
    """Without hub, currency and a single country of sale, where output ends is not guessed."""
    firms = [row | {"currency": None} for row in small()["firms"].to_pylist()]
    finding, _ = outlets(small(firms=firms)).findings
    assert finding.value is None
    assert "country is not known" in finding.sentence


def test_work_among_makers_stays_inside() -> None:
    """Supplies to makers count as inside, those to sellers are sold on; without ties the reason stands."""
    ties = [
        {"firm_a": "M0", "firm_b": "M1", "kind": "subcontract", "value": 1000.0},
        {"firm_a": "M0", "firm_b": "S0", "kind": "supply", "value": 5000.0},
        {"firm_a": "M2", "firm_b": "M1", "kind": "knowledge", "value": 700.0},
    ]
    tables = small(ties=ties)
    weekly = tables.frame("weekly")
    sold = weekly.loc[weekly["week"] > weekly["week"].max() - np.timedelta64(364, "D"), "revenue"].sum()
    assert inside(tables).value == pytest.approx(1000 / (1000 + sold))
    assert inside(small()).value is None


def test_what_stays_inside_is_held_against_the_first_year_that_sales_cover() -> None:
    """Eighty weeks from 1 January 2024 cover 2024, not 2023 or 2025: of the ties of three years, the second is the past."""
    ties = [
        {"firm_a": "M0", "firm_b": "M1", "kind": "supply", "year": year, "value": value}
        for year, value in ((2023, 9000.0), (2024, 3000.0), (2025, 1000.0))
    ]
    tables = small(ties=ties)
    weekly = tables.frame("weekly")
    in_2024 = weekly.loc[weekly["week"].dt.year == 2024, "revenue"].sum()
    found = inside(tables)
    assert (found.comparison, found.reference) == ("past", pytest.approx(3000 / (3000 + in_2024)))
    assert " in 2024; " in found.sentence
    assert found.rows == "ties: 1"
    assert inside(small(ties=ties[1:2])).comparison is None


QUARTERS = [date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 7), date(2025, 1, 6)]  # first Mondays


def parts_from_members(*quarters: tuple[int, float]) -> Tables:
    """Return a cluster in which M0 buys a motor at 4 from the member P for each kettle, which sells for 16; units a week in 13 weeks of each quarter of 2024 on."""
    members = [*small()["firms"].to_pylist(), {"firm": "P", "role": "supplier", "currency": "CNY"}]
    weekly = [
        {"week": QUARTERS[n] + timedelta(weeks=week), "sku": sku, "market": "DE", "seller": "S0", "quantity": units, "revenue": 16 * units}
        for n, parts in enumerate(quarters)
        for week in range(13)
        for sku, units in zip(("P0", "P1"), parts, strict=True)
    ]  # fmt: skip
    return small(
        firms=members,
        weekly=weekly,
        materials=[
            {"sku": "P0", "material": "motor", "quantity": 1.0},
            {"sku": "P1", "material": "box", "quantity": 1.0},
        ],
        sources=[
            {"material": "motor", "supplier": "P", "origin": "CN", "cost": 4.0},
            {"material": "box", "supplier": "X", "origin": "CN", "cost": 9.0},
        ],
    )


def test_materials_from_members_end_in_the_cluster_quarter_by_quarter() -> None:
    """Of 16 a motor from a member is 4: all kettles with it give 4 / 20, half of them 2 / 18; what an outsider supplies is not counted.

    By hand: 13 weeks of 10 units with a motor and 0 without are 520 of motors beside 2,080 of sales: 20 %. Then 8 and 2: 416 / 2,496 =
    16.7 %; 6 and 4: 312 / 2,392 = 13.0 %; 4 and 6: 208 / 2,288 = 9.1 %; 2 and 8: 104 / 2,184 = 4.8 %.
    """
    tables = parts_from_members(*((10.0 - 2 * n, 2.0 * n) for n in range(5)))
    supplies = supplied_by_members(tables)
    assert supplies is not None
    np.testing.assert_allclose(supplies, [520.0, 416.0, 312.0, 208.0, 104.0])
    found = outlets(tables)
    assert found.table is not None
    rows = [row for row in found.table.to_pylist() if row["outlet"] == "cluster"]
    np.testing.assert_allclose([row["share"] for row in rows], [0.2, 416 / 2496, 312 / 2392, 208 / 2288, 104 / 2184])
    finding = inside(tables)
    assert finding.value == pytest.approx(1560 / (1560 + 10_400))
    assert (finding.comparison, finding.reference) == ("past", pytest.approx(0.2))
    assert "went from 20.0% to 4.8% of output, -15" in finding.sentence


def test_what_was_recorded_as_made_decides_in_which_quarter_it_ends_there() -> None:
    """All motors are built in as recorded, in the first two quarters twice as many as are sold then: their supplies double."""
    tables = parts_from_members(*((5.0, 5.0) for _ in range(4)))
    lots = [
        {"row": n + 1, "activity": "make", "date": QUARTERS[n], "firm": "M0", "sku": "P0", "seller": "S0", "quantity": units}
        for n, units in enumerate((130.0, 130.0, 13.0, 13.0))
    ]  # fmt: skip
    supplies = supplied_by_members(tables.adding(dict(tables_of(recorded=lots))))
    assert supplies is not None
    np.testing.assert_allclose(supplies, [520.0, 520.0, 52.0, 52.0])
    # A record that lacks a quarter would make a trend of its own: then what was sold counts, in all quarters.
    supplies = supplied_by_members(tables.adding(dict(tables_of(recorded=lots[:3]))))
    assert supplies is not None
    np.testing.assert_allclose(supplies, [260.0] * 4)


def test_two_counts_of_what_stays_inside_do_not_contradict_each_other() -> None:
    """Where bills tell more than the ties, ties lack supplies; where less, they count more. What moves by quarter is never the price of material."""
    parts = parts_from_members(*((5.0, 5.0) for _ in range(5)))
    for value, word in (
        (100.0, "Bills tell more than the ties (11.1% against"),
        (9000.0, "they count the work and supplies that firms report"),
    ):
        ties = [{"firm_a": "M0", "firm_b": "M1", "kind": "supply", "value": value}]
        finding = inside(parts.adding(dict(tables_of(ties=ties))))
        assert word in finding.sentence
        assert "moves with selling prices, the mix of goods and their makers alone" in finding.sentence
        assert "are 11.1% of output in the first and the last of 5 quarters" in finding.sentence
        assert "trend" not in finding.sentence
    assert "ties" not in inside(parts).sentence


def test_nothing_imported_is_said_plainly() -> None:
    """All material from home: 0 %, and no material named that is none."""
    materials = [{"family": "kettle", "material": "steel", "quantity": 1.0}]
    sources = [{"material": "steel", "supplier": "Y", "origin": "CN", "cost": 6.0}]
    finding = imported(small(materials=materials, sources=sources))
    assert finding.sentence == "No material in what was sold was imported."
    assert (finding.value, finding.severity, finding.measure) == (0.0, 0.0, "")


def test_without_a_member_as_supplier_the_trend_has_its_reason() -> None:
    """Ties are of years and all materials come from outside: the share is told, and that no quarter can be."""
    ties = [{"firm_a": "M0", "firm_b": "M1", "kind": "supply", "value": 1000.0}]
    finding = inside(small(ties=ties))
    assert finding.value is not None
    assert finding.sentence.endswith("ties are of whole years, and no material is bought from a member.")
    assert outlets(small(ties=ties)).table is not None


def test_import_content_by_the_bill_of_materials() -> None:
    """Resin from Germany at 4, one in each unit, and steel from home: what is imported over what is sold."""
    materials = [{"family": "kettle", "material": m, "quantity": 1.0} for m in ("resin", "steel")]
    sources = [
        {"material": "resin", "supplier": "X", "origin": "DE", "cost": 4.0},
        {"material": "steel", "supplier": "Y", "origin": "CN", "cost": 6.0},
    ]
    tables = small(materials=materials, sources=sources)
    weekly = tables.frame("weekly")
    last = weekly[weekly["week"] > weekly["week"].max() - np.timedelta64(364, "D")]
    finding = imported(tables)
    assert finding.value == pytest.approx(4 * last["quantity"].sum() / last["revenue"].sum())
    assert finding.severity == pytest.approx(0.4)
    assert imported(small()).value is None


def test_import_content_has_one_basis_for_tables_and_plans() -> None:
    """A plan of eight weeks that delivers and buys as was sold has the content of the year; half bought at home halves it.

    Leontief's m'(I − A)⁻¹f is all imports of what is finally sold: through ties the value is that of the bill of materials.
    """
    materials = [{"family": "kettle", "material": "resin", "quantity": 1.0}]
    sources = [
        {"material": "resin", "supplier": "X", "origin": "DE", "cost": 4.0},
        {"material": "resin", "supplier": "Y", "origin": "CN", "cost": 4.5},
    ]
    week = {"sku": "P0", "market": "DE", "quantity": 10.0, "revenue": 200.0}
    weekly = [week | {"week": MONDAY + timedelta(weeks=n), "seller": "S0"} for n in range(60)]
    tables = small(materials=materials, sources=sources, weekly=weekly)
    made = small(weekly=weekly[:8], materials=materials, sources=sources)
    assert imported(tables).value == pytest.approx(4 * 10 / 200)
    assert imported(made).value == pytest.approx(4 * 10 / 200)
    ties = [{"firm_a": "M0", "firm_b": "S0", "kind": "supply", "year": 2024, "value": 5000.0}]
    for some in (weekly, weekly[:8]):
        tied = imported(small(materials=materials, sources=sources, weekly=some, ties=ties))
        assert tied.rows.startswith("ties")
        assert tied.value == pytest.approx(0.2)
    order = {
        "plan": "joint",
        "week": MONDAY,
        "material": "resin",
        "firm": "M0",
        "quantity": 5.0,
        "order_quantity": 5.0,
        "together": True,
    }
    orders = [
        order | {"supplier": "X", "origin": "DE", "unit_price": 4.0, "cost": 20.0},
        order | {"supplier": "Y", "origin": "CN", "unit_price": 4.5, "cost": 22.5},
    ]
    bought = made.adding({"bought": tables_of(purchases=orders)["purchases"]})
    assert imported(bought).value == pytest.approx(4 * 5 / 200)


def test_channels_count_in_the_currency_of_the_run() -> None:
    """Each market's lines weigh as much as its revenue, whatever its money is called; amounts are a year's, as of markets."""
    weekly = [
        {"week": MONDAY, "sku": "P0", "market": m, "seller": "S0", "quantity": 1.0, "revenue": 100.0}
        for m in ("CN", "DE")
    ]
    sales = [
        {"document": f"{market}{n}", "date": MONDAY, "sku": "P0", "market": market, "channel": channel, "seller": "S0"}
        | {"quantity": 1.0, "unit_price": price}
        for market, price in (("CN", 700.0), ("DE", 1.0))
        for n, channel in enumerate(("shop",) * 3 + ("fair",) * (1 if market == "CN" else 0))
    ]
    found = spreads(small(weekly=weekly, sales=sales))
    assert found["channel"].amounts.to_dict() == pytest.approx({"shop": 52 * 175.0, "fair": 52 * 25.0})
    assert found["channel"].amounts.sum() == pytest.approx(found["market"].amounts.sum())


def test_a_plan_that_sells_nothing_spreads_over_no_market() -> None:
    """Flows without a single sale have no distribution of markets or channels."""
    assert not {"market", "channel"} & set(spreads(small(weekly=[])))
