"""In what order nodes' data are worth having, as a finding and a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.contracts import Forecaster
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.information.node_data import Trial, reduction_interval, screen_data
from jointplan.diagnosis.settings import InformationSettings
from jointplan.schema import TABLES
from jointplan.texts import both, some

NAMED = 5  # nodes named in the sentence; all are in the table


def order_of_nodes(
    trial: Trial, forecaster: Forecaster, products: pa.Table, settings: InformationSettings, seed: int
) -> Diagnosed:
    """Screen the sellers' data: which are worth having, in what order, and what each adds to those before it."""
    name = "diagnosis_nodes"
    if not settings.screened:
        return Diagnosed((), {name: TABLES[name].empty()})
    found = screen_data(trial, forecaster, products, least=settings.least_gain, evaluations=settings.screened)
    total = 0.0 if found is None or not len(found.base) else float(found.base.mean())
    if found is None or found.best is None or total <= 0:
        reason = unmeasured(
            "information", "node_order", "data",
            "In what order nodes' data are worth having cannot be told: too few owners sell the same families in the same market.",
            f"weekly: {len(trial.targets)} series",
        )  # fmt: skip
        return Diagnosed((reason,), {name: TABLES[name].empty()})
    rows: list[dict[str, Any]] = []
    for rank, step in enumerate(found.steps, start=1):
        low, high, p_value = reduction_interval(step.before, step.after, found.base, settings.draws, seed)
        rows.append(
            {"rank": rank, "node": step.node, "gain": step.gain / total, "low": low, "high": high, "p_value": p_value,
             "left": float(step.after.mean()) / total}
        )  # fmt: skip
    after = found.steps[-1].after if found.steps else found.best.after
    low, high, p_value = reduction_interval(found.base, after, found.base, settings.draws, seed)
    taken = 1.0 - float(after.mean()) / total
    # The first was the best of so many: its chance counts them (Bonferroni).
    candidates = min(found.evaluations - 1, trial.history["owner"].nunique())
    sure = bool(rows) and low > 0 and min(float(rows[0]["p_value"]) * candidates, 1.0) < 0.05
    names = some((str(row["node"]) for row in rows), NAMED)
    values: dict[str, object] = {
        "count": len(rows), "names": names, "share": taken, "first": rows[0]["gain"] if rows else found.best.gain / total,
        "tried": found.evaluations, "best": found.best.node,
    }  # fmt: skip
    if rows and not sure:
        said = both(
            "No node's data are known to be worth having for the others' forecasts: the best found, {names}, take {share:.1%} off their loss, which chance explains "
            "as well ({tried} sets of nodes tried).",
            **values,
        )
    elif not rows:
        said = both(
            "No node's data are worth having for the others' forecasts: the best, {best}, changes their loss by {first:.1%} ({tried} sets of nodes tried).",
            **values,
        )
    elif len(rows) == 1:
        said = both(
            "The data of one node are worth having, {names}: they take {share:.1%} off the others' forecast loss ({tried} sets of nodes tried).",
            **values,
        )
    elif found.complete:
        said = both(
            "The data of {count} nodes are worth having, in this order: {names}. Together they take {share:.1%} off the others' forecast loss, the first alone "
            "{first:.1%} ({tried} sets of nodes tried).",
            **values,
        )
    else:
        said = both(
            "The data of these {count} nodes are worth having first, in this order: {names}. Together they take {share:.1%} off the others' forecast loss, the "
            "first alone {first:.1%}; the search ended at its budget ({tried} sets of nodes tried).",
            **values,
        )
    finding = Finding(
        "information", "node_order", "data", *said, f"diagnosis_nodes: {len(rows)}; weekly: {len(found.base)} series",
        str(rows[0]["node"]) if rows else "", taken if rows else found.best.gain / total, "share", "others", 0.0, low, high,
        min(p_value * candidates, 1.0), float(np.clip(5 * taken, 0, 1)) if sure else 0.0, "share_demand_data" if sure else "",
    )  # fmt: skip
    return Diagnosed((finding,), {name: pa.Table.from_pylist(rows, schema=TABLES[name].arrow)})
