r"""New products, whose forecast goes by their own weeks and by the launches before them.

A product of a few weeks is still on its way, up or down: what is forecast from those weeks alone misses where launches went, and a launch's course alone misses what is
particular to it. With :math:`F_i` what is forecast of a series in all the weeks to come, and :math:`L_i` the units that the launches before let expect of its product, shared by
what its series sold so far, the forecast becomes :math:`F_i + w (L_i - F_i)`. The weight is the one that would have served best on past Mondays (least squares of errors
over naive errors), with half a Monday imagined on which it was a half, and is a half at most:

.. math:: w = \frac{\sum (a_i - F_i)(L_i - F_i) + \tfrac12 D}{\sum (L_i - F_i)^2 + D}, \qquad D = \tfrac12 \text{ of the mean over Mondays of } \sum (L_i - F_i)^2 .

References
----------
Bates and Granger (1969), "The combination of forecasts", *Operational Research Quarterly* 20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from jointplan.demand.fans import Fan, Tried
from jointplan.demand.launch.analogues import Titles, likeness
from jointplan.demand.launch.history import OPENING_WEEKS, Products
from jointplan.demand.launch.predictive import expected_course, find_analogues
from jointplan.demand.panel import YOUNG, Panel, codes
from jointplan.demand.seasons import group_totals

Array = npt.NDArray[np.float64]

MOST_ANALOGUES = 400
"""Launches before, the last ones, that a new product is held against."""

LARGEST = 4.0
"""Most times that a forecast is raised."""

SPIKE = 2.0
"""Times the highest quantile that a week counts as at most."""

HALF = 0.5
"""Weight of launches where no past Monday tells of it, the most that is ever given, and the Mondays that this belief counts as."""


def launched_units(panel: Panel, cutoff: int, weeks: int) -> Array:
    """Return what each series of a new product may sell in the weeks to come as launches before it did; NaN where the product is not new.

    Parameters
    ----------
    panel : Panel
        All series of a basis; nothing after ``cutoff`` weeks is read.
    cutoff, weeks : int
        Weeks that are known, and weeks to come.
    """
    sku, count = codes(panel.sku)
    example = np.zeros(count, dtype=np.int64)
    example[sku] = np.arange(len(panel))
    known = panel.quantity[:, :cutoff]
    blank, unknown = np.full(count, "", dtype=np.str_), np.full(count, np.nan)
    products = Products(
        panel.sku[example], panel.family[example], blank, blank, unknown, unknown, group_totals(known, sku, count)
    )
    begun = products.first
    new = np.flatnonzero((begun >= max(OPENING_WEEKS, cutoff - YOUNG)) & (begun < cutoff))
    expected = np.full(count, np.nan)
    if len(new):
        analogues = find_analogues(products, YOUNG + weeks, most=MOST_ANALOGUES)
        near = likeness(products, Titles(None), new, analogues.rows)
        for row, like in zip(new.tolist(), near, strict=True):
            if np.isfinite(like).any():
                course = expected_course(products.units[row, begun[row] :], like, analogues, weeks)
                expected[row] = course.sum()
    sold = known.sum(axis=1)
    share = sold / np.maximum(products.units.sum(axis=1), 1e-9)[sku]
    units: Array = expected[sku] * share
    return units


def with_launches(fan: Fan, tried: Sequence[Tried], now: Array, past: Sequence[Array]) -> tuple[Fan, list[Tried]]:
    """Return forecasts of now and of past Mondays whose new products go by launches, too, as much as that would have served.

    Parameters
    ----------
    fan, tried : Fan, sequence of Tried
        Forecasts of now and of past Mondays.
    now, past : arrays of series
        From :func:`launched_units`, of the same series.
    """
    weight = _weight(tried, past)
    return _moved(fan, now, weight), [
        replace(trial, fan=_moved(trial.fan, units, weight)) for trial, units in zip(tried, past, strict=True)
    ]


def _moved(fan: Fan, units: Array, weight: float) -> Fan:
    forecast = fan.mean.sum(axis=1)
    told = ~np.isnan(units) & (forecast > 0)
    ratio = np.divide(units, forecast, out=np.ones(len(units)), where=told)
    return fan.scaled(np.minimum(1.0 + weight * (ratio - 1.0), LARGEST)[:, None])


def _weight(tried: Sequence[Tried], past: Sequence[Array]) -> float:
    """Return how much launches count for, between 0 and a half."""
    gains, sizes = [], []
    for trial, units in zip(tried, past, strict=True):
        seen = ~np.isnan(trial.actual)
        forecast = np.where(seen, trial.fan.mean, 0.0).sum(axis=1)
        # One order of a new product is not what its launch comes to.
        sold = np.where(seen, np.minimum(trial.actual, SPIKE * trial.fan.quantiles[:, -1]), 0.0).sum(axis=1)
        apart = (units * seen.mean(axis=1) - forecast) / trial.absolute
        told = ~np.isnan(apart) & (forecast > 0)
        if told.any():
            gains.append(float(((sold - forecast) / trial.absolute * apart)[told].sum()))
            sizes.append(float((apart[told] ** 2).sum()))
    if not sum(sizes) > 0:
        return HALF
    imagined = HALF * sum(sizes) / len(sizes)
    return float(np.clip((sum(gains) + HALF * imagined) / (sum(sizes) + imagined), 0.0, HALF))
