"""Which column of the model stands for what; −1, which reads zero, where a quantity could be of no use.

Each family of rules adds columns of its own, told by a small class below; ``Columns`` has them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from jointplan.planning.problem import Ints


@dataclass(frozen=True)
class Flows:
    """Columns of the quantities, and of what follows from them at once.

    make (K, T), ship (A, T), serve, unmet, owed (S, T), stock (P, T), overtime (M, T);
    shelf (sinks with opening goods, T), what of these still waits there, and the sink of each; surplus (pools of leftovers,), what is
    left at the end and worth nothing.
    """

    make: Ints
    ship: Ints
    serve: Ints
    unmet: Ints
    owed: Ints
    stock: Ints
    shelf: Ints
    shelf_sink: Ints
    overtime: Ints
    surplus: Ints


@dataclass(frozen=True)
class Setups:
    """Columns of what is set up: lot (E, T), run (Q, T)."""

    lot: Ints
    run: Ints


@dataclass(frozen=True)
class Kept:
    """Columns of setups that are kept over the week's end.

    keep, spare (X, T): whether a workshop begins a week set up for what a keeper makes there, and whether that spares a setup;
    alone, pure (workshops with keepers, T): whether nothing, and no family, is set up for in a week.
    """

    keep: Ints
    spare: Ints
    alone: Ints
    pure: Ints


@dataclass(frozen=True)
class Charges:
    """Columns of loads that are charged by bands, and of those that fill containers.

    band, declared, charge (bands of loads, T): whether a load is in the band, the quantity declared, what it pays, with
    the entry of the problem's bands and the load each belongs to; boxes, sent (container loads, T): how many containers it
    fills and, where that costs something, whether it is cleared at all, and the load of each.
    """

    band: Ints
    declared: Ints
    charge: Ints
    band_entry: Ints
    band_load: Ints
    boxes: Ints
    sent: Ints
    boxes_load: Ints


@dataclass(frozen=True)
class Unlocked:
    """Columns of what is paid for once.

    open (W,): whether a site is opened; enter (V,): whether a market is entered; invest (J,): whether something is learned
    or opened.
    """

    open: Ints
    enter: Ints
    invest: Ints


@dataclass(frozen=True)
class Orders:
    """Columns of materials.

    buy (Z, T): material units that come at each price of a purchase, with ``tiers``; tier (Z, T): whether the order is of
    that price; count (Y, T): multiples of an order; kept (X, T): material in bins; credited (X,): what of it is
    worth something at the end.
    """

    buy: Ints
    tier: Ints
    count: Ints
    kept: Ints
    credited: Ints


@dataclass(frozen=True)
class Money:
    """Columns of money: ample, short (H, T): what is left in a purse, and what is borrowed beyond its limit."""

    ample: Ints
    short: Ints


@dataclass(frozen=True)
class Columns(Flows, Setups, Kept, Charges, Unlocked, Orders, Money):
    """Column numbers of all the model's variables."""
