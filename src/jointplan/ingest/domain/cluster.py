"""The typed tables as the checks see them, and how what a query finds becomes problems."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, wraps
from typing import Any, TypeVar

from jointplan.engine import DuckDBEngine, identifier
from jointplan.errors import DataIssue
from jointplan.ingest.problems import LISTED, and_more, shorten
from jointplan.schema import TABLES

Found = TypeVar("Found")


@dataclass(frozen=True)
class Cluster:
    """The typed tables, as the checks see them.

    Parameters
    ----------
    engine : DuckDBEngine
        Where they are.
    relations : dict of str to str
        The relation of each table, with ``_file`` and ``_row``.
    places : dict of str to sequence of str
        The files of each table.
    today : date
        Sales after it have not happened.
    currency : str
        Currency of the run, which a blank currency stands for.
    doubtful : set of str
        Tables that were not read as they are meant: what is not in them may yet be in their files.
    built_in : mapping or None
        The rows of **weight_rules** and **containers** that come with the program, and of **duties** and **export_modes** where these hold;
        None where they are not told.
    """

    engine: DuckDBEngine
    relations: Mapping[str, str]
    places: Mapping[str, Sequence[str]]
    today: date
    currency: str = ""
    doubtful: Collection[str] = ()
    built_in: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def has(self, *tables: str) -> bool:
        """Tell whether all these tables are there and beyond doubt."""
        return all(table in self.relations and table not in self.doubtful for table in tables)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query in which ``{products}`` stands for the table products."""
        return self.engine.rows(query.format(**self._named))

    @cached_property
    def _named(self) -> dict[str, str]:
        """What stands in SQL for the name of each table."""
        return {table: identifier(self.relations.get(table, table)) for table in TABLES}

    def found(
        self,
        rule: str,
        table: str,
        column: str,
        query: str,
        message: Callable[[dict[str, Any]], str],
        cure: str,
        severity: str = "warning",
    ) -> Iterator[DataIssue]:
        """Yield a problem for each row of a query with ``_file``, ``_row``, ``value`` and what the message needs."""
        rows = self.rows(
            f"SELECT *, count(*) OVER () AS n FROM ({query}) ORDER BY _file NULLS LAST, _row, value LIMIT {LISTED}"
        )
        more = rows[0]["n"] - len(rows) if rows else 0
        yield from self.issues(rule, table, column, rows, message, cure, severity, more)

    def issues(
        self,
        rule: str,
        table: str,
        column: str,
        rows: Sequence[dict[str, Any]],
        message: Callable[[dict[str, Any]], str],
        cure: str,
        severity: str = "warning",
        more: int = 0,
    ) -> Iterator[DataIssue]:
        """Yield a problem for each row with ``_file``, ``_row``, ``value`` and what the message needs; there are as many more as said."""
        more += max(len(rows) - LISTED, 0)
        for row in rows[:LISTED]:
            file = "" if row["_file"] is None else self.places[table][row["_file"]]
            value = shorten(row["value"])
            yield DataIssue(table, file, row["_row"], column, value, rule, message(row), cure, severity)
        if more:
            yield DataIssue(table, file, None, column, "", rule, and_more(more), cure, severity, rows=more)


def found_once(find: Callable[[Cluster], Found]) -> Callable[[Cluster], Found]:
    """Keep what a function finds in a cluster for whoever asks again."""

    @wraps(find)
    def known(cluster: Cluster) -> Found:
        if find not in cluster._known:
            cluster._known[find] = find(cluster)
        answer: Found = cluster._known[find]
        return answer

    return known
