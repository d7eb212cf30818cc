"""Outside files and platforms become checked tables."""

from jointplan.ingest.reader import Checked, SourceFile, check_workspace
from jointplan.ingest.templates import write_templates

__all__ = ["Checked", "SourceFile", "check_workspace", "write_templates"]
