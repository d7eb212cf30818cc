r"""Which nodes' data are worth having, and in what order: greedy, with lazy evaluation.

With :math:`L(S)` the held-out loss where the data of the nodes :math:`S` are there, the next node is the one that takes most off it. What a node adds
falls as others are there before it, so that what it was seen to add earlier bounds what it adds now, and a node whose bound is below what another is seen
to add need not be tried again (lazy evaluation). Where gains do not fall the order is a good one, not surely the best.

References
----------
Minoux (1978), *Optimization Techniques* (lazy evaluation); Nemhauser, Wolsey and Fisher (1978), *Mathematical Programming* 14 (greedy takes at least 63 % of
the best); Leskovec et al. (2007), *KDD* (the same for choosing sensors).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Losses = Callable[[tuple[str, ...]], Floats]


@dataclass(frozen=True)
class Step:
    """One node that is worth having.

    Parameters
    ----------
    node : str
        The node.
    before, after : arrays
        Loss of each case without and with its data, those of earlier nodes being there.
    """

    node: str
    before: Floats
    after: Floats

    @property
    def gain(self) -> float:
        """What it takes off the mean loss."""
        return float(self.before.mean() - self.after.mean())


@dataclass(frozen=True)
class Screening:
    """Nodes in the order in which their data are worth having.

    Parameters
    ----------
    steps : tuple of Step
        Those that are worth it, the first first.
    base : array
        Loss of each case without any of them.
    best : Step or None
        The node whose data add most to none, be it worth having or not; None where none could be tried.
    evaluations : int
        Sets of nodes whose loss was asked for.
    complete : bool
        Whether the order ends as no other node is worth it, and not as the budget was used up.
    """

    steps: tuple[Step, ...]
    base: Floats
    best: Step | None
    evaluations: int
    complete: bool


def screen_nodes(losses: Losses, nodes: Sequence[str], *, least: float, evaluations: int) -> Screening:
    """Choose nodes one after the other.

    Parameters
    ----------
    losses : callable
        Given nodes, the loss of each case with their data.
    nodes : sequence of str
        Candidates; where two add the same, the earlier is taken.
    least : float
        Share of the loss without any of them that a node must take off to be worth what sharing costs it.
    evaluations : int
        Most sets tried, that of no node included.

    Examples
    --------
    >>> covers = {"a": {1, 2, 3}, "b": {3, 4}, "c": {1, 2}}
    >>> def losses(chosen):
    ...     seen = set().union(*(covers[name] for name in chosen))
    ...     return np.array([float(case not in seen) for case in (1, 2, 3, 4)])
    >>> found = screen_nodes(losses, ("a", "b", "c"), least=0.0, evaluations=20)
    >>> [(step.node, step.gain) for step in found.steps], found.evaluations
    ([('a', 0.75), ('b', 0.25)], 6)
    """
    base = losses(())
    if not len(base):
        return Screening((), base, None, 1, True)
    worth = least * float(base.mean())
    tried = 1
    steps: list[Step] = []
    best: Step | None = None
    # Highest bound first: minus the gain seen, the node's place, when it was seen, and how the losses were.
    open_nodes: list[tuple[float, int, int, Floats]] = [(-np.inf, k, -1, base) for k in range(len(nodes))]
    heapify(open_nodes)
    now = base
    while open_nodes:
        bound, k, seen, after = heappop(open_nodes)
        if -bound <= worth:
            break
        if seen == len(steps):
            steps.append(Step(nodes[k], now, after))
            now = after
            continue
        if tried >= evaluations:
            return Screening(tuple(steps), base, best, tried, False)
        after = losses((*(step.node for step in steps), nodes[k]))
        tried += 1
        step = Step(nodes[k], now, after)
        if not steps and (best is None or step.gain > best.gain):
            best = step
        heappush(open_nodes, (-step.gain, k, len(steps), after))
    return Screening(tuple(steps), base, best, tried, True)
