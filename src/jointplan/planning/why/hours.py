"""Hours of a plan: which are used and left, and what they are worth by what is made in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.problem import Bools, Floats
from jointplan.planning.weekly import shift, sum_by
from jointplan.planning.why.stretches import stretch

FULL = 0.999  # share of all hours there are from which a workshop is full


@dataclass(frozen=True)
class Hours:
    """The hours of a plan, by resource, by use and by route.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    worth : (M, T)
        What an hour more is worth.
    """

    plan: ClusterPlan
    worth: Floats

    @cached_property
    def used(self) -> Floats:
        """Hours used of each resource and week; (M, T)."""
        return self.plan.run_hours + self.plan.setup_hours

    @cached_property
    def left(self) -> Bools:
        """Whether there are hours left; where an hour has a price all the same, they are overtime; (M, T)."""
        p = self.plan.problem
        return np.asarray(self.used < FULL * (p.regular + p.overtime))

    @cached_property
    def worth_of_use(self) -> Floats:
        """What an hour is worth that a use takes, by the week the goods come out; (U, T)."""
        p = self.plan.problem
        return shift(self.worth[p.use_resource], p.use_lag)

    @cached_property
    def rent(self) -> Floats:
        """What a unit made on each route takes from others in hours at their price; (R, T)."""
        p = self.plan.problem
        return sum_by(p.use_route, self.worth_of_use * p.use_hours[:, None], len(p.route_product))

    @cached_property
    def overtime(self) -> Floats:
        """The overtime that a unit made on each route bears, shared by hours; (R, T)."""
        p, plan = self.plan.problem, self.plan
        rate = np.divide(plan.accounts.overtime, self.used, out=np.zeros_like(self.used), where=self.used > TINY)
        per_use = shift(rate[p.use_resource], p.use_lag) * p.use_hours[:, None]
        return sum_by(p.use_route, per_use, len(p.route_product))

    @cached_property
    def shut(self) -> Floats:
        """Infinite where a workshop of a route has no hour at all for goods that come out in a week, else 0; (R, T)."""
        p = self.plan.problem
        none = (
            shift((p.regular + p.overtime <= 0)[p.use_resource].astype(float), p.use_lag) * (p.use_hours > 0)[:, None]
        )
        return np.where(sum_by(p.use_route, none, len(p.route_product)) > 0, np.inf, 0.0)

    @cached_property
    def ready(self) -> Floats:
        """The first week in which goods of each route can come out, infinite where its workshops have no hours in any; (R,).

        Before, its steps must be done in turn, and what they need be learned or opened.
        """
        p = self.plan.problem
        first = np.maximum(p.route_first, p.route_lag)
        there = (self.shut == 0) & (np.arange(p.weeks) >= first[:, None])
        never = np.where(first >= p.weeks, first, np.inf)
        return np.where(there.any(axis=1), there.argmax(axis=1), never)

    def around(self, resource: int, week: int) -> tuple[int, int]:
        """Return the stretch of weeks around one in which hours of a resource have a price, for the same cause."""
        priced = (self.worth[resource] > 0) & (self.left[resource] == self.left[resource, week])
        return stretch(priced, week)

    def booked(self, route: int, first: int, last: int) -> tuple[int, tuple[int, int]] | None:
        """Return a workshop of a route that has no hours left for goods that come out in any of these weeks, and since and till when."""
        p = self.plan.problem
        for use in np.flatnonzero((p.use_route == route) & (p.use_hours > 0)).tolist():
            m, lag = int(p.use_resource[use]), int(p.use_lag[use])
            if not self.left[m, first - lag : last - lag + 1].any():
                return m, stretch(~self.left[m], last - lag)
        return None
