"""Loads: which goods travel and are charged together.

Some lanes charge a week's load as a whole, by bands of its size or by the container. What owners ship for themselves is a
load of theirs, what members ship together is one of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.network import Network
from jointplan.planning.problem import ClusterProblem, Ints


@dataclass(frozen=True)
class Loads:
    """Which arcs share one load: the shippers of one class on one lane that charges whole loads.

    ``of_arc`` (A,) is the load of an arc, −1 where each unit pays for itself.
    """

    lane: Ints
    shipper: Ints
    of_arc: Ints


def find_loads(problem: ClusterProblem, network: Network) -> Loads:
    """Return the loads of a network."""
    whole = np.zeros(len(problem.lane), bool)
    whole[problem.bands.lane] = True
    whole[problem.containers.lane] = True
    width = len(problem.owner) + 1
    code = np.where(whole[network.arc_lane], network.arc_lane * width + network.arc_class, -1)
    codes, inverse = np.unique(np.append(code, -1), return_inverse=True)
    return Loads(codes[1:] // width, codes[1:] % width, inverse[:-1] - 1)
