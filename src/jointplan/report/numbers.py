"""Numbers and dates as people of a language write them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal, format_percent, get_currency_symbol

NONE = "–"
MINUS = "−"


def known(value: float | None) -> bool:
    """Return whether a number is there: neither None nor NaN."""
    return value is not None and not math.isnan(value)


def whole(amounts: Sequence[float], total: float | None = None) -> list[int]:
    """Return whole numbers that add up to the rounded sum of some amounts, or to a total that was rounded otherwise, by the method of largest remainders.

    Of amounts that stand alike, the largest gives way.

    >>> whole([85.3, 14.4, 10.3]), whole([5.5], 5.496), whole([0.0, 4.0], 3)
    ([85, 15, 10], [5], [0, 3])
    """
    found = [math.floor(amount) for amount in amounts]
    lacking = round(sum(amounts) if total is None else total) - sum(found)
    step = 1 if lacking > 0 else -1
    order = sorted(range(len(found)), key=lambda n: (step * (found[n] - amounts[n]), -abs(amounts[n])))
    for n in order[: abs(lacking)]:
        found[n] += step
    return found


def apart(first: float, second: float) -> int:
    """Return how far the whole numbers apart are that two values are written as: the difference readers find themselves.

    >>> apart(100.4, 64.6)
    35
    """
    return round(first) - round(second)


@dataclass(frozen=True)
class Numbers:
    """Writes numbers, money and dates in one language.

    Parameters
    ----------
    lang : str
        ``en`` or ``zh``.
    currency : str
        ISO 4217 code of the run.
    coded : bool
        Whether amounts bear that code, as in the terminal (-1,234 CNY), instead of the currency's sign (−¥1,234), with a minus that
        every terminal has.
    """

    lang: str
    currency: str
    coded: bool = False

    @cached_property
    def locale(self) -> Locale:
        """The Babel locale; looking it up by name for every number would take most of the report's time."""
        return Locale.parse({"zh": "zh_CN"}.get(self.lang, "en"))

    @cached_property
    def symbol(self) -> str:
        """The sign of the run's currency, short (¥, not CN¥): a run has but one, and the page names it."""
        symbol = str(get_currency_symbol(self.currency, locale=self.locale))
        return symbol[2:] if re.fullmatch("[A-Z]{2}[^A-Za-z]", symbol) else symbol

    @property
    def minus(self) -> str:
        """The sign of what is below zero."""
        return "-" if self.coded else MINUS

    def money(self, amount: float | None, *, signed: bool = False) -> str:
        """Write an amount in whole units of currency, with a plus sign before gains if ``signed``."""
        if amount is None or not known(amount):
            return NONE
        return self._written(amount, format_decimal(abs(round(amount)), "#,##0", locale=self.locale), 0, signed)

    def cents(self, amount: float | None) -> str:
        """Write an amount to the cent."""
        if amount is None or not known(amount):
            return NONE
        return self._written(amount, format_decimal(abs(round(amount, 2)), "#,##0.00", locale=self.locale), 2, False)

    def short(self, amount: float | None, *, signed: bool = False) -> str:
        """Write an amount briefly, such as ¥1.2M or ¥123万."""
        if amount is None or not known(amount):
            return NONE
        least = 10_000 if self.lang == "zh" else 1000  # what is smaller is written out
        size = abs(amount) if abs(amount) >= least else abs(round(amount))
        text = (
            format_decimal(size, "#,##0", locale=self.locale)
            if size < least
            else format_compact_decimal(size, format_type="short", locale=self.locale, fraction_digits=1)
        )
        return self._written(amount, text, 0, signed)

    def count(self, value: float | None) -> str:
        """Write a whole number."""
        if value is None or not known(value):
            return NONE
        return str(format_decimal(round(value), locale=self.locale)).replace("-", self.minus)

    def number(self, value: float | None, digits: int = 1) -> str:
        """Write a number with at most ``digits`` decimals."""
        if value is None or not known(value):
            return NONE
        pattern = "#,##0." + "#" * digits
        return str(format_decimal(round(value, digits) + 0.0, pattern, locale=self.locale)).replace("-", self.minus)

    def share(self, value: float | None, digits: int = 1, *, signed: bool = False) -> str:
        """Write a fraction as a percentage with at most ``digits`` decimals."""
        if value is None or not known(value):
            return NONE
        pattern = "#,##0." + "#" * digits + "%" if digits else "#,##0%"
        rounded = round(value, digits + 2) + 0.0
        text = str(format_percent(rounded, pattern, locale=self.locale)).replace("-", self.minus)
        return f"+{text}" if signed and rounded > 0 else text

    def day(self, value: date | None) -> str:
        """Write a date."""
        return NONE if value is None else str(format_date(value, "medium", locale=self.locale))

    def _written(self, amount: float, size: str, digits: int, signed: bool) -> str:
        """Return an amount with its sign and its currency; what rounds to nothing has no sign."""
        rounded = round(amount, digits)
        sign = self.minus if rounded < 0 else "+" if signed and rounded > 0 else ""
        return f"{sign}{size} {self.currency}" if self.coded else f"{sign}{self.symbol}{size}"
