"""Planning and keeping a run: its tables, its manifest, its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.schema import TABLES, assumptions_table
from jointplan.store import StoredRun, Workspace, new_run, write_manifest, write_table
from jointplan.study import stages
from jointplan.study.compare import plan_changes
from jointplan.study.manifest import VERSION, input_facts, manifest, peak_mb
from jointplan.study.preparing import Ready
from jointplan.study.run import Run
from jointplan.study.settings import Settings
from jointplan.texts import tr

if TYPE_CHECKING:
    from jointplan.planning import PlanSet

WriteReport = Callable[[StoredRun, Path], object]
REPORTED_INPUTS = ("firms", "products", "markets", "sites", "lanes")
IMPORTED = "-imported"  # ends the names of files that an import writes into tables/
WEEKLY = ("week", "sku", "market", "seller", "quantity", "revenue")


def keep_run(
    workspace: Workspace,
    settings: Settings,
    ready: Ready,
    watch: stages.Stopwatch,
    report: WriteReport | None,
    base: StoredRun | None = None,
) -> Run:
    """Plan, and write the run; its folder appears only when it is complete."""
    basis, asked = ready.changed, ready.asked
    stocked = stages.keep_stock(basis, ready.forecasts, settings, watch)
    basis = replace(basis, assumptions=(*basis.assumptions, *stocked.assumptions))
    plans = stages.plan(basis, {**ready.forecasts, **stocked.tables}, settings, watch, asked)
    found = ready.found and stages.diagnose_plans(basis, ready.found, plans.tables, settings, watch)
    failed: Exception | None = None
    with new_run(workspace) as folder:
        stored = StoredRun(folder)
        with watch.stage("write", tr("Writing the run")):
            results = {
                **found,
                **result_tables(workspace, basis, {**ready.forecasts, **ready.newness, **stocked.tables}, plans),
            }
            if basis.carried is not None:
                results["carried"] = basis.carried
            if base is not None:
                results["changes"] = plan_changes(base.tables, results)
            for name, table in results.items():
                write_table(folder, name, table)
            facts = manifest(stored.id, workspace, settings, basis, plans, watch.seconds)
            facts["members"] = None if asked.members is None else list(asked.members)
            facts["what_if"] = [change.text for change in asked.what_ifs]
            facts["base"] = None if base is None else base.id
            facts["planned_again_from"] = base.id if base is not None and asked.earlier is not None else None
            facts["ended_early"] = plans.ended_early
            facts["joint_searched"] = plans.joint_searched
            facts["continued"] = basis.carried is not None or asked.freeze > 0
            if base is not None and asked.freeze:
                facts["frozen"] = {"run": base.id, "weeks": asked.freeze, "lots": basis.frozen}
            write_manifest(folder, facts)
        if report is not None:
            try:
                with watch.stage("report", tr("Writing the report")):
                    report(stored, folder)
            except OSError:
                raise
            except Exception as error:  # the plan took long to make: it is kept even if its report fails
                failed = error
        figures = {**facts["figures"], "seconds": round(sum(watch.seconds.values()), 3), "peak_mb": peak_mb()}
        write_manifest(folder, {**facts, "timings": watch.seconds, "figures": figures})
    if failed is not None:
        raise failed
    return Run(workspace.run(stored.id))


def same_without(
    workspace: Workspace, settings: Settings, ready: Ready, members: tuple[str, ...] | None
) -> StoredRun | None:
    """Return the latest run of these tables and settings in which nothing was changed, and whose search was not ended early.

    One that went on from another run stands on more than these tables.
    """
    asked, inputs = settings.model_dump(mode="json"), input_facts(workspace, ready.basis)
    for name in reversed(workspace.run_names()):
        stored = workspace.run(name)
        facts = stored.manifest
        known = facts.get("members", ())
        same = (facts["settings"], facts["inputs"], facts["jointplan"]) == (asked, inputs, VERSION)
        if facts.get("ended_early") or facts.get("continued"):
            continue
        if same and not stored.what_ifs and known == (None if members is None else list(members)):
            return stored
    return None


def result_tables(
    workspace: Workspace, basis: stages.Basis, found: Mapping[str, pa.Table], plans: PlanSet
) -> dict[str, pa.Table]:
    """Return every table the run keeps: results, and the inputs its report draws on, or a plan that goes on from it."""
    results = {**found, **plans.tables}
    if "violations" in results and "capacity" in basis.tables:
        results["violations"] = in_their_units(results["violations"], basis.tables["capacity"])
    results |= {name: basis.tables[name] for name in ("landed_costs", "channel_fees") if name in basis.tables}
    results["assumptions"] = pa.concat_tables(
        [derived_assumptions(workspace, basis), assumptions_table([*basis.assumptions, *plans.assumptions])]
    )
    inputs = {
        f"input_{name}": basis.tables[name]
        for name in (*REPORTED_INPUTS, "stock", "material_stock")
        if name in basis.tables
    }
    return {**results, **inputs, "input_weekly": basis.tables["weekly"].select(list(WEEKLY))}


def in_their_units(violations: pa.Table, capacity: pa.Table) -> pa.Table:
    """Return what goes beyond workshops' hours in the unit that their capacity counts, where that is not hours."""
    units = {f"{row['firm']} {row['process']}": row.get("unit") for row in capacity.to_pylist()}
    rows = violations.to_pylist()
    for row in rows:
        if row["unit"] == "hours":
            row["unit"] = units.get(row["place"]) or row["unit"]
    return pa.Table.from_pylist(rows, schema=violations.schema)


def derived_assumptions(workspace: Workspace, basis: stages.Basis) -> pa.Table:
    """Return what the import assumed, less what a table of the user's own has replaced since."""
    file = workspace.derived / "assumptions.parquet"
    schema = TABLES["assumptions"].arrow
    if not file.exists():
        return schema.empty_table()
    own = {f.table for f in basis.files if f.path.parent == workspace.tables}
    own -= {f.table for f in basis.files if f.path.stem.endswith(IMPORTED)}
    rows = [row for row in pq.read_table(file).to_pylist() if row["replaced_by"].split(".")[0] not in own]
    return pa.Table.from_pylist(rows, schema=schema)
