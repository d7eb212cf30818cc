"""Parcel lanes and tariffs of the Olist sellers, fitted from the freight and the deliveries that are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.ingest.importers.brazil import CAPITALS, kilometres
from jointplan.ingest.importers.fit_notes import fit_error_notes, seen
from jointplan.ingest.importers.freight import (
    Floats,
    Parcels,
    ParcelTariff,
    Transit,
    fit_parcel_tariff,
    fit_transit,
    tariff_error,
    transit_error,
)
from jointplan.schema import TABLES, Assumption

_DISTANCES = """
    select market, s.state, s.lat, s.lon, count(*) as n
    from placed_items join chosen s using (seller_id) group by all order by all
"""


def derive_lanes(
    engine: DuckDBEngine, markets: Sequence[str], currency: str
) -> tuple[dict[str, pa.Table], list[Assumption]]:
    """Return the tables **lanes** and **tariffs**, one parcel lane per market, and what was assumed for them.

    The engine knows ``placed_items``: market, freight (BRL per item), weight (kg), transit (days), seller_id, and
    ``observed``: whether the market is where the item really went. Without known freight, weights and deliveries
    nothing is derived.
    """
    # Where no destination at all is known, the one market of unknown place is what can be fitted.
    seen = "observed or not exists (select 1 from placed_items where observed)"
    charges = engine.sql(
        f"select market, weight, freight from placed_items where ({seen}) and weight > 0 and freight > 0 order by all"
    )
    deliveries = engine.sql(
        f"""
        select market, median(transit) as days from placed_items where ({seen}) and transit >= 0
        group by market, document order by all
        """
    )
    if not charges.num_rows or not deliveries.num_rows:
        return {}, []
    distance = _distances(engine, markets)
    place = {market: k for k, market in enumerate(markets)}
    parcels = Parcels(
        charges["weight"].to_numpy(),
        charges["freight"].to_numpy(),
        np.array([place[m] for m in charges["market"].to_pylist()]),
        distance,
    )
    tariff = fit_parcel_tariff(parcels)
    where = np.array([place[m] for m in deliveries["market"].to_pylist()])
    days = deliveries["days"].to_numpy()
    transit = fit_transit(days, where, distance)
    off = fit_error_notes("olist", tariff_error(fit_parcel_tariff, parcels), transit_error(days, where, distance))
    lanes = [
        {
            "lane": f"olist-{market}",
            "origin": "*",
            "destination": market,
            "mode": "parcel",
            "tariff": f"olist-{market}",
            "transit_days": round(float(transit.mean[k]), 1),
            "transit_spread": round(float(transit.spread[k]), 1),
        }
        for k, market in enumerate(markets)
    ]
    bands = [band for k, market in enumerate(markets) for band in _bands(tariff, k, f"olist-{market}", currency)]
    tables = {
        "lanes": pa.Table.from_pylist(lanes, schema=TABLES["lanes"].arrow),
        "tariffs": pa.Table.from_pylist(bands, schema=TABLES["tariffs"].arrow),
    }
    paid = float(engine.sql("select coalesce(sum(freight), 0.0) as paid from placed_items")["paid"][0].as_py())
    return tables, [*off, *_notes(tariff, transit, markets, distance, currency, paid)]


def _bands(tariff: ParcelTariff, destination: int, name: str, currency: str) -> list[dict[str, object]]:
    """Return a destination's weight classes as rows of **tariffs**: a charge per class, by the kg in the last."""
    rows: list[dict[str, object]] = []
    ends: list[float | None] = [*map(float, tariff.starts[1:]), None]
    for start, end, charge in zip(map(float, tariff.starts), ends, tariff.charges[destination], strict=True):
        rows.append(
            {
                "tariff": name,
                "basis": "kg",
                "from_quantity": start,
                "to_quantity": end,
                "rate": 0.0 if end else round(float(charge) / start, 4),
                "minimum": float(charge),
                "volumetric": 0.0,
                "container_kg": TABLES["tariffs"]["container_kg"].default,
                "container_m3": TABLES["tariffs"]["container_m3"].default,
                "currency": currency,
            }
        )
    return rows


def _distances(engine: DuckDBEngine, markets: Sequence[str]) -> Floats:
    """Return the mean km from where the items came from to the capital of each destination, nan where unknown."""
    total = dict.fromkeys(markets, 0.0)
    weight = dict.fromkeys(markets, 0)
    for row in engine.sql(_DISTANCES).to_pylist():
        origin = (row["lat"], row["lon"]) if row["lat"] is not None else CAPITALS.get(row["state"] or "")
        capital = CAPITALS.get(row["market"].removeprefix("BR-"))
        if origin and capital:
            total[row["market"]] += row["n"] * kilometres(origin, capital)
            weight[row["market"]] += row["n"]
    return np.array([total[m] / weight[m] if weight[m] else math.nan for m in markets])


def _notes(
    tariff: ParcelTariff,
    transit: Transit,
    markets: Sequence[str],
    distance: Floats,
    currency: str,
    paid: float,
) -> list[Assumption]:
    notes = [
        Assumption(
            item="parcel tariff error",
            value=f"{100 * tariff.error:.1f}",
            unit="%",
            rule="Median absolute deviation of the fitted from the observed parcel charges, as a share of the observed;"
            f" {int(tariff.observed.sum())} parcels of known weight, charge and destination, whose fitted total is"
            f" {100 * tariff.total:.1f} % of the observed. All items together paid {paid:.2f} {currency} of freight.",
            rule_zh="拟合运费与实际运费的绝对偏差占实际运费之比的中位数；"
            f"已知重量、运费与目的地的包裹共 {int(tariff.observed.sum())} 件，拟合总额为实际总额的 {100 * tariff.total:.1f}%。"
            f"全部商品实付运费 {paid:.2f} {currency}。",
            replaced_by="tariffs",
        )
    ]
    at_one_kg = tariff.charge(np.ones(len(markets)), np.arange(len(markets)))
    for k, market in enumerate(markets):
        far, far_zh = ("", "") if math.isnan(distance[k]) else (f", {distance[k]:.0f} km", f"，{distance[k]:.0f} 公里")
        charges, delivered = int(tariff.observed[k]), int(transit.observed[k])
        notes += [
            Assumption(
                item="parcel tariff",
                subject=f"olist-{market}",
                value=f"{at_one_kg[k]:.2f}",
                unit=f"{currency} per parcel of 1 kg",
                rule="Fitted to observed freight: a step by weight class times a level by destination, never falling"
                f" with weight, drawn towards the line over distance where few were seen ({seen(charges, 'parcel', 'parcels')}{far}).",
                rule_zh=f"由实际运费拟合：重量档系数乘以目的地系数，随重量不减；观测少时向距离回归线收缩（{charges} 件{far_zh}）。",
                replaced_by="tariffs",
            ),
            Assumption(
                item="transit days",
                subject=f"olist-{market}",
                value=f"{transit.mean[k]:.1f}",
                unit="days",
                rule="Mean days from handing over to delivery, drawn towards the line over distance where few were"
                f" seen ({seen(delivered, 'delivery', 'deliveries')}{far}); spread {transit.spread[k]:.1f} days.",
                rule_zh=f"从揽收到签收的平均天数，观测少时向距离回归线收缩（{delivered} 次{far_zh}）；标准差 {transit.spread[k]:.1f} 天。",
                replaced_by="lanes.transit_days",
            ),
        ]
    return notes
