"""Finding a good plan, and a bound that proves how good it is.

The linear relaxation, tightened by cuts, gives the bound and guides a dive to a first plan; small parts of the plan are
then re-planned exactly, one after the other, while time is left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from jointplan.contracts import Progress, silent
from jointplan.planning.cuts import SetupCuts
from jointplan.planning.model import PlanModel, idle_plan, read_plan, values_of
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.solvers import SolveOptions, SolveReport, Status
from jointplan.solvers.highs import Relaxation, solve_model

INTEGRAL = 1e-6
CUT_ROUNDS = 12
SMALL = 400  # integers up to which the whole model goes to the solver at once


def search_plan(
    model: PlanModel,
    options: SolveOptions,
    *,
    start: ClusterPlan | None = None,
    progress: Progress = silent,
    name: str = "",
) -> ClusterPlan:
    """Find a plan.

    Parameters
    ----------
    model : PlanModel
        What is planned.
    options : SolveOptions
        Limits; the search ends at the first one reached and keeps the best plan.
    start : ClusterPlan, optional
        A plan of the same model that is better than nothing.
    progress : Progress
        Told the value, the bound and the gap.
    name : str
        What the plan is called in progress messages.

    Returns
    -------
    ClusterPlan
        The best plan found; its report holds the bound (on cost) and the status.
    """
    return _Search(model, options, start, progress, name).run()


class _Search:
    def __init__(
        self, model: PlanModel, options: SolveOptions, start: ClusterPlan | None, progress: Progress, name: str
    ) -> None:
        self.model, self.options, self.progress, self.name = model, options, progress, name
        self.began = time.monotonic()
        self.rng = np.random.default_rng(options.seed)
        self.linear = model.linear
        self.best: Floats | None = None
        self.cost = np.inf
        self.bound = -np.inf
        self._offer(values_of(model, idle_plan(model) if start is None else start))

    def left(self) -> float:
        """Return the seconds left."""
        limit = self.options.seconds if self.options.seconds is not None else np.inf
        return limit - (time.monotonic() - self.began)

    def run(self) -> ClusterPlan:
        if self.linear.integer.sum() <= SMALL:
            self._solve_whole(self.left())
        else:
            fractional = self._tighten()
            self._dive(fractional)
            self._improve()
            if self.left() > 0.1 * (self.options.seconds or 0) and not self._done():
                self._solve_whole(self.left())
        assert self.best is not None
        plan = read_plan(self.model, self._polished(self.best))
        status = Status.OPTIMAL if self._done() else Status.FEASIBLE
        report = SolveReport(
            status,
            plan.cost(),
            min(self.bound, plan.cost()),
            time.monotonic() - self.began,
            "HiGHS: cuts, dive, re-planning",
        )
        return replace(plan, report=report)

    def _done(self) -> bool:
        return self.cost - self.bound <= self.options.gap * max(abs(self.cost), 1.0)

    def _tell(self) -> None:
        gap = (self.cost - self.bound) / max(abs(self.bound), 1.0)
        share = None if self.options.seconds is None else min(1.0, 1 - self.left() / self.options.seconds)
        self.progress(f"{self.name} {-self.cost:,.0f} ≤ {-self.bound:,.0f} ({gap:.2%})", share)

    def _offer(self, values: Floats | None) -> bool:
        """Keep values if they are feasible and better than what there is."""
        if values is None:
            return False
        cost = float(self.model.linear.cost @ values) + self.model.linear.offset
        if cost < self.cost - 1e-6 * max(1.0, abs(self.cost) if np.isfinite(self.cost) else 1.0):
            self.best, self.cost = values, cost
            return True
        return False

    def _solve_whole(self, seconds: float) -> None:
        """Let the solver branch on the whole model."""
        nodes = self.options.nodes
        options = replace(self.options, seconds=max(seconds, 1.0), nodes=nodes)

        def watch(cost: float | None, bound: float | None) -> None:
            if bound is not None:
                self.bound = max(self.bound, bound)
            if cost is not None:
                self.cost = min(self.cost, cost)
            self._tell()

        known = self.cost
        solution = solve_model(self.linear, options, start=self.best, watch=watch)
        self.cost = known
        if solution.report.bound is not None:
            self.bound = max(self.bound, solution.report.bound)
        self._offer(solution.values)

    def _tighten(self) -> Floats:
        """Add violated inequalities to the relaxation while they help; return its solution."""
        self.relaxation = Relaxation(self.linear, replace(self.options, seconds=None))
        cuts = SetupCuts(self.model)
        solution = self.relaxation.solve()
        assert solution.values is not None  # everything may stay unmet, so the relaxation always has a solution
        self.bound = max(self.bound, solution.report.objective or -np.inf)
        values = solution.values
        stale = 0
        for _ in range(CUT_ROUNDS):
            found = [rows for rows in (cuts.violated(values), cuts.violated_loads(values)) if rows is not None]
            if not found or stale >= 2 or self.left() < 0.6 * (self.options.seconds or np.inf):
                break
            for rows in found:
                self.relaxation.add_rows(rows)
                self.linear = self.linear.with_rows(rows)
            solution = self.relaxation.solve()
            if solution.values is None or solution.report.objective is None:
                break
            values = solution.values
            gained = solution.report.objective - self.bound
            stale = stale + 1 if gained < 2e-5 * abs(self.bound) else 0
            self.bound = max(self.bound, solution.report.objective)
            self._tell()
        return values

    def _dive(self, values: Floats) -> None:
        """Round the relaxation a few setups at a time, solving it again in between."""
        linear = self.linear
        whole = np.flatnonzero(linear.integer)
        lower, upper = linear.lower.copy(), linear.upper.copy()
        share = 0.15
        while True:
            x = values[whole]
            fraction = np.where(lower[whole] == upper[whole], 0.0, x - np.floor(x + INTEGRAL))
            open_ = np.flatnonzero(fraction > INTEGRAL)
            if not len(open_):
                break
            late = self.left() < 0.5 * (self.options.seconds or np.inf)
            count = len(open_) if late else max(int(share * len(open_)), 20)
            chosen = open_[np.argsort(-fraction[open_], kind="stable")[:count]]
            up = fraction[chosen] > (0.35 if late else 0.0)
            columns = whole[chosen]
            lower[columns] = np.where(up, np.ceil(x[chosen] - INTEGRAL), lower[columns])
            upper[columns] = np.where(up, upper[columns], np.floor(x[chosen] + INTEGRAL))
            self.relaxation.set_bounds(columns, lower[columns], upper[columns])
            solution = self.relaxation.solve()
            if solution.values is None:
                # Setups no longer fit into the hours: give up the ones just fixed.
                lower[columns], upper[columns] = 0.0, np.floor(x[chosen] + INTEGRAL)
                self.relaxation.set_bounds(columns, lower[columns], upper[columns])
                solution = self.relaxation.solve()
                if solution.values is None:
                    return
            values = solution.values
            # Setups that the new solution does not use are not wanted.
            share = min(1.0, share * 1.1)
        rounded = values.copy()
        rounded[whole] = np.round(values[whole])
        self._offer(rounded)
        self._tell()

    def _parts(self) -> Iterator[Bools]:
        """Yield sets of commodities to re-plan together: those of one maker and family, of one market, of one maker."""
        p, net = self.model.problem, self.model.network
        maker = p.maker[net.commodity_product]
        family = p.product_family[net.commodity_product]
        markets: list[Ints] = [np.unique(net.sink_commodity[net.sink_market == m]) for m in np.unique(net.sink_market)]
        products = net.commodity_product
        while True:
            parts: list[Bools] = []
            for f, g in sorted({(int(a), int(b)) for a, b in zip(maker, family, strict=True)}):
                parts.append((maker == f) & (family == g))
            parts += [products == i for i in np.unique(products)] if len(np.unique(products)) < 60 else []
            for commodities in markets:
                some = self.rng.permutation(commodities)[:12]
                parts.append(np.isin(np.arange(len(products)), some))
            for index in self.rng.permutation(len(parts)):
                commodities = np.flatnonzero(parts[index])
                if len(commodities) > 12:
                    commodities = self.rng.choice(commodities, 12, replace=False)
                yield np.isin(np.arange(len(products)), commodities)

    def _columns_of(self, part: Bools) -> Bools:
        """Return the columns that may move when these commodities are re-planned."""
        net, columns = self.model.network, self.model.columns
        free = np.zeros(len(self.linear.cost), bool)
        supplies = part[net.supply_commodity]
        arcs = part[net.arc_commodity]
        series = part[net.sink_commodity[net.series_sink]]
        lots = np.unique(net.supply_lot[supplies])
        loads = np.unique(self.model.loads.of_arc[arcs])
        for block in (
            columns.make[supplies], columns.ship[arcs], columns.serve[series], columns.unmet[series],
            columns.owed[series], columns.stock[part[net.place_commodity]], columns.lot[lots],
            columns.run[np.unique(net.lot_run[lots][net.lot_run[lots] >= 0])], columns.overtime,
            columns.band[np.isin(columns.band_load, loads)], columns.declared[np.isin(columns.band_load, loads)],
            columns.charge[np.isin(columns.band_load, loads)], columns.boxes[np.isin(columns.boxes_load, loads)],
        ):  # fmt: skip
            free[block.ravel()] = True
        return free

    def _improve(self) -> None:
        """Re-plan small parts exactly while time is left and it helps."""
        assert self.best is not None
        idle, rounds = 0, 0
        budget = 0.02 * self.options.seconds if self.options.seconds is not None else 2.0
        for part in self._parts():
            if self.left() < 0.02 * (self.options.seconds or np.inf) or self._done() or idle > 60:
                return
            free = self._columns_of(part)
            small = self.linear.restricted(free, self.best)
            options = replace(self.options, seconds=float(np.clip(budget, 0.5, 5.0)), gap=1e-4)
            solution = solve_model(small, options, start=self.best[free])
            rounds += 1
            idle += 1
            if solution.values is not None:
                values = self.best.copy()
                values[free] = solution.values
                if self._offer(values):
                    idle = 0
            if rounds % 10 == 0:
                self._tell()

    def _polished(self, values: Floats) -> Floats:
        """Return the best quantities for the integers found, exact where the search left rounding behind."""
        whole = self.model.linear.integer
        lower, upper = self.model.linear.lower.copy(), self.model.linear.upper.copy()
        lower[whole] = upper[whole] = np.round(values[whole])
        fixed = self.model.linear.with_bounds(lower, upper)
        solution = Relaxation(fixed, replace(self.options, seconds=None)).solve()
        return values if solution.values is None else solution.values
