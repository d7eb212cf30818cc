"""Mixed-integer linear models as arrays, built block by block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Term = tuple[ArrayLike, ArrayLike, ArrayLike]

LARGEST = 20  # binary digits of the largest cost that a solver is given


@dataclass(frozen=True)
class Rows:
    """Linear rows ``lower <= A x <= upper`` in compressed sparse form."""

    lower: Floats
    upper: Floats
    starts: Ints
    columns: Ints
    coefficients: Floats

    def __len__(self) -> int:
        return len(self.lower)


def rows_from_terms(lower: ArrayLike, upper: ArrayLike, terms: Iterable[Term]) -> Rows:
    """Gather rows from terms.

    Parameters
    ----------
    lower, upper : array_like, shape (m,)
        Bounds of the rows.
    terms : iterable of (row, column, coefficient)
        Arrays that broadcast together; entries of the same row and column are added up.
    """
    lower = np.atleast_1d(np.asarray(lower, dtype=float))
    upper = np.broadcast_to(np.asarray(upper, dtype=float), lower.shape).copy()
    parts = [np.broadcast_arrays(*(np.asarray(x) for x in term)) for term in terms]
    row: Ints = np.concatenate([np.empty(0), *(p[0].ravel() for p in parts)]).astype(np.int64)
    column: Ints = np.concatenate([np.empty(0), *(p[1].ravel() for p in parts)]).astype(np.int64)
    coefficient: Floats = np.concatenate([np.empty(0), *(p[2].ravel() for p in parts)])
    used = (coefficient != 0) & (column >= 0)
    row, column, coefficient = row[used], column[used], coefficient[used]
    if len(row):
        width = int(column.max()) + 1
        code, inverse = np.unique(row * width + column, return_inverse=True)
        coefficient = np.asarray(np.bincount(inverse, coefficient, len(code)), float)
        row, column = code // width, code % width
    starts = np.searchsorted(row, np.arange(len(lower) + 1))
    return Rows(lower, upper, starts, column, coefficient)


@dataclass(frozen=True)
class LinearModel:
    """Minimise ``cost · x + offset`` over ``lower <= x <= upper``, the rows, and the integers.

    Parameters
    ----------
    cost, lower, upper : ndarray, shape (n,)
        Objective and bounds of the columns.
    integer : ndarray of bool, shape (n,)
        Columns that must be whole.
    rows : Rows
        The rows.
    offset : float
        Constant of the objective.
    money : ndarray of bool, shape (n,), optional
        Columns that are amounts of the objective's own unit, such as what a load pays; None: none are.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    rows: Rows
    offset: float = 0.0
    money: NDArray[np.bool_] | None = None

    @cached_property
    def unit(self) -> float:
        """A power of two in which the largest cost is of a size that a solver's tolerances are made for; 1 where it is already."""
        largest = float(np.abs(self.cost if self.money is None else self.cost[~self.money]).max(initial=0.0))
        if largest == 0.0:
            return 1.0
        size = int(np.floor(np.log2(largest)))
        return float(2.0 ** (size - min(max(size, 0), LARGEST)))

    def money_rows(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which rows over the model's columns are amounts of the objective's unit: those with a column that is one."""
        found = np.zeros(len(rows), bool)
        if self.money is not None:
            found[np.repeat(np.arange(len(rows)), np.diff(rows.starts))[self.money[rows.columns]]] = True
        return found

    def rows_in(self, unit: float, rows: Rows) -> Rows:
        """Return rows over the model's columns as rows over its columns in another unit of money."""
        if self.money is None or unit == 1.0:
            return rows
        scale = np.where(self.money_rows(rows), unit, 1.0)
        part = np.where(self.money[rows.columns], 1.0, np.repeat(scale, np.diff(rows.starts)))
        return replace(rows, lower=rows.lower / scale, upper=rows.upper / scale, coefficients=rows.coefficients / part)

    def scales(self, unit: float) -> Floats:
        """Return by what each column's values are divided in another unit of money; shape (n,)."""
        return np.ones(len(self.cost)) if self.money is None else np.where(self.money, unit, 1.0)

    def in_unit(self, unit: float) -> LinearModel:
        """Return the model in another unit of money, as if the old one were divided by it."""
        if unit == 1.0:
            return self
        scale = self.scales(unit)
        return replace(
            self,
            cost=self.cost * (scale / unit),
            lower=self.lower / scale,
            upper=self.upper / scale,
            rows=self.rows_in(unit, self.rows),
            offset=self.offset / unit,
        )

    def restricted(self, free: NDArray[np.bool_], values: Floats) -> tuple[LinearModel, Ints]:
        """Return the model over the free columns alone, every other column held at its value, and its row numbers.

        Parameters
        ----------
        free : ndarray of bool, shape (n,)
            Columns that may move.
        values : ndarray, shape (n,)
            Where the others are held.

        Returns
        -------
        LinearModel
            The smaller model; rows in which nothing moves are left out.
        ndarray of int, shape (rows,)
            Number of each row in it, −1 where it is left out.
        """
        rows = self.rows
        row = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
        moving = free[rows.columns]
        held = np.bincount(row[~moving], rows.coefficients[~moving] * values[rows.columns[~moving]], len(rows))
        kept = np.flatnonzero(np.bincount(row[moving], minlength=len(rows)) > 0)
        number = np.full(len(rows), -1)
        number[kept] = np.arange(len(kept))
        position = np.cumsum(free) - 1
        small = Rows(
            rows.lower[kept] - held[kept],
            rows.upper[kept] - held[kept],
            np.searchsorted(number[row[moving]], np.arange(len(kept) + 1)),
            position[rows.columns[moving]],
            rows.coefficients[moving],
        )
        offset = self.offset + float(self.cost[~free] @ values[~free])
        money = None if self.money is None else self.money[free]
        model = LinearModel(
            self.cost[free], self.lower[free], self.upper[free], self.integer[free], small, offset, money
        )
        return model, number

    def admitting(self, values: Floats, slack: float) -> LinearModel:
        """Return the model with rows and bounds widened so far, by ``slack`` at most, that the values keep them.

        Amounts of money may miss theirs by as much of ``unit``. What is kept but for rounding would else be infeasible with most columns held.
        """
        row = np.repeat(np.arange(len(self.rows)), np.diff(self.rows.starts))
        reached = self.rows.coefficients * values[self.rows.columns]
        activity = np.bincount(row, reached, len(self.rows)).astype(np.float64)

        def widened(lower: Floats, upper: Floats, at: Floats, slack: Floats) -> tuple[Floats, Floats]:
            low = np.where((at < lower) & (at >= lower - slack), at, lower)
            return low, np.where((at > upper) & (at <= upper + slack), at, upper)

        sums = np.where(self.money_rows(self.rows), self.unit, 1.0)
        row_lower, row_upper = widened(self.rows.lower, self.rows.upper, activity, slack * sums)
        rows = replace(self.rows, lower=row_lower, upper=row_upper)
        lower, upper = widened(self.lower, self.upper, values, slack * self.scales(self.unit))
        return replace(self, rows=rows, lower=lower, upper=upper)

    def priced(self, prices: Floats) -> Floats:
        """Return the objective with a price on each row's activity, ``cost + prices · A``; shape (n,)."""
        row = np.repeat(np.arange(len(self.rows)), np.diff(self.rows.starts))
        added = np.bincount(self.rows.columns, self.rows.coefficients * prices[row], len(self.cost))
        return np.asarray(self.cost + added, dtype=float)


class ModelBuilder:
    """Collects blocks of columns and rows, and gives the model they make.

    Columns that can only be zero are left out: their index is −1. The model's last column is always zero, so that this
    index reads 0 in any array over the columns.

    Examples
    --------
    >>> builder = ModelBuilder()
    >>> x = builder.columns((3,), cost=[1.0, 2.0, 3.0], upper=[9.0, 9.0, 0.0])
    >>> x
    array([ 0,  1, -1])
    >>> builder.rows([1.0], np.inf, [([0, 0, 0], x, 1.0)])
    array([0])
    >>> builder.build().cost
    array([1., 2., 0.])
    """

    def __init__(self) -> None:
        self._columns: list[tuple[Floats, Floats, Floats, NDArray[np.bool_], NDArray[np.bool_]]] = []
        self._count = 0
        self._row_count = 0
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._terms: list[Term] = []

    def columns(
        self,
        shape: tuple[int, ...],
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        integer: ArrayLike = False,
        money: bool = False,
    ) -> Ints:
        """Add a block of columns and return their indices, in the given shape; ``money`` says that they are amounts of it."""

        def flat(values: ArrayLike) -> Floats:
            return np.broadcast_to(np.asarray(values, dtype=float), shape).ravel()

        low, high = flat(lower), flat(upper)
        present = (low != 0) | (high != 0)
        whole, amounts = flat(integer)[present].astype(bool), np.full(int(present.sum()), money)
        self._columns.append((flat(cost)[present], low[present], high[present], whole, amounts))
        indices = np.full(len(present), -1, dtype=np.int64)
        indices[present] = self._count + np.arange(present.sum())
        self._count += int(present.sum())
        return indices.reshape(shape)

    def rows(self, lower: ArrayLike, upper: ArrayLike, terms: Iterable[Term]) -> Ints:
        """Add a block of rows and return their numbers.

        The terms' row numbers start at 0 within the block; column −1 means no entry.
        """
        lower = np.atleast_1d(np.asarray(lower, dtype=float)).ravel()
        upper = np.broadcast_to(np.asarray(upper, dtype=float), lower.shape) if np.ndim(upper) == 0 else np.ravel(upper)
        self._lower.append(lower)
        self._upper.append(np.asarray(upper, dtype=float))
        for row, column, coefficient in terms:
            r, c, v = np.broadcast_arrays(np.asarray(row), np.asarray(column), np.asarray(coefficient))
            used = (c >= 0) & (v != 0)
            self._terms.append((r[used] + self._row_count, c[used], v[used]))
        self._row_count += len(lower)
        return np.arange(self._row_count - len(lower), self._row_count)

    def build(self, *, offset: float = 0.0) -> LinearModel:
        """Return the model."""
        empty = np.empty(0)
        lower = np.concatenate(self._lower) if self._lower else empty
        upper = np.concatenate(self._upper) if self._upper else empty
        cost, low, high, integer, money = (
            np.append(np.concatenate([block[i] for block in self._columns]) if self._columns else empty, 0.0)
            for i in range(5)
        )
        rows = rows_from_terms(lower, upper, self._terms)
        return LinearModel(
            cost, low, high, integer.astype(bool), rows, offset, money.astype(bool) if money.any() else None
        )
