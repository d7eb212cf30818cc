"""The rules of the schema, compiled to SQL: one function per rule.

A rule that looks at one row is a :class:`RowCheck`; all of a table are counted in one pass. A rule that compares rows
is a :class:`QueryCheck`. Both speak of the relation :func:`jointplan.ingest.files.typed.type_rows` makes, in which column
``c`` is the value, ``c~`` the text that stands in the file, ``c?`` whether anything does, and ``week^`` the day given
for a week.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import pycountry

from jointplan.engine import identifier, literal
from jointplan.ingest.files.cells import (
    NUMBERS,
    WEEK,
    Habits,
    decimal_comma,
    in_format,
    thousands_point,
    undecided_day,
    undecided_number,
)
from jointplan.ingest.problems import LISTED, choice_word, label, meaning
from jointplan.schema import TABLES, AllOrNone, Column, Kind, NoOverlap, OneOf, Ordered, Table
from jointplan.texts import tr

# A double holds 15 digits exactly; no quantity or price in a cluster needs more.
LARGEST = 1e15
# What is heavier, larger or longer is far more likely a slip of the unit.
IMPLAUSIBLE = {
    ("products", "weight"): 10_000.0,
    ("products", "volume"): 100.0,
}
IMPLAUSIBLE_HOURS = 10_000.0
# Columns of codes that are alike where their digits are: 8516.60 and 851660 are one code of customs.
DIGITS_ALONE = ("hs",)
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
# What stands in the key of a row that sums up the others.
TOTALS = ("合计", "总计", "小计", "total", "Total", "TOTAL", "Totals", "Grand total", "Grand Total")
# Days that may be 9999-12-31 where nothing ends.
OPEN_ENDS = ("to_date", "expiry")
# Signs that several countries write before their money, and the currencies that each may mean.
CURRENCY_SIGNS = {
    "¥": "CNY, JPY", "￥": "CNY, JPY", "元": "CNY, HKD, TWD", "$": "USD, CAD, AUD, HKD, SGD", "£": "GBP, EGP",
}  # fmt: skip


@dataclass(frozen=True)
class RowCheck:
    """A rule that one row keeps or breaks.

    Parameters
    ----------
    rule, column : str
        Names of the rule and of the column it is about.
    condition : str
        SQL that is true of the rows that break it.
    message, cure : str
        What is wrong and what to do.
    severity : str
        ``error`` or ``warning``.
    by_value : bool
        Whether equal values are one problem, shown at its first row.
    candidates : tuple of str or str
        Values that may have been meant, or the SQL that selects them.
    listed : int
        How many of the rows are listed.
    """

    rule: str
    column: str
    condition: str
    message: str
    cure: str
    severity: str = "error"
    by_value: bool = False
    candidates: tuple[str, ...] | str = ()
    listed: int = LISTED


@dataclass(frozen=True)
class QueryCheck:
    """A rule that rows keep or break together.

    ``query`` selects the rows that break it as ``_file``, ``_row``, the cells of ``columns``, and ``other`` of ``other_file``,
    the row they clash with; ``{other}`` in the message is that row. ``elsewhere`` is the message where it is in another
    ``{file}``. ``{key}`` in messages and cure are those of the columns that are filled in. ``suspects`` is what an
    aggregate over the table gives other than 0 where any may break it.
    """

    rule: str
    columns: tuple[str, ...]
    suspects: str
    query: str
    message: str
    elsewhere: str
    cure: str


@dataclass(frozen=True)
class Context:
    """What the checks of one table may know.

    Parameters
    ----------
    relation : str
        The table's own relation.
    present : tuple of str
        Columns found in its files.
    relations : dict of str to str
        Relations of all tables that were read, by table.
    unreadable : set of str
        Tables that are there but could not be read.
    currency : str
        Currency of the run.
    habits : dict of str to list of Habits
        How each column is written, per file.
    settled : bool
        Whether an import has settled that no two rows are the same.
    by_hand : bool
        Whether a spreadsheet may have written the files.
    """

    relation: str
    present: tuple[str, ...]
    relations: Mapping[str, str]
    unreadable: Collection[str] = ()
    currency: str = ""
    habits: Mapping[str, list[Habits]] = field(default_factory=dict)
    settled: bool = False
    by_hand: bool = True


def row_checks(table: Table, context: Context) -> Iterator[RowCheck]:
    """Yield every rule about single rows of a table."""
    for column in table:
        if column.name in context.present:
            yield from missing_value(column)
            yield from unreadable_value(column, context)
            yield from bounds(column, context)
            yield from too_large(column)
            yield from mangled_code(column, context)
            yield from total_row(table, column, context)
            yield from implausible_date(column)
            yield from implausible_number(table, column)
            yield from duty_above_value(table, column)
            yield from unknown_period(table, column)
            yield from not_a_monday(column)
            yield from unknown_reference(column, context)
            yield from missing_rate(table, column, context)
    if table.name == "lanes":
        yield to_itself()
    for rule in table.rules:
        if isinstance(rule, OneOf):
            yield one_of(table, rule)
        elif isinstance(rule, AllOrNone):
            yield from all_or_none(table, rule)
        elif isinstance(rule, Ordered):
            yield ordered(table, rule)


def query_checks(table: Table, context: Context) -> Iterator[QueryCheck]:
    """Yield every rule about rows of a table together."""
    if table.key and not context.settled:
        yield unique_key(table, context)
    if {"lat", "lon"} <= set(context.present):
        yield exchanged_columns(context)
    for rule in table.rules:
        if isinstance(rule, NoOverlap):
            yield no_overlap(table, rule, context)


def _cell(column: Column) -> str:
    return identifier(f"{column.name}~")


def _compared(name: str) -> str:
    """Return SQL of what two rows must share to have the same value in a column."""
    cell = identifier(name)
    return f"nullif(regexp_replace({cell}, '\\D', '', 'g'), '')" if name in DIGITS_ALONE else cell


def missing_value(column: Column) -> Iterator[RowCheck]:
    """Ensure that a required cell is filled in."""
    if column.required:
        yield RowCheck(
            "missing_value",
            column.name,
            f"NOT {identifier(column.name + '?')}",
            tr("The column {column} is blank.", column=label(column)),
            tr("Fill it in: {meaning}", meaning=meaning(column)),
        )


def unreadable_value(column: Column, context: Context) -> Iterator[RowCheck]:
    """Ensure that a cell holds what its column is for: a number, a day, a code."""
    failed = f"{identifier(column.name + '?')} AND {identifier(column.name)} IS NULL"
    habits = context.habits.get(column.name, [])
    if column.kind is Kind.DATE:
        undecided = undecided_day(_cell(column))
        if any(habit.day_first is None and "5/3/2024" in habit.formats for habit in habits):
            yield RowCheck(
                "ambiguous_date",
                column.name,
                f"{failed} AND {undecided}",
                tr("Day and month cannot be told apart: the column shows neither which comes first, or both orders."),
                tr("Write the days of the column as 2024-03-05 (year-month-day)."),
            )
            failed += f" AND NOT {undecided}"
        yield RowCheck(
            "not_a_date",
            column.name,
            failed,
            tr("This is not a day."),
            tr("Write it as 2024-03-05 (year-month-day)."),
        )
        yield from mixed_dates(column, habits)
    elif column.kind in NUMBERS:
        if any(habit.decimal_comma is None for habit in habits):
            undecided = undecided_number(_cell(column))
            yield RowCheck(
                "ambiguous_number",
                column.name,
                f"{failed} AND {undecided}",
                tr("Comma or point may part decimals or thousands; the column does not tell."),
                tr("Write the number without thousands separators and with a point, such as 1234 or 1.234."),
            )
            failed += f" AND NOT {undecided}"
        if column.kind is Kind.NUMBER and not all(habit.plain for habit in habits):
            comma = decimal_comma(_cell(column))
            yield RowCheck(
                "comma_of_decimals",
                column.name,
                f"{failed} AND {comma}",
                tr("The column parts decimals with a point; here a comma does."),
                tr("Write the number without thousands separators and with a point, such as 1234 or 1.234."),
            )
            failed += f" AND NOT {comma}"
        # Weights and hours do have three decimals; pieces and prices hardly.
        if column.unit in ("units", "money") and any(habit.thousands_point for habit in habits):
            yield RowCheck(
                "point_of_thousands",
                column.name,
                f"{identifier(column.name)} IS NOT NULL AND {thousands_point(_cell(column))}",
                tr(
                    "The points may part thousands: all of them stand before three digits. They are read as decimal points."
                ),
                tr("Write the number without thousands separators and with a point, such as 1234 or 1.234."),
                "warning",
                listed=1,
            )
        whole = column.kind is Kind.INTEGER
        yield RowCheck(
            "not_a_whole_number" if whole else "not_a_number",
            column.name,
            failed,
            tr("This is not a whole number.") if whole else tr("This is not a number."),
            tr("Write digits only, without a unit."),
        )
    elif column.kind is Kind.BOOLEAN:
        yield RowCheck("not_yes_or_no", column.name, failed, tr("This is neither yes nor no."), tr("Write yes or no."))
    elif column.kind is Kind.CURRENCY:
        codes = tuple(currency.alpha_3 for currency in pycountry.currencies)
        for sign, currencies in CURRENCY_SIGNS.items():
            yield RowCheck(
                "ambiguous_currency",
                column.name,
                f"{_cell(column)} = {literal(sign)}",
                tr("Several currencies are written {sign}.", sign=sign),
                tr("Write the code of the one that is meant: {currencies}.", currencies=currencies),
                by_value=True,
            )
        failed += f" AND {_cell(column)} NOT IN ({', '.join(map(literal, CURRENCY_SIGNS))})"
        yield RowCheck(
            "unknown_currency",
            column.name,
            failed,
            tr("This is no ISO 4217 currency code."),
            tr("Write the three-letter code, such as CNY, USD or EUR."),
            by_value=True,
            candidates=codes,
        )
    elif column.kind is Kind.COUNTRY:
        codes = tuple(country.alpha_2 for country in pycountry.countries)
        yield RowCheck(
            "unknown_country",
            column.name,
            failed,
            tr("This is no ISO 3166 country code."),
            tr("Write the two-letter code, such as CN, US or DE (GB for the United Kingdom)."),
            by_value=True,
            candidates=codes,
        )
    elif column.choices:
        words = tuple(map(choice_word, column.choices))
        yield RowCheck(
            "unknown_choice",
            column.name,
            failed,
            tr("The column {column} does not know this.", column=label(column)),
            tr("Write one of: {choices}.", choices=words),
            by_value=True,
            candidates=words,
        )


def mixed_dates(column: Column, habits: list[Habits]) -> Iterator[RowCheck]:
    """Warn of days written in several ways in one column of a file; what is no day at all is told elsewhere."""
    mixed = next((habit.formats for habit in habits if len(habit.formats) > 1), ())
    if mixed:
        yield RowCheck(
            "mixed_dates",
            column.name,
            f"{identifier(column.name)} IS NOT NULL AND NOT {in_format(_cell(column), mixed[0])}",
            tr("The days are written in several ways: {formats}.", formats=tuple(mixed)),
            tr("All were read; look whether each is right, or write all as 2024-03-05."),
            "warning",
            listed=1,
        )


def bounds(column: Column, context: Context) -> Iterator[RowCheck]:
    """Ensure that a number lies within its bounds."""
    number = identifier(column.name)
    cure, apart = tr("Correct it. The column holds: {meaning}", meaning=meaning(column)), ""
    if column.name == "lat":
        cure = tr("Look whether latitude and longitude are exchanged: no latitude is beyond 90 degrees.")
        if "lon" in context.present:  # a whole file has its own error
            apart = f" AND _file NOT IN (SELECT _file FROM ({_exchanged(context)}))"
    if column.low is not None:
        message = tr("The column {column} must not be below {bound}.", column=label(column), bound=f"{column.low:g}")
        yield RowCheck("too_low", column.name, f"{number} < {literal(column.low)}{apart}", message, cure)
    if column.above is not None:
        message = tr("The column {column} must be above {bound}.", column=label(column), bound=f"{column.above:g}")
        yield RowCheck("too_low", column.name, f"{number} <= {literal(column.above)}", message, cure)
    if column.high is not None:
        if column.unit.startswith("share"):
            cure = tr(
                "Write it as a share: 0.2 for 20 %. The column holds: {meaning}",
                meaning=meaning(column),
            )
        message = tr("The column {column} must not be above {bound}.", column=label(column), bound=f"{column.high:g}")
        yield RowCheck("too_high", column.name, f"{number} > {literal(column.high)}{apart}", message, cure)


def _exchanged(context: Context) -> str:
    """Return SQL of the files whose columns of latitude and longitude are exchanged.

    Every longitude could be a latitude, and most latitudes could be none.
    """
    return (
        'SELECT _file, min(_row) AS _row, arg_min("lat~", _row) AS "lat~", count(*) AS other, _file AS other_file '
        f"FROM {identifier(context.relation)} WHERE lat IS NOT NULL AND lon IS NOT NULL "
        "GROUP BY _file HAVING max(abs(lon)) <= 90 AND 2 * count_if(abs(lat) > 90) > count(*)"
    )


def exchanged_columns(context: Context) -> QueryCheck:
    """Ensure that latitude and longitude of a whole file are not exchanged; of single rows, bounds and positions tell."""
    message = tr(
        "Latitude and longitude of the whole file are exchanged ({n} {n:row|rows}): no latitude is beyond 90 degrees.",
        n="{other}",
    )
    cure = tr("Exchange the names of the columns lat and lon in the first line of the file.")
    suspects = "count_if(abs(lat) > 90 AND lon IS NOT NULL)"
    return QueryCheck("exchanged_columns", ("lat",), suspects, _exchanged(context), message, message, cure)


def too_large(column: Column) -> Iterator[RowCheck]:
    """Ensure that a number has no more digits than can be held exactly."""
    if column.kind in NUMBERS:
        yield RowCheck(
            "number_too_large",
            column.name,
            f"abs({identifier(column.name)}) >= {LARGEST!r}",
            tr("The number is too large: numbers are held with 15 digits."),
            tr("Look whether a code stands where a number should."),
        )


def total_row(table: Table, column: Column, context: Context) -> Iterator[RowCheck]:
    """Ensure that no row is the sum of the others, as people write below a table."""
    if context.by_hand and column.kind is Kind.TEXT and column.name in table.key:
        yield RowCheck(
            "total_row",
            column.name,
            f"{_cell(column)} IN ({', '.join(map(literal, TOTALS))})",
            tr("This is a row of totals, not of the table."),
            tr("Remove it, or begin its first cell with # and a blank to keep it as a remark."),
        )


def mangled_code(column: Column, context: Context) -> Iterator[RowCheck]:
    """Warn of a code that a spreadsheet has turned into a number, such as 8.51672E+12."""
    if context.by_hand and column.kind is Kind.TEXT and not column.choices and (column.required or column.references):
        yield RowCheck(
            "mangled_code",
            column.name,
            f"regexp_full_match({identifier(column.name)}, '\\d([.,]\\d+)?E\\+\\d+')",
            tr("A spreadsheet has rounded this code."),
            tr("Format the column as text, enter the codes again and save again."),
            "warning",
        )


def implausible_date(column: Column) -> Iterator[RowCheck]:
    """Ensure that days of a history or a plan lie near it, as one line of 1926 makes a history of a hundred years.

    Other days far away are warned of; the end of what has no end may be as far as one likes.
    """
    if column.kind is Kind.DATE:
        day = identifier(column.name)
        late = "false" if column.name in OPEN_ENDS else f"{day} >= DATE '{LATEST_YEAR}-01-01'"
        yield RowCheck(
            "implausible_date",
            column.name,
            f"{day} < DATE '{EARLIEST_YEAR}-01-01' OR {late}",
            tr("The day lies before {first}.", first=EARLIEST_YEAR)
            if column.name in OPEN_ENDS
            else tr("The day lies before {first} or after {last}.", first=EARLIEST_YEAR, last=LATEST_YEAR),
            tr("Correct the year."),
            "error" if column.name in ("date", "due", WEEK) else "warning",
        )


def implausible_number(table: Table, column: Column) -> Iterator[RowCheck]:
    """Warn of weights, volumes and hours so large that the unit is probably wrong."""
    most = IMPLAUSIBLE.get((table.name, column.name), IMPLAUSIBLE_HOURS if column.unit.startswith("hours") else None)
    if most is not None:
        yield RowCheck(
            "implausible_value",
            column.name,
            f"{identifier(column.name)} > {literal(most)}",
            tr("More than {most} {unit} is hardly meant.", most=f"{most:,.0f}", unit=tr(column.unit)),
            tr("Look whether the unit is {unit}.", unit=tr(column.unit)),
            "warning",
        )


def duty_above_value(table: Table, column: Column) -> Iterator[RowCheck]:
    """Warn of a rate of duty above the value itself: rather a percentage, though some against dumping are that high."""
    if (table.name, column.name) == ("duties", "rate"):
        yield RowCheck(
            "implausible_value",
            column.name,
            f"{identifier(column.name)} > 1",
            tr("The duty is more than the value of the goods."),
            tr(
                "Write it as a share: 0.2 for 20 %. Leave it where it is that high, as some duties against dumping are."
            ),
            "warning",
        )


def not_a_monday(column: Column) -> Iterator[RowCheck]:
    """Warn of weeks given by another day than their Monday; they are moved to it."""
    if column.name == WEEK:
        yield RowCheck(
            "not_a_monday",
            column.name,
            f"{identifier(WEEK + '^')} <> {identifier(WEEK)}",
            tr("The day is no Monday; the Monday of its week is taken."),
            tr("Write the Monday of the week."),
            "warning",
        )


def unknown_period(table: Table, column: Column) -> Iterator[RowCheck]:
    """Ensure that a period is a year or a quarter: of months and half-years seasons could not be told from a course."""
    if table.name == "indicators" and column.name == "period":
        yield RowCheck(
            "unknown_period",
            column.name,
            f"NOT regexp_full_match(upper({_cell(column)}), '(19|20|21)\\d{{2}}( ?-? ?Q[1-4])?')",
            tr("This is neither a year nor a quarter."),
            tr(
                "Write the year, such as 2025, or the quarter, such as 2025-Q1; add months and half-years up to one of them."
            ),
        )


def unknown_reference(column: Column, context: Context) -> Iterator[RowCheck]:
    """Ensure that a code stands in a table that lists it."""
    targets = [target.split(".") for target in column.references]
    if not targets or any(table in context.unreadable for table, _ in targets):
        return
    known = [(table, name) for table, name in targets if table in context.relations]
    cell = identifier(column.name)
    lists = [
        f"SELECT {identifier(name)} FROM {identifier(context.relations[table])} WHERE {identifier(name)} IS NOT NULL"
        for table, name in known
    ]
    # Nothing is in an empty list, not even a blank: that must be said.
    conditions = [f"{cell} IS NOT NULL", *(f"{cell} NOT IN ({select})" for select in lists)]
    if column.wildcard:
        conditions.append(f"{cell} <> {literal(column.wildcard)}")
    tables = tuple(dict.fromkeys(label(TABLES[table]) for table, _ in targets))
    message = tr("None of the tables {tables} lists this.", tables=tables)
    cure = tr("Correct the code, or add it to one of the tables {tables}.", tables=tables)
    if len(tables) == 1:
        message = tr("The table {table} does not list this.", table=tables[0])
        cure = tr("Correct the code, or add it to the table {table}.", table=tables[0])
    yield RowCheck(
        "unknown_reference",
        column.name,
        " AND ".join(conditions),
        message,
        cure,
        by_value=True,
        candidates=" UNION ".join(lists),
    )


def missing_rate(table: Table, column: Column, context: Context) -> Iterator[RowCheck]:
    """Ensure that money in another currency can be turned into that of the run."""
    if column.kind is not Kind.CURRENCY or table.name == "fx" or not context.currency or "fx" in context.unreadable:
        return
    cell = identifier(column.name)
    rates = context.relations.get("fx")
    unknown = (
        f"AND {cell} NOT IN (SELECT currency FROM {identifier(rates)} WHERE currency IS NOT NULL)" if rates else ""
    )
    yield RowCheck(
        "missing_rate",
        column.name,
        f"{cell} <> {literal(context.currency)} {unknown}",
        tr("There is no rate from this currency to {currency}, the currency of the run.", currency=context.currency),
        tr("Add the rate to the table fx, or set the currency of the run in jointplan.toml."),
        by_value=True,
    )


def to_itself() -> RowCheck:
    """Warn of a lane that leads nowhere else: one of its ends may be a slip, though no plan is harmed by it."""
    return RowCheck(
        "lane_to_itself",
        "destination",
        "origin = destination",
        tr("The lane begins where it ends: nothing needs it."),
        tr("Correct its origin or destination, or remove the row."),
        "warning",
    )


def one_of(table: Table, rule: OneOf) -> RowCheck:
    """Ensure that at least one of several cells is filled in."""
    names = tuple(label(table[name]) for name in rule.columns)
    return RowCheck(
        "none_given",
        rule.columns[0],
        " AND ".join(f"{identifier(name)} IS NULL" for name in rule.columns),
        tr("None of these is filled in: {columns}.", columns=names),
        tr("Fill in one of them."),
    )


def all_or_none(table: Table, rule: AllOrNone) -> Iterator[RowCheck]:
    """Ensure that cells which mean something only together are all filled in, or none."""
    names = tuple(label(table[name]) for name in rule.columns)
    for blank in rule.columns:
        others = " OR ".join(identifier(f"{name}?") for name in rule.columns if name != blank)
        yield RowCheck(
            "not_all_given",
            blank,
            f"NOT {identifier(f'{blank}?')} AND ({others})",
            tr("Some of these are filled in, but not this one: {columns}.", columns=names),
            tr("Fill in all of them, or leave all blank."),
        )


def _backwards(rule: Ordered) -> str:
    """Return SQL that is true of a row whose two cells stand in the wrong order."""
    return f"{identifier(rule.low)} {'>=' if rule.strict else '>'} {identifier(rule.high)}"


def _no_range(table: Table) -> str:
    """Return SQL that is true of a row whose range ends before it begins: of that its own error tells, and of nothing that follows."""
    wrong = (_backwards(rule) for rule in table.rules if isinstance(rule, Ordered) and rule.low in table.key)
    return f"coalesce({' OR '.join(wrong) or 'false'}, false)"


def ordered(table: Table, rule: Ordered) -> RowCheck:
    """Ensure that one cell does not exceed another."""
    low, high = label(table[rule.low]), label(table[rule.high])
    return RowCheck(
        "wrong_order",
        rule.high,
        _backwards(rule),
        tr("{low} must be below {high}.", low=low, high=high)
        if rule.strict
        else tr("{low} must not be above {high}.", low=low, high=high),
        tr("Correct one of the two."),
    )


def unique_key(table: Table, context: Context) -> QueryCheck:
    """Ensure that no two rows have the same key; blank counts as a value."""
    keys = ", ".join(map(_compared, table.key))
    shown = ", ".join(identifier(f"{name}~") for name in table.key)
    required = (f"{identifier(name)} IS NOT NULL" for name in table.key if table[name].required)
    complete = " AND ".join((*required, f"NOT {_no_range(table)}"))
    relation = identifier(context.relation)
    # Comparing hashes first keeps a large table out of the window: only suspects get there.
    query = f"""
        SELECT * FROM (
            SELECT _file, _row, {shown}, row_number() OVER same AS place,
                first_value(_row) OVER same AS other, first_value(_file) OVER same AS other_file
            FROM {relation}
            WHERE {complete} AND hash({keys}) IN (
                SELECT h FROM (SELECT hash({keys}) AS h FROM {relation} WHERE {complete}) GROUP BY h HAVING count(*) > 1
            )
            WINDOW same AS (PARTITION BY {keys} ORDER BY _file, _row)
        ) WHERE place > 1"""
    # Two equal lines of an invoice may both be real.
    cure = (
        tr(
            "Remove one of the two; or, where both are real, number them in {column}.",
            column=label(table["occurrence"]),
        )
        if "occurrence" in table.key
        else tr("Remove one of the two, or correct its {key}.", key="{key}")
    )
    return QueryCheck(
        "duplicate_key",
        table.key,
        f"count_if({complete}) - count(DISTINCT hash({keys})) FILTER (WHERE {complete})",
        query,
        tr("Row {other} has the same {key}.", key="{key}", other="{other}"),
        tr("Row {other} of {file} has the same {key}.", key="{key}", other="{other}", file="{file}"),
        cure,
    )


def no_overlap(table: Table, rule: NoOverlap, context: Context) -> QueryCheck:
    """Ensure that ranges of one group do not overlap; a blank end is no end, and a last day belongs to its range."""
    low, high = identifier(rule.low), f"coalesce({identifier(rule.high)}, 'infinity'::DOUBLE)"
    if table[rule.low].kind is Kind.DATE:
        high = f"coalesce({identifier(rule.high)} + 1, 'infinity'::DATE)"
    group = ", ".join(map(_compared, rule.group))
    # Equal starts are equal keys, reported there.
    query = f"""
        SELECT * FROM (
            SELECT _file, _row, {low}, {_cell(table[rule.low])}, lag(_row) OVER bands AS other,
                lag(_file) OVER bands AS other_file,
                lag({low}) OVER bands AS before,
                bool_or({_no_range(table)}) OVER (PARTITION BY {group}) AS unclear,
                max({high}) OVER (bands ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken
            FROM {identifier(context.relation)} WHERE {low} IS NOT NULL
            WINDOW bands AS (PARTITION BY {group} ORDER BY {low}, _file, _row)
        ) WHERE taken > {low} AND before <> {low} AND NOT unclear"""
    names = tuple(label(table[name]) for name in rule.group)
    return QueryCheck(
        "overlap",
        (rule.low,),
        f"count({low}) - count(DISTINCT hash({group})) FILTER (WHERE {low} IS NOT NULL)",
        query,
        tr(
            "The range begins before another range of the same {group} ends (row {other}).",
            group=names,
            other="{other}",
        ),
        tr(
            "The range begins before another range of the same {group} ends (row {other} of {file}).",
            group=names,
            other="{other}",
            file="{file}",
        ),
        tr("Let each range begin the day after the one before it ends.")
        if table[rule.low].kind is Kind.DATE
        else tr("Let each range begin where the one before it ends."),
    )
