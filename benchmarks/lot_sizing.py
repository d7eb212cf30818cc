"""Trigeiro's lot-sizing problems, solved as clusters of one plant.

    python benchmarks/lot_sizing.py F1.DAT F2.DAT … [--optimal optimal.json] [--seconds 20] [--json]

Each case prints the cost found, the proven bound, the gap between them and, where the optima are given, the gap to the
optimum.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from jointplan.planning.plans import plan_coalition
from jointplan.planning.rights import separate_rights
from jointplan.solvers import SolveOptions
from tests.planning.cases import trigeiro


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--optimal", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    optima = json.loads(arguments.optimal.read_text()) if arguments.optimal else {}
    cases = []
    for path in arguments.paths:
        problem = trigeiro(path)
        plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=arguments.seconds, gap=1e-4))
        cost, bound, optimum = plan.cost(), plan.report.bound, optima.get(path.stem)
        cases.append(
            {
                "name": path.stem,
                "objective": cost,
                "bound": bound,
                "gap": plan.report.gap,
                "gap_to_best_known": cost / optimum - 1 if optimum else None,
                "violations": len(plan.violations()),
                "seconds": round(plan.report.seconds, 2),
            }
        )
        if not arguments.json:
            print(cases[-1])
    known = [case["gap_to_best_known"] for case in cases if case["gap_to_best_known"] is not None]
    summary = {
        "gap": sum(case["gap"] for case in cases) / len(cases),
        "gap_to_best_known": sum(known) / len(known) if known else None,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps({"cases": cases, "summary": summary}) if arguments.json else summary)


if __name__ == "__main__":
    main()
