"""Outside files and platforms become checked tables."""

from jointplan.ingest.reader import Checked, SourceFile, check_workspace

__all__ = ["Checked", "SourceFile", "check_workspace"]
