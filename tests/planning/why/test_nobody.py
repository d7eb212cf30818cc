"""What nobody can make or send is told with what keeps each from it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.plans import plan_coalition
from jointplan.planning.prices import hour_prices
from jointplan.planning.rights import MEASURES, coalition_rights
from jointplan.planning.why import Explainer, reason_tables
from tests.planning.solved import START
from tests.planning.test_elements import door, read
from tests.planning.why.cases import EXACT, plant, why


def test_a_product_nobody_makes_has_no_maker() -> None:
    """Without a route the line has no other reason."""
    problem = plant()
    none = np.empty(0, dtype=np.int64)
    nobody = replace(
        problem,
        **dict.fromkeys(("route_product", "route_firm", "route_group", "use_route", "use_resource"), none),
        **{
            name: np.empty(0)
            for name in ("route_making", "route_material", "route_transfer", "route_batch", "use_hours", "use_setup")
        },
        setup_cost=np.zeros((0, 2)),
    )
    assert {(line.kind, line.cause) for line in why(nobody)} == {("unmet", "no_maker")}


def test_a_certificate_or_a_partner_refused_is_the_reason() -> None:
    """Of two that can make it, M has no certificate for X, and N, which has one, does no jobs for M's owner."""
    problem = read(
        {0: 10},
        1,
        firms=[{"firm": "M", "role": "both", "owner": "OM"}, {"firm": "N", "role": "maker", "owner": "ON"}],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": 10.0} for f in ("M", "N")],
        capacity=[{"firm": f, "process": "press", "hours": 100.0} for f in ("M", "N")],
        certificates=[{"firm": "N", "sku": "P", "market": "X"}],
        terms=[{"owner": "OM", "term": "refuse", "partner": "ON"}],
    )
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    (line,) = Explainer(plan, np.zeros(problem.regular.shape)).reasons()
    assert (line.kind, line.cause) == ("unmet", "barred")
    first, second = line.barriers
    assert (problem.firm[first.firm], first.cause) == ("M", "certificate")
    assert (problem.firm[second.firm], second.cause) == ("N", "refused")
    assert {problem.owner[second.one], problem.owner[second.other]} == {"OM", "ON"}
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    (row,) = reason_tables(plan, "joint", prices, START, {})["reasons"].to_pylist()
    assert json.loads(row["barred"]) == [["M", "certificate"], ["N", "refused", "OM", "ON"]]


@pytest.mark.parametrize(("limits", "unit", "limit"), [((100.0, 0.005), "m3", 0.005), ((0.5, 1.0), "kg", 0.5)])
def test_a_container_too_small_for_a_unit_is_the_reason(limits: tuple[float, float], unit: str, limit: float) -> None:
    """A lane leads there, but its container takes half a unit by volume, or by weight."""
    box = {"tariff": "post", "basis": "container", "rate": 1.0, "container_kg": limits[0], "container_m3": limits[1]}
    problem = read({0: 10}, 1, lanes=[door(mode="sea")], tariffs=[box])
    (line,) = why(problem)
    assert (line.kind, line.cause, line.unit, line.limit) == ("unmet", "container", unit, limit)
    assert line.needed == {"m3": 0.01, "kg": 1.0}[unit]
    assert problem.lane[line.lane].startswith("door")
