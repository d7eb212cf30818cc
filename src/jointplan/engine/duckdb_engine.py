"""Tables on DuckDB, spoken to through Ibis: the only module that knows DuckDB."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.engine.sql import identifier, literal


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
        self._kinds: dict[str, str] = {}  # TABLE, VIEW or ARROW, by name: DuckDB does not replace one by the other
        # Moments with a zone become days in UTC on every machine alike.
        self.run("SET TimeZone = 'UTC'")

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
        self.store(name, "SELECT * FROM arriving")
        self._ibis.con.unregister("arriving")
        return self.table(name)

    def scan_parquet(self, name: str, *paths: Path) -> Any:
        """Make Parquet files known under ``name`` without reading them, and return the Ibis table."""
        self.view(name, f"SELECT * FROM {parquet(*paths)}")
        return self.table(name)

    def spool(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """Keep a stream of rows for the session, under a name, and return how many they are.

        A single batch is kept in memory; of more, only one at a time is there, and they are kept on disk.
        """
        batches = iter(batches)
        first = list(islice(batches, 2))
        if len(first) < 2:
            table = pa.Table.from_batches(first, schema)
            self._free(name, "ARROW")
            self._ibis.con.register(name, table)
            self._kinds[name.casefold()] = "ARROW"
            return int(table.num_rows)
        path, rows = Path(self._spill.name) / f"{name}.parquet", 0
        with pq.ParquetWriter(path, schema, compression="snappy") as writer:
            for batch in chain(first, batches):
                writer.write_batch(batch)
                rows += batch.num_rows
        self.view(name, f"SELECT * FROM {parquet(path)}")
        return rows

    def view(self, name: str, query: str) -> None:
        """Give a query a name; it is computed whenever it is used."""
        self._name("VIEW", name, query)

    def store(self, name: str, query: str) -> None:
        """Compute a query once, and keep its rows under a name."""
        self._name("TABLE", name, query)

    def _name(self, kind: str, name: str, query: str) -> None:
        """Give a name to a view or a table, in place of what had it before."""
        self._free(name, kind)
        self.run(f"CREATE OR REPLACE {kind} {identifier(name)} AS {query}")
        self._kinds[name.casefold()] = kind  # as DuckDB compares names

    def _free(self, name: str, kind: str) -> None:
        """Take a name from what has it, unless that is of the kind that will replace it."""
        had = self._kinds.get(name.casefold(), kind)
        if had == kind:
            return
        del self._kinds[name.casefold()]
        if had == "ARROW":
            self._ibis.con.unregister(name)
        else:
            self.run(f"DROP {had} {identifier(name)}")

    def table(self, name: str) -> Any:
        """Return a table made known before."""
        return self._ibis.table(name)

    def arrow(self, expression: Any) -> pa.Table:
        """Compute an Ibis expression."""
        with _interruptible():
            return expression.to_pyarrow()

    def run(self, statement: str) -> None:
        """Run a statement that gives nothing back."""
        with _interruptible():
            self._ibis.raw_sql(statement)

    def sql(self, query: str) -> pa.Table:
        """Compute a query written in SQL."""
        with _interruptible():
            return self._ibis.con.sql(query).to_arrow_table()

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Compute a query of which few rows come back; compiled checks come this way.

        DuckDB plans it once, where it plans twice what :meth:`sql` gives as a table: to know its columns, and its rows.
        """
        with _interruptible():
            answer = self._ibis.con.execute(query)
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C during a query be what it is elsewhere; DuckDB makes a RuntimeError of it."""
    try:
        yield
    except (RuntimeError, duckdb.InterruptException) as error:
        if isinstance(error, duckdb.InterruptException) or "interrupted" in str(error).casefold():
            raise KeyboardInterrupt from error
        raise


def parquet(*paths: Path) -> str:
    """Return the SQL that scans Parquet files; the column ``file_row_number`` counts their rows from 0."""
    # A folder may be called "sales [2024]": its brackets are no pattern.
    plain = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})
    files = ", ".join(literal(str(path).translate(plain)) for path in paths)
    return f"read_parquet([{files}], union_by_name = true)" if len(paths) > 1 else f"read_parquet({files})"
