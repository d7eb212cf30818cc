"""Small orders into large batches: what pooling does to batch sizes, setups and waiting.

Units have no names in a plan. Deliveries are therefore matched to lots in order of time, goods from before the first week
first: of each stock of goods the earliest made serve the earliest delivered.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.shares import cells, lot_quantity, lot_setup_hours
from jointplan.planning.weekly import sum_by
from jointplan.schema.results.making import BATCHES

_SIDES = ("separate", "joint")


def traced_orders(plan: ClusterPlan) -> pd.DataFrame:
    """Match deliveries to lots, first made first delivered; goods set aside as safety stock take their turn, but are no delivery.

    Returns
    -------
    DataFrame
        series, week (of delivery), lot, made (week), units, upto (units of the series delivered up to and with this part); one row
        each part of a delivery that was made in these weeks.
    """
    net = plan.network
    commodity = net.sink_commodity[net.series_sink]
    made = cells(above=TINY, units=plan.make)
    made = made.assign(commodity=net.supply_commodity[made["row"]], lot=net.supply_lot[made["row"]])
    early = np.zeros(len(net.commodity_product))
    np.add.at(early, net.place_commodity, net.place_opening.sum(axis=1))
    np.add.at(early, net.sink_commodity, net.sink_opening.sum(axis=1))
    known = np.flatnonzero(early > TINY)
    before = pd.DataFrame({"commodity": known, "week": -1, "lot": -1, "units": early[known]})
    supply = pd.concat([before, made], ignore_index=True).sort_values(["commodity", "week", "lot"], ignore_index=True)
    served = cells(above=TINY, units=plan.serve)
    served = served.assign(commodity=commodity[served["row"]])
    served = served.sort_values(["commodity", "week", "row"], ignore_index=True)

    found = []
    lots = {int(c): rows for c, rows in supply.groupby("commodity")}
    for c, wanted in served.groupby("commodity"):
        if int(c) not in lots:
            continue
        rows = lots[int(c)]
        # Cut both running totals at each other's edges; a stretch between two edges is one part.
        out, into = wanted["units"].cumsum().to_numpy(), rows["units"].cumsum().to_numpy()
        edges = np.unique(np.concatenate([out, into]))
        edges = edges[edges <= min(out[-1], into[-1]) + TINY]
        size = np.diff(edges, prepend=0.0)
        middle = edges - size / 2
        at, lot = np.searchsorted(out, middle), np.searchsorted(into, middle)
        keep = (size > TINY) & (at < len(out)) & (lot < len(into))
        at, lot = at[keep], lot[keep]
        found.append(
            pd.DataFrame(
                {
                    "series": wanted["row"].to_numpy()[at], "week": wanted["week"].to_numpy()[at],
                    "lot": rows["lot"].to_numpy()[lot], "made": rows["week"].to_numpy()[lot], "units": size[keep],
                }
            )
        )  # fmt: skip
    columns = ["series", "week", "lot", "made", "units"]
    parts = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns, dtype=float)
    parts["upto"] = parts.groupby("series")["units"].cumsum()
    sold = ~plan.problem.series_aside[parts["series"].to_numpy(np.int64)]
    return (
        parts[(parts["lot"] >= 0) & sold]
        .astype({"series": int, "week": int, "lot": int, "made": int})
        .reset_index(drop=True)
    )


def batches_table(separate: ClusterPlan, joint: ClusterPlan) -> pa.Table:
    """Return the table **batches** of two plans of one demand."""
    p = joint.problem
    parts = pd.concat([_parts(plan).assign(side=side) for side, plan in zip(_SIDES, (separate, joint), strict=True)])
    late = pd.concat([_late(plan).assign(side=side) for side, plan in zip(_SIDES, (separate, joint), strict=True)])
    lots = pd.concat([_lots(plan).assign(side=side) for side, plan in zip(_SIDES, (separate, joint), strict=True)])
    turned = pd.concat([_turned(plan).assign(side=side) for side, plan in zip(_SIDES, (separate, joint), strict=True)])
    waiting = _waiting(parts)
    frames = [
        _compared(parts, waiting, late, lots, turned, [], "family"),
        _compared(parts, waiting, late, lots, turned, ["maker"], "firm"),
        _compared(parts, waiting, late, lots, turned, ["seller"], "seller"),
    ]
    frame = pd.concat(frames, ignore_index=True)
    families, firms = np.array(p.family, dtype=object), np.array([*p.firm, None], dtype=object)
    frame["family"] = families[frame["family"].to_numpy(int)]
    frame["firm"] = firms[frame["firm"].to_numpy(int)]
    return pa.Table.from_pandas(frame[list(BATCHES.names)], schema=BATCHES.arrow, preserve_index=False)


def _lots(plan: ClusterPlan) -> pd.DataFrame:
    """Return every lot with its family, maker and size, as the table **lots** counts them."""
    p, net = plan.problem, plan.network
    found = cells(above=TINY, size=lot_quantity(plan))
    route = net.lot_route[found["row"].to_numpy()]
    return found.assign(family=p.product_family[p.route_product[route]], maker=p.route_firm[route])


def _turned(plan: ClusterPlan) -> pd.DataFrame:
    """Return the setup hours of each family at each firm, wherever a step of a lot is done, less those that kept setups spare."""
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
    frames = [pd.DataFrame({"family": f, "maker": p.resource_firm[m], "hours": h}) for f, m, h in hours]
    found = pd.concat(frames, ignore_index=True).groupby(["family", "maker"], as_index=False)["hours"].sum()
    return found[found["hours"].abs() > TINY]


def _parts(plan: ClusterPlan) -> pd.DataFrame:
    """Return parts of deliveries with their family, maker, seller, lot, its size, and their share of its setup hours."""
    p, net = plan.problem, plan.network
    parts = traced_orders(plan)
    lot, week = parts["lot"].to_numpy(), parts["made"].to_numpy()
    route, T = net.lot_route[lot], p.weeks
    hours, size = lot_setup_hours(plan), lot_quantity(plan)
    per_unit = np.divide(hours, size, out=np.zeros_like(hours), where=size > 0)
    seller = p.series_seller[parts["series"].to_numpy()]
    number = lot * T + week
    sellers = pd.Series(seller).groupby(number).transform("nunique").to_numpy() if len(parts) else np.zeros(0)
    return parts.assign(
        family=p.product_family[p.route_product[route]],
        maker=p.route_firm[route],
        seller=seller,
        number=number,
        size=size[lot, week],
        hours=per_unit[lot, week] * parts["units"],
        pooled=sellers > 1,
    )


def _late(plan: ClusterPlan) -> pd.DataFrame:
    p = plan.problem
    return pd.DataFrame(
        {
            "family": p.product_family[p.series_product],
            "seller": p.series_seller,
            "late": np.where(p.series_aside, 0.0, np.maximum(plan.owed, 0.0).sum(axis=1)),
        }
    )


def _waiting(parts: pd.DataFrame) -> pd.DataFrame:
    """Return how much longer units lie between making and delivery in the joint plan than in the separate plans.

    The n-th unit that a line is delivered in one plan stands beside its n-th in the other; those that were not made in both
    are left out. Each unit counts with the maker of the joint plan, so that families, makers and sellers add up to the same.

    Returns
    -------
    DataFrame
        family, maker, seller, earlier (unit-weeks).
    """
    reach = float(parts["upto"].max()) + 1 if len(parts) else 1.0  # no line is delivered more
    rows = {side: parts[parts["side"] == side].sort_values(["series", "upto"], ignore_index=True) for side in _SIDES}
    ends = {side: (rows[side]["series"] * reach + rows[side]["upto"]).to_numpy(float) for side in _SIDES}
    starts = {side: ends[side] - rows[side]["units"].to_numpy(float) for side in _SIDES}
    edges = np.unique(np.concatenate([*starts.values(), *ends.values()]))
    size, middle = np.diff(edges), (edges[:-1] + edges[1:]) / 2
    at = {side: np.searchsorted(ends[side], middle) for side in _SIDES}
    both = size > TINY
    for side in _SIDES:
        both &= np.append(starts[side], np.inf)[at[side]] <= middle
    kept = {side: rows[side].iloc[at[side][both]].reset_index(drop=True) for side in _SIDES}
    weeks = {side: kept[side]["week"] - kept[side]["made"] for side in _SIDES}
    longer = size[both] * (weeks["joint"] - weeks["separate"])
    return kept["joint"][["family", "maker", "seller"]].assign(earlier=longer)


def _compared(
    parts: pd.DataFrame, waiting: pd.DataFrame, late: pd.DataFrame, lots: pd.DataFrame, turned: pd.DataFrame,
    more: list[str], by: str,
) -> pd.DataFrame:  # fmt: skip
    """Compare the two plans by family, and by one more column.

    A seller has the lots that serve it, and of their hours its share; a family and a maker have all their lots, also those
    of which nothing is delivered in these weeks. A lot is its last firm's; its setup hours are those of whoever changes over for it.
    """
    keys = ["family", *more]
    joint = parts[parts["side"] == "joint"]
    order = [*keys, "series", "week"]
    orders = joint.groupby(order, as_index=False)["pooled"].any()
    found = orders.groupby(keys)["pooled"].agg(orders="size", orders_pooled="sum")
    for side in _SIDES:
        rows = parts[parts["side"] == side]
        sums = rows.groupby(keys).agg(lots=("number", "nunique"), hours=("hours", "sum"))
        if more == ["seller"]:
            size = rows.drop_duplicates([*keys, "number"]).groupby(keys)["size"].mean()
        else:
            mine = lots[lots["side"] == side].groupby(keys)
            size = mine["size"].mean()
            hours = turned[turned["side"] == side].groupby(keys)["hours"].sum()
            sums = mine.agg(lots=("size", "size")).join(hours, how="outer")
        found = found.join(sums.join(size).add_suffix(f"_{side}"), how="outer")
    found = found.fillna({name: 0.0 for name in found.columns if not name.startswith("size")})
    found = found.join(waiting.groupby(keys)["earlier"].sum())
    table = found.assign(
        by=by,
        setup_hours_separate=found["hours_separate"],
        setup_hours_joint=found["hours_joint"],
        **{name: found[name].astype("int64") for name in ("orders", "orders_pooled", "lots_separate", "lots_joint")},
    ).reset_index()
    if more == ["maker"]:
        return table.assign(firm=table["maker"], later=np.nan)
    owed = late.groupby([*keys, "side"])["late"].sum().unstack("side", fill_value=0.0)
    more_late = (owed["joint"] - owed["separate"]).rename("later")
    table = table.join(more_late, on=keys)
    return table.assign(firm=table["seller"] if more else -1, later=table["later"].fillna(0.0))
