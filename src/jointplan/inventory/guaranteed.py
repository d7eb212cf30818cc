"""Where in a network to keep safety stock: guaranteed service (Graves and Willems 2000).

Every stage promises to fill orders within its service time S, is itself served within SI, the longest of its suppliers', and takes
T to do its work: it must cover the demand of the net replenishment time τ = SI + T − S by stock. A stage with S = SI + T keeps
none. Costs are given as a table per stage and τ, so that any bound of demand can be taken: z·σ·√τ, or quantiles of sample paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jointplan.solvers import SolveReport

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ServiceNetwork:
    """A network of stages.

    Parameters
    ----------
    names : tuple of str
        The stages.
    arcs : tuple of (int, int)
        From supplying to supplied stage.
    times : array of int
        T of each stage, in periods.
    costs : tuple of arrays
        Cost a period of stage i with net replenishment time 0, 1, 2 …, up to its longest; costs[i][0] is 0.
    inbound : array of int
        Service time of the outer suppliers of each stage; 0 where there are none.
    promised : array of int
        Longest service time that customers accept from a stage; −1 where it serves none.
    """

    names: tuple[str, ...]
    arcs: tuple[tuple[int, int], ...]
    times: Index
    costs: tuple[Array, ...]
    inbound: Index
    promised: Index

    def __post_init__(self) -> None:
        n = len(self.names)
        if len(self.costs) != n or any(len(a) != n for a in (self.times, self.inbound, self.promised)):
            raise ValueError("every stage needs its time, costs, inbound and promised service time")
        if (self.times < 0).any() or (self.inbound < 0).any():
            raise ValueError("times must not be below 0")
        if any(not (0 <= i < n and 0 <= j < n and i != j) for i, j in self.arcs):
            raise ValueError("arcs lead between two stages")
        for name, cost, longest in zip(self.names, self.costs, self.longest, strict=True):
            if len(cost) <= longest:
                raise ValueError(f"{name} needs its cost up to {longest} periods")

    @cached_property
    def suppliers(self) -> tuple[tuple[int, ...], ...]:
        """Stages that supply each stage."""
        return tuple(tuple(i for i, j in self.arcs if j == k) for k in range(len(self.names)))

    @cached_property
    def customers(self) -> tuple[tuple[int, ...], ...]:
        """Stages that each stage supplies."""
        return tuple(tuple(j for i, j in self.arcs if i == k) for k in range(len(self.names)))

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The stages, suppliers first.

        Raises
        ------
        ValueError
            If stages supply each other in a circle.
        """
        waiting = [len(s) for s in self.suppliers]
        ready = [k for k, count in enumerate(waiting) if not count]
        for k in ready:
            for j in self.customers[k]:
                waiting[j] -= 1
                if not waiting[j]:
                    ready.append(j)
        if len(ready) < len(self.names):
            raise ValueError("stages supply each other in a circle")
        return tuple(ready)

    @cached_property
    def longest(self) -> Index:
        """Longest time in which each stage can be replenished: with no stock upstream."""
        longest = np.zeros(len(self.names), dtype=np.int64)
        for k in self.order:
            longest[k] = self.times[k] + max([int(self.inbound[k]), *(int(longest[i]) for i in self.suppliers[k])])
        return longest

    @property
    def is_tree(self) -> bool:
        """Whether no two stages are joined by two ways: then the dynamic programme applies."""
        root = list(range(len(self.names)))

        def find(k: int) -> int:
            while root[k] != k:
                k = root[k]
            return k

        for i, j in self.arcs:
            a, b = find(i), find(j)
            if a == b:
                return False
            root[a] = b
        return True

    def limit(self, k: int) -> int:
        """Return the longest service time stage k may promise."""
        longest = int(self.longest[k])
        return longest if self.promised[k] < 0 else min(longest, int(self.promised[k]))


@dataclass(frozen=True)
class ServicePlan:
    """Service times of the stages.

    Parameters
    ----------
    service : array of int
        S of each stage, periods.
    report : SolveReport or None
        What the solver says; None for the dynamic programme, which is exact.
    """

    service: Index
    report: SolveReport | None = None

    def inbound(self, network: ServiceNetwork) -> Index:
        """Return SI of each stage: the longest of its suppliers' service times."""
        return np.array(
            [
                max([int(network.inbound[k]), *(int(self.service[i]) for i in network.suppliers[k])])
                for k in range(len(network.names))
            ],
            dtype=np.int64,
        )

    def net_times(self, network: ServiceNetwork) -> Index:
        """Return the net replenishment time τ of each stage: what its stock must cover."""
        net: Index = np.maximum(self.inbound(network) + network.times - self.service, 0)
        return net

    def stage_costs(self, network: ServiceNetwork) -> Array:
        """Return the cost a period of each stage."""
        net = self.net_times(network)
        return np.array([network.costs[k][net[k]] for k in range(len(net))])

    def cost(self, network: ServiceNetwork) -> float:
        """Return the cost a period, recomputed from the service times."""
        return float(self.stage_costs(network).sum())

    def violations(self, network: ServiceNetwork) -> list[str]:
        """Return the stages whose promise is longer than customers accept, or than they take without stock."""
        reach = self.inbound(network) + network.times
        return [
            name
            for k, name in enumerate(network.names)
            if self.service[k] < 0
            or self.service[k] > reach[k]
            or (network.promised[k] >= 0 and self.service[k] > network.promised[k])
        ]


def without_idle_waits(network: ServiceNetwork, service: Index) -> Index:
    """Return service times with none longer than the stage takes without stock: nobody is made to wait for nothing."""
    kept = service.copy()
    for k in network.order:
        reach = max([int(network.inbound[k]), *(int(kept[i]) for i in network.suppliers[k])])
        kept[k] = min(int(kept[k]), reach + int(network.times[k]))
    return kept


def stock_at_the_end(network: ServiceNetwork) -> ServicePlan:
    """Return the plan that keeps stock only where customers are served: what each stage would do by itself downstream."""
    service = np.zeros(len(network.names), dtype=np.int64)
    plan = ServicePlan(service)
    for k in network.order:
        reach = int(plan.inbound(network)[k] + network.times[k])
        service[k] = reach if network.promised[k] < 0 else min(reach, int(network.promised[k]))
    return plan


def root_costs(deviations: Sequence[float], holding: Sequence[float], z: float, longest: Sequence[int]) -> list[Array]:
    """Return the costs h·z·σ·√τ of stages whose demand is bounded as that of independent normal periods.

    Parameters
    ----------
    deviations, holding : sequences of float
        σ of one period's demand, and h of a unit and period, of each stage.
    z : float
        Safety factor.
    longest : sequence of int
        Longest net replenishment time.
    """
    return [h * z * s * np.sqrt(np.arange(top + 1)) for s, h, top in zip(deviations, holding, longest, strict=True)]
