"""Writing a run so that it is there whole or not at all."""

from __future__ import annotations

import errno
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.errors import WorkspaceError
from jointplan.store.workspace import StoredRun, Workspace
from jointplan.texts import tr


@contextmanager
def new_run(workspace: Workspace, runs: Path | None = None) -> Iterator[Path]:
    """Give a folder to write a run into; it gets its final name only when all is written.

    A failure or an interruption leaves nothing behind, and what a killed run left is removed by the next one.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    runs : Path or None
        Where in it the folder is made; None: among its runs.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written.
    """
    runs = runs or workspace.runs
    with _explained(runs):
        runs.mkdir(parents=True, exist_ok=True)
        _sweep(runs)
        working, lock = _claim(runs)
        try:
            (working / "tables").mkdir(parents=True)
            yield working
            working.rename(runs / working.name.lstrip("."))
        finally:
            shutil.rmtree(working, ignore_errors=True)  # after the rename there is nothing left to remove
            lock.close()
            Path(lock.name).unlink(missing_ok=True)


@contextmanager
def renewed(run: StoredRun) -> Iterator[Path]:
    """Give a folder to write files into that then replace those of the same name in a finished run."""
    with _explained(run.folder):
        _sweep(run.folder.parent)
        working, lock = _claim(run.folder.parent)
        try:
            working.mkdir()
            yield working
            for made in sorted(working.iterdir()):
                old = run.folder / made.name
                if old.is_dir():
                    shutil.rmtree(old)
                made.replace(old)
        finally:
            shutil.rmtree(working, ignore_errors=True)
            lock.close()
            Path(lock.name).unlink(missing_ok=True)


def write_table(folder: Path, name: str, table: pa.Table) -> None:
    """Write one table of a run as Parquet."""
    pq.write_table(table, folder / "tables" / f"{name}.parquet", compression="zstd")


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a run."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "manifest.json").write_text(text + "\n", "utf-8")


def check_room(workspace: Workspace, *, least: int = 50_000_000) -> None:
    """Ensure that a run can be written, and that the disk has room for it, before hours are spent on it.

    A run is smaller than its tables once they are compressed; their size on disk and some room for the report
    (``least``, bytes) is what is asked for.

    Raises
    ------
    WorkspaceError
        If there is less room than that, or the folder cannot be written.
    """
    with _explained(workspace.runs), TemporaryFile(dir=workspace.runs if workspace.runs.exists() else workspace.root):
        pass
    needed = least + sum(
        path.stat().st_size
        for folder in (workspace.tables, workspace.derived)
        if folder.is_dir()
        for path in folder.iterdir()
        if path.is_file()
    )
    free = shutil.disk_usage(workspace.root).free
    if free < needed:
        raise WorkspaceError(
            tr(
                "The disk has no room for the run in {folder}: {free} MB are free, about {needed} MB are needed.",
                folder=workspace.runs,
                free=free // 1_000_000,
                needed=-(-needed // 1_000_000),
            ),
            tr("Free some space, for example by deleting old runs, and run again."),
        )


def _claim(runs: Path) -> tuple[Path, IO[str]]:
    """Return the working folder of a new run (not made yet) and the lock that says somebody works in it."""
    moment = datetime.now().strftime("%Y%m%d-%H%M%S")
    for serial in range(1, 10_000):
        name = moment if serial == 1 else f"{moment}-{serial:02}"
        with suppress(FileExistsError):
            if (runs / name).exists() or (runs / f".{name}").exists():
                continue
            lock = (runs / f".{name}.lock").open("x", encoding="utf-8")
            if sys.platform != "win32":
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX)
                if not Path(lock.name).exists():  # swept by another run before it was locked
                    lock.close()
                    continue
            return runs / f".{name}", lock
    raise FileExistsError(errno.EEXIST, "too many runs in one second", str(runs))


def _sweep(runs: Path) -> None:
    """Remove what killed runs left: hidden folders and locks that no living process holds."""
    for lock in runs.glob(".[0-9]*.lock"):
        if not _held(lock):
            lock.unlink(missing_ok=True)
    for working in runs.glob(".[0-9]*"):
        if working.is_dir() and not working.with_name(f"{working.name}.lock").exists():
            shutil.rmtree(working, ignore_errors=True)


def _held(lock: Path) -> bool:
    """Return whether a living process holds a lock; the system lets go of those of dead ones."""
    try:
        if sys.platform == "win32":
            lock.unlink(missing_ok=True)  # refused while another process has it open
        else:
            import fcntl

            with lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn the system's refusals into a sentence with a cure."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            raise WorkspaceError(
                tr("The disk has no room for the run in {folder}.", folder=folder),
                tr("Free some space and run again; nothing was left behind."),
            ) from error
        raise WorkspaceError(
            tr("The run cannot be written to {folder}: {reason}.", folder=folder, reason=error.strerror or error),
            tr("Make the folder writable and run again."),
        ) from error
