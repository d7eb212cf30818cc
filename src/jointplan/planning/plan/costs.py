"""What a plan costs and earns, counted from its quantities alone.

The model is not asked, nor anything it is built with: the solver's objective and this count check each other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jointplan.planning.loads import Loads
from jointplan.planning.plan.accounts import Accounts
from jointplan.planning.plan.keeping import spared_money
from jointplan.planning.plan.ordering import order_charges
from jointplan.planning.plan.quantities import TINY, Quantities
from jointplan.planning.problem import ClusterProblem, Floats, Ints
from jointplan.planning.safety import protected
from jointplan.planning.weekly import shift, sum_by


def load_charges(problem: ClusterProblem, loads: Loads, quantity: Floats) -> Floats:
    """Return what loads of these quantities, basis units or containers, pay: their freight and clearing; (loads, T)."""
    return load_freight(problem, loads, quantity) + load_clearing(problem, loads, quantity)


def load_clearing(problem: ClusterProblem, loads: Loads, quantity: Floats) -> Floats:
    """Return what loads of these quantities pay at the border once, by the rules of the week they arrive; (loads, T)."""
    if problem.clearing is None:
        return np.zeros_like(quantity)
    paid = _by_rules(problem, loads.lane, problem.clearing[:, loads.lane])
    return np.where(quantity > TINY, paid, 0.0)


def load_freight(problem: ClusterProblem, loads: Loads, quantity: Floats) -> Floats:
    """Return the freight of loads of these quantities, basis units or containers; (loads, T)."""
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
    """Return the freight of each load; shape (loads, T)."""
    return load_freight(plan.problem, plan.loads, plan.load_quantity)


def order_costs(plan: Quantities) -> Floats:
    """Return what each order costs; one that no supplier accepts is paid at the dearest price there is; shape (Y, T)."""
    p, buying = plan.problem, plan.network.buying
    charge = order_charges(p, buying, plan.bought)
    dearest = np.zeros(len(p.materials.offer_material))
    np.maximum.at(dearest, p.materials.break_offer, p.materials.break_price)
    return np.where(np.isfinite(charge), charge, dearest[buying.purchase_offer][:, None] * plan.bought)


def count_accounts(plan: Quantities, *, load: Floats, purchase: Floats) -> Accounts:
    """Return the money of a plan, dear borrowing apart, see ``with_interest``.

    Parameters
    ----------
    plan : Quantities
        What is done.
    load : (loads, T)
        Freight of each load, see ``load_costs``.
    purchase : (Y, T)
        What each order costs, see ``order_costs``.
    """
    p, net = plan.problem, plan.network
    product = net.commodity_product[net.arc_commodity]
    lane_weeks = p.lane_weeks[net.arc_lane]
    weeks = np.arange(p.weeks)
    under_way = np.minimum(lane_weeks[:, None], p.weeks - weeks[None, :])
    to_node, gate = np.where(net.arc_to >= 0, p.lane_node[net.arc_lane], -1), net.place_node[net.arc_from]
    leaves = (gate < len(p.firm)) & ~np.isin(p.lane_market[net.arc_lane], p.aside)  # what is set aside stays
    handled = np.where(to_node >= 0, p.node_handling[to_node], 0.0) + np.where(leaves, p.node_handling[gate], 0.0)
    handling = handled * p.volume[product]
    on_hand = np.maximum(plan.stock, 0.0) + plan.set_aside
    sold = ~p.series_aside[:, None]
    fee = np.zeros(len(p.price)) if p.fee is None else p.fee
    place_product = net.commodity_product[net.place_commodity]
    sink_product = net.commodity_product[net.sink_commodity]
    start_cost = p.setup_cost[net.lot_route] if len(net.lot_route) else np.zeros((0, p.weeks))
    entry_cost = np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market]
    minor, major = (plan.spared * money for money in spared_money(p, net))
    minor = shift(minor, p.use_lag[net.keeper_use])
    of_left = np.divide(plan.left - plan.surplus, plan.left, out=np.ones_like(plan.left), where=plan.left > 0)

    def credited(units: Floats, commodity: Ints) -> Floats:
        """Return the units that are worth something; what is less than nothing is owed in full."""
        return np.where(units > 0, units * of_left[plan.leftovers.of_commodity[commodity]], units)

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
        border=_paid_at_borders(plan, product),
        load=load,
        clearing=load_clearing(p, plan.loads, plan.load_quantity),
        handling=plan.ship * handling[:, None],
        storage=on_hand * (p.node_storage[net.place_node] * p.volume[place_product])[:, None],
        holding=on_hand * _capital_costs(p, net.place_node, place_product)[:, None],
        transit_holding=plan.ship * under_way * _capital_costs(p, p.lane_origin[net.arc_lane], product)[:, None],
        shelf_holding=np.maximum(plan.shelf, 0.0) * p.holding[sink_product][:, None],
        late=np.maximum(plan.owed, 0.0) * p.late_cost[:, None] * sold,
        goodwill=plan.unmet * p.goodwill[:, None],
        protection=protected(p, plan.serve, plan.owed),
        opening=plan.opened * p.sites.opening_cost[net.site_entry][:, None],
        entry=plan.entered * entry_cost[:, None],
        investment=plan.invested * p.investments.cost[net.investment_entry][:, None],
        purchase=purchase,
        interest=np.zeros((len(net.purses.holder), p.weeks)),
        bin_holding=np.maximum(plan.bin_stock, 0.0) * p.materials.holding[net.buying.bin_material][:, None],
        # What left without ever having been made is charged at what making it costs.
        end_stock=(credited(plan.stock[:, -1], net.place_commodity) + plan.set_aside[:, -1])
        * p.end_value[place_product]
        + plan.set_aside[:, -1] * (p.way_cost[net.place_node, place_product] if len(p.aside) else 0.0),
        end_transit=credited(plan.under_way, net.arc_commodity) * p.end_value[product],
        end_shelf=credited(plan.shelf[:, -1], net.sink_commodity) * p.end_value[sink_product],
        end_bin=plan.bin_credited * p.materials.least[net.buying.bin_material],
        hub=np.full(p.weeks, p.hub_cost if plan.rights.cooperative else 0.0),
    )


def _capital_costs(problem: ClusterProblem, node: Ints, product: Ints) -> Floats:
    """Return what a unit costs for a week that lies at, or has left, a place: where it is made as made there, else at its cheapest."""
    p = problem
    if p.route_holding is None or not len(p.route_holding):
        return p.holding[product]
    made, wanted = (n * len(p.sku) + i for n, i in ((p.route_firm, p.route_product), (node, product)))
    by_cost = np.argsort(p.route_holding, kind="stable")
    known, cheapest = np.unique(made[by_cost], return_index=True)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, p.route_holding[by_cost][cheapest[at]], p.holding[product])


def with_interest(plan: Quantities, money: Accounts, balance: Floats) -> Accounts:
    """Return the money of a plan with what is paid where purses are short, (H, T)."""
    credit = plan.problem.credit
    return money if credit is None else replace(money, interest=np.maximum(-balance, 0.0) * credit.rate)


def _paid_at_borders(plan: Quantities, product: Ints) -> Floats:
    """Return what is paid at borders of what leaves on each arc and week, by the rules of the week it arrives; (A, T)."""
    p, net = plan.problem, plan.network
    if p.border is None:
        return np.zeros_like(plan.ship)
    return plan.ship * _by_rules(p, net.arc_lane, p.border[:, net.arc_lane, product])


def _by_rules(problem: ClusterProblem, lane: Ints, paid: Floats) -> Floats:
    """Return of what is paid on each lane by the rules of each stretch, (K, A), what holds for what leaves in each week; (A, T)."""
    p = problem
    found = np.zeros((len(lane), p.weeks))
    # What arrives after the last week pays as in it.
    arrives = np.minimum(np.arange(p.weeks) + p.lane_weeks[lane][:, None], p.weeks - 1)
    ends = [*p.border_since[1:].tolist(), np.inf]
    for amount, since, end in zip(paid, p.border_since.tolist(), ends, strict=True):
        found += np.where((since <= arrives) & (arrives < end), amount[:, None], 0.0)
    return found
