"""A workspace is a folder: settings, tables, and the runs made from them.

::

    shunde/
      jointplan.toml       settings
      tables/              what the user brings, CSV, Parquet or Excel
      derived/             what an import worked out; a table of the same name in tables/ replaces it
      runs/<id>/           manifest.json, tables/*.parquet, report.html
      diagnoses/<id>/      the same of what the command diagnose found
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.errors import WorkspaceError
from jointplan.texts import argument, listed, tr

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

    @property
    def diagnoses(self) -> Path:
        """Where diagnoses made by themselves lie: they have no plan, so they are no runs."""
        return self.root / "diagnoses"

    def run_names(self) -> list[str]:
        """Return the ids of finished runs, the latest last."""
        return _finished(self.runs)

    def diagnosis(self) -> StoredRun:
        """Return the latest diagnosis made by itself.

        Raises
        ------
        WorkspaceError
            If there is none.
        """
        if not (finished := _finished(self.diagnoses)):
            raise WorkspaceError(
                tr("There is no diagnosis in {folder}.", folder=self.root),
                tr("Make one with: jointplan diagnose {folder}", folder=argument(self.root)),
            )
        return StoredRun(self.diagnoses / finished[-1])

    def latest(self) -> StoredRun | None:
        """Return the latest finished run of things as they are, None where there is none: what-ifs must be named.

        One whose joint plan was not searched is passed over where another is.
        """
        runs = (StoredRun(self.runs / name) for name in reversed(self.run_names()))
        plain = [run for run in runs if not run.what_ifs]
        return next((run for run in plain if run.joint_searched), plain[0] if plain else None)

    def run(self, name: str = "latest") -> StoredRun:
        """Return a finished run by its id, or with ``latest`` the latest in which no what-if changed anything.

        Raises
        ------
        WorkspaceError
            If there is no such run.
        """
        finished = self.run_names()
        if not finished:
            raise WorkspaceError(
                tr("There is no finished run in {folder}.", folder=self.root),
                tr("Make one with: jointplan run {folder}", folder=argument(self.root)),
            )
        if name == "latest":
            if (latest := self.latest()) is not None:
                return latest
            raise WorkspaceError(
                tr("Every finished run in {folder} is one of what-ifs.", folder=self.root),
                tr(
                    "Name one of them ({runs}), or plan things as they are: jointplan run {folder}",
                    runs=_latest(finished),
                    folder=argument(self.root),
                ),
            )
        if name not in finished:
            raise WorkspaceError(
                tr("There is no finished run {name} in {folder}.", name=name, folder=self.root),
                tr("The runs there are: {runs}.", runs=_latest(finished)),
            )
        return StoredRun(self.runs / name)


def _latest(names: list[str], most: int = 5) -> str:
    """Return names of runs to choose among; where there are more than can be read, the latest, and how many there are."""
    runs = listed(names[-most:])
    return tr("{runs}; the latest {n} of {all}", runs=runs, n=most, all=len(names)) if len(names) > most else runs


def _finished(folder: Path) -> list[str]:
    """Return the names of what is finished in a folder, the latest last."""
    return sorted(
        inner.name
        for inner in (folder.iterdir() if folder.is_dir() else ())
        if not inner.name.startswith(".") and (inner / "manifest.json").is_file()
    )


@dataclass(frozen=True)
class StoredRun:
    """A run on disk."""

    folder: Path

    @property
    def id(self) -> str:
        """The name of the run, also while it is being written."""
        return self.folder.name.lstrip(".")

    @property
    def what_ifs(self) -> tuple[str, ...]:
        """What was changed in it, as it was written; empty for a run of things as they are."""
        return tuple(self.manifest.get("what_if") or ())

    @property
    def joint_searched(self) -> bool:
        """Whether its joint plan was looked for: not where the user ended the search before; then it is what it would have begun from."""
        return bool(self.manifest.get("joint_searched", True))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Settings, input hashes, versions, timings and figures of the run."""
        try:
            result: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise WorkspaceError(
                tr("The run {name} cannot be read: its manifest.json is missing or damaged.", name=self.id),
                tr("Delete the folder {folder} and run again.", folder=self.folder),
            ) from error
        return result

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The result tables, and the input tables the report needs (``input_<name>``), by name."""
        return {path.stem: pq.read_table(path) for path in sorted((self.folder / "tables").glob("*.parquet"))}
