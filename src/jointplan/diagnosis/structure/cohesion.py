"""How well firms hold together: parts, fragmentation, centralisation, cores within cores, communities, bridges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from jointplan.diagnosis.structure.network import Floats, Ints, Network

ALL_PAIRS = 3000  # firms above which distances are taken from a sample of firms
SOURCES = 100


def parts(net: Network) -> Ints:
    """Return the connected part of each firm, from 0, the largest first; shape (n,)."""
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(_matrix(net), directed=False)
    return by_size(label)


def by_size(label: npt.ArrayLike) -> Ints:
    """Renumber groups from 0, the largest first, groups of one size by their first member."""
    label = np.asarray(label)
    names, first, size = np.unique(label, return_index=True, return_counts=True)
    rank = np.empty(len(names), np.int64)
    rank[np.lexsort((first, -size))] = np.arange(len(names))
    result: Ints = rank[np.searchsorted(names, label)]
    return result


def fragmentation(sizes: npt.ArrayLike) -> float:
    """Return the share of pairs that cannot reach each other, F = 1 − Σ s(s−1) / [n(n−1)] (Borgatti 2006).

    >>> fragmentation([3, 2])
    0.6
    """
    sizes = np.asarray(sizes, float)
    n = sizes.sum()
    return float(1 - (sizes * (sizes - 1)).sum() / (n * (n - 1))) if n > 1 else 0.0


def distance_fragmentation(net: Network, seed: int) -> float:
    """Return DF = 1 − 2 Σ_{i<j} (1/d_ij) / [n(n−1)] (Borgatti 2006), from a sample of firms where there are very many."""
    from jointplan.diagnosis.structure.graph import adjacency, closeness

    n = len(net.firms)
    if n < 2:
        return 0.0
    sources = np.arange(n)
    if n > ALL_PAIRS:
        sources = np.sort(np.random.default_rng(seed).choice(n, SOURCES, replace=False))
    near = closeness(*adjacency(net.a, net.b, n), sources)
    return float(1 - near.mean() / (n - 1))


def centralisation(degree: Ints) -> float:
    """Return degree centralisation Σ(d_max − d_i) / [(n−1)(n−2)] (Freeman 1979): 1 for a star, 0 where all have as many.

    >>> import numpy as np
    >>> centralisation(np.array([4, 1, 1, 1, 1]))
    1.0
    """
    n = len(degree)
    return float((degree.max() - degree).sum() / ((n - 1) * (n - 2))) if n > 2 else 0.0


def core_numbers(net: Network) -> Ints:
    """Return the largest k of which each firm is in the k-core; shape (n,)."""
    import rustworkx as rx

    found: Any = rx.core_number(_graph(net))  # its stub says int; it is a dict
    return np.fromiter((found[i] for i in range(len(net.firms))), np.int64, len(net.firms))


def bridges(net: Network) -> Ints:
    """Return how many of each firm's ties are bridges: without one, the network falls apart; shape (n,)."""
    import rustworkx as rx

    ends = np.array(sorted(rx.bridges(_graph(net))), dtype=np.int64).reshape(-1, 2)
    return np.bincount(ends.ravel(), minlength=len(net.firms))


def communities(
    net: Network, *, resolution: float = 1.0, weighted: bool = True, seed: int = 0, trials: int = 1
) -> tuple[Ints, float]:
    """Return the community of each firm, from 0, the largest first, by the Leiden method, and its modularity.

    Traag, Waltman and van Eck, Sci. Rep. 9, 2019; the library is graspologic-native.
    """
    import graspologic_native

    if not len(net.a):
        return np.arange(len(net.firms)), 0.0
    matrix = _matrix(net, net.weight if weighted else None).tocsr()
    found = graspologic_native.leiden_csr(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float64),
        len(net.firms),
        resolution=resolution,
        iterations=2,
        seed=seed,
        trials=trials,
    )
    label = np.array([found[1][i] for i in range(len(net.firms))], np.int64)
    return by_size(label), modularity(net, label, weighted=weighted)


def modularity(net: Network, label: npt.ArrayLike, *, weighted: bool = True) -> float:
    """Return Newman's modularity Q = Σ_c [w_c/W − (s_c/2W)²] of a partition."""
    label = np.asarray(label)
    weight: Floats = net.weight if weighted else np.ones(len(net.a))
    total = weight.sum()
    if total == 0:
        return 0.0
    strength = np.bincount(np.concatenate([net.a, net.b]), np.concatenate([weight, weight]), len(net.firms))
    within = weight[label[net.a] == label[net.b]].sum()
    of_group = np.bincount(label, strength)
    return float(within / total - ((of_group / (2 * total)) ** 2).sum())


def sweep(net: Network, resolutions: Sequence[float], seed: int) -> list[int]:
    """Return the number of communities of more than one firm at each resolution."""
    return [
        int((np.bincount(communities(net, resolution=resolution, seed=seed)[0]) > 1).sum())
        for resolution in resolutions
    ]


def _matrix(net: Network, weight: Floats | None = None):  # type: ignore[no-untyped-def]  # scipy has no types
    from scipy.sparse import coo_array

    n, data = len(net.firms), np.ones(len(net.a)) if weight is None else weight
    ends = (np.concatenate([net.a, net.b]), np.concatenate([net.b, net.a]))
    return coo_array((np.concatenate([data, data]), ends), shape=(n, n))


def _graph(net: Network):  # type: ignore[no-untyped-def]  # rustworkx's own types
    import rustworkx as rx

    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(len(net.firms)))
    graph.add_edges_from_no_data(list(zip(net.a.tolist(), net.b.tolist(), strict=True)))
    return graph
