"""Where tables are computed and tasks run: DuckDB and processes here."""

from jointplan.engine.duckdb_engine import DuckDBEngine
from jointplan.engine.tables import Tables
from jointplan.engine.tasks import run_tasks

__all__ = ["DuckDBEngine", "Tables", "run_tasks"]
