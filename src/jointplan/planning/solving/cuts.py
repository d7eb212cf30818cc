"""Inequalities that tell the relaxation what a setup really costs.

What a lot makes in week ``t`` is by the end of week ``l`` either still in stock before the long haul, or has left on it in
weeks ``t … l``; and what leaves can at most serve the demand that is due when it arrives, or owed by then. So

    made(t) ≤ stock(l) + Σ min(left(r), due(r)·setup(t) + owed(r)),  r = t … l.

Each term of the sum is replaced by either side of its minimum, whichever is smaller in the solution at hand: every such
choice is valid for every plan. This carries the (l,S) inequalities of Barany, Van Roy and Wolsey (1984) over to networks
with late deliveries and several modes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.model import PlanModel
from jointplan.planning.problem import Floats, Ints
from jointplan.solvers.linear import Rows, Term, rows_from_terms

REACH = 10  # weeks looked ahead: batches rarely cover more


@dataclass(frozen=True)
class _Commodity:
    """What one commodity's cuts need: places before the long haul, and the arcs of the long haul."""

    places: Ints
    arcs: Ints


class SetupCuts:
    """Finds violated setup inequalities of a model.

    Parameters
    ----------
    model : PlanModel
        The model whose relaxation is cut.
    """

    def __init__(self, model: PlanModel) -> None:
        self.model = model
        p, net = model.problem, model.network
        T = p.weeks
        self.commodities = [self._near(c) for c in range(len(net.commodity_product))]
        self.lots: list[list[int]] = [[] for _ in net.lot_route]
        for k, e in enumerate(net.supply_lot):
            self.lots[e].append(k)
        sink_demand = np.zeros((len(net.sink_market), T))
        np.add.at(sink_demand, net.series_sink, p.demand)
        self.series_of = [np.flatnonzero(net.series_sink == d) for d in range(len(net.sink_market))]
        weeks = p.lane_weeks[net.arc_lane]
        self.due = np.zeros((len(net.arc_lane), T))
        for a, (sink, delay) in enumerate(zip(net.arc_sink, weeks, strict=True)):
            if sink >= 0 and delay < T:
                self.due[a, : T - delay] = sink_demand[sink, delay:]
        # Only what ends in a market within the horizon is bounded by demand.
        self.bounded = (net.arc_sink >= 0)[:, None] & (np.arange(T)[None, :] + weeks[:, None] < T)

    def _near(self, commodity: int) -> _Commodity:
        p, net = self.model.problem, self.model.network
        arcs = np.flatnonzero(net.arc_commodity == commodity)
        inside = set(net.supply_place[net.supply_commodity == commodity].tolist())
        quick = [a for a in arcs if p.lane_weeks[net.arc_lane[a]] == 0 and net.arc_to[a] >= 0]
        while True:
            more = {int(net.arc_to[a]) for a in quick if int(net.arc_from[a]) in inside} - inside
            if not more:
                break
            inside |= more
        # What travels for a week or more between near places has left them meanwhile.
        out = [
            a
            for a in arcs
            if int(net.arc_from[a]) in inside
            and (int(net.arc_to[a]) not in inside or p.lane_weeks[net.arc_lane[a]] > 0)
        ]
        return _Commodity(np.array(sorted(inside), dtype=np.int64), np.array(out, dtype=np.int64))

    def _owed_before(self, values: Floats) -> Floats:
        """Return what is owed at each arc's sink when a departure would arrive, before that week; (A, T)."""
        p, net, columns = self.model.problem, self.model.network, self.model.columns
        owed = values[columns.owed]
        at_sink = np.zeros((len(net.sink_market), p.weeks + 1))
        np.add.at(at_sink[:, 1:], net.series_sink, owed)
        before = np.zeros((len(net.arc_lane), p.weeks))
        for a, (sink, delay) in enumerate(zip(net.arc_sink, p.lane_weeks[net.arc_lane], strict=True)):
            if sink >= 0 and delay < p.weeks:
                before[a, : p.weeks - delay] = at_sink[sink, delay : p.weeks]
        return before

    def violated_loads(self, values: Floats) -> Rows | None:
        """Return the inequalities "nothing travels in a load that is not there" that a solution violates, or None.

        A unit on an arc needs its load's band, or a container, in that week, however small the load is.
        """
        model, columns, T = self.model, self.model.columns, self.model.problem.weeks
        loads = len(model.loads.lane)
        present = np.zeros((loads, T))
        np.add.at(present, columns.band_load, values[columns.band])
        np.add.at(present, columns.boxes_load, values[columns.boxes])
        arcs = np.flatnonzero(model.loads.of_arc >= 0)
        load, limit, ship = model.loads.of_arc[arcs], model.most_sent[arcs], values[columns.ship[arcs]]
        excess = ship - limit * present[load]
        rows, weeks = np.nonzero((excess > 1e-3 * np.maximum(limit, 1.0)) & (present[load] < 1 - 1e-4))
        if not len(rows):
            return None
        number = np.arange(len(rows))
        terms: list[Term] = [(number, columns.ship[arcs[rows], weeks], 1.0)]
        for indices, of_load in ((columns.band, columns.band_load), (columns.boxes, columns.boxes_load)):
            entry, row = np.nonzero(of_load[:, None] == load[rows][None, :])
            terms.append((row, indices[entry, weeks[row]], -limit[rows[row], weeks[row]]))
        return rows_from_terms(np.full(len(rows), -np.inf), 0.0, terms)

    def violated(self, values: Floats, *, limit: int = 4000) -> Rows | None:
        """Return the inequalities that a solution violates most, or None.

        Parameters
        ----------
        values : ndarray
            Values of the model's columns.
        limit : int
            Most rows returned.
        """
        net, columns, T = self.model.network, self.model.columns, self.model.problem.weeks
        lot, make = values[columns.lot], values[columns.make]
        ship, stock, before = values[columns.ship], values[columns.stock], self._owed_before(values)
        found: list[tuple[float, int, int, int, list[np.ndarray]]] = []
        for e, supplies in enumerate(self.lots):
            weeks = np.flatnonzero((lot[e] > 1e-4) & (lot[e] < 1 - 1e-4) & (make[supplies].sum(axis=0) > 1e-4))
            if not len(weeks):
                continue
            near = [self.commodities[net.supply_commodity[k]] for k in supplies]
            held = sum((stock[c.places].sum(axis=0) for c in near), np.zeros(T))
            arcs = np.concatenate([c.arcs for c in near])
            left, due, owed, bounded = ship[arcs], self.due[arcs], before[arcs], self.bounded[arcs]
            for t in weeks:
                end = min(t + REACH, T)
                by_due = np.where(bounded[:, t:end], due[:, t:end] * lot[e, t] + owed[:, t:end], np.inf)
                use_due = by_due < left[:, t:end]
                right = np.where(use_due, by_due, left[:, t:end]).sum(axis=0).cumsum() + held[t:end]
                best = int(right.argmin())
                excess = make[supplies, t].sum() - right[best]
                if excess > 1e-3 * max(1.0, right[best]):
                    found.append((excess, e, int(t), int(t) + best, [arcs, use_due[:, : best + 1]]))
        if not found:
            return None
        found.sort(key=lambda cut: -cut[0])
        return self._rows(found[:limit])

    def _rows(self, found: list[tuple[float, int, int, int, list[np.ndarray]]]) -> Rows:
        p, net, columns = self.model.problem, self.model.network, self.model.columns
        terms: list[Term] = []
        delays = p.lane_weeks[net.arc_lane]
        for row, (_, e, t, last, (arcs, use_due)) in enumerate(found):
            supplies = self.lots[e]
            terms.append((row, columns.make[supplies, t], 1.0))
            places = np.concatenate([self.commodities[net.supply_commodity[k]].places for k in supplies])
            terms.append((row, columns.stock[places, last], -1.0))
            weeks = np.arange(t, last + 1)
            terms.append((row, np.where(use_due, -1, columns.ship[arcs][:, t : last + 1]), -1.0))
            terms.append((row, columns.lot[e, t], -float(self.due[arcs][:, t : last + 1][use_due].sum())))
            # What is owed at a sink before the arrival, once for every arc that might serve it.
            for i, r in zip(*np.nonzero(use_due), strict=True):
                arrival = weeks[r] + delays[arcs[i]]
                if arrival > 0:
                    terms.append((row, columns.owed[self.series_of[net.arc_sink[arcs[i]]], arrival - 1], -1.0))
        return rows_from_terms(np.full(len(found), -np.inf), 0.0, terms)
