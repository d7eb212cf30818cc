"""Lane tariffs and transit times fitted from parcels and loads that were observed, with the error of the fit.

A charge is taken as a step of the weight times a level of the destination. Both are medians, so that a few odd charges
move nothing; charges never fall with weight, nor rise those by the kilogram; a destination seen seldom leans on what its
distance tells. How far a fit may be off is measured on observations it was not made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Weight classes of parcels, kg: each begins at its number and ends below the next.
BANDS: Floats = np.array([0.0, 0.25, 0.5, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30])
# Weight classes of loads, kg.
LOAD_BANDS: Floats = np.array([0.0, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000])
LEAST_SHARE = 0.05  # the least charge of a load is what this share of loads is charged no more than
FOLDS = 5  # parts of which each in turn is foretold from the others
# A destination seen this often counts half by what was seen and half by its distance.
PRIOR = 10.0
_ROUNDS = 25


@dataclass(frozen=True)
class Parcels:
    """Observed parcels.

    Parameters
    ----------
    weight : array
        Kilograms of each parcel, above 0.
    charge : array
        Money paid for each, above 0.
    destination : array of int
        Destination of each, a position in ``distance``.
    distance : array
        Kilometres to each destination, nan where unknown.
    """

    weight: Floats
    charge: Floats
    destination: NDArray[np.int64]
    distance: Floats

    def __post_init__(self) -> None:
        if not len(self.weight) == len(self.charge) == len(self.destination) > 0:
            raise ValueError("parcels need a weight, a charge and a destination each, and there must be some")
        if (self.weight <= 0).any() or (self.charge <= 0).any():
            raise ValueError("weights and charges must be above 0")


@dataclass(frozen=True)
class ParcelTariff:
    """What a parcel costs by weight class and destination.

    Parameters
    ----------
    starts : array
        Where each weight class begins, kg; the first begins at 0.
    charges : array, destinations × classes
        Charge of a parcel in the class. In the last class, which has no end, it grows in proportion to the weight.
    observed : array
        Parcels seen by destination.
    error : float
        Median absolute deviation of the fitted from the observed charges, as a share of the observed.
    total : float
        All fitted charges together, as a share of all observed.
    """

    starts: Floats
    charges: Floats
    observed: NDArray[np.int64]
    error: float = 0.0
    total: float = 1.0

    def charge(self, weight: Floats, destination: NDArray[np.int64]) -> Floats:
        """Return what parcels of these weights (kg) cost."""
        band = np.searchsorted(self.starts, weight, side="right") - 1
        charge: Floats = self.charges[destination, band]
        last = band == len(self.starts) - 1
        charge[last] *= weight[last] / self.starts[-1]
        return charge


@dataclass(frozen=True)
class LoadTariff:
    """What a load costs by weight class and destination.

    Parameters
    ----------
    starts : array
        Where each weight class begins, kg; the first begins at 0.
    rates : array, destinations × classes
        Money per kg in the class.
    minimum : array
        Least charge by destination.
    observed : array
        Loads seen by destination.
    """

    starts: Floats
    rates: Floats
    minimum: Floats
    observed: NDArray[np.int64]

    def charge(self, weight: Floats, destination: NDArray[np.int64]) -> Floats:
        """Return what loads of these weights (kg) cost; a load may be declared as heavy as a later class."""
        ends = np.append(self.starts[1:], np.inf)
        declared = np.maximum(weight[:, None], self.starts[None, :])
        charge = np.maximum(self.rates[destination] * declared, self.minimum[destination][:, None])
        return np.asarray(np.where(weight[:, None] <= ends[None, :], charge, np.inf).min(axis=1))


def fit_parcel_tariff(parcels: Parcels) -> ParcelTariff:
    """Fit charges to observed parcels by median polish on logarithms, monotone in weight."""
    band = np.searchsorted(BANDS, parcels.weight, side="right") - 1
    logs = np.log(parcels.charge)
    # The last class is charged by the kilogram: what is fitted there is the charge at its beginning.
    logs = logs - np.where(band == len(BANDS) - 1, np.log(np.maximum(parcels.weight / BANDS[-1], 1.0)), 0.0)
    step, level, observed = _polish(parcels, logs, band, len(BANDS))
    charges = np.round(np.exp(step[None, :] + level[:, None]), 2).astype(np.float64)
    keep = np.concatenate([[True], np.diff(step) > 0])
    keep[-1] = True
    tariff = ParcelTariff(BANDS[keep], charges[:, keep], observed)
    fitted = tariff.charge(parcels.weight, parcels.destination)
    return replace(
        tariff,
        error=float(np.median(np.abs(fitted / parcels.charge - 1.0))),
        total=float(fitted.sum() / parcels.charge.sum()),
    )


def fit_load_tariff(loads: Parcels) -> LoadTariff:
    """Fit charges by the kilogram to observed loads by median polish on logarithms.

    Charges never fall with weight, and rates never rise. As a load may be declared as heavier than it is, all rates are
    scaled at the end, so that half of the loads are charged more than was observed.
    """
    band = np.searchsorted(LOAD_BANDS, loads.weight, side="right") - 1
    logs = np.log(loads.charge)
    step, level, observed = _polish(loads, logs, band, len(LOAD_BANDS))
    typical = np.append(np.sqrt(LOAD_BANDS[1:] * np.maximum(LOAD_BANDS[:-1], 1.0)), LOAD_BANDS[-1])
    for b in np.unique(band):
        typical[b] = np.exp(np.median(np.log(loads.weight[band == b])))
    counts = np.bincount(band, minlength=len(LOAD_BANDS)).astype(float)
    falling = -_rising(np.log(typical) - step, counts)
    keep = np.concatenate([[True], np.diff(falling) < 0])
    least = float(np.quantile(logs - level[loads.destination], LEAST_SHARE))
    made = LoadTariff(LOAD_BANDS[keep], np.exp(falling[None, keep] + level[:, None]), np.exp(least + level), observed)
    scale = float(np.median(loads.charge / made.charge(loads.weight, loads.destination)))
    return replace(
        made,
        rates=np.maximum(np.round(scale * made.rates, 4), 0.0001),
        minimum=np.asarray(np.round(scale * made.minimum, 2), dtype=float),
    )


def _polish(
    parcels: Parcels, logs: Floats, band: NDArray[np.int64], bands: int
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return the rising step of each class and the level of each destination that add up to the logarithms."""
    destinations = len(parcels.distance)
    counts = np.bincount(band, minlength=bands).astype(float)
    observed = np.bincount(parcels.destination, minlength=destinations)
    step, level = np.zeros(bands), np.zeros(destinations)
    for _ in range(_ROUNDS):
        step = _rising(_medians(logs - level[parcels.destination], band, bands), counts)
        level = _medians(logs - step[band], parcels.destination, destinations)
    return step, _lean_on_distance(level, observed, np.log(100.0 + parcels.distance)), observed


@dataclass(frozen=True)
class FitError:
    """How far a fit is off on observations it was not made from.

    Parameters
    ----------
    typical : float
        Median absolute deviation: of charges as a share of the observed, of transit in days.
    total : float
        All that was foretold together, as a share of all observed.
    observed : int
        Observations foretold.
    """

    typical: float
    total: float
    observed: int


def tariff_error(fit: Callable[[Parcels], ParcelTariff | LoadTariff], parcels: Parcels) -> FitError | None:
    """Foretell each of five parts of the observations from the others; None where they are too few."""
    foretold = np.full(len(parcels.weight), np.nan)
    for known, left in _folds(len(foretold)):
        made = fit(Parcels(parcels.weight[known], parcels.charge[known], parcels.destination[known], parcels.distance))
        foretold[left] = made.charge(parcels.weight[left], parcels.destination[left])
    if np.isnan(foretold).any():
        return None
    off = np.abs(foretold / parcels.charge - 1.0)
    return FitError(float(np.median(off)), float(foretold.sum() / parcels.charge.sum()), len(foretold))


def transit_error(
    days: Floats, destination: NDArray[np.int64], distance: Floats, *, least: float = 0.0
) -> FitError | None:
    """Foretell the days of each of five parts of the deliveries from the others; None where they are too few."""
    foretold = np.full(len(days), np.nan)
    for known, left in _folds(len(days)):
        made = fit_transit(days[known], destination[known], distance, least=least)
        foretold[left] = made.mean[destination[left]]
    if np.isnan(foretold).any():
        return None
    total = float(foretold.sum() / days.sum()) if days.sum() else 1.0
    return FitError(float(np.median(np.abs(foretold - days))), total, len(days))


def _folds(n: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield which observations are known and which are foretold; the same ones every time."""
    order = np.random.default_rng(0).permutation(n)
    for fold in range(FOLDS if n >= 2 * FOLDS else 0):
        part = np.arange(n) % FOLDS == fold
        yield np.sort(order[~part]), np.sort(order[part])


@dataclass(frozen=True)
class Transit:
    """Days from handing over to delivery by destination: mean, standard deviation, and parcels seen."""

    mean: Floats
    spread: Floats
    observed: NDArray[np.int64]


def fit_transit(days: Floats, destination: NDArray[np.int64], distance: Floats, *, least: float = 0.0) -> Transit:
    """Fit transit times to observed deliveries; destinations seen seldom lean on their distance.

    Parameters
    ----------
    days : array
        Days each parcel took.
    destination : array of int
        Destination of each, a position in ``distance``.
    distance : array
        Kilometres to each destination, nan where unknown.
    least : float
        No mean is below this; −inf for days against a schedule, which may be early.
    """
    if not len(days):
        raise ValueError("there must be some deliveries")
    n = np.bincount(destination, minlength=len(distance))
    mean = np.bincount(destination, days, minlength=len(distance)) / np.maximum(n, 1)
    mean = np.maximum(_lean_on_distance(mean, n, distance), least)
    squares = (days - mean[destination]) ** 2
    pooled = float(np.mean(squares))
    spread = np.sqrt((np.bincount(destination, squares, minlength=len(distance)) + PRIOR * pooled) / (n + PRIOR))
    return Transit(mean, spread, n)


def _medians(values: Floats, group: NDArray[np.int64], groups: int) -> Floats:
    """Return the median of each group, nan for an empty one replaced by 0."""
    result = np.zeros(groups)
    for g in np.unique(group):
        result[g] = np.median(values[group == g])
    return result


def _rising(values: Floats, weights: Floats) -> Floats:
    """Return the closest non-decreasing series (pool adjacent violators); empty classes take their neighbour's value."""
    blocks: list[list[float]] = []  # value, weight, classes
    for value, weight in zip(values, weights, strict=True):
        if weight == 0:
            if blocks:
                blocks[-1][2] += 1
            continue
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            upper, lower = blocks.pop(), blocks.pop()
            total = upper[1] + lower[1]
            mean = (upper[0] * upper[1] + lower[0] * lower[1]) / total
            blocks.append([mean, total, upper[2] + lower[2]])
    result = np.repeat([block[0] for block in blocks], [int(block[2]) for block in blocks])
    return np.concatenate([np.full(len(values) - len(result), result[0]), result])


def _lean_on_distance(values: Floats, counts: NDArray[np.int64], distance: Floats) -> Floats:
    """Draw each destination's value towards the line through all of them over distance, the more the fewer it was seen."""
    weight = counts.astype(float)
    known = (counts > 0) & ~np.isnan(distance)
    centre = float(np.average(values, weights=weight))
    line = np.full(len(values), centre)
    if len(np.unique(distance[known])) > 2:
        w, x, y = weight[known], distance[known], values[known]
        middle = np.average(x, weights=w)
        # Farther is never cheaper or quicker.
        slope = max(float(np.sum(w * (x - middle) * y) / np.sum(w * (x - middle) ** 2)), 0.0)
        at = np.where(np.isnan(distance), middle, distance)
        line = float(np.average(y, weights=w)) + slope * (at - middle)
    return (weight * values + PRIOR * line) / (weight + PRIOR)
