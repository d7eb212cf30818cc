"""Arrays by week: moving rows along the weeks and adding rows up, whatever they count.

The last axis of every array is the week.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.problem import Floats, Ints


def shift(values: Floats, weeks: Ints) -> Floats:
    """Return what leaves in week t as what arrives in week t + weeks, row by row; later arrivals fall out.

    Examples
    --------
    >>> shift(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([1, 3]))
    array([[0., 1., 2.],
           [0., 0., 0.]])
    """
    arrived = np.zeros_like(values)
    for delay in np.unique(weeks):
        rows = weeks == delay
        if delay < values.shape[1]:
            arrived[rows, delay:] = values[rows, : values.shape[1] - delay]
    return arrived


def bring_forward(values: Floats, weeks: Ints) -> Floats:
    """Return what is to be done ``weeks`` before week t as what is done in a week, row by row; what is earlier falls out.

    Examples
    --------
    >>> bring_forward(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([1, 0]))
    array([[2., 3., 0.],
           [4., 5., 6.]])
    """
    done = np.zeros_like(values)
    for lag in np.unique(weeks):
        rows = weeks == lag
        if lag < values.shape[1]:
            done[rows, : values.shape[1] - lag] = values[rows, lag:]
    return done


def sum_by(index: Ints, values: Floats, size: int) -> Floats:
    """Add up rows that have the same index; rows with index −1 are left out.

    Examples
    --------
    >>> sum_by(np.array([1, 1, -1]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), 2)
    array([[0., 0.],
           [4., 6.]])
    """
    weeks, counted = values.shape[1], index >= 0
    cell = index[counted][:, None] * weeks + np.arange(weeks)  # much faster than np.add.at
    total = np.bincount(cell.ravel(), values[counted].ravel(), size * weeks)
    return total.astype(float, copy=False).reshape(size, weeks)  # of nothing at all, whole numbers


def trailing_sum(values: Floats, weeks: int) -> Floats:
    """Return the sum of the last ``weeks`` weeks, this one included; zero weeks give zero.

    Examples
    --------
    >>> trailing_sum(np.array([[1.0, 2.0, 3.0, 4.0]]), 2)
    array([[1., 3., 5., 7.]])
    """
    total = values.cumsum(axis=1)
    before = np.zeros_like(total)
    if weeks < values.shape[1]:
        before[:, weeks:] = total[:, : values.shape[1] - weeks]
    return np.asarray(total - before)
