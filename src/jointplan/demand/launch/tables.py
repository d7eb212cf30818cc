"""Tables to products and back: the only module of launches that touches columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.demand.censoring import weekly_demand
from jointplan.demand.launch.history import OPENING_WEEKS, Index, Products
from jointplan.demand.launch.predictive import Analogues, Courses
from jointplan.demand.launch.settings import LaunchSettings
from jointplan.demand.launch.testing import Rule
from jointplan.demand.launch.trials import LaunchScore
from jointplan.engine import Tables
from jointplan.schema import QUANTILES, TABLES

Array = npt.NDArray[np.float64]

CHANCES = np.array([float(f"0.{name[1:]}") for name in QUANTILES])
NAMED = 5
"""Analogues that are named."""


@dataclass(frozen=True)
class Economics:
    """What decides how much of a product to make.

    Parameters
    ----------
    price : float or None
        Usual selling price, where known.
    cost : float or None
        Cost of a unit: its transfer price, else a share of its price.
    short, left : float
        What a unit short and a unit left over cost; as shares of the price where that is not known.
    setup, minimum : float
        Cost of setting up for a batch at the present maker, and its least units; 0 where not known.
    """

    price: float | None
    cost: float | None
    short: float
    left: float
    setup: float
    minimum: float

    @property
    def ratio(self) -> float:
        """Chance with which demand should be met."""
        return self.short / (self.short + self.left)

    @property
    def hurdle(self) -> float:
        """Units that pay for setting up again; 0 where nothing is known."""
        margin = self.short if self.price is not None else 0.0
        return max(self.minimum, self.setup / margin if margin > 0 else 0.0)


def read_products(tables: Tables, start: date) -> Products:
    """Add up **weekly** before ``start`` over markets and sellers, for every row of **products**."""
    products = tables["products"]
    sku = np.array(products["sku"].to_pylist(), dtype=np.str_)
    weekly = weekly_demand(tables, start)
    weekly = weekly.filter(pc.is_in(weekly["sku"].cast(pa.string()), pa.array(sku.tolist(), pa.string())))
    end = (start - date(1970, 1, 1)).days
    days = weekly["week"].cast(pa.int32()).to_numpy().astype(np.int64)
    weeks = int((end - days.min() + 6) // 7) if len(days) else 0
    order = np.argsort(sku, kind="stable")
    names = np.array(weekly["sku"].cast(pa.string()).to_pylist(), dtype=np.str_)
    row = order[np.searchsorted(sku[order], names)] if len(names) else np.zeros(0, dtype=np.int64)
    column = weeks - 1 - (end - 1 - days) // 7
    sold = np.maximum(weekly["quantity"].cast(pa.float64()).fill_null(0.0).to_numpy(), 0.0)
    units = np.bincount(row * weeks + column, weights=sold, minlength=len(sku) * weeks).astype(np.float64)

    def texts(name: str, blank: str = "") -> npt.NDArray[np.str_]:
        values = products[name].to_pylist() if name in products.column_names else [None] * len(sku)
        return np.array([value or blank for value in values], dtype=np.str_)

    def numbers(name: str) -> Array:
        values = products[name].to_pylist() if name in products.column_names else [None] * len(sku)
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    return Products(
        sku=sku,
        family=texts("family", "general"),
        title=texts("title"),
        maker=texts("maker"),
        price=numbers("unit_value"),
        weight=numbers("weight"),
        units=units.reshape(len(sku), weeks),
    )


def new_products(
    tables: Tables, products: Products, start: date, settings: LaunchSettings, named: str | None = None
) -> Index:
    """Return the products that are new: first sold lately, or never sold and not launched long ago.

    What never sold and has no day of launch may be long dead: it is new only where it is ``named``.
    """
    first, weeks = products.first, products.weeks
    since = start - timedelta(weeks=settings.new_weeks)
    waiting = np.array([day is not None and day >= since for day in _launched(tables, products)], dtype=bool)
    lately = (first >= max(OPENING_WEEKS, weeks - settings.new_weeks)) & (first < weeks)
    asked = np.isin(np.arange(len(products)), undated(tables, products)) & (products.sku == (named or ""))
    return np.flatnonzero(lately | ((first == weeks) & waiting) | asked)


def undated(tables: Tables, products: Products) -> Index:
    """Return the products that never sold and of which no day of launch is known."""
    unknown = np.array([day is None for day in _launched(tables, products)], dtype=bool)
    return np.flatnonzero((products.first == products.weeks) & unknown)


def launches_ahead(tables: Tables, products: Products, rows: Index, start: date) -> tuple[date | None, ...]:
    """Return the day of launch of some products where none was sold yet and it lies after ``start``, else None."""
    days, first = _launched(tables, products), products.first
    return tuple(
        day if day is not None and day > start and first[row] == products.weeks else None
        for row, day in ((row, days[row]) for row in rows.tolist())
    )


def _launched(tables: Tables, products: Products) -> list[date | None]:
    rows = tables["products"]
    days: list[date | None] = (
        rows["launched"].to_pylist() if "launched" in rows.column_names else [None] * len(products)
    )
    return days


def economics(tables: Tables, products: Products, row: int, settings: LaunchSettings) -> Economics:
    """Return what decides how much of a product to make."""
    price = float(products.price[row]) if products.price[row] > 0 else None
    listed = tables["products"]["transfer_price"].to_pylist()[row] if _has(tables, "transfer_price") else None
    cost = listed if listed is not None else None if price is None else settings.cost_share * price
    worth = price if price is not None else 1.0
    paid = cost if price is not None and cost is not None else settings.cost_share
    short = max(worth - paid, 0.01 * worth)
    setup, minimum = _batch(tables, products, row)
    return Economics(price, cost, short, max(paid * (1.0 - settings.salvage), 0.01 * worth), setup, minimum)


def _has(tables: Tables, column: str) -> bool:
    return column in tables["products"].column_names


def _batch(tables: Tables, products: Products, row: int) -> tuple[float, float]:
    # Setup cost over all processes of the present maker, and the largest of their minimum batches; the row that names most holds.
    maker = products.maker[row]
    if not maker or "capabilities" not in tables:
        return 0.0, 0.0
    capable = tables["capabilities"]
    mine = capable.filter(pc.equal(capable["firm"].cast(pa.string()), str(maker))).to_pylist()
    best: dict[str, tuple[int, float, float]] = {}
    for known in mine:
        if known.get("sku") not in (None, products.sku[row]) or known.get("family") not in (None, products.family[row]):
            continue
        exact = 2 * (known.get("sku") is not None) + (known.get("family") is not None)
        cost = (known.get("major_setup_cost") or 0.0) + (known.get("minor_setup_cost") or 0.0)
        if exact >= best.get(known["process"], (-1,))[0]:
            best[known["process"]] = (exact, cost, known.get("minimum_batch") or 0.0)
    return sum(cost for _, cost, _ in best.values()), max((least for _, _, least in best.values()), default=0.0)


def launch_row(
    products: Products,
    row: int,
    kin: Analogues,
    courses: Courses,
    total: Array,
    money: Economics,
    settings: LaunchSettings,
    *,
    family: bool,
    batch: float,
    weighed: float,
    profit: float,
    launched: date | None,
    hurdle: float,
    chance: float,
    telling: int | None,
    advice: str,
) -> dict[str, object]:
    """Return the row of **launches** of a product."""
    best = [place for place in np.argsort(-courses.weight, kind="stable")[:NAMED] if courses.weight[place] >= 0.01]
    begun = products.units[row, products.first[row] :]
    p, q = courses.p, courses.q
    return {
        "sku": str(products.sku[row]),
        "family": str(products.family[row]),
        "launched": launched,
        "weeks": len(begun),
        "sold": float(begun.sum()),
        "method": "family" if family else "courses",
        "analogues": ""
        if family
        else ", ".join(f"{products.sku[kin.rows[place]]} {courses.weight[place]:.0%}" for place in best),
        "stand_ins": ""
        if family
        else ", ".join(str(products.sku[kin.rows[place]]) for place in best if kin.penalty[place] < 0),
        "p": p,
        "q": q,
        "m": courses.m,
        "peak_week": max(float(np.log(q / p) / (p + q)), 0.0),
        "horizon": settings.cover_weeks,
        "mean": float(total.mean()),
        **dict(zip(QUANTILES, np.quantile(total, CHANCES).tolist(), strict=True)),
        "price": money.price,
        "cost": money.cost,
        "ratio": money.ratio,
        "batch": batch,
        "weighed": weighed,
        "profit": profit,
        "hurdle": hurdle,
        "chance": chance,
        "telling_week": telling,
        "advice": advice,
    }


def rule_rows(sku: str, rules: Iterable[Rule]) -> list[dict[str, object]]:
    """Return the rows of **launch_rules** of a product."""
    return [
        {
            "sku": sku,
            "week": rule.week,
            "stop_below": rule.stop_below,
            "repeat_above": rule.repeat_above,
            "decided": rule.decided,
            "right": rule.right,
        }
        for rule in rules
    ]


def accuracy_rows(scores: Iterable[LaunchScore]) -> list[dict[str, object]]:
    """Return the rows of **launch_accuracy**."""
    return [
        {
            "weeks": score.age,
            "method": score.method,
            "launches": score.launches,
            "pinball": score.pinball,
            "pinball_units": score.pinball_units,
            "ratio": score.ratio,
            "ratio_low": score.low,
            "ratio_high": score.high,
            "coverage80": score.coverage80,
        }
        for score in scores
    ]


def as_table(name: str, rows: list[dict[str, object]]) -> pa.Table:
    """Return rows as a result table."""
    return pa.Table.from_pylist(rows, schema=TABLES[name].arrow)
