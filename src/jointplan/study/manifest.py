"""What a run is known by: settings, inputs, versions, timings, and its figures."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import jointplan
from jointplan.store import Workspace
from jointplan.study.settings import Settings
from jointplan.study.stages import Basis

if TYPE_CHECKING:
    from jointplan.planning import PlanSet

VERSION = jointplan.__version__
LIBRARIES = ("duckdb", "highspy", "ibis-framework", "numpy", "pandas", "pyarrow", "pydantic", "statsforecast")


def manifest(
    run_id: str,
    workspace: Workspace,
    settings: Settings,
    basis: Basis,
    plans: PlanSet,
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """Return the manifest of a run, ready to be written as JSON."""
    return {
        **_common(run_id, workspace, settings, basis, timings),
        "horizon": basis.horizon.as_dict(),
        "verdict": plans.verdict,
        "figures": figures(run_id, plans, timings),
        "hub": dict(plans.hub),
        "idle_measures": list(plans.idle),
    }


def diagnosis_manifest(
    diagnosis_id: str,
    workspace: Workspace,
    settings: Settings,
    basis: Basis,
    timings: Mapping[str, float],
    run: str | None,
) -> dict[str, Any]:
    """Return the manifest of a diagnosis; ``run`` is the run whose plan it is about, if any."""
    return {
        **_common(diagnosis_id, workspace, settings, basis, timings),
        "kind": "diagnosis",
        "run": run,
        "figures": {"seconds": round(sum(timings.values()), 3), "peak_mb": peak_mb()},
    }


def _common(
    run_id: str, workspace: Workspace, settings: Settings, basis: Basis, timings: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "id": run_id,
        "created": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        "name": settings.name or workspace.root.resolve().name,
        "jointplan": VERSION,
        "language": settings.language,
        "currency": basis.currency,
        "settings": settings.model_dump(mode="json"),
        "inputs": input_facts(workspace, basis),
        "versions": _versions(),
        "timings": dict(timings),
        "synthetic": settings.synthetic,
        "dropped": {"lines_in_partial_weeks": basis.dropped, "products": list(basis.early)},
        "warnings": [issue.as_dict() for issue in basis.warnings],
    }


def input_facts(workspace: Workspace, basis: Basis) -> list[dict[str, Any]]:
    """Return what was read: table, file, hash and rows of each file."""
    return [
        {"table": file.table, "file": _inside(workspace, file.path), "sha256": file.sha256, "rows": file.rows}
        for file in basis.files
    ]


def figures(run_id: str, plans: PlanSet, timings: Mapping[str, float]) -> dict[str, Any]:
    """Return the figures for machines.

    The gain is certain to lie between ``gain_low``, where the separate plans are as good as their bound allows and the
    joint plan no better than it is, though it never loses more than the hub costs, and ``gain_high``, the reverse.
    """
    value = {name: _cents(plans.value(name)) for name in ("recorded", "separate", "joint")}
    upper = {name: plans.upper(name) for name in ("separate", "joint")}
    low, high = plans.gain_interval()
    if plans.verdict in (
        "one_owner",
        "nothing_shared",
    ):  # by definition there is nothing to pool: no rounding, no gap of the solver
        value["joint"], upper = value["separate"], dict.fromkeys(upper, value["separate"])
        low = high = 0.0
    gain = _less(value["joint"], value["separate"])
    rows = {row["plan"]: row for row in plans.tables["values"].to_pylist()}
    return {
        "run": run_id,
        "value": value,
        "gain": gain,
        # Values are rounded one by one: the gain found stays within its interval.
        "gain_low": None if low is None or gain is None else min(round(low, 2), gain),
        "gain_high": None if high is None or gain is None else max(round(high, 2), gain),
        "upper": {name: _cents(bound) for name, bound in upper.items()},
        "bound_by": {name: _codes(rows.get(name, {}).get("bound_by")) for name in upper},
        "gap": {name: rows.get(name, {}).get("gap") for name in ("separate", "joint")},
        "gap_avoidable": {name: rows.get(name, {}).get("gap_avoidable") for name in ("separate", "joint")},
        "seconds": round(sum(timings.values()), 3),
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float | None:
    """Return the most memory this process or one of its children held, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB elsewhere
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(most * unit / 1e6, 1)


def _codes(text: str | None) -> list[str]:
    return text.split(", ") if text else []


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _less(upper: float | None, lower: float | None) -> float | None:
    return None if upper is None or lower is None else _cents(upper - lower)


def _inside(workspace: Workspace, path: Any) -> str:
    """Return a path relative to the workspace, so that a manifest tells nothing of the machine."""
    try:
        return str(path.resolve().relative_to(workspace.root.resolve()).as_posix())
    except ValueError:
        return str(path.name)


@cache
def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
