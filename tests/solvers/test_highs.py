"""The door to HiGHS: what it says must agree with what SciPy, which has HiGHS too, says of the same arrays, and it must stay quiet."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from jointplan.solvers import LinearModel, ModelBuilder, SolveOptions, Status
from jointplan.solvers.highs import Relaxation, solve_model
from jointplan.solvers.linear import rows_from_terms


def random_model(seed: int) -> tuple[LinearModel, np.ndarray]:
    """Return a random covering problem with some whole columns, and its matrix."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 5, (6, 8)).astype(float)
    matrix[:, 0] += 1
    builder = ModelBuilder()
    whole = builder.columns((4,), upper=9, cost=rng.uniform(1, 5, 4), integer=True)
    free = builder.columns((4,), upper=9, cost=rng.uniform(1, 5, 4))
    columns = np.append(whole, free)
    row, column = np.indices(matrix.shape)
    builder.rows(rng.uniform(1, 9, 6), np.inf, [(row, columns[column], matrix)])
    return builder.build(), matrix


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
@example(852)
def test_the_optimum_is_that_of_scipy(seed: int) -> None:
    """The optimum and its bound equal what SciPy finds for the same arrays: they are handed over as they are."""
    model, matrix = random_model(seed)
    solution = solve_model(model, SolveOptions(seconds=10, gap=1e-9))
    other = milp(
        model.cost,
        constraints=LinearConstraint(np.pad(matrix, ((0, 0), (0, 1))), model.rows.lower, np.inf),
        integrality=model.integer.astype(int),
        bounds=(model.lower, model.upper),
        options={"mip_rel_gap": 0.0},  # by itself it ends a ten-thousandth from the optimum
    )
    assert solution.report.status is Status.OPTIMAL
    assert solution.report.objective == pytest.approx(other.fun, rel=1e-6)
    assert solution.report.bound == pytest.approx(other.fun, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_restricted_model_is_the_model_with_the_others_held(seed: int) -> None:
    """Holding columns in the bounds, or taking them out, gives the same optimum."""
    model, _ = random_model(seed)
    best = solve_model(model, SolveOptions(gap=1e-9)).values
    assert best is not None
    free = np.arange(len(model.cost)) % 2 == 0
    held = replace(model, lower=np.where(free, model.lower, best), upper=np.where(free, model.upper, best))
    one = solve_model(held, SolveOptions(gap=1e-9)).report.objective
    two = solve_model(model.restricted(free, best)[0], SolveOptions(gap=1e-9)).report.objective
    assert one == pytest.approx(two, rel=1e-6)


def test_infeasible_is_a_status() -> None:
    """A model without a solution is told by its status, not by an exception."""
    builder = ModelBuilder()
    x = builder.columns((1,), upper=1.0)
    builder.rows([2.0], np.inf, [([0], x, [1.0])])
    solution = solve_model(builder.build(), SolveOptions())
    assert solution.report.status is Status.INFEASIBLE
    assert solution.values is None


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the command line's figures."""
    model, _ = random_model(1)
    Relaxation(model, SolveOptions()).solve()
    solve_model(model, SolveOptions())
    assert capfd.readouterr().out == ""


def test_a_start_does_not_spoil_what_presolve_finds() -> None:
    """A model that presolve finishes off is answered with its own optimum, 5·3 + 5·3 + 3·3 = 39, not with the start."""
    builder = ModelBuilder()
    free = builder.columns((1,), upper=3.0, cost=-5.0)
    whole = builder.columns((3,), upper=3.0, cost=np.array([-5.0, -2.0, -3.0]), integer=True)
    columns = np.append(free, whole)
    builder.rows([-np.inf], 7.0, [(np.zeros(4, np.int64), columns, np.array([2.0, 0.0, 2.0, 0.0]))])
    model = builder.build()
    solution = solve_model(model, SolveOptions(), start=np.zeros(len(model.cost)))
    assert solution.values is not None
    assert solution.report.objective == pytest.approx(-39.0)
    assert float(model.cost @ solution.values) == pytest.approx(-39.0)


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1.0, 1e9, 1e12])
def test_money_of_any_size_is_solved_alike(size: float) -> None:
    """By hand: 4 units at 3 each beat boxes of 2 at 7, with 1 as offset cost 13, and one more 3; to pay 16 at least makes it 17, and so on."""
    builder = ModelBuilder()
    units = builder.columns((1,), upper=100.0)
    boxes = builder.columns((1,), upper=9.0, integer=True, cost=7.0 * size)
    paid = builder.columns((1,), cost=1.0, money=True)
    need = builder.rows([4.0], np.inf, [([0], units, 1.0), ([0], boxes, 2.0)])
    builder.rows([0.0], np.inf, [([0], paid, 1.0), ([0], units, -3.0 * size)])
    least = builder.rows([10.0 * size], np.inf, [([0], paid, 1.0), ([0], boxes, 5.0 * size)])
    model = builder.build(offset=size)
    heard: list[tuple[float | None, float | None]] = []
    found = solve_model(
        model, SolveOptions(gap=1e-9), start=np.zeros(len(model.cost)), watch=lambda *at: heard.append(at)
    )
    assert found.report.status is Status.OPTIMAL
    assert found.values is not None
    assert found.report.objective == pytest.approx(13.0 * size)
    assert found.report.bound == pytest.approx(13.0 * size)
    assert found.values[paid] == pytest.approx(12.0 * size)
    assert all(bound is None or bound <= 13.0 * size * (1 + 1e-9) for _, bound in heard)

    relaxed = Relaxation(model, SolveOptions())
    assert relaxed.solve().report.objective == pytest.approx(13.0 * size)
    assert relaxed.row_duals()[need] == pytest.approx(3.0 * size)
    relaxed.set_row_limits(least, np.array([16.0 * size]), np.array([np.inf]))
    solution = relaxed.solve()
    assert solution.report.objective == pytest.approx(17.0 * size)
    assert solution.values is not None
    assert solution.values[paid] == pytest.approx(16.0 * size)
    assert relaxed.row_duals()[least] == pytest.approx(1.0)
    relaxed.set_costs(boxes, np.array([4.0 * size]))
    assert relaxed.solve().report.objective == pytest.approx(size * (1.0 + 16.0 * 4.0 / 5.0))
    relaxed.set_bounds(paid, np.array([20.0 * size]), np.array([np.inf]))
    assert relaxed.solve().report.objective == pytest.approx(21.0 * size)
    relaxed.add_rows(rows_from_terms([30.0 * size], np.inf, [([0], paid, 1.0)]))
    assert relaxed.solve().report.objective == pytest.approx(31.0 * size)


@pytest.mark.parametrize(
    ("state", "bound"),
    [("kOptimal", 5.0), ("kTimeLimit", 5.0), ("kSolveError", None), ("kUnknown", None), ("kNotset", None)],
)
def test_a_bound_is_one_only_where_the_solver_did_not_fail(
    state: str, bound: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What HiGHS holds as a bound when it broke off with an error proves nothing: then there is none."""
    builder = ModelBuilder()
    builder.columns((1,), lower=5.0, upper=9.0, cost=1.0, integer=True)
    model = builder.build()
    monkeypatch.setattr(
        "jointplan.solvers.highs._QuietHighs.getModelStatus", lambda self: getattr(highspy.HighsModelStatus, state)
    )
    assert solve_model(model, SolveOptions()).report.bound == bound
