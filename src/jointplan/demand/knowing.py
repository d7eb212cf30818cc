"""How much of what a cluster sells is sold by series that had sold before: forecasts speak of no others."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from jointplan.schema import TABLES

MONDAYS = 4
"""Past Mondays told, the last ones."""


def known_sales(weekly: pa.Table, start: date, weeks: int) -> pa.Table:
    """Return what was sold in the weeks after past Mondays, and how much of it by series that had sold before.

    The Mondays lie as many weeks apart as are forecast, the last one so long before ``start``, the first no sooner after the records' begin.

    Parameters
    ----------
    weekly : table
        ``week``, ``sku``, ``market``, ``seller`` and ``quantity``.
    start : date
        Monday of the first week forecast; sales from it on are not read.
    weeks : int
        Weeks forecast.

    Returns
    -------
    table
        **known_sales**, as the schema declares it; without rows where the records are shorter than twice the weeks forecast.
    """
    sold = weekly.select(["week", "sku", "market", "seller", "quantity"]).to_pandas()
    back = -(-(pd.Timestamp(start) - pd.to_datetime(sold["week"])).dt.days // 7)
    sold = sold.assign(back=back)[(back > 0) & (sold["quantity"] > 0)]
    began = sold.groupby(["sku", "market", "seller"])["back"].transform("max")
    rows = []
    for origin in range(MONDAYS * weeks, 0, -weeks):
        if not len(sold) or sold["back"].max() < origin + weeks:
            continue
        after = (sold["back"] <= origin) & (sold["back"] > origin - weeks)
        units, known = (float(sold.loc[these, "quantity"].sum()) for these in (after, after & (began > origin)))
        if units > 0:
            monday = start - timedelta(weeks=origin)
            rows.append({"origin": monday, "weeks": weeks, "sold": units, "known": known, "share": known / units})
    return pa.Table.from_pylist(rows, schema=TABLES["known_sales"].arrow)
