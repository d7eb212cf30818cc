"""Which firms could do the steps of a product in turn: the few divisions of labour that are worth a look.

The number of ways to hand a routing's steps to firms grows with its length: they are looked at from the last step back, of
each *pattern* (which steps leave the present maker's owner) only the cheapest few (beam search). Hours in workshops that
their own work already fills count as overtime, so that ways around them come first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

KEPT = 4  # ways that are followed for each pattern
LOOKED = 6  # firms of other owners that are looked at for a step: the cheapest
FULL = 0.85  # share of its hours from which a workshop is taken to be full


@dataclass(frozen=True)
class Offer:
    """A firm that could do a step.

    Parameters
    ----------
    firm : str
        The firm.
    cost : float
        What a unit costs that goes through the step, its hours at what they are taken to be worth.
    good : float
        Share of the units that come out good.
    room : float
        Hours the workshop has in a week.
    """

    firm: str
    cost: float
    good: float
    room: float


@dataclass(frozen=True)
class _Way:
    firms: tuple[str, ...]
    cost: float
    good: float
    room: float


def find_chains(
    steps: Sequence[Sequence[Offer]],
    home: Callable[[str], bool],
    move: Callable[[str, str], float],
    limit: int,
) -> list[tuple[str, ...]]:
    """Return the most promising ways to do the steps at several firms, a firm for each step.

    Parameters
    ----------
    steps : sequence of sequences of Offer
        Who could do each step, in the order of the routing.
    home : callable
        Whether a firm is of the present maker's owner.
    move : callable
        What it costs to move the work on a unit from one firm to another.
    limit : int
        Most ways within the present maker's owner, and as many again that go to others.

    Returns
    -------
    list of tuple of str
        The present maker's owner's own ways first, each kind by cost; of those that go to others, the cheapest of each
        pattern come before any second ones.
    """
    ways: dict[tuple[bool, ...], list[_Way]] = {(): [_Way((), 0.0, 1.0, float("inf"))]}
    for offers in reversed(steps):
        mine = [offer for offer in offers if home(offer.firm)]
        others = sorted(
            (o for o in offers if not home(o.firm)), key=lambda o: (round(o.cost / o.good, 9), -o.room, o.firm)
        )
        by_firm = {offer.firm: offer for offer in others}
        longer: dict[tuple[bool, ...], list[_Way]] = {}
        for pattern, known in ways.items():
            for way in known:
                follower = way.firms[0] if way.firms else None
                looked = [*mine, *others[:LOOKED]]
                if follower in by_firm and by_firm[follower] not in looked:
                    looked.append(by_firm[follower])
                for offer in looked:
                    good = way.good * offer.good
                    cost = way.cost + offer.cost / good
                    if follower is not None and follower != offer.firm:
                        cost += move(offer.firm, follower) / way.good
                    room = min(way.room, offer.room)
                    longer.setdefault((not home(offer.firm), *pattern), []).append(
                        _Way((offer.firm, *way.firms), cost, good, room)
                    )
        ways = {pattern: sorted(found, key=_order)[:KEPT] for pattern, found in longer.items()}
    own = [way for pattern, found in ways.items() if not any(pattern) for way in found if len(set(way.firms)) > 1]
    ranked = [
        (rank, way)
        for pattern, found in ways.items()
        if any(pattern)
        for rank, way in enumerate(way for way in found if len(set(way.firms)) > 1)
    ]
    ranked.sort(key=lambda pair: (pair[0], _order(pair[1])))
    return [way.firms for way in sorted(own, key=_order)[:limit]] + [way.firms for _, way in ranked[:limit]]


def _order(way: _Way) -> tuple[float, float, tuple[str, ...]]:
    return round(way.cost, 9), -way.room, way.firms


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the kilometres between two places on the globe, as the crow flies (haversine formula).

    >>> round(distance((22.84, 113.24), (22.63, 113.68)))
    51
    """
    (a, b), (c, d) = ((radians(x) for x in place) for place in (one, other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))
