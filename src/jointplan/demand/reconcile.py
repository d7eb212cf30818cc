r"""Series corrected by what their family, market and the whole cluster are forecast to sell.

With forecasts :math:`\hat b` of the series and :math:`\hat a` of their totals :math:`A b`, errors of variance :math:`W_b` and :math:`W_a`, the
least correction that makes both agree as well as their errors allow is (minimum trace with diagonal weights)

.. math:: \tilde b = \hat b + W_b A' (A W_b A' + W_a)^{-1} (\hat a - A \hat b),

kept ≥ 0 by holding at 0 what would fall below and solving again for the rest, a few times. Totals are then the sums of the series, exactly.

References
----------
Wickramasuriya, Athanasopoulos and Hyndman (2019), *JASA* 114 (minimum trace); Wickramasuriya, Turlach and Hyndman (2020), *Statistics
and Computing* 30 (non-negative).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from jointplan.demand.judge import Judged, Monday, judge
from jointplan.demand.panel import Panel, codes, pairs_of
from jointplan.demand.settings import ForecastSettings, ModelName

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

LEAST_SERIES = 30
"""Series below which totals say nothing that the series do not."""

MODELS_OF_TOTALS: tuple[ModelName, ...] = ("SeasonalNaive", "WindowAverage", "SESOptimized", "TSB")
"""Models of totals, which are smooth: few and quick ones."""

MOST_TOTALS = 1_500
"""Totals above which the finer ones are left out: each needs forecasts of its own."""

LEAST_GAIN = 0.002
"""Share of the error that a correction must take away on every past Monday to be made."""

_ROUNDS = 4
_NOTHING = 1e-9
_LARGEST = 2.0


def reconcile(bottom: Array, totals: Array, sums: Any, bottom_variance: Array, total_variance: Array) -> Array:
    """Return the series corrected by their totals.

    Parameters
    ----------
    bottom : array, series × weeks
        Units per week, ≥ 0.
    totals : array, totals × weeks
        Units per week.
    sums : sparse matrix, totals × series
        1 where a series is part of a total.
    bottom_variance, total_variance : arrays
        Variance of the forecast errors, above 0; the larger, the more a forecast gives way.

    Returns
    -------
    array, series × weeks
        Units per week, ≥ 0.
    """
    made = _pulled(bottom, totals, sums, bottom_variance, total_variance)
    for week in np.flatnonzero((made < -_NOTHING).any(axis=0)):
        free = np.ones(len(bottom), dtype=np.bool_)
        for _ in range(_ROUNDS):
            free &= made[:, week] > 0
            kept = np.where(free, bottom[:, week], 0.0)[:, None]
            variance = np.where(free, bottom_variance, 0.0)
            made[:, week] = _pulled(kept, totals[:, [week]], sums, variance, total_variance)[:, 0]
            if (made[:, week] >= -_NOTHING).all():
                break
    return np.maximum(made, 0.0)


def _pulled(bottom: Array, totals: Array, sums: Any, bottom_variance: Array, total_variance: Array) -> Array:
    from scipy import sparse

    weight = sparse.diags_array(bottom_variance)
    spread = (sums @ weight @ sums.T).toarray() + np.diag(total_variance)
    made: Array = bottom + weight @ (sums.T @ np.linalg.solve(spread, totals - sums @ bottom))
    return made


def corrections_by_totals(
    judged: Judged, mondays: Sequence[Monday], weeks: int, settings: ForecastSettings, rng: np.random.Generator
) -> tuple[list[Array], Array] | None:
    """Return by how much totals correct the series, where that served on every past Monday.

    Parameters
    ----------
    judged : Judged
        The series.
    mondays, weeks, settings, rng
        As the series were judged with.

    Returns
    -------
    list of arrays, array or None
        Factors of the series' forecasts, series × weeks, for each past Monday and for now; None where they did not serve.
    """
    panel = mondays[-1].panel
    if len(panel) < LEAST_SERIES or len(judged.trials) < 2:
        return None
    sums, labels = _totals(panel)
    summed = []
    for monday in mondays:
        quantity = sums @ monday.panel.quantity
        sold = (quantity[:, : monday.cutoff] > 0).sum(axis=1) >= settings.min_nonzero_weeks
        summed.append(Monday(monday.cutoff, replace(labels, quantity=quantity), sold))
    above = judge(summed, weeks, settings.model_copy(update={"models": MODELS_OF_TOTALS}), rng)
    bottoms = [_mean(judged, trial.outlook) for trial in judged.trials]
    tops = [_mean(above, trial.outlook) for trial in above.trials]
    actuals = [trial.actual for trial in judged.trials]
    low = _variance(bottoms, actuals)
    high = _variance(tops, [trial.actual for trial in above.trials])
    made = [reconcile(bottom, top, sums, low, high) for bottom, top in zip(bottoms, tops, strict=True)]
    for trial, bottom, better, actual in zip(judged.trials, bottoms, made, actuals, strict=True):
        rows = trial.scored
        squared = trial.outlook.naive_squared[rows]
        before, after = (_error(actual[rows], values[rows], squared) for values in (bottom, better))
        if not after < (1.0 - LEAST_GAIN) * before:
            return None
    now = _mean(judged, judged.now)
    return (
        [_factors(bottom, better) for bottom, better in zip(bottoms, made, strict=True)],
        _factors(now, reconcile(now, _mean(above, above.now), sums, low, high)),
    )


def _totals(panel: Panel) -> tuple[Any, Panel]:
    # Which series are in which total, and the totals as a panel of their own, without sales yet.
    from scipy import sparse

    everything = np.full(len(panel), "", dtype=np.str_)
    # Totals of products over sellers are candidates of their own, see outlook.py.
    levels = [everything, panel.family, panel.market, pairs_of(panel.family, panel.market)]
    parts, families, used = [], [], 0
    for level in levels:
        code, count = codes(level)
        if (count == 1 and level is not everything) or count >= len(panel) or used + count > MOST_TOTALS:
            continue
        rows = np.arange(len(panel))
        parts.append(sparse.csr_array((np.ones(len(panel)), (code, rows)), shape=(count, len(panel))))
        names = np.full(count, "", dtype=panel.family.dtype)
        if level is not everything and level is not panel.market:
            names[code] = panel.family
        families.append(names)
        used += count
    nobody = np.full(used, "", dtype=np.str_)
    labels = Panel(nobody, nobody, nobody, np.concatenate(families), nobody, np.zeros((used, panel.weeks)))
    return sparse.vstack(parts).tocsr(), labels


def _mean(judged: Judged, outlook: Any) -> Array:
    everyone = np.arange(len(judged.chosen))
    mean: Array = np.nan_to_num(outlook.expect(everyone, judged.chosen, judged.ways).mean)
    return mean


def _variance(forecasts: Sequence[Array], actuals: Sequence[Array]) -> Array:
    squares = [
        np.nanmean((made - actual) ** 2, axis=1, where=~np.isnan(actual)) for made, actual in _seen(forecasts, actuals)
    ]
    variance: Array = np.nan_to_num(np.mean(squares, axis=0))
    return np.maximum(variance, max(1e-6 * float(variance.mean()), 1e-9))


def _seen(forecasts: Sequence[Array], actuals: Sequence[Array]) -> Any:
    # A series never seen in a stretch counts as hit: it tells nothing.
    for made, actual in zip(forecasts, actuals, strict=True):
        blind = np.isnan(actual).all(axis=1, keepdims=True)
        yield made, np.where(blind, made, actual)


def _error(actual: Array, forecast: Array, squared: Array) -> float:
    known = ~np.isnan(actual)
    mean = np.where(known, (np.nan_to_num(actual) - forecast) ** 2, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return float(np.nansum(np.sqrt(mean / squared)))


def _factors(before: Array, after: Array) -> Array:
    factor: Array = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    return np.clip(factor, 1.0 / _LARGEST, _LARGEST)
