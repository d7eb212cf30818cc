"""What must be bought, and with whose money: materials with their offers, and credit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem.arrays import NONE, Bools, Floats, Ints


@dataclass(frozen=True)
class Materials:
    """Materials whose price depends on how they are bought; what else goes into a unit is part of ``route_material``.

    Parameters
    ----------
    name : tuple of str
        Materials, (U,).
    holding, least : (U,)
        Capital cost of a material unit kept for a week; the least price it can be had at.
    need_route, need_material, need_units : (N,)
        Material units that a good unit of a route takes.
    supplier, origin : tuple of str
        Of each offer, (J,).
    offer_material, offer_weeks : (J,)
        What is offered, and in how many weeks it comes.
    offer_new : (J,) bool
        Whether nobody buys there yet: members who qualify the supplier together may.
    offer_firm : (J,)
        Whose material on hand it is, -1 of suppliers: it comes in that one week, all of it or less, at its one price.
    offer_minimum, offer_multiple : (J,)
        Smallest order; what orders are multiples of, 0 where any size will do.
    break_offer, break_low, break_high, break_price : (B,)
        Prices of a material unit for orders from ``low`` to ``high``, rising in ``low`` for each offer.
    """

    name: tuple[str, ...]
    holding: Floats
    least: Floats
    need_route: Ints
    need_material: Ints
    need_units: Floats
    supplier: tuple[str, ...]
    origin: tuple[str, ...]
    offer_material: Ints
    offer_weeks: Ints
    offer_new: Bools
    offer_firm: Ints
    offer_minimum: Floats
    offer_multiple: Floats
    break_offer: Ints
    break_low: Floats
    break_high: Floats
    break_price: Floats


@dataclass(frozen=True)
class Credit:
    """Owners who are short of money, one entry each (X,).

    Parameters
    ----------
    owner, cash, limit : (X,)
        Who, with what cash at the start, and how much they can owe.
    due : (X, T)
        What comes in each week from sales before the first.
    rate : float
        Cost of a week's debt beyond the limit, as a share of it.
    receipt_weeks : (S,)
        Weeks until a sale is paid for.
    """

    owner: Ints
    cash: Floats
    limit: Floats
    due: Floats
    rate: float
    receipt_weeks: Ints


NO_MATERIALS = Materials(
    (), np.empty(0), np.empty(0), NONE, NONE, np.empty(0), (), (), NONE, NONE, np.empty(0, dtype=bool),
    NONE, np.empty(0), np.empty(0), NONE, np.empty(0), np.empty(0), np.empty(0),
)  # fmt: skip
