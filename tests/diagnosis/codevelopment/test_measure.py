"""Co-development over time: what is told, and what too little data leaves untold."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from jointplan.diagnosis.codevelopment import measure_codevelopment
from jointplan.diagnosis.codevelopment.indicators import default_indicators
from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.settings import CodevelopmentSettings
from jointplan.engine import Tables
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


def test_the_level_between_goalposts_of_its_own_is_no_complaint_but_its_fall_is() -> None:
    """Where nothing moves D is √½ by how goalposts are made: severity 0. Halved twice, all stand at the lower goalpost: D falls from √½ to 0."""
    still = series("cluster", "output", [1, 1, 1, 1]) + series("ecommerce", "sales", [3, 3, 3, 3])
    findings, _ = told(still)
    assert findings["coordination"].value == pytest.approx(0.5**0.5)
    assert {f.severity for f in findings.values()} <= {0.0, None}
    falling = series("cluster", "output", [1, 1, 0.5]) + series("ecommerce", "sales", [3, 3, 1.5])
    findings, _ = told(falling)
    # Half of the first value lies half way down to its quarter, by ratios: both levels are .25, and so D is .5.
    assert findings["coordination"].severity == pytest.approx(0.5**0.5 - 0.5)
    posts = {"output": (0.0, 1.0), "sales": (0.0, 3.0)}
    assert told(falling, goalposts=posts)[0]["coordination"].severity == pytest.approx(1 - 0.5**0.5)


@pytest.mark.parametrize(("names", "enough"), [(["2021", "2022"], False), (["2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4"], False),
                                               (["2021", "2022", "2023"], True), (["2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1"], True)])  # fmt: skip
def test_too_few_periods_are_no_complaint_and_say_so(names: list[str], enough: bool) -> None:
    """What falls over two years or four quarters may be season or chance: it is told with that word, and ranks nowhere."""
    rows = [
        {"system": system, "indicator": indicator, "period": period, "value": 1.0 - fall * n / len(names), "direction": "positive"}
        for system, indicator, fall in (("cluster", "output", 0.6), ("ecommerce", "sales", 0.3))
        for n, period in enumerate(names)
    ]  # fmt: skip
    findings, _ = told(rows)
    worst = max(f.severity or 0.0 for f in findings.values())
    assert (worst > 0) == enough
    assert ("too few to tell a course" in findings["coordination"].sentence) != enough
    assert ("时期太少" in findings["coordination"].sentence_zh) != enough


def quarters(values: dict[str, float], system: str = "cluster", name: str = "output") -> list[Row]:
    return [
        {"system": system, "indicator": name, "period": period, "value": value, "direction": "positive"}
        for period, value in values.items()
    ]


@pytest.mark.parametrize("growth", [1.0, 1.2])
def test_seasons_are_no_complaint(growth: float) -> None:
    """A fourth quarter of three times the others falls to the first as every year: as good as a year before, or better, nothing is wrong."""
    course = {
        "2023-Q4": 300.0,
        "2024-Q1": 100.0,
        "2024-Q2": 100.0,
        "2024-Q3": 100.0,
        "2024-Q4": 300.0,
        "2025Q1": 100.0 * growth,
    }
    findings, tables = told(quarters(course) + quarters(course, "ecommerce", "sales"))
    assert {f.severity for f in findings.values()} <= {0.0, None}
    assert "in 2024-Q1" in findings["coordination"].sentence
    assert findings["coordination"].value >= findings["coordination"].reference
    assert (findings["synergy"].value > 0) == (growth > 1)
    assert findings["synergy"].value >= 0
    assert [row["synergy"] is None for row in tables["diagnosis_coordination"]] == [True] * 4 + [False] * 2


def test_a_fall_against_the_same_quarter_is_a_complaint() -> None:
    """A fourth quarter above all quarters but the last fourth has fallen; without that one the fall is not told."""
    course = {"2023-Q4": 400.0, "2024-Q1": 100.0, "2024-Q2": 100.0, "2024-Q3": 100.0, "2024-Q4": 200.0}
    findings, _ = told(quarters(course) + quarters(course, "ecommerce", "sales"))
    assert findings["coordination"].severity > 0.1
    assert findings["synergy"].severity > 0
    gap = {"2023-Q3" if period == "2023-Q4" else period: value for period, value in course.items()}
    findings, _ = told(quarters(gap) + quarters(gap, "ecommerce", "sales"))
    assert findings["coordination"].severity == 0.0
    assert "same quarter a year before" in findings["coordination"].sentence
    assert findings["synergy"].value is None


def test_goalposts_do_not_move_with_the_last_year() -> None:
    """A year more changes no degree of the years before, as weights alike are asked for."""
    rows = series("cluster", "output", [1, 1.2, 1.4]) + series("ecommerce", "sales", [2, 2.5, 3])
    more = series("cluster", "output", [1, 1.2, 1.4, 0.7]) + series("ecommerce", "sales", [2, 2.5, 3, 5])
    before = told(rows, equal_weights=True)[1]["diagnosis_coordination"]
    assert told(more, equal_weights=True)[1]["diagnosis_coordination"][:3] == before


def test_weights_of_a_panel_that_is_set_stay_when_periods_come() -> None:
    """By entropy a year more moves the degrees before it, unless the weights are those of the years up to 2023; then they are what they were."""
    rows = series("cluster", "output", [1, 1.2, 1.4]) + series("cluster", "patents", [3, 2, 4])
    more = series("cluster", "output", [1, 1.2, 1.4, 3]) + series("cluster", "patents", [3, 2, 4, 4])
    rows, more = (some + series("ecommerce", "sales", [2, 2.5, 3, 5][: len(some) // 2]) for some in (rows, more))
    before = told(rows)[1]["diagnosis_coordination"]
    assert told(more)[1]["diagnosis_coordination"][:3] != before
    assert told(more, weights_until="2023")[1]["diagnosis_coordination"][:3] == before
    assert told(more, weights_until="2023-Q4")[1]["diagnosis_coordination"][:3] == before
    with pytest.raises(ValidationError, match="no year or quarter"):
        CodevelopmentSettings(weights_until="soon")


def test_one_period_has_a_degree_only_between_goalposts_that_are_set() -> None:
    """Between goalposts of its own first value a year stands in the middle, whatever it is: no degree; with goalposts set it has one, no past, and no synergy."""
    rows = series("cluster", "output", [5]) + series("ecommerce", "sales", [7])
    findings, tables = told(rows)
    assert findings["coordination"].value is None
    assert "a second period" in findings["coordination"].sentence
    assert not {"lag", "obstacle", "coordination_corrected"} & set(findings)
    assert not tables
    findings, _ = told(rows, goalposts={"output": (0, 10), "sales": (0, 14)})
    assert findings["coordination"].value == pytest.approx(0.5**0.5)
    for indicator in ("coordination", "coordination_corrected"):
        assert (findings[indicator].comparison, findings[indicator].reference) == (None, None)
        assert " in 2021" not in findings[indicator].sentence.replace("coordination in 2021", "")
    assert (findings["lag"].severity, findings["lag"].subject) == (0.0, "")
    assert findings["lag"].sentence == "The cluster and its e-commerce stand level."
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
    assert {f.value for f in made.findings} == {None}
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


def test_active_makers_are_those_recorded_where_every_quarter_is() -> None:
    """Products name four makers, of whom records tell of one to two; where records begin later all quarters count the named."""
    tables = small()
    days = [date(2024, 2, 5), date(2024, 5, 6), date(2024, 8, 5), date(2024, 11, 4), date(2025, 2, 3), date(2025, 5, 5)]
    made = [
        {"row": n, "activity": "make", "date": day, "firm": maker, "sku": "P0", "seller": "S0", "quantity": 10.0}
        for n, (day, maker) in enumerate([*((day, "M0") for day in days), (days[-1], "M1")], 1)
    ]
    for recorded, counted in ((made, [1, 1, 1, 1, 1, 2]), (made[1:], [4] * 6)):
        rows = default_indicators(Tables({**tables, **tables_of(recorded=recorded)}))
        assert rows.loc[rows["indicator"] == "active makers", "value"].tolist() == counted


def kept(rows: list[Row]) -> tuple[dict[str, str], list[str]]:
    """Return the notes on what was left out or made one, and the periods that are left."""
    findings, tables = told(rows, equal_weights=True)
    notes = {name: f.sentence for name, f in findings.items() if f.strand == "data"}
    return notes, [row["period"] for row in tables.get("diagnosis_coordination", [])]


def test_nothing_of_the_table_is_lost_silently() -> None:
    """A period with a gap, one after the other system's last, years among quarters, rows said twice and two directions are each named."""
    output, sales = series("cluster", "output", [1, 1.2, 1.4]), series("ecommerce", "sales", [2, 2.5, 3])
    assert kept(output + sales) == ({}, ["2021", "2022", "2023"])
    notes, periods = kept(output[:1] + output[2:] + sales)
    assert periods == ["2021", "2023"]
    assert "2022 (output)" in notes["periods_left_out"]
    notes, periods = kept(output + series("ecommerce", "sales", [2, 2.5, 3, 4]))
    assert periods == ["2021", "2022", "2023"]
    assert "2024 (output)" in notes["periods_left_out"]
    quarter = [{**row, "period": "2021-Q1"} for row in (output[0], sales[0])]
    notes, periods = kept(output + sales + quarter)
    assert periods == ["2021", "2022", "2023"]
    assert "2021-Q1." in notes["periods_left_out"]
    notes, periods = kept([*output, {**output[1], "period": " 2022", "value": 1.3}, *sales])
    assert periods == ["2021", "2022", "2023"]
    assert "output 2022 (2)" in notes["indicators_averaged"]
    notes, _ = kept([*output[:2], {**output[2], "direction": "negative"}, *sales])
    assert "output" in notes["indicators_both_ways"]
    notes, _ = kept(series("cluster", "old", [1, 2]) + output + sales)
    assert "old" in notes["indicators_left_out"]


def test_what_was_left_out_is_told_where_nothing_is_measured() -> None:
    """Without a common period there is a reason, and beside it what the rows lack."""
    notes, periods = kept(series("cluster", "output", [-1, 2, 2]) + series("ecommerce", "sales", [2, 3]))
    assert not periods
    assert "output" in notes["indicators_left_out"]
    assert "2023" in notes["periods_left_out"]


def test_quarters_cut_short_are_named() -> None:
    """Eighty weeks from 1 January 2024 end in July 2025: the third quarter is not whole."""
    made = measure_codevelopment(small(), CodevelopmentSettings())
    (note,) = [f for f in made.findings if f.indicator == "periods_left_out"]
    assert "2025-Q3" in note.sentence
    assert "2025-Q2" not in note.sentence


def test_what_is_left_out_is_named_in_chinese_too() -> None:
    """Indicators of the default set have Chinese names: no English one stands in a Chinese reason."""
    rows = series("cluster", "output", [1, 1.2, 1.4]) + series("cluster", "active makers", [3, 4])
    rows += series("ecommerce", "sales", [2, 2.5, 3]) + [
        row for row in series("ecommerce", "active sellers", [2, 2, 2]) if row["period"] != "2022"
    ]
    findings, _ = told(rows)
    assert findings["indicators_left_out"].sentence_zh.count("活跃生产企业数") == 1
    assert "active makers" not in findings["indicators_left_out"].sentence_zh
    assert "2022 (active sellers)" in findings["periods_left_out"].sentence
    assert "2022（" in findings["periods_left_out"].sentence_zh
    assert "active sellers" not in findings["periods_left_out"].sentence_zh


def published() -> list[Row]:
    """Return the levels of Wang and others (2021) as two indicators of each system, over two years of which the first is half."""
    u = (0.8179733, 0.3246648, 0.6590316, 0.1308531)
    names = (("cluster", "a"), ("cluster", "b"), ("ecommerce", "c"), ("ecommerce", "d"))
    return [
        row for (system, indicator), x in zip(names, u, strict=True) for row in series(system, indicator, [x / 2, x])
    ]


UNIT_POSTS = dict.fromkeys("abcd", (0.0, 1.0))


def test_given_weights_decide_and_the_degree_by_entropy_stands_beside() -> None:
    """With levels u and v of two systems D is (uv)^(1/4): of the published levels weighed 3 : 1 and 1 : 0, and by entropy, where all move alike, of their means."""
    findings, tables = told(published(), goalposts=UNIT_POSTS, weights={"a": 3, "b": 1, "c": 5, "d": 0})
    cluster, ecommerce = 0.75 * 0.8179733 + 0.25 * 0.3246648, 0.6590316
    assert findings["coordination"].value == pytest.approx((cluster * ecommerce) ** 0.25)
    last = tables["diagnosis_coordination"][-1]
    assert (last["cluster"], last["ecommerce"]) == pytest.approx((cluster, ecommerce))
    weights = {row["indicator"]: row["weight"] for row in tables["diagnosis_obstacles"]}
    assert weights == pytest.approx({"a": 0.75, "b": 0.25, "c": 1.0, "d": 0.0})
    even = ((0.8179733 + 0.3246648) / 2 * (0.6590316 + 0.1308531) / 2) ** 0.25
    assert findings["coordination_by_entropy"].value == pytest.approx(even)
    assert f"{even:.2f}" in findings["coordination_by_entropy"].sentence
    assert "coordination_by_entropy" not in told(published(), goalposts=UNIT_POSTS)[0]


@pytest.mark.parametrize(
    ("weights", "unused"),
    [({"a": 1}, "a"), ({"a": 1, "b": 1, "x": 1}, "x"), ({"a": 0, "b": 0}, "a, b"), ({"a": 2, "b": 1, "c": 1}, "c")],
)
def test_weights_that_do_not_fit_are_told(weights: dict[str, float], unused: str) -> None:
    """Weights of half a system, of no indicator, or of nothing are not used, and are named."""
    findings, _ = told(published(), goalposts=UNIT_POSTS, weights=weights)
    assert f"not used: {unused}." in findings["weights_unused"].sentence
    assert findings["coordination"].value is not None


def test_weights_below_zero_are_refused() -> None:
    """A weight is zero or more."""
    with pytest.raises(ValidationError, match="weight of output"):
        CodevelopmentSettings.model_validate({"weights": {"output": -1}})
