"""What goods left at the end are worth: what they cost, as far as as many weeks again would sell them.

A maker's minimum batch may be far more than is wanted. Were all that it leaves worth what it cost, smallest orders would cost next
to nothing, and nothing were gained by placing them together. What was there before the first week, or under way, keeps its worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.network import Network
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints


@dataclass(frozen=True)
class Leftovers:
    """Goods that can stand for one another at the end: those of a product and class.

    Parameters
    ----------
    of_commodity : (C,)
        The pool of each commodity.
    product : (G,)
        The product of each pool.
    most : (G,)
        Units of each pool that are worth something at the end: for each owner as many as are wanted in all weeks, at least those from before.
    worth : (G,)
        What one is worth.
    """

    of_commodity: Ints
    product: Ints
    most: Floats
    worth: Floats

    def sum(self, commodity: Ints, units: Floats) -> Floats:
        """Return the units of each pool, (G,), of rows that are of these commodities."""
        return np.bincount(self.of_commodity[commodity], units, len(self.most)).astype(float, copy=False)

    def may_exceed(self, problem: ClusterProblem, network: Network, floor: Floats) -> Bools:
        """Return of which pools more can be left, (G,): without smallest or decided lots, ``floor`` (K, T), all is made to be sold."""
        beyond = (problem.route_batch[network.supply_route] > 0) | floor.any(axis=1)
        found = np.zeros(len(self.most), bool)
        found[self.of_commodity[network.supply_commodity[beyond]]] = True
        return found


def find_leftovers(problem: ClusterProblem, network: Network) -> Leftovers:
    """Return the pools of a network's goods."""
    p, net = problem, network
    pooled = len(p.owner)
    pools, of_commodity = np.unique(
        np.stack([net.commodity_product, net.commodity_class], axis=1), axis=0, return_inverse=True
    )
    wanted, before = np.zeros((2, len(p.sku), pooled))
    sold = np.where(p.series_aside, 0.0, p.demand.sum(axis=1))
    np.add.at(wanted, (p.series_product, p.firm_owner[p.series_seller]), sold)
    np.add.at(before, (p.opening.product, p.opening.owner), p.opening.units)
    # Owner by owner, so that goods held together are worth no less than apart.
    kept = np.maximum(wanted, before)
    pool = np.full((len(p.sku), pooled + 1), -1)
    pool[tuple(pools.T)] = np.arange(len(pools))
    pool = np.where(pool[:, :-1] >= 0, pool[:, :-1], pool[:, -1:])
    most = np.bincount(pool[pool >= 0], kept[pool >= 0], len(pools)).astype(float, copy=False)
    return Leftovers(
        of_commodity.reshape(-1), pools[:, 0], most, p.end_value[pools[:, 0]]
    )  # of no commodities, else two-dimensional
