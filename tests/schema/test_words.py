"""Choices have Chinese words, and examples are right."""

from __future__ import annotations

import pytest

from jointplan.schema import INPUTS, TABLES, Kind, Table
from jointplan.schema.words import CHOICES_ZH, example
from jointplan.study.settings_file import documented


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_choices_have_a_chinese_word_of_their_own(table: Table) -> None:
    """No two choices of one column share a word."""
    for column in table:
        assert len({CHOICES_ZH[choice] for choice in column.choices}) == len(column.choices)


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_what_is_assumed_of_an_open_column_is_told_in_both_languages(table: Table) -> None:
    """Only a column that may be left open has it, as part of a sentence."""
    for column in table:
        assert bool(column.absent) == bool(column.absent_zh)
        assert not (column.absent and column.required)
        assert not column.absent.endswith(".")


@pytest.mark.parametrize(
    ("table", "column", "setting"),
    [
        ("products", "transfer_price", "plan.making.transfer_margin"),
        ("products", "transfer_price", "plan.making.bought_share"),  # what is bought in has no maker to be paid
        ("products", "weight", "plan.freight.weight"),
        ("products", "volume", "plan.freight.volume"),
        ("credit", "limit", "plan.costs.borrowing_rate"),  # nobody is kept from owing more than the limit
    ],
)
def test_what_is_assumed_of_an_open_column_names_the_settings_it_goes_by(table: str, column: str, setting: str) -> None:
    """Settings that there are, in both languages."""
    assert tuple(setting.split(".")) in dict(documented())
    assert all(setting in text for text in (TABLES[table][column].absent, TABLES[table][column].absent_zh))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *((table, "currency") for table in ("firms", "markets", "sources", "sites", "tariffs", "duties", "export_modes")),
        ("firms", "owner"), ("stock", "seller"), ("sales", "channel"), ("fees", "share"), ("fees", "fixed"), ("fees", "settle_days"),
        ("capabilities", "major_setup_cost"), ("capabilities", "minor_setup_cost"), ("capabilities", "minimum_batch"),
        ("designs", "royalty"), ("sites", "opening_cost"),
    ],
)  # fmt: skip
def test_what_is_assumed_is_told_of_owners_currencies_fees_and_setups(table: str, column: str) -> None:
    """Money moves by them, and a cell of theirs looks harmless when it is left open."""
    assert TABLES[table][column].absent


def test_days_until_materials_arrive_are_assumed_only_where_orders_are_decided() -> None:
    """A material with one fixed price is part of a unit's cost, and there when it is needed."""
    column = TABLES["sources"]["lead_days"]
    assert "price breaks" in column.absent
    assert "价格档" in column.absent_zh


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_examples_keep_the_rules_of_their_column(table: Table) -> None:
    """An example shown to people passes the check of its column."""
    for column in table:
        text = example(column)
        assert text
        if column.kind in (Kind.NUMBER, Kind.INTEGER):
            number = float(text)
            assert column.low is None or number >= column.low
            assert column.above is None or number > column.above
            assert column.high is None or number <= column.high


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_a_required_column_has_no_default(table: Table) -> None:
    """What must be filled in is never assumed, and a value taken from elsewhere comes from a column of the table."""
    for column in table:
        assert not column.required or (column.default is None and not column.default_from)
        assert not column.default_from or column.default_from in table.names
