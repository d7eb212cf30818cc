"""Problems found while reading, and how they are put to people."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from jointplan.errors import DataIssue
from jointplan.schema import Column, Table
from jointplan.schema.words import CHOICES_ZH
from jointplan.texts import language, tr

LISTED = 20
SHOWN = 80
_ALIKE = 0.72  # how much of two words must be the same, of 1, for one to be a slip of the other
# A formula in a workbook was saved without what it gave.
NO_RESULT = "formula_without_result"


class UnreadableError(Exception):
    """A file, sheet or table that cannot be read at all: the one problem it has."""

    def __init__(self, rule: str, message: str, cure: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row
        self.rule = rule
        self.message = message
        self.cure = cure

    def issue(self, table: str, file: str) -> DataIssue:
        """Return the problem with its place."""
        return DataIssue(table, file, self.row, "", "", self.rule, self.message, self.cure)


def empty_file() -> UnreadableError:
    """Return the problem of a file without content."""
    return UnreadableError(
        "empty_file",
        tr("The file is empty."),
        tr("Fill it in, or remove it; blank templates come from: jointplan init"),
    )


def no_result(cell: str, cells: int) -> str:
    """Return what is wrong with a column whose formulas, the first of them in a cell, have no saved result."""
    if cells == 1:
        return tr("The formula in cell {cell} was saved without its result, so the cell reads as blank.", cell=cell)
    return tr(
        "{n} formulas in this column, the first in cell {cell}, were saved without their results, so the cells read as blank.",
        n=cells,
        cell=cell,
    )


def no_result_cure() -> str:
    """Return how formulas get their results."""
    return tr("Open the workbook in Excel or LibreOffice and save it, or paste the values over the formulas.")


def only_returns(file: str) -> DataIssue:
    """Return the problem of sales whose every line takes something back."""
    message = tr("All lines are cancellations or returns: nothing is left to plan.")
    cure = tr("Add the lines that were sold, with their quantities above 0.")
    return DataIssue("sales", file, None, "quantity", "", "only_returns", message, cure)


def nothing_sold(file: str) -> DataIssue:
    """Return the problem of sales of which every line is zero."""
    message = tr("The quantities of all lines are 0: there is nothing to plan.")
    cure = tr("Add the lines that were sold, with their quantities above 0.")
    return DataIssue("sales", file, None, "quantity", "", "nothing_sold", message, cure)


def all_cancelled(file: str) -> DataIssue:
    """Return the problem of imports that brought no sale, as every line of theirs was cancelled or took something back."""
    message = tr("All lines that were imported are cancellations or returns: nothing is left to plan.")
    cure = tr("Import the lines that were sold; derived/rejected.csv says why these were left out.")
    return DataIssue("sales", file, None, "", "", "only_returns", message, cure)


def beside_returns(issue: DataIssue) -> DataIssue:
    """Return the problem of sales that are not there, or have no rows, as it is where what came back is known."""
    message = (
        tr("The table sales is missing: the table returns says what came back, but nothing says what was sold.")
        if issue.rule == "missing_table"
        else tr("The table sales has no rows: the table returns says what came back, but nothing says what was sold.")
    )
    return replace(issue, rule="only_returns", message=message)


def and_more(rows: int) -> str:
    """Return the message that stands for all the rows not listed."""
    return tr("… and {more} more rows with this problem.", more=rows)


def label(thing: Column | Table) -> str:
    """Return the name of a column or table as the reader knows it."""
    return thing.zh if language() == "zh" else thing.name


def meaning(thing: Column | Table) -> str:
    """Return what a column or table means, in the language in force."""
    return thing.meaning_zh if language() == "zh" else thing.meaning


def choice_word(choice: str) -> str:
    """Return a choice of a column as the reader knows it; what is none, as it is."""
    return CHOICES_ZH.get(choice, choice) if language() == "zh" else choice


def shorten(value: object) -> str:
    """Return a value in at most 80 characters."""
    text = "" if value is None else str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def folded(text: str) -> str:
    """Return a word without the differences people overlook: width, case, blanks, separators, leading zeros.

    >>> folded("Ｕnit-Value "), folded("F 007")
    ('unitvalue', 'f7')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(character for character in plain if character.isalnum())
    word = letters.rstrip("0123456789")
    return word + letters[len(word) :].lstrip("0")


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant, if any.

    >>> closest("quantiy", ["quantity", "unit_price"])
    'quantity'
    """
    known = list(candidates)
    alike = [candidate for candidate in known if folded(candidate) == folded(word)]
    if alike:
        return alike[0]
    spelled = {c.casefold(): c for c in reversed(known)}
    near = difflib.get_close_matches(word.casefold(), spelled, 3, _ALIKE)
    return next((spelled[c] for c in near if _is_slip(word.casefold(), c)), None)


def _is_slip(word: str, other: str) -> bool:
    """Return whether each part of a code is near that of the other: PARCEL-AU is another lane than PARCEL-US, not a slip."""
    parts, others = (re.findall(r"\w+", code) for code in (word, other))
    if len(parts) != len(others):
        return True
    return all(difflib.SequenceMatcher(None, *pair).ratio() >= _ALIKE for pair in zip(parts, others, strict=True))


def did_you_mean(word: str, candidates: Iterable[str], otherwise: str) -> str:
    """Return a cure that names what was probably meant, else the other cure."""
    return meant(closest(word, candidates), otherwise)


def meant(guess: str | None, otherwise: str) -> str:
    """Return a cure that begins with what was probably meant, if anything was."""
    space = "" if language() == "zh" else " "
    return tr("Did you mean {guess}?", guess=guess) + space + otherwise if guess else otherwise


def plain(value: object) -> str:
    """Return a value as a person would write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)
