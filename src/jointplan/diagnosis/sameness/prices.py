r"""Prices of like goods: what is left of their spread once what makes goods worth more is taken out.

The hedonic regression :math:`\ln p = X\beta + \varepsilon` explains prices by family (every variable is taken less its family's mean, which is the same
as a dummy a family), by weight and volume, and by common words of the titles. The spread of :math:`\varepsilon` in a group of near-identical goods
tells how far their sellers still ask different prices; the plain coefficient of variation would confound it with quality.

References
----------
Rosen (1974), *JPE* 82 (hedonic prices); Frisch and Waugh (1933), *Econometrica* 1 (taking means out).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Hedonic:
    """A hedonic regression.

    Parameters
    ----------
    residual : array
        What is left of each log price; NaN where the price is unknown.
    explained : float
        Share of the variance of log prices that is explained, families included.
    variables : int
        Variables beside the families.
    """

    residual: Floats
    explained: float
    variables: int


def hedonic_prices(price: Floats, family: Ints, qualities: Floats) -> Hedonic:
    """Regress log prices on families and qualities.

    Parameters
    ----------
    price : array
        Price of each product; NaN or not above 0 where unknown.
    family : array of int
        Family of each, numbered from 0.
    qualities : array, products × variables
        What else may make a product dearer, such as log weight and words of its title; NaN where unknown, which counts as the mean of its family.
    """
    known = np.isfinite(price) & (price > 0)
    residual = np.full(len(price), np.nan)
    if not known.any():
        return Hedonic(residual, 0.0, 0)
    logs = np.log(price[known])
    code = family[known]
    left = logs - _means(logs, code)[code]
    columns = []
    for values in qualities[known].T:
        told = np.isfinite(values)
        if told.any():
            less = np.where(told, values - _means(values, code)[code], 0.0)
            if less.std() > 1e-9:
                columns.append(less)
    # A variable for each twenty products at most: more would explain chance.
    columns = columns[: int(known.sum()) // 20]
    if columns:
        matrix = np.column_stack(columns)
        left = left - matrix @ np.linalg.lstsq(matrix, left, rcond=None)[0]
    residual[known] = left
    spread = float(((logs - logs.mean()) ** 2).sum())
    return Hedonic(residual, 1.0 - float((left**2).sum()) / spread if spread > 0 else 0.0, len(columns))


@dataclass(frozen=True)
class Spreads:
    """The price spread of each group.

    Parameters
    ----------
    spread : array
        Standard deviation of the residuals in each group; NaN with fewer than ``least`` known prices.
    usual : array
        Mean of the same for as many products drawn at random from the families of the group.
    p_value : array
        Chance of so low a spread among these draws.
    overall : float
        Chance of so low a mean of log spreads, over all groups.
    """

    spread: Floats
    usual: Floats
    p_value: Floats
    overall: float


def spreads(residual: Floats, group: Ints, family: Ints, *, draws: int, least: int, seed: int) -> Spreads:
    """Measure the residual spread of each group, and of groups of the same make-up drawn at random.

    Parameters
    ----------
    residual : array
        Residual of each product; NaN where unknown.
    group : array of int
        Group of each product from 0; −1: none.
    family : array of int
        Family of each.
    draws : int
        Random exchanges of the residuals within families.
    least : int
        Known prices a group needs.
    seed : int
        The same seed gives the same draws.
    """
    count = int(group.max(initial=-1)) + 1
    known = np.flatnonzero(np.isfinite(residual))
    inside = known[group[known] >= 0]
    size = np.bincount(group[inside], minlength=count)
    enough = size >= least

    def spread_of(values: Floats) -> Floats:
        total = np.bincount(group[inside], values, minlength=count)
        mean = total / np.maximum(size, 1)
        squares = np.bincount(group[inside], (values - mean[group[inside]]) ** 2, minlength=count)
        return np.where(enough, np.sqrt(squares / np.maximum(size - 1, 1)), np.nan)

    real = spread_of(residual[inside])
    rng = np.random.default_rng(seed)
    order = np.argsort(family[known], kind="stable")
    as_low, total, level = np.ones(count), np.zeros(count), 1
    drawn = np.empty(len(residual))
    for _ in range(draws):
        # Sorted by family, then at random: an exchange within families.
        drawn[known[order]] = residual[known[np.lexsort((rng.random(len(known)), family[known]))]]
        other = spread_of(drawn[inside])
        as_low += other <= real + 1e-12
        total += other
        level += bool(_level(other) <= _level(real) + 1e-12)
    return Spreads(real, total / draws, np.where(enough, as_low / (draws + 1), np.nan), level / (draws + 1))


@dataclass(frozen=True)
class Trend:
    """How prices, or margins, of the same goods moved from the earlier to the later half of the time.

    Parameters
    ----------
    change : array
        Mean change in each group; NaN with fewer than two series.
    error : array
        Its standard error.
    series : array of int
        Series it comes from.
    """

    change: Floats
    error: Floats
    series: Ints

    def falling(self) -> npt.NDArray[np.bool_]:
        """Tell where they fell, one-sided at 5 %."""
        from scipy.special import stdtr

        freedom = np.maximum(self.series - 1, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            chance = stdtr(freedom, self.change / self.error)
        return np.asarray((self.series >= 2) & (self.change < -1e-9) & ((chance < 0.05) | (self.error == 0)))


def trend_of(change: Floats, group: Ints, count: int) -> Trend:
    """Add up by groups how each series moved from one half of the time to the other, its seller, product and market unchanged.

    Parameters
    ----------
    change : array
        Change of log price, or of the margin, of each series; NaN or infinite where it is not known.
    group : array of int
        Group of each series; −1: none.
    count : int
        Groups.
    """
    told = np.isfinite(change) & (group >= 0)
    code, change = group[told], change[told]
    series = np.bincount(code, minlength=count)
    mean = np.bincount(code, change, minlength=count) / np.maximum(series, 1)
    squares = np.bincount(code, (change - mean[code]) ** 2, minlength=count)
    error = np.sqrt(squares / np.maximum(series - 1, 1) / np.maximum(series, 1))
    few = series < 2
    return Trend(np.where(few, np.nan, mean), np.where(few, np.nan, error), series.astype(np.int64))


def _level(spread: Floats) -> float:
    # A spread of nothing counts as a tenth of a per cent, so that its logarithm exists.
    known = spread[np.isfinite(spread)]
    return float(np.log(np.maximum(known, 1e-3)).mean()) if len(known) else 0.0


def _means(values: Floats, code: Ints) -> Floats:
    told = np.isfinite(values)
    size = np.bincount(code[told], minlength=int(code.max()) + 1)
    mean: Floats = np.bincount(code[told], values[told], minlength=len(size)) / np.maximum(size, 1)
    return mean
