"""Logistics, marketing and quality: lanes against the best attainable, promotion against making, returns, yields and certificates."""

from __future__ import annotations

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.logistics.lanes import measure_lanes
from jointplan.diagnosis.logistics.promotion import measure_promotion
from jointplan.diagnosis.logistics.quality import measure_quality
from jointplan.diagnosis.settings import LogisticsDiagnosisSettings
from jointplan.engine import Tables

__all__ = ["measure_logistics"]


def measure_logistics(tables: Tables, settings: LogisticsDiagnosisSettings, *, currency: str, seed: int) -> Diagnosed:
    """Measure what holds logistics, marketing and quality back.

    Parameters
    ----------
    tables : Tables
        **firms**, **products**, **markets**, **weekly**, and **lanes**, **tariffs**, **recorded**, **promotions**, **operations**, **capabilities**,
        **materials**, **sources**, **returns**, **certificates**, **sites** and **fx** where given.
    settings : LogisticsDiagnosisSettings
        Frontier and draws.
    currency : str
        Currency of the run.
    seed : int
        Seed of everything random.
    """
    parts = (
        measure_lanes(tables, settings, currency=currency, seed=seed),
        measure_promotion(tables, settings, currency=currency, seed=seed),
        measure_quality(tables, settings, seed=seed),
    )
    findings = tuple(finding for part in parts for finding in part.findings)
    return Diagnosed(findings, {name: table for part in parts for name, table in part.tables.items()})
