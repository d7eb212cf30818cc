"""The tables a stage is given."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping

import pandas as pd
import pyarrow as pa


class Tables(Mapping[str, pa.Table]):
    """Checked tables by name, read-only; an absent optional table is simply not in it.

    Large inputs are held as Arrow tables whose columns stay compact; a stage asks for a pandas frame of just the
    columns it needs. The mapping it is made from is looked up only when a table is asked for, so it may hold tables
    that are not computed yet.
    """

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables if not isinstance(tables, dict) else dict(tables)

    def __getitem__(self, name: str) -> pa.Table:
        return self._tables[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def frame(self, name: str, *columns: str) -> pd.DataFrame:
        """Return a table, or some of its columns, as a pandas frame."""
        table = self._tables[name]
        frame: pd.DataFrame = (table.select(list(columns)) if columns else table).to_pandas(date_as_object=False)
        return frame

    def adding(self, tables: Mapping[str, pa.Table]) -> Tables:
        """Return these tables and others, the others winning."""
        return Tables(ChainMap(dict(tables), self._tables))  # type: ignore[arg-type]  # only the first map of a ChainMap is written to
