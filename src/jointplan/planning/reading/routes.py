"""Routes: firms that can make a product, alone or in turn, with what it takes of hours, money, materials and changeovers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from jointplan.engine import Tables
from jointplan.planning.buying import usual_prices
from jointplan.planning.problem import Division, Floats, Ints, Investments, Materials
from jointplan.planning.reading.abilities import Abilities, Decided, divided_jobs, whole_jobs
from jointplan.planning.reading.changeovers import Part, split_groups
from jointplan.planning.reading.index import Index
from jointplan.planning.reading.lanes import Moves
from jointplan.planning.reading.materials import Bills
from jointplan.planning.reading.money import WEEKS_PER_YEAR, Money
from jointplan.planning.reading.series import Series
from jointplan.planning.settings import PlanSettings


@dataclass(frozen=True)
class Routes:
    """Routes, the resources (firm, process) they use and the groups (firm, family) they change over; fields as in the problem.

    ``majors`` are the changeovers: group, resource and hours; ``use_share`` and ``major_share`` what part of the money of a
    route's or a group's setup is paid for each.
    """

    product: Ints
    firm: Ints
    group: Ints
    making: Floats
    material: Floats
    transfer: Floats
    batch: Floats
    setup_cost: Floats
    use_route: Ints
    use_resource: Ints
    use_hours: Floats
    use_setup: Floats
    use_share: Floats
    groups: list[tuple[int, int]]
    group_cost: Floats
    majors: list[tuple[int, int, float]]
    major_share: Floats
    resources: list[tuple[int, str]]
    resource_cost: Floats
    materials: Materials
    division: Division
    investments: Investments

    def making_costs(self) -> Floats:
        """Return what a good unit of each route costs to make, its materials at their least prices."""
        bought = self.materials.need_units * self.materials.least[self.materials.need_material]
        needs = np.bincount(self.materials.need_route, bought, len(self.product))
        return np.asarray(self.making + self.material + needs)

    def unit_costs(self, products: int) -> Floats:
        """Return what the cheapest making of each product costs; 0 where none is known."""
        cost = np.full(products, np.inf)
        np.minimum.at(cost, self.product, self.making_costs())
        return np.where(np.isfinite(cost), cost, 0.0)


def find_routes(
    tables: Tables,
    settings: PlanSettings,
    index: Index,
    series: Series,
    bills: Bills,
    moves: Moves,
    money: Money,
    start: date,
) -> Routes:
    """Find who can make what: firms with a capability for every process of the product's routing, or for some in turn."""
    abilities, decided = Abilities(tables, index, money, start, series.demand.shape[1]), Decided(tables)
    busy = abilities.busy(series.weekly_units(len(index.products)))
    routes = _Collected(settings, index, abilities, bills, moves, money)
    for i in range(len(index.products)):
        if index.maker[i] < 0:
            for seller in sorted(series.sellers.get(i, ())):
                routes.add_bought(i, seller)
            continue
        if not abilities.steps_of[i]:
            continue
        could = abilities.could(i)
        for firm in whole_jobs(i, could, abilities, decided, busy, settings.making):
            routes.add(i, [firm] * len(could), [found[firm] for found in could])
        for chain in divided_jobs(i, could, abilities, decided, moves, busy, settings.making):
            routes.add(i, list(chain), [found[firm] for found, firm in zip(could, chain, strict=True)])
    return routes.finish()


@dataclass(frozen=True)
class _Step:
    """A step of a route: its use and number, and per good unit what it costs and what moving on to the next firm costs, with weeks."""

    use: int
    number: int
    carried: float
    cost: float
    weeks: int


class _Collected:
    """Collects routes one by one."""

    def __init__(
        self, settings: PlanSettings, index: Index, abilities: Abilities, bills: Bills, moves: Moves, money: Money
    ) -> None:
        self.settings, self.index, self.abilities, self.moves, self.money = settings, index, abilities, moves, money
        self.bills = bills
        self.bought_in: dict[int, list[tuple[int, float]]] = {}
        self.usual: dict[int, float] = {}
        usual_price = usual_prices(bills.materials)
        for i, u, amount in bills.needs:
            self.bought_in.setdefault(i, []).append((u, amount))
            self.usual[i] = self.usual.get(i, 0.0) + amount * usual_price[u]
        self.routes: list[tuple[int, int, float, float, float, float, float]] = []
        self.uses: list[tuple[int, int, float, float, float]] = []
        self.needs: list[tuple[int, int, float]] = []
        self.resources: dict[tuple[int, str], int] = {}
        self.resource_cost: list[float] = []
        self.groups: dict[tuple[int, int], int] = {}
        self.majors: dict[tuple[int, int], tuple[float, float]] = {}
        self.parts: list[Part] = []
        self.stages: list[tuple[int, int, int, float, float, float, float]] = []

    def add_bought(self, product: int, seller: int) -> None:
        """Add a route on which a seller buys a product in."""
        transfer, value = (self.index.products[column].iloc[product] for column in ("transfer_price", "unit_value"))
        bought = value * self.settings.making.bought_share if np.isnan(transfer) else transfer
        self.routes.append((product, seller, 0.0, bought, 0.0, 0.0, 0.0))

    def add(self, product: int, chain: list[str], rows: list[Any]) -> None:
        """Add a route on which each step is done by a firm of the chain, by these rows of **capabilities**."""
        r, index, unlocking = len(self.routes), self.index, self.abilities.unlocking
        # Whole jobs at a shared workshop are done there for the present maker, as single steps are.
        divided = len(set(chain)) > 1 or chain[-1] in unlocking.workshops
        steps, making, good, lag = self._work_back(r, product, chain, rows, divided)
        material = self.bills.cost[product] / good
        self.needs.extend((r, u, amount / good) for u, amount in self.bought_in.get(product, ()))
        bought = self.usual.get(product, 0.0) / good
        if divided:
            making = self._divide(steps, rows, material + bought, making, lag)
        transfer = index.products["transfer_price"].iloc[product]
        price = (
            (making + material + bought) * (1 + self.settings.making.transfer_margin)
            if np.isnan(transfer)
            else transfer * self.money.rate(index.firms["currency"].iloc[index.maker[product]])
        )
        setup = sum(_minor_cost(row) for row in rows)
        batch = max(row.minimum_batch for row in rows)
        self.routes.append((product, index.firm_of[chain[-1]], making, material, price, batch, setup))

    def _work_back(
        self, r: int, product: int, chain: list[str], rows: list[Any], divided: bool
    ) -> tuple[list[_Step], float, float, int]:
        """Look at the steps from the last one back: a unit that comes out takes more of what is scrapped on the way.

        Returns the steps in their order, the cost of making, the share that comes out good, and the weeks from the first step.
        """
        good, making, lag, ahead = 1.0, 0.0, 0, ""
        used: dict[tuple[int, int], set[int]] = {}
        backwards: list[_Step] = []
        family = self.index.families.index(self.index.family(product))
        for place, (process, hours) in reversed(list(enumerate(self.abilities.steps_of[product]))):
            firm, row = chain[place], rows[place]
            f, carried, weeks = self.index.firm_of[firm], 0.0, 0
            if ahead and ahead != firm:
                carried, weeks = self.moves.between(f, self.index.firm_of[ahead], product)
                carried, lag = carried / good, lag + weeks
            group = self.groups.setdefault((f, family), len(self.groups))
            good *= row.good
            need = hours * row.hours_factor / good
            making += need * row.cost_per_hour
            m = self._resource(f, process, row)
            backwards.append(_Step(len(self.uses), place + 1, carried, need * row.cost_per_hour, weeks))
            self.uses.append((r, m, need, row.minor_setup_hours, _minor_cost(row)))
            self._change_over(group, m, firm, process, product, row)
            used.setdefault((group, lag), set()).add(m)
            self.abilities.unlocking.add(r, firm, process, row, lag)
            ahead = firm
        self.parts.extend(
            Part(r, group, weeks, frozenset(used_here), divided) for (group, weeks), used_here in used.items()
        )
        return backwards[::-1], making, good, lag

    def _resource(self, firm: int, process: str, row: Any) -> int:
        """Return the number of a workshop, which costs an hour what its dearest work does."""
        m = self.resources.setdefault((firm, process), len(self.resources))
        if m == len(self.resource_cost):
            self.resource_cost.append(float(row.cost_per_hour))
        self.resource_cost[m] = max(self.resource_cost[m], float(row.cost_per_hour))
        return m

    def _change_over(self, group: int, resource: int, firm: str, process: str, product: int, row: Any) -> None:
        """Note the hours and cost of changing a workshop over to a family, the most that any product's row says."""
        # A change of family is the family's: a row of one product does not speak for it, unless no other does.
        change = self.abilities.row(firm, process, product, whole=True) or row
        # Workers are paid while they change over.
        price = float(change.major_setup_cost + change.major_setup_hours * change.cost_per_hour)
        known = self.majors.get((group, resource), (0.0, 0.0))
        self.majors[group, resource] = max(known[0], float(change.major_setup_hours)), max(known[1], price)

    def _divide(self, steps: list[_Step], rows: list[Any], worth: float, making: float, lag: int) -> float:
        """Note the steps of a divided route, and return its cost of making with moves and waiting.

        What waits between two firms is worth its material, ``worth``, and the work done so far.
        """
        late = lag
        for step, row in zip(steps, rows, strict=True):
            worth += step.cost
            waiting = worth * self.settings.costs.holding_rate / WEEKS_PER_YEAR * step.weeks
            self.stages.append((step.use, step.number, late, step.cost, _minor_cost(row), step.carried, waiting))
            making += step.carried + waiting
            worth, late = worth + step.carried + waiting, late - step.weeks
        return making

    def finish(self) -> Routes:
        """Return what was collected as arrays."""
        split = split_groups(self.parts, self.groups, self.majors)
        route_group = np.full(len(self.routes), -1)
        also: list[tuple[int, int, int]] = []
        heavy = {group for (group, _), change in split.majors.items() if any(change)}
        for part in self.parts:
            # A change that costs nothing and takes no time is no decision.
            needed = split.groups_of(part)
            needed = [group for group in needed if group in heavy] or needed[:1]
            first, *others = ((part.route, group, part.lag) for group in needed)
            if part.divided:
                also += [first, *others]
            else:
                route_group[part.route] = first[1]
                also += others
        group_cost = np.zeros(len(split.groups))
        for (group, _), (_, price) in split.majors.items():
            group_cost[group] += price
        product, firm, making, bill, transfer, batch, setup = np.array(self.routes, dtype=float).reshape(-1, 7).T
        use_route, resource, hours, change, minor = np.array(self.uses, dtype=float).reshape(-1, 5).T
        majors = np.array([(g, cost) for (g, _), (_, cost) in split.majors.items()], dtype=float).reshape(-1, 2)
        route, material, units = np.array(self.needs, dtype=float).reshape(-1, 3).T
        return Routes(
            product.astype(np.int64), firm.astype(np.int64), route_group, making, bill, transfer, batch, setup,
            use_route.astype(np.int64), resource.astype(np.int64), hours, change, _share(minor, setup[use_route.astype(np.int64)]),
            split.groups, group_cost, [(g, m, h) for (g, m), (h, _) in split.majors.items()],
            _share(majors[:, 1], group_cost[majors[:, 0].astype(np.int64)]), list(self.resources),
            np.array(self.resource_cost, dtype=float),
            replace(
                self.bills.materials,
                need_route=route.astype(np.int64),
                need_material=material.astype(np.int64),
                need_units=units,
            ),
            _division(self.stages, also, self.settings.making.step_margin),
            self.abilities.unlocking.investments(self.index.firm_of),
        )  # fmt: skip


def _minor_cost(row: Any) -> float:
    """Return the money of a minor setup by a row of **capabilities**; workers are paid while they change over."""
    return float(row.minor_setup_cost + row.minor_setup_hours * row.cost_per_hour)


def _share(part: Floats, whole: Floats) -> Floats:
    """Return parts as shares of their wholes, 0 of nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _division(
    stages: list[tuple[int, int, int, float, float, float, float]], also: list[tuple[int, int, int]], margin: float
) -> Division:
    """Return the steps of divided routes and the further groups that routes need, as arrays."""
    columns = np.array(stages, dtype=float).reshape(-1, 7).T
    route, group, lag = np.array(also, dtype=np.int64).reshape(-1, 3).T
    use, step, before = columns[:3].astype(np.int64)
    making, setup, move, waiting = columns[3:]
    return Division(use, step, before, making, setup, move, waiting, route, group, lag, margin)
