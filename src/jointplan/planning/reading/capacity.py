"""Hours of workshops, week by week, and where setups are kept over the week's end."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.reading.index import Index, text


def read_capacity(
    tables: Tables,
    index: Index,
    resources: list[tuple[int, str]],
    start: date,
    weeks: int,
) -> tuple[Floats, Floats]:
    """Return regular and overtime hours, (M, T): the week's own row as it stands, else the row of every week times the calendar."""
    number = {key: m for m, key in enumerate(resources)}
    usual, special = np.zeros((2, len(resources), weeks)), []
    for firm, process, week, hours, overtime in zip(
        *(tables.frame("capacity")[c] for c in ("firm", "process", "week", "hours", "overtime_hours")), strict=True
    ):
        m = number.get((index.firm_of[firm], process))
        if m is None:
            continue
        if pd.isna(week):
            usual[:, m, :] = np.array([hours, overtime])[:, None]
        else:
            t = (week - pd.Timestamp(start)).days // 7
            if 0 <= t < weeks:
                special.append((m, t, hours, overtime))
    if "calendar" in tables:
        region = [text(index.firms["region"].iloc[f]) for f, _ in resources]
        share = np.ones((len(resources), weeks))
        calendar = tables.frame("calendar")
        general_first = calendar.sort_values("region", na_position="first")
        for name, week, value in zip(*(general_first[c] for c in ("region", "week", "share")), strict=True):
            t = (week - pd.Timestamp(start)).days // 7
            if 0 <= t < weeks:
                share[[m for m, r in enumerate(region) if not text(name) or r == name], t] = value
        usual *= share
    for m, t, hours, overtime in special:
        usual[:, m, t] = hours, overtime
    return usual[0], usual[1]


def most_hours(tables: Tables, index: Index, start: date, weeks: int) -> dict[tuple[str, str], float]:
    """Return the most regular hours that each workshop (firm, process) has in one of the weeks planned, of overtime where it has only that."""
    rows = tables.frame("capacity", "firm", "process").drop_duplicates()
    workshops = list(rows.itertuples(index=False, name=None))
    numbered = [(index.firm_of[firm], process) for firm, process in workshops]
    regular, overtime = (hours.max(axis=1) for hours in read_capacity(tables, index, numbered, start, weeks))
    return dict(zip(workshops, np.where(regular > 0, regular, overtime).tolist(), strict=True))


def read_first_setups(tables: Tables, index: Index, resources: list[tuple[int, str]]) -> Ints:
    """Return the product that each workshop is set up for as the first week begins, −1 for none; (M,)."""
    rows = tables.frame("capacity", "firm", "process", "set_up_for").dropna()
    known = {
        (index.firm_of[firm], process): index.sku_of.get(sku, -1)
        for firm, process, sku in rows.itertuples(index=False, name=None)
    }
    return np.array([known.get(key, -1) for key in resources], dtype=np.int64)


def read_carry_over(tables: Tables, index: Index, resources: list[tuple[int, str]], start: date, weeks: int) -> Bools:
    """Return whether a workshop's setup is kept over the end of each week, (M, T): the week's own row, else that of every week."""
    number = {key: m for m, key in enumerate(resources)}
    kept = np.zeros((len(resources), weeks), bool)
    rows = tables.frame("capacity", "firm", "process", "week", "setup_carry_over")
    rows["setup_carry_over"] = rows["setup_carry_over"].eq(True)
    general_first = rows.sort_values("week", na_position="first", kind="stable")
    for firm, process, week, keeps in general_first.itertuples(index=False, name=None):
        m = number.get((index.firm_of[firm], process))
        if m is None:
            continue
        t = 0 if pd.isna(week) else (week - pd.Timestamp(start)).days // 7
        if 0 <= t < weeks:
            kept[m, slice(None) if pd.isna(week) else t] = keeps
    return kept
