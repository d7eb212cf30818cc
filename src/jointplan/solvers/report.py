"""What is asked of a solver, and what it says of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from jointplan.contracts import NEVER, Stop


class Status(Enum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class SolveOptions:
    """Limits of a solve.

    Parameters
    ----------
    seconds : float or None
        Most wall time; a solve that ends by it may end elsewhere on another machine.
    gap : float
        Relative gap at which the answer is good enough, a fraction.
    nodes : int or None
        Most branch-and-bound nodes; unlike seconds this limit is the same on every machine.
    threads : int
        Worker threads.
    seed : int
        Seed of the solver's random choices.
    heuristics : bool
        Whether to look for solutions beyond branching; without, all work goes into the bound.
    rounds : int
        Most times, for each order, that a search takes a part of a plan out and plans it again.
    stop : Stop
        Asked now and then whether to end with the best there is.
    """

    seconds: float | None = None
    gap: float = 1e-4
    nodes: int | None = None
    threads: int = 1
    seed: int = 0
    heuristics: bool = True
    rounds: int = 120
    stop: Stop = NEVER


@dataclass(frozen=True)
class SolveReport:
    """What a solver says of its answer to a minimisation.

    ``objective`` and ``bound`` are None where there is none; ``bound`` never exceeds the optimum. ``searched`` tells whether anything
    was looked for: not where the user had asked for the end before it began.
    """

    status: Status
    objective: float | None
    bound: float | None
    seconds: float
    solver: str
    nodes: int = 0
    searched: bool = True

    @property
    def gap(self) -> float | None:
        """(objective − bound)/|objective|, a fraction; None where either is missing."""
        if self.objective is None or self.bound is None:
            return None
        difference = max(self.objective - self.bound, 0.0)
        return difference / abs(self.objective) if self.objective else (0.0 if difference == 0 else float("inf"))
