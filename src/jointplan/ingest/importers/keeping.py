"""Keeping what was imported: which lines are new, which are there already, and writing them into the workspace.

Equal lines of one part (a file, or one sheet of a workbook) are separate lines, told apart by their ``occurrence``. The
same line met again in another part or an earlier import is one line: of two parts that hold it twice and three times,
the workspace keeps three.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.engine import DuckDBEngine
from jointplan.engine.sql import identifier
from jointplan.errors import DataError, JointplanError, WorkspaceError
from jointplan.ingest.files.opening import CHINESE, header_key, open_parts
from jointplan.ingest.files.parquet_files import SETTLED
from jointplan.ingest.importers.imported import Lines
from jointplan.schema import Table
from jointplan.store import Workspace
from jointplan.store.workspace import FORMATS
from jointplan.texts import tr


@dataclass(frozen=True)
class Kept:
    """A table after the new rows are in it: the whole of it, rows new to it and rows it had already."""

    table: pa.Table
    added: int
    merged: int


def path_of(workspace: Workspace, table: str) -> Path:
    """Return the file in which imports keep a table; the user's own files stand beside it and are never written to."""
    return workspace.tables / f"{table}-imported.parquet"


def stored(path: Path, schema: pa.Schema) -> pa.Table:
    """Return a table an earlier import wrote, or none of its rows.

    Raises
    ------
    DataError
        If the file cannot be read as that table.
    """
    if not path.exists():
        return schema.empty_table()
    try:
        table = pq.read_table(path)
        return pa.table({f.name: table[f.name].cast(f.type) for f in schema}, schema)
    except (KeyError, pa.ArrowInvalid, OSError) as error:
        raise DataError(
            tr("{file} is not as an import wrote it.", file=path.name),
            tr("Delete it and import all files again."),
        ) from error


def add_lines(engine: DuckDBEngine, lines: Lines, there: pa.Table) -> Kept:
    """Add lines to a table; those it has already are merged."""
    columns = [field.name for field in there.schema if field.name != "occurrence"]
    rows = lines.rows
    engine.register(
        "new_lines",
        pa.table(
            {
                **{
                    name: rows[name]
                    if name in rows.column_names
                    else pa.nulls(rows.num_rows, there.schema.field(name).type)
                    for name in columns
                },
                "in_part": rows["in_part"],
                "in_row": rows["in_row"],
            }
        ),
    )
    same = ", ".join(map(identifier, lines.identity))
    if "occurrence" not in there.schema.names:
        return _add_keyed(engine, lines, there)
    engine.register("old_lines", there.select([*lines.identity, "occurrence"]))
    fresh = engine.sql(
        f"""
        with numbered as (
            select *, row_number() over (partition by in_part, {same} order by in_row) as occurrence from new_lines
        ), once as (
            select * from numbered
            qualify row_number() over (partition by {same}, occurrence order by in_part) = 1
        )
        select * from once
        where not exists (select 1 from old_lines where {_equal(lines.identity, "once", "old_lines")}
                          and old_lines.occurrence = once.occurrence)
        order by in_part, in_row
        """
    )
    added = fresh.select(there.schema.names).cast(there.schema)
    return Kept(pa.concat_tables([there, added]), added.num_rows, rows.num_rows - added.num_rows)


def _add_keyed(engine: DuckDBEngine, lines: Lines, there: pa.Table) -> Kept:
    """Add rows to a table that holds each key once: the newest row holds, an equal one is merged."""
    names = ", ".join(map(identifier, there.schema.names))
    same = ", ".join(map(identifier, lines.identity))
    engine.register("old_lines", there.append_column("place", pa.array(range(there.num_rows), pa.int64())))
    fresh = engine.sql(
        f"""
        with once as (
            select * from new_lines qualify row_number() over (partition by {same} order by in_part desc, in_row desc) = 1
        )
        select once.* from once
        where not exists (select 1 from old_lines where {_equal(there.schema.names, "once", "old_lines")})
        order by in_part, in_row
        """
    )
    engine.register("fresh_lines", fresh)
    kept = engine.sql(
        f"""
        select {names} from old_lines
        where not exists (select 1 from fresh_lines where {_equal(lines.identity, "old_lines", "fresh_lines")})
        order by place
        """
    )
    added = fresh.select(there.schema.names).cast(there.schema)
    table = pa.concat_tables([kept.cast(there.schema), added])
    return Kept(table, added.num_rows, lines.rows.num_rows - added.num_rows)


def add_references(new: pa.Table, there: pa.Table, brought: set[tuple[str, ...]], key: Sequence[str]) -> pa.Table:
    """Add rows of firms, products or markets: what is there stays, its blank cells are filled, the user's own rows win.

    Parameters
    ----------
    new, there : pa.Table
        Rows of this import and of earlier ones; ``new`` may lack columns.
    brought : set of tuple
        Keys that stand in the user's own files.
    key : sequence of str
        Key columns.
    """
    rows = {tuple(row[k] for k in key): row for row in there.to_pylist()}
    for row in new.to_pylist():
        name = tuple(row[k] for k in key)
        old = rows.get(name, {})
        if name not in brought:
            rows[name] = {c: row.get(c) if old.get(c) is None else old[c] for c in there.schema.names}
    return pa.Table.from_pylist(list(rows.values()), schema=there.schema)


def replace_rows(new: pa.Table, there: pa.Table, key: Sequence[str], *, numbered: bool = False) -> pa.Table:
    """Return the rows that are there with the new ones in place of those of the same key; numbered anew from 1 if asked for."""
    taken = set(zip(*(new[k].to_pylist() for k in key), strict=True))
    old = [name not in taken for name in zip(*(there[k].to_pylist() for k in key), strict=True)]
    rows = pa.concat_tables(
        [there.filter(pa.array(old, pa.bool_())), new.select(there.schema.names).cast(there.schema)]
    )
    if numbered:
        place = rows.schema.get_field_index("row")
        rows = rows.set_column(place, rows.schema.field(place), pa.array(range(1, rows.num_rows + 1), pa.int64()))
    return rows


def brought_keys(workspace: Workspace, table: Table) -> set[tuple[str, ...]]:
    """Return the keys of a table that stand in the user's own files."""
    keys: set[tuple[str, ...]] = set()
    for path in sorted(workspace.tables.glob("*")):
        if path.suffix.lower() not in FORMATS or path == path_of(workspace, table.name):
            continue
        named = _is_named(path.stem, table)
        if not named and path.suffix.lower() != ".xlsx":
            continue
        try:
            parts = open_parts(path, encodings=CHINESE)
        except JointplanError:
            continue  # the check tells what is wrong with it
        for part in parts:
            headers = {header_key(name): name for name in part.rows.column_names}
            columns = [
                next((headers[h] for h in (header_key(table[k].name), header_key(table[k].zh)) if h in headers), None)
                for k in table.key
            ]
            if all(columns) and (named or _is_named(part.sheet, table)):
                keys |= set(zip(*(part.rows[c].to_pylist() for c in columns), strict=True))
    return keys


def _is_named(name: str, table: Table) -> bool:
    return any(
        name.casefold() == word or name.casefold().startswith((f"{word}-", f"{word}_"))
        for word in (table.name, table.zh)
    )


def write_all(folder: Path, tables: Mapping[Path, pa.Table], texts: Mapping[Path, str]) -> None:
    """Write tables as Parquet and texts as they are, all of them or none; a table that is unchanged is left alone.

    Parameters
    ----------
    folder : Path
        The workspace, as messages name it.
    tables, texts : mapping
        What goes to which file.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written.
    """
    working: dict[Path, Path] = {}
    try:
        for path, table in tables.items():
            if path.exists() and pq.read_schema(path).equals(table.schema) and pq.read_table(path).equals(table):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            working[path] = path.with_name(f".{path.name}.{os.getpid()}")
            # Lines are told apart here; a check need not compare them all with one another again.
            settled = table.replace_schema_metadata(SETTLED) if "occurrence" in table.column_names else table
            pq.write_table(settled, working[path], compression="zstd")
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            working[path] = path.with_name(f".{path.name}.{os.getpid()}")
            working[path].write_text(text, "utf-8")
        for path, temporary in working.items():
            os.replace(temporary, path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise WorkspaceError(
            tr("The disk has no room for the import in {folder}.", folder=folder)
            if full
            else tr(
                "The import cannot be written to {folder}: {reason}.", folder=folder, reason=error.strerror or error
            ),
            tr("Free some space and import again; nothing was changed.")
            if full
            else tr("Make the folder writable and import again."),
        ) from error
    finally:
        for temporary in working.values():
            temporary.unlink(missing_ok=True)


def _equal(names: Sequence[str], left: str, right: str) -> str:
    return " and ".join(f"{left}.{identifier(n)} is not distinct from {right}.{identifier(n)}" for n in names)
