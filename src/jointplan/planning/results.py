"""From plans to the tables a run writes: with reading/, the only place of this room that touches columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.planning.ledger import HUB, ledger_frame
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.plan.keeping import spared_money
from jointplan.planning.problem import Ints
from jointplan.planning.proof import bound_by
from jointplan.planning.safety import aside_place
from jointplan.planning.shares import (
    arc_freight,
    bin_shares,
    by_seller,
    cells,
    lot_quantity,
    lot_setup_hours,
    seller_shares,
    share_loads,
)
from jointplan.planning.weekly import sum_by
from jointplan.schema.declare import Table
from jointplan.schema.results.columns import PLAN
from jointplan.schema.results.making import INVESTMENTS, KEPT_SETUPS, LOAD, LOTS, PURCHASES, STEPS
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
        lots, steps, load, stock_plan, shipments, deliveries, purchases, investments, ledger, values, violations; safety_stock if
        it was planned; kept_setups if workshops keep any; and gains if both the separate and the joint plan are there.
    """
    makers = {
        LOTS: _lots,
        STEPS: _steps,
        LOAD: _load,
        STOCK_PLAN: _stock,
        SHIPMENTS: _shipments,
        DELIVERIES: _deliveries,
        PURCHASES: _purchases,
        INVESTMENTS: _investments,
        LEDGER: ledger_frame,
        VALUES: _values,
        VIOLATIONS: _violations,
    }
    ordered = [name for name in PLANS if name in plans]
    tables = {
        table.name: pa.concat_tables([_typed(table, make(plans[name], name, start)) for name in ordered])
        for table, make in makers.items()
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
        ledger = tables["ledger"].select(["plan", "firm", "amount"]).to_pandas()
        tables["gains"] = _typed(GAINS, _gains(ledger, ordered, firms.to_pandas()))
    return tables


def _typed(table: Table, frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(
        frame[list(table.names)], schema=table.arrow, preserve_index=False
    ).replace_schema_metadata()


def _in_one_row(table: Table, frame: pd.DataFrame, amounts: list[str]) -> pd.DataFrame:
    """Add up the amounts of a key: goods kept apart for markets of different makers share a lot or load."""
    frame = frame[frame["quantity"] > TINY]
    others = [name for name in table.names if name not in (*table.key, *amounts)]
    ways = dict.fromkeys(amounts, "sum") | dict.fromkeys(others, "first")
    total: pd.DataFrame = frame.groupby(list(table.key), as_index=False, sort=False).agg(ways)
    return total


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
    pairs = pd.DataFrame({"first": first, "second": second})
    return np.asarray(pairs.groupby("first")["second"].rank(method="dense"), dtype=np.int64)


def _lots(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
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
    found = by_seller(found, net.supply_commodity, seller_shares(plan))
    row, week = found["row"].to_numpy(), found["week"].to_numpy()
    lot = net.supply_lot[row]
    route = net.supply_route[row]
    product, firm = p.route_product[route], p.route_firm[route]
    number = _lot_numbers(plan)[lot]
    stamps = _stamps(start, p.weeks)
    maker, sku = _names(p.firm)[firm], _names(p.sku)[product]
    frame = found.assign(
        plan=name,
        maker=maker,
        sku=sku,
        family=_names(p.family)[p.product_family[product]],
        seller=_names(p.firm)[found["firm"].to_numpy()],
        moved=(p.maker[product] >= 0) & (p.maker[product] != firm),
        chain=np.array([p.chain_label(r) or None for r in range(routes)], dtype=object)[route],
        lot=[f"{name[0].upper()}-{m}-{s}-{stamps[t]}-{n}" for m, s, t, n in zip(maker, sku, week, number, strict=True)],
        week=_mondays(start, p.weeks)[week],
    )
    return _in_one_row(LOTS, frame, ["quantity", "hours", "setup_hours"])


def _lot_numbers(plan: ClusterPlan) -> Ints:
    """Return the numbers of the lots of a product that come out at a firm, from 1; (E,)."""
    p, net = plan.problem, plan.network
    where = p.route_product[net.lot_route] * len(p.firm) + p.route_firm[net.lot_route]
    return _ranks(where, (net.lot_route * (len(p.owner) + 1) + net.lot_class))


def _steps(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    """Return the steps of jobs that several firms do in turn, each in its own week."""
    p, net, parts = plan.problem, plan.network, plan.problem.division
    found = cells(above=TINY, quantity=np.where(p.divided[net.supply_route][:, None], plan.make, 0.0))
    found = by_seller(found, net.supply_commodity, seller_shares(plan))
    row, finished = found["row"].to_numpy(), found["week"].to_numpy()
    route = net.supply_route[row]
    stamps = _stamps(start, p.weeks)
    maker, sku = _names(p.firm)[p.route_firm[route]], _names(p.sku)[p.route_product[route]]
    number = _lot_numbers(plan)[net.supply_lot[row]]
    jobs = found.assign(
        plan=name,
        route=route,
        lot=[
            f"{name[0].upper()}-{m}-{s}-{stamps[t]}-{n}"
            for m, s, t, n in zip(maker, sku, finished, number, strict=True)
        ],
        sku=sku,
        seller=_names(p.firm)[found["firm"].to_numpy()],
    ).drop(columns="firm")
    firm = p.resource_firm[p.use_resource[parts.use]]
    resource = p.use_resource[parts.use]
    steps = pd.DataFrame(
        {
            "route": p.use_route[parts.use],
            "step": parts.step,
            "lag": parts.lag,
            "process": [p.resource[m].removeprefix(f"{p.firm[p.resource_firm[m]]} ") for m in resource],
            "firm": _names(p.firm)[firm],
            "each": p.use_hours[parts.use],
        }
    ).sort_values(["route", "step"], ignore_index=True)
    by_route = steps.groupby("route")["firm"]
    steps["comes_from"], steps["goes_to"] = by_route.shift(1), by_route.shift(-1)
    frame = jobs.merge(steps, on="route")
    frame["week"] = _mondays(start, p.weeks)[(frame["week"] - frame["lag"]).to_numpy(np.int64)]
    frame["hours"] = frame["quantity"] * frame["each"]
    return _in_one_row(STEPS, frame, ["quantity", "hours"])


def _kept_setups(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    """Return the setups that workshops keep over the week's end, those through which they stand idle too."""
    p, net = plan.problem, plan.network
    keeper, week = np.nonzero(plan.kept)
    lot, use, turn = net.keeper_lot[keeper], net.keeper_use[keeper], net.keeper_turn[keeper]
    spared = plan.spared[keeper, week]
    minor, major = spared_money(p, net)
    route, resource = net.lot_route[lot], p.use_resource[use]
    firm, maker = _names(p.firm)[p.resource_firm[resource]], _names(p.firm)[p.route_firm[route]]
    sku, stamps = _names(p.sku)[p.route_product[route]], _stamps(start, p.weeks)
    number, finished = _lot_numbers(plan)[lot], week + p.use_lag[use]
    labels = [
        f"{name[0].upper()}-{m}-{s}-{stamps[t]}-{n}" if here else None
        for m, s, t, n, here in zip(maker, sku, np.minimum(finished, p.weeks - 1), number, spared, strict=True)
    ]
    return pd.DataFrame(
        {
            "plan": name,
            "week": _mondays(start, p.weeks)[week],
            "firm": firm,
            "process": [p.resource[m].removeprefix(f"{f} ") for m, f in zip(resource, firm, strict=True)],
            "sku": sku,
            "lot": labels,
            "hours": spared * (p.use_setup[use] + np.append(p.major_hours, 0.0)[turn]),
            "cost": spared * (minor + major)[keeper, week],
        }
    )


def _load(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    p = plan.problem
    resource, week = (index.ravel() for index in np.indices(p.regular.shape))
    firm = _names(p.firm)[p.resource_firm]
    process = [label.removeprefix(f"{owner} ") for label, owner in zip(p.resource, firm, strict=True)]
    return pd.DataFrame(
        {
            "plan": name,
            "week": _mondays(start, p.weeks)[week],
            "firm": firm[resource],
            "process": _names(tuple(process))[resource],
            "regular_hours": p.regular.ravel(),
            "overtime_limit": (p.overtime - p.approved.beyond).ravel(),
            "run_hours": plan.run_hours.ravel(),
            "setup_hours": plan.setup_hours.ravel(),
            "overtime_hours": plan.overtime_hours.ravel(),
        }
    )


def _stock(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    p, net = plan.problem, plan.network
    shares = seller_shares(plan)
    holders = shares.groupby("commodity")["firm"].agg(["first", "size"])
    holder = np.where(holders["size"] > 1, POOLED, _names(p.firm)[holders["first"].to_numpy()])
    found = cells(above=TINY, quantity=np.maximum(plan.stock, 0.0) + plan.set_aside)
    row = found["row"].to_numpy()
    commodity = net.place_commodity[row]
    frame = found.assign(
        plan=name,
        week=_mondays(start, p.weeks)[found["week"].to_numpy()],
        site=_names(p.node)[net.place_node[row]],
        sku=_names(p.sku)[net.commodity_product[commodity]],
        seller=holder[commodity],
    )
    # Goods of several owners that their sellers share lie together as one row.
    total: pd.DataFrame = frame.groupby(list(STOCK_PLAN.key))[["quantity"]].sum().reset_index()
    return total


def _safety_stock(plan: ClusterPlan, name: str) -> pd.DataFrame:
    """Return what each seller sets aside at each place, of what it wanted to."""
    p = plan.problem
    series = np.flatnonzero(p.series_aside)
    frame = pd.DataFrame(
        {
            "plan": name,
            "site": _names(p.node)[aside_place(p)[series]],
            "sku": _names(p.sku)[p.series_product[series]],
            "seller": _names(p.firm)[p.series_seller[series]],
            "wanted": p.demand[series].sum(axis=1),
            "held": plan.serve[series].sum(axis=1),
            "worth": plan.accounts.protection[series].sum(axis=1),
        }
    )
    total: pd.DataFrame = frame.groupby(list(SAFETY_STOCK.key), as_index=False)[["wanted", "held", "worth"]].sum()
    return total


def _shipments(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    p, net = plan.problem, plan.network
    boxes = np.where(np.isin(plan.loads.lane, p.containers.lane)[:, None], plan.load_quantity, 0.0)
    found = cells(
        above=TINY,
        quantity=np.where(p.lane_aside[net.arc_lane][:, None], 0.0, plan.ship),
        containers=share_loads(plan, boxes, volume=True),
        cost=arc_freight(plan),
    )
    found = by_seller(found, net.arc_commodity, seller_shares(plan))
    row, week = found["row"].to_numpy(), found["week"].to_numpy()
    lane = net.arc_lane[row]
    product = net.commodity_product[net.arc_commodity[row]]
    number = _ranks(net.arc_lane, net.arc_class)[row]
    lag = int(p.lane_weeks.max(initial=0))
    mondays, stamps = _mondays(start, p.weeks + lag), _stamps(start, p.weeks)
    ends = [p.node[n] if n >= 0 else p.market[m] for n, m in zip(p.lane_node, p.lane_market, strict=True)]
    origin = _names(p.node)[p.lane_origin]
    # A lane from every maker is known to its owner by the name without the maker's.
    plain = [label.removesuffix(f"@{place}") for label, place in zip(p.lane, origin, strict=True)]
    frame = found.assign(
        plan=name,
        week=mondays[week],
        arrives=mondays[week + p.lane_weeks[lane]],
        load=[f"{name[0].upper()}-{p.lane[n]}-{stamps[t]}-{k}" for n, t, k in zip(lane, week, number, strict=True)],
        lane=_names(tuple(plain))[lane],
        mode=_names(p.lane_mode)[lane],
        origin=origin[lane],
        destination=_names(tuple(ends))[lane],
        sku=_names(p.sku)[product],
        seller=_names(p.firm)[found["firm"].to_numpy()],
        weight=found["quantity"] * p.weight[product],
        volume=found["quantity"] * p.volume[product],
    )
    return _in_one_row(SHIPMENTS, frame, ["quantity", "containers", "cost", "weight", "volume"])


def _deliveries(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
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
    row = found["row"].to_numpy()
    frame = found.assign(
        plan=name,
        week=_mondays(start, p.weeks)[found["week"].to_numpy()],
        sku=_names(p.sku)[p.series_product[row]],
        market=_names(p.market)[p.series_market[row]],
        seller=_names(p.firm)[p.series_seller[row]],
    )
    # What promotion adds is sold as the rest is.
    total: pd.DataFrame = frame.groupby(list(DELIVERIES.key), as_index=False, sort=False)[
        ["demand", "delivered", "late", "unmet"]
    ].sum()
    return total


def _purchases(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    p, net = plan.problem, plan.network
    buying, materials = net.buying, p.materials
    found = cells(above=TINY, order_quantity=plan.bought, charge=plan.accounts.purchase)
    row = found["row"].to_numpy(np.int64)
    whose = pd.DataFrame({"row": np.arange(len(buying.purchase_bin)), "bin": buying.purchase_bin})
    parts = found.merge(whose, on="row").merge(bin_shares(plan), on="bin")
    row, offer = parts["row"].to_numpy(np.int64), buying.purchase_offer[parts["row"].to_numpy(np.int64)]
    frame = parts.assign(
        plan=name,
        week=_mondays(start, p.weeks)[parts["week"].to_numpy(np.int64)],
        material=_names(materials.name)[materials.offer_material[offer]],
        supplier=_names(materials.supplier)[offer],
        origin=np.array([materials.origin[j] or None for j in offer], dtype=object),
        firm=_names(p.firm)[parts["firm"].to_numpy(np.int64)],
        quantity=parts["order_quantity"] * parts["share"],
        unit_price=parts["charge"] / parts["order_quantity"],
        cost=parts["charge"] * parts["share"],
        together=buying.bin_class[buying.purchase_bin[row]] == len(p.owner),
    )
    return frame[frame["share"] > 0]


def _investments(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
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
    return pd.DataFrame(
        {
            "plan": pd.Series([name for _ in rows], dtype=object),
            "measure": pd.Series([row[0] for row in rows], dtype=object),
            "place": pd.Series([row[1] for row in rows], dtype=object),
            "subject": pd.Series([row[2] for row in rows], dtype=object),
            "owner": pd.Series([owners[row[3]] for row in rows], dtype=object),
            "week": _mondays(start, p.weeks)[np.array([row[4] for row in rows], dtype=np.int64)],
            "cost": np.array([row[5] for row in rows], dtype=float),
        }
    )


def _values(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    upper, value = plan.upper, plan.value
    above = None if upper is None else upper - value
    return pd.DataFrame(
        {
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
    )


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


def _violations(plan: ClusterPlan, name: str, start: date) -> pd.DataFrame:
    found = plan.violations() + plan.strains()
    days = _mondays(start, plan.problem.weeks).astype(object)
    return pd.DataFrame(
        {
            "plan": [name for _ in found],
            "rule": [v.rule for v in found],
            "place": [v.place for v in found],
            "week": pd.Series([None if v.week is None else days[v.week] for v in found], dtype=object),
            "amount": np.array([v.amount for v in found], dtype=float),
            "unit": [v.unit for v in found],
        }
    )


def _gains(ledger: pd.DataFrame, plans: list[str], firms: pd.DataFrame) -> pd.DataFrame:
    """Return what each firm that makes or sells, and the hub, has in each plan."""
    owned = ledger.groupby(["firm", "plan"])["amount"].sum().unstack("plan")
    members = firms[firms["role"].isin(("maker", "seller", "both")) | firms["firm"].isin(owned.index)]
    names = [*members["firm"], HUB]
    frame = owned.reindex(index=names, columns=plans).fillna(0.0).round(2).reindex(columns=list(PLANS))
    owner = members["owner"].where(members["owner"].notna() & (members["owner"] != ""), members["firm"])
    return frame.assign(
        firm=names,
        owner=np.array([*owner, None], dtype=object),
        side=[*members["role"], HUB],
        change=(frame["joint"] - frame["separate"]).round(2),
    )
