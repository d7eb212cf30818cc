"""How long forecasts take and how good they are, on made-up clusters and on real sales.

    python benchmarks/forecast.py [--data DIR] [--case NAME] [--json]

Cases:

``cluster``  600 series × 104 weeks of 12 owners, both bases; the last 26 weeks held out for the scores.
``sparse``   30,000 series × 104 weeks that sell in a few weeks each.
``retail``   every product × country of Online Retail (where its folder is known), the last 25 weeks held out.

Scores are of held-out weeks that no part of the forecast has seen: pinball loss over nine deciles scaled by the naive error, beside
that of the seasonal naive model with its own intervals in the same run (on series known for 60 weeks, so that it has a season and
its errors to go by), and the coverage of the 80 % interval by the randomised transform, with the raw one beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jointplan.demand import ForecastSettings, forecast_demand, scoring
from jointplan.demand.trials import CHANCES, NINE
from jointplan.engine import Tables
from jointplan.schema import QUANTILES

END = date(2026, 1, 5)
KNOWN_WEEKS = 60
PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
KEY = ["sku", "market", "seller"]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Series of a benchmark: names, owners and families, and series × weeks of units ending before ``end``."""

    names: pd.DataFrame
    units: Array
    end: date

    def tables(self, weeks: int) -> Tables:
        """Return the first ``weeks`` weeks as tables."""
        row, column = np.nonzero(self.units[:, :weeks])
        first = self.end - timedelta(weeks=self.units.shape[1])
        mondays = np.array([first + timedelta(weeks=week) for week in range(weeks)], dtype="datetime64[D]")
        firms = self.names.drop_duplicates("seller")
        products = self.names.drop_duplicates("sku")
        return Tables(
            {
                "weekly": pa.table(
                    {
                        "week": pa.array(mondays[column], pa.date32()),
                        **{name: pa.array(self.names[name].to_numpy()[row], pa.string()) for name in KEY},
                        "quantity": self.units[row, column],
                    }
                ),
                "firms": pa.table({"firm": firms["seller"].tolist(), "owner": firms["owner"].tolist()}),
                "products": pa.table({"sku": products["sku"].tolist(), "family": products["family"].tolist()}),
            }
        )


def cluster(series: int, weeks: int, *, sparse: bool, seed: int = 7) -> World:
    """Draw series of products that drift and follow their family's season; some are launched late, some end."""
    rng = np.random.default_rng(seed)
    products, markets, sellers, families = max(series // 4, 1), 10, 12, 10
    combinations = rng.choice(products * markets * sellers, size=series, replace=False)
    product, rest = np.divmod(combinations, markets * sellers)
    market, seller = np.divmod(rest, sellers)
    family, peak, swing = product % families, rng.random(families) * 2 * np.pi, rng.random(families) * 0.7
    week = np.arange(weeks)
    drift = np.cumsum(rng.normal(0, 0.03, (products, weeks)), axis=1)
    level = rng.normal(1.5, 1.2, products)[product] + rng.normal(0, 0.4, series)
    season = 1 + swing[family][:, None] * np.sin(week * 2 * np.pi / 52 + peak[family][:, None])
    mean = np.exp(level[:, None] + drift[product]) * season
    units = rng.negative_binomial(2, 2 / (2 + mean)).astype(np.float64)
    launch = np.where(rng.random(products) < 0.15, rng.integers(weeks // 2, weeks, products), 0)[product]
    end = np.where(rng.random(products) < 0.1, rng.integers(weeks // 2, weeks, products), weeks)[product]
    units[(week < launch[:, None]) | (week >= end[:, None])] = 0
    if sparse:
        units *= rng.random(units.shape) < 0.03
    names = pd.DataFrame(
        {
            "sku": [f"P{number:05}" for number in product],
            "market": [f"M{number}" for number in market],
            "seller": [f"S{number:02}" for number in seller],
            "owner": [f"O{number:02}" for number in seller],
            "family": [f"F{number}" for number in family],
        }
    )
    return World(names, units, END)


def retail(data: Path) -> World:
    """Read Online Retail: units by product, country and week."""
    lines = pd.read_parquet(
        data / "online_retail" / "online_retail_II.parquet",
        columns=["StockCode", "Quantity", "InvoiceDate", "UnitPrice", "Country"],
    )
    lines = lines[(lines["Quantity"] > 0) & (lines["UnitPrice"] > 0) & lines["StockCode"].str.match(r"\d{5}")]
    week = lines["InvoiceDate"].dt.to_period("W-SUN").dt.start_time
    units = lines.groupby([lines["StockCode"], lines["Country"], week])["Quantity"].sum().unstack(fill_value=0)
    units = units.loc[:, "2009-12-07":"2011-08-22"].astype(float)
    names = units.index.to_frame(index=False, name=["sku", "market"])
    names = names.assign(seller="wholesaler", owner="wholesaler", family="general")
    return World(names, units.to_numpy(), date(2011, 8, 29))


def run(name: str, world: World, held_out: int) -> dict[str, Any]:
    """Time a forecast from the end of a world, then hold out its last weeks and score a forecast of them."""
    weeks = world.units.shape[1]
    began, cpu = time.perf_counter(), cpu_seconds()
    result = forecast_demand(world.tables(weeks), ForecastSettings(), start=world.end, weeks=26, seed=1)
    case: dict[str, Any] = {
        "name": name,
        "series": len(world.names),
        "weeks": weeks,
        "rows": result["forecasts"].num_rows,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(cpu_seconds() - cpu, 1),
        "peak_mb": max(resource.getrusage(who).ru_maxrss for who in PROCESSES) // 1024,
    }
    del result
    start = world.end - timedelta(weeks=held_out)
    past, actual = world.units[:, : weeks - held_out], world.units[:, weeks - held_out :]
    tables = world.tables(weeks - held_out)
    made = forecast_demand(tables, ForecastSettings(), start=start, weeks=held_out, seed=1)["forecasts"].to_pandas()
    scale, _ = scoring.naive_errors(past, np.where((past > 0).any(axis=1), (past > 0).argmax(axis=1), past.shape[1]))
    made["own"] = made["basis"] != "shared"
    for own, part in made.groupby("own"):
        basis = "own" if own else "shared"
        part = world.names.reset_index().merge(part, on=KEY).sort_values(["index", "week"])
        rows = part["index"].to_numpy()[::held_out]
        mean = part["mean"].to_numpy().reshape(len(rows), held_out)
        quantiles = part[list(QUANTILES)].to_numpy().reshape(len(rows), held_out, -1).transpose(0, 2, 1)
        enough = (past[rows] > 0).sum(axis=1) >= ForecastSettings().min_nonzero_weeks
        old = enough & ((past[rows][:, : past.shape[1] - KNOWN_WEEKS + 1] > 0).any(axis=1))
        for kind, these in (("alone", enough), ("pooled", ~enough)):
            if not these.any():
                continue
            loss = scoring.pinball(actual[rows[these]], quantiles[these][:, NINE], CHANCES[NINE]).mean(axis=1)
            inside = scoring.coverage(actual[rows[these]], quantiles[these][:, 2], quantiles[these][:, 10])
            case[f"{basis}_{kind}"] = {
                "series": int(these.sum()),
                "pinball": round(float(np.nanmean(loss / scale[rows[these]])), 4),
                "bias": round(scoring.bias(actual[rows[these]], mean[these]) or 0.0, 3),
                "coverage80": round(scoring.pit_coverage(actual[rows[these]], quantiles[these], CHANCES), 3),
                "coverage80_raw": round(float(inside.mean()), 3),
            }
        if own and old.any():
            ours = scoring.pinball(actual[rows[old]], quantiles[old][:, NINE], CHANCES[NINE]).mean(axis=1)
            naive = seasonal_naive_loss(past[rows[old]], actual[rows[old]])
            case["seasonal_naive"] = {
                "series": int(old.sum()),
                "pinball": round(float(np.nanmean(naive / scale[rows[old]])), 4),
                "ratio": round(float(np.nanmean(ours / scale[rows[old]]) / np.nanmean(naive / scale[rows[old]])), 3),
            }
    return case


def cpu_seconds() -> float:
    """Return the processor time of this process and those it started."""
    usages = [resource.getrusage(who) for who in PROCESSES]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def seasonal_naive_loss(past: Array, actual: Array) -> Array:
    """Return the loss of statsforecast's seasonal naive model with its own intervals."""
    from statsforecast.models import SeasonalNaive

    paths = []
    for history in past:
        begun = history[int(np.argmax(history > 0)) :]
        made = SeasonalNaive(52).forecast(y=begun, h=actual.shape[1], level=[20, 40, 60, 80])
        lows = [made[f"lo-{level}"] for level in (80, 60, 40, 20)]
        highs = [made[f"hi-{level}"] for level in (20, 40, 60, 80)]
        paths.append(np.maximum([*lows, made["mean"], *highs], 0.0))
    loss: Array = scoring.pinball(actual, np.array(paths), CHANCES[NINE]).mean(axis=1)
    return loss


def main() -> None:
    """Run the cases asked for and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("JOINTPLAN_DATA")
    parser.add_argument("--data", type=Path, default=data, help="folder that holds online_retail/ [JOINTPLAN_DATA]")
    parser.add_argument("--case", choices=("cluster", "sparse", "retail"), action="append")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    names = arguments.case or ["cluster", "sparse", *(["retail"] if arguments.data else [])]
    cases = []
    for name in names:
        if name == "retail":
            cases.append(run(name, retail(arguments.data), 25))
        else:
            cases.append(run(name, cluster(600 if name == "cluster" else 30_000, 104, sparse=name == "sparse"), 26))
    summary = {"seconds": sum(case["seconds"] for case in cases), "peak_mb": max(case["peak_mb"] for case in cases)}
    if arguments.json:
        print(json.dumps({"cases": cases, "summary": summary}))
        return
    for case in cases:
        print(*(f"{key}: {value}" for key, value in case.items()), sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
