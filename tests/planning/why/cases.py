"""Plans that have something to explain, and why they are as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jointplan.planning.plans import plan_coalition
from jointplan.planning.prices import hour_prices
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import separate_rights
from jointplan.planning.why import Explainer, Reason
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant
from tests.planning.test_elements import Row, door

EXACT = SolveOptions(seconds=60, gap=1e-6)


def why(problem: ClusterProblem) -> list[Reason]:
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    return Explainer(plan, prices.worth, prices.limits).reasons()


def idle(problem: ClusterProblem, *, late: bool = False) -> list[Reason]:
    """Return why nothing is made and all is given up, or waits till the end."""
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    unmet = 0 * problem.demand if late else problem.demand
    nothing = replace(plan, make=0 * plan.make, ship=0 * plan.ship, serve=0 * plan.serve, unmet=unmet, buy=None)
    return Explainer(nothing, np.zeros(problem.regular.shape)).reasons()


def plant(**more: np.ndarray) -> ClusterProblem:
    """Return a plant of one product, ten wanted in each of two weeks, an hour a unit."""
    return one_plant(np.array([[10.0, 10.0]]), np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), **more)


def steel(*breaks: tuple[float, float], **more: float) -> dict[str, list[Row]]:
    """Return tables in which a unit of P takes one of steel, at these prices from these quantities on."""
    source = {"material": "steel", "supplier": "mill", "lead_days": 0.0} | more
    return {
        "materials": [{"sku": "P", "material": "steel", "quantity": 1.0}],
        "sources": [source | {"from_quantity": low, "cost": cost} for low, cost in breaks],
    }


def two_ways(air: float, minimum: float = 0.0, **sea: float) -> dict[str, list[Row]]:
    """Return tables with a ship at 1 a kilogram and a plane at ``air``, both in no time if nothing else is said."""
    rates = [("ship", 1.0, minimum), ("plane", air, 0.0)]
    return {
        "lanes": [door(lane="SEA", mode="sea", tariff="ship") | sea, door(lane="AIR", mode="air", tariff="plane")],
        "tariffs": [{"tariff": name, "basis": "kg", "rate": rate, "minimum": least} for name, rate, least in rates],
    }


def through(**hub: float) -> dict[str, list[Row]]:
    """Return tables in which goods go through a hub: 1 a kilogram there, and 1 from there to X."""
    return {
        "sites": [{"site": "HUB", "kind": "hub", "storage_cost": 0.0, "handling_cost": 0.0} | hub],
        "lanes": [door(lane="road", destination="HUB"), door(origin="HUB")],
    }
