"""Guaranteed service on any network, by a mixed-integer programme through the solver.

A column a stage and net replenishment time: the cost of a table needs no concavity, and the relaxation is as tight as the table.
"""

from __future__ import annotations

import numpy as np

from jointplan.errors import NoResultError
from jointplan.inventory.guaranteed import ServiceNetwork, ServicePlan, without_idle_waits
from jointplan.inventory.guaranteed_tree import plan_tree
from jointplan.solvers import ModelBuilder, SolveOptions
from jointplan.solvers.highs import solve_model
from jointplan.texts import tr


def plan_service(network: ServiceNetwork, options: SolveOptions = SolveOptions()) -> ServicePlan:  # noqa: B008 - frozen
    """Return the cheapest service times: by dynamic programme on a tree, else by the solver."""
    return plan_tree(network) if network.is_tree else plan_network(network, options)


def plan_network(network: ServiceNetwork, options: SolveOptions = SolveOptions()) -> ServicePlan:  # noqa: B008 - frozen
    """Return the cheapest service times of any network without circles of supply.

    Raises
    ------
    NoResultError
        If the solver ends without an answer.
    """
    model = _model(network)
    solution = solve_model(model.build(), options)
    if solution.values is None:
        raise NoResultError(tr("No service times were found in the time given."), tr("Give the solver more seconds."))
    n = len(network.names)
    service = np.rint(solution.values[:n]).astype(np.int64)
    return ServicePlan(without_idle_waits(network, service), solution.report)


def _model(network: ServiceNetwork) -> ModelBuilder:
    n = len(network.names)
    builder = ModelBuilder()
    # Whole net replenishment times make service times whole only if these are asked to be.
    tops = np.array([network.limit(k) for k in range(n)], dtype=float)
    promise = builder.columns((n,), lower=-1.0, upper=tops, integer=True)  # below 0: never left out as always zero
    served = builder.columns((n,), lower=-1.0, upper=(network.longest - network.times).astype(float))
    stages = np.arange(n)
    builder.rows(np.zeros(n), np.inf, [(stages, promise, 1.0)])
    builder.rows(network.inbound.astype(float), np.inf, [(stages, served, 1.0)])
    for k in range(n):
        tau = np.arange(int(network.longest[k]) + 1)
        chosen = builder.columns((len(tau),), upper=1.0, cost=network.costs[k][tau], integer=True)
        _ensure_one_net_time(builder, chosen)
        _ensure_net_time_is_covered(builder, chosen, tau, int(promise[k]), int(served[k]), int(network.times[k]))
    arcs = np.array(network.arcs, dtype=np.int64).reshape(-1, 2)
    _ensure_suppliers_are_waited_for(builder, promise[arcs[:, 0]], served[arcs[:, 1]])
    return builder


def _ensure_one_net_time(builder: ModelBuilder, chosen: np.ndarray) -> None:
    """Ensure that a stage has one net replenishment time."""
    builder.rows([1.0], [1.0], [(np.zeros(len(chosen), int), chosen, 1.0)])


def _ensure_net_time_is_covered(
    builder: ModelBuilder, chosen: np.ndarray, tau: np.ndarray, promise: int, served: int, time: int
) -> None:
    """Ensure that τ = SI + T − S."""
    zero = np.zeros(1, int)
    builder.rows(
        [float(-time)], [float(-time)],
        [(np.zeros(len(chosen), int), chosen, -tau.astype(float)), (zero, [served], 1.0), (zero, [promise], -1.0)],
    )  # fmt: skip


def _ensure_suppliers_are_waited_for(builder: ModelBuilder, promise: np.ndarray, served: np.ndarray) -> None:
    """Ensure that a stage counts on no shorter time than each supplier promises."""
    if len(promise):
        rows = np.arange(len(promise))
        builder.rows(np.zeros(len(promise)), np.inf, [(rows, served, 1.0), (rows, promise, -1.0)])
