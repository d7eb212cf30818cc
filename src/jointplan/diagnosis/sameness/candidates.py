"""Like titles among many, without comparing each with each.

1. Rows of weighted grams are projected on their leading singular directions (latent semantic analysis), found from a sample of the rows.
2. The projected rows are parted into cells of about ``_CELL`` rows by spherical k-means; a larger cell is cut into pieces.
3. Each row is compared with the rows of its nearest cells (an inverted file), and its nearest are kept.
4. The cosine of the pairs kept is computed from all their grams, and that alone is reported.

The products of 3 are made by BLAS, the rest of 3 and 4 by a compiled loop in a thread for each processor.

Each row meets at most ``_PROBES`` × ``_PIECE`` others, so the work grows with the number of products and not with its square. Up to
``_PROBES`` × ``_CELL`` products nothing is left out but by the projection. benchmarks/sameness.py measures how much is found.

References
----------
Deerwester et al. (1990), *JASIS* 41 (latent semantic analysis); Halko, Martinsson and Tropp (2011), *SIAM Review* 53 (randomised singular value
decomposition); Jégou, Douze and Schmid (2011), *IEEE PAMI* 33 (the inverted file).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

_DIRECTIONS = 192
_SAMPLE = 20_000  # rows the directions are found from
_CELL = 1_000
_PIECE = 2_000
_PROBES = 16
_ROUNDS = 6  # of k-means
_PER_CELL = 40  # rows a cell is found from
_SLACK = 0.1  # by which a projected cosine may fall short of the real one
_ROWS = 4_096  # compared at a time, which bounds the memory


def like_titles(weighted: sparse.csr_matrix, *, least: float, neighbours: int, seed: int) -> tuple[Ints, Ints, Floats]:
    """Find pairs of rows whose cosine is at least ``least``.

    Parameters
    ----------
    weighted : csr_matrix of float32, rows × grams
        Rows of length one or zero, as :func:`weighted_titles` gives.
    least : float
        Least cosine, above 0.
    neighbours : int
        Pairs looked for from each row; a row may be in more, found from the other end.
    seed : int
        The same seed gives the same pairs.

    Returns
    -------
    left, right, cosine : arrays
        Each pair once, ``left < right``, in their order.
    """
    count = weighted.shape[0]
    filled = np.flatnonzero(np.diff(weighted.indptr)).astype(np.int64)
    if len(filled) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    rng = np.random.default_rng(seed)
    used = weighted[filled]
    # The projection ranks the near ones roughly: twice as many are kept and measured.
    kept = min(2 * neighbours, len(filled) - 1)
    with ThreadPoolExecutor(_threads()) as pool:
        near = _nearest(_projected(used, rng), kept, max(least - _SLACK, 1e-6), rng, pool)
        row, at, cosine = _measured(used, near, least, pool)
    first, second = filled[row], filled[near[row, at]]
    left, right = np.minimum(first, second), np.maximum(first, second)
    order = np.argsort(left * count + right)
    return left[order], right[order], cosine[order]


def _nearest(
    rows: Singles, kept: int, least: float, rng: np.random.Generator, pool: ThreadPoolExecutor
) -> npt.NDArray[np.int32]:
    """Return the nearest of each projected row among those it meets, in the order of their positions, −1 where there are fewer."""
    near = np.full((len(rows), kept), -1, np.int32)
    nearness = np.full((len(rows), kept), np.float32(least))
    for asking, members in _meetings(rows, rng):
        cosine = rows[asking] @ rows[members].T
        # A row asks once in each meeting, so threads never write the same place.
        for done in [
            pool.submit(_keep_nearest, cosine[part], asking[part], members, near, nearness)
            for part in _parts(len(asking))
        ]:
            done.result()
    near.sort(axis=1)
    return near


def _measured(
    weighted: sparse.csr_matrix, near: npt.NDArray[np.int32], least: float, pool: ThreadPoolExecutor
) -> tuple[Ints, Ints, Floats]:
    """Return where in ``near`` a pair stands for the first time whose cosine is at least ``least``, and that cosine."""
    cosine = np.zeros(near.shape, np.float32)
    starts = weighted.indptr.astype(np.int64)
    for done in [
        pool.submit(_cosines, starts, weighted.indices, weighted.data, weighted.shape[1], near, part.start, part.stop, cosine)
        for part in _parts(len(near))
    ]:  # fmt: skip
        done.result()
    row, at = np.nonzero(cosine >= least)
    return row, at, cosine[row, at].astype(np.float64)


def _threads() -> int:
    return os.cpu_count() or 1


def _parts(count: int) -> list[slice]:
    """Cut so many rows into a part for each thread."""
    ends = np.linspace(0, count, _threads() + 1).astype(int).tolist()
    return [slice(*pair) for pair in pairwise(ends)]


def _projected(weighted: sparse.csr_matrix, rng: np.random.Generator) -> Singles:
    """Return the rows on their leading directions, of length one."""
    from sklearn.utils.extmath import randomized_svd  # loaded only where there are titles

    if min(weighted.shape) <= _DIRECTIONS:
        rows: Singles = weighted.toarray()
    else:
        few = weighted.shape[0] <= _SAMPLE
        sample = weighted if few else weighted[np.sort(rng.choice(weighted.shape[0], _SAMPLE, replace=False))]
        _, _, directions = randomized_svd(
            sample, _DIRECTIONS, n_iter=2, random_state=int(rng.integers(2**31)), flip_sign=False
        )
        rows = np.asarray(weighted @ np.ascontiguousarray(directions.T, np.float32), np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def _meetings(rows: Singles, rng: np.random.Generator) -> Iterator[tuple[Ints, Ints]]:
    """Yield which rows are compared with which."""
    cells = max(len(rows) // _CELL, 1)
    centres = rows[rng.choice(len(rows), cells, replace=False)].copy()
    sample = rows[rng.choice(len(rows), min(len(rows), _PER_CELL * cells), replace=False)]
    for _ in range(_ROUNDS if cells > 1 else 0):
        nearest = (sample @ centres.T).argmax(axis=1)
        for cell in np.unique(nearest):
            centres[cell] = sample[nearest == cell].sum(axis=0)
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    home = np.concatenate([(rows[k : k + _ROWS] @ centres.T).argmax(axis=1) for k in range(0, len(rows), _ROWS)])
    # Pieces of a cell share its centre; a row is sure to meet its own.
    order = np.argsort(home, kind="stable")
    first = np.flatnonzero(np.diff(home[order], prepend=-1))
    place = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    number = np.cumsum(place % _PIECE == 0) - 1
    piece = np.empty(len(rows), np.int64)
    piece[order] = number
    pieces = int(number[-1]) + 1
    centre_of = home[order][np.flatnonzero(np.diff(number, prepend=-1))]
    probes = min(_PROBES, pieces)
    meets = np.empty((len(rows), probes), np.int32)
    for k in range(0, len(rows), _ROWS):
        near = rows[k : k + _ROWS] @ centres[centre_of].T
        near[np.arange(len(near)), piece[k : k + _ROWS]] = 2.0
        meets[k : k + _ROWS] = np.argpartition(-near, probes - 1, axis=1)[:, :probes]
    asking = np.argsort(meets.ravel(), kind="stable")
    bounds = np.searchsorted(meets.ravel()[asking], np.arange(pieces + 1))
    asking //= probes
    members = np.argsort(piece, kind="stable")
    ends = np.searchsorted(piece[members], np.arange(pieces + 1))
    for number_of in range(pieces):
        inside = members[ends[number_of] : ends[number_of + 1]]
        for k in range(bounds[number_of], bounds[number_of + 1], _ROWS):
            yield asking[k : min(k + _ROWS, bounds[number_of + 1])], inside


@njit(nogil=True, cache=True, error_model="numpy")
def _keep_nearest(cosine: Singles, asking: Ints, members: Ints, near: npt.NDArray[np.int32], nearness: Singles) -> None:
    """Put members nearer to a row than the farthest of those kept in its place: the root of a heap."""
    kept = near.shape[1]
    for k in range(len(asking)):
        row = asking[k]
        for m in range(len(members)):
            value = cosine[k, m]
            if value > nearness[row, 0] and members[m] != row:
                at, child = 0, 1
                while child < kept:
                    if child + 1 < kept and nearness[row, child + 1] < nearness[row, child]:
                        child += 1
                    if nearness[row, child] >= value:
                        break
                    near[row, at], nearness[row, at] = near[row, child], nearness[row, child]
                    at, child = child, 2 * child + 1
                near[row, at], nearness[row, at] = members[m], value


@njit(nogil=True, cache=True, error_model="numpy")
def _cosines(
    starts: Ints,
    grams: npt.NDArray[np.int32],
    weights: Singles,
    width: int,
    near: npt.NDArray[np.int32],
    begin: int,
    end: int,
    cosine: Singles,
) -> None:
    """Fill in the product of each row and those near it; 0 where the pair stands with the other row."""
    spread = np.zeros(width, np.float32)
    for row in range(begin, end):
        for e in range(starts[row], starts[row + 1]):
            spread[grams[e]] = weights[e]
        for k in range(near.shape[1]):
            other = near[row, k]
            if other < 0:
                continue
            if other < row:
                at = np.searchsorted(near[other], row)
                if at < near.shape[1] and near[other, at] == row:
                    continue
            total = 0.0
            for e in range(starts[other], starts[other + 1]):
                total += spread[grams[e]] * weights[e]
            cosine[row, k] = total
        for e in range(starts[row], starts[row + 1]):
            spread[grams[e]] = 0.0
