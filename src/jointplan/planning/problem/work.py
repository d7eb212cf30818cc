"""Work that is divided among firms, done before the first week, or decided."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jointplan.planning.problem.arrays import NONE, Floats, Ints
from jointplan.schema import CHAIN


@dataclass(frozen=True)
class Division:
    """How routes over several firms divide their work.

    A divided route's goods come out at ``route_firm``, the firm of the last step; its making cost includes the moves between
    firms and the capital tied up meanwhile, its setup cost is that of all steps.

    Parameters
    ----------
    use : (X,)
        The uses of resources that are a step of a divided route, one entry each.
    step : (X,)
        Place of the step in the routing, from 1.
    lag : (X,)
        Whole weeks before the goods come out that the step is done.
    making, setup : (X,)
        What the step costs its firm: making a good unit of the finished goods, and its minor setup.
    move, waiting : (X,)
        What it costs to bring a unit's work on to the next step's firm, and to hold it on the way; 0 after the last step.
    also_route, also_group, also_lag : (Y,)
        Family groups that routes need besides ``route_group``, and how many weeks before the goods come out.
    margin : float
        What the maker who has the order pays the firm of a step on top of its cost, as a share.
    """

    use: Ints
    step: Ints
    lag: Ints
    making: Floats
    setup: Floats
    move: Floats
    waiting: Floats
    also_route: Ints
    also_group: Ints
    also_lag: Ints
    margin: float = 0.0


@dataclass(frozen=True)
class Opening:
    """Goods made before the first week, one entry each (X,): where they lie, or where and in which week they arrive.

    ``node`` or ``market`` is −1; ``week`` 0 is the start; ``firm`` is whose of the owner's firms they are, None where no entry says.
    """

    node: Ints
    market: Ints
    week: Ints
    product: Ints
    owner: Ints
    units: Floats
    firm: Ints | None = None


@dataclass(frozen=True)
class Approved:
    """Lots that are decided, one entry each (X,): every plan makes at least these units for their owner.

    ``firm`` is for whom of the owner's firms they are, None where no entry says.
    ``beyond`` (M, T) are the hours they need beyond those there are; they are in the problem's overtime too. ``moved`` (M, T) are
    the hours that those of other owners' making need beyond the hours a firm leaves to others.
    """

    route: Ints
    owner: Ints
    week: Ints
    units: Floats
    beyond: Floats
    firm: Ints | None = None
    moved: Floats = field(default_factory=lambda: np.zeros((1, 1)))


SUPPLY = "supply > "  # before a material without a source left, where a step that no firm can do stands for having it


def chain_firms(chain: str) -> tuple[str, ...]:
    """Return the firms that a chain names, one for each step; none where one does all, even if each step names it.

    >>> chain_firms("A > B > B"), chain_firms("A > A"), chain_firms("")
    (('A', 'B', 'B'), (), ())
    """
    firms = tuple(chain.split(CHAIN))
    return firms if len(set(firms)) > 1 else ()


NO_DIVISION = Division(
    NONE, NONE, NONE, np.empty(0), np.empty(0), np.empty(0), np.empty(0), NONE, NONE, NONE
)  # fmt: skip
NO_OPENING = Opening(NONE, NONE, NONE, NONE, NONE, np.empty(0))
NO_APPROVED = Approved(NONE, NONE, NONE, np.empty(0), np.zeros((1, 1)))
