"""Chargeable weight and containers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jointplan.errors import DataError
from jointplan.texts import tr

Floats = NDArray[np.float64]

METRES = {"cm": 0.01, "in": 0.0254, "m": 1.0}
KILOGRAMS = {"kg": 1.0, "lb": 0.45359237, "t": 1000.0}
ROUNDING = 1e-9  # what is above a whole multiple by less than this share is that multiple


@dataclass(frozen=True)
class WeightRule:
    """How a carrier finds the chargeable weight of a parcel or load.

    Parameters
    ----------
    rule : str
        Name of the rule.
    divisor : float
        Volume, in cubic length units, that counts as one weight unit.
    length_unit, weight_unit : str
        ``cm``, ``in`` or ``m``; ``kg``, ``lb`` or ``t``.
    side_step : float
        Each side is rounded to whole multiples of this many length units; 0: not rounded.
    side_rounding : str
        ``up`` or ``nearest``.
    weight_step : float
        The result is rounded up to whole multiples of this many weight units; 0: not rounded.
    from_date, to_date : date or None
        First and last day of the rule.
    authority : str
        Where the rule comes from.
    """

    rule: str
    divisor: float
    length_unit: str = "cm"
    side_step: float = 0.0
    side_rounding: str = "up"
    weight_unit: str = "kg"
    weight_step: float = 0.0
    from_date: date = date.min
    to_date: date | None = None
    authority: str = ""

    def __post_init__(self) -> None:
        if self.divisor <= 0 or self.side_step < 0 or self.weight_step < 0:
            raise ValueError("the divisor must be above 0, steps not below")

    @property
    def kg_per_m3(self) -> float:
        """Kilograms that one m³ counts as at least."""
        return KILOGRAMS[self.weight_unit] / (self.divisor * METRES[self.length_unit] ** 3)

    @property
    def step_kg(self) -> float:
        """Kilograms to whose whole multiples the result is rounded up; 0: not rounded."""
        return self.weight_step * KILOGRAMS[self.weight_unit]

    @property
    def side_step_cm(self) -> float:
        """Centimetres to whose whole multiples each side is rounded; 0: not rounded."""
        return self.side_step * METRES[self.length_unit] / METRES["cm"]


def chargeable_weight(
    rule: WeightRule, weight: ArrayLike, *, sides: ArrayLike | None = None, volume: ArrayLike | None = None
) -> Floats:
    """Return the chargeable weight: the larger of weight and volumetric weight, rounded up.

    Parameters
    ----------
    rule : WeightRule
        The rule.
    weight : array_like
        Gross weight, in the rule's weight unit.
    sides : array_like, optional
        Length, width and height in the rule's length unit, along the last axis.
    volume : array_like, optional
        Volume in the rule's cubic length unit, where sides are not known: then no side is rounded.

    Returns
    -------
    ndarray
        In the rule's weight unit.

    Examples
    --------
    >>> us = WeightRule("us_parcel", 139, "in", side_step=1, weight_unit="lb", weight_step=1)
    >>> float(chargeable_weight(us, 4.2, sides=[11.1, 8.5, 6.2]))  # 12 × 9 × 7 = 756 in³
    6.0
    """
    if (sides is None) == (volume is None):
        raise ValueError("give either sides or volume")
    if sides is not None:
        size = box_volume(np.asarray(sides, dtype=float), rule.side_step, rule.side_rounding)
    else:
        size = np.asarray(volume, dtype=float)
    counted: Floats = np.maximum(np.asarray(weight, dtype=float), size / rule.divisor)
    return rounded_up(counted, rule.weight_step)


def box_volume(sides: Floats, step: float, rounding: str) -> Floats:
    """Return the product of the three sides along the last axis, each rounded to whole multiples of a step; 0 rounds nothing."""
    if step:
        multiples = sides / step
        sides = step * (np.ceil(multiples * (1 - ROUNDING)) if rounding == "up" else np.floor(multiples + 0.5))
    return np.asarray(sides.prod(axis=-1))


def rounded_up(weight: Floats, step: float) -> Floats:
    """Return weights rounded up to whole multiples of a step; a step of 0 rounds nothing."""
    if not step:
        return weight
    return np.asarray(np.ceil(weight / step * (1 - ROUNDING)) * step)


@dataclass(frozen=True)
class Container:
    """What a container holds: kg and m³, with the days the figures hold and where they come from."""

    container: str
    kg: float
    m3: float
    from_date: date = date.min
    to_date: date | None = None
    authority: str = ""


def containers_needed(box: Container, weight: float, volume: float, quantity: float, *, sku: str = "") -> int:
    """Return how many containers a quantity fills, by weight and by volume.

    Parameters
    ----------
    box : Container
        The type.
    weight, volume : float
        kg and m³ of a unit.
    quantity : float
        Units.
    sku : str
        Name of the product, for the message.

    Raises
    ------
    DataError
        If one unit does not fit into the container.

    Examples
    --------
    >>> containers_needed(Container("20GP", 28180, 33), weight=300, volume=0.5, quantity=100)
    2
    """
    if weight > box.kg or volume > box.m3:
        raise DataError(
            tr(
                "The container {box} ({kg} kg, {m3} m³) cannot hold one unit of {sku} ({weight} kg, {volume} m³).",
                box=box.container,
                kg=f"{box.kg:g}",
                m3=f"{box.m3:g}",
                sku=sku,
                weight=f"{weight:g}",
                volume=f"{volume:g}",
            ),
            tr("Look whether weight and volume of the product and the limits of the tariff are right."),
        )
    if quantity <= 0:
        return 0
    return int(np.ceil(max(quantity * weight / box.kg, quantity * volume / box.m3) * (1 - ROUNDING)))
