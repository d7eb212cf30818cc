"""Making: routings, who can do them, hours, workshops, and lots that are decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from jointplan.engine import literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.borders import Planned
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.problems import choice_word
from jointplan.schema import CHAIN
from jointplan.texts import some, tr

YEAR = timedelta(weeks=52)
BEYOND_MEASURE = 5  # times the usual hours of a week: three shifts instead of one are three times
SEVERAL = 4  # weeks, whose median tells what is usual

# Products with the operations they go through, their own or else their family's.
ROUTED = """{products} p JOIN {operations} o ON o.sku = p.sku OR (o.sku IS NULL AND o.family = p.family
    AND NOT EXISTS (SELECT 1 FROM {operations} own WHERE own.sku = p.sku))"""
# Whether a capability c is one for the process of the operation o of the product p.
ABLE = """c.process = o.process AND coalesce(c.sku, p.sku) = p.sku
    AND (c.sku IS NOT NULL OR coalesce(c.family, p.family) = p.family)"""

# The processes found, in the order of the alphabet.
LACKING = "list(DISTINCT o.process ORDER BY o.process) AS processes"


def step_nobody_can_do(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of an operation that no firm has the capability for: nothing that goes through it can be made."""
    if cluster.has("products", "operations", "capabilities"):
        yield from cluster.found(
            "step_nobody_can_do",
            "operations",
            "process",
            f"""
            SELECT o._file, o._row, o.process AS value, min(p.sku) AS sku, count(DISTINCT p.sku) AS products FROM {ROUTED}
            WHERE p.maker IS NOT NULL AND o.process IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM {{capabilities}} c WHERE {ABLE})
            GROUP BY o._file, o._row, o.process
            """,
            lambda row: tr(
                "No firm can do {process} for {sku}: none of it can be made, and what stock does not cover is given up.",
                process=row["value"], sku=row["sku"],
            )
            if row["products"] == 1
            else tr(
                "No firm can do {process} for {n} products ({sku} and others): none of them can be made, and what stock does "
                "not cover is given up.",
                process=row["value"], sku=row["sku"], n=row["products"],
            ),
            tr("Add to the table capabilities who can do it, or correct the name of the process."),
        )  # fmt: skip


def maker_cannot_make(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a process of a product that others can do, but neither its maker nor another firm of the same owner."""
    if cluster.has("firms", "products", "operations", "capabilities"):
        yield from cluster.found(
            "maker_cannot_make",
            "products",
            "maker",
            f"""
            SELECT p._file, p._row, p.maker AS value, p.sku, {LACKING} FROM {ROUTED}
            LEFT JOIN {{firms}} m ON m.firm = p.maker
            WHERE p.maker IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM {{capabilities}} c LEFT JOIN {{firms}} f ON f.firm = c.firm
                    WHERE coalesce(f.owner, c.firm) = coalesce(m.owner, p.maker) AND {ABLE})
                AND EXISTS (SELECT 1 FROM {{capabilities}} c WHERE {ABLE})
            GROUP BY ALL
            """,
            lambda row: tr(
                "{maker} makes {sku}, but neither it nor another firm of its owner has the capability for {n} of its processes ({processes}).",
                maker=row["value"], sku=row["sku"], n=len(row["processes"]), processes=tuple(row["processes"]),
            ),
            tr("Add what it can do to the table capabilities, or name another maker."),
        )  # fmt: skip


def product_without_routing(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a product made in the cluster for which no operation is given."""
    if cluster.has("products", "operations"):
        yield from cluster.found(
            "product_without_routing",
            "products",
            "sku",
            """
            SELECT _file, _row, sku AS value FROM {products} p WHERE maker IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM {operations} o WHERE o.sku = p.sku OR (o.sku IS NULL AND o.family = p.family))
            """,
            lambda row: tr("No operation is given for the product {sku} or its family.", sku=row["value"]),
            tr("Add its routing to the table operations."),
        )


def process_nobody_uses(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of capabilities and capacity for a process that stands in no routing: often a slip of the pen."""
    for table in ("capabilities", "capacity"):
        if cluster.has(table, "operations"):
            yield from cluster.found(
                "process_nobody_uses",
                table,
                "process",
                f"SELECT min(_file) AS _file, min(_row) AS _row, process AS value FROM {{{table}}} "
                "WHERE process IS NOT NULL AND process NOT IN (SELECT process FROM {operations} WHERE process IS NOT NULL) GROUP BY process",
                lambda row: tr("No product goes through the process {process}.", process=row["value"]),
                tr("Look whether the table operations spells it otherwise."),
            )


def no_capacity(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a firm whose capacity for a process is zero in every row."""
    if not cluster.has("capacity"):
        return
    zero = "HAVING coalesce(max(hours), 0) + coalesce(max(overtime_hours), 0) = 0"
    if not cluster.rows("SELECT 1 FROM {capacity} WHERE hours > 0 OR overtime_hours > 0 LIMIT 1"):
        file = cluster.places["capacity"][0]
        message = tr("No firm has any capacity: nothing can be made.")
        cure = tr("Fill in hours, or remove the table to have capacity derived from sales.")
        yield DataIssue("capacity", file, None, "hours", "0", "no_capacity", message, cure, "warning")
        return
    yield from cluster.found(
        "no_capacity",
        "capacity",
        "hours",
        f"SELECT min(_file) AS _file, min(_row) AS _row, '0' AS value, firm, process FROM {{capacity}} "
        f"GROUP BY firm, process {zero}",
        lambda row: tr(
            "{firm} has no hours for {process} in any week.", firm=row["firm"], process=row["process"]
        ),
        tr("Fill in hours, or remove the rows if the firm no longer does it."),
    )  # fmt: skip


def capability_without_capacity(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a firm that can do a process for which it has no row of capacity, although capacities are given."""
    if cluster.has("capabilities", "capacity"):
        yield from cluster.found(
            "capability_without_capacity",
            "capabilities",
            "process",
            """
            SELECT min(_file) AS _file, min(_row) AS _row, process AS value, firm FROM {capabilities} c
            WHERE NOT EXISTS (SELECT 1 FROM {capacity} k WHERE k.firm = c.firm AND k.process = c.process)
            GROUP BY firm, process
            """,
            lambda row: tr(
                "{firm} can do {process} but has no row of capacity for it.", firm=row["firm"], process=row["value"]
            ),
            tr("Add its hours to the table capacity."),
        )  # fmt: skip


def weeks_without_hours(cluster: Cluster, planned: Planned) -> Iterator[DataIssue]:
    """Warn of workshops that have rows for single weeks alone, not for all those planned: in the others nobody works there."""
    if not cluster.has("capacity"):
        return
    found = []
    # Weeks in which the calendar leaves nothing need no row.
    shut = """
        (SELECT list(c.week) FROM {calendar} c WHERE c.share = 0
            AND (c.region IS NULL OR c.region = (SELECT any_value(region) FROM {firms} WHERE {firms}.firm = k.firm)))
        """
    query = f"""
        SELECT *, {shut if cluster.has("calendar", "firms") else "NULL"} AS shut FROM (
            SELECT arg_max(_file, week) AS _file, arg_max(_row, week) AS _row, arg_max("week~", week) AS value, firm, process,
                list(DISTINCT week) AS given
            FROM {{capacity}} WHERE firm IS NOT NULL AND process IS NOT NULL GROUP BY firm, process
            HAVING count(week) = count(*) AND max(hours) + max(overtime_hours) > 0
        ) k ORDER BY 1, 2
        """
    for row in cluster.rows(query):
        if missing := [day for day in planned.mondays if day not in {*row["given"], *(row["shut"] or ())}]:
            found.append(row | {"missing": missing})
    yield from cluster.issues(
        "weeks_without_hours",
        "capacity",
        "week",
        found,
        lambda row: tr(
            "{firm} has no hours for {process} in {n} of the {weeks} weeks planned ({days}): no row is for them, nor for every week.",
            firm=row["firm"], process=row["process"], n=len(row["missing"]), weeks=planned.weeks, days=some(_stretches(row["missing"])),
        ),
        tr("Add the rows of these weeks, or one without week for the usual hours; where nobody works, write hours 0."),
    )  # fmt: skip


def _stretches(mondays: list[date]) -> Iterator[str]:
    """Yield weeks that follow each other as the first and the last of them."""
    for _, stretch in groupby(enumerate(mondays), lambda pair: pair[1] - timedelta(weeks=pair[0])):
        days = [day.isoformat() for _, day in stretch]
        yield tr("{first} to {last}", first=days[0], last=days[-1]) if len(days) > 1 else days[0]


def hours_above_calendar(cluster: Cluster, planned: Planned) -> Iterator[DataIssue]:
    """Ask about weeks planned that the calendar shortens, where rows of capacity for them hold more than it leaves: they stand.

    Hours rounded to whole ones are no more. Where no row tells what is usual, only weeks in which nothing is left are asked about.
    """
    if not cluster.has("capacity", "calendar", "firms") or not planned.weeks:
        return
    first, last = (literal(day.isoformat()) for day in (planned.mondays[0], planned.mondays[-1]))
    yield from cluster.found(
        "hours_above_calendar",
        "capacity",
        "hours",
        f"""
        WITH given AS (
            SELECT k._file, k._row, k."hours~" AS value, firm, process, k.week, k.hours, coalesce(own.share, general.share, 1) AS share
            FROM {{capacity}} k JOIN {{firms}} f USING (firm)
            LEFT JOIN {{calendar}} own ON own.region = f.region AND own.week = k.week
            LEFT JOIN {{calendar}} general ON general.region IS NULL AND general.week = k.week
        ), usual AS (
            SELECT firm, process,
                coalesce(max(hours) FILTER (WHERE week IS NULL), median(hours) FILTER (WHERE share >= 1)) AS usual
            FROM given GROUP BY ALL
        )
        SELECT *, count(*) OVER (PARTITION BY week, share) AS alike FROM given JOIN usual USING (firm, process)
        WHERE week BETWEEN {first} AND {last} AND share < 1 AND hours > CASE WHEN share > 0 THEN usual * share ELSE 0 END + 0.5
        QUALIFY row_number() OVER (PARTITION BY week, share ORDER BY _file, _row) = 1
        """,
        lambda row: tr(
            "In the week of {week} the calendar leaves {share} of the usual hours, yet {n} {n:row|rows} of capacity for that week, the first of "
            "{firm} for {process}, {n:holds|hold} more than that: {n:it stands as it is|they stand as they are}.",
            week=row["week"].isoformat(), share=f"{row['share']:.0%}", n=row["alike"], firm=row["firm"], process=row["process"],
        ),
        tr("Leave it so where work goes on in that week; else write the hours there are, or take the rows out."),
    )  # fmt: skip


def hours_beyond_measure(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a week with many times the usual hours: those of the row for every week, else the median of several weeks."""
    if cluster.has("capacity"):
        yield from cluster.found(
            "hours_beyond_measure",
            "capacity",
            "hours",
            f"""
            WITH usual AS (
                SELECT firm, process,
                    coalesce(max(hours) FILTER (WHERE week IS NULL), CASE WHEN count(*) >= {SEVERAL} THEN median(hours) END) AS usual
                FROM {{capacity}} GROUP BY ALL
            )
            SELECT _file, _row, "hours~" AS value, firm, process, week, hours, usual FROM {{capacity}} JOIN usual USING (firm, process)
            WHERE usual > 0 AND week IS NOT NULL AND hours > {BEYOND_MEASURE} * usual
            """,
            lambda row: tr(
                "{firm} has {hours} hours for {process} in the week of {week}, where {usual} are usual.",
                firm=row["firm"], hours=f"{row['hours']:,g}", process=row["process"], week=row["week"].isoformat(),
                usual=f"{row['usual']:,g}",
            ),
            tr("Look whether a digit slipped in; leave it if so many are there."),
        )  # fmt: skip


def lot_nobody_can_make(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of lots that are decided at one firm, without the capability for a process of the product."""
    if cluster.has("approved", "products", "operations", "capabilities"):
        yield from cluster.found(
            "lot_nobody_can_make",
            "approved",
            "firm",
            f"""
            SELECT a._file, a._row, a.firm AS value, a.sku, {LACKING} FROM {ROUTED}
            JOIN {{approved}} a ON a.sku = p.sku
            WHERE coalesce(list_distinct(string_split(a.chain, '{CHAIN}')) = [a.firm], true)
                AND NOT EXISTS (SELECT 1 FROM {{capabilities}} c WHERE c.firm = a.firm AND {ABLE})
            GROUP BY ALL
            """,
            lambda row: tr(
                "A lot of {sku} is decided at {firm}, which has no capability for {n} of its processes ({processes}): it is left out.",
                firm=row["value"], sku=row["sku"], n=len(row["processes"]), processes=tuple(row["processes"]),
            ),
            tr("Add what it can do to the table capabilities, or name another firm."),
        )  # fmt: skip


def lot_of_no_chain(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of lots that are decided as a chain which cannot make them: firms that are none, or cannot do their step."""
    if cluster.has("approved", "firms", "products", "operations", "capabilities"):
        firms = {row["firm"] for row in cluster.rows("SELECT firm FROM {firms}")}
        rows = cluster.rows(
            f"""
            WITH steps AS (
                SELECT p.sku, o.step, o.process, list(c.firm) AS able FROM {ROUTED} LEFT JOIN {{capabilities}} c ON {ABLE}
                WHERE p.sku IN (SELECT sku FROM {{approved}} WHERE chain IS NOT NULL) GROUP BY ALL
            )
            SELECT a._file, a._row, a.chain AS value, a.sku, a.firm,
                list(s.process ORDER BY s.step) AS processes, list(s.able ORDER BY s.step) AS able
            FROM {{approved}} a JOIN steps s ON s.sku = a.sku
            WHERE list_distinct(string_split(a.chain, '{CHAIN}')) <> [a.firm]
            GROUP BY ALL ORDER BY a._file, a._row
            """
        )
        yield from cluster.issues(
            "lot_of_no_chain",
            "approved",
            "chain",
            [row | {"fault": fault} for row in rows if (fault := _chain_fault(row, firms))],
            lambda row: row["fault"],
            tr(
                "Name a firm with the capability for each step of the product in turn, joined by “ > ”; the last is the firm that makes the lot."
            ),
        )


def _chain_fault(row: dict[str, Any], firms: set[str]) -> str:
    """Return why the chain of a decided lot cannot make it; nothing where it can."""
    chain = row["value"].split(CHAIN)
    if strangers := tuple(dict.fromkeys(firm for firm in chain if firm not in firms)):
        return tr(
            "The chain {chain} of a lot of {sku} names {names}, not in the table firms: the lot is left out.",
            chain=row["value"], sku=row["sku"], names=strangers,
        )  # fmt: skip
    if len(chain) != len(row["processes"]):
        return tr(
            "The chain {chain} of a lot of {sku} names {n} {n:firm|firms} for {steps} {steps:step|steps} ({processes}): the lot is left out.",
            chain=row["value"], sku=row["sku"], n=len(chain), steps=len(row["processes"]), processes=tuple(row["processes"]),
        )  # fmt: skip
    if chain[-1] != row["firm"]:
        return tr(
            "The chain {chain} of a lot of {sku} ends at {last}, but the lot is decided at {firm}: it is left out.",
            chain=row["value"], sku=row["sku"], last=chain[-1], firm=row["firm"],
        )  # fmt: skip
    unable = tuple(
        tr("{firm} for {process}", firm=firm, process=process)
        for firm, process, able in zip(chain, row["processes"], row["able"], strict=True)
        if firm not in able
    )
    if unable:
        return tr(
            "In the chain {chain} of a lot of {sku} firms lack a capability: {steps}. The lot is left out.",
            chain=row["value"], sku=row["sku"], steps=unable,
        )  # fmt: skip
    return ""


def lot_for_no_seller(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of the first lot that is decided for a firm whose role is not to sell."""
    if cluster.has("approved", "firms"):
        yield from cluster.found(
            "role_does_not_fit",
            "approved",
            "seller",
            """
            SELECT a._file, a._row, a.seller AS value, a.sku, f.role FROM {approved} a JOIN {firms} f ON f.firm = a.seller
            WHERE f.role NOT IN ('seller', 'both')
            QUALIFY row_number() OVER (PARTITION BY a.seller ORDER BY a._file, a._row) = 1
            """,
            lambda row: tr(
                "A lot of {sku} is decided for {firm}, whose role is {role}.",
                sku=row["sku"], firm=row["value"], role=choice_word(row["role"]),
            ),
            tr("Name the firm that sells it, or set the role of the firm to both."),
        )  # fmt: skip


def lot_far_from_weeks(cluster: Cluster, planned: Planned) -> Iterator[DataIssue]:
    """Warn of lots decided for weeks more than a year before or after those planned; nearer ones are of the past, or to come."""
    if not cluster.has("approved") or not planned.weeks:
        return
    first, last = planned.mondays[0], planned.mondays[-1]
    earliest, latest = (literal(day.isoformat()) for day in (first - YEAR, last + YEAR))
    yield from cluster.found(
        "lot_far_from_weeks",
        "approved",
        "week",
        f'SELECT _file, _row, "week~" AS value, sku FROM {{approved}} WHERE week < {earliest} OR week > {latest}',
        lambda row: tr(
            "The lot of {sku} lies more than a year from the weeks planned ({first} to {last}): it is not planned.",
            sku=row["sku"], first=first.isoformat(), last=last.isoformat(),
        ),
        tr("Look whether the year is right; of lots of the past, what is there belongs in the table stock."),
    )  # fmt: skip


def workshop_that_can_do_nothing(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a shared workshop without capabilities or hours: nobody could work there."""
    for table in ("capabilities", "capacity"):
        if cluster.has("firms", table):
            yield from cluster.found(
                "workshop_that_can_do_nothing",
                "firms",
                "firm",
                "SELECT _file, _row, firm AS value FROM {firms} WHERE role = 'workshop' "
                f"AND firm NOT IN (SELECT firm FROM {{{table}}} WHERE firm IS NOT NULL)",
                lambda row, table=table: tr(  # type: ignore[misc]  # a default binds the loop variable
                    "The shared workshop {firm} has no row in the table {table}: nobody could work there.",
                    firm=row["value"], table=table,
                ),
                tr("Add what it can do to capabilities, and its hours to capacity."),
            )  # fmt: skip
