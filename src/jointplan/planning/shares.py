"""Whose goods are whose: how quantities and money of goods held in common are split over the sellers who share them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jointplan.planning.approved import find_supplies
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.rows import Rows, added_up, alike, paired, stacked
from jointplan.planning.weekly import bring_forward, shift, sum_by


def seller_shares(plan: ClusterPlan) -> Rows:
    """Return each seller's share in each commodity, over the whole horizon.

    Sellers share in proportion to the units handed over to them, and to those left over from what was their own; to the
    units they wanted where there are neither; goods that nobody wanted go to the firm that had most of them, or to which most was
    decided, the first firm of their owner where none is known.

    Returns
    -------
    Rows
        commodity, firm (numbers), share (fraction, 0 for sellers who only wanted), by commodity and firm; shares of a
        commodity add up to 1.
    """
    rows = stacked([_ordered(plan), left_of_own(plan)])
    rows = added_up(rows, *alike(rows["commodity"], rows["firm"]), ["served", "wanted"])
    commodity, size = rows["commodity"], len(plan.network.commodity_product)
    served, wanted = (np.bincount(commodity, rows[name], size)[commodity] for name in ("served", "wanted"))
    weight = np.where(served > 0, rows["served"], rows["wanted"])
    total = np.where(served > 0, served, np.where(wanted > 0, wanted, 1.0))
    rows = {"commodity": commodity, "firm": rows["firm"], "share": weight / total}
    alone = np.setdiff1d(np.arange(size), commodity[rows["share"] > 0])
    holders = np.array([_holder(plan, int(c)) for c in alone], dtype=np.int64)
    rows = stacked([rows, {"commodity": alone, "firm": holders, "share": np.ones(len(alone))}])
    return added_up(rows, *alike(rows["commodity"], rows["firm"]), ["share"])


def _ordered(plan: ClusterPlan) -> Rows:
    """Return what each demand series is handed over and wants of its commodity: commodity, firm, served, wanted."""
    p, net = plan.problem, plan.network
    return {
        "commodity": net.sink_commodity[net.series_sink],
        "firm": p.series_seller,
        "served": plan.serve.sum(axis=1),
        "wanted": p.demand.sum(axis=1),
    }


def goods_before(plan: ClusterPlan) -> Rows:
    """Return whose goods from before the first week members hold in common: node, commodity, firm (numbers), week, units.

    Nodes are the places of the network and, behind them, its sinks.
    """
    p, net, early = plan.problem, plan.network, plan.problem.opening
    nodes = len(p.node)
    commodity = np.concatenate([net.place_commodity, net.sink_commodity])
    where = np.concatenate([net.place_node, nodes + net.sink_market])
    units = np.vstack([net.place_opening, net.sink_opening])
    ends = nodes + len(p.market)
    shared = np.flatnonzero(net.commodity_class[commodity] == len(p.owner))
    code = net.commodity_product[commodity[shared]] * ends + where[shared]
    order = np.argsort(code, kind="stable")
    shared, code = shared[order], code[order]
    entry = np.flatnonzero(plan.rights.members[early.owner])
    at = np.where(early.node[entry] >= 0, early.node[entry], nodes + early.market[entry])
    left, right = paired(early.product[entry] * ends + at, code)
    entry, node = entry[left], shared[right]
    # What lies at a place for markets of several kinds is shared among these as the network shares it.
    weight = units[node, early.week[entry]]
    total = np.bincount(entry, weight, len(early.units))[entry]
    part = np.divide(weight, total, out=np.zeros(len(weight)), where=total > 0)
    return {
        "node": node,
        "commodity": commodity[node],
        "firm": _firms(plan, commodity[node], early.owner[entry], _known(early.firm, entry)),
        "week": early.week[entry],
        "units": early.units[entry] * part,
    }


def _known(firm: Ints | None, entry: Ints) -> Ints:
    """Return the firms of some entries, −1 where none is known."""
    return np.full(len(entry), -1) if firm is None else firm[entry]


def _firms(plan: ClusterPlan, commodity: Ints, owner: Ints, known: Ints) -> Ints:
    """Return whose goods of a commodity are: the firm that is known, else the one that wants most of it, else the owner's first."""
    p = plan.problem
    rows = _ordered(plan)
    rows = added_up(rows, *alike(rows["commodity"], rows["firm"]), ["wanted"])
    code = rows["commodity"] * len(p.owner) + p.firm_owner[rows["firm"]]
    order = np.lexsort((-rows["firm"], rows["wanted"], code))
    code, firm = code[order], rows["firm"][order]
    asked = commodity * len(p.owner) + owner
    last = np.searchsorted(code, asked, side="right") - 1
    sells = (last >= 0) & (np.append(code, -1)[last] == asked)
    return np.where(known >= 0, known, np.where(sells, np.append(firm, -1)[last], _first_firms(plan)[owner]))


def left_of_own(plan: ClusterPlan) -> Rows:
    """Return what is left of what was a seller's own beyond what it is handed over: commodity, firm, served, wanted.

    Its own are lots decided for it, and what it had before the first week of goods that members share. No more than all that is
    there of the goods and handed over to nobody.
    """
    p, net = plan.problem, plan.network
    rows, supply, before = _ordered(plan), find_supplies(p, net), goods_before(plan)
    there, decided = np.flatnonzero(supply >= 0), p.approved
    made = net.supply_commodity[supply[there]]
    own = {
        "commodity": np.concatenate([made, before["commodity"]]),
        "firm": np.concatenate([_firms(plan, made, decided.owner[there], _known(decided.firm, there)), before["firm"]]),
        "units": np.concatenate([decided.units[there], before["units"]]),
    }
    own = added_up(own, *alike(own["commodity"], own["firm"]), ["units"])
    commodity, firm, units, size = own["commodity"], own["firm"], own["units"], len(net.commodity_product)

    def beyond(taker: Ints, taken: Ints, owns: Ints) -> Floats:
        """Return by how much what each owns of a commodity exceeds what it is handed over."""
        kinds = size * len(p.firm)
        handed = np.bincount(taken * len(p.firm) + taker, rows["served"], kinds)
        code = commodity * len(p.firm) + owns
        return np.asarray(np.maximum(np.bincount(code, units, kinds) - handed, 0.0)[code])

    # What an owner has left of its own is left to those of its firms whose own it is.
    mine = beyond(rows["firm"], rows["commodity"], firm)
    ours = beyond(p.firm_owner[rows["firm"]], rows["commodity"], p.firm_owner[firm])
    of_owner = commodity * len(p.owner) + p.firm_owner[firm]
    total = np.bincount(of_owner, mine, size * len(p.owner))[of_owner]
    claim = mine * np.divide(ours, total, out=np.zeros_like(ours), where=total > 0)
    came = sum_by(net.supply_commodity, plan.make, size).sum(axis=1)
    came += np.bincount(before["commodity"], before["units"], size)
    left = np.maximum(came - np.bincount(rows["commodity"], rows["served"], size), 0.0)[commodity]
    claimed = np.bincount(commodity, claim, size)[commodity]
    served = claim * np.minimum(1.0, left / np.where(claimed > 0, claimed, 1.0))
    return {"commodity": commodity, "firm": firm, "served": served, "wanted": np.zeros(len(served))}


def _holder(plan: ClusterPlan, commodity: int) -> int:
    """Return the firm that goods without any order are booked to: the one that had most, or for which most was decided."""
    p, net = plan.problem, plan.network
    owner, product = int(net.commodity_class[commodity]), net.commodity_product[commodity]
    first = _first_firms(plan)
    early, decided = p.opening, p.approved
    there, lots = (np.flatnonzero(found == product) for found in (early.product, p.route_product[decided.route]))
    holder = np.concatenate([early.owner[there], decided.owner[lots]])
    firm = np.concatenate([_known(early.firm, there), _known(decided.firm, lots)])
    firm = np.where(firm >= 0, firm, first[holder])
    mine = plan.rights.members[holder] if owner == len(p.owner) else holder == owner
    units = np.bincount(firm[mine], np.concatenate([early.units[there], decided.units[lots]])[mine], len(p.firm))
    if units.any():
        return int(units.argmax())
    owner = int(np.flatnonzero(plan.rights.members)[0]) if owner == len(p.owner) else owner
    return int(first[owner])


def _first_firms(plan: ClusterPlan) -> Ints:
    """Return the first firm of each owner; (O,)."""
    p = plan.problem
    return np.array([np.flatnonzero(p.firm_owner == o)[0] for o in range(len(p.owner))], dtype=np.int64)


def lot_quantity(plan: ClusterPlan) -> Floats:
    """Return the units of each lot; (E, T)."""
    net = plan.network
    return np.where(plan.lots, sum_by(net.supply_lot, plan.make, len(net.lot_route)), 0.0)


def lot_setup_hours(plan: ClusterPlan) -> Floats:
    """Return the setup hours of each lot with its share of its run's, less those that kept setups spare; (E, T)."""
    p, net = plan.problem, plan.network
    minor = np.bincount(p.use_route, p.use_setup, minlength=len(p.route_product))
    major = np.bincount(p.major_group, p.major_hours, minlength=len(p.group_firm))
    spared = shift(plan.spared * p.use_setup[net.keeper_use][:, None], p.use_lag[net.keeper_use])
    turned = plan.spared * np.append(p.major_hours, 0.0)[net.keeper_turn][:, None]  # the last entry reads −1
    own = plan.lots * minor[net.lot_route][:, None] - sum_by(net.keeper_lot, spared, len(net.lot_route))
    runs = plan.runs * major[net.run_group][:, None] - sum_by(net.keeper_run, turned, len(net.run_group))
    return own + share_runs(plan, runs)


def share_runs(plan: ClusterPlan, amount: Floats) -> Floats:
    """Share an amount of each run, (Q, T), over its lots by their units, in the week the lots come out; (E, T)."""
    net = plan.network
    return sum_by(net.link_lot, share_links(plan, amount), len(net.lot_route))


def share_links(plan: ClusterPlan, amount: Floats) -> Floats:
    """Share an amount of each run, (Q, T), over the lots that need it by their units; (B, T), by the week a lot comes out."""
    net = plan.network
    quantity = bring_forward(lot_quantity(plan)[net.link_lot], net.link_lag)
    total = sum_by(net.link_run, quantity, len(net.run_group))
    share = np.divide(amount, total, out=np.zeros_like(total), where=total > 0)
    return shift(quantity * share[net.link_run], net.link_lag)


def share_loads(plan: ClusterPlan, amount: Floats, *, volume: bool = False) -> Floats:
    """Share an amount of each load, (loads, T), over its arcs; (A, T).

    By chargeable quantity: basis units, or volume in lanes charged by the container (weight where nothing has volume);
    always by volume if ``volume``.
    """
    p, net, of_arc = plan.problem, plan.network, plan.loads.of_arc
    if not len(plan.loads.lane):
        return np.zeros_like(plan.ship)
    product = net.commodity_product[net.arc_commodity]
    boxed = np.isin(net.arc_lane, p.containers.lane) | volume
    counted = np.where(boxed, p.volume[product], p.basis[net.arc_lane, product])
    quantity = plan.ship * counted[:, None]
    total = sum_by(of_arc, quantity, len(plan.loads.lane))
    weight = plan.ship * p.weight[product][:, None]
    weightless = (total <= 0)[of_arc]
    quantity = np.where(weightless, weight, quantity)
    total = np.where(total <= 0, sum_by(of_arc, weight, len(plan.loads.lane)), total)
    share = np.divide(amount, total, out=np.zeros_like(total), where=total > 0)
    return np.where((of_arc >= 0)[:, None], quantity * share[of_arc], 0.0)


class MaterialParts(NamedTuple):
    """What each need of the network's ``buying`` takes.

    Parameters
    ----------
    ordered : (N, T)
        The part of what suppliers bring to its bin in a week.
    on_hand : Rows
        What is taken of material that firms have: need, purchase, week, units, and their worth as amount.
    kept : (N, T)
        The part of what lies in its bin at the end of a week.
    """

    ordered: Floats
    on_hand: Rows
    kept: Floats


def material_parts(plan: ClusterPlan) -> MaterialParts:
    """Return who takes what of each bin: what comes first is used first; who uses in one week takes alike of what comes then.

    Of what firms have on hand in a week, each takes its own first, then that of its owner's other firms; of what is left, one firm after
    another takes all it needs, so that nobody can tell from its own material how much the others need. What is left at the end is shared by
    what is used over the whole horizon; alike where nothing is used.
    """
    buying = plan.network.buying
    bins, weeks = len(buying.bin_material), plan.problem.weeks
    used = bring_forward(plan.make[buying.need_supply] * buying.need_units[:, None], buying.need_lag)
    taken_out = sum_by(buying.need_bin, used, bins)
    number = np.bincount(buying.need_bin, minlength=bins)
    horizon = taken_out.sum(axis=1)
    over_all = np.where((horizon > 0)[buying.need_bin], used.sum(axis=1), 1.0)
    over_all /= np.where(horizon > 0, horizon, number)[buying.need_bin]
    total = taken_out[buying.need_bin]
    in_week = np.divide(used, total, out=np.zeros_like(used), where=total > 0)

    each_week = sum_by(buying.purchase_bin, plan.bought, bins)
    came = each_week.cumsum(axis=1)
    gone = taken_out.cumsum(axis=1)
    # Units are numbered in the order in which they come and are used: each stretch of them is taken in the weeks it overlaps.
    begin_gone = gone - taken_out
    first = np.concatenate([np.zeros((bins, 1)), came[:, :-1]], axis=1)

    def parts(low: Floats, high: Floats) -> Floats:
        found = np.zeros_like(used)
        size = np.maximum(high - low, 0.0)
        for t in range(weeks):
            overlap = np.minimum(high[:, [t]], gone) - np.maximum(low[:, [t]], begin_gone)
            share = np.maximum(overlap, 0.0) / np.where(size > 0, size, 1.0)[:, [t]]
            rest = 1.0 - share.sum(axis=1)
            found[:, t] = (share[buying.need_bin] * in_week).sum(axis=1) + rest[buying.need_bin] * over_all
        return found

    ordered, on_hand = _own_first(plan, parts(first, came) * each_week[buying.need_bin])
    return MaterialParts(ordered, on_hand, parts(gone, came))


def _own_first(plan: ClusterPlan, takes: Floats) -> tuple[Floats, Rows]:
    """Return what needs take of what suppliers bring, and of what firms have on hand; they take units in all, (N, T).

    What firms have of a material in a week is alike and worth alike: whose of it a plan takes is settled here.
    """
    p, buying = plan.problem, plan.network.buying
    holder = p.materials.offer_firm[buying.purchase_offer]
    first = np.searchsorted(p.materials.break_offer, buying.purchase_offer)
    price = p.materials.break_price[first]
    firm = p.route_holder[plan.network.supply_route[buying.need_supply]]
    owner = p.firm_owner
    left, there = takes.copy(), p.materials.break_high[first]
    rows: list[tuple[int, int, int, float]] = []
    drawn = sum_by(buying.purchase_bin, np.where((holder >= 0)[:, None], plan.bought, 0.0), len(buying.bin_material))
    for x, week in np.argwhere(drawn > TINY).tolist():
        units = float(drawn[x, week])
        weeks = p.materials.offer_weeks[buying.purchase_offer]
        offers = np.flatnonzero((buying.purchase_bin == x) & (holder >= 0) & (weeks == week)).tolist()
        needs = np.flatnonzero(buying.need_bin == x)
        needs = needs[np.argsort(firm[needs], kind="stable")].tolist()
        pairs = [(y, n) for y in offers for n in needs]
        own = [(y, n) for y, n in pairs if firm[n] == holder[y]]
        alike = [(y, n) for y, n in pairs if owner[firm[n]] == owner[holder[y]]]
        for y, n in (*own, *alike, *pairs):
            part = min(units, float(there[y]), float(left[n, week]))
            if part > TINY:
                rows.append((n, y, week, part))
                units, there[y], left[n, week] = units - part, there[y] - part, left[n, week] - part
    whole = sum_by(buying.need_bin, left, len(buying.bin_material))[buying.need_bin]
    was = sum_by(buying.need_bin, takes, len(buying.bin_material))[buying.need_bin]
    share = np.divide(left, whole, out=np.zeros_like(left), where=whole > TINY)
    ordered = np.where(whole > TINY, share, np.divide(takes, was, out=np.zeros_like(takes), where=was > 0))
    need, purchase, at, units_taken = np.array(rows, dtype=float).reshape(-1, 4).T
    need, purchase, at = (column.astype(np.int64) for column in (need, purchase, at))
    return ordered, {
        "need": need, "purchase": purchase, "week": at, "units": units_taken, "amount": units_taken * price[purchase],
    }  # fmt: skip


def share_materials(plan: ClusterPlan, amount: Floats, part: Floats) -> Floats:
    """Share an amount of each bin, (X, T), over its supplies by the part that each need takes, (N, T); (K, T)."""
    buying = plan.network.buying
    return sum_by(buying.need_supply, amount[buying.need_bin] * part, len(plan.make))


def share_entries(plan: ClusterPlan, amount: Floats) -> Floats:
    """Share an amount of each market entered, (V, T), over the series that waited for it by what they bring in; (S, T).

    By units where these bring nothing in, by what was wanted where nothing is handed over.
    """
    p, net = plan.problem, plan.network
    inside = np.flatnonzero(net.series_entry >= 0)
    entry, entries = net.series_entry[inside], len(net.entry_market)
    share = np.zeros(len(plan.serve))
    # By what is handed over where that brings nothing, by what is wanted where nothing is.
    served = plan.serve.sum(axis=1)
    for measure in (p.demand.sum(axis=1), served, served * p.price):
        total = np.bincount(entry, measure[inside], entries)[entry]
        share[inside] = np.where(total > 0, measure[inside] / np.where(total > 0, total, 1.0), share[inside])
    paid = np.zeros_like(plan.serve)
    paid[inside] = amount[entry] * share[inside, None]
    return paid


def share_investments(plan: ClusterPlan, amount: Floats) -> Floats:
    """Share an amount of each investment, (J, T), over the supplies that need it by the hours they take there; (K, T).

    By units where nothing takes hours.
    """
    p, net = plan.problem, plan.network
    made = plan.make.sum(axis=1)
    at_firm = p.resource_firm[p.use_resource]
    total = np.zeros_like(plan.make)
    for j in np.flatnonzero(amount.any(axis=1)):
        here = at_firm == p.investments.firm[net.investment_entry[j]]
        hours = np.bincount(p.use_route[here], p.use_hours[here], len(p.route_product))[net.supply_route]
        units = np.where(np.isin(net.supply_lot, net.unlock_lot[net.unlock_investment == j]), made, 0.0)
        used = units * hours if (units * hours).any() else units
        total += np.outer(used / used.sum(), amount[j])
    return total


def share_overtime(plan: ClusterPlan, amount: Floats) -> Floats:
    """Share an amount of each resource, (M, T), over its lots by the hours they take there, setups included; (E, T).

    A run's hours are shared over its lots by their units.
    """
    p, net = plan.problem, plan.network
    hours = plan.run_hours + plan.setup_hours
    rate = np.divide(amount, hours, out=np.zeros_like(hours), where=hours > 0)
    total = np.zeros(plan.lots.shape)
    units = lot_quantity(plan)
    for m in np.flatnonzero(rate.any(axis=1)):
        for u in np.flatnonzero(p.use_resource == m):
            lots = np.flatnonzero(net.lot_route == p.use_route[u])
            taken = units[lots] * p.use_hours[u] + (plan.lots[lots] & ~_spared_at(plan, int(u))[lots]) * p.use_setup[u]
            lag = np.full(len(lots), p.use_lag[u])
            total[lots] += bring_forward(taken, lag) * rate[m]
        changeover = np.bincount(
            p.major_group[p.major_resource == m], p.major_hours[p.major_resource == m], len(p.group_firm)
        )
        here = (p.use_resource[net.keeper_use] == m) & (net.keeper_turn >= 0)
        spared = sum_by(net.keeper_run[here], plan.spared[here].astype(float), len(net.run_group))
        runs = (plan.runs - spared) * changeover[net.run_group][:, None] * rate[m]
        total += sum_by(net.link_lot, bring_forward(share_links(plan, runs), net.link_lag), len(net.lot_route))
    return total


def _spared_at(plan: ClusterPlan, use: int) -> Bools:
    """Return which lots need no setup for a use, their workshop being set up for them still; (E, T), by the week they come out."""
    p, net = plan.problem, plan.network
    mine = net.keeper_use == use
    spared = shift(plan.spared[mine].astype(float), p.use_lag[net.keeper_use[mine]])
    return sum_by(net.keeper_lot[mine], spared, len(net.lot_route)) > 0


def purse_firms(plan: ClusterPlan) -> list[Ints]:
    """Return the firms whose owners have each purse, which bear its interest alike."""
    p, purses = plan.problem, plan.network.purses
    of_firm = purses.of_class[p.firm_owner]
    return [np.flatnonzero(of_firm == purse) for purse in range(len(purses.holder))]


def share_sites(plan: ClusterPlan, amount: Floats) -> Floats:
    """Share an amount of each site to be opened, (W, T), over its places by the m³-weeks of their goods there; (P, T).

    What passes in a week lies there for it. By units where nothing has volume, or where goods only arrive after the end.
    """
    p, net = plan.problem, plan.network
    places, sites = len(net.place_node), len(net.site_entry)
    if not sites:
        return np.zeros((places, p.weeks))
    volume = p.volume[net.commodity_product[net.place_commodity]]
    lain = np.maximum(plan.stock, 0.0) + sum_by(net.arc_from, plan.ship, places)
    sent = sum_by(net.arc_to, plan.ship, places)
    share = np.zeros(places)
    for site in range(sites):
        mine = np.flatnonzero(net.place_site == site)
        measures = [
            (quantity[mine].sum(axis=1)) * by[mine] for quantity in (lain, sent) for by in (volume, np.ones(places))
        ]
        used = next((m for m in measures if m.sum() > 0), np.ones(len(mine)))
        share[mine] = used / used.sum()
    return np.where((net.place_site >= 0)[:, None], amount[net.place_site] * share[:, None], 0.0)


def arc_freight(plan: ClusterPlan) -> Floats:
    """Return the freight of each arc, its share of its load's charge included; (A, T)."""
    return plan.accounts.unit_freight + share_loads(plan, plan.accounts.load)
