"""From the files of a platform to tables of a workspace.

Every line read is kept, rejected with a reason, or merged with one that is there already; nothing is lost in between.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from jointplan.contracts import Progress, silent
from jointplan.engine import DuckDBEngine
from jointplan.errors import UsageError, WorkspaceError
from jointplan.ingest.importers.amazon_orders import read_amazon_orders
from jointplan.ingest.importers.brunel import read_brunel
from jointplan.ingest.importers.fit_notes import FREIGHT_ERROR
from jointplan.ingest.importers.imported import REJECTED, Imported, Lines, Request
from jointplan.ingest.importers.keeping import (
    add_lines,
    add_references,
    brought_keys,
    path_of,
    replace_rows,
    stored,
    write_all,
)
from jointplan.ingest.importers.mapped import read_mapped
from jointplan.ingest.importers.olist import read_olist
from jointplan.ingest.importers.online_retail import read_online_retail
from jointplan.ingest.importers.scms import read_scms
from jointplan.ingest.importers.shopify_orders import read_shopify_orders
from jointplan.schema import TABLES, assumptions_table
from jointplan.store import Workspace
from jointplan.texts import tr


@dataclass(frozen=True)
class ImportResult:
    """What became of the lines read: ``read = kept + rejected + merged``.

    Parameters
    ----------
    read, kept, rejected, merged : int
        Lines read, new to the workspace, rejected with a reason, and there already.
    tables : dict
        Rows that each table concerned now has.
    assumptions : int
        Values that were worked out because the source lacks them.
    reasons : dict
        Rejected lines by reason.
    unknown_countries : dict
        Names taken for no country, and how many lines have them.
    left_out : dict
        Lines that are kept but of no use for what was worked out, by reason.
    freight_errors : dict
        Median error in % of fitted charges on those they were not fitted to, by what was fitted, such as a mode.
    first_rows : dict
        The first row of the file rejected for each reason; None where its number is not known.
    """

    read: int
    kept: int
    rejected: int
    merged: int
    tables: dict[str, int]
    assumptions: int
    reasons: dict[str, int] = field(default_factory=dict)
    first_rows: dict[str, int | None] = field(default_factory=dict)
    unknown_countries: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    freight_errors: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for ``--json``."""
        return {name: getattr(self, name) for name in ("read", "kept", "rejected", "merged", "tables")}


@dataclass(frozen=True)
class _Kind:
    read: Callable[[Request], Imported]
    options: tuple[str, ...]


_KINDS = {
    "olist": _Kind(read_olist, ("city",)),
    "online-retail": _Kind(read_online_retail, ("seller", "encoding")),
    "amazon-orders": _Kind(read_amazon_orders, ("seller", "encoding")),
    "shopify-orders": _Kind(read_shopify_orders, ("seller", "encoding")),
    "brunel": _Kind(read_brunel, ("rated",)),
    "scms": _Kind(read_scms, ("encoding",)),
    "table": _Kind(read_mapped, ("mapping", "encoding")),
}


# What new rows of a derived table stand for, where that is not their key: a tariff is replaced as a whole, as old bands beside new
# ones would overlap; what was done is known by all but its number and its quantity, and numbered anew.
_REPLACED = {
    "tariffs": ("tariff",),
    "recorded": ("activity", "date", "firm", "sku", "seller", "lane", "market"),
}


def kind_names() -> dict[str, str]:
    """Return the kinds of files that can be imported, each with what it is."""
    return {
        "olist": tr("the Brazilian Olist files, in a folder or zip; --city NAME takes the sellers of one city"),
        "online-retail": tr("the UCI Online Retail data set, I or II (XLSX, CSV or Parquet)"),
        "amazon-orders": tr("an Amazon order report, tab-separated; --seller CODE says whose it is"),
        "shopify-orders": tr("a Shopify order export, CSV; --seller CODE says whose it is"),
        "brunel": tr("the Brunel network of plants, a folder; --rated-only leaves out orders without a freight rate"),
        "scms": tr("the SCMS delivery history of health products (CSV, XLSX or Parquet)"),
        "table": tr("any file, read as the column mapping in --map FILE says"),
    }


def import_files(
    kind: str, path: Path, into: Workspace, *, options: Mapping[str, str], progress: Progress = silent
) -> ImportResult:
    """Import a file or folder into a workspace.

    Lines go to ``tables/<table>-imported.parquet``; what the source lacks and was worked out goes to ``derived/``, with
    a row of ``derived/assumptions.parquet`` for every value; rejected lines go to ``derived/rejected.parquet`` and,
    for spreadsheets, ``derived/rejected.csv``.
    Files of the user are never written to. A failure or an interruption leaves the workspace as it was.

    Parameters
    ----------
    kind : str
        One of :func:`kind_names`.
    path : Path
        File or folder to read.
    into : Workspace
        Workspace to keep the rows in; its folder is made if it is not there.
    options : mapping
        Options of the kind, such as ``{"city": "Ibitinga"}``.

    Raises
    ------
    UsageError
        If the kind, an option or the path is wrong.
    DataError
        If the file is not what the kind says.
    WorkspaceError
        If the workspace cannot be written.
    """
    if kind not in _KINDS:
        raise UsageError(
            tr("There is no kind of import called {kind}.", kind=kind),
            tr("Use one of: {kinds}.", kinds=tuple(_KINDS)),
        )
    for option in options:
        if option not in _KINDS[kind].options:
            raise UsageError(
                tr("{kind} has no option {option}.", kind=kind, option=option),
                tr("It has: {options}.", options=tuple(_KINDS[kind].options)),
            )
    with DuckDBEngine() as engine:
        progress(tr("Reading {path}", path=path.name))
        markets = stored(path_of(into, "markets"), TABLES["markets"].arrow)
        imported = _KINDS[kind].read(Request(path, options, engine, markets, _currency(into), progress))
        progress(tr("Comparing with what is there"))
        tables, kept, merged = _merge(engine, imported, into)
        assumptions = assumptions_table(imported.assumptions)
        derived = {name: (new, TABLES[name]) for name, new in imported.derived.items()}
        if assumptions.num_rows:
            derived["assumptions"] = (assumptions, TABLES["assumptions"])
        files = {path_of(into, name): table for name, table in tables.items()}
        for name, (new, table) in derived.items():
            file = into.derived / f"{name}.parquet"
            files[file] = tables[name] = replace_rows(
                new, stored(file, table.arrow), _REPLACED.get(name, table.key), numbered=name == "recorded"
            )
        texts = {}
        rejected, left_out = imported.rejected, imported.left_out
        file = into.derived / "rejected.parquet"
        for lines in (rejected, left_out):
            if lines is not None and lines.rows.num_rows:
                files[file] = add_lines(engine, lines, files.get(file, stored(file, REJECTED))).table
                texts[file.with_suffix(".csv")] = _for_spreadsheets(files[file])
    progress(tr("Writing"))
    # Plans count money in one currency: without settings, that of the source.
    fresh = imported.currency and not into.settings.exists()
    if fresh:
        texts[into.settings] = f'currency = "{imported.currency}"\n{imported.settings}'
    write_all(into.root, files, texts)
    tables.pop("assumptions", None)
    by_reason = _by_reason(rejected)
    return ImportResult(
        read=imported.read,
        kept=kept,
        rejected=rejected.rows.num_rows,
        merged=merged,
        tables={name: table.num_rows for name, table in tables.items()},
        assumptions=assumptions.num_rows,
        reasons={r["reason"]: r["count_all"] for r in by_reason},
        first_rows={r["reason"]: r["row_min"] for r in by_reason},
        unknown_countries=dict(imported.unknown_countries),
        left_out={r["reason"]: r["count_all"] for r in _by_reason(left_out)} if left_out else {},
        freight_errors={note.subject: float(note.value) for note in imported.assumptions if note.item == FREIGHT_ERROR},
    )


def _by_reason(lines: Lines) -> list[dict[str, Any]]:
    """Return the reasons of lines with their number and first row, the most frequent first."""
    found: list[dict[str, Any]] = (
        lines.rows.group_by("reason").aggregate([("row", "min"), ([], "count_all")]).to_pylist()
    )
    return sorted(found, key=lambda r: (-r["count_all"], r["reason"]))


def _for_spreadsheets(table: pa.Table) -> str:
    """Return a table as CSV that Excel recognises as UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return "\ufeff" + text.getvalue()


def _merge(engine: DuckDBEngine, imported: Imported, into: Workspace) -> tuple[dict[str, pa.Table], int, int]:
    """Return the workspace's tables with the import in them, and how many of its lines were kept and merged."""
    tables: dict[str, pa.Table] = {}
    kept = merged = 0
    for name, new in imported.references.items():
        table = TABLES[name]
        there = stored(path_of(into, name), table.arrow)
        tables[name] = add_references(new, there, brought_keys(into, table), table.key)
    for lines in imported.lines:
        there = tables.get(lines.table)
        if there is None:
            there = stored(path_of(into, lines.table), TABLES[lines.table].arrow)
        result = add_lines(engine, lines, there)
        if result.table.num_rows:
            tables[lines.table] = result.table
        if lines.counted:
            kept += result.added
            merged += result.merged
    return tables, kept, merged


def _currency(workspace: Workspace) -> str:
    """Return the currency of the settings, or nothing where there are none."""
    if not workspace.settings.exists():
        return ""
    try:
        return str(tomllib.loads(workspace.settings.read_text("utf-8")).get("currency", ""))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(
            tr("{file} cannot be read: {reason}.", file=workspace.settings.name, reason=error),
            tr("Mend the settings file, or delete it to start from the defaults."),
        ) from error
