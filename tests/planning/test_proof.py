"""What is said of a plan's bound: which relaxation gave it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jointplan.planning.plans import plan_coalition
from jointplan.planning.proof import bound_by, relaxations
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.valuing import tightened
from jointplan.solvers import SolveOptions, SolveReport, Status
from tests.planning.cases import random_cluster

CLUSTER = random_cluster(1)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("HiGHS", ("whole",)),
        ("ruin and recreate; bound by prices, and by owner where separate", ("prices", "owners")),
        ("slope scaling and parts re-planned by HiGHS; bound by cuts", ("cuts",)),
        ("slope scaling and parts re-planned by HiGHS; bound by prices and by cuts", ("prices", "cuts")),
    ],
)
def test_the_words_of_each_search_have_codes(words: str, codes: tuple[str, ...]) -> None:
    """Every search is told by what its bound rests on, not by how it found its plan; setups kept are bounded apart beside it."""
    report = SolveReport(Status.FEASIBLE, 1.0, 0.0, 1.0, words)
    apart, together = separate_rights(CLUSTER), coalition_rights(CLUSTER, frozenset(MEASURES))
    assert relaxations(report, apart) == codes
    assert relaxations(report, together) == tuple(code for code in codes if code != "owners")
    kept = replace(report, solver=f"{words}; setups kept over week's ends bounded apart")
    assert relaxations(kept, apart) == (*codes, "kept_setups")


def test_a_plan_bounded_by_a_larger_coalition_says_so() -> None:
    """Its own bound was worse: the one told is that of the plan with more rights, by its relaxation; without a bound nothing is told."""
    problem = CLUSTER
    apart = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-6))
    joint = plan_coalition(
        problem, coalition_rights(problem, frozenset(MEASURES)), SolveOptions(seconds=60, gap=1e-6), separate=apart
    )
    assert bound_by(apart) == "whole"
    loose = replace(apart, report=replace(apart.report, bound=-1e9, solver="slope scaling; bound by cuts"))
    assert bound_by(loose) == "cuts"
    assert bound_by(tightened(loose, joint)) == "larger, whole"
    assert bound_by(replace(apart, report=replace(apart.report, bound=None))) is None
