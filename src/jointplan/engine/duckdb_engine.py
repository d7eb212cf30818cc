"""Tables on DuckDB, spoken to through Ibis: the only module that knows DuckDB."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import ibis
import pyarrow as pa


class DuckDBEngine:
    """One DuckDB session in memory, spilling to a temporary folder.

    Parameters
    ----------
    memory_limit : str
        Most memory DuckDB may take, such as ``"2GB"``.
    threads : int or None
        Worker threads; None takes all cores.
    """

    def __init__(self, *, memory_limit: str = "4GB", threads: int | None = None) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="jointplan-")
        self._ibis: Any = ibis.duckdb.connect(
            threads=threads or os.cpu_count() or 1,
            memory_limit=memory_limit,
            temp_directory=self._spill.name,
            preserve_insertion_order=False,
        )

    def __enter__(self) -> DuckDBEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session and remove what it spilled."""
        self._ibis.disconnect()
        self._spill.cleanup()

    def register(self, name: str, table: pa.Table) -> Any:
        """Make an Arrow table known under ``name`` and return it as an Ibis table."""
        # Not through create_table: with sqlglot 30 Ibis 12 fails to drop the view it makes on the way.
        self._ibis.con.register("arriving", table)
        self._ibis.raw_sql(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM arriving')
        self._ibis.con.unregister("arriving")
        return self._ibis.table(name)

    def scan_parquet(self, name: str, *paths: Path) -> Any:
        """Make Parquet files known under ``name`` without reading them, and return the Ibis table."""
        return self._ibis.read_parquet([str(path) for path in paths], table_name=name)

    def table(self, name: str) -> Any:
        """Return a table made known before."""
        return self._ibis.table(name)

    def arrow(self, expression: Any) -> pa.Table:
        """Compute an Ibis expression."""
        return expression.to_pyarrow()

    def sql(self, query: str) -> pa.Table:
        """Compute a query written in SQL; compiled checks come this way."""
        return self._ibis.con.sql(query).to_arrow_table()
