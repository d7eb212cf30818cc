"""A probabilistic forecaster of many short series of weekly sales, for the benchmark ``vn2.py``: global, light, and blind to the future.

One LightGBM model (Tweedie loss, averaged over three seeds) of all series learns the ratio of a week's demand to the series' recent
level from lags, rolling means, what related series sell, the same weeks a year before, and where the series belongs. Weeks flagged
out of stock are neither learnt from nor averaged. Around its mean demand is negative binomial, as spread as the series has been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

AHEAD = 3
"""Weeks forecast: the two in which goods are due already, and the one that an order serves."""

YEAR = 52
LEARNT_WEEKS = 78
FIRST_ORIGIN = 20
ROUNDS = 200
SEEDS = (1, 2, 3)
SPREAD_WEEKS = 52
BORROWED_WEEKS = 20
DECAYS = (0.03, 0.08, 0.2, 0.5)
LEAST_LEVEL = 0.05
PARAMETERS: dict[str, Any] = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.3,
    "learning_rate": 0.05,
    "num_leaves": 12,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}


@dataclass(frozen=True)
class Known:
    """What is known at the end of a week.

    Parameters
    ----------
    units : array, series × weeks
        Demand of each week; 0 where out of stock.
    in_stock : array of bool, series × weeks
        Whether the series was in stock.
    groups : mapping of arrays of int
        Number of the group each series belongs to, by kind of group: Store, Product and so on.
    week_of_year : int
        Week of the year of the first column.
    """

    units: Array
    in_stock: Mask
    groups: dict[str, Index]
    week_of_year: int

    @property
    def weeks(self) -> int:
        """Weeks known."""
        return int(self.units.shape[1])


@dataclass
class Forecaster:
    """Forecasts from several ends of one history; features of an origin are made once."""

    known: Known
    _features: dict[int, tuple[list[Array], Array]] = field(default_factory=dict)
    _models: Sequence[Any] = ()

    def learn(self, end: int) -> None:
        """Fit to the weeks before ``end``."""
        import lightgbm

        inputs, outputs, levels, weights = [], [], [], []
        for origin in range(max(FIRST_ORIGIN, end - LEARNT_WEEKS), end):
            features, level = self.features(origin)
            seen = self.known.in_stock[:, :origin].sum(axis=1) >= 4
            for ahead in range(min(AHEAD, end - origin)):
                rows = seen & self.known.in_stock[:, origin + ahead]
                inputs.append(features[ahead][rows])
                outputs.append(self.known.units[rows, origin + ahead])
                levels.append(level[rows])
                weights.append(np.full(int(rows.sum()), 0.5 ** ((end - origin) / YEAR)))
        data = lightgbm.Dataset(
            np.concatenate(inputs),
            np.concatenate(outputs),
            weight=np.concatenate(weights),
            init_score=np.log(np.concatenate(levels)),
            free_raw_data=False,
        )
        self._models = [lightgbm.train({**PARAMETERS, "seed": seed}, data, ROUNDS) for seed in SEEDS]

    def mean(self, origin: int) -> Array:
        """Return expected demand of the weeks from ``origin`` on: series × weeks ahead."""
        features, level = self.features(origin)
        scores = [np.mean([model.predict(part, raw_score=True) for model in self._models], axis=0) for part in features]
        return np.stack([level * np.exp(score) for score in scores], axis=1)

    def paths(self, origin: int, *, samples: int, narrowing: float, seed: int) -> Array:
        """Draw demand of the weeks from ``origin`` on: series × samples × weeks ahead."""
        rng = np.random.default_rng([seed, origin])
        mean = self.mean(origin)
        spread = np.maximum(narrowing * self.dispersion(origin), 1e-3)[:, None, None]
        rate = mean[:, None, :] * rng.gamma(1 / spread, spread, (len(mean), samples, AHEAD))
        return rng.poisson(rate).astype(float)

    def dispersion(self, origin: int) -> Array:
        """Return φ of each series, variance = μ + φμ²: its own of the last year, leaning to that of series as large."""
        begin = max(origin - SPREAD_WEEKS, 0)
        units, known = self.known.units[:, begin:origin], self.known.in_stock[:, begin:origin]
        count = known.sum(axis=1)
        mean = (units * known).sum(axis=1) / np.maximum(count, 1)
        variance = ((units - mean[:, None]) ** 2 * known).sum(axis=1) / np.maximum(count - 1, 1)
        own = np.maximum(variance - mean, 0.0) / np.maximum(mean**2, 0.01)
        size = np.log(np.maximum(mean, 0.1))
        terms = np.stack([np.ones_like(size), size, size**2], axis=1)
        enough = count >= 10
        weights, *_ = np.linalg.lstsq(terms[enough], np.log(np.clip(own[enough], 0.02, 10)), rcond=None)
        alike = np.exp(terms @ weights)
        return np.asarray(np.clip((count * own + BORROWED_WEEKS * alike) / (count + BORROWED_WEEKS), 0.02, 6.0))

    def features(self, origin: int) -> tuple[list[Array], Array]:
        """Return what is known at the start of week ``origin``, for each week ahead, and the level of each series."""
        if origin not in self._features:
            known = Known(
                self.known.units[:, :origin],
                self.known.in_stock[:, :origin],
                self.known.groups,
                self.known.week_of_year,
            )
            self._features[origin] = _features(known)
        return self._features[origin]


def _features(known: Known) -> tuple[list[Array], Array]:
    present = known.in_stock.astype(float)
    units = known.units * present
    means = {decay: _decayed_mean(units, present, decay) for decay in DECAYS}
    level = np.maximum((means[0.08] + means[0.2]) / 2, LEAST_LEVEL)
    columns = [*(mean / level for mean in means.values()), np.log(level)]
    columns += [np.where(present[:, -lag] > 0, units[:, -lag], np.nan) / level for lag in (1, 2, 3, 4)]
    columns += [_mean(units[:, -span:], present[:, -span:]) / level for span in (4, 8, 13, 26, 52)]
    columns += _shape(units[:, -26:], present[:, -26:], level)
    begun = np.where(known.in_stock.any(axis=1), known.weeks - known.in_stock.argmax(axis=1), 0)
    columns += [begun.astype(float), present[:, -13:].mean(axis=1)]
    for kind in ("Product", "Store", "Department", "ProductGroup"):
        group = known.groups[kind]
        for span in (2, 4):
            sold = np.bincount(group, units[:, -span:].sum(axis=1))
            usual = np.bincount(group, (level[:, None] * present[:, -span:]).sum(axis=1))
            columns.append((sold / np.maximum(usual, 1e-9))[group])
    base = np.stack(columns, axis=1)
    return [_with_season(known, units, present, level, base, ahead) for ahead in range(AHEAD)], level


def _with_season(known: Known, units: Array, present: Array, level: Array, base: Array, ahead: int) -> Array:
    """Add what the same weeks were like a year before, and where the series belongs."""
    weeks, count = known.weeks, len(units)
    ago = weeks + ahead - YEAR
    everybody = np.zeros(count, dtype=np.int64)
    itself = np.arange(count)
    groups = known.groups
    columns = [_a_year_ago(units, present, itself, ago, 1)]
    for group in (groups["Product"], groups["ProductGroup"], groups["Department"], groups["Store"], everybody):
        columns += [_a_year_ago(units, present, group, ago, around) for around in (0, 1)]
    seen = present[:, ago] > 0 if ago >= 0 else np.zeros(count, dtype=bool)
    columns.append(np.where(seen, units[:, max(ago, 0)], np.nan) / level)
    columns.append(np.full(count, (known.week_of_year + weeks + ahead) % 52.18))
    columns.append(np.full(count, float(ahead + 1)))
    kinds = ("Store", "Department", "DepartmentGroup", "StoreFormat", "Format", "ProductGroup")
    columns += [groups[kind].astype(float) for kind in kinds]
    return np.concatenate([base, np.stack(columns, axis=1)], axis=1).astype(np.float32)


def _a_year_ago(units: Array, present: Array, group: Index, ago: int, around: int) -> Array:
    """Return what a group sold in the weeks around ``ago``, over what it sold in the eight weeks before this week a year ago."""
    nothing = np.full(len(units), np.nan)
    begin = max(units.shape[1] - YEAR - 8, 0)
    end = units.shape[1] - YEAR
    if ago < 0 or end - begin < 4:
        return nothing
    then = slice(max(ago - around, 0), min(ago + around + 1, units.shape[1]))
    before, during = present[:, begin:end].sum(axis=1), present[:, then].sum(axis=1)
    both = (before > 0) & (during > 0)
    usual = np.bincount(group, np.where(both, units[:, begin:end].sum(axis=1) / np.maximum(before, 1), 0.0))
    sold = np.bincount(group, np.where(both, units[:, then].sum(axis=1) / np.maximum(during, 1), 0.0))
    alone = len(usual) == len(units)
    ratio = np.where(usual > (0.0 if alone else 0.5), sold / np.maximum(usual, 0.1 if alone else 1e-9), np.nan)
    return ratio[group]


def _decayed_mean(units: Array, present: Array, decay: float) -> Array:
    weight = present * (1 - decay) ** np.arange(units.shape[1])[::-1]
    return np.asarray((units * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9))


def _mean(units: Array, present: Array) -> Array:
    count = present.sum(axis=1)
    return np.where(count > 0, units.sum(axis=1) / np.maximum(count, 1), np.nan)


def _shape(units: Array, present: Array, level: Array) -> list[Array]:
    """Return how spread, how often zero and how high the last weeks were."""
    count = np.maximum(present.sum(axis=1), 1)
    mean = units.sum(axis=1) / count
    spread = np.sqrt(((units - mean[:, None]) ** 2 * present).sum(axis=1) / count)
    return [
        spread / np.maximum(mean, LEAST_LEVEL),
        ((units == 0) * present).sum(axis=1) / count,
        units.max(axis=1) / level,
    ]
