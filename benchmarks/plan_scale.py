"""The joint plan of a large synthetic cluster, hard on purpose: how good, how proven, how fast.

    python benchmarks/plan_scale.py --firms 100 --products 1000 --weeks 26 --seconds 600 [--parts core|all] [--json]

The sample cluster's last weeks are planned on its own sales. Capacity is set so that hours are scarce: each workshop has
``ROOM`` times the hours that it needs if every product is spread evenly over the firms that can make it; shops that do single steps keep the sample's hours. ``core`` keeps one
operation at each firm, stock that counts wherever it lies, family and item setups and overtime; ``all`` is the whole model.

The separate plans are given a third of the seconds, the joint plan all of them, beginning from the separate plans. With ``--highs``
HiGHS is given the whole joint model in a process of its own, all of the seconds and nothing to begin from. Each case says so: ``start``
and ``seconds_given``, without the time to compile and to build. In ``summary``: ``gap`` and ``gap_avoidable`` of the joint plan, ``load`` (hours worked of
all there are, overtime included) and ``setup_share`` (of the hours worked) in the busiest half of the weeks, ``gain_width`` (the
width of the gain's interval as a share of the gain).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

import published
from jointplan.contracts import silent
from jointplan.engine import DuckDBEngine
from jointplan.planning import complete_tables
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import (
    NO_APPROVED,
    NO_CERTIFICATES,
    NO_MATERIALS,
    NO_SITES,
    NO_SPACES,
    NO_TERMS,
    ClusterProblem,
)
from jointplan.planning.reading.money import exchange_rates
from jointplan.planning.reading.tables import build_problem
from jointplan.planning.reading.wanted import sold_demand
from jointplan.planning.results import avoidable_cost
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.weekly import sum_by
from jointplan.sample import write_sample
from jointplan.solvers import SolveOptions
from jointplan.study import Study, stages

ROOM = {"core": 1.30, "all": 1.50}
SETUPS = 4.0  # times the sample's own setup hours, so that they take a tenth of the hours and more
OVERTIME = 0.2  # of the regular hours
HISTORY = 60  # weeks of sales in the sample


def sample_problem(firms: int, products: int, weeks: int, parts: str) -> ClusterProblem:
    """Return the sample cluster's problem of its last weeks, with scarce hours."""
    with tempfile.TemporaryDirectory() as folder, DuckDBEngine() as engine:
        place = Path(folder) / "sample"
        write_sample(place, firms=firms, sellers=max(3, firms * 3 // 10), products=products, weeks=HISTORY, seed=7)
        study = Study.open(place)
        watch = stages.Stopwatch(silent)
        basis = stages.add_up(
            stages.check(study.workspace, study.settings, engine, watch), study.settings, engine, watch
        )
        settings = study.settings.plan
        if parts == "core":  # one operation: nothing to divide
            settings = settings.model_copy(update={"making": settings.making.model_copy(update={"chains": 0})})
        tables, _ = complete_tables(basis.tables, settings)
        last = tables["weekly"]["week"].to_pandas().max()
        start = (
            (last - timedelta(weeks=weeks - 1))
            if not hasattr(last, "date")
            else last.date() - timedelta(weeks=weeks - 1)
        )
        money = exchange_rates(tables, basis.currency, start)
        demand = sold_demand(tables, start=start, weeks=weeks)
        problem = build_problem(
            tables, settings, demand, money=money, start=start, weeks=weeks, opening=False
        )  # fmt: skip
    return scarce(core(problem) if parts == "core" else problem, parts)


def core(problem: ClusterProblem) -> ClusterProblem:
    """Return the problem with one operation at each firm, one market, and goods that are at once wherever they are wanted."""
    p = problem
    firms, routes = len(p.firm), len(p.route_product)
    longest = np.full(routes, -1)
    for u, r in enumerate(p.use_route):
        if longest[r] < 0 or p.use_hours[u] > p.use_hours[longest[r]]:
            longest[r] = u
    major = np.zeros(len(p.group_firm))
    np.maximum.at(major, p.major_group, p.major_hours)
    pairs = list(zip(p.series_product, p.series_seller, strict=True))
    kept = sorted(set(pairs))
    number = {pair: n for n, pair in enumerate(kept)}
    row = np.array([number[pair] for pair in pairs])
    demand = sum_by(row, p.demand, len(kept))
    units = np.maximum(np.bincount(row, p.demand.sum(axis=1), len(kept)), 1e-9)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(row, values * p.demand.sum(axis=1), len(kept)) / units

    first = {int(r): n for n, r in reversed(list(enumerate(p.use_resource)))}
    cost = np.zeros(firms)
    for m, f in enumerate(p.resource_firm):
        if m in first:
            cost[f] = max(cost[f], p.overtime_cost[m])
    none = np.empty(0, np.int64)
    lanes = np.arange(firms)
    bought = p.materials
    material = np.bincount(bought.need_route, bought.need_units * bought.least[bought.need_material], routes)
    return replace(
        p,
        node=p.firm, lane=p.firm, market=("everywhere",), resource=p.firm,
        use_route=np.arange(routes), use_resource=p.route_firm, use_hours=p.use_hours[longest],
        use_setup=p.use_setup[longest],
        major_group=np.arange(len(major)), major_resource=p.group_firm, major_hours=major,
        resource_firm=lanes, regular=np.zeros((firms, p.weeks)), overtime=np.zeros((firms, p.weeks)), overtime_cost=cost,
        node_storage=np.zeros(firms), node_handling=np.zeros(firms), node_capacity=np.full(firms, np.inf),
        lane_origin=lanes, lane_node=np.full(firms, -1), lane_market=np.zeros(firms, np.int64),
        lane_weeks=np.zeros(firms, np.int64), lane_mode=("parcel",) * firms,
        unit_freight=np.zeros((firms, len(p.sku))), basis=np.zeros((firms, len(p.sku))),
        bands=replace(p.bands, lane=none, low=np.empty(0), high=np.empty(0), rate=np.empty(0), minimum=np.empty(0)),
        containers=replace(p.containers, lane=none, rate=np.empty(0), kg=np.empty(0), m3=np.empty(0)),
        series_product=np.array([i for i, _ in kept]), series_market=np.zeros(len(kept), np.int64),
        series_seller=np.array([f for _, f in kept]), demand=demand, price=mean(p.price), late_cost=mean(p.late_cost),
        goodwill=mean(p.goodwill), border=None, approved=NO_APPROVED, sites=NO_SITES, spaces=NO_SPACES,
        certificates=NO_CERTIFICATES, terms=NO_TERMS, entries=None, credit=None, materials=NO_MATERIALS,
        route_material=p.route_material + material,
    )  # fmt: skip


def scarce(problem: ClusterProblem, parts: str) -> ClusterProblem:
    """Return the problem with the hours that its demand needs, evenly spread, times a constant."""
    p = problem
    wanted = np.zeros(len(p.sku))
    np.add.at(wanted, p.series_product, p.demand.mean(axis=1))
    makers = np.bincount(p.route_product[~p.divided], minlength=len(p.sku))
    share = np.where(p.divided, 0.0, wanted[p.route_product] / np.maximum(makers[p.route_product], 1))
    hours = np.bincount(p.use_resource, share[p.use_route] * p.use_hours, len(p.resource))
    regular = np.repeat(np.maximum(ROOM[parts] * hours, 8.0)[:, None] / (1 + OVERTIME), p.weeks, axis=1)
    regular = np.where(hours[:, None] > 0, regular, p.regular)
    return replace(
        p, regular=regular, overtime=OVERTIME * regular, use_setup=SETUPS * p.use_setup,
        major_hours=SETUPS * p.major_hours,
    )  # fmt: skip


def busiest_half(plan: ClusterPlan) -> tuple[float, float]:
    """Return load and setup share in the busiest half of the weeks."""
    p = plan.problem
    worked = (plan.run_hours + plan.setup_hours).sum(axis=0)
    weeks = np.argsort(worked)[p.weeks // 2 :]
    there = (p.regular + p.overtime).sum(axis=0)
    return float(worked[weeks].sum() / there[weeks].sum()), float(
        plan.setup_hours.sum(axis=0)[weeks].sum()
        / max(worked[weeks].sum(), 1e-9)  # HiGHS may find nothing but to be idle
    )


def figures(plan: ClusterPlan | None, upper: float | None) -> dict[str, Any]:
    """Return what is told of a plan, whoever made it, and of a bound on its value."""
    found: dict[str, Any] = {"objective": None, "bound": upper, "gap": None, "gap_avoidable": None}
    if plan is None:
        return found
    if upper is not None:
        missing = max(upper - plan.value, 0.0)
        found |= {"gap": missing / abs(upper), "gap_avoidable": missing / avoidable_cost(plan)}
    load, setups = busiest_half(plan)
    return found | {
        "objective": plan.value,
        "load": load,
        "setup_share": setups,
        "violations": len(plan.violations()),
        "method": plan.report.solver,
    }


def by_highs(problem: ClusterProblem, rights: Rights, options: SolveOptions) -> dict[str, Any]:
    """Return what HiGHS finds given the whole model, in a process of its own."""

    def work() -> dict[str, Any]:
        plan, bound = published.by_highs(problem, rights, options)
        return figures(plan, None if bound is None else -bound)

    return published.apart(work)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, default=100)
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--parts", choices=("core", "all"), default="all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--highs", action="store_true", help="also give HiGHS the whole joint model and the same time")
    parser.add_argument("--json", action="store_true")
    a = parser.parse_args()
    began = time.monotonic()
    problem = sample_problem(a.firms, a.products, a.weeks, a.parts)
    prepared = time.monotonic() - began
    options = SolveOptions(seconds=a.seconds, gap=1e-3, threads=1, seed=a.seed)
    last = [0.0]

    def tell(message: str, share: float | None = None) -> None:
        if not a.json and time.monotonic() - last[0] > 5:
            last[0] = time.monotonic()
            print(f"{last[0] - began:7.1f} s  {message}", file=sys.stderr, flush=True)

    rights = coalition_rights(problem, frozenset(MEASURES))
    # First, so that its memory is not what the other plans have left behind.
    theirs = by_highs(problem, rights, options) if a.highs else None
    cases: list[dict[str, Any]] = []
    plans: dict[str, ClusterPlan] = {}
    for name, mine, seconds in (("separate", separate_rights(problem), a.seconds / 3), ("joint", rights, a.seconds)):
        started = time.monotonic()
        plan = plans[name] = plan_coalition(
            problem, mine, replace(options, seconds=seconds), separate=plans.get("separate"), progress=tell, name=name
        )
        cases.append(
            {
                "name": name,
                "start": "separate plans" if name == "joint" else None,
                "seconds_given": seconds,
                **figures(plan, plan.upper),
                "seconds": round(time.monotonic() - started, 2),
                "peak_mb": round(published.peak_mb(), 1),
            }
        )
        if not a.json:
            print(cases[-1])
    separate, joint = plans["separate"], plans["joint"]
    gain = joint.value - separate.value
    low = None if separate.upper is None else joint.value - separate.upper
    high = None if joint.upper is None else joint.upper - separate.value
    summary = {
        **{key: cases[1][key] for key in ("gap", "gap_avoidable", "load", "setup_share", "seconds", "peak_mb")},
        "gain": gain,
        "gain_low": low,
        "gain_high": high,
        "gain_width": None if low is None or high is None else (high - low) / abs(gain),
        "setup_decisions": int(len(joint.network.lot_route) * problem.weeks),
        "orders": int((problem.demand > 0).sum()),
        "prepared_seconds": round(prepared, 2),
    }
    if theirs is not None:
        given = {"name": "joint, HiGHS on the whole model", "start": None, "seconds_given": a.seconds}
        cases.append(given | theirs)
        if not a.json:
            print(cases[-1])
    print(json.dumps({"cases": cases, "summary": summary}) if a.json else summary)


if __name__ == "__main__":
    main()
