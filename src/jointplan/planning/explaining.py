"""The tables **reasons** and **hour_worth** of a plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Floats
from jointplan.planning.reasons import Explainer, Reason
from jointplan.schema.results.reasons import HOUR_WORTH, REASONS


def reason_tables(plan: ClusterPlan, name: str, worth: Floats, start: date) -> dict[str, pa.Table]:
    """Return why a plan is as it is.

    Parameters
    ----------
    plan, name : ClusterPlan, str
        The plan, and what it is called.
    worth : (M, T)
        What an hour more is worth.
    start : date
        Monday of the first week.
    """
    p = plan.problem
    rows = [_row(plan, name, reason, start) for reason in Explainer(plan, worth).reasons()]
    hours = [
        {
            "plan": name,
            "week": _monday(start, t),
            "firm": p.firm[p.resource_firm[m]],
            "process": _process(plan, int(m)),
            "worth": round(float(worth[m, t]), 4),
        }
        for m, t in zip(*np.nonzero(worth > 0), strict=True)
    ]
    return {
        "reasons": pa.Table.from_pylist(rows, schema=REASONS.arrow),
        "hour_worth": pa.Table.from_pylist(hours, schema=HOUR_WORTH.arrow),
    }


def _row(plan: ClusterPlan, name: str, reason: Reason, start: date) -> dict[str, Any]:
    p = plan.problem

    def at(names: tuple[str, ...], index: int) -> str | None:
        return names[index] if index >= 0 else None

    return {
        "plan": name,
        "kind": reason.kind,
        "cause": reason.cause,
        "firm": at(p.firm, reason.firm),
        "week": _monday(start, reason.first),
        "until": _monday(start, reason.last),
        "sku": at(p.sku, reason.product),
        "market": at(p.market, reason.market),
        "process": _process(plan, reason.resource),
        "quantity": round(reason.quantity, 4),
        "waited": round(reason.waited, 4) if reason.kind == "late" else None,
        "maker": at(p.firm, reason.maker),
        "binding_process": _process(plan, reason.binding),
        "binding_from": _monday(start, reason.binding_first),
        "binding_until": _monday(start, reason.binding_last),
        "lane": None if reason.lane < 0 else p.lane[reason.lane].removesuffix(f"@{p.node[p.lane_origin[reason.lane]]}"),
        "mode": at(p.lane_mode, reason.lane),
        "worth": _cents(reason.worth),
        "cost": _cents(reason.cost),
        "usual": _cents(reason.usual),
    }


def _process(plan: ClusterPlan, resource: int) -> str | None:
    p = plan.problem
    return p.resource[resource].removeprefix(f"{p.firm[p.resource_firm[resource]]} ") if resource >= 0 else None


def _monday(start: date, week: int) -> date | None:
    return start + timedelta(weeks=int(week)) if week >= 0 else None


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
