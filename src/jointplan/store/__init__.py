"""Where workspaces and runs are kept."""

from jointplan.store.workspace import FORMATS, StoredRun, Workspace
from jointplan.store.writing import check_room, new_run, renewed, write_manifest, write_table

__all__ = [
    "FORMATS",
    "StoredRun",
    "Workspace",
    "check_room",
    "new_run",
    "renewed",
    "write_manifest",
    "write_table",
]
