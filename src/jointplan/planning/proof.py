"""What is proven of plans: which relaxation gave a bound, as codes, and between what the gain of one over another lies."""

from __future__ import annotations

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.rights import Rights
from jointplan.solvers import SolveReport

LARGER = "no more than a plan with more rights"

# What the words of a search say of its bound; in this order they are told.
_SAID = {
    "larger": (LARGER,),
    "whole": ("HiGHS",),
    "prices": ("bound by prices",),
    "owners": ("by owner where separate",),
    "cuts": ("by cuts",),
    "kept_setups": ("setups kept over week's ends bounded apart",),
}


def bound_by(plan: ClusterPlan) -> str | None:
    """Return the codes of what a plan's bound rests on, see the table **values**; None where it has no bound."""
    if plan.upper is None:
        return None
    return ", ".join(relaxations(plan.report, plan.rights)) or None


def gain_interval(plan: ClusterPlan, base: ClusterPlan) -> tuple[float | None, float | None]:
    """Return the least and the most by which the best plan of one kind exceeds that of another with fewer rights.

    More rights never lower what the best plan is worth: at worst, what running the cooperation costs is lost. Not so where
    outsiders keep what they did in the separate plans found: in better ones they might do more.

    Returns
    -------
    low, high : float or None
        Money over all weeks; None where nothing is proven.
    """
    p = plan.problem
    low = None if base.upper is None else plan.value - base.upper
    high = None if plan.upper is None else plan.upper - base.value
    if base.rights.cooperative or plan.rights.members.all():
        paid = (float(plan.rights.cooperative) - float(base.rights.cooperative)) * p.hub_cost * p.weeks
        low = -paid if low is None else max(low, -paid)
    return low, high


def relaxations(report: SolveReport, rights: Rights) -> tuple[str, ...]:
    """Return the codes of the relaxations that gave the bound of a report.

    Parameters
    ----------
    report : SolveReport
        What the search says; its ``solver`` are the words.
    rights : Rights
        Who shares what: owners are bounded apart only where they share nothing.
    """
    search, _, bound = report.solver.partition("; bound")
    said = "bound" + bound if bound else search
    found = [code for code, words in _SAID.items() if any(part in said for part in words)]
    if rights.cooperative or "larger" in found:
        found = [code for code in found if code != "owners"]
    return tuple(found)
