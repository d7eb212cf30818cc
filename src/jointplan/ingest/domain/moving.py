"""Moving: lanes that reach every market, containers that hold every product, tariffs without holes."""

from __future__ import annotations

from collections.abc import Iterator

from jointplan.engine import identifier, literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.problems import label, plain
from jointplan.schema import TABLES
from jointplan.texts import tr


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


def unit_too_large_for_lane(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of lanes whose container cannot hold one unit of some product."""
    if cluster.has("lanes", "tariffs", "products"):
        yield from cluster.found(
            "unit_too_large",
            "lanes",
            "tariff",
            """
            SELECT l._file, l._row, l.lane AS value, min(p.sku) AS sku, count(DISTINCT p.sku) AS products FROM {lanes} l
            JOIN (SELECT tariff, max(container_kg) AS kg, max(container_m3) AS m3 FROM {tariffs}
                  WHERE basis = 'container' GROUP BY tariff) t USING (tariff)
            JOIN {products} p ON p.weight > t.kg OR p.volume > t.m3 GROUP BY ALL
            """,
            lambda row: tr(
                "The container of the lane {lane} cannot hold one unit of {sku} ({products} products); these never take it.",
                lane=row["value"], sku=row["sku"], products=row["products"],
            ),
            tr("Look whether weight and volume of the product and the limits of the tariff are right."),
        )  # fmt: skip


def tariff_of_several_kinds(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that the bands of a tariff count and pay alike: the plan takes these columns from the first for all."""
    if not cluster.has("tariffs"):
        return
    values = {
        "basis": "basis",
        "currency": f"coalesce(currency, {literal(cluster.currency)})",
        "volumetric": "coalesce(volumetric, 0)",
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
    """Ensure that no load falls between two bands of a tariff."""
    if cluster.has("tariffs"):
        yield from cluster.found(
            "hole_in_tariff",
            "tariffs",
            "from_quantity",
            """
            SELECT * FROM (
                SELECT _file, _row, tariff, from_quantity, "from_quantity~" AS value,
                    max(coalesce(to_quantity, 'infinity'::DOUBLE)) OVER (
                        PARTITION BY tariff ORDER BY from_quantity, _file, _row
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken
                FROM {tariffs} WHERE tariff IS NOT NULL
            ) WHERE from_quantity > taken
            """,
            lambda row: tr(
                "No band of the tariff {tariff} holds loads from {end} to {start}.",
                tariff=row["tariff"], end=plain(row["taken"]), start=plain(row["from_quantity"]),
            ),
            tr("Let each range begin where the one before it ends."),
            "error",
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
