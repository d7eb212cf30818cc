"""Purses: whose money may run short in a coalition.

A purse is an owner's, or that of all members: who plans together settles with one another, so that only what they have
together can run short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem import ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights


@dataclass(frozen=True)
class Purses:
    """Whose money is short in one coalition.

    Parameters
    ----------
    holder : (H,)
        Owner of a purse, the number of owners for that of all members.
    of_class : (O + 1,)
        Purse of each owner's goods and firms, and of what members have in common; −1 where money is not short.
    ready : (H,)
        Cash at the start, and the most that can be owed.
    due : (H, T)
        What comes in from sales before the first week.
    """

    holder: Ints
    of_class: Ints
    ready: Floats
    due: Floats


def find_purses(problem: ClusterProblem, rights: Rights) -> Purses:
    """Return the purses of a coalition; the members have one if all of them who take part are short of money."""
    credit, owners, T = problem.credit, len(problem.owner), problem.weeks
    short = np.zeros(owners, bool)
    if credit is not None:
        short[credit.owner] = True
    of_class = np.full(owners + 1, -1)
    # A shared workshop is nobody's: what is paid there comes out of the members' purse.
    together = rights.members | problem.neutral if rights.cooperative else np.zeros(owners, bool)
    taking_part = np.zeros(owners, bool)
    taking_part[problem.firm_owner[problem.series_seller]] = True
    taking_part[problem.firm_owner[problem.route_firm]] = True
    taking_part &= ~problem.neutral
    holder = [o for o in range(owners) if short[o] and not together[o]]
    of_class[holder] = np.arange(len(holder))
    if (together & short).any() and short[together & taking_part].all():
        of_class[:-1][together] = of_class[-1] = len(holder)
        holder.append(owners)
    ready, due = np.zeros(len(holder)), np.zeros((len(holder), T))
    if credit is not None:
        purse = of_class[credit.owner]
        np.add.at(ready, purse[purse >= 0], (credit.cash + credit.limit)[purse >= 0])
        np.add.at(due, purse[purse >= 0], credit.due[purse >= 0])
    return Purses(np.array(holder, dtype=np.int64), of_class, ready, due)
