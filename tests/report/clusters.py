"""Builds small finished runs by a rule of thumb, not by planning: every amount agrees with every other."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.schema import QUANTILES, TABLES
from jointplan.store import StoredRun

START = date(2025, 3, 3)
FAMILIES = ("kettles", "fans", "rice cookers", "toasters", "hair dryers", "irons", "blenders", "heaters")
MARKETS = (
    ("US", "US", "USD"), ("DE", "DE", "EUR"), ("BR", "BR", "BRL"), ("JP", "JP", "JPY"), ("AE", "AE", "AED"),
    ("GB", "GB", "GBP"), ("AU", "AU", "AUD"), ("MX", "MX", "MXN"), ("FR", "FR", "EUR"), ("SG", "SG", "SGD"),
)  # fmt: skip
WEEKLY = pa.schema(
    [
        ("week", pa.date32()), ("sku", pa.string()), ("market", pa.string()), ("seller", pa.string()),
        ("quantity", pa.float64()), ("revenue", pa.float64()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Cluster:
    """What the run is about."""

    makers: int = 4
    sellers: int = 3
    products: int = 8
    markets: int = 5
    weeks: int = 8
    series: int = 24
    recorded: bool = True
    verdict: str = "gain"
    replay: bool = False
    synthetic: bool = True
    name: str = "Shunde small appliances"
    names: tuple[str, ...] = ("顺德第一电器厂", "Smith & <b>Sons</b>")
    language: str = "en"
    currency: str = "CNY"
    seed: int = 7
    extra: dict[str, Any] = field(default_factory=dict)


def build(folder: Path, cluster: Cluster | None = None) -> StoredRun:
    """Write a run of the cluster into ``folder`` and return it."""
    cluster = cluster or Cluster()
    tables = _tables(cluster)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / "tables" / f"{name}.parquet")
    (folder / "manifest.json").write_text(json.dumps(_manifest(cluster, tables, folder.name)), "utf-8")
    return StoredRun(folder)


def _targets(series: list[tuple[dict[str, Any], str, str]]) -> list[dict[str, Any]]:
    """Return targets at the port for every product: each seller's, pooled ones of half their sum, and the way there."""
    rows: list[dict[str, Any]] = []

    def keep(scope: str, site: str, sku: str, units: float, seller: str | None = None, several: bool = True) -> None:
        policy = "base_stock" if scope in ("separate", "pooled") else "guaranteed_service"
        rows.append(
            {
                "scope": scope, "site": site, "sku": sku, "seller": seller, "market": None, "policy": policy,
                "series": 2 if several else 1, "correlation": 0.25 if several else None, "demand": units, "lead_weeks": 2.0,
                "review_weeks": 1.0, "promise_weeks": 0.0, "reorder_point": 3 * units, "order_up_to": 3 * units + 1,
                "safety_stock": units, "below_demand": 0.0, "on_hand": units, "before": 2.0, "under_way": 1.0, "decided": 0.0, "lies": f"{site} 3",
                "owed": 0.0, "order_now": 2 * units, "service": 0.9, "fill": 0.97, "value": 30 * units, "cost": 0.2 * units,
            }
        )  # fmt: skip

    for sku in sorted({product["sku"] for product, _, _ in series}):
        sellers = sorted({seller for product, _, seller in series if product["sku"] == sku})
        maker = next(product["maker"] for product, _, _ in series if product["sku"] == sku)
        for seller in sellers:
            keep("separate", "NANSHA", sku, 40.0, seller)
        keep("pooled", "NANSHA", sku, 40.0 * len(sellers) ** 0.5, several=len(sellers) > 1)
        for scope, upstream in (("network", 12.0), ("ends", 0.0)):
            keep(scope, maker, sku, upstream)
            keep(scope, "NANSHA", sku, 50.0 - 2 * upstream)
    return rows


def _totals(forecasts: list[dict[str, Any]], products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add forecasts up by market, by family and over all."""
    family = {product["sku"]: product["family"] for product in products}
    totals: dict[tuple[str, str | None, Any], dict[str, float]] = {}
    for row in forecasts:
        for key in (("cluster", None), ("market", row["market"]), ("family", family[row["sku"]])):
            sums = totals.setdefault((*key, row["week"]), dict.fromkeys(("mean", *QUANTILES), 0.0))
            for name in sums:
                sums[name] += row[name]
    return [{"by": by, "name": name, "week": week, **sums} for (by, name, week), sums in totals.items()]


def _arrow(name: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name.removeprefix("input_")].arrow
    return pa.Table.from_pylist([{key: row.get(key) for key in schema.names} for row in rows], schema=schema)


def _tables(cluster: Cluster) -> dict[str, pa.Table]:
    random = np.random.default_rng(cluster.seed)
    makers = [f"M{n:02d}" for n in range(1, cluster.makers + 1)]
    sellers = [f"S{n:02d}" for n in range(1, cluster.sellers + 1)]
    one_owner = cluster.verdict == "one_owner"
    names = dict(zip(makers, cluster.names, strict=False))
    firms = [
        {
            "firm": firm,
            "name": names.get(firm, f"Factory {firm}" if firm in makers else f"Seller {firm}"),
            "owner": "alone" if one_owner else firm,
            "role": "maker" if firm in makers else "seller",
            "lat": 22.8 + float(random.normal(0, 0.08)),
            "lon": 113.25 + float(random.normal(0, 0.08)),
            "region": "Shunde",
            "currency": cluster.currency,
        }
        for firm in (*makers, *sellers)
    ]
    products = [
        {
            "sku": f"P{n:03d}",
            "title": f"{FAMILIES[n % len(FAMILIES)].capitalize()[:-1]} {n}",
            "family": FAMILIES[n % len(FAMILIES)],
            "maker": makers[n % len(makers)],
            "unit_value": round(float(random.uniform(40, 220)), 2),
            "transfer_price": 30.0,
            "weight": round(float(random.uniform(0.4, 4)), 2),
            "volume": round(float(random.uniform(0.002, 0.03)), 4),
        }
        for n in range(cluster.products)
    ]
    markets = [{"market": m, "country": c, "currency": cur} for m, c, cur in MARKETS[: cluster.markets]]
    sites = [
        {"site": "HUB", "name": "集运仓 hub", "kind": "hub", "lat": 22.84, "lon": 113.24, "country": "CN"},
        {"site": "NANSHA", "name": "Nansha port", "kind": "port", "lat": 22.65, "lon": 113.65, "country": "CN"},
        {
            "site": "LAX",
            "name": "Los Angeles warehouse",
            "kind": "overseas_warehouse",
            "lat": 33.8,
            "lon": -118.2,
            "country": "US",
        },
    ]
    keys = sorted(
        {
            (
                int(random.integers(cluster.products)),
                int(random.integers(cluster.markets)),
                int(random.integers(cluster.sellers)),
            )
            for _ in range(cluster.series * 3)
        },
        key=lambda key: (key[0] * 7 + key[1] * 3 + key[2]) % 101,
    )[: cluster.series]
    series = [(products[p], markets[m]["market"], sellers[s]) for p, m, s in sorted(keys)]
    weeks = [START + timedelta(weeks=t) for t in range(cluster.weeks)]
    tables = {
        "input_firms": _arrow("input_firms", firms),
        "input_products": _arrow("input_products", products),
        "input_markets": _arrow("input_markets", markets),
        "input_sites": _arrow("input_sites", sites),
    }
    demand, history, forecasts = [], [], []
    for product, market, seller in series:
        level = float(random.gamma(2.0, 30.0))
        phase = float(random.uniform(0, 6.28))
        for t in range(-60, cluster.weeks):
            week = START + timedelta(weeks=t)
            mean = level * (1 + 0.4 * math.sin(2 * math.pi * t / 52 + phase))
            key = {"week": week, "sku": product["sku"], "market": market, "seller": seller}
            sold = float(random.poisson(mean))
            if t < 0 or cluster.replay:
                history.append({**key, "quantity": sold, "revenue": sold * product["unit_value"]})
            if t >= 0:
                quantity = round(sold if cluster.replay else mean)
                demand.append(
                    {
                        **key,
                        "quantity": float(quantity),
                        "price": product["unit_value"],
                        "origin": "sales" if cluster.replay else "forecast",
                    }
                )
                spread = math.sqrt(mean) * (1 + t / 10)
                quantiles = {
                    q: max(0.0, mean + spread * z)
                    for q, z in zip(
                        QUANTILES,
                        (-1.96, -1.64, -1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28, 1.64, 1.96),
                        strict=True,
                    )
                }
                forecasts.append(
                    {**key, "basis": "shared", "origin": START, "mean": mean, "model": "AutoETS", **quantiles}
                )
    tables["input_weekly"] = pa.Table.from_pylist(history, schema=WEEKLY)
    if cluster.verdict == "nothing_to_plan":
        for name in (
            "demand",
            "lots",
            "load",
            "stock_plan",
            "shipments",
            "deliveries",
            "ledger",
            "values",
            "violations",
            "gains",
        ):
            tables[name] = TABLES[name].empty()
        tables["assumptions"] = _assumptions()
        return tables
    tables["demand"] = _arrow("demand", demand)
    tables["forecasts"] = _arrow("forecasts", forecasts)
    tables["forecast_totals"] = _arrow("forecast_totals", _totals(forecasts, products))
    tables["accuracy"] = _arrow(
        "accuracy",
        [
            {
                "basis": "shared",
                "level": "series",
                "model": m,
                "series": len(series),
                "chosen": c,
                "pinball": p,
                "rmsse": 0.8,
                "bias": 0.02,
                "coverage80": 0.78,
            }
            for m, c, p in (("AutoETS", len(series) - 3, 0.71), ("CrostonSBA", 3, 0.84))
        ],
    )
    tables["targets"] = _arrow("targets", _targets(series))
    plans = (["recorded"] if cluster.recorded else []) + ["separate", "joint"]
    made = _Made()
    by_sku = {product["sku"]: product for product in products}
    for plan in plans:
        _plan(plan, cluster, weeks, demand, by_sku, makers, made)
    if one_owner:  # the joint plan is the separate plan
        made.copy("separate", "joint")
    for name in ("lots", "load", "stock_plan", "shipments", "deliveries"):
        tables[name] = _arrow(name, made.rows[name])
    ledger = [
        {
            "plan": p,
            "week": w,
            "firm": f,
            "account": a,
            "counterparty": c,
            "sku": s,
            "amount": round(amount, 2),
            "is_cash": cash,
        }
        for (p, w, f, a, c, s, cash), amount in made.ledger.items()
    ]
    tables["ledger"] = _arrow("ledger", ledger)
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for row in ledger:
        totals[row["firm"], row["plan"]] += row["amount"]
    gains = []
    for firm in [f["firm"] for f in firms] + ([] if one_owner else ["hub"]):
        separate, joint = round(totals[firm, "separate"], 2), round(totals[firm, "joint"], 2)
        role = next((f["role"] for f in firms if f["firm"] == firm), "hub")
        gains.append(
            {
                "firm": firm,
                "owner": firm,
                "side": role,
                "recorded": round(totals[firm, "recorded"], 2) if cluster.recorded else None,
                "separate": separate,
                "joint": joint,
                "change": round(joint - separate, 2),
            }
        )
    tables["gains"] = _arrow("gains", gains)
    values = {plan: round(sum(r["amount"] for r in ledger if r["plan"] == plan), 2) for plan in plans}
    tables["values"] = _arrow(
        "values",
        [
            {
                "plan": plan,
                "value": value,
                "upper": None if plan == "recorded" else value * 1.0008,
                "gap": None if plan == "recorded" else 0.0008,
                "gap_avoidable": None if plan == "recorded" else 0.004,
                "bound_by": None if plan == "recorded" else {"separate": "prices, owners"}.get(plan, "prices"),
                "status": "recorded" if plan == "recorded" else "feasible",
                "seconds": 0.0 if plan == "recorded" else 42.5,
                "violations": 3 if plan == "recorded" else 0,
            }
            for plan, value in values.items()
        ],
    )
    tables["violations"] = _arrow(
        "violations",
        [
            {
                "plan": "recorded",
                "rule": "capacity exceeded",
                "place": makers[0],
                "week": weeks[n],
                "amount": 3.5 + n,
                "unit": "hours",
            }
            for n in range(3)
        ]
        if cluster.recorded
        else [],
    )
    tables["assumptions"] = _assumptions()
    return tables


def _assumptions() -> pa.Table:
    return _arrow(
        "assumptions",
        [
            {
                "item": "capacity",
                "subject": f"M{n:02d}",
                "value": str(80 + n),
                "unit": "hours per week",
                "rule": "Busiest week of the last year.",
                "rule_zh": "去年最忙一周的工时。",
                "replaced_by": "capacity",
            }
            for n in range(1, 5)
        ]
        + [
            {
                "item": "late penalty",
                "subject": "",
                "value": "0.02",
                "unit": "share per week",
                "rule": "Setting costs.late.",
                "rule_zh": "设置 costs.late。",
                "replaced_by": "costs.late",
            },
            {
                "item": "duties",
                "rule": "The table is there, but its rules are not counted in the plan yet.",
                "rule_zh": "已提供该表，但目前的计划尚未计入。",
                "replaced_by": "-",
            },
        ],
    )


class _Made:
    """Rows of a run as they come."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.ledger: dict[tuple[Any, ...], float] = defaultdict(float)

    def book(
        self,
        plan: str,
        week: date,
        firm: str,
        account: str,
        amount: float,
        sku: str | None = None,
        other: str | None = None,
        cash: bool = True,
    ) -> None:
        self.ledger[plan, week, firm, account, other, sku, cash] += amount

    def copy(self, source: str, target: str) -> None:
        for rows in self.rows.values():
            rows[:] = [row for row in rows if row["plan"] != target]
            rows += [{**row, "plan": target} for row in rows if row["plan"] == source]
        for key in [key for key in self.ledger if key[0] == target]:
            del self.ledger[key]
        for key, amount in [item for item in self.ledger.items() if item[0][0] == source]:
            self.ledger[(target, *key[1:])] = amount


def _plan(
    plan: str,
    cluster: Cluster,
    weeks: list[date],
    demand: list[dict[str, Any]],
    products: dict[str, Any],
    makers: list[str],
    made: _Made,
) -> None:
    """Make, ship and deliver by a rule of thumb: jointly every third week for all, else every week for each seller."""
    pooled = plan == "joint"
    every = 3 if pooled else 1
    waste = 1.35 if plan == "recorded" else 1.0
    batches: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in demand:
        t = weeks.index(row["week"])
        batch_week = weeks[t - t % every]
        lot = (batch_week, row["sku"], "all" if pooled else row["seller"])
        batches[lot][row["seller"]] += row["quantity"]
    loads: dict[tuple[date, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (week, sku, group), parts in sorted(batches.items()):
        product = products[sku]
        moved = pooled and int(sku[1:]) % 5 == 0 and len(makers) > 1
        maker = makers[(makers.index(product["maker"]) + 1) % len(makers)] if moved else product["maker"]
        total = sum(parts.values())
        if total <= 0:
            continue
        for seller, quantity in parts.items():
            share = quantity / total
            hours, setup = quantity * 0.02 * waste, 1.5 * share
            made.rows["lots"].append(
                {
                    "plan": plan,
                    "week": week,
                    "maker": maker,
                    "sku": sku,
                    "family": product["family"],
                    "lot": f"{week}/{maker}/{sku}/{group}",
                    "seller": seller,
                    "quantity": quantity,
                    "hours": hours,
                    "setup_hours": setup,
                    "moved": moved,
                }
            )
            loads[week, maker][0] += hours
            loads[week, maker][1] += setup
            made.book(plan, week, maker, "making", -30 * hours, sku)
            made.book(plan, week, maker, "setup", -180 * share, sku)
            made.book(plan, week, maker, "material", -12.5 * quantity, sku)
            made.book(plan, week, maker, "transfer", 30 * quantity, sku, seller)
            made.book(plan, week, seller, "transfer", -30 * quantity, sku, maker)
            mode = "sea" if pooled or int(sku[1:]) % 3 else "air"
            weight, volume = quantity * product["weight"], quantity * product["volume"]
            rate = {"sea": 1.1, "air": 4.6}[mode] * (1.0 if pooled else 1.5) * waste
            markets = sorted({r["market"] for r in demand if r["sku"] == sku and r["seller"] == seller})
            legs = [(maker, "HUB", "road", 0, 0.1)] if pooled else []
            for market in markets:
                part = 1 / len(markets)
                for origin, destination, way, transit, price in (
                    *legs,
                    ("HUB" if pooled else maker, market, mode, 5 if mode == "sea" else 1, rate),
                ):
                    cost = round(weight * part * price, 2)
                    made.rows["shipments"].append(
                        {
                            "plan": plan,
                            "week": week,
                            "arrives": week + timedelta(weeks=transit),
                            "load": f"{week}/{origin}-{destination}-{way}" + ("" if pooled else f"/{seller}"),
                            "lane": f"{origin}-{destination}-{way}",
                            "mode": way,
                            "origin": origin,
                            "destination": destination,
                            "sku": sku,
                            "seller": seller,
                            "quantity": quantity * part,
                            "weight": weight * part,
                            "volume": volume * part,
                            "containers": volume * part / 60 if way == "sea" else 0.0,
                            "cost": cost,
                        }
                    )
                    made.book(plan, week, seller, "freight", -cost, sku)
    # One load has one row for a product and seller.
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in made.rows["shipments"]:
        key = (row["plan"], row["load"], row["sku"], row["seller"])
        if key in merged:
            for name in ("quantity", "weight", "volume", "containers", "cost"):
                merged[key][name] += row[name]
        else:
            merged[key] = row
    made.rows["shipments"] = list(merged.values())
    rate = float(np.mean([hours for hours, _ in loads.values()])) if loads else 1.0
    for maker in makers:
        for week in weeks:
            hours, setup = loads.get((week, maker), (0.0, 0.0))
            regular = rate * (1.6 if plan != "recorded" else 1.2)
            overtime = max(0.0, hours + setup - regular)
            made.rows["load"].append(
                {
                    "plan": plan,
                    "week": week,
                    "firm": maker,
                    "process": "assembly",
                    "regular_hours": regular,
                    "overtime_limit": 20.0,
                    "run_hours": hours,
                    "setup_hours": setup,
                    "overtime_hours": overtime,
                }
            )
            if overtime:
                made.book(plan, week, maker, "overtime", -15 * overtime)
    for row in demand:
        lost = row["quantity"] * {"recorded": 0.05, "separate": 0.02, "joint": 0.005}[plan]
        met = row["quantity"] - lost
        made.rows["deliveries"].append(
            {
                "plan": plan,
                **{k: row[k] for k in ("week", "sku", "market", "seller")},
                "demand": row["quantity"],
                "delivered": met,
                "late": 0.0,
                "unmet": lost,
            }
        )
        made.book(plan, row["week"], row["seller"], "revenue", met * row["price"], row["sku"])
        made.book(plan, row["week"], row["seller"], "goodwill", -0.1 * lost * row["price"], row["sku"], cash=False)
        made.rows["stock_plan"].append(
            {
                "plan": plan,
                "week": row["week"],
                "site": "HUB",
                "sku": row["sku"],
                "seller": row["seller"] if not pooled else "pooled",
                "quantity": row["quantity"] / 2,
            }
        )
    stock = {(r["plan"], r["week"], r["site"], r["sku"], r["seller"]): r for r in made.rows["stock_plan"]}
    made.rows["stock_plan"] = list(stock.values())
    if pooled:
        for week in weeks:
            made.book(plan, week, "hub", "hub", -700.0)


def _manifest(cluster: Cluster, tables: dict[str, pa.Table], run: str) -> dict[str, Any]:
    rows = {row["plan"]: row for row in tables["values"].to_pylist()}
    empty = not rows
    value = {plan: rows[plan]["value"] if plan in rows else None for plan in ("recorded", "separate", "joint")}
    if empty:
        value["separate"] = value["joint"] = 0.0
    gain = round(value["joint"] - value["separate"], 2)
    upper = {plan: rows[plan]["upper"] if plan in rows else 0.0 for plan in ("separate", "joint")}
    low, high = (
        (0.0, 0.0)
        if cluster.verdict in ("one_owner", "nothing_to_plan")
        else (value["joint"] - upper["separate"], upper["joint"] - value["separate"])
    )
    manifest = {
        "id": run,
        "created": "2025-03-01T10:20:30",
        "name": cluster.name,
        "jointplan": "0.1.0",
        "language": cluster.language,
        "currency": cluster.currency,
        "settings": {
            "currency": cluster.currency,
            "seed": 7,
            "horizon": {"weeks": cluster.weeks, "replay": "auto"},
            "measures": ["pool_orders", "enter_market", "joint_promotion"],
        },
        "idle_measures": ["joint_promotion"],
        "inputs": [{"table": "sales", "file": "tables/sales.csv", "sha256": "ab" * 32, "rows": 12345}],
        "versions": {"python": "3.11.9", "highspy": "1.16.0"},
        "timings": {"check": 0.8, "forecast": 12.1, "plan": 85.0},
        "horizon": {"start": START.isoformat(), "weeks": cluster.weeks, "replay": cluster.replay},
        "synthetic": cluster.synthetic,
        "verdict": cluster.verdict,
        "figures": {
            "run": run,
            "value": value,
            "gain": gain,
            "gain_low": round(low, 2),
            "gain_high": round(high, 2),
            "gap": {"separate": 0.0008, "joint": 0.0008},
            "gap_avoidable": {"separate": 0.004, "joint": 0.004},
            "seconds": 98.4,
            "peak_mb": 812.0,
        },
        "hub": {"weekly_cost": 700.0, "break_even_weekly_cost": 700.0 + gain / cluster.weeks},
        "dropped": {"lines_in_partial_weeks": 17},
        "warnings": [
            {
                "table": "products",
                "file": "tables/products.csv",
                "row": 12 + n,
                "column": "weight",
                "value": "",
                "rule": "missing_value",
                "message": "The weight is <missing>.",
                "cure": "Fill in the weight.",
                "severity": "warning",
            }
            for n in range(3)
        ],
    }
    manifest["warnings"].append(manifest["warnings"][-1] | {"row": None, "rows": 40})
    manifest["figures"].update(cluster.extra)
    return manifest
