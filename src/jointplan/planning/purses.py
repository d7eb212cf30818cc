"""Purses: whose money may run short in a coalition.

A purse is an owner's, or that of all members: who plans together settles with one another, so that only what they have
together can run short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights
from jointplan.schema import Assumption

ONE_PURSE = Assumption(
    "cash of members",
    "Members who plan together are taken to share their cash and credit, whatever measure they share: what one has serves the others. "
    "The gain of each measure holds that, too.",
    "一起计划的成员视为共用现金与授信，无论共享哪项措施：一家的资金可供其他成员使用。每项措施的增益均含这一部分。",
    "credit",
)
NO_LIMITS = Assumption(
    "cash limits of members",
    "Not every firm of this member, who takes part, has a row in credit: no member is taken to be short of money in the joint plan, so "
    "that what limits cost the separate plans counts as gained. Give each a row.",
    "该成员参与计划，但其企业未全部填写资金：协同计划不视任何成员为资金紧张，因此限额使各自计划多付的利息计入增益。请逐一填写。",
    "credit",
)


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
    short, together = _short(problem), _together(problem, rights)
    of_class = np.full(owners + 1, -1)
    holder = [o for o in range(owners) if short[o] and not together[o]]
    of_class[holder] = np.arange(len(holder))
    if (together & short).any() and not len(silent_members(problem, rights)):
        of_class[:-1][together] = of_class[-1] = len(holder)
        holder.append(owners)
    ready, due = np.zeros(len(holder)), np.zeros((len(holder), T))
    if credit is not None:
        purse = of_class[credit.owner]
        np.add.at(ready, purse[purse >= 0], (credit.cash + credit.limit)[purse >= 0])
        np.add.at(due, purse[purse >= 0], credit.due[purse >= 0])
    return Purses(np.array(holder, dtype=np.int64), of_class, ready, due)


def silent_members(problem: ClusterProblem, rights: Rights) -> Ints:
    """Return the members who take part and do not say what money they have: with them none of the members is short of it."""
    taking_part = np.zeros(len(problem.owner), bool)
    taking_part[problem.firm_owner[problem.series_seller]] = True
    taking_part |= problem.route_owners.any(axis=0)
    return np.flatnonzero(_together(problem, rights) & taking_part & ~problem.neutral & ~_short(problem))


def told_of_money(problem: ClusterProblem, rights: Rights) -> list[Assumption]:
    """Return what is assumed of the members' money, where any of them is short of it."""
    if not (_together(problem, rights) & _short(problem)).any():
        return []
    silent = silent_members(problem, rights)
    return [replace(NO_LIMITS, subject=problem.owner[o]) for o in silent] or [ONE_PURSE]


def _short(problem: ClusterProblem) -> Bools:
    """Return who is short of money, (O,)."""
    short = np.zeros(len(problem.owner), bool)
    if problem.credit is not None:
        short[problem.credit.owner] = True
    return short


def _together(problem: ClusterProblem, rights: Rights) -> Bools:
    """Return whose money is one, (O,): a shared workshop is nobody's, so that what is paid there comes out of the members' purse."""
    return rights.members | problem.neutral if rights.cooperative else np.zeros(len(problem.owner), bool)
