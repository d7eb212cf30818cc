"""Hours for lots that are decided: what these need beyond the hours there are is granted as overtime, paid like any other, and told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jointplan.planning.approved import floors
from jointplan.planning.network import Network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plan.permissions import hours_for_others
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import Rights


def granting(
    problem: ClusterProblem, rights: Rights, network: Network, known: ClusterPlan | None = None
) -> ClusterProblem:
    """Return the problem with the hours that its decided lots need beyond those there are, or that a maker leaves to others.

    Lots of owners who share are set up for once, so that they need fewer. Beside outsiders a family may need more: what is made for
    members' common stock is set up for apart from what a member makes for itself alone. So a plan that is ``known`` in this network
    has the hours that it needs.
    """
    if not len(problem.approved.route):
        return problem
    nothing = np.zeros((len(network.arc_lane), problem.weeks))
    decided = ClusterPlan(
        problem, rights, network, floors(problem, network), nothing, np.zeros(problem.demand.shape), problem.demand
    )
    usual = problem.overtime - problem.approved.beyond
    # A hair more, so that rounding never leaves a lot without its last minute.
    hours, moved = decided.run_hours + decided.whole_setup_hours, hours_for_others(decided)
    if known is not None:
        hours = np.maximum(hours, known.run_hours + known.setup_hours)
        moved = np.maximum(moved, hours_for_others(known))
    hours, moved = hours * (1 + 1e-9), moved * (1 + 1e-9)
    beyond = np.maximum(hours - problem.regular - usual, 0.0)
    left, kept = np.full(hours.shape, np.inf), problem.terms.resource
    left[kept] = (1 - problem.terms.share)[:, None] * problem.regular[kept]
    over = np.maximum(moved - left, 0.0)
    return replace(problem, overtime=usual + beyond, approved=replace(problem.approved, beyond=beyond, moved=over))
