"""The VN2 inventory planning challenge: 599 products in stores, ordered weekly, goods three weeks on the way.

    python benchmarks/vn2.py --data DIR [--actuals FILE] [--json]

DIR is the challenge's folder at week 0 (sales.csv, in_stock.csv, master.csv, initial_state.csv), or the folder that holds it as
``vn2``. The simulator is the challenge's: what stock does not cover is lost, a unit held over a week's end costs 0.2, a unit lost 1.0,
and what is ordered at the end of week X arrives at the start of week X+3. Eight weeks are scored; orders are decided at the ends of
weeks 0 to 5, each from what is known then: sales, and the sales missed, which the challenge tells week by week.

With FILE (columns Store, Product, week from 1 to 8, actual_demand) the challenge's own eight weeks are scored from its opening state.
Without, the last five disjoint windows of eight weeks of the history are, each after eight weeks in which the reference policy
orders from a stock of its own level; weeks flagged out of stock, whose demand nobody knows, cost neither policy anything.

The reference orders up to four weeks of the mean of the last thirteen. Published for the challenge's eight weeks: 5,248 for the
organisers' benchmark and 4,677 for the winner.

Ours is the project's own way from sales to orders: the forecasts of ``jointplan.demand``, made anew at each decision; sample paths of them as stock
targets have them; and orders by ``jointplan.inventory``. SURPLUS alone was chosen for the challenge, on the four windows before the five scored ones.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jointplan.demand import ForecastSettings, forecast_series
from jointplan.inventory import StockCosts, StockState, decide_orders, simulate_stock
from jointplan.inventory.dependence import measure_dependence
from jointplan.inventory.paths import draw_paths

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

HOLDING, SHORTAGE = 0.2, 1.0
COSTS = StockCosts(HOLDING, SHORTAGE)
WINDOW = 8
WINDOWS = 5
DECISIONS = 6
DUE = 2
REFERENCE_WEEKS, COVERED_WEEKS = 13, 4
KEY = ["Store", "Product"]

AHEAD = 3
"""Weeks forecast: the two in which goods are due already, and the one that an order serves."""

HISTORY_WEEKS = 104
"""Weeks on which is measured how weeks hang together."""

SETTINGS = ForecastSettings(trees="never", origin_step=AHEAD, workers=1)
"""Without trees, which bring nothing here, as thirty forecasts are made; past Mondays as far apart as orders look ahead."""

SURPLUS = 1.41
"""What a surplus unit costs against a week's holding: some stay for longer, as demand falls and orders cannot be taken back."""

SAMPLES = 400

Policy = Callable[[int, StockState], Array]


@dataclass(frozen=True)
class Known:
    """What is known at the end of a week.

    Parameters
    ----------
    units : array, series × weeks
        Demand of each week; 0 where out of stock.
    in_stock : array of bool, series × weeks
        Whether the series was in stock.
    product, store, group : arrays of str
        What each series is.
    """

    units: Array
    in_stock: Mask
    product: Names
    store: Names
    group: Names

    @property
    def weeks(self) -> int:
        """Weeks known."""
        return int(self.units.shape[1])

    def pick(self, rows: slice) -> Known:
        """Return some of the series."""
        return Known(self.units[rows], self.in_stock[rows], self.product[rows], self.store[rows], self.group[rows])


@dataclass(frozen=True)
class Forecaster:
    """Forecasts from the ends of several weeks of one history, each made once."""

    known: Known
    made: dict[int, tuple[Array, Array, float]] = field(default_factory=dict)

    def paths(self, week: int, *, seed: int) -> Array:
        """Draw demand of the weeks from ``week`` on, by what was known before: series × samples × weeks."""
        if week not in self.made:
            known = self.known
            values = np.where(known.in_stock[:, :week], known.units[:, :week], np.nan)
            mean, quantiles = forecast_series(
                values,
                horizon=AHEAD,
                seed=seed,
                settings=SETTINGS,
                sku=known.product,
                market=known.store,
                family=known.group,
            )
            units = known.units[:, max(week - HISTORY_WEEKS, 0) : week]
            first = np.where((units > 0).any(axis=1), (units > 0).argmax(axis=1), units.shape[1])
            serial = measure_dependence(units, first, np.arange(len(units))).serial
            self.made[week] = mean, np.swapaxes(quantiles, 1, 2), serial
        mean, quantiles, serial = self.made[week]
        rng = np.random.default_rng([seed, week])
        return draw_paths(mean, quantiles, samples=SAMPLES, serial=serial, between=0.0, rng=rng)


@dataclass(frozen=True)
class Challenge:
    """The history of all series, with what followed it where that is known; and the opening state of the challenge."""

    known: Known
    opening: StockState


def read(folder: Path, actuals: Path | None) -> Challenge:
    """Read the challenge, and put the actual demand of weeks 1 to 8 behind its history."""
    folder = folder if (folder / "sales.csv").exists() else folder / "vn2"
    sales = pd.read_csv(folder / "sales.csv").set_index(KEY)
    flags = pd.read_csv(folder / "in_stock.csv").set_index(KEY).loc[sales.index, sales.columns]
    master = pd.read_csv(folder / "master.csv").set_index(KEY).loc[sales.index].reset_index()
    state = pd.read_csv(folder / "initial_state.csv").set_index(KEY).loc[sales.index]
    units, in_stock = sales.to_numpy(float), flags.to_numpy(bool)
    if actuals is not None:
        demand = read_actuals(actuals, sales.index)
        units = np.concatenate([units, demand], axis=1)
        in_stock = np.concatenate([in_stock, np.ones(demand.shape, dtype=bool)], axis=1)
    product, store, group = (master[kind].to_numpy().astype(np.str_) for kind in ("Product", "Store", "ProductGroup"))
    opening = StockState(
        state["End Inventory"].to_numpy(float), state[["In Transit W+1", "In Transit W+2"]].to_numpy(float)
    )
    return Challenge(Known(units, in_stock, product, store, group), opening)


def read_actuals(file: Path, series: pd.MultiIndex) -> Array:
    """Return the actual demand of weeks 1 to 8 of each series."""
    rows = pd.read_csv(file)
    rows.columns = ["week" if name.lower() == "week" else name for name in rows.columns]
    if missing := {*KEY, "week", "actual_demand"} - set(rows.columns):
        sys.exit(f"{file} lacks the columns {', '.join(sorted(missing))}: give Store, Product, week, actual_demand.")
    table = rows.pivot_table(index=KEY, columns="week", values="actual_demand", aggfunc="sum")
    table = table.reindex(index=series, columns=range(1, WINDOW + 1))
    if table.isna().any(axis=None):
        store, product = table.index[table.isna().any(axis=1)][0]
        sys.exit(f"{file} lacks weeks 1 to {WINDOW} of store {store}, product {product}.")
    return np.asarray(table.to_numpy(float))


def reference(known: Known) -> Policy:
    """Order up to four weeks of the mean of the last thirteen."""

    def decide(week: int, state: StockState) -> Array:
        level = COVERED_WEEKS * known.units[:, week - REFERENCE_WEEKS : week].mean(axis=1)
        return np.asarray(np.maximum(np.round(level - state.on_hand - state.due.sum(axis=1)), 0.0))

    return decide


def planned(forecaster: Forecaster, *, seed: int = 1) -> Policy:
    """Order what the sample paths of the forecast say that the week of arrival needs."""
    costs = StockCosts(HOLDING * SURPLUS, SHORTAGE)

    def decide(week: int, state: StockState) -> Array:
        return decide_orders(state, forecaster.paths(week, seed=seed), costs)

    return decide


@dataclass(frozen=True)
class Outcome:
    """Cost of a policy: of holding, of shortage, and the state it ends in."""

    holding: float
    shortage: float
    state: StockState

    @property
    def cost(self) -> float:
        """Both together."""
        return self.holding + self.shortage


def simulate(policy: Policy, known: Known, first: int, opening: StockState, *, decisions: int = DECISIONS) -> Outcome:
    """Pass eight weeks from week ``first``; decision k is made before week first + k, and sees nothing from there on."""
    state, held, lost = opening, 0.0, 0.0
    for number in range(WINDOW):
        week = first + number
        orders = policy(week, state) if number < decisions else np.zeros(len(state.on_hand))
        scored: Mask = known.in_stock[:, week]
        state, left, missed = simulate_stock(state, orders, known.units[:, week], COSTS)
        held += HOLDING * float(left[scored].sum())
        lost += SHORTAGE * float(missed[scored].sum())
    return Outcome(held, lost, state)


def warmed_up(known: Known, first: int) -> StockState:
    """Return the state after eight weeks of the reference policy, which opens with a stock of its level."""
    begin = first - WINDOW
    level = COVERED_WEEKS * known.units[:, begin - REFERENCE_WEEKS : begin].mean(axis=1)
    state = StockState(np.round(level), np.zeros((len(level), DUE)))
    return simulate(reference(known), known, begin, state, decisions=WINDOW).state


def run(challenge: Challenge, firsts: list[int], opening: StockState | None) -> list[dict[str, Any]]:
    """Score both policies on the windows that begin at some weeks."""
    forecaster = Forecaster(challenge.known)
    cases = []
    for first in firsts:
        began = time.perf_counter()
        state = warmed_up(challenge.known, first) if opening is None else opening
        usual = simulate(reference(challenge.known), challenge.known, first, state)
        ours = simulate(planned(forecaster), challenge.known, first, state)
        cases.append(
            {
                "name": "challenge" if opening is not None else f"weeks {first}-{first + WINDOW - 1}",
                "cost": round(ours.cost, 1),
                "holding": round(ours.holding, 1),
                "shortage": round(ours.shortage, 1),
                "reference": round(usual.cost, 1),
                "ratio": round(ours.cost / usual.cost, 4),
                "seconds": round(time.perf_counter() - began, 1),
            }
        )
    return cases


def main() -> None:
    """Score the windows asked for and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("JOINTPLAN_DATA")
    parser.add_argument("--data", type=Path, default=data, required=data is None, help="folder of the challenge")
    parser.add_argument("--actuals", type=Path, help="CSV with Store, Product, week, actual_demand of weeks 1 to 8")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    for file in (arguments.data, *([arguments.actuals] if arguments.actuals else [])):
        if not file.exists():
            sys.exit(f"{file} is not there.")
    began = time.perf_counter()
    challenge = read(arguments.data, arguments.actuals)
    weeks = challenge.known.weeks
    if arguments.actuals:
        cases = run(challenge, [weeks - WINDOW], challenge.opening)
    else:
        cases = run(challenge, [weeks - WINDOW * back for back in range(WINDOWS, 0, -1)], None)
    cost, usual = (sum(case[name] for case in cases) for name in ("cost", "reference"))
    summary = {
        "cost": round(cost, 1),
        "reference": round(usual, 1),
        "ratio": round(cost / usual, 4),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if arguments.json:
        print(json.dumps({"cases": cases, "summary": summary}))
        return
    for case in [*cases, {"name": "all", **summary}]:
        print(*(f"{key}: {value}" for key, value in case.items()), sep="  ")


if __name__ == "__main__":
    main()
