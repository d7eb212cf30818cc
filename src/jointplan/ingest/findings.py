"""Run the checks of a table and list what breaks them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jointplan.engine import DuckDBEngine, identifier
from jointplan.errors import DataIssue
from jointplan.ingest.checks import QueryCheck, RowCheck
from jointplan.ingest.problems import LISTED, and_more, closest, label, meant, shorten
from jointplan.schema import TABLES
from jointplan.texts import listed, sentences, tr

# Among more candidates than this a look for the nearest word takes longer than it helps.
_CANDIDATES = 20_000


def find_issues(
    engine: DuckDBEngine,
    table: str,
    relation: str,
    rules: Iterable[RowCheck],
    pairs: Iterable[QueryCheck],
    places: Sequence[str],
) -> list[DataIssue]:
    """Return the problems of single rows and of rows with one another.

    All rules are counted in one pass, and only broken ones are looked up.
    """
    rules, pairs = list(rules), list(pairs)
    counts = [f"count_if({rule.condition})" for rule in rules] + [pair.suspects for pair in pairs]
    if not counts:
        return []
    selected = ", ".join(f"{count} AS n{n}" for n, count in enumerate(counts))
    found = list(engine.rows(f"SELECT {selected} FROM {identifier(relation)}")[0].values())
    issues = []
    for rule, count in zip(rules, found, strict=False):
        if count:
            issues += _listed(engine, table, relation, rule, count, places)
    for pair, suspects in zip(pairs, found[len(rules) :], strict=True):
        if suspects:
            issues += _clashing(engine, table, pair, places)
    return issues


def _listed(
    engine: DuckDBEngine, table: str, relation: str, check: RowCheck, count: int, places: Sequence[str]
) -> list[DataIssue]:
    """List the first rows that break a rule, and how many more do."""
    shown = identifier(f"{check.column}~")
    grouping = f"GROUP BY {shown}" if check.by_value else f"GROUP BY _file, _row, {shown}"
    first = "min(_file) AS _file, arg_min(_row, (_file, _row)) AS _row" if check.by_value else "_file, _row"
    rows = engine.rows(
        f"SELECT {first}, {shown} AS value, count(*) AS n FROM {identifier(relation)} WHERE {check.condition} "
        f"{grouping} ORDER BY _file, _row LIMIT {check.listed}"
    )
    candidates = _candidates(engine, check) if rows else []
    issues = []
    for row in rows:
        message = check.message
        rows_alike = count if check.listed == 1 else row["n"]
        if rows_alike > 1:
            message = sentences((message, tr("({n} {n:row|rows})", n=rows_alike)))
        guess = closest(row["value"], candidates) if candidates and row["value"] else None
        issues.append(
            DataIssue(
                table,
                places[row["_file"]],
                row["_row"],
                check.column,
                shorten(row["value"]),
                check.rule,
                message,
                meant(guess, check.cure),
                check.severity,
                guess or "",
            )
        )
    more = count - sum(row["n"] for row in rows)
    if more and check.listed > 1:
        issues.append(_more(issues[-1], more, check.cure))
    return issues


def _candidates(engine: DuckDBEngine, check: RowCheck) -> list[str]:
    if isinstance(check.candidates, tuple):
        return list(check.candidates)
    if not check.candidates:
        return []
    rows = engine.rows(f"SELECT DISTINCT * FROM ({check.candidates}) AS listed(word) LIMIT {_CANDIDATES}")
    found = [row["word"] for row in rows]
    return found if len(found) < _CANDIDATES else []


def _clashing(engine: DuckDBEngine, table: str, check: QueryCheck, places: Sequence[str]) -> list[DataIssue]:
    """List the first rows that clash with others, and how many more do."""
    cells = ", ".join(identifier(f"{column}~") for column in check.columns)
    rows = engine.rows(
        f"SELECT _file, _row, {cells}, other, other_file, count(*) OVER () AS n FROM ({check.query}) "
        f"ORDER BY _file, _row LIMIT {LISTED}"
    )
    issues = []
    for row in rows:
        filled = [column for column in check.columns if row[f"{column}~"]]
        said = {
            "other": row["other"],
            "file": places[row["other_file"]],
            "key": listed(label(TABLES[table][column]) for column in filled),
        }
        message = check.message if row["other_file"] == row["_file"] else check.elsewhere
        issues.append(
            DataIssue(
                table,
                places[row["_file"]],
                row["_row"],
                ", ".join(filled),
                shorten(" · ".join(row[f"{column}~"] for column in filled)),
                check.rule,
                message.format(**said),
                check.cure.format(**said),
            )
        )
    if rows and rows[0]["n"] > len(rows):
        issues.append(_more(issues[-1], rows[0]["n"] - len(rows), issues[-1].cure))
    return issues


def _more(last: DataIssue, more: int, cure: str) -> DataIssue:
    """Return the line that stands for all the rows not listed, beside the last that is."""
    return replace(last, row=None, value="", message=and_more(more), cure=cure, guess="", rows=more)
