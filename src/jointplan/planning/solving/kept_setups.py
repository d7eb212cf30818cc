"""What setups kept over the week's end could spare at most, at given prices of hours.

The bound by prices takes the plan apart with every setup made. A plan that keeps setups costs less by what these spare: money,
and hours at their price, also the price of the hours that a family has left after its major setup. At each workshop and
week's end at most one setup is kept, so that no plan spares more than the dearest of those that could be: one by one, each
workshop and week for itself, whatever is made. Less this, the bound holds for plans that keep setups too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.model import PlanModel
from jointplan.planning.problem import Floats, Ints


class Spared(NamedTuple):
    """The most that kept setups spare: cost, hours of workshops (M, T), and hours of families after their setups (entries, T)."""

    cost: float
    hours: Floats
    after: Floats


class KeptSetups:
    """Bounds what kept setups spare.

    Parameters
    ----------
    model : PlanModel
        The model.
    entries : (N, 2) ndarray of int
        Runs and entries of major setups, as :class:`jointplan.planning.solving.bounding.PriceBound` has them.
    """

    def __init__(self, model: PlanModel, entries: Ints) -> None:
        p, net, columns = model.problem, model.network, model.columns
        self.shape, self.entries = p.regular.shape, len(entries)
        self.keeper, self.week = np.nonzero(columns.spare >= 0)
        self.resource = p.use_resource[net.keeper_use[self.keeper]]
        self.money = -model.linear.cost[columns.spare[self.keeper, self.week]]
        self.hours = (p.use_setup[net.keeper_use] + np.append(p.major_hours, 0.0)[net.keeper_turn])[self.keeper]
        number = {(q, v): n for n, (q, v) in enumerate(entries.tolist())}
        turns = zip(net.keeper_run.tolist(), net.keeper_turn.tolist(), strict=True)
        entry = np.array([number.get(turn, -1) for turn in turns], dtype=np.int64)
        self.entry = entry[self.keeper]

    def settle(self, hours: Floats, after: Floats) -> Spared:
        """Return the most that is spared at prices of hours, (M, T), and of hours after major setups, (entries, T)."""
        spared, spared_after = np.zeros(self.shape), np.zeros((self.entries, self.shape[1]))
        inside = self.entry >= 0
        worth = hours[self.resource, self.week]
        worth[inside] += after[self.entry[inside], self.week[inside]]
        saving = self.money + self.hours * worth
        # The dearest of each workshop and week comes last.
        order = np.lexsort((saving, self.week, self.resource))
        place = (self.resource * self.shape[1] + self.week)[order]
        best = order[np.append(place[1:] != place[:-1], True)] if len(order) else order
        best = best[saving[best] > 0]
        spared[self.resource[best], self.week[best]] = self.hours[best]
        turned = best[inside[best]]
        spared_after[self.entry[turned], self.week[turned]] = self.hours[turned]
        return Spared(float(saving[best].sum()), spared, spared_after)
