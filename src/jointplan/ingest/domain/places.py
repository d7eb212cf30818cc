"""Positions of firms and sites that seem miswritten."""

from __future__ import annotations

from collections.abc import Iterator

from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.positions import slips
from jointplan.ingest.problems import LISTED, label
from jointplan.schema import TABLES
from jointplan.schema.countries import countries_of_currency
from jointplan.texts import some, tr


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
