"""What products pay on each lane, and how one figure is explained."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from jointplan.engine import Tables
from jointplan.errors import DataError, UsageError
from jointplan.logistics import LandedCost, LogisticsSettings, add_landed_costs, landed_cost
from jointplan.schema import TABLES
from jointplan.texts import set_language

DAY = date(2026, 7, 6)
WORTH = {"EUR": 1.0, "USD": 0.9, "CNY": 0.125}
BUILT_IN = LogisticsSettings(rules="built_in")
NET = LogisticsSettings(rules="built_in", prices_include_tax=False)


def cluster(**changes: list[dict[str, Any]]) -> Tables:
    """Return one maker in China, a warehouse in Germany, and markets in three countries."""
    rows: dict[str, list[dict[str, Any]]] = {
        "firms": [{"firm": "M", "role": "both"}, {"firm": "S", "role": "seller"}],
        "products": [
            {"sku": "SHOE", "hs": "640299", "maker": "M", "unit_value": 60.0, "transfer_price": 22.6, "weight": 1.0,
             "volume": 0.004},
            {"sku": "WATCH", "hs": "9102", "maker": "M", "unit_value": 240.0, "weight": 0.2, "volume": 0.001},
        ],
        "markets": [{"market": m, "country": m, "currency": "EUR"} for m in ("DE", "FR", "CN")],
        "sites": [{"site": "WH", "kind": "overseas_warehouse", "country": "DE"}],
        "lanes": [
            {"lane": "post-FR", "origin": "*", "destination": "FR", "mode": "parcel", "tariff": "post"},
            {"lane": "home", "origin": "*", "destination": "CN", "mode": "parcel", "tariff": "post"},
            {"lane": "sea", "origin": "M", "destination": "WH", "mode": "sea", "tariff": "lcl", "export_mode": "9810"},
            {"lane": "back", "origin": "WH", "destination": "CN", "mode": "sea", "tariff": "lcl", "export_mode": "9810"},
            {"lane": "last-DE", "origin": "WH", "destination": "DE", "mode": "parcel", "tariff": "post"},
        ],
        "tariffs": [
            {"tariff": "post", "basis": "kg", "from_quantity": 0.0, "rate": 10.0, "minimum": 4.0, "volumetric": 200.0},
            {"tariff": "lcl", "basis": "m3", "from_quantity": 0.0, "rate": 100.0, "minimum": 50.0},
        ],
    }  # fmt: skip
    rows |= changes
    return Tables({name: pa.Table.from_pylist(found, schema=TABLES[name].arrow) for name, found in rows.items()})


def landed(tables: Tables, settings: LogisticsSettings) -> dict[tuple[str, str], dict[str, float]]:
    found = add_landed_costs(tables, settings, on=DAY, until=DAY, worth=WORTH).tables["landed_costs"]
    return {(row["lane"], row["sku"]): row for row in found.to_pylist()}


def explained(settings: LogisticsSettings = BUILT_IN, tables: Tables | None = None, **options: Any) -> LandedCost:
    given = {"sku": "SHOE", "market": "FR", "on": DAY, "currency": "EUR", "worth": WORTH, **options}
    return landed_cost(tables or cluster(), settings, **given)


def test_without_rules_nothing_is_counted() -> None:
    """No table and no wish: the tables stay as they are, and nothing is assumed."""
    found = add_landed_costs(cluster(), LogisticsSettings(), on=DAY, until=DAY, worth=WORTH)
    assert found.tables == {}
    assert found.assumptions == ()


def test_a_parcel_to_france_by_hand() -> None:
    """60 EUR with 20 % VAT are 50 net; 3 EUR of duty; VAT on 50 + 10 freight + 3: 12.60; together 15.60."""
    row = landed(cluster(), BUILT_IN)["post-FR", "SHOE"]
    assert (row["duty"], row["per_item"]) == (0.0, 3.0)
    assert row["customs_value"] == pytest.approx(60.0)
    assert row["vat"] == pytest.approx(12.6)
    assert row["border"] == pytest.approx(15.6)


def week_of(**sold: Any) -> pa.Table:
    """Return a week's sales, by default of one shoe to France by M."""
    row = {"week": date(2026, 6, 29), "sku": "SHOE", "market": "FR", "seller": "M", "quantity": 1.0} | sold
    return pa.Table.from_pylist([row])


def test_what_is_sold_is_declared_at_its_price_in_the_market() -> None:
    """Two shoes sold for 480 EUR in France, 400 net: above 150 EUR each, 10 % of 200 + 10 freight; VAT on 231. Its usual price of 60 is below.

    Where shoes were not sold, they are declared at what they fetch elsewhere, and watches, which were sold nowhere, at their usual price.
    """
    rule = {"base": "cif", "rate": 0.1, "per_item": 3.0, "threshold": 150.0, "vat": 0.2, "from_date": date(2020, 1, 1)}
    lanes = [
        {"lane": f"post-{m}", "origin": "*", "destination": m, "mode": "parcel", "tariff": "post"} for m in ("FR", "DE")
    ]
    tables = cluster(duties=[rule | {"market": m} for m in ("FR", "DE")], lanes=lanes).adding(
        {"weekly": week_of(quantity=2.0, revenue=480.0)}
    )  # fmt: skip
    found = landed(tables, LogisticsSettings())
    for market in ("FR", "DE"):
        row = found[f"post-{market}", "SHOE"]
        assert (row["customs_value"], row["duty"], row["per_item"]) == pytest.approx((210.0, 21.0, 0.0))
        assert row["border"] == pytest.approx(21 + 0.2 * 231)
        assert found[f"post-{market}", "WATCH"]["duty"] == pytest.approx(0.1 * (200 + 4))
    told = explained(LogisticsSettings(), tables, quantity=3)
    lines = {line.line: line for line in told.lines}
    assert lines["total"].amount - lines["freight"].amount == pytest.approx(3 * found["post-FR", "SHOE"]["border"])
    assert "declared at 200.00 a unit: 240.00 less the tax in it (mean price in FR" in lines["duty"].rule


def test_potentials_price_what_is_not_sold_yet() -> None:
    """A market to be entered at 80 CNY, worth an eighth of a euro each: 10 EUR are declared, not the 60 of other markets."""
    markets = [{"market": m, "country": m, "currency": "CNY"} for m in ("DE", "FR", "CN")]
    expected = [{"sku": "SHOE", "market": "FR", "seller": "S", "quantity": 5.0, "unit_price": 80.0}]
    tables = cluster(markets=markets, potentials=expected).adding({"weekly": week_of(market="DE", revenue=60.0)})
    assert landed(tables, NET)["post-FR", "SHOE"]["customs_value"] == pytest.approx(10 + 10)


def test_prices_without_tax_leave_the_tax_to_the_buyer() -> None:
    """Then only the fixed charge is counted."""
    assert landed(cluster(), NET)["post-FR", "SHOE"]["border"] == pytest.approx(3.0)


def test_goods_for_a_warehouse_have_their_tax_back_and_their_refund() -> None:
    """22.60 paid with 13 % hold 2.60, refunded by 9810; import VAT is deducted; the sale is taxed where it happens."""
    found = landed(cluster(), BUILT_IN)
    assert found["sea", "SHOE"]["refund"] == pytest.approx(2.6)
    assert found["sea", "SHOE"]["vat"] == 0.0
    assert found["sea", "SHOE"]["border"] == pytest.approx(-2.6)
    assert found["last-DE", "SHOE"]["vat"] == pytest.approx(60 / 1.19 * 0.19)
    assert found["last-DE", "SHOE"]["duty"] == found["last-DE", "SHOE"]["per_item"] == 0.0


def test_a_warehouse_without_a_country_lies_where_its_lanes_lead_or_counts_as_at_home() -> None:
    """Goods pay duty on their way to it, the same as if its country were given, or else as they leave it; which is told."""
    lanes = cluster()["lanes"].to_pylist()
    blank = {"sites": [{"site": "WH", "kind": "overseas_warehouse"}]}
    one = [lane for lane in lanes if lane["lane"] != "back"]
    assert landed(cluster(lanes=one, **blank), BUILT_IN) == landed(cluster(lanes=one), BUILT_IN)
    several = landed(cluster(**blank), BUILT_IN)
    assert ("sea", "SHOE") not in several
    assert several["last-DE", "SHOE"]["per_item"] > 0 == landed(cluster(), BUILT_IN)["last-DE", "SHOE"]["per_item"]
    for rows, country in ((one, "DE"), (lanes, "CN")):
        found = add_landed_costs(cluster(lanes=rows, **blank), BUILT_IN, on=DAY, until=DAY, worth=WORTH)
        told = [note for note in found.assumptions if note.item == "country of a warehouse"]
        assert [(note.subject, note.value, note.replaced_by) for note in told] == [("WH", country, "sites.country")]


def test_goods_that_come_back_pay_the_refund_back() -> None:
    """There and back again earns nothing."""
    found = landed(cluster(), BUILT_IN)
    assert found["sea", "SHOE"]["refund"] + found["back", "SHOE"]["refund"] == pytest.approx(0.0)
    assert ("home", "SHOE") not in found


def test_no_duty_inside_the_union() -> None:
    """From the German warehouse to France nothing is due but the tax of the sale."""
    lane = {"lane": "x", "origin": "WH", "destination": "FR", "mode": "parcel", "tariff": "post"}
    row = landed(cluster(lanes=[lane]), BUILT_IN)["x", "SHOE"]
    assert row["duty"] + row["per_item"] == 0.0
    assert row["vat"] == pytest.approx(10.0)


def test_unknown_rates_are_said() -> None:
    """Where the rate depends on the HS code, the assumption says that it is counted as 0, and by what to replace it."""
    notes = add_landed_costs(cluster(), BUILT_IN, on=DAY, until=DAY, worth=WORTH).assumptions
    assert {n.subject for n in notes if n.item == "duty rate"} == {"DE", "FR"}
    assert {n.replaced_by for n in notes if n.item == "duty rate"} == {"duties.rate"}


def test_rules_that_change_on_the_way_are_said() -> None:
    """A plan from June into July 2026 counts June's rules till the first Monday of July's, and says for which markets they change."""
    days = {"on": date(2026, 6, 29), "until": date(2026, 7, 26)}
    found = add_landed_costs(cluster(), BUILT_IN, worth=WORTH, **days)
    changed = {(note.subject, note.value) for note in found.assumptions if note.item == "rules that change"}
    assert changed == {("DE", "2026-07-06"), ("FR", "2026-07-06")}
    rows = found.tables["landed_costs"].to_pylist()
    paid = {row["week"]: row["per_item"] for row in rows if (row["lane"], row["sku"]) == ("post-FR", "SHOE")}
    assert paid == {date(2026, 6, 29): 0.0, date(2026, 7, 6): 3.0}


RULED = {"market": "FR", "base": "fob", "rate": 0.1, "vat": 0.0}
ALWAYS = {"code": "9810", "refund": 1.0, "vat": 0.13, "from_date": date(2020, 1, 1)}
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 30)


def noted(tables: Tables, item: str, settings: LogisticsSettings = NET) -> dict[str, tuple[str, str]]:
    """Return subject, first week and text of one kind of assumption over four weeks from 16 March 2026."""
    days = {"on": date(2026, 3, 16), "until": date(2026, 4, 12)}
    notes = add_landed_costs(tables, settings, worth=WORTH, **days).assumptions
    return {note.subject: (note.value, note.rule) for note in notes if note.item == item}


@pytest.mark.parametrize(
    ("days", "value", "said"),
    [
        ([(MARCH, date(2026, 3, 31))], "2026-04-06", "from the week of 2026-04-06 on"),
        ([(date(2026, 3, 31), APRIL)], "2026-03-16", "in the weeks of 2026-03-16 to 2026-03-30"),
        ([(MARCH, date(2026, 3, 22)), (date(2026, 4, 5), APRIL)], "2026-03-23", "in the weeks of 2026-03-23 to 2026-03-30"),
        ([(date(2030, 1, 1), None)], "2026-03-16", "in the weeks planned"),
    ],
    ids=["ends", "begins", "pauses", "other days"],
)  # fmt: skip
def test_weeks_without_a_rule_are_said(days: list[tuple[date, date | None]], value: str, said: str) -> None:
    """By the calendar: Mondays on which no row holds; the same days for duties and export modes, and nothing changes besides."""
    rows = [RULED | {"from_date": begins, "to_date": ends} for begins, ends in days]
    tables = cluster(duties=rows, export_modes=[ALWAYS])
    found = noted(tables, "no duty rule")
    assert found["FR"][0] == value
    assert f"arrive {said}:" in found["FR"][1]
    assert noted(tables, "rules that change") == {}
    modes = [ALWAYS | {"from_date": begins, "to_date": ends} for begins, ends in days]
    # The rows of the user stand for the mode on whatever day: that of the program does not come back.
    for settings in (LogisticsSettings(), NET):
        [(subject, told)] = noted(cluster(export_modes=modes), "no export mode", settings).items()
        assert subject == "9810 back sea"
        assert told[0] == value
        assert f"arrive {said}:" in told[1]
    paid = add_landed_costs(
        cluster(export_modes=modes), LogisticsSettings(), on=date(2026, 3, 16), until=date(2026, 4, 12), worth=WORTH
    ).tables["landed_costs"].to_pylist()  # fmt: skip
    for row in paid:
        if (row["lane"], row["sku"]) == ("sea", "SHOE"):
            holds = any(begins <= row["week"] <= (ends or date.max) for begins, ends in days)
            assert row["refund"] == pytest.approx(2.6 if holds else 0.0)


def test_goods_whose_code_no_rule_fits_are_said() -> None:
    """Shoes alone have a rule in France: that watches have none is said with their code, in the plan and of one of them."""
    tables = cluster(duties=[RULED | {"hs": "64", "from_date": MARCH}], export_modes=[ALWAYS])
    assert noted(tables, "no duty rule")["FR 9102"][0] == "2026-03-16"
    duty = next(line for line in explained(LogisticsSettings(), tables, sku="WATCH").lines if line.line == "duty")
    assert "not known" in duty.rule
    assert "9102" in duty.unknown


def test_a_landed_cost_on_a_day_without_a_rule_says_so() -> None:
    """The day is named, what would be refunded counts as nothing, and the broker is to be asked."""
    mode = ALWAYS | {"to_date": date(2026, 3, 31)}
    tables = cluster(export_modes=[mode], duties=[RULED | {"market": "DE", "from_date": MARCH, "to_date": APRIL}])
    ended = explained(LogisticsSettings(), tables, market="DE", on=date(2026, 5, 4), quantity=10)
    lines = {line.line: line for line in ended.lines}
    assert lines["refund"].amount == 0
    assert "9810 has no rule on 2026-05-04" in lines["refund"].rule
    assert "DE on 2026-05-04 is not known" in lines["duty"].rule
    assert any("9810" in said for said in ended.unknown)
    (said,) = (said for said in ended.unknown if "DE on 2026-05-04" in said)
    assert f"ended on {APRIL}" in said
    assert "HS code" not in said
    held = explained(LogisticsSettings(), tables, market="DE", on=date(2026, 3, 30), quantity=10)
    assert next(line.amount for line in held.lines if line.line == "refund") == pytest.approx(-26.0)
    assert held.unknown == ()


def test_loads_above_the_last_band_are_said() -> None:
    """15 kg by a tariff that ends at 10 kg are charged 15 times its rate: the plan assumes it and one landed cost says it."""
    post = {"tariff": "post", "basis": "kg", "from_quantity": 0.0, "to_quantity": 10.0, "rate": 5.0, "minimum": 0.0}
    lcl = post | {"tariff": "lcl", "to_quantity": None}
    lanes = [{"lane": "air", "origin": "*", "destination": "FR", "mode": "air", "tariff": "post"}]
    tables = cluster(tariffs=[post, lcl], lanes=lanes)
    found = add_landed_costs(tables, LogisticsSettings(), on=DAY, until=DAY, worth=WORTH)
    assert [(n.item, n.subject, n.value, n.unit) for n in found.assumptions] == [("last band", "post", "10", "kg")]
    above, within = (explained(LogisticsSettings(), tables, quantity=n).lines[0] for n in (15, 10))
    assert (above.amount, within.amount) == pytest.approx((75.0, 50.0))
    assert "ends at 10 kg" in above.rule
    assert "ends at" not in within.rule


@pytest.mark.parametrize(
    ("tariff", "units", "amount", "en", "zh"),
    [
        ([{"basis": "kg", "rate": 2.0, "minimum": 50.0}], 10, 50.0,
         "the minimum charge of 50.00 instead of 20.00", "不足最低收费，按 50.00 收取，而非 20.00"),
        ([{"basis": "kg", "rate": 2.0, "minimum": 50.0}], 30, 60.0, "charged by chargeable weight", "按计费重量计费"),
        ([{"basis": "kg", "rate": 9.0, "minimum": 5.0, "to_quantity": 20.0},
          {"basis": "kg", "rate": 6.0, "minimum": 5.0, "from_quantity": 20.0}], 18, 120.0,
         "declared as 20 kg, where a cheaper band begins, instead of 162.00 as it is",
         "按 20 公斤起的更便宜一档申报，而非按实际数量的 162.00"),
        ([{"basis": "kg", "rate": 9.0, "minimum": 5.0, "to_quantity": 20.0},
          {"basis": "kg", "rate": 6.0, "minimum": 5.0, "from_quantity": 20.0}], 20, 120.0, "charged by chargeable weight", "按计费重量计费"),
        ([{"basis": "order", "rate": 30.0, "minimum": 40.0}], 3, 40.0,
         "charged by the order; the minimum charge of 40.00 instead of 30.00", "按单计费；不足最低收费，按 40.00 收取，而非 30.00"),
        ([{"basis": "container", "rate": 900.0, "container_kg": 10.0, "container_m3": 5.0}], 15, 1800.0,
         "15 kg and 0.06 m³: 2 containers, each at 900.00", "15 公斤、0.06 立方米：整箱 2 个，每个 900.00"),
        ([{"basis": "container", "rate": 900.0, "container_kg": 10.0, "container_m3": 5.0}], 5, 900.0,
         "5 kg and 0.02 m³: 1 container at 900.00", "5 公斤、0.02 立方米：整箱 1 个，每个 900.00"),
    ],
    ids=["minimum", "rate", "declared", "border", "order", "containers", "container"],
)  # fmt: skip
def test_what_a_load_is_charged_for_is_said(
    tariff: list[dict[str, Any]], units: int, amount: float, en: str, zh: str
) -> None:
    """A shoe weighs 1 kg: a load pays by its rate, the minimum, as one declared to be larger, or so many containers; each is named, nothing else."""
    lanes = [{"lane": "air", "origin": "*", "destination": "FR", "mode": "air", "tariff": "t"}]
    bands = [{"tariff": "t", "from_quantity": 0.0, "minimum": 0.0} | band for band in tariff]
    for name, said in (("en", en), ("zh", zh)):
        set_language(name)
        line = explained(LogisticsSettings(), cluster(tariffs=bands, lanes=lanes), quantity=units).lines[0]
        assert line.amount == pytest.approx(amount)
        assert line.rule.endswith(said)
    set_language("en")


def test_the_minimum_of_a_parcel_is_said() -> None:
    """A watch of .2 kg would pay 2 by its rate and pays 4, each of five; a shoe of 1 kg pays 10, which is above the minimum."""
    watches, shoes = (explained(LogisticsSettings(), sku=sku, quantity=5).lines[0] for sku in ("WATCH", "SHOE"))
    assert (watches.amount, shoes.amount) == pytest.approx((20.0, 50.0))
    assert watches.rule == "Parcels: 5, of 0.2 kg and 0.001 m³ each; the minimum charge of 4.00 instead of 2.00"
    assert "minimum" not in shoes.rule


def test_rules_named_by_a_tariff_are_filled_in() -> None:
    """A tariff by the express rule counts 200 kg/m³ in half kilograms; one by the 40HC takes what that holds."""
    tariffs = [
        {"tariff": "post", "basis": "kg", "from_quantity": 0.0, "rate": 1.0, "minimum": 0.0, "weight_rule": "express"},
        {"tariff": "lcl", "basis": "container", "from_quantity": 0.0, "rate": 1.0, "container": "40HC"},
    ]
    post, box = (
        add_landed_costs(cluster(tariffs=tariffs), LogisticsSettings(), on=DAY, until=DAY, worth=WORTH)
        .tables["tariffs"]
        .to_pylist()
    )
    assert (post["volumetric"], post["weight_step"]) == (pytest.approx(200.0), 0.5)
    assert (box["container_kg"], box["container_m3"]) == (26540.0, 76.0)


def test_rules_that_do_not_exist_are_told() -> None:
    """A tariff or a lane that names an unknown rule or mode is an error with a cure."""
    tariffs = [
        {"tariff": t, "basis": "kg", "from_quantity": 0.0, "rate": 1.0, "weight_rule": "expres"}
        for t in ("post", "lcl")
    ]
    with pytest.raises(DataError, match="expres") as error:
        add_landed_costs(cluster(tariffs=tariffs), LogisticsSettings(), on=DAY, until=DAY, worth=WORTH)
    assert "express" in error.value.cure
    lane = {"lane": "x", "origin": "M", "destination": "FR", "mode": "parcel", "tariff": "post", "export_mode": "9999"}
    with pytest.raises(DataError, match="9999"):
        landed(cluster(lanes=[lane]), BUILT_IN)


def test_lines_add_up_and_name_their_source() -> None:
    """The last line is the sum of the others; each of these says where its rule comes from."""
    found = explained(quantity=40)
    *lines, total = found.lines
    assert total.line == "total"
    assert total.amount == pytest.approx(sum(line.amount for line in lines))
    assert [line.line for line in lines] == ["freight", "duty", "per_item", "vat"]
    assert all(line.source for line in lines)
    assert "2026/382" in lines[2].source
    assert found.as_dict()["per_unit"] == pytest.approx(10 + 3 + 12.6)


def test_parcels_cost_what_the_plan_counts() -> None:
    """A unit by parcel bears in the explanation what the stage gives the plan, freight apart."""
    tables = cluster()
    for sku in ("SHOE", "WATCH"):
        lines = {line.line: line.amount for line in explained(tables=tables, sku=sku).lines}
        row = landed(tables, BUILT_IN)["post-FR", sku]
        assert lines["total"] - lines["freight"] == pytest.approx(row["border"])


BY_SEA = [{"lane": "box", "origin": "M", "destination": "FR", "mode": "sea", "tariff": "lcl"}]
ONCE = {"market": "FR", "from_date": date(2020, 1, 1), "base": "cif", "rate": 0.1, "per_item": 4.0, "vat": 0.2, "threshold": 0.0,
        "clearing": 35.0}  # fmt: skip


def test_loads_cost_what_the_plan_counts() -> None:
    """A thousand shoes by sea, 50 net each and 0.40 of freight: a tenth of duty, tax on both, and once 35 of clearing and 4.80 for a tariff item."""
    tables = cluster(lanes=BY_SEA, duties=[ONCE])
    row = landed(tables, LogisticsSettings())["box", "SHOE"]
    assert row["border"] == pytest.approx(5.04 + 0.2 * 55.44)
    assert (row["per_item"], row["fees"]) == (0.0, 0.0)
    assert row["clearing"] == pytest.approx(35 + 1.2 * 4)
    for quantity in (200.0, 1000.0):
        lines = {line.line: line for line in explained(LogisticsSettings(), tables, quantity=quantity).lines}
        assert lines["total"].amount - lines["freight"].amount == pytest.approx(
            quantity * row["border"] + row["clearing"]
        )
    assert landed(tables, NET)["box", "SHOE"]["clearing"] == pytest.approx(35 + 4)


def test_a_threshold_is_for_parcels() -> None:
    """Plans take loads to be above it: they pay the rate, and not what small consignments pay for each tariff item; of one below it that is said."""
    tables = cluster(lanes=BY_SEA, duties=[ONCE | {"threshold": 150.0}])
    row = landed(tables, LogisticsSettings())["box", "SHOE"]
    assert row["duty"] == pytest.approx(5.04)
    assert row["clearing"] == pytest.approx(35)
    few, many = (
        {line.line: line for line in explained(LogisticsSettings(), tables, quantity=n).lines} for n in (3.0, 200.0)
    )
    assert few["duty"].amount == 0.0
    assert "plans take loads to be above it" in few["duty"].rule
    assert "per_item" not in many
    assert "plans take" not in many["duty"].rule


def test_goods_for_a_warehouse_are_cleared_as_they_come_in_not_as_they_leave() -> None:
    """By sea into the German warehouse a load pays 35 and 4, its tax being deducted; from there, at home and in parcels none pays once."""
    found = landed(cluster(duties=[ONCE | {"market": "DE"}]), BUILT_IN)
    assert found["sea", "SHOE"]["clearing"] == pytest.approx(35 + 4)
    assert {lane for (lane, _), row in found.items() if row["clearing"]} == {"sea"}


def test_goods_of_several_codes_in_one_load_are_told() -> None:
    """Watches are cleared for 80, shoes for 35: the assumption names the lane and the most, also where it is less later; with one code there is none."""
    rules = [ONCE | {"per_item": 0.0, "hs": "64"}, ONCE | {"per_item": 0.0, "hs": "91", "clearing": 80.0}]
    tables = cluster(lanes=BY_SEA, duties=rules)
    found = landed(tables, LogisticsSettings())
    assert [found["box", sku]["clearing"] for sku in ("SHOE", "WATCH")] == [35.0, 80.0]

    def told(tables: Tables, until: date = DAY) -> list[tuple[str | None, str]]:
        notes = add_landed_costs(tables, LogisticsSettings(), on=DAY, until=until, worth=WORTH).assumptions
        return [(note.subject, note.value) for note in notes if note.item == "clearing of loads"]

    assert told(tables) == [("box", "80")]
    cheaper = [
        rules[0],
        rules[1] | {"to_date": date(2026, 7, 19)},
        rules[1] | {"from_date": date(2026, 7, 20), "clearing": 50.0},
    ]
    assert told(cluster(lanes=BY_SEA, duties=cheaper), date(2026, 8, 2)) == [("box", "80")]
    assert told(cluster(lanes=BY_SEA, duties=[ONCE])) == [("box", "39.8")]
    assert told(cluster(lanes=BY_SEA, duties=[ONCE | {"per_item": 0.0}])) == []
    shoes = [row for row in cluster()["products"].to_pylist() if row["sku"] == "SHOE"]
    assert told(cluster(lanes=BY_SEA, duties=[ONCE], products=shoes)) == []


def test_the_rules_of_another_day() -> None:
    """Before July 2026 the same parcel pays no fixed charge."""
    lines = [line.line for line in explained(on=date(2026, 6, 30)).lines]
    assert "per_item" not in lines


def test_a_route_over_the_warehouse() -> None:
    """To Germany the goods go by sea and from the warehouse; insurance is a line of its own."""
    found = explained(LogisticsSettings(rules="built_in", insurance=0.01), market="DE", quantity=100)
    assert found.route == ("sea", "last-DE")
    assert {line.line for line in found.lines} >= {"insurance", "refund", "vat"}


def test_the_places_on_the_way_are_paid_for_and_weighed_in_choosing_the_route() -> None:
    """0.4 m³ through a warehouse that takes 800 CNY a m³: 40 EUR, as in the plan. Where it takes more, goods go round it."""
    direct = {"lane": "lcl-DE", "origin": "M", "destination": "DE", "mode": "sea", "tariff": "dear"}
    dear = {"tariff": "dear", "basis": "m3", "from_quantity": 0.0, "rate": 7000.0, "minimum": 0.0}
    plain = cluster()
    site = {"site": "WH", "kind": "overseas_warehouse", "country": "DE", "handling_cost": 800.0, "storage_cost": 80.0}
    for cost, route in ((800.0, ("sea", "last-DE")), (80000.0, ("lcl-DE",))):
        tables = cluster(
            sites=[site | {"currency": "CNY", "handling_cost": cost}],
            lanes=[*plain["lanes"].to_pylist(), direct],
            tariffs=[*plain["tariffs"].to_pylist(), dear],
        )
        found = explained(tables=tables, market="DE", quantity=100)
        assert found.route == route
        handling = [line for line in found.lines if line.line == "handling"]
        assert [line.amount for line in handling] == [pytest.approx(40.0)] * (cost == 800)
        for line in handling:
            assert line.lane == "sea"
            assert "10.00 a m³ more" in line.rule


@pytest.mark.parametrize("maker", ["M", None])
def test_a_factory_is_paid_for_goods_that_leave_it(maker: str | None) -> None:
    """0.4 m³ at 80 a m³: 32, on the lane from every maker too where the product has one; nothing where goods only come in."""
    place = {"site": "M", "kind": "factory", "handling_cost": 80.0, "storage_cost": 8.0, "currency": "EUR"}
    goods = [row | {"maker": maker} for row in cluster()["products"].to_pylist()]
    tables = cluster(sites=[place], products=goods)
    found = explained(tables=tables, quantity=100)
    handling = [line for line in found.lines if line.line == "handling"]
    assert [(line.lane, line.amount) for line in handling] == [("post-FR", pytest.approx(32.0))] * (maker is not None)
    assert all("leave M" in line.rule and "8.00 a m³ more" in line.rule for line in handling)


def test_tax_left_to_the_buyer_has_the_setting_for_its_source_and_a_threshold_its_rate() -> None:
    """No rule of duty is behind a tax that is not counted; 800 USD at 0.9 are 720 EUR, and both are said."""
    rule = {"market": "FR", "base": "fob", "rate": 0.1, "threshold": 800.0, "currency": "USD", "authority": "Law 7"}
    lines = {line.line: line for line in explained(NET, cluster(duties=[rule | {"from_date": date(2020, 1, 1)}])).lines}
    assert "prices_include_tax" in lines["vat"].source
    assert "720.00 (800.00 USD at 0.9)" in lines["duty"].rule


def test_a_market_without_rules_is_told_no_rate() -> None:
    """A rate of nothing on a CIF value would look like a rule."""
    duty = next(line for line in explained(LogisticsSettings()).lines if line.line == "duty")
    assert duty.unknown
    assert "not known" in duty.rule
    assert "%" not in duty.rule


def fees_of(tables: Tables) -> dict[tuple[str, str | None, str | None], tuple[float, float]]:
    found = add_landed_costs(tables, LogisticsSettings(), on=DAY, until=DAY, worth=WORTH).tables["channel_fees"]
    return {(row["market"], row["seller"], row["sku"]): (row["share"], row["fixed"]) for row in found.to_pylist()}


def sold(channel: str, seller: str, sku: str, quantity: float, market: str = "FR") -> dict[str, Any]:
    return {"channel": channel, "market": market, "seller": seller, "sku": sku, "quantity": quantity}


WEB = [{"channel": "web", "share": 0.1, "fixed": 0.0}, {"channel": "web", "market": "CN", "share": 0.3, "fixed": 8.0}]


def test_channel_fees_are_weighted_by_the_sellers_own_sales_of_the_product() -> None:
    """By hand: M sells shoes by the web alone and watches half by it, S sells in the shop only, which keeps nothing."""
    sales = [sold("web", "M", "SHOE", 30.0), sold("web", "M", "WATCH", 5.0), sold("shop", "M", "WATCH", 5.0),
             sold("shop", "S", "SHOE", 10.0), sold("web", "M", "WATCH", -3.0, "DE")]  # fmt: skip
    found = fees_of(cluster(sales=sales, fees=WEB))
    share = {key: share for key, (share, _) in found.items() if key[0] == "FR"}
    assert share == pytest.approx(
        {("FR", "M", "SHOE"): 0.1, ("FR", "M", "WATCH"): 0.05, ("FR", "S", "SHOE"): 0.0, ("FR", "M", None): 0.0875,
         ("FR", "S", None): 0.0, ("FR", None, "SHOE"): 0.075, ("FR", None, "WATCH"): 0.05, ("FR", None, None): 0.07}
    )  # fmt: skip


def test_in_a_new_market_channels_charge_what_they_do_there() -> None:
    """M sells by the web elsewhere: in China that keeps three tenths and 8 yuan, which are 1 of the run's currency."""
    markets = [
        {"market": "FR", "country": "FR", "currency": "EUR"},
        {"market": "CN", "country": "CN", "currency": "CNY"},
    ]
    sales = [sold("web", "M", "SHOE", 30.0), sold("shop", "S", "SHOE", 10.0)]
    found = fees_of(cluster(markets=markets, sales=sales, fees=WEB))
    assert found["CN", "M", None] == pytest.approx((0.3, 1.0))
    assert found["CN", "S", None] == (0.0, 0.0)
    assert found["CN", None, None] == pytest.approx((0.225, 0.75))
    assert ("CN", "M", "SHOE") not in found


def test_sales_without_a_channel_pay_no_fee() -> None:
    """As the check says of a column of channels that nobody filled in, whatever channels charge."""
    sales = [sold("web", "M", "SHOE", 4.0) | {"channel": None}]
    found = add_landed_costs(cluster(sales=sales, fees=WEB), LogisticsSettings(), on=DAY, until=DAY, worth=WORTH)
    assert "channel_fees" not in found.tables


def test_one_landed_cost_has_the_channel_fee_of_its_seller() -> None:
    """Three quarters of all shoes go by the web; M's all do, S's none, and a newcomer is charged as all others."""
    sales = [sold("web", "M", "SHOE", 30.0), sold("shop", "S", "SHOE", 10.0), sold("web", "S", "WATCH", 90.0)]
    firms = [{"firm": "M", "role": "both"}, {"firm": "S", "role": "seller"}, {"firm": "N", "role": "seller"}]
    tables = cluster(sales=sales, fees=WEB, firms=firms)
    amounts = [
        next(line.amount for line in explained(tables=tables, seller=seller).lines if line.line == "channel_fee")
        for seller in (None, "M", "S", "N")
    ]
    assert amounts == pytest.approx([4.5, 6.0, 0.0, 4.5])


@pytest.mark.parametrize(
    ("fee", "said"),
    [
        ({"share": 0.0434}, "4.34% of the price 60.00"),
        ({"share": 0.1, "fixed": 2.0}, "10% of the price 60.00"),
    ],
)
def test_what_a_channel_keeps_can_be_counted_again(fee: dict[str, float], said: str) -> None:
    """The share is told to as many digits as make the amount; nothing a unit is not told."""
    fees = [{"channel": "web", "fixed": 0.0, **fee}]
    tables = cluster(sales=[sold("web", "S", "SHOE", 1.0)], fees=fees)
    line = explained(tables=tables, seller="S").lines[-2]
    assert line.rule.startswith(said)
    assert ("a unit" in line.rule) == ("fixed" in fee)


def test_a_channel_keeps_its_share_of_the_price_in_the_market_and_of_the_seller() -> None:
    """A tenth of 200 where S sells; of M's own 100; and of the mean of 150 where nobody is named."""
    sales = [sold("web", seller, "SHOE", 1.0) for seller in ("M", "S")]
    weekly = pa.concat_tables([week_of(seller=s, revenue=r) for s, r in (("M", 100.0), ("S", 200.0))])
    tables = cluster(sales=sales, fees=WEB).adding({"weekly": weekly})
    amounts = [explained(tables=tables, seller=seller).lines[-2].amount for seller in ("S", "M", None)]
    assert amounts == pytest.approx([20.0, 10.0, 15.0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sku": "SHOES"}, "SHOES"),
        ({"market": "US"}, "US"),
        ({"market": "DE", "lane": "post-FR"}, "post-FR"),
        ({"lane": "post-XX"}, "post-XX"),
        ({"seller": "nobody"}, "nobody"),
        ({"quantity": 0.0}, "above 0"),
    ],
)
def test_what_is_not_there_is_told(options: dict[str, Any], said: str) -> None:
    """Unknown names, and lanes that do not lead there, are named in an error with a cure."""
    with pytest.raises(UsageError, match=said) as error:
        explained(**options)
    assert error.value.cure


@pytest.mark.parametrize(
    ("options", "cure", "zh"),
    [
        ({"sku": "?"}, "See the table products.", "请查看产品表。"),
        ({"market": "?"}, "See the table markets.", "请查看市场表。"),
        ({"lane": "?"}, "See the table lanes.", "请查看运输线路表。"),
        ({"seller": "?"}, "See the table firms.", "请查看企业表。"),
        ({"sku": "SHOES"}, "Did you mean SHOE?", "是否指 SHOE？"),
        ({"market": "de"}, "Did you mean DE?", "是否指 DE？"),
    ],
)
def test_an_unknown_name_is_cured_in_both_languages(options: dict[str, Any], cure: str, zh: str) -> None:
    """The nearest known name, else the table to look into, by its own name in each language."""
    for name, said in (("en", cure), ("zh", zh)):
        set_language(name)
        with pytest.raises(UsageError) as error:
            explained(**options)
        assert error.value.cure == said


def test_no_part_of_a_unit_goes_by_parcel() -> None:
    """A parcel holds one unit: a part is refused with the next whole number, wherever on the route; a load may hold it."""
    for market, lane, quantity, cure in (("FR", "post-FR", 1.5, "such as 2."), ("DE", "last-DE", 0.25, "such as 1.")):
        with pytest.raises(UsageError, match=f"by parcel on the lane {lane}") as error:
            explained(market=market, quantity=quantity)
        assert cure in error.value.cure
    assert explained(market="FR", quantity=2.0).quantity == 2.0
    lanes = [{"lane": "sea", "origin": "M", "destination": "FR", "mode": "sea", "tariff": "lcl"}]
    assert explained(tables=cluster(lanes=lanes), quantity=1.5).lines[0].amount == 50.0


def test_a_part_of_a_unit_may_take_a_lane_that_is_named() -> None:
    """Where parcels are the cheapest way but not the only one, the cure names a lane that leads there without them."""
    ways = (("post", "M", "FR", "parcel", "post"), ("sea", "M", "WH", "sea", "lcl"), ("by truck", "WH", "FR", "road", "lcl"),
            ("last", "WH", "FR", "parcel", "post"))  # fmt: skip
    names = ("lane", "origin", "destination", "mode", "tariff")
    tables = cluster(lanes=[dict(zip(names, way, strict=True)) for way in ways])
    for asked, taken in ((None, "post"), ("last", "last")):
        with pytest.raises(UsageError, match=f"by parcel on the lane {taken}") as error:
            explained(tables=tables, quantity=0.5, lane=asked)
        assert error.value.cure.endswith("such as 1, or name a lane without parcels: --lane 'by truck'.")
    assert explained(tables=tables, quantity=0.5, lane="by truck").route == ("sea", "by truck")


def test_no_lane_to_the_market() -> None:
    """A market that no lane reaches has no landed cost."""
    markets = [{"market": m, "country": m, "currency": "EUR"} for m in ("DE", "FR", "CN", "JP")]
    with pytest.raises(UsageError, match="JP"):
        explained(tables=cluster(markets=markets), market="JP")


def test_channels_keep_their_share_without_any_rule_of_borders() -> None:
    """A tenth of 60 and 0.5 on every unit sold, apart from what it pays at the border; that nothing is paid there changes nothing."""
    fees = [{"channel": "web", "share": 0.1, "fixed": 0.5}]
    tables = cluster(sales=[sold("web", "M", "SHOE", 1.0)], fees=fees)
    stage = add_landed_costs(tables, LogisticsSettings(), on=DAY, until=DAY, worth=WORTH)
    assert set(stage.tables) == {"channel_fees"}
    assert [row.item for row in stage.assumptions] == ["channel fees"]
    assert landed(tables, BUILT_IN)["post-FR", "SHOE"]["border"] == pytest.approx(15.6)
    lines = {line.line: line.amount for line in explained(LogisticsSettings(), tables=tables, quantity=2).lines}
    assert lines["channel_fee"] == pytest.approx(13.0)


def test_channels_that_keep_nothing_leave_the_tables_as_they_are() -> None:
    """Fees of nought are no fees."""
    tables = cluster(sales=[sold("web", "M", "SHOE", 1.0)], fees=[{"channel": "web", "share": 0.0, "fixed": 0.0}])
    assert not add_landed_costs(tables, LogisticsSettings(), on=DAY, until=DAY, worth=WORTH).tables


@pytest.mark.parametrize("limit_per", ["parcel", "declaration"])
def test_a_unit_above_the_limit_of_its_mode_has_no_refund(limit_per: str) -> None:
    """Goods bought for 11.30 hold 1.30 of tax, of which half comes back, if a unit is worth no more than 40 yuan of 1.25 each."""
    mode = {
        "code": "mine",
        "from_date": date(2026, 1, 1),
        "refund": 0.5,
        "vat": 0.13,
        "value_limit": 40.0,
        "currency": "CNY",
        "limit_per": limit_per,
    }
    lane = {
        "lane": "out",
        "origin": "M",
        "destination": "FR",
        "mode": "parcel",
        "tariff": "post",
        "export_mode": "mine",
    }
    goods = [
        {"sku": sku, "maker": "M", "unit_value": price, "transfer_price": 11.3, "weight": 1.0, "volume": 0.001}
        for sku, price in (("CHEAP", 50.0), ("DEAR", 50.1))
    ]
    tables = cluster(export_modes=[mode], lanes=[lane], products=goods)
    found = add_landed_costs(tables, LogisticsSettings(), on=DAY, until=DAY, worth={"EUR": 1.0, "CNY": 1.25})
    refunds = {row["sku"]: row["refund"] for row in found.tables["landed_costs"].to_pylist()}
    assert refunds == {"CHEAP": pytest.approx(0.65), "DEAR": 0.0}
    told = [(row.subject, row.value) for row in found.assumptions if row.item == "export limit"]
    assert told == [("out mine", "1")]
    dear = landed_cost(
        tables, LogisticsSettings(), sku="DEAR", market="FR", on=DAY, currency="EUR", worth={"EUR": 1.0, "CNY": 1.25}
    )
    assert [f"{line.amount:.2f}" for line in dear.lines if line.line == "refund"] == ["0.00"]


def test_a_load_is_declared_in_as_many_declarations_as_its_limit_asks_for() -> None:
    """Shoes are declared at 22.60: five in a declaration of at most 120, so 11 in three, each refunded as the plan counts it."""
    mode = {"code": "9810", "from_date": date(2026, 1, 1), "refund": 1.0, "vat": 0.13, "value_limit": 120.0, "currency": "EUR",
            "limit_per": "declaration"}  # fmt: skip
    tables = cluster(export_modes=[mode])
    [line] = [line for line in explained(BUILT_IN, tables, market="DE", quantity=11).lines if line.line == "refund"]
    assert line.amount == pytest.approx(-11 * 2.6)
    assert "in 3 declarations" in line.rule
    assert landed(tables, BUILT_IN)["sea", "SHOE"]["refund"] == pytest.approx(2.6)
    parcels = cluster(export_modes=[mode | {"limit_per": "parcel"}])
    [line] = [line for line in explained(BUILT_IN, parcels, market="DE", quantity=11).lines if line.line == "refund"]
    assert line.amount == pytest.approx(-11 * 2.6)
    assert "declarations" not in line.rule
