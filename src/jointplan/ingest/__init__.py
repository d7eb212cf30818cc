"""Outside files and platforms become checked tables."""

from jointplan.ingest.domain import Planned
from jointplan.ingest.importers import ImportResult, import_files, kind_names
from jointplan.ingest.reader import UNNAMED, Checked, SourceFile, check_workspace, read_tables
from jointplan.ingest.templates import write_templates

__all__ = [
    "UNNAMED",
    "Checked",
    "ImportResult",
    "Planned",
    "SourceFile",
    "check_workspace",
    "import_files",
    "kind_names",
    "read_tables",
    "write_templates",
]
