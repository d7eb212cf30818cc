"""Published lot-sizing problems, written as clusters, must be solved to their published optima."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import separate_rights
from jointplan.planning.solving import search
from jointplan.solvers import SolveOptions
from tests.inventory.networks import textbook
from tests.planning.cases import one_plant, trigeiro, wagner_whitin


def solve(problem: ClusterProblem, gap: float) -> ClusterPlan:
    return plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=gap))


def test_wagner_whitin_1958() -> None:
    """The example of Wagner and Whitin, Management Science 5 (1958), costs 864."""
    plan = solve(wagner_whitin(), 1e-6)
    assert plan.cost() == pytest.approx(864)
    assert plan.violations() == []


@pytest.mark.real
@pytest.mark.parametrize("small", [search.SMALL, 0])
@pytest.mark.parametrize(
    ("name", "lots", "cost"),
    [
        ("example_3_9", [210, 0, 150, 0], 1380),
        ("problem_3_27", [150, 180, 0, 200], 424),
        ("problem_3_29", [1310, 0, 1095, 0, 880], 423),
    ],
)
def test_textbook_lot_sizes(
    data: Path, name: str, lots: list[float], cost: float, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snyder and Shen's problems of lot sizes over known demand have the published lots and cost, by HiGHS and by the search."""
    monkeypatch.setattr(search, "SMALL", small)
    given = textbook(data / "bench" / "stockpyl")[name]
    demand = np.array([given["demand"]], dtype=float)
    problem = one_plant(demand, np.array([given["fixed_cost"]]), np.array([given["holding_cost"]]))
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=20, gap=1e-6, rounds=20))
    assert plan.cost() == pytest.approx(cost)
    assert plan.make[0] == pytest.approx(lots)
    assert plan.violations() == []


EVERY_DAY = (1, 2, 5, 9)  # the others take longer, and the benchmark runs them all


@pytest.mark.real
@pytest.mark.parametrize(
    "name", [f"F{n}" if n in EVERY_DAY else pytest.param(f"F{n}", marks=pytest.mark.slow) for n in range(1, 21)]
)
def test_trigeiro(data: Path, name: str) -> None:
    """Trigeiro's problems F1 to F20 are planned within 1 % of their proven optima, and the bound is below these."""
    optimum = json.loads((data / "bench/clsp/optimal.json").read_text())[name]
    plan = solve(trigeiro(data / f"bench/clsp/{name}.DAT"), 0.009)
    assert plan.cost() <= optimum * 1.01
    assert plan.cost() >= optimum - 1e-6
    assert plan.upper is not None
    assert -plan.upper <= optimum + 1e-6
    assert plan.violations() == []
