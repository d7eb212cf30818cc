"""Products that a plan gives up are told with its answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.report.given_up import given_up, given_up_lines
from jointplan.report.view import RunView
from jointplan.store import StoredRun


def unmet(run: StoredRun, folder: Path, shares: dict[str, float]) -> RunView:
    """Return the run with shares of what is wanted given up in the joint plan, by product."""
    made = shutil.copytree(run.folder, folder / run.id)
    table = run.tables["deliveries"]
    rows = [
        row | {"unmet": shares.get(row["sku"], 0.0) * row["demand"] if row["plan"] == "joint" else row["demand"]}
        for row in table.to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), made / "tables" / "deliveries.parquet")
    return RunView(StoredRun(made), "en")


def test_what_is_given_up_nearly_wholly_is_told_with_its_units(run: StoredRun, tmp_path: Path) -> None:
    """Nine tenths of what is wanted are told, less is not; other plans are not looked at; the way to ask why is named."""
    wanted: dict[str, float] = {}
    for row in run.tables["deliveries"].to_pylist():
        if row["plan"] == "joint":
            wanted[row["sku"]] = wanted.get(row["sku"], 0.0) + row["demand"]
    whole, nearly, half = sorted((sku for sku in wanted if wanted[sku] > 50), key=lambda sku: -wanted[sku])[:3]
    view = unmet(run, tmp_path, {whole: 1.0, nearly: 0.95, half: 0.5})
    with view.speaking():
        found, lines = given_up(view), given_up_lines(view, "shunde")
    assert [row["sku"] for row in found] == [whole, nearly]
    assert abs(found[0]["unmet"] - wanted[whole]) < 0.01
    assert f"all of {view.named(whole)} is given up: {view.numbers.count(wanted[whole])} units" in lines[0]
    assert f"{view.numbers.count(0.95 * wanted[nearly])} of {view.numbers.count(wanted[nearly])} units" in lines[1]
    assert lines[2:] == ["Why: jointplan why shunde"]
    # Where it is not the latest by rule, it is named.
    for facts in ({"what_if": ["lane:sea-US=closed"]}, {"what_if": [], "joint_searched": False}):
        view.manifest.update(facts)
        with view.speaking():
            assert given_up_lines(view, "shunde")[2:] == [f"Why: jointplan why shunde --run {view.run.folder.name}"]


def test_nothing_is_told_where_everything_is_delivered(run: StoredRun, tmp_path: Path) -> None:
    """A plan that delivers what is wanted has no line of this kind."""
    view = unmet(run, tmp_path, {})
    assert given_up(view) == given_up_lines(view, "shunde") == []


def test_little_that_is_given_up_is_not_told_as_nothing(run: StoredRun, tmp_path: Path) -> None:
    """One unit is told in the singular, and less than one as it is: not as 0 units."""
    made = shutil.copytree(run.folder, tmp_path / run.id)
    table = run.tables["deliveries"]
    row = table.to_pylist()[0] | {"plan": "joint"}
    rows = [row | {"sku": sku, "demand": units, "unmet": units} for sku, units in (("A", 1.0), ("B", 0.04))]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), made / "tables" / "deliveries.parquet")
    view = RunView(StoredRun(made), "en")
    with view.speaking():
        lines = given_up_lines(view, "shunde")
    assert [line.partition("given up: ")[2] for line in lines[:2]] == ["1 unit wanted.", "0.04 units wanted."]
