"""Who may do what: rules a plan breaks against rights, certificates, designs and the members' terms."""

from __future__ import annotations

import numpy as np

from jointplan.planning.plan.excess import Violation, list_excess, order_names, route_names
from jointplan.planning.plan.quantities import TINY, Quantities
from jointplan.planning.problem import Floats
from jointplan.planning.rights import maker_owner
from jointplan.planning.weekly import bring_forward, sum_by


def rights_are_kept(plan: Quantities) -> list[Violation]:
    """Ensures that lots and loads are shared only by members who may share them."""
    p, net, pooled = plan.problem, plan.network, len(plan.problem.owner)
    lots = route_names(plan, net.lot_route)
    loads = [p.lane[lane] for lane in plan.loads.lane]
    entries, none = p.entries, np.zeros(len(net.entry_market), bool)
    markets = [] if entries is None else [p.market[entries.market[e]] for e in net.entry_market]
    promoted = none if entries is None else entries.promotion[net.entry_market]
    sites = [p.node[p.sites.node[w]] for w in net.site_entry]
    abroad = np.isin(p.sites.node, p.sites.overseas)[net.site_entry]
    shops = [p.firm[p.investments.firm[v]] for v in net.investment_entry]
    learned = np.array([bool(p.investments.process[v]) for v in net.investment_entry], dtype=bool)
    by_all = net.investment_class == pooled
    orders, new = order_names(plan), p.materials.offer_new[net.buying.purchase_offer]
    ordered = (plan.bought > TINY).astype(float)
    together = net.buying.bin_class[net.buying.purchase_bin] == pooled
    shared = [
        ("enter_market", (net.entry_class == pooled) & ~promoted, plan.entered.astype(float), markets, "markets"),
        ("joint_promotion", (net.entry_class == pooled) & promoted, plan.entered.astype(float), markets, "markets"),
        ("overseas_warehouse", (net.site_class == pooled) & abroad, plan.opened.astype(float), sites, "sites"),
        ("consolidate_freight", (net.site_class == pooled) & ~abroad, plan.opened.astype(float), sites, "sites"),
        ("add_capability", by_all & learned, plan.invested.astype(float), shops, "processes"),
        ("open_shared_workshop", by_all & ~learned, plan.invested.astype(float), shops, "workshops"),
        ("pool_purchases", together, ordered, orders, "orders"),
        ("substitute_imports", new, ordered, orders, "orders"),
        ("pool_orders", net.lot_class == pooled, plan.lots.astype(float), lots, "lots"),
        (
            "consolidate_freight",
            plan.loads.shipper == pooled,
            (plan.load_quantity > TINY).astype(float),
            loads,
            "loads",
        ),
    ]
    return [
        found
        for measure, common, there, names, unit in shared
        if not plan.rights.shares(measure)
        for found in list_excess("shared without the right", there * common[:, None], names, unit)
    ] + others_work_by_right(plan)


def others_work_by_right(plan: Quantities) -> list[Violation]:
    """Ensures that only members work on what another owner makes today, for members alone, and by the right to it.

    Whole jobs move by sharing capacity, single steps by dividing labour. Firms that learned for it, and workshops that were
    opened, take both by the right to do so.
    """
    p, net, need = plan.problem, plan.network, plan.problem.investments
    owners, everyone = p.route_owners[net.supply_route], np.arange(len(p.owner))
    home = maker_owner(p)[net.commodity_product[net.supply_commodity]][:, None]
    others = owners & (everyone != home) & (home >= 0)  # goods bought in are nobody's job
    # Goods are for those who hold them, and for those who sell them.
    holds = net.commodity_class[:, None] == everyone
    holds[net.sink_commodity[net.series_sink], p.firm_owner[p.series_seller]] = True
    taking_part = owners | (everyone == home) | holds[net.supply_commodity]
    strangers = (taking_part & ~plan.rights.members & ~p.neutral).any(axis=1)
    unlocked, barred = np.zeros((2, *p.route_owners.shape), bool)
    for route, v in zip(need.route.tolist(), need.need.tolist(), strict=True):
        owner = p.firm_owner[need.firm[v]]
        unlocked[route, owner] = True
        barred[route, owner] |= not plan.rights.shares(need.measures[v])
    whole = owners.sum(axis=1) == 1
    shared = np.where(whole, plan.rights.shares("share_capacity"), plan.rights.shares("divide_labour"))
    plain = (others & ~unlocked[net.supply_route]).any(axis=1)
    without = (plain & ~shared) | (others & barred[net.supply_route]).any(axis=1)
    breaks = others.any(axis=1) & (strangers | without)
    names, free = route_names(plan, net.supply_route), plan.make - plan.decided
    return [
        *list_excess("whole jobs made by others than today's maker", free * (breaks & whole)[:, None], names, "units"),
        *list_excess("steps divided without the right", free * (breaks & ~whole)[:, None], names, "units"),
    ]


def designs_are_licensed(plan: Quantities) -> list[Violation]:
    """Ensures that products are made by their design's owner, by their present maker's, or by members who license designs."""
    p, net = plan.problem, plan.network
    product = net.commodity_product[net.supply_commodity]
    licensors = {i: int(p.firm_owner[f]) for i, f in zip(p.designs.product.tolist(), p.designs.firm, strict=True)}
    refused, breaks = p.terms.refused(len(p.owner)), np.zeros(len(product), bool)
    for k, (i, r) in enumerate(zip(product.tolist(), net.supply_route.tolist(), strict=True)):
        if i not in licensors or p.maker[i] < 0:
            continue
        licensor, present = licensors[i], int(p.firm_owner[p.maker[i]])
        others = [o for o in np.flatnonzero(p.route_owners[r]).tolist() if o not in (licensor, present)]
        members = all(plan.rights.members[o] or p.neutral[o] for o in [licensor, *others])
        allowed = plan.rights.shares("license_designs") and members and not refused[licensor, others].any()
        breaks[k] = bool(others) and not allowed
    free = plan.make - plan.decided
    return list_excess(
        "made without a licence for the design", free * breaks[:, None], route_names(plan, net.supply_route), "units"
    )


def certificates_hold(plan: Quantities) -> list[Violation]:
    """Ensures that no more is handed over at markets than was made by firms that may serve them, or before."""
    p, net = plan.problem, plan.network
    limits = {
        (int(r), int(m)): int(w)
        for r, m, w in zip(p.certificates.route, p.certificates.market, p.certificates.weeks, strict=True)
    }
    named = set(p.certificates.market.tolist())
    before = sum_by(net.place_commodity, net.place_opening, len(net.commodity_product))
    before += sum_by(net.sink_commodity, net.sink_opening, len(net.commodity_product))
    handed: dict[tuple[int, tuple[int, ...]], Floats] = {}
    for d in np.flatnonzero(np.isin(net.sink_market, sorted(named))):
        c, market = int(net.sink_commodity[d]), int(net.sink_market[d])
        supplies = np.flatnonzero(net.supply_commodity == c)
        weeks = tuple(limits.get((int(r), market), p.weeks) for r in net.supply_route[supplies])
        handed[c, weeks] = handed.get((c, weeks), 0.0) + plan.handed[d]
    names, excess = [], []
    for (c, weeks), units in handed.items():
        supplies = np.flatnonzero(net.supply_commodity == c)
        allowed = np.arange(p.weeks)[None, :] < np.array(weeks, dtype=np.int64)[:, None]
        certified = np.where(allowed, plan.make[supplies], 0.0).sum(axis=0) + before[c]
        missing = np.maximum.accumulate(np.maximum((units - certified).cumsum(), 0.0))
        names.append(p.sku[net.commodity_product[c]])
        excess.append(np.diff(missing, prepend=0.0))
    found = np.array(excess).reshape(len(names), p.weeks)
    return list_excess("delivered without a certificate", found, names, "units", 1e-3)


def terms_are_kept(plan: Quantities) -> list[Violation]:
    """Ensures that no job moves to a partner who is refused, and that makers keep the hours they keep for themselves."""
    p, net = plan.problem, plan.network
    product, firm = p.route_product[net.supply_route], p.route_firm[net.supply_route]
    home = maker_owner(p)[product]
    others = p.route_owners[net.supply_route] & (np.arange(len(p.owner))[None, :] != home[:, None])
    refused = p.terms.refused(len(p.owner))
    sold = np.zeros((len(net.commodity_product), len(p.owner)), bool)
    sold[net.sink_commodity[net.series_sink], p.firm_owner[p.series_seller]] = True
    # A partner may be refused by the present maker, by a seller, or by a partner that does another step.
    against = refused[home]
    if len(p.terms.one):
        against = against | (others @ refused[:-1]) | (sold[net.supply_commodity] @ refused[:-1])
    breaks = (home >= 0) & (others & against).any(axis=1)
    kept_back = p.terms.protected(len(p.owner), len(p.market))
    for_market = kept_back[p.firm_owner[p.series_seller], p.series_market]
    for_market |= kept_back[maker_owner(p)[p.series_product], p.series_market]
    guarded = np.zeros(len(net.commodity_product), bool)
    guarded[net.sink_commodity[net.series_sink[for_market]]] = True
    elsewhere = (home >= 0) & others.any(axis=1) & guarded[net.supply_commodity]
    names = [f"{p.firm[f]} {p.sku[i]}" for f, i in zip(firm, product, strict=True)]
    found = list_excess("made by a partner who is refused", plan.make * breaks[:, None], names, "units")
    found += list_excess("made elsewhere for a protected customer", plan.make * elsewhere[:, None], names, "units")
    excess = hours_for_others(plan)[p.terms.resource] - p.most_for_others
    kept = [p.resource[m] for m in p.terms.resource]
    return found + list_excess("hours kept for oneself exceeded", excess, kept, "hours", 1e-3)


def hours_for_others(plan: Quantities) -> Floats:
    """Return the hours that products of other owners' making take, (M, T), with their setups and the changeovers only they need."""
    p, net = plan.problem, plan.network
    made = sum_by(net.supply_route, plan.make, len(p.route_product))
    present = p.maker[p.route_product[p.use_route]]
    owner = p.firm_owner[p.resource_firm[p.use_resource]]
    lots = sum_by(net.lot_route, plan.lots.astype(float), len(p.route_product))
    moved = (present >= 0) & (p.firm_owner[present] != owner)
    taken = made[p.use_route] * p.use_hours[:, None] + lots[p.use_route] * p.use_setup[:, None]
    hours = sum_by(p.use_resource, bring_forward(taken * moved[:, None], p.use_lag), len(p.resource))
    for q, g in enumerate(net.run_group):
        # A changeover is for others where nothing that the run may make is of the firm's own.
        product = p.route_product[net.lot_route[net.link_lot[net.link_run == q]]]
        for v in np.flatnonzero(p.major_group == g):
            m = p.major_resource[v]
            maker = p.maker[product]
            if ((maker >= 0) & (p.firm_owner[maker] != p.firm_owner[p.resource_firm[m]])).all():
                hours[m] += plan.runs[q] * p.major_hours[v]
    return np.asarray(hours)
