"""Where firms lie: how near each other, and whether latitude and longitude were exchanged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.diagnosis.structure.network import Floats, Ints

KM_PER_DEGREE = 111.195
LEAST_FIRMS = 8
_FAR = 20.0  # degrees from the middle of a country that even a large one hardly reaches
NEIGHBOURS = 16  # nearest firms looked at for a dense cluster


@dataclass(frozen=True)
class Nearness:
    """The nearest-neighbour index of points.

    Parameters
    ----------
    index : float
        Mean distance to the nearest firm over that of points at random in the same area; below 1: they gather.
    p_value : float
        Chance of so low an index at random.
    km : float
        Mean distance to the nearest firm, km.
    expected : float
        That of points at random, km.
    """

    index: float
    p_value: float
    km: float
    expected: float


def exchanged(
    lat: Floats, lon: Floats, fixed: tuple[float, float] | None, country: tuple[float, float] | None = None
) -> npt.NDArray[np.bool_]:
    """Return which firms have latitude and longitude exchanged: they lie far from the others, and near once turned round.

    Parameters
    ----------
    lat, lon : ndarray, shape (n,)
        Degrees; NaN where unknown.
    fixed : tuple of float or None
        A place known to be near the cluster, such as its hub; None: the middle of the firms.
    country : tuple of float or None
        The middle of the cluster's country: tells which way round is right where all firms, or the hub too, are exchanged.
    """
    known = np.isfinite(lat) & np.isfinite(lon)
    result = np.zeros(len(lat), bool)
    if not known.any():
        return result
    middle = fixed or (float(np.median(lat[known])), float(np.median(lon[known])))
    told = False
    if country is not None:
        as_is, turned_round = (np.hypot(a - country[0], b - country[1]) for a, b in (middle, middle[::-1]))
        if told := bool(as_is > _FAR and turned_round < as_is / 2):
            middle = middle[::-1]
    if fixed is None and not told:  # of the two directions the one of more firms is right
        turned = np.hypot(lat[known] - middle[1], lon[known] - middle[0]) < np.hypot(
            lat[known] - middle[0], lon[known] - middle[1]
        )
        if turned.mean() > 0.5:
            return result
    as_is = np.hypot(lat - middle[0], lon - middle[1])
    turned_round = np.hypot(lon - middle[0], lat - middle[1])
    return np.asarray(known & (as_is > 10) & (turned_round < as_is / 4))


def flat(lat: Floats, lon: Floats) -> Floats:
    """Return positions in km on a plane that touches the earth at their middle; shape (n, 2)."""
    middle = float(np.mean(lat))
    east = (lon - np.mean(lon)) * KM_PER_DEGREE * np.cos(np.radians(middle))
    return np.column_stack([east, (lat - middle) * KM_PER_DEGREE])


def nearness(points: Floats) -> Nearness | None:
    """Return the nearest-neighbour index (Clark and Evans 1954), corrected for the edge (Donnelly 1978).

    E[r] = ½√(A/n) + (0.0514 + 0.041/√n) P/n with area A and perimeter P of the convex hull, enlarged; the standard error is
    √(0.0703 A/n² + 0.037 P √(A/n⁵)). None for fewer than eight points, or where they lie on one line.
    """
    from scipy.spatial import ConvexHull, QhullError, cKDTree
    from scipy.stats import norm

    n = len(points)
    if n < LEAST_FIRMS:
        return None
    try:
        hull = ConvexHull(points)
    except QhullError:
        return None
    # The hull of points is smaller than the area they were drawn from (Ripley and Rasson 1977).
    inner = 1 - len(hull.vertices) / n
    if hull.volume <= 0 or inner <= 0:
        return None
    area, perimeter = float(hull.volume) / inner, float(hull.area) / np.sqrt(inner)
    distance = cKDTree(points).query(points, k=2)[0][:, 1]
    expected = 0.5 * np.sqrt(area / n) + (0.0514 + 0.041 / np.sqrt(n)) * perimeter / n
    spread = np.sqrt(0.0703 * area / n**2 + 0.037 * perimeter * np.sqrt(area / n**5))
    mean = float(distance.mean())
    return Nearness(mean / float(expected), float(norm.cdf((mean - expected) / spread)), mean, float(expected))


def dense(points: Floats, km: float) -> Ints:
    """Return the dense cluster of each point from 0, the largest first, −1 for none; shape (n,).

    Points with two others within ``km`` are inner points, inner points that near belong together, others join the cluster
    of their nearest inner point (DBSCAN: Ester, Kriegel, Sander and Xu 1996); only the sixteen nearest are looked at.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    from jointplan.diagnosis.structure.cohesion import by_size

    n = len(points)
    if n < 3:
        return np.full(n, -1)
    distance, other = cKDTree(points).query(points, k=min(NEIGHBOURS, n), distance_upper_bound=km)
    inner = np.isfinite(distance).sum(axis=1) >= 3
    row, column = np.nonzero(np.isfinite(distance))
    end = other[row, column]
    joined = inner[row] & inner[end]
    matrix = coo_array((np.ones(joined.sum()), (row[joined], end[joined])), shape=(n, n))
    _, label = connected_components(matrix, directed=False)
    result = np.full(n, -1, np.int64)
    result[inner] = label[inner]
    for i in np.flatnonzero(~inner):
        near = [j for j, d in zip(other[i], distance[i], strict=True) if np.isfinite(d) and inner[j]]
        if near:
            result[i] = label[near[0]]
    if inner.any():
        result[result >= 0] = by_size(result[result >= 0])
    return result
