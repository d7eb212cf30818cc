"""Whose goods are where: goods held in common are followed back from whom they are handed over to.

What is handed over is its seller's. Going back week by week and against the lanes, whatever comes to a place is those
sellers' whose goods leave it or stay in it from then on, in proportion, as if all goods of a kind at a place were mixed.
This is the proportional sharing by which electricity is traced through a grid (Bialek 1996), in time as well as in space.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.rows import Rows, paired
from jointplan.planning.shares import left_of_own, seller_shares
from jointplan.planning.weekly import sum_by

_ROUNDS = 1000  # most rounds in which goods that circle within a week settle
_SETTLED = 1e-12


@dataclass(frozen=True)
class Attribution:
    """Whose goods are where in a plan.

    *Nodes* are the places of the network and, behind them, its sinks. Each has a row for each seller of its commodity;
    those where nothing ever comes, lies or leaves have none.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    node, firm : (N,)
        Rows, by node and firm.
    mix : (N, T + 1)
        Share of the goods that come to a node in a week, or lie there when it begins; the last column is of what is left at
        the end, or under way to it beyond. Shares of a node add up to 1.
    """

    plan: ClusterPlan
    node: Ints
    firm: Ints
    mix: Floats

    def came(self, found: Rows, node: Ints) -> Rows:
        """Split what comes to nodes in weeks over the sellers it is for; every column but row and week is shared."""
        return self._split(found, node, self.mix, found["week"])

    def made(self, found: Rows) -> Rows:
        """Split cells of supplies, with rows and weeks, over the sellers they are for, likewise."""
        return self.came(found, self.plan.network.supply_place[found["row"]])

    def sent(self, found: Rows) -> Rows:
        """Split cells of arcs likewise."""
        net, weeks = self.plan.network, self.plan.problem.weeks
        arrives = found["week"] + self.plan.problem.lane_weeks[net.arc_lane[found["row"]]]
        return self._split(found, _ends(self.plan)[found["row"]], self.mix, np.minimum(arrives, weeks))

    def kept(self, found: Rows) -> Rows:
        """Split cells of places, of what lies there at the end of a week, likewise."""
        return self._split(found, found["row"], self.mix, found["week"] + 1)

    def shelved(self, found: Rows) -> Rows:
        """Split cells of sinks, of what waits there at the end of a week, likewise."""
        return self._split(found, len(self.plan.network.place_node) + found["row"], self.mix, found["week"] + 1)

    def passed(self, found: Rows) -> Rows:
        """Split cells of places by what lies there or leaves in all weeks together, whatever week they are of."""
        return self._split(found, found["row"], self._over_all_weeks, np.zeros_like(found["row"]))

    def _split(self, found: Rows, node: Ints, share: Floats, week: Ints) -> Rows:
        left, right = paired(node, self.node)
        part = share[right, week[left]]
        there = part > 0
        left, right, part = left[there], right[there], part[there]
        split = {
            name: values[left] if name in ("row", "week") else values[left] * part for name, values in found.items()
        }
        return split | {"firm": self.firm[right]}

    @cached_property
    def _over_all_weeks(self) -> Floats:
        """Return the shares of what lies at a place or leaves it in all weeks together, (N, 1); of what is left if nothing does."""
        plan, net, weeks = self.plan, self.plan.network, self.plan.problem.weeks
        places, nodes = len(net.place_node), len(net.place_node) + len(net.sink_market)
        there = np.zeros((nodes, weeks))
        there[:places] = np.maximum(plan.stock, 0.0) + sum_by(net.arc_from, np.maximum(plan.ship, 0.0), places)
        total = (there[self.node] * self.mix[:, :weeks]).sum(axis=1)
        return _mixed(total, self.node, nodes, self.mix[:, weeks])[:, None]


def _ends(plan: ClusterPlan) -> Ints:
    """Return the node that each arc leads to."""
    net = plan.network
    return np.where(net.arc_sink >= 0, len(net.place_node) + net.arc_sink, net.arc_to)


def attribute_goods(plan: ClusterPlan) -> Attribution:
    """Follow the goods of a plan back from whom they are handed over to.

    References
    ----------
    Bialek (1996), Tracing the flow of electricity, IEE Proceedings - Generation, Transmission and Distribution 143(4).
    """
    p, net, T = plan.problem, plan.network, plan.problem.weeks
    places, nodes = len(net.place_node), len(net.place_node) + len(net.sink_market)
    commodity = np.concatenate([net.place_commodity, net.sink_commodity])
    ends, lag = _ends(plan), p.lane_weeks[net.arc_lane]
    shares = seller_shares(plan)
    number = np.bincount(shares["commodity"], minlength=len(net.commodity_product))

    # All nodes of a commodity have the same sellers in the same order.
    node = np.flatnonzero(_in_use(plan, ends, nodes))
    of_node, of_share = paired(commodity[node], shares["commodity"])
    node, firm = node[of_node], shares["firm"][of_share]
    first = np.searchsorted(node, np.arange(nodes))
    begin = np.searchsorted(shares["commodity"], np.arange(len(net.commodity_product)))

    row, week = np.nonzero(plan.ship > 0)
    order = np.lexsort((row, week))
    row, week, size = row[order], week[order], number[net.arc_commodity[row[order]]]
    cell = np.repeat(np.arange(len(row)), size)
    place_in_list = np.arange(len(cell)) - np.repeat(np.cumsum(size) - size, size)
    leaves = first[net.arc_from[row]][cell] + place_in_list
    comes = first[ends[row]][cell] + place_in_list
    arrives = np.minimum(week + lag[row], T)[cell]
    units = plan.ship[row, week][cell]
    by_week = np.searchsorted(week[cell], np.arange(T + 1))

    sellers = shares["commodity"] * len(p.firm) + shares["firm"]
    sold = net.sink_commodity[net.series_sink]
    nth = np.searchsorted(sellers, sold * len(p.firm) + p.series_seller) - begin[sold]
    series = first[places + net.series_sink] + nth
    served = np.flatnonzero((plan.serve > 0).any(axis=1))
    stays = np.maximum(np.vstack([plan.stock, plan.shelf]), 0.0)[node]

    mix = np.empty((len(node), T + 1))
    mix[:, T] = _left_at_end(plan, ends, commodity, node, firm, shares["share"][of_share])
    for t in range(T - 1, -1, -1):
        out = stays[:, t] * mix[:, t + 1]
        out += np.bincount(series[served], np.maximum(plan.serve[served, t], 0.0), len(node))
        now = slice(by_week[t], by_week[t + 1])
        left, into, when, amount = leaves[now], comes[now], arrives[now], units[now]
        later = when > t
        out += np.bincount(left[later], amount[later] * mix[into[later], when[later]], len(node))
        mix[:, t] = _mixed(out, node, nodes, mix[:, t + 1])
        _mix_within(mix[:, t], out, node, nodes, left[~later], into[~later], amount[~later])
    return Attribution(plan, node, firm, mix)


def _in_use(plan: ClusterPlan, ends: Ints, nodes: int) -> Bools:
    """Return the nodes where anything comes, lies or leaves."""
    net = plan.network
    used = np.zeros(nodes, bool)
    moved, made = (plan.ship != 0).any(axis=1), (plan.make != 0).any(axis=1)
    used[net.arc_from[moved]] = used[ends[moved]] = used[net.supply_place[made]] = True
    used |= np.vstack([plan.stock, plan.shelf]).any(axis=1)
    used |= np.vstack([net.place_opening, net.sink_opening]).any(axis=1)
    used[len(net.place_node) + net.series_sink[plan.serve.any(axis=1)]] = True
    return used


def _mixed(out: Floats, node: Ints, nodes: int, otherwise: Floats) -> Floats:
    """Return the shares of what leaves a node or stays, (N,); other shares where nothing does."""
    total = np.bincount(node, out, nodes)[node]
    return np.where(total > 0, out / np.where(total > 0, total, 1.0), otherwise)


def _mix_within(mix: Floats, out: Floats, node: Ints, nodes: int, left: Ints, into: Ints, amount: Floats) -> None:
    """Settle the shares of a week, (N,), where goods go on in the week in which they come: from the last place back to the first.

    Each round goes one lane further back; where goods circle, rounds go on until the shares settle.
    """
    if not len(left):
        return
    rows, of_row = np.unique(left, return_inverse=True)
    for _ in range(_ROUNDS):
        more = out[rows] + np.bincount(of_row, amount * mix[into], len(rows))
        found = _mixed(more, node[rows], nodes, mix[rows])
        change = np.abs(found - mix[rows]).max()
        mix[rows] = found
        if change <= _SETTLED:
            return


def _left_at_end(plan: ClusterPlan, ends: Ints, commodity: Ints, node: Ints, firm: Ints, otherwise: Floats) -> Floats:
    """Return the shares of what is left at each node at the end, or under way to it beyond, (N,).

    What is left of lots decided for a seller, or of goods it had before, is this seller's; the rest is shared by those whom the node can serve, by what
    they are handed over, by what they wanted where that is nothing, as the commodity over all weeks where it serves nobody.
    """
    p, net, T = plan.problem, plan.network, plan.problem.weeks
    nodes, firms = len(commodity), len(p.firm)
    beyond = np.arange(T) + p.lane_weeks[net.arc_lane][:, None] >= T
    stays = np.maximum(np.concatenate([plan.stock[:, -1], plan.shelf[:, -1]]), 0.0)
    stays = stays + np.bincount(ends, np.where(beyond, np.maximum(plan.ship, 0.0), 0.0).sum(axis=1), nodes)
    # Markets always: in what was recorded, goods may be handed over that have not come yet.
    asked = np.union1d(np.flatnonzero(stays > 0), node[node >= len(net.place_node)])
    serving, sink = _reached(plan, ends, asked, nodes)
    orders = np.argsort(net.series_sink, kind="stable")
    at, of_sink = paired(sink, net.series_sink[orders])
    series = orders[of_sink]
    rows = np.searchsorted(node * firms + firm, serving[at] * firms + p.series_seller[series])
    share = otherwise
    reached = np.zeros(len(node), bool)
    for units in (p.demand.sum(axis=1), plan.serve.sum(axis=1)):
        weight = np.bincount(rows, units[series], len(node)).astype(float)
        reached |= weight > 0
        share = _mixed(weight, node, nodes, share)
    own = left_of_own(plan)
    code = commodity[node] * firms + firm
    claim = np.bincount(own["commodity"] * firms + own["firm"], own["served"], len(net.commodity_product) * firms)
    wants = np.zeros(len(claim), bool)
    wants[net.sink_commodity[net.series_sink] * firms + p.series_seller] = True
    may = reached | ~wants[code]
    there = np.bincount(code, stays[node] * may, len(claim))[code]
    first = np.where(may & (there > 0), claim[code] / np.where(there > 0, there, 1.0), 0.0)
    total = np.bincount(node, first, nodes)[node]
    first = first / np.maximum(total, 1.0)
    return np.asarray(first + (1.0 - np.minimum(total, 1.0)) * share)


def _reached(plan: ClusterPlan, ends: Ints, start: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Return pairs of nodes to start from and the sinks that goods can reach from there."""
    net, places = plan.network, len(plan.network.place_node)
    arcs = np.argsort(net.arc_from, kind="stable")
    origin = net.arc_from[arcs]
    known = new = start * nodes + start
    while len(new):
        begun, at = np.divmod(new, nodes)
        left, right = paired(at, origin)
        new = np.setdiff1d(begun[left] * nodes + ends[arcs[right]], known)
        known = np.union1d(known, new)
    begun, at = np.divmod(known, nodes)
    return begun[at >= places], at[at >= places] - places
