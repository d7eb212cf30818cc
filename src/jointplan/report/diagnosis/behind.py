"""The rows behind a finding, as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from jointplan.report.blocks import Grid
from jointplan.report.diagnosis.wording import named
from jointplan.report.numbers import NONE
from jointplan.report.view import RunView
from jointplan.report.words import CHANNELS, CODES, INDICATORS, word
from jointplan.schema import TABLES, Column, Kind
from jointplan.texts import bracketed, tr

_OF_FIRMS = ("firm", "firm_a", "firm_b", "seller", "maker", "supplier", "node")


def rows_grids(view: RunView, rows: pd.DataFrame, most: int) -> Iterator[Grid]:
    """Give the rows behind a finding, a grid for each table, at most so many of each.

    Parameters
    ----------
    view : RunView
        The run or diagnosis.
    rows : DataFrame
        Rows of **finding_rows** that belong to one finding.
    most : int
        Rows of each table that are shown.
    """
    for table, part in rows.groupby("table", sort=False):
        told = [_told(str(text)) for text in part["row"].head(most)]
        keys = list(dict.fromkeys(name for row in told for name in row))
        amount = part["column"].iloc[0]
        weighed = isinstance(amount, str)
        cells = tuple(
            (
                *(_written(view, name, row.get(name, ""), row.get("dimension", "")) for name in keys),
                *([_number(view, _column(str(table), amount), value)] if weighed else []),
            )
            for row, value in zip(told, part["amount"], strict=False)
        )
        names = [_label(view, _column(str(table), name)) for name in [*keys, *([amount] if weighed else [])]]
        shown, total = view.numbers.count(len(cells)), view.numbers.count(int(part["total"].iloc[0]))
        title = tr(
            "{indicator}: {shown} of {total} {total:row|rows} of {table}",
            indicator=word(INDICATORS, str(part["indicator"].iloc[0])), shown=shown, total=total, table=_table(view, str(table)),
        )  # fmt: skip
        yield Grid(title, tuple(names), cells, (len(keys),) if weighed else (), folded=True)


def rows_of(view: RunView, finding: Any) -> pd.DataFrame:
    """Return the rows behind a finding."""
    rows = view.frame("finding_rows")
    rows = rows[
        (rows["indicator"] == finding["indicator"]) & (rows["subject"].fillna("") == (finding["subject"] or ""))
    ]
    return rows[rows["plan"].isna() if pd.isna(finding["plan"]) else rows["plan"] == finding["plan"]]


def _told(row: str) -> dict[str, str]:
    """Return the columns that a row is told by."""
    pairs = (part.partition("=") for part in re.split("; (?=[a-z_]+=)", row))
    return {name: value for name, _, value in pairs}


def _written(view: RunView, name: str, value: str, dimension: str) -> str:
    """Return what stands in a column as people read it; what a share is a share of depends on its dimension."""
    if name in CODES:
        return word(CODES[name], value)
    if name == "name":
        if dimension == "channel":
            return word(CHANNELS, value)
        name = {"buyer": "seller", "supplier": "supplier", "market": "market"}.get(dimension, name)
    if name in _OF_FIRMS:
        firm = named(view, value)
        return firm if firm == value else bracketed(firm, value)
    if name == "sku":
        return view.named(value)
    return view.market(value) if name == "market" else value


def _number(view: RunView, column: Column, value: float) -> str:
    if pd.isna(value):
        return NONE
    if column.unit == "share":
        return view.numbers.share(value)
    if column.unit == "money":
        return view.numbers.money(value)
    return view.numbers.count(int(value)) if column.kind is Kind.INTEGER else view.numbers.number(value, 2)


def _column(table: str, name: str) -> Column:
    """Return a column as the table declares it; of flows and sales by week, which are not declared so, as another table does."""
    own = [TABLES[table]] if table in TABLES else []
    return next(column for declared in [*own, *TABLES.values()] for column in declared if column.name == name)


def _label(view: RunView, column: Column) -> str:
    return column.zh if view.lang == "zh" else column.label


def _table(view: RunView, name: str) -> str:
    if name == "weekly":
        return tr("sales by week")
    return TABLES[name].zh if view.lang == "zh" else name
