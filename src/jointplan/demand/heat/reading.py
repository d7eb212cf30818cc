r"""What a history says of the heat of each series on one Monday.

With units :math:`x_t`, their exponentially weighted mean :math:`L_t` (half-life four weeks) and :math:`\kappa`, the median
level of the category:

============  =============================================================================================
level         :math:`L_t`
growth        :math:`g_t = \ln\frac{L_t+\kappa}{L_{t-4}+\kappa}`
acceleration  :math:`g_t - g_{t-4}`
momentum      growth over its usual size in the past of the series: beyond ±1 it is more than the usual ups and downs
============  =============================================================================================

A series begins with its first sale, or in the week it is said to have been launched in where that is earlier: the weeks before are no
weeks without demand, and enter no mean. Growth compares four weeks with the four before, so that it is told from eight weeks on sale, and
acceleration from twelve; before that both are not known, and count for nothing in any index.

A week above twenty times the usual one counts as that much, and above four hundred times, as digits must have slipped in, as a usual one, as in forecasts, also among the weeks that a past Monday is held against. Nothing after the Monday is read: every function is given
the weeks before it only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from jointplan.demand.heat.panel import EVERYWHERE, HeatPanel
from jointplan.demand.history import believed, cap_spikes
from jointplan.demand.settings import SPIKE_FACTOR

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

AHEAD = 8
"""Weeks whose growth over the eight before is what heat shall tell."""

STEP = 4
"""Weeks over which growth is taken."""

LEVEL_HALF_LIFE = 4.0
LONG_HALF_LIFE = 26.0
LEAST_FOR_GROWTH, LEAST_FOR_ACCELERATION = 2 * STEP, 3 * STEP
"""Weeks on sale from which growth and acceleration are told."""

LIVE_WEEKS = 26
LEAST_LIVE_WEEKS = 3
YEAR = 52
QUARTER = 13
LEAST_COMPARED = 3
"""Series a market needs to have a typical one: of two, each is as far from the middle as the other, however near they are."""

CLIP = 4.0
"""Standard deviations beyond which a feature counts as this far: one order of a billion units is one outlier."""

FEATURES = (
    "level",
    "growth",
    "acceleration",
    "reversion",
    "recent",
    "active",
    "steady",
    "spike",
    "age",
    "last_week",
    "last_month",
    "season",
    "signals",
)


class Phase(Enum):
    """Where a product stands in its life: up, at the top, down, none of these, or too short on sale to tell."""

    RISING = "rising"
    PEAK = "peak"
    FADING = "fading"
    STEADY = "steady"
    EARLY = "early"


@dataclass(frozen=True)
class Reading:
    """The live series of a panel on one Monday.

    Parameters
    ----------
    rows : array of int
        Live series: sold in at least three of the last 26 weeks and in the last eight, or seen in signals in the last eight.
    group : array of int
        Market of each, numbered; series are ranked within it.
    level, growth, acceleration, momentum : arrays
        See the module; not a number where a series is too young.
    phase : array of str
        Values of :class:`Phase`.
    features : array, series × features
        :data:`FEATURES`, standardised within the group.
    rank_mean : array
        Mean percentile rank within category of level, growth and acceleration, over sales and signals: from 0 to 1.
    last : array
        Units of the last week.
    kappa, before : array
        Median level of the category, and mean units per week of the last eight weeks, or of those since it began.
    idle : array of bool
        Nothing was sold in the last eight weeks: it is only looked at.
    """

    rows: Index
    group: Index
    level: Array
    growth: Array
    acceleration: Array
    momentum: Array
    phase: Names
    features: Array
    rank_mean: Array
    last: Array
    kappa: Array
    before: Array
    idle: Mask

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def compared(self) -> Mask:
        """Series of markets in which there are enough to have a typical one."""
        size = np.bincount(self.group)
        return np.asarray(size[self.group] >= LEAST_COMPARED)

    def realised(self, panel: HeatPanel, cutoff: int) -> Array:
        """Return the growth of the next eight weeks over the last eight, smoothed by κ, as a logarithm; one order rules neither side."""
        after = _spikes_capped(panel, self.rows, cutoff + AHEAD)[:, cutoff:].mean(axis=1)
        grown: Array = np.log((after + self.kappa) / (self.before + self.kappa))
        return grown


def read_heat(panel: HeatPanel, cutoff: int) -> Reading:
    """Read the heat of a panel from its first ``cutoff`` weeks."""
    known = panel.units[:, :cutoff]
    signals = {kind: values[:, :cutoff] for kind, values in panel.signals.items()}
    sold = known > 0
    live = (sold[:, -LIVE_WEEKS:].sum(axis=1) >= LEAST_LIVE_WEEKS) & sold[:, -AHEAD:].any(axis=1)
    for values in signals.values():
        live |= (values[:, -AHEAD:] > 0).any(axis=1)
    rows = np.flatnonzero(live)
    units, sold = _spikes_capped(panel, rows, cutoff), sold[rows]
    first = _beginnings(sold)
    if panel.launched is not None:
        # In a market it may have come on sale later than elsewhere.
        told = np.where(panel.market[rows] == EVERYWHERE, panel.launched[rows], cutoff)
        first = np.clip(told, 0, first)
    age = cutoff - first
    group = _numbered(panel.market[rows])
    # A product is held against its family, a family against all families of the market.
    category = _numbered(_pairs(panel.market[rows], np.where(panel.sku[rows] == "", "", panel.family[rows])))

    levels = smoothed_levels(units, first)
    level, growth, acceleration, kappa = _course(levels, age, category)
    momentum = _momentum(levels, first, growth, kappa)
    before = _recent(units, AHEAD, age)
    month = _recent(units, STEP, age)
    long = _long_level(units, first)
    ranks = [group_ranks(values, category) for values in (level, growth, acceleration)]
    buzz = np.zeros(len(rows))
    for values in signals.values():
        begun = _beginnings(values[rows] > 0)
        heard = _course(smoothed_levels(values[rows], begun), cutoff - begun, category)
        ranks += [np.where(begun < cutoff, group_ranks(part, category), np.nan) for part in heard[:3]]
        buzz += np.nan_to_num(heard[1]) / len(signals)

    def per(part: Array, whole: Array) -> Array:
        ratio: Array = np.log((part + kappa) / (whole + kappa))
        return ratio

    raw = np.column_stack(
        [
            np.log(level + kappa),
            growth,
            acceleration,
            per(long, before),
            np.log(before + kappa),
            _recent(sold, AHEAD, age),
            _recent(sold, LIVE_WEEKS, age),
            per(units[:, -AHEAD:].max(axis=1, initial=0.0) / np.clip(age, 1, AHEAD), before),
            np.log(age + 1.0),
            per(_recent(units, 1, age), before),
            per(month, before),
            _season(panel.family[rows], units, first, kappa),
            buzz,
        ]
    )
    return Reading(
        rows=rows,
        group=group,
        level=level,
        growth=growth,
        acceleration=acceleration,
        momentum=momentum,
        phase=_phases(levels, before, momentum, acceleration),
        features=_standardised(raw, group),
        rank_mean=np.nanmean(np.stack(ranks), axis=0) if len(rows) else np.zeros(0),
        last=units[:, -1] if cutoff else np.zeros(len(rows)),
        kappa=kappa,
        before=before,
        idle=np.asarray(before <= 0),
    )


def smoothed_levels(values: Array, first: Index, half_life: float = LEVEL_HALF_LIFE) -> Array:
    """Return the exponentially weighted mean of each week and those before it since a series began, recent weeks weighing more.

    Parameters
    ----------
    values : array, series × weeks
        Units per week.
    first : array of int
        Column in which each series begins.
    half_life : float
        Weeks after which a week weighs half.

    Returns
    -------
    array, series × (weeks + 1)
        Column ``t`` is the level when ``t`` weeks were known; 0 before the series began.
    """
    levels = np.zeros((len(values), values.shape[1] + 1))
    keep, total, weight = 0.5 ** (1.0 / half_life), np.zeros(len(values)), np.zeros(len(values))
    for week in range(values.shape[1]):
        begun = first <= week
        total = keep * total + np.where(begun, values[:, week], 0.0)
        weight = keep * weight + begun
        levels[:, week + 1] = total / np.where(begun, weight, 1.0)
    return levels


def group_ranks(values: Array, group: Index) -> Array:
    """Return the percentile rank of each value within its group: the share of the group below it, equals counting half.

    What is not a number has no rank and is not counted.

    Examples
    --------
    >>> group_ranks(np.array([3.0, 1.0, 1.0, 5.0]), np.array([0, 0, 0, 1])).round(3).tolist()
    [0.833, 0.333, 0.333, 0.5]
    """
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.lexsort((values[known], group[known]))]
    ordered, owner = values[order], group[order]
    starts = np.r_[True, (ordered[1:] != ordered[:-1]) | (owner[1:] != owner[:-1])] if len(order) else np.zeros(0, bool)
    tie = np.cumsum(starts) - 1
    begin = np.flatnonzero(starts)
    end = np.r_[begin[1:], len(order)]
    size = np.bincount(owner, minlength=int(group.max(initial=-1)) + 1)
    offset = np.cumsum(size) - size
    ranks = np.full(len(values), np.nan)
    ranks[order] = ((begin + end) / 2.0)[tie] - offset[owner]
    shares: Array = ranks / np.maximum(size[group], 1)
    return shares


def _spikes_capped(panel: HeatPanel, rows: Index, weeks: int) -> Array:
    # The first weeks of some series: one order must not rule them, whatever its size, and a slip of the pen not at all.
    family = _numbered(panel.family[rows])
    return cap_spikes(believed(panel.units[rows, :weeks], family, SPIKE_FACTOR), family, SPIKE_FACTOR)


def _beginnings(sold: Mask) -> Index:
    # Column of the first sale; the number of columns where there is none.
    weeks = sold.shape[1]
    if not weeks:
        return np.zeros(len(sold), dtype=np.int64)
    first: Index = np.where(sold.any(axis=1), sold.argmax(axis=1), weeks)
    return first


def _recent(values: npt.NDArray[np.generic], weeks: int, age: Index) -> Array:
    # Mean over the last weeks, or over those since the series began; 0 where there are none.
    mean: Array = values[:, -weeks:].sum(axis=1) / np.clip(age, 1, weeks)
    return mean


def _course(levels: Array, age: Index, category: Index) -> tuple[Array, Array, Array, Array]:
    # Level, growth, acceleration and the median level of the category.
    now, before, earlier = (_back(levels, weeks) for weeks in (0, STEP, 2 * STEP))
    kappa = _usual(now, category)
    growth = np.where(age >= LEAST_FOR_GROWTH, np.log((now + kappa) / (before + kappa)), np.nan)
    known = age >= LEAST_FOR_ACCELERATION
    return now, growth, np.where(known, growth - np.log((before + kappa) / (earlier + kappa)), np.nan), kappa


def _usual(level: Array, category: Index) -> Array:
    # Median level of those in the category that have one; where none has, of all; else one unit.
    some = level > 0
    everywhere = float(np.median(level[some])) if some.any() else 1.0
    usual = np.full(int(category.max(initial=-1)) + 1, everywhere)
    order = np.lexsort((level[some], category[some]))
    values, owner = level[some][order], category[some][order]
    size = np.bincount(owner, minlength=len(usual))
    end = np.cumsum(size)
    has = size > 0
    low, high = end - size + (size - 1) // 2, end - size + size // 2
    usual[has] = (values[low[has]] + values[high[has]]) / 2.0
    kappa: Array = usual[category]
    return kappa


def _back(levels: Array, weeks: int) -> Array:
    # The level so many weeks ago.
    level: Array = levels[:, max(levels.shape[1] - 1 - weeks, 0)]
    return level


def _momentum(levels: Array, first: Index, growth: Array, kappa: Array) -> Array:
    # Usual size of four-week growth: root mean square of those that began every four weeks of the last year, at least what
    # the counting of single units alone brings about.
    squares, count = np.zeros(len(levels)), np.zeros(len(levels))
    weeks = levels.shape[1] - 1
    later = np.log(_back(levels, STEP) + kappa)
    for back in range(2 * STEP, min(YEAR, weeks) + 1, STEP):
        earlier = np.log(_back(levels, back) + kappa)
        known = first + STEP <= weeks - back
        squares += np.where(known, (later - earlier) ** 2, 0.0)
        count += known
        later = earlier
    usual = np.sqrt((squares + _chance(_back(levels, 0), kappa)) / (count + 1.0))
    momentum: Array = growth / usual
    return momentum


def _chance(level: Array, kappa: Array) -> Array:
    # Variance of growth from counting alone, as of Poisson sales of this level over the weeks that two levels do not share.
    variance: Array = np.maximum(2.0 * level / (LEVEL_HALF_LIFE * (level + kappa) ** 2), 0.01)
    return variance


def _long_level(units: Array, first: Index) -> Array:
    # Mean since the first sale, recent weeks weighing more.
    weeks = units.shape[1]
    weight = 0.5 ** (np.arange(weeks)[::-1] / LONG_HALF_LIFE)
    since = (weight * (np.arange(weeks) >= first[:, None])).sum(axis=1)
    level: Array = (units * weight).sum(axis=1) / np.maximum(since, 1e-9)
    return level


def _season(family: Names, units: Array, first: Index, kappa: Array) -> Array:
    # Growth a year ago over the same weeks: of the series, leaning to that of its family where it sold little.
    weeks = units.shape[1]
    if weeks < YEAR + AHEAD:
        return np.zeros(len(units))
    there = (first <= weeks - YEAR - AHEAD)[:, None]
    after = (units * there)[:, weeks - YEAR : weeks - YEAR + AHEAD].sum(axis=1)
    before = (units * there)[:, weeks - YEAR - AHEAD : weeks - YEAR].sum(axis=1)
    code = _numbered(family)
    least = AHEAD * kappa.mean() if len(kappa) else 1.0
    all_after = after.sum() + least
    all_before = before.sum() + least
    count = int(code.max(initial=-1)) + 1
    family_after = np.bincount(code, after, count) + least * all_after / all_before
    family_before = np.bincount(code, before, count) + least
    lean = STEP * kappa
    season: Array = np.log((after + lean * (family_after / family_before)[code]) / (before + lean))
    return season


def _phases(levels: Array, before: Array, momentum: Array, acceleration: Array) -> Names:
    # At the top: no longer rising beyond the usual, slowing, near the highest level of the last half year, and a quarter above
    # the level of a quarter ago: a level line has no peak.
    level, quarter = _back(levels, 0), _back(levels, QUARTER)
    high = level >= 0.8 * levels[:, -LIVE_WEEKS:].max(axis=1, initial=0.0)
    phase = np.where(np.isnan(momentum), Phase.EARLY.value, Phase.STEADY.value).astype("U8")
    phase[momentum <= -1.0] = Phase.FADING.value
    phase[momentum >= 1.0] = Phase.RISING.value
    top = high & (acceleration < 0) & (np.abs(momentum) < 1.0) & (level > 1.25 * quarter)
    phase[top] = Phase.PEAK.value
    phase[(before <= 0) & (phase != Phase.EARLY.value)] = Phase.STEADY.value
    return phase


def _standardised(raw: Array, group: Index) -> Array:
    # What is not known of a series counts as the mean of those it is known of.
    made = np.zeros_like(raw)
    for place in range(raw.shape[1]):
        known = ~np.isnan(raw[:, place])
        count = np.maximum(np.bincount(group, known), 1)
        mean = np.bincount(group, np.where(known, raw[:, place], 0.0)) / count
        off = np.where(known, raw[:, place] - mean[group], 0.0)
        spread = np.sqrt(np.bincount(group, off**2) / count)[group]
        made[:, place] = np.clip(off / np.where(spread > 1e-9, spread, 1.0), -CLIP, CLIP)
    return made


def _pairs(left: Names, right: Names) -> Names:
    pairs: Names = np.char.add(np.char.add(left, "\n"), right)
    return pairs


def _numbered(names: Names) -> Index:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)
