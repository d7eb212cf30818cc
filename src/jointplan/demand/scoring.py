r"""How good forecasts are.

All functions take arrays whose last axis is time and leave that axis out of the result. Weeks whose actual is NaN, as demand
is where goods had run out, do not count. With actuals :math:`y_t`, forecasts :math:`\hat y_t` and quantiles :math:`q_{p,t}`:

==================  =======================================================================================
pinball             :math:`\operatorname{mean}_t \max\{p\,(y_t-q_{p,t}),\ (p-1)(y_t-q_{p,t})\}`
naive error         :math:`\operatorname{mean}_t |x_t-x_{t-1}|` over the history :math:`x`
RMSSE               :math:`\sqrt{\operatorname{mean}_t (y_t-\hat y_t)^2 \,/\, \operatorname{mean}_t (x_t-x_{t-1})^2}`
VN1                 :math:`(\sum_t|\hat y_t-y_t| + |\sum_t(\hat y_t-y_t)|) \,/\, \sum_t y_t`
bias                :math:`\sum_t (\hat y_t-y_t) \,/\, \sum_t y_t`
coverage            share of :math:`t` with :math:`q_{low,t} \le y_t \le q_{high,t}`
==================  =======================================================================================

References
----------
Gneiting and Raftery (2007), *JASA* 102 (pinball); Hyndman and Koehler (2006), *IJF* 22 (scaling by the naive error);
Makridakis, Spiliotis and Assimakopoulos (2022), *IJF* 38 (RMSSE, M5); Petropoulos and Kourentzes (2015), *JORS* 66 (scaling by the usual
sale where demand is intermittent).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

TELLING_WEEKS = 8
"""Weeks with sales from which the naive error of a series is told by its own changes alone."""


def pinball(actual: Array, quantiles: Array, levels: Array) -> Array:
    """Return the pinball loss of each quantile.

    Parameters
    ----------
    actual : array, … × weeks
        Units sold.
    quantiles : array, … × levels × weeks
        Forecast quantiles.
    levels : array
        Their chances, between 0 and 1.

    Returns
    -------
    array, … × levels
        Units per week.

    Examples
    --------
    >>> pinball(np.array([10.0]), np.array([[8.0], [12.0]]), np.array([0.1, 0.9])).round(2).tolist()
    [0.2, 0.2]
    """
    error = actual[..., None, :] - quantiles
    return _mean_known(np.maximum(levels[:, None] * error, (levels[:, None] - 1.0) * error))


def naive_errors(history: Array, first: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Return the mean absolute and the mean squared change from week to week since each series began.

    Parameters
    ----------
    history : array, series × weeks
        Units per week.
    first : array of int
        Column in which each series begins.

    Returns
    -------
    two arrays, one value a series
        Units per week, and units² per week²; NaN where nothing ever changed.
    """
    change = np.diff(history, axis=1)
    began = np.arange(1, history.shape[1]) > first[:, None]
    weeks = np.maximum(began.sum(axis=1), 1)
    absolute = (np.abs(change) * began).sum(axis=1) / weeks
    squared = (change**2 * began).sum(axis=1) / weeks
    return np.where(absolute > 0, absolute, np.nan), np.where(squared > 0, squared, np.nan)


def error_scales(history: Array, first: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    r"""Return the scales by which errors of series, sparse ones among them, can be averaged.

    From :data:`TELLING_WEEKS` weeks with sales on they are the naive errors. A series that hardly sold hardly changed, so that its naive
    error is near 0, and its scaled error, as soon as it sells, would rule the mean over thousands. With :math:`n` weeks with sales, of the
    mean :math:`z`, out of :math:`m` telling ones, the scale is at least

    .. math:: \frac{n}{m}\, \text{naive error} + \frac{m-n}{m}\, z,

    where :math:`z` is the naive error of a series that sells as much every other week. It reads the series' own rows alone, so that forecasts from
    few rows and from many are scored alike.

    Parameters
    ----------
    history, first : arrays
        As in :func:`naive_errors`.

    Returns
    -------
    two arrays, one value a series
        Units per week, and units² per week²; NaN where nothing ever changed.

    Examples
    --------
    >>> history = np.array([[4.0, 0, 0, 0, 0, 0, 0, 0, 0]])
    >>> naive_errors(history, np.array([0]))[0].tolist(), error_scales(history, np.array([0]))[0].tolist()
    ([0.5], [3.5625])
    """
    sold = (history > 0).sum(axis=1)
    own = np.minimum(sold, TELLING_WEEKS) / TELLING_WEEKS
    absolute, squared = (
        np.maximum(error, own * error + (1.0 - own) * size.sum(axis=1) / np.maximum(sold, 1))
        for error, size in zip(naive_errors(history, first), (history, history**2), strict=True)
    )
    return absolute, squared


def rmsse(actual: Array, forecast: Array, naive_squared: Array) -> Array:
    """Return the root mean squared error over that of the naive forecast in the history."""
    scaled: Array = np.sqrt(_mean_known((actual - forecast) ** 2) / naive_squared)
    return scaled


def bias(actual: Array, forecast: Array) -> float | None:
    """Return the summed error over the summed demand; above 0 is too high. None where nothing was sold."""
    total = float(np.nansum(actual))
    return float(np.nansum(forecast - actual)) / total if total > 0 else None


def vn1(actual: Array, forecast: Array) -> float | None:
    """Return the score of the VN1 challenge: absolute error plus the size of the summed error, over the summed demand.

    Examples
    --------
    >>> vn1(np.array([10.0, 0.0]), np.array([8.0, 1.0])).__round__(3)
    0.4
    """
    error, total = forecast - actual, float(np.nansum(actual))
    return float(np.nansum(np.abs(error)) + abs(np.nansum(error))) / total if total > 0 else None


def crps(actual: Array, quantiles: Array, levels: Array) -> Array:
    """Return the continuous ranked probability score as twice the mean pinball loss over evenly spaced levels.

    Exact as the levels fill the range (Laio and Tamea 2007, *HESS* 11).

    Returns
    -------
    array, …
        Units per week.
    """
    score: Array = 2.0 * pinball(actual, quantiles, levels).mean(axis=-1)
    return score


def coverage(actual: Array, low: Array, high: Array) -> Array:
    """Return the share of weeks whose actual lies within ``low`` and ``high``, both included."""
    return _mean_known(np.where(np.isnan(actual), np.nan, (low <= actual) & (actual <= high)))


def chance_below(actual: Array, quantiles: Array, levels: Array) -> tuple[Array, Array]:
    """Return the chance a forecast gave to values below the actual one, and to it and values below.

    For smooth demand both are the same. For demand in whole units, most of all where zero is likely, they differ, and
    an interval that holds the actual may hold far more than its nominal chance. A forecast is calibrated if a number drawn
    between the two is uniform (the randomised probability integral transform of Czado, Gneiting and Held 2009,
    *Biometrics* 65).

    Parameters
    ----------
    actual : array, … × weeks
        Units sold.
    quantiles : array, … × levels × weeks
        Forecast quantiles, non-decreasing.
    levels : array
        Their chances.

    Returns
    -------
    two arrays, … × weeks
        Chances; between two quantiles the line between them is followed, beyond the outer ones the end of the range is half-way.
    """
    value = actual[..., None, :]
    below, upto = (quantiles < value).sum(axis=-2), (quantiles <= value).sum(axis=-2)
    edges = np.concatenate([[0.0], levels, [1.0]])
    count = len(levels)

    def at(index: npt.NDArray[np.int64]) -> Array:
        picked: Array = np.take_along_axis(quantiles, np.clip(index, 0, count - 1)[..., None, :], axis=-2)[..., 0, :]
        return picked

    left, right = at(below - 1), at(below)
    gap = np.where(right > left, right - left, 1.0)
    between = edges[below] + (edges[below + 1] - edges[below]) * np.clip((actual - left) / gap, 0.0, 1.0)
    outside = (below == 0) | (below == count)
    between = np.where(outside, (edges[below] + edges[below + 1]) / 2.0, between)
    hit = upto > below
    # Where quantiles equal the actual its chance spans from the last one below it to the last one equal to it, and half
    # of the next step; a zero below all quantiles starts at chance 0.
    start = np.where(below == 0, 0.0, (edges[below] + edges[below + 1]) / 2.0)
    stop = np.where(upto == count, 1.0, (edges[upto] + edges[upto + 1]) / 2.0)
    return np.where(hit, start, between), np.where(hit, stop, between)


def pit_coverage(actual: Array, quantiles: Array, levels: Array, share: float = 0.8) -> float:
    """Return the coverage of the central interval by the randomised transform, in expectation over the draw.

    Parameters
    ----------
    actual, quantiles, levels : arrays
        As in :func:`chance_below`.
    share : float
        Nominal chance of the interval, such as 0.8.
    """
    covered = overlap(*chance_below(actual, quantiles, levels), share)
    return float(covered[~np.isnan(actual)].mean())


def overlap(start: Array, stop: Array, share: float) -> Array:
    """Return the chance that a number drawn between two chances lies in the central ``share`` of them."""
    low, high = (1.0 - share) / 2.0, (1.0 + share) / 2.0
    width = stop - start
    part = np.clip(np.minimum(stop, high) - np.maximum(start, low), 0.0, None)
    point = ((start >= low) & (start <= high)).astype(np.float64)
    chance: Array = np.where(width > 0, part / np.where(width > 0, width, 1.0), point)
    return chance


def _mean_known(values: Array) -> Array:
    # The mean over the last axis of what is known; NaN where nothing is.
    known = ~np.isnan(values)
    if known.all():
        mean: Array = values.mean(axis=-1)
        return mean
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
