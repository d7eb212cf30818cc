"""Where goods of a market wait, and the way they take there: making firm → hub → port → overseas warehouse → market.

Goods wait at the place nearest the customer from which a lane leads to the market: an open overseas warehouse before a port, a port
before a hub, and at their maker where no site serves the market. They reach it by the shortest lanes over open sites.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS = ("overseas_warehouse", "port", "hub")
"""Kinds of sites, the nearest to the customer first."""

EVERY_MAKER = "*"


@dataclass(frozen=True)
class Leg:
    """A lane between two places: days on the way, and their standard deviation."""

    lane: str
    origin: str
    destination: str
    days: float
    spread: float


@dataclass(frozen=True)
class Ways:
    """The lanes of a cluster, and the sites that are open.

    Parameters
    ----------
    legs : tuple of Leg
        Every lane.
    kinds : mapping
        Kind of each open site.
    """

    legs: tuple[Leg, ...]
    kinds: Mapping[str, str]

    def from_maker(self, maker: str) -> dict[str, tuple[Leg, ...]]:
        """Return the shortest way from a maker, or from an open site, to each open site it can reach; they make a tree."""
        found: dict[str, tuple[Leg, ...]] = {maker: ()}
        # Of two ways as long, the one whose lanes come first by name: the order of rows must not matter.
        queue: list[tuple[float, tuple[str, ...], str, tuple[Leg, ...]]] = [(0.0, (), maker, ())]
        done: set[str] = set()
        while queue:
            days, names, place, way = heapq.heappop(queue)
            if place in done:
                continue
            done.add(place)
            found[place] = way
            for leg in self._leaving(place, maker):
                if leg.destination in self.kinds and leg.destination not in done:
                    heapq.heappush(queue, (days + leg.days, (*names, leg.lane), leg.destination, (*way, leg)))
        return found

    def last_stock(self, maker: str, market: str, reached: Iterable[str]) -> str:
        """Return where goods of a maker wait for a market, among the places it reaches."""
        reached = set(reached)
        serving = [
            (KINDS.index(self.kinds[leg.origin]), leg.days, leg.origin)
            for leg in self.legs
            if leg.destination == market and leg.origin in self.kinds and leg.origin in reached
        ]
        return min(serving)[2] if serving else maker

    def _leaving(self, place: str, maker: str) -> list[Leg]:
        origins = (place, EVERY_MAKER) if place == maker and place not in self.kinds else (place,)
        return [leg for leg in self.legs if leg.origin in origins]
