"""What is paid for once before it can be used: sites, markets, and work that is learned or shared."""

from __future__ import annotations

import numpy as np

from jointplan.planning.model.columns import Flows, Setups, Unlocked
from jointplan.planning.model.scope import Scope
from jointplan.planning.network import Network
from jointplan.planning.problem import Ints
from jointplan.solvers import ModelBuilder


def find_site_arcs(network: Network) -> tuple[Ints, Ints]:
    """Return pairs (arc, site): the arcs that end at a site to be opened, or begin there."""
    site = np.append(network.place_site, -1)  # the last entry reads −1
    arcs = np.tile(np.arange(len(network.arc_lane)), 2)
    ends = np.concatenate([site[network.arc_to], site[network.arc_from]])
    return arcs[ends >= 0], ends[ends >= 0]


def unlock(b: ModelBuilder, scope: Scope, flows: Flows, setups: Setups) -> Unlocked:
    """Add what is paid for once: sites, then markets, then work."""
    return Unlocked(
        open=_sites_are_opened(b, scope, flows),
        enter=_markets_are_entered(b, scope, flows),
        invest=_work_is_unlocked(b, scope, setups),
    )


def _sites_are_opened(b: ModelBuilder, scope: Scope, flows: Flows) -> Ints:
    """Ensures that nothing goes to or leaves a site that is not opened, however little it is."""
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    cost = p.sites.opening_cost[net.site_entry]
    opened = b.columns(cost.shape, cost=cost, upper=1.0, integer=True)
    arcs, site = find_site_arcs(net)
    arc, week = np.nonzero(flows.ship[arcs] >= 0)
    row = np.arange(len(arc))
    b.rows(
        np.full(len(row), -np.inf), 0.0,
        [(row, flows.ship[arcs[arc], week], 1.0), (row, opened[site[arc]], -scope.most_sent[arcs[arc], week])],
    )  # fmt: skip
    # Summed up, this is tighter than one by one where throughput is short.
    limited = np.flatnonzero(np.isfinite(p.sites.throughput[net.site_entry]))
    number = np.full(len(cost) + 1, -1)  # the last entry absorbs −1
    number[limited] = np.arange(len(limited))
    at, column, _ = scope.arrivals(flows.ship, number[np.append(net.place_site, -1)[net.arc_to]])
    volume = p.volume[scope.arc_product][:, None]
    most = np.repeat(p.sites.throughput[net.site_entry[limited]], T)
    b.rows(
        np.full(len(most), -np.inf), 0.0,
        [(at, column, volume), (np.arange(len(most)), np.repeat(opened[limited], T), -most)],
    )  # fmt: skip
    return opened


def _markets_are_entered(b: ModelBuilder, scope: Scope, flows: Flows) -> Ints:
    """Ensures that nothing is handed over in a market that had to be entered and was not."""
    p, net, T = scope.problem, scope.network, scope.problem.weeks
    cost = np.zeros(0) if p.entries is None else p.entries.cost[net.entry_market]
    entered = b.columns(cost.shape, cost=cost, upper=1.0, integer=True)
    waiting = np.flatnonzero(net.series_entry >= 0)
    most = scope.waiting[waiting]
    row = np.arange(most.size).reshape(len(waiting), T)
    paid = np.repeat(entered[net.series_entry[waiting]][:, None], T, axis=1)
    b.rows(np.full(row.size, -np.inf), 0.0, [(row, flows.serve[waiting], 1.0), (row, paid, -most)])
    return entered


def _work_is_unlocked(b: ModelBuilder, scope: Scope, setups: Setups) -> Ints:
    """Ensures that no lot is set up that needs what is neither learned nor opened."""
    p, net = scope.problem, scope.network
    cost = p.investments.cost[net.investment_entry]
    invested = b.columns(cost.shape, cost=cost, upper=1.0, integer=True)
    lot = setups.lot[net.unlock_lot]
    row = np.arange(lot.size).reshape(lot.shape)
    paid = np.where(lot >= 0, invested[net.unlock_investment][:, None], -1)
    b.rows(np.full(row.size, -np.inf), 0.0, [(row, lot, 1.0), (row, np.broadcast_to(paid, row.shape), -1.0)])
    return invested
