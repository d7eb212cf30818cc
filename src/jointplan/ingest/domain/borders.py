"""What holds at borders in the weeks planned: rules of duty and tax, export modes, certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jointplan.engine import literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster
from jointplan.texts import tr

Row = dict[str, Any]


@dataclass(frozen=True)
class Planned:
    """What checks must know of a plan.

    Parameters
    ----------
    start : date
        Monday of the first week.
    weeks : int
        How many there are.
    home : str
        Country in which the firms lie.
    export_mode : str
        Export mode of lanes that name none; empty: none.
    """

    start: date
    weeks: int
    home: str = "CN"
    export_mode: str = ""

    @property
    def mondays(self) -> tuple[date, ...]:
        """The days whose rules hold, each for its week."""
        return tuple(self.start + timedelta(weeks=n) for n in range(self.weeks))


def duty_rule_not_in_force(cluster: Cluster, planned: Planned) -> Iterator[DataIssue]:
    """Warn of rules of duty and tax that leave weeks planned without any: they end and no other follows, or begin later."""
    if not cluster.has("markets"):
        return
    markets = cluster.rows("SELECT _file, _row, market, country AS value FROM {markets} WHERE market IS NOT NULL")
    abroad = {row["market"]: row for row in markets if row["value"] != planned.home}
    written = _dated(cluster, "duties", "market, hs, origin")
    rules: dict[str, list[Row]] = {}
    for row in written:
        if row["market"] in abroad and row["origin"] in (None, "", planned.home):
            rules.setdefault(row["market"], []).append(row | {"hs": _digits(row["hs"])})
    found = []
    for market, of_market in sorted(rules.items()):
        for hs in sorted({row["hs"] for row in of_market}):
            own = [row for row in of_market if row["hs"] == hs]
            # Goods fall back on a rule of fewer digits.
            fitting = [row for row in of_market if hs.startswith(row["hs"])]
            found += _gaps(f"{market} {hs}".strip(), own, fitting, planned)
    cure = tr(
        "Add to the table duties the row that holds on those days (rate 0 where nothing is due), or correct the dates."
    )
    yield from _told(cluster, "duty_rule_not_in_force", "duties", found, _without_duty, cure)
    found, shipped = [], dict[str, list[Row]]()
    for rule in (cluster.built_in or {}).get("duties", ()):
        if rule["origin"] in ("", planned.home):
            begins = max(rule["from_date"], rule["vat_from"])
            shipped.setdefault(rule["country"], []).append({**rule, "from_date": begins})
    ruled = {row["market"] for row in written}
    for market, place in abroad.items():
        if market not in ruled and place["value"] in shipped:
            rows = shipped[place["value"]]
            found += [gap | place for gap in _gaps(market, rows, rows, planned)]
    yield from cluster.issues("duty_rule_not_in_force", "markets", "country", found, _without_duty, cure)


def export_mode_not_in_force(cluster: Cluster, planned: Planned) -> Iterator[DataIssue]:
    """Warn of export modes that lanes take and that have no rule in some week planned."""
    lanes: dict[str, Row] = {}
    if cluster.has("lanes"):
        query = (
            "SELECT _file, _row, export_mode AS value FROM {lanes} WHERE export_mode IS NOT NULL ORDER BY _file, _row"
        )
        for row in cluster.rows(query):
            lanes.setdefault(row["value"], row)
    rules: dict[str, list[Row]] = {}
    for row in _dated(cluster, "export_modes", "code"):
        rules.setdefault(row["code"], []).append(row)
    shipped: dict[str, list[Row]] = {}
    for rule in (cluster.built_in or {}).get("export_modes", ()):
        if rule["code"] not in rules:
            shipped.setdefault(rule["code"], []).append(dict(rule))
    cure = tr(
        "Add to the table export_modes the row that holds on those days (refund 0 where nothing is refunded), or correct the dates."
    )
    found = [
        gap
        for code, rows in sorted(rules.items())
        if code in lanes or code == planned.export_mode
        for gap in _gaps(code, rows, rows, planned)
    ]
    yield from _told(cluster, "export_mode_not_in_force", "export_modes", found, _without_refund, cure)
    found = [
        gap | lane
        for code, lane in sorted(lanes.items())
        if code in shipped
        for gap in _gaps(code, shipped[code], shipped[code], planned)
    ]
    yield from cluster.issues("export_mode_not_in_force", "lanes", "export_mode", found, _without_refund, cure)


def certificate_run_out(cluster: Cluster, planned: Planned) -> Iterator[DataIssue]:
    """Warn of products sold in a market whose certificates for it have all run out before a week is planned."""
    if not cluster.has("certificates", "products", "sales"):
        return
    sunday = literal((planned.start + timedelta(days=6)).isoformat())
    yield from cluster.found(
        "certificate_run_out",
        "certificates",
        "expiry",
        f"""
        SELECT _file, _row, expiry AS value, sku, market FROM (
            SELECT c._file, c._row, c.expiry, p.sku, s.market FROM {{products}} p
            JOIN (SELECT DISTINCT sku, market FROM {{sales}}) s USING (sku)
            JOIN {{certificates}} c ON c.market = s.market AND (c.sku = p.sku OR c.sku IS NULL)
            QUALIFY row_number() OVER (PARTITION BY p.sku, s.market ORDER BY c.expiry DESC NULLS FIRST, c._file, c._row) = 1
        ) WHERE expiry < {sunday}
        """,
        lambda row: tr(
            "The last certificate of {sku} for {market} runs out on {day}, before the first week planned ends: its demand there is "
            "planned as unmet.",
            sku=row["sku"], market=row["market"], day=row["value"].isoformat(),
        ),
        tr("Correct expiry, add the certificate that follows, or leave the market out of certificates."),
    )  # fmt: skip


def _dated(cluster: Cluster, table: str, columns: str) -> list[Row]:
    """Return the rows of a dated table that can be read."""
    if not cluster.has(table):
        return []
    return cluster.rows(
        f"SELECT _file, _row, {columns}, from_date, to_date FROM {{{table}}} WHERE from_date IS NOT NULL ORDER BY from_date, _file, _row"
    )


def _digits(code: str | None) -> str:
    return "".join(letter for letter in code or "" if letter.isdigit())


def _gaps(subject: str, own: Sequence[Row], fitting: Sequence[Row], planned: Planned) -> list[Row]:
    """Return the first weeks planned in which none of the fitting rows holds: of its own that which ended last, else that which begins first."""
    held = [any(row["from_date"] <= day <= (row["to_date"] or date.max) for row in fitting) for day in planned.mondays]
    if all(held):
        return []
    n = held.index(False)
    begun = [row for row in own if row["from_date"] <= planned.mondays[n]]
    row = max(begun, key=lambda row: row["to_date"]) if begun else min(own, key=lambda row: row["from_date"])
    again = held.index(True, n) if True in held[n:] else None
    when = tr("from the week of {week} on", week=planned.mondays[n].isoformat())
    if again is not None:
        first, last = planned.mondays[n].isoformat(), planned.mondays[again - 1].isoformat()
        when = tr("in the weeks of {first} to {last}", first=first, last=last)
        if first == last:
            when = tr("in the week of {week}", week=first)
    day = (row["to_date"] if begun else row["from_date"]).isoformat()
    turn = tr("ends on {day}", day=day) if begun else tr("begins on {day}", day=day)
    return [row | {"subject": subject, "ended": bool(begun), "value": day, "turn": turn, "when": when}]


def _told(
    cluster: Cluster, rule: str, table: str, found: Sequence[Row], message: Callable[[Row], str], cure: str
) -> Iterator[DataIssue]:
    """Yield a warning for each row, at its last day where it ends, else at its first."""
    for column, ended in (("to_date", True), ("from_date", False)):
        yield from cluster.issues(rule, table, column, [row for row in found if row["ended"] == ended], message, cure)


def _without_duty(row: Row) -> str:
    return tr(
        "The rule of duty and tax for {subject} {turn}: for goods that arrive {when} none is known, and none is counted.",
        subject=row["subject"], turn=row["turn"], when=row["when"],
    )  # fmt: skip


def _without_refund(row: Row) -> str:
    return tr(
        "The export mode {code} {turn}: for goods that arrive {when} it has no rule, and no refund is counted.",
        code=row["subject"], turn=row["turn"], when=row["when"],
    )  # fmt: skip
