"""What making takes of workshops: for each unit, and before anything is made."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from jointplan.planning.network import Network
from jointplan.planning.problem import ClusterProblem, Floats, Ints


def find_uses(problem: ClusterProblem, network: Network) -> tuple[Ints, Ints]:
    """Return pairs (supply, use) and (lot, use) of the resources they draw on."""
    of_route: list[list[int]] = [[] for _ in problem.route_product]
    for use, route in enumerate(problem.use_route):
        of_route[route].append(use)

    def pairs(routes: Ints) -> Ints:
        found = [(k, u) for k, r in enumerate(routes) for u in of_route[r]]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    return pairs(network.supply_route), pairs(network.lot_route)


def setup_hours(problem: ClusterProblem, network: Network, uses: Ints) -> Floats:
    """Return what the lots of ``uses``, pairs (lot, use), take of a resource before anything is made, (N,) hours.

    That is their own setup and the changeovers of the families that they belong to.
    """
    p, net = problem, network
    majors: dict[int, list[int]] = defaultdict(list)
    for entry, group in enumerate(p.major_group.tolist()):
        majors[group].append(entry)
    turned: dict[tuple[int, int, int], float] = defaultdict(float)
    for lot, run, lag in zip(net.link_lot.tolist(), net.link_run.tolist(), net.link_lag.tolist(), strict=True):
        for entry in majors[int(net.run_group[run])]:
            turned[lot, int(p.major_resource[entry]), lag] += float(p.major_hours[entry])
    lots, of_lot = uses.T
    places = zip(lots.tolist(), p.use_resource[of_lot].tolist(), p.use_lag[of_lot].tolist(), strict=True)
    return np.asarray(p.use_setup[of_lot] + np.array([turned.get(place, 0.0) for place in places]))
