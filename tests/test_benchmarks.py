"""Benchmarks are not run with the tests: they must at least load, tell their options, and know the planner as it is."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.rights import MEASURES, coalition_rights

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
SHARED = {"demand_data", "published"}  # no scripts, but what scripts have in common


@pytest.mark.parametrize("name", sorted({path.stem for path in BENCHMARKS.glob("*.py")} - SHARED))
def test_a_script_loads_and_tells_its_options(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it imports is there; whether that is still called as it should be is checked with the types."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(BENCHMARKS / f"{name}.py"), run_name="__main__")
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out


def test_the_large_cluster_is_a_problem_of_today() -> None:
    """The problem that the scale benchmark plans can be made, in a small size in which workshops have room for their setups."""
    script = runpy.run_path(str(BENCHMARKS / "plan_scale.py"))
    problem = script["sample_problem"](3, 6, 4, "core")
    assert problem.weeks == 4
    assert problem.demand.sum() > 0
    assert problem.regular.sum() > 0
    rights = coalition_rights(problem, frozenset(MEASURES))
    assert build_model(problem, rights, build_network(problem, rights)).linear.integer.any()
