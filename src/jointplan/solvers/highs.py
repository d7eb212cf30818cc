"""Linear and mixed-integer models solved by HiGHS: the only module that imports it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from jointplan.solvers.linear import Floats, LinearModel, Rows
from jointplan.solvers.report import SolveOptions, SolveReport, Status

SOLVER = "HiGHS"


@dataclass(frozen=True)
class Solution:
    """Values of the columns, None where there are none, and what the solver says of them."""

    values: Floats | None
    report: SolveReport


class _QuietHighs(highspy.Highs):  # type: ignore[misc]  # highspy is untyped
    """HiGHS that prints nothing: its own constructor greets on standard output, where ``--json`` stands alone."""

    def __init__(self) -> None:
        highspy._core._Highs.__init__(self)
        self.setOptionValue("output_flag", False)
        kinds = highspy.cb.HighsCallbackType
        self.callbacks = [highspy.highs.HighsCallback(kinds(k), self) for k in range(int(kinds.kCallbackMax) + 1)]
        self.enableCallbacks()
        self.stopping = False
        for callback in (self.cbMipInterrupt, self.cbSimplexInterrupt, self.cbIpmInterrupt):
            callback.subscribe(self._stop_if_asked)

    def _stop_if_asked(self, event: Any) -> None:
        if self.stopping:
            event.interrupt()

    def run_interruptibly(self, stop: Callable[[], bool] | None = None) -> None:
        """Run in another thread, so that Ctrl-C and ``stop`` are heard here and end the solver's work."""
        # Not thread.join: interrupted, it takes the thread for ended in Python 3.11, and to leave while HiGHS runs aborts.
        ended = threading.Event()

        def run() -> None:
            try:
                self.run()
            finally:
                ended.set()

        # What is told on the way is told in the language of whoever asked.
        threading.Thread(target=copy_context().run, args=(run,), daemon=True).start()
        try:
            while not ended.wait(0.05):
                self.stopping = self.stopping or (stop is not None and stop())
        except BaseException:
            self.stopping = True
            ended.wait()
            raise


def _open(model: LinearModel, options: SolveOptions, *, relaxed: bool) -> Any:
    highs = _QuietHighs()
    settings: dict[str, Any] = {"threads": options.threads, "random_seed": options.seed, "mip_rel_gap": options.gap}
    if options.seconds is not None:
        settings["time_limit"] = float(options.seconds)
    if options.nodes is not None:
        settings["mip_max_nodes"] = options.nodes
    if not options.heuristics:
        settings["mip_heuristic_effort"] = 0.0
    for name, value in settings.items():
        highs.setOptionValue(name, value)
    rows = model.rows
    kinds = np.zeros(len(model.cost), np.int32) if relaxed else model.integer.astype(np.int32)
    highs.passModel(
        len(model.cost),
        len(rows),
        len(rows.columns),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        model.offset,
        model.cost,
        model.lower,
        model.upper,
        rows.lower,
        rows.upper,
        rows.starts[:-1].astype(np.int32),
        rows.columns.astype(np.int32),
        rows.coefficients,
        kinds,
    )
    return highs


def write_model(model: LinearModel, path: Path) -> None:
    """Write a model in the LP format, columns named c0, c1, … and rows r0, r1, … by number."""
    _open(model, SolveOptions(), relaxed=False).writeModel(str(path))


def _status(highs: Any, found: bool) -> Status:
    state, names = highs.getModelStatus(), highspy.HighsModelStatus
    if state == names.kOptimal:
        return Status.OPTIMAL
    if state in (names.kInfeasible,):
        return Status.INFEASIBLE
    if state in (names.kUnbounded, names.kUnboundedOrInfeasible):
        return Status.UNBOUNDED
    return Status.FEASIBLE if found else Status.UNKNOWN


# The ways to end after which what HiGHS tells as a bound is one; after an error it tells what it began with.
_BOUNDED = (
    "kOptimal",
    "kTimeLimit",
    "kIterationLimit",
    "kSolutionLimit",
    "kInterrupt",
    "kHighsInterrupt",
    "kMemoryLimit",
)


def _bound(highs: Any, whole: bool) -> float | None:
    """Return what HiGHS has proven the objective not to fall below, where it has."""
    info, state = highs.getInfo(), highs.getModelStatus().name
    if not whole:
        return float(info.objective_function_value) if state == "kOptimal" else None
    return float(info.mip_dual_bound) if state in _BOUNDED and np.isfinite(info.mip_dual_bound) else None


def solve_model(
    model: LinearModel,
    options: SolveOptions,
    *,
    start: Floats | None = None,
    watch: Callable[[float | None, float | None], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Solution:
    """Solve a mixed-integer model.

    Parameters
    ----------
    model : LinearModel
        The model.
    options : SolveOptions
        Limits; reaching one is no failure, the best solution so far is returned with its bound.
    start : ndarray, shape (n,), optional
        A feasible solution to start from.
    watch : callable, optional
        Told the incumbent's objective and the bound now and then; it may raise to interrupt.
    stop : callable, optional
        Asked now and then whether to stop.
    """
    began, unit = time.monotonic(), model.unit
    scaled = model.in_unit(unit)
    highs = _open(scaled, options, relaxed=False)
    if start is not None and model.integer.any():
        known = np.flatnonzero(model.integer)
        highs.setSolution(len(known), known.astype(np.int32), np.round(start[known]))
    failure: list[BaseException] = []
    if watch is not None:
        highs.cbMipInterrupt.subscribe(
            _watcher(watch, unit, failure)
        )  # where nothing is printed there is no event of logging
    highs.run_interruptibly(lambda: options.stop.asked or (stop is not None and stop()))
    if failure:
        raise failure[0]
    info = highs.getInfo()
    found = info.primal_solution_status == 2
    values = np.asarray(highs.getSolution().col_value) if found else None
    if start is not None and values is not None:
        counted = float(scaled.cost @ values) + scaled.offset
        if abs(counted - info.objective_function_value) > 1e-5 * max(1.0, abs(counted)):
            # Where presolve leaves nothing to solve, HiGHS 1.16 returns the start with an objective that is not its own.
            return solve_model(model, options, watch=watch, stop=stop)
    bound = _bound(highs, bool(model.integer.any()))
    report = SolveReport(
        _status(highs, found),
        info.objective_function_value * unit if found else None,
        None if bound is None else bound * unit,
        time.monotonic() - began,
        SOLVER,
        int(getattr(info, "mip_node_count", 0)),
    )
    return Solution(None if values is None else values * model.scales(unit), report)


def _watcher(
    watch: Callable[[float | None, float | None], None], unit: float, failure: list[BaseException]
) -> Callable[[Any], None]:
    def hear(event: Any) -> None:
        try:
            primal, dual = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
            found = np.isfinite(primal) and abs(primal) < 1e30
            watch(primal * unit if found else None, dual * unit if np.isfinite(dual) else None)
        except BaseException as error:  # an exception must not cross the solver's own stack
            failure.append(error)
            event.interrupt()

    return hear


class Relaxation:
    """The linear relaxation of a model, kept warm while rows are added and bounds move.

    Parameters
    ----------
    model : LinearModel
        The model whose integers are let go.
    options : SolveOptions
        Limits of each solve.
    interior : bool
        Whether to solve by the interior point method, which is quicker for large models that are solved once.
    """

    def __init__(self, model: LinearModel, options: SolveOptions, *, interior: bool = False) -> None:
        self._model, self._unit = model, model.unit
        self._scale, self._money_rows = model.scales(self._unit), model.money_rows(model.rows)
        self._highs = _open(model.in_unit(self._unit), options, relaxed=True)
        self._stop = options.stop
        if interior:
            self._highs.setOptionValue("solver", "ipm")

    def add_rows(self, rows: Rows) -> None:
        """Add rows below those there are."""
        self._money_rows = np.append(self._money_rows, self._model.money_rows(rows))
        rows = self._model.rows_in(self._unit, rows)
        self._highs.addRows(
            len(rows),
            rows.lower,
            rows.upper,
            len(rows.columns),
            rows.starts[:-1].astype(np.int32),
            rows.columns.astype(np.int32),
            rows.coefficients,
        )

    def set_bounds(self, columns: np.ndarray, lower: Floats, upper: Floats) -> None:
        """Move the bounds of some columns."""
        scale = self._scale[columns]
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), lower / scale, upper / scale)

    def set_costs(self, columns: np.ndarray, costs: Floats) -> None:
        """Change the objective of some columns."""
        self._highs.changeColsCost(len(columns), columns.astype(np.int32), costs * (self._scale[columns] / self._unit))

    def set_row_limits(self, rows: np.ndarray, lower: Floats, upper: Floats) -> None:
        """Move the limits of some rows."""
        scale = np.where(self._money_rows[rows], self._unit, 1.0)
        self._highs.changeRowsBounds(len(rows), rows.astype(np.int32), lower / scale, upper / scale)

    def stop(self) -> None:
        """Make the solve under way in another thread, and every later one, end at once."""
        self._highs.stopping = True

    def row_duals(self) -> Floats:
        """Return the price of each row in the last solution: what one more unit of its limit adds to the objective."""
        return np.asarray(self._highs.getSolution().row_dual) * np.where(self._money_rows, 1.0, self._unit)

    def solve(self) -> Solution:
        """Solve it as it stands."""
        began = time.monotonic()
        self._highs.run_interruptibly(lambda: self._stop.asked)
        info = self._highs.getInfo()
        status = _status(self._highs, info.primal_solution_status == 2)
        solved = status is Status.OPTIMAL
        values = np.asarray(self._highs.getSolution().col_value) * self._scale if solved else None
        objective = float(info.objective_function_value) * self._unit if solved else None
        return Solution(values, SolveReport(status, objective, objective, time.monotonic() - began, SOLVER))
