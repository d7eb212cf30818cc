"""One stock for one season: the newsvendor, on whose cost the other policies stand."""

from __future__ import annotations

from dataclasses import dataclass

from jointplan.inventory.distributions import Demand


@dataclass(frozen=True)
class Newsvendor:
    """The best level for one season.

    Parameters
    ----------
    level : float
        Units to have.
    cost : float
        Expected cost of holding and of shortage, money.
    service : float
        Wanted chance that demand is covered, p/(p + h).
    """

    level: float
    cost: float
    service: float


def newsvendor(demand: Demand, *, holding: float, shortage: float) -> Newsvendor:
    """Return the level S* with F(S*) = p/(p + h), the least for demand in whole units.

    Parameters
    ----------
    demand : Demand
        Over the season, or over lead time and review.
    holding, shortage : float
        Cost h of a unit left over, and p of a unit short; above 0.

    Examples
    --------
    Snyder and Shen, Fundamentals of Supply Chain Theory, 2nd edition 2019, example 4.3:

    >>> from jointplan.inventory.distributions import NormalDemand
    >>> best = newsvendor(NormalDemand(50, 8), holding=0.18, shortage=0.70)
    >>> round(best.level, 3), round(best.cost, 5)
    (56.604, 1.99761)
    """
    if not (holding > 0 and shortage > 0):
        raise ValueError("holding and shortage must cost something")
    service = shortage / (shortage + holding)
    level = demand.quantile(service)
    return Newsvendor(level, expected_cost(demand, level, holding=holding, shortage=shortage), service)


def expected_cost(demand: Demand, level: float, *, holding: float, shortage: float) -> float:
    """Return h·E[(y − D)⁺] + p·E[(D − y)⁺]."""
    short = demand.shortfall(level)
    return holding * (level - demand.mean + short) + shortage * short


def shortage_for_service(service: float, holding: float) -> float:
    """Return the shortage cost under which a chance of covering demand is the best one: p = h·α/(1 − α)."""
    if not 0 < service < 1:
        raise ValueError("a service level lies between 0 and 1")
    return holding * service / (1 - service)
