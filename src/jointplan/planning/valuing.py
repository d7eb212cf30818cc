"""What each measure is worth: plans of one demand under sets of measures, which hold each other to account.

A plan with fewer measures is a plan with more of them too, so the best plan of a set is at least as good as that of any of
its parts, and a bound on the plans of a set bounds the plans of all its parts. Both are used: plans start from the best
plan of their parts, and bounds are handed down. The cost of running the cooperation, which any set but the empty one pays,
is left out of such comparisons and put back after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, ClusterProblem
from jointplan.planning.proof import LARGER, gain_interval
from jointplan.planning.rights import MEASURES, Rights, coalition_rights
from jointplan.schema.results.worth import MEASURE_VALUES

CENT = 0.01  # what is smaller is rounding
SHORT_WEEKS = 8  # most weeks on which pairs are valued

Set = frozenset[str]


class FamilyPlanner(Protocol):
    """Plans a coalition, given the separate plans and a plan to start from."""

    def __call__(self, rights: Rights, separate: ClusterPlan, start: ClusterPlan) -> ClusterPlan:
        """Return the plan."""


@dataclass(frozen=True)
class Family:
    """Plans of one demand under sets of measures, their bounds consistent with one another.

    Parameters
    ----------
    plans : mapping
        By set of measures; the empty set are the separate plans.
    hub_cost : float
        What the cooperation costs over all weeks.
    """

    plans: Mapping[Set, ClusterPlan]
    hub_cost: float

    def plan(self, measures: Iterable[str]) -> ClusterPlan:
        """Return the plan under some measures."""
        return self.plans[frozenset(measures)]

    def paid(self, measures: Set) -> float:
        """Return what running the cooperation costs under some measures."""
        return self.hub_cost if measures else 0.0


def asked_sets(measures: Sequence[str]) -> list[Set]:
    """Return each measure alone, all but one, and all."""
    every = frozenset(measures)
    return [*(frozenset({m}) for m in measures), *(every - {m} for m in measures), every]


def paired_sets(measures: Sequence[str]) -> list[Set]:
    """Return each measure alone and each pair."""
    return [frozenset(some) for size in (1, 2) for some in combinations(measures, size)]


def short_weeks(weeks: int) -> int:
    """Return the weeks of the smaller model on which pairs are valued: half of them, at most eight."""
    return min(max(weeks // 2, 1), SHORT_WEEKS)


def tightened(smaller: ClusterPlan, larger: ClusterPlan) -> ClusterPlan:
    """Return a plan with the bound that a plan with more rights gives it, where that is lower.

    The larger plan's hub cost, which the smaller does not pay if it shares nothing, is added back.
    """
    if larger.upper is None:
        return smaller
    if not smaller.rights.cooperative and not larger.rights.members.all():
        return smaller  # outsiders keep what they did in the separate plan found: in a better one they might do more
    p = smaller.problem
    paid = (float(larger.rights.cooperative) - float(smaller.rights.cooperative)) * p.hub_cost * p.weeks
    upper = max(larger.upper + paid, smaller.value)
    if smaller.upper is not None and smaller.upper <= upper:
        return smaller
    solver = larger.report.solver if LARGER in larger.report.solver else f"{larger.report.solver}; {LARGER}"
    return replace(smaller, report=replace(smaller.report, bound=-upper, solver=solver))


def plan_family(
    problem: ClusterProblem,
    members: Bools | None,
    sets: Iterable[Set],
    separate: ClusterPlan,
    planner: FamilyPlanner,
) -> Family:
    """Plan under each of some sets of measures, small sets first.

    Parameters
    ----------
    problem, members : ClusterProblem, (O,) bool
        What is planned, and for whom together; None means all owners.
    sets : iterable of frozenset
        The sets; the empty one is there anyway.
    separate : ClusterPlan
        The separate plans.
    planner : FamilyPlanner
        Makes one plan.
    """
    plans: dict[Set, ClusterPlan] = {frozenset(): separate}
    hub = problem.hub_cost * problem.weeks
    for measures in sorted(set(sets) - {frozenset()}, key=lambda s: (len(s), sorted(s))):
        parts = [plan for known, plan in plans.items() if known < measures]
        start = max(parts, key=lambda plan: plan.value + (hub if plan.rights.cooperative else 0.0))
        plans[measures] = planner(coalition_rights(problem, measures, members), separate, start)
    for measures in sorted(plans, key=len, reverse=True):
        for more in [other for other in plans if other > measures]:
            plans[measures] = tightened(plans[measures], plans[more])
    return Family(plans, hub)


def effective(problem: ClusterProblem, measures: Sequence[str]) -> tuple[str, ...]:
    """Return the measures that can change anything in a problem: the others have nothing to work on."""
    materials = problem.materials
    promotion = np.zeros(0, bool) if problem.entries is None else problem.entries.promotion
    idle = {
        "divide_labour": not (problem.route_owners.sum(axis=1) > 1).any(),
        "license_designs": not (problem.route_design >= 0).any(),
        "pool_purchases": not len(materials.name),
        "substitute_imports": not materials.offer_new.any(),
        "add_capability": "add_capability" not in problem.investments.measures,
        "open_shared_workshop": "open_shared_workshop" not in problem.investments.measures,
        "enter_market": promotion.all(),
        "joint_promotion": not promotion.any(),
        "overseas_warehouse": not (problem.closed & np.isin(problem.sites.node, problem.sites.overseas)).any(),
    }
    return tuple(measure for measure in measures if not idle.get(measure))


def measure_rows(family: Family, measures: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows of **measure_values**: each measure alone, all, and what each adds to the others."""
    every = frozenset(measures)
    nothing: Set = frozenset()
    rows = [_row(family, "alone", m, frozenset({m}), nothing) for m in measures]
    rows.append(_row(family, "all", ",".join(measures), every, nothing))
    if len(every) > 1:
        rows += [_row(family, "all_but_one", m, every, every - {m}) for m in measures]
    return rows


def pair_rows(family: Family, measures: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows of **measure_values** on fewer weeks: each measure alone, and each pair with what it adds to both."""
    nothing: Set = frozenset()
    rows = [_row(family, "pair_alone", m, frozenset({m}), nothing) for m in measures]
    for pair in combinations(measures, 2):
        row = _row(family, "pair", ",".join(pair), frozenset(pair), nothing)
        both, first, second = (family.plan(s) for s in (pair, pair[:1], pair[1:]))
        separate = family.plan(())
        # v(ab) − v(a) − v(b) + v(), in which the cooperation is paid once too little.
        row["beyond"] = both.value - first.value - second.value + separate.value - family.hub_cost
        if both.upper is not None and separate.upper is not None:
            row["beyond_high"] = both.upper - first.value - second.value + separate.upper - family.hub_cost
        if first.upper is not None and second.upper is not None:
            row["beyond_low"] = both.value - first.upper - second.upper + separate.value - family.hub_cost
        rows.append(row)
    return rows


def _row(family: Family, kind: str, name: str, measures: Set, against: Set) -> dict[str, Any]:
    """Compare the plans under a set of measures and a part of it."""
    plan, base = family.plan(measures), family.plan(against)
    paid = family.paid(measures) - family.paid(against)
    low, high = gain_interval(plan, base)
    verdict = "not_distinguishable"
    if low is not None and low >= CENT:
        verdict = "gain"
    elif high is not None and high <= -CENT:
        verdict = "loss"
    return {
        "weeks": plan.problem.weeks,
        "question": kind,
        "measures": name,
        "value": round(plan.value, 2),  # to the cent, as in the table values
        "upper": plan.upper,
        "against": round(base.value, 2),
        "gain": plan.value - base.value,
        "gain_low": low,
        "gain_high": high,
        "verdict": verdict,
        "hub_cost": paid,
    }


def measure_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows as the table **measure_values**, amounts to the cent."""
    names = MEASURE_VALUES.names
    order = {name: n for n, name in enumerate(MEASURES)}
    kinds = MEASURE_VALUES["question"].choices

    def place(row: Mapping[str, Any]) -> tuple[int, list[int]]:
        return kinds.index(row["question"]), [order[m] for m in row["measures"].split(",")]

    return pa.Table.from_pylist(
        [{name: _cents(row.get(name)) for name in names} for row in sorted(rows, key=place)],
        schema=MEASURE_VALUES.arrow,
    )


def _cents(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value
