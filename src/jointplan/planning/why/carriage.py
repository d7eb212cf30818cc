"""What the ways of goods to their markets take in a plan's network: weeks, and freight with what is paid at borders."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Floats


@dataclass(frozen=True)
class Carriage:
    """What ways take in the network of a plan, whatever goes by them.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    """

    plan: ClusterPlan
    _leads: dict[int, Floats] = field(default_factory=dict, repr=False)
    _freights: dict[int, Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def rate(self) -> Floats:
        """Freight, handling and what the border takes of a unit on each arc; (A,).

        Whole loads count at their best rate, without what they pay at the border once; borders by the mean of the weeks planned. A refund
        above all that is paid counts as none, so that no way pays for going in circles.
        """
        p, net = self.plan.problem, self.plan.network
        product = net.commodity_product[net.arc_commodity]
        rate = p.unit_freight[net.arc_lane, product].copy()
        best = np.full(len(p.lane), np.inf)
        np.minimum.at(best, p.bands.lane, p.bands.rate)
        best = np.where(np.isfinite(best), best, 0.0)
        rate += best[net.arc_lane] * p.basis[net.arc_lane, product]
        for lane, box, kg, m3 in zip(
            p.containers.lane, p.containers.rate, p.containers.kg, p.containers.m3, strict=True
        ):
            arcs = net.arc_lane == lane
            rate[arcs] += box * np.maximum(p.weight[product[arcs]] / kg, p.volume[product[arcs]] / m3)
        rate += p.lane_handling[net.arc_lane] * p.volume[product] + p.border_on(net.arc_lane, product).mean(axis=1)
        return np.maximum(rate, 0.0)

    def lead(self, sink: int) -> Floats:
        """Return the least weeks from each place to a sink, (P,); infinite where no way leads there."""
        if sink not in self._leads:
            p, net = self.plan.problem, self.plan.network
            weeks = np.full(len(net.place_node), np.inf)
            arcs = np.flatnonzero(net.arc_commodity == net.sink_commodity[sink])
            lag = p.lane_weeks[net.arc_lane[arcs]].astype(float)
            changed = True
            while changed:
                behind = np.where(
                    net.arc_sink[arcs] == sink,
                    0.0,
                    np.where(net.arc_to[arcs] >= 0, weeks[np.maximum(net.arc_to[arcs], 0)], np.inf),
                )
                better = weeks.copy()
                np.minimum.at(better, net.arc_from[arcs], lag + behind)
                changed = bool((better < weeks).any())
                weeks = better
            self._leads[sink] = weeks
        return self._leads[sink]

    def freight(self, sink: int) -> Floats:
        """Return the least freight of a unit, borders with it, from each place to a sink in at most so many weeks; (P, T + 1).

        The last column is of ways of any length.
        """
        if sink not in self._freights:
            p, net = self.plan.problem, self.plan.network
            arcs = np.flatnonzero(net.arc_commodity == net.sink_commodity[sink])
            arcs = arcs[(net.arc_to[arcs] >= 0) | (net.arc_sink[arcs] == sink)]
            lag, to, ends = p.lane_weeks[net.arc_lane[arcs]], np.maximum(net.arc_to[arcs], 0), net.arc_to[arcs] < 0
            cost = np.full((len(net.place_node), p.weeks + 1), np.inf)
            for weeks in range(p.weeks + 1):
                left = np.where(weeks == p.weeks, p.weeks, weeks - lag)
                usable = left >= 0
                changed = True
                while changed:
                    onward = np.where(ends, 0.0, cost[to, np.maximum(left, 0)])
                    better = cost[:, weeks].copy()
                    np.minimum.at(better, net.arc_from[arcs][usable], (self.rate[arcs] + onward)[usable])
                    changed = bool((better < cost[:, weeks] - 1e-9).any())
                    cost[:, weeks] = np.minimum(cost[:, weeks], better)
            self._freights[sink] = cost
        return self._freights[sink]

    def weeks_by(self, arc: int) -> float:
        """Return the least weeks that goods take to their market by an arc, from where they are made or lay at first."""
        p, net = self.plan.problem, self.plan.network
        commodity = net.arc_commodity[arc]
        weeks = np.full(len(net.place_node), np.inf)
        weeks[net.supply_place[net.supply_commodity == commodity]] = 0.0
        weeks[net.place_opening.any(axis=1)] = 0.0
        legs = np.flatnonzero((net.arc_commodity == commodity) & (net.arc_to >= 0))
        lag = p.lane_weeks[net.arc_lane[legs]]
        for _ in range(len(legs)):
            before = weeks.copy()
            np.minimum.at(weeks, net.arc_to[legs], before[net.arc_from[legs]] + lag)
            if (weeks == before).all():
                break
        return float(weeks[net.arc_from[arc]] + p.lane_weeks[net.arc_lane[arc]])
