"""Lanes, promotion and quality are measured against hand-made truths, or the reason stands instead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.logistics import measure_logistics
from jointplan.diagnosis.logistics.promotion import measure_making_costs, unit_costs
from jointplan.diagnosis.settings import LogisticsDiagnosisSettings
from jointplan.engine import Tables
from tests.diagnosis.cluster import MONDAY, small, tables_of

SETTINGS = LogisticsDiagnosisSettings(draws=100)
LAST = MONDAY + timedelta(weeks=79)


def found(made: Diagnosed, indicator: str) -> Finding:
    (finding,) = [finding for finding in made.findings if finding.indicator == indicator]
    return finding


def measured(tables: Tables) -> Diagnosed:
    return measure_logistics(tables, SETTINGS, currency="CNY", holding_rate=0.25, seed=7)


def lanes(rates: list[float]) -> dict[str, list[dict[str, Any]]]:
    """Return a lane and a tariff of 100 kg loads for each rate, and what was shipped by each in 80 weeks: 100 kg a week."""
    products = [
        {"sku": f"P{n}", "family": "kettle", "maker": f"M{n % 4}", "weight": 2.0, "volume": 0.01} for n in range(8)
    ]
    return {
        "products": products,
        "lanes": [
            {"lane": f"L{n}", "origin": "*", "destination": "DE", "mode": "sea", "tariff": f"T{n}", "transit_days": 30.0 + n}
            for n in range(len(rates))
        ],
        "tariffs": [{"tariff": f"T{n}", "basis": "kg", "rate": rate} for n, rate in enumerate(rates)],
        "recorded": [
            {"row": 80 * n + week + 1, "activity": "ship", "date": MONDAY + timedelta(weeks=week), "firm": "M0", "sku": "P0",
             "seller": "S0", "lane": f"L{n}", "market": "DE", "quantity": 50.0}
            for n in range(len(rates))
            for week in range(80)
        ],
    }  # fmt: skip


def test_one_dear_lane_among_equals_is_told_with_its_money() -> None:
    """Eleven lanes at 2 and one at 3: the best attainable is 2, and 1 a kg on 5,200 kg a year is at stake on the dear one."""
    made = measured(small(**lanes([2.0] * 11 + [3.0])))
    price = found(made, "lane_price")
    assert price.subject == "L11"
    assert price.value == pytest.approx((11 * 2 + 3) / (12 * 2))
    table = made.tables["diagnosis_lanes"].to_pandas().set_index("lane")
    np.testing.assert_allclose(table["best_price"], 2.0, atol=1e-9)
    assert table.loc["L11", "stake"] == pytest.approx(52 * 100 * 1.0)
    assert table["stake"].sum() == pytest.approx(52 * 100 * 1.0)
    assert table["load"].tolist() == [100.0] * 12
    days = found(made, "lane_days")
    assert days.value is not None
    assert days.value >= 1


def test_road_legs_of_a_chain_do_not_shorten_the_main_carriage() -> None:
    """Thirty sea lanes of 30 days from a hub, fed by a lorry of one day that moves all: a leg takes 30 days, not 15."""
    content = lanes([2.0] * 30)
    for row in content["lanes"]:
        row["origin"], row["transit_days"] = "HUB", 30.0
    content["lanes"].append(
        {"lane": "LORRY", "origin": "*", "destination": "HUB", "mode": "road", "tariff": "T0", "transit_days": 1.0}
    )
    feeder = content["recorded"][0] | {"lane": "LORRY", "market": None, "quantity": 1500.0}
    content["recorded"] += [feeder | {"row": 2000 + n, "date": MONDAY + timedelta(weeks=n)} for n in range(80)]
    days = found(measured(small(**content)), "lane_days")
    assert days.sentence.startswith("A leg, not a journey over several, takes 30 days in the mean of what moves")
    assert "Road legs" in days.sentence


def test_slow_days_cost_the_capital_that_waits() -> None:
    """Eleven lanes take 30 days and one 66: 36 days of a year's 2,600 units at their cost of 10 tie up 2,564, which costs 641 at 25 %.

    By hand: 50 units a week · 52 weeks · 10 (what the seller pays M0 for P0) = 26,000 a year under way on the lane; · 36 / 365 = 2,564.38
    tied up; · 0.25 = 641.10 a year.
    """
    content = lanes([2.0] * 12)
    for n, row in enumerate(content["lanes"]):
        row["transit_days"] = 66.0 if n == 11 else 30.0
    content["products"] = [row | {"transfer_price": 10.0, "unit_value": 20.0} for row in content["products"]]
    made = measured(small(**content))
    days = found(made, "lane_days")
    table = made.tables["diagnosis_lanes"].to_pandas().set_index("lane")
    assert table.loc["L11", "value"] == pytest.approx(26_000.0)
    assert table.loc["L11", "days_stake"] == pytest.approx(641.10, abs=0.01)
    assert table["days_stake"].sum() == pytest.approx(641.10, abs=0.01)
    assert days.subject == "L11"
    assert days.value == pytest.approx((11 * 30 + 66) / (12 * 30))
    assert (
        "tie up 2,564 CNY, which costs 641 CNY a year at the holding rate of 25% (plan.costs.holding_rate), most on L11."
        in days.sentence
    )
    assert "upper end" not in days.sentence
    # 12 lanes move 5,200 kg a year at 2 each: of 124,800 of freight the days cost 641, and price costs nothing too much.
    assert days.severity == pytest.approx(641.10 / 124_800, rel=1e-4)
    assert found(made, "lane_price").severity == pytest.approx(0.0, abs=1e-9)
    # Where the cost of making is not known the price counts, twice the cost here, and it is said.
    for row in content["products"]:
        row["transfer_price"] = None
    made = measured(small(**content))
    assert made.tables["diagnosis_lanes"].to_pandas()["days_stake"].sum() == pytest.approx(2 * 641.10, abs=0.02)
    assert found(made, "lane_days").sentence.endswith(
        "100% of the goods' value is counted at selling prices, as what making those costs is not known: an upper end."
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"recorded": None}, "Shipments are not recorded, so what the days cost is not told."),
        (
            {"weekly": []},
            "What the goods are worth is not known, so what the days cost is not told: fill in products.unit_value.",
        ),
    ],
    ids=["no shipments", "no worth"],
)
def test_days_without_worth_or_shipments_say_why_they_have_no_money(change: dict[str, Any], reason: str) -> None:
    """Neither recorded shipments nor any worth of the goods: the days are told, and the reason stands for their money."""
    content = lanes([2.0] * 12)  # products without a price of any kind
    made = measured(small(**(content | change)))
    assert found(made, "lane_days").sentence.endswith(reason)
    assert made.tables["diagnosis_lanes"].to_pandas()["days_stake"].fillna(0.0).sum() == 0


def test_assumed_loads_tell_the_ratio_and_no_money() -> None:
    """Without recorded shipments what was sold counts on the cheapest lane of its market, of which no money is told, and the cure is."""
    content = lanes([2.0] * 11 + [3.0])
    for n, row in enumerate(content["lanes"]):
        row["destination"] = f"C{n}"
    content["markets"] = [{"market": f"C{n}", "currency": "CNY"} for n in range(12)]
    # A unit of 2 kg is sold in each market, and by far the most where the lane is dear.
    content["weekly"] = [
        {"week": MONDAY, "sku": "P0", "market": f"C{n}", "seller": "S0", "quantity": 100.0 if n == 11 else 1.0, "revenue": 1.0}
        for n in range(12)
    ]  # fmt: skip
    del content["recorded"]
    made = measured(small(**content))
    price = found(made, "lane_price")
    assert price.value == pytest.approx((11 * 2 + 100 * 3) / (111 * 2))
    assert price.subject == "L11"
    assert "no money at stake is told: bring the shipments" in price.sentence
    assert "不计涉及金额" in price.sentence_zh
    assert made.tables["diagnosis_lanes"]["stake"].null_count == 12
    assert made.tables["diagnosis_lanes"]["moved"].to_pylist()[11] == pytest.approx(200.0)


def test_lanes_that_are_not_recorded_beside_some_that_are_tell_no_money() -> None:
    """Of twelve lanes only the dear one's shipments are recorded: its money is told, of the others none."""
    content = lanes([2.0] * 11 + [3.0])
    content["recorded"] = [row for row in content["recorded"] if row["lane"] == "L11"]
    table = measured(small(**content)).tables["diagnosis_lanes"].to_pandas().set_index("lane")
    assert table.loc["L11", "stake"] == pytest.approx(52 * 100 * 1.0)
    assert table["stake"].count() == 1


def test_nothing_dearer_than_the_best_tells_no_money() -> None:
    """Only a cheap lane is used: no money is at stake, and nobody is asked for shipments that are there."""
    content = lanes([2.0] * 11 + [1.0])
    content["recorded"] = [row for row in content["recorded"] if row["lane"] == "L11"]
    price = found(measured(small(**content)), "lane_price")
    assert price.value == pytest.approx(1.0)
    assert price.sentence.endswith("nothing that moved went dearer, so no money is at stake.")


def test_a_cheap_mode_never_makes_a_dear_one_look_dearer() -> None:
    """Sea falls steeply with load; two air lanes of one flat rate, sent heavy loads, are held against that rate and not the sea's slope."""
    content = lanes([20.0 / 1.5**n for n in range(25)] + [27.2, 27.2])
    for row in content["lanes"][25:]:
        row["mode"] = "air"
    for row in content["recorded"]:
        n = int(row["lane"][1:])
        row["quantity"] = 5.0 * 1.5**n if n < 25 else 50_000.0
    table = measured(small(**content)).tables["diagnosis_lanes"].to_pandas().set_index("lane")
    np.testing.assert_allclose(table.loc[["L25", "L26"], "best_price"], 27.2)
    # Price times load is the same on every sea lane: each is at the frontier of its mode.
    np.testing.assert_allclose(table.loc["L0":"L24", "best_price"], table.loc["L0":"L24", "price"], rtol=1e-6)


def test_currency_of_a_tariff_is_converted() -> None:
    """Half the lanes quoted in dollars at the same worth are no dearer."""
    content = lanes([2.0] * 12)
    for row in content["tariffs"][:6]:
        row |= {"rate": 0.25, "currency": "USD"}
    made = measured(small(**content, fx=[{"currency": "USD", "date": MONDAY, "rate": 8.0}]))
    assert found(made, "lane_price").value == pytest.approx(1.0)


def test_promotion_against_making() -> None:
    """Spend of 100 a week against 10-17 a unit paid to makers: the ratio is what division gives."""
    spend = [
        {"date": MONDAY + timedelta(weeks=week), "seller": "S0", "sku": "P0", "market": "DE", "spend": 100.0}
        for week in range(80)
    ]
    tables = small(promotions=spend)
    made = measured(tables)
    weekly = tables.frame("weekly")
    year = weekly[weekly["week"] > weekly["week"].max() - np.timedelta64(52 * 7, "D")]
    making = (year["quantity"] * year["sku"].str[1:].astype(int).add(10)).sum()
    assert found(made, "promotion_to_production").value == pytest.approx(5200 / making)
    assert made.tables["diagnosis_promotion"]["seller"].to_pylist() == ["S0", "S1"]


def test_promotion_is_counted_in_the_currency_of_the_run() -> None:
    """A hundred a week in Germany are euros, at 8 yuan each; a hundred at home are yuan."""
    spend = [
        {"date": MONDAY + timedelta(weeks=week), "seller": "S0", "sku": "P0", "market": market, "spend": 100.0}
        for week in range(80)
        for market in ("CN", "DE")
    ]
    markets = [{"market": m, "country": m, "currency": c} for m, c in (("CN", "CNY"), ("DE", "EUR"))]
    made = measured(small(promotions=spend, markets=markets, fx=[{"currency": "EUR", "date": MONDAY, "rate": 8.0}]))
    table = made.tables["diagnosis_promotion"].to_pandas().set_index("seller")
    assert table.loc["S0", "spend"] == pytest.approx(52 * 100 * (1 + 8))
    assert table.loc["S1", "spend"] == 0.0


def test_making_costs_by_routing_before_transfer_price() -> None:
    """Hours at the maker's cost by yield, and the cheapest source of each material."""
    tables = small(
        operations=[{"family": "kettle", "step": 1, "process": "press", "hours": 0.5}],
        capabilities=[{"firm": "M0", "process": "press", "cost_per_hour": 40.0, "yield": 0.8, "hours_factor": 1.0}],
        materials=[{"family": "kettle", "material": "steel", "quantity": 2.0}],
        sources=[{"material": "steel", "supplier": name, "cost": cost} for name, cost in (("X", 3.0), ("Y", 2.5))],
    )
    costs = unit_costs(tables, "CNY")
    assert costs["P0"] == pytest.approx(0.5 * 40 / 0.8 + 2 * 2.5)
    assert costs["P1"] == 11.0  # its maker has no such capability: what the seller pays


def test_making_costs_follow_the_bill_of_materials_down() -> None:
    """P0 is made of two P1, each of three steel at 5: 5 of hours + 2 x (5 + 15) = 45, though nobody offers P1."""
    tables = small(**_two_levels())
    costs = unit_costs(tables, "CNY")
    assert (costs["P1"], costs["P0"]) == (pytest.approx(20.0), pytest.approx(45.0))
    assert not measure_making_costs(tables, currency="CNY")


def test_a_material_without_a_source_leaves_the_cost_unknown_and_is_named() -> None:
    """Steel that nobody offers is not free: P0 and P1 count at their transfer prices, and the finding names steel."""
    tables = small(**_two_levels() | {"sources": [{"material": "tin", "supplier": "X", "cost": 5.0}]})
    costs = unit_costs(tables, "CNY")
    assert (costs["P0"], costs["P1"]) == (10.0, 11.0)
    (finding,) = [f for f in measured(tables).findings if f.indicator == "making_cost"]
    assert finding.value is None
    assert "steel" in finding.sentence
    assert "sources" in finding.sentence


def _two_levels() -> dict[str, list[dict[str, Any]]]:
    return {
        "operations": [{"family": "kettle", "step": 1, "process": "moulding", "hours": 0.1}],
        "capabilities": [
            {"firm": f"M{n}", "process": "moulding", "cost_per_hour": 50.0, "yield": 1.0} for n in range(4)
        ],
        "materials": [
            {"sku": "P1", "material": "steel", "quantity": 3.0},
            {"sku": "P0", "material": "P1", "quantity": 2.0},
        ],
        "sources": [{"material": "steel", "supplier": "X", "cost": 5.0}],
    }


def test_the_worst_maker_is_the_one_whose_goods_come_back_most() -> None:
    """Of two makers that are surely worse than the rest, the one with the higher rate is named, though the other sells far more."""
    back = [
        {"document": f"{sku}{week}", "date": LAST - timedelta(weeks=week), "sku": sku, "market": "DE", "seller": "S1", "quantity": units}
        for week in range(50)
        for sku, units in (("P1", 3.0), ("P2", 20.0))
    ]  # fmt: skip
    weekly = small()["weekly"].to_pylist()
    weekly = [row | ({"quantity": 10 * row["quantity"]} if row["sku"] in ("P2", "P6") else {}) for row in weekly]
    firms = [row | {"currency": "CNY"} for row in small()["firms"].to_pylist()]
    made = measured(small(returns=back, firms=firms, weekly=weekly))
    rates = made.tables["diagnosis_quality"].to_pandas().set_index("maker")
    assert found(made, "worst_maker").subject == "M1"
    assert rates.loc["M2", "returned"] > rates.loc["M1", "returned"]


def test_returns_name_the_worst_maker_and_the_gap_abroad() -> None:
    """One maker whose goods come back from abroad stands out by both."""
    back = [
        {
            "document": f"R{week}",
            "date": LAST - timedelta(weeks=week),
            "sku": "P1",
            "market": "DE",
            "seller": "S1",
            "quantity": 3.0,
        }
        for week in range(50)
    ]
    firms = [row | {"currency": "CNY"} for row in small()["firms"].to_pylist()]
    made = measured(small(returns=back, firms=firms))
    worst = found(made, "worst_maker")
    assert worst.subject == "M1"
    assert worst.p_value is not None
    assert worst.p_value < 0.001
    gap = found(made, "return_gap")
    assert gap.reference == 0.0
    assert gap.measure == "overseas_warehouse"
    table = made.tables["diagnosis_quality"].to_pandas().set_index("maker")
    assert table.loc["M1", "returned"] == 150
    assert table.loc["M0", "rate"] == 0


def test_certificates_that_lack_or_ran_out() -> None:
    """Only goods of the certified maker, and the certified product of any maker, are covered, while the certificate holds."""
    rows = [
        {"firm": "M0", "market": "DE", "expiry": LAST + timedelta(weeks=9)},
        {"firm": "M1", "market": "DE", "expiry": date(2024, 6, 1)},
        {"sku": "P2", "market": "DE"},
    ]
    tables = small(certificates=rows)
    made = measured(tables)
    weekly = tables.frame("weekly")
    year = weekly[weekly["week"] > weekly["week"].max() - np.timedelta64(52 * 7, "D")]
    covered = year["sku"].isin(["P0", "P4", "P2"]) | (year["market"] != "DE")
    assert found(made, "certificates").value == pytest.approx(
        1 - year.loc[covered, "revenue"].sum() / year["revenue"].sum()
    )


def test_certificates_and_yields_are_told_at_home_and_abroad() -> None:
    """Only M0 may sell in DE and all may in CN: abroad all revenue but that of P0 and P4 lacks a certificate, at home none.

    P2 of M2, whose yield is 0.8, is sold at home alone: there the mean yield is lower.
    """
    rows = [{"firm": "M0", "market": "DE"}, *({"firm": f"M{n}", "market": "CN"} for n in range(4))]
    able = [
        {"firm": f"M{n}", "process": "press", "cost_per_hour": 1.0, "yield": 0.8 if n == 2 else 1.0} for n in range(4)
    ]
    firms = [row | {"currency": "CNY"} for row in small()["firms"].to_pylist()]
    weekly = [row for row in small()["weekly"].to_pylist() if row["market"] == "CN" or row["sku"] not in ("P2", "P6")]
    made = measured(small(certificates=rows, capabilities=able, firms=firms, weekly=weekly))
    year = [row for row in weekly if row["week"] > LAST - timedelta(weeks=52)]
    abroad = [row for row in year if row["market"] == "DE"]
    lacking = sum(row["revenue"] for row in abroad if row["sku"] not in ("P0", "P4"))
    gap = found(made, "certificate_gap")
    assert gap.value == pytest.approx(lacking / sum(row["revenue"] for row in abroad))
    assert gap.reference == 0.0
    table = made.tables["diagnosis_quality"].to_pandas().set_index("maker")
    assert table["uncertified_abroad"].sum() == pytest.approx(lacking)
    assert table["uncertified_home"].sum() == 0.0
    assert table.loc["M0", "uncertified_abroad"] == 0.0
    home = [row for row in year if row["market"] == "CN"]
    at_home = 1 - 0.2 * sum(r["quantity"] for r in home if r["sku"] in ("P2", "P6")) / sum(r["quantity"] for r in home)
    yields = found(made, "yield_gap")
    assert (yields.value, yields.reference) == pytest.approx((1.0, at_home))
    one_sided = measured(
        small(certificates=rows, capabilities=able, firms=firms, weekly=[r for r in weekly if r["market"] == "CN"])
    )
    assert found(one_sided, "certificate_gap").value is None
    assert found(one_sided, "yield_gap").value is None


def test_yields_are_told_only_where_given() -> None:
    """A yield of 1 everywhere is the default and tells nothing."""
    able = [{"firm": f"M{n}", "process": "press", "cost_per_hour": 1.0, "yield": 1.0} for n in range(4)]
    assert found(measured(small(capabilities=able)), "yield").value is None
    able[2]["yield"] = 0.8
    finding = found(measured(small(capabilities=able)), "yield")
    assert finding.subject == "M2"
    assert finding.value == pytest.approx(0.95, abs=0.01)
    alone = found(measured(small(capabilities=able[2:3])), "yield")
    assert (alone.value, alone.comparison, alone.severity) == (0.8, None, 0.0)
    assert alone.sentence == "80.0% of what M2 makes is good; of no other maker the yield is known."


@pytest.mark.parametrize(
    "tables",
    [
        small(),
        small(weekly=[]),
        small(lanes=[], tariffs=[], returns=[], promotions=[], certificates=[], capabilities=[]),
        small(**lanes([2.0])),
        small(**(lanes([0.0] * 12))),
        tables_of(firms=[], products=[], markets=[], weekly=[]),
    ],
    ids=["only the needed", "no sales", "empty tables", "one lane", "free lanes", "nothing"],
)
def test_bad_input_has_its_reason(tables: Tables) -> None:
    """Nothing crashes; what is not measured says why in both languages."""
    made = measured(tables)
    for indicator in ("lane_price", "lane_days", "promotion_to_production", "return_rate", "yield", "certificates"):
        finding = found(made, indicator)
        assert finding.value is None
        assert finding.sentence
        assert finding.sentence_zh != finding.sentence
