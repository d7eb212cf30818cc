"""Opening a workspace, and what is refused before the slow check of everything."""

from __future__ import annotations

from pathlib import Path

from jointplan.engine import DuckDBEngine, Tables
from jointplan.errors import WorkspaceError
from jointplan.ingest import read_tables
from jointplan.logistics import refuse_strangers
from jointplan.store import Workspace
from jointplan.texts import argument, tr


def open_workspace(path: str | Path) -> Workspace:
    """Return the workspace in an existing folder."""
    root = Path(path)
    if root.is_file():
        raise WorkspaceError(
            tr("{path} is a file, not a folder.", path=root), tr("Name the folder that holds the folder tables.")
        )
    if not root.is_dir():
        raise WorkspaceError(
            tr("There is no folder {path}.", path=root), tr("Make one with: jointplan init {path}", path=argument(root))
        )
    return Workspace(root)


def named_tables(workspace: Workspace, engine: DuckDBEngine) -> Tables | None:
    """Return the tables that firms, products and markets, suppliers and carriers are named in, before the slow check of everything."""
    return read_tables(workspace, engine, ("firms", "products", "markets", "sources", "lanes"))


def refuse_unknown(workspace: Workspace, engine: DuckDBEngine, **named: str | None) -> None:
    """Refuse a product, market or firm that is not there, before the slow check of everything."""
    if any(named.values()) and (names := named_tables(workspace, engine)) is not None:
        refuse_strangers(names, **named)
