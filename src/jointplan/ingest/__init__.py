"""Outside files and platforms become checked tables."""

from jointplan.ingest.importing import ImportResult, import_files
from jointplan.ingest.reader import UNNAMED_CURRENCY, Checked, SourceFile, check_workspace

__all__ = ["UNNAMED_CURRENCY", "Checked", "ImportResult", "SourceFile", "check_workspace", "import_files"]
