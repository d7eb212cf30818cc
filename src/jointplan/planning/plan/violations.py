"""Every rule that a plan may break: goods, hours, room, orders, and who may do what.

Each rule is checked on the plan's own quantities, whatever made the plan.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.plan.excess import Violation, list_excess, order_names, place_names, route_names, series_names
from jointplan.planning.plan.ordering import order_charges
from jointplan.planning.plan.permissions import certificates_hold, designs_are_licensed, rights_are_kept, terms_are_kept
from jointplan.planning.plan.quantities import Quantities
from jointplan.planning.weekly import shift, sum_by, trailing_sum


def find_violations(plan: Quantities) -> list[Violation]:
    """Return every rule that the quantities of a plan break."""
    return [
        *nothing_is_negative(plan),
        *rights_are_kept(plan),
        *stock_is_not_negative(plan),
        *sinks_balance(plan),
        *demand_is_followed(plan),
        *capacity_is_kept(plan),
        *setups_stay(plan),
        *minimum_batches_are_kept(plan),
        *steps_begin_in_time(plan),
        *work_is_unlocked(plan),
        *room_is_kept(plan),
        *decided_lots_are_kept(plan),
        *throughput_is_kept(plan),
        *space_is_kept(plan),
        *certificates_hold(plan),
        *designs_are_licensed(plan),
        *terms_are_kept(plan),
        *materials_are_there(plan),
        *orders_are_accepted(plan),
    ]


def find_strains(plan: Quantities) -> list[Violation]:
    """Return where lots that were decided take more hours than there are; these are paid as overtime."""
    excess = plan.overtime_hours - (plan.problem.overtime - plan.problem.approved.beyond)
    excess = np.where(plan.problem.approved.beyond > 0, excess, 0.0)
    return list_excess("decided lots beyond the hours there are", excess, list(plan.problem.resource), "hours", 1e-3)


def nothing_is_negative(plan: Quantities) -> list[Violation]:
    """Ensures that no quantity runs backwards."""
    p, net = plan.problem, plan.network
    supplies = route_names(plan, net.supply_route)
    arcs = [
        f"{p.lane[lane]} {p.sku[net.commodity_product[c]]}"
        for lane, c in zip(net.arc_lane, net.arc_commodity, strict=True)
    ]
    series = series_names(plan)
    return [
        found
        for quantity, names in (
            (plan.make, supplies),
            (plan.ship, arcs),
            (plan.serve, series),
            (plan.unmet, series),
        )
        for found in list_excess("quantity below zero", -quantity, names, "units", 1e-3)
    ]


def steps_begin_in_time(plan: Quantities) -> list[Violation]:
    """Ensures that goods of several firms do not come out before their first step can have been done."""
    p, net = plan.problem, plan.network
    before = np.zeros(len(p.route_product), np.int64)
    np.maximum.at(before, p.use_route, p.use_lag)
    early = np.arange(p.weeks)[None, :] < before[net.supply_route][:, None]
    names = route_names(plan, net.supply_route)
    return list_excess("finished before its first step", plan.make * early, names, "units")


def work_is_unlocked(plan: Quantities) -> list[Violation]:
    """Ensures that nothing comes out that needs what is not learned or opened yet."""
    p, net = plan.problem, plan.network
    early = np.arange(p.weeks)[None, :] < p.route_first[net.supply_route][:, None]
    names = route_names(plan, net.supply_route)
    free = plan.make - plan.decided
    return list_excess("made before it is learned or opened", free * early, names, "units")


def stock_is_not_negative(plan: Quantities) -> list[Violation]:
    """Ensures that nothing leaves a place before it is there."""
    net = plan.network
    through = sum_by(net.arc_from, plan.ship, len(net.place_node)).sum(axis=1)
    return list_excess("stock below zero", -plan.stock, place_names(plan), "units", 1e-3, of=through)


def sinks_balance(plan: Quantities) -> list[Violation]:
    """Ensures that what is sent reaches its market when it is wanted; only what was sent before may wait there."""
    p, net = plan.problem, plan.network
    names = [
        f"{p.market[m]} {p.sku[net.commodity_product[c]]}"
        for c, m in zip(net.sink_commodity, net.sink_market, strict=True)
    ]
    surplus, through = plan.arrived - plan.handed, plan.handed.sum(axis=1)
    return list_excess("arrived before it was wanted", surplus, names, "units", 1e-3, of=through) + list_excess(
        "handed over without arriving", -plan.shelf, names, "units", 1e-3, of=through
    )


def demand_is_followed(plan: Quantities) -> list[Violation]:
    """Ensures that nothing is handed over before it is wanted, and nothing is owed longer than customers wait."""
    p = plan.problem
    window = trailing_sum(p.demand, p.late_weeks)
    window[:, -1] = 0.0
    names, wanted = series_names(plan), p.demand.sum(axis=1)
    return list_excess("handed over before wanted", -plan.owed, names, "units", 1e-3, of=wanted) + list_excess(
        "later than customers wait", plan.owed - window, names, "units", 1e-3, of=wanted
    )


def capacity_is_kept(plan: Quantities) -> list[Violation]:
    """Ensures that no resource works longer than its regular and overtime hours."""
    excess = plan.run_hours + plan.setup_hours - plan.problem.regular - plan.problem.overtime
    return list_excess("capacity exceeded", excess, list(plan.problem.resource), "hours", 1e-3)


def setups_stay(plan: Quantities) -> list[Violation]:
    """Ensures that a workshop begins a week set up for one thing at most, and only for one it was set up for as the last ended."""
    p, net = plan.problem, plan.network
    if p.carry_over is None:
        return []
    at = p.use_resource[net.keeper_use]
    kept = plan.kept.astype(float)
    kept_before, done_before, held_before, stays = (
        np.pad(part, ((0, 0), (1, 0)))[:, :-1]
        for part in (kept, plan.done.astype(float), plan.holding.astype(float), p.carry_over.over)
    )
    if p.carry_over.first is not None:
        stays[:, 0] = p.carry_over.first >= 0
        held_before[:, 0] = p.carry_over.first[at] == p.route_product[net.lot_route[net.keeper_lot]]
    made = sum_by(at, done_before, len(p.resource))[at]
    # A family is what shares a run at a workshop; the last number is of what belongs to none.
    _, family = np.unique(
        np.where(net.keeper_run < 0, np.inf, net.keeper_run * len(p.resource) + at), return_inverse=True
    )
    of_family = [sum_by(family, part, len(at))[family] for part in (kept_before, done_before)]
    changes = (net.keeper_run >= 0)[:, None] & (kept_before == 0)
    names = [
        f"{p.resource[m]} {p.sku[i]}" for m, i in zip(at, p.route_product[net.lot_route[net.keeper_lot]], strict=True)
    ]
    return [
        *list_excess("setup kept where none stays", kept * ~stays[at], names, "setups"),
        *list_excess("more setups kept than one", sum_by(at, kept, len(p.resource)) - 1, list(p.resource), "setups"),
        *list_excess("setup kept of what was not made", kept - kept_before - held_before, names, "setups"),
        *list_excess("setup kept while another was made", kept * kept_before * (made > held_before), names, "setups"),
        *list_excess(
            "family's setup kept while another was made",
            kept * changes * (of_family[0] > 0) * (made > of_family[1]),
            names,
            "setups",
        ),
    ]


def minimum_batches_are_kept(plan: Quantities) -> list[Violation]:
    """Ensures that no lot is smaller than its maker accepts; of one that is decided others may have parts."""
    p, net = plan.problem, plan.network
    made, decided = (sum_by(net.supply_lot, units, len(net.lot_route)) for units in (plan.make, plan.decided))
    short = np.where(plan.lots & (decided == 0), p.route_batch[net.lot_route][:, None] - made, 0.0)
    names = route_names(plan, net.lot_route)
    return list_excess("lot below the minimum batch", short, names, "units", 1e-3)


def room_is_kept(plan: Quantities) -> list[Violation]:
    """Ensures that no place holds more than its room."""
    p, net = plan.problem, plan.network
    volume = p.volume[net.commodity_product[net.place_commodity]]
    held = sum_by(net.place_node, np.maximum(plan.stock, 0.0) * volume[:, None], len(p.node))
    return list_excess("room exceeded", held - p.node_capacity[:, None], list(p.node), "m³", 1e-3)


def decided_lots_are_kept(plan: Quantities) -> list[Violation]:
    """Ensures that lots that were decided are made in full."""
    p, net = plan.problem, plan.network
    if not len(p.approved.route):
        return []
    names = route_names(plan, net.supply_route)
    return list_excess("decided lot not kept", plan.decided - plan.make, names, "units", 1e-3)


def throughput_is_kept(plan: Quantities) -> list[Violation]:
    """Ensures that no more is sent to a place than it takes in a week."""
    p, net = plan.problem, plan.network
    volume = plan.ship * p.volume[net.commodity_product[net.arc_commodity]][:, None]
    reached = sum_by(p.lane_node[net.arc_lane], shift(volume, p.lane_weeks[net.arc_lane]), len(p.node))
    excess = reached[p.sites.node] - p.sites.throughput[:, None]
    return list_excess("throughput exceeded", excess, [p.node[n] for n in p.sites.node], "m³", 1e-3)


def materials_are_there(plan: Quantities) -> list[Violation]:
    """Ensures that no material is used before it has come."""
    names = [plan.problem.materials.name[u] for u in plan.network.buying.bin_material]
    slack = 1e-6 * float(plan.material_used.max(initial=0.0)) + 1e-3
    return list_excess("material used before it has come", -plan.bin_stock, names, "material units", slack)


def orders_are_accepted(plan: Quantities) -> list[Violation]:
    """Ensures that orders reach the supplier's smallest, are whole multiples, and are not older than the plan where new."""
    p, buying = plan.problem, plan.network.buying
    offer, names = p.materials.offer_material[buying.purchase_offer], order_names(plan)
    if not len(offer):
        return []
    refused = ~np.isfinite(order_charges(p, buying, plan.bought))
    multiple = p.materials.offer_multiple[buying.purchase_offer][:, None]
    in_plan = np.arange(p.weeks)[None, :] >= p.materials.offer_weeks[buying.purchase_offer][:, None]
    times = np.divide(plan.bought, multiple, out=np.zeros_like(plan.bought), where=(multiple > 0) & in_plan)
    odd = np.abs(times - np.round(times))
    too_early = p.materials.offer_new[buying.purchase_offer][:, None] & ~in_plan
    return [
        *list_excess(
            "order the supplier does not accept", np.where(refused, plan.bought, 0.0), names, "material units"
        ),
        *list_excess("order that is no multiple", odd, names, "multiples", 1e-3),
        *list_excess("ordered before the plan begins", np.where(too_early, plan.bought, 0.0), names, "material units"),
    ]


def space_is_kept(plan: Quantities) -> list[Violation]:
    """Ensures that no more leaves than there is space for, on a lane or on those that share it."""
    p, net = plan.problem, plan.network
    counted = p.basis[net.arc_lane, net.commodity_product[net.arc_commodity]]
    quantity = sum_by(net.arc_lane, plan.ship * counted[:, None], len(p.lane))
    boxes = sum_by(plan.loads.lane, plan.load_quantity, len(p.lane))
    quantity[p.containers.lane] = boxes[p.containers.lane]
    spaces = p.spaces
    excess = sum_by(spaces.space, quantity[spaces.lane], len(spaces.most)) - spaces.most[:, None]
    names = [", ".join(p.lane[n] for n in spaces.lane[spaces.space == space]) for space in range(len(spaces.most))]
    return list_excess("lane space exceeded", excess, names, "basis units", 1e-3)
