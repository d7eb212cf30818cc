"""Materials: sources, price breaks, and bills of materials that go in circles."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from jointplan.engine import identifier, literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster, found_once
from jointplan.ingest.problems import label, plain, shorten
from jointplan.schema import TABLES
from jointplan.texts import tr


def material_without_source(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of materials for which no supplier is given, although sources are; what goes round in a circle has its own error.

    A product that goes into others is bought in like any material: making it within the plan is not planned.
    """
    if cluster.has("materials", "sources", "products"):
        going_round = ", ".join(literal(row["material"]) for row in _circle(cluster))
        yield from cluster.found(
            "material_without_source",
            "materials",
            "material",
            "SELECT min(_file) AS _file, min(_row) AS _row, material AS value, "
            "(SELECT min(coalesce(maker, '')) FROM {products} WHERE sku = material) AS maker "
            "FROM {materials} WHERE material IS NOT NULL "
            + (f"AND material NOT IN ({_escaped(going_round)}) " if going_round else "")
            + "AND material NOT IN (SELECT material FROM {sources} WHERE material IS NOT NULL) GROUP BY material",
            _without_source,
            tr("Add a supplier and a price to the table sources."),
        )


def _without_source(row: dict[str, Any]) -> str:
    if row["maker"] is None:
        return tr(
            "No source is given for the material {material}: the products it goes into are made, and all their materials are taken to "
            "cost a share of unit_value (setting plan.making.material_share, 40 % unless set).",
            material=row["value"],
        )
    said = tr(
        "{material} is a product that goes into others, and no source is given for it: making it for them is not planned. The products "
        "it goes into are made, and all their materials are taken to cost a share of unit_value "
        "(setting plan.making.material_share, 40 % unless set).",
        material=row["value"],
    )  # fmt: skip
    return tr("{said} Today {maker} makes it.", said=said, maker=row["maker"]) if row["maker"] else said


def material_on_hand_without_source(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of materials on hand that no source sells: what they are worth is not known, so they are not counted."""
    if cluster.has("material_stock"):
        sold = " AND material NOT IN (SELECT material FROM {sources} WHERE material IS NOT NULL)"
        yield from cluster.found(
            "material_on_hand_without_source",
            "material_stock",
            "material",
            "SELECT min(_file) AS _file, min(_row) AS _row, material AS value FROM {material_stock} WHERE quantity > 0"
            + (sold if cluster.has("sources") else "")
            + " GROUP BY material",
            lambda row: tr(
                "{material} is on hand, but no source is given for it: plans do not count what is there.",
                material=row["value"],
            ),
            tr("Add a supplier and a price to the table sources."),
        )


def material_with_new_sources_only(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of materials that have no source but new ones, which members must qualify first."""
    if cluster.has("materials", "sources"):
        yield from cluster.found(
            "material_with_new_sources_only",
            "sources",
            "status",
            """
            SELECT min(_file) AS _file, min(_row) AS _row, material AS value FROM {sources}
            WHERE material IN (SELECT material FROM {materials}) GROUP BY material
            HAVING bool_and(status = 'new')
            """,
            lambda row: tr(
                "{material} has new sources only: until members have qualified one together, it is taken to cost what is left of the assumed "
                "material share of unit_value (setting plan.making.material_share, 40 % unless set), at least what they ask.",
                material=row["value"],
            ),
            tr("Give the source that is bought from today, with status present; or write present where it is bought from."),
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


def offer_of_several_kinds(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn where a supplier's prices for a material differ in what holds for all of them, and say what is taken."""
    if not cluster.has("sources"):
        return
    currency = f"coalesce(currency, {literal(cluster.currency)})"
    same = tr(
        "Write the same in all rows of the supplier and material; another kind of order can have the supplier under another name."
    )
    right = tr("Look whether the currency is right; leave it so if the supplier asks for several.")
    for column, holds, message, cure in (
        ("minimum", "max(minimum) OVER offer", _largest_holds, same),
        ("multiple", "max(multiple) OVER offer", _largest_holds, same),
        ("lead_days", "first_value(lead_days) OVER prices", _first_holds, same),
        ("status", "max(status) OVER offer", _present_holds, same),  # present comes after new
        ("currency", f"first_value({currency}) OVER prices", _each_holds, right),
    ):
        # A blank cell leaves it to the other rows, but a blank currency is that of the run.
        here = currency if column == "currency" else f'CASE WHEN "{column}?" THEN {column} END'
        yield from cluster.found(
            "offer_of_several_kinds",
            "sources",
            column,
            f"""
            SELECT * FROM (
                SELECT _file, _row, {identifier(column + "~")} AS value, material, supplier, {here} AS here, {holds} AS holds,
                    {literal(label(TABLES["sources"][column]))} AS name
                FROM {{sources}} WHERE material IS NOT NULL AND supplier IS NOT NULL
                WINDOW offer AS (PARTITION BY material, supplier),
                    prices AS (PARTITION BY material, supplier ORDER BY from_quantity, _file, _row)
            ) WHERE here <> holds
            """,
            message,
            cure,
        )  # fmt: skip


def _largest_holds(row: dict[str, Any]) -> str:
    return tr(
        "{supplier} sells {material} with {here} as its {column} here, {holds} in another row: the larger holds for all its prices.",
        supplier=row["supplier"], material=row["material"], column=row["name"], here=plain(row["here"]), holds=plain(row["holds"]),
    )  # fmt: skip


def _first_holds(row: dict[str, Any]) -> str:
    return tr(
        "{supplier} delivers {material} in {here} days here, in {holds} at its price for the smallest quantity: the latter holds for all its prices.",
        supplier=row["supplier"], material=row["material"], here=plain(row["here"]), holds=plain(row["holds"]),
    )  # fmt: skip


def _present_holds(row: dict[str, Any]) -> str:
    return tr(
        "{supplier} is a new source of {material} here, a present one in another row: it is taken to be bought from today, at this price too.",
        supplier=row["supplier"], material=row["material"],
    )  # fmt: skip


def _each_holds(row: dict[str, Any]) -> str:
    return tr(
        "{supplier} asks for {here} for {material} here, for {holds} at its price for the smallest quantity: each counts at its own rate.",
        supplier=row["supplier"], material=row["material"], here=row["here"], holds=row["holds"],
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
