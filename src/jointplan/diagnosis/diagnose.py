"""The diagnosis: every topic in its order, each measured on the tables by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from jointplan.contracts import Forecaster, Progress, silent
from jointplan.diagnosis.behind import Behind
from jointplan.diagnosis.codevelopment import measure_codevelopment
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, findings_table
from jointplan.diagnosis.flows import unpriced
from jointplan.diagnosis.information import measure_information, measure_orders
from jointplan.diagnosis.lock_in import measure_lock_in
from jointplan.diagnosis.logistics import measure_logistics, measure_moves
from jointplan.diagnosis.naming import names_of, with_names
from jointplan.diagnosis.sameness import measure_niches, measure_sameness
from jointplan.diagnosis.settings import DiagnosisSettings
from jointplan.diagnosis.structure import measure_structure
from jointplan.engine import Tables
from jointplan.texts import tr


@dataclass(frozen=True)
class Circumstances:
    """What a topic may need beside tables and settings.

    Parameters
    ----------
    currency : str
        Currency of the run; revenue in ``weekly`` is counted in it.
    holding_rate : float
        Yearly cost of capital tied up in goods, a share of their worth.
    seed : int
        Seed of everything random.
    forecaster : Forecaster or None
        Forecasts demand; None: what needs it is not measured.
    """

    currency: str
    holding_rate: float
    seed: int
    forecaster: Forecaster | None = None


Measure = Callable[[Tables, DiagnosisSettings, Circumstances], Diagnosed]


@dataclass(frozen=True)
class Topic:
    """One topic: its name, how it is measured, and how what of it reads flows is measured on those of a plan; None: nothing does."""

    name: str
    measure: Measure
    on_flows: Measure | None = None


TOPICS: tuple[Topic, ...] = (
    Topic("Structure", lambda t, s, c: measure_structure(t, s.structure, currency=c.currency, seed=c.seed),
          lambda t, s, c: measure_structure(t, s.structure, currency=c.currency, seed=c.seed)),
    Topic("Sameness", lambda t, s, c: measure_sameness(t, s.sameness, currency=c.currency, seed=c.seed),
          lambda t, s, c: measure_niches(t, s.sameness, seed=c.seed)),
    Topic("Lock-in and dependence", lambda t, s, c: measure_lock_in(t, s.lock_in, seed=c.seed),
          lambda t, s, c: measure_lock_in(t, s.lock_in, seed=c.seed)),
    Topic("Information", lambda t, s, c: measure_information(t, s.information, seed=c.seed, forecaster=c.forecaster),
          lambda t, s, c: measure_orders(t, s.information, seed=c.seed)),
    Topic("Logistics, marketing, quality",
          lambda t, s, c: measure_logistics(t, s.logistics, currency=c.currency, holding_rate=c.holding_rate, seed=c.seed),
          lambda t, s, c: measure_moves(t, s.logistics, currency=c.currency, holding_rate=c.holding_rate, seed=c.seed)),
    Topic("Co-development", lambda t, s, c: measure_codevelopment(t, s.codevelopment)),
)  # fmt: skip


def diagnose(
    tables: Tables,
    settings: DiagnosisSettings,
    *,
    currency: str,
    holding_rate: float,
    seed: int,
    forecaster: Forecaster | None = None,
    plan: str | None = None,
    progress: Progress = silent,
) -> dict[str, pa.Table]:
    """Measure what holds the cluster back.

    Parameters
    ----------
    tables : Tables
        The checked tables as they were brought, nothing filled in, with ``weekly``.
    settings : DiagnosisSettings
        How it is measured.
    currency : str
        Currency of the run.
    holding_rate : float
        Yearly cost of capital tied up in goods, a share of their worth, as plans count it.
    seed : int
        Seed of everything random.
    forecaster : Forecaster or None
        Forecasts demand.
    plan : str or None
        The plan whose flows stand in ``tables`` (see :func:`jointplan.diagnosis.flows.with_flows`): only what flows can
        change is measured, and the findings carry its name. None: everything.
    progress : Progress
        Told how far it is.

    Returns
    -------
    dict of str to Table
        **findings**, the most severe first, **finding_rows**, and, without a plan, the detail tables of the topics.
    """
    around = Circumstances(currency, holding_rate, seed, forecaster)
    measures = [(t.name, found) for t in TOPICS if (found := t.measure if plan is None else t.on_flows)]
    findings: list[Finding] = [replace(finding, plan=plan) for finding in unpriced(tables)]
    details: dict[str, Any] = {}
    for number, (name, measure) in enumerate(measures):
        progress(tr("Measuring: {part}", part=tr(name)), number / len(measures))
        made = measure(tables, settings, around)
        findings += (replace(finding, plan=plan) for finding in made.findings)
        details.update(made.tables)
    findings.sort(key=lambda finding: -(finding.severity if finding.severity is not None else -1.0))
    rows = Behind(tables, details, settings).table(findings)
    findings = list(with_names(findings, names_of(tables)))
    return {"findings": findings_table(findings), "finding_rows": rows, **({} if plan else details)}
