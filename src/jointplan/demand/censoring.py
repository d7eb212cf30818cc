"""Weekly sales with what demand may have been where goods had run out, for those who read the table **weekly** as it stands."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.demand.history import fill_unseen
from jointplan.demand.known import KEYS, tells_of_stockouts
from jointplan.demand.panel import read_panel
from jointplan.engine import Tables

COLUMNS = pa.schema([("week", pa.date32()), *((key, pa.string()) for key in KEYS), ("quantity", pa.float64())])


def weekly_demand(tables: Tables, start: date) -> pa.Table:
    """Return the rows of **weekly** before ``start``, and one more for what each week out of stock lacks of the usual.

    What is usual is told by the weeks before alone, so that nothing said of a past Monday knows what came after it.

    Parameters
    ----------
    tables : Tables
        With **weekly**, and with what tells of weeks out of stock where it is known.
    start : date
        Monday from which on nothing is read.

    Returns
    -------
    table
        ``week``, ``sku``, ``market``, ``seller`` and ``quantity``.
    """
    weekly = tables["weekly"].select(COLUMNS.names).cast(COLUMNS)
    weekly = weekly.filter(pc.less(weekly["week"], pa.scalar(start, pa.date32())))
    if not weekly.num_rows or not tells_of_stockouts(tables):
        return weekly
    # Returns are left in: that they came back was known later only.
    panel = read_panel(Tables({name: tables[name] for name in tables if name != "weekly_returns"}), start)
    if panel.unseen is None:
        return weekly
    lack = fill_unseen(panel.quantity, panel.unseen, later=False) - panel.quantity
    row, column = np.nonzero(lack > 0)
    weeks = [start - timedelta(weeks=panel.weeks - int(place)) for place in column]
    names = {key: getattr(panel, key)[row].tolist() for key in KEYS}
    return pa.concat_tables([weekly, pa.table({"week": weeks, **names, "quantity": lack[row, column]}, schema=COLUMNS)])
