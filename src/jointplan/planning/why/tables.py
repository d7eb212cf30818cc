"""The tables **reasons** and **hour_worth** of a plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.engine import Tables
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.prices import HourPrices
from jointplan.planning.why.explaining import Explainer
from jointplan.planning.why.reason import Barrier, Reason
from jointplan.schema.results.reasons import HOUR_WORTH, REASONS


def reason_tables(
    plan: ClusterPlan, name: str, prices: HourPrices, start: date, undone: Mapping[str, Sequence[str]]
) -> dict[str, pa.Table]:
    """Return why a plan is as it is.

    Parameters
    ----------
    plan, name : ClusterPlan, str
        The plan, and what it is called.
    prices : HourPrices
        What more hours, room and space are worth.
    start : date
        Monday of the first week.
    undone : mapping of str to sequence of str
        Of products that nobody can make, by SKU, the processes that nobody can do.
    """
    p, worth = plan.problem, prices.worth
    found = Explainer(plan, worth, prices.limits, undone).reasons()
    rows = [_row(plan, name, reason, start) for reason in found]
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
        "batch": None if reason.group < 0 else reason.group + 1,
        "maker": at(p.firm, reason.maker),
        "binding_process": reason.step or _process(plan, reason.binding),
        "material": reason.material or None,
        "binding_from": _monday(start, reason.binding_first),
        "binding_until": _monday(start, reason.binding_last),
        "lane": None if reason.lane < 0 else p.lane[reason.lane].removesuffix(f"@{p.node[p.lane_origin[reason.lane]]}"),
        "mode": at(p.lane_mode, reason.lane),
        "place": at(p.node, reason.place),
        "unit": reason.unit or None,
        "limit": reason.limit,
        "needed": reason.needed,
        "barred": json.dumps([_barrier(plan, one) for one in reason.barriers], ensure_ascii=False)
        if reason.barriers
        else None,
        "worth": _cents(reason.worth),
        "worth_low": _cents(reason.worth_low),
        "worth_high": _cents(reason.worth_high),
        "cost": _cents(reason.cost),
        "usual": _cents(reason.usual),
    }


def _barrier(plan: ClusterPlan, barrier: Barrier) -> list[str]:
    """Return a barrier as firm and cause, and of owners who refuse each other both."""
    p = plan.problem
    parts = [p.firm[barrier.firm], barrier.cause]
    if barrier.one >= 0:
        parts += [p.owner[barrier.one], p.owner[barrier.other]]
    return parts


def undone_steps(tables: Tables) -> dict[str, list[str]]:
    """Return of each product with steps that no firm can do, by SKU, these processes in their order.

    A row of **capabilities** speaks for the product, the family or the process that it names, as it does for plans.
    """
    if "operations" not in tables or "capabilities" not in tables:
        return {}

    def rows(table: str, *columns: str) -> Iterator[tuple[str, ...]]:
        frame = tables.frame(table, *columns)
        return zip(*(frame[column].fillna("").tolist() for column in columns), strict=True)

    able = set(rows("capabilities", "process", "family", "sku"))
    steps: dict[tuple[str, str], list[str]] = {}
    for sku, family, process in rows("operations", "sku", "family", "process"):
        steps.setdefault((sku, "") if sku else ("", family), []).append(process)
    found: dict[str, list[str]] = {}
    for sku, family in rows("products", "sku", "family"):
        for process in steps.get((sku, ""), steps.get(("", family), [])):
            if not able & {(process, *for_whom) for for_whom in ((family, sku), ("", sku), (family, ""), ("", ""))}:
                found.setdefault(sku, []).append(process)
    return found


def _process(plan: ClusterPlan, resource: int) -> str | None:
    p = plan.problem
    return p.resource[resource].removeprefix(f"{p.firm[p.resource_firm[resource]]} ") if resource >= 0 else None


def _monday(start: date, week: int) -> date | None:
    return start + timedelta(weeks=int(week)) if week >= 0 else None


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
