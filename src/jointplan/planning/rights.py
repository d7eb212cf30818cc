"""Who may share what with whom: the one difference between separate, joint and every coalition in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem import Bools, ClusterProblem, Ints
from jointplan.schema.measures import PLAN_MEASURES

MEASURES = tuple(measure.name for measure in PLAN_MEASURES)


@dataclass(frozen=True)
class Rights:
    """Rights of a coalition.

    Parameters
    ----------
    members : (O,) bool
        Owners that plan together.
    measures : frozenset of str
        What they share.
    """

    members: Bools
    measures: frozenset[str]

    @property
    def cooperative(self) -> bool:
        """Whether anything is shared between owners."""
        return bool(self.measures) and int(self.members.sum()) > 1

    def shares(self, measure: str) -> bool:
        """Whether the members share this."""
        return self.cooperative and measure in self.measures


def separate_rights(problem: ClusterProblem) -> Rights:
    """Return the rights of owners who share nothing."""
    return Rights(np.zeros(len(problem.owner), bool), frozenset())


def coalition_rights(problem: ClusterProblem, measures: frozenset[str], members: Bools | None = None) -> Rights:
    """Return the rights of the members (all owners if None) under some measures."""
    return Rights(np.ones(len(problem.owner), bool) if members is None else members, measures)


def maker_owner(problem: ClusterProblem) -> Ints:
    """Return the owner of each product's present maker, −1 for products bought in; shape (I,)."""
    return np.where(problem.maker >= 0, problem.firm_owner[problem.maker], -1)
