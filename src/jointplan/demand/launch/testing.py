r"""Test and scale: how much to make first, which week will tell, and what then decides for a repeat or a stop.

A batch of :math:`S` units for the weeks until the next is best where :math:`F(S^*) = p/(p+h)`: :math:`p` is the margin lost with each unit
short, :math:`h` what is lost with each unit left over (newsvendor). A product is worth repeating if it sells its hurdle in the weeks after: what pays for another setup, fills
a minimum batch, and is a fair share of what launches usually sell. First sales tell that as far as
courses which sold so much by then went on to reach it; the chance of it given the units sold by a week is monotone, and fitted as such. Courses
of one analogue are one experience, however many are drawn: what is decided and how often it is right is counted on the courses of analogues that the
chance was not fitted to (cross-validation by groups), and a line that is not right often enough on them is not drawn.

References
----------
Arrow, Harris and Marschak (1951), *Econometrica* 19 (newsvendor); Fisher and Raman (1996), *Operations Research* 44 (early sales and a second order).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

PARTS = 10
"""Parts in which analogues are left out."""


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
        Share of launches for which one of the two holds, told from other launches.
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


def batch_profit(demand: Array, batch: float, short: float, left: float, setup: float = 0.0) -> float:
    """Return the expected profit of a batch against making none.

    What is sold of it earns its margin, what is left over loses, and the batch is set up for. The setup is worth its cost only if the
    best batch earns it (Arrow, Harris and Marschak 1951); a least batch above the best one may lose though the best would not.

    Parameters
    ----------
    demand : array of courses
        Units, each equally likely.
    batch : float
        Units made.
    short, left : float
        What a unit sold earns, and what a unit left over loses.
    setup : float
        What setting up for the batch costs.

    Examples
    --------
    >>> batch_profit(np.array([10.0, 30.0]), 20.0, 4.0, 3.0, 10.0)
    35.0
    """
    sold = np.minimum(demand, batch)
    return float(short * sold.mean() - left * (batch - sold).mean() - setup)


def first_sales_rules(
    courses: Array, analogue: Index, hurdle: float, weeks: int, test_weeks: int, certainty: float
) -> list[Rule]:
    """Return what first sales decide, week by week.

    Parameters
    ----------
    courses : array, courses × weeks
        Units of each week since launch, at least ``test_weeks + weeks`` of them.
    analogue : array of courses
        Which analogue each is of.
    hurdle : float
        Units to be sold in the ``weeks`` after, for a repeat to be worth it.
    weeks, test_weeks : int
        Weeks over which a repeat is judged, and the last week after launch that may decide.
    certainty : float
        Chance of being right from which it is decided.
    """
    named, drawn = np.unique(analogue, return_counts=True)
    # Those with the most courses fall into different parts.
    part = np.empty(len(named), dtype=np.int64)
    part[np.argsort(-drawn, kind="stable")] = np.arange(len(named)) % PARTS
    parts = part[np.searchsorted(named, analogue)]
    rules = []
    sold = np.cumsum(courses, axis=1)
    for week in range(1, test_weeks + 1):
        by_then = sold[:, week - 1]
        reaches = (sold[:, week + weeks - 1] - by_then) >= hurdle
        stopped, repeated = np.zeros(len(courses), dtype=bool), np.zeros(len(courses), dtype=bool)
        if len(named) > 1:
            for left in np.unique(parts):
                out = parts == left
                chance = np.interp(by_then[out], *_chance_to_reach(by_then[~out], reaches[~out]))
                stopped[out], repeated[out] = chance <= 1.0 - certainty, chance >= certainty
        stopped &= _often(~reaches[stopped], certainty)
        repeated &= _often(reaches[repeated], certainty)
        taken = stopped | repeated
        units, chance = _chance_to_reach(by_then, reaches)
        stop, repeat = units[chance <= 1.0 - certainty], units[chance >= certainty]
        rules.append(
            Rule(
                week=week,
                stop_below=float(stop[-1] + 1.0) if stopped.any() and len(stop) else 0.0,
                repeat_above=float(repeat[0]) if repeated.any() and len(repeat) else None,
                decided=float(taken.mean()),
                right=float(np.where(stopped, ~reaches, reaches)[taken].mean()) if taken.any() else None,
            )
        )
    return rules


def no_rules(test_weeks: int) -> list[Rule]:
    """Return the rules where first sales decide nothing."""
    return [Rule(week, 0.0, None, 0.0, None) for week in range(1, test_weeks + 1)]


def _often(right: npt.NDArray[np.bool_], certainty: float) -> bool:
    return bool(len(right)) and bool(right.mean() >= certainty)


def _chance_to_reach(by_then: Array, reaches: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    # Units sold by then, ascending, and the chance of reaching the hurdle with each: never falling.
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(by_then, kind="stable")
    units, start = np.unique(by_then[order], return_index=True)
    count = np.diff(np.append(start, len(order))).astype(np.float64)
    share = np.add.reduceat(reaches[order].astype(np.float64), start) / count
    return units, isotonic_regression(share, sample_weight=count, y_min=0.0, y_max=1.0)


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
