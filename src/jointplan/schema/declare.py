"""The words a table is declared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pyarrow as pa

# What a blank currency stands for.
RUN_CURRENCY, RUN_CURRENCY_ZH = "the currency of the run", "本次计划币种"


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CURRENCY = "currency"
    COUNTRY = "country"

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type in which a checked column is held."""
        return {
            Kind.INTEGER: pa.int64(),
            Kind.NUMBER: pa.float64(),
            Kind.DATE: pa.date32(),
            Kind.BOOLEAN: pa.bool_(),
        }.get(self, pa.string())


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Machine name, also the English header of files.
    zh : str
        Chinese header; files may use either.
    kind : Kind
        What it holds.
    meaning, meaning_zh : str
        One sentence for the person who fills it in.
    unit : str
        Unit of a number (``kg``, ``m³``, ``hours``, ``units`` …), or ``""``.
    required : bool
        Whether a row without it is an error.
    default : object
        Value used where the cell is blank; None means it stays unknown.
    default_from : str
        Column of the same row whose value is used where the cell is blank; empty means none.
    low, high : float or None
        Inclusive bounds of a number.
    above : float or None
        Exclusive lower bound of a number.
    choices : tuple of str
        The only values allowed; empty means any.
    references : tuple of str
        ``table.column`` of which one must hold the value; empty means free.
    wildcard : str
        A value that needs no reference, such as ``*`` for "every maker"; empty means none.
    absent, absent_zh : str
        What is assumed if no row of an optional column is filled in, where that moves money; empty for other columns.
    """

    name: str
    zh: str
    kind: Kind
    meaning: str
    meaning_zh: str
    unit: str = ""
    required: bool = False
    default: Any = None
    default_from: str = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    wildcard: str = ""
    absent: str = ""
    absent_zh: str = ""

    @property
    def label(self) -> str:
        """The English name as people read it."""
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class OneOf:
    """Rule: at least one of these columns is filled in."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class AllOrNone:
    """Rule: these columns are all filled in or all blank."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class Ordered:
    """Rule: where both are filled in, ``low`` does not exceed ``high`` (is below it if ``strict``)."""

    low: str
    high: str
    strict: bool = False


@dataclass(frozen=True)
class NoOverlap:
    """Rule: within one group of rows the ranges ``[low, high)`` do not overlap."""

    group: tuple[str, ...]
    low: str
    high: str


Rule = OneOf | AllOrNone | Ordered | NoOverlap


@dataclass(frozen=True)
class Table:
    """One table: its columns, its key and what it is for.

    ``role`` is ``input`` for tables a user brings and ``result`` for tables a run writes. ``needed`` tables must be
    there. ``absent`` says, for an optional input table, what is assumed without it; the run writes that as a row of
    **assumptions**.
    """

    name: str
    zh: str
    role: str
    meaning: str
    meaning_zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    needed: bool = False
    rules: tuple[Rule, ...] = field(default=())
    absent: str = ""
    absent_zh: str = ""

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The machine names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema of the checked table."""
        return pa.schema([pa.field(column.name, column.kind.arrow) for column in self.columns])

    def empty(self) -> pa.Table:
        """Return the table without rows."""
        return self.arrow.empty_table()
