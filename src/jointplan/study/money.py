"""The currency of a run, and what other currencies are worth in it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.errors import DataError, DataIssue
from jointplan.ingest import UNNAMED
from jointplan.schema import Assumption
from jointplan.texts import tr


def unnamed_currency() -> Assumption:
    """Return the assumption made where neither settings nor markets name a currency."""
    return Assumption(
        item="currency",
        value=UNNAMED,
        rule="No market names a currency, so all money is taken to be in one.",
        rule_zh="各市场均未注明币种，全部金额按同一币种计。",
        replaced_by="setting currency",
    )


def rates(fx: pa.Table | None, currency: str, start: date) -> tuple[dict[str, float], list[DataIssue]]:
    """Return what one unit of each currency is worth: the latest rate up to the start of the plan.

    A currency with no rate until ``start`` takes its first later one, with a warning.

    Parameters
    ----------
    fx : pyarrow.Table or None
        The table **fx**.
    currency : str
        Currency of the run, worth 1.
    start : date
        First day of the plan.
    """
    latest: dict[str, tuple[date, float]] = {}
    late: dict[str, tuple[date, float]] = {}
    rows: list[dict[str, Any]] = fx.sort_by("date").to_pylist() if fx is not None else []
    for row in rows:
        found = (row["date"], row["rate"])
        if row["date"] <= start:
            latest[row["currency"]] = found
        else:
            late.setdefault(row["currency"], found)
    warnings = [
        DataIssue(
            table="fx",
            file="",
            row=None,
            column="date",
            value=str(day),
            rule="rate_after_start",
            message=tr("{name} has no rate up to the start of the plan on {start}.", name=name, start=start),
            cure=tr("The rate of {day} is used; add an earlier one.", day=day),
            severity="warning",
        )
        for name, (day, _) in sorted(late.items())
        if name not in latest and name != currency
    ]
    return {name: rate for name, (_, rate) in {**late, **latest}.items()} | {currency: 1.0}, warnings


def revenue_in_run_currency(weekly: pa.Table, markets: pa.Table, worth: dict[str, float], currency: str) -> pa.Table:
    """Return weekly sales with revenue converted from each market's currency.

    Raises
    ------
    DataError
        If a market that sells has a currency without a rate.
    """
    of_market = dict(zip(markets["market"].to_pylist(), markets["currency"].to_pylist(), strict=True))
    names = pc.unique(weekly["market"]).to_pylist()
    foreign = sorted({c for name in names if (c := of_market.get(name)) and c not in worth})
    if foreign:
        raise DataError(
            tr("There is no rate for {names} in the table fx.", names=tuple(foreign)),
            tr("Add a row to fx for each, saying what one unit is worth in {currency}.", currency=currency),
        )
    factors = pa.array([worth[of_market.get(name) or currency] for name in names], pa.float64())
    factor = pc.take(factors, pc.index_in(weekly["market"], pa.array(names, weekly["market"].type)))
    converted = pc.multiply(pc.cast(weekly["revenue"], pa.float64()), factor)
    return weekly.set_column(weekly.schema.get_field_index("revenue"), "revenue", converted)
