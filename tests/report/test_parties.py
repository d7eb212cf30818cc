"""Who gains: the sentences count the firms as the table does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from jointplan.report.blocks import Chart, Grid
from jointplan.report.parties import parties_section
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun


def view(lang: str, changes: list[float], before: float = 0.0, sides: tuple[str, ...] = ("maker",)) -> RunView:
    """Return a run in which firms, of each side in turn, change by these amounts from what they had before."""
    gains: list[dict[str, Any]] = [
        {
            "firm": f"F{n}", "owner": f"F{n}", "side": sides[n % len(sides)], "separate": before, "joint": before + change,
            "change": change,
        }
        for n, change in enumerate(changes)
    ]  # fmt: skip
    tables = {
        "gains": pa.Table.from_pylist(gains, TABLES["gains"].arrow),
        "ledger": TABLES["ledger"].empty(),
        "input_firms": TABLES["firms"].empty(),
    }
    value = {"separate": before * len(changes), "joint": before * len(changes) + sum(changes)}
    manifest = {
        "verdict": "gain", "currency": "CNY", "figures": {"value": value, "gain_low": None, "gain_high": None},
    }  # fmt: skip
    return RunView(cast("StoredRun", SimpleNamespace(tables=tables, manifest=manifest)), lang)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([9.0, -2.0, -3.0], "the result rises for 1 firm, by ¥9 in all, and falls for 2, by ¥5 in all;"),
        ([9.0, 4.0, -2.0], "the result rises for 2 firms, by ¥13 in all, and falls for 1, by ¥2 in all;"),
    ],
)
def test_firms_that_win_and_lose_are_counted_in_words_that_fit(changes: list[float], told: str) -> None:
    """One firm is a firm, two are firms."""
    run = view("en", changes)
    with run.speaking():
        assert told in parties_section(run).answer


def test_what_is_shown_of_each_firm_and_of_each_side_adds_up() -> None:
    """A firm's change is that of the amounts beside it, in the picture too, and of its side; all are the whole gain, 7 − 1, not four times 2 or 1."""
    run = view("en", [1.4, 1.4, 1.4, 1.4], before=0.3, sides=("maker", "seller", "workshop", "hub"))
    with run.speaking():
        section = parties_section(run)
    (table,) = (block for block in section.blocks if isinstance(block, Grid))
    assert sorted(row[3:6] for row in table.rows) == [("¥0", "¥1", "+¥1")] * 2 + [("¥0", "¥2", "+¥2")] * 2
    sides = {card.label: card.figure for card in section.cards}
    assert all(sides[row[2]] == row[5] for row in table.rows)
    picture = next(block for block in section.blocks if isinstance(block, Chart) and block.name == "firms")
    for row in picture.spec["data"]["values"]:
        assert sides[row["side"]] == row["text"]
    assert sorted(card.figure for card in section.cards) == ["+¥1", "+¥1", "+¥2", "+¥2"]


def test_what_is_shown_of_the_sides_adds_up_to_the_gain_that_is_told() -> None:
    """Plans worth 100.4 and 110.6 are told as 100 and 111: the one side there is gains 11, not 10.2."""
    run = view("en", [10.2], before=100.4)
    with run.speaking():
        assert [card.figure for card in parties_section(run).cards] == ["+¥11"]


@pytest.mark.parametrize(("lang", "named"), [("en", ["Suppliers", "Carriers"]), ("zh", ["供应商", "承运商"])])
def test_who_sells_beside_supplying_or_carrying_is_a_side_too(lang: str, named: list[str]) -> None:
    """Its change is part of the gain, so it has a card, by a name in the reader's language."""
    run = view(lang, [8.0, 3.0, -2.0], sides=("maker", "supplier", "carrier"))
    with run.speaking():
        section = parties_section(run)
    assert [card.label for card in section.cards][1:3] == named
    assert [card.figure for card in section.cards][:3] == ["+¥8", "+¥3", "−¥2"]
    (table,) = (block for block in section.blocks if isinstance(block, Grid))
    assert set(named) <= {row[2] for row in table.rows}


@pytest.mark.parametrize(
    ("more", "same", "en", "zh"),
    [
        (0, 0, "", ""),
        (0, 2, "For 2 firms in the table nothing changes.", "表中另有 2 家企业损益不变。"),
        (
            6,
            1,
            "The 40 largest changes; those of 6 more firms are in the table below. "
            "For 1 firm in the table nothing changes.",
            "显示变化最大的 40 家；其余 6 家有变化的企业见下表。表中另有 1 家企业损益不变。",
        ),
    ],
)
def test_firms_of_the_picture_add_up_with_the_table(more: int, same: int, en: str, zh: str) -> None:
    """Those shown, those that change besides and those that do not are all that the table lists."""
    for lang, told in (("en", en), ("zh", zh)):
        run = view(lang, [float(n) for n in range(1, 41 + more)] + [0.0] * same)
        with run.speaking():
            notes = [
                block.note
                for block in parties_section(run).blocks
                if isinstance(block, Chart) and block.name == "firms"
            ]
        assert notes == [told]
