"""How numbers are written."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jointplan.report.numbers import NONE, Numbers, whole

EN, ZH = Numbers("en", "CNY"), Numbers("zh", "CNY")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (EN.money(1234567.4), "¥1,234,567"),
        (EN.money(1234567.4, signed=True), "+¥1,234,567"),
        (EN.money(-0.3, signed=True), "¥0"),
        (EN.cents(-1234.5), "−¥1,234.50"),
        (EN.short(1_234_567), "¥1.2M"),
        (ZH.short(1_234_567), "¥123.5万"),
        (EN.short(-610.89), "−¥611"),
        (ZH.short(7619.02), "¥7,619"),
        (Numbers("en", "BRL").money(5), "R$5"),
        (Numbers("en", "EUR").money(5), "€5"),
        (Numbers("en", "CNY", coded=True).money(-1234.4), "-1,234 CNY"),
        (Numbers("en", "CNY", coded=True).share(-0.021), "-2.1%"),
        (Numbers("en", "CNY", coded=True).count(-1234), "-1,234"),
        (Numbers("zh", "CNY", coded=True).cents(1234.5), "1,234.50 CNY"),
        (Numbers("zh", "CNY", coded=True).short(1_234_567, signed=True), "+123.5万 CNY"),
        (EN.share(0.0008, 3), "0.08%"),
        (EN.share(-0.021, 1, signed=True), "−2.1%"),
        (EN.share(0.0021, 0, signed=True), "0%"),
        (EN.share(-0.0021, 0, signed=True), "0%"),
        (EN.share(0.0051, 0, signed=True), "+1%"),
        (EN.number(-0.04, 1), "0"),
        (EN.money(None), NONE),
        (EN.money(float("nan")), NONE),
        (EN.day(date(2025, 3, 3)), "Mar 3, 2025"),
        (ZH.day(date(2025, 3, 3)), "2025年3月3日"),
    ],
)
def test_numbers_are_written_as_people_do(text: str, want: str) -> None:
    """Amounts, shares and dates follow the reader's language; what is not there is a dash."""
    assert text == want


@given(st.floats(-1e12, 1e12))
def test_money_says_what_it_is(amount: float) -> None:
    """Reading a written amount back gives the amount, rounded."""
    for numbers in (EN, ZH):
        text = numbers.money(amount)
        assert int(re.sub("[¥,]", "", text).replace("−", "-")) == round(amount)


@given(st.floats(-1e6, 1e6), st.lists(st.integers(-100, 100), min_size=1, max_size=9))
@example(0.0, [0, 1])
@example(1.0, [0, 1])
def test_whole_steps_lead_from_one_rounded_amount_to_the_other(start: float, steps: list[int]) -> None:
    """At exact halves, too: from 1.5 to 2.5, both written as 2, a step of 1 is written as none; what is nothing stays nothing."""
    for begin in (start, np.floor(start) + 0.5):
        found = whole([float(step) for step in steps], round(begin + sum(steps)) - round(begin))
        assert round(begin) + sum(found) == round(begin + sum(steps))
        assert all(one == 0 for one, step in zip(found, steps, strict=True) if step == 0)


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_whole_numbers_add_up_to_the_rounded_sum(amounts: list[float]) -> None:
    """Each amount is rounded up or down, and together they are what the sum is rounded to."""
    found = whole(amounts)
    assert abs(sum(found) - sum(amounts)) <= 0.5 + 1e-6
    assert all(abs(one - amount) < 1 for one, amount in zip(found, amounts, strict=True))
