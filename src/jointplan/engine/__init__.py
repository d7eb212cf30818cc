"""Where tables are computed and tasks run: DuckDB and processes here."""

from jointplan.engine.duckdb_engine import DuckDBEngine, parquet
from jointplan.engine.sql import identifier, literal
from jointplan.engine.tables import Tables
from jointplan.engine.tasks import run_tasks

__all__ = ["DuckDBEngine", "Tables", "identifier", "literal", "parquet", "run_tasks"]
