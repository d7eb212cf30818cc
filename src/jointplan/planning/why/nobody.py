"""Lines that nobody makes, or to which no way leads: the step or material that lacks, what keeps each maker away, or too small a container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from jointplan.planning.network import ROUNDING, lanes_between
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import SUPPLY, ClusterProblem, Ints
from jointplan.planning.why.line import Line
from jointplan.planning.why.reason import Barrier, Reason


def why_nobody(undone: Mapping[str, Sequence[str]], line: Line) -> Reason:
    """Tell why nobody makes what a line wants: materials or a step that nobody can give it, or what keeps each who could from it."""
    p = line.problem
    if processes := undone.get(p.sku[line.product]):
        materials = [process.removeprefix(SUPPLY) for process in processes if process.startswith(SUPPLY)]
        if materials:
            return line.reason("no_source", material=", ".join(materials))
        return line.reason("no_process", step=processes[0])
    barriers = _barriers(p, line.product, line.market, int(p.firm_owner[p.series_seller[line.series]]))
    return line.reason("barred" if barriers else "no_maker", barriers=barriers)


def _barriers(p: ClusterProblem, product: int, market: int, owner: int) -> tuple[Barrier, ...]:
    """Return what keeps each firm that could make a product as a whole from it; of those that only could in turn, where none could alone."""
    home = int(p.firm_owner[p.maker[product]]) if p.maker[product] >= 0 else owner
    refused = p.terms.refused(len(p.owner))
    protected = p.terms.protected(len(p.owner), len(p.market))
    routes = np.flatnonzero(p.route_product == product)
    whole = routes[~p.divided[routes]]
    limits = p.certificates
    without = set(limits.route[(limits.market == market) & (limits.weeks == 0)].tolist())
    found: dict[int, Barrier] = {}
    for r in (whole if len(whole) else routes).tolist():
        firm, makers = int(p.route_firm[r]), np.flatnonzero(p.route_owners[r]).tolist()
        pairs = [
            (one, other) for one in dict.fromkeys((owner, home, *makers)) for other in makers
            if refused[one, other] and other != home
        ]  # fmt: skip
        if r in without:
            found[firm] = Barrier(firm, "certificate")
        elif pairs:
            found[firm] = Barrier(firm, "refused", *pairs[0])
        elif makers != [home] and (protected[owner, market] or protected[home, market]):
            found[firm] = Barrier(firm, "protected")
        else:
            found[firm] = Barrier(firm, "apart")
    # The present maker first.
    return tuple(sorted(found.values(), key=lambda barrier: (barrier.firm != p.maker[product], barrier.firm)))


def why_no_way(plan: ClusterPlan, line: Line, places: Ints) -> Reason:
    """Tell why no way leads from where goods are made to their market: no lane, or none whose container takes a unit."""
    p, net, box = plan.problem, plan.network, plan.problem.containers
    small = [
        (lane, unit, float(takes[line.product]), float(most[c]))
        for c, lane in enumerate(box.lane.tolist())
        for unit, takes, most in (("m3", p.volume, box.m3), ("kg", p.weight, box.kg))
        if takes[line.product] > most[c] * (1 + ROUNDING)
    ]
    start = {int(node) for node in net.place_node[places]}
    ways = lanes_between(p, start, {line.market})
    for lane, unit, needed, limit in small:
        if lane in ways:
            return line.reason("container", lane=lane, unit=unit, needed=needed, limit=limit)
    return line.reason("no_way")
