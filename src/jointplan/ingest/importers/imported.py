"""What an importer is asked, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.contracts import Progress, silent
from jointplan.engine import DuckDBEngine
from jointplan.errors import UsageError
from jointplan.ingest.files.opening import Part
from jointplan.schema import Assumption
from jointplan.texts import tr

REJECTED = pa.schema(
    [
        ("kind", pa.string()),
        ("file", pa.string()),
        ("sheet", pa.string()),
        ("row", pa.int64()),
        ("reason", pa.string()),
        ("explanation", pa.string()),
        ("line", pa.string()),
        ("occurrence", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Request:
    """What is to be imported, and what is there already.

    Parameters
    ----------
    path : Path
        File or folder to read.
    options : mapping
        What the user said besides, such as ``{"city": "Ibitinga"}``.
    engine : DuckDBEngine
        Where tables are computed.
    markets : pa.Table
        Markets an earlier import wrote.
    currency : str
        Currency of the workspace's settings; empty where there are none yet.
    progress : Progress
        Told how far the reading is.
    """

    path: Path
    options: Mapping[str, str]
    engine: DuckDBEngine
    markets: pa.Table
    currency: str = ""
    progress: Progress = silent

    def needed(self, option: str, flag: str, meaning: str) -> str:
        """Return an option that must be given; ``flag`` is how the command line calls it.

        Raises
        ------
        UsageError
            If it is missing.
        """
        value = self.options.get(option, "").strip()
        if not value:
            raise UsageError(
                tr("The option {flag} is missing.", flag=flag),
                tr("Add it: {meaning}.", meaning=meaning),
            )
        return value


@dataclass(frozen=True)
class Lines:
    """Good rows for one table.

    Parameters
    ----------
    table : str
        Table of the schema they go to.
    rows : pa.Table
        Columns of that table (missing ones stay blank), and ``in_part`` and ``in_row``: where
        each was read.
    identity : tuple of str
        Columns in which equal rows are the same row. A table with an ``occurrence`` column holds equal lines of one
        part side by side, numbered; in any other the identity is the key, and the newest row holds.
    counted : bool
        Whether its rows are the lines read. False where the same line gave a row of another table as well.
    """

    table: str
    rows: pa.Table
    identity: tuple[str, ...]
    counted: bool = True


@dataclass(frozen=True)
class Imported:
    """What an importer made of a file.

    Parameters
    ----------
    read : int
        Lines read: as many as counted rows and rejected rows together.
    lines : tuple of Lines
        The good lines.
    rejected : Lines
        The others, as :data:`REJECTED`.
    references : mapping
        Rows of firms, products and markets that the lines speak of.
    derived : mapping
        Tables the source lacks, worked out by stated rules.
    assumptions : tuple of Assumption
        Every value that was worked out.
    currency : str
        Currency of most of the money in it.
    unknown_countries : mapping
        Names that are no country's, and how many lines have them.
    left_out : Lines or None
        Lines that are kept, but of no use for what was worked out, with the reason; as :data:`REJECTED`.
    settings : str
        Settings in TOML that a workspace without any begins with, below its currency.
    """

    read: int
    lines: tuple[Lines, ...]
    rejected: Lines
    references: Mapping[str, pa.Table]
    currency: str
    derived: Mapping[str, pa.Table] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    unknown_countries: Mapping[str, int] = field(default_factory=dict)
    left_out: Lines | None = None
    settings: str = ""


# Reasons that say a line sold nothing, or took back what was sold.
CANCELLED = {"cancelled", "not_paid", "negative_quantity", "fee_cancellation", "positive_cancellation"}


def rejections(kind: str, parts: Sequence[Part], judged: pa.Table) -> Lines:
    """Return the rejected rows of a file with their reasons: those judged so, and those with too many or few cells.

    Parameters
    ----------
    kind : str
        Kind of the import.
    parts : sequence of Part
        What was read.
    judged : pa.Table
        Columns ``in_part``, ``in_row`` and ``reason`` of the rejected rows.
    """
    meanings = _meanings()
    rows: list[tuple[object, ...]] = []
    for position, part in enumerate(parts):
        here = judged.filter(pc.equal(judged["in_part"], position)).sort_by("in_row")
        places = here["in_row"].to_pylist()
        numbers = part.numbers.take(here["in_row"]).to_pylist()
        found = zip(places, numbers, here["reason"].to_pylist(), part.lines(places), strict=True)
        broken = (
            (part.rows.num_rows + n, number, "broken_row", json.dumps(text, ensure_ascii=False))
            for n, (number, text) in enumerate(part.broken)
        )
        rows += [
            (kind, part.file, part.sheet, number, reason, meanings[reason], line, None, position, place)
            for place, number, reason, line in (*found, *broken)
        ]
    schema = pa.schema([*REJECTED, ("in_part", pa.int32()), ("in_row", pa.int64())])
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    table = pa.table([pa.array(cells, f.type) for cells, f in zip(columns, schema, strict=True)], schema)
    return Lines("rejected", table, ("kind", "reason", "line"))


def _meanings() -> dict[str, str]:
    return {
        "broken_row": tr("The row has more or fewer cells than the header."),
        "missing_value": tr("A value that is needed is blank."),
        "not_a_date": tr("The date cannot be read."),
        "not_a_number": tr("A number cannot be read."),
        "out_of_bounds": tr("A number lies outside what the table allows."),
        "not_a_choice": tr("A value is none of those the table allows."),
        "not_a_code": tr("The currency or country is no ISO code."),
        "duplicate_key": tr("Another row of the file has the same key and says something else."),
        "fee_code": tr("A fee, postage, voucher or correction, not a product."),
        "fee_cancellation": tr(
            "The cancellation of a fee, postage, voucher, correction or other line that is no product."
        ),
        "unlisted_code": tr("The stock code does not begin with five digits: not in the product range."),
        "negative_quantity": tr("The quantity is zero or negative, yet the line is no cancellation."),
        "positive_cancellation": tr("A cancellation whose quantity is not negative."),
        "no_price": tr("The price is zero, negative or not yet known."),
        "cancelled": tr("The order was cancelled before it was shipped."),
        "not_paid": tr("The payment was voided or has expired."),
        "not_goods": tr("Nothing is shipped: a gift card, fee or download."),
        "in_other_line": tr("Weight and freight stand in another line of the same shipment."),
        "weight_separate": tr("The weight was recorded elsewhere."),
        "freight_included": tr("The freight is part of the price of the goods."),
        "freight_separate": tr("The freight was invoiced elsewhere."),
        "no_mode": tr("The mode of transport is not known."),
        "no_rate": tr("The recorded carrier has no rate for the port, service and weight of the order."),
        "other_channel": tr("Sold on another channel and only shipped by the platform."),
    }
