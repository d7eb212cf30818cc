"""Inventory positions: what a stock has, what is on its way or lies before it, and what it owes.

An order placed now is placed by the echelon inventory position of a stock, units on hand and on order, less those owed, where on order is all that
was ordered for it and has not come: lots that are decided, goods under way, and goods that lie at places before it (Clark and Scarf 1960,
*Management Science* 6; Snyder and Shen 2019, section 6.2). What several stocks can draw on is shared by what each lacks, so that
nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

ANYBODY = ""
"""Owner of goods that no seller is named of."""


class Where(Enum):
    """Where units are that are not a stock's own on hand."""

    LYING = "lying"
    UNDER_WAY = "under_way"
    DECIDED = "decided"


@dataclass(frozen=True)
class Supply:
    """Units of a product at one place.

    Parameters
    ----------
    where : Where
        Lying there, under way to it, or in decided lots of its firm.
    place : str
        Firm or site.
    seller : str
        Whose they are; :data:`ANYBODY`: the first that wants them.
    units : float
        How many.
    reaches : frozenset of str
        Places of stocks that they can still get to, their own place among them.
    """

    where: Where
    place: str
    seller: str
    units: float
    reaches: frozenset[str]


@dataclass(frozen=True)
class Wanting:
    """A stock that may order.

    Parameters
    ----------
    site : str
        Its place.
    seller : str or None
        Whose stock it is; None: everybody's, pooled.
    order_up_to : float
        Position after ordering.
    owed : float
        Units of its open orders that were due already.
    """

    site: str
    seller: str | None
    order_up_to: float
    owed: float

    def owns(self, supply: Supply) -> bool:
        """Return whether units are its own on hand: there, and named its seller's, or where stock is pooled whoever's."""
        here = supply.where is Where.LYING and supply.place == self.site
        return here and self.seller in (None, supply.seller)

    def draws_on(self, supply: Supply) -> bool:
        """Return whether units can get to it and are not another seller's."""
        return self.site in supply.reaches and (self.seller is None or supply.seller in (self.seller, ANYBODY))


@dataclass(frozen=True)
class Position:
    """The inventory position of a stock, in units.

    Parameters
    ----------
    on_hand : float
        Its own, at its place.
    shares : tuple of (Supply, float)
        What else it can draw on, and its share of each.
    owed : float
        Units owed.
    """

    on_hand: float
    shares: tuple[tuple[Supply, float], ...]
    owed: float

    def on_order(self, *where: Where) -> float:
        """Return units on order: decided, under way, or lying before it, or only some of these."""
        return sum(units for supply, units in self.shares if not where or supply.where in where)

    @property
    def units(self) -> float:
        """On hand and on order, less owed."""
        return self.on_hand + self.on_order() - self.owed


def positions(stocks: Sequence[Wanting], supplies: Sequence[Supply]) -> list[Position]:
    """Return the inventory position of each stock of a product.

    What fewer stocks can draw on is given out first. Each gets as much of it as it lacks, or where there is less a like share of
    what it lacks. What a stock has on hand is its own first; what it does not need itself, others can draw on.

    Parameters
    ----------
    stocks : sequence of Wanting
        Stocks of one product that do not count each other's goods.
    supplies : sequence of Supply
        All units of the product.

    Examples
    --------
    Two stocks lack 60 and 30 units; 45 lie at the hub before both:

    >>> hub = Supply(Where.LYING, "HUB", ANYBODY, 45.0, frozenset({"HUB", "A", "B"}))
    >>> [p.on_order() for p in positions([Wanting("A", None, 60.0, 0.0), Wanting("B", None, 30.0, 0.0)], [hub])]
    [30.0, 15.0]
    """
    held = [sum(supply.units for supply in supplies if stock.owns(supply)) for stock in stocks]
    wanted = [stock.order_up_to + stock.owed for stock in stocks]
    lacking = [max(most - units, 0.0) for most, units in zip(wanted, held, strict=True)]
    shares: list[list[tuple[Supply, float]]] = [[] for _ in stocks]
    drawn = []
    for supply in supplies:
        spare = supply.units
        for stock, most, units in zip(stocks, wanted, held, strict=True):
            if stock.owns(supply) and units > 0:
                spare *= max(1.0 - most / units, 0.0)
        able = [k for k, stock in enumerate(stocks) if stock.draws_on(supply) and not stock.owns(supply)]
        drawn.append((supply, spare, able))
    for supply, spare, able in sorted(drawn, key=lambda one: len(one[2])):
        lack = sum(lacking[k] for k in able)
        for k in able:
            units = lacking[k] * min(spare / lack, 1.0) if lack > 0 else 0.0
            lacking[k] -= units
            if units > 0:
                shares[k].append((supply, units))
    return [Position(units, tuple(share), stock.owed) for stock, units, share in zip(stocks, held, shares, strict=True)]
