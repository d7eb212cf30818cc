"""What sharing data is worth to the small sellers of one town, and which of their series are hardest to forecast.

    python benchmarks/sharing.py --data DIR [--city ibitinga] [--held-out] [--json]

The sellers of a town in the Olist orders are forecast twice from the same past Mondays: each from its own rows, and from everybody's. Of both the
mean pinball loss over nine deciles, scaled by the naive error, on the same series and weeks; the share of it that sharing takes away, with its 95 %
interval over series and past Mondays. Classes of series stand by the loss of the shared forecasts over that of the best single model chosen in hindsight, or, where that is
not told, as of sparse series, by their bias: the weakest come first.

With ``--held-out``: forecasts from 26 and from 13 weeks before the end of the records, beside what was sold in the 13 weeks after, in units; sparse are the series that had sold
in fewer than eight weeks by then.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from jointplan.ingest import import_files
from jointplan.store import Workspace
from jointplan.study import Study

HELD_OUT = (26, 13)
WEEKS = 13
KEYS = ["sku", "market", "seller"]


def sold(folder: Path, begin: date) -> pd.Series:
    """Return the units of each series in the weeks from a Monday on."""
    sales = pd.read_parquet(folder / "tables" / "sales-imported.parquet")
    day = pd.to_datetime(sales["date"])
    inside = (day >= pd.Timestamp(begin)) & (day < pd.Timestamp(begin + timedelta(weeks=WEEKS)))
    units: pd.Series = sales[inside].astype(dict.fromkeys(KEYS, str)).groupby(KEYS)["quantity"].sum()
    return units


def held_out(folder: Path, begin: date) -> dict[str, Any]:
    """Forecast as if the records ended before a Monday, and sum up what was forecast and what was sold."""
    changes = {"horizon.start": begin.isoformat(), "horizon.weeks": WEEKS}
    made = Study.open(folder, changes).forecast().tables["forecasts"].to_pandas()
    made = made[made["basis"] == "shared"].astype(dict.fromkeys(KEYS, str))
    summed = made.groupby(KEYS).agg(mean=("mean", "sum"), model=("model", "first"))
    summed["sold"] = sold(folder, begin).reindex(summed.index).fillna(0.0)
    sparse = summed[summed["model"].str.startswith("family")]
    return {
        "begin": begin.isoformat(),
        "series": len(summed),
        "sparse": len(sparse),
        **{
            name: round(float(part["mean"].sum() / part["sold"].sum() - 1.0), 3) if part["sold"].sum() > 0 else None
            for name, part in (("bias", summed), ("bias_sparse", sparse))
        },
    }


def processors() -> float:
    """Return the seconds of processors spent so far, by this process and those it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def weakness(row: dict[str, Any]) -> float:
    """Return by how much a class loses to the best single model, or how far its sum is off where that is not told."""
    return float(row["against_best"] - 1.0 if row["against_best"] is not None else abs(row["bias"] or 0.0))


def case(data: Path, city: str, *, beyond: bool) -> dict[str, Any]:
    """Forecast the sellers of a town."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / city
        import_files("olist", data / "olist", Workspace(folder), options={"city": city})
        began, spent = time.perf_counter(), processors()
        forecast = Study.open(folder).forecast()
        rows = forecast.tables["accuracy_sharing"].to_pylist()
        (everybody,) = (row for row in rows if row["owner"] is None)
        owners = [row for row in rows if row["owner"] is not None]
        parts = [row for row in forecast.tables["accuracy_parts"].to_pylist() if row["basis"] == "shared"]
        told = ("name", "series", "weeks", "pinball", "bias", "coverage80", "against_naive", "against_best")
        classes = [{name: row[name] for name in told} for row in parts if row["by"] == "class"]
        return {
            "name": city,
            "owners": len(owners),
            "series": everybody["series"],
            "own": everybody["own"],
            "shared": everybody["shared"],
            "gain": everybody["gain"],
            "gain_low": everybody["gain_low"],
            "gain_high": everybody["gain_high"],
            "owners_above_zero": sum(row["gain_low"] > 0 for row in owners),
            "owners_below_zero": sum(row["gain_high"] < 0 for row in owners),
            "classes": sorted(classes, key=weakness, reverse=True),
            "held_out": [
                held_out(folder, forecast.horizon.start - timedelta(weeks=back)) for back in HELD_OUT if beyond
            ],
            "seconds": round(time.perf_counter() - began, 1),
            "cpu_seconds": round(processors() - spent, 1),
        }


def main() -> None:
    """Run it and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("JOINTPLAN_DATA"), help="folder of the collections")
    parser.add_argument("--city", default="ibitinga")
    parser.add_argument("--held-out", action="store_true", help="also sum up forecasts of weeks held out")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    if not arguments.data:
        parser.error("name the folder of the collections with --data")
    made = case(Path(arguments.data), arguments.city, beyond=arguments.held_out)
    summary = {name: made[name] for name in ("gain", "gain_low", "gain_high", "seconds", "cpu_seconds")}
    summary["weakest"] = [row["name"] for row in made["classes"][:3]]
    if arguments.json:
        print(json.dumps({"cases": [made], "summary": summary}))
    else:
        print(*(f"{key}: {value}" for key, value in made.items()), sep="\n")
        print(summary)


if __name__ == "__main__":
    main()
