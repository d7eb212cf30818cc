"""Who may not do what for whom: certificates, designs, and the terms on which owners are members."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jointplan.planning.problem.arrays import NONE, Bools, Floats, Ints


@dataclass(frozen=True)
class Certificates:
    """What may be made for a market only for so long, one entry per route and market; ``weeks`` is the number of first weeks.

    Pairs without an entry are not restricted.
    """

    route: Ints
    market: Ints
    weeks: Ints


@dataclass(frozen=True)
class Terms:
    """On what terms owners are members.

    ``one`` and ``other`` (pairs,) are owners of whom no job of one moves to firms of the other; ``resource`` and ``share``
    (kept,) the part of a resource's regular hours that is not used for products of other owners' making;
    ``protector`` and ``market`` (protected,) owners and markets for which what they make or sell stays with its present maker.
    """

    one: Ints
    other: Ints
    resource: Ints
    share: Floats
    protector: Ints = field(default_factory=lambda: NONE)
    market: Ints = field(default_factory=lambda: NONE)

    def refused(self, owners: int) -> Bools:
        """Return which owners take no jobs of which, (owners + 1, owners); the last row, of nobody, refuses none."""
        found = np.zeros((owners + 1, owners), bool)
        found[self.one, self.other] = found[self.other, self.one] = True
        return found

    def protected(self, owners: int, markets: int) -> Bools:
        """Return whose jobs for which markets stay with their present makers, (owners + 1, markets); the last row is of nobody."""
        found = np.zeros((owners + 1, markets), bool)
        found[self.protector, self.market] = True
        return found


@dataclass(frozen=True)
class Designs:
    """Whose design a product is, one entry per product: the firm that owns it, and its royalty in money per unit."""

    product: Ints
    firm: Ints
    royalty: Floats


NO_CERTIFICATES = Certificates(NONE, NONE, NONE)
NO_DESIGNS = Designs(NONE, NONE, np.empty(0))
NO_TERMS = Terms(NONE, NONE, NONE, np.empty(0))
