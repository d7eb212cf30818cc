r"""Test and scale: how much to make first, which week will tell, and what then decides for a repeat or a stop.

A batch of :math:`S` units for the weeks until the next is best where :math:`F(S^*) = p/(p+h)`: :math:`p` is the margin lost with each unit
short, :math:`h` what is lost with each unit left over (newsvendor). A product is worth repeating if it sells its hurdle in the weeks after: what pays for another setup, fills
a minimum batch, and is a fair share of what launches usually sell. First sales tell that as far as
courses which sold so much by then went on to reach it; the chance of it given the units sold by a week is monotone, and fitted as such.

References
----------
Arrow, Harris and Marschak (1951), *Econometrica* 19 (newsvendor); Fisher and Raman (1996), *Operations Research* 44 (early sales and a second order).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """What the units sold by a week after launch decide.

    Parameters
    ----------
    week : int
        Weeks since launch.
    stop_below : float
        Stop if fewer units were sold by then; 0 where no number decides for it.
    repeat_above : float or None
        Repeat if at least so many were; None where no number decides for it.
    decided : float
        Share of launches for which one of the two holds.
    right : float or None
        Share of these for which it is right.
    """

    week: int
    stop_below: float
    repeat_above: float | None
    decided: float
    right: float | None


def best_batch(demand: Array, short: float, left: float) -> float:
    """Return the batch for uncertain demand.

    Parameters
    ----------
    demand : array of courses
        Units, each equally likely.
    short, left : float
        What a unit short, and a unit left over, cost; not both nought.

    Examples
    --------
    >>> best_batch(np.arange(1.0, 101.0), 0.70, 0.18)
    80.0
    """
    ratio = short / (short + left)
    ranked = np.sort(demand)
    return float(ranked[min(max(int(np.ceil(ratio * len(ranked) - 1e-9)) - 1, 0), len(ranked) - 1)])


def first_sales_rules(courses: Array, hurdle: float, weeks: int, test_weeks: int, certainty: float) -> list[Rule]:
    """Return what first sales decide, week by week.

    Parameters
    ----------
    courses : array, courses × weeks
        Units of each week since launch, at least ``test_weeks + weeks`` of them.
    hurdle : float
        Units to be sold in the ``weeks`` after, for a repeat to be worth it.
    weeks, test_weeks : int
        Weeks over which a repeat is judged, and the last week after launch that may decide.
    certainty : float
        Chance of being right from which it is decided.
    """
    from sklearn.isotonic import isotonic_regression

    rules = []
    sold = np.cumsum(courses, axis=1)
    for week in range(1, test_weeks + 1):
        by_then = sold[:, week - 1]
        reaches = (sold[:, week + weeks - 1] - by_then) >= hurdle
        order = np.argsort(by_then, kind="stable")
        units, start = np.unique(by_then[order], return_index=True)
        count = np.diff(np.append(start, len(order))).astype(np.float64)
        share = np.add.reduceat(reaches[order].astype(np.float64), start) / count
        chance = isotonic_regression(share, sample_weight=count, y_min=0.0, y_max=1.0)
        stop, repeat = chance <= 1.0 - certainty, chance >= certainty
        taken = stop | repeat
        decided = float(count[taken].sum() / count.sum())
        right = np.where(stop, 1.0 - share, share)
        rules.append(
            Rule(
                week=week,
                stop_below=float(units[stop][-1] + 1.0) if stop.any() else 0.0,
                repeat_above=float(units[repeat][0]) if repeat.any() else None,
                decided=decided,
                right=float((right * count)[taken].sum() / count[taken].sum()) if decided else None,
            )
        )
    return rules


def telling_week(rules: list[Rule], certainty: float, after: int = 0) -> int | None:
    """Return the first week later than ``after`` whose sales decide for most launches; None where none does."""
    return next((rule.week for rule in rules if rule.week > after and rule.decided >= certainty), None)


def agreeing(rules: list[Rule], week: int, sold: float, *, repeat: bool, stop: bool) -> list[Rule]:
    """Return the rules so that that of the present week says of a product what its whole course says.

    A rule counts units sold by a week alone; the course of a product tells when they were sold, too, and has the last word.

    Parameters
    ----------
    rules : list of Rule
        What first sales decide.
    week : int
        Weeks since launch that are known.
    sold : float
        Units sold in them.
    repeat, stop : bool
        What is advised; neither: to wait.
    """
    made = []
    for rule in rules:
        if rule.week == week:
            above, below = rule.repeat_above, rule.stop_below
            if repeat:
                above, below = min(sold if above is None else above, sold), min(below, sold)
            elif stop:
                above, below = None if above is None else max(above, sold + 1.0), max(below, sold + 1.0)
            else:
                above, below = None if above is None else max(above, sold + 1.0), min(below, sold)
            rule = replace(rule, repeat_above=above, stop_below=below)
        made.append(rule)
    return made
