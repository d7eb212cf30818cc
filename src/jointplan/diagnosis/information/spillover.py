r"""Whether neighbours' starts raise a firm's chance to start.

In each period each firm that is not in a field yet (a product family, or a market) starts or not; its exposure is the share of its neighbours that were
in the field before. The statistic :math:`\sum (y_{fct} - \bar y_{ct})\,e_{fct}` adds up the exposure of those that start beyond what all firms do in that
field and period, so that a field that spreads everywhere at once is no spillover. Its null is the same after locations are dealt to the firms at random,
which keeps what each firm did and which places neighbour each other. Firms of a kind that settle together may start together without learning from each
other: this measures nearness, never its cause.

References
----------
Mantel (1967), *Cancer Research* 27 (exchange of locations); Knox (1964), *Applied Statistics* 13 (nearness in space and time).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spillover:
    """What neighbours' starts do.

    Parameters
    ----------
    ratio : float
        Exposure of the firms that start over what it is with locations at random; above 1: starts follow neighbours.
    low, high : float
        95 % of the ratios with locations at random lie between.
    p_value : float
        Chance of so high a statistic with locations at random.
    starts : int
        Starts that were judged: those while some firm had neighbours in the field.
    firms : int
        Firms with a position.
    """

    ratio: float
    low: float
    high: float
    p_value: float
    starts: int
    firms: int


def nearest_firms(lat: Floats, lon: Floats, count: int) -> Ints:
    """Return the nearest firms of each, by great circle.

    Parameters
    ----------
    lat, lon : arrays, shape (n,)
        Degrees.
    count : int
        Neighbours of each, less than n.

    Returns
    -------
    array of int, firms × neighbours
    """
    from scipy.spatial import cKDTree

    phi, theta = np.radians(lat), np.radians(lon)
    points = np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])
    # Firms at one address are told apart by a hair, so that none is its own neighbour.
    points += np.linspace(0.0, 1e-9, len(points))[:, None]
    _, near = cKDTree(points).query(points, k=count + 1)
    own = near == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True
    return np.asarray(near[~own].reshape(len(points), count), np.int64)


def measure_spillover(started: Ints, neighbours: Ints, *, periods: int, draws: int, seed: int) -> Spillover | None:
    """Test whether starts follow neighbours' starts; None where no start could.

    Parameters
    ----------
    started : array of int, firms × fields
        Period of each firm's start in each field; 0: it was in from the first period on, ``periods``: never.
    neighbours : array of int, firms × k
        Neighbours of each firm.
    periods : int
        Periods seen.
    draws : int
        Random deals of locations.
    seed : int
        The same seed gives the same draws.
    """
    count = len(started)
    beyond = np.zeros((count, count))
    plain = np.zeros((count, count))
    starts = 0
    for period in range(1, periods):
        there = started < period
        # Where all or none were in before, exposure is alike everywhere and tells nothing.
        open_fields = there.any(axis=0) & (~there).any(axis=0)
        at_risk = ~there[:, open_fields]
        begin = (started[:, open_fields] == period).astype(np.float64)
        starts += int(begin.sum())
        usual = begin.sum(axis=0) / at_risk.sum(axis=0)
        before = there[:, open_fields].astype(np.float64)
        beyond += (begin - usual * at_risk) @ before.T
        plain += begin @ before.T
    if starts == 0:
        return None
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(count), neighbours.shape[1])
    other = neighbours.ravel()
    statistic, exposure = beyond[firm, other].sum(), plain[firm, other].sum()
    drawn = np.empty((draws, 2))
    for draw in range(draws):
        dealt = rng.permutation(count)
        pair = (dealt[firm], dealt[other])
        drawn[draw] = beyond[pair].sum(), plain[pair].sum()
    usual_exposure = drawn[:, 1].mean()
    if not usual_exposure > 0:
        return None
    low, high = np.quantile(drawn[:, 1] / usual_exposure, (0.025, 0.975))
    as_high = int((drawn[:, 0] >= statistic - 1e-9).sum())
    return Spillover(
        float(exposure / usual_exposure), float(low), float(high), (1 + as_high) / (draws + 1), starts, count
    )
