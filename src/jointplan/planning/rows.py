"""Tables as plain columns: the little of data frames that the tables of a plan need.

A frame takes tenths of a millisecond a step, however few its rows, and a plan's tables are some thousand steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointplan.planning.problem import Bools, Floats, Ints

Rows = dict[str, NDArray[Any]]  # columns of the same length, by name


def cells(*, above: float = 0.0, **values: Floats) -> Rows:
    """Return arrays (N, T) as rows row, week, and one column an array; only cells where the first exceeds ``above``.

    Examples
    --------
    >>> cells(units=np.array([[0.0, 2.0], [3.0, 0.0]]))
    {'row': array([0, 1]), 'week': array([1, 0]), 'units': array([2., 3.])}
    """
    row, week = np.nonzero(np.abs(next(iter(values.values()))) > above)
    return {"row": row, "week": week, **{name: array[row, week] for name, array in values.items()}}


def taken(rows: Rows, which: Ints | Bools | slice) -> Rows:
    """Return some of the rows."""
    return {name: values[which] for name, values in rows.items()}


def stacked(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts, one part below the other; all have the columns of the first."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def alike(*keys: NDArray[Any]) -> tuple[Ints, Ints]:
    """Number the distinct combinations of keys in their order.

    Returns
    -------
    first : (G,)
        The first row of each combination.
    group : (N,)
        The number of each row's combination.

    Examples
    --------
    >>> alike(np.array([2, 1, 2, 1]), np.array([0, 5, 0, 4]))
    (array([3, 1, 0]), array([2, 1, 2, 0]))
    """
    order = np.lexsort(keys[::-1])
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([key[order[1:]] != key[order[:-1]] for key in keys], axis=0)
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    return order[new], group


def met(first: Ints, group: Ints) -> tuple[Ints, Ints]:
    """Return groups as :func:`alike` does, renumbered in the order in which they are met.

    Examples
    --------
    >>> met(*alike(np.array([7, 3, 7])))
    (array([0, 1]), array([0, 1, 0]))
    """
    order = np.argsort(first)
    number = np.empty(len(first), dtype=np.int64)
    number[order] = np.arange(len(first))
    return first[order], number[group]


def added_up(rows: Rows, first: Ints, group: Ints, amounts: Sequence[str]) -> Rows:
    """Return one row a group: its amounts added up, everything else as in its first row."""
    total = taken(rows, first)
    for name in amounts:
        sums = np.bincount(group, rows[name], len(first))
        total[name] = sums.astype(rows[name].dtype, copy=False)
    return total


def paired(keys: Ints, whose: Ints) -> tuple[Ints, Ints]:
    """Pair each key with every entry of ``whose``, which is sorted, that equals it; the places of both, key by key.

    Examples
    --------
    >>> paired(np.array([1, 0, 1]), np.array([0, 1, 1]))
    (array([0, 0, 1, 2, 2]), array([1, 2, 0, 1, 2]))
    """
    begin = np.searchsorted(whose, keys)
    count = np.searchsorted(whose, keys, side="right") - begin
    left = np.repeat(np.arange(len(keys)), count)
    right = np.arange(len(left)) - np.repeat(np.cumsum(count) - count - begin, count)
    return left, right


def ranks(names: Sequence[str] | NDArray[Any]) -> Ints:
    """Return the place of each name in alphabetical order; the same names have the same."""
    return np.unique(np.array(names, dtype=object), return_inverse=True)[1].ravel()
