"""What a plan costs and earns, counted from its quantities alone.

The model is not asked: the solver's objective and this count check each other. What suppliers ask (``buying``) and whose purse
pays (``cash``) is told once for both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.buying import order_charges
from jointplan.planning.cash import balances, paid_at_once
from jointplan.planning.loads import Loads
from jointplan.planning.plan.keeping import spared_money
from jointplan.planning.plan.quantities import TINY, Quantities
from jointplan.planning.problem import ClusterProblem, Floats
from jointplan.planning.safety import protected
from jointplan.planning.weekly import shift, sum_by


@dataclass(frozen=True)
class Accounts:
    """The money of a plan, costs positive, each array in the finest detail the ledger needs.

    Shapes: revenue, channel, late, goodwill, protection (S, T); making, material, transfer (K, T); minor (E, T) and major (Q, T) setups,
    less what kept ones spare; overtime (M, T); unit_freight, border, handling (A, T); load (loads, T); storage, holding (P, T); transit_holding (A, T);
    shelf_holding (D, T); opening (W, T); entry (V, T); investment (J, T); purchase (Y, T); bin_holding (X, T); interest (H, T); end_stock (P,); end_transit (A,);
    end_shelf (D,); end_bin (X,); hub (T,).
    """

    revenue: Floats
    channel: Floats
    making: Floats
    material: Floats
    transfer: Floats
    minor: Floats
    major: Floats
    overtime: Floats
    unit_freight: Floats
    border: Floats
    load: Floats
    handling: Floats
    storage: Floats
    holding: Floats
    transit_holding: Floats
    shelf_holding: Floats
    late: Floats
    goodwill: Floats
    protection: Floats
    opening: Floats
    entry: Floats
    investment: Floats
    purchase: Floats
    bin_holding: Floats
    interest: Floats
    end_stock: Floats
    end_transit: Floats
    end_shelf: Floats
    end_bin: Floats
    hub: Floats

    @property
    def value(self) -> float:
        """Revenue, end stock and what safety stock protects, less every cost; transfers cancel out."""
        costs = (
            self.channel, self.making, self.material, self.minor, self.major, self.overtime, self.unit_freight, self.border, self.load,
            self.handling, self.storage, self.holding, self.transit_holding, self.shelf_holding, self.late,
            self.goodwill, self.opening, self.entry, self.investment, self.purchase, self.bin_holding, self.interest, self.hub,
        )  # fmt: skip
        gained = float(self.revenue.sum()) + float(self.protection.sum()) + self.credit
        return gained - sum(float(cost.sum()) for cost in costs)

    @property
    def credit(self) -> float:
        """What goods and materials left over and under way at the end are worth."""
        return float(self.end_stock.sum() + self.end_transit.sum() + self.end_shelf.sum() + self.end_bin.sum())


def load_charges(problem: ClusterProblem, loads: Loads, quantity: Floats) -> Floats:
    """Return the charge of loads of these quantities, basis units or containers; (loads, T)."""
    bands, containers = problem.bands, problem.containers
    cost = np.zeros_like(quantity)
    for index, lane in enumerate(loads.lane):
        container = np.flatnonzero(containers.lane == lane)
        if len(container):
            cost[index] = np.ceil(quantity[index] - TINY) * containers.rate[container[0]]
            continue
        entries = np.flatnonzero(bands.lane == lane)
        low, high = bands.low[entries, None], bands.high[entries, None]
        rate, minimum = bands.rate[entries, None], bands.minimum[entries, None]
        charge = np.maximum(minimum, rate * np.maximum(quantity[index], low))
        top = high >= high.max()  # a load above the last band still pays the last band's rate
        cost[index] = np.where((quantity[index] <= high * (1 + 1e-9)) | top, charge, np.inf).min(axis=0)
    return np.where(quantity > TINY, cost, 0.0)


def load_costs(plan: Quantities) -> Floats:
    """Return the charge of each load; shape (loads, T)."""
    return load_charges(plan.problem, plan.loads, plan.load_quantity)


def order_costs(plan: Quantities) -> Floats:
    """Return what each order costs; one that no supplier accepts is paid at the dearest price there is; shape (Y, T)."""
    p, buying = plan.problem, plan.network.buying
    charge = order_charges(p, buying, plan.bought)
    dearest = np.zeros(len(p.materials.offer_material))
    np.maximum.at(dearest, p.materials.break_offer, p.materials.break_price)
    return np.where(np.isfinite(charge), charge, dearest[buying.purchase_offer][:, None] * plan.bought)


def purse_balances(plan: Quantities, *, load: Floats, purchase: Floats) -> Floats:
    """Return what each purse has at the end of each week and could still borrow, negative where it is short; shape (H, T)."""
    p, net = plan.problem, plan.network
    quantities = {
        "make": plan.make, "ship": plan.ship, "serve": plan.serve, "lots": plan.lots, "runs": plan.runs,
        "overtime": plan.overtime_hours, "stock": np.maximum(plan.stock, 0.0), "owed": np.maximum(plan.owed, 0.0),
        "loads": load, "purchases": purchase, "spared": plan.spared,
    }  # fmt: skip
    first = paid_at_once(p, net, plan.opened, plan.entered, plan.invested)
    return balances(p, net, plan.loads.shipper, quantities, first)


def count_accounts(plan: Quantities, *, load: Floats, purchase: Floats, balance: Floats) -> Accounts:
    """Return the money of a plan.

    Parameters
    ----------
    plan : Quantities
        What is done.
    load : (loads, T)
        Charge of each load, see ``load_costs``.
    purchase : (Y, T)
        What each order costs, see ``order_costs``.
    balance : (H, T)
        What each purse has, see ``purse_balances``.
    """
    p, net = plan.problem, plan.network
    product = net.commodity_product[net.arc_commodity]
    lane_weeks = p.lane_weeks[net.arc_lane]
    weeks = np.arange(p.weeks)
    under_way = np.minimum(lane_weeks[:, None], p.weeks - weeks[None, :])
    arriving = weeks[None, :] + lane_weeks[:, None] < p.weeks
    to_node = np.where(net.arc_to >= 0, p.lane_node[net.arc_lane], -1)
    handling = np.where(to_node >= 0, p.node_handling[to_node], 0.0) * p.volume[product]
    on_hand = np.maximum(plan.stock, 0.0) + plan.set_aside
    sold = ~p.series_aside[:, None]
    fee = np.zeros(len(p.price)) if p.fee is None else p.fee
    place_product = net.commodity_product[net.place_commodity]
    sink_product = net.commodity_product[net.sink_commodity]
    start_cost = p.setup_cost[net.lot_route] if len(net.lot_route) else np.zeros((0, p.weeks))
    entry_cost = np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market]
    minor, major = (plan.spared * money for money in spared_money(p, net))
    minor = shift(minor, p.use_lag[net.keeper_use])
    return Accounts(
        revenue=plan.serve * (p.price + fee)[:, None] * sold,
        channel=plan.serve * fee[:, None],
        making=plan.make * p.route_making[net.supply_route][:, None],
        material=plan.make * p.route_material[net.supply_route][:, None],
        transfer=plan.make * p.route_transfer[net.supply_route][:, None],
        minor=plan.lots * start_cost - sum_by(net.keeper_lot, minor, len(net.lot_route)),
        major=plan.runs * p.group_cost[net.run_group][:, None] - sum_by(net.keeper_run, major, len(net.run_group)),
        overtime=plan.overtime_hours * p.overtime_cost[:, None],
        unit_freight=plan.ship * p.unit_freight[net.arc_lane, product][:, None],
        border=np.zeros_like(plan.ship) if p.border is None else plan.ship * p.border[net.arc_lane, product][:, None],
        load=load,
        handling=plan.ship * handling[:, None],
        storage=on_hand * (p.node_storage[net.place_node] * p.volume[place_product])[:, None],
        holding=on_hand * p.holding[place_product][:, None],
        transit_holding=plan.ship * under_way * p.holding[product][:, None],
        shelf_holding=np.maximum(plan.shelf, 0.0) * p.holding[sink_product][:, None],
        late=np.maximum(plan.owed, 0.0) * p.late_cost[:, None] * sold,
        goodwill=plan.unmet * p.goodwill[:, None],
        protection=protected(p, plan.serve, plan.owed),
        opening=plan.opened * p.sites.opening_cost[net.site_entry][:, None],
        entry=plan.entered * entry_cost[:, None],
        investment=plan.invested * p.investments.cost[net.investment_entry][:, None],
        purchase=purchase,
        interest=np.maximum(-balance, 0.0) * (0.0 if p.credit is None else p.credit.rate),
        bin_holding=np.maximum(plan.bin_stock, 0.0) * p.materials.holding[net.buying.bin_material][:, None],
        # What left without ever having been made is charged at what making it costs.
        end_stock=(plan.stock + plan.set_aside)[:, -1] * p.end_value[place_product]
        + plan.set_aside[:, -1] * (p.way_cost[net.place_node, place_product] if len(p.aside) else 0.0),
        end_transit=(plan.ship * ~arriving).sum(axis=1) * p.end_value[product],
        end_shelf=plan.shelf[:, -1] * p.end_value[sink_product],
        end_bin=plan.bin_stock[:, -1] * p.materials.least[net.buying.bin_material],
        hub=np.full(p.weeks, p.hub_cost if plan.rights.cooperative else 0.0),
    )
