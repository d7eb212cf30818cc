"""Where the records of sales begin and end: lines far from all others do not say so by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from jointplan.engine import literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster, found_once
from jointplan.texts import tr

Index = npt.NDArray[np.int64]

LONG_SILENCE = 8
"""Weeks without any sale of anybody from which lines beyond them may be slips."""

LEAST_TIMES = 2
"""Times the longest silence within the records, and that between two sales of its own seller, that lines beyond must lie away."""

FEW = 0.02
"""Share of all lines that lines beyond may hold to count for slips; a single one is at least told."""

LEAST_LINES = 4
"""Lines that the rest must hold for there to be anything to be far from."""

THIN = 0.5
"""Lines a week, over those of the middle week of the rest, that lines beyond may hold to count for slips."""

HOLE = 3
"""Weeks in a row without any sale of anybody that may be a hole in the records: more than a holiday."""

STEADY = 0.95
"""Share of all other weeks in which something must have been sold for such weeks to stand out."""

MOST_IN_HOLES = 0.25
"""Share of all weeks that holes may hold; clusters that are silent for longer sell by seasons."""


@dataclass(frozen=True)
class FarEnd:
    """Lines at one end of the records with a long silence between them and all others.

    Parameters
    ----------
    edge : date
        Last day before the silence where they come after it, first day after it where they come before.
    late : bool
        Whether they come after all others.
    silence : int
        Weeks without any sale in between.
    lines, of : int
        How many they are, and how many lines there are in all.
    left_out : bool
        Whether they are left out: they are few and thin, and no seller sells at such intervals.
    """

    edge: date
    late: bool
    silence: int
    lines: int
    of: int
    left_out: bool

    @property
    def beyond(self) -> str:
        """The condition that their rows meet."""
        return f"date {'>' if self.late else '<'} {literal(self.edge)}"


@dataclass(frozen=True)
class Records:
    """The days of sales that count.

    Parameters
    ----------
    first, last : date or None
        First and last of them; None: all there are.
    """

    first: date | None = None
    last: date | None = None


def read_records(cluster: Cluster) -> Records:
    """Return the days between which sales count: without lines at either end that are taken for slips."""
    edges = {end.late: end.edge for end in far_ends(cluster) if end.left_out}
    return Records(edges.get(False), edges.get(True))


def far_from_other_sales(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of the first or last sales where a long silence lies between them and all others."""
    for end in far_ends(cluster):
        yield from cluster.found(
            "far_from_other_sales",
            "sales",
            "date",
            f'SELECT _file, _row, "date~" AS value FROM {{sales}} WHERE date <= {literal(cluster.today)} AND {end.beyond}'
            # Where they count, it is a question about the silence, asked once.
            + ("" if end.left_out else f" ORDER BY date {'' if end.late else 'DESC'}, _file, _row LIMIT 1"),
            _always(_told(end)),
            _cure(end),
        )


def hole_in_records(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of weeks in which nobody sold anything though something is sold nearly every week, unless availability speaks of them."""
    if not cluster.has("sales"):
        return
    kept = read_records(cluster)
    within = "".join(
        f" AND date {sign} {literal(edge)}"
        for sign, edge in ((">=", kept.first), ("<=", kept.last))
        if edge is not None
    )
    rows = cluster.rows(
        "SELECT date_trunc('week', date)::DATE AS week, min(date) AS first "
        f"FROM {{sales}} WHERE date <= {literal(cluster.today)}{within} GROUP BY 1 ORDER BY 1"
    )
    week = np.array([_number(row["week"]) for row in rows], dtype=np.int64)
    silent = np.diff(week) - 1
    holes = np.flatnonzero(silent >= HOLE)
    missing, of = int(silent[holes].sum()), int(week[-1] - week[0] + 1) if len(week) else 0
    if not missing or missing > MOST_IN_HOLES * of or len(week) < STEADY * (of - missing):
        return
    for place in holes.tolist():
        begin, end = rows[place]["week"] + timedelta(weeks=1), rows[place + 1]["week"] - timedelta(weeks=1)
        if _told_unavailable(cluster, begin, end):
            continue
        yield from cluster.found(
            "hole_in_records",
            "sales",
            "date",
            f'SELECT _file, _row, "date~" AS value FROM {{sales}} WHERE date = {literal(rows[place + 1]["first"])} '
            "ORDER BY _file, _row LIMIT 1",
            _always(
                tr(
                    "Nobody sold anything in the {n} {n:week|weeks} before it, from that of {begin} to that of {end}, though something was sold in "
                    "{share} of all other weeks: forecasts learn from them as from weeks without demand.",
                    n=int(silent[place]),
                    begin=begin,
                    end=end,
                    share=f"{len(week) / (of - missing):.0%}",
                )
            ),
            tr(
                "If a file of these weeks is missing, add it. If it cannot be had, or nothing was to be bought, say so in the table "
                "availability: a row for each product and each of these Mondays with share 0, market and seller blank; then they count as unknown."
            ),
        )


def _told_unavailable(cluster: Cluster, begin: date, end: date) -> bool:
    return cluster.has("availability") and bool(
        cluster.rows(
            "SELECT 1 FROM {availability} WHERE share < 1 "
            f"AND week BETWEEN {literal(begin)} AND {literal(end)} LIMIT 1"
        )
    )


@found_once
def far_ends(cluster: Cluster) -> list[FarEnd]:
    """Return what lies at the early and at the late end of the records, far from all other sales."""
    if not cluster.has("sales"):
        return []
    rows = cluster.rows(
        "SELECT date_trunc('week', date)::DATE AS week, min(date) AS first, max(date) AS last, count(*) AS n "
        f"FROM {{sales}} WHERE date <= {literal(cluster.today)} GROUP BY 1 ORDER BY 1"
    )
    week = np.array([_number(row["week"]) for row in rows], dtype=np.int64)
    lines = np.array([row["n"] for row in rows], dtype=np.int64)
    # The early end is the late end of time turned round.
    sides = {False: (-week[::-1], lines[::-1]), True: (week, lines)}
    cuts = {late: _cuts(*side) for late, side in sides.items()}
    ends = []
    for late, (when, sold) in sides.items():
        begin = len(rows) - int(cuts[not late].min(initial=len(rows)))
        far = [cut for cut in cuts[late].tolist() if _is_far(when, sold, begin, cut)]
        made = [_far_end(cluster, rows, when, sold, begin, cut, late=late) for cut in far]
        ends += [next((end for end in made if end.left_out), made[0])] if made else []
    return ends


def _cuts(week: Index, lines: Index) -> Index:
    # How many weeks with sales come before each long silence behind which there are few lines.
    beyond = lines.sum() - np.cumsum(lines)[:-1]
    few = max(1.0, FEW * float(lines.sum()))
    return np.flatnonzero((np.diff(week) > LONG_SILENCE) & (beyond <= few)) + 1


def _is_far(week: Index, lines: Index, begin: int, cut: int) -> bool:
    # Clusters that often sell nothing for long, such as those of a season, are no further away than usual.
    usual = int((np.diff(week[begin:cut]) - 1).max(initial=0))
    return bool(week[cut] - week[cut - 1] - 1 > LEAST_TIMES * usual and lines[begin:cut].sum() >= LEAST_LINES)


def _far_end(
    cluster: Cluster, rows: list[dict[str, Any]], week: Index, lines: Index, begin: int, cut: int, *, late: bool
) -> FarEnd:
    edge = rows[cut - 1]["last"] if late else rows[len(rows) - cut]["first"]
    beyond, of = int(lines[cut:].sum()), int(lines.sum())
    thin = lines[cut:].max() <= THIN * float(np.median(lines[begin:cut]))
    end = FarEnd(edge, late, int(week[cut] - week[cut - 1] - 1), beyond, of, bool(beyond <= FEW * of and thin))
    if end.left_out and _at_usual_intervals(cluster, end, int(week[begin])):
        return replace(end, left_out=False)
    return end


def _at_usual_intervals(cluster: Cluster, end: FarEnd, begin: int) -> bool:
    """Tell whether the lines beyond lie no further from the others of one of their sellers than these lie apart."""
    sold = cluster.rows(
        f"SELECT DISTINCT seller, date_trunc('week', date)::DATE AS week, {end.beyond} AS beyond FROM {{sales}} "
        f"WHERE date <= {literal(cluster.today)} AND seller IN (SELECT seller FROM {{sales}} WHERE {end.beyond})"
    )
    sign = 1 if end.late else -1
    inside: dict[str, list[int]] = {}
    outside: dict[str, int] = {}
    for row in sold:
        week = sign * _number(row["week"])
        if row["beyond"]:
            outside[row["seller"]] = min(week, outside.get(row["seller"], week))
        elif week >= begin:
            inside.setdefault(row["seller"], []).append(week)
    for seller, weeks in inside.items():
        apart = int(np.diff(np.sort(weeks)).max(initial=0))
        if seller in outside and outside[seller] - max(weeks) <= LEAST_TIMES * apart:
            return True
    return False


def _number(monday: date) -> int:
    return (monday - date(1970, 1, 5)).days // 7


def _always(text: str) -> Callable[[dict[str, Any]], str]:
    return lambda _row: text


def _told(end: FarEnd) -> str:
    said = {"weeks": end.silence, "n": end.lines, "all": end.of}
    if end.late and end.left_out:
        return tr(
            "Nothing was sold in the {weeks} weeks before it: what lies beyond ({n} of {all} lines) is left out of the weekly "
            "sales and does not set the first week to plan.",
            **said,
        )
    if end.late:
        return tr(
            "Nothing was sold in the {weeks} weeks before it: forecasts go by this silence, as what lies beyond "
            "({n} of {all} lines) counts and sets the first week to plan.",
            **said,
        )
    if end.left_out:
        return tr(
            "Nothing was sold in the {weeks} weeks after it: what lies before them ({n} of {all} lines) is left out of the weekly "
            "sales, and the records begin after them.",
            **said,
        )
    return tr(
        "Nothing was sold in the {weeks} weeks after it: the records begin with what lies before them ({n} of {all} lines).",
        **said,
    )


def _cure(end: FarEnd) -> str:
    if end.late and end.left_out:
        return tr(
            "Look whether the day is right. If it is, and the sales of its week are there to the Sunday, set horizon.start in "
            "jointplan.toml to the Monday after it: then it counts."
        )
    return tr("Look whether the day is right, and whether sales in between are missing.")
