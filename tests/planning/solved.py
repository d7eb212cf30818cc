"""Solved plans of small clusters, made once a session."""

from __future__ import annotations

import dataclasses
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from jointplan.planning.ledger import ledger_rows
from jointplan.planning.model import PlanModel, build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import ClusterProblem, Opening
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.search import _Search
from jointplan.planning.translating import read_plan
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import solve_model
from tests.planning.cases import random_cluster

START = date(2025, 12, 29)  # ISO week 2026-01


def small_cluster(seed: int) -> ClusterProblem:
    """Return a cluster in which two firms share an owner, one product is bought in, stock lies about, and a hub costs.

    Goodwill is so dear that nothing is given up that could be delivered.
    """
    p = random_cluster(seed, makers=2, sellers=2, products=3, weeks=4, tight=2.0)
    bought = 2
    sellers = np.unique(p.series_seller[p.series_product == bought])
    keep = p.route_product != bought
    number = np.cumsum(keep) - 1
    used = keep[p.use_route]
    extra = len(sellers)

    def routes(values: np.ndarray, added: np.ndarray | float) -> np.ndarray:
        return np.concatenate([values[keep], np.broadcast_to(added, (extra, *values.shape[1:]))])

    return dataclasses.replace(
        p,
        maker=np.where(np.arange(3) == bought, -1, p.maker),
        owner=("M0", "M1", "S"),
        firm_owner=np.array([0, 1, 2, 2]) if seed % 2 else np.array([0, 1, 2, 0]),
        route_product=routes(p.route_product, bought),
        route_firm=np.concatenate([p.route_firm[keep], sellers]),
        route_group=routes(p.route_group, -1),
        route_making=routes(p.route_making, 0.0),
        route_material=routes(p.route_material, 41.0),
        route_transfer=routes(p.route_transfer, 0.0),
        route_batch=routes(p.route_batch, 0.0),
        setup_cost=routes(p.setup_cost, 0.0),
        use_route=number[p.use_route[used]],
        use_resource=p.use_resource[used],
        use_hours=p.use_hours[used],
        use_setup=p.use_setup[used],
        # Goods bought in leave from the sellers, by the hub.
        lane=(*p.lane, "road@S0", "road@S1"),
        lane_origin=np.append(p.lane_origin, [2, 3]),
        lane_node=np.append(p.lane_node, [4, 4]),
        lane_market=np.append(p.lane_market, [-1, -1]),
        lane_weeks=np.append(p.lane_weeks, [0, 0]),
        lane_mode=(*p.lane_mode, "road", "road"),
        unit_freight=np.vstack([p.unit_freight, np.tile(0.4 * p.weight, (2, 1))]),
        basis=np.vstack([p.basis, np.zeros((2, 3))]),
        # Duty on some lanes, and refunds larger than it on others.
        border=np.random.default_rng(seed).uniform(-1.0, 3.0, (1, len(p.lane) + 2, 3)).round(2),
        clearing=np.isin(np.arange(len(p.lane) + 2), p.bands.lane)[None] * 12.34,
        opening=Opening(
            node=np.array([4, 4]),
            market=np.array([-1, -1]),
            week=np.array([0, 0]),
            product=np.array([0, 1]),
            owner=np.array([2, 2]),
            units=np.array([7.0, 5.0]),
        ),
        goodwill=p.price * 5,
        hub_cost=123.456,
    )


@cache
def solved(seed: int, kind: str) -> ClusterPlan:
    """Return a good plan: ``separate``, ``joint``, or ``freight`` where only freight is shared."""
    problem = small_cluster(seed)
    rights: dict[str, Rights] = {
        "separate": separate_rights(problem),
        "joint": coalition_rights(problem, frozenset(MEASURES)),
        "freight": coalition_rights(problem, frozenset({"consolidate_freight"})),
    }
    network = build_network(problem, rights[kind])
    model = build_model(problem, rights[kind], network)
    solution = solve_model(model.linear, SolveOptions(seconds=10, gap=0.05))
    assert solution.values is not None
    return dataclasses.replace(read_plan(model, solution.values), report=solution.report)


def ledger_frame(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    """Return the ledger of a plan as a frame."""
    return pd.DataFrame(ledger_rows(plan, name, start))


def assert_bound_and_search_agree(model: PlanModel, optimum: ClusterPlan) -> None:
    """No price's bound exceeds the cost of the optimum; the compiled search's plan is none better and costs what it said."""
    close = 1e-6 * abs(optimum.cost())
    prices = PriceBound(model)
    assert max(prices.round(0.1 * 0.02 ** (n / 200)) for n in range(200)) <= optimum.cost() + close
    search = _Search(model, SolveOptions(seconds=60, rounds=15), None, None, lambda message, share=None: None, "")
    search._search_pieces()
    plan = read_plan(model, search.best)
    assert plan.violations() == []
    assert plan.cost() == pytest.approx(search.cost, rel=1e-9)
    assert search.cost >= optimum.cost() - close
    assert search.bound <= optimum.cost() + close
