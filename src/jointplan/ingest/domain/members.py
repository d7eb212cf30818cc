"""Firms and products: roles, prices, weights, regions, whose designs they are, and whose money is told."""

from __future__ import annotations

from collections.abc import Iterator

from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.problems import choice_word
from jointplan.texts import some, tr

# Packed goods weigh between these, kg per m³; outside, a unit is wrong: grams, litres, cm³.
LIGHTEST, DENSEST = 1.0, 20_000.0
# Soft packs fill less than the box of their sides; beyond this factor one of the two is wrong.
BOXED = 2.0


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
    """Warn of a product that has no price, neither of its own nor in any sale; once, where none of several has any."""
    if not cluster.has("products") or "sales" in cluster.doubtful:
        return
    # Sales are many: they are looked through only for the products that need it.
    query = "SELECT _file, _row, sku AS value FROM {products} WHERE coalesce(unit_value, 0) = 0 AND sku IS NOT NULL"
    if not cluster.rows(f"{query} LIMIT 1"):
        return
    if cluster.has("sales"):
        query += " AND sku NOT IN (SELECT DISTINCT sku FROM {sales} WHERE unit_price > 0 AND sku IS NOT NULL)"
    found = cluster.rows(f"{query} ORDER BY _file, _row")
    products = cluster.rows("SELECT count(*) AS n FROM {products} WHERE sku IS NOT NULL")[0]["n"]
    if len(found) == products > 1:
        file = cluster.places["products"][0]
        message = tr(
            "None of the {n} products has a price, here or in any sale: what is sold brings in nothing.", n=products
        )
        cure = tr("Fill in unit_value, unless only what things cost is to be planned.")
        yield DataIssue("products", file, None, "unit_value", "", "product_without_price", message, cure, "warning")
        return
    yield from cluster.issues(
        "product_without_price",
        "products",
        "unit_value",
        found,
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
            tr("Look whether the weight is in kg, the volume in m³ and the sides in cm."),
        )  # fmt: skip


def sides_off_volume(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of sides that do not make the volume."""
    if cluster.has("products"):
        yield from cluster.found(
            "sides_off_volume",
            "products",
            "volume",
            'SELECT _file, _row, "volume~" AS value, sku, volume, length * width * height / 1e6 AS boxed FROM {products} '
            f"WHERE length > 0 AND width > 0 AND height > 0 AND volume > 0 AND greatest(volume / boxed, boxed / volume) > {BOXED}",
            lambda row: tr(
                "Length, width and height of {sku} make {boxed} m³, its volume is {volume} m³.",
                sku=row["sku"], boxed=f"{row['boxed']:.3g}", volume=f"{row['volume']:.3g}",
            ),
            tr("Look whether the sides are in cm and the volume in m³; leave the volume blank to have it from the sides."),
        )  # fmt: skip


def maker_makes_nothing(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a firm with the role maker that makes no product, can do no process, and made nothing as recorded."""
    if cluster.has("firms", "products") and not {"capabilities", "recorded"} & set(cluster.doubtful):
        able = "UNION SELECT firm FROM {capabilities} WHERE firm IS NOT NULL" if cluster.has("capabilities") else ""
        if cluster.has("recorded"):
            able += " UNION SELECT firm FROM {recorded} WHERE firm IS NOT NULL AND activity = 'make'"
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
            lambda row: tr(
                "{firm} makes products, but its role is {role}.", firm=row["value"], role=choice_word(row["role"])
            ),
            tr("Set the role of the firm to both, or name another."),
        )


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


def owner_without_credit(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn, once, of owners who make or sell and do not say what money they have, where others do: with them nobody is short of it."""
    if cluster.has("credit", "firms"):
        named = {"products": "maker", "capabilities": "firm"}
        making = [f"SELECT {column} FROM {{{table}}}" for table, column in named.items() if cluster.has(table)]
        makes = f"firm IN ({' UNION ALL '.join(making)})" if making else "role IN ('maker', 'both')"
        yield from cluster.found(
            "owner_without_credit",
            "credit",
            "firm",
            f"""
            WITH owned AS (
                SELECT coalesce(owner, firm) AS owner, bool_or(coalesce(role IN ('seller', 'both'), false) OR coalesce({makes}, false)) AS works,
                    bool_or(firm IN (SELECT firm FROM {{credit}} WHERE firm IS NOT NULL)) AS tells
                FROM {{firms}} WHERE firm IS NOT NULL AND role IS DISTINCT FROM 'workshop' GROUP BY ALL
            ),
            silent AS (SELECT list(owner ORDER BY owner) AS owners FROM owned WHERE works AND NOT tells)
            SELECT (SELECT min(_file) FROM {{credit}}) AS _file, NULL AS _row, '' AS value, owners
            FROM silent WHERE len(owners) > 0 AND (SELECT count(*) FROM {{credit}}) > 0
            """,
            lambda row: tr(
                "{n} {n:owner who makes or sells does|owners who make or sell do} not say what money there is ({names}): in a joint plan with them no "
                "member is taken to be short of it.",
                n=len(row["owners"]), names=some(row["owners"], 3),
            ),
            tr("Add every firm of each of them to the table credit; whoever is never short of money gets a high limit."),
        )  # fmt: skip


def design_of_several_owners(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that the design of a product has one owner: whom its makers ask, and pay."""
    if cluster.has("designs"):
        yield from cluster.found(
            "design_of_several_owners",
            "designs",
            "owner",
            """
            WITH first AS (
                SELECT sku, arg_min(owner, (_file, _row)) AS owner FROM {designs}
                WHERE sku IS NOT NULL AND owner IS NOT NULL GROUP BY sku
            )
            SELECT d._file, d._row, d.owner AS value, d.sku, first.owner AS other
            FROM {designs} d JOIN first USING (sku) WHERE d.owner <> first.owner
            """,
            lambda row: tr(
                "The design of {sku} belongs to {owner} here and to {other} in another row.",
                sku=row["sku"], owner=row["value"], other=row["other"],
            ),
            tr("Keep one owner for each product: whoever may license it and is paid for it."),
            "error",
        )  # fmt: skip
