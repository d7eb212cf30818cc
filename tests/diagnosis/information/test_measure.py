"""The flow of information is measured on tables, or its reason stands instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.information import measure_information
from jointplan.diagnosis.information.measure import _best_node, _swing, active_firms
from jointplan.diagnosis.information.node_data import Worth
from jointplan.diagnosis.settings import InformationSettings
from jointplan.engine import Tables
from tests.diagnosis.cluster import MONDAY, small, tables_of
from tests.diagnosis.information.test_node_data import level_forecaster

SETTINGS = InformationSettings(draws=100, neighbours=2)


def found(made: Diagnosed, indicator: str) -> Finding:
    (finding,) = [finding for finding in made.findings if finding.indicator == indicator]
    return finding


def lots(every: int) -> list[dict[str, object]]:
    """Return lots of what the four makers sold in 80 weeks, made at once for so many weeks."""
    return [
        {"row": 4 * week + n + 1, "activity": "make", "date": MONDAY + timedelta(weeks=week), "firm": f"M{n}", "sku": f"P{n}",
         "seller": f"S{n % 2}", "quantity": 40.0 * every}
        for week in range(0, 80, every)
        for n in range(4)
    ]  # fmt: skip


def test_batches_swing_more_than_demand() -> None:
    """Makers who make eight weeks' need at once have orders that swing more; the finding names the measure."""
    made = measure_information(small(recorded=lots(8)), SETTINGS, seed=7, forecaster=None)
    finding = found(made, "bullwhip")
    assert finding.value is not None
    assert finding.value > 5
    assert finding.measure == "share_demand_data"
    assert set(made.tables["diagnosis_bullwhip"]["orders"].to_pylist()) == {"made", "made_for"}


def test_makers_start_where_they_are_recorded_to_make() -> None:
    """P0 is named M0's, but M3 made it from week 26 on: M3 starts in its family and markets then, M0 never; of P1 nothing is recorded."""
    made = [
        {"row": n + 1, "activity": "make", "date": MONDAY + timedelta(weeks=week), "firm": "M3", "sku": "P0", "seller": "S0", "quantity": 9.0}
        for n, week in enumerate(range(26, 80, 4))
    ]  # fmt: skip
    products = [{"sku": f"P{n}", "family": f"family {n}", "maker": f"M{n}"} for n in range(2)]
    weekly = [row for row in small()["weekly"].to_pylist() if row["sku"] in ("P0", "P1")]
    active, periods = active_firms(small(products=products, weekly=weekly, recorded=made))
    assert periods == 6
    first = active.groupby(["firm", "family"])["period"].min().to_dict()
    assert first == {("M3", "family 0"): 2, ("M1", "family 1"): 0, ("S0", "family 0"): 0, ("S1", "family 1"): 0}
    markets = active.groupby(["firm", "market"])["period"].min().to_dict()
    assert {key: value for key, value in markets.items() if key[0] == "M3"} == {("M3", "CN"): 2, ("M3", "DE"): 2}


def test_firms_without_sales_signals_or_ties_are_outside() -> None:
    """A maker whose goods sell is reached, one tied to a seller too; a maker with neither is outside."""
    firms = [*small()["firms"].to_pylist(), {"firm": "LOST", "role": "maker"}, {"firm": "TIED", "role": "supplier"}]
    ties = [{"firm_a": "TIED", "firm_b": "S0", "value": 1.0}]
    made = measure_information(small(firms=firms, ties=ties), SETTINGS, seed=7, forecaster=None)
    assert made.tables["diagnosis_outside"]["firm"].to_pylist() == ["LOST"]
    assert found(made, "outside_flow").value == pytest.approx(1 / 8)


def test_the_forecaster_is_asked_where_sellers_meet() -> None:
    """Two sellers of one family in the same markets are judged; without a forecaster the reason stands."""
    made = measure_information(small(), SETTINGS, seed=7, forecaster=level_forecaster)
    assert found(made, "worth_of_data").value is not None
    kinds = made.tables["diagnosis_data"]["kind"].to_pylist()
    assert kinds[0] == "all"
    assert kinds.count("seller") == 2
    without = measure_information(small(), SETTINGS, seed=7, forecaster=None)
    assert "jointplan diagnose" in found(without, "worth_of_data").sentence


@pytest.mark.parametrize(
    "tables",
    [
        small(weekly=[]),
        small(products=[]),
        small(firms=[{"firm": "M0", "role": "both"}]),
        small(firms=[{"firm": f"F{n}", "role": "maker", "lat": 22.0, "lon": 113.0} for n in range(9)]),
        small(recorded=[], orders=[], signals=[], ties=[]),
        tables_of(firms=[], products=[], markets=[], weekly=[]),
    ],
    ids=["no sales", "no products", "one firm", "one place", "empty tables", "nothing"],
)
def test_bad_input_has_its_reason(tables: Tables) -> None:
    """Nothing crashes; what is not measured says why in both languages."""
    made = measure_information(tables, SETTINGS, seed=7, forecaster=level_forecaster)
    assert found(made, "bullwhip").value is None
    for finding in made.findings:
        assert finding.sentence
        assert finding.sentence_zh != finding.sentence
        assert finding.value is None or np.isfinite(finding.value)


def test_one_node_of_many_is_no_claim_where_nothing_else_confirms_it() -> None:
    """One node of five with p = .004 stands out (Holm: .02); without sharing that helps as a whole it has no severity and no measure, and says why."""
    worths = [
        Worth(f"S{n}", "seller", 1.0, 0.9 if n == 3 else 1.0, 0.01, 0.2, 0.004 if n == 3 else 0.5, 20) for n in range(5)
    ]
    (kept,) = _best_node(worths, confirmed=True)
    assert (kept.subject, kept.p_value, kept.measure) == ("S3", pytest.approx(0.02), "share_demand_data")
    (doubted,) = _best_node(worths, confirmed=False)
    assert (doubted.severity, doubted.measure) == (0.0, "")
    assert "no claim" in doubted.sentence
    (chance,) = _best_node([replace(worths[3], p_value=0.02), *worths[:3]], confirmed=True)
    assert chance.p_value == pytest.approx(0.08)
    assert chance.severity == 0.0
    assert "chance explains" in chance.sentence


@pytest.mark.parametrize(("count", "ends"), [(1, True), (3, False), (5, False), (6, True)])
def test_the_interval_of_a_swing_holds_what_it_promises(count: int, ends: bool) -> None:
    """One firm has its own interval; the smallest and the largest of five enclose the median with less than 95 %, those of six with 97 %."""
    rows = [{"firm": f"F{n}", "ratio": 2.0 + n, "low": 1.5, "high": 9.0, "p_value": 0.01} for n in range(count)]
    finding = _swing(rows, "recorded")
    assert (finding.low is not None, finding.high is not None) == (ends, ends)
    assert not ends or finding.low < finding.high


def test_what_chance_explains_of_spillover_has_no_severity_and_no_measure() -> None:
    """That starts do not follow neighbours is no complaint."""
    rng = np.random.default_rng(2)
    weekly = [
        {"week": MONDAY + timedelta(weeks=int(start) + k), "sku": f"P{n}", "market": "DE", "seller": "S0", "quantity": 5.0, "revenue": 50.0}
        for n, start in enumerate(rng.integers(0, 60, 40))
        for k in range(10)
    ]  # fmt: skip
    firms = [
        {"firm": f"M{n}", "role": "maker", "lat": 22.0 + rng.random(), "lon": 113.0 + rng.random()} for n in range(20)
    ]
    firms.append({"firm": "S0", "role": "seller"})
    products = [{"sku": f"P{n}", "family": f"F{n % 2}", "maker": f"M{n // 2}"} for n in range(40)]
    finding = found(
        measure_information(small(firms=firms, products=products, weekly=weekly), SETTINGS, seed=1, forecaster=None),
        "spillover_family",
    )
    assert finding.p_value > 0.05
    assert (finding.severity, finding.measure) == (0.0, "")
