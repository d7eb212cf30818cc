"""Why each search ended, told from what the run keeps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jointplan.report.blocks import Grid
from jointplan.report.ending import bound_lines, ending, ending_lines, relaxations
from jointplan.report.gain import gain_section
from jointplan.report.view import RunView
from jointplan.store import StoredRun


@pytest.mark.parametrize(
    ("status", "seconds", "limit", "code", "words"),
    [
        ("optimal", 3.0, 60.0, "optimal", "proven best after 3 s of 60"),
        ("feasible", 59.8, 60.0, "seconds", "its seconds ran out after 60 s of 60; for more, raise --seconds"),
        (
            "feasible", 36.2, 30.0, "seconds",
            "its seconds ran out after 36 s, 6 of them beyond the limit of 30, to finish what was begun; for more, raise --seconds",
        ),
        ("feasible", 30.4, 30.0, "seconds", "its seconds ran out after 30 s of 30; for more, raise --seconds"),
        ("feasible", 9.0, 30.0, "rounds", "its rounds were done after 9 s of 30; for more, raise plan.solve.rounds"),
        ("feasible", 9.0, None, "rounds", "its rounds were done after 9 s of –; for more, raise plan.solve.rounds"),
    ],
)  # fmt: skip
def test_it_is_told_why_a_search_ended(
    run: StoredRun, tmp_path: Path, status: str, seconds: float, limit: float | None, code: str, words: str
) -> None:
    """A plan that is not proven ended by its seconds where it used them up, else by its rounds; each says what gives more.

    Seconds beyond the limit are told for what they are.
    """
    folder = shutil.copytree(run.folder, tmp_path / run.id)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["settings"]["plan"] = {"solve": {"seconds": limit}}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    values = run.tables["values"].to_pylist()
    rows = [row | {"status": status, "seconds": seconds, "gap": 0.0004} for row in values]
    pq.write_table(pa.Table.from_pylist(rows, schema=run.tables["values"].schema), folder / "tables" / "values.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        assert {ending(view, row) for row in view.frame("values").itertuples()} == {code}
        told = ending_lines(view)
        assert len(told) == sum(row["plan"] != "recorded" for row in rows)
        assert all(line.endswith(words) for line in told)
        assert all("gap 0.04%" in line for line in told)


@pytest.mark.parametrize(
    ("gap", "wanted", "violations", "code"),
    [
        (1.7e-16, 0.0, 0, "optimal"),
        (0.0004, 0.001, 0, "optimal"),
        (0.0004, 0.0001, 0, "rounds"),
        (1.7e-16, 0.0, 2, "rounds"),
    ],
)
def test_a_plan_within_the_gap_that_is_wanted_needs_no_longer_search(
    run: StoredRun, tmp_path: Path, gap: float, wanted: float, violations: int, code: str
) -> None:
    """However its search ended: a bound that came from elsewhere, or a rounding, leaves nothing to look for, unless rules are broken."""
    folder = shutil.copytree(run.folder, tmp_path / run.id)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["settings"]["plan"] = {"solve": {"seconds": 60.0, "gap": wanted}}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    found = {"status": "feasible", "seconds": 3.0, "gap": gap, "violations": violations}
    rows = [row | found for row in run.tables["values"].to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=run.tables["values"].schema), folder / "tables" / "values.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        assert {ending(view, row) for row in view.frame("values").itertuples()} == {code}
        assert all(("raise" in line) == (code == "rounds") for line in ending_lines(view))


def test_it_is_told_which_relaxation_proves_the_bound(run: StoredRun) -> None:
    """One line with the bound of each plan and what it rests on; a run of an earlier version, which keeps none, tells nothing."""
    view = RunView(run, "en")
    with view.speaking():
        (line,) = bound_lines(view)
        uppers = [view.numbers.money(row.upper) for row in view.frame("values").itertuples() if row.plan != "recorded"]
        assert line == (
            f"No plan can be worth more than: separate plans {uppers[0]} (prices of hours and loads (Lagrangian relaxation), owner "
            f"by owner); joint plan {uppers[1]} (prices of hours and loads (Lagrangian relaxation))."
        )
        (proof,) = [
            block for block in gain_section(view).blocks if isinstance(block, Grid) and "Bound by" in block.header
        ]
        assert [row[-1] for row in proof.rows][-1] == "prices of hours and loads (Lagrangian relaxation)"
        assert relaxations(view.frame("values").drop(columns="bound_by").iloc[-1]) == ""
