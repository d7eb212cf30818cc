"""How a cell becomes a value: SQL expressions, one per kind of column.

A cell that cannot be read becomes null; the checks compare it with the text that stands there. How dates and numbers
are written is decided per column of a file, from all its values (see :class:`Habits`), never per cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pycountry

from jointplan.engine import DuckDBEngine, identifier, literal
from jointplan.schema import Column, Kind, Table
from jointplan.schema.countries import country_names
from jointplan.schema.words import CHOICES_ZH

WEEK = "week"
NUMBERS = (Kind.NUMBER, Kind.INTEGER)
_TRUE = ("true", "yes", "y", "1", "是", "有")
# Words for a currency that can mean no other.
CURRENCY_WORDS = {
    "RMB": "CNY", "人民币": "CNY", "人民币元": "CNY", "US$": "USD", "美元": "USD", "美金": "USD", "€": "EUR", "欧元": "EUR",
    "EURO": "EUR", "英镑": "GBP", "日元": "JPY", "HK$": "HKD", "港币": "HKD", "港元": "HKD",
}  # fmt: skip
_FALSE = ("false", "no", "n", "0", "否", "无")

# Formats of days, by the pattern of the whole cell; a time of day may follow and is dropped.
_TIME = r"([ T]+\d{1,2}:\d{2}.*)?"
_ISO = rf"\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}{_TIME}"
_CHINESE = rf"\d{{4}}\s*年\s*\d{{1,2}}\s*月\s*\d{{1,2}}\s*[日号]?{_TIME}"
_COMPACT = r"(19|20|21)\d{6}"
_SERIAL = r"[2-7]\d{4}(\.\d+)?"
_DOTTED = rf"\d{{1,2}}\.\d{{1,2}}\.(\d{{4}}|\d{{2}}){_TIME}"
_SLASHED = rf"\d{{1,2}}[-/]\d{{1,2}}[-/](\d{{4}}|\d{{2}}){_TIME}"
_NAMED = r"(\d{1,2}[- ][A-Za-z]{3,9}[- ,]+|[A-Za-z]{3,9} \d{1,2},? )(\d{4}|\d{2})"
_ISO_WEEK = r"\d{4}-?W\d{1,2}"
# The year of two digits is tried first: %Y would take 24 for the year 24.
_NAMED_FORMATS = [
    "%d %b %y", "%d-%b-%y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d-%B-%Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y",
]  # fmt: skip
DATE_FORMATS = {
    "2024-03-05": _ISO,
    "2024年3月5日": _CHINESE,
    "20240305": _COMPACT,
    "45356": _SERIAL,
    "5.3.2024": _DOTTED,
    "5/3/2024": _SLASHED,
    "5 Mar 2024": _NAMED,
}
# As programs write days.
PLAIN_DAY = "2024-03-05"
# Excel counts days from here; its mistaken 29 February 1900 lies before every date that matters.
_EXCEL_EPOCH = "DATE '1899-12-30'"
# Words to look up from which they are listed, not each a branch of its own.
_MANY = 20

_DECIMAL_COMMA = r"[+-]?(\d+,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3})+,\d+|0,\d+)"
_THOUSANDS_COMMA = r"[+-]?[1-9]\d{0,2}((,\d{3}){2,}(\.\d*)?|(,\d{3})+\.\d+)"
_DECIMAL_POINT = r"[+-]?(\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\.\d+)"
UNDECIDED_NUMBER = r"[+-]?[1-9]\d{0,2},\d{3}"
_THOUSANDS_POINT = r"[+-]?[1-9]\d{0,2}\.\d{3}"


@dataclass(frozen=True)
class Habits:
    """How one column of one file writes its values.

    Parameters
    ----------
    day_first : bool or None
        Whether 5/3/2024 is 5 March; None where the column does not tell.
    decimal_comma : bool or None
        Whether 1,234 is a little more than one; None where the column does not tell.
    formats : tuple of str
        Examples of the date formats found, the most frequent first.
    thousands_point : bool
        Whether every point of the column stands before three digits, as one that parts thousands does.
    plain : bool
        Whether all values are written as programs write them, 2024-03-05 or 1234.5, and can be read at once.
    """

    day_first: bool | None = None
    decimal_comma: bool | None = False
    formats: tuple[str, ...] = ()
    thousands_point: bool = False
    plain: bool = False


def is_text(stored: pa.DataType) -> bool:
    """Tell whether a column is stored as text."""
    return bool(pa.types.is_string(stored) or pa.types.is_large_string(stored) or pa.types.is_dictionary(stored))


def _matches(cell: str, pattern: str) -> str:
    return f"regexp_full_match({cell}, {literal(pattern)})"


def _digits(cell: str) -> str:
    """Return a number without full-width digits, currency signs and blanks."""
    return f"translate({cell}, '０１２３４５６７８９．，－＋％ ¥￥$€£', '0123456789.,-+%')"


def survey(
    engine: DuckDBEngine, relation: str, table: Table, stored: Mapping[str, pa.DataType], *, chinese: bool = False
) -> dict[str, Habits]:
    """Find out how the dates and numbers of a file are written; ``chinese``: a comma parts thousands.

    One pass tells which columns are plain throughout; a second one looks closely at the others.
    """
    texts = [
        column
        for column in table
        if column.name in stored and is_text(stored[column.name]) and column.kind in (Kind.DATE, *NUMBERS)
    ]
    found = _counted(engine, relation, {column.name: _signs_of_plain(column) for column in texts})
    plain = {name for name, counts in found.items() if not counts["odd"]}
    close = [column for column in texts if column.name not in plain or found[column.name].get("doubtful")]
    counts = _counted(engine, relation, {column.name: _signs(column) for column in close})
    habits = {}
    for column in texts:
        name = column.name
        if name in counts:
            dated = column.kind is Kind.DATE
            decided = _dates(counts[name]) if dated else _numbers(column, counts[name], chinese=chinese)
            habits[name] = replace(decided, plain=name in plain)
        elif column.kind is Kind.DATE:
            habits[name] = Habits(formats=(PLAIN_DAY,) if found[name]["filled"] else (), plain=True)
        else:
            habits[name] = Habits(plain=True)
    return habits


def _counted(
    engine: DuckDBEngine, relation: str, conditions: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, int]]:
    """Count the cells of each column that meet each of its conditions, in one pass."""
    counts = [(name, key, f"count_if({rule})") for name, rules in conditions.items() for key, rule in rules.items()]
    if not counts:
        return {}
    (row,) = engine.rows(
        f"SELECT {', '.join(f'{count} AS n{n}' for n, (*_, count) in enumerate(counts))} FROM {identifier(relation)}"
    )
    found: dict[str, dict[str, int]] = {}
    for n, (name, key, _) in enumerate(counts):
        found.setdefault(name, {})[key] = row[f"n{n}"]
    return found


def _signs_of_plain(column: Column) -> dict[str, str]:
    """Return what tells whether a column is plain; none of these conditions needs a regular expression."""
    cell = identifier(column.name)
    if column.kind is Kind.DATE:
        day = f"length({cell}) = 10 AND CAST(try_cast({cell} AS DATE) AS VARCHAR) = {cell}"
        return {"filled": f"{cell} IS NOT NULL", "odd": f"{cell} IS NOT NULL AND NOT coalesce({day}, false)"}
    return {
        "odd": f"{cell} IS NOT NULL AND NOT coalesce(isfinite(try_cast({cell} AS DOUBLE)), false)",
        # A point before the last three signs may part thousands.
        "doubtful": f"{cell}[-4] = '.' OR contains({cell}, ' ')",
    }


def _signs(column: Column) -> dict[str, str]:
    """Return what tells how a column writes its dates or numbers."""
    cell = identifier(column.name)
    if column.kind is Kind.DATE:
        first, second = (f"try_cast(regexp_extract({cell}, '^(\\d+)[-/](\\d+)', {n}) AS INTEGER)" for n in (1, 2))
        slashed = _matches(cell, _SLASHED)
        return {
            "day_first": f"{slashed} AND {first} > 12",
            "month_first": f"{slashed} AND {second} > 12",
            **{example: _matches(cell, pattern) for example, pattern in DATE_FORMATS.items()},
        }
    digits = _digits(cell)
    return {
        "comma": _matches(digits, _DECIMAL_COMMA),
        "point": f"{_matches(digits, _DECIMAL_POINT)} OR {_matches(digits, _THOUSANDS_COMMA)}",
        "thousands": _matches(digits, _THOUSANDS_POINT),
        "undecided": _matches(digits, UNDECIDED_NUMBER),
    }


def _dates(counts: Mapping[str, int]) -> Habits:
    """Decide how dates are written."""
    day, month = counts["day_first"], counts["month_first"]
    uses = {example: counts[example] for example in DATE_FORMATS}
    formats = tuple(sorted((e for e in uses if uses[e]), key=lambda e: -uses[e]))
    return Habits(day_first=bool(day) if bool(day) != bool(month) else None, formats=formats)


def _numbers(column: Column, counts: Mapping[str, int], *, chinese: bool) -> Habits:
    """Decide how numbers are written."""
    comma, point = counts["comma"], counts["point"]
    undecided = counts["undecided"] and not comma and not point and column.kind is Kind.NUMBER and not chinese
    return Habits(
        decimal_comma=None if undecided else bool(comma and not point),
        thousands_point=bool(counts["thousands"] and not point and not comma),
    )


def value(column: Column, stored: pa.DataType, habits: Habits) -> str:
    """Return the SQL that reads a cell of the column, without defaults."""
    cell = identifier(column.name)
    if column.kind in NUMBERS:
        read_at_once = habits.plain or not is_text(stored)
        number = f"try_cast({cell} AS DOUBLE)" if read_at_once else _number(cell, habits.decimal_comma)
        if _may_be_infinite(stored) and not habits.plain:
            number = f"CASE WHEN isfinite({number}) THEN {number} END"
        if column.kind is Kind.NUMBER:
            return number
        if pa.types.is_integer(stored):
            return f"CAST({cell} AS BIGINT)"
        return f"CASE WHEN {number} = floor({number}) THEN try_cast({number} AS BIGINT) END"
    if column.kind is Kind.DATE:
        if pa.types.is_date(stored) or pa.types.is_timestamp(stored):
            return f"CAST({cell} AS DATE)"
        if habits.plain:
            return f"try_cast({cell} AS DATE)"
        return day(column, text(column, stored), habits.day_first)
    if column.kind is Kind.BOOLEAN:
        truths = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
        return _lookup(f"lower({text(column, stored)})", truths)
    if column.kind is Kind.CURRENCY:
        codes = {currency.alpha_3: currency.alpha_3 for currency in pycountry.currencies}
        return _lookup(f"upper({text(column, stored)})", CURRENCY_WORDS | codes)
    if column.kind is Kind.COUNTRY:
        # XK is the code the trade uses for Kosovo; ISO leaves it to users.
        codes = {code: code for code in (*(country.alpha_2 for country in pycountry.countries), "XK")}
        return _lookup(f"upper({text(column, stored)})", codes | country_names() | codes)
    if column.choices:
        words = {word: choice for choice in column.choices for word in (choice.casefold(), CHOICES_ZH[choice])}
        return _lookup(f"lower({text(column, stored)})", words)
    return text(column, stored)


def text(column: Column, stored: pa.DataType) -> str:
    """Return the SQL of a cell as text."""
    cell = identifier(column.name)
    if is_text(stored):
        return cell
    if pa.types.is_floating(stored):
        # A code that a program took for a number: 123.0 means 123.
        return f"CASE WHEN {cell} = floor({cell}) AND abs({cell}) < 1e15 THEN CAST(CAST({cell} AS BIGINT) AS VARCHAR) ELSE CAST({cell} AS VARCHAR) END"
    return f"CAST({cell} AS VARCHAR)"


def day(column: Column, cell: str, day_first: bool | None) -> str:
    """Return the SQL that reads a day from text."""
    dashed = f"regexp_replace(regexp_extract({cell}, '^[0-9]+[^0-9 ]+[0-9]+[^0-9 ]+[0-9]+'), '[^0-9]+', '-', 'g')"
    spelled = f"regexp_replace(replace({cell}, ' ', ''), '^(\\d+)年(\\d+)月(\\d+).*$', '\\1-\\2-\\3')"
    last = "try_cast(regexp_extract(" + dashed + ", '^\\d+-(\\d+)-', 1) AS INTEGER)"
    first = "try_cast(regexp_extract(" + dashed + ", '^(\\d+)-', 1) AS INTEGER)"
    dmy = f"CAST(try_strptime({dashed}, ['%d-%m-%y', '%d-%m-%Y']) AS DATE)"
    mdy = f"CAST(try_strptime({dashed}, ['%m-%d-%y', '%m-%d-%Y']) AS DATE)"
    slashed = {
        True: dmy,
        False: mdy,
        # Where both orders occur, even a day beyond 12 is in doubt: somebody wrote some of them by mistake.
        None: f"CASE WHEN {first} = {last} THEN {dmy} END",
    }[day_first]
    year, number = f"regexp_extract({cell}, '^\\d+')", f"lpad(regexp_extract({cell}, 'W(\\d+)', 1), 2, '0')"
    week = (
        f"WHEN {_matches(cell, _ISO_WEEK)} "
        f"THEN CAST(try_strptime({year} || '-W' || {number} || '-1', '%G-W%V-%u') AS DATE) "
        if column.name == WEEK
        else ""
    )
    return (
        f"CASE WHEN {_matches(cell, _ISO)} THEN try_cast({dashed} AS DATE) "
        f"WHEN {_matches(cell, _CHINESE)} THEN try_cast({spelled} AS DATE) "
        f"WHEN {_matches(cell, _COMPACT)} THEN CAST(try_strptime({cell}, '%Y%m%d') AS DATE) "
        f"WHEN {_matches(cell, _SERIAL)} THEN {_EXCEL_EPOCH} + CAST(floor(try_cast({cell} AS DOUBLE)) AS INTEGER) "
        f"WHEN {_matches(cell, _DOTTED)} THEN {dmy} "
        f"WHEN {_matches(cell, _SLASHED)} THEN {slashed} "
        f"WHEN {_matches(cell, _NAMED)} THEN CAST(try_strptime({cell}, {_NAMED_FORMATS}) AS DATE) {week}END"
    )


def in_format(cell: str, example: str) -> str:
    """Return the condition that a cell is written like an example of ``DATE_FORMATS``."""
    return _matches(cell, DATE_FORMATS[example])


def undecided_day(cell: str) -> str:
    """Return the condition that a cell may be read day first or month first."""
    return _matches(cell, _SLASHED)


def undecided_number(cell: str) -> str:
    """Return the condition that the comma of a cell, or its point beside such commas, may part decimals or thousands."""
    return _matches(_digits(cell), f"{UNDECIDED_NUMBER}|{_THOUSANDS_POINT}")


def thousands_point(cell: str) -> str:
    """Return the condition that the point of a cell may part thousands."""
    return _matches(_digits(cell), _THOUSANDS_POINT)


def decimal_comma(cell: str) -> str:
    """Return the condition that the comma of a cell parts decimals."""
    return _matches(_digits(cell), _DECIMAL_COMMA)


def _may_be_infinite(stored: pa.DataType) -> bool:
    return is_text(stored) or pa.types.is_floating(stored)


def _number(cell: str, decimal_comma: bool | None) -> str:
    """Return the SQL that reads a number from text."""
    digits = _digits(cell)
    if decimal_comma:
        plain = f"replace(replace({digits}, '.', ''), ',', '.')"
        point = f"regexp_full_match({digits}, '[+-]?(\\d+|\\d{{1,3}}(\\.\\d{{3}})+)(,\\d*)?%?')"
        usual = f"CASE WHEN {point} THEN try_cast(rtrim({plain}, '%') AS DOUBLE) ELSE try_cast({cell} AS DOUBLE) END"
    else:
        thousands = f"regexp_full_match({digits}, '[+-]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d*)?%?')"
        undecided = "false" if decimal_comma is False else undecided_number(cell)
        plain = f"CASE WHEN {thousands} THEN replace({digits}, ',', '') ELSE {digits} END"
        read = f"coalesce(try_cast({cell} AS DOUBLE), try_cast(rtrim({plain}, '%') AS DOUBLE))"
        usual = f"CASE WHEN {undecided} THEN NULL ELSE {read} END"
    return f"({usual} / CASE WHEN ends_with({digits}, '%') THEN 100 ELSE 1 END)"


def _lookup(word: str, values: Mapping[str, str | bool]) -> str:
    """Return the SQL of what a word stands for; null where it stands for nothing."""
    if len(values) < _MANY:
        branches = " ".join(f"WHEN {literal(key)} THEN {literal(result)}" for key, result in values.items())
        return f"CASE {word} {branches} END"
    # A branch for each of hundreds of words would take longer to plan than most tables take to read.
    words, results = (f"split({literal(chr(10).join(map(str, side)))}, chr(10))" for side in (values, values.values()))
    return f"{results}[list_position({words}, {word})]"
