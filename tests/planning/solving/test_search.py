"""The search for large plans, forced upon small ones whose optimum is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jointplan.contracts import Stop, silent
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.proof import bound_by
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.cuts import SetupCuts
from jointplan.planning.solving.improving import PieceSearch
from jointplan.planning.translating import read_plan, values_of
from jointplan.solvers import LinearModel, SolveOptions, SolveReport, Status
from jointplan.solvers.highs import Relaxation, Solution, solve_model
from jointplan.texts import set_language
from tests.planning.cases import random_cluster
from tests.planning.purchases import with_materials

EXACT = SolveOptions(seconds=60, gap=1e-7)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("batch", [0.0, 12.0])
def test_the_optimum_lies_between_plan_and_bound(
    seed: int, together: bool, batch: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value of the plan found never exceeds the optimum, its bound is never below it, and the plan keeps every rule."""
    problem = random_cluster(seed, makers=2, sellers=2, products=3, weeks=4, barge=seed == 2, batch=batch)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    optimum = plan_coalition(problem, rights, EXACT).value
    monkeypatch.setattr(search, "SMALL", 0)
    found = plan_coalition(problem, rights, SolveOptions(seconds=5, gap=1e-4, rounds=20, seed=seed))
    assert found.violations() == []
    assert found.upper is not None
    close = 1e-6 * abs(optimum)
    assert found.value <= optimum + close
    assert found.upper >= optimum - close
    assert found.value >= optimum - 0.1 * abs(optimum)


@pytest.mark.parametrize("together", [False, True])
def test_a_small_model_that_the_solver_finds_nothing_for_is_searched_piece_by_piece(
    together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the solver ends with neither plan nor bound, the plan is that of the pieces, and prices prove how good it is."""
    problem = random_cluster(1, makers=2, sellers=2, products=3, weeks=4)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    optimum = plan_coalition(problem, rights, EXACT).value
    nothing = Solution(None, SolveReport(Status.UNKNOWN, None, None, 0.0, "HiGHS"))
    monkeypatch.setattr(search, "solve_model", lambda *given, **more: nothing)
    found = plan_coalition(problem, rights, SolveOptions(seconds=60, gap=1e-6, rounds=20))
    assert found.violations() == []
    assert found.upper is not None
    assert bound_by(found) == "prices"
    assert optimum - 0.1 * abs(optimum) <= found.value <= optimum + 1e-6 * abs(optimum)
    assert found.upper >= optimum - 1e-6 * abs(optimum)


def test_a_small_model_that_a_few_branches_do_not_settle_is_solved_from_the_plan_of_the_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The optimum is the same, and so is what is proven; the solver says that it began from pieces, and begins no worse than these."""
    problem = random_cluster(1, makers=2, sellers=2, products=3, weeks=4)
    rights = coalition_rights(problem, frozenset(MEASURES))
    optimum = plan_coalition(problem, rights, EXACT).value
    begun: list[float] = []

    def noted(model: LinearModel, options: SolveOptions, *, start: np.ndarray, **more: Any) -> Solution:
        begun.append(float(model.cost @ start) + model.offset)
        nothing = Solution(None, SolveReport(Status.UNKNOWN, None, None, 0.0, "HiGHS"))
        return nothing if len(begun) == 1 else solve_model(model, options, start=start, **more)

    monkeypatch.setattr(search, "solve_model", noted)
    found = plan_coalition(problem, rights, replace(EXACT, rounds=20))
    assert begun[1] < begun[0]
    assert found.value == pytest.approx(optimum, rel=1e-6)
    assert found.report.status == Status.OPTIMAL
    assert bound_by(found) == "whole"


@pytest.mark.parametrize("barge", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_no_cut_removes_the_optimum(seed: int, barge: bool) -> None:
    """Every inequality added to the relaxation holds in the optimal plan, and they raise the bound."""
    problem = random_cluster(seed, makers=2, sellers=2, products=3, weeks=5, barge=barge)
    rights = coalition_rights(problem, frozenset(MEASURES))
    best = plan_coalition(problem, rights, EXACT)
    model = build_model(problem, rights, build_network(problem, rights))
    values = values_of(model, best)
    relaxation, cuts = Relaxation(model.linear, EXACT), SetupCuts(model)
    bounds = []
    for _ in range(4):
        solved = relaxation.solve()
        solution = solved.values
        assert solution is not None
        bounds.append(solved.report.objective)
        for rows in (cuts.violated(solution), cuts.violated_loads(solution)):
            if rows is None:
                continue
            row = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
            activity = np.bincount(row, rows.coefficients * values[rows.columns], len(rows))
            assert (activity <= rows.upper + 1e-4 * (1 + np.abs(activity))).all()
            relaxation.add_rows(rows)
    assert bounds[-1] > bounds[0]
    assert bounds[-1] <= best.cost() + 1e-6 * abs(best.cost())


def test_the_same_seed_gives_the_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two searches with one seed that end by themselves find the same plan."""
    problem = random_cluster(1, makers=2, sellers=2, products=3, weeks=4)
    monkeypatch.setattr(search, "SMALL", 0)
    options = SolveOptions(seconds=60, gap=1e-4, rounds=20, seed=3)
    first, second = (plan_coalition(problem, separate_rights(problem), options) for _ in range(2))
    assert (first.make == second.make).all()
    assert (first.ship == second.ship).all()


def test_a_search_ahead_of_its_time_gives_the_same_plan_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices that are moved at nine tenths of the time they may take, or in none of it, are the same, and so is the plan."""
    problem = random_cluster(5, makers=2, sellers=2, products=3, weeks=4)
    monkeypatch.setattr(search, "SMALL", 0)
    options = SolveOptions(rounds=4, seconds=600, gap=1e-6, seed=7)
    plans = []
    for pace in (0.0, 0.9):
        model = build_model(problem, separate_rights(problem), build_network(problem, separate_rights(problem)))
        looked = [0]

        def elapsed(_: object, pace: float = pace, looked: list[int] = looked) -> float:
            looked[0] += 1
            return pace * search.SCOUT_SHARE * min((looked[0] - 1) / search.SCOUT_ROUNDS, 1.0)

        monkeypatch.setattr(search._Search, "elapsed", elapsed)
        plans.append(search.search_plan(model, options))
    assert np.array_equal(plans[0].make, plans[1].make)


@pytest.mark.parametrize(
    ("first", "begun"), [(0.3, [1.0, 2.0]), (0.49, [1.0, 2.0]), (0.6, [1.0])], ids=["quick", "half", "more than half"]
)
def test_a_search_begins_once_more_with_twice_the_rounds_where_time_is_left_for_as_much_again(
    first: float, begun: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second start cools half as fast; where the first took more than half of the time there is none."""
    problem = random_cluster(5, makers=2, sellers=2, products=3, weeks=4)
    monkeypatch.setattr(search, "SMALL", 0)
    clock, limits = [0.0], []
    monkeypatch.setattr(search._Search, "elapsed", lambda self: clock[0])
    monkeypatch.setattr(search._Search, "_is_close_to", lambda self, bound: False)
    rounds = PieceSearch.rounds

    def timed(pieces: PieceSearch, elapsed: Callable[[], float], limit: int, until: float) -> Iterator[float]:
        if limit not in limits:
            limits.append(limit)
        clock[0] = first if len(limits) == 1 else 1.0
        return rounds(pieces, lambda: 0.0, limit, until)

    monkeypatch.setattr(PieceSearch, "rounds", timed)
    plan_coalition(problem, separate_rights(problem), SolveOptions(rounds=4, gap=1e-6))
    assert [limit / (4 * search.FEWEST) for limit in limits] == begun


def test_what_the_solver_tolerates_but_a_plan_may_not_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quantities a hundredth too large would cost less: a plan of them breaks rules, and the plan that was searched is kept."""
    problem = random_cluster(5, makers=2, sellers=2, products=3, weeks=4)
    model = build_model(problem, separate_rights(problem), build_network(problem, separate_rights(problem)))
    pieces = PieceSearch(model, PriceBound(model), 0)
    pieces.begin()
    values = values_of(model, pieces.plan())
    ran = search._Search(model, SolveOptions(), None, None, silent, "")
    assert ran._cost(ran._polished(values)) <= ran._cost(values)

    class Loose(Relaxation):
        def solve(self) -> Solution:
            exact = super().solve()
            assert exact.values is not None
            return replace(exact, values=1.01 * exact.values)

    monkeypatch.setattr(search, "Relaxation", Loose)
    assert ran._polished(values) is values


@pytest.mark.parametrize(
    ("share", "begun", "times"), [(0.01, 0.0, 3), (0.1, 0.0, 2), (0.19, 0.0, 1), (0.01, 0.985, 1), (0.19, 0.8, 1)],
    ids=["quick", "slow", "very slow", "quick, but late", "very slow and late"],
)  # fmt: skip
def test_polishing_is_done_as_often_as_it_leaves_time_to_search(
    share: float, begun: float, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times where it takes a hundredth of the time, twice at a tenth, once at the end where it takes more, or where none is left to search before."""
    problem = random_cluster(5, makers=2, sellers=2, products=3, weeks=4)
    model = build_model(problem, separate_rights(problem), build_network(problem, separate_rights(problem)))
    monkeypatch.setattr(search._Search, "_polishing_share", lambda self, plan: share)
    monkeypatch.setattr(search, "STARTS", (1,))
    ran = search._Search(model, SolveOptions(rounds=4, seconds=600, gap=0.0), None, None, silent, "")
    clock = [0.0]
    monkeypatch.setattr(search._Search, "elapsed", lambda self: clock[0])
    polished: list[float] = []

    def polish(values: np.ndarray) -> np.ndarray:
        polished.append(clock[0])
        clock[0] += share
        return values

    monkeypatch.setattr(ran, "_polished", polish)
    rounds = PieceSearch.rounds

    def timed(pieces: PieceSearch, elapsed: Callable[[], float], limit: int, until: float) -> Iterator[float]:
        # Searching takes what time there is to the share at which it stops.
        while elapsed() < until:
            clock[0] += 0.001
        return rounds(pieces, elapsed, limit, until)

    monkeypatch.setattr(PieceSearch, "rounds", timed)
    begin = PieceSearch.begin

    def late(pieces: PieceSearch, elapsed: Callable[[], float]) -> None:
        begin(pieces, elapsed)
        clock[0] = begun

    monkeypatch.setattr(PieceSearch, "begin", late)
    ran._search_pieces()
    assert len(polished) == times
    assert clock[0] <= max(1.0, begun + share) + 0.01


def test_a_search_asked_for_its_end_while_it_prices_makes_one_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for the end is not kept waiting for other beginnings."""
    problem = random_cluster(5, makers=2, sellers=2, products=3, weeks=4)
    monkeypatch.setattr(search, "SMALL", 0)
    begun, begin = [], PieceSearch.begin

    def counted(pieces: PieceSearch, elapsed: Callable[[], float]) -> None:
        begun.append(elapsed())
        begin(pieces, elapsed)

    monkeypatch.setattr(PieceSearch, "begin", counted)
    stop = Stop()
    stop.asked = True
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(rounds=4, gap=1e-6, stop=stop))
    assert plan.violations() == []
    assert begun == [1.0]


@pytest.mark.parametrize("small", [0, 10**9])
def test_a_search_tells_what_it_has_and_may_be_ended(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress tells value, bound and gap in the user's language; asked for the end, an endless search gives the best plan it has."""
    monkeypatch.setattr(search, "SMALL", small)
    set_language("zh")  # also in the threads that a solver tells from
    problem = random_cluster(3, makers=3, sellers=3, products=6, weeks=6)
    separate = plan_coalition(problem, separate_rights(problem), replace(EXACT, seconds=2))
    stop, told = Stop(), []

    def progress(message: str, share: float | None = None) -> None:
        told.append(message)
        stop.asked = sum("差距" in line for line in told) >= 3

    options = SolveOptions(gap=0.0, rounds=10**9, stop=stop)
    rights = coalition_rights(problem, frozenset(MEASURES))
    plan = plan_coalition(problem, rights, options, separate=separate, progress=progress, name="joint")
    assert stop.asked
    assert any(line.startswith("joint：") and "已找到" in line and "上限" in line for line in told)
    assert not any("found" in line for line in told)
    assert plan.violations() == []
    assert plan.value >= separate.value - problem.hub_cost * problem.weeks - 1e-6
    assert plan.upper is None or plan.upper >= plan.value - 1e-6
    again = plan_coalition(problem, rights, options, separate=separate, start=plan)
    assert again.value >= plan.value - 1e-6  # asked before it begins, it gives what it is given
    assert (plan.report.searched, again.report.searched) == (True, False)


@pytest.mark.parametrize("seed", range(4))
def test_polishing_part_by_part_is_between_not_polishing_and_polishing_the_whole(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan polished part by part keeps every rule, costs no more than before, and no less than polished as a whole."""
    problem = random_cluster(seed, makers=3, sellers=2, products=5, weeks=5, barge=True)
    rights = coalition_rights(problem, frozenset(MEASURES))
    model = build_model(problem, rights, build_network(problem, rights))
    prices = PriceBound(model)
    prices.round(0.0)
    pieces = PieceSearch(model, prices, seed)
    pieces.begin()
    rough = values_of(model, pieces.plan())

    def polished(columns: int) -> float:
        monkeypatch.setattr(search, "POLISH_COLUMNS", columns)
        polishing = search._Search(model, EXACT, read_plan(model, rough), None, silent, "")
        plan = read_plan(model, polishing._polished(rough))
        assert plan.violations() == []
        return plan.cost()

    whole, parts, before = polished(10**9), polished(20), pieces.plan().cost()
    close = 1e-6 * abs(before)
    assert whole <= parts + close
    assert parts <= before + close
    if seed == 0:  # enough is left to be won that doing nothing would be seen
        assert parts < before - close


def test_no_order_of_materials_could_be_cheaper_as_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a plan that was searched for, no order can be left out, made larger or smaller, or come in another week at less cost."""

    def cheaper(plan: ClusterPlan) -> list[float]:
        """Return what other orders would save, as the plan itself counts it and where they break no rule."""
        p, buying, saved = plan.problem, plan.network.buying, []
        materials = p.materials
        for y, x in enumerate(buying.purchase_bin.tolist()):
            offer = buying.purchase_offer[y]
            sizes = {0.0, float(materials.offer_minimum[offer]), float(materials.offer_multiple[offer])}
            sizes |= set(materials.break_low[materials.break_offer == offer].tolist())
            for week in range(p.weeks):
                for size in sizes:
                    for other in (*np.argwhere((buying.purchase_bin == x)[:, None] & (plan.bought > 0)), None):
                        buy = plan.bought.copy()
                        more, buy[y, week] = size - buy[y, week], size
                        if other is not None:
                            buy[tuple(other)] = max(buy[tuple(other)] - more, 0.0)
                        changed = replace(plan, buy=buy)
                        saved.append(0.0 if changed.violations() else plan.cost() - changed.cost())
        return saved

    monkeypatch.setattr(search, "SMALL", 0)
    at_random = []
    for seed in range(3):
        problem = with_materials(random_cluster(seed, makers=2, sellers=2, products=3, weeks=4), seed, names=1)
        # The last break is above what is needed, by less than that: what is left over is worth what it costs there.
        few = replace(
            problem.materials, break_low=4 * problem.materials.break_low, break_high=4 * problem.materials.break_high
        )
        problem = replace(problem, materials=few)
        rights = coalition_rights(problem, frozenset(MEASURES))
        found = plan_coalition(problem, rights, SolveOptions(gap=1e-4, rounds=20, seed=seed))
        close = 2e-4 * abs(found.cost())
        assert max(cheaper(found)) <= close
        at_random.append(max(cheaper(replace(found, buy=None))))
    assert max(at_random) > close  # orders that look at needs alone can be bettered
