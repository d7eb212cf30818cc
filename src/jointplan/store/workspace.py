"""A workspace is a folder: settings, tables, and the runs made from them.

::

    shunde/
      jointplan.toml       settings
      tables/              what the user brings, CSV, Parquet or Excel
      derived/             what an import worked out; a table of the same name in tables/ replaces it
      runs/<id>/           manifest.json, tables/*.parquet, report.html
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.errors import WorkspaceError
from jointplan.texts import tr

FORMATS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx")


@dataclass(frozen=True)
class Workspace:
    """The folder of one study."""

    root: Path

    @property
    def settings(self) -> Path:
        """The settings file; it may be missing."""
        return self.root / "jointplan.toml"

    @property
    def tables(self) -> Path:
        """Where the user's tables lie."""
        return self.root / "tables"

    @property
    def derived(self) -> Path:
        """Where tables that an import worked out lie."""
        return self.root / "derived"

    @property
    def runs(self) -> Path:
        """Where finished runs lie."""
        return self.root / "runs"

    def run(self, name: str = "latest") -> StoredRun:
        """Return a finished run by its id, or the latest."""
        finished = sorted(
            p.name for p in self.runs.glob("*/manifest.json") for p in [p.parent] if not p.name.startswith(".")
        )
        if name == "latest" and finished:
            name = finished[-1]
        if name not in finished:
            raise WorkspaceError(
                tr("There is no finished run {name} in {folder}.", name=name, folder=self.runs),
                tr("Make one with: jointplan run {folder}", folder=self.root),
            )
        return StoredRun(self.runs / name)


@dataclass(frozen=True)
class StoredRun:
    """A finished run on disk."""

    folder: Path

    @property
    def id(self) -> str:
        """The name of the run."""
        return self.folder.name

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Settings, input hashes, versions, timings and figures of the run."""
        result: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        return result

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The result tables, and the input tables the report needs (``input_<name>``), by name."""
        return {path.stem: pq.read_table(path) for path in sorted((self.folder / "tables").glob("*.parquet"))}


@contextmanager
def new_run(workspace: Workspace) -> Iterator[Path]:
    """Give a folder to write a run into; it gets its final name only when all is written.

    A failure or an interruption leaves nothing behind.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written.
    """
    name = datetime.now().strftime("%Y%m%d-%H%M%S")
    taken = {path.name.lstrip(".") for path in workspace.runs.glob("*")}
    serial = next(n for n in range(1, 10_000) if (f"{name}-{n}" if n > 1 else name) not in taken)
    name = f"{name}-{serial}" if serial > 1 else name
    working = workspace.runs / f".{name}"
    try:
        (working / "tables").mkdir(parents=True)
        yield working
        working.rename(workspace.runs / name)
    except OSError as error:
        shutil.rmtree(working, ignore_errors=True)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise WorkspaceError(
            tr("The disk has no room for the run in {folder}.", folder=workspace.runs)
            if full
            else tr(
                "The run cannot be written to {folder}: {reason}.",
                folder=workspace.runs,
                reason=error.strerror or error,
            ),
            tr("Free some space and run again; nothing was left behind.")
            if full
            else tr("Make the folder writable and run again."),
        ) from error
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise


def write_table(folder: Path, name: str, table: pa.Table) -> None:
    """Write one table of a run as Parquet."""
    pq.write_table(table, folder / "tables" / f"{name}.parquet", compression="zstd")
