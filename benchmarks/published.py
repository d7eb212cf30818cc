"""Published problems, written as clusters: planned as every run plans or by the search for large plans, and by HiGHS given the whole model."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import Rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.translating import read_plan
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import solve_model

Solve = Callable[[ClusterProblem, Rights, SolveOptions], tuple[ClusterPlan | None, float | None]]


def by_plan(problem: ClusterProblem, rights: Rights, options: SolveOptions) -> tuple[ClusterPlan | None, float | None]:
    """Plan as every run plans; return the plan and a bound on its cost."""
    plan = plan_coalition(problem, rights, options)
    return plan, plan.report.bound


def by_search(
    problem: ClusterProblem, rights: Rights, options: SolveOptions
) -> tuple[ClusterPlan | None, float | None]:
    """Plan by the search for large plans, however small the problem: in a process of its own, as this is for good."""
    search.SMALL = 0
    return by_plan(problem, rights, options)


def by_highs(problem: ClusterProblem, rights: Rights, options: SolveOptions) -> tuple[ClusterPlan | None, float | None]:
    """Give HiGHS the whole model, and nothing else."""
    model = build_model(problem, rights, build_network(problem, rights))
    solution = solve_model(model.linear, options)
    plan = None if solution.values is None else replace(read_plan(model, solution.values), report=solution.report)
    return plan, solution.report.bound


def apart(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Work in a process of its own, and return what was found with the seconds and the memory that it took."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def send() -> None:
        began = time.monotonic()
        found = work()
        took = round(time.monotonic() - began, 2)
        sender.send({**found, "seconds": took, "peak_mb": round(peak_mb(), 1)})

    process = context.Process(target=send)
    process.start()
    sender.close()
    found: dict[str, Any] = receiver.recv()
    process.join()
    return found


def peak_mb() -> float:
    """Return the most memory that this process has taken so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(solve: Solve, problem: ClusterProblem, options: SolveOptions, best: float | None) -> dict[str, Any]:
    """Solve a problem, and return what was found, how sure it is, and what it took."""

    def work() -> dict[str, Any]:
        plan, bound = solve(problem, separate_rights(problem), options)
        cost = None if plan is None else plan.cost()
        # A unit given up is no rule broken in a cluster, but none of these problems allows it.
        broken = None if plan is None else len(plan.violations()) + int((plan.unmet > TINY).sum())
        gap = None if cost is None or bound is None else max(cost - bound, 0.0) / abs(cost)
        return {
            "objective": cost,
            "bound": bound,
            "gap": gap,
            "gap_to_best_known": None if cost is None or best is None else cost / best - 1,
            "proven": gap is not None and gap <= options.gap,
            "violations": broken,
            "method": None if plan is None else plan.report.solver,
        }

    return apart(work)


def best_known(path: Path, given: Path | None) -> float | None:
    """Return the published optimum of a problem, from the file given, else from that beside it; None where unknown."""
    beside = [path.parent / "optimal.json", path.parent / "optimal.txt"]
    source = given or next((file for file in beside if file.exists()), None)
    if source is None:
        return None
    if source.suffix == ".json":
        known: float | None = json.loads(source.read_text()).get(path.stem)
        return known
    rows = (line.split() for line in source.read_text().splitlines())
    return next((float(row[1]) for row in rows if row and row[0] == path.stem), None)


def summary_of(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return means and worst cases."""

    def known(name: str) -> list[float]:
        return [result[name] for result in results if result[name] is not None]

    def mean(values: list[float]) -> float | None:
        return sum(values) / len(values) if values else None

    gaps, to_best = known("gap"), known("gap_to_best_known")
    return {
        "gap": mean(gaps),
        "worst_gap": max(gaps, default=None),
        "gap_to_best_known": mean(to_best),
        "worst_gap_to_best_known": max(to_best, default=None),
        "proven": sum(result["proven"] for result in results),
        "violations": sum(known("violations")),
        "seconds": round(sum(known("seconds")), 2),
        "peak_mb": max(known("peak_mb"), default=None),
    }


def run(description: str | None, read: Callable[[Path], ClusterProblem], *, seconds: float, gap: float) -> None:
    """Read the command line, solve its problems, and print what came of them.

    Parameters
    ----------
    description : str
        What the benchmark is.
    read : callable
        Reads a problem's file as a cluster.
    seconds : float
        Most seconds for each problem and method, unless told otherwise.
    gap : float
        Relative gap at which a solution counts as proven, a fraction.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, help="files of problems")
    parser.add_argument("--optimal", type=Path, help="best known values; by default the optimal.json or .txt beside")
    parser.add_argument("--seconds", type=float, default=seconds, help="most seconds for each problem and method")
    parser.add_argument(
        "--search", action="store_true", help="plan by the search for large plans, never by HiGHS on the whole model"
    )
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    arguments = parser.parse_args()
    options = SolveOptions(seconds=arguments.seconds, gap=gap)
    planner = by_search if arguments.search else by_plan
    cases, whole = [], []
    for path in arguments.paths:
        problem, best = read(path), best_known(path, arguments.optimal)
        ours, theirs = (measure(solve, problem, options, best) for solve in (planner, by_highs))
        cases.append({"name": path.stem, "best_known": best, **ours, "highs": theirs})
        whole.append(theirs)
        if not arguments.json:
            print(cases[-1], flush=True)
    summary = {"cases": len(cases), "search": arguments.search, **summary_of(cases), "highs": summary_of(whole)}
    print(json.dumps({"cases": cases, "summary": summary}) if arguments.json else summary)
