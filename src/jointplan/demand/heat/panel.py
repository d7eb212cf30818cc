"""Sales and signals as matrices, by product or family, in each market or over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

EVERYWHERE = ""
"""Market of what is added up over all markets."""


@dataclass(frozen=True)
class HeatPanel:
    """Series whose heat is compared, ending together.

    Parameters
    ----------
    market, sku, family : arrays of str
        What each series is; blank market: all markets, blank sku: the whole family.
    units : array, series × weeks
        Units sold.
    signals : mapping of arrays, series × weeks
        What was counted besides, by kind (views, carts, searches, reviews).
    launched : array of int or None
        Column of the week each is said to have been launched in, below 0 before the first; None where nothing is said of any.
    """

    market: Names
    sku: Names
    family: Names
    units: Array
    signals: Mapping[str, Array] = field(default_factory=dict)
    launched: Index | None = None

    def __post_init__(self) -> None:
        count = len(self.sku)
        if self.units.ndim != 2 or any(len(part) != count for part in (self.market, self.family, self.units)):
            raise ValueError("every series needs its market, family and row of units")
        if any(values.shape != self.units.shape for values in self.signals.values()):
            raise ValueError("signals must have the shape of units")
        if self.launched is not None and len(self.launched) != count:
            raise ValueError("every series needs its launch")

    def __len__(self) -> int:
        return len(self.sku)

    @property
    def weeks(self) -> int:
        """Weeks of history."""
        return int(self.units.shape[1])

    def added_up(self, *, markets: bool, products: bool) -> HeatPanel:
        """Return sums over markets, over the products of a family, or over both.

        Parameters
        ----------
        markets, products : bool
            Whether the sum goes over them.
        """
        market = np.full(len(self), EVERYWHERE) if markets else self.market
        sku = np.full(len(self), "") if products else self.sku
        keys = np.char.add(np.char.add(np.char.add(np.char.add(market, "\n"), self.family), "\n"), sku)
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)

        def total(values: Array) -> Array:
            sums = np.zeros((len(first), values.shape[1]))
            np.add.at(sums, group, values)
            return sums

        signals = {kind: total(values) for kind, values in self.signals.items()}
        launched = self.launched
        if launched is not None:
            earliest = np.full(len(first), launched.max(initial=0))
            np.minimum.at(earliest, group, launched)
            launched = earliest
        return HeatPanel(market[first], sku[first], self.family[first], total(self.units), signals, launched)

    def pick(self, rows: Mask) -> HeatPanel:
        """Return some of the series."""
        signals = {kind: values[rows] for kind, values in self.signals.items()}
        launched = None if self.launched is None else self.launched[rows]
        return HeatPanel(self.market[rows], self.sku[rows], self.family[rows], self.units[rows], signals, launched)
