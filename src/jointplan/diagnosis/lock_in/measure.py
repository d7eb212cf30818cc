"""The topic: locked in, and dependent on few."""

from __future__ import annotations

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.home import home_country, only_source
from jointplan.diagnosis.lock_in.dependence import dependence
from jointplan.diagnosis.lock_in.outlets import imported, outlets
from jointplan.diagnosis.lock_in.spread import shares_table, spread_findings, spreads
from jointplan.diagnosis.settings import LockInSettings
from jointplan.engine import Tables


def measure_lock_in(tables: Tables, settings: LockInSettings, *, seed: int) -> Diagnosed:
    """Measure on how few the cluster depends.

    Parameters
    ----------
    tables : Tables
        ``weekly``, ``products``, ``markets``, ``firms``; ``sales``, ``materials``, ``sources``, ``ties`` and tables of making
        where they are given.
    settings : LockInSettings
        How it is measured.
    seed : int
        Seed of the intervals.

    Raises
    ------
    DataError
        If the bill of materials goes round in a circle.
    """
    found = spreads(tables)
    ends = outlets(tables)
    depends = dependence(tables, settings)
    findings = (
        *spread_findings(found, settings, home_country(tables), only_source(tables), seed, tables), *ends.findings, imported(tables), *depends.findings
    )  # fmt: skip
    details = {"diagnosis_shares": shares_table(found)}
    if ends.table is not None:
        details["diagnosis_outlets"] = ends.table
    if depends.table is not None:
        details["diagnosis_dependence"] = depends.table
    return Diagnosed(findings, details)
