"""A plan, which counts its own cost and names the rules it breaks: ``quantities`` → ``costs`` and ``violations`` → ``plan``.

The room knows nothing of the model that plans are found by, nor that of it: each is checked by the other.
"""

from jointplan.planning.plan.accounts import Accounts
from jointplan.planning.plan.costs import load_charges
from jointplan.planning.plan.excess import Violation
from jointplan.planning.plan.plan import ClusterPlan
from jointplan.planning.plan.quantities import TINY

__all__ = ["TINY", "Accounts", "ClusterPlan", "Violation", "load_charges"]
