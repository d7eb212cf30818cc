"""A line that is late or given up, with what is lost by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jointplan.planning.problem import ClusterProblem
from jointplan.planning.why.reason import Reason

FREE = 1e-7  # share of what a unit is worth that counts as nothing


@dataclass(frozen=True)
class Line:
    """Units of a series that were due in a week and are late, or given up.

    Parameters
    ----------
    problem : ClusterProblem
        The problem of the plan.
    kind : str
        ``late`` or ``unmet``.
    series, week : int
        Whose units they are, and when they were due.
    units : float
        How many.
    waited : float
        Unit-weeks that they wait beyond the week in which they were due.
    together : float
        Units that a lot that is not there would serve: all who wait for the product, and those who come after them.
    """

    problem: ClusterProblem
    kind: str
    series: int
    week: int
    units: float
    waited: float
    together: float

    @property
    def product(self) -> int:
        """What is wanted."""
        return int(self.problem.series_product[self.series])

    @property
    def market(self) -> int:
        """Where it is wanted."""
        return int(self.problem.series_market[self.series])

    @property
    def last(self) -> int:
        """The last week in which a unit would be in time; what is given up might have come as late as customers wait, within the weeks planned."""
        p = self.problem
        return self.week if self.kind == "late" else min(self.week + p.late_weeks, p.weeks - 1)

    @property
    def worth(self) -> float:
        """What a unit that is served brings and spares."""
        return float(self.problem.price[self.series] + self.problem.goodwill[self.series])

    @property
    def lost(self) -> float:
        """What is lost by a unit that is given up, or by one that waits as long as these do on average."""
        if self.kind == "unmet":
            return self.worth
        return float(self.problem.late_cost[self.series]) * self.waited / self.units

    @property
    def nothing(self) -> float:
        """Money per unit that counts as nothing."""
        return FREE * self.worth

    def reason(self, cause: str, **more: Any) -> Reason:
        """Return a reason for it, with what is lost as what is usual if nothing else is said."""
        return Reason(
            self.kind, cause, int(self.problem.series_seller[self.series]), self.week, self.week, product=self.product,
            market=self.market, quantity=self.units, waited=self.waited, **({"usual": self.lost} | more),
        )  # fmt: skip
