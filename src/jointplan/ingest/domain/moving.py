"""Moving: lanes that reach every market, containers that hold every product, tariffs without holes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from jointplan.engine import identifier, literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.problems import label, plain
from jointplan.schema import TABLES
from jointplan.texts import tr

Row = dict[str, Any]


def market_without_lane(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a market that no lane reaches from any firm, directly or over sites."""
    if not cluster.has("lanes", "markets", "firms"):
        return
    lanes = cluster.rows("SELECT origin, destination FROM {lanes}")
    reached = {row["firm"] for row in cluster.rows("SELECT firm FROM {firms}")} | {"*"}
    while fresh := {lane["destination"] for lane in lanes if lane["origin"] in reached} - reached:
        reached |= fresh
    known = ", ".join(literal(place) for place in sorted(filter(None, reached)))
    yield from cluster.found(
        "market_without_lane",
        "markets",
        "market",
        f"SELECT _file, _row, market AS value FROM {{markets}} WHERE market IS NOT NULL AND market NOT IN ({known})",
        lambda row: tr("No lane reaches the market {market}: its demand is planned as unmet.", market=row["value"]),
        tr("Add a lane to it, or check the spelling of destinations."),
    )


def rule_of_tariff_unknown(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that a weight rule or a container that a tariff names is in its table, or comes with the program."""
    if cluster.built_in is None or not cluster.has("tariffs"):
        return
    for column, table, key in (("weight_rule", "weight_rules", "rule"), ("container", "containers", "container")):
        if table in cluster.doubtful:
            continue
        known = {str(row[key]) for row in cluster.built_in[table]}
        if cluster.has(table):
            known |= {row[key] for row in cluster.rows(f"SELECT {key} FROM {{{table}}} WHERE {key} IS NOT NULL")}
        names = ", ".join(literal(name) for name in sorted(known)).replace("{", "{{").replace("}", "}}")
        yield from cluster.found(
            "rule_of_tariff_unknown",
            "tariffs",
            column,
            f"SELECT _file, _row, {column} AS value FROM {{tariffs}} WHERE {column} NOT IN ({names})",
            partial(_names_nothing, table),
            tr("Add it to the table {table}, or use one of: {names}.", table=table, names=tuple(sorted(known))),
            "error",
        )


def rule_of_tariff_not_in_force(cluster: Cluster, on: date) -> Iterator[DataIssue]:
    """Ensure that a weight rule or a container that a tariff names holds on the first day planned; its rows are told, else the tariff's."""
    if cluster.built_in is None or not cluster.has("tariffs"):
        return
    day = literal(on.isoformat())
    for column, table, key in (("weight_rule", "weight_rules", "rule"), ("container", "containers", "container")):
        known = [
            row[key]
            for row in cluster.built_in[table]
            if row["from_date"] <= on and (row["to_date"] is None or on <= row["to_date"])
        ]
        own = cluster.has(table)
        if own:
            query = f"SELECT {key} FROM {{{table}}} WHERE from_date <= {day} AND (to_date IS NULL OR {day} <= to_date)"
            known += [row[key] for row in cluster.rows(query)]
        rows = cluster.rows(f"SELECT DISTINCT {column} AS name FROM {{tariffs}} WHERE {column} IS NOT NULL")
        for name in sorted({row["name"] for row in rows} - set(known)):
            message = tr(
                "{name} of the table {table}, which a tariff names, does not hold on {day}, the first day planned.",
                name=name, table=table, day=on.isoformat(),
            )  # fmt: skip
            cure = tr(
                "Add a row of the table {table} that holds on that day, or correct from_date and to_date.", table=table
            )
            named = literal(name).replace("{", "{{").replace("}", "}}")
            # Its own first row, else the first tariff that takes it as it comes with the program.
            ours = f"FROM {{{table}}} WHERE {key} = {named}"
            at = (table, "from_date", ours)
            if not own or not cluster.rows(f"SELECT 1 {ours} LIMIT 1"):
                at = ("tariffs", column, f"FROM {{tariffs}} WHERE {column} = {named}")
            found = f"SELECT _file, _row, {at[1]} AS value {at[2]} ORDER BY _file, _row LIMIT 1"
            yield from cluster.found("rule_not_in_force", *at[:2], found, partial(_said, message), cure, "error")


def _said(message: str, _: Row) -> str:
    return message


def _names_nothing(table: str, row: Row) -> str:
    return tr("The table {table} has no {name}, nor does it come with the program.", table=table, name=row["value"])


def _boxes(cluster: Cluster) -> str:
    """Return SQL of what the containers that tariffs can name hold at most: name, kg, m3."""
    own = "SELECT container AS name, max(kg) AS kg, max(m3) AS m3 FROM {containers} GROUP BY container"
    found = [own] if cluster.has("containers") else []
    shipped = cluster.built_in["containers"] if cluster.built_in else ()
    replaced = f" WHERE name NOT IN (SELECT name FROM ({own}) WHERE name IS NOT NULL)" if found else ""
    if shipped:
        rows = ", ".join(f"({literal(row['container'])}, {row['kg']}, {row['m3']})" for row in shipped)
        found.append(f"SELECT * FROM (VALUES {rows}) AS b(name, kg, m3){replaced}")
    return " UNION ALL ".join(found) or "SELECT '' AS name, 0.0 AS kg, 0.0 AS m3 WHERE false"


def unit_too_large_for_lane(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of lanes whose container cannot hold one unit of some product."""
    if cluster.has("lanes", "tariffs", "products"):
        yield from cluster.found(
            "unit_too_large",
            "lanes",
            "tariff",
            f"""
            SELECT l._file, l._row, l.lane AS value, t.box, min(p.sku) AS sku, count(DISTINCT p.sku) AS products FROM {{lanes}} l
            JOIN (SELECT tariff, container AS box, max(coalesce(b.kg, container_kg)) AS kg, max(coalesce(b.m3, container_m3)) AS m3
                  FROM {{tariffs}} LEFT JOIN ({_boxes(cluster)}) b ON b.name = container
                  WHERE basis = 'container' GROUP BY tariff, container) t USING (tariff)
            JOIN {{products}} p ON p.weight > t.kg OR p.volume > t.m3 GROUP BY ALL
            """,
            _holds_no_unit,
            tr("Look whether weight and volume of the product and the limits of the container or the tariff are right."),
        )  # fmt: skip


def _holds_no_unit(row: Row) -> str:
    said = (
        tr("The container of the lane {lane} cannot hold one unit of {sku}", lane=row["value"], sku=row["sku"])
        if row["box"] is None
        else tr(
            "The container {box} of the lane {lane} cannot hold one unit of {sku}",
            box=row["box"], lane=row["value"], sku=row["sku"],
        )
    )  # fmt: skip
    if row["products"] == 1:
        return tr("{said}: it cannot go by it.", said=said)
    return tr("{said} or of {n} {n:product|products} more: they cannot go by it.", said=said, n=row["products"] - 1)


def tariff_of_several_kinds(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that the bands of a tariff count and pay alike: the plan takes these columns from the first for all."""
    if not cluster.has("tariffs"):
        return
    values = {
        "basis": "basis",
        "currency": f"coalesce(currency, {literal(cluster.currency)})",
        "volumetric": "coalesce(volumetric, 0)",
        "side_step": "coalesce(side_step, 0)",
        "container_kg": "container_kg",
        "container_m3": "container_m3",
    }
    differ = ", ".join(f"coalesce(min({value}) <> max({value}), false) AS {column}" for column, value in values.items())
    any_differ = ", ".join(f"bool_or({column}) AS {column}" for column in values)
    mixed = cluster.rows(
        f"SELECT {any_differ} FROM (SELECT {differ} FROM {{tariffs}} WHERE tariff IS NOT NULL GROUP BY tariff)"
    )[0]
    for column, value in values.items():
        if not mixed[column]:
            continue
        name = literal(label(TABLES["tariffs"][column]))
        yield from cluster.found(
            "tariff_of_several_kinds",
            "tariffs",
            column,
            f"""
            SELECT * FROM (
                SELECT _file, _row, tariff, {name} AS name, {identifier(column + "~")} AS value, {value} AS here,
                    first_value({value}) OVER bands AS first, first_value(_row) OVER bands AS other
                FROM {{tariffs}} WHERE tariff IS NOT NULL
                WINDOW bands AS (PARTITION BY tariff ORDER BY from_quantity, _file, _row)
            ) WHERE here <> first
            """,
            lambda row: tr(
                "The first band of the tariff {tariff} (row {other}) has {first} as its {column}, this one {here}.",
                tariff=row["tariff"], other=row["other"], column=row["name"], first=plain(row["first"]), here=plain(row["here"]),
            ),
            tr("Write the same in all bands of the tariff, or make two tariffs of it."),
            "error",
        )  # fmt: skip


def tariff_with_holes(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that no load falls between two bands of a tariff; where one ends before it begins, that is told alone."""
    if cluster.has("tariffs"):
        yield from cluster.found(
            "hole_in_tariff",
            "tariffs",
            "from_quantity",
            """
            SELECT * FROM (
                SELECT _file, _row, tariff, from_quantity, "from_quantity~" AS value,
                    bool_or(from_quantity >= to_quantity) OVER (PARTITION BY tariff) AS unclear,
                    max(coalesce(to_quantity, 'infinity'::DOUBLE)) OVER (
                        PARTITION BY tariff ORDER BY from_quantity, _file, _row
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken
                FROM {tariffs} WHERE tariff IS NOT NULL
            ) WHERE from_quantity > taken AND NOT coalesce(unclear, false)
            """,
            lambda row: tr(
                "No band of the tariff {tariff} holds loads from {end} to {start}.",
                tariff=row["tariff"], end=plain(row["taken"]), start=plain(row["from_quantity"]),
            ),
            tr("Let each range begin where the one before it ends."),
            "error",
        )  # fmt: skip


def tariff_that_ends(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of tariffs by weight or volume whose last band ends: what larger loads pay is not said."""
    if cluster.has("tariffs"):
        yield from cluster.found(
            "tariff_that_ends",
            "tariffs",
            "to_quantity",
            """
            SELECT _file, _row, tariff, basis, to_quantity, "to_quantity~" AS value FROM {tariffs} WHERE basis IN ('kg', 'm3')
            QUALIFY count(*) OVER (PARTITION BY tariff) = count(to_quantity) OVER (PARTITION BY tariff)
                AND row_number() OVER (PARTITION BY tariff ORDER BY to_quantity DESC, _file, _row) = 1
            """,
            lambda row: tr(
                "The last band of the tariff {tariff} ends at {end} {basis}: larger loads are charged at its rate.",
                tariff=row["tariff"], end=plain(row["to_quantity"]), basis=row["basis"],
            ),
            tr("Leave to_quantity of the last band blank if its rate goes on, or add the band that follows."),
        )  # fmt: skip


def tariff_price_unheard(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of what a tariff by the container or order says beyond its one price: further bands, and a container's least charge."""
    if cluster.has("tariffs"):
        yield from cluster.found(
            "tariff_price_unheard",
            "tariffs",
            "rate",
            """
            SELECT * FROM (
                SELECT _file, _row, tariff, "rate~" AS value, rate, basis, coalesce(minimum, 0) AS minimum,
                    first_value(_row) OVER (PARTITION BY tariff ORDER BY from_quantity, _file, _row) AS first
                FROM {tariffs} WHERE basis IN ('container', 'order')
            ) WHERE _row <> first OR (basis = 'container' AND minimum > rate)
            """,
            lambda row: tr(
                "The tariff {tariff} has one price for each {basis}, that of row {first} by its rate: what this row says besides is not heard.",
                tariff=row["tariff"], basis=row["basis"], first=row["first"],
            ),
            tr("Take the row out, or write the tariff by kg or m3."),
        )  # fmt: skip
