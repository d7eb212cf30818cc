"""Duty, tax and export refund of consignments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DutyRule:
    """What a market charges on goods coming in.

    Parameters
    ----------
    market : str
        Market, or country, it holds for.
    base : str
        ``cif``: duty is charged on the value with freight and insurance; ``fob``: on the goods alone.
    rate : float or None
        Duty, share of the customs value, on consignments above the threshold; None: not known.
    per_item : float
        Fixed charge of a tariff item: on consignments up to the threshold, on all where it is 0.
    vat : float
        Tax, share of customs value and duty together.
    threshold : float
        Consignments whose goods are worth no more pay no duty by rate.
    clearing : float
        Fee for clearing one consignment.
    currency : str
        Currency of the amounts; empty: that of the run.
    given_currency, exchange_rate : str, float
        Currency in which the amounts were written, and what one unit of it was taken to be worth; empty: that of the run.
    hs, origin : str
        Leading digits of the HS code and country of origin it is limited to; empty: any.
    from_date, to_date : date or None
        First and last day.
    authority : str
        Where the rule comes from.
    """

    market: str = ""
    base: str = "cif"
    rate: float | None = 0.0
    per_item: float = 0.0
    vat: float = 0.0
    threshold: float = 0.0
    clearing: float = 0.0
    currency: str = ""
    hs: str = ""
    origin: str = ""
    from_date: date = date.min
    to_date: date | None = None
    authority: str = ""
    given_currency: str = ""
    exchange_rate: float = 1.0

    def __post_init__(self) -> None:
        if self.base not in ("cif", "fob"):
            raise ValueError(f"the base must be cif or fob, not {self.base!r}")
        if min(self.rate or 0.0, self.per_item, self.vat, self.threshold, self.clearing) < 0:
            raise ValueError("rates and amounts must not be negative")

    def holds(self, on: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return self.from_date <= on and (self.to_date is None or on <= self.to_date)

    def in_currency(self, worth: float) -> DutyRule:
        """Return the rule with its amounts in another currency, of which one unit of its own is worth this much."""
        return replace(
            self,
            per_item=self.per_item * worth,
            threshold=self.threshold * worth,
            clearing=self.clearing * worth,
            currency="",
            given_currency=self.currency,
            exchange_rate=worth,
        )


@dataclass(frozen=True)
class Charges:
    """What consignments pay at the border, arrays of one shape; money in the currency of the rule.

    ``known`` is False where the rate of the duty applies but is not known: then it is counted as 0.
    """

    customs_value: Floats
    duty: Floats
    per_item: Floats
    vat: Floats
    clearing: Floats
    known: NDArray[np.bool_]

    @property
    def total(self) -> Floats:
        """Everything together, the customs value apart."""
        return self.duty + self.per_item + self.vat + self.clearing


def customs_value(base: str, goods: ArrayLike, freight: ArrayLike = 0.0, insurance: ArrayLike = 0.0) -> Floats:
    """Return the value duty is charged on: the goods (``fob``), or with freight and insurance (``cif``).

    Examples
    --------
    >>> float(customs_value("cif", 100.0, 20.0, 1.0)), float(customs_value("fob", 100.0, 20.0, 1.0))
    (121.0, 100.0)
    """
    value: Floats = np.asarray(goods, dtype=float) + 0.0
    if base == "cif":
        value = value + np.asarray(freight, dtype=float) + np.asarray(insurance, dtype=float)
    return value


def charges(
    rule: DutyRule,
    goods: ArrayLike,
    *,
    freight: ArrayLike = 0.0,
    insurance: ArrayLike = 0.0,
    items: ArrayLike = 1,
) -> Charges:
    """Return what consignments pay under a rule.

    The threshold is compared with the value of the goods alone. VAT is charged on the customs value and the duty.

    Parameters
    ----------
    rule : DutyRule
        The rule.
    goods, freight, insurance : array_like
        Value of the goods of each consignment, and what its transport and insurance cost, in the rule's currency.
    items : array_like
        Tariff items (different HS codes) in each consignment.

    Examples
    --------
    Two tariff items of a parcel to France from July 2026 add 6 of duty and 1.20 of VAT on it:

    >>> france = DutyRule(per_item=3, threshold=150, vat=0.20)
    >>> paid = charges(france, 100.0, items=2)
    >>> float(paid.per_item), round(float(paid.vat) - 0.20 * 100, 2)
    (6.0, 1.2)
    """
    goods, freight, insurance, items = np.broadcast_arrays(
        *(np.asarray(values, dtype=float) for values in (goods, freight, insurance, items))
    )
    value = customs_value(rule.base, goods, freight, insurance)
    small = goods <= rule.threshold if rule.threshold > 0 else np.zeros(goods.shape, bool)
    fixed = small if rule.threshold > 0 else np.ones(goods.shape, bool)
    duty = np.where(small, 0.0, (rule.rate or 0.0) * value)
    per_item = np.where(fixed, rule.per_item * items, 0.0)
    return Charges(
        customs_value=value,
        duty=duty,
        per_item=per_item,
        vat=rule.vat * (value + duty + per_item),
        clearing=np.full(goods.shape, rule.clearing),
        known=small | (rule.rate is not None),
    )


@dataclass(frozen=True)
class ExportMode:
    """A customs supervision mode of the country of origin.

    Parameters
    ----------
    code : str
        Code, such as ``9810``.
    refund : float
        Share of the input VAT that is refunded.
    vat : float
        Rate of the VAT in the price paid to the maker.
    value_limit : float or None
        Most that a parcel or a declaration may be worth.
    limit_per : str
        ``parcel``: the limit holds for what one buyer is sent; ``declaration``: for what is declared together.
    currency : str
        Currency of the limit; empty: that of the run.
    from_date, to_date : date or None
        First and last day.
    authority : str
        Where the rule comes from.
    """

    code: str
    refund: float = 0.0
    vat: float = 0.13
    value_limit: float | None = None
    limit_per: str = "declaration"
    currency: str = ""
    from_date: date = date.min
    to_date: date | None = None
    authority: str = ""

    def __post_init__(self) -> None:
        if self.limit_per not in ("parcel", "declaration"):
            raise ValueError(f"the limit must be per parcel or declaration, not {self.limit_per!r}")

    def admits(self, value: ArrayLike) -> NDArray[np.bool_]:
        """Tell whether goods of which a unit is worth this much may go by the mode.

        A parcel holds one unit, and a load may be divided among declarations down to single units: either way what must be
        within the limit is a unit.
        """
        limit = np.inf if self.value_limit is None else self.value_limit
        return np.asarray(np.asarray(value, dtype=float) <= limit)

    def declarations(self, value: float, quantity: float) -> int:
        """Return in how many declarations a load of units worth this much each must be made.

        Examples
        --------
        A declaration of market procurement may be worth 150,000 dollars, here 1,500 units of 100 each:

        >>> ExportMode("1039", value_limit=150_000).declarations(100.0, 4000)
        3
        """
        if self.limit_per != "declaration" or not self.value_limit or not 0 < value <= self.value_limit:
            return 1
        return ceil(quantity / floor(self.value_limit / value + 1e-9) - 1e-9)


def export_refund(mode: ExportMode, purchase: ArrayLike) -> Floats:
    """Return the VAT refunded on goods bought for a price that holds it.

    Examples
    --------
    >>> round(float(export_refund(ExportMode("0110", refund=1.0, vat=0.13), 113.0)), 2)
    13.0
    """
    paid = np.asarray(purchase, dtype=float)
    return np.asarray(paid * mode.vat / (1 + mode.vat) * mode.refund)
