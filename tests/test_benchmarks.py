"""Benchmarks are not run with the tests: they must at least load, tell their options, and know the planner as it is."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.rights import MEASURES, coalition_rights
from jointplan.planning.solving import search
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster, wagner_whitin

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


def test_the_large_cluster_is_a_problem_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The problem that the scale benchmark plans can be made, in a small size in which workshops have room for their setups."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = runpy.run_path(str(BENCHMARKS / "plan_scale.py"))
    problem = script["sample_problem"](3, 6, 4, "core")
    assert problem.weeks == 4
    assert problem.demand.sum() > 0
    assert problem.regular.sum() > 0
    rights = coalition_rights(problem, frozenset(MEASURES))
    assert build_model(problem, rights, build_network(problem, rights)).linear.integer.any()


def test_highs_is_told_by_the_same_definitions_as_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gaps of HiGHS are shares of the bound and of what could be avoided, as the plan's are, and its memory is that of its own process."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = runpy.run_path(str(BENCHMARKS / "plan_scale.py"))
    problem = random_cluster(0, makers=2, sellers=2, products=3, weeks=4)
    rights = coalition_rights(problem, frozenset(MEASURES))
    options = SolveOptions(seconds=30, gap=0.05)
    plan = plan_coalition(problem, rights, options)
    assert plan.upper is not None
    mine, theirs = script["figures"](plan, plan.upper), script["by_highs"](problem, rights, options)
    assert theirs.keys() == mine.keys() | {"seconds", "peak_mb"}
    for told in (mine, theirs):
        missing = told["bound"] - told["objective"]
        assert missing > 0
        assert told["gap"] == pytest.approx(missing / abs(told["bound"]))
        assert told["gap_avoidable"] == pytest.approx(told["gap"] * mine["gap_avoidable"] / mine["gap"], rel=0.2)
    assert theirs["method"] == "HiGHS"
    assert theirs["peak_mb"] > 0
    assert script["figures"](None, 5.0)["gap"] is None


def test_published_problems_can_be_left_to_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for the search, Wagner and Whitin's twelve months are not given to HiGHS as a whole, and cost 864; what other plans are made by stays."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = runpy.run_path(str(BENCHMARKS / "published.py"))
    small = search.SMALL
    for solve, method in (("by_plan", "HiGHS"), ("by_search", "ruin and recreate"), ("by_highs", "HiGHS")):
        found = script["measure"](script[solve], wagner_whitin(), SolveOptions(seconds=10, gap=1e-4, rounds=20), 864.0)
        assert found["method"].startswith(method)
        assert found["gap_to_best_known"] == pytest.approx(0.0, abs=1e-9)
        assert found["violations"] == 0
    assert small == search.SMALL
