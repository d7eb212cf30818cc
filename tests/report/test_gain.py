"""The gain is told so that it agrees with the amounts beside it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from jointplan.report.blocks import Interval
from jointplan.report.gain import gain_section
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun


def view(verdict: str, separate: float, joint: float) -> RunView:
    """Return a run of one week whose two plans are proven to be the best there are."""
    gain = joint - separate
    value = {"recorded": 90.6, "separate": separate, "joint": joint}
    manifest = {
        "verdict": verdict, "currency": "CNY", "horizon": {"weeks": 1, "replay": False, "start": "2026-01-05"},
        "figures": {"value": value, "gain": gain, "gain_low": gain, "gain_high": gain},
    }  # fmt: skip
    tables = {name: TABLES[name].empty() for name in ("values", "violations", "ledger")}
    return RunView(cast("StoredRun", SimpleNamespace(tables=tables, manifest=manifest, joint_searched=True)), "en")


def test_a_gain_that_is_proven_to_be_none_is_told_as_none() -> None:
    """Nothing is left open where the interval is zero alone, as people are told it: none is no difference that cannot be told."""
    run = view("not_distinguishable", 100.4, 100.45)
    with run.speaking():
        section = gain_section(run)
    assert section.answer == "Over 1 week, planning together is proven to gain nothing, for exactly this demand."
    assert (section.cards[0].label, section.cards[0].note) == ("Gain by cooperation", "joint plan − separate plans")


@pytest.mark.parametrize(
    ("verdict", "joint", "said"),
    [
        ("gain", 110.0, "is proven to be worth ¥10 more than each owner planning alone, for exactly this demand."),
        ("loss", 90.0, "would cost ¥10 more than it brings; for exactly this demand, this is proven."),
    ],
)
def test_a_gain_that_is_proven_exactly_has_no_interval(verdict: str, joint: float, said: str) -> None:
    """Both plans are proven best and the amounts are whole: there is nothing between."""
    run = view(verdict, 100.0, joint)
    with run.speaking():
        answer = gain_section(run).answer
    assert said in answer
    assert "between" not in answer


@pytest.mark.parametrize(
    ("verdict", "separate", "joint", "said", "card", "ends"),
    [
        # Written as 100 and 111; and as 101 and 110.
        ("gain", 100.4, 110.6, "between ¥10 and ¥11 more", "+¥11", ("+¥10", "+¥11")),
        ("gain", 100.6, 110.4, "between ¥9 and ¥10 more", "+¥9", ("+¥9", "+¥10")),
        ("loss", 110.6, 100.4, "would cost ¥11 more", "−¥11", ("−¥11", "−¥10")),
    ],
)
def test_the_gain_is_the_difference_of_the_plans_beside_it(
    verdict: str, separate: float, joint: float, said: str, card: str, ends: tuple[str, str]
) -> None:
    """However far the gain rounded by itself would be from it; its interval gives way, and better planning is told alike."""
    run = view(verdict, separate, joint)
    with run.speaking():
        section = gain_section(run)
    assert said in section.answer
    first, worth, *_, better = section.cards
    assert (first.figure, first.note) == (card, f"joint plan − separate plans; {card.lstrip('+')} a week")
    assert (worth.figure, worth.note) == (f"¥{round(joint)}", f"separate plans: ¥{round(separate)}")
    assert better.figure == f"+¥{round(separate) - 91}"
    (interval,) = (block for block in section.blocks if isinstance(block, Interval))
    assert (interval.low_text, interval.high_text, interval.point_text) == (*ends, card)
