"""The level of young series, put right by what series as young sold on past Mondays against what was forecast of them.

A series that began a few weeks ago is forecast from those weeks alone, and products grow or fade after their launch in ways that differ from cluster to
cluster, and not from series to series by anything its few weeks could tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jointplan.demand.fans import Fan, Tried
from jointplan.demand.panel import YOUNG
from jointplan.demand.widening import AGES

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

IMAGINED = 1.0
"""Mondays on which the forecast was right that are counted beside the past ones."""

FARTHEST = 2.0
"""Most times that a level is raised or lowered: beyond that, chance or a spike speaks."""


def levels_by_age(tried: Sequence[Tried]) -> Array:
    """Return what young series sold over what was forecast of them, one figure for each of :data:`AGES`; 1 where nothing is known."""
    sold, expected = np.zeros((2, len(AGES), len(tried)))
    for monday, trial in enumerate(tried):
        if trial.age is None:
            continue
        seen = ~np.isnan(trial.actual)
        group = np.digitize(trial.age, AGES)
        for place in range(len(AGES)):
            these = (group == place)[:, None] & seen & (trial.age < YOUNG)[:, None]
            expected[place, monday] = trial.fan.mean[these].sum()
            # A spike of one series is not the level of all.
            sold[place, monday] = np.minimum(trial.actual, trial.fan.quantiles[:, -1] * FARTHEST)[these].sum()
    heard = np.maximum((expected > 0).sum(axis=1), 1)
    usual = IMAGINED * expected.sum(axis=1) / heard
    ratio = np.divide(
        sold.sum(axis=1) + usual, expected.sum(axis=1) + usual, out=np.ones(len(AGES)), where=expected.sum(axis=1) > 0
    )
    return np.asarray(np.clip(ratio, 1.0 / FARTHEST, FARTHEST))


def levelled_by_age(fan: Fan, age: Index, levels: Array) -> Fan:
    """Return a fan whose young series are raised or lowered as those of past Mondays ask for.

    Parameters
    ----------
    fan : Fan
        Of some series.
    age : array of int
        Weeks since the first sale of each, from :meth:`jointplan.demand.panel.Panel.ages`.
    levels : array
        From :func:`levels_by_age`.
    """
    return fan.scaled(np.append(levels, 1.0)[np.digitize(age, AGES)][:, None])
