"""What if: a factor or a cell changed, and the plan made again.

::

    demand=+20%                         all demand; also -10% and x1.5
    demand:KETTLE-1=+20%                of one product, market or seller; market/DE where a name is not clear
    lane:sea-US=closed                  a lane is not there
    firm:F03=out                        a firm makes, sells, supplies and carries nothing
    capacity:F03/moulding.hours=60      table:key/key.column=value, on every row whose key begins so; * fits any
    tariffs:sea.rate=+15%               numbers may change by a share too
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pycountry

from jointplan.engine import Tables
from jointplan.errors import UsageError
from jointplan.ingest.checks import LARGEST
from jointplan.planning import DemandFactor
from jointplan.schema import TABLES, Assumption, Column, Kind, NoOverlap, Ordered, Table
from jointplan.study.leaving import sellers, who_is_there, without_firm
from jointplan.texts import argument, language, near, sentences, some, tr

CELLS = (
    "products", "markets", "orders", "potentials", "campaigns", "operations", "capabilities", "capacity", "calendar", "materials",
    "sources", "material_stock", "stock", "approved", "sites", "lanes", "tariffs", "duties", "export_modes", "certificates", "fx",
    "fees", "credit", "terms",
)  # fmt: skip
READ_BEFORE = {"markets": ("country", "currency")}  # what sales and forecasts are counted by before anything is changed
IN_ALL_BANDS = (
    "basis",
    "currency",
    "volumetric",
    "side_step",
    "container_kg",
    "container_m3",
)  # alike in all bands of a tariff
SHOWN = 8
_PLACES = {"product": ("sku", "products"), "market": ("market", "markets"), "seller": ("seller", "firms")}
_SELLING = ("seller", "both")  # roles of firms that are offered as sellers, before it is known who sells
_KEYS = {"products": "sku", "markets": "market", "firms": "firm"}


@dataclass(frozen=True)
class Changed:
    """Tables after a change, the factors on demand, and what is told of the change."""

    tables: Tables
    factors: tuple[DemandFactor, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class WhatIf:
    """One change: ``kind`` is ``demand``, ``lane``, ``firm`` or the name of a table.

    Parameters
    ----------
    text : str
        As it was written.
    kind, target, column, value : str
        Its parts; ``target`` is empty for all demand, ``column`` is of a cell alone.
    """

    text: str
    kind: str
    target: str
    column: str
    value: str


def read_what_ifs(texts: Iterable[str]) -> tuple[WhatIf, ...]:
    """Read changes as they are written on the command line.

    Raises
    ------
    UsageError
        If one cannot be read.
    """
    return tuple(_read(" ".join(text.split())) for text in texts)


def in_words(text: str) -> str:
    """Return a change as people say it: ``demand:DE=+20%`` is "demand of DE +20%"."""
    change = _read(text)
    match change.kind:
        case "demand" if change.target:
            return tr("demand of {name} {value}", name=change.target, value=change.value)
        case "demand":
            return tr("all demand {value}", value=change.value)
        case "lane":
            return tr("lane {name} closed", name=change.target)
        case "firm":
            return tr("firm {name} out", name=change.target)
        case table:
            names = TABLES[table].name, change.column
            if language() == "zh":
                names = TABLES[table].zh, TABLES[table][change.column].zh
            return tr(
                "{column} of {key} in {table}: {value}",
                column=names[1],
                key=change.target,
                table=names[0],
                value=change.value,
            )


def apply_what_ifs(changes: Sequence[WhatIf], tables: Tables, currency: str = "") -> Changed:
    """Return completed tables with changes made, one after the other.

    Parameters
    ----------
    changes : sequence of WhatIf
        What is changed.
    tables : Tables
        Completed tables.
    currency : str
        Currency of the run, which needs no rate.

    Raises
    ------
    UsageError
        If a change names what is not there, or a value that cannot be.
    """
    changed = Changed(tables)
    for change in changes:
        match change.kind:
            case "demand":
                factor = _demand_factor(change, changed.tables)
                _refuse_no_seller(change, factor, changed.tables)
                changed = replace(changed, factors=(*changed.factors, factor))
            case "lane":
                changed = replace(changed, tables=_close_lane(change, changed.tables))
            case "firm":
                changed = _drop_firm(change, changed)
            case _:
                changed = replace(changed, tables=_set_cells(change, changed.tables, currency))
    return changed


def refuse_strange_what_ifs(changes: Iterable[WhatIf], names: Tables) -> None:
    """Refuse demand and firms that no table names, before all tables are read.

    Raises
    ------
    UsageError
        If a change names what is not there.
    """
    for change in changes:
        if change.kind == "demand":
            _demand_factor(change, names)
        elif change.kind == "firm":
            _refuse_stranger(change, names)


def _read(text: str) -> WhatIf:
    head, equals, value = text.rpartition("=")
    kind, colon, target = head.partition(":")
    kind, target, value = kind.strip(), target.strip(), value.strip()
    if not equals or not value or not kind or (colon and not target):
        raise _unclear(text)
    column = ""
    if kind == "demand":
        if _share(value) is None:
            raise _wrong_value(text, value, tr("Write it as +20%, -10% or x1.5."))
    elif kind in ("lane", "firm"):
        wanted = {"lane": "closed", "firm": "out"}[kind]
        if not target:
            raise _unclear(text)
        if value != wanted:
            raise _wrong_value(text, value, tr("Write {example}.", example=argument(f"{kind}:{target}={wanted}")))
    elif kind in CELLS:
        target, dot, column = target.rpartition(".")
        if not dot or not target or column not in TABLES[kind].names:
            raise UsageError(
                tr("The what-if {text} names no column of the table {table}.", text=text, table=kind),
                tr(
                    "Write {table}:key.column=value with one of: {names}.",
                    table=kind,
                    names=TABLES[kind].names,
                ),
            )
        if column in TABLES[kind].key:
            raise UsageError(
                tr("The what-if {text} would change the key {name} of a row.", text=text, name=column),
                tr("Change another column, or the table itself."),
            )
        if column in READ_BEFORE.get(kind, ()):
            raise UsageError(
                tr(
                    "The what-if {text} would change {name} of the table {table}, by which sales are counted before anything is changed.",
                    text=text,
                    name=column,
                    table=kind,
                ),
                tr("Change another column, or the table itself."),
            )
    else:
        close = near(kind, ("demand", "lane", "firm", *CELLS))[:1]
        raise UsageError(
            tr("The what-if {text} begins with {name}, which cannot be changed.", text=text, name=kind),
            sentences(
                (
                    tr("Did you mean {close}?", close=close) if close else "",
                    tr("Begin with one of: {names}.", names=("demand", "lane", "firm", *CELLS)),
                )
            ),
        )
    return WhatIf(text, kind, target, column, value)


def _unclear(text: str) -> UsageError:
    return UsageError(
        tr("The what-if {text} cannot be read.", text=text),
        tr("Write it as demand=+20%, lane:NAME=closed, firm:NAME=out or capacity:FIRM/PROCESS.hours=60."),
    )


def _wrong_value(text: str, value: str, cure: str) -> UsageError:
    return UsageError(tr("In the what-if {text}, {value} is no value it can take.", text=text, value=value), cure)


def _unknown(change: WhatIf, names: Iterable[str]) -> UsageError:
    known = sorted(set(names))
    close = near(change.target, known)
    return UsageError(
        tr("The what-if {text} names {name}, which is not there.", text=change.text, name=change.target),
        sentences(
            (
                tr("Did you mean {close}?", close=close) if close else "",
                tr("There are: {names}.", names=some(known, SHOWN)),
            )
        ),
    )


def _share(value: str) -> float | None:
    """Return +20%, -10% or x1.5 as a factor, None for anything else."""
    if found := re.fullmatch(r"([+\-−]) ?(\d+(?:\.\d+)?) ?[%％]", value):
        share = float(found[2]) / 100
        factor = 1 + share if found[1] == "+" else 1 - share
        return factor if factor >= 0 else None
    if found := re.fullmatch(r"[x×*] ?(\d+(?:\.\d+)?)", value):
        return float(found[1])
    return None


def _demand_factor(change: WhatIf, tables: Tables) -> DemandFactor:
    factor = _share(change.value)
    assert factor is not None
    if not change.target:
        return DemandFactor(factor)
    place, slash, rest = change.target.partition("/")
    asked = {place: rest} if slash and place in _PLACES else dict.fromkeys(_PLACES, change.target)
    known = {kind: set(tables[_PLACES[kind][1]][_KEYS[_PLACES[kind][1]]].to_pylist()) for kind in asked}
    found = [kind for kind, name in asked.items() if name in known[kind]]
    if not found:
        if "seller" in known:
            known["seller"] = {row["firm"] for row in tables["firms"].to_pylist() if row["role"] in _SELLING}
        raise _unknown(change, set().union(*known.values()))
    if len(found) > 1:
        raise UsageError(
            tr("The what-if {text} could mean more than one thing.", text=change.text),
            tr(
                "Write one of: {names}.",
                names=tuple(argument(f"demand:{kind}/{change.target}={change.value}") for kind in found),
            ),
        )
    return DemandFactor(factor, **{_PLACES[found[0]][0]: asked[found[0]]})


def _refuse_no_seller(change: WhatIf, factor: DemandFactor, tables: Tables) -> None:
    if factor.seller is not None and factor.seller not in (known := sellers(tables)):
        raise UsageError(
            tr("The what-if {text} changes nothing: {name} sells nothing.", text=change.text, name=factor.seller),
            tr("Name a firm that sells, or could in a new market: {names}.", names=some(sorted(known), SHOWN)),
        )


def _close_lane(change: WhatIf, tables: Tables) -> Tables:
    lanes = tables["lanes"]
    if change.target not in lanes["lane"].to_pylist():
        raise _unknown(change, lanes["lane"].to_pylist())
    return tables.adding({"lanes": lanes.filter(pc.not_equal(lanes["lane"], change.target))})


def _refuse_stranger(change: WhatIf, tables: Tables) -> None:
    if change.target not in (known := who_is_there(tables)):
        raise _unknown(change, known)


def _drop_firm(change: WhatIf, changed: Changed) -> Changed:
    """Let a firm make, sell, supply and carry nothing."""
    tables, firm = changed.tables, change.target
    _refuse_stranger(change, tables)
    without, told = without_firm(firm, tables)
    if not without and firm not in sellers(tables):
        raise UsageError(
            tr(
                "The what-if {text} changes nothing: {name} makes, sells, supplies and carries nothing.",
                text=change.text,
                name=firm,
            ),
            tr("Name who has rows in capabilities or sales, is a supplier in sources, or a carrier in lanes."),
        )
    factors = (*changed.factors, DemandFactor(0.0, seller=firm))
    return Changed(tables.adding(without), factors, (*changed.assumptions, *told))


def _set_cells(change: WhatIf, tables: Tables, currency: str) -> Tables:
    """Set a column of every row whose key begins as the change says."""
    table = TABLES[change.kind]
    if change.kind not in tables:
        raise UsageError(
            tr(
                "The what-if {text} changes the table {table}, which is not there.", text=change.text, table=change.kind
            ),
            tr("Supply the table, or change another."),
        )
    rows: list[dict[str, Any]] = tables[change.kind].to_pylist()
    asked = [part.strip() for part in change.target.split("/")]
    keys = table.key or table.names

    def fits(row: dict[str, Any]) -> bool:
        return all(part in ("*", _written(row[key])) for part, key in zip(asked, keys, strict=False))

    hits = [row for row in rows if fits(row)]
    if len(asked) > len(keys) or not hits:
        raise _unknown(change, ("/".join(_written(row[key]) for key in keys[: len(asked)]) for row in rows))
    column = table[change.column]
    for row in hits:
        row[change.column] = _value(change, column, row[change.column])
    named = {row[change.column] for row in hits} - {column.wildcard or None, None}
    if column.references:
        places = [reference.split(".") for reference in column.references]
        known = {name for other, key in places if other in tables for name in tables[other][key].to_pylist()}
        if strangers := sorted(named - known):
            raise _wrong_value(
                change.text, strangers[0], tr("It must stand in {place}.", place=" / ".join(column.references))
            )
    _refuse_strange_codes(change, column, named, tables, currency)
    _refuse_broken_rules(change, table, rows, hits)
    return tables.adding({change.kind: pa.Table.from_pylist(rows, schema=tables[change.kind].schema)})


def _refuse_strange_codes(change: WhatIf, column: Column, codes: Iterable[Any], tables: Tables, currency: str) -> None:
    """Ensure that a currency has a rate, and that a country is one."""
    if column.kind is Kind.CURRENCY:
        known = {currency, *(tables["fx"]["currency"].to_pylist() if "fx" in tables else ())}
        if strangers := sorted(set(codes) - known):
            raise _wrong_value(
                change.text,
                strangers[0],
                tr("Add the rate to the table fx, or set the currency of the run in jointplan.toml."),
            )
    elif column.kind is Kind.COUNTRY:
        known = {country.alpha_2 for country in pycountry.countries} | {"XK"}
        if strangers := sorted(set(codes) - known):
            raise _wrong_value(
                change.text,
                strangers[0],
                tr("Write the two-letter code, such as CN, US or DE (GB for the United Kingdom)."),
            )


def _refuse_broken_rules(
    change: WhatIf, table: Table, rows: Sequence[dict[str, Any]], hits: Sequence[dict[str, Any]]
) -> None:
    """Ensure that changed rows keep the rules of their table, as those of files must."""
    for rule in table.rules:
        if isinstance(rule, Ordered) and any(_are_backwards(rule, row) for row in hits):
            raise _wrong_value(
                change.text,
                change.value,
                tr("{low} must be below {high}.", low=rule.low, high=rule.high)
                if rule.strict
                else tr("{low} must not be above {high}.", low=rule.low, high=rule.high),
            )
        if isinstance(rule, NoOverlap):
            days = table[rule.low].kind is Kind.DATE
            groups = {tuple(row[name] for name in rule.group) for row in hits}
            ranges: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {group: [] for group in groups}
            for row in rows:
                if (group := tuple(row[name] for name in rule.group)) in groups:
                    ranges[group].append((row[rule.low], row[rule.high]))
            if not all(_do_follow(one, days) for one in ranges.values()):
                raise _wrong_value(
                    change.text,
                    change.value,
                    tr("Let each range begin the day after the one before it ends.")
                    if days
                    else tr("Let each range begin where the one before it ends."),
                )
    if table.name == "tariffs" and change.column in IN_ALL_BANDS:
        tariffs = {row["tariff"] for row in hits}
        found = {(row["tariff"], row[change.column] or None) for row in rows if row["tariff"] in tariffs}
        if len(found) > len(tariffs):
            cure = tr("Write the same in all bands of the tariff, or make two tariffs of it.")
            raise _wrong_value(change.text, change.value, cure)


def _are_backwards(rule: Ordered, row: dict[str, Any]) -> bool:
    low, high = row[rule.low], row[rule.high]
    return low is not None and high is not None and bool(low >= high if rule.strict else low > high)


def _do_follow(ranges: list[tuple[Any, Any]], days: bool) -> bool:
    """Return whether no range begins before another ends: a last day belongs to its range, and between quantities there is no hole."""
    ordered = pairwise(sorted(ranges, key=lambda ends: ends[0]))
    return all(high is not None and (high < low if days else high == low) for (_, high), (low, _) in ordered)


def _written(value: Any) -> str:
    return "" if value is None else str(value)


def _value(change: WhatIf, column: Column, before: Any) -> Any:
    """Return the new value of a cell."""
    text, factor = change.value, _share(change.value)
    value: Any
    try:
        match column.kind:
            case Kind.NUMBER | Kind.INTEGER:
                whole = int if column.kind is Kind.INTEGER else float
                value = whole(text) if factor is None else whole(before * factor)
                if value != value:
                    raise ValueError
            case Kind.DATE:
                value = date.fromisoformat(text)
            case Kind.BOOLEAN:
                value = {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
            case _:
                value = text
    except (ValueError, KeyError, TypeError):  # a share of nothing is a TypeError
        raise _wrong_value(
            change.text, text, tr("The column {name} holds: {kind}.", name=column.name, kind=column.kind.value)
        ) from None
    low, high = column.low, column.high
    if isinstance(value, int | float) and not isinstance(value, bool):
        beyond = (low is not None and value < low) or (high is not None and value > high)
        if abs(value) >= LARGEST:
            raise _wrong_value(change.text, text, tr("The number is too large: numbers are held with 15 digits."))
        if beyond or (column.above is not None and value <= column.above):
            limits = [
                *([tr("at least {bound}", bound=f"{low:g}")] if low is not None else []),
                *([tr("above {bound}", bound=f"{column.above:g}")] if column.above is not None else []),
                *([tr("at most {bound}", bound=f"{high:g}")] if high is not None else []),
            ]
            raise _wrong_value(change.text, text, tr("It must be {bounds}.", bounds=tuple(limits)))
    if column.choices and value not in column.choices:
        raise _wrong_value(change.text, text, tr("Write one of: {choices}.", choices=column.choices))
    return value
