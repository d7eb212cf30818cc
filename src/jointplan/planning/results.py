"""From plans to the tables a run writes: with reading/, the only place of this room that touches columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.planning.attributing import Attribution, attribute_goods
from jointplan.planning.batches import batches_table
from jointplan.planning.ledger import HUB, ledger_rows
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.plan.keeping import spared_money
from jointplan.planning.problem import Ints
from jointplan.planning.proof import bound_by
from jointplan.planning.rights import maker_owner
from jointplan.planning.rows import Rows, added_up, alike, cells, met, paired, ranks, taken
from jointplan.planning.safety import aside_place
from jointplan.planning.shares import (
    arc_freight,
    lot_quantity,
    lot_setup_hours,
    material_parts,
    seller_shares,
    share_loads,
)
from jointplan.planning.weekly import sum_by
from jointplan.schema.declare import Table
from jointplan.schema.results.columns import PLAN
from jointplan.schema.results.making import (
    DRAWN_MATERIALS,
    INVESTMENTS,
    KEPT_MATERIALS,
    KEPT_SETUPS,
    LOAD,
    LOTS,
    PURCHASES,
    STEPS,
)
from jointplan.schema.results.moving import DELIVERIES, SHIPMENTS, STOCK_PLAN
from jointplan.schema.results.stocking import SAFETY_STOCK
from jointplan.schema.results.worth import GAINS, LEDGER, VALUES, VIOLATIONS

POOLED = "pooled"
PLANS = PLAN.choices


def plan_tables(plans: Mapping[str, ClusterPlan], start: date, firms: pa.Table) -> dict[str, pa.Table]:
    """Write plans as result tables.

    Parameters
    ----------
    plans : mapping of str to ClusterPlan
        By name: ``recorded`` (optional), ``separate`` and ``joint``.
    start : date
        Monday of week 0.
    firms : Table
        The **firms** table.

    Returns
    -------
    dict of str to Table
        lots, steps, load, stock_plan, shipments, deliveries, purchases, drawn_materials, kept_materials, investments, ledger,
        values, violations; safety_stock if it was planned; kept_setups if workshops keep any; and batches and gains if both the separate and the joint plan are there.
    """
    makers = {
        LOAD: _load,
        STOCK_PLAN: _stock,
        DELIVERIES: _deliveries,
        PURCHASES: _purchases,
        DRAWN_MATERIALS: _drawn_materials,
        KEPT_MATERIALS: _kept_materials,
        INVESTMENTS: _investments,
        VALUES: _values,
        VIOLATIONS: _violations,
    }
    shared = {LOTS: _lots, STEPS: _steps, SHIPMENTS: _shipments, LEDGER: ledger_rows}
    ordered = [name for name in PLANS if name in plans]
    goods = {name: attribute_goods(plans[name]) for name in ordered}
    tables = {
        table.name: pa.concat_tables([_typed(table, make(plans[name], name, start)) for name in ordered])
        for table, make in makers.items()
    } | {
        table.name: pa.concat_tables([_typed(table, share(plans[name], name, start, goods[name])) for name in ordered])
        for table, share in shared.items()
    }
    if any(plans[name].problem.carry_over is not None for name in ordered):
        tables["kept_setups"] = pa.concat_tables(
            [_typed(KEPT_SETUPS, _kept_setups(plans[name], name, start)) for name in ordered]
        )
    if any(len(plans[name].problem.aside) for name in ordered):
        tables["safety_stock"] = pa.concat_tables(
            [_typed(SAFETY_STOCK, _safety_stock(plans[name], name)) for name in ordered]
        )
    if {"separate", "joint"} <= set(ordered):
        tables["batches"] = batches_table(goods["separate"], goods["joint"])
        tables["gains"] = _typed(GAINS, _gains(tables["ledger"], ordered, firms))
    return tables


def _typed(table: Table, columns: Mapping[str, Any]) -> pa.Table:
    """Return columns as a table of its declared types; not a number is blank."""
    schema = table.arrow
    return pa.table([pa.array(columns[field.name], field.type, from_pandas=True) for field in schema], schema=schema)


def _in_one_row(rows: Rows, keys: Sequence[str], amounts: Sequence[str]) -> Rows:
    """Add up the amounts of a key: goods kept apart for markets of different makers share a lot or load."""
    rows = taken(rows, rows["quantity"] > TINY)
    return added_up(rows, *met(*alike(*(rows[key] for key in keys))), amounts)


def _same(value: str, size: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return a value as a column of so many rows."""
    return np.full(size, value, dtype=object)


def _names(values: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(values, dtype=object)


def _mondays(start: date, weeks: int) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.datetime64(start, "D") + 7 * np.arange(weeks)


def _stamps(start: date, weeks: int) -> list[str]:
    """Return ISO year and week, such as 202601, for the numbers of lots and loads."""
    found = [day.isocalendar() for day in _mondays(start, weeks).astype(object)]
    return [f"{day.year}{day.week:02d}" for day in found]


def _ranks(first: Ints, second: Ints) -> Ints:
    """Return numbers of the distinct values of ``second`` from 1 within each value of ``first``."""
    pair, group = alike(first, second)
    of_pair = first[pair]
    return np.asarray((np.arange(len(pair)) - np.searchsorted(of_pair, of_pair) + 1)[group])


def _lots(plan: ClusterPlan, name: str, start: date, goods: Attribution) -> dict[str, Any]:
    p, net = plan.problem, plan.network
    routes = len(p.route_product)
    run_hours = np.bincount(p.use_route, p.use_hours, minlength=routes)
    setup = lot_setup_hours(plan)
    quantity = lot_quantity(plan)
    per_unit = np.divide(setup, quantity, out=np.zeros_like(setup), where=quantity > 0)
    found = cells(
        above=TINY,
        quantity=plan.make,
        hours=plan.make * run_hours[net.supply_route][:, None],
        setup_hours=plan.make * per_unit[net.supply_lot],
    )
    found = goods.made(found)
    route = net.supply_route[found["row"]]
    found |= {"route": route, "product": p.route_product[route], "maker": p.route_firm[route]}
    found["number"] = _lot_numbers(plan)[net.supply_lot[found["row"]]]
    keys = ["maker", "product", "week", "number", "firm"]
    found = _in_one_row(found, keys, ["quantity", "hours", "setup_hours"])
    product, maker = found["product"], found["maker"]
    return found | {
        "plan": _same(name, len(found["row"])),
        "maker": _names(p.firm)[maker],
        "sku": _names(p.sku)[product],
        "family": _names(p.family)[p.product_family[product]],
        "seller": _names(p.firm)[found["firm"]],
        # What an owner's firms do among themselves needs no cooperation.
        "moved": (p.maker[product] >= 0) & (maker_owner(p)[product] != p.firm_owner[maker]),
        "chain": [p.chain_label(r) or None for r in found["route"].tolist()],
        "lot": _lot_labels(plan, name, start, maker, product, found["week"], found["number"]),
        "week": _mondays(start, p.weeks)[found["week"]],
    }


def _lot_numbers(plan: ClusterPlan) -> Ints:
    """Return the numbers of the lots of a product that come out at a firm, from 1; (E,)."""
    p, net = plan.problem, plan.network
    where = p.route_product[net.lot_route] * len(p.firm) + p.route_firm[net.lot_route]
    return _ranks(where, (net.lot_route * (len(p.owner) + 1) + net.lot_class))


def _lot_labels(
    plan: ClusterPlan, name: str, start: date, maker: Ints, product: Ints, week: Ints, number: Ints
) -> list[str]:
    """Return what lots are called: the plan, who makes what, the week it comes out, and the lot's number."""
    p, stamps = plan.problem, _stamps(start, plan.problem.weeks)
    lots = zip(maker.tolist(), product.tolist(), week.tolist(), number.tolist(), strict=True)
    return [f"{name[0].upper()}-{p.firm[m]}-{p.sku[s]}-{stamps[t]}-{n}" for m, s, t, n in lots]


def _steps(plan: ClusterPlan, name: str, start: date, goods: Attribution) -> dict[str, Any]:
    """Return the steps of jobs that several firms do in turn, each in its own week."""
    p, net, parts = plan.problem, plan.network, plan.problem.division
    found = cells(above=TINY, quantity=np.where(p.divided[net.supply_route][:, None], plan.make, 0.0))
    found = goods.made(found)
    found["route"] = net.supply_route[found["row"]]
    found["number"] = _lot_numbers(plan)[net.supply_lot[found["row"]]]

    at_route = p.use_route[parts.use]
    order = np.lexsort((parts.step, at_route))
    at_route, use = at_route[order], parts.use[order]
    resource = p.use_resource[use]
    firm = p.resource_firm[resource]
    job, step = paired(found["route"], at_route)
    found = taken(found, job) | {"entry": step, "step": parts.step[order][step]}
    found["hours"] = found["quantity"] * p.use_hours[use[step]]
    found |= {"product": p.route_product[found["route"]], "maker": p.route_firm[found["route"]]}
    keys = ["maker", "product", "week", "number", "step", "firm"]
    found = _in_one_row(found, keys, ["quantity", "hours"])

    # Before the first step of a route and behind its last there is none: −1 is blank.
    next_in_route = at_route[1:] == at_route[:-1]
    comes_from, goes_to = np.full(len(firm), -1), np.full(len(firm), -1)
    comes_from[1:][next_in_route], goes_to[:-1][next_in_route] = firm[:-1][next_in_route], firm[1:][next_in_route]
    names, step = np.array([*p.firm, None], dtype=object), found["entry"]
    return found | {
        "plan": _same(name, len(found["row"])),
        "lot": _lot_labels(plan, name, start, found["maker"], found["product"], found["week"], found["number"]),
        "sku": _names(p.sku)[found["product"]],
        "seller": names[found["firm"]],
        "week": _mondays(start, p.weeks)[found["week"] - parts.lag[order][step]],
        "process": _processes(plan)[resource[step]],
        "firm": names[firm[step]],
        "comes_from": names[comes_from[step]],
        "goes_to": names[goes_to[step]],
    }


def _processes(plan: ClusterPlan) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the process of each resource, whose name begins with its firm's."""
    p = plan.problem
    owners = p.resource_firm.tolist()
    return _names(tuple(m.removeprefix(f"{p.firm[f]} ") for m, f in zip(p.resource, owners, strict=True)))


def _kept_setups(plan: ClusterPlan, name: str, start: date) -> dict[str, Any]:
    """Return the setups that workshops keep over the week's end, those through which they stand idle too."""
    p, net = plan.problem, plan.network
    keeper, week = np.nonzero(plan.kept)
    lot, use, turn = net.keeper_lot[keeper], net.keeper_use[keeper], net.keeper_turn[keeper]
    spared = plan.spared[keeper, week]
    minor, major = spared_money(p, net)
    route, resource = net.lot_route[lot], p.use_resource[use]
    product, finished = p.route_product[route], np.minimum(week + p.use_lag[use], p.weeks - 1)
    labels = _lot_labels(plan, name, start, p.route_firm[route], product, finished, _lot_numbers(plan)[lot])
    return {
        "plan": _same(name, len(lot)),
        "week": _mondays(start, p.weeks)[week],
        "firm": _names(p.firm)[p.resource_firm[resource]],
        "process": _processes(plan)[resource],
        "sku": _names(p.sku)[product],
        "lot": [label if here else None for label, here in zip(labels, spared.tolist(), strict=True)],
        "hours": spared * (p.use_setup[use] + np.append(p.major_hours, 0.0)[turn]),
        "cost": spared * (minor + major)[keeper, week],
    }


def _load(plan: ClusterPlan, name: str, start: date) -> dict[str, Any]:
    p = plan.problem
    resource, week = (index.ravel() for index in np.indices(p.regular.shape))
    return {
        "plan": _same(name, len(resource)),
        "week": _mondays(start, p.weeks)[week],
        "firm": _names(p.firm)[p.resource_firm[resource]],
        "process": _processes(plan)[resource],
        "regular_hours": p.regular.ravel(),
        "overtime_limit": (p.overtime - p.approved.beyond).ravel(),
        "run_hours": plan.run_hours.ravel(),
        "setup_hours": plan.setup_hours.ravel(),
        "overtime_hours": plan.overtime_hours.ravel(),
    }


def _stock(plan: ClusterPlan, name: str, start: date) -> Rows:
    p, net = plan.problem, plan.network
    shares = seller_shares(plan)
    shares = taken(shares, shares["share"] > 0)
    commodities = np.arange(len(net.commodity_product))
    first = np.searchsorted(shares["commodity"], commodities)
    alone = np.bincount(shares["commodity"], minlength=len(commodities)) == 1
    holder = np.where(alone, _names(p.firm)[shares["firm"][first]], POOLED)
    found = cells(above=TINY, quantity=np.maximum(plan.stock, 0.0) + plan.set_aside)
    node, commodity = net.place_node[found["row"]], net.place_commodity[found["row"]]
    product = net.commodity_product[commodity]
    found |= {
        "plan": _same(name, len(found["row"])),
        "site": _names(p.node)[node],
        "sku": _names(p.sku)[product],
        "seller": holder[commodity],
    }
    # Goods of several owners that their sellers share lie together as one row.
    keys = found["week"], ranks(p.node)[node], ranks(p.sku)[product], ranks(holder)[commodity]
    found = added_up(found, *alike(*keys), ["quantity"])
    return found | {"week": _mondays(start, p.weeks)[found["week"]]}


def _safety_stock(plan: ClusterPlan, name: str) -> Rows:
    """Return what each seller sets aside at each place, of what it wanted to."""
    p = plan.problem
    series = np.flatnonzero(p.series_aside)
    node, product, seller = aside_place(p)[series], p.series_product[series], p.series_seller[series]
    found: Rows = {
        "plan": _same(name, len(series)),
        "site": _names(p.node)[node],
        "sku": _names(p.sku)[product],
        "seller": _names(p.firm)[seller],
        "wanted": p.demand[series].sum(axis=1),
        "held": plan.serve[series].sum(axis=1),
        "worth": plan.accounts.protection[series].sum(axis=1),
    }
    keys = ranks(p.node)[node], ranks(p.sku)[product], ranks(p.firm)[seller]
    return added_up(found, *alike(*keys), ["wanted", "held", "worth"])


def _shipments(plan: ClusterPlan, name: str, start: date, goods: Attribution) -> dict[str, Any]:
    p, net = plan.problem, plan.network
    boxes = np.where(np.isin(plan.loads.lane, p.containers.lane)[:, None], plan.load_quantity, 0.0)
    found = cells(
        above=TINY,
        quantity=np.where(p.lane_aside[net.arc_lane][:, None], 0.0, plan.ship),
        containers=share_loads(plan, boxes, volume=True),
        cost=arc_freight(plan),
    )
    found = goods.sent(found)
    product = net.commodity_product[net.arc_commodity[found["row"]]]
    found |= {
        "lane": net.arc_lane[found["row"]],
        "number": _ranks(net.arc_lane, net.arc_class)[found["row"]],
        "product": product,
        "weight": found["quantity"] * p.weight[product],
        "volume": found["quantity"] * p.volume[product],
    }
    keys = ["lane", "week", "number", "product", "firm"]
    found = _in_one_row(found, keys, ["quantity", "containers", "cost", "weight", "volume"])
    lane, week = found["lane"], found["week"]
    lag = int(p.lane_weeks.max(initial=0))
    mondays, stamps = _mondays(start, p.weeks + lag), _stamps(start, p.weeks)
    ends = [p.node[n] if n >= 0 else p.market[m] for n, m in zip(p.lane_node, p.lane_market, strict=True)]
    origin = _names(p.node)[p.lane_origin]
    # A lane from every maker is known to its owner by the name without the maker's.
    plain = [label.removesuffix(f"@{place}") for label, place in zip(p.lane, origin, strict=True)]
    loads = zip(lane.tolist(), week.tolist(), found["number"].tolist(), strict=True)
    return found | {
        "plan": _same(name, len(found["row"])),
        "week": mondays[week],
        "arrives": mondays[week + p.lane_weeks[lane]],
        "load": [f"{name[0].upper()}-{p.lane[n]}-{stamps[t]}-{k}" for n, t, k in loads],
        "lane": _names(tuple(plain))[lane],
        "mode": _names(p.lane_mode)[lane],
        "origin": origin[lane],
        "destination": _names(tuple(ends))[lane],
        "sku": _names(p.sku)[found["product"]],
        "seller": _names(p.firm)[found["firm"]],
    }


def _deliveries(plan: ClusterPlan, name: str, start: date) -> Rows:
    p = plan.problem
    late = np.maximum(plan.owed, 0.0)
    any_units = p.demand + plan.serve + plan.unmet + late
    # What a market might want that is not entered is nobody's order: of it, only what is delivered is shown.
    potential = (plan.network.series_entry >= 0)[:, None]
    wanted, unmet = np.where(potential, plan.serve, p.demand), np.where(potential, 0.0, plan.unmet)
    any_units = np.where(potential, plan.serve, any_units) * ~p.series_aside[:, None]
    found = cells(
        above=TINY,
        any_units=any_units,
        demand=wanted,
        delivered=plan.serve,
        late=np.where(potential, 0.0, late),
        unmet=unmet,
    )
    # What promotion adds is sold as the rest is.
    row = found["row"]
    keys = found["week"], p.series_product[row], p.series_market[row], p.series_seller[row]
    found = added_up(found, *met(*alike(*keys)), ["demand", "delivered", "late", "unmet"])
    row = found["row"]
    return found | {
        "plan": _same(name, len(found["row"])),
        "week": _mondays(start, p.weeks)[found["week"]],
        "sku": _names(p.sku)[p.series_product[row]],
        "market": _names(p.market)[p.series_market[row]],
        "seller": _names(p.firm)[p.series_seller[row]],
    }


def _purchases(plan: ClusterPlan, name: str, start: date) -> Rows:
    p, net = plan.problem, plan.network
    buying, materials = net.buying, p.materials
    ordered = np.where((materials.offer_firm < 0)[buying.purchase_offer][:, None], plan.bought, 0.0)
    found = cells(above=TINY, order_quantity=ordered, charge=plan.accounts.purchase)
    firm = p.route_holder[net.supply_route[buying.need_supply]]
    first, group = alike(buying.need_bin, firm)
    part = sum_by(group, material_parts(plan).ordered, len(first))
    order, taker = paired(buying.purchase_bin[found["row"]], buying.need_bin[first])
    share = part[taker, found["week"][order]]
    takes = share * found["order_quantity"][order] > TINY
    found, taker, share = taken(found, order[takes]), taker[takes], share[takes]
    offer = buying.purchase_offer[found["row"]]
    origin = np.array([place or None for place in materials.origin], dtype=object)
    return found | {
        "plan": _same(name, len(found["row"])),
        "week": _mondays(start, p.weeks)[found["week"]],
        "material": _names(materials.name)[materials.offer_material[offer]],
        "supplier": _names(materials.supplier)[offer],
        "origin": origin[offer],
        "firm": _names(p.firm)[firm[first[taker]]],
        "quantity": found["order_quantity"] * share,
        "unit_price": found["charge"] / found["order_quantity"],
        "cost": found["charge"] * share,
        "together": buying.bin_class[buying.need_bin[first[taker]]] == len(p.owner),
    }


def _drawn_materials(plan: ClusterPlan, name: str, start: date) -> Rows:
    p, net = plan.problem, plan.network
    found = material_parts(plan).on_hand
    offer = net.buying.purchase_offer[found["purchase"]]
    firm = p.route_holder[net.supply_route[net.buying.need_supply[found["need"]]]]
    found = added_up(found | {"offer": offer, "firm": firm}, *alike(found["week"], offer, firm), ["units", "amount"])
    offer = found["offer"]
    return {
        "plan": _same(name, len(offer)),
        "week": _mondays(start, p.weeks)[found["week"]],
        "material": _names(p.materials.name)[p.materials.offer_material[offer]],
        "holder": _names(p.firm)[p.materials.offer_firm[offer]],
        "firm": _names(p.firm)[found["firm"]],
        "quantity": found["units"],
        "worth": found["amount"],
    }


def _kept_materials(plan: ClusterPlan, name: str, start: date) -> Rows:
    p, buying = plan.problem, plan.network.buying
    found = cells(above=TINY, quantity=plan.bin_stock[buying.need_bin] * material_parts(plan).kept)
    material = buying.bin_material[buying.need_bin[found["row"]]]
    firm = p.route_holder[plan.network.supply_route[buying.need_supply[found["row"]]]]
    keys = found["week"], firm, material
    found = added_up(found | {"firm": firm, "material": material}, *alike(*keys), ["quantity"])
    return {
        "plan": _same(name, len(found["week"])),
        "week": _mondays(start, p.weeks)[found["week"]],
        "firm": _names(p.firm)[found["firm"]],
        "material": _names(p.materials.name)[found["material"]],
        "quantity": np.maximum(found["quantity"], 0.0),
    }


def _investments(plan: ClusterPlan, name: str, start: date) -> dict[str, Any]:
    p, net = plan.problem, plan.network
    needs, offers = p.investments, p.entries
    rows: list[tuple[str, str, str | None, int, int, float]] = []
    for j, t in np.argwhere(plan.invested).tolist():
        v = int(net.investment_entry[j])
        rows.append(
            (needs.measures[v], p.firm[needs.firm[v]], needs.process[v] or None, int(net.investment_class[j]), t,
             float(needs.cost[v]))
        )  # fmt: skip
    if offers is not None:
        for v, t in np.argwhere(plan.entered).tolist():
            e = int(net.entry_market[v])
            measure = "joint_promotion" if offers.promotion[e] else "enter_market"
            family = p.family[offers.family[e]] if offers.family[e] >= 0 else None
            rows.append(
                (measure, p.market[offers.market[e]], family, int(net.entry_class[v]), t, float(offers.cost[e]))
            )
    for w, t in np.argwhere(plan.opened).tolist():
        site = int(net.site_entry[w])
        abroad = p.sites.node[site] in p.sites.overseas
        measure = "overseas_warehouse" if abroad else "consolidate_freight"
        rows.append(
            (measure, p.node[p.sites.node[site]], None, int(net.site_class[w]), t, float(p.sites.opening_cost[site]))
        )
    owners = (*p.owner, POOLED)
    return {
        "plan": [name for _ in rows],
        "measure": [row[0] for row in rows],
        "place": [row[1] for row in rows],
        "subject": [row[2] for row in rows],
        "owner": [owners[row[3]] for row in rows],
        "week": _mondays(start, p.weeks)[np.array([row[4] for row in rows], dtype=np.int64)],
        "cost": np.array([row[5] for row in rows], dtype=float),
    }


def _values(plan: ClusterPlan, name: str, start: date) -> dict[str, Any]:
    upper, value = plan.upper, plan.value
    above = None if upper is None else upper - value
    return {
        "plan": [name],
        "value": [round(value, 2)],
        "upper": [upper],
        "gap": [None if upper is None or above is None else _fraction(above, abs(upper))],
        "gap_avoidable": [None if above is None else _fraction(above, avoidable_cost(plan))],
        "bound_by": [bound_by(plan)],
        "status": [plan.report.status.value],
        "seconds": [plan.report.seconds],
        "violations": [len(plan.violations())],
    }


def _fraction(part: float, whole: float) -> float | None:
    if whole > 0:
        return part / whole
    return 0.0 if part <= 0 else None


def avoidable_cost(plan: ClusterPlan) -> float:
    """Return the plan's cost less the cheapest material and making cost of what it makes and delivers."""
    p, money = plan.problem, plan.accounts
    cost = money.revenue.sum() + money.credit - plan.value
    delivered = sum_by(p.series_product, plan.serve, len(p.sku)).sum(axis=1)
    # What was there before the first week costs nothing to make now.
    made = sum_by(p.route_product[plan.network.supply_route], plan.make, len(p.sku)).sum(axis=1)
    return float(cost - np.minimum(delivered, made) @ p.end_value)


def _violations(plan: ClusterPlan, name: str, start: date) -> dict[str, Any]:
    found = plan.violations() + plan.strains()
    days = _mondays(start, plan.problem.weeks).astype(object)
    return {
        "plan": [name for _ in found],
        "rule": [v.rule for v in found],
        "place": [v.place for v in found],
        "week": [None if v.week is None else days[v.week] for v in found],
        "amount": [v.amount for v in found],
        "unit": [v.unit for v in found],
    }


def _gains(ledger: pa.Table, plans: list[str], firms: pa.Table) -> dict[str, Any]:
    """Return what each firm that makes or sells, and the hub, has in each plan."""
    booked = ledger.group_by(["firm", "plan"], use_threads=False).aggregate([("amount", "sum")]).to_pylist()
    total = {(row["firm"], row["plan"]): row["amount_sum"] for row in booked}
    owned = {firm for firm, _ in total}
    members = [
        row
        for row in firms.select(["firm", "owner", "role"]).to_pylist()
        if row["role"] in ("maker", "seller", "both") or row["firm"] in owned
    ]
    names = [*(row["firm"] for row in members), HUB]
    amounts = {plan: np.round([total.get((firm, plan), 0.0) for firm in names], 2) for plan in plans}
    unknown = np.full(len(names), np.nan)
    return {plan: amounts.get(plan, unknown) for plan in PLANS} | {
        "firm": names,
        "owner": [*(row["owner"] or row["firm"] for row in members), None],
        "side": [*(row["role"] for row in members), HUB],
        "change": np.round(amounts["joint"] - amounts["separate"], 2),
    }
