"""How well heat tells growth, and how well launches are foretold, on Online Retail and on Olist.

    python benchmarks/heat.py --data DIR [--json]

Heat: on rolling Mondays four weeks apart each index ranks the products on sale by what was known then, and is held against the growth of the next eight
weeks: precision among the hottest tenth, and Spearman's rank correlation, with 95 % intervals over Mondays and series. ``expected`` is the default; it has
to beat ``last_period`` (rank by the sales of the last week) and ``growth_rate`` (plain growth); ``used`` is the index that a run would take now, and
``as_chosen`` how a run would have done that on each Monday took what had been best by then.

Launches: products first sold inside the records, foretold when they begin and after two and four weeks, for 13 weeks; the loss is that of nine deciles of
ln(1 + units), beside the family's distribution, its mean, and the rate so far with and without a distribution.

The weights and constants were chosen on Online Retail up to November 2010 (week 52 of the records) and Olist up to September 2017 (week 36 of those
used); only later Mondays and launches are scored. Olist has no titles, so its launches go by category, price and weight.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jointplan.demand.heat.indices import EXPECTED, GROWTH_RATE, LAST_PERIOD
from jointplan.demand.heat.panel import HeatPanel
from jointplan.demand.heat.trials import best_index, judge_indices, look_back, try_indices
from jointplan.demand.launch.analogues import Titles
from jointplan.demand.launch.history import Products
from jointplan.demand.launch.trials import score_launches, try_launches

Array = npt.NDArray[np.float64]

RETAIL_HELD_OUT, OLIST_HELD_OUT = 52, 37
"""First week of the records that nothing was chosen on."""

FIRST_LEARNED, STEP, RESAMPLES, DRAWS, WEEKS, LESSON_WEEKS = 16, 4, 199, 500, 13, 26


def retail(data: Path) -> pd.DataFrame:
    """Return the lines of Online Retail that are sales of products, with their week."""
    lines = pd.read_parquet(data / "online_retail" / "online_retail_II.parquet").sort_values(
        "InvoiceDate", kind="stable"
    )
    lines = lines[(lines["Quantity"] > 0) & (lines["UnitPrice"] > 0) & lines["StockCode"].str.match(r"\d{5}")]
    week = lines["InvoiceDate"].dt.to_period("W-SUN").dt.start_time
    return lines.assign(week=week)[week.between("2009-12-07", "2011-08-22")]


def olist(data: Path) -> pd.DataFrame:
    """Return the items of Olist with their category and week; the shipping limit is the only date all of them have."""
    items = pd.read_parquet(data / "olist" / "olist_order_items_dataset.parquet").sort_values(
        ["shipping_limit_date", "order_id", "order_item_id"], kind="stable"
    )
    products = pd.read_parquet(data / "olist" / "olist_products_dataset.parquet")
    items = items.merge(products[["product_id", "product_category_name", "product_weight_g"]], on="product_id")
    week = pd.to_datetime(items["shipping_limit_date"]).dt.to_period("W-SUN").dt.start_time
    return items.assign(week=week)[week.between("2017-01-09", "2018-03-26")]


def panel(lines: pd.DataFrame, sku: str, family: str | None, market: str | None, units: str | None) -> HeatPanel:
    """Add lines up by week."""
    named = pd.DataFrame(
        {
            "market": lines[market] if market else "",
            "sku": lines[sku],
            "family": lines[family].fillna("none") if family else "general",
            "week": lines["week"],
            "units": lines[units] if units else 1.0,
        }
    )
    weeks = pd.date_range(named["week"].min(), named["week"].max(), freq="7D")
    table = named.groupby(["market", "sku", "family", "week"])["units"].sum().unstack(fill_value=0.0)
    table = table.reindex(columns=weeks, fill_value=0.0).astype(float)
    names = [table.index.get_level_values(place).to_numpy().astype(str) for place in range(3)]
    return HeatPanel(names[0], names[1], names[2], table.to_numpy())


def heat_case(name: str, series: HeatPanel, held_out: int) -> dict[str, Any]:
    """Score every index on the Mondays held out."""
    began = time.perf_counter()
    last = series.weeks - 8
    cutoffs = list(range(last, FIRST_LEARNED - 1, -STEP))[::-1]
    everything = try_indices(look_back(series, cutoffs))
    tried = [monday for monday in everything if monday.cutoff >= held_out]
    judged = judge_indices(tried, RESAMPLES, np.random.default_rng(7))
    case: dict[str, Any] = {"name": name, "mondays": len(tried), "series": judged[0].series}
    for score in judged:
        case[score.index] = {
            figure: [round(part, 4) for part in (estimate.value, estimate.low, estimate.high)]
            for figure, estimate in (
                ("precision", score.precision),
                ("spearman", score.spearman),
                ("precision_gain_of_expected", score.precision_gain),
                ("spearman_gain_of_expected", score.spearman_gain),
            )
        }
    case["used"] = best_index(everything, series.weeks)
    default = case[EXPECTED]
    case["beats"] = all(
        default[figure][0] > case[plain][figure][0]
        for plain in (LAST_PERIOD, GROWTH_RATE)
        for figure in ("precision", "spearman")
    )
    case["seconds"] = round(time.perf_counter() - began, 1)
    return case


def launch_case(name: str, products: Products, held_out: int) -> dict[str, Any]:
    """Score the forecasts of the launches held out."""
    began = time.perf_counter()
    rng = np.random.default_rng(7)
    titles = Titles.of(products.title.tolist())
    # Launches before the first scored one teach, as they do in a run; they are not scored.
    trials = try_launches(products, titles, WEEKS, DRAWS, rng, most=800, since=held_out - LESSON_WEEKS)
    trials = [trial for trial in trials if trial.week - trial.age >= held_out]
    case: dict[str, Any] = {"name": name}
    for score in score_launches(trials, RESAMPLES, rng):
        case.setdefault(f"known_{score.age}_weeks", {"launches": score.launches})[score.method] = {
            "pinball": round(score.pinball, 4),
            "pinball_units": round(score.pinball_units, 2),
            "ratio": [round(part, 3) for part in (score.ratio, score.low, score.high)],
            "coverage80": round(score.coverage80, 3),
        }
    case["seconds"] = round(time.perf_counter() - began, 1)
    return case


def products_of(series: HeatPanel, title: Array, price: Array, weight: Array) -> Products:
    """Return the series as products, with what is known of each when it is first sold."""
    blank = np.full(len(series), "")
    return Products(series.sku, series.family, title.astype(str), blank, price, weight, series.units)


def main() -> None:
    """Run all cases and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("JOINTPLAN_DATA")
    parser.add_argument(
        "--data", type=Path, default=data, required=data is None, help="folder of data [JOINTPLAN_DATA]"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    lines, items = retail(Path(arguments.data)), olist(Path(arguments.data))
    sold = panel(lines, "StockCode", None, None, "Quantity")
    bought = panel(items, "product_id", "product_category_name", None, None)
    heat = [
        heat_case("retail products", sold, RETAIL_HELD_OUT),
        heat_case(
            "retail products by country", panel(lines, "StockCode", None, "Country", "Quantity"), RETAIL_HELD_OUT
        ),
        heat_case("olist products", bought, OLIST_HELD_OUT),
        heat_case("olist families", bought.added_up(markets=True, products=True), OLIST_HELD_OUT),
    ]
    first_line = lines.groupby("StockCode")[["Description", "UnitPrice"]].first().reindex(sold.sku)
    first_item = items.groupby("product_id")[["price", "product_weight_g"]].first().reindex(bought.sku)
    unknown = np.full(len(sold), np.nan)
    launches = [
        launch_case(
            "retail launches",
            products_of(
                sold, first_line["Description"].fillna("").to_numpy(), first_line["UnitPrice"].to_numpy(float), unknown
            ),
            RETAIL_HELD_OUT,
        ),
        launch_case(
            "olist launches",
            products_of(
                bought,
                np.full(len(bought), ""),
                first_item["price"].to_numpy(float),
                first_item["product_weight_g"].to_numpy(float) / 1000.0,
            ),
            OLIST_HELD_OUT,
        ),
    ]
    by_name = {case["name"]: case for case in heat}
    summary = {
        "beats_last_period_and_growth_rate": by_name["retail products"]["beats"] and by_name["olist products"]["beats"],
        "spearman": {case["name"]: case[EXPECTED]["spearman"][0] for case in heat},
        "precision": {case["name"]: case[EXPECTED]["precision"][0] for case in heat},
        "used": {case["name"]: case["used"] for case in heat},
        "seconds": round(sum(case["seconds"] for case in [*heat, *launches]), 1),
    }
    if arguments.json:
        print(json.dumps({"cases": [*heat, *launches], "summary": summary}))
        return
    for case in [*heat, *launches, {"name": "summary", **summary}]:
        print(*(f"{key}: {value}" for key, value in case.items()), sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
