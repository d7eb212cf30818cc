"""Finding a good plan, and a bound that proves how good it is.

Prices on what goods share give a first bound, and show where good plans are to be looked for. Then two threads work side
by side. One looks for plans there, taking parts of a plan out and planning them again. The other goes on pricing: what it
reaches is a value that no plan with the same rights can exceed. Small models go to the solver as a whole. Where pieces say
nothing better than what there was, slopes are scaled and parts re-planned by the solver; beside outsiders parts always are.

The work is counted in rounds, not in seconds: seconds are only a limit, and a search that ends well before it gives the
same plan on every machine.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from jointplan.contracts import Progress, silent
from jointplan.planning.buying import find_tiers
from jointplan.planning.leftovers import find_leftovers
from jointplan.planning.model import Frozen, PlanModel, build_flows, build_model
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, Floats
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.cuts import SetupCuts
from jointplan.planning.solving.improving import PieceSearch, is_compiled
from jointplan.planning.solving.slopes import SlopeScaling
from jointplan.planning.translating import idle_plan, read_plan, values_of
from jointplan.solvers import SolveOptions, SolveReport, Status
from jointplan.solvers.highs import Relaxation, solve_model
from jointplan.texts import tr

SMALL = 500  # integers up to which the whole model goes to the solver at once
# What a small model's branches, or this share of the time, do not settle is searched piece by piece, for as long.
FEW_NODES, FEW_SHARE = 200, 0.2
SLOPE_ROUNDS = 24  # plans that slope scaling may give
IDLE_PARTS = 40  # parts re-planned in vain before the search ends
PART = 10  # commodities re-planned together
PART_NODES = 200
PART_SECONDS = 8.0  # that re-planning one part may take,
PART_SHARE = 0.02  # or this share of the time where that is more: with seconds enough its nodes are the limit
ORDER_SECONDS = 5.0  # for the orders of one material by one buyer
OWNER_NODES = 2000
CUT_ROUNDS = 15
PRICE_ROUNDS = 500
CLOSED = 0.05  # of the gap that moving settled prices again must close to be done once more
INTERIOR = 20_000  # columns from which quantities are made best by the interior point method
STARTS = (1, 2)  # times as many rounds as there are, by which one start after another is improved while there is time
FEWEST = 400  # orders for which even the smallest plans are searched
SCOUT_ROUNDS = 100  # rounds of prices before a plan is looked for: prices that have settled count, more rounds do not
SCOUT_SHARE = 0.15  # most of the time they may take
# Shares of the search after which quantities are made best by linear programming, by the most of the time that it takes each time.
POLISH_AT = {0.07: (0.55, 0.8, 1.0), 0.15: (0.55, 1.0), np.inf: (1.0,)}
POLISH_SHARE = 0.2  # most of the time that this may take each time
POLISH_COLUMNS = 60_000  # columns from which it is done part by part: twice as many take more than twice the time
POLISHED = 4_000  # columns a second that a slow machine is sure to do: parts are no larger than this lets them be done
ROUNDED = 1e-5  # units and hours by which a plan that was searched may miss a row
POLISH_RATE = 15_000  # columns that may move a second, by which time is kept for it
SPARE = 1.1  # times as long as the last polishing took is kept for the next
ORDER_SHARE = 0.05  # most of the time kept for the orders of materials at the end
ORDER_USUAL = 0.3  # seconds that the orders of one material by one buyer usually take
OWNERS_FROM = 0.5  # share of the time after which separate plans are bounded owner by owner


def search_plan(
    model: PlanModel,
    options: SolveOptions,
    *,
    start: ClusterPlan | None = None,
    frozen: Frozen | None = None,
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
    frozen : Frozen, optional
        What the model was told to keep.
    progress : Progress
        Told the value, the bound and the gap.
    name : str
        What the plan is called in progress messages.

    Returns
    -------
    ClusterPlan
        The best plan found; its report holds the bound (on cost) and the status.
    """
    return _Search(model, options, start, frozen, progress, name).run()


class _Search:
    def __init__(
        self,
        model: PlanModel,
        options: SolveOptions,
        start: ClusterPlan | None,
        frozen: Frozen | None,
        progress: Progress,
        name: str,
    ) -> None:
        self.model, self.options, self.frozen, self.progress, self.name = model, options, frozen, progress, name
        self.began = time.monotonic()
        self.rng = np.random.default_rng(options.seed)
        self.linear = model.linear
        self.started = start is not None
        self.best = values_of(model, idle_plan(model) if start is None else start)
        self.cost = self._cost(self.best)
        self.bound = -np.inf
        self.method = "HiGHS"

    def _cost(self, values: Floats) -> float:
        return float(self.linear.cost @ values) + self.linear.offset

    def elapsed(self) -> float:
        """Return the share of the time that has passed; 0 where there is no limit, 1 where the user asks for the end."""
        if self.options.stop.asked:
            return 1.0
        return 0.0 if self.options.seconds is None else 1.0 - self.left() / self.options.seconds

    def left(self) -> float:
        """Return the seconds left; none where the user asks for the end."""
        if self.options.stop.asked:
            return 0.0
        limit = self.options.seconds if self.options.seconds is not None else np.inf
        return limit - (time.monotonic() - self.began)

    def run(self) -> ClusterPlan:
        """Search, and return the best plan."""
        if self.linear.integer.sum() <= SMALL:
            self._solve_whole()
        else:
            self._search_large()
        plan = read_plan(self.model, self.best)
        if plan.problem.carry_over is not None:
            if self.frozen is None:
                plan = max(plan, replace(plan, keep=None), key=lambda found: found.value)
            self.method += "; setups kept over week's ends bounded apart" * ("prices" in self.method)
        cost = plan.cost()
        # A bound above the cost of a plan that keeps every rule would be no bound: then nothing is claimed.
        proven = np.isfinite(self.bound) and self.bound <= cost + 1e-6 * max(abs(cost), self.linear.unit)
        bound = min(self.bound, cost) if proven else None
        status = Status.OPTIMAL if proven and self._done() and not plan.violations() else Status.FEASIBLE
        report = SolveReport(status, cost, bound, time.monotonic() - self.began, self.method)
        return replace(plan, report=report)

    def _done(self) -> bool:
        return self.cost - self.bound <= self.options.gap * max(abs(self.cost), self.linear.unit)

    def _tell(self, cost: float | None = None, bound: float | None = None) -> None:
        cost = self.cost if cost is None else min(cost, self.cost)
        bound = self.bound if bound is None else max(bound, self.bound)
        share = None if self.options.seconds is None else min(1.0, self.elapsed())
        value = f"{-cost:,.0f}"
        if not np.isfinite(bound):
            self.progress(tr("{name}: {value} found", name=self.name, value=value), share)
            return
        self.progress(
            tr(
                "{name}: {value} found, at most {bound} possible, gap {gap}",
                name=self.name,
                value=value,
                bound=f"{-bound:,.0f}",
                gap=f"{(cost - bound) / max(abs(bound), self.linear.unit):.1%}",
            ),
            share,
        )

    def _offer(self, values: Floats) -> bool:
        """Keep values if they are better than what there is."""
        cost = self._cost(values)
        if cost < self.cost - 1e-7 * max(self.linear.unit, abs(self.cost)):
            self.best, self.cost = values, cost
            return True
        return False

    def _solve_whole(self) -> None:
        """Let the solver branch on the whole model; what a few branches do not settle, from a plan found piece by piece."""
        nodes, seconds = self.options.nodes or np.inf, self.options.seconds
        self._branch(int(min(nodes, FEW_NODES)), None if seconds is None else FEW_SHARE * seconds)
        if nodes > FEW_NODES and not self._done() and self.left() > 0:
            branched = self.bound
            self._find_start()
            priced = self.bound
            if not self._done() and self.left() > 0:
                self._branch(self.options.nodes, None if seconds is None else self.left())
            by_prices = self.bound == priced > branched
            self.method = "HiGHS, from a plan by ruin and recreate" + "; bound by prices" * by_prices
        self.best = self._ordered(self._polished(self.best))

    def _branch(self, nodes: int | None, seconds: float | None) -> None:
        """Let the solver branch on the whole model, from the best plan there is."""
        options = replace(self.options, nodes=nodes, seconds=seconds)
        solution = solve_model(self.linear, options, start=self.best, watch=self._tell)
        if solution.report.bound is not None:
            self.bound = max(self.bound, solution.report.bound)
        if solution.values is not None:
            self._offer(solution.values)

    def _find_start(self) -> None:
        """Look for a plan piece by piece for a while."""
        _, search = self._scouted()
        begun = self.elapsed()
        search.begin(self.elapsed)
        limit = self.options.rounds * max(len(search.graph.orders), FEWEST)
        for _ in search.rounds(lambda: (self.elapsed() - begun) / FEW_SHARE, limit):
            self._tell(search.cost if self.frozen is None else None)
        if self._offer_plan(self._with_held(search.plan())):
            self._offer(self._polished(self.best))

    def _search_large(self) -> None:
        begun = self.cost
        if self.started and self.options.stop.asked:
            return
        self._search_pieces()
        if self.frozen is None and self.cost == begun and not self._done():
            # What the pieces could not say, such as rest of batches in a full store, the solver may.
            tightening = _Tightening(self, None)
            tightening.start()
            try:
                self._scale_slopes()
                self._replan_parts()
                self._wait_for(tightening)
            finally:
                tightening.stop()

    def _search_pieces(self) -> None:
        """Price for a while, then look for a plan piece by piece while the pricing goes on beside."""
        known = self.cost
        self.method = (
            "ruin and recreate; bound by prices, and by owner where separate"
            if self.frozen is None
            else "ruin and recreate, parts re-planned by HiGHS; bound by prices, and by cuts"
        )
        prices, search = self._scouted()
        scouted = self.bound
        tightening = _Tightening(self, prices)
        tightening.start()
        try:
            for start, times in enumerate(STARTS):
                begun = self.elapsed()
                self._search_once(search, scouted, times, again=start > 0)
                # Other random choices and slower cooling may find a better plan, if there is time for as much again.
                if search.cold or self._is_close_to(scouted) or 2 * self.elapsed() - begun >= 1.0:
                    break
            self._offer(self._ordered(self.best))
            if self.frozen is not None and not self._is_close_to(scouted):
                # Members beside outsiders are few enough for parts to find more. Whether the bound has come close by now differs from
                # run to run; waiting for it would leave no time.
                if self.cost == known:
                    self._scale_slopes()
                self._replan_parts()
            self._wait_for(tightening)
        finally:
            tightening.stop()

    def _scouted(self) -> tuple[PriceBound, PieceSearch]:
        """Return prices that have been moved for a while, and a search that looks where they say."""
        if is_compiled():
            self.progress(tr("{name} being prepared", name=self.name))
        else:
            self.progress(
                tr(
                    "{name} being prepared: its search is compiled, a minute or two, once on a machine",
                    name=self.name,
                )
            )
        prepared = time.monotonic()
        prices = PriceBound(self._whole_model())
        prices.round(0.0)  # the first round compiles, and so does the search: the clock stands still until here
        search = PieceSearch(self.model, prices, self.options.seed, self.frozen)
        search.compile()
        self.began += time.monotonic() - prepared
        prices.workers = 2
        begun = self.elapsed()
        for bound in prices.rounds(lambda: (self.elapsed() - begun) / SCOUT_SHARE, SCOUT_ROUNDS):
            self.bound = max(self.bound, bound)
            if prices.number % 10 == 0:
                self._tell()
        prices.workers = 1
        search.set_prices(prices)
        return prices, search

    def _wait_for(self, tightening: _Tightening) -> None:
        """Let the bound be raised as far as it goes, while there is time."""
        tightening.alone = True
        while tightening.is_alive() and self.left() > 0:
            tightening.join(0.2)
            self._tell()

    def _whole_model(self) -> PlanModel:
        """Return the model with nothing held: what bounds it bounds the plans in which outsiders do what they did, too."""
        if self.frozen is None:
            return self.model
        return build_model(self.model.problem, self.model.rights, self.model.network)

    def _search_once(self, search: PieceSearch, scouted: float, times: int, *, again: bool) -> None:
        """Make a first plan, then look for better ones and make quantities best in turn."""
        limit = times * self.options.rounds * max(len(search.graph.orders), FEWEST)
        known = self.cost
        search.begin(self.elapsed)
        first = self._with_held(search.plan())
        self._offer_plan(first)
        if not again:
            search.take(read_plan(self.model, self.best))
            search.cold = self.started and self.cost == known
        mine = self.best if not again else None
        polishing, ordering = self._polishing_share(first), self._ordering_share()
        begun, kept = self.elapsed(), ordering

        def searched() -> float:
            """Return the share of the search's own time that has passed."""
            now = self.elapsed()
            left = 1.0 - now - kept
            return (now - begun) / (now - begun + left) if left > 0 else 1.0

        until = 0.0
        while until < 1.0:
            often = next(times for most, times in POLISH_AT.items() if polishing <= most)
            to_come = [at for at in often if at > until]
            kept = ordering + polishing * len(to_come)
            if searched() >= to_come[0]:
                # No time to search before the next of several: the last alone leaves more of it.
                to_come, kept = to_come[-1:], ordering + polishing
            until = to_come[0]
            for _ in search.rounds(searched, limit, until):
                # What outsiders pay is not in the pieces' cost.
                self._tell(search.cost if self.frozen is None else None)
            plan = self._with_held(search.plan())
            if not self._offer_plan(plan):
                break
            began = self.elapsed()
            values = self._polished(values_of(self.model, plan))
            self._offer(values)
            if mine is None or self._cost(values) < self._cost(mine):
                mine = values
            if until < 1.0:
                search.take(read_plan(self.model, mine))
            took = self.elapsed() - began
            begun, polishing = begun + took, SPARE * took
            self._tell()
            if self._is_close_to(scouted):
                break

    def _polishing_share(self, plan: ClusterPlan) -> float:
        """Return the share of the time that making quantities best is expected to take."""
        if self.options.seconds is None:
            return 0.0
        moving = ~self.linear.integer & self._worth_moving(values_of(self.model, plan))
        return min(POLISH_SHARE, float(moving.sum()) / POLISH_RATE / self.options.seconds)

    def _ordering_share(self) -> float:
        """Return the share of the time that the orders of materials are expected to take."""
        if self.options.seconds is None:
            return 0.0
        bins = len(self.model.network.buying.bin_material)
        return min(ORDER_SHARE, ORDER_USUAL * bins / self.options.seconds)

    def _is_close_to(self, bound: float) -> bool:
        """Return whether the plan is good enough by a bound: not by what the other thread has reached, which would differ from run to run."""
        return self.cost - bound <= self.options.gap * max(abs(self.cost), self.linear.unit)

    def _offer_plan(self, plan: ClusterPlan) -> bool:
        """Keep a plan if it is better than what there is; return whether it keeps every rule."""
        if plan.violations():
            return False
        self._offer(values_of(self.model, plan))
        return True

    def _with_held(self, plan: ClusterPlan) -> ClusterPlan:
        """Return a plan with the orders and the kept setups that outsiders are held to."""
        if self.frozen is None:
            return plan
        buy = np.where(np.isnan(self.frozen.buy), plan.bought, self.frozen.buy)
        return replace(plan, buy=buy, keep=self._kept_with_outsiders(self.frozen, plan))

    def _kept_with_outsiders(self, frozen: Frozen, plan: ClusterPlan) -> Bools:
        """Return the setups that a plan keeps, (X, T), those of outsiders alone in workshops where they keep any."""
        at = self.model.problem.use_resource[self.model.network.keeper_use]
        theirs = np.isin(at, at[(np.nan_to_num(frozen.keep) > 0).any(axis=1)])
        held = np.where(np.isnan(frozen.keep), plan.kept & ~theirs[:, None], frozen.keep > 0)
        return np.asarray(held)

    def _scale_slopes(self) -> None:
        """Look for plans by slope scaling."""
        model = self.model
        self.method = "slope scaling and parts re-planned by HiGHS; bound by prices and by cuts"
        flows = build_flows(model.problem, model.rights, model.network, self.frozen)
        half = None if self.options.seconds is None else 0.55 * self.options.seconds
        slopes = SlopeScaling(
            model.problem, model.rights, model.network, flows, model.ship_limit, replace(self.options, seconds=half)
        )
        for count, plan in enumerate(slopes.rounds(lambda: self.elapsed() < 0.55)):
            self._offer_plan(self._with_held(plan))
            self._tell()
            if count + 1 == SLOPE_ROUNDS:
                break

    def _replan_parts(self) -> None:
        """Re-plan small parts exactly, then make quantities and orders best."""
        self._improve()
        self.best = self._ordered(self._polished(self.best))

    def _parts(self) -> Iterator[Bools]:
        """Yield sets of commodities to re-plan together: of one maker and family, of one market, of any kind."""
        p, net = self.model.problem, self.model.network
        products = net.commodity_product
        groups = [
            np.flatnonzero((p.maker[products] == f) & (p.product_family[products] == g))
            for f, g in sorted({(int(p.maker[i]), int(p.product_family[i])) for i in products})
        ]
        groups += [np.unique(net.sink_commodity[net.sink_market == m]) for m in np.unique(net.sink_market)]
        groups += [np.flatnonzero(net.commodity_class == c) for c in np.unique(net.commodity_class)]
        while True:
            for index in self.rng.permutation(len(groups)):
                some = self.rng.permutation(groups[index])[:PART]
                yield np.isin(np.arange(len(products)), some)

    def columns_of(self, part: Bools) -> Bools:
        """Return the columns that may move when these commodities are re-planned."""
        net, columns = self.model.network, self.model.columns
        free = np.zeros(len(self.linear.cost), bool)
        supplies = part[net.supply_commodity]
        arcs = part[net.arc_commodity]
        series = part[net.sink_commodity[net.series_sink]]
        lots = np.unique(net.supply_lot[supplies])
        loads = np.unique(self.model.loads.of_arc[arcs])
        shelves = part[net.sink_commodity[columns.shelf_sink]]
        bins = np.zeros(len(net.buying.bin_material), bool)
        bins[net.buying.need_bin[supplies[net.buying.need_supply]]] = True
        purchases = bins[net.buying.purchase_bin]
        entries = net.series_entry[series]
        prices = purchases[find_tiers(self.model.problem.materials, net.buying).purchase]
        keepers = np.isin(net.keeper_lot, lots)
        bands, boxes = np.isin(columns.band_load, loads), np.isin(columns.boxes_load, loads)
        runs, sites = net.link_run[np.isin(net.link_lot, lots)], net.place_site[part[net.place_commodity]]
        unlocked = net.unlock_investment[np.isin(net.unlock_lot, lots)]
        leftovers = find_leftovers(self.model.problem, net)
        for block in (
            columns.make[supplies], columns.ship[arcs], columns.serve[series], columns.unmet[series],
            columns.owed[series], columns.stock[part[net.place_commodity]], columns.shelf[shelves],
            columns.lot[lots], columns.keep[keepers], columns.spare[keepers], columns.alone, columns.pure,
            columns.run[np.unique(runs)], columns.overtime, columns.band[bands], columns.declared[bands],
            columns.charge[bands], columns.boxes[boxes], columns.sent[boxes], columns.open[sites[sites >= 0]], columns.invest[np.unique(unlocked)],
            columns.buy[prices], columns.tier[prices], columns.count[purchases], columns.kept[bins], columns.credited[bins], columns.ample, columns.short, columns.enter[np.unique(entries[entries >= 0])],
            columns.surplus[leftovers.of_commodity[part]],
        ):  # fmt: skip
            free[block.ravel()] = True
        return free

    def _improve(self) -> None:
        """Re-plan small parts exactly while it helps, all goods as often as there are rounds.

        The bound that the other thread has reached by then does not end it: it differs from run to run.
        """
        idle, nodes = 0, min(PART_NODES, self.options.nodes or PART_NODES)
        most = int(np.ceil(self.options.rounds * len(self.model.network.commodity_product) / PART))
        for number, part in enumerate(islice(self._parts(), most)):
            if self.elapsed() > 0.95 or idle >= IDLE_PARTS:
                return
            free = self.columns_of(part)
            small, _ = self.linear.restricted(free, self.best)
            seconds = None
            if self.options.seconds is not None:
                usual = max(PART_SECONDS, PART_SHARE * self.options.seconds)
                seconds = max(min(usual, self.left()), 0.5)
            options = replace(self.options, seconds=seconds, gap=1e-3, nodes=nodes)
            solution = solve_model(small, options, start=self.best[free])
            idle += 1
            if solution.values is not None:
                values = self.best.copy()
                values[free] = solution.values
                if self._offer(values):
                    idle = 0
            if number % 5 == 0:
                self._tell()

    def _polished(self, values: Floats) -> Floats:
        """Return the best quantities for the integers found, exact where the search left rounding behind.

        Large plans are gone through part by part, as far as the time goes.
        """
        if self.options.stop.asked:
            return values
        whole = self.linear.integer
        fixed = values.copy()
        fixed[whole] = np.round(values[whole])
        seconds = None
        if self.options.seconds is not None:
            seconds = max(5.0, min(POLISH_SHARE * self.options.seconds, self.left()))
        ends = np.inf if seconds is None else time.monotonic() + seconds
        free = ~whole & self._worth_moving(fixed)
        loose, _ = self.linear.restricted(free, fixed)
        most = POLISH_COLUMNS if seconds is None else min(POLISH_COLUMNS, POLISHED * seconds)
        for part in self._polishable(free, most):
            left = ends - time.monotonic()
            if left <= 0:
                break
            small, _ = loose.restricted(part[free], fixed[free])
            small = small.admitting(fixed[part], ROUNDED)
            options = replace(self.options, seconds=None if seconds is None else left)
            solution = Relaxation(small, options, interior=int(part.sum()) > INTERIOR).solve()
            if solution.values is not None:
                fixed[part] = solution.values
        close = 1e-9 * max(abs(self.cost), self.linear.unit)
        return values if self._cost(fixed) > self._cost(values) + close else self._unless_broken(fixed, values)

    def _ordered(self, values: Floats) -> Floats:
        """Return these values with the best orders of materials for what they take, bin by bin."""
        buying, columns = self.model.network.buying, self.model.columns
        bins = buying.purchase_bin[find_tiers(self.model.problem.materials, buying).purchase]
        parts = [
            np.concatenate([block[block >= 0] for block in (
                columns.buy[bins == x], columns.tier[bins == x], columns.count[buying.purchase_bin == x], columns.kept[x],
                columns.credited[[x]], columns.ample, columns.short,
            )])
            for x in range(len(buying.bin_material))
        ]  # fmt: skip
        if not parts:
            return values
        all_orders = np.zeros(len(values), bool)
        all_orders[np.concatenate(parts)] = True
        orders, found = values[all_orders], values.copy()
        model, _ = self.linear.restricted(all_orders, values)
        ends = time.monotonic() + max(self.left(), ORDER_SHARE * (self.options.seconds or 0.0))
        for part in parts:
            if time.monotonic() > ends or self.options.stop.asked:
                break
            free = np.zeros(len(values), bool)
            free[part] = True
            free = free[all_orders]
            small, _ = model.restricted(free, orders)
            options = replace(self.options, seconds=ORDER_SECONDS, gap=1e-4, nodes=PART_NODES)
            solution = solve_model(small, options, start=orders[free])
            if solution.values is not None:
                orders[free] = solution.values
        found[all_orders] = orders
        return self._unless_broken(found, values) if self._cost(found) < self._cost(values) else values

    def _unless_broken(self, found: Floats, values: Floats) -> Floats:
        """Return what was found from these values, or these where what the solver tolerates breaks a rule of the plan that they keep."""
        broken = read_plan(self.model, found).violations() and not read_plan(self.model, values).violations()
        return values if broken else found

    def _polishable(self, free: Bools, most: float) -> Iterator[Bools]:
        """Yield the free columns, at once where they are no more than ``most``, else those of some of the goods after another."""
        parts = int(np.ceil(free.sum() / most))
        if parts <= 1:
            yield free
            return
        commodity = np.arange(len(self.model.network.commodity_product))
        for some in np.array_split(self.rng.permutation(commodity), parts):
            yield free & self.columns_of(np.isin(commodity, some))

    def _worth_moving(self, values: Floats) -> Bools:
        """Return the columns that can be other than zero with these integers: what is not made without a lot is held."""
        net, columns = self.model.network, self.model.columns
        moving = np.ones(len(values), bool)
        idle = values[columns.lot][net.supply_lot] < 0.5
        idle &= values[columns.make] == 0
        moving[columns.make[idle & (columns.make >= 0)]] = False
        for entries, of_load in ((columns.band, columns.band_load), (columns.boxes, columns.boxes_load)):
            present = np.zeros((len(self.model.loads.lane), self.model.problem.weeks))
            np.add.at(present, of_load, values[entries])
            loads = np.unique(of_load)
            arcs = np.flatnonzero(np.isin(self.model.loads.of_arc, loads))
            empty = present[self.model.loads.of_arc[arcs]] < 0.5
            held = columns.ship[arcs][empty]
            moving[held[held >= 0]] = False
        # Of many ways, only those near the ones taken: the rest brings a tenth of what these do, and takes twice the time.
        sent = np.pad(values[columns.ship] > 0, ((0, 0), (1, 1)))
        near = sent[:, :-2] | sent[:, 1:-1] | sent[:, 2:]
        far = columns.ship[~near]
        moving[far[far >= 0]] = False
        return moving


class _Tightening(threading.Thread):
    """Raises the search's bound in the background.

    By prices, which know nothing of what is held; then, where something is, or without prices, by cutting the relaxation of the whole model. Where owners share only hours, the
    prices of these take the model apart into one per owner, each small enough to be branched on: the sum of their bounds,
    less the prices times the hours there are, bounds the whole (Lagrangian relaxation).
    """

    def __init__(self, search: _Search, prices: PriceBound | None) -> None:
        super().__init__(daemon=True)
        self.search, self.prices = search, prices
        self.relaxation: Relaxation | None = None
        self.stopping = self.alone = False
        self.failure: Exception | None = None

    def run(self) -> None:
        """Raise the bound until told to stop; a failure is kept for whoever waits."""
        try:
            if self.prices is None:
                self._cut()
            else:
                self._price(self.prices)
                if self.search.frozen is not None and not self.stopping:
                    self._cut()
        except Exception as error:  # a thread cannot raise to its owner
            self.failure = error

    def _price(self, prices: PriceBound) -> None:
        """Go on pricing, then bound owner by owner."""
        search, owners = self.search, self._owners()
        # Owner by owner takes what is left of the time.
        share = OWNERS_FROM if owners else 1.0
        for bound in prices.rounds(lambda: search.elapsed() / share, PRICE_ROUNDS):
            search.bound = max(search.bound, bound)
            if self.stopping:
                return
        # Beside outsiders the cuts know more: their turn comes at once.
        while search.frozen is None and search.elapsed() < share and not search._done():
            gap = search.cost - search.bound
            for bound in prices.again(lambda: search.elapsed() / share, PRICE_ROUNDS):
                search.bound = max(search.bound, bound)
                if self.stopping:
                    return
            # As long as a plan is looked for there is nothing better to do; later it must pay.
            if self.alone and search.cost - search.bound > (1 - CLOSED) * gap:
                break
        if owners:
            self._bound_by_owner(owners, prices.best_hours)

    def _cut(self) -> None:
        """Solve the relaxation, add what it violates, and again."""
        search, cuts = self.search, SetupCuts(self.search.model)
        self.relaxation = Relaxation(search.linear, replace(search.options, seconds=None))
        for _ in range(CUT_ROUNDS):
            if self.stopping:  # before there was a relaxation to be stopped
                return
            solution = self.relaxation.solve()
            if self.stopping or solution.values is None or solution.report.objective is None:
                return
            search.bound = max(search.bound, solution.report.objective)
            found = [rows for rows in (cuts.violated(solution.values), cuts.violated_loads(solution.values)) if rows]
            if not found:
                break
            for rows in found:
                self.relaxation.add_rows(rows)

    def _owners(self) -> list[Bools]:
        """Return the commodities of each owner, where no lot and no load is shared; else nothing."""
        net = self.search.model.network
        shared = net.buying.bin_material, net.purses.holder, net.investment_entry
        if self.search.model.rights.cooperative or any(map(len, shared)):
            return []
        return [net.commodity_class == c for c in np.unique(net.commodity_class)]

    def _bound_by_owner(self, owners: list[Bools], prices: Floats) -> None:
        search, p = self.search, self.search.model.problem
        linear, columns, rows = search.linear, search.model.columns, search.model.capacity
        on_rows = np.zeros(len(linear.rows))
        on_rows[rows] = prices
        cost = linear.priced(on_rows)
        # Overtime is paid where an hour is worth more than it costs; each owner alone then has it free of charge.
        cost[columns.overtime] = 0.0
        worth = np.maximum(prices - p.overtime_cost[:, None], 0.0)
        total = linear.offset - float((prices * p.regular).sum() + (worth * p.overtime).sum())
        nothing = np.zeros(len(cost))
        priced = replace(linear, cost=cost, offset=0.0)
        for number, part in enumerate(owners):
            left = search.left() / (len(owners) - number)
            if self.stopping or left < 0.5:
                return
            alone, _ = priced.restricted(search.columns_of(part), nothing)
            seconds = left if np.isfinite(left) else None
            options = replace(search.options, seconds=seconds, nodes=OWNER_NODES, heuristics=False)
            report = solve_model(alone, options, stop=lambda: self.stopping).report
            if report.bound is None:
                return
            total += report.bound
        search.bound = max(search.bound, total)

    def stop(self) -> None:
        """Stop at once and wait for the thread's end; a failure there costs part of the proof, not the plan."""
        self.stopping = True
        if self.relaxation is not None:
            self.relaxation.stop()
        self.join()
        if self.failure is not None:
            text = f"the bound was not tightened to the end: {self.failure!r}"
            warnings.warn(text, RuntimeWarning, stacklevel=2)
