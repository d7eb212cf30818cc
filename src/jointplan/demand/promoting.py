r"""Promotions: how much more is sold in weeks with one, and what that makes of the weeks to come.

In small clusters trees learn little of so few weeks, and a series by itself nothing: one effect of all series together is learnt. With the units :math:`x_{it}` of
promoted weeks, the mean :math:`b_{it}` of the weeks around without a promotion, both in usual weeks of the series, and a belief of :math:`k` weeks that nothing
changes, it is

.. math:: f = \frac{k + \sum x_{it}}{k + \sum b_{it}}.

A forecast of a series goes by weeks some of which were promoted; a week to come is the forecast times :math:`f` where a promotion is planned, over the mean of the same in the weeks
behind. Whoever is not helped by that on past Mondays is left as it is.

References
----------
Trapero, Kourentzes and Fildes (2015), *JORS* 66 (pooled promotional effects for series with few promotions of their own); Fildes, Ma and Kolassa (2022), *IJF* 38 (retail
forecasting: base times lift).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from jointplan.demand.fans import Fan, Tried
from jointplan.demand.judge import Monday
from jointplan.demand.panel import Panel

Array = npt.NDArray[np.float64]

AROUND = 4
"""Weeks before and after a promoted one that it is held against."""

BELIEF = 10.0
"""Promoted weeks that weigh as much as the belief that a promotion changes nothing."""

BEHIND = 26
"""Weeks that the level of a series goes by."""

LARGEST = 5.0
"""Effect above which a promotion is not believed."""

_HIGHEST = 20.0
"""Usual weeks above which a week counts as that much."""


def effect(panel: Panel, cutoff: int) -> float:
    """Return by what a promotion multiplies a week's sales, from the first ``cutoff`` weeks; 1 where none was seen."""
    if panel.promoted is None:
        return 1.0
    since = np.arange(cutoff) >= panel.first[:, None]
    if panel.unseen is not None:
        since &= ~panel.unseen[:, :cutoff]
    units, promoted = panel.quantity[:, :cutoff], panel.promoted[:, :cutoff] > 0
    weeks = since.sum(axis=1)
    usual = np.where(since, units, 0.0).sum(axis=1) / np.maximum(weeks, 1)
    ratio = np.minimum(units / np.where(usual > 0, usual, 1.0)[:, None], _HIGHEST)
    plain = since & ~promoted
    total, count = (_around(values) for values in (np.where(plain, ratio, 0.0), plain.astype(np.float64)))
    told = since & promoted & (count > 0) & (usual > 0)[:, None]
    base = total[told] / count[told]
    return float(np.clip((ratio[told].sum() + BELIEF) / (base.sum() + BELIEF), 1.0, LARGEST))


def lifts(mondays: Sequence[Monday], weeks: int) -> list[Array] | None:
    """Return what forecasts from each Monday, now last, must be multiplied by: series × weeks each; None where nothing is promoted ahead.

    Parameters
    ----------
    mondays : sequence of Monday
        The past ones, and now.
    weeks : int
        Weeks to forecast.
    """
    made: list[Array] = []
    planned = mondays[-1].panel.promoted
    # Where nobody says what is planned, as much may be promoted as before.
    if planned is None or not (planned[:, mondays[-1].cutoff :] > 0).any():
        return None
    for monday in mondays:
        panel, cutoff = monday.panel, monday.cutoff
        if panel.promoted is None:
            return None
        left = panel.weeks - cutoff
        more = (effect(panel, cutoff) - 1.0) * (panel.promoted > 0)
        behind = slice(max(cutoff - BEHIND, 0), cutoff)
        since = np.arange(behind.start, cutoff) >= panel.first[:, None]
        usual = 1.0 + np.where(since, more[:, behind], 0.0).sum(axis=1) / np.maximum(since.sum(axis=1), 1)
        made.append((1.0 + more[:, cutoff : cutoff + (min(weeks, left) or weeks)]) / usual[:, None])
    return made


def lifted(fan: Fan, tried: Sequence[Tried], now: Array, past: Sequence[Array]) -> tuple[Fan, list[Tried]]:
    """Return forecasts of now and of past Mondays with the effect of promotions, or as they are where that did not serve on those.

    Parameters
    ----------
    fan, tried : Fan, sequence of Tried
        Forecasts of now and of past Mondays.
    now, past : arrays, series × weeks
        From :func:`lifts`, of the same series.
    """
    made = [
        replace(trial, fan=trial.fan.scaled(factor[:, : trial.actual.shape[1]]))
        for trial, factor in zip(tried, past, strict=True)
    ]
    if sum(map(_missed, made)) > sum(map(_missed, tried)):
        return fan, list(tried)
    return fan.scaled(now), made


def _missed(trial: Tried) -> float:
    # In squares, as sums of errors favour what is too low for weeks that are rarely high.
    return float(np.nansum(((trial.fan.mean - trial.actual) / trial.absolute[:, None]) ** 2))


def _around(values: Array) -> Array:
    # The sum of the weeks within a few of each.
    weeks = values.shape[1]
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    ends = np.minimum(np.arange(weeks) + AROUND + 1, weeks)
    around: Array = total[:, ends] - total[:, np.maximum(np.arange(weeks) - AROUND, 0)]
    return around
