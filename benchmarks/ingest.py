"""What checking costs: checks and weekly aggregation of many sales rows, against the aggregation alone.

Both run in processes of their own, with the same memory and threads, on the same Parquet file of seeded rows. "bare"
is the weekly aggregation in plain SQL, as one would write it without this project; "checked" reads a workspace, runs
every check of every table and aggregates through the program's own expression. The file says, as an import does, that
the identity of its lines is settled: whether two lines are the same is decided there, once, not at every check.

    python benchmarks/ingest.py --rows 50000000 --json
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MEMORY = "2GB"
SKUS, MARKETS, FIRMS, DAYS = 4_000, 12, 40, 1_092
BARE = """
SELECT date_trunc('week', date) AS week, sku, market, seller,
    sum(quantity) AS quantity, sum(quantity * unit_price) AS revenue, count(*) AS lines
FROM read_parquet('{path}') GROUP BY ALL
"""


def connect() -> Any:
    """Open DuckDB with the settings of the engine."""
    import duckdb

    return duckdb.connect(
        config={"memory_limit": MEMORY, "threads": os.cpu_count() or 1, "preserve_insertion_order": False}
    )


def write_cluster(folder: Path, rows: int) -> dict[str, Any]:
    """Write a workspace of seeded rows: every sale refers to a product, a market and a seller that are listed."""
    tables = folder / "tables"
    tables.mkdir(parents=True)
    firms = [f"F{n},{'both' if n % 4 else 'seller'}" for n in range(FIRMS)]
    products = [f"P{n:05},F{n % FIRMS // 4 * 4 + 1},{10 + n % 90},1,0.01" for n in range(SKUS)]
    markets = [
        f"M{n},{code},EUR"
        for n, code in enumerate(["DE", "FR", "IT", "ES", "NL", "BE", "AT", "PL", "SE", "DK", "FI", "IE"])
    ]
    for name, header, lines in (
        ("firms", "firm,role", firms),
        ("products", "sku,maker,unit_value,weight,volume", products),
        ("markets", "market,country,currency", markets),
    ):
        (tables / f"{name}.csv").write_text("\n".join([header, *lines, ""]))
    connect().execute(f"""
        COPY (
            SELECT 'own' AS source, 'D' || (i // 3) AS document, 1::BIGINT AS occurrence,
                DATE '2022-01-03' + CAST(hash(i, 1) % {DAYS} AS INTEGER) AS date,
                'P' || lpad((hash(i, 2) % {SKUS})::VARCHAR, 5, '0') AS sku, 'M' || (hash(i, 3) % {MARKETS}) AS market,
                'C' || (hash(i, 4) % 4) AS channel, 'F' || ((hash(i, 2) % {SKUS}) % {FIRMS}) AS seller,
                (1 + hash(i, 5) % 5)::DOUBLE AS quantity, ((100 + hash(i, 6) % 9000) / 100)::DOUBLE AS unit_price
            FROM range({rows}) AS numbers(i)
        ) TO '{tables / "sales.parquet"}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{"jointplan.identity": 'settled'}})
    """)
    return {"bytes": (tables / "sales.parquet").stat().st_size}


def run_bare(folder: Path, rows: int) -> dict[str, Any]:
    """Aggregate in plain SQL."""
    connection = connect()
    start = time.perf_counter()
    result = connection.sql(BARE.format(path=folder / "tables" / "sales.parquet")).to_arrow_table()
    return {"seconds": time.perf_counter() - start, "series_weeks": result.num_rows}


def run_checked(folder: Path, rows: int) -> dict[str, Any]:
    """Check the workspace and aggregate."""
    from jointplan.demand import weekly_sales
    from jointplan.engine import DuckDBEngine
    from jointplan.ingest import check_workspace
    from jointplan.store import Workspace

    with DuckDBEngine(memory_limit=MEMORY) as engine:
        start = time.perf_counter()
        checked = check_workspace(Workspace(folder), engine, currency="EUR")
        checks = time.perf_counter() - start
        weekly = engine.arrow(weekly_sales(checked.relations["sales"]))
        seconds = time.perf_counter() - start
    if checked.issues:
        raise SystemExit(f"the seeded rows should be sound, but: {checked.issues[0]}")
    return {"seconds": seconds, "checks_seconds": checks, "series_weeks": weekly.num_rows}


CASES = {"write": write_cluster, "bare": run_bare, "checked": run_checked}


def measure(case: str, folder: Path, rows: int) -> dict[str, Any]:
    """Run a case in a process of its own: a child's peak memory begins at its parent's, so the parent stays small."""
    command = [sys.executable, __file__, "--case", case, "--folder", str(folder), "--rows", str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000, help="sales rows")
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        figures = CASES[options.case](options.folder, options.rows)
        # Kilobytes on Linux, bytes on macOS.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        print(json.dumps({"name": options.case, "rows": options.rows, **figures, "peak_mb": round(peak)}))
        return
    with tempfile.TemporaryDirectory(prefix="jointplan-bench-") as folder:
        _, bare, checked = (measure(case, Path(folder), options.rows) for case in CASES)
    summary = {
        "rows": options.rows,
        "ratio": round(checked["seconds"] / bare["seconds"], 3),
        "peak_mb": checked["peak_mb"],
        "seconds": round(checked["seconds"], 3),
    }
    if options.json:
        print(json.dumps({"cases": [bare, checked], "summary": summary}))
        return
    for case in (bare, checked):
        print(f"{case['name']:>8}: {case['seconds']:.2f} s, {case['peak_mb']} MB")
    print(f"   ratio: {summary['ratio']:.2f}")


if __name__ == "__main__":
    main()
