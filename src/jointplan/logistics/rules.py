"""The rules that come with the package, and those of the user's tables, which win."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from jointplan.engine import Tables
from jointplan.errors import DataError
from jointplan.logistics.customs import DutyRule, ExportMode
from jointplan.logistics.weights import Container, WeightRule
from jointplan.texts import tr

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """The rules in force on one day, amounts in the currency of the run.

    Parameters
    ----------
    on : date
        The day.
    duties : dict
        Rules of duty and tax by market.
    ended : dict
        Those of the user's tables that held until an earlier day, by market.
    modes : dict
        Export modes by code.
    known_modes : frozenset of str
        Codes of the export modes that have a rule on any day.
    weights, containers : dict
        Weight rules and containers by name.
    union : frozenset of str
        Countries between which no duty is paid: those of the customs union of the built-in rules.
    """

    on: date
    duties: Mapping[str, Sequence[DutyRule]]
    ended: Mapping[str, Sequence[DutyRule]]
    modes: Mapping[str, ExportMode]
    known_modes: frozenset[str]
    weights: Mapping[str, WeightRule]
    containers: Mapping[str, Container]
    union: frozenset[str]

    def duty(self, market: str, hs: str, origin: str) -> DutyRule | None:
        """Return the rule for goods: the one with the longest HS code, and of these the one that names the origin."""
        fitting = _fitting(self.duties.get(market, ()), hs, origin)
        return max(fitting, key=lambda rule: (len(rule.hs), bool(rule.origin)), default=None)

    def last_day(self, market: str, hs: str, origin: str) -> date | None:
        """Return the day on which the last of the user's rules for goods ended; None if none has."""
        fitting = _fitting(self.ended.get(market, ()), hs, origin)
        return max((rule.to_date for rule in fitting if rule.to_date), default=None)


def rules_on(on: date, tables: Tables, worth: Mapping[str, float], *, built_in: bool) -> Rules:
    """Return the rules in force on a day.

    The user's rows win: a market that has any row in **duties**, on whatever day, is ruled by them alone, and so is an export
    mode by those of its code; a weight rule or container by its name. Weight rules and containers of the package are always known, as they
    hold only where a tariff names them.

    Parameters
    ----------
    on : date
        The day.
    tables : Tables
        Checked tables.
    worth : mapping
        What one unit of each currency is worth in the currency of the run.
    built_in : bool
        Whether the duties and export modes of the package hold where tables are silent.

    Raises
    ------
    DataError
        If a rule of the package is in a currency without a rate.
    """
    own = _rows(tables, "duties")
    ruled = {row["market"] for row in own}
    found = [_duty(row, row["market"]) for row in own]
    if built_in:
        for row in tables["markets"].to_pylist():
            if row["market"] not in ruled:
                found += [
                    _duty(rule, row["market"]) for rule in _shipped("duties") if _covers(rule, row["country"], on)
                ]
    duties: dict[str, list[DutyRule]] = {}
    ended: dict[str, list[DutyRule]] = {}
    for rule in found:
        if rule.holds(on):
            amounts = rule.per_item or rule.threshold or rule.clearing
            rate = _rate(rule.currency, worth) if amounts else 1.0
            duties.setdefault(rule.market, []).append(rule.in_currency(rate))
        elif rule.market in ruled and rule.to_date and rule.to_date < on:
            ended.setdefault(rule.market, []).append(rule)
    written = _rows(tables, "export_modes")
    replaced = {row["code"] for row in written}
    ways = [*written, *(row for row in (_shipped("export_modes") if built_in else ()) if row["code"] not in replaced)]
    return Rules(
        on=on,
        duties=duties,
        ended=ended,
        modes={row["code"]: _mode(row, worth) for row in ways if _now(row, on)},
        known_modes=frozenset(row["code"] for row in ways),
        weights={row["rule"]: _weight(row) for row in _both(tables, "weight_rules") if _now(row, on)},
        containers={row["container"]: _container(row) for row in _both(tables, "containers") if _now(row, on)},
        union=frozenset(row["country"] for row in _shipped("vat")),
    )


def _fitting(rules: Sequence[DutyRule], hs: str, origin: str) -> list[DutyRule]:
    digits = "".join(letter for letter in hs if letter.isdigit())
    return [rule for rule in rules if digits.startswith(rule.hs) and rule.origin in ("", origin)]


def built_in_rows(name: str) -> tuple[Row, ...]:
    """Return the rows of **weight_rules**, **containers** or another table of rules that come with the program."""
    return _shipped(name)


def _rows(tables: Tables, name: str) -> list[Row]:
    return list(tables[name].to_pylist()) if name in tables else []


def _both(tables: Tables, name: str) -> Iterable[Row]:
    """Return the package's rows and then the user's, which win as they come last."""
    return [*_shipped(name), *_rows(tables, name)]


@cache
def _shipped(name: str) -> tuple[Row, ...]:
    """Return the rows of a file of the package; duties of a customs union are given for each member with its VAT."""
    with (files("jointplan.logistics") / "rules" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = [{key: _value(key, text) for key, text in row.items()} for row in csv.DictReader(file)]
    if name != "duties":
        return tuple(rows)
    members = _shipped("vat")
    spread: list[Row] = []
    for row in rows:
        joint = [member for member in members if member["area"] == row["area"]]
        spread += [
            {**row, "country": m["country"], "vat": m["vat"], "vat_from": m["from_date"],
             "authority": f"{row['authority']}; VAT {100 * m['vat']:g} %: {m['authority']}"}
            for m in joint
        ] or [{**row, "country": row["area"], "vat_from": date.min}]  # fmt: skip
    return tuple(spread)


_NUMBERS = {"divisor", "side_step", "weight_step", "kg", "m3", "rate", "per_item", "vat", "threshold", "clearing",
            "refund", "value_limit"}  # fmt: skip


def _value(column: str, text: str) -> Any:
    if column in ("from_date", "to_date"):
        return date.fromisoformat(text) if text else None
    if column in _NUMBERS:
        return float(text) if text else None
    return text


def _covers(rule: Row, country: str | None, on: date) -> bool:
    return bool(country) and rule["country"] == country and rule["vat_from"] <= on


def _now(row: Row, on: date) -> bool:
    return bool(row["from_date"] <= on and (row["to_date"] is None or on <= row["to_date"]))


def _rate(currency: str | None, worth: Mapping[str, float]) -> float:
    if not currency:
        return 1.0
    if currency not in worth:
        raise DataError(
            tr("A rule of duty or export counts in {currency}, for which there is no rate.", currency=currency),
            tr("Add a row for {currency} to the table fx.", currency=currency),
        )
    return worth[currency]


def _duty(row: Row, market: str) -> DutyRule:
    return DutyRule(
        market=market,
        base=row["base"],
        rate=row["rate"],
        per_item=row["per_item"] or 0.0,
        vat=row["vat"] or 0.0,
        threshold=row["threshold"] or 0.0,
        clearing=row["clearing"] or 0.0,
        currency=row["currency"] or "",
        hs="".join(letter for letter in row["hs"] or "" if letter.isdigit()),
        origin=row["origin"] or "",
        from_date=row["from_date"],
        to_date=row["to_date"],
        authority=row["authority"] or "",
    )


def _mode(row: Row, worth: Mapping[str, float]) -> ExportMode:
    limit = row["value_limit"]
    return ExportMode(
        code=row["code"],
        refund=row["refund"],
        vat=row["vat"],
        value_limit=None if limit is None else limit * _rate(row["currency"], worth),
        limit_per=row["limit_per"] or "declaration",
        from_date=row["from_date"],
        to_date=row["to_date"],
        authority=row["authority"] or "",
    )


def _weight(row: Row) -> WeightRule:
    return WeightRule(**{**row, "authority": row["authority"] or ""})


def _container(row: Row) -> Container:
    return Container(**{**row, "authority": row["authority"] or ""})
