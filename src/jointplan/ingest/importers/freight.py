"""Lane tariffs and transit times fitted from parcels that were observed.

A parcel's charge is taken as a step of its weight times a level of its destination. Both are medians, so that a few
odd charges move nothing; charges never fall with weight; a destination seen seldom leans on what its distance tells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Weight classes of parcels, kg: each begins at its number and ends below the next.
BANDS: Floats = np.array([0.0, 0.25, 0.5, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30])
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


def fit_parcel_tariff(parcels: Parcels) -> ParcelTariff:
    """Fit charges to observed parcels by median polish on logarithms, monotone in weight."""
    band = np.searchsorted(BANDS, parcels.weight, side="right") - 1
    logs = np.log(parcels.charge)
    # The last class is charged by the kilogram: what is fitted there is the charge at its beginning.
    logs = logs - np.where(band == len(BANDS) - 1, np.log(np.maximum(parcels.weight / BANDS[-1], 1.0)), 0.0)
    destinations = len(parcels.distance)
    counts = np.bincount(band, minlength=len(BANDS)).astype(float)
    observed = np.bincount(parcels.destination, minlength=destinations)
    step = np.zeros(len(BANDS))
    level = np.zeros(destinations)
    for _ in range(_ROUNDS):
        step = _rising(_medians(logs - level[parcels.destination], band, len(BANDS)), counts)
        level = _medians(logs - step[band], parcels.destination, destinations)
    level = _lean_on_distance(level, observed, np.log(100.0 + parcels.distance))
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


@dataclass(frozen=True)
class Transit:
    """Days from handing over to delivery by destination: mean, standard deviation, and parcels seen."""

    mean: Floats
    spread: Floats
    observed: NDArray[np.int64]


def fit_transit(days: Floats, destination: NDArray[np.int64], distance: Floats) -> Transit:
    """Fit transit times to observed deliveries; destinations seen seldom lean on their distance.

    Parameters
    ----------
    days : array
        Days each parcel took.
    destination : array of int
        Destination of each, a position in ``distance``.
    distance : array
        Kilometres to each destination, nan where unknown.
    """
    if not len(days):
        raise ValueError("there must be some deliveries")
    n = np.bincount(destination, minlength=len(distance))
    mean = np.bincount(destination, days, minlength=len(distance)) / np.maximum(n, 1)
    mean = np.maximum(_lean_on_distance(mean, n, distance), 0.0)
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
