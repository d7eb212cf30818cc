"""Which column of a file is which column of the schema."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jointplan.errors import DataIssue
from jointplan.ingest.problems import did_you_mean, label, meaning, shorten
from jointplan.schema import Table
from jointplan.texts import tr

# A title or a remark may stand above the header, not more.
SEARCHED = 10


@dataclass(frozen=True)
class Headers:
    """The header row of a file.

    Parameters
    ----------
    row : int
        Which row of the file it is, from 1.
    places : dict of str to int
        Schema column to position in the file.
    nameless : tuple of int
        Positions without a header: nothing may stand below them.
    cells : tuple of str
        The header as written.
    """

    row: int
    places: dict[str, int]
    nameless: tuple[int, ...]
    cells: tuple[str, ...]


@lru_cache(maxsize=4096)  # the names of the schema's columns come again with every file, row and separator
def _plain(cell: str) -> str:
    """Return a header without unit, mark of a required column, case and separators."""
    text = unicodedata.normalize("NFKC", cell).strip().rstrip("*").strip()
    text = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", text)
    return re.sub(r"[\s_\-]+", "_", text).casefold()


def _known(table: Table) -> dict[str, str]:
    return {_plain(word): column.name for column in table for word in (column.name, column.zh)}


def recognised(cells: Sequence[str], table: Table) -> int:
    """Return how many cells are headers of the table."""
    known = _known(table)
    return len({known[_plain(cell)] for cell in cells if _plain(cell) in known})


def header_row(rows: Sequence[Sequence[str]], table: Table) -> int:
    """Return which of the first rows is the header, from 0: the one that knows most columns, else the first filled."""
    first = next((n for n, cells in enumerate(rows) if any(cell.strip() for cell in cells)), 0)
    best = max(range(len(rows)), key=lambda n: (recognised(rows[n], table), -n), default=0)
    return best if rows and recognised(rows[best], table) >= 2 else first


def match_headers(cells: Sequence[str], row: int, table: Table, file: str) -> tuple[Headers, list[DataIssue]]:
    """Match the header of a file to a table.

    Returns
    -------
    headers : Headers
        What was found.
    issues : list of DataIssue
        Unknown, doubled and missing columns.
    """
    known = _known(table)
    places: dict[str, int] = {}
    issues = []

    def report(column: str, value: str, rule: str, message: str, cure: str, severity: str = "error") -> None:
        issues.append(DataIssue(table.name, file, row, column, shorten(value), rule, message, cure, severity))

    for place, cell in enumerate(cells):
        name = known.get(_plain(cell))
        if name in places and name is not None:
            report(
                name,
                cell,
                "duplicate_column",
                tr("The column {column} stands there twice.", column=label(table[name])),
                tr("Remove one of the two."),
            )
        elif name is not None:
            places[name] = place
        elif cell.strip() and not cell.strip().startswith("#"):
            report(
                cell.strip(),
                cell,
                "unknown_column",
                tr("The table {table} has no column {column}.", table=label(table), column=shorten(cell.strip())),
                did_you_mean(
                    cell.strip(),
                    [label(column) for column in table if column.name not in {known.get(_plain(c)) for c in cells}],
                    tr("Rename or remove it, or begin its name with # to keep it as a remark."),
                ),
            )
    for column in table:
        if column.required and column.name not in places:
            report(
                column.name,
                "",
                "missing_column",
                tr("The column {column} is missing.", column=label(column)),
                tr("Add it: {meaning}", meaning=meaning(column)),
            )
    nameless = tuple(place for place, cell in enumerate(cells) if not cell.strip())
    return Headers(row, places, nameless, tuple(cells)), issues
