"""The formulations of tiny clusters, written out: what changes in the model shows here line by line.

    python -m tests.planning.test_golden

renews the files in tests/planning/golden, for a change of the model that is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.problem import Certificates, ClusterProblem
from jointplan.planning.rights import MEASURES, coalition_rights
from jointplan.solvers.highs import write_model
from tests.planning.cases import one_plant, random_cluster, with_carry_over, with_steps, with_warehouse
from tests.planning.purchases import with_credit, with_materials

GOLDEN = Path(__file__).parent / "golden"


def one_workshop() -> ClusterProblem:
    """Two products that share a workshop's hours over three weeks."""
    return one_plant(
        np.array([[4.0, 0.0, 6.0], [3.0, 5.0, 2.0]]),
        np.array([50.0, 70.0]),
        np.array([1.0, 2.0]),
        hours=np.array([0.5, 1.0]),
        setup_hours=np.array([1.0, 2.0]),
        capacity=np.array([9.0, 10.0, 11.0]),
    )


def smallest_lots() -> ClusterProblem:
    """The same, of which a maker makes eight at least: what it leaves is worth something as far as three weeks more would sell it."""
    return replace(one_workshop(), route_batch=np.array([8.0, 8.0]), end_value=np.array([3.0, 4.0]))


def two_sellers() -> ClusterProblem:
    """One product of two makers for two sellers, with families, overtime, loads by bands and containers, and lateness."""
    return rounded(random_cluster(1, makers=2, sellers=2, products=1, weeks=2))


def warehouse() -> ClusterProblem:
    """One product of one maker, who may serve its market for a week, a warehouse to be opened, and lanes short of space."""
    problem = with_warehouse(
        rounded(random_cluster(2, makers=1, sellers=1, products=1, weeks=2)),
        cost=900.0,
        throughput=0.5,
        boxes=1,
        kg=40.0,
    )
    return replace(problem, certificates=Certificates(np.array([0]), np.array([0]), np.array([1])))


def kept_setups() -> ClusterProblem:
    """Two products of one workshop that stays set up over the ends of weeks but the second."""
    return with_carry_over(one_workshop(), np.array([[True, False, True]]))


def bought_and_divided() -> ClusterProblem:
    """One product whose steps two workshops may share, of a material with a minimum, price breaks and multiples, out of short purses."""
    problem = with_steps(rounded(random_cluster(3, makers=2, sellers=1, products=1, weeks=2)), 3, lag=1)
    problem = with_materials(problem, 3, names=1)
    bought = problem.materials
    drawn = {
        name: np.round(getattr(bought, name), 2)
        for name in ("holding", "least", "need_units", "offer_minimum", "offer_multiple", "break_low", "break_high", "break_price")
    }  # fmt: skip
    return with_credit(replace(problem, materials=replace(bought, **drawn)), cash=300.0, limit=100.0)


def rounded(problem: ClusterProblem) -> ClusterProblem:
    """Round what was drawn at random, so that no last digit hangs on the machine."""
    drawn = {
        name: np.round(getattr(problem, name), 2)
        for name in (
            "volume", "weight", "holding", "end_value", "route_making", "route_material", "setup_cost", "use_hours",
            "use_setup", "group_cost", "major_hours", "regular", "overtime", "unit_freight", "basis", "price", "late_cost",
            "goodwill",
        )
    }  # fmt: skip
    return replace(problem, **drawn)


CASES: tuple[Callable[[], ClusterProblem], ...] = (
    one_workshop,
    smallest_lots,
    two_sellers,
    warehouse,
    kept_setups,
    bought_and_divided,
)


def write(case: Callable[[], ClusterProblem], folder: Path) -> Path:
    """Write the joint model of a cluster, and return where."""
    problem = case()
    rights = coalition_rights(problem, frozenset(MEASURES))
    path = folder / f"{case.__name__}.lp"
    write_model(build_model(problem, rights, build_network(problem, rights)).linear, path)
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_formulation_is_as_written(case: Callable[[], ClusterProblem], tmp_path: Path) -> None:
    """The model of a tiny cluster, joint, is the file kept of it, line by line."""
    kept = (GOLDEN / f"{case.__name__}.lp").read_text()
    assert write(case, tmp_path).read_text().splitlines() == kept.splitlines()


if __name__ == "__main__":
    for renewed in CASES:
        print(write(renewed, GOLDEN))
