"""One model for all series: boosted trees that read what every series looked like from a past week.

A statistical model knows one series. This one is taught from all of them at once: what a series with such a level, such gaps, such an
age, of such a product, in such a family and market, sold so many weeks later. It is taught directly for every lead, so no forecast is fed back
into another. Everything is measured in the usual week of the series, so that large and small ones teach each other; the quantiles
are learnt with the pinball loss, the mean with the Tweedie loss (zeros and a long tail). LightGBM is slow to load and is loaded when
first used.

References
----------
Ke et al. (2017), *NeurIPS* 30 (LightGBM); Makridakis, Spiliotis and Assimakopoulos (2022), *IJF* 38 (global boosted trees with Tweedie
loss won the M5 competition); Koenker and Bassett (1978), *Econometrica* 46 (quantile loss).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.demand.holidays import KINDS
from jointplan.demand.seasons import group_totals

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LEVELS = np.array([0.05, 0.2, 0.5, 0.8, 0.95])
"""Chances of the quantiles that are learnt; those between follow a line between normal scores."""

WINDOWS = (1, 2, 4, 8, 13, 26, 52)
"""Weeks over which the past is averaged."""

LEAST_EXAMPLES = 2_000
"""Examples below which there is nothing to learn from."""

LEAST_SERIES = 100
"""Series that sell of late below which the trees would learn the fate of a few instead of what series do."""

_HIGHEST = 20.0
"""Usual weeks above which an example counts as that much, so that one order does not rule the mean."""

_PARAMETERS = {
    "learning_rate": 0.06,
    "num_leaves": 24,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "max_bin": 127,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True)
class Teaching:
    """What the trees may read.

    Parameters
    ----------
    history : array, series × weeks
        Units per week, unknown weeks filled in.
    seen : array of bool, series × weeks
        Weeks whose demand is known; only they are taught from.
    first : array of int
        Column of each series' first sale.
    family, market, product, seller : arrays of int
        Group of each series, numbered from 0.
    price : array, series × weeks or None
        Price of a unit over the usual one, last known price carried on.
    promoted : array, series × (weeks + weeks to come) or None
        Whether a promotion was on, or is planned.
    holidays : array of int, series × (weeks + weeks to come) or None
        Codes of the holidays in each week.
    attributes : array, series × attributes or None
        What each product is, as numbers, NaN where not known.
    """

    history: Array
    seen: Mask
    first: Index
    family: Index
    market: Index
    product: Index
    seller: Index
    price: Array | None = None
    promoted: Array | None = None
    holidays: Index | None = None
    attributes: Array | None = None

    @property
    def weeks(self) -> int:
        """Weeks of history."""
        return int(self.history.shape[1])


@dataclass(frozen=True)
class Learned:
    """What the trees expect.

    Parameters
    ----------
    mean : array, series × weeks to come
        Units per week.
    quantiles : array, series × levels × weeks to come
        At :data:`LEVELS`, non-decreasing.
    """

    mean: Array
    quantiles: Array


class _Reader:
    """Turns (series, week known, lead) into a row of what the trees read."""

    def __init__(self, teaching: Teaching, season: int) -> None:
        self.teaching, self.season = teaching, season
        history = teaching.history
        self.units = _running(history)
        self.squares = _running(history**2)
        self.zeros = _running(history <= 0)
        last = np.where(history > 0, np.arange(history.shape[1])[None, :], -1)
        self.last_sale = np.maximum.accumulate(last, axis=1)
        # Of holidays only those are read that were seen half a season ago: of one just begun nothing tells its effect from the day's.
        old = max(teaching.weeks - season // 2, 0)
        seen = 0 if teaching.holidays is None else int(np.bitwise_or.reduce(teaching.holidays[:, :old], axis=None))
        self.bits = [bit for bit in range(len(KINDS)) if seen >> bit & 1]
        self.groups = []
        for group in (teaching.family, teaching.product, teaching.market):
            count = int(group.max(initial=0)) + 1
            if 1 < count < len(group):
                self.groups.append((group, _running(group_totals(history, group, count))))
        everyone = np.zeros(len(history), dtype=np.int64)
        self.groups.append((everyone, _running(history.sum(axis=0)[None, :])))

    def scale(self, row: Index, known: Index) -> Array:
        """Return the usual week of a series, as far as it is known: the recent half year, a little drawn to all its past."""
        first = self.teaching.first[row]
        age = np.maximum(known - first, 1)
        recent = np.minimum(age, 26)
        late = self.units[row, known] - self.units[row, known - recent]
        everything = self.units[row, known] / age
        usual: Array = (late + 4.0 * everything) / (recent + 4.0)
        return usual

    def read(self, row: Index, known: Index, lead: Index, scale: Array) -> Array:
        """Return the features, examples × features; nothing from the week ``known`` on is read, save planned promotions."""
        teaching, season = self.teaching, self.season
        first = teaching.first[row]
        age = np.maximum(known - first, 0)
        columns: list[Array] = [lead.astype(np.float64), np.log1p(age), np.log(scale)]
        for weeks in WINDOWS:
            back = np.minimum(age, weeks)
            total = self.units[row, known] - self.units[row, known - back]
            columns.append(np.where(age >= min(weeks, 8), total / np.maximum(back, 1) / scale, np.nan))
        for weeks in (8, 26):
            back = np.minimum(age, weeks)
            columns.append((self.zeros[row, known] - self.zeros[row, known - back]) / np.maximum(back, 1))
        back = np.minimum(age, 26)
        mean = (self.units[row, known] - self.units[row, known - back]) / np.maximum(back, 1)
        square = (self.squares[row, known] - self.squares[row, known - back]) / np.maximum(back, 1)
        columns.append(np.sqrt(np.maximum(square - mean**2, 0.0)) / scale)
        columns.append(np.log1p(known - 1 - self.last_sale[row, known - 1]))

        target = known + lead - 1
        phase = 2.0 * np.pi * (target % season) / season
        columns += [np.sin(phase), np.cos(phase)]
        # The weeks around the same one a season ago; a lead longer than a season would need weeks not yet known.
        centre = target - season * (-(-lead // season))
        begin, end = np.maximum(centre - 1, 0), np.minimum(centre + 2, known)
        there = (centre >= 1) & (end > begin)
        begin, end = np.where(there, begin, 0), np.where(there, end, 1)
        width = end - begin
        own = (self.units[row, end] - self.units[row, begin]) / width / scale
        columns.append(np.where(there & (begin >= first), own, np.nan))
        for group, running in self.groups:
            member = group[row]
            year, quarter, month = (np.minimum(known, weeks) for weeks in (season, 13, 4))
            usual = (running[member, known] - running[member, known - year]) / year
            usual = np.where(usual > 0, usual, np.nan)
            columns.append((running[member, known] - running[member, known - month]) / month / usual)
            columns.append((running[member, known] - running[member, known - quarter]) / quarter / usual)
            then = (running[member, end] - running[member, begin]) / width / usual
            columns.append(np.where(there, then, np.nan))
        columns += [group[row].astype(np.float64) for group in (teaching.family, teaching.market, teaching.seller)]
        if teaching.attributes is not None:
            columns += list(teaching.attributes[row].T)
        if teaching.price is not None:
            columns.append(teaching.price[row, known - 1])
        if teaching.promoted is not None:
            columns.append(teaching.promoted[row, target])
            columns.append(teaching.promoted[row, known - 1])
        if teaching.holidays is not None:
            columns += [(teaching.holidays[row, target] >> bit & 1).astype(np.float64) for bit in self.bits]
        return np.stack(columns, axis=1)


def learn(
    teaching: Teaching,
    horizon: int,
    *,
    season: int,
    examples: int,
    rounds: int,
    rng: np.random.Generator,
) -> Learned | None:
    """Teach the trees from all weeks of the history, and look ahead from its end.

    Parameters
    ----------
    teaching : Teaching
        What may be read.
    horizon : int
        Weeks to forecast.
    season : int
        Weeks of a season.
    examples : int
        Most examples to teach from; more are sampled.
    rounds : int
        Trees of each quantile.
    rng : numpy Generator
        For the sample.

    Returns
    -------
    Learned or None
        None where there are fewer than :data:`LEAST_EXAMPLES` examples or :data:`LEAST_SERIES` series.
    """
    import lightgbm

    reader = _Reader(teaching, season)
    row, known, lead = _examples(teaching, horizon, examples, rng)
    scale = reader.scale(row, known)
    useful = scale > 0
    row, known, lead, scale = row[useful], known[useful], lead[useful], scale[useful]
    if len(row) < LEAST_EXAMPLES or len(np.unique(row)) < LEAST_SERIES:
        return None
    features = reader.read(row, known, lead, scale)
    answer = np.minimum(teaching.history[row, known + lead - 1] / scale, _HIGHEST)

    count, weeks = len(teaching.history), teaching.weeks
    everyone = np.arange(count)
    usual = reader.scale(everyone, np.full(count, weeks))
    alive = np.flatnonzero(usual > 0)
    asked = reader.read(
        np.repeat(alive, horizon),
        np.full(len(alive) * horizon, weeks),
        np.tile(np.arange(1, horizon + 1), len(alive)),
        np.repeat(usual[alive], horizon),
    )
    parameters = _PARAMETERS | {"seed": int(rng.integers(2**31))}
    mean, quantiles = np.zeros((count, horizon)), np.zeros((count, len(LEVELS), horizon))
    shape = (len(alive), horizon)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)
        data = lightgbm.Dataset(features, answer, params=parameters, free_raw_data=False)
        data.construct()
        made = lightgbm.train(parameters | {"objective": "tweedie", "tweedie_variance_power": 1.3}, data, rounds)
        mean[alive] = np.asarray(made.predict(asked)).reshape(shape) * usual[alive, None]
        for place, level in enumerate(LEVELS):
            made = lightgbm.train(parameters | {"objective": "quantile", "alpha": float(level)}, data, rounds)
            quantiles[alive, place] = np.asarray(made.predict(asked)).reshape(shape) * usual[alive, None]
    return Learned(np.maximum(mean, 0.0), np.sort(np.maximum(quantiles, 0.0), axis=1))


def _examples(teaching: Teaching, horizon: int, most: int, rng: np.random.Generator) -> tuple[Index, Index, Index]:
    # Series, weeks known and lead of each example: the week it asks for must be known demand.
    weeks = teaching.weeks
    earliest = np.minimum(teaching.first + 4, weeks)
    room = np.maximum(weeks - earliest, 0)
    total = int(room.sum())
    if not total:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    size = min(total * min(horizon, 4), most)
    # The week asked for is drawn first, so that recent weeks are asked for as often as early ones.
    place = rng.integers(0, total, size)
    ends = np.cumsum(room)
    row = np.searchsorted(ends, place, side="right")
    target = weeks - 1 - (ends[row] - 1 - place)
    lead = 1 + np.minimum((rng.random(size) * horizon).astype(np.int64), horizon - 1)
    known = target - lead + 1
    good = (known >= earliest[row]) & teaching.seen[row, target]
    return row[good], known[good], lead[good]


def _running(values: npt.NDArray[np.generic]) -> Array:
    # Column t is the sum of the first t weeks.
    total = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=total[:, 1:])
    return total
