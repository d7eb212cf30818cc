"""Read a workspace, check all of it, and give typed tables.

The order: find the files, put their rows on the engine, type them, check them, and only then make Arrow tables. Rows
of large tables stay on the engine throughout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.contracts import Progress, silent
from jointplan.engine import DuckDBEngine, Tables, identifier
from jointplan.errors import DataIssue, WorkspaceError
from jointplan.ingest.checks import Context, query_checks, row_checks
from jointplan.ingest.domain import Cluster, Planned, Records, domain_issues, planned_issues, read_records
from jointplan.ingest.files.cells import Habits, survey
from jointplan.ingest.files.parquet_files import read_parquet
from jointplan.ingest.files.raw import RawRows
from jointplan.ingest.files.text_files import read_text
from jointplan.ingest.files.typed import type_rows
from jointplan.ingest.files.workbooks import read_sheet
from jointplan.ingest.findings import find_issues
from jointplan.ingest.importers.imported import CANCELLED
from jointplan.ingest.problems import NO_RESULT, UnreadableError, all_cancelled, beside_returns, label, shorten
from jointplan.ingest.sources import Source, find_sources, missing_table
from jointplan.schema import INPUTS, TABLES, Table
from jointplan.store import Workspace
from jointplan.texts import argument, tr

# Tables with more rows are computed as Arrow only when somebody asks for them.
HELD_ROWS = 2_000_000
# Tables an import fills in as far as the user has not: a row of the user's own stands for an imported one of its key.
OWN_WINS = ("firms", "products", "markets")
# What a run counts in where neither its settings nor any market name a currency.
UNNAMED = "CNY"
# A table that breaks one of these lacks a column, or has one where nobody looks for it.
COLUMN_RULES = ("missing_column", "unknown_column", "duplicate_column")


@dataclass(frozen=True)
class SourceFile:
    """One file, or sheet of a workbook, that was read.

    Parameters
    ----------
    table : str
        Table it holds.
    path : Path
        Where it lies.
    sha256 : str
        Hash of the file.
    rows : int
        Rows of data in it.
    """

    table: str
    path: Path
    sha256: str
    rows: int


@dataclass(frozen=True)
class Checked:
    """A workspace that was read and checked.

    Parameters
    ----------
    tables : Tables
        Typed tables with defaults filled in; absent optional tables are missing. Tables of more than two million rows
        are made only when asked for, while the engine is open.
    issues : tuple of DataIssue
        All problems, in the order of the tables.
    files : tuple of SourceFile
        What was read.
    relations : dict of str to Ibis table
        The same tables on the engine, for stages that compute there.
    currency : str
        Currency of the run: the one asked for, else the one all markets share; empty where no market names one.
    superseded : dict of str to int
        Imported rows left out by table, because a file of the user's own has their key.
    blank : dict of str to tuple of str
        Columns by table that no row fills in, and for which something is assumed that moves money.
    records : Records
        Days between which sales count: what is taken for a slip at either end lies beyond.
    cluster : Cluster or None
        The tables as checks see them, while the engine is open.
    """

    tables: Tables
    issues: tuple[DataIssue, ...]
    files: tuple[SourceFile, ...]
    relations: Mapping[str, Any]
    currency: str
    superseded: Mapping[str, int] = field(default_factory=dict)
    blank: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    records: Records = field(default_factory=Records)
    cluster: Cluster | None = None

    def planned_issues(self, planned: Planned) -> tuple[DataIssue, ...]:
        """Return the problems that only show where the weeks planned are known."""
        return () if self.cluster is None else tuple(planned_issues(self.cluster, planned))

    @property
    def errors(self) -> tuple[DataIssue, ...]:
        """The problems that stop a run."""
        return tuple(issue for issue in self.issues if issue.severity == "error")

    @property
    def warnings(self) -> tuple[DataIssue, ...]:
        """The problems that do not."""
        return tuple(issue for issue in self.issues if issue.severity != "error")


@dataclass(frozen=True)
class _Loaded:
    """A source on the engine."""

    source: Source
    raw: RawRows
    habits: Mapping[str, Habits]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.raw.rows


@dataclass
class _Reading:
    """What is known while a workspace is read."""

    workspace: Workspace
    engine: DuckDBEngine
    progress: Progress
    issues: list[DataIssue] = field(default_factory=list)
    loaded: dict[str, list[_Loaded]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    sources: list[Source] = field(default_factory=list)
    stamps: dict[Path, tuple[int, int]] = field(default_factory=dict)
    hashes: dict[Path, str] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=dict)

    def places(self, table: str) -> list[str]:
        """Return the files of a table, in the order of their numbers."""
        return [loaded.source.place for loaded in self.loaded[table]]


def check_workspace(
    workspace: Workspace,
    engine: DuckDBEngine,
    *,
    currency: str | None = None,
    built_in: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    progress: Progress = silent,
) -> Checked:
    """Read and check every table of a workspace.

    Parameters
    ----------
    workspace : Workspace
        The folder; a table in ``tables/`` with rows replaces the one of the same name in ``derived/``.
    engine : DuckDBEngine
        Where the rows are put; it must stay open while large tables are used.
    currency : str or None
        Currency of the run: other currencies need a rate. None takes the one all markets share.
    built_in : mapping or None
        The rows of **weight_rules** and **containers** that come with the program, which tariffs may name, and of **duties** and
        **export_modes** where these hold; None: whatever tariffs name is taken to be known.
    progress : Progress
        Told how far the job is.

    Returns
    -------
    Checked
        Tables and problems. Problems of the data are never raised.

    Raises
    ------
    WorkspaceError
        If there is no such folder.
    """
    if not workspace.root.is_dir():
        raise WorkspaceError(
            tr("There is no folder {folder}.", folder=workspace.root),
            tr("Make one with: jointplan init {folder}", folder=argument(workspace.root)),
        )
    reading = _Reading(workspace, engine, progress)
    try:
        return _check(reading, currency, built_in)
    except Exception:
        # A Parquet file is scanned where it lies, and may fall short of what its first bytes promised.
        changed = tuple(_changed(reading))
        if not changed:
            raise
        return Checked(Tables({}), changed, (), {}, currency or "")


def read_tables(workspace: Workspace, engine: DuckDBEngine, names: Collection[str]) -> Tables | None:
    """Read some tables before anything is checked, to refuse early what names no row of them.

    Returns
    -------
    Tables or None
        Those tables; None where one of them has problems, which :func:`check_workspace` tells.
    """
    reading = _Reading(workspace, engine, silent)
    _load_all(reading, names)
    if any(issue.severity == "error" for issue in reading.issues):
        return None
    _type_all(reading)
    return _tables(reading)


def _check(
    reading: _Reading, currency: str | None, built_in: Mapping[str, Sequence[Mapping[str, Any]]] | None
) -> Checked:
    """Read and check all tables."""
    engine, progress = reading.engine, reading.progress
    _load_all(reading)
    _type_all(reading)
    currency = currency or _shared_currency(reading)
    several = any(issue.rule == "several_currencies" for issue in reading.issues)
    contexts = _contexts(reading, currency or ("" if several else UNNAMED))
    for n, (name, context) in enumerate(contexts.items()):
        progress(tr("Checking {table}", table=label(TABLES[name])), 0.5 + 0.5 * n / len(contexts))
        places = reading.places(name)
        rules, pairs = row_checks(TABLES[name], context), query_checks(TABLES[name], context)
        reading.issues += find_issues(engine, name, context.relation, rules, pairs, places)
    checked = {name: context.relation for name, context in contexts.items()}
    places_of = {name: reading.places(name) for name in contexts}
    doubtful = reading.unreadable | {issue.table for issue in reading.issues if issue.rule in COLUMN_RULES}
    cluster = Cluster(engine, checked, places_of, date.today(), currency, doubtful, built_in)
    reading.issues += domain_issues(cluster)
    tables = _tables(reading)
    reading.issues += _changed(reading)
    order = {table.name: n for n, table in enumerate(INPUTS)}
    issues = sorted(reading.issues, key=lambda issue: (order.get(issue.table, -1), issue.severity != "error"))
    files = tuple(
        SourceFile(name, loaded.source.path, reading.hashes[loaded.source.path], loaded.rows)
        for name in contexts
        for loaded in reading.loaded[name]
    )
    return Checked(
        tables, tuple(issues), files, _Relations(engine, contexts), currency, reading.superseded, _blank(engine, checked),
        read_records(cluster), cluster,
    )  # fmt: skip


def _blank(engine: DuckDBEngine, checked: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return by table the columns that no row fills in, of those for which something is assumed then."""
    asked = {name: cols for name in checked if (cols := [column.name for column in TABLES[name] if column.absent])}

    def told(name: str) -> str:
        return ", ".join(f"bool_or({identifier(c + '?')}) AS {identifier(f'{name}.{c}')}" for c in asked[name])

    scans = ", ".join(f"(SELECT {told(name)} FROM {checked[name]})" for name in asked)
    (filled,) = engine.rows(f"SELECT * FROM {scans}") if asked else ({},)
    blank = {name: tuple(c for c in columns if not filled[f"{name}.{c}"]) for name, columns in asked.items()}
    return {name: columns for name, columns in blank.items() if columns}


def _load_all(reading: _Reading, names: Collection[str] = tuple(TABLES)) -> None:
    """Put the rows of tables on the engine, the user's own before what an import worked out."""
    own, issues = find_sources(reading.workspace, reading.workspace.tables)
    reading.issues += issues
    reading.unreadable |= {issue.table for issue in issues if issue.severity == "error" and issue.table}
    # Besides tables, an import leaves notes there that are no table of the schema.
    derived, _ = find_sources(reading.workspace, reading.workspace.derived)
    lacking = []
    for n, table in enumerate(INPUTS):
        if table.name not in names:
            continue
        for sources in (own, derived):
            found = [
                loaded
                for number, source in enumerate(s for s in sources if s.table.name == table.name)
                if (loaded := _load(reading, source, number, 0.5 * n / len(INPUTS)))
            ]
            if any(loaded.rows for loaded in found):
                reading.loaded[table.name] = found
            if table.name in reading.loaded or table.name in reading.unreadable:
                break
        else:
            if table.needed:
                lacking.append(table)
                reading.unreadable.add(table.name)
    beside = find_sources(reading.workspace, reading.workspace.root)[0] if lacking else []
    reading.issues += [_no_rows(reading, table, own, beside) for table in lacking]


def _no_rows(reading: _Reading, table: Table, sources: list[Source], beside: list[Source]) -> DataIssue:
    """Report a needed table that is not there, lies ``beside`` the folder of tables, or has no rows."""
    places = [source.place for source in sources if source.table.name == table.name]
    if places:
        message = tr("The table {table} has no rows.", table=label(table))
        issue = DataIssue(table.name, places[0], None, "", "", "empty_table", message, tr("Fill it in."))
    elif astray := [source.place for source in beside if source.table.name == table.name]:
        message = tr("The table {table} lies beside the folder tables, not in it.", table=label(table))
        issue = DataIssue(
            table.name, astray[0], None, "", "", "misplaced_table", message, tr("Move the file into tables.")
        )
    else:
        issue = missing_table(table, next((source.path.name for source in sources if source.sheet), ""))
    if table.name != "sales":
        return issue
    if _all_cancelled(reading.workspace):
        return all_cancelled(issue.file)
    return beside_returns(issue) if "returns" in reading.loaded else issue


def _all_cancelled(workspace: Workspace) -> bool:
    """Tell whether imports have rejected lines, and all of them because they were cancelled or took something back."""
    file = workspace.derived / "rejected.parquet"
    if not file.is_file():
        return False
    reasons = set(pq.read_table(file, columns=["reason"])["reason"].to_pylist())
    return bool(reasons) and reasons <= CANCELLED


def _load(reading: _Reading, source: Source, number: int, share: float) -> _Loaded | None:
    """Put the rows of one source on the engine; None if it cannot be read."""
    reading.progress(tr("Reading {file}", file=source.place), share)
    table, path, name = source.table, source.path, f"raw_{source.table.name}_{number}"
    try:
        reading.stamps.setdefault(path, _stamp(path))
        reading.sources.append(source)
        if path not in reading.hashes:
            with path.open("rb") as stream:
                reading.hashes[path] = hashlib.file_digest(stream, "sha256").hexdigest()
        if source.sheet:
            raw = read_sheet(reading.engine, name, path, source.sheet, table, source.place)
        elif path.suffix.casefold() == ".parquet":
            raw = read_parquet(reading.engine, name, path, table, source.place)
        else:
            raw = read_text(reading.engine, name, path, table, source.place)
    except UnreadableError as problem:
        reading.issues.append(problem.issue(table.name, source.place))
        reading.unreadable.add(table.name)
        return None
    except OSError as error:
        message = tr("The file cannot be opened ({reason}).", reason=shorten(error.strerror or error))
        cure = tr("Close it in other programs and make it readable.")
        reading.issues.append(DataIssue(table.name, source.place, None, "", "", "locked_file", message, cure))
        reading.unreadable.add(table.name)
        return None
    if any(issue.rule == NO_RESULT for issue in raw.issues):
        # Every check of a value that was not saved would be one complaint more about the same cells.
        reading.issues += raw.issues
        reading.unreadable.add(table.name)
        return None
    # The template of a table nobody filled in is no table, whatever its header.
    if raw.rows or table.needed:
        reading.issues += raw.issues
        if any(issue.rule in ("missing_column", "wrong_cell_count") for issue in raw.issues):
            reading.unreadable.add(table.name)
    return _Loaded(source, raw, _habits(reading, raw, table) if raw.rows else {})


def _habits(reading: _Reading, raw: RawRows, table: Table) -> dict[str, Habits]:
    """Return how the columns of a source are written."""
    return survey(reading.engine, raw.relation, table, raw.stored, chinese=raw.chinese)


def _stamp(path: Path) -> tuple[int, int]:
    """Return size and time of the last change of a file."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _type_all(reading: _Reading) -> None:
    """Type every table."""
    engine = reading.engine
    for name, loaded in reading.loaded.items():
        held = _rows(loaded) <= HELD_ROWS
        type_rows(engine, f"checked_{name}", TABLES[name], [(one.raw, one.habits) for one in loaded], held=held)
        if name in OWN_WINS:
            _supersede(reading, name)
        if name == "products" and any("length" in one.raw.stored for one in loaded):
            _fill_volumes(engine)
        query = f"SELECT {', '.join(map(identifier, TABLES[name].names))} FROM checked_{name}"
        if held:
            # The order of the files: what is computed from them is the same every time.
            engine.store(name, f"{query} ORDER BY _file, _row")
        else:
            engine.view(name, query)


def _fill_volumes(engine: DuckDBEngine) -> None:
    """Fill in a blank volume of products from their sides; what stands there unreadable stays as it is."""
    follows = 'NOT "volume?" AND length > 0 AND width > 0 AND height > 0'
    engine.store(
        "checked_products",
        f"SELECT * REPLACE (CASE WHEN {follows} THEN length * width * height / 1e6 ELSE volume END AS volume, "
        f'coalesce("volume?" OR ({follows}), false) AS "volume?") FROM checked_products',
    )


def _supersede(reading: _Reading, name: str) -> None:
    """Leave out imported rows whose key stands in a file of the user's own."""
    imported = [str(n) for n, loaded in enumerate(reading.loaded[name]) if loaded.source.imported]
    if not imported or len(imported) == len(reading.loaded[name]):
        return
    (key,) = map(identifier, TABLES[name].key)
    theirs = f"_file IN ({', '.join(imported)})"
    own = f"SELECT {key} FROM checked_{name} WHERE NOT {theirs} AND {key} IS NOT NULL"
    left = f"{theirs} AND {key} IN ({own})"
    found = reading.engine.rows(f"SELECT count_if({left}) AS n FROM checked_{name}")[0]["n"]
    if found:
        reading.superseded[name] = found
        reading.engine.store(f"checked_{name}", f"SELECT * FROM checked_{name} WHERE NOT coalesce({left}, false)")


def _shared_currency(reading: _Reading) -> str:
    """Return the currency all markets share; several are a problem, none is not."""
    if "markets" not in reading.loaded:
        return ""
    query = "SELECT DISTINCT currency FROM markets WHERE currency IS NOT NULL ORDER BY 1"
    found: list[str] = [row["currency"] for row in reading.engine.rows(query)]
    if len(found) > 1:
        message = tr("The markets have several currencies ({currencies}).", currencies=tuple(found))
        cure = tr("Set the currency of the run in jointplan.toml, and give the rates of the others in the table fx.")
        place = reading.places("markets")[0]
        reading.issues.append(DataIssue("markets", place, None, "currency", "", "several_currencies", message, cure))
    return found[0] if len(found) == 1 else ""


def _contexts(reading: _Reading, currency: str) -> dict[str, Context]:
    """Return what the checks of each table may know."""
    return {
        name: Context(
            relation=f"checked_{name}",
            present=tuple(c for c in TABLES[name].names if any(c in one.raw.stored for one in loaded)),
            relations={other: other for other in reading.loaded},
            unreadable=reading.unreadable,
            currency=currency,
            habits={c: [one.habits[c] for one in loaded if c in one.habits] for c in TABLES[name].names},
            settled=all(one.raw.settled for one in loaded),
            by_hand=any(one.raw.by_hand for one in loaded),
        )
        for name, loaded in reading.loaded.items()
    }


def _rows(loaded: list[_Loaded]) -> int:
    return sum(one.rows for one in loaded)


def _tables(reading: _Reading) -> Tables:
    """Return the tables as Arrow, the large ones on demand."""
    held = {name: _arrow(reading.engine, name) for name, loaded in reading.loaded.items() if _rows(loaded) <= HELD_ROWS}
    return Tables(_OnDemand(reading.engine, tuple(reading.loaded), held))


def _arrow(engine: DuckDBEngine, name: str) -> pa.Table:
    return engine.sql(f"SELECT * FROM {identifier(name)}").cast(TABLES[name].arrow)


class _Relations(Mapping[str, Any]):
    """The tables on the engine, each looked up when first asked for."""

    def __init__(self, engine: DuckDBEngine, names: Collection[str]) -> None:
        self._engine = engine
        self._names = tuple(names)

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return self._engine.table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _OnDemand(Mapping[str, pa.Table]):
    """Tables of which the large ones are computed when first asked for."""

    def __init__(self, engine: DuckDBEngine, names: Collection[str], held: Mapping[str, pa.Table]) -> None:
        self._engine = engine
        self._names = names
        self._held = dict(held)

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._held:
            self._held[name] = _arrow(self._engine, name)
        return self._held[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _changed(reading: _Reading) -> Iterator[DataIssue]:
    """Report files that changed while they were read."""
    for (name, path), place in {(one.table.name, one.path): one.place for one in reading.sources}.items():
        try:
            same = _stamp(path) == reading.stamps[path]
        except OSError:
            same = False
        if not same:
            message = tr("The file changed while it was read.")
            cure = tr("Wait until the other program has written it, then check again.")
            yield DataIssue(name, place, None, "", "", "changed_while_read", message, cure)
