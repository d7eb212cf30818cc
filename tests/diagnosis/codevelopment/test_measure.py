"""Co-development over time: what is told, and what too little data leaves untold."""

from __future__ import annotations

import pytest

from jointplan.diagnosis.codevelopment import measure_codevelopment
from jointplan.diagnosis.codevelopment.indicators import default_indicators
from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.settings import CodevelopmentSettings
from tests.diagnosis.cluster import Row, small, tables_of


def told(rows: list[Row], **settings: object) -> tuple[dict[str, Finding], dict[str, list[Row]]]:
    """Return findings by indicator and the detail tables as rows."""
    made = measure_codevelopment(tables_of(indicators=rows), CodevelopmentSettings.model_validate(settings))
    return {f.indicator: f for f in made.findings}, {name: table.to_pylist() for name, table in made.tables.items()}


def series(system: str, name: str, values: list[float], direction: str = "positive") -> list[Row]:
    """Return an indicator over years from 2021."""
    return [
        {"system": system, "indicator": name, "period": str(2021 + n), "value": v, "direction": direction}
        for n, v in enumerate(values)
    ]


def test_the_obstacle_is_the_indicator_that_stands_still() -> None:
    """Output doubles, patents stand still: patents hold the degree down, and by how much is told."""
    rows = series("cluster", "output", [1, 1.5, 2]) + series("cluster", "patents", [1, 1.01, 1])
    rows += series("ecommerce", "sales", [1, 2, 4])
    findings, tables = told(rows, equal_weights=True)
    assert findings["obstacle"].subject == "patents"
    latest = [r for r in tables["diagnosis_obstacles"] if r["period"] == "2023"]
    assert sum(r["obstacle"] for r in latest) == pytest.approx(1.0)
    assert {r["indicator"]: r["score"] for r in latest} == pytest.approx({"output": 0.75, "patents": 0.5, "sales": 1.0})
    last = tables["diagnosis_coordination"][-1]
    assert (last["cluster"], last["ecommerce"]) == pytest.approx((0.625, 1.0))
    assert last["degree"] == pytest.approx((0.625**0.5) ** 0.5)
    assert findings["lag"].subject == "cluster"
    assert "caus" not in " ".join(f.sentence for f in findings.values())


def test_goalposts_do_not_move_with_the_last_year() -> None:
    """A year more changes no degree of the years before, as weights alike are asked for."""
    rows = series("cluster", "output", [1, 1.2, 1.4]) + series("ecommerce", "sales", [2, 2.5, 3])
    more = series("cluster", "output", [1, 1.2, 1.4, 0.7]) + series("ecommerce", "sales", [2, 2.5, 3, 5])
    before = told(rows, equal_weights=True)[1]["diagnosis_coordination"]
    assert told(more, equal_weights=True)[1]["diagnosis_coordination"][:3] == before


def test_one_period_has_a_degree_and_no_synergy() -> None:
    """From one year the degree is told, and why synergy is not."""
    findings, _ = told(series("cluster", "output", [5]) + series("ecommerce", "sales", [7]))
    assert findings["coordination"].value == pytest.approx(0.5**0.5)
    assert findings["synergy"].value is None


def test_constants_zeros_and_negatives() -> None:
    """Constants weigh alike; an indicator that begins at zero is left out and named, unless it has goalposts."""
    rows = series("cluster", "output", [3, 3, 3]) + series("cluster", "margin", [-2, 0, 2])
    rows += series("ecommerce", "sales", [4, 4, 4]) + series("ecommerce", "returns", [0, 0.1, 0.2], "negative")
    findings, tables = told(rows)
    assert "margin, returns" in findings["indicators_left_out"].sentence
    assert [r["degree"] for r in tables["diagnosis_coordination"]] == pytest.approx([0.5**0.5] * 3)
    findings, tables = told(rows, goalposts={"margin": (-4, 4), "returns": (1, 0)}, equal_weights=True)
    assert "indicators_left_out" not in findings
    assert tables["diagnosis_coordination"][-1]["cluster"] == pytest.approx((0.5 + 0.75) / 2)


def test_one_system_alone_or_nothing_is_told() -> None:
    """Without the other system, without a common period, or without sales of a whole quarter there is a reason."""
    assert told(series("cluster", "output", [1, 2]))[0]["coordination"].value is None
    weekly = small()["weekly"].to_pylist()[:32]
    made = measure_codevelopment(small(weekly=weekly), CodevelopmentSettings())
    assert [f.value for f in made.findings] == [None]
    assert not made.tables


def test_indicators_beyond_their_goalposts_are_not_read_as_coordination() -> None:
    """A start so small that everything has left its goalposts gives a reason, not a degree of 1."""
    rows = series("cluster", "output", [1, 100]) + series("ecommerce", "sales", [1, 300])
    assert "goalposts" in told(rows)[0]["coordination"].sentence


def test_the_default_set_is_computed_by_whole_quarters() -> None:
    """Eighty weeks from 1 January 2024 hold six whole quarters; output of a quarter is the revenue of its weeks."""
    tables = small()
    rows = default_indicators(tables)
    assert sorted(rows["period"].unique()) == [
        "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2",
    ]  # fmt: skip
    weekly = tables.frame("weekly")
    first = weekly[(weekly["week"].dt.year == 2024) & (weekly["week"].dt.quarter == 1)]
    value = rows[(rows["indicator"] == "output") & (rows["period"] == "2024-Q1")]["value"].iloc[0]
    assert value == pytest.approx(first["revenue"].sum())
    assert set(rows["system"]) == {"cluster", "ecommerce"}
    assert measure_codevelopment(tables, CodevelopmentSettings()).tables
