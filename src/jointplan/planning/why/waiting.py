"""Who waits and who is given up in a plan, and which lines wait for the same lots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, Floats, Ints


@dataclass(frozen=True)
class Waiting:
    """The orders of a plan that wait or are given up.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    """

    plan: ClusterPlan

    @cached_property
    def _nobody(self) -> Bools:
        """Whether a series is nobody's order: it waits for an entry, or is to be set aside; (S,)."""
        return np.asarray((self.plan.network.series_entry >= 0) | self.plan.problem.series_aside)

    @cached_property
    def unmet(self) -> Floats:
        """Units given up, of orders; (S, T)."""
        return np.where(self._nobody[:, None], 0.0, self.plan.unmet)

    @cached_property
    def left(self) -> Floats:
        """Units due in a week that still wait at the end of a week, served in turn; (S, T due, T)."""
        p, plan = self.plan.problem, self.plan
        due, gone = p.demand.cumsum(axis=1), (plan.serve + plan.unmet).cumsum(axis=1)
        left = np.clip(due[:, :, None] - gone[:, None, :], 0.0, p.demand[:, :, None])
        return np.where(self._nobody[:, None, None], 0.0, np.triu(left))

    @cached_property
    def group(self) -> Ints:
        """A number for each series, (S,), alike where a lot can serve both."""
        p, net = self.plan.problem, self.plan.network
        owners = len(p.owner) + 1
        lot_class = net.commodity_class.copy()
        lot_class[net.supply_commodity] = net.lot_class[net.supply_lot]
        key = p.series_product * owners + lot_class[net.sink_commodity[net.series_sink]]
        return np.asarray(np.unique(key, return_inverse=True)[1])
