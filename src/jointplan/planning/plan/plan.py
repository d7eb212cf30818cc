"""A plan: what is done each week, what it is worth, and the rules it breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from jointplan.planning.plan.accounts import Accounts
from jointplan.planning.plan.costs import count_accounts, load_costs, order_costs, with_interest
from jointplan.planning.plan.excess import Violation
from jointplan.planning.plan.purses import purse_balances
from jointplan.planning.plan.quantities import Quantities
from jointplan.planning.plan.violations import find_strains, find_violations
from jointplan.planning.problem import Floats
from jointplan.solvers import SolveReport, Status

COMPUTED = SolveReport(Status.UNKNOWN, None, None, 0.0, "none")


@dataclass(frozen=True)
class ClusterPlan(Quantities):
    """One plan of a cluster. It counts its own cost and names the rules it breaks.

    Parameters
    ----------
    problem, rights, network, make, ship, serve, unmet, buy
        What is done, see ``Quantities``.
    report : SolveReport
        Status, bound and runtime; objective and bound are *costs* (the negative of value).
    notes : tuple of Violation
        Rules broken that the arrays cannot show, such as a recorded lot at a firm that is not capable.
    """

    report: SolveReport = COMPUTED
    notes: tuple[Violation, ...] = field(default=())

    @property
    def value(self) -> float:
        """What the plan is worth, counted from the plan itself."""
        return self.accounts.value

    @property
    def upper(self) -> float | None:
        """A value that no plan with these rights exceeds, or None."""
        return None if self.report.bound is None else max(-self.report.bound, self.value)

    def cost(self) -> float:
        """Return the negative of the value, for comparison with the solver's objective."""
        return -self.value

    def violations(self) -> list[Violation]:
        """Return every rule the plan breaks."""
        return [*self.notes, *find_violations(self)]

    def strains(self) -> list[Violation]:
        """Return where lots that were decided take more hours than there are; these are paid as overtime."""
        return find_strains(self)

    @cached_property
    def load_cost(self) -> Floats:
        """Freight of each load; shape (loads, T)."""
        return load_costs(self)

    @cached_property
    def paid_orders(self) -> Floats:
        """What each order costs; shape (Y, T)."""
        return order_costs(self)

    @cached_property
    def paid(self) -> Accounts:
        """The money of the plan, dear borrowing apart."""
        return count_accounts(self, load=self.load_cost, purchase=self.paid_orders)

    @cached_property
    def purse_balance(self) -> Floats:
        """What each purse has at the end of each week and could still borrow, negative where it is short; shape (H, T)."""
        return purse_balances(self, self.paid)

    @cached_property
    def accounts(self) -> Accounts:
        """The money of the plan."""
        return with_interest(self, self.paid, self.purse_balance)
