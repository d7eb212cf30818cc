"""Logistics, marketing and quality: lanes against the best attainable, promotion against making, returns, yields and certificates."""

from __future__ import annotations

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.logistics.lanes import measure_lanes
from jointplan.diagnosis.logistics.promotion import measure_making_costs, measure_promotion
from jointplan.diagnosis.logistics.quality import measure_quality
from jointplan.diagnosis.settings import LogisticsDiagnosisSettings
from jointplan.engine import Tables

__all__ = ["measure_logistics", "measure_moves"]

ON_FLOWS = (
    "lane_price",
    "lane_days",
    "yield",
    "yield_gap",
    "certificates",
    "certificate_gap",
)  # what depends on who makes and what moves


def measure_logistics(
    tables: Tables, settings: LogisticsDiagnosisSettings, *, currency: str, holding_rate: float, seed: int
) -> Diagnosed:
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
    holding_rate : float
        Yearly cost of capital tied up in goods under way, a share of their worth.
    seed : int
        Seed of everything random.
    """
    parts = (
        measure_lanes(tables, settings, currency=currency, holding_rate=holding_rate, seed=seed),
        measure_promotion(tables, settings, currency=currency, seed=seed),
        Diagnosed(measure_making_costs(tables, currency=currency)),
        measure_quality(tables, settings, seed=seed),
    )
    findings = tuple(finding for part in parts for finding in part.findings)
    return Diagnosed(findings, {name: table for part in parts for name, table in part.tables.items()})


def measure_moves(
    tables: Tables, settings: LogisticsDiagnosisSettings, *, currency: str, holding_rate: float, seed: int
) -> Diagnosed:
    """Measure what of this topic a plan can change: the lanes it uses, and the yields and certificates of those that make.

    The parameters are those of :func:`measure_logistics`; goods come back and promotion is spent in the past alone.
    """
    parts = (
        measure_lanes(tables, settings, currency=currency, holding_rate=holding_rate, seed=seed),
        measure_quality(tables, settings, seed=seed),
    )
    findings = tuple(f for part in parts for f in part.findings if f.indicator in ON_FLOWS)
    return Diagnosed(findings, {name: table for part in parts for name, table in part.tables.items()})
