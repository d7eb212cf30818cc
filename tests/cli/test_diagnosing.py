"""The command that diagnoses: ranked findings for people, one object for machines, plans side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointplan.diagnosis import diagnose as diagnose_cluster
from jointplan.schema import TABLES
from tests.cli.test_commands import answer, jointplan
from tests.quick import Quick
from tests.tiny import write_csv, write_tiny


def test_findings_for_people_and_machines(tiny: Path) -> None:
    """The answer ranks findings and says what could not be measured; the folder holds them with a report."""
    made = answer(jointplan("diagnose", tiny, "--json"))
    assert set(made) == {"diagnosis", "run", "findings", "seconds", "peak_mb"}
    assert set(made["findings"][0]) == set(TABLES["findings"].names)
    folder = tiny / "diagnoses" / made["diagnosis"]
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "report.html", "report.xlsx", "tables"}
    assert not (tiny / "runs").exists()
    said = jointplan("diagnose", tiny, "--no-report")
    assert said.exit_code == 0, said.stderr
    assert "Not measured:" in said.stdout
    assert "Severity" in said.stdout
    chinese = jointplan("diagnose", tiny, "--no-report", "--lang", "zh")
    assert "未能测算" in chinese.stdout
    assert "Concentration" not in chinese.stdout


def test_rows_behind_a_finding_are_shown_without_measuring_anew(tiny: Path) -> None:
    """After a diagnosis its rows are told for people and machines; before it, and of no finding, the error says what to do."""
    assert "jointplan diagnose" in jointplan("diagnose", tiny, "--rows", "market_concentration").stderr
    made = answer(jointplan("diagnose", tiny, "--no-report", "--json"))
    told = answer(jointplan("diagnose", tiny, "--rows", "market_concentration", "--json"))
    assert told["diagnosis"] == made["diagnosis"]
    assert {row["table"] for row in told["rows"]} == {"diagnosis_shares", "weekly"}
    assert all(row["total"] >= row["number"] for row in told["rows"])
    said = jointplan("diagnose", tiny, "--rows", "market_concentration").stdout
    assert "rows of sales by week" in said
    assert len(list((tiny / "diagnoses").glob("2*"))) == 1
    wrong = jointplan("diagnose", tiny, "--rows", "market")
    assert wrong.exit_code == 2
    assert "market_concentration" in wrong.stderr


def test_a_circle_in_the_bill_of_materials_is_told_as_an_error(tiny: Path) -> None:
    """Exit 1, the circle in the sentence, and nothing left behind."""
    rows = [
        {"sku": "KETTLE-1", "material": "KETTLE-2", "quantity": 1},
        {"sku": "KETTLE-2", "material": "KETTLE-1", "quantity": 1},
    ]
    write_csv(tiny / "tables" / "materials.csv", rows)
    result = jointplan("diagnose", tiny)
    assert result.exit_code == 1
    assert "KETTLE-1 → KETTLE-2" in result.stderr or "KETTLE-2 → KETTLE-1" in result.stderr
    assert not [path for path in (tiny / "diagnoses").iterdir() if not path.name.startswith(".")]


def test_a_latitude_beyond_the_pole_is_told_to_be_exchanged(tmp_path: Path) -> None:
    """Where the longitude cannot be a latitude the check already says that the two may be exchanged."""
    folder = write_tiny(tmp_path, firms=lambda rows: [row | {"lat": row["lon"], "lon": row["lat"]} for row in rows])
    assert "exchanged" in jointplan("check", folder).stdout


def test_problems_and_missing_runs_are_told(tmp_path: Path, tiny: Path) -> None:
    """A problem in a table stops it; a run that is not there is named."""
    folder = write_tiny(tmp_path / "bad", sales=lambda rows: [row | {"quantity": -1} for row in rows])
    assert jointplan("diagnose", folder).exit_code == 1
    assert "no finished run" in jointplan("diagnose", tiny, "--run", "latest").stderr


def test_plans_stand_side_by_side(tiny: Path) -> None:
    """With a run, both plans are measured."""
    (tiny / "jointplan.toml").write_text("[diagnosis]\nwith_run = false\n", "utf-8")  # measured here, not there too
    run = answer(jointplan("plan", tiny, "--seconds", "1", "--horizon-weeks", "2", "--json"))
    made = answer(jointplan("diagnose", tiny, "--run", "latest", "--no-report", "--json"))
    assert made["run"] == run["run"]
    assert {row["plan"] for row in made["findings"]} == {"separate", "joint"}
    said = jointplan("diagnose", tiny, "--run", "latest", "--no-report")
    assert "Separate plans" in said.stdout
    assert "Joint plan" in said.stdout


@pytest.mark.parametrize("asked", [True, False])
def test_a_run_holds_the_diagnosis_unless_it_is_left_out(
    tiny: Path, quick: Quick, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    """The setting diagnosis.with_run decides."""
    monkeypatch.setattr("jointplan.study.stages.diagnose_cluster", diagnose_cluster)
    (tiny / "jointplan.toml").write_text(f"[diagnosis]\nwith_run = {str(asked).lower()}\n", "utf-8")
    answer(jointplan("run", tiny, "--no-report", "--json"))
    (run,) = (tiny / "runs").iterdir()
    assert (run / "tables" / "findings.parquet").exists() == asked
