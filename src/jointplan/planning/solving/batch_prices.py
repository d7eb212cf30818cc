"""Prices of smallest lots: what a unit pays less for filling a lot up to its minimum, and what is paid for the rest that nobody orders.

A lot pays its price for each unit of its minimum, and what is made in it is paid as much: small orders by themselves would open a lot
for a few units. What lacks may be made and left, at a unit's cost less what it is worth at the end, so that no price is higher than
that. What is left of a pool of goods is worth nothing beyond as many weeks again: a price on all that is left, at most what a unit
is worth, pays for that.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.leftovers import find_leftovers
from jointplan.planning.model import PlanModel
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.solving.graph import Graph


class BatchPrices:
    """Lots with a minimum, and the pools that their rests belong to.

    Parameters
    ----------
    model, graph : PlanModel, Graph
        What is planned.
    leaving : (K, T) ndarray
        The least that a unit costs which is made on a supply and ordered by nobody, making apart, less what it is worth then.

    Attributes
    ----------
    batch : (E, T) ndarray
        Least units of each lot, 0 where it may be of any size.
    most, worth : (G,) ndarray
        Units of each pool that are worth something at the end, and what one is worth; 0 where no more can be left.
    of_early : (X,) ndarray
        The pool of goods from before.
    """

    def __init__(self, model: PlanModel, graph: Graph, leaving: Floats) -> None:
        p, self.net = model.problem, model.network
        pools = find_leftovers(p, self.net)
        self.leaving = leaving
        self.batch = model.batch
        self.most = pools.most
        self.worth = np.where(model.columns.surplus >= 0, pools.worth, 0.0)
        commodity = np.repeat(np.arange(len(self.net.commodity_product)), np.diff(graph.commodity_early))
        self.of_early = pools.of_commodity[commodity]
        self.of_supply = pools.of_commodity[self.net.supply_commodity]

    def rest(self, make: Floats, left: Floats) -> tuple[Floats, Ints]:
        """Return what a unit costs at least that fills a lot up and is left, and the supply it is made on; (E, T).

        Parameters
        ----------
        make : (K, T) ndarray
            What a unit costs on each supply.
        left : (G,) ndarray
            The price of a unit of each pool that is left.
        """
        cost = make + self.leaving + left[self.of_supply][:, None]
        least = np.full(self.batch.shape, np.inf)
        np.minimum.at(least, self.net.supply_lot, cost)
        supply = np.zeros(least.shape, np.int64)
        row, week = np.nonzero(cost == least[self.net.supply_lot])
        supply[self.net.supply_lot[row], week] = row
        return np.maximum(least, 0.0), supply
