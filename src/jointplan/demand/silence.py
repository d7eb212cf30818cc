"""What sells no longer: series that have ended, and those silent for longer than they ever were while they sold."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jointplan.demand.judge import ENDED
from jointplan.demand.panel import Panel, read_panel
from jointplan.engine import Tables
from jointplan.schema import TABLES

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LEAST_SILENCE = 13
"""Weeks without a sale from which a series may be silent for long."""

LEAST_SALES = 4
"""Weeks with sales from which a series has a habit."""

CHANCE = 0.01
"""Chance of so long a silence, were the series still to sell in as large a share of weeks, below which it is long."""


def silent_series(tables: Tables, forecasts: pa.Table, start: date) -> pa.Table:
    """Return the series whose forecast is zero because they have ended, and those that may have ended though they are forecast.

    A series is silent for long if it sold nothing for 13 weeks or more in which it could be bought, more than between any two of its sales, and
    if sales in as large a share of weeks as until the last would leave so many weeks out by a chance of 1 % at most.

    Parameters
    ----------
    tables : Tables
        As for forecasts.
    forecasts : table
        The table **forecasts** made from them.
    start : date
        Monday of the first week forecast.

    Returns
    -------
    table
        **silences**, as the schema declares it.
    """
    panel = read_panel(tables, start)
    if not len(panel) or not panel.weeks:
        return TABLES["silences"].empty()
    made = forecasts.select(["basis", "sku", "market", "seller", "mean", "model"]).to_pandas()
    made = made[made["basis"] == "shared"] if (made["basis"] == "shared").any() else made
    by_series = made.groupby(["sku", "market", "seller"], sort=False).agg({"mean": "sum", "model": "first"})
    keys = pd.MultiIndex.from_arrays([panel.sku, panel.market, panel.seller])
    by_series = by_series.reindex(keys)
    ended = (by_series["model"] == ENDED).to_numpy(dtype=bool)
    first, last, sales, longest, silent = habits(panel)
    named = np.flatnonzero((ended | _is_long(first, last, sales, longest, silent)) & (sales > 0))
    expected = np.nan_to_num(by_series["mean"].to_numpy(dtype=np.float64))
    rows = [
        {
            "sku": str(panel.sku[row]),
            "market": str(panel.market[row]),
            "seller": str(panel.seller[row]),
            "last_sale": start - timedelta(weeks=int(panel.weeks - last[row])),
            "silent": int(silent[row]),
            "longest": int(longest[row]),
            "share": float(sales[row] / (last[row] - first[row] + 1)),
            "ended": bool(ended[row]),
            "expected": float(expected[row]),
        }
        for row in named.tolist()
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["silences"].arrow)


def habits(panel: Panel) -> tuple[Index, Index, Index, Index, Index]:
    """Return first and last week with sales of each series, how many there are, the longest silence between two, and the weeks of silence since, those not counted in which it could not be bought."""
    sold = panel.quantity > 0
    weeks = panel.weeks
    last = weeks - 1 - sold[:, ::-1].argmax(axis=1)
    row, column = np.nonzero(sold)
    longest = np.zeros(len(panel), dtype=np.int64)
    same = row[1:] == row[:-1]
    np.maximum.at(longest, row[1:][same], (np.diff(column) - 1)[same])
    after = np.arange(weeks) > last[:, None]
    silent = (after if panel.unseen is None else after & ~panel.unseen).sum(axis=1)
    return panel.first, last, sold.sum(axis=1), longest, silent


def _is_long(first: Index, last: Index, sales: Index, longest: Index, silent: Index) -> Mask:
    # What came back in full leaves a series without any week of sales.
    share = sales / np.maximum(last - first + 1, 1)
    chance = np.power(np.clip(1.0 - share, 0.0, 1.0), silent)
    is_long: Mask = (silent >= LEAST_SILENCE) & (sales >= LEAST_SALES) & (silent > longest) & (chance <= CHANCE)
    return is_long
