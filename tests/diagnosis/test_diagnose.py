"""The diagnosis as a whole: the same whatever the order of rows, honest about what it cannot tell, and made on plans too."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jointplan.diagnosis import DiagnosisSettings, diagnose, has_flows, with_flows
from jointplan.diagnosis.logistics.lanes import measure_lanes
from jointplan.diagnosis.materials import makers_of
from jointplan.engine import Tables
from jointplan.errors import DataError
from jointplan.schema import TABLES
from tests.diagnosis.cluster import MONDAY, SALE, Row, small, tables_of

QUICK = DiagnosisSettings.model_validate({"structure": {"draws": 20}})
# What depends on the order of firms only through the draws of random networks and of weeks.
DRAWN = {"core", "outside_core", "communities"}


def found(tables: Tables, plan: str | None = None) -> list[Row]:
    """Return the findings of a cluster."""
    rows: list[Row] = diagnose(tables, QUICK, currency="CNY", holding_rate=0.25, seed=7, plan=plan)[
        "findings"
    ].to_pylist()
    return rows


def values(rows: list[Row]) -> dict[tuple[str, str], float]:
    """Return the value of each indicator that was measured."""
    return {(r["indicator"], r["subject"]): r["value"] for r in rows if r["value"] is not None}


def ties(n: int = 6) -> list[Row]:
    """Return ties of four makers with two sellers and among themselves."""
    names = [("M0", "S0"), ("M1", "S0"), ("M2", "S1"), ("M0", "M1"), ("M1", "M2"), ("M0", "S1")]
    return [
        {"firm_a": a, "firm_b": b, "kind": "supply", "year": 2024, "value": 1000.0 + 7 * i}
        for i, (a, b) in enumerate(names[:n])
    ]


def test_every_row_is_a_finding_or_a_reason() -> None:
    """Each row keeps its schema, says a sentence in both languages, and has a value or tells why there is none."""
    tables = diagnose(small(ties=ties()), QUICK, currency="CNY", holding_rate=0.25, seed=7)
    for name, table in tables.items():
        assert table.schema == TABLES[name].arrow, name
    schema = TABLES["findings"]
    for row in tables["findings"].to_pylist():
        assert row["sentence"]
        assert row["sentence_zh"] != row["sentence"]
        assert "{" not in row["sentence"] + row["sentence_zh"]
        for column in ("topic", "strand", "comparison", "plan"):
            assert row[column] is None or row[column] in schema[column].choices
        for column in ("severity", "p_value"):
            assert row[column] is None or 0 <= row[column] <= 1
        assert row["value"] is None or np.isfinite(row["value"])
    severities = [row["severity"] for row in tables["findings"].to_pylist() if row["severity"] is not None]
    assert severities == sorted(severities, reverse=True)


def test_the_same_tables_and_seed_give_the_same_findings() -> None:
    """Nothing is left to chance but what the seed says."""
    assert found(small(ties=ties())) == found(small(ties=ties()))


def test_the_order_of_rows_changes_nothing() -> None:
    """Firms, products, ties and sales in another order give the same values, draws apart."""
    tables = small(ties=ties())
    rng = np.random.default_rng(5)
    shuffled = Tables({name: tables[name].take(rng.permutation(tables[name].num_rows)) for name in tables})
    before, after = values(found(tables)), values(found(shuffled))
    assert before.keys() == after.keys()
    for key, value in before.items():
        if key[0] not in DRAWN:
            assert after[key] == pytest.approx(value), key


def test_firms_taken_twice_keep_the_shares() -> None:
    """A second cluster beside the first, alike in everything, changes no share of markets, outlets or inside business."""
    tables = small(ties=ties())
    named = {"firms": ["firm"], "products": ["sku", "maker"], "weekly": ["sku", "seller"], "ties": ["firm_a", "firm_b"]}
    doubled: dict[str, Any] = {name: tables[name].to_pylist() for name in tables}
    for name, columns in named.items():
        doubled[name] = doubled[name] + [
            row | {column: "x" + row[column] for column in columns} for row in tables[name].to_pylist()
        ]
    before, after = values(found(tables)), values(found(tables_of(**doubled)))
    for key in (
        ("market_concentration", ""),
        ("ends_abroad", ""),
        ("ends_inside", ""),
        ("single_tie", ""),
    ):
        assert after[key] == pytest.approx(before[key]), key
    assert after["buyer_concentration", ""] == pytest.approx(2 * before["buyer_concentration", ""])


def test_a_firm_more_without_ties_fragments_and_changes_no_share_of_sales() -> None:
    """A maker that nobody is tied to adds pairs that cannot reach each other; markets, buyers and outlets stay as they are."""
    tables = small(ties=ties())
    lonely = [*tables["firms"].to_pylist(), {"firm": "M9", "role": "maker", "currency": "CNY"}]
    before, after = values(found(tables)), values(found(small(ties=ties(), firms=lonely)))
    apart, pairs = before["fragmentation", ""] * 6 * 5, 7 * 6
    assert after["fragmentation", ""] == pytest.approx((apart + 2 * 6) / pairs)
    assert after["fragmentation", ""] > before["fragmentation", ""]
    for key in (("market_concentration", ""), ("buyer_concentration", ""), ("ends_abroad", ""), ("ends_inside", "")):
        assert after[key] == pytest.approx(before[key]), key


def test_one_firm_alone() -> None:
    """A single firm that makes and sells everything has findings, reasons, and no error."""
    firms = [{"firm": "A", "role": "both", "lat": 22.8, "lon": 113.2, "currency": "CNY"}]
    products = [{"sku": "P0", "maker": "A", "family": "kettle", "unit_value": 5.0}]
    weekly = [
        {
            "week": MONDAY + timedelta(weeks=n),
            "sku": "P0",
            "market": "DE",
            "seller": "A",
            "quantity": 1.0,
            "revenue": 5.0,
        }
        for n in range(60)
    ]
    rows = found(small(firms=firms, products=products, weekly=weekly))
    assert next(r for r in rows if r["indicator"] == "core")["value"] is None
    assert values(rows)["market_concentration", ""] == 1.0
    assert values(rows)["ends_abroad", ""] == 1.0


def test_one_alone_is_told_as_one() -> None:
    """With one market and one seller no sentence speaks of several, nor of what one is worth."""
    weekly = [row for row in small()["weekly"].to_pylist() if row["market"] == "DE"]
    said = {
        row["indicator"]: row["sentence"] for row in found(small(weekly=[row | {"seller": "S0"} for row in weekly]))
    }
    assert said["market_concentration"] == "All sales end in one market, DE; the tables name no other."
    assert said["buyer_concentration"].startswith("All that makers make for others goes to one seller, S0;")
    assert not [text for text in said.values() if re.search(r"(?<![\d.,])1 (?!is\b|has\b)[a-z]+s\b", text)]


def test_all_firms_alike() -> None:
    """Firms that sell the same to the same markets from the same place: no core is claimed, positions tell nothing."""
    firms = [{"firm": f"A{n}", "role": "both", "lat": 22.8, "lon": 113.2, "currency": "CNY"} for n in range(10)]
    products = [{"sku": f"P{n}", "maker": f"A{n}", "family": "kettle", "unit_value": 5.0} for n in range(10)]
    weekly = [
        {"week": MONDAY + timedelta(weeks=w), "sku": f"P{n}", "market": m, "seller": f"A{n}", "quantity": 1.0, "revenue": 5.0}
        for w in range(60) for n in range(10) for m in ("CN", "DE")
    ]  # fmt: skip
    complete = [
        {"firm_a": f"A{a}", "firm_b": f"A{b}", "kind": "supply", "value": 1.0} for a in range(10) for b in range(a)
    ]
    rows = found(small(firms=firms, products=products, weekly=weekly, ties=complete))
    core = next(r for r in rows if r["indicator"] == "core")
    assert core["p_value"] == 1.0
    assert core["severity"] == 0.0
    assert next(r for r in rows if r["indicator"] == "nearness")["value"] is None
    assert values(rows)["fragmentation", ""] == 0.0
    assert values(rows)["market_concentration", ""] == pytest.approx(2.0)


def test_no_ties_and_nothing_to_derive_them_from() -> None:
    """Firms of which none sells what another makes or shares a market with it: the reason stands, the rest is measured."""
    firms = [{"firm": f"A{n}", "role": "both"} for n in range(3)]
    products = [{"sku": f"P{n}", "family": f"F{n}", "unit_value": 5.0} for n in range(3)]
    weekly = [
        {
            "week": MONDAY + timedelta(weeks=w),
            "sku": f"P{n}",
            "market": "DE",
            "seller": f"A{n}",
            "quantity": 1.0,
            "revenue": 5.0,
        }
        for w in range(60)
        for n in range(3)
    ]
    rows = found(small(firms=firms, products=products, weekly=weekly))
    core = next(r for r in rows if r["indicator"] == "core")
    assert core["value"] is None
    assert "table ties" in core["sentence"]
    assert ("market_concentration", "") in values(rows)


def test_records_of_one_seller_tell_of_no_other_buyer() -> None:
    """All sales brought from one place and of one seller: neither a star of derived ties nor one buyer is a finding; sales of one's own are."""
    weekly = [row | {"seller": "S0"} for row in small()["weekly"].to_pylist()]
    for source, told in (("scms", False), ("own", True)):
        rows = {row["indicator"]: row for row in found(small(weekly=weekly, sales=[SALE | {"source": source}]))}
        for indicator in ("centralisation", "single_tie", "core", "buyer_concentration"):
            assert (rows[indicator]["value"] is not None) == told, indicator
            assert ("of one seller, S0" in rows[indicator]["sentence"]) != told


def test_positions_missing_or_exchanged() -> None:
    """Without positions a reason stands; one pair the wrong way round is named and turned round."""
    firms = small()["firms"].to_pylist()
    bare = found(small(firms=[row | {"lat": None, "lon": None} for row in firms]))
    assert "lat and lon" in next(r for r in bare if r["indicator"] == "nearness")["sentence"]
    many = [{"firm": f"B{n}", "role": "maker", "lat": -21.7 - n / 50, "lon": -48.8 + (n % 3) / 50} for n in range(12)]
    many[4] = many[4] | {"lat": many[4]["lon"], "lon": many[4]["lat"]}
    rows = found(small(firms=[*firms[:0], *many], products=[{"sku": f"P{n}", "family": "k"} for n in range(8)]))
    wrong = next(r for r in rows if r["indicator"] == "exchanged_positions")
    assert wrong["value"] == 1.0
    assert "B4" in wrong["sentence"]


def test_a_circle_in_the_bill_of_materials_is_an_error() -> None:
    """The circle is named; the diagnosis does not go round in it."""
    materials = [{"sku": "P0", "material": "P1", "quantity": 1.0}, {"sku": "P1", "material": "P0", "quantity": 1.0}]
    sources = [{"material": "P1", "supplier": "X", "cost": 1.0}]
    with pytest.raises(DataError, match=r"P0 → P1 → P0|P1 → P0 → P1"):
        found(small(materials=materials, sources=sources))


def plan_tables() -> dict[str, pa.Table]:
    """Return the tables of a run in which the joint plan moves all making to M0 and delivers to Germany alone."""
    lots, deliveries, demand, shipments = [], [], [], []
    for week in range(8):
        for n in range(8):
            day = MONDAY + timedelta(weeks=week)
            goods = {"week": day, "sku": f"P{n}", "seller": f"S{n % 2}"}
            demand.append({**goods, "market": "DE", "quantity": 5.0, "price": 20.0, "origin": "sales"})
            for plan, maker in (("separate", f"M{n % 4}"), ("joint", "M0")):
                made = {
                    "plan": plan,
                    **goods,
                    "maker": maker,
                    "family": "kettle",
                    "lot": f"L{week}{n}",
                    "quantity": 5.0,
                }
                lots.append(made)
                deliveries.append(
                    {"plan": plan, **goods, "market": "DE", "demand": 5.0, "delivered": 5.0, "late": 0.0, "unmet": 0.0}
                )
                shipments.append(
                    {"plan": plan, **goods, "origin": maker, "destination": "DE", "lane": "sea", "quantity": 5.0}
                )
    rows = {"lots": lots, "deliveries": deliveries, "demand": demand, "shipments": shipments}
    return dict(tables_of(**rows))


def test_plans_are_measured_by_their_own_flows() -> None:
    """Before: four makers each with a seller of its own products; after: one maker for all, and everything goes abroad."""
    tables, made = small(ties=ties()), plan_tables()
    assert has_flows(made)
    before, after = (values(found(with_flows(tables, made, plan), plan)) for plan in ("separate", "joint"))
    assert before["ends_abroad", ""] == after["ends_abroad", ""] == 1.0
    assert before["market_concentration", ""] == after["market_concentration", ""] == 1.0
    # S0 buys four products at 10, 12, 14 and 16, S1 at 11, 13, 15 and 17.
    assert before["buyer_concentration", ""] == pytest.approx(108**2 / (52**2 + 56**2))
    # Before: S0 with M0 and M2, S1 with M1 and M3. After: M0 with both, three makers with nobody.
    assert before["fragmentation", ""] == pytest.approx(1 - 12 / 30)
    assert after["fragmentation", ""] == pytest.approx(1 - 6 / 30)
    assert before["centralisation", ""] == pytest.approx(4 / 20)
    assert after["centralisation", ""] == pytest.approx(8 / 20)
    assert before["single_tie", ""] == pytest.approx(4 / 6)
    assert after["single_tie", ""] == pytest.approx(2 / 6)
    rows = found(with_flows(tables, made, "joint"), "joint")
    assert {r["plan"] for r in rows} == {"joint"}
    assert {r["topic"] for r in rows} == {"structure", "sameness", "lock_in", "information", "logistics"}
    assert not has_flows({"lots": made["lots"]})


def moving_plans(weeks: int = 26) -> dict[str, pa.Table]:
    """Return two plans: each maker makes every week and ships each seller's goods by itself by dear lanes; or M0 makes four weeks' need and all goes together."""
    lots, deliveries, demand, shipments = [], [], [], []
    rng = np.random.default_rng(4)
    for week in range(weeks):
        for n in range(8):
            goods = {"week": MONDAY + timedelta(weeks=week), "sku": f"P{n}", "seller": f"S{n % 2}"}
            wanted = float(rng.integers(8, 13))
            demand.append({**goods, "market": "DE", "quantity": wanted, "price": 20.0, "origin": "sales"})
            for plan, maker in (("separate", f"M{n % 4}"), ("joint", "M0")):
                lane, load = ("dear", f"{week}-{n}") if plan == "separate" else ("L0", f"{week}")
                deliveries.append(
                    {
                        "plan": plan,
                        **goods,
                        "market": "DE",
                        "demand": wanted,
                        "delivered": wanted,
                        "late": 0.0,
                        "unmet": 0.0,
                    }
                )
                shipments.append(
                    {
                        "plan": plan,
                        **goods,
                        "origin": maker,
                        "destination": "DE",
                        "lane": lane,
                        "load": load,
                        "quantity": wanted,
                    }
                )
                if plan == "separate" or week % 4 == 0:
                    lots.append(
                        {
                            "plan": plan,
                            **goods,
                            "maker": maker,
                            "family": "kettle",
                            "lot": f"L{week}{n}",
                            "quantity": wanted if plan == "separate" else 40.0 + wanted,
                        }
                    )
    return dict(tables_of(lots=lots, deliveries=deliveries, demand=demand, shipments=shipments))  # fmt: skip


def with_lanes(**changes: Any) -> Tables:
    """Return the small cluster with twelve equal lanes, one dear, and a tariff that favours large loads."""
    products = [row | {"weight": 2.0, "volume": 0.01} for row in small()["products"].to_pylist()]
    names = [*(f"L{n}" for n in range(12)), "dear"]
    return small(
        **{"products": products,
           "lanes": [{"lane": n, "origin": "*", "destination": "DE", "mode": "sea", "tariff": n, "transit_days": 30.0} for n in names],
           "tariffs": [{"tariff": n, "basis": "kg", "rate": 6.0 if n == "dear" else 2.0, "currency": "CNY"} for n in names],
           **changes}
    )  # fmt: skip


def test_lanes_and_swings_are_those_of_each_plan() -> None:
    """The plan that ships by the dear lane pays three times the best and swings as demand does; the other pays the best and swings more."""
    tables, made = with_lanes(), moving_plans()
    before, after = (
        {r["indicator"]: r for r in found(with_flows(tables, made, plan), plan)} for plan in ("separate", "joint")
    )
    assert before["lane_price"]["value"] == pytest.approx(3.0)
    assert after["lane_price"]["value"] == pytest.approx(1.0)
    assert before["lane_price"]["subject"] == "dear"
    # Each firm of the separate plan makes what is wanted in the week it is wanted: the ratio is 1.
    assert before["bullwhip"]["value"] == pytest.approx(1.0)
    assert after["bullwhip"]["value"] > 10


def test_a_load_is_what_a_plan_sends_together() -> None:
    """Eight sellers' parcels of the separate plan are eight loads, those of the joint plan one of eight times the weight."""
    tables, made = with_lanes(), moving_plans()
    loads = {
        plan: measure_lanes(with_flows(tables, made, plan), QUICK.logistics, currency="CNY", holding_rate=0.25, seed=7)
        .tables["diagnosis_lanes"].to_pandas().set_index("lane")["load"]
        for plan in ("separate", "joint")
    }  # fmt: skip
    assert loads["joint"]["L0"] > 7 * loads["separate"]["dear"]


def test_who_makes_is_what_a_plan_says() -> None:
    """All making moved to M0: its yield is the cluster's and its material the only one used; products.maker says otherwise."""
    capabilities = [
        {"firm": f"M{n}", "process": "assembly", "cost_per_hour": 1.0, "yield": 0.9 - 0.1 * n} for n in range(4)
    ]
    tables = with_lanes(capabilities=capabilities)
    before, after = (values(found(with_flows(tables, moving_plans(), plan), plan)) for plan in ("separate", "joint"))
    worst = "M3"
    assert before["yield", worst] == pytest.approx(0.75, abs=0.01)
    assert after["yield", "M0"] == pytest.approx(0.9)
    makers = makers_of(with_flows(tables, moving_plans(), "joint"))
    assert set(makers["maker"]) == {"M0"}
    assert makers["part"].tolist() == [1.0] * 8


def test_deliveries_without_a_price_count_at_the_unit_value_and_are_told() -> None:
    """A product with no price in the demand counts at its unit value; one without either counts nothing and is named."""
    made = moving_plans()
    silent = pc.is_in(made["demand"]["sku"], pa.array(["P0", "P1"]))
    made["demand"] = made["demand"].filter(pc.invert(silent))
    products = [
        row | {"unit_value": None if row["sku"] == "P1" else row["unit_value"]}
        for row in with_lanes()["products"].to_pylist()
    ]
    tables = with_flows(with_lanes(products=products), made, "joint")
    weekly = tables.frame("weekly").groupby("sku")[["quantity", "revenue"]].sum()
    price = weekly["revenue"] / weekly["quantity"]
    assert price["P0"] == pytest.approx(20.0)
    assert price["P1"] == 0.0
    assert price["P2"] == pytest.approx(20.0)
    told = next(r for r in found(tables, "joint") if r["indicator"] == "unpriced_deliveries")
    assert told["plan"] == "joint"
    assert "2 products" in told["sentence"]
    assert "(P1)" in told["sentence"]
