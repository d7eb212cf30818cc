"""How good forecasts were on past Mondays: as a whole and by class, age, market and how far they looked ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from jointplan.demand import scoring
from jointplan.demand.fans import Tried
from jointplan.demand.panel import YOUNG
from jointplan.demand.trials import CHANCES, NINE, Tally

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

CLASSES = ("smooth", "intermittent", "erratic", "lumpy", "sparse")
"""Classes of series: four of Syntetos and Boylan, and what sells too rarely to be forecast by itself."""

AHEAD = ((1, 4), (5, 13), (14, 26), (27, 10**6))
"""Stretches of weeks ahead by which accuracy is told."""

AGES = ("young", "older")
"""Series by whether they had begun in the last weeks, as known on the past Monday."""


@dataclass(frozen=True)
class Scored:
    """Scores of every series and week on one past Monday.

    Parameters
    ----------
    rows : array of int
        Series of the panel.
    kind : array of int
        Place in :data:`CLASSES` of each, by what was known on that Monday: what sold little afterwards is sparse now because of that.
    actual, error : arrays, series × weeks
        Units sold, and the mean forecast less them; NaN where demand could not be seen.
    loss : array, series × weeks
        Mean pinball loss over nine deciles, of the naive error.
    last, naive, best : arrays, series × weeks
        The same of the sales of the week before that Monday, of the seasonal naive model and of the best single model in hindsight; NaN
        where it says nothing.
    inside, held : arrays, series × weeks
        Whether the 80 % band held what came, and the chance of that by the randomised transform.
    squared : array
        Squared naive error.
    young : array of bool
        Series that began less than :data:`jointplan.demand.panel.YOUNG` weeks before that Monday.
    worth : array
        What a unit of each weighs in sums over series.
    """

    rows: Index
    kind: Index
    actual: Array
    error: Array
    loss: Array
    last: Array
    naive: Array
    best: Array
    inside: Array
    held: Array
    squared: Array
    young: Mask
    worth: Array

    @classmethod
    def of(cls, tried: Tried, kind: Index, last: Array, naive: Array | None, best: Array | None) -> Scored:
        """Score a trial of series of some class beside their last known week, units, and the quantiles of two references, series × levels × weeks."""
        quantiles = tried.fan.rounded()
        none = np.full(tried.actual.shape, np.nan)
        low, high = quantiles[:, NINE][:, 0], quantiles[:, NINE][:, -1]
        seen = ~np.isnan(tried.actual)
        start, stop = scoring.chance_below(tried.actual, quantiles, CHANCES)
        return cls(
            tried.rows,
            kind,
            tried.actual,
            tried.fan.mean - tried.actual,
            _loss(tried, quantiles[:, NINE]),
            _loss(tried, last[:, None, None]),
            none if naive is None else _loss(tried, naive),
            none if best is None else _loss(tried, best),
            np.where(seen, (low <= tried.actual) & (tried.actual <= high), np.nan),
            np.where(seen, scoring.overlap(start, stop, 0.8), np.nan),
            tried.squared,
            np.zeros(len(tried.rows), dtype=np.bool_) if tried.age is None else tried.age < YOUNG,
            np.ones(len(tried.rows)),
        )


@dataclass(frozen=True)
class Part:
    """Accuracy of some of the forecasts.

    Parameters
    ----------
    by, name : str
        What they have in common: ``all``, ``class``, ``age``, ``market`` or ``ahead``, and which.
    series, weeks : int
        Series and weeks that were scored.
    pinball, rmsse, wrmsse, vn1, bias : float or None
        See :mod:`jointplan.demand.scoring`; WRMSSE weighs series by what the units of the weeks scored are worth, where that is known, else by units.
    coverage80, coverage80_raw : float or None
        Share of what came in the 80 % band, by the randomised transform and as it stands.
    against_last, against_naive, against_best : float or None
        Pinball loss over that of taking last week's sales, of the seasonal naive model and of the best single model in hindsight, where they
        say something.
    """

    by: str
    name: str
    series: int
    weeks: int
    pinball: float | None
    rmsse: float | None
    wrmsse: float | None
    vn1: float | None
    bias: float | None
    coverage80: float | None
    coverage80_raw: float | None
    against_last: float | None
    against_naive: float | None
    against_best: float | None


@dataclass(frozen=True)
class SeriesScore:
    """Accuracy of one series: its row in the panel, class, loss, and the loss over that of the seasonal naive model."""

    row: int
    kind: str
    weeks: int
    pinball: float
    bias: float | None
    against_naive: float | None


def parts(scored: Sequence[Scored], market: Names, worth: Array | None = None) -> Iterator[Part]:
    """Tell the accuracy as a whole, by class, by age, by market and by weeks ahead.

    Parameters
    ----------
    scored : sequence of Scored
        One for each past Monday and way of forecasting.
    market : array of str
        Market of each series.
    worth : array or None
        Money a unit of each series brings; None: units weigh alike.
    """
    scored = [one if worth is None else replace(one, worth=worth[one.rows]) for one in scored if len(one.rows)]
    if not scored:
        return
    yield _part("all", "", scored, None)
    for place, name in enumerate(CLASSES):
        yield from _some("class", name, [(one, one.kind == place) for one in scored])
    if any(one.young.any() for one in scored):
        for name in AGES:
            yield from _some("age", name, [(one, one.young == (name == "young")) for one in scored])
    for name in np.unique(market).tolist():
        yield from _some("market", name, [(one, market[one.rows] == name) for one in scored])
    furthest = max(one.actual.shape[1] for one in scored)
    for begin, end in AHEAD:
        if begin <= furthest:
            label = f"{begin}–{end}" if end < 10**6 else f"{begin}+"
            yield _part("ahead", label, scored, slice(begin - 1, end))


def untold(series: int) -> Part:
    """Return the accuracy of series known for long enough to be tried whose sales never changed, so that there is no naive error to scale theirs by."""
    return Part("all", "", series, 0, *[None] * (len(fields(Part)) - 4))


def series_scores(scored: Sequence[Scored], kind: Index) -> list[SeriesScore]:
    """Return the accuracy of each series that was scored, worst first."""
    count = len(kind)
    loss, weeks, error, sold, mine, naive = (np.zeros(count) for _ in range(6))
    for one in scored:
        known = ~np.isnan(one.loss)
        both = known & ~np.isnan(one.naive)
        np.add.at(loss, one.rows, np.where(known, one.loss, 0.0).sum(axis=1))
        np.add.at(weeks, one.rows, known.sum(axis=1))
        np.add.at(error, one.rows, np.nansum(one.error, axis=1))
        np.add.at(sold, one.rows, np.nansum(one.actual, axis=1))
        np.add.at(mine, one.rows, np.where(both, one.loss, 0.0).sum(axis=1))
        np.add.at(naive, one.rows, np.where(both, one.naive, 0.0).sum(axis=1))
    rows = np.flatnonzero(weeks > 0)
    rows = rows[np.argsort(-loss[rows] / weeks[rows], kind="stable")]
    return [
        SeriesScore(
            int(row),
            CLASSES[kind[row]],
            int(weeks[row]),
            float(loss[row] / weeks[row]),
            float(error[row] / sold[row]) if sold[row] > 0 else None,
            float(mine[row] / naive[row]) if naive[row] > 0 else None,
        )
        for row in rows
    ]


def losses_by_monday(mondays: Sequence[Sequence[Scored]], count: int) -> Array:
    """Return the summed loss of each series on each past Monday and the weeks it rests on: series × Mondays × 2.

    Parameters
    ----------
    mondays : sequence of sequences of Scored
        What was scored on each past Monday, the last one first.
    count : int
        Series of the panel.
    """
    losses = np.zeros((count, len(mondays), 2))
    for place, parts_of in enumerate(mondays):
        for one in parts_of:
            known = ~np.isnan(one.loss)
            losses[one.rows, place, 0] = np.where(known, one.loss, 0.0).sum(axis=1)
            losses[one.rows, place, 1] = known.sum(axis=1)
    return losses


def tally(scored: Sequence[Scored]) -> Tally:
    """Add up the errors of forecasts as they are given, as those of the models are."""
    total, seen = Tally(), set()
    for one in scored:
        pinball, rmsse = _means(one.loss), np.sqrt(_means(one.error**2) / one.squared)
        inside = _means(one.inside)
        total += Tally(
            0,
            (float(np.nansum(pinball)), int((~np.isnan(pinball)).sum())),
            (float(np.nansum(rmsse)), int((~np.isnan(rmsse)).sum())),
            (float(np.nansum(one.error)), float(np.nansum(one.actual))),
            (float(np.nansum(inside)), int((~np.isnan(inside)).sum())),
        )
        seen.update(one.rows.tolist())
    return replace(total, series=len(seen))


def _some(by: str, name: str, scored: Sequence[tuple[Scored, Mask]]) -> Iterator[Part]:
    picked = [
        Scored(**{field: getattr(one, field)[these] for field in Scored.__dataclass_fields__})
        for one, these in scored
        if these.any()
    ]
    if picked:
        yield _part(by, name, picked, None)


def _part(by: str, name: str, scored: Sequence[Scored], ahead: slice | None) -> Part:
    ahead = ahead or slice(None)
    losses = [_means(one.loss[:, ahead]) for one in scored]
    rmsse = [np.sqrt(_means(one.error[:, ahead] ** 2) / one.squared) for one in scored]
    worth = [np.nansum(one.actual[:, ahead], axis=1) * one.worth for one in scored]
    error = np.concatenate([one.error[:, ahead].ravel() for one in scored])
    actual = np.concatenate([one.actual[:, ahead].ravel() for one in scored])
    sold = float(np.nansum(actual))
    flat_rmsse, flat_worth = np.concatenate(rmsse), np.concatenate(worth)
    told = ~np.isnan(flat_rmsse)
    weighed = float(flat_worth[told].sum())
    return Part(
        by,
        name,
        len(np.unique(np.concatenate([one.rows for one in scored]))),
        int((~np.isnan(actual)).sum()),
        _mean(np.concatenate(losses)),
        _mean(flat_rmsse),
        float((flat_rmsse * flat_worth)[told].sum()) / weighed if weighed > 0 else None,
        float(np.nansum(np.abs(error)) + abs(np.nansum(error))) / sold if sold > 0 else None,
        float(np.nansum(error)) / sold if sold > 0 else None,
        _mean(np.concatenate([one.held[:, ahead].ravel() for one in scored])),
        _mean(np.concatenate([one.inside[:, ahead].ravel() for one in scored])),
        _ratio([(one.loss[:, ahead], one.last[:, ahead]) for one in scored]),
        _ratio([(one.loss[:, ahead], one.naive[:, ahead]) for one in scored]),
        _ratio([(one.loss[:, ahead], one.best[:, ahead]) for one in scored]),
    )


def _loss(tried: Tried, deciles: Array) -> Array:
    chances = CHANCES[NINE][:, None]
    error = tried.actual[:, None, :] - deciles
    loss: Array = np.maximum(chances * error, (chances - 1.0) * error).mean(axis=1) / tried.absolute[:, None]
    return loss


def _means(values: Array) -> Array:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    means: Array = np.where(count > 0, np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return means


def _mean(values: Array) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _ratio(pairs: Sequence[tuple[Array, Array]]) -> float | None:
    mine = sum(float(np.nansum(np.where(np.isnan(theirs), np.nan, ours))) for ours, theirs in pairs)
    other = sum(float(np.nansum(np.where(np.isnan(ours), np.nan, theirs))) for ours, theirs in pairs)
    return mine / other if other > 0 else None
