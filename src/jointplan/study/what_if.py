"""What if: a factor or a cell changed, and the plan made again.

::

    demand=+20%                         all demand; also -10% and x1.5
    demand:KETTLE-1=+20%                of one product, market or seller; market/DE where a name is not clear
    lane:sea-US=closed                  a lane is not there
    firm:F03=out                        a firm makes and sells nothing
    capacity:F03/moulding.hours=60      table:key/key.column=value, on every row whose key begins so; * fits any
    tariffs:sea.rate=+15%               numbers may change by a share too
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.engine import Tables
from jointplan.errors import UsageError
from jointplan.planning import DemandFactor
from jointplan.schema import TABLES, Column, Kind
from jointplan.texts import language, near, sentences, some, tr

CELLS = (
    "products", "operations", "capabilities", "capacity", "calendar", "materials", "sources", "material_stock", "stock",
    "sites", "lanes", "tariffs",
)  # fmt: skip
SHOWN = 8
_PLACES = {"product": ("sku", "products"), "market": ("market", "markets"), "seller": ("seller", "firms")}
_KEYS = {"products": "sku", "markets": "market", "firms": "firm"}


@dataclass(frozen=True)
class Changed:
    """Tables after a change, and the factors on demand."""

    tables: Tables
    factors: tuple[DemandFactor, ...] = ()


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


def apply_what_ifs(changes: Sequence[WhatIf], tables: Tables) -> Changed:
    """Return completed tables with changes made, one after the other.

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
                changed = replace(changed, factors=(*changed.factors, factor))
            case "lane":
                changed = replace(changed, tables=_close_lane(change, changed.tables))
            case "firm":
                changed = _drop_firm(change, changed)
            case _:
                changed = replace(changed, tables=_set_cells(change, changed.tables))
    return changed


def refuse_strange_what_ifs(changes: Iterable[WhatIf], names: Tables) -> None:
    """Refuse demand and firms that are not in the tables firms, products and markets, before the others are read.

    Raises
    ------
    UsageError
        If a change names what is not there.
    """
    apply_what_ifs(
        [change for change in changes if change.kind in ("demand", "firm")],
        names.adding({"capabilities": TABLES["capabilities"].empty()}),
    )


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
            raise _wrong_value(text, value, tr("Write {example}.", example=f"{kind}:{target}={wanted}"))
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
        raise _unknown(change, set().union(*known.values()))
    if len(found) > 1:
        raise UsageError(
            tr("The what-if {text} could mean more than one thing.", text=change.text),
            tr(
                "Write one of: {names}.",
                names=tuple(f"demand:{kind}/{change.target}={change.value}" for kind in found),
            ),
        )
    return DemandFactor(factor, **{_PLACES[found[0]][0]: asked[found[0]]})


def _close_lane(change: WhatIf, tables: Tables) -> Tables:
    lanes = tables["lanes"]
    if change.target not in lanes["lane"].to_pylist():
        raise _unknown(change, lanes["lane"].to_pylist())
    return tables.adding({"lanes": lanes.filter(pc.not_equal(lanes["lane"], change.target))})


def _drop_firm(change: WhatIf, changed: Changed) -> Changed:
    """Let a firm make nothing and sell nothing; what it has in stock is gone with it."""
    tables, firm = changed.tables, change.target
    if firm not in tables["firms"]["firm"].to_pylist():
        raise _unknown(change, tables["firms"]["firm"].to_pylist())
    able = tables["capabilities"]
    without = {"capabilities": able.filter(pc.not_equal(able["firm"], firm))}
    if "stock" in tables:
        stock = tables["stock"]
        there = pc.and_(pc.not_equal(stock["site"], firm), pc.fill_null(pc.not_equal(stock["seller"], firm), True))
        without["stock"] = stock.filter(there)
    if "material_stock" in tables:
        without["material_stock"] = tables["material_stock"].filter(
            pc.not_equal(tables["material_stock"]["firm"], firm)
        )
    return Changed(tables.adding(without), (*changed.factors, DemandFactor(0.0, seller=firm)))


def _set_cells(change: WhatIf, tables: Tables) -> Tables:
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
    return tables.adding({change.kind: pa.Table.from_pylist(rows, schema=tables[change.kind].schema)})


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
        if beyond or (column.above is not None and value <= column.above) or value != value:
            limits = [
                *([tr("at least {bound}", bound=f"{low:g}")] if low is not None else []),
                *([tr("above {bound}", bound=f"{column.above:g}")] if column.above is not None else []),
                *([tr("at most {bound}", bound=f"{high:g}")] if high is not None else []),
            ]
            raise _wrong_value(change.text, text, tr("It must be {allowed}.", allowed=tuple(limits)))
    if column.choices and value not in column.choices:
        raise _wrong_value(change.text, text, tr("Write one of: {choices}.", choices=column.choices))
    return value
