"""Materials: sources, price breaks, and bills of materials that go in circles."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from jointplan.engine import literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster, found_once
from jointplan.ingest.problems import plain, shorten
from jointplan.texts import tr


def material_without_source(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of materials for which no supplier is given, although sources are; what goes round in a circle has its own error."""
    if cluster.has("materials", "sources"):
        going_round = ", ".join(literal(row["material"]) for row in _circle(cluster))
        yield from cluster.found(
            "material_without_source",
            "materials",
            "material",
            "SELECT min(_file) AS _file, min(_row) AS _row, material AS value FROM {materials} WHERE material IS NOT NULL "
            + (f"AND material NOT IN ({_escaped(going_round)}) " if going_round else "")
            + "AND material NOT IN (SELECT material FROM {sources} WHERE material IS NOT NULL) GROUP BY material",
            lambda row: tr(
                "No source is given for the material {material}: products it goes into are costed by a share of their value.",
                material=row["value"],
            ),
            tr("Add a supplier and a price to the table sources."),
        )  # fmt: skip


def dearer_in_bulk(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a price break from which a unit costs more than in smaller orders."""
    if cluster.has("sources"):
        yield from cluster.found(
            "dearer_in_bulk",
            "sources",
            "cost",
            """
            SELECT s._file, s._row, s.cost AS value, s.material, s.from_quantity AS "from" FROM {sources} s
            WHERE EXISTS (SELECT 1 FROM {sources} o WHERE o.material = s.material AND o.supplier = s.supplier
                AND o.currency IS NOT DISTINCT FROM s.currency AND o.from_quantity < s.from_quantity AND o.cost < s.cost)
            """,
            lambda row: tr(
                "From {quantity} on, {material} costs more a unit than in smaller orders: price breaks are out of order.",
                quantity=plain(row["from"]), material=row["material"],
            ),
            tr("Check from_quantity and cost of this supplier's rows; a larger order usually has the lower price."),
        )  # fmt: skip


def material_made_of_itself(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that no product goes into itself, directly or over others; each row of the circle is named."""
    rows = _circle(cluster)
    steps = [row["sku"] for row in rows]
    for row in rows:
        yield DataIssue(
            "materials",
            cluster.places["materials"][row["_file"]],
            row["_row"],
            "material",
            shorten(row["material"]),
            "material_made_of_itself",
            tr("A product goes into itself: {circle}.", circle=" → ".join([*steps, steps[0]])),
            tr("Take one of these rows out of the bill of materials."),
            "error",
        )


@found_once
def _circle(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the rows of one circle in the bill of materials, one after the other; a product's own rows stand for its family's."""
    if not cluster.has("materials", "products"):
        return []
    parts: dict[str, list[str]] = {}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    query = """
        SELECT m._file, m._row, coalesce(m.sku, p.sku) AS sku, m.material FROM {materials} m
        LEFT JOIN {products} p ON m.sku IS NULL AND p.family = m.family
            AND NOT EXISTS (SELECT 1 FROM {materials} own WHERE own.sku = p.sku)
        WHERE coalesce(m.sku, p.sku) IS NOT NULL AND m.material IN (SELECT sku FROM {products} WHERE sku IS NOT NULL)
        ORDER BY m._file, m._row, 3
        """
    for row in cluster.rows(query):
        parts.setdefault(row["sku"], []).append(row["material"])
        rows.setdefault((row["sku"], row["material"]), row)
    try:
        TopologicalSorter(parts).prepare()
    except CycleError as circle:
        return [rows[step] for step in pairwise(circle.args[1][::-1])]
    return []


def _escaped(sql: str) -> str:
    """Return SQL in which braces stand for themselves where names of tables are filled in."""
    return sql.replace("{", "{{").replace("}", "}}")
