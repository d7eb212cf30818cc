"""What making costs by a plan: its materials at what the plan pays for them, and the setups of lots that are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointplan.planning.buying import SMALL, material_costs, orders_alone, paid_prices
from jointplan.planning.plan import TINY, ClusterPlan
from jointplan.planning.problem import Floats, Ints
from jointplan.planning.weekly import shift, sum_by
from jointplan.planning.why.hours import Hours


@dataclass(frozen=True)
class Making:
    """What making costs by a plan.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    hours : Hours
        What hours are worth.
    """

    plan: ClusterPlan
    hours: Hours

    @cached_property
    def opening_cost(self) -> Floats:
        """What it takes to open each lot that is not there, its hours at their price; (E, T)."""
        p, plan, net, worth = self.plan.problem, self.plan, self.plan.network, self.hours.worth
        minor = p.setup_cost + sum_by(p.use_route, self.hours.worth_of_use * p.use_setup[:, None], len(p.route_product))
        total = np.where(plan.lots, 0.0, minor[net.lot_route])
        major = p.group_cost[:, None] + sum_by(
            p.major_group, worth[p.major_resource] * p.major_hours[:, None], len(p.group_firm)
        )
        # What is not learned or opened would have to be.
        unpaid = np.where(plan.invested.any(axis=1), 0.0, p.investments.cost[net.investment_entry])
        total += np.bincount(net.unlock_lot, unpaid[net.unlock_investment], len(total))[:, None]
        missing = np.where(plan.runs, 0.0, major[net.run_group])
        return np.asarray(total + sum_by(net.link_lot, shift(missing[net.link_run], net.link_lag), len(total)))

    @cached_property
    def materials_paid(self) -> Floats:
        """What materials of a unit on each supply cost in each week beyond their least prices; none where nothing has come; (K, T)."""
        buying, net = self.plan.network.buying, self.plan.network
        least = self.plan.problem.materials.least[buying.bin_material][:, None]
        more = np.where(np.isfinite(self._prices_paid), self._prices_paid - least, 0.0)
        return material_costs(buying, more, len(net.supply_route))

    def cost(self, supply: int, units: float) -> Floats:
        """Return what a unit made on a supply costs to make by the week it comes out, (T,), its materials at what the plan pays.

        So many units may also be made of an order of their own, where that is cheaper or the plan has ordered none till then.
        """
        bare = np.full(self.plan.problem.weeks, self.plan.problem.route_cost[self.plan.network.supply_route[supply]])
        return sum((more for _, more in self._dearer(supply, units)), bare)

    def dearest_material(self, supply: int, units: float, week: int) -> str:
        """Return the material that costs most beyond its least price where so many units come out on a supply in a week."""
        number, _ = max(self._dearer(supply, units), key=lambda found: float(found[1][week]))
        return self.plan.problem.materials.name[number]

    def _dearer(self, supply: int, units: float) -> Iterator[tuple[int, Floats]]:
        """Yield each material of a unit made on a supply, and what it costs beyond its least price by the week it comes out, (T,)."""
        p, buying = self.plan.problem, self.plan.network.buying
        for n in self._needs.get(supply, ()):
            number, lag = int(buying.need_bin[n]), int(buying.need_lag[n])
            each, material = float(buying.need_units[n]), int(buying.bin_material[number])
            price = np.minimum(self._prices_paid[number], self._order_alone(number, units * each))
            dearer = np.where(np.isfinite(price), price - p.materials.least[material], 0.0)
            yield material, shift(each * dearer[None, :], np.array([lag]))[0]

    def later_cost(self, supplies: Ints, week: int) -> tuple[float, float]:
        """Return the least cost of making a unit that the plan makes after a week, and how much of it its maker tells; infinite where it makes none."""
        bare = self.plan.problem.route_cost[self.plan.network.supply_route[supplies]]
        cost = np.where(self.plan.make[supplies] > TINY, bare[:, None] + self.materials_paid[supplies], np.inf)
        least = cost[:, week + 1 :].min(axis=1, initial=np.inf)
        return float(least.min()), float(bare[least.argmin()])

    @cached_property
    def _prices_paid(self) -> Floats:
        """What a material unit of each bin costs in each week by the orders of the plan, infinite where none has come; (X, T).

        One more costs what suppliers ask, where a bin is filled from what a firm has on hand and from them.
        """
        plan, buying, p = self.plan, self.plan.network.buying, self.plan.problem
        sold = (p.materials.offer_firm < 0)[buying.purchase_offer]
        supplied = sum_by(buying.purchase_bin[sold], plan.bought[sold], len(buying.bin_material)).sum(axis=1) > SMALL
        counted = sold | ~supplied[buying.purchase_bin]
        never = np.full((len(buying.bin_material), p.weeks), np.inf)
        return paid_prices(p, buying, np.where(counted[:, None], plan.bought, 0.0), never)

    @cached_property
    def _order_alone(self) -> Callable[[int, float], Floats]:
        """What materials cost in an order of their own."""
        return orders_alone(self.plan.problem, self.plan.network.buying)

    @cached_property
    def _needs(self) -> dict[int, list[int]]:
        """The materials that each supply takes, by their numbers among the needs."""
        found: dict[int, list[int]] = {}
        for n, supply in enumerate(self.plan.network.buying.need_supply.tolist()):
            found.setdefault(supply, []).append(n)
        return found
