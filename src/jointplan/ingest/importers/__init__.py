"""Files of other systems become tables of a workspace."""

from jointplan.ingest.importers.importing import ImportResult, import_files, kind_names

__all__ = ["ImportResult", "import_files", "kind_names"]
