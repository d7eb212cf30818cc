"""Linear models as arrays: parts of them, and what rounding leaves of them."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.solvers import SolveOptions, Status
from jointplan.solvers.highs import Relaxation
from jointplan.solvers.linear import LinearModel, Rows


@pytest.mark.parametrize(("off", "feasible"), [(0.0, True), (1e-6, True), (1e-3, False)])
def test_what_is_kept_but_for_rounding_can_be_solved_with_the_rest_held(off: float, feasible: bool) -> None:
    """X + y = 10 with y held a hair off what x must be: where x may not move that far, only the hair makes it infeasible, and anything more stays so."""
    rows = Rows(np.full(1, 10.0), np.full(1, 10.0), np.array([0, 2]), np.array([0, 1]), np.ones(2))
    model = LinearModel(np.array([1.0, 0.0]), np.zeros(2), np.array([4.0, 10.0]), np.zeros(2, dtype=bool), rows, 0.0)
    values = np.array([4.0, 6.0 - off])
    part, _ = model.restricted(np.array([True, False]), values)
    options = SolveOptions(seconds=5, gap=1e-9)
    assert (Relaxation(part, options).solve().report.status is Status.OPTIMAL) == (off == 0.0)
    admitted = Relaxation(part.admitting(values[:1], 1e-5), options).solve()
    assert (admitted.report.status is Status.OPTIMAL) == feasible
    if feasible:
        assert admitted.values == pytest.approx([4.0], abs=1e-5)
