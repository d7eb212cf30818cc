"""How long the structure of a large cluster takes to measure, and how that grows with its ties.

    python benchmarks/diagnosis.py [--ties N …] [--json]

Each case is a made-up cluster of N ties, a tenth as many firms, whose numbers of ties are spread as in real networks (few
firms have very many), with positions and weekly sales. It is measured from the tables to the findings: network, core against
random networks, parts, distances, k-core, communities, bridges, positions, and what sales tell of lock-in and co-development.
Each case runs in a process of its own, so that its peak memory is its own. ``summary`` is of the largest case; ``growth`` is
the exponent of processor time in ties between the smallest and the largest case: 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import resource
import time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis import DiagnosisSettings, diagnose
from jointplan.engine import Tables
from jointplan.schema import TABLES

SIZES = (100_000, 300_000, 1_000_000)
FIRMS_A_TIE = 0.1
WEEKS = 104


def cluster(ties: int, seed: int = 7) -> Tables:
    """Draw a cluster."""
    rng = np.random.default_rng(seed)
    n = max(int(ties * FIRMS_A_TIE), 10)
    firms = np.array([f"F{i:06}" for i in range(n)], dtype=object)
    pull = (np.arange(1, n + 1) ** -0.5) / (np.arange(1, n + 1) ** -0.5).sum()
    a, b = (rng.choice(n, int(ties * 1.1), p=pull) for _ in range(2))
    pairs = np.unique(np.sort(np.column_stack([a, b])[a != b], axis=1), axis=0)
    pairs = pairs[np.sort(rng.permutation(len(pairs))[:ties])]
    sellers = firms[: max(n // 100, 3)]
    products = [f"P{i:04}" for i in range(500)]
    weeks = pd.date_range("2024-01-01", periods=WEEKS, freq="7D").date
    week, sku = np.repeat(np.arange(WEEKS), len(products)), np.tile(np.arange(len(products)), WEEKS)
    quantity = rng.poisson(20, len(week)).astype(float)
    tables = {
        "firms": filled(
            "firms",
            firm=firms,
            role=["maker"] * n,
            lat=22.8 + rng.normal(0, 0.2, n),
            lon=113.2 + rng.normal(0, 0.2, n),
            currency=["CNY"] * n,
        ),
        "products": filled(
            "products",
            sku=products,
            family=[f"K{i % 20}" for i in range(500)],
            maker=firms[rng.integers(0, n, 500)],
            unit_value=[10.0] * 500,
        ),
        "markets": filled("markets", market=["CN", "DE", "US"], country=["CN", "DE", "US"], currency=["CNY"] * 3),
        "ties": filled(
            "ties",
            firm_a=firms[pairs[:, 0]],
            firm_b=firms[pairs[:, 1]],
            kind=["supply"] * len(pairs),
            year=[2025] * len(pairs),
            value=rng.lognormal(10, 1.5, len(pairs)),
        ),
        "weekly": pa.table(
            {
                "week": pa.array(np.array(weeks)[week], pa.date32()),
                "sku": np.array(products, dtype=object)[sku],
                "market": np.array(["CN", "DE", "US"], dtype=object)[rng.integers(0, 3, len(week))],
                "seller": sellers[rng.integers(0, len(sellers), len(week))],
                "quantity": quantity,
                "revenue": 10.0 * quantity,
            }
        ),
    }
    return Tables(tables)


def filled(name: str, **columns: Any) -> pa.Table:
    """Return a table of the schema, the columns left out blank."""
    schema = TABLES[name].arrow
    rows = len(next(iter(columns.values())))
    return pa.table(
        [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(rows, f.type) for f in schema],
        schema=schema,
    )


def case(ties: int) -> dict[str, Any]:
    """Measure one cluster."""
    diagnose(
        cluster(1000), DiagnosisSettings(), currency="CNY", holding_rate=0.25, seed=7
    )  # compiles, once in the life of a machine
    tables = cluster(ties)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.perf_counter(), time.process_time()
    found = diagnose(tables, DiagnosisSettings(), currency="CNY", holding_rate=0.25, seed=7)
    seconds = time.perf_counter() - began
    return {
        "name": f"{tables['ties'].num_rows} ties",
        "ties": tables["ties"].num_rows,
        "firms": tables["firms"].num_rows,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "tables_mb": round(before, 1),
        "measured": sum(row["value"] is not None for row in found["findings"].to_pylist()),
    }


def main() -> None:
    """Run the cases and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ties", type=int, nargs="+", default=SIZES, help="sizes of the clusters")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    cases = []
    for ties in arguments.ties:
        with context.Pool(1) as pool:
            cases.append(pool.apply(case, (ties,)))
    first, last = cases[0], cases[-1]
    grown = math.log(last["ties"] / first["ties"])
    summary = {
        "ties": last["ties"],
        "firms": last["firms"],
        "seconds": last["seconds"],
        "cpu_seconds": last["cpu_seconds"],
        "peak_mb": last["peak_mb"],
        "growth": round(math.log(last["cpu_seconds"] / first["cpu_seconds"]) / grown, 2) if grown else None,
    }
    if arguments.json:
        print(json.dumps({"cases": cases, "summary": summary}))
        return
    for row in (*cases, summary):
        print(*(f"{key}: {value}" for key, value in row.items()), sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
