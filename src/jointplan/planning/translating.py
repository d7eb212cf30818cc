"""Between plans and the model: the columns' values of a plan, and the plan that values stand for.

This is the only place that knows both; each counts what a plan costs in its own way.
"""

from __future__ import annotations

import numpy as np

from jointplan.planning.approved import floors
from jointplan.planning.buying import find_tiers, order_tiers
from jointplan.planning.model import PlanModel
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.weekly import sum_by

MOST_ROUNDED = (
    100.0  # units up to which a millionth is rounding: of more than these it would be work that hours do not allow
)


def values_of(model: PlanModel, plan: ClusterPlan) -> Floats:
    """Return the columns' values of a plan of the same network."""
    columns, bands = model.columns, model.problem.bands
    values = np.zeros(len(model.linear.cost))
    values[columns.make], values[columns.ship] = plan.make, plan.ship
    values[columns.serve], values[columns.unmet], values[columns.owed] = plan.serve, plan.unmet, plan.owed
    values[columns.stock] = plan.stock
    values[columns.surplus] = plan.surplus
    values[columns.shelf] = plan.shelf[columns.shelf_sink]
    values[columns.lot], values[columns.run] = plan.lots, plan.runs
    values[columns.keep], values[columns.spare] = plan.kept, plan.spared
    values[columns.alone], values[columns.pure] = _undisturbed(model, plan)
    values[columns.overtime] = np.minimum(plan.overtime_hours, model.problem.overtime)
    values[columns.open] = plan.opened.any(axis=1)
    values[columns.enter] = plan.entered.any(axis=1)
    values[columns.invest] = plan.invested.any(axis=1)
    materials, buying = model.problem.materials, model.network.buying
    paid = order_tiers(model.problem, buying, plan.bought)
    values[columns.buy] = np.where(paid, plan.bought[find_tiers(materials, buying).purchase], 0.0)
    values[columns.tier] = paid
    multiple = materials.offer_multiple[buying.purchase_offer][:, None]
    values[columns.count] = np.round(np.divide(plan.bought, multiple, out=0 * plan.bought, where=multiple > 0))
    values[columns.kept] = np.maximum(plan.bin_stock, 0.0)
    values[columns.credited] = np.maximum(plan.bin_credited, 0.0)
    values[columns.ample], values[columns.short] = (
        np.maximum(plan.purse_balance, 0.0),
        np.maximum(-plan.purse_balance, 0.0),
    )
    quantity, cost = plan.load_quantity, plan.load_cost
    clearing = model.problem.clearing_on(plan.loads.lane)
    values[columns.boxes] = quantity[columns.boxes_load]
    values[columns.sent] = quantity[columns.boxes_load] > 0
    settled = np.zeros(quantity.shape, bool)
    for row, (entry, load) in enumerate(zip(columns.band_entry, columns.band_load, strict=True)):
        declared = np.maximum(quantity[load], bands.low[entry])
        charge = np.maximum(bands.minimum[entry], bands.rate[entry] * declared)
        here = (quantity[load] > 0) & ~settled[load] & (charge <= cost[load] * (1 + 1e-9) + 1e-6 * model.linear.unit)
        here &= quantity[load] <= bands.high[entry] * (1 + 1e-9)
        settled[load] |= here
        values[columns.band[row]] = here
        values[columns.declared[row]] = np.where(here, declared, 0.0)
        values[columns.charge[row]] = np.where(here, clearing[load] + charge, 0.0)
    values[-1] = 0.0
    return values


def read_plan(model: PlanModel, values: Floats) -> ClusterPlan:
    """Return the plan that the columns' values stand for."""
    columns = model.columns

    def take(indices: Ints) -> Floats:
        found = np.maximum(values[indices], 0.0)
        nearest = np.round(found)
        return np.where(np.abs(found - nearest) < 1e-6 * np.clip(nearest, 1.0, MOST_ROUNDED), nearest, found)

    buying = model.network.buying
    tiers = find_tiers(model.problem.materials, buying)
    return ClusterPlan(
        model.problem, model.rights, model.network,
        make=take(columns.make), ship=take(columns.ship), serve=take(columns.serve), unmet=take(columns.unmet),
        buy=sum_by(tiers.purchase, take(columns.buy), len(buying.purchase_bin)),
        keep=values[columns.keep] > 0.5,
    )  # fmt: skip


def _undisturbed(model: PlanModel, plan: ClusterPlan) -> tuple[Bools, Bools]:
    """Return in which weeks a workshop is set up for nothing, and for no family, but what it was set up for; (workshops, T)."""
    p, net = plan.problem, plan.network
    at, T = p.use_resource[net.keeper_use], p.weeks
    _, place = np.unique(at, return_inverse=True)
    shared = np.where(net.keeper_run >= 0, net.keeper_run * len(p.resource) + at, -1 - np.arange(len(at)))
    _, family = np.unique(shared, return_inverse=True)
    prepared = sum_by(family, plan.kept.astype(float), len(at))[family] > 0
    changes = np.stack([plan.done & ~plan.spared, plan.done & ~prepared]).astype(float)
    places = len(model.columns.alone)
    alone, pure = (sum_by(place, change, places).reshape(places, T) == 0 for change in changes)
    return alone, pure


def idle_plan(model: PlanModel) -> ClusterPlan:
    """Return the plan that makes what is decided, no more, and sends nothing."""
    p, net = model.problem, model.network
    nothing = np.zeros(p.demand.shape)
    return ClusterPlan(p, model.rights, net, floors(p, net), np.zeros(model.columns.ship.shape), nothing, p.demand)
