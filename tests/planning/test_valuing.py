"""What measures are worth: consistent with one another, and with the optimum."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import PlanSet, plan_coalition
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.valuing import (
    Family,
    asked_sets,
    effective,
    measure_rows,
    measure_table,
    pair_rows,
    paired_sets,
    plan_family,
    short_weeks,
    tightened,
)
from jointplan.schema.measures import PLAN_MEASURES
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster
from tests.planning.purchases import with_materials

EXACT = SolveOptions(seconds=60, gap=1e-7)
ROUGH = SolveOptions(seconds=60, gap=0.3, nodes=1)
CLOSE = 1e-4


def family(seed: int, options: SolveOptions, *, hub: float = 0.0) -> Family:
    """Return all sets of measures, planned."""
    problem = replace(random_cluster(seed, makers=2, sellers=2, products=2, weeks=3), hub_cost=hub)

    def planner(rights: Rights, separate: ClusterPlan, start: ClusterPlan) -> ClusterPlan:
        return plan_coalition(problem, rights, options, separate=separate, start=start)

    separate = plan_coalition(problem, separate_rights(problem), options)
    return plan_family(problem, None, [*asked_sets(MEASURES), *paired_sets(MEASURES)], separate, planner)


@pytest.fixture(scope="module")
def exact() -> Family:
    return family(1, EXACT, hub=5.0)


@pytest.fixture(scope="module")
def rough() -> Family:
    return family(1, ROUGH, hub=5.0)


def test_more_measures_never_make_value_or_bound_lower(exact: Family, rough: Family) -> None:
    """Of two sets, one within the other, the larger has the better plan and the higher bound, the hub's cost apart."""
    for found in (exact, rough):
        for some, more in combinations(sorted(found.plans, key=len), 2):
            if not some < more:
                continue
            small, large = found.plans[some], found.plans[more]
            paid = found.paid(more) - found.paid(some)
            slack = CLOSE * abs(small.value)
            assert large.value >= small.value - paid - slack
            assert small.upper is not None
            assert large.upper is not None
            assert large.upper >= small.upper - paid - slack


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_what_is_proven_with_a_measure_is_never_below_a_plan_without(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of plans that were searched by themselves, none is worth more than is proven of one with more measures, the hub's cost apart."""
    monkeypatch.setattr(search, "SMALL", 0)
    problem = with_materials(random_cluster(seed, makers=2, sellers=2, products=3, weeks=4), seed, names=1)
    problem, hub = replace(problem, hub_cost=5.0), 5.0 * 4
    measured = effective(problem, MEASURES)
    assert len(measured) > 4
    options = SolveOptions(seconds=2, gap=1e-3, rounds=3)
    found = {frozenset[str](): plan_coalition(problem, separate_rights(problem), options)}
    for measures in asked_sets(measured):
        found[measures] = plan_coalition(problem, coalition_rights(problem, measures), options)
    for some, more in permutations(found, 2):
        if some < more:
            small, large = found[some], found[more]
            assert large.violations() == []
            assert large.upper is not None
            paid = hub if not some else 0.0
            assert large.upper + paid >= small.value - 1e-6 * abs(small.value)


def test_intervals_hold_the_optimum(exact: Family, rough: Family) -> None:
    """What is proven of hasty plans is true of the best ones."""
    best = {(row["question"], row["measures"]): row["gain"] for row in measure_rows(exact, MEASURES)}
    for row in measure_rows(rough, MEASURES):
        truth = best[row["question"], row["measures"]]
        slack = CLOSE * abs(row["value"])
        assert row["gain_low"] - slack <= truth <= row["gain_high"] + slack
        assert row["gain_low"] >= -row["hub_cost"] - 1e-9


def test_a_bound_is_handed_down(exact: Family) -> None:
    """A plan whose bound is far off takes the bound of a plan with more rights, its hub's cost added."""
    separate, joint = exact.plan(()), exact.plan(MEASURES)
    loose = replace(separate, report=replace(separate.report, bound=-1e9))
    assert joint.upper is not None
    assert tightened(loose, joint).upper == pytest.approx(joint.upper + 15.0)
    assert tightened(separate, joint).upper == separate.upper


def test_a_run_tells_the_gain_as_its_measures_do(rough: Family) -> None:
    """What all measures gain has one interval: it loses 15 for the hub at worst, but where outsiders hold to plans that may be poor."""
    separate, joint = rough.plan(()), rough.plan(MEASURES)
    loose = replace(separate, report=replace(separate.report, bound=-(joint.value + 1000.0)))
    family = Family({**rough.plans, frozenset(): loose}, rough.hub_cost)
    (row,) = [row for row in measure_rows(family, MEASURES) if row["question"] == "all"]
    assert joint.upper is not None
    for members, low in ((joint.rights.members, -15.0), (np.array([True] * 3 + [False]), -1000.0)):
        told = replace(joint, rights=replace(joint.rights, members=members))
        found = PlanSet({"separate": loose, "joint": told}, {}, (), "not_distinguishable", {}).gain_interval()
        assert found == pytest.approx((low, joint.upper - separate.value))
        assert low != -15.0 or found == (row["gain_low"], row["gain_high"])


def test_every_question_is_answered_once(exact: Family) -> None:
    """The table holds each measure alone and on top of the others, all, and pairs beyond their parts."""
    rows: list[dict[str, Any]] = measure_table(
        [*measure_rows(exact, MEASURES), *pair_rows(exact, MEASURES)]
    ).to_pylist()
    asked = [(row["question"], row["measures"]) for row in rows]
    n = len(MEASURES)
    assert len(asked) == len(set(asked)) == n + 1 + n + n + n * (n - 1) // 2
    for row in rows:
        if row["question"] == "pair":
            first, second = row["measures"].split(",")
            alone = [r for r in rows if r["question"] == "alone" and r["measures"] in (first, second)]
            # Both alone pay for the hub, the pair once.
            expected = row["gain"] - sum(r["gain"] for r in alone) - 15.0
            assert row["beyond"] == pytest.approx(expected, abs=0.05)
            assert row["beyond_low"] - 0.05 <= row["beyond"] <= row["beyond_high"] + 0.05


@pytest.mark.parametrize(("weeks", "short"), [(26, 8), (13, 6), (4, 2), (1, 1)])
def test_pairs_are_valued_on_fewer_weeks(weeks: int, short: int) -> None:
    """Half the weeks, at most eight, at least one."""
    assert short_weeks(weeks) == short


def test_measures_with_nothing_to_work_on_are_those_that_say_what_it_takes() -> None:
    """Makers, sellers and a hub alone leave nine of twelve measures nothing, and each of the nine has its sentence."""
    found = effective(random_cluster(1, makers=2, sellers=2, products=2, weeks=3), MEASURES)
    assert found == tuple(measure.name for measure in PLAN_MEASURES if not measure.needs)
    assert len(found) == 3
