"""What is paid for once: markets to be entered, promotion, work to be learned, workshops to be opened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem.arrays import NONE, Bools, Floats, Ints


@dataclass(frozen=True)
class Entries:
    """What is paid once so that more is wanted: markets to be entered, and promotion in markets that are served already.

    ``market`` and ``cost`` (E,) say where and how much, ``promotion`` (E,) which of them are promotion, ``family`` (E,) of what
    alone, −1 for everything; ``series`` (S,) is which one a series waits for, −1 where what it wants is there already. What
    waits for an entry that is not made costs nothing.
    """

    market: Ints
    cost: Floats
    series: Ints
    promotion: Bools
    family: Ints


@dataclass(frozen=True)
class Investments:
    """What is paid once before work can be done: processes that firms may learn, and shared workshops that may be opened.

    Parameters
    ----------
    firm : (V,)
        Where; the firm that learns, or the workshop.
    process : tuple of str
        What is learned; blank for a shared workshop, which is nobody's: members who open it may use it.
    cost : (V,)
        Paid once, by whoever uses it.
    ready : (V,)
        Whole weeks before work can begin.
    route, need, lag : (N,)
        Routes, the investment that each needs, and how many weeks before the goods come out it is needed at most.
    """

    firm: Ints
    process: tuple[str, ...]
    cost: Floats
    ready: Ints
    route: Ints
    need: Ints
    lag: Ints

    @property
    def measures(self) -> tuple[str, ...]:
        """The measure that lets members pay for each together; (V,)."""
        return tuple("add_capability" if process else "open_shared_workshop" for process in self.process)


NO_INVESTMENTS = Investments(NONE, (), np.empty(0), NONE, NONE, NONE, NONE)
