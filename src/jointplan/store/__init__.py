"""Where workspaces and runs are kept."""

from jointplan.store.workspace import StoredRun, Workspace, new_run

__all__ = ["StoredRun", "Workspace", "new_run"]
