"""Small orders into large batches: what pooling does to batch sizes, setups and waiting.

Units have no names in a plan. Deliveries are therefore matched to lots in order of time, goods from before the first week
first: of each stock of goods the earliest made serve the earliest delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jointplan.planning.attributing import Attribution
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.problem import Ints
from jointplan.planning.rows import Rows, added_up, alike, cells, stacked, taken
from jointplan.planning.shares import lot_quantity, lot_setup_hours
from jointplan.planning.weekly import sum_by
from jointplan.schema.results.making import BATCHES

_SIDES = ("separate", "joint")
_BY = {"family": "", "firm": "maker", "seller": "seller"}  # what families are split by
_PARTS = {"series": np.int64, "week": np.int64, "lot": np.int64, "made": np.int64, "units": float, "upto": float}


def traced_orders(plan: ClusterPlan) -> Rows:
    """Match deliveries to lots, first made first delivered; goods set aside as safety stock take their turn, but are no delivery.

    Returns
    -------
    Rows
        series, week (of delivery), lot, made (week), units, upto (units of the series delivered up to and with this part); one row
        each part of a delivery that was made in these weeks.
    """
    net = plan.network
    made = cells(above=TINY, units=plan.make)
    early = np.zeros(len(net.commodity_product))
    np.add.at(early, net.place_commodity, net.place_opening.sum(axis=1))
    np.add.at(early, net.sink_commodity, net.sink_opening.sum(axis=1))
    known = np.flatnonzero(early > TINY)
    nowhere = np.full(len(known), -1)
    supply = stacked(
        [
            {"commodity": known, "week": nowhere, "lot": nowhere, "units": early[known]},
            made | {"commodity": net.supply_commodity[made["row"]], "lot": net.supply_lot[made["row"]]},
        ]
    )
    supply = taken(supply, np.lexsort((supply["lot"], supply["week"], supply["commodity"])))
    served = cells(above=TINY, units=plan.serve)
    served["commodity"] = net.sink_commodity[net.series_sink[served["row"]]]
    served = taken(served, np.lexsort((served["row"], served["week"], served["commodity"])))

    found = []
    for c in np.intersect1d(supply["commodity"], served["commodity"]):
        wanted, rows = (
            taken(side, slice(*np.searchsorted(side["commodity"], [c, c + 1]))) for side in (served, supply)
        )
        # Cut both running totals at each other's edges; a stretch between two edges is one part.
        out, into = wanted["units"].cumsum(), rows["units"].cumsum()
        edges = np.unique(np.concatenate([out, into]))
        edges = edges[edges <= min(out[-1], into[-1]) + TINY]
        size = np.diff(edges, prepend=0.0)
        middle = edges - size / 2
        at, lot = np.searchsorted(out, middle), np.searchsorted(into, middle)
        keep = (size > TINY) & (at < len(out)) & (lot < len(into))
        at, lot = at[keep], lot[keep]
        series = wanted["row"][at]
        part = {"series": series, "week": wanted["week"][at], "lot": rows["lot"][lot], "made": rows["week"][lot]}
        found.append(part | {"units": size[keep], "upto": _running(series, size[keep])})
    if not found:
        return {name: np.zeros(0, kind) for name, kind in _PARTS.items()}
    parts = stacked(found)
    return taken(parts, (parts["lot"] >= 0) & ~plan.problem.series_aside[parts["series"]])


def _running(series: Ints, units: NDArray[Any]) -> NDArray[Any]:
    """Return the units of a row's series up to and with it."""
    total = np.empty(len(units))
    for number in np.unique(series):
        mine = series == number
        total[mine] = units[mine].cumsum()
    return total


def batches_table(separate: Attribution, joint: Attribution) -> pa.Table:
    """Return the table **batches** of two plans of one demand, with whose goods are where in them."""
    p = joint.plan.problem
    goods = dict(zip(_SIDES, (separate, joint), strict=True))
    plans = {side: of.plan for side, of in goods.items()}
    parts = {side: _parts(plan) for side, plan in plans.items()}
    shared = {side: _shared(of) for side, of in goods.items()}
    lots = {side: _lots(plan, shared[side]) for side, plan in plans.items()}
    turned = {side: _turned(plan) for side, plan in plans.items()}
    late = {side: _late(plan) for side, plan in plans.items()}
    waiting = _waiting(parts)
    unsold = {side: _unsold(plan) for side, plan in plans.items()}
    rows = stacked([_compared(parts, waiting, late, lots, shared, turned, unsold, by, len(p.firm)) for by in _BY])
    rows["family"] = np.array(p.family, dtype=object)[rows["family"]]
    rows["firm"] = np.array([*p.firm, None], dtype=object)[rows["firm"]]
    return pa.table([pa.array(rows[c.name], c.type, from_pandas=True) for c in BATCHES.arrow], schema=BATCHES.arrow)


def _lots(plan: ClusterPlan, shared: Rows) -> Rows:
    """Return every lot with its family, maker and size, and whether it holds goods of several sellers, as the table **lots** counts them."""
    p, net = plan.problem, plan.network
    found = cells(above=TINY, size=lot_quantity(plan))
    route = net.lot_route[found["row"]]
    several = np.zeros(plan.lots.shape, dtype=bool)
    several[shared["lot"], shared["week"]] = shared["pooled"]
    return found | {
        "family": p.product_family[p.route_product[route]],
        "maker": p.route_firm[route],
        "pooled": several[found["row"], found["week"]],
    }


def _shared(goods: Attribution) -> Rows:
    """Return the lots of each seller with the family, the lot's size, the seller's share of its setup hours, and whether it has other sellers too, as the table **lots** has them."""
    p, net = goods.plan.problem, goods.plan.network
    hours, size = lot_setup_hours(goods.plan), lot_quantity(goods.plan)
    per_unit = np.divide(hours, size, out=np.zeros_like(hours), where=size > 0)
    made = goods.plan.make
    found = goods.made(cells(above=TINY, units=made, hours=made * per_unit[net.supply_lot]))
    found = taken(found, found["units"] > TINY)
    lot, week = net.supply_lot[found["row"]], found["week"]
    found |= {
        "family": p.product_family[p.route_product[net.lot_route[lot]]],
        "seller": found["firm"],
        "lot": lot,
        "size": size[lot, week],
    }
    found = added_up(found, *alike(lot, week, found["seller"]), ["units", "hours"])
    _, group = alike(found["lot"], found["week"])
    return found | {"pooled": np.bincount(group)[group] > 1}


def _turned(plan: ClusterPlan) -> Rows:
    """Return the setup hours of each family at each firm, and those of them for the whole family.

    They count wherever a step of a lot is done, less those that kept setups spare.
    """
    p, net = plan.problem, plan.network
    lots = sum_by(net.lot_route, plan.lots.astype(float), len(p.route_product)).sum(axis=1)
    runs = sum_by(net.run_group, plan.runs.astype(float), len(p.group_firm)).sum(axis=1)
    kept = plan.spared.sum(axis=1)
    family = p.product_family[p.route_product[net.lot_route[net.keeper_lot]]]
    turns = np.flatnonzero(net.keeper_turn >= 0)
    hours = (
        (p.product_family[p.route_product[p.use_route]], p.use_resource, lots[p.use_route] * p.use_setup),
        (p.group_family[p.major_group], p.major_resource, runs[p.major_group] * p.major_hours),
        (family, p.use_resource[net.keeper_use], -kept * p.use_setup[net.keeper_use]),
        (
            family[turns], p.major_resource[net.keeper_turn[turns]],
            -kept[turns] * p.major_hours[net.keeper_turn[turns]],
        ),
    )  # fmt: skip
    found = stacked(
        [
            {"family": f, "maker": p.resource_firm[m], "hours": h, "family_hours": h * whole}
            for (f, m, h), whole in zip(hours, (False, True, False, True), strict=True)
        ]
    )
    found = added_up(found, *alike(found["family"], found["maker"]), ["hours", "family_hours"])
    return taken(found, np.abs(found["hours"]) > TINY)


def _parts(plan: ClusterPlan) -> Rows:
    """Return parts of deliveries with their family, maker and seller."""
    p, net = plan.problem, plan.network
    parts = traced_orders(plan)
    route = net.lot_route[parts["lot"]]
    return parts | {
        "family": p.product_family[p.route_product[route]],
        "maker": p.route_firm[route],
        "seller": p.series_seller[parts["series"]],
    }


def _late(plan: ClusterPlan) -> Rows:
    p = plan.problem
    return {
        "family": p.product_family[p.series_product],
        "seller": p.series_seller,
        "late": np.where(p.series_aside, 0.0, np.maximum(plan.owed, 0.0).sum(axis=1)),
    }


def _unsold(plan: ClusterPlan) -> Rows:
    """Return the units left at the end that as many weeks again would not sell, by family; smallest lots leave them."""
    left = plan.surplus > TINY
    family = plan.problem.product_family[plan.leftovers.product[left]]
    return {"family": family, "units": plan.surplus[left]}


def _waiting(parts: Mapping[str, Rows]) -> Rows:
    """Return how much longer units lie between making and delivery in the joint plan than in the separate plans.

    The n-th unit that a line is delivered in one plan stands beside its n-th in the other; those that were not made in both
    are left out. Each unit counts with the maker of the joint plan, so that families, makers and sellers add up to the same.

    Returns
    -------
    Rows
        family, maker, seller, earlier (unit-weeks).
    """
    reach = max(float(rows["upto"].max(initial=0.0)) for rows in parts.values()) + 1  # no line is delivered more
    rows = {side: taken(part, np.lexsort((part["upto"], part["series"]))) for side, part in parts.items()}
    ends = {side: rows[side]["series"] * reach + rows[side]["upto"] for side in _SIDES}
    starts = {side: ends[side] - rows[side]["units"] for side in _SIDES}
    edges = np.unique(np.concatenate([*starts.values(), *ends.values()]))
    size, middle = np.diff(edges), (edges[:-1] + edges[1:]) / 2
    at = {side: np.searchsorted(ends[side], middle) for side in _SIDES}
    both = size > TINY
    for side in _SIDES:
        both &= np.append(starts[side], np.inf)[at[side]] <= middle
    kept = {side: taken(rows[side], at[side][both]) for side in _SIDES}
    weeks = {side: kept[side]["week"] - kept[side]["made"] for side in _SIDES}
    whose = {name: kept["joint"][name] for name in ("family", "maker", "seller")}
    return whose | {"earlier": size[both] * (weeks["joint"] - weeks["separate"])}


def _compared(
    parts: Mapping[str, Rows], waiting: Rows, late: Mapping[str, Rows], lots: Mapping[str, Rows],
    shared: Mapping[str, Rows], turned: Mapping[str, Rows], unsold: Mapping[str, Rows], by: str, firms: int,
) -> Rows:  # fmt: skip
    """Compare the two plans by family, and within it by one of ``firms`` firms or sellers.

    A seller has the lots that hold goods of its, and of their hours its share; a family and a maker have all their lots. What is
    not delivered in these weeks counts too. A lot is its last firm's; its setup hours are those of whoever changes over for it.
    """
    more = _BY[by]

    def code(rows: Rows) -> Ints:
        return np.asarray(rows["family"] * firms + (rows[more] if more else 0))

    counted, worked = (shared, shared) if by == "seller" else (lots, turned)
    codes = np.unique(np.concatenate([code(rows) for rows in (parts["joint"], *counted.values(), *worked.values())]))

    def total(rows: Rows, amount: str = "") -> NDArray[Any]:
        """Add up an amount by code, or count rows."""
        weights = rows[amount] if amount else None
        return np.bincount(np.searchsorted(codes, code(rows)), weights, len(codes))

    first, _ = alike(code(parts["joint"]), parts["joint"]["series"], parts["joint"]["week"])
    found: Rows = {
        "by": np.full(len(codes), by, dtype=object),
        "family": codes // firms,
        "firm": codes % firms if more else np.full(len(codes), -1),
        "orders": total(taken(parts["joint"], first)),
        "lots_pooled": total(taken(counted["joint"], counted["joint"]["pooled"])),
    }
    for side in _SIDES:
        number = total(counted[side])
        found[f"lots_{side}"] = number
        found[f"size_{side}"] = np.where(number > 0, total(counted[side], "size") / np.maximum(number, 1), np.nan)
        found[f"setup_hours_{side}"] = total(worked[side], "hours")
        # A setup for a family is for all sellers whose lots follow it.
        found[f"family_hours_{side}"] = (
            np.full(len(codes), np.nan) if by == "seller" else total(worked[side], "family_hours")
        )
        # Who would have to sell it is nobody's yet.
        found[f"unsold_{side}"] = total(unsold[side], "units") if by == "family" else np.full(len(codes), np.nan)
    found["earlier"] = np.where(total(waiting) > 0, total(waiting, "earlier"), np.nan)
    found["later"] = np.full(len(codes), np.nan)
    if by != "firm":  # nobody is late by maker
        separate, joint = (total(taken(late[side], np.isin(code(late[side]), codes)), "late") for side in _SIDES)
        found["later"] = joint - separate
    return found
