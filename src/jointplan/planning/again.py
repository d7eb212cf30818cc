"""Planning again: what an earlier plan opened and sent, with the quantities that the demand of today asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from jointplan.planning.approved import floors
from jointplan.planning.buying import find_tiers, order_tiers
from jointplan.planning.model import Frozen, PlanModel, build_model
from jointplan.planning.network import Network, build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plan.quantities import TINY
from jointplan.planning.prices import worth_moving
from jointplan.planning.problem import Bools, ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights
from jointplan.planning.translating import read_plan, values_of
from jointplan.planning.weekly import bring_forward, sum_by
from jointplan.solvers import SolveOptions
from jointplan.solvers.highs import Relaxation


def plan_again(
    problem: ClusterProblem,
    rights: Rights,
    earlier: Mapping[str, pa.Table],
    start: date,
    options: SolveOptions,
    frozen: Frozen | None = None,
) -> ClusterPlan | None:
    """Return the best quantities for what an earlier joint plan opened; None where its lots cannot be kept.

    Its lots alone are kept; besides them what it sent and ordered; or no more than it sent, in the loads that this fills. Of
    these plans the best one is returned. Where little has changed that is the second, since whole loads and orders are what a
    linear programme cannot see: they are counted whole when the plan is costed. Where something fell away that is the third.
    Lots of weeks gone by, and of makers or products that are no longer planned, are left out.

    Parameters
    ----------
    problem, rights : ClusterProblem, Rights
        What is planned now, with the hours that decided lots are granted.
    earlier : mapping
        The tables **lots** of the earlier run, and **shipments** and **purchases** where it has them.
    start : date
        Monday of the first week now.
    options : SolveOptions
        Limits of the linear programmes.
    frozen : Frozen, optional
        What owners outside the coalition keep doing; the earlier plan says what members do.
    """
    network = build_network(problem, rights)
    model = build_model(problem, rights, network, frozen)
    open_ = open_lots(problem, rights, network, earlier["lots"], start)
    if frozen is not None:
        own = np.zeros(len(open_), bool)
        own[network.supply_lot[np.isnan(frozen.make).any(axis=1)]] = True
        open_ &= own[:, None]
        open_ |= sum_by(network.supply_lot, np.nan_to_num(frozen.make), len(open_)) > TINY
    open_ |= sum_by(network.supply_lot, floors(problem, network), len(network.lot_route)) > 0
    if (open_ & (model.fits <= 0)).any():
        return None
    runs = np.zeros(model.columns.run.shape, bool)
    needed = bring_forward(open_[network.link_lot].astype(float), network.link_lag) > 0
    np.logical_or.at(runs, network.link_run, needed)
    lots = [(model.columns.lot, open_.astype(float)), (model.columns.run, runs.astype(float))]
    plans = [_best_quantities(model, lots, [], options, frozen)]
    if "shipments" in earlier:
        arcs, quantity = sent_before(problem, rights, network, earlier["shipments"], start)
        if frozen is not None:
            free = np.isnan(frozen.ship[arcs]).all(axis=1)
            arcs, quantity = arcs[free], quantity[free]
        sent = [(model.columns.ship[arcs], quantity)]
        ordered = _ordered(model, earlier, start, frozen)
        plans.append(_best_quantities(model, [*lots, *sent, *ordered], [], options, frozen))
        loads = _loads(model, arcs, quantity, frozen)
        plans.append(_best_quantities(model, [*lots, *loads], sent, options, frozen))
    return max((plan for plan in plans if plan is not None), key=lambda plan: plan.value, default=None)


def _best_quantities(
    model: PlanModel,
    kept: list[tuple[Ints, Floats]],
    most: list[tuple[Ints, Floats]],
    options: SolveOptions,
    frozen: Frozen | None,
) -> ClusterPlan | None:
    """Return the best plan with blocks of columns at their values, others at most at theirs; None where there is none.

    What else is yes or no is let go; materials are ordered anew where a whole order or a price by quantity came out in part.
    """
    linear = model.linear
    values, held = np.zeros(len(linear.cost)), np.zeros(len(linear.cost), bool)
    for block, chosen in kept:
        there = block >= 0
        values[block[there]] = chosen[there]
        held[block[there]] = True
    upper = linear.upper.copy()
    for block, limit in most:
        there = block >= 0
        upper[block[there]] = np.minimum(upper[block[there]], limit[there])
    free = ~held & worth_moving(model, values)
    small, _ = replace(linear, upper=upper).restricted(free, values)
    solution = Relaxation(small, options).solve()
    if solution.values is None:
        return None
    values[free] = solution.values
    plan = read_plan(model, values)
    if plan.violations():
        plan = replace(plan, buy=None)
        if frozen is not None:
            plan = replace(plan, buy=_with_outsiders(plan.bought, frozen.buy))
    return None if plan.violations() else plan


def _with_outsiders(quantity: Floats, held: Floats) -> Floats:
    """Return a quantity of members with what outsiders hold of it."""
    return np.where(np.isnan(held), quantity, held)


def _loads(model: PlanModel, arcs: Ints, sent: Floats, frozen: Frozen | None) -> Iterator[tuple[Ints, Floats]]:
    """Yield the columns of containers, of what is cleared, and of which rate is paid, with what these shipments take."""
    problem, network, columns = model.problem, model.network, model.columns
    ship, nothing = np.zeros(columns.ship.shape), np.zeros(problem.demand.shape)
    ship[arcs] = sent
    if frozen is not None:
        ship = _with_outsiders(ship, frozen.ship)
    plan = ClusterPlan(
        problem, model.rights, network, floors(problem, network), ship, serve=nothing, unmet=problem.demand
    )
    values = values_of(model, plan)
    yield columns.boxes, values[columns.boxes]
    yield columns.sent, values[columns.sent]
    yield columns.band, values[columns.band]


def _ordered(
    model: PlanModel, earlier: Mapping[str, pa.Table], start: date, frozen: Frozen | None
) -> Iterator[tuple[Ints, Floats]]:
    """Yield the columns of what an earlier joint plan ordered, with its quantities."""
    problem, network = model.problem, model.network
    if "purchases" in earlier:
        ordered = ordered_before_now(problem, network, earlier["purchases"], start)
        if frozen is not None:
            ordered = _with_outsiders(ordered, frozen.buy)
        paid = order_tiers(problem, network.buying, ordered)
        tiers = find_tiers(problem.materials, network.buying)
        on_hand = (problem.materials.offer_firm >= 0)[network.buying.purchase_offer[tiers.purchase]]
        columns = np.where(on_hand[:, None], -1, model.columns.buy)  # what is taken of it is decided anew
        yield columns, np.where(paid, ordered[tiers.purchase], 0.0)


def sent_before(
    problem: ClusterProblem, rights: Rights, network: Network, shipments: pa.Table, start: date
) -> tuple[Ints, Floats]:
    """Return the arcs, (n,), of which an earlier table **shipments** tells what its joint plan sent on them, and that; (n, T).

    Where goods of one product are kept apart on one lane for different makers' markets, it does not tell which they were; nor
    what was set aside.
    """
    p, net = problem, network
    product = net.commodity_product[net.arc_commodity]
    keys = list(zip(net.arc_lane.tolist(), product.tolist(), net.arc_class.tolist(), strict=True))
    arcs: dict[tuple[int, int, int], list[int]] = {}
    for arc, key in enumerate(keys):
        arcs.setdefault(key, []).append(arc)
    lanes: dict[tuple[str, str], int] = {}
    for n, (name, origin) in enumerate(zip(p.lane, p.lane_origin.tolist(), strict=True)):
        lanes[name.removesuffix(f"@{p.node[origin]}"), p.node[origin]] = n
    skus, firms = ({name: n for n, name in enumerate(names)} for names in (p.sku, p.firm))
    sent = np.zeros((len(keys), p.weeks))
    for row in shipments.to_pylist():
        week = (row["week"] - start).days // 7
        lane, sku = lanes.get((row["lane"], row["origin"]), -1), skus.get(row["sku"], -1)
        if row["plan"] != "joint" or row["seller"] not in firms or not 0 <= week < p.weeks:
            continue
        for holder in _holders(p, rights, firms[row["seller"]]):
            if (lane, sku, holder) in arcs:
                sent[arcs[lane, sku, holder][0], week] += row["quantity"]
                break
    told = np.array([len(arcs[key]) == 1 for key in keys], dtype=bool) & ~p.lane_aside[net.arc_lane]
    return np.flatnonzero(told), sent[told]


def ordered_before_now(problem: ClusterProblem, network: Network, purchases: pa.Table, start: date) -> Floats:
    """Return what an earlier table **purchases** has its joint plan order on each purchase; (Y, T)."""
    p, buying, materials = problem, network.buying, problem.materials
    offers = [
        (materials.name[m], supplier, origin or None)
        for m, supplier, origin in zip(
            materials.offer_material.tolist(), materials.supplier, materials.origin, strict=True
        )
    ]
    number = {
        (*offers[j], int(buying.bin_class[x])): y
        for y, (x, j) in enumerate(zip(buying.purchase_bin.tolist(), buying.purchase_offer.tolist(), strict=True))
    }
    firms = {name: n for n, name in enumerate(p.firm)}
    ordered = np.zeros((len(buying.purchase_bin), p.weeks))
    for row in purchases.to_pylist():
        week = (row["week"] - start).days // 7
        if row["plan"] != "joint" or row["firm"] not in firms or not 0 <= week < p.weeks:
            continue
        holder = len(p.owner) if row["together"] else int(p.firm_owner[firms[row["firm"]]])
        y = number.get((row["material"], row["supplier"], row["origin"], holder))
        if y is not None:
            ordered[y, week] += row["quantity"]
    return ordered


def open_lots(problem: ClusterProblem, rights: Rights, network: Network, lots: pa.Table, start: date) -> Bools:
    """Return which lots of the problem, (E, T), an earlier table **lots** has in its joint plan."""
    firms = {name: n for n, name in enumerate(problem.firm)}
    routes = {
        (problem.firm[f], problem.sku[i], problem.chain_label(r)): r
        for r, (f, i) in enumerate(zip(problem.route_firm, problem.route_product, strict=True))
    }
    number = {(int(r), int(c)): e for e, (r, c) in enumerate(zip(network.lot_route, network.lot_class, strict=True))}
    open_ = np.zeros((len(network.lot_route), problem.weeks), bool)
    for row in lots.to_pylist():
        week = (row["week"] - start).days // 7
        # Runs of earlier versions do not say who did which step: then one firm did all.
        route, seller = routes.get((row["maker"], row["sku"], row.get("chain") or "")), firms.get(row["seller"])
        if row["plan"] != "joint" or route is None or seller is None or not 0 <= week < problem.weeks:
            continue
        for holder in _holders(problem, rights, seller):
            if (route, holder) in number:
                open_[number[route, holder], week] = True
                break
    return open_


def _holders(problem: ClusterProblem, rights: Rights, seller: int) -> tuple[int, ...]:
    """Return whose a seller's goods may be: all members' together, if its owner is one, or its owner's."""
    owner = int(problem.firm_owner[seller])
    return (len(problem.owner), owner) if rights.members[owner] else (owner,)
