"""Who is tied to whom: the network of the table ties, or one derived from makers, materials, orders and markets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jointplan.diagnosis.finding import Finding

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """Firms and the ties between them, undirected, each pair once, none with itself.

    Parameters
    ----------
    firms : tuple of str
        The nodes.
    a, b : ndarray of int, shape (m,)
        Ends of each tie as positions in ``firms``; a < b.
    weight : ndarray, shape (m,)
        Money a year; where derived, money that flows or is shared.
    derived : bool
        Whether the ties were derived from other tables.
    source : str
        The rows behind it, for people.
    notes : tuple of Finding
        What had to be assumed or left out to derive them.
    """

    firms: tuple[str, ...]
    a: Ints
    b: Ints
    weight: Floats
    derived: bool = False
    source: str = ""
    notes: tuple[Finding, ...] = ()

    @property
    def degree(self) -> Ints:
        """Number of ties of each firm; shape (n,)."""
        return np.bincount(np.concatenate([self.a, self.b]), minlength=len(self.firms))

    @property
    def strength(self) -> Floats:
        """Weight of the ties of each firm; shape (n,)."""
        both = np.concatenate([self.weight, self.weight])
        return np.asarray(np.bincount(np.concatenate([self.a, self.b]), both, len(self.firms)), float)


def network_from(
    firms: tuple[str, ...],
    a: pd.Series,
    b: pd.Series,
    weight: pd.Series,
    *,
    derived: bool = False,
    source: str = "",
) -> Network:
    """Return the network of directed rows: both directions and all kinds added up, ties of a firm with itself dropped."""
    index = pd.Index(firms)
    first, second = index.get_indexer(pd.Index(a)), index.get_indexer(pd.Index(b))
    value = np.asarray(weight, float)
    used = (first >= 0) & (second >= 0) & (first != second) & (value > 0)
    low, high = np.minimum(first, second)[used], np.maximum(first, second)[used]
    code, inverse = np.unique(low.astype(np.int64) * len(firms) + high, return_inverse=True)
    total = np.asarray(np.bincount(inverse, value[used], len(code)), float)
    width = max(len(firms), 1)
    return Network(firms, code // width, code % width, total, derived, source)


def disparity(net: Network) -> Floats:
    """Return for each tie the chance of so strong a one at random, the smaller of its two ends; shape (m,).

    At a firm with k ties and strength s, a tie of weight w has α = (1 − w/s)^(k−1) if its strength were spread at random
    (Serrano, Boguñá and Vespignani, PNAS 106, 2009, equation 2). A firm with one tie has no say (α = 1).
    """
    degree, strength = net.degree, net.strength

    def at(end: Ints) -> Floats:
        share = np.clip(net.weight / strength[end], 0.0, 1.0)
        alpha: Floats = np.where(degree[end] > 1, (1.0 - share) ** (degree[end] - 1), 1.0)
        return alpha

    return np.minimum(at(net.a), at(net.b))
