"""What is told of a plan: a reason, in codes and figures, which the report puts into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jointplan.planning.problem import Floats


@dataclass(frozen=True)
class Barrier:
    """What keeps a firm from making a product for a line.

    Parameters
    ----------
    firm : int
        Who could make it.
    cause : str
        ``certificate``: it has none for the market; ``refused``: two owners take no jobs of each other; ``protected``: customers
        whose jobs stay with their maker; ``apart``: what members share does not cover it.
    one, other : int
        The owners who refuse each other; −1 for none.
    """

    firm: int
    cause: str
    one: int = -1
    other: int = -1


@dataclass(frozen=True)
class Reason:
    """One explanation, in numbers of the problem; −1 where it has no such part.

    Parameters
    ----------
    kind : str
        ``full``, ``late``, ``unmet`` or ``dear``.
    cause : str
        What binds, see the table **reasons**.
    firm : int
        Whose line or workshop it is.
    first, last : int
        Weeks it is about; of late units, those in which they were due.
    product, market, resource : int
        What it is about.
    quantity : float
        Units late, unmet or dear; hours used of a full workshop.
    waited : float
        Unit-weeks that late units wait beyond the weeks in which they were due.
    binding : int
        The resource that binds.
    binding_first, binding_last : int
        Weeks in which it binds.
    place : int
        The place whose room or throughput binds.
    unit : str
        Of what one more is told, and what is limited: ``m3``, ``kg`` or ``unit``; nothing where it is hours.
    limit, needed : float or None
        How much there is in a week, and how much a unit of the product takes.
    barriers : tuple of Barrier
        Who could make it, and what keeps each from it.
    step : str
        The process that nobody can do.
    material : str
        The materials that nobody supplies.
    maker : int
        Firm that makes, or would make, it.
    lane : int
        Lane it goes by.
    batch : int
        The lot that is missing, of the plan's network.
    group : int
        Lines that one missing batch could serve, whatever its week and maker, have one number.
    worth : float or None
        What one more hour, or one unit more, is worth, on average over the weeks.
    worth_low, worth_high : float or None
        The least and the most that it is worth in any of these weeks.
    cost, usual : float or None
        Cost per unit, and what is usual; what the line costs, and what its cure would. Of a missing batch, what it costs
        and what all lines that it would serve gain by it.
    """

    kind: str
    cause: str
    firm: int
    first: int
    last: int
    product: int = -1
    market: int = -1
    resource: int = -1
    quantity: float = 0.0
    waited: float = 0.0
    binding: int = -1
    binding_first: int = -1
    binding_last: int = -1
    place: int = -1
    unit: str = ""
    limit: float | None = None
    needed: float | None = None
    barriers: tuple[Barrier, ...] = ()
    step: str = ""
    material: str = ""
    maker: int = -1
    lane: int = -1
    batch: int = -1
    group: int = -1
    worth: float | None = None
    worth_low: float | None = None
    worth_high: float | None = None
    cost: float | None = None
    usual: float | None = None


def spread(worth: Floats) -> dict[str, Any]:
    """Return what an hour is worth over weeks: on average, at least and at most."""
    return {"worth": float(worth.mean()), "worth_low": float(worth.min()), "worth_high": float(worth.max())}
