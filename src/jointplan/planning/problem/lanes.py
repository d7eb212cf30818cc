"""Places and lanes: what must be opened, how much fits, and how whole loads are charged."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jointplan.planning.problem.arrays import NONE, Floats, Ints


@dataclass(frozen=True)
class Bands:
    """Charges of the lanes that charge a week's load as a whole, one entry per band.

    A load of ``q`` basis units may be declared in any band that ends above it: it then costs
    ``max(minimum, rate · max(q, low))``.
    """

    lane: Ints
    low: Floats
    high: Floats
    rate: Floats
    minimum: Floats


@dataclass(frozen=True)
class Containers:
    """Lanes charged by the whole container, one entry per lane."""

    lane: Ints
    rate: Floats
    kg: Floats
    m3: Floats


@dataclass(frozen=True)
class Sites:
    """Places that must be opened first, or let only so much in, one entry per place.

    ``opening_cost`` is paid once by whoever uses the place, 0 where it is open already; ``throughput`` is the most that may
    arrive in a week, m³. ``overseas`` (places) are those of them that are overseas warehouses.
    """

    node: Ints
    opening_cost: Floats
    throughput: Floats
    overseas: Ints = field(default_factory=lambda: NONE)


@dataclass(frozen=True)
class Spaces:
    """Limited space, of one lane or of several that charge alike and share it.

    ``most`` (spaces,) is the most that leaves in a week, containers or basis units; ``space`` is the one of them that each of the
    lanes ``lane`` draws on.
    """

    lane: Ints
    space: Ints
    most: Floats

    @classmethod
    def of_each(cls, lane: Ints, most: Floats) -> Spaces:
        """Return spaces of one lane each."""
        return cls(lane, np.arange(len(lane)), most)

    def of_lane(self, lanes: int) -> Ints:
        """Return the space that each of so many lanes draws on, −1 where there is no limit."""
        found = np.full(lanes, -1)
        found[self.lane] = self.space
        return found


NO_SITES = Sites(NONE, np.empty(0), np.empty(0))
NO_SPACES = Spaces(NONE, NONE, np.empty(0))
