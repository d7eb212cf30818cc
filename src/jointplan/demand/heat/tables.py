"""Tables to matrices and back: the only module of heat that touches columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.demand.censoring import weekly_demand
from jointplan.demand.heat.leads import Lead
from jointplan.demand.heat.panel import EVERYWHERE, Array, HeatPanel, Names
from jointplan.demand.heat.reading import Reading
from jointplan.demand.heat.trials import IndexScore
from jointplan.engine import Tables
from jointplan.schema import TABLES

GENERAL = "general"
"""Family of products that have none."""

NO_COUNTRY = frozenset({"ANG", "EUR", "XAF", "XCD", "XDR", "XOF", "XPF", "XXX"})
"""Currencies of several countries, whose first two letters name none."""


@dataclass(frozen=True)
class World:
    """Sales by market and product before a Monday, as everybody and as each owner sees them.

    Parameters
    ----------
    shared : HeatPanel
        All sellers, with signals; those of no market in particular stand under a blank market.
    own : dict of HeatPanel
        By owner, sales alone: a signal does not say whose product it was that was looked at.
    """

    shared: HeatPanel
    own: dict[str, HeatPanel]


def read_world(tables: Tables, start: date) -> World:
    """Add up **weekly** and **signals** before ``start``; nothing from that Monday on is read."""
    weekly = weekly_demand(tables, start)
    signals = tables.get("signals")
    if signals is not None:
        signals = signals.filter(pc.less(signals["date"], pa.scalar(start, pa.date32())))
        signals = signals if signals.num_rows else None
    end = (start - date(1970, 1, 1)).days
    days = weekly["week"].cast(pa.int32()).to_numpy()
    oldest = int(days.min()) if len(days) else end
    if not len(days) and signals is not None:
        oldest = int(signals["date"].cast(pa.int32()).to_numpy().min())
    weeks = (end - oldest + 6) // 7

    market, sku = _texts(weekly["market"]), _texts(weekly["sku"])
    units = np.maximum(weekly["quantity"].cast(pa.float64()).fill_null(0.0).to_numpy(), 0.0)
    place = weeks - 1 - (end - 1 - days.astype(np.int64)) // 7
    kinds: Names = np.zeros(0, dtype=np.str_)
    if signals is not None:
        seen_market, seen_sku, kinds = (
            _texts(signals["market"]),
            _texts(signals["sku"]),
            _texts(signals["kind"]),
        )
        seen_place = weeks - 1 - (end - 1 - signals["date"].cast(pa.int32()).to_numpy().astype(np.int64)) // 7
        value = signals["value"].cast(pa.float64()).fill_null(0.0).to_numpy()
        inside = seen_place >= 0
        seen_market, seen_sku, kinds = seen_market[inside], seen_sku[inside], kinds[inside]
        seen_place, value = seen_place[inside], np.maximum(value[inside], 0.0)
    else:
        seen_market, seen_sku, seen_place, value = market[:0], sku[:0], place[:0], units[:0]

    keys, row = np.unique(np.concatenate([_pair(market, sku), _pair(seen_market, seen_sku)]), return_inverse=True)
    parts = np.char.partition(keys, "\n") if len(keys) else np.zeros((0, 3), dtype=np.str_)
    families = dict(zip(*(tables["products"][name].to_pylist() for name in ("sku", "family")), strict=True))
    family = np.array([families.get(name) or GENERAL for name in parts[:, 2]], dtype=np.str_)

    def matrix(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], amounts: Array) -> Array:
        sums = np.bincount(rows * weeks + columns, weights=amounts, minlength=len(keys) * weeks)
        return sums.astype(np.float64).reshape(len(keys), weeks)

    sold, seen = row[: len(market)], row[len(market) :]
    heard = {
        str(kind): matrix(seen[kinds == kind], seen_place[kinds == kind], value[kinds == kind])
        for kind in np.unique(kinds)
    }
    rows = tables["products"]
    days_of = rows["launched"].cast(pa.int32()).to_pylist() if "launched" in rows.column_names else []
    launched = {
        sku: weeks - 1 - (end - 1 - day) // 7
        for sku, day in zip(rows["sku"].to_pylist(), days_of, strict=False)
        if day is not None
    }
    begun = np.array([launched.get(name, weeks) for name in parts[:, 2]], dtype=np.int64)
    shared = HeatPanel(parts[:, 0], parts[:, 2], family, matrix(sold, place, units), heard, begun)
    owners = dict(zip(*(tables["firms"][name].to_pylist() for name in ("firm", "owner")), strict=True))
    owner = np.array([owners.get(name) or name for name in _texts(weekly["seller"])], dtype=np.str_)
    own = {}
    for name in np.unique(owner):
        mine = owner == name
        panel = HeatPanel(parts[:, 0], parts[:, 2], family, matrix(sold[mine], place[mine], units[mine]))
        own[str(name)] = panel.pick(np.asarray((panel.units > 0).any(axis=1)))
    return World(shared, own)


def home_country(tables: Tables, named: str | None, currency: str) -> str | None:
    """Return the home country: the one named, else that of most firms' currency, else of the run's.

    The first two letters of a currency's code are its country's (ISO 4217), but for currencies that several share.
    """
    if named:
        return named
    firms = tables["firms"]
    used = Counter(code for code in (firms["currency"].to_pylist() if "currency" in firms.column_names else []) if code)
    code = min(used, key=lambda name: (-used[name], name)) if used else currency
    return None if not code or code in NO_COUNTRY else code[:2]


def sides(tables: Tables, home: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the markets at home and those abroad; a market of no known country is neither."""
    rows = [(row["market"], row.get("country")) for row in tables["markets"].to_pylist()]
    near = frozenset(market for market, country in rows if country and country == home)
    far = frozenset(market for market, country in rows if country and home and country != home)
    return near, far


def heat_rows(
    basis: str, scope: str, panel: HeatPanel, reading: Reading, week: date, index: str, score: Array, expected: Array
) -> pa.Table:
    """Return the rows of **heat** of one Monday."""
    rows, count = reading.rows, len(reading)
    columns = {
        "basis": pa.repeat(basis, count),
        "scope": pa.repeat(scope, count),
        "market": panel.market[rows].tolist(),
        "sku": panel.sku[rows].tolist(),
        "family": panel.family[rows].tolist(),
        "week": pa.repeat(pa.scalar(week, pa.date32()), count),
        "index": pa.repeat(index, count),
        "score": score,
        "units": reading.last,
        "level": reading.level,
        "growth": _known(reading.growth),
        "acceleration": _known(reading.acceleration),
        "momentum": _known(reading.momentum),
        "phase": reading.phase.tolist(),
        "expected": _known(np.expm1(np.clip(expected, -5.0, 5.0))),
        "rank_mean": reading.rank_mean,
    }
    return pa.table(columns, schema=TABLES["heat"].arrow)


def accuracy_rows(basis: str, scope: str, judged: Iterable[IndexScore], chosen: str) -> pa.Table:
    """Return the rows of **heat_accuracy** of one scope."""
    rows = []
    for score in judged:
        row = {
            "basis": basis,
            "scope": scope,
            "index": score.index,
            "chosen": score.index == chosen,
            "mondays": score.mondays,
            "series": score.series,
        }
        for name in ("precision", "spearman", "precision_gain", "spearman_gain"):
            estimate = getattr(score, name)
            row |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=TABLES["heat_accuracy"].arrow)


def lead_rows(found: Iterable[tuple[str, str, Lead, bool]]) -> pa.Table:
    """Return the table **heat_leads**."""
    rows = [
        {
            "family": family,
            "leader": leader,
            "lag": lead.lag,
            "correlation": lead.correlation,
            "gain": lead.gain,
            "p_value": lead.p_value,
            "leads": leads,
            "weeks": lead.weeks,
        }
        for family, leader, lead, leads in found
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["heat_leads"].arrow)


def last_week(start: date, weeks: int, known: int) -> date:
    """Return the Monday of the last of the first ``known`` of ``weeks`` weeks that end before ``start``."""
    return start - timedelta(weeks=weeks - known + 1)


def _known(values: Array) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def _texts(column: pa.ChunkedArray) -> Names:
    encoded = column.cast(pa.string()).fill_null(EVERYWHERE).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    names = np.array(encoded.dictionary.to_pylist(), dtype=np.str_)
    return names[encoded.indices.to_numpy()] if len(names) else np.zeros(0, dtype=np.str_)


def _pair(left: Names, right: Names) -> Names:
    pairs: Names = np.char.add(np.char.add(left, "\n"), right) if len(left) else np.zeros(0, dtype=np.str_)
    return pairs
