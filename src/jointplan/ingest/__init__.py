"""Outside files and platforms to checked tables."""

from jointplan.ingest.importing import ImportResult, import_files, kind_names

__all__ = ["ImportResult", "import_files", "kind_names"]
