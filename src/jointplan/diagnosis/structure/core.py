"""Core and periphery, and whether the core is more than a gathering of firms with many ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.diagnosis.structure.network import Floats, Ints, Network

SWAPS = 5  # tried for each tie before the first random network, and one for each between two


@dataclass(frozen=True)
class Null:
    """What random networks show in which every firm has the ties it has.

    Parameters
    ----------
    inside : ndarray of int
        Ties within the core in each of them.
    tied : ndarray of int
        Firms outside the core that are tied to it, in each.
    """

    inside: Ints
    tied: Ints


def core_of(degree: Ints) -> npt.NDArray[np.bool_]:
    """Return the core of a network: shape (n,).

    Lip (2011, arXiv 1102.5511) minimises Z = Σ_{i<j in core}(1 − a_ij) + Σ_{i<j in periphery} a_ij, the discrete form of
    Borgatti and Everett. Z = k(k−1)/2 + m − Σ_core d, so the best core of k firms are the k of most ties, and a firm
    joins while it has at least as many ties as firms are in before it: O(n log n). Z depends on the numbers of ties alone;
    whether the core means anything must be asked of the ties inside it (see :func:`random_networks`).
    """
    order = np.argsort(-degree, kind="stable")
    joins = degree[order] > np.arange(len(degree))
    size = int(joins.argmin()) if not joins.all() else len(degree)
    core = np.zeros(len(degree), bool)
    core[order[:size]] = True
    return core


def misfit(net: Network, core: npt.NDArray[np.bool_]) -> int:
    """Return Lip's Z of a core: pairs missing inside it plus ties inside the periphery."""
    k = int(core.sum())
    inside = int((core[net.a] & core[net.b]).sum())
    outside = int((~core[net.a] & ~core[net.b]).sum())
    return k * (k - 1) // 2 - inside + outside


def random_networks(net: Network, core: npt.NDArray[np.bool_], draws: int, seed: int) -> Null:
    """Draw networks at random in which every firm keeps its number of ties, and count what core and periphery have.

    A core of hubs arises by chance as soon as some firms have many ties (Kojaku and Masuda, New J. Phys. 20, 2018): it is
    evidence of structure only where it holds more ties than such networks.
    """
    from jointplan.diagnosis.structure.graph import rewired

    m = len(net.a)
    inside, tied = rewired(net.a, net.b, core, draws, SWAPS * m, max(m, 1), np.random.default_rng(seed))
    return Null(inside, tied)


def chance(value: float, null: npt.ArrayLike, *, above: bool) -> float:
    """Return the chance of a value as high (or low) under the null, the value itself counted among the draws."""
    drawn: Floats = np.asarray(null, float)
    as_far = drawn >= value if above else drawn <= value
    return float((1 + as_far.sum()) / (1 + len(drawn)))
