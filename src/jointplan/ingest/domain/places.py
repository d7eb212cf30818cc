"""Places: codes that mean two of them, what is said of firms' own, warehouses without a country, and positions that seem miswritten."""

from __future__ import annotations

from collections.abc import Iterator

from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster, found_once
from jointplan.ingest.positions import slips
from jointplan.ingest.problems import LISTED, choice_word, label
from jointplan.schema import TABLES
from jointplan.schema.countries import countries_of_currency
from jointplan.texts import some, tr

ELSEWHERE = 0.01  # degrees from which two positions are not one


@found_once
def _suspects(cluster: Cluster) -> set[str]:
    """Return which codes stand in two tables, by one query: of markets and ``firms`` or ``sites``, of ``own`` places, of lanes ``back`` to firms."""
    asked = {
        "firms": (("markets", "firms"), "FROM {markets} WHERE market IN (SELECT firm FROM {firms})"),
        "sites": (("markets", "sites"), "FROM {markets} WHERE market IN (SELECT site FROM {sites})"),
        "own": (("sites", "firms"), "FROM {sites} WHERE kind = 'factory' OR site IN (SELECT firm FROM {firms})"),
        "back": (
            ("lanes", "sites", "firms"),
            "FROM {lanes} WHERE origin IN (SELECT site FROM {sites}) AND destination IN (SELECT firm FROM {firms})",
        ),
    }
    counts = ", ".join(
        f"(SELECT count(*) {rows}) AS {name}" for name, (tables, rows) in asked.items() if cluster.has(*tables)
    )
    return {name for name, count in cluster.rows(f"SELECT {counts}")[0].items() if count} if counts else set()


def code_of_two_places(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that no market has the code of a firm or of a site: lanes and stock name places of all three by their code alone."""
    for table, key in (("firms", "firm"), ("sites", "site")):
        if table in _suspects(cluster):
            yield from cluster.found(
                "code_of_two_places",
                "markets",
                "market",
                f"""
                SELECT _file, _row, market AS value, '{table}' AS place, other, other_file FROM {{markets}} JOIN (
                    SELECT {key}, min(_row) AS other, arg_min(_file, _row) AS other_file FROM {{{table}}} GROUP BY {key}
                ) ON {key} = market
                """,
                lambda row: tr(
                    "{code} is also in the table {table} (row {row} of {file}): a lane or stock with this code could mean either.",
                    code=row["value"], table=label(TABLES[row["place"]]), row=row["other"],
                    file=cluster.places[row["place"]][row["other_file"]],
                ),
                tr("Give one of the two another code, also in lanes, sales, stock and wherever else it is named."),
                "error",
            )  # fmt: skip


def place_of_a_firm(cluster: Cluster) -> Iterator[DataIssue]:
    """Ensure that a site with the code of a firm is meant as this firm's own place, and that such a place has its firm."""
    if "own" not in _suspects(cluster):
        return
    factory = choice_word("factory")
    firms = "(SELECT firm FROM {firms} WHERE firm IS NOT NULL)"
    yield from cluster.found(
        "place_of_a_firm",
        "sites",
        "kind",
        """
        SELECT _file, _row, "kind~" AS value, site, other, other_file FROM {sites} JOIN (
            SELECT firm, min(_row) AS other, arg_min(_file, _row) AS other_file FROM {firms} GROUP BY firm
        ) ON firm = site WHERE kind <> 'factory'
        """,
        lambda row: tr(
            "{code} is a firm (row {row} of {file} in the table {table}): among sites this code can only be its own place, of the "
            "kind {factory}.",
            code=row["site"], row=row["other"], file=cluster.places["firms"][row["other_file"]], table=label(TABLES["firms"]),
            factory=factory,
        ),
        tr("Write {factory} as its kind; or give a site that is not the firm's own place another code, also in lanes.", factory=factory),
        "error",
    )  # fmt: skip
    yield from cluster.found(
        "place_of_a_firm",
        "sites",
        "site",
        f"SELECT _file, _row, site AS value FROM {{sites}} WHERE kind = 'factory' AND site IS NOT NULL AND site NOT IN {firms}",
        lambda row: tr(
            "No firm has the code {code}: a site of the kind {factory} is the own place of the firm whose code it bears.",
            code=row["value"], factory=factory,
        ),
        tr("Write the code of the firm, or of what other kind the site is."),
        "error",
    )  # fmt: skip


def unheard_of_a_firms_place(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of what a row of a firm's own place says that no plan hears: an opening cost, a throughput, another position."""
    if "own" not in _suspects(cluster):
        return
    own = "FROM {sites} AS s JOIN {firms} AS f ON f.firm = s.site WHERE s.kind = 'factory'"
    yield from cluster.found(
        "unheard_of_a_firms_place",
        "sites",
        "opening_cost",
        f"""SELECT s._file, s._row, s."opening_cost~" AS value, s.site {own} AND s.opening_cost > 0""",
        lambda row: tr("The own place of the firm {code} is open: no opening cost is counted.", code=row["site"]),
        tr("Leave it blank. What it costs to open a shared workshop stands in the table firms."),
    )
    yield from cluster.found(
        "unheard_of_a_firms_place",
        "sites",
        "throughput",
        f"""SELECT s._file, s._row, s."throughput~" AS value, s.site {own} AND s.throughput IS NOT NULL""",
        lambda row: tr(
            "Nothing arrives at the own place of the firm {code}: its throughput limits nothing.", code=row["site"]
        ),
        tr("Leave it blank. What a firm can make in a week stands in the table capacity."),
    )
    yield from cluster.found(
        "unheard_of_a_firms_place",
        "sites",
        "lat",
        f"""
        SELECT s._file, s._row, concat(s.lat, ', ', s.lon) AS value, s.site {own} AND s.lat IS NOT NULL AND s.lon IS NOT NULL
            AND coalesce(abs(s.lat - f.lat) > {ELSEWHERE} OR abs(s.lon - f.lon) > {ELSEWHERE}, true)
        """,
        lambda row: tr("The firm {code} lies where the table firms says, not here.", code=row["site"]),
        tr("Write its position into the table firms, and leave it blank here."),
    )


def lane_back_to_a_firm(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of lanes from sites to firms: goods that were made do not come back, and the work of a job goes from firm to firm."""
    if "back" not in _suspects(cluster):
        return
    firms = "(SELECT firm FROM {firms} WHERE firm IS NOT NULL)"
    yield from cluster.found(
        "lane_back_to_a_firm",
        "lanes",
        "destination",
        f"""
        SELECT _file, _row, lane, origin, destination AS value FROM {{lanes}}
        WHERE destination IN {firms} AND origin IN (SELECT site FROM {{sites}}) AND origin NOT IN {firms}
        """,
        lambda row: tr(
            "The lane {lane} leads from the site {site} to the firm {firm}: it is not used, since goods that were made go to sites and "
            "markets alone.",
            lane=row["lane"], site=row["origin"], firm=row["value"],
        ),
        tr("Correct its origin or destination, or remove the row."),
    )  # fmt: skip


def warehouse_without_country(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of overseas warehouses without a country, where duty, tax or refunds are counted; what is assumed is told."""
    rules = cluster.built_in or {}
    if not cluster.has("sites") or not any(cluster.has(name) or rules.get(name) for name in ("duties", "export_modes")):
        return
    ends = "SELECT NULL AS origin, NULL AS market, NULL AS country WHERE false"
    if cluster.has("lanes", "markets"):
        ends = "SELECT origin, market, country FROM {lanes} JOIN {markets} ON market = destination"
    yield from cluster.found(
        "warehouse_without_country",
        "sites",
        "country",
        f"""
        SELECT s._file, s._row, '' AS value, s.site, CASE WHEN count(DISTINCT coalesce(ends.country, '')) FILTER (ends.market IS NOT NULL) = 1
            THEN min(ends.country) END AS country
        FROM {{sites}} AS s LEFT JOIN ({ends}) AS ends ON ends.origin = s.site
        WHERE s.kind = 'overseas_warehouse' AND s.country IS NULL AND s.site IS NOT NULL GROUP BY s._file, s._row, s.site
        """,
        _assumed_country,
        tr("Fill in the country in which it lies, as a code of two letters."),
    )


def _assumed_country(row: dict[str, object]) -> str:
    if row["country"]:
        return tr(
            "The overseas warehouse {site} has no country: for duty and tax it is taken to lie in {country}, which lanes from it reach.",
            site=row["site"], country=row["country"],
        )  # fmt: skip
    return tr(
        "The overseas warehouse {site} has no country: it is taken to lie in that of the firms, and goods pay duty and tax as they leave "
        "it, not as they come.",
        site=row["site"],
    )  # fmt: skip


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
            names = some((str(row["name"]) for row in wrong), LISTED)
            message, cure, column = _position(slip, table, len(wrong), country, names)
            where = cluster.places[table][first["_file"]]
            yield DataIssue(
                table, where, first["_row"], column or key, f"{first['lat']:g}, {first['lon']:g}", "position_elsewhere", message,
                cure, "warning",
            )  # fmt: skip


def _position(slip: str, table: str, count: int, country: str, names: tuple[str, ...]) -> tuple[str, str, str]:
    """Return message, cure and column of positions that are wrong in one way."""
    values = {"n": count, "table": label(TABLES[table]), "country": country, "names": names}
    match slip:
        case "exchanged":
            return (
                tr("Latitude and longitude seem exchanged in {n} {n:row|rows} of {table}: {n:it lies|they lie} far from {country}, and near it the other way round ({names}).", **values),
                tr("Exchange the columns lat and lon of these rows."),
                "lat",
            )  # fmt: skip
        case "far":
            return (
                tr(
                    "{n} {n:row|rows} of {table} {n:lies|lie} in another part of the world than {country} ({names}).",
                    **values,
                ),
                tr(
                    "Correct lat and lon: degrees, south and west below zero; or the country or currency of these rows."
                ),
                "lon",
            )
        case _:
            return (
                tr("A sign seems lost in {n} {n:row|rows} of {table}: {n:it lies|they lie} far from {country}, and near it with the other sign ({names}).", **values),
                tr("Put a minus before a longitude in the west and a latitude in the south, and before no other."),
                "lat" if slip == "lat_sign" else "lon",
            )  # fmt: skip
