"""Exchange rates: those that leave the course of their currency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import log
from typing import Any

from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.problems import plain
from jointplan.texts import tr

Row = dict[str, Any]

TIMES_OFF = 8
"""Times the rate before or after it from which on a rate is taken for a slip: ten, less what rates move meanwhile."""

YEARLY = 2
"""Times as much again for each year between the two, which money may lose without a slip."""


def rate_off_course(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a rate about ten times the rate dated before or after it, or about a tenth of it."""
    if not cluster.has("fx"):
        return
    rows = cluster.rows(
        f"""
        SELECT _file, _row, currency, date, rate, "rate~" AS value FROM {{fx}} WHERE rate > 0 AND currency IN (
            SELECT currency FROM {{fx}} WHERE rate > 0 AND date IS NOT NULL GROUP BY currency
            HAVING max(rate) >= {TIMES_OFF} * min(rate)
        ) AND date IS NOT NULL ORDER BY currency, date, _file, _row
        """
    )
    by_currency = [list(of_currency) for _, of_currency in groupby(rows, key=lambda row: row["currency"])]
    for course in by_currency:
        yield from cluster.issues(
            "rate_off_course",
            "fx",
            "rate",
            [row | {"other": other} for row, other in _leaps(course)],
            _off_course,
            tr(
                "Correct the one that is wrong: the column holds what one {currency} is worth in the currency of the run, "
                "not what a hundred are, nor the reverse. Leave both where its worth did change that much, or its unit was changed.",
                currency=course[0]["currency"],
            ),
        )


def _leaps(course: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Yield the rates of a currency that leave its course, each with the rate it is measured by."""
    trusted: Row | None = None
    for n, row in enumerate(course):
        following = course[n + 1 : n + 3]
        if trusted is None:
            # The first has none before it: two that agree outvote it.
            if len(following) == 2 and _apart(row, following[0]) and not _apart(*following):
                yield row, following[0]
            else:
                trusted = row
        elif not _apart(trusted, row):
            trusted = row
        else:
            yield row, trusted
            # Where the next agrees with it, this is the new course.
            if following and not _apart(row, following[0]):
                trusted = row


def _apart(one: Row, other: Row) -> bool:
    low, high = sorted((one["rate"], other["rate"]))
    years = abs((other["date"] - one["date"]).days) / 365
    return bool(log(high / low) >= log(TIMES_OFF) + years * log(YEARLY))


def _off_course(row: Row) -> str:
    return tr(
        "The rate of {currency} is {rate} on {day}, yet {other} on {other_day}.",
        currency=row["currency"], rate=plain(row["rate"]), day=row["date"], other=plain(row["other"]["rate"]),
        other_day=row["other"]["date"],
    )  # fmt: skip
