"""Diagnosing and keeping what is found: on the tables as they are, or on the flows of a run's plans."""

from __future__ import annotations

from jointplan.engine import DuckDBEngine
from jointplan.errors import NoResultError
from jointplan.store import StoredRun, Workspace, check_room, new_run, write_manifest, write_table
from jointplan.study import stages
from jointplan.study.keeping import REPORTED_INPUTS, WriteReport
from jointplan.study.manifest import diagnosis_manifest
from jointplan.study.preparing import checked_basis
from jointplan.study.settings import Settings
from jointplan.texts import tr


def keep_diagnosis(
    workspace: Workspace,
    settings: Settings,
    planned: StoredRun | None,
    plan: str,
    report: WriteReport | None,
    watch: stages.Stopwatch,
) -> StoredRun:
    """Measure the tables, or a run's separate plans and ``plan`` side by side, and keep what is found."""
    check_room(workspace)
    with DuckDBEngine() as engine, new_run(workspace, workspace.diagnoses) as folder:
        basis = checked_basis(workspace, settings, engine, watch)
        if planned is None:
            found = stages.diagnose(basis, settings, watch)
        else:
            found = stages.diagnose_plans(basis, {}, planned.tables, settings, watch, ("separate", plan))
            if not found:
                raise NoResultError(
                    tr("The plans of run {name} deliver nothing, so there is nothing to measure.", name=planned.id),
                    tr("Choose another run, or leave out --run to measure the tables."),
                )
        stored = StoredRun(folder)
        inputs = {f"input_{name}": basis.tables[name] for name in REPORTED_INPUTS if name in basis.tables}
        for name, table in {**found, **inputs}.items():
            write_table(folder, name, table)
        of_run = None if planned is None else planned.id
        facts = diagnosis_manifest(stored.id, workspace, settings, basis, watch.seconds, of_run)
        write_manifest(folder, facts)
        if report is not None:
            report(StoredRun(folder), folder)
    return StoredRun(workspace.diagnoses / stored.id)
