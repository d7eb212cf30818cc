"""Setups that are kept from one week to the next."""

from __future__ import annotations

from dataclasses import dataclass

from jointplan.planning.problem.arrays import Bools, Floats, Ints

LEAST_KEPT = 1.0  # units that a lot must have for a workshop to stay set up for it, or to need no setup itself


@dataclass(frozen=True)
class CarryOver:
    """Where setups are kept over the week's end (setup carry-over; Sox and Gao 1999).

    Parameters
    ----------
    over : (M, T)
        Whether a resource stays set up over the end of a week for the last thing made there.
    use_share : (U,)
        What part of the money of a route's minor setup is paid for each of its uses.
    major_share : (V,)
        What part of the money of a group's major setup is paid at each of its resources.
    first : (M,), optional
        Product that a resource is set up for as the first week begins, −1 for none; None: none is.
    """

    over: Bools
    use_share: Floats
    major_share: Floats
    first: Ints | None = None
