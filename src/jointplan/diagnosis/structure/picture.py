"""The detail tables of the structure, and where firms are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jointplan.diagnosis.structure.network import Floats, Ints, Network
from jointplan.schema import TABLES

DRAWN = 250  # firms in the picture of the network, those of most ties
KEPT_TIES = 800


@dataclass(frozen=True)
class Placed:
    """Each firm's place in the network; every array has shape (n,).

    Parameters
    ----------
    core : ndarray of bool
        Whether it is of the core.
    degree, strength : ndarray
        Number and weight of its ties.
    coreness, community, part, bridges : ndarray of int
        k-core, community, connected part, ties that are bridges.
    into_core : ndarray
        Weight of its ties with core firms.
    """

    core: npt.NDArray[np.bool_]
    degree: Ints
    strength: Floats
    coreness: Ints
    community: Ints
    part: Ints
    bridges: Ints
    into_core: Floats


def drawn_at(net: Network, seed: int) -> Floats:
    """Return where each firm is drawn, by springs between the tied; NaN for those that are not; shape (n, 2)."""
    import rustworkx as rx

    degree = net.degree
    shown = np.argsort(-degree, kind="stable")[:DRAWN]
    number = np.full(len(net.firms), -1)
    number[shown] = np.arange(len(shown))
    both = (number[net.a] >= 0) & (number[net.b] >= 0)
    graph = rx.PyGraph()
    graph.add_nodes_from(range(len(shown)))
    ends = zip(number[net.a[both]].tolist(), number[net.b[both]].tolist(), strict=True)
    graph.add_edges_from_no_data(list(ends))
    found = rx.spring_layout(graph, num_iter=100, seed=seed)
    result = np.full((len(net.firms), 2), np.nan)
    result[shown] = [found[i] for i in range(len(shown))]
    return result


def firms_table(net: Network, placed: Placed, dense: Ints, at: Floats) -> pa.Table:
    """Return the table **diagnosis_firms**."""
    with np.errstate(invalid="ignore", divide="ignore"):
        from_core = placed.into_core / placed.strength
    columns = {
        "firm": pa.array(net.firms, pa.string()),
        "core": pa.array(placed.core),
        "ties": pa.array(placed.degree),
        "strength": pa.array(placed.strength),
        "coreness": pa.array(placed.coreness),
        "community": pa.array(placed.community + 1),
        "part": pa.array(placed.part + 1),
        "bridge": pa.array(placed.bridges),
        "from_core": pa.array(np.clip(from_core, 0, 1), from_pandas=True),
        "dense": pa.array(dense + 1, mask=dense < 0),
        "x": pa.array(at[:, 0], from_pandas=True),
        "y": pa.array(at[:, 1], from_pandas=True),
    }
    schema = TABLES["diagnosis_firms"].arrow
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


def ties_table(net: Network) -> pa.Table:
    """Return the table **diagnosis_ties**: the heaviest."""
    heaviest = np.argsort(-net.weight, kind="stable")[:KEPT_TIES]
    names = np.array(net.firms, dtype=object)
    return pa.table(
        {
            "firm_a": pa.array(names[net.a[heaviest]], pa.string()),
            "firm_b": pa.array(names[net.b[heaviest]], pa.string()),
            "weight": pa.array(net.weight[heaviest]),
            "derived": pa.array(np.full(len(heaviest), net.derived)),
        },
        schema=TABLES["diagnosis_ties"].arrow,
    )
