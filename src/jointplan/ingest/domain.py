"""What a planner's own files get wrong between tables, one function per check.

Nothing here stops a run unless nothing could come of it: these are the questions a colleague would ask on seeing the
files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from jointplan.engine import DuckDBEngine, identifier, literal
from jointplan.errors import DataIssue
from jointplan.ingest.positions import slips
from jointplan.ingest.problems import LISTED, and_more, label, only_returns, shorten
from jointplan.schema import TABLES
from jointplan.schema.countries import countries_of_currency
from jointplan.texts import tr

# Packed goods weigh between these, kg per m³; outside, a unit is wrong: grams, litres, cm³.
LIGHTEST, DENSEST = 1.0, 20_000.0


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
    """

    engine: DuckDBEngine
    relations: Mapping[str, str]
    places: Mapping[str, Sequence[str]]
    today: date
    currency: str = ""
    doubtful: Collection[str] = ()

    def has(self, *tables: str) -> bool:
        """Tell whether all these tables are there and beyond doubt."""
        return all(table in self.relations and table not in self.doubtful for table in tables)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query in which ``{products}`` stands for the table products."""
        named = {table: identifier(self.relations.get(table, table)) for table in TABLES}
        return list(self.engine.sql(query.format(**named)).to_pylist())

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
        for row in rows:
            file = "" if row["_file"] is None else self.places[table][row["_file"]]
            value = shorten(row["value"])
            yield DataIssue(table, file, row["_row"], column, value, rule, message(row), cure, severity)
        if rows and rows[0]["n"] > len(rows):
            more = and_more(rows[0]["n"] - len(rows))
            yield DataIssue(table, "", None, column, "", rule, more, cure, severity)


def domain_issues(cluster: Cluster) -> Iterator[DataIssue]:
    """Yield what all checks find."""
    for check in CHECKS:
        yield from check(cluster)


def maker_cannot_make(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a maker without the capability for a process of its own product."""
    if cluster.has("products", "operations", "capabilities"):
        yield from cluster.found(
            "maker_cannot_make",
            "products",
            "maker",
            """
            SELECT DISTINCT p._file, p._row, p.maker AS value, p.sku, o.process FROM {products} p
            JOIN {operations} o ON o.sku = p.sku OR (o.sku IS NULL AND o.family = p.family
                AND NOT EXISTS (SELECT 1 FROM {operations} own WHERE own.sku = p.sku))
            WHERE p.maker IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM {capabilities} c WHERE c.firm = p.maker AND c.process = o.process
                AND coalesce(c.sku, p.sku) = p.sku AND (c.sku IS NOT NULL OR coalesce(c.family, p.family) = p.family))
            """,
            lambda row: tr(
                "{maker} makes {sku} but has no capability for its process {process}.",
                maker=row["value"], sku=row["sku"], process=row["process"],
            ),
            tr("Add the row to the table capabilities, or name another maker."),
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


def family_without_product(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a family that no product belongs to."""
    for table in ("operations", "capabilities", "materials", "campaigns"):
        if cluster.has(table, "products"):
            yield from cluster.found(
                "family_without_product",
                table,
                "family",
                f"SELECT min(_file) AS _file, min(_row) AS _row, family AS value FROM {{{table}}} "
                "WHERE family IS NOT NULL AND family NOT IN (SELECT family FROM {products} WHERE family IS NOT NULL) GROUP BY family",
                lambda row: tr("No product belongs to the family {family}.", family=row["value"]),
                tr("Look whether the table products spells it otherwise."),
            )


def region_without_firm(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a calendar for a region in which no firm is."""
    if cluster.has("calendar", "firms"):
        yield from cluster.found(
            "region_without_firm",
            "calendar",
            "region",
            "SELECT min(_file) AS _file, min(_row) AS _row, region AS value FROM {calendar} "
            "WHERE region IS NOT NULL AND region NOT IN (SELECT region FROM {firms} WHERE region IS NOT NULL) GROUP BY region",
            lambda row: tr("No firm is in the region {region}.", region=row["value"]),
            tr("Look whether the table firms spells it otherwise."),
        )


def product_without_price(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a product that has no price, neither of its own nor in any sale."""
    if not cluster.has("products") or "sales" in cluster.doubtful:
        return
    # Sales are many: they are looked through only for the products that need it.
    query = "SELECT _file, _row, sku AS value FROM {products} WHERE coalesce(unit_value, 0) = 0 AND sku IS NOT NULL"
    if cluster.has("sales") and cluster.rows(f"{query} LIMIT 1"):
        query += " AND sku NOT IN (SELECT DISTINCT sku FROM {sales} WHERE unit_price > 0 AND sku IS NOT NULL)"
    yield from cluster.found(
        "product_without_price",
        "products",
        "unit_value",
        query,
        lambda row: tr("The product {sku} has no price, here or in any sale.", sku=row["value"]),
        tr("Fill in unit_value."),
    )


def odd_density(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of weight and volume that cannot both be right."""
    if cluster.has("products"):
        yield from cluster.found(
            "odd_density",
            "products",
            "weight",
            f"SELECT _file, _row, sku AS value, weight / volume AS density FROM {{products}} "
            f"WHERE weight > 0 AND volume > 0 AND weight / volume NOT BETWEEN {LIGHTEST} AND {DENSEST}",
            lambda row: tr(
                "Weight and volume of {sku} do not fit: {density} kg per m³.",
                sku=row["value"], density=f"{row['density']:.3g}",
            ),
            tr("Look whether the weight is in kg and the volume in m³."),
        )  # fmt: skip


def maker_makes_nothing(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a firm with the role maker that makes no product and can do no process."""
    if cluster.has("firms", "products") and "capabilities" not in cluster.doubtful:
        able = "UNION SELECT firm FROM {capabilities} WHERE firm IS NOT NULL" if cluster.has("capabilities") else ""
        yield from cluster.found(
            "maker_makes_nothing",
            "firms",
            "firm",
            "SELECT _file, _row, firm AS value FROM {firms} WHERE role = 'maker' AND firm IS NOT NULL AND firm NOT IN ("
            f"SELECT maker FROM {{products}} WHERE maker IS NOT NULL {able})",
            lambda row: tr("{firm} is a maker but makes no product and can do no process.", firm=row["value"]),
            tr("Name it as the maker of its products, or give its capabilities."),
        )


def maker_by_role(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of products made by a firm whose role is not to make."""
    if cluster.has("firms", "products"):
        yield from cluster.found(
            "role_does_not_fit",
            "products",
            "maker",
            """
            SELECT min(p._file) AS _file, min(p._row) AS _row, p.maker AS value, min(f.role) AS role
            FROM {products} p JOIN {firms} f ON f.firm = p.maker WHERE f.role NOT IN ('maker', 'both')
            GROUP BY p.maker
            """,
            lambda row: tr("{firm} makes products, but its role is {role}.", firm=row["value"], role=row["role"]),
            tr("Set the role of the firm to both, or name another."),
        )


def sellers_days_and_quantities(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of sellers whose role is not to sell; only returns, or only sales to come, are an error."""
    if not cluster.has("sales"):
        return
    # One pass over what may be many rows.
    later = f"date > {literal(cluster.today)}"
    sellers = cluster.rows(
        f"SELECT seller, count(*) AS n, count_if({later}) AS later, max(quantity) <= 0 AS only_returns FROM {{sales}} "
        "GROUP BY seller ORDER BY seller"
    )
    roles = {}
    if cluster.has("firms"):
        roles = {row["firm"]: row["role"] for row in cluster.rows("SELECT firm, role FROM {firms}")}
    file = cluster.places["sales"][0] if len(cluster.places["sales"]) == 1 else ""
    for seller in (row["seller"] for row in sellers):
        if roles.get(seller) in ("maker", "supplier", "carrier"):
            yield DataIssue(
                "sales",
                file,
                None,
                "seller",
                shorten(seller),
                "role_does_not_fit",
                tr("{firm} sells, but its role is {role}.", firm=seller, role=roles[seller]),
                tr("Set the role of the firm to both, or name another."),
                "warning",
            )
    if all(row["only_returns"] for row in sellers):
        yield only_returns(file)
    if sum(row["n"] for row in sellers) == 1:
        yield DataIssue(
            "sales",
            file,
            None,
            "date",
            "",
            "single_sale",
            tr("The sales are a single row: nothing can be forecast from it."),
            tr("Give the sales of as many weeks as there are; a year shows the seasons."),
            "warning",
        )
    if sellers and all(row["later"] == row["n"] for row in sellers):
        message = tr("All sales lie after today.")
        yield DataIssue("sales", file, None, "date", "", "day_to_come", message, _days_to_come("sales"), "error")


def days_to_come(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of what cannot have happened yet; where it is all there is of sales, that is told as an error elsewhere."""
    today = literal(cluster.today)
    for table in ("sales", "returns", "signals"):
        if not cluster.has(table) or not cluster.rows(f"SELECT 1 FROM {{{table}}} WHERE date > {today} LIMIT 1"):
            continue
        if table == "sales" and not cluster.rows(f"SELECT 1 FROM {{sales}} WHERE date <= {today} LIMIT 1"):
            continue
        yield from cluster.found(
            "day_to_come",
            table,
            "date",
            f'SELECT _file, _row, "date~" AS value FROM {{{table}}} WHERE date > {today}',
            lambda _row: tr("The day lies after today: the row is left out."),
            _days_to_come(table),
        )


def _days_to_come(table: str) -> str:
    """Return what to do about days after today."""
    if table == "sales":
        return tr("Look whether the year is right; orders to come belong in the table orders.")
    return tr("Look whether the year is right.")


def market_without_sales(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a market in which nothing was ever sold, and which is neither ordered from nor waits to be entered."""
    if not cluster.has("markets", "sales"):
        return
    asked = [table for table in ("orders", "potentials") if cluster.has(table)]
    others = "".join(
        f" AND market NOT IN (SELECT market FROM {{{table}}} WHERE market IS NOT NULL)" for table in ("sales", *asked)
    )
    yield from cluster.found(
        "market_without_sales",
        "markets",
        "market",
        "SELECT _file, _row, market AS value FROM {markets} WHERE market IS NOT NULL AND entry_cost IS NULL" + others,
        lambda row: tr(
            "Nothing was ever sold in the market {market}: no demand is forecast there.", market=row["value"]
        ),
        tr(
            "Add its sales; what may sell in a market yet to be entered belongs in the table potentials, with entry_cost here."
        ),
    )


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


def product_without_certificate(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of products sold in a market that certificates name, but neither for them nor for any firm."""
    if not cluster.has("certificates", "products", "sales"):
        return
    yield from cluster.found(
        "product_without_certificate",
        "products",
        "sku",
        """
        SELECT p._file, p._row, p.sku AS value, min(s.market) AS market, count(DISTINCT s.market) AS markets
        FROM {products} p JOIN {sales} s USING (sku)
        WHERE s.market IN (SELECT market FROM {certificates}) AND NOT EXISTS (
            SELECT 1 FROM {certificates} c WHERE c.market = s.market AND (c.sku = p.sku OR c.sku IS NULL)
        ) GROUP BY ALL
        """,
        lambda row: tr(
            "{sku} is sold in {market} without a certificate ({markets} markets): its demand is planned as unmet.",
            sku=row["value"], market=row["market"], markets=row["markets"],
        ),
        tr("Add the product, or a firm that may make it, to certificates; or leave the market out of them."),
    )  # fmt: skip


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
                "The container of the lane {lane} cannot hold one unit of {sku} ({products} products).",
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
    for column, value in values.items():
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
                tariff=row["tariff"], other=row["other"], column=row["name"], first=_plain(row["first"]), here=_plain(row["here"]),
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
                tariff=row["tariff"], end=_plain(row["taken"]), start=_plain(row["from_quantity"]),
            ),
            tr("Let each range begin where the one before it ends."),
            "error",
        )  # fmt: skip


def _plain(value: object) -> str:
    """Return a value as a person would write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def cash_below_zero(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a firm that begins with less than nothing."""
    if cluster.has("credit"):
        yield from cluster.found(
            "cash_below_zero",
            "credit",
            "cash",
            'SELECT _file, _row, "cash~" AS value, firm FROM {credit} WHERE cash < 0',
            lambda row: tr("{firm} begins with negative cash, as if it owed money already.", firm=row["firm"]),
            tr("Look whether this is what it can borrow: that belongs in limit, as a positive amount."),
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
                quantity=_plain(row["from"]), material=row["material"],
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


def position_elsewhere(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn once of each way in which positions seem miswritten: exchanged, a sign lost, or in another part of the world."""
    home: str | None = None
    if cluster.has("sites"):
        near = cluster.rows("SELECT country FROM {sites} WHERE kind IN ('hub', 'port') AND country IS NOT NULL LIMIT 1")
        home = near[0]["country"] if near else None
    known = "abs(lat) <= 90 AND abs(lon) <= 180"  # what lies beyond has its own error
    for table, key, query in (
        ("firms", "firm", f"SELECT _file, _row, firm AS name, lat, lon, currency, NULL AS country FROM {{firms}} WHERE {known}"),
        ("sites", "site", f"SELECT _file, _row, site AS name, lat, lon, NULL AS currency, country FROM {{sites}} WHERE {known}"),
    ):  # fmt: skip
        if not cluster.has(table):
            continue
        rows = cluster.rows(f"{query} ORDER BY _file, _row")
        for row in rows:
            own = countries_of_currency(row["currency"] or cluster.currency) if table == "firms" else ()
            row["country"] = row["country"] or (own[0] if len(own) == 1 else home)
        for (slip, country), wrong in slips(rows).items():
            first = wrong[0]
            names = ", ".join(str(row["name"]) for row in wrong[:LISTED])
            names += " …" if len(wrong) > LISTED else ""
            message, cure, column = _position(slip, table, len(wrong), country, names)
            where = cluster.places[table][first["_file"]]
            yield DataIssue(
                table, where, first["_row"], column or key, f"{first['lat']:g}, {first['lon']:g}", "position_elsewhere", message,
                cure, "warning",
            )  # fmt: skip


def _position(slip: str, table: str, count: int, country: str, names: str) -> tuple[str, str, str]:
    """Return message, cure and column of positions that are wrong in one way."""
    values = {"n": count, "table": label(TABLES[table]), "country": country, "names": names}
    match slip:
        case "exchanged":
            return (
                tr("Latitude and longitude seem exchanged in {n} rows of {table}: they lie far from {country}, and near it the other way round ({names}).", **values),
                tr("Exchange the columns lat and lon of these rows."),
                "lat",
            )  # fmt: skip
        case "far":
            return (
                tr("{n} rows of {table} lie in another part of the world than {country} ({names}).", **values),
                tr(
                    "Correct lat and lon: degrees, south and west below zero; or the country or currency of these rows."
                ),
                "lon",
            )
        case _:
            return (
                tr("A sign seems lost in {n} rows of {table}: they lie far from {country}, and near it with the other sign ({names}).", **values),
                tr("Put a minus before a longitude in the west and a latitude in the south, and before no other."),
                "lat" if slip == "lat_sign" else "lon",
            )  # fmt: skip


def lot_nobody_can_make(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of lots that are decided at a firm without the capability for a process of the product."""
    if cluster.has("approved", "products", "operations", "capabilities"):
        yield from cluster.found(
            "lot_nobody_can_make",
            "approved",
            "firm",
            """
            SELECT DISTINCT a._file, a._row, a.firm AS value, a.sku, o.process FROM {approved} a JOIN {products} p USING (sku)
            JOIN {operations} o ON o.sku = p.sku OR (o.sku IS NULL AND o.family = p.family
                AND NOT EXISTS (SELECT 1 FROM {operations} own WHERE own.sku = p.sku))
            WHERE NOT EXISTS (
                SELECT 1 FROM {capabilities} c WHERE c.firm = a.firm AND c.process = o.process
                AND coalesce(c.sku, p.sku) = p.sku AND (c.sku IS NOT NULL OR coalesce(c.family, p.family) = p.family))
            """,
            lambda row: tr(
                "A lot of {sku} is decided at {firm}, which has no capability for its process {process}: it is left out.",
                firm=row["value"], sku=row["sku"], process=row["process"],
            ),
            tr("Add the row to the table capabilities, or name another firm."),
        )  # fmt: skip


def potential_of_an_entered_market(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of potentials in a market without an entry cost: it is entered already, so they are not used."""
    if cluster.has("potentials", "markets"):
        yield from cluster.found(
            "potential_of_an_entered_market",
            "potentials",
            "market",
            "SELECT min(p._file) AS _file, min(p._row) AS _row, p.market AS value FROM {potentials} p "
            "JOIN {markets} m USING (market) WHERE m.entry_cost IS NULL GROUP BY p.market",
            lambda row: tr(
                "The market {market} has no entry cost, so it is entered already: its potentials are not used.",
                market=row["value"],
            ),
            tr("Fill in entry_cost in the table markets (0 if entering is free)."),
        )


def entry_to_a_served_market(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of an entry cost in a market where something is sold: what is sold there waits for no entry."""
    if cluster.has("markets", "sales"):
        yield from cluster.found(
            "entry_to_a_served_market",
            "markets",
            "entry_cost",
            "SELECT _file, _row, market AS value FROM {markets} "
            "WHERE entry_cost IS NOT NULL AND market IN (SELECT market FROM {sales} WHERE market IS NOT NULL)",
            lambda row: tr(
                "The market {market} has an entry cost, but something is sold there: that goes on without it, "
                "only the potentials of others wait for it.",
                market=row["value"],
            ),
            tr("Leave entry_cost blank where the market is entered; put a campaign there into the table campaigns."),
        )


def campaign_without_sales(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of campaigns in markets where nothing is sold yet: they add a share to nothing."""
    if cluster.has("campaigns", "sales"):
        yield from cluster.found(
            "campaign_without_sales",
            "campaigns",
            "market",
            "SELECT min(_file) AS _file, min(_row) AS _row, market AS value FROM {campaigns} "
            "WHERE market NOT IN (SELECT market FROM {sales} WHERE market IS NOT NULL) GROUP BY market",
            lambda row: tr(
                "Nothing is sold in the market {market} yet: a campaign there adds a share to nothing.",
                market=row["value"],
            ),
            tr("Give entry_cost in the table markets, and what could be sold there in potentials."),
        )


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


def owner_partly_short_of_money(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of owners of whom only some firms say what money they have: they are not taken to be short of it."""
    if cluster.has("credit", "firms"):
        yield from cluster.found(
            "owner_partly_short_of_money",
            "credit",
            "firm",
            """
            WITH owned AS (SELECT firm, coalesce(owner, firm) AS owner FROM {firms}),
            told AS (
                SELECT owner, min(_file) AS _file, min(_row) AS _row FROM {credit} JOIN owned USING (firm) GROUP BY owner
            ),
            silent AS (
                SELECT owner, min(firm) AS firm FROM owned
                WHERE firm NOT IN (SELECT firm FROM {credit} WHERE firm IS NOT NULL) GROUP BY owner
            )
            SELECT _file, _row, owner AS value, firm AS missing FROM told JOIN silent USING (owner)
            """,
            lambda row: tr(
                "Of the owner {owner}, the firm {firm} does not say what money it has: the owner is not taken to be short of it.",
                owner=row["value"], firm=row["missing"],
            ),
            tr("Add every firm of the owner to the table credit."),
        )  # fmt: skip


CHECKS: tuple[Callable[[Cluster], Iterator[DataIssue]], ...] = (
    maker_cannot_make,
    product_without_routing,
    process_nobody_uses,
    family_without_product,
    region_without_firm,
    product_without_price,
    odd_density,
    maker_makes_nothing,
    maker_by_role,
    sellers_days_and_quantities,
    days_to_come,
    market_without_sales,
    market_without_lane,
    product_without_certificate,
    unit_too_large_for_lane,
    tariff_of_several_kinds,
    tariff_with_holes,
    cash_below_zero,
    no_capacity,
    capability_without_capacity,
    material_without_source,
    dearer_in_bulk,
    material_made_of_itself,
    position_elsewhere,
    lot_nobody_can_make,
    potential_of_an_entered_market,
    entry_to_a_served_market,
    campaign_without_sales,
    workshop_that_can_do_nothing,
    owner_partly_short_of_money,
)
