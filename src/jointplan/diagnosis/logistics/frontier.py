r"""The best attainable price or time for a weight and distance: a low quantile of what is paid.

The frontier :math:`\ln y = X\beta` is the regression quantile at :math:`\tau`: it minimises :math:`\sum \tau u + (1-\tau) v` with
:math:`X\beta + u - v = \ln y`, a linear programme; the share :math:`\tau` of the observations lies below it.

References
----------
Koenker and Bassett (1978), *Econometrica* 46; Aragon, Daouia and Thomas-Agnan (2005), *Econometric Theory* 21 (quantile frontiers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.solvers import ModelBuilder, SolveOptions, Status

Floats = npt.NDArray[np.float64]

LEAST = 10
"""Observations a frontier needs, and for each variable as many again as five."""


@dataclass(frozen=True)
class Frontier:
    """A frontier in logarithms.

    Parameters
    ----------
    coefficients : array
        One a column of the variables.
    """

    coefficients: Floats

    def at(self, variables: Floats) -> Floats:
        """Return the best attainable value for rows of variables."""
        return np.asarray(np.exp(variables @ self.coefficients))


def fit_frontier(values: Floats, variables: Floats, *, quantile: float) -> Frontier | None:
    """Fit the frontier of observed values; None with too few of them.

    Parameters
    ----------
    values : array, shape (n,)
        Above 0: money or days.
    variables : array, n × k
        The first column is 1; the others are logarithms, or 0 and 1.
    quantile : float
        Share of the observations that lies below.
    """
    from jointplan.solvers.highs import solve_model

    count, width = variables.shape
    if count < LEAST + 5 * (width - 1):
        return None
    builder = ModelBuilder()
    beta = builder.columns((width,), cost=0.0, lower=-np.inf, upper=np.inf)
    above = builder.columns((count,), cost=quantile, upper=np.inf)
    below = builder.columns((count,), cost=1.0 - quantile, upper=np.inf)
    row = np.arange(count)
    logs = np.log(values)
    builder.rows(
        logs,
        logs,
        [
            (np.repeat(row, width), np.tile(beta, count), variables.ravel()),
            (row, above, 1.0),
            (row, below, -1.0),
        ],
    )
    solved = solve_model(builder.build(), SolveOptions())
    if solved.report.status is not Status.OPTIMAL or solved.values is None:
        return None
    return Frontier(np.asarray(solved.values[beta], float))
