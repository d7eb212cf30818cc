"""How well each index told the next eight weeks' growth on past Mondays.

Precision@k is the share of the k hottest that were among the k that grew most, k being a tenth of the series; beside it stands
Spearman's rank correlation of heat and growth. Intervals are 95 % of resamples of both Mondays and series, since the same series on two
Mondays, and two series on the same, are not two independent cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand.heat.indices import AS_CHOSEN, EXPECTED, INDICES, Lesson, Weights, learn, scores, sellers_first
from jointplan.demand.heat.panel import HeatPanel
from jointplan.demand.heat.reading import AHEAD, Reading, group_ranks, read_heat

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

FIRST_MONDAY = 2 * AHEAD
"""Weeks of history before the first past Monday: two of the spans that are compared."""

LEAST_SERIES = 20
"""Live series a market needs to be scored on a Monday: a tenth of fewer is no list."""

SHARE = 0.1
"""Share of the series that a list of the hottest holds."""


@dataclass(frozen=True)
class Past:
    """A past Monday: the weeks known then, what was read from them, and the growth that followed."""

    cutoff: int
    reading: Reading
    grown: Array


@dataclass(frozen=True)
class Ordered:
    """Values in their order, so that any resample of them is ranked without sorting again.

    Parameters
    ----------
    place : array of int
        Place of each value among the distinct ones, from the least.
    """

    place: Index

    @classmethod
    def of(cls, values: Array) -> Ordered:
        """Put values in order."""
        return cls(np.unique(values, return_inverse=True)[1].astype(np.int64))

    def ranks(self, weight: Array) -> Array:
        """Return the mid-rank of each value where each counts ``weight`` times."""
        count = np.bincount(self.place, weight)
        ranks: Array = (np.cumsum(count) - count / 2.0)[self.place]
        return ranks

    def top(self, weight: Array, k: float) -> Array:
        """Return how far each value is among the ``k`` greatest, from 0 to 1; equal ones share what room is left."""
        count = np.bincount(self.place, weight)
        above = count.sum() - np.cumsum(count)
        share: Array = np.clip((k - above) / np.maximum(count, 1e-12), 0.0, 1.0)[self.place]
        return share


@dataclass(frozen=True)
class Scored:
    """One past Monday: which series, every index of them, the growth that followed, and precision and rank correlation of each index."""

    cutoff: int
    rows: Index
    indices: Mapping[str, Ordered]
    grown: Ordered
    figures: Mapping[str, Array]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class IndexScore:
    """How well an index did.

    Parameters
    ----------
    index : str
        Name.
    mondays, series : int
        Past Mondays scored, and series on them on average.
    precision, spearman : Estimate
        See the module.
    precision_gain, spearman_gain : Estimate
        The default index less this one, on the same resamples.
    """

    index: str
    mondays: int
    series: int
    precision: Estimate
    spearman: Estimate
    precision_gain: Estimate
    spearman_gain: Estimate


def past_cutoffs(weeks: int, origins: int, step: int) -> list[int]:
    """Return the past Mondays whose next eight weeks are known, the earliest first."""
    last = weeks - AHEAD
    return [last - step * back for back in reversed(range(origins)) if last - step * back >= FIRST_MONDAY]


def look_back(panel: HeatPanel, cutoffs: Sequence[int]) -> list[Past]:
    """Read a panel on past Mondays, with the growth that followed each."""
    readings = [(cutoff, read_heat(panel, cutoff)) for cutoff in cutoffs]
    return [Past(cutoff, reading, reading.realised(panel, cutoff)) for cutoff, reading in readings]


def learned_by(past: Sequence[Past], now: int) -> Weights:
    """Return the index learned from what was known when ``now`` weeks were."""
    known = [monday for monday in past if monday.cutoff + AHEAD <= now]
    return learn([Lesson(monday.reading, monday.grown, now - monday.cutoff - AHEAD) for monday in known])


def try_indices(past: Sequence[Past]) -> list[Scored]:
    """Score every index on each past Monday, each learned from what was known then, and the one that would have been used then."""
    tried: list[Scored] = []
    for monday in past:
        reading = monday.reading
        large = (np.bincount(reading.group) >= LEAST_SERIES)[reading.group] if len(reading) else np.zeros(0, bool)
        if large.any():
            group = reading.group[large]
            made = scores(reading, learned_by(past, monday.cutoff))
            # Ranks within the market: that a whole market grows tells nothing about which of its products do.
            ranked = {
                name: Ordered.of(group_ranks(sellers_first(values, reading.idle)[large], group))
                for name, values in made.items()
            }
            grown = Ordered.of(group_ranks(monday.grown[large], group))
            ones = np.ones(len(group))
            figures = {name: _figures(heat, grown, ones) for name, heat in ranked.items()}
            used = best_index(tried, monday.cutoff)
            ranked[AS_CHOSEN], figures[AS_CHOSEN] = ranked[used], figures[used]
            tried.append(Scored(monday.cutoff, reading.rows[large], ranked, grown, figures))
    return tried


def spearman(left: Ordered, right: Ordered, weight: Array) -> float:
    """Return Spearman's rank correlation where each pair counts ``weight`` times; 0 where one side has no order.

    Examples
    --------
    >>> heat, grown = Ordered.of(np.array([1.0, 2.0, 3.0, 4.0])), Ordered.of(np.array([2.0, 1.0, 4.0, 3.0]))
    >>> round(spearman(heat, grown, np.ones(4)), 12)
    0.6
    """
    x, y = left.ranks(weight), right.ranks(weight)
    total = weight.sum()
    x, y = x - (weight @ x) / total, y - (weight @ y) / total
    size = float(np.sqrt((weight @ x**2) * (weight @ y**2)))
    return float(weight @ (x * y)) / size if size > 1e-9 else 0.0


def precision_at(heat: Ordered, grown: Ordered, weight: Array, share: float = SHARE) -> float:
    """Return the share of the k hottest that were among the k that grew most, k being a share of all, at least one.

    Equals count as they would on average in any order.
    """
    k = max(share * float(weight.sum()), 1.0)
    return float(weight @ (heat.top(weight, k) * grown.top(weight, k))) / k


def judge_indices(tried: Sequence[Scored], draws: int, rng: np.random.Generator) -> list[IndexScore]:
    """Return how well each index did over all past Mondays, with intervals.

    Parameters
    ----------
    tried : sequence of Scored
        Past Mondays; where there is none, nothing is judged.
    draws : int
        Resamples behind the intervals.
    rng : Generator
        Draws them.
    """
    if not tried:
        return []
    names = (*INDICES, AS_CHOSEN)
    plain = {name: np.array([monday.figures[name] for monday in tried]).mean(axis=0) for name in names}
    drawn: dict[str, list[Array]] = {name: [] for name in names}
    series = int(max(int(monday.rows.max()) for monday in tried)) + 1
    for _ in range(draws):
        mondays = [tried[int(place)] for place in rng.integers(0, len(tried), len(tried))]
        times = np.bincount(rng.integers(0, series, series), minlength=series).astype(np.float64)
        weights = [times[monday.rows] for monday in mondays]
        for name in names:
            drawn[name].append(_mean_figures(name, mondays, weights))
    default = np.array(drawn[EXPECTED])
    return [_score(name, tried, plain, np.array(drawn[name]), default) for name in names]


def best_index(tried: Sequence[Scored], when: int) -> str:
    """Return the index to use when ``when`` weeks were known: the default unless another did better on precision and rank correlation together.

    Only Mondays count whose eight weeks were over by then.
    """
    known = [monday for monday in tried if monday.cutoff + AHEAD <= when]
    if not known:
        return EXPECTED
    # Of equals the first, and the default is that.
    return max(INDICES, key=lambda name: sum(float(monday.figures[name].sum()) for monday in known))


def _score(name: str, tried: Sequence[Scored], plain: Mapping[str, Array], drawn: Array, default: Array) -> IndexScore:
    def estimate(value: float, values: Array) -> Estimate:
        low, high = np.quantile(values, [0.025, 0.975])
        return Estimate(float(value), float(low), float(high))

    ahead = plain[EXPECTED] - plain[name]
    return IndexScore(
        index=name,
        mondays=len(tried),
        series=round(float(np.mean([len(monday.rows) for monday in tried]))),
        precision=estimate(plain[name][0], drawn[:, 0]),
        spearman=estimate(plain[name][1], drawn[:, 1]),
        precision_gain=estimate(ahead[0], default[:, 0] - drawn[:, 0]),
        spearman_gain=estimate(ahead[1], default[:, 1] - drawn[:, 1]),
    )


def _mean_figures(name: str, mondays: Sequence[Scored], weights: Sequence[Array]) -> Array:
    # Precision and rank correlation of an index, each Monday counting alike.
    figures = [
        _figures(monday.indices[name], monday.grown, weight)
        for monday, weight in zip(mondays, weights, strict=True)
        if weight.sum() >= 2
    ]
    return np.array(figures).mean(axis=0) if figures else np.zeros(2)


def _figures(heat: Ordered, grown: Ordered, weight: Array) -> Array:
    return np.array([precision_at(heat, grown, weight), spearman(heat, grown, weight)])
