"""Marketing against production: whether promotion costs more than making."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.chance import ratio_interval
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.materials import bought_in, direct_materials, makers_of
from jointplan.diagnosis.money import worth_of
from jointplan.diagnosis.settings import LogisticsDiagnosisSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both, some


def measure_promotion(tables: Tables, settings: LogisticsDiagnosisSettings, *, currency: str, seed: int) -> Diagnosed:
    """Hold each seller's promotion in the last year of sales against what making the goods it sold costs."""
    name = "diagnosis_promotion"
    if "promotions" not in tables or not tables["promotions"].num_rows:
        reason = "Whether marketing costs more than production needs the table promotions; it is not given."
        return _not_measured(name, reason, "promotions")
    weekly = tables.frame("weekly", "week", "sku", "seller", "quantity", "revenue")
    if not len(weekly):
        return _not_measured(
            name, "Whether marketing costs more than production needs sales; there are none.", "weekly"
        )
    end = weekly["week"].max() + pd.Timedelta(weeks=1)
    begin = end - pd.Timedelta(weeks=52)
    sold = weekly[weekly["week"] >= begin]
    costs = unit_costs(tables, currency)
    known = sold["sku"].isin(costs)
    covered = float(sold.loc[known, "revenue"].sum() / sold["revenue"].sum()) if sold["revenue"].sum() > 0 else 0.0
    if not covered > 0:
        reason = "Whether marketing costs more than production needs the cost of making: operations with capabilities, or products.transfer_price; neither is given."
        return _not_measured(name, reason, "operations, capabilities, products.transfer_price")
    spent = tables.frame("promotions", "date", "seller", "market", "spend")
    day = pd.to_datetime(spent["date"])
    spent = spent[(day >= max(begin, weekly["week"].min())) & (day < end)]
    worth = worth_of(tables, currency)
    of_market = dict(
        zip(*(tables.frame("markets", "market", "currency")[c] for c in ("market", "currency")), strict=True)
    )
    factor = spent["market"].map(lambda market: worth.get(of_market.get(market) or currency, np.nan)).astype(float)
    # Only goods whose making cost is known stand against promotion, as much of it as their share of revenue.
    making = (sold.loc[known, "quantity"] * sold.loc[known, "sku"].map(costs)).groupby(sold.loc[known, "seller"]).sum()
    frame = pd.DataFrame(
        {
            "spend": (spent["spend"] * factor.fillna(1.0)).groupby(spent["seller"]).sum(),
            "production": making,
            "revenue": sold.groupby("seller")["revenue"].sum(),
        }
    ).fillna(0.0)
    frame = frame.sort_index()
    frame["ratio"] = (frame["spend"] / frame["production"]).where(frame["production"] > 0)
    spend, production = float(frame["spend"].sum()) * covered, float(frame["production"].sum())
    value = spend / production
    parts = frame["spend"].to_numpy() * covered, frame["production"].to_numpy()
    several = len(frame) > 1  # one seller drawn anew would always be the same
    low, high = (
        ratio_interval(*parts, np.arange(len(frame)), draws=settings.draws, seed=seed) if several else (None, None)
    )
    over = int((frame["ratio"] > 1).sum())
    finding = Finding(
        "logistics",
        "promotion_to_production",
        "ecosystem",
        *both(
            "Promotion costs {value:.0%} of what making the goods costs, and {share:.1%} of revenue; {over} of {sellers} {sellers:seller|sellers} {over:spends|spend} more on promotion than on "
            "production.",
            value=value,
            share=float(frame["spend"].sum() / frame["revenue"].sum()) if frame["revenue"].sum() > 0 else 0.0,
            over=over,
            sellers=len(frame),
        ),
        rows=f"promotions: {len(spent)} rows of the last year; making cost known for {covered:.0%} of revenue",
        value=value,
        unit="ratio",
        comparison="norm",
        reference=1.0,
        low=low,
        high=high,
        severity=float(np.clip(value, 0, 1)),
        measure="joint_promotion" if value > 0.1 or over else "",
    )
    detail = pa.Table.from_pandas(frame.reset_index(names="seller"), schema=TABLES[name].arrow, preserve_index=False)
    return Diagnosed((finding,), {name: detail})


def measure_making_costs(tables: Tables, *, currency: str) -> tuple[Finding, ...]:
    """Say which materials leave the cost of making unknown, and what stands in for it; nothing where none does."""
    lacking = materials_without_cost(tables, currency)
    if not lacking:
        return ()
    return (
        unmeasured(
            "logistics", "making_cost", "supply_chain",
            "What making costs is not known of goods with these materials, which have no source: {names}. Such goods count at their transfer price, "
            "or not at all: fill in the table sources.",
            f"materials: {len(lacking)} without a source", names=some(lacking, 5),
        ),
    )  # fmt: skip


def _not_measured(name: str, reason: str, rows: str) -> Diagnosed:
    made = unmeasured("logistics", "promotion_to_production", "ecosystem", reason, rows)
    return Diagnosed((made,), {name: TABLES[name].empty()})


def unit_costs(tables: Tables, currency: str) -> dict[str, float]:
    """Return what making one unit of each product costs, where that is known: by its routing, else the price the seller pays the maker."""
    return transfer_prices(tables) | routing_costs(tables, currency, makers_of(tables))


def transfer_prices(tables: Tables) -> dict[str, float]:
    """Return the price the seller pays the maker of each product, where it is given."""
    products = tables.frame("products", "sku", "transfer_price")
    given = products[products["transfer_price"] > 0]
    return dict(zip(given["sku"], given["transfer_price"].astype(float), strict=True))


def routing_costs(tables: Tables, currency: str, makers: pd.DataFrame) -> dict[str, float]:
    """Return what one unit of each product costs by its routing: the hours at its makers' costs, by yield, and its materials.

    A material that is itself made of materials costs what making it does, as :func:`bought_in` follows it; any other costs its cheapest
    source, or without one what making it does. A product whose bill names a material of unknown cost has no known cost.

    Parameters
    ----------
    tables : Tables
        ``products``, and ``operations``, ``capabilities``, ``materials``, ``sources`` and ``fx`` where given.
    currency : str
        Currency of the run.
    makers : DataFrame
        Who makes what part of each product (:func:`makers_of`); the cost is known where that of each is.
    """
    routing = _by_goods(tables, "operations")
    bills: dict[str, dict[str, float]] = {}
    if "materials" in tables:
        for sku, material, quantity in direct_materials(tables).itertuples(index=False):
            bills.setdefault(sku, {})[material] = float(quantity)
    able: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in tables["capabilities"].to_pylist() if "capabilities" in tables else ():
        able.setdefault((row["firm"], row["process"]), []).append(row)
    price = _offers(tables, currency)
    hourly: dict[str, float] = {}
    making: dict[str, list[tuple[str, float]]] = {}
    for sku, maker, part in makers.itertuples(index=False):
        making.setdefault(sku, []).append((maker, part))
    for sku, family in tables.frame("products", "sku", "family").itertuples(index=False):
        steps = routing.get(("sku", sku)) or routing.get(("family", family)) or []
        hours = [
            (part, _step_cost(step, able.get((maker, step["process"]), []), sku, family))
            for maker, part in making.get(sku, [])
            for step in steps
        ]
        known = [part * cost for part, cost in hours if cost is not None]
        if hours and len(known) == len(hours):
            hourly[sku] = sum(known)
    found: dict[str, float] = {}
    for sku in TopologicalSorter({sku: bills.get(sku, {}) for sku in {*hourly, *bills}}).static_order():
        parts = bills.get(sku, {})
        offers = [(found, price) if name in bills else (price, found) for name in parts]
        costs = [ahead.get(name, other.get(name, np.nan)) for name, (ahead, other) in zip(parts, offers, strict=True)]
        cost = hourly.get(sku, np.nan) + float(np.dot(list(parts.values()), costs))
        if np.isfinite(cost):
            found[sku] = cost
    return found


def materials_without_cost(tables: Tables, currency: str) -> tuple[str, ...]:
    """Return the materials of goods whose routing is known that nobody offers at a known price and that are not made at a known cost."""
    if "materials" not in tables or "operations" not in tables:
        return ()
    known = {*_offers(tables, currency), *routing_costs(tables, currency, makers_of(tables))}
    bought = bought_in(tables)
    routing = _by_goods(tables, "operations")
    routed = [
        sku
        for sku, family in tables.frame("products", "sku", "family").itertuples(index=False)
        if ("sku", sku) in routing or ("family", family) in routing
    ]
    return tuple(sorted(set(bought.loc[bought["sku"].isin(routed), "material"]) - known))


def _offers(tables: Tables, currency: str) -> dict[str, float]:
    """Return the price of the cheapest source of each material, in the currency of the run."""
    worth = worth_of(tables, currency)
    price: dict[str, float] = {}
    for row in tables["sources"].to_pylist() if "sources" in tables else ():
        cost = row["cost"] * worth.get(row["currency"] or currency, np.nan)
        if cost < price.get(row["material"], np.inf):
            price[row["material"]] = cost
    return price


def _step_cost(step: Mapping[str, Any], rows: list[Mapping[str, Any]], sku: str, family: str | None) -> float | None:
    fitting = [row for row in rows if row["sku"] in (None, sku) and row["family"] in (None, family)]
    if not fitting:
        return None
    row = max(fitting, key=lambda row: (row["sku"] is not None, row["family"] is not None))
    return float(step["hours"] * (row["hours_factor"] or 1.0) * row["cost_per_hour"] / (row["yield"] or 1.0))


def _by_goods(tables: Tables, table: str) -> dict[tuple[str, str | None], list[Mapping[str, Any]]]:
    found: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for row in tables[table].to_pylist() if table in tables else ():
        key = ("sku", row["sku"]) if row["sku"] is not None else ("family", row["family"])
        found.setdefault(key, []).append(row)
    return found
